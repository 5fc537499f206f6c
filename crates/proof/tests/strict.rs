//! What a strict signature is, frozen: signatures on which libraries disagree, made here from points and scalars, with the
//! equations each satisfies and our one verdict. A library that changes its mind breaks this test, not a verdict.
//!
//! RFC 8032 §5.1.7 leaves open whether the cofactored equation `8(sB − hA − R) = 0` or the one without cofactor counts, and what
//! becomes of points of small order. Ours: no cofactor, `s` below the order, `R` in its one encoding, neither `A` nor `R` of small order.
#![allow(missing_docs, clippy::unwrap_used)]

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::traits::{Identity, IsIdentity};
use curve25519_dalek::{EdwardsPoint, Scalar};
use proof::{SigningKey, VerifierKey, sha256, sha512};

/// Name, how many cases, the equation without cofactor holds, the cofactored one holds, we accept.
const VERDICTS: [(&str, usize, bool, bool, bool); 17] = [
    ("honest", 8, true, true, true),
    ("another message", 8, false, false, false),
    ("another key", 8, false, false, false),
    // s + kL says the same as s: signatures would be malleable.
    ("s not below the order", 15, true, true, false),
    // A key of small order signs anything for anyone.
    ("A of small order", 8, true, true, false),
    ("A of small order, in another encoding", 6, true, true, false),
    ("all zero under the identity", 1, true, true, false),
    // With such an R one signature fits many messages.
    ("R the identity", 8, true, true, false),
    ("R the identity, in another encoding", 3, true, true, false),
    ("R of small order", 7, false, true, false),
    ("R of small order, A of mixed order", 7, true, true, false),
    // Only the cofactored equation forgives a torsion part.
    ("A of mixed order", 7, false, true, false),
    ("R of mixed order", 7, false, true, false),
    // Where the torsion parts cancel, no verifier without cofactor can see them. Whoever made such a key made it on purpose, and a
    // signature that is accepted here is accepted by the cofactored equation too.
    ("A of mixed order, torsion cancelled", 7, true, true, true),
    ("A and R of mixed order, torsion cancelled", 7, true, true, true),
    ("R no point", 2, false, false, false),
    ("a bit of s", 8, false, false, false),
];

/// Digest of every case in order: the table is about these very bytes.
const CASES_SHA256: &str = "1bec3faa72ed1a879a007b5eb8a62497d66e231487c97d093fd44496d5bdcfa4";

#[derive(Clone)]
struct Case {
    name: &'static str,
    key: [u8; 32],
    message: Vec<u8>,
    r: [u8; 32],
    s: [u8; 32],
}

impl Case {
    fn signature(&self) -> Vec<u8> {
        [self.r, self.s].concat()
    }

    fn hash(&self) -> Scalar {
        hash(&self.r, &self.key, &self.message)
    }

    /// `sB − hA − R`, when both are points at all.
    fn difference(&self) -> Option<EdwardsPoint> {
        let (a, r) = (CompressedEdwardsY(self.key).decompress()?, CompressedEdwardsY(self.r).decompress()?);
        Some(EdwardsPoint::mul_base(&Scalar::from_bytes_mod_order(self.s)) - self.hash() * a - r)
    }

    fn accepted(&self) -> bool {
        let key = VerifierKey::from_public("strict", &self.key).unwrap();
        key.verify_bytes(&self.message, &self.signature())
    }
}

fn hash(r: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&sha512(&[&r[..], key, message].concat()).0)
}

fn scalar(name: &str, number: usize) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&sha512(format!("{name} {number}").as_bytes()).0)
}

fn bytes(point: EdwardsPoint) -> [u8; 32] {
    point.compress().0
}

/// The seven points of small order that are not the identity.
fn torsion() -> impl Iterator<Item = EdwardsPoint> {
    EIGHT_TORSION.into_iter().filter(|point| !point.is_identity())
}

/// The first message for which the hash does this.
fn message(r: &[u8; 32], key: &[u8; 32], wanted: impl Fn(Scalar) -> bool) -> Vec<u8> {
    let messages = (0_u32..1000).map(|n| n.to_be_bytes().to_vec());
    messages.into_iter().find(|message| wanted(hash(r, key, message))).expect("an eighth of all messages")
}

/// The signature whose equation holds but for torsion: `s = r + ha`.
fn made(name: &'static str, a: &Scalar, key: [u8; 32], r: &Scalar, r_bytes: [u8; 32], message: Vec<u8>) -> Case {
    let s = (r + hash(&r_bytes, &key, &message) * a).to_bytes();
    Case { name, key, message, r: r_bytes, s }
}

