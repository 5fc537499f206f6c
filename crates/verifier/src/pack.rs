//! The pack: an ASiC-E container taken apart member by member; what no check has taken is not covered.

use std::collections::BTreeSet;

use proof::record::{EntryRecord, FileRecord};
use proof::{Hash, UnixMillis, sha256};
use seal::{Container, SealError, Token, write_manifest};

use crate::limits::{FILES, NAME_CHARS, PACK_BYTES};
use crate::log::{self, Head};
use crate::policy::{LogKey, Policy};
use crate::sealed::{self, Binding};
use crate::unit::{self, File, Measure};
use crate::verdict::{Status, Verdict};

const RECEIPT: &str = "META-INF/tabellion/receipt.tlog-proof";
const CHECKPOINT: &str = "META-INF/tabellion/checkpoint";
const TOKEN: &str = "META-INF/tabellion/token.tst";
const SEALED: [&str; 4] = [
    CHECKPOINT,
    "META-INF/tabellion/checkpoint.ers",
    TOKEN,
    "META-INF/tabellion/consistency",
];
/// Members that speak to people, to later versions, or to nobody: never read here.
const NOT_EVIDENCE: [&str; 6] = [
    "policy.json",
    "recipe.sh",
    "attestation.pdf",
    "cosignatures",
    "validation/",
    "related/",
];

/// What must have been checked for a verdict to pass, and for it to bear a time.
const LOGGED: [&str; 6] = [
    "format",
    "files",
    "entry",
    "inclusion",
    "log-signature",
    "algorithms",
];
const STAMPED: [&str; 4] = ["evidence-record", "binding", "timestamp", "time-order"];

/// The verdict on these bytes, judged at this moment by this policy and by nothing else.
pub fn verify_pack(pack: &[u8], policy: Option<&Policy>, at: UnixMillis) -> Verdict {
    let mut verdict = Verdict::new();
    verdict.origin = policy.map(|policy| policy.origin.clone());
    if pack.len() > PACK_BYTES {
        verdict.add(
            "format",
            Status::Indeterminate,
            "pack-too-large",
            "",
            &pack.len().to_string(),
        );
        return verdict.conclude(&LOGGED, &STAMPED);
    }
    let container = match Container::parse(pack) {
        Ok(container) => container,
        Err(why @ (SealError::EntryRepeated { .. } | SealError::EntryName { .. })) => {
            verdict.add(
                "format",
                Status::Failed,
                "ambiguous-container",
                "",
                &why.to_string(),
            );
            return verdict.conclude(&LOGGED, &STAMPED);
        }
        Err(why) => {
            verdict.add(
                "format",
                Status::Indeterminate,
                "unreadable",
                "",
                &why.to_string(),
            );
            return verdict.conclude(&LOGGED, &STAMPED);
        }
    };
    let count = container.names().count().to_string();
    verdict.add("format", Status::Passed, "container-read", "", &count);
    let mut members = Members {
        container,
        taken: BTreeSet::from(["mimetype".to_owned()]),
    };
    judge(&mut verdict, &mut members, policy, at);
    verdict.conclude(&LOGGED, &STAMPED)
}

fn judge(verdict: &mut Verdict, members: &mut Members<'_>, policy: Option<&Policy>, at: UnixMillis) {
    log::check_witnesses(verdict, policy);
    let record_bytes = members.need(verdict, "entry", "unit/R.json");
    let entry_bytes = members.need(verdict, "entry", "unit/E.json");
    let receipt = members.need(verdict, "inclusion", RECEIPT).unwrap_or_default();
    let Some(record_bytes) = record_bytes else { return };
    let text = String::from_utf8_lossy(&receipt);
    let head = log::check_inclusion(verdict, &text, &record_bytes, RECEIPT);
    let Some(record) = unit::read_record(verdict, &record_bytes, policy) else {
        return;
    };
    let Some(entry_bytes) = entry_bytes else { return };
    let Some(entry) = unit::read_entry(verdict, &entry_bytes, &record) else {
        return;
    };
    let files = members.file_records(verdict, &entry);
    members.files(verdict, &files, entry.file_count);

    let sealed = SEALED.iter().any(|name| members.container.contains(name))
        || members.container.names().any(|name| name.ends_with(".ers"));
    let mut used = [("sha256", at), ("sha512", at)]
        .map(|(name, date)| (name.to_owned(), date))
        .to_vec();
    let mut bound = None;
    if sealed {
        let unit = Unit {
            record: sha256(&record_bytes),
            entry: sha256(&entry_bytes),
            files: &files,
        };
        let (head, seen) = members.seal(verdict, &unit, head.as_ref(), policy, at);
        used.extend(seen.into_iter().map(|name| (name, at)));
        bound = head;
    } else {
        for name in ["evidence-record", "binding", "timestamp"] {
            verdict.add(name, Status::Absent, "not-sealed", "", "");
        }
    }
    check_signatures(verdict, head.as_ref(), bound.as_ref(), policy, at, &mut used);
    sealed::check_algorithms(verdict, policy, &used);
    sealed::check_times(verdict, record.received_at, at);
    members.uncovered(verdict);
}

