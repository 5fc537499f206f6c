//! Sealing, and an authority that answers late, never, twice, or about something else.

use super::World;
use crate::reference::{Job, POLICY};
use crate::rules::{Breach, Rule};
use ledger::CheckedToken;
use ledger::sealing::{self, PlanInputs, SealPlan};
use proof::{Hash, UnixMillis};
use tests::faults::chance::Chance;

/// Plans that wait for their token. They outlive the process: a token may come when another one runs.
#[derive(Default)]
pub struct Authority {
    waiting: Vec<SealPlan>,
}

/// Plans kept; the oldest is then never answered.
const KEPT: usize = 4;

impl World {
    /// Plans a batch, which must be the one that the reference plans, and hands it to the authority.
    pub(super) fn plan(&mut self, chance: &mut Chance, number: u32) -> Result<(), Breach> {
        let force = chance.between(0, 3) == 0;
        let salts = chance.draw();
        let mut salt = salts_from(salts);
        let due = self.reference.plan(force, &mut salt);
        let mut salt = salts_from(salts);
        let planned = sealing::plan(&self.disk, PlanInputs { policy: POLICY, salt: &mut salt, force });
        let planned = planned.map_err(|why| Breach { rule: Rule::Seals, detail: why.to_string() })?;
        self.reference.rules.same(Rule::Seals, "a plan", &planned, &due)?;
        self.say(|| format!("{number}: plans {:?}", planned.as_ref().map(|plan| (plan.batch, plan.first, plan.end))));
        self.authority.waiting.extend(planned);
        if self.authority.waiting.len() > KEPT {
            self.authority.waiting.remove(0);
        }
        Ok(())
    }

    /// A token arrives for one of the plans, and is handed to the sequencer.
    pub(super) fn authority_answers(&mut self, chance: &mut Chance, number: u32) -> Result<(), Breach> {
        let waiting = &mut self.authority.waiting;
        if waiting.is_empty() {
            return self.plan(chance, number);
        }
        let place = chance.between(0, waiting.len() as u64 - 1) as usize;
        // Sometimes kept, to be answered again.
        let mut plan = if chance.between(0, 4) == 0 { waiting[place].clone() } else { waiting.remove(place) };
        let now = self.now().0;
        let gen_time = match chance.between(0, 4) {
            0 => now.saturating_sub(chance.between(0, 100_000_000)),
            1 => now + chance.between(0, 100_000_000),
            _ => now,
        };
        let mut token = CheckedToken {
            der: [&b"token "[..], &chance.bytes(24)].concat(),
            imprint: plan.root,
            gen_time: UnixMillis(gen_time),
        };
        let honest = chance.between(0, 5) > 0;
        if !honest {
            spoil(chance, &mut plan, &mut token);
        }
        self.say(|| format!("{number}: a token for batch {} up to {:?}, honest: {honest}", plan.batch, plan.end));
        self.send(Job::Seal(Box::new(plan), token), honest)
    }
}

/// Plan or token is no longer what it was.
fn spoil(chance: &mut Chance, plan: &mut SealPlan, token: &mut CheckedToken) {
    let other = Hash(proof::sha256(&chance.bytes(8)).0);
    match chance.between(0, 6) {
        0 => token.imprint = other,
        1 => token.der.clear(),
        2 => plan.groups.insert(0, other),
        3 => plan.root = other,
        4 => plan.checkpoint.push('\n'),
        5 => plan.end.0 += 1,
        _ => plan.groups.clear(),
    }
}

fn salts_from(seed: u64) -> impl FnMut() -> [u8; 32] {
    let mut chance = Chance::new(seed);
    move || proof::sha256(&chance.bytes(8)).0
}
