//! Bits flipped, files cut, swapped, lost or put back older: each is found at its place.

use crate::{Copy, name};
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;

pub fn flip(path: &Path, at: u64, mask: u8) {
    let file = fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ mask], at).unwrap();
}

#[test]
fn a_bit_in_each_kind_of_place_is_found_and_placed() {
    let copy = Copy::new();
    let segments = copy.listed("segments");
    let (first, ahead, key) = (&segments[0], &copy.listed("ahead")[0], &copy.listed("keys")[0]);
    let cases = [
        (first, 40, "segment-header"),
        (first, 512 + 20, "record-unreadable-sector"),
        (first, 2 * 512 + 9, "sector-damaged"),
        (ahead, 70_000, "part-digest"),
        (ahead, 0, "part-digest"),
        (key, 90, "key-damaged"),
    ];
    for (path, at, code) in cases {
        flip(path, at, 0x10);
        let scrubbed = copy.scrub();
        let finding = scrubbed.names(&name(path), code);
        let (from, to) = (finding["bytes"][0].as_u64().unwrap(), finding["bytes"][1].as_u64().unwrap());
        assert!((from..to).contains(&at), "byte {at} of {finding}");
        flip(path, at, 0x10);
    }
    assert_eq!(copy.scrub().exit, 0, "put back, it is sound again");
}

#[test]
fn damage_within_a_content_names_tenant_entry_and_file() {
    let copy = Copy::new();
    let ahead = &copy.listed("ahead")[0];
    flip(ahead, 200_000, 1);
    let scrubbed = copy.scrub();
    let finding = scrubbed.names(&name(ahead), "part-digest");
    for field in ["tenant", "id", "remedy", "message"] {
        assert!(!finding[field].as_str().unwrap().is_empty(), "{finding}");
    }
    assert_eq!(finding["file"], 1);
    assert!(finding["index"].as_u64().unwrap() > 0);
    // The chunk of 64 KiB that does not decipher, and no more.
    assert_eq!(finding["bytes"], serde_json::json!([3 * 65_552, 4 * 65_552]));
}

#[test]
fn files_that_are_cut_swapped_or_lost_are_named() {
    let copy = Copy::new();
    let (segments, aheads, keys) = (copy.listed("segments"), copy.listed("ahead"), copy.listed("keys"));
    let undo = |paths: &[&Path], act: &dyn Fn(), check: &dyn Fn()| {
        let kept: Vec<_> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
        act();
        check();
        paths.iter().zip(kept).for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
    };
    let lost = |path: &Path, code: &'static str| {
        undo(&[path], &|| fs::remove_file(path).unwrap(), &|| drop(copy.scrub().names(&name(path), code).clone()));
    };
    lost(&segments[1], "segment-missing");
    lost(&aheads[0], "ahead-missing");
    lost(&keys[0], "key-missing");
    let cut = |path: &Path, len: u64, code: &'static str| {
        let act = || fs::OpenOptions::new().write(true).open(path).unwrap().set_len(len).unwrap();
        undo(&[path], &act, &|| drop(copy.scrub().names(&name(path), code).clone()));
    };
    cut(&aheads[0], 65_552, "ahead-length");
    cut(&segments[0], 3 * 512, "record-incomplete");
    let swap = |one: &Path, other: &Path, code: &'static str| {
        let act = || {
            let kept = fs::read(one).unwrap();
            fs::copy(other, one).unwrap();
            fs::write(other, kept).unwrap();
        };
        undo(&[one, other], &act, &|| drop(copy.scrub().names(&name(one), code).clone()));
    };
    swap(&aheads[0], &aheads[1], "part-digest");
    swap(&segments[0], &segments[1], "segment-header");
    swap(&keys[0], &keys[1], "key-damaged");
    assert_eq!(copy.scrub().exit, 0, "put back, it is sound again");
}

#[test]
fn an_older_copy_of_the_newest_segment_is_missed_by_the_index() {
    let mut copy = Copy::new();
    // A start begins a segment with a copy of the last record; what is deposited then stands after it.
    copy.house.start().unwrap();
    copy.house.deposit(1, "encore").unwrap();
    copy.house.stop().unwrap();
    let newest = copy.listed("segments").pop().unwrap();
    let bytes = fs::read(&newest).unwrap();
    // The copied record alone, as the segment was when it was begun.
    let length = u64::from_be_bytes(bytes[512 + 1 + 54..512 + 1 + 62].try_into().unwrap());
    let header = u32::from_be_bytes(bytes[512 + 1 + 46..512 + 1 + 50].try_into().unwrap());
    let keys = u32::from_be_bytes(bytes[512 + 1 + 50..512 + 1 + 54].try_into().unwrap());
    let sectors = (126 + u64::from(header) + u64::from(keys) + length).div_ceil(507);
    fs::write(&newest, &bytes[..(1 + sectors as usize) * 512]).unwrap();
    copy.scrub().names("segments", "records-missing");
}
