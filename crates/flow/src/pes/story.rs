//! The story a deposit tells about a PES: the file sent, what was acknowledged of it, by the name inside (`NomFic`), never by that of
//! the file.

use std::collections::BTreeSet;

use serde_json::Value;

use super::PesKind;
use super::document::Pes;
use super::tied::{About, Tie};
use crate::codes::{self, Fault, Faults};
use crate::facts::{Facts, Story};
use crate::limits::{Limits, MAX_RETURNED};
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
    let returned = flows.returned(&mut faults);
    flows.told((&about, &returned), &mut facts);
    faults.append(&facts.faults);
    faults.extend(facts.lists.cut());
    let returns = flows.all.iter().zip(&returned).flat_map(|((_, pes), tied)| pes.returns.listed.iter().take(*tied));
    let own = flows.all.iter().filter_map(|(_, pes)| pes.head.file_name.as_ref());
    let names: BTreeSet<&String> = own.chain(returns.filter_map(|one| one.name.as_ref())).collect();
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
pub(super) struct Flows<'s> {
    pub(super) all: Vec<(&'s Seen, &'s Pes)>,
    /// The place among them of those sent to the Treasury.
    pub(super) sent: Vec<usize>,
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

    /// Of each flow, how many of the PES_Retour that it acknowledges are tied to it: of all of them [`MAX_RETURNED`].
    fn returned(&self, faults: &mut Faults) -> Vec<usize> {
        let mut room = MAX_RETURNED;
        let mut tied = |(file, pes): &(&Seen, &Pes)| {
            let one = pes.returns.listed.len().min(room);
            room -= one;
            if one < pes.returns.count {
                let fault = Fault::new(&codes::PES_RETURNS_TOO_MANY, &file.name).with(one).with(pes.returns.count);
                faults.push(fault.with(MAX_RETURNED));
            }
            one
        };
        self.all.iter().map(&mut tied).collect()
    }

    /// The facts: of the one described at the top, of each other among the messages.
    fn told(&self, (about, returned): (&About, &[usize]), facts: &mut Facts<'_>) {
        let main = self.main_place();
        let Some(one) = self.all.get(main) else { return };
        let said = |place: usize| (about, returned.get(place).copied().unwrap_or_default());
        facts.of_file(&one.0.name, false);
        told(*one, main, said(main), facts);
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
                told(*one, place, said(place), facts);
            }
            messages.push(Value::Object(std::mem::take(&mut facts.map)));
        }
        facts.map = top;
        facts.map.insert("nombre_messages".to_owned(), Value::from(messages.len()));
        facts.map.insert("messages".to_owned(), Value::Array(messages));
    }
}

/// The facts of one flow. What an acknowledgement says of each element is told once: with the file it is about, where that one is there.
fn told((file, pes): (&Seen, &Pes), place: usize, (about, returned): (&About, usize), facts: &mut Facts<'_>) {
    facts.pes(pes);
    facts.signatures(pes, &file.name);
    facts.returns(&pes.returns, returned);
    match pes.kind {
        PesKind::Aller => facts.awaits(&pes.domains.holds),
        PesKind::Acquit => facts.acknowledged(&pes.acks.parts),
        PesKind::AcquitRetour | PesKind::Retour => {}
    }
    if let Some(said) = about.of.get(&place) {
        facts.state(said.state(), &said.acks);
        facts.taken(said.taken.as_ref());
        facts.elements(&said.acks);
    }
    if pes.kind == PesKind::Acquit {
        facts.state(pes.acks.state(), &pes.acks);
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
