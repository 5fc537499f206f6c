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

/// A field of a record: its canonical text, `None` when it is left out.
trait Field: Sized {
    fn write(&self) -> Result<Option<Canonical>, JsonError>;
    fn read(text: Option<&Canonical>) -> Option<Self>;
}

/// A record is what its declaration says, written and read field by field under their own names, with `version` before
/// them and unknown fields kept.
macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $kind,)*
            /// Fields of later writers.
            pub rest: Members,
        }

        impl $name {
            /// The canonical bytes.
            ///
            /// # Errors
            /// [`RecordError::Json`]: an integer beyond 2^53 − 1, facts too deep, a record too long.
            pub fn to_bytes(&self) -> Result<Vec<u8>, RecordError> {
                let mut fields = self.rest.clone();
                put(&mut fields, "version", &VERSION)?;
                $(put(&mut fields, stringify!($field), &self.$field)?;)*
                let record = Canonical::object(&fields, RECORD_BYTES).map_err(RecordError::Json)?;
                Ok(record.into_text().into_bytes())
            }

            /// The record these canonical bytes hold.
            ///
            /// # Errors
            /// [`RecordError`].
            pub fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
                let mut fields = open(bytes)?;
                Ok(Self { $($field: take(&mut fields, stringify!($field))?,)* rest: fields })
            }
        }
    };
}

record! {
    /// `F`: what a file was when it came.
    FileRecord {
        /// From 1, in the order of the deposit; members follow their container.
        number: FileNumber,
        /// The container it came in.
        parent: Option<FileNumber>,
        /// Its name, read as UTF-8.
        name: String,
        /// Base64 of the name as received, when that is not UTF-8.
        name_base64: Option<String>,
        /// Bytes.
        size: u64,
        /// SHA-256 of the file.
        sha256: Hash,
        /// SHA-512 of the file.
        sha512: Hash512,
        /// Media type (RFC 6838).
        media_type: String,
        /// 32 random bytes.
        salt: [u8; 32],
    }
}

record! {
    /// `E`: what was read of the deposit, and the roots over its files.
    EntryRecord {
        /// What the entry is.
        kind: Kind,
        /// Read from the flow.
        facts: Members,
        /// What was odd, as recorded at deposit.
        findings: Vec<Canonical>,
        /// Number of files.
        file_count: u64,
        /// RFC 9162 root under SHA-256 whose leaf data are the `F`s in order.
        files_sha256: Hash,
        /// The same under SHA-512.
        files_sha512: Hash512,
        /// 32 random bytes.
        salt: [u8; 32],
    }
}

record! {
    /// `R`: the entry's place. No personal data; survives elimination.
    LogRecord {
        /// The entry's name.
        id: EntryId,
        /// Its owner.
        tenant: TenantId,
        /// Its place in the owner's chain, from 1.
        sequence: Sequence,
        /// Leaf hash of the owner's previous entry, none for the first.
        previous: Option<Hash>,
        /// When it was received: the operator's word.
        received_at: UnixMillis,
        /// What it is.
        kind: Kind,
        /// SHA-256 of `E`.
        entry_sha256: Hash,
        /// SHA-512 of `E`.
        entry_sha512: Hash512,
        /// 32 random bytes.
        salt: [u8; 32],
    }
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
            Self::UnknownVersion(given) => write!(f, "record version {given} is not known, only {VERSION}"),
            Self::Field(name) => write!(f, "field {name:?} is missing or of another shape"),
        }
    }
}
impl core::error::Error for RecordError {}

/// Takes the version away and gives the other fields.
fn open(bytes: &[u8]) -> Result<Members, RecordError> {
    let members = Canonical::parse_members(bytes, RECORD_BYTES).map_err(RecordError::Json)?;
    let mut fields = members.ok_or(RecordError::Field("{}"))?;
    match fields.remove("version") {
        Some(version) if version.to_integer() == Some(VERSION) => Ok(fields),
        Some(version) => Err(RecordError::UnknownVersion(version)),
        None => Err(RecordError::Field("version")),
    }
}

fn take<T: Field>(fields: &mut Members, name: &'static str) -> Result<T, RecordError> {
    T::read(fields.remove(name).as_ref()).ok_or(RecordError::Field(name))
}

fn put<T: Field>(fields: &mut Members, name: &str, value: &T) -> Result<(), RecordError> {
    // Without the field, whatever unknown one bears its name: a writer says what it knows.
    fields.remove(name);
    let text = value.write().map_err(RecordError::Json)?;
    fields.extend(text.map(|text| (name.to_string(), text)));
    Ok(())
}

macro_rules! field {
    ($kind:ty, $write:expr, $read:expr) => {
        impl Field for $kind {
            fn write(&self) -> Result<Option<Canonical>, JsonError> {
                let write: fn(&Self) -> Result<Canonical, JsonError> = $write;
                write(self).map(Some)
            }
            fn read(text: Option<&Canonical>) -> Option<Self> {
                let read: fn(&Canonical) -> Option<Self> = $read;
                read(text?)
            }
        }
    };
}
field!(u64, |number| Canonical::integer(*number), Canonical::to_integer);
field!(FileNumber, |number| Canonical::integer(number.0), |text| text.to_integer().map(Self));
field!(Sequence, |number| Canonical::integer(number.0), |text| text.to_integer().map(Self));
field!(Members, |members| Canonical::object(members, RECORD_BYTES), Canonical::to_members);
field!(Vec<Canonical>, |items| Canonical::array(items, RECORD_BYTES), Canonical::to_items);

/// Fields that are strings: what they say, and who says it.
macro_rules! text_field {
    ($kind:ty, $write:expr, $read:expr) => {
        field!($kind, |value| Ok(Canonical::string(&$write(value))), |text| $read(&text.to_string_value()?));
    };
}
text_field!(String, String::clone, |text: &str| Some(text.to_string()));
text_field!(Hash, Hash::to_string, Self::from_hex);
text_field!(Hash512, Hash512::to_string, Self::from_hex);
text_field!(EntryId, EntryId::to_string, Self::parse);
text_field!(TenantId, TenantId::to_string, Self::parse);
text_field!(Kind, |kind: &Kind| kind.as_str().to_string(), Self::parse);
text_field!(UnixMillis, |at: &UnixMillis| format_rfc3339(*at), parse_rfc3339);
text_field!([u8; 32], |salt: &[u8; 32]| encode_hex(salt), |text| decode_hex(text)?.try_into().ok());

/// Fields that are `null` when there is nothing to say.
macro_rules! nullable_field {
    ($kind:ty) => {
        impl Field for Option<$kind> {
            fn write(&self) -> Result<Option<Canonical>, JsonError> {
                self.as_ref().map_or(Ok(Some(Canonical::null())), Field::write)
            }
            fn read(text: Option<&Canonical>) -> Option<Self> {
                if *text? == Canonical::null() { Some(None) } else { Field::read(text).map(Some) }
            }
        }
    };
}
nullable_field!(FileNumber);
nullable_field!(Hash);

/// Left out when there is nothing to say.
impl Field for Option<String> {
    fn write(&self) -> Result<Option<Canonical>, JsonError> {
        Ok(self.as_deref().map(Canonical::string))
    }
    fn read(text: Option<&Canonical>) -> Option<Self> {
        text.map_or(Some(None), |text| text.to_string_value().map(Some))
    }
}
