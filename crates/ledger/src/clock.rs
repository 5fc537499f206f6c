//! The operator's clock, given from outside so that the ledger can be replayed and simulated.

use proof::UnixMillis;

/// Tells the operator's time. It may stand still or step back: the sequencer copes.
pub trait Clock: Send {
    /// Now, in UTC.
    fn now(&self) -> UnixMillis;

    /// Whether a commit may bear this time, just told, after one at `last`. While it may not, entries are refused but for
    /// those of the administration, and time stands still: what is written once in a log's time is never taken back.
    fn believed(&self, _now: UnixMillis, _last: UnixMillis) -> bool {
        true
    }
}

impl<F: Fn() -> UnixMillis + Send> Clock for F {
    fn now(&self) -> UnixMillis {
        self()
    }
}
