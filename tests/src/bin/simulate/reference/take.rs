//! What is due to whoever asks: docs/formats/interfaces.md and docs/formats/log.md, as a plain walk over one batch.

use super::forms::{self, Digest};
use super::log::leaf_hash;
use super::{Expected, Reference};
use ledger::sealing::SealPlan;
use ledger::storage::{LeafKind, NewLeaf, Put, Replay, RequestKey};
use ledger::{CheckedToken, Refusal, Submission, limits, spaces};
use proof::record::Kind;
use proof::{EntryId, Hash, Index, Sequence, TenantId, TreeSize, UnixMillis};
use std::collections::BTreeMap;

/// One submission, before it is sent.
#[derive(Clone, Debug)]
pub struct Asked {
    pub tenant: TenantId,
    pub id: EntryId,
    pub kind: Kind,
    pub entry: Vec<u8>,
    pub groups: Vec<Hash>,
    pub request: Option<RequestKey>,
    pub content: Option<Digest>,
    pub allow_duplicate: bool,
    pub lookups: Vec<Digest>,
    pub puts: Vec<Put>,
    pub salt: Digest,
    pub weight: u64,
}

impl Asked {
    /// As it is sent.
    pub fn submission(&self) -> Submission<Vec<u8>> {
        Submission {
            tenant: self.tenant,
            id: self.id,
            kind: self.kind,
            entry_bytes: self.entry.clone(),
            file_groups: self.groups.clone(),
            request: self.request,
            content: self.content,
            allow_duplicate: self.allow_duplicate,
            lookups: self.lookups.clone(),
            puts: self.puts.clone(),
            salt: self.salt,
            weight: self.weight,
            parts: Vec::new(),
        }
    }
}

/// One thing asked of the sequencer.
#[derive(Clone, Debug)]
pub enum Job {
    Entry(Box<Asked>),
    State(Vec<Put>),
    Seal(Box<SealPlan>, CheckedToken),
    Close,
}

impl Job {
    /// What it counts for while it waits.
    pub fn weight(&self) -> u64 {
        let of = |puts: &[Put]| puts.iter().map(|put| put.key.len() + put.value.as_ref().map_or(0, Vec::len)).sum();
        let bytes: usize = match self {
            Job::Entry(asked) => asked.entry.len() + 32 * asked.groups.len() + of(&asked.puts),
            Job::State(puts) => of(puts),
            Job::Seal(..) | Job::Close => 0,
        };
        bytes as u64 + if let Job::Entry(asked) = self { asked.weight } else { 0 }
    }
}

/// How an answer relates to its entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Relation {
    Logged,
    Repeated,
    Duplicate,
}

/// What is due to one who asked.
#[derive(Clone, Debug)]
pub enum Due {
    /// At once: this entry, durable long since.
    Known(Relation, usize),
    /// At once: a refusal.
    Refused(Refusal),
    /// With the commit: its n-th leaf.
    Leaf(Relation, usize),
    /// With the commit: nothing but that it is durable.
    Done,
    /// With its two commits: the batch, and the index of its leaf.
    Sealed(u64, u64),
}

/// What is due of a whole batch.
#[derive(Default, Debug)]
pub struct TakenBatch {
    /// In the order of the jobs.
    pub dues: Vec<Due>,
    pub commit: Option<Expected>,
}

/// The batch as it is walked through.
#[derive(Default)]
struct Walk<'a> {
    fresh: Vec<&'a Asked>,
    puts: Vec<Put>,
    is_commit: bool,
    joined: Vec<TenantId>,
}

impl Reference {
    /// What is due of these jobs, taken together at this time of the clock.
    pub fn take(&mut self, jobs: &[Job], now: UnixMillis) -> TakenBatch {
        let mut walk = Walk::default();
        let mut dues = Vec::new();
        for job in jobs {
            let due = match job {
                Job::Entry(asked) => self.due(&mut walk, asked, now),
                Job::State(puts) => match self.admit(&walk, puts) {
                    Ok(joined) => {
                        walk.take_over(puts, joined);
                        Due::Done
                    }
                    Err(refusal) => Due::Refused(refusal),
                },
                Job::Seal(..) | Job::Close => continue,
            };
            dues.push(due);
        }
        let commit = walk.is_commit.then(|| self.commit_of(walk.fresh, walk.puts, now));
        TakenBatch { dues, commit }
    }

