//! Vectors of other houses: transparency-dev probes, RFC 6962 reference roots, signed notes, a whole tessera log,
//! Wycheproof signatures. They stay outside the repository; where the folder is absent each test says so.
#![allow(missing_docs, clippy::unwrap_used)]

mod definition;

use definition::Definition;
use proof::merkle::{root, verify_consistency, verify_inclusion};
use proof::{Checkpoint, Hash, Index, Sha256Tree, SignedNote, TreeAlgorithm, TreeSize, VerifierKey};
use serde_json::Value;
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

fn folder(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures/tlog").join(name);
    if !path.exists() {
        println!("skipped: no fixture folder {name}");
        return None;
    }
    Some(path)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn json_files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(json_files(&path));
        } else if path.extension().is_some_and(|e| e == "json") {
            found.push(path);
        }
    }
    found
}

/// A hash as the probes write it; anything that is not 32 bytes cannot be one of ours, and is refused by type.
fn hash(value: &Value) -> Option<Hash> {
    Hash::from_slice(&decode_base64(value.as_str()?)?)
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    // Through a proof text, so that the test needs no other decoder.
    let wrapped = format!("c2sp.org/tlog-proof@v1\nextra {text}\nindex 0\n\nx\n");
    proof::TlogProof::parse(&wrapped).ok()?.extra
}

fn hashes(value: &Value) -> Option<Vec<Hash>> {
    value.as_array().map(Vec::as_slice).unwrap_or_default().iter().map(hash).collect()
}

#[test]
fn transparency_dev_inclusion_probes() {
    let Some(path) = folder("transparency-dev-merkle/inclusion") else {
        return;
    };
    let files = json_files(&path);
    assert!(files.len() >= 40, "{}", files.len());
    for file in files {
        let probe = json(&file);
        let verdict = (|| {
            let path = hashes(&probe["proof"])?;
            let size = TreeSize(probe["treeSize"].as_u64()?);
            let (leaf, root) = (hash(&probe["leafHash"])?, hash(&probe["root"])?);
            verify_inclusion::<Sha256Tree>(Index(probe["leafIdx"].as_u64()?), size, &leaf, &path, &root).ok()
        })();
        assert_eq!(verdict.is_none(), probe["wantErr"].as_bool().unwrap(), "{}", file.display());
    }
}

#[test]
fn transparency_dev_consistency_probes() {
    let Some(path) = folder("transparency-dev-merkle/consistency") else {
        return;
    };
    let files = json_files(&path);
    assert!(files.len() >= 40, "{}", files.len());
    for file in files {
        let probe = json(&file);
        let verdict = (|| {
            let path = hashes(&probe["proof"])?;
            let (old, new) = (TreeSize(probe["size1"].as_u64()?), TreeSize(probe["size2"].as_u64()?));
            let (old_root, new_root) = (hash(&probe["root1"])?, hash(&probe["root2"])?);
            verify_consistency::<Sha256Tree>(old, new, &old_root, &new_root, &path).ok()
        })();
        assert_eq!(verdict.is_none(), probe["wantErr"].as_bool().unwrap(), "{}", file.display());
    }
}

#[test]
fn reference_roots_of_rfc_6962() {
    let Some(path) = folder("rfc6962-reference/reference-tree.json") else {
        return;
    };
    let tree = json(&path);
    let inputs: Vec<_> = tree["leaf_inputs_hex"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| proof::hash::decode_hex(v.as_str().unwrap()).unwrap())
        .collect();
    let leaves: Vec<Hash> = inputs.iter().map(|data| Sha256Tree::leaf(data)).collect();
    for (leaf, expected) in leaves.iter().zip(tree["leaf_hashes_hex"].as_array().unwrap()) {
        assert_eq!(leaf.to_string(), expected.as_str().unwrap());
    }
    let roots = tree["root_hashes_hex_by_size"].as_array().unwrap();
    assert_eq!(roots.len(), 9);
    for (size, expected) in roots.iter().enumerate() {
        assert_eq!(root::<Sha256Tree>(&leaves[..size]).to_string(), expected.as_str().unwrap());
    }
}

#[test]
fn signed_notes_of_sumdb() {
    let Some(path) = folder("signed-note/go-sumdb-note.json") else {
        return;
    };
    let doc = json(&path);
    let key = |name: &str| VerifierKey::parse(doc["vkeys"][name].as_str().unwrap()).unwrap();
    let (peter, enoch) = (key("peter"), key("enoch"));
    let note = |name: &str| SignedNote::parse(doc[name].as_str().unwrap()).unwrap();
    let (one, both) = (note("signed_by_peter"), note("signed_by_both"));
    assert_eq!(one.text, doc["text"].as_str().unwrap());
    peter.verify(&one).unwrap();
    assert!(enoch.verify(&one).is_err());
    peter.verify(&both).unwrap();
    enoch.verify(&both).unwrap();
    assert_eq!(both.write(), doc["signed_by_both"].as_str().unwrap());
    for bad in doc["bad_vkeys"].as_array().unwrap() {
        assert!(VerifierKey::parse(bad.as_str().unwrap()).is_err(), "{bad}");
    }
    let vkey = doc["vkeys"]["peter"].as_str().unwrap();
    assert_eq!(peter.to_string(), vkey);
    for position in 0..vkey.len() {
        let mut altered = vkey.as_bytes().to_vec();
        altered[position] += 1;
        assert!(String::from_utf8(altered).map_or(true, |text| VerifierKey::parse(&text).is_err()), "{position}");
        assert!(VerifierKey::parse(&vkey[..position]).is_err());
        if position > 0 {
            assert!(VerifierKey::parse(&vkey[position..]).is_err());
        }
    }
    let line = doc["signed_by_peter"].as_str().unwrap().split_once("\n\n").unwrap().1;
    let repeated = |times: usize| format!("{}\n{}", one.text, line.repeat(times));
    assert!(SignedNote::parse(&repeated(100)).is_ok());
    assert!(SignedNote::parse(&repeated(101)).is_err());
    assert!(SignedNote::parse("abc (no final newline)").is_err());
}

