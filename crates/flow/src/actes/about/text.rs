//! What an act says besides its identifier. An acknowledgement carries no hash of the act: where two deposits of one identifier say different
//! things, only what it repeats of the act can tell which of them it acknowledges, and nothing can where they differ by the document alone.

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

/// Subject, matters and document, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActText {
    /// Blanks and case apart.
    subject: Option<String>,
    matters: Option<Vec<String>>,
    /// SHA-256 of the main document.
    document: Option<String>,
}

impl ActText {
    /// What an entry's facts say of the act they describe.
    pub fn of(facts: &Value) -> ActText {
        let subject = facts["objet"].as_str().map(plain);
        let matters = facts["matieres"].as_array();
        let matters = matters.map(|all| said_levels(all.iter().filter_map(Value::as_str)));
        let document = facts["empreinte_acte"].as_str().map(str::to_owned);
        ActText { subject, matters, document }
    }

    /// Both say a thing, and not the same.
    pub fn differs(&self, other: &ActText) -> bool {
        fn apart<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
            matches!((one, other), (Some(one), Some(other)) if one != other)
        }
        let matters = self.matters.as_ref().zip(other.matters.as_ref());
        apart(self.subject.as_ref(), other.subject.as_ref())
            || matters.is_some_and(|(one, other)| are_other_matters(one, other))
            || apart(self.document.as_ref(), other.document.as_ref())
    }

    /// Something of it is known.
    pub fn is_known(&self) -> bool {
        *self != ActText::default()
    }
}

/// A text as it is compared: blanks, case, and how letters and apostrophes are written apart.
pub(crate) fn plain(text: &str) -> String {
    let folded =
        text.nfc().flat_map(char::to_lowercase).map(|c| if c == '\u{2019}' { '\'' } else { c }).collect::<String>();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The levels of a matter that are said: 0 and nothing say none.
pub(crate) fn said_levels<'l>(levels: impl Iterator<Item = &'l str>) -> Vec<String> {
    levels.take_while(|level| !level.is_empty() && *level != "0").map(str::to_owned).collect()
}

/// At a level that both say, they say two things: a matter may be told less deep.
pub(crate) fn are_other_matters(one: &[String], other: &[String]) -> bool {
    one.iter().zip(other).any(|(one, other)| one != other)
}

/// Which of the texts deposited under one identifier was acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acknowledged {
    /// There is but one, and nothing that they repeat is of another.
    One,
    /// Of several, the one that the acknowledgements repeat, as it was deposited.
    Of(ActText),
    /// It cannot be told which, or none of those deposited is what they repeat.
    Untold,
}

impl Acknowledged {
    /// Among these texts of the act, by what its acknowledgements repeat.
    pub fn among(acts: &[ActText], repeated: &[ActText]) -> Acknowledged {
        let several = |all: &[&ActText]| all.iter().any(|one| all.iter().any(|other| one.differs(other)));
        let same: Vec<&ActText> = acts.iter().filter(|act| !repeated.iter().any(|said| said.differs(act))).collect();
        if !several(&acts.iter().collect::<Vec<_>>()) && same.len() == acts.len() {
            return Acknowledged::One;
        }
        match same.first() {
            Some(first) if repeated.iter().any(ActText::is_known) && !several(&same) => {
                Acknowledged::Of((*first).clone())
            }
            _ => Acknowledged::Untold,
        }
    }

    /// This text is surely not the one acknowledged, or it cannot be told.
    pub fn leaves_out(&self, text: &ActText) -> bool {
        match self {
            Acknowledged::One => false,
            Acknowledged::Of(known) => known.differs(text),
            Acknowledged::Untold => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(subject: &str, matter: &str, document: &str) -> ActText {
        ActText::of(&json!({"objet": subject, "matieres": [matter, "1"], "empreinte_acte": document}))
    }

    /// What an acknowledgement repeats.
    fn repeated(subject: &str, matter: &str) -> ActText {
        ActText::of(&json!({"objet": subject, "matieres": [matter, "1"]}))
    }

    #[test]
    fn a_text_is_told_by_what_both_say_blanks_and_case_apart() {
        let one = text("Vente  du stade", "3", "aa");
        assert!(!one.differs(&text("vente du\nStade", "3", "aa")) && !one.differs(&ActText::default()));
        assert!(one.differs(&text("Achat", "3", "aa")) && one.differs(&text("Vente du stade", "1", "aa")));
        assert!(one.differs(&text("Vente du stade", "3", "bb")) && !one.differs(&repeated("Vente du stade", "3")));
        let levels = |all: Value| ActText::of(&json!({"matieres": all}));
        assert!(!levels(json!(["3", "1", "0"])).differs(&levels(json!(["3", "1"]))));
        assert!(
            !levels(json!(["3", "1", "2"])).differs(&levels(json!(["3", "1"])))
                && levels(json!(["3", "1", "2"])).differs(&levels(json!(["3", "2"])))
        );
        assert!(!text("L’été d'un parc", "3", "aa").differs(&text("l'e\u{301}te\u{301} d'un parc", "3", "aa")));
        assert!(!ActText::default().is_known() && one.is_known());
    }

    #[test]
    fn of_several_texts_the_one_that_is_repeated_was_acknowledged() {
        let (first, second) = (text("Vente", "3", "aa"), text("Achat", "3", "bb"));
        let among = |acts: &[&ActText], said: &[ActText]| {
            Acknowledged::among(&acts.iter().map(|act| (*act).clone()).collect::<Vec<_>>(), said)
        };
        assert_eq!(among(&[], &[]), Acknowledged::One);
        assert_eq!(among(&[&first, &first], &[repeated("Vente", "3"), ActText::default()]), Acknowledged::One);
        assert_eq!(among(&[&first], &[repeated("Autre", "3")]), Acknowledged::Untold);
        assert_eq!(among(&[&first, &ActText::default()], &[]), Acknowledged::One);
        let both = [&first, &second];
        assert_eq!(among(&both, &[repeated("Vente", "3")]), Acknowledged::Of(first.clone()));
        assert_eq!(among(&both, &[repeated("Achat", "3")]), Acknowledged::Of(second.clone()));
        // It repeats both, none, or nothing; or only the documents differ.
        for said in
            [&[repeated("Vente", "3"), repeated("Achat", "3")][..], &[repeated("Don", "3")], &[], &[ActText::default()]]
        {
            assert_eq!(among(&both, said), Acknowledged::Untold, "{said:?}");
        }
        let stamped = text("Vente", "3", "cc");
        assert_eq!(among(&[&first, &stamped], &[repeated("Vente", "3")]), Acknowledged::Untold);
        let known = among(&both, &[repeated("Vente", "3")]);
        assert!(known.leaves_out(&second) && !known.leaves_out(&first) && Acknowledged::Untold.leaves_out(&first));
    }
}
