//! A pack laid out: what is small stands in memory, a large document stays where it is. It was read once, for its digests, when the pack was
//! judged; it is read again when the pack is given, and held to them: bytes that are not those judged end the answer before its end.
//!
//! Nothing of HTTP here, and nothing of the store: how a document is opened comes from whoever lays the pack out.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;

use seal::{Checksum, Measured, Measuring, SealError, Source};

/// How the bytes of a document are come by, as often as they are needed.
pub type OpenFile = Arc<dyn Fn() -> io::Result<Box<dyn Read + Send>> + Send + Sync>;

/// Bytes read at once.
const PIECE: usize = 64 << 10;

/// A document that stays where it is.
pub struct Apart {
    open: OpenFile,
    measured: Measured,
}

impl Apart {
    /// This document, read once from first to last.
    ///
    /// # Errors
    /// It cannot be read, or is longer than `most`.
    pub fn measure(open: OpenFile, most: u64) -> io::Result<Self> {
        let mut measuring = Measuring::default();
        let (mut reader, mut piece) = (open()?.take(most.saturating_add(1)), vec![0; PIECE]);
        loop {
            let read = reader.read(&mut piece)?;
            if read == 0 {
                return Ok(Self { open, measured: measuring.finish() });
            }
            measuring.update(piece.get(..read).unwrap_or_default());
        }
    }

    /// What it came to.
    pub fn measured(&self) -> &Measured {
        &self.measured
    }
}

/// A stretch of a pack.
enum Piece {
    Held(Vec<u8>),
    Apart(Apart),
}

impl Piece {
    fn size(&self) -> u64 {
        match self {
            Self::Held(bytes) => bytes.len() as u64,
            Self::Apart(document) => document.measured.size,
        }
    }
}

/// A pack, stretch by stretch.
#[derive(Default)]
pub struct Layout {
    pieces: Vec<Piece>,
    size: u64,
}

impl fmt::Debug for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Layout({} bytes in {} stretches)", self.size, self.pieces.len())
    }
}

impl From<Vec<u8>> for Layout {
    fn from(bytes: Vec<u8>) -> Self {
        let size = bytes.len() as u64;
        Self { pieces: vec![Piece::Held(bytes)], size }
    }
}

impl Write for Layout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.pieces.last_mut() {
            Some(Piece::Held(held)) => held.extend_from_slice(bytes),
            _ => self.pieces.push(Piece::Held(bytes.to_vec())),
        }
        self.size += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Layout {
    /// A document comes next.
    pub fn push(&mut self, document: Apart) {
        self.size += document.measured.size;
        self.pieces.push(Piece::Apart(document));
    }

    /// Another pack comes next, as it was laid out.
    pub fn append(&mut self, other: Self) {
        self.size += other.size;
        self.pieces.extend(other.pieces);
    }

    /// How many bytes.
    pub fn bytes(&self) -> u64 {
        self.size
    }

    /// The checksum of the whole.
    ///
    /// # Errors
    /// As [`Source::checksum`].
    pub fn sum(&self) -> Result<Checksum, SealError> {
        self.checksum(0, self.size)
    }

    /// The bytes, if they all stand in memory.
    ///
    /// # Errors
    /// The layout itself, of which some document stays apart.
    pub fn held(self) -> Result<Vec<u8>, Self> {
        if self.pieces.iter().any(|piece| matches!(piece, Piece::Apart(_))) {
            return Err(self);
        }
        let mut pieces =
            self.pieces.into_iter().map(|piece| if let Piece::Held(bytes) = piece { bytes } else { Vec::new() });
        let first = pieces.next().unwrap_or_default();
        Ok(pieces.fold(first, |mut all, more| {
            all.extend(more);
            all
        }))
    }

    /// The bytes from first to last; those of documents are held to what was judged.
    pub fn reader(self) -> Reader {
        Reader { pieces: self.pieces.into_iter(), now: Some(Now::Held(io::Cursor::default())), broken: false }
    }

    /// Each stretch that has bytes from `offset` on and before `offset + size`: which of its bytes these are.
    fn each(
        &self,
        offset: u64,
        size: u64,
        take: &mut dyn FnMut(&Piece, u64, u64) -> Result<(), SealError>,
    ) -> Result<(), SealError> {
        let beyond = || SealError::Malformed { what: "pack: bytes beyond its end" };
        let end = offset.checked_add(size).filter(|end| *end <= self.size).ok_or_else(beyond)?;
        let mut begins = 0;
        for piece in &self.pieces {
            let ends = begins + piece.size();
            let (from, to) = (offset.max(begins), end.min(ends));
            if from < to {
                take(piece, from - begins, to - begins)?;
            }
            begins = ends;
        }
        Ok(())
    }
}

