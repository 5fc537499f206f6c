//! The three records, canonical JSON (RFC 8785): `F` for a file, `E` for an entry, `R` for its place in the log.
//!
//! Every record is salted with 32 random bytes, so that its digest can be published without telling what it says.
//! Unknown fields are kept and ignored; an unknown version is refused, and the verifier says "cannot tell".

use crate::hash::{Hash, Hash512, decode_hex, encode_hex};
use crate::ids::{EntryId, FileNumber, Sequence, TenantId, UnixMillis};
use crate::json::{JsonError, parse_canonical, to_canonical};
use crate::limits::RECORD_BYTES;
use crate::time::{format_rfc3339, parse_rfc3339};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use serde_json::{Map, Value};

/// The version all three records bear.
pub const VERSION: u64 = 1;

/// What an entry is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Kind {
    /// Something a tenant deposited.
    Deposit,
    /// Content destroyed under a visa.
    Elimination,
    /// A closed stretch of a tenant's event journal.
    Journal,
    /// Keys, attributes, agreements, holds, policies, maintenance.
    Administration,
    /// A file in a newer format, tied to its original.
    Conversion,
}

impl Kind {
    const NAMES: [(Self, &'static str); 5] = [
        (Self::Deposit, "deposit"),
        (Self::Elimination, "elimination"),
        (Self::Journal, "journal"),
        (Self::Administration, "administration"),
        (Self::Conversion, "conversion"),
    ];

    /// The kind's name in records.
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// `F`: what a file was when it came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileRecord {
    /// From 1, in the order of the deposit; members follow their container.
    pub number: FileNumber,
    /// The container it came in.
    pub parent: Option<FileNumber>,
    /// Its name, read as UTF-8.
    pub name: String,
    /// Base64 of the name as received, when that is not UTF-8.
    pub name_base64: Option<String>,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the file.
    pub sha256: Hash,
    /// SHA-512 of the file.
    pub sha512: Hash512,
    /// Media type (RFC 6838).
    pub media_type: String,
    /// 32 random bytes.
    pub salt: [u8; 32],
    /// Fields of later writers.
    pub rest: Map<String, Value>,
}

/// `E`: what was read of the deposit, and the roots over its files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntryRecord {
    /// What the entry is.
    pub kind: Kind,
    /// Read from the flow.
    pub facts: Map<String, Value>,
    /// What was odd, as recorded at deposit.
    pub findings: Vec<Value>,
    /// Number of files.
    pub file_count: u64,
    /// RFC 9162 root under SHA-256 whose leaf data are the `F`s in order.
    pub files_sha256: Hash,
    /// The same under SHA-512.
    pub files_sha512: Hash512,
    /// 32 random bytes.
    pub salt: [u8; 32],
    /// Fields of later writers.
    pub rest: Map<String, Value>,
}

/// `R`: the entry's place. No personal data; survives elimination.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogRecord {
    /// The entry's name.
    pub id: EntryId,
    /// Its owner.
    pub tenant: TenantId,
    /// Its place in the owner's chain, from 1.
    pub sequence: Sequence,
    /// Leaf hash of the owner's previous entry, none for the first.
    pub previous: Option<Hash>,
    /// When it was received: the operator's word.
    pub received_at: UnixMillis,
    /// What it is.
    pub kind: Kind,
    /// SHA-256 of `E`.
    pub entry_sha256: Hash,
    /// SHA-512 of `E`.
    pub entry_sha512: Hash512,
    /// 32 random bytes.
    pub salt: [u8; 32],
    /// Fields of later writers.
    pub rest: Map<String, Value>,
}

/// Why bytes are not a record.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum RecordError {
    /// Not canonical JSON.
    Json(JsonError),
    /// A version we do not know: cannot tell, not false.
    UnknownVersion(Value),
    /// This field is missing or of another shape.
    Field(&'static str),
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => error.fmt(f),
            Self::UnknownVersion(version) => {
                write!(f, "record version {version} is not known, only {VERSION}")
            }
            Self::Field(name) => write!(f, "field {name:?} is missing or of another shape"),
        }
    }
}
impl core::error::Error for RecordError {}

impl FileRecord {
    /// The canonical bytes.
    ///
    /// # Errors
    /// [`RecordError::Json`]: an integer beyond 2^53 − 1.
    pub fn to_bytes(&self) -> Result<Vec<u8>, RecordError> {
        let mut fields = start(&self.rest, &self.salt);
        put(&mut fields, "number", self.number.0);
        put(&mut fields, "parent", self.parent.map(|parent| parent.0));
        put(&mut fields, "name", self.name.clone());
        if let Some(raw) = &self.name_base64 {
            put(&mut fields, "name_base64", raw.clone());
        }
        put(&mut fields, "size", self.size);
        put(&mut fields, "sha256", self.sha256.to_string());
        put(&mut fields, "sha512", self.sha512.to_string());
        put(&mut fields, "media_type", self.media_type.clone());
        write(fields)
    }

    /// The record these canonical bytes hold.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        let mut fields = Fields::open(bytes)?;
        Ok(Self {
            number: FileNumber(fields.integer("number")?),
            parent: fields.nullable("parent", |v| v.as_u64().map(FileNumber))?,
            name: fields.text("name")?,
            name_base64: fields.0.contains_key("name_base64").then(|| fields.text("name_base64")).transpose()?,
            size: fields.integer("size")?,
            sha256: fields.read("sha256", |v| Hash::from_hex(v.as_str()?))?,
            sha512: fields.read("sha512", |v| Hash512::from_hex(v.as_str()?))?,
            media_type: fields.text("media_type")?,
            salt: fields.salt()?,
            rest: fields.0,
        })
    }
}

