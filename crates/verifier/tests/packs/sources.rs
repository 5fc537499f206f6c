//! Packs that are read where they lie, or whose documents were measured before: the same verdict as of the same bytes in memory.

use std::sync::Mutex;

use seal::{Checksum, ContainerWriter, Held, SealError, Source};
use verifier::{Overall, Verdict, verify_pack, verify_source};

use crate::layout::Layout;
use crate::pack::{PackInput, lay_pack};
use crate::world::*;

/// Bytes given piece by piece, but some of them; and how often each was.
#[derive(Debug)]
struct Counted<'a> {
    bytes: &'a [u8],
    unreadable: std::ops::Range<usize>,
    given: Mutex<Vec<u8>>,
}

impl<'a> Counted<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, unreadable: 0..0, given: Mutex::new(vec![0; bytes.len()]) }
    }
}

impl Source for Counted<'_> {
    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), SealError> {
        let range = offset as usize..offset as usize + into.len();
        if range.start < self.unreadable.end && range.end > self.unreadable.start {
            return Err(SealError::Read { reason: "a worn disk".into() });
        }
        Held(self.bytes).read_at(offset, into)?;
        self.given.lock().unwrap()[range].iter_mut().for_each(|count| *count += 1);
        Ok(())
    }
}

fn same(pack: &[u8], world: &World, what: &str) {
    let (held, read) = (verify_pack(pack, Some(&world.policy()), JUDGED), Counted::new(pack));
    assert_eq!(verify_source(&read, Some(&world.policy()), JUDGED), held, "{what}");
}

fn place(pack: &[u8], needle: &[u8]) -> usize {
    pack.windows(needle.len()).position(|window| window == needle).unwrap()
}

#[test]
fn a_pack_read_where_it_lies_has_the_verdict_of_its_bytes() {
    let world = world();
    let pack = world.pack(SHOWN);
    (0..world.entries.len()).for_each(|index| same(&world.pack(index), &world, "honest"));
    same(&world.unsealed(SHOWN), &world, "unsealed");
    for (name, _) in members(&pack) {
        same(&with(&pack, &name, |bytes| *bytes.last_mut().unwrap() ^= 1), &world, &name);
        same(&without(&pack, &name), &world, &name);
    }
    for at in (0..pack.len()).step_by(101) {
        let mut changed = pack.clone();
        changed[at] ^= 4;
        same(&changed, &world, "a byte");
    }
}

#[test]
fn a_document_goes_by_once() {
    let world = world();
    let pack = world.pack(SHOWN);
    let read = Counted::new(&pack);
    assert_eq!(verify_source(&read, Some(&world.policy()), JUDGED).verdict, Overall::PassedTimestamped);
    let at = place(&pack, b"%PDF-1.7 deliberation");
    assert_eq!(read.given.lock().unwrap()[at..at + 21], [1; 21], "all its checks are of one reading");
}

#[test]
fn what_cannot_be_read_cannot_be_told() {
    let world = world();
    let pack = world.pack(SHOWN);
    let judged = |needle: &[u8]| {
        let at = place(&pack, needle);
        let torn = Counted { unreadable: at..at + 1, ..Counted::new(&pack) };
        verify_source(&torn, Some(&world.policy()), JUDGED)
    };
    let checkpoint = world.batch.checkpoint.as_bytes();
    for needle in [&b"%PDF-1.7"[..], checkpoint, b"#!/bin/sh", &world.entries[SHOWN].record[..]] {
        let verdict = judged(needle);
        assert_eq!((verdict.verdict, verdict.reason), (Overall::Indeterminate, Some("member-unreadable")));
    }
    assert_eq!(judged(b"PK\x01\x02").reason, Some("unreadable"));
}

/// Laid out with no more than so many bytes of documents in memory.
fn laid(input: PackInput, held: u64) -> Layout {
    lay_pack(input, held).unwrap()
}

