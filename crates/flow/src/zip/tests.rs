use std::io::{Cursor, Write};

use super::*;

/// A member to be written, lies included.
#[derive(Clone)]
struct Piece<'p> {
    name: &'p str,
    local_name: &'p str,
    body: &'p [u8],
    method: u16,
    flags: u16,
    mode: u32,
    /// Added to the checksum of the directory.
    crc: u32,
    /// Added to the size of the directory and header.
    size: i64,
    /// Bytes put between this member and the next.
    after: &'p [u8],
    /// Bytes put at the end of the compressed ones.
    hidden: &'p [u8],
    wide: bool,
}

fn piece<'p>(name: &'p str, body: &'p [u8]) -> Piece<'p> {
    Piece {
        name,
        local_name: name,
        body,
        method: DEFLATED,
        flags: 0,
        mode: 0o100_644,
        crc: 0,
        size: 0,
        after: b"",
        hidden: b"",
        wide: false,
    }
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zipped(pieces: &[Piece<'_>]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for piece in pieces {
        let offset = u32::try_from(bytes.len()).unwrap();
        let mut packed = if piece.method == DEFLATED { deflated(piece.body) } else { piece.body.to_vec() };
        packed.extend_from_slice(piece.hidden);
        let mut crc = Crc::new();
        crc.update(piece.body);
        let crc = crc.sum().wrapping_add(piece.crc);
        let size = u64::try_from(i64::try_from(piece.body.len()).unwrap() + piece.size).unwrap();
        let later = piece.flags & DESCRIBED_AFTER != 0;
        let short = |value: u64| if piece.wide { u32::MAX } else { u32::try_from(value).unwrap() };
        let extra = |central: bool| {
            let mut extra = Vec::new();
            if piece.wide {
                extra.extend([1, 0, if central { 24 } else { 16 }, 0]);
                extra.extend(size.to_le_bytes());
                extra.extend((packed.len() as u64).to_le_bytes());
                if central {
                    extra.extend(u64::from(offset).to_le_bytes());
                }
            }
            extra
        };
        let numbers = |crc: u32, packed: u32, size: u32| [crc, packed, size].map(u32::to_le_bytes).concat();
        let stated = numbers(crc, short(packed.len() as u64), short(size));
        let common = |name: &str, stated: &[u8], extra: &[u8]| {
            let mut common = [20, piece.flags, piece.method, 0, 0].map(u16::to_le_bytes).concat();
            common.extend_from_slice(stated);
            common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
            common.extend(u16::try_from(extra.len()).unwrap().to_le_bytes());
            common
        };
        bytes.extend(b"PK\x03\x04");
        let here = if later { numbers(0, 0, 0) } else { stated.clone() };
        bytes.extend(common(piece.local_name, &here, &extra(false)));
        bytes.extend(piece.local_name.as_bytes());
        bytes.extend(extra(false));
        bytes.extend(&packed);
        if later {
            bytes.extend(b"PK\x07\x08");
            bytes.extend(&stated);
        }
        bytes.extend(piece.after);
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(common(piece.name, &stated, &extra(true)));
        directory.extend([0; 6]);
        directory.extend((piece.mode << 16).to_le_bytes());
        directory.extend(if piece.wide { u32::MAX } else { offset }.to_le_bytes());
        directory.extend(piece.name.as_bytes());
        directory.extend(extra(true));
    }
    let start = u32::try_from(bytes.len()).unwrap();
    let count = u16::try_from(pieces.len()).unwrap();
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count, count].map(u16::to_le_bytes).concat());
    bytes.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

type Members = Vec<(String, Vec<u8>)>;

fn walked(bytes: &[u8], limits: &Limits) -> Result<Members, &'static str> {
    let mut members = Vec::new();
    let mut open = || -> io::Result<Box<dyn Read>> { Ok(Box::new(Cursor::new(bytes.to_vec()))) };
    let visited = walk(&mut open, bytes.len() as u64, "x.zip", limits, &mut |member, reader| {
        let mut body = Vec::new();
        reader.read_to_end(&mut body).map_err(|e| Damage::of(&e).fault("", ("", None), e))?;
        members.push((reading(member.name), body));
        Ok(())
    });
    visited.map(|()| members).map_err(|fault| fault.code.name)
}

