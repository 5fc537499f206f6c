//! How long a judgement takes: `MEASURE_ROUNDS=50 cargo test --release -p seal --test seal speed -- --nocapture`. Nothing is held to a
//! number: machines differ.

use std::time::Instant;

use seal::{ExpectedToken, RingVerifier, TokenPolicy, check_token, parse_response, pem_to_der};

use crate::openssl::{authority, now, reply, request};

#[test]
fn a_judgement_takes_so_long() {
    if crate::openssl::absent() {
        return;
    }
    let rounds = std::env::var("MEASURE_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    for key in ["-newkey rsa:2048", "-newkey ec -pkeyopt ec_paramgen_curve:P-256"] {
        let dir = authority(key, "sha256");
        let request = request(b"un document", None);
        let token = parse_response(&reply(dir.path(), &request)).unwrap();
        let roots = pem_to_der(&std::fs::read_to_string(dir.path().join("ca.pem")).unwrap()).unwrap();
        let (expected, policy) =
            (ExpectedToken::sha256(&request.imprint_sha256), TokenPolicy::new(&roots, now(), &RingVerifier));
        let mut best = f64::MAX;
        for _ in 0..rounds {
            let began = Instant::now();
            for _ in 0..100 {
                assert!(check_token(&token, &expected, &policy).passed());
            }
            best = best.min(began.elapsed().as_secs_f64() / 100.0);
        }
        println!("{key}: {:.1} µs a judgement (best of {rounds} rounds of 100)", best * 1e6);
    }
}
