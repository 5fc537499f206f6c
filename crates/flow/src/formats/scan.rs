//! Words looked for in a file as it passes: where versions are told, they may stand anywhere. Little is held at once.

use memchr::memmem;

/// Bytes kept from one piece to the next: longer than any word with what is read after it.
const OVERLAP: usize = 512;
/// Bytes around a claim in which its two halves stand.
const AROUND: usize = 200;

/// A word that was met, by its place in this list.
pub(super) const WORDS: [&[u8]; 16] = [
    b"GTS_PDFX",
    b"ISO_PDFEVersion",
    b"iCCP",
    b"sPLT",
    b"sRGB",
    b"iTXt",
    b"acTL",
    b"W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0\0\0",
    b"W\0o\0r\0k\0b\0o\0o\0k\0\0\0",
    b"B\0o\0o\0k\0\0\0",
    b"P\0o\0w\0e\0r\0P\0o\0i\0n\0t\0 \0D\0o\0c\0u\0m\0e\0n\0t\0\0\0",
    b"_\0_\0p\0r\0o\0p\0e\0r\0t\0i\0e\0s\0_\0v\0e\0r\0s\0i\0o\0n\x001\0.\x000\0",
    b"\x10\0\0\0Word.Document.8\0",
    b"\x10\0\0\0Word.Document.6\0",
    b"\x09\x08\x10\0\0\x06\x05\0",
    b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0",
];

pub(super) const PDF_X: usize = 0;
pub(super) const PDF_E: usize = 1;
pub(super) const PNG_1_1: [usize; 3] = [2, 3, 4];
pub(super) const PNG_1_2: usize = 5;
pub(super) const PNG_ANIMATED: usize = 6;
pub(super) const WORD: usize = 7;
pub(super) const WORKBOOK: usize = 8;
pub(super) const BOOK: usize = 9;
pub(super) const SLIDES: usize = 10;
pub(super) const MESSAGE: usize = 11;
pub(super) const WORD_97: usize = 12;
pub(super) const WORD_6: usize = 13;
pub(super) const EXCEL_97: usize = 14;
pub(super) const ENCRYPTED: usize = 15;

/// The words of PDF, of PNG, of OLE2.
pub(super) const OF_PDF: std::ops::Range<usize> = 0..2;
pub(super) const OF_PNG: std::ops::Range<usize> = 2..7;
pub(super) const OF_OLE: std::ops::Range<usize> = 7..16;

/// What was met so far.
#[derive(Debug)]
pub(super) struct Scan {
    wanted: std::ops::Range<usize>,
    met: [bool; WORDS.len()],
    /// Part and level of PDF/A, of the last claim: what was added last stands last.
    pub(super) claim: Option<(u8, u8)>,
    tail: Vec<u8>,
}

impl Scan {
    pub(super) fn for_words(wanted: std::ops::Range<usize>) -> Scan {
        Scan { wanted, met: [false; WORDS.len()], claim: None, tail: Vec::new() }
    }

    pub(super) fn has(&self, word: usize) -> bool {
        self.met.get(word).copied().unwrap_or(false)
    }

    /// The next bytes.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        let mut piece = std::mem::take(&mut self.tail);
        piece.extend_from_slice(bytes);
        for word in self.wanted.clone() {
            if !self.met[word] {
                self.met[word] = memmem::find(&piece, WORDS[word]).is_some();
            }
        }
        if self.wanted == OF_PDF {
            self.claim = last_claim(&piece).or(self.claim);
        }
        self.tail = piece.split_off(piece.len().saturating_sub(OVERLAP));
    }
}

/// The last claim of PDF/A that stands whole in these bytes, as an attribute or as an element.
fn last_claim(bytes: &[u8]) -> Option<(u8, u8)> {
    // Forward, which is many times faster than backward.
    let parts = memmem::find_iter(bytes, b"pdfaid:part");
    let valued = |at: usize| value(bytes.get(at + b"pdfaid:part".len()..)?).filter(u8::is_ascii_digit);
    let (at, part) = parts.filter_map(|at| Some((at, valued(at)?))).last()?;
    let (from, to) = (at.saturating_sub(AROUND), at.saturating_add(AROUND).min(bytes.len()));
    let around = bytes.get(from..to)?;
    let levels = memmem::find_iter(around, b"pdfaid:conformance");
    let mut valued = levels.filter_map(|at| value(around.get(at + b"pdfaid:conformance".len()..)?));
    // What closes an element is followed by no level.
    Some((part, valued.find(u8::is_ascii_uppercase).unwrap_or(b' ')))
}

/// The first character of a value: `="1"`, `='1'` or `>1`.
fn value(after: &[u8]) -> Option<u8> {
    let quoted = after.strip_prefix(b"=\"").or_else(|| after.strip_prefix(b"='"));
    quoted.or_else(|| after.strip_prefix(b">"))?.first().copied()
}
