//! How long clients waited, at a few shares of them: for the plot and for other programs.

use serde_json::{Value, json};
use std::time::Duration;

/// Shares of a thousand that are told.
const SHARES: [usize; 6] = [500, 750, 900, 990, 999, 1000];

/// The waits of one load.
#[derive(Clone, Debug)]
pub struct Waits {
    /// Which load.
    pub name: String,
    /// Waits counted.
    pub count: usize,
    /// Share of a thousand, and milliseconds that it did not exceed.
    pub at: Vec<(usize, f64)>,
}

impl Waits {
    /// Of these waits, shortest first.
    pub fn of(name: &str, sorted: &[Duration]) -> Self {
        let last = sorted.len().saturating_sub(1);
        let at = |share: usize| Some((share, sorted.get(last * share / 1000)?.as_secs_f64() * 1000.0));
        Self { name: name.to_owned(), count: sorted.len(), at: SHARES.into_iter().filter_map(at).collect() }
    }

    /// The same, for another program.
    pub fn json(&self) -> Value {
        let at = self.at.iter().map(|(share, millis)| json!({"per_mille": share, "ms": millis}));
        json!({"load": self.name, "waits": self.count, "at": at.collect::<Vec<_>>()})
    }
}

#[cfg(test)]
mod tests {
    use super::Waits;
    use std::time::Duration;

    #[test]
    fn waits_are_told_at_their_shares() {
        let sorted: Vec<_> = (0..=1000).map(Duration::from_millis).collect();
        let waits = Waits::of("x", &sorted);
        assert_eq!(waits.at[..3], [(500, 500.0), (750, 750.0), (900, 900.0)]);
        assert_eq!(waits.json()["at"][5]["ms"], 1000.0);
        assert!(Waits::of("none", &[]).at.is_empty());
    }
}