fn honest(number: usize) -> Case {
    let seed = sha256(format!("seed {number}").as_bytes()).0;
    let key = SigningKey::from_seed("strict", &seed).unwrap();
    let message = format!("message {number}").into_bytes();
    let signature = key.sign_bytes(&message);
    let (r, s) = signature.split_at(32);
    let public = *key.verifier_key().public();
    Case { name: "honest", key: public, message, r: r.try_into().unwrap(), s: s.try_into().unwrap() }
}

/// `s + kL`, which fits 32 bytes up to k = 15.
fn not_reduced(s: [u8; 32], times: usize) -> [u8; 32] {
    // L = 2^252 + 27742317777372353535851937790883648493, the last byte being the highest.
    let mut order = [0; 32];
    order[..16].copy_from_slice(&27_742_317_777_372_353_535_851_937_790_883_648_493_u128.to_le_bytes());
    order[31] = 0x10;
    let mut sum = s;
    for _ in 0..times {
        let mut carry = 0;
        for (byte, added) in sum.iter_mut().zip(order) {
            let total = u16::from(*byte) + u16::from(added) + carry;
            (*byte, carry) = (total as u8, total >> 8);
        }
        assert_eq!(carry, 0);
    }
    sum
}

/// The encodings that are read as a point and not written for it: y from p on, and a sign for the x that has none.
fn other_encodings() -> Vec<[u8; 32]> {
    let mut found = Vec::new();
    let mut prime = [0xff; 32];
    (prime[0], prime[31]) = (0xed, 0x7f);
    for above in 0..19 {
        let mut y = prime;
        y[0] += above;
        found.push(y);
    }
    let mut minus_one = prime;
    minus_one[0] -= 1;
    let mut one = [0; 32];
    one[0] = 1;
    let signed = found.iter().copied().chain([one, minus_one]).map(|mut y| {
        y[31] |= 0x80;
        y
    });
    let all: Vec<[u8; 32]> = signed.collect();
    found.extend(all);
    found
}

fn is_small(encoding: &[u8; 32]) -> bool {
    CompressedEdwardsY(*encoding).decompress().is_some_and(|point| point.is_small_order())
}

fn honest_and_near() -> Vec<Case> {
    let all: Vec<Case> = (0..8).map(honest).collect();
    let other = |case: &Case| Case { name: "another message", message: b"other".to_vec(), ..case.clone() };
    let another_key = |case: &Case| Case { name: "another key", key: honest(99).key, ..case.clone() };
    let malleable = |times| Case { name: "s not below the order", s: not_reduced(all[0].s, times), ..all[0].clone() };
    let bit = |n: usize| {
        let mut case = Case { name: "a bit of s", ..all[n].clone() };
        case.s[n * 3] ^= 1 << n;
        case
    };
    let no_point = [2, 7].map(|y| {
        let mut r = [0; 32];
        r[0] = y;
        assert!(CompressedEdwardsY(r).decompress().is_none());
        Case { name: "R no point", r, ..all[0].clone() }
    });
    let mut cases = all.clone();
    cases.extend(all.iter().map(other).chain(all.iter().map(another_key)));
    cases.extend((1..16).map(malleable).chain((0..8).map(bit)).chain(no_point));
    cases
}

/// The key has no secret worth the name: R alone makes the signature, for every message whose hash takes the torsion away.
fn weak_keys() -> Vec<Case> {
    let canonical = EIGHT_TORSION.map(|point| ("A of small order", bytes(point)));
    let others = other_encodings().into_iter().filter(is_small);
    let others = others.map(|key| ("A of small order, in another encoding", key));
    let weak = canonical.into_iter().chain(others).enumerate().map(|(n, (name, key))| {
        let r = scalar("r", n);
        let r_bytes = bytes(EdwardsPoint::mul_base(&r));
        let point = CompressedEdwardsY(key).decompress().unwrap();
        let message = message(&r_bytes, &key, |h| (h * point).is_identity());
        made(name, &Scalar::ZERO, key, &r, r_bytes, message)
    });
    let one = bytes(EdwardsPoint::identity());
    let zero = Case { name: "all zero under the identity", key: one, message: b"any".to_vec(), r: one, s: [0; 32] };
    weak.chain([zero]).collect()
}

