//! The story a deposit tells about a PES: the file sent, what was acknowledged of it, by the name inside (`NomFic`), never by that of
//! the file.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::PesKind;
use super::ack::Acks;
use super::document::Pes;
use crate::codes::{self, Fault, Faults};
use crate::facts::{Facts, Story};
use crate::limits::Limits;
use crate::look::{Reading, Seen};
use crate::model::Identifier;

/// Tells the story of these files.
pub(crate) fn tell(seen: &[Seen], limits: &Limits) -> Story {
    let mut faults = Faults::default();
    let flows = Flows::of(seen, &mut faults);
    if flows.all.len() > limits.pes_flows {
        let fault = Fault::new(&codes::PES_TOO_MANY, "").with(flows.all.len()).with(limits.pes_flows);
        faults.push(fault);
        return Story::of_faults(faults);
    }
    flows.brought(&mut faults);
    flows.several(&mut faults);
    let about = flows.acknowledged(&mut faults);
    let mut facts = Facts::new(limits);
    flows.told(&about, &mut facts);
    faults.append(&facts.faults);
    faults.extend(facts.lists.cut());
    let names: BTreeSet<&String> = flows.all.iter().filter_map(|(_, pes)| pes.head.file_name.as_ref()).collect();
    let short = names.into_iter().filter(|name| name.len() <= limits.name_bytes);
    Story {
        facts: facts.map,
        faults,
        identifiers: short.map(|name| Identifier { scheme: "pes-nomfic", value: name.clone() }).collect(),
        message: flows.main().map(|(_, pes)| pes.kind.root().to_owned()),
        roles: seen.iter().map(role).collect(),
    }
}

/// The PES flows of a deposit.
struct Flows<'s> {
    all: Vec<(&'s Seen, &'s Pes)>,
    /// The place among them of those sent to the Treasury.
    sent: Vec<usize>,
}

/// What an acknowledgement is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tie {
    /// The flow of the deposit at this place.
    Of(usize),
    /// Two or more of the deposit bear its name.
    Unsure,
    /// The deposit holds no file sent.
    Elsewhere,
    /// None of those of the deposit.
    None,
}

/// What the acknowledgements of a deposit are about, and what all of them say of each flow.
struct About {
    /// For each flow that is one.
    ties: BTreeMap<usize, Tie>,
    /// For each flow sent.
    of: BTreeMap<usize, Acks>,
}

