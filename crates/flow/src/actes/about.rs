//! Which act a message is about: one set of rules, for the messages of one deposit, for the story of an act over all deposits, and for what is
//! published of it. And what an entry's facts say of each of its messages, read back as [`super::facts`] writes them.

use serde_json::Value;

use self::face::Face;
use super::name::{self, is_act_id, split_act_id};
use crate::model::By;

mod doubt;
mod face;
mod known;
mod text;

pub use self::doubt::IN_DOUBT;
pub use self::known::Known;
pub use self::text::{Acknowledged, ActText};
pub(crate) use self::text::{are_other_matters, heard, number, plain, said_levels, subject_mark};

/// By what a message, or an act itself, says which act it is about. What it does not say is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Identifiers of the act, each with the rule that gives it, the one to show first.
    pub ids: Vec<(String, By)>,
    /// Of the authority.
    pub siren: Option<String>,
    /// NumeroInterne.
    pub number: Option<String>,
    /// Of the act, `AAAA-MM-JJ`.
    pub date: Option<String>,
    /// Such as `DE`.
    pub nature: Option<String>,
    /// Reference of the envelope it came in.
    pub envelope: Option<String>,
    /// It is an envelope and no message.
    pub is_envelope: bool,
    /// Something else than that reference says that it is of the platform on which tests are made: the name of its archive, or of one envelope of several.
    pub is_trial: bool,
    /// The entry says less of it than its message did: what it does not say could be anything.
    pub is_partial: bool,
}

impl About {
    /// What an entry's facts say of the act they describe.
    pub fn of(facts: &Value) -> About {
        let mut about = About { ids: ids(facts), ..About::default() };
        // A manifest has dates and numbers of its own.
        if facts["flow"] == "actes" {
            let [siren, number, date, nature] = About::implied(about.ids.first().map(|(id, _)| id.as_str()));
            about.siren = text(&facts["siren"]).or(siren);
            about.number = text(&facts["numero"]).or(number);
            about.date = text(&facts["date"]).or(date);
            about.nature = text(&facts["nature"]).or(nature);
            about.envelope = envelope(&facts["enveloppe"]).filter(|_| facts["sans_enveloppe"] != true);
            about.is_envelope = facts["message"].is_null();
            about.is_trial = facts["plateforme_test"] == true;
        }
        about
    }

    /// The rule by which this is about that act; none when it is not, or when that cannot be told. An identifier decides before a number does,
    /// and a number decides only where one of the two names no act, or where their names differ by the department alone: numbers come back every
    /// year, and from one nature to the next. What has two identifiers may be either.
    pub fn ties(&self, act: &About) -> Option<By> {
        if let Some(by) = self.shares(act) {
            return Some(by);
        }
        if self.is_nameless() || act.is_nameless() || self.is_named_elsewhere(act) {
            let (mine, theirs) = (self.faces(), act.faces());
            let all = || mine.iter().flat_map(|one| theirs.iter().map(move |other| (one, other)));
            if all().any(|(one, other)| one.has_the_number_of(other) && !one.contradicts(other)) {
                return Some(By::Number);
            }
            let same = self.envelope.is_some() && self.envelope == act.envelope;
            let on_one = self.is_envelope || act.is_envelope;
            return (on_one && same && !all().all(|(one, other)| one.contradicts(other))).then_some(By::EnvelopeName);
        }
        None
    }

    /// It is tied, and nothing it says is of another act: what acknowledges an act must be. An IDActe, where it says one, is that of the act, and what
    /// it repeats of the act besides is no other's; without any identifier, SIREN, number, date and nature are all the same.
    pub fn surely(&self, act: &About) -> bool {
        let Some(by) = self.ties(act) else { return false };
        !self.names_another(act)
            && match by {
                // An identifier, a name, or what is repeated, is believed as far as nothing else it says is of another act.
                By::IdActe | By::FileName | By::RepeatedAct => !self.contradicts(act),
                By::Number => act.faces().iter().any(|face| self.stated().is_all_of(face)),
                By::Malformed | By::EnvelopeName => false,
            }
    }

    /// How far this, a cancellation, takes that act back; not at all where it is surely of another. An IDActe that names it decides, and nothing
    /// decides against one that names another, or that is none.
    pub fn takes_back(&self, act: &About) -> Option<Taken> {
        let perhaps = || self.perhaps(act) || self.may_mean(act);
        let Some(by) = self.ties(act) else { return perhaps().then_some(Taken::Perhaps) };
        let read = |id: &str| {
            let loosely = self.ids.iter().any(|(other, by)| *by == By::Malformed && act.has(other));
            act.has(id) || (loosely && !is_act_id(id))
        };
        let said = self.ids.iter().filter(|(_, by)| *by == By::IdActe).all(|(id, _)| read(id));
        let surely = match by {
            By::IdActe => true,
            By::FileName | By::RepeatedAct => said,
            By::Number => self.surely(act),
            By::Malformed | By::EnvelopeName => false,
        };
        Some(if surely { Taken::Surely } else { Taken::Perhaps })
    }

