//! Bytes that are wrong under right checksums: what a scrub of each depth says of them, with one thread and with several.

use super::*;
use crate::record::{Location, PREFIX, Prefix, Record, UnitKeys};
use crate::sector::{PAYLOAD, SECTOR, SectorType, SectorWriter, read_stream};
use crate::{Depth, Effort, Finding, Progress, Scrubber, Watch};
use ledger::audit::EntriesAlone;
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;

const EFFORTS: [Effort; 4] = [
    Effort { depth: Depth::Stored, threads: 1 },
    Effort { depth: Depth::Stored, threads: 3 },
    Effort { depth: Depth::Documents, threads: 1 },
    Effort { depth: Depth::Documents, threads: 3 },
];

/// Bytes of a part's facts before its digest, and of all its facts.

#[derive(Default)]
struct Heard {
    findings: Vec<Finding>,
    bytes: u64,
}

impl Watch for Heard {
    fn found(&mut self, finding: Finding) {
        // The entries of these tests are not real ones.
        if finding.what != "record-unreadable" {
            self.findings.push(finding);
        }
    }
    fn passed(&mut self, bytes: u64) -> bool {
        self.bytes += bytes;
        true
    }
}

/// What was found, by code and place, and what was counted.
fn scrub(place: &Place, effort: Effort) -> (Heard, Progress) {
    let scrubber = Scrubber::open(&place.options()).unwrap().with(effort);
    let (mut heard, mut progress) = (Heard::default(), Progress::default());
    for number in scrubber.segments().unwrap() {
        scrubber.segment(number, &mut progress, &mut EntriesAlone, &mut heard).unwrap();
    }
    let by_place = |finding: &Finding| (finding.index.map(|index| index.0), finding.bytes);
    heard.findings.sort_by_key(by_place);
    (heard, progress)
}

fn codes(heard: &Heard) -> Vec<&'static str> {
    heard.findings.iter().map(|finding| finding.what).filter(|what| what.starts_with("part")).collect()
}

/// The first that is about a part: what these entries say of their files is none of `ledger`'s.
fn of_part(heard: &Heard) -> &Finding {
    heard.findings.iter().find(|finding| finding.what.starts_with("part")).unwrap()
}

/// The first record of the first segment, taken apart.
struct Forged {
    prefix: Prefix,
    bytes: Vec<u8>,
    record: Record,
}

impl Forged {
    fn of(place: &Place) -> Self {
        let file = OpenOptions::new().read(true).open(place.segment(1)).unwrap();
        let mut prefix = [0; PREFIX];
        read_stream(&file, 1, 1, 0, &mut prefix).unwrap();
        let prefix = Prefix::parse(&prefix).unwrap();
        let mut bytes = vec![0; prefix.record_len() as usize];
        read_stream(&file, 1, 1, 0, &mut bytes).unwrap();
        let (keys, body) = (prefix.keyring_at() as usize, prefix.body_at() as usize);
        let at = crate::record::Place { segment: 1, sector: 1 };
        let record = Record::parse(at, &prefix, &bytes[PREFIX..keys], &bytes[keys..body]).unwrap();
        Self { prefix, bytes, record }
    }

    /// Where the key of this unit stands in the record.
    fn key_at(&self, unit: u64) -> usize {
        self.record.leaves[0].parts.unwrap().keys_at as usize + UnitKeys::at(unit).0 as usize
    }

    /// A bit of the ciphertext of a part is another, and the header says so where `said`; its first byte in the record.
    fn part(&mut self, unit: u64, document: bool, said: bool) -> usize {
        let parts = self.record.leaves[0].parts.unwrap();
        let keys = self.key_at(unit);
        let keys = UnitKeys::parse(&self.bytes[keys..keys + UnitKeys::at(unit).1]).unwrap();
        let location = if document { keys.body.unwrap() } else { keys.record };
        let Location::Inline(at) = location else { panic!("{location:?}") };
        let from = (parts.body_at + at) as usize;
        let (at, len) = parts.form.unit_at(unit);
        let facts = (parts.facts_at + at) as usize;
        let said_of = parts.form.parse_unit(&self.bytes[facts..facts + len]).unwrap();
        let stored = if document { said_of.body.unwrap() } else { said_of.record }.stored;
        let end = facts + parts.form.part() * if document { 2 } else { 1 };
        self.bytes[from] ^= 1;
        if said {
            let digest = sha256(&self.bytes[from..from + stored as usize]);
            self.bytes[end - 32..end].copy_from_slice(&digest.0);
        }
        from
    }

    /// Written again, with the digests of its prefix and the checksums of its sectors.
    fn write(mut self, place: &Place) {
        let (keys, body) = (self.prefix.keyring_at() as usize, self.prefix.body_at() as usize);
        self.prefix.header_sha256 = sha256(&self.bytes[PREFIX..keys]);
        self.prefix.keyring_sha256 = sha256(&self.bytes[keys..body]);
        self.bytes[..PREFIX].copy_from_slice(&self.prefix.write());
        let mut sectors = SectorWriter::new(1, 1, SectorType::Start, self.bytes.len() as u64);
        sectors.push(&self.bytes);
        let target = OpenOptions::new().write(true).open(place.segment(1)).unwrap();
        target.write_all_at(&sectors.finish(), SECTOR as u64).unwrap();
    }
}

