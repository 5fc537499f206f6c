//! Renewal of time-stamps: one token over those of all batches, in every pack from then on.

use crate::authority::{Liar, Lie, journal, liar_since, trust_in_order};
use crate::house::{Client, House, now};
use base64::prelude::{BASE64_STANDARD, Engine};
use proof::UnixMillis;
use serde_json::{Value, json};
use verifier::{Overall, Verdict};

const YEAR: u64 = 31_557_600_000;
const ASKED: &str = "{\"of\":\"timestamps\"}";

/// A house that asks an authority whose certificate ends in a month, then a new one; and a tenant of it.
fn house() -> (House, Liar, Liar, Client) {
    let mut house = House::new();
    let (old, new) = (liar_since((10 * YEAR - YEAR / 12) as i64), liar_since(0));
    house.stop();
    trust_in_order(&house, &[&old, &new]);
    house.start();
    let (_, client) = house.tenant(0);
    (house, old, new, client)
}

/// A deposit of two files' worth of groups: where its pack is.
fn deposit(client: &Client, name: &str) -> String {
    let body = client.deposit(name, name.as_bytes(), &[]).expect(201).json();
    body["links"]["evidence"].as_str().unwrap().to_owned()
}

fn pack(client: &Client, path: &str) -> Vec<u8> {
    client.get(path).expect(200).bytes
}

fn judged_in(house: &House, pack: &[u8], years: u64) -> Verdict {
    verifier::verify_pack(pack, Some(&house.policy()), UnixMillis(now().0 + years * YEAR))
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.findings.iter().map(|line| line.code).collect()
}

#[test]
fn one_token_renews_all_that_was_sealed_and_no_more_is_changed() {
    let (house, old, _new, client) = house();
    let mut paths = Vec::new();
    for batch in 0..3 {
        paths.extend((0..=batch).map(|n| deposit(&client, &format!("{batch}-{n}.txt"))));
        client.post("/v1/seals", "").expect(200);
    }
    let before: Vec<_> = paths.iter().map(|path| pack(&client, path)).collect();
    // What waits is sealed first.
    *old.lie.lock().unwrap() = Lie::Status500;
    paths.push(deposit(&client, "last.txt"));
    let answer = house.admin().post("/v1/renewals", ASKED).expect(200).json();
    assert_eq!((&answer["status"], answer["renewals"].as_array().unwrap().len()), (&"renewed".into(), 1));
    let renewed = &answer["renewals"][0];
    assert_eq!((&renewed["renewal"], &renewed["batches"]), (&0.into(), &4.into()));

    for (path, before) in paths.iter().zip(&before) {
        let after = pack(&client, path);
        assert_eq!(pack(&client, path), after, "the same bytes each time");
        let (was, is) = (judged_in(&house, before, 0), judged_in(&house, &after, 0));
        assert_eq!((was.verdict, is.verdict), (Overall::PassedTimestamped, Overall::PassedTimestamped));
        assert_eq!(was.time, is.time, "the first token says since when");
        assert!(codes(&is).contains(&"stamp-renewed") && !codes(&was).contains(&"stamp-renewed"));
        // A year from now the first authority's certificate has ended.
        let (was, is) = (judged_in(&house, before, 1), judged_in(&house, &after, 1));
        assert_eq!((was.verdict, was.reason), (Overall::Indeterminate, Some("no-proof-of-existence")));
        assert_eq!((is.verdict, is.reason), (Overall::PassedTimestamped, None), "{:?}", codes(&is));
        // And in eleven years that of the renewal.
        assert_eq!(judged_in(&house, &after, 11).reason, Some("no-proof-of-existence"));
    }

    // The renewal stands in the log with its token, and is sealed like any entry.
    deposit(&client, "after.txt");
    client.post("/v1/seals", "").expect(200);
    let (admin, entry) = (house.admin(), renewed["entry"].as_str().unwrap());
    let platform = format!("tenant={}", proof::TenantId::PLATFORM);
    let told = admin.get(&format!("/v1/deposits/{entry}?{platform}")).expect(200).json();
    assert_eq!(told["facts"]["administration"], "timestamps-renewed");
    assert_eq!(told["facts"]["renewal"]["root"], renewed["root"]);
    let token = admin.get(&format!("/v1/deposits/{entry}/files/1?{platform}")).expect(200).bytes;
    let imprint = seal::Token::parse(&token).unwrap().imprint().digest.to_vec();
    assert_eq!(proof::hash::encode_hex(&imprint), renewed["root"].as_str().unwrap());
    let own = pack(&admin, &format!("/v1/deposits/{entry}/evidence?{platform}"));
    let judged = judged_in(&house, &own, 0);
    assert_eq!((judged.verdict, judged.reason), (Overall::PassedTimestamped, None));
    assert!(!codes(&judged).contains(&"stamp-renewed"), "sealed after it");
}

