//! Sentences about SEDA.

use super::Row;

#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    ("help.replies", "Écrit dans ce dossier l'accusé de réception et la réponse au transfert SEDA",
        "Writes the acknowledgement and the reply to the SEDA transfer in this directory"),
    ("help.units", "Écrit dans ce fichier l'arbre entier du transfert SEDA, une ligne JSON par unité",
        "Writes the whole tree of the SEDA transfer to this file, a line of JSON for each unit"),
    ("help.check.config", "Confronte un transfert SEDA aux listes de cette configuration (tabellion.toml, ou le répertoire qui le contient)",
        "Holds a SEDA transfer against the lists of this configuration (tabellion.toml, or the directory that holds it)"),
    ("help.check.tenant", "La collectivité dont les listes valent, quand la configuration en a de plusieurs",
        "The tenant whose lists count, where the configuration has those of several"),
    ("check.no-lists", "La configuration n'a pas de liste SEDA pour {tenant}", "The configuration has no SEDA list for {tenant}"),
    ("check.no-lists.any", "La configuration n'a de liste SEDA pour aucune collectivité", "The configuration has SEDA lists of no tenant"),
    ("check.no-lists.write", "Écrire [[seda.tenants]] dans cette configuration", "Write [[seda.tenants]] in this configuration"),
    ("check.no-lists.remedy", "Donner par --tenant une collectivité qui en a : {tenants}", "Give by --tenant one that has: {tenants}"),
    ("check.which-lists", "La configuration a des listes SEDA de plusieurs collectivités", "The configuration has SEDA lists of several tenants"),
    ("check.no-units", "Aucune unité n'est écrite : ce n'est pas un transfert SEDA dont le bordereau se lit.",
        "No unit is written: this is not a SEDA transfer whose bordereau can be read."),
    ("check.no-reply", "Aucune réponse n'est écrite : ce n'est pas un transfert SEDA dont le bordereau se lit.",
        "No reply is written: this is not a SEDA transfer whose bordereau can be read."),
];
