//! Negative controls: worlds with one known bug each, which must be caught by the rule that it breaks. A harness that passes a
//! broken ledger proves nothing about a whole one.

use crate::disk::Habits;
use crate::report::Line;
use crate::rules::Rule;
use crate::shrink;
use crate::world::{Excerpt, Laws, tell};
use ledger::failpoint;

/// Stories in which a bug must show.
const STORIES: u64 = 60;

struct Control {
    name: &'static str,
    laws: Laws,
    /// Steps that the ledger leaves out (`ledger::failpoint`).
    failpoints: &'static str,
    due: Rule,
}

fn all() -> Vec<Control> {
    let laws = Laws::default();
    let honest = Habits::default();
    let blind = Laws { peeks: false, ..laws };
    let control = |name, laws, failpoints, due| Control { name, laws, failpoints, due };
    vec![
        control(
            "acknowledged before sync",
            Laws { habits: Habits { syncs: false, ..honest }, ..blind },
            "",
            Rule::Kept,
        ),
        control("head signed before it is durable", laws, "answer.before-append=skip", Rule::DurableFirst),
        control("the same, by what is lost", blind, "answer.before-append=skip", Rule::Acknowledged),
        control(
            "no second computation, bad growth",
            laws,
            "ledger.second-computation=skip;ledger.grow=error@4",
            Rule::Root,
        ),
        control("replay left out", Laws { habits: Habits { replays: false, ..honest }, ..laws }, "", Rule::Starts),
        control("idempotency by what is published", laws, "take.pending-batch=skip", Rule::OneEntry),
        control("sequence by what is published", laws, "order.own-batch=skip", Rule::Chains),
        control("answered before signing", blind, "answer.before-sign=skip", Rule::Answers),
        control(
            "what a kill left is not synced again",
            Laws { habits: Habits { syncs_again: false, ..honest }, ..laws },
            "",
            Rule::DurableFirst,
        ),
    ]
}

/// Runs every control, one after the other: failpoints are the process's.
pub fn run(seed: u64) -> Vec<Line> {
    let lines = all().into_iter().map(|control| control.run(seed)).collect();
    failpoint::arm("").expect("nothing is readable");
    lines
}

impl Control {
    fn run(&self, seed: u64) -> Line {
        let mut others = Vec::new();
        for number in 0..STORIES {
            // Counts of passages begin again with every story.
            failpoint::arm(self.failpoints).expect("the failpoints of controls are readable");
            let story = tell(seed + number, self.laws, &Excerpt::default());
            let Some(breach) = story.breach else { continue };
            if breach.rule != self.due {
                others.push(breach.rule);
                continue;
            }
            let (short, story) = shrink::shorten(seed + number, self.laws, self.due, story.last);
            let kept = short.steps.unwrap_or(0) as usize - short.without.len();
            println!("\ncontrol, {}: seed {}, {kept} steps are enough\n{}", self.name, seed + number, story.trace);
            let (name, rule) = (self.name.to_owned(), self.due.to_string());
            return Line { name, stories: number + 1, result: "broke, as it must", rule, held: true };
        }
        let rule = format!("not broken: {}; broken: {others:?}", self.due);
        Line { name: self.name.to_owned(), stories: STORIES, result: "CONTROL PASSED", rule, held: false }
    }
}
