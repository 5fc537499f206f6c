//! The transcript of a key ceremony becomes an entry: its bytes are a file of an `administration` entry, as those of the first policy are.

use super::logtrouble;
use crate::error::ServiceError;
use crate::files;
use crate::offline;
use serde_json::{Map, json};
use std::path::Path;

/// Most bytes of a transcript.
const TRANSCRIPT_BYTES: u64 = 1 << 20;

/// A transcript as it stands in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recorded {
    /// Id of the entry.
    pub entry: String,
    /// Its index in the log.
    pub index: u64,
    /// SHA-256 of the transcript.
    pub sha256: String,
}

/// The transcript stands in the log of this directory, which nobody serves, whole and under its digest. One that holds a secret of this very
/// directory is refused: what is logged is never taken back.
///
/// # Errors
/// [`ServiceError`]: it is too long, is no text, or holds one of the directory's secrets; the directory does not open.
pub fn ceremony(data: &Path, transcript: &Path) -> Result<Recorded, ServiceError> {
    let text = files::read_text(transcript, TRANSCRIPT_BYTES)?;
    if let Some(secret) = secret_in(data, &text)? {
        return Err(logtrouble::secret_told(transcript, secret).into());
    }
    let sha256 = proof::sha256(text.as_bytes()).to_string();
    let mut facts = Map::new();
    facts.insert("administration".into(), json!("ceremony-held"));
    facts.insert("transcript_sha256".into(), json!(sha256));
    let receipt = offline::with_office(data, |office| {
        let file = office.file("ceremony.txt", "text/plain; charset=utf-8", text.as_bytes())?;
        office.log_with(facts, vec![file], Vec::new(), None)
    })?;
    Ok(Recorded { entry: receipt.id.to_string(), index: receipt.index.0, sha256 })
}

/// The name of a secret of this directory that stands in the text, as it is written in its file.
fn secret_in(data: &Path, text: &str) -> Result<Option<&'static str>, ServiceError> {
    let lower = text.to_lowercase();
    for name in ["master.key", "log.key", "log.key.next", "admin.token"] {
        let path = data.join(name);
        if !path.exists() {
            continue;
        }
        let held = zeroize::Zeroizing::new(files::read_private(&path)?);
        let held = zeroize::Zeroizing::new(String::from_utf8_lossy(&held).trim().to_lowercase());
        if !held.is_empty() && lower.contains(held.as_str()) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}
