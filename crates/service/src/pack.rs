//! The evidence pack, laid out: an ASiC-E container of the files, their records, the receipt and, once sealed, one evidence
//! record a group (docs/formats/pack.md). The same input gives the same bytes.
//!
//! Nothing is judged here: the service has the verifier judge every pack before it leaves. Only what would make a
//! pack of two stories is refused.

use std::fmt;
use std::io::{self, Read, Write};

use proof::record::{FileRecord, RecordError};
use proof::{FileNumber, Hash, Hash512, Sha256Tree, Sha512Tree, TreeAlgorithm, sha256, sha512};
use seal::{
    ContainerWriter, DigestAlgorithm, GroupRenewal, NewStamp, SealError, file_member, group_members, renew_record,
    write_evidence_record, write_manifest,
};

use crate::layout::{Apart, Layout, OpenFile};
use crate::recipe::{self, Borne, Described};

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
    /// Validation material: names under `META-INF/tabellion/validation/`, and bytes; trusted lists under `lists/` in it.
    pub validation: Vec<(String, Vec<u8>)>,
    /// What belongs to the act's story: names under `META-INF/tabellion/related/`, and packs as they were laid out.
    pub related: Vec<(String, Layout)>,
    /// A sheet for people, PDF/A-3; no evidence.
    pub attestation: Option<Vec<u8>>,
}

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
    /// Opens it; `None` for a file withheld, of which the leaf of its `F` in the entry's tree alone is shown.
    pub open: Option<OpenFile>,
}

/// The seal of the batch in which the entry stands.
pub struct PackSeal {
    /// The bound checkpoint: text and the log's signature line, verbatim.
    pub checkpoint: String,
    /// The other hash of the binding group: of the previous token, or of the published policy for batch 0.
    pub binding_second: [u8; 32],
    /// The same under SHA-512.
    pub binding_second_sha512: [u8; 64],
    /// The raw `ContentInfo` of the token.
    pub token: Vec<u8>,
    /// From the receipt's size to the bound checkpoint's.
    pub consistency: Vec<Hash>,
    /// Paths in the batch tree: of the entry's group, then of each file's.
    pub paths: Vec<Vec<Hash>>,
    /// Path of the binding group.
    pub binding_path: Vec<Hash>,
    /// What renewed the token since, oldest first.
    pub renewals: Vec<PackRenewal>,
}

/// A renewal of the batch (RFC 4998 §5.2).
pub enum PackRenewal {
    /// Of its time-stamps: the same in each record.
    Stamp {
        /// The digest of its tree.
        digest: DigestAlgorithm,
        /// The reduced tree: the digests of the tokens before, then one sibling a list.
        lists: Vec<Vec<Vec<u8>>>,
        /// The raw `ContentInfo` of its token.
        token: Vec<u8>,
    },
    /// Of its hashes, under SHA-512.
    Hashes {
        /// The digest of its tree.
        digest: DigestAlgorithm,
        /// Of the entry's group, of each file's, last of the binding group: the siblings up to the root, one a list.
        siblings: Vec<Vec<Vec<Vec<u8>>>>,
        /// The raw `ContentInfo` of its token.
        token: Vec<u8>,
    },
}

impl PackRenewal {
    /// The raw `ContentInfo` of its token.
    pub(crate) fn token(&self) -> &[u8] {
        match self {
            Self::Stamp { token, .. } | Self::Hashes { token, .. } => token,
        }
    }
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
    /// Of its record and manifest: the entry's is 1, that of file n is n + 1.
    pub number: u64,
    /// Name, media type and SHA-256 of both members.
    pub objects: [(String, String, [u8; 32]); 2],
    /// SHA-512 of both.
    pub sha512: [Hash512; 2],
    /// Siblings up to the root.
    pub path: Vec<[u8; 32]>,
}

/// Both members of a group, and their SHA-512.
type Shown = ([(String, String, [u8; 32]); 2], [Hash512; 2]);

/// The pack is written to `out`, whole.
///
/// # Errors
/// [`PackError`]; what was written until then is no pack.
pub fn write_pack(input: PackInput, mut out: impl Write) -> Result<(), PackError> {
    io::copy(&mut lay_pack(input, u64::MAX)?.reader(), &mut out).map_err(PackError::Read)?;
    Ok(())
}

