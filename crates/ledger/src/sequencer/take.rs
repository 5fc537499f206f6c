//! First step: what of the queue becomes a leaf, what was asked before, what is refused.

use super::commit::{Core, Failure};
use super::queue::{Job, Pending};
use crate::failpoint;
use crate::limits::{CLOCK_BACK_MILLIS, ENTRY_FILES, ENTRY_LOOKUPS, PUT_KEY_BYTES, PUT_VALUE_BYTES, REQUEST_PUTS};
use crate::prover;
use crate::sealing::register::slot_of;
use crate::spaces;
use crate::storage::{Put, Reader, Storage};
use crate::submission::{Answer, Refusal, Submission};
use proof::limits::RECORD_BYTES;
use proof::record::Kind;
use proof::{EntryId, Index, TenantId, UnixMillis};
use std::collections::{BTreeMap, HashMap, HashSet};

/// How a reply relates to the leaf it waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Relation {
    First,
    Repeats,
    Duplicates,
}

/// What a commit will hold, and who waits for it.
pub(super) struct Taken<P> {
    /// Become leaves, in this order.
    pub(super) fresh: Vec<Submission<P>>,
    /// Who waits for which of them.
    pub(super) waiting: Vec<(usize, Relation, Pending<Answer>)>,
    /// Changes of state, in the order of the queue.
    pub(super) puts: Vec<Put>,
    /// Who waits for changes of state alone.
    pub(super) states: Vec<Pending<()>>,
    /// Slots of tenants that join with this commit.
    pub(super) slots: BTreeMap<TenantId, u64>,
    /// The pending batch, as idempotency must see it.
    requests: HashMap<(TenantId, [u8; 32]), ([u8; 32], usize)>,
    contents: HashMap<(TenantId, [u8; 32]), usize>,
    ids: HashSet<EntryId>,
}

/// What is to be done with a submission.
enum Verdict {
    Fresh,
    Wait(usize, Relation),
    Answer(Answer),
    Refuse(Refusal),
}

impl<P> Taken<P> {
    pub(super) fn is_empty(&self) -> bool {
        self.fresh.is_empty() && self.puts.is_empty() && self.states.is_empty()
    }

    /// Everybody who waits is refused for this reason.
    pub(super) fn refuse_all(self, refusal: &Refusal) {
        self.waiting.into_iter().for_each(|(_, _, reply)| reply.answer(Err(refusal.clone())));
        self.states.into_iter().for_each(|reply| reply.answer(Err(refusal.clone())));
    }

    fn accept(&mut self, submission: Submission<P>, reply: Pending<Answer>) {
        let place = self.fresh.len();
        let tenant = submission.tenant;
        if let Some(request) = submission.request {
            self.requests.insert((tenant, request.key), (request.digest, place));
        }
        if let Some(content) = submission.content {
            self.contents.entry((tenant, content)).or_insert(place);
        }
        self.ids.insert(submission.id);
        self.fresh.push(submission);
        self.waiting.push((place, Relation::First, reply));
    }
}

impl<S: Storage> Core<S> {
    /// Sorts the jobs of one batch. Repeats of published entries are answered here: they are durable already.
    pub(super) fn take(&self, jobs: Vec<Job<S::Parts>>, now: UnixMillis) -> Result<Taken<S::Parts>, Failure> {
        let mut taken = Taken {
            fresh: Vec::new(),
            waiting: Vec::new(),
            puts: Vec::new(),
            states: Vec::new(),
            slots: BTreeMap::new(),
            requests: HashMap::new(),
            contents: HashMap::new(),
            ids: HashSet::new(),
        };
        let mut jobs = jobs.into_iter();
        while let Some(job) = jobs.next() {
            let done = match job {
                Job::Entry(submission, reply) => self.take_entry(&mut taken, *submission, reply, now),
                Job::State(puts, reply) => {
                    self.take_state(&mut taken, puts, reply);
                    Ok(())
                }
                Job::Seal(..) | Job::Close => Ok(()),
            };
            if let Err(failure) = done {
                taken.refuse_all(&failure.refusal());
                jobs.for_each(|job| job.refuse(failure.refusal()));
                return Err(failure);
            }
        }
        Ok(taken)
    }

