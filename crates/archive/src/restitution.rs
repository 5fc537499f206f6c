//! The rules of a restitution (docs/formats/restitution.md): which entries may be said to be handed over, to whom, and on whose decision.
//!
//! It removes nothing: what is handed over stays until an elimination takes it. Nothing is looked up here: where each entry stands enters
//! by argument.

use crate::elimination::{Standing, is_date, one_line};
use crate::limits::{RESTITUTION_ENTRIES, RESTITUTION_TO_BYTES, VISA_WORD_BYTES};
use serde_json::{Value, json};
use std::collections::HashSet;

/// What was handed over, as an archivist says it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Handover {
    /// Names of the entries.
    pub entries: Vec<String>,
    /// To whom: the originating service, or who comes after it.
    pub to: String,
    /// When, `YYYY-MM-DD`: the archivist's word.
    pub handed: String,
    /// On whose decision: `role`, `date`, `reference`.
    pub decision: Value,
}

/// Why a restitution is refused, whole.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum RestitutionRefused {
    /// No entry, or too many.
    Count(usize),
    /// This member is missing, is not what it must be, or is none.
    Form(String),
    /// This day is to come: what is said to be done is not.
    ToCome(String),
    /// Named twice.
    Twice(String),
    /// Not an entry of the tenant.
    Unknown(String),
    /// An elimination has taken it: there is nothing left to hand over.
    Eliminated(String),
    /// Under a hold.
    Held(String),
    /// Of a kind that stays.
    Kept(String),
}

/// What was asked, read: `{entries: [id], to, handed, decision: {role, date, reference}}`, and a `document`, which is the caller's to read. `latest`
/// is the last day that has begun anywhere.
///
/// # Errors
/// `Count`, `Form`, `ToCome`, `Twice`.
pub fn read_handover(asked: &Value, latest: &str) -> Result<Handover, RestitutionRefused> {
    let wrong = |member: &str| RestitutionRefused::Form(member.to_owned());
    known(asked, &["entries", "to", "handed", "decision", "document"], "")?;
    known(&asked["decision"], &["role", "date", "reference"], "decision.")?;
    let list = asked["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    if list.is_empty() || list.len() > RESTITUTION_ENTRIES {
        return Err(RestitutionRefused::Count(list.len()));
    }
    let mut seen = HashSet::new();
    let read = |(at, id): (usize, &Value)| {
        let id = id.as_str().ok_or_else(|| wrong(&format!("entries[{at}]")))?.to_owned();
        if seen.insert(id.clone()) { Ok(id) } else { Err(RestitutionRefused::Twice(id)) }
    };
    let entries = list.iter().enumerate().map(read).collect::<Result<_, _>>()?;
    let word = |value: &Value, limit, name: &str| {
        value.as_str().and_then(|word| one_line(word, limit)).ok_or_else(|| wrong(name))
    };
    let date = |value: &Value, name: &str| {
        let day = word(value, 10, name)?;
        match is_date(&day) {
            // Days of four, two and two digits: their order is that of their texts.
            true if day.as_str() <= latest => Ok(day),
            true => Err(RestitutionRefused::ToCome(name.to_owned())),
            false => Err(wrong(name)),
        }
    };
    let of = &asked["decision"];
    Ok(Handover {
        entries,
        to: word(&asked["to"], RESTITUTION_TO_BYTES, "to")?,
        handed: date(&asked["handed"], "handed")?,
        decision: json!({
            "role": word(&of["role"], VISA_WORD_BYTES, "decision.role")?,
            "date": date(&of["date"], "decision.date")?,
            "reference": word(&of["reference"], VISA_WORD_BYTES, "decision.reference")?,
        }),
    })
}

/// A member that nobody knows could be a slip that says less than was meant.
fn known(value: &Value, names: &[&str], within: &str) -> Result<(), RestitutionRefused> {
    let members = value.as_object().into_iter().flat_map(serde_json::Map::keys);
    match members.into_iter().find(|name| !names.contains(&name.as_str())) {
        Some(other) => Err(RestitutionRefused::Form(format!("{within}{other}"))),
        None => Ok(()),
    }
}

