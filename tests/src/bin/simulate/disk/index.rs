//! What is published: rows, heads, tiles and small state, each commit of which can be taken back.

use ledger::model::Visible;
use ledger::storage::{EntryRow, LeafKind, Publication, Replay, StoredHead, TileId};
use proof::TreeSize;
use std::collections::BTreeMap;
use std::ops::Deref;

/// Space and key of small state.
type Place = (u8, Vec<u8>);

/// The index over the records, one commit after the other.
#[derive(Default)]
pub struct Published {
    visible: Visible,
    undo: Vec<Undo>,
    durable: usize,
}

impl Deref for Published {
    type Target = Visible;

    fn deref(&self) -> &Visible {
        &self.visible
    }
}

/// What a commit replaced.
struct Undo {
    head: Option<StoredHead>,
    rows: usize,
    tiles: Vec<(TileId, Option<Vec<u8>>)>,
    values: Vec<(Place, Option<Vec<u8>>)>,
}

impl Published {
    /// Commits published.
    pub fn count(&self) -> usize {
        self.undo.len()
    }

    /// Commits that no power cut takes back.
    pub fn durable(&self) -> usize {
        self.durable
    }

    /// Everything published is on the disk now.
    pub fn sync(&mut self) {
        self.durable = self.undo.len();
    }

    /// One atomic write.
    pub fn apply(&mut self, record: &Replay, publication: &Publication) {
        let places = record.puts.iter().map(|put| (put.space, put.key.clone()));
        self.undo.push(Undo {
            head: self.head.clone(),
            rows: self.rows.len(),
            tiles: publication.tiles.iter().map(|(id, _)| (*id, self.tiles.get(id).cloned())).collect(),
            values: places.map(|place| (place.clone(), self.values.get(&place).cloned())).collect(),
        });
        self.visible.apply(record, publication);
    }

    /// The index as it was after so many commits.
    pub fn back_to(&mut self, count: usize) {
        while self.undo.len() > count {
            let Some(undo) = self.undo.pop() else { break };
            let visible = &mut self.visible;
            visible.head = undo.head;
            let size = visible.head.as_ref().map_or(TreeSize(0), |head| head.size);
            visible.checkpoints.split_off(&TreeSize(size.0 + 1));
            while visible.rows.len() > undo.rows {
                let Some(row) = visible.rows.pop() else { break };
                forget(visible, &row);
            }
            undo.tiles.into_iter().rev().for_each(|(id, before)| put_back(&mut visible.tiles, id, before));
            undo.values.into_iter().rev().for_each(|(key, before)| put_back(&mut visible.values, key, before));
        }
        self.durable = self.durable.min(count);
    }
}

fn forget(visible: &mut Visible, row: &EntryRow) {
    let leaf = &row.leaf;
    if leaf.kind == LeafKind::Entry {
        visible.ids.remove(&(leaf.tenant, leaf.id));
        visible.chains.entry(leaf.tenant).or_default().pop();
    }
    if let Some(request) = leaf.request {
        visible.requests.remove(&(leaf.tenant, request.key));
    }
    for lookup in &leaf.lookups {
        visible.lookups.entry((leaf.tenant, *lookup)).or_default().pop();
    }
}

fn put_back<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, before: Option<V>) {
    match before {
        Some(value) => map.insert(key, value),
        None => map.remove(&key),
    };
}
