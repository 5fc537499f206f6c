//! Zips made to be read in two ways, or to exhaust who reads them.

use crate::desk::Desk;
use crate::house::{DAY, Hand, House, Members, T0, lines, zip, zip_by};

struct Scene {
    desk: Desk,
    honest: Members,
}

fn scene() -> Scene {
    let house = House::new(T0);
    let honest = house.archive(&lines(3), [None, None, None], T0 + DAY);
    Scene { desk: Desk::new(&[&house]), honest }
}

impl Scene {
    fn refused(&self, zip: &[u8], code: i32, expected: &str) {
        let said = self.desk.judge(zip, &[]);
        assert_eq!(said.code, code, "{expected}: {}{}", said.out, said.err);
        assert!(said.against.iter().any(|line| line.starts_with(expected)), "{expected}: {:?}", said.against);
    }
}

/// Where this stands for the nth time, from 0.
fn nth(bytes: &[u8], what: &[u8], n: usize) -> usize {
    (0..bytes.len()).filter(|at| bytes[*at..].starts_with(what)).nth(n).unwrap()
}

#[test]
fn names_that_lead_elsewhere_or_stand_twice_are_refused() {
    let scene = scene();
    for name in
        ["../data.txt", "/data.txt", "a/data.txt", "C:data.txt", "..\\data.txt", "data.txt\0", ".data", "dåta.txt", ""]
    {
        let mut members = scene.honest.clone();
        members.push((name.to_owned(), b"x".to_vec()));
        scene.refused(&zip(&members), 1, "ambiguous-container@");
    }
    for name in ["data.txt", "DATA.TXT", "token.tsp"] {
        let mut members = scene.honest.clone();
        members.push((name.to_owned(), b"x".to_vec()));
        scene.refused(&zip(&members), 1, "ambiguous-container@");
    }
}

#[test]
fn what_nothing_covers_and_what_is_missing_is_said() {
    let scene = scene();
    let mut members = scene.honest.clone();
    members.push(("more.txt".to_owned(), b"x".to_vec()));
    scene.refused(&zip(&members), 1, "uncovered-member@more.txt");
    for (name, _) in &scene.honest {
        let mut members = scene.honest.clone();
        members.retain(|(known, _)| known != name);
        scene.refused(&zip(&members), 3, &format!("member-missing@{name}"));
    }
    let many = (0..65).map(|n| (format!("m{n}"), Vec::new())).collect();
    scene.refused(&zip(&many), 5, "unreadable@");
    scene.refused(&zip(&Vec::new()), 1, "ambiguous-container@");
}

#[test]
fn bytes_that_no_member_holds_are_refused() {
    let scene = scene();
    let honest = zip(&scene.honest);
    scene.refused(&[&honest[..], b"x"].concat(), 5, "unreadable@");
    scene.refused(&[b"x", &honest[..]].concat(), 5, "unreadable@");
    for cut in [1, 22, 23, 60, honest.len() / 2, honest.len()] {
        scene.refused(&honest[..honest.len() - cut], 5, "unreadable@");
    }
    // Between the members and the directory, all offsets but the members' moved along.
    let start = nth(&honest, b"PK\x01\x02", 0);
    let mut padded = honest.clone();
    padded.splice(start..start, *b"hidden");
    let at = padded.len() - 6;
    padded[at..at + 4].copy_from_slice(&(start as u32 + 6).to_le_bytes());
    scene.refused(&padded, 1, "ambiguous-container@");
}

