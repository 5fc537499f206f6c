//! Which segments hold something of what the log marks as eliminated, and which keys open it. Key tables alone are read, all of
//! them: a copy that a start made, a segment put back from a backup, nothing is forgotten, and no key is destroyed that opens
//! anything elsewhere.

use super::EraseError;
use super::records::Closed;
use crate::keys::KeyId;
use crate::segment;
use crate::shared::Shared;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What is to be done.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// Segments to be written anew.
    pub(crate) segments: BTreeSet<u64>,
    /// Keys that open something eliminated.
    pub(crate) condemned: BTreeSet<KeyId>,
}

/// One segment, as seen.
struct Seen {
    /// Keys that it names.
    keys: HashSet<KeyId>,
    /// Something eliminated is left in it.
    holds: bool,
}

/// What these closed segments hold; `already` are keys that the log condemned and that are there nevertheless.
pub(crate) fn survey(
    shared: &Shared,
    segments: impl IntoIterator<Item = u64>,
    eliminated: &HashSet<u64>,
    already: impl IntoIterator<Item = KeyId>,
) -> Result<Survey, EraseError> {
    let mut found = Survey { condemned: already.into_iter().collect(), ..Survey::default() };
    let mut seen = BTreeMap::new();
    for number in segments {
        seen.insert(number, look(shared, number, eliminated, &mut found.condemned)?);
    }
    let touched =
        seen.iter().filter(|(_, seen)| seen.holds || seen.keys.iter().any(|key| found.condemned.contains(key)));
    found.segments = touched.map(|(number, _)| *number).collect();
    Ok(found)
}

fn look(
    shared: &Shared,
    number: u64,
    eliminated: &HashSet<u64>,
    condemned: &mut BTreeSet<KeyId>,
) -> Result<Seen, EraseError> {
    let closed = Closed::open(&segment::path_of(shared.segments.directory(), number), number)?;
    let mut seen = Seen { keys: HashSet::from([closed.header.key]), holds: false };
    closed.each(&mut |stored| {
        for leaf in stored.leaves(&closed.path)? {
            let keys = leaf.units.iter().filter_map(|(_, unit)| unit.key.as_ref()).map(|key| key.by);
            if eliminated.contains(&leaf.index) {
                seen.holds |= !leaf.is_clear();
                condemned.extend(keys.clone());
            }
            seen.keys.extend(keys);
        }
        Ok(())
    })?;
    Ok(seen)
}
