//! The story a deposit tells: envelopes, messages and files put together, acts tied to what came back about them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::about::{About, IN_DOUBT, are_other_matters, heard, number, plain, said_levels};
use super::carriers::Carriers;
use super::classification::{Classification, in_force};
use super::document::{Act, Document, Envelope};
use super::name;
use super::pieces::Pieces;
use super::told::Told;
use crate::codes::{self, Fault, Faults};
use crate::facts::{Facts, Story, too_many};
use crate::limits::{Limits, MAX_LISTED};
use crate::look::{Reading, Seen};
use crate::model::{By, Identifier};

/// A message tied to an act of the deposit.
pub(crate) struct Tie {
    /// Its place among the messages.
    pub(crate) message: usize,
    /// The act is the one that the facts describe.
    pub(crate) is_of_main: bool,
    pub(crate) by: By,
    /// What it repeats of the act is not what the act says.
    pub(crate) differs: bool,
}

/// Tells the story of these files; `archives` are the names of the incoming files, for those that hold members, and which of them hold one alone.
pub(crate) fn tell(seen: &[Seen], (archives, alone): (&[String], &[bool]), limits: &Limits) -> Story {
    let mut faults = Faults::default();
    let count = seen.iter().filter(|file| matches!(file.reading, Reading::Actes(..))).count();
    if let Some(fault) = too_many((count, 0), 0, limits) {
        faults.push(fault);
        return Story::of_faults(faults);
    }
    let mut envelopes: Vec<(usize, &Envelope)> = Vec::new();
    let mut tolds: Vec<Told<'_>> = Vec::new();
    for (index, file) in seen.iter().enumerate() {
        if let Reading::Actes(document, oddity) = &file.reading {
            faults.extend(oddity.clone());
            match document {
                Document::Envelope(envelope) => envelopes.push((index, envelope)),
                Document::Message(message) => tolds.push(Told::new(index, file, message)),
            }
        }
        if file.parent.is_some() && file.base() != file.name {
            faults.push(Fault::new(&codes::MEMBER_IN_DIRECTORY, &file.name));
        }
    }
    let carriers = Carriers::of(seen, &envelopes, archives);
    for told in &mut tolds {
        told.about.envelope = carriers.of_message(told.seen);
        told.about.is_trial = carriers.is_trial(told.seen, told.about.envelope.as_deref());
        faults.append(&told.oddities());
    }
    let mut pieces = Pieces::new(seen);
    for (index, envelope) in &envelopes {
        envelope_oddities(&seen[*index], envelope, &tolds, &mut faults);
        let alone = seen[*index].parent.is_none() && tolds.is_empty();
        pieces.forms(*index, envelope, alone, &mut faults);
    }
    for told in &tolds {
        pieces.files(told, &mut faults);
    }
    let enveloped: Vec<usize> = envelopes.iter().filter_map(|(i, _)| seen[*i].parent).collect();
    pieces.not_announced(&tolds, &enveloped, &mut faults);
    faults.extend(archive_oddities(seen, (archives, alone), &envelopes));
    let tied = ties(&tolds, &mut faults);
    let facts = gather((seen, &pieces), &envelopes, &tolds, &tied, limits, &mut faults);
    let identifiers = identifiers(seen, &envelopes, &tolds, limits);
    let placed = identifiers.iter().any(|one| one.scheme == "actes-classification");
    let given = tolds.iter().filter(|told| told.message.classification.is_some() && !placed);
    faults.extend(given.map(|told| Fault::new(&codes::ACTES_CLASSIFICATION_NOWHERE, &told.seen.name)));
    let said = ["messages", "enveloppes"].iter().filter_map(|name| facts.get(*name)).map(|list| list.to_string().len());
    faults.extend(too_many((count, said.sum()), identifiers.len(), limits));
    Story {
        facts,
        faults,
        identifiers,
        message: main_of(&tolds).map(|t| t.code.clone()).filter(|c| !c.is_empty()),
        roles: roles(seen, &tolds, &envelopes, &pieces),
    }
}

/// The message the facts describe: the first act, else the first by its code, in whatever order they came.
fn main_of<'t, 's>(tolds: &'t [Told<'s>]) -> Option<&'t Told<'s>> {
    tolds.iter().find(|t| t.is_act()).or_else(|| tolds.iter().min_by_key(|t| t.rank()))
}

