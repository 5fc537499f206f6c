//! ACTES envelopes, loose files, described files, and what is refused.

use crate::house::{Client, House};
use std::io::Read;
use tests::samples::{Accounting, Envelope, Transfer};
use verifier::Overall;

#[test]
fn an_accounting_flow_and_its_acknowledgement_meet_in_any_order() {
    for sent_first in [true, false] {
        let house = House::new();
        let (_, client) = house.tenant(0);
        let sample = Accounting::new(7);
        // Their names as files say nothing: the one inside does.
        let files = [("flux.xml", sample.sent()), ("acquit.xml", sample.acknowledged(false))];
        let [first, second] = if sent_first { [0, 1] } else { [1, 0] };
        client.deposit(files[first].0, &files[first].1, &[]).expect(201);
        let last = client.deposit(files[second].0, &files[second].1, &[]).expect(201).json();
        assert_eq!(last["act"]["nom_fic"], sample.name());
        let entries = last["act"]["entries"].as_array().unwrap();
        let messages: Vec<_> = entries.iter().map(|entry| entry["message"].as_str().unwrap()).collect();
        let names = ["PES_Aller", "PES_ACQUIT"];
        assert_eq!(messages, [names[first], names[second]]);
        let state = &last["act"]["flux"][0];
        assert_eq!((&state["etat"], &state["bordereaux"]), (&"accepte-partiellement".into(), &1.into()), "{state}");
        let sent = client.get(&format!("/v1/deposits/{}", entries[usize::from(!sent_first)]["id"].as_str().unwrap()));
        let sent = sent.expect(200).json();
        assert_eq!((&sent["facts"]["flow"], &sent["facts"]["montant_ht"]), (&"pes".into(), &"123.45".into()));
        client.post("/v1/seals", "").expect(200);
        let pack = client.get(last["links"]["evidence"].as_str().unwrap()).expect(200).bytes;
        let verdict = house.judge(&pack);
        assert_eq!(verdict.verdict, Overall::PassedTimestamped, "{verdict:?}");
        assert!(verdict.findings.iter().any(|line| line.code == "related-proved"), "{verdict:?}");
    }
}

#[test]
fn a_flow_opened_later_says_what_its_acknowledgements_made_of_it() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let sample = Accounting::new(8);
    let (one, other) = (String::from_utf8(sample.sent()).unwrap(), "<Bordereau Id=\"B9\">");
    // Two bordereaux, of which the acknowledgement names one.
    let (begin, end) = (one.find("<Bordereau").unwrap(), one.find("</PES_DepenseAller>").unwrap());
    let second = one[begin..end].replace("<Bordereau Id=\"B8\">", other).replace("IdBord V=\"8\"", "IdBord V=\"9\"");
    let sent = format!("{}{second}{}", &one[..end], &one[end..]);
    let deposit = |name: &str, bytes: &[u8]| client.deposit(name, bytes, &[]).expect(201).json();
    let first = deposit("flux.xml", sent.as_bytes());
    assert_eq!(first["act"]["flux"][0]["etat"], "sans-acquittement");
    let id = first["id"].as_str().unwrap();
    let opened = || client.get(&format!("/v1/deposits/{id}")).expect(200).json()["act"]["flux"][0].clone();
    let taken = String::from_utf8(sample.acknowledged(true)).unwrap();
    deposit("autre.xml", taken.replace("21990001500017\"/>", "21990001500025\"/>").as_bytes());
    assert_eq!(
        (&opened()["etat"], opened()["acquits_ecartes"].as_array().unwrap().len()),
        (&"sans-acquittement".into(), 1)
    );
    deposit("acquit.xml", taken.as_bytes());
    let state = opened();
    assert_eq!(
        (&state["etat"], &state["non_acquittes_noms"]),
        (&"partiel".into(), &serde_json::json!(["9/2026 (depense)"]))
    );
    deposit("suite.xml", taken.replace("NumBord V=\"8\"", "NumBord V=\"9\"").as_bytes());
    assert_eq!(opened()["etat"], "accepte", "{}", opened());
    // Another flow under the same name: neither can be told from the other any more.
    let again = deposit("flux.xml", sent.replace("123.45", "124.45").as_bytes());
    let state = &again["act"]["flux"][0];
    assert_eq!((&state["etat"], &state["motif"]), (&"incertain".into(), &"plusieurs-flux".into()), "{state}");
    assert_eq!((opened()["etat"].clone(), state["deposes_sous_ce_nom"][0].as_str()), ("incertain".into(), Some(id)));
}

