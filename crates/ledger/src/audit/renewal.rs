//! A renewal against what it covers: its tree, computed again from the raw tokens, and its own token.

use super::Fault;
use crate::sealing::{self, Renewal, RenewalTree};
use crate::spaces;
use crate::storage::{Put, Reader};
use proof::hash::encode_hex;
use std::collections::BTreeSet;

/// Everything that does not agree around a renewal that this change of state brought.
pub(super) fn faults<R: Reader>(reads: &R, put: &Put, faults: &mut Vec<Fault>) {
    let mut tell = teller(number(&put.key), faults);
    let logged = put.value.as_deref().unwrap_or_default();
    let kept = reads.value(spaces::RENEWALS, &put.key).ok().flatten().unwrap_or_default();
    tell("renewal-head", proof::sha256(logged).to_string(), proof::sha256(&kept).to_string());
    let renewal = match Renewal::parse(logged) {
        Ok(renewal) => renewal,
        Err(why) => return tell("renewal-unreadable", "a renewal".into(), why.to_string()),
    };
    covered(reads, &renewal, &mut tell);
    stamped(reads, &renewal, &mut tell);
}

/// Everything that does not agree around the renewals but these, whose records were not read: what is kept of each is held against its own
/// token and what it covers. Each token of a batch is read once, however many renewals cover it.
pub(super) fn kept<R: Reader>(reads: &R, but: &BTreeSet<u64>, faults: &mut Vec<Fault>) {
    let all = match sealing::renewals(reads) {
        Ok(all) => all,
        Err(why) => return faults.push(Fault::new("renewal-head", "the renewals", why).place("renewals")),
    };
    let mut seen = 0;
    for renewal in all.iter().filter(|renewal| !but.contains(&renewal.number)) {
        let mut tell = teller(Some(renewal.number), faults);
        let new = Renewal { first: renewal.first.max(seen), ..renewal.clone() };
        covered(reads, &new, &mut tell);
        stamped(reads, renewal, &mut tell);
        seen = seen.max(renewal.batches);
    }
}

/// The number that a key of a renewal is.
pub(super) fn number(key: &[u8]) -> Option<u64> {
    key.try_into().map(u64::from_be_bytes).ok()
}

fn teller(number: Option<u64>, faults: &mut Vec<Fault>) -> impl FnMut(&'static str, String, String) {
    let place = format!("renewal {}", number.map_or_else(|| "?".into(), |number| number.to_string()));
    move |what, expected, found| {
        if expected != found {
            faults.push(Fault::new(what, expected, found).place(place.clone()));
        }
    }
}

/// The batches that it covers have the tokens that their seals name.
fn covered<R: Reader>(reads: &R, renewal: &Renewal, tell: &mut dyn FnMut(&'static str, String, String)) {
    for batch in renewal.first..renewal.batches {
        let named = sealing::batch_head(reads, batch).ok().flatten().map(|head| head.token_sha256.to_string());
        let found = sealing::token(reads, batch).ok().flatten().map(|token| proof::sha256(&token).to_string());
        tell("renewal-covers", named.unwrap_or_default(), found.unwrap_or_default());
    }
}

/// Its token is the one it names, over the root that its tree has.
fn stamped<R: Reader>(reads: &R, renewal: &Renewal, tell: &mut dyn FnMut(&'static str, String, String)) {
    token(reads, renewal, tell);
    // The leaves of a renewal of hashes are a file of its entry: they are read with the documents.
    if renewal.of_hashes() {
        return;
    }
    let all = sealing::renewals(reads);
    if let Err(why) = all.and_then(|all| RenewalTree::open(reads, all, renewal.number)) {
        tell("renewal-tree", encode_hex(&renewal.root), why.to_string());
    }
}

fn token<R: Reader>(reads: &R, renewal: &Renewal, tell: &mut dyn FnMut(&'static str, String, String)) {
    let token = sealing::renewal_token(reads, renewal.number).unwrap_or_default();
    tell("token-sha256", renewal.token_sha256.to_string(), proof::sha256(&token).to_string());
    tell("token-sha512", renewal.token_sha512.to_string(), proof::sha512(&token).to_string());
    match ::seal::Token::parse(&token) {
        Ok(read) => {
            let imprint = read.imprint();
            let said = |name: &str, digest: &[u8]| format!("{name} {}", encode_hex(digest));
            let root = said(renewal.digest.name(), &renewal.root);
            tell("token-imprint", root, said(imprint.algorithm, imprint.digest));
        }
        Err(why) => tell("token-unreadable", "a time-stamp token".into(), why.to_string()),
    }
}