fn verdict(pieces: &[Piece<'_>]) -> Result<usize, &'static str> {
    walked(&zipped(pieces), &Limits::default()).map(|members| members.len())
}

#[test]
fn members_come_in_order_with_their_bytes_however_they_are_written() {
    let big = vec![7; 100_000];
    let bytes = zipped(&[
        piece("manifest.xml", b"<a/>"),
        Piece { method: STORED, ..piece("Content/", b"") },
        Piece { method: STORED, ..piece("Content/a.pdf", b"stored") },
        Piece { flags: DESCRIBED_AFTER, ..piece("Content/b.pdf", &big) },
        Piece { wide: true, ..piece("Content/c.pdf", &big) },
        piece("Content/vide", b""),
    ]);
    let expected: Members = vec![
        ("manifest.xml".into(), b"<a/>".to_vec()),
        ("Content/a.pdf".into(), b"stored".to_vec()),
        ("Content/b.pdf".into(), big.clone()),
        ("Content/c.pdf".into(), big.clone()),
        ("Content/vide".into(), vec![]),
    ];
    assert_eq!(walked(&bytes, &Limits::default()), Ok(expected));
    assert_eq!(verdict(&[]), Ok(0));
}

#[test]
fn two_readers_would_not_read_the_same_and_it_is_refused() {
    let a = || piece("a", b"1");
    assert_eq!(verdict(&[Piece { local_name: "b", ..a() }]), Err("member-extension"));
    assert_eq!(verdict(&[Piece { after: b"between", ..a() }, piece("b", b"2")]), Err("container-trailing"));
    assert_eq!(verdict(&[Piece { after: b"at the end", ..a() }]), Err("container-trailing"));
    assert_eq!(verdict(&[Piece { hidden: b"hidden", ..a() }]), Err("container-trailing"));
    assert_eq!(verdict(&[Piece { crc: 1, ..a() }]), Err("container-damaged"));
    assert_eq!(verdict(&[Piece { size: 1, ..a() }]), Err("container-damaged"));
    assert_eq!(verdict(&[Piece { size: -1, ..a() }]), Err("container-damaged"));
    assert_eq!(verdict(&[a(), a()]), Err("member-twice"));
    let bytes = zipped(&[a()]);
    let walk = |bytes: &[u8]| walked(bytes, &Limits::default()).map(|members| members.len());
    assert_eq!(walk(&[&b"MZ"[..], &bytes[..]].concat()), Err("container-damaged"));
    assert_eq!(walk(&[&bytes[..], b"more"].concat()), Err("container-damaged"));
    assert_eq!(walk(&bytes[..bytes.len() - 1]), Err("container-damaged"));
    // A comment that holds another end.
    let mut twice = bytes.clone();
    let end = bytes.len() - 22;
    let second = bytes[end..].to_vec();
    twice[bytes.len() - 2] = 22;
    twice.extend(second);
    assert_eq!(walk(&twice), Err("container-trailing"));
}

#[test]
fn what_is_not_a_plain_file_with_a_plain_name_is_refused() {
    let a = || piece("a", b"1");
    assert_eq!(verdict(&[Piece { flags: 1, ..a() }]), Err("member-encrypted"));
    assert_eq!(verdict(&[Piece { method: 12, ..a() }]), Err("member-method"));
    assert_eq!(verdict(&[Piece { mode: 0o120_777, ..a() }]), Err("member-not-a-file"));
    for name in ["../a", "/a", "a\\b", "C:a", "a/../b"] {
        assert_eq!(verdict(&[piece(name, b"1")]), Err("member-name-unsafe"), "{name}");
    }
    assert_eq!(verdict(&[piece("\u{e9}", b"1"), piece("e\u{301}", b"2")]), Err("member-clash"));
    assert_eq!(verdict(&[piece("a", b"1"), piece("a/b", b"2")]), Err("member-clash"));
}

#[test]
fn members_bytes_and_ratio_are_bounded_before_anything_is_inflated() {
    let body = vec![0; 10_000];
    let bytes = zipped(&[piece("a", &body), piece("b", &body)]);
    let with = |limits: Limits| walked(&bytes, &limits).map(|members| members.len());
    assert_eq!(with(Limits { members: 2, ..Limits::default() }), Ok(2));
    assert_eq!(with(Limits { members: 1, ..Limits::default() }), Err("container-too-many-members"));
    assert_eq!(with(Limits { inflated_bytes: 20_000, ..Limits::default() }), Ok(2));
    assert_eq!(with(Limits { inflated_bytes: 19_999, ..Limits::default() }), Err("container-too-large"));
    let ratio = 20_000_u64.div_ceil(bytes.len() as u64);
    let floor = |inflated_ratio| Limits { inflated_ratio, ratio_floor_bytes: 10_000, ..Limits::default() };
    assert_eq!(with(floor(ratio)), Ok(2));
    assert_eq!(with(floor(ratio - 1)), Err("container-bomb"));
    assert_eq!(with(Limits { ratio_floor_bytes: 20_000, inflated_ratio: 1, ..Limits::default() }), Ok(2));
}

#[test]
fn what_is_skipped_is_not_inflated() {
    let broken = Piece { crc: 1, ..piece("a", b"12345") };
    let bytes = zipped(&[broken, piece("b", b"2")]);
    let mut open = || -> io::Result<Box<dyn Read>> { Ok(Box::new(Cursor::new(bytes.clone()))) };
    let mut met = 0;
    walk(&mut open, bytes.len() as u64, "x", &Limits::default(), &mut |_, _| {
        met += 1;
        Ok(())
    })
    .unwrap();
    assert_eq!(met, 2);
}
