//! Sentences about SEDA.

use super::Row;

#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    ("help.replies", "Écrit dans ce dossier l'accusé de réception et la réponse au transfert SEDA",
        "Writes the acknowledgement and the reply to the SEDA transfer in this directory"),
    ("check.no-reply", "Aucune réponse n'est écrite : ce n'est pas un transfert SEDA dont le bordereau se lit.",
        "No reply is written: this is not a SEDA transfer whose bordereau can be read."),
];
