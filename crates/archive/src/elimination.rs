//! The rules of an elimination (docs/formats/elimination.md): what may be proposed, and whose visa lets it be carried out.
//!
//! Nothing is destroyed here, and nothing is looked up: where each entry stands enters by argument.

use crate::limits::{ELIMINATION_ENTRIES, RULE_BYTES, VISA_WORD_BYTES};
use serde_json::{Value, json};
use std::collections::HashSet;

/// Why an entry may go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// Its period of administrative usefulness (DUA) is over.
    Dua,
    /// Its final disposition (sort final) is destruction.
    SortFinal,
}

impl Reason {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dua => "dua",
            Self::SortFinal => "sort_final",
        }
    }
    fn parse(word: &str) -> Option<Self> {
        [Self::Dua, Self::SortFinal].into_iter().find(|reason| reason.as_str() == word)
    }
}

/// One entry as someone asks for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// Its name.
    pub id: String,
    /// Why.
    pub reason: Reason,
    /// Under which rule, in words.
    pub rule: String,
}

/// Where an entry stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Not an entry of this tenant: there is none, or it is another's.
    Unknown,
    /// An elimination has taken it.
    Eliminated,
    /// A hold keeps it.
    Held,
    /// Administration, an elimination, a journal: it stays.
    Kept,
    /// A deposit or a conversion, in the log.
    Logged {
        /// Place in the log.
        index: u64,
        /// Leaf hash, hexadecimal.
        leaf_hash: String,
    },
}

/// Why an elimination is refused, whole.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum EliminationRefused {
    /// No entry, or too many.
    Count(usize),
    /// This member is missing or is not what it must be.
    Form(String),
    /// Named twice.
    Twice(String),
    /// Not an entry of the tenant.
    Unknown(String),
    /// Eliminated before.
    Eliminated(String),
    /// Under a hold.
    Held(String),
    /// Of a kind that stays.
    Kept(String),
    /// This word of the visa is missing or odd.
    Visa(&'static str),
    /// The visa names another bordereau.
    OtherBordereau,
}

/// What was asked, read: `[{id, reason, rule}]`.
///
/// # Errors
/// `Count`, `Form`, `Twice`.
pub fn read_asked(entries: &Value) -> Result<Vec<Asked>, EliminationRefused> {
    let list = entries.as_array().map(Vec::as_slice).unwrap_or_default();
    if list.is_empty() || list.len() > ELIMINATION_ENTRIES {
        return Err(EliminationRefused::Count(list.len()));
    }
    let mut seen = HashSet::new();
    let read = |(at, entry): (usize, &Value)| {
        let wrong = |member: &str| EliminationRefused::Form(format!("entries[{at}].{member}"));
        let word = |member: &str| entry.get(member).and_then(Value::as_str).ok_or_else(|| wrong(member));
        let id = word("id")?.to_owned();
        let reason = Reason::parse(word("reason")?).ok_or_else(|| wrong("reason"))?;
        let rule = one_line(word("rule")?, RULE_BYTES).ok_or_else(|| wrong("rule"))?;
        if !seen.insert(id.clone()) {
            return Err(EliminationRefused::Twice(id));
        }
        Ok(Asked { id, reason, rule })
    };
    list.iter().enumerate().map(read).collect()
}

/// The bordereau of these entries, in log order.
///
/// # Errors
/// The first entry that may not go; the whole is refused.
pub fn propose(
    tenant: &str,
    asked: &[Asked],
    standing: impl Fn(&str) -> Standing,
) -> Result<Value, EliminationRefused> {
    let mut entries = Vec::with_capacity(asked.len());
    for Asked { id, reason, rule } in asked {
        let (index, leaf_hash) = match standing(id) {
            Standing::Logged { index, leaf_hash } => (index, leaf_hash),
            Standing::Unknown => return Err(EliminationRefused::Unknown(id.clone())),
            Standing::Eliminated => return Err(EliminationRefused::Eliminated(id.clone())),
            Standing::Held => return Err(EliminationRefused::Held(id.clone())),
            Standing::Kept => return Err(EliminationRefused::Kept(id.clone())),
        };
        let entry = json!({
            "id": id, "index": index, "leaf_hash": leaf_hash, "reason": reason.as_str(), "rule": rule,
        });
        entries.push((index, entry));
    }
    entries.sort_by_key(|(index, _)| *index);
    let entries: Vec<Value> = entries.into_iter().map(|(_, entry)| entry).collect();
    Ok(json!({"version": 1, "tenant": tenant, "entries": entries}))
}

/// The visa of the archives' director, over exactly the bordereau of this digest. `latest` is the last day that has begun anywhere.
///
/// # Errors
/// `Visa`: a word is missing or odd, or its day is to come. `OtherBordereau`: it names another.
pub fn check_visa(visa: &Value, proposal_sha256: &str, latest: &str) -> Result<Value, EliminationRefused> {
    let word = |name: &'static str| {
        let given = visa.get(name).and_then(Value::as_str).and_then(|word| one_line(word, VISA_WORD_BYTES));
        given.ok_or(EliminationRefused::Visa(name))
    };
    let (role, date, reference) = (word("role")?, word("date")?, word("reference")?);
    if !is_date(&date) || date.as_str() > latest {
        return Err(EliminationRefused::Visa("date"));
    }
    if word("proposal_sha256")? != proposal_sha256 {
        return Err(EliminationRefused::OtherBordereau);
    }
    Ok(json!({"role": role, "date": date, "reference": reference}))
}

