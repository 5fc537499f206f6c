//! `tabellion check` over every real transfer of SEDA, under its name and under another; and the answers it writes. The real ones are
//! skipped where their folder is absent.
#![allow(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tests::published::program;
use tests::samples::{Transfer, VERSIONS};

fn check(file: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(program("tabellion").unwrap());
    command.args(["check", "--kind", "seda", "--format", "json"]).args(more).arg(file).output().unwrap()
}

/// Exit code and codes of the findings.
fn told(output: &Output) -> (Option<i32>, Vec<String>) {
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = json["findings"].as_array().unwrap().iter();
    (output.status.code(), findings.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect())
}

fn all(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut left) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_none_or(|end| end != "csv") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_real_transfer_has_the_same_verdict_under_another_name_in_another_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures/seda/sip");
    if !folder.is_dir() {
        println!("not run: no folder of real transfers at {}", folder.display());
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for (index, path) in all(&folder).iter().enumerate() {
        let named = told(&check(path, &[]));
        let copy = place.path().join(format!("{index}.docx"));
        fs::copy(path, &copy).unwrap();
        assert_eq!(told(&check(&copy, &[])), named, "{}", path.display());
        println!("{}: {:?} {:?}", path.strip_prefix(&folder).unwrap().display(), named.0, named.1);
        if matches!(named.0, Some(0 | 4)) { accepted += 1 } else { refused += 1 }
    }
    println!("{accepted} accepted, {refused} refused");
    assert!(accepted > 40 && refused > 15);
}

#[test]
fn the_whole_tree_is_written_and_the_facts_say_that_they_show_its_beginning() {
    let place = tempfile::tempdir().unwrap();
    let (file, tree) = (place.path().join("envoi.tar"), place.path().join("arbre.jsonl"));
    for version in VERSIONS {
        for (count, listed) in [(20, false), (25, true)] {
            let transfer = Transfer::new(version, count, 2, 100);
            let mut bytes = Vec::new();
            transfer.archive(&transfer.bordereau()).read_to_end(&mut bytes).unwrap();
            fs::write(&file, &bytes).unwrap();
            let output = check(&file, &["--units", tree.to_str().unwrap()]);
            let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            let text = fs::read_to_string(&tree).unwrap();
            let units: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            let total = json["facts"]["nombre_unites"].as_u64().unwrap() as usize;
            assert_eq!(units.iter().filter(|unit| unit.get("designe").is_none()).count(), total, "{version}");
            assert!(units.iter().all(|unit| unit["titre"].is_string()), "{text}");
            let cut = total > 20 || json["facts"]["nombre_objets"].as_u64().unwrap() > 20;
            assert_eq!(told(&output).1.contains(&"seda-listed".to_owned()), cut, "{version} {total}");
            assert!(cut || !listed, "{version}: {total}");
            assert_eq!(json["facts"]["unites"].as_array().unwrap().len(), total.min(20));
        }
    }
    let nothing = place.path().join("note.txt");
    fs::write(&nothing, b"bonjour").unwrap();
    let none = place.path().join("none.jsonl");
    check(&nothing, &["--units", none.to_str().unwrap()]);
    assert!(!none.exists());
}

