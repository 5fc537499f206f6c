//! The order and number of the elements that count, in a table of ours written after the published schemas: the message, its package,
//! the objects, the units, and the archives and documents of 0.2 and 1.0. What describes a unit is open in practice, and not looked at.

use crate::codes::{self, Fault};
use crate::seda::Version;
use crate::seda::transfer::category;
use crate::xml::within;

/// Children in their order: a name alone stands once, with `?` at most once, with `*` as often as wanted, with `+` at least once;
/// names with `|` between them share one place.
type Order = &'static [&'static str];

const MESSAGE_2: Order = &[
    "Comment*",
    "Date",
    "MessageIdentifier",
    "Signature?",
    "ArchivalAgreement?",
    "CodeListVersions",
    "DataObjectPackage?",
    "RelatedTransferReference*",
    "TransferRequestReplyIdentifier?",
    "ArchivalAgency",
    "TransferringAgency",
];
const PACKAGE_2_1: Order =
    &["DataObjectGroup|BinaryDataObject|PhysicalDataObject*", "DescriptiveMetadata", "ManagementMetadata"];
const PACKAGE_2: Order = &["DataObjectGroup*", "DescriptiveMetadata", "ManagementMetadata"];
const GROUP: Order = &["BinaryDataObject|PhysicalDataObject*", "LogBook?"];
const BINARY: Order = &[
    "DataObjectProfile?",
    "DataObjectSystemId?",
    "DataObjectGroupSystemId?",
    "Relationship*",
    "DataObjectGroupReferenceId|DataObjectGroupId?",
    "DataObjectVersion?",
    "PersistentIdentifier*",
    "DataObjectUse?",
    "DataObjectNumber?",
    "Attachment|Uri?",
    "MessageDigest?",
    "Size?",
    "Compressed?",
    "FormatIdentification?",
    "FileInfo?",
    "Metadata?",
    "OtherMetadata?",
];
const PHYSICAL: Order = &[
    "DataObjectProfile?",
    "DataObjectSystemId?",
    "DataObjectGroupSystemId?",
    "Relationship*",
    "DataObjectGroupReferenceId|DataObjectGroupId?",
    "DataObjectVersion?",
    "PersistentIdentifier*",
    "DataObjectUse?",
    "DataObjectNumber?",
    "PhysicalId?",
    "PhysicalDimensions?",
    "OtherDimensionsAbstract*",
];
const UNIT: Order = &[
    "ArchiveUnitRefId?",
    "ArchiveUnitProfile?",
    "Management?",
    "Content?",
    "ArchiveUnit|ArchiveUnitReferenceAbstract|DataObjectReference*",
];
const MANAGEMENT_2_1: Order = &[
    "ArchivalProfile?",
    "ServiceLevel?",
    "AcquisitionInformation?",
    "LegalStatus?",
    "OriginatingAgencyIdentifier?",
    "SubmissionAgencyIdentifier?",
    "StorageRule?",
    "AppraisalRule?",
    "AccessRule?",
    "DisseminationRule?",
    "ReuseRule?",
    "ClassificationRule?",
    "LogBook?",
    "NeedAuthorization?",
];
const MANAGEMENT_2: Order = &[
    "ArchivalProfile?",
    "ServiceLevel?",
    "AcquisitionInformation?",
    "LegalStatus?",
    "OriginatingAgencyIdentifier?",
    "SubmissionAgencyIdentifier?",
    "StorageRule?",
    "AppraisalRule?",
    "AccessRule?",
    "DisseminationRule?",
    "ReuseRule?",
    "ClassificationRule?",
    "LogBook?",
    "NeedAuthorization?",
    "HoldRule?",
];
const MESSAGE_1: Order = &[
    "Comment*",
    "Date",
    "RelatedTransferReference?",
    "TransferIdentifier",
    "TransferRequestReplyIdentifier?",
    "ArchivalAgency",
    "TransferringAgency",
    "Archive+",
    "NonRepudiation?",
];
const ARCHIVE_1: Order = &[
    "ArchivalAgencyArchiveIdentifier?",
    "ArchivalAgreement?",
    "ArchivalProfile?",
    "DescriptionLanguage+",
    "Name",
    "OriginatingAgencyArchiveIdentifier?",
    "ServiceLevel*",
    "TransferringAgencyArchiveIdentifier?",
    "ContentDescription",
    "AccessRestrictionRule",
    "AppraisalRule?",
    "ArchiveObject*",
    "Document*",
];
const OBJECT_1: Order = &[
    "ArchivalAgencyObjectIdentifier?",
    "Name",
    "OriginatingAgencyObjectIdentifier?",
    "TransferringAgencyObjectIdentifier?",
    "ContentDescription?",
    "AccessRestrictionRule?",
    "AppraisalRule?",
    "ArchiveObject*",
    "Document*",
];
const DOCUMENT_1: Order = &[
    "ArchivalAgencyDocumentIdentifier?",
    "Attachment",
    "Control*",
    "Copy?",
    "Creation?",
    "Description?",
    "Integrity?",
    "Issue?",
    "Language*",
    "OriginatingAgencyDocumentIdentifier?",
    "Purpose?",
    "Receipt?",
    "Response?",
    "Size?",
    "Status?",
    "Submission?",
    "TransferringAgencyDocumentIdentifier?",
    "Type+",
    "OtherMetadata*",
    "RelatedData*",
];
const MESSAGE_0: Order = &[
    "Comment?",
    "Date",
    "RelatedTransferReference?",
    "TransferIdentifier",
    "TransferRequestReplyIdentifier?",
    "TransferringAgency",
    "ArchivalAgency",
    "Integrity*",
    "NonRepudiation?",
    "Contains+",
];
const ARCHIVE_0: Order = &[
    "ArchivalAgencyArchiveIdentifier?",
    "ArchivalAgreement?",
    "ArchivalProfile?",
    "DescriptionLanguage+",
    "DescriptionLevel",
    "Name",
    "ServiceLevel*",
    "TransferringAgencyArchiveIdentifier?",
    "ContentDescription",
    "Appraisal?",
    "AccessRestriction?",
    "Document*",
    "Contains*",
];
const OBJECT_0: Order = &[
    "ArchivalAgencyObjectIdentifier?",
    "DescriptionLevel",
    "Name",
    "TransferringAgencyObjectIdentifier?",
    "ContentDescription?",
    "Appraisal?",
    "AccessRestriction?",
    "Document*",
    "Contains*",
];
const DOCUMENT_0: Order = &[
    "Attachment",
    "Control?",
    "Copy?",
    "Creation?",
    "Description?",
    "Identification?",
    "Issue?",
    "ItemIdentifier*",
    "Purpose?",
    "Receipt?",
    "Response?",
    "Status?",
    "Submission?",
    "Type",
    "OtherMetadata?",
];

