//! Planning a batch: what it covers, the tree over it, the register beside it.

use super::SealingError;
use super::batch::{BatchHead, batch_head, binding_group, entry_groups, last_logged, root_of, token};
use super::register::{Snapshot, snapshot};
use crate::storage::{Reader, StoredHead};
use proof::record::{Kind, LogRecord};
use proof::{Checkpoint, Hash, Index, SignedNote, TenantId, TreeSize};
use std::collections::BTreeSet;

/// What planning needs from outside.
pub struct PlanInputs<'a> {
    /// Exact bytes of the published policy: the first batch binds their SHA-256.
    pub policy: &'a [u8],
    /// 32 fresh random bytes at each call, one call per tenant slot.
    pub salt: &'a mut dyn FnMut() -> [u8; 32],
    /// Plans a batch even when no entry asks for one (once a day).
    pub force: bool,
}

/// A batch that only lacks its token: `root` is the imprint to have stamped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealPlan {
    /// Number of the batch.
    pub batch: u64,
    /// First leaf covered.
    pub first: Index,
    /// One past the last leaf covered: the size of the bound checkpoint.
    pub end: TreeSize,
    /// Number of the batch's first group among all groups ever logged.
    pub first_group: u64,
    /// Groups of entries, in log order, then the binding group.
    pub groups: Vec<Hash>,
    /// The bound checkpoint, a signed note.
    pub checkpoint: String,
    /// SHA-256 of the raw previous token, or of the policy for the first batch.
    pub previous_sha256: Hash,
    /// Root of the RFC 4998 tree: the imprint of the token to ask for.
    pub root: Hash,
    /// The register at `end`.
    pub register: Snapshot,
}

/// The next batch over published data, `None` when nothing asks for one: no entry since the last seal (seals and
/// journals do not count) and not forced, or nothing logged at all.
///
/// # Errors
/// [`SealingError`]: the storage failed or does not agree with itself; an entry of a tenant without slot.
pub fn plan<R: Reader + ?Sized>(reader: &R, inputs: PlanInputs<'_>) -> Result<Option<SealPlan>, SealingError> {
    let Some(head) = reader.head()?.filter(|head| head.size.0 > 0) else {
        return Ok(None);
    };
    check_checkpoint(&head)?;
    let Next { batch, first, first_group, previous_sha256 } = next(reader, inputs.policy)?;
    let mut tenants = BTreeSet::new();
    let mut wanted = inputs.force;
    let mut groups = entry_groups(reader, first, head.size, &mut |index, leaf| {
        let record = LogRecord::parse(&leaf.record).map_err(|_| SealingError::Entry(index))?;
        tenants.insert(leaf.tenant);
        wanted |= record.kind != Kind::Journal;
        Ok(())
    })?;
    if !wanted {
        return Ok(None);
    }
    let register = snapshot(reader, head.size, inputs.salt)?;
    all_have_slots(&tenants, &register)?;
    groups.push(binding_group(&[proof::sha256(head.checkpoint.as_bytes()), previous_sha256]));
    let root = root_of(&groups).ok_or(SealingError::RootMismatch { batch })?;
    Ok(Some(SealPlan {
        batch,
        first,
        end: head.size,
        first_group,
        groups,
        checkpoint: head.checkpoint,
        previous_sha256,
        root,
        register,
    }))
}

/// What follows the last logged seal.
pub(crate) struct Next {
    pub(crate) batch: u64,
    pub(crate) first: Index,
    pub(crate) first_group: u64,
    pub(crate) previous_sha256: Hash,
}

/// The batch that comes next, and what its binding group names as coming before it.
pub(crate) fn next<R: Reader + ?Sized>(reader: &R, policy: &[u8]) -> Result<Next, SealingError> {
    let Some(last) = last_logged(reader)? else {
        let previous_sha256 = proof::sha256(policy);
        return Ok(Next { batch: 0, first: Index(0), first_group: 0, previous_sha256 });
    };
    let before = batch_head(reader, last)?.ok_or(SealingError::NoBatch(last))?;
    let token = token(reader, last)?.ok_or(SealingError::NoBatch(last))?;
    let previous_sha256 = proof::sha256(&token);
    if previous_sha256 != before.token_sha256 {
        return Err(SealingError::Stored(format!("the token of batch {last} is not the one its leaf names")));
    }
    let first_group = before.first_group + before.group_count;
    Ok(Next { batch: last + 1, first: Index(before.end.0), first_group, previous_sha256 })
}

impl SealPlan {
    /// The head to keep, once a token covers the plan.
    pub(crate) fn head(&self, token: &crate::submission::CheckedToken) -> BatchHead {
        BatchHead {
            batch: self.batch,
            first: self.first,
            end: self.end,
            first_group: self.first_group,
            group_count: self.groups.len().saturating_sub(1) as u64,
            checkpoint: self.checkpoint.clone(),
            previous_sha256: self.previous_sha256,
            root: self.root,
            register_root: self.register.root(),
            token_sha256: proof::sha256(&token.der),
            token_sha512: proof::sha512(&token.der),
            gen_time: token.gen_time,
            leaf: None,
        }
    }
}

/// The published checkpoint states the published size and root, and bears one signature.
fn check_checkpoint(head: &StoredHead) -> Result<(), SealingError> {
    let wrong = |why: String| SealingError::Checkpoint(format!("the published checkpoint cannot be sealed: {why}"));
    let note = SignedNote::parse(&head.checkpoint).map_err(|why| wrong(why.to_string()))?;
    let stated = Checkpoint::parse(&note.text).map_err(|why| wrong(why.to_string()))?;
    if (stated.size, stated.root) != (head.size, head.root) || note.signatures.len() != 1 {
        return Err(wrong(format!("it states size {}, the head {}", stated.size.0, head.size.0)));
    }
    Ok(())
}

fn all_have_slots(tenants: &BTreeSet<TenantId>, register: &Snapshot) -> Result<(), SealingError> {
    let known: BTreeSet<TenantId> = register.rows.iter().map(|row| row.tenant).collect();
    tenants.difference(&known).next().map_or(Ok(()), |tenant| Err(SealingError::NoSlot(*tenant)))
}
