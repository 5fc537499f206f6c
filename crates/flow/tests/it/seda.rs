//! SEDA: transfers of each version, read in tar, zip or beside their attachments; and each single fault, refused or remarked for
//! its own reason.

use std::fmt::Write;

use flow::seda::reply::replies;
use flow::seda::{Known, KnownRule, Referential, Version};
use flow::{Declared, Flow, Limits, Outcome};
use sha2::{Digest, Sha512};

use crate::bench::{Kept, codes, fixtures, heavy, read_into};

const ALL: [Version; 5] = [Version::V0_2, Version::V1_0, Version::V2_1, Version::V2_2, Version::V2_3];
const TWO: [Version; 3] = [Version::V2_1, Version::V2_2, Version::V2_3];

const PDF: &[u8] = b"%PDF-1.4 une piece";
/// Its MD5.
const MD5: &str = "ada421728a71f7312425d5380a5ef551";

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn digest() -> String {
    hexadecimal(&Sha512::digest(PDF))
}

/// A transfer of that version: one unit inside another, one object, `Content/a.pdf`.
pub fn bordereau(version: Version) -> String {
    match version {
        Version::V0_2 => zero(),
        Version::V1_0 => one(),
        _ => two(version),
    }
}

fn two(version: Version) -> String {
    let digest = digest();
    let object = format!(
        "<DataObjectVersion>BinaryMaster_1</DataObjectVersion><Uri>Content/a.pdf</Uri>\
<MessageDigest algorithm=\"SHA-512\">{digest}</MessageDigest><Size>{}</Size><FormatIdentification><FormatId>fmt/18</FormatId>\
</FormatIdentification>",
        PDF.len()
    );
    let objects = if version == Version::V2_1 {
        format!("<BinaryDataObject id=\"O1\"><DataObjectGroupId>G1</DataObjectGroupId>{object}</BinaryDataObject>")
    } else {
        format!("<DataObjectGroup id=\"G1\"><BinaryDataObject id=\"O1\">{object}</BinaryDataObject></DataObjectGroup>")
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ArchiveTransfer xmlns=\"{}\"><Comment>essai</Comment>\
<Date>2026-11-30T10:00:00Z</Date><MessageIdentifier>M1</MessageIdentifier><ArchivalAgreement>AV1</ArchivalAgreement>\
<CodeListVersions/><DataObjectPackage>{objects}<DescriptiveMetadata>\
<ArchiveUnit id=\"U1\"><Management><AccessRule><Rule>ACC-1</Rule><StartDate>2026-01-01</StartDate></AccessRule></Management>\
<Content><DescriptionLevel>RecordGrp</DescriptionLevel><Title>Dossier</Title><StartDate>2026-01-01</StartDate></Content>\
<ArchiveUnit id=\"U2\"><ArchiveUnitRefId>U3</ArchiveUnitRefId></ArchiveUnit></ArchiveUnit>\
<ArchiveUnit id=\"U3\"><Content><DescriptionLevel>Item</DescriptionLevel><Title>Pi&#xE8;ce &amp; suite</Title></Content>\
<DataObjectReference><DataObjectGroupReferenceId>G1</DataObjectGroupReferenceId></DataObjectReference></ArchiveUnit>\
</DescriptiveMetadata><ManagementMetadata><OriginatingAgencyIdentifier>SP</OriginatingAgencyIdentifier>\
<SubmissionAgencyIdentifier>SV</SubmissionAgencyIdentifier></ManagementMetadata></DataObjectPackage>\
<ArchivalAgency><Identifier>SA</Identifier></ArchivalAgency><TransferringAgency><Identifier>ST</Identifier></TransferringAgency>\
</ArchiveTransfer>",
        version.namespace()
    )
}

fn agency(name: &str, id: &str) -> String {
    format!("<{name}><Identification>{id}</Identification></{name}>")
}