    fn take_entry(
        &self,
        taken: &mut Taken<S::Parts>,
        mut submission: Submission<S::Parts>,
        reply: Pending<Answer>,
        now: UnixMillis,
    ) -> Result<(), Failure> {
        let verdict = match self.judge(taken, &submission, now) {
            Ok(verdict) => verdict,
            Err(failure) => {
                reply.answer(Err(failure.refusal()));
                return Err(failure);
            }
        };
        match verdict {
            Verdict::Refuse(refusal) => reply.answer(Err(refusal)),
            Verdict::Answer(answer) => reply.answer(Ok(answer)),
            Verdict::Wait(place, relation) => taken.waiting.push((place, relation, reply)),
            Verdict::Fresh => {
                let puts = std::mem::take(&mut submission.puts);
                match self.admit_puts(taken, &puts) {
                    Err(refusal) => reply.answer(Err(refusal)),
                    Ok(slots) if !self.has_slot(taken, &slots, submission.tenant) => {
                        reply.answer(Err(Refusal::UnknownTenant(submission.tenant)));
                    }
                    Ok(slots) => {
                        taken.slots.extend(slots);
                        taken.puts.extend(puts);
                        taken.accept(submission, reply);
                    }
                }
            }
        }
        Ok(())
    }

    /// What this submission is: repeated, a duplicate, refused, or fresh as far as its puts allow.
    fn judge(
        &self,
        taken: &Taken<S::Parts>,
        submission: &Submission<S::Parts>,
        now: UnixMillis,
    ) -> Result<Verdict, Failure> {
        if let Some(known) = self.asked_before(taken, submission)? {
            return Ok(known);
        }
        if now.0.saturating_add(CLOCK_BACK_MILLIS) < self.head.at.0 && submission.kind != Kind::Administration {
            return Ok(Verdict::Refuse(Refusal::ClockWentBack { last: self.head.at, now }));
        }
        if submission.kind != Kind::Administration && !self.clock.believed(now, self.head.at) {
            return Ok(Verdict::Refuse(Refusal::ClockAhead { last: self.head.at, now }));
        }
        if let Some(why) = beyond_limits(submission).or_else(|| unordered(Some(submission.kind), &submission.puts)) {
            return Ok(Verdict::Refuse(Refusal::Malformed(why)));
        }
        if self.renewed_already(&submission.puts)? {
            return Ok(Verdict::Refuse(Refusal::Malformed("this renewal is logged already".to_owned())));
        }
        let id = submission.id;
        if taken.ids.contains(&id) || self.reads.by_id(submission.tenant, id)?.is_some() {
            return Ok(Verdict::Refuse(Refusal::IdInUse(id)));
        }
        Ok(Verdict::Fresh)
    }

    /// Idempotency: by request key where there is one, else by content. The pending batch counts as logged.
    fn asked_before(
        &self,
        taken: &Taken<S::Parts>,
        submission: &Submission<S::Parts>,
    ) -> Result<Option<Verdict>, Failure> {
        let tenant = submission.tenant;
        // Negative control: with the failpoint only what is published counts, and two requests of a batch make two entries.
        let published_alone = failpoint::skip("take.pending-batch");
        if let Some(request) = submission.request {
            let pending = taken.requests.get(&(tenant, request.key)).filter(|_| !published_alone);
            if let Some((digest, place)) = pending {
                let mismatch = Verdict::Refuse(Refusal::IdempotencyMismatch { index: None });
                let same = *digest == request.digest;
                return Ok(Some(if same { Verdict::Wait(*place, Relation::Repeats) } else { mismatch }));
            }
            return match self.reads.request(tenant, &request.key)? {
                None => Ok(None),
                Some((digest, index)) if digest == request.digest => {
                    Ok(Some(Verdict::Answer(Answer::Repeated(self.receipt(index)?))))
                }
                Some((_, index)) => Ok(Some(Verdict::Refuse(Refusal::IdempotencyMismatch { index: Some(index) }))),
            };
        }
        let Some(content) = submission.content.filter(|_| !submission.allow_duplicate) else {
            return Ok(None);
        };
        if let Some(index) = self.reads.lookup(tenant, &content, 1)?.first() {
            return Ok(Some(Verdict::Answer(Answer::Duplicate(self.receipt(*index)?))));
        }
        let pending = taken.contents.get(&(tenant, content)).filter(|_| !published_alone);
        Ok(pending.map(|place| Verdict::Wait(*place, Relation::Duplicates)))
    }

