//! One entry: leaf data from `R`, `R` from `E`, `E` from the `F`s, each `F` from the file recovered out of its ciphertext.

use super::Fault;
use crate::storage::NewLeaf;
use proof::leaf::{Leaf, entry_leaf};
use proof::record::{EntryRecord, FileRecord, LogRecord};
use proof::{FileNumber, Hash, Hash512, Sha256Tree, Sha512Tree, TreeAlgorithm, merkle};

/// What was recovered of an entry; `None` for what is destroyed or was damaged (and told elsewhere).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EntrySeen {
    /// Exact bytes of `E`.
    pub e: Option<Vec<u8>>,
    /// Its files, from number 1.
    pub files: Vec<FileSeen>,
}

/// What was recovered of a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FileSeen {
    /// Exact bytes of `F`.
    pub f: Option<Vec<u8>>,
    /// The file.
    pub body: Option<BodySeen>,
}

/// A file as its plaintext says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BodySeen {
    /// Bytes.
    pub size: u64,
    /// SHA-256.
    pub sha256: Hash,
    /// SHA-512.
    pub sha512: Hash512,
}

/// The leaf is that of `R`, and the first group, which the seal covers, that of `R` and of `E` where it was recovered. `R` and `E` are
/// then the bytes that were logged, and agree as they did: nothing of them needs to be read field by field.
pub fn stands(leaf: &NewLeaf, seen: &EntrySeen) -> bool {
    let record = proof::sha256(&leaf.record);
    let own = Leaf::parse(&leaf.leaf_data).is_ok_and(|logged| {
        let sha512 = proof::sha512(&leaf.record);
        logged == Leaf::Entry { record_sha256: record, record_sha512: sha512 }
    });
    let group = |e: &Vec<u8>| Hash(seal::group_hash(&record.0, &proof::sha256(e).0));
    let first = seen.e.as_ref().is_none_or(|e| leaf.groups.first() == Some(&group(e)));
    own && first && leaf.groups.len() == seen.files.len().saturating_add(1)
}

/// Everything that does not agree in an entry.
pub fn faults(leaf: &NewLeaf, seen: &EntrySeen) -> Vec<Fault> {
    let mut faults = Vec::new();
    let record = match LogRecord::parse(&leaf.record) {
        Ok(record) => record,
        Err(why) => return vec![Fault::new("record-unreadable", "R", why).leaf(leaf.index)],
    };
    own(leaf, &record, &mut faults);
    for (number, file) in (1..).map(FileNumber).zip(&seen.files) {
        file_faults(leaf, number, file, &mut faults);
    }
    if let Some(e) = &seen.e {
        entry_faults(leaf, &record, e, seen, &mut faults);
    }
    faults
}

/// The leaf is that of its own `R`.
fn own(leaf: &NewLeaf, record: &LogRecord, faults: &mut Vec<Fault>) {
    let data = entry_leaf(&leaf.record);
    if data[..] != leaf.leaf_data[..] {
        let (expected, found) = (proof::sha256(&data), proof::sha256(&leaf.leaf_data));
        faults.push(Fault::new("leaf-of-record", expected, found).leaf(leaf.index));
    }
    if (record.tenant, record.sequence, record.id) != (leaf.tenant, leaf.sequence, leaf.id) {
        let expected = format!("{} {} {}", leaf.tenant, leaf.sequence.0, leaf.id);
        let found = format!("{} {} {}", record.tenant, record.sequence.0, record.id);
        faults.push(Fault::new("record-fields", expected, found).leaf(leaf.index));
    }
}

fn file_faults(leaf: &NewLeaf, number: FileNumber, file: &FileSeen, faults: &mut Vec<Fault>) {
    let mut tell = |what, expected: String, found: String| {
        faults.push(Fault::new(what, expected, found).leaf(leaf.index).file(number));
    };
    let Some(f) = &file.f else { return };
    let read = match FileRecord::parse(f) {
        Ok(read) => read,
        Err(why) => return tell("file-record-unreadable", "F".into(), why.to_string()),
    };
    if read.number != number {
        tell("file-number", number.0.to_string(), read.number.0.to_string());
    }
    let Some(body) = file.body else { return };
    if read.size != body.size {
        tell("file-size", read.size.to_string(), body.size.to_string());
    }
    if read.sha256 != body.sha256 {
        tell("file-sha256", read.sha256.to_string(), body.sha256.to_string());
    }
    if read.sha512 != body.sha512 {
        tell("file-sha512", read.sha512.to_string(), body.sha512.to_string());
    }
    let group = Hash(seal::group_hash(&body.sha256.0, &proof::sha256(f).0));
    let place = usize::try_from(number.0).ok();
    if place.and_then(|place| leaf.groups.get(place)) != Some(&group) {
        let stands = place.and_then(|place| leaf.groups.get(place)).map(Hash::to_string);
        tell("file-group", stands.unwrap_or_default(), group.to_string());
    }
}

fn entry_faults(leaf: &NewLeaf, record: &LogRecord, e: &[u8], seen: &EntrySeen, faults: &mut Vec<Fault>) {
    let mut tell = |what, expected: String, found: String| {
        if expected != found {
            faults.push(Fault::new(what, expected, found).leaf(leaf.index));
        }
    };
    let sha256 = proof::sha256(e);
    tell("entry-sha256", record.entry_sha256.to_string(), sha256.to_string());
    tell("entry-sha512", record.entry_sha512.to_string(), proof::sha512(e).to_string());
    let group = Hash(seal::group_hash(&proof::sha256(&leaf.record).0, &sha256.0));
    tell("entry-group", leaf.groups.first().map(Hash::to_string).unwrap_or_default(), group.to_string());
    let read = match EntryRecord::parse(e) {
        Ok(read) => read,
        Err(why) => return tell("entry-record-unreadable", "E".into(), why.to_string()),
    };
    tell("entry-kind", record.kind.as_str().into(), read.kind.as_str().into());
    tell("entry-files", read.file_count.to_string(), seen.files.len().to_string());
    // A file that is gone took its `F` along: the roots can then not be computed again.
    let Some(fs) = seen.files.iter().map(|file| file.f.as_deref()).collect::<Option<Vec<_>>>() else { return };
    let leaves: Vec<_> = fs.iter().map(|f| Sha256Tree::leaf(f)).collect();
    tell("entry-root-sha256", read.files_sha256.to_string(), merkle::root::<Sha256Tree>(&leaves).to_string());
    let leaves: Vec<_> = fs.iter().map(|f| Sha512Tree::leaf(f)).collect();
    tell("entry-root-sha512", read.files_sha512.to_string(), merkle::root::<Sha512Tree>(&leaves).to_string());
}