fn one() -> String {
    format!(
        "<ArchiveTransfer xmlns=\"{}\"><Comment>essai</Comment><Date>2026-11-30T10:00:00Z</Date>\
<TransferIdentifier>M1</TransferIdentifier>{}{}<Archive><ArchivalAgreement>AV1</ArchivalAgreement>\
<DescriptionLanguage listVersionID=\"edition 2011\">fra</DescriptionLanguage><Name>Dossier</Name><ContentDescription>\
<DescriptionLevel listVersionID=\"edition 2009\">recordgrp</DescriptionLevel>\
<Language listVersionID=\"edition 2011\">fra</Language><OldestDate>2026-01-01</OldestDate></ContentDescription>\
<AccessRestrictionRule><Code listVersionID=\"edition 2009\">AR038</Code><StartDate>2026-01-01</StartDate></AccessRestrictionRule>\
<ArchiveObject><Name>Pièce</Name><Document><Attachment filename=\"Content/a.pdf\" mimeCode=\"application/pdf\"/>\
<Integrity algorithme=\"http://www.w3.org/2001/04/xmlenc#sha512\">{}</Integrity>\
<Type listVersionID=\"edition 2009\">CDO</Type></Document></ArchiveObject></Archive></ArchiveTransfer>",
        Version::V1_0.namespace(),
        agency("ArchivalAgency", "SA"),
        agency("TransferringAgency", "ST"),
        digest()
    )
}

fn zero() -> String {
    format!(
        "<ArchiveTransfer xmlns=\"{}\"><Comment>essai</Comment><Date>2026-11-30T10:00:00Z</Date>\
<TransferIdentifier>M1</TransferIdentifier>{}{}<Integrity><Contains algorithme=\"SHA-512\">{}</Contains>\
<UnitIdentifier>Content/a.pdf</UnitIdentifier></Integrity><Contains><ArchivalAgreement>AV1</ArchivalAgreement>\
<DescriptionLanguage listVersionID=\"edition 2009\">fr</DescriptionLanguage>\
<DescriptionLevel listVersionID=\"edition 2009\">recordgrp</DescriptionLevel><Name>Dossier</Name><ContentDescription>\
<Language listVersionID=\"edition 2009\">fr</Language></ContentDescription><Contains>\
<DescriptionLevel listVersionID=\"edition 2009\">item</DescriptionLevel><Name>Pièce</Name><Document>\
<Attachment filename=\"Content/a.pdf\"/><Type listVersionID=\"edition 2009\">CDO</Type></Document></Contains></Contains>\
</ArchiveTransfer>",
        Version::V0_2.namespace(),
        agency("TransferringAgency", "ST"),
        agency("ArchivalAgency", "SA"),
        digest()
    )
}

fn tarred(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn given(files: &[(&str, &[u8])], declared: Declared) -> (Flow, Kept) {
    let files: Vec<(&[u8], &[u8])> = files.iter().map(|(name, bytes)| (name.as_bytes(), *bytes)).collect();
    let mut kept = Kept::default();
    let flow = read_into(&files, declared, None, &Limits::default(), &mut kept);
    (flow, kept)
}

/// The transfer with this bordereau and these files, in a tar.
fn sent(bordereau: &str, files: &[(&str, &[u8])]) -> Flow {
    let all: Vec<(&str, &[u8])> =
        std::iter::once(("manifest.xml", bordereau.as_bytes())).chain(files.iter().copied()).collect();
    given(&[("envoi.tar", &tarred(&all))], Declared::Seda).0
}

pub fn with_file(bordereau: &str) -> Flow {
    sent(bordereau, &[("Content/a.pdf", PDF)])
}

/// What is told of the bordereau once `from` became `to`.
fn changed(version: Version, from: &str, to: &str) -> Vec<&'static str> {
    let whole = bordereau(version);
    assert!(whole.contains(from), "{from} is not in {whole}");
    heavy(&with_file(&whole.replacen(from, to, 1)))
}

