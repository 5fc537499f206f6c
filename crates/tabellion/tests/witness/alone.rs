//! A witness without a log of ours: each status over the socket, what refuses to start, and SIGKILL at any moment.

use crate::programs::{Running, Witness, agent};
use proof::merkle::root;
use proof::{Checkpoint, Hash, Sha256Tree, SignedNote, SigningKey, TreeAlgorithm, TreeSize};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;
use watch::{AddCheckpoint, CosignerKey};

const ORIGIN: &str = "example.com/log";

pub fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[5; 32]).unwrap()
}

/// Leaves of a history; two of them part at leaf 3.
fn leaves(history: u8, size: u64) -> Vec<Hash> {
    (0..size).map(|n| Sha256Tree::leaf(&[n as u8, (n >> 8) as u8, if n < 3 { 0 } else { history }])).collect()
}

pub fn head(history: u8, size: u64) -> String {
    let root = root::<Sha256Tree>(&leaves(history, size));
    key().sign(&Checkpoint { origin: ORIGIN.into(), size: TreeSize(size), root, extensions: Vec::new() }.to_text())
}

pub fn request(history: u8, old: u64, new: u64) -> AddCheckpoint {
    let path = if old == 0 { Vec::new() } else { consistency(old as usize, &leaves(history, new), true) };
    AddCheckpoint { old: TreeSize(old), path, checkpoint: head(history, new) }
}

/// RFC 6962 §2.1.2, over leaves at hand.
fn consistency(old: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if whole { Vec::new() } else { vec![root::<Sha256Tree>(leaves)] };
    }
    let split = leaves.len().next_power_of_two() / 2;
    let (left, right) = leaves.split_at(split);
    if old <= split {
        [consistency(old, left, whole), vec![root::<Sha256Tree>(right)]].concat()
    } else {
        [consistency(old - split, right, false), vec![root::<Sha256Tree>(left)]].concat()
    }
}

/// Status, media type, body.
pub fn post(url: &str, body: &[u8]) -> Option<(u16, String, String)> {
    let mut answer = agent().post(&format!("{url}/add-checkpoint")).send(body).ok()?;
    let kind = answer.headers().get("content-type").map_or("", |kind| kind.to_str().unwrap()).to_owned();
    Some((answer.status().as_u16(), kind, answer.body_mut().read_to_string().ok()?))
}

pub fn shown(url: &str, request: &AddCheckpoint) -> (u16, String, String) {
    post(url, request.write().as_bytes()).unwrap()
}

