//! Which files of a procedure are bids, by its manifest: they are secret until they are opened, and to open them is nobody's business here.

use serde_json::{Map, Value};

use crate::codes::Fault;
use crate::names::is_called;
use crate::profile;

/// The step in which every file is a bid.
const BIDS: &str = "plis";
/// How a word begins by which a manifest calls a bid, in whatever step: `Pli n°1`, `offre financière`, `pli_lot2`.
const WORDS: [&str; 6] = ["pli", "offre", "candidat", "soumission", "enveloppe", "bid"];
/// What the buyer writes about bids, by its first word: `rapport d'analyse des offres`, `registre des plis`, `procès-verbal d'ouverture`.
const OF_THE_BUYER: [&str; 4] = ["rapport", "registre", "procès", "pv"];
/// What a manifest of a procedure says, and no other.
const OF_A_PROCEDURE: [&str; 2] = ["consultation", "acheteur"];

/// A description, read, or why it cannot be.
pub(super) type Manifest = Result<Map<String, Value>, Fault>;

/// What stays closed of a deposit.
pub(super) enum Sealed {
    All,
    /// All but files of these names.
    AllBut(Vec<String>),
    /// Files of these names.
    Named(Vec<String>),
}

impl Sealed {
    /// By this description, of files of these names. All stays closed in the step of bids, in one of which the word is not known, under a manifest
    /// that cannot be read; and where it names a bid that is not among the files, all that it does not name as something else: which of them the
    /// bid is, is not told.
    pub(super) fn of(description: Option<&Manifest>, names: &[String]) -> Sealed {
        match description {
            None => Sealed::Named(Vec::new()),
            Some(Err(_)) => Sealed::All,
            Some(Ok(manifest)) => Sealed::by(manifest, names),
        }
    }

    /// The same where nobody said that the description is one of a procedure, and it may be.
    pub(super) fn perhaps(description: Option<&Manifest>, names: &[String]) -> Sealed {
        match description {
            Some(Ok(manifest)) if OF_A_PROCEDURE.iter().any(|said| manifest.contains_key(*said)) => {
                Sealed::by(manifest, names)
            }
            _ => Sealed::Named(Vec::new()),
        }
    }

