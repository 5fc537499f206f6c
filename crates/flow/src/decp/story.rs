//! The story that files of essential data tell: every contract by its key, so that a later file about the same one joins it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::walk::unmodified;
use super::{Decp, Edition};
use crate::codes::Faults;
use crate::facts::{Facts, Story};
use crate::limits::Limits;
use crate::look::{Reading, Seen};
use crate::model::Identifier;

/// The scheme of the keys.
pub(crate) const SCHEME: &str = "decp-marche";
/// What such a file is, among those of a deposit.
const ROLE: &str = "donnees-essentielles";

/// The keys by which the story of an entry with these facts is found, what names it first: in the first edition the contract as it was before it was
/// modified, whose key every file about it has, then its own.
pub fn contract_keys(facts: &Value) -> Vec<String> {
    let Some(own) = facts["contrat"].as_str() else { return Vec::new() };
    // Of both editions, it is not told which one the contract follows.
    let first = if facts["edition"] == Edition::First.as_str() { unmodified(own) } else { None };
    first.into_iter().chain([own.to_owned()]).collect()
}

/// Tells the story of these files.
pub(crate) fn tell(seen: &[Seen], limits: &Limits) -> Story {
    let mut faults = Faults::default();
    let mut all: Vec<&Decp> = Vec::new();
    for file in seen {
        if let Reading::Decp(decp, oddity) = &file.reading
            && decp.read
        {
            faults.extend(oddity.clone());
            faults.append(&decp.oddities);
            all.push(decp);
        }
    }
    let mut facts = Facts::new(limits);
    if !all.is_empty() {
        facts.essential(&all);
    }
    faults.append(&facts.faults);
    let keys = all.iter().flat_map(|decp| &decp.keys).take(limits.decp_keys);
    let keys: BTreeSet<&String> = keys.filter(|key| key.len() <= limits.name_bytes).collect();
    Story {
        facts: facts.map,
        faults,
        identifiers: keys.into_iter().map(|key| Identifier { scheme: SCHEME, value: key.clone() }).collect(),
        message: (!all.is_empty()).then(|| "decp".to_owned()),
        roles: seen.iter().map(role).collect(),
    }
}

fn role(file: &Seen) -> &'static str {
    match &file.reading {
        Reading::Decp(decp, _) if decp.read => ROLE,
        _ => "fichier",
    }
}

#[cfg(test)]
mod tests {
    use super::contract_keys;
    use serde_json::json;

    #[test]
    fn a_modified_contract_of_the_first_edition_is_found_by_the_key_of_the_contract_too() {
        let keys = |edition: &str, key: &str| contract_keys(&json!({"edition": edition, "contrat": key}));
        assert_eq!(keys("1.x", "2/201900701"), ["2/201900700", "2/201900701"]);
        assert_eq!(keys("1.x", "2/201900700"), ["2/201900700"]);
        assert_eq!(keys("2.0", "2/201900701"), ["2/201900701"]);
        assert_eq!(keys("1.x, 2.0", "2/201900701"), ["2/201900701"]);
        assert!(contract_keys(&json!({"edition": "1.x"})).is_empty());
    }
}
