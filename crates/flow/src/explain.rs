//! A flow told to people: the JSON of `tabellion check`, and its text, in French or in English.

mod captions;
mod text;
mod words;

use serde_json::{Value, json};

pub use self::text::to_text;
use crate::finding::Finding;
use crate::model::Flow;

/// The language of sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// French.
    Fr,
    /// English.
    En,
}

impl Language {
    /// French for a locale that begins with `fr`, English for any other: `LC_ALL`, `LC_MESSAGES` or `LANG`.
    pub fn of_locale(locale: &str) -> Language {
        if locale.to_ascii_lowercase().starts_with("fr") { Language::Fr } else { Language::En }
    }

    fn pick<'a>(self, fr: &'a str, en: &'a str) -> &'a str {
        match self {
            Language::Fr => fr,
            Language::En => en,
        }
    }
}

/// What a message of a story is, by its code or its root element: `6-2`, `PES_ACQUIT`.
pub fn message(code: &str, language: Language) -> Option<String> {
    words::meaning("message", code, language)
}

impl Finding {
    /// The sentence.
    pub fn message(&self, language: Language) -> &str {
        language.pick(&self.message_fr, &self.message_en)
    }

    /// What to do.
    pub fn remedy(&self, language: Language) -> &str {
        language.pick(&self.remedy_fr, &self.remedy_en)
    }

    /// `{code, severity, message, where, remedy}`.
    pub fn to_json(&self, language: Language) -> Value {
        json!({
            "code": self.code,
            "severity": self.severity.as_str(),
            "message": self.message(language),
            "where": self.place,
            "remedy": self.remedy(language),
        })
    }
}

/// `{outcome, kind, facts, findings, identifiers, files}`; the last two may gain fields.
pub fn to_json(flow: &Flow, language: Language) -> Value {
    let findings: Vec<Value> = flow.findings.iter().map(|f| f.to_json(language)).collect();
    let identifier = |i: &crate::Identifier| json!({ "scheme": i.scheme, "value": i.value });
    let file = |f: &crate::FileFacts| {
        json!({
            "media_type": f.media_type,
            "role": f.role,
            "format": f.format.map(|format| format.name),
            "claims": f.format.and_then(|format| format.claims),
            "puid": f.format.and_then(|format| format.puid),
        })
    };
    json!({
        "outcome": flow.outcome().as_str(),
        "kind": flow.kind.as_str(),
        "facts": flow.facts,
        "findings": findings,
        "identifiers": flow.identifiers.iter().map(identifier).collect::<Vec<_>>(),
        "files": flow.files.iter().map(file).collect::<Vec<_>>(),
    })
}