#[test]
fn each_version_is_read_in_a_container_declared_or_not() {
    for version in ALL {
        let xml = bordereau(version);
        let sip = tarred(&[("manifest.xml", xml.as_bytes()), ("Content/a.pdf", PDF)]);
        for declared in [Declared::Seda, Declared::Auto] {
            let (flow, kept) = given(&[("envoi.tar", &sip)], declared);
            assert_eq!(codes(&flow), Vec::<&str>::new(), "{version:?}");
            assert_eq!((flow.outcome(), flow.kind.as_str()), (Outcome::Accepted, "seda"), "{version:?}");
            assert_eq!(flow.facts["seda_version"], version.number());
            for (key, value) in [("identifiant_message", "M1"), ("accord_versement", "AV1"), ("service_archives", "SA")]
            {
                assert_eq!(flow.facts[key], value, "{version:?} {key}");
            }
            for (key, value) in [("nombre_unites", 2), ("profondeur", 1), ("nombre_objets", 1), ("octets", PDF.len())] {
                let wanted = if key == "profondeur" && !TWO.contains(&version) { 2 } else { value };
                assert_eq!(flow.facts[key], wanted, "{version:?} {key}");
            }
            assert_eq!(flow.facts["unites"][0]["titre"], "Dossier");
            assert_eq!(flow.identifiers[0].value, "ST/M1");
            let roles: Vec<_> = flow.files.iter().map(|file| file.role).collect();
            assert_eq!(roles, ["archive", "bordereau", "objet"]);
            assert_eq!(kept.0[1].2, PDF);
        }
    }
    let flow = with_file(&bordereau(Version::V2_3));
    assert_eq!(flow.facts["unites"][1]["titre"], "Pièce & suite");
    assert_eq!(flow.facts["unites"][0]["regles"][0], "AccessRule ACC-1");
}

#[test]
fn a_bordereau_comes_with_its_attachments_loose_or_in_an_archive() {
    for version in ALL {
        let xml = bordereau(version);
        let (flow, _) = given(&[("bordereau.xml", xml.as_bytes()), ("a.pdf", PDF)], Declared::Seda);
        assert_eq!(codes(&flow), Vec::<&str>::new(), "{version:?}");
        assert_eq!(flow.files[1].role, "objet");
        let archive = tarred(&[("Content/a.pdf", PDF)]);
        let (flow, _) = given(&[("m.xml", xml.as_bytes()), ("pieces.tar", &archive)], Declared::Seda);
        assert_eq!(codes(&flow), Vec::<&str>::new(), "{version:?}");
    }
}

#[test]
fn the_format_of_an_object_is_held_against_the_one_announced() {
    for version in TWO {
        let xml = bordereau(version);
        assert_eq!(heavy(&with_file(&xml)), Vec::<&str>::new(), "{version:?}");
        let other = with_file(&xml.replace("fmt/18", "fmt/12"));
        assert_eq!(heavy(&other), ["format-mismatch"], "{version:?}");
        let said = other.findings.iter().find(|f| f.code == "format-mismatch").unwrap();
        assert!(said.place.ends_with("Content/a.pdf") && said.message_fr.contains("FormatId fmt/12"), "{said:?}");
        // An identifier that is not told apart here says nothing.
        assert_eq!(heavy(&with_file(&xml.replace("fmt/18", "fmt/99999"))), Vec::<&str>::new());
        assert_eq!(with_file(&xml).facts["formats"].as_array().unwrap().len(), 3, "the tar, the bordereau, the object");
    }
}

