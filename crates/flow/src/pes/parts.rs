//! Bordereaux that a flow holds, and what acknowledgements say of each: held against each other by domain, year and number. Attached
//! documents and contracts are not: an acknowledgement may pass over them.

use std::collections::{BTreeMap, BTreeSet};

use crate::limits::MAX_PES_PARTS;

/// The number of a bordereau that says none.
const UNNAMED: &str = "?";

/// What names a bordereau, as far as it is said.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) number: String,
    pub(crate) year: Option<String>,
    pub(crate) domain: Option<String>,
}

impl Key {
    /// Zeros before a number count for nothing; one that is not said is [`UNNAMED`].
    pub(crate) fn new(domain: Option<&str>, year: Option<&str>, number: Option<&str>) -> Key {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Key { number: plain(number.unwrap_or(UNNAMED)), year: owned(year), domain: owned(domain) }
    }

    /// It names no bordereau.
    fn is_nameless(&self) -> bool {
        self.number == UNNAMED
    }

    /// It is of the domain and the year that the other says, as far as that one says them.
    fn is_in(&self, other: &Key) -> bool {
        let same = |one: &Option<String>, other: &Option<String>| other.is_none() || one == other;
        same(&self.year, &other.year) && same(&self.domain, &other.domain)
    }

    /// Nothing that both say differs.
    fn may_be(&self, other: &Key) -> bool {
        let same = |one: &Option<String>, other: &Option<String>| one.is_none() || other.is_none() || one == other;
        self.number == other.number && same(&self.year, &other.year) && same(&self.domain, &other.domain)
    }

    /// The same with pieces of it: `5/2026 (depense, NumPiece 20, 21)`.
    pub(crate) fn with(&self, pieces: &[String]) -> String {
        let mut words: Vec<String> = self.domain.iter().cloned().collect();
        if !pieces.is_empty() {
            words.push(format!("NumPiece {}", pieces.join(", ")));
        }
        let year = self.year.as_deref().map(|year| format!("/{year}")).unwrap_or_default();
        let words = if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) };
        format!("{}{year}{words}", self.number)
    }
}

/// A number without the zeros before it.
pub(crate) fn plain(number: &str) -> String {
    let short = number.trim_start_matches('0');
    if short.is_empty() { number.to_owned() } else { short.to_owned() }
}

/// A bordereau of a flow.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) key: Key,
    pub(crate) pieces: usize,
    /// The numbers of all its pieces, where they are known.
    pub(crate) numbers: Option<BTreeSet<String>>,
}

/// All bordereaux of a flow, up to [`MAX_PES_PARTS`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Holds {
    pub(crate) all: Vec<Held>,
    /// There are more.
    pub(crate) more: bool,
    /// Pieces whose number is kept.
    pub(super) kept: usize,
}

impl Holds {
    pub(crate) fn push(&mut self, key: Key, numbers: Numbers) {
        if self.all.len() >= MAX_PES_PARTS {
            self.more = true;
            return;
        }
        let Numbers { all, count, .. } = numbers;
        let numbers = (all.len() == count).then_some(all);
        self.kept += numbers.as_ref().map_or(0, BTreeSet::len);
        self.all.push(Held { key, pieces: count, numbers });
    }

    /// Room for the numbers of the pieces of the next one.
    pub(crate) fn numbers(&self) -> Numbers {
        Numbers { all: BTreeSet::new(), count: 0, room: MAX_PES_PARTS.saturating_sub(self.kept) }
    }
}

/// The numbers of the pieces of one bordereau, as far as there is room.
#[derive(Debug)]
pub(crate) struct Numbers {
    all: BTreeSet<String>,
    count: usize,
    room: usize,
}

impl Numbers {
    pub(crate) fn push(&mut self, number: Option<&str>) {
        self.count += 1;
        if let Some(number) = number.filter(|_| self.all.len() < self.room) {
            self.all.insert(plain(number));
        }
    }
}

/// What is said of one bordereau; a refusal prevails.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    /// Of all of it.
    pub(crate) whole: Option<bool>,
    /// Of its pieces.
    pub(crate) pieces: BTreeMap<String, bool>,
    /// How often one acknowledgement says that it is accepted, and that it is refused: as many bordereaux of that name as there are may be meant.
    pub(crate) times: (usize, usize),
}

impl Said {
    fn append(&mut self, other: &Said) {
        self.whole = worse(self.whole, other.whole);
        for (piece, accepted) in &other.pieces {
            let known = self.pieces.entry(piece.clone()).or_insert(true);
            *known &= accepted;
        }
    }

    /// As many bordereaux of one name are spoken of, each as a whole.
    fn tells_all_of(&self, count: usize) -> bool {
        self.pieces.is_empty() && self.times.0 + self.times.1 == count
    }

    /// Whether a part of it is refused.
    pub(crate) fn refused(&self) -> bool {
        self.whole == Some(false) || self.pieces.values().any(|accepted| !accepted)
    }
}

fn worse(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one && other),
        (one, other) => one.or(other),
    }
}

/// What an acknowledgement says of bordereaux, or several of one flow, up to [`MAX_PES_PARTS`] bordereaux and pieces.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts {
    pub(crate) said: BTreeMap<Key, Said>,
    /// The file as a whole is refused.
    pub(crate) whole_refused: bool,
    /// More is said.
    pub(crate) more: bool,
    /// Bordereaux and pieces that are spoken of.
    pub(super) count: usize,
}