pub(crate) fn one_line(text: &str, limit: usize) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.len() <= limit && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

/// `YYYY-MM-DD`, with a month and a day that can be.
pub(crate) fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let within = |part: Option<&&str>, len: usize, most: u32| {
        let digits = part.filter(|part| part.len() == len && part.bytes().all(|b| b.is_ascii_digit()));
        digits.and_then(|part| part.parse().ok()).is_some_and(|value| (1..=most).contains(&value))
    };
    parts.len() == 3
        && within(parts.first(), 4, 9999)
        && within(parts.get(1), 2, 12)
        && within(parts.get(2), 2, days(&parts))
}

/// Days of the month that these parts name.
fn days(parts: &[&str]) -> u32 {
    let number = |at: usize| parts.get(at).and_then(|part| part.parse::<u32>().ok()).unwrap_or(0);
    let year = number(0);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match number(1) {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(ids: &[&str]) -> Vec<Asked> {
        let entry = |id: &&str| json!({"id": id, "reason": "dua", "rule": "10 ans"});
        read_asked(&ids.iter().map(entry).collect()).unwrap()
    }

    #[test]
    fn what_may_go_is_listed_in_log_order_and_one_that_may_not_refuses_all() {
        let standing = |id: &str| match id {
            "a" => Standing::Logged { index: 9, leaf_hash: "aa".into() },
            "b" => Standing::Logged { index: 3, leaf_hash: "bb".into() },
            "gone" => Standing::Eliminated,
            "held" => Standing::Held,
            "kept" => Standing::Kept,
            _ => Standing::Unknown,
        };
        let bordereau = propose("t", &asked(&["a", "b"]), standing).unwrap();
        assert_eq!((&bordereau["entries"][0]["id"], &bordereau["entries"][1]["index"]), (&json!("b"), &json!(9)));
        type R = EliminationRefused;
        for (id, refusal) in [
            ("gone", R::Eliminated("gone".into())),
            ("held", R::Held("held".into())),
            ("kept", R::Kept("kept".into())),
            ("other", R::Unknown("other".into())),
        ] {
            assert_eq!(propose("t", &asked(&["a", id]), standing), Err(refusal));
        }
    }

    #[test]
    fn a_list_is_bounded_and_read_strictly() {
        let many =
            |count: usize| (0..count).map(|n| json!({"id": n.to_string(), "reason": "dua", "rule": "r"})).collect();
        assert!(read_asked(&many(ELIMINATION_ENTRIES)).is_ok());
        assert_eq!(read_asked(&many(ELIMINATION_ENTRIES + 1)), Err(EliminationRefused::Count(ELIMINATION_ENTRIES + 1)));
        assert_eq!(read_asked(&json!([])), Err(EliminationRefused::Count(0)));
        for wrong in
            [json!({}), json!({"id": "a", "reason": "because", "rule": "r"}), json!({"id": "a", "reason": "dua"})]
        {
            assert!(matches!(read_asked(&json!([wrong])), Err(EliminationRefused::Form(_))));
        }
        let twice = json!({"id": "a", "reason": "dua", "rule": "r"});
        assert_eq!(read_asked(&json!([twice, twice])), Err(EliminationRefused::Twice("a".into())));
    }

    #[test]
    fn a_visa_names_its_bordereau_or_is_none() {
        let visa = json!({"role": "direction des archives", "date": "2026-11-26", "reference": "V/1", "proposal_sha256": "ab"});
        assert!(check_visa(&visa, "ab", "2026-12-31").is_ok());
        assert_eq!(check_visa(&visa, "cd", "2026-12-31"), Err(EliminationRefused::OtherBordereau));
        for name in ["role", "date", "reference", "proposal_sha256"] {
            let mut without = visa.clone();
            without[name] = json!(" ");
            assert_eq!(check_visa(&without, "ab", "2026-12-31"), Err(EliminationRefused::Visa(name)));
        }
        for date in ["2026-13-01", "2026-00-01", "26-11-26", "2026-11-32", "26/11/2026", "2027-01-01"] {
            let mut odd = visa.clone();
            odd["date"] = json!(date);
            assert_eq!(check_visa(&odd, "ab", "2026-12-31"), Err(EliminationRefused::Visa("date")), "{date}");
        }
        assert_eq!(check_visa(&Value::Null, "ab", "2026-12-31"), Err(EliminationRefused::Visa("role")));
    }

    #[test]
    fn only_days_that_there_are_are_dates() {
        for day in ["2026-02-28", "2024-02-29", "2000-02-29", "2026-11-30", "2026-12-31"] {
            assert!(is_date(day), "{day}");
        }
        for day in [
            "2026-02-29",
            "2100-02-29",
            "2026-11-31",
            "2026-04-31",
            "2026-13-01",
            "2026-00-10",
            "2026-1-1",
            "2026-02-30",
        ] {
            assert!(!is_date(day), "{day}");
        }
    }
}
