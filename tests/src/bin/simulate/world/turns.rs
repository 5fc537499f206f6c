//! A turn and a start-up of the ledger, with what was due of each.

use super::{House, World};
use crate::desk::Waiting;
use crate::disk::{Did, Outcome, Trouble};
use crate::judge::{self, End, Seen};
use crate::reference::{Due, Expected, Job};
use crate::rules::{Breach, Rule};
use ledger::Refusal;
use ledger::sequencer::{Stepped, Stepwise};
use proof::UnixMillis;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tests::faults::chance::Chance;

impl World {
    /// One turn under this trouble; what becomes of the process after it.
    pub(super) fn turn(&mut self, chance: &mut Chance, number: u32, trouble: Trouble) -> Result<(), Breach> {
        let batch = self.desk.next();
        let is_close = batch.iter().any(|waiting| matches!(waiting.job, Job::Close));
        let base = self.reference.size();
        let (dues, commits) = self.due(&batch);
        self.say(|| format!("{number}: a turn of {} jobs at {}, {trouble:?}", batch.len(), self_at(&commits)));
        let Some(house) = &mut self.house else { return Ok(()) };
        self.disk.medium().trouble = trouble;
        let stepped = house.driver.turn();
        let (journal, dead) = self.disarm();
        let failed_sync = has_failed_sync(&journal);
        let idle = batch.is_empty();
        self.reference.rules.hold(Rule::Answers, idle == (stepped == Stepped::Idle), || format!("{stepped:?}"))?;
        let stopped = matches!(stepped, Stepped::Ended(Err(_)));
        self.say(|| format!("  {stepped:?}, {}", brief(&journal)));
        let seen = Seen { journal, dead, stopped, starting: false };
        let end = judge::follow(&mut self.reference, seen, commits, VecDeque::new(), self.laws.peeks)?;
        for (waiting, due) in batch.iter().zip(&dues) {
            let told = self.desk.told(waiting.number);
            if let Some(told) = &told {
                let refused = told.said.refusal().is_some();
                self.tally.refusals += u64::from(refused);
                self.tally.answers += u64::from(!refused);
            }
            judge::answer(&mut self.reference, due, told, end, base, self.laws.peeks)?;
        }
        match end {
            End::Died => self.crash(chance),
            End::Stopped { .. } => self.refuse_the_rest(chance, failed_sync)?,
            End::Done | End::Retry { .. } if is_close => {
                self.disk.medium().published.sync();
                self.disk.medium().dead = true;
                self.house = None;
                self.desk.abandon();
            }
            End::Done | End::Retry { .. } => self.glance()?,
        }
        let unasked = self.desk.unasked();
        self.reference.rules.hold(Rule::Answers, unasked == 0, || format!("{unasked} answers nobody waited for"))
    }

    /// What is due of the jobs of a turn, and the commits it takes.
    fn due(&mut self, batch: &[Waiting]) -> (Vec<Due>, Vec<Expected>) {
        let now = self.now();
        if let [Waiting { job: Job::Seal(plan, token), honest, .. }] = batch {
            return match self.reference.seal(plan, token, *honest, now) {
                Err(refusal) => (vec![Due::Refused(refusal)], Vec::new()),
                Ok(commits) => (vec![Due::Sealed(plan.batch, self.reference.size() as u64)], commits.into()),
            };
        }
        let jobs: Vec<Job> = batch.iter().map(|waiting| waiting.job.clone()).collect();
        let taken = self.reference.take(&jobs, now);
        (taken.dues, taken.commit.into_iter().collect())
    }

    /// The process stopped by itself: whoever still waits is told so.
    fn refuse_the_rest(&mut self, chance: &mut Chance, failed_sync: bool) -> Result<(), Breach> {
        let waiting = self.desk.abandon();
        self.house = None;
        for waiting in waiting.iter().filter(|waiting| !matches!(waiting.job, Job::Close)) {
            let told = self.desk.told(waiting.number);
            let stopped = told.as_ref().and_then(|told| told.said.refusal());
            let held = matches!(stopped, Some(Refusal::Stopped(_)));
            self.reference.rules.hold(Rule::Answers, held, || format!("who waited was told {told:?}"))?;
        }
        self.after_stop(chance, failed_sync);
        Ok(())
    }

