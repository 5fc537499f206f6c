//! What readers see of published commits, in memory.

use crate::storage::{EntryRow, KeyValues, LeafKind, Publication, Put, Replay, StoredHead, TileId};
use proof::{EntryId, Hash, Index, Sequence, Sha256Tree, TenantId, TreeAlgorithm, TreeSize};
use std::collections::{BTreeMap, HashMap};

/// A digest under a key.
type Digest = [u8; 32];

/// Rows, tiles, heads and small state; whoever models a disk may change them, as a fault of the medium would.
#[derive(Clone, Default, Debug)]
#[allow(missing_docs, reason = "each is what the reader of its name hands out")]
pub struct Visible {
    pub head: Option<StoredHead>,
    pub tiles: BTreeMap<TileId, Vec<u8>>,
    pub rows: Vec<EntryRow>,
    pub checkpoints: BTreeMap<TreeSize, String>,
    pub ids: HashMap<(TenantId, EntryId), Index>,
    pub chains: HashMap<TenantId, Vec<Index>>,
    pub requests: HashMap<(TenantId, Digest), (Digest, Index)>,
    pub lookups: HashMap<(TenantId, Digest), Vec<Index>>,
    pub values: BTreeMap<(u8, Vec<u8>), Vec<u8>>,
}

impl Visible {
    /// One atomic write: this commit and its publication are seen.
    pub fn apply(&mut self, record: &Replay, publication: &Publication) {
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
        for Put { space, key, value } in record.puts.clone() {
            match value {
                Some(value) => self.values.insert((space, key), value),
                None => self.values.remove(&(space, key)),
            };
        }
        self.tiles.extend(publication.tiles.iter().cloned());
        let kept = self.head.take().map(|head| head.checkpoint).unwrap_or_default();
        let new = !publication.checkpoint.is_empty();
        if new {
            self.checkpoints.insert(publication.size, publication.checkpoint.clone());
        }
        self.head = Some(StoredHead {
            number: publication.number,
            size: publication.size,
            root: publication.root,
            at: publication.at,
            groups: publication.groups,
            checkpoint: if new { publication.checkpoint.clone() } else { kept },
        });
    }

    /// See [`crate::storage::Reader::entry`].
    pub fn entry(&self, index: Index) -> Option<EntryRow> {
        self.rows.get(usize::try_from(index.0).ok()?).cloned()
    }

    /// See [`crate::storage::Reader::leaf_data`].
    pub fn leaf_data(&self, from: Index, limit: usize) -> Vec<Vec<u8>> {
        let from = usize::try_from(from.0).unwrap_or(usize::MAX);
        self.rows.iter().skip(from).take(limit).map(|row| row.leaf.leaf_data.clone()).collect()
    }

    /// See [`crate::storage::Reader::chain`].
    pub fn chain(&self, tenant: TenantId) -> Option<(Sequence, Index, Hash)> {
        let index = self.chains.get(&tenant)?.last()?;
        let leaf = &self.rows.get(usize::try_from(index.0).ok()?)?.leaf;
        Some((leaf.sequence, *index, Sha256Tree::leaf(&leaf.leaf_data)))
    }

    /// See [`crate::storage::Reader::by_sequence`].
    pub fn by_sequence(&self, tenant: TenantId, from: Sequence, limit: usize) -> Vec<(Sequence, Index)> {
        let chain = self.chains.get(&tenant).map(Vec::as_slice).unwrap_or_default();
        let numbered = (1..).map(Sequence).zip(chain.iter().copied());
        numbered.filter(|(sequence, _)| *sequence >= from).take(limit).collect()
    }

    /// See [`crate::storage::Reader::lookup`].
    pub fn lookup(&self, tenant: TenantId, digest: &Digest, limit: usize) -> Vec<Index> {
        let found = self.lookups.get(&(tenant, *digest)).map(Vec::as_slice).unwrap_or_default();
        found.iter().copied().take(limit).collect()
    }

    /// See [`crate::storage::Reader::values`].
    pub fn values_of(&self, space: u8, prefix: &[u8]) -> KeyValues {
        let from = self.values.range((space, prefix.to_vec())..);
        let within = from.take_while(|((at, key), _)| *at == space && key.starts_with(prefix));
        within.map(|((_, key), value)| (key.clone(), value.clone())).collect()
    }
}
