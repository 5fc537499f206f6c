//! SEDA held against the lists of a tenant: each refusal has its code in the answer, rules end on the day that their duration says; versions
//! that are not read, and what bounds the reading.

use flow::seda::reply::replies;
use flow::seda::{Known, KnownRule, Lasts, Referential, Units, Version};
use flow::{Declared, Flow, Limits, Outcome};

use crate::bench::{Kept, codes, fixtures, heavy, read, read_into};
use crate::seda::{SCHEMAS, Schemas, bordereau, with_file};

const DAY: &str = "2026-11-30";
const TWO: [Version; 3] = [Version::V2_1, Version::V2_2, Version::V2_3];

fn known(ids: &[&str]) -> Option<Vec<Known>> {
    Some(ids.iter().map(|id| Known { id: (*id).to_owned(), ..Known::default() }).collect())
}

fn rule(id: &str, category: Option<&str>, lasts: Option<Lasts>) -> KnownRule {
    let known = Known { id: id.to_owned(), ..Known::default() };
    KnownRule { known, category: category.map(str::to_owned), lasts }
}

fn with_rules(rules: Vec<KnownRule>) -> Referential {
    Referential { rules: Some(rules), ..Referential::default() }
}

/// The transfer with what each list holds, against these lists.
fn held(version: Version, by: &Referential) -> Flow {
    let head = match version {
        Version::V0_2 | Version::V1_0 => bordereau(version).replacen(
            "</ArchivalAgreement>",
            "</ArchivalAgreement><ArchivalProfile>PR</ArchivalProfile>",
            1,
        ),
        _ => bordereau(version).replacen(
            "<ManagementMetadata>",
            "<ManagementMetadata><ArchivalProfile>PR</ArchivalProfile><ServiceLevel>NS</ServiceLevel>",
            1,
        ),
    };
    let mut flow = with_file(&head);
    flow.control(by, DAY);
    flow
}

fn reply(flow: &Flow) -> String {
    String::from_utf8(replies(flow, "2026-11-30T12:00:00Z").unwrap().reply).unwrap()
}

#[test]
fn every_refusal_of_every_list_is_in_an_answer_that_follows_the_schema() {
    let all = Referential {
        agencies: known(&["SA", "ST", "SP", "SV"]),
        agreements: known(&["AV1"]),
        profiles: known(&["PR"]),
        service_levels: known(&["NS"]),
        rules: Some(vec![rule("ACC-1", None, None)]),
    };
    let none = known(&[]);
    let refusals = [
        (
            Referential { agencies: none.clone(), ..all.clone() },
            "seda-agency-unknown",
            "CHECK_HEADER.CHECK_AGENT.UNKNOWN.KO",
        ),
        (
            Referential { agreements: none.clone(), ..all.clone() },
            "seda-agreement-unknown",
            "CHECK_HEADER.CHECK_CONTRACT_INGEST.CONTRACT_UNKNOWN.KO",
        ),
        (
            Referential { profiles: none.clone(), ..all.clone() },
            "seda-profile-unknown",
            "CHECK_HEADER.CHECK_IC_AP_RELATION.UNKNOWN.KO",
        ),
        (
            Referential { service_levels: none, ..all.clone() },
            "seda-service-level-unknown",
            "CHECK_HEADER.CHECK_SERVICE_LEVEL.UNKNOWN.KO",
        ),
        (Referential { rules: Some(Vec::new()), ..all.clone() }, "seda-rule-unknown", "UNITS_RULES_COMPUTE.UNKNOWN.KO"),
    ];
    for (version, schema) in SCHEMAS {
        let schemas = fixtures().map(|folder| Schemas::of(&folder.join("seda/xsd"), schema));
        let free = held(version, &all);
        assert_eq!((heavy(&free), free.outcome()), (Vec::new(), Outcome::Accepted), "{version:?}");
        for (by, code, outcome) in &refusals {
            let two = TWO.contains(&version);
            // The versions before say no level here, and take their rules from a published list.
            if !two && matches!(*code, "seda-service-level-unknown" | "seda-rule-unknown") {
                continue;
            }
            let flow = held(version, by);
            assert!(codes(&flow).contains(code), "{version:?} {code}: {:?}", codes(&flow));
            assert_eq!(flow.outcome(), Outcome::Refused, "{version:?} {code}");
            let text = reply(&flow);
            assert!(text.contains(&format!("[{code}] ")), "{text}");
            assert!(!two || text.contains(&format!("<OutcomeDetail>{outcome}</OutcomeDetail>")), "{text}");
            assert!(text.contains(if two { "<ReplyCode>KO<" } else { "<ReplyCode" }), "{text}");
            if let Some(schemas) = &schemas {
                schemas.validate(schema, text.as_bytes()).unwrap();
            }
        }
    }
}

