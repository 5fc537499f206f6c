//! What renews a batch, for its packs; and how a renewal under way stands.

use crate::app::locked;
use crate::pack::PackRenewal;
use crate::problem::{Problem, codes};
use crate::random;
use ledger::sealing::{self, BatchHead, LeafTree, Of, Renewal, RenewalTree};
use ledger::storage::Reader;
use proof::time::format_rfc3339;
use proof::{FileNumber, Index, TenantId};
use serde_json::{Value, json};
use std::io::{Seek, SeekFrom};
use std::sync::{Arc, Mutex};
use store::{FileReader, StoreReads};

/// The second file of its entry holds the leaves of a renewal of hashes.
const LEAVES: FileNumber = FileNumber(2);

/// A renewal's upper nodes, and its token.
struct Held {
    tree: Tree,
    token: Vec<u8>,
}

enum Tree {
    Stamps(RenewalTree),
    /// And the entry of its leaves.
    Hashes(LeafTree, Index),
}

/// The renewals, each read when it is first asked for: what was renewed never changes. And the one under way.
#[derive(Default)]
pub(crate) struct Renewals {
    held: Mutex<Vec<Arc<Held>>>,
    way: Mutex<Way>,
}

#[derive(Default)]
struct Way {
    /// Since when, and at which step.
    under_way: Option<(String, &'static str)>,
    /// What came of the last one.
    last: Value,
}

impl Renewals {
    /// One renewal of hashes at a time.
    pub(super) fn begin(&self) -> Result<(), Problem> {
        let mut way = locked(&self.way);
        if way.under_way.is_some() {
            return Err(Problem::from(&codes::BUSY).retry_after(60));
        }
        way.under_way = Some((format_rfc3339(random::now()), "sealing"));
        Ok(())
    }

    pub(super) fn step(&self, step: &'static str) {
        if let Some((_, at)) = &mut locked(&self.way).under_way {
            *at = step;
        }
    }

    /// Over: renewed, and what it came too late for; or not.
    pub(super) fn end(&self, outcome: Result<(Vec<Value>, Value), Problem>) {
        let last = match outcome {
            Ok((renewals, too_late)) => json!({"status": "renewed", "renewals": renewals, "too_late": too_late}),
            Err(problem) => json!({"status": "failed", "code": problem.code()}),
        };
        *locked(&self.way) = Way { under_way: None, last };
    }

    /// For those who wait.
    pub(super) fn under_way(&self) -> Value {
        let way = locked(&self.way);
        let under_way = way.under_way.as_ref().map(|(since, step)| json!({"since": since, "step": step}));
        json!({"under_way": under_way, "last": way.last})
    }

    /// What renews this batch, oldest first, as the groups at these positions bear it.
    pub(crate) fn of(
        &self,
        reads: &StoreReads,
        batch: &BatchHead,
        positions: &[u64],
    ) -> Result<Vec<PackRenewal>, Problem> {
        let mut all = Vec::new();
        for held in self.held(reads)? {
            all.extend(held.shown(reads, batch, positions)?);
        }
        Ok(all)
    }

    fn held(&self, reads: &StoreReads) -> Result<Vec<Arc<Held>>, Problem> {
        let all = sealing::renewals(reads).map_err(Problem::internal)?;
        let mut held = locked(&self.held).clone();
        for renewal in all.iter().skip(held.len()) {
            held.push(Arc::new(Held::open(reads, &all, renewal)?));
        }
        let mut known = locked(&self.held);
        if known.len() < held.len() {
            known.clone_from(&held);
        }
        Ok(held)
    }
}

impl Held {
    fn open(reads: &StoreReads, all: &[Renewal], renewal: &Renewal) -> Result<Self, Problem> {
        let token = sealing::renewal_token(reads, renewal.number).map_err(Problem::internal)?;
        let tree = match renewal.of {
            Of::Timestamps => {
                Tree::Stamps(RenewalTree::open(reads, all.to_vec(), renewal.number).map_err(Problem::internal)?)
            }
            Of::Hashes { entry, .. } => {
                let missing = || Problem::internal("the entry of a renewal is missing");
                let index = reads.by_id(TenantId::PLATFORM, entry)?.ok_or_else(missing)?;
                let first =
                    sealing::batch_head(reads, renewal.first).map_err(Problem::internal)?.ok_or_else(missing)?;
                let tree = LeafTree::open(renewal.clone(), &first, &mut leaves(reads, index)?);
                Tree::Hashes(tree.map_err(Problem::internal)?, index)
            }
        };
        Ok(Self { tree, token })
    }

    fn shown(&self, reads: &StoreReads, batch: &BatchHead, positions: &[u64]) -> Result<Option<PackRenewal>, Problem> {
        let token = self.token.clone();
        let (tree, index) = match &self.tree {
            Tree::Stamps(tree) => {
                let digest = tree.renewal.digest;
                return Ok(tree.lists(batch.batch).map(|lists| PackRenewal::Stamp { digest, lists, token }));
            }
            Tree::Hashes(tree, index) => (tree, *index),
        };
        if !tree.renewal.covers(batch.batch) {
            return Ok(None);
        }
        let mut siblings = Vec::new();
        for position in positions {
            let place = tree.place(batch, *position).ok_or_else(|| Problem::internal("a group outside a renewal"))?;
            let mut source = leaves(reads, index)?;
            source.seek(SeekFrom::Start(tree.offset(place))).map_err(Problem::internal)?;
            siblings.push(tree.path(place, &mut source).map_err(Problem::internal)?.1);
        }
        Ok(Some(PackRenewal::Hashes { digest: tree.renewal.digest, siblings, token }))
    }
}

/// The leaves of a renewal of hashes.
fn leaves(reads: &StoreReads, index: Index) -> Result<FileReader, Problem> {
    reads.open_file(index, LEAVES)?.ok_or_else(|| Problem::internal("the leaves of a renewal are missing"))
}
