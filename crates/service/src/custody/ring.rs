//! `log.keys`: every key that ever signed heads of this log, with when, as the policy says it; the last one is in charge. Public. It stands
//! from the first rotation, or from the first key in a token, on; without it the one key there is the log's. See docs/formats/log-keys.md.

use super::logtrouble;
use crate::error::ServiceError;
use crate::files;
use crate::home::Home;
use ledger::KnownKeys;
use proof::VerifierKey;
use proof::time::parse_rfc3339;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const VERSION: u64 = 1;
/// Most bytes of the file that are read.
const RING_BYTES: u64 = 64 << 10;

/// A key and its time in charge. Members stand in the order of canonical JSON.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Term {
    pub(crate) compromised: Option<String>,
    pub(crate) from: Option<String>,
    pub(crate) until: Option<String>,
    pub(crate) vkey: String,
}

impl Term {
    /// A key without dates.
    pub(crate) fn of(key: &VerifierKey) -> Self {
        Self { compromised: None, from: None, until: None, vkey: key.to_string() }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ring {
    pub(crate) keys: Vec<Term>,
    version: u64,
}

impl Ring {
    /// This key alone.
    pub(crate) fn of(key: &VerifierKey) -> Self {
        Self { keys: vec![Term::of(key)], version: VERSION }
    }

    /// The list of this directory, if it has one.
    pub(crate) fn load(home: &Home, origin: &str) -> Result<Option<Self>, ServiceError> {
        let path = home.log_keys();
        if !path.exists() {
            return Ok(None);
        }
        let read = Self::parse(&files::read_bounded(&path, RING_BYTES)?, origin);
        read.map(Some).map_err(|why| logtrouble::ring_damaged(&path, &why).into())
    }

    /// The list of these bytes, if it is one of this log.
    pub(crate) fn parse(bytes: &[u8], origin: &str) -> Result<Self, String> {
        let ring: Self = serde_json::from_slice(bytes).map_err(|why| why.to_string())?;
        if ring.version != VERSION {
            return Err(format!("version {}, this program reads {VERSION}", ring.version));
        }
        let keys = ring.keys.iter().map(|term| VerifierKey::parse(&term.vkey)).collect::<Result<Vec<_>, _>>();
        let keys = keys.map_err(|why| why.to_string())?;
        if let Some(other) = keys.iter().find(|key| key.name() != origin) {
            return Err(format!("a key of {}", other.name()));
        }
        let dates = ring.keys.iter().flat_map(|term| [&term.from, &term.until, &term.compromised]);
        if dates.flatten().any(|date| parse_rfc3339(date).is_none()) {
            return Err("a date that is none".into());
        }
        let once: BTreeSet<&str> = ring.keys.iter().map(|term| term.vkey.as_str()).collect();
        let current = ring.keys.last().ok_or("it names no key")?;
        if once.len() != keys.len() || keys.len() > verifier::limits::POLICY_ANCHORS {
            return Err("a key twice, or too many".into());
        }
        if current.until.is_some() || current.compromised.is_some() {
            return Err("the last key has come to its end".into());
        }
        Ok(ring)
    }

    /// The file says so, durably, or says what it said.
    pub(crate) fn keep(&self, home: &Home) -> Result<(), ServiceError> {
        let text = serde_json::to_string(self).map_err(|why| ServiceError::Entry(why.to_string()))?;
        files::replace(&home.log_keys(), format!("{text}\n").as_bytes())
    }

    /// The key in charge.
    pub(crate) fn current(&self) -> Option<VerifierKey> {
        self.keys.last().and_then(|term| VerifierKey::parse(&term.vkey).ok())
    }

    /// Those before it.
    pub(crate) fn earlier(&self) -> Vec<VerifierKey> {
        let before = self.keys.len().saturating_sub(1);
        self.keys.iter().take(before).filter_map(|term| VerifierKey::parse(&term.vkey).ok()).collect()
    }

    /// All of them.
    pub(crate) fn known(&self) -> Option<KnownKeys> {
        Some(KnownKeys::new(self.current()?, self.earlier()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proof::SigningKey;

    fn key(seed: u8) -> VerifierKey {
        SigningKey::from_seed("a", &[seed; 32]).unwrap().verifier_key().clone()
    }

    fn two() -> Ring {
        let mut ring = Ring::of(&key(1));
        ring.keys[0].until = Some("2026-11-30T00:00:00.000Z".into());
        ring.keys.push(Term { from: Some("2026-11-28T00:00:00.000Z".into()), ..Term::of(&key(2)) });
        ring
    }

    fn bytes(ring: &Ring) -> Vec<u8> {
        serde_json::to_vec(ring).unwrap()
    }

    #[test]
    fn a_list_is_read_as_it_was_written() {
        let ring = Ring::parse(&bytes(&two()), "a").unwrap();
        assert_eq!(ring, two());
        assert_eq!((ring.current(), ring.earlier()), (Some(key(2)), vec![key(1)]));
    }

    #[test]
    fn a_list_that_makes_no_sense_is_none() {
        type Lie = fn(&mut Ring);
        let lies: [Lie; 7] = [
            |ring| ring.version = 2,
            |ring| ring.keys.clear(),
            |ring| ring.keys[0].vkey = ring.keys[1].vkey.clone(),
            |ring| ring.keys[1].until = ring.keys[0].until.clone(),
            |ring| ring.keys[1].compromised = ring.keys[0].until.clone(),
            |ring| ring.keys[0].until = Some("yesterday".into()),
            |ring| ring.keys[0].vkey.push('x'),
        ];
        for lie in lies {
            let mut ring = two();
            lie(&mut ring);
            assert!(Ring::parse(&bytes(&ring), "a").is_err(), "{ring:?}");
        }
        assert!(Ring::parse(&bytes(&two()), "b").is_err(), "another log's");
        let text = String::from_utf8(bytes(&two())).unwrap();
        assert!(Ring::parse(text.replace("\"version\":1", "\"version\":1,\"zeal\":1").as_bytes(), "a").is_err());
    }
}
