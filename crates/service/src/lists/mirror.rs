//! Trusted lists fetched from a mirror of the operator's into the directory that is archived: within bounds of size and time, and kept only
//! when they can be read, are whole, are not of before those that are there, and are signed by who signed those or by whom the list of the
//! lists that is there names. What became of the last look is shown by `/readyz`.
//!
//! Deliberately not here: https (a list is signed, and whoever judges it takes nobody else's word), the addresses that lists name, and belief.

use crate::app::{App, locked};
use crate::limits::{
    CLOCK_AHEAD_SECONDS, LISTS_HOURS, LISTS_HOURS_MAX, LISTS_SECONDS, TRUSTED_LISTS, TRUSTED_LISTS_BYTES,
};
use crate::{files, random};
use proof::UnixMillis;
use proof::time::format_rfc3339;
use seal::{ListOutline, RingVerifier, list_may_follow};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use ureq::Agent;

/// Bytes of a list that a verifier reads.
const LIST_BYTES: u64 = seal::limits::LIST_BYTES as u64;

/// `[tsa.lists_mirror]` of the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mirror {
    /// What stands before the names.
    url: String,
    /// Names of lists there, and in the directory.
    files: Vec<String>,
    /// Hours between two looks.
    #[serde(default = "hours")]
    hours: u64,
}

fn hours() -> u64 {
    LISTS_HOURS
}

impl Mirror {
    pub(crate) fn check(&self) -> Result<(), String> {
        if !self.url.starts_with("http://") || !self.url.ends_with('/') {
            return Err(
                "tsa.lists_mirror.url begins with http:// (lists are signed: they need no TLS) and ends with /".into(),
            );
        }
        let plain = |name: &String| {
            let signs = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            !name.is_empty() && !name.starts_with('.') && name.chars().all(signs)
        };
        if self.files.is_empty() || self.files.len() > TRUSTED_LISTS || !self.files.iter().all(plain) {
            return Err(format!(
                "tsa.lists_mirror.files are 1 to {TRUSTED_LISTS} names of letters, digits, point, line and low line"
            ));
        }
        if !(1..=LISTS_HOURS_MAX).contains(&self.hours) {
            return Err(format!("tsa.lists_mirror.hours is 1 to {LISTS_HOURS_MAX}"));
        }
        Ok(())
    }
}

/// The last look: when it ended, and what was not taken, by name.
#[derive(Default)]
pub(crate) struct LastLook(Mutex<Option<(UnixMillis, Vec<String>)>>);

impl LastLook {
    /// For `/readyz`, where a mirror is configured: when it was last looked at, if it was. The reasons are the event log's.
    pub(crate) fn shown(&self) -> Value {
        let last = locked(&self.0);
        let (looked, not_taken) = last.as_ref().map(|(at, refused)| (format_rfc3339(*at), refused)).unzip();
        json!({"looked": looked, "not_taken": not_taken.cloned().unwrap_or_default()})
    }

    fn was(&self, refused: Vec<String>) {
        *locked(&self.0) = Some((random::now(), refused));
    }
}

