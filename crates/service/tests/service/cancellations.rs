//! A cancellation reaches its act whatever it is packed in and however it names it; in doubt the act is no longer executory and is withheld.

use crate::house::Client;
use crate::open_data::{acknowledge, deposit, publishing, withheld};
use serde_json::Value;
use tests::samples::{Envelope, gzip, tar_gz, zipped};

fn cancellation(id: &str) -> String {
    format!(
        "<actes:ARAnnulation xmlns:actes=\"http://www.interieur.gouv.fr/ACTES#v1.1-20040216\" actes:IDActe=\"{id}\" actes:DateReception=\"2020-01-02\"/>"
    )
}

fn act(client: &Client, id: &str) -> Value {
    client.get(&format!("/v1/deposits/{id}")).expect(200).json()["act"].clone()
}

/// Acts that are acknowledged and published, and the entry of each.
fn acts(client: &Client, count: u64) -> Vec<(Envelope, String)> {
    let samples = (0..count).map(|rank| Envelope::new(1 + 30 * rank));
    let all = samples.map(|sample| {
        let id = deposit(client, &sample);
        acknowledge(client, &sample);
        (sample, id)
    });
    all.collect()
}

#[test]
fn a_cancellation_takes_its_act_back_whatever_it_is_packed_in() {
    let (_house, _, client) = publishing("");
    let all = acts(&client, 6);
    let xml: Vec<String> = all.iter().map(|(act, _)| cancellation(&act.act_id())).collect();
    let bytes = |at: usize| xml[at].as_bytes();
    let named = format!("{}-6-2_0.xml.gz", all[0].0.act_id());
    let deposits = [
        (named.as_str(), gzip(bytes(0))),
        ("msg.gz", gzip(bytes(1))),
        ("annulation.zip", zipped(&[("annulation.xml", bytes(2))])),
        ("reponse.zip", zipped(&[("note.pdf", b"%PDF-1.4".as_slice()), ("p.xml.gz", &gzip(bytes(3)))])),
        ("note.txt", bytes(4).to_vec()),
    ];
    for (at, (name, bytes)) in deposits.iter().enumerate() {
        let told = client.deposit(name, bytes, &[]).expect(201).json();
        assert_eq!(told["act"]["executoire"]["etat"], "annule", "{name}: {}", told["act"]);
        assert_eq!(act(&client, &all[at].1)["executoire"]["etat"], "annule", "{name}");
    }
    let codes = withheld(&client);
    assert_eq!(codes, all[..5].iter().map(|(_, id)| (id.clone(), "cancelled".to_owned())).collect::<Vec<_>>());
    assert_eq!(act(&client, &all[5].1)["executoire"]["etat"], "recu-publication-inconnue");
}