#[test]
fn files_are_held_against_what_is_announced() {
    for version in ALL {
        let xml = bordereau(version);
        assert_eq!(heavy(&sent(&xml, &[("Content/a.pdf", b"%PDF-1.4 une piecf")])), ["seda-digest-differs"]);
        assert_eq!(heavy(&sent(&xml, &[])), ["seda-file-missing"], "{version:?}");
        assert_eq!(heavy(&sent(&xml, &[("Content/b.pdf", PDF)])), ["seda-file-surplus", "seda-file-missing"]);
        let more = sent(&xml, &[("Content/a.pdf", PDF), ("Content/b.pdf", b"x")]);
        assert_eq!(heavy(&more), ["seda-file-surplus"], "{version:?}");
        assert_eq!(more.outcome(), Outcome::Refused);
    }
    for version in TWO {
        let two_folders = sent(&bordereau(version), &[("Content/a.pdf", PDF), ("Content-copy/a.pdf", PDF)]);
        assert_eq!(heavy(&two_folders), ["seda-file-surplus", "seda-folders-several"]);
        assert_eq!(changed(version, "<Size>18</Size>", "<Size>19</Size>"), ["seda-size-differs"]);
        assert_eq!(changed(version, "<Size>18</Size>", ""), Vec::<&str>::new());
        assert_eq!(changed(version, &digest(), ""), ["seda-digest-missing"]);
        assert_eq!(changed(version, "SHA-512", "CRC-32"), ["seda-digest-unread"]);
        assert_eq!(
            changed(version, "<Uri>Content/a.pdf</Uri>", "<Uri></Uri>"),
            ["seda-file-surplus", "seda-uri-missing"]
        );
        // It says that the digest holds: only of one that does.
        let weak = |md5: &str| heavy(&with_file(&bordereau(version).replace("SHA-512", "MD5").replace(&digest(), md5)));
        assert_eq!([weak(&"0".repeat(32)), weak(MD5)], [["seda-digest-differs"], ["seda-digest-weak"]]);
    }
    let bare = one().replace(&format!(">{}</Integrity>", digest()), "></Integrity>");
    assert_eq!(heavy(&with_file(&bare)), ["seda-digest-missing"]);
    let (before, after) = (one().find("<Integrity").unwrap(), one().find("</Integrity>").unwrap() + 12);
    let none = [&one()[..before], &one()[after..]].concat();
    assert_eq!(heavy(&with_file(&none)), ["seda-digest-absent"]);
}

#[test]
fn what_does_not_hold_together_is_refused_for_its_own_reason() {
    for version in TWO {
        for (from, to, code) in [
            (
                "<ArchivalAgreement>AV1</ArchivalAgreement>",
                "<ArchivalAgreement></ArchivalAgreement>",
                "seda-agreement-empty",
            ),
            ("<Title>Dossier</Title>", "<Title></Title>", "seda-title-missing"),
            ("<Title>Dossier</Title>", "", "seda-title-missing"),
            ("<ArchiveUnitRefId>U3<", "<ArchiveUnitRefId>U9<", "seda-reference-unknown"),
            ("<ArchiveUnitRefId>U3<", "<ArchiveUnitRefId>O1<", "seda-reference-kind"),
            ("<ArchiveUnitRefId>U3<", "<ArchiveUnitRefId>U1<", "seda-cycle"),
            ("BinaryMaster_1", "BinaryMaster1", "seda-usage"),
            ("BinaryMaster_1", "PhysicalMaster", "seda-usage"),
            ("id=\"U3\"", "id=\"U1\"", "seda-id-twice"),
        ] {
            let found = changed(version, from, to);
            assert!(found.contains(&code), "{version:?} {from} → {to}: {found:?}");
            let flow = with_file(&bordereau(version).replacen(from, to, 1));
            assert_eq!(flow.outcome(), Outcome::Refused, "{code}");
        }
        let named = "<DataObjectGroupReferenceId>G1</DataObjectGroupReferenceId>";
        for (to, code) in [
            ("<DataObjectGroupReferenceId></DataObjectGroupReferenceId>", "seda-reference-empty"),
            ("<DataObjectGroupReferenceId>G2</DataObjectGroupReferenceId>", "seda-reference-unknown"),
            ("<DataObjectGroupReferenceId>O1</DataObjectGroupReferenceId>", "seda-reference-kind"),
            ("<DataObjectReferenceId>O1</DataObjectReferenceId>", "seda-reference-kind"),
        ] {
            let found = changed(version, named, to);
            assert!(found.contains(&code), "{version:?} {to}: {found:?}");
        }
    }
}