#[test]
fn a_transfer_is_answered_in_its_own_version() {
    let place = tempfile::tempdir().unwrap();
    for version in VERSIONS {
        let transfer = Transfer::new(version, 3, 2, 100);
        let bordereau = transfer.bordereau();
        let mut bytes = Vec::new();
        transfer.archive(&bordereau).read_to_end(&mut bytes).unwrap();
        let file = place.path().join("envoi.tar");
        let answers = place.path().join(version);
        for (tampered, code) in [(false, 0), (true, 1)] {
            if tampered {
                // The first byte of the first object.
                let at = bytes.windows(5).position(|window| window == b"TTTTT").unwrap();
                bytes[at] = b'U';
            }
            fs::write(&file, &bytes).unwrap();
            let output = check(&file, &["--replies", answers.to_str().unwrap()]);
            let (exit, codes) = told(&output);
            assert_eq!(exit, Some(code), "{codes:?}");
            let reply = fs::read_to_string(answers.join("reponse.xml")).unwrap();
            assert!(reply.contains(if tampered { "<ReplyCode>KO<" } else { "<ReplyCode>OK<" }), "{reply}");
            assert_eq!(reply.contains("seda-digest-differs"), tampered);
            let receipt = fs::read_to_string(answers.join("accuse-de-reception.xml")).unwrap();
            assert!(
                receipt.contains(&format!("seda:v{version}")) && receipt.contains("<MessageReceivedIdentifier>M-3<")
            );
        }
    }
    let nothing = place.path().join("note.txt");
    fs::write(&nothing, b"bonjour").unwrap();
    let output = check(&nothing, &["--replies", place.path().join("none").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!place.path().join("none").exists());
}

#[test]
fn a_transfer_is_held_against_the_lists_of_a_configuration_and_the_answer_tells_each_refusal() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    let text = |name: &str| at(name).to_str().unwrap().to_owned();
    let write = |name: &str, lists: &[(&str, &str)]| {
        let tenants = lists.iter().map(|(tenant, lines)| format!("[[seda.tenants]]\ntenant = \"{tenant}\"\n{lines}\n"));
        fs::write(at(name), format!("origin = \"a.example/log\"\n{}", tenants.collect::<String>())).unwrap();
    };
    let other = proof::TenantId([9; 16]).to_string();
    let tenant = proof::TenantId([7; 16]).to_string();
    let known = "agencies = [\"SA-1\", \"ST-1\", \"SP-1\", \"SV-1\"]\nagreements = [\"AV-1\"]\n\
rules = [{ id = \"ACC-00001\", category = \"AccessRule\", duration = \"P25Y\" }]";
    let unknown = "agencies = [\"SA-1\", \"ST-1\"]\nagreements = []\nrules = []";
    write("tabellion.toml", &[(&tenant, known)]);
    write("other.toml", &[(&tenant, known), (&other, unknown)]);
    write("nobody.toml", &[]);
    for version in VERSIONS {
        let transfer = Transfer::new(version, 3, 1, 100);
        let mut bytes = Vec::new();
        transfer.archive(&transfer.bordereau()).read_to_end(&mut bytes).unwrap();
        fs::write(at("envoi.tar"), &bytes).unwrap();
        let held = |more: &[&str]| check(&at("envoi.tar"), more);
        // The file, or the directory it is in; the only tenant, or the one named.
        let tree = text("arbre.jsonl");
        for config in [text("tabellion.toml"), place.path().to_str().unwrap().to_owned()] {
            let output = held(&["--config", &config, "--units", &tree]);
            assert_eq!(told(&output), (Some(0), vec!["seda-not-controlled".to_owned()]), "{version}");
        }
        assert!(fs::read_to_string(&tree).unwrap().contains("\"fin\":\"2051-01-01\""));
        assert_eq!(held(&["--config", &text("other.toml"), "--tenant", &tenant]).status.code(), Some(0));
        let answers = text("reponses");
        let output = held(&["--config", &text("other.toml"), "--tenant", &other, "--replies", &answers]);
        let (exit, codes) = told(&output);
        assert_eq!(exit, Some(1), "{codes:?}");
        let reply = fs::read_to_string(Path::new(&answers).join("reponse.xml")).unwrap();
        for (code, outcome) in [
            ("seda-agency-unknown", "CHECK_HEADER.CHECK_AGENT.UNKNOWN.KO"),
            ("seda-agreement-unknown", "CHECK_HEADER.CHECK_CONTRACT_INGEST.CONTRACT_UNKNOWN.KO"),
            ("seda-rule-unknown", "UNITS_RULES_COMPUTE.UNKNOWN.KO"),
        ] {
            assert!(codes.contains(&code.to_owned()), "{code}: {codes:?}");
            assert!(reply.contains(&format!("[{code}]")) && reply.contains(outcome), "{reply}");
        }
        assert!(reply.contains("<ReplyCode>KO<") && reply.contains(&format!("seda:v{version}")));
        // Whose lists count is not guessed.
        for wrong in [
            &["--config", &text("other.toml")][..],
            &["--config", &text("nobody.toml")],
            &["--config", &text("other.toml"), "--tenant", "nobody"],
            &["--tenant", &tenant],
        ] {
            let output = held(wrong);
            assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), &b""[..]), "{wrong:?}");
        }
        assert_eq!(held(&["--config", &text("absent.toml")]).stdout, b"");
    }
}

