//! The pack: an ASiC-E container taken apart member by member; what no check has taken is not covered.

use std::collections::BTreeSet;

use proof::record::LogRecord;
use proof::{Hash, Hash512, UnixMillis, sha256, sha512};
use seal::SealError::{self, EntryName, EntryRepeated};
use seal::limits::{LISTS as LISTS_MOST, LISTS_BYTES};
use seal::{Container, EvidenceRecord, Held, Source, file_member, group_members, write_manifest};

use crate::case::Case;
use crate::limits::{FILES, HELD_BYTES, PACK_BYTES};
use crate::log::Head;
use crate::policy::Policy;
use crate::sealed::{GROUP, Group, Used};
use crate::unit::{E, File, R, Told};
use crate::verdict::Verdict;

const RECEIPT: &str = "META-INF/tabellion/receipt.tlog-proof";
const CHECKPOINT: &str = "META-INF/tabellion/checkpoint";
const TOKEN: &str = "META-INF/tabellion/token.tst";
const VALIDATION: &str = "META-INF/tabellion/validation/";
/// Trusted lists, under the former.
const LISTS: &str = "META-INF/tabellion/validation/lists/";
const RELATED: &str = "META-INF/tabellion/related/";
const COSIGNATURES: &str = "META-INF/tabellion/cosignatures";
const SEALED: [&str; 4] = [CHECKPOINT, "META-INF/tabellion/checkpoint.ers", TOKEN, "META-INF/tabellion/consistency"];
/// Members that speak to people, to later versions, or to nobody: never read here.
const NOT_EVIDENCE: &str = "policy.json recipe.sh attestation.pdf validation related";

/// What must have been checked for a verdict to pass, and for it to bear a time.
const LOGGED: &str = "format files entry inclusion log-signature witnesses algorithms";
const STAMPED: &str = "evidence-record binding timestamp time-order";

/// The verdict on these bytes, judged at this moment by this policy and by nothing else.
pub fn verify_pack(pack: &[u8], policy: Option<&Policy>, at: UnixMillis) -> Verdict {
    judge(&Held(pack), PACK_BYTES, policy, at, None)
}

/// The same of bytes that are read where they lie: documents go by once, piece by piece, whatever their size; all else is held, within
/// [`HELD_BYTES`]. Whoever gives the bytes answers for it that those read and those measured are the same.
pub fn verify_source(pack: &dyn Source, policy: Option<&Policy>, at: UnixMillis) -> Verdict {
    judge(pack, seal::limits::TOTAL_BYTES, policy, at, None)
}

/// The same; a pack within another brings no story of its own, and is judged by the trusted lists of that one too.
fn judge<'p>(
    pack: &dyn Source,
    most: u64,
    policy: Option<&'p Policy>,
    at: UnixMillis,
    outer: Option<&Case<'p>>,
) -> Verdict {
    let (mut case, within) = (Case::new(policy, at), outer.is_some());
    if let Some(outer) = outer {
        case.lists.clone_from(&outer.lists);
    }
    match Container::open(pack) {
        _ if pack.size() > most => case.say("pack-too-large", "", pack.size()),
        Ok(container) => {
            case.say("container-read", "", container.names().count());
            let taken = vec![false; container.names().count()];
            Members { container, taken, left: HELD_BYTES, within, case: &mut case }.judge();
        }
        Err(why @ (EntryRepeated { .. } | EntryName { .. })) => case.say("ambiguous-container", "", why),
        Err(why) => case.say("unreadable", "", why),
    }
    case.verdict.conclude(LOGGED, STAMPED)
}

/// Names, media types and SHA-256 of the two members of a group.
type Objects = [(String, String, [u8; 32]); 2];
/// Their SHA-512, for whoever asks.
type Long<'a> = dyn Fn() -> Vec<Hash512> + 'a;

/// The container, and which of its members some check has taken.
struct Members<'a, 'p, 'c> {
    container: Container<'a>,
    /// In the order of its names.
    taken: Vec<bool>,
    /// Bytes of members that may still be held.
    left: u64,
    /// It lies in another pack.
    within: bool,
    case: &'c mut Case<'p>,
}

