//! Whether an act is executory, as far as the archive knows: transmitted to the préfecture, and published or notified (code général des
//! collectivités territoriales, L. 2131-1). Pieces are tied to the act by its identifier alone, and the acknowledgement carries no hash of the
//! act: this is what was deposited about that act, and no more.

use crate::language::Language;
use crate::random::day_of;
use flow::day::{day_after, is_day, two_months_after};
use flow::{Acknowledged, ActText, Finding, Known, Spoken, Taken};
use proof::UnixMillis;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Publications that do not count, of which the status says why.
const SET_ASIDE: usize = 20;

/// What one message of an act's story says of it.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// The préfecture acknowledged it on this day.
    received: Option<String>,
    /// Its cancellation was asked for, or acknowledged by the préfecture.
    cancellation: Option<Cancellation>,
    /// The préfecture acknowledged it on this day, as far as it is surely this act.
    unsure: Option<String>,
    /// The platform on which tests are made acknowledged it on this day, or may be what did.
    on_trial: Option<String>,
    /// It was published or notified on this day.
    published: Option<String>,
    /// It was published or notified, says a manifest that does not count, and why.
    set_aside: Option<(String, Vec<Finding>)>,
    /// The préfecture acknowledged it, on a day that is not possible.
    impossible: Option<String>,
    /// The préfecture acknowledged it, on a day that cannot be read.
    undated: bool,
    /// What the act says, as it was deposited.
    act: Option<ActText>,
    /// What the acknowledgement that counts repeats of it.
    repeated: Option<ActText>,
    /// The préfecture found an anomaly.
    anomaly: Option<Anomaly>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Cancellation {
    /// `6-1` or `6-2`.
    message: String,
    day: Option<String>,
    /// It may be of another act, or was made on the platform for tests.
    in_doubt: bool,
    /// The act itself is not known.
    is_unseen: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Anomaly {
    day: Option<String>,
    on_envelope: bool,
}

impl Said {
    /// By a message that is tied to this act, and the facts and the day of the entry it came in.
    pub(crate) fn of(one: &Spoken, act: &Known, facts: &Value, deposited: UnixMillis) -> Self {
        let day = one.day.clone().filter(|day| is_day(day));
        let mut said = Self::default();
        match one.message.as_str() {
            "1-1" => said.act = Some(one.text.clone()),
            "1-2" => said.acknowledges(one, act, day, deposited),
            "6-1" | "6-2" => said.cancellation = Cancellation::of(one, act),
            "1-3" => said.anomaly = Some(Anomaly { day, on_envelope: false }),
            "publication" | "notification" => {
                let lacks = flow::publication_lacks(facts, &day_of(deposited));
                if lacks.is_empty() {
                    said.published = day;
                } else {
                    said.set_aside = Some((one.day.clone().unwrap_or_default(), lacks));
                }
            }
            _ if one.on_envelope => said.anomaly = Some(Anomaly { day, on_envelope: true }),
            _ => {}
        }
        said
    }

    /// By a message that is tied to no act, where it may be what takes this one back.
    pub(crate) fn perhaps(one: &Spoken, act: &Known) -> Option<Self> {
        let cancels = matches!(one.message.as_str(), "6-1" | "6-2");
        let cancellation = Cancellation::of(one, act).filter(|_| cancels)?;
        Some(Self { cancellation: Some(cancellation), ..Self::default() })
    }

    /// By a cancellation that is found under no name of this act, where it may mean it.
    pub(crate) fn meant(one: &Spoken, act: &Known) -> Option<Self> {
        Self::perhaps(one, act).filter(|_| act.may_be_meant_by(&one.about))
    }

    /// An acknowledgement counts that is surely of this act, dated on a day that is possible, and was not made on the platform for tests.
    fn acknowledges(&mut self, one: &Spoken, act: &Known, day: Option<String>, deposited: UnixMillis) {
        let Some(day) = day else {
            self.undated = true;
            return;
        };
        // Somewhere it is already tomorrow.
        let last = day_after(&day_of(deposited));
        let place = if act.on_trial(&one.about) {
            &mut self.on_trial
        } else if one.differs || !act.acknowledged(&one.about) {
            &mut self.unsure
        } else if act.may_be_on(&day) && last.as_ref() >= Some(&day) {
            self.repeated = Some(one.text.clone());
            &mut self.received
        } else {
            &mut self.impossible
        };
        *place = Some(day);
    }
}

impl Cancellation {
    fn of(one: &Spoken, act: &Known) -> Option<Self> {
        let taken = act.taken_back(&one.about)?;
        let in_doubt = taken == Taken::Perhaps || (one.about.is_test() && !act.is_only_test());
        let day = one.day.clone().filter(|day| is_day(day));
        Some(Self { message: one.message.clone(), day, in_doubt, is_unseen: !act.is_deposited() })
    }
}

/// The status of an act, of all that is known.
#[derive(Debug)]
pub(crate) struct Status<'s> {
    state: &'static str,
    received: Option<String>,
    published: Option<String>,
    /// The first of what does not count.
    set_aside: Vec<&'s (String, Vec<Finding>)>,
    /// Days of acknowledgements that do not count, the first of them.
    impossible: Vec<&'s String>,
    /// Days of acknowledgements of the platform for tests, and of those that are not surely of this act, the first of each.
    on_trial: Vec<&'s String>,
    unsure: Vec<&'s String>,
    /// Asked for or acknowledged, and not certain to be of this act, the first of them.
    perhaps_cancelled: Vec<&'s Cancellation>,
    /// Its cancellation was asked for, for certain.
    asked_back: bool,
    /// The last one.
    anomaly: Option<&'s Anomaly>,
    /// Days on which it was acknowledged, where there are several.
    receptions: BTreeSet<&'s String>,
    /// An acknowledgement has no day that can be read.
    undated: bool,
    /// Which of the texts deposited was acknowledged, and whether the one asked for may not be it.
    texts: Acknowledged,
    left_out: bool,
    /// Not everything was looked at.
    cut: bool,
}

