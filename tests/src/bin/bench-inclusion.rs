//! `bench-inclusion [ROUNDS]`: what the check of one inclusion proof costs beside its hashes and its signature. Fails past the aim.

use anyhow::{Context, Result, ensure};
use tests::bench::inclusion::{AIM, measure};

const ROUNDS: usize = 20_000;

fn main() -> Result<()> {
    let rounds = std::env::args().nth(1).map(|word| word.parse().context("bench-inclusion [ROUNDS]")).transpose()?;
    let cost = measure(rounds.unwrap_or(ROUNDS));
    println!("{}", cost.words());
    ensure!(cost.ratio() <= AIM, "the ratio is past {AIM}");
    Ok(())
}
