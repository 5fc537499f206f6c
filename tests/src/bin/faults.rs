//! `faults`: runs every family of faults on the real programs and prints what held. `tests/faults/run` builds and calls it.

use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;
use tests::faults::families::{Asked, FAMILIES, FULL, Family, QUICK, WAITING};
use tests::faults::report::{self, Line, Outcome};
use tests::faults::server::Programs;

fn main() -> Result<ExitCode> {
    let (asked, only) = arguments(std::env::args().skip(1))?;
    println!("seed {} (give --seed {} to see the same faults again)", asked.seed, asked.seed);
    let wanted = |family: &str| only.as_ref().is_none_or(|only| family.contains(only.as_str()));
    let chosen: Vec<_> = FAMILIES.into_iter().filter(|(family, _)| wanted(family)).collect();
    let waits = |family: &str| WAITING.contains(&family);
    let mut lines = Vec::new();
    for beside in chosen.chunk_by(|(one, _), (next, _)| waits(one) && waits(next)) {
        std::thread::scope(|scope| {
            let runs: Vec<_> =
                beside.iter().map(|(family, run)| scope.spawn(|| run_one(family, *run, &asked))).collect();
            for (run, (family, _)) in runs.into_iter().zip(beside) {
                lines.push(run.join().unwrap_or_else(|_| failed(family, "it died".to_owned())));
            }
        });
    }
    println!("\n{}", report::table(&lines));
    println!("{}", report::counts(&lines));
    let code = report::exit_code(&lines);
    match code {
        0 if only.is_some() => println!("Every rule held in what was run; not every family was."),
        0 => println!("Every rule held, and every control broke the rule it was made to break."),
        3 => println!("NOTHING BROKEN, BUT NOT EVERYTHING COULD BE RUN HERE: this is not a pass. See NOT RUN above."),
        _ => println!("SOMETHING IS BROKEN. What the servers said is under {}", asked.work.display()),
    }
    Ok(ExitCode::from(code))
}

/// The line of one family, shown as soon as it is known.
fn run_one(family: &str, run: Family, asked: &Asked) -> Line {
    println!("\n== {family}");
    let dir = asked.work.join(family.replace(|c: char| !c.is_ascii_alphanumeric(), ""));
    let begun = Instant::now();
    let made = std::fs::create_dir_all(&dir).map_err(Into::into);
    let line = made.and_then(|()| run(family, asked, &dir));
    let mut line = line.unwrap_or_else(|why| failed(family, format!("{why:#}")));
    line.seconds = begun.elapsed().as_secs();
    print!("{}", report::table(std::slice::from_ref(&line)));
    if !line.detail.is_empty() {
        println!("   {}", line.detail);
    }
    // What a family that held has left is of no use to anyone.
    if line.is_fine() {
        std::fs::remove_dir_all(&dir).ok();
    }
    line
}

fn failed(family: &str, why: String) -> Line {
    let runs = "-".to_owned();
    Line { family: family.to_owned(), runs, outcome: Outcome::Failed(why), detail: String::new(), seconds: 0 }
}

fn arguments(mut words: impl Iterator<Item = String>) -> Result<(Asked, Option<String>)> {
    let mut paths: [Option<PathBuf>; 4] = [None, None, None, None];
    let (mut amount, mut seed, mut only) = (FULL, 20_261_123, None);
    let mut amounts = Vec::new();
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
            "--kills" | "--cuts" | "--points" | "--flips" => {
                let number: u64 = value()?.parse().with_context(|| format!("{word} wants a number"))?;
                amounts.push((word, number));
            }
            _ => bail!(
                "faults [--quick] [--seed N] [--only FAMILY] [--kills N] [--cuts N] [--points N] [--flips N] \
                 --tabellion P --faulty P --verify P --work DIR"
            ),
        }
    }
    for (word, number) in amounts {
        match word.as_str() {
            "--kills" => (amount.kills, amount.receipts) = (number, number * 10),
            "--cuts" => amount.cuts = number,
            "--flips" => (amount.flips, amount.files) = (number, number / 6),
            _ => (amount.no_space, amount.broken, amount.torn) = (number, number, number),
        }
    }
    let [Some(tabellion), Some(faulty), Some(verify), Some(work)] = paths else {
        bail!("--tabellion, --faulty, --verify and --work are wanted");
    };
    // Mounts are named by their whole path.
    let work = std::path::absolute(work)?;
    Ok((Asked { programs: Programs { tabellion, faulty, verify }, work, amount, seed }, only))
}
