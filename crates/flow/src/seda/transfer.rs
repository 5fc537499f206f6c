//! A transfer as its bordereau tells it: who, the objects, and the tree of units, kept compact.

use crate::codes::Faults;
use crate::seda::Version;
use crate::seda::digest::Announced;

/// Bytes of one text kept of a unit.
pub(crate) const KEPT_BYTES: usize = 512;

/// A whole transfer.
#[derive(Debug)]
pub(crate) struct Transfer {
    pub(crate) version: Version,
    pub(crate) head: Head,
    pub(crate) objects: Vec<Object>,
    /// Identifiers of groups, as often as they are declared.
    pub(crate) groups: Vec<Box<str>>,
    /// Units in the order of the document, references to others included.
    pub(crate) units: Vec<Unit>,
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
    /// Rules for the whole transfer.
    pub(crate) rules: Vec<Rule>,
}

/// An object: a file, or a thing on a shelf.
#[derive(Debug, Default)]
pub(crate) struct Object {
    pub(crate) id: Box<str>,
    pub(crate) physical: bool,
    pub(crate) group: Group,
    pub(crate) usage: Option<Box<str>>,
    pub(crate) uri: Option<Box<str>>,
    /// The bytes are in the bordereau itself.
    pub(crate) embedded: bool,
    pub(crate) digest: Option<Announced>,
    pub(crate) size: Option<u64>,
    pub(crate) format: Option<Box<str>>,
    pub(crate) physical_id: Option<Box<str>>,
}

/// How an object belongs to a group.
#[derive(Debug, Default)]
pub(crate) enum Group {
    /// It does not.
    #[default]
    None,
    /// It is inside the element of its group, or declares it.
    Own,
    /// It names one that another declares.
    Named(Box<str>),
}

/// A unit, or what stands for one that is told elsewhere.
#[derive(Debug, Default)]
pub(crate) struct Unit {
    pub(crate) id: Box<str>,
    pub(crate) parent: Option<usize>,
    /// The unit it stands for.
    pub(crate) stands_for: Option<Box<str>>,
    pub(crate) title: Option<Box<str>>,
    pub(crate) level: Option<Box<str>>,
    pub(crate) description: Option<Box<str>>,
    pub(crate) start: Option<Box<str>>,
    pub(crate) end: Option<Box<str>>,
    pub(crate) objects: Vec<Reference>,
    pub(crate) rules: Vec<Rule>,
    /// It changes or joins a unit that is already archived.
    pub(crate) joins: bool,
}

impl Unit {
    /// What it says of itself, among these units.
    pub(crate) fn said<'t>(&'t self, units: &'t [Unit]) -> [(&'static str, Option<&'t str>); 7] {
        [
            ("identifiant", Some(&*self.id)),
            ("parent", self.parent.and_then(|index| units.get(index)).map(|unit| &*unit.id)),
            ("titre", self.title.as_deref()),
            ("niveau", self.level.as_deref()),
            ("description", self.description.as_deref()),
            ("date_debut", self.start.as_deref()),
            ("date_fin", self.end.as_deref()),
        ]
    }

    /// The rules it applies: category and identifier.
    pub(crate) fn applied(&self) -> impl Iterator<Item = String> {
        self.rules.iter().filter_map(|rule| match rule {
            Rule::Applies { category, id } => Some(format!("{category} {id}")),
            Rule::Excludes { .. } => None,
        })
    }
}

/// What a unit names as its object.
#[derive(Debug)]
pub(crate) enum Reference {
    Object(Box<str>),
    Group(Box<str>),
}

/// One thing that a rule says.
#[derive(Debug)]
pub(crate) enum Rule {
    /// The rule of that identifier applies, for that category.
    Applies { category: &'static str, id: Box<str> },
    /// The rule of that identifier, inherited, does not.
    Excludes { category: &'static str, id: Box<str> },
}

/// The categories of management rules.
pub(crate) const CATEGORIES: [&str; 7] =
    ["StorageRule", "AppraisalRule", "AccessRule", "DisseminationRule", "ReuseRule", "ClassificationRule", "HoldRule"];

/// The category of that name.
pub(crate) fn category(name: &str) -> Option<&'static str> {
    CATEGORIES.iter().find(|known| **known == name).copied()
}

/// A text kept of many: cut at a character.
pub(crate) fn kept(text: &str) -> Box<str> {
    let end = (0..=KEPT_BYTES.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text[..end].into()
}
