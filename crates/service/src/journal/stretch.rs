//! A closed stretch of a tenant's journal: its file, and the entry it becomes.

use crate::administration::Office;
use crate::entry::{self, BuildError, NewFile};
use crate::error::ServiceError;
use crate::random;
use ledger::storage::RequestKey;
use proof::TenantId;
use proof::hash::{decode_hex, encode_hex};
use proof::record::Kind;
use serde_json::{Map, Value, json};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

/// Media type of a stretch: a JSON object a line.
const MEDIA_TYPE: &str = "application/jsonl";
/// Domain of the key under which a stretch is logged once.
const DOMAIN: &str = "journal";
/// Bytes read of a line to tell its time.
const LINE_BYTES: u64 = 64 << 10;

/// The name of a closed stretch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Name([u8; 16]);

impl Name {
    pub(super) fn draw() -> Result<Self, ServiceError> {
        Ok(Self(random::bytes()?))
    }
    fn parse(text: &str) -> Option<Self> {
        decode_hex(text)?.try_into().ok().map(Self)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode_hex(&self.0))
    }
}

/// A stretch that grows no more and is not archived yet.
pub(super) struct Stretch {
    pub(super) path: PathBuf,
    tenant: TenantId,
    name: Name,
}

/// Tenants that have an open stretch.
pub(super) fn open(place: &Path) -> io::Result<Vec<TenantId>> {
    let tenant = |name: &str| TenantId::parse(name.strip_suffix(".open")?);
    list(place, |_, name| tenant(name))
}

/// Closed stretches, in order of names.
pub(super) fn closed(place: &Path) -> io::Result<Vec<Stretch>> {
    let mut found = list(place, |path, name| {
        let (tenant, name) = name.split_once('.')?;
        Some(Stretch { path, tenant: TenantId::parse(tenant)?, name: Name::parse(name)? })
    })?;
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn list<T>(place: &Path, read: impl Fn(PathBuf, &str) -> Option<T>) -> io::Result<Vec<T>> {
    let entries = match fs::read_dir(place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        found.extend(read(path, &name));
    }
    Ok(found)
}

/// What an entry says of its stretch.
#[derive(Default)]
struct Counted {
    events: u64,
    first: Option<Value>,
    last: Option<Value>,
}

impl Stretch {
    /// The stretch stands in its tenant's chain, once, however often this is called. Blocks.
    pub(super) fn log(&self, office: &Office) -> Result<(), ServiceError> {
        let wrong = |error: BuildError| ServiceError::Entry(error.to_string());
        let failed = || ServiceError::io("read", &self.path);
        let counted = self.count().map_err(failed())?;
        let mut writer = office.vault.spool().map_err(|error| ServiceError::Entry(error.to_string()))?;
        io::copy(&mut File::open(&self.path).map_err(failed())?, &mut writer).map_err(failed())?;
        writer.flush().map_err(failed())?;
        let spooled = writer.finish().map_err(|error| ServiceError::Entry(error.to_string()))?;
        let file = NewFile {
            parent: None,
            name: b"journal.jsonl".to_vec(),
            media_type: MEDIA_TYPE.into(),
            role: "fichier",
            spooled,
        };
        let said = json!({
            "stretch": self.name.to_string(), "events": counted.events, "first": counted.first, "last": counted.last,
        });
        let facts = Map::from_iter([("journal".to_owned(), said)]);
        let built = entry::build(&office.vault, Kind::Journal, facts, Vec::new(), vec![file]).map_err(wrong)?;
        let mut submission = built.submission(self.tenant, Kind::Journal).map_err(wrong)?.submission;
        let key = office.vault.lookup(self.tenant, DOMAIN, &self.name.0);
        submission.request = Some(RequestKey { key, digest: key });
        office.submit(submission).map(drop)
    }

    /// How many events, and when the first and the last of them were. A line that a power cut left half written counts as one
    /// without a time: it is archived as it stands.
    fn count(&self) -> io::Result<Counted> {
        let mut lines = BufReader::new(File::open(&self.path)?);
        let mut counted = Counted::default();
        loop {
            let mut line = Vec::new();
            if (&mut lines).take(LINE_BYTES).read_until(b'\n', &mut line)? == 0 {
                return Ok(counted);
            }
            counted.events += 1;
            let at = serde_json::from_slice::<Value>(&line).ok().and_then(|event| event.get("at").cloned());
            counted.first = counted.first.or_else(|| at.clone());
            counted.last = at.or(counted.last);
        }
    }
}
