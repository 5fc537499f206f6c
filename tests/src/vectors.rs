//! Conformance vectors: what another implementation must accept, and refuse for exactly one reason. `tests/vectors/README.md`
//! says how they are read. Everything is drawn from fixed seeds, keys and times, so that writing them again gives the same
//! bytes; only the tokens of an authority, which nobody can make twice, are kept and read back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

#[path = "vectors/cosignature.rs"]
mod cosignature;
#[path = "vectors/entry.rs"]
mod entry;
#[path = "vectors/judge.rs"]
pub mod judge;
#[path = "vectors/pack.rs"]
mod pack;
#[path = "vectors/register.rs"]
mod register;
#[path = "vectors/tlog_proof.rs"]
mod tlog_proof;
#[path = "vectors/witness.rs"]
mod witness;

/// What the head of every file says.
pub const SCHEMA: &str = "tabellion-vectors/1";

/// Files by their path below the folder of vectors.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The folder of the repository.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

/// Every file of every family, as the builders of this tree make it; tokens are read from the folder.
///
/// # Errors
/// Tokens missing, or made for other records than today's.
pub fn all(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    for (family, specifications, vectors) in [
        ("entry", &entry::SPECIFICATIONS[..], entry::vectors()),
        ("tlog-proof", &tlog_proof::SPECIFICATIONS[..], tlog_proof::vectors()),
        ("cosignature", &cosignature::SPECIFICATIONS[..], cosignature::vectors()),
        ("witness", &witness::SPECIFICATIONS[..], witness::vectors()),
        ("register", &register::SPECIFICATIONS[..], register::vectors(folder)?),
        ("pack", &pack::SPECIFICATIONS[..], pack::vectors(folder, &mut files)?),
    ] {
        files.insert(format!("{family}.json"), head(family, specifications, vectors));
    }
    Ok(files)
}

fn head(family: &str, specifications: &[&str], vectors: Vec<Value>) -> Vec<u8> {
    let file = json!({"schema": SCHEMA, "family": family, "licence": "Apache-2.0", "specifications": specifications, "vectors": vectors});
    let mut bytes = serde_json::to_vec_pretty(&file).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// Writes every file; with `new_tokens` an authority is made anew first, and its tokens with it.
///
/// # Errors
/// As [`all`]; files that cannot be written.
pub fn write(folder: &Path, new_tokens: bool) -> Result<usize> {
    if new_tokens {
        put(folder, &pack::new_tokens())?;
        put(folder, &register::new_registers())?;
    }
    let files = all(folder)?;
    put(folder, &files)?;
    Ok(files.len())
}

fn put(folder: &Path, files: &Files) -> Result<()> {
    for (name, bytes) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(folder)).context(name.clone())?;
        std::fs::write(&path, bytes).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

/// The vectors of a family, as they stand in the folder.
///
/// # Errors
/// No such file, not JSON, another schema.
pub fn read(folder: &Path, family: &str) -> Result<Vec<Value>> {
    let path = folder.join(format!("{family}.json"));
    let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
    let file: Value = serde_json::from_slice(&bytes).context("JSON")?;
    ensure!(file["schema"] == SCHEMA && file["family"] == family, "{} is of another schema", path.display());
    file["vectors"].as_array().cloned().context("no vectors")
}

/// One vector: its name, its one fault (none: it must be accepted), what must be said of it, and what it is made of.
fn vector(name: &str, fault: Option<&str>, expected: Value, parts: Value) -> Value {
    let mut all = json!({"name": name, "fault": fault, "expected": expected});
    if let (Some(all), Value::Object(parts)) = (all.as_object_mut(), parts) {
        all.extend(parts);
    }
    all
}
