//! The seal under attestations: judged by OpenSSL and poppler where they are installed, refused at the start where it could not hold, and
//! never left out in silence.

use crate::attestations::text_of;
use crate::house::{House, ORIGIN};
use serde_json::json;
use service::{InitOptions, ServeOptions, ServiceError, Shutdown};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;
use tempfile::TempDir;

/// An authority, a certificate under it and its key, made by OpenSSL.
pub struct Made(TempDir);

const RSA: [&str; 2] = ["RSA", "rsa_keygen_bits:2048"];
pub const P256: [&str; 2] = ["EC", "ec_paramgen_curve:P-256"];
const P384: [&str; 2] = ["EC", "ec_paramgen_curve:P-384"];

impl Made {
    /// Nothing where OpenSSL is not installed, and that is said.
    pub fn of(kind: [&str; 2], days: &str) -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            println!("skipped: openssl is not installed, no seal to try");
            return None;
        }
        let made = Self(tempfile::tempdir().unwrap());
        let ca =
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", P256[1], "-nodes", "-keyout", "ca.key", "-out", "ca.pem"];
        made.well(&[&ca[..], &["-days", "30", "-subj", "/O=Essai/CN=AC des essais"]].concat());
        made.well(&["genpkey", "-algorithm", kind[0], "-pkeyopt", kind[1], "-out", "cachet.key"]);
        made.well(&[
            "req",
            "-new",
            "-key",
            "cachet.key",
            "-subj",
            "/O=Essai/CN=Cachet des archives",
            "-out",
            "cachet.csr",
        ]);
        fs::write(made.place("usage"), "keyUsage=critical,digitalSignature,nonRepudiation\n").unwrap();
        let by = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "usage", "-days", days];
        made.well(&[&["x509", "-req", "-in", "cachet.csr", "-out", "leaf.pem"][..], &by].concat());
        let chain = [fs::read(made.place("leaf.pem")).unwrap(), fs::read(made.place("ca.pem")).unwrap()].concat();
        fs::write(made.place("cachet.pem"), chain).unwrap();
        fs::set_permissions(made.place("cachet.key"), fs::Permissions::from_mode(0o600)).unwrap();
        Some(made)
    }

    pub fn place(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn openssl(&self, arguments: &[&str]) -> Output {
        Command::new("openssl").args(arguments).current_dir(self.0.path()).output().unwrap()
    }

    #[track_caller]
    pub fn well(&self, arguments: &[&str]) {
        let done = self.openssl(arguments);
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// The lines that name it.
    pub fn lines(&self, more: &str) -> String {
        let shown = |name: &str| self.place(name).display().to_string();
        let (certificate, key) = (shown("cachet.pem"), shown("cachet.key"));
        format!("[keys.attestation]\ncertificate = \"{certificate}\"\nkey = \"{key}\"\n{more}")
    }

    /// OpenSSL finds the signature over the rest of the sheet, by this certificate under this authority.
    fn verifies(&self, pdf: &[u8]) -> bool {
        let (content, cms) = apart(pdf);
        fs::write(self.place("content"), content).unwrap();
        fs::write(self.place("cms"), cms).unwrap();
        let asked = ["cms", "-verify", "-binary", "-inform", "DER", "-in", "cms", "-content", "content", "-out", "out"];
        self.openssl(&[&asked[..], &["-CAfile", "ca.pem", "-purpose", "any"]].concat()).status.success()
    }
}

/// What the byte range covers, and the signature that it leaves out.
fn apart(pdf: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let at = pdf.windows(11).rposition(|held| held == b"/ByteRange[").unwrap() + 11;
    let said = std::str::from_utf8(&pdf[at..at + 48]).unwrap().split(']').next().unwrap();
    let said: Vec<usize> = said.split_whitespace().map(|number| number.parse().unwrap()).collect();
    let [0, first, second, rest] = said[..] else { panic!("{said:?}") };
    assert_eq!(second + rest, pdf.len(), "to the last byte");
    let digits = std::str::from_utf8(&pdf[first + 1..second - 1]).unwrap();
    ([&pdf[..first], &pdf[second..]].concat(), proof::hash::decode_hex(digits).unwrap())
}

fn house(made: &Made, more: &str) -> House {
    House::with(&made.lines(more), Duration::from_secs(3600))
}

/// What poppler says of the signatures of a sheet; nothing where it is not installed, and that is said.
fn pdfsig(pdf: &[u8]) -> Option<String> {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("sheet.pdf");
    fs::write(&file, pdf).unwrap();
    match Command::new("pdfsig").arg("-nocert").arg(&file).env("HOME", place.path()).output() {
        Err(_) => {
            println!("skipped: pdfsig is not installed, poppler judges no seal");
            None
        }
        Ok(said) => Some(String::from_utf8_lossy(&said.stdout).into_owned()),
    }
}

#[test]
fn a_sheet_bears_a_seal_that_others_verify_and_that_no_changed_sheet_keeps() {
    for kind in [RSA, P256] {
        let Some(made) = Made::of(kind, "20") else { return };
        fs::create_dir(made.place("anchors")).unwrap();
        fs::copy(made.place("ca.pem"), made.place("anchors/ca.pem")).unwrap();
        let anchors = format!("[signatures]\nanchors = \"{}\"\n", made.place("anchors").display());
        let house = house(&made, &anchors);
        let (_, client) = house.tenant(0);
        let body = client.deposit("a.txt", b"a", &[]).expect(201).json();
        client.post("/v1/seals", "").expect(200);
        let path = format!("/v1/deposits/{}/attestation", body["id"].as_str().unwrap());
        for of in ["depot", "integrite"] {
            let sheet = client.get(&format!("{path}?of={of}")).expect(200).bytes;
            assert!(made.verifies(&sheet), "{kind:?} {of}");
            let mut changed = sheet.clone();
            let at = sheet.windows(7).position(|held| held == b"\"salt\":").unwrap();
            changed[at + 10] ^= 1;
            assert!(!made.verifies(&changed), "{kind:?} {of}");
            if let Some(said) = pdfsig(&sheet) {
                for word in
                    ["Signature is Valid", "Total document signed", "ETSI.CAdES.detached", "Cachet des archives"]
                {
                    assert!(said.contains(word), "{kind:?} {of}: {said}");
                }
                assert!(!pdfsig(&changed).unwrap().contains("Signature is Valid"));
            }
            // Deposited in its turn, what it bears is told, by the authority that the operator names.
            for (bytes, integrity) in [(&sheet, "tient"), (&changed, "rompue")] {
                let body = client.deposit("attestation.pdf", bytes, &[]).expect(201).json();
                let told = client.get(&format!("/v1/deposits/{}", body["id"].as_str().unwrap())).expect(200).json();
                let one = &told["facts"]["signatures"][0];
                assert_eq!(
                    (&one["integrite"], &one["fichier"]),
                    (&integrity.into(), &"attestation.pdf".into()),
                    "{told}"
                );
                assert!(integrity == "rompue" || one["certificat"]["autorite"] == "connue", "{one}");
            }
            let Some(text) = text_of(&sheet) else { continue };
            assert!(text.contains("celui de « Cachet des archives »") && !text.contains("n'est pas signée"), "{text}");
        }
        // The sheet in a pack: the same each time, and it says that it is not sealed.
        let evidence = body["links"]["evidence"].as_str().unwrap();
        let pack = client.get(evidence).expect(200).bytes;
        assert_eq!(client.get(evidence).expect(200).bytes, pack);
        let inside = seal::Container::parse(&pack).unwrap().read("META-INF/tabellion/attestation.pdf").unwrap();
        assert!(!inside.windows(10).any(|held| held == b"/ByteRange"));
        assert!(text_of(&inside).is_none_or(|text| text.contains("n'est pas signée")));
    }
}

#[test]
fn a_seal_is_time_stamped_where_asked_and_a_sheet_without_its_stamp_is_not_given() {
    // Under an authority of another kind of key, so that its own signature is found by its algorithm.
    let Some(made) = Made::of(RSA, "20") else { return };
    let stamped = house(&made, "timestamp = true\n");
    let (_, client) = stamped.tenant(0);
    let path = |body: &serde_json::Value| format!("/v1/deposits/{}/attestation", body["id"].as_str().unwrap());
    let body = client.deposit("a.txt", b"a", &[]).expect(201).json();
    let sheet = client.get(&path(&body)).expect(200).bytes;
    assert!(made.verifies(&sheet));
    let (_, cms) = apart(&sheet);
    let behind = |oid: &[u8]| {
        let at = cms.windows(oid.len()).position(|held| held == oid).unwrap() + oid.len();
        &cms[at..]
    };
    const RSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11, 5, 0, 4, 0x82, 1, 0];
    const STAMP: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 14, 0x31, 0x82];
    let signature = &behind(RSA_SHA256)[..256];
    let token = behind(STAMP);
    let token = seal::Token::parse(&token[2..2 + usize::from(u16::from_be_bytes([token[0], token[1]]))]).unwrap();
    assert_eq!(token.imprint().digest, proof::sha256(signature).0);

    let roots = made.place("ca.pem").display().to_string();
    let away = format!("timestamp = true\n[tsa]\nurl = \"http://127.0.0.1:9\"\nroots = [\"{roots}\"]\nseconds = 5\n");
    let away = house(&made, &away);
    let (_, client) = away.tenant(0);
    let body = client.deposit("a.txt", b"a", &[]).expect(201).json();
    let refused = client.get(&path(&body)).expect(503);
    assert_eq!((refused.code().as_str(), refused.header("retry-after")), ("attestation-not-sealed", "60"));
    client.get(body["links"]["evidence"].as_str().unwrap()).expect(200);
}

