//! What a step may be: people ask, time passes, things break.

use super::World;
use crate::disk::{Death, Moment, Trouble};
use crate::reference::Job;
use crate::rules::{Breach, Rule};
use std::sync::atomic::Ordering;
use tests::faults::chance::Chance;

/// Milliseconds of a year, about.
const YEAR_MILLIS: u64 = 365 * 24 * 3_600_000;
/// The clock never goes past this, where RFC 3339 ends soon.
const LAST_MILLIS: u64 = 200_000_000_000_000;

impl World {
    /// One step of the story.
    pub(super) fn step(&mut self, number: u32) -> Result<(), Breach> {
        let mut chance = self.seed.fork(u64::from(number));
        self.tally.steps += 1;
        if self.house.is_none() {
            return self.start(&mut chance, number, false);
        }
        if self.now() < self.reference.at() && chance.between(0, 3) == 0 {
            // Somebody sets it right.
            self.now.store(self.reference.at().0, Ordering::Relaxed);
        }
        match chance.between(0, 99) {
            0..=41 => {
                self.submissions(&mut chance, number)?;
                let trouble = self.trouble(&mut chance);
                self.turn(&mut chance, number, trouble)
            }
            42..=57 => {
                let trouble = self.trouble(&mut chance);
                self.turn(&mut chance, number, trouble)
            }
            58..=66 => {
                self.clock(&mut chance, number);
                Ok(())
            }
            67..=76 => self.plan(&mut chance, number),
            77..=87 => {
                self.authority_answers(&mut chance, number)?;
                let trouble = self.trouble(&mut chance);
                self.turn(&mut chance, number, trouble)
            }
            88..=92 => {
                self.say(|| format!("{number}: a crash while nothing happens"));
                self.crash(&mut chance);
                Ok(())
            }
            93..=94 => self.close(&mut chance, number),
            _ => self.states(&mut chance, number),
        }
    }

    /// Sends a job, and sees it refused at once when there is no room for it.
    pub(super) fn send(&mut self, job: Job, honest: bool) -> Result<(), Breach> {
        let Some(house) = &self.house else { return Ok(()) };
        let (number, is_busy) = self.desk.send(&house.handle, &self.disk, job, honest);
        let told = self.desk.told(number);
        let refusal = told.as_ref().and_then(|told| told.said.refusal());
        let due = is_busy.then_some(&ledger::Refusal::Busy);
        self.tally.refusals += u64::from(is_busy);
        self.reference.rules.same(Rule::Answers, "an answer at the door", &refusal, &due)
    }

    fn submissions(&mut self, chance: &mut Chance, number: u32) -> Result<(), Breach> {
        let count = chance.between(1, self.crowd);
        let tenants = self.reference.tenants();
        for _ in 0..count {
            let asked = self.clients.submission(chance, &tenants);
            self.say(|| {
                let (key, content) = (asked.request.map(|it| it.key[0]), asked.content.map(|it| it[0]));
                format!("{number}: asks {} of {}: key {key:?}, content {content:?}", asked.kind.as_str(), asked.tenant)
            });
            self.send(Job::Entry(Box::new(asked)), false)?;
        }
        Ok(())
    }

    fn states(&mut self, chance: &mut Chance, number: u32) -> Result<(), Breach> {
        let tenants = self.reference.tenants();
        let puts = self.clients.state(chance, &tenants);
        self.say(|| format!("{number}: {} changes of state", puts.len()));
        self.send(Job::State(puts), false)
    }

    fn clock(&mut self, chance: &mut Chance, number: u32) {
        let (now, last) = (self.now().0, self.reference.at().0);
        let to = match chance.between(0, 19) {
            // Frozen.
            0..=2 => now,
            3..=8 => now + chance.between(1, 5_000),
            9 => now + chance.between(0, 10 * 24 * 3_600_000),
            10 => now + chance.between(1, 12) * YEAR_MILLIS,
            11..=13 => now.saturating_sub(chance.between(0, 5_000)),
            14 => last.saturating_sub(5_000 + chance.between(0, 1)),
            15 => now.saturating_sub(chance.between(5_001, 90 * 24 * 3_600_000)),
            // Set right.
            _ => now.max(last),
        };
        let to = to.min(LAST_MILLIS);
        self.now.store(to, Ordering::Relaxed);
        self.say(|| format!("{number}: the clock goes from {now} to {to}"));
    }

    /// Ends the process as an operator does: what is queued is committed first.
    fn close(&mut self, chance: &mut Chance, number: u32) -> Result<(), Breach> {
        if !self.desk.has_room() {
            return self.turn(chance, number, Trouble::default());
        }
        self.say(|| format!("{number}: closed"));
        self.send(Job::Close, false)?;
        while self.house.is_some() {
            self.turn(chance, number, Trouble::default())?;
        }
        Ok(())
    }

    /// What goes wrong in the next turn, if anything does.
    fn trouble(&mut self, chance: &mut Chance) -> Trouble {
        let mut trouble = Trouble::default();
        if self.laws.bad_memory {
            trouble.flip = Some((chance.between(0, 2) as u32, chance.draw() >> 1));
        }
        match chance.between(0, 99) {
            0..=51 => trouble.death = Some(death(chance)),
            52..=55 => trouble.append = Some(None),
            56..=59 => trouble.append = Some(Some(chance.between(0, 2) > 0)),
            60..=62 => trouble.publish_retries = chance.between(1, 4) as u32,
            63..=64 => trouble.publish_fails = Some(chance.between(0, 1) == 0),
            65..=68 => trouble.read = Some((chance.between(0, 30) as u32, chance.between(0, 1) == 0)),
            69..=72 => trouble.flip = Some((chance.between(0, 6) as u32, chance.draw() >> 1)),
            73..=78 => trouble.dies_answering = Some(chance.between(0, 4) as u32),
            79 => {
                trouble.publish_retries = chance.between(1, 2) as u32;
                trouble.death = Some(death(chance));
            }
            _ => {}
        }
        trouble
    }

    /// What goes wrong in the next start-up.
    pub(super) fn trouble_at_start(&mut self, chance: &mut Chance) -> Trouble {
        let mut trouble = self.trouble(chance);
        trouble.dies_answering = None;
        if chance.between(0, 1) == 0 {
            return Trouble::default();
        }
        trouble
    }

    /// After a process stopped by itself: nothing, or the power goes as well.
    pub(super) fn after_stop(&mut self, chance: &mut Chance, failed_sync: bool) {
        self.tally.stops += 1;
        self.die_quietly(failed_sync);
        if chance.between(0, 3) == 0 {
            self.die(Death::PowerCut);
        }
    }

    fn die_quietly(&mut self, failed_sync: bool) {
        if failed_sync {
            return self.die(Death::FailedSync);
        }
        self.disk.medium().die(Death::Kill);
        self.house = None;
        self.desk.abandon();
    }
}

fn death(chance: &mut Chance) -> (u32, Moment) {
    let moment = [Moment::Before, Moment::Middle, Moment::After][chance.between(0, 2) as usize];
    let operation = chance.between(0, 5);
    (if operation > 3 { 0 } else { operation as u32 }, moment)
}
