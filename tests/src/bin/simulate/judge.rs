//! Holds what a process did and said against what was due.

use crate::desk::{Said, Told};
use crate::disk::{Did, Outcome};
use crate::reference::{Due, Expected, Reference, Relation};
use crate::rules::{Breach, Rule};
use ledger::{Answer, Refusal, Sealed, limits};
use proof::Index;
use std::collections::VecDeque;
use std::mem::discriminant;

/// How a turn or a start ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// As if nothing had gone wrong.
    Done,
    /// Nothing more was written; the same may be asked again. With whether a read failed, and not the append.
    Retry { read: bool },
    /// The process stopped. With whether a read failed it.
    Stopped { read: bool },
    /// The machine died under it.
    Died,
}

/// What is known of the process after a turn or a start.
pub struct Seen {
    pub journal: Vec<Did>,
    /// The machine died.
    pub dead: bool,
    /// It stopped, or did not start.
    pub stopped: bool,
    pub starting: bool,
}

/// What was found in a journal.
#[derive(Default)]
struct Found {
    broken: bool,
    retried: bool,
    read_failed: bool,
    fatal_read: bool,
    flipped: bool,
    attempts: u32,
}

/// Follows what was done to the disk, step by step: `due` are the commits that had to be appended, `unpublished` those to be
/// published first. What became durable is told to the reference.
pub fn follow(
    reference: &mut Reference,
    seen: Seen,
    due: Vec<Expected>,
    mut unpublished: VecDeque<u64>,
    peeks: bool,
) -> Result<End, Breach> {
    let mut due = due.into_iter();
    let mut found = Found::default();
    for did in seen.journal {
        if matches!(did, Did::Append(..) | Did::Publish(..)) {
            let going = !found.broken && !found.retried;
            reference.rules.hold(Rule::Stops, going, || format!("after a failure: {did:?}"))?;
        }
        match did {
            Did::Append(replay, outcome) => {
                let rule = Rule::Published;
                reference.rules.hold(rule, unpublished.is_empty(), || "appended before publishing".to_owned())?;
                let Some(expected) = due.next() else {
                    return reference
                        .rules
                        .hold(Rule::NoTrace, false, || format!("appended {replay:?}"))
                        .map(|()| End::Done);
                };
                reference.check_commit(&replay, &expected.replay)?;
                match outcome {
                    Outcome::Done => {
                        unpublished.push_back(replay.number);
                        reference.adopt(expected);
                    }
                    Outcome::Retry => found.retried = true,
                    Outcome::Broken { done } => {
                        found.broken = true;
                        reference.uncertain = done.then_some(expected);
                    }
                }
                found.attempts = 0;
            }
            Did::Publish(publication, outcome, synced) => {
                let number = publication.number;
                if peeks {
                    reference.rules.hold(Rule::DurableFirst, synced, || format!("commit {number} is signed first"))?;
                }
                let next = unpublished.front() == Some(&number);
                reference.rules.hold(Rule::Published, next, || format!("commit {number} is published out of order"))?;
                reference.check_publication(&publication)?;
                match outcome {
                    Outcome::Done => drop(unpublished.pop_front()),
                    Outcome::Retry => found.attempts += 1,
                    Outcome::Broken { .. } => found.broken = true,
                }
                found.broken |= found.attempts == limits::PUBLISH_ATTEMPTS;
            }
            Did::ReadFailed { fatal } => {
                found.read_failed = true;
                found.fatal_read |= fatal;
            }
            Did::Flipped => found.flipped = true,
        }
    }
    found.end(reference, (seen.dead, seen.stopped, seen.starting), due.next().is_none() && unpublished.is_empty())
}

impl Found {
    fn end(&self, reference: &Reference, state: (bool, bool, bool), complete: bool) -> Result<End, Breach> {
        let (dead, stopped, starting) = state;
        if dead {
            return Ok(End::Died);
        }
        let must_stop = self.broken || self.fatal_read;
        let may_stop = must_stop || self.flipped || (starting && self.read_failed);
        let rules = &reference.rules;
        rules.hold(Rule::Stops, stopped || !must_stop, || "it went on after an outcome nobody knows".to_owned())?;
        let rule = if starting { Rule::Starts } else { Rule::Stops };
        rules.hold(rule, may_stop || !stopped, || "it stopped, and nothing had gone wrong".to_owned())?;
        if stopped {
            return Ok(End::Stopped { read: self.read_failed || self.flipped });
        }
        if self.retried || self.read_failed {
            return Ok(End::Retry { read: self.read_failed });
        }
        let rule = if starting { Rule::Starts } else { Rule::Commits };
        rules.hold(rule, complete, || "something durable or due was neither appended nor published".to_owned())?;
        Ok(End::Done)
    }
}