/// RELAX NG: the comment says just this, the rest is free.
const PROFILE: &str = r#"<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="fr:gouv:culture:archivesdefrance:seda:v2.1">
<start><element name="ArchiveTransfer"><element name="Comment"><value>Transfert inventé</value></element><oneOrMore><ref name="any"/></oneOrMore></element></start>
<define name="any"><element><anyName/><zeroOrMore><choice><attribute><anyName/></attribute><text/><ref name="any"/></choice></zeroOrMore></element></define>
</grammar>"#;
/// XML Schema: the same.
const SCHEMA: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="fr:gouv:culture:archivesdefrance:seda:v2.1" elementFormDefault="qualified">
<xs:element name="ArchiveTransfer"><xs:complexType><xs:sequence>
<xs:element name="Comment"><xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="Transfert inventé"/></xs:restriction></xs:simpleType></xs:element>
<xs:any minOccurs="1" maxOccurs="unbounded" processContents="skip"/></xs:sequence></xs:complexType></xs:element></xs:schema>"#;

#[test]
fn a_transfer_is_held_against_the_file_of_the_profile_that_it_names() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    let tenant = proof::TenantId([7; 16]);
    for (name, bytes) in [("p.rng", PROFILE), ("p.xsd", SCHEMA), ("none.rng", "<grammar/>")] {
        fs::write(at(name), bytes).unwrap();
    }
    let transfer = Transfer::new("2.1", 3, 1, 100);
    let named = String::from_utf8(transfer.bordereau()).unwrap();
    let named = named.replace("<ManagementMetadata>", "<ManagementMetadata><ArchivalProfile>PR-1</ArchivalProfile>");
    let sent = |bordereau: &str| {
        let mut bytes = Vec::new();
        transfer.archive(bordereau.as_bytes()).read_to_end(&mut bytes).unwrap();
        fs::write(at("envoi.tar"), &bytes).unwrap();
    };
    let held = |line: &str, validator: &str| {
        let lists = format!("[seda]\n{validator}\n[[seda.tenants]]\ntenant = \"{tenant}\"\nprofiles = [{line}]\n");
        fs::write(at("tabellion.toml"), format!("origin = \"a.example/log\"\n{lists}")).unwrap();
        let answers = at("reponses");
        let more = ["--config", place.path().to_str().unwrap(), "--replies", answers.to_str().unwrap()];
        check(&at("envoi.tar"), &more)
    };
    let fact = |output: &Output| {
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()["facts"]["profil_controle"].clone()
    };
    let line = |file: &str| format!("{{ id = \"PR-1\", file = \"{file}\" }}");
    sent(&named);
    for file in ["p.rng", "p.xsd"] {
        let output = held(&line(file), "");
        assert_eq!(told(&output), (Some(0), vec!["seda-not-controlled".to_owned()]), "{file}");
        assert_eq!(fact(&output), "conforme", "{file}");
    }
    // Without a file, or before its day, nothing is said of it.
    assert!(fact(&held("\"PR-1\"", "")).is_null());
    for (file, validator) in [("none.rng", ""), ("p.rng", "validator = \"/nowhere/xmllint\"")] {
        let output = held(&line(file), validator);
        assert_eq!((told(&output).0, fact(&output)), (Some(4), "non appliqué".into()), "{file}");
        assert!(told(&output).1.contains(&"seda-profile-not-applied".to_owned()), "{file}");
    }
    sent(&named.replace("Transfert inventé", "Transfert\nautre"));
    for file in ["p.rng", "p.xsd"] {
        let output = held(&line(file), "");
        assert_eq!((told(&output).0, fact(&output)), (Some(1), "non conforme".into()), "{file}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("seda-profile-differs") && text.contains("PR-1") && text.contains("Comment"), "{text}");
        let reply = fs::read_to_string(at("reponses").join("reponse.xml")).unwrap();
        assert!(reply.contains("CHECK_HEADER.CHECK_ARCHIVEPROFILE.KO") && reply.contains("<ReplyCode>KO<"), "{reply}");
    }
    for wrong in ["{ id = \"PR-1\", file = \"absent.rng\" }", "{ id = \"PR-1\", file = \"tabellion.toml\" }"] {
        assert_eq!(held(wrong, "").status.code(), Some(1), "{wrong}");
    }
}
