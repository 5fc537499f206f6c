//! What becomes of a PES_Aller by all that was deposited of it, read from the facts of its entries, whatever came first.

use std::collections::BTreeSet;

use serde_json::Value;

use super::PesKind;
use super::ack::state_of;
use super::parts::{self, Held, Holds, Key, Parts};
use super::tied::others;
use crate::limits::{MAX_LISTED, MAX_PES_PARTS};

/// What a flow in the facts of an entry says that counts for the state of a PES_Aller.
#[derive(Clone, Debug)]
pub struct Told {
    name: String,
    siret: Option<String>,
    /// SHA-256 of the flow sent, where the entry tells it.
    digest: Option<String>,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    /// Sent: what there is to acknowledge, where it is told.
    Sent(Option<Holds>),
    /// An acknowledgement: elements accepted, refused and that do not say; what it says of bordereaux, where it is told.
    Ack((usize, usize, usize), Option<Parts>),
}

/// What becomes of a PES_Aller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// `sans-acquittement`, `partiel`, `accepte`, `accepte-partiellement`, `rejete`, `incertain` or `inconnu`.
    pub state: &'static str,
    /// Why it is one of the last two.
    pub why: Option<&'static str>,
    /// Bordereaux it holds, and of these how many are accepted, refused in whole or in part, and not acknowledged; where they were compared.
    pub bordereaux: Option<[usize; 4]>,
    /// The first of those not acknowledged, by name.
    pub left: Vec<String>,
    /// The first of those of which an acknowledgement speaks, and that are not in it.
    pub strange: Vec<String>,
    /// Flows sent under this name, by the place that was given with each.
    pub sent: Vec<usize>,
    /// Acknowledgements that do not count because they are of another SIRET, likewise.
    pub set_aside: Vec<usize>,
}

/// Every flow in the facts of an entry that counts: those sent, and acknowledgements of such.
pub fn told(facts: &Value) -> Vec<Told> {
    let one = |facts: &Value| {
        let what = match PesKind::by_root(facts["message"].as_str()?)? {
            PesKind::Aller => What::Sent(holds(facts)),
            PesKind::Acquit => {
                let count = |key: &str| facts[key].as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
                let (accepted, refused) = (count("elements_acceptes"), count("elements_rejetes"));
                let unsaid = count("elements").saturating_sub(accepted.saturating_add(refused));
                What::Ack((accepted, refused, unsaid), parts(facts))
            }
            PesKind::Retour | PesKind::AcquitRetour => return None,
        };
        let text = |key: &str| facts[key].as_str().map(str::to_owned);
        Some(Told { name: text("nom_fic")?, siret: text("siret"), digest: text("empreinte_flux"), what })
    };
    if facts["flow"].as_str().is_some_and(|flow| flow != "pes") {
        return Vec::new();
    }
    let Some(messages) = facts["messages"].as_array() else { return one(facts).into_iter().collect() };
    // The one described at the top stands among them by its name alone.
    let sent = messages.iter().position(|message| message["message"] == PesKind::Aller.root());
    let main = sent.unwrap_or(0);
    let all = messages.iter().enumerate().map(|(place, message)| if place == main { facts } else { message });
    all.filter_map(one).collect()
}

fn key(one: &Value) -> Key {
    Key::new(one["domaine"].as_str(), one["exercice"].as_str(), one["numero"].as_str())
}

fn holds(facts: &Value) -> Option<Holds> {
    let mut holds = Holds::default();
    let Some(all) = facts["bordereaux_a_acquitter"].as_array() else {
        let none = facts["nombre_bordereaux"].as_u64().unwrap_or(0) == 0;
        return none.then_some(holds);
    };
    let pieces = |one: &Value| one["nombre_pieces"].as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
    let numbers = |one: &Value| {
        let all =
            one["pieces"].as_array()?.iter().filter_map(Value::as_str).map(str::to_owned).collect::<BTreeSet<_>>();
        (all.len() == pieces(one)).then_some(all)
    };
    holds.all = all.iter().map(|one| Held { key: key(one), pieces: pieces(one), numbers: numbers(one) }).collect();
    Some(holds)
}

