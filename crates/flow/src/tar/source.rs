//! The bytes of an archive, inflated and counted: never more than the limits allow, judged while inflating.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;

use super::{BLOCK, Packing};
use crate::codes::{self, Code, Fault};
use crate::container::Damage;
use crate::limits::Limits;

/// Bytes taken from the compressed side.
struct Counted<'a> {
    inner: Box<dyn Read + 'a>,
    count: Rc<Cell<u64>>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.count.set(self.count.get().saturating_add(n as u64));
        Ok(n)
    }
}

enum Input<'a> {
    Plain(BufReader<Counted<'a>>),
    Gzip(Box<GzDecoder<BufReader<Counted<'a>>>>),
    Bzip2(Box<BzDecoder<BufReader<Counted<'a>>>>),
}

/// An archive being read.
pub(super) struct Source<'a> {
    input: Input<'a>,
    compressed: Rc<Cell<u64>>,
    inflated: u64,
    place: &'a str,
    /// The name of the member under way.
    pub(super) member: String,
    limits: &'a Limits,
    /// Why the reading stopped, when a limit did it.
    stopped: Option<(&'static Code, u64)>,
}

impl<'a> Source<'a> {
    pub(super) fn new(inner: Box<dyn Read + 'a>, packing: Packing, place: &'a str, limits: &'a Limits) -> Source<'a> {
        let compressed = Rc::new(Cell::new(0));
        let counted = BufReader::new(Counted { inner, count: Rc::clone(&compressed) });
        let input = match packing {
            Packing::Plain => Input::Plain(counted),
            Packing::Gzip => Input::Gzip(Box::new(GzDecoder::new(counted))),
            Packing::Bzip2 => Input::Bzip2(Box::new(BzDecoder::new(counted))),
        };
        Source { input, compressed, inflated: 0, place, member: String::new(), limits, stopped: None }
    }

    /// The byte told is that of the archive once inflated.
    pub(super) fn damaged(&self, what: Damage, detail: impl std::fmt::Display) -> Fault {
        what.fault(self.place, (&self.member, Some(self.inflated)), detail)
    }

    fn fault(&self, error: &io::Error) -> Fault {
        match self.stopped {
            Some((code, most)) => Fault::new(code, self.place).with(most),
            None => self.damaged(Damage::of(error), error),
        }
    }

    fn pull(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let packed = !matches!(self.input, Input::Plain(_));
        let n = match &mut self.input {
            Input::Plain(reader) => reader.read(buffer)?,
            Input::Gzip(reader) => reader.read(buffer)?,
            Input::Bzip2(reader) => reader.read(buffer)?,
        };
        self.inflated = self.inflated.saturating_add(n as u64);
        if self.inflated > self.limits.inflated_bytes {
            self.stopped = Some((&codes::CONTAINER_TOO_LARGE, self.limits.inflated_bytes));
        }
        let most = self.compressed.get().saturating_mul(self.limits.inflated_ratio);
        if packed && self.inflated > self.limits.ratio_floor_bytes && self.inflated > most {
            self.stopped = Some((&codes::CONTAINER_BOMB, self.limits.inflated_ratio));
        }
        if self.stopped.is_some() { Err(io::Error::other("limit")) } else { Ok(n) }
    }

    /// As many bytes as there are, up to the length of the buffer.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.pull(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.fault(&error)),
            }
        }
        Ok(filled)
    }

    /// The next block; false at the end of the bytes.
    pub(super) fn block(&mut self, block: &mut [u8; BLOCK]) -> Result<bool, Fault> {
        match self.fill(block)? {
            0 => Ok(false),
            BLOCK => Ok(true),
            n => Err(self.damaged(Damage::EndsEarly, format_args!("{n}/{BLOCK}"))),
        }
    }

    /// A short body held in memory; its size was checked by the caller.
    pub(super) fn body(&mut self, size: u64) -> Result<Vec<u8>, Fault> {
        let mut body = Vec::new();
        self.member(size, |reader| {
            let read = reader.read_to_end(&mut body).map(|_| ());
            read.map_err(|error| Damage::of(&error).fault("", ("", None), error))
        })?;
        Ok(body)
    }

    /// Hands over the next `size` bytes, then skips what was not read and the padding.
    pub(super) fn member(
        &mut self,
        size: u64,
        visit: impl FnOnce(&mut dyn Read) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.bare(size, visit)?;
        let padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
        self.skip_exactly(padding)
    }

    /// Hands over the next `size` bytes, then skips what was not read.
    pub(super) fn bare(
        &mut self,
        size: u64,
        visit: impl FnOnce(&mut dyn Read) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut window = Window { source: self, left: size, short: None };
        let visited = visit(&mut window);
        let (left, short) = (window.left, window.short);
        if let Some((code, most)) = self.stopped {
            return Err(Fault::new(code, self.place).with(most));
        }
        if let Some((what, detail)) = short {
            return Err(self.damaged(what, format_args!("-{left} {detail}")));
        }
        visited?;
        self.skip_exactly(left)
    }

    /// Reads all there is; how many bytes that is, inflated.
    pub(super) fn read_out(&mut self) -> Result<u64, Fault> {
        let mut buffer = [0; 8 * BLOCK];
        while self.fill(&mut buffer)? == buffer.len() {}
        Ok(self.inflated)
    }

    /// Skips a body and its padding.
    pub(super) fn skip(&mut self, size: u64) -> Result<(), Fault> {
        self.member(size, |_| Ok(()))
    }

    fn skip_exactly(&mut self, mut left: u64) -> Result<(), Fault> {
        let mut buffer = [0; 8 * BLOCK];
        while left > 0 {
            let want = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            let n = self.fill(&mut buffer[..want])?;
            if n < want {
                return Err(self.damaged(Damage::EndsEarly, format_args!("-{left}")));
            }
            left -= n as u64;
        }
        Ok(())
    }

    /// After the end block: zeros to the end of the stream, then nothing.
    pub(super) fn only_zeros(&mut self) -> Result<(), Fault> {
        let mut buffer = [0; 8 * BLOCK];
        loop {
            let n = self.fill(&mut buffer)?;
            if buffer[..n].iter().any(|b| *b != 0) {
                return Err(Fault::new(&codes::CONTAINER_TRAILING, self.place));
            }
            if n < buffer.len() {
                return self.nothing_more();
            }
        }
    }

    /// No byte follows on the compressed side: a second stream is another archive to some readers.
    pub(super) fn nothing_more(&mut self) -> Result<(), Fault> {
        let rest = match &mut self.input {
            Input::Plain(reader) => reader.fill_buf(),
            Input::Gzip(reader) => reader.get_mut().fill_buf(),
            Input::Bzip2(reader) => reader.get_mut().fill_buf(),
        };
        match rest.map(<[u8]>::is_empty) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Fault::new(&codes::CONTAINER_TRAILING, self.place)),
            Err(error) => Err(self.fault(&error)),
        }
    }
}

/// The bytes of one member.
struct Window<'s, 'a> {
    source: &'s mut Source<'a>,
    left: u64,
    short: Option<(Damage, String)>,
}

impl Read for Window<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let want = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if want == 0 {
            return Ok(0);
        }
        let result = self.source.pull(&mut buffer[..want]);
        match result {
            Ok(0) => {
                self.short = Some((Damage::EndsEarly, String::new()));
                Err(io::ErrorKind::UnexpectedEof.into())
            }
            Err(error) => {
                if error.kind() != io::ErrorKind::Interrupted {
                    self.short = Some((Damage::of(&error), error.to_string()));
                }
                Err(error)
            }
            Ok(n) => {
                self.left -= n as u64;
                Ok(n)
            }
        }
    }
}
