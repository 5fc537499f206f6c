//! The query of a request: `?name=value&…`, percent-decoded, each name once.

use crate::problem::{Problem, codes};
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// Longest query read.
const QUERY_BYTES: usize = 8 << 10;

/// Names and values of a query.
#[derive(Debug, Default)]
pub(crate) struct Parameters(BTreeMap<String, Vec<u8>>);

/// What stands in the place of `{…}` in a path; a place that cannot be read is found nowhere.
pub(crate) struct Place<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Place<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = Path::from_request_parts(parts, state).await;
        read.map(|Path(place)| Self(place)).map_err(|_| crate::auth::not_found())
    }
}

impl<S: Sync> FromRequestParts<S> for Parameters {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::parse(parts.uri.query().unwrap_or_default())
    }
}

/// Of a route that knows no parameter: a query that says something is refused.
pub(crate) struct NoParameters;

impl<S: Sync> FromRequestParts<S> for NoParameters {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Parameters::parse(parts.uri.query().unwrap_or_default())?.only(&[])?;
        Ok(Self)
    }
}

impl Parameters {
    fn parse(query: &str) -> Result<Self, Problem> {
        let unreadable = || Problem::from(&codes::PARAMETER_UNREADABLE);
        if query.len() > QUERY_BYTES {
            return Err(unreadable());
        }
        let mut map = BTreeMap::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name, true).and_then(|name| String::from_utf8(name).ok()).ok_or_else(unreadable)?;
            let value = decode(value, true).ok_or_else(|| unreadable().at(&name))?;
            if map.insert(name.clone(), value).is_some() {
                return Err(unreadable().at(name));
            }
        }
        Ok(Self(map))
    }

    /// The value of this name, exact bytes.
    pub(crate) fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(Vec::as_slice)
    }

    /// The value of this name; one that is not UTF-8 reads as something nobody expects.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| std::str::from_utf8(value).unwrap_or("\u{fffd}"))
    }

    /// The number of this name, `default` when absent.
    pub(crate) fn number(&self, name: &str, default: u64) -> Result<u64, Problem> {
        match self.text(name) {
            None => Ok(default),
            Some(text) => text.parse().map_err(|_| self.unreadable(name)),
        }
    }

    /// No other name than these stands there: a slip would do or show something else than was meant.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        match self.0.keys().find(|name| !known.contains(&name.as_str())) {
            Some(other) => Err(self.unreadable(other)),
            None => Ok(()),
        }
    }

    /// The refusal of this parameter.
    pub(crate) fn unreadable(&self, name: &str) -> Problem {
        Problem::from(&codes::PARAMETER_UNREADABLE).at(name)
    }
}

/// Percent-decoded bytes (RFC 3986 §2.1), with `+` for a space when `form`; `None` for a broken escape.
pub(crate) fn decode(text: &str, form: bool) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            b'+' if form => b' ',
            other => other,
        });
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_to_exact_bytes() {
        let read = Parameters::parse("name=d%E9lib+1.pdf&kind=actes&x").unwrap();
        assert_eq!(read.bytes("name"), Some(&b"d\xe9lib 1.pdf"[..]));
        assert_eq!((read.text("kind"), read.text("x"), read.text("y")), (Some("actes"), Some(""), None));
        assert_eq!(read.number("limit", 7).unwrap(), 7);
        assert!(read.number("kind", 7).is_err());
    }

    #[test]
    fn broken_and_repeated_names_are_refused() {
        for query in ["a=%", "a=%4", "a=%zz", "a=1&a=2", "%ff=1", &format!("a={}", "b".repeat(QUERY_BYTES))] {
            assert!(Parameters::parse(query).is_err(), "{query}");
        }
        assert!(Parameters::parse(&format!("a={}", "b".repeat(QUERY_BYTES - 2))).is_ok());
    }
}
