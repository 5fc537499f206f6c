//! A container that is not one of ours (ASiC-E or ASiC-S, ETSI EN 319 162) with evidence records in it, by roots alone: each
//! record over the objects its manifest names, and each file that no record covers.

use std::collections::BTreeSet;

use proof::UnixMillis;
use seal::{
    ArchiveRecord, Container, DataContent, DataObject, Departure, MEDIA_TYPE_SIMPLE, SealError, Source, read_manifest,
};
use verifier::limits::PACK_BYTES;
use verifier::{Case, Verdict};

use crate::evidence::{self, NEEDED};

const UNDER: &str = "META-INF/";
/// Bytes of members hashed for one verdict, whatever number of manifests name them.
const MOST_BYTES: u64 = 4 * PACK_BYTES;

/// Whether these bytes are a container that only our own verifier judges whole.
pub fn is_ours(pack: &dyn Source) -> bool {
    // What cannot be read at all is told by the verifier too.
    !is_of_others(pack)
}

/// Whether these bytes are a container, and none of ours.
pub fn is_of_others(pack: &dyn Source) -> bool {
    let ours = |container: &Container<'_>| container.names().any(|name| name.starts_with("META-INF/tabellion/"));
    Container::open_others(pack).is_ok_and(|container| !ours(&container))
}

/// The verdict on a container of others by a policy, which asks for a pack of one archive: it says nothing of this one.
pub fn not_a_pack(at: UnixMillis) -> Verdict {
    let mut case = Case::new(None, at);
    case.say("not-a-pack", "", "");
    case.verdict.conclude(NEEDED, NEEDED)
}

fn is_manifest(name: &str) -> bool {
    let inside = name.strip_prefix(UNDER).unwrap_or_default();
    inside.starts_with("ASiCEvidenceRecordManifest") && inside.ends_with(".xml")
}

fn is_record(name: &str) -> bool {
    let inside = name.strip_prefix(UNDER).unwrap_or_default();
    inside.starts_with("evidencerecord") && (inside.ends_with(".ers") || inside.ends_with(".xml"))
}

/// The one record of an ASiC-S, by its name (§4.3.3).
fn is_record_of_simple(name: &str) -> bool {
    matches!(name.strip_prefix(UNDER), Some("evidencerecord.ers" | "evidencerecord.xml"))
}

/// The verdict on a container, by these roots.
pub fn verify_container(bytes: &[u8], roots: &[Vec<u8>], at: UnixMillis) -> Verdict {
    let mut case = Case::new(None, at);
    match Container::parse_others(bytes) {
        _ if bytes.len() as u64 > PACK_BYTES => case.say("pack-too-large", "", bytes.len()),
        Ok(container) => {
            let simple = is_simple(&container);
            case.say(if simple { "container-simple" } else { "container-read" }, "", container.names().count());
            for departure in container.departures() {
                depart(&mut case, *departure);
            }
            if !container.names().any(|name| is_manifest(name) || is_record(name)) {
                case.say("container-without-record", "", "");
            }
            let mut judge = Judge { container, roots, at, case: &mut case, covered: BTreeSet::new(), left: MOST_BYTES };
            judge.all(simple);
        }
        Err(why @ (SealError::EntryRepeated { .. } | SealError::EntryName { .. })) => {
            case.say("container-two-readings", "", why);
        }
        Err(SealError::MediaType { found }) => case.say("container-not-asic", "", found),
        Err(why @ (SealError::Unsupported { .. } | SealError::TooLarge { .. })) => {
            case.say("container-unsupported", "", why);
        }
        Err(why) => case.say("unreadable", "", why),
    }
    case.verdict.conclude(NEEDED, NEEDED)
}

/// Whether the container is one of a single object: as it says, or where it says nothing as it is made.
fn is_simple(container: &Container<'_>) -> bool {
    let made = || !container.names().any(is_manifest) && container.names().any(is_record_of_simple);
    container.media_type().map_or_else(made, |said| said == MEDIA_TYPE_SIMPLE)
}

