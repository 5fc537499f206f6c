//! HELIOS PES V2: what the flows of the Treasury say (PES_Aller, PES_ACQUIT, PES_Retour), and the acknowledgement tied to its file.
//! Not here: the schema; the cryptography of signatures; persons, addresses and bank accounts, which are never facts.

pub(crate) mod ack;
pub(crate) mod amount;
pub(crate) mod attached;
pub(crate) mod bordereau;
pub(crate) mod document;
mod facts;
mod parts;
mod returned;
mod signatures;
mod standing;
mod stands;
pub(crate) mod story;
mod tied;
mod told;
mod unwrapped;

use roxmltree::Node;

pub use self::standing::{Standing, Told, standing, told};
use crate::xml::child;

/// Words of ours among the arguments of sentences, French and English.
pub(crate) static WORDS: [(&str, &str); 2] =
    [("accepté (EtatAck 1)", "accepted (EtatAck 1)"), ("rejeté (EtatAck 0)", "refused (EtatAck 0)")];

/// What every namespace of PES V2 begins with; the rest says which flow, and of which revision.
pub(crate) const NAMESPACE: &str = "http://www.minefi.gouv.fr/cp/helios/pes_v2/";

/// Which flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PesKind {
    /// From the authority to the Treasury.
    Aller,
    /// What the Treasury took or refused of a PES_Aller.
    Acquit,
    /// What the authority acknowledges of a PES_Retour.
    AcquitRetour,
    /// From the Treasury to the authority.
    Retour,
}

impl PesKind {
    const ROOTS: [(&'static str, Self); 4] = [
        ("PES_Aller", Self::Aller),
        ("PES_ACQUIT", Self::Acquit),
        ("PES_ACQUIT_RETOUR", Self::AcquitRetour),
        ("PES_Retour", Self::Retour),
    ];

    /// The flow with this root element.
    pub(crate) fn by_root(name: &str) -> Option<Self> {
        Self::ROOTS.iter().find(|(root, _)| *root == name).map(|(_, kind)| *kind)
    }

    /// The name of its root element.
    pub(crate) fn root(self) -> &'static str {
        Self::ROOTS.iter().find(|(_, kind)| *kind == self).map_or("", |(root, _)| root)
    }

    /// What its file is, among those of a deposit.
    pub(crate) fn role(self) -> &'static str {
        match self {
            Self::Aller => "flux",
            Self::Acquit | Self::AcquitRetour => "acquittement",
            Self::Retour => "retour",
        }
    }
}

/// What a leaf says: the attribute `V` of the child of that name.
pub(crate) fn leaf<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    said(child(node, name)?)
}

/// The attribute `V` of this element, trimmed; `None` when it says nothing.
pub(crate) fn said<'a>(node: Node<'a, '_>) -> Option<&'a str> {
    node.attribute("V").map(str::trim).filter(|value| !value.is_empty())
}

/// The children of that name with the path of each, as [`crate::xml::path`] gives it: that one looks at every brother each time, and
/// there may be hundreds of thousands.
pub(crate) fn placed<'a, 'i>(
    node: Node<'a, 'i>,
    above: &str,
    name: &'static str,
) -> impl Iterator<Item = (Node<'a, 'i>, Place)> {
    let several = each(node, name).nth(1).is_some();
    let above: std::rc::Rc<str> = above.into();
    let ranked = each(node, name).zip(1_usize..);
    ranked.map(move |(node, rank)| (node, Place { above: above.clone(), name, rank: several.then_some(rank) }))
}

/// Where an element stands, not yet written out.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    above: std::rc::Rc<str>,
    name: &'static str,
    rank: Option<usize>,
}

impl Place {
    fn new(above: &str, name: &'static str, rank: Option<usize>) -> Place {
        Place { above: above.into(), name, rank }
    }

    /// Whether this is the path, as it is written out.
    fn is(&self, path: &str) -> bool {
        let below = path.strip_prefix(&*self.above).and_then(|path| path.strip_prefix('/'));
        let ranked = below.and_then(|path| path.strip_prefix(self.name));
        match self.rank {
            None => ranked == Some(""),
            Some(rank) => ranked.is_some_and(|ranked| ranked.starts_with('[') && ranked == format!("[{rank}]")),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.above, self.name)?;
        self.rank.map_or(Ok(()), |rank| write!(f, "[{rank}]"))
    }
}

/// The children of that name, in order.
pub(crate) fn each<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| child.is_element() && child.tag_name().name() == name)
}
