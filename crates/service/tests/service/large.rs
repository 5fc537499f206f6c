//! Packs with documents that are not held in memory: the same packs, and nothing leaves that was not judged.

use crate::house::House;
use serde_json::{Value, json};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use verifier::Overall;

/// More than a pack holds in memory.
fn document() -> Vec<u8> {
    (0..6_000_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect()
}

/// The largest file of a directory, at any depth.
fn largest(place: &Path) -> PathBuf {
    let (mut places, mut found) = (vec![place.to_owned()], Vec::new());
    while let Some(place) = places.pop() {
        for entry in std::fs::read_dir(place).unwrap().map(Result::unwrap) {
            let kind = if entry.file_type().unwrap().is_dir() { &mut places } else { &mut found };
            kind.push(entry.path());
        }
    }
    found.into_iter().max_by_key(|path| path.metadata().unwrap().len()).unwrap()
}

#[test]
fn a_document_that_is_not_held_is_in_the_pack_as_it_was_deposited() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let document = document();
    let small = b"petit".to_vec();
    let body = client.deposit_form("/v1/deposits?kind=file", &[("petit.txt", &small), ("grand.bin", &document)], None);
    let body = body.expect(201).json();
    let (id, evidence) = (body["id"].as_str().unwrap(), body["links"]["evidence"].as_str().unwrap());
    for sealed in [false, true] {
        if sealed {
            client.post("/v1/seals", "").expect(200);
        }
        let answer = client.get(evidence).expect(200);
        let pack = answer.bytes.clone();
        assert_eq!(answer.header("content-length"), pack.len().to_string(), "known before it is sent");
        let container = seal::Container::parse(&pack).unwrap();
        assert!(container.read("files/002-grand.bin").unwrap() == document);
        assert_eq!(container.read("files/001-petit.txt").unwrap(), small);
        let verdict = house.judge(&pack);
        let passed = if sealed { Overall::PassedTimestamped } else { Overall::PassedLogOnly };
        assert_eq!((verdict.verdict, verdict.reason), (passed, None), "{:?}", verdict.findings);
        assert!(client.get(evidence).expect(200).bytes == pack, "the same bytes each time");

        let tar = client.post("/v1/packs", &json!({"ids": [id]}).to_string()).expect(200).bytes;
        let mut archive = tar::Archive::new(&tar[..]);
        let mut entries = archive.entries().unwrap().map(Result::unwrap);
        let mut read = || {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut entries.next().unwrap(), &mut bytes).unwrap();
            bytes
        };
        assert!(read() == pack);
        let index: Value = serde_json::from_slice(&read()).unwrap();
        assert_eq!(index["packs"][0]["sha256"], proof::sha256(&pack).to_string());
        assert_eq!(index["packs"][0]["bytes"], pack.len());
    }

    // A byte of what is stored: the pack is refused before any of it leaves; without the document it is given.
    let stored = largest(&house.data().join("store/ahead"));
    let file = std::fs::File::options().read(true).write(true).open(stored).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, 5_000_000).unwrap();
    file.write_all_at(&[byte[0] ^ 1], 5_000_000).unwrap();
    assert_eq!(client.get(evidence).expect(500).code(), "pack-not-verified");
    client.get(&format!("{evidence}?files=1")).expect(200);
}
