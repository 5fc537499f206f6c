//! Sentences about attestations and restitutions.

use super::Row;

#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    ("help.attest", "Écrit une attestation de dépôt, d'intégrité, d'élimination ou de restitution, à lire : un PDF",
        "Writes an attestation of deposit, of integrity, of elimination or of restitution, to be read: a PDF, in French"),
    ("help.of", "Ce qui est attesté : depot, integrite, elimination ou restitution",
        "What is attested: depot, integrite, elimination or restitution"),
    ("said.attest", "Attestation écrite dans {file} ({size} octets) ; elle se lit, la preuve est le dossier qu'elle nomme",
        "Attestation written to {file} ({size} bytes); it is for reading, the proof is the pack that it names"),
    ("help.restitute", "Consigne que des versements ont été remis à leur service d'origine ; rien n'est retiré",
        "Logs that deposits were handed over to their originating service; nothing is removed"),
    ("help.restitute.ids", "Fichier des identifiants, un par ligne", "File of ids, one a line"),
    ("help.restitute.to", "À qui la remise a été faite", "To whom they were handed over"),
    ("help.restitute.handed", "Jour de la remise", "Day on which they were handed over"),
    ("help.restitute.role", "Fonction de qui l'a décidée", "Office of who decided it"),
    ("help.restitute.date", "Date de la décision", "Date of the decision"),
    ("help.restitute.reference", "Référence de la décision", "Reference of the decision"),
    ("help.restitute.document", "Décision ou décharge signée, consignée avec", "Signed decision or receipt, logged with it"),
    ("said.restitute", "Restitution {id} consignée au journal : {count} versements ; son attestation : tabellion attest {id} --of restitution",
        "Restitution {id} logged: {count} deposits; its attestation: tabellion attest {id} --of restitution"),
];
