//! A text in base64, decoded piece by piece as it is read. White space counts for nothing, wherever it stands.

use std::io::{self, BufRead, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Letters decoded together: whole groups of four.
const PIECE: usize = 48 << 10;
/// Letters of one group.
const GROUP: usize = 4;
/// Room for a piece and a group left from the one before.
const ROOM: usize = (PIECE + GROUP) / GROUP * 3;

/// The text is not base64.
#[derive(Debug)]
pub(super) struct NotBase64;

impl std::fmt::Display for NotBase64 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not base64")
    }
}

impl std::error::Error for NotBase64 {}

/// The bytes that a text stands for.
pub(super) struct Unwrapped<'t> {
    text: &'t [u8],
    /// Letters taken out from between white space, not decoded yet.
    letters: Vec<u8>,
    bytes: Vec<u8>,
    /// Of these bytes, those not read yet.
    unread: std::ops::Range<usize>,
}

impl<'t> Unwrapped<'t> {
    pub(super) fn new(text: &'t str) -> Unwrapped<'t> {
        let text = text.trim_ascii().as_bytes();
        let room = ROOM.min(text.len() / GROUP * 3 + GROUP * 3);
        Unwrapped { text, letters: Vec::new(), bytes: vec![0; room], unread: 0..0 }
    }

    /// The next bytes, where there are any.
    fn next(&mut self) -> io::Result<()> {
        while self.unread.is_empty() && !self.text.is_empty() {
            let (piece, rest) = self.text.split_at(self.text.len().min(PIECE));
            self.text = rest;
            let spaced = memchr::memchr3(b' ', b'\n', b'\r', piece).or_else(|| memchr::memchr2(b'\t', b'\x0C', piece));
            let read = if spaced.is_none() && self.letters.is_empty() {
                decode(piece, rest.is_empty(), &mut self.bytes)?
            } else {
                self.letters.extend(piece.iter().filter(|letter| !letter.is_ascii_whitespace()));
                let whole = if rest.is_empty() { self.letters.len() } else { self.letters.len() / GROUP * GROUP };
                let read = decode(&self.letters[..whole], rest.is_empty(), &mut self.bytes)?;
                self.letters.drain(..whole);
                read
            };
            self.unread = 0..read;
        }
        Ok(())
    }
}

/// How many bytes these letters gave; only the last may be padded.
fn decode(letters: &[u8], last: bool, into: &mut [u8]) -> io::Result<usize> {
    let wrong = || io::Error::new(io::ErrorKind::InvalidData, NotBase64);
    if !last && letters.last() == Some(&b'=') {
        return Err(wrong());
    }
    STANDARD.decode_slice(letters, into).map_err(|_| wrong())
}

impl BufRead for Unwrapped<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.unread.is_empty() {
            self.next()?;
        }
        Ok(&self.bytes[self.unread.clone()])
    }

    fn consume(&mut self, bytes: usize) {
        self.unread.start = self.unread.end.min(self.unread.start.saturating_add(bytes));
    }
}

impl Read for Unwrapped<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<u8>, ()> {
        let mut bytes = Vec::new();
        Unwrapped::new(text)
            .read_to_end(&mut bytes)
            .map(|_| bytes)
            .map_err(|error| assert!(error.get_ref().is_some_and(|inner| inner.is::<NotBase64>())))
    }

    #[test]
    fn bytes_come_back_whatever_the_length_and_the_white_space() {
        let lengths = [0, 1, 2, 3, PIECE / GROUP * 3 - 1, PIECE / GROUP * 3, PIECE / GROUP * 3 + 1, 100_001];
        for length in lengths {
            let bytes: Vec<u8> = (0..length).map(|at: usize| (at * 7 + at / 251) as u8).collect();
            let plain = STANDARD.encode(&bytes);
            assert_eq!(read(&plain).as_ref(), Ok(&bytes), "{length}");
            for every in [1, 76, PIECE - 1, PIECE + 1] {
                let spaced: Vec<String> =
                    plain.as_bytes().chunks(every).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
                assert_eq!(read(&spaced.join("\r\n\t \x0C")).as_ref(), Ok(&bytes), "{length} by {every}");
            }
        }
    }

    #[test]
    fn what_is_no_base64_is_told_wherever_it_stands() {
        let long = "AAAA".repeat(PIECE / GROUP);
        for wrong in ["A", "AA", "AAA", "AAA*", "AA==AAAA", "AA=A", "====", "AB=="] {
            for text in [wrong.to_owned(), format!("{long}{wrong}")] {
                assert_eq!(read(&text), Err(()), "{wrong} after {}", text.len() - wrong.len());
            }
        }
        // Padding at the very end of a piece, which is not the end of the text.
        let padded = format!("{}AA==", "AAAA".repeat(PIECE / GROUP - 1));
        assert!(read(&padded).is_ok());
        assert_eq!(read(&format!("{padded}AAAA")), Err(()));
        assert_eq!(read(&format!("{padded}\nAAAA")), Err(()));
    }
}
