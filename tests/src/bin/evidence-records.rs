//! `evidence-records DIR`: writes evidence records for readers that are not ours, honest ones and ones with a fault: NAME.ers, its
//! documents NAME.N.bin, the roots `roots.pem`, and `index.tsv` (name, fault or `-`, moment of judgement, number of documents).

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use tests::evidence::{World, samples};

fn main() -> Result<()> {
    let directory: PathBuf = std::env::args_os().nth(1).context("usage: evidence-records DIR")?.into();
    std::fs::create_dir_all(&directory).with_context(|| format!("creating {}", directory.display()))?;
    let put = |name: &str, bytes: &[u8]| {
        let path = directory.join(name);
        std::fs::write(&path, bytes).with_context(|| format!("writing {}", path.display()))
    };
    let world = World::new()?;
    let samples = samples(&world)?;
    let mut index = String::new();
    for sample in &samples {
        put(&format!("{}.ers", sample.name), &sample.record)?;
        for (document, number) in sample.documents.iter().zip(1..) {
            put(&format!("{}.{number}.bin", sample.name), document)?;
        }
        let fault = sample.fault.unwrap_or("-");
        writeln!(index, "{}\t{fault}\t{}\t{}", sample.name, sample.at, sample.documents.len())?;
    }
    put("roots.pem", world.roots_pem().as_bytes())?;
    put("index.tsv", index.as_bytes())?;
    let honest = samples.iter().filter(|sample| sample.fault.is_none()).count();
    println!("{honest} honest records, {} with a fault", samples.len() - honest);
    Ok(())
}