/// Both heads are signed. The time that counts is the token's, once it holds and binds a head; else the judgement's.
fn check_signatures(
    verdict: &mut Verdict,
    receipt: Option<&Head>,
    bound: Option<&Head>,
    policy: Option<&Policy>,
    at: UnixMillis,
    used: &mut Vec<(String, UnixMillis)>,
) {
    let binds = ["binding", "timestamp"].iter().all(|name| verdict.holds(name));
    let proved = verdict
        .time
        .as_ref()
        .filter(|_| binds)
        .map_or(at, |time| time.not_after);
    used.push(("ed25519".to_owned(), proved));
    let heads = [(receipt, RECEIPT), (bound, CHECKPOINT)];
    let signers: Vec<Option<(&LogKey, &str)>> = heads
        .into_iter()
        .filter_map(|(head, place)| Some(head?.signer(verdict, policy, place).map(|key| (key, place))))
        .collect();
    // Where a sealed head continues the receipt's, it is the sealed head's key that must have been good.
    if let Some(Some((key, place))) = signers.last() {
        log::check_key(verdict, key, proved, place);
    }
}

/// What the evidence records must cover.
struct Unit<'a> {
    record: Hash,
    entry: Hash,
    files: &'a [File],
}

/// The container, and which of its members some check has taken.
struct Members<'a> {
    container: Container<'a>,
    taken: BTreeSet<String>,
}

