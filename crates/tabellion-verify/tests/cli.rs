//! The real program, its exit codes and what it prints.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../service/src/layout.rs"]
mod layout;
#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../service/src/pack.rs"]
mod pack;
#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../service/src/recipe.rs"]
mod recipe;
#[allow(dead_code)]
#[rustfmt::skip]
#[path = "../../verifier/tests/packs/world.rs"]
mod world;
#[allow(dead_code)]
#[path = "../../seal/tests/seal/lists.rs"]
mod lists;
#[path = "cli/others.rs"]
mod others;

use std::path::PathBuf;
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use world::{SHOWN, World, plus};

const AT: &str = "2026-11-24T12:00:00Z";

struct Desk {
    dir: TempDir,
    world: World,
}

struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { dir: tempfile::tempdir().unwrap(), world: world::world() };
        desk.put("policy.json", desk.world.policy_json().to_string().as_bytes());
        desk.put("pack.asice", &desk.world.pack(SHOWN));
        desk
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn run_in(&self, locale: &[(&str, &str)], arguments: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tabellion-verify"));
        command.current_dir(self.dir.path()).args(arguments);
        for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
            command.env_remove(name);
        }
        let output = command.envs(locale.iter().copied()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }

    fn run(&self, arguments: &[&str]) -> Said {
        self.run_in(&[], arguments)
    }

    /// The JSON answer to the deposit of entry [`SHOWN`].
    fn answer(&self) -> Value {
        let of = &self.world.entries[SHOWN];
        let b64 = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
        let files: Vec<String> = of.files.iter().map(|(_, _, f)| b64(f)).collect();
        json!({"id": "x", "receipt": self.world.receipt(SHOWN), "records": {"R": b64(&of.record), "E": b64(&of.entry), "F": files}})
    }
}

#[test]
fn a_pack_is_judged_with_frozen_exit_codes() {
    let desk = Desk::new();
    let policy = ["--policy", "policy.json", "--at", AT];
    let judge = |name: &str, more: &[&str]| desk.run(&[&[name][..], &policy, more].concat());
    let honest = judge("pack.asice", &[]);
    assert_eq!(honest.code, 0, "{}{}", honest.out, honest.err);
    assert!(honest.out.starts_with("PASSED-TIMESTAMPED\n\nC'est bien le même contenu"), "{}", honest.out);
    assert_eq!(judge("pack.asice", &["--strict"]).code, 0);
    desk.put("unsealed.asice", &desk.world.unsealed(SHOWN));
    assert_eq!(judge("unsealed.asice", &[]).code, 4);
    let name = "files/001-délibération_n__1.pdf";
    desk.put("altered.asice", &world::with(&desk.world.pack(SHOWN), name, |b| b[0] ^= 1));
    let altered = judge("altered.asice", &[]);
    assert_eq!(altered.code, 1);
    assert!(altered.out.starts_with("FAILED (file-altered)") && altered.out.contains(name), "{}", altered.out);
    desk.put("fewer.asice", &world::without(&desk.world.pack(SHOWN), "files/002"));
    assert_eq!((judge("fewer.asice", &[]).code, judge("fewer.asice", &["--strict"]).code), (0, 4));
    desk.put("garbage.asice", b"garbage");
    assert_eq!(judge("garbage.asice", &[]).code, 5);
    assert_eq!(judge("absent.asice", &[]).code, 5);
    assert_eq!(desk.run(&["pack.asice", "--policy", "absent.json", "--at", AT]).code, 2);
    assert_eq!(desk.run(&["pack.asice", "--at", AT]).code, 3);
    let mut other = desk.world.policy_json();
    other["log"]["origin"] = json!("autre.exemple.fr");
    desk.put("other.json", other.to_string().as_bytes());
    assert_eq!(desk.run(&["pack.asice", "--policy", "other.json", "--at", AT]).code, 6);
}

#[test]
fn what_is_asked_wrongly_is_said_and_exits_two() {
    let desk = Desk::new();
    desk.put("bad.json", b"{}");
    for arguments in [
        &[][..],
        &["--nonsense"],
        &["pack.asice", "--policy", "bad.json"],
        &["pack.asice", "--policy", "policy.json", "--at", "hier"],
        &["register", "pack.asice", "--policy", "policy.json", "--record", "R.json"],
        &["vitam"],
        &["receipt", "pack.asice.txt"],
    ] {
        if arguments.first() == Some(&"receipt") {
            desk.put("pack.asice.txt", b"text");
        }
        let said = desk.run(arguments);
        assert_eq!(said.code, 2, "{arguments:?}: {}{}", said.out, said.err);
        assert!(!said.err.is_empty() && said.out.is_empty());
    }
}

