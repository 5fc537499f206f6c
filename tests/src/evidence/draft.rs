//! Records put together piece by piece, right or wrong: DER, authorities, tokens. Nothing here is checked.

use anyhow::{Context, Result};
use ring::rand::SystemRandom;
use seal::{DigestAlgorithm, TestAuthority, UnixMillis, archive_lists, archive_root, parse_response};

/// The year in milliseconds.
pub const YEAR: i64 = 31_557_600_000;
/// 2026-01-01T00:00:00Z, when the first authority begins.
pub const START: i64 = 1_767_225_600_000;

/// Three authorities, one after the other: each is there before the one before it ends.
pub struct World {
    authorities: [TestAuthority; 3],
    stranger: TestAuthority,
    serial: std::cell::Cell<u64>,
}

/// Who stamps, and when.
#[derive(Clone, Copy)]
pub struct Desk {
    /// Which authority; 3 is the one nobody trusts.
    pub authority: usize,
    /// The moment.
    pub at: i64,
}

/// Where each step of a record's life is made: its first token, two time-stamp renewals, two hash-tree renewals.
pub const FIRST: Desk = Desk { authority: 0, at: START };
pub const RENEWED: Desk = Desk { authority: 0, at: START + 4 * YEAR };
pub const RENEWED_AGAIN: Desk = Desk { authority: 0, at: START + 6 * YEAR };
pub const REHASHED: Desk = Desk { authority: 1, at: START + 8 * YEAR };
pub const REHASHED_RENEWED: Desk = Desk { authority: 1, at: START + 12 * YEAR };
pub const REHASHED_AGAIN: Desk = Desk { authority: 2, at: START + 16 * YEAR };

impl Desk {
    /// Some months after: when a record whose newest token is made here is judged.
    pub fn later(self) -> UnixMillis {
        UnixMillis(self.at + YEAR / 2)
    }
}

impl World {
    /// Fresh authorities: ten years each, from 2026, 2033 and 2041.
    ///
    /// # Errors
    /// When randomness fails.
    pub fn new() -> Result<Self> {
        let rng = SystemRandom::new();
        let create = |at: i64| TestAuthority::create(UnixMillis(at), &rng).map_err(|why| anyhow::anyhow!("{why}"));
        let authorities = [create(START)?, create(START + 7 * YEAR)?, create(START + 15 * YEAR)?];
        Ok(Self { authorities, stranger: create(START)?, serial: std::cell::Cell::new(0) })
    }

    /// The certificates to trust.
    pub fn roots(&self) -> Vec<Vec<u8>> {
        self.authorities.iter().map(|authority| authority.ca_der().to_vec()).collect()
    }

    /// The same as PEM.
    pub fn roots_pem(&self) -> String {
        self.authorities.iter().map(TestAuthority::ca_pem).collect()
    }

    /// An authority.
    pub fn authority(&self, number: usize) -> &TestAuthority {
        self.authorities.get(number).unwrap_or(&self.stranger)
    }

    /// A token over this imprint.
    pub fn token(&self, desk: Desk, algorithm: DigestAlgorithm, imprint: &[u8]) -> Result<Vec<u8>> {
        self.token_of(self.authority(desk.authority), desk.at, algorithm, imprint)
    }

    /// A token of any authority.
    pub fn token_of(&self, by: &TestAuthority, at: i64, algorithm: DigestAlgorithm, imprint: &[u8]) -> Result<Vec<u8>> {
        self.serial.set(self.serial.get() + 1);
        let named = seq(&[&seq(&[&tlv(6, oid(algorithm))]), &tlv(4, imprint)]);
        let request = seq(&[&tlv(2, &[1]), &named, &tlv(1, &[0xff])]);
        let answer = by.answer(&request, UnixMillis(at), self.serial.get(), &SystemRandom::new());
        let token = parse_response(&answer).map_err(|why| anyhow::anyhow!("{why}"))?;
        Ok(token.as_der().to_vec())
    }

