//! Trusted lists made here (ETSI TS 119 612), honest and false: written in the form that exclusive canonicalisation gives, so that what is
//! signed is what is written. A signer signs whatever it is told to.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};

pub const QTST: &str = "http://uri.etsi.org/TrstSvc/Svctype/TSA/QTST";
pub const CA_QC: &str = "http://uri.etsi.org/TrstSvc/Svctype/CA/QC";
pub const GRANTED: &str = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted";
pub const WITHDRAWN: &str = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/withdrawn";
pub const ISSUED: &str = "2026-11-20T00:00:00Z";
pub const NEXT: &str = "2027-05-20T00:00:00Z";
const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// Who signs lists: an ECDSA key and its certificate, good from the first of January of one year to that of another.
pub struct Signer {
    pub der: Vec<u8>,
    key: EcdsaKeyPair,
}

impl Signer {
    pub fn new(name: &str) -> Self {
        Self::of_years(name, 2020, 2040)
    }

    pub fn of_years(name: &str, from: i32, to: i32) -> Self {
        let key = KeyPair::generate().unwrap();
        let der = certificate(name, &key, from, to);
        let rng = SystemRandom::new();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key.serialize_der(), &rng).unwrap();
        Self { der, key }
    }

    pub fn sign(&self, octets: &[u8]) -> Vec<u8> {
        self.key.sign(&SystemRandom::new(), octets).unwrap().as_ref().to_vec()
    }
}

/// A certificate of this name over this key, signed by itself.
pub fn certificate(name: &str, key: &KeyPair, from: i32, to: i32) -> Vec<u8> {
    let mut made = CertificateParams::default();
    made.distinguished_name = DistinguishedName::new();
    made.distinguished_name.push(DnType::CommonName, name);
    (made.not_before, made.not_after) = (rcgen::date_time_ymd(from, 1, 1), rcgen::date_time_ymd(to, 1, 1));
    made.self_signed(key).unwrap().der().to_vec()
}