impl Members<'_, '_, '_> {
    /// `None` only says that judging stopped early, a line having said why.
    fn judge(&mut self) -> Option<()> {
        self.take("mimetype");
        let [record_bytes, entry_bytes, receipt] = [R, E, RECEIPT].map(|name| self.need(name));
        let record_bytes = record_bytes?;
        let head = receipt.and_then(|receipt| self.case.inclusion(&receipt, &record_bytes, RECEIPT));
        let record = self.case.record(&record_bytes)?;
        let entry_bytes = entry_bytes?;
        let entry = self.case.entry(&entry_bytes, &record)?;
        let numbers = 1..=entry.file_count.min(FILES);
        let raw = numbers.clone().filter_map(|number| self.told(number)).collect::<Vec<_>>();
        let out = raw.iter().filter_map(|(number, out, _)| out.then_some(*number)).collect::<BTreeSet<_>>();
        let files = self.case.file_records(&raw, &entry);
        self.files(&files, entry.file_count, !(files.is_empty() && out.is_empty()));
        let mut used = ["sha256", "sha512"].map(|name| (name.to_owned(), self.case.at)).to_vec();
        let mut bound = None;
        // Some of a seal is a seal: what is missing is said there, and what is left was not added by anyone.
        let groups = [0].into_iter().chain(numbers).filter(|number| !out.contains(number));
        let groups = groups.flat_map(|number| group_members(number.saturating_add(1)));
        let sealed: Vec<String> = SEALED.map(str::to_owned).into_iter().chain(groups).collect();
        if sealed.iter().any(|name| self.container.contains(name)) {
            for name in &sealed {
                self.takes(name);
            }
            self.validation();
            self.lists();
            let unit = [(R, &record_bytes), (E, &entry_bytes)].map(|(name, bytes)| object(name, JSON, sha256(bytes)));
            let long = || vec![sha512(&record_bytes), record.entry_sha512];
            bound = self.seal((&unit, &long), &files, head.as_ref(), &mut used);
        } else {
            self.case.unsealed();
        }
        // The head that counts is the sealed one, which the token covers and which continues the receipt's.
        let cosignatures = self.take(COSIGNATURES).unwrap_or_default();
        self.case.witnesses(bound.as_ref().or(head.as_ref()), &cosignatures, COSIGNATURES);
        self.signatures([(head, RECEIPT), (bound, CHECKPOINT)], &mut used);
        self.case.algorithms(&used);
        self.case.times(record.received_at, R);
        if !self.within {
            self.related(&record);
        }
        self.uncovered();
        Some(())
    }

    /// Both heads are signed. The time that counts is the token's (a head it does not bind has its own line that does not pass),
    /// else the judgement's. Where a sealed head continues the receipt's, it is the sealed head's key that must have been good.
    fn signatures(&mut self, heads: [(Option<Head>, &str); 2], used: &mut Used) {
        let proved = self.case.verdict.time.as_ref().map_or(self.case.at, |time| time.not_after);
        used.push(("ed25519".to_owned(), proved));
        let mut last = None;
        for (head, place) in heads.iter().filter_map(|(head, place)| Some((head.as_ref()?, place))) {
            last = self.case.signer(head, place).map(|key| (key, place));
        }
        if let Some((key, place)) = last {
            self.case.key_counts(key, proved, place);
        }
    }

    /// The members so named.
    fn named(&self, mut of: impl FnMut(&str) -> bool) -> Vec<String> {
        self.container.names().filter(|name| of(name)).map(str::to_owned).collect()
    }

    /// This member, where there is one, has a check that takes it.
    fn takes(&mut self, name: &str) -> Option<()> {
        *self.taken.get_mut(self.container.place(name)?)? = true;
        Some(())
    }

    /// The bytes of a member, or nothing and, when it is there and does not match its checksum, a line.
    fn take(&mut self, name: &str) -> Option<Vec<u8>> {
        self.takes(name)?;
        let size = self.container.size(name).unwrap_or_default();
        let Some(left) = self.left.checked_sub(size) else { return self.case.stop("member-too-large", name, size) };
        self.left = left;
        self.container.read(name).map_err(|why| self.altered(name, &why)).ok()
    }

    /// What stands there has another checksum than the container says; or cannot be read, which says nothing of what it is.
    fn altered(&mut self, name: &str, why: &SealError) {
        let unread = matches!(why, SealError::Read { .. });
        self.case.say(if unread { "member-unreadable" } else { "member-altered" }, name, why);
    }

    /// As [`Members::take`], with a line when the member is missing.
    fn need(&mut self, name: &str) -> Option<Vec<u8>> {
        if !self.container.contains(name) {
            self.case.say("member-missing", name, "");
        }
        self.take(name)
    }

    /// What is told of this file.
    fn told(&mut self, number: u64) -> Option<Told> {
        let [record, leaf] = ["json", "leaf"].map(|end| format!("unit/F/{number:03}.{end}"));
        let whole = self.take(&record).map(|bytes| (number, false, bytes));
        whole.or_else(|| {
            let bytes = self.take(&leaf)?;
            self.case.say("file-withheld", &leaf, "");
            Some((number, true, bytes))
        })
    }

    /// Compares each file shown with its `F`.
    fn files(&mut self, files: &[File<'_>], count: u64, described: bool) {
        let mut shown = false;
        for File { record, .. } in files {
            let name = file_member(record.number.0, &record.name);
            if self.takes(&name).is_none() {
                self.case.say("file-withheld", &name, "");
                continue;
            }
            shown = true;
            // Of one reading: size, both digests and the container's checksum.
            match self.container.measure(&name) {
                Ok(found) => {
                    let digests = (Hash(found.sha256), Hash512(found.sha512));
                    let same = found.size == record.size && digests == (record.sha256, record.sha512);
                    self.case.say(if same { "same-bytes" } else { "file-altered" }, &name, "");
                }
                Err(why) => self.altered(&name, &why),
            }
        }
        if count == 0 {
            self.case.say("no-file-in-entry", "", "");
        } else if !shown && described {
            self.case.say("no-file-shown", "", "");
        }
    }

    /// Judges the seal: one record and one manifest a group (the entry's is 001, that of file n is n + 1), the token, the binding.
    /// Returns the sealed head.
    #[rustfmt::skip]
    fn seal(&mut self, (unit, unit_sha512): (&Objects, &Long<'_>), files: &[File<'_>], receipt: Option<&Head>, used: &mut Used) -> Option<Head> {
        let [Some(checkpoint), Some(record), Some(token), Some(consistency)] = SEALED.map(|name| self.take(name)) else {
            let missing = SEALED.into_iter().find(|name| !self.container.contains(name));
            return self.case.stop("seal-incomplete", missing.unwrap_or("META-INF/tabellion"), "");
        };
        // Read before the records that bear it; what it lacks is said where it is judged.
        drop(self.case.token_of(&token));
        let root = self.group(1, unit, unit_sha512, &token);
        for File { record, bytes, hash } in files {
            let described = format!("unit/F/{:03}.json", record.number.0);
            let file = object(&file_member(record.number.0, &record.name), &record.media_type, record.sha256);
            let objects = [file, object(&described, JSON, *hash)];
            self.group(record.number.0.saturating_add(1), &objects, &|| vec![record.sha512, sha512(bytes)], &token);
        }
        let roots = self.case.policy.map_or(&[][..], |policy| &policy.tsa_roots);
        used.extend(self.case.timestamp(&token, root, roots, TOKEN));
        self.case.binding([&checkpoint, &record, &token, &consistency], SEALED, receipt)
    }

    /// The group's record covers it and its manifest says so: returns the root. A file withheld may be so with both.
    fn group(&mut self, number: u64, objects: &Objects, sha512: &Long<'_>, token: &[u8]) -> Option<Hash> {
        let [(shown, _, a), (_, _, b)] = objects;
        let [record, manifest] = group_members(number);
        if ![shown, &record, &manifest].iter().any(|name| self.container.contains(name)) {
            return None;
        }
        if self.need(&manifest).is_some_and(|bytes| bytes != write_manifest(&record, objects)) {
            self.case.say("manifest-differs", &manifest, "");
        }
        let bytes = self.need(&record)?;
        let group = Group { codes: GROUP, sha256: [Hash(*a), Hash(*b)], sha512 };
        let read = EvidenceRecord::parse_with(&bytes, &self.case.known);
        self.case.group(&group, &read, token, &record)
    }

    /// What belongs to the act's story, as the archive says: each pack is judged for itself, and whatever becomes of it changes nothing of
    /// this one. Tied by the act's identifier alone, as both recorded it.
    fn related(&mut self, record: &LogRecord) {
        for name in self.named(|name| name.starts_with(RELATED) && name.ends_with(".asice")) {
            let Some(found) = self.judged(&name) else { continue };
            let same = found.act.is_some() && found.act == self.case.verdict.act;
            let ours = found.record.as_ref().is_some_and(|theirs| theirs.tenant == record.tenant);
            let code = if found.reason.is_none() && same && ours { "related-proved" } else { "related-not-proved" };
            let reason = found.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
            self.case.say(code, &name, format_args!("{}{reason}", found.verdict.as_str()));
        }
    }

    /// The verdict on a pack that lies in this one, read there where it is stored.
    fn judged(&mut self, name: &str) -> Option<Verdict> {
        let (policy, at, most) = (self.case.policy, self.case.at, seal::limits::TOTAL_BYTES);
        if let Some(part) = self.container.stored(name) {
            self.takes(name);
            if let Err(why) = self.container.check(name) {
                self.altered(name, &why);
                return None;
            }
            return Some(judge(&part, most, policy, at, Some(&*self.case)));
        }
        let bytes = self.take(name)?;
        Some(judge(&Held(&bytes), most, policy, at, Some(&*self.case)))
    }

    /// Validation material is taken in: lists and answers, whose signatures the judgement of a token checks. The authorities' roots are
    /// brought along for people: the policy's alone count.
    fn validation(&mut self) {
        let roots = |rest: &str| rest.trim_start_matches(|c: char| c.is_ascii_digit()) == "-roots.pem";
        let of =
            |name: &str| !name.starts_with(LISTS) && name.strip_prefix(VALIDATION).is_some_and(|rest| !roots(rest));
        for name in self.named(of) {
            let Some(bytes) = self.take(&name) else { continue };
            let text = String::from_utf8_lossy(&bytes);
            let pem = text.contains("-----BEGIN ");
            match seal::pem_blocks(text.trim_start_matches('\u{feff}')) {
                Ok(blocks) => self.case.revocation.extend(blocks),
                Err(why) if pem => {
                    self.case.say("validation-unreadable", &name, why);
                    continue;
                }
                Err(_) => self.case.revocation.push(bytes),
            }
            self.case.say("validation-material", &name, "");
        }
        // One that is not looked at could be the one that revokes.
        if self.case.revocation.len() > seal::limits::REVOCATION_PIECES {
            self.case.say("validation-too-much", VALIDATION, self.case.revocation.len());
        }
    }

    /// Trusted lists that came along are read where an anchor from outside was given, by that anchor alone; without one they say nothing.
    fn lists(&mut self) {
        let names = self.named(|name| name.starts_with(LISTS));
        let asked = self.case.lists.as_ref().is_some_and(|lists| lists.is_anchored());
        let bytes: u64 = names.iter().filter_map(|name| self.container.size(name)).sum();
        if asked && (names.len() > LISTS_MOST || bytes > LISTS_BYTES) {
            return self.case.say("list-too-many", LISTS, format_args!("{}, {bytes}", names.len()));
        }
        let brought: Vec<_> = names.into_iter().filter_map(|name| Some((name.clone(), self.take(&name)?))).collect();
        if asked {
            return self.case.brought_lists(&brought);
        }
        brought.iter().for_each(|(name, _)| self.case.say("lists-brought", name, ""));
    }

    /// Every member no check has taken: not evidence where the format says so, else added by someone. Where a record of an unknown
    /// version hides what it covers, that cannot be told. Each is held to its checksum all the same.
    fn uncovered(&mut self) {
        let hidden = self.case.verdict.findings.iter().any(|line| line.code == "unknown-version");
        let mut taken = self.taken.clone().into_iter();
        for name in &self.named(|_| !taken.next().unwrap_or_default()) {
            if let Err(why) = self.container.check(name) {
                self.altered(name, &why);
            }
            let known = |rest: &str| NOT_EVIDENCE.split(' ').any(|name| rest.split('/').next() == Some(name));
            let code = match name.strip_prefix("META-INF/tabellion/") {
                _ if hidden => continue,
                Some(rest) if known(rest) => "not-evidence",
                Some(_) => "unknown-member",
                None => "uncovered-member",
            };
            self.case.say(code, name, "");
        }
    }
}

const JSON: &str = "application/json";

fn object(name: &str, media_type: &str, hash: Hash) -> (String, String, [u8; 32]) {
    (name.to_owned(), media_type.to_owned(), hash.0)
}
