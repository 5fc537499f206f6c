//! Signatures that a message or an envelope gives of the files that it names (`FichierSigne` of the schema: the name, and "éventuellement la signature
//! du fichier", of any type): CMS as text, in base64 or PEM, or XML Signature as an element. They are found here, and judged where documents are read.
//! Not here: what an acknowledgement repeats of the act (`ActeRecu`), which the act gave already.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;

use super::pieces::key;
use crate::limits::MAX_GIVEN_SIGNATURES;
use crate::look::Seen;
use crate::xml::{child, leaf_text, path};

const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";

/// What a document of ACTES bears of signatures.
#[derive(Debug, Default)]
pub(crate) struct Signatures {
    pub(crate) given: Vec<Given>,
    /// There are more than are looked at.
    pub(crate) beyond: bool,
    /// An element of XML Signature stands in it, in a signature that is given or elsewhere.
    pub(crate) in_xml: bool,
}

/// The signature given of one file.
#[derive(Debug)]
pub(crate) struct Given {
    /// The file, by the name announced.
    pub(crate) file: String,
    /// The path of what holds it.
    pub(crate) place: String,
    pub(crate) held: Held,
}

/// What is held.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// A message of CMS, by its form; DER or PEM.
    Cms(Vec<u8>),
    /// XML Signature.
    Xml,
    /// Something else.
    Unread,
}

impl Signatures {
    /// Those of the document with this root.
    pub(super) fn of(root: Node<'_, '_>) -> Signatures {
        let mut all = Signatures::default();
        let signatures = root.descendants().filter(|node| node.is_element() && node.tag_name().name() == "Signature");
        for node in signatures.filter(|node| !is_repeated(*node)) {
            all.in_xml |= node.tag_name().namespace() == Some(DSIG);
            let file = node.parent_element().and_then(|parent| child(parent, "NomFichier")).and_then(leaf_text);
            let (Some(file), Some(held)) = (file, held(node)) else { continue };
            if all.given.len() == MAX_GIVEN_SIGNATURES {
                all.beyond = true;
                continue;
            }
            all.given.push(Given { file: file.to_owned(), place: path(node), held });
        }
        all
    }
}

/// It stands in what an acknowledgement repeats.
fn is_repeated(node: Node<'_, '_>) -> bool {
    node.ancestors().any(|above| above.tag_name().name() == "ActeRecu")
}

/// What stands in this element; nothing where it is empty, as where it is not there.
fn held(node: Node<'_, '_>) -> Option<Held> {
    let is_signature =
        |one: &Node<'_, '_>| one.tag_name().namespace() == Some(DSIG) && one.tag_name().name() == "Signature";
    if node.children().any(|one| one.is_element()) {
        return Some(if node.descendants().any(|one| is_signature(&one)) { Held::Xml } else { Held::Unread });
    }
    let text = leaf_text(node)?;
    if text.starts_with("-----BEGIN ") {
        return Some(Held::Cms(text.as_bytes().to_vec()));
    }
    let letters: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(letters).ok();
    let is_cms = |bytes: &Vec<u8>| bytes.starts_with(b"\x30") || bytes.starts_with(b"-----BEGIN ");
    Some(bytes.filter(is_cms).map_or(Held::Unread, Held::Cms))
}

/// The files of a deposit by the names that documents of ACTES announce.
#[derive(Debug)]
pub(crate) struct Names {
    exact: HashMap<String, Vec<usize>>,
    loose: HashMap<String, Vec<usize>>,
}

impl Names {
    pub(crate) fn of(all: &[Seen]) -> Names {
        let mut names = Names { exact: HashMap::new(), loose: HashMap::new() };
        for (place, one) in all.iter().enumerate() {
            names.exact.entry(one.base().to_owned()).or_default().push(place);
            names.loose.entry(key(one.base())).or_default().push(place);
        }
        names
    }

    /// The files that the document at this place may mean by this name: of its own container where one is there; of exactly this name, else of one
    /// that differs in accent, case, directory and document code alone, as announced files are looked for.
    pub(crate) fn announced(&self, document: usize, name: &str, all: &[Seen]) -> Vec<usize> {
        let parent = all.get(document).and_then(|one| one.parent);
        let beside = |place: usize| all.get(place).is_some_and(|one| one.parent == parent);
        let (exact, loose) = (self.exact.get(name), self.loose.get(&key(name)));
        let ways = [(exact, true), (loose, true), (exact, false), (loose, false)];
        let found = ways.into_iter().map(|(places, near)| -> Vec<usize> {
            let others = places.into_iter().flatten().copied().filter(|place| *place != document);
            others.filter(|place| !near || beside(*place)).take(2).collect()
        });
        found.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(held: &str) -> Signatures {
        let text =
            format!("<Acte><Document><NomFichier>a.pdf</NomFichier><Signature>{held}</Signature></Document></Acte>");
        Signatures::of(roxmltree::Document::parse(&text).unwrap().root_element())
    }

    #[test]
    fn a_signature_is_base64_of_cms_or_pem_or_xml_and_an_empty_one_is_none() {
        const XML: &str = "<s:Signature xmlns:s=\"http://www.w3.org/2000/09/xmldsig#\"/>";
        for (text, held) in [
            ("MAM\n BAgM=", Held::Cms(b"\x30\x03\x01\x02\x03".to_vec())),
            (" -----BEGIN PKCS7-----\nx", Held::Cms(b"-----BEGIN PKCS7-----\nx".to_vec())),
            (XML, Held::Xml),
            ("<autre/>", Held::Unread),
            ("acte.pdf.p7s", Held::Unread),
            ("PGEvPg==", Held::Unread),
        ] {
            let found = of(text);
            let [one] = &found.given[..] else { panic!("{text}") };
            assert_eq!(
                (&one.held, one.file.as_str(), one.place.as_str()),
                (&held, "a.pdf", "/Acte/Document/Signature")
            );
            assert_eq!(found.in_xml, held == Held::Xml);
        }
        assert!(of(" \n").given.is_empty());
    }

    #[test]
    fn they_are_counted_and_what_an_acknowledgement_repeats_is_not_given_anew() {
        let one = "<Annexe><NomFichier>a</NomFichier><Signature>MAA=</Signature></Annexe>";
        let of = |count: usize, root: &str| {
            let text = format!("<{root}><ActeRecu/><Annexes>{}</Annexes></{root}>", one.repeat(count));
            let found = Signatures::of(roxmltree::Document::parse(&text).unwrap().root_element());
            (found.given.len(), found.beyond)
        };
        assert_eq!(of(MAX_GIVEN_SIGNATURES, "Acte"), (MAX_GIVEN_SIGNATURES, false));
        assert_eq!(of(MAX_GIVEN_SIGNATURES + 1, "Acte"), (MAX_GIVEN_SIGNATURES, true));
        assert_eq!(of(1, "ActeRecu"), (0, false));
    }
}
