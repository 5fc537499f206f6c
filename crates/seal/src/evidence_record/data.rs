//! A data object to be found under an evidence record: its bytes, or its digests alone.

use crate::digest::DigestAlgorithm;
use crate::error::SealError;
use crate::evidence_record::c14n::C14n;
use crate::evidence_record::fault::{RecordFact, RecordFault};

/// A data object.
#[derive(Clone, Copy, Debug)]
pub struct DataObject<'a> {
    /// What to call it.
    pub name: &'a str,
    /// What is known of it.
    pub content: DataContent<'a>,
}

/// What is known of a data object.
#[derive(Clone, Copy, Debug)]
pub enum DataContent<'a> {
    /// All its bytes.
    Bytes(&'a [u8]),
    /// Digests of it, by algorithm.
    Digests(&'a [(DigestAlgorithm, Vec<u8>)]),
}

impl DataObject<'_> {
    /// Its digest stands in this first list; with `joined`, the digest of its own digest followed by that one does (RFC 4998
    /// §5.2). Returns what holds, and the hash of the list.
    pub(crate) fn covered(
        &self,
        list: &[&[u8]],
        algorithm: DigestAlgorithm,
        canonical: Option<C14n>,
        joined: Option<&[u8]>,
    ) -> Result<(RecordFact, Vec<u8>), RecordFault> {
        let plain = match self.content {
            DataContent::Bytes(bytes) => algorithm.digest(bytes),
            DataContent::Digests(known) => known
                .iter()
                .find(|(of, digest)| *of == algorithm && digest.len() == algorithm.size())
                .map(|(_, digest)| digest.clone())
                .ok_or(RecordFault::DigestNotGiven { algorithm: algorithm.name() })?,
        };
        let name = algorithm.name();
        if let Some(before) = joined {
            let hash = algorithm.digest(&[&plain, before].concat());
            if list.contains(&hash.as_slice()) {
                return Ok((RecordFact::PreviousChainsCovered { algorithm: name }, hash));
            }
            return Err(other_order(&plain, before, algorithm, list)
                .map_or(RecordFault::PreviousChainsNotCovered { digest: hash }, |found| RecordFault::RenewalOrder {
                    found,
                }));
        }
        if list.contains(&plain.as_slice()) {
            return Ok((RecordFact::DataCovered { algorithm: name, canonical: false }, plain));
        }
        if let Some(hash) = self.canonical(algorithm, canonical)?
            && list.contains(&hash.as_slice())
        {
            return Ok((RecordFact::DataCovered { algorithm: name, canonical: true }, hash));
        }
        Err(RecordFault::DataNotCovered { digest: plain })
    }

    /// The digest of its canonical form, when the record is in XML and this is an XML document.
    fn canonical(&self, algorithm: DigestAlgorithm, method: Option<C14n>) -> Result<Option<Vec<u8>>, RecordFault> {
        let (DataContent::Bytes(bytes), Some(method)) = (self.content, method) else { return Ok(None) };
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if text.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'<') {
            return Ok(None);
        }
        match method.document(bytes) {
            Ok(canonical) => Ok(Some(algorithm.digest(&canonical))),
            // Not an XML document after all.
            Err(SealError::Malformed { .. }) => Ok(None),
            Err(why) => Err(RecordFault::NotCanonicalised(why)),
        }
    }
}

/// The order in which a renewal was joined, where it is one of the wrong ones.
fn other_order(plain: &[u8], before: &[u8], algorithm: DigestAlgorithm, list: &[&[u8]]) -> Option<&'static str> {
    let mut sorted = [plain, before];
    sorted.sort_unstable();
    let stands = |parts: [&[u8]; 2]| list.contains(&algorithm.digest(&parts.concat()).as_slice());
    match () {
        () if stands(sorted) => Some("sorted"),
        () if stands([before, plain]) => Some("chains first"),
        () => None,
    }
}
