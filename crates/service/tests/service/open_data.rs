//! Open data over a real socket: what is published, what is withheld and why, what anyone finds behind the links.

use crate::house::{Client, House, now};
use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use tests::samples::{BUYER, Envelope, Procurement, document, procurement_xml};
use verifier::Overall;

/// The commune of the samples 1, 31, 61…, which are deliberations.
const SIREN: &str = "213499023";
const SIRET: &str = "21349902300017";
const BASE: &str = "https://archives.exemple.fr";

/// A house in which that commune publishes, with these lines more.
pub(crate) fn publishing(lines: &str) -> (House, String, Client) {
    let mut house = House::new();
    let body = json!({"name": "Commune, dite « d'essai »", "siren": SIREN}).to_string();
    let tenant = house.admin().post("/v1/tenants", &body).expect(201).json()["id"].as_str().unwrap().to_owned();
    house.stop();
    let file = house.data().join("tabellion.toml");
    let before = std::fs::read_to_string(&file).unwrap();
    let publication = format!(
        "[publication]\nurl = \"{BASE}\"\n[[publication.tenants]]\ntenant = \"{tenant}\"\nsiret = \"{SIRET}\"\n{lines}\n"
    );
    std::fs::write(&file, format!("{before}\n{publication}")).unwrap();
    house.start();
    let client = house.token(&tenant, "deposit,read,seal,eliminate");
    (house, tenant, client)
}

pub fn deposit(client: &Client, sample: &Envelope) -> String {
    let act = client.deposit(&sample.archive_name(), &sample.archive(), &[]).expect(201).json();
    act["id"].as_str().unwrap().to_owned()
}

pub fn acknowledge(client: &Client, sample: &Envelope) {
    client.deposit(&sample.acknowledgement_name(), &sample.acknowledgement(), &[]).expect(201);
}

/// A message about this act that has nothing but a name and a root.
fn message(client: &Client, sample: &Envelope, code: &str, root: &str) {
    let name = sample.message_name().replace("-1-1_0.xml", &format!("-{code}_0.xml"));
    let text = format!(
        "<actes:{root} xmlns:actes=\"http://www.interieur.gouv.fr/ACTES#v1.1-20040216\" actes:IDActe=\"{}\"/>",
        sample.act_id()
    );
    client.deposit(&name, text.as_bytes(), &[]).expect(201);
}

fn eliminate(client: &Client, id: &str) {
    let entries = json!({"entries": [{"id": id, "reason": "dua", "rule": "DUA"}]}).to_string();
    let proposed = client.post("/v1/eliminations/proposals", &entries).expect(200).json();
    let visa = json!({
        "role": "direction des archives", "date": "2026-11-26", "reference": "1", "proposal_sha256": proposed["proposal_sha256"],
    });
    let order = json!({"proposal": proposed["proposal"], "visa": visa, "document": BASE64_STANDARD.encode(b"visa")});
    client.post("/v1/eliminations", &order.to_string()).expect(202);
}

fn csv(client: &Client, query: &str) -> Vec<String> {
    let answer = client.get(&format!("/v1/exports/scdl.csv{query}")).expect(200);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let text = String::from_utf8(answer.bytes).unwrap();
    assert!(text.ends_with("\r\n"));
    text.lines().map(str::to_owned).collect()
}

/// Codes of the acts that are withheld, by their entry.
pub fn withheld(client: &Client) -> Vec<(String, String)> {
    let lines = csv(client, "?show=withheld");
    assert_eq!(lines[0], "depot,id_acte,date,code,pourquoi");
    let cells = |line: &String| line.split(',').map(str::to_owned).collect::<Vec<_>>();
    lines[1..].iter().map(cells).map(|cells| (cells[0].clone(), cells[3].clone())).collect()
}

#[test]
fn nothing_is_published_unless_it_is_written() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let sample = Envelope::new(1);
    let id = deposit(&client, &sample);
    acknowledge(&client, &sample);
    for path in ["/v1/exports/scdl.csv", "/v1/exports/decp.json"] {
        let refused = client.get(path).expect(422);
        assert_eq!(refused.code(), "publication-off");
    }
    assert_eq!(house.client("").get(&format!("/public/acts/{id}")).expect(404).code(), "not-found");
}