/// An honest key of prime order, and an R without a secret.
fn weak_nonces() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut push = |name, number: usize, r: [u8; 32]| {
        let a = scalar("a", number);
        let message = format!("message {number}").into_bytes();
        cases.push(made(name, &a, bytes(EdwardsPoint::mul_base(&a)), &Scalar::ZERO, r, message));
    };
    (0..8).for_each(|n| push("R the identity", n, bytes(EdwardsPoint::identity())));
    torsion().enumerate().for_each(|(n, point)| push("R of small order", n, bytes(point)));
    let identities = other_encodings().into_iter().filter(|r| {
        let point = CompressedEdwardsY(*r).decompress();
        point.is_some_and(|point| point.is_identity())
    });
    identities.enumerate().for_each(|(n, r)| push("R the identity, in another encoding", n, r));
    cases
}

/// Points with a torsion part beside a secret.
fn mixed_orders() -> Vec<Case> {
    let mut cases = Vec::new();
    for (n, part) in torsion().enumerate() {
        let (a, r) = (scalar("a", n), scalar("r", n));
        let (pure_a, pure_r) = (EdwardsPoint::mul_base(&a), EdwardsPoint::mul_base(&r));
        let (key, mixed_key) = (bytes(pure_a), bytes(pure_a + part));
        let (r_bytes, mixed_r) = (bytes(pure_r), bytes(pure_r + part));
        let mut push = |name, key, r: &Scalar, r_bytes, wanted: &dyn Fn(Scalar) -> bool| {
            cases.push(made(name, &a, key, r, r_bytes, message(&r_bytes, &key, wanted)));
        };
        push("A of mixed order", mixed_key, &r, r_bytes, &|h| !(h * part).is_identity());
        push("A of mixed order, torsion cancelled", mixed_key, &r, r_bytes, &|h| (h * part).is_identity());
        push("R of mixed order", key, &r, mixed_r, &|_| true);
        let cancelled = |h: Scalar| (h * part + part).is_identity();
        push("A and R of mixed order, torsion cancelled", mixed_key, &r, mixed_r, &cancelled);
        push("R of small order, A of mixed order", mixed_key, &Scalar::ZERO, bytes(part), &cancelled);
    }
    cases
}

fn cases() -> Vec<Case> {
    [honest_and_near(), weak_keys(), weak_nonces(), mixed_orders()].concat()
}

#[test]
fn each_case_is_what_it_says_and_has_its_verdict() {
    let cases = cases();
    let mut seen = 0;
    for (name, count, plain, cofactored, accepted) in VERDICTS {
        let ours: Vec<&Case> = cases.iter().filter(|case| case.name == name).collect();
        assert_eq!(ours.len(), count, "{name}");
        seen += count;
        for (n, case) in ours.into_iter().enumerate() {
            let difference = case.difference();
            assert_eq!(difference.is_some_and(|point| point.is_identity()), plain, "{name} {n}");
            assert_eq!(difference.is_some_and(|point| point.is_small_order()), cofactored, "{name} {n}");
            assert_eq!(case.accepted(), accepted, "{name} {n}");
        }
    }
    assert_eq!(seen, cases.len());
}

#[test]
fn the_cases_are_frozen() {
    let all =
        cases().iter().flat_map(|case| [&case.key[..], &case.signature(), &case.message].concat()).collect::<Vec<u8>>();
    assert_eq!(sha256(&all).to_string(), CASES_SHA256);
}

#[test]
fn a_signature_has_64_bytes() {
    let case = honest(0);
    let key = VerifierKey::from_public("strict", &case.key).unwrap();
    let signature = case.signature();
    assert!(key.verify_bytes(&case.message, &signature));
    for length in 0..64 {
        assert!(!key.verify_bytes(&case.message, &signature[..length]), "{length}");
    }
    assert!(!key.verify_bytes(&case.message, &[&signature[..], &[0]].concat()));
}

/// A key is any encoding of any point: what is wrong with it shows at its first signature, as above. Of the other encodings the
/// point is found for exactly these, in order; those of large order belong to nobody, since nobody knows their secret.
#[test]
fn which_encodings_are_read_as_keys() {
    let read: String = other_encodings()
        .iter()
        .map(|key| match VerifierKey::from_public("strict", key) {
            Ok(_) if is_small(key) => 'w',
            Ok(_) => 'r',
            Err(_) => '.',
        })
        .collect();
    assert_eq!(read, "ww.rrrr..rr...rrr.rww.rrrr..rr...rrr.rww");
    let honest = honest(0).key;
    assert_eq!(VerifierKey::from_public("strict", &honest).unwrap().public(), &honest);
}