    /// It says by an IDActe that it is about another act.
    fn names_another(&self, act: &About) -> bool {
        self.ids.iter().any(|(id, by)| *by == By::IdActe && !act.has(id))
    }

    /// It is tied, or nothing it says is of another act: what takes an act back counts already then.
    pub fn perhaps(&self, act: &About) -> bool {
        self.is_partial || self.ties(act).is_some() || !self.contradicts(act)
    }

    /// It came in an envelope of the platform on which tests are made: nothing in it is for real.
    pub fn is_test(&self) -> bool {
        self.is_trial || self.envelope.as_deref().is_some_and(name::is_test)
    }

    /// The identifiers under which what is about it is found, each with its scheme.
    pub fn names(&self) -> Vec<(&'static str, String)> {
        let mut names: Vec<_> = self.ids.iter().map(|(id, _)| ("acte-id", id.clone())).collect();
        for face in self.faces() {
            let number = face.siren.zip(face.number).map(|(siren, number)| format!("{siren}/{number}"));
            let known = |number: &String| names.iter().any(|(_, name)| name == number);
            names.extend(number.filter(|number| !known(number)).map(|number| ("acte-numero", number)));
        }
        names.extend(self.envelope.clone().map(|envelope| ("enveloppe", envelope)));
        names
    }

    /// The rule of the first identifier that the act has too.
    pub(crate) fn shares(&self, act: &About) -> Option<By> {
        self.ids.iter().find(|(id, _)| act.has(id)).map(|(_, by)| *by)
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        self.ids.iter().any(|(known, _)| known == id)
    }

    /// It names no act; what it repeats of one, put together under the department of a name that says nothing else, is no name, nor is an IDActe
    /// that is none.
    fn is_nameless(&self) -> bool {
        let no_name = |(id, by): &(String, By)| match by {
            By::RepeatedAct => true,
            By::IdActe => !is_act_id(id),
            _ => false,
        };
        self.ids.iter().all(no_name)
    }

    /// An identifier of each says the same SIREN, date, number and nature under two departments.
    fn is_named_elsewhere(&self, act: &About) -> bool {
        let parts = |about: &'_ About| -> Vec<String> {
            let all = about.ids.iter().filter(|(id, _)| split_act_id(id).is_some());
            all.filter_map(|(id, _)| Some(id.split_once('-')?.1.to_owned())).collect()
        };
        let theirs = parts(act);
        parts(self).iter().any(|own| theirs.contains(own))
    }

    /// Both state a part of the act, and differ, whichever of its identifiers is the act's.
    fn contradicts(&self, act: &About) -> bool {
        let own = self.stated();
        act.faces().iter().all(|face| own.contradicts(face))
    }

    fn stated(&self) -> Face<'_> {
        let [siren, number, date, nature] = [&self.siren, &self.number, &self.date, &self.nature].map(Option::as_deref);
        Face { siren, number, date, nature }
    }

    /// The parts it states, and those of each of its identifiers, where these are others.
    fn faces(&self) -> Vec<Face<'_>> {
        let mut faces = vec![self.stated()];
        for (id, _) in &self.ids {
            let Some(face) = Face::of(id) else { continue };
            if !faces.iter().any(|known| face.is_all_of(known)) {
                faces.push(face);
            }
        }
        faces
    }

    /// SIREN, number, date and nature as the first identifier has them: what is the same is not listed again.
    pub(crate) fn implied(id: Option<&str>) -> [Option<String>; 4] {
        let Some(face) = id.and_then(Face::of) else { return Default::default() };
        let own = |part: Option<&str>| part.map(str::to_owned);
        [own(face.siren), own(face.number), face.date.and_then(name::with_dashes), own(face.nature)]
    }
}

/// How far a cancellation takes an act back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is of this act.
    Surely,
    /// It may be: of what it says something is of this act, or nothing of another.
    Perhaps,
}

/// What an entry says of one of its messages, or of an envelope without any.
#[derive(Clone, Debug)]
pub struct Spoken {
    /// `1-1` to `7-3`; of a manifest, its step; empty for an envelope.
    pub message: String,
    /// Which act it is about.
    pub about: About,
    /// The day on which the préfecture received or cancelled the act (1-2, 6-2), found an anomaly, or that of a letter.
    pub day: Option<String>,
    /// It is an anomaly on a whole envelope.
    pub on_envelope: bool,
    /// What it says of the act itself (1-1), or repeats of it (1-2), as far as the entry tells.
    pub text: ActText,
    /// What it repeats of the act is not what the act says that came with it.
    pub differs: bool,
}