/// The entries as the log names them, in its order: `id`, `index`, `leaf_hash`.
///
/// # Errors
/// The first entry that may not be handed over; the whole is refused.
pub fn restituted(ids: &[String], standing: impl Fn(&str) -> Standing) -> Result<Vec<Value>, RestitutionRefused> {
    type R = RestitutionRefused;
    let mut entries = Vec::with_capacity(ids.len());
    for id in ids {
        match standing(id) {
            Standing::Logged { index, leaf_hash } => {
                entries.push((index, json!({"id": id, "index": index, "leaf_hash": leaf_hash})));
            }
            Standing::Unknown => return Err(R::Unknown(id.clone())),
            Standing::Eliminated => return Err(R::Eliminated(id.clone())),
            Standing::Held => return Err(R::Held(id.clone())),
            Standing::Kept => return Err(R::Kept(id.clone())),
        }
    }
    entries.sort_by_key(|(index, _)| *index);
    Ok(entries.into_iter().map(|(_, entry)| entry).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Value {
        json!({
            "entries": ["b", "a"], "to": "Commune d'essai", "handed": "2026-11-30",
            "decision": {"role": "direction des archives", "date": "2026-11-26", "reference": "R/1"},
        })
    }

    #[test]
    fn what_is_handed_over_is_read_strictly() {
        let read = read_handover(&asked(), "2026-11-30").unwrap();
        assert_eq!((read.to.as_str(), read.handed.as_str()), ("Commune d'essai", "2026-11-30"));
        assert_eq!(read.decision, asked()["decision"]);
        let wrong = |pointer: &str, value: Value| {
            let mut asked = asked();
            *asked.pointer_mut(pointer).unwrap() = value;
            read_handover(&asked, "2026-11-30")
        };
        type R = RestitutionRefused;
        let form = |name: &str| Err(R::Form(name.into()));
        for (pointer, name) in [
            ("/to", "to"),
            ("/handed", "handed"),
            ("/decision/role", "decision.role"),
            ("/decision/date", "decision.date"),
        ] {
            assert_eq!(wrong(pointer, json!(" ")), form(name));
            assert_eq!(wrong(pointer, Value::Null), form(name));
        }
        assert_eq!(wrong("/handed", json!("2026-13-01")), form("handed"));
        assert_eq!(wrong("/handed", json!("2026-12-01")), Err(R::ToCome("handed".into())));
        assert_eq!(wrong("/decision/date", json!("2027-01-01")), Err(R::ToCome("decision.date".into())));
        assert_eq!(wrong("/to", json!("a\nb")), form("to"));
        assert_eq!(wrong("/decision", Value::Null), form("decision.role"));
        assert_eq!(wrong("/entries", json!([])), Err(R::Count(0)));
        assert_eq!(wrong("/entries", json!(["a", 1])), form("entries[1]"));
        assert_eq!(wrong("/entries", json!(["a", "a"])), Err(R::Twice("a".into())));
        let many = |count: usize| (0..count).map(|n| json!(n.to_string())).collect();
        assert!(wrong("/entries", many(RESTITUTION_ENTRIES)).is_ok());
        assert_eq!(wrong("/entries", many(RESTITUTION_ENTRIES + 1)), Err(R::Count(RESTITUTION_ENTRIES + 1)));
        let mut slip = asked();
        slip["entrees"] = json!(["c"]);
        assert_eq!(read_handover(&slip, "2026-11-30"), form("entrees"));
        let mut slip = asked();
        slip["decision"]["ref"] = json!("R/2");
        assert_eq!(read_handover(&slip, "2026-11-30"), form("decision.ref"));
    }

    #[test]
    fn entries_are_named_in_log_order_and_one_that_may_not_refuses_all() {
        let standing = |id: &str| match id {
            "a" => Standing::Logged { index: 9, leaf_hash: "aa".into() },
            "b" => Standing::Logged { index: 3, leaf_hash: "bb".into() },
            "gone" => Standing::Eliminated,
            "held" => Standing::Held,
            "kept" => Standing::Kept,
            _ => Standing::Unknown,
        };
        let of = |ids: &[&str]| restituted(&ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>(), standing);
        let both = of(&["a", "b"]).unwrap();
        assert_eq!((&both[0]["id"], &both[1]["index"], &both[1]["leaf_hash"]), (&json!("b"), &json!(9), &json!("aa")));
        type R = RestitutionRefused;
        for (id, why) in [
            ("gone", R::Eliminated("gone".into())),
            ("held", R::Held("held".into())),
            ("kept", R::Kept("kept".into())),
            ("other", R::Unknown("other".into())),
        ] {
            assert_eq!(of(&["a", id]), Err(why));
        }
    }
}