#[test]
fn a_first_day_after_the_last_is_refused_and_not_an_empty_export() {
    let (_house, _, client) = publishing("");
    for export in ["scdl.csv", "decp.json", "scdl.csv?show=withheld&", "decp.json?show=withheld&"] {
        let path = format!("/v1/exports/{export}{}", if export.contains('?') { "" } else { "?" });
        let refused = client.get(&format!("{path}from=2026-02-01&to=2026-01-31")).expect(400);
        assert_eq!(
            (refused.code().as_str(), refused.json()["where"].as_str()),
            ("days-reversed", Some("from")),
            "{export}"
        );
        client.get(&format!("{path}from=2026-02-01&to=2026-02-01")).expect(200);
    }
}

#[test]
fn an_acknowledged_deliberation_is_exported_with_a_link_to_its_proof() {
    let (house, _, client) = publishing("");
    let (first, second) = (Envelope::new(1), Envelope::new(31));
    let id = deposit(&client, &first);
    assert_eq!(csv(&client, "").len(), 1, "not acknowledged yet");
    assert_eq!(withheld(&client), [(id.clone(), "not-acknowledged".to_owned())]);
    acknowledge(&client, &first);
    // The acknowledgement may come first.
    acknowledge(&client, &second);
    let other = deposit(&client, &second);
    let lines = csv(&client, "");
    assert_eq!(lines.len(), 3, "{lines:?}");
    let expected = format!(
        "\"Commune, dite « d'essai »\",{SIRET},{},{},1.1,commande publique/marchés publics,{},,,,{}-28,,,,,,{BASE}/public/acts/{id}",
        first.number,
        first.iso_date(),
        first.subject,
        &first.iso_date()[..7],
    );
    assert_eq!(lines[1], expected);
    assert!(lines[2].ends_with(&format!("/public/acts/{other}")));
    assert_eq!(withheld(&client), []);
    let day = first.iso_date();
    assert_eq!(csv(&client, &format!("?from={day}&to={day}")).len(), 2);
    assert_eq!(csv(&client, "?to=1999-12-31").len(), 1);
    for query in ["?from=hier", "?show=all", "?days=3", "?to=2026-02-30"] {
        assert_eq!(client.get(&format!("/v1/exports/scdl.csv{query}")).expect(400).code(), "parameter-unreadable");
    }

    let anyone = house.client("");
    let page = anyone.send("GET", &format!("/public/acts/{id}"), &[("accept-language", "fr")], b"").expect(200);
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    let text = String::from_utf8(page.bytes).unwrap();
    for part in [first.iso_date(), first.number.clone(), SIRET.to_owned(), format!("/public/acts/{id}/receipt")] {
        assert!(text.contains(&part), "{part} in {text}");
    }
    // Who is named in the envelope is not named here.
    assert!(!text.contains("assemblees@example.org") && !text.contains("/evidence"));
    assert!(text.contains(&format!(
        "Reçu par la préfecture le 28/{}/{}, selon un accusé de réception",
        &first.iso_date()[5..7],
        &first.iso_date()[..4]
    )));
    let part = |name: &str| anyone.get(&format!("/public/acts/{id}/{name}")).expect(200).bytes;
    let (record, receipt) = (part("R.json"), String::from_utf8(part("receipt")).unwrap());
    let input =
        verifier::ReceiptInput { receipt: &receipt, record: &record, entry: None, file_records: &[], data: &[] };
    let verdict = verifier::verify_receipt(&input, Some(&house.policy()), now());
    assert_eq!(verdict.verdict, Overall::PassedLogOnly, "{verdict:?}");
    assert_eq!(anyone.get(&format!("/public/acts/{id}/evidence")).expect(404).code(), "not-found");
    // An acknowledgement has no page, and nothing else under /v1 has become public.
    let ar = client.get("/v1/deposits").expect(200).json()["items"][1]["id"].as_str().unwrap().to_owned();
    for path in ["", "/R.json", "/receipt", "/evidence"] {
        anyone.get(&format!("/public/acts/{ar}{path}")).expect(404);
        anyone.get(&format!("/public/acts/aaaaaaaaaaaaaaaaaaaaaaaaaa{path}")).expect(404);
    }
    anyone.get(&format!("/v1/deposits/{id}")).expect(401);
}

