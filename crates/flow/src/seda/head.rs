//! What the message says of itself: who sends it, to whom, under what agreement. The versions call it by two sets of names.

use crate::codes::Fault;
use crate::seda::Version;
use crate::seda::building::Building;

/// An element outside of units and objects ends with this text. The first that says a thing counts.
///
/// # Errors
/// Those of a rule.
pub(crate) fn said(building: &mut Building<'_>, path: &[String], text: &str) -> Result<(), Fault> {
    let two = building.version.is_some_and(Version::has_objects_apart);
    let (message, agency) =
        if two { ("MessageIdentifier", "Identifier") } else { ("TransferIdentifier", "Identification") };
    let inside: Vec<&str> = path.iter().skip(1).map(String::as_str).collect();
    let head = &mut building.head;
    let slot = match inside[..] {
        ["Comment"] => &mut head.comment,
        ["Date"] => &mut head.date,
        [name] if name == message => &mut head.identifier,
        ["ArchivalAgency", name] if name == agency => &mut head.archival_agency,
        ["TransferringAgency", name] if name == agency => &mut head.transferring_agency,
        // The versions before say it of an archive.
        ["ArchivalAgreement"] if two => &mut head.agreement,
        ["DataObjectPackage", "ManagementMetadata", what] if two => match what {
            "ArchivalProfile" => &mut head.profile,
            "ServiceLevel" => &mut head.service_level,
            "OriginatingAgencyIdentifier" => &mut head.originating_agency,
            "SubmissionAgencyIdentifier" => &mut head.submission_agency,
            _ => return Ok(()),
        },
        ["DataObjectPackage", "ManagementMetadata", rule, what] if two => return building.rule(rule, what, text),
        _ => return Ok(()),
    };
    slot.get_or_insert_with(|| text.to_owned());
    Ok(())
}
