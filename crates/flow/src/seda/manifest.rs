//! Reading a bordereau as it comes: the version by the namespace, then each element to the reader of its family.

use std::io::{self, Read};

use crate::codes::{self, Fault, Measure};
use crate::container::Damage;
use crate::limits::Limits;
use crate::look;
use crate::seda::building::Building;
use crate::seda::transfer::{Keep, Transfer};
use crate::seda::{Version, first, second};
use crate::xml::stream::{Listener, Started, stream};
use crate::{encoding, xml};

/// What the bytes say as a bordereau.
///
/// # Errors
/// `seda-manifest-not-xml`, `seda-not-a-transfer`, `seda-version`, `seda-too-large`, and those of XML and of its encoding.
pub(crate) fn read(input: &mut dyn Read, place: &str, limits: &Limits, keep: Keep) -> Result<Transfer, Fault> {
    let damaged = |error: io::Error| Damage::of(&error).fault(place, ("", None), error);
    let head = look::head(input).map_err(damaged)?;
    if !begins_like_xml(&head) {
        return Err(Fault::new(&codes::SEDA_MANIFEST_NOT_XML, place));
    }
    let mut building = Building::new(place, limits, keep);
    if encoding::is_utf8(&head) {
        stream(&mut io::Cursor::new(head).chain(input), place, limits, &mut building)?;
    } else {
        let mut bytes = head;
        input.take(limits.xml_bytes).read_to_end(&mut bytes).map_err(damaged)?;
        if bytes.len() as u64 > limits.xml_bytes {
            return Err(xml::limit(place, Measure::Bytes, limits.xml_bytes));
        }
        let decoded = encoding::decode(&bytes, place)?;
        building.faults.extend(decoded.oddity);
        stream(&mut decoded.text.as_bytes(), place, limits, &mut building)?;
    }
    building.finished()
}

fn begins_like_xml(head: &[u8]) -> bool {
    let body = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let wide = [b"\xFF\xFE<\0".as_slice(), b"\xFE\xFF\0<"];
    body.starts_with(b"<") || wide.iter().any(|mark| head.starts_with(mark))
}

impl Listener for Building<'_> {
    fn root(&mut self, name: &str, namespace: &str) -> Result<(), Fault> {
        let Some(version) = Version::by_namespace(namespace) else {
            return Err(Fault::new(&codes::SEDA_VERSION, self.place).with(namespace));
        };
        if name != "ArchiveTransfer" {
            return Err(Fault::new(&codes::SEDA_NOT_A_TRANSFER, self.place).with(name));
        }
        self.version = Some(version);
        Ok(())
    }

    fn start(&mut self, path: &[String], element: &Started) -> Result<(), Fault> {
        let Some(version) = self.version else {
            return Ok(());
        };
        if let Some(fault) = self.schema.begins(version, path, self.place) {
            self.faults.push(fault);
        }
        let amiss = self.values.begins(version, path.last().map_or("", String::as_str), element);
        let started = match version.has_objects_apart() {
            true => second::start(self, path, element),
            false => first::start(self, path, element),
        };
        // Told once the unit or object that begins here has its identifier.
        self.amiss(path, amiss);
        started
    }

    fn end(&mut self, path: &[String], text: Option<&str>) -> Result<(), Fault> {
        let Some(version) = self.version else {
            return Ok(());
        };
        let amiss = self.values.ends(text);
        self.amiss(path, amiss);
        let missing = self.schema.ends(path.len());
        for name in missing {
            let place = self.at(&path.join("/"));
            self.faults.push(Fault::new(&codes::SEDA_MISSING, place).with(name));
        }
        if version.has_objects_apart() {
            second::end(self, path, text)?;
        } else {
            first::end(self, path, text)?;
        }
        self.close(path.len());
        Ok(())
    }
}
