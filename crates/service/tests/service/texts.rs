//! Several texts under one identifier, and messages that lie beside the envelope of another: in whatever company an act came, its state is that of its own text.

use crate::house::Client;
use crate::open_data::{acknowledge, deposit, publishing};
use serde_json::Value;
use tests::samples::{Envelope, NamedFile, tar_gz};

fn executory(client: &Client, id: &str) -> Value {
    client.get(&format!("/v1/deposits/{id}")).expect(200).json()["act"]["executoire"].clone()
}

/// One deposit of several archives; its entry.
fn together(client: &Client, files: &[NamedFile]) -> String {
    let parts: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let body = client.deposit_form("/v1/deposits", &parts, None).expect(201).json();
    body["id"].as_str().unwrap().to_owned()
}

/// The same act with another document, in an archive of its own.
fn other(sample: &Envelope) -> NamedFile {
    let mut members = sample.members();
    let document = members.iter_mut().find(|(name, _)| name.ends_with(&sample.act_name())).unwrap();
    document.1.extend_from_slice(b"% un autre texte\n");
    (sample.archive_name().replace("TST-", "ABC-"), tar_gz(&members))
}

#[test]
fn two_documents_under_one_identifier_are_two_texts_whatever_they_were_deposited_with() {
    let (_house, _, client) = publishing("");
    let packed = |sample: &Envelope| (sample.archive_name(), sample.archive());
    let states = |ids: &[String]| {
        ids.iter().map(|id| executory(&client, id)["etat"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // In a batch and alone; in two batches; in one deposit.
    let samples: Vec<Envelope> = (0..8).map(|rank| Envelope::new(1 + 30 * rank)).collect();
    let [first, second, third, fourth] = [&samples[0], &samples[1], &samples[2], &samples[3]];
    let batch = together(&client, &[packed(first), packed(&samples[4])]);
    let alone = together(&client, &[other(first)]);
    acknowledge(&client, first);
    assert_eq!(states(&[batch, alone]), ["texte-incertain", "texte-incertain"]);
    let one = together(&client, &[packed(second), packed(&samples[5])]);
    let two = together(&client, &[other(second), packed(&samples[6])]);
    acknowledge(&client, second);
    assert_eq!(states(&[one, two]), ["texte-incertain", "texte-incertain"]);
    let both = together(&client, &[packed(third), other(third)]);
    acknowledge(&client, third);
    assert_eq!(states(&[both]), ["texte-incertain"]);
    // The same document in a batch and alone is one text.
    let batch = together(&client, &[packed(fourth), packed(&samples[7])]);
    let alone = deposit(&client, fourth);
    acknowledge(&client, fourth);
    assert_eq!(states(&[batch, alone]), ["recu-publication-inconnue", "recu-publication-inconnue"]);
}

#[test]
fn what_lies_beside_the_archive_of_another_act_did_not_come_in_its_envelope() {
    let (_house, _, client) = publishing("");
    let [tried, real, of_another, loose] = [1, 31, 61, 91].map(Envelope::new);
    let trial = |sample: &Envelope| sample.archive_name().replace("EACT", "TACT");
    let trial_members = |sample: &Envelope| {
        let renamed = |(name, bytes): NamedFile| (name.replace("EACT", "TACT"), bytes);
        tar_gz(&sample.members().into_iter().map(renamed).collect::<Vec<_>>())
    };
    // The act went to the test platform; its acknowledgement lies beside the archive of an act sent for real.
    let sent = together(&client, &[(trial(&tried), trial_members(&tried))]);
    let reply = |sample: &Envelope| (sample.acknowledgement_name(), sample.acknowledgement());
    together(&client, &[reply(&tried), (of_another.archive_name(), of_another.archive())]);
    let status = executory(&client, &sent);
    assert_eq!((status["etat"].as_str(), &status["recu_le"]), (Some("inconnu"), &Value::Null), "{status}");
    // And the reverse: that of an act sent for real, beside an archive of the test platform, counts.
    let act = deposit(&client, &real);
    together(&client, &[reply(&real), (trial(&loose), trial_members(&loose))]);
    assert_eq!(executory(&client, &act)["etat"], "recu-publication-inconnue");
}

#[test]
fn a_loose_message_is_of_the_envelope_beside_it_that_announces_it() {
    let (_house, _, client) = publishing("");
    let [tried, other] = [1, 31].map(Envelope::new);
    let loose =
        |sample: &Envelope, platform: &str| (sample.envelope_name().replace("EACT", platform), sample.envelope_xml());
    let message = |sample: &Envelope| (sample.message_name(), sample.message_xml());
    let document = |sample: &Envelope| (sample.act_name(), sample.act_pdf());
    let own = together(&client, &[loose(&tried, "TACT"), message(&tried), document(&tried)]);
    let facts = |id: &str| client.get(&format!("/v1/deposits/{id}")).expect(200).json()["facts"].clone();
    assert_eq!(facts(&own)["sans_enveloppe"], Value::Null);
    let apart = together(&client, &[loose(&tried, "EACT"), message(&other), document(&other)]);
    assert_eq!(facts(&apart)["sans_enveloppe"], true);
}