#[test]
fn documents_are_shown_where_the_configuration_says_so_and_no_others() {
    let (house, _, client) = publishing("documents = [\"acte\"]");
    let sample = Envelope::new(1);
    let id = deposit(&client, &sample);
    acknowledge(&client, &sample);
    client.post("/v1/seals", "").expect(200);
    let anyone = house.client("");
    let text = String::from_utf8(anyone.get(&format!("/public/acts/{id}")).expect(200).bytes).unwrap();
    assert!(text.contains(&format!("/public/acts/{id}/evidence")) && text.contains("ne prouve rien"), "{text}");
    let pack = anyone.get(&format!("/public/acts/{id}/evidence")).expect(200);
    let verdict = house.judge(&pack.bytes);
    assert_eq!(verdict.verdict, Overall::PassedTimestamped, "{verdict:?}");
    let shown = |bytes: &[u8]| pack.bytes.windows(bytes.len()).any(|window| window == bytes);
    let name = format!("-{}", sample.act_name());
    assert!(shown(name.as_bytes()), "the act is in");
    for other in [sample.annex_name(), sample.archive_name()] {
        assert!(!shown(format!("files/002-{other}").as_bytes()) && !shown(format!("-{other}").as_bytes()), "{other}");
    }
    assert!(!shown(b"assemblees@example.org"));
}

#[test]
fn what_is_cancelled_deposited_again_or_eliminated_is_no_longer_public() {
    let (house, _, client) = publishing("");
    let anyone = house.client("");
    let samples: Vec<Envelope> = [1, 31, 61].map(Envelope::new).into();
    let ids: Vec<String> = samples.iter().map(|sample| deposit(&client, sample)).collect();
    samples.iter().for_each(|sample| acknowledge(&client, sample));
    assert_eq!(csv(&client, "").len(), 4);
    message(&client, &samples[0], "6-1", "Annulation");
    assert_eq!(withheld(&client), [(ids[0].clone(), "cancelled".to_owned())]);
    anyone.get(&format!("/public/acts/{}", ids[0])).expect(404);
    anyone.get(&format!("/public/acts/{}/receipt", ids[0])).expect(404);

    // Deposited again, the last one speaks for the act, once.
    let path = format!("/v1/deposits?on_duplicate=deposit&name={}", samples[1].archive_name());
    let again = client.send("POST", &path, &[], &samples[1].archive()).expect(201).json();
    let lines = csv(&client, "");
    assert_eq!(lines.len(), 3, "{lines:?}");
    let newer = again["id"].as_str().unwrap();
    assert!(lines.iter().any(|line| line.ends_with(newer)) && !lines.iter().any(|line| line.ends_with(&ids[1])));
    // The older link leads there.
    let led = String::from_utf8(anyone.get(&format!("/public/acts/{}", ids[1])).expect(200).bytes).unwrap();
    assert!(led.contains(&format!("/public/acts/{newer}/receipt")));

    eliminate(&client, &ids[2]);
    // From the moment it is logged.
    assert_eq!(csv(&client, "").len(), 2);
    anyone.get(&format!("/public/acts/{}", ids[2])).expect(404);
    assert_eq!(withheld(&client).len(), 1);
}

#[test]
fn a_cancellation_takes_its_act_back_wherever_it_stands_in_a_deposit() {
    let (_house, _, client) = publishing("");
    let samples = [Envelope::new(1), Envelope::new(31)];
    let ids: Vec<String> = samples.iter().map(|sample| deposit(&client, sample)).collect();
    samples.iter().for_each(|sample| acknowledge(&client, sample));
    assert_eq!(csv(&client, "").len(), 3);
    // Forty acts of a year before are cancelled, and last the first of these.
    let namespace = "xmlns:actes=\"http://www.interieur.gouv.fr/ACTES#v1.1-20040216\"";
    let cancelled = |id: String| {
        let text =
            format!("<actes:ARAnnulation {namespace} actes:IDActe=\"{id}\" actes:DateReception=\"2020-01-02\"/>");
        (format!("{id}-6-2_1.xml"), text)
    };
    let others = (0..40).map(|n| format!("034-{SIREN}-20180101-{n:02}-DE"));
    let files: Vec<_> = others.chain([samples[0].act_id()]).map(cancelled).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    let together = client.deposit_form("/v1/deposits", &files, None).expect(201).json();
    assert_eq!(withheld(&client), [(ids[0].clone(), "cancelled".to_owned())]);
    // Each act has the status of its own messages, and says which of the deposit these are.
    let status = |id: &String| client.get(&format!("/v1/deposits/{id}")).expect(200).json()["act"].clone();
    let (first, second) = (status(&ids[0]), status(&ids[1]));
    assert_eq!(first["executoire"]["etat"], "annule", "{first}");
    let entry = first["entries"].as_array().unwrap().iter().find(|one| one["id"] == together["id"]).unwrap();
    assert_eq!(entry["messages"], json!([{"message": "6-2", "by": "id-acte", "date": "2020-01-02"}]));
    assert_eq!(second["executoire"]["etat"], "recu-publication-inconnue", "{second}");
    assert_eq!(second["entries"].as_array().unwrap().len(), 2);
}

