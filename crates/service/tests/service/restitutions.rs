//! Restitution over a real socket: logged, receipted, attested with its own proof; nothing is removed, and what an elimination takes later is
//! described no longer.

use crate::attestations::{text_of, zip_in};
use crate::house::{Client, House};
use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};
use verifier::Overall;

fn id_of(answer: &Value) -> &str {
    answer["id"].as_str().unwrap()
}

fn handover(ids: &[&str]) -> Value {
    json!({
        "entries": ids, "to": "Commune d'essai, service des assemblées", "handed": "2026-11-30",
        "decision": {"role": "direction des archives", "date": "2026-11-26", "reference": "R/2026/7"},
        "document": BASE64_STANDARD.encode(b"%PDF decharge"),
    })
}

fn send(client: &Client, asked: &Value, status: u16) -> Value {
    client.post("/v1/restitutions", &asked.to_string()).expect(status).json()
}

#[test]
fn what_was_handed_over_is_logged_proved_and_still_there() {
    let house = House::new();
    let (tenant, client) = house.tenant(0);
    let archivist = house.token(&tenant, "restitute,read");
    let one = client.deposit("délibération.txt", b"un", &[]).expect(201).json();
    let files: [(&str, &[u8]); 2] = [("deux.txt", b"deux"), ("annexe.txt", b"annexe")];
    let two = client.deposit_form("/v1/deposits?kind=file", &files, None).expect(201).json();
    let other = client.deposit("autre.txt", b"trois", &[]).expect(201).json();
    let asked = handover(&[id_of(&two), id_of(&one)]);
    let logged = send(&archivist, &asked, 201);
    assert_eq!(logged["entries"], 2);
    // Sent again, in any order: the same entry, the same receipt.
    let again = send(&archivist, &handover(&[id_of(&one), id_of(&two)]), 201);
    assert_eq!((&again["id"], &again["receipt"]), (&logged["id"], &logged["receipt"]));
    let mut later = asked.clone();
    later["handed"] = json!("2026-12-01");
    assert_ne!(send(&archivist, &later, 201)["id"], logged["id"]);
    // The entry, in the tenant's own chain: what it names, and nothing of the contents.
    let entry = client.get(&format!("/v1/deposits/{}", id_of(&logged))).expect(200).json();
    assert_eq!((&entry["kind"], &entry["facts"]["administration"]), (&json!("administration"), &json!("restitution")));
    let named: Vec<&Value> = entry["facts"]["entries"].as_array().unwrap().iter().map(|entry| &entry["id"]).collect();
    assert_eq!(named, [&one["id"], &two["id"]], "in the log's order");
    assert!(!entry["facts"].to_string().contains("annexe"));
    assert_eq!(client.get(&format!("/v1/deposits/{}/files/1", id_of(&logged))).expect(200).bytes, b"%PDF decharge");
    for kept in [&one, &two, &other] {
        assert!(!client.get(&format!("/v1/deposits/{}/files/1", id_of(kept))).expect(200).bytes.is_empty());
    }
    let path = format!("/v1/restitutions/{}/attestation", id_of(&logged));
    let before = client.get(&path).expect(200);
    assert_eq!(house.judge(zip_in(&before.bytes)).verdict, Overall::PassedLogOnly);
    client.post("/v1/seals", "").expect(200);
    let sheet = client.get(&path).expect(200);
    assert!(sheet.header("content-disposition").contains("attestation-restitution-"));
    assert_eq!(house.judge(zip_in(&sheet.bytes)).verdict, Overall::PassedTimestamped);
    assert_eq!(client.get(&path).expect(200).bytes, sheet.bytes);
    // A deposit is no restitution.
    assert_eq!(client.get(&format!("/v1/restitutions/{}/attestation", id_of(&one))).expect(404).code(), "not-found");
    let Some(text) = text_of(&sheet.bytes) else { return };
    let head = |bytes: &[u8]| proof::sha256(bytes).to_string()[..24].to_owned();
    for word in [
        "Commune d'essai, service des assemblées",
        "30 novembre 2026",
        "26 novembre 2026",
        "R/2026/7",
        "délibération.txt",
        "annexe.txt",
    ] {
        assert!(text.contains(word), "{word} not in {text}");
    }
    assert!(
        [&b"un"[..], b"deux", b"annexe", b"%PDF decharge"].iter().all(|bytes| text.contains(&head(bytes))),
        "{text}"
    );
    assert!(!text.contains("autre.txt") && text.contains("Une restitution ne retire rien"), "{text}");
    // What an elimination takes afterwards is described no longer.
    let destroyer = house.token(&tenant, "eliminate");
    let entries = json!({"entries": [{"id": two["id"], "reason": "dua", "rule": "DUA"}]});
    let proposal = destroyer.post("/v1/eliminations/proposals", &entries.to_string()).expect(200).json();
    let visa = json!({"role": "direction", "date": "2026-11-30", "reference": "E/1", "proposal_sha256": proposal["proposal_sha256"]});
    let order = json!({"proposal": proposal["proposal"], "visa": visa, "document": BASE64_STANDARD.encode(b"visa")});
    destroyer.post("/v1/eliminations", &order.to_string()).expect(202);
    let text = text_of(&client.get(&path).expect(200).bytes).unwrap();
    assert!(
        text.contains("éliminé : ses fichiers ne se décrivent plus") && text.contains("délibération.txt"),
        "{text}"
    );
    assert!(!text.contains("annexe.txt") && !text.contains(&head(b"annexe")), "{text}");
    assert_eq!(send(&archivist, &handover(&[id_of(&two)]), 409)["code"], "already-eliminated");
}

#[test]
fn who_may_not_or_asks_for_what_may_not_be_logs_nothing() {
    let house = House::new();
    let (tenant, client) = house.tenant(0);
    let (_, stranger) = house.tenant(1);
    let archivist = house.token(&tenant, "restitute,read");
    let own = client.deposit("a.txt", b"a", &[]).expect(201).json();
    let foreign = stranger.deposit("b.txt", b"b", &[]).expect(201).json();
    let asked = handover(&[id_of(&own)]);
    for client in [&client, &house.token(&tenant, "eliminate,admin,read")] {
        assert_eq!(send(client, &asked, 403)["code"], "scope-missing");
    }
    let refused = |pointer: &str, value: Value, status| {
        let mut asked = asked.clone();
        *asked.pointer_mut(pointer).unwrap() = value;
        let problem = send(&archivist, &asked, status);
        (problem["code"].as_str().unwrap().to_owned(), problem["where"].as_str().unwrap_or_default().to_owned())
    };
    let says = |code: &str, place: &str| (code.to_owned(), place.to_owned());
    assert_eq!(refused("/entries", json!([own["id"], foreign["id"]]), 404), says("not-found", id_of(&foreign)));
    assert_eq!(refused("/entries", json!([]), 422), says("restitution-unreadable", "entries"));
    assert_eq!(refused("/to", json!(""), 422), says("restitution-unreadable", "to"));
    assert_eq!(refused("/decision/date", json!("hier"), 422), says("restitution-unreadable", "decision.date"));
    assert_eq!(refused("/document", json!("*"), 422), says("restitution-unreadable", "document"));
    let before = client.get("/v1/deposits").expect(200).json()["items"].as_array().unwrap().len();
    assert_eq!(before, 1, "nothing was logged");
    let logged = send(&archivist, &asked, 201);
    assert_eq!(refused("/entries", json!([logged["id"]]), 422), says("restitution-not-allowed", id_of(&logged)));
    stranger.get(&format!("/v1/restitutions/{}/attestation", id_of(&logged))).expect(404);
}