#[test]
fn a_cancellation_whose_identifier_cannot_be_read_counts_for_each_act_that_it_may_be_of_and_for_no_other() {
    let (_house, _, client) = publishing("");
    let all = acts(&client, 10);
    let (mut doubtful, last) = (Vec::new(), all.len() - 1);
    let odd = |act: &Envelope| {
        let (siren, date, number) = (act.authority.siren, &act.date, &act.number);
        [
            format!("034-{siren}-20190230-{number}-DE"),
            format!("034-{siren}-{date}-{number}-ZZ"),
            format!("034-{siren}-{date}-{}", &number[..4]),
            format!("034_{siren}_{date}_{number}_DE"),
            format!("034 {siren} {date} {number} DE"),
            format!("034/{siren}/{date}/{number}/DE"),
            format!("0034-{siren}-{date}-{number}-DE"),
            format!("034-{siren}-{date}-{number}-1"),
            format!("034-{siren}-{date}-{number}-D\u{200B}E"),
        ]
    };
    for (at, (sample, id)) in all[..last].iter().enumerate() {
        let said = odd(sample)[at].clone();
        let told = client.deposit("annulation.xml", cancellation(&said).as_bytes(), &[]).expect(201).json();
        let own = told["act"]["executoire"].clone();
        assert_eq!(own["etat"], "annulation-possible", "{said}: {own}");
        assert!(!own["phrase"].as_str().unwrap().contains("Annulé"), "{said}: {own}");
        assert!(told["findings"].as_array().unwrap().iter().any(|one| one["code"] == "actes-id-malformed"), "{said}");
        let status = act(&client, id)["executoire"].clone();
        assert_eq!(status["etat"], "annulation-possible", "{said}: {status}");
        assert_eq!(status["annulations_possibles"].as_array().unwrap().len(), 1, "{said}: {status}");
        doubtful.push((id.clone(), "cancelled".to_owned()));
        assert_eq!(withheld(&client), doubtful, "{said}");
    }
    // Of another authority, of another day, and of nothing that can be read.
    let (sample, id) = &all[last];
    let (siren, number) = (sample.authority.siren, &sample.number);
    for said in [
        format!("034-213499049-{}-{number}-ZZ", sample.date),
        format!("034-{siren}-20180101-{number}-ZZ"),
        format!("034-{siren}"),
        "faux".to_owned(),
    ] {
        client.deposit("annulation.xml", cancellation(&said).as_bytes(), &[]).expect(201);
        assert_eq!(act(&client, id)["executoire"]["etat"], "recu-publication-inconnue", "{said}");
    }
    assert_eq!(withheld(&client), doubtful);
    // Whichever came first.
    let late = Envelope::new(1 + 30 * 11);
    let said = format!("034-{siren}-20190230-{}-DE", late.number);
    client.deposit("annulation.xml", cancellation(&said).as_bytes(), &[]).expect(201);
    let deposited = deposit(&client, &late);
    assert_eq!(act(&client, &deposited)["executoire"]["etat"], "annulation-possible");
}

#[test]
fn a_cancellation_says_that_its_act_is_cancelled_once_the_act_is_there() {
    let (_house, _, client) = publishing("");
    let sample = Envelope::new(1);
    let name = format!("{}-6-2_0.xml", sample.act_id());
    let told = client.deposit(&name, cancellation(&sample.act_id()).as_bytes(), &[]).expect(201).json();
    let own = &told["act"]["executoire"];
    assert_eq!(own["etat"], "annulation-possible", "{own}");
    assert!(own["phrase"].as_str().unwrap().contains("n'est pas dans l'archive"), "{own}");
    deposit(&client, &sample);
    assert_eq!(act(&client, told["id"].as_str().unwrap())["executoire"]["etat"], "annule");
}

#[test]
fn an_archive_that_says_the_test_platform_acknowledges_nothing_whatever_its_envelope_says() {
    let (_house, _, client) = publishing("");
    let samples = [Envelope::new(1), Envelope::new(31)];
    let ids: Vec<String> = samples.iter().map(|sample| deposit(&client, sample)).collect();
    let told = |sample: &Envelope, archive: &str| {
        let message = (sample.acknowledgement_name(), sample.acknowledgement());
        client.deposit(archive, &tar_gz(&[message]), &[]).expect(201).json()
    };
    let trial = told(&samples[0], &samples[0].archive_name().replace("EACT", "TACT"));
    assert!(trial["findings"].as_array().unwrap().iter().any(|one| one["code"] == "actes-test-platform"), "{trial}");
    told(&samples[1], &samples[1].archive_name());
    let status = act(&client, &ids[0])["executoire"].clone();
    assert_eq!(
        (status["etat"].as_str(), status["receptions_de_test"].as_array().map(Vec::len)),
        (Some("inconnu"), Some(1))
    );
    assert_eq!(act(&client, &ids[1])["executoire"]["etat"], "recu-publication-inconnue");
    assert_eq!(withheld(&client), [(ids[0].clone(), "test-platform".to_owned())]);
    // An act that went there alone is not published by the acknowledgement that comes by itself.
    let act = Envelope::new(61);
    let files = [(act.message_name(), act.message_xml())];
    let sent = client.deposit(&act.archive_name().replace("EACT", "TACT"), &tar_gz(&files), &[]).expect(201).json();
    acknowledge(&client, &act);
    assert!(withheld(&client).contains(&(sent["id"].as_str().unwrap().to_owned(), "test-platform".to_owned())));
}
