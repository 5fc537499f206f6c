//! What becomes of an accounting flow by the acknowledgements deposited of it, as answers show it: nothing of it is stored, and nothing
//! that is not acknowledged is told as if it were.

use crate::language::Language;
use flow::{PesStanding, PesTold};
use proof::EntryId;
use serde_json::{Value, json};

/// A flow by its NomFic, and its state.
pub(crate) struct Accounted {
    name: String,
    standing: PesStanding,
    /// The entries that hold a flow sent under this name, and those whose acknowledgement does not count.
    sent: Vec<EntryId>,
    set_aside: Vec<EntryId>,
}

/// Of each of these names that is of a flow sent, by what the entries tell.
pub(super) fn all<'n>(
    names: impl Iterator<Item = &'n str>,
    entries: &[(EntryId, Vec<PesTold>)],
    cut: bool,
) -> Vec<Accounted> {
    let told = || entries.iter().enumerate().flat_map(|(place, (_, told))| told.iter().map(move |one| (place, one)));
    let ids = |places: &[usize]| {
        let mut ids: Vec<EntryId> = places.iter().filter_map(|place| Some(entries.get(*place)?.0)).collect();
        ids.dedup();
        ids
    };
    let of = |name: &str| {
        let standing = flow::pes_standing(name, told(), cut)?;
        let (sent, set_aside) = (ids(&standing.sent), ids(&standing.set_aside));
        Some(Accounted { name: name.to_owned(), standing, sent, set_aside })
    };
    names.filter_map(of).collect()
}

impl Accounted {
    /// As answers show it.
    pub(super) fn json(&self) -> Value {
        let PesStanding { state, why, bordereaux, left, strange, .. } = &self.standing;
        let of = |at: usize| bordereaux.map(|counts| counts[at]);
        let ids = |ids: &[EntryId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        json!({
            "nom_fic": self.name, "etat": state, "motif": why, "bordereaux": of(0), "acceptes": of(1), "rejetes": of(2),
            "non_acquittes": of(3), "non_acquittes_noms": left, "hors_du_flux": strange,
            "deposes_sous_ce_nom": ids(&self.sent), "acquits_ecartes": ids(&self.set_aside),
            "phrase": self.sentence(Language::French), "phrase_en": self.sentence(Language::English),
        })
    }

    /// The same in words.
    fn sentence(&self, language: Language) -> String {
        let mut text = self.state(language).to_owned();
        text.push_str(&self.beside(language));
        text
    }

    fn state(&self, language: Language) -> &'static str {
        match (self.standing.state, self.standing.why.unwrap_or_default()) {
            ("accepte", _) => language.pick(
                "Accepté par le comptable public, selon les acquittements déposés.",
                "Accepted by the Treasury, by the acknowledgements that were deposited.",
            ),
            ("rejete", _) => language.pick("Rejeté par le comptable public.", "Refused by the Treasury."),
            ("accepte-partiellement", _) => language.pick(
                "Accepté en partie : une partie en est rejetée par le comptable public.",
                "Accepted in part: a part of it is refused by the Treasury.",
            ),
            ("partiel", _) => language.pick("Acquitté en partie seulement.", "Acknowledged in part only."),
            ("sans-acquittement", _) => {
                language.pick("Aucun acquittement de ce flux n'est connu.", "No acknowledgement of this flow is known.")
            }
            (_, "plusieurs-flux") => language.pick(
                "État incertain : plusieurs PES_Aller portent ce nom (NomFic), un acquittement ne dit pas lequel il concerne.",
                "State uncertain: several PES_Aller bear this name (NomFic), an acknowledgement does not say which one it is about.",
            ),
            (_, "flux-absent") => language.pick(
                "État inconnu : le PES_Aller n'est pas déposé, ce que l'acquittement laisse de côté ne se voit pas.",
                "State unknown: the PES_Aller is not deposited, what the acknowledgement leaves out cannot be seen.",
            ),
            (_, "etat-non-dit") => language.pick(
                "État inconnu : un élément d'acquittement ne dit pas s'il est accepté (EtatAck).",
                "State unknown: an element of an acknowledgement does not say whether it is accepted (EtatAck).",
            ),
            (_, "trop-de-depots") => language.pick(
                "État inconnu : trop de dépôts portent ce nom pour être tous lus.",
                "State unknown: too many deposits bear this name to be read all.",
            ),
            _ => language.pick(
                "État inconnu : trop de bordereaux ou de pièces à rapprocher, lire les acquittements.",
                "State unknown: too many bordereaux or pieces to hold against each other, read the acknowledgements.",
            ),
        }
    }

