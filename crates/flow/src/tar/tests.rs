use std::io::Cursor;

use super::*;

/// An archive by an independent writer; names go in as they are.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        append(&mut builder, name, bytes, tar::EntryType::Regular);
    }
    builder.into_inner().unwrap()
}

fn append(builder: &mut tar::Builder<Vec<u8>>, name: &str, bytes: &[u8], kind: tar::EntryType) {
    let mut header = tar::Header::new_ustar();
    header.as_mut_bytes()[..name.len().min(100)].copy_from_slice(&name.as_bytes()[..name.len().min(100)]);
    header.set_entry_type(kind);
    header.set_size(bytes.len() as u64);
    header.set_cksum();
    builder.append(&header, bytes).unwrap();
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, bytes).unwrap();
    encoder.finish().unwrap()
}

type Members = Vec<(String, Vec<u8>)>;

fn walked(bytes: &[u8], limits: &Limits) -> Result<(Members, bool), &'static str> {
    let mut members = Vec::new();
    let gzipped = bytes.starts_with(b"\x1F\x8B");
    let packing = if gzipped { Packing::Gzip } else { Packing::Plain };
    let end = walk(Box::new(Cursor::new(bytes.to_vec())), packing, "x.tar", limits, &mut |member, reader| {
        let mut body = Vec::new();
        reader.read_to_end(&mut body).map_err(|e| Damage::of(&e).fault("", ("", None), e))?;
        assert_eq!(body.len() as u64, member.size);
        members.push((reading(member.name), body));
        Ok(())
    });
    end.map(|end| (members, end)).map_err(|f| f.code.name)
}

fn verdict(bytes: &[u8]) -> Result<usize, &'static str> {
    walked(bytes, &Limits::default()).map(|(members, _)| members.len())
}

fn named(names: &[&str]) -> Result<usize, &'static str> {
    verdict(&archive(&names.iter().map(|n| (*n, b"x".as_slice())).collect::<Vec<_>>()))
}

#[test]
fn members_come_in_order_with_their_bytes() {
    let bytes = archive(&[("a.xml", b"<a/>"), ("./b.pdf", &[7; 1_000]), ("empty", b""), ("d/e", &[1; 512])]);
    let expected: Members = vec![
        ("a.xml".into(), b"<a/>".to_vec()),
        ("b.pdf".into(), vec![7; 1_000]),
        ("empty".into(), vec![]),
        ("d/e".into(), vec![1; 512]),
    ];
    assert_eq!(walked(&bytes, &Limits::default()), Ok((expected.clone(), true)));
    assert_eq!(walked(&gzip(&bytes), &Limits::default()), Ok((expected, true)));
}

#[test]
fn long_and_accented_names_come_through_gnu_and_pax_headers() {
    let long = format!("{}/délibération.pdf", "d".repeat(120));
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(1);
    builder.append_data(&mut header, &long, b"x".as_slice()).unwrap();
    assert_eq!(walked(&builder.into_inner().unwrap(), &Limits::default()).unwrap().0[0].0, long);
    let mut builder = tar::Builder::new(Vec::new());
    builder.append_pax_extensions([("path", long.as_bytes()), ("mtime", b"1.5".as_slice())]).unwrap();
    append(&mut builder, "short", b"x", tar::EntryType::Regular);
    assert_eq!(walked(&builder.into_inner().unwrap(), &Limits::default()).unwrap().0[0].0, long);
}

#[test]
fn unsafe_names_are_refused() {
    for name in
        ["../x", "a/../b", "/etc/passwd", "a\\b", "C:x", "a\nb", "facture\u{202E}fdp.exe", "a//b", "a/./b", ".."]
    {
        assert_eq!(named(&[name]), Err("member-name-unsafe"), "{name:?}");
    }
    assert_eq!(named(&[""]), Err("member-name-unsafe"));
}

#[test]
fn names_that_two_readers_would_confuse_are_refused() {
    assert_eq!(named(&["a", "a"]), Err("member-twice"));
    assert_eq!(named(&["a", "./a"]), Err("member-twice"));
    assert_eq!(named(&["d\u{E9}lib.pdf", "de\u{301}lib.pdf"]), Err("member-clash"));
    assert_eq!(named(&["a", "a/b"]), Err("member-clash"));
    assert_eq!(named(&["a/b", "a"]), Err("member-clash"));
    assert_eq!(named(&["A.pdf", "a.pdf", "d/a.pdf"]), Ok(3));
}

#[test]
fn only_ordinary_files_and_directories_are_taken() {
    use tar::EntryType;
    let others = [
        EntryType::Link,
        EntryType::Symlink,
        EntryType::Char,
        EntryType::Block,
        EntryType::Fifo,
        EntryType::GNUSparse,
        EntryType::new(b'Z'),
    ];
    for kind in others {
        let mut builder = tar::Builder::new(Vec::new());
        append(&mut builder, "x", b"", kind);
        assert_eq!(verdict(&builder.into_inner().unwrap()), Err("member-not-a-file"), "{kind:?}");
    }
    let mut builder = tar::Builder::new(Vec::new());
    for directory in ["./", "d/", "d/"] {
        append(&mut builder, directory, b"", EntryType::Directory);
    }
    append(&mut builder, "d/a", b"", EntryType::Regular);
    assert_eq!(verdict(&builder.into_inner().unwrap()), Ok(1));
}

