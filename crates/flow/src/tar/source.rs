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
    /// After the last stream of what is packed.
    Ended(BufReader<Counted<'a>>),
}

impl<'a> Input<'a> {
    fn new(packing: Packing, counted: BufReader<Counted<'a>>) -> Input<'a> {
        match packing {
            Packing::Plain => Input::Plain(counted),
            Packing::Gzip => Input::Gzip(Box::new(GzDecoder::new(counted))),
            Packing::Bzip2 => Input::Bzip2(Box::new(BzDecoder::new(counted))),
        }
    }

    /// Of a stream that has ended: the one that follows it in the same packing, if one does.
    fn next(self) -> Input<'a> {
        let (packing, mut counted) = match self {
            Input::Gzip(ended) => (Packing::Gzip, ended.into_inner()),
            Input::Bzip2(ended) => (Packing::Bzip2, ended.into_inner()),
            other => return other,
        };
        let first = if packing == Packing::Gzip { 0x1F } else { b'B' };
        // An error shows when it is looked whether anything follows.
        let follows = counted.fill_buf().is_ok_and(|rest| rest.first() == Some(&first));
        if follows { Input::new(packing, counted) } else { Input::Ended(counted) }
    }
}

/// An archive being read.
pub(crate) struct Source<'a> {
    /// Taken only while a stream follows another.
    input: Option<Input<'a>>,
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
    pub(crate) fn new(inner: Box<dyn Read + 'a>, packing: Packing, place: &'a str, limits: &'a Limits) -> Source<'a> {
        let compressed = Rc::new(Cell::new(0));
        let counted = BufReader::new(Counted { inner, count: Rc::clone(&compressed) });
        let input = Some(Input::new(packing, counted));
        Source { input, compressed, inflated: 0, place, member: String::new(), limits, stopped: None }
    }

    /// The byte told is that of the archive once inflated.
    pub(super) fn damaged(&self, what: Damage, detail: impl std::fmt::Display) -> Fault {
        what.fault(self.place, (&self.member, Some(self.inflated)), detail)
    }

    /// Bytes inflated so far.
    pub(crate) fn inflated(&self) -> u64 {
        self.inflated
    }

    /// What an error of its reader means.
    pub(crate) fn fault(&self, error: &io::Error) -> Fault {
        match self.stopped {
            Some((code, most)) => Fault::new(code, self.place).with(most),
            None => self.damaged(Damage::of(error), error),
        }
    }

    /// Whether it is packed, and how many bytes of the stream under way were put in the buffer.
    fn taken(&mut self, buffer: &mut [u8]) -> io::Result<(bool, usize)> {
        match &mut self.input {
            Some(Input::Plain(reader)) => reader.read(buffer).map(|n| (false, n)),
            Some(Input::Gzip(reader)) => reader.read(buffer).map(|n| (true, n)),
            Some(Input::Bzip2(reader)) => reader.read(buffer).map(|n| (true, n)),
            Some(Input::Ended(_)) | None => Ok((true, 0)),
        }
    }

    fn pull(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (packed, mut n) = self.taken(buffer)?;
        // What is packed is all its streams, one after the other (RFC 1952 §2.2); each takes some of the packed bytes.
        while n == 0 && packed && !buffer.is_empty() && !matches!(self.input, Some(Input::Ended(_))) {
            self.input = self.input.take().map(Input::next);
            n = self.taken(buffer)?.1;
        }
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
    pub(crate) fn read_out(&mut self) -> Result<u64, Fault> {
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

    /// No byte follows on the compressed side that is no stream of it.
    pub(crate) fn nothing_more(&mut self) -> Result<(), Fault> {
        let rest = match &mut self.input {
            Some(Input::Plain(reader) | Input::Ended(reader)) => reader.fill_buf(),
            Some(Input::Gzip(reader)) => reader.get_mut().fill_buf(),
            Some(Input::Bzip2(reader)) => reader.get_mut().fill_buf(),
            None => Ok(&[][..]),
        };
        match rest.map(<[u8]>::is_empty) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Fault::new(&codes::CONTAINER_TRAILING, self.place)),
            Err(error) => Err(self.fault(&error)),
        }
    }
}

/// Every byte there is, inflated; what an error means is for [`Source::fault`] to tell.
impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.pull(buffer)
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
