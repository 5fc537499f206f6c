//! The door for signatures, held against OpenSSL: every key, digest and padding that both know, and every way of being false.

use std::fs;
use std::path::Path;
use std::process::Command;

use seal::{
    AnyVerifier, DigestAlgorithm, Pss, Remembering, RingVerifier, SealError, SignatureAlgorithm, SignatureVerifier,
};
use tempfile::TempDir;

fn openssl(dir: &Path, arguments: &str) -> bool {
    let output = Command::new("openssl").args(arguments.split_whitespace()).current_dir(dir).output().unwrap();
    if !output.status.success() {
        println!("openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    output.status.success()
}

/// A key of openssl's in this folder; its SubjectPublicKeyInfo.
fn key(dir: &Path, options: &str) -> Vec<u8> {
    assert!(openssl(dir, &format!("genpkey {options} -out key.pem")), "{options}");
    assert!(openssl(dir, "pkey -in key.pem -pubout -outform DER -out key.der"));
    fs::read(dir.join("key.der")).unwrap()
}

fn sign(dir: &Path, digest: DigestAlgorithm, options: &str, message: &[u8]) -> Option<Vec<u8>> {
    fs::write(dir.join("message"), message).unwrap();
    let signed = openssl(dir, &format!("dgst -{} -sign key.pem {options} -out signature message", digest.name()));
    signed.then(|| fs::read(dir.join("signature")).unwrap())
}

const MESSAGE: &[u8] = b"attributs signes";

/// This signature holds, and does not once anything of it is another.
fn holds_and_nothing_else_does(algorithm: SignatureAlgorithm, spki: &[u8], signature: &[u8]) {
    assert_eq!(AnyVerifier.verify(algorithm, spki, MESSAGE, signature), Ok(()), "{algorithm}");
    let refused = |message: &[u8], signature: &[u8]| {
        let outcome = AnyVerifier.verify(algorithm, spki, message, signature);
        assert!(matches!(outcome, Err(SealError::SignatureFalse { .. })), "{algorithm}: {outcome:?}");
    };
    refused(b"autre chose", signature);
    refused(MESSAGE, &[]);
    refused(MESSAGE, &[signature, &[0]].concat());
    refused(MESSAGE, &[&[0], signature].concat());
    refused(MESSAGE, &signature[..signature.len() - 1]);
    let step = (signature.len() / 40).max(1);
    for position in (0..signature.len()).step_by(step) {
        let mut altered = signature.to_vec();
        altered[position] ^= 1;
        refused(MESSAGE, &altered);
    }
    // Where ring reads it too, both say the same.
    assert!(!matches!(RingVerifier.verify(algorithm, spki, MESSAGE, signature), Err(SealError::SignatureFalse { .. })));
}

#[test]
fn ecdsa_of_openssl_holds_on_every_curve_with_every_digest() {
    if crate::openssl::absent() {
        return;
    }
    let mut seen = 0;
    for curve in ["P-256", "P-384", "P-521", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"] {
        let dir = TempDir::new().unwrap();
        let spki = key(
            dir.path(),
            &format!("-algorithm EC -pkeyopt ec_paramgen_curve:{curve} -pkeyopt ec_param_enc:named_curve"),
        );
        for digest in DigestAlgorithm::ALL {
            for _ in 0..3 {
                let signature = sign(dir.path(), digest, "", MESSAGE).unwrap();
                holds_and_nothing_else_does(SignatureAlgorithm::Ecdsa(digest), &spki, &signature);
                seen += 1;
            }
        }
    }
    println!("{seen} ECDSA signatures of openssl hold");
    assert_eq!(seen, 6 * 8 * 3);
}

#[test]
fn rsa_of_openssl_holds_with_every_digest_and_salt() {
    if crate::openssl::absent() {
        return;
    }
    let mut seen = 0;
    for options in [
        "-algorithm RSA -pkeyopt rsa_keygen_bits:1024",
        "-algorithm RSA -pkeyopt rsa_keygen_bits:1025",
        "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
        "-algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3",
        "-algorithm RSA -pkeyopt rsa_keygen_bits:3071",
    ] {
        let dir = TempDir::new().unwrap();
        let spki = key(dir.path(), options);
        for digest in DigestAlgorithm::ALL {
            let signature = sign(dir.path(), digest, "", MESSAGE).unwrap();
            holds_and_nothing_else_does(SignatureAlgorithm::RsaPkcs1(digest), &spki, &signature);
            seen += 1;
            for (mask, salt) in
                [(digest, digest.size()), (digest, 0), (DigestAlgorithm::Sha1, 20), (DigestAlgorithm::Sha256, 33)]
            {
                let padding = format!(
                    "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:{salt} -sigopt rsa_mgf1_md:{}",
                    mask.name()
                );
                let Some(signature) = sign(dir.path(), digest, &padding, MESSAGE) else {
                    assert!(options.contains("102"), "{options} {padding}: too small a key alone is refused");
                    continue;
                };
                let pss = Pss { digest, mask, salt };
                holds_and_nothing_else_does(SignatureAlgorithm::RsaPss(pss), &spki, &signature);
                seen += 1;
                let mask =
                    if mask == DigestAlgorithm::Sha3_384 { DigestAlgorithm::Sha1 } else { DigestAlgorithm::Sha3_384 };
                for other in [Pss { salt: salt + 1, ..pss }, Pss { mask, ..pss }] {
                    let outcome = AnyVerifier.verify(SignatureAlgorithm::RsaPss(other), &spki, MESSAGE, &signature);
                    assert!(outcome.is_err(), "{other:?}");
                }
            }
        }
    }
    println!("{seen} RSA signatures of openssl hold");
    assert!(seen > 180, "{seen}");
}

/// The modulus in an RSA SubjectPublicKeyInfo of these many octets.
fn modulus(spki: &[u8], octets: usize) -> Vec<u8> {
    // It is followed by the exponent, 65537.
    let end = spki.len() - 5;
    spki[end - octets..end].to_vec()
}

#[test]
fn an_rsa_signature_beyond_its_modulus_is_none() {
    if crate::openssl::absent() {
        return;
    }
    let dir = TempDir::new().unwrap();
    let spki = key(dir.path(), "-algorithm RSA -pkeyopt rsa_keygen_bits:1025");
    let algorithm = SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256);
    let signature = sign(dir.path(), DigestAlgorithm::Sha256, "", MESSAGE).unwrap();
    assert_eq!(AnyVerifier.verify(algorithm, &spki, MESSAGE, &signature), Ok(()));
    // The same number modulo the modulus.
    let (mut beyond, mut carry) = (signature.clone(), 0);
    for (octet, of_modulus) in beyond.iter_mut().rev().zip(modulus(&spki, signature.len()).iter().rev()) {
        let sum = u16::from(*octet) + u16::from(*of_modulus) + carry;
        (*octet, carry) = (sum as u8, sum >> 8);
    }
    assert!(carry == 0 && beyond > signature);
    assert!(AnyVerifier.verify(algorithm, &spki, MESSAGE, &beyond).is_err());
}

#[test]
fn ed25519_of_openssl_holds_and_ed448_is_not_read() {
    if crate::openssl::absent() {
        return;
    }
    let dir = TempDir::new().unwrap();
    for (name, algorithm) in [("ed25519", SignatureAlgorithm::Ed25519), ("ed448", SignatureAlgorithm::Ed25519)] {
        let spki = key(dir.path(), &format!("-algorithm {name}"));
        fs::write(dir.path().join("message"), MESSAGE).unwrap();
        assert!(openssl(dir.path(), "pkeyutl -sign -inkey key.pem -rawin -in message -out signature"));
        let signature = fs::read(dir.path().join("signature")).unwrap();
        if name == "ed25519" {
            holds_and_nothing_else_does(algorithm, &spki, &signature);
        } else {
            let outcome = AnyVerifier.verify(algorithm, &spki, MESSAGE, &signature);
            assert!(matches!(outcome, Err(SealError::Unsupported { .. })), "{outcome:?}");
        }
    }
}

#[test]
fn a_key_bound_to_pss_makes_nothing_else() {
    if crate::openssl::absent() {
        return;
    }
    let dir = TempDir::new().unwrap();
    let bound = "-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:sha256 \
                 -pkeyopt rsa_pss_keygen_mgf1_md:sha256 -pkeyopt rsa_pss_keygen_saltlen:32";
    let spki = key(dir.path(), bound);
    let usual = Pss::usual(DigestAlgorithm::Sha256, 32);
    let signature = sign(dir.path(), DigestAlgorithm::Sha256, "-sigopt rsa_pss_saltlen:32", MESSAGE).unwrap();
    holds_and_nothing_else_does(SignatureAlgorithm::RsaPss(usual), &spki, &signature);
    let longer = sign(dir.path(), DigestAlgorithm::Sha256, "-sigopt rsa_pss_saltlen:40", MESSAGE).unwrap();
    holds_and_nothing_else_does(SignatureAlgorithm::RsaPss(Pss { salt: 40, ..usual }), &spki, &longer);
    for algorithm in [
        SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256),
        SignatureAlgorithm::RsaPss(Pss { salt: 31, ..usual }),
        SignatureAlgorithm::RsaPss(Pss::usual(DigestAlgorithm::Sha512, 64)),
        SignatureAlgorithm::RsaPss(Pss { mask: DigestAlgorithm::Sha512, ..usual }),
    ] {
        let outcome = AnyVerifier.verify(algorithm, &spki, MESSAGE, &signature);
        assert!(matches!(outcome, Err(SealError::Unsupported { .. })), "{algorithm}: {outcome:?}");
    }
}