impl Members<'_> {
    /// The bytes of a member, or nothing and, when it is there and does not match its checksum, a line.
    fn take(&mut self, verdict: &mut Verdict, finding: &'static str, name: &str) -> Option<Vec<u8>> {
        if !self.container.contains(name) {
            return None;
        }
        self.taken.insert(name.to_owned());
        match self.container.read(name) {
            Ok(bytes) => Some(bytes),
            Err(why) => {
                verdict.add(finding, Status::Failed, "member-altered", name, &why.to_string());
                None
            }
        }
    }

    /// As [`Members::take`], with a line when the member is missing.
    fn need(&mut self, verdict: &mut Verdict, finding: &'static str, name: &str) -> Option<Vec<u8>> {
        if !self.container.contains(name) {
            verdict.add(finding, Status::Indeterminate, "member-missing", name, "");
        }
        self.take(verdict, finding, name)
    }

    /// All `F`s of the entry.
    fn file_records(&mut self, verdict: &mut Verdict, entry: &EntryRecord) -> Vec<File> {
        let mut found = Vec::new();
        for number in 1..=entry.file_count.min(FILES) {
            let bytes = self.take(verdict, "entry", &format!("unit/F/{number:03}.json"));
            found.extend(bytes.map(|bytes| (number, bytes)));
        }
        unit::read_files(verdict, found, entry)
    }

    /// Compares each file shown with its `F`.
    fn files(&mut self, verdict: &mut Verdict, files: &[File], count: u64) {
        let mut shown = false;
        for file in files {
            let name = file_name(&file.record);
            if !self.container.contains(&name) {
                verdict.warn("files", Status::Absent, "file-withheld", &name, "");
                continue;
            }
            shown = true;
            if let Some(bytes) = self.take(verdict, "files", &name) {
                let same = Measure::of(&bytes).is(&file.record);
                let passed = (Status::Passed, "same-bytes");
                let (status, code) = if same {
                    passed
                } else {
                    (Status::Failed, "file-altered")
                };
                verdict.add("files", status, code, &name, "");
            }
        }
        if count == 0 {
            verdict.add("files", Status::Recorded, "no-file-in-entry", "", "");
        } else if !shown {
            verdict.add("files", Status::Indeterminate, "no-file-shown", "", "");
        }
    }

    /// Judges the seal: a record for each group, the token, the binding. Returns the sealed head and the algorithms of the token.
    fn seal(
        &mut self,
        verdict: &mut Verdict,
        unit: &Unit<'_>,
        receipt: Option<&Head>,
        policy: Option<&Policy>,
        at: UnixMillis,
    ) -> (Option<Head>, BTreeSet<String>) {
        let mut missing = false;
        let [checkpoint, record, token, consistency] = SEALED.map(|name| {
            let bytes = self.take(verdict, "binding", name);
            missing |= bytes.is_none();
            bytes.unwrap_or_default()
        });
        if missing {
            verdict.add(
                "binding",
                Status::Indeterminate,
                "seal-incomplete",
                "META-INF/tabellion",
                "",
            );
            return (None, BTreeSet::new());
        }
        let root = self.groups(verdict, unit, &token);
        let seen = match Token::parse(&token) {
            Ok(parsed) => {
                // Where the entry's own record leads nowhere, its line has said so; the token is judged all the same.
                let root = root
                    .or_else(|| Hash::from_slice(parsed.imprint().digest))
                    .unwrap_or_default();
                let roots = policy.map_or(&[][..], |policy| &policy.tsa_roots);
                sealed::check_timestamp(verdict, &parsed, &root, roots, at, TOKEN)
            }
            Err(why) => {
                let unsupported = matches!(why, SealError::Unsupported { .. });
                let failed = (Status::Failed, "token-malformed");
                let (status, code) = if unsupported {
                    (Status::Indeterminate, "token-unsupported")
                } else {
                    failed
                };
                verdict.add("timestamp", status, code, TOKEN, &why.to_string());
                BTreeSet::new()
            }
        };
        let binding = Binding {
            checkpoint: &checkpoint,
            record: &record,
            consistency: &consistency,
            token: &token,
        };
        (sealed::check_binding(verdict, &binding, receipt), seen)
    }

    /// One evidence record and one manifest a group: the entry's is 001, that of file n is n + 1. Returns the entry's root.
    fn groups(&mut self, verdict: &mut Verdict, unit: &Unit<'_>, token: &[u8]) -> Option<Hash> {
        const JSON: &str = "application/json";
        let object = |name: &str, kind: &str, hash: Hash| (name.to_owned(), kind.to_owned(), hash.0);
        let entry = [
            object("unit/R.json", JSON, unit.record),
            object("unit/E.json", JSON, unit.entry),
        ];
        let root = self.group(verdict, 1, &entry, token);
        for File { record, hash } in unit.files {
            let (name, described) = (file_name(record), format!("unit/F/{:03}.json", record.number.0));
            let objects = [
                object(&name, &record.media_type, record.sha256),
                object(&described, JSON, *hash),
            ];
            self.group(verdict, record.number.0.saturating_add(1), &objects, token);
        }
        root
    }

    fn group(
        &mut self,
        verdict: &mut Verdict,
        number: u64,
        objects: &[(String, String, [u8; 32]); 2],
        token: &[u8],
    ) -> Option<Hash> {
        const NAME: &str = "evidence-record";
        let [(shown, _, a), (_, _, b)] = objects;
        let record = format!("META-INF/evidencerecord{number:03}.ers");
        let manifest = format!("META-INF/ASiCEvidenceRecordManifest{number:03}.xml");
        let brought = [&record, &manifest]
            .iter()
            .any(|name| self.container.contains(name));
        if !self.container.contains(shown) && !brought {
            return None;
        }
        let root = self.need(verdict, NAME, &record).and_then(|bytes| {
            sealed::check_group(verdict, NAME, &bytes, [Hash(*a), Hash(*b)], token, &record)
        });
        if let Some(bytes) = self.need(verdict, NAME, &manifest)
            && bytes != write_manifest(&record, objects)
        {
            verdict.add(NAME, Status::Failed, "manifest-differs", &manifest, "");
        }
        root
    }

    /// Every member no check has taken: not evidence where the format says so, else added by someone.
    fn uncovered(&self, verdict: &mut Verdict) {
        for name in self.container.names().filter(|name| !self.taken.contains(*name)) {
            match name.strip_prefix("META-INF/tabellion/") {
                Some(rest)
                    if NOT_EVIDENCE
                        .iter()
                        .any(|known| rest == *known || (known.ends_with('/') && rest.starts_with(known))) =>
                {
                    verdict.add("format", Status::Recorded, "not-evidence", name, "");
                }
                Some(_) => verdict.warn("format", Status::Recorded, "unknown-member", name, ""),
                None => verdict.add("files", Status::Failed, "uncovered-member", name, ""),
            }
        }
    }
}

fn file_name(file: &FileRecord) -> String {
    format!("files/{:03}-{}", file.number.0, safe_name(&file.name))
}

/// The name of a file in a pack (docs/formats/pack.md): Latin letters, digits, `.`, `_`, `-` and combining accents stand, all else
/// is `_`; of more than 100 characters the first 60 and the last 40 stay; no point at either end.
fn safe_name(name: &str) -> String {
    let plain = |c: &char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '.' | '_' | '-' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{24f}' | '\u{300}'..='\u{36f}')
    };
    let all: Vec<char> = name.chars().map(|c| if plain(&c) { c } else { '_' }).collect();
    let mut kept: Vec<char> = if all.len() > NAME_CHARS {
        let tail = all.len().saturating_sub(40);
        all.iter()
            .take(60)
            .chain(all.iter().skip(tail))
            .copied()
            .collect()
    } else {
        all
    };
    for end in [kept.len().checked_sub(1), Some(0)].into_iter().flatten() {
        if let Some(c) = kept.get_mut(end).filter(|c| **c == '.') {
            *c = '_';
        }
    }
    if kept.is_empty() {
        "_".to_owned()
    } else {
        kept.into_iter().collect()
    }
}
