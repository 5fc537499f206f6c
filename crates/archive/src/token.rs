//! API tokens: a secret shown once, and the row that remembers it by its digest.

use crate::authorise::{Caller, TenantKey, Tenants};
use crate::limits::TOKEN_TENANTS;
use crate::scope::Scopes;
use crate::tenant::RowError;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt;

const PREFIX: &str = "tbl_";
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const BODY_CHARS: usize = 52;

/// The secret half of a token: `tbl_` and 52 characters of lower-case base32. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(tbl_…)")
    }
}

impl Secret {
    /// The secret made of these 32 random bytes.
    pub fn from_random(bytes: &[u8; 32]) -> Self {
        let mut text = String::from(PREFIX);
        for group in 0..BODY_CHARS {
            let bit = |i: usize| bytes.get(i / 8).map_or(0, |byte| (byte >> (7 - i % 8)) & 1);
            let value = (0..5).fold(0usize, |value, i| value << 1 | usize::from(bit(group * 5 + i)));
            text.push(BASE32.get(value).map_or('a', |c| char::from(*c)));
        }
        Self(text)
    }

    /// The secret this text has the form of.
    pub fn parse(text: &str) -> Option<Self> {
        let body = text.strip_prefix(PREFIX)?;
        let whole = body.len() == BODY_CHARS && body.bytes().all(|b| BASE32.contains(&b));
        whole.then(|| Self(text.to_owned()))
    }

    /// The text, to be shown once.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is stored: SHA-256 of the whole text. The secret has 256 random bits, so nothing slower is needed.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

/// What is remembered of a token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenRow {
    /// Whom it stands for.
    pub caller: Caller,
    /// When it was made, RFC 3339.
    pub created: String,
}

impl TokenRow {
    /// The row as JSON.
    pub fn to_json(&self) -> Value {
        let tenants = match &self.caller.tenants {
            Tenants::All => json!("all"),
            Tenants::Some(keys) => json!(keys.iter().map(|key| hex(&key.0)).collect::<Vec<_>>()),
        };
        json!({"version": 1, "tenants": tenants, "scopes": self.caller.scopes.names(), "created": self.created})
    }

    /// The row these JSON bytes hold.
    ///
    /// # Errors
    /// [`RowError`]: nobody is let in by a row that cannot be read.
    pub fn parse(bytes: &[u8]) -> Result<Self, RowError> {
        let row: Value = serde_json::from_slice(bytes).map_err(|_| RowError("json"))?;
        if row["version"] != 1 {
            return Err(RowError("version"));
        }
        let tenants = match &row["tenants"] {
            Value::String(all) if all == "all" => Tenants::All,
            Value::Array(keys) if keys.len() <= TOKEN_TENANTS => {
                let key = |v: &Value| v.as_str().and_then(unhex).map(TenantKey).ok_or(RowError("tenants"));
                Tenants::Some(keys.iter().map(key).collect::<Result<_, _>>()?)
            }
            _ => return Err(RowError("tenants")),
        };
        let words = row["scopes"].as_array().ok_or(RowError("scopes"))?;
        let scopes = Scopes::parse(words.iter().filter_map(Value::as_str)).map_err(|_| RowError("scopes"))?;
        let created = row["created"].as_str().ok_or(RowError("created"))?.to_owned();
        Ok(Self { caller: Caller { tenants, scopes }, created })
    }
}

fn hex(bytes: &[u8; 16]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; 16]> {
    let plain = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
    plain.then(|| u128::from_str_radix(text, 16).ok().map(u128::to_be_bytes))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_52_characters_and_no_two_random_values_share_one() {
        let secret = Secret::from_random(&[0; 32]);
        assert_eq!(secret.as_str(), format!("tbl_{}", "a".repeat(52)));
        for bit in 0..256 {
            let mut bytes = [0u8; 32];
            bytes[bit / 8] = 1 << (bit % 8);
            let other = Secret::from_random(&bytes);
            assert_ne!(other, secret, "bit {bit} is lost");
            assert_eq!(Secret::parse(other.as_str()), Some(other));
        }
        assert!(!format!("{secret:?}").contains("aaaa"));
    }

    #[test]
    fn other_texts_are_no_secret() {
        let good = Secret::from_random(&[7; 32]).as_str().to_owned();
        for wrong in [
            "",
            "tbl_",
            &good[1..],
            &good[..55],
            &format!("{good}a"),
            &good.to_uppercase(),
            &good.replace("tbl_", "tbl-"),
        ] {
            assert_eq!(Secret::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_row_reads_back_and_an_odd_row_lets_nobody_in() {
        for tenants in [Tenants::All, Tenants::Some(vec![TenantKey([0xab; 16])])] {
            let row = TokenRow {
                caller: Caller { tenants, scopes: Scopes::parse(["read"]).unwrap() },
                created: "2026-01-01T00:00:00.000Z".into(),
            };
            let bytes = serde_json::to_vec(&row.to_json()).unwrap();
            assert_eq!(TokenRow::parse(&bytes), Ok(row));
        }
        let odd = [
            r#"{"version":2,"tenants":"all","scopes":["read"],"created":""}"#,
            r#"{"version":1,"tenants":"none","scopes":["read"],"created":""}"#,
            r#"{"version":1,"tenants":["zz"],"scopes":["read"],"created":""}"#,
            r#"{"version":1,"tenants":"all","scopes":["root"],"created":""}"#,
            r#"{"version":1,"tenants":"all","scopes":[],"created":""}"#,
            "[]",
        ];
        for row in odd {
            assert!(TokenRow::parse(row.as_bytes()).is_err(), "{row}");
        }
    }

    #[test]
    fn a_row_names_so_many_tenants_and_not_one_more() {
        let row = |count: usize| {
            let keys = vec!["00".repeat(16); count];
            serde_json::to_vec(&json!({"version": 1, "tenants": keys, "scopes": ["read"], "created": ""})).unwrap()
        };
        assert!(TokenRow::parse(&row(TOKEN_TENANTS)).is_ok());
        assert_eq!(TokenRow::parse(&row(TOKEN_TENANTS + 1)), Err(RowError("tenants")));
    }
}