#[test]
fn an_act_is_executory_once_its_publication_is_deposited() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let sample = Envelope::new(1);
    let act = client.deposit(&sample.archive_name(), &sample.archive(), &[]).expect(201).json();
    assert_eq!(act["act"]["executoire"]["etat"], "inconnu");
    let ar = client.deposit(&sample.acknowledgement_name(), &sample.acknowledgement(), &[]).expect(201).json();
    assert_eq!(ar["act"]["executoire"]["etat"], "recu-publication-inconnue", "{}", ar["act"]);
    let manifest = serde_json::json!({
        "version": 1, "reference": "PUB-1", "type": "publication", "date": "2019-07-31", "acte": sample.act_id(), "lieu": "mairie",
        "fichiers": [{"fichier": "preuve.pdf", "role": "preuve"}],
    });
    let files: [(&str, &[u8]); 1] = [("preuve.pdf", b"%PDF-1.4")];
    for (field, value, code) in
        [("lieu", "", "publication-no-place"), ("date", "2999-01-01", "publication-after-deposit")]
    {
        let mut lacking = manifest.clone();
        match value {
            "" => drop(lacking.as_object_mut().unwrap().remove(field)),
            value => lacking[field] = value.into(),
        }
        let kept =
            client.deposit_form("/v1/deposits?kind=dossier", &files, Some(&lacking.to_string())).expect(201).json();
        assert!(kept["findings"].as_array().unwrap().iter().any(|one| one["code"] == code), "{kept}");
        let status = &kept["act"]["executoire"];
        assert_eq!(status["etat"], "recu-publication-inconnue", "{status}");
        let aside = status["publications_ecartees"].as_array().unwrap();
        assert!(aside.iter().any(|one| one["codes"][0] == code), "{status}");
    }
    let proof =
        client.deposit_form("/v1/deposits?kind=dossier", &files, Some(&manifest.to_string())).expect(201).json();
    let status = &proof["act"]["executoire"];
    assert_eq!((&status["etat"], &status["depuis"]), (&"executoire".into(), &"2019-07-31".into()), "{status}");
    assert_eq!(status["recours_indicatif_jusqu_au"], "2019-09-30");
    assert_eq!(proof["act"]["entries"].as_array().unwrap().len(), 5);
    // The act says so too, from then on.
    let again = client.get(act["links"]["self"].as_str().unwrap()).expect(200).json();
    assert_eq!(again["act"]["executoire"]["etat"], "executoire");
}

#[test]
fn an_envelope_and_its_ar_make_one_story_and_a_pack_of_every_member() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let sample = Envelope::new(1);
    let envelope = client.deposit(&sample.archive_name(), &sample.archive(), &[]).expect(201).json();
    assert_eq!(envelope["act"]["id_acte"], sample.act_id());
    assert_eq!(envelope["act"]["entries"].as_array().unwrap().len(), 1);
    let ar = client.deposit(&sample.acknowledgement_name(), &sample.acknowledgement(), &[]).expect(201).json();
    let entries = ar["act"]["entries"].as_array().unwrap();
    let messages: Vec<_> = entries.iter().map(|entry| entry["message"].as_str().unwrap()).collect();
    assert_eq!((ar["act"]["id_acte"].clone(), messages), (envelope["act"]["id_acte"].clone(), vec!["1-1", "1-2"]));
    assert_eq!(entries[0]["id"], envelope["id"]);

    let one = client.get(envelope["links"]["self"].as_str().unwrap()).expect(200).json();
    let files = one["files"].as_array().unwrap();
    assert_eq!(files[0]["name"], sample.archive_name());
    assert!(files.len() > 3 && files[1..].iter().all(|file| file["parent"] == 1), "{files:?}");
    assert_eq!(one["facts"]["flow"], "actes");
    // Each member is given back as it was in the archive.
    for (name, bytes) in sample.members() {
        let at = files.iter().position(|file| file["name"] == name.as_str()).unwrap_or_else(|| panic!("{name}"));
        let path = envelope["links"]["files"][at].as_str().unwrap();
        assert!(client.get(path).expect(200).bytes == bytes, "{name}");
    }
    client.post("/v1/seals", "").expect(200);
    for body in [&envelope, &ar] {
        let pack = client.get(body["links"]["evidence"].as_str().unwrap()).expect(200).bytes;
        let verdict = house.judge(&pack);
        assert_eq!(verdict.verdict, Overall::PassedTimestamped, "{verdict:?}");
    }
    let list = client.get("/v1/deposits").expect(200).json();
    assert_eq!(list["items"][1]["id_acte"], sample.act_id());
}

