//! Values and attributes held against the published schemas, by a table for each version (`values/*.txt`): the types of elements, with their
//! attributes, the elements each may hold, and what its text may be. The tables are derived from the schemas by a test, which holds them
//! against each other where the schemas are at hand. Order and number are for [`super::schema`]; what no type tells is not looked at.

mod lexical;

use std::collections::HashMap;
use std::sync::LazyLock;

use self::lexical::Kind;
use crate::codes::{self, Fault};
use crate::seda::Version;
use crate::xml::stream::Started;

/// The types of one version; the first is that of the document itself.
#[derive(Debug, Default)]
struct Table {
    types: Vec<Type>,
}

#[derive(Debug, Default)]
struct Type {
    attributes: Vec<Attribute>,
    /// Other attributes are allowed too.
    open: bool,
    /// What its text may be.
    text: Option<Kind>,
    children: HashMap<&'static str, Holds>,
}

#[derive(Debug)]
struct Attribute {
    name: &'static str,
    required: bool,
    kind: Kind,
}

/// What an element is.
#[derive(Debug)]
enum Holds {
    /// Of the type at that place in the table.
    Type(usize),
    /// A text alone, without attributes.
    Text(Kind),
}

static TABLES: [LazyLock<Table>; 5] = [
    LazyLock::new(|| Table::parse(include_str!("values/0.2.txt"))),
    LazyLock::new(|| Table::parse(include_str!("values/1.0.txt"))),
    LazyLock::new(|| Table::parse(include_str!("values/2.1.txt"))),
    LazyLock::new(|| Table::parse(include_str!("values/2.2.txt"))),
    LazyLock::new(|| Table::parse(include_str!("values/2.3.txt"))),
];

fn table(version: Version) -> &'static Table {
    &TABLES[match version {
        Version::V0_2 => 0,
        Version::V1_0 => 1,
        Version::V2_1 => 2,
        Version::V2_2 => 3,
        Version::V2_3 => 4,
    }]
}

impl Table {
    /// A line without a blank before it begins a type. The lines below it: `@name kind`, with `!` before the kind when it is required; `@*`
    /// for any other attribute; `= kind` for its text; `name =kind` or `name TypeOfTheElement` for an element that it may hold.
    fn parse(text: &'static str) -> Table {
        let lines = || text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let names = lines().filter(|line| !line.starts_with(' '));
        let places: HashMap<&str, usize> = names.enumerate().map(|(place, name)| (name, place)).collect();
        let mut table = Table::default();
        for line in lines() {
            let Some(said) = line.strip_prefix(' ') else {
                table.types.push(Type::default());
                continue;
            };
            let Some(current) = table.types.last_mut() else { continue };
            let (name, what) = said.split_once(' ').unwrap_or((said, ""));
            match (name, name.strip_prefix('@')) {
                (_, Some("*")) => current.open = true,
                (_, Some(name)) => {
                    let (required, kind) = what.strip_prefix('!').map_or((false, what), |kind| (true, kind));
                    current.attributes.extend(Kind::parse(kind).map(|kind| Attribute { name, required, kind }));
                }
                ("=", _) => current.text = Kind::parse(what),
                _ => {
                    let holds = match what.strip_prefix('=') {
                        Some(kind) => Kind::parse(kind).map(Holds::Text),
                        None => places.get(what).copied().map(Holds::Type),
                    };
                    current.children.extend(holds.map(|holds| (name, holds)));
                }
            }
        }
        table
    }
}

/// What is told of an element under way.
#[derive(Clone, Copy)]
enum Told {
    Type(&'static Type),
    Text(&'static Kind),
    Nothing,
}

/// The elements under way, outermost first.
#[derive(Default)]
pub(crate) struct Values {
    open: Vec<Told>,
}

/// A value that is none: the attribute, or nothing for the text, and the code with its arguments.
pub(crate) type Amiss = (Option<String>, Fault);

impl Values {
    /// An element begins; what is amiss with its attributes.
    pub(crate) fn begins(&mut self, version: Version, name: &str, element: &Started) -> Vec<Amiss> {
        let table = table(version);
        let above = match self.open.last() {
            None => table.types.first().map_or(Told::Nothing, Told::Type),
            Some(above) => *above,
        };
        let told = match above {
            Told::Type(above) => match above.children.get(name) {
                Some(Holds::Type(place)) => table.types.get(*place).map_or(Told::Nothing, Told::Type),
                Some(Holds::Text(kind)) => Told::Text(kind),
                None => Told::Nothing,
            },
            Told::Text(_) | Told::Nothing => Told::Nothing,
        };
        self.open.push(told);
        match told {
            Told::Type(of) => of.attributes_amiss(element),
            Told::Text(_) => element.attributes().filter_map(|(name, _)| unknown(name)).collect(),
            Told::Nothing => Vec::new(),
        }
    }

    /// The innermost element ends; what is amiss with its text, when it holds nothing else.
    pub(crate) fn ends(&mut self, text: Option<&str>) -> Option<Amiss> {
        let kind = match self.open.pop()? {
            Told::Type(of) => of.text.as_ref(),
            Told::Text(kind) => Some(kind),
            Told::Nothing => None,
        };
        let (kind, text) = (kind?, text?);
        (!kind.admits(text)).then(|| (None, value(kind, text)))
    }
}

impl Type {
    fn attributes_amiss(&self, element: &Started) -> Vec<Amiss> {
        let mut amiss = Vec::new();
        for known in &self.attributes {
            match element.attribute(known.name) {
                Some(text) if !known.kind.admits(text) => {
                    amiss.push((Some(known.name.to_owned()), value(&known.kind, text)));
                }
                None if known.required => {
                    amiss.push((None, Fault::new(&codes::SEDA_ATTRIBUTE_MISSING, "").with(known.name)));
                }
                _ => {}
            }
        }
        let others = element.attributes().filter(|(name, _)| self.attributes.iter().all(|known| known.name != *name));
        if !self.open {
            amiss.extend(others.filter_map(|(name, _)| unknown(name)));
        }
        amiss
    }
}

/// An attribute that the type does not have; of other vocabularies (`xml:id`) nothing is told.
fn unknown(name: &str) -> Option<Amiss> {
    let own = !name.contains(':') && name != "xmlns";
    own.then(|| (None, Fault::new(&codes::SEDA_ATTRIBUTE_UNKNOWN, "").with(name)))
}

fn value(kind: &Kind, text: &str) -> Fault {
    let code = if kind.is_date() { &codes::SEDA_DATE } else { &codes::SEDA_VALUE };
    Fault::new(code, "").with(text).with(kind.told())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_every_table_is_read() {
        for (version, text) in [
            (Version::V0_2, include_str!("values/0.2.txt")),
            (Version::V1_0, include_str!("values/1.0.txt")),
            (Version::V2_1, include_str!("values/2.1.txt")),
            (Version::V2_2, include_str!("values/2.2.txt")),
            (Version::V2_3, include_str!("values/2.3.txt")),
        ] {
            let table = table(version);
            let read = |of: &Type| {
                of.attributes.len() + usize::from(of.open) + usize::from(of.text.is_some()) + of.children.len()
            };
            let lines = text.lines().filter(|line| line.starts_with(' ')).count();
            assert_eq!(table.types.iter().map(read).sum::<usize>(), lines, "{version:?}");
            assert!(table.types.len() > 20, "{version:?}");
            assert!(table.types[0].children.contains_key("ArchiveTransfer"));
        }
    }
}
