//! What every state and every answer must be: a small model of the ledger that shares no code with it.
//!
//! It is told only what became durable; from that it knows all that follows. The types in which it speaks are the ledger's, the
//! bytes in them are its own.

pub mod forms;
mod log;
mod seals;
mod take;

pub use seals::POLICY;
pub use take::{Asked, Due, Job, Relation};

use crate::rules::{Breach, Rule, Rules};
use forms::{Digest, Signer};
use ledger::sealing::SealPlan;
use ledger::storage::{EntryRow, LeafKind, NewLeaf, Publication, Replay, StoredHead, TileId};
use ledger::{CheckedToken, Receipt, spaces};
use log::{Log, leaf_hash};
use proof::{EntryId, Hash, Index, TenantId, TreeSize, UnixMillis};
use std::collections::{BTreeMap, BTreeSet};

/// A commit that must or may come, with what it means for seals.
#[derive(Clone, Debug)]
pub struct Expected {
    pub replay: Replay,
    pub seal: Option<SealStep>,
}

/// A seal on its way.
#[derive(Clone, Debug)]
pub struct SealStep {
    pub plan: SealPlan,
    pub token: CheckedToken,
    /// With its leaf, or token and tree alone.
    pub logged: bool,
}

/// A tenant's entries: where they stand, and their leaf hashes.
type Chain = Vec<(usize, Digest)>;

/// Everything durable, and what follows from it.
#[derive(Default)]
pub struct Reference {
    pub rules: Rules,
    /// The last commit began to be written, and nobody knows whether it is durable.
    pub uncertain: Option<Expected>,
    /// Entries somebody holds a receipt for.
    pub acknowledged: BTreeSet<usize>,
    signer: Signer,
    log: Log,
    heads: Vec<StoredHead>,
    rows: Vec<EntryRow>,
    values: BTreeMap<(u8, Vec<u8>), Vec<u8>>,
    chains: BTreeMap<TenantId, Chain>,
    requests: BTreeMap<(TenantId, Digest), (Digest, usize)>,
    lookups: BTreeMap<(TenantId, Digest), usize>,
    ids: BTreeMap<(TenantId, EntryId), usize>,
    slots: Vec<TenantId>,
    /// Logged seals, in order, with the size of the log when each was bound.
    sealed: Vec<SealStep>,
    pending: Option<SealStep>,
    /// Every signed head ever seen, by size.
    shown: BTreeMap<u64, String>,
}

impl Reference {
    /// Durable commits.
    pub fn commits(&self) -> usize {
        self.heads.len()
    }

    /// Leaves.
    pub fn size(&self) -> usize {
        self.rows.len()
    }

    /// Logged seals.
    pub fn seals(&self) -> usize {
        self.sealed.len()
    }

    /// The time of the last commit.
    pub fn at(&self) -> UnixMillis {
        self.heads.last().map_or(UnixMillis(0), |head| head.at)
    }

    /// Every row, in order.
    pub fn rows(&self) -> &[EntryRow] {
        &self.rows
    }

    /// Every head, in order of commits.
    pub fn heads(&self) -> &[StoredHead] {
        &self.heads
    }

    /// All of the small state.
    pub fn values(&self) -> &BTreeMap<(u8, Vec<u8>), Vec<u8>> {
        &self.values
    }

    /// Tenants in order of their slots, the platform first.
    pub fn tenants(&self) -> Vec<TenantId> {
        std::iter::once(TenantId::PLATFORM).chain(self.slots.iter().copied()).collect()
    }

    /// How many entries a tenant has.
    pub fn entries_of(&self, tenant: TenantId) -> usize {
        self.chains.get(&tenant).map_or(0, Vec::len)
    }

    /// The receipt of the entry at this index: the same bytes for ever.
    pub fn receipt(&self, index: usize) -> Receipt {
        let row = &self.rows[index];
        let size = row.commit_size.0;
        let checkpoint = self.shown.get(&size).map_or("", String::as_str);
        Receipt {
            index: Index(index as u64),
            sequence: row.leaf.sequence,
            id: row.leaf.id,
            tenant: row.leaf.tenant,
            record: row.leaf.record.clone(),
            text: forms::receipt(index, &self.log.path(index, size as usize), checkpoint),
        }
    }

    /// A commit is durable: it stands for ever.
    pub fn adopt(&mut self, due: Expected) {
        let Expected { replay, seal } = due;
        let groups: u64 = replay.leaves.iter().map(|leaf| leaf.groups.len() as u64).sum();
        let before = self.heads.last().map_or((0, String::new()), |head| (head.groups, head.checkpoint.clone()));
        for leaf in replay.leaves {
            self.adopt_leaf(leaf, replay.size);
        }
        for put in replay.puts {
            if put.space == spaces::TENANTS
                && let Ok(tenant) = put.key.as_slice().try_into().map(TenantId)
                && !self.slots.contains(&tenant)
            {
                self.slots.push(tenant);
            }
            match put.value {
                Some(value) => self.values.insert((put.space, put.key), value),
                None => self.values.remove(&(put.space, put.key)),
            };
        }
        let size = replay.size;
        let grew = self.heads.last().map_or(TreeSize(0), |head| head.size) < size;
        let checkpoint = if grew { self.signer.sign(&replay.checkpoint_text) } else { before.1 };
        if grew {
            self.shown.insert(size.0, checkpoint.clone());
        }
        let root = Hash(self.log.root(self.log.size()));
        let head =
            StoredHead { number: replay.number, size, root, at: replay.at, groups: before.0 + groups, checkpoint };
        self.heads.push(head);
        match seal {
            Some(step) if step.logged => {
                self.sealed.push(step);
                self.pending = None;
            }
            Some(step) => self.pending = Some(step),
            None => {}
        }
    }

