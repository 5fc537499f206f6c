//! Second step: each fresh submission gets its index, its place in the tenant's chain, its time and its `R`.

use super::commit::{Core, Failure, leaf_hash};
use crate::brief;
use crate::failpoint;
use crate::storage::{LeafKind, NewLeaf, Reader, Storage};
use crate::submission::{Event, Submission};
use proof::json::Members;
use proof::leaf::entry_leaf;
use proof::record::LogRecord;
use proof::{Hash, Index, Sequence, TenantId, UnixMillis};
use std::collections::HashMap;

/// Leaves in their final order, at one time.
pub(super) struct Ordered<P> {
    pub(super) at: UnixMillis,
    pub(super) leaves: Vec<(NewLeaf, P)>,
}

/// Last entry of each chain, as published and as this commit extends it.
#[derive(Default)]
pub(super) struct Chains(HashMap<TenantId, (Sequence, Option<Hash>)>);

impl Chains {
    /// The sequence of the tenant's last entry (0 when there is none) and its leaf hash.
    pub(super) fn tip<R: Reader>(&mut self, reads: &R, tenant: TenantId) -> Result<(Sequence, Option<Hash>), Failure> {
        // Negative control: with the failpoint the chain is what is published, and two entries of a commit stand in one place.
        if let Some(tip) = self.0.get(&tenant).filter(|_| !failpoint::skip("order.own-batch")) {
            return Ok(*tip);
        }
        let published = reads.chain(tenant)?;
        Ok(published.map_or((Sequence(0), None), |(sequence, _, hash)| (sequence, Some(hash))))
    }

    pub(super) fn extend(&mut self, tenant: TenantId, sequence: Sequence, leaf: Hash) {
        self.0.insert(tenant, (sequence, Some(leaf)));
    }
}

impl<S: Storage> Core<S> {
    /// The time of the next commit: never before the last one's. A small step back is absorbed and told; under a clock that
    /// is not believed time stands still.
    pub(super) fn next_time(&mut self, now: UnixMillis) -> UnixMillis {
        if !self.clock.believed(now, self.head.at) {
            (self.observer)(Event::ClockAhead { last: self.head.at, now });
            return self.head.at;
        }
        if now < self.head.at {
            (self.observer)(Event::ClockAbsorbed { millis: self.head.at.0 - now.0 });
        }
        now.max(self.head.at)
    }

    /// Makes a leaf of each submission, in order.
    pub(super) fn order(&self, fresh: Vec<Submission<S::Parts>>, at: UnixMillis) -> Result<Ordered<S::Parts>, Failure> {
        let mut chains = Chains::default();
        let mut leaves = Vec::with_capacity(fresh.len());
        let mut first_group = self.head.groups;
        for (index, submission) in (self.head.size.0..).map(Index).zip(fresh) {
            let (last, previous) = chains.tip(&self.reads, submission.tenant)?;
            let sequence = Sequence(last.0 + 1);
            let record = make_record(&submission, sequence, previous, at)?;
            let (leaf, parts) = make_leaf(submission, index, sequence, record, first_group);
            first_group += leaf.groups.len() as u64;
            chains.extend(leaf.tenant, sequence, leaf_hash(&leaf));
            leaves.push((leaf, parts));
        }
        Ok(Ordered { at, leaves })
    }
}

/// Exact bytes of `R`.
fn make_record<P>(
    submission: &Submission<P>,
    sequence: Sequence,
    previous: Option<Hash>,
    at: UnixMillis,
) -> Result<Vec<u8>, Failure> {
    let record = LogRecord {
        id: submission.id,
        tenant: submission.tenant,
        sequence,
        previous,
        received_at: at,
        kind: submission.kind,
        entry_sha256: proof::sha256(&submission.entry_bytes),
        entry_sha512: proof::sha512(&submission.entry_bytes),
        salt: submission.salt,
        rest: Members::new(),
    };
    // Every field is ours: only a sequence beyond 2^53 cannot be written.
    brief::write(&record).ok_or_else(|| Failure::Stop(format!("R cannot be written: sequence {}", sequence.0)))
}

fn make_leaf<P>(
    submission: Submission<P>,
    index: Index,
    sequence: Sequence,
    record: Vec<u8>,
    first_group: u64,
) -> (NewLeaf, P) {
    let entry_group = seal::group_hash(&proof::sha256(&record).0, &proof::sha256(&submission.entry_bytes).0);
    let groups = std::iter::once(Hash(entry_group)).chain(submission.file_groups).collect();
    let leaf = NewLeaf {
        kind: LeafKind::Entry,
        index,
        leaf_data: entry_leaf(&record).to_vec(),
        tenant: submission.tenant,
        sequence,
        id: submission.id,
        record,
        groups,
        first_group,
        request: submission.request,
        lookups: submission.content.into_iter().chain(submission.lookups).collect(),
    };
    (leaf, submission.parts)
}
