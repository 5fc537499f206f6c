//! The XML of a PES, as it says itself, nothing compared yet.

use roxmltree::{Document as Xml, Node};

use super::ack::Acks;
use super::attached::{self, Attachments};
use super::bordereau::{self, Domains};
use super::returned::{self, Returns};
use super::{NAMESPACE, PesKind, each, leaf};
use crate::codes::{self, Fault, Faults};
use crate::limits::Limits;
use crate::signed::{SignatureSaid, Why};
use crate::xml::{Aside, child, path, within};

/// The namespace of XML Signature.
const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";

/// A flow of PES V2.
#[derive(Debug)]
pub(crate) struct Pes {
    pub(crate) kind: PesKind,
    /// What follows [`NAMESPACE`]: `Rev0/aller`, `Rev0/retour/v2`…
    pub(crate) schema: String,
    pub(crate) head: Head,
    pub(crate) domains: Domains,
    pub(crate) attachments: Attachments,
    pub(crate) acks: Acks,
    /// What a PES_ACQUIT_RETOUR acknowledges.
    pub(crate) returns: Returns,
    /// The file as a whole holds a signature; what it covers is not said here.
    pub(crate) with_signature: bool,
    /// A signature stands somewhere in it.
    signature_anywhere: bool,
    /// What was said of each signature it carries, or why nothing was.
    pub(crate) signatures: Result<Vec<SignatureSaid>, Why>,
    pub(crate) oddities: Faults,
}

/// Enveloppe and EnTetePES.
#[derive(Debug, Default)]
pub(crate) struct Head {
    pub(crate) version: Option<String>,
    pub(crate) type_file: Option<String>,
    pub(crate) file_name: Option<String>,
    pub(crate) date: Option<String>,
    pub(crate) post: Option<String>,
    pub(crate) siret: Option<String>,
    pub(crate) authority: Option<String>,
    pub(crate) budget_code: Option<String>,
    pub(crate) budget: Option<String>,
    /// `IdVer` of an acknowledgement.
    pub(crate) ack_version: Option<String>,
}

/// The PES of this XML, its attached documents taken aside; `None` when it is none.
pub(crate) fn read(xml: &Xml<'_>, aside: &Aside<'_>, place: &str, limits: &Limits) -> Option<Pes> {
    let root = xml.root_element();
    let kind = PesKind::by_root(root.tag_name().name())?;
    let namespace = root.tag_name().namespace().unwrap_or("");
    let mut oddities = Faults::default();
    if !namespace.starts_with(NAMESPACE) {
        oddities.push(Fault::new(&codes::PES_NAMESPACE, within(place, &path(root))).with(namespace));
    }
    let head = Head::read(root, kind);
    head.missing(root, place, &mut oddities);
    let acks = Acks::read(root);
    if kind == PesKind::Acquit && acks.count() == 0 {
        oddities.push(Fault::new(&codes::PES_MISSING, within(place, &path(root))).with("ElementACQUIT"));
    }
    let returns = returned::read(root, place, &mut oddities);
    let domains = bordereau::domains(root, place, &mut oddities);
    let attachments = attached::read((root, aside), place, limits, &mut oddities);
    Some(Pes {
        kind,
        schema: namespace.strip_prefix(NAMESPACE).unwrap_or_default().to_owned(),
        head,
        domains,
        attachments,
        acks,
        returns,
        with_signature: each(root, "Signature").next().is_some(),
        signature_anywhere: root.descendants().any(|node| node.has_tag_name((DSIG, "Signature"))),
        signatures: Ok(Vec::new()),
        oddities,
    })
}

impl Pes {
    /// Whether a signature stands anywhere in it, where one is expected or not.
    pub(crate) fn carries_signatures(&self) -> bool {
        self.signature_anywhere
    }
}

impl Head {
    fn read(root: Node<'_, '_>, kind: PesKind) -> Head {
        let parameters = child(root, "Enveloppe").and_then(|envelope| child(envelope, "Parametres"));
        let header = child(root, "EnTetePES");
        let of = |node: Option<Node<'_, '_>>, name: &str| node.and_then(|node| leaf(node, name).map(str::to_owned));
        let ack = child(root, "ACQUIT").and_then(|block| child(block, "EnTeteAcquit"));
        // What a PES_ACQUIT_RETOUR is about stands in its elements: the first gives it its name, all are tied.
        let returned = each(root, "ACQUIT_RETOUR").flat_map(|block| each(block, "ElementACQUIT_RETOUR"));
        let mut names = returned.filter_map(|node| leaf(node, "NomFichierRetour").map(str::to_owned));
        let about = (kind == PesKind::AcquitRetour).then(|| names.next()).flatten();
        Head {
            version: of(parameters, "Version"),
            type_file: of(parameters, "TypFic"),
            file_name: about.or_else(|| of(parameters, "NomFic")),
            date: of(header, "DteStr"),
            post: of(header, "IdPost"),
            siret: of(header, "IdColl"),
            authority: of(header, "CodCol").or_else(|| of(header, "CodColl")),
            budget_code: of(header, "CodBud"),
            budget: of(header, "LibelleColBud"),
            ack_version: of(ack, "IdVer"),
        }
    }

    fn missing(&self, root: Node<'_, '_>, place: &str, oddities: &mut Faults) {
        let wanted = [("NomFic", &self.file_name), ("TypFic", &self.type_file), ("IdColl", &self.siret)];
        for (what, _) in wanted.iter().filter(|(_, value)| value.is_none()) {
            oddities.push(Fault::new(&codes::PES_MISSING, within(place, &path(root))).with(what));
        }
        if let Some(siret) = self.siret.as_deref().filter(|siret| !is_siret(siret)) {
            oddities.push(Fault::new(&codes::PES_SIRET_MALFORMED, within(place, &path(root))).with(siret));
        }
    }
}

fn is_siret(text: &str) -> bool {
    text.len() == 14 && text.bytes().all(|b| b.is_ascii_digit())
}
