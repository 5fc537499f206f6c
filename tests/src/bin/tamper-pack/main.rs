//! `tamper-pack PACK OUT (--member NAME | --ending SUFFIX) [--stale-crc]`: copies an evidence pack with one byte of one file
//! changed, and says which. The zip's checksums are made good unless `--stale-crc`.
//!
//! Deliberately not here: any knowledge of proofs. It does what an attacker's editor would do.

mod zip;

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};
use zip::{flip, members};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match tamper(&arguments) {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("tamper-pack: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn tamper(arguments: &[String]) -> Result<String> {
    let value = |name: &str| {
        let at = arguments.iter().position(|word| word == name)?;
        arguments.get(at + 1)
    };
    let (from, to) = (arguments.first().context("PACK")?, arguments.get(1).context("OUT")?);
    let mut zip = fs::read(from).with_context(|| from.clone())?;
    let found = members(&zip)?;
    let wanted = |name: &str| match (value("--member"), value("--ending")) {
        (Some(whole), _) => name == whole,
        (None, Some(ending)) => name.starts_with("files/") && name.ends_with(ending.as_str()),
        (None, None) => false,
    };
    let member = found.iter().find(|member| wanted(&member.name)).context("no such member")?;
    let mend = !arguments.iter().any(|word| word == "--stale-crc");
    let place = flip(&mut zip, member, mend)?;
    fs::write(to, &zip).with_context(|| to.clone())?;
    Ok(format!("{}: byte {place} changed", member.name))
}
