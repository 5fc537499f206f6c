//! The evidence pack, written: an ASiC-E container of the files, their records, the receipt and, once sealed, one evidence
//! record a group (docs/formats/pack.md). The same input gives the same bytes.
//!
//! Nothing is judged here: the service has the verifier judge every pack before it leaves. Only what would make a
//! pack of two stories is refused.

use std::fmt;
use std::io::{self, Read, Seek, Write};

use proof::record::{FileRecord, RecordError};
use proof::{FileNumber, Hash, sha256};
use seal::{ContainerWriter, SealError, file_member, group_members, write_evidence_record, write_manifest};

use crate::recipe;

/// Everything a pack is made of.
pub struct PackInput {
    /// `R`, exact bytes.
    pub record: Vec<u8>,
    /// `E`, exact bytes.
    pub entry: Vec<u8>,
    /// All files of the entry, by number from 1.
    pub files: Vec<PackFile>,
    /// The receipt's text.
    pub receipt: String,
    /// The seal that covers the entry, when there is one.
    pub seal: Option<PackSeal>,
    /// Signature lines of witnesses over the head that counts, the sealed one or else the receipt's; empty for none.
    pub cosignatures: String,
    /// The published policy, brought along for information.
    pub policy: Vec<u8>,
    /// A sheet for people, PDF/A-3; no evidence.
    pub attestation: Option<Vec<u8>>,
}

/// How the bytes of a file are come by, once.
pub type OpenFile = Box<dyn FnOnce() -> io::Result<Box<dyn Read>>>;

/// One file.
pub struct PackFile {
    /// Its number, as in `F`.
    pub number: FileNumber,
    /// Its name, as in `F`.
    pub name: String,
    /// Bytes, as in `F`.
    pub size: u64,
    /// `F`, exact bytes.
    pub file_record: Vec<u8>,
    /// Opens it.
    pub open: OpenFile,
}

/// The seal of the batch in which the entry stands.
pub struct PackSeal {
    /// The bound checkpoint: text and the log's signature line, verbatim.
    pub checkpoint: String,
    /// The other hash of the binding group: of the previous token, or of the published policy for batch 0.
    pub binding_second: [u8; 32],
    /// The raw `ContentInfo` of the token.
    pub token: Vec<u8>,
    /// From the receipt's size to the bound checkpoint's.
    pub consistency: Vec<Hash>,
    /// Paths in the batch tree: of the entry's group, then of each file's.
    pub paths: Vec<Vec<Hash>>,
    /// Path of the binding group.
    pub binding_path: Vec<Hash>,
}

/// Why no pack was written.
#[derive(Debug)]
#[non_exhaustive]
pub enum PackError {
    /// `F` of this place, counted from 1, cannot be read.
    Record {
        /// Its place.
        number: u64,
        /// Why.
        why: RecordError,
    },
    /// A file is not what its `F` says, in this respect.
    Differs {
        /// Its number.
        number: u64,
        /// `number`, `name`, `size` or `sha256`.
        what: &'static str,
    },
    /// There must be one path for the entry and one for each file.
    Paths {
        /// Paths given.
        given: usize,
        /// Groups shown.
        groups: usize,
    },
    /// The container refused a member.
    Container(SealError),
    /// A file could not be read.
    Read(io::Error),
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record { number, why } => write!(f, "record of file {number}: {why}"),
            Self::Differs { number, what } => write!(f, "file {number} differs from its record: {what}"),
            Self::Paths { given, groups } => write!(f, "{given} paths for {groups} groups"),
            Self::Container(why) => write!(f, "container: {why}"),
            Self::Read(why) => write!(f, "a file could not be read: {why}"),
        }
    }
}
impl std::error::Error for PackError {}
impl From<SealError> for PackError {
    fn from(why: SealError) -> Self {
        Self::Container(why)
    }
}

/// A group of two as it stands in the batch tree, and what its manifest says.
pub(crate) struct Group {
    /// Name, media type and SHA-256 of both members.
    pub objects: [(String, String, [u8; 32]); 2],
    /// Siblings up to the root.
    pub path: Vec<[u8; 32]>,
}