#[test]
fn a_policy_with_a_name_twice_is_refused_wherever_it_stands() {
    let desk = Desk::new();
    let honest = desk.world.policy_json().to_string();
    let judge = |text: &str| {
        desk.put("twice.json", text.as_bytes());
        desk.run(&["pack.asice", "--policy", "twice.json", "--at", AT]).code
    };
    assert_eq!(judge(&honest), 0);
    assert_eq!(
        judge(&honest.replacen('{', r#"{"no\\te":"a\":b\\","x:y":[{"z":1}],"#, 1)),
        0,
        "colons and quotes inside strings"
    );
    for (from, to) in [
        ("\"version\":1", "\"version\":1,\"version\":1"),
        ("\"until\":null", "\"until\":\"2020-01-01T00:00:00Z\",\"until\":null"),
        ("\"compromised\":null", "\"compromised\":\"2020-01-01T00:00:00Z\",\"c\\u006fmpromised\":null"),
        ("\"sha256\":null", "\"sha256\":\"2020-01-01T00:00:00Z\",\"sha256\":null"),
    ] {
        let twice = honest.replacen(from, to, 1);
        assert_ne!(twice, honest, "{from}");
        assert_eq!(judge(&twice), 2, "{to}");
    }
}

#[test]
fn french_first_english_by_locale_or_request() {
    let desk = Desk::new();
    let arguments = ["pack.asice", "--policy", "policy.json", "--at", AT];
    let french = |said: Said| said.out.contains("C'est bien");
    assert!(french(desk.run(&arguments)));
    assert!(french(desk.run_in(&[("LANG", "C.UTF-8")], &arguments)));
    assert!(!french(desk.run_in(&[("LANG", "en_GB.UTF-8")], &arguments)));
    assert!(french(desk.run_in(&[("LANG", "en_GB.UTF-8"), ("LC_ALL", "fr_FR.UTF-8")], &arguments)));
    assert!(!french(desk.run_in(&[("LC_MESSAGES", "en_US"), ("LANG", "fr_FR")], &arguments)));
    assert!(french(desk.run_in(&[("LC_ALL", "en_GB")], &[&arguments[..], &["--lang", "fr"]].concat())));
}

#[test]
fn the_json_form_says_the_same() {
    let desk = Desk::new();
    desk.put("fewer.asice", &world::without(&desk.world.pack(SHOWN), "files/002"));
    let said = desk.run(&["fewer.asice", "--policy", "policy.json", "--at", AT, "--format", "json", "--strict"]);
    let json: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((said.code, &json["exit_code"], &json["verdict"]), (4, &json!(4), &json!("PASSED-TIMESTAMPED")));
    assert_eq!(json["sentences"].as_array().unwrap().len(), 3);
    assert_eq!(json["subject"]["index"], json!(SHOWN));
    assert_eq!(json["time"]["qualified"], json!(false));
}

/// The desk with trusted lists of these services, and the anchor of their signers.
fn with_lists(services: impl Fn(&World) -> Vec<lists::Told>) -> (Desk, lists::Lists) {
    let (desk, lists) = (Desk::new(), lists::Lists::new());
    for (name, bytes) in lists.of(&services(&desk.world)) {
        desk.put(&name, &bytes);
    }
    desk.put("anchor.pem", seal::der_to_pem(&lists.anchor.der).as_bytes());
    (desk, lists)
}

const LISTS: [&str; 5] = ["--trusted-list", "lotl.xml", "fr.xml", "--lotl-anchor", "anchor.pem"];

#[test]
fn lists_from_outside_make_a_verdict_qualified_and_name_their_anchor() {
    let (desk, lists) = with_lists(|world| vec![lists::Told::granted(world.authority.tsa_der())]);
    let pack = [&["pack.asice", "--policy", "policy.json", "--at", AT][..], &LISTS].concat();
    let said = desk.run(&[&pack[..], &["--strict"]].concat());
    assert!(said.code == 0 && said.out.starts_with("PASSED-QUALIFIED\n"), "{}{}", said.out, said.err);
    let anchor = proof::sha256(&lists.anchor.der).to_string();
    assert!(said.out.contains(&format!("lotl-signer          SHA-256 {anchor}")), "{}", said.out);
    let json: Value = serde_json::from_str(&desk.run(&[&pack[..], &["--format", "json"]].concat()).out).unwrap();
    assert_eq!((&json["verdict"], &json["time"]["qualified"]), (&json!("PASSED-QUALIFIED"), &json!(true)));
    assert!(json["anchors"].as_array().unwrap().contains(&json!({"kind": "lotl-signer", "sha256": anchor})));
    // A token alone.
    desk.put("token.tst", &desk.world.batch.token);
    desk.put("ca.pem", desk.world.authority.ca_pem().as_bytes());
    let imprint = seal::Token::parse(&desk.world.batch.token).unwrap().imprint().digest.to_vec();
    let digest = format!("sha256:{}", imprint.iter().map(|b| format!("{b:02x}")).collect::<String>());
    let token = ["timestamp", "token.tst", "--digest", &digest, "--trust", "ca.pem", "--at", AT];
    assert!(desk.run(&token).out.starts_with("PASSED-TIMESTAMPED\n"));
    let said = desk.run(&[&token[..], &LISTS].concat());
    assert!(said.code == 0 && said.out.starts_with("PASSED-QUALIFIED\n"), "{}{}", said.out, said.err);
}

#[test]
fn lists_that_do_not_show_it_are_a_warning_and_lists_asked_wrongly_are_refused() {
    let (desk, _) = with_lists(|_| Vec::new());
    let pack = [&["pack.asice", "--policy", "policy.json", "--at", AT][..], &LISTS].concat();
    let said = desk.run(&pack);
    assert!(said.code == 0 && said.out.starts_with("PASSED-TIMESTAMPED\n"), "{}{}", said.out, said.err);
    assert!(said.out.contains("ne montrent pas qualifiée"), "{}", said.out);
    assert_eq!(desk.run(&[&pack[..], &["--strict"]].concat()).code, 4);
    desk.put("record.ers", b"x");
    for arguments in [
        &["pack.asice", "--policy", "policy.json", "--trusted-list", "lotl.xml", "fr.xml"][..],
        &[&["pack.asice"][..], &LISTS].concat(),
        &[&["pack.asice", "--trust", "anchor.pem"][..], &LISTS].concat(),
        &[&["evidence-record", "record.ers", "--data", "lotl.xml"][..], &LISTS].concat(),
        &[&["vitam", "pack.asice"][..], &LISTS].concat(),
        // A pack may bring lists along, a token does not.
        &["timestamp", "record.ers", "--data", "lotl.xml", "--lotl-anchor", "anchor.pem"],
    ] {
        let said = desk.run(arguments);
        assert_eq!(said.code, 2, "{arguments:?}: {}{}", said.out, said.err);
    }
}

/// A pack of this desk with its lists inside.
fn bringing(desk: &Desk, lists: &[(String, Vec<u8>)]) -> Vec<u8> {
    let add = |pack: Vec<u8>, (name, bytes): &(String, Vec<u8>)| {
        plus(&pack, &format!("META-INF/tabellion/validation/lists/{name}"), bytes)
    };
    lists.iter().fold(desk.world.pack(SHOWN), add)
}

#[test]
fn lists_in_the_pack_and_an_anchor_from_outside_are_enough_and_the_newest_counts() {
    let (desk, lists) = with_lists(|_| Vec::new());
    let told = [lists::Told::granted(desk.world.authority.tsa_der())];
    let mut brought = lists.of(&told);
    desk.put("bringing.asice", &bringing(&desk, &brought));
    let bare = ["bringing.asice", "--policy", "policy.json", "--at", AT, "--lang", "en"];
    let anchored = [&bare[..], &["--lotl-anchor", "anchor.pem"]].concat();
    let said = desk.run(&anchored);
    assert!(said.code == 0 && said.out.starts_with("PASSED-QUALIFIED\n"), "{}{}", said.out, said.err);
    assert!(said.out.contains("is of before the token"), "{}", said.out);
    assert_eq!(desk.run(&[&anchored[..], &["--strict"]].concat()).code, 4);
    assert!(said.out.contains("[META-INF/tabellion/validation/lists/fr.xml]"), "{}", said.out);
    assert!(said.out.contains(&proof::sha256(&lists.anchor.der).to_string()), "{}", said.out);
    let said = desk.run(&[&bare[..], &["--strict"]].concat());
    assert!(said.code == 0 && said.out.starts_with("PASSED-TIMESTAMPED\n"), "{}{}", said.out, said.err);
    assert!(said.out.contains("says nothing without the anchor"), "{}", said.out);
    // Those given beside it are of the same number: whichever is newer counts, and which one is said.
    for (number, verdict, used) in [(8, "PASSED-TIMESTAMPED\n", "[fr.xml]"), (6, "PASSED-QUALIFIED\n", "lists/fr.xml]")]
    {
        let given = lists::national("FR", &[]).replace("Number>7<", &format!("Number>{number}<"));
        desk.put("fr.xml", &lists::signed(&given, &lists.signer));
        let said = desk.run(&[&anchored[..], &["--trusted-list", "fr.xml"]].concat());
        assert!(said.out.starts_with(verdict), "{number}: {}{}", said.out, said.err);
        let believed = said.out.lines().find(|line| line.contains("signed by whom") && line.contains("FR,"));
        assert!(believed.is_some_and(|line| line.ends_with(used)), "{number}: {}", said.out);
        assert!(said.out.contains("A newer list of the same territory is there"), "{}", said.out);
    }
    let desk_pack =
        ["pack.asice", "--policy", "policy.json", "--at", AT, "--lang", "en", "--lotl-anchor", "anchor.pem"];
    let said = desk.run(&desk_pack);
    assert!(said.code == 0 && said.out.contains("and no list"), "{}{}", said.out, said.err);
    // A byte of a list inside, and it says nothing.
    let place = brought[1].1.windows(9).position(|bytes| bytes == b">Provider").unwrap() + 1;
    brought[1].1[place] ^= 0x20;
    desk.put("bringing.asice", &bringing(&desk, &brought));
    let said = desk.run(&anchored);
    assert!(said.code == 0 && said.out.starts_with("PASSED-TIMESTAMPED\n"), "{}{}", said.out, said.err);
    assert!(said.out.contains("was altered since it was signed"), "{}", said.out);
}

#[test]
fn a_receipt_is_judged_from_files_or_from_the_whole_answer() {
    let desk = Desk::new();
    let of = &desk.world.entries[SHOWN];
    desk.put("receipt", desk.world.receipt(SHOWN).as_bytes());
    desk.put("unit/R.json", &of.record);
    desk.put("answer.json", desk.answer().to_string().as_bytes());
    desk.put("act.pdf", &of.files[0].1);
    desk.put("forged.pdf", b"forged");
    let judge = |more: &[&str]| desk.run(&[&["receipt"][..], more, &["--policy", "policy.json", "--at", AT]].concat());
    let bare = ["receipt", "--record", "unit/R.json"];
    assert_eq!(judge(&bare).code, 4);
    assert_eq!(judge(&["answer.json"]).code, 4);
    assert_eq!(judge(&["receipt", "--record", "answer.json"]).code, 4);
    assert_eq!(judge(&["answer.json", "--record", "answer.json", "--data", "act.pdf"]).code, 4);
    let forged = judge(&["answer.json", "--data", "act.pdf", "forged.pdf"]);
    assert_eq!(forged.code, 1, "{}", forged.out);
    assert!(forged.out.contains("forged.pdf"));
    assert_eq!(judge(&[&bare[..], &["--data", "act.pdf"]].concat()).code, 3, "nothing ties the file to the record");
    desk.put("unit/E.json", &of.entry);
    for (at, (_, _, f)) in of.files.iter().enumerate() {
        desk.put(&format!("unit/F/{:03}.json", at + 1), f);
    }
    let beside = judge(&[&bare[..], &["--data", "act.pdf"]].concat());
    assert_eq!(beside.code, 4, "{}", beside.out);
    let named = ["receipt", "--record", "answer.json", "--entry", "unit/E.json", "--file-record", "unit/F/001.json"];
    let named = [&named[..], &["unit/F/002.json", "--data", "forged.pdf"]].concat();
    assert_eq!(judge(&named).code, 1);
    desk.put("other.json", &desk.world.entries[3].record);
    assert_eq!(judge(&["receipt", "--record", "other.json"]).code, 1);
}

#[test]
fn single_pieces_are_judged_by_given_roots() {
    let desk = Desk::new();
    let of = &desk.world.entries[SHOWN];
    desk.put("trust/ca.pem", desk.world.authority.ca_pem().as_bytes());
    desk.put("trust/lisezmoi.txt", b"not a certificate");
    desk.put("none/x.txt", b"");
    desk.put("act.pdf", &of.files[0].1);
    desk.put("F.json", &of.files[0].2);
    let record = world::member(&desk.world.pack(SHOWN), "META-INF/evidencerecord002.ers");
    desk.put("record.ers", &record);
    desk.put("token.tst", &desk.world.token(proof::sha256(&of.files[0].1).0, world::SEALED));
    let run = |arguments: &[&str]| desk.run(&[arguments, &["--at", AT]].concat()).code;
    assert_eq!(run(&["timestamp", "token.tst", "--data", "act.pdf", "--trust", "trust"]), 0);
    assert_eq!(run(&["timestamp", "token.tst", "--data", "act.pdf", "--trust", "trust/ca.pem"]), 0);
    assert_eq!(run(&["timestamp", "token.tst", "--data", "F.json", "--trust", "trust"]), 1);
    assert_eq!(run(&["timestamp", "token.tst", "--data", "act.pdf", "--trust", "none"]), 3);
    assert_eq!(run(&["timestamp", "act.pdf", "--data", "act.pdf", "--trust", "trust"]), 5);
    assert_eq!(run(&["evidence-record", "record.ers", "--data", "act.pdf", "F.json", "--trust", "trust"]), 0);
    assert_eq!(run(&["evidence-record", "record.ers", "--data", "token.tst", "--trust", "trust"]), 1);
    let digest = format!("SHA-256:{}", proof::sha256(&of.files[0].1));
    assert_eq!(run(&["evidence-record", "record.ers", "--digest", &digest, "--trust", "trust"]), 0);
    let other = format!("sha512:{}", proof::sha512(&of.files[0].1));
    assert_eq!(run(&["evidence-record", "record.ers", "--digest", &other, "--trust", "trust"]), 3);
    assert_eq!(run(&["evidence-record", "record.ers", "--digest", "x", "--trust", "trust"]), 2);
}

/// A token over an imprint of another algorithm than SHA-256, as the test authority answers any client.
fn token_over(desk: &Desk, algorithm: u8, digest: &[u8]) -> Vec<u8> {
    let imprint =
        [&[0x30, digest.len() as u8 + 17, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, algorithm, 5, 0][..]];
    let imprint = [imprint[0], &[4, digest.len() as u8], digest].concat();
    let request = [&[0x30, imprint.len() as u8 + 6, 2, 1, 1][..], &imprint, &[1, 1, 0xff]].concat();
    let now = seal::UnixMillis(i64::try_from(world::SEALED.0).unwrap());
    let answer = desk.world.authority.answer(&request, now, 9, &ring::rand::SystemRandom::new());
    seal::parse_response(&answer).unwrap().as_der().to_vec()
}

#[test]
fn a_token_over_another_digest_than_sha256_is_judged_like_any() {
    let desk = Desk::new();
    desk.put("ca.pem", desk.world.authority.ca_pem().as_bytes());
    desk.put("act.pdf", b"act");
    desk.put("other.pdf", b"other");
    let long = proof::sha512(b"act");
    desk.put("sha512.tst", &token_over(&desk, 3, long.as_ref()));
    desk.put("sha384.tst", &token_over(&desk, 2, &seal::DigestAlgorithm::Sha384.digest(b"act")));
    let judge =
        |token: &str, data: &str| desk.run(&["timestamp", token, "--data", data, "--trust", "ca.pem", "--at", AT]);
    for token in ["sha512.tst", "sha384.tst"] {
        assert_eq!(judge(token, "act.pdf").code, 0, "{}", judge(token, "act.pdf").out);
        assert_eq!(judge(token, "other.pdf").code, 1, "{}", judge(token, "other.pdf").out);
    }
}

#[test]
fn a_token_is_judged_in_every_dress_and_each_rule_has_its_line() {
    let desk = Desk::new();
    desk.put("ca.pem", desk.world.authority.ca_pem().as_bytes());
    desk.put("act.pdf", b"act");
    let imprint = proof::sha256(b"act");
    let token = desk.world.token(imprint.0, world::SEALED);
    desk.put("token.tst", &token);
    let text = BASE64_STANDARD.encode(&token);
    desk.put("token.pem", format!("-----BEGIN PKCS7-----\n{text}\n-----END PKCS7-----\n").as_bytes());
    let length = (token.len() + 5).to_be_bytes();
    let answer = [&[0x30, 0x82, length[6], length[7], 0x30, 3, 2, 1, 0][..], &token].concat();
    desk.put("token.tsr", &answer);
    desk.put("refused.tsr", &[0x30, 5, 0x30, 3, 2, 1, 2]);
    let (digest, other) = (format!("sha256:{imprint}"), format!("sha512:{}", proof::sha512(b"act")));
    let run = |arguments: &[&str]| desk.run(&[&["timestamp"], arguments, &["--at", AT, "--format", "json"]].concat());
    let reason = |said: &Said| serde_json::from_str::<Value>(&said.out).unwrap()["reason"].clone();
    for name in ["token.tst", "token.pem", "token.tsr"] {
        let said = run(&[name, "--data", "act.pdf", "--trust", "ca.pem"]);
        assert_eq!(said.code, 0, "{name}: {}{}", said.out, said.err);
        let json: Value = serde_json::from_str(&said.out).unwrap();
        let codes: Vec<&str> =
            json["findings"].as_array().unwrap().iter().filter_map(|line| line["code"].as_str()).collect();
        for code in [
            "same-as-stamped",
            "token-signed",
            "token-attributes",
            "token-names-signer",
            "token-purpose",
            "token-root",
            "token-time",
            "revocation-unknown",
            "algorithms-sound",
            "stamped",
        ] {
            assert!(codes.contains(&code), "{code}: {codes:?}");
        }
    }
    assert_eq!(run(&["token.tst", "--digest", &digest, "--trust", "ca.pem"]).code, 0);
    let uncompared = run(&["token.tst", "--digest", &other, "--trust", "ca.pem"]);
    assert_eq!((uncompared.code, reason(&uncompared)), (3, json!("imprint-not-compared")));
    let trustless = run(&["token.tst", "--data", "act.pdf"]);
    assert_eq!((trustless.code, reason(&trustless)), (3, json!("no-trust-anchor")));
    let refused = run(&["refused.tsr", "--data", "act.pdf", "--trust", "ca.pem"]);
    assert_eq!((refused.code, reason(&refused)), (3, json!("token-refused")));
    // Nothing tells whether the certificate is revoked: who wants no reservation has none.
    assert_eq!(run(&["token.tst", "--data", "act.pdf", "--trust", "ca.pem", "--strict"]).code, 4);
    assert_eq!(run(&["token.tst", "--trust", "ca.pem"]).code, 2);
    assert_eq!(run(&["token.tst", "--data", "act.pdf", "--digest", &digest, "--trust", "ca.pem"]).code, 2);
    let shown = desk.run(&["inspect", "token.tsr"]);
    assert!(shown.out.contains("TimeStampToken") && shown.out.contains("accuracy 1000 ms"), "{}", shown.out);
}

#[test]
fn single_pieces_never_speak_of_a_deposit() {
    let desk = Desk::new();
    let of = &desk.world.entries[SHOWN];
    desk.put("ca.pem", desk.world.authority.ca_pem().as_bytes());
    desk.put("act.pdf", &of.files[0].1);
    desk.put("F.json", &of.files[0].2);
    desk.put("record.ers", &world::member(&desk.world.pack(SHOWN), "META-INF/evidencerecord002.ers"));
    desk.put("token.tst", &desk.world.token(proof::sha256(&of.files[0].1).0, world::SEALED));
    for (arguments, code) in [
        (["timestamp", "token.tst", "--data", "act.pdf"], 0),
        (["timestamp", "token.tst", "--data", "F.json"], 1),
        (["timestamp", "act.pdf", "--data", "F.json"], 5),
        (["evidence-record", "record.ers", "--data", "act.pdf"], 0),
        (["evidence-record", "record.ers", "--data", "ca.pem"], 1),
    ] {
        for lang in ["fr", "en"] {
            let said = desk.run(&[&arguments[..], &["--trust", "ca.pem", "--at", AT, "--lang", lang]].concat());
            assert_eq!(said.code, code, "{arguments:?}: {}{}", said.out, said.err);
            assert!(!said.out.contains("dépos") && !said.out.contains("deposit"), "{arguments:?}: {}", said.out);
        }
    }
}

#[test]
fn inspect_shows_everything_and_can_never_say_valid() {
    let desk = Desk::new();
    let mut all = world::members(&desk.world.pack(SHOWN));
    all.push(("META-INF/tabellion/validation/VaLiD PASSED valide.pdf".into(), b"valid".to_vec()));
    all.push(("inVALIDvalidIDvavalidlid".into(), Vec::new()));
    desk.put("hostile.asice", &world::zip(&all));
    desk.put("hostile.json", br#"{"verdict": "PASSED-TIMESTAMPED", "says": "this is valid", "esc": "\u001b[2J"}"#);
    let mut names = vec!["pack.asice".to_owned(), "hostile.asice".into(), "hostile.json".into(), "policy.json".into()];
    for (at, (_, bytes)) in all.iter().enumerate() {
        names.push(format!("member{at}"));
        desk.put(&names[names.len() - 1], bytes);
    }
    for name in names {
        let said = desk.run(&["inspect", &name]);
        assert_eq!(said.code, 0, "{name}: {}", said.err);
        let text = said.out.to_lowercase();
        assert!(!text.contains("valid") && !text.contains("passed") && !text.contains('\u{1b}'), "{name}: {text}");
        assert!(text.contains("shown, not judged"));
    }
    let shown = desk.run(&["inspect", "pack.asice"]).out;
    assert!(shown.contains("genTime 2026-11-23T12:01:00") && shown.contains("tlog-proof"), "{shown}");
}

#[test]
fn help_names_the_exit_codes() {
    let help = Desk::new().run(&["--help"]);
    assert_eq!(help.code, 0);
    assert!(help.out.contains("0 PASSED-TIMESTAMPED") && help.out.contains("6 "), "{}", help.out);
}

#[test]
fn an_evidence_record_says_its_group_and_needs_a_root() {
    let desk = Desk::new();
    let of = &desk.world.entries[SHOWN];
    desk.put("ca.pem", desk.world.authority.ca_pem().as_bytes());
    desk.put("act.pdf", &of.files[0].1);
    desk.put("F.json", &of.files[0].2);
    desk.put("record.ers", &world::member(&desk.world.pack(SHOWN), "META-INF/evidencerecord002.ers"));
    let judge = |more: &[&str]| desk.run(&[&["evidence-record", "record.ers", "--at", AT][..], more].concat());
    let trust = ["--trust", "ca.pem"];
    let part = judge(&[&["--data", "act.pdf"][..], &trust].concat());
    assert_eq!(part.code, 0, "{}", part.out);
    assert!(part.out.starts_with("PASSED-TIMESTAMPED\n\nC'est bien le contenu"), "{}", part.out);
    assert!(part.out.contains("une partie d'un groupe (1/2)"), "{}", part.out);
    let whole = judge(&[&["--data", "act.pdf", "F.json"][..], &trust].concat());
    assert_eq!(whole.code, 0);
    assert!(whole.out.contains("tout le groupe que couvre l'enregistrement (2)"), "{}", whole.out);

    let rootless = judge(&["--data", "act.pdf", "--format", "json"]);
    assert_eq!(rootless.code, 3, "{}{}", rootless.out, rootless.err);
    let json: Value = serde_json::from_str(&rootless.out).unwrap();
    assert_eq!((&json["verdict"], &json["reason"]), (&json!("INDETERMINATE"), &json!("no-trust-anchor")));
    let lines = json["findings"].as_array().unwrap();
    let says = |code: &str, name: &str| lines.iter().any(|l| l["code"] == code && l["name"] == name);
    assert!(
        says("no-trust-anchor", "timestamp") && says("data-covered", "files") && says("tree-leads", "evidence-record")
    );

    // A digest of each algorithm is of the same document, a second one of the first algorithm of another.
    let sha256 = |bytes: &[u8]| format!("sha256:{}", proof::sha256(bytes));
    let (act, f) = (sha256(&of.files[0].1), sha256(&of.files[0].2));
    let long = format!("sha512:{}", proof::sha512(&of.files[0].1));
    let both = judge(&[&["--digest", &act, &f, &long][..], &trust].concat());
    assert!(both.code == 0 && both.out.contains("(2)"), "{}", both.out);
    assert_eq!(judge(&[&["--digest", &act, &long][..], &trust].concat()).code, 0);
    assert_eq!(judge(&[&["--digest", "md5:00"][..], &trust].concat()).code, 2);
    assert_eq!(judge(&[&["--digest", &act[..20]][..], &trust].concat()).code, 2);
    assert_eq!(judge(&trust).code, 2, "nothing to compare");
    let unreadable = desk.run(&["evidence-record", "act.pdf", "--data", "act.pdf", "--trust", "ca.pem"]);
    assert_eq!(unreadable.code, 5);
}

/// A container of another house: two files under one record, their manifest, and what `change` makes of the members.
fn foreign(desk: &Desk, change: impl FnOnce(&mut Vec<(String, Vec<u8>)>)) -> Vec<u8> {
    let mut members = foreign_members(desk);
    change(&mut members);
    world::zip(&members)
}

fn foreign_members(desk: &Desk) -> Vec<(String, Vec<u8>)> {
    let files = [("acte.pdf", &b"acte"[..]), ("annexe 1.txt", b"annexe")];
    let hash = |bytes: &[u8]| proof::sha256(bytes).0;
    let root = seal::group_hash(&hash(files[0].1), &hash(files[1].1));
    let record = seal::write_evidence_record(files.map(|(_, b)| hash(b)), &[], &desk.world.token(root, world::SEALED));
    let objects = files.map(|(name, bytes)| (name.to_owned(), "application/pdf".to_owned(), hash(bytes)));
    let mut members: Vec<(String, Vec<u8>)> = files.map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).to_vec();
    members.push(("META-INF/evidencerecord-x.ers".into(), record));
    let manifest = seal::write_manifest("META-INF/evidencerecord-x.ers", &objects);
    members.push(("META-INF/ASiCEvidenceRecordManifest-1.xml".into(), manifest));
    members
}

#[test]
fn a_container_of_others_is_judged_by_its_records_file_by_file() {
    let desk = Desk::new();
    desk.put("ca.pem", desk.world.authority.ca_pem().as_bytes());
    let judge = |bytes: &[u8], more: &[&str]| {
        desk.put("x.asice", bytes);
        let said = desk.run(&[&["x.asice", "--at", AT, "--format", "json"][..], more].concat());
        let json: Value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}{}", said.out, said.err));
        (said.code, json["reason"].as_str().unwrap_or_default().to_owned(), json)
    };
    let trust = ["--trust", "ca.pem"];
    let (code, reason, json) = judge(&foreign(&desk, |_| ()), &trust);
    assert_eq!((code, reason.as_str()), (0, ""), "{json:#}");
    let covered = json["findings"].as_array().unwrap().iter().filter(|line| line["code"] == "data-covered");
    assert_eq!(covered.count(), 2);
    assert_eq!(json["time"]["not_after"], "2026-11-23T12:01:01.000Z");
    let (code, reason, _) = judge(&foreign(&desk, |_| ()), &[]);
    assert_eq!((code, reason.as_str()), (3, "no-trust-anchor"));

    let set = |at: usize, bytes: &'static [u8]| move |m: &mut Vec<(String, Vec<u8>)>| m[at].1 = bytes.to_vec();
    let without = |at: usize| move |m: &mut Vec<(String, Vec<u8>)>| drop(m.remove(at));
    let ends = |bytes: &[u8]| {
        let (code, reason, json) = judge(bytes, &trust);
        assert_ne!(code, 0, "{json:#}");
        (code, reason)
    };
    let expected = |code, reason: &str| (code, reason.to_owned());
    let (code, reason, json) = judge(&foreign(&desk, set(0, b"Acte")), &trust);
    assert_eq!((code, reason.as_str()), (1, "manifest-digest-differs"));
    assert!(json["findings"].as_array().unwrap().iter().any(|line| line["code"] == "data-not-covered"), "{json:#}");
    assert_eq!(ends(&foreign(&desk, without(1))), expected(1, "manifest-object-missing"));
    assert_eq!(ends(&foreign(&desk, without(2))), expected(1, "record-missing"));
    assert_eq!(ends(&foreign(&desk, set(2, b"0"))), expected(1, "record-malformed-here"));
    assert_eq!(ends(&foreign(&desk, set(3, b"<a/>"))), expected(1, "manifest-malformed"));
    let doctype = set(3, b"<!DOCTYPE a [<!ENTITY e SYSTEM 'http://x/'>]><a>&e;</a>");
    assert_eq!(ends(&foreign(&desk, doctype)), expected(1, "manifest-malformed"));
    assert_eq!(ends(&foreign(&desk, without(3))), expected(3, "member-not-covered"));
    let added = |m: &mut Vec<(String, Vec<u8>)>| m.push(("ajout.txt".into(), b"x".to_vec()));
    assert_eq!(ends(&foreign(&desk, added)), expected(3, "member-not-covered"));
    // The record holds, the manifest lies about one digest.
    let lie = |m: &mut Vec<(String, Vec<u8>)>| {
        let text = String::from_utf8(m[3].1.clone()).unwrap();
        let digest = BASE64_STANDARD.encode(proof::sha256(b"acte").0);
        m[3].1 = text.replace(&digest, &BASE64_STANDARD.encode([0; 32])).into_bytes();
    };
    assert_eq!(ends(&foreign(&desk, lie)), expected(1, "manifest-digest-differs"));
    let unknown = |m: &mut Vec<(String, Vec<u8>)>| {
        m[3].1 = String::from_utf8(m[3].1.clone()).unwrap().replacen("xmlenc#sha256", "xmlenc#other", 1).into_bytes();
    };
    assert_eq!(ends(&foreign(&desk, unknown)), expected(3, "manifest-digest-unknown"));
    let beside = |m: &mut Vec<(String, Vec<u8>)>| m.push(("META-INF/signatures.p7s".into(), b"x".to_vec()));
    assert_eq!(judge(&foreign(&desk, beside), &trust).0, 0, "what lies under META-INF is named, no file is left out");
}

#[test]
fn the_one_file_of_an_asic_s_needs_no_manifest() {
    let desk = Desk::new();
    desk.put("ca.pem", desk.world.authority.ca_pem().as_bytes());
    let simple = |change: fn(&mut Vec<(String, Vec<u8>)>)| {
        let (a, b) = (proof::sha256(b"acte").0, proof::sha256(b"ailleurs").0);
        let token = desk.world.token(seal::group_hash(&a, &b), world::SEALED);
        let record = seal::write_evidence_record([a, b], &[], &token);
        let mut members = vec![("acte.pdf".into(), b"acte".to_vec()), ("META-INF/evidencerecord.ers".into(), record)];
        change(&mut members);
        let mut bytes = world::zip(&members);
        let at = bytes.windows(10).position(|window| window == b"asic-e+zip").unwrap();
        bytes[at..at + 10].copy_from_slice(b"asic-s+zip");
        // Its checksum, in both headers.
        for at in 0..bytes.len() - 4 {
            if bytes[at..].starts_with(&0x45f9_218a_u32.to_le_bytes()) {
                bytes[at..at + 4].copy_from_slice(&0xaa59_43a8_u32.to_le_bytes());
            }
        }
        desk.put("x.asics", &bytes);
        desk.run(&["x.asics", "--trust", "ca.pem", "--at", AT])
    };
    let said = simple(|_| ());
    assert!(said.code == 0 && said.out.contains("conteneur ASiC-S"), "{}{}", said.out, said.err);
    assert_eq!(simple(|m| m[0].1.push(0)).code, 1);
    assert_eq!(simple(|m| m.push(("b".into(), b"b".to_vec()))).code, 3, "two objects, and nothing says which");
}

#[test]
fn our_own_packs_are_containers_like_others_too() {
    let desk = Desk::new();
    desk.put("ca.pem", desk.world.authority.ca_pem().as_bytes());
    let said = desk.run(&["pack.asice", "--trust", "ca.pem", "--at", AT]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("Seule s'en porte garante l'autorité"), "no log vouches: {}", said.out);
    let both = desk.run(&["pack.asice", "--trust", "ca.pem", "--policy", "policy.json", "--at", AT]);
    assert_eq!(both.code, 2, "one or the other");
    // Whoever pins a log is told nothing good of a container without one.
    desk.put("x.asice", &foreign(&desk, |_| ()));
    assert_eq!(desk.run(&["x.asice", "--policy", "policy.json", "--at", AT]).code, 3);
}
