//! Bytes of refused deposits, kept some days outside the log for the sender to look at: encrypted, never served as archives.
//!
//! `refused/<id>/<n>`: file `n` from 1, and 0 for what was found. Chunks of AES-256-GCM under a key that the vault derives
//! from the tenant, the id and the number; nothing there outlives the days configured.

mod cipher;

use super::SpooledFile;
use crate::app::App;
use crate::{files, journal, random};
use flow::seda::reply::Replies;
use proof::{EntryId, TenantId};
use serde_json::json;
use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

const DAY: u64 = 24 * 3600;
const DOMAIN: &str = "refused";

/// What was found, and what a transfer of SEDA is answered.
#[derive(Clone, Copy)]
pub(crate) struct Found<'a> {
    pub(crate) findings: &'a [flow::Finding],
    pub(crate) replies: Option<&'a Replies>,
}

/// What is kept of a refused deposit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// What was found, and the bytes.
    Bytes,
    /// What was found: the bytes are not to be handed to anybody.
    Findings,
}

/// Keeps what was refused and says under which name. A failure to keep is logged: the refusal stands.
pub(crate) fn keep(
    app: &App,
    tenant: TenantId,
    found: Found<'_>,
    (spooled, kept): (&[SpooledFile], Keep),
) -> Option<EntryId> {
    let id = EntryId(random::bytes().ok()?);
    let first = found.findings.iter().find(|f| f.severity == flow::Severity::Refusal).map(|f| f.code);
    tracing::info!(%tenant, refusal = %id, code = first, files = spooled.len(), "deposit refused");
    let said = [("refusal", json!(id.to_string())), ("code", json!(first)), ("files", json!(spooled.len()))];
    app.journal.note(tenant, "deposit-refused", journal::facts(said));
    if app.config.refused.days == 0 {
        return None;
    }
    match write(app, tenant, id, found, (spooled, kept)) {
        Ok(()) => Some(id),
        Err(error) => {
            tracing::warn!(refusal = %id, %error, "refused bytes not kept");
            None
        }
    }
}

fn write(
    app: &App,
    tenant: TenantId,
    id: EntryId,
    found: Found<'_>,
    (spooled, kept): (&[SpooledFile], Keep),
) -> io::Result<()> {
    let directory = app.home.refused().join(id.to_string());
    files::make_private_directory(&directory).map_err(io::Error::other)?;
    let french = crate::language::Language::French;
    let mut report = json!({
        "id": id.to_string(),
        "tenant": tenant.to_string(),
        "at": proof::time::format_rfc3339(random::now()),
        "findings": found.findings.iter().map(|f| crate::problem::finding_json(f, french)).collect::<Vec<_>>(),
        "files": spooled.iter().map(|f| json!({
            "name": String::from_utf8_lossy(&f.name),
            "size": f.spooled.size,
            "sha256": f.spooled.sha256.to_string(),
        })).collect::<Vec<_>>(),
    });
    if let Some(replies) = found.replies {
        let text = |bytes: &[u8]| json!(String::from_utf8_lossy(bytes));
        report["replies"] = json!({"acknowledgement": text(&replies.acknowledgement), "reply": text(&replies.reply)});
    }
    let put = |number: usize, bytes: &mut dyn Read| {
        let key = key(app, tenant, id, number);
        cipher::write(&directory.join(number.to_string()), &key, bytes)
    };
    put(0, &mut report.to_string().as_bytes())?;
    let bytes = if kept == Keep::Bytes { spooled } else { &[] };
    for (at, file) in bytes.iter().enumerate() {
        let held = app.refused_bytes.fetch_add(file.spooled.size, Ordering::Relaxed);
        if held + file.spooled.size > app.config.refused.bytes {
            return Err(io::Error::other("refused.bytes is reached; only what was found is kept"));
        }
        put(at + 1, &mut file.spooled.open().map_err(io::Error::other)?)?;
    }
    Ok(())
}

/// Plaintext of file `number` of a refusal of this tenant; 0 is what was found. `None` when there is none.
pub(crate) fn read(app: &App, tenant: TenantId, id: EntryId, number: usize) -> Option<Vec<u8>> {
    let path = app.home.refused().join(id.to_string()).join(number.to_string());
    // Another tenant's key opens nothing: what does not decrypt is not there.
    cipher::read(&path, &key(app, tenant, id, number)).ok()
}

fn key(app: &App, tenant: TenantId, id: EntryId, number: usize) -> [u8; 32] {
    let mut value = id.0.to_vec();
    value.extend_from_slice(&(number as u64).to_be_bytes());
    app.vault().lookup(tenant, DOMAIN, &value)
}

/// Removes what is older than the days configured, and counts what is left. Blocks.
pub(crate) fn purge(app: &App) {
    let keep = Duration::from_secs(app.config.refused.days.saturating_mul(DAY));
    let mut left = 0u64;
    for directory in directories(app) {
        let modified = fs::metadata(&directory).and_then(|meta| meta.modified());
        let age = modified.ok().and_then(|at| SystemTime::now().duration_since(at).ok());
        if age.is_some_and(|age| age > keep) {
            match fs::remove_dir_all(&directory) {
                Ok(()) => tracing::info!(refusal = %directory.display(), "refused bytes removed"),
                Err(error) => tracing::warn!(%error, "refused bytes not removed"),
            }
        } else {
            let files = fs::read_dir(&directory).into_iter().flatten().flatten();
            left += files.filter_map(|file| file.metadata().ok()).map(|meta| meta.len()).sum::<u64>();
        }
    }
    app.refused_bytes.store(left, Ordering::Relaxed);
}

fn directories(app: &App) -> Vec<PathBuf> {
    fs::read_dir(app.home.refused()).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}
