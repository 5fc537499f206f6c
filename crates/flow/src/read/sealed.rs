//! Which files of a procedure are bids, by its manifest: they are secret until they are opened, and to open them is nobody's business here.

use serde_json::{Map, Value};

use crate::limits::Limits;
use crate::names::last_component;
use crate::{json, profile};

/// The step in which every file is a bid.
const BIDS: &str = "plis";
/// What a manifest calls a bid, in whatever step.
const ROLES: [&str; 6] = ["pli", "plis", "offre", "offres", "candidature", "candidatures"];

/// What stays closed of a deposit.
pub(super) enum Sealed {
    All,
    /// Files of these names.
    Named(Vec<String>),
}

impl Sealed {
    /// By this description. All stays closed in the step of bids, in one of which the word is not known, and under a manifest that cannot be read.
    pub(super) fn of(description: Option<&[u8]>, limits: &Limits) -> Sealed {
        match description.map(|bytes| json::description(bytes, limits)) {
            None => Sealed::Named(Vec::new()),
            Some(Err(_)) => Sealed::All,
            Some(Ok(manifest)) => Sealed::by(&manifest),
        }
    }

    fn by(manifest: &Map<String, Value>) -> Sealed {
        match manifest.get("etape") {
            None => {}
            Some(Value::String(word)) if word.trim() != BIDS && profile::is_step_of_procedure(word.trim()) => {}
            Some(_) => return Sealed::All,
        }
        let items = manifest.get("fichiers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let said = |item: &Value, name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
        let bid = |item: &&Value| {
            let role = said(item, "role").unwrap_or_default().trim().to_lowercase();
            ROLES.contains(&role.as_str())
        };
        Sealed::Named(items.iter().filter(bid).filter_map(|item| said(item, "fichier")).collect())
    }

    /// This file stays closed.
    pub(super) fn holds(&self, name: &str) -> bool {
        match self {
            Sealed::All => true,
            Sealed::Named(names) => names.iter().any(|known| known == name || known == last_component(name)),
        }
    }
}
