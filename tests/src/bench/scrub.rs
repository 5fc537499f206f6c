//! How fast a store that nobody serves is read again, beside the slower of what its disk gives and what two cores hash.

use super::row::{Aim, Row};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Bytes hashed by each of two threads.
const HASHED: usize = 256 << 20;
const BLOCK: usize = 1 << 20;

/// The ratio of the two rates.
///
/// # Errors
/// The store is not sound, or cannot be read.
pub fn row(program: &Path, data: &Path) -> Result<Row> {
    let began = Instant::now();
    let said = Command::new(program).arg("scrub").arg("--data").arg(data).args(["--format", "json"]).output()?;
    let seconds = began.elapsed().as_secs_f64();
    ensure!(said.status.success(), "scrub ended with {}", said.status);
    let report: Value = serde_json::from_slice(&said.stdout)?;
    let bytes = report["bytes"].as_u64().context("no bytes in the report")?;
    let rate = bytes as f64 / seconds;
    let limit = read_rate(&data.join("store"))?.min(hash_rate());
    let mib = 1024.0 * 1024.0;
    let row = Row::new("offline scrub", "MiB/s", rate / mib, Aim::RatioLeast(0.7));
    Ok(row.beside("the slower of the disk and two cores of SHA-256", limit / mib))
}

/// Bytes a second of a plain reading of every file.
fn read_rate(dir: &Path) -> Result<f64> {
    let (mut bytes, mut block, began) = (0_u64, vec![0; BLOCK], Instant::now());
    let mut left: Vec<PathBuf> = vec![dir.to_owned()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(
                fs::read_dir(&path)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?,
            );
            continue;
        }
        let mut file = File::open(&path)?;
        loop {
            let count = file.read(&mut block)?;
            if count == 0 {
                break;
            }
            bytes += count as u64;
        }
    }
    Ok(bytes as f64 / began.elapsed().as_secs_f64())
}

/// Bytes a second that two threads hash.
fn hash_rate() -> f64 {
    let began = Instant::now();
    std::thread::scope(|scope| {
        let work = || {
            let (block, mut digest) = (vec![7; BLOCK], Sha256::new());
            (0..HASHED / BLOCK).for_each(|_| digest.update(&block));
            std::hint::black_box(digest.finalize());
        };
        (0..2).for_each(|_| drop(scope.spawn(work)));
    });
    2.0 * HASHED as f64 / began.elapsed().as_secs_f64()
}
