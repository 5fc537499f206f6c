//! The log grown again from its leaf data: order, chains, groups, root, tiles, signed heads.

use super::{Auditor, Fault, renewal, seal};
use crate::sequencer::checkpoint_text;
use crate::signer::KnownKeys;
use crate::spaces;
use crate::storage::{LeafKind, NewLeaf, Reader, Replay, StorageError};
use crate::tiles::Edge;
use proof::record::LogRecord;
use proof::{Hash, Index, Sequence, Sha256Tree, SignedNote, TenantId, TreeAlgorithm, TreeSize};
use std::collections::{BTreeSet, HashMap};

/// Bytes of a whole tile.
const WHOLE: usize = 256 * 32;

/// Judges records against what is published. What it holds is the right edge of the tree and one hash for each tenant.
pub struct LogAudit<R> {
    reads: R,
    keys: KnownKeys,
    origin: String,
    /// The tree so far; `None` before the first record and after a lost one: then it is read from the tiles.
    edge: Option<Edge>,
    /// Groups logged so far, where known.
    groups: Option<u64>,
    tips: HashMap<TenantId, (Sequence, Hash)>,
    /// Renewals whose records were read.
    renewals: BTreeSet<u64>,
}

impl<R: Reader> LogAudit<R> {
    /// An audit of the log of this origin and of these keys. From record 1 on nothing is believed; from a later one on, the tiles are asked
    /// for the tree as it was.
    pub fn new(reads: R, keys: impl Into<KnownKeys>, origin: &str) -> Self {
        let (tips, renewals) = (HashMap::new(), BTreeSet::new());
        Self { reads, keys: keys.into(), origin: origin.to_owned(), edge: None, groups: None, tips, renewals }
    }

    /// The published head is the one that the records gave, and the renewals whose records were not given hold by themselves: packs bear
    /// them all, whatever was read. To be called when the last record was given.
    pub fn head(&mut self) -> Vec<Fault> {
        let head = match self.reads.head() {
            Ok(Some(head)) => head,
            Ok(None) => return Vec::new(),
            Err(why) => return vec![storage("head-unreadable", &why)],
        };
        let mut faults = Vec::new();
        renewal::kept(&self.reads, &self.renewals, &mut faults);
        let Some(edge) = self.edge.as_ref().filter(|edge| edge.size() == head.size) else { return faults };
        let at = |fault: Fault| fault.place(format!("head {}", head.size.0));
        if edge.root() != head.root {
            faults.push(at(Fault::new("head-root", edge.root(), head.root)));
        }
        if self.groups.is_some_and(|groups| groups != head.groups) {
            faults.push(at(Fault::new("head-groups", self.groups.unwrap_or(0), head.groups)));
        }
        if head.size.0 > 0 && self.reads.checkpoint(head.size).ok().flatten().as_deref() != Some(&*head.checkpoint) {
            faults.push(at(Fault::new("head-checkpoint", "the checkpoint of this size", "another one")));
        }
        for (id, bytes) in edge.partial_tiles() {
            self.tile(id, &bytes, &mut faults);
        }
        faults
    }

    /// The stored tile begins with these bytes.
    fn tile(&self, id: crate::storage::TileId, bytes: &[u8], faults: &mut Vec<Fault>) {
        let place = format!("tile/{}/{}", id.level, id.index);
        match self.reads.tile(id) {
            Ok(Some(found)) if found.starts_with(bytes) => {}
            Ok(Some(found)) => {
                let same = found.iter().zip(bytes).take_while(|(a, b)| a == b).count();
                let expected = format!("{} from byte {same}", proof::sha256(bytes));
                faults.push(Fault::new("tile-differs", expected, proof::sha256(&found)).place(place));
            }
            Ok(None) => {
                faults.push(Fault::new("tile-missing", format!("{} bytes", bytes.len()), "nothing").place(place))
            }
            Err(why) => faults.push(storage("tile-unreadable", &why).place(place)),
        }
    }

    /// The tree before this record, and whether its leaves follow it.
    fn before(&mut self, commit: &Replay, faults: &mut Vec<Fault>) -> Option<Edge> {
        let start = TreeSize(commit.size.0.saturating_sub(commit.leaves.len() as u64));
        match self.edge.take() {
            Some(edge) if edge.size() == start => return Some(edge),
            Some(edge) => {
                let found = format!("record {} at size {}", commit.number, start.0);
                faults.push(Fault::new("log-order", format!("size {}", edge.size().0), found));
            }
            None if start.0 == 0 => {
                self.groups = Some(0);
                return Some(Edge::default());
            }
            None => {}
        }
        self.groups = commit.leaves.first().map(|leaf| leaf.first_group);
        match Edge::load(&self.reads, start) {
            Ok(edge) => Some(edge),
            Err(why) => {
                let place = format!("size {}", start.0);
                faults.push(Fault::new("tile-missing", "the tiles of this size", format!("{why:?}")).place(place));
                None
            }
        }
    }