/// These bytes of a stretch in memory.
fn part(bytes: &[u8], from: u64, to: u64) -> &[u8] {
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    bytes.get(place(from)..place(to)).unwrap_or_default()
}

/// A document is measured whole, once; nothing asks for its bytes in part, since it is stored in the pack as it is.
fn not_in_part() -> SealError {
    SealError::Read { reason: "a document of the pack is asked for in part".into() }
}

impl Source for Layout {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), SealError> {
        let mut rest = into;
        let size = rest.len() as u64;
        self.each(offset, size, &mut |piece, from, to| {
            let Piece::Held(bytes) = piece else { return Err(not_in_part()) };
            let bytes = part(bytes, from, to);
            let (now, later) = std::mem::take(&mut rest).split_at_mut(bytes.len());
            now.copy_from_slice(bytes);
            rest = later;
            Ok(())
        })
    }

    fn measure(&self, offset: u64, size: u64) -> Result<Measured, SealError> {
        let mut measuring = Measuring::default();
        let mut document = None;
        self.each(offset, size, &mut |piece, from, to| {
            match piece {
                Piece::Held(bytes) => measuring.update(part(bytes, from, to)),
                Piece::Apart(apart) if from == 0 && to == size && size == apart.measured.size => {
                    document = Some(apart.measured.clone());
                }
                Piece::Apart(_) => return Err(not_in_part()),
            }
            Ok(())
        })?;
        Ok(document.unwrap_or_else(|| measuring.finish()))
    }

    fn checksum(&self, offset: u64, size: u64) -> Result<Checksum, SealError> {
        let mut checksum = Checksum::default();
        self.each(offset, size, &mut |piece, from, to| {
            match piece {
                Piece::Held(bytes) => checksum.update(part(bytes, from, to)),
                Piece::Apart(apart) if (from, to) == (0, apart.measured.size) => {
                    checksum.join(&apart.measured.checksum)
                }
                Piece::Apart(_) => return Err(not_in_part()),
            }
            Ok(())
        })?;
        Ok(checksum)
    }
}

/// A pack being given, from first to last.
pub struct Reader {
    pieces: std::vec::IntoIter<Piece>,
    /// The stretch under way; none after the last.
    now: Option<Now>,
    /// Nothing comes after an error.
    broken: bool,
}

enum Now {
    Held(io::Cursor<Vec<u8>>),
    Apart(Box<Going>),
}

/// A document being given.
struct Going {
    reader: io::Take<Box<dyn Read + Send>>,
    measuring: Measuring,
    judged: Measured,
}

impl Now {
    fn begin(piece: Piece) -> io::Result<Self> {
        Ok(match piece {
            Piece::Held(bytes) => Self::Held(io::Cursor::new(bytes)),
            Piece::Apart(Apart { open, measured: judged }) => {
                // One byte more than was judged is enough to tell.
                let reader = open()?.take(judged.size.saturating_add(1));
                Self::Apart(Box::new(Going { reader, measuring: Measuring::default(), judged }))
            }
        })
    }

    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Held(bytes) => bytes.read(into),
            Self::Apart(going) => {
                let read = going.reader.read(into)?;
                going.measuring.update(into.get(..read).unwrap_or_default());
                Ok(read)
            }
        }
    }

    /// All of it was given, and it was what was judged.
    fn end(self) -> io::Result<()> {
        let Self::Apart(going) = self else { return Ok(()) };
        let Going { measuring, judged, .. } = *going;
        if measuring.finish() == judged {
            return Ok(());
        }
        Err(io::Error::other("a document is no longer the one that was judged"))
    }
}