    /// These changes bring a renewal of a number that is taken: what was stamped stays.
    fn renewed_already(&self, puts: &[Put]) -> Result<bool, Failure> {
        for put in puts.iter().filter(|put| put.space == spaces::RENEWALS) {
            if self.reads.value(put.space, &put.key)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn receipt(&self, index: Index) -> Result<crate::Receipt, Failure> {
        prover::receipt_for(&self.reads, index).map_err(|why| match why {
            prover::ProverError::Storage(why) => why.into(),
            // A published entry without receipt: the storage does not agree with itself.
            other => Failure::Stop(other.to_string()),
        })
    }

    fn take_state(&self, taken: &mut Taken<S::Parts>, puts: Vec<Put>, reply: Pending<()>) {
        // No entry comes along: nothing may be marked as eliminated, and nothing is renewed.
        let ordered = unordered(None, &puts).map_or(Ok(()), |why| Err(Refusal::Malformed(why)));
        match ordered.and_then(|()| self.admit_puts(taken, &puts)) {
            Err(refusal) => reply.answer(Err(refusal)),
            Ok(slots) => {
                taken.slots.extend(slots);
                taken.puts.extend(puts);
                taken.states.push(reply);
            }
        }
    }

    /// The slots that these puts hand out, when nothing in them is the ledger's own and every slot is the right one.
    fn admit_puts(&self, taken: &Taken<S::Parts>, puts: &[Put]) -> Result<BTreeMap<TenantId, u64>, Refusal> {
        let longest = |of: fn(&Put) -> usize| puts.iter().map(of).max().unwrap_or(0);
        beyond("changes of state", puts.len(), REQUEST_PUTS)
            .or_else(|| beyond("bytes of a key", longest(|put| put.key.len()), PUT_KEY_BYTES))
            .or_else(|| {
                let value = longest(|put| put.value.as_ref().map_or(0, Vec::len));
                beyond("bytes of a value", value, PUT_VALUE_BYTES)
            })
            .map_or(Ok(()), |why| Err(Refusal::Malformed(why)))?;
        let mut joining = BTreeMap::new();
        for put in puts {
            match put.space {
                spaces::BATCHES | spaces::BATCH_TOKENS | spaces::REGISTERS | spaces::LEDGER => {
                    return Err(Refusal::Malformed(format!("space {} is written by seals alone", put.space)));
                }
                spaces::TENANTS => {
                    let key = put.key.as_slice().try_into().map(TenantId);
                    let tenant = key.map_err(|_| Refusal::Malformed("a tenant's key is 16 bytes".to_owned()))?;
                    let given = put.value.as_deref().and_then(slot_of);
                    let known = [&joining, &taken.slots, &self.slots].into_iter().find_map(|m| m.get(&tenant));
                    let next = (self.slots.len() + taken.slots.len() + joining.len()) as u64;
                    let expected = known.copied().unwrap_or(next);
                    if given != Some(expected) {
                        return Err(Refusal::TenantSlot { expected, given });
                    }
                    if known.is_none() {
                        joining.insert(tenant, expected);
                    }
                }
                _ => {}
            }
        }
        Ok(joining)
    }

    fn has_slot(&self, taken: &Taken<S::Parts>, joining: &BTreeMap<TenantId, u64>, tenant: TenantId) -> bool {
        [joining, &taken.slots, &self.slots].into_iter().any(|slots| slots.contains_key(&tenant))
    }
}

/// What of the submission is more than a record may hold, in words.
fn beyond_limits<P>(submission: &Submission<P>) -> Option<String> {
    beyond("files", submission.file_groups.len(), ENTRY_FILES)
        .or_else(|| beyond("bytes of E", submission.entry_bytes.len(), RECORD_BYTES))
        .or_else(|| beyond("look-up digests", submission.lookups.len(), ENTRY_LOOKUPS))
}

/// Why these changes may not come with an entry of this kind: only an elimination, in the log, marks entries as eliminated,
/// only an administration entry brings a renewal, and nothing takes either away.
fn unordered(kind: Option<Kind>, puts: &[Put]) -> Option<String> {
    let marks = |put: &&Put| put.space == spaces::ELIMINATIONS && put.key.first() == Some(&spaces::ELIMINATED);
    let renews = |put: &&Put| [spaces::RENEWALS, spaces::RENEWAL_TOKENS].contains(&put.space);
    let only = |needed: Kind, put: &Put| kind == Some(needed) && put.value.is_some();
    if !puts.iter().filter(marks).all(|put| only(Kind::Elimination, put)) {
        return Some("only an entry of kind elimination marks others as eliminated, for ever".to_owned());
    }
    let ordered = puts.iter().filter(renews).all(|put| only(Kind::Administration, put));
    (!ordered).then(|| "only an entry of kind administration brings a renewal, for ever".to_owned())
}

fn beyond(what: &str, given: usize, limit: usize) -> Option<String> {
    (given > limit).then(|| format!("{given} {what}, the limit is {limit}"))
}
