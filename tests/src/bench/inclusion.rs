//! One inclusion proof in a tree of 2^30 leaves: from the receipt's text to "it is in the log", beside its hashes and its one signature
//! check done bare, in the same run, one after the other.

use super::row::{Aim, Row};
use proof::leaf::ENTRY_BYTES;
use proof::merkle::verify_inclusion;
use proof::{
    Checkpoint, Hash, Index, Sha256Tree, SignedNote, SigningKey, TlogProof, TreeAlgorithm, TreeSize, VerifierKey,
};
use sha2::{Digest, Sha256};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// What the whole may cost, in times of its hashes and its signature check.
pub const AIM: f64 = 1.2;
const LEVELS: usize = 30;
const INDEX: u64 = 0x2aaa_aaaa;
const ORIGIN: &str = "archives.example/log";

/// A receipt, and what its check needs.
struct Receipt {
    text: String,
    leaf_data: [u8; ENTRY_BYTES],
    key: VerifierKey,
    /// The same, taken apart: what a check cannot do without.
    bare: Bare,
}

struct Bare {
    path: Vec<[u8; 32]>,
    message: Vec<u8>,
    signature: ed25519_dalek::Signature,
    key: ed25519_dalek::VerifyingKey,
}

/// Medians of many rounds.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Rounds.
    pub rounds: usize,
    /// From the text to the verdict.
    pub whole: Duration,
    /// 31 hashes and one strict signature check.
    pub bare: Duration,
    /// The 31 hashes alone.
    pub hashes: Duration,
}

impl Cost {
    /// What the whole costs, in times of the bare.
    pub fn ratio(&self) -> f64 {
        self.whole.as_secs_f64() / self.bare.as_secs_f64()
    }

    /// The row of the table.
    pub fn row(&self) -> Row {
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        let name = format!("check of an inclusion proof in 2^{LEVELS}, from text to verdict");
        let row = Row::new(name, "µs", micros(self.whole), Aim::RatioMost(AIM));
        row.beside("its hashes and one strict signature check", micros(self.bare))
    }

    /// The numbers in words.
    pub fn words(&self) -> String {
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        format!(
            "inclusion in a tree of 2^{LEVELS}: {:.1} µs from text to verdict, {:.1} µs for its {} hashes ({:.1} µs) and one strict \
             signature check; ratio {:.3}, at most {AIM:.1} (medians of {} rounds)",
            micros(self.whole),
            micros(self.bare),
            LEVELS + 1,
            micros(self.hashes),
            self.ratio(),
            self.rounds,
        )
    }
}

/// The cost, measured over that many rounds.
///
/// # Panics
/// A true receipt is refused.
pub fn measure(rounds: usize) -> Cost {
    let receipt = receipt();
    let (mut whole, mut bare, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
    // Who goes first changes at each round: neither side always finds the other's caches.
    for round in 0..rounds {
        if round % 2 == 0 {
            whole.push(timed(|| assert!(verified(black_box(&receipt)))));
        }
        hashes.push(timed(|| {
            black_box(bare_hashes(black_box(&receipt)));
        }));
        bare.push(timed(|| {
            black_box(bare_hashes(black_box(&receipt)));
            assert!(bare_signature(black_box(&receipt.bare)));
        }));
        if round % 2 == 1 {
            whole.push(timed(|| assert!(verified(black_box(&receipt)))));
        }
    }
    Cost { rounds, whole: middle(whole), bare: middle(bare), hashes: middle(hashes) }
}

/// How long this took.
pub(super) fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The median.
pub(super) fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// What a verifier does: every byte parsed, everything checked.
fn verified(receipt: &Receipt) -> bool {
    let Ok(proof) = TlogProof::parse(&receipt.text) else { return false };
    let Ok(note) = SignedNote::parse(&proof.checkpoint) else { return false };
    let Ok(checkpoint) = Checkpoint::parse(&note.text) else { return false };
    let leaf = Sha256Tree::leaf(&receipt.leaf_data);
    receipt.key.verify(&note).is_ok()
        && checkpoint.origin == ORIGIN
        && verify_inclusion::<Sha256Tree>(proof.index, checkpoint.size, &leaf, &proof.path, &checkpoint.root).is_ok()
}

/// The leaf and the nodes above it, hashed and no more.
fn bare_hashes(receipt: &Receipt) -> [u8; 32] {
    let mut hash: [u8; 32] = Sha256::new().chain_update([0]).chain_update(receipt.leaf_data).finalize().into();
    for (level, sibling) in receipt.bare.path.iter().enumerate() {
        let (left, right) = if INDEX >> level & 1 == 1 { (sibling, &hash) } else { (&hash, sibling) };
        hash = Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into();
    }
    hash
}

fn bare_signature(bare: &Bare) -> bool {
    bare.key.verify_strict(&bare.message, &bare.signature).is_ok()
}

/// The siblings are made up: the root is what they lead to, and nobody can tell.
fn receipt() -> Receipt {
    let mut leaf_data = [7; ENTRY_BYTES];
    (leaf_data[0], leaf_data[1]) = (1, 1);
    let path: Vec<Hash> = (0..LEVELS).map(|level| proof::sha256(&level.to_be_bytes())).collect();
    let climb = |hash: Hash, (level, sibling): (usize, &Hash)| match INDEX >> level & 1 {
        1 => Sha256Tree::node(sibling, &hash),
        _ => Sha256Tree::node(&hash, sibling),
    };
    let root = path.iter().enumerate().fold(Sha256Tree::leaf(&leaf_data), climb);
    let key = SigningKey::from_seed(ORIGIN, &[9; 32]).expect("a name");
    let head = Checkpoint { origin: ORIGIN.to_owned(), size: TreeSize(1 << LEVELS), root, extensions: Vec::new() };
    let message = head.to_text().into_bytes();
    let bare = Bare {
        path: path.iter().map(|hash| hash.0).collect(),
        signature: ed25519_dalek::Signature::from_bytes(&key.sign_bytes(&message)),
        key: ed25519_dalek::VerifyingKey::from_bytes(key.verifier_key().public()).expect("a key"),
        message,
    };
    let text = TlogProof { extra: None, index: Index(INDEX), path, checkpoint: key.sign(&head.to_text()) }.write();
    Receipt { text, leaf_data, key: key.verifier_key().clone(), bare }
}

#[cfg(test)]
mod tests {
    use super::{Hash, bare_hashes, bare_signature, measure, receipt, verified};

    #[test]
    fn both_sides_do_the_whole_work_and_notice_a_fault() {
        let mut made = receipt();
        assert!(verified(&made) && bare_signature(&made.bare));
        let root = proof::Checkpoint::parse(
            &proof::SignedNote::parse(&proof::TlogProof::parse(&made.text).unwrap().checkpoint).unwrap().text,
        )
        .unwrap()
        .root;
        assert_eq!(Hash(bare_hashes(&made)), root);
        made.leaf_data[50] ^= 1;
        assert!(!verified(&made));
        made.leaf_data[50] ^= 1;
        made.bare.message[3] ^= 1;
        assert!(!bare_signature(&made.bare));
    }

    #[test]
    fn the_words_say_the_ratio() {
        assert!(measure(3).words().contains("ratio "));
    }
}
