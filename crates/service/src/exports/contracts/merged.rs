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
    /// As JSON, by number.
    modifications: BTreeMap<u64, String>,
}

/// The contracts of a tenant, each once.
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
    /// A contract, told later than all before it: it stands here now, and its modifications go before others of their numbers.
    pub(super) fn take(&mut self, place: Place, rank: usize, contract: &EssentialContract) {
        let new = || Kept { place, rank, modifications: BTreeMap::new() };
        let kept = self.kept.entry(name(contract)).or_insert_with(new);
        (kept.place, kept.rank) = (place, rank);
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

    #[test]
    fn a_contract_stands_where_it_was_told_last_with_what_was_told_of_it_anywhere() {
        let mut merged = Merged::default();
        let told = [contract("a", &[(2, "old"), (1, "x")]), contract("a", &[(3, "y"), (2, "new")]), contract("b", &[])];
        for (index, one) in (1..).zip(&told) {
            merged.take(place(index), 1, one);
        }
        assert_eq!(merged.files(false), [place(3), place(2)]);
        assert_eq!(merged.files(true), []);
        assert!(merged.whole(place(1), 1, told[0].clone()).is_none(), "told again since");
        assert!(merged.whole(place(2), 2, told[1].clone()).is_none(), "another of the same file");
        let whole = merged.whole(place(2), 1, told[1].clone()).unwrap().unwrap();
        let days: Vec<_> =
            whole["modifications"].as_array().unwrap().iter().map(|one| &one["modification"]["day"]).collect();
        assert_eq!(days, ["x", "new", "y"]);
        assert_eq!(merged.whole(place(3), 1, told[2].clone()).unwrap().unwrap(), json!({"id": "b"}));
    }

    #[test]
    fn what_is_kept_is_counted_and_bounded() {
        let mut merged = Merged::default();
        merged.take(place(1), 1, &contract("a", &[(1, "x")]));
        let bytes = merged.bytes;
        // Told again, it takes no more room.
        merged.take(place(2), 1, &contract("a", &[(1, "y")]));
        assert_eq!((merged.bytes, bytes > 0), (bytes, true));
        assert!(merged.is_within(1, bytes) && !merged.is_within(0, bytes) && !merged.is_within(1, bytes - 1));
    }
}
