//! Everything that any key left can decrypt, in the store and in copies of it: before an elimination what was deposited is found
//! there, after it nothing of what was eliminated.

use super::erase::{mark, run, some_entries};
use super::*;
use crate::cipher::{ChunkCipher, Domain};
use crate::erase::records::Closed;
use crate::keys::KeyStore;
use crate::master::{MasterKey, MasterSecret};
use crate::record::{Location, PartFacts, wrap_context};
use crate::sector::{self, Sector, SectorWriter};
use crate::segment;

/// Plaintext of every part of every record of these segments that a key of this key store opens, whatever the index says.
fn decryptable(place: &Place, segments: &Path, ahead: &Path, keys: &Path) -> Vec<Vec<u8>> {
    let keys = KeyStore::new(keys.to_owned(), MasterKey::of(&MasterSecret::read(&place.master()).unwrap()));
    let mut found = Vec::new();
    for number in segment::numbers(segments).unwrap() {
        let closed = Closed::open(&segment::path_of(segments, number), number).unwrap();
        let each = closed.each(&mut |stored| {
            for leaf in stored.leaves(&closed.path).unwrap() {
                for ((facts, unit), number) in leaf.units.iter().zip(0..) {
                    let Some(key) = &unit.key else { continue };
                    let Ok(wrapping) = keys.segment_key(key.by) else { continue };
                    let context = wrap_context(key.by, stored.prefix.number, leaf.index, number);
                    let Some(secret) = wrapping.unwrap(&key.nonce, &context, &key.bytes) else { continue };
                    let mut open = |location, facts: PartFacts, domain| {
                        let mut bytes = vec![0; facts.stored as usize];
                        match location {
                            Location::Gone => return,
                            Location::Inline(at) => {
                                closed.read(stored.place.sector, stored.prefix.body_at() + at, &mut bytes).unwrap();
                            }
                            Location::Ahead(id) => match fs::read(crate::ahead::path_of(ahead, &id)) {
                                Ok(held) => bytes = held,
                                Err(_) => return,
                            },
                        }
                        let cipher = ChunkCipher::new(&secret, domain).unwrap();
                        let mut plain = Vec::new();
                        if cipher.open_all(&bytes, &mut |block| plain.extend_from_slice(block)).is_ok() {
                            found.push(plain);
                        }
                    };
                    let domain = if number == 0 { Domain::Entry } else { Domain::FileRecord };
                    open(unit.record, facts.record, domain);
                    if let Some((location, facts)) = unit.body.zip(facts.body) {
                        open(location, facts, Domain::File);
                    }
                }
            }
            Ok(())
        });
        each.unwrap();
    }
    found
}

/// What entry 1 was made of: `E`, each `F`, each file, the large one too.
fn planted() -> Vec<Vec<u8>> {
    vec![e_of(1), f_of(1, 1), f_of(1, 2), file_of(1, 1, 40_000), file_of(1, 2, 300_000)]
}

fn found(texts: &[Vec<u8>], wanted: &[Vec<u8>]) -> usize {
    wanted.iter().filter(|part| texts.contains(part)).count()
}

#[test]
fn what_was_eliminated_is_found_before_and_nowhere_after_in_older_copies_neither() {
    let place = Place::new();
    let mut store = some_entries(&place);
    let backup = place.image();
    let part = |place: &Place, name: &str| place.data().join(name);
    let of = |segments: &Place, keys: &Place| {
        decryptable(&place, &part(segments, "segments"), &part(segments, "ahead"), &part(keys, "keys"))
    };
    let survivors = [e_of(0), e_of(2), f_of(2, 2), file_of(2, 2, 20_000), file_of(0, 2, 300_000)];
    assert_eq!(found(&of(&place, &place), &planted()), 5);
    assert_eq!(found(&of(&backup, &backup), &planted()), 5);
    mark(&mut store, &[1]);
    run(&mut store).unwrap();
    assert_eq!(found(&of(&place, &place), &planted()), 0);
    assert_eq!(found(&of(&place, &place), &survivors), 5);
    // The older copy of the segments with the key store of today, then the segments of today with the keys of before.
    assert_eq!(found(&of(&backup, &place), &planted()), 0);
    assert_eq!(found(&of(&place, &backup), &planted()), 0);
    drop(store);
    // Put back and started again: still nothing, and nothing is left of the keys.
    for name in ["segments", "ahead", "keys"] {
        copy(&part(&backup, name), &part(&place, name));
    }
    assert_eq!(found(&of(&place, &place), &planted()), 5, "the keys are back, until the start");
    let mut store = place.open();
    run(&mut store).unwrap();
    assert_eq!(found(&of(&place, &place), &planted()), 0);
    assert_eq!(found(&of(&backup, &place), &planted()), 0);
    assert_eq!(found(&of(&place, &place), &survivors), 5);
}

#[test]
fn keys_alone_put_back_are_destroyed_again() {
    let place = Place::new();
    let mut store = some_entries(&place);
    let names = |place: &Place| fs::read_dir(place.data().join("keys")).unwrap().count();
    let backup = place.image();
    mark(&mut store, &[1]);
    run(&mut store).unwrap();
    drop(store);
    let after = names(&place);
    copy(&backup.data().join("keys"), &place.data().join("keys"));
    assert!(names(&place) > after);
    let mut store = place.open();
    assert!(store.reads().eraser().is_needed().unwrap());
    run(&mut store).unwrap();
    assert!(!store.reads().eraser().is_needed().unwrap());
    let copies = backup.data();
    assert_eq!(
        found(
            &decryptable(&place, &copies.join("segments"), &copies.join("ahead"), &place.data().join("keys")),
            &planted()
        ),
        0
    );
}

#[test]
fn a_part_that_is_not_what_its_header_says_stops_elimination_even_under_a_right_checksum() {
    let place = Place::new();
    let mut store = some_entries(&place);
    mark(&mut store, &[1]);
    // A sector of a file that stays, in a segment that is written anew, altered and checked anew: only the digest in the
    // header tells.
    let row = store.reads().row(Index(2)).unwrap().unwrap();
    drop(store);
    let path = place.segment(row.place.segment);
    let mut bytes = fs::read(&path).unwrap();
    let sector = row.place.sector + (row.parts.unwrap().body_at + 10_000) / 507;
    let at = sector as usize * 512;
    let held: [u8; 512] = bytes[at..][..512].try_into().unwrap();
    let Sector::Whole(kind, payload) = sector::read(row.place.segment, sector, &held) else { panic!("no sector") };
    let mut altered = *payload;
    altered[7] ^= 1;
    let mut writer = SectorWriter::new(row.place.segment, sector, kind, 507);
    writer.push(&altered);
    bytes[at..][..512].copy_from_slice(&writer.finish());
    fs::write(&path, bytes).unwrap();
    let keys = |place: &Place| fs::read_dir(place.data().join("keys")).unwrap().count();
    let before = keys(&place);
    let mut store = place.open();
    assert!(matches!(run(&mut store), Err(crate::EraseError::Store(_))));
    assert!(keys(&place) > before, "fresh keys came, none went");
}
