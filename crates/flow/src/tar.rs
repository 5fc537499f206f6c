//! Walking a tar archive, plain, gzip or bzip2: ordinary files with safe names, one after the other, within limits.
//! Ours rather than a library's, so that every extension that could change a name or a size behind the header is seen.
//! Not here: unpacking, sparse files, links, devices; archives inside archives.

mod header;
mod source;
#[cfg(test)]
mod tests;

use std::io::Read;

use self::header::{Extension, Header, Kind};
use self::source::Source;
use crate::codes::{self, Fault};
use crate::container::Damage;
use crate::limits::Limits;
use crate::model::Open;
use crate::names::{self, NameLedger, last_component, reading};

pub(crate) use self::header::looks_like_tar;

/// What a tar is wrapped in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    Bzip2,
}

/// Bytes of a tar block.
pub(crate) const BLOCK: usize = 512;

/// A member as it is met.
pub(crate) struct Member<'m> {
    /// Its name, safe, without a leading `./`.
    pub(crate) name: &'m [u8],
    /// Its size.
    pub(crate) size: u64,
}

/// The one file of a gzip that is no archive, as its only member: named like the gzip without its end. It is inflated twice, the first time to tell
/// its size.
///
/// # Errors
/// As for [`walk`].
pub(crate) fn alone(
    open: &mut Open<'_>,
    place: &str,
    limits: &Limits,
    visit: &mut dyn FnMut(&Member<'_>, &mut dyn Read) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut again =
        || open().map_err(|error| Fault::new(&codes::UNREADABLE, place).with_words(codes::system_cause(&error)));
    let size = Source::new(again()?, Packing::Gzip, place, limits).read_out()?;
    let base = last_component(place);
    let stem = base.len().checked_sub(3).filter(|at| base.is_char_boundary(*at)).map(|at| base.split_at(at));
    let stem = stem.filter(|(stem, end)| !stem.is_empty() && end.eq_ignore_ascii_case(".gz")).map(|(stem, _)| stem);
    let name = stem.filter(|stem| names::defect(stem.as_bytes()).is_none()).unwrap_or("flux.xml");
    let mut source = Source::new(again()?, Packing::Gzip, place, limits);
    source.member = name.to_owned();
    source.bare(size, |reader| visit(&Member { name: name.as_bytes(), size }, reader))?;
    // What follows the bytes in a gzip is read with their end.
    source.read_out()?;
    source.nothing_more()
}

/// Calls `visit` on each ordinary file; what it does not read is skipped. `Ok` says whether the archive had its end block.
///
/// # Errors
/// A `container-…` or `member-…` code; the fault of `visit`.
pub(crate) fn walk(
    input: Box<dyn Read + '_>,
    packing: Packing,
    place: &str,
    limits: &Limits,
    visit: &mut dyn FnMut(&Member<'_>, &mut dyn Read) -> Result<(), Fault>,
) -> Result<bool, Fault> {
    let mut source = Source::new(input, packing, place, limits);
    let mut names = NameLedger::default();
    let mut extension = Extension::default();
    let mut members = 0;
    loop {
        let mut block = [0; BLOCK];
        if !source.block(&mut block)? {
            if extension.is_pending() {
                return Err(source.damaged(Damage::Announced, "…"));
            }
            source.nothing_more()?;
            return Ok(false);
        }
        if block == [0; BLOCK] {
            source.only_zeros()?;
            return Ok(true);
        }
        let header = Header::parse(&block).map_err(|what| source.damaged(what, "512"))?;
        if header.kind.is_extension() {
            if header.size > limits.tar_extension_bytes {
                return Err(Fault::new(&codes::MEMBER_EXTENSION, place).with(format_args!("{} bytes", header.size)));
            }
            let body = source.body(header.size)?;
            extension
                .absorb(header.kind, &body)
                .map_err(|why| Fault::new(&codes::MEMBER_EXTENSION, place).with(why))?;
            continue;
        }
        members += 1;
        if members > limits.members {
            return Err(Fault::new(&codes::CONTAINER_TOO_MANY_MEMBERS, place).with(limits.members));
        }
        let (name, size) = extension.applied(&header);
        extension = Extension::default();
        let where_ = reading(&name);
        source.member.clone_from(&where_);
        if size != header.size {
            return Err(Fault::new(&codes::MEMBER_EXTENSION, where_).with("size"));
        }
        let directory = match header.kind {
            Kind::File => name.ends_with(b"/"),
            Kind::Directory => true,
            _ => return Err(Fault::new(&codes::MEMBER_NOT_A_FILE, where_).with(char::from(header.flag))),
        };
        let name = names.admit(&name, directory, limits)?;
        if directory {
            source.skip(size)?;
        } else {
            source.member(size, |reader| visit(&Member { name, size }, reader))?;
        }
    }
}
