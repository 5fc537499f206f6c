//! The answer to a deposit, and an entry as JSON: the same words wherever an entry is shown.

use crate::app::App;
use crate::elimination::taken_by;
use crate::limits;
use crate::problem::{Problem, codes};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::prelude::{BASE64_STANDARD, Engine};
use ledger::storage::Reader;
use ledger::{Answer, Receipt, sealing};
use proof::json::Canonical;
use proof::record::EntryRecord;
use proof::{FileNumber, Index, TenantId};
use serde_json::{Value, json};

/// Says that the answer is one given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Status of an entry that no logged seal covers.
const LOGGED: &str = "logged";

/// The fact that names an act.
const ID_ACTE: &str = "id_acte";

/// What became of a deposit.
pub(crate) struct Outcome {
    answer: Answer,
    /// `E`, `F`s and what `E` says, when they are at hand; else they are read from the store.
    fresh: Option<(Records, EntryRecord)>,
}

impl Outcome {
    pub(crate) fn fresh(answer: Answer, records: Records, entry: EntryRecord) -> Self {
        Self { answer, fresh: Some((records, entry)) }
    }
    pub(crate) fn stored(answer: Answer) -> Self {
        Self { answer, fresh: None }
    }
    /// Whether the answer needs nothing of the store: no entry to read again, no act whose story is told.
    pub(crate) fn is_at_hand(&self) -> bool {
        self.fresh.as_ref().is_some_and(|(_, entry)| !entry.facts.contains_key(ID_ACTE))
    }
}

/// 201 with the receipt, also for a request that came before; 200 for a content that did. Blocks, unless all is at hand.
pub(crate) fn respond(app: &App, outcome: Outcome) -> Result<Response, Problem> {
    let receipt = outcome.answer.receipt().clone();
    let (records, entry, status) = match outcome.fresh {
        // Logged a moment ago: no seal covers it yet.
        Some((records, entry)) => (records, entry, LOGGED),
        None => {
            let records = Records::read(app, receipt.index)?;
            let entry = records.entry()?;
            (records, entry, status_of(app, receipt.index)?)
        }
    };
    // As `E` keeps them, whoever asks: the same request gets the same words for ever.
    let mut body = entry_json(app, &receipt, &records, &entry, status)?;
    let duplicate = matches!(outcome.answer, Answer::Duplicate(_));
    body["duplicate"] = json!(duplicate);
    let status = if duplicate { StatusCode::OK } else { StatusCode::CREATED };
    tracing::info!(
        tenant = %receipt.tenant, id = %receipt.id, index = receipt.index.0, sequence = receipt.sequence.0,
        files = records.fs.len(), status = status.as_u16(), "deposit acknowledged"
    );
    let location = format!("/v1/deposits/{}", receipt.id);
    let headers = [(CONTENT_TYPE, "application/json".to_owned()), (LOCATION, location)];
    let mut response = (status, headers, body.to_string()).into_response();
    if matches!(outcome.answer, Answer::Repeated(_)) {
        response.headers_mut().insert(REPLAYED, axum::http::HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Exact bytes of an entry's `E` and `F`s.
pub(crate) struct Records {
    pub(crate) e: Vec<u8>,
    pub(crate) fs: Vec<Vec<u8>>,
}

impl Records {
    /// Read from the store; `content-gone` when they are eliminated. Blocks.
    pub(crate) fn read(app: &App, index: Index) -> Result<Self, Problem> {
        let gone = || Problem::from(&codes::CONTENT_GONE);
        if taken_by(app, index)?.is_some() {
            return Err(gone());
        }
        let reads = app.reads();
        let e = reads.read_entry_record(index)?.ok_or_else(gone)?;
        let count = reads.file_count(index)?.ok_or_else(gone)?;
        let read = |number| reads.read_file_record(index, FileNumber(number))?.ok_or_else(gone);
        Ok(Self { e, fs: (1..=count).map(read).collect::<Result<_, Problem>>()? })
    }

    /// `E`, read.
    pub(crate) fn entry(&self) -> Result<EntryRecord, Problem> {
        EntryRecord::parse(&self.e).map_err(Problem::internal)
    }
}

/// Findings as `E` keeps them.
fn findings_json(entry: &EntryRecord) -> Result<Value, Problem> {
    entry.findings.iter().map(json_of).collect()
}

/// Facts as `E` keeps them.
pub(crate) fn facts_json(entry: &EntryRecord) -> Result<Value, Problem> {
    entry.facts.iter().map(|(name, value)| Ok((name.clone(), json_of(value)?))).collect()
}

/// What a canonical text says.
pub(crate) fn json_of(text: &Canonical) -> Result<Value, Problem> {
    serde_json::from_str(text.text()).map_err(Problem::internal)
}

/// An entry as answers show it.
pub(crate) fn entry_json(
    app: &App,
    receipt: &Receipt,
    records: &Records,
    entry: &EntryRecord,
    status: &'static str,
) -> Result<Value, Problem> {
    let base64 = |bytes: &Vec<u8>| BASE64_STANDARD.encode(bytes);
    let own = format!("/v1/deposits/{}", receipt.id);
    let files: Vec<String> = (1..=records.fs.len()).map(|n| format!("{own}/files/{n}")).collect();
    Ok(json!({
        "id": receipt.id.to_string(),
        "tenant": receipt.tenant.to_string(),
        "sequence": receipt.sequence.0,
        "index": receipt.index.0,
        "records": {
            "R": base64(&receipt.record),
            "E": base64(&records.e),
            "F": records.fs.iter().map(base64).collect::<Vec<_>>(),
        },
        "receipt": receipt.text,
        "status": status,
        "act": act(app, receipt.tenant, entry)?,
        "findings": findings_json(entry)?,
        "links": {
            "self": own,
            "receipt": format!("{own}/receipt"),
            "evidence": format!("{own}/evidence"),
            "files": files,
        },
    }))
}

/// `sealed` once a logged seal covers the entry.
pub(crate) fn status_of(app: &App, index: Index) -> Result<&'static str, Problem> {
    let batch = sealing::batch_of(app.reads(), index).map_err(Problem::internal)?;
    Ok(if batch.is_some() { "sealed" } else { LOGGED })
}

/// The story of the act these facts name: every entry of the tenant that names it, in log order.
fn act(app: &App, tenant: TenantId, entry: &EntryRecord) -> Result<Value, Problem> {
    let Some(id_acte) = entry.facts.get(ID_ACTE).and_then(Canonical::to_string_value) else {
        return Ok(Value::Null);
    };
    let digest = app.vault().lookup(tenant, "acte-id", id_acte.as_bytes());
    let mut entries = Vec::new();
    for index in app.reads().lookup(tenant, &digest, limits::STORY)? {
        let Some(row) = app.reads().entry(index)? else {
            continue;
        };
        if taken_by(app, index)?.is_some() {
            continue;
        }
        let e = app.reads().read_entry_record(index)?.and_then(|e| EntryRecord::parse(&e).ok());
        let facts = e.as_ref().map_or(Ok(Value::Null), facts_json)?;
        entries.push(json!({"id": row.leaf.id.to_string(), "index": index.0, "message": facts.get("message")}));
    }
    Ok(json!({"id_acte": id_acte, "entries": entries}))
}
