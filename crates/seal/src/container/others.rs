//! The container of others, read as tolerantly as ETSI EN 319 162-1 and readers of zips are, and never in two ways: what a tool of the
//! field adds around members (directories, a comment, times, descriptors, a media type elsewhere or nowhere) is passed over and named;
//! what could give a second name, size or content must say the same as the directory, or the container is not judged.
//!
//! Deliberately not here: zip64 where a size needs it, encryption, several disks, links, bytes between entries or before the first.

use crate::container::headers::{
    Common, END_SIZE, End, Entry, FLAG_DESCRIPTOR, Fields, STORED, end_fields, malformed, unsupported,
};
use crate::container::source::Source;
use crate::container::{END, MEDIA_TYPE, MEDIA_TYPE_SIMPLE, MIMETYPE, check_limit};
use crate::error::SealError;
use crate::limits;

/// What a container of others does otherwise than ours, and which changes nothing of what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// It says its media type nowhere: the standard asks for it, and does not require it (§A.1).
    NoMediaType,
    /// Its media type does not stand first, stored and alone.
    MediaTypeMisplaced,
    /// So many entries are directories: they are no files.
    Directories(usize),
    /// A comment of the whole, from which nothing is drawn.
    Comment,
}

/// Before the comment, its media type (§A.1).
const TYPE_IN_COMMENT: &[u8] = b"mimetype=";
/// Signature of the locator that stands before the end record of a zip64.
const LOCATOR: [u8; 4] = *b"PK\x06\x07";
const LOCATOR_SIZE: u64 = 20;
/// Extra fields that give sizes (Zip64) and a name (Unicode Path): they must say what the headers say.
const SIZES: u16 = 0x0001;
const PATH: u16 = 0x7075;
/// Owners and times of PKWARE's Unix field; what is longer names a link's target.
const PKWARE_UNIX: (u16, usize) = (0x000d, 12);
/// Fields by which a reader may take another name, kind or content: languages of names, strong encryption, names of Macintosh, links of
/// Unix, AES. All others are passed over by every reader.
const OTHERWISE: [u16; 5] = [0x0008, 0x0017, 0x2605, 0x756e, 0x9901];

/// The end record behind which nothing stands but its comment: the last that bears its signature, so that whoever looks for it from
/// either end finds this one.
pub(super) fn end_record(source: &dyn Source) -> Result<End, SealError> {
    const WHAT: &str = "zip end record";
    let most = (END_SIZE + usize::from(u16::MAX)) as u64;
    let first = source.size().saturating_sub(most);
    let mut tail = vec![0; usize::try_from(source.size() - first).map_err(|_| malformed(WHAT))?];
    source.read_at(first, &mut tail)?;
    let place = tail.windows(END.len()).rposition(|window| window == END).ok_or_else(|| malformed(WHAT))?;
    let record = tail.get(place..).unwrap_or_default();
    let at = first + place as u64;
    let mut locator = [0; 4];
    if let Some(before) = at.checked_sub(LOCATOR_SIZE) {
        source.read_at(before, &mut locator)?;
    }
    if locator == LOCATOR {
        return Err(unsupported("zip", "zip64 or several disks"));
    }
    let mut end = end_fields(source, record, at, WHAT)?;
    end.comment = record.get(END_SIZE..).unwrap_or_default().to_vec();
    Ok(end)
}

/// The name of an entry, its trailing slash gone, and whether it is a directory's. In letters beyond ASCII it is told where a flag or
/// the Unicode Path says that these bytes are UTF-8.
pub(super) fn name_of<'n>(raw: &'n [u8], flagged: bool, extra: &[u8]) -> Result<(&'n str, bool), SealError> {
    let refused = || SealError::EntryName { name: String::from_utf8_lossy(raw).chars().take(200).collect() };
    let told = flagged || fields(extra)?.iter().any(|(kind, value)| *kind == PATH && is_path_of(value, raw));
    let text = std::str::from_utf8(raw).ok().filter(|text| text.is_ascii() || told).ok_or_else(refused)?;
    Ok(text.strip_suffix('/').map_or((text, false), |name| (name, true)))
}

/// No extra field says another name, size or kind than the headers.
pub(super) fn harmless(extra: &[u8], name: &[u8], told: &[u64], unknown_yet: bool) -> Result<(), SealError> {
    for (kind, value) in fields(extra)? {
        let agrees = match kind {
            PATH => is_path_of(value, name),
            SIZES => says(value, told, unknown_yet),
            _ if kind == PKWARE_UNIX.0 => value.len() == PKWARE_UNIX.1,
            _ => !OTHERWISE.contains(&kind),
        };
        if !agrees {
            return Err(unsupported("zip extra field", format!("0x{kind:04x}")));
        }
    }
    Ok(())
}

/// The sizes of a local header, by its Zip64 field where it says that they stand there; 0 of both where they follow the data.
pub(super) fn sizes_agree(seen: &Common, common: &Common, extra: &[u8]) -> Result<bool, SealError> {
    let described = common.flags & FLAG_DESCRIPTOR != 0;
    let elsewhere = fields(extra)?.iter().any(|(kind, value)| *kind == SIZES && value.len() == 16);
    let one = |seen: u32, said: u32| seen == said || (described && seen == 0) || (elsewhere && seen == u32::MAX);
    let checksum = seen.crc == common.crc || (described && seen.crc == 0);
    Ok(checksum && one(seen.packed, common.packed) && one(seen.size, common.size))
}