/// The pack is written to `out`, whole.
///
/// # Errors
/// [`PackError`]; what was written until then is no pack.
pub fn write_pack(input: PackInput, out: impl Write + Seek) -> Result<(), PackError> {
    let groups = 1 + input.files.len();
    if let Some(seal) = input.seal.as_ref().filter(|seal| seal.paths.len() != groups) {
        let given = seal.paths.len();
        return Err(PackError::Paths { given, groups });
    }
    let mut container = ContainerWriter::new(out)?;
    let mut shown = vec![entry_objects(&input)];
    let mut records = Vec::new();
    for (file, place) in input.files.into_iter().zip(1..) {
        let read = FileRecord::parse(&file.file_record);
        let record = read.map_err(|why| PackError::Record { number: place, why })?;
        let name = file_member(record.number.0, &record.name);
        let bytes = read_file(place, &record, file.number, &file.name, file.size, file.open)?;
        container.add(&name, &bytes)?;
        let described = format!("unit/F/{place:03}.json");
        shown.push([
            (name, record.media_type, record.sha256.0),
            (described.clone(), JSON.to_owned(), sha256(&file.file_record).0),
        ]);
        records.push((described, file.file_record));
    }
    container.add("unit/R.json", &input.record)?;
    container.add("unit/E.json", &input.entry)?;
    for (name, bytes) in &records {
        container.add(name, bytes)?;
    }
    container.add("META-INF/tabellion/receipt.tlog-proof", input.receipt.as_bytes())?;
    container.add("META-INF/tabellion/policy.json", &input.policy)?;
    if let Some(attestation) = &input.attestation {
        container.add("META-INF/tabellion/attestation.pdf", attestation)?;
    }
    if !input.cosignatures.is_empty() {
        container.add("META-INF/tabellion/cosignatures", input.cosignatures.as_bytes())?;
    }
    if let Some(seal) = input.seal {
        write_seal(&mut container, shown, &seal)?;
    }
    container.finish()?;
    Ok(())
}

const JSON: &str = "application/json";

fn entry_objects(input: &PackInput) -> [(String, String, [u8; 32]); 2] {
    let object = |name: &str, bytes: &[u8]| (name.to_owned(), JSON.to_owned(), sha256(bytes).0);
    [object("unit/R.json", &input.record), object("unit/E.json", &input.entry)]
}

fn read_file(
    place: u64,
    record: &FileRecord,
    number: FileNumber,
    name: &str,
    size: u64,
    open: OpenFile,
) -> Result<Vec<u8>, PackError> {
    let same = [
        ("number", record.number == number && number.0 == place),
        ("name", record.name == name),
        ("size", record.size == size),
    ];
    let differs = |what| PackError::Differs { number: place, what };
    if let Some((what, _)) = same.into_iter().find(|(_, same)| !same) {
        return Err(differs(what));
    }
    let mut bytes = Vec::new();
    let mut bounded = open().map_err(PackError::Read)?.take(size.saturating_add(1));
    bounded.read_to_end(&mut bytes).map_err(PackError::Read)?;
    if u64::try_from(bytes.len()) != Ok(size) {
        return Err(differs("size"));
    }
    if sha256(&bytes) == record.sha256 { Ok(bytes) } else { Err(differs("sha256")) }
}

fn write_seal<W: Write>(
    container: &mut ContainerWriter<W>,
    shown: Vec<[(String, String, [u8; 32]); 2]>,
    seal: &PackSeal,
) -> Result<(), PackError> {
    let plain = |path: &Vec<Hash>| path.iter().map(|hash| hash.0).collect::<Vec<_>>();
    let paths = seal.paths.iter().map(plain);
    let groups: Vec<Group> = shown.into_iter().zip(paths).map(|(objects, path)| Group { objects, path }).collect();
    for (group, number) in groups.iter().zip(1..) {
        let [name, manifest] = group_members(number);
        let [(_, _, a), (_, _, b)] = &group.objects;
        container.add(&name, &write_evidence_record([*a, *b], &group.path, &seal.token))?;
        container.add(&manifest, &write_manifest(&name, &group.objects))?;
    }
    let bound = [sha256(seal.checkpoint.as_bytes()).0, seal.binding_second];
    let binding = write_evidence_record(bound, &plain(&seal.binding_path), &seal.token);
    let script = recipe::write_recipe(&groups, bound, &plain(&seal.binding_path));
    container.add("META-INF/tabellion/checkpoint", seal.checkpoint.as_bytes())?;
    container.add("META-INF/tabellion/checkpoint.ers", &binding)?;
    container.add("META-INF/tabellion/token.tst", &seal.token)?;
    let consistency = proof::tlog_proof::write_hashes(&seal.consistency);
    container.add("META-INF/tabellion/consistency", consistency.as_bytes())?;
    container.add("META-INF/tabellion/recipe.sh", script.as_bytes())?;
    Ok(())
}
