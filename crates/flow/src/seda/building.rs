//! A transfer being told: the unit and the object under way, held loosely until they end, then compact.

use crate::codes::{self, Fault, Faults};
use crate::interned::{Name, Names};
use crate::limits::{Limits, MAX_LISTED};
use crate::seda::schema::Schema;
use crate::seda::transfer::{
    Group, Head, Keep, Object, PACKAGE, Reference, Rule, Texts, Transfer, Unit, category, kept, number,
};
use crate::seda::values::{Amiss, Values};
use crate::seda::{Version, first};
use crate::xml::within;

/// A transfer being told.
pub(crate) struct Building<'l> {
    pub(crate) place: &'l str,
    limits: &'l Limits,
    keep: Keep,
    pub(crate) version: Option<Version>,
    pub(crate) head: Head,
    pub(crate) names: Names,
    pub(crate) objects: Vec<Object>,
    pub(crate) groups: Vec<Name>,
    units: Vec<Unit>,
    references: Vec<Reference>,
    rules: Vec<Rule>,
    pub(crate) faults: Faults,
    /// Units under way, innermost last.
    pub(crate) open: Vec<OpenUnit>,
    /// The object under way, and its depth.
    pub(crate) object: Option<(usize, OpenObject)>,
    /// Inside the element of a group.
    pub(crate) grouped: bool,
    /// Digests that 0.2 tells beside the archives: algorithm and value, each with the name of its document.
    pub(crate) beside: Vec<((Name, Name), Name)>,
    /// The one of them under way.
    pub(crate) beside_open: Option<(String, String)>,
    /// Units that ended and stand for themselves.
    described: usize,
    pub(crate) schema: Schema,
    pub(crate) values: Values,
}

/// A unit under way.
#[derive(Debug, Default)]
pub(crate) struct OpenUnit {
    place: usize,
    pub(crate) depth: usize,
    /// Its texts are kept.
    pub(crate) kept: bool,
    pub(crate) stands_for: Option<Box<str>>,
    pub(crate) title: Option<Box<str>>,
    pub(crate) level: Option<Box<str>>,
    pub(crate) description: Option<Box<str>>,
    pub(crate) start: Option<Box<str>>,
    pub(crate) end: Option<Box<str>>,
    pub(crate) joins: bool,
}

/// An object under way.
#[derive(Debug, Default)]
pub(crate) struct OpenObject {
    pub(crate) id: Box<str>,
    pub(crate) physical: bool,
    pub(crate) embedded: bool,
    pub(crate) group: Group<Box<str>>,
    pub(crate) usage: Option<Box<str>>,
    pub(crate) uri: Option<Box<str>>,
    /// Algorithm and value.
    pub(crate) digest: Option<(String, String)>,
    pub(crate) size: Option<u64>,
    pub(crate) format: Option<Box<str>>,
    pub(crate) physical_id: Option<Box<str>>,
}

