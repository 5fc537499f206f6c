//! `F` for each file, `E` over them, and their encrypted parts: everything of an entry but its place.

use crate::random;
use ledger::Submission;
use proof::json::{Canonical, Members};
use proof::limits::RECORD_BYTES;
use proof::record::{EntryRecord, FileRecord, Kind};
use proof::{EntryId, FileNumber, Hash, Sha256Tree, Sha512Tree, TenantId, TreeAlgorithm, merkle};
use serde_json::{Map, Value};
use store::{Body, FilePart, SealedParts, Spooled, Vault};

/// Bytes that a record adds to a segment beside its files, about.
const RECORD_WEIGHT: u64 = 4096;

/// One file, spooled, on its way into an entry.
pub(crate) struct NewFile {
    /// Place of its container among the files of the entry, from 0.
    pub(crate) parent: Option<usize>,
    /// As received: data, never a path.
    pub(crate) name: Vec<u8>,
    pub(crate) media_type: String,
    /// `acte`, `ar`, `fichier`...
    pub(crate) role: &'static str,
    pub(crate) spooled: Spooled,
}

/// An entry without its place.
pub(crate) struct Built {
    /// Exact bytes of `E`, and what they say.
    pub(crate) e: Vec<u8>,
    pub(crate) entry: EntryRecord,
    /// Exact bytes of each `F`.
    pub(crate) fs: Vec<Vec<u8>>,
    groups: Vec<Hash>,
    weight: u64,
    parts: SealedParts,
}

/// Why an entry could not be built.
#[derive(Debug)]
pub(crate) enum BuildError {
    /// Facts or findings that canonical JSON cannot hold, or too many of them.
    Record(String),
    /// The vault failed.
    Vault(store::VaultError),
    /// No randomness.
    Randomness,
}

impl std::fmt::Display for BuildError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Record(why) => f.write_str(why),
            Self::Vault(why) => why.fmt(f),
            Self::Randomness => f.write_str("the operating system gives no randomness"),
        }
    }
}

impl From<store::VaultError> for BuildError {
    fn from(error: store::VaultError) -> Self {
        Self::Vault(error)
    }
}

/// The records of these files, and the parts encrypted.
pub(crate) fn build(
    vault: &Vault,
    kind: Kind,
    facts: Map<String, Value>,
    findings: Vec<Value>,
    files: Vec<NewFile>,
) -> Result<Built, BuildError> {
    let fs = files.iter().enumerate().map(|(at, file)| file_record(at, file)).collect::<Result<Vec<_>, _>>()?;
    let entry = entry_record(kind, facts, findings, &fs)?;
    let e = entry.to_bytes().map_err(refused)?;
    let group = |(file, f): (&NewFile, &Vec<u8>)| Hash(seal::group_hash(&file.spooled.sha256.0, &proof::sha256(f).0));
    let groups = files.iter().zip(&fs).map(group).collect();
    let inline: u64 = files.iter().map(|file| weight(&file.spooled.body)).sum();
    let records: usize = e.len() + fs.iter().map(Vec::len).sum::<usize>();
    let parts = files.into_iter().zip(&fs).map(|(file, f)| FilePart {
        f,
        sha256: file.spooled.sha256,
        body: file.spooled.body,
    });
    let parts = vault.seal_entry(&e, parts.collect())?;
    Ok(Built { groups, weight: RECORD_WEIGHT + inline + records as u64, parts, e, entry, fs })
}

fn weight(body: &Body) -> u64 {
    match body {
        Body::Inline(bytes) => bytes.len() as u64,
        Body::Ahead(_) => 0,
    }
}

fn file_record(at: usize, file: &NewFile) -> Result<Vec<u8>, BuildError> {
    let (name, name_base64) = readable(&file.name);
    let number = |at: usize| FileNumber(at as u64 + 1);
    let rest = Members::from([("role".to_owned(), Canonical::string(file.role))]);
    let record = FileRecord {
        number: number(at),
        parent: file.parent.map(number),
        name,
        name_base64,
        size: file.spooled.size,
        sha256: file.spooled.sha256,
        sha512: file.spooled.sha512,
        media_type: file.media_type.clone(),
        salt: random::bytes().map_err(|_| BuildError::Randomness)?,
        rest,
    };
    record.to_bytes().map_err(refused)
}

fn entry_record(
    kind: Kind,
    facts: Map<String, Value>,
    findings: Vec<Value>,
    fs: &[Vec<u8>],
) -> Result<EntryRecord, BuildError> {
    let sha256: Vec<_> = fs.iter().map(|f| Sha256Tree::leaf(f)).collect();
    let sha512: Vec<_> = fs.iter().map(|f| Sha512Tree::leaf(f)).collect();
    let fact = |(name, value): (&String, &Value)| Ok::<_, BuildError>((name.clone(), canonical(value)?));
    Ok(EntryRecord {
        kind,
        facts: facts.iter().map(fact).collect::<Result<_, _>>()?,
        findings: findings.iter().map(canonical).collect::<Result<_, _>>()?,
        file_count: fs.len() as u64,
        files_sha256: merkle::root::<Sha256Tree>(&sha256),
        files_sha512: merkle::root::<Sha512Tree>(&sha512),
        salt: random::bytes().map_err(|_| BuildError::Randomness)?,
        rest: Members::new(),
    })
}

fn canonical(value: &Value) -> Result<Canonical, BuildError> {
    ledger::json::to_canonical(value, RECORD_BYTES).map_err(refused)
}

fn refused(why: impl std::fmt::Display) -> BuildError {
    BuildError::Record(why.to_string())
}

/// The name read as UTF-8 (as ISO-8859-1 when it is not), and then its exact bytes as base64.
pub(crate) fn readable(name: &[u8]) -> (String, Option<String>) {
    use base64::prelude::{BASE64_STANDARD, Engine};
    match std::str::from_utf8(name) {
        Ok(name) => (name.to_owned(), None),
        Err(_) => (name.iter().map(|b| char::from(*b)).collect(), Some(BASE64_STANDARD.encode(name))),
    }
}

/// An entry ready for the log, and what its answer needs.
pub(crate) struct Submitted {
    pub(crate) submission: Submission<SealedParts>,
    /// What `E` says.
    pub(crate) entry: EntryRecord,
    /// Exact bytes of each `F`.
    pub(crate) fs: Vec<Vec<u8>>,
}

impl Built {
    /// The submission of this entry, and what its answer needs.
    pub(crate) fn submission(self, tenant: TenantId, kind: Kind) -> Result<Submitted, BuildError> {
        let draw = |_| BuildError::Randomness;
        let submission = Submission {
            tenant,
            id: EntryId(random::bytes().map_err(draw)?),
            kind,
            entry_bytes: self.e,
            file_groups: self.groups,
            request: None,
            content: None,
            allow_duplicate: true,
            lookups: Vec::new(),
            puts: Vec::new(),
            salt: random::bytes().map_err(draw)?,
            weight: self.weight,
            parts: self.parts,
        };
        Ok(Submitted { submission, entry: self.entry, fs: self.fs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_utf8_keeps_its_bytes_beside_its_reading() {
        assert_eq!(readable("délibération".as_bytes()), ("délibération".into(), None));
        assert_eq!(readable(b"d\xe9lib"), ("délib".into(), Some("ZOlsaWI=".into())));
    }
}
