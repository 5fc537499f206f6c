//! The key that seals attestations in SoftHSM2, RSA and ECDSA: judged by OpenSSL, and refused by name where it is away or another.

use crate::softhsm::{LABEL, MODULE, PIN, Token};
use crate::{World, private, shown};
use std::fs;
use std::process::{Command, Output};

/// Label of the key.
const CACHET: &str = "cachet";

fn openssl(world: &World, arguments: &[&str]) -> Output {
    Command::new("openssl").args(arguments).current_dir(world.dir.path()).output().unwrap()
}

#[track_caller]
fn well(world: &World, arguments: &[&str]) {
    let done = openssl(world, arguments);
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// A house whose attestations are sealed by a key of this kind, born in a token, and certified there by an authority outside it.
fn sealed(kind: &str) -> Option<(World, Token)> {
    let mut world = World::new();
    let token = Token::new(&world.place("token"))?;
    world.under("SOFTHSM2_CONF", token.config());
    token.make_pair_of(kind, CACHET, "01", &["--sensitive"]);
    token.public_key(CACHET, &world.place("public.der"));
    let ca = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key"];
    well(&world, &[&ca[..], &["-out", "ca.pem", "-days", "30", "-subj", "/CN=AC des essais"]].concat());
    // Nobody but the token can sign a request: the authority certifies the public half as it was given.
    well(&world, &["req", "-new", "-key", "ca.key", "-subj", "/CN=Cachet au jeton", "-out", "any.csr"]);
    let certify =
        ["x509", "-req", "-in", "any.csr", "-force_pubkey", "public.der", "-keyform", "DER", "-out", "leaf.pem"];
    well(&world, &[&certify[..], &["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "20"]].concat());
    fs::copy(world.place("leaf.pem"), world.data().join("cachet.pem")).unwrap();
    let lines = format!("module = \"{MODULE}\"\ntoken = \"{LABEL}\"\nkey = \"{CACHET}\"\npin = \"pkcs11.pin\"\n");
    world.configure(&format!("[keys.attestation]\ncertificate = \"cachet.pem\"\n[keys.attestation.pkcs11]\n{lines}"));
    private(&world.data().join("pkcs11.pin"), &format!("{PIN}\n"));
    Some((world, token))
}

/// OpenSSL finds the seal of this sheet over the rest of it.
fn verifies(world: &World, pdf: &[u8]) -> bool {
    let at = pdf.windows(11).rposition(|held| held == b"/ByteRange[").unwrap() + 11;
    let said = std::str::from_utf8(&pdf[at..at + 48]).unwrap().split(']').next().unwrap();
    let said: Vec<usize> = said.split_whitespace().map(|number| number.parse().unwrap()).collect();
    let digits = std::str::from_utf8(&pdf[said[1] + 1..said[2] - 1]).unwrap();
    fs::write(world.place("content"), [&pdf[..said[1]], &pdf[said[2]..]].concat()).unwrap();
    fs::write(world.place("cms"), proof::hash::decode_hex(digits).unwrap()).unwrap();
    let asked = ["cms", "-verify", "-binary", "-inform", "DER", "-in", "cms", "-content", "content", "-out", "out"];
    openssl(world, &[&asked[..], &["-CAfile", "ca.pem", "-purpose", "any"]].concat()).status.success()
}

#[test]
fn a_key_that_never_leaves_its_token_seals_attestations() {
    for kind in ["rsa:2048", "EC:prime256v1"] {
        let Some((mut world, _token)) = sealed(kind) else { return };
        world.house.start().unwrap();
        let id = crate::contents(&world.house).into_keys().next().unwrap();
        for of in ["depot", "integrite"] {
            let file = world.place("sheet.pdf");
            world.run(&["attest", &id, "--of", of, "-o", &shown(&file)]).exits(0);
            let mut sheet = fs::read(&file).unwrap();
            assert!(verifies(&world, &sheet), "{kind} {of}");
            sheet[200] ^= 1;
            assert!(!verifies(&world, &sheet), "{kind} {of}");
        }
        world.house.stop().unwrap();
    }
}

#[test]
fn a_key_that_is_away_or_anothers_refuses_to_start() {
    let Some((world, token)) = sealed("EC:prime256v1") else { return };
    // Another of the same kind under another label.
    token.make_pair_of("EC:prime256v1", "autre", "02", &["--sensitive"]);
    let config = world.data().join("tabellion.toml");
    let told = fs::read_to_string(&config).unwrap();
    let with = |key: &str| fs::write(&config, told.replace("key = \"cachet\"", &format!("key = \"{key}\""))).unwrap();
    with("autre");
    world.start_refuses("attestation-key-of-another-certificate");
    with("nulle");
    world.start_refuses("token-key-missing");
    fs::write(&config, &told).unwrap();
    private(&world.data().join("pkcs11.pin"), "9999\n");
    world.start_refuses("token-pin-wrong");
    world.start_refuses("token-pin-refused-before");
}
