//! The seal under a sheet (its cachet): an incremental update of the PDF (ISO 32000-1 §7.5.6) that adds one signature field, which nobody
//! sees, and in it a PAdES baseline signature (ETSI EN 319 142-1: B-B, or B-T with a time-stamp) over every other byte of the file.
//!
//! What is read here is what `sheet.rs` has just written: objects in clear under one plain cross-reference table. It is no reader of
//! the PDFs of others.

use proof::UnixMillis;
use proof::time::format_rfc3339;
use std::collections::BTreeMap;
use std::ops::Range;

/// Bytes between the brackets of the byte range, before it is known.
const RANGE_BYTES: usize = 48;
/// Bytes of a time-stamp that a signature has room for.
pub(super) const STAMP_BYTES: usize = 14 << 10;

/// A sheet that awaits its signature.
pub(super) struct Unsigned {
    pdf: Vec<u8>,
    /// The signature's place, `<` and `>` included: all that it does not cover.
    hole: Range<usize>,
}

impl Unsigned {
    /// The sheet with a field whose signature may have so many bytes, made at this moment by the signer's word.
    pub(super) fn of(pdf: Vec<u8>, at: UnixMillis, room: usize) -> Result<Self, String> {
        let made = Update::of(&pdf).and_then(|update| update.written(pdf.len(), at, room));
        let (update, hole, range) = made.ok_or("the sheet is not written as it was")?;
        let mut pdf = pdf;
        pdf.extend(update);
        let said = format!("0 {} {} {}", hole.start, hole.end, pdf.len() - hole.end);
        let place =
            pdf.get_mut(range).and_then(|place| place.get_mut(..said.len())).ok_or("the byte range is too long")?;
        place.copy_from_slice(said.as_bytes());
        Ok(Self { pdf, hole })
    }

    /// SHA-256 of what is signed.
    pub(super) fn sha256(&self) -> [u8; 32] {
        let covered = [self.pdf.get(..self.hole.start), self.pdf.get(self.hole.end..)].map(Option::unwrap_or_default);
        proof::sha256(&covered.concat()).0
    }

    /// The sheet with this signature.
    pub(super) fn signed(mut self, signature: &[u8]) -> Result<Vec<u8>, String> {
        let digits = proof::hash::encode_hex(signature);
        let inside = self.hole.start + 1..self.hole.end - 1;
        let room = self.pdf.get_mut(inside).and_then(|inside| inside.get_mut(..digits.len()));
        room.ok_or_else(|| format!("a signature of {} bytes has no room", signature.len()))?
            .copy_from_slice(digits.as_bytes());
        Ok(self.pdf)
    }
}