fn one(sizes: &[usize]) -> Place {
    let place = Place::new();
    deposit(&mut place.open(), 0, sizes);
    place
}

#[test]
fn a_ciphertext_that_has_not_its_digest_is_placed_at_every_depth() {
    // Held in memory with its record, and too large for that.
    for sizes in [vec![600], vec![250_000; 80]] {
        let image = one(&sizes);
        for (unit, document) in [(0, false), (1, false), (1, true), (sizes.len() as u64, true)] {
            let place = image.image();
            let mut forged = Forged::of(&place);
            let at = forged.part(unit, document, false) as u64;
            forged.write(&place);
            for effort in EFFORTS {
                let (heard, _) = scrub(&place, effort);
                assert_eq!(codes(&heard), ["part-digest"], "{unit} {effort:?}");
                let finding = of_part(&heard);
                assert_eq!(finding.file.map_or(0, |file| file.0), unit);
                let on_disk = (1 + at / PAYLOAD as u64) * SECTOR as u64 + 1 + at % PAYLOAD as u64;
                let (from, to) = finding.bytes.unwrap();
                assert!((from..to).contains(&on_disk), "{on_disk} in {finding:?}");
            }
        }
    }
}

#[test]
fn a_ciphertext_and_its_digest_forged_together_are_seen_where_it_is_deciphered() {
    let image = one(&[600]);
    for (unit, document) in [(0, false), (1, false), (1, true)] {
        let place = image.image();
        let mut forged = Forged::of(&place);
        forged.part(unit, document, true);
        forged.write(&place);
        for effort in EFFORTS {
            // The document alone is left as it is stored.
            let seen = !document || effort.depth == Depth::Documents;
            let expected: &[_] = if seen { &["part-undecipherable"] } else { &[] };
            assert_eq!(codes(&scrub(&place, effort).0), expected, "{unit} {document} {effort:?}");
        }
    }
}

#[test]
fn a_key_that_does_not_unwrap_is_named_at_every_depth() {
    let image = one(&[600, 700]);
    for unit in 0..3 {
        let place = image.image();
        let mut forged = Forged::of(&place);
        let key = forged.key_at(unit);
        forged.bytes[key + 1 + 16 + 12] ^= 1;
        forged.write(&place);
        for effort in EFFORTS {
            let (heard, _) = scrub(&place, effort);
            assert_eq!(codes(&heard), ["part-key"], "{unit} {effort:?}");
            assert_eq!(of_part(&heard).file.map_or(0, |file| file.0), unit);
        }
    }
}

#[test]
fn several_threads_find_and_count_what_one_does() {
    let place = Place::new();
    let mut store = place.open();
    for index in 0..24 {
        deposit(&mut store, index, &[3000, 400_000, 9000]);
    }
    drop(store);
    let mut forged = Forged::of(&place);
    forged.part(1, true, false);
    forged.write(&place);
    let ahead = place.data().join("ahead");
    for (number, entry) in fs::read_dir(ahead).unwrap().enumerate().filter(|(number, _)| number % 5 == 0) {
        let file = OpenOptions::new().write(true).open(entry.unwrap().path()).unwrap();
        file.write_all_at(&[number as u8; 40], 1000 * number as u64).unwrap();
    }
    for pair in EFFORTS.chunks(2) {
        let (one, several) = (scrub(&place, pair[0]), scrub(&place, pair[1]));
        assert_eq!(one.0.findings, several.0.findings);
        assert_eq!(codes(&one.0).len(), 1 + 24_usize.div_ceil(5));
        assert_eq!(one.0.bytes, several.0.bytes);
        let counted = |progress: &Progress| (progress.records, progress.entries, progress.parts);
        assert_eq!(counted(&one.1), counted(&several.1));
    }
}

#[test]
fn a_key_that_is_gone_is_told_once_by_however_many_threads() {
    let place = Place::new();
    let mut store = place.open();
    (0..6).for_each(|index| deposit(&mut store, index, &[300]));
    drop(store);
    for entry in fs::read_dir(place.data().join("keys")).unwrap().map(|entry| entry.unwrap().path()) {
        if !entry.ends_with("store.key") {
            fs::remove_file(entry).unwrap();
        }
    }
    for effort in EFFORTS {
        let (heard, _) = scrub(&place, effort);
        let mut missing: Vec<_> = heard.findings.iter().filter_map(|finding| finding.path.clone()).collect();
        let told = missing.len();
        missing.sort();
        missing.dedup();
        assert!(told == missing.len() && told > 0, "{effort:?}: {:?}", heard.findings);
    }
}
