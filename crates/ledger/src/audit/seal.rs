//! One seal leaf against what it commits to: the batch's tree, its register, its token, the checkpoint it binds.

use super::Fault;
use crate::sealing::{self, BatchTree, Snapshot};
use crate::signer::KnownKeys;
use crate::spaces;
use crate::storage::{NewLeaf, Reader};
use proof::leaf::{Leaf, SealLeaf};
use proof::{Hash, SignedNote};

/// Everything that does not agree around a seal leaf.
pub(super) fn faults<R: Reader>(reads: &R, keys: &KnownKeys, leaf: &NewLeaf, faults: &mut Vec<Fault>) {
    let Ok(Leaf::Seal(seal)) = Leaf::parse(&leaf.leaf_data) else {
        return faults.push(Fault::new("seal-unreadable", "a seal leaf", "other bytes").leaf(leaf.index));
    };
    let mut tell = |what, expected: String, found: String| {
        if expected != found {
            let fault = Fault::new(what, expected, found).leaf(leaf.index);
            faults.push(fault.place(format!("batch {}", seal.batch)));
        }
    };
    batch(reads, keys, &seal, &mut tell);
    token(reads, &seal, &mut tell);
    let register = reads.value(spaces::REGISTERS, &seal.batch.to_be_bytes()).ok().flatten();
    let root = register.and_then(|bytes| Snapshot::parse(&bytes).ok()).map(|snapshot| snapshot.root().to_string());
    tell("seal-register", seal.register_root.to_string(), root.unwrap_or_default());
}

fn batch<R: Reader>(reads: &R, keys: &KnownKeys, seal: &SealLeaf, tell: &mut dyn FnMut(&'static str, String, String)) {
    let head = match sealing::batch_head(reads, seal.batch) {
        Ok(Some(head)) => head,
        Ok(None) => return tell("batch-missing", "the head of the batch".into(), String::new()),
        Err(why) => return tell("batch-unreadable", "the head of the batch".into(), why.to_string()),
    };
    tell("batch-head", format!("{seal:?}"), format!("{:?}", head.seal_leaf()));
    let bound = reads.checkpoint(head.end).ok().flatten().unwrap_or_default();
    // The text that is published, under a signature of ours: whose matters no more, an index made again after a rotation is signed by the
    // key in charge.
    let text = |note: &str| SignedNote::parse(note).map(|note| note.text).unwrap_or_default();
    tell("batch-checkpoint", text(&bound), text(&head.checkpoint));
    let signed = SignedNote::parse(&head.checkpoint).and_then(|note| keys.verify(&note));
    tell("batch-checkpoint", String::new(), signed.err().map_or_else(String::new, |why| why.to_string()));
    if let Some(before) = seal.batch.checked_sub(1) {
        let previous = sealing::token(reads, before).ok().flatten().map(|token| proof::sha256(&token).to_string());
        tell("batch-previous", previous.unwrap_or_default(), head.previous_sha256.to_string());
    }
    // The tree is computed again from the groups of the entries, and gives the root sealed or an error.
    if let Err(why) = BatchTree::of(reads, head) {
        tell("batch-tree", seal.ers_root.to_string(), why.to_string());
    }
}

fn token<R: Reader>(reads: &R, seal: &SealLeaf, tell: &mut dyn FnMut(&'static str, String, String)) {
    let token = sealing::token(reads, seal.batch).ok().flatten().unwrap_or_default();
    tell("token-sha256", seal.token_sha256.to_string(), proof::sha256(&token).to_string());
    tell("token-sha512", seal.token_sha512.to_string(), proof::sha512(&token).to_string());
    match ::seal::Token::parse(&token) {
        Ok(read) => {
            let imprint = read.imprint();
            let found = Hash::from_slice(imprint.digest).map(|digest| digest.to_string());
            tell("token-imprint", seal.ers_root.to_string(), found.unwrap_or_default());
        }
        Err(why) => tell("token-unreadable", "a time-stamp token".into(), why.to_string()),
    }
}
