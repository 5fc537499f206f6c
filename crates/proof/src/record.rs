//! The three records, canonical JSON (RFC 8785): `F` for a file, `E` for an entry, `R` for its place in the log.
//!
//! Every record is salted with 32 random bytes, so that its digest can be published without telling what it says.
//! Unknown fields are kept and ignored; an unknown version is refused, and the verifier says "cannot tell".

use crate::hash::{Hash, Hash512, decode_hex, encode_hex};
use crate::ids::{EntryId, FileNumber, Sequence, TenantId, UnixMillis};
use crate::json::{Canonical, JsonError, Members};
use crate::limits::RECORD_BYTES;
use crate::time::{format_rfc3339, parse_rfc3339};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

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
    pub rest: Members,
}

/// `E`: what was read of the deposit, and the roots over its files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntryRecord {
    /// What the entry is.
    pub kind: Kind,
    /// Read from the flow: an object.
    pub facts: Canonical,
    /// What was odd, as recorded at deposit: an array.
    pub findings: Canonical,
    /// Number of files.
    pub file_count: u64,
    /// RFC 9162 root under SHA-256 whose leaf data are the `F`s in order.
    pub files_sha256: Hash,
    /// The same under SHA-512.
    pub files_sha512: Hash512,
    /// 32 random bytes.
    pub salt: [u8; 32],
    /// Fields of later writers.
    pub rest: Members,
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
    pub rest: Members,
}

/// Why bytes are not a record.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum RecordError {
    /// Not canonical JSON.
    Json(JsonError),
    /// A version we do not know: cannot tell, not false.
    UnknownVersion(Canonical),
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

impl From<JsonError> for RecordError {
    fn from(error: JsonError) -> Self {
        Self::Json(error)
    }
}

impl FileRecord {
    /// The canonical bytes.
    ///
    /// # Errors
    /// [`RecordError::Json`]: an integer beyond 2^53 − 1, a record too long.
    pub fn to_bytes(&self) -> Result<Vec<u8>, RecordError> {
        let mut fields = start(&self.rest, &self.salt)?;
        let parent = self.parent.map(|parent| Canonical::integer(parent.0)).transpose()?;
        put(&mut fields, "number", Canonical::integer(self.number.0)?);
        put(&mut fields, "parent", parent.unwrap_or(Canonical::null()));
        put_text(&mut fields, "name", &self.name);
        if let Some(raw) = &self.name_base64 {
            put_text(&mut fields, "name_base64", raw);
        }
        put(&mut fields, "size", Canonical::integer(self.size)?);
        put_text(&mut fields, "sha256", self.sha256);
        put_text(&mut fields, "sha512", self.sha512);
        put_text(&mut fields, "media_type", &self.media_type);
        write(&fields)
    }

    /// The record these canonical bytes hold.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        let mut fields = Fields::open(bytes)?;
        let is_raw = fields.0.contains_key("name_base64");
        Ok(Self {
            number: FileNumber(fields.integer("number")?),
            parent: fields.nullable("parent", |value| value.to_integer().map(FileNumber))?,
            name: fields.text("name")?,
            name_base64: is_raw.then(|| fields.text("name_base64")).transpose()?,
            size: fields.integer("size")?,
            sha256: fields.texted("sha256", Hash::from_hex)?,
            sha512: fields.texted("sha512", Hash512::from_hex)?,
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
    /// [`RecordError::Json`]: a record too long or too deep. [`RecordError::Field`]: facts that are no object, findings
    /// that are no array.
    pub fn to_bytes(&self) -> Result<Vec<u8>, RecordError> {
        let mut fields = start(&self.rest, &self.salt)?;
        let facts = begins(&self.facts, '{').ok_or(RecordError::Field("facts"))?;
        let findings = begins(&self.findings, '[').ok_or(RecordError::Field("findings"))?;
        put_text(&mut fields, "kind", self.kind.as_str());
        put(&mut fields, "facts", facts);
        put(&mut fields, "findings", findings);
        put(&mut fields, "file_count", Canonical::integer(self.file_count)?);
        put_text(&mut fields, "files_sha256", self.files_sha256);
        put_text(&mut fields, "files_sha512", self.files_sha512);
        write(&fields)
    }

    /// The record these canonical bytes hold.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        let mut fields = Fields::open(bytes)?;
        Ok(Self {
            kind: fields.texted("kind", Kind::parse)?,
            facts: fields.read("facts", |value| begins(value, '{'))?,
            findings: fields.read("findings", |value| begins(value, '['))?,
            file_count: fields.integer("file_count")?,
            files_sha256: fields.texted("files_sha256", Hash::from_hex)?,
            files_sha512: fields.texted("files_sha512", Hash512::from_hex)?,
            salt: fields.salt()?,
            rest: fields.0,
        })
    }
}

impl LogRecord {
    /// The canonical bytes.
    ///
    /// # Errors
    /// [`RecordError::Json`]: an integer beyond 2^53 − 1, a record too long.
    pub fn to_bytes(&self) -> Result<Vec<u8>, RecordError> {
        let mut fields = start(&self.rest, &self.salt)?;
        let previous = self.previous.map(|hash| Canonical::string(&hash.to_string()));
        put_text(&mut fields, "id", self.id);
        put_text(&mut fields, "tenant", self.tenant);
        put(&mut fields, "sequence", Canonical::integer(self.sequence.0)?);
        put(&mut fields, "previous", previous.unwrap_or(Canonical::null()));
        put_text(&mut fields, "received_at", format_rfc3339(self.received_at));
        put_text(&mut fields, "kind", self.kind.as_str());
        put_text(&mut fields, "entry_sha256", self.entry_sha256);
        put_text(&mut fields, "entry_sha512", self.entry_sha512);
        write(&fields)
    }

