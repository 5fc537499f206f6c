//! The container: written to known bytes, read back, and refused when it could be read in two ways.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use seal::{Container, ContainerWriter, MEDIA_TYPE, SealError, limits};

use crate::forge::sha256;

fn sample() -> Vec<u8> {
    let mut writer = ContainerWriter::new(Vec::new()).unwrap();
    writer.add("délibération.pdf", b"un acte").unwrap();
    writer.add("META-INF/tabellion/receipt.txt", b"").unwrap();
    writer.finish().unwrap()
}

fn code(bytes: &[u8]) -> &'static str {
    Container::parse(bytes).map(|_| ()).unwrap_err().code()
}

#[test]
fn what_was_written_is_read() {
    let bytes = sample();
    let container = Container::parse(&bytes).unwrap();
    let names: Vec<&str> = container.names().collect();
    assert_eq!(names, ["mimetype", "délibération.pdf", "META-INF/tabellion/receipt.txt"]);
    assert_eq!(container.read("mimetype").unwrap(), MEDIA_TYPE.as_bytes());
    assert_eq!(container.read("délibération.pdf").unwrap(), b"un acte");
    assert_eq!(container.read("absent").unwrap_err().code(), "entry-missing");
    assert!(container.contains("mimetype") && !container.contains("absent"));
}

#[test]
fn the_bytes_of_a_container_are_those_they_always_were() {
    let bytes = sample();
    assert_eq!(bytes, sample());
    let digest: String = sha256(&bytes).iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!((bytes.len(), digest.as_str()), GOLDEN);
    assert_eq!(&bytes[30..38], b"mimetype", "at the offset where magic numbers are looked for");
    assert_eq!(&bytes[38..38 + MEDIA_TYPE.len()], MEDIA_TYPE.as_bytes());
}

const GOLDEN: (usize, &str) = (400, "ab35d97e9740338eb93f2e0dd79247575528b0a595d4c9d6f96681a2d32cb574");

#[test]
fn unzip_reads_it_too() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pack.asice");
    std::fs::write(&path, sample()).unwrap();
    let script = "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; \
                  print(*z.namelist(), sep='\\n')";
    match std::process::Command::new("python3").args(["-c", script]).arg(&path).output() {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 3);
        }
        Err(_) => println!("SKIPPED: python3 is not installed"),
    }
}

#[test]
fn names_that_could_be_misread_are_refused_when_written_and_when_read() {
    let long = "a".repeat(limits::NAME_BYTES);
    assert!(ContainerWriter::new(Vec::new()).unwrap().add(&long, b"").is_ok());
    let longer = "a".repeat(limits::NAME_BYTES + 1);
    for name in ["", "/a", "a/", "a//b", "../a", "a/../b", ".", "a/./b", "a\\b", "C:a", "a\0b", "a\nb", &longer] {
        let mut writer = ContainerWriter::new(Vec::new()).unwrap();
        assert!(writer.add(name, b"").is_err(), "{name:?}");
        let bytes = Zip::default().entry(name.as_bytes(), b"").build();
        assert!(["entry-name", "too-large"].contains(&code(&bytes)), "{name:?}");
    }
    assert_eq!(code(&Zip::default().entry(b"\xff", b"").build()), "entry-name");
    assert_eq!(code(&Zip::default().entry("é".as_bytes(), b"").build()), "entry-name", "UTF-8 not announced");
}

#[test]
fn two_entries_of_one_name_are_refused() {
    let mut writer = ContainerWriter::new(Vec::new()).unwrap();
    writer.add("a", b"1").unwrap();
    assert_eq!(writer.add("a", b"2").unwrap_err().code(), "entry-repeated");
    assert_eq!(writer.add("mimetype", b"2").unwrap_err().code(), "entry-repeated");
    assert_eq!(code(&Zip::default().entry(b"a", b"1").entry(b"a", b"2").build()), "entry-repeated");
}

