//! Contracts over a real socket: what an export leaves out is listed, whatever the reason; the story of a contract is the same from each of its files.

use crate::house::Client;
use crate::open_data::publishing;
use serde_json::{Value, json};
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

    // A day with an offset is that day; one that is none is shown whatever the days asked for.
    let offset = with(all[0], "dateNotification", json!("2026-05-15+02:00"));
    let none = with(all[1], "dateNotification", json!("15/05/2026"));
    deposit(&client, "decp-2.json", &document(&[offset, none], &[]));
    let may = client.get("/v1/exports/decp.json?from=2026-05-01&to=2026-05-31").expect(200).json();
    assert_eq!(may["marches"]["marche"].as_array().unwrap().len(), 2);
    let later: Vec<String> = left_out(&client, "&from=2027-01-01").into_iter().map(|[_, key, ..]| key).collect();
    assert_eq!(later, [all[1].key()]);
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
