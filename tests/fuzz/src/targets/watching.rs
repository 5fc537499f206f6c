//! What those who watch a log exchange: cosignatures, their policies, requests to witnesses, paths of tiles.

use std::path::Path;
use std::sync::LazyLock;

use proof::tlog_proof::parse_hashes;
use proof::{Checkpoint, Hash, SignedNote, SigningKey, TreeSize};
use watch::tile::TileKind;
use watch::witness::{Known, judge};
use watch::{AddCheckpoint, CosignerKey, CosigningKey, TilePath, TlogPolicy, UnixSeconds};

use super::{Target, text};
use crate::bugs::planted;
use crate::roles;
use crate::world::{ORIGIN, World};

/// The moment of every cosignature in the seeds.
const MOMENT: UnixSeconds = UnixSeconds(1_795_435_200);

fn witness(number: u8) -> CosigningKey {
    CosigningKey::from_seed(&format!("temoin.exemple.fr/t{number}"), &[0x20 + number; 32]).unwrap()
}

/// The head, with the cosignatures of these witnesses under the log's line.
fn cosigned(head: &str, by: &[u8]) -> String {
    let mut note = SignedNote::parse(head).unwrap();
    let lines = by.iter().map(|number| witness(*number).cosign(&note.text, MOMENT).unwrap());
    note.signatures.extend(lines.collect::<Vec<_>>());
    note.write()
}

pub const COSIGNATURE: Target = Target {
    name: "cosignature",
    max_len: 4096,
    check: cosignature,
    seeds: cosignature_seeds,
    words: &["\u{2014} temoin.exemple.fr/t1 ", "\u{2014} temoin.exemple.fr/t2 ", "+", "\n\n"],
};

fn cosignature(data: &[u8]) {
    let Some(data) = text(data) else { return };
    if let Ok(key) = CosignerKey::parse(data) {
        assert_eq!(key.to_string(), data, "a key written again");
    }
    if let Ok(lines) = watch::cosignature::parse_lines(data) {
        let note = SignedNote { text: "x\n".to_owned(), signatures: lines };
        assert!(data.is_empty() || note.write() == format!("x\n\n{data}"), "lines written again");
    }
    let Ok(note) = SignedNote::parse(data) else { return };
    for key in [1, 2].map(witness) {
        let said = key.cosigner_key().verify(&note);
        if let Ok(at) = &said {
            assert_eq!(*at, MOMENT, "a moment nobody stated");
            let head = Checkpoint::parse(&note.text).expect("only checkpoints were cosigned");
            assert_eq!((head.origin.as_str(), head.extensions.len()), (ORIGIN, 0), "a head nobody cosigned");
        }
        let line = note.signatures.iter().find(|line| key.cosigner_key().names(line));
        assert_eq!(line.is_none(), matches!(said, Err(proof::note::NoteError::NotSigned { .. })));
        // Shorter than any cosignature.
        planted(|| line.is_some_and(|line| line.signature.len() < 72));
    }
}

fn cosignature_seeds(archive: &World) -> Vec<Vec<u8>> {
    let heads: Vec<String> = (1..=3).map(|size| archive.checkpoint(size)).collect();
    let by: [&[u8]; 4] = [&[1], &[2], &[1, 2], &[2, 3, 1]];
    let mut seeds: Vec<Vec<u8>> = heads.iter().flat_map(|head| by.map(|by| cosigned(head, by).into_bytes())).collect();
    let lines = |head: &String| cosigned(head, &[1, 2]).split("\n\n").nth(1).unwrap().as_bytes().to_vec();
    seeds.extend(heads.iter().map(lines));
    seeds.extend([1, 2].map(|number| witness(number).cosigner_key().to_string().into_bytes()));
    seeds
}

pub const TLOG_POLICY: Target = Target {
    name: "tlog-policy",
    max_len: 8192,
    check: tlog_policy,
    seeds: policy_seeds,
    words: &[
        "log ", "witness ", "group ", "quorum ", "none", " all ", " any ", " 2 ", "W1", "W2", "W3", "G1", "#", "\t",
    ],
};

fn tlog_policy(data: &[u8]) {
    let Some(data) = text(data) else { return };
    let first = TlogPolicy::parse(data);
    assert_eq!(TlogPolicy::parse(data), first, "read twice, read alike");
    let Ok(policy) = first else { return };
    let asks = policy.asks();
    let nobody = policy.witnessed(&SignedNote { text: "x\n".to_owned(), signatures: Vec::new() }, "").unwrap();
    assert!(policy.holds(&|_| true), "what all have cosigned is cosigned");
    assert_eq!(policy.holds(&|_| false), !asks, "nobody is enough only where nobody is asked");
    assert_eq!((nobody.met, nobody.witnesses.len()), (!asks, policy.witnesses.len()));
    for silent in 0..policy.witnesses.len() {
        // One witness more never makes a met quorum unmet.
        let without = policy.holds(&|at| at < silent);
        assert!(!without || policy.holds(&|at| at <= silent));
    }
    planted(|| policy.logs.len() == 1 && policy.witnesses.len() == 4);
}

