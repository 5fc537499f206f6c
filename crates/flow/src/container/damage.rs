//! What ails an archive that cannot be read: one sentence for each cause, in both languages, where it shows, and what a library or a number
//! says of it, apart.

use std::fmt::Display;

use crate::codes::{self, Fault};

/// A cause: its place among [`WORDS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Damage {
    EndsEarly,
    NoArchive,
    NoDirectory,
    Directory,
    Volumes,
    Zip64,
    Packed,
    Checksum,
    Size,
    Descriptor,
    Header,
    HeaderSize,
    Announced,
}

/// The sentences, French and English, in the order of [`Damage`].
pub(crate) static WORDS: [(&str, &str); 13] = [
    ("elle s'arrête avant sa fin : il en manque un morceau", "it stops before its end: a part of it is missing"),
    (
        "ses premiers octets ne sont pas ceux de l'archive que son nom annonce",
        "its first bytes are not those of the archive that its name tells",
    ),
    (
        "le répertoire qui termine un zip n'y est pas : il est tronqué, ou n'est pas un zip entier",
        "the directory that ends a zip is not there: it is cut short, or is no whole zip",
    ),
    ("le répertoire du zip ne se lit pas jusqu'au bout", "the directory of the zip cannot be read to its end"),
    ("le zip est en plusieurs volumes, ou le dit", "the zip is in several volumes, or says so"),
    ("les grandes tailles du zip (zip64) ne se lisent pas", "the large sizes of the zip (zip64) cannot be read"),
    ("les octets compressés ne se décompressent pas", "the compressed bytes cannot be inflated"),
    (
        "la somme de contrôle n'est pas celle qui est annoncée : le contenu a changé",
        "the checksum is not the one stated: the content has changed",
    ),
    ("la taille n'est pas celle qui est annoncée", "the size is not the one stated"),
    (
        "ce qui suit la pièce ne redit pas ses taille et somme de contrôle",
        "what follows the member does not repeat its size and checksum",
    ),
    (
        "la somme de contrôle d'un en-tête est fausse : l'archive a changé, ou n'est pas un tar",
        "the checksum of a header is false: the archive has changed, or is no tar",
    ),
    ("la taille que dit un en-tête n'est pas un nombre", "the size that a header says is no number"),
    ("un en-tête annonce une pièce qui ne vient pas", "a header announces a member that does not come"),
];

impl Damage {
    /// What it is, French and English.
    pub(crate) fn words(self) -> [String; 2] {
        let (fr, en) = WORDS.get(self as usize).copied().unwrap_or(("?", "?"));
        [fr.to_owned(), en.to_owned()]
    }

    /// The finding: in which archive, which member and at which byte of the archive it shows, where that is known, and the detail.
    pub(crate) fn fault(self, place: &str, (member, at): (&str, Option<u64>), detail: impl Display) -> Fault {
        let member = if member.is_empty() { "–" } else { member };
        let at = at.map_or_else(|| "–".to_owned(), |at| at.to_string());
        let fault = Fault::new(&codes::CONTAINER_DAMAGED, place).with_words(self.words());
        fault.with(member).with(at).with(detail)
    }

    /// What an error of the reader of compressed bytes means.
    pub(crate) fn of(error: &std::io::Error) -> Damage {
        if error.kind() == std::io::ErrorKind::UnexpectedEof { Damage::EndsEarly } else { Damage::Packed }
    }
}
