//! The facts by which a flow and its acknowledgements are held against each other, and what they come to. They stand in the entries of
//! several deposits: what is written here is read again in `standing`.

use serde_json::{Map, Value};

use super::facts::word;
use super::parts::{Held, Holds, Key, Parts, Taken};
use super::returned::Returns;
use crate::facts::Facts;
use crate::limits::{MAX_PES_PART_BYTES, MAX_PES_PARTS_TOLD};

/// A bordereau by its name.
pub(super) fn named(key: &Key) -> Map<String, Value> {
    let fields = [("domaine", key.domain.as_ref()), ("exercice", key.year.as_ref()), ("numero", Some(&key.number))];
    fields.into_iter().filter_map(|(name, text)| Some((name.to_owned(), Value::from(text?.as_str())))).collect()
}

/// Every part of the name is as short as such names are.
fn short(key: &Key) -> bool {
    let parts = [key.domain.as_ref(), key.year.as_ref(), Some(&key.number)];
    parts.into_iter().flatten().all(|text| text.len() <= MAX_PES_PART_BYTES)
}

impl Facts<'_> {
    /// Every bordereau of a flow sent, or nothing where there are too many to be told.
    pub(crate) fn awaits(&mut self, holds: &Holds) {
        let told = holds.all.iter().all(|held| short(&held.key)) && !holds.more;
        if holds.all.is_empty() || !told || !self.lists.whole(holds.all.len(), MAX_PES_PARTS_TOLD) {
            return;
        }
        // All numbers of pieces, or none: an acknowledgement may tell of each.
        let numbers = || holds.all.iter().flat_map(|held| held.numbers.iter().flatten());
        let few = holds.all.len() + numbers().count() <= MAX_PES_PARTS_TOLD;
        let short_ones = numbers().all(|number| number.len() <= MAX_PES_PART_BYTES);
        let one = |held: &Held| {
            let mut object = named(&held.key);
            object.insert("nombre_pieces".to_owned(), held.pieces.into());
            if let Some(numbers) = held.numbers.as_ref().filter(|_| few && short_ones) {
                object.insert("pieces".to_owned(), numbers.iter().map(String::as_str).collect());
            }
            Value::Object(object)
        };
        let all = holds.all.iter().map(one).collect();
        self.map.insert("bordereaux_a_acquitter".to_owned(), Value::Array(all));
    }

    /// Every bordereau of which an acknowledgement speaks, likewise.
    pub(crate) fn acknowledged(&mut self, parts: &Parts) {
        if parts.whole_refused {
            self.map.insert("flux_rejete".to_owned(), true.into());
        }
        let pieces = || parts.said.values().flat_map(|said| said.pieces.keys());
        let told = parts.said.keys().all(short) && pieces().all(|piece| piece.len() <= MAX_PES_PART_BYTES);
        if !told || parts.more || !self.lists.whole(parts.count, MAX_PES_PARTS_TOLD) {
            return;
        }
        let mut all = Vec::new();
        for (key, said) in &parts.said {
            let mut object = named(key);
            object.extend(said.whole.map(|accepted| ("etat".to_owned(), word(accepted).into())));
            if said.times.0 + said.times.1 > 1 {
                object.insert("fois_accepte".to_owned(), said.times.0.into());
                object.insert("fois_rejete".to_owned(), said.times.1.into());
            }
            for accepted in [true, false] {
                let of = said.pieces.iter().filter(|(_, state)| **state == accepted);
                let of: Vec<Value> = of.map(|(piece, _)| piece.as_str().into()).collect();
                if !of.is_empty() {
                    object.insert(format!("pieces_{}es", if accepted { "accepte" } else { "rejete" }), of.into());
                }
            }
            all.push(Value::Object(object));
        }
        self.map.insert("bordereaux_acquittes".to_owned(), Value::Array(all));
    }

    /// How many bordereaux of a flow are accepted or refused, and those of which nothing is said yet.
    pub(crate) fn taken(&mut self, taken: Option<&Taken>) {
        let Some(taken) = taken.filter(|taken| taken.held > 0) else { return };
        for (key, count) in [
            ("bordereaux_acceptes", taken.accepted),
            ("bordereaux_rejetes", taken.refused),
            ("nombre_bordereaux_non_acquittes", taken.left.len()),
        ] {
            self.map.insert(key.to_owned(), count.into());
        }
        const LIST: &str = "bordereaux_non_acquittes";
        self.lists.there_are(LIST, taken.left.len());
        let mut told = Vec::new();
        for left in taken.left.iter().take(self.lists.room(LIST, taken.left.len())) {
            let key = &left.key;
            let (domain, year) = (key.domain.as_deref(), key.year.as_deref());
            let mut object =
                self.object(&[("domaine", domain), ("exercice", year), ("numero", Some(key.number.as_str()))]);
            object.insert("nombre_pieces".to_owned(), left.count.into());
            if !left.pieces.is_empty() {
                self.lists.there_are("pieces_non_acquittees", left.pieces.len());
                let room = self.lists.room("pieces_non_acquittees", left.pieces.len());
                let pieces = left.pieces.iter().take(room).map(|piece| self.listed("pieces", piece)).collect();
                object.insert("pieces".to_owned(), Value::Array(pieces));
            }
            told.push(Value::Object(object));
        }
        if !told.is_empty() {
            self.map.insert(LIST.to_owned(), told.into());
        }
    }

    /// The PES_Retour that an acknowledgement names, those it is tied to.
    pub(crate) fn returns(&mut self, returns: &Returns, tied: usize) {
        if returns.count == 0 {
            return;
        }
        let mut told = Vec::new();
        for one in returns.listed.iter().take(tied) {
            let fields = [
                ("nom_fic", one.name.as_deref()),
                ("domaine", one.domain.as_deref()),
                ("type", one.kind.as_deref()),
                ("date", one.date.as_deref()),
            ];
            told.push(Value::Object(self.object(&fields)));
        }
        self.map.insert("retours".to_owned(), told.into());
        self.map.insert("nombre_retours".to_owned(), returns.count.into());
    }
}