#[test]
fn each_status_is_answered_as_the_specification_says() {
    let place = TempDir::new().unwrap();
    let mut witness = Witness::new(place.path(), "w");
    witness.start(&key().verifier_key().to_string());
    let url = witness.url();
    let public = CosignerKey::parse(&witness.vkey).unwrap();
    let monitored = format!("{url}/{}/checkpoint", proof::sha256(ORIGIN.as_bytes()));
    let monitor = || {
        let mut answer = agent().get(&monitored).call().unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    };
    assert_eq!(monitor().0, 404);
    let told = |answer: (u16, String, String)| (answer.0, answer.2);

    // Nothing known: any old size but 0 is told 0.
    assert_eq!(shown(&url, &request(1, 2, 4)), (409, "text/x.tlog.size".into(), "0\n".into()));
    let (status, _, lines) = shown(&url, &request(1, 0, 4));
    assert_eq!(status, 200);
    let note = SignedNote::parse(&(head(1, 4) + &lines)).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let at = public.verify(&note).unwrap();
    assert!(at.0.abs_diff(now) < 60 && note.signatures.len() == 2);
    // Shown again: cosigned again, the same head.
    assert_eq!(shown(&url, &request(1, 4, 4)).0, 200);
    assert_eq!(shown(&url, &request(1, 0, 6)), (409, "text/x.tlog.size".into(), "4\n".into()));
    assert_eq!(shown(&url, &request(1, 4, 9)).0, 200);
    let (status, latest) = monitor();
    let latest = SignedNote::parse(&latest).unwrap();
    assert_eq!((status, latest.signatures.len()), (200, 2));
    assert!(public.verify(&latest).is_ok() && key().verifier_key().verify(&latest).is_ok());

    let code = |answer: (u16, String, String)| {
        let json: serde_json::Value = serde_json::from_str(&answer.2).unwrap();
        (answer.0, json["code"].as_str().unwrap().to_owned())
    };
    let says = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(code(shown(&url, &request(2, 9, 9))), says(409, "witness-other-root"));
    assert_eq!(code(shown(&url, &request(2, 9, 12))), says(422, "witness-not-a-continuation"));
    let beyond = AddCheckpoint { old: TreeSize(10), path: Vec::new(), checkpoint: head(1, 9) };
    assert_eq!(code(shown(&url, &beyond)), says(400, "witness-old-size-beyond"));
    let foreign = AddCheckpoint { checkpoint: head(1, 12).replace(ORIGIN, "example.com/other"), ..request(1, 9, 12) };
    assert_eq!(code(shown(&url, &foreign)), says(404, "witness-log-unknown"));
    let stranger = SigningKey::from_seed(ORIGIN, &[6; 32]).unwrap();
    let text = SignedNote::parse(&head(1, 12)).unwrap().text;
    let unsigned = AddCheckpoint { checkpoint: stranger.sign(&text), ..request(1, 9, 12) };
    assert_eq!(code(shown(&url, &unsigned)), says(403, "witness-head-not-signed"));
    for body in [&b""[..], b"old 9\n", b"\xff\xfe", b"old 9\n\nx\n"] {
        assert_eq!(code(post(&url, body).unwrap()), says(400, "witness-request-unreadable"), "{body:?}");
    }
    let large = vec![b'x'; watch::limits::REQUEST_BYTES + 1];
    assert_eq!(code(post(&url, &large).unwrap()), says(413, "body-too-large"));
    assert_eq!(told(shown(&url, &request(1, 0, 9))), (409, "9\n".to_owned()), "nothing of this moved it");

    // Two pieces of evidence, each once however often it is shown.
    shown(&url, &request(2, 9, 9));
    let evidence = std::fs::read_to_string(witness.dir.join("evidence.jsonl")).unwrap();
    let codes: Vec<String> = evidence
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["code"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(codes, ["two-roots-of-one-size", "not-a-continuation"]);

    // A restart forgets nothing.
    witness.kill();
    witness.start(&key().verifier_key().to_string());
    assert_eq!(shown(&url, &request(1, 0, 9)), (409, "text/x.tlog.size".into(), "9\n".into()));
    assert_eq!(code(shown(&url, &request(2, 9, 9))), says(409, "witness-other-root"));
}

#[test]
fn what_could_make_a_witness_forget_refuses_to_start() {
    let place = TempDir::new().unwrap();
    let mut witness = Witness::new(place.path(), "w");
    let log = key().verifier_key().to_string();
    let serve = |dir: &Path, more: &[&str]| {
        let mut arguments =
            vec!["witness", "serve", "--lang", "en", "--dir", dir.to_str().unwrap(), "--listen", "127.0.0.1:0"];
        arguments.extend(more);
        let ran = Command::new(env!("CARGO_BIN_EXE_tabellion")).args(arguments).output().unwrap();
        (ran.status.code().unwrap(), String::from_utf8(ran.stderr).unwrap())
    };
    let refused = |more: &[&str], exit: i32, code: &str| {
        let (status, said) = serve(&place.path().join("w"), more);
        assert!(status == exit && said.contains(code), "{status} {said}");
        said
    };
    let known = ["--log", log.as_str()];
    refused(&[], 1, "configuration-refused");
    refused(&["--log", &witness.vkey], 1, "configuration-refused");
    let (status, said) = serve(&place.path().join("nowhere"), &known);
    assert!(status == 1 && said.contains("witness-not-initialised"), "{said}");
    let policy = place.path().join("logs.policy");
    std::fs::write(&policy, "quorum none\n").unwrap();
    refused(&["--policy", policy.to_str().unwrap()], 1, "configuration-refused");

    let secret = witness.dir.join("witness.key");
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o644)).unwrap();
    refused(&known, 1, "key-refused");
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();

    // Two processes over one state would be no one step.
    witness.start(&log);
    refused(&known, 1, "witness-served");
    shown(&witness.url(), &request(1, 0, 4));
    witness.kill();

    let state = witness.dir.join("state");
    let whole = std::fs::read(&state).unwrap();
    for bytes in [&whole[..whole.len() - 1], &whole.to_ascii_lowercase(), b""] {
        std::fs::write(&state, bytes).unwrap();
        assert!(refused(&known, 70, "witness-state").contains("new key"));
    }
    std::fs::remove_file(&state).unwrap();
    refused(&known, 70, "witness-state");
    std::fs::write(&state, whole).unwrap();
    // What a crash left beside it is nobody's.
    std::fs::write(state.with_extension("new"), b"half").unwrap();
    std::fs::write(&policy, format!("log {log}\nquorum none\n")).unwrap();
    let dir = witness.dir.to_str().unwrap();
    let arguments = ["witness", "serve", "--dir", dir, "--listen", "127.0.0.1:0", "--policy", policy.to_str().unwrap()];
    let running = Running::start(&arguments, &witness.said()).unwrap();
    assert_eq!(shown(&running.url, &request(1, 0, 4)).2, "4\n");
    // It is made of little: no store is opened.
    let status = std::fs::read_to_string(format!("/proc/{}/status", running.pid())).unwrap();
    let resident =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    println!("a witness holds {} kB in memory", resident.unwrap());
    assert!(resident.unwrap() < 64 << 10);
    let again =
        Command::new(env!("CARGO_BIN_EXE_tabellion")).args(["witness", "init", "--dir", dir, "--name", "x"]).output();
    assert_eq!(again.unwrap().status.code(), Some(1), "a witness is never made over another");
}

