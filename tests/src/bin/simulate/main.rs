//! `simulate`: the ledger over a modelled store, from one seed, beside a reference that says what must come of it.
//! `tests/simulate/run` builds and calls it; docs/RELIABILITY.md says what it shows.
//!
//! `simulate [--seed N] [--crashes N] [--jobs N] [--only-controls | --no-controls]` runs, and ends with a table;
//! `simulate --seed N --crashes 1 [--steps N] [--without A,B-C] --trace` tells one story again, line by line.
//!
//! Deliberately not here: files, threads and sockets (`faults` breaks the real programs), and any verdict about time-stamps.

mod clients;
mod controls;
mod desk;
mod disk;
mod judge;
mod reference;
mod report;
mod rules;
mod run;
mod shrink;
mod world;

use anyhow::{Context, Result, bail};
use std::process::ExitCode;
use world::{Excerpt, Laws};

/// What was asked on the command line.
struct Asked {
    seed: u64,
    crashes: u64,
    jobs: usize,
    controls: bool,
    product: bool,
    excerpt: Excerpt,
}

fn main() -> Result<ExitCode> {
    let asked = arguments(std::env::args().skip(1))?;
    if asked.excerpt.trace {
        return Ok(tell_again(&asked));
    }
    let mut lines = Vec::new();
    if asked.product {
        println!("seed {}, {} crashes, {} jobs", asked.seed, asked.crashes, asked.jobs);
        lines.extend(run::product(asked.seed, asked.crashes, asked.jobs));
    }
    if asked.controls {
        lines.extend(controls::run(asked.seed));
    }
    println!("\n{}\n{}", report::table(&lines), report::counts(&lines));
    let held = lines.iter().all(|line| line.held);
    println!("{}", if held { "Every rule held, and every control broke its rule." } else { "SOMETHING IS BROKEN." });
    Ok(ExitCode::from(u8::from(!held)))
}

fn tell_again(asked: &Asked) -> ExitCode {
    let story = world::tell(asked.seed, Laws::default(), &asked.excerpt);
    print!("{}", story.trace);
    println!("{} steps, {} crashes, {} commits", story.last, story.tally.crashes, story.tally.commits);
    ExitCode::from(u8::from(story.breach.is_some()))
}

fn arguments(mut words: impl Iterator<Item = String>) -> Result<Asked> {
    let excerpt = Excerpt::default();
    let mut asked = Asked { seed: 1, crashes: 1_000_000, jobs: 1, controls: true, product: true, excerpt };
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} wants a value"));
        match word.as_str() {
            "--seed" => asked.seed = value()?.parse().context("--seed wants a number")?,
            "--crashes" => asked.crashes = value()?.parse().context("--crashes wants a number")?,
            "--jobs" => asked.jobs = value()?.parse::<usize>().context("--jobs wants a number")?.max(1),
            "--steps" => asked.excerpt.steps = Some(value()?.parse().context("--steps wants a number")?),
            "--without" => asked.excerpt.without = shrink::parse(&value()?).context("--without wants steps: 3,7-9")?,
            "--trace" => asked.excerpt.trace = true,
            "--only-controls" => asked.product = false,
            "--no-controls" => asked.controls = false,
            _ => bail!("simulate [--seed N] [--crashes N] [--jobs N] [--steps N] [--without A,B-C] [--trace]"),
        }
    }
    Ok(asked)
}