#[test]
fn an_act_that_was_refused_waits_for_another() {
    let (_house, _, client) = publishing("");
    let sample = Envelope::new(1);
    let id = deposit(&client, &sample);
    acknowledge(&client, &sample);
    message(&client, &sample, "1-3", "AnomalieActe");
    assert_eq!(withheld(&client), [(id, "anomaly".to_owned())]);
    let path = format!("/v1/deposits?on_duplicate=deposit&name={}", sample.archive_name());
    client.send("POST", &path, &[], &sample.archive()).expect(201);
    assert_eq!((csv(&client, "").len(), withheld(&client).len()), (2, 0));
}

#[test]
fn acts_of_other_natures_and_other_authorities_are_withheld() {
    let (_house, _, client) = publishing("withheld_matters = [\"1.1\"]");
    let (other, nature) = (Envelope::new(7), Envelope::new(2));
    let matter = Envelope::new(1);
    let ids: Vec<String> = [&matter, &nature, &other].map(|sample| deposit(&client, sample)).into();
    let codes = withheld(&client);
    let expected = ["matter", "nature", "matter"];
    assert_eq!(codes, ids.into_iter().zip(expected.map(str::to_owned)).collect::<Vec<_>>());
    let (_house, _, client) = publishing("natures = [\"DE\", \"AR\"]");
    [&nature, &other].iter().for_each(|sample| {
        deposit(&client, sample);
        acknowledge(&client, sample);
    });
    let codes: Vec<String> = withheld(&client).into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["other-siren", "other-siren"]);
}

#[test]
fn contracts_are_exported_once_with_the_modifications_of_every_deposit() {
    let (_house, _, client) = publishing(&format!("buyers = [\"{BUYER}\"]"));
    let (first, second) = (Procurement::new(1), Procurement::new(2));
    let deposit = |name: &str, bytes: &[u8]| {
        client.deposit(name, bytes, &[]).expect(201).json()["id"].as_str().unwrap().to_owned()
    };
    let json = |contracts: &[Value], concessions: &[Value]| document(contracts, concessions).to_string().into_bytes();
    let oldest = deposit("decp-1.json", &json(&[first.contract(), second.contract()], &[first.concession()]));
    deposit("decp-2.json", &json(&[first.modified(&[(1, 1.5)])], &[]));
    // The next one, in XML, corrects the first and tells the second; the last one tells the third alone.
    let modified = procurement_xml(&[first.modified(&[(1, 1.75), (2, 2.5)])], &[]);
    deposit("decp-3.xml", modified.as_bytes());
    deposit("decp-5.json", &json(&[first.modified(&[(3, 3.5)])], &[]));
    let mut unsound = second.contract();
    unsound["montant"] = json!("beaucoup");
    deposit("decp-4.json", &json(&[unsound], &[]));
    client.deposit("note.txt", b"autre", &[]).expect(201);

    let answer = client.get("/v1/exports/decp.json").expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    let all = answer.json();
    let contracts = all["marches"]["marche"].as_array().unwrap();
    let ids: Vec<_> = contracts.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, [second.id(), first.id()], "in the order of the last deposits");
    assert_eq!(contracts[0], second.contract(), "what goes against the rules is left out");
    let told: Vec<(u64, f64)> = contracts[1]["modifications"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["modification"]["id"].as_u64().unwrap(), one["modification"]["montant"].as_f64().unwrap()))
        .collect();
    assert_eq!(told, [(1, 1.75), (2, 2.5), (3, 3.5)]);
    assert_eq!(all["marches"]["contrat-concession"], json!([first.concession()]));

    let none = client.get("/v1/exports/decp.json?from=2031-01-01").expect(200).json();
    assert_eq!(none, json!({"marches": {"marche": [], "contrat-concession": []}}));
    let some = client.get("/v1/exports/decp.json?from=2026-05-01&to=2026-05-31").expect(200).json();
    assert_eq!(some["marches"]["marche"].as_array().unwrap().len(), 2);
    assert_eq!(some["marches"]["contrat-concession"], json!([]));

    // What is eliminated says nothing any more.
    eliminate(&client, &oldest);
    let left = client.get("/v1/exports/decp.json").expect(200).json();
    assert_eq!(left["marches"]["marche"].as_array().unwrap().len(), 1);
    assert_eq!(left["marches"]["contrat-concession"], json!([]));
}

