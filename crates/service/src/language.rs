//! French unless the caller prefers English (RFC 9110 §12.5.4).

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use std::convert::Infallible;

/// The language of sentences for people.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Language {
    French,
    English,
}

impl Language {
    /// The language these headers prefer.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let asked = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let weight = |wanted: &str| {
            let ranges = asked.split(',').filter_map(|range| {
                let mut parts = range.split(';').map(str::trim);
                let tag = parts.next()?.split('-').next()?.to_ascii_lowercase();
                let weight = parts.find_map(|p| p.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok())?;
                (tag == wanted).then_some(weight)
            });
            ranges.fold(0.0f32, f32::max)
        };
        if weight("en") > weight("fr") { Self::English } else { Self::French }
    }

    /// Its tag (RFC 5646).
    pub(crate) fn tag(self) -> &'static str {
        self.pick("fr", "en")
    }

    pub(crate) fn pick<T>(self, french: T, english: T) -> T {
        match self {
            Self::French => french,
            Self::English => english,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_first_english_when_preferred() {
        let of = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, text.parse().unwrap());
            Language::of(&headers)
        };
        for text in ["", "fr", "de", "fr-FR,en;q=0.5", "*", "en;q=0", "en;q=x", "fr,en"] {
            assert_eq!(of(text), Language::French, "{text}");
        }
        for text in ["en", "en-GB,en;q=0.9,fr;q=0.8", "EN", "de, en;q=0.1"] {
            assert_eq!(of(text), Language::English, "{text}");
        }
        assert_eq!(Language::of(&HeaderMap::new()), Language::French);
    }
}
