//! What is measured against a limit, and what an error of the system means: in both languages, for sentences.

use std::io;

/// What there is too much of: its place among [`WORDS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    Bytes,
    Depth,
    Nodes,
    Attributes,
    AttributeBytes,
    NameBytes,
    Namespaces,
    TokenBytes,
    Identifiers,
    Values,
}

/// The words, French and English, in the order of [`Measure`]; none begins another.
static WORDS: [(&str, &str); 10] = [
    ("octets en tout", "bytes in all"),
    ("éléments l'un dans l'autre", "elements one in another"),
    ("éléments, attributs et textes", "elements, attributes and texts"),
    ("attributs d'un élément", "attributes of one element"),
    ("octets d'un attribut", "bytes of one attribute"),
    ("octets d'un nom", "bytes of one name"),
    ("déclarations d'espaces de noms", "declarations of namespaces"),
    ("octets d'un seul tenant (balise, texte ou commentaire)", "bytes in one piece (tag, text or comment)"),
    ("identifiants", "identifiers"),
    ("valeurs", "values"),
];

impl Measure {
    pub(crate) fn words(self) -> [String; 2] {
        let (fr, en) = WORDS.get(self as usize).copied().unwrap_or(("?", "?"));
        [fr.to_owned(), en.to_owned()]
    }
}

/// What an error of the system means, French and English; others are told as the system does.
static CAUSES: [(io::ErrorKind, (&str, &str)); 13] = [
    (io::ErrorKind::NotFound, ("il n'y a rien de ce nom", "there is nothing of that name")),
    (io::ErrorKind::PermissionDenied, ("l'accès en est refusé", "access to it is denied")),
    (io::ErrorKind::IsADirectory, ("c'est un répertoire", "it is a directory")),
    (io::ErrorKind::NotADirectory, ("un nom du chemin n'est pas un répertoire", "a name of the path is no directory")),
    (io::ErrorKind::StorageFull, ("il n'y a plus de place", "there is no room left")),
    (io::ErrorKind::ReadOnlyFilesystem, ("rien ne peut y être écrit", "nothing can be written there")),
    (io::ErrorKind::AlreadyExists, ("il y a déjà quelque chose de ce nom", "there is something of that name already")),
    (io::ErrorKind::UnexpectedEof, ("la fin est venue trop tôt", "the end came too soon")),
    (io::ErrorKind::FileTooLarge, ("c'est trop grand pour être écrit ou lu", "it is too large to be written or read")),
    (io::ErrorKind::TimedOut, ("la réponse n'est pas venue à temps", "the answer did not come in time")),
    (io::ErrorKind::ConnectionRefused, ("rien n'écoute à cette adresse", "nothing listens at that address")),
    (io::ErrorKind::ConnectionReset, ("la connexion a été coupée", "the connection was cut")),
    (io::ErrorKind::BrokenPipe, ("la connexion a été fermée", "the connection was closed")),
];

/// What an error of the system means, in French and in English, with its number where it has one.
pub fn system_cause(error: &io::Error) -> [String; 2] {
    let Some((_, (fr, en))) = CAUSES.iter().find(|(kind, _)| *kind == error.kind()) else {
        return [error.to_string(), error.to_string()];
    };
    let number = error.raw_os_error().map(|number| format!(" (errno {number})")).unwrap_or_default();
    [format!("{fr}{number}"), format!("{en}{number}")]
}

/// All words of this module, French and English.
pub(super) fn words() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    WORDS.iter().chain(CAUSES.iter().map(|(_, words)| words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_words_begin_with_others() {
        let all: Vec<&str> = words().map(|(fr, _)| *fr).collect();
        for one in &all {
            assert_eq!(all.iter().filter(|other| other.starts_with(one)).count(), 1, "{one}");
        }
    }

    #[test]
    fn every_measure_has_its_words() {
        assert_eq!(Measure::Values as usize + 1, WORDS.len());
        assert_eq!(Measure::TokenBytes.words()[1], "bytes in one piece (tag, text or comment)");
        assert_eq!(Measure::Nodes.words()[0], "éléments, attributs et textes");
    }

    #[test]
    fn an_error_of_the_system_is_told_in_both_languages() {
        let missing = io::Error::from_raw_os_error(2);
        assert_eq!(
            system_cause(&missing),
            ["il n'y a rien de ce nom (errno 2)", "there is nothing of that name (errno 2)"]
        );
        assert_eq!(system_cause(&io::Error::other("x")), ["x", "x"]);
    }
}
