//! The same request again, one after the other and all at once.

use crate::house::House;
use std::collections::BTreeSet;

const KEY: &str = "idempotency-key";

#[test]
fn sixteen_at_once_under_one_key_make_one_entry_and_one_receipt() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let bytes = vec![7u8; 20_000];
    for key in ["un", "deux"] {
        let answers: Vec<_> = std::thread::scope(|scope| {
            let send = || client.deposit("a.bin", &bytes, &[(KEY, key)]);
            let threads: Vec<_> = (0..16).map(|_| scope.spawn(send)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap().expect(201)).collect()
        });
        let receipts: BTreeSet<String> =
            answers.iter().map(|answer| answer.json()["receipt"].as_str().unwrap().to_owned()).collect();
        let records: BTreeSet<String> = answers.iter().map(|answer| answer.json()["records"].to_string()).collect();
        assert_eq!((receipts.len(), records.len()), (1, 1));
        assert_eq!(answers.iter().filter(|answer| answer.header("idempotency-replayed").is_empty()).count(), 1);
    }
    let list = client.get("/v1/deposits").expect(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 2, "one entry a key");
}

#[test]
fn a_key_used_for_anything_else_is_a_mismatch() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let (_, other) = house.tenant(1);
    client.deposit("a.txt", b"a", &[(KEY, "k")]).expect(201);
    let refused = |answer: crate::house::Answer| assert_eq!(answer.expect(422).code(), "idempotency-mismatch");
    refused(client.deposit("a.txt", b"b", &[(KEY, "k")]));
    refused(client.deposit("b.txt", b"a", &[(KEY, "k")]));
    refused(client.send("POST", "/v1/deposits?name=a.txt&kind=file", &[(KEY, "k")], b"a"));
    // A key is its tenant's.
    other.deposit("a.txt", b"b", &[(KEY, "k")]).expect(201);
    client.deposit("a.txt", b"a", &[(KEY, "k")]).expect(201);
    for (key, status) in [("k".repeat(255), 201), ("k".repeat(256), 400), ("\u{e9}".into(), 400)] {
        assert_eq!(client.deposit("c.txt", b"c", &[(KEY, &key)]).status, status, "{}", key.len());
    }
}

#[test]
fn a_content_again_gives_its_first_receipt_unless_asked_otherwise() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let first = client.deposit("a.txt", b"le texte", &[]).expect(201).json();
    let again = client.deposit("a.txt", b"le texte", &[]).expect(200).json();
    assert_eq!(again["duplicate"], true);
    for field in ["id", "receipt", "records", "sequence"] {
        assert_eq!(again[field], first[field], "{field}");
    }
    let twice =
        client.send("POST", "/v1/deposits?name=a.txt&on_duplicate=deposit", &[], b"le texte").expect(201).json();
    assert_ne!(twice["id"], first["id"]);
    // A key makes the request the unit.
    let keyed = client.deposit("a.txt", b"le texte", &[(KEY, "k")]).expect(201).json();
    assert_ne!(keyed["id"], first["id"]);
    assert_eq!(
        client.send("POST", "/v1/deposits?on_duplicate=x&name=a", &[], b"z").expect(400).code(),
        "parameter-unreadable"
    );
    // Two files are not the one file that holds both.
    client.deposit_form("/v1/deposits", &[("a.txt", b"le "), ("b.txt", b"texte")], None).expect(201);
}

#[test]
fn a_content_under_another_name_or_of_another_kind_is_another_deposit() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    // A message without an IDActe: its name alone says which act it takes back.
    let text = b"<a:Annulation xmlns:a=\"http://www.interieur.gouv.fr/ACTES#v1.1-20040216\"/>";
    let act = |number: u32| format!("034-243499019-20261001-Z{number}-DE");
    let deposit = |query: &str| client.send("POST", &format!("/v1/deposits?{query}"), &[], text);
    let named = |number: u32| deposit(&format!("name={}-6-1_0.xml", act(number)));
    let (first, second) = (named(1).expect(201).json(), named(2).expect(201).json());
    assert_eq!((&first["act"]["id_acte"], &second["act"]["id_acte"]), (&act(1).into(), &act(2).into()));
    // Kept as a file first, then read.
    let kind = |kind: &str| deposit(&format!("kind={kind}&name={}-6-1_0.xml", act(3)));
    let kept = kind("file").expect(201).json();
    let read = kind("actes").expect(201).json();
    assert_eq!((&kept["act"]["id_acte"], &read["act"]["id_acte"]), (&serde_json::Value::Null, &act(3).into()));
    for (again, id) in [(named(1), &first), (named(2), &second), (kind("file"), &kept), (kind("actes"), &read)] {
        let again = again.expect(200).json();
        assert_eq!((&again["duplicate"], &again["id"]), (&true.into(), &id["id"]));
    }
    // Of several files each name counts, and which bears it.
    let form = |names: [&str; 2]| {
        client.deposit_form("/v1/deposits?kind=file", &[(names[0], b"un"), (names[1], b"deux")], None).status
    };
    let told = [form(["a", "b"]), form(["b", "a"]), form(["a", "c"]), form(["a", "b"])];
    assert_eq!(told, [201, 201, 201, 200]);
}
