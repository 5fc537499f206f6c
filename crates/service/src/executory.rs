//! Whether an act is executory, as far as the archive knows: transmitted to the préfecture, and published or notified (code général des
//! collectivités territoriales, L. 2131-1). Pieces are tied to the act by its identifier alone, and the acknowledgement carries no hash of the
//! act: this is what was deposited about that act, and no more.

use crate::language::Language;
use crate::random::day_of;
use flow::day::{day_after, is_day, two_months_after};
use flow::{Finding, Known, Spoken, Taken};
use proof::UnixMillis;
use serde_json::{Value, json};

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
        let Some(day) = day else { return };
        // Somewhere it is already tomorrow.
        let last = day_after(&day_of(deposited));
        let place = if act.on_trial(&one.about) {
            &mut self.on_trial
        } else if !act.acknowledged(&one.about) {
            &mut self.unsure
        } else if act.may_be_on(&day) && last.as_ref() >= Some(&day) {
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
    /// Not everything was looked at.
    cut: bool,
}

impl<'s> Status<'s> {
    /// By what is said of it; `cut` where there is more than was looked at, which could be anything.
    pub(crate) fn of(story: &[&'s Said], cut: bool) -> Self {
        let earliest = |of: fn(&Said) -> Option<&String>| story.iter().filter_map(|said| of(said)).min().cloned();
        let received = earliest(|said| said.received.as_ref());
        let published = earliest(|said| said.published.as_ref());
        let cancellations = || story.iter().filter_map(|said| said.cancellation.as_ref());
        let certain = |message: &str| cancellations().any(|one| !one.in_doubt && one.message == message);
        let state = match (&received, &published) {
            _ if certain("6-2") => "annule",
            _ if cancellations().any(|one| one.in_doubt) => "annulation-possible",
            _ if cut => "inconnu",
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
            "receptions_ecartees": self.impossible, "receptions_de_test": self.on_trial, "receptions_incertaines": self.unsure,
            "annulation_demandee": self.asked_back,
            "annulations_possibles": self.perhaps_cancelled.iter().map(|one| json!({"message": one.message, "date": one.day})).collect::<Vec<_>>(),
            "publications_ecartees": self.set_aside.iter().copied().map(aside).collect::<Vec<_>>(),
            "phrase": self.sentence(Language::French),
        })
    }

    /// The same in words.
    pub(crate) fn sentence(&self, language: Language) -> String {
        let or_unknown = |day: Option<&String>| day.cloned().unwrap_or_else(|| "?".to_owned());
        let (received, published) = (or_unknown(self.received.as_ref()), or_unknown(self.published.as_ref()));
        let mut text = match self.state {
            "annule" => language
                .pick(
                    "Annulé : la préfecture a accusé réception de l'annulation.",
                    "Cancelled: the préfecture acknowledged the cancellation.",
                )
                .to_owned(),
            "annulation-possible" if self.perhaps_cancelled.iter().all(|one| one.is_unseen) => language
                .pick(
                    "État à vérifier : une annulation est déposée, et l'acte qu'elle vise n'est pas dans l'archive, ou n'y est pas reconnu avec certitude.",
                    "State to be looked at: a cancellation was deposited, and the act it is of is not in the archive, or cannot be told there for certain.",
                )
                .to_owned(),
            "annulation-possible" => language
                .pick(
                    "État à vérifier : une annulation déposée est peut-être celle de cet acte, sans que ce soit certain.",
                    "State to be looked at: a cancellation that was deposited may be of this act, without being certain.",
                )
                .to_owned(),
            "executoire" => {
                let since = or_unknown(self.since());
                language.pick(
                    format!("Exécutoire depuis le {since} : reçu le {received}, publié ou notifié le {published}, selon les pièces déposées."),
                    format!("Executory since {since}: received on {received}, published or notified on {published}, by what was deposited."),
                )
            }
            "recu-publication-inconnue" => language.pick(
                format!("Reçu par la préfecture le {received}, publication inconnue."),
                format!("Received by the préfecture on {received}, publication unknown."),
            ),
            "publie-reception-inconnue" => language.pick(
                format!("Publié ou notifié le {published}, réception par la préfecture inconnue."),
                format!("Published or notified on {published}, whether the préfecture received it is unknown."),
            ),
            _ if self.cut => language
                .pick(
                    "État inconnu : trop de dépôts parlent de cet acte, ou portent son numéro, pour être tous lus.",
                    "State unknown: too many deposits tell of this act, or bear its number, to be read all.",
                )
                .to_owned(),
            _ => language
                .pick("Réception et publication inconnues.", "Neither its reception nor its publication is known.")
                .to_owned(),
        };
        text.push_str(&self.beside(language));
        text.extend(self.anomaly.map(|anomaly| self.of_anomaly(anomaly, language)));
        text
    }

    /// What does not count, and why.
    fn beside(&self, language: Language) -> String {
        let mut text = String::new();
        for (_, lacks) in self.set_aside.iter().filter(|_| self.published.is_none()) {
            text.push_str(
                language.pick(
                    " Une publication déposée ne compte pas :",
                    " A publication that was deposited does not count:",
                ),
            );
            for one in lacks {
                text.push(' ');
                text.push_str(language.pick(&one.message_fr, &one.message_en));
            }
        }
        for day in &self.impossible {
            text.push_str(&language.pick(
                format!(" Un accusé de réception daté du {day} ne compte pas : ce jour n'est pas possible."),
                format!(" An acknowledgement dated {day} does not count: that day is not possible."),
            ));
        }
        for day in &self.on_trial {
            text.push_str(&language.pick(
                format!(" Un accusé de réception du {day} vient de la plateforme de test (TACT), ou ne dit pas qu'il n'en vient pas : il n'engage rien, et ne compte pas."),
                format!(" An acknowledgement of {day} comes from the test platform (TACT), or does not say that it does not: it binds nobody, and does not count."),
            ));
        }
        for day in &self.unsure {
            text.push_str(&language.pick(
                format!(" Un accusé de réception du {day} ne compte pas : il n'est pas sûrement celui de cet acte."),
                format!(" An acknowledgement of {day} does not count: it is not surely that of this act."),
            ));
        }
        if self.asked_back && self.state != "annule" {
            text.push_str(language.pick(
                " Son annulation a été demandée ; aucun accusé de réception de l'annulation n'est certain.",
                " Its cancellation was asked for; no acknowledgement of that is certain.",
            ));
        }
        text
    }

    fn of_anomaly(&self, anomaly: &Anomaly, language: Language) -> String {
        let day = anomaly.day.as_ref();
        let (fr, en) = (
            day.map_or(String::new(), |day| format!(" le {day}")),
            day.map_or(String::new(), |day| format!(" on {day}")),
        );
        let on_fr = if anomaly.on_envelope { "l'enveloppe" } else { "l'acte" };
        let on_en = if anomaly.on_envelope { "the envelope" } else { "the act" };
        match self.received {
            Some(_) => language.pick(
                format!(" Une anomalie sur {on_fr} a été retournée{fr} ; l'accusé de réception reste, et l'état avec lui : à vérifier avec la préfecture."),
                format!(" An anomaly on {on_en} was returned{en}; the acknowledgement stays, and the state with it: to be looked at with the préfecture."),
            ),
            None => language.pick(
                format!(" Une anomalie sur {on_fr} a été retournée{fr} : rien ne dit que la préfecture l'a reçu."),
                format!(" An anomaly on {on_en} was returned{en}: nothing says that the préfecture received it."),
            ),
        }
    }
}

#[cfg(test)]
mod tests;