/// What follows an entry whose sizes follow its data is exactly that: checksum and sizes, as the directory says them.
pub(super) fn check_descriptor(source: &dyn Source, entry: &Entry, gap: u64) -> Result<(), SealError> {
    let wrong = || malformed("zip data descriptor");
    let mut bytes = vec![0; usize::try_from(gap).ok().filter(|gap| *gap <= 24).ok_or_else(wrong)?];
    source.read_at(entry.end, &mut bytes)?;
    let crc = entry.crc.to_le_bytes();
    let short = [entry.packed as u32, entry.size as u32].map(u32::to_le_bytes).concat();
    let long = [entry.packed, entry.size].map(u64::to_le_bytes).concat();
    let signed = |sizes: &[u8]| [&b"PK\x07\x08"[..], &crc, sizes].concat();
    let forms = [[&crc[..], &short].concat(), signed(&short), [&crc[..], &long].concat(), signed(&long)];
    if forms.contains(&bytes) { Ok(()) } else { Err(wrong()) }
}

/// The bytes of this stored entry hold the signature of a descriptor.
pub(super) fn may_end_earlier(source: &dyn Source, entry: &Entry) -> Result<bool, SealError> {
    const PIECE: u64 = 64 << 10;
    let mut at = entry.data;
    while at < entry.end {
        // Three bytes more than are passed over: a signature may begin in one piece and end in the next.
        let mut bytes = vec![0; usize::try_from((entry.end - at).min(PIECE + 3)).unwrap_or_default()];
        source.read_at(at, &mut bytes)?;
        if bytes.windows(4).any(|window| window == b"PK\x07\x08") {
            return Ok(true);
        }
        at += PIECE;
    }
    Ok(false)
}

/// A directory is empty: nothing is hidden in it.
pub(super) fn check_directory(common: &Common, name: &str) -> Result<(), SealError> {
    // Two bytes deflate nothing.
    if common.size == 0 && common.crc == 0 && common.packed <= 2 {
        return Ok(());
    }
    Err(unsupported("directory that holds bytes", name))
}

/// The media type that the container says, by its file, by its comment, or not at all; and what is unusual in that.
pub(super) fn media_type(
    said: Option<(&Entry, Vec<u8>)>,
    comment: &[u8],
) -> Result<(Option<&'static str>, Vec<Departure>), SealError> {
    let known = |text: &[u8]| {
        let of = [MEDIA_TYPE, MEDIA_TYPE_SIMPLE].into_iter().find(|known| text.trim_ascii_end() == known.as_bytes());
        let shown = || String::from_utf8_lossy(text.get(..60).unwrap_or(text)).into_owned();
        of.ok_or_else(|| SealError::MediaType { found: shown() })
    };
    let mut departures = Vec::new();
    let commented = comment.strip_prefix(TYPE_IN_COMMENT).map(known).transpose()?;
    let filed = said.as_ref().map(|(_, text)| known(text)).transpose()?;
    match &said {
        Some((entry, text)) => {
            let plain = entry.offset == 0 && entry.method == STORED && !entry.local_extra;
            if !plain || entry.flags & FLAG_DESCRIPTOR != 0 || text.trim_ascii_end().len() != text.len() {
                departures.push(Departure::MediaTypeMisplaced);
            }
        }
        None if commented.is_none() => departures.push(Departure::NoMediaType),
        None => {}
    }
    if !comment.is_empty() && commented.is_none() {
        departures.push(Departure::Comment);
    }
    match (filed, commented) {
        (Some(one), Some(other)) if one != other => Err(SealError::MediaType { found: format!("{one}, {other}") }),
        (filed, commented) => Ok((filed.or(commented), departures)),
    }
}

/// Whether this is an entry that says the media type, of a length that can be one.
pub(super) fn says_media_type(entry: &Entry) -> Result<bool, SealError> {
    if entry.name != MIMETYPE {
        return Ok(false);
    }
    check_limit("media type of a container", limits::MEDIA_TYPE_BYTES, entry.size).map(|()| true)
}

/// The extra fields, by their kinds; zeros too few for one stand at the end where tools align what follows.
fn fields(extra: &[u8]) -> Result<Vec<(u16, &[u8])>, SealError> {
    let mut rest = Fields { rest: extra, what: "zip extra field" };
    let mut all = Vec::new();
    while rest.rest.len() >= 4 || rest.rest.iter().any(|byte| *byte != 0) {
        let (kind, length) = (rest.half()?, rest.half()?);
        all.push((kind, rest.take(usize::from(length))?));
    }
    Ok(all)
}

/// A Unicode Path (APPNOTE §4.6.9) of this very name.
fn is_path_of(value: &[u8], name: &[u8]) -> bool {
    let mut crc = flate2::Crc::new();
    crc.update(name);
    value.strip_prefix(&[1]).and_then(|rest| rest.strip_prefix(&crc.sum().to_le_bytes())) == Some(name)
}

/// Eight bytes a number, in this order, as many as there are; nothing but zeros where they were not known yet.
fn says(value: &[u8], told: &[u64], unknown_yet: bool) -> bool {
    let (numbers, rest) = value.as_chunks::<8>();
    let same = |(found, told): (&[u8; 8], &u64)| u64::from_le_bytes(*found) == *told;
    let zeros = unknown_yet && value.iter().all(|byte| *byte == 0);
    rest.is_empty() && numbers.len() <= told.len() && (zeros || numbers.iter().zip(told).all(same))
}
