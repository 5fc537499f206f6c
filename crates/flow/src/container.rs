//! Archives whatever their format: what a file is packed in, and its members one after the other.

mod damage;

use std::io::{self, Read};

use crate::codes::{self, Fault};
use crate::limits::Limits;
use crate::look::{HEAD_BYTES, SNIFFED_BYTES};
use crate::model::Open;
use crate::{pes, tar, zip};

pub(crate) use self::damage::{Damage, WORDS};
pub(crate) use crate::tar::{Member, Packing};

/// The format of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Tar(Packing),
    Zip,
    /// One PES, in gzip.
    Gzip,
}

/// Ends of names of archives.
const ENDS: [&str; 9] = [".zip", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tbz2", ".tbz", ".gz", ".bz2"];

/// By its name it can only be an archive.
pub(crate) fn is_named_archive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ENDS.iter().any(|end| name.ends_with(end))
}

/// What a file with these first bytes and this name is packed in, if it is. A zip is only told apart: whether it is looked into is
/// for the caller to say, office documents being zips too.
///
/// # Errors
/// Those of the reader.
pub(crate) fn form(head: &[u8], name: &str, open: &mut Open<'_>) -> io::Result<Option<Form>> {
    let name = name.to_ascii_lowercase();
    let named = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    if head.starts_with(b"\x1F\x8B") {
        let mut first = Vec::new();
        let inflating = flate2::bufread::GzDecoder::new(io::BufReader::new(open()?));
        // Damage shows later, when it is known to be an archive.
        let _ = inflating.take(HEAD_BYTES as u64).read_to_end(&mut first);
        let tarred = named(&[".tar.gz", ".tgz"]) || tar::looks_like_tar(&first);
        return Ok(tarred.then_some(Form::Tar(Packing::Gzip)));
    }
    if head.starts_with(b"BZh") {
        let mut first = Vec::new();
        let inflating = bzip2::bufread::BzDecoder::new(io::BufReader::new(open()?));
        let _ = inflating.take(HEAD_BYTES as u64).read_to_end(&mut first);
        let tarred = named(&[".tar.bz2", ".tbz2", ".tbz"]) || tar::looks_like_tar(&first);
        return Ok(tarred.then_some(Form::Tar(Packing::Bzip2)));
    }
    if tar::looks_like_tar(head) {
        return Ok(Some(Form::Tar(Packing::Plain)));
    }
    let zipped = head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06");
    Ok(zipped.then_some(Form::Zip))
}

/// [`Form::Gzip`] of a file with these first bytes that is no archive, where what is in it begins like a PES.
///
/// # Errors
/// Those of the reader.
pub(crate) fn alone(head: &[u8], open: &mut Open<'_>) -> io::Result<Option<Form>> {
    if !head.starts_with(b"\x1F\x8B") {
        return Ok(None);
    }
    let mut first = Vec::new();
    let inflating = flate2::bufread::GzDecoder::new(io::BufReader::new(open()?));
    let _ = inflating.take(SNIFFED_BYTES).read_to_end(&mut first);
    Ok(pes::begins(&first).then_some(Form::Gzip))
}

/// Calls `visit` on each ordinary file; what it does not read is skipped. `Ok` says whether the archive had its end.
///
/// # Errors
/// A `container-…` or `member-…` code; `unreadable`; the fault of `visit`.
pub(crate) fn walk(
    open: &mut Open<'_>,
    (form, size): (Form, u64),
    place: &str,
    limits: &Limits,
    visit: &mut dyn FnMut(&Member<'_>, &mut dyn Read) -> Result<(), Fault>,
) -> Result<bool, Fault> {
    match form {
        Form::Tar(packing) => {
            let input = open()
                .map_err(|error| Fault::new(&codes::UNREADABLE, place).with_words(codes::system_cause(&error)))?;
            tar::walk(input, packing, place, limits, visit)
        }
        Form::Zip => zip::walk(open, size, place, limits, visit).map(|()| true),
        Form::Gzip => tar::alone(open, place, limits, visit).map(|()| true),
    }
}