/// What an update says of what was there.
struct Update<'a> {
    /// Where the cross-reference table begins, and how many objects it has.
    table: usize,
    size: usize,
    root: (usize, &'a str),
    page: (usize, &'a str),
    info: usize,
    /// The first half of the file's identifier, as it is written.
    id: &'a str,
}

impl<'a> Update<'a> {
    fn of(pdf: &'a [u8]) -> Option<Self> {
        let end = last(pdf, b"startxref")?;
        let table = number(text(pdf.get(end..)?.strip_prefix(b"startxref")?))?;
        let trailer = pdf.get(table + first(pdf.get(table..end)?, b"trailer")?..end)?;
        let trailer = std::str::from_utf8(trailer).ok()?;
        let object = |number: usize| object(pdf, table, number);
        let root = reference(trailer, "/Root")?;
        let catalog = object(root)?;
        let page = reference(object(reference(catalog, "/Pages")?)?, "/Kids")?;
        let id = trailer.split_once("/ID")?.1.trim_start().strip_prefix('[')?.trim_start();
        let id = id.get(..=id.find([')', '>'])?)?;
        Some(Self {
            table,
            size: reference(trailer, "/Size")?,
            root: (root, catalog),
            page: (page, object(page)?),
            info: reference(trailer, "/Info")?,
            id,
        })
    }

    /// The update behind a file of this length; where the signature and its range stand in the whole.
    fn written(&self, length: usize, at: UnixMillis, room: usize) -> Option<(Vec<u8>, Range<usize>, Range<usize>)> {
        let (field, value) = (self.size, self.size + 1);
        let mut out = b"\n".to_vec();
        let mut places = BTreeMap::new();
        let mut put = |out: &mut Vec<u8>, number: usize, body: &str| {
            places.insert(number, length + out.len());
            out.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
        };
        put(&mut out, self.page.0, &with(self.page.1, "/Annots", &format!("[{field} 0 R]"))?);
        put(&mut out, self.root.0, &with(self.root.1, "/AcroForm", &format!("<</Fields[{field} 0 R]/SigFlags 3>>"))?);
        // Printed and locked (132), and of no size: nothing of it is seen.
        let widget = format!(
            "<</Type/Annot/Subtype/Widget/FT/Sig/T(Cachet)/F 132/Rect[0 0 0 0]/P {} 0 R/V {value} 0 R>>",
            self.page.0
        );
        put(&mut out, field, &widget);
        let date: String = format_rfc3339(at).chars().take(19).filter(char::is_ascii_digit).collect();
        let before = format!("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(D:{date}Z)/ByteRange[");
        let between = "]/Contents";
        let hole = "0".repeat(2 * room);
        let start = length + out.len() + format!("{value} 0 obj\n{before}").len();
        put(&mut out, value, &format!("{before}{}{between}<{hole}>>>", " ".repeat(RANGE_BYTES)));
        let range = start..start + RANGE_BYTES;
        let hole = range.end + between.len()..range.end + between.len() + 2 * room + 2;
        let table = length + out.len();
        out.extend_from_slice(b"xref\n");
        for (number, place) in &places {
            out.extend(format!("{number} 1\n{place:010} 00000 n \n").bytes());
        }
        let changed = proof::hash::encode_hex(&proof::sha256(&out).0[..16]);
        let trailer = format!(
            "trailer\n<</Size {}/Root {} 0 R/Info {} 0 R/ID[{} <{changed}>]/Prev {}>>\nstartxref\n{table}\n%%EOF",
            self.size + 2,
            self.root.0,
            self.info,
            self.id,
            self.table
        );
        out.extend(trailer.bytes());
        Some((out, hole, range))
    }
}

/// The dictionary of an object, found by the table that begins here.
fn object(pdf: &[u8], table: usize, number: usize) -> Option<&str> {
    let entries = pdf.get(table..)?.strip_prefix(b"xref\n0 ")?;
    let entries = entries.get(first(entries, b"\n")? + 1..)?;
    // Ten digits, five, a letter and an end of line (ISO 32000-1 §7.5.4).
    let place = self::number(text(entries.get(20 * number..20 * number + 10)?))?;
    let body = pdf.get(place..)?.strip_prefix(format!("{number} 0 obj").as_bytes())?;
    std::str::from_utf8(body.get(..first(body, b"endobj")?)?).ok().map(str::trim)
}

/// The dictionary with one entry more, which it did not have.
fn with(dictionary: &str, name: &str, value: &str) -> Option<String> {
    let inside = dictionary.strip_suffix(">>").filter(|inside| !inside.contains(name))?;
    Some(format!("{inside}{name}{value}>>"))
}

/// The first number behind this name.
fn reference(dictionary: &str, name: &str) -> Option<usize> {
    let behind = |rest: &&str| rest.starts_with([' ', '[', '\n']);
    number(dictionary.split(name).skip(1).find(behind)?.trim_start_matches([' ', '[', '\n']))
}

fn number(text: &str) -> Option<usize> {
    let text = text.trim_start();
    text.get(..text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))?.parse().ok()
}

/// As much of it as is text.
fn text(bytes: &[u8]) -> &str {
    let cut = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or(bytes.len());
    bytes.get(..cut).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default()
}

