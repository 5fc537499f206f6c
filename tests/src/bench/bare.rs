//! The floor: the same bytes appended to preallocated files on the same disk, in batches of the same size, each synced. No more.

use super::load::document;
use anyhow::{Context, Result, ensure};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A new file after that many bytes, as segments are.
const FILE_BYTES: u64 = 64 << 20;
/// Documents made beforehand and written again and again: making them is not measured.
const DOCUMENTS: u64 = 1024;

/// What is appended.
#[derive(Clone, Debug)]
pub struct Bare<'a> {
    /// Directory on the disk under test; files there are removed at the end.
    pub dir: &'a Path,
    /// Bytes of each document.
    pub bytes: usize,
    /// Documents between two syncs, on average.
    pub batch: f64,
    /// Time measured.
    pub counted: Duration,
    /// Seed of the documents: the load's.
    pub seed: u64,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Floor {
    /// Documents synced.
    pub documents: u64,
    /// Syncs.
    pub syncs: u64,
    /// Seconds measured.
    pub seconds: f64,
}

impl Floor {
    /// Documents synced per second.
    pub fn rate(&self) -> f64 {
        self.documents as f64 / self.seconds
    }
}

/// The bytes were appended and synced, for that long.
///
/// # Errors
/// The disk refused.
pub fn run(bare: &Bare) -> Result<Floor> {
    let documents: Vec<Vec<u8>> = (0..DOCUMENTS).map(|number| document(bare.seed, number, bare.bytes)).collect();
    let mut turn = documents.iter().cycle();
    let mut files = Files { dir: bare.dir, made: Vec::new() };
    let (mut file, mut written) = (files.next()?, 0);
    let (mut floor, start) = (Floor::default(), Instant::now());
    while start.elapsed() < bare.counted {
        floor.syncs += 1;
        let due = due_after(bare.batch, floor.syncs) - floor.documents;
        let bytes = due * bare.bytes as u64;
        if written + bytes > FILE_BYTES {
            (file, written) = (files.next()?, 0);
        }
        for document in turn.by_ref().take(usize::try_from(due)?) {
            file.write_all(document)?;
        }
        file.sync_data()?;
        written += bytes;
        floor.documents += due;
    }
    floor.seconds = start.elapsed().as_secs_f64();
    Ok(floor)
}

/// Documents written once that many batches are: whole batches that keep the average.
fn due_after(batch: f64, batches: u64) -> u64 {
    ((batch.max(1.0) * batches as f64).round() as u64).max(batches)
}

struct Files<'a> {
    dir: &'a Path,
    made: Vec<PathBuf>,
}

impl Files<'_> {
    /// A new file, its blocks reserved and its name durable.
    fn next(&mut self) -> Result<File> {
        let path = self.dir.join(format!("bare-{}", self.made.len()));
        let file = OpenOptions::new().create_new(true).write(true).open(&path)?;
        self.made.push(path.clone());
        let mut command = Command::new("fallocate");
        command.arg("--length").arg(FILE_BYTES.to_string()).arg(&path).stdin(Stdio::null());
        ensure!(command.status().context("running fallocate")?.success(), "no blocks for {}", path.display());
        file.sync_all()?;
        File::open(self.dir)?.sync_all()?;
        Ok(file)
    }
}

impl Drop for Files<'_> {
    fn drop(&mut self) {
        for path in &self.made {
            std::fs::remove_file(path).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::due_after;

    #[test]
    fn batches_keep_their_average_and_are_never_empty() {
        assert_eq!((1..=4).map(|n| due_after(2.5, n)).collect::<Vec<_>>(), [3, 5, 8, 10]);
        assert_eq!(due_after(0.0, 7), 7);
        assert!((1..100).all(|n| due_after(1.2, n) > due_after(1.2, n - 1)));
    }
}
