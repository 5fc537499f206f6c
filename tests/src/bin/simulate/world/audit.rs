//! Looks at everything that readers can see, beside the reference.

use super::World;
use crate::rules::{Breach, Rule};
use ledger::prover;
use ledger::register::RegisterWriter;
use ledger::sealing::{self, BatchTree};
use ledger::storage::{LeafKind, Reader, StorageError, TileId};
use proof::{Index, Sequence, TenantId};
use tests::faults::chance::Chance;

/// Receipts of old that are asked for after each start-up.
const SAMPLE: u64 = 2;

impl World {
    /// The head that is seen is the last durable one.
    pub(super) fn glance(&self) -> Result<(), Breach> {
        let medium = self.disk.medium();
        let reference = &self.reference;
        let (seen, due) = (medium.published.head.as_ref(), reference.heads().last());
        reference.rules.same(Rule::Published, "the head", &seen, &due)?;
        let (seen, due) = (medium.published.rows.last(), reference.rows().last());
        reference.rules.same(Rule::Published, "the last leaf", &seen, &due)
    }

    /// After a start-up: the head, the edge of the tree, small state, some receipts.
    pub(super) fn look_around(&mut self, chance: &mut Chance) -> Result<(), Breach> {
        let (seen, due) = (self.disk.medium().published.count(), self.reference.commits());
        let rules = &self.reference.rules;
        rules.hold(Rule::Starts, seen == due, || format!("{seen} commits are published, {due} are durable"))?;
        self.glance()?;
        let size = self.reference.size() as u64;
        rules.hold(Rule::NeverShrinks, self.disk.medium().published.rows.len() as u64 == size, || size.to_string())?;
        for level in (0..8_u8).take_while(|level| size >> (8 * level) > 0) {
            self.tile(TileId { level, index: ((size >> (8 * level)) - 1) / 256 })?;
        }
        let values = self.disk.medium().published.values.len();
        rules.same(Rule::Published, "how much small state", &values, &self.reference.values().len())?;
        let count = self.reference.acknowledged.len() as u64;
        if count == 0 {
            return Ok(());
        }
        let newest = self.reference.acknowledged.last().copied();
        let drawn = (0..SAMPLE).map(|_| chance.between(0, size - 1) as usize);
        let drawn: Vec<usize> =
            drawn.filter_map(|at| self.reference.acknowledged.range(at..).next().copied()).collect();
        newest.into_iter().chain(drawn).try_for_each(|index| self.receipt(index))
    }

    fn tile(&self, id: TileId) -> Result<(), Breach> {
        let seen = self.disk.medium().published.tiles.get(&id).cloned().unwrap_or_default();
        self.reference.rules.same(Rule::Published, "a tile", &seen, &self.reference.tile(id))
    }

    fn receipt(&self, index: usize) -> Result<(), Breach> {
        let seen = prover::receipt_for(&self.disk, Index(index as u64)).map_err(|why| why.to_string());
        self.reference.rules.same(Rule::Kept, "a receipt asked for again", &seen, &Ok(self.reference.receipt(index)))
    }

    /// The end of a story: a calm start-up, then everything.
    pub(super) fn end(&mut self) -> Result<(), Breach> {
        if self.house.is_none() {
            let mut chance = self.seed.fork(u64::MAX - 1);
            self.start(&mut chance, 0, true)?;
        }
        self.glance()?;
        let medium = self.disk.medium();
        let rules = &self.reference.rules;
        rules.same(Rule::Published, "rows", &medium.published.rows.as_slice(), &self.reference.rows())?;
        rules.same(Rule::Published, "small state", &medium.published.values, self.reference.values())?;
        drop(medium);
        for pair in self.reference.heads().windows(2) {
            let grows = pair[0].size <= pair[1].size;
            rules.hold(Rule::NeverShrinks, grows, || format!("{pair:?}"))?;
            rules.hold(Rule::Time, pair[0].at <= pair[1].at, || format!("{pair:?}"))?;
        }
        self.reference.acknowledged.iter().try_for_each(|index| self.receipt(*index))?;
        self.places().map_err(failed)?;
        let tenants = self.reference.tenants();
        tenants.iter().try_for_each(|tenant| self.chain(*tenant))?;
        self.register(tenants[self.reference.size() % tenants.len()])?;
        self.seals()
    }

    /// Each entry is found by its name and by its request.
    fn places(&self) -> Result<(), StorageError> {
        let wrong = |what: &str, index: Index| Err(StorageError::Fatal(format!("leaf {} by its {what}", index.0)));
        for row in self.reference.rows().iter().filter(|row| row.leaf.kind == LeafKind::Entry) {
            let (leaf, index) = (&row.leaf, row.leaf.index);
            if self.disk.by_id(leaf.tenant, leaf.id)? != Some(index) {
                return wrong("name", index);
            }
            if let Some(request) = leaf.request
                && self.disk.request(leaf.tenant, &request.key)? != Some((request.digest, index))
            {
                return wrong("request", index);
            }
        }
        Ok(())
    }

    fn chain(&self, tenant: TenantId) -> Result<(), Breach> {
        let count = self.reference.entries_of(tenant);
        let seen = self.disk.by_sequence(tenant, Sequence(1), usize::MAX).map_err(failed)?;
        let rules = &self.reference.rules;
        rules.same(Rule::Chains, "entries of a tenant", &seen.len(), &count)?;
        let rows = self.reference.rows().iter().filter(|row| row.leaf.kind == LeafKind::Entry);
        let due = rows.filter(|row| row.leaf.tenant == tenant).map(|row| (row.leaf.sequence, row.leaf.index));
        rules.same(Rule::Chains, "a chain", &seen, &due.collect())
    }

    /// The tenant's register passes the check that strangers run.
    fn register(&self, tenant: TenantId) -> Result<(), Breach> {
        if self.reference.size() == 0 {
            return Ok(());
        }
        let opened = RegisterWriter::open(self.disk.clone(), tenant, None, false, &mut |_, record| Ok(record));
        let written = opened.and_then(|mut writer| {
            while writer.portion(64)?.is_some() {}
            Ok(())
        });
        let why = written.err().map(|why| why.to_string());
        self.reference.rules.same(Rule::Seals, "a register", &why, &None)
    }

    /// Batches follow each other without gap, and their trees give what was sealed.
    fn seals(&self) -> Result<(), Breach> {
        let rules = &self.reference.rules;
        let mut next = (0, 0);
        for (batch, first, end) in self.reference.batches() {
            rules.hold(Rule::Seals, (batch, first) == next, || format!("batch {batch} begins at {first}"))?;
            next = (batch + 1, end.0);
            let tree = BatchTree::open(&self.disk, batch).map_err(|why| why.to_string());
            let ranges = tree.map(|tree| (tree.head.first.0, tree.head.end));
            rules.same(Rule::Seals, "a batch read back", &ranges, &Ok((first, end)))?;
        }
        let last = sealing::last_logged(&self.disk).map_err(|why| why.to_string());
        let due = self.reference.seals().checked_sub(1).map(|last| last as u64);
        rules.same(Rule::Seals, "the last seal", &last, &Ok(due))
    }
}

fn failed(why: StorageError) -> Breach {
    Breach { rule: Rule::Published, detail: format!("{why:?}") }
}