#[test]
fn the_pack_of_an_act_brings_its_acknowledgement_and_the_other_way_round() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let sample = Envelope::new(1);
    let act = client.deposit(&sample.archive_name(), &sample.archive(), &[]).expect(201).json();
    let pack = |body: &serde_json::Value, asked: &str| {
        client.get(&format!("{}{asked}", body["links"]["evidence"].as_str().unwrap())).expect(200).bytes
    };
    let related = |pack: &[u8]| {
        let container = seal::Container::parse(pack).unwrap();
        let names: Vec<String> = container.names().map(str::to_owned).collect();
        let of = |name: &String| name.strip_prefix("META-INF/tabellion/related/").map(str::to_owned);
        names.iter().filter_map(of).collect::<Vec<_>>()
    };
    assert_eq!(related(&pack(&act, "")), Vec::<String>::new(), "nothing is known yet");
    let ar = client.deposit(&sample.acknowledgement_name(), &sample.acknowledgement(), &[]).expect(201).json();
    client.post("/v1/seals", "").expect(200);
    for (one, other) in [(&act, &ar), (&ar, &act)] {
        let with = pack(one, "");
        assert_eq!(related(&with), [format!("{}.asice", other["id"].as_str().unwrap()), "index.json".to_owned()]);
        let verdict = house.judge(&with);
        assert_eq!((verdict.verdict, verdict.strict_exit_code()), (Overall::PassedTimestamped, 0), "{verdict:?}");
        assert_eq!(verdict.findings.iter().filter(|line| line.code == "related-proved").count(), 1);
        assert_eq!(related(&pack(one, "?related=none")), Vec::<String>::new());
        assert_eq!(related(&pack(one, "?related=all")).len(), 2);
        let container = seal::Container::parse(&with).unwrap();
        let index = container.read("META-INF/tabellion/related/index.json").unwrap();
        let index: serde_json::Value = serde_json::from_slice(&index).unwrap();
        assert_eq!((&index["id_acte"], &index["entries"][0]["id"]), (&sample.act_id().into(), &other["id"]));
    }
    let refused = client.get(&format!("{}?related=some", act["links"]["evidence"].as_str().unwrap())).expect(400);
    assert_eq!(refused.code(), "parameter-unreadable");
}

#[test]
fn files_with_a_description_are_kept_with_it() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let description = r#"{"titre":"Plan local d'urbanisme","annee":2026}"#;
    let files: [(&str, &[u8]); 2] = [("plan.pdf", b"%PDF-1.4"), ("vide.txt", b"")];
    let body = client.deposit_form("/v1/deposits?kind=file", &files, Some(description)).expect(201).json();
    let one = client.get(body["links"]["self"].as_str().unwrap()).expect(200).json();
    // A file is empty: said at deposit, and in the same words for ever.
    assert_eq!(body["findings"][0]["code"], "file-empty");
    assert_eq!(one["findings"], body["findings"]);
    assert_eq!(one["facts"]["description"]["annee"], 2026);
    let told: Vec<_> =
        one["files"].as_array().unwrap().iter().map(|f| (f["name"].clone(), f["size"].clone())).collect();
    assert_eq!(told, [("plan.pdf".into(), 8.into()), ("vide.txt".into(), 0.into())]);
    client.post("/v1/seals", "").expect(200);
    let pack = client.get(body["links"]["evidence"].as_str().unwrap()).expect(200).bytes;
    assert_eq!(house.judge(&pack).verdict, Overall::PassedTimestamped);
}

