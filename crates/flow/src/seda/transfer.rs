//! A transfer as its bordereau tells it: who, the objects, and the tree of units. Compact: every text stands once among the names, and of
//! units beyond those that are shown only what is held against something is kept.

use crate::codes::Faults;
use crate::interned::{Name, Names};
use crate::seda::Version;
use crate::seda::digest::Announced;

/// Bytes of one text kept of a unit.
pub(crate) const KEPT_BYTES: usize = 512;

/// Of how many units the texts are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Of those that the facts show.
    First,
    /// Of all: for who asks for the whole tree.
    All,
}

/// A whole transfer.
#[derive(Debug)]
pub(crate) struct Transfer {
    pub(crate) version: Version,
    pub(crate) head: Head,
    pub(crate) names: Names,
    pub(crate) objects: Vec<Object>,
    /// Identifiers of groups, as often as they are declared.
    pub(crate) groups: Vec<Name>,
    /// Units in the order of the document, references to others included.
    pub(crate) units: Vec<Unit>,
    /// What units name as their objects, in the order of the units.
    pub(crate) references: Vec<Reference>,
    /// Rules of the whole package, then those of units, in their order.
    pub(crate) rules: Vec<Rule>,
    /// Found while reading.
    pub(crate) faults: Faults,
}

/// What the message says of itself.
#[derive(Debug, Default)]
pub(crate) struct Head {
    pub(crate) identifier: Option<String>,
    pub(crate) date: Option<String>,
    pub(crate) comment: Option<String>,
    /// Said, perhaps empty.
    pub(crate) agreement: Option<String>,
    pub(crate) profile: Option<String>,
    pub(crate) service_level: Option<String>,
    pub(crate) archival_agency: Option<String>,
    pub(crate) transferring_agency: Option<String>,
    pub(crate) originating_agency: Option<String>,
    pub(crate) submission_agency: Option<String>,
}

/// An object: a file, or a thing on a shelf.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) id: Name,
    pub(crate) physical: bool,
    /// The bytes are in the bordereau itself.
    pub(crate) embedded: bool,
    pub(crate) group: Group<Name>,
    pub(crate) usage: Option<Name>,
    pub(crate) uri: Option<Name>,
    /// Algorithm and value.
    pub(crate) digest: Option<(Name, Name)>,
    pub(crate) size: Option<u64>,
    pub(crate) format: Option<Name>,
    pub(crate) physical_id: Option<Name>,
}

/// How an object belongs to a group.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Group<T> {
    /// It does not.
    #[default]
    None,
    /// It is inside the element of its group, or declares it.
    Own,
    /// It names one that another declares.
    Named(T),
}

/// A unit, or what stands for one that is told elsewhere.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) id: Name,
    /// The place of the unit around it plus one; 0 at the root.
    parent: u32,
    /// The unit it stands for.
    pub(crate) stands_for: Option<Name>,
    /// It has a title, kept or not.
    pub(crate) titled: bool,
    /// It changes or joins a unit that is already archived.
    pub(crate) joins: bool,
    pub(crate) texts: Texts,
}

/// What a unit says of itself, where it is kept.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    pub(crate) title: Option<Name>,
    pub(crate) level: Option<Name>,
    pub(crate) description: Option<Name>,
    pub(crate) start: Option<Name>,
    pub(crate) end: Option<Name>,
}

impl Unit {
    pub(crate) fn new(id: Name, parent: Option<usize>) -> Unit {
        let parent = parent.map_or(0, |place| number(place) + 1);
        Unit { id, parent, stands_for: None, titled: false, joins: false, texts: Texts::default() }
    }

    /// The place of the unit around it.
    pub(crate) fn parent(&self) -> Option<usize> {
        (self.parent as usize).checked_sub(1)
    }
}

/// The place of a unit in four bytes: there are never more of them than `Limits::seda_nodes`.
pub(crate) fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX - 1)
}

/// What a unit names as its object.
#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) unit: u32,
    /// A group, or an object alone.
    pub(crate) group: bool,
    pub(crate) id: Name,
}

/// One thing that a rule says.
#[derive(Debug)]
pub(crate) struct Rule {
    /// The unit; [`PACKAGE`] for all of them.
    pub(crate) unit: u32,
    /// Its place among [`CATEGORIES`].
    pub(crate) category: u8,
    /// The rule of that identifier, inherited, does not apply; else it does.
    pub(crate) excludes: bool,
    pub(crate) id: Name,
    /// The day it runs from, where it is kept.
    pub(crate) start: Option<Name>,
}

/// Where a rule stands that is for the whole package.
pub(crate) const PACKAGE: u32 = u32::MAX;

impl Rule {
    pub(crate) fn category(&self) -> &'static str {
        CATEGORIES.get(usize::from(self.category)).copied().unwrap_or_default()
    }

    /// Orders the rules: those of the package before those of units.
    pub(crate) fn order(&self) -> u32 {
        self.unit.wrapping_add(1)
    }
}

/// The categories of management rules.
pub const CATEGORIES: [&str; 7] =
    ["StorageRule", "AppraisalRule", "AccessRule", "DisseminationRule", "ReuseRule", "ClassificationRule", "HoldRule"];

/// The place of that category.
pub(crate) fn category(name: &str) -> Option<u8> {
    CATEGORIES.iter().position(|known| *known == name).and_then(|place| u8::try_from(place).ok())
}

impl Transfer {
    pub(crate) fn text(&self, name: Option<Name>) -> Option<&str> {
        name.map(|name| self.names.get(name))
    }

    /// The digest of an object, as it is written.
    pub(crate) fn announced(&self, object: &Object) -> Option<Announced<'_>> {
        let (algorithm, value) = object.digest?;
        Some(Announced { algorithm: self.names.get(algorithm), value: self.names.get(value) })
    }

    /// What this unit says of itself.
    pub(crate) fn said(&self, unit: &Unit) -> [(&'static str, Option<&str>); 7] {
        let texts = &unit.texts;
        [
            ("identifiant", self.text(Some(unit.id))),
            ("parent", self.text(unit.parent().and_then(|place| self.units.get(place)).map(|unit| unit.id))),
            ("titre", self.text(texts.title)),
            ("niveau", self.text(texts.level)),
            ("description", self.text(texts.description)),
            ("date_debut", self.text(texts.start)),
            ("date_fin", self.text(texts.end)),
        ]
    }

    /// What the unit at this place names.
    pub(crate) fn references_of(&self, unit: usize) -> &[Reference] {
        of(&self.references, number(unit), |one| one.unit)
    }

    /// The rules that the unit at this place applies.
    pub(crate) fn applied(&self, unit: usize) -> impl Iterator<Item = &Rule> {
        let all = of(&self.rules, number(unit).wrapping_add(1), Rule::order);
        all.iter().filter(|rule| !rule.excludes)
    }

    /// A rule: its category and its identifier.
    pub(crate) fn told(&self, rule: &Rule) -> String {
        format!("{} {}", rule.category(), self.names.get(rule.id))
    }
}

/// Those of this key, of what is sorted by it.
fn of<T>(all: &[T], wanted: u32, key: impl Fn(&T) -> u32) -> &[T] {
    let from = all.partition_point(|one| key(one) < wanted);
    let rest = all.get(from..).unwrap_or_default();
    let until = rest.partition_point(|one| key(one) == wanted);
    rest.get(..until).unwrap_or_default()
}

/// A text kept of many: cut at a character.
pub(crate) fn kept(text: &str) -> &str {
    let end = (0..=KEPT_BYTES.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}
