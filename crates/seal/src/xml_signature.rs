//! Signatures that an XML document carries (XML Signature 1.1, as XAdES has it): what each covers, whether all of it is as it was signed, and by
//! which certificate. Whether that certificate is to be trusted is not said here.
//!
//! What is covered is told by where it stands in the document, never by an identifier alone: whoever read a value from an element asks
//! whether that very element is covered. Of an identifier that two elements bear, neither is.
//!
//! What it refers to outside the document is asked of whoever has it, and what that is called is told apart.
//!
//! Deliberately not here: transforms other than the enveloped one, canonical forms and, outside, base64; prefix lists of the exclusive form; keys
//! without a certificate; what a `Manifest` lists. Each of the first is "cannot tell", never "false".

mod beside;
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

pub use crate::xml_signature::beside::Beside;
pub use crate::xml_signature::fault::SignatureFault;

/// One signature, and what came of it.
#[derive(Clone, Debug)]
pub struct XmlSignature {
    /// The path of its element.
    pub place: String,
    /// The paths of the elements it refers to, those inside the signature apart; the root's path is the whole document.
    pub covers: Vec<String>,
    /// What it refers to outside the document, by the names that were told.
    pub beside: Vec<String>,
    /// What was found of it: of several references, all must be as they were signed.
    pub signature: DocumentSignature,
}

/// Every signature of this document, in order. A signature inside another one (a countersignature) is told as others are; what stands
/// outside the document is not asked for, and `document-beside` of what refers to it.
///
/// # Errors
/// `Malformed`, `TooLarge`, `Unsupported` of the document as a whole; whatever ails one signature is its own `integrity`.
pub fn xml_signatures(text: &str, verifier: &dyn SignatureVerifier) -> Result<Vec<XmlSignature>, SealError> {
    xml_signatures_beside(text, verifier, &mut |uri, _| Err(SignatureFault::beside(uri.unwrap_or_default())))
}

