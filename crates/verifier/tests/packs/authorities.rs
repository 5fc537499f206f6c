//! Time-stamping authorities whose root or intermediate certificate ends before their own.

use proof::UnixMillis;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use seal::{AuthorityFiles, TestAuthority};
use verifier::{Verdict, verify_pack};

use crate::forged::untold;
use crate::world::*;

/// 2029-06-01, 2031-06-01 and 2041-06-01.
const IN_2029: UnixMillis = UnixMillis(1_874_966_400_000);
const IN_2031: UnixMillis = UnixMillis(1_938_038_400_000);
const IN_2041: UnixMillis = UnixMillis(2_253_657_600_000);

pub fn parameters(name: &str, end: i32) -> CertificateParams {
    let mut made = CertificateParams::default();
    made.distinguished_name = DistinguishedName::new();
    made.distinguished_name.push(DnType::CommonName, name);
    (made.not_before, made.not_after) = (rcgen::date_time_ymd(2020, 1, 1), rcgen::date_time_ymd(end, 1, 1));
    made
}

fn authority_of(name: &str, end: i32) -> CertificateParams {
    let mut made = parameters(name, end);
    made.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    made
}

/// What a time-stamping certificate says, good until 2040.
pub fn stamping() -> CertificateParams {
    let mut tsa = parameters("horodatage", 2040);
    tsa.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let purposes = [0x30, 10, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 8].to_vec();
    let mut usage = CustomExtension::from_oid_content(&[2, 5, 29, 37], purposes);
    usage.set_criticality(true);
    tsa.custom_extensions = vec![usage];
    tsa
}

/// An authority good until 2040 under an intermediate and a root that end in these years, and the intermediate's certificate.
fn authority(root_end: i32, between_end: i32) -> (TestAuthority, Vec<u8>) {
    let [root_key, between_key, key] = [0; 3].map(|_| KeyPair::generate().unwrap());
    let (root, between) = (authority_of("racine", root_end), authority_of("entre", between_end));
    let between_der = between.signed_by(&between_key, &Issuer::from_params(&root, &root_key)).unwrap().der().to_vec();
    let tsa = stamping();
    let files = AuthorityFiles {
        ca_certificate_pem: root.self_signed(&root_key).unwrap().pem(),
        tsa_certificate_pem: tsa.signed_by(&key, &Issuer::from_params(&between, &between_key)).unwrap().pem(),
        tsa_key_pem: key.serialize_pem(),
    };
    (TestAuthority::from_files(&files).unwrap(), between_der)
}

/// The token, which carries one more certificate: that list is not signed.
fn carrying(mut token: Vec<u8>, tsa: &[u8], more: &[u8]) -> Vec<u8> {
    let place = token.windows(tsa.len()).position(|bytes| bytes == tsa).unwrap();
    token.splice(place..place, more.iter().copied());
    // ContentInfo, its content, SignedData, its certificates.
    for header in [0, 15, 19, place - 4] {
        assert_eq!(token[header + 1], 0x82);
        let length = u16::from_be_bytes([token[header + 2], token[header + 3]]) + more.len() as u16;
        token[header + 2..header + 4].copy_from_slice(&length.to_be_bytes());
    }
    token
}

/// A sealed pack of such an authority, judged at this moment.
fn judged(root_end: i32, between_end: i32, at: UnixMillis) -> Verdict {
    let mut world = world();
    let between;
    (world.authority, between) = authority(root_end, between_end);
    let mut batch = world.seal(6, SEALED);
    batch.token = carrying(batch.token, world.authority.tsa_der(), &between);
    let pack = world.write(world.input(SHOWN, Some(world.pack_seal(SHOWN, &batch))));
    verify_pack(&pack, Some(&world.policy()), at)
}

#[test]
fn a_token_whose_root_has_expired_since_cannot_be_told() {
    assert_eq!(judged(2030, 2050, IN_2029).exit_code(), 0);
    untold(&judged(2030, 2050, IN_2031), "no-proof-of-existence");
}

#[test]
fn a_token_whose_intermediate_has_expired_since_cannot_be_told() {
    assert_eq!(judged(2050, 2030, IN_2029).exit_code(), 0);
    untold(&judged(2050, 2030, IN_2031), "no-proof-of-existence");
}

#[test]
fn a_token_whose_signer_has_expired_since_cannot_be_told() {
    assert_eq!(judged(2050, 2050, IN_2031).exit_code(), 0);
    untold(&judged(2050, 2050, IN_2041), "no-proof-of-existence");
}
