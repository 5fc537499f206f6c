//! The legal verification command: what a stranger runs, offline, on an evidence pack, a receipt or a single piece.
//!
//! A document's way ends here: files are read, the judgement is `verifier`'s, and what it says is printed with a frozen
//! exit code. The clock and the locale are read here and nowhere below.
//!
//! Deliberately not here: any judgement of its own but of what left other systems, any network, any trust of its own (a policy, or
//! roots, come from outside).

mod arguments;
mod container;
mod evidence;
mod inputs;
mod inspect;
mod lang;
mod lists;
mod register;
mod report;
mod source;
mod timestamp;
mod vitam;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use proof::UnixMillis;
use seal::{Held, Source};
use verifier::{Policy, ReceiptInput, Verdict};
use watch::limits::REGISTER_LINE_BYTES;

use arguments::{Arguments, Command, Judging, Timestamp};
use inputs::Trouble;
use register::RegisterCase;
use source::FileSource;

/// Exit codes that are not a verdict's.
const USAGE: u8 = 2;
const UNREADABLE: u8 = 5;
const INTERNAL: u8 = 70;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let lang = lang::choose(arguments.judging.lang.as_deref());
    let outcome = std::panic::catch_unwind(|| run(&arguments));
    ExitCode::from(match outcome {
        Ok(Ok(code)) => code,
        Ok(Err(trouble)) => {
            eprintln!("tabellion-verify: {}", trouble.sentence(lang));
            trouble.exit_code()
        }
        Err(_) => INTERNAL,
    })
}

fn run(arguments: &Arguments) -> Result<u8, Trouble> {
    let common = &arguments.judging;
    match (&arguments.command, &arguments.pack) {
        (None, Some(pack)) => {
            let (policy, at) = match &arguments.trust {
                Some(_) => {
                    (None, inputs::moment(common).and_then(|at| lists::refused(common, "--trust").map(|()| at))?)
                }
                None => lists::with_policy(common, lists::given)?,
            };
            let roots = arguments.trust.as_deref().map(inputs::roots).transpose()?;
            let verdict = judged(pack, policy.as_ref(), roots.as_deref(), at)?;
            report::print(&verdict, common)
        }
        (Some(Command::Receipt(given)), _) => {
            let (policy, at) = lists::with_policy(common, lists::given_alone)?;
            let held = inputs::receipt(given)?;
            let input = ReceiptInput {
                receipt: &held.receipt,
                record: &held.record,
                entry: held.entry.as_deref(),
                file_records: &held.file_records,
                data: &held.data,
            };
            report::print(&verifier::verify_receipt(&input, policy.as_ref(), at), common)
        }
        (Some(Command::Timestamp(given)), _) => stamped(given, common),
        (Some(Command::EvidenceRecord { record, data, digest, trust }), _) => {
            lists::refused(common, "evidence-record")?;
            let roots = trust.as_deref().map_or(Ok(Vec::new()), inputs::roots)?;
            let (record, at) = (inputs::small(record)?, inputs::moment(common)?);
            let mut given = inputs::documents(data)?;
            given.extend(inputs::digests(digest)?);
            report::print(&evidence::verify_evidence_record(&record, &given, &roots, at), common)
        }
        (Some(Command::Inspect { file }), _) => report::say(&inspect::shown(&inputs::small_or_pack(file)?)),
        (Some(Command::Register { file, receipt, record }), _) => {
            let (policy, at) = lists::with_policy(common, lists::given_alone)?;
            let receipts = inputs::receipts(receipt, record)?;
            let mut case = RegisterCase::new(policy.as_ref(), at, &receipts);
            inputs::each_line(file, REGISTER_LINE_BYTES, &mut |line| case.line(line))?;
            report::print(&case.finish(), common)
        }
        (Some(Command::Vitam { file, trust, previous }), _) => {
            lists::refused(common, "vitam")?;
            let roots = trust.as_deref().map_or(Ok(Vec::new()), inputs::roots)?;
            let (archive, at) = (inputs::open(file)?, inputs::moment(common)?);
            let named = |path: &PathBuf| Ok((path.display().to_string(), inputs::open(path)?));
            let earlier = previous.iter().map(named).collect::<Result<Vec<_>, Trouble>>()?;
            report::print(&vitam::verify_archive(archive, earlier, &roots, at), common)
        }
        (None, None) => Err(Trouble::Nothing),
    }
}

/// A pack of ours, read where it lies; or a container of others, which is held.
fn judged(path: &Path, policy: Option<&Policy>, roots: Option<&[Vec<u8>]>, at: UnixMillis) -> Result<Verdict, Trouble> {
    let ours = |pack: &dyn Source| roots.is_none() && (policy.is_some() || container::is_ours(pack));
    if let Some(source) = FileSource::open(path)?
        && ours(&source)
    {
        let verdict = verifier::verify_source(&source, policy, at);
        return Ok(told(verdict, policy, &source, at));
    }
    Ok(match inputs::pack(path)? {
        Ok(bytes) if ours(&Held(&bytes)) => told(verifier::verify_pack(&bytes, policy, at), policy, &Held(&bytes), at),
        Ok(bytes) => container::verify_container(&bytes, roots.unwrap_or_default(), at),
        Err(size) => tabellion_verify::pack_too_large(size, at),
    })
}

/// The verdict by a policy, unless what did not pass is no pack at all: then that is what there is to say.
fn told(verdict: Verdict, policy: Option<&Policy>, pack: &dyn Source, at: UnixMillis) -> Verdict {
    let none_of_ours = || policy.is_some() && verdict.reason.is_some() && container::is_of_others(pack);
    if none_of_ours() { container::not_a_pack(at) } else { verdict }
}

/// A single token.
fn stamped(given: &Timestamp, common: &Judging) -> Result<u8, Trouble> {
    let at = inputs::moment(common)?;
    let certificates = |path: &Option<std::path::PathBuf>| path.as_deref().map_or(Ok(Vec::new()), inputs::roots);
    let stamp = timestamp::Stamp {
        token: &inputs::small(&given.token)?,
        roots: &certificates(&given.trust)?,
        certificates: &certificates(&given.certificates)?,
        revocation: &inputs::revocation(&given.revocation)?,
        lists: &lists::given_alone(common, at)?,
        accept_weak: given.accept_weak,
        accept_eku_not_critical: given.accept_eku_not_critical,
    };
    let verdict = timestamp::verify(&stamp, &mut |algorithm| inputs::stamped(given, algorithm), at)?;
    report::print(&verdict, common)
}

impl Judging {
    fn json(&self) -> bool {
        self.format.as_deref() == Some("json")
    }
}