#[test]
fn a_refused_flow_says_why_and_is_kept_for_its_sender_alone() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let (_, other) = house.tenant(1);
    let before = house.client("").get("/log/checkpoint").expect(200).bytes;
    let form = client.deposit_form("/v1/deposits?kind=file", &[("a.txt", b"le contenu")], Some("{\"prix\":1.5}"));
    let problem = form.expect(422).json();
    assert_eq!(problem["code"], "description-not-canonical");
    assert_eq!(problem["findings"][0]["severity"], "refusal");
    let path = format!("/v1/refusals/{}", problem["refusal"].as_str().unwrap());
    let report = client.get(&path).expect(200).json();
    assert_eq!((&report["files"][0]["name"], &report["findings"][0]["code"]), (&"a.txt".into(), &problem["code"]));
    assert_eq!(client.get(&format!("{path}/files/1")).expect(200).bytes, b"le contenu");
    client.get(&format!("{path}/files/2")).expect(404);
    other.get(&path).expect(404);
    other.get(&format!("{path}/files/1")).expect(404);
    // On disk nothing can be read, and the log knows nothing of it.
    let kept = house.data().join("refused").join(problem["refusal"].as_str().unwrap());
    for file in std::fs::read_dir(kept).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(7).any(|w| w == b"contenu"));
    }
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert_ne!(before, b"");
    assert_eq!(client.get("/v1/deposits").expect(200).json()["items"], serde_json::json!([]));
    assert_eq!(
        client.send("POST", "/v1/deposits?kind=seda&name=a", &[], b"x").expect(422).code(),
        "seda-manifest-missing"
    );
    let english =
        client.send("POST", "/v1/deposits?kind=actes&name=a.txt", &[("accept-language", "en")], b"x").expect(422);
    assert_eq!(english.header("content-language"), "en");
}

#[test]
fn a_transfer_under_an_agreement_that_its_tenant_does_not_know_is_refused() {
    let mut house = House::new();
    let (tenant, client) = house.tenant(0);
    let transfer = Transfer::new("2.1", 1, 1, 10);
    let mut bytes = Vec::new();
    transfer.archive(&transfer.bordereau()).read_to_end(&mut bytes).unwrap();
    let send = |client: &Client| {
        client.send("POST", "/v1/deposits?kind=seda&on_duplicate=deposit&name=envoi.tar", &[], &bytes)
    };
    let free = send(&client).expect(201).json();
    let shown = client.get(&format!("/v1/deposits/{}", free["id"].as_str().unwrap())).expect(200).json().to_string();
    assert!(shown.contains("seda-not-controlled"), "{shown}");
    house.stop();
    let file = house.data().join("tabellion.toml");
    let before = std::fs::read_to_string(&file).unwrap();
    let lists = |agreement: &str| format!("[[seda.tenants]]\ntenant = \"{tenant}\"\nagreements = [{agreement}]\n");
    let mut with = |agreement: &str| {
        house.stop();
        std::fs::write(&file, format!("{before}\n{}", lists(agreement))).unwrap();
        house.start();
        house.token(&tenant, "deposit,read")
    };
    for known in ["\"AV-1\"", "{ id = \"AV-1\", from = \"2020-01-01\" }"] {
        send(&with(known)).expect(201);
    }
    for unknown in ["", "\"AV-2\"", "{ id = \"AV-1\", until = \"2020-01-01\" }"] {
        let client = with(unknown);
        let problem = send(&client).expect(422);
        assert_eq!(problem.code(), "seda-agreement-unknown", "{unknown}");
        // What the sender is to be answered is kept with what was found.
        let kept = format!("/v1/refusals/{}", problem.json()["refusal"].as_str().unwrap());
        let found = client.get(&kept).expect(200).json();
        let reply = found["replies"]["reply"].as_str().unwrap();
        assert!(reply.contains("CHECK_HEADER.CHECK_CONTRACT_INGEST.CONTRACT_UNKNOWN.KO"), "{reply}");
        assert!(reply.contains("[seda-agreement-unknown]") && reply.contains("<ReplyCode>KO<"), "{reply}");
        assert!(found["replies"]["acknowledgement"].as_str().unwrap().contains("<MessageReceivedIdentifier>M-1<"));
        client.get(&format!("{kept}?all=1")).expect(400);
    }
    // What is no transfer has no answer.
    let client = house.token(&tenant, "deposit,read");
    let problem = client.send("POST", "/v1/deposits?kind=seda&name=a", &[], b"x").expect(422).json();
    let found = client.get(&format!("/v1/refusals/{}", problem["refusal"].as_str().unwrap())).expect(200).json();
    assert!(found.get("replies").is_none(), "{found}");
}

