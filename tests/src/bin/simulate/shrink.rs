//! Makes a failure short: cuts what comes after it, then leaves out every step without which it still happens.

use crate::rules::Rule;
use crate::world::{Excerpt, Laws, Story, tell};
use std::collections::BTreeSet;

/// Stories told at most to make one short.
const TRIES: u32 = 600;

/// The shortest excerpt found that still breaks this rule, and how it ends.
pub fn shorten(seed: u64, laws: Laws, rule: Rule, last: u32) -> (Excerpt, Story) {
    let mut best = Excerpt { steps: Some(last), without: BTreeSet::new(), trace: true };
    let mut story = tell(seed, laws, &best);
    let mut tries = 0;
    let mut portion = (last / 2).max(1);
    loop {
        let mut from = 1;
        while from <= best.steps.unwrap_or(last) && tries < TRIES {
            let portion_steps = from..=(from + portion - 1).min(last);
            let mut shorter = best.clone();
            shorter.without.extend(portion_steps.clone());
            from += portion;
            if shorter.without.len() == best.without.len() {
                continue;
            }
            tries += 1;
            let told = tell(seed, laws, &shorter);
            if told.breach.as_ref().is_some_and(|breach| breach.rule == rule) {
                shorter.steps = Some(told.last);
                shorter.without.split_off(&(told.last + 1));
                (best, story) = (shorter, told);
            }
        }
        if portion == 1 || tries >= TRIES {
            return (best, story);
        }
        portion /= 2;
    }
}

/// Steps as `3,7-9`.
pub fn write(steps: &BTreeSet<u32>) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for step in steps {
        match ranges.last_mut() {
            Some((_, end)) if *end + 1 == *step => *end = *step,
            _ => ranges.push((*step, *step)),
        }
    }
    let shown = ranges.iter().map(|(a, b)| if a == b { a.to_string() } else { format!("{a}-{b}") });
    shown.collect::<Vec<_>>().join(",")
}

/// Steps written as by [`write`].
pub fn parse(text: &str) -> Option<BTreeSet<u32>> {
    let mut steps = BTreeSet::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        steps.extend(from.parse::<u32>().ok()?..=to.parse::<u32>().ok()?);
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::{parse, shorten, write};
    use crate::disk::Habits;
    use crate::rules::Rule;
    use crate::world::{Excerpt, Laws, tell};

    #[test]
    fn steps_are_read_as_written() {
        let steps = [1, 2, 3, 7, 9, 10].into();
        assert_eq!(write(&steps), "1-3,7,9-10");
        assert_eq!(parse("1-3,7,9-10"), Some(steps));
        assert_eq!((parse(""), parse("a")), (Some([].into()), None));
    }

    #[test]
    fn a_failure_is_made_shorter_and_breaks_the_same_rule() {
        let laws = Laws { habits: Habits { replays: false, ..Habits::default() }, ..Laws::default() };
        let found = (1..50).map(|seed| (seed, tell(seed, laws, &Excerpt::default())));
        let (seed, story) = found.into_iter().find(|(_, story)| story.breach.is_some()).expect("the control is caught");
        let (short, told) = shorten(seed, laws, Rule::Starts, story.last);
        let kept = story.last as usize - short.without.len();
        assert_eq!(told.breach.expect("still broken").rule, Rule::Starts);
        assert!(kept <= story.last as usize && told.last <= story.last, "{kept} steps of {}", story.last);
    }
}
