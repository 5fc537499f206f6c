//! SEDA 2: objects apart from the tree, groups of objects, units that name them.

use crate::codes::Fault;
use crate::seda::digest::Announced;
use crate::seda::manifest::Building;
use crate::seda::transfer::{Group, Object, Reference, Rule, category, kept};
use crate::xml::stream::Started;

/// An element begins.
///
/// # Errors
/// `seda-too-large`.
pub(crate) fn start(building: &mut Building<'_>, path: &[String], element: &Started) -> Result<(), Fault> {
    let (name, parent) = ends(path);
    let id = || -> Box<str> { element.attribute("id").unwrap_or_default().into() };
    match (parent, name) {
        ("DataObjectPackage", "DataObjectGroup") => {
            building.room()?;
            building.groups.push(id());
            building.grouped = true;
        }
        ("DataObjectPackage" | "DataObjectGroup", "BinaryDataObject" | "PhysicalDataObject") => {
            building.room()?;
            let group = if building.grouped { Group::Own } else { Group::None };
            let object = Object { id: id(), physical: name == "PhysicalDataObject", group, ..Object::default() };
            building.object = Some((path.len(), object));
        }
        ("DescriptiveMetadata" | "ArchiveUnit", "ArchiveUnit") => building.begin_unit(id(), path.len())?,
        ("Management", "UpdateOperation") => {
            if let Some((unit, _)) = building.unit(path) {
                unit.joins = true;
            }
        }
        _ => {}
    }
    if let Some((depth, object)) = &mut building.object
        && path.len() == *depth + 1
    {
        match name {
            "MessageDigest" => {
                let algorithm = element.attribute("algorithm").unwrap_or_default().to_owned();
                object.digest = Some(Announced { algorithm, value: String::new() });
            }
            "Attachment" => {
                object.uri = element.attribute("filename").map(Into::into);
                object.embedded = object.uri.is_none();
            }
            _ => {}
        }
    }
    Ok(())
}

/// The names of an element and of the one around it.
fn ends(path: &[String]) -> (&str, &str) {
    let from_end = |rank: usize| path.len().checked_sub(rank).and_then(|at| path.get(at)).map_or("", String::as_str);
    (from_end(1), from_end(2))
}

/// An element ends.
pub(crate) fn end(building: &mut Building<'_>, path: &[String], text: Option<&str>) {
    let (name, parent) = ends(path);
    if (parent, name) == ("DataObjectPackage", "DataObjectGroup") {
        building.grouped = false;
    }
    if building.object.is_some() {
        of_object(building, path, text);
    } else if !building.open.is_empty() {
        of_unit(building, path, text);
    } else if let Some(text) = text {
        of_head(building, path, text);
    }
}

fn of_object(building: &mut Building<'_>, path: &[String], text: Option<&str>) {
    let Some((depth, object)) = &mut building.object else {
        return;
    };
    let inside: Vec<&str> = path[*depth..].iter().map(String::as_str).collect();
    let text = text.unwrap_or_default();
    match inside[..] {
        ["DataObjectGroupId"] => {
            object.group = Group::Own;
            building.groups.push(text.into());
        }
        ["DataObjectGroupReferenceId"] => object.group = Group::Named(text.into()),
        ["DataObjectVersion"] => object.usage = Some(text.into()),
        ["Uri"] => object.uri = Some(text.into()),
        ["MessageDigest"] => {
            if let Some(digest) = &mut object.digest {
                text.clone_into(&mut digest.value);
            }
        }
        ["Size"] => object.size = text.parse().ok(),
        ["PhysicalId"] => object.physical_id = Some(text.into()),
        ["FormatIdentification", "FormatId"] => object.format = Some(kept(text)),
        _ => {}
    }
}

fn of_unit(building: &mut Building<'_>, path: &[String], text: Option<&str>) {
    let Some((unit, inside)) = building.unit(path) else {
        return;
    };
    let inside: Vec<&str> = inside.iter().map(String::as_str).collect();
    let text = text.unwrap_or_default();
    match inside[..] {
        ["ArchiveUnitRefId"] => unit.stands_for = Some(text.into()),
        // In several languages, the first one counts, unless it is empty.
        ["Content", "Title"] if unit.title.as_deref().is_none_or(str::is_empty) => unit.title = Some(kept(text)),
        ["Content", "DescriptionLevel"] => unit.level = Some(kept(text)),
        ["Content", "Description"] => {
            unit.description.get_or_insert_with(|| kept(text));
        }
        ["Content", "StartDate"] => unit.start = Some(kept(text)),
        ["Content", "EndDate"] => unit.end = Some(kept(text)),
        ["DataObjectReference", "DataObjectReferenceId"] => unit.objects.push(Reference::Object(text.into())),
        ["DataObjectReference", "DataObjectGroupReferenceId"] => unit.objects.push(Reference::Group(text.into())),
        [_, "DataObjectGroupExistingReferenceId"] => unit.joins = true,
        ["Management", rule, said] => unit.rules.extend(rule_said(rule, said, text)),
        _ => {}
    }
}

/// What an element of a rule says.
fn rule_said(rule: &str, said: &str, text: &str) -> Option<Rule> {
    let category = category(rule)?;
    match said {
        "Rule" => Some(Rule::Applies { category, id: kept(text) }),
        "RefNonRuleId" => Some(Rule::Excludes { category, id: kept(text) }),
        _ => None,
    }
}

fn of_head(building: &mut Building<'_>, path: &[String], text: &str) {
    let inside: Vec<&str> = path.iter().skip(1).map(String::as_str).collect();
    let head = &mut building.head;
    let said = |slot: &mut Option<String>| {
        slot.get_or_insert_with(|| text.to_owned());
    };
    match inside[..] {
        ["Comment"] => said(&mut head.comment),
        ["Date"] => said(&mut head.date),
        ["MessageIdentifier"] => said(&mut head.identifier),
        ["ArchivalAgreement"] => said(&mut head.agreement),
        ["ArchivalAgency", "Identifier"] => said(&mut head.archival_agency),
        ["TransferringAgency", "Identifier"] => said(&mut head.transferring_agency),
        ["DataObjectPackage", "ManagementMetadata", what] => match what {
            "ArchivalProfile" => said(&mut head.profile),
            "ServiceLevel" => said(&mut head.service_level),
            "OriginatingAgencyIdentifier" => said(&mut head.originating_agency),
            "SubmissionAgencyIdentifier" => said(&mut head.submission_agency),
            _ => {}
        },
        ["DataObjectPackage", "ManagementMetadata", rule, what] => head.rules.extend(rule_said(rule, what, text)),
        _ => {}
    }
}
