//! One message: what its name says against what its content says.

use super::about::About;
use super::document::Message;
use super::kinds;
use super::name::{self, MessageName};
use crate::codes::{self, Fault, Faults};
use crate::day::is_day;
use crate::limits::MAX_MATTERS;
use crate::look::Seen;
use crate::model::By;
use crate::xml::within;

/// A message with its name, ready to be told.
pub(crate) struct Told<'s> {
    pub(crate) seen: &'s Seen,
    /// Its index among the files seen.
    pub(crate) index: usize,
    pub(crate) message: &'s Message,
    pub(crate) name: Option<MessageName>,
    /// `1-1`, from the root element, else from the name.
    pub(crate) code: String,
    /// Which act it is about.
    pub(crate) about: About,
}

impl<'s> Told<'s> {
    pub(crate) fn new(index: usize, seen: &'s Seen, message: &'s Message) -> Told<'s> {
        let name = name::message(&seen.name);
        let from_root = message.kind.map(|k| k.code.to_owned());
        let code = from_root.or_else(|| name.as_ref().map(|n| n.message.clone())).unwrap_or_default();
        let mut told = Told { seen, index, message, name, code, about: About::default() };
        let act = message.act.as_ref();
        let named = told.name.as_ref().map(|n| n.nature.clone()).filter(|nature| !nature.is_empty());
        let said = || act.and_then(|a| kinds::nature(a.nature_code.as_deref()?)).map(str::to_owned);
        told.about = About {
            ids: told.identifiers(),
            siren: told.siren().map(str::to_owned),
            number: told.number().map(str::to_owned),
            date: act.and_then(|a| a.date.clone()).or_else(|| told.name.as_ref().and_then(MessageName::iso_date)),
            nature: named.or_else(said),
            ..About::default()
        };
        told
    }

    pub(crate) fn is_act(&self) -> bool {
        self.code == "1-1"
    }

    /// It asks for a cancellation, or acknowledges one.
    pub(crate) fn cancels(&self) -> bool {
        matches!(self.code.as_str(), "6-1" | "6-2")
    }

    pub(crate) fn is_from_prefecture(&self) -> bool {
        kinds::by_code(&self.code).is_some_and(|k| k.from_prefecture)
    }

    pub(crate) fn number(&self) -> Option<&str> {
        let said = self.message.act.as_ref().and_then(|a| a.number.as_deref());
        said.or_else(|| self.id_part(3))
            .or_else(|| self.name.as_ref().map(|n| n.number.as_str()).filter(|n| !n.is_empty()))
    }

    pub(crate) fn siren(&self) -> Option<&str> {
        let named = self.name.as_ref().map(|n| n.siren.as_str()).filter(|s| !s.is_empty());
        named.or_else(|| self.id_part(1))
    }

    fn id_part(&self, part: usize) -> Option<&str> {
        name::split_act_id(self.message.act_id.as_deref()?)?.get(part).copied()
    }

    /// The identifier to show, when there is one.
    pub(crate) fn act_id(&self) -> Option<&str> {
        self.about.ids.first().map(|(id, _)| id.as_str())
    }

    /// The day it says of itself: received or cancelled by the préfecture, that of an anomaly or of a letter.
    pub(crate) fn day(&self) -> Option<&str> {
        let anomaly = || self.message.anomaly.as_ref().and_then(|a| a.date.as_ref());
        self.message.received.as_ref().or_else(anomaly).or(self.message.letter_date.as_ref()).map(String::as_str)
    }

    /// What comes first among messages, whatever order they arrived in.
    pub(crate) fn rank(&self) -> (&str, &str) {
        (&self.code, &self.seen.name)
    }

    /// What the préfecture sends is about the act IDActe names; what the authority sends is about the act of its name.
    fn identifiers(&self) -> Vec<(String, By)> {
        let said = self.message.act_id.clone().map(|id| (id, By::IdActe));
        let named = self.name.as_ref().and_then(MessageName::act_id).map(|id| (id, By::FileName));
        let content = self.name.as_ref().and_then(|n| self.content_id(n)).map(|id| (id, By::RepeatedAct));
        let capital = |id: &str| Some(id.to_ascii_uppercase()).filter(|capital| capital != id);
        let loosely = self.message.act_id.as_deref().and_then(|id| name::loosely(id).or_else(|| capital(id)));
        let loosely = loosely.map(|id| (id, By::Malformed));
        let mut ids: Vec<(String, By)> = Vec::new();
        let (first, second) = if self.is_from_prefecture() { (said, named) } else { (named, said) };
        for (id, by) in [first, second, content, loosely].into_iter().flatten() {
            if !ids.iter().any(|(known, _)| *known == id) {
                ids.push((id, by));
            }
        }
        ids
    }

    /// The identifier as the content would have it, department and SIREN from the name.
    fn content_id(&self, name: &MessageName) -> Option<String> {
        let act = self.message.act.as_ref()?;
        let date = act.date.as_deref().filter(|d| is_day(d))?.replace('-', "");
        let nature = kinds::nature(act.nature_code.as_deref()?)?;
        name::act_id(&name.department, &name.siren, &date, act.number.as_deref()?, nature)
    }

    /// Every oddity of this message alone.
    pub(crate) fn oddities(&self) -> Faults {
        let place = &self.seen.name;
        let mut faults = self.message.oddities.clone();
        match &self.name {
            None => faults.push(Fault::new(&codes::ACTES_NAME_UNKNOWN, place)),
            Some(name) => self.against_name(name, &mut faults),
        }
        self.content(&mut faults);
        faults
    }

    fn fault(&self, code: &'static codes::Code, inside: &str) -> Fault {
        Fault::new(code, within(&self.seen.name, &format!("/{}{inside}", self.message.root)))
    }

    fn against_name(&self, name: &MessageName, faults: &mut Faults) {
        let place = &self.seen.name;
        let whole = self.message.kind.is_some_and(kinds::MessageKind::is_classification);
        if name.unusual {
            faults.push(
                Fault::new(&codes::ACTES_NAME_WRITTEN, place).with(name.act_id().unwrap_or(name.department.clone())),
            );
        }
        if name.act_id().is_none() && !whole {
            faults.push(Fault::new(&codes::ACTES_NAME_PARTIAL, place));
        }
        if let Some(kind) = self.message.kind.filter(|k| k.code != name.message) {
            faults.push(Fault::new(&codes::ACTES_MESSAGE_DIFFERS, place).with(&name.message).with(kind.code));
        }
        if !name.nature.is_empty() && !kinds::is_nature(&name.nature) {
            faults.push(Fault::new(&codes::ACTES_NATURE_UNKNOWN, place).with(&name.nature));
        }
        if let Some(act) = &self.message.act {
            let inside = if self.is_act() { "" } else { "/ActeRecu" };
            if let (Some(said), Some(named)) = (&act.number, Some(&name.number).filter(|n| !n.is_empty()))
                && said != named
            {
                faults.push(
                    self.fault(&codes::ACTES_NUMBER_DIFFERS, &format!("{inside}/@NumeroInterne"))
                        .with(named)
                        .with(said),
                );
            }
            if let (Some(said), Some(named)) = (&act.date, name.iso_date())
                && *said != named
            {
                faults.push(self.fault(&codes::ACTES_DATE_DIFFERS, &format!("{inside}/@Date")).with(named).with(said));
            }
            let said = act.nature_code.as_deref().filter(|c| kinds::nature(c).is_some_and(|n| n != name.nature));
            if let (Some(said), false) = (said, name.nature.is_empty()) {
                let fault = self.fault(&codes::ACTES_NATURE_DIFFERS, &format!("{inside}/@CodeNatureActe"));
                faults.push(fault.with(&name.nature).with(said));
            }
        }
        if let (Some(said), Some(named)) = (&self.message.act_id, name.act_id())
            && *said != named
        {
            // A letter is named by whoever answers; the sample of the norm's own editors differs there.
            let letter = self.message.kind.is_some_and(|k| k.is_letter());
            let code = if letter { &codes::ACTES_ID_OTHER } else { &codes::ACTES_ID_DIFFERS };
            faults.push(self.fault(code, "/@IDActe").with(named).with(said));
        }
    }

    fn content(&self, faults: &mut Faults) {
        let message = self.message;
        if let Some(id) = message.act_id.as_deref().filter(|id| !name::is_act_id(id)) {
            faults.push(self.fault(&codes::ACTES_ID_MALFORMED, "/@IDActe").with(id));
        }
        let about_an_act = message.kind.is_some_and(|k| !k.is_classification() && k.code != "1-1" && k.code != "1-3");
        if about_an_act && message.act_id.is_none() {
            faults.push(self.fault(&codes::ACTES_MISSING, "").with("IDActe"));
        }
        let code = message.kind.map_or("", |k| k.code);
        let names = self.about.names();
        let names_one = names.iter().any(|(scheme, name)| *scheme == "acte-numero" || name::is_act_id(name));
        if self.cancels() && !names_one && !self.about.says_enough() {
            faults.push(self.fault(&codes::ACTES_CANCELS_NOTHING, ""));
        }
        if matches!(code, "1-2" | "6-2") && message.received.is_none() {
            faults.push(self.fault(&codes::ACTES_MISSING, "").with("DateReception"));
        }
        if matches!(code, "1-1" | "1-2" | "1-3") {
            self.act_content(faults);
        }
        if matches!(code, "7-2" | "7-3") && message.classified.is_none() {
            faults.push(self.fault(&codes::ACTES_MISSING, "").with("DateClassification"));
        }
        if let Some(given) = &message.classification {
            if given.is_empty() {
                faults.push(self.fault(&codes::ACTES_MISSING, "").with("Matieres"));
            }
            if given.is_cut() {
                faults.push(self.fault(&codes::ACTES_CLASSIFICATION_LIMIT, "/Matieres").with(MAX_MATTERS));
            }
        }
        if let Some(anomaly) = &message.anomaly {
            let nature = anomaly.nature.as_deref().unwrap_or("?");
            faults.push(self.fault(&codes::ACTES_ANOMALY, "/Nature").with(nature));
        }
        let act = message.act.as_ref();
        let dates = [
            ("Date", act.and_then(|a| a.date.as_ref())),
            ("ClassificationDateVersion", act.and_then(|a| a.classification.as_ref())),
            ("DateReception", message.received.as_ref()),
            ("DateCourrierPref", message.letter_date.as_ref()),
            ("DateClassification", message.classified.as_ref()),
            ("Date", message.anomaly.as_ref().and_then(|a| a.date.as_ref())),
        ];
        for (what, date) in dates {
            if let Some(date) = date.filter(|d| !is_day(d)) {
                faults.push(self.fault(&codes::ACTES_DATE_MALFORMED, "").with(date).with(what));
            }
        }
    }

    fn act_content(&self, faults: &mut Faults) {
        let inside = if self.is_act() { "" } else { "/ActeRecu" };
        let Some(act) = &self.message.act else {
            faults.push(self.fault(&codes::ACTES_MISSING, "").with("ActeRecu"));
            return;
        };
        let parts = [
            ("Date", act.date.is_none()),
            ("NumeroInterne", act.number.is_none()),
            ("CodeNatureActe", act.nature_code.is_none()),
            ("CodeMatiere", act.matters.len() < 2),
            ("Objet", act.subject.is_none()),
            ("ClassificationDateVersion", act.classification.is_none()),
            ("Document", act.document.is_none()),
        ];
        for (what, _) in parts.iter().filter(|(_, missing)| *missing) {
            faults.push(self.fault(&codes::ACTES_MISSING, inside).with(what));
        }
        if let Some(number) = act.number.as_deref().filter(|n| !name::is_usual_number(n)) {
            faults.push(self.fault(&codes::ACTES_NUMBER_UNUSUAL, &format!("{inside}/@NumeroInterne")).with(number));
        }
        if let Some(code) = act.nature_code.as_deref().filter(|c| kinds::nature(c).is_none()) {
            faults.push(self.fault(&codes::ACTES_NATURE_UNKNOWN, &format!("{inside}/@CodeNatureActe")).with(code));
        }
        if let Some(count) = act.annex_count.as_deref().filter(|c| c.parse() != Ok(act.annexes.len())) {
            faults.push(
                self.fault(&codes::ACTES_ANNEX_COUNT, &format!("{inside}/Annexes")).with(count).with(act.annexes.len()),
            );
        }
    }
}
