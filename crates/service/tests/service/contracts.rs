//! Contracts over a real socket: what an export leaves out is listed, whatever the reason; the story of a contract is the same from each of its files.

use crate::house::Client;
use crate::open_data::publishing;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::FileExt;
use std::path::Path;
use tests::samples::{BUYER, Procurement, document, first_document};

fn deposit(client: &Client, name: &str, document: &Value) -> Value {
    client.deposit(name, document.to_string().as_bytes(), &[]).expect(201).json()
}

fn exported(client: &Client) -> Vec<Value> {
    let all = client.get("/v1/exports/decp.json").expect(200).json();
    all["marches"]["marche"].as_array().unwrap().clone()
}

/// Deposit, contract, day and code of what is left out.
fn left_out(client: &Client, query: &str) -> Vec<[String; 4]> {
    let text = client.get(&format!("/v1/exports/decp.json?show=withheld{query}")).expect(200).bytes;
    let text = String::from_utf8(text).unwrap();
    let cells = |line: &str| -> Vec<String> { line.split(',').take(4).map(str::to_owned).collect() };
    text.lines().skip(1).map(|line| cells(line).try_into().unwrap()).collect()
}

#[test]
fn nothing_of_a_contract_is_lost_in_silence() {
    let (_house, _, client) = publishing(&format!("buyers = [\"{BUYER}\"]"));
    let all: Vec<Procurement> = (1..=5).map(Procurement::new).collect();
    let with = |contract: Procurement, name: &str, value: Value| {
        let mut contract = contract.contract();
        contract[name] = value;
        contract
    };
    let twice = all[0].modified(&[(1, 100.5), (1, 200.5)]);
    let origins = with(all[1], "origineFrance", json!(0.9));
    let keyless = with(all[2], "acheteur", json!({"id": "243400017"}));
    let disordered = all[3].modified(&[(2, 2.5), (1, 1.5)]);
    let once = with(all[4], "objet", json!("Une fois"));
    let again = with(all[4], "objet", json!("Une autre fois"));
    let contracts = [twice, origins, keyless, disordered, once, again];
    let answer = deposit(&client, "decp.json", &document(&contracts, &[]));
    let codes: Vec<&str> =
        answer["findings"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    for code in ["decp-modification-twice", "decp-origins", "decp-siret", "decp-modifications", "decp-twice"] {
        assert!(codes.contains(&code), "{code} in {codes:?}");
    }
    // The order of the file alone is a note: what is given out stands in the order of the numbers.
    let given = exported(&client);
    let numbers: Vec<&Value> =
        given[0]["modifications"].as_array().unwrap().iter().map(|one| &one["modification"]["id"]).collect();
    assert_eq!((given.len(), &given[0]["id"], numbers), (1, &json!(all[3].id()), vec![&json!(1), &json!(2)]));
    let id = answer["id"].as_str().unwrap().to_owned();
    let line = |key: String, code: &str| [id.clone(), key, "2026-05-15".to_owned(), code.to_owned()];
    let expected = [
        line(all[0].key(), "rules"),
        line(all[1].key(), "rules"),
        line(String::new(), "no-key"),
        line(all[4].key(), "rules"),
        line(all[4].key(), "rules"),
    ];
    assert_eq!(left_out(&client, ""), expected);
}

#[test]
fn a_day_with_an_offset_is_that_day_and_none_is_of_all_days() {
    let (_house, _, client) = publishing(&format!("buyers = [\"{BUYER}\"]"));
    let on = |seed: u32, day: &str| {
        let mut contract = Procurement::new(seed).contract();
        contract["dateNotification"] = json!(day);
        contract
    };
    deposit(&client, "decp.json", &document(&[on(1, "2026-05-15+02:00"), on(2, "15/05/2026")], &[]));
    let of = |query: &str| {
        let all = client.get(&format!("/v1/exports/decp.json{query}")).expect(200).json();
        all["marches"]["marche"].as_array().unwrap().len()
    };
    assert_eq!((of("?from=2026-05-01&to=2026-05-31"), of("?from=2026-06-01")), (1, 0));
}

#[test]
fn what_is_left_out_and_has_no_day_is_listed_whatever_the_days() {
    let (_house, _, client) = publishing(&format!("buyers = [\"{BUYER}\"]"));
    let mut contract = Procurement::new(1).contract();
    contract["dateNotification"] = json!("15/05/2026");
    deposit(&client, "decp.json", &document(&[contract], &[]));
    let later: Vec<String> = left_out(&client, "&from=2027-01-01").into_iter().map(|[_, key, ..]| key).collect();
    assert_eq!(later, [Procurement::new(1).key()]);
}

#[test]
fn contracts_beyond_what_is_read_are_listed_as_such() {
    let (_house, _, client) = publishing(&format!("buyers = [\"{BUYER}\"]"));
    let body = |number: u32| json!({"id": format!("M{number}"), "acheteur": {"id": "21990001500017"}});
    let many: Vec<Value> = (0..=10_000).map(body).collect();
    let answer = deposit(&client, "decp.json", &document(&many, &[]));
    let lines = left_out(&client, "");
    assert_eq!(lines.len(), 10_001);
    let last = [answer["id"].as_str().unwrap(), "", "", "not-read"].map(str::to_owned);
    assert_eq!(lines.last(), Some(&last));
}

/// Where what was written of the segment ends.
fn written(segment: &Path) -> u64 {
    let bytes = std::fs::read(segment).unwrap();
    bytes.iter().rposition(|byte| *byte != 0).unwrap() as u64
}

/// What is answered, to its end or to where it is cut.
fn raw(url: &str, client: &Client, path: &str) -> String {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let token = client.token();
    let head =
        format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_deposit_that_is_damaged_is_listed_and_the_others_are_exported() {
    let (house, _, client) = publishing(&format!("buyers = [\"{BUYER}\"]"));
    deposit(&client, "decp.json", &document(&[Procurement::new(1).contract()], &[]));
    let segments = std::fs::read_dir(house.data().join("store/segments")).unwrap();
    let segment = segments.map(|segment| segment.unwrap().path()).max().unwrap();
    let begin = written(&segment);
    let id = deposit(&client, "decp-2.json", &document(&[Procurement::new(2).contract()], &[]))["id"].clone();
    let file = std::fs::OpenOptions::new().read(true).write(true).open(&segment).unwrap();
    let flip = |at: u64| {
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).unwrap();
        file.write_all_at(&[byte[0] ^ 1], at).unwrap();
    };
    // One of the sectors of that deposit holds what was read of it; another cuts the answer.
    let line = format!("{},,,unreadable,", id.as_str().unwrap());
    let damaged = (begin..written(&segment)).step_by(512).any(|at| {
        flip(at);
        let told = raw(&house.url, &client, "/v1/exports/decp.json?show=withheld").contains(&line);
        if told {
            assert_eq!(exported(&client), [Procurement::new(1).contract()]);
        }
        flip(at);
        told
    });
    assert!(damaged, "no sector of the segment makes the entry unreadable");
    assert_eq!((exported(&client).len(), left_out(&client, "").len()), (2, 0), "put back, it is whole");
}

#[test]
fn the_story_of_a_contract_of_the_first_edition_is_the_same_from_each_of_its_files() {
    let (_house, _, client) = publishing("");
    let sample = Procurement::new(7);
    for orders in [[0, 1, 2], [2, 1, 0]] {
        let sample = if orders[0] == 0 { sample } else { Procurement::new(8) };
        let files = orders.map(|modifications| {
            let document = first_document(&[sample.first_edition(modifications)]);
            deposit(&client, &format!("decp-{modifications}.json"), &document)["id"].as_str().unwrap().to_owned()
        });
        let story = |id: &String| client.get(&format!("/v1/deposits/{id}")).expect(200).json()["act"].clone();
        let first = story(&files[0]);
        let entries = first["entries"].as_array().unwrap();
        let ids: Vec<&str> = entries.iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(ids, files.each_ref().map(String::as_str));
        assert_eq!(first["contrat"], format!("{BUYER}/{}", sample.first_edition(0)["id"].as_str().unwrap()));
        for id in &files {
            assert_eq!(story(id), first);
        }
    }
}
