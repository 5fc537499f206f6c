//! Logging a seal: token, tree and register first, then the leaf that names them.

use super::commit::{Core, Failure};
use super::order::Ordered;
use crate::limits::TOKEN_BYTES;
use crate::sealing::batch::{BatchHead, batch_head, binding_group, root_of, token};
use crate::sealing::plan::next;
use crate::sealing::{SealPlan, SealingError};
use crate::spaces;
use crate::storage::{LeafKind, NewLeaf, Put, Reader, Storage, StorageError};
use crate::submission::{CheckedToken, Refusal, Sealed};
use proof::{EntryId, Sequence, TenantId};

impl From<SealingError> for Failure {
    fn from(error: SealingError) -> Self {
        match error {
            SealingError::Storage(why) => why.into(),
            other => Self::Stop(other.to_string()),
        }
    }
}

impl<S: Storage> Core<S>
where
    S::Parts: Default,
{
    /// Logs the seal of this plan; refusals leave nothing behind that a later plan would not take over.
    pub(super) fn seal(&mut self, plan: &SealPlan, token: &CheckedToken) -> Result<Result<Sealed, Refusal>, Failure> {
        if let Err(refusal) = self.check_plan(plan, token)? {
            return Ok(Err(refusal));
        }
        let head = plan.head(token);
        let key = head.batch.to_be_bytes().to_vec();
        let puts = vec![
            Put { space: spaces::BATCH_TOKENS, key: key.clone(), value: Some(token.der.clone()) },
            Put { space: spaces::REGISTERS, key, value: Some(plan.register.to_bytes()) },
            head.put()?,
        ];
        let now = self.clock.now();
        let at = self.next_time(now);
        self.commit(Ordered { at, leaves: Vec::new() }, puts, &mut |_| {})?;
        // A crash here: token, tree and register are durable and no leaf names them. Start-up logs the leaf.
        crate::failpoint!("seal.after-token");
        self.log_seal(head).map(Ok)
    }

    /// Appends the seal leaf of a batch whose token and tree are durable.
    pub(super) fn log_seal(&mut self, head: BatchHead) -> Result<Sealed, Failure> {
        let index = proof::Index(self.head.size.0);
        let batch = head.batch;
        let leaf = NewLeaf {
            kind: LeafKind::Seal,
            index,
            leaf_data: head.seal_leaf().to_bytes().to_vec(),
            tenant: TenantId::PLATFORM,
            sequence: Sequence(0),
            id: EntryId([0; 16]),
            record: Vec::new(),
            groups: Vec::new(),
            first_group: self.head.groups,
            request: None,
            lookups: Vec::new(),
        };
        let logged = BatchHead { leaf: Some(index), ..head };
        let last =
            Put { space: spaces::LEDGER, key: spaces::LAST_SEAL.to_vec(), value: Some(batch.to_be_bytes().to_vec()) };
        let now = self.clock.now();
        let at = self.next_time(now);
        let leaves = vec![(leaf, S::Parts::default())];
        // A crash before this is durable: as after the token. Once durable, replay publishes leaf and head together.
        self.commit(Ordered { at, leaves }, vec![logged.put()?, last], &mut |_| {})?;
        Ok(Sealed { batch, leaf: index })
    }

    /// The batch whose token is durable and whose leaf is not logged.
    pub(super) fn pending_seal(&self) -> Result<Option<BatchHead>, SealingError> {
        let next = next(&self.reads, &[])?;
        let Some(head) = batch_head(&self.reads, next.batch)? else {
            return Ok(None);
        };
        let token = token(&self.reads, next.batch)?.map(|token| proof::sha256(&token));
        let follows = head.first == next.first && head.first_group == next.first_group && head.leaf.is_none();
        if !follows || token != Some(head.token_sha256) {
            return Err(SealingError::Stored(format!("the pending seal {} does not follow", head.batch)));
        }
        Ok(Some(head))
    }

    /// The plan follows the last logged seal, binds a checkpoint we published, and the token covers its root.
    fn check_plan(&self, plan: &SealPlan, token: &CheckedToken) -> Result<Result<(), Refusal>, Failure> {
        let next = next(&self.reads, &[])?;
        if (plan.batch, plan.first, plan.first_group) != (next.batch, next.first, next.first_group) {
            return Ok(Err(Refusal::StalePlan { expected: next.batch, planned: plan.batch }));
        }
        let wrong = |why: &str| Ok(Err(Refusal::SealMismatch(why.to_owned())));
        if self.reads.checkpoint(plan.end)?.as_deref() != Some(plan.checkpoint.as_str()) {
            return wrong("no such checkpoint was published");
        }
        // The policy that the first batch binds is known to the caller alone.
        if plan.batch > 0 && plan.previous_sha256 != next.previous_sha256 {
            return wrong("it does not bind the previous token");
        }
        let binding = binding_group(&[proof::sha256(plan.checkpoint.as_bytes()), plan.previous_sha256]);
        if plan.groups.last() != Some(&binding) || root_of(&plan.groups) != Some(plan.root) {
            return wrong("its groups give another root");
        }
        if self.groups_between(plan)? != plan.groups.len() as u64 - 1 {
            return wrong("it has not one group for each group of its entries");
        }
        if token.imprint != plan.root {
            return wrong("the token covers something else");
        }
        if token.der.is_empty() || token.der.len() > TOKEN_BYTES {
            return wrong("the token is empty or too long");
        }
        Ok(Ok(()))
    }

    /// Groups logged between the first group of the plan and its end.
    fn groups_between(&self, plan: &SealPlan) -> Result<u64, StorageError> {
        let Some(row) = self.reads.entry(proof::Index(plan.end.0))? else {
            // Nothing follows the plan's end.
            return Ok(self.head.groups - plan.first_group);
        };
        Ok(row.leaf.first_group - plan.first_group)
    }
}
