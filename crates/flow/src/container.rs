//! Archives whatever their format: what a file is packed in, and its members one after the other.

mod damage;

use std::io::{self, Read};

use crate::actes::name;
use crate::codes::{self, Fault};
use crate::limits::{Limits, MAX_PACKINGS};
use crate::look::HEAD_BYTES;
use crate::model::Open;
use crate::{begun, tar, zip};

pub(crate) use self::damage::{Damage, WORDS};
pub(crate) use crate::tar::{Member, Packing};

/// The format of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Tar(Packing),
    Zip,
    /// One message of ACTES or one PES, packed and in no archive.
    Alone(Packing),
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
    if let Some(packing) = Packing::of(head) {
        let (mut first, mut packed) = (Vec::new(), open()?);
        // Damage shows later, when it is known to be an archive.
        let _ = packing.unpacked(&mut packed).take(HEAD_BYTES as u64).read_to_end(&mut first);
        let ends: &[&str] =
            if packing == Packing::Gzip { &[".tar.gz", ".tgz"] } else { &[".tar.bz2", ".tbz2", ".tbz"] };
        return Ok((named(ends) || tar::looks_like_tar(&first)).then_some(Form::Tar(packing)));
    }
    if tar::looks_like_tar(head) {
        return Ok(Some(Form::Tar(Packing::Plain)));
    }
    let zipped = head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06");
    Ok(zipped.then_some(Form::Zip))
}

/// [`Form::Alone`] of a file with these first bytes that is no archive, where what is packed in it begins like a message of ACTES or a PES, or its
/// name is that of a message.
///
/// # Errors
/// Those of the reader.
pub(crate) fn alone(head: &[u8], file: &str, open: &mut Open<'_>) -> io::Result<Option<Form>> {
    let Some(packing) = Packing::of(head) else { return Ok(None) };
    let held = begun::found(&mut open()?, MAX_PACKINGS).is_some() || name::is_packed_flow(file);
    Ok(held.then_some(Form::Alone(packing)))
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
        Form::Alone(packing) => tar::alone(open, packing, place, limits, visit).map(|()| true),
    }
}
