//! Signatures that an XML document carries (XML Signature 1.1, as XAdES has it): what each covers, whether all of it is as it was signed, and by
//! which certificate. Whether that certificate is to be trusted is not said here.
//!
//! What is covered is told by where it stands in the document, never by an identifier alone: whoever read a value from an element asks
//! whether that very element is covered. Of an identifier that two elements bear, neither is.
//!
//! Deliberately not here: transforms other than the enveloped one and canonical forms, prefix lists of the exclusive form, references out
//! of the document, keys without a certificate. Each of these is "cannot tell", never "false".

mod fault;
pub(crate) mod parts;
mod properties;

use std::collections::HashMap;

use roxmltree::{Document, Node, NodeId};

use crate::certificate;
use crate::document_signature::DocumentSignature;
use crate::error::SealError;
use crate::evidence_record::c14n::{C14n, with_nodes};
use crate::evidence_record::xml::digest_of_uri;
use crate::limits;
use crate::path::signed::Outline;
use crate::signature::SignatureVerifier;
use crate::signature::algorithm::{SignatureAlgorithm, weakness};
use crate::xml_signature::parts::{ecdsa_der, is, method, octets, optional, signature_method, sole, transforms};

pub use crate::xml_signature::fault::SignatureFault;

/// One signature, and what came of it.
#[derive(Clone, Debug)]
pub struct XmlSignature {
    /// The path of its element.
    pub place: String,
    /// The paths of the elements it refers to, those inside the signature apart; the root's path is the whole document.
    pub covers: Vec<String>,
    /// What was found of it: of several references, all must be as they were signed.
    pub signature: DocumentSignature,
}

/// Every signature of this document, in order. A signature inside another one (a countersignature) is told as others are.
///
/// # Errors
/// `Malformed`, `TooLarge`, `Unsupported` of the document as a whole; whatever ails one signature is its own `integrity`.
pub fn xml_signatures(text: &str, verifier: &dyn SignatureVerifier) -> Result<Vec<XmlSignature>, SealError> {
    with_nodes(text.as_bytes(), limits::SIGNED_XML_BYTES, limits::SIGNED_XML_NODES, |document| {
        let mut reader = Reader {
            document,
            verifier,
            ids: identifiers(document),
            left: text.len().saturating_mul(limits::SIGNED_XML_PASSES).saturating_add(1 << 20),
        };
        let signatures = document.descendants().filter(|node| is(*node, "Signature"));
        Ok(signatures.take(limits::XML_SIGNATURES).map(|node| reader.signature(node)).collect())
    })
}

/// The one element of each identifier; `None` for one that several bear.
fn identifiers<'a>(document: &'a Document<'_>) -> HashMap<&'a str, Option<NodeId>> {
    let mut ids = HashMap::new();
    for node in document.descendants().filter(Node::is_element) {
        for attribute in node.attributes().filter(|attribute| attribute.name().eq_ignore_ascii_case("id")) {
            ids.entry(attribute.value()).and_modify(|known| *known = None).or_insert(Some(node.id()));
        }
    }
    ids
}

/// The path of an element: local names, with the rank among brothers of the same name where there are several; and how many brothers
/// were looked at for it.
fn path(node: Node<'_, '_>) -> (String, usize) {
    let mut looked = 0_usize;
    let mut steps = Vec::new();
    for node in node.ancestors().filter(Node::is_element) {
        let name = node.tag_name().name();
        let (mut rank, mut same) = (0_usize, 0_usize);
        for brother in node.parent().into_iter().flat_map(|parent| parent.children()) {
            looked = looked.saturating_add(1);
            same += usize::from(brother.is_element() && brother.tag_name().name() == name);
            if brother == node {
                rank = same;
            }
        }
        steps.push(if same > 1 { format!("{name}[{rank}]") } else { name.to_owned() });
    }
    steps.reverse();
    (format!("/{}", steps.join("/")), looked)
}

struct Reader<'d, 'i> {
    document: &'d Document<'i>,
    verifier: &'d dyn SignatureVerifier,
    ids: HashMap<&'d str, Option<NodeId>>,
    /// Octets that may still be made and hashed, and brothers looked at: signatures by the thousand over the whole of a document would take hours.
    left: usize,
}

/// What the references of a signature lead to.
#[derive(Default)]
struct Referred {
    nodes: Vec<NodeId>,
    covers: Vec<String>,
    weak: Vec<String>,
}

impl<'d, 'i> Reader<'d, 'i> {
    fn signature(&mut self, node: Node<'_, '_>) -> XmlSignature {
        let (place, looked) = path(node);
        self.left = self.left.saturating_sub(looked);
        let mut signature = DocumentSignature::not_judged(SignatureFault::NothingSigned);
        let mut referred = Referred::default();
        signature.integrity = self.judge(node, &mut referred, &mut signature);
        signature.weak.append(&mut referred.weak);
        signature.weak.sort();
        signature.weak.dedup();
        XmlSignature { place, covers: referred.covers, signature }
    }

