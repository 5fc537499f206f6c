//! The long run: stories of consecutive seeds, several at once, until so many crashes were simulated.

use crate::report::Line;
use crate::rules::{Breach, Rule};
use crate::shrink;
use crate::world::{CRASHES, Excerpt, Laws, Story, Tally, tell};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Stories told twice, to see that they are the same.
const TWICE: u64 = 12;
/// Stories told under bad memory, for each thousand of the run.
const BAD_MEMORY_PART: u64 = 20;
/// Between two signs of life.
const SIGN_OF_LIFE: Duration = Duration::from_secs(20);

impl Tally {
    /// Both together.
    pub fn and(mut self, other: &Tally) -> Tally {
        let pairs = [
            (&mut self.crashes, other.crashes),
            (&mut self.while_starting, other.while_starting),
            (&mut self.in_a_row, other.in_a_row),
            (&mut self.power_cuts, other.power_cuts),
            (&mut self.stops, other.stops),
            (&mut self.restarts, other.restarts),
            (&mut self.replayed, other.replayed),
            (&mut self.commits, other.commits),
            (&mut self.entries, other.entries),
            (&mut self.seals, other.seals),
            (&mut self.answers, other.answers),
            (&mut self.refusals, other.refusals),
            (&mut self.steps, other.steps),
        ];
        pairs.into_iter().for_each(|(sum, more)| *sum += more);
        self.checks.iter_mut().zip(other.checks).for_each(|(sum, more)| *sum += more);
        self
    }
}

/// Runs the product: the long run, bad memory, and that a seed tells one story.
pub fn product(seed: u64, crashes: u64, jobs: usize) -> Vec<Line> {
    let stories = crashes.div_ceil(CRASHES);
    let begun = Instant::now();
    let (tally, broken) = tell_all(seed, stories, jobs, Laws::default());
    let seconds = begun.elapsed().as_secs_f64();
    show(&tally, seconds, jobs);
    let mut lines = vec![line("the ledger, honest world", stories, Laws::default(), broken)];
    let laws = Laws { bad_memory: true, ..Laws::default() };
    let faulty = stories * BAD_MEMORY_PART / 1000 + 1;
    let (_, broken) = tell_all(seed ^ 1 << 40, faulty, jobs, laws);
    lines.push(line("the ledger, bad memory", faulty, laws, broken));
    lines.push(twice(seed));
    lines
}

/// Tells these stories; gives their sum, and of those that broke a rule the first.
fn tell_all(seed: u64, stories: u64, jobs: usize, laws: Laws) -> (Tally, Option<(u64, Story)>) {
    let (next, sum) = (AtomicU64::new(0), Mutex::new((Tally::default(), None, Instant::now())));
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= stories {
                        return;
                    }
                    let story = tell(seed + number, laws, &Excerpt::default());
                    let mut sum = sum.lock().expect("no story panics");
                    sum.0 = sum.0.and(&story.tally);
                    if sum.2.elapsed() > SIGN_OF_LIFE {
                        println!("  {} crashes", sum.0.crashes);
                        sum.2 = Instant::now();
                    }
                    if story.breach.is_some() {
                        // Those before it are under way and will be told to their end; none after it begins.
                        next.store(stories, Ordering::Relaxed);
                        let first: &mut Option<(u64, Story)> = &mut sum.1;
                        if first.as_ref().is_none_or(|(other, _)| seed + number < *other) {
                            *first = Some((seed + number, story));
                        }
                    }
                }
            });
        }
    });
    let (tally, broken, _) = sum.into_inner().expect("no story panics");
    (tally, broken)
}

/// The line of a run that must break nothing; what it broke is made short and shown.
fn line(name: &str, stories: u64, laws: Laws, broken: Option<(u64, Story)>) -> Line {
    let name = name.to_owned();
    let Some((seed, Story { last, breach: Some(Breach { rule, .. }), .. })) = broken else {
        return Line { name, stories, result: "held", rule: "all".to_owned(), held: true };
    };
    let (short, story) = shrink::shorten(seed, laws, rule, last);
    println!("\nBROKEN by seed {seed} at step {last}, made shorter:\n{}", story.trace);
    let (steps, without) = (short.steps.unwrap_or(last), shrink::write(&short.without));
    println!("simulate --seed {seed} --crashes 1 --steps {last} --trace");
    println!("simulate --seed {seed} --crashes 1 --steps {steps} --without {without} --trace\n");
    Line { name, stories, result: "BROKEN", rule: rule.to_string(), held: false }
}

/// The same seed twice, word by word.
fn twice(seed: u64) -> Line {
    let excerpt = Excerpt { trace: true, ..Excerpt::default() };
    let differs = (seed..seed + TWICE).find(|seed| {
        let (one, other) = (tell(*seed, Laws::default(), &excerpt), tell(*seed, Laws::default(), &excerpt));
        (one.trace, one.tally) != (other.trace, other.tally)
    });
    let name = "one seed, one story".to_owned();
    let rule = differs.map_or("the same words twice".to_owned(), |seed| format!("seed {seed} tells two"));
    let result = if differs.is_none() { "held" } else { "BROKEN" };
    Line { name, stories: 2 * TWICE, result, rule, held: differs.is_none() }
}

fn show(tally: &Tally, seconds: f64, jobs: usize) {
    println!();
    let rows = [
        ("crashes", tally.crashes),
        ("  of them power cuts", tally.power_cuts),
        ("  of them while starting", tally.while_starting),
        ("  of them after another, never started", tally.in_a_row),
        ("processes that stopped by themselves", tally.stops),
        ("restarts", tally.restarts),
        ("commits replayed by a start-up", tally.replayed),
        ("commits", tally.commits),
        ("entries", tally.entries),
        ("seals", tally.seals),
        ("answers with a receipt or a seal", tally.answers),
        ("refusals", tally.refusals),
        ("steps", tally.steps),
        ("rules checked", tally.checks.iter().sum()),
    ];
    rows.iter().for_each(|(name, count)| println!("{name:<42} {count:>12}"));
    println!("\n{:<66} {:>12}", "rule", "checked");
    Rule::ALL.iter().zip(tally.checks).for_each(|(rule, count)| println!("{rule:<66} {count:>12}"));
    let rate = tally.crashes as f64 / seconds.max(0.001);
    println!("\n{seconds:.1} s, {rate:.0} crashes a second with {jobs} jobs");
}

#[cfg(test)]
mod tests {
    use crate::rules::Rule;
    use crate::world::{Excerpt, Laws, tell};

    #[test]
    fn a_seed_tells_one_story_and_two_seeds_two() {
        let excerpt = Excerpt { trace: true, ..Excerpt::default() };
        let (one, same, other) = (
            tell(5, Laws::default(), &excerpt),
            tell(5, Laws::default(), &excerpt),
            tell(6, Laws::default(), &excerpt),
        );
        assert_eq!((&one.trace, one.tally), (&same.trace, same.tally));
        assert_ne!(one.trace, other.trace);
        assert_eq!(one.breach, None);
    }

    #[test]
    fn every_rule_is_looked_at_in_a_few_stories() {
        let mut counts = [0; crate::rules::RULES];
        for seed in 0..20 {
            let story = tell(seed, Laws::default(), &Excerpt::default());
            counts.iter_mut().zip(story.tally.checks).for_each(|(sum, more)| *sum += more);
        }
        for (rule, count) in Rule::ALL.iter().zip(counts) {
            assert!(count > 0, "{rule} was never looked at");
        }
    }
}
