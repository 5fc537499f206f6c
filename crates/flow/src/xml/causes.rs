//! Why a document is no well-formed XML: one sentence for each cause, in both languages; what a library says is told apart.

use roxmltree::{Error, TextPos};

use crate::codes::{self, Fault};

/// A cause: its place among [`WORDS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    Unread,
    Cut,
    Character,
    Declaration,
    Reference,
    Tag,
    Attribute,
    Prefix,
    Empty,
}

/// The sentences, French and English, in the order of [`Cause`].
pub(crate) static WORDS: [(&str, &str); 9] = [
    ("une partie n'est pas écrite comme le XML le veut", "a part of it is not written as XML has it"),
    ("il s'arrête avant sa fin : il en manque un morceau", "it stops before its end, and a part of it is missing"),
    ("un caractère que le XML interdit s'y trouve", "a character that XML forbids stands in it"),
    (
        "la déclaration ou une instruction (<?…?>) est mal écrite",
        "the declaration or an instruction (<?…?>) is badly written",
    ),
    (
        "un appel de caractère ou d'entité (&…;) est mal écrit, ou inconnu",
        "a reference to a character or entity (&…;) is badly written, or unknown",
    ),
    ("une balise n'est pas fermée, ou l'est par une autre", "a tag is not closed, or is by another one"),
    ("un attribut est mal écrit, ou écrit deux fois", "an attribute is badly written, or written twice"),
    (
        "un préfixe ne renvoie à aucun espace de noms, ou à un autre que le sien",
        "a prefix leads to no namespace, or to another than its own",
    ),
    ("il n'a pas d'élément", "it has no element"),
];

impl Cause {
    /// The finding, without the line.
    pub(super) fn fault(self, place: &str, detail: &dyn std::fmt::Display) -> Fault {
        let (fr, en) = WORDS.get(self as usize).copied().unwrap_or(("?", "?"));
        Fault::new(&codes::XML_MALFORMED, place).with_words([fr.to_owned(), en.to_owned()]).with(detail)
    }

    /// The finding, of what the parser says.
    pub(super) fn parsed(place: &str, error: &Error) -> Fault {
        let cause = match error {
            Error::InvalidXmlPrefixUri(_)
            | Error::UnexpectedXmlUri(_)
            | Error::UnexpectedXmlnsUri(_)
            | Error::InvalidElementNamePrefix(_)
            | Error::DuplicatedNamespace(..)
            | Error::UnknownNamespace(..) => Cause::Prefix,
            Error::UnexpectedCloseTag(..) | Error::UnexpectedEntityCloseTag(_) => Cause::Tag,
            Error::UnknownEntityReference(..) | Error::MalformedEntityReference(_) | Error::EntityReferenceLoop(_) => {
                Cause::Reference
            }
            Error::InvalidAttributeValue(_) | Error::DuplicatedAttribute(..) => Cause::Attribute,
            Error::NoRootNode => Cause::Empty,
            Error::UnclosedRootNode | Error::UnexpectedEndOfStream => Cause::Cut,
            Error::NonXmlChar(..) => Cause::Character,
            _ => Cause::Unread,
        };
        let TextPos { row, .. } = error.pos();
        cause.fault(place, error).with(row)
    }

    /// What the reader of long documents says.
    pub(super) fn streamed(error: &quick_xml::Error) -> Cause {
        use quick_xml::Error;
        use quick_xml::errors::{IllFormedError, SyntaxError};
        match error {
            Error::Syntax(SyntaxError::InvalidBangMarkup) => Cause::Unread,
            Error::Syntax(_) | Error::IllFormed(IllFormedError::MissingEndTag(_)) => Cause::Cut,
            Error::IllFormed(IllFormedError::UnmatchedEndTag(_) | IllFormedError::MismatchedEndTag { .. }) => {
                Cause::Tag
            }
            Error::IllFormed(IllFormedError::UnclosedReference) | Error::Escape(_) => Cause::Reference,
            Error::IllFormed(IllFormedError::MissingDeclVersion(_) | IllFormedError::UnknownVersion) => {
                Cause::Declaration
            }
            Error::InvalidAttr(_) => Cause::Attribute,
            Error::Encoding(_) => Cause::Character,
            Error::Namespace(_) => Cause::Prefix,
            Error::IllFormed(_) => Cause::Unread,
            // What it is read from ended or failed.
            Error::Io(_) => Cause::Cut,
        }
    }
}

/// The line of this byte, the first being 1.
pub(super) fn line(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or_default();
    1 + memchr::memchr_iter(b'\n', before).count()
}