/// Holds one answer against what was due. `base` is the index of the first leaf of the commit.
pub fn answer(
    reference: &mut Reference,
    due: &Due,
    told: Option<Told>,
    end: End,
    base: usize,
    peeks: bool,
) -> Result<(), Breach> {
    let Some(told) = told else {
        let excused = end == End::Died;
        return reference.rules.hold(Rule::Answers, excused, || format!("no answer, due {due:?}"));
    };
    let at_once = matches!(due, Due::Known(..) | Due::Refused(_));
    let (refused, read) = match end {
        End::Done | End::Died => (None, false),
        End::Retry { read } => (Some(Refusal::Retry(String::new())), read),
        End::Stopped { read } => (Some(Refusal::Stopped(String::new())), read),
    };
    if let (Some(refused), Some(refusal)) = (&refused, told.said.refusal())
        && (!at_once || read)
        && discriminant(refused) == discriminant(refusal)
    {
        return Ok(());
    }
    let stopped = matches!(told.said.refusal(), Some(Refusal::Stopped(_) | Refusal::Retry(_)));
    if end == End::Died && stopped {
        // It was refusing everybody when the machine died under it.
        return Ok(());
    }
    let due_now = at_once || refused.is_none();
    reference.rules.hold(Rule::Answers, due_now, || format!("{:?} after {end:?}", told.said))?;
    match (due, &told.said) {
        (Due::Refused(refusal), said) => {
            let same = said.refusal().is_some_and(|seen| alike(seen, refusal));
            reference.rules.hold(Rule::Answers, same, || format!("seen {said:?}\n  due  {refusal:?}"))
        }
        (Due::Known(relation, index), Said::Entry(Ok(answer))) => {
            receipt(reference, *relation, *index, answer, &told, peeks)
        }
        (Due::Leaf(relation, place), Said::Entry(Ok(answer))) => {
            receipt(reference, *relation, base + place, answer, &told, peeks)
        }
        (Due::Done, Said::State(Ok(()))) => Ok(()),
        (Due::Sealed(batch, leaf), Said::Seal(Ok(sealed))) => {
            let due = Sealed { batch: *batch, leaf: Index(*leaf) };
            reference.rules.same(Rule::Seals, "a seal", sealed, &due)
        }
        (due, said) => reference.rules.hold(Rule::Answers, false, || format!("seen {said:?}\n  due  {due:?}")),
    }
}

fn receipt(
    reference: &mut Reference,
    relation: Relation,
    index: usize,
    answer: &Answer,
    told: &Told,
    peeks: bool,
) -> Result<(), Breach> {
    let rules = &reference.rules;
    if peeks {
        let needed = reference.rows().get(index).map_or(u64::MAX, |row| row.commit_size.0);
        rules.hold(Rule::DurableFirst, told.durable >= needed, || {
            format!("a receipt under head {needed} when {} leaves were durable", told.durable)
        })?;
        rules.hold(Rule::Acknowledged, told.published >= needed, || {
            format!("a receipt under head {needed} when {} leaves were published", told.published)
        })?;
    }
    let (seen, receipt) = match answer {
        Answer::Logged(receipt) => (Relation::Logged, receipt),
        Answer::Repeated(receipt) => (Relation::Repeated, receipt),
        Answer::Duplicate(receipt) => (Relation::Duplicate, receipt),
    };
    let known = index < reference.size();
    rules.hold(Rule::Acknowledged, known, || format!("a receipt of leaf {index}, which was never durable"))?;
    rules.same(Rule::Answers, "how an answer relates to its entry", &seen, &relation)?;
    let rule = if reference.acknowledged.contains(&index) { Rule::Kept } else { Rule::Answers };
    rules.same(rule, "a receipt", receipt, &reference.receipt(index))?;
    reference.acknowledged.insert(index);
    Ok(())
}

/// The same refusal; sentences are for people.
pub fn alike(seen: &Refusal, due: &Refusal) -> bool {
    let by_kind =
        matches!(due, Refusal::Malformed(_) | Refusal::SealMismatch(_) | Refusal::Retry(_) | Refusal::Stopped(_));
    if by_kind { discriminant(seen) == discriminant(due) } else { seen == due }
}
