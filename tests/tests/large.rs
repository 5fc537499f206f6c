//! A pack with a document larger than what any program may hold: made, judged, given, kept and verified by the real programs, each within
//! its bound.
#![allow(missing_docs, clippy::unwrap_used)]

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tests::published::{House, program};

const DOCUMENT: u64 = 300 << 20;
/// What the packs of it may add to the most that the server ever held.
const SERVER: u64 = 100 << 20;
/// All that the verifier may have, its code included, in KiB.
const VERIFIER_KIB: u64 = 160 << 10;

/// A document that nothing compresses, no two pieces of it alike.
fn document(place: &Path) {
    let mut file = File::create(place).unwrap();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut piece = Vec::with_capacity(1 << 20);
    for _ in 0..DOCUMENT >> 20 {
        piece.clear();
        while piece.len() < 1 << 20 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            piece.extend(state.to_le_bytes());
        }
        file.write_all(&piece).unwrap();
    }
}

fn done(output: Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// Exit code of the verifier, which is given so much memory and no more, and what it said.
fn verified(house: &House, pack: &Path) -> (Option<i32>, String) {
    let script = format!("ulimit -v {VERIFIER_KIB} && exec \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, "sh"]).arg(program("tabellion-verify").unwrap()).arg(pack);
    let output = command.arg("--policy").arg(house.policy()).args(["--format", "json"]).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

fn same(one: &Path, other: &Path) -> bool {
    let open = |path: &Path| BufReader::with_capacity(1 << 20, File::open(path).unwrap()).bytes();
    let sizes = [one, other].map(|path| path.metadata().unwrap().len());
    sizes[0] == sizes[1] && open(one).map(Result::unwrap).eq(open(other).map(Result::unwrap))
}

/// Where the document begins in the pack.
fn begins(pack: &Path) -> u64 {
    let mut head = vec![0; 4096];
    File::open(pack).unwrap().read_exact(&mut head).unwrap();
    let name = b"files/001-grand.bin";
    (head.windows(name.len()).position(|window| window == name).unwrap() + name.len()) as u64
}

#[test]
fn a_document_of_300_mib_goes_through_every_program_in_bounded_memory() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    let mut house = House::open(&at("house"), "essai.exemple.fr/grand").unwrap();
    let text = |path: &Path| path.display().to_string();
    house.deposit(1, "petit").unwrap();
    document(&at("grand.bin"));
    done(house.client(&["deposit", "--kind", "file", &text(&at("grand.bin"))]).unwrap());
    house.seal().unwrap();
    let list: Value = serde_json::from_slice(&house.ask("/v1/deposits?limit=200").unwrap().1).unwrap();
    let ids = list["items"].as_array().unwrap().iter().filter(|item| item["kind"] == "deposit").collect::<Vec<_>>();
    let ids: Vec<&str> = ids.iter().filter_map(|item| item["id"].as_str()).collect();
    let [small, large] = ids[..] else { panic!("{list}") };
    // Begun again: what the deposit took, or any pack takes, is not counted.
    house.stop().unwrap();
    house.start().unwrap();
    done(house.client(&["pack", small, "-o", &text(&at("petit.asice"))]).unwrap());
    let before = house.peak().unwrap();

    let (pack, again) = (at("grand.asice"), at("encore.asice"));
    done(house.client(&["pack", large, "-o", &text(&pack)]).unwrap());
    done(house.client(&["pack", large, "-o", &text(&again)]).unwrap());
    assert!(same(&pack, &again), "the same bytes each time");
    done(house.client(&["pack", small, large, "-o", &text(&at("tous.tar"))]).unwrap());
    let more = house.peak().unwrap().saturating_sub(before);
    println!("a pack of {} bytes: the server held at most {} KiB more", pack.metadata().unwrap().len(), more >> 10);
    assert!(more < SERVER, "{more} bytes more");

    let (code, said) = verified(&house, &pack);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("same-bytes") && said.contains("PASSED-TIMESTAMPED"), "{said}");
    // The pack of the selection is that one.
    let (mut tar, mut held) = (File::open(at("tous.tar")).unwrap(), vec![0; 1 << 16]);
    tar.seek(SeekFrom::End(-(1 << 16))).unwrap();
    tar.read_exact(&mut held).unwrap();
    let digest = done(Command::new("sha256sum").arg(&pack).output().unwrap());
    let digest = digest.split_whitespace().next().unwrap();
    assert!(String::from_utf8_lossy(&held).contains(digest), "the index names the pack by its digest");

    // One byte of the document, in its middle.
    let (file, middle) = (File::options().read(true).write(true).open(&pack).unwrap(), begins(&pack) + DOCUMENT / 2);
    let mut byte = [0];
    file.read_exact_at(&mut byte, middle).unwrap();
    file.write_all_at(&[byte[0] ^ 1], middle).unwrap();
    let (code, said) = verified(&house, &pack);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("member-altered") && said.contains("files/001-grand.bin"), "{said}");
}