#[test]
fn the_media_type_stands_first_stored_and_exact() {
    let zip = |entries: Vec<Entry>| Zip { entries }.build();
    let mimetype = || Entry::stored(b"mimetype", MEDIA_TYPE.as_bytes());
    assert!(Container::parse(&zip(vec![mimetype()])).is_ok());
    assert_eq!(code(&zip(vec![])), "media-type");
    assert_eq!(code(&zip(vec![Entry::stored(b"a", b""), mimetype()])), "media-type");
    assert_eq!(code(&zip(vec![Entry::stored(b"mimetype", b"application/zip")])), "media-type");
    assert_eq!(code(&zip(vec![Entry::deflated(b"mimetype", MEDIA_TYPE.as_bytes())])), "media-type");
    let extra = Entry { local_extra: vec![0x55, 0x54, 0, 0], ..mimetype() };
    assert_eq!(code(&zip(vec![extra])), "media-type");
}

#[test]
fn a_deflated_entry_is_read_and_held_to_its_size() {
    let entry = || Entry::deflated(b"a", &[7; 5000]);
    let read = |entry: Entry| {
        let bytes = Zip::default().with(entry).build();
        Container::parse(&bytes).and_then(|c| c.read("a")).map_err(|e| e.code())
    };
    assert_eq!(read(entry()), Ok(vec![7; 5000]));
    assert_eq!(read(Entry { size: 4999, ..entry() }), Err("malformed"));
    assert_eq!(read(Entry { size: 5001, ..entry() }), Err("malformed"));
    let mut trailing = entry();
    trailing.data.push(0);
    assert_eq!(read(trailing), Err("malformed"));
    assert_eq!(read(Entry { crc: 1, ..entry() }), Err("entry-checksum"));
    assert_eq!(read(Entry { crc: 1, ..Entry::stored(b"a", b"b") }), Err("entry-checksum"));
}

#[test]
fn what_is_written_deflated_is_smaller_and_read_as_it_was() {
    let written = |bytes: &[u8]| {
        let mut writer = ContainerWriter::new(Vec::new()).unwrap();
        writer.add("a", b"before").unwrap();
        writer.add_deflated("b", bytes).unwrap();
        writer.add("c", b"after").unwrap();
        let zip = writer.finish().unwrap();
        let container = Container::parse(&zip).unwrap();
        assert_eq!(container.read("b").unwrap(), bytes);
        assert_eq!(
            (container.read("a").unwrap(), container.read("c").unwrap()),
            (b"before".to_vec(), b"after".to_vec())
        );
        drop(container);
        zip
    };
    let text: Vec<u8> = (0..20_000u32).flat_map(|n| format!("<a>{n}</a>").into_bytes()).collect();
    let zip = written(&text);
    assert!(zip.len() < text.len() / 2, "{} of {}", zip.len(), text.len());
    assert_eq!(written(&text), zip, "the same bytes each time");
    // What deflate makes a hundred times smaller and more is stored: a reader would take it for a bomb.
    let flat = vec![b' '; limits::RATIO_FREE_BYTES as usize + 1];
    assert!(written(&flat).len() > flat.len());
    let mut writer = ContainerWriter::new(Vec::new()).unwrap();
    writer.add_deflated("b", b"").unwrap();
    assert!(matches!(writer.add_deflated("b", b""), Err(seal::SealError::EntryRepeated { .. })));
    assert!(matches!(writer.add_deflated("../b", b""), Err(seal::SealError::EntryName { .. })));
}

#[test]
fn an_entry_that_inflates_too_much_is_refused_at_the_limit() {
    let ratio = |packed: u64, size: u64| {
        let entry = Entry { data: vec![0; packed as usize], size: size as u32, method: 8, ..Entry::stored(b"a", b"") };
        Container::parse(&Zip::default().with(entry).build()).map(|_| ()).map_err(|e| e.code())
    };
    assert_eq!(ratio(1, limits::RATIO_FREE_BYTES), Ok(()));
    assert_eq!(ratio(1, limits::RATIO_FREE_BYTES + 1), Err("too-large"));
    let packed = limits::RATIO_FREE_BYTES / limits::RATIO + 1;
    assert_eq!(ratio(packed, packed * limits::RATIO), Ok(()));
    assert_eq!(ratio(packed, packed * limits::RATIO + 1), Err("too-large"));
    let one = limits::ENTRY_BYTES;
    assert_eq!(ratio(one / limits::RATIO + 1, one), Ok(()));
    assert_eq!(ratio(one / limits::RATIO + 1, one + 1), Err("too-large"));
}