#[test]
fn a_rule_is_known_by_its_category_on_the_day_and_is_told_once() {
    for version in TWO {
        let told = |rules: Vec<KnownRule>| heavy(&held(version, &with_rules(rules)));
        let none = Vec::<&str>::new();
        assert_eq!(told(vec![rule("ACC-1", None, None)]), none);
        assert_eq!(told(vec![rule("ACC-1", Some("AccessRule"), None)]), none);
        let other = vec![rule("ACC-1", Some("ReuseRule"), None)];
        assert_eq!(told(other.clone()), ["seda-rule-unknown"]);
        assert_eq!(told([other, vec![rule("ACC-1", Some("AccessRule"), None)]].concat()), none);
        let mut late = rule("ACC-1", None, None);
        late.known.until = Some("2026-11-29".to_owned());
        assert_eq!(told(vec![late.clone()]), ["seda-rule-unknown"]);
        late.known.until = Some(DAY.to_owned());
        assert_eq!(told(vec![late]), none);
        // Named by two units, under another category, by one that refuses it, and by the whole package: each once, at its first place.
        let more = bordereau(version)
            .replacen("<Content><DescriptionLevel>Item", "<Management><AccessRule><Rule>ACC-1</Rule></AccessRule><ReuseRule><RefNonRuleId>REU-9</RefNonRuleId></ReuseRule></Management><Content><DescriptionLevel>Item", 1)
            .replacen("</SubmissionAgencyIdentifier>", "</SubmissionAgencyIdentifier><StorageRule><Rule>STO-1</Rule></StorageRule>", 1);
        let mut flow = with_file(&more);
        assert_eq!(heavy(&flow), none);
        flow.control(&with_rules(Vec::new()), DAY);
        let unknown = flow.findings.iter().filter(|finding| finding.code == "seda-rule-unknown");
        let said: Vec<(&str, bool)> =
            unknown.map(|one| (one.place.rsplit(": ").next().unwrap(), one.message_fr.contains("STO-1"))).collect();
        assert_eq!(said, [("ManagementMetadata", true), ("ArchiveUnit U1", false), ("ArchiveUnit U3", false)]);
        // Where no list of rules is written, that is said.
        let mut free = with_file(&more);
        free.control(&Referential::default(), DAY);
        assert!(free.findings.last().unwrap().message_fr.ends_with("service_levels, rules."));
    }
}

#[test]
fn a_rule_of_a_known_duration_ends_in_the_facts_and_in_the_tree() {
    for version in TWO {
        let rules = vec![rule("ACC-1", Some("AccessRule"), Some(Lasts::Years(25)))];
        let flow = held(version, &with_rules(rules.clone()));
        let term = serde_json::json!([{"rang": 1, "debut": "2026-01-01", "fin": "2051-01-01"}]);
        assert_eq!(flow.facts["unites"][0]["echeances"], term, "{version:?}");
        assert!(flow.facts["unites"][1].get("echeances").is_none());
        let without = serde_json::json!([{"rang": 1, "debut": "2026-01-01"}]);
        assert_eq!(with_file(&bordereau(version)).facts["unites"][0]["echeances"], without);
        for lasts in [None, Some(Lasts::Ever)] {
            let flow = held(version, &with_rules(vec![rule("ACC-1", None, lasts)]));
            assert_eq!(flow.facts["unites"][0]["echeances"], without, "{lasts:?}");
        }
        let text = bordereau(version);
        let tree = Units::of_bordereau("m.xml", &mut text.as_bytes(), &Limits::default()).unwrap();
        let lines: Vec<_> = tree.with(with_rules(rules)).collect();
        assert_eq!(
            (lines.len(), &lines[0]["echeances"], &lines[0]["regles"][0]),
            (3, &term, &"AccessRule ACC-1".into())
        );
        assert_eq!((&lines[1]["designe"], &lines[2]["groupes"][0]), (&"U3".into(), &"G1".into()));
        // Of a start that is no day, nothing is counted.
        let odd = text.replacen("<StartDate>2026-01-01", "<StartDate>2026", 1);
        assert!(with_file(&odd).facts["unites"][0].get("echeances").is_none());
    }
}

