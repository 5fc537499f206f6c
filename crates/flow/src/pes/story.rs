//! The story a deposit tells about a PES: the file sent, what was acknowledged of it, by the name inside (`NomFic`), never by that of
//! the file.

use std::collections::BTreeSet;

use serde_json::Value;

use super::PesKind;
use super::document::Pes;
use crate::codes::{self, Fault, Faults};
use crate::facts::{Facts, Story};
use crate::limits::{Limits, MAX_LISTED};
use crate::look::{Reading, Seen};
use crate::model::Identifier;

/// Tells the story of these files.
pub(crate) fn tell(seen: &[Seen], limits: &Limits) -> Story {
    let mut faults = Faults::default();
    let mut all: Vec<(&Seen, &Pes)> = Vec::new();
    for file in seen {
        if let Reading::Pes(pes, oddity) = &file.reading {
            faults.extend(oddity.clone());
            faults.append(&pes.oddities);
            faults.extend(named_otherwise(file, pes));
            faults.extend(not_brought(file, pes));
            all.push((file, pes));
        }
    }
    let sent: Vec<&(&Seen, &Pes)> = all.iter().filter(|(_, pes)| pes.kind == PesKind::Aller).collect();
    if let [first, _, ..] = sent.as_slice() {
        faults.push(Fault::new(&codes::PES_SEVERAL, &first.0.name).with(sent.len()));
    }
    let main = sent.first().map(|one| **one).or_else(|| all.first().copied());
    let mut facts = Facts::new(limits);
    if let Some((file, pes)) = main {
        facts.pes(pes);
        facts.signatures(pes, &file.name);
    }
    for (file, ack) in all.iter().filter(|(_, pes)| pes.kind == PesKind::Acquit) {
        match tied(ack, &sent) {
            Tie::Main => facts.state(&ack.acks),
            Tie::Other => {}
            Tie::Elsewhere => faults.push(Fault::new(&codes::PES_SENT_ELSEWHERE, &file.name)),
            Tie::None => {
                let named = |pes: &Pes| pes.head.file_name.clone().unwrap_or_else(|| "?".to_owned());
                let held = sent.first().map(|(_, pes)| named(pes)).unwrap_or_default();
                faults.push(Fault::new(&codes::PES_ACK_OTHER_FILE, &file.name).with(named(ack)).with(held));
            }
        }
        if ack.acks.refused > 0 {
            let fault = Fault::new(&codes::PES_REFUSED, &file.name).with(ack.acks.refused).with(ack.acks.count());
            faults.push(fault);
        }
        if ack.acks.unsaid > 0 {
            faults.push(Fault::new(&codes::PES_ACK_STATE, &file.name).with(ack.acks.unsaid));
        }
    }
    several(&all, &mut facts);
    faults.append(&facts.faults);
    let names: BTreeSet<&String> = all.iter().filter_map(|(_, pes)| pes.head.file_name.as_ref()).collect();
    let short = names.into_iter().filter(|name| name.len() <= limits.name_bytes).take(MAX_LISTED);
    Story {
        facts: facts.map,
        faults,
        identifiers: short.map(|name| Identifier { scheme: "pes-nomfic", value: name.clone() }).collect(),
        message: main.map(|(_, pes)| pes.kind.root().to_owned()),
        roles: seen.iter().map(role).collect(),
    }
}

/// What an acknowledgement is about.
enum Tie {
    /// The file that the facts describe.
    Main,
    /// Another one of the deposit.
    Other,
    /// The deposit holds no file sent.
    Elsewhere,
    /// None of those of the deposit.
    None,
}

fn tied(ack: &Pes, sent: &[&(&Seen, &Pes)]) -> Tie {
    let about = ack.head.file_name.as_deref();
    match sent.iter().position(|(_, pes)| about.is_some() && pes.head.file_name.as_deref() == about) {
        Some(0) => Tie::Main,
        Some(_) => Tie::Other,
        None if sent.is_empty() => Tie::Elsewhere,
        None => Tie::None,
    }
}

/// The name inside is not that of the file: the one inside counts.
fn named_otherwise(file: &Seen, pes: &Pes) -> Option<Fault> {
    let inside = pes.head.file_name.as_deref().filter(|_| pes.kind != PesKind::AcquitRetour)?;
    let plain = |name: &str| name.strip_suffix(".xml").or_else(|| name.strip_suffix(".XML")).unwrap_or(name).to_owned();
    // An acknowledgement bears the name of what it acknowledges, and has its own as a file.
    let differs = pes.kind != PesKind::Acquit && plain(inside) != plain(file.base());
    differs.then(|| Fault::new(&codes::PES_NAME_DIFFERS, &file.name).with(inside).with(file.base()))
}

/// Documents that pieces say are attached in electronic form, and that this file does not hold.
fn not_brought(file: &Seen, pes: &Pes) -> Vec<Fault> {
    let wanted: BTreeSet<&String> = pes.domains.iter().flat_map(|domain| &domain.refers).collect();
    let absent = wanted.into_iter().filter(|id| !pes.attachments.ids.contains(*id));
    absent.map(|id| Fault::new(&codes::PES_ATTACHMENT_ELSEWHERE, &file.name).with(id)).collect()
}

/// The flows, when there are several.
fn several(all: &[(&Seen, &Pes)], facts: &mut Facts<'_>) {
    if all.len() < 2 {
        return;
    }
    let mut list = Vec::new();
    for (_, pes) in all.iter().take(MAX_LISTED) {
        let object = facts.object(&[("message", Some(pes.kind.root())), ("nom_fic", pes.head.file_name.as_deref())]);
        list.push(Value::Object(object));
    }
    facts.map.insert("messages".to_owned(), Value::Array(list));
    facts.map.insert("nombre_messages".to_owned(), Value::from(all.len()));
}

fn role(file: &Seen) -> &'static str {
    match &file.reading {
        Reading::Pes(pes, _) => pes.kind.role(),
        _ => "fichier",
    }
}
