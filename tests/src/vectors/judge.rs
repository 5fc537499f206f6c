//! What the product says of a vector, in the words of the vectors.

use std::path::Path;

use anyhow::{Context, Result, bail};
use proof::leaf::entry_leaf;
use proof::merkle::root;
use proof::note::NoteError;
use proof::time::parse_rfc3339;
use proof::{
    Checkpoint, Index, Sha256Tree, Sha512Tree, SignedNote, TlogProof, TreeAlgorithm, TreeSize, UnixMillis, sha256,
    sha512,
};
use serde_json::{Map, Value, json};
use verifier::{NamedDigest, Overall, Policy, ReceiptInput, Verdict, verify_pack, verify_receipt};

use watch::{Cosigned, CosignerKey, TlogPolicy};

use super::tlog_proof::{ORIGIN, key};
use crate::world::JUDGED;

/// What the product says of this vector; files are read from the folder.
///
/// # Errors
/// A vector without one of its parts.
pub fn judge(folder: &Path, family: &str, vector: &Value) -> Result<Value> {
    match family {
        "entry" => entry(vector),
        "tlog-proof" => tlog_proof(vector),
        "cosignature" => cosignature(vector),
        "pack" => pack(folder, vector),
        other => bail!("no family is called {other}"),
    }
}

fn text<'a>(vector: &'a Value, part: &str) -> Result<&'a str> {
    vector[part].as_str().with_context(|| format!("no {part}"))
}

fn texts(vector: &Value, part: &str) -> Result<Vec<Vec<u8>>> {
    let all = vector[part].as_array().with_context(|| format!("no {part}"))?;
    Ok(all.iter().map(|text| text.as_str().unwrap_or_default().as_bytes().to_vec()).collect())
}

fn said(verdict: &Verdict) -> Map<String, Value> {
    let word = match verdict.verdict {
        Overall::PassedTimestamped | Overall::PassedLogOnly => "valid",
        Overall::Failed => "invalid",
        _ => "cannot-tell",
    };
    json!({"verdict": word, "code": verdict.reason}).as_object().cloned().unwrap_or_default()
}

fn policy(origin: &str, vkey: &str) -> Result<Policy> {
    let policy = json!({"version": 1, "log": {"origin": origin, "keys": [{"vkey": vkey}]}, "tsa_roots": []});
    Ok(Policy::parse(policy.to_string().as_bytes())?)
}

/// The records, under the receipt of a log that holds this entry alone.
fn entry(vector: &Value) -> Result<Value> {
    let (record, entry) = (text(vector, "R")?.as_bytes(), text(vector, "E")?.as_bytes());
    let records = texts(vector, "F")?;
    let data: Vec<NamedDigest> =
        vector["files"].as_array().into_iter().flatten().map(measured).collect::<Result<_>>()?;
    let leaf = entry_leaf(record);
    let hash = Sha256Tree::leaf(&leaf);
    let head = Checkpoint { origin: ORIGIN.to_owned(), size: TreeSize(1), root: hash, extensions: Vec::new() };
    let checkpoint = key(ORIGIN, 3).sign(&head.to_text());
    let receipt = TlogProof { extra: None, index: Index(0), path: Vec::new(), checkpoint }.write();
    let input = ReceiptInput { receipt: &receipt, record, entry: Some(entry), file_records: &records, data: &data };
    let policy = policy(ORIGIN, &key(ORIGIN, 3).verifier_key().to_string())?;
    let mut said = said(&verify_receipt(&input, Some(&policy), JUDGED));
    if said["verdict"] == "valid" {
        let short: Vec<_> = records.iter().map(|f| Sha256Tree::leaf(f)).collect();
        let long: Vec<_> = records.iter().map(|f| Sha512Tree::leaf(f)).collect();
        said.insert("leaf_data".into(), json!(proof::hash::encode_hex(&leaf)));
        said.insert("leaf_hash".into(), json!(hash.to_string()));
        said.insert("files_sha256".into(), json!(root::<Sha256Tree>(&short).to_string()));
        said.insert("files_sha512".into(), json!(root::<Sha512Tree>(&long).to_string()));
    }
    Ok(Value::Object(said))
}

