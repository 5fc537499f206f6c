//! The answer to a deposit, and an entry as JSON: the same words wherever an entry is shown.

use super::accounted::Accounted;
use super::story::{self, Story, Told};
use crate::app::App;
use crate::elimination::taken_by;
use crate::executory::Status;
use crate::problem::{Problem, codes};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::prelude::{BASE64_STANDARD, Engine};
use ledger::sealing::BatchHead;
use ledger::storage::Reader;
use ledger::{Answer, Receipt, sealing};
use proof::json::Canonical;
use proof::record::EntryRecord;
use proof::{EntryId, FileNumber, Index, Sequence, TenantId};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

/// Says that the answer is one given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Status of an entry that no logged seal covers.
const LOGGED: &str = "logged";

/// What the line of a deposit's request says besides.
#[derive(Clone, Copy)]
pub(crate) struct Acknowledged {
    pub(crate) tenant: TenantId,
    pub(crate) id: EntryId,
    pub(crate) index: Index,
    pub(crate) sequence: Sequence,
    pub(crate) files: usize,
}

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
        self.fresh.as_ref().is_some_and(|(_, entry)| !story::has_one(entry))
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
    let duplicate = matches!(outcome.answer, Answer::Duplicate(_));
    let mut shown = Shown::of(app, &receipt, &records, &entry, status)?;
    shown.duplicate = Some(duplicate);
    let body = serde_json::to_vec(&shown).map_err(Problem::internal)?;
    let status = if duplicate { StatusCode::OK } else { StatusCode::CREATED };
    let location = HeaderValue::try_from(&*shown.links.own).map_err(Problem::internal)?;
    let headers = [(CONTENT_TYPE, HeaderValue::from_static("application/json")), (LOCATION, location)];
    let mut response = (status, headers, body).into_response();
    response.extensions_mut().insert(Acknowledged {
        tenant: receipt.tenant,
        id: receipt.id,
        index: receipt.index,
        sequence: receipt.sequence,
        files: records.fs.len(),
    });
    if matches!(outcome.answer, Answer::Repeated(_)) {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
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

/// An entry as answers show it. The order of its fields is that of their names, as in every answer.
#[derive(Serialize)]
pub(crate) struct Shown<'a> {
    act: Value,
    /// Said of a deposit alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicate: Option<bool>,
    findings: Value,
    id: String,
    index: u64,
    links: Links,
    receipt: &'a str,
    records: Encoded<'a>,
    sequence: u64,
    status: &'static str,
    tenant: String,
}

/// Where what belongs to the entry is asked for.
#[derive(Serialize)]
struct Links {
    evidence: String,
    files: Vec<String>,
    receipt: String,
    #[serde(rename = "self")]
    own: String,
}

/// Exact bytes of the three records, as base64.
#[derive(Serialize)]
struct Encoded<'a> {
    #[serde(rename = "E")]
    e: Base64<'a>,
    #[serde(rename = "F")]
    fs: Vec<Base64<'a>>,
    #[serde(rename = "R")]
    r: Base64<'a>,
}

/// Written as base64 (RFC 4648 §4).
struct Base64<'a>(&'a [u8]);

impl Serialize for Base64<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(self.0))
    }
}

impl<'a> Shown<'a> {
    /// The entry of this receipt, with what its records say.
    pub(crate) fn of(
        app: &App,
        receipt: &'a Receipt,
        records: &'a Records,
        entry: &EntryRecord,
        status: &'static str,
    ) -> Result<Self, Problem> {
        let id = receipt.id.to_string();
        let own = format!("/v1/deposits/{id}");
        let files = (1..=records.fs.len()).map(|n| format!("{own}/files/{n}")).collect();
        let (evidence, place) = (format!("{own}/evidence"), format!("{own}/receipt"));
        Ok(Self {
            act: act(app, receipt.tenant, entry)?,
            duplicate: None,
            findings: findings_json(entry)?,
            id,
            index: receipt.index.0,
            links: Links { evidence, files, receipt: place, own },
            receipt: &receipt.text,
            records: Encoded {
                e: Base64(&records.e),
                fs: records.fs.iter().map(|f| Base64(f)).collect(),
                r: Base64(&receipt.record),
            },
            sequence: receipt.sequence.0,
            status,
            tenant: receipt.tenant.to_string(),
        })
    }
}

/// `sealed` once a logged seal covers the entry.
pub(crate) fn status_of(app: &App, index: Index) -> Result<&'static str, Problem> {
    Statuses::default().of(app.reads(), index)
}

/// Statuses of entries asked for in the order of the log: the batch that covers many is looked up once.
#[derive(Default)]
pub(crate) struct Statuses {
    /// Covers the entry asked for last, if one does.
    batch: Option<BatchHead>,
    /// From here on no batch covered anything when it was asked.
    open: Option<Index>,
}

impl Statuses {
    pub(crate) fn of(&mut self, reads: &impl Reader, index: Index) -> Result<&'static str, Problem> {
        let covers = |head: &BatchHead| (head.first.0..head.end.0).contains(&index.0);
        if self.open.is_none_or(|open| index < open) && !self.batch.as_ref().is_some_and(covers) {
            self.batch = sealing::batch_of(reads, index).map_err(Problem::internal)?;
            self.open = self.batch.is_none().then_some(index);
        }
        Ok(if self.batch.is_some() { "sealed" } else { LOGGED })
    }
}

/// The story of the act or flow these facts name, as it is answered.
fn act(app: &App, tenant: TenantId, entry: &EntryRecord) -> Result<Value, Problem> {
    let Some(story) = story::story(app, tenant, entry)? else { return Ok(Value::Null) };
    let Story { field, name, told, cut, .. } = &story;
    let one = |told: &Told| {
        let mut one = json!({"id": told.id.to_string(), "index": told.index.0, "message": told.message, "by": told.by});
        if let Some(tied) = &told.tied {
            one["messages"] = json!(tied);
        }
        one
    };
    let mut act = json!({*field: name, "entries": told.iter().map(one).collect::<Vec<_>>()});
    if *cut {
        act["incomplete"] = true.into();
    }
    if !story.flows.is_empty() {
        act["flux"] = story.flows.iter().map(Accounted::json).collect();
    }
    if *field == "id_acte" {
        act["executoire"] = executory_of(&story).json();
    }
    Ok(act)
}

/// Whether the act of this story is executory.
pub(crate) fn executory_of(story: &Story) -> Status<'_> {
    Status::of(&story.said(), story.cut, story.text.as_ref())
}
