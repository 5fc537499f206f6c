//! The policy: what the reader of a verdict trusts, given from outside and never from a pack.

use proof::time::parse_rfc3339;
use proof::{TenantId, UnixMillis, VerifierKey};
use seal::TrustedLists;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use watch::TlogPolicy;

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
    /// The witnesses whose cosignatures are asked for; none for `quorum none`.
    pub witnesses: Option<TlogPolicy>,
    /// Trusted lists given beside the policy, as far as they are believed; none of its text.
    pub lists: TrustedLists,
}

/// A key of the log, and when its signatures count.
#[derive(Clone, Debug)]
pub struct LogKey {
    /// The key.
    pub key: VerifierKey,
    /// First use.
    pub from: Option<UnixMillis>,
    /// Retired.
    pub until: Option<UnixMillis>,
    /// In foreign hands since.
    pub compromised: Option<UnixMillis>,
}

/// Why bytes are not a policy: the verifier then refuses to judge, it does not judge without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// The field that is not what it should be; `policy` is the whole.
    pub field: &'static str,
    /// Why, in words; both sides of a mismatch.
    pub why: String,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.why)
    }
}
impl std::error::Error for PolicyError {}

impl Policy {
    /// The policy these bytes state (docs/formats/policy.md).
    ///
    /// # Errors
    /// [`PolicyError`]: the first thing that is not what it should be.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        within("policy", bytes.len(), POLICY_BYTES)?;
        let json: Value = serde_json::from_slice(bytes).map_err(|why| wrong("policy", why))?;
        let version = json.get("version").and_then(Value::as_u64).filter(|version| *version == 1);
        version.ok_or_else(|| wrong("version", "not 1, the only one known"))?;
        let log = |name: &str| json.get("log").and_then(|log| log.get(name));
        let mut tsa_roots = Vec::new();
        for pem in list(json.get("tsa_roots"), "tsa_roots")? {
            let pem = text(Some(pem), "tsa_roots")?;
            tsa_roots.extend(seal::pem_to_der(pem).map_err(|why| wrong("tsa_roots", why))?);
        }
        within("tsa_roots", tsa_roots.len(), POLICY_ANCHORS)?;
        let keys: Vec<LogKey> = list(log("keys"), "log.keys")?.iter().map(LogKey::read).collect::<Result<_, _>>()?;
        if keys.iter().map(|known| known.key.to_string()).collect::<BTreeSet<_>>().len() != keys.len() {
            return Err(wrong("log.keys", "one key twice"));
        }
        let dates = given(json.get("algorithms"))
            .map(|dates| dates.as_object().ok_or_else(|| wrong("algorithms", "no object")));
        let dates = dates.transpose()?.into_iter().flatten();
        let date = |(name, until): (&String, &Value)| Ok((plain(name), moment(Some(until), "algorithms")?));
        let tenant = given(json.get("tenant")).map(|id| id.as_str().and_then(TenantId::parse));
        let witnesses = given(json.get("witnesses"))
            .filter(|text| **text != "")
            .map(|asked| TlogPolicy::parse(text(Some(asked), "witnesses")?).map_err(|why| wrong("witnesses", why)));
        Ok(Self {
            origin: text(log("origin"), "log.origin")?.to_owned(),
            keys,
            tsa_roots,
            algorithms: dates.map(date).collect::<Result<_, _>>()?,
            tenant: tenant.map(|id| id.ok_or_else(|| wrong("tenant", "no tenant id"))).transpose()?,
            witnesses: witnesses.transpose()?.filter(TlogPolicy::asks),
            lists: TrustedLists::default(),
        })
    }

    /// Until when the algorithm of this name is accepted, where it is listed: `Some(None)` for without an end.
    pub fn algorithm(&self, name: &str) -> Option<Option<UnixMillis>> {
        self.algorithms.get(&plain(name)).copied()
    }
}

impl LogKey {
    fn read(json: &Value) -> Result<Self, PolicyError> {
        let vkey = text(json.get("vkey"), "log.keys.vkey")?;
        Ok(Self {
            key: VerifierKey::parse(vkey).map_err(|why| wrong("log.keys.vkey", why))?,
            from: moment(json.get("from"), "log.keys.from")?,
            until: moment(json.get("until"), "log.keys.until")?,
            compromised: moment(json.get("compromised"), "log.keys.compromised")?,
        })
    }
}

fn wrong(field: &'static str, why: impl fmt::Display) -> PolicyError {
    PolicyError { field, why: why.to_string() }
}

fn within(field: &'static str, given: usize, limit: usize) -> Result<(), PolicyError> {
    if given <= limit { Ok(()) } else { Err(wrong(field, format_args!("{given}, the limit is {limit}"))) }
}

/// Absent and null are alike.
fn given(json: Option<&Value>) -> Option<&Value> {
    json.filter(|json| !json.is_null())
}

fn list<'a>(json: Option<&'a Value>, name: &'static str) -> Result<&'a Vec<Value>, PolicyError> {
    let items = json.and_then(Value::as_array).ok_or_else(|| wrong(name, "no list"))?;
    within(name, items.len(), POLICY_ANCHORS).map(|()| items)
}

fn text<'a>(json: Option<&'a Value>, name: &'static str) -> Result<&'a str, PolicyError> {
    json.and_then(Value::as_str).filter(|t| !t.is_empty()).ok_or_else(|| wrong(name, "no text"))
}

/// RFC 3339 UTC, milliseconds optional; absent and null are no date.
fn moment(json: Option<&Value>, name: &'static str) -> Result<Option<UnixMillis>, PolicyError> {
    let Some(written) = given(json) else { return Ok(None) };
    let written = written.as_str().unwrap_or_default();
    let whole = || format!("{}.000Z", written.strip_suffix('Z').unwrap_or_default());
    let read = parse_rfc3339(written).or_else(|| parse_rfc3339(&whole()));
    read.map(Some).ok_or_else(|| wrong(name, "no RFC 3339 date"))
}

/// An algorithm's name without the signs people write differently: `SHA-256` and `sha256` are one.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
