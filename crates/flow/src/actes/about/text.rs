//! What an act says besides its identifier. An acknowledgement carries no hash of the act: where two deposits of one identifier say different
//! things, only what it repeats of the act can tell which of them it acknowledges, and nothing can where they differ by the document alone.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::limits::MAX_FACT_BYTES;
use crate::names::folded;

/// Date, number, nature, subject, matters and document, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActText {
    date: Option<String>,
    number: Option<String>,
    nature: Option<String>,
    /// What stands for the subject: [`subject_mark`].
    subject: Option<String>,
    matters: Option<Vec<String>>,
    /// SHA-256 of the main document.
    document: Option<String>,
}

impl ActText {
    /// What an entry's facts say of the act they describe.
    pub fn of(facts: &Value) -> ActText {
        let own = |key: &str| facts[key].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        // One that is cut could go on otherwise.
        let whole = facts["objet"].as_str().filter(|text| text.len() + 8 < MAX_FACT_BYTES);
        let (subject, matters) = (whole.map(subject_mark), matters_of(facts));
        let nature = own("code_nature").map(|code| number(&code).to_owned());
        ActText { date: own("date"), number: own("numero"), nature, subject, matters, document: own("empreinte_acte") }
    }

    /// What one of several messages is listed with.
    pub(super) fn of_listed(one: &Value, date: Option<String>, number: Option<String>) -> ActText {
        let subject = one["objet_marque"].as_str().map(str::to_owned);
        if subject.is_none() {
            // Entries before that was listed say too little to be compared.
            return ActText::default();
        }
        let document = one["empreinte_acte"].as_str().map(str::to_owned);
        ActText { date, number, subject, matters: matters_of(one), document, ..ActText::default() }
    }

    /// With the document that the facts of the whole entry tell.
    pub(super) fn with_document(self, facts: &Value) -> ActText {
        let document = facts["empreinte_acte"].as_str().map(str::to_owned).or(self.document);
        ActText { document, ..self }
    }

    /// Both say a thing, and not the same.
    pub fn differs(&self, other: &ActText) -> bool {
        let apart = |(one, other): (&Option<String>, &Option<String>)| one.is_some() && other.is_some() && one != other;
        let matters = self.matters.as_ref().zip(other.matters.as_ref());
        self.fields().into_iter().zip(other.fields()).any(apart)
            || matters.is_some_and(|(one, other)| are_other_matters(one, other))
    }

    /// What is the same or is not, each as a whole.
    fn fields(&self) -> [&Option<String>; 5] {
        [&self.date, &self.number, &self.nature, &self.subject, &self.document]
    }

    /// What it is about is known.
    pub fn is_known(&self) -> bool {
        self.subject.is_some() || self.matters.is_some()
    }
}

