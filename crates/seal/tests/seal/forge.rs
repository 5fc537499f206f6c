//! A low-level builder of tokens, good and bad: it signs whatever it is told to.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SerialNumber,
};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use seal::{DigestAlgorithm, ExpectedToken, RingVerifier, Token, TokenPolicy, TokenReport, UnixMillis, check_token};

pub const TST_INFO: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 1, 4];
pub const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
pub const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
pub const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 3];
pub const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 4];
pub const SIGNING_TIME: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 5];
pub const ESS_V1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 12];
pub const ESS_V2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 47];
pub const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
pub const SHA512: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3];
pub const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
pub const ECDSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3];
pub const TIME_STAMPING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 8];
pub const CODE_SIGNING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 3];
/// 1.2.3.4
pub const POLICY: &[u8] = &[0x2a, 3, 4];
pub const IMPRINT: [u8; 32] = [0x5a; 32];
pub const NONCE: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];
/// 2026-06-01T12:00:00Z, the time of a good token.
pub const AT: UnixMillis = UnixMillis(1_780_315_200_000);
pub const AT_TEXT: &str = "20260601120000Z";

pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        n if n < 0x80 => out.push(n as u8),
        n if n < 0x100 => out.extend([0x81, n as u8]),
        n if n < 0x1_0000 => out.extend([0x82, (n >> 8) as u8, n as u8]),
        n => out.extend([0x83, (n >> 16) as u8, (n >> 8) as u8, n as u8]),
    }
    out.extend_from_slice(content);
    out
}

pub fn seq(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

pub fn attribute(kind: &[u8], value: &[u8]) -> Vec<u8> {
    seq(&[&tlv(6, kind), &tlv(0x31, value)])
}

pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    DigestAlgorithm::Sha256.digest(bytes)
}

pub fn sha1(bytes: &[u8]) -> Vec<u8> {
    ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref().to_vec()
}

/// A certificate authority with one time-stamping certificate under it.
pub struct Authority {
    pub ca_der: Vec<u8>,
    pub tsa_der: Vec<u8>,
    pub issuer: Vec<u8>,
    pub serial: Vec<u8>,
    key: KeyPair,
}

/// How the time-stamping certificate is made.
pub struct Certificate {
    pub purposes: Vec<&'static [u8]>,
    pub critical: bool,
    pub usages: Vec<KeyUsagePurpose>,
    pub years: (i32, i32),
    pub ca_years: (i32, i32),
}

impl Default for Certificate {
    fn default() -> Self {
        Self {
            purposes: vec![TIME_STAMPING],
            critical: true,
            usages: vec![KeyUsagePurpose::DigitalSignature],
            years: (2020, 2040),
            ca_years: (2000, 2090),
        }
    }
}

fn parameters(name: &str, years: (i32, i32), serial: &[u8]) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(years.0, 1, 1);
    params.not_after = rcgen::date_time_ymd(years.1, 1, 1);
    params.serial_number = Some(SerialNumber::from_slice(serial));
    params
}

impl Authority {
    pub fn new(certificate: &Certificate) -> Self {
        let ca_key = KeyPair::generate().unwrap();
        let key = KeyPair::generate().unwrap();
        let mut ca = parameters("CA d'essai", certificate.ca_years, &[1]);
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let mut tsa = parameters("TSA d'essai", certificate.years, &[7, 7]);
        tsa.key_usages = certificate.usages.clone();
        if !certificate.purposes.is_empty() {
            let purposes: Vec<u8> = certificate.purposes.iter().flat_map(|p| tlv(6, p)).collect();
            let mut usage = CustomExtension::from_oid_content(&[2, 5, 29, 37], tlv(0x30, &purposes));
            usage.set_criticality(certificate.critical);
            tsa.custom_extensions = vec![usage];
        }
        let tsa_der = tsa.signed_by(&key, &Issuer::from_params(&ca, &ca_key)).unwrap().der().to_vec();
        let issuer = seq(&[&tlv(0x31, &seq(&[&tlv(6, &[0x55, 4, 3]), &tlv(0x0c, "CA d'essai".as_bytes())]))]);
        Self { ca_der: ca.self_signed(&ca_key).unwrap().der().to_vec(), tsa_der, issuer, serial: vec![7, 7], key }
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let rng = SystemRandom::new();
        let pkcs8 = self.key.serialize_der();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &pkcs8, &rng).unwrap();
        pair.sign(&rng, message).unwrap().as_ref().to_vec()
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new(&Certificate::default())
    }
}

/// Makes the signed attributes over a content.
pub type Attributes<'a> = dyn Fn(&Authority, &[u8]) -> Vec<Vec<u8>> + 'a;

