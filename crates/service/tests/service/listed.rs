//! Authorities of signers, known by trusted lists.

use crate::cachet::{Made, P256};
use crate::house::{Client, House};
use crate::trusted::{CA_QC, GRANTED, Lists, QTST, Signer, Told, WITHDRAWN, central, national, signed};
use serde_json::Value;
use std::fs;
use std::time::Duration;

/// What an entry tells of the one signature in the sheet that is deposited under this name: who its authority is, by which list, and the codes.
fn told(client: &Client, name: &str, sheet: &[u8]) -> (Value, Value, String) {
    let body = client.deposit(name, sheet, &[]).expect(201).json();
    let told = client.get(&format!("/v1/deposits/{}", body["id"].as_str().unwrap())).expect(200).json();
    let one = &told["facts"]["signatures"][0];
    assert_eq!(one["integrite"], "tient", "{told}");
    let certificate = &one["certificat"];
    (certificate["autorite"].clone(), certificate["autorite_liste"].clone(), told["findings"].to_string())
}

#[test]
fn the_authority_of_a_signer_is_known_by_lists_while_they_show_it_granted() {
    let Some(made) = Made::of(P256, "20") else { return };
    let lists = Lists::new();
    for directory in ["lists", "lotl"] {
        fs::create_dir(made.place(directory)).unwrap();
    }
    fs::write(made.place("lotl.der"), &lists.anchor.der).unwrap();
    made.well(&["x509", "-inform", "DER", "-in", "lotl.der", "-out", "lotl/anchor.pem"]);
    let authority = seal::pem_to_der(&fs::read_to_string(made.place("ca.pem")).unwrap()).unwrap().remove(0);
    let is = |periods: &[(&'static str, &'static str, &'static str)]| Told {
        certificate: authority.clone(),
        periods: periods.to_vec(),
        extensions: "",
    };
    let put = |services: &[Told], by: &Signer| {
        let pointed = signed(&central(&[("FR", &[&lists.signer.der])]), &lists.anchor);
        fs::write(made.place("lists/lotl.xml"), pointed).unwrap();
        fs::write(made.place("lists/fr.xml"), signed(&national("FR", services), by)).unwrap();
    };
    let granted = is(&[(CA_QC, GRANTED, "2020-01-01T00:00:00Z")]);
    let withdrawn = is(&[(CA_QC, WITHDRAWN, "2026-11-19T00:00:00Z"), (CA_QC, GRANTED, "2020-01-01T00:00:00Z")]);
    put(std::slice::from_ref(&granted), &lists.signer);
    let shown = |name: &str| made.place(name).display().to_string();
    let lines = format!("[signatures]\ntrusted_lists = \"{}\"\nlotl_anchors = \"{}\"\n", shown("lists"), shown("lotl"));
    let mut house = House::with(&made.lines(&lines), Duration::from_secs(3600));
    let (_, client) = house.tenant(0);
    let body = client.deposit("a.txt", b"a", &[]).expect(201).json();
    let sheet = client.get(&format!("/v1/deposits/{}/attestation", body["id"].as_str().unwrap())).expect(200).bytes;
    let (state, list, codes) = told(&client, "0.pdf", &sheet);
    assert_eq!((state.as_str(), list.as_str()), (Some("connue"), Some("FR, Provider, Time-stamping")));
    assert!(codes.contains("signature-authority-listed") && !codes.contains("signature-authority-known"), "{codes}");
    let stamps = is(&[(QTST, GRANTED, "2020-01-01T00:00:00Z")]);
    let to_come = is(&[(CA_QC, GRANTED, "2038-01-01T00:00:00Z")]);
    let stranger = Lists::new().signer;
    for (at, (services, by)) in [
        (vec![withdrawn.clone()], &lists.signer),
        (vec![stamps.clone()], &lists.signer),
        (vec![to_come], &lists.signer),
        (vec![], &lists.signer),
        (vec![granted.clone()], &stranger),
        // Listed twice, and once as taken away.
        (vec![granted.clone(), withdrawn], &lists.signer),
    ]
    .into_iter()
    .enumerate()
    {
        house.stop();
        put(&services, by);
        house.start();
        let (state, list, codes) = told(&house.client(client.token()), &format!("{}.pdf", at + 1), &sheet);
        assert_eq!((state.as_str(), list.as_str()), (Some("inconnue"), None), "{at}");
        assert!(codes.contains("signature-authority-unknown"), "{codes}");
    }
    // Its key as one of time-stamps too takes nothing away.
    house.stop();
    put(&[stamps, granted], &lists.signer);
    house.start();
    assert_eq!(told(&house.client(client.token()), "9.pdf", &sheet).0, "connue");
}