    /// Starts the house again; a calm start-up is one in which nothing goes wrong.
    pub(super) fn start(&mut self, chance: &mut Chance, number: u32, calm: bool) -> Result<(), Breach> {
        let trouble = if calm { Trouble::default() } else { self.trouble_at_start(chance) };
        self.say(|| format!("{number}: starts, {trouble:?}"));
        {
            let mut medium = self.disk.medium();
            (medium.dead, medium.trouble) = (false, trouble);
        }
        let model = match self.disk.open() {
            Ok(model) => model,
            Err(why) => {
                let (_, dead) = self.disarm();
                self.nothing_lost()?;
                self.reference.rules.hold(Rule::Starts, dead, || format!("the store does not open: {why:?}"))?;
                self.tally.while_starting += 1;
                self.crash(chance);
                return Ok(());
            }
        };
        self.settle()?;
        let due: Vec<Expected> = self.reference.pending_seal(self.now()).into_iter().collect();
        let unpublished: VecDeque<u64> = {
            let medium = self.disk.medium();
            (medium.published.count() as u64 + 1..=medium.records.len() as u64).collect()
        };
        self.tally.replayed += unpublished.len() as u64;
        let clock = Arc::clone(&self.now);
        let clock = Box::new(move || UnixMillis(clock.load(Ordering::Relaxed)));
        let started = Stepwise::start(model, Self::key(), crate::reference::forms::ORIGIN, clock, self.options());
        let (journal, dead) = self.disarm();
        let failed_sync = has_failed_sync(&journal);
        let why = started.as_ref().err().map(ToString::to_string);
        self.say(|| format!("  {}, {}", why.as_deref().unwrap_or("started"), brief(&journal)));
        let seen = Seen { journal, dead, stopped: why.is_some(), starting: true };
        let end = judge::follow(&mut self.reference, seen, due, unpublished, self.laws.peeks);
        // What it stopped for is worth more than that it stopped.
        let end = end.map_err(|breach| Breach {
            detail: format!("{}{}", breach.detail, why.map(|why| format!("\n  {why}")).unwrap_or_default()),
            ..breach
        })?;
        match (end, started) {
            (End::Died, _) => {
                self.tally.while_starting += 1;
                self.crash(chance);
                Ok(())
            }
            (_, Err(_)) => {
                self.after_stop(chance, failed_sync);
                Ok(())
            }
            (_, Ok((handle, driver))) => {
                self.house = Some(House { handle, driver });
                self.down = false;
                self.tally.restarts += 1;
                self.look_around(chance)
            }
        }
    }

    /// What the crash left of the segments is what stays: the reference learns it.
    fn settle(&mut self) -> Result<(), Breach> {
        self.nothing_lost()?;
        let last = {
            let medium = self.disk.medium();
            let commits = self.reference.commits();
            let next = medium.records.get(commits).map(|record| Arc::clone(&record.replay));
            self.reference.rules.hold(Rule::Starts, medium.records.len() <= commits + 1, || {
                format!("{} records where {commits} were due", medium.records.len())
            })?;
            next
        };
        let uncertain = self.reference.uncertain.take();
        if let Some(replay) = last {
            let Some(due) = uncertain else {
                return self
                    .reference
                    .rules
                    .hold(Rule::NoTrace, false, || format!("durable and never due: {replay:?}"));
            };
            self.reference.rules.same(Rule::Commits, "what a crash left", &*replay, &due.replay)?;
            self.reference.adopt(due);
        }
        Ok(())
    }

    /// Every commit that was durable still is.
    fn nothing_lost(&self) -> Result<(), Breach> {
        let medium = self.disk.medium();
        let whole = medium.records.iter().zip(1..).take_while(|(record, number)| record.replay.number == *number);
        let whole: Vec<_> = whole.filter(|(record, _)| !record.torn).collect();
        let (left, size) = (whole.len(), whole.last().map_or(0, |(record, _)| record.replay.size.0));
        let (reference, rules) = (&self.reference, &self.reference.rules);
        if left >= reference.commits() {
            return Ok(());
        }
        let lost = reference.acknowledged.range(size as usize..).next();
        rules.hold(Rule::Kept, lost.is_none(), || format!("the entry at {lost:?} is gone: {size} leaves are left"))?;
        rules.hold(Rule::NeverShrinks, size >= reference.size() as u64, || format!("{size} leaves are left"))?;
        rules.hold(Rule::Starts, false, || format!("{left} of {} commits are left", reference.commits()))
    }

    /// Takes what was done, and whether the machine died; nothing goes wrong after it.
    fn disarm(&mut self) -> (Vec<Did>, bool) {
        let mut medium = self.disk.medium();
        medium.trouble = Trouble::default();
        (std::mem::take(&mut medium.journal), medium.dead)
    }
}

/// An append that failed after it had written: the page cache may have dropped it.
fn has_failed_sync(journal: &[Did]) -> bool {
    journal.iter().any(|did| matches!(did, Did::Append(_, Outcome::Broken { done: true })))
}

fn self_at(commits: &[Expected]) -> String {
    let due = commits.iter().map(|due| format!("commit {} of {} leaves", due.replay.number, due.replay.leaves.len()));
    due.collect::<Vec<_>>().join(", then ")
}

fn brief(journal: &[Did]) -> String {
    let did = journal.iter().map(|did| match did {
        Did::Append(replay, outcome) => format!("append {} {outcome:?}", replay.number),
        Did::Publish(publication, outcome, _) => format!("publish {} {outcome:?}", publication.number),
        other => format!("{other:?}"),
    });
    did.collect::<Vec<_>>().join("; ")
}
