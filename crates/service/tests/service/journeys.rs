//! A document's way through each address.

use crate::house::{House, ORIGIN, file_member, tampered};
use proof::{Checkpoint, SignedNote};
use verifier::Overall;

#[test]
fn a_document_is_deposited_read_back_sealed_and_proved() {
    let house = House::new();
    let (tenant, client) = house.tenant(0);
    let bytes = b"%PDF-1.4 une d\xc3\xa9lib\xc3\xa9ration".to_vec();
    let answer = client.deposit("d%C3%A9lib.pdf", &bytes, &[]).expect(201);
    let body = answer.json();
    assert_eq!(answer.header("location"), body["links"]["self"]);
    assert_eq!((&body["tenant"], &body["sequence"]), (&tenant.clone().into(), &1.into()));
    assert_eq!(
        (&body["status"], &body["duplicate"], &body["act"]),
        (&"logged".into(), &false.into(), &serde_json::Value::Null)
    );
    assert_eq!(house.judge_receipt(&body).verdict, Overall::PassedLogOnly);

    let link = |name: &str| body["links"][name].as_str().unwrap().to_owned();
    let one = client.get(&link("self")).expect(200).json();
    assert_eq!(one["files"][0]["name"], "délib.pdf");
    assert_eq!(one["files"][0]["sha256"], proof::sha256(&bytes).to_string());
    assert_eq!((&one["records"], &one["receipt"]), (&body["records"], &body["receipt"]));
    assert_eq!(client.get(&link("receipt")).expect(200).bytes, body["receipt"].as_str().unwrap().as_bytes());

    let log_only = client.get(&link("evidence")).expect(200);
    assert_eq!(log_only.header("content-type"), "application/vnd.etsi.asic-e+zip");
    assert_eq!(house.judge(&log_only.bytes).verdict, Overall::PassedLogOnly);
    let pending = client.get(&format!("{}?require=sealed", link("evidence"))).expect(409);
    assert_eq!(pending.code(), "seal-pending");
    assert!(pending.header("retry-after").parse::<u64>().unwrap() > 0);

    let sealed = client.post("/v1/seals", "").expect(200).json();
    assert_eq!((&sealed["status"], &sealed["batch"]), (&"sealed".into(), &0.into()));
    let pack = client.get(&format!("{}?require=sealed", link("evidence"))).expect(200).bytes;
    assert_eq!(house.judge(&pack).verdict, Overall::PassedTimestamped);
    assert_eq!(client.get(&link("self")).expect(200).json()["status"], "sealed");
    // The receipt is the same bytes for ever.
    assert_eq!(client.get(&link("receipt")).bytes, body["receipt"].as_str().unwrap().as_bytes());
    // The pack is the same bytes until something renews it.
    assert_eq!(client.get(&link("evidence")).bytes, pack);
}

#[test]
fn a_pack_with_one_byte_changed_anywhere_that_matters_is_refused() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let body = client.deposit("acte.txt", b"Article premier", &[]).expect(201).json();
    client.post("/v1/seals", "").expect(200);
    let pack = client.get(body["links"]["evidence"].as_str().unwrap()).expect(200).bytes;
    assert_eq!(house.judge(&pack).verdict, Overall::PassedTimestamped);
    for member in [&file_member(&pack), "unit/R.json", "unit/E.json", "unit/F/001.json", "META-INF/tabellion/token.tst"]
    {
        let changed = tampered(&pack, member, |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        });
        let verdict = house.judge(&changed);
        assert!(matches!(verdict.verdict, Overall::Failed | Overall::Indeterminate), "{member}: {verdict:?}");
    }
    let altered = house.judge(&tampered(&pack, &file_member(&pack), |bytes| bytes[0] ^= 1));
    assert_eq!((altered.verdict, altered.exit_code()), (Overall::Failed, 1));
}

#[test]
fn ranges_give_the_bytes_asked_for() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let bytes: Vec<u8> = (0..700_000u32).map(|i| (i * 7 % 251) as u8).collect();
    let body = client.deposit("grand.bin", &bytes, &[]).expect(201).json();
    let path = body["links"]["files"][0].as_str().unwrap().to_owned();
    let whole = client.get(&path).expect(200);
    assert!(whole.bytes == bytes);
    assert!(whole.header("content-disposition").starts_with("attachment;"));
    assert_eq!(whole.header("x-content-type-options"), "nosniff");
    for (range, from, to) in [("bytes=0-0", 0, 1), ("bytes=65530-65550", 65530, 65551), ("bytes=-10", 699_990, 700_000)]
    {
        let part = client.send("GET", &path, &[("range", range)], b"").expect(206);
        assert!(part.bytes == bytes[from..to], "{range}");
        assert_eq!(part.header("content-range"), format!("bytes {from}-{}/700000", to - 1));
    }
    assert_eq!(
        client.send("GET", &path, &[("range", "bytes=700000-")], b"").expect(416).code(),
        "range-not-satisfiable"
    );
    for missing in ["0", "2", "x", "18446744073709551616"] {
        let path = path.replace("/files/1", &format!("/files/{missing}"));
        client.get(&path).expect(404);
    }
}

