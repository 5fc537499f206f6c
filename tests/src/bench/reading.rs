//! What reading a deposit costs beside SHA-256 of the same bytes, which every deposit is hashed by anyway: ACTES, PES, SEDA, of 20 KiB and of a
//! mebibyte and more, in this process, in the same run, turn by turn. Beside that of a PES, what its XML alone costs, parsed to a tree by the
//! parser that reading uses. Signatures inside documents are not judged here.

use super::inclusion::{middle, timed};
use super::row::{Aim, Row};
use crate::samples::{Accounting, Envelope, NamedFile, Transfer, tar_gz};
use anyhow::{Context, Result, ensure};
use flow::{Declared, Incoming, Limits, NoJudge, NoMembers};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::hint::black_box;
use std::io::{self, Cursor, Read};
use std::time::Duration;

/// Throughput that is asked for of long ACTES and PES, in times of SHA-256.
const AIM: f64 = 0.5;
/// The same of long transfers, whose objects are hashed again as their bordereau says.
const AIM_TRANSFER: f64 = 0.3;
const SHORT: usize = 20 << 10;
const LONG: usize = 1 << 20;

/// A deposit that is read.
struct Sample {
    name: &'static str,
    files: Vec<NamedFile>,
    declared: Declared,
    aim: Option<f64>,
}

impl Sample {
    /// The document that it is, where it is one of XML.
    fn xml(&self) -> Option<&str> {
        match self.files.as_slice() {
            [(name, bytes)] if name.ends_with(".xml") => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }
}

/// Medians of many rounds.
#[derive(Clone, Debug)]
pub struct Cost {
    name: &'static str,
    bytes: usize,
    read: Duration,
    hashed: Duration,
    /// Of a deposit that is one XML document: its tree, and nothing else.
    parsed: Option<Duration>,
    aim: Option<f64>,
}

impl Cost {
    /// Throughput of reading, in times of SHA-256.
    pub fn ratio(&self) -> f64 {
        self.hashed.as_secs_f64() / self.read.as_secs_f64()
    }

    fn rate(&self, time: Duration) -> f64 {
        self.bytes as f64 / time.as_secs_f64() / 1e6
    }

    fn row(&self) -> Option<Row> {
        let row = Row::new(format!("reading {}", self.name), "MB/s", self.rate(self.read), Aim::RatioLeast(self.aim?));
        Some(row.beside("SHA-256 of the same bytes", self.rate(self.hashed)))
    }
}

/// All that was read.
pub struct Reading {
    rounds: usize,
    costs: Vec<Cost>,
}

impl Reading {
    /// Rows of the table: of short deposits nothing is asked.
    pub fn rows(&self) -> Vec<Row> {
        self.costs.iter().filter_map(Cost::row).collect()
    }

    /// The numbers in words.
    pub fn words(&self) -> String {
        let one = |cost: &Cost| {
            let (read, hashed) = (cost.rate(cost.read), cost.rate(cost.hashed));
            let Cost { name, bytes, .. } = cost;
            let parsed = cost.parsed.map(|time| format!(", its XML parsed alone {:.0} MB/s", cost.rate(time)));
            let (ratio, parsed) = (cost.ratio(), parsed.unwrap_or_default());
            format!("\n  {name}, {bytes} bytes: {read:.0} MB/s, SHA-256 {hashed:.0} MB/s, ratio {ratio:.3}{parsed}")
        };
        let all: String = self.costs.iter().map(one).collect();
        format!("reading beside SHA-256 of the same bytes (medians of {} rounds):{all}", self.rounds)
    }