#[test]
fn a_version_that_is_not_read_is_refused_when_declared_and_said_when_it_is_not() {
    for version in ["2.0", "2.4", "3.0"] {
        let xml = bordereau(Version::V2_1).replace("seda:v2.1", &format!("seda:v{version}"));
        let long = xml.replacen("<Comment>essai", &format!("<Comment>{}", "e".repeat(17 << 20)), 1);
        for (name, text) in [("manifest.xml", &xml), ("long.xml", &long)] {
            let flow = read(&[(name, text.as_bytes())], Declared::Auto);
            assert_eq!((heavy(&flow), flow.kind.as_str()), (vec!["seda-version-not-read"], "file"), "{version} {name}");
            let said = &flow.findings.iter().find(|one| one.code == "seda-version-not-read").unwrap();
            assert!(said.message_fr.contains(&format!("seda:v{version} »")), "{}", said.message_fr);
            assert_eq!((said.place.as_str(), flow.outcome()), (name, Outcome::AcceptedWithWarnings));
        }
        let mut builder = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_ustar();
        header.set_size(xml.len() as u64);
        builder.append_data(&mut header, "manifest.xml", xml.as_bytes()).unwrap();
        let sip = builder.into_inner().unwrap();
        let flow = read(&[("envoi.tar", &sip)], Declared::Auto);
        assert_eq!(heavy(&flow), ["seda-version-not-read"]);
        assert!(flow.findings.iter().any(|one| one.place == "envoi.tar: manifest.xml"), "{:?}", flow.findings);
        let flow = read(&[("envoi.tar", &sip)], Declared::Seda);
        assert_eq!((heavy(&flow), flow.outcome()), (vec!["seda-version"], Outcome::Refused));
        assert!(flow.findings[0].remedy_fr.contains("file"), "{}", flow.findings[0].remedy_fr);
    }
    // Beside a flow of another kind it is one that is not read, like a transfer of any version.
    let act = "<a:Acte xmlns:a=\"http://www.interieur.gouv.fr/ACTES#v1.1-20040216\"><a:Objet>x</a:Objet></a:Acte>";
    let other = bordereau(Version::V2_1).replace("seda:v2.1", "seda:v2.4");
    let files = [("034-243499019-20190523-86351-CC-1-1_0.xml", act.as_bytes()), ("t.xml", other.as_bytes())];
    let flow = read(&files, Declared::Auto);
    assert!(flow.findings.iter().any(|one| one.code == "flow-not-read" && one.place == "t.xml"), "{:?}", flow.findings);
    // A message of SEDA that is no transfer, and a version that is read, say nothing of it.
    let other = bordereau(Version::V2_1).replace("ArchiveTransfer", "ArchiveDelivery").replace("v2.1", "v2.4");
    assert_eq!(heavy(&read(&[("m.xml", other.as_bytes())], Declared::Auto)), Vec::<&str>::new());
}