    /// The record these canonical bytes hold.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        let mut fields = Fields::open(bytes)?;
        Ok(Self {
            id: fields.texted("id", EntryId::parse)?,
            tenant: fields.texted("tenant", TenantId::parse)?,
            sequence: Sequence(fields.integer("sequence")?),
            previous: fields.nullable("previous", |value| Hash::from_hex(&value.to_string_value()?))?,
            received_at: fields.texted("received_at", parse_rfc3339)?,
            kind: fields.texted("kind", Kind::parse)?,
            entry_sha256: fields.texted("entry_sha256", Hash::from_hex)?,
            entry_sha512: fields.texted("entry_sha512", Hash512::from_hex)?,
            salt: fields.salt()?,
            rest: fields.0,
        })
    }
}

fn write(fields: &Members) -> Result<Vec<u8>, RecordError> {
    let record = Canonical::object(fields, RECORD_BYTES)?;
    Ok(record.text().as_bytes().to_vec())
}

fn start(rest: &Members, salt: &[u8; 32]) -> Result<Members, RecordError> {
    let mut fields = rest.clone();
    put(&mut fields, "version", Canonical::integer(VERSION)?);
    put_text(&mut fields, "salt", encode_hex(salt));
    Ok(fields)
}

fn put(fields: &mut Members, name: &str, value: Canonical) {
    fields.insert(name.to_string(), value);
}

fn put_text(fields: &mut Members, name: &str, text: impl ToString) {
    put(fields, name, Canonical::string(&text.to_string()));
}

/// A copy of the value, if its text begins so: an object or an array.
fn begins(value: &Canonical, with: char) -> Option<Canonical> {
    value.text().starts_with(with).then(|| value.clone())
}

/// Fields not yet read; what is left at the end is kept as `rest`.
struct Fields(Members);

impl Fields {
    fn open(bytes: &[u8]) -> Result<Self, RecordError> {
        let record = Canonical::parse(bytes, RECORD_BYTES)?;
        let mut fields = record.to_members().ok_or(RecordError::Field("{}"))?;
        match fields.remove("version") {
            Some(version) if version.to_integer() == Some(VERSION) => Ok(Self(fields)),
            Some(version) => Err(RecordError::UnknownVersion(version)),
            None => Err(RecordError::Field("version")),
        }
    }

    fn read<T>(&mut self, name: &'static str, of: impl Fn(&Canonical) -> Option<T>) -> Result<T, RecordError> {
        self.0.remove(name).as_ref().and_then(of).ok_or(RecordError::Field(name))
    }

    fn nullable<T>(
        &mut self,
        name: &'static str,
        of: impl Fn(&Canonical) -> Option<T>,
    ) -> Result<Option<T>, RecordError> {
        self.read(name, |value| if *value == Canonical::null() { Some(None) } else { of(value).map(Some) })
    }

    fn texted<T>(&mut self, name: &'static str, of: impl Fn(&str) -> Option<T>) -> Result<T, RecordError> {
        self.read(name, |value| of(&value.to_string_value()?))
    }

    fn integer(&mut self, name: &'static str) -> Result<u64, RecordError> {
        self.read(name, Canonical::to_integer)
    }

    fn text(&mut self, name: &'static str) -> Result<String, RecordError> {
        self.read(name, Canonical::to_string_value)
    }

    fn salt(&mut self) -> Result<[u8; 32], RecordError> {
        self.texted("salt", |text| decode_hex(text)?.try_into().ok())
    }
}