#[test]
fn headers_that_disagree_are_refused() {
    let scene = scene();
    let described = zip(&scene.honest);
    let plain = zip_by(&scene.honest, Hand { level: Some(0), described: false, extra: &[] });
    let flip = |zip: &[u8], at: usize| {
        let mut bytes = zip.to_vec();
        bytes[at] ^= 1;
        bytes
    };
    let local = nth(&plain, b"PK\x03\x04", 1);
    let central = nth(&plain, b"PK\x01\x02", 1);
    for field in [6, 8, 14, 18, 22, 30] {
        let said = scene.desk.judge(&flip(&plain, local + field), &[]);
        assert!(said.code == 1 || said.code == 5, "local {field}: {}", said.out);
    }
    for field in [8, 10, 16, 20, 24, 42, 46] {
        let said = scene.desk.judge(&flip(&plain, central + field), &[]);
        assert!([1, 3, 5].contains(&said.code), "central {field}: {}", said.out);
    }
    let descriptor = nth(&described, b"PK\x07\x08", 0);
    for field in [0, 4, 8, 12] {
        scene.refused(&flip(&described, descriptor + field), 1, "ambiguous-container@");
    }
    // A directory or a link by its attributes.
    for (at, byte) in [(38, 0x10), (41, 0xa0), (41, 0x40)] {
        let mut bytes = plain.clone();
        bytes[central + at] = byte;
        scene.refused(&bytes, 1, "ambiguous-container@");
    }
}

/// The first member's header changed in the same way in both places; `at` counts in the local header.
fn both(zip: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut out = zip.to_vec();
    let central = nth(zip, b"PK\x01\x02", 0) + at + 2;
    out[at..at + bytes.len()].copy_from_slice(bytes);
    out[central..central + bytes.len()].copy_from_slice(bytes);
    out
}

#[test]
fn headers_that_agree_on_what_is_not_read_here_are_refused() {
    let scene = scene();
    let plain = zip_by(&scene.honest, Hand { level: Some(0), described: false, extra: &[] });
    let stored = zip_by(&scene.honest, Hand { level: None, described: false, extra: &[] });
    // Enciphered, another method, zip64.
    for (at, bytes) in [(6, &[1, 8][..]), (8, &[12, 0]), (18, &[255; 4]), (22, &[255; 4])] {
        scene.refused(&both(&plain, at, bytes), 5, "unreadable@");
    }
    // A second name (Unicode Path), or a second length (zip64).
    for extra in [&b"\x75\x70\x06\x00\x01\0\0\0\0x"[..], b"\x01\x00\x08\x00\0\0\0\0\0\0\0\0"] {
        let zip = zip_by(&scene.honest, Hand { level: Some(0), described: true, extra });
        scene.refused(&zip, 5, "unreadable@");
    }
    let size = |by: i64| {
        let said = i64::from(u32::from_le_bytes(stored[22..26].try_into().unwrap()));
        u32::try_from(said + by).unwrap().to_le_bytes()
    };
    for by in [-1, 1] {
        scene.refused(&both(&stored, 22, &size(by)), 5, "unreadable@");
        scene.refused(&both(&plain, 22, &size(by)), 1, "member-altered@data.txt");
    }
    // Into the next member, and past the directory.
    for packed in [1_000u32, 1_000_000] {
        scene.refused(&both(&plain, 18, &packed.to_le_bytes()), 1, "ambiguous-container@");
    }
}

#[test]
fn bytes_behind_the_compressed_ones_are_refused() {
    let scene = scene();
    let mut zip = zip_by(&scene.honest[..1], Hand { level: Some(0), described: false, extra: &[] });
    let packed = u32::from_le_bytes(zip[18..22].try_into().unwrap());
    let end = 30 + 8 + packed as usize;
    zip.splice(end..end, *b"more");
    let mut zip = both(&zip, 18, &(packed + 4).to_le_bytes());
    let at = zip.len() - 6;
    zip[at..at + 4].copy_from_slice(&(end as u32 + 4).to_le_bytes());
    // The rest of the archive, whole, behind it.
    let all = joined(&zip, &zip_by(&scene.honest[1..], Hand { level: Some(0), described: false, extra: &[] }));
    scene.refused(&all, 1, "member-altered@data.txt");
    let honest = zip_by(&scene.honest[..1], Hand { level: Some(0), described: false, extra: &[] });
    let rest = zip_by(&scene.honest[1..], Hand { level: Some(0), described: false, extra: &[] });
    assert_eq!(scene.desk.judge(&joined(&honest, &rest), &[]).code, 0);
}