/// A short mark of a subject, in the place of the subject itself where many are listed.
pub(crate) fn subject_mark(subject: &str) -> String {
    use std::fmt::Write;
    let digest = Sha256::digest(heard(subject));
    digest.iter().take(8).fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn matters_of(facts: &Value) -> Option<Vec<String>> {
    facts["matieres"].as_array().map(|all| said_levels(all.iter().filter_map(Value::as_str)))
}

/// A text as it is compared: blanks, case, and how letters and apostrophes are written apart.
pub(crate) fn plain(text: &str) -> String {
    folded(text).replace('\u{2019}', "'").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A subject as it is compared: what survives the way from the one who sends to the préfecture and back, where letters with accents, apostrophes,
/// dashes and ligatures come back without accent, as `?`, as two other letters, or not at all. Kept are digits and consonants that no accent
/// goes on; of all between only that there is something.
pub(crate) fn heard(subject: &str) -> String {
    let text = folded(subject);
    let is_kept = |c: &char| c.is_ascii_alphanumeric() && !"aceiouy".contains(*c);
    let runs = text.split(|c| !is_kept(&c)).filter(|run| !run.is_empty());
    let sounds = runs.collect::<Vec<_>>().join("*");
    if sounds.is_empty() { plain(&text) } else { sounds }
}

/// A whole number as it is compared: without blanks, and zeros before it.
pub(crate) fn number(text: &str) -> &str {
    text.trim().trim_start_matches('0')
}

/// The levels of a matter that are said: 0 and nothing say none.
pub(crate) fn said_levels<'l>(levels: impl Iterator<Item = &'l str>) -> Vec<String> {
    let short = levels.map(number);
    short.take_while(|level| !level.is_empty()).map(str::to_owned).collect()
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
    Of(Box<ActText>),
    /// It cannot be told which, or none of those deposited is what they repeat.
    Untold,
}

impl Acknowledged {
    /// Among these texts of the act, by what its acknowledgements repeat. One of which nothing is known is none of them.
    pub fn among(acts: &[ActText], repeated: &[ActText]) -> Acknowledged {
        let several = |all: &[&ActText]| all.iter().any(|one| all.iter().any(|other| one.differs(other)));
        let known: Vec<&ActText> = acts.iter().filter(|act| act.is_known()).collect();
        let is_repeated = |act: &&ActText| !repeated.iter().any(|said| said.differs(act));
        let same: Vec<&ActText> = known.iter().copied().filter(is_repeated).collect();
        if !several(&known) && same.len() == known.len() {
            return Acknowledged::One;
        }
        match same.first() {
            Some(first) if repeated.iter().any(ActText::is_known) && !several(&same) => {
                Acknowledged::Of(Box::new((*first).clone()))
            }
            _ => Acknowledged::Untold,
        }
    }

    /// The text asked about is surely not the one acknowledged, or that cannot be told; of who asks about none, where it cannot be told of any.
    pub fn leaves_out(&self, asked: Option<&ActText>) -> bool {
        match (self, asked) {
            (Acknowledged::One, _) | (Acknowledged::Of(_), None) => false,
            (Acknowledged::Of(known), Some(text)) => known.differs(text) || !text.is_known(),
            (Acknowledged::Untold, _) => true,
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
        assert!(!levels(json!(["03", "01"])).differs(&levels(json!(["3", "1"]))));
        let dated = |date: &str| ActText::of(&json!({"objet": "Vente", "date": date, "numero": "1"}));
        assert!(
            dated("2026-10-01").differs(&dated("2026-09-01")) && !dated("2026-10-01").differs(&repeated("vente", "3"))
        );
        assert!(!text("L’été d'un parc", "3", "aa").differs(&text("l'e\u{301}te\u{301} d'un parc", "3", "aa")));
        for other in ["l'ete d'un parc", "L?t? d?un parc.", "L\u{c3}\u{a9}t\u{c3}\u{a9} d\u{e2}\u{20ac}\u{2122}un parc"]
        {
            assert!(!text("L’été d'un parc", "3", "aa").differs(&text(other, "3", "aa")), "{other}");
        }
        for other in ["L’été d'un port", "L’été d'un parc, lot 2", "L’été du parc 1", "Été"] {
            assert!(text("L’été d'un parc, lot 1", "3", "aa").differs(&text(other, "3", "aa")), "{other}");
        }
        assert!(
            text("Εα", "3", "aa").differs(&text("Οα", "3", "aa"))
                && !text("Οα", "3", "aa").differs(&text("οα", "3", "aa"))
        );
        // Of a subject that was cut nobody knows how it goes on.
        let long = |last: char| ActText::of(&json!({"objet": format!("{}{last}", "n".repeat(MAX_FACT_BYTES))}));
        assert!(!long('d').differs(&long('t')) && !long('d').is_known());
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
        assert_eq!(among(&both, &[repeated("Vente", "3")]), Acknowledged::Of(Box::new(first.clone())));
        assert_eq!(among(&both, &[repeated("Achat", "3")]), Acknowledged::Of(Box::new(second.clone())));
        // It repeats both, none, or nothing; or only the documents differ.
        for said in
            [&[repeated("Vente", "3"), repeated("Achat", "3")][..], &[repeated("Don", "3")], &[], &[ActText::default()]]
        {
            assert_eq!(among(&both, said), Acknowledged::Untold, "{said:?}");
        }
        let stamped = text("Vente", "3", "cc");
        assert_eq!(among(&[&first, &stamped], &[repeated("Vente", "3")]), Acknowledged::Untold);
        let known = among(&both, &[repeated("Vente", "3")]);
        assert!(known.leaves_out(Some(&second)) && !known.leaves_out(Some(&first)) && !known.leaves_out(None));
        assert!(known.leaves_out(Some(&ActText::default())) && Acknowledged::Untold.leaves_out(None));
        // What repeats neither subject nor matter acknowledges neither of two.
        let dated = |date: &str| ActText::of(&json!({"objet": "Vente", "date": date}));
        let (may, june) = (dated("2026-05-01"), dated("2026-06-01"));
        let said = ActText::of(&json!({"date": "2026-05-01"}));
        assert_eq!(among(&[&may, &june], &[said]), Acknowledged::Untold);
        assert_eq!(among(&[&may, &june], &[dated("2026-05-01")]), Acknowledged::Of(Box::new(may.clone())));
        // Of one that nothing is known of nothing is told.
        let unknown = ActText::default();
        assert_eq!(among(&[&unknown, &first], &[repeated("Achat", "3")]), Acknowledged::Untold);
        assert_eq!(among(&[&unknown, &first], &[repeated("Vente", "3")]), Acknowledged::One);
        assert_eq!(among(&[&unknown], &[repeated("Vente", "3")]), Acknowledged::One);
    }
}
