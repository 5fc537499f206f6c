//! The records `R`, `E` and `F`: whether the files are those of the entry, and the entry that of the log.

use proof::json::Canonical;
use proof::merkle::root;
use proof::record::{EntryRecord, FileRecord, LogRecord, RecordError};
use proof::{Hash, Hash512, Sha256Tree, Sha512Tree, TreeAlgorithm, sha256, sha512};

use crate::case::Case;

pub(crate) const R: &str = "unit/R.json";
pub(crate) const E: &str = "unit/E.json";

/// What is told of the file of this number: its record, or, where it is kept out, the leaf of that in both trees, SHA-256 first.
pub(crate) type Told = (u64, bool, Vec<u8>);

/// A file record of the entry, read, its bytes and their digest.
pub(crate) struct File<'a> {
    pub record: FileRecord,
    pub bytes: &'a [u8],
    pub hash: Hash,
}

impl Case<'_> {
    /// Reads `R`. The tenant is the pinned one, when there is one.
    pub(crate) fn record(&mut self, bytes: &[u8]) -> Option<LogRecord> {
        let record = self.parsed(R, LogRecord::parse(bytes))?;
        if self.policy.and_then(|p| p.tenant).is_some_and(|pinned| pinned != record.tenant) {
            self.say("other-tenant", R, record.tenant);
        }
        self.verdict.record = Some(record.clone());
        Some(record)
    }

    /// Reads `E` and holds it against what `R` says of it: both digests, and the kind.
    pub(crate) fn entry(&mut self, bytes: &[u8], record: &LogRecord) -> Option<EntryRecord> {
        if sha256(bytes) != record.entry_sha256 || sha512(bytes) != record.entry_sha512 {
            return self.stop("entry-altered", E, "");
        }
        let entry = self.parsed(E, EntryRecord::parse(bytes))?;
        if entry.kind != record.kind {
            self.say("kind-differs", E, entry.kind.as_str());
        }
        self.recorded(&entry);
        Some(entry)
    }

    /// Reads the `F`s, each under the number it must bear, in order, and holds them against both roots of `E` (RFC 9162 §2.1.1), with the leaves
    /// of those kept out. Those returned are the entry's, unless a line of `entry` says otherwise.
    pub(crate) fn file_records<'a>(&mut self, files: &'a [Told], entry: &EntryRecord) -> Vec<File<'a>> {
        let (mut read, mut leaves, mut records, mut whole) = (Vec::new(), Vec::new(), 0_usize, true);
        for (number, kept_out, bytes) in files {
            if *kept_out {
                let (short, long) = bytes.split_at_checked(32).unwrap_or_default();
                let leaf = Hash::from_slice(short).zip(Hash512::from_slice(long));
                // What is no leaf would leave its place to others: a node above them passes for one.
                whole &= leaf.is_some();
                leaves.extend(leaf);
                continue;
            }
            let record = self.parsed(&format!("unit/F/{number:03}.json"), FileRecord::parse(bytes));
            whole &= record.as_ref().is_some_and(|record| record.number.0 == *number);
            read.extend(record.map(|record| File { record, bytes, hash: sha256(bytes) }));
            leaves.push((Sha256Tree::leaf(bytes), Sha512Tree::leaf(bytes)));
            records = records.saturating_add(1);
        }
        let (short, long): (Vec<_>, Vec<_>) = leaves.into_iter().unzip();
        let same = (root::<Sha256Tree>(&short), root::<Sha512Tree>(&long));
        if u64::try_from(files.len()) != Ok(entry.file_count) {
            self.say("file-records-missing", "unit/F", "");
        } else if same != (entry.files_sha256, entry.files_sha512) || (!whole && read.len() == records) {
            self.say("file-records-altered", "unit/F", "");
        } else if whole {
            let all = records == files.len();
            self.say(if all { "entry-complete" } else { "entry-partly-shown" }, E, records);
        }
        read
    }

    /// A record, or a line that says why there is none: unknown versions cannot be told, the rest is false.
    fn parsed<T>(&mut self, place: &str, outcome: Result<T, RecordError>) -> Option<T> {
        match outcome {
            Ok(record) => Some(record),
            Err(RecordError::UnknownVersion(version)) => self.stop("unknown-version", place, version),
            Err(why) => self.stop("record-malformed", place, why),
        }
    }

    /// What was read and judged at deposit is repeated, never re-computed. The object of an act stays out.
    fn recorded(&mut self, entry: &EntryRecord) {
        let story = ["id_acte", "nom_fic", "numero_demande", "reference", "procedure", "contrat"]
            .iter()
            .find_map(|name| entry.facts.get(*name));
        self.verdict.act = story.and_then(Canonical::to_string_value);
        let plain = |value: &Canonical| value.text().starts_with(|c: char| c == '"' || c == '-' || c.is_ascii_digit());
        let told = entry.facts.iter().filter(|(name, value)| *name != "objet" && plain(value));
        let told = told.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", ");
        self.say(if told.is_empty() { "no-identifier" } else { "identifiers-recorded" }, E, told);
        match entry.facts.get("signatures") {
            None => self.say("no-signature-recorded", E, ""),
            Some(said) => self.say("signatures-recorded", E, said),
        }
    }
}