/// Two clients show two histories at once, while the witness is killed again and again: one size never bears two cosigned roots.
#[test]
fn a_witness_killed_at_any_moment_never_cosigns_two_roots_of_one_size() {
    let place = TempDir::new().unwrap();
    let mut witness = Witness::new(place.path(), "w");
    let log = key().verifier_key().to_string();
    let public = CosignerKey::parse(&witness.vkey).unwrap();
    let mut cosigned: BTreeMap<u64, String> = BTreeMap::new();
    let (mut largest, mut round) = (0, 0u64);
    // A slow machine kills it more often, until it has come as far.
    while round < 25 || (largest <= 30 && round < 1000) {
        round += 1;
        witness.start(&log);
        let url = witness.url();
        let clients = [1u8, 2].map(|history| {
            let url = url.clone();
            std::thread::spawn(move || climb(&url, history, largest))
        });
        std::thread::sleep(Duration::from_millis(3 + (round * 7919) % 60));
        witness.kill();
        for note in clients.into_iter().flat_map(|client| client.join().unwrap()) {
            assert!(public.verify(&note).is_ok());
            let size = Checkpoint::parse(&note.text).unwrap().size.0;
            largest = largest.max(size);
            let before = cosigned.entry(size).or_insert_with(|| note.text.clone());
            assert_eq!(*before, note.text, "two roots of size {size}");
        }
    }
    println!("{} heads cosigned through {round} kills", cosigned.len());
    assert!(largest > 30, "the witness was killed before it did anything: {largest}");
}

/// Asks for one head after the other until nobody answers; what was cosigned.
fn climb(url: &str, history: u8, from: u64) -> Vec<SignedNote> {
    let (mut notes, mut old) = (Vec::new(), from);
    for _ in 0..400 {
        let asked = request(history, old, old + 1);
        let Some((status, _, body)) = post(url, asked.write().as_bytes()) else { return notes };
        match status {
            200 => {
                notes.push(SignedNote::parse(&(asked.checkpoint + &body)).unwrap());
                old += 1;
            }
            // The other history is ahead, or has won: follow the size, and try to have ours cosigned there.
            409 => old = body.trim().parse().unwrap_or(old + 1),
            _ => {
                let same = request(history, old, old);
                if let Some((200, _, body)) = post(url, same.write().as_bytes()) {
                    notes.push(SignedNote::parse(&(same.checkpoint + &body)).unwrap());
                }
            }
        }
    }
    notes
}