#[test]
fn entries_that_inflate_too_much_together_are_refused() {
    let packed = (limits::ENTRY_BYTES / limits::RATIO + 1) as usize;
    let entry = |name: &[u8], size: u64| Entry {
        data: vec![0; packed],
        size: size as u32,
        method: 8,
        ..Entry::stored(name, b"")
    };
    let rest = limits::TOTAL_BYTES - limits::ENTRY_BYTES - MEDIA_TYPE.len() as u64;
    for (last, read) in [(rest, true), (rest + 1, false)] {
        let bytes = Zip::default().with(entry(b"a", limits::ENTRY_BYTES)).with(entry(b"b", last)).build();
        assert_eq!(Container::parse(&bytes).is_ok(), read);
    }
}

#[test]
fn entries_as_many_as_the_limit_and_no_more() {
    let mut writer = ContainerWriter::new(Vec::new()).unwrap();
    for n in 1..limits::ENTRIES {
        writer.add(&n.to_string(), b"").unwrap();
    }
    assert_eq!(writer.add("one more", b"").unwrap_err().code(), "too-large");
    assert_eq!(Container::parse(&writer.finish().unwrap()).unwrap().names().count(), limits::ENTRIES);
    let mut zip = Zip::default();
    zip.entries.extend((1..limits::ENTRIES + 1).map(|n| Entry::stored(n.to_string().as_bytes(), b"")));
    assert_eq!(code(&zip.build()), "too-large");
}

#[test]
fn a_container_of_two_readings_is_refused() {
    let good = Zip::default().entry(b"a", b"b").build();
    assert!(Container::parse(&good).is_ok());
    assert_eq!(code(&[b"MZ", &good[..]].concat()), "malformed", "bytes before");
    assert_eq!(code(&[&good[..], b"\0"].concat()), "malformed", "bytes after");
    assert_eq!(code(&good[..good.len() - 1]), "malformed");
    let entry = || Entry::stored(b"a", b"b");
    let refused = |entry: Entry| code(&Zip::default().with(entry).build());
    assert_eq!(refused(Entry { local_name: Some(b"c".to_vec()), ..entry() }), "malformed", "two names");
    assert_eq!(refused(Entry { gap: vec![0; 3], ..entry() }), "malformed", "bytes between");
    assert_eq!(refused(Entry { gap: vec![0; 16], ..entry() }), "malformed", "a descriptor not announced");
    assert_eq!(refused(Entry { size: 2, ..entry() }), "malformed", "stored, two sizes");
    assert_eq!(refused(Entry { flags: 1, ..entry() }), "unsupported", "encrypted");
    assert_eq!(refused(Entry { method: 12, ..entry() }), "unsupported", "another method");
    assert_eq!(refused(Entry { attributes: 0o120_777 << 16, ..entry() }), "unsupported", "a link");
    let extra = |kind: u16| [&kind.to_le_bytes()[..], &[2, 0, 7, 7]].concat();
    assert_eq!(refused(Entry { local_extra: extra(0x7075), ..entry() }), "unsupported", "a second name");
    assert_eq!(refused(Entry { local_extra: extra(0x0001), ..entry() }), "unsupported", "a second length");
    assert_eq!(refused(Entry { extra: extra(0x7075), ..entry() }), "unsupported", "a second name, in the directory");
    assert_eq!(refused(Entry { extra: vec![0x55, 0x54, 9, 0], ..entry() }), "malformed", "an extra field cut short");
    let dated = Entry { extra: extra(0x5455), local_extra: extra(0x5455), ..entry() };
    assert!(Container::parse(&Zip::default().with(dated).build()).is_ok(), "times change nothing");
    let beos = Zip::default().with(Entry { attributes: 0o120_777 << 16, ..entry() }).build();
    assert_eq!(code(&hosted(&beos, 16)), "unsupported", "a link, of another system");
    assert_eq!(refused(Entry { local_crc: Some(5), ..entry() }), "malformed", "two checksums");
}

