//! What the legal command says, for whoever must say the same: the policy as it is read, the JSON form of a verdict, the words
//! of a status.
//!
//! A document's way ends in the command beside this, or in the page for a browser; what both print stands here once.
//!
//! Deliberately not here: any judgement (`verifier`), files, clock and locale (the command's), and any guest of the command's:
//! without the feature `command` this stands on the verifier alone.

mod json;

pub use json::to_json;

use proof::UnixMillis;
use serde_json::Value;
use verifier::{Case, Lang, Policy, Status, Verdict};

/// The policy these bytes state; a text with a name twice in one object is none.
///
/// # Errors
/// Why it is refused, in a few words.
pub fn read_policy(bytes: &[u8]) -> Result<Policy, String> {
    if !says_each_thing_once(bytes) {
        return Err("a name stands twice in one object".to_owned());
    }
    Policy::parse(bytes).map_err(|why| why.to_string())
}

/// No object lists a name twice, of which a reader keeps one: there are as many members read as colons outside strings.
fn says_each_thing_once(json: &[u8]) -> bool {
    fn members(value: &Value) -> usize {
        match value {
            Value::Object(map) => map.len() + map.values().map(members).sum::<usize>(),
            Value::Array(items) => items.iter().map(members).sum(),
            _ => 0,
        }
    }
    let (mut inside, mut escaped, mut colons) = (false, false, 0);
    for byte in json {
        match byte {
            b'"' if !escaped => inside = !inside,
            b':' if !inside => colons += 1,
            _ => {}
        }
        escaped = inside && !escaped && *byte == b'\\';
    }
    // What is no JSON at all is told by who reads it.
    serde_json::from_slice(json).map_or(true, |value: Value| members(&value) == colons)
}

/// The verdict on a pack of so many bytes, more than [`verifier::limits::PACK_BYTES`]: not judged.
pub fn pack_too_large(bytes: u64, at: UnixMillis) -> Verdict {
    let mut case = Case::new(None, at);
    case.say("pack-too-large", "", bytes);
    case.verdict.conclude("format", "")
}

/// A status as people read it.
pub fn status_word(status: Status, lang: Lang) -> &'static str {
    match (status, lang) {
        (Status::Passed, Lang::French) => "conforme",
        (Status::Failed, Lang::French) => "REFUSÉ",
        (Status::Indeterminate, Lang::French) => "indéterminé",
        (Status::Recorded, Lang::French) => "relevé",
        (Status::Absent, Lang::French) => "absent",
        (Status::Failed, Lang::English) => "FAILED",
        (other, Lang::English) => other.as_str(),
    }
}