/// Two zips made one, the members of the first before those of the second.
fn joined(first: &[u8], second: &[u8]) -> Vec<u8> {
    let parts = |zip: &[u8]| {
        let start = u32::from_le_bytes(zip[zip.len() - 6..zip.len() - 2].try_into().unwrap()) as usize;
        (zip[..start].to_vec(), zip[start..zip.len() - 22].to_vec())
    };
    let ((mut members, mut directory), (more, mut rows)) = (parts(first), parts(second));
    let shift = members.len() as u32;
    let mut at = 0;
    while at < rows.len() {
        let half = |at: usize| usize::from(u16::from_le_bytes(rows[at..at + 2].try_into().unwrap()));
        let length = 46 + half(at + 28) + half(at + 30);
        let offset = u32::from_le_bytes(rows[at + 42..at + 46].try_into().unwrap()) + shift;
        rows[at + 42..at + 46].copy_from_slice(&offset.to_le_bytes());
        at += length;
    }
    members.extend(more);
    directory.extend(rows);
    let count = 5u16.to_le_bytes();
    let (size, start) = ((directory.len() as u32).to_le_bytes(), (members.len() as u32).to_le_bytes());
    [&members[..], &directory, b"PK\x05\x06\0\0\0\0", &count, &count, &size, &start, &[0, 0]].concat()
}

#[test]
fn bytes_in_or_behind_the_directory_are_refused() {
    let scene = scene();
    let honest = zip(&scene.honest);
    let end = honest.len() - 22;
    for counted in [false, true] {
        let mut padded = honest.clone();
        padded.splice(end..end, *b"more");
        if counted {
            let at = padded.len() - 10;
            let size = u32::from_le_bytes(padded[at..at + 4].try_into().unwrap()) + 4;
            padded[at..at + 4].copy_from_slice(&size.to_le_bytes());
        }
        scene.refused(&padded, 5, "unreadable@");
    }
}

#[test]
fn content_that_is_not_what_its_header_says_is_refused() {
    let scene = scene();
    let stored = zip_by(&scene.honest, Hand { level: None, described: false, extra: &[] });
    let at = nth(&stored, b"Succ", 0);
    let mut altered = stored.clone();
    altered[at] ^= 1;
    scene.refused(&altered, 1, "member-altered@data.txt");
    let packed = zip_by(&scene.honest, Hand { level: Some(9), described: false, extra: &[] });
    let at = nth(&packed, b"data.txt", 0) + 20;
    let mut altered = packed.clone();
    altered[at] ^= 0x55;
    let said = scene.desk.judge(&altered, &[]);
    assert_eq!(said.code, 1, "{}", said.out);
}

#[test]
fn what_inflates_too_much_is_refused() {
    let scene = scene();
    let hand = Hand { level: Some(9), described: true, extra: &[] };
    for name in ["data.txt", "token.tsp"] {
        let mut members = scene.honest.clone();
        crate::house::put(&mut members, name, vec![b' '; 40_000_000]);
        scene.refused(&zip_by(&members, hand), 5, "unreadable@");
    }
    // Below the ratio, above what a token may take.
    let mut members = scene.honest.clone();
    crate::house::put(&mut members, "token.tsp", vec![b'A'; 9_000_000]);
    scene.refused(&zip(&members), 5, "unreadable@token.tsp");
}

#[test]
fn a_tree_without_end_or_a_line_without_end_costs_no_memory() {
    let scene = scene();
    let mut members = scene.honest.clone();
    let long = format!("{{\"Root\":\"{}\"}}", "A".repeat(5_000_000));
    crate::house::put(&mut members, "merkleTree.json", long.into_bytes());
    scene.refused(&zip(&members), 1, "vitam-tree-differs@merkleTree.json");
    let deep = "{\"l\":".repeat(100_000);
    crate::house::put(&mut members, "merkleTree.json", deep.into_bytes());
    scene.refused(&zip(&members), 1, "vitam-tree-differs@merkleTree.json");
}
