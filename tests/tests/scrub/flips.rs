//! Single bits flipped anywhere in the store, by chance from a seed: found and placed, or shown to lose nothing.

use crate::files::flip;
use crate::{Copy, name};
use std::fs;
use std::path::{Path, PathBuf};

/// Flips tried; `TABELLION_FLIPS` asks for more.
const FLIPS: u64 = 60;

/// Bytes of a file that were ever written: what is preallocated and blank is looked at elsewhere.
fn written(path: &Path) -> u64 {
    let bytes = fs::read(path).unwrap();
    bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last as u64 + 1)
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        if entry.file_type().unwrap().is_dir() {
            files(&entry.path(), out);
        } else {
            out.push(entry.path());
        }
    }
}

#[test]
fn every_flipped_bit_is_found_or_loses_nothing() {
    let copy = Copy::new();
    let mut all = Vec::new();
    for folder in ["segments", "ahead", "keys", "index"] {
        files(&copy.store().join(folder), &mut all);
    }
    all.retain(|path| written(path) > 0);
    all.sort();
    let count = std::env::var("TABELLION_FLIPS").ok().and_then(|text| text.parse().ok()).unwrap_or(FLIPS);
    let mut draw = 0x5eed_u64;
    let mut next = |below: u64| {
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (draw >> 33) % below
    };
    let (mut found, mut harmless) = (0, 0);
    for number in 0..count {
        let path = &all[next(all.len() as u64) as usize];
        let at = next(written(path));
        let mask = 1 << next(8);
        flip(path, at, mask);
        let scrubbed = copy.scrub();
        let derived = path.starts_with(copy.store().join("index"));
        let told = scrubbed
            .findings()
            .iter()
            .any(|finding| finding["path"].as_str().is_some_and(|told| told.ends_with(&name(path)) || derived));
        match scrubbed.exit {
            1 if told => found += 1,
            // The store's own secret: nothing can be read without it, and the file is named.
            5 if scrubbed.error.contains(&name(path)) => found += 1,
            // Every row of every family was read and is what the segments give: the flip reached nothing.
            0 if derived => harmless += 1,
            exit => panic!("flip {number}: bit {mask:#x} of byte {at} of {}: {exit} {}", path.display(), scrubbed.json),
        }
        flip(path, at, mask);
    }
    println!("{count} flips: {found} found and placed, {harmless} harmless by proof");
    assert!(found > harmless);
    assert_eq!(copy.scrub().exit, 0, "put back, it is sound again");
}
