//! `faults`: runs every family of faults on the real programs and prints what held. `tests/faults/run` builds and calls it.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use tests::faults::judge::Rule;
use tests::faults::kills::{self, Told};
use tests::faults::report::{self, Line, Outcome};
use tests::faults::server::Programs;
use tests::faults::{power, replay, volatile};

/// Kills, receipts, cuts: as the acceptance asks, and as a look in passing.
const FULL: Amount = Amount { kills: 50, receipts: 1000, cuts: 5 };
const QUICK: Amount = Amount { kills: 12, receipts: 240, cuts: 2 };
const KILLS_LIMIT: Duration = Duration::from_secs(900);
/// A control gets that many kills, or disks, to break its rule.
const CONTROL_KILLS: u64 = 30;
const CONTROL_DISKS: u64 = 6;

/// Loses the moment between answer and append: wide enough for a kill to fall into it.
const ANSWER_FIRST: &str = "answer.before-append=skip;segment.before-append=sleep:15";
const ANSWER_UNSIGNED: &str = "answer.before-sign=skip";
const NO_SYNC: &str = "segment.sync=skip";

#[derive(Clone, Copy)]
struct Amount {
    kills: u64,
    receipts: u64,
    cuts: u64,
}

struct Asked {
    programs: Programs,
    work: PathBuf,
    amount: Amount,
    seed: u64,
    only: Option<String>,
}

fn main() -> Result<ExitCode> {
    let asked = arguments(std::env::args().skip(1))?;
    println!("seed {} (give --seed {} to see the same faults again)", asked.seed, asked.seed);
    let mut lines = Vec::new();
    for (family, run) in FAMILIES {
        if asked.only.as_ref().is_some_and(|only| !family.contains(only.as_str())) {
            continue;
        }
        println!("\n== {family}");
        let dir = asked.work.join(family.replace(|c: char| !c.is_ascii_alphanumeric(), ""));
        std::fs::create_dir_all(&dir)?;
        let line = run(family, &asked, &dir).unwrap_or_else(|why| failed(family, format!("{why:#}")));
        print!("{}", report::table(std::slice::from_ref(&line)));
        if !line.detail.is_empty() {
            println!("   {}", line.detail);
        }
        lines.push(line);
    }
    println!("\n{}", report::table(&lines));
    println!("{}", report::counts(&lines));
    let code = report::exit_code(&lines);
    match code {
        0 if asked.only.is_some() => println!("Every rule held in what was run; not every family was."),
        0 => println!("Every rule held, and every control broke the rule it was made to break."),
        3 => println!("NOTHING BROKEN, BUT NOT EVERYTHING COULD BE RUN HERE: this is not a pass. See NOT RUN above."),
        _ => println!("SOMETHING IS BROKEN. What the servers said is under {}", asked.work.display()),
    }
    Ok(ExitCode::from(code))
}

type Family = fn(&str, &Asked, &Path) -> Result<Line>;

const FAMILIES: [(&str, Family); 7] = [
    ("kill -9", kill_loop),
    ("control kill, answer before append", answer_first),
    ("control kill, answer before sign", answer_unsigned),
    ("replay at a failpoint", replays),
    ("the volatile disk itself", disk_itself),
    ("power cuts", power_cuts),
    ("control power, no sync", no_sync),
];

fn kill_loop(family: &str, asked: &Asked, dir: &Path) -> Result<Line> {
    let told = kills::run(&kill_plan(asked, dir))?;
    Ok(report::product(family, told.runs, &told.breaches))
}

fn kill_plan<'a>(asked: &'a Asked, dir: &'a Path) -> kills::Plan<'a> {
    let Amount { kills, receipts, .. } = asked.amount;
    let (programs, seed) = (&asked.programs, asked.seed);
    kills::Plan { programs, failpoints: None, kills, receipts, seed, dir, stop_at: &[], limit: KILLS_LIMIT }
}

fn answer_first(family: &str, asked: &Asked, dir: &Path) -> Result<Line> {
    // What was answered and not appended is gone, or its place was given to another entry.
    let due = [Rule::Kept, Rule::OneEntry, Rule::OneRoot, Rule::NeverShrinks];
    killed_control(family, asked, dir, ANSWER_FIRST, &due)
}

fn answer_unsigned(family: &str, asked: &Asked, dir: &Path) -> Result<Line> {
    killed_control(family, asked, dir, ANSWER_UNSIGNED, &[Rule::Verifies])
}

