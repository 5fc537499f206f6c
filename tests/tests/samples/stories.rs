//! Six messages of one act in every order: one story, tied by the same rules. Here they come in one deposit; `stories.rs` deposits them one
//! by one into a house.

use std::collections::BTreeSet;

use flow::Flow;
use serde_json::json;
use tests::samples::{Exchange, NamedFile, in_every_order};

use crate::read;

/// Sent, acknowledged, asked about, answered, cancelled, and that acknowledged.
const STORY: [&str; 6] = ["1-1", "1-2", "3-1", "3-4", "6-1", "6-2"];

fn told(flow: &Flow) -> (serde_json::Value, BTreeSet<(&'static str, String, String)>) {
    let findings = flow.findings.iter().map(|one| (one.code, one.place.clone(), one.message_fr.clone()));
    let mut facts = flow.facts.clone();
    // It names the files in the order in which they came.
    facts.remove("formats");
    (json!({"facts": facts, "met by": format!("{:?}", flow.identifiers)}), findings.collect())
}

#[test]
fn every_order_of_six_messages_in_one_deposit_tells_the_same_story() {
    let messages: Vec<Vec<NamedFile>> = STORY.iter().map(|code| Exchange::new(2, code).files()).collect();
    let mut first = None;
    let mut orders = 0;
    in_every_order(&[0, 1, 2, 3, 4, 5], &mut |order| {
        orders += 1;
        let files: Vec<NamedFile> = order.iter().flat_map(|at| messages[*at].clone()).collect();
        let story = told(&read(&files));
        let expected = first.get_or_insert_with(|| story.clone());
        assert!(story == *expected, "{order:?}: {} {:?}", story.0, story.1);
    });
    assert_eq!(orders, 720);
    let (story, findings) = first.unwrap();
    assert!(findings.is_empty(), "{findings:?}");
    let facts = &story["facts"];
    let id = Exchange::new(2, "1-1").act_id();
    assert_eq!((&facts["id_acte"], &facts["id_acte_by"]), (&json!(id), &json!("nom-fichier")));
    let month = &Exchange::new(2, "1-1").name()[14..20];
    let day = format!("{}-{}-28", &month[..4], &month[4..]);
    assert_eq!((&facts["date_reception"], &facts["date_annulation"]), (&json!(day), &json!(day)));
    let rules: Vec<_> = facts["messages"].as_array().unwrap().iter().map(|m| (&m["message"], &m["by"])).collect();
    let expected = [
        (json!("1-1"), json!(null)),
        (json!("1-2"), json!("id-acte")),
        (json!("3-1"), json!("id-acte")),
        (json!("3-4"), json!("nom-fichier")),
        (json!("6-1"), json!("nom-fichier")),
        (json!("6-2"), json!("id-acte")),
    ];
    assert_eq!(rules, expected.iter().map(|(message, by)| (message, by)).collect::<Vec<_>>());
}

#[test]
fn the_receipt_of_pieces_is_not_that_of_the_act() {
    let files: Vec<NamedFile> = ["1-1", "3-5"].iter().flat_map(|code| Exchange::new(2, code).files()).collect();
    assert!(!read(&files).facts.contains_key("date_reception"), "nobody acknowledged the act");
}
