//! What is refused of the log's key: one function a code. docs/operations/keys.md tells each.

use crate::trouble::Trouble;
use proof::VerifierKey;
use std::path::Path;

fn said(code: &'static str, french: &str, english: &str, remedy: [&'static str; 2]) -> Trouble {
    Trouble::new(code, french, english, remedy)
}

pub(super) fn not_configured(at: &Path) -> Trouble {
    let remedy = [
        "écrire [keys.log.pkcs11] dans tabellion.toml (docs/operations/keys.md), puis recommencer",
        "write [keys.log.pkcs11] in tabellion.toml (docs/operations/keys.md), then do it again",
    ];
    let french = "la configuration ne nomme aucun jeton pour la clé du journal";
    said("token-not-configured", french, "the configuration names no token for the log's key", remedy).at(at.display())
}

pub(super) fn missing(at: &Path) -> Trouble {
    let remedy = [
        "la remettre depuis le coffre, ou écrire [keys.log.pkcs11] si elle est dans un jeton ; perdue pour de bon, le journal ne peut plus \
         s'allonger : ce qui est scellé reste prouvé",
        "put it back from the safe, or write [keys.log.pkcs11] if it is in a token; lost for good, the log cannot grow any more: what is \
         sealed stays proved",
    ];
    let french = "la clé du journal n'est nulle part : ni log.key, ni justificatif systemd, ni jeton configuré";
    let english = "the log's key is nowhere: no log.key, no systemd credential, no configured token";
    said("log-key-missing", french, english, remedy).at(at.display())
}

pub(super) fn not_in_charge(at: &Path, wanted: &VerifierKey) -> Trouble {
    let french = format!("cette clé n'est pas celle qui est en fonction ({wanted}), et aucune autre n'est là");
    let english = format!("this key is not the one in charge ({wanted}), and no other is there");
    let remedy = [
        "remettre la clé en fonction depuis le coffre ; log.keys dit laquelle, et depuis quand",
        "put the key in charge back from the safe; log.keys says which one, and since when",
    ];
    said("log-key-not-in-charge", &french, &english, remedy).at(at.display())
}

pub(super) fn not_in_token(label: &str, wanted: &VerifierKey, there: &[String]) -> Trouble {
    let there = there.join(", ");
    let french =
        format!("aucune clé de ce nom dans le jeton n'est celle qui est en fonction ({wanted}) ; il y a : {there}");
    let english = format!("no key of this label in the token is the one in charge ({wanted}); there are: {there}");
    let remedy = [
        "retrouver le jeton d'origine, ou remettre log.key depuis le coffre",
        "find the original token, or put log.key back from the safe",
    ];
    said("log-key-not-in-charge", &french, &english, remedy).at(label)
}

pub(super) fn key_missing(token: &str, label: &str) -> Trouble {
    let french = format!("le jeton n'a pas de clé de signature « {label} »");
    let english = format!("the token has no signing key \"{label}\"");
    let remedy = [
        "vérifier keys.log.pkcs11.key ; pour y mettre la clé du journal : tabellion keys protect --pkcs11 --key log, ou keys generate --pkcs11 puis \
         keys rotate --pkcs11",
        "check keys.log.pkcs11.key; to put the log's key there: tabellion keys protect --pkcs11 --key log, or keys generate --pkcs11 and then keys \
         rotate --pkcs11",
    ];
    said("token-key-missing", &french, &english, remedy).at(token)
}

pub(super) fn no_public_half(token: &str, label: &str) -> Trouble {
    let french = format!("la clé « {label} » n'a pas auprès d'elle, sous le même CKA_ID, une clé publique Ed25519");
    let english = format!("the key \"{label}\" has no public Ed25519 key beside it, under the same CKA_ID");
    let remedy = [
        "remettre la clé publique dans le jeton, ou en créer une autre : tabellion keys generate --pkcs11",
        "put the public key back into the token, or make another one: tabellion keys generate --pkcs11",
    ];
    said("token-key-weak", &french, &english, remedy).at(token)
}

pub(super) fn not_made(token: &str, why: &str) -> Trouble {
    let (french, english) =
        (format!("le jeton ne prend pas cette clé : {why}"), format!("the token does not take this key: {why}"));
    let remedy = [
        "rien n'a changé, log.key reste en fonction ; prendre un jeton qui connaît Ed25519 (CKM_EDDSA), ou y créer la clé : keys generate \
         --pkcs11, puis keys rotate --pkcs11",
        "nothing has changed, log.key stays in charge; take a token that knows Ed25519 (CKM_EDDSA), or make the key in it: keys generate \
         --pkcs11, then keys rotate --pkcs11",
    ];
    said("token-key-not-made", &french, &english, remedy).at(token)
}

pub(super) fn ring_damaged(at: &Path, why: &str) -> Trouble {
    let (french, english) = (
        format!("la liste des clés du journal ne se lit pas : {why}"),
        format!("the list of the log's keys cannot be read: {why}"),
    );
    let remedy = [
        "remettre log.keys depuis une sauvegarde faite depuis la dernière rotation",
        "put log.keys back from a backup made since the last rotation",
    ];
    said("log-keys-damaged", &french, &english, remedy).at(at.display())
}

pub(super) fn another_in_token(label: &str, there: &str) -> Trouble {
    let french = format!("le jeton rend une autre signature que log.key sous la même clé publique ({there})");
    let english = format!("the token gives another signature than log.key under the same public key ({there})");
    let remedy = [
        "ne rien détruire : ce jeton ne signe pas comme le dit RFC 8032 ; en prendre un autre",
        "destroy nothing: this token does not sign as RFC 8032 says; take another one",
    ];
    said("token-key-weak", &french, &english, remedy).at(label)
}

pub(crate) fn unsigned(why: &str) -> Trouble {
    let (french, english) =
        (format!("la clé du journal n'a pas signé : {why}"), format!("the log's key did not sign: {why}"));
    let remedy = [
        "regarder le jeton avec son propre outil, puis recommencer ; rien n'est perdu",
        "look at the token with its own tool, then do it again; nothing is lost",
    ];
    said("log-key-not-signing", &french, &english, remedy)
}

pub(super) fn no_date(text: &str) -> Trouble {
    let (french, english) = (format!("« {text} » n'est pas une date"), format!("\"{text}\" is no date"));
    let remedy = ["l'écrire en UTC, comme 2026-11-30T06:00:00Z", "write it in UTC, as in 2026-11-30T06:00:00Z"];
    said("log-key-date", &french, &english, remedy)
}

pub(super) fn secret_told(at: &Path, name: &str) -> Trouble {
    let french = format!("ce procès-verbal contient le secret de {name} : il n'est pas consigné");
    let english = format!("this transcript holds the secret of {name}: it is not logged");
    let remedy = [
        "l'ôter du procès-verbal, le détruire partout où il a été écrit, et changer cette clé",
        "take it out of the transcript, destroy it wherever it was written, and change that key",
    ];
    said("transcript-holds-secret", &french, &english, remedy).at(at.display())
}