#[test]
fn a_cycle_of_references_is_refused_at_whatever_level_it_turns() {
    let refer = |id: &str, to: &str| {
        format!("<ArchiveUnit id=\"{id}\"><ArchiveUnitRefId>{to}</ArchiveUnitRefId></ArchiveUnit>")
    };
    let unit = |id: &str, inside: &str| {
        format!("<ArchiveUnit id=\"{id}\"><Content><Title>{id}</Title></Content>{inside}</ArchiveUnit>")
    };
    let end = "</DescriptiveMetadata>";
    for version in TWO {
        let with = |more: String| changed(version, end, &format!("{more}{end}"));
        for turning in [
            refer("A", "A"),
            // Each stands for the other, and neither is inside anything.
            refer("A", "B") + &refer("B", "A"),
            refer("A", "B") + &refer("B", "C") + &refer("C", "A"),
            // Each holds what stands for the other.
            unit("A", &refer("A1", "B")) + &unit("B", &refer("B1", "A")),
            // What stands below stands, by one more, for what is above.
            unit("A", &unit("B", &refer("C", "D"))) + &refer("D", "A"),
        ] {
            assert_eq!(with(turning.clone()), ["seda-cycle"], "{version:?} {turning}");
        }
        for straight in [
            unit("A", &refer("A1", "B")) + &unit("B", ""),
            unit("A", &refer("A1", "C")) + &refer("C", "B") + &unit("B", ""),
            unit("A", &(refer("A1", "B") + &refer("A2", "B"))) + &unit("B", ""),
        ] {
            assert_eq!(with(straight.clone()), Vec::<&str>::new(), "{version:?} {straight}");
        }
    }
}

#[test]
fn rules_are_refused_only_for_their_own_category() {
    let rule = "<AccessRule><Rule>ACC-1</Rule><StartDate>2026-01-01</StartDate></AccessRule>";
    for version in TWO {
        let own = format!("{rule}<AccessRule><RefNonRuleId>ACC-1</RefNonRuleId></AccessRule>");
        assert_eq!(changed(version, rule, &own), Vec::<&str>::new());
        let other = format!("{rule}<ReuseRule><RefNonRuleId>ACC-1</RefNonRuleId></ReuseRule>");
        assert_eq!(changed(version, rule, &other), ["seda-rule-category"]);
        // Of a rule that this transfer does not hold, nothing can be told.
        let unknown = format!("{rule}<ReuseRule><RefNonRuleId>REU-9</RefNonRuleId></ReuseRule>");
        assert_eq!(changed(version, rule, &unknown), Vec::<&str>::new());
        assert_eq!(changed(version, "<StartDate>2026-01-01", "<StartDate>01/01/2026"), ["seda-date"]);
    }
}

#[test]
fn groups_are_declared_once_and_every_object_is_described() {
    let object = |id: &str, group: &str| {
        format!(
            "<PhysicalDataObject id=\"{id}\"><{group}>G1</{group}><DataObjectVersion>PhysicalMaster</DataObjectVersion>\
<PhysicalId>1 W 1</PhysicalId></PhysicalDataObject><DescriptiveMetadata>"
        )
    };
    let of = |more: &str| changed(Version::V2_1, "<DescriptiveMetadata>", more);
    assert_eq!(of(&object("O2", "DataObjectGroupReferenceId")), Vec::<&str>::new());
    assert_eq!(of(&object("O2", "DataObjectGroupId")), ["seda-group-twice"]);
    assert_eq!(of(&object("O2", "DataObjectGroupReferenceId").replace("G1", "G2")), ["seda-reference-unknown"]);
    assert_eq!(of(&object("O2", "DataObjectGroupId").replace("G1", "G2")), ["seda-not-described"]);
    assert_eq!(of(&object("O2", "DataObjectGroupReferenceId").replace("1 W 1", "")), ["seda-physical-id"]);
    assert_eq!(
        of(&object("O2", "DataObjectGroupReferenceId").replace("PhysicalMaster", "VirtualMaster")),
        ["seda-usage"]
    );
    let unknown = object("O2", "DataObjectGroupReferenceId").replace("<PhysicalId>", "<Autre/><PhysicalId>");
    assert_eq!(of(&unknown), ["seda-element-unknown"]);
}

#[test]
fn what_departs_from_the_schema_is_remarked_and_kept() {
    for version in ALL {
        assert_eq!(changed(version, "<Comment>essai</Comment>", "<Inconnu/>"), ["seda-schema"], "{version:?}");
        assert_eq!(changed(version, "<Date>2026-11-30T10:00:00Z</Date>", ""), ["seda-missing"], "{version:?}");
        let comment = "<Comment>essai</Comment>";
        let date = "<Date>2026-11-30T10:00:00Z</Date>";
        let swapped = bordereau(version).replacen(&format!("{comment}{date}"), &format!("{date}{comment}"), 1);
        assert_eq!(heavy(&with_file(&swapped)), ["seda-schema"], "{version:?}");
    }
    let no_object = bordereau(Version::V2_1);
    let (from, to) = (no_object.find("<BinaryDataObject").unwrap(), no_object.find("<DescriptiveMetadata>").unwrap());
    let bare = [&no_object[..from], &no_object[to..]].concat();
    let (from, to) = (bare.find("<DataObjectReference>").unwrap(), bare.find("</DataObjectReference>").unwrap() + 22);
    assert_eq!(heavy(&sent(&[&bare[..from], &bare[to..]].concat(), &[])), ["seda-no-object"]);
}

