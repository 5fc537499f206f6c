//! The policy: what the reader of a verdict trusts, given from outside and never from a pack.

use proof::time::parse_rfc3339;
use proof::{TenantId, UnixMillis, VerifierKey};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

use crate::limits::{POLICY_ANCHORS, POLICY_BYTES};

/// Whom to believe: one log and its keys, roots of time-stamping authorities, dates of algorithms.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The one log these packs come from.
    pub origin: String,
    /// Its keys, past and present.
    pub keys: Vec<LogKey>,
    /// Roots of time-stamping authorities, DER.
    pub tsa_roots: Vec<Vec<u8>>,
    /// Algorithms accepted, each with the end of its acceptance; empty says nothing about any.
    pub algorithms: BTreeMap<String, Option<UnixMillis>>,
    /// The one tenant expected, when the reader pins one.
    pub tenant: Option<TenantId>,
    /// The policy asks for cosignatures of witnesses.
    pub witnesses_required: bool,
}

/// A key of the log, and when its signatures count.
#[derive(Clone, Debug)]
pub struct LogKey {
    /// The key.
    pub key: VerifierKey,
    /// As written in the policy.
    pub vkey: String,
    /// First use.
    pub from: Option<UnixMillis>,
    /// Retired.
    pub until: Option<UnixMillis>,
    /// In foreign hands since.
    pub compromised: Option<UnixMillis>,
}

/// Why bytes are not a policy: the verifier then refuses to judge, it does not judge without.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// Bytes, keys or roots beyond a limit.
    TooLarge {
        /// Given.
        given: usize,
        /// Allowed.
        limit: usize,
    },
    /// Not JSON; why, in words.
    Syntax(String),
    /// A version we do not know.
    UnknownVersion(Value),
    /// This field is missing or of another shape.
    Field(&'static str),
    /// A log key that is none.
    Key(proof::note::NoteError),
    /// Text under `tsa_roots` that is no certificate.
    Root(seal::SealError),
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { given, limit } => {
                write!(f, "{given} bytes, keys or roots, the limit is {limit}")
            }
            Self::Syntax(why) => write!(f, "not JSON: {why}"),
            Self::UnknownVersion(version) => write!(f, "policy version {version} is not known, only 1 is"),
            Self::Field(name) => write!(f, "field {name} is missing or has another shape"),
            Self::Key(why) => write!(f, "log key: {why}"),
            Self::Root(why) => write!(f, "tsa_roots: {why}"),
        }
    }
}
impl std::error::Error for PolicyError {}

impl Policy {
    /// The policy these bytes state (docs/formats/policy.md).
    ///
    /// # Errors
    /// [`PolicyError`]: the first thing that is not what it should be.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        within(bytes.len(), POLICY_BYTES)?;
        let json: Value = serde_json::from_slice(bytes).map_err(|e| PolicyError::Syntax(e.to_string()))?;
        match json.get("version") {
            Some(version) if version.as_u64() == Some(1) => {}
            Some(version) => return Err(PolicyError::UnknownVersion(version.clone())),
            None => return Err(PolicyError::Field("version")),
        }
        let log = json.get("log").ok_or(PolicyError::Field("log"))?;
        let keys = list(log.get("keys"), "log.keys")?;
        let keys = keys.iter().map(LogKey::read).collect::<Result<_, _>>()?;
        let mut tsa_roots = Vec::new();
        for pem in list(json.get("tsa_roots"), "tsa_roots")? {
            let pem = pem.as_str().ok_or(PolicyError::Field("tsa_roots"))?;
            tsa_roots.extend(seal::pem_to_der(pem).map_err(PolicyError::Root)?);
        }
        within(tsa_roots.len(), POLICY_ANCHORS)?;
        Ok(Self {
            origin: text(log.get("origin"), "log.origin")?.to_owned(),
            keys,
            tsa_roots,
            algorithms: algorithms(json.get("algorithms"))?,
            tenant: match json.get("tenant") {
                None | Some(Value::Null) => None,
                Some(id) => Some(id.as_str().and_then(TenantId::parse).ok_or(PolicyError::Field("tenant"))?),
            },
            witnesses_required: match json.get("witnesses") {
                None | Some(Value::Null) => false,
                Some(policy) => asks_witnesses(text(Some(policy), "witnesses")?),
            },
        })
    }
}

impl LogKey {
    fn read(json: &Value) -> Result<Self, PolicyError> {
        let vkey = text(json.get("vkey"), "log.keys.vkey")?;
        Ok(Self {
            key: VerifierKey::parse(vkey).map_err(PolicyError::Key)?,
            vkey: vkey.to_owned(),
            from: moment(json.get("from"), "log.keys.from")?,
            until: moment(json.get("until"), "log.keys.until")?,
            compromised: moment(json.get("compromised"), "log.keys.compromised")?,
        })
    }
}

fn within(given: usize, limit: usize) -> Result<(), PolicyError> {
    if given > limit { Err(PolicyError::TooLarge { given, limit }) } else { Ok(()) }
}

fn list<'a>(json: Option<&'a Value>, name: &'static str) -> Result<&'a Vec<Value>, PolicyError> {
    let items = json.and_then(Value::as_array).ok_or(PolicyError::Field(name))?;
    within(items.len(), POLICY_ANCHORS).map(|()| items)
}

fn text<'a>(json: Option<&'a Value>, name: &'static str) -> Result<&'a str, PolicyError> {
    json.and_then(Value::as_str)
        .filter(|t| !t.is_empty() || name == "witnesses")
        .ok_or(PolicyError::Field(name))
}

/// RFC 3339 UTC, milliseconds optional; absent and null are no date.
fn moment(json: Option<&Value>, name: &'static str) -> Result<Option<UnixMillis>, PolicyError> {
    let Some(json) = json.filter(|j| !j.is_null()) else {
        return Ok(None);
    };
    let written = json.as_str().ok_or(PolicyError::Field(name))?;
    let whole = written.strip_suffix('Z').map(|start| format!("{start}.000Z"));
    parse_rfc3339(written).or_else(|| parse_rfc3339(&whole?)).map(Some).ok_or(PolicyError::Field(name))
}

fn algorithms(json: Option<&Value>) -> Result<BTreeMap<String, Option<UnixMillis>>, PolicyError> {
    let Some(json) = json.filter(|j| !j.is_null()) else {
        return Ok(BTreeMap::new());
    };
    let dates = json.as_object().ok_or(PolicyError::Field("algorithms"))?;
    let date = |(name, until): (&String, &Value)| Ok((plain(name), moment(Some(until), "algorithms")?));
    dates.iter().map(date).collect()
}

/// An algorithm's name without the signs people write differently: `SHA-256` and `sha256` are one.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether a C2SP tlog-policy text asks for anything: a `quorum` line other than `quorum none`.
fn asks_witnesses(policy: &str) -> bool {
    let fields = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    policy
        .lines()
        .map(fields)
        .any(|f| f.first().is_some_and(|w| w == "quorum") && f.get(1).is_none_or(|w| w != "none"))
}