/// Looks at the start and every so many hours.
pub(crate) async fn run(app: App, mut stop: watch::Receiver<bool>) {
    let tsa = &app.config.tsa;
    let (Some(mirror), Some(directory)) = (&tsa.lists_mirror, &tsa.trusted_lists) else { return };
    let pause = Duration::from_secs(mirror.hours.saturating_mul(3600));
    let directory = app.home.path().join(directory);
    loop {
        let (tell, hear) = oneshot::channel();
        let (mirror, directory) = (mirror.clone(), directory.clone());
        // A thread of its own: the runtime waits for its own threads when it ends, and a fetch that is given up may last.
        let work = move || {
            let _ = tell.send(all(&mirror, &directory));
        };
        if let Err(error) = std::thread::Builder::new().name("lists".into()).spawn(work) {
            tracing::warn!(%error, "trusted lists not looked for");
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            refused = hear => refused.into_iter().for_each(|refused| app.lists.was(refused)),
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Names of those that were not taken.
fn all(mirror: &Mirror, directory: &Path) -> Vec<String> {
    let mut fresh = false;
    let mut refused: Vec<&String> = mirror.files.iter().collect();
    // Once more where something was taken: a new list of the lists may name who signs another from now on.
    for again in [false, true] {
        if again && !fresh {
            break;
        }
        let mut left = Vec::new();
        for name in refused {
            match one(mirror, name, directory) {
                Ok(false) => {}
                Ok(true) => {
                    fresh = true;
                    tracing::info!(%name, "trusted list fetched");
                }
                Err(why) => {
                    tracing::warn!(%name, why, "trusted list not fetched: the one that is there stays");
                    left.push(name);
                }
            }
        }
        refused = left;
    }
    refused.into_iter().cloned().collect()
}

/// Whether the list of this name is another one from now on. Blocks.
fn one(mirror: &Mirror, name: &str, directory: &Path) -> Result<bool, String> {
    let bytes = carry(&format!("{}{name}", mirror.url))?;
    let new = ListOutline::read(&bytes).map_err(|why| format!("{}: {why}", why.code()))?;
    let place = directory.join(name);
    let io = |error: std::io::Error| error.to_string();
    fs::create_dir_all(directory).map_err(io)?;
    let there = files::read_bounded(&place, LIST_BYTES).ok();
    if there.as_deref() == Some(&bytes[..]) {
        return Ok(false);
    }
    // What is there and no list any more is replaced.
    let old = there.and_then(|there| Some((ListOutline::read(&there).ok()?, there)));
    if let Some((old, _)) = &old {
        succeeds(old, &new)?;
    }
    signed_as_before(old.as_ref().map(|(_, there)| there.as_slice()), (&new, &bytes), directory)?;
    of_now(&new, random::seal_now())?;
    let beside = directory.join(format!(".{name}"));
    let mut file = fs::File::create(&beside).map_err(io)?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(io)?;
    // A crash here leaves the old one, and a new one beside it that nobody reads and the next look overwrites.
    fs::rename(&beside, &place).map_err(io)?;
    files::sync_parent(&place).map_err(|error| error.to_string())?;
    Ok(true)
}

/// A list of tomorrow would keep those of today out.
fn of_now(new: &ListOutline, now: seal::UnixMillis) -> Result<(), String> {
    let ahead = i64::try_from(CLOCK_AHEAD_SECONDS * 1000).unwrap_or(0);
    if new.issued.0 > now.0.saturating_add(ahead) {
        return Err(format!("it says that it was issued at {}, which is to come", new.issued));
    }
    Ok(())
}

/// A mirror that fell behind takes nothing away. By the times of issue, which lie in the past: a number too high, by a mistake or by a lie,
/// would be ahead of every list to come.
fn succeeds(old: &ListOutline, new: &ListOutline) -> Result<(), String> {
    if (old.of_lists, &old.territory) != (new.of_lists, &new.territory) {
        return Err(format!("it is a list of {:?}, and that of {:?} is there", new.territory, old.territory));
    }
    if (new.issued, new.sequence) < (old.issued, old.sequence) {
        let ListOutline { issued, sequence, .. } = old;
        return Err(format!("number {} of {}, and number {sequence} of {issued} is there", new.sequence, new.issued));
    }
    Ok(())
}

/// Whoever stands on the way to the mirror can make a list, and none that these sign: who signed the one that is there, and whom the newest
/// list of the lists there names. Where neither is there yet, the first one that comes is taken.
fn signed_as_before(there: Option<&[u8]>, new: (&ListOutline, &[u8]), directory: &Path) -> Result<(), String> {
    let mut central: Option<(ListOutline, Vec<u8>)> = None;
    let all = files::each_plain(directory, TRUSTED_LISTS_BYTES, |_, bytes| {
        let Ok(outline) = ListOutline::read(&bytes) else { return Ok(()) };
        // Former ones are kept beside it, and name those of then.
        let newest = |known: &ListOutline| (known.issued, known.sequence) < (outline.issued, outline.sequence);
        if outline.of_lists && central.as_ref().is_none_or(|(known, _)| newest(known)) {
            central = Some((outline, bytes));
        }
        Ok(())
    });
    all.map_err(|error| error.to_string())?;
    let ((outline, new), central) = (new, central.map(|(_, bytes)| bytes));
    // A list of the lists that comes under another name follows the one that is there, or is not taken: it would be the newest.
    let there = if outline.of_lists { there.or(central.as_deref()) } else { there };
    if there.is_none() && central.is_none() {
        return Ok(());
    }
    list_may_follow(there, new, central.as_deref(), &RingVerifier).map_err(|why| {
        format!(
            "{}: {why}; if its signer changed, put the list there yourself, from a source that you trust",
            why.code()
        )
    })
}

fn carry(url: &str) -> Result<Vec<u8>, String> {
    let config = Agent::config_builder().timeout_global(Some(Duration::from_secs(LISTS_SECONDS))).proxy(None);
    let agent = Agent::new_with_config(config.max_redirects(0).build());
    let mut answer = agent.get(url).call().map_err(|error| error.to_string())?;
    if answer.status() != 200 {
        return Err(format!("status {}", answer.status().as_u16()));
    }
    answer.body_mut().with_config().limit(LIST_BYTES).read_to_vec().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use seal::UnixMillis;

    #[test]
    fn a_list_is_followed_by_one_of_the_same_and_not_of_before() {
        let of = |territory: &str, issued| ListOutline {
            of_lists: false,
            territory: territory.to_owned(),
            // A lie of before is no reason to stay with it.
            sequence: 1_000_000 - issued as u64,
            issued: UnixMillis(issued),
        };
        assert!(succeeds(&of("FR", 7), &of("FR", 8)).is_ok());
        assert!(succeeds(&of("FR", 7), &of("FR", 7)).is_ok());
        assert!(succeeds(&of("FR", 7), &of("FR", 6)).is_err());
        assert!(succeeds(&of("FR", 7), &ListOutline { sequence: 3, ..of("FR", 7) }).is_err());
        assert!(succeeds(&of("FR", 7), &of("BE", 8)).is_err());
        assert!(succeeds(&ListOutline { of_lists: true, ..of("FR", 7) }, &of("FR", 8)).is_err());
    }

    #[test]
    fn a_list_to_come_is_not_taken() {
        let of =
            |issued| ListOutline { of_lists: false, territory: "FR".into(), sequence: 1, issued: UnixMillis(issued) };
        let ahead = CLOCK_AHEAD_SECONDS as i64 * 1000;
        assert!(of_now(&of(1_000 + ahead), UnixMillis(1_000)).is_ok());
        assert!(of_now(&of(1_001 + ahead), UnixMillis(1_000)).is_err());
    }
}