#[test]
fn ring_alone_reads_neither_old_keys_nor_weak_digests() {
    if crate::openssl::absent() {
        return;
    }
    let dir = TempDir::new().unwrap();
    let spki = key(dir.path(), "-algorithm RSA -pkeyopt rsa_keygen_bits:1024");
    for digest in [DigestAlgorithm::Sha256, DigestAlgorithm::Sha1, DigestAlgorithm::Sha3_256] {
        let signature = sign(dir.path(), digest, "", MESSAGE).unwrap();
        let outcome = RingVerifier.verify(SignatureAlgorithm::RsaPkcs1(digest), &spki, MESSAGE, &signature);
        assert!(matches!(outcome, Err(SealError::Unsupported { .. })), "{outcome:?}");
    }
    let small = key(dir.path(), "-algorithm RSA -pkeyopt rsa_keygen_bits:768");
    let signature = sign(dir.path(), DigestAlgorithm::Sha256, "", MESSAGE).unwrap();
    let algorithm = SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256);
    assert!(AnyVerifier.verify(algorithm, &small, MESSAGE, &signature).is_err(), "a key anybody can factor");
}

#[test]
fn a_door_that_remembers_names_what_verified_and_short_rsa_keys() {
    if crate::openssl::absent() {
        return;
    }
    let dir = TempDir::new().unwrap();
    let algorithm = SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256);
    for (bits, expected) in [
        (2048, &["rsa-pkcs1-sha256", "rsa-under-3000"][..]),
        (2999, &["rsa-pkcs1-sha256", "rsa-under-3000"]),
        (3000, &["rsa-pkcs1-sha256"]),
    ] {
        let spki = key(dir.path(), &format!("-algorithm RSA -pkeyopt rsa_keygen_bits:{bits}"));
        let signature = sign(dir.path(), DigestAlgorithm::Sha256, "", MESSAGE).unwrap();
        let door = Remembering::default();
        assert!(door.verify(algorithm, &spki, b"autre chose", &signature).is_err());
        assert_eq!(door.verify(algorithm, &spki, MESSAGE, &signature), Ok(()));
        assert_eq!(door.into_names().into_iter().collect::<Vec<_>>(), expected, "{bits}");
    }
    let spki = key(dir.path(), "-algorithm EC -pkeyopt ec_paramgen_curve:P-256");
    let signature = sign(dir.path(), DigestAlgorithm::Sha256, "", MESSAGE).unwrap();
    let door = Remembering::default();
    assert!(door.verify(SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256), &spki, b"autre", &signature).is_err());
    assert!(door.into_names().is_empty(), "what is false is not remembered");
}