#[test]
fn a_list_is_walked_page_by_page_in_the_order_of_the_chain() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    for n in 0..5 {
        client.deposit("a.txt", format!("texte {n}").as_bytes(), &[]).expect(201);
    }
    let (mut cursor, mut seen, mut pages) = (String::new(), Vec::new(), 0);
    loop {
        let page = client.get(&format!("/v1/deposits?limit=2{cursor}")).expect(200).json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["sequence"].as_u64().unwrap()));
        pages += 1;
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!((seen, pages), (vec![1, 2, 3, 4, 5], 3));
    assert_eq!(client.get("/v1/deposits?limit=x").expect(400).code(), "parameter-unreadable");
}

#[test]
fn the_published_head_is_signed_and_grows_at_most_once_a_second() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let head = || {
        let answer = house.client("").get("/log/checkpoint").expect(200);
        assert_eq!(answer.header("cache-control"), "no-cache");
        let note = SignedNote::parse(std::str::from_utf8(&answer.bytes).unwrap()).unwrap();
        house.policy().keys[0].key.verify(&note).unwrap();
        Checkpoint::parse(&note.text).unwrap()
    };
    let before = head();
    assert_eq!(before.origin, ORIGIN);
    client.deposit("a.txt", b"a", &[]).expect(201);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let after = head();
    assert!(after.size > before.size);
    client.deposit("a.txt", b"b", &[]).expect(201);
    assert_eq!(head(), after, "a new head within the second");
}

#[test]
fn after_a_restart_everything_is_still_there() {
    let mut house = House::new();
    let (tenant, client) = house.tenant(0);
    let body = client.deposit("a.txt", b"avant", &[("idempotency-key", "cle-1")]).expect(201).json();
    client.post("/v1/seals", "").expect(200);
    let evidence = body["links"]["evidence"].as_str().unwrap().to_owned();
    let pack = client.get(&evidence).expect(200).bytes;
    house.stop();
    assert!(!house.data().join("run/url").exists());
    // While nothing is served, the same directory can be administered.
    let other = service::offline::tenant_add(&house.data(), "Autre", Some(crate::house::SIRENS[1]), None).unwrap();
    let token = service::offline::token_add(&house.data(), &tenant, "deposit,read").unwrap();
    assert_ne!(other.to_string(), tenant);
    house.start();
    let client = house.client(&token);
    assert_eq!(client.get(&evidence).expect(200).bytes, pack);
    let again = client.deposit("a.txt", b"avant", &[("idempotency-key", "cle-1")]).expect(201);
    assert_eq!(again.json()["receipt"], body["receipt"]);
    assert_eq!(again.header("idempotency-replayed"), "true");
    let next = client.deposit("b.txt", "après".as_bytes(), &[]).expect(201).json();
    assert_eq!(next["sequence"], 2);
    assert_eq!(house.judge_receipt(&next).verdict, Overall::PassedLogOnly);
    // And while it is served, nobody else opens it.
    assert!(service::offline::token_add(&house.data(), &tenant, "read").is_err());
}

#[test]
fn a_directory_is_made_once_and_its_secrets_are_its_owners() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::new();
    let options = service::InitOptions { data: house.data(), origin: ORIGIN.into() };
    assert!(matches!(service::init(&options), Err(service::ServiceError::NotEmpty(_))));
    for secret in ["master.key", "log.key", "admin.token", "tsa/tsa.key"] {
        let mode = std::fs::metadata(house.data().join(secret)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{secret}");
    }
    assert_eq!(house.client("").get("/v1/policy").expect(200).bytes, service::policy_json(&house.data()).unwrap());
    assert_eq!(house.client("").get("/livez").expect(200).json()["status"], "alive");
    assert_eq!(house.client("").get("/readyz").expect(200).json()["status"], "ready");
}

#[test]
fn an_init_that_was_cut_is_not_served_and_may_be_run_again() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let options = service::InitOptions { data: data.clone(), origin: ORIGIN.into() };
    service::init(&options).unwrap();
    assert!(service::policy_json(&data).is_ok());
    // As a kill before the last step leaves it; and with less, as one before that does.
    for missing in ["", "admin.token", "policy.json", "tabellion.toml"] {
        std::fs::write(data.join("init.unfinished"), "").unwrap();
        let _ = std::fs::remove_file(data.join(missing));
        assert!(matches!(service::policy_json(&data), Err(service::ServiceError::NotInitialised(_))), "{missing}");
        assert!(service::offline::token_add(&data, "all", "read").is_err(), "{missing}");
        service::init(&options).unwrap();
        assert!(!data.join("init.unfinished").exists());
        assert!(service::offline::token_add(&data, "all", "read").is_ok(), "{missing}");
    }
}