/// The code by which a start with these lines is refused.
#[track_caller]
fn refused(lines: &str) -> String {
    let directory = TempDir::new().unwrap();
    let data = directory.path().join("data");
    service::init(&InitOptions { data: data.clone(), origin: ORIGIN.into() }).unwrap();
    fs::write(data.join("tabellion.toml"), format!("origin = \"{ORIGIN}\"\nevents = \"warn\"\n{lines}\n")).unwrap();
    let options = ServeOptions { data, listen: Some("127.0.0.1:0".into()), seal_every: None, witnesses: None };
    match service::serve(options, Shutdown::by_hand().0) {
        Err(ServiceError::Trouble(trouble)) => {
            assert!(!trouble.french.is_empty() && trouble.remedy.iter().all(|remedy| !remedy.is_empty()));
            trouble.code.to_owned()
        }
        Err(ServiceError::Key { .. }) => "key-refused".to_owned(),
        other => panic!("{other:?}"),
    }
}

fn changed(path: &Path, change: impl Fn(String) -> String) {
    fs::write(path, change(fs::read_to_string(path).unwrap())).unwrap();
}

#[test]
fn the_end_of_a_seal_is_told_before_and_stops_nothing_but_sheets() {
    let Some(ended) = Made::of(P256, "-1") else { return };
    for (made, months, state) in [(&ended, 9, "ended"), (&Made::of(P256, "20").unwrap(), 1, "ending")] {
        let house = house(made, &format!("[algorithms]\nmonths = {months}\n"));
        let (_, client) = house.tenant(0);
        let body = client.deposit("a.txt", b"a", &[]).expect(201).json();
        client.post("/v1/seals", "").expect(200);
        let shown = client.get("/readyz").expect(200).json()["attestations"].clone();
        assert_eq!(
            (&shown["state"], &shown["name"]),
            (&json!(state), &json!("O=Essai, CN=Cachet des archives")),
            "{shown}"
        );
        assert!(shown["until"].is_string(), "{shown}");
        let sheet = client.get(&format!("/v1/deposits/{}/attestation", body["id"].as_str().unwrap()));
        if state == "ended" {
            assert_eq!(sheet.expect(503).code(), "attestation-not-sealed");
            // What proves goes out as ever.
            client.get(body["links"]["evidence"].as_str().unwrap()).expect(200);
        } else {
            sheet.expect(200);
        }
    }
    assert_eq!(House::new().client("").get("/readyz").expect(200).json()["attestations"], json!(null));
}

