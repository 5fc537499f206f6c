//! Reading a bordereau as it comes: the version by the namespace, then each element to the reader of its family.

use std::io::{self, Read};

use crate::codes::{self, Fault, Faults};
use crate::limits::Limits;
use crate::look;
use crate::seda::digest::Announced;
use crate::seda::schema::Schema;
use crate::seda::transfer::{Head, Object, Transfer, Unit};
use crate::seda::values::{Amiss, Values};
use crate::seda::{Version, first, second};
use crate::xml::stream::{Listener, Started, stream};
use crate::xml::within;
use crate::{encoding, xml};

/// What the bytes say as a bordereau.
///
/// # Errors
/// `seda-manifest-not-xml`, `seda-not-a-transfer`, `seda-version`, `seda-too-large`, and those of XML and of its encoding.
pub(crate) fn read(input: &mut dyn Read, place: &str, limits: &Limits) -> Result<Transfer, Fault> {
    let damaged = |error: io::Error| Fault::new(&codes::CONTAINER_DAMAGED, place).with(error);
    let head = look::head(input).map_err(damaged)?;
    if !begins_like_xml(&head) {
        return Err(Fault::new(&codes::SEDA_MANIFEST_NOT_XML, place));
    }
    let mut building = Building::new(place, limits);
    if encoding::is_utf8(&head) {
        stream(&mut io::Cursor::new(head).chain(input), place, limits, &mut building)?;
    } else {
        let mut bytes = head;
        input.take(limits.xml_bytes).read_to_end(&mut bytes).map_err(damaged)?;
        if bytes.len() as u64 > limits.xml_bytes {
            return Err(xml::limit(place, "bytes", limits.xml_bytes));
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

/// A transfer being told.
pub(crate) struct Building<'l> {
    pub(crate) place: &'l str,
    pub(crate) limits: &'l Limits,
    pub(crate) version: Option<Version>,
    pub(crate) head: Head,
    pub(crate) objects: Vec<Object>,
    pub(crate) groups: Vec<Box<str>>,
    pub(crate) units: Vec<Unit>,
    pub(crate) faults: Faults,
    /// Units under way, with the depth of each, innermost last.
    pub(crate) open: Vec<(usize, usize)>,
    /// The object under way, and its depth.
    pub(crate) object: Option<(usize, Object)>,
    /// Inside the element of a group.
    pub(crate) grouped: bool,
    /// Digests that 0.2 tells beside the archives, each with the name of its document.
    pub(crate) beside: Vec<(Announced, String)>,
    schema: Schema,
    values: Values,
}

impl<'l> Building<'l> {
    fn new(place: &'l str, limits: &'l Limits) -> Building<'l> {
        Building {
            place,
            limits,
            version: None,
            head: Head::default(),
            objects: Vec::new(),
            groups: Vec::new(),
            units: Vec::new(),
            faults: Faults::default(),
            open: Vec::new(),
            object: None,
            grouped: false,
            beside: Vec::new(),
            schema: Schema::default(),
            values: Values::default(),
        }
    }

    /// The unit under way, and the path inside it.
    pub(crate) fn unit<'p>(&mut self, path: &'p [String]) -> Option<(&mut Unit, &'p [String])> {
        let (index, depth) = *self.open.last()?;
        Some((self.units.get_mut(index)?, path.get(depth..)?))
    }

    /// Takes in one more thing of the tree.
    ///
    /// # Errors
    /// `seda-too-large`.
    pub(crate) fn room(&self) -> Result<(), Fault> {
        if self.units.len() + self.objects.len() + self.groups.len() < self.limits.seda_nodes {
            return Ok(());
        }
        Err(Fault::new(&codes::SEDA_TOO_LARGE, self.place).with(self.limits.seda_nodes))
    }

    /// A unit begins.
    pub(crate) fn begin_unit(&mut self, id: Box<str>, depth: usize) -> Result<(), Fault> {
        self.room()?;
        let parent = self.open.last().map(|(index, _)| *index);
        self.open.push((self.units.len(), depth));
        self.units.push(Unit { id, parent, ..Unit::default() });
        Ok(())
    }

    /// The unit or object that ends here is closed.
    fn close(&mut self, depth: usize) {
        if self.open.last().is_some_and(|(_, at)| *at == depth) {
            self.open.pop();
        }
        if self.object.as_ref().is_some_and(|(at, _)| *at == depth)
            && let Some((_, object)) = self.object.take()
        {
            self.objects.push(object);
        }
    }

    /// Where a fault is.
    pub(crate) fn at(&self, inside: &str) -> String {
        within(self.place, inside)
    }

    /// The element of this path: in a unit or object of 2.x the path from it, under its identifier; else that from the root.
    fn told(&self, path: &[String]) -> String {
        let object = self.object.as_ref().map(|(depth, object)| (*depth, &*object.id));
        let unit = || self.open.last().and_then(|(index, depth)| Some((*depth, &*self.units.get(*index)?.id)));
        let apart = self.version.is_some_and(Version::has_objects_apart);
        match object.or_else(unit).filter(|(_, id)| apart && !id.is_empty()) {
            Some((depth, id)) => {
                let name = depth.checked_sub(1).and_then(|at| path.get(at)).map_or("", String::as_str);
                let inside = path.get(depth..).unwrap_or_default();
                let all = std::iter::once(format!("{name} {id}")).chain(inside.iter().cloned());
                self.at(&all.collect::<Vec<_>>().join("/"))
            }
            None => self.at(&path.join("/")),
        }
    }

    fn amiss(&mut self, path: &[String], amiss: impl IntoIterator<Item = Amiss>) {
        for (attribute, fault) in amiss {
            let place = self.told(path) + &attribute.map(|name| format!("/@{name}")).unwrap_or_default();
            self.faults.push(fault.at(place));
        }
    }

    fn finished(mut self) -> Result<Transfer, Fault> {
        first::settle(&mut self);
        let version = self.version.ok_or_else(|| Fault::new(&codes::SEDA_MANIFEST_NOT_XML, self.place))?;
        let Building { head, objects, groups, units, faults, .. } = self;
        Ok(Transfer { version, head, objects, groups, units, faults })
    }
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
            second::end(self, path, text);
        } else {
            first::end(self, path, text);
        }
        self.close(path.len());
        Ok(())
    }
}