fn bytes(layout: Layout) -> Vec<u8> {
    let mut all = Vec::new();
    std::io::Read::read_to_end(&mut layout.reader(), &mut all).unwrap();
    all
}

#[test]
fn documents_left_where_they_are_change_neither_the_pack_nor_its_verdict() {
    let world = world();
    let input = |of: usize| world.input(of, Some(world.pack_seal(of, &world.batch)));
    let pack = world.pack(SHOWN);
    let expected = verify_pack(&pack, Some(&world.policy()), JUDGED);
    for held in [0, 20, 21, 27, u64::MAX] {
        let layout = laid(input(SHOWN), held);
        assert_eq!(verify_source(&layout, Some(&world.policy()), JUDGED), expected, "{held}");
        assert_eq!(layout.bytes(), pack.len() as u64);
        assert_eq!(bytes(layout), pack, "{held}");
    }
    // A pack in a pack, laid out too.
    let story = |held: u64| {
        let mut input = input(SHOWN);
        input.related = vec![("un.asice".to_owned(), laid(world.input(0, None), held))];
        laid(input, held)
    };
    let (apart, whole) = (story(0), bytes(story(u64::MAX)));
    let verdict: Verdict = verify_source(&apart, Some(&world.policy()), JUDGED);
    assert!(verdict.findings.iter().any(|line| line.code == "related-proved"), "{:#?}", verdict.findings);
    assert_eq!(verdict, verify_pack(&whole, Some(&world.policy()), JUDGED));
    assert_eq!(bytes(apart), whole);
}

#[test]
fn a_document_that_is_not_its_record_s_is_refused_where_it_is_too() {
    let world = world();
    let mut input = world.input(SHOWN, None);
    let other = std::sync::Arc::new(|| Ok(Box::new(&b"%PDF-1.7 deliberatioN"[..]) as Box<dyn std::io::Read + Send>));
    input.files[0].open = Some(other);
    assert!(lay_pack(input, 0).unwrap_err().to_string().contains("sha256"));
    let mut input = world.input(SHOWN, None);
    let longer =
        std::sync::Arc::new(|| Ok(Box::new(&b"%PDF-1.7 deliberation and more"[..]) as Box<dyn std::io::Read + Send>));
    input.files[0].open = Some(longer);
    assert!(lay_pack(input, 0).unwrap_err().to_string().contains("size"));
}

/// A container with a hole: so many bytes that nobody gives.
#[derive(Debug)]
struct Hollow {
    before: Vec<u8>,
    hole: u64,
    after: Vec<u8>,
}

impl Source for Hollow {
    fn size(&self) -> u64 {
        self.before.len() as u64 + self.hole + self.after.len() as u64
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), SealError> {
        let later = self.before.len() as u64 + self.hole;
        match offset.checked_sub(later) {
            Some(offset) => Held(&self.after).read_at(offset, into),
            None => Held(&self.before).read_at(offset, into),
        }
    }
}

#[test]
fn a_member_too_large_to_be_held_cannot_be_told_and_is_not_read() {
    const NAME: &str = "META-INF/tabellion/validation/001-liste.crl";
    let world = world();
    let mut writer = ContainerWriter::new(Vec::new()).unwrap();
    for (name, bytes) in members(&world.pack(SHOWN)) {
        writer.add(&name, &bytes).unwrap();
    }
    let hole = verifier::limits::HELD_BYTES + 1;
    let begun = writer.add_apart(NAME, hole, &Checksum::default()).unwrap().len();
    let mut before = writer.finish().unwrap();
    let after = before.split_off(begun);
    let verdict = verify_source(&Hollow { before, hole, after }, Some(&world.policy()), JUDGED);
    assert_eq!((verdict.verdict, verdict.reason), (Overall::Indeterminate, Some("member-too-large")));
    let beyond = Hollow { before: Vec::new(), hole: seal::limits::TOTAL_BYTES + 1, after: Vec::new() };
    assert_eq!(verify_source(&beyond, Some(&world.policy()), JUDGED).reason, Some("pack-too-large"));
}
