//! A backup of a directory, served or not: the command copies, a server is only asked how far its store goes.

use std::path::PathBuf;
use std::time::Duration;

use clap::ArgMatches;
use serde_json::json;
use service::ServiceError;
use service::backup::{BackupOptions, Cut, Taken};

use super::refusal::{place, refused};
use super::{print, print_json, wants_json};
use crate::client::{self, Client};
use crate::exit;
use crate::failure::{Failure, Outcome};
use crate::lang::Lang;

/// The code of a server that asks to come back: an elimination replaces files.
const BUSY: &str = "busy";

/// 0 when the backup stands, 4 when an earlier one beside it is not sound.
pub fn run(lang: Lang, matches: &ArgMatches) -> Outcome {
    let data = client::needed_data(lang, matches)?;
    let days = |name| matches.get_one::<u64>(name).map(|days| Duration::from_secs(days.saturating_mul(24 * 3600)));
    let keys = matches.get_one::<PathBuf>("keys").cloned().zip(days("keys-days"));
    let to = place(lang, matches, "to")?;
    let options = BackupOptions { data, to, keep: days("keep-days"), keys };
    let done =
        if client::is_served(&options.data) { served(lang, matches, &options)? } else { unserved(lang, &options)? };
    told(lang, matches, &done)
}

fn unserved(lang: Lang, options: &BackupOptions) -> Result<Taken, Failure> {
    let done = service::backup::offline(&options.data, |ask| service::backup::backup(options, ask));
    done.map_err(|error| refused(lang, &error))
}

/// What the server could not say is the failure to show, not the backup's.
fn served(lang: Lang, matches: &ArgMatches, options: &BackupOptions) -> Result<Taken, Failure> {
    let client = Client::of(lang, matches)?;
    let mut failed = None;
    let mut ask = || {
        let answer = client
            .read("/v1/backup/cut", &[])
            .and_then(|answer| serde_json::from_value::<Cut>(answer).map_err(|_| Failure::answer(lang, "segments")));
        match answer {
            Ok(cut) => Ok(Some(cut)),
            Err(failure) if failure.code == BUSY => Ok(None),
            Err(failure) => {
                let said = ServiceError::Read(failure.code.clone());
                failed = Some(failure);
                Err(said)
            }
        }
    };
    let done = service::backup::backup(options, &mut ask);
    match (done, failed) {
        (Ok(done), _) => Ok(done),
        (Err(_), Some(failure)) => Err(failure),
        (Err(error), None) => Err(refused(lang, &error)),
    }
}

fn told(lang: Lang, matches: &ArgMatches, done: &Taken) -> Outcome {
    let keys = done.keys.as_ref().map(|place| place.display().to_string());
    if wants_json(matches) {
        print_json(&json!({
            "backup": done.name, "commit": done.commit, "size": done.size, "objects": done.objects, "bytes": done.bytes,
            "sent": done.sent, "sent_bytes": done.sent_bytes, "removed": done.removed,
            "removed_objects": done.removed_objects, "keys": keys, "unsound": done.unsound,
        }))?;
    } else {
        let counts = [
            ("name", done.name.clone()),
            ("size", done.size.to_string()),
            ("objects", done.objects.to_string()),
            ("bytes", done.bytes.to_string()),
            ("sent", done.sent.to_string()),
            ("sent_bytes", done.sent_bytes.to_string()),
            ("removed", done.removed.to_string()),
        ];
        print(&lang.fill("said.backup", &counts.each_ref().map(|(name, value)| (*name, value.as_str()))))?;
        match keys {
            Some(place) => print(&lang.fill("said.backup.keys", &[("place", &place)]))?,
            None => print(lang.text("said.backup.no-keys"))?,
        };
        for name in &done.unsound {
            print(&lang.fill("said.backup.unsound", &[("name", name)]))?;
        }
    }
    Ok(if done.unsound.is_empty() { exit::DONE } else { exit::WARNED })
}