impl Reader {
    fn next(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while let Some(now) = &mut self.now {
            let read = now.read(into)?;
            if read > 0 {
                return Ok(read);
            }
            // Not to be tried again, as what is interrupted is: a stretch would be left out.
            let next = self.pieces.next().map(Now::begin).transpose().map_err(io::Error::other)?;
            if let Some(ended) = std::mem::replace(&mut self.now, next) {
                ended.end()?;
            }
        }
        Ok(0)
    }
}

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.broken {
            return Err(io::Error::other("the pack was broken off"));
        }
        let read = if into.is_empty() { Ok(0) } else { self.next(into) };
        self.broken = read.as_ref().is_err_and(|why| why.kind() != io::ErrorKind::Interrupted);
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A document that is the first of these when it is read for the first time, then the next.
    fn readings(all: &'static [&'static [u8]]) -> OpenFile {
        let read = AtomicUsize::new(0);
        Arc::new(move || {
            let now = read.fetch_add(1, Ordering::Relaxed).min(all.len() - 1);
            Ok(Box::new(all[now]) as Box<dyn Read + Send>)
        })
    }

    fn laid(all: &'static [&'static [u8]]) -> Layout {
        let mut layout = Layout::default();
        layout.write_all(b"before ").unwrap();
        layout.push(Apart::measure(readings(all), 100).unwrap());
        layout.write_all(b" after").unwrap();
        layout
    }

    fn given(layout: Layout) -> (Vec<u8>, bool) {
        let mut bytes = Vec::new();
        let ended = layout.reader().read_to_end(&mut bytes).is_ok();
        (bytes, ended)
    }

    #[test]
    fn what_was_judged_is_given_and_nothing_else() {
        assert_eq!(given(laid(&[b"document"])), (b"before document after".to_vec(), true));
        // Another document, a shorter one, longer ones: each answer ends before what stands behind the document.
        let other: [&'static [&'static [u8]]; 5] = [
            &[b"document", b"dokument"],
            &[b"document", b"docu"],
            &[b"document", b""],
            &[b"document", b"documents"],
            &[b"document", b"document and many more bytes than there were"],
        ];
        for all in other {
            let (bytes, ended) = given(laid(all));
            assert!(!ended && !bytes.ends_with(b"after") && bytes.len() < b"before document after".len(), "{all:?}");
        }
        // Whoever goes on reading after that is given nothing.
        let mut reader = laid(&[b"document", b"dokument"]).reader();
        assert!(reader.read_to_end(&mut Vec::new()).is_err() && reader.read_to_end(&mut Vec::new()).is_err());
    }

    #[test]
    fn it_is_measured_as_its_bytes_are() {
        let (layout, bytes) = (laid(&[b"document"]), b"before document after");
        let held = seal::Held(bytes);
        assert_eq!((layout.bytes(), Source::size(&layout)), (21, 21));
        for (offset, size) in [(0, 21), (7, 8), (0, 7), (15, 6), (3, 12), (7, 14), (21, 0)] {
            assert_eq!(layout.checksum(offset, size), held.checksum(offset, size), "{offset}, {size}");
        }
        for (offset, size) in [(7, 8), (0, 7), (16, 5), (2, 3)] {
            assert_eq!(layout.measure(offset, size), held.measure(offset, size), "{offset}, {size}");
        }
        let mut some = [0; 4];
        layout.read_at(16, &mut some).unwrap();
        assert_eq!(&some, b"afte");
        // A document is measured whole, or not at all.
        for refused in [layout.measure(7, 7), layout.measure(8, 7), layout.measure(0, 21), layout.measure(15, 7)] {
            assert!(refused.is_err());
        }
        assert!(layout.read_at(6, &mut some).is_err() && layout.checksum(7, 7).is_err());
        let (mut whole, inner) = (Layout::from(b"[".to_vec()), laid(&[b"document"]));
        whole.append(inner);
        assert_eq!(whole.checksum(1, 21), held.checksum(0, 21));
        assert!(whole.held().is_err());
        assert_eq!(Layout::from(b"a".to_vec()).held().unwrap(), b"a");
    }

    #[test]
    fn a_document_longer_than_it_may_be_is_read_no_further() {
        assert_eq!(Apart::measure(readings(&[b"0123456789"]), 4).unwrap().measured().size, 5);
    }
}