#[test]
fn examples_of_the_c2sp_pages() {
    let Some(path) = folder("signed-note/c2sp-spec-examples.json") else {
        return;
    };
    let doc = json(&path);
    let key = VerifierKey::parse(doc["note"]["vkey"].as_str().unwrap()).unwrap();
    key.verify(&SignedNote::parse(doc["note"]["msg"].as_str().unwrap()).unwrap()).unwrap();
    let note = SignedNote::parse(doc["checkpoint_parse_only"].as_str().unwrap()).unwrap();
    assert_eq!(note.signatures.len(), 2);
    let checkpoint = Checkpoint::parse(&note.text).unwrap();
    assert_eq!((checkpoint.origin.as_str(), checkpoint.size), ("example.com/behind-the-sofa", TreeSize(20_852_163)));
    assert_eq!(checkpoint.to_text(), note.text);
}

#[test]
fn a_whole_tessera_log_from_entries_to_signature() {
    let Some(path) = folder("tessera-tlog-tiles-log/log") else {
        return;
    };
    let vkey = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
    let key = VerifierKey::parse(vkey).unwrap();
    let bundle = fs::read(path.join("tile/entries/000.p/15")).unwrap();
    let mut rest = &bundle[..];
    let mut leaves = Vec::new();
    while let Some((length, tail)) = rest.split_first_chunk::<2>() {
        let (data, tail) = tail.split_at(usize::from(u16::from_be_bytes(*length)));
        leaves.push(Sha256Tree::leaf(data));
        rest = tail;
    }
    assert_eq!(leaves.len(), 15);
    let tile = fs::read(path.join("tile/0/000.p/15")).unwrap();
    assert_eq!(tile, leaves.iter().flat_map(|hash| hash.0).collect::<Vec<u8>>());
    let mut tree = Definition::<Sha256Tree>::new(leaves.clone());
    for size in 1..=15u64 {
        let note = SignedNote::parse(&fs::read_to_string(path.join(format!("checkpoint.{size}"))).unwrap()).unwrap();
        key.verify(&note).unwrap();
        let checkpoint = Checkpoint::parse(&note.text).unwrap();
        assert_eq!(checkpoint.size, TreeSize(size));
        assert_eq!(checkpoint.root, root::<Sha256Tree>(&leaves[..size as usize]));
        for index in 0..size {
            let path = tree.path(index as usize, 0, size as usize);
            let leaf = &leaves[index as usize];
            verify_inclusion::<Sha256Tree>(Index(index), TreeSize(size), leaf, &path, &checkpoint.root).unwrap();
        }
        let altered = SignedNote { text: note.text.replacen("\n1", "\n2", 1), ..note.clone() };
        assert_eq!(key.verify(&altered).is_ok(), altered.text == note.text);
    }
}

/// The signatures of Wycheproof that we accept, by `tcId`; the other 63 of the 151 are refused.
const WYCHEPROOF_ACCEPTED: [RangeInclusive<u64>; 3] = [1..=9, 71..=84, 86..=150];
/// Where our verdict is not that of the vector itself: `tcId`, ours, why. None: its keys are all of prime order and in their one
/// encoding. Where strict rules say more than these vectors ask, `strict.rs` has the cases.
const WYCHEPROOF_DIFFERENT: [(u64, bool, &str); 0] = [];

#[test]
fn wycheproof_signatures_under_the_strict_rules() {
    let Some(path) = folder("wycheproof/ed25519_test.json") else {
        return;
    };
    let mut counted = 0;
    for group in json(&path)["testGroups"].as_array().unwrap() {
        let bytes = proof::hash::decode_hex(group["publicKey"]["pk"].as_str().unwrap()).unwrap();
        let key = VerifierKey::from_public("wycheproof", &bytes.try_into().unwrap()).unwrap();
        for test in group["tests"].as_array().unwrap() {
            let decode = |name: &str| proof::hash::decode_hex(test[name].as_str().unwrap()).unwrap();
            let id = test["tcId"].as_u64().unwrap();
            let ours = key.verify_bytes(&decode("msg"), &decode("sig"));
            assert_eq!(ours, WYCHEPROOF_ACCEPTED.iter().any(|range| range.contains(&id)), "{id}");
            let different = WYCHEPROOF_DIFFERENT.iter().find(|(other, _, _)| *other == id);
            assert_eq!(ours, different.map_or(test["result"] == "valid", |(_, verdict, _)| *verdict), "{id}");
            counted += 1;
        }
    }
    assert_eq!(counted, 151);
}
