//! What the words of facts mean to people, in French and in English; a word that is not here is shown as it is.

use super::Language;
use crate::actes::message_label;
use crate::signed;

/// A word, in French, in English.
type Word = (&'static str, &'static str, &'static str);

/// What a file is in the story.
pub(super) const ROLE: &str = "role of a file";

/// Facts that hold such words, and the words.
#[rustfmt::skip]
const WORDS: &[(&[&str], &[Word])] = &[
    (&["nature"], &[
        ("DE", "délibération", "deliberation"),
        ("AR", "acte réglementaire", "regulation"),
        ("AI", "acte individuel", "individual act"),
        ("CC", "contrat, convention ou avenant", "contract, agreement or amendment"),
        ("BF", "document budgétaire et financier", "budget and financial document"),
        ("AU", "autre", "other"),
    ]),
    (&["id_acte_by", "by"], &[
        ("id-acte", "l'identifiant (IDActe) que dit le message", "the identifier (IDActe) that the message says"),
        ("nom-fichier", "le nom du fichier", "the name of the file"),
        ("acte-recu", "la date, le numéro et la nature que le message répète", "the date, number and nature that the message repeats"),
        ("id-acte-approche", "un identifiant mal formé, lu au plus près", "a malformed identifier, read loosely"),
        ("siren-numero", "le SIREN et le numéro", "the SIREN and the number"),
        ("nom-enveloppe", "le nom de l'enveloppe", "the name of the envelope"),
    ]),
    (&["sens"], &[
        ("vers-prefecture", "vers la préfecture", "to the préfecture"),
        ("vers-collectivite", "vers la collectivité", "to the local authority"),
        ("anomalie", "anomalie sur l'enveloppe, vers la collectivité", "anomaly on the envelope, to the local authority"),
    ]),
    (&["etat"], &[
        ("accepte", "accepté", "accepted"),
        ("accepte-partiellement", "accepté en partie", "accepted in part"),
        ("rejete", "rejeté", "refused"),
        ("partiel", "acquitté en partie seulement", "acknowledged in part only"),
    ]),
    (&["domaines", "domaine"], &[
        ("depense", "dépense", "expenditure"),
        ("recette", "recette", "revenue"),
        ("facture", "facture", "invoice"),
        ("marche", "marché", "contract"),
        ("budget", "budget", "budget"),
        ("role", "rôle", "role"),
        ("etat-actif", "état de l'actif", "state of the assets"),
        ("emprunt", "emprunt", "loan"),
        ("Technique", "technique", "technical"),
        ("Signature technique", "signature technique", "technical signature"),
        ("Signature globale", "signature globale", "signature of the whole"),
        ("Signature de bordereau", "signature de bordereau", "signature of a bordereau"),
        ("Pièce justificative", "pièce justificative", "supporting document"),
        ("Dépense", "dépense", "expenditure"),
        ("Recette", "recette", "revenue"),
        ("Rôle", "rôle", "role"),
        ("Budget", "budget", "budget"),
        ("État de l'actif", "état de l'actif", "state of the assets"),
        ("État du passif", "état du passif", "state of the liabilities"),
        ("Marché", "marché", "contract"),
        ("Facture", "facture", "invoice"),
        ("Paramétrage", "paramétrage", "settings"),
    ]),
    (&["integrite"], &[
        ("tient", "tient : ce qu'elle couvre est tel qu'il a été signé", "holds: what it covers is as it was signed"),
        ("rompue", "rompue", "broken"),
        ("indeterminee", "ne peut être dite", "cannot be told"),
    ]),
    (&["autorite"], &[
        ("connue", "connue : une racine ou une liste désignée par l'exploitant", "known: a root or a list that the operator names"),
        ("inconnue", "inconnue de l'exploitant", "unknown to the operator"),
        ("non_examinee", "non examinée : l'exploitant n'en désigne aucune", "not examined: the operator names none"),
    ]),
    (&["type"], &[
        ("marche", "marché", "contract"),
        ("contrat-concession", "contrat de concession", "concession"),
    ]),
    (&["type", "etape"], STEPS),
    (&["profil_controle"], &[
        ("conforme", "conforme", "conforms"),
        ("non conforme", "non conforme", "does not conform"),
        ("non appliqué", "non appliqué", "not applied"),
    ]),
    (&["couvre"], &[
        ("document", "document entier", "whole document"),
        ("document, sans ce qui fut ajouté ensuite", "document, sans ce qui fut ajouté ensuite", "document, without what was added after"),
    ]),
    // Of files, in this text alone: a fact of that name is the submitter's.
    (&[ROLE], &[
        ("archive", "archive", "archive"),
        ("enveloppe", "enveloppe", "envelope"),
        ("message", "message", "message"),
        ("acte", "acte", "act"),
        ("annexe", "annexe", "annex"),
        ("ar", "accusé de réception", "acknowledgement (AR)"),
        ("flux", "flux", "flow"),
        ("acquittement", "acquittement", "acknowledgement"),
        ("retour", "retour", "return"),
        ("donnees-essentielles", "données essentielles", "essential data"),
        ("bordereau", "bordereau", "bordereau"),
        ("objet", "objet", "object"),
        ("fichier", "fichier", "file"),
    ]),
    (&["message"], &[
        ("PES_Aller", "flux envoyé au comptable public (PES_Aller)", "flow sent to the Treasury (PES_Aller)"),
        ("PES_ACQUIT", "acquittement du comptable public (PES_ACQUIT)", "acknowledgement of the Treasury (PES_ACQUIT)"),
        ("PES_Retour", "retour du comptable public (PES_Retour)", "return of the Treasury (PES_Retour)"),
        ("PES_ACQUIT_RETOUR", "acquittement d'un retour (PES_ACQUIT_RETOUR)", "acknowledgement of a return (PES_ACQUIT_RETOUR)"),
        ("ArchiveTransfer", "transfert d'archives (ArchiveTransfer)", "transfer of archives (ArchiveTransfer)"),
        ("decp", "données essentielles de la commande publique (DECP)", "essential data of procurement (DECP)"),
    ]),
];

/// Steps of a request, documents of a dossier, steps of a procedure.
#[rustfmt::skip]
const STEPS: &[Word] = &[
    ("demande", "demande", "request"),
    ("accuse-enregistrement", "accusé d'enregistrement", "acknowledgement of registration"),
    ("complement", "complément", "further documents"),
    ("decision", "décision", "decision"),
    ("document-signe", "document signé", "signed document"),
    ("parapheur", "historique d'un parapheur", "history of a signature book"),
    ("convocation", "convocation", "notice of meeting"),
    ("proces-verbal", "procès-verbal", "minutes"),
    ("publication", "preuve de la publication d'un acte", "proof that an act was published"),
    ("notification", "preuve de la notification d'un acte", "proof that an act was notified"),
    ("autre", "autre", "other"),
    ("dce", "dossier de consultation des entreprises", "tender documents"),
    ("registre-retraits", "registre des retraits", "register of withdrawals"),
    ("registre-depots", "registre des dépôts", "register of deposits"),
    ("questions-reponses", "questions et réponses", "questions and answers"),
    ("plis", "plis", "bids"),
    ("ouverture", "ouverture des plis", "opening of bids"),
    ("rapport", "rapport d'analyse", "report of analysis"),
    ("attribution", "attribution", "award"),
    ("notification-marche", "notification du marché", "notification of the contract"),
    ("execution", "exécution", "performance"),
];

/// The messages of ACTES in English; in French they have their label.
const MESSAGES: [(&str, &str); 21] = [
    ("1-1", "transmission of an act"),
    ("1-2", "acknowledgement (AR) of an act"),
    ("1-3", "anomaly in the transmission of an act"),
    ("2-1", "plain letter"),
    ("2-2", "answer to a plain letter"),
    ("3-1", "request for further documents"),
    ("3-2", "acknowledgement of a request for further documents"),
    ("3-3", "refusal to send further documents"),
    ("3-4", "further documents sent"),
    ("3-5", "acknowledgement of further documents"),
    ("4-1", "letter of remarks"),
    ("4-2", "acknowledgement of a letter of remarks"),
    ("4-3", "refusal to answer a letter of remarks"),
    ("4-4", "answer to a letter of remarks"),
    ("4-5", "acknowledgement of an answer to a letter of remarks"),
    ("5-1", "referral to the administrative court"),
    ("6-1", "cancellation of the transmission of an act"),
    ("6-2", "acknowledgement of a cancellation"),
    ("7-1", "request for the classification"),
    ("7-2", "classification of matters"),
    ("7-3", "classification up to date"),
];

/// What this word of this fact means; nothing where it is no word of ours.
pub(super) fn meaning(key: &str, word: &str, language: Language) -> Option<String> {
    if key == "motif" {
        let said = signed::has_reason(word).then(|| signed::reason(word, ""));
        return said.map(|[fr, en]| language.pick(&fr, &en).to_owned());
    }
    if key == "faible" {
        let all: Vec<String> = word.split(", ").map(str::to_owned).collect();
        let [fr, en] = signed::weak(&all);
        return Some(language.pick(&fr, &en).to_owned()).filter(|said| said != word);
    }
    if key == "message"
        && let Some((code, english)) = MESSAGES.iter().find(|(code, _)| *code == word)
    {
        let label = message_label(code).unwrap_or(english);
        return Some(format!("{} ({code})", language.pick(label, english)));
    }
    let tables = WORDS.iter().filter(|(keys, _)| keys.contains(&key));
    let found = tables.flat_map(|(_, words)| words.iter()).find(|(known, _, _)| *known == word);
    let (_, fr, en) = found?;
    // Letters by which people know it stay.
    let code = if key == "nature" { format!("{word}, ") } else { String::new() };
    Some(format!("{code}{}", language.pick(fr, en)))
}

/// A step of a manifest or a type of a dossier; the word itself where it is none.
pub(super) fn step(word: &str, language: Language) -> String {
    meaning("etape", word, language).unwrap_or_else(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_a_nature_and_a_reason_are_said_in_both_languages() {
        let of = |key, word| [Language::Fr, Language::En].map(|language| meaning(key, word, language).unwrap());
        assert_eq!(
            of("message", "1-2"),
            ["accusé de réception d'un acte (1-2)", "acknowledgement (AR) of an act (1-2)"]
        );
        assert_eq!(of("nature", "DE"), ["DE, délibération", "DE, deliberation"]);
        assert_eq!(of("motif", "altered"), ["ce qui est signé a changé", "what is signed has changed"]);
        assert_eq!(meaning("faible", "digest sha1, x", Language::Fr).as_deref(), Some("empreinte sha1, x"));
        assert_eq!(meaning("nature", "formulaire", Language::Fr), None);
        assert_eq!(meaning("objet", "DE", Language::Fr), None);
    }

    #[test]
    fn every_message_of_actes_has_both_languages() {
        for (code, _) in MESSAGES {
            assert!(message_label(code).is_some(), "{code}");
        }
    }
}
