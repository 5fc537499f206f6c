//! Facts being gathered, and the story they come to: what goes into `E`, French legal nouns kept, every text and list bounded.

use serde_json::{Map, Value};

use crate::codes::{self, Fault, Faults};
use crate::limits::{Limits, MAX_LISTED_BYTES};
use crate::model::Identifier;

/// What the files of a deposit come to, read together.
pub(crate) struct Story {
    pub(crate) facts: Map<String, Value>,
    pub(crate) faults: Faults,
    pub(crate) identifiers: Vec<Identifier>,
    pub(crate) message: Option<String>,
    /// One per file seen.
    pub(crate) roles: Vec<&'static str>,
}

impl Story {
    /// A story of which nothing is told but why.
    pub(crate) fn of_faults(faults: Faults) -> Story {
        Story { facts: Map::new(), faults, identifiers: Vec::new(), message: None, roles: Vec::new() }
    }
}

impl Story {
    /// Nothing told yet.
    pub(crate) fn empty() -> Story {
        Story {
            facts: Map::new(),
            faults: Faults::default(),
            identifiers: Vec::new(),
            message: None,
            roles: Vec::new(),
        }
    }
}

/// Facts being gathered; each kind of flow adds its own.
pub(crate) struct Facts<'l> {
    pub(crate) map: Map<String, Value>,
    pub(crate) faults: Faults,
    limits: &'l Limits,
}

impl<'l> Facts<'l> {
    pub(crate) fn new(limits: &'l Limits) -> Facts<'l> {
        Facts { map: Map::new(), faults: Faults::default(), limits }
    }

    /// The text, cut at a character when it is too long, which is then remarked.
    pub(crate) fn bounded(&mut self, key: &str, text: &str) -> Value {
        self.cut(key, text, self.limits.fact_bytes)
    }

    /// The same for one of many: a list of them must fit in a record.
    pub(crate) fn listed(&mut self, key: &str, text: &str) -> Value {
        self.cut(key, text, self.limits.fact_bytes.min(MAX_LISTED_BYTES))
    }

    fn cut(&mut self, key: &str, text: &str, most: usize) -> Value {
        if text.len() > most {
            self.faults.push(Fault::new(&codes::FACT_TRUNCATED, key).with(key).with(most));
        }
        let end = (0..=most.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        Value::from(&text[..end])
    }

    pub(crate) fn put(&mut self, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            let value = self.bounded(key, text);
            self.map.insert(key.to_owned(), value);
        }
    }

    /// An object of a list, of the fields that say something.
    pub(crate) fn object(&mut self, fields: &[(&str, Option<&str>)]) -> Map<String, Value> {
        let mut object = Map::new();
        for (key, text) in fields {
            if let Some(text) = text {
                let value = self.listed(key, text);
                object.insert((*key).to_owned(), value);
            }
        }
        object
    }
}
