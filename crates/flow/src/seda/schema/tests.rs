//! What the table finds out of place, unknown and missing.

use super::*;

/// The codes of the children of a physical object of 2.1, and what is missing in a message of that version.
fn of(children: &[&str]) -> Vec<&'static str> {
    let mut schema = Schema::default();
    let above = ["ArchiveTransfer", "DataObjectPackage", "PhysicalDataObject"].map(str::to_owned);
    schema.begins(Version::V2_1, &above, "m");
    let mut found = Vec::new();
    for child in children {
        let path = [&above[..], &[(*child).to_owned()]].concat();
        found.extend(schema.begins(Version::V2_1, &path, "m").map(|fault| fault.code.name));
        schema.ends(4);
    }
    found
}

#[test]
fn an_element_out_of_place_too_many_or_unknown_is_told() {
    assert_eq!(of(&["DataObjectVersion", "PhysicalId", "PhysicalDimensions"]), Vec::<&str>::new());
    assert_eq!(of(&["PhysicalId", "DataObjectVersion"]), ["seda-schema"]);
    assert_eq!(of(&["PhysicalId", "PhysicalId"]), ["seda-schema"]);
    assert_eq!(of(&["Relationship", "Relationship"]), Vec::<&str>::new());
    assert_eq!(of(&["InvalidSEDA"]), ["seda-element-unknown"]);
    assert_eq!(of(&[""]), Vec::<&str>::new());
}

#[test]
fn what_a_message_lacks_is_named() {
    let mut schema = Schema::default();
    let root = ["ArchiveTransfer".to_owned()];
    schema.begins(Version::V2_2, &root, "m");
    let date = ["ArchiveTransfer".to_owned(), "Date".to_owned()];
    assert!(schema.begins(Version::V2_2, &date, "m").is_none());
    schema.ends(2);
    let missing = schema.ends(1);
    assert_eq!(missing, ["MessageIdentifier", "CodeListVersions", "ArchivalAgency", "TransferringAgency"]);
}

#[test]
fn a_date_of_a_rule_stands_behind_the_rule() {
    let of = |children: &[&str]| {
        let mut schema = Schema::default();
        let above = ["ArchiveTransfer", "ArchiveUnit", "Management", "AccessRule"].map(str::to_owned);
        schema.begins(Version::V2_2, &above, "m");
        let path = |child: &&str| [&above[..], &[(*child).to_owned()]].concat();
        children.iter().filter(|child| schema.begins(Version::V2_2, &path(child), "m").is_some()).count()
    };
    assert_eq!([of(&["Rule", "StartDate", "Rule", "PreventInheritance"]), of(&["PreventInheritance"])], [0, 0]);
    assert_eq!(
        [of(&["StartDate"]), of(&["Rule", "StartDate", "StartDate"]), of(&["PreventInheritance", "StartDate"])],
        [1, 1, 1]
    );
}

#[test]
fn what_a_file_or_a_rule_lacks_is_named() {
    let missing = |version, parent: &str, name: &str| {
        let mut schema = Schema::default();
        schema.begins(version, &["ArchiveTransfer", parent, name].map(str::to_owned), "m");
        schema.ends(3)
    };
    assert_eq!(missing(Version::V2_1, "BinaryDataObject", "FileInfo"), ["Filename"]);
    assert_eq!(missing(Version::V1_0, "ContentDescription", "AccessRestrictionRule"), ["Code", "StartDate"]);
    assert_eq!(missing(Version::V0_2, "Contains", "Appraisal"), ["Code", "Duration", "StartDate"]);
    assert!(missing(Version::V2_1, "Management", "AccessRule").is_empty());
}

#[test]
fn no_list_has_more_places_than_there_are_bits() {
    for list in [MESSAGE_2, BINARY, PHYSICAL, MANAGEMENT_2, MESSAGE_1, ARCHIVE_1, DOCUMENT_1, ARCHIVE_0, DOCUMENT_0] {
        assert!(list.len() < 64);
    }
}
