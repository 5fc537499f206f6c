//! What a zip is a package of, by the members at its beginning: `mimetype` first (OpenDocument, EPUB, ASiC), or `[Content_Types].xml` (Office
//! Open XML). Nothing is believed of it but a name: the walk that keeps members is another, and strict.

use std::io::Read;

use flate2::bufread::DeflateDecoder;
use memchr::memmem;

use super::Format;
use super::begin::ZIP;
use super::table::{self, one};

/// Bytes of the header before a member, its name and extra fields apart.
const HEADER: usize = 30;
/// Members looked at.
const MEMBERS: usize = 64;
/// Bytes inflated in all.
const INFLATED: u64 = 1 << 20;

/// A member whose header stands in the beginning.
struct Member<'h> {
    name: &'h [u8],
    /// Inflated, as much as the beginning holds and the budget allows.
    bytes: Vec<u8>,
}

/// What this beginning of a zip is of.
pub(super) fn identify(head: &[u8]) -> Format {
    let mut members = Members { head, left: INFLATED };
    let Some(first) = members.next() else { return ZIP };
    if first.name == b"mimetype" {
        return typed(&first.bytes, members);
    }
    let mut of_a_package = false;
    for member in std::iter::once(first).chain(members.take(MEMBERS)) {
        if member.name == b"[Content_Types].xml" {
            return office(&member.bytes);
        }
        of_a_package |= PACKAGED.iter().any(|begin| member.name.starts_with(begin));
    }
    if of_a_package { UNTOLD } else { ZIP }
}

/// How members are called in packages that put what tells their type further on.
const PACKAGED: [&[u8]; 6] = [b"word/", b"xl/", b"ppt/", b"_rels/", b"docProps/", b"META-INF/"];

/// A package of which the beginning does not tell.
const UNTOLD: Format = Format { puid: None, ..ZIP };

/// What `mimetype` says, and the version of an OpenDocument.
fn typed(said: &[u8], members: Members<'_>) -> Format {
    if let Some(known) = table::TYPED.iter().find(|known| known.media_type.as_bytes() == said) {
        return *known;
    }
    let known = table::OPEN_DOCUMENT.iter().find(|known| known.media_type.as_bytes() == said);
    let Some(known) = known else { return UNTOLD };
    let telling = |member: &Member<'_>| matches!(member.name, b"content.xml" | b"styles.xml" | b"meta.xml");
    let version = members.take(MEMBERS).filter(telling).find_map(|member| version(&member.bytes));
    let puid = version.and_then(|version| known.versions.get(version).copied());
    one(known.family, known.name, puid, known.media_type)
}

/// The second number of `office:version`, 0 to 3.
fn version(xml: &[u8]) -> Option<usize> {
    let word = b"office:version=";
    let after = xml.get(memmem::find(xml, word)? + word.len() + 1..)?;
    let digit = after.strip_prefix(b"1.")?.first()?.checked_sub(b'0')?;
    Some(usize::from(digit)).filter(|digit| *digit < 4)
}

fn office(types: &[u8]) -> Format {
    let known = table::OFFICE.iter().find(|(main, _)| memmem::find(types, main).is_some());
    known.map_or(UNTOLD, |known| known.1)
}

/// Members one after the other, while their end can be told.
struct Members<'h> {
    head: &'h [u8],
    left: u64,
}

impl<'h> Iterator for Members<'h> {
    type Item = Member<'h>;

    fn next(&mut self) -> Option<Member<'h>> {
        let fixed = self.head.get(..HEADER).filter(|fixed| fixed.starts_with(b"PK\x03\x04"))?;
        let short = |at: usize| fixed.get(at..at + 2).map_or(0, |two| u16::from_le_bytes([two[0], two[1]]));
        let (flags, method) = (short(6), short(8));
        let packed = fixed.get(18..22).and_then(|four| four.first_chunk()).map_or(0, |four| u32::from_le_bytes(*four));
        let rest = self.head.get(HEADER..)?;
        let (name, rest) = rest.split_at_checked(usize::from(short(26)))?;
        let (_, rest) = rest.split_at_checked(usize::from(short(28)))?;
        let described_after = flags & 8 != 0;
        if flags & 1 != 0 || (described_after && method == 0) {
            self.head = &[];
            return Some(Member { name, bytes: Vec::new() });
        }
        let stated = usize::try_from(packed).unwrap_or(usize::MAX);
        let held = if described_after { rest } else { &rest[..stated.min(rest.len())] };
        let (bytes, used) = match method {
            0 => (held.to_vec(), held.len()),
            8 => self.inflate(held),
            _ => (Vec::new(), stated),
        };
        self.head =
            if described_after { after_description(rest, used) } else { rest.get(stated..).unwrap_or_default() };
        Some(Member { name, bytes })
    }
}

impl Members<'_> {
    /// What these bytes inflate to, as far as the budget goes, and how many of them that took.
    fn inflate(&mut self, packed: &[u8]) -> (Vec<u8>, usize) {
        let mut bytes = Vec::new();
        let mut inflater = DeflateDecoder::new(packed).take(self.left);
        // A member that goes on beyond the beginning ends in an error; what came before counts.
        let _ = inflater.read_to_end(&mut bytes);
        self.left = self.left.saturating_sub(bytes.len() as u64);
        (bytes, usize::try_from(inflater.into_inner().total_in()).unwrap_or(usize::MAX))
    }
}

/// What follows the description that a header put off.
fn after_description(rest: &[u8], used: usize) -> &[u8] {
    let after = rest.get(used..).unwrap_or_default();
    let next =
        [12, 16, 20, 24].into_iter().find(|size| after.get(*size..).is_some_and(|at| at.starts_with(b"PK\x03\x04")));
    next.map_or(&[], |size| &after[size..])
}
