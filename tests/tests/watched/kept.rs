//! What the monitor keeps of a log whose key signs what it must not, with and without tiles; and tiles that come packed.

use super::{ORIGIN, World, ended};
use flate2::Compression;
use flate2::write::GzEncoder;
use proof::merkle::root;
use proof::note::SigningKey;
use proof::{Checkpoint, Hash, Sha256Tree, TreeAlgorithm, TreeSize};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::process::Output;
use tests::published::Small;

fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[7; 32]).unwrap()
}

/// Leaves of a history; two of them part at leaf 20.
fn leaves(history: u8, size: u8) -> Vec<Hash> {
    (0..size).map(|n| Sha256Tree::leaf(&[n, if n < 20 { 0 } else { history }])).collect()
}

fn head(history: u8, size: u8) -> String {
    let root = root::<Sha256Tree>(&leaves(history, size));
    let head = Checkpoint { origin: ORIGIN.into(), size: TreeSize(size.into()), root, extensions: Vec::new() };
    key().sign(&head.to_text())
}

/// A log that shows this head with lines of nobody below, and its tile as it is told.
fn log(history: u8, size: u8, junk: &str, coding: &'static str, tile: fn(Vec<u8>) -> Option<Vec<u8>>) -> Small {
    let note = head(history, size) + junk;
    Small::coded(coding, move |path| match path {
        "/checkpoint" => Some(note.clone().into_bytes()),
        path if path == format!("/tile/0/000.p/{size}") => {
            tile(leaves(history, size).iter().flat_map(|hash| hash.0).collect())
        }
        _ => None,
    })
}

fn watch(world: &World, log: &Small) -> Output {
    world.watch(&log.url(), &["--vkey", &key().verifier_key().to_string()])
}

fn files(json: &Value) -> Vec<String> {
    json["evidence"].as_array().unwrap().iter().map(|file| file.as_str().unwrap().to_owned()).collect()
}

#[test]
fn old_heads_shown_again_never_take_the_room_of_a_fork() {
    let world = World::new();
    ended(&watch(&world, &log(1, 10, "", "", Some)), 0, "first");
    ended(&watch(&world, &log(1, 30, "", "", Some)), 0, "grown");
    // One old head, each time with another line that anyone may add: one set.
    let mut sets = Vec::new();
    for number in 0..20 {
        let junk = format!("\u{2014} personne AAAA{number:04}\n");
        sets.push(files(&ended(&watch(&world, &log(1, 10, &junk, "", Some)), 11, "rollback")));
    }
    sets.dedup();
    assert_eq!((sets.len(), sets[0].len()), (1, 2));
    assert_eq!(fs::read_to_string(&sets[0][1]).unwrap(), head(1, 10), "the log's line, and no other");
    // Sixteen old heads, and one more: it is said that it is not kept, and no file is named.
    for size in 1..=17 {
        let ran = watch(&world, &log(1, size, "", "", Some));
        let found = ended(&ran, 11, "rollback");
        let (said, full) = (String::from_utf8_lossy(&ran.stderr).into_owned(), size == 17);
        assert_eq!((files(&found).is_empty(), &found["evidence_full"]), (full, &Value::from(full)), "{size}");
        assert_eq!((said.contains("warning: 16 sets"), said.contains("keep these files")), (full, !full), "{said}");
    }
    let found = ended(&watch(&world, &log(2, 40, "", "", Some)), 10, "fork");
    assert_eq!((files(&found).len(), &found["evidence_full"]), (3, &Value::from(false)));
}

#[test]
fn a_signed_head_without_its_tiles_leaves_a_trace() {
    let world = World::new();
    ended(&watch(&world, &log(1, 30, "", "", Some)), 0, "first");
    let state = world.state();
    fn flipped(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
        bytes[0] ^= 1;
        Some(bytes)
    }
    let ran = watch(&world, &log(2, 40, "", "", |_| None));
    let missing = files(&ended(&ran, 13, "tile-missing"));
    assert!(String::from_utf8_lossy(&ran.stderr).contains("keep these files"));
    let read = |at: usize| fs::read_to_string(&missing[at]).unwrap();
    assert_eq!((missing.len(), read(0), read(1)), (2, head(1, 30), head(2, 40)));
    assert!(missing[0].contains("state.unproved-"));
    let hidden = files(&ended(&watch(&world, &log(2, 40, "", "", flipped)), 13, "tiles-false"));
    assert_eq!(hidden, missing, "the same head once");
    assert_eq!(world.state(), state, "the last good head is the one remembered");
    ended(&watch(&world, &log(2, 40, "", "", Some)), 10, "fork");
    ended(&watch(&world, &log(1, 50, "", "", Some)), 0, "grown");
}

#[test]
fn tiles_may_come_packed() {
    let world = World::new();
    ended(&watch(&world, &log(1, 10, "", "", Some)), 0, "first");
    fn packed(bytes: Vec<u8>) -> Option<Vec<u8>> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::default());
        packer.write_all(&bytes).unwrap();
        packer.finish().ok()
    }
    fn endless(_: Vec<u8>) -> Option<Vec<u8>> {
        packed(vec![0; 4 << 20])
    }
    fn cut(bytes: Vec<u8>) -> Option<Vec<u8>> {
        packed(bytes).map(|bytes| bytes[..bytes.len() / 2].to_vec())
    }
    for (coding, tile) in
        [("br", packed as fn(Vec<u8>) -> Option<Vec<u8>>), ("gzip", Some), ("gzip", endless), ("gzip", cut)]
    {
        ended(&watch(&world, &log(1, 30, "", coding, tile)), 70, "answer-not-understood");
    }
    ended(&watch(&world, &log(1, 30, "", "GZIP", packed)), 0, "grown");
    ended(&watch(&world, &log(1, 40, "", "identity", Some)), 0, "grown");
}
