//! SEDA: what a transfer of archives says (0.2, 1.0, 2.1, 2.2, 2.3), held against what came with it.
//! Not here: lists of agencies, agreements, profiles and rules, which whoever calls brings; what a profile asks for; the formats of objects; the published
//! schemas themselves, of which tables of ours say the order and number of the elements that count, the attributes and the values.

mod building;
mod content;
mod control;
mod digest;
mod facts;
mod first;
mod head;
mod manifest;
mod passes;
mod profile;
mod referential;
pub mod reply;
mod schema;
mod second;
mod transfer;
mod tree;
mod values;

pub(crate) use self::passes::read;
pub(crate) use self::profile::WORDS;
pub use self::profile::{Difference, ProfileSaid, Unapplied, bordereau};
pub use self::referential::{Known, KnownRule, Lasts, Referential, RuleSaid};
pub use self::transfer::CATEGORIES;
pub use self::tree::Units;

/// A published version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 0.2, 2010.
    V0_2,
    /// 1.0, 2012.
    V1_0,
    /// 2.1, 2018.
    V2_1,
    /// 2.2, 2022.
    V2_2,
    /// 2.3, 2024.
    V2_3,
}

impl Version {
    const ALL: [(Version, &'static str, &'static str); 5] = [
        (Version::V0_2, "0.2", "fr:gouv:ae:archive:draft:standard_echange_v0.2"),
        (Version::V1_0, "1.0", "fr:gouv:culture:archivesdefrance:seda:v1.0"),
        (Version::V2_1, "2.1", "fr:gouv:culture:archivesdefrance:seda:v2.1"),
        (Version::V2_2, "2.2", "fr:gouv:culture:archivesdefrance:seda:v2.2"),
        (Version::V2_3, "2.3", "fr:gouv:culture:archivesdefrance:seda:v2.3"),
    ];

    /// The version of that number.
    pub fn by_number(number: &str) -> Option<Version> {
        Version::ALL.iter().find(|(_, known, _)| *known == number).map(|(version, _, _)| *version)
    }

    /// The version with that namespace.
    pub fn by_namespace(namespace: &str) -> Option<Version> {
        Version::ALL.iter().find(|(_, _, known)| *known == namespace).map(|(version, _, _)| *version)
    }

    /// Its number.
    pub fn number(self) -> &'static str {
        Version::ALL.iter().find(|(version, _, _)| *version == self).map_or("", |(_, number, _)| number)
    }

    /// Its namespace.
    pub fn namespace(self) -> &'static str {
        Version::ALL.iter().find(|(version, _, _)| *version == self).map_or("", |(_, _, namespace)| namespace)
    }

    /// Objects apart from the tree, groups, references: what began with 2.0.
    pub(crate) fn has_objects_apart(self) -> bool {
        !matches!(self, Version::V0_2 | Version::V1_0)
    }
}

/// The root element of a transfer in a version that is read.
pub(crate) fn is_transfer(root: roxmltree::ExpandedName<'_, '_>) -> bool {
    root.name() == "ArchiveTransfer" && root.namespace().and_then(Version::by_namespace).is_some()
}

/// What a namespace of SEDA begins with, whatever the version.
const FAMILIES: [&str; 2] = ["fr:gouv:ae:archive:draft:standard_echange_v", "fr:gouv:culture:archivesdefrance:seda:v"];

/// The namespace of a transfer in a version that is not read.
pub(crate) fn unread_version(root: roxmltree::ExpandedName<'_, '_>) -> Option<String> {
    let namespace = root.namespace().filter(|_| root.name() == "ArchiveTransfer")?;
    let of_seda = FAMILIES.iter().any(|family| namespace.starts_with(family));
    (of_seda && Version::by_namespace(namespace).is_none()).then(|| namespace.to_owned())
}

/// What the first bytes of a long document say: a transfer in a version that is read, or the namespace of another version.
pub(crate) fn begins_a_transfer(first: &[u8]) -> Option<Result<(), String>> {
    let text = String::from_utf8_lossy(first);
    let rooted = text.split("ArchiveTransfer").skip(1).any(|rest| rest.starts_with([' ', '>', '\n', '\t', '\r']));
    if !rooted {
        return None;
    }
    if Version::ALL.iter().any(|(_, _, namespace)| text.contains(namespace)) {
        return Some(Ok(()));
    }
    let from = FAMILIES.iter().find_map(|family| text.find(family))?;
    let rest = text.get(from..)?;
    Some(Err(rest.get(..rest.find(['"', '\''])?)?.to_owned()))
}

/// The name of a file at the root of a container that is a bordereau to its makers.
pub(crate) fn is_bordereau_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !name.contains('/') && (name.ends_with("manifest.xml") || name.ends_with("bordereau.xml"))
}