    fn by(manifest: &Map<String, Value>, names: &[String]) -> Sealed {
        match manifest.get("etape") {
            None => {}
            Some(Value::String(word)) if word.trim() != BIDS && profile::is_step_of_procedure(word.trim()) => {}
            Some(_) => return Sealed::All,
        }
        let items = manifest.get("fichiers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let said = |item: &Value, name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
        // A role that is no text may be that of a bid.
        let bid = |item: &&Value| item.get("role").is_some_and(|role| role.as_str().is_none_or(says_a_bid));
        let (bids, others): (Vec<&Value>, Vec<&Value>) = items.iter().partition(bid);
        let called =
            |items: Vec<&Value>| items.into_iter().map(|item| said(item, "fichier").unwrap_or_default()).collect();
        let (mut bids, others): (Vec<String>, Vec<String>) = (called(bids), called(others));
        // One of which the manifest says nothing is what its own name says.
        let untold = |name: &&String| !others.iter().any(|known| is_called(name, known)) && says_a_bid(name);
        bids.extend(names.iter().filter(untold).cloned());
        let there = |bid: &String| names.iter().any(|name| is_called(name, bid));
        if bids.iter().all(there) { Sealed::Named(bids) } else { Sealed::AllBut(others) }
    }

    /// This file stays closed.
    pub(super) fn holds(&self, name: &str) -> bool {
        match self {
            Sealed::All => true,
            Sealed::AllBut(names) => !names.iter().any(|known| is_called(name, known)),
            Sealed::Named(names) => names.iter().any(|known| is_called(name, known)),
        }
    }
}

/// A word of it is one by which a bid is called.
fn says_a_bid(text: &str) -> bool {
    let text = text.to_lowercase();
    let mut words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).peekable();
    let of_the_buyer = words.peek().is_some_and(|first| OF_THE_BUYER.contains(first));
    !of_the_buyer && words.any(|word| WORDS.iter().any(|begins| word.starts_with(begins)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::json;
    use crate::limits::Limits;

    fn read(manifest: &Value) -> Manifest {
        json::description(manifest.to_string().as_bytes(), &Limits::default())
    }

    fn holds(manifest: Value, name: &str) -> bool {
        Sealed::of(Some(&read(&manifest)), &[name.to_owned(), "avis.json".into()]).holds(name)
    }

    fn by(role: &str, file: &str) -> Value {
        json!({"etape": "rapport", "fichiers": [{"fichier": file, "role": role}]})
    }

    #[test]
    fn what_the_buyer_writes_about_bids_is_none_but_among_them() {
        for role in [
            "rapport d'analyse des offres",
            "Registre des plis reçus",
            "procès-verbal d'ouverture des plis",
            "PV_offres",
        ] {
            assert!(!holds(by(role, "d.pdf"), "d.pdf"), "{role}");
            let mut among = by(role, "d.pdf");
            among["etape"] = "plis".into();
            assert!(holds(among, "d.pdf"), "{role}");
        }
        assert!(
            holds(by("offre, avec son rapport", "d.pdf"), "d.pdf") && holds(by("pli", "rapport.pdf"), "rapport.pdf")
        );
    }

    #[test]
    fn a_bid_is_called_so_in_many_words() {
        for role in [
            "pli",
            "Plis",
            " offre ",
            "offre financière",
            "Pli n°1",
            "pli_lot2",
            "plis électroniques",
            "soumission",
            "enveloppe",
        ] {
            assert!(holds(by(role, "d.json"), "d.json"), "{role}");
        }
        for role in ["rapport", "registre", "complice", "supplique", ""] {
            assert!(!holds(by(role, "d.json"), "d.json"), "{role}");
        }
    }

    #[test]
    fn a_role_that_is_no_text_and_a_name_that_nobody_tells_may_be_a_bid() {
        for role in [json!(["pli"]), json!({"pli": true}), json!(1), json!(null), json!(true)] {
            let manifest = json!({"etape": "rapport", "fichiers": [{"fichier": "d.json", "role": role}]});
            assert!(holds(manifest, "d.json"), "{role}");
        }
        assert!(holds(by("rapport", "d.json"), "offre-dupont.pdf"));
        assert!(!holds(by("rapport", "offre-dupont.pdf"), "offre-dupont.pdf"));
    }

    #[test]
    fn all_stays_closed_where_it_is_not_told_which_file_is_the_bid() {
        for other in ["D.JSON", "d.json ", "plis/d.json", "e\u{301}.json", ""] {
            assert!(holds(by("pli", other), "d.json"), "{other}");
        }
        let both = json!({"etape": "rapport", "fichiers": [
            {"fichier": "D.json", "role": "pli"}, {"fichier": "avis.json", "role": "avis"},
        ]});
        assert_eq!((holds(both.clone(), "d.json"), holds(both, "avis.json")), (true, false));
        assert!(holds(by("pli", "d.json"), "plis/d.json"));
        assert!(!holds(by("rapport", "D.JSON"), "d.json"));
    }

    #[test]
    fn a_description_that_may_be_one_of_a_procedure_closes_what_it_says() {
        let of = |manifest: Value| Sealed::perhaps(Some(&read(&manifest)), &["d.json".into()]).holds("d.json");
        assert!(of(json!({"acheteur": "21990001500017", "etape": "plis"})));
        assert!(of(json!({"consultation": "c", "fichiers": [{"fichier": "d.json", "role": "pli"}]})));
        assert!(!of(json!({"acheteur": "21990001500017", "etape": "rapport"})));
        assert!(!of(json!({"titre": "plis", "etape": "plis"})));
    }
}