    fn adopt_leaf(&mut self, leaf: NewLeaf, commit_size: TreeSize) {
        let (index, hash) = (self.rows.len(), leaf_hash(&leaf.leaf_data));
        self.log.push(hash);
        if leaf.kind == LeafKind::Entry {
            self.chains.entry(leaf.tenant).or_default().push((index, hash));
            self.ids.insert((leaf.tenant, leaf.id), index);
        }
        if let Some(request) = leaf.request {
            self.requests.insert((leaf.tenant, request.key), (request.digest, index));
        }
        for lookup in &leaf.lookups {
            self.lookups.entry((leaf.tenant, *lookup)).or_insert(index);
        }
        self.rows.push(EntryRow { leaf, commit_size });
    }

    /// What was appended is what was due; if not, the first rule that tells why.
    pub fn check_commit(&self, seen: &Replay, due: &Replay) -> Result<(), Breach> {
        let rules = &self.rules;
        rules.hold(Rule::Time, seen.at >= self.at(), || format!("a commit at {:?} after {:?}", seen.at, self.at()))?;
        let mut asked = BTreeSet::new();
        let mut chains: BTreeMap<TenantId, (u64, Option<Digest>)> = BTreeMap::new();
        for leaf in &seen.leaves {
            if let Some(request) = leaf.request {
                let known = self.requests.contains_key(&(leaf.tenant, request.key));
                let first = asked.insert((leaf.tenant, request.key)) && !known;
                rules
                    .hold(Rule::OneEntry, first, || format!("leaf {} answers a request that had one", leaf.index.0))?;
            }
            if leaf.kind == LeafKind::Entry {
                let tip = self.chains.get(&leaf.tenant).and_then(|chain| Some((chain.len() as u64, chain.last()?.1)));
                let tip = tip.map_or((0, None), |(count, last)| (count, Some(last)));
                let (count, previous) = chains.get(&leaf.tenant).copied().unwrap_or(tip);
                self.check_place(leaf, count + 1, previous)?;
                chains.insert(leaf.tenant, (count + 1, Some(leaf_hash(&leaf.leaf_data))));
            }
        }
        rules.hold(
            Rule::NoTrace,
            seen.leaves.len() <= due.leaves.len() && seen.puts.len() <= due.puts.len(),
            || format!("commit {} holds {} leaves and {} changes", seen.number, seen.leaves.len(), seen.puts.len()),
        )?;
        if seen.leaves == due.leaves {
            rules.same(Rule::Root, "text of the head", &seen.checkpoint_text, &due.checkpoint_text)?;
        }
        let rule = if due.leaves.iter().any(|leaf| leaf.kind == LeafKind::Seal) { Rule::Seals } else { Rule::Commits };
        rules.same(rule, "a commit", seen, due)
    }

    fn check_place(&self, leaf: &NewLeaf, sequence: u64, previous: Option<Digest>) -> Result<(), Breach> {
        let text = String::from_utf8_lossy(&leaf.record);
        let named = previous.map_or("\"previous\":null".to_owned(), |hash| format!("\"previous\":\"{}\"", Hash(hash)));
        self.rules.hold(Rule::Chains, leaf.sequence.0 == sequence && text.contains(&named), || {
            format!("leaf {}: sequence {}, due {sequence} with {named}", leaf.index.0, leaf.sequence.0)
        })
    }

    /// What was signed to be published is the head of this commit, with the tiles that changed.
    pub fn check_publication(&mut self, seen: &Publication) -> Result<(), Breach> {
        let place = (seen.number as usize).wrapping_sub(1);
        let Some(due) = self.heads.get(place) else {
            return self.rules.hold(Rule::DurableFirst, false, || format!("commit {} was published", seen.number));
        };
        if !seen.checkpoint.is_empty() {
            let known = self.shown.entry(seen.size.0).or_insert_with(|| seen.checkpoint.clone());
            self.rules.same(Rule::OneRoot, "a signed head", &seen.checkpoint, known)?;
        }
        let before = place.checked_sub(1).map_or(0, |place| self.heads[place].size.0);
        let checkpoint = if due.size.0 > before { due.checkpoint.clone() } else { String::new() };
        self.rules.same(Rule::Root, "a root", &(seen.size, seen.root), &(due.size, due.root))?;
        let told = (seen.at, seen.groups, &seen.checkpoint);
        self.rules.same(Rule::Published, "a publication", &told, &(due.at, due.groups, &checkpoint))?;
        let mut changed = BTreeMap::new();
        for level in 0..8_u8 {
            let (was, is) = (before >> (8 * level), due.size.0 >> (8 * level));
            let tiles = if is > was { was / 256..(is - 1) / 256 + 1 } else { 0..0 };
            for index in tiles {
                changed.insert(TileId { level, index }, self.log.tile(level, index, due.size.0 as usize));
            }
        }
        let tiles: BTreeMap<TileId, Vec<u8>> = seen.tiles.iter().cloned().collect();
        self.rules.same(Rule::Published, "the tiles of a publication", &tiles, &changed)
    }

    /// A tile as it must stand in the index now.
    pub fn tile(&self, id: TileId) -> Vec<u8> {
        self.log.tile(id.level, id.index, self.log.size())
    }
}