#[test]
fn the_bordereau_is_one_and_is_a_transfer_in_xml() {
    let xml = bordereau(Version::V2_1);
    let of = |files: &[(&str, &[u8])]| heavy(&given(&[("envoi.tar", &tarred(files))], Declared::Seda).0);
    assert_eq!(of(&[("Content/a.pdf", PDF)]), ["seda-manifest-missing"]);
    assert_eq!(of(&[("manifest.xml", PDF), ("Content/a.pdf", PDF)]), ["seda-manifest-not-xml"]);
    let twice = [("manifest.xml", xml.as_bytes()), ("b_manifest.xml", xml.as_bytes()), ("Content/a.pdf", PDF)];
    assert_eq!(of(&twice), ["seda-manifests-several"]);
    let elsewhere = [("sous/manifest.xml", xml.as_bytes()), ("Content/a.pdf", PDF)];
    assert_eq!(of(&elsewhere), ["seda-manifest-missing"]);
    let other = xml.replace("seda:v2.1", "seda:v2.0");
    assert_eq!(of(&[("manifest.xml", other.as_bytes())]), ["seda-version"]);
    let message = xml.replace("ArchiveTransfer", "ArchiveDelivery");
    assert_eq!(of(&[("manifest.xml", message.as_bytes())]), ["seda-not-a-transfer"]);
    assert_eq!(of(&[("manifest.xml", &xml.as_bytes()[..xml.len() - 3])]), ["xml-malformed"]);
    let doctype = xml.replace("?>\n", "?><!DOCTYPE a [<!ENTITY b \"c\">]>\n");
    assert_eq!(of(&[("manifest.xml", doctype.as_bytes())]), ["xml-doctype"]);
    let entity = xml.replace("essai", "&b;");
    assert_eq!(of(&[("manifest.xml", entity.as_bytes())]), ["xml-malformed"]);
    let cut = xml.replace("essai", "es<!-- -->sai");
    assert_eq!(of(&[("manifest.xml", cut.as_bytes())]), ["xml-split-text"]);
}

#[test]
fn the_reading_of_a_bordereau_is_bounded() {
    let xml = bordereau(Version::V2_1);
    let sip = tarred(&[("manifest.xml", xml.as_bytes()), ("Content/a.pdf", PDF)]);
    let within = |limits: Limits| {
        let files: [(&[u8], &[u8]); 1] = [(b"envoi.tar", &sip)];
        codes(&read_into(&files, Declared::Seda, None, &limits, &mut Kept::default()))
    };
    let none = Vec::<&str>::new();
    // Two units, what stands for one, one object, one group.
    assert_eq!(within(Limits { seda_nodes: 5, ..Limits::default() }), none);
    assert_eq!(within(Limits { seda_nodes: 4, ..Limits::default() }), ["seda-too-large"]);
    assert_eq!(within(Limits { seda_members: 2, ..Limits::default() }), none);
    assert_eq!(within(Limits { seda_members: 1, ..Limits::default() }), ["container-too-many-members"]);
    assert_eq!(within(Limits { seda_manifest_bytes: xml.len() as u64, ..Limits::default() }), none);
    assert_eq!(within(Limits { seda_manifest_bytes: 100, ..Limits::default() }), ["xml-limit"]);
    assert_eq!(within(Limits { seda_token_bytes: 200, ..Limits::default() }), none);
    assert_eq!(within(Limits { seda_token_bytes: 50, ..Limits::default() }), ["xml-limit"]);
    assert_eq!(within(Limits { xml_depth: 7, ..Limits::default() }), none);
    assert_eq!(within(Limits { xml_depth: 6, ..Limits::default() }), ["xml-limit"]);
    assert_eq!(within(Limits { seda_inflated_bytes: sip.len() as u64, ..Limits::default() }), none);
    assert_eq!(within(Limits { seda_inflated_bytes: 1_000, ..Limits::default() }), ["container-too-large"]);
}

