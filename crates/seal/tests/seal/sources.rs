//! A container that is not in memory: read piece by piece to what its bytes are, and what cannot be read is not called false.

use seal::{Checksum, Container, ContainerWriter, Held, SealError, Source};

use crate::container::{Entry, Zip};
use crate::forge::sha256;

/// Bytes of which one cannot be read.
#[derive(Debug)]
struct Torn<'a>(&'a [u8], usize);

impl Source for Torn<'_> {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), SealError> {
        let (from, to) = (offset as usize, offset as usize + into.len());
        if (from..to).contains(&self.1) {
            return Err(SealError::Read { reason: "torn".into() });
        }
        Held(self.0).read_at(offset, into)
    }
}

/// Larger than a piece, and not the same all along.
fn large() -> Vec<u8> {
    (0..200_000_u32).flat_map(|n| (n / 7).to_le_bytes()).collect()
}

fn sample() -> Vec<u8> {
    let entries =
        [Entry::stored(b"stored", &large()), Entry::deflated(b"deflated", &large()), Entry::stored(b"none", b"")];
    entries.into_iter().fold(Zip::default(), Zip::with).build()
}

#[test]
fn what_is_read_piece_by_piece_is_what_is_read_whole() {
    let bytes = sample();
    let whole = Container::parse(&bytes).unwrap();
    let torn = Torn(&bytes, usize::MAX);
    let pieces = Container::open(&torn).unwrap();
    assert!(pieces.names().eq(whole.names()));
    for name in whole.names() {
        let expected = whole.read(name).unwrap();
        assert_eq!(pieces.read(name).unwrap(), expected, "{name}");
        for container in [&whole, &pieces] {
            let found = container.measure(name).unwrap();
            assert_eq!((found.size, found.sha256.to_vec()), (expected.len() as u64, sha256(&expected)), "{name}");
            assert_eq!(found.sha512.to_vec(), seal::DigestAlgorithm::Sha512.digest(&expected), "{name}");
            container.check(name).unwrap();
        }
    }
    assert_eq!(whole.measure("absent").unwrap_err().code(), "entry-missing");
}

#[test]
fn an_entry_with_another_checksum_or_size_is_refused_however_it_is_read() {
    let stored = Entry::stored(b"a", &large());
    let deflated = || Entry::deflated(b"a", &large());
    let size = deflated().size();
    let wrong = [
        (stored.summed(7), "entry-checksum"),
        (deflated().summed(7), "entry-checksum"),
        (deflated().sized(size - 1), "malformed"),
        (deflated().sized(size + 1), "malformed"),
    ];
    for (entry, code) in wrong {
        let bytes = Zip::default().with(entry).build();
        let torn = Torn(&bytes, usize::MAX);
        let container = Container::open(&torn).unwrap();
        let found = [container.read("a").map(|_| ()), container.measure("a").map(|_| ()), container.check("a")];
        assert!(found.iter().all(|found| found.as_ref().is_err_and(|why| why.code() == code)), "{found:?}");
    }
}

#[test]
fn what_cannot_be_read_is_not_called_false() {
    let bytes = sample();
    let torn = Torn(&bytes, 100_000);
    let container = Container::open(&torn).unwrap();
    assert_eq!(container.measure("stored").unwrap_err().code(), "read");
    assert_eq!(container.read("stored").unwrap_err().code(), "read");
    assert_eq!(container.check("stored").unwrap_err().code(), "read");
    assert!(container.check("stored").unwrap_err().is_undecided());
    // A deflated entry that breaks off because the disk does is no broken entry.
    let bytes = Zip::default().with(Entry::deflated(b"deflated", &large())).with(Entry::stored(b"b", &large())).build();
    let torn = Torn(&bytes, 1000);
    assert_eq!(Container::open(&torn).unwrap().measure("deflated").unwrap_err().code(), "read");
    assert_eq!(Container::open(&Torn(&bytes[..10], usize::MAX)).unwrap_err().code(), "malformed");
}

#[test]
fn a_container_within_another_is_read_where_it_stands() {
    let inner = sample();
    let mut writer = ContainerWriter::new(Vec::new()).unwrap();
    writer.add("before", b"some").unwrap();
    writer.add("inner", &inner).unwrap();
    let bytes = writer.finish().unwrap();
    let torn = Torn(&bytes, usize::MAX);
    let outer = Container::open(&torn).unwrap();
    let part = outer.stored("inner").unwrap();
    let found = Container::open(&part).unwrap();
    assert_eq!(found.read("deflated").unwrap(), large());
    assert_eq!(found.measure("stored").unwrap(), Container::parse(&inner).unwrap().measure("stored").unwrap());
    assert!(part.read_at(part.size(), &mut [0]).is_err(), "nothing of what stands behind it");
    let packed = Zip::default().with(Entry::deflated(b"inner", &inner)).build();
    assert!(Container::parse(&packed).unwrap().stored("inner").is_none(), "nothing is read in what is deflated");
}

#[test]
fn an_entry_given_apart_gives_the_same_container() {
    let mut plain = ContainerWriter::new(Vec::new()).unwrap();
    let mut apart = ContainerWriter::new(Vec::new()).unwrap();
    let large = large();
    for (name, bytes) in [("a", &large[..]), ("b", b""), ("c", b"some")] {
        plain.add(name, bytes).unwrap();
        let mut checksum = Checksum::default();
        checksum.update(bytes);
        apart.add_apart(name, bytes.len() as u64, &checksum).unwrap().extend_from_slice(bytes);
    }
    assert_eq!(plain.finish().unwrap(), apart.finish().unwrap());
    let (mut one, mut other, mut both) = (Checksum::default(), Checksum::default(), Checksum::default());
    one.update(&large);
    other.update(b"more");
    both.update(&[&large[..], b"more"].concat());
    one.join(&other);
    assert_eq!((one.value(), one.clone()), (both.value(), both));
}
