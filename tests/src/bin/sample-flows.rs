//! `sample-flows DIR [--count N]`: writes N acts, each as its archive and its acknowledgement, with invented authorities.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use tests::samples::Envelope;

fn main() -> Result<()> {
    let mut directory: Option<PathBuf> = None;
    let mut count = 1;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        if word == "--count" {
            let number = words.next().context("--count needs a number")?;
            count = number.parse().with_context(|| format!("--count {number}: not a number"))?;
        } else if directory.is_none() && !word.starts_with('-') {
            directory = Some(word.into());
        } else {
            bail!("unexpected {word:?}; usage: sample-flows DIR [--count N]");
        }
    }
    let directory = directory.context("usage: sample-flows DIR [--count N]")?;
    std::fs::create_dir_all(&directory).with_context(|| format!("creating {}", directory.display()))?;
    for seed in 0..count {
        let sample = Envelope::new(seed);
        let files =
            [(sample.archive_name(), sample.archive()), (sample.acknowledgement_name(), sample.acknowledgement())];
        for (name, bytes) in files {
            let path = directory.join(name);
            std::fs::write(&path, bytes).with_context(|| format!("writing {}", path.display()))?;
            println!("{}", path.display());
        }
    }
    Ok(())
}
