//! Facts being gathered, and the story they come to: what goes into `E`, French legal nouns kept, every text and list bounded.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::codes::{self, Fault, Faults};
use crate::limits::{Limits, MAX_AMONG_BYTES, MAX_LISTED, MAX_LISTED_BYTES};
use crate::model::Identifier;
use crate::xml::within;

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

/// That many messages or flows, told in that many bytes and met by that many identifiers, are more than an entry keeps. Nothing of them is left out
/// in silence: a story that lacks one could lack what takes an act back.
pub(crate) fn too_many((messages, bytes): (usize, usize), identifiers: usize, limits: &Limits) -> Option<Fault> {
    let kept = messages <= limits.messages && bytes <= limits.messages_bytes && identifiers <= limits.identifiers;
    let said = || Fault::new(&codes::TOO_MANY_MESSAGES, "").with(messages).with(limits.messages);
    (!kept).then(|| said().with(limits.identifiers).with(limits.messages_bytes))
}

impl Story {
    /// Takes in what files of another kind tell.
    pub(crate) fn join(&mut self, other: Story) {
        self.facts.extend(other.facts);
        self.faults.append(&other.faults);
        self.identifiers.extend(other.identifiers);
        self.identifiers.sort();
        self.identifiers.dedup();
        for (role, theirs) in self.roles.iter_mut().zip(other.roles).filter(|(_, theirs)| *theirs != "fichier") {
            *role = theirs;
        }
    }

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
    pub(crate) lists: Lists,
    /// Bytes of one text.
    most: usize,
    /// The file they are of, where there may be several.
    file: Option<String>,
    limits: &'l Limits,
}

impl<'l> Facts<'l> {
    pub(crate) fn new(limits: &'l Limits) -> Facts<'l> {
        let (map, faults, lists) = (Map::new(), Faults::default(), Lists::default());
        Facts { map, faults, lists, most: limits.fact_bytes, file: None, limits }
    }

    /// What comes next is of this file; `among` others, of which less is kept of each text.
    pub(crate) fn of_file(&mut self, file: &str, among: bool) {
        self.file = Some(file.to_owned());
        self.most = if among { self.limits.fact_bytes.min(MAX_AMONG_BYTES) } else { self.limits.fact_bytes };
    }

    /// The text, cut at a character when it is too long, which is then remarked.
    pub(crate) fn bounded(&mut self, key: &str, text: &str) -> Value {
        self.cut(key, text, self.most)
    }

    /// The same for one of many: a list of them must fit in a record.
    pub(crate) fn listed(&mut self, key: &str, text: &str) -> Value {
        self.cut(key, text, self.most.min(MAX_LISTED_BYTES))
    }

    /// The fact, in the file it is of where there may be several.
    pub(crate) fn place_of(&self, key: &str) -> String {
        self.file.as_deref().map_or_else(|| key.to_owned(), |file| within(file, key))
    }

    fn cut(&mut self, key: &str, text: &str, most: usize) -> Value {
        if text.len() > most {
            self.faults.push(Fault::new(&codes::FACT_TRUNCATED, self.place_of(key)).with(key).with(most));
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

/// The lists of the facts of one deposit: what each shows of what there is. Of all flows together they show [`MAX_LISTED`].
#[derive(Debug, Default)]
pub(crate) struct Lists {
    all: BTreeMap<&'static str, Shown>,
    /// Entries of lists that are told as a whole or not at all.
    whole: usize,
}

#[derive(Debug, Default)]
struct Shown {
    there: usize,
    shown: usize,
    /// The first file of which not everything is shown.
    cut_in: Option<String>,
}

impl Lists {
    /// How many of these the list may show, which are then counted as shown.
    pub(crate) fn room(&mut self, list: &'static str, held: usize) -> usize {
        let one = self.all.entry(list).or_default();
        let shown = held.min(MAX_LISTED.saturating_sub(one.shown));
        one.shown += shown;
        shown
    }

    /// Whether so many more fit into what is told as a whole, of all flows together, which they then do.
    pub(crate) fn whole(&mut self, more: usize, most: usize) -> bool {
        let fits = self.whole + more <= most;
        self.whole += if fits { more } else { 0 };
        fits
    }

    /// There are so many more of them.
    pub(crate) fn there_are(&mut self, list: &'static str, more: usize) {
        self.all.entry(list).or_default().there += more;
    }

    /// Nothing comes any more of this file.
    pub(crate) fn end(&mut self, file: &str) {
        for one in self.all.values_mut().filter(|one| one.shown < one.there && one.cut_in.is_none()) {
            one.cut_in = Some(file.to_owned());
        }
    }

    /// The lists that do not show everything.
    pub(crate) fn cut(&self) -> Vec<Fault> {
        let cut = self.all.iter().filter_map(|(list, one)| Some((list, one, one.cut_in.as_deref()?)));
        let fault = |(list, one, file): (&&str, &Shown, &str)| {
            Fault::new(&codes::FACT_LIST_CUT, within(file, list)).with(list).with(one.shown).with(one.there)
        };
        cut.map(fault).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_their_identifiers_and_what_they_say_are_bounded_each_alone() {
        let limits = Limits::default();
        let (messages, bytes, identifiers) = (limits.messages, limits.messages_bytes, limits.identifiers);
        assert!(too_many((messages, bytes), identifiers, &limits).is_none());
        for (told, identifiers) in [
            ((messages + 1, bytes), identifiers),
            ((messages, bytes + 1), identifiers),
            ((messages, bytes), identifiers + 1),
        ] {
            assert_eq!(too_many(told, identifiers, &limits).unwrap().code.name, "too-many-messages");
        }
    }
}
