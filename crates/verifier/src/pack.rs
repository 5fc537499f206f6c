//! The pack: an ASiC-E container taken apart member by member; what no check has taken is not covered.

use std::collections::BTreeSet;

use proof::record::{EntryRecord, FileRecord};
use proof::{Hash, UnixMillis, sha256};
use seal::{Container, SealError, write_manifest};

use crate::limits::{FILES, NAME_CHARS, PACK_BYTES};
use crate::log::{self, Head};
use crate::policy::Policy;
use crate::sealed::{self, Binding, GROUP};
use crate::unit::{self, File, Measure};
use crate::verdict::Verdict;

const RECEIPT: &str = "META-INF/tabellion/receipt.tlog-proof";
const CHECKPOINT: &str = "META-INF/tabellion/checkpoint";
const TOKEN: &str = "META-INF/tabellion/token.tst";
const SEALED: [&str; 4] =
    [CHECKPOINT, "META-INF/tabellion/checkpoint.ers", TOKEN, "META-INF/tabellion/consistency"];
/// Members that speak to people, to later versions, or to nobody: never read here.
const NOT_EVIDENCE: [&str; 6] =
    ["policy.json", "recipe.sh", "attestation.pdf", "cosignatures", "validation/", "related/"];

/// What must have been checked for a verdict to pass, and for it to bear a time.
const LOGGED: [&str; 6] = ["format", "files", "entry", "inclusion", "log-signature", "algorithms"];
const STAMPED: [&str; 4] = ["evidence-record", "binding", "timestamp", "time-order"];

/// The verdict on these bytes, judged at this moment by this policy and by nothing else.
pub fn verify_pack(pack: &[u8], policy: Option<&Policy>, at: UnixMillis) -> Verdict {
    let mut verdict = Verdict::new(policy);
    match Container::parse(pack) {
        _ if pack.len() > PACK_BYTES => verdict.say("pack-too-large", "", pack.len()),
        Ok(container) => {
            verdict.say("container-read", "", container.names().count());
            let taken = BTreeSet::from(["mimetype".to_owned()]);
            Members { container, taken }.judge(&mut verdict, policy, at);
        }
        Err(why @ (SealError::EntryRepeated { .. } | SealError::EntryName { .. })) => {
            verdict.say("ambiguous-container", "", why);
        }
        Err(why) => verdict.say("unreadable", "", why),
    }
    verdict.conclude(&LOGGED, &STAMPED)
}

