//! SEDA 0.2 and 1.0: archives that contain objects that contain documents, each document with its file.

use std::collections::HashMap;

use crate::codes::Fault;
use crate::interned::Name;
use crate::seda::building::{Building, OpenObject};
use crate::seda::transfer::{Group, kept};
use crate::seda::{Version, head};
use crate::xml::stream::Started;

/// An element begins.
///
/// # Errors
/// `seda-too-large`.
pub(crate) fn start(building: &mut Building<'_>, path: &[String], element: &Started) -> Result<(), Fault> {
    let name = path.last().map_or("", String::as_str);
    let said = element.attribute("Id");
    if is_unit(path) {
        let id = said.map_or_else(|| format!("{name} {}", building.units() + 1), str::to_owned);
        return building.begin_unit(&id, path.len());
    }
    let in_unit = building.open.last().is_some_and(|open| path.len() == open.depth + 1);
    if name == "Document" && in_unit {
        building.room()?;
        let id: Box<str> =
            said.map_or_else(|| format!("Document {}", building.objects.len() + 1), str::to_owned).into();
        building.refers(false, &id)?;
        building.object = Some((path.len(), OpenObject { id, group: Group::None, ..OpenObject::default() }));
        return Ok(());
    }
    if let Some((depth, object)) = &mut building.object
        && path.len() == *depth + 1
    {
        match name {
            "Attachment" => {
                object.uri = element.attribute("filename").or_else(|| element.attribute("uri")).map(Into::into);
                object.embedded = object.uri.is_none();
            }
            "Integrity" => {
                let algorithm = element.attribute("algorithme").unwrap_or_default().to_owned();
                object.digest = Some((algorithm, String::new()));
            }
            _ => {}
        }
    }
    // 0.2 says digests beside the archives, each with the name of its document.
    if let [_, integrity, contains] = path
        && (integrity.as_str(), contains.as_str()) == ("Integrity", "Contains")
    {
        let algorithm = element.attribute("algorithme").unwrap_or_default().to_owned();
        building.beside_open = Some((algorithm, String::new()));
    }
    Ok(())
}

/// An archive of the message, or what one contains.
fn is_unit(path: &[String]) -> bool {
    match path {
        [_, name] => matches!(name.as_str(), "Contains" | "Archive"),
        [_, top, .., name] => {
            matches!(top.as_str(), "Contains" | "Archive") && matches!(name.as_str(), "Contains" | "ArchiveObject")
        }
        _ => false,
    }
}

/// An element ends.
///
/// # Errors
/// `seda-too-large`.
pub(crate) fn end(building: &mut Building<'_>, path: &[String], text: Option<&str>) -> Result<(), Fault> {
    let Some(text) = text else {
        return Ok(());
    };
    if let Some((depth, object)) = &mut building.object {
        let inside: Vec<&str> = path[*depth..].iter().map(String::as_str).collect();
        match inside[..] {
            ["Integrity"] => {
                if let Some((_, value)) = &mut object.digest {
                    text.clone_into(value);
                }
            }
            // The name by which digests beside the archives are told.
            ["Identification" | "TransferringAgencyDocumentIdentifier"] => object.physical_id = Some(text.into()),
            _ => {}
        }
    } else if !building.open.is_empty() {
        of_unit(building, path, text);
    } else if !beside(building, path, text)? {
        return head::said(building, path, text);
    }
    Ok(())
}

fn of_unit(building: &mut Building<'_>, path: &[String], text: &str) {
    let top = building.open.len() == 1;
    let (mut agreement, mut profile, mut level, mut origin) = (None, None, None, None);
    let Some((unit, inside)) = building.unit(path) else {
        return;
    };
    let inside: Vec<&str> = inside.iter().map(String::as_str).collect();
    match inside[..] {
        ["Name"] => unit.title = Some(kept(text).into()),
        ["DescriptionLevel"] | ["ContentDescription", "DescriptionLevel"] => unit.level = Some(kept(text).into()),
        ["ContentDescription", "Description"] => unit.description = Some(kept(text).into()),
        ["ContentDescription", "OldestDate"] => unit.start = Some(kept(text).into()),
        ["ContentDescription", "LatestDate"] => unit.end = Some(kept(text).into()),
        ["ContentDescription", "OriginatingAgency", "Identification"] => origin = Some(text.to_owned()),
        ["ArchivalAgreement"] if top => agreement = Some(text.to_owned()),
        ["ArchivalProfile"] if top => profile = Some(text.to_owned()),
        ["ServiceLevel"] if top => level = Some(text.to_owned()),
        _ => {}
    }
    let head = &mut building.head;
    for (slot, said) in [
        (&mut head.agreement, agreement),
        (&mut head.profile, profile),
        (&mut head.service_level, level),
        (&mut head.originating_agency, origin),
    ] {
        if slot.is_none() {
            *slot = said;
        }
    }
}

/// A digest that 0.2 tells beside the archives: its value, then whose it is.
fn beside(building: &mut Building<'_>, path: &[String], text: &str) -> Result<bool, Fault> {
    match path.get(1..).map(|inside| inside.iter().map(String::as_str).collect::<Vec<_>>()).as_deref() {
        Some(["Integrity", "Contains"]) => {
            if let Some((_, value)) = &mut building.beside_open {
                text.clone_into(value);
            }
        }
        Some(["Integrity", "UnitIdentifier"]) => {
            building.room()?;
            if let Some((algorithm, value)) = building.beside_open.take() {
                let names = &mut building.names;
                let digest = (names.name(&algorithm), names.name(&value));
                let unit = names.name(text);
                building.beside.push((digest, unit));
            }
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// The digests told beside the archives go to their documents: by identifier, or by the name of the file.
pub(crate) fn settle(building: &mut Building<'_>) {
    if building.version != Some(Version::V0_2) {
        return;
    }
    let by_name: HashMap<Name, (Name, Name)> =
        std::mem::take(&mut building.beside).into_iter().map(|(digest, unit)| (unit, digest)).collect();
    for object in building.objects.iter_mut().filter(|object| object.digest.is_none()) {
        let names = [object.physical_id, object.uri, Some(object.id)];
        object.digest = names.into_iter().flatten().find_map(|name| by_name.get(&name)).copied();
    }
}