    /// The numbers.
    pub fn json(&self) -> Value {
        let one = |cost: &Cost| {
            let (read, hashed) = (cost.rate(cost.read), cost.rate(cost.hashed));
            let parsed = cost.parsed.map(|time| cost.rate(time));
            let Cost { name, bytes, .. } = cost;
            json!({"name": name, "bytes": bytes, "read": read, "sha256": hashed, "ratio": cost.ratio(), "parsed": parsed})
        };
        self.costs.iter().map(one).collect()
    }
}

/// The costs, over that many rounds each.
///
/// # Errors
/// A sample is not accepted: it is not what is to be measured.
pub fn measure(rounds: usize) -> Result<Reading> {
    let costs = samples()?.iter().map(|sample| cost(sample, rounds)).collect::<Result<_>>()?;
    Ok(Reading { rounds, costs })
}

fn cost(sample: &Sample, rounds: usize) -> Result<Cost> {
    ensure!(read(sample), "{} is not accepted", sample.name);
    let (mut reads, mut hashes, mut parses) = (Vec::new(), Vec::new(), Vec::new());
    // Who goes first changes at each round: neither side always finds the other's caches.
    for round in 0..rounds {
        let mut reading = || reads.push(timed(|| assert!(read(black_box(sample)))));
        if round % 2 == 0 {
            reading();
        }
        hashes.push(timed(|| {
            sample.files.iter().for_each(|(_, bytes)| {
                black_box(Sha256::digest(black_box(bytes)));
            });
        }));
        if round % 2 == 1 {
            reading();
        }
        parses.extend(sample.xml().map(|text| timed(|| assert!(roxmltree::Document::parse(black_box(text)).is_ok()))));
    }
    let parsed = (!parses.is_empty()).then(|| middle(parses));
    let bytes = sample.files.iter().map(|(_, bytes)| bytes.len()).sum();
    Ok(Cost { name: sample.name, bytes, read: middle(reads), hashed: middle(hashes), parsed, aim: sample.aim })
}

/// Whether the deposit is accepted: read as it would be before it is logged, members handed over and dropped.
fn read(sample: &Sample) -> bool {
    let mut opens: Vec<_> = sample
        .files
        .iter()
        .map(|(_, bytes)| move || -> io::Result<Box<dyn Read>> { Ok(Box::new(Cursor::new(bytes.as_slice()))) })
        .collect();
    let mut incoming = Vec::with_capacity(opens.len());
    for ((name, bytes), open) in sample.files.iter().zip(&mut opens) {
        incoming.push(Incoming { name: name.as_bytes(), media_type: None, size: bytes.len() as u64, open });
    }
    let how = (&Limits::default(), &NoJudge as &dyn flow::SignatureJudge);
    flow::read(&mut incoming, sample.declared, None, &mut NoMembers, how).outcome().is_accepted()
}

fn samples() -> Result<Vec<Sample>> {
    let (auto, aim) = (Declared::Auto, Some(AIM));
    let loose = |bytes| {
        let mut files = Envelope::new(0).loose_files();
        files[1].1 = document(bytes);
        files
    };
    let packed = |bytes| {
        let sample = Envelope::new(0);
        let mut members = sample.members();
        members[2].1 = document(bytes);
        vec![(sample.archive_name(), tar_gz(&members))]
    };
    let accounts =
        |pieces, bills: &[Vec<u8>]| vec![("flux.xml".to_owned(), Accounting::new(1).sent_with(pieces, bills))];
    let short = |name, files, declared| Sample { name, files, declared, aim: None };
    let long = |name, files, declared, aim| Sample { name, files, declared, aim };
    Ok(vec![
        short("ACTES, loose files", loose(SHORT), auto),
        short("ACTES, .tar.gz", packed(SHORT), auto),
        short("PES, pieces", accounts(80, &[]), auto),
        short("SEDA, tar", transfer(4, 2, 4 << 10)?, Declared::Seda),
        long("ACTES, loose files, long", loose(2 * LONG), auto, aim),
        long("ACTES, .tar.gz, long", packed(2 * LONG), auto, aim),
        long("PES, pieces, long", accounts(7_000, &[]), auto, aim),
        long("PES, attached documents, long", accounts(100, &[document(LONG), document(LONG)]), auto, aim),
        long("SEDA, tar, long", transfer(40, 20, 256 << 10)?, Declared::Seda, Some(AIM_TRANSFER)),
        long("SEDA, bordereau alone, long", transfer(3_000, 1, 64)?, Declared::Seda, Some(AIM_TRANSFER)),
    ])
}

/// A document that nothing compresses, as a PDF is inside.
fn document(bytes: usize) -> Vec<u8> {
    let (mut document, mut state) = (b"%PDF-1.4\n".to_vec(), 0x9e37_79b9_7f4a_7c15_u64);
    while document.len() < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        document.extend(state.to_le_bytes());
    }
    document
}

fn transfer(units: usize, objects: usize, bytes: u64) -> Result<Vec<NamedFile>> {
    let transfer = Transfer::new("2.1", units, objects, bytes);
    let (bordereau, mut archive) = (transfer.bordereau(), Vec::new());
    transfer.archive(&bordereau).read_to_end(&mut archive).context("a transfer in memory")?;
    Ok(vec![("versement.tar".to_owned(), archive)])
}

#[cfg(test)]
mod tests {
    use super::{LONG, SHORT, measure, samples};

    #[test]
    fn samples_have_the_sizes_they_are_called_by_and_each_is_read() {
        for sample in samples().unwrap() {
            let bytes: usize = sample.files.iter().map(|(_, bytes)| bytes.len()).sum();
            let expected = if sample.aim.is_some() { LONG..8 * LONG } else { SHORT / 2..SHORT * 3 };
            assert!(expected.contains(&bytes), "{}: {bytes}", sample.name);
        }
        let reading = measure(1).unwrap();
        assert!(reading.words().contains("ratio ") && reading.json()[0]["ratio"].is_number());
        let parsed = |name: &str| {
            let all = reading.json();
            all.as_array().unwrap().iter().find(|cost| cost["name"] == name).unwrap()["parsed"].is_number()
        };
        assert!(parsed("PES, pieces, long") && !parsed("SEDA, tar"));
        let rows = reading.rows();
        assert_eq!(rows.len(), 6);
        assert!(rows.iter().all(|row| row.ratio().is_some_and(|ratio| ratio > 0.0) && row.verdict() != "not run"));
    }
}
