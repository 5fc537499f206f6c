//! Archives as Vitam writes them, made from scratch by the rules of docs/formats/vitam.md: not by the code that reads them.

use std::cell::Cell;
use std::io::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use ring::rand::SystemRandom;
use seal::{TestAuthority, UnixMillis};
use sha2::{Digest, Sha256, Sha512};

/// 2026-11-20T00:00:00Z.
pub const T0: i64 = 1_795_132_800_000;
pub const DAY: i64 = 86_400_000;

/// Name and bytes of each member, in Vitam's order.
pub type Members = Vec<(String, Vec<u8>)>;

pub fn b64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

pub fn sha512(bytes: &[u8]) -> Vec<u8> {
    Sha512::digest(bytes).to_vec()
}

/// A time-stamping authority.
pub struct House {
    pub authority: TestAuthority,
    serial: Cell<u64>,
}

impl House {
    pub fn new(created: i64) -> Self {
        let authority = TestAuthority::create(UnixMillis(created), &SystemRandom::new()).unwrap();
        Self { authority, serial: Cell::new(1) }
    }

    /// The answer to a request over this digest: 2.16.840.1.101.3.4.2.3 is SHA-512, ….1 SHA-256.
    pub fn answer(&self, digest: &[u8], at: i64) -> Vec<u8> {
        let last = if digest.len() == 64 { 3 } else { 1 };
        let algorithm = [&[0x30, 0x0b, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, last][..]].concat();
        let hashed = [&[4, digest.len() as u8][..], digest].concat();
        let imprint = [&[0x30, (algorithm.len() + hashed.len()) as u8][..], &algorithm, &hashed].concat();
        let request = [&[2, 1, 1][..], &imprint, &[1, 1, 0xff]].concat();
        let request = [&[0x30, request.len() as u8][..], &request].concat();
        self.serial.set(self.serial.get() + 1);
        self.authority.answer(&request, UnixMillis(at), self.serial.get(), &SystemRandom::new())
    }

    /// A journal secured at this moment, after these earlier answers.
    pub fn archive(&self, lines: &[String], earlier: [Option<Vec<u8>>; 3], at: i64) -> Members {
        let mut members = unstamped(lines, &earlier);
        let stamped = self.answer(&imprint(&root(lines), &earlier), at);
        put(&mut members, "token.tsp", b64(&stamped).into_bytes());
        members
    }
}

/// Some lines of a journal.
pub fn lines(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{{\"_id\":\"aec{n}\",\"outMessg\":\"Succès n° {n}\",\"_tenant\":0}}")).collect()
}

/// All that an archive says but its token.
pub fn unstamped(lines: &[String], earlier: &[Option<Vec<u8>>; 3]) -> Members {
    let data: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let said = |token: &Option<Vec<u8>>| token.as_ref().map_or("null".to_owned(), |token| b64(token));
    let computing = format!(
        "currentHash={}\npreviousTimestampToken={}\npreviousTimestampTokenMinusOneMonth={}\npreviousTimestampTokenMinusOneYear={}\n",
        b64(&root(lines)),
        said(&earlier[0]),
        said(&earlier[1]),
        said(&earlier[2])
    );
    let additional = format!(
        "numberOfElements={}\nstartDate=1970-01-01T00:00:00.000\nendDate=2026-11-20T00:00:00.000\nsecurisationVersion=V1\n",
        lines.len()
    );
    [
        ("data.txt", data),
        ("merkleTree.json", tree(lines)),
        ("token.tsp", String::new()),
        ("computing_information.txt", computing),
        ("additional_information.txt", additional),
    ]
    .map(|(name, text)| (name.to_owned(), text.into_bytes()))
    .to_vec()
}

pub fn imprint(root: &[u8], earlier: &[Option<Vec<u8>>; 3]) -> Vec<u8> {
    let tokens: Vec<u8> = earlier.iter().flatten().flatten().copied().collect();
    sha512(&[root, &tokens].concat())
}

pub fn root(lines: &[String]) -> Vec<u8> {
    levels(lines).0
}

pub fn tree(lines: &[String]) -> String {
    levels(lines).1
}