/// The pack, laid out: documents stand in memory as long as there are at most so many bytes of them, the others stay where they are. Each
/// was read once, and is the one of its `F`. The bytes are the same whatever is held.
///
/// # Errors
/// [`PackError`].
pub fn lay_pack(input: PackInput, most_held: u64) -> Result<Layout, PackError> {
    let groups = 1 + input.files.len();
    if let Some(seal) = input.seal.as_ref().filter(|seal| seal.paths.len() != groups) {
        let given = seal.paths.len();
        return Err(PackError::Paths { given, groups });
    }
    let mut container = ContainerWriter::new(Layout::default())?;
    let mut shown = vec![Some(entry_objects(&input))];
    let mut records = Vec::new();
    let mut left = most_held;
    for (file, place) in input.files.into_iter().zip(1..) {
        let read = FileRecord::parse(&file.file_record);
        let record = read.map_err(|why| PackError::Record { number: place, why })?;
        let name = file_member(record.number.0, &record.name);
        let described = format!("unit/F/{place:03}.{}", if file.open.is_some() { "json" } else { "leaf" });
        agrees(place, &record, file.number, &file.name, file.size)?;
        let objects = match file.open {
            None => None,
            Some(open) => {
                add_file(&mut container, (&name, place), &record, open, &mut left)?;
                let f = (described.clone(), JSON.to_owned(), sha256(&file.file_record).0);
                Some(([(name, record.media_type, record.sha256.0), f], [record.sha512, sha512(&file.file_record)]))
            }
        };
        let bytes = match objects {
            Some(_) => file.file_record,
            // Its digest stays out too: whoever guesses a document would be told so.
            None => {
                [&Sha256Tree::leaf(&file.file_record).as_bytes()[..], Sha512Tree::leaf(&file.file_record).as_bytes()]
                    .concat()
            }
        };
        records.push(Described { name: described, bytes, kept_out: objects.is_none() });
        shown.push(objects);
    }
    container.add("unit/R.json", &input.record)?;
    container.add("unit/E.json", &input.entry)?;
    for Described { name, bytes, .. } in &records {
        container.add(name, bytes)?;
    }
    container.add("META-INF/tabellion/receipt.tlog-proof", input.receipt.as_bytes())?;
    container.add("META-INF/tabellion/policy.json", &input.policy)?;
    if let Some(attestation) = &input.attestation {
        container.add("META-INF/tabellion/attestation.pdf", attestation)?;
    }
    for (name, bytes) in &input.validation {
        // Trusted lists are megabytes of text.
        let add = if name.starts_with("lists/") { ContainerWriter::add_deflated } else { ContainerWriter::add };
        add(&mut container, &format!("META-INF/tabellion/validation/{name}"), bytes)?;
    }
    for (name, pack) in input.related {
        let name = format!("META-INF/tabellion/related/{name}");
        container.add_apart(&name, pack.bytes(), &pack.sum()?)?.append(pack);
    }
    if !input.cosignatures.is_empty() {
        container.add("META-INF/tabellion/cosignatures", input.cosignatures.as_bytes())?;
    }
    if let Some(seal) = input.seal {
        write_seal(&mut container, shown, &records, &seal)?;
    }
    Ok(container.finish()?)
}

const JSON: &str = "application/json";

fn entry_objects(input: &PackInput) -> Shown {
    let object = |name: &str, bytes: &[u8]| (name.to_owned(), JSON.to_owned(), sha256(bytes).0);
    let objects = [object("unit/R.json", &input.record), object("unit/E.json", &input.entry)];
    (objects, [sha512(&input.record), sha512(&input.entry)])
}

/// The file is the one of its `F`.
fn agrees(place: u64, record: &FileRecord, number: FileNumber, name: &str, size: u64) -> Result<(), PackError> {
    let same = [
        ("number", record.number == number && number.0 == place),
        ("name", record.name == name),
        ("size", record.size == size),
    ];
    match same.into_iter().find(|(_, same)| !same) {
        Some((what, _)) => Err(PackError::Differs { number: place, what }),
        None => Ok(()),
    }
}

/// A document, held while there is room, else apart; read once, and found to be the one of its `F`.
fn add_file(
    container: &mut ContainerWriter<Layout>,
    (name, place): (&str, u64),
    record: &FileRecord,
    open: OpenFile,
    left: &mut u64,
) -> Result<(), PackError> {
    let differs = |what| PackError::Differs { number: place, what };
    if let Some(rest) = left.checked_sub(record.size) {
        *left = rest;
        let mut bytes = Vec::new();
        let mut bounded = open().map_err(PackError::Read)?.take(record.size.saturating_add(1));
        bounded.read_to_end(&mut bytes).map_err(PackError::Read)?;
        if u64::try_from(bytes.len()) != Ok(record.size) {
            return Err(differs("size"));
        }
        if sha256(&bytes) != record.sha256 {
            return Err(differs("sha256"));
        }
        container.add(name, &bytes)?;
        return Ok(());
    }
    let document = Apart::measure(open, record.size).map_err(PackError::Read)?;
    let found = document.measured();
    if found.size != record.size {
        return Err(differs("size"));
    }
    if (Hash(found.sha256), Hash512(found.sha512)) != (record.sha256, record.sha512) {
        return Err(differs("sha256"));
    }
    container.add_apart(name, found.size, &found.checksum)?.push(document);
    Ok(())
}