impl<'l> Building<'l> {
    pub(crate) fn new(place: &'l str, limits: &'l Limits, keep: Keep) -> Building<'l> {
        Building {
            place,
            limits,
            keep,
            version: None,
            head: Head::default(),
            names: Names::default(),
            objects: Vec::new(),
            groups: Vec::new(),
            units: Vec::new(),
            references: Vec::new(),
            rules: Vec::new(),
            faults: Faults::default(),
            open: Vec::new(),
            object: None,
            grouped: false,
            beside: Vec::new(),
            beside_open: None,
            described: 0,
            schema: Schema::default(),
            values: Values::default(),
        }
    }

    /// How many units have begun.
    pub(crate) fn units(&self) -> usize {
        self.units.len()
    }

    /// The unit under way, and the path inside it.
    pub(crate) fn unit<'p>(&mut self, path: &'p [String]) -> Option<(&mut OpenUnit, &'p [String])> {
        let open = self.open.last_mut()?;
        let inside = path.get(open.depth..)?;
        Some((open, inside))
    }

    /// Takes in one more thing of the tree, or digest beside it.
    ///
    /// # Errors
    /// `seda-too-large`.
    pub(crate) fn room(&self) -> Result<(), Fault> {
        let nodes = self.units.len() + self.objects.len() + self.groups.len();
        if nodes.max(self.beside.len()) < self.limits.seda_nodes {
            return Ok(());
        }
        Err(Fault::new(&codes::SEDA_TOO_LARGE, self.place).with(self.limits.seda_nodes))
    }

    /// Takes in one more reference or rule.
    fn link(&self) -> Result<(), Fault> {
        if self.references.len() + self.rules.len() < self.limits.seda_links {
            return Ok(());
        }
        Err(Fault::new(&codes::SEDA_LINKS_TOO_MANY, self.place).with(self.limits.seda_links))
    }

    /// A unit begins.
    ///
    /// # Errors
    /// `seda-too-large`.
    pub(crate) fn begin_unit(&mut self, id: &str, depth: usize) -> Result<(), Fault> {
        self.room()?;
        let parent = self.open.last().map(|open| open.place);
        let place = self.units.len();
        // Of the first that the facts show, none has more of them ended before it.
        let kept = self.keep == Keep::All || self.described < MAX_LISTED;
        self.open.push(OpenUnit { place, depth, kept, ..OpenUnit::default() });
        let id = self.names.name(id);
        self.units.push(Unit::new(id, parent));
        Ok(())
    }

    /// The unit under way names an object, or a group.
    ///
    /// # Errors
    /// `seda-links-too-many`.
    pub(crate) fn refers(&mut self, group: bool, id: &str) -> Result<(), Fault> {
        self.link()?;
        if let Some(open) = self.open.last() {
            let id = self.names.name(id);
            self.references.push(Reference { unit: number(open.place), group, id });
        }
        Ok(())
    }

    /// An element of a rule, of the unit under way or of the whole package.
    ///
    /// # Errors
    /// `seda-links-too-many`.
    pub(crate) fn rule(&mut self, rule: &str, said: &str, text: &str) -> Result<(), Fault> {
        let Some(category) = category(rule) else {
            return Ok(());
        };
        let unit = self.open.last().map_or(PACKAGE, |open| number(open.place));
        if matches!(said, "Rule" | "RefNonRuleId") {
            self.link()?;
            let id = self.names.name(kept(text));
            self.rules.push(Rule { unit, category, excludes: said == "RefNonRuleId", id, start: None });
        }
        // It follows the rule that it is of.
        if said == "StartDate"
            && self.open.last().is_some_and(|open| open.kept)
            && let Some(last) = self.rules.last_mut()
            && (last.unit, last.category, last.excludes, last.start) == (unit, category, false, None)
        {
            last.start = Some(self.names.name(kept(text)));
        }
        Ok(())
    }

    /// The unit or object that ends here is closed.
    pub(crate) fn close(&mut self, depth: usize) {
        if let Some(open) = self.open.pop_if(|open| open.depth == depth) {
            self.close_unit(&open);
        }
        if let Some((_, object)) = self.object.take_if(|(at, _)| *at == depth) {
            let object = self.compact(&object);
            self.objects.push(object);
        }
    }

    fn close_unit(&mut self, open: &OpenUnit) {
        self.described += usize::from(open.stands_for.is_none());
        let names = &mut self.names;
        let stands_for = open.stands_for.as_deref().map(|text| names.name(text));
        let mut text = |said: &Option<Box<str>>| said.as_deref().filter(|_| open.kept).map(|text| names.name(text));
        let texts = Texts {
            title: text(&open.title),
            level: text(&open.level),
            description: text(&open.description),
            start: text(&open.start),
            end: text(&open.end),
        };
        if let Some(unit) = self.units.get_mut(open.place) {
            (unit.stands_for, unit.texts, unit.joins) = (stands_for, texts, open.joins);
            unit.titled = open.title.as_deref().is_some_and(|title| !title.is_empty());
        }
    }

    fn compact(&mut self, object: &OpenObject) -> Object {
        let names = &mut self.names;
        let mut text = |said: &Option<Box<str>>| said.as_deref().map(|text| names.name(text));
        let (usage, uri) = (text(&object.usage), text(&object.uri));
        let (format, physical_id) = (text(&object.format), text(&object.physical_id));
        let group = match &object.group {
            Group::None => Group::None,
            Group::Own => Group::Own,
            Group::Named(id) => Group::Named(names.name(id)),
        };
        let digest = object.digest.as_ref().map(|(algorithm, value)| (names.name(algorithm), names.name(value)));
        let OpenObject { physical, embedded, size, .. } = *object;
        let id = names.name(&object.id);
        Object { id, physical, embedded, group, usage, uri, digest, size, format, physical_id }
    }

    /// Where a fault is.
    pub(crate) fn at(&self, inside: &str) -> String {
        within(self.place, inside)
    }

    /// The element of this path: in a unit or object of 2.x the path from it, under its identifier; else that from the root.
    fn told(&self, path: &[String]) -> String {
        let object = self.object.as_ref().map(|(depth, object)| (*depth, &*object.id));
        let unit =
            || self.open.last().and_then(|open| Some((open.depth, self.names.get(self.units.get(open.place)?.id))));
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

    pub(crate) fn amiss(&mut self, path: &[String], amiss: impl IntoIterator<Item = Amiss>) {
        for (attribute, fault) in amiss {
            let place = self.told(path) + &attribute.map(|name| format!("/@{name}")).unwrap_or_default();
            self.faults.push(fault.at(place));
        }
    }

    /// The whole transfer.
    ///
    /// # Errors
    /// `seda-manifest-not-xml`: nothing told what it is.
    pub(crate) fn finished(mut self) -> Result<Transfer, Fault> {
        first::settle(&mut self);
        let version = self.version.ok_or_else(|| Fault::new(&codes::SEDA_MANIFEST_NOT_XML, self.place))?;
        let Building { head, names, objects, groups, units, mut references, mut rules, faults, .. } = self;
        // A unit may name more once those inside it have ended.
        references.sort_by_key(|one| one.unit);
        rules.sort_by_key(Rule::order);
        Ok(Transfer { version, head, names, objects, groups, units, references, rules, faults })
    }
}