impl EntryRecord {
    /// The canonical bytes.
    ///
    /// # Errors
    /// [`RecordError::Json`]: facts or findings that canonical JSON cannot hold.
    pub fn to_bytes(&self) -> Result<Vec<u8>, RecordError> {
        let mut fields = start(&self.rest, &self.salt);
        put(&mut fields, "kind", self.kind.as_str());
        put(&mut fields, "facts", Value::Object(self.facts.clone()));
        put(&mut fields, "findings", Value::Array(self.findings.clone()));
        put(&mut fields, "file_count", self.file_count);
        put(&mut fields, "files_sha256", self.files_sha256.to_string());
        put(&mut fields, "files_sha512", self.files_sha512.to_string());
        write(fields)
    }

    /// The record these canonical bytes hold.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        let mut fields = Fields::open(bytes)?;
        Ok(Self {
            kind: fields.read("kind", |v| Kind::parse(v.as_str()?))?,
            facts: fields.read("facts", |v| v.as_object().cloned())?,
            findings: fields.read("findings", |v| v.as_array().cloned())?,
            file_count: fields.integer("file_count")?,
            files_sha256: fields.read("files_sha256", |v| Hash::from_hex(v.as_str()?))?,
            files_sha512: fields.read("files_sha512", |v| Hash512::from_hex(v.as_str()?))?,
            salt: fields.salt()?,
            rest: fields.0,
        })
    }
}

impl LogRecord {
    /// The canonical bytes.
    ///
    /// # Errors
    /// [`RecordError::Json`]: an integer beyond 2^53 − 1.
    pub fn to_bytes(&self) -> Result<Vec<u8>, RecordError> {
        let mut fields = start(&self.rest, &self.salt);
        put(&mut fields, "id", self.id.to_string());
        put(&mut fields, "tenant", self.tenant.to_string());
        put(&mut fields, "sequence", self.sequence.0);
        put(&mut fields, "previous", self.previous.map(|hash| hash.to_string()));
        put(&mut fields, "received_at", format_rfc3339(self.received_at));
        put(&mut fields, "kind", self.kind.as_str());
        put(&mut fields, "entry_sha256", self.entry_sha256.to_string());
        put(&mut fields, "entry_sha512", self.entry_sha512.to_string());
        write(fields)
    }

    /// The record these canonical bytes hold.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        let mut fields = Fields::open(bytes)?;
        Ok(Self {
            id: fields.read("id", |v| EntryId::parse(v.as_str()?))?,
            tenant: fields.read("tenant", |v| TenantId::parse(v.as_str()?))?,
            sequence: Sequence(fields.integer("sequence")?),
            previous: fields.nullable("previous", |v| Hash::from_hex(v.as_str()?))?,
            received_at: fields.read("received_at", |v| parse_rfc3339(v.as_str()?))?,
            kind: fields.read("kind", |v| Kind::parse(v.as_str()?))?,
            entry_sha256: fields.read("entry_sha256", |v| Hash::from_hex(v.as_str()?))?,
            entry_sha512: fields.read("entry_sha512", |v| Hash512::from_hex(v.as_str()?))?,
            salt: fields.salt()?,
            rest: fields.0,
        })
    }
}

fn write(fields: Map<String, Value>) -> Result<Vec<u8>, RecordError> {
    to_canonical(&Value::Object(fields)).map_err(RecordError::Json)
}

fn start(rest: &Map<String, Value>, salt: &[u8; 32]) -> Map<String, Value> {
    let mut fields = rest.clone();
    put(&mut fields, "version", VERSION);
    put(&mut fields, "salt", encode_hex(salt));
    fields
}

fn put(fields: &mut Map<String, Value>, name: &str, value: impl Into<Value>) {
    fields.insert(name.to_string(), value.into());
}

/// Fields not yet read; what is left at the end is kept as `rest`.
struct Fields(Map<String, Value>);

impl Fields {
    fn open(bytes: &[u8]) -> Result<Self, RecordError> {
        let Value::Object(mut fields) = parse_canonical(bytes, RECORD_BYTES).map_err(RecordError::Json)? else {
            return Err(RecordError::Field("{}"));
        };
        match fields.remove("version") {
            Some(version) if version.as_u64() == Some(VERSION) => Ok(Self(fields)),
            Some(version) => Err(RecordError::UnknownVersion(version)),
            None => Err(RecordError::Field("version")),
        }
    }

    fn read<T>(&mut self, name: &'static str, of: impl Fn(&Value) -> Option<T>) -> Result<T, RecordError> {
        self.0.remove(name).as_ref().and_then(of).ok_or(RecordError::Field(name))
    }

    fn nullable<T>(&mut self, name: &'static str, of: impl Fn(&Value) -> Option<T>) -> Result<Option<T>, RecordError> {
        self.read(name, |v| if v.is_null() { Some(None) } else { of(v).map(Some) })
    }

    fn integer(&mut self, name: &'static str) -> Result<u64, RecordError> {
        self.read(name, Value::as_u64)
    }

    fn text(&mut self, name: &'static str) -> Result<String, RecordError> {
        self.read(name, |v| v.as_str().map(ToString::to_string))
    }

    fn salt(&mut self) -> Result<[u8; 32], RecordError> {
        self.read("salt", |v| decode_hex(v.as_str()?)?.try_into().ok())
    }
}
