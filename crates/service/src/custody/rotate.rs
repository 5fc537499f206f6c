//! Rotation of the log's key: the old key signs the new one into the log, then the new one is in charge.
//!
//! Each step is durable before the next, and at each the directory opens under one key: the list `log.keys` alone says which.

use super::logkey;
use super::logtrouble;
use super::pin::Asked;
use super::ring::{Ring, Term};
use super::signing::Keyring;
use crate::administration::Office;
use crate::config::Config;
use crate::error::ServiceError;
use crate::files;
use crate::home::Home;
use crate::offline;
use crate::random;
use ledger::Receipt;
use proof::hash::encode_hex;
use proof::record::LogRecord;
use proof::time::{format_rfc3339, parse_rfc3339};
use proof::{SigningKey, TenantId, UnixMillis, VerifierKey};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Domain of the keys under which the two entries are made once.
const LOOKUP: &str = "log-key";
const DAY_MILLIS: u64 = 86_400_000;

/// How the log's key is changed.
#[derive(Clone, Debug)]
pub struct RotateOptions {
    /// The data directory, which nobody serves.
    pub data: PathBuf,
    /// The new key is in the configured token, not in a file.
    pub token: bool,
    /// Days for which heads that the old key signed go on counting where no seal proves their time.
    pub days: u64,
    /// Since when the old key may have been in foreign hands (RFC 3339).
    pub compromised: Option<String>,
}

/// What became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rotated {
    /// The key before.
    pub old: String,
    /// The key in charge.
    pub new: String,
    /// Index of the entry by which the old key names the new one.
    pub entry: u64,
    /// Id of that entry.
    pub id: String,
    /// Index of the new key's first entry.
    pub first: u64,
    /// End of the old key.
    pub until: String,
}

/// A key stands ready to be the log's next, and is in charge of nothing: its public half, for those who pin it beforehand. One that is
/// ready already is not replaced.
///
/// # Errors
/// [`ServiceError`]: nothing was made.
pub fn generate(data: &Path, token: bool) -> Result<String, ServiceError> {
    let (home, config) = (Home::at(data), Config::load(data)?);
    let _held = store::hold(&home.store_place())?;
    logkey::settle(&home, &config)?;
    Ok(prepared(&home, &config, token)?.to_string())
}

/// The log has a new key: an entry under the old key's head names it, the list of keys says from when, and the head after is signed by it.
/// Cut short anywhere, the directory opens under the old key or under the new one; asked again, it goes on with the same new key.
///
/// # Errors
/// [`ServiceError`]: the old key is in charge, unless `log.keys` names another.
pub fn rotate(options: &RotateOptions) -> Result<Rotated, ServiceError> {
    let (home, config) = (Home::at(&options.data), Config::load(&options.data)?);
    let compromised = options.compromised.as_deref().map(moment).transpose()?;
    let (old, new) = {
        let _held = store::hold(&home.store_place())?;
        logkey::settle(&home, &config)?;
        (logkey::keys_asked(&home, &config, Asked::ByPerson)?.known().clone(), prepared(&home, &config, options.token)?)
    };
    let mut ring = Ring::load(&home, &config.origin)?.unwrap_or_else(|| Ring::of(old.current()));
    let old = old.current().to_string();
    let said = json!({"compromised": compromised, "days": options.days, "new": new.to_string(), "old": old});
    ledger::failpoint!("rotate.made");
    // The old key's last entry, and the head over it: nothing is queued behind it.
    let entry = logged(&options.data, "log-key-rotated", &said)?;
    let at = LogRecord::parse(&entry.record).map_err(|why| ServiceError::Entry(why.to_string()))?.received_at;
    let (entry, id) = (entry.index.0, entry.id.to_string());
    // A crash here: the log names a key that is not in charge yet. Asked again, the entry that stands is taken.
    ledger::failpoint!("rotate.logged");
    let days = if compromised.is_some() { 0 } else { options.days };
    let until = format_rfc3339(UnixMillis(at.0.saturating_add(days.saturating_mul(DAY_MILLIS))));
    {
        // Nobody began to serve under the old key meanwhile.
        let _held = store::hold(&home.store_place())?;
        if let Some(last) = ring.keys.last_mut() {
            (last.until, last.compromised) = (Some(until.clone()), compromised);
        }
        ring.keys.push(Term { from: Some(format_rfc3339(at)), ..Term::of(&new) });
        let kept = serde_json::to_vec(&ring).map_err(|why| ServiceError::Entry(why.to_string()))?;
        Ring::parse(&kept, &config.origin).map_err(|why| logtrouble::ring_damaged(&home.log_keys(), &why))?;
        ring.keep(&home)?;
        // A crash here: the new key is in charge, the old one still stands in its file. The next start destroys it.
        ledger::failpoint!("rotate.switched");
        logkey::settle(&home, &config)?;
    }
    ledger::failpoint!("rotate.settled");
    let first = logged(&options.data, "log-key-in-charge", &json!({"entry": entry, "key": new.to_string()}))?.index.0;
    Ok(Rotated { old, new: new.to_string(), entry, id, first, until })
}

/// The key that is to be the next: one that was prepared and never was in charge, or a fresh one.
fn prepared(home: &Home, config: &Config, token: bool) -> Result<VerifierKey, ServiceError> {
    let known = logkey::known(home, config)?;
    let ring = Ring::load(home, &config.origin)?.unwrap_or_else(|| Ring::of(known.current()));
    let used = |key: &VerifierKey| ring.keys.iter().any(|term| term.vkey == key.to_string());
    if token {
        let keyring = Keyring::open(home, config, Asked::ByPerson, true)?;
        let key = match keyring.fresh(&used)? {
            Some(key) => key,
            None => keyring.generate()?,
        };
        let held = keyring.one(Some(&key))?;
        keyring.signer(held)?;
        return Ok(key);
    }
    let next = home.log_key_next();
    if next.exists() {
        let key = logkey::read(&next, &config.origin)?.verifier_key().clone();
        if !used(&key) {
            return Ok(key);
        }
    }
    let seed = Zeroizing::new(random::bytes::<32>()?);
    files::replace_private(&next, format!("{}\n", encode_hex(&*seed)).as_bytes())?;
    let key = SigningKey::from_seed(&config.origin, &seed).map_err(|why| ServiceError::Entry(why.to_string()))?;
    Ok(key.verifier_key().clone())
}

/// An administration entry says this, under the key in charge; its receipt. Asked again, the one that stands.
fn logged(data: &Path, act: &str, said: &Value) -> Result<Receipt, ServiceError> {
    let mut facts: Map<String, Value> = said.as_object().cloned().unwrap_or_default();
    facts.insert("administration".into(), json!(act));
    let named = proof::sha256(format!("{act}\n{said}").as_bytes());
    let log = |office: &Office| {
        let key = office.vault.lookup(TenantId::PLATFORM, LOOKUP, &named.0);
        office.log_once(facts, key)
    };
    offline::with_office(data, log)
}

/// The date in the form in which policies write it.
fn moment(text: &str) -> Result<String, ServiceError> {
    let whole = || format!("{}.000Z", text.strip_suffix('Z').unwrap_or_default());
    let read = parse_rfc3339(text).or_else(|| parse_rfc3339(&whole()));
    Ok(format_rfc3339(read.ok_or_else(|| logtrouble::no_date(text))?))
}