#[test]
fn a_seal_that_could_not_hold_refuses_to_start() {
    let Some(one) = Made::of(P256, "20") else { return };
    let other = Made::of(P256, "20").unwrap();
    fs::copy(other.place("cachet.key"), one.place("cachet.key")).unwrap();
    assert_eq!(refused(&one.lines("")), "attestation-key-of-another-certificate");
    fs::set_permissions(one.place("cachet.key"), fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(refused(&one.lines("")), "key-refused");
    fs::remove_file(one.place("cachet.key")).unwrap();
    assert_eq!(refused(&one.lines("")), "attestation-key-missing");
    // Of another kind than the certificate's.
    let rsa = Made::of(RSA, "20").unwrap();
    fs::copy(rsa.place("cachet.key"), other.place("cachet.key")).unwrap();
    assert_eq!(refused(&other.lines("")), "attestation-key-unreadable");
    changed(&rsa.place("cachet.key"), |pem| pem.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"));
    assert_eq!(refused(&rsa.lines("")), "attestation-key-unreadable");
    // A key beside its certificate would go into backups.
    let key = fs::read_to_string(other.place("cachet.key")).unwrap();
    changed(&other.place("cachet.pem"), |pem| pem + &key);
    assert_eq!(refused(&other.lines("")), "attestation-certificate-unreadable");
    assert_eq!(refused(&Made::of(P384, "20").unwrap().lines("")), "attestation-certificate-unreadable");
}