#[test]
fn a_contract_is_exported_as_it_was_corrected_last_or_left_out_and_why_is_told() {
    let (first, second, third) = (Procurement::new(1), Procurement::new(2), Procurement::new(3));
    let named = format!("buyers = [\"{BUYER}\"]\nwithheld_contracts = [\"{}\"]", third.key());
    let (_house, _, client) = publishing(&named);
    let deposit = |name: &str, contracts: &[Value]| {
        let bytes = document(contracts, &[]).to_string().into_bytes();
        client.deposit(name, &bytes, &[]).expect(201).json()["id"].as_str().unwrap().to_owned()
    };
    let exported = |query: &str| -> Vec<Value> {
        let all = client.get(&format!("/v1/exports/decp.json{query}")).expect(200).json();
        all["marches"]["marche"].as_array().unwrap().clone()
    };
    deposit("decp-1.json", &[first.modified(&[(1, 1.5)])]);
    let mut corrected = first.contract();
    corrected["dateNotification"] = json!("2026-04-01");
    deposit("decp-2.json", &[corrected]);
    // Of the days of its first telling, it is told no more; of those of its last, with what was told before.
    assert_eq!(exported("?from=2026-05-01"), Vec::<Value>::new());
    let april = exported("?to=2026-04-30");
    assert_eq!((april.len(), &april[0]["modifications"][0]["modification"]["montant"]), (1, &json!(1.5)));

    // Of another legal person, withheld, against the rules.
    let other = |contract: Procurement| {
        let mut contract = contract.contract();
        contract["acheteur"]["id"] = json!("21990001500017");
        contract
    };
    let mut unsound = second.contract();
    unsound["montant"] = json!("beaucoup");
    let id = deposit("decp-3.json", &[other(second), third.contract(), unsound]);
    assert_eq!(exported("").len(), 1);
    let answer = client.get("/v1/exports/decp.json?show=withheld").expect(200);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let text = String::from_utf8(answer.bytes).unwrap();
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').take(4).collect()).collect();
    let other_key = format!("21990001500017/{}", second.id());
    let expected = [
        ["depot", "contrat", "date", "code"],
        [&id, &other_key, "2026-05-15", "other-buyer"],
        [&id, &third.key(), "2026-05-15", "withheld"],
        [&id, &second.key(), "2026-05-15", "rules"],
    ];
    assert_eq!(lines, expected);
    let none = client.get("/v1/exports/decp.json?show=withheld&from=2027-01-01").expect(200);
    assert_eq!(String::from_utf8(none.bytes).unwrap().lines().count(), 1);
    assert_eq!(client.get("/v1/exports/decp.json?show=all").expect(400).code(), "parameter-unreadable");
}

#[test]
fn an_act_of_which_too_much_is_said_is_withheld() {
    let (_house, _, client) = publishing("");
    let sample = Envelope::new(1);
    let id = deposit(&client, &sample);
    acknowledge(&client, &sample);
    // Acts of other years under the same number, as far as the archive looks.
    let days =
        (2001..=2003).flat_map(|year| (1..=12).flat_map(move |month| (1..=28).map(move |day| (year, month, day))));
    for (at, (year, month, day)) in days.take(999).enumerate() {
        if at == 998 {
            assert_eq!(csv(&client, "").len(), 2);
        }
        let act = sample.act_id().replace(&sample.date, &format!("{year}{month:02}{day:02}"));
        let text = format!(
            "<actes:Annulation xmlns:actes=\"http://www.interieur.gouv.fr/ACTES#v1.1-20040216\" actes:IDActe=\"{act}\"/>"
        );
        client.deposit(&format!("{act}-6-1_0.xml"), text.as_bytes(), &[]).expect(201);
    }
    assert_eq!(withheld(&client), [(id, "too-much".to_owned())]);
}