fn first(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|held| held == wanted)
}

fn last(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).rposition(|held| held == wanted)
}

#[cfg(test)]
mod tests {
    use super::super::sheet::{Attached, Block, Sheet};
    use super::*;

    fn sheet() -> Vec<u8> {
        let attached = Attached {
            name: "reçu (1).txt".into(),
            media_type: "text/plain",
            description: "Reçu".into(),
            // What an update looks for may stand in what is attached.
            bytes: b"startxref\n5\ntrailer endobj".to_vec(),
        };
        let blocks = vec![Block::Title("Attestation".into()), Block::Text("Un mot. ".repeat(2000))];
        let (author, foot) = ("essai".to_owned(), "essai".to_owned());
        Sheet {
            title: "Attestation".into(),
            author,
            foot,
            at: UnixMillis(1_800_000_000_000),
            blocks,
            attached: vec![attached],
        }
        .to_pdf()
        .unwrap()
    }

    #[test]
    fn the_range_covers_everything_but_the_signature_and_the_sheet_before_stays_as_it_was() {
        let before = sheet();
        let unsigned = Unsigned::of(before.clone(), UnixMillis(1_800_000_000_000), 100).unwrap();
        let (digest, hole) = (unsigned.sha256(), unsigned.hole.clone());
        let signed = unsigned.signed(&[0xab; 100]).unwrap();
        assert_eq!(signed[..before.len()], before);
        assert_eq!((signed[hole.start], signed[hole.end - 1]), (b'<', b'>'));
        assert_eq!(&signed[hole.start + 1..hole.end - 1], "ab".repeat(100).as_bytes());
        let said = text(&signed[last(&signed, b"/ByteRange[").unwrap()..]).trim_start_matches("/ByteRange[").to_owned();
        let said: Vec<usize> = said.split(']').next().unwrap().split_whitespace().map(|n| n.parse().unwrap()).collect();
        assert_eq!(said, [0, hole.start, hole.end, signed.len() - hole.end]);
        let covered = [&signed[..hole.start], &signed[hole.end..]].concat();
        assert_eq!(proof::sha256(&covered).0, digest);
        assert!(signed.ends_with(b"%%EOF"));
        assert!(text(&signed[hole.start - 200..]).contains("/M(D:20270115080000Z)"));
    }

    #[test]
    fn the_new_table_places_every_new_object() {
        let signed = Unsigned::of(sheet(), UnixMillis(0), 10).unwrap().signed(&[1; 10]).unwrap();
        let table = number(text(&signed[last(&signed, b"startxref\n").unwrap() + 10..])).unwrap();
        let table = text(&signed[table..]);
        let mut lines = table.lines().skip(1);
        let mut placed = 0;
        while let (Some(one), Some(at)) = (lines.next().and_then(|line| line.strip_suffix(" 1")), lines.next()) {
            let at: usize = at[..10].parse().unwrap();
            assert!(signed[at..].starts_with(format!("{one} 0 obj\n").as_bytes()), "{one} at {at}");
            placed += 1;
        }
        assert_eq!(placed, 4);
    }

    #[test]
    fn a_signature_without_room_and_a_file_that_is_no_sheet_are_refused() {
        let unsigned = || Unsigned::of(sheet(), UnixMillis(0), 10).unwrap();
        assert!(unsigned().signed(&[1; 10]).is_ok() && unsigned().signed(&[1; 11]).is_err());
        for other in [&b""[..], b"%PDF-1.7", b"startxref\n0\n", b"xref\n0 1\ntrailer\nstartxref\n0\n"] {
            assert!(Unsigned::of(other.to_vec(), UnixMillis(0), 10).is_err());
        }
        // Signed once: whoever signs again would take the first signature's field away.
        assert!(Unsigned::of(unsigned().signed(&[1; 10]).unwrap(), UnixMillis(0), 10).is_err());
    }
}