/// Two logs, four witnesses, groups of groups.
pub fn policy_text() -> String {
    let key = |number| witness(number).cosigner_key().to_string();
    let log = |seed| SigningKey::from_seed(ORIGIN, &[seed; 32]).unwrap().verifier_key().to_string();
    format!(
        "# a comment\nlog {} https://{ORIGIN}\nlog\t{}\n\nwitness W1 {}\nwitness W2 {} https://temoin.exemple.fr/\n\
         witness W3 {}\n  witness W4 {}\ngroup G1 2 W1 W2 W3\ngroup G2 any G1\ngroup G3 all G2 W4\nquorum G3\n",
        log(3),
        log(8),
        key(1),
        key(2),
        key(3),
        key(4)
    )
}

fn policy_seeds(_: &World) -> Vec<Vec<u8>> {
    let text = policy_text();
    let single = format!("witness W1 {}\nquorum W1\n", witness(1).cosigner_key());
    let mut seeds = vec![text.clone(), single, "quorum none\n".to_owned()];
    for (from, to) in [("2 W1", "all W1"), ("any", "1"), ("quorum G3", "quorum G1"), ("quorum G3", "quorum none")] {
        seeds.push(text.replace(from, to));
    }
    seeds.into_iter().map(String::into_bytes).collect()
}

pub const REQUEST: Target = Target {
    name: "add-checkpoint",
    max_len: 8192,
    check: request,
    seeds: request_seeds,
    words: &["old ", "old 0\n\n", "\n\n", "=\n", "18446744073709551615\n"],
};

fn request(data: &[u8]) {
    let Some(data) = text(data) else { return };
    let Ok(request) = AddCheckpoint::parse(data) else { return };
    assert_eq!(request.write(), data, "a request written again");
    let written = proof::tlog_proof::write_hashes(&request.path);
    assert_eq!(parse_hashes(&written).as_ref(), Some(&request.path));
    let head = SignedNote::parse(&request.checkpoint).ok().and_then(|note| Checkpoint::parse(&note.text).ok());
    // Whatever a witness knows, it cosigns only heads of the log it knows.
    let known = HEADS.iter().find(|head| head.size == request.old).copied().unwrap_or_else(Known::nothing);
    if let Ok(head) = judge(&request, &[log_key().verifier_key().clone()], &|_| known) {
        let told = Known { size: head.checkpoint.size, root: head.checkpoint.root };
        assert!(HEADS.contains(&told) && told.size >= request.old, "a head the log never signed: {told:?}");
    }
    planted(|| head.is_some_and(|head| head.size == request.old && !request.path.is_empty()));
}

/// The heads that the log of the seeds has had, a line each: size and root.
static HEADS: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let text = std::fs::read_to_string(Path::new(&roles::place()).join("archive").join("heads")).unwrap();
    let head = |line: &str| {
        let (size, root) = line.split_once(' ').unwrap();
        Known { size: TreeSize(size.parse().unwrap()), root: Hash::from_hex(root).unwrap() }
    };
    text.lines().map(head).collect()
});

/// Writes the heads of the archive.
pub fn write_heads(folder: &Path, archive: &World) {
    let head = |size| Checkpoint::parse(&SignedNote::parse(&archive.checkpoint(size)).unwrap().text).unwrap();
    let lines = (0..=archive.entries.len() as u64).map(|size| format!("{size} {}\n", head(size).root));
    std::fs::write(folder.join("heads"), lines.collect::<String>()).unwrap();
}

fn log_key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[3; 32]).unwrap()
}

fn request_seeds(archive: &World) -> Vec<Vec<u8>> {
    let largest = archive.entries.len() as u64;
    let mut seeds = Vec::new();
    for new in 1..=largest {
        for old in 0..=new {
            let (path, checkpoint) = (archive.consistency(old, new), cosigned(&archive.checkpoint(new), &[1]));
            seeds.push(AddCheckpoint { old: TreeSize(old), path, checkpoint }.write().into_bytes());
        }
    }
    seeds
}

pub const TILE_PATH: Target = Target {
    name: "tile-path",
    max_len: 96,
    check: tile_path,
    seeds: tile_seeds,
    words: &["tile/", "tile/entries/", ".p/", "/x", "x000/", "000", "999", "255", "256", "63", "64"],
};

fn tile_path(data: &[u8]) {
    let Some(data) = text(data) else { return };
    let Ok(path) = TilePath::parse(data) else { return };
    assert_eq!(path.to_string(), data, "a path written again");
    assert!((1..=256).contains(&path.width));
    assert_eq!(TilePath::parse(&path.whole().to_string()), Ok(path.whole()));
    planted(|| (10..100).contains(&path.width) && path.index == 7);
}

fn tile_seeds(_: &World) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for index in [0, 7, 999, 1000, 1_234_067, u64::MAX] {
        for width in [1, 255, 256] {
            let kinds = [TileKind::Hashes(0), TileKind::Hashes(63), TileKind::Entries];
            seeds.extend(kinds.map(|kind| TilePath { kind, index, width }.to_string().into_bytes()));
        }
    }
    seeds
}