/// A token to be: every field can be made false.
pub struct Forge<'a> {
    pub authority: &'a Authority,
    pub imprint: Vec<u8>,
    pub imprint_oid: &'static [u8],
    pub nonce: Option<Vec<u8>>,
    pub gen_time: &'static str,
    pub extensions: Vec<u8>,
    /// The signed attributes over a content; sorted before they are signed.
    pub attributes: Box<Attributes<'a>>,
    pub digest_oid: &'static [u8],
    pub signature_oid: &'static [u8],
    /// Changes signed attributes, content or signature after signing.
    pub after: fn(&mut Signed),
    pub certificates: Vec<Vec<u8>>,
    pub signers: usize,
}

/// What was signed, before it is put together.
pub struct Signed {
    pub content: Vec<u8>,
    pub attributes: Vec<u8>,
    pub signature: Vec<u8>,
}

pub fn good_attributes(authority: &Authority, content: &[u8]) -> Vec<Vec<u8>> {
    vec![
        attribute(CONTENT_TYPE, &tlv(6, TST_INFO)),
        attribute(SIGNING_TIME, &tlv(0x17, b"260601120000Z")),
        attribute(MESSAGE_DIGEST, &tlv(4, &sha256(content))),
        attribute(ESS_V2, &ess(&sha256(&authority.tsa_der), &authority.issuer, &authority.serial)),
    ]
}

/// SigningCertificate(V2) with issuer and serial.
pub fn ess(hash: &[u8], issuer: &[u8], serial: &[u8]) -> Vec<u8> {
    let issuer_serial = seq(&[&seq(&[&tlv(0xa4, issuer)]), &tlv(2, serial)]);
    seq(&[&seq(&[&seq(&[&tlv(4, hash), &issuer_serial])])])
}

impl<'a> Forge<'a> {
    pub fn new(authority: &'a Authority) -> Self {
        Self {
            authority,
            imprint: IMPRINT.to_vec(),
            imprint_oid: SHA256,
            nonce: Some(NONCE.to_vec()),
            gen_time: AT_TEXT,
            extensions: Vec::new(),
            attributes: Box::new(good_attributes),
            digest_oid: SHA256,
            signature_oid: ECDSA_SHA256,
            after: |_| (),
            certificates: vec![authority.tsa_der.clone()],
            signers: 1,
        }
    }

    pub fn content(&self) -> Vec<u8> {
        let imprint = seq(&[&seq(&[&tlv(6, self.imprint_oid)]), &tlv(4, &self.imprint)]);
        let nonce = self.nonce.as_deref().map(|n| tlv(2, n)).unwrap_or_default();
        let time = tlv(0x18, self.gen_time.as_bytes());
        seq(&[&tlv(2, &[1]), &tlv(6, POLICY), &imprint, &tlv(2, &[9]), &time, &nonce, &self.extensions])
    }

    pub fn der(&self) -> Vec<u8> {
        let content = self.content();
        let mut attributes = (self.attributes)(self.authority, &content);
        attributes.sort();
        let attributes = attributes.concat();
        let signature = self.authority.sign(&tlv(0x31, &attributes));
        let mut signed = Signed { content, attributes, signature };
        (self.after)(&mut signed);
        let signer = seq(&[
            &tlv(2, &[1]),
            &seq(&[&self.authority.issuer, &tlv(2, &self.authority.serial)]),
            &seq(&[&tlv(6, self.digest_oid)]),
            &tlv(0xa0, &signed.attributes),
            &seq(&[&tlv(6, self.signature_oid)]),
            &tlv(4, &signed.signature),
        ]);
        let content = seq(&[&tlv(6, TST_INFO), &tlv(0xa0, &tlv(4, &signed.content))]);
        let certificates = match self.certificates.is_empty() {
            true => Vec::new(),
            false => tlv(0xa0, &self.certificates.concat()),
        };
        let data = seq(&[
            &tlv(2, &[3]),
            &tlv(0x31, &seq(&[&tlv(6, SHA256)])),
            &content,
            &certificates,
            &tlv(0x31, &signer.repeat(self.signers)),
        ]);
        seq(&[&tlv(6, SIGNED_DATA), &tlv(0xa0, &data)])
    }

    pub fn token(&self) -> Token {
        Token::parse(&self.der()).unwrap()
    }

    /// The judgement of this token where a good one is expected.
    pub fn report(&self) -> TokenReport {
        judge(&self.token(), std::slice::from_ref(&self.authority.ca_der), &[])
    }
}

pub fn judge(token: &Token, roots: &[Vec<u8>], extra: &[Vec<u8>]) -> TokenReport {
    let expected = ExpectedToken { nonce: Some(&NONCE), policy: Some("1.2.3.4"), ..ExpectedToken::sha256(&IMPRINT) };
    let policy = TokenPolicy { extra_certificates: extra, ..TokenPolicy::new(roots, AT, &RingVerifier) };
    check_token(token, &expected, &policy)
}
