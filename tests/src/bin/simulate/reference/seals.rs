//! What a batch must cover, and what is due of a seal.

use super::forms::{self, sha256};
use super::{Expected, Reference, SealStep};
use ledger::sealing::{RegisterRow, SealPlan, Snapshot};
use ledger::storage::{LeafKind, NewLeaf};
use ledger::{CheckedToken, Refusal};
use proof::record::Kind;
use proof::{EntryId, Hash, Index, Sequence, TenantId, TreeSize, UnixMillis};

/// The published policy, bound by the first batch.
pub const POLICY: &[u8] = b"{\"simulated\":true}";

impl Reference {
    /// Where the next batch begins: its number, first leaf and group, and what it binds.
    fn next_batch(&self) -> (u64, u64, u64, Hash) {
        let Some(SealStep { plan, token, .. }) = self.sealed.last() else {
            return (0, 0, 0, Hash(sha256(&[POLICY])));
        };
        let groups = plan.groups.len() as u64 - 1;
        (plan.batch + 1, plan.end.0, plan.first_group + groups, Hash(sha256(&[&token.der])))
    }

    /// The plan due now: everything since the last seal, under the newest head.
    pub fn plan(&self, force: bool, salts: &mut dyn FnMut() -> [u8; 32]) -> Option<SealPlan> {
        let head = self.heads.last().filter(|head| head.size.0 > 0)?;
        let (batch, first, first_group, previous_sha256) = self.next_batch();
        let covered = &self.rows[first as usize..];
        let entries = || covered.iter().filter(|row| row.leaf.kind == LeafKind::Entry);
        let kind = format!("\"kind\":\"{}\"", Kind::Journal.as_str());
        let counts = |record: &[u8]| !String::from_utf8_lossy(record).contains(&kind);
        if !force && !entries().any(|row| counts(&row.leaf.record)) {
            return None;
        }
        let mut groups: Vec<Hash> = entries().flat_map(|row| row.leaf.groups.iter().copied()).collect();
        groups.push(Hash(forms::pair(&sha256(&[head.checkpoint.as_bytes()]), &previous_sha256.0)));
        let rows = self.tenants().into_iter().map(|tenant| self.register_row(tenant, salts()));
        Some(SealPlan {
            batch,
            first: Index(first),
            end: head.size,
            first_group,
            root: Hash(forms::batch_root(&groups)),
            groups,
            checkpoint: head.checkpoint.clone(),
            previous_sha256,
            register: Snapshot { rows: rows.collect() },
        })
    }

    fn register_row(&self, tenant: TenantId, salt: [u8; 32]) -> RegisterRow {
        let chain = self.chains.get(&tenant).map(Vec::as_slice).unwrap_or_default();
        let last = chain.last().map_or(Hash([0; 32]), |(_, hash)| Hash(*hash));
        RegisterRow { tenant, salt, count: chain.len() as u64, last }
    }

    /// What is due of this plan and token: two commits and the place of the leaf, or a refusal. An honest plan is one that
    /// [`Reference::plan`] gave once; it may have been overtaken since.
    pub fn seal(
        &mut self,
        plan: &SealPlan,
        token: &CheckedToken,
        honest: bool,
        now: UnixMillis,
    ) -> Result<[Expected; 2], Refusal> {
        let (batch, first, first_group, previous) = self.next_batch();
        if (plan.batch, plan.first.0, plan.first_group) != (batch, first, first_group) {
            return Err(Refusal::StalePlan { expected: batch, planned: plan.batch });
        }
        let bound = plan.batch == 0 || plan.previous_sha256 == previous;
        if !honest || !bound || token.imprint != plan.root || token.der.is_empty() {
            return Err(Refusal::SealMismatch(String::new()));
        }
        let at = now.max(self.at());
        let step = SealStep { plan: plan.clone(), token: token.clone(), logged: false };
        let replay = self.replay(Vec::new(), forms::seal_puts(plan, token), at);
        let mut second = self.seal_leaf(&step, at);
        second.replay.number += 1;
        Ok([Expected { replay, seal: Some(step) }, second])
    }

    /// The commit that logs the seal whose token is durable, when there is one.
    pub fn pending_seal(&mut self, now: UnixMillis) -> Option<Expected> {
        let step = self.pending.clone()?;
        let at = now.max(self.at());
        Some(self.seal_leaf(&step, at))
    }

    fn seal_leaf(&mut self, step: &SealStep, at: UnixMillis) -> Expected {
        let index = self.rows.len() as u64;
        let leaf = NewLeaf {
            kind: LeafKind::Seal,
            index: Index(index),
            leaf_data: forms::seal_leaf(&step.plan, &step.token),
            tenant: TenantId::PLATFORM,
            sequence: Sequence(0),
            id: EntryId([0; 16]),
            record: Vec::new(),
            groups: Vec::new(),
            first_group: self.heads.last().map_or(0, |head| head.groups),
            request: None,
            lookups: Vec::new(),
        };
        let puts = forms::sealed_puts(&step.plan, &step.token, index);
        let replay = self.replay(vec![leaf], puts, at);
        Expected { replay, seal: Some(SealStep { logged: true, ..step.clone() }) }
    }

    /// Logged seals in order: number, first leaf, one past the last.
    pub fn batches(&self) -> Vec<(u64, u64, TreeSize)> {
        self.sealed.iter().map(|step| (step.plan.batch, step.plan.first.0, step.plan.end)).collect()
    }
}