fn envelope_oddities(seen: &Seen, envelope: &Envelope, tolds: &[Told<'_>], faults: &mut Faults) {
    let place = &seen.name;
    faults.append(&envelope.oddities);
    match name::envelope(&seen.name) {
        None => faults.push(Fault::new(&codes::ACTES_NAME_UNKNOWN, place)),
        Some(name) => {
            if name.unusual {
                faults.push(Fault::new(&codes::ACTES_NAME_WRITTEN, place).with(&name.stem));
            }
        }
    }
    if name::says_test(&seen.name) {
        faults.push(Fault::new(&codes::ACTES_TEST_PLATFORM, place));
    }
    if let Some(siren) = envelope.siren.as_deref().filter(|s| !name::is_digits(s, 9)) {
        faults.push(Fault::new(&codes::ACTES_SIREN_MALFORMED, place).with(siren));
    }
    let beside = tolds.iter().filter(|t| t.seen.parent == seen.parent);
    for name in beside.filter_map(|t| t.name.as_ref()).take(MAX_LISTED) {
        if let Some(said) = envelope.siren.as_ref().filter(|s| !name.siren.is_empty() && **s != name.siren) {
            faults.push(Fault::new(&codes::ACTES_SIREN_DIFFERS, place).with(said).with(&name.siren));
        }
        if let Some(said) = envelope.department.as_ref().filter(|d| **d != name.department) {
            faults.push(Fault::new(&codes::ACTES_DEPARTMENT_DIFFERS, place).with(said).with(&name.department));
        }
    }
}

/// An archive bears the name of its one envelope.
fn archive_oddities(
    seen: &[Seen],
    (archives, alone): (&[String], &[bool]),
    envelopes: &[(usize, &Envelope)],
) -> Vec<Fault> {
    let parents: BTreeSet<usize> = seen.iter().filter_map(|s| s.parent).collect();
    let mut faults = Vec::new();
    for (parent, archive) in parents.into_iter().filter_map(|p| archives.get(p).map(|a| (p, a))) {
        if let Some(name) = name::envelope(archive).filter(|name| name.unusual) {
            faults.push(Fault::new(&codes::ACTES_NAME_WRITTEN, archive).with(&name.stem));
        }
        let mut inside = envelopes.iter().map(|(index, _)| &seen[*index]).filter(|file| file.parent == Some(parent));
        if name::says_test(archive) && !inside.clone().any(|file| name::says_test(file.base())) {
            faults.push(Fault::new(&codes::ACTES_TEST_PLATFORM, archive));
        }
        let Some(envelope) = inside.next() else {
            // A message that is packed alone is no archive without its envelope.
            let alone = alone.get(parent).is_some_and(|alone| *alone);
            faults.extend((!alone).then(|| Fault::new(&codes::ACTES_NO_ENVELOPE, archive)));
            continue;
        };
        let inside = name::envelope(&envelope.name);
        let outside = name::envelope(archive).filter(|a| a.archive);
        if let (Some(inside), Some(outside)) = (inside, outside)
            && inside.stem != outside.stem
        {
            faults.push(Fault::new(&codes::ACTES_ARCHIVE_NAME, archive).with(archive).with(envelope.base()));
        }
    }
    faults
}

/// Which messages are about the main act, in the order of their codes; the others are remarked.
fn ties(tolds: &[Told<'_>], faults: &mut Faults) -> Vec<Tie> {
    let acts: Vec<&Told<'_>> = tolds.iter().filter(|t| t.is_act()).collect();
    if acts.len() > 1 {
        let place = acts.first().map_or("", |a| &a.seen.name);
        faults.push(Fault::new(&codes::ACTES_SEVERAL_ACTS, place).with(acts.len()));
    }
    let mut tied = Vec::new();
    for (index, reply) in tolds.iter().enumerate().filter(|(_, t)| !t.is_act()) {
        if reply.message.kind.is_none_or(|k| k.is_classification()) {
            continue;
        }
        let place = &reply.seen.name;
        let id = reply.act_id().unwrap_or("?");
        let first_by = |rule: fn(&About, &About) -> Option<By>| {
            acts.iter().enumerate().find_map(|(at, act)| Some((at, rule(&reply.about, &act.about)?)))
        };
        // Of several acts one that it names comes before one whose number it has.
        let (act, by) = match (first_by(About::shares).or_else(|| first_by(About::ties)), acts.first()) {
            (Some(tie), _) => tie,
            (None, None) => {
                let code = match reply.about.names().is_empty() && !reply.cancels() {
                    true => &codes::ACTES_ABOUT_NOTHING,
                    false => &codes::ACTES_ACT_ELSEWHERE,
                };
                faults.push(Fault::new(code, place));
                continue;
            }
            (None, Some(first)) => {
                let held = first.act_id().unwrap_or("?");
                faults.push(Fault::new(&codes::ACTES_AR_OTHER_ACT, place).with(id).with(held));
                continue;
            }
        };
        if by == By::Number {
            faults.push(Fault::new(&codes::ACTES_AR_BY_NUMBER, place).with(id));
        }
        let repeated = repeated_content(acts[act], reply);
        tied.push(Tie { message: index, is_of_main: act == 0, by, differs: !repeated.is_empty() });
        faults.extend(repeated);
    }
    tied.sort_by_key(|tie| tolds[tie.message].rank());
    tied
}

/// What the préfecture repeats of the act is what the act says.
fn repeated_content(act: &Told<'_>, reply: &Told<'_>) -> Vec<Fault> {
    let (Some(said), Some(repeated)) = (&act.message.act, &reply.message.act) else {
        return Vec::new();
    };
    let matters = |act: &Act| said_levels(act.matters.iter().map(String::as_str));
    let (own, theirs) = (matters(said), matters(repeated));
    let shown = |levels: &[String]| (!levels.is_empty()).then(|| levels.join("."));
    let (own_shown, theirs_shown) = (shown(&own), shown(&theirs));
    let pairs = [
        ("Date", &said.date, &repeated.date),
        ("NumeroInterne", &said.number, &repeated.number),
        ("CodeNatureActe", &said.nature_code, &repeated.nature_code),
        ("CodeMatiere", &own_shown, &theirs_shown),
        ("Objet", &said.subject, &repeated.subject),
    ];
    let apart = |(what, a, b): &(&str, &Option<String>, &Option<String>)| match (a, b) {
        (Some(_), Some(_)) if *what == "CodeMatiere" => are_other_matters(&own, &theirs),
        (Some(a), Some(b)) if *what == "CodeNatureActe" => number(a) != number(b),
        (Some(a), Some(b)) if *what == "Objet" => heard(a) != heard(b),
        (Some(a), Some(b)) => plain(a) != plain(b),
        _ => false,
    };
    let differing = pairs.into_iter().filter(apart);
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    differing
        .map(|(what, a, b)| {
            Fault::new(&codes::ACTES_AR_CONTENT_DIFFERS, &reply.seen.name).with(what).with(text(b)).with(text(a))
        })
        .collect()
}

fn gather(
    (seen, pieces): (&[Seen], &Pieces<'_>),
    envelopes: &[(usize, &Envelope)],
    tolds: &[Told<'_>],
    tied: &[Tie],
    limits: &Limits,
    faults: &mut Faults,
) -> Map<String, Value> {
    let mut facts = Facts::new(limits);
    if let Some(main) = main_of(tolds) {
        facts.act(main);
        if main.is_act() {
            for tie in tied.iter().filter(|tie| tie.is_of_main) {
                facts.joined(&tolds[tie.message]);
            }
        }
    }
    let given: Vec<&Classification> = tolds.iter().filter_map(|t| t.message.classification.as_ref()).collect();
    if let Some(newest) = given.iter().max_by_key(|one| one.date()) {
        facts.given(newest);
    }
    let date = facts.map.get("date").and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Some(by) = in_force(given.into_iter(), &date) {
        facts.classified(by, None);
    }
    if let Some((index, envelope)) = envelopes.first() {
        facts.envelope(&seen[*index], envelope);
    }
    let several = envelopes.len() > 1;
    let apart = envelopes.len() == 1 && tolds.iter().any(|told| told.about.envelope.is_none());
    if main_of(tolds).is_some_and(|main| apart && main.about.envelope.is_none()) {
        facts.map.insert("sans_enveloppe".to_owned(), Value::from(true));
    }
    if tolds.len() > 1 || ((several || apart) && !tolds.is_empty()) {
        facts.messages(tolds, tied, pieces, envelopes.len());
    }
    if several {
        let all: Vec<(&Seen, &Envelope)> =
            envelopes.iter().map(|(index, envelope)| (&seen[*index], *envelope)).collect();
        facts.envelopes(&all);
    }
    faults.append(&facts.faults);
    facts.map
}

fn identifiers(
    seen: &[Seen],
    envelopes: &[(usize, &Envelope)],
    tolds: &[Told<'_>],
    limits: &Limits,
) -> Vec<Identifier> {
    let mut found = BTreeSet::new();
    for told in tolds {
        found.extend(told.about.names().into_iter().filter(|(scheme, _)| *scheme != "enveloppe"));
        if told.cancels() && told.about.is_in_doubt() {
            let (scheme, value) = IN_DOUBT;
            found.insert((scheme, value.to_owned()));
        }
        if told.message.classification.is_some() {
            let named = told.name.as_ref().map(|n| n.department.clone());
            let sent = || envelopes.iter().find_map(|(_, envelope)| envelope.department.clone());
            found.extend(named.or_else(sent).map(|department| ("actes-classification", department)));
        }
    }
    for (index, _) in envelopes {
        found.extend(name::envelope(&seen[*index].name).map(|e| ("enveloppe", e.stem)));
    }
    let short = found.into_iter().filter(|(_, value)| value.len() <= limits.name_bytes);
    short.map(|(scheme, value)| Identifier { scheme, value }).collect()
}

fn roles(
    seen: &[Seen],
    tolds: &[Told<'_>],
    envelopes: &[(usize, &Envelope)],
    pieces: &Pieces<'_>,
) -> Vec<&'static str> {
    let mut roles: Vec<&'static str> = pieces.roles.iter().map(|r| r.unwrap_or("fichier")).collect();
    roles.resize(seen.len(), "fichier");
    for (index, _) in envelopes {
        roles[*index] = "enveloppe";
    }
    for told in tolds {
        roles[told.index] = if told.code == "1-2" { "ar" } else { "message" };
    }
    roles
}
