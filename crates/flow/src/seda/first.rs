//! SEDA 0.2 and 1.0: archives that contain objects that contain documents, each document with its file.

use crate::codes::Fault;
use crate::seda::Version;
use crate::seda::digest::Announced;
use crate::seda::manifest::Building;
use crate::seda::transfer::{Group, Object, Reference, kept};
use crate::xml::stream::Started;

/// An element begins.
///
/// # Errors
/// `seda-too-large`.
pub(crate) fn start(building: &mut Building<'_>, path: &[String], element: &Started) -> Result<(), Fault> {
    let name = path.last().map_or("", String::as_str);
    let said = element.attribute("Id");
    if is_unit(path) {
        let id = said.map_or_else(|| format!("{name} {}", building.units.len() + 1), str::to_owned);
        return building.begin_unit(id.into(), path.len());
    }
    let in_unit = building.open.last().is_some_and(|(_, depth)| path.len() == depth + 1);
    if name == "Document" && in_unit {
        building.room()?;
        let id: Box<str> =
            said.map_or_else(|| format!("Document {}", building.objects.len() + 1), str::to_owned).into();
        if let Some((unit, _)) = building.unit(path) {
            unit.objects.push(Reference::Object(id.clone()));
        }
        building.object = Some((path.len(), Object { id, group: Group::None, ..Object::default() }));
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
                object.digest = Some(Announced { algorithm, value: String::new() });
            }
            _ => {}
        }
    }
    // 0.2 says digests beside the archives, each with the name of its document.
    if let [_, integrity, contains] = path
        && (integrity.as_str(), contains.as_str()) == ("Integrity", "Contains")
    {
        let algorithm = element.attribute("algorithme").unwrap_or_default().to_owned();
        building.beside.push((Announced { algorithm, value: String::new() }, String::new()));
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
pub(crate) fn end(building: &mut Building<'_>, path: &[String], text: Option<&str>) {
    let Some(text) = text else {
        return;
    };
    if let Some((depth, object)) = &mut building.object {
        let inside: Vec<&str> = path[*depth..].iter().map(String::as_str).collect();
        match inside[..] {
            ["Integrity"] => {
                if let Some(digest) = &mut object.digest {
                    text.clone_into(&mut digest.value);
                }
            }
            // The name by which digests beside the archives are told.
            ["Identification" | "TransferringAgencyDocumentIdentifier"] => object.physical_id = Some(text.into()),
            _ => {}
        }
    } else if !building.open.is_empty() {
        of_unit(building, path, text);
    } else {
        of_head(building, path, text);
    }
}

fn of_unit(building: &mut Building<'_>, path: &[String], text: &str) {
    let top = building.open.len() == 1;
    let (mut agreement, mut profile, mut level, mut origin) = (None, None, None, None);
    let Some((unit, inside)) = building.unit(path) else {
        return;
    };
    let inside: Vec<&str> = inside.iter().map(String::as_str).collect();
    match inside[..] {
        ["Name"] => unit.title = Some(kept(text)),
        ["DescriptionLevel"] | ["ContentDescription", "DescriptionLevel"] => unit.level = Some(kept(text)),
        ["ContentDescription", "Description"] => unit.description = Some(kept(text)),
        ["ContentDescription", "OldestDate"] => unit.start = Some(kept(text)),
        ["ContentDescription", "LatestDate"] => unit.end = Some(kept(text)),
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

fn of_head(building: &mut Building<'_>, path: &[String], text: &str) {
    let inside: Vec<&str> = path.iter().skip(1).map(String::as_str).collect();
    let head = &mut building.head;
    let said = |slot: &mut Option<String>| {
        slot.get_or_insert_with(|| text.to_owned());
    };
    match inside[..] {
        ["Comment"] => said(&mut head.comment),
        ["Date"] => said(&mut head.date),
        ["TransferIdentifier"] => said(&mut head.identifier),
        ["ArchivalAgency", "Identification"] => said(&mut head.archival_agency),
        ["TransferringAgency", "Identification"] => said(&mut head.transferring_agency),
        ["Integrity", "Contains"] => {
            if let Some((digest, _)) = building.beside.last_mut() {
                text.clone_into(&mut digest.value);
            }
        }
        ["Integrity", "UnitIdentifier"] => {
            if let Some((_, unit)) = building.beside.last_mut() {
                text.clone_into(unit);
            }
        }
        _ => {}
    }
}

/// The digests told beside the archives go to their documents: by identifier, or by the name of the file.
pub(crate) fn settle(building: &mut Building<'_>) {
    if building.version != Some(Version::V0_2) {
        return;
    }
    let beside = std::mem::take(&mut building.beside);
    let by_name: std::collections::HashMap<&str, &Announced> =
        beside.iter().map(|(digest, unit)| (unit.as_str(), digest)).collect();
    for object in building.objects.iter_mut().filter(|object| object.digest.is_none()) {
        let names = [object.physical_id.as_deref(), object.uri.as_deref(), Some(&*object.id)];
        let found = names.into_iter().flatten().find_map(|name| by_name.get(name));
        object.digest = found.map(|digest| (*digest).clone());
    }
}
