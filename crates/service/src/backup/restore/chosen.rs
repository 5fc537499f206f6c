//! Which backup is restored, and what newer ones say of it.

use super::super::manifest::{self, Found};
use super::super::shelf::Shelf;
use super::log_keys;
use crate::error::ServiceError;
use crate::home::Home;
use crate::trouble::Trouble;
use ledger::KnownKeys;
use std::collections::HashSet;

/// The backup that is restored.
pub(super) struct Chosen {
    pub(super) found: Found,
    /// Sound backups made after it.
    pub(super) newer: Vec<Found>,
    /// Segment keys that it or a newer one says are destroyed: none of them comes back, whatever copy of the key store is given.
    pub(super) destroyed: HashSet<String>,
    pub(super) keys: KnownKeys,
}

impl Chosen {
    /// The backup whose name begins so, the newest without a name.
    pub(super) fn of(shelf: &dyn Shelf, at: Option<&str>, secrets: &Home) -> Result<Self, ServiceError> {
        let names = manifest::names(shelf)?;
        let position = match at {
            None => names.len().checked_sub(1),
            Some(at) => {
                let mut fit =
                    (0..names.len()).filter(|position| names.get(*position).is_some_and(|n| n.starts_with(at)));
                // Two that begin so are as good as none: nobody guesses which one was meant.
                fit.next().filter(|_| fit.next().is_none())
            }
        };
        let name = position.and_then(|position| names.get(position)).ok_or_else(|| absent(at, &names))?;
        let keys = log_keys(secrets, &manifest::origin(shelf, name)?)?;
        let found = manifest::read(shelf, name, &keys)?;
        let later = names.get(position.map_or(0, |position| position + 1)..).unwrap_or_default();
        let mut newer = Vec::new();
        for name in later {
            match manifest::read(shelf, name, &keys) {
                Ok(found) => newer.push(found),
                // One that is not sound says nothing. One that cannot be read may say much.
                Err(trouble) if trouble.code == manifest::UNSOUND => {}
                Err(trouble) => return Err(trouble.into()),
            }
        }
        let all = [&found].into_iter().chain(&newer);
        let destroyed = all.flat_map(|found| found.manifest.destroyed.iter().cloned()).collect();
        Ok(Self { newer, destroyed, keys, found })
    }
}

fn absent(at: Option<&str>, names: &[String]) -> Trouble {
    let remedy = [
        "vérifier --from et --at ; un nom incomplet ne doit convenir qu'à une sauvegarde",
        "check --from and --at; a name that is not complete must fit one backup alone",
    ];
    let (at, names) = (at.unwrap_or("*"), names.join(", "));
    let french = format!("aucune sauvegarde de ce nom ({at}), ou plusieurs ; il y a : {names}");
    Trouble::new(
        "backup-not-found",
        french,
        format!("no backup of that name ({at}), or several; there are: {names}"),
        remedy,
    )
}