#[test]
fn what_stands_behind_an_entry_says_what_the_directory_says_and_nothing_stored_ends_earlier() {
    let behind = |entry: Entry, change: usize| {
        let sizes = [entry.crc, entry.data.len() as u32, entry.size].map(u32::to_le_bytes).concat();
        let mut gap = [&b"PK\x07\x08"[..], &sizes].concat();
        if let Some(byte) = gap.get_mut(change) {
            *byte ^= 1;
        }
        Zip::default().with(Entry { flags: 8, gap, ..entry }).build()
    };
    let none = usize::MAX;
    let others = |bytes: &[u8]| Container::parse_others(bytes).map(|_| ()).map_err(|error| error.code());
    let deflated = || Entry::deflated(b"a", &[7; 500]);
    assert!(Container::parse(&behind(deflated(), none)).is_ok() && others(&behind(deflated(), none)).is_ok());
    for place in [0, 4, 8, 12] {
        assert_eq!(code(&behind(deflated(), place)), "malformed", "{place}");
        assert_eq!(others(&behind(deflated(), place)), Err("malformed"), "{place}");
    }
    let lies = Entry { flags: 8, local_crc: Some(1234), ..deflated() };
    assert_eq!(code(&Zip::default().with(Entry { gap: vec![0; 12], ..lies }).build()), "malformed");
    // Whoever reads it as it comes takes the first mark for its end.
    let marked = [&[7; 70_000][..], b"PK\x07\x08", &[7; 9]].concat();
    let (plain, marked) = (Entry::stored(b"a", b"b"), Entry::stored(b"a", &marked));
    assert_eq!(code(&behind(plain, none)), "malformed");
    assert_eq!(others(&behind(Entry::stored(b"a", b"b"), none)), Ok(()));
    assert_eq!(others(&behind(marked, none)), Err("malformed"));
}

#[test]
fn extra_fields_that_could_say_something_else_are_refused_in_both_headers() {
    let outcome = |local_extra: Vec<u8>, extra: Vec<u8>| {
        let entry = Entry { local_extra, extra, ..Entry::stored(b"a", b"b") };
        Container::parse(&Zip::default().with(entry).build()).map(|_| ()).map_err(|e| e.code())
    };
    let field = |id: u16| [&id.to_le_bytes()[..], &[1, 0, 7]].concat();
    for id in [0x5455, 0x7875, 0xcafe] {
        assert_eq!(outcome(field(id), field(id)), Ok(()), "{id:#x}");
    }
    for id in [0x7075, 0x6375, 0x0001, 0x000a, 0x756e, 0x9901, 0] {
        assert_eq!(outcome(field(id), Vec::new()), Err("unsupported"), "{id:#x}");
        assert_eq!(outcome(Vec::new(), field(id)), Err("unsupported"), "{id:#x}");
        let second = [field(0x5455), field(id)].concat();
        assert_eq!(outcome(Vec::new(), second), Err("unsupported"), "{id:#x} after a good one");
    }
    for cut in [&[0x55][..], &[0x55, 0x54, 2, 0, 7], &[0x55, 0x54, 0, 0, 0]] {
        assert_eq!(outcome(cut.to_vec(), Vec::new()), Err("malformed"), "{cut:?}");
        assert_eq!(outcome(Vec::new(), cut.to_vec()), Err("malformed"), "{cut:?}");
    }
}

#[test]
fn an_entry_that_is_no_regular_file_is_refused_whoever_made_it() {
    for host in [0, 3, 16, 19] {
        let outcome = |attributes: u32| {
            let entry = Entry { attributes, ..Entry::stored(b"a", b"b") };
            let bytes = hosted(&Zip::default().with(entry).build(), host);
            Container::parse(&bytes).map(|_| ()).map_err(|e| e.code())
        };
        assert_eq!((outcome(0), outcome(0o100_644 << 16 | 0x20)), (Ok(()), Ok(())));
        for kind in [0o120_777, 0o040_755, 0o020_666, 0o010_644, 0o140_777] {
            assert_eq!(outcome(kind << 16), Err("unsupported"), "{host}: {kind:o}");
        }
        assert_eq!((outcome(0x10), outcome(0x08)), (Err("unsupported"), Err("unsupported")), "{host}");
    }
}

#[test]
fn a_sink_that_fails_is_said() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("full"))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    assert!(matches!(ContainerWriter::new(Full), Err(SealError::Write { .. })));
}