/// The schema of each version among the published ones, and its folder.
pub const SCHEMAS: [(Version, &str); 5] = [
    (Version::V0_2, "official-0.2/archives_echanges_v0-2_archivetransfer.xsd"),
    (Version::V1_0, "official-1.0/seda_v1-0_archivetransfer.xsd"),
    (Version::V2_1, "seda-2.1/seda-2.1-main.xsd"),
    (Version::V2_2, "seda-2.2/seda-2.2-main.xsd"),
    (Version::V2_3, "seda-2.3/seda-2.3-main.xsd"),
];

/// The published schemas as they import each other: codes in a folder of their own, addresses of the W3C and of the UNECE turned to
/// the files that are at hand.
pub struct Schemas {
    place: tempfile::TempDir,
    catalogue: std::path::PathBuf,
}

impl Schemas {
    pub fn of(published: &std::path::Path, schema: &str) -> Schemas {
        let place = tempfile::tempdir().unwrap();
        let codes = place.path().join("codes");
        std::fs::create_dir(&codes).unwrap();
        for entry in std::fs::read_dir(published.join(schema).parent().unwrap()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let bytes = std::fs::read(&path).unwrap();
                std::fs::write(place.path().join(path.file_name().unwrap()), &bytes).unwrap();
                std::fs::write(codes.join(path.file_name().unwrap()), &bytes).unwrap();
            }
        }
        let w3c = published.join("seda-vitam/w3c").canonicalize().unwrap();
        let rewritten = [
            ("http://www.unece.org/uncefact/codelist/standard/", codes.as_path()),
            ("http://www.unece.org/uncefact/identifierlist/standard/", codes.as_path()),
            ("http://www.w3.org/", w3c.as_path()),
        ]
        .map(|(from, to)| {
            format!("<rewriteSystem systemIdStartString=\"{from}\" rewritePrefix=\"file://{}/\"/>", to.display())
        });
        let catalogue = place.path().join("catalogue.xml");
        let text =
            format!("<catalog xmlns=\"urn:oasis:names:tc:entity:xmlns:xml:catalog\">{}</catalog>", rewritten.concat());
        std::fs::write(&catalogue, text).unwrap();
        Schemas { place, catalogue }
    }

    pub fn validate(&self, schema: &str, bytes: &[u8]) -> Result<(), String> {
        let schema = self.place.path().join(schema.rsplit('/').next().unwrap());
        let file = self.place.path().join("message.xml");
        std::fs::write(&file, bytes).unwrap();
        let mut asked = std::process::Command::new("xmllint");
        asked.args(["--nonet", "--noout", "--schema"]).arg(schema).arg(&file);
        let answer = asked.env("XML_CATALOG_FILES", &self.catalogue).output().map_err(|error| error.to_string())?;
        let told = String::from_utf8_lossy(&answer.stderr).into_owned();
        if answer.status.success() { Ok(()) } else { Err(format!("{told}\n{}", String::from_utf8_lossy(bytes))) }
    }
}

#[test]
fn both_answers_follow_the_schema_of_the_version() {
    let Some(folder) = fixtures() else { return };
    for (version, schema) in SCHEMAS {
        let schemas = Schemas::of(&folder.join("seda/xsd"), schema);
        let accepted = with_file(&bordereau(version));
        let refused = sent(&bordereau(version), &[("Content/\u{e9}<&.pdf", b"\xFF")]);
        let remarked = with_file(&bordereau(version).replacen("<Comment>essai</Comment>", "<Inconnu/>", 1));
        let outcomes = [&accepted, &remarked, &refused].map(Flow::outcome);
        assert_eq!(outcomes, [Outcome::Accepted, Outcome::AcceptedWithWarnings, Outcome::Refused]);
        for flow in [accepted, remarked, refused] {
            let replies = replies(&flow, "2026-11-30T12:00:00Z").unwrap();
            for bytes in [&replies.acknowledgement, &replies.reply] {
                let of_receipt = version == Version::V1_0 && bytes == &replies.acknowledgement;
                let schema = if of_receipt { "seda_v1-0_acknowledgement.xsd" } else { schema };
                if let Err(told) = schemas.validate(schema, bytes) {
                    panic!("{version:?} {:?}: {told}", flow.outcome());
                }
            }
            let text = String::from_utf8(replies.reply).unwrap();
            assert!(text.contains("M1") && text.contains(version.namespace()));
            for finding in &flow.findings {
                assert!(text.contains(finding.code), "{version:?}: {} is not in {text}", finding.code);
            }
        }
    }
}

