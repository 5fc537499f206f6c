//! Walking a tar archive, plain, gzip or bzip2: ordinary files with safe names, one after the other, within limits.
//! Ours rather than a library's, so that every extension that could change a name or a size behind the header is seen.
//! Not here: unpacking, sparse files, links, devices; archives inside archives.

mod header;
mod source;
#[cfg(test)]
mod tests;

use std::io::{BufReader, Read};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;

use self::header::{Extension, Header, Kind};
use crate::codes::{self, Fault};
use crate::container::Damage;
use crate::limits::Limits;
use crate::model::Open;
use crate::names::{self, NameLedger, last_component, reading};

pub(crate) use self::header::looks_like_tar;
pub(crate) use self::source::Source;

/// What a tar is wrapped in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    Bzip2,
}

impl Packing {
    /// Of a file with these first bytes that is packed.
    pub(crate) fn of(head: &[u8]) -> Option<Packing> {
        let gzip = head.starts_with(b"\x1F\x8B").then_some(Packing::Gzip);
        gzip.or_else(|| head.starts_with(b"BZh").then_some(Packing::Bzip2))
    }

    /// The bytes in it, of all its streams one after the other, with no limit: for who looks at the first of them.
    pub(crate) fn unpacked<'r>(self, packed: &'r mut dyn Read) -> Box<dyn Read + 'r> {
        match self {
            Packing::Plain => Box::new(packed),
            Packing::Gzip => Box::new(MultiGzDecoder::new(BufReader::new(packed))),
            Packing::Bzip2 => Box::new(MultiBzDecoder::new(BufReader::new(packed))),
        }
    }
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

/// What the one file of a gzip or bzip2 of this name is called where nothing is left of the name without its end, or what is left is no name.
pub(crate) const NAMELESS: &str = "flux.xml";

/// What it is called: like what it is packed in, without the end of that name, where something is left of it.
fn name_alone(place: &str) -> &str {
    left_of(place).unwrap_or(NAMELESS)
}

/// Nothing is left of the name of what it is packed in.
pub(crate) fn is_nameless(place: &str) -> bool {
    left_of(place).is_none()
}

fn left_of(place: &str) -> Option<&str> {
    let base = last_component(place);
    let stem = [".gz", ".bz2"].iter().find_map(|end| {
        let (stem, found) = base.split_at_checked(base.len().checked_sub(end.len())?)?;
        found.eq_ignore_ascii_case(end).then_some(stem)
    });
    let is_name = |stem: &&str| names::defect(stem.as_bytes()).is_none() && !stem.trim_matches(['.', ' ']).is_empty();
    stem.filter(is_name)
}

/// The one file of a gzip or bzip2 that is no archive, as its only member. It is inflated twice, the first time to tell its size.
///
/// # Errors
/// As for [`walk`].
pub(crate) fn alone(
    open: &mut Open<'_>,
    packing: Packing,
    place: &str,
    limits: &Limits,
    visit: &mut dyn FnMut(&Member<'_>, &mut dyn Read) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut again =
        || open().map_err(|error| Fault::new(&codes::UNREADABLE, place).with_words(codes::system_cause(&error)));
    let size = Source::new(again()?, packing, place, limits).read_out()?;
    let name = name_alone(place);
    let mut source = Source::new(again()?, packing, place, limits);
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
