//! What is kept of a renewal beside its token.

use crate::json::to_canonical;
use crate::limits::BATCH_HEAD_BYTES;
use crate::sealing::SealingError;
use proof::hash::{decode_hex, encode_hex};
use proof::json::Canonical;
use proof::time::{format_rfc3339, parse_rfc3339};
use proof::{EntryId, Hash, Hash512, UnixMillis};
use seal::DigestAlgorithm;
use serde_json::{Map, Value, json};

/// The version a stored renewal bears.
const VERSION: u64 = 1;

/// What a renewal puts a newer token over (RFC 4998 §5.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Of {
    /// The tokens before it: a time-stamp renewal.
    Timestamps,
    /// Everything, hashed again under another digest: a hash-tree renewal.
    Hashes {
        /// Leaves of its tree.
        leaves: u64,
        /// The entry whose second file they are.
        entry: EntryId,
    },
}

/// A renewal that is logged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Renewal {
    /// Its number, from 0.
    pub number: u64,
    /// What it renews.
    pub of: Of,
    /// The digest of its tree.
    pub digest: DigestAlgorithm,
    /// First batch covered.
    pub first: u64,
    /// One past the last batch covered.
    pub batches: u64,
    /// Root of its tree: the token's imprint.
    pub root: Vec<u8>,
    /// SHA-256 of the raw token.
    pub token_sha256: Hash,
    /// SHA-512 of the raw token.
    pub token_sha512: Hash512,
    /// What the token says.
    pub gen_time: UnixMillis,
}

impl Of {
    fn name(self) -> &'static str {
        match self {
            Self::Timestamps => "timestamps",
            Self::Hashes { .. } => "hashes",
        }
    }
}

impl Renewal {
    /// This batch's records bear it.
    pub fn covers(&self, batch: u64) -> bool {
        (self.first..self.batches).contains(&batch)
    }

    /// Everything was hashed again.
    pub fn of_hashes(&self) -> bool {
        matches!(self.of, Of::Hashes { .. })
    }

    /// What is said of it, in its entry and where it is kept.
    pub fn to_json(&self) -> Value {
        let mut said = Map::from_iter([
            ("version".to_owned(), json!(VERSION)),
            ("renewal".to_owned(), json!(self.number)),
            ("of".to_owned(), json!(self.of.name())),
            ("digest".to_owned(), json!(self.digest.name())),
            ("first".to_owned(), json!(self.first)),
            ("batches".to_owned(), json!(self.batches)),
            ("root".to_owned(), json!(encode_hex(&self.root))),
            ("token_sha256".to_owned(), json!(self.token_sha256.to_string())),
            ("token_sha512".to_owned(), json!(self.token_sha512.to_string())),
            ("gen_time".to_owned(), json!(format_rfc3339(self.gen_time))),
        ]);
        if let Of::Hashes { leaves, entry } = self.of {
            said.insert("leaves".to_owned(), json!(leaves));
            said.insert("entry".to_owned(), json!(entry.to_string()));
        }
        Value::Object(said)
    }

    /// Canonical JSON, as stored in space 9.
    ///
    /// # Errors
    /// A number beyond 2^53 − 1.
    pub fn to_bytes(&self) -> Result<Vec<u8>, SealingError> {
        let text = to_canonical(&self.to_json(), BATCH_HEAD_BYTES)
            .map_err(|why| SealingError::Stored(format!("a renewal: {why}")))?;
        Ok(text.text().as_bytes().to_vec())
    }

    /// The renewal these bytes hold.
    ///
    /// # Errors
    /// Bytes that are not canonical JSON, another version, a field missing or of another shape.
    pub fn parse(bytes: &[u8]) -> Result<Self, SealingError> {
        let text = Canonical::parse(bytes, BATCH_HEAD_BYTES)
            .map_err(|why| SealingError::Stored(format!("a renewal: {why}")))?;
        let value: Option<Value> = serde_json::from_str(text.text()).ok();
        let read = value.and_then(|value| Self::read(&value));
        read.ok_or_else(|| SealingError::Stored("a renewal cannot be read".to_owned()))
    }

    fn read(value: &Value) -> Option<Self> {
        let integer = |name: &str| value.get(name)?.as_u64();
        let text = |name: &str| value.get(name)?.as_str();
        (integer("version")? == VERSION).then_some(())?;
        let of = match text("of")? {
            "timestamps" => Of::Timestamps,
            "hashes" => Of::Hashes { leaves: integer("leaves")?, entry: EntryId::parse(text("entry")?)? },
            _ => return None,
        };
        let digest = DigestAlgorithm::from_name(text("digest")?)?;
        let root = decode_hex(text("root")?).filter(|root| root.len() == digest.size())?;
        Some(Self {
            number: integer("renewal")?,
            of,
            digest,
            first: integer("first")?,
            batches: integer("batches")?,
            root,
            token_sha256: Hash::from_hex(text("token_sha256")?)?,
            token_sha512: Hash512::from_hex(text("token_sha512")?)?,
            gen_time: parse_rfc3339(text("gen_time")?)?,
        })
    }
}