    /// What is left, what is of another flow, what does not count.
    fn beside(&self, language: Language) -> String {
        let PesStanding { state, bordereaux, left, strange, .. } = &self.standing;
        let mut text = String::new();
        if let Some([all, _, refused, _]) = bordereaux.filter(|of| *state == "partiel" && of[2] > 0) {
            text.push_str(&language.pick(
                format!(" Bordereaux rejetés par le comptable public, en tout ou en partie : {refused} sur {all}."),
                format!(" Bordereaux refused by the Treasury, in whole or in part: {refused} of {all}."),
            ));
        }
        if let Some([all, _, _, left_count]) = bordereaux.filter(|_| *state == "partiel") {
            let names = left.join(" ; ");
            text.push_str(&language.pick(
                format!(" Bordereaux que rien n'acquitte, ou pas en entier : {left_count} sur {all} ({names})."),
                format!(" Bordereaux that nothing acknowledges, or not as a whole: {left_count} of {all} ({names})."),
            ));
        }
        if !strange.is_empty() {
            let names = strange.join(" ; ");
            text.push_str(&language.pick(
                format!(" Un acquittement parle de ce que le flux ne contient pas, ou pas sous ce seul nom : {names}."),
                format!(
                    " An acknowledgement tells of what the flow does not hold, or not under that name alone: {names}."
                ),
            ));
        }
        if !self.set_aside.is_empty() {
            text.push_str(language.pick(
                " Un acquittement de ce nom ne compte pas : il est d'un autre SIRET (IdColl).",
                " An acknowledgement of this name does not count: it is of another SIRET (IdColl).",
            ));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{Accounted, all};
    use crate::language::Language;
    use proof::EntryId;
    use serde_json::{Value, json};

    fn of(entries: &[Value], cut: bool) -> Vec<Accounted> {
        let told =
            |(place, facts): (usize, &Value)| (EntryId([u8::try_from(place).unwrap(); 16]), flow::pes_told(facts));
        let entries: Vec<_> = entries.iter().enumerate().map(told).collect();
        all(["F", "G"].into_iter(), &entries, cut)
    }

    fn sent() -> Value {
        let one =
            |number: &str| json!({"domaine": "depense", "exercice": "2026", "numero": number, "nombre_pieces": 1});
        json!({"flow": "pes", "message": "PES_Aller", "nom_fic": "F", "siret": "1", "nombre_bordereaux": 2,
            "bordereaux_a_acquitter": [one("12"), one("13")]})
    }

    fn ack(siret: &str, number: &str) -> Value {
        json!({"flow": "pes", "message": "PES_ACQUIT", "nom_fic": "F", "siret": siret, "elements": 1, "elements_acceptes": 1,
            "elements_rejetes": 0,
            "bordereaux_acquittes": [{"domaine": "depense", "exercice": "2026", "numero": number, "etat": "accepte"}]})
    }

    #[test]
    fn every_state_has_its_words_in_both_languages() {
        let (sent, first, last, other) = (sent(), ack("1", "12"), ack("1", "13"), ack("2", "13"));
        for (entries, state, words) in [
            (vec![&sent], "sans-acquittement", "Aucun acquittement"),
            (vec![&sent, &first], "partiel", "1 sur 2 (13/2026 (depense))"),
            (vec![&sent, &first, &last], "accepte", "Accepté par le comptable public"),
            (vec![&sent, &first, &other], "partiel", "un autre SIRET"),
            (vec![&sent, &first, &last, &ack("1", "9")], "accepte", "9/2026 (depense)"),
            (vec![&sent, &sent, &first], "incertain", "plusieurs PES_Aller"),
            (vec![&first], "inconnu", "pas déposé"),
        ] {
            let entries: Vec<Value> = entries.into_iter().cloned().collect();
            let [one]: [Accounted; 1] = of(&entries, false).try_into().unwrap_or_else(|_| panic!("{state}"));
            let json = one.json();
            assert_eq!(json["etat"], state);
            assert!(json["phrase"].as_str().unwrap().contains(words), "{json}");
            assert_eq!(json["phrase_en"], one.sentence(Language::English).as_str());
            assert_ne!(json["phrase"], json["phrase_en"]);
        }
        let mut refused = ack("1", "12");
        (refused["elements_acceptes"], refused["elements_rejetes"]) = (0.into(), 1.into());
        refused["bordereaux_acquittes"][0]["etat"] = "rejete".into();
        let partly = of(&[sent.clone(), refused], false)[0].json();
        assert_eq!(partly["etat"], "partiel");
        assert!(
            partly["phrase"]
                .as_str()
                .unwrap()
                .contains("rejetés par le comptable public, en tout ou en partie : 1 sur 2")
        );
        let aside = of(&[sent.clone(), first.clone(), other], false)[0].json();
        assert_eq!(aside["acquits_ecartes"].as_array().map(Vec::len), Some(1), "{aside}");
        assert_eq!((&aside["bordereaux"], &aside["non_acquittes"]), (&json!(2), &json!(1)));
        assert_eq!(of(&[sent, first], true)[0].json()["motif"], "trop-de-depots");
    }
}
