//! What a run is asked for: how much of each, which parts, and where what it says is written.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How it is called.
pub const USAGE: &str = "bench [--quick] [--only PARTS] [--entries N] [--minutes M] [--json FILE] [--svg FILE] --tabellion PROGRAM --work DIR";

/// A part of the run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// The check of one inclusion proof.
    Inclusion,
    /// Deposits of 20 KiB, PostgreSQL, dead witnesses.
    Deposits,
    /// One client, an open loop, other sizes, memory, start, scrub.
    Aims,
    /// Evidence packs.
    Packs,
    /// One pack verified, and the legal command.
    Verify,
    /// Deposits read, beside SHA-256 of the same bytes.
    Reading,
    /// The log as it grows.
    Growth,
}

const PARTS: [(&str, Part); 7] = [
    ("inclusion", Part::Inclusion),
    ("deposits", Part::Deposits),
    ("aims", Part::Aims),
    ("packs", Part::Packs),
    ("verify", Part::Verify),
    ("reading", Part::Reading),
    ("growth", Part::Growth),
];

/// How much is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Amount {
    /// Rounds, the middle one of which counts.
    pub rounds: u64,
    /// Time of each load before it counts.
    pub warm_up: Duration,
    /// Time that counts.
    pub counted: Duration,
    /// Time of each bare append.
    pub bare: Duration,
    /// Time looked at from outside.
    pub profiled: Duration,
    /// Time of the sustained load; none for no such load.
    pub sustained: Option<Duration>,
    /// Entries to which the log grows.
    pub entries: u64,
    /// Times each question is asked of it.
    pub asked: usize,
    /// Pairs of rounds of the verification of a pack.
    pub verified: usize,
    /// Pairs of rounds of the reading of each deposit.
    pub read: usize,
}

const FULL: Amount = Amount {
    rounds: 3,
    warm_up: Duration::from_secs(3),
    counted: Duration::from_secs(15),
    bare: Duration::from_secs(5),
    profiled: Duration::from_secs(10),
    sustained: Some(Duration::from_secs(60)),
    entries: 10_000_000,
    asked: 500,
    verified: 5_000,
    read: 500,
};
const QUICK: Amount = Amount {
    rounds: 1,
    warm_up: Duration::from_secs(1),
    counted: Duration::from_secs(5),
    bare: Duration::from_secs(2),
    profiled: Duration::from_secs(5),
    sustained: None,
    entries: 100_000,
    asked: 200,
    verified: 1_000,
    read: 100,
};

/// Everything that was asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The product.
    pub tabellion: PathBuf,
    /// Where everything stands while it runs.
    pub work: PathBuf,
    /// How much.
    pub amount: Amount,
    /// Minutes that the growth of the log may take.
    pub minutes: Option<u64>,
    parts: Vec<Part>,
    /// Where the numbers are written.
    pub json: Option<PathBuf>,
    svg: Option<PathBuf>,
}

impl Asked {
    /// What these words ask for.
    ///
    /// # Errors
    /// A word that is not known, or a value that is missing: how it is called.
    pub fn read(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let (mut tabellion, mut work, mut json, mut svg, mut parts) = (None, None, None, None, None);
        let (mut amount, mut entries, mut minutes) = (FULL, None, None);
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} wants a value; {USAGE}"));
            match word.as_str() {
                "--tabellion" => tabellion = Some(PathBuf::from(value()?)),
                "--work" => work = Some(PathBuf::from(value()?)),
                "--json" => json = Some(PathBuf::from(value()?)),
                "--svg" => svg = Some(PathBuf::from(value()?)),
                "--entries" => entries = Some(value()?.parse().context("--entries wants a number")?),
                "--minutes" => minutes = Some(value()?.parse().context("--minutes wants a number")?),
                "--only" => parts = Some(parts_of(&value()?)?),
                "--quick" => amount = QUICK,
                _ => bail!("{USAGE}"),
            }
        }
        amount.entries = entries.unwrap_or(amount.entries);
        let parts = parts.unwrap_or_else(|| PARTS.map(|(_, part)| part).to_vec());
        match (tabellion, work) {
            (Some(tabellion), Some(work)) if amount.entries > 0 => {
                Ok(Self { tabellion, work, amount, minutes, parts, json, svg })
            }
            _ => bail!("{USAGE}"),
        }
    }

    /// Whether this part is to be run.
    pub fn wants(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }

    /// Where the plots are written: where it was said, else beside the numbers.
    pub fn svg(&self) -> Option<PathBuf> {
        self.svg.clone().or_else(|| self.json.as_deref().map(|json: &Path| json.with_extension("svg")))
    }
}

fn parts_of(words: &str) -> Result<Vec<Part>> {
    let known = PARTS.map(|(name, _)| name).join(",");
    let part = |word: &str| PARTS.iter().find(|(name, _)| *name == word).map(|(_, part)| *part);
    words.split(',').map(|word| part(word).with_context(|| format!("--only {word}: the parts are {known}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::{Asked, FULL, Part, QUICK};

    fn read(words: &str) -> anyhow::Result<Asked> {
        Asked::read(format!("--tabellion t --work w {words}").split_ascii_whitespace().map(str::to_owned))
    }

    #[test]
    fn words_ask_for_what_they_say() {
        let all = read("").unwrap();
        assert_eq!((all.amount, all.svg(), all.wants(Part::Growth)), (FULL, None, true));
        let some = read("--entries 7 --quick --only packs,growth --json a/b.json --minutes 3").unwrap();
        assert_eq!((some.amount.entries, some.amount.rounds, some.minutes), (7, QUICK.rounds, Some(3)));
        assert_eq!((some.wants(Part::Packs), some.wants(Part::Aims)), (true, false));
        assert_eq!((some.wants(Part::Verify), all.wants(Part::Verify)), (false, true));
        assert_eq!(some.svg().unwrap().to_str(), Some("a/b.svg"));
        for wrong in ["--only all", "--entries", "--entries x", "--entries 0", "--fast"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
