//! What is asked of the sequencer, and what it answers.

use crate::storage::{Put, RequestKey};
use proof::record::Kind;
use proof::{EntryId, Hash, Index, Sequence, TenantId, TreeSize, UnixMillis};
use std::fmt;

/// One entry on its way to the log: everything but its place, its time and `R`.
#[derive(Debug)]
pub struct Submission<P> {
    /// Owner of the chain in which the entry will stand. Its row (space 1, with a slot) exists or comes with `puts`.
    pub tenant: TenantId,
    /// The entry's public name, drawn by the caller.
    pub id: EntryId,
    /// What kind of entry.
    pub kind: Kind,
    /// Exact bytes of `E`.
    pub entry_bytes: Vec<u8>,
    /// `seal::group_hash(SHA-256(file), SHA-256(F))` for each file, in order.
    pub file_groups: Vec<Hash>,
    /// Recognises this request when it comes again.
    pub request: Option<RequestKey>,
    /// Keyed digest of the content, for "already deposited".
    pub content: Option<[u8; 32]>,
    /// Logs a content that this tenant has deposited before.
    pub allow_duplicate: bool,
    /// Keyed digests under which the entry can be found again, without that of the content.
    pub lookups: Vec<[u8; 32]>,
    /// State changed in the same commit, only if the entry is logged.
    pub puts: Vec<Put>,
    /// 32 random bytes for `R`.
    pub salt: [u8; 32],
    /// About how many bytes the parts will take in a segment: bounds the queue and the batch.
    pub weight: u64,
    /// Encrypted parts, handed to the storage as they are.
    pub parts: P,
}

/// What became of a submission. Each holds a receipt over a durable, signed and published entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Logged now.
    Logged(Receipt),
    /// The same request came before: this is its receipt.
    Repeated(Receipt),
    /// No request key, and this tenant has deposited this content before: the first receipt.
    Duplicate(Receipt),
}

impl Answer {
    /// The receipt, whichever way it came to be.
    pub fn receipt(&self) -> &Receipt {
        match self {
            Self::Logged(receipt) | Self::Repeated(receipt) | Self::Duplicate(receipt) => receipt,
        }
    }
}

/// Proof that an entry stands in the log; the same bytes for the same entry for ever.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// Position in the log.
    pub index: Index,
    /// Position in the tenant's chain.
    pub sequence: Sequence,
    /// The entry's public name.
    pub id: EntryId,
    /// Owner.
    pub tenant: TenantId,
    /// Exact bytes of `R`.
    pub record: Vec<u8>,
    /// C2SP tlog-proof at the size of the entry's own commit, with the log's own signature only.
    pub text: String,
}

/// A token that the caller has checked, with what it says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckedToken {
    /// Raw ContentInfo, DER.
    pub der: Vec<u8>,
    /// The SHA-256 imprint it covers; must be the root of the plan.
    pub imprint: Hash,
    /// Its genTime.
    pub gen_time: UnixMillis,
}

/// A batch whose seal leaf is in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sealed {
    /// Number of the batch.
    pub batch: u64,
    /// Where the seal leaf stands.
    pub leaf: Index,
}

/// Why nothing was logged. Except for `Stopped`, nothing of the submission remains.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Refusal {
    /// This request key was used before for something else.
    IdempotencyMismatch {
        /// The entry that the key led to; `None` when it is in the commit under way.
        index: Option<Index>,
    },
    /// Too much is waiting; the same request may be sent again.
    Busy,
    /// The storage could not take it; the same request may be sent again.
    Retry(String),
    /// The operator's clock stepped back; deposits wait until it is back.
    ClockWentBack {
        /// Time of the last commit.
        last: UnixMillis,
        /// What the clock says.
        now: UnixMillis,
    },
    /// The operator's clock leapt forward; deposits wait until it is set right, or accepted.
    ClockAhead {
        /// Time of the last commit.
        last: UnixMillis,
        /// What the clock says.
        now: UnixMillis,
    },
    /// Another entry bears this name.
    IdInUse(EntryId),
    /// The tenant has no row with a slot in space 1: no register would ever cover the entry.
    UnknownTenant(TenantId),
    /// A tenant's row must carry its own slot, or for a new tenant the next free one.
    TenantSlot {
        /// The slot that would do.
        expected: u64,
        /// The slot in the row, `None` when there is none to read or the row would be removed.
        given: Option<u64>,
    },
    /// The submission is malformed, in words: too many files, `E` that cannot be recorded.
    Malformed(String),
    /// The plan no longer follows the last logged seal: plan again.
    StalePlan {
        /// The batch that comes next.
        expected: u64,
        /// The batch of the plan.
        planned: u64,
    },
    /// The plan or its token does not agree with the log, in words.
    SealMismatch(String),
    /// The sequencer has stopped and says why. The entry may or may not be durable: ask again after the restart with
    /// the same request key.
    Stopped(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IdempotencyMismatch { index: Some(index) } => {
                write!(f, "this request key led to entry {} with another content", index.0)
            }
            Self::IdempotencyMismatch { index: None } => {
                f.write_str("this request key is in use right now with another content")
            }
            Self::Busy => f.write_str("too much is waiting; send the same request again"),
            Self::Retry(why) => write!(f, "not written ({why}); send the same request again"),
            Self::ClockWentBack { last, now } => write!(
                f,
                "the clock says {} after a commit at {}; deposits wait until it is back",
                proof::time::format_rfc3339(*now),
                proof::time::format_rfc3339(*last)
            ),
            Self::ClockAhead { last, now } => write!(
                f,
                "the clock says {} after a commit at {}, more than can have passed; deposits wait until it is set right or accepted",
                proof::time::format_rfc3339(*now),
                proof::time::format_rfc3339(*last)
            ),
            Self::IdInUse(id) => write!(f, "another entry is named {id}; draw another"),
            Self::UnknownTenant(tenant) => {
                write!(f, "tenant {tenant} has no slot in the register; add it first")
            }
            Self::TenantSlot { expected, given: Some(given) } => {
                write!(f, "the tenant's row carries slot {given}, it must be {expected}")
            }
            Self::TenantSlot { expected, given: None } => {
                write!(f, "the tenant's row carries no slot, it must be {expected}; rows are never removed")
            }
            Self::Malformed(why) => write!(f, "malformed submission: {why}"),
            Self::StalePlan { expected, planned } => {
                write!(f, "batch {planned} was planned, batch {expected} comes next: plan again")
            }
            Self::SealMismatch(why) => write!(f, "the seal does not agree with the log: {why}"),
            Self::Stopped(why) => write!(f, "the sequencer has stopped: {why}"),
        }
    }
}

impl std::error::Error for Refusal {}

/// What the owner of the sequencer is told, from its thread. Must not block.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A commit was published.
    Committed {
        /// Its number.
        number: u64,
        /// Leaves it added.
        leaves: usize,
        /// Size of the log after it.
        size: TreeSize,
    },
    /// A commit that a crash had left durable was published at start-up.
    Replayed {
        /// Its number.
        number: u64,
        /// Leaves it added.
        leaves: usize,
    },
    /// The clock stepped back a little; the commit bears the time of the one before.
    ClockAbsorbed {
        /// Milliseconds absorbed.
        millis: u64,
    },
    /// The clock is not believed; the commit bears the time of the one before.
    ClockAhead {
        /// That time.
        last: UnixMillis,
        /// What the clock says.
        now: UnixMillis,
    },
    /// The storage refused a commit, nothing was lost, in words.
    Retried(String),
    /// The sequencer has stopped for good: acknowledge nothing more and exit.
    Stopped(String),
}
