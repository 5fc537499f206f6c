//! Sentences about renewals, and the packs of a selection.

use super::Row;

#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    ("help.renew", "Renouvelle les preuves avant que ce qui les fonde ne prenne fin", "Renews the evidence before what it rests on ends"),
    ("help.renew.timestamps", "Un jeton d'horodatage plus récent couvre ceux de tous les lots scellés ; aucun document n'est relu",
        "One newer time-stamp token covers those of all sealed batches; no document is read"),
    ("help.ids", "Identifiant du dépôt ; plusieurs donnent une archive tar de leurs dossiers, avec un index",
        "Id of the deposit; several give a tar of their packs, with an index"),
    ("help.pack.files", "Fichiers montrés, par numéro ; les autres sont retenus, et le dossier le dit",
        "Files shown, by number; the others are withheld, and the pack says so"),
    ("help.pack.lists", "Joint les listes de confiance que l'archive conserve (plusieurs mégaoctets) : qui vérifie dit si l'horodatage est qualifié, sous une ancre à lui",
        "Brings the trusted lists that the archive keeps (megabytes): who verifies tells whether the time-stamp is qualified, under an anchor of his own"),
    ("said.pack.several", "{count} dossiers demandés, écrits dans {file} ({size} octets) ; index.json, à la fin, dit ce qui est de chacun",
        "{count} packs asked for, written to {file} ({size} bytes); index.json, at the end, says what became of each"),
    ("fail.pack.several", "{option} ne vaut que pour un seul dépôt", "{option} is for one deposit alone"),
    ("help.renew.hashes", "Tout est haché à nouveau sous un condensé plus fort, après relecture complète des documents, et un jeton le couvre",
        "Everything is hashed again under a stronger digest, after every document was read, and one token covers it"),
    ("help.renew.to", "Le condensé plus fort : sha512", "The stronger digest: sha512"),
    ("said.renew", "Renouvellement {renewal} : un jeton du {time} couvre ceux des lots {first} à {batches} exclu ({digest}) ; inscrit au journal sous le n° {index}",
        "Renewal {renewal}: a token of {time} covers those of batches {first} to {batches}, the last left out ({digest}); logged as no. {index}"),
    ("said.renew.hashes", "Renouvellement {renewal} : ce qui fut scellé des lots {first} à {batches} exclu est haché à nouveau sous {digest}, jeton du {time} ; inscrit au journal sous le n° {index}",
        "Renewal {renewal}: what was sealed in batches {first} to {batches}, the last left out, is hashed again under {digest}, token of {time}; logged as no. {index}"),
    ("fail.not-a-file", "ce n'est pas un fichier ordinaire", "it is not an ordinary file"),
    ("fail.renew", "rien n'a été renouvelé ({code})", "nothing was renewed ({code})"),
    ("remedy.renew", "Voyez le sens du code dans docs/formats/interfaces.md, et les événements du serveur ; puis relancez la commande",
        "See what the code means in docs/formats/interfaces.md, and the server's events; then run the command again"),
];
