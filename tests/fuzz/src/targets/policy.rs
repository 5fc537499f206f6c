//! The verifier's policy: read whole or not at all, always alike, whatever the layout of the JSON.

use serde_json::{Value, json};
use verifier::Policy;

use super::Target;
use crate::bugs::planted;
use crate::world::{World, tenant};

pub const POLICY: Target = Target {
    name: "policy",
    max_len: 8192,
    check: policy,
    seeds,
    words: &[
        "\"version\":1",
        "\"log\":{",
        "\"origin\":\"",
        "\"keys\":[",
        "\"vkey\":\"",
        "\"from\":",
        "\"until\":",
        "\"compromised\":",
        "\"witnesses\":\"",
        "\"tsa_roots\":[",
        "\"algorithms\":{",
        "\"tenant\":\"",
        "null",
        "\"2030-01-01T00:00:00Z\"",
        "\"2030-01-01T00:00:00.001Z\"",
        "quorum none\\n",
        "quorum ",
        "group ",
        "witness ",
        "-----BEGIN CERTIFICATE-----\\n",
        "-----END CERTIFICATE-----\\n",
    ],
};

fn policy(data: &[u8]) {
    let first = Policy::parse(data);
    let said = format!("{first:?}");
    assert_eq!(format!("{:?}", Policy::parse(data)), said, "read twice, read alike");
    let Ok(policy) = first else { return };
    assert!(!policy.origin.is_empty());
    let again: Value = serde_json::from_slice(data).unwrap();
    let again = serde_json::to_vec(&again).unwrap();
    assert_eq!(format!("{:?}", Policy::parse(&again)), said, "white space and order change nothing");
    let crossed = |key: &verifier::LogKey| key.from.zip(key.until).is_some_and(|(from, until)| until < from);
    planted(|| policy.keys.len() == 2 && policy.keys.iter().any(crossed));
}

fn seeds(archive: &World) -> Vec<Vec<u8>> {
    let plain = archive.policy_json();
    let mut dated = plain.clone();
    let stranger = proof::SigningKey::from_seed("archives.exemple.fr/log", &[8; 32]).unwrap();
    let (from, until) = ("2026-01-01T00:00:00Z", "2027-06-30T12:00:00.500Z");
    let second =
        json!({"vkey": stranger.verifier_key().to_string(), "from": from, "until": until, "compromised": null});
    dated["log"]["keys"].as_array_mut().unwrap().push(second);
    dated["algorithms"]["ecdsa-sha256"] = json!("2035-01-01T00:00:00Z");
    let mut witnessed = dated.clone();
    witnessed["tenant"] = json!(tenant(1).to_string());
    witnessed["witnesses"] = json!(super::watching::policy_text());
    let mut unwatched = plain.clone();
    unwatched["witnesses"] = json!("quorum none\n");
    unwatched["algorithms"] = json!({});
    let all = [plain, dated, witnessed, unwatched];
    let tight = all.iter().map(|json| json.to_string().into_bytes());
    let wide = all.iter().map(|json| serde_json::to_vec_pretty(json).unwrap());
    tight.chain(wide).collect()
}