    fn judge(
        &mut self,
        node: Node<'_, '_>,
        referred: &mut Referred,
        found: &mut DocumentSignature,
    ) -> Result<(), SignatureFault> {
        let signed_info = sole(node, "SignedInfo")?;
        let canonical = method(sole(signed_info, "CanonicalizationMethod")?)?;
        let canonical = C14n::from_uri(canonical).ok_or_else(|| SignatureFault::unsupported(canonical))?;
        let algorithm = signature_method(method(sole(signed_info, "SignatureMethod")?)?)?;
        let references: Vec<_> = signed_info.children().filter(|child| is(*child, "Reference")).collect();
        match references.len() {
            0 => return Err(SignatureFault::NothingSigned),
            n if n > limits::XML_REFERENCES => return Err(SignatureFault::TooMuch),
            _ => {}
        }
        // All of them are looked at before anything is said of what is covered, or of who signed.
        let outcomes: Vec<_> = references.iter().map(|one| self.reference(node, *one, referred)).collect();
        outcomes.into_iter().collect::<Result<Vec<()>, _>>()?;
        let octets = self.spend(canonical.element(self.document, signed_info, &[])?)?;
        let (certificate, carried) = self.signer(node, algorithm, &octets)?;
        found.carried = carried;
        let key = Outline::of(&certificate).ok().map(|outline| outline.spki.to_vec());
        found.weak.extend(key.and_then(|key| weakness(algorithm, &key)).map(|weak| format!("signature {weak}")));
        if let Ok(parsed) = certificate::parse(&certificate) {
            found.signer = Some(certificate::facts(&certificate, &parsed));
            found.unsuited = certificate::unsuited_for_documents(&parsed);
        }
        let stated = properties::of(node, &referred.nodes, &certificate);
        found.certificate = Some(certificate);
        found.signing_time = stated?;
        Ok(())
    }

    /// What this refers to is as it was signed.
    fn reference(
        &mut self,
        signature: Node<'_, '_>,
        reference: Node<'_, '_>,
        referred: &mut Referred,
    ) -> Result<(), SignatureFault> {
        if self.left == 0 {
            return Err(SignatureFault::TooMuch);
        }
        let uri = reference.attribute("URI").ok_or(SignatureFault::Malformed { what: "Reference" })?;
        let (enveloped, canonical) = transforms(reference)?;
        let name = method(sole(reference, "DigestMethod")?)?;
        let digest = digest_of_uri(name).ok_or_else(|| SignatureFault::unsupported(name))?;
        let own = [signature.id()];
        let without = if enveloped { &own[..] } else { &[] };
        let root = self.document.root_element();
        let (target, made) = match uri.strip_prefix('#') {
            None if uri.is_empty() => (root, canonical.whole(self.document, without)?),
            Some(id) if !id.is_empty() && !id.starts_with("xpointer(") => {
                let target = self.identified(id)?;
                (target, canonical.element(self.document, target, without)?)
            }
            _ => return Err(SignatureFault::unsupported(uri)),
        };
        let made = self.spend(made)?;
        if digest.digest(&made) != octets(sole(reference, "DigestValue")?)? {
            return Err(SignatureFault::Altered { reference: uri.chars().take(80).collect() });
        }
        if digest.is_weak() {
            referred.weak.push(format!("digest {}", digest.name()));
        }
        referred.nodes.push(target.id());
        if !target.ancestors().any(|above| above == signature) {
            let (place, looked) = path(target);
            self.left = self.left.saturating_sub(looked);
            referred.covers.push(place);
        }
        Ok(())
    }

    fn identified(&self, id: &str) -> Result<Node<'d, 'i>, SignatureFault> {
        let document = self.document;
        let shown = || id.chars().take(80).collect();
        match self.ids.get(id) {
            Some(Some(node)) => document.get_node(*node).ok_or(SignatureFault::Malformed { what: "identifier" }),
            Some(None) => Err(SignatureFault::Ambiguous { id: shown() }),
            None => Err(SignatureFault::NotThere { id: shown() }),
        }
    }

    fn spend(&mut self, octets: Vec<u8>) -> Result<Vec<u8>, SignatureFault> {
        let enough = octets.len() <= self.left;
        self.left = self.left.saturating_sub(octets.len());
        if enough { Ok(octets) } else { Err(SignatureFault::TooMuch) }
    }

    /// The certificate, of those carried, whose key made the signature; and all of them.
    fn signer(
        &self,
        node: Node<'_, '_>,
        algorithm: SignatureAlgorithm,
        signed: &[u8],
    ) -> Result<(Vec<u8>, Vec<Vec<u8>>), SignatureFault> {
        let value = octets(sole(node, "SignatureValue")?)?;
        let value = if matches!(algorithm, SignatureAlgorithm::Ecdsa(_)) { ecdsa_der(&value) } else { value };
        let info = optional(node, "KeyInfo")?;
        let carried = info.into_iter().flat_map(|info| info.descendants().filter(|node| is(*node, "X509Certificate")));
        let carried = carried.take(limits::CERTIFICATES).map(octets).collect::<Result<Vec<_>, _>>()?;
        if carried.is_empty() {
            return Err(SignatureFault::NoCertificate);
        }
        let mut undecided = None;
        for der in &carried {
            let Ok(outline) = Outline::of(der) else { continue };
            match self.verifier.verify(algorithm, outline.spki, signed, &value) {
                Ok(()) => return Ok((der.clone(), carried)),
                Err(why @ SealError::Unsupported { .. }) => undecided = Some(why.into()),
                Err(_) => {}
            }
        }
        Err(undecided.unwrap_or(SignatureFault::False))
    }
}