/// Both heads are signed. The time that counts is the token's, once it holds and binds a head; else the judgement's.
/// Where a sealed head continues the receipt's, it is the sealed head's key that must have been good.
fn check_signatures(
    verdict: &mut Verdict,
    heads: [(Option<&Head>, &str); 2],
    policy: Option<&Policy>,
    at: UnixMillis,
) -> UnixMillis {
    let binds = ["binding", "timestamp"].iter().all(|name| verdict.holds(name));
    let proved = verdict.time.as_ref().filter(|_| binds).map_or(at, |time| time.not_after);
    let mut last = None;
    for (head, place) in heads.into_iter().filter_map(|(head, place)| Some((head?, place))) {
        last = head.signer(verdict, policy, place).map(|key| (key, place));
    }
    if let Some((key, place)) = last {
        log::check_key(verdict, key, proved, place);
    }
    proved
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
    fn judge(&mut self, verdict: &mut Verdict, policy: Option<&Policy>, at: UnixMillis) -> Option<()> {
        log::check_witnesses(verdict, policy);
        let [record_bytes, entry_bytes, receipt] =
            ["unit/R.json", "unit/E.json", RECEIPT].map(|name| self.need(verdict, name));
        let (record_bytes, receipt) = (record_bytes?, receipt.unwrap_or_default());
        let head = log::check_inclusion(verdict, &String::from_utf8_lossy(&receipt), &record_bytes, RECEIPT);
        let record = unit::read_record(verdict, &record_bytes, policy)?;
        let entry_bytes = entry_bytes?;
        let entry = unit::read_entry(verdict, &entry_bytes, &record)?;
        let files = self.file_records(verdict, &entry);
        self.files(verdict, &files, entry.file_count);
        let mut used = ["sha256", "sha512"].map(|name| (name.to_owned(), at)).to_vec();
        let mut bound = None;
        if self.container.names().any(|name| SEALED.contains(&name) || name.ends_with(".ers")) {
            let unit = Unit { record: sha256(&record_bytes), entry: sha256(&entry_bytes), files: &files };
            if let Some((head, seen)) = self.seal(verdict, &unit, head.as_ref(), policy, at) {
                used.extend(seen.into_iter().map(|name| (name, at)));
                bound = head;
            }
        } else {
            log::say_unsealed(verdict);
        }
        let heads = [(head.as_ref(), RECEIPT), (bound.as_ref(), CHECKPOINT)];
        used.push(("ed25519".to_owned(), check_signatures(verdict, heads, policy, at)));
        sealed::check_algorithms(verdict, policy, &used);
        sealed::check_times(verdict, record.received_at, at);
        self.uncovered(verdict);
        Some(())
    }

    /// The bytes of a member, or nothing and, when it is there and does not match its checksum, a line.
    fn take(&mut self, verdict: &mut Verdict, name: &str) -> Option<Vec<u8>> {
        if !self.container.contains(name) {
            return None;
        }
        self.taken.insert(name.to_owned());
        self.container.read(name).map_err(|why| verdict.say("member-altered", name, why)).ok()
    }

    /// As [`Members::take`], with a line when the member is missing.
    fn need(&mut self, verdict: &mut Verdict, name: &str) -> Option<Vec<u8>> {
        if !self.container.contains(name) {
            verdict.say("member-missing", name, "");
        }
        self.take(verdict, name)
    }

    /// All `F`s of the entry.
    fn file_records(&mut self, verdict: &mut Verdict, entry: &EntryRecord) -> Vec<File> {
        let mut found = Vec::new();
        for number in 1..=entry.file_count.min(FILES) {
            let bytes = self.take(verdict, &format!("unit/F/{number:03}.json"));
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
                verdict.say("file-withheld", &name, "");
                continue;
            }
            shown = true;
            if let Some(bytes) = self.take(verdict, &name) {
                let same = Measure::of(&bytes).is(&file.record);
                verdict.say(if same { "same-bytes" } else { "file-altered" }, &name, "");
            }
        }
        if count == 0 {
            verdict.say("no-file-in-entry", "", "");
        } else if !shown {
            verdict.say("no-file-shown", "", "");
        }
    }

    /// Judges the seal: a record for each group, the token, the binding. Returns the sealed head and the algorithms of the token;
    /// nothing when a part is missing.
    fn seal(
        &mut self,
        verdict: &mut Verdict,
        unit: &Unit<'_>,
        receipt: Option<&Head>,
        policy: Option<&Policy>,
        at: UnixMillis,
    ) -> Option<(Option<Head>, BTreeSet<String>)> {
        let [Some(checkpoint), Some(record), Some(token), Some(consistency)] =
            SEALED.map(|name| self.take(verdict, name))
        else {
            verdict.say("seal-incomplete", "META-INF/tabellion", "");
            return None;
        };
        let root = self.groups(verdict, unit, &token);
        let roots = policy.map_or(&[][..], |policy| &policy.tsa_roots);
        let seen = sealed::check_token_bytes(verdict, &token, root, roots, at, TOKEN);
        let binding =
            Binding { checkpoint: &checkpoint, record: &record, consistency: &consistency, token: &token };
        Some((sealed::check_binding(verdict, &binding, receipt), seen))
    }

    /// One evidence record and one manifest a group: the entry's is 001, that of file n is n + 1. Returns the entry's root.
    fn groups(&mut self, verdict: &mut Verdict, unit: &Unit<'_>, token: &[u8]) -> Option<Hash> {
        const JSON: &str = "application/json";
        let object = |name: &str, kind: &str, hash: Hash| (name.to_owned(), kind.to_owned(), hash.0);
        let entry = [object("unit/R.json", JSON, unit.record), object("unit/E.json", JSON, unit.entry)];
        let root = self.group(verdict, 1, &entry, token);
        for File { record, hash } in unit.files {
            let (name, described) = (file_name(record), format!("unit/F/{:03}.json", record.number.0));
            let objects = [object(&name, &record.media_type, record.sha256), object(&described, JSON, *hash)];
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
        let [(shown, _, a), (_, _, b)] = objects;
        let record = format!("META-INF/evidencerecord{number:03}.ers");
        let manifest = format!("META-INF/ASiCEvidenceRecordManifest{number:03}.xml");
        let brought = [&record, &manifest].iter().any(|name| self.container.contains(name));
        if !self.container.contains(shown) && !brought {
            return None;
        }
        let root = self.need(verdict, &record).and_then(|bytes| {
            sealed::check_group(verdict, GROUP, &bytes, [Hash(*a), Hash(*b)], token, &record)
        });
        if let Some(bytes) = self.need(verdict, &manifest)
            && bytes != write_manifest(&record, objects)
        {
            verdict.say("manifest-differs", &manifest, "");
        }
        root
    }

    /// Every member no check has taken: not evidence where the format says so, else added by someone.
    fn uncovered(&self, verdict: &mut Verdict) {
        for name in self.container.names().filter(|name| !self.taken.contains(*name)) {
            let rest = name.strip_prefix("META-INF/tabellion/");
            let known = |rest: &str| {
                let named =
                    |known: &&str| rest == *known || (known.ends_with('/') && rest.starts_with(known));
                NOT_EVIDENCE.iter().any(|known| named(known))
            };
            let code = rest.map(|rest| if known(rest) { "not-evidence" } else { "unknown-member" });
            verdict.say(code.unwrap_or("uncovered-member"), name, "");
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
        all.iter().take(60).chain(all.iter().skip(tail)).copied().collect()
    } else {
        all
    };
    for end in [kept.len().checked_sub(1), Some(0)].into_iter().flatten() {
        if let Some(c) = kept.get_mut(end).filter(|c| **c == '.') {
            *c = '_';
        }
    }
    if kept.is_empty() { "_".to_owned() } else { kept.into_iter().collect() }
}
