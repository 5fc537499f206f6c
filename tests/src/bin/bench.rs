//! `bench`: how fast, how small and how steady the product is, beside what the same machine does bare. `tests/bench/run` builds and calls it.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::Path;
use tests::bench::aims::{self, Told};
use tests::bench::asked::{Asked, Part};
use tests::bench::plot::Plot;
use tests::bench::waits::Waits;
use tests::bench::{deposits, growth, inclusion, packs, plot, reading, row, verify};

/// The program's own: what is measured here in this process, and what it is measured beside, both have it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Rounds of the check of one inclusion proof.
const INCLUSIONS: usize = 20_000;

/// What the parts have told so far.
#[derive(Default)]
struct Report {
    told: Told,
    json: Value,
    growth: Option<Plot>,
}

fn main() -> Result<()> {
    let asked = Asked::read(std::env::args().skip(1))?;
    let mut report = Report { json: json!({"version": 1}), ..Report::default() };
    let proved = if asked.wants(Part::Inclusion) { prove(&mut report) } else { true };
    if asked.wants(Part::Deposits) {
        let (told, json) = deposits::run(&asked)?;
        report.add(told);
        report.json = json;
    }
    if asked.wants(Part::Aims) {
        let amount = asked.amount;
        let (counted, warm_up) = (amount.counted, amount.warm_up);
        report.add(aims::measure(&aims::Amount { program: &asked.tabellion, work: &asked.work, counted, warm_up })?);
    }
    if asked.wants(Part::Packs) {
        build_packs(&asked, &mut report)?;
    }
    if asked.wants(Part::Verify) {
        verify_one(&asked, &mut report)?;
    }
    if asked.wants(Part::Reading) {
        let reading = reading::measure(asked.amount.read)?;
        println!("\n{}", reading.words());
        report.told.rows.extend(reading.rows());
        report.json["reading"] = reading.json();
    }
    if asked.wants(Part::Growth) {
        grow(&asked, &mut report)?;
    }
    println!("\n{}", row::table(&report.told.rows));
    report.write(&asked)?;
    ensure!(
        proved,
        "the check of an inclusion proof costs more than {} times its hashes and its signature",
        inclusion::AIM
    );
    Ok(())
}

/// Whether the check of one inclusion proof stays within its aim: the only one that must be met.
fn prove(report: &mut Report) -> bool {
    let cost = inclusion::measure(INCLUSIONS);
    println!("{}", cost.words());
    report.told.rows.push(cost.row());
    cost.ratio() <= inclusion::AIM
}

fn build_packs(asked: &Asked, report: &mut Report) -> Result<()> {
    let amount = asked.amount;
    let packs = packs::run(&packs::Amount {
        program: &asked.tabellion,
        work: &asked.work,
        counted: amount.counted,
        warm_up: amount.warm_up,
        profiled: amount.profiled,
    })?;
    println!("\n{}", packs.words());
    report.add(Told { rows: packs.rows(), waits: vec![packs.waits.clone()] });
    report.json["packs"] = packs.json();
    Ok(())
}

/// The legal command stands beside the product.
fn verify_one(asked: &Asked, report: &mut Report) -> Result<()> {
    let command = asked.tabellion.with_file_name("tabellion-verify");
    let (program, work, rounds) = (&asked.tabellion, &asked.work, asked.amount.verified);
    let verified = verify::run(&verify::Amount { program, command: &command, work, rounds })?;
    println!("\n{}", verified.words());
    report.told.rows.extend(verified.rows());
    report.json["verify"] = verified.json();
    Ok(())
}

fn grow(asked: &Asked, report: &mut Report) -> Result<()> {
    let growth = growth::run(&growth::Amount {
        program: &asked.tabellion,
        work: &asked.work,
        entries: asked.amount.entries,
        minutes: asked.minutes,
        asked: asked.amount.asked,
    })?;
    println!("\n{}", growth.words());
    report.told.rows.extend(growth.rows());
    report.json["growth"] = growth.json();
    report.growth = growth.plot();
    Ok(())
}

impl Report {
    fn add(&mut self, told: Told) {
        self.told.rows.extend(told.rows);
        self.told.waits.extend(told.waits);
    }

    /// Numbers and plots, where they were asked for.
    fn write(mut self, asked: &Asked) -> Result<()> {
        let write = |file: &Path, text: String| {
            std::fs::write(file, text).with_context(|| format!("writing {}", file.display()))
        };
        self.json["aims"] = row::json(&self.told.rows);
        self.json["waits"] = self.told.waits.iter().map(Waits::json).collect();
        if let Some(file) = &asked.json {
            write(file, format!("{:#}\n", self.json))?;
        }
        let plots: Vec<Plot> = self.growth.into_iter().chain(plot::of_waits(&self.told.waits)).collect();
        match asked.svg() {
            Some(file) if !plots.is_empty() => write(&file, plot::svg(&plots)),
            _ => Ok(()),
        }
    }
}
