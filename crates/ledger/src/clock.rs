//! The operator's clock, given from outside so that the ledger can be replayed and simulated.

use proof::UnixMillis;

/// Tells the operator's time. It may stand still or step back: the sequencer copes.
pub trait Clock: Send {
    /// Now, in UTC.
    fn now(&self) -> UnixMillis;
}

impl<F: Fn() -> UnixMillis + Send> Clock for F {
    fn now(&self) -> UnixMillis {
        self()
    }
}
