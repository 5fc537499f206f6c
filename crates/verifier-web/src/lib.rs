//! The verifier for a page in a browser: bytes of a pack and of a policy in, the command's own JSON out, in both languages.
//!
//! A document's way ends here for whoever installs nothing. The page writes pack and policy where [`room`] says, calls [`judge`],
//! and reads what [`answer`] points to; it makes a new instance for each judgement, so nothing is left of the one before.
//!
//! Deliberately not here: any import. The module is given no function of the browser at all, hence no network, clock, randomness
//! or storage (a build that came to need one would not link, and a test reads the finished module's imports); no glue made by
//! a tool; no judgement (`verifier`), and no words of its own (`tabellion-verify`). There is no unsafe block: what the lint is
//! lifted for is the four exported names.

use std::sync::{Mutex, MutexGuard, PoisonError};

use proof::UnixMillis;
use serde_json::{Value, json};
use tabellion_verify::{pack_too_large, read_policy, status_word, to_json};
use verifier::{Lang, Status, Verdict};

/// The exit code of the command when a policy is none.
const USAGE: u8 = 2;

/// What lies on the table: what the page gave, and what is said of it.
struct Table {
    given: Vec<u8>,
    pack_bytes: usize,
    said: Vec<u8>,
}

static TABLE: Mutex<Table> = Mutex::new(Table { given: Vec::new(), pack_bytes: 0, said: Vec::new() });

fn table() -> MutexGuard<'static, Table> {
    TABLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Room for a pack, then a policy, of so many bytes; the page writes them there before it calls anything else.
#[unsafe(no_mangle)]
pub extern "C" fn room(pack: usize, policy: usize) -> *mut u8 {
    let mut table = table();
    table.given = vec![0; pack.saturating_add(policy)];
    table.pack_bytes = pack;
    table.given.as_mut_ptr()
}

/// Judges what lies in the [`room`] at this moment, in milliseconds since 1970: by the policy there, or by none when
/// `with_policy` is 0. Returns the length of the [`answer`].
#[unsafe(no_mangle)]
pub extern "C" fn judge(at: u64, with_policy: u32) -> usize {
    let mut table = table();
    let (pack, policy) = table.given.split_at(table.pack_bytes.min(table.given.len()));
    let said = said(pack, (with_policy != 0).then_some(policy), UnixMillis(at)).to_string();
    table.said = said.into_bytes();
    table.said.len()
}

/// The same for a pack that is too large to be given. Returns the length of the [`answer`], or 0 when it is not too large.
#[unsafe(no_mangle)]
pub extern "C" fn refuse(pack: u64, at: u64) -> usize {
    let mut table = table();
    let fits = pack <= verifier::limits::PACK_BYTES;
    table.said = if fits { Vec::new() } else { both(&pack_too_large(pack, UnixMillis(at))).to_string().into_bytes() };
    table.said.len()
}

/// Where the answer lies: JSON, `{fr, en, words}` with a verdict (docs/formats/verdict.md) in each language and the words of a
/// status, or `{refused: {fr, en}, exit_code}` when the policy is none.
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> *const u8 {
    table().said.as_ptr()
}

/// What is said of a pack under a policy.
fn said(pack: &[u8], policy: Option<&[u8]>, at: UnixMillis) -> Value {
    match policy.map(read_policy).transpose() {
        Ok(policy) => both(&verifier::verify_pack(pack, policy.as_ref(), at)),
        Err(why) => json!({
            "refused": {
                "fr": format!("Cette politique est refusée ({why}) : rien n'est jugé."),
                "en": format!("This policy is refused ({why}): nothing is judged."),
            },
            "exit_code": USAGE,
        }),
    }
}

fn both(verdict: &Verdict) -> Value {
    const ALL: [Status; 5] = [Status::Passed, Status::Failed, Status::Indeterminate, Status::Recorded, Status::Absent];
    let words = |lang| -> serde_json::Map<String, Value> {
        ALL.iter().map(|status| (status.as_str().to_owned(), status_word(*status, lang).into())).collect()
    };
    json!({
        "fr": to_json(verdict, Lang::French), "en": to_json(verdict, Lang::English),
        "words": {"fr": words(Lang::French), "en": words(Lang::English)},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACK: &[u8] = include_bytes!("../../verifier/tests/golden/v1.asice");
    const POLICY: &[u8] = include_bytes!("../../verifier/tests/golden/policy.json");
    /// A moment after the frozen pack's seal.
    const AT: u64 = 1_800_000_000_000;

    /// A page has a table of its own; here there is one for all tests, taken in turns.
    fn alone() -> MutexGuard<'static, ()> {
        static ONE: Mutex<()> = Mutex::new(());
        ONE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the page does, with the table where the page has memory.
    fn through_the_door(pack: &[u8], policy: Option<&[u8]>) -> Value {
        let _alone = alone();
        let given = [pack, policy.unwrap_or_default()].concat();
        room(pack.len(), given.len() - pack.len());
        table().given.copy_from_slice(&given);
        let length = judge(AT, policy.is_some().into());
        let table = table();
        assert_eq!((table.said.len(), table.said.as_ptr()), (length, table.said.as_ptr()));
        serde_json::from_slice(&table.said).unwrap()
    }

    #[test]
    fn the_page_says_what_the_command_says_in_both_languages() {
        let policy = read_policy(POLICY).unwrap();
        let verdict = verifier::verify_pack(PACK, Some(&policy), UnixMillis(AT));
        let said = through_the_door(PACK, Some(POLICY));
        assert_eq!(said["fr"], to_json(&verdict, Lang::French));
        assert_eq!(said["en"], to_json(&verdict, Lang::English));
        assert_eq!(said["fr"]["verdict"], "PASSED-TIMESTAMPED");
        assert_eq!(
            (&said["words"]["fr"]["failed"], &said["words"]["en"]["absent"]),
            (&"REFUSÉ".into(), &"absent".into())
        );
    }

    #[test]
    fn a_pack_altered_empty_or_without_policy_never_passes() {
        let mut altered = PACK.to_vec();
        let at = altered.windows(4).position(|bytes| bytes == b"%PDF").unwrap();
        altered[at] ^= 1;
        for (pack, policy, verdict) in [
            (&altered[..], Some(POLICY), "FAILED"),
            (b"", Some(POLICY), "INDETERMINATE"),
            (PACK, None, "INDETERMINATE"),
        ] {
            assert_eq!(through_the_door(pack, policy)["fr"]["verdict"], verdict);
        }
    }

    #[test]
    fn a_policy_that_is_none_is_refused_and_nothing_judged() {
        for policy in [&b""[..], b"{}", br#"{"version":1,"version":1}"#] {
            let said = through_the_door(PACK, Some(policy));
            assert!(said["fr"].is_null() && said["exit_code"] == 2, "{said}");
            assert!(said["refused"]["fr"].as_str().unwrap().contains("refusée"));
        }
    }

    #[test]
    fn only_what_is_too_large_is_refused_unread() {
        let _alone = alone();
        let most = verifier::limits::PACK_BYTES;
        assert_eq!(refuse(most, AT), 0);
        assert!(refuse(most + 1, AT) > 0);
        let said: Value = serde_json::from_slice(&table().said).unwrap();
        assert_eq!(said["en"]["reason"], "pack-too-large");
    }
}
