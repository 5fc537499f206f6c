//! What is refused of the key that seals attestations: one function a code. docs/operations/keys.md tells each.

use crate::trouble::Trouble;
use std::path::Path;

pub(super) fn certificate_unreadable(at: &Path, why: &str) -> Trouble {
    let french = format!("le certificat du cachet des attestations ne convient pas : {why}");
    let english = format!("the certificate that seals attestations does not do: {why}");
    let remedy = [
        "donner un fichier PEM : le certificat du cachet d'abord (RSA ou ECDSA P-256, pour signer), puis ceux qui l'ont émis, dans l'ordre",
        "give a PEM file: the certificate that seals first (RSA or ECDSA P-256, to sign), then those that issued it, in order",
    ];
    Trouble::new("attestation-certificate-unreadable", french, english, remedy).at(at.display())
}

pub(super) fn ended(at: &str) -> Trouble {
    let french = format!("le certificat du cachet des attestations a pris fin le {at}");
    let english = format!("the certificate that seals attestations ended at {at}");
    let remedy = [
        "mettre le nouveau certificat et sa clé, ou retirer keys.attestation : les attestations ne seront plus scellées, et le diront",
        "put the new certificate and its key there, or remove keys.attestation: attestations are then not sealed, and say so",
    ];
    Trouble::new("attestation-certificate-ended", french, english, remedy)
}

pub(super) fn not_begun(at: &str) -> Trouble {
    let french = format!("le certificat du cachet des attestations ne vaut qu'à partir du {at}");
    let english = format!("the certificate that seals attestations begins at {at}");
    let remedy = [
        "vérifier l'horloge ; sinon attendre, ou remettre le certificat d'avant",
        "check the clock; else wait, or put the certificate of before back",
    ];
    Trouble::new("attestation-certificate-not-begun", french, english, remedy)
}

pub(super) fn key_missing(at: &Path) -> Trouble {
    let french =
        "la clé du cachet des attestations n'est nulle part : ni fichier, ni justificatif systemd, ni jeton configuré";
    let english = "the key that seals attestations is nowhere: no file, no systemd credential, no configured token";
    let remedy = [
        "la remettre depuis le coffre (keys.attestation.key, droits 600, ou le justificatif attestation.key), ou écrire [keys.attestation.pkcs11]",
        "put it back from the safe (keys.attestation.key, mode 600, or the credential attestation.key), or write [keys.attestation.pkcs11]",
    ];
    Trouble::new("attestation-key-missing", french, english, remedy).at(at.display())
}

pub(super) fn key_unreadable(at: &Path, why: &str) -> Trouble {
    let (french, english) = (
        format!("la clé du cachet des attestations ne se lit pas : {why}"),
        format!("the key that seals attestations cannot be read: {why}"),
    );
    let remedy = [
        "donner une clé PKCS#8 en PEM, non chiffrée, droits 600 (openssl pkcs8 -topk8 -nocrypt), RSA de 2048 à 4096 bits ou ECDSA P-256, comme le \
         certificat",
        "give a PKCS#8 key in PEM, not encrypted, mode 600 (openssl pkcs8 -topk8 -nocrypt), RSA of 2048 to 4096 bits or ECDSA P-256, as the \
         certificate is",
    ];
    Trouble::new("attestation-key-unreadable", french, english, remedy).at(at.display())
}

pub(super) fn another_key(at: &Path, why: &str) -> Trouble {
    let french = "la clé du cachet des attestations n'est pas celle de ce certificat";
    let english = format!("the key that seals attestations is not the one of this certificate: {why}");
    let remedy = ["mettre ensemble un certificat et sa propre clé", "put a certificate and its own key together"];
    Trouble::new("attestation-key-of-another-certificate", french, english, remedy).at(at.display())
}

pub(super) fn not_in_token(token: &str, label: &str) -> Trouble {
    let french = format!("le jeton n'a pas de clé privée « {label} »");
    let english = format!("the token has no private key \"{label}\"");
    let remedy = [
        "vérifier keys.attestation.pkcs11.key, et que la clé est dans ce jeton",
        "check keys.attestation.pkcs11.key, and that the key is in this token",
    ];
    Trouble::new("token-key-missing", french, english, remedy).at(token)
}
