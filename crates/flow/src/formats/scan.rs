//! Words looked for in a file as it passes: where versions are told, they may stand anywhere. Little is held at once.

use memchr::memmem;

/// Bytes kept from one piece to the next: longer than any word with what is read after it.
const OVERLAP: usize = 512;
/// Bytes around a claim in which its two halves stand.
const AROUND: usize = 200;

/// A word that was met, by its place in this list.
pub(super) const WORDS: [&[u8]; 19] = [
    b"GTS_PDFX",
    b"ISO_PDFEVersion",
    b"/JavaScript",
    b"/Launch",
    b"/EmbeddedFile",
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
pub(super) const PDF_SCRIPT: usize = 2;
pub(super) const PDF_LAUNCH: usize = 3;
pub(super) const PDF_ATTACHED: usize = 4;
pub(super) const PNG_1_1: [usize; 3] = [5, 6, 7];
pub(super) const PNG_1_2: usize = 8;
pub(super) const PNG_ANIMATED: usize = 9;
pub(super) const WORD: usize = 10;
pub(super) const WORKBOOK: usize = 11;
pub(super) const BOOK: usize = 12;
pub(super) const SLIDES: usize = 13;
pub(super) const MESSAGE: usize = 14;
pub(super) const WORD_97: usize = 15;
pub(super) const WORD_6: usize = 16;
pub(super) const EXCEL_97: usize = 17;
pub(super) const ENCRYPTED: usize = 18;

/// The words of PDF, of PNG, of OLE2.
pub(super) const OF_PDF: std::ops::Range<usize> = 0..5;
pub(super) const OF_PNG: std::ops::Range<usize> = 5..10;
pub(super) const OF_OLE: std::ops::Range<usize> = 10..19;

const END: &[u8] = b"%%EOF";
const END_OF_ZIP: &[u8] = b"PK\x05\x06";
const AT_OPENING: &[u8] = b"/OpenAction";
/// Bytes after its name in which an action at opening says what it does.
const ACTION: usize = 128;

/// What was met so far.
#[derive(Debug)]
pub(super) struct Scan {
    wanted: std::ops::Range<usize>,
    met: [bool; WORDS.len()],
    /// Part and level of PDF/A, of the last claim: what was added last stands last.
    pub(super) claim: Option<(u8, u8)>,
    /// Marks of the end of a PDF.
    pub(super) ends: u32,
    /// An action is done at opening, other than to go to a page.
    opens: bool,
    /// Of the last mark of an end, of a PDF and of a zip, where it stands.
    last_end: Option<u64>,
    last_zip: Option<u64>,
    /// Bytes passed, the tail not among them.
    passed: u64,
    tail: Vec<u8>,
}

impl Scan {
    pub(super) fn for_words(wanted: std::ops::Range<usize>) -> Scan {
        Scan {
            wanted,
            met: [false; WORDS.len()],
            claim: None,
            ends: 0,
            opens: false,
            last_end: None,
            last_zip: None,
            passed: 0,
            tail: Vec::new(),
        }
    }

    pub(super) fn has(&self, word: usize) -> bool {
        self.met.get(word).copied().unwrap_or(false)
    }

    /// The next bytes.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        let mut piece = std::mem::take(&mut self.tail);
        let held = piece.len();
        piece.extend_from_slice(bytes);
        for word in self.wanted.clone() {
            if !self.met[word] {
                self.met[word] = memmem::find(&piece, WORDS[word]).is_some();
            }
        }
        if self.wanted == OF_PDF {
            self.claim = last_claim(&piece).or(self.claim);
            self.ends_in(&piece, held);
            let whole = piece.len().saturating_sub(ACTION + AT_OPENING.len());
            self.opens |= opens_in(&piece, whole);
        }
        let kept = piece.len().saturating_sub(OVERLAP);
        self.passed += kept as u64;
        self.tail = piece.split_off(kept);
    }

    /// Marks of ends; those in the first bytes, `held` from before, were counted.
    fn ends_in(&mut self, piece: &[u8], held: usize) {
        for at in memmem::find_iter(piece, END).filter(|at| at + END.len() > held) {
            self.ends = self.ends.saturating_add(1);
            self.last_end = Some(self.passed + at as u64);
        }
        if let Some(at) = memmem::find_iter(piece, END_OF_ZIP).last() {
            self.last_zip = Some(self.passed + at as u64);
        }
    }

    /// An action is done at opening.
    pub(super) fn opens(&self) -> bool {
        self.opens || opens_in(&self.tail, self.tail.len())
    }

    /// A zip ends behind the last end of the PDF: those who read from the end see a zip.
    pub(super) fn ends_as_zip(&self) -> bool {
        self.last_zip.is_some_and(|zip| self.last_end.is_none_or(|end| end < zip))
    }
}

/// An action at opening, of those named before this place: stated there, and not only to go to a page.
fn opens_in(bytes: &[u8], before: usize) -> bool {
    let names = memmem::find_iter(bytes, AT_OPENING).take_while(|at| *at < before);
    let mut after = names.map(|at| {
        let after = bytes.get(at + AT_OPENING.len()..).unwrap_or_default();
        after.get(..after.len().min(ACTION)).unwrap_or_default().trim_ascii_start()
    });
    after.any(|said| said.starts_with(b"<<") && memmem::find(said, b"/GoTo").is_none())
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