fn killed_control(family: &str, asked: &Asked, dir: &Path, failpoints: &str, due: &[Rule]) -> Result<Line> {
    let plan = kills::Plan {
        failpoints: Some(failpoints),
        kills: CONTROL_KILLS,
        receipts: CONTROL_KILLS * 10,
        stop_at: due,
        ..kill_plan(asked, dir)
    };
    let told = kills::run(&plan)?;
    Ok(report::control(family, told.runs, due, &told.breaches))
}

fn replays(family: &str, asked: &Asked, dir: &Path) -> Result<Line> {
    let told = replay::run(&asked.programs, dir, asked.seed)?;
    Ok(report::product(family, told.runs, &told.breaches))
}

fn disk_itself(family: &str, asked: &Asked, dir: &Path) -> Result<Line> {
    if let Some(line) = not_run(family) {
        return Ok(line);
    }
    Ok(report::product(family, power::prove_disk(dir, asked.seed)?, &[]))
}

fn power_cuts(family: &str, asked: &Asked, dir: &Path) -> Result<Line> {
    if let Some(line) = not_run(family) {
        return Ok(line);
    }
    let told = power::run(&power_plan(asked, dir, asked.seed))?;
    Ok(report::product(family, told.runs, &told.breaches))
}

fn power_plan<'a>(asked: &'a Asked, dir: &'a Path, seed: u64) -> power::Plan<'a> {
    let (programs, cuts) = (&asked.programs, asked.amount.cuts);
    power::Plan { programs, failpoints: None, cuts, seed, dir, stop_at: &[] }
}

fn no_sync(family: &str, asked: &Asked, dir: &Path) -> Result<Line> {
    if let Some(line) = not_run(family) {
        return Ok(line);
    }
    // Not that the server starts again: what keeps it from starting may have nothing to do with the sync left out.
    let due = [Rule::Kept, Rule::NeverShrinks, Rule::OneRoot, Rule::OneEntry];
    let mut told = Told { runs: String::new(), breaches: Vec::new() };
    for disk in 0..CONTROL_DISKS {
        let dir = dir.join(format!("disk-{disk}"));
        let plan = power::Plan {
            failpoints: Some(NO_SYNC),
            cuts: 1,
            stop_at: &due,
            ..power_plan(asked, &dir, asked.seed + disk)
        };
        let cut = power::run(&plan)?;
        told.runs = format!("disk {} of at most {CONTROL_DISKS}: {}", disk + 1, cut.runs);
        told.breaches.extend(cut.breaches);
        if told.breaches.iter().any(|breach| breach.rule == Rule::Kept) {
            break;
        }
    }
    Ok(report::control(family, told.runs, &due, &told.breaches))
}

fn not_run(family: &str) -> Option<Line> {
    let why = volatile::missing()?;
    eprintln!("\n!!! NOT RUN: {family}: {why}\n");
    Some(Line { family: family.to_owned(), runs: "0".to_owned(), outcome: Outcome::NotRun(why), detail: String::new() })
}

fn failed(family: &str, why: String) -> Line {
    Line { family: family.to_owned(), runs: "-".to_owned(), outcome: Outcome::Failed(why), detail: String::new() }
}

fn arguments(mut words: impl Iterator<Item = String>) -> Result<Asked> {
    let mut paths: [Option<PathBuf>; 4] = [None, None, None, None];
    let (mut amount, mut seed, mut only) = (FULL, 20_261_123, None);
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} wants a value"));
        match word.as_str() {
            "--tabellion" => paths[0] = Some(value()?.into()),
            "--faulty" => paths[1] = Some(value()?.into()),
            "--verify" => paths[2] = Some(value()?.into()),
            "--work" => paths[3] = Some(value()?.into()),
            "--seed" => seed = value()?.parse().context("--seed wants a number")?,
            "--only" => only = Some(value()?),
            "--quick" => amount = QUICK,
            _ => bail!("faults [--quick] [--seed N] [--only FAMILY] --tabellion P --faulty P --verify P --work DIR"),
        }
    }
    let [Some(tabellion), Some(faulty), Some(verify), Some(work)] = paths else {
        bail!("--tabellion, --faulty, --verify and --work are wanted");
    };
    // Mounts are named by their whole path.
    let work = std::path::absolute(work)?;
    Ok(Asked { programs: Programs { tabellion, faulty, verify }, work, amount, seed, only })
}
