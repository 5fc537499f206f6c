//! Packs that show some files only, and the packs of a selection in one archive.

use crate::house::{House, now};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Read;
use verifier::{Overall, Verdict, verify_pack};

const FILES: [(&str, &[u8]); 3] = [("un.txt", b"un"), ("deux.txt", b"deux"), ("trois.txt", b"trois")];

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.findings.iter().map(|line| line.code).collect()
}

#[test]
fn files_withheld_stay_out_and_the_pack_says_so() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let body = client.deposit_form("/v1/deposits?kind=file", &FILES, None).expect(201).json();
    let evidence = body["links"]["evidence"].as_str().unwrap();
    for sealed in [false, true] {
        if sealed {
            client.post("/v1/seals", "").expect(200);
        }
        let pack = client.get(&format!("{evidence}?files=1,3")).expect(200).bytes;
        let container = seal::Container::parse(&pack).unwrap();
        let names: Vec<&str> = container.names().collect();
        let shown = |name: &str| names.contains(&name);
        assert!(shown("files/001-un.txt") && shown("files/003-trois.txt") && !shown("files/002-deux.txt"));
        let described = ["001.json", "002.leaf", "003.json"];
        assert!(
            described.iter().all(|name| shown(&format!("unit/F/{name}"))) && !shown("unit/F/002.json"),
            "{names:?}"
        );
        // `E` names the files by their formats; nothing else does, and nobody tells its digest.
        let digest = proof::sha256(FILES[1].1).to_string();
        for name in names.iter().filter(|name| **name != "mimetype") {
            let member = container.read(name).unwrap();
            let tells = |what: &str| member.windows(what.len()).any(|bytes| bytes == what.as_bytes());
            assert!(!tells(&digest) && (*name == "unit/E.json" || !tells("deux.txt")), "{name}");
        }
        assert_eq!(shown("META-INF/evidencerecord004.ers"), sealed);
        assert!(!shown("META-INF/evidencerecord003.ers"), "that of file 2");
        let verdict = house.judge(&pack);
        let passed = if sealed { Overall::PassedTimestamped } else { Overall::PassedLogOnly };
        assert_eq!((verdict.verdict, verdict.reason), (passed, None));
        assert!(codes(&verdict).contains(&"entry-partly-shown"));
        assert_eq!(verdict.strict_exit_code(), 4, "a warning");
    }
    // What is asked for must be there, and be something.
    // A word that is not known could be a slip that shows more than was meant.
    assert_eq!(client.get(&format!("{evidence}?file=1")).expect(400).code(), "parameter-unreadable");
    for wrong in ["4", "0", "", "1,1", "1,+2", "x", "1,2,3,4"] {
        let refused = client.get(&format!("{evidence}?files={wrong}")).expect(400);
        assert_eq!((refused.code(), refused.json()["where"].as_str()), ("parameter-unreadable".into(), Some("files")));
    }
}

/// The members of a tar.
fn members(tar: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = tar::Archive::new(tar);
    let read = |entry: std::io::Result<tar::Entry<'_, &[u8]>>| {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (name, bytes)
    };
    archive.entries().unwrap().map(read).collect()
}

#[test]
fn the_packs_of_a_selection_come_in_one_archive_with_an_index() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let mut ids = Vec::new();
    for number in 0..5 {
        if number == 4 {
            client.post("/v1/seals", "").expect(200);
        }
        let name = format!("{number}.txt");
        let body = client.deposit(&name, name.as_bytes(), &[]).expect(201).json();
        ids.push(body["id"].as_str().unwrap().to_owned());
    }
    let asked = |body: Value| client.post("/v1/packs", &body.to_string());
    let answer = asked(json!({"ids": ids})).expect(200);
    assert_eq!(answer.header("content-type"), "application/x-tar");
    let found = members(&answer.bytes);
    assert_eq!(found.len(), 6);
    let index: Value = serde_json::from_slice(&found["index.json"]).unwrap();
    assert_eq!((&index["asked"], &index["given"]), (&5.into(), &5.into()));
    for (told, id) in index["packs"].as_array().unwrap().iter().zip(&ids) {
        let pack = &found[told["pack"].as_str().unwrap()];
        assert_eq!((told["id"].as_str(), told["bytes"].as_u64()), (Some(id.as_str()), Some(pack.len() as u64)));
        assert_eq!(told["sha256"], proof::sha256(pack).to_string());
        let verdict = verify_pack(pack, Some(&house.policy()), now());
        assert_eq!(told["verdict"], verdict.verdict.as_str());
        assert_eq!(pack, &client.get(&format!("/v1/deposits/{id}/evidence")).expect(200).bytes);
    }
    assert_eq!(index["packs"][4]["verdict"], "PASSED-LOG-ONLY");

    // One of which there is no such pack stands in the index alone.
    let found = members(&asked(json!({"ids": ids, "require": "sealed", "attestation": "none"})).expect(200).bytes);
    let index: Value = serde_json::from_slice(&found["index.json"]).unwrap();
    assert_eq!((found.len(), &index["given"], &index["packs"][4]["code"]), (5, &4.into(), &"seal-pending".into()));
}

#[test]
fn a_selection_is_refused_whole_before_anything_is_sent() {
    let house = House::new();
    let ((_, client), (_, other)) = (house.tenant(0), house.tenant(1));
    let mine = client.deposit("a.txt", b"a", &[]).expect(201).json()["id"].as_str().unwrap().to_owned();
    let theirs = other.deposit("a.txt", b"a", &[]).expect(201).json()["id"].as_str().unwrap().to_owned();
    let asked = |body: Value| client.post("/v1/packs", &body.to_string());
    assert_eq!(asked(json!({"ids": [mine, theirs]})).expect(404).code(), "not-found");
    let wrong = [
        json!({}),
        json!({"ids": []}),
        json!({"ids": [mine, mine]}),
        json!({"ids": [mine, 1]}),
        json!({"ids": vec![mine.clone(); 1001]}),
        json!({"ids": [mine], "attestation": "yes"}),
        json!({"ids": [mine], "require": "logged"}),
        json!({"ids": [mine], "require": 1}),
        json!({"ids": [mine], "attestation": true}),
        json!({"ids": [mine], "files": [1]}),
    ];
    for body in wrong {
        assert_eq!(asked(body).expect(400).code(), "parameter-unreadable");
    }
    asked(json!({"ids": [mine]})).expect(200);
}