/// A zip entry of which every field can be made false.
#[derive(Clone)]
pub struct Entry {
    name: Vec<u8>,
    local_name: Option<Vec<u8>>,
    data: Vec<u8>,
    size: u32,
    crc: u32,
    local_crc: Option<u32>,
    method: u16,
    flags: u16,
    attributes: u32,
    local_extra: Vec<u8>,
    /// In the directory.
    extra: Vec<u8>,
    gap: Vec<u8>,
}

impl Entry {
    pub fn stored(name: &[u8], data: &[u8]) -> Self {
        let mut crc = flate2::Crc::new();
        crc.update(data);
        Self {
            name: name.to_vec(),
            local_name: None,
            data: data.to_vec(),
            size: data.len() as u32,
            crc: crc.sum(),
            local_crc: None,
            method: 0,
            flags: 0,
            attributes: 0,
            local_extra: Vec::new(),
            extra: Vec::new(),
            gap: Vec::new(),
        }
    }

    pub fn deflated(name: &[u8], data: &[u8]) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(data).unwrap();
        Self { data: encoder.finish().unwrap(), method: 8, ..Self::stored(name, data) }
    }

    /// Its size once inflated.
    pub fn size(&self) -> u32 {
        self.size
    }

    /// The same, said to be of another size once inflated.
    pub fn sized(self, size: u32) -> Self {
        Self { size, ..self }
    }

    /// The same, said to have another checksum.
    pub fn summed(self, crc: u32) -> Self {
        Self { crc, ..self }
    }

    fn header(&self, crc: u32, name: &[u8], extra: usize) -> Vec<u8> {
        let mut out = vec![20, 0];
        out.extend(self.flags.to_le_bytes());
        out.extend(self.method.to_le_bytes());
        out.extend([0; 4]);
        out.extend(crc.to_le_bytes());
        out.extend((self.data.len() as u32).to_le_bytes());
        out.extend(self.size.to_le_bytes());
        out.extend((name.len() as u16).to_le_bytes());
        out.extend((extra as u16).to_le_bytes());
        out
    }
}

/// The same container, its entries said to be made by another system.
fn hosted(container: &[u8], system: u8) -> Vec<u8> {
    let mut out = container.to_vec();
    for at in 0..out.len().saturating_sub(6) {
        if out[at..].starts_with(b"PK\x01\x02\x14\x03") {
            out[at + 5] = system;
        }
    }
    out
}

pub struct Zip {
    entries: Vec<Entry>,
}

impl Default for Zip {
    fn default() -> Self {
        Self { entries: vec![Entry::stored(b"mimetype", MEDIA_TYPE.as_bytes())] }
    }
}

impl Zip {
    fn entry(self, name: &[u8], data: &[u8]) -> Self {
        self.with(Entry::stored(name, data))
    }

    pub fn with(mut self, entry: Entry) -> Self {
        self.entries.push(entry);
        self
    }

    pub fn build(&self) -> Vec<u8> {
        let (mut out, mut central) = (Vec::new(), Vec::new());
        for entry in &self.entries {
            central.extend(b"PK\x01\x02\x14\x03");
            central.extend(entry.header(entry.crc, &entry.name, entry.extra.len()));
            central.extend([0; 6]);
            central.extend(entry.attributes.to_le_bytes());
            central.extend((out.len() as u32).to_le_bytes());
            central.extend(&entry.name);
            central.extend(&entry.extra);
            let name = entry.local_name.as_ref().unwrap_or(&entry.name);
            out.extend(b"PK\x03\x04");
            out.extend(entry.header(entry.local_crc.unwrap_or(entry.crc), name, entry.local_extra.len()));
            out.extend(name);
            out.extend(&entry.local_extra);
            out.extend(&entry.data);
            out.extend(&entry.gap);
        }
        let start = out.len() as u32;
        let count = (self.entries.len() as u16).to_le_bytes();
        out.extend(&central);
        out.extend(b"PK\x05\x06\0\0\0\0");
        out.extend(count);
        out.extend(count);
        out.extend((central.len() as u32).to_le_bytes());
        out.extend(start.to_le_bytes());
        out.extend([0; 2]);
        out
    }
}