const FILE_INFO: Order = &[
    "Filename",
    "CreatingApplicationName?",
    "CreatingApplicationVersion?",
    "DateCreatedByApplication?",
    "CreatingOs?",
    "CreatingOsVersion?",
    "LastModified?",
];
const ACCESS_FIRST: Order = &["Code", "StartDate"];
const APPRAISAL_FIRST: Order = &["Code", "Duration", "StartDate"];
/// A rule of 2.x: only that a date stands behind the rule that it begins.
const RULE: Order = &[];

/// What the children of an element are to be, when the table says.
fn order(version: Version, path: &[String]) -> Option<Order> {
    let from_end = |rank: usize| path.len().checked_sub(rank).and_then(|at| path.get(at)).map_or("", String::as_str);
    let (name, parent, depth) = (from_end(1), from_end(2), path.len());
    let early = version == Version::V2_1;
    match (version, parent, name) {
        (Version::V0_2, _, _) if depth == 1 => Some(MESSAGE_0),
        (Version::V0_2, _, "Contains") if depth == 2 => Some(ARCHIVE_0),
        (Version::V0_2, "Contains", "Contains") => Some(OBJECT_0),
        (Version::V0_2, "Contains", "Document") => Some(DOCUMENT_0),
        (Version::V1_0, _, _) if depth == 1 => Some(MESSAGE_1),
        (Version::V1_0, _, "Archive") if depth == 2 => Some(ARCHIVE_1),
        (Version::V1_0, "Archive" | "ArchiveObject", "ArchiveObject") => Some(OBJECT_1),
        (Version::V1_0, "Archive" | "ArchiveObject", "Document") => Some(DOCUMENT_1),
        (Version::V0_2, _, "AccessRestriction") | (Version::V1_0, _, "AccessRestrictionRule") => Some(ACCESS_FIRST),
        (Version::V0_2, _, "Appraisal") | (Version::V1_0, _, "AppraisalRule") => Some(APPRAISAL_FIRST),
        (Version::V0_2 | Version::V1_0, _, _) => None,
        _ if depth == 1 => Some(MESSAGE_2),
        (_, _, "DataObjectPackage") if depth == 2 => Some(if early { PACKAGE_2_1 } else { PACKAGE_2 }),
        (_, "DataObjectPackage", "DataObjectGroup") => Some(GROUP),
        (_, "DataObjectPackage" | "DataObjectGroup", "BinaryDataObject") => Some(BINARY),
        (_, "DataObjectPackage" | "DataObjectGroup", "PhysicalDataObject") => Some(PHYSICAL),
        (_, "DataObjectPackage", "DescriptiveMetadata") => Some(&["ArchiveUnit*"]),
        (_, "DataObjectPackage", "ManagementMetadata") => Some(if early { MANAGEMENT_2_1 } else { MANAGEMENT_2 }),
        (_, "DescriptiveMetadata" | "ArchiveUnit", "ArchiveUnit") => Some(UNIT),
        (_, "BinaryDataObject", "FileInfo") => Some(FILE_INFO),
        (_, "Management" | "ManagementMetadata", rule) if category(rule).is_some() => Some(RULE),
        _ => None,
    }
}

