//! PES V2, what there is much of: everything is counted, what the facts show of it is bounded, and they say what they do not show.

use flow::{Declared, Flow, Outcome};
use serde_json::{Value, json};

use crate::bench::{codes, read};
use crate::pes::{NAME, acquit, aller, alone, attached, bordereau, element, judged, piece, whole};
use crate::signatures::{ByWord, about};

/// What the facts say they do not show: list, shown, there.
fn cut(flow: &Flow) -> Vec<(&str, String)> {
    let cut = flow.findings.iter().filter(|finding| finding.code == "fact-list-cut");
    cut.map(|finding| {
        let list = finding.place.rsplit(' ').next().unwrap();
        let numbers = finding.message_en.split("shows ").nth(1).unwrap().split(';').next().unwrap();
        (list, numbers.to_owned())
    })
    .collect()
}

fn listed(flow: &Flow, list: &str) -> usize {
    flow.facts.get(list).and_then(Value::as_array).map_or(0, Vec::len)
}

#[test]
fn every_block_bordereau_and_piece_is_counted_and_a_list_that_is_cut_says_so() {
    let of = |blocks: u32, pieces: u32| {
        let pieces: String = (0..pieces).map(|n| piece(n, &["1.00"], None)).collect();
        let count = pieces.matches("<Piece>").count();
        let block = |n: u32| {
            let one = bordereau(n, count, &format!("{count}.00"), &pieces);
            format!("<PES_RecetteAller><EnTeteRecette><IdVer V=\"2\"/></EnTeteRecette>{one}</PES_RecetteAller>")
        };
        let blocks: String = (1..blocks).map(block).collect();
        let sent = aller(NAME, &bordereau(0, count, &format!("{count}.00"), &pieces), "");
        alone(&sent.replace("<PES_PJ>", &format!("{blocks}<PES_PJ>")))
    };
    let whole = of(20, 1);
    assert_eq!((whole.outcome(), codes(&whole)), (Outcome::Accepted, vec![]));
    assert_eq!((listed(&whole, "bordereaux"), &whole.facts["nombre_bordereaux"]), (20, &json!(20)));
    let more = of(25, 2);
    assert_eq!(more.outcome(), Outcome::Accepted, "{:?}", more.findings);
    for (fact, value) in [
        ("nombre_blocs", json!(25)),
        ("nombre_bordereaux", json!(25)),
        ("nombre_pieces", json!(50)),
        ("montant_ht_depense", json!("2.00")),
        ("montant_tva_depense", json!("1.10")),
        ("montant_ht_recette", json!("48.00")),
        ("montant_tva_recette", json!("26.40")),
        ("domaines", json!(["depense", "recette"])),
    ] {
        assert_eq!(more.facts[fact], value, "{fact}");
    }
    // What is spent is not added to what is received.
    assert_eq!((more.facts.get("montant_ht"), more.facts.get("montant_tva")), (None, None));
    assert_eq!(listed(&more, "bordereaux"), 20);
    assert_eq!(cut(&more), [("bordereaux", "20 of 25".to_owned()), ("pieces", "20 of 50".to_owned())]);
    assert!(more.findings.iter().all(|finding| finding.place.starts_with(NAME)), "{:?}", more.findings);
    // What is wrong in the twenty-first block is found like what is wrong in the first.
    let wrong = bordereau(30, 2, "1.00", &piece(1, &["1.00"], None));
    let blocks = "<PES_RecetteAller/>".repeat(20) + &format!("<PES_RecetteAller>{wrong}</PES_RecetteAller>");
    let flow = alone(
        &aller(NAME, &bordereau(1, 1, "1.00", &piece(1, &["1.00"], None)), "")
            .replace("<PES_PJ>", &(blocks + "<PES_PJ>")),
    );
    assert_eq!(codes(&flow), ["pes-piece-count"]);
    assert_eq!(flow.findings[0].place, format!("{NAME}: /PES_Aller/PES_RecetteAller[21]/Bordereau"));
}

#[test]
fn blocks_of_one_domain_may_follow_several_versions() {
    let other = "<PES_DepenseAller><EnTeteDepense><IdVer V=\"3\"/></EnTeteDepense></PES_DepenseAller>";
    let sent = aller(NAME, &bordereau(1, 1, "1.00", &piece(1, &["1.00"], None)), "");
    let flow = alone(&sent.replace("<PES_PJ>", &format!("{other}{other}<PES_PJ>")));
    assert_eq!((&flow.facts["versions"]["depense"], &flow.facts["nombre_blocs"]), (&json!("2, 3"), &json!(3)));
}

