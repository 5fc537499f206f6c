//! What a reference of a signature names outside its own document: octets that somebody else holds and gives piece by piece. Nothing is fetched, and
//! what a name means is not decided here.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;

use crate::digest::DigestAlgorithm;
use crate::error::SealError;
use crate::evidence_record::c14n::{C14n, with_nodes};
use crate::limits;
use crate::xml_signature::fault::SignatureFault;
use crate::xml_signature::parts::{method, optional};

/// Gives all octets of what this `URI` names, in order, and says what it is called; nothing for a reference that bears no `URI`, which only its
/// application understands (XML Signature §4.4.3.1).
pub type Beside<'b> = dyn FnMut(Option<&str>, &mut dyn FnMut(&[u8])) -> Result<String, SignatureFault> + 'b;

const BASE64: &str = "http://www.w3.org/2000/09/xmldsig#base64";

/// How octets are made of those given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Made {
    AsGiven,
    OfBase64,
    Canonical(C14n),
}

/// The transforms of a reference to something outside: none, base64 or a canonical form, alone.
fn made(reference: Node<'_, '_>) -> Result<Made, SignatureFault> {
    let all = optional(reference, "Transforms")?;
    let all = all.into_iter().flat_map(|all| all.children().filter(Node::is_element));
    match all.map(method).collect::<Result<Vec<&str>, _>>()?[..] {
        [] => Ok(Made::AsGiven),
        [BASE64] => Ok(Made::OfBase64),
        // Octets that are read as XML keep their comments, where the form has them (XML Signature §4.4.3.2).
        [one] => C14n::from_uri(one).map(Made::Canonical).ok_or_else(|| SignatureFault::unsupported(one)),
        [_, more, ..] => Err(SignatureFault::unsupported(more)),
    }
}

/// The digest of what this reference names outside, and what it is called; `left` octets may still be held to be transformed.
pub(super) fn digest(
    reference: Node<'_, '_>,
    algorithm: DigestAlgorithm,
    beside: &mut Beside<'_>,
    left: &mut usize,
) -> Result<(Vec<u8>, String), SignatureFault> {
    let uri = reference.attribute("URI");
    let made = made(reference)?;
    if made == Made::AsGiven {
        let mut running = algorithm.begin();
        let name = beside(uri, &mut |piece| running.update(piece))?;
        return Ok((running.finish(), name));
    }
    let (mut held, mut whole) = (Vec::new(), true);
    let name = beside(uri, &mut |piece| {
        whole &= piece.len() <= *left;
        *left = left.saturating_sub(piece.len());
        if whole {
            held.extend_from_slice(piece);
        }
    })?;
    if !whole {
        return Err(SignatureFault::TooMuch);
    }
    let octets = match made {
        Made::Canonical(form) => canonical(form, &held)?,
        _ => of_base64(&held)?,
    };
    Ok((algorithm.digest(&octets), name))
}

fn of_base64(text: &[u8]) -> Result<Vec<u8>, SignatureFault> {
    let text: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(text).map_err(|_| SignatureFault::unsupported(BASE64))
}

/// What cannot be read as XML here, another may read: nothing false is said of it.
fn canonical(form: C14n, octets: &[u8]) -> Result<Vec<u8>, SignatureFault> {
    if let Some(label) = other_encoding(octets) {
        return Err(SignatureFault::unsupported(&format!("encoding=\"{label}\"")));
    }
    let made =
        with_nodes(octets, limits::SIGNED_XML_BYTES, limits::SIGNED_XML_NODES, |document| form.whole(document, &[]));
    made.map_err(|why| match why {
        SealError::Malformed { .. } => SignatureFault::unsupported("XML"),
        why => why.into(),
    })
}

/// The encoding that a document declares, where it is not UTF-8 and that matters.
fn other_encoding(octets: &[u8]) -> Option<String> {
    if octets.is_ascii() {
        return None;
    }
    let text = String::from_utf8_lossy(octets.get(..octets.len().min(256)).unwrap_or_default());
    let declaration =
        text.trim_start_matches('\u{feff}').strip_prefix("<?xml").and_then(|text| text.split("?>").next());
    let label = declaration.and_then(|text| text.split_once("encoding")).map_or("", |(_, label)| label);
    let label = label.split(['"', '\'']).nth(1).unwrap_or_default();
    (!matches!(label.to_ascii_lowercase().as_str(), "" | "utf-8" | "utf8")).then(|| label.to_owned())
}
