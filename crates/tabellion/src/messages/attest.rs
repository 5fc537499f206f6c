//! Sentences about attestations.

use super::Row;

#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    ("help.attest", "Écrit une attestation de dépôt, d'intégrité ou d'élimination, à lire : un PDF",
        "Writes an attestation of deposit, of integrity or of elimination, to be read: a PDF, in French"),
    ("help.of", "Ce qui est attesté : depot, integrite ou elimination", "What is attested: depot, integrite or elimination"),
    ("said.attest", "Attestation écrite dans {file} ({size} octets) ; elle se lit, la preuve est le dossier qu'elle nomme",
        "Attestation written to {file} ({size} bytes); it is for reading, the proof is the pack that it names"),
];
