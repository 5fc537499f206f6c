//! Validation material of the time-stamping authorities: their roots, and the certificates, lists of revoked certificates and OCSP responses
//! that the operator keeps in a directory. What has changed since the last time is archived after each seal, so that the next batch seals it;
//! packs bring what was archived first a day after their own seal, or else last.
//!
//! Nothing is fetched: a document makes no socket open, and an operator's own timer knows better where his authority publishes.

use crate::app::App;
use crate::config::Config;
use crate::error::ServiceError;
use crate::files;
use crate::home::Home;
use crate::limits::{VALIDATION_AFTER_MILLIS, VALIDATION_BYTES, VALIDATION_FILES, VALIDATION_PIECES};
use crate::problem::Problem;
use ledger::sealing::BatchHead;
use ledger::spaces::VALIDATION;
use ledger::storage::{Put, Reader, StorageError};
use proof::record::{FileRecord, LogRecord};
use proof::{EntryId, FileNumber, TenantId};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use store::StoreReads;

/// The roots of every authority configured, PEM.
const ROOTS: &str = "roots.pem";
/// Begins a piece in PEM.
const BEGIN: &[u8] = b"-----BEGIN ";

/// What was archived once: its number, its entry, and the digest over it.
struct Archived {
    number: u64,
    entry: EntryId,
    sha256: String,
}

impl Archived {
    fn parse(key: &[u8], bytes: &[u8]) -> Option<Self> {
        let row: Value = serde_json::from_slice(bytes).ok()?;
        Some(Self {
            number: u64::from_be_bytes(key.try_into().ok()?),
            entry: EntryId::parse(row["entry"].as_str()?)?,
            sha256: row["sha256"].as_str()?.to_owned(),
        })
    }

    /// All of them, oldest first.
    fn all(reads: &StoreReads) -> Result<Vec<Self>, StorageError> {
        let rows = reads.values(VALIDATION, &[])?;
        let read = |(key, bytes): &(Vec<u8>, Vec<u8>)| {
            Self::parse(key, bytes).ok_or_else(|| StorageError::Fatal("a row of validation material is damaged".into()))
        };
        rows.iter().map(read).collect()
    }
}

/// What stands in the directory now, and the roots; nothing where none is configured.
fn present(home: &Home, config: &Config) -> Result<BTreeMap<String, Vec<u8>>, ServiceError> {
    let mut found = BTreeMap::new();
    let Some(directory) = &config.tsa.validation else { return Ok(found) };
    let directory = home.path().join(directory);
    let too_much = |why: &str| ServiceError::Configuration { path: directory.clone(), why: why.to_owned() };
    let (mut total, mut pieces) = (0, 0);
    files::each_plain(&directory, VALIDATION_BYTES as u64, |name, bytes| {
        if name == ROOTS {
            return Err(too_much("roots.pem is made of tsa.roots: give this file another name"));
        }
        total += bytes.len();
        pieces += bytes.windows(BEGIN.len()).filter(|window| *window == BEGIN).count().max(1);
        found.insert(name, bytes);
        if found.len() > VALIDATION_FILES || total > VALIDATION_BYTES || pieces > VALIDATION_PIECES {
            let most = format!("{VALIDATION_FILES} files, {VALIDATION_PIECES} pieces or {VALIDATION_BYTES} bytes");
            return Err(too_much(&format!("more than {most} in tsa.validation: nothing of it is archived")));
        }
        Ok(())
    })?;
    found.insert(ROOTS.to_owned(), home.roots(config)?.concat().into_bytes());
    Ok(found)
}

/// One digest over names and contents.
fn digest(files: &BTreeMap<String, Vec<u8>>) -> String {
    let lines = files.iter().map(|(name, bytes)| format!("{}  {name}\n", proof::sha256(bytes)));
    proof::sha256(lines.collect::<String>().as_bytes()).to_string()
}