/// The same, what stands outside the document being given by `beside`.
///
/// # Errors
/// As for [`xml_signatures`].
pub fn xml_signatures_beside(
    text: &str,
    verifier: &dyn SignatureVerifier,
    beside: &mut Beside<'_>,
) -> Result<Vec<XmlSignature>, SealError> {
    with_nodes(text.as_bytes(), limits::SIGNED_XML_BYTES, limits::SIGNED_XML_NODES, |document| {
        let mut reader = Reader {
            document,
            verifier,
            beside,
            ids: identifiers(document),
            left: text.len().saturating_mul(limits::SIGNED_XML_PASSES).saturating_add(1 << 20),
            held: limits::SIGNED_BESIDE_BYTES,
        };
        let mut signatures = document.descendants().filter(|node| is(*node, "Signature"));
        let looked = signatures.by_ref().take(limits::XML_SIGNATURES).map(|node| reader.signature(node));
        let mut all: Vec<XmlSignature> = looked.collect();
        // The others are not looked at, and one says so.
        all.extend(signatures.next().map(|node| XmlSignature {
            place: path(node).0,
            covers: Vec::new(),
            beside: Vec::new(),
            signature: DocumentSignature::not_judged(SignatureFault::TooMuch),
        }));
        Ok(all)
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

struct Reader<'d, 'i, 'b> {
    document: &'d Document<'i>,
    verifier: &'d dyn SignatureVerifier,
    beside: &'b mut Beside<'b>,
    ids: HashMap<&'d str, Option<NodeId>>,
    /// Octets that may still be made and hashed, and brothers looked at: signatures by the thousand over the whole of a document would take hours.
    left: usize,
    /// Octets from outside that may still be held to be transformed.
    held: usize,
}

/// What the references of a signature lead to.
#[derive(Default)]
struct Referred {
    nodes: Vec<NodeId>,
    covers: Vec<String>,
    beside: Vec<String>,
    weak: Vec<String>,
}

impl<'d, 'i> Reader<'d, 'i, '_> {
    fn signature(&mut self, node: Node<'_, '_>) -> XmlSignature {
        let (place, looked) = path(node);
        self.left = self.left.saturating_sub(looked);
        let mut signature = DocumentSignature::not_judged(SignatureFault::NothingSigned);
        let mut referred = Referred::default();
        signature.integrity = self.judge(node, &mut referred, &mut signature);
        signature.weak.append(&mut referred.weak);
        signature.weak.sort();
        signature.weak.dedup();
        XmlSignature { place, covers: referred.covers, beside: referred.beside, signature }
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
        let (fitting, carried) = self.signers(node, algorithm, &octets)?;
        found.carried = carried;
        let (certificate, stated) = who(node, &referred.nodes, fitting)?;
        let key = Outline::of(&certificate).ok().map(|outline| outline.spki.to_vec());
        found.weak.extend(key.and_then(|key| weakness(algorithm, &key)).map(|weak| format!("signature {weak}")));
        if let Ok(parsed) = certificate::parse(&certificate) {
            found.signer = Some(certificate::facts(&certificate, &parsed));
            found.unsuited = certificate::unsuited_for_documents(&parsed);
        }
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
        let uri = reference.attribute("URI");
        let name = method(sole(reference, "DigestMethod")?)?;
        let digest = digest_of_uri(name).ok_or_else(|| SignatureFault::unsupported(name))?;
        let stated = octets(sole(reference, "DigestValue")?)?;
        let altered = || SignatureFault::Altered { reference: uri.unwrap_or_default().chars().take(80).collect() };
        let inside = uri.filter(|uri| uri.is_empty() || uri.starts_with('#'));
        let (target, made) = match inside {
            Some(uri) => {
                let (target, octets) = self.inside(signature, reference, uri)?;
                (Ok(target), digest.digest(&octets))
            }
            None => {
                let (made, name) = beside::digest(reference, digest, self.beside, &mut self.held)?;
                (Err(name), made)
            }
        };
        if made != stated {
            return Err(altered());
        }
        if digest.is_weak() {
            referred.weak.push(format!("digest {}", digest.name()));
        }
        let target = match target {
            Ok(target) => target,
            Err(name) => {
                referred.beside.push(name);
                return Ok(());
            }
        };
        referred.nodes.push(target.id());
        if !target.ancestors().any(|above| above == signature) {
            let (place, looked) = path(target);
            self.left = self.left.saturating_sub(looked);
            referred.covers.push(place);
        }
        Ok(())
    }

    /// The element of this document that a reference names, and the octets that are signed of it.
    fn inside(
        &mut self,
        signature: Node<'_, '_>,
        reference: Node<'_, '_>,
        uri: &str,
    ) -> Result<(Node<'d, 'i>, Vec<u8>), SignatureFault> {
        let (enveloped, canonical) = transforms(reference)?;
        let own = [signature.id()];
        let without = if enveloped { &own[..] } else { &[] };
        let target = match uri.strip_prefix('#') {
            None => self.document.root_element(),
            Some(id) if !id.is_empty() && !id.starts_with("xpointer(") => self.identified(id)?,
            _ => return Err(SignatureFault::unsupported(uri)),
        };
        let made = match uri {
            // Without the signature nothing is left of what stands in it (XML Signature §6.6.4): its own Object is no place to keep the original.
            _ if enveloped && target.ancestors().any(|above| above == signature) => Vec::new(),
            "" => canonical.whole(self.document, without)?,
            _ => canonical.element(self.document, target, without)?,
        };
        Ok((target, self.spend(made)?))
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

    /// The certificates, of those carried, whose key made the signature, each once; and all of them.
    fn signers(
        &self,
        node: Node<'_, '_>,
        algorithm: SignatureAlgorithm,
        signed: &[u8],
    ) -> Result<Signers, SignatureFault> {
        let value = octets(sole(node, "SignatureValue")?)?;
        let value = if matches!(algorithm, SignatureAlgorithm::Ecdsa(_)) { ecdsa_der(&value) } else { value };
        let info = optional(node, "KeyInfo")?;
        let carried = info.into_iter().flat_map(|info| info.descendants().filter(|node| is(*node, "X509Certificate")));
        let carried = carried.take(limits::CERTIFICATES).map(octets).collect::<Result<Vec<_>, _>>()?;
        if carried.is_empty() {
            return Err(SignatureFault::NoCertificate);
        }
        let (mut undecided, mut fitting) = (None, Vec::new());
        for der in &carried {
            let Ok(outline) = Outline::of(der) else { continue };
            match self.verifier.verify(algorithm, outline.spki, signed, &value) {
                Ok(()) if !fitting.contains(der) => fitting.push(der.clone()),
                Err(why @ SealError::Unsupported { .. }) => undecided = Some(why.into()),
                _ => {}
            }
        }
        if fitting.is_empty() { Err(undecided.unwrap_or(SignatureFault::False)) } else { Ok((fitting, carried)) }
    }
}

/// The certificates whose key made a signature, and all that it carries.
type Signers = (Vec<Vec<u8>>, Vec<Vec<u8>>);
/// The moment that signed properties state, or what is false in them.
type Stated = Result<Option<String>, SignatureFault>;

/// Who signed, of the certificates of the key that did, and what the signed properties state. Whoever passes a signature on can put beside its
/// certificate another one of the same key: only what is signed then says which it is.
fn who(
    signature: Node<'_, '_>,
    referred: &[NodeId],
    fitting: Vec<Vec<u8>>,
) -> Result<(Vec<u8>, Stated), SignatureFault> {
    let stated = fitting.into_iter().map(|one| (properties::of(signature, referred, &one), one));
    let (named, others): (Vec<_>, Vec<_>) = stated.partition(|(stated, _)| stated.is_ok());
    if named.len() > 1 {
        return Err(SignatureFault::Certificates);
    }
    let one = named.into_iter().chain(others).next();
    one.map(|(stated, one)| (one, stated)).ok_or(SignatureFault::NoCertificate)
}