/// The names that share a place, and how often one may stand there.
fn parts(place: &'static str) -> (&'static str, char) {
    let last = place.chars().next_back().filter(|c| matches!(c, '?' | '*' | '+'));
    (place.trim_end_matches(['?', '*', '+']), last.unwrap_or('1'))
}

fn holds(place: &'static str, name: &str) -> bool {
    parts(place).0.split('|').any(|known| known == name)
}

/// The elements under way that the table knows.
#[derive(Default)]
pub(crate) struct Schema {
    open: Vec<Open>,
}

struct Open {
    depth: usize,
    order: Order,
    of_object: bool,
    /// The last child was a rule's identifier.
    after_rule: bool,
    /// Up to this place everything is past.
    at: usize,
    /// One bit a place that was met.
    met: u64,
}

impl Schema {
    /// An element begins; what is wrong with its being there.
    pub(crate) fn begins(&mut self, version: Version, path: &[String], place: &str) -> Option<Fault> {
        let depth = path.len();
        let name = path.last().map_or("", String::as_str);
        let fault = match self.open.last_mut().filter(|open| open.depth + 1 == depth && !name.is_empty()) {
            Some(open) => open.takes(name).map(|code| Fault::new(code, within(place, &path.join("/"))).with(name)),
            None => None,
        };
        if let Some(order) = order(version, path) {
            let of_object = matches!(name, "BinaryDataObject" | "PhysicalDataObject");
            self.open.push(Open { depth, order, of_object, after_rule: false, at: 0, met: 0 });
        }
        fault
    }

    /// An element of that depth ends; the children that it should have had.
    pub(crate) fn ends(&mut self, depth: usize) -> Vec<&'static str> {
        let Some(open) = self.open.pop_if(|open| open.depth == depth) else {
            return Vec::new();
        };
        let wanted = open.order.iter().enumerate().filter(|(_, place)| matches!(parts(place).1, '1' | '+'));
        wanted.filter(|(index, _)| open.met & (1 << index) == 0).map(|(_, place)| parts(place).0).collect()
    }
}

impl Open {
    /// Takes in a child; says what is wrong, if anything.
    fn takes(&mut self, name: &str) -> Option<&'static codes::Code> {
        if self.order.is_empty() {
            let alone = name == "StartDate" && !self.after_rule;
            self.after_rule = name == "Rule";
            return alone.then_some(&codes::SEDA_SCHEMA);
        }
        let found = self.order.iter().position(|place| holds(place, name));
        let Some(index) = found else {
            return Some(if self.of_object { &codes::SEDA_ELEMENT_UNKNOWN } else { &codes::SEDA_SCHEMA });
        };
        let again = self.met & (1 << index) != 0;
        let once = matches!(parts(self.order[index]).1, '1' | '?');
        let late = index < self.at;
        self.at = self.at.max(index);
        self.met |= 1 << index;
        (late || (again && once)).then_some(&codes::SEDA_SCHEMA)
    }
}

#[cfg(test)]
#[path = "schema/tests.rs"]
mod tests;