#[test]
fn renewed_again_after_a_restart_every_token_is_covered_by_the_next() {
    let (mut house, _old, _new, client) = house();
    let first = deposit(&client, "first.txt");
    house.admin().post("/v1/renewals", ASKED).expect(200);
    let second = deposit(&client, "second.txt");
    house.admin().post("/v1/renewals", ASKED).expect(200);
    let once = pack(&client, &first);
    house.stop();
    house.start();
    let client = house.client(client.token());
    assert_eq!(pack(&client, &first), once);
    house.admin().post("/v1/renewals", ASKED).expect(200);
    for (path, renewals) in [(&first, 3), (&second, 2)] {
        let judged = judged_in(&house, &pack(&client, path), 0);
        assert_eq!((judged.verdict, judged.reason), (Overall::PassedTimestamped, None));
        assert_eq!(codes(&judged).iter().filter(|code| **code == "stamp-renewed").count(), renewals);
    }
}

#[test]
fn a_renewal_that_nobody_stamps_changes_nothing_and_stands_in_the_journal() {
    let (house, old, new, client) = house();
    let path = deposit(&client, "a.txt");
    client.post("/v1/seals", "").expect(200);
    let before = pack(&client, &path);
    for liar in [&old, &new] {
        *liar.lie.lock().unwrap() = Lie::WrongImprint;
    }
    let refused = house.admin().post("/v1/renewals", ASKED).expect(503);
    assert_eq!(refused.code(), "renewal-not-stamped");
    assert_eq!(pack(&client, &path), before);
    for liar in [&old, &new] {
        *liar.lie.lock().unwrap() = Lie::None;
    }
    deposit(&client, "b.txt");
    client.post("/v1/seals", "").expect(200);
    let told = journal(&house);
    assert_eq!(told.len(), 2, "one a refusing authority: {told:?}");
    assert!(told.iter().all(|event| event["renewal"] == 0 && event["batch"] == Value::Null), "{told:?}");
    house.admin().post("/v1/renewals", ASKED).expect(200);
    assert!(codes(&judged_in(&house, &pack(&client, &path), 0)).contains(&"stamp-renewed"));
}

#[test]
fn only_the_platforms_administrator_renews_and_only_what_can_be() {
    let (house, _old, _new, client) = house();
    assert_eq!(client.post("/v1/renewals", ASKED).expect(403).code(), "scope-missing");
    for wrong in [json!({"of": "hours"}), json!({}), json!({"of": "hashes"}), json!({"of": "hashes", "to": "sha256"})] {
        let refused = house.admin().post("/v1/renewals", &wrong.to_string()).expect(400);
        assert_eq!(refused.code(), "parameter-unreadable", "{wrong}");
    }
}