#[test]
fn every_refusal_is_counted_and_each_sort_has_a_list() {
    let error = "<Erreur><NumAnoAck V=\"E\"/><LibelleAnoAck V=\"1971\"/></Erreur>";
    let of = |count: usize| {
        let refused = element(5, "0", error).repeat(count) + &element(4, "0", "").repeat(count);
        alone(&acquit(NAME, &(element(5, "1", "").repeat(count) + &refused)))
    };
    let few = of(10);
    assert_eq!((cut(&few), listed(&few, "acquits"), listed(&few, "verdicts_signature_dgfip")), (vec![], 20, 10));
    let many = of(21);
    for (fact, value) in [
        ("elements", 63),
        ("elements_rejetes", 42),
        ("nombre_acquits", 42),
        ("nombre_verdicts_signature_dgfip", 21),
        ("nombre_erreurs", 21),
    ] {
        assert_eq!(many.facts[fact], value, "{fact}");
    }
    assert_eq!((listed(&many, "acquits"), listed(&many, "verdicts_signature_dgfip")), (20, 20));
    assert!(many.facts["acquits"].as_array().unwrap().iter().all(|one| one["etat"] == "rejete"));
    let expected = [("acquits", "20 of 42"), ("erreurs", "20 of 21"), ("verdicts_signature_dgfip", "20 of 21")];
    assert_eq!(cut(&many), expected.map(|(list, numbers)| (list, numbers.to_owned())));
}

#[test]
fn what_any_block_or_any_state_refuses_is_refused() {
    let state = |elements: &str| alone(&acquit(NAME, elements)).facts["etat"].clone();
    let blocks = format!("{}</ACQUIT><ACQUIT>{}", element(5, "1", ""), element(5, "0", ""));
    assert_eq!(state(&blocks), "accepte-partiellement");
    assert_eq!(state(&element(5, "1", "<EtatAck V=\"0\"/>")), "rejete");
    assert_eq!(state(&element(5, "0", "<EtatAck V=\"1\"/>")), "rejete");
    assert_eq!(state(&element(5, "1", "")), "accepte");
}

#[test]
fn attached_documents_beyond_those_listed_are_said_not_to_be() {
    let good = bordereau(1, 1, "1.00", &piece(1, &["1.00"], None));
    let of = |count: usize| {
        let all: String = (0..count).map(|n| attached(&n.to_string(), "f.txt", "", "")).collect();
        let flow = read(&[(NAME, aller(NAME, &good, &all).as_bytes())], Declared::Auto);
        (flow.facts["nombre_pieces_jointes"].clone(), listed(&flow, "pieces_jointes"), cut(&flow).len())
    };
    assert_eq!(of(20), (json!(20), 20, 0));
    assert_eq!(of(21), (json!(21), 20, 1));
}

/// Says why nothing was judged.
struct TooMuch;

impl flow::SignatureJudge for TooMuch {
    fn judge(&self, _: &str) -> Result<Vec<flow::SignatureSaid>, flow::Why> {
        Err(("too-much", String::new()))
    }
    fn judge_pdf(&self, _: &[u8]) -> Result<Vec<flow::SignatureSaid>, flow::Why> {
        Ok(Vec::new())
    }
    fn judge_cms(&self, _: &[u8], _: Option<&mut dyn std::io::Read>) -> Result<Vec<flow::SignatureSaid>, flow::Why> {
        Ok(Vec::new())
    }
}

#[test]
fn a_pes_whose_signatures_were_not_judged_says_so_in_findings_facts_and_text() {
    let signed = "<s:Signature xmlns:s=\"http://www.w3.org/2000/09/xmldsig#\"/></n:PES_Aller>";
    let flow = judged(&whole().replace("</n:PES_Aller>", signed), &TooMuch);
    assert_eq!(about(&flow), ["signatures-not-judged"]);
    assert_eq!(flow.facts["signatures_non_verifiees"][0]["motif"], "too-much");
    for (language, told) in
        [(flow::Language::Fr, "Signatures non vérifiées :"), (flow::Language::En, "Signatures not checked:")]
    {
        assert!(flow::explain::to_text(&flow, language).contains(told));
    }
    // What covers nothing signs nothing.
    let flow = judged(&whole().replace("</n:PES_Aller>", signed), &ByWord);
    assert!(
        about(&flow).contains(&"signature-covers-nothing") && flow.facts["bordereaux_signes"] == 0,
        "{:?}",
        codes(&flow)
    );
}
