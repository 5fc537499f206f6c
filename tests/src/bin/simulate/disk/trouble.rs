//! What goes wrong, armed before a step; and what was done, told after it.

use ledger::storage::{Publication, Replay};
use std::sync::Arc;

/// When, within one operation of the storage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    /// Before anything is written.
    Before,
    /// Written, not synced.
    Middle,
    /// Durable; the caller was not told.
    After,
}

/// Armed for one step.
#[derive(Clone, Default, Debug)]
pub struct Trouble {
    /// Dies at that operation, counted down to zero, at that moment.
    pub death: Option<(u32, Moment)>,
    /// The next append: nothing is written and it says so (`None`), or it fails and has written or not.
    pub append: Option<Option<bool>>,
    /// Publications that cannot be made right now.
    pub publish_retries: u32,
    /// The publication after those fails, and was made or not.
    pub publish_fails: Option<bool>,
    /// The n-th read fails, for good or not.
    pub read: Option<(u32, bool)>,
    /// One bit of the n-th tile is read wrong.
    pub flip: Option<(u32, u64)>,
    /// Dies when so many were answered.
    pub dies_answering: Option<u32>,
}

impl Trouble {
    /// Whether the machine dies at this moment of the operation under way. `After` ends the operation.
    pub fn dies_at(&mut self, moment: Moment) -> bool {
        match &mut self.death {
            Some((0, at)) if *at == moment => true,
            Some((left, _)) if moment == Moment::After => {
                *left = left.saturating_sub(1);
                false
            }
            _ => false,
        }
    }

    /// Counts one down; true when it was the last.
    pub fn strikes(left: &mut u32) -> bool {
        let strikes = *left == 0;
        *left = left.saturating_sub(1);
        strikes
    }
}

/// How an operation ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    Done,
    /// Nothing was done, and it says so.
    Retry,
    /// It failed, or the machine died; done or not.
    Broken {
        done: bool,
    },
}

/// What a process did to the disk, or what befell it.
#[derive(Clone, Debug)]
pub enum Did {
    Append(Arc<Replay>, Outcome),
    /// With whether the record was synced when it was signed.
    Publish(Box<Publication>, Outcome, bool),
    /// A read that failed, for good or not.
    ReadFailed {
        fatal: bool,
    },
    /// A tile was read wrong.
    Flipped,
}