fn write_seal(
    container: &mut ContainerWriter<Layout>,
    shown: Vec<Option<Shown>>,
    described: &[Described],
    seal: &PackSeal,
) -> Result<(), PackError> {
    let plain = |path: &Vec<Hash>| path.iter().map(|hash| hash.0).collect::<Vec<_>>();
    let paths = seal.paths.iter().map(plain);
    let group = |((shown, path), number): ((Option<Shown>, _), u64)| {
        shown.map(|(objects, sha512)| Group { number, objects, sha512, path })
    };
    let groups: Vec<Group> = shown.into_iter().zip(paths).zip(1..).filter_map(group).collect();
    let mut borne = Vec::new();
    for group in &groups {
        let [name, manifest] = group_members(group.number);
        let [(first, _, a), (second, _, b)] = &group.objects;
        let objects = [first.clone(), second.clone()];
        let made = evidence_record(([*a, *b], group.sha512), &group.path, group.number - 1, seal)?;
        container.add(&name, &made.record)?;
        container.add(&manifest, &write_manifest(&name, &group.objects))?;
        borne.push(made.borne(name, group.number - 1, objects));
    }
    let bound = [sha256(seal.checkpoint.as_bytes()).0, seal.binding_second];
    let long = [sha512(seal.checkpoint.as_bytes()), Hash512(seal.binding_second_sha512)];
    let (last, path) = (seal.paths.len() as u64, plain(&seal.binding_path));
    let binding = evidence_record((bound, long), &path, last, seal)?;
    container.add(CHECKPOINT, seal.checkpoint.as_bytes())?;
    container.add(BINDING, &binding.record)?;
    container.add("META-INF/tabellion/token.tst", &seal.token)?;
    let consistency = proof::tlog_proof::write_hashes(&seal.consistency);
    container.add("META-INF/tabellion/consistency", consistency.as_bytes())?;
    borne.push(binding.borne(BINDING.to_owned(), last, [CHECKPOINT.to_owned(), format!("={}", long[1])]));
    let script = recipe::write_recipe(&groups, described, (bound, &path), seal, &borne);
    let script = script.ok_or(SealError::Malformed { what: "renewed evidence record" })?;
    container.add("META-INF/tabellion/recipe.sh", script.as_bytes())?;
    Ok(())
}

const CHECKPOINT: &str = "META-INF/tabellion/checkpoint";
const BINDING: &str = "META-INF/tabellion/checkpoint.ers";

/// A record, and what it bore before each renewal of hashes.
struct Made {
    record: Vec<u8>,
    before: Vec<Vec<u8>>,
}

impl Made {
    fn borne(self, name: String, place: u64, objects: [String; 2]) -> Borne {
        Borne { name, place, objects, record: self.record, before: self.before }
    }
}

/// The record of one group, the one at this place among those of the pack, with every renewal since.
fn evidence_record(
    (short, long): ([[u8; 32]; 2], [Hash512; 2]),
    path: &[[u8; 32]],
    place: u64,
    seal: &PackSeal,
) -> Result<Made, SealError> {
    renew_all(write_evidence_record(short, path, &seal.token), long, place, &seal.renewals)
}

/// The record of a group of these two, with these renewals; it is the one at this place among those for which they were asked.
fn renew_all(record: Vec<u8>, long: [Hash512; 2], place: u64, renewals: &[PackRenewal]) -> Result<Made, SealError> {
    let mut made = Made { record, before: Vec::new() };
    for renewal in renewals {
        let renewal = match renewal {
            PackRenewal::Stamp { digest, lists, token } => {
                GroupRenewal::Stamp(NewStamp { algorithm: *digest, lists, token_der: token })
            }
            PackRenewal::Hashes { digest, siblings, token } => {
                let here = usize::try_from(place).ok().and_then(|place| siblings.get(place));
                let siblings = here.ok_or(SealError::Malformed { what: "siblings of a renewal" })?;
                let documents = long.map(|hash| hash.as_bytes().to_vec());
                made.before.extend(recipe::chains(&made.record).map(<[u8]>::to_vec));
                GroupRenewal::Hashes { algorithm: *digest, documents, siblings, token_der: token }
            }
        };
        made.record = renew_record(&made.record, &renewal)?;
    }
    Ok(made)
}

/// The record of the group that binds a sealed head, with every renewal since: the register brings it along.
///
/// # Errors
/// [`SealError`]: a renewal does not cover what came before it.
pub fn renewed_binding(
    record: Vec<u8>,
    [checkpoint, second]: [Hash512; 2],
    renewals: &[PackRenewal],
) -> Result<Vec<u8>, SealError> {
    renew_all(record, [checkpoint, second], 0, renewals).map(|made| made.record)
}
