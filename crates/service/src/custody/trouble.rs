//! What custody refuses: one function a code. docs/operations/keys.md tells each.

use super::share::Of;
use crate::trouble::Trouble;
use proof::hash::encode_hex;
use std::path::Path;

/// A code, its sentence in French and in English, its remedy in both.
type Said<'a> = (&'static str, &'a str, &'a str, [&'static str; 2]);

fn said((code, french, english, remedy): Said<'_>) -> Trouble {
    Trouble::new(code, french, english, remedy)
}

pub(super) fn not_configured(at: &Path) -> Trouble {
    said((
        "token-not-configured",
        "la configuration ne nomme aucun jeton pour la clé maîtresse",
        "the configuration names no token for the master key",
        [
            "écrire [keys.master.pkcs11] dans tabellion.toml (docs/operations/keys.md), puis recommencer",
            "write [keys.master.pkcs11] in tabellion.toml (docs/operations/keys.md), then do it again",
        ],
    ))
    .at(at.display())
}

pub(super) fn missing(at: &Path) -> Trouble {
    said((
        "master-key-missing",
        "la clé maîtresse n'est nulle part : ni master.key, ni master.p11, ni justificatif systemd",
        "the master key is nowhere: no master.key, no master.p11, no systemd credential",
        [
            "la remettre depuis le coffre, ou réunir les parts du séquestre : tabellion keys recover PART… --data DIR ; rien n'est perdu tant \
             qu'elle se retrouve",
            "put it back from the safe, or gather the shares of the escrow: tabellion keys recover SHARE… --data DIR; nothing is lost as long \
             as it can be found",
        ],
    ))
    .at(at.display())
}

pub(super) fn damaged(at: &Path, why: &str) -> Trouble {
    let french = format!("la clé maîtresse enveloppée est abîmée ({why})");
    let english = format!("the wrapped master key is damaged: it {why}");
    let remedy = [
        "remettre master.p11 depuis une sauvegarde ; à défaut, réunir les parts du séquestre (tabellion keys recover) puis la protéger de \
         nouveau",
        "put master.p11 back from a backup; failing that, gather the shares of the escrow (tabellion keys recover) and protect it again",
    ];
    said(("master-p11-damaged", &french, &english, remedy)).at(at.display())
}

pub(super) fn unopened(at: &Path, why: &str, count: usize) -> Trouble {
    let french =
        format!("cette clé maîtresse n'ouvre pas tout le magasin de clés : {count} fichier(s), le premier : {why}");
    let english = format!("this master key does not open the whole key store: {count} file(s), the first: {why}");
    let remedy = [
        "remettre ces fichiers depuis une copie du magasin de clés (tabellion keys backup), puis recommencer ; rien n'a été changé",
        "put these files back from a copy of the key store (tabellion keys backup), then do it again; nothing was changed",
    ];
    said(("keys-not-opened", &french, &english, remedy)).at(at.display())
}

pub(super) fn module_missing(at: &Path) -> Trouble {
    let remedy = [
        "installer le pilote du jeton, ou corriger keys.master.pkcs11.module",
        "install the token's module, or correct keys.master.pkcs11.module",
    ];
    let (french, english) = ("le module PKCS#11 n'est pas là", "the PKCS#11 module is not there");
    said(("token-module-missing", french, english, remedy)).at(at.display())
}

pub(super) fn module_refused(at: &Path, why: &str) -> Trouble {
    let french = format!("le module PKCS#11 ne se charge pas : {why}");
    let english = format!("the PKCS#11 module does not load: {why}");
    let remedy = [
        "vérifier que ce fichier est bien le pilote du jeton, pour cette machine, et que sa propre configuration se lit",
        "see that this file is the token's module, for this machine, and that its own configuration can be read",
    ];
    said(("token-module-refused", &french, &english, remedy)).at(at.display())
}

pub(super) fn token_missing(label: &str) -> Trouble {
    let remedy = [
        "brancher le jeton ou joindre le boîtier, vérifier keys.master.pkcs11.token, puis démarrer ; jeton perdu pour de bon : tabellion keys \
         recover",
        "plug the token in or reach the box, check keys.master.pkcs11.token, then start; a token lost for good: tabellion keys recover",
    ];
    said(("token-missing", "aucun jeton ne porte ce nom", "no token bears this label", remedy)).at(label)
}

pub(super) fn not_unique(label: &str, count: usize) -> Trouble {
    let french = format!("{count} jetons ou clés portent ce nom : on ne devine pas lequel");
    let english = format!("{count} tokens or keys bear this label: nobody guesses which");
    let remedy = ["donner à chacun son nom (CKA_LABEL)", "give each its own label (CKA_LABEL)"];
    said(("token-label-not-unique", &french, &english, remedy)).at(label)
}

pub(super) fn pin_missing(at: &str) -> Trouble {
    let remedy = [
        "donner le code au service par le justificatif systemd pkcs11.pin, ou par le fichier de keys.master.pkcs11.pin (droits 600)",
        "give the PIN to the service by the systemd credential pkcs11.pin, or by the file of keys.master.pkcs11.pin (mode 600)",
    ];
    said(("token-pin-missing", "le code du jeton n'est pas là", "the token's PIN is not there", remedy)).at(at)
}

pub(super) fn pin_form(at: &Path) -> Trouble {
    let remedy = ["écrire le code seul, sur une ligne", "write the PIN alone, on one line"];
    let (french, english) =
        ("ce fichier ne contient pas un code de 1 à 255 octets", "this file does not hold a PIN of 1 to 255 bytes");
    said(("token-pin-form", french, english, remedy)).at(at.display())
}

pub(super) fn pin_wrong(label: &str) -> Trouble {
    let remedy = [
        "corriger le code ; aucun démarrage ne l'essaiera plus tant que pin.refused est là : trop d'essais verrouillent le jeton. Puis \
         tabellion keys protect --pkcs11, ou supprimer pin.refused",
        "correct the PIN; no start tries it again while pin.refused is there: too many tries lock the token. Then tabellion keys protect \
         --pkcs11, or remove pin.refused",
    ];
    said(("token-pin-wrong", "le jeton refuse ce code", "the token refuses this PIN", remedy)).at(label)
}

pub(super) fn pin_refused_before(at: &Path) -> Trouble {
    let remedy = [
        "corriger le code, puis tabellion keys protect --pkcs11, ou supprimer ce fichier",
        "correct the PIN, then tabellion keys protect --pkcs11, or remove this file",
    ];
    let french = "le jeton a déjà refusé le code : il n'est pas essayé de nouveau sans qu'une personne ait regardé";
    let english = "the token refused the PIN before: it is not tried again until a person has looked";
    said(("token-pin-refused-before", french, english, remedy)).at(at.display())
}

pub(super) fn pin_locked(label: &str) -> Trouble {
    let remedy = [
        "le faire déverrouiller par l'officier de sécurité du jeton (SO PIN), puis recommencer",
        "have it unlocked by the token's security officer (SO PIN), then do it again",
    ];
    said(("token-pin-locked", "le jeton est verrouillé", "the token is locked", remedy)).at(label)
}

pub(super) fn pin_last_try(label: &str) -> Trouble {
    let remedy = [
        "ouvrir une session avec l'outil du jeton et le bon code : le compteur repart ; puis recommencer",
        "log in with the token's own tool and the right PIN: its counter starts again; then do it again",
    ];
    let french = "le jeton n'accorde plus qu'un essai : il n'est pas pris";
    said(("token-pin-last-try", french, "the token grants one last try: it is not taken", remedy)).at(label)
}

pub(super) fn key_missing(token: &str, label: &str) -> Trouble {
    let french = format!("le jeton n'a pas de clé secrète « {label} »");
    let english = format!("the token has no secret key \"{label}\"");
    let remedy = [
        "vérifier keys.master.pkcs11.key ; sur un jeton neuf, y créer la clé (docs/operations/keys.md)",
        "check keys.master.pkcs11.key; on a new token, make the key there (docs/operations/keys.md)",
    ];
    said(("token-key-missing", &french, &english, remedy)).at(token)
}

pub(super) fn key_weak(label: &str, lacks: &str, remedy: [&'static str; 2]) -> Trouble {
    let french = format!("cette clé ne convient pas ; il lui manque : {lacks}");
    let english = format!("this key will not do; it lacks: {lacks}");
    said(("token-key-weak", &french, &english, remedy)).at(label)
}

pub(super) fn other_key(label: &str, file: &Path, why: &str) -> Trouble {
    let french =
        format!("la clé « {label} » du jeton n'ouvre pas master.p11 : ce n'est pas elle qui l'a fermé ({why})");
    let english =
        format!("the token's key \"{label}\" does not open master.p11: it is not the one that closed it ({why})");
    let remedy = [
        "retrouver le jeton d'origine ou sa copie ; à défaut, tabellion keys recover, puis keys protect --pkcs11 sous ce jeton-ci",
        "find the original token or its copy; failing that, tabellion keys recover, then keys protect --pkcs11 under this one",
    ];
    said(("token-other-key", &french, &english, remedy)).at(file.display())
}

pub(super) fn failed(label: &str, why: &str) -> Trouble {
    let french = format!("le jeton a échoué : {why}");
    let english = format!("the token failed: {why}");
    let remedy = [
        "regarder le jeton avec son propre outil (pkcs11-tool -O), puis recommencer ; rien n'est perdu",
        "look at the token with its own tool (pkcs11-tool -O), then do it again; nothing is lost",
    ];
    said(("token-failed", &french, &english, remedy)).at(label)
}

pub(super) fn escrow_numbers(shares: u8, threshold: u8) -> Trouble {
    let french = format!("{threshold} parts sur {shares} : il en faut au moins 2, et pas plus qu'il n'y en a");
    let english = format!("{threshold} shares of {shares}: at least 2 are needed, and no more than there are");
    let remedy = ["par exemple --shares 5 --threshold 3", "for instance --shares 5 --threshold 3"];
    said(("escrow-numbers", &french, &english, remedy))
}

pub(super) fn escrow_place(at: &Path) -> Trouble {
    let remedy = ["donner un dossier nouveau ou vide", "give a new or empty directory"];
    let (french, english) = ("ce dossier contient déjà quelque chose", "this directory already holds something");
    said(("escrow-place", french, english, remedy)).at(at.display())
}

pub(super) fn escrow_unproved() -> Trouble {
    let remedy = [
        "vérifier le support, puis recommencer : rien n'est laissé",
        "check the medium, then do it again: nothing is left",
    ];
    let french = "les parts écrites ne redonnent pas la clé";
    said(("escrow-unproved", french, "the shares written do not give the key back", remedy))
}

pub(super) fn share_unreadable(at: &Path, why: &str) -> Trouble {
    let (french, english) = (format!("cette part ne se lit pas : {why}"), format!("this share cannot be read: {why}"));
    let remedy = ["vérifier le nom du fichier et ses droits", "check the file's name and its permissions"];
    said(("share-unreadable", &french, &english, remedy)).at(at.display())
}

pub(super) fn share_damaged(at: &Path, why: &[String; 2]) -> Trouble {
    let (french, english) =
        (format!("cette part est abîmée : {}", why[0]), format!("this share is damaged: {}", why[1]));
    let remedy = [
        "recopier la ligne depuis la feuille, ou prendre une autre part",
        "copy the line from the sheet again, or take another share",
    ];
    said(("share-damaged", &french, &english, remedy)).at(at.display())
}

pub(super) fn share_twice(at: &Path, other: &Path, number: u8) -> Trouble {
    let french = format!("la part {number} est donnée deux fois, ici et dans {}", other.display());
    let english = format!("share {number} is given twice, here and in {}", other.display());
    let remedy = ["donner des parts différentes", "give different shares"];
    said(("share-twice", &french, &english, remedy)).at(at.display())
}

pub(super) fn two_escrows(at: &Path, other: &Path) -> Trouble {
    let french = format!("cette part n'est pas du même séquestre que {}", other.display());
    let english = format!("this share is not of the same escrow as {}", other.display());
    let remedy = [
        "ne réunir que des parts dont la ligne « escrow » est la même",
        "gather only shares whose line \"escrow\" is the same",
    ];
    said(("shares-of-two-escrows", &french, &english, remedy)).at(at.display())
}

pub(super) fn too_few(given: usize, wanted: u8) -> Trouble {
    let french = format!("{given} part(s) : il en faut {wanted}");
    let english = format!("{given} share(s): {wanted} are needed");
    let remedy = ["réunir d'autres parts du même séquestre", "gather other shares of the same escrow"];
    said(("shares-too-few", &french, &english, remedy))
}

pub(super) fn not_this_key() -> Trouble {
    let remedy = [
        "essayer avec d'autres parts du même séquestre : l'une de celles-ci n'est pas d'origine",
        "try with other shares of the same escrow: one of these is not genuine",
    ];
    let french = "ces parts ne donnent pas la clé qu'elles nomment";
    said(("shares-not-this-key", french, "these shares do not give the key that they name", remedy))
}

pub(super) fn another_store(at: &Path, of: &Of, store: [u8; 16], master: [u8; 8]) -> Trouble {
    let told = [&of.store[..], &of.master, &store, &master].map(encode_hex);
    let french = format!(
        "ces parts sont du magasin {} et de la clé {} ; ce magasin de clés est {}, sous la clé {}",
        told[0], told[1], told[2], told[3]
    );
    let english = format!(
        "these shares are of store {} and key {}; this key store is {}, under key {}",
        told[0], told[1], told[2], told[3]
    );
    let remedy = ["réunir les parts de ce magasin-ci", "gather the shares of this store"];
    said(("shares-of-another-store", &french, &english, remedy)).at(at.display())
}

pub(super) fn master_there(at: &Path) -> Trouble {
    let remedy = [
        "s'en servir ; si elle n'ouvre pas le magasin, la mettre de côté d'abord",
        "use it; if it does not open the store, move it aside first",
    ];
    let (french, english) = (
        "une clé maîtresse est déjà là : elle n'est pas remplacée",
        "a master key is there already: it is not replaced",
    );
    said(("master-key-there", french, english, remedy)).at(at.display())
}
