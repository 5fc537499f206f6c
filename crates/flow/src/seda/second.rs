//! SEDA 2: objects apart from the tree, groups of objects, units that name them.

use crate::codes::Fault;
use crate::seda::building::{Building, OpenObject};
use crate::seda::head;
use crate::seda::transfer::{Group, kept};
use crate::xml::stream::Started;

/// An element begins.
///
/// # Errors
/// `seda-too-large`.
pub(crate) fn start(building: &mut Building<'_>, path: &[String], element: &Started) -> Result<(), Fault> {
    let (name, parent) = ends(path);
    let id = element.attribute("id").unwrap_or_default();
    match (parent, name) {
        ("DataObjectPackage", "DataObjectGroup") => {
            building.room()?;
            let id = building.names.name(id);
            building.groups.push(id);
            building.grouped = true;
        }
        ("DataObjectPackage" | "DataObjectGroup", "BinaryDataObject" | "PhysicalDataObject") => {
            building.room()?;
            let group = if building.grouped { Group::Own } else { Group::None };
            let physical = name == "PhysicalDataObject";
            let object = OpenObject { id: id.into(), physical, group, ..OpenObject::default() };
            building.object = Some((path.len(), object));
        }
        ("DescriptiveMetadata" | "ArchiveUnit", "ArchiveUnit") => building.begin_unit(id, path.len())?,
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
                object.digest = Some((algorithm, String::new()));
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
///
/// # Errors
/// `seda-links-too-many`, `seda-too-large`.
pub(crate) fn end(building: &mut Building<'_>, path: &[String], text: Option<&str>) -> Result<(), Fault> {
    let (name, parent) = ends(path);
    if (parent, name) == ("DataObjectPackage", "DataObjectGroup") {
        building.grouped = false;
    }
    if building.object.is_some() {
        of_object(building, path, text)
    } else if !building.open.is_empty() {
        of_unit(building, path, text)
    } else {
        text.map_or(Ok(()), |text| head::said(building, path, text))
    }
}

fn of_object(building: &mut Building<'_>, path: &[String], text: Option<&str>) -> Result<(), Fault> {
    let Some((depth, object)) = &mut building.object else {
        return Ok(());
    };
    let inside: Vec<&str> = path[*depth..].iter().map(String::as_str).collect();
    let text = text.unwrap_or_default();
    match inside[..] {
        ["DataObjectGroupId"] => {
            object.group = Group::Own;
            building.room()?;
            let id = building.names.name(text);
            building.groups.push(id);
        }
        ["DataObjectGroupReferenceId"] => object.group = Group::Named(text.into()),
        ["DataObjectVersion"] => object.usage = Some(text.into()),
        ["Uri"] => object.uri = Some(text.into()),
        ["MessageDigest"] => {
            if let Some((_, value)) = &mut object.digest {
                text.clone_into(value);
            }
        }
        ["Size"] => object.size = text.parse().ok(),
        ["PhysicalId"] => object.physical_id = Some(text.into()),
        ["FormatIdentification", "FormatId"] => object.format = Some(kept(text).into()),
        _ => {}
    }
    Ok(())
}

fn of_unit(building: &mut Building<'_>, path: &[String], text: Option<&str>) -> Result<(), Fault> {
    let Some((unit, inside)) = building.unit(path) else {
        return Ok(());
    };
    let inside: Vec<&str> = inside.iter().map(String::as_str).collect();
    let text = text.unwrap_or_default();
    match inside[..] {
        ["ArchiveUnitRefId"] => unit.stands_for = Some(text.into()),
        // In several languages, the first one counts, unless it is empty.
        ["Content", "Title"] if unit.title.as_deref().is_none_or(str::is_empty) => unit.title = Some(kept(text).into()),
        ["Content", "DescriptionLevel"] if unit.kept => unit.level = Some(kept(text).into()),
        ["Content", "Description"] if unit.kept => {
            unit.description.get_or_insert_with(|| kept(text).into());
        }
        ["Content", "StartDate"] if unit.kept => unit.start = Some(kept(text).into()),
        ["Content", "EndDate"] if unit.kept => unit.end = Some(kept(text).into()),
        ["DataObjectReference", "DataObjectReferenceId"] => return building.refers(false, text),
        ["DataObjectReference", "DataObjectGroupReferenceId"] => return building.refers(true, text),
        [_, "DataObjectGroupExistingReferenceId"] => unit.joins = true,
        ["Management", rule, said] => return building.rule(rule, said, text),
        _ => {}
    }
    Ok(())
}
