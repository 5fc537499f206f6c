//! What a commit costs, step by step. Run by hand: `cargo test --release -p store --lib -- --ignored --nocapture rate`.

use super::*;
use std::time::{Duration, Instant};

const COMMITS: u64 = 60;
const LEAVES: u64 = 64;
const FILE: usize = 20 * 1024;

fn batch(vault: &Vault, number: u64) -> Commit<SealedParts> {
    let first = number * LEAVES;
    let leaves = (first..first + LEAVES).map(|index| {
        let mut leaf = leaf(index);
        leaf.id.0[8..].copy_from_slice(&index.to_be_bytes());
        (leaf, sealed(vault, index, &[FILE]))
    });
    Commit { number: number + 1, size: TreeSize(first + LEAVES), leaves: leaves.collect(), ..commit(vault, 0, &[]) }
}

#[test]
#[ignore = "a measure, not a fact"]
fn rate() {
    let directory = TempDir::new_in(std::env::var_os("RATE_DIR").unwrap_or_else(|| "/var/tmp".into())).unwrap();
    let options = StoreOptions::new(directory.path().join("data"), directory.path().join("key"));
    Store::create(&options).unwrap();
    let mut store = Store::open(&options).unwrap();
    let vault = store.vault();
    let mut spent = [Duration::ZERO; 3];
    for number in 0..COMMITS {
        let clock = Instant::now();
        let commit = batch(&vault, number);
        spent[0] += clock.elapsed();
        let clock = Instant::now();
        store.append(commit).unwrap();
        spent[1] += clock.elapsed();
        let replay = store.unpublished().unwrap().remove(0);
        let clock = Instant::now();
        store.publish(publication(&replay)).unwrap();
        spent[2] += clock.elapsed();
    }
    let entries = (COMMITS * LEAVES) as u32;
    for (name, spent) in ["seal", "append", "publish"].iter().zip(spent) {
        println!("{name}: {:?} an entry of {FILE} bytes, {LEAVES} a commit", spent / entries);
    }
}