    fn due<'a>(&self, walk: &mut Walk<'a>, asked: &'a Asked, now: UnixMillis) -> Due {
        if let Some(known) = self.asked_before(walk, asked) {
            return known;
        }
        let last = self.at();
        if last.0.saturating_sub(now.0) > limits::CLOCK_BACK_MILLIS && asked.kind != Kind::Administration {
            return Due::Refused(Refusal::ClockWentBack { last, now });
        }
        if asked.lookups.len() > limits::ENTRY_LOOKUPS || asked.groups.len() > limits::ENTRY_FILES {
            return Due::Refused(Refusal::Malformed(String::new()));
        }
        let named = walk.fresh.iter().any(|other| other.id == asked.id);
        if named || self.ids.contains_key(&(asked.tenant, asked.id)) {
            return Due::Refused(Refusal::IdInUse(asked.id));
        }
        match self.admit(walk, &asked.puts) {
            Err(refusal) => Due::Refused(refusal),
            Ok(joined) => {
                let known = self.tenants().contains(&asked.tenant) || walk.joined.contains(&asked.tenant);
                if !known && !joined.contains(&asked.tenant) {
                    return Due::Refused(Refusal::UnknownTenant(asked.tenant));
                }
                walk.take_over(&asked.puts, joined);
                walk.fresh.push(asked);
                Due::Leaf(Relation::Logged, walk.fresh.len() - 1)
            }
        }
    }

    /// The same request, or without a key the same content, in the log or in the batch.
    fn asked_before(&self, walk: &Walk<'_>, asked: &Asked) -> Option<Due> {
        let own = |other: &&&Asked| other.tenant == asked.tenant;
        if let Some(request) = asked.request {
            let known = self.requests.get(&(asked.tenant, request.key));
            let same = |other: &&Asked| other.request.is_some_and(|it| it.key == request.key);
            let waiting = walk.fresh.iter().position(|other| own(&other) && same(other));
            return match (known, waiting) {
                (Some((digest, index)), _) if *digest == request.digest => Some(Due::Known(Relation::Repeated, *index)),
                (Some((_, index)), _) => {
                    let index = Some(Index(*index as u64));
                    Some(Due::Refused(Refusal::IdempotencyMismatch { index }))
                }
                (None, Some(place)) if walk.fresh[place].request == Some(request) => {
                    Some(Due::Leaf(Relation::Repeated, place))
                }
                (None, Some(_)) => Some(Due::Refused(Refusal::IdempotencyMismatch { index: None })),
                (None, None) => None,
            };
        }
        let content = asked.content.filter(|_| !asked.allow_duplicate)?;
        if let Some(index) = self.lookups.get(&(asked.tenant, content)) {
            return Some(Due::Known(Relation::Duplicate, *index));
        }
        let place = walk.fresh.iter().position(|other| own(&other) && other.content == Some(content))?;
        Some(Due::Leaf(Relation::Duplicate, place))
    }

    /// Tenants that these changes bring in, each in the next free slot.
    fn admit(&self, walk: &Walk<'_>, puts: &[Put]) -> Result<Vec<TenantId>, Refusal> {
        let malformed = || Err(Refusal::Malformed(String::new()));
        let own = [spaces::BATCHES, spaces::BATCH_TOKENS, spaces::REGISTERS, spaces::LEDGER];
        let too_long = |put: &Put| put.key.len() > limits::PUT_KEY_BYTES;
        if puts.len() > limits::REQUEST_PUTS || puts.iter().any(too_long) {
            return malformed();
        }
        let mut joined = Vec::new();
        for put in puts {
            if own.contains(&put.space) {
                return malformed();
            }
            if put.space != spaces::TENANTS {
                continue;
            }
            let Ok(tenant) = put.key.as_slice().try_into().map(TenantId) else { return malformed() };
            let mut slots = self.tenants();
            slots.extend(walk.joined.iter().chain(&joined));
            let known = slots.iter().position(|other| *other == tenant);
            let expected = known.unwrap_or(slots.len()) as u64;
            let given = put.value.as_deref().and_then(slot_in);
            if given != Some(expected) {
                return Err(Refusal::TenantSlot { expected, given });
            }
            if known.is_none() {
                joined.push(tenant);
            }
        }
        Ok(joined)
    }

    /// The commit of these entries and changes.
    fn commit_of(&mut self, fresh: Vec<&Asked>, puts: Vec<Put>, now: UnixMillis) -> Expected {
        let at = now.max(self.at());
        let mut group = self.heads.last().map_or(0, |head| head.groups);
        let mut tips: BTreeMap<TenantId, (u64, Option<Digest>)> = BTreeMap::new();
        let mut leaves = Vec::new();
        for (index, asked) in (self.rows.len() as u64..).zip(fresh) {
            let chain = self.chains.get(&asked.tenant).map(Vec::as_slice).unwrap_or_default();
            let tip = tips.entry(asked.tenant).or_insert((chain.len() as u64, chain.last().map(|last| last.1)));
            let record = forms::record(asked, tip.0 + 1, tip.1, at);
            let own = forms::pair(&forms::sha256(&[&record]), &forms::sha256(&[&asked.entry]));
            let leaf = NewLeaf {
                kind: LeafKind::Entry,
                index: Index(index),
                leaf_data: forms::entry_leaf(&record),
                tenant: asked.tenant,
                sequence: Sequence(tip.0 + 1),
                id: asked.id,
                record,
                groups: std::iter::once(Hash(own)).chain(asked.groups.iter().copied()).collect(),
                first_group: group,
                request: asked.request,
                lookups: asked.content.into_iter().chain(asked.lookups.iter().copied()).collect(),
            };
            group += leaf.groups.len() as u64;
            *tip = (tip.0 + 1, Some(leaf_hash(&leaf.leaf_data)));
            leaves.push(leaf);
        }
        Expected { replay: self.replay(leaves, puts, at), seal: None }
    }

    /// A commit of these leaves after the last one.
    pub(super) fn replay(&mut self, leaves: Vec<NewLeaf>, puts: Vec<Put>, at: UnixMillis) -> Replay {
        let hashes: Vec<Digest> = leaves.iter().map(|leaf| leaf_hash(&leaf.leaf_data)).collect();
        let size = (self.rows.len() + leaves.len()) as u64;
        let checkpoint_text = forms::checkpoint_text(size, &self.log.root_after(&hashes));
        let number = self.heads.len() as u64 + 1;
        Replay { number, at, size: TreeSize(size), checkpoint_text, leaves, puts }
    }
}

impl Walk<'_> {
    fn take_over(&mut self, puts: &[Put], joined: Vec<TenantId>) {
        self.is_commit = true;
        self.puts.extend_from_slice(puts);
        self.joined.extend(joined);
    }
}

/// The slot in a tenant's row, as the simulated clients write it.
fn slot_in(row: &[u8]) -> Option<u64> {
    std::str::from_utf8(row).ok()?.strip_prefix("{\"slot\":")?.strip_suffix('}')?.parse().ok()
}