/// What is unusual in a container is passed over, and said.
fn depart(case: &mut Case<'_>, departure: Departure) {
    match departure {
        Departure::NoMediaType => case.say("mimetype-absent", "", ""),
        Departure::MediaTypeMisplaced => case.say("mimetype-misplaced", "", ""),
        Departure::Directories(count) => case.say("container-directories", "", count),
        Departure::Comment => case.say("container-comment", "", ""),
    }
}

struct Judge<'a, 'c, 'p> {
    container: Container<'a>,
    roots: &'a [Vec<u8>],
    at: UnixMillis,
    case: &'c mut Case<'p>,
    /// Members that some record, manifest or rule has taken.
    covered: BTreeSet<String>,
    left: u64,
}

impl Judge<'_, '_, '_> {
    fn all(&mut self, simple: bool) {
        let names: Vec<String> = self.container.names().map(str::to_owned).collect();
        self.covered.insert("mimetype".to_owned());
        for name in names.iter().filter(|name| is_manifest(name)) {
            self.manifest(name);
        }
        let data: Vec<&String> = names.iter().filter(|name| !name.starts_with(UNDER) && *name != "mimetype").collect();
        for record in names.iter().filter(|name| is_record(name)) {
            match data[..] {
                _ if self.covered.contains(record) => {}
                // The one object of an ASiC-S needs no manifest (§4.3.3).
                [only] if simple => self.record(record, std::slice::from_ref(only)),
                _ => {
                    self.covered.insert(record.clone());
                    self.case.say("record-without-manifest", record, "");
                }
            }
        }
        for name in names.iter().filter(|name| !self.covered.contains(*name)) {
            self.case.say(if name.starts_with(UNDER) { "not-evidence" } else { "member-not-covered" }, name, "");
        }
    }

    /// Each object the manifest names is there, with the digest it says, and all are covered by its record.
    fn manifest(&mut self, name: &str) {
        self.covered.insert(name.to_owned());
        let Some(bytes) = self.read(name) else { return };
        let manifest = match read_manifest(&bytes) {
            Ok(manifest) => manifest,
            Err(why) => return self.case.say("manifest-malformed", name, why),
        };
        let mut names = Vec::new();
        for object in &manifest.objects {
            let place = format!("{name}, {}", object.name);
            if !self.container.contains(&object.name) {
                self.case.say("manifest-object-missing", &place, "");
                continue;
            }
            names.push(object.name.clone());
            let Some(bytes) = self.read(&object.name) else { continue };
            match object.algorithm {
                Some(algorithm) if algorithm.digest(&bytes) == object.digest => {}
                Some(algorithm) => self.case.say("manifest-digest-differs", &place, algorithm.name()),
                None => self.case.say("manifest-digest-unknown", &place, &object.algorithm_uri),
            }
        }
        if !self.container.contains(&manifest.record) {
            return self.case.say("record-missing", name, &manifest.record);
        }
        self.record(&manifest.record, &names);
    }

    /// The record covers every one of these members.
    fn record(&mut self, name: &str, members: &[String]) {
        self.covered.insert(name.to_owned());
        self.covered.extend(members.iter().cloned());
        let Some(bytes) = self.read(name) else { return };
        let mut held = Vec::new();
        for member in members {
            let Some(bytes) = self.read(member) else { return };
            held.push((member, bytes));
        }
        let mut data = Vec::new();
        for (name, bytes) in &held {
            data.push(DataObject { name, content: DataContent::Bytes(bytes) });
        }
        match ArchiveRecord::parse(&bytes) {
            Ok(record) => drop(evidence::said(self.case, &record, &data, self.roots, self.at, name)),
            Err(why @ SealError::Unsupported { .. }) => self.case.say("record-unsupported", name, why),
            Err(why) => self.case.say("record-malformed-here", name, why),
        }
    }

    /// A member's bytes; a line says why there are none.
    fn read(&mut self, name: &str) -> Option<Vec<u8>> {
        let size = self.container.size(name).unwrap_or_default();
        match self.left.checked_sub(size) {
            Some(left) => self.left = left,
            None => {
                self.case.say("pack-too-large", name, MOST_BYTES);
                return None;
            }
        }
        match self.container.read(name) {
            Ok(bytes) => Some(bytes),
            Err(why) => {
                self.case.say("member-altered", name, why);
                None
            }
        }
    }
}