fn parts(facts: &Value) -> Option<Parts> {
    let mut parts = Parts { whole_refused: facts["flux_rejete"] == true, ..Parts::default() };
    for one in facts["bordereaux_acquittes"].as_array()? {
        if let Some(state) = one["etat"].as_str() {
            let times = |name: &str| one[name].as_u64().map(|count| count.min(MAX_PES_PARTS as u64));
            let (taken, refused) = (times("fois_accepte"), times("fois_rejete"));
            let once = (taken.is_none() && refused.is_none()).then_some(state == "accepte");
            once.into_iter().for_each(|accepted| parts.say(key(one), None, accepted));
            (0..taken.unwrap_or(0)).for_each(|_| parts.say(key(one), None, true));
            (0..refused.unwrap_or(0)).for_each(|_| parts.say(key(one), None, false));
        }
        for (list, accepted) in [("pieces_acceptees", true), ("pieces_rejetees", false)] {
            let pieces = one[list].as_array().into_iter().flatten().filter_map(Value::as_str);
            pieces.for_each(|piece| parts.say(key(one), Some(piece), accepted));
        }
    }
    Some(parts)
}

/// What becomes of the PES_Aller of this NomFic, by what entries tell, each flow with a place that is given back; `None` where no such flow,
/// nor an acknowledgement of one, is told. `cut` where there is more than was looked at.
pub fn standing<'a>(name: &str, all: impl IntoIterator<Item = (usize, &'a Told)>, cut: bool) -> Option<Standing> {
    let of_name: Vec<(usize, &Told)> = all.into_iter().filter(|(_, told)| told.name == name).collect();
    let sent = || of_name.iter().filter(|(_, told)| matches!(told.what, What::Sent(_)));
    let mut standing = Standing {
        state: "inconnu",
        why: None,
        bordereaux: None,
        left: Vec::new(),
        strange: Vec::new(),
        sent: sent().map(|(place, _)| *place).collect(),
        set_aside: Vec::new(),
    };
    let mut sents = sent();
    let one = match (sents.next(), sents.next()) {
        _ if of_name.is_empty() => return None,
        _ if cut => return Some(Standing { why: Some("trop-de-depots"), ..standing }),
        (None, _) => return Some(Standing { why: Some("flux-absent"), ..standing }),
        // The same bytes, deposited again, are the same flow.
        (Some((_, first)), Some(_))
            if first.digest.is_some() && sent().all(|(_, other)| other.digest == first.digest) =>
        {
            first
        }
        (Some(_), Some(_)) => {
            return Some(Standing { state: "incertain", why: Some("plusieurs-flux"), ..standing });
        }
        (Some((_, one)), None) => one,
    };
    standing.of(one, &of_name);
    Some(standing)
}

impl Standing {
    /// The state of this flow by the acknowledgements among these.
    fn of(&mut self, one: &Told, all: &[(usize, &Told)]) {
        let (mut counts, mut said, mut acks, mut untold) = ((0_usize, 0_usize, 0_usize), Parts::default(), 0, false);
        for (place, told) in all {
            let What::Ack(of, parts) = &told.what else { continue };
            if others(one.siret.as_deref(), told.siret.as_deref()) {
                self.set_aside.push(*place);
                continue;
            }
            acks += 1;
            counts = (counts.0 + of.0, counts.1 + of.1, counts.2 + of.2);
            match parts {
                Some(parts) => said.append(parts),
                None => untold = true,
            }
        }
        let untold_too = Holds { more: true, ..Holds::default() };
        let holds = if let What::Sent(Some(holds)) = &one.what { holds } else { &untold_too };
        let taken = parts::judged(holds, &said).filter(|_| !untold);
        if let Some(taken) = taken.as_ref().filter(|taken| taken.held > 0 && acks > 0) {
            self.bordereaux = Some([taken.held, taken.accepted, taken.refused, taken.left.len()]);
            self.left = taken.left.iter().take(MAX_LISTED).map(ToString::to_string).collect();
        }
        let strange = taken.iter().flat_map(|taken| &taken.strange);
        self.strange = strange.take(MAX_LISTED).map(|(name, _)| name.clone()).collect();
        (self.state, self.why) = match (acks, state_of(counts), &taken) {
            (0, _, _) => ("sans-acquittement", None),
            (_, None, _) => ("inconnu", Some("etat-non-dit")),
            (_, _, None) => ("inconnu", Some("non-compare")),
            (_, of_all, taken) => (parts::state(of_all, taken.as_ref()).unwrap_or("inconnu"), None),
        };
    }
}

#[cfg(test)]
#[path = "standing/tests.rs"]
mod tests;
