//! What is published: rows, heads, tiles and small state, each commit of which can be taken back.

use ledger::storage::{EntryRow, LeafKind, Publication, Put, Replay, StoredHead, TileId};
use proof::{EntryId, Index, TenantId, TreeSize};
use std::collections::{BTreeMap, HashMap};

type Digest = [u8; 32];
/// Space and key of small state.
type Place = (u8, Vec<u8>);

/// The index over the records, one commit after the other.
#[derive(Default)]
pub struct Published {
    pub head: Option<StoredHead>,
    pub rows: Vec<EntryRow>,
    pub tiles: BTreeMap<TileId, Vec<u8>>,
    pub checkpoints: BTreeMap<TreeSize, String>,
    pub values: BTreeMap<Place, Vec<u8>>,
    pub ids: HashMap<(TenantId, EntryId), Index>,
    pub chains: HashMap<TenantId, Vec<Index>>,
    pub requests: HashMap<(TenantId, Digest), (Digest, Index)>,
    pub lookups: HashMap<(TenantId, Digest), Vec<Index>>,
    undo: Vec<Undo>,
    durable: usize,
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
        let mut undo = Undo { head: self.head.clone(), rows: self.rows.len(), tiles: vec![], values: vec![] };
        for leaf in &record.leaves {
            let (tenant, index) = (leaf.tenant, leaf.index);
            if leaf.kind == LeafKind::Entry {
                self.ids.insert((tenant, leaf.id), index);
                self.chains.entry(tenant).or_default().push(index);
            }
            if let Some(request) = leaf.request {
                self.requests.insert((tenant, request.key), (request.digest, index));
            }
            for lookup in &leaf.lookups {
                self.lookups.entry((tenant, *lookup)).or_default().push(index);
            }
            self.rows.push(EntryRow { leaf: leaf.clone(), commit_size: record.size });
        }
        for Put { space, key, value } in &record.puts {
            let place = (*space, key.clone());
            let before = match value {
                Some(value) => self.values.insert(place.clone(), value.clone()),
                None => self.values.remove(&place),
            };
            undo.values.push((place, before));
        }
        for (id, bytes) in &publication.tiles {
            undo.tiles.push((*id, self.tiles.insert(*id, bytes.clone())));
        }
        if !publication.checkpoint.is_empty() {
            self.checkpoints.insert(publication.size, publication.checkpoint.clone());
        }
        let kept = self.head.take().map(|head| head.checkpoint).unwrap_or_default();
        self.head = Some(StoredHead {
            number: publication.number,
            size: publication.size,
            root: publication.root,
            at: publication.at,
            groups: publication.groups,
            checkpoint: if publication.checkpoint.is_empty() { kept } else { publication.checkpoint.clone() },
        });
        self.undo.push(undo);
    }

    /// The index as it was after so many commits.
    pub fn back_to(&mut self, count: usize) {
        while self.undo.len() > count {
            let Some(undo) = self.undo.pop() else { break };
            self.head = undo.head;
            let size = self.head.as_ref().map_or(TreeSize(0), |head| head.size);
            self.checkpoints.split_off(&TreeSize(size.0 + 1));
            while self.rows.len() > undo.rows {
                let Some(row) = self.rows.pop() else { break };
                self.forget(&row);
            }
            undo.tiles.into_iter().rev().for_each(|(id, before)| put_back(&mut self.tiles, id, before));
            undo.values.into_iter().rev().for_each(|(key, before)| put_back(&mut self.values, key, before));
        }
        self.durable = self.durable.min(count);
    }

    fn forget(&mut self, row: &EntryRow) {
        let leaf = &row.leaf;
        if leaf.kind == LeafKind::Entry {
            self.ids.remove(&(leaf.tenant, leaf.id));
            self.chains.entry(leaf.tenant).or_default().pop();
        }
        if let Some(request) = leaf.request {
            self.requests.remove(&(leaf.tenant, request.key));
        }
        for lookup in &leaf.lookups {
            self.lookups.entry((leaf.tenant, *lookup)).or_default().pop();
        }
    }
}

fn put_back<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, before: Option<V>) {
    match before {
        Some(value) => map.insert(key, value),
        None => map.remove(&key),
    };
}
