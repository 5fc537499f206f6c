//! The records `R`, `E` and `F`: whether the files are those of the entry, and the entry that of the log.

use proof::merkle;
use proof::record::{EntryRecord, FileRecord, LogRecord, RecordError};
use proof::{Hash, Hash512, Sha256Tree, Sha512Tree, TreeAlgorithm, sha256, sha512};
use serde_json::Value;

use crate::policy::Policy;
use crate::verdict::{Subject, Verdict};

/// Size and digests of a file at hand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Measure {
    pub size: u64,
    pub sha256: Hash,
    pub sha512: Hash512,
}

impl Measure {
    pub fn of(bytes: &[u8]) -> Self {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Self { size, sha256: sha256(bytes), sha512: sha512(bytes) }
    }

    /// These are the bytes the record describes: size and both digests.
    pub fn is(&self, file: &FileRecord) -> bool {
        *self == Self { size: file.size, sha256: file.sha256, sha512: file.sha512 }
    }
}

/// Reads `R`; says why not. The tenant is the pinned one, when there is one.
pub(crate) fn read_record(verdict: &mut Verdict, bytes: &[u8], policy: Option<&Policy>) -> Option<LogRecord> {
    let record = parsed(verdict, "unit/R.json", LogRecord::parse(bytes))?;
    verdict.subject = Some(Subject { id: record.id, tenant: record.tenant, sequence: record.sequence });
    if policy.and_then(|p| p.tenant).is_some_and(|pinned| pinned != record.tenant) {
        verdict.say("other-tenant", "unit/R.json", record.tenant);
    }
    Some(record)
}

/// Reads `E` and holds it against what `R` says of it: both digests, and the kind.
pub(crate) fn read_entry(verdict: &mut Verdict, bytes: &[u8], record: &LogRecord) -> Option<EntryRecord> {
    const WHERE: &str = "unit/E.json";
    if sha256(bytes) != record.entry_sha256 || sha512(bytes) != record.entry_sha512 {
        verdict.say("entry-altered", WHERE, "");
        return None;
    }
    let entry = parsed(verdict, WHERE, EntryRecord::parse(bytes))?;
    if entry.kind != record.kind {
        verdict.say("kind-differs", WHERE, entry.kind.as_str());
    }
    recorded(verdict, &entry);
    Some(entry)
}

/// A file record of the entry, read, and the digest of its bytes.
pub(crate) struct File {
    pub record: FileRecord,
    pub hash: Hash,
}

/// Reads the `F`s, each under the number it must bear, in order, and holds them against both roots of `E` (RFC 9162 §2.1.1).
/// Those returned are the entry's, unless a line of `entry` says otherwise.
pub(crate) fn read_files(
    verdict: &mut Verdict,
    files: Vec<(u64, Vec<u8>)>,
    entry: &EntryRecord,
) -> Vec<File> {
    let before = verdict.findings.len();
    let mut read = Vec::new();
    for (number, bytes) in &files {
        let place = format!("unit/F/{number:03}.json");
        let Some(record) = parsed(verdict, &place, FileRecord::parse(bytes)) else {
            continue;
        };
        if record.number.0 != *number {
            verdict.say("file-records-altered", &place, "");
        }
        read.push(File { record, hash: sha256(bytes) });
    }
    if u64::try_from(files.len()) != Ok(entry.file_count) {
        verdict.say("file-records-missing", "unit/F", "");
        return read;
    }
    let short: Vec<Hash> = files.iter().map(|(_, f)| Sha256Tree::leaf(f)).collect();
    let long: Vec<Hash512> = files.iter().map(|(_, f)| Sha512Tree::leaf(f)).collect();
    let same = merkle::root::<Sha256Tree>(&short) == entry.files_sha256
        && merkle::root::<Sha512Tree>(&long) == entry.files_sha512;
    if !same {
        verdict.say("file-records-altered", "unit/F", "");
    }
    if verdict.findings.len() == before {
        verdict.say("entry-complete", "unit/E.json", entry.file_count);
    }
    read
}

/// A record, or a line that says why there is none: unknown versions cannot be told, the rest is false.
fn parsed<T>(verdict: &mut Verdict, place: &str, outcome: Result<T, RecordError>) -> Option<T> {
    match outcome {
        Ok(record) => Some(record),
        Err(RecordError::UnknownVersion(version)) => {
            verdict.say("unknown-version", place, version);
            None
        }
        Err(why) => {
            verdict.say("record-malformed", place, why);
            None
        }
    }
}

/// What was read and judged at deposit is repeated, never re-computed.
fn recorded(verdict: &mut Verdict, entry: &EntryRecord) {
    const WHERE: &str = "unit/E.json";
    let simple = |value: &Value| value.is_string() || value.is_number();
    let named = |(name, value): (&String, &Value)| simple(value).then(|| format!("{name}={value}"));
    let facts: Vec<String> =
        entry.facts.iter().filter(|(name, _)| *name != "objet").filter_map(named).collect();
    if facts.is_empty() {
        verdict.say("no-identifier", WHERE, "");
    } else {
        verdict.say("identifiers-recorded", WHERE, facts.join(", "));
    }
    match entry.facts.get("signatures") {
        None => verdict.say("no-signature-recorded", WHERE, ""),
        Some(said) => {
            verdict.say("signatures-recorded", WHERE, said);
        }
    }
}
