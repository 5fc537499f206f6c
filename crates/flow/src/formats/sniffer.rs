//! The bytes of a file as they pass, as many as are needed to tell what it is.

use std::io::{self, Read};

use super::scan::{self, Scan};
use super::{Format, begin};
use crate::limits::{MAX_FORMAT_BYTES, MAX_FORMAT_HEAD_BYTES};

/// Bytes after which it is known what else is to be looked at.
const FIRST: usize = begin::PDF_WITHIN;

/// What is to be looked at, beyond the first bytes.
#[derive(Debug)]
enum Plan {
    /// Not known yet.
    Unknown,
    /// Nothing.
    Done,
    /// The beginning.
    Head,
    /// Everything, for words.
    Words(Scan),
}

/// Takes bytes from the first on, and says what they are.
#[derive(Debug)]
pub(crate) struct Sniffer {
    head: Vec<u8>,
    plan: Plan,
    taken: u64,
    /// There was more than is looked at.
    cut: bool,
}

impl Sniffer {
    pub(crate) fn new() -> Sniffer {
        Sniffer { head: Vec::new(), plan: Plan::Unknown, taken: 0, cut: false }
    }

    /// More bytes could say more.
    pub(crate) fn wants_more(&self) -> bool {
        match self.plan {
            Plan::Unknown => true,
            Plan::Done => false,
            Plan::Head => self.head.len() < MAX_FORMAT_HEAD_BYTES,
            Plan::Words(_) => !self.cut,
        }
    }

    /// The next bytes.
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        if !self.wants_more() {
            return;
        }
        let room = usize::try_from(MAX_FORMAT_BYTES - self.taken).unwrap_or(usize::MAX);
        let (bytes, beyond) = bytes.split_at(bytes.len().min(room));
        self.cut = !beyond.is_empty();
        self.taken += bytes.len() as u64;
        let kept = bytes.len().min(MAX_FORMAT_HEAD_BYTES - self.head.len());
        self.head.extend_from_slice(&bytes[..kept]);
        match &mut self.plan {
            Plan::Words(scan) => scan.feed(bytes),
            Plan::Unknown if self.head.len() >= FIRST => {
                self.decide();
                if let Plan::Words(scan) = &mut self.plan {
                    scan.feed(&bytes[kept..]);
                }
            }
            _ => {}
        }
    }

    /// What else is to be looked at, by the first bytes.
    fn decide(&mut self) {
        self.plan = match begin::words(&self.head) {
            Some(words) => {
                let mut scan = Scan::for_words(words);
                scan.feed(&self.head);
                Plan::Words(scan)
            }
            None if begin::tells_inside(&self.head) => Plan::Head,
            None => Plan::Done,
        };
    }

    /// Reads on, as far as it could say more.
    ///
    /// # Errors
    /// Those of the reader.
    pub(crate) fn rest(&mut self, reader: &mut dyn Read) -> io::Result<()> {
        let mut buffer = [0; 16 << 10];
        while self.wants_more() {
            match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => self.take(&buffer[..n]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// What they are.
    pub(crate) fn format(mut self) -> Option<Format> {
        if matches!(self.plan, Plan::Unknown) {
            self.decide();
        }
        let none = Scan::for_words(scan::OF_PDF);
        match &self.plan {
            Plan::Words(scan) => begin::identify(&self.head, scan, !self.cut),
            _ => begin::identify(&self.head, &none, true),
        }
    }
}

/// What these first bytes alone are of.
pub(crate) fn of_head(head: &[u8]) -> Option<Format> {
    let mut sniffer = Sniffer::new();
    sniffer.take(head);
    sniffer.format()
}

/// A reader that shows what passes.
pub(crate) struct Tee<'a> {
    pub(crate) inner: &'a mut dyn Read,
    pub(crate) sniffer: &'a mut Sniffer,
}

impl Read for Tee<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.sniffer.take(&buffer[..n]);
        Ok(n)
    }
}