impl<'s> Flows<'s> {
    fn of(seen: &'s [Seen], faults: &mut Faults) -> Flows<'s> {
        let mut all: Vec<(&Seen, &Pes)> = Vec::new();
        for file in seen {
            if let Reading::Pes(pes, oddity) = &file.reading {
                faults.extend(oddity.clone());
                faults.append(&pes.oddities);
                faults.extend(named_otherwise(file, pes));
                all.push((file, pes));
            }
        }
        let sent = (0..all.len()).filter(|place| all[*place].1.kind == PesKind::Aller).collect();
        Flows { all, sent }
    }

    /// The one that the facts describe: the first sent, else the first.
    fn main(&self) -> Option<(&'s Seen, &'s Pes)> {
        self.all.get(self.main_place()).copied()
    }

    fn main_place(&self) -> usize {
        self.sent.first().copied().unwrap_or(0)
    }

    /// Documents that pieces say are attached in electronic form, and that no flow of the deposit holds.
    fn brought(&self, faults: &mut Faults) {
        for (file, pes) in &self.all {
            let wanted: BTreeSet<&String> = pes.domains.refers.iter().collect();
            let held = |id: &String| self.all.iter().any(|(_, pes)| pes.attachments.ids.contains(id));
            for id in wanted.into_iter().filter(|id| !held(id)) {
                faults.push(Fault::new(&codes::PES_ATTACHMENT_ELSEWHERE, &file.name).with(id));
            }
        }
    }

    /// That several were sent, and those that bear the name of another.
    fn several(&self, faults: &mut Faults) {
        if let [first, _, ..] = self.sent.as_slice() {
            faults.push(Fault::new(&codes::PES_SEVERAL, &self.all[*first].0.name).with(self.sent.len()));
        }
        let mut met = BTreeSet::new();
        for (file, pes) in self.sent.iter().map(|place| self.all[*place]) {
            if let Some(name) = &pes.head.file_name
                && !met.insert(name)
            {
                faults.push(Fault::new(&codes::PES_NAME_TWICE, &file.name).with(name));
            }
        }
    }

    fn tied(&self, ack: &Pes) -> Tie {
        let about = ack.head.file_name.as_deref();
        let named = |place: &&usize| about.is_some() && self.all[**place].1.head.file_name.as_deref() == about;
        let mut found = self.sent.iter().filter(named);
        match (found.next(), found.next()) {
            (Some(place), None) => Tie::Of(*place),
            (Some(_), Some(_)) => Tie::Unsure,
            (None, _) if self.sent.is_empty() => Tie::Elsewhere,
            (None, _) => Tie::None,
        }
    }

    /// Each acknowledgement, tied by NomFic to the file it is about.
    fn acknowledged(&self, faults: &mut Faults) -> About {
        let mut about = About { ties: BTreeMap::new(), of: BTreeMap::new() };
        for (place, (file, ack)) in self.all.iter().enumerate().filter(|(_, (_, pes))| pes.kind == PesKind::Acquit) {
            let tie = self.tied(ack);
            match tie {
                Tie::Of(sent) => about.of.entry(sent).or_default().append(&ack.acks),
                Tie::Unsure => {}
                Tie::Elsewhere => faults.push(Fault::new(&codes::PES_SENT_ELSEWHERE, &file.name)),
                Tie::None => {
                    let named = |pes: &Pes| pes.head.file_name.clone().unwrap_or_else(|| "?".to_owned());
                    let held: Vec<String> = self.sent.iter().map(|place| named(self.all[*place].1)).collect();
                    let fault = Fault::new(&codes::PES_ACK_OTHER_FILE, &file.name).with(named(ack));
                    faults.push(fault.with(held.join(", ")));
                }
            }
            about.ties.insert(place, tie);
            if ack.acks.refused > 0 {
                let fault = Fault::new(&codes::PES_REFUSED, &file.name).with(ack.acks.refused);
                faults.push(fault.with(ack.acks.count()));
            }
            if ack.acks.doubtful > 0 {
                faults.push(Fault::new(&codes::PES_ACK_ERRORS, &file.name).with(ack.acks.doubtful));
            }
            if ack.acks.unsaid > 0 {
                faults.push(Fault::new(&codes::PES_ACK_STATE, &file.name).with(ack.acks.unsaid));
            }
        }
        about
    }

    /// The facts: of the one described at the top, of each other among the messages.
    fn told(&self, about: &About, facts: &mut Facts<'_>) {
        let main = self.main_place();
        let Some(one) = self.all.get(main) else { return };
        facts.of_file(&one.0.name, false);
        told(*one, main, about, facts);
        if self.all.len() < 2 {
            return;
        }
        let top = std::mem::take(&mut facts.map);
        let mut messages = Vec::new();
        for (place, one) in self.all.iter().enumerate() {
            facts.of_file(&one.0.name, true);
            facts.put("fichier", Some(&one.0.name));
            if place == main {
                facts.put("message", Some(one.1.kind.root()));
                facts.put("nom_fic", one.1.head.file_name.as_deref());
            } else {
                told(*one, place, about, facts);
            }
            messages.push(Value::Object(std::mem::take(&mut facts.map)));
        }
        facts.map = top;
        facts.map.insert("nombre_messages".to_owned(), Value::from(messages.len()));
        facts.map.insert("messages".to_owned(), Value::Array(messages));
    }
}

/// The facts of one flow. What an acknowledgement says of each element is told once: with the file it is about, where that one is there.
fn told((file, pes): (&Seen, &Pes), place: usize, about: &About, facts: &mut Facts<'_>) {
    facts.pes(pes);
    facts.signatures(pes, &file.name);
    if let Some(acks) = about.of.get(&place) {
        facts.state(acks);
        facts.elements(acks);
    }
    if pes.kind == PesKind::Acquit {
        facts.state(&pes.acks);
        if !matches!(about.ties.get(&place), Some(Tie::Of(_))) {
            facts.elements(&pes.acks);
        }
    }
    facts.lists.end(&file.name);
}

/// The name inside is not that of the file: the one inside counts.
fn named_otherwise(file: &Seen, pes: &Pes) -> Option<Fault> {
    let inside = pes.head.file_name.as_deref().filter(|_| pes.kind != PesKind::AcquitRetour)?;
    let plain = |name: &str| name.strip_suffix(".xml").or_else(|| name.strip_suffix(".XML")).unwrap_or(name).to_owned();
    // An acknowledgement bears the name of what it acknowledges, and has its own as a file.
    let differs = pes.kind != PesKind::Acquit && plain(inside) != plain(file.base());
    differs.then(|| Fault::new(&codes::PES_NAME_DIFFERS, &file.name).with(inside).with(file.base()))
}

fn role(file: &Seen) -> &'static str {
    match &file.reading {
        Reading::Pes(pes, _) => pes.kind.role(),
        _ => "fichier",
    }
}
