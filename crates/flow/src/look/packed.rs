//! A message of ACTES or a PES that is packed in gzip or bzip2, alone: among files, or in an archive. It stays as it came, and is read as what is in it.

use std::io::{self, Cursor, Read};

use super::{HEAD_BYTES, Looked, Reading, look_plainly};
use crate::actes::name;
use crate::begun;
use crate::limits::{Limits, MAX_PACKINGS};
use crate::signed::SignatureJudge;
use crate::tar::{Packing, Source};

/// What is in it says, unpacked within the limits of archives; nothing where it begins like no message and no PES, and is not called one.
pub(super) fn look(
    (file, packing): (&str, Packing),
    head: Vec<u8>,
    rest: &mut dyn Read,
    how: (&Limits, &dyn SignatureJudge),
) -> io::Result<Option<Looked>> {
    unpacked((file, packing), head, rest, (how, MAX_PACKINGS))
}

fn unpacked(
    (file, packing): (&str, Packing),
    head: Vec<u8>,
    rest: &mut dyn Read,
    (how, packings): ((&Limits, &dyn SignatureJudge), usize),
) -> io::Result<Option<Looked>> {
    let limits = how.0;
    let mut source = Source::new(Box::new(Cursor::new(head).chain(rest)), packing, file, limits);
    let mut first = Vec::new();
    let read = (&mut source).take(HEAD_BYTES as u64).read_to_end(&mut first);
    if let Some(again) = Packing::of(&first).filter(|_| packings > 1 && read.is_ok()) {
        let read = unpacked((file, again), first, &mut source, (how, packings - 1))?;
        return Ok(read.map(|read| ended(read, source)));
    }
    let named = name::is_packed_flow(file);
    let begun = match read.and_then(|_| begun::of(&mut first, &mut source)) {
        Ok(None) if !named => return Ok(None),
        Ok(begun) => begun,
        Err(error) => {
            let damaged = damaged(&source, &error, first);
            return Ok((named || damaged.begun.is_some()).then_some(damaged));
        }
    };
    // How long it is, is told by reading it; of what is longer than what is read of XML, as much as tells that it is.
    let room = (limits.xml_bytes + 1).saturating_sub(first.len() as u64);
    if let Err(error) = (&mut source).take(room).read_to_end(&mut first) {
        return Ok(Some(damaged(&source, &error, first)));
    }
    let size = first.len() as u64;
    let mut looked = match look_plainly(name::unpacked(file), first, &mut source, size, how) {
        Ok(looked) => looked,
        Err(error) => return Ok(Some(damaged(&source, &error, Vec::new()))),
    };
    looked.begun = looked.begun.or(begun);
    Ok(Some(ended(looked, source)))
}

/// The same, where what it was packed in ends as it should; it counts for all the bytes that came of it.
fn ended(looked: Looked, mut source: Source<'_>) -> Looked {
    let ended = source.read_out().and_then(|_| source.nothing_more());
    let size = source.inflated().max(looked.size);
    match ended {
        Ok(()) => Looked { size, ..looked },
        Err(fault) => Looked { size, reading: Reading::Fault(fault), ..looked },
    }
}

/// What cannot be unpacked, and what it begins like as far as it could.
fn damaged(source: &Source<'_>, error: &io::Error, mut first: Vec<u8>) -> Looked {
    let begun = begun::of(&mut first, &mut io::empty()).unwrap_or_default();
    Looked { media: String::new(), reading: Reading::Fault(source.fault(error)), begun, size: source.inflated() }
}