#[test]
fn exports_that_nobody_reads_make_others_wait_and_a_reader_needs_its_right() {
    let (house, tenant, client) = publishing(&format!("buyers = [\"{BUYER}\"]"));
    let depositor = house.token(&tenant, "deposit");
    for path in ["/v1/exports/scdl.csv", "/v1/exports/decp.json"] {
        assert_eq!(depositor.get(path).expect(403).code(), "scope-missing");
    }
    // More than what sockets and the pieces ahead hold.
    for file in 0..6 {
        let one = |number: u32| {
            let mut contract = Procurement::new(file * 10_000 + number).contract();
            contract["objet"] = json!("x".repeat(1000));
            contract
        };
        let bytes = document(&(0..4000).map(one).collect::<Vec<_>>(), &[]).to_string().into_bytes();
        client.deposit(&format!("decp-{file}.json"), &bytes, &[]).expect(201);
    }
    let address = house.url.strip_prefix("http://").unwrap();
    let request = format!(
        "GET /v1/exports/decp.json HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\n\r\n",
        client.token()
    );
    let lazy: Vec<TcpStream> = (0..2)
        .map(|_| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            // The first bytes are there: it has its turn.
            stream.read_exact(&mut [0; 16]).unwrap();
            stream
        })
        .collect();
    let busy = client.get("/v1/exports/scdl.csv").expect(503);
    assert_eq!((busy.code().as_str(), busy.header("retry-after")), ("busy", "5"));
    drop(lazy);
    let until = Instant::now() + Duration::from_secs(20);
    while client.get("/v1/exports/scdl.csv").status != 200 {
        assert!(Instant::now() < until, "their turns do not come back");
        std::thread::sleep(Duration::from_millis(20));
    }
    let all = client.get("/v1/exports/decp.json").expect(200).json();
    assert_eq!(all["marches"]["marche"].as_array().unwrap().len(), 24_000);
}

#[test]
fn a_publication_that_makes_no_sense_keeps_the_server_from_starting() {
    let tenant = "aaaaaaaaaaaaaaaaaaaaaaaaae";
    let one = |more: &str| format!("[[publication.tenants]]\ntenant = \"{tenant}\"\nsiret = \"{SIRET}\"\n{more}");
    let url = format!("[publication]\nurl = \"{BASE}\"\n");
    let refused = [
        one(""),
        format!("[publication]\nurl = \"{BASE}/\"\n"),
        "[publication]\nurl = \"archives.exemple.fr\"\n".to_owned(),
        "[publication]\nurl = \"https://a.example/\\\"x\"\n".to_owned(),
        format!("{url}{}", one("natures = [\"AI\"]")),
        format!("{url}{}", one("natures = []")),
        format!("{url}{}", one("documents = [\"enveloppe\"]")),
        format!("{url}{}", one("withheld_matters = [\"10\"]")),
        format!("{url}{}", one("withheld_contracts = [\"M1\"]")),
        format!("{url}{}", one("withheld = [\"S3\"]")),
        format!("{url}{}", one("buyers = [\"243400017\"]")),
        format!("{url}{}", one("colour = 1")),
        format!("{url}{}\n{}", one(""), one("")),
        format!("{url}{}", one("").replace(SIRET, "21349902300018")),
        format!("{url}{}", one("").replace(tenant, "x")),
    ];
    let place = tempfile::TempDir::new().unwrap();
    let data = place.path().join("data");
    service::init(&service::InitOptions { data: data.clone(), origin: crate::house::ORIGIN.into() }).unwrap();
    for lines in refused {
        let text = format!("origin = \"{}\"\n{lines}\n", crate::house::ORIGIN);
        std::fs::write(data.join("tabellion.toml"), text).unwrap();
        let (shutdown, _stop) = service::Shutdown::by_hand();
        let listen = Some("127.0.0.1:0".into());
        let options = service::ServeOptions { data: data.clone(), listen, seal_every: None, witnesses: None };
        let began = Instant::now();
        let refused = service::serve(options, shutdown).unwrap_err().to_string();
        assert!(refused.contains("tabellion.toml") && began.elapsed() < Duration::from_secs(10), "{lines}: {refused}");
    }
}
