//! The free-space floor: below it no deposit is taken and reading goes on; above it again, deposits are taken again.
//!
//! What is left below the floor is for what must go on: seals, administration, eliminations, and the segment of the next start.

use crate::limits::{FREE_BYTES, FREE_LOOK_BYTES, FREE_LOOK_MILLIS, FREE_PART, FREE_RETRY_SECONDS};
use crate::problem::{Problem, codes};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

/// Room on the volume of the store, as looked at last.
pub(crate) struct Space {
    place: PathBuf,
    /// As configured: 0 for no floor, none for the lesser of a size and a part of the volume.
    asked: Option<u64>,
    began: Instant,
    /// When it was looked at last, in milliseconds after the beginning.
    looked: AtomicU64,
    free: AtomicU64,
    floor: AtomicU64,
    short: AtomicBool,
}

impl Space {
    /// The volume of this directory was looked at once.
    pub(crate) fn of(place: PathBuf, asked: Option<u64>) -> Self {
        let zero = || AtomicU64::new(0);
        let (began, short) = (Instant::now(), AtomicBool::new(false));
        let space = Self { place, asked, began, looked: zero(), free: zero(), floor: zero(), short };
        space.look();
        space
    }

    /// Less is free than the floor. The volume is looked at ten times a second at most, whoever asks how often.
    pub(crate) fn is_short(&self) -> bool {
        if self.asked == Some(0) {
            return false;
        }
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let looked = self.looked.load(Ordering::Relaxed);
        let due = now.saturating_sub(looked) >= FREE_LOOK_MILLIS;
        // One looks, the others go by what was seen before.
        if due && self.looked.compare_exchange(looked, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.look();
        }
        self.short.load(Ordering::Relaxed)
    }

    /// The same for a body of which so many bytes came since the last look: a fast one could go far between two.
    pub(crate) fn is_short_after(&self, bytes: &mut u64) -> bool {
        if *bytes >= FREE_LOOK_BYTES && self.asked != Some(0) {
            *bytes = 0;
            self.look();
        }
        self.is_short()
    }

    /// Deposits are refused while too little is free.
    pub(crate) fn admit(&self) -> Result<(), Problem> {
        if self.is_short() { Err(Self::refusal()) } else { Ok(()) }
    }

    pub(crate) fn refusal() -> Problem {
        Problem::from(&codes::FREE_SPACE_LOW).retry_after(FREE_RETRY_SECONDS)
    }

    /// For `/readyz`; null without a floor.
    pub(crate) fn shown(&self) -> Value {
        if self.asked == Some(0) {
            return Value::Null;
        }
        let short = self.is_short();
        let (free, floor) = (self.free.load(Ordering::Relaxed), self.floor.load(Ordering::Relaxed));
        json!({"short": short, "free_bytes": free, "floor_bytes": floor})
    }

    fn look(&self) {
        // A volume that does not say keeps the last word: reads and writes will say what is wrong with it.
        let Ok(found) = rustix::fs::statvfs(&self.place) else { return };
        let free = found.f_bavail.saturating_mul(found.f_frsize);
        let volume = found.f_blocks.saturating_mul(found.f_frsize);
        let floor = self.asked.unwrap_or_else(|| FREE_BYTES.min(volume / FREE_PART));
        self.free.store(free, Ordering::Relaxed);
        self.floor.store(floor, Ordering::Relaxed);
        let short = free < floor;
        if self.short.swap(short, Ordering::Relaxed) != short {
            match short {
                true => tracing::error!(free, floor, "free space below the floor: deposits are refused"),
                false => tracing::info!(free, floor, "free space above the floor again: deposits are taken"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_floor_above_what_is_free_refuses_and_no_floor_never_does() {
        let of = |asked| Space::of(std::env::temp_dir(), asked);
        assert_eq!(of(Some(u64::MAX)).admit().unwrap_err().code(), "free-space-low");
        assert!(of(Some(1)).admit().is_ok() && of(Some(0)).admit().is_ok());
        assert_eq!(of(Some(0)).shown(), Value::Null);
        let default = of(None).shown();
        assert!((1..=FREE_BYTES).contains(&default["floor_bytes"].as_u64().unwrap()), "{default}");
    }

    #[test]
    fn the_volume_is_looked_at_now_and_then_whoever_asks() {
        let space = Space::of(std::env::temp_dir(), Some(1));
        space.short.store(true, Ordering::Relaxed);
        assert!(space.is_short(), "what was seen a moment ago still counts");
        std::thread::sleep(std::time::Duration::from_millis(FREE_LOOK_MILLIS + 20));
        assert!(!space.is_short(), "and is looked at again later");
    }
}