/// Everything hashed again; what came of it.
fn renew_hashes(house: &House) -> Value {
    let admin = house.admin();
    admin.post("/v1/renewals", "{\"of\":\"hashes\",\"to\":\"sha512\"}").expect(202);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let told = admin.get("/v1/renewals").expect(200).json();
        if told["under_way"].is_null() {
            return told["last"].clone();
        }
        assert!(std::time::Instant::now() < until, "{told}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn hashes_are_renewed_under_sha512_and_renewed_again() {
    let (mut house, old, _new, client) = house();
    let mut paths: Vec<_> = (0..5).map(|n| deposit(&client, &format!("{n}.txt"))).collect();
    let form = client.deposit_form("/v1/deposits?kind=file", &[("a", b"a"), ("b", b"b"), ("vide", b"")], None);
    paths.push(form.expect(201).json()["links"]["evidence"].as_str().unwrap().to_owned());
    house.admin().post("/v1/renewals", ASKED).expect(200);
    paths.push(deposit(&client, "second batch.txt".replace(' ', "-").as_str()));
    let before: Vec<_> = paths.iter().map(|path| pack(&client, path)).collect();
    *old.lie.lock().unwrap() = Lie::Status500;
    let told = renew_hashes(&house);
    assert_eq!((&told["status"], &told["renewals"][0]["of"]), (&"renewed".into(), &"hashes".into()), "{told}");
    // A batch after it, then time-stamps again: one token a digest.
    paths.push(deposit(&client, "after.txt"));
    let stamped = house.admin().post("/v1/renewals", ASKED).expect(200).json();
    let digests: Vec<_> = stamped["renewals"].as_array().unwrap().iter().map(|one| one["digest"].clone()).collect();
    assert_eq!(digests, ["sha256", "sha512"]);
    house.stop();
    house.start();
    let client = house.client(client.token());
    for (number, path) in paths.iter().enumerate() {
        let after = pack(&client, path);
        assert_eq!(pack(&client, path), after, "the same bytes each time");
        let verdict = judged_in(&house, &after, 1);
        assert_eq!(
            (verdict.verdict, verdict.reason),
            (Overall::PassedTimestamped, None),
            "{path}: {:?}",
            codes(&verdict)
        );
        // The first five and the form: stamps, hashes, stamps. The next: hashes, stamps. The last: stamps.
        let renewals = [3, 3, 3, 3, 3, 3, 2, 1][number];
        assert_eq!(codes(&verdict).iter().filter(|code| **code == "stamp-renewed").count(), renewals, "{path}");
    }
    // The last of them was not sealed yet.
    for old in &before[..6] {
        assert_eq!(judged_in(&house, old, 0).verdict, Overall::PassedTimestamped);
    }
    // A document whose new digest is not the one renewed: the record no longer covers it.
    let after = pack(&client, &paths[5]);
    let record = "META-INF/evidencerecord003.ers";
    let other =
        seal::Container::parse(&pack(&client, &paths[0])).unwrap().read("META-INF/evidencerecord002.ers").unwrap();
    let forged = crate::house::tampered(&after, record, |bytes| *bytes = other.clone());
    assert_eq!(judged_in(&house, &forged, 0).reason, Some("group-not-covered"));
}

#[test]
fn what_is_not_whole_is_not_hashed_again() {
    let (house, _old, _new, client) = house();
    let big = vec![7; 100_000];
    client.deposit("big.bin", &big, &[]).expect(201);
    client.post("/v1/seals", "").expect(200);
    client.deposit("small.txt", b"small", &[]).expect(201);
    let segments = house.data().join("store/segments");
    let used = |path: &std::path::PathBuf| std::fs::read(path).unwrap().iter().filter(|byte| **byte != 0).count();
    let fullest = std::fs::read_dir(&segments).unwrap().map(|entry| entry.unwrap().path()).max_by_key(used).unwrap();
    let bytes = std::fs::read(&fullest).unwrap();
    // What follows the document is small: this is a byte of its ciphertext. A start would find it and refuse: the house is served.
    let place = bytes.iter().rposition(|byte| *byte != 0).unwrap() - 60_000;
    let file = std::fs::OpenOptions::new().write(true).open(&fullest).unwrap();
    std::os::unix::fs::FileExt::write_at(&file, &[bytes[place] ^ 1], place as u64).unwrap();
    let told = renew_hashes(&house);
    assert_eq!((&told["status"], &told["code"]), (&"failed".into(), &"fixity-failed".into()), "{told}");
    let scrub = client.get("/readyz").expect(200).json()["scrub"].clone();
    assert!(scrub["damage"].as_u64().unwrap() > 0, "what refused it stays to be seen: {scrub}");
    assert_eq!(house.admin().get("/v1/renewals").expect(200).json()["renewals"], json!([]));
    // Time-stamps are renewed all the same: they rest on no document.
    house.admin().post("/v1/renewals", ASKED).expect(200);
}

/// Whether each renewal that the register's seal bears is one of hashes.
fn borne(client: &Client) -> Vec<bool> {
    let register = String::from_utf8(client.get("/v1/register").expect(200).bytes).unwrap();
    let of = |name: &str| {
        let word = register.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        BASE64_STANDARD.decode(word).unwrap()
    };
    let (checkpoint, record) = (of("checkpoint "), seal::EvidenceRecord::parse(&of("binding ")).unwrap());
    let later = record.later(&|algorithm| vec![algorithm.digest(&checkpoint)]).unwrap();
    later.iter().map(|later| later.hashes_renewed).collect()
}

#[test]
fn a_register_bears_what_renews_its_seal() {
    let (house, _old, _new, client) = house();
    deposit(&client, "a.txt");
    client.post("/v1/seals", "").expect(200);
    assert_eq!(borne(&client), [] as [bool; 0]);
    house.admin().post("/v1/renewals", ASKED).expect(200);
    assert_eq!(borne(&client), [false]);
    // The entry of that renewal waited, and is sealed first: the register's seal is that batch.
    renew_hashes(&house);
    assert_eq!(borne(&client), [true]);
    house.admin().post("/v1/renewals", ASKED).expect(200);
    deposit(&client, "b.txt");
    client.post("/v1/seals", "").expect(200);
    assert_eq!(borne(&client), [] as [bool; 0], "sealed since");
}

#[test]
fn a_pack_whose_authority_has_ended_is_given_and_says_that_its_time_is_not_told() {
    let mut house = House::new();
    // Made so that its certificate ends in some seconds, and not before: the house judges what it gives at the moment it gives it.
    let old = liar_since((10 * YEAR - 20_000) as i64);
    house.stop();
    trust_in_order(&house, &[&old]);
    house.start();
    let (_, client) = house.tenant(0);
    let path = deposit(&client, "a.txt");
    client.post("/v1/seals", "").expect(200);
    assert_eq!(client.get(&path).expect(200).header("tabellion-verdict"), "PASSED-TIMESTAMPED");
    let attestation = path.replace("/evidence", "/attestation");
    client.get(&attestation).expect(200);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(120);
    let answer = loop {
        let answer = client.get(&path).expect(200);
        if answer.header("tabellion-verdict") != "PASSED-TIMESTAMPED" {
            break answer;
        }
        assert!(std::time::Instant::now() < until, "the certificate has ended");
        std::thread::sleep(std::time::Duration::from_millis(500));
    };
    assert_eq!(answer.header("tabellion-verdict"), "INDETERMINATE; reason=no-proof-of-existence");
    let judged = verifier::verify_pack(&answer.bytes, Some(&house.policy()), UnixMillis(now().0));
    assert_eq!((judged.verdict, judged.reason), (Overall::Indeterminate, Some("no-proof-of-existence")));
    assert_eq!(client.get(&attestation).expect(409).code(), "attestation-untold");
    let id = path.split('/').nth(3).unwrap();
    let packs = client.post("/v1/packs", &json!({"ids": [id]}).to_string()).expect(200).bytes;
    let index = String::from_utf8_lossy(&packs).into_owned();
    assert!(index.contains("\"reason\": \"no-proof-of-existence\""), "the index says it");
}

#[test]
fn the_end_of_certificates_is_told_before_and_a_renewal_after_it_says_what_it_comes_too_late_for() {
    let mut house = House::new();
    // The old one's certificate ends in some seconds.
    let (old, new) = (liar_since((10 * YEAR - 8_000) as i64), liar_since(0));
    house.stop();
    trust_in_order(&house, &[&old, &new]);
    house.start();
    let (_, client) = house.tenant(0);
    let shown = || client.get("/readyz").expect(200).json()["certificates"].clone();
    for name in ["a.txt", "b.txt"] {
        deposit(&client, name);
        client.post("/v1/seals", "").expect(200);
    }
    let told = shown();
    let fields = |told: &Value| [&told["state"], &told["batches"], &told["first"], &told["last"]].map(Value::clone);
    assert_eq!(fields(&told[0]), [json!("ending"), json!(2), json!(0), json!(1)], "{told}");
    *old.lie.lock().unwrap() = Lie::Status500;
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while shown()[0]["state"] != "ended" {
        assert!(std::time::Instant::now() < until, "the certificate has ended: {}", shown());
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    // Sealed by the other one: that is not too late.
    deposit(&client, "c.txt");
    client.post("/v1/seals", "").expect(200);
    let told = shown();
    assert_eq!(fields(&told[1]), [json!("holds"), json!(1), json!(2), json!(2)], "{told}");
    let answer = house.admin().post("/v1/renewals", ASKED).expect(200).json();
    let late = &answer["too_late"];
    assert_eq!((late.as_array().unwrap().len(), &late[0]["batches"]), (1, &json!(2)), "{answer}");
    assert!(late[0]["until"].is_string() && late[0]["authority"].as_str().unwrap().contains("CN="), "{answer}");
    // What stands now is the renewal's own token, which tells the time of all that it covers.
    let told = shown();
    let covered = [json!("holds"), json!(3), json!(0), json!(2)];
    assert_eq!((told.as_array().unwrap().len(), fields(&told[0])), (2, covered), "{told}");
    // And what that came too late for stays named, whatever renews or starts since.
    let lost = [json!("lost"), json!(2), json!(0), json!(1)];
    assert_eq!((fields(&told[1]), &told[1]["renewal"]), (lost.clone(), &json!(0)), "{told}");
    assert!(told[1]["renewed"].is_string(), "{told}");
    assert_eq!(house.admin().post("/v1/renewals", ASKED).expect(200).json()["too_late"], json!([]));
    house.stop();
    house.start();
    let client = house.client("");
    let shown = || client.get("/readyz").expect(200).json()["certificates"].clone();
    let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while shown().as_array().unwrap().len() < 2 {
        assert!(std::time::Instant::now() < until, "read again after a start: {}", shown());
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(fields(&shown()[1]), lost);
}
