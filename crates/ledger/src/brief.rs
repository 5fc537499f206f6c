//! `R` as this program writes it, field by field: its text from its fields, its fields from its text, and what of a leaf follows from
//! it. A storage may then keep the fields alone.
//!
//! The text is the one that `proof` writes (RFC 8785), which a test holds it to. An `R` with fields of a later writer has none here:
//! it is kept as it stands.

use crate::storage::NewLeaf;
use proof::hash::{decode_hex, encode_hex};
use proof::json::Members;
use proof::leaf::entry_leaf;
use proof::record::{Kind, LogRecord};
use proof::time::{format_rfc3339, parse_rfc3339};
use proof::{EntryId, Hash, Hash512, Sequence, TenantId};

/// Integers that JSON carries exactly (RFC 8785 §3.2.2.3) are smaller.
const INTEGERS: u64 = 1 << 53;
/// The last moment that RFC 3339 can write.
const LAST: u64 = 253_402_300_799_999;

/// The canonical bytes of this `R`; `None` when it has fields beyond those of version 1, a sequence beyond what JSON carries, or a time
/// past the year 9999.
pub fn write(record: &LogRecord) -> Option<Vec<u8>> {
    if !record.rest.is_empty() || record.sequence.0 >= INTEGERS || record.received_at.0 > LAST {
        return None;
    }
    let mut out = String::with_capacity(560);
    let mut put = |name: &str, value: &str| {
        out.push_str(name);
        out.push_str(value);
    };
    put("{\"entry_sha256\":\"", &encode_hex(&record.entry_sha256.0));
    put("\",\"entry_sha512\":\"", &encode_hex(&record.entry_sha512.0));
    put("\",\"id\":\"", &record.id.to_string());
    put("\",\"kind\":\"", record.kind.as_str());
    match &record.previous {
        None => put("\",\"previous\":", "null"),
        Some(hash) => {
            put("\",\"previous\":\"", &encode_hex(&hash.0));
            put("\"", "");
        }
    }
    put(",\"received_at\":\"", &format_rfc3339(record.received_at));
    put("\",\"salt\":\"", &encode_hex(&record.salt));
    put("\",\"sequence\":", &record.sequence.0.to_string());
    put(",\"tenant\":\"", &record.tenant.to_string());
    put("\",\"version\":1}", "");
    Some(out.into_bytes())
}

/// The fields of the `R` that these bytes are, if [`write`] gives the same bytes again.
pub fn parse(bytes: &[u8]) -> Option<LogRecord> {
    let mut text = Text(std::str::from_utf8(bytes).ok()?);
    let record = LogRecord {
        entry_sha256: Hash(text.hex("{\"entry_sha256\":\"")?),
        entry_sha512: Hash512(text.hex("\",\"entry_sha512\":\"")?),
        id: EntryId::parse(text.value("\",\"id\":\"")?)?,
        kind: Kind::parse(text.value("\",\"kind\":\"")?)?,
        previous: text.previous()?,
        received_at: parse_rfc3339(text.value(",\"received_at\":\"")?)?,
        salt: text.hex("\",\"salt\":\"")?,
        sequence: Sequence(text.number("\",\"sequence\":")?),
        tenant: TenantId::parse(text.value(",\"tenant\":\"")?)?,
        rest: Members::new(),
    };
    // Whatever was read leniently above, or not at all, is another text.
    (write(&record)? == bytes).then_some(record)
}

/// The text that is still to be read.
struct Text<'a>(&'a str);

impl<'a> Text<'a> {
    /// What stands after this name, up to the next quotation mark.
    fn value(&mut self, name: &str) -> Option<&'a str> {
        let rest = self.0.strip_prefix(name)?;
        let (value, rest) = rest.split_at_checked(rest.find('"')?)?;
        self.0 = rest;
        Some(value)
    }

    fn hex<const N: usize>(&mut self, name: &str) -> Option<[u8; N]> {
        decode_hex(self.value(name)?)?.try_into().ok()
    }

    fn previous(&mut self) -> Option<Option<Hash>> {
        if let Some(rest) = self.0.strip_prefix("\",\"previous\":null") {
            self.0 = rest;
            return Some(None);
        }
        let hash = self.hex("\",\"previous\":\"")?;
        self.0 = self.0.strip_prefix('"')?;
        Some(Some(Hash(hash)))
    }

    fn number(&mut self, name: &str) -> Option<u64> {
        let rest = self.0.strip_prefix(name)?;
        let (number, rest) = rest.split_at_checked(rest.find(',')?)?;
        self.0 = rest;
        number.parse().ok()
    }
}

/// What an entry's leaf says beside its `R`, as it follows from it: leaf data, and the group that binds `R` to `E` (RFC 4998 §2.1).
pub fn follows(record: &LogRecord, text: &[u8]) -> (Vec<u8>, Hash) {
    let group = seal::group_hash(&proof::sha256(text).0, &record.entry_sha256.0);
    (entry_leaf(text), Hash(group))
}

/// The fields of the leaf's `R`, if everything that the leaf says of its entry follows from them.
pub fn of_leaf(leaf: &NewLeaf) -> Option<LogRecord> {
    let record = parse(&leaf.record)?;
    let (leaf_data, group) = follows(&record, &leaf.record);
    let same = (record.tenant, record.sequence, record.id) == (leaf.tenant, leaf.sequence, leaf.id);
    (same && leaf_data == leaf.leaf_data && leaf.groups.first() == Some(&group)).then_some(record)
}