#[test]
fn who_and_what_is_unknown_is_refused_where_lists_are_given_and_the_answer_says_so() {
    let known = |ids: &[&str]| {
        let one = |id: &&str| Known { id: (*id).to_owned(), ..Known::default() };
        Some(ids.iter().map(one).collect::<Vec<_>>())
    };
    for version in ALL {
        let told = |by: &Referential, day: &str| {
            let mut flow = with_file(&bordereau(version));
            flow.control(by, day);
            flow
        };
        let none = told(&Referential::default(), "2026-11-30");
        assert_eq!((codes(&none), none.outcome()), (vec!["seda-not-controlled"], Outcome::Accepted));
        assert!(none.findings[0].message_fr.contains("agencies, agreements, profiles, service_levels"));
        let agencies = known(&["SA", "ST", "SP", "SV"]);
        let agreement = Known { id: "AV1".into(), from: Some("2026-01-01".into()), until: Some("2026-12-31".into()) };
        let all = Referential {
            agencies,
            agreements: Some(vec![agreement]),
            profiles: known(&[]),
            service_levels: known(&[]),
            rules: Some(vec![KnownRule {
                known: Known { id: "ACC-1".into(), ..Known::default() },
                ..KnownRule::default()
            }]),
        };
        for (day, code) in [("2025-12-31", true), ("2026-01-01", false), ("2026-12-31", false), ("2027-01-01", true)] {
            let found = codes(&told(&all, day));
            assert_eq!(found, if code { vec!["seda-agreement-unknown"] } else { vec![] }, "{version:?} {day}");
        }
        for (agency, code) in [("SA", "201"), ("ST", "202")] {
            let mut less = all.clone();
            less.agencies.as_mut().unwrap().retain(|one| one.id != agency);
            let flow = told(&less, "2026-11-30");
            assert_eq!((codes(&flow), flow.outcome()), (vec!["seda-agency-unknown"], Outcome::Refused), "{version:?}");
            let reply = String::from_utf8(replies(&flow, "2026-11-30T12:00:00Z").unwrap().reply).unwrap();
            assert!(reply.contains("seda-agency-unknown"), "{reply}");
            assert!(
                reply.contains(if TWO.contains(&version) { "<EventTypeCode>CHECK_AGENT<" } else { code }),
                "{reply}"
            );
        }
    }
    // What is no transfer, or one of which nothing could be read, is held against nothing.
    let (mut file, _) = given(&[("a.pdf", PDF)], Declared::Seda);
    let before = codes(&file);
    file.control(&Referential::default(), "2026-11-30");
    assert_eq!(codes(&file), before);
}

#[test]
fn samples_of_this_test_follow_the_published_schemas() {
    let Some(folder) = fixtures() else { return };
    for (version, schema) in SCHEMAS {
        let told = Schemas::of(&folder.join("seda/xsd"), schema).validate(schema, bordereau(version).as_bytes());
        // A digest in hexadecimal is base64 to a schema.
        println!("{version:?}: {}", told.as_ref().map_or_else(|why| why.as_str(), |()| "follows its schema"));
        assert!(told.is_ok(), "{version:?}");
    }
}

#[test]
fn what_is_no_transfer_has_no_answer() {
    let (flow, _) = given(&[("a.pdf", PDF)], Declared::Seda);
    assert!(replies(&flow, "2026-11-30T12:00:00Z").is_none());
    let (flow, _) = given(&[("a.pdf", PDF)], Declared::File);
    assert!(replies(&flow, "2026-11-30T12:00:00Z").is_none());
}
