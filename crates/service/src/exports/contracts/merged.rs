//! What is kept of contracts between the two readings: where each stands last, and its modifications, by number.

use flow::EssentialContract;
use ledger::storage::StorageError;
use proof::{FileNumber, Index};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A file of an entry.
pub(super) type Place = (Index, FileNumber);

/// A contract's kind (whether a concession) and key.
type Name = (bool, String);

/// What is kept of one.
struct Kept {
    place: Place,
    /// Rank among the contracts of its file.
    rank: usize,
    /// It is of the days asked for, as it stands last.
    held: bool,
    /// As JSON, by number.
    modifications: BTreeMap<u64, String>,
}

/// The contracts of a tenant, each once: first where each stands last, then, once that is settled, its modifications.
#[derive(Default)]
pub(super) struct Merged {
    kept: BTreeMap<Name, Kept>,
    /// Of the modifications.
    bytes: usize,
}

fn name(contract: &EssentialContract) -> Name {
    (contract.concession, contract.key.clone())
}

impl Merged {
    /// A contract, told later than all before it: it stands here now. Whether it is of the days asked for is that of its last telling: one
    /// that no telling before was of takes no room.
    pub(super) fn stands(&mut self, place: Place, rank: usize, contract: &EssentialContract, held: bool) {
        match self.kept.get_mut(&name(contract)) {
            Some(kept) => (kept.place, kept.rank, kept.held) = (place, rank, held),
            None if held => {
                self.kept.insert(name(contract), Kept { place, rank, held, modifications: BTreeMap::new() });
            }
            None => {}
        }
    }

    /// Every contract was told: those that are not of the days as they stand last are left.
    pub(super) fn settle(&mut self) {
        self.kept.retain(|_, kept| kept.held);
    }

    /// The modifications that a contract tells, later than all before it: they go before others of their numbers.
    pub(super) fn modified(&mut self, contract: &EssentialContract) {
        let Some(kept) = self.kept.get_mut(&name(contract)) else { return };
        for (number, modification) in contract.modifications() {
            let text = modification.to_string();
            self.bytes += text.len();
            self.bytes -= kept.modifications.insert(number, text).map_or(0, |before| before.len());
        }
    }

    /// No more than so many contracts, and bytes of modifications.
    pub(super) fn is_within(&self, contracts: usize, bytes: usize) -> bool {
        self.kept.len() <= contracts && self.bytes <= bytes
    }

    /// The files in which contracts of this kind stand last, last first.
    pub(super) fn files(&self, concessions: bool) -> Vec<Place> {
        let of_kind = self.kept.iter().filter(|((concession, _), _)| *concession == concessions);
        let places: BTreeSet<Place> = of_kind.map(|(_, kept)| kept.place).collect();
        places.into_iter().rev().collect()
    }

    /// This contract with all its modifications, if it stands here last.
    pub(super) fn whole(
        &self,
        place: Place,
        rank: usize,
        contract: EssentialContract,
    ) -> Option<Result<Value, StorageError>> {
        let kept = self.kept.get(&name(&contract)).filter(|kept| (kept.place, kept.rank) == (place, rank))?;
        let read = |text: &String| serde_json::from_str(text);
        let all: Result<Vec<Value>, _> = kept.modifications.values().map(read).collect();
        let whole = all.map(|all| Value::Object(contract.with_modifications(all).body));
        Some(whole.map_err(|why| StorageError::Fatal(format!("a modification was not kept: {why}"))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn contract(id: &str, modifications: &[(u64, &str)]) -> EssentialContract {
        let one = |(number, day): &(u64, &str)| json!({"modification": {"id": number, "day": day}});
        let mut body = json!({"id": id});
        if !modifications.is_empty() {
            body["modifications"] = modifications.iter().map(one).collect();
        }
        let body = body.as_object().unwrap().clone();
        EssentialContract { key: format!("buyer/{id}"), concession: false, body, sound: true }
    }

    fn place(index: u64) -> Place {
        (Index(index), FileNumber(1))
    }

    /// Each told in its place, then settled, then its modifications.
    fn merged(told: &[(EssentialContract, bool)]) -> Merged {
        let mut merged = Merged::default();
        for (index, (one, held)) in (1..).zip(told) {
            merged.stands(place(index), 1, one, *held);
        }
        merged.settle();
        told.iter().for_each(|(one, _)| merged.modified(one));
        merged
    }

    fn days(whole: &Value) -> Vec<&str> {
        let all = whole["modifications"].as_array().unwrap();
        all.iter().map(|one| one["modification"]["day"].as_str().unwrap()).collect()
    }

    #[test]
    fn a_contract_stands_where_it_was_told_last_with_what_was_told_of_it_anywhere() {
        let told = [contract("a", &[(2, "old"), (1, "x")]), contract("a", &[(3, "y"), (2, "new")]), contract("b", &[])];
        let merged = merged(&told.clone().map(|one| (one, true)));
        assert_eq!(merged.files(false), [place(3), place(2)]);
        assert_eq!(merged.files(true), []);
        assert!(merged.whole(place(1), 1, told[0].clone()).is_none(), "told again since");
        assert!(merged.whole(place(2), 2, told[1].clone()).is_none(), "another of the same file");
        let whole = merged.whole(place(2), 1, told[1].clone()).unwrap().unwrap();
        assert_eq!(days(&whole), ["x", "new", "y"]);
        assert_eq!(merged.whole(place(3), 1, told[2].clone()).unwrap().unwrap(), json!({"id": "b"}));
    }

    #[test]
    fn the_days_are_those_of_the_last_telling_whatever_was_told_before() {
        let (first, second, third) = (contract("a", &[(1, "x")]), contract("a", &[(2, "y")]), contract("a", &[]));
        let corrected_out = merged(&[(first.clone(), true), (second.clone(), false)]);
        assert_eq!(corrected_out.files(false), [], "what was corrected is not given out in its place");
        assert!(corrected_out.whole(place(1), 1, first.clone()).is_none());
        let corrected_in = merged(&[(first.clone(), false), (second.clone(), true)]);
        assert_eq!(days(&corrected_in.whole(place(2), 1, second.clone()).unwrap().unwrap()), ["x", "y"]);
        let out_and_in = merged(&[(first, true), (second, false), (third.clone(), true)]);
        assert_eq!(days(&out_and_in.whole(place(3), 1, third).unwrap().unwrap()), ["x", "y"]);
    }

    #[test]
    fn what_is_kept_is_counted_and_bounded() {
        let one = merged(&[(contract("a", &[(1, "x")]), true)]);
        // Told again, it takes no more room; of other days, none.
        let again =
            [(contract("a", &[(1, "x")]), true), (contract("a", &[(1, "y")]), true), (contract("b", &[]), false)];
        let again = merged(&again);
        let bytes = again.bytes;
        assert_eq!((one.bytes, bytes > 0), (bytes, true));
        assert!(again.is_within(1, bytes) && !again.is_within(0, bytes) && !again.is_within(1, bytes - 1));
    }
}