/// A service as a list tells it.
#[derive(Clone)]
pub struct Told {
    pub certificate: Vec<u8>,
    /// Type, status, and the moment from which on; what it is now first.
    pub periods: Vec<(&'static str, &'static str, &'static str)>,
    /// Extensions of what it is now, as XML.
    pub extensions: &'static str,
}

impl Told {
    /// Granted as a service of qualified time-stamps since 2020.
    pub fn granted(certificate: &[u8]) -> Self {
        let periods = vec![(QTST, GRANTED, "2020-01-01T00:00:00Z")];
        Self { certificate: certificate.to_vec(), periods, extensions: "" }
    }
}

fn identity(certificate: &[u8]) -> String {
    let text = STANDARD.encode(certificate);
    format!(
        "<DigitalId><X509Certificate>{text}</X509Certificate></DigitalId><DigitalId><X509SubjectName>CN=x</X509SubjectName></DigitalId>"
    )
}

fn service(told: &Told) -> String {
    let name =
        "<ServiceName><Name xml:lang=\"fr\">Horodatage</Name><Name xml:lang=\"en\">Time-stamping</Name></ServiceName>";
    let period = |(kind, status, since): &(&str, &str, &str), identity: &str, more: &str| {
        format!(
            "<ServiceTypeIdentifier>{kind}</ServiceTypeIdentifier>{name}\
             <ServiceDigitalIdentity>{identity}</ServiceDigitalIdentity><ServiceStatus>{status}</ServiceStatus>\
             <StatusStartingTime>{since}</StatusStartingTime>{more}"
        )
    };
    let extensions = match told.extensions {
        "" => String::new(),
        some => format!("<ServiceInformationExtensions>{some}</ServiceInformationExtensions>"),
    };
    let now = period(&told.periods[0], &identity(&told.certificate), &extensions);
    let past: String = told.periods[1..]
        .iter()
        .map(|past| {
            let key = "<DigitalId><X509SKI>AAAA</X509SKI></DigitalId>";
            format!("<ServiceHistoryInstance>{}</ServiceHistoryInstance>", period(past, key, ""))
        })
        .collect();
    let history = if past.is_empty() { past } else { format!("<ServiceHistory>{past}</ServiceHistory>") };
    format!("<TSPService><ServiceInformation>{now}</ServiceInformation>{history}</TSPService>")
}

fn list(kind: &str, territory: &str, pointers: &str, rest: &str) -> String {
    format!(
        "<TrustServiceStatusList xmlns=\"http://uri.etsi.org/02231/v2#\" Id=\"TL\" TSLTag=\"http://uri.etsi.org/19612/TSLTag\">\
         <SchemeInformation><TSLVersionIdentifier>6</TSLVersionIdentifier><TSLSequenceNumber>7</TSLSequenceNumber>\
         <TSLType>http://uri.etsi.org/TrstSvc/TrustedList/TSLType/{kind}</TSLType>\
         <SchemeOperatorName><Name xml:lang=\"en\">Operator of {territory}</Name></SchemeOperatorName>\
         <SchemeTerritory>{territory}</SchemeTerritory>{pointers}<ListIssueDateTime>{ISSUED}</ListIssueDateTime>\
         <NextUpdate><dateTime>{NEXT}</dateTime></NextUpdate></SchemeInformation>{rest}</TrustServiceStatusList>"
    )
}

/// The list of a member state, not yet signed.
pub fn national(territory: &str, services: &[Told]) -> String {
    let services: String = services.iter().map(service).collect();
    let rest = format!(
        "<TrustServiceProviderList><TrustServiceProvider><TSPInformation><TSPName>\
         <Name xml:lang=\"en\">Provider</Name></TSPName></TSPInformation><TSPServices>{services}</TSPServices>\
         </TrustServiceProvider></TrustServiceProviderList>"
    );
    list("EUgeneric", territory, "", &rest)
}

/// The list of the lists, not yet signed: who may sign those of these territories.
pub fn central(pointed: &[(&str, &[&[u8]])]) -> String {
    let pointer = |(territory, certificates): &(&str, &[&[u8]])| {
        let one = |der: &&[u8]| format!("<ServiceDigitalIdentity>{}</ServiceDigitalIdentity>", identity(der));
        let identities: String = certificates.iter().map(one).collect();
        let about = format!(
            "<OtherInformation><TSLType>http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUgeneric</TSLType></OtherInformation>\
             <OtherInformation><SchemeTerritory>{territory}</SchemeTerritory></OtherInformation>\
             <OtherInformation><MimeType xmlns=\"http://uri.etsi.org/02231/v2/additionaltypes#\">application/vnd.etsi.tsl+xml</MimeType>\
             </OtherInformation>"
        );
        format!(
            "<OtherTSLPointer><ServiceDigitalIdentities>{identities}</ServiceDigitalIdentities>\
             <TSLLocation>https://liste.example/{territory}.xml</TSLLocation>\
             <AdditionalInformation>{about}</AdditionalInformation></OtherTSLPointer>"
        )
    };
    let pointers: String = pointed.iter().map(pointer).collect();
    list("EUlistofthelists", "EU", &format!("<PointersToOtherTSL>{pointers}</PointersToOtherTSL>"), "")
}

/// The same with this number, and saying who may sign the next ones; not yet signed.
pub fn handing_over(number: u32, pointed: &[(&str, &[&[u8]])], successors: &[&[u8]]) -> String {
    let all: Vec<_> = [("EU", successors)].into_iter().chain(pointed.iter().copied()).collect();
    // The first pointer is the one to itself.
    let body = central(&all).replacen("TSLType/EUgeneric", "TSLType/EUlistofthelists", 1);
    body.replace("Number>7<", &format!("Number>{number}<"))
}

pub fn digest(octets: &[u8]) -> String {
    STANDARD.encode(ring::digest::digest(&ring::digest::SHA256, octets))
}

/// A reference to the whole of a list by this name, the signature left out.
pub fn reference(uri: &str, octets: &[u8]) -> String {
    let value = digest(octets);
    format!(
        "<Reference URI=\"{uri}\"><Transforms><Transform Algorithm=\"{ENVELOPED}\"></Transform>\
         <Transform Algorithm=\"{EXCLUSIVE}\"></Transform></Transforms><DigestMethod Algorithm=\"{SHA256}\"></DigestMethod>\
         <DigestValue>{value}</DigestValue></Reference>"
    )
}

const PROPERTIES: &str = "<xades:SignedProperties xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\" Id=\"xades\">\
    <xades:SignedSignatureProperties><xades:SigningTime>2026-11-20T00:00:00Z</xades:SigningTime>\
    </xades:SignedSignatureProperties></xades:SignedProperties>";

/// A reference to the properties of XAdES.
pub fn of_properties() -> String {
    let value = digest(PROPERTIES.as_bytes());
    format!(
        "<Reference Type=\"http://uri.etsi.org/01903#SignedProperties\" URI=\"#xades\"><Transforms>\
         <Transform Algorithm=\"{EXCLUSIVE}\"></Transform></Transforms><DigestMethod Algorithm=\"{SHA256}\"></DigestMethod>\
         <DigestValue>{value}</DigestValue></Reference>"
    )
}

/// The signature that refers to so much.
pub fn signature(references: &str, signer: &Signer, edit: &dyn Fn(String) -> String) -> String {
    let inside = format!(
        "<CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"></CanonicalizationMethod>\
         <SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\"></SignatureMethod>{references}"
    );
    let inside = edit(inside);
    let value = signer.sign(format!("<SignedInfo xmlns=\"{DSIG}\">{inside}</SignedInfo>").as_bytes());
    let (value, named) = (STANDARD.encode(value), STANDARD.encode(&signer.der));
    format!(
        "<Signature xmlns=\"{DSIG}\" Id=\"sig\"><SignedInfo>{inside}</SignedInfo><SignatureValue>{value}</SignatureValue>\
         <KeyInfo><X509Data><X509Certificate>{named}</X509Certificate></X509Data></KeyInfo><Object>\
         <xades:QualifyingProperties xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\" Target=\"#sig\">{PROPERTIES}\
         </xades:QualifyingProperties></Object></Signature>"
    )
}

/// The list with this put at its end.
pub fn closed(body: &str, more: &str) -> Vec<u8> {
    body.replace("</TrustServiceStatusList>", &format!("{more}</TrustServiceStatusList>")).into_bytes()
}

/// The list, signed as those of member states are.
pub fn signed(body: &str, signer: &Signer) -> Vec<u8> {
    let references = reference("", body.as_bytes()) + &of_properties();
    closed(body, &signature(&references, signer, &|inside| inside))
}

/// Two lists under one anchor, with the names they are called by.
pub struct Lists {
    pub anchor: Signer,
    pub signer: Signer,
}

impl Lists {
    pub fn new() -> Self {
        Self { anchor: Signer::new("Signataire de la liste des listes"), signer: Signer::new("Signataire FR") }
    }

    /// The list of lists, then that of a member state with these services.
    pub fn of(&self, services: &[Told]) -> Vec<(String, Vec<u8>)> {
        self.with(&signed(&national("FR", services), &self.signer))
    }

    /// The list of lists, then this one.
    pub fn with(&self, national: &[u8]) -> Vec<(String, Vec<u8>)> {
        let central = signed(&central(&[("FR", &[&self.signer.der])]), &self.anchor);
        vec![("lotl.xml".to_owned(), central), ("fr.xml".to_owned(), national.to_vec())]
    }

    pub fn anchors(&self) -> Vec<Vec<u8>> {
        vec![self.anchor.der.clone()]
    }
}
