//! The story that files of essential data tell: every contract by its key, so that a later file about the same one joins it.

use std::collections::BTreeSet;

use super::Decp;
use crate::codes::Faults;
use crate::facts::{Facts, Story};
use crate::limits::Limits;
use crate::look::{Reading, Seen};
use crate::model::Identifier;

/// The scheme of the keys.
pub(crate) const SCHEME: &str = "decp-marche";
/// What such a file is, among those of a deposit.
const ROLE: &str = "donnees-essentielles";

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
