use serde_json::json;

use super::*;

fn flow(kind: FlowKind, message: &str, facts: Value) -> Flow {
    let facts = facts.as_object().cloned().unwrap_or_default();
    let message = Some(message.to_owned()).filter(|message| !message.is_empty());
    Flow { kind, facts, findings: vec![], identifiers: vec![], message, files: vec![], rules: vec![] }
}

#[test]
fn an_act_is_told_to_a_person() {
    let facts = json!({"message": "1-1", "transmission": "transmission d'un acte", "objet": "Travaux\nde voirie", "date": "2026-01-15",
        "nature": "DE", "matieres": ["1", "1"], "matieres_libelles": ["Commande publique", "Marchés publics"],
        "date_reception": "2026-01-16", "enveloppe": {"nom": "x.tar.gz", "sens": "vers-prefecture"}});
    let act = flow(FlowKind::Actes, "1-1", facts);
    let french = "Accepté.\n  Ce que c'est : échange avec la préfecture (ACTES) : transmission d'un acte (1-1)\n  Date : 15/01/2026\n  \
Nature : DE, délibération\n  Matière : 1.1\n  Libellés de la matière : Commande publique / Marchés publics\n  Objet : Travaux de voirie\n  \
Reçu par la préfecture le : 16/01/2026\n  Enveloppe :\n    Nom : x.tar.gz\n    Sens : vers la préfecture\nAucun constat.\n";
    assert_eq!(to_text(&act, Language::Fr), french);
    let english = to_text(&act, Language::En);
    assert!(
        english.contains("What it is: exchange with the préfecture (ACTES): transmission of an act (1-1)\n"),
        "{english}"
    );
    assert!(english.contains("  Date: 2026-01-15\n") && english.contains("Nature: DE, deliberation"), "{english}");
}

#[test]
fn lists_are_lines_amounts_are_euros_and_sizes_are_bytes() {
    let facts = json!({"montant_ht": "1234567.50", "bordereaux": [
        {"domaine": "depense", "numero": "12", "montant_ht": "-10.5", "nombre_pieces": 1, "pieces": [{"numero": "1", "objet": "fournitures"}]}],
        "octets": 1234, "erreurs": [], "pieces_jointes": [{}], "etat": "accepte-partiellement", "montant_tva": "beaucoup"});
    let french = to_text(&flow(FlowKind::Pes, "PES_Aller", facts.clone()), Language::Fr);
    for part in [
        "  Montant hors taxes annoncé : 1 234 567,50 €\n",
        "  TVA annoncée : beaucoup\n",
        "  État : accepté en partie\n",
        "  Volume des objets : 1 234 octets\n",
        "  Bordereaux :\n    - Domaine : dépense · Numéro : 12 · Nombre de pièces : 1 · Montant hors taxes annoncé : -10,50 €\n        Pièces :\n          - Numéro : 1 · Objet : fournitures\n",
    ] {
        assert!(french.contains(part), "{part}in\n{french}");
    }
    assert!(french.contains("  Pièces jointes :\n    - (rien n'en est dit)\n"), "{french}");
    assert!(!french.contains("Erreurs") && !french.contains(['{', '[']), "{french}");
    let english = to_text(&flow(FlowKind::Pes, "PES_Aller", facts), Language::En);
    assert!(english.contains("1,234,567.50 €") && english.contains("1,234 bytes"), "{english}");
}

#[test]
fn a_fact_without_a_caption_is_shown_under_its_name_and_a_long_value_whole() {
    let long = "é".repeat(3_000);
    let text =
        to_text(&flow(FlowKind::File, "", json!({"inconnu\u{202e}": {"a": [1, 2]}, "objet": long})), Language::Fr);
    assert!(text.contains("  inconnu\u{FFFD} :\n    a : 1, 2\n") && text.contains(&long), "{text}");
}

#[test]
fn the_gravest_finding_comes_first_with_what_to_do() {
    use crate::codes::{self, Fault};
    let mut one = flow(FlowKind::File, "", json!({}));
    one.findings =
        vec![Fault::new(&codes::DESCRIPTION_ABSENT, "").into(), Fault::new(&codes::XML_DOCTYPE, "a.xml").into()];
    let text = to_text(&one, Language::Fr);
    let found = "Constats (2) :\n- refus [xml-doctype] Le document XML contient une déclaration DOCTYPE.\n    où : a.xml\n    que faire : Produire";
    assert!(
        text.starts_with("Refusé.\n  Ce que c'est : fichiers, conservés tels quels\n") && text.contains(found),
        "{text}"
    );
    assert!(text.contains("- note [description-absent]"), "{text}");
}

#[test]
fn steps_of_manifests_and_transfers_say_what_they_are() {
    let what = |kind, message, facts| what_it_is(&flow(kind, message, facts), Language::Fr);
    assert_eq!(
        what(FlowKind::Seda, "ArchiveTransfer", json!({"seda_version": "2.1"})),
        "transfert d'archives (SEDA 2.1)"
    );
    assert_eq!(
        what(FlowKind::Dossier, "publication", json!({})),
        "dossier de l'administration électronique : preuve de la publication d'un acte"
    );
    assert_eq!(what(FlowKind::Marches, "plis", json!({})), "marché public : plis");
    assert_eq!(
        what(FlowKind::Marches, "decp", json!({})),
        "marché public : données essentielles de la commande publique (DECP)"
    );
    assert_eq!(what(FlowKind::Teleservice, "demande", json!({})), "demande en ligne d'un usager : demande");
}
