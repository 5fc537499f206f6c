//! What was eliminated under a visa is no damage, and an index made again does not bring it back.

use crate::reindex::reindex;
use crate::{Copy, said, scrub};
use serde_json::Value;
use std::fs;

#[test]
fn what_was_eliminated_is_no_damage_and_does_not_come_back() {
    let mut copy = Copy::new();
    copy.house.start().unwrap();
    let at = |name: &str| copy.data.join(name).display().to_string();
    let given = copy.data.display().to_string();
    let call = |arguments: &[&str]| said(&[&["--data", &given], arguments].concat());
    let tenant = call(&["tenant", "add", "--name", "Triée", "--siren", "210600730"]);
    let token = call(&["token", "add", "--tenant", &tenant, "--scope", "deposit,read,eliminate"]);
    fs::write(at("grand.bin"), vec![7; 400_000]).unwrap();
    fs::write(at("petit.txt"), b"petit").unwrap();
    let deposit = |file: &str| {
        let json = call(&["--token", &token, "deposit", "--kind", "file", "--format", "json", &at(file)]);
        serde_json::from_str::<Value>(&json).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let (gone, kept) = (deposit("grand.bin"), deposit("petit.txt"));
    fs::write(at("ids.txt"), format!("{gone}\n")).unwrap();
    fs::write(at("visa.pdf"), b"visa").unwrap();
    let bordereau = at("bordereau.json");
    let propose = ["eliminate", "propose", "--ids", &at("ids.txt"), "--reason", "dua", "--rule", "10 ans"];
    call(&[&["--token", &token], &propose[..], &["-o", &bordereau]].concat());
    let proposed: Value = serde_json::from_slice(&fs::read(&bordereau).unwrap()).unwrap();
    let digest = proposed["proposal_sha256"].as_str().unwrap().to_owned();
    let visa = at("visa.pdf");
    let run = ["eliminate", "run", "--proposal", &bordereau, "--visa", &visa, "--role", "direction des archives"];
    let dated = ["--date", "2026-11-26", "--reference", "2026/118", "--digest", &digest];
    call(&[&["--token", &token], &run[..], &dated].concat());
    for _ in 0..2 {
        let scrubbed = scrub(&copy.data, &[]);
        assert_eq!(scrubbed.exit, 0, "{} {}", scrubbed.json, scrubbed.error);
        copy.house.stop().unwrap();
        let scrubbed = scrub(&copy.data, &[]);
        assert_eq!(scrubbed.exit, 0, "{} {}", scrubbed.json, scrubbed.error);
        let (exit, json, error) = reindex(&copy);
        assert_eq!(exit, 0, "{json} {error}");
        assert_eq!(scrub(&copy.data, &[]).exit, 0);
        copy.house.start().unwrap();
    }
    let url = copy.house.url().unwrap();
    let read = |id: &str| {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let asked = agent.get(format!("{url}/v1/deposits/{id}/files/1"));
        asked.header("authorization", format!("Bearer {token}")).call().unwrap().status().as_u16()
    };
    assert_eq!((read(&gone), read(&kept)), (410, 200));
}