/// Level by level over all leaves, filled up: the root and the tree in JSON.
fn levels(lines: &[String]) -> (Vec<u8>, String) {
    let leaf = |hash: Vec<u8>| (hash.clone(), format!("{{\"Root\":\"{}\"}}", b64(&hash)));
    let mut row: Vec<(Vec<u8>, String)> = lines.iter().map(|line| leaf(sha512(line.as_bytes()))).collect();
    row.resize(row.len().next_power_of_two(), leaf(Vec::new()));
    while row.len() > 1 {
        row = row.chunks(2).map(|pair| node(&pair[0], &pair[1])).collect();
    }
    row.remove(0)
}

pub fn node(left: &(Vec<u8>, String), right: &(Vec<u8>, String)) -> (Vec<u8>, String) {
    let hash = sha512(&[&left.0[..], &right.0].concat());
    let json = format!("{{\"Root\":\"{}\",\"l\":{},\"r\":{}}}", b64(&hash), left.1, right.1);
    (hash, json)
}

pub fn get<'m>(members: &'m Members, name: &str) -> &'m [u8] {
    &members.iter().find(|(known, _)| known == name).unwrap().1
}

pub fn put(members: &mut Members, name: &str, bytes: Vec<u8>) {
    members.iter_mut().find(|(known, _)| known == name).unwrap().1 = bytes;
}

/// The members with the text of one changed.
pub fn changed(members: &Members, name: &str, from: &str, to: &str) -> Members {
    let text = String::from_utf8(get(members, name).to_vec()).unwrap();
    assert!(text.contains(from), "{name}: {from}");
    let mut all = members.clone();
    put(&mut all, name, text.replacen(from, to, 1).into_bytes());
    all
}

/// The answer that stands in an archive.
pub fn answer_of(members: &Members) -> Vec<u8> {
    BASE64_STANDARD.decode(get(members, "token.tsp")).unwrap()
}

pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

/// How a zip is written.
#[derive(Clone, Copy)]
pub struct Hand {
    /// Level of deflate; `None` for stored.
    pub level: Option<u32>,
    /// Sizes and checksum follow the data.
    pub described: bool,
    /// An extra field, in both places.
    pub extra: &'static [u8],
}

/// As Vitam's library writes to a stream it cannot go back in: deflated at level 0.
pub const VITAM: Hand = Hand { level: Some(0), described: true, extra: &[] };

/// One member as it stands in the file, and its row of the directory but for the offset.
fn entry(name: &[u8], bytes: &[u8], hand: Hand) -> (Vec<u8>, Vec<u8>) {
    let packed = match hand.level {
        None => bytes.to_vec(),
        Some(level) => {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(level));
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
    };
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    let word = |n: usize| (n as u32).to_le_bytes();
    let sizes = [crc.sum().to_le_bytes(), word(packed.len()), word(bytes.len())].concat();
    let flags = (1u16 << 11 | u16::from(hand.described) << 3).to_le_bytes();
    let method = if hand.level.is_some() { 8u16 } else { 0 }.to_le_bytes();
    let head = |sizes: &[u8]| {
        let lengths = [(name.len() as u16).to_le_bytes(), (hand.extra.len() as u16).to_le_bytes()].concat();
        [&20u16.to_le_bytes()[..], &flags, &method, &[0, 0, 0x21, 0], sizes, &lengths].concat()
    };
    let first = if hand.described { head(&[0; 12]) } else { head(&sizes) };
    let descriptor = if hand.described { [b"PK\x07\x08", &sizes[..]].concat() } else { Vec::new() };
    let local = [b"PK\x03\x04", &first[..], name, hand.extra, &packed, &descriptor].concat();
    let central = [b"PK\x01\x02\x14\x03", &head(&sizes)[..], &[0; 10]].concat();
    (local, central)
}

pub fn zip_by(members: &[(String, Vec<u8>)], hand: Hand) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in members {
        let (local, central) = entry(name.as_bytes(), bytes, hand);
        directory.extend([&central[..], &(out.len() as u32).to_le_bytes(), name.as_bytes(), hand.extra].concat());
        out.extend(local);
    }
    let count = (members.len() as u16).to_le_bytes();
    let (size, start) = ((directory.len() as u32).to_le_bytes(), (out.len() as u32).to_le_bytes());
    [&out[..], &directory, b"PK\x05\x06\0\0\0\0", &count, &count, &size, &start, &[0, 0]].concat()
}

pub fn zip(members: &Members) -> Vec<u8> {
    zip_by(members, VITAM)
}