/// What stands there now is archived, if it is not what was archived last. Blocks.
pub(crate) fn archive(app: &App) -> Result<bool, ServiceError> {
    let files = present(&app.home, &app.config)?;
    let failed = |error: StorageError| ServiceError::Read(format!("{error:?}"));
    let last = Archived::all(app.reads()).map_err(failed)?.pop();
    let sha256 = digest(&files);
    if files.is_empty() || last.as_ref().is_some_and(|last| last.sha256 == sha256) {
        return Ok(false);
    }
    let number = last.map_or(0, |last| last.number + 1);
    let entry = EntryId(crate::random::bytes()?);
    let row = json!({"version": 1, "entry": entry.to_string(), "sha256": sha256});
    let put = Put { space: VALIDATION, key: number.to_be_bytes().to_vec(), value: Some(row.to_string().into_bytes()) };
    let facts = Map::from_iter([
        ("administration".to_owned(), json!("validation-material")),
        ("material".to_owned(), json!({"number": number, "sha256": sha256})),
    ]);
    let office = &app.office;
    let new = |(name, bytes): (&String, &Vec<u8>)| office.file(name, media_type(name), bytes);
    let files = files.iter().map(new).collect::<Result<_, _>>()?;
    office.log_with(facts, files, vec![put], Some(entry))?;
    Ok(true)
}

/// Whether the directory configured is there and can be listed; `None` where none is configured.
fn is_there(home: &Home, config: &Config) -> Option<bool> {
    config.tsa.validation.as_ref().map(|directory| fs::read_dir(home.path().join(directory)).is_ok())
}

/// Said at the start: what is missing then would else be told at a seal alone, among the events of a night.
pub(crate) fn look(home: &Home, config: &Config) {
    if is_there(home, config) == Some(false) {
        tracing::warn!(
            "the directory of tsa.validation is missing or cannot be listed: no validation material is archived"
        );
    }
}

/// For `/readyz`: null where no directory is configured. No path is told: anybody may ask.
pub(crate) fn shown(app: &App) -> Value {
    is_there(&app.home, &app.config)
        .map_or(Value::Null, |there| json!({"directory": if there { "there" } else { "missing" }}))
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("pem") => "application/x-pem-file",
        Some("crl") => "application/pkix-crl",
        Some("cer" | "crt") => "application/pkix-cert",
        Some("ors" | "ocsp") => "application/ocsp-response",
        _ => "application/octet-stream",
    }
}

/// What a pack of this batch brings: names and bytes. Material archived a day or more after the seal tells how certificates stood when
/// it was made; before there is any, the last one. Blocks.
pub(crate) fn of(app: &App, batch: &BatchHead) -> Result<Vec<(String, Vec<u8>)>, Problem> {
    let reads = app.reads();
    let all = Archived::all(reads)?;
    let place = |one: &Archived| reads.by_id(TenantId::PLATFORM, one.entry);
    // A list kept from before the token says nothing of it: what is a day younger was made since.
    let since = batch.gen_time.0.saturating_add(VALIDATION_AFTER_MILLIS);
    let early = |one: &Archived| -> Result<bool, Problem> {
        let row = place(one)?.map(|index| reads.entry(index)).transpose()?.flatten();
        let record = row.and_then(|row| LogRecord::parse(&row.leaf.record).ok());
        Ok(record.is_some_and(|record| record.received_at.0 < since))
    };
    // They stand in the log in their order.
    let (mut low, mut high) = (0, all.len());
    while low < high {
        let middle = low + (high - low) / 2;
        match all.get(middle).map(early).transpose()? {
            Some(true) => low = middle + 1,
            _ => high = middle,
        }
    }
    let chosen = all.get(low).or_else(|| all.last());
    let Some(index) = chosen.map(place).transpose()?.flatten() else { return Ok(Vec::new()) };
    let missing = || Problem::internal("validation material is missing");
    let count = reads.file_count(index)?.ok_or_else(missing)?;
    let mut files = Vec::new();
    for number in (1..=count).map(FileNumber) {
        let f = reads.read_file_record(index, number)?.ok_or_else(missing)?;
        let name = FileRecord::parse(&f).map_err(Problem::internal)?.name;
        let mut bytes = Vec::new();
        reads.open_file(index, number)?.ok_or_else(missing)?.read_to_end(&mut bytes).map_err(Problem::internal)?;
        let member = seal::file_member(number.0, &name);
        files.push((member.trim_start_matches("files/").to_owned(), bytes));
    }
    Ok(files)
}