    /// The leaf stands where it says, and continues its tenant's chain.
    fn place(&mut self, leaf: &NewLeaf, index: Index, faults: &mut Vec<Fault>) {
        if leaf.index != index {
            faults.push(Fault::new("leaf-index", index.0, leaf.index.0).leaf(index));
        }
        if let Some(groups) = &mut self.groups {
            if *groups != leaf.first_group {
                faults.push(Fault::new("leaf-groups", *groups, leaf.first_group).leaf(index));
            }
            *groups = leaf.first_group.saturating_add(leaf.groups.len() as u64);
        }
        if leaf.kind == LeafKind::Seal {
            return seal::faults(&self.reads, &self.keys, leaf, faults);
        }
        let Ok(record) = LogRecord::parse(&leaf.record) else { return };
        let tip = self.tips.get(&leaf.tenant).copied().or_else(|| self.published_tip(leaf));
        let (sequence, previous) = tip.map_or((Sequence(0), None), |(sequence, hash)| (sequence, Some(hash)));
        if leaf.sequence.0 != sequence.0.saturating_add(1) {
            let expected = sequence.0.saturating_add(1);
            faults.push(Fault::new("chain-sequence", expected, leaf.sequence.0).leaf(index));
        }
        if record.previous != previous {
            let word = |hash: Option<Hash>| hash.map_or("null".to_owned(), |hash| hash.to_string());
            faults.push(Fault::new("chain-previous", word(previous), word(record.previous)).leaf(index));
        }
        self.tips.insert(leaf.tenant, (leaf.sequence, Sha256Tree::leaf(&leaf.leaf_data)));
    }

    /// The entry before this one in its tenant's chain, as published: for an audit that does not begin with record 1.
    fn published_tip(&self, leaf: &NewLeaf) -> Option<(Sequence, Hash)> {
        let before = Sequence(leaf.sequence.0.checked_sub(1)?);
        let found = self.reads.by_sequence(leaf.tenant, before, 1).ok()?;
        let (_, index) = found.first().filter(|(sequence, _)| *sequence == before)?;
        let row = self.reads.entry(*index).ok()??;
        Some((before, Sha256Tree::leaf(&row.leaf.leaf_data)))
    }

    /// The checkpoint published at this size is the record's text, under the log's signature.
    fn checkpoint(&self, commit: &Replay, faults: &mut Vec<Fault>) {
        let mut tell = |what, expected: &str, found: String| {
            faults.push(Fault::new(what, expected, found).place(format!("head {}", commit.size.0)));
        };
        let note = match self.reads.checkpoint(commit.size) {
            Ok(Some(note)) => note,
            Ok(None) => return tell("head-missing", "a signed checkpoint", "nothing".into()),
            Err(why) => return tell("head-unreadable", "a signed checkpoint", format!("{why:?}")),
        };
        match SignedNote::parse(&note) {
            Ok(note) if note.text != commit.checkpoint_text => tell("head-text", &commit.checkpoint_text, note.text),
            Ok(note) => {
                if let Err(why) = self.keys.verify(&note) {
                    tell("head-signature", "the log's signature", why.to_string());
                }
            }
            Err(why) => tell("head-unreadable", "a signed note", why.to_string()),
        }
    }
}

impl<R: Reader> Auditor for LogAudit<R> {
    fn commit(&mut self, commit: &Replay) -> Vec<Fault> {
        let mut faults = Vec::new();
        let Some(before) = self.before(commit, &mut faults) else { return faults };
        let mut hashes = Vec::with_capacity(commit.leaves.len());
        for (index, leaf) in (before.size().0..).map(Index).zip(&commit.leaves) {
            self.place(leaf, index, &mut faults);
            hashes.push(Sha256Tree::leaf(&leaf.leaf_data));
        }
        let (edge, tiles) = before.grow(&hashes);
        let text = checkpoint_text(&self.origin, edge.size(), edge.root());
        if text != commit.checkpoint_text {
            let fault = Fault::new("log-root", text, &commit.checkpoint_text);
            faults.push(fault.place(format!("record {}", commit.number)));
        }
        for (id, bytes) in tiles.iter().filter(|(_, bytes)| bytes.len() == WHOLE) {
            self.tile(*id, bytes, &mut faults);
        }
        if !commit.leaves.is_empty() {
            self.checkpoint(commit, &mut faults);
        }
        for put in commit.puts.iter().filter(|put| put.space == spaces::RENEWALS) {
            renewal::faults(&self.reads, put, &mut faults);
            self.renewals.extend(renewal::number(&put.key));
        }
        self.edge = Some(edge);
        faults
    }

    fn lost(&mut self) {
        self.edge = None;
        self.groups = None;
        self.tips.clear();
    }
}

fn storage(what: &'static str, why: &StorageError) -> Fault {
    Fault::new(what, "", format!("{why:?}"))
}