impl Parts {
    pub(crate) fn say(&mut self, key: Key, piece: Option<&str>, accepted: bool) {
        let known = self.said.get(&key);
        let piece = piece.map(plain);
        let new = usize::from(known.is_none())
            + usize::from(
                piece.as_ref().is_some_and(|piece| known.is_none_or(|known| !known.pieces.contains_key(piece))),
            );
        if self.count + new > MAX_PES_PARTS {
            self.more = true;
            return;
        }
        self.count += new;
        let said = self.said.entry(key).or_default();
        match piece {
            None => {
                said.whole = worse(said.whole, Some(accepted));
                *(if accepted { &mut said.times.0 } else { &mut said.times.1 }) += 1;
            }
            Some(piece) => *said.pieces.entry(piece).or_insert(true) &= accepted,
        }
    }

    pub(crate) fn append(&mut self, other: &Parts) {
        self.whole_refused |= other.whole_refused;
        self.more |= other.more;
        for (key, said) in &other.said {
            // The same acknowledgement may be there again.
            let times = self
                .said
                .get(key)
                .map_or(said.times, |known| (known.times.0.max(said.times.0), known.times.1.max(said.times.1)));
            if let Some(accepted) = said.whole {
                self.say(key.clone(), None, accepted);
            }
            said.pieces.iter().for_each(|(piece, accepted)| self.say(key.clone(), Some(piece), *accepted));
            if let Some(known) = self.said.get_mut(key) {
                known.times = times;
            }
        }
    }
}

/// What became of each bordereau of a flow.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) held: usize,
    pub(crate) accepted: usize,
    /// Refused, or a piece of them is.
    pub(crate) refused: usize,
    pub(crate) left: Vec<Left>,
    /// What is spoken of and is not in the flow, or cannot be told from another of it; and whether that is accepted.
    pub(crate) strange: Vec<(String, bool)>,
}

/// A bordereau of which nothing is said, or not of all pieces.
#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) key: Key,
    /// Its pieces of which nothing is said, where they are known; none where it is all of them.
    pub(crate) pieces: Vec<String>,
    /// How many these are.
    pub(crate) count: usize,
}

impl std::fmt::Display for Left {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.key.with(&self.pieces))
    }
}

/// What is said, held against what there is; `None` where either is more than is compared.
pub(crate) fn judged(holds: &Holds, parts: &Parts) -> Option<Taken> {
    if holds.more || parts.more {
        return None;
    }
    let mut by_number: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, held) in holds.all.iter().enumerate() {
        by_number.entry(&held.key.number).or_default().push(place);
    }
    let mut taken = Taken { held: holds.all.len(), ..Taken::default() };
    let mut of: Vec<Said> = vec![Said::default(); holds.all.len()];
    for (key, said) in &parts.said {
        if key.is_nameless() && said.whole == Some(false) {
            // A whole domain is refused.
            let of_it = (0..holds.all.len()).filter(|place| holds.all[*place].key.is_in(key));
            of_it.for_each(|place| of[place].append(said));
            continue;
        }
        let places = by_number.get(key.number.as_str()).map(Vec::as_slice).unwrap_or_default();
        let found: Vec<usize> = places.iter().copied().filter(|place| holds.all[*place].key.may_be(key)).collect();
        let one = found.first().map(|first| &holds.all[*first]);
        let Some(one) = one.filter(|one| found.iter().all(|place| holds.all[*place].key == one.key)) else {
            taken.strange.push((key.with(&[]), !said.refused()));
            continue;
        };
        if found.len() > 1 && !said.tells_all_of(found.len()) {
            taken.strange.push((key.with(&[]), !said.refused()));
            continue;
        }
        let foreign =
            said.pieces.iter().filter(|(piece, _)| one.numbers.as_ref().is_some_and(|all| !all.contains(*piece)));
        taken.strange.extend(foreign.map(|(piece, accepted)| (key.with(std::slice::from_ref(piece)), *accepted)));
        for (rank, place) in found.iter().enumerate() {
            // Of several of one name, as many are refused as it says.
            let each = (found.len() > 1).then(|| Said { whole: Some(rank >= said.times.1), ..Said::default() });
            of[*place].append(each.as_ref().unwrap_or(said));
        }
    }
    for (held, said) in holds.all.iter().zip(&of) {
        // As many pieces are told as there are, and whether they are these cannot be told.
        let by_count = held.numbers.is_none() && said.whole.is_none() && !said.pieces.is_empty();
        if by_count && said.pieces.len() >= held.pieces && !said.refused() {
            return None;
        }
        match left(held, said) {
            Some(left) if !parts.whole_refused => taken.left.push(left),
            _ if said.refused() || parts.whole_refused => taken.refused += 1,
            _ => taken.accepted += 1,
        }
    }
    Some(taken)
}

/// What of this bordereau nothing is said of.
fn left(held: &Held, said: &Said) -> Option<Left> {
    if said.whole.is_some() {
        return None;
    }
    if said.pieces.is_empty() {
        return Some(Left { key: held.key.clone(), pieces: Vec::new(), count: held.pieces });
    }
    let pieces: Vec<String> = match &held.numbers {
        Some(all) => all.iter().filter(|piece| !said.pieces.contains_key(*piece)).cloned().collect(),
        None => Vec::new(),
    };
    let count = if held.numbers.is_some() { pieces.len() } else { held.pieces.saturating_sub(said.pieces.len()) };
    (count > 0).then(|| Left { key: held.key.clone(), pieces, count })
}

/// The state of a flow: that of all that was said of it, where nothing of it is left.
pub(crate) fn state(of_all: Option<&'static str>, taken: Option<&Taken>) -> Option<&'static str> {
    let (of_all, taken) = (of_all?, taken?);
    Some(if taken.left.is_empty() { of_all } else { "partiel" })
}

#[cfg(test)]
#[path = "parts/tests.rs"]
mod tests;