#[test]
fn extensions_may_not_change_what_a_header_says() {
    let pax: [&[(&str, &[u8])]; 4] = [
        &[("size", b"99999999999")],
        &[("path", b"../../evil")],
        &[("GNU.sparse.major", b"1")],
        &[("path", b"a"), ("path", b"b")],
    ];
    let expected = ["member-extension", "member-name-unsafe", "member-extension", "member-extension"];
    for (records, expected) in pax.into_iter().zip(expected) {
        let mut builder = tar::Builder::new(Vec::new());
        builder.append_pax_extensions(records.iter().copied()).unwrap();
        append(&mut builder, "good.xml", b"x", tar::EntryType::Regular);
        assert_eq!(verdict(&builder.into_inner().unwrap()), Err(expected), "{records:?}");
    }
    let mut builder = tar::Builder::new(Vec::new());
    append(&mut builder, "g", b"12 path=evil\n", tar::EntryType::XGlobalHeader);
    assert_eq!(verdict(&builder.into_inner().unwrap()), Err("member-extension"));
}

#[test]
fn extension_headers_are_bounded() {
    let of = |size: usize| {
        let mut builder = tar::Builder::new(Vec::new());
        append(&mut builder, "l", &vec![0; size], tar::EntryType::GNULongLink);
        append(&mut builder, "x", b"", tar::EntryType::Regular);
        builder.into_inner().unwrap()
    };
    let most = crate::limits::MAX_TAR_EXTENSION_BYTES as usize;
    assert_eq!(verdict(&of(most)), Ok(1));
    assert_eq!(verdict(&of(most + 1)), Err("member-extension"));
}

#[test]
fn members_names_and_levels_are_bounded() {
    let limits = Limits { members: 3, ..Limits::default() };
    assert!(walked(&archive(&[("a", b""), ("b", b""), ("c", b"")]), &limits).is_ok());
    let four = archive(&[("a", b""), ("b", b""), ("c", b""), ("d", b"")]);
    assert_eq!(walked(&four, &limits), Err("container-too-many-members"));
    let limits = Limits { name_bytes: 5, name_depth: 2, ..Limits::default() };
    assert!(walked(&archive(&[("12345", b""), ("a/b", b"")]), &limits).is_ok());
    assert_eq!(walked(&archive(&[("123456", b"")]), &limits), Err("member-name-limit"));
    assert_eq!(walked(&archive(&[("a/b/c", b"")]), &limits), Err("member-name-limit"));
}

#[test]
fn the_default_number_of_members_holds_at_the_limit() {
    let of = |n: usize| {
        let names: Vec<String> = (0..n).map(|i| i.to_string()).collect();
        gzip(&archive(&names.iter().map(|n| (n.as_str(), b"".as_slice())).collect::<Vec<_>>()))
    };
    let limits = Limits { inflated_ratio: u64::MAX, ..Limits::default() };
    assert!(walked(&of(crate::limits::MAX_MEMBERS), &limits).is_ok());
    assert_eq!(walked(&of(crate::limits::MAX_MEMBERS + 1), &limits), Err("container-too-many-members"));
}

#[test]
fn inflated_size_and_ratio_are_bounded() {
    let bytes = archive(&[("z", &vec![0; 1 << 20])]);
    let whole = bytes.len() as u64;
    let free = Limits { inflated_ratio: u64::MAX, ..Limits::default() };
    assert!(walked(&gzip(&bytes), &Limits { inflated_bytes: whole, ..free.clone() }).is_ok());
    assert_eq!(walked(&gzip(&bytes), &Limits { inflated_bytes: whole - 1, ..free }), Err("container-too-large"));
    assert_eq!(walked(&gzip(&bytes), &Limits::default()), Err("container-bomb"));
    assert!(walked(&gzip(&bytes), &Limits { ratio_floor_bytes: whole, ..Limits::default() }).is_ok());
    assert_eq!(
        walked(&gzip(&bytes), &Limits { ratio_floor_bytes: whole - 1, ..Limits::default() }),
        Err("container-bomb")
    );
    // All compressed bytes are read ahead here, so the ratio is exactly inflated over compressed.
    let ratio = whole.div_ceil(gzip(&bytes).len() as u64);
    let at = |inflated_ratio| Limits { inflated_ratio, ratio_floor_bytes: 0, ..Limits::default() };
    assert!(walked(&gzip(&bytes), &at(ratio)).is_ok());
    assert_eq!(walked(&gzip(&bytes), &at(ratio - 1)), Err("container-bomb"));
}

#[test]
fn nothing_may_follow_an_archive() {
    let (one, two) = (archive(&[("a", b"1")]), archive(&[("b", b"2")]));
    assert_eq!(verdict(&[gzip(&one), gzip(&two)].concat()), Err("container-trailing"));
    assert_eq!(verdict(&gzip(&[one.clone(), two].concat())), Err("container-trailing"));
    assert_eq!(verdict(&[one.clone(), b"x".to_vec()].concat()), Err("container-trailing"));
    assert_eq!(verdict(&[one, vec![0; 10_240]].concat()), Ok(1));
}

#[test]
fn a_cut_or_damaged_archive_is_unreadable() {
    let bytes = archive(&[("a", &[1; 700])]);
    assert_eq!(verdict(&bytes[..900]), Err("container-damaged"));
    assert_eq!(verdict(&bytes[..100]), Err("container-damaged"));
    let packed = gzip(&bytes);
    assert_eq!(verdict(&packed[..packed.len() - 4]), Err("container-damaged"));
    let mut wrong = bytes.clone();
    wrong[0] ^= 1;
    assert_eq!(verdict(&wrong), Err("container-damaged"));
    assert_eq!(walked(&bytes[..512 + 1_024], &Limits::default()).map(|(m, end)| (m.len(), end)), Ok((1, false)));
}