/// Every message of the entry with these facts, in the order in which they list them, and the envelopes that are told for themselves.
pub fn spoken(facts: &Value) -> Vec<Spoken> {
    let envelopes = facts["enveloppes"].as_array();
    let mut all: Vec<Spoken> = match facts["messages"].as_array().filter(|_| facts["flow"] == "actes") {
        Some(listed) => {
            let of_all = envelope(&facts["enveloppe"]).filter(|_| envelopes.is_none());
            let mut all: Vec<Spoken> = listed.iter().map(|one| of_listed(one, of_all.as_deref())).collect();
            described(facts, &mut all);
            all
        }
        None => facts["message"].as_str().map(|message| of_alone(message, facts)).into_iter().collect(),
    };
    let told: Vec<&Value> = match envelopes {
        Some(several) => several.iter().collect(),
        None if facts["enveloppe"]["sens"] == "anomalie" || all.is_empty() => vec![&facts["enveloppe"]],
        None => Vec::new(),
    };
    let alone = envelopes.is_none();
    let day = |one: &Value| text(&one["date"]).or_else(|| text(&facts["anomalie"]["date"]).filter(|_| alone));
    let for_themselves = told.into_iter().filter(|one| one.is_object()).map(|one| Spoken {
        message: String::new(),
        about: About { envelope: envelope(one), is_envelope: true, ..About::default() },
        day: day(one).filter(|_| one["sens"] == "anomalie"),
        on_envelope: one["sens"] == "anomalie",
        text: ActText::default(),
        differs: false,
    });
    all.extend(for_themselves);
    all
}

/// The one message of an entry.
fn of_alone(message: &str, facts: &Value) -> Spoken {
    let day = match message {
        "1-1" | "1-2" => text(&facts["date_reception"]),
        "1-3" => text(&facts["anomalie"]["date"]),
        "6-2" => text(&facts["date_annulation"]).or_else(|| text(&facts["date_reception"])),
        "publication" | "notification" => text(&facts["date"]),
        _ => text(&facts["date_courrier"]),
    };
    let says = matches!(message, "1-1" | "1-2") && facts["flow"] == "actes";
    let text = if says { ActText::of(facts) } else { ActText::default() };
    Spoken { message: message.to_owned(), about: About::of(facts), day, on_envelope: false, text, differs: false }
}

/// Of several messages the facts describe one, where it is certain which.
fn described(facts: &Value, all: &mut [Spoken]) {
    let message = facts["message"].as_str().filter(|message| matches!(*message, "1-1" | "1-2"));
    let id = |one: &Spoken| one.about.ids.first().map(|(id, _)| id.as_str()) == facts["id_acte"].as_str();
    let mut those = all.iter_mut().filter(|one| Some(one.message.as_str()) == message && id(one));
    if let (Some(one), None) = (those.next(), those.next()) {
        // Entries before subjects were listed tell it here alone.
        let listed = std::mem::take(&mut one.text);
        one.text = if listed.is_known() { listed.with_document(facts) } else { ActText::of(facts) };
    }
}

/// One of several.
fn of_listed(one: &Value, envelope: Option<&str>) -> Spoken {
    let ids = ids(one);
    let [siren, number, date, nature] = About::implied(ids.first().map(|(id, _)| id.as_str()));
    let said = |name: &str, implied: Option<String>| text(&one[name]).or(implied);
    let about = About {
        siren: said("siren", siren),
        number: said("numero", number),
        date: said("date_acte", date),
        nature: said("nature", nature),
        envelope: text(&one["enveloppe"])
            .or_else(|| envelope.filter(|_| one["sans_enveloppe"] != true).map(str::to_owned)),
        is_envelope: false,
        is_trial: one["plateforme_test"] == true,
        is_partial: !ids.is_empty() && one["id_acte_by"].is_null(),
        ids,
    };
    let message = text(&one["message"]).unwrap_or_default();
    let said = match message.as_str() {
        "1-1" | "1-2" => ActText::of_listed(one, about.date.clone(), about.number.clone()),
        _ => ActText::default(),
    };
    let differs = one["contenu_differe"] == true;
    Spoken { message, about, day: text(&one["date"]), on_envelope: false, text: said, differs }
}

/// Identifiers, each with its rule; entries before that was kept say the act themselves, as manifests do.
fn ids(facts: &Value) -> Vec<(String, By)> {
    let rule = |by: &Value| by.as_str().and_then(By::parse).unwrap_or(By::IdActe);
    let first = text(&facts["id_acte"]).map(|id| (id, rule(&facts["id_acte_by"])));
    let others = facts["id_acte_autres"].as_array().into_iter().flatten();
    first.into_iter().chain(others.filter_map(|other| Some((text(&other["id_acte"])?, rule(&other["by"]))))).collect()
}

fn envelope(told: &Value) -> Option<String> {
    text(&told["reference"]).or_else(|| name::envelope(told["nom"].as_str()?).map(|name| name.stem))
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests;