#[test]
fn what_units_name_and_the_rules_they_name_are_bounded() {
    let xml = bordereau(Version::V2_1).replacen(
        "<Content><DescriptionLevel>Item",
        "<Management><AccessRule><Rule>ACC-2</Rule></AccessRule></Management><Content><DescriptionLevel>Item",
        1,
    );
    let within = |limits: Limits| {
        let files: [(&[u8], &[u8]); 2] = [(b"m.xml", xml.as_bytes()), (b"a.pdf", b"%PDF-1.4 une piece")];
        codes(&read_into(&files, Declared::Seda, None, &limits, &mut Kept::default()))
    };
    let none = Vec::<&str>::new();
    // Two rules, one reference to a group.
    assert_eq!(within(Limits { seda_links: 3, ..Limits::default() }), none);
    assert_eq!(within(Limits { seda_links: 2, ..Limits::default() }), ["seda-links-too-many"]);
    assert_eq!(within(Limits { seda_rules: 2, ..Limits::default() }), none);
    assert_eq!(within(Limits { seda_rules: 1, ..Limits::default() }), ["seda-rules-too-many"]);
    let identified = bordereau(Version::V1_0).replacen("<Name>", "<Name xml:id=\"a\">", 1);
    let read = |links: usize| {
        let files: [(&[u8], &[u8]); 1] = [(b"m.xml", identified.as_bytes())];
        let limits = Limits { seda_links: links, ..Limits::default() };
        codes(&read_into(&files, Declared::Seda, None, &limits, &mut Kept::default()))
    };
    assert!(!read(1).contains(&"xml-limit"));
    assert_eq!(read(0), ["xml-limit"]);
}

#[test]
fn what_a_unit_says_after_those_inside_it_is_its_own() {
    let named =
        "<DataObjectReference><DataObjectGroupReferenceId>G1</DataObjectGroupReferenceId></DataObjectReference>";
    for version in TWO {
        let xml = bordereau(version).replacen(
            "</ArchiveUnit></ArchiveUnit>",
            &format!("</ArchiveUnit><ArchiveUnit id=\"U4\"><Content><Title>Dedans</Title></Content>{named}</ArchiveUnit>{named}</ArchiveUnit>"),
            1,
        );
        let flow = with_file(&xml);
        assert_eq!(heavy(&flow), Vec::<&str>::new());
        assert_eq!(flow.facts["unites"][0]["nombre_references"], 1, "{version:?}");
        let lines: Vec<_> = Units::of_bordereau("m.xml", &mut xml.as_bytes(), &Limits::default()).unwrap().collect();
        let groups = |at: usize| lines[at].get("groupes").cloned();
        let one = Some(serde_json::json!(["G1"]));
        assert_eq!([groups(0), groups(1), groups(2), groups(3)], [one.clone(), None, one.clone(), one]);
    }
}

#[test]
fn a_bordereau_that_is_badly_written_is_told_with_its_line_in_both_languages() {
    let whole = bordereau(Version::V2_1).replace('>', ">\n");
    let line = |part: &str| 1 + whole[..whole.find(part).unwrap()].matches('\n').count();
    let at = line("</ArchiveUnit>");
    let cases = [
        (whole.replacen("</ArchiveUnit>", "</ArchiveUnix>", 1), at, "une balise n'est pas fermée"),
        (whole.replacen("</ArchiveUnit>", "&nope;</ArchiveUnit>", 1), at, "un appel de caractère ou d'entité"),
        (whole.replacen("</ArchiveUnit>", "<a b=\"1\" b=\"2\"/></ArchiveUnit>", 1), at, "un attribut est mal écrit"),
        (whole.replacen("</ArchiveUnit>", "<x:a/></ArchiveUnit>", 1), at, "un préfixe ne renvoie"),
        (whole[..whole.find("</ArchiveUnit>").unwrap()].to_owned(), at, "il s'arrête avant sa fin"),
    ];
    for (xml, at, why) in cases {
        let files: [(&[u8], &[u8]); 1] = [(b"m.xml", xml.as_bytes())];
        let flow = read_into(&files, Declared::Seda, None, &Limits::default(), &mut Kept::default());
        let said = flow.findings.iter().find(|finding| finding.code == "xml-malformed").unwrap();
        assert!(
            said.message_fr.contains(why) && said.message_fr.contains(&format!("Ligne : {at} ")),
            "{}",
            said.message_fr
        );
        assert_eq!(flow::in_english(said.code, &said.message_fr).as_deref(), Some(said.message_en.as_str()));
    }
}