#[test]
fn a_transfer_that_is_not_as_the_file_of_its_profile_asks_is_refused() {
    let mut house = House::new();
    let (tenant, _) = house.tenant(0);
    let transfer = Transfer::new("2.1", 1, 1, 10);
    let named = String::from_utf8(transfer.bordereau()).unwrap();
    let named = named.replace("<ManagementMetadata>", "<ManagementMetadata><ArchivalProfile>PR-1</ArchivalProfile>");
    let profile = |comment: &str| {
        format!(
            "<grammar xmlns=\"http://relaxng.org/ns/structure/1.0\" ns=\"fr:gouv:culture:archivesdefrance:seda:v2.1\">\
<start><element name=\"ArchiveTransfer\"><element name=\"Comment\"><value>{comment}</value></element><oneOrMore><ref name=\"any\"/>\
</oneOrMore></element></start><define name=\"any\"><element><anyName/><zeroOrMore><choice><attribute><anyName/></attribute><text/>\
<ref name=\"any\"/></choice></zeroOrMore></element></define></grammar>"
        )
    };
    house.stop();
    let file = house.data().join("tabellion.toml");
    let before = std::fs::read_to_string(&file).unwrap();
    let line = "profiles = [{ id = \"PR-1\", file = \"pr-1.rng\" }]";
    std::fs::write(&file, format!("{before}\n[[seda.tenants]]\ntenant = \"{tenant}\"\n{line}\n")).unwrap();
    let mut bytes = Vec::new();
    transfer.archive(named.as_bytes()).read_to_end(&mut bytes).unwrap();
    for (comment, status, fact) in [("Transfert inventé", 201, "conforme"), ("Autre", 422, "non conforme")] {
        house.stop();
        std::fs::write(house.data().join("pr-1.rng"), profile(comment)).unwrap();
        house.start();
        let client = house.token(&tenant, "deposit,read");
        let answer = client.send("POST", "/v1/deposits?kind=seda&on_duplicate=deposit&name=envoi.tar", &[], &bytes);
        let answer = answer.expect(status);
        if status == 201 {
            let shown = client.get(&format!("/v1/deposits/{}", answer.json()["id"].as_str().unwrap())).expect(200);
            assert_eq!(shown.json()["facts"]["profil_controle"], fact);
        } else {
            assert_eq!(answer.code(), "seda-profile-differs");
        }
    }
}

#[test]
fn the_whole_tree_of_an_archived_transfer_is_read_again_from_its_bordereau() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    let transfer = Transfer::new("2.2", 600, 1, 10);
    let mut bytes = Vec::new();
    transfer.archive(&transfer.bordereau()).read_to_end(&mut bytes).unwrap();
    let answer = client.send("POST", "/v1/deposits?kind=seda&name=envoi.tar", &[], &bytes).expect(201).json();
    let id = answer["id"].as_str().unwrap();
    let shown = client.get(&format!("/v1/deposits/{id}")).expect(200).json();
    let listed = shown["facts"]["unites"].as_array().unwrap().len();
    assert_eq!((listed, &shown["facts"]["nombre_unites"]), (20, &601.into()));
    assert!(shown.to_string().contains("seda-listed"), "{shown}");
    let tree = client.get(&format!("/v1/deposits/{id}/units")).expect(200);
    assert_eq!(tree.header("content-type"), "application/x-ndjson");
    let text = String::from_utf8(tree.bytes).unwrap();
    let units: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(units.len(), 601);
    assert_eq!((&units[1]["identifiant"], &units[1]["parent"]), (&"U0".into(), &"R".into()));
    assert_eq!((&units[1]["groupes"][0], &units[1]["regles"][0]), (&"G0".into(), &"AccessRule ACC-00001".into()));
    assert_eq!(units[600]["titre"], "Pièce inventée numéro 599");
    let other = client.deposit("note.txt", b"autre", &[]).expect(201).json();
    client.get(&format!("/v1/deposits/{}/units", other["id"].as_str().unwrap())).expect(404);
    // A slip in a parameter is no other question.
    for asked in ["", "/units", "/receipt", "/files/1"] {
        let refused = client.get(&format!("/v1/deposits/{id}{asked}?tenannt=x")).expect(400);
        assert_eq!(refused.code(), "parameter-unreadable", "{asked}");
    }
    client.get("/v1/deposits?from=2").expect(400);
    let (_, stranger) = house.tenant(1);
    stranger.get(&format!("/v1/deposits/{id}/units")).expect(404);
}
