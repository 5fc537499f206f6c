//! Sealing a batch: plan it, let the service ask an authority, commit it; later prove what it covers.
//!
//! A batch covers the leaves from the end of the last logged seal up to the size of the checkpoint it binds. Its
//! RFC 4998 tree has one leaf per group: each entry's groups in log order, last the binding group. Seal leaves have
//! no group. Planning reads published data only and changes nothing: a plan that is given up leaves no trace, and
//! the next one takes the whole range again under a newer head.
//!
//! Years later a renewal puts one newer token over those of all batches, or over everything hashed again (`renewal`).

pub mod batch;
pub mod plan;
pub mod register;
mod renewal;
mod tree;

pub use batch::{BatchHead, batch_head, batch_of, group_number, last_logged, token};
pub use plan::{PlanInputs, SealPlan, plan};
pub use register::{RegisterPath, Snapshot, register_path, snapshot};
pub use renewal::{
    HashInputs, HashPlan, LeafTree, Objects, Of, Renewal, RenewalPlan, RenewalToken, RenewalTree, digests_in_use,
    plan_hashes, plan_renewal, renewal_token, renewals,
};
pub use tree::{BatchTree, evidence_path};
pub use watch::register::RegisterRow;

use crate::prover::ProverError;
use crate::storage::StorageError;
use proof::{Index, TenantId};
use std::fmt;

/// Why a batch cannot be planned or proved.
#[derive(Debug)]
#[non_exhaustive]
pub enum SealingError {
    /// The storage failed.
    Storage(StorageError),
    /// A proof could not be made.
    Prover(ProverError),
    /// A leaf that a published head covers is missing or unreadable.
    Entry(Index),
    /// A stored head, snapshot or tenant's row cannot be read, in words.
    Stored(String),
    /// The head and its checkpoint do not agree, in words.
    Checkpoint(String),
    /// An entry of this tenant stands in the batch, but the tenant has no slot.
    NoSlot(TenantId),
    /// One more renewal would make records that nobody may read: how many there are, and the bytes of their tokens.
    TooManyRenewals {
        /// Renewals so far.
        renewals: usize,
        /// Bytes of their tokens.
        bytes: usize,
    },
    /// No such batch, or its seal leaf is not logged.
    NoBatch(u64),
    /// No group at this position.
    NoGroup {
        /// Position asked for.
        position: u64,
        /// Groups of the batch, the binding group included.
        groups: u64,
    },
    /// What is stored gives another root than the one sealed.
    RootMismatch {
        /// The batch.
        batch: u64,
    },
}

impl fmt::Display for SealingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Storage(why) => write!(f, "{why:?}"),
            Self::Prover(why) => why.fmt(f),
            Self::Entry(index) => write!(f, "leaf {} is missing or unreadable", index.0),
            Self::Stored(why) | Self::Checkpoint(why) => f.write_str(why),
            Self::NoSlot(tenant) => write!(f, "tenant {tenant} has entries and no slot in the register"),
            Self::TooManyRenewals { renewals, bytes } => {
                write!(f, "{renewals} renewals with tokens of {bytes} bytes: a record could not bear one more")
            }
            Self::NoBatch(batch) => write!(f, "batch {batch} is not sealed"),
            Self::NoGroup { position, groups } => write!(f, "no group {position} in a batch of {groups}"),
            Self::RootMismatch { batch } => write!(f, "what is stored of batch {batch} gives another root"),
        }
    }
}

impl std::error::Error for SealingError {}

impl From<StorageError> for SealingError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<ProverError> for SealingError {
    fn from(error: ProverError) -> Self {
        Self::Prover(error)
    }
}