    /// An archive time-stamp over these hashes, in a tree with four other groups.
    pub fn stamp(&self, desk: Desk, algorithm: DigestAlgorithm, group: &[Vec<u8>]) -> Result<Ats> {
        self.stamp_at(desk, algorithm, group, 2)
    }

    /// The same at this place among the five.
    pub fn stamp_at(&self, desk: Desk, algorithm: DigestAlgorithm, group: &[Vec<u8>], place: usize) -> Result<Ats> {
        let mut groups: Vec<Vec<Vec<u8>>> = (0..4u8).map(|n| vec![algorithm.digest(&[b'o', n])]).collect();
        groups.insert(place, group.to_vec());
        let root = archive_root(algorithm, &groups).context("groups")?;
        let lists = archive_lists(algorithm, &groups, place).context("position")?;
        Ok(Ats { algorithm, lists, token: self.token(desk, algorithm, &root)? })
    }
}

/// An archive time-stamp.
#[derive(Clone)]
pub struct Ats {
    /// Its digest.
    pub algorithm: DigestAlgorithm,
    /// Its reduced tree.
    pub lists: Vec<Vec<Vec<u8>>>,
    /// Its token.
    pub token: Vec<u8>,
}

impl Ats {
    /// Its DER.
    pub fn der(&self) -> Vec<u8> {
        let list = |list: &Vec<Vec<u8>>| seq(&[&list.iter().flat_map(|hash| tlv(4, hash)).collect::<Vec<u8>>()]);
        let lists: Vec<u8> = self.lists.iter().flat_map(list).collect();
        let tree = if self.lists.is_empty() { Vec::new() } else { tlv(0xa2, &lists) };
        seq(&[&tlv(0xa0, &tlv(6, oid(self.algorithm))), &tree, &self.token])
    }
}

/// The DER of chains, one after the other.
pub fn chains_der(chains: &[Vec<Ats>]) -> Vec<u8> {
    let chain = |chain: &Vec<Ats>| seq(&[&chain.iter().flat_map(Ats::der).collect::<Vec<u8>>()]);
    chains.iter().flat_map(chain).collect()
}

/// The record of these chains, each digest declared.
pub fn record(chains: &[Vec<Ats>]) -> Vec<u8> {
    let mut declared: Vec<DigestAlgorithm> = chains.iter().flatten().map(|ats| ats.algorithm).collect();
    declared.dedup();
    declaring(&declared, chains)
}

/// The record of these chains, which declares these digests.
pub fn declaring(declared: &[DigestAlgorithm], chains: &[Vec<Ats>]) -> Vec<u8> {
    let declared: Vec<u8> = declared.iter().flat_map(|algorithm| seq(&[&tlv(6, oid(*algorithm))])).collect();
    seq(&[&tlv(2, &[1]), &seq(&[&declared]), &seq(&[&chains_der(chains)])])
}

/// What a hash-tree renewal covers, as the standard has it.
pub fn renewed(algorithm: DigestAlgorithm, document: &[u8], chains: &[Vec<Ats>]) -> Vec<u8> {
    let before = algorithm.digest(&seq(&[&chains_der(chains)]));
    algorithm.digest(&[algorithm.digest(document), before].concat())
}

/// An element.
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        n @ 0..0x80 => out.push(n as u8),
        n @ 0x80..0x100 => out.extend([0x81, n as u8]),
        n @ 0x100..0x1_0000 => out.extend([0x82, (n >> 8) as u8, n as u8]),
        n => out.extend([0x83, (n >> 16) as u8, (n >> 8) as u8, n as u8]),
    }
    out.extend_from_slice(content);
    out
}

/// A sequence.
pub fn seq(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// The content of a digest's identifier.
pub fn oid(algorithm: DigestAlgorithm) -> &'static [u8] {
    match algorithm {
        DigestAlgorithm::Sha384 => &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2],
        DigestAlgorithm::Sha512 => &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3],
        _ => &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1],
    }
}
