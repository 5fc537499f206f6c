//! Sentences about SEDA.

use super::Row;

#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    ("help.replies", "Écrit dans ce dossier l'accusé de réception et la réponse au transfert SEDA",
        "Writes the acknowledgement and the reply to the SEDA transfer in this directory"),
    ("help.units", "Écrit dans ce fichier l'arbre entier du transfert SEDA, une ligne JSON par unité",
        "Writes the whole tree of the SEDA transfer to this file, a line of JSON for each unit"),
    ("check.no-units", "Aucune unité n'est écrite : ce n'est pas un transfert SEDA dont le bordereau se lit.",
        "No unit is written: this is not a SEDA transfer whose bordereau can be read."),
    ("check.no-reply", "Aucune réponse n'est écrite : ce n'est pas un transfert SEDA dont le bordereau se lit.",
        "No reply is written: this is not a SEDA transfer whose bordereau can be read."),
];
