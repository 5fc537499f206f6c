//! What the product says of a vector, in the words of the vectors.

use std::path::Path;

use anyhow::{Context, Result, bail};
use proof::leaf::entry_leaf;
use proof::merkle::root;
use proof::note::NoteError;
use proof::time::parse_rfc3339;
use proof::{
    Checkpoint, Hash, Index, Sha256Tree, Sha512Tree, SignedNote, TlogProof, TreeAlgorithm, TreeSize, UnixMillis,
    VerifierKey, sha256, sha512,
};
use serde_json::{Map, Value, json};
use verifier::{NamedDigest, Overall, Policy, ReceiptInput, Verdict, verify_pack, verify_receipt};
use watch::quorum::Cosigned;
use watch::witness::{Known, Refused};
use watch::{AddCheckpoint, CosignerKey, TlogPolicy, UnixSeconds};

use super::tlog_proof::{ORIGIN, key};
use crate::register_case::RegisterCase;
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
        "register" => register(folder, vector),
        "witness" => witness(vector),
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

fn register(folder: &Path, vector: &Value) -> Result<Value> {
    let policy = Policy::parse(&std::fs::read(folder.join(text(vector, "policy")?))?)?;
    let at = text(vector, "at")?;
    let at = parse_rfc3339(&at.replace("00Z", "00.000Z")).context("at is no time")?;
    let mut case = RegisterCase::new(Some(&policy), at, &[]);
    let register = super::register::text(folder, vector)?;
    // A last line without newline is no line: its reader gives it one that it cannot have.
    let lines = register.split_inclusive('\n').map(|line| match line.strip_suffix('\n') {
        Some(whole) => whole.to_owned(),
        None => format!("{line}\n"),
    });
    // Each line until one is refused: nothing more need be given then.
    let _ = lines.map(|line| case.line(line.as_bytes())).take_while(|goes_on| *goes_on).count();
    let verdict = case.finish();
    let place = verdict.findings.iter().find(|line| Some(line.code) == verdict.reason).map(|line| &line.where_);
    let mut said = said(&verdict);
    said.insert("place".into(), json!(place));
    said.insert("exit_code".into(), json!(verdict.exit_code()));
    Ok(Value::Object(said))
}

/// The witness of the vectors, by the rules of the product's own: what it answers, and what it knows then.
fn witness(vector: &Value) -> Result<Value> {
    let logs = vector["logs"].as_array().context("no logs")?;
    let logs: Vec<VerifierKey> =
        logs.iter().map(|vkey| Ok(VerifierKey::parse(vkey.as_str().context("vkey")?)?)).collect::<Result<_>>()?;
    let before = match &vector["before"] {
        Value::Null => Known::nothing(),
        known => Known {
            size: TreeSize(known["size"].as_u64().context("size")?),
            root: Hash::from_hex(text(known, "root")?).context("root")?,
        },
    };
    let refused = |status: u16, code: &str, answer: Option<String>| json!({"verdict": "invalid", "code": code, "status": status, "answer": answer, "after": vector["before"]});
    let Ok(request) = AddCheckpoint::parse(text(vector, "body")?) else {
        return Ok(refused(400, "witness-request-unreadable", None));
    };
    Ok(match watch::witness::judge(&request, &logs, &|_| before) {
        Ok(head) => {
            let at = UnixSeconds(vector["now"].as_u64().context("now")?);
            let line = super::cosignature::witness(1).cosign(&head.note.text, at).context("no moment")?;
            let alone = SignedNote { text: "x\n".to_owned(), signatures: vec![line] }.write();
            let answer = alone.strip_prefix("x\n\n").context("a line")?;
            let after = json!({"size": head.checkpoint.size.0, "root": head.checkpoint.root.to_string()});
            json!({"verdict": "valid", "code": null, "status": 200, "answer": answer, "after": after})
        }
        Err(why) => {
            let (code, answer) = match &why {
                Refused::UnknownLog { .. } => ("witness-log-unknown", None),
                Refused::Signature(_) => ("witness-head-not-signed", None),
                Refused::OldBeyond { .. } => ("witness-old-size-beyond", None),
                Refused::Stale { known, .. } => ("witness-stale", Some(format!("{}\n", known.0))),
                Refused::OtherRoot { .. } => ("witness-other-root", None),
                Refused::Inconsistent(_) => ("witness-not-a-continuation", None),
                _ => ("witness-request-unreadable", None),
            };
            refused(why.status(), code, answer)
        }
    })
}