fn measured(file: &Value) -> Result<NamedDigest> {
    let bytes = text(file, "text")?.as_bytes();
    let (sha256, sha512) = (sha256(bytes), sha512(bytes));
    Ok(NamedDigest { name: text(file, "name")?.to_owned(), size: u64::try_from(bytes.len())?, sha256, sha512 })
}

fn tlog_proof(vector: &Value) -> Result<Value> {
    let input = ReceiptInput {
        receipt: text(vector, "proof")?,
        record: text(vector, "R")?.as_bytes(),
        entry: Some(text(vector, "E")?.as_bytes()),
        file_records: &[],
        data: &[],
    };
    let policy = policy(text(vector, "origin")?, text(vector, "vkey")?)?;
    let verdict = verify_receipt(&input, Some(&policy), JUDGED);
    let mut said = said(&verdict);
    if said["verdict"] == "valid" {
        let proof = TlogProof::parse(input.receipt)?;
        let head = Checkpoint::parse(&SignedNote::parse(&proof.checkpoint)?.text)?;
        said.insert("index".into(), json!(verdict.index.unwrap_or_default().0));
        said.insert("size".into(), json!(head.size.0));
    }
    Ok(Value::Object(said))
}

fn cosignature(vector: &Value) -> Result<Value> {
    Ok(match text(vector, "kind")? {
        "quorum" => quorum(text(vector, "policy")?, &SignedNote::parse(text(vector, "note")?)?)?,
        kind => match (kind, CosignerKey::parse(text(vector, "vkey")?)) {
            (_, Err(_)) => json!({"verdict": "invalid", "code": "vkey-malformed"}),
            ("vkey", Ok(_)) => json!({"verdict": "valid", "code": null}),
            (_, Ok(key)) => match key.verify(&SignedNote::parse(text(vector, "note")?)?) {
                Ok(at) => json!({"verdict": "valid", "code": null, "time": at.0}),
                Err(NoteError::NotSigned { .. }) => json!({"verdict": "invalid", "code": "not-signed"}),
                Err(_) => json!({"verdict": "invalid", "code": "signature-false"}),
            },
        },
    })
}

fn quorum(policy: &str, note: &SignedNote) -> Result<Value> {
    let witnessed = TlogPolicy::parse(policy)?.witnessed(note, "")?;
    let word = |said: &Cosigned| match said {
        Cosigned::At(at) => json!(at.0),
        Cosigned::Missing => json!("missing"),
        Cosigned::False => json!("false"),
        Cosigned::Unknown => json!("unknown"),
    };
    let witnesses: Map<String, Value> = witnessed.witnesses.iter().map(|(name, of)| (name.clone(), word(of))).collect();
    let (verdict, code) = if witnessed.met { ("valid", None) } else { ("invalid", Some("quorum-not-met")) };
    Ok(json!({"verdict": verdict, "code": code, "witnesses": witnesses}))
}

fn pack(folder: &Path, vector: &Value) -> Result<Value> {
    let read = |name: &str| std::fs::read(folder.join(name)).with_context(|| name.to_owned());
    let policy =
        vector["policy"].as_str().map(|name| Ok::<_, anyhow::Error>(Policy::parse(&read(name)?)?)).transpose()?;
    let at: UnixMillis = parse_rfc3339(text(vector, "at")?).context("at is no time")?;
    let verdict = verify_pack(&read(text(vector, "pack")?)?, policy.as_ref(), at);
    let mut said = said(&verdict);
    said.insert("overall".into(), json!(verdict.verdict.as_str()));
    said.insert("exit_code".into(), json!(verdict.exit_code()));
    Ok(Value::Object(said))
}
