//! Signed notes, checkpoints, proofs: each text read and written again is the same text.

use proof::tlog_proof::{parse_hashes, write_hashes};
use proof::{Checkpoint, SignedNote, SigningKey, TlogProof, VerifierKey};

use super::{Target, text};
use crate::bugs::planted;
use crate::world::{ORIGIN, World};

pub const NOTE: Target = Target {
    name: "signed-note",
    max_len: 4096,
    check: note,
    seeds: note_seeds,
    words: &["\u{2014} ", "\n\n\u{2014} ", "archives.exemple.fr/log", "+", "\u{2003}", "\u{a0}"],
};

/// Texts the log's key has signed in the seeds, and nothing else.
const SIGNED: [&str; 3] = ["one line\n", "two\n\nparts\n", "archives.exemple.fr/log\n5\n\u{e9}\n"];

fn log_key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[3; 32]).unwrap()
}

fn note(data: &[u8]) {
    let Some(data) = text(data) else { return };
    if let Ok(key) = VerifierKey::parse(data) {
        assert_eq!(key.to_string(), data, "a key written again");
    }
    let Ok(note) = SignedNote::parse(data) else { return };
    assert_eq!(note.write(), data, "a note written again");
    assert!(!note.signatures.is_empty() && note.text.ends_with('\n'));
    if log_key().verifier_key().verify(&note).is_ok() {
        assert!(SIGNED.contains(&note.text.as_str()), "a text nobody signed: {:?}", note.text);
    }
    planted(|| note.signatures.len() == 2 && note.text.ends_with("\n\n"));
}

fn note_seeds(_: &World) -> Vec<Vec<u8>> {
    let keys = [log_key(), SigningKey::from_seed("temoin.exemple.fr/t1", &[4; 32]).unwrap()];
    let mut seeds = Vec::new();
    for signed in SIGNED {
        let [mut both, second] = [0, 1].map(|key| SignedNote::parse(&keys[key].sign(signed)).unwrap());
        seeds.push(both.write().into_bytes());
        both.signatures.extend(second.signatures);
        seeds.push(both.write().into_bytes());
    }
    seeds.extend(keys.iter().map(|key| key.verifier_key().to_string().into_bytes()));
    seeds
}

pub const CHECKPOINT: Target = Target {
    name: "checkpoint",
    max_len: 1024,
    check: checkpoint,
    seeds: checkpoint_seeds,
    words: &["archives.exemple.fr/log\n", "18446744073709551615", "18446744073709551616", "\n0\n", "=\n"],
};

fn checkpoint(data: &[u8]) {
    let Some(data) = text(data) else { return };
    let Ok(head) = Checkpoint::parse(data) else { return };
    assert_eq!(head.to_text(), data, "a checkpoint written again");
    assert!(!head.origin.is_empty() && head.extensions.iter().all(|line| !line.is_empty()));
    planted(|| head.extensions.len() == 2 && head.extensions[1].starts_with('#') && head.size.0 % 2 == 1);
}

fn checkpoint_seeds(archive: &World) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for size in 0..=archive.entries.len() as u64 {
        let mut head = Checkpoint::parse(&SignedNote::parse(&archive.checkpoint(size)).unwrap().text).unwrap();
        seeds.push(head.to_text().into_bytes());
        head.extensions = (0..size).map(|n| format!("extension {n}")).collect();
        seeds.push(head.to_text().into_bytes());
    }
    seeds
}

pub const TLOG_PROOF: Target = Target {
    name: "tlog-proof",
    max_len: 8192,
    check: tlog_proof,
    seeds: proof_seeds,
    words: &["c2sp.org/tlog-proof@v1\n", "extra ", "index ", "\n\n", "=\n", "18446744073709551615"],
};

fn tlog_proof(data: &[u8]) {
    let Some(data) = text(data) else { return };
    if let Some(hashes) = parse_hashes(data) {
        assert_eq!(write_hashes(&hashes), data, "a path written again");
    }
    let Ok(proof) = TlogProof::parse(data) else { return };
    assert_eq!(proof.write(), data, "a proof written again");
    if let Ok(note) = SignedNote::parse(&proof.checkpoint) {
        assert_eq!(note.write(), proof.checkpoint);
    }
    planted(|| proof.extra.is_some() && (10..20).contains(&proof.index.0));
}

fn proof_seeds(archive: &World) -> Vec<Vec<u8>> {
    let size = archive.entries.len() as u64;
    let mut seeds = Vec::new();
    for index in 0..archive.entries.len() {
        let mut proof = TlogProof::parse(&archive.receipt(index)).unwrap();
        seeds.push(proof.write().into_bytes());
        seeds.push(archive.receipt_in(index, size, archive.checkpoint(size)).into_bytes());
        seeds.push(write_hashes(&proof.path).into_bytes());
        proof.extra = Some(archive.entries[index].entry[..index * 7].to_vec());
        seeds.push(proof.write().into_bytes());
    }
    seeds
}