impl<'s> Status<'s> {
    /// By what is said of it, for whoever asks about this text of it; `cut` where there is more than was looked at, which could be anything.
    pub(crate) fn of(story: &[&'s Said], cut: bool, asked: Option<&ActText>) -> Self {
        let earliest = |of: fn(&Said) -> Option<&String>| story.iter().filter_map(|said| of(said)).min().cloned();
        let received = earliest(|said| said.received.as_ref());
        let published = earliest(|said| said.published.as_ref());
        let cancellations = || story.iter().filter_map(|said| said.cancellation.as_ref());
        let certain = |message: &str| cancellations().any(|one| !one.in_doubt && one.message == message);
        let all =
            |of: fn(&Said) -> Option<&ActText>| story.iter().filter_map(|said| of(said).cloned()).collect::<Vec<_>>();
        let texts = Acknowledged::among(&all(|said| said.act.as_ref()), &all(|said| said.repeated.as_ref()));
        let left_out = texts.leaves_out(asked);
        let state = match (&received, &published) {
            _ if certain("6-2") => "annule",
            _ if cancellations().any(|one| one.in_doubt) => "annulation-possible",
            _ if cut => "inconnu",
            (Some(_), _) if left_out => "texte-incertain",
            (Some(_), Some(_)) => "executoire",
            (Some(_), None) => "recu-publication-inconnue",
            (None, Some(_)) => "publie-reception-inconnue",
            (None, None) => "inconnu",
        };
        let set_aside = story.iter().filter_map(|said| said.set_aside.as_ref()).take(SET_ASIDE).collect();
        let anomaly = story.iter().filter_map(|said| said.anomaly.as_ref()).max_by_key(|anomaly| anomaly.day.clone());
        let days =
            |of: fn(&Said) -> Option<&String>| story.iter().filter_map(|said| of(said)).take(SET_ASIDE).collect();
        Self {
            state,
            received,
            published,
            set_aside,
            impossible: days(|said| said.impossible.as_ref()),
            on_trial: days(|said| said.on_trial.as_ref()),
            unsure: days(|said| said.unsure.as_ref()),
            perhaps_cancelled: cancellations().filter(|one| one.in_doubt).take(SET_ASIDE).collect(),
            asked_back: certain("6-1"),
            anomaly,
            receptions: story.iter().filter_map(|said| said.received.as_ref()).take(SET_ASIDE).collect(),
            undated: story.iter().any(|said| said.undated),
            texts,
            left_out,
            cut,
        }
    }

    /// The later of both days, of an act that is executory.
    fn since(&self) -> Option<&String> {
        self.received.as_ref().max(self.published.as_ref()).filter(|_| self.state == "executoire")
    }

    /// As answers show it.
    pub(crate) fn json(&self) -> Value {
        let appeal = self.since().and(self.published.as_deref()).and_then(two_months_after);
        let aside = |(date, lacks): &(String, Vec<Finding>)| {
            let why: Vec<&str> = lacks.iter().map(|one| one.message_fr.as_str()).collect();
            let codes: Vec<&str> = lacks.iter().map(|one| one.code).collect();
            json!({"date": date, "codes": codes, "pourquoi": why.join(" ")})
        };
        let on = self.anomaly.map(|anomaly| if anomaly.on_envelope { "enveloppe" } else { "acte" });
        json!({
            "etat": self.state, "recu_le": self.received, "publie_le": self.published, "depuis": self.since(),
            "recours_indicatif_jusqu_au": appeal, "rattachement": "identifiant",
            "anomalie_le": self.anomaly.and_then(|anomaly| anomaly.day.as_ref()), "anomalie_sur": on,
            "receptions": self.receptions, "receptions_sans_jour": self.undated, "textes": self.told_texts(),
            "receptions_ecartees": self.impossible, "receptions_de_test": self.on_trial, "receptions_incertaines": self.unsure,
            "annulation_demandee": self.asked_back,
            "annulations_possibles": self.perhaps_cancelled.iter().map(|one| json!({"message": one.message, "date": one.day})).collect::<Vec<_>>(),
            "publications_ecartees": self.set_aside.iter().copied().map(aside).collect::<Vec<_>>(),
            "phrase": self.sentence(Language::French), "phrase_en": self.sentence(Language::English),
        })
    }

    /// How this text stands among those deposited.
    fn told_texts(&self) -> &'static str {
        match (&self.texts, self.left_out) {
            (Acknowledged::One, _) => "un",
            (Acknowledged::Of(_), false) => "plusieurs-celui-ci",
            (Acknowledged::Of(_), true) => "plusieurs-un-autre",
            (Acknowledged::Untold, _) => "plusieurs-incertain",
        }
    }
}

mod words;

#[cfg(test)]
mod tests;
