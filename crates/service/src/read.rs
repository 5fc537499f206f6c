//! What was deposited, given back: lists, one entry, its receipt, its files as they came.

use crate::app::{App, blocking};
use crate::auth::Authenticated;
use crate::cosigning;
use crate::deposit::{Records, Shown, Statuses, facts_json, json_of, read_refused, status_of};
use crate::disposition::attachment;
use crate::elimination::taken_by;
use crate::http::streamed;
use crate::limits;
use crate::parameters::{Parameters, Place};
use crate::problem::{Problem, codes};
use archive::Scope;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, RANGE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::prelude::{BASE64_STANDARD, Engine};
use bytes::Bytes;
use ledger::storage::Reader;
use ledger::{prover, sealing};
use proof::record::{EntryRecord, FileRecord, LogRecord};
use proof::time::format_rfc3339;
use proof::{EntryId, FileNumber, Index, Sequence, TlogProof};
use serde_json::{Value, json};
use std::io::{Read, Seek, SeekFrom};
use store::FileReader;
use tokio::sync::mpsc;

/// Chunks of a file waiting to be sent.
const CHUNKS_AHEAD: usize = 2;

/// A page of a tenant's entries, in the order of its chain.
pub(crate) async fn list(
    State(app): State<App>,
    caller: Authenticated,
    parameters: Parameters,
) -> Result<Response, Problem> {
    parameters.only(&["tenant", "cursor", "limit"])?;
    let tenant = caller.tenant(&app, &parameters, Scope::Read)?;
    let from = parameters.number("cursor", 1)?.max(1);
    let limit = parameters.number("limit", limits::PAGE_DEFAULT as u64)?.clamp(1, limits::PAGE as u64);
    blocking(move || {
        let limit = usize::try_from(limit).unwrap_or(limits::PAGE);
        let mut rows = app.reads().by_sequence(tenant, Sequence(from), limit + 1)?;
        let next = rows.get(limit).map(|(sequence, _)| sequence.0.to_string());
        rows.truncate(limit);
        let mut statuses = Statuses::default();
        let mut item = |(_, index)| item(&app, index, &mut statuses);
        let items = rows.into_iter().map(&mut item).collect::<Result<Vec<_>, _>>()?;
        Ok(json_response(&json!({"items": items, "next": next})))
    })
    .await?
}

/// One line of a list.
fn item(app: &App, index: Index, statuses: &mut Statuses) -> Result<Value, Problem> {
    let row = app.reads().entry(index)?.ok_or_else(|| Problem::internal("an entry of a chain is missing"))?;
    let record = LogRecord::parse(&row.leaf.record).map_err(Problem::internal)?;
    let taken = taken_by(app, index)?;
    let (entry, status) = match taken {
        Some(_) => (None, "eliminated"),
        // One entry that cannot be read does not hide the others; it says so itself.
        None => match app.reads().read_entry_record(index) {
            Ok(entry) => (entry, statuses.of(app.reads(), index)?),
            Err(error) => {
                tracing::error!(index = index.0, ?error, "an entry cannot be read");
                (None, "unreadable")
            }
        },
    };
    let entry = entry.map(|e| EntryRecord::parse(&e)).transpose().map_err(Problem::internal)?;
    let facts = entry.as_ref().map_or(Ok(Value::Null), facts_json)?;
    Ok(json!({
        "id": record.id.to_string(),
        "sequence": record.sequence.0,
        "index": index.0,
        "kind": record.kind.as_str(),
        "received_at": format_rfc3339(record.received_at),
        "status": status,
        "flow": facts.get("flow"),
        "message": facts.get("message"),
        "id_acte": facts.get("id_acte"),
        "objet": facts.get("objet"),
        "files": entry.as_ref().map(|e| e.file_count),
        "findings": entry.as_ref().map(|e| e.findings.len()),
    }))
}

/// One entry: everything the deposit's answer said, and what was read of it.
pub(crate) async fn one(
    State(app): State<App>,
    caller: Authenticated,
    parameters: Parameters,
    Place(id): Place<String>,
) -> Result<Response, Problem> {
    parameters.only(&["tenant"])?;
    let (_, index) = caller.find(&app, &id, &parameters, Scope::Read)?;
    blocking(move || {
        let receipt = prover::receipt_for(app.reads(), index).map_err(Problem::internal)?;
        let record = LogRecord::parse(&receipt.record).map_err(Problem::internal)?;
        if let Some(elimination) = taken_by(&app, index)? {
            return Ok(json_response(&eliminated_json(&app, &receipt, &record, elimination)?));
        }
        let records = Records::read(&app, index)?;
        let entry = records.entry()?;
        let shown = Shown::of(&app, &receipt, &records, &entry, status_of(&app, index)?)?;
        let mut body = serde_json::to_value(shown).map_err(Problem::internal)?;
        body["kind"] = json!(record.kind.as_str());
        body["received_at"] = json!(format_rfc3339(record.received_at));
        body["facts"] = facts_json(&entry)?;
        body["files"] = records.fs.iter().map(|f| file_json(f)).collect::<Result<Value, _>>()?;
        body["seal"] = seal_json(&app, index)?;
        Ok(json_response(&body))
    })
    .await?
}

/// What is left to say of an entry that was eliminated: that it was there, and by what it went.
fn eliminated_json(
    app: &App,
    receipt: &ledger::Receipt,
    record: &LogRecord,
    elimination: EntryId,
) -> Result<Value, Problem> {
    let own = format!("/v1/deposits/{}", receipt.id);
    let by = app.reads().by_id(receipt.tenant, elimination)?;
    Ok(json!({
        "id": receipt.id.to_string(),
        "tenant": receipt.tenant.to_string(),
        "sequence": receipt.sequence.0,
        "index": receipt.index.0,
        "kind": record.kind.as_str(),
        "received_at": format_rfc3339(record.received_at),
        "records": {"R": BASE64_STANDARD.encode(&receipt.record), "E": Value::Null, "F": []},
        "receipt": receipt.text,
        "status": "eliminated",
        "elimination": {"id": elimination.to_string(), "index": by.map(|index| index.0)},
        "seal": seal_json(app, receipt.index)?,
        "links": {
            "self": own, "receipt": format!("{own}/receipt"), "elimination": format!("/v1/eliminations/{elimination}"),
        },
    }))
}

fn file_json(f: &[u8]) -> Result<Value, Problem> {
    let file = FileRecord::parse(f).map_err(Problem::internal)?;
    Ok(json!({
        "number": file.number.0,
        "parent": file.parent.map(|parent| parent.0),
        "name": file.name,
        "size": file.size,
        "sha256": file.sha256.to_string(),
        "media_type": file.media_type,
        "role": file.rest.get("role").map(json_of).transpose()?,
    }))
}

fn seal_json(app: &App, index: Index) -> Result<Value, Problem> {
    let batch = sealing::batch_of(app.reads(), index).map_err(Problem::internal)?;
    Ok(batch.map_or(
        Value::Null,
        |batch| json!({"batch": batch.batch, "not_after": format_rfc3339(batch.gen_time), "size": batch.end.0}),
    ))
}

/// The receipt's text, the same bytes for ever; with `head=newest`, a proof of the same entry under the last head, with `head=cosigned`, under one that meets the
/// quorum of the log's witnesses.
pub(crate) async fn receipt(
    State(app): State<App>,
    caller: Authenticated,
    parameters: Parameters,
    Place(id): Place<String>,
) -> Result<Response, Problem> {
    parameters.only(&["tenant", "head"])?;
    let (_, index) = caller.find(&app, &id, &parameters, Scope::Read)?;
    let text = match parameters.text("head") {
        None => blocking(move || prover::receipt_for(app.reads(), index)).await?.map_err(Problem::internal)?.text,
        Some("cosigned") => blocking(move || cosigned_proof(&app, index)).await??,
        Some("newest") => blocking(move || newest_proof(&app, index)).await??,
        Some(_) => return Err(parameters.unreadable("head")),
    };
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}

/// A C2SP tlog-proof of this entry whose checkpoint bears its cosignatures. Blocks.
fn cosigned_proof(app: &App, index: Index) -> Result<String, Problem> {
    let given = cosigning::given(app)?.ok_or_else(crate::auth::not_found)?;
    if given.size.0 <= index.0 || !given.met {
        return Err(Problem::from(&codes::HEAD_NOT_COSIGNED).retry_after(2));
    }
    let path = prover::inclusion(app.reads(), index, given.size).map_err(Problem::internal)?;
    Ok(TlogProof { extra: None, index, path, checkpoint: given.text }.write())
}

/// A C2SP tlog-proof of this entry under the last head, which the key in charge signed. Blocks.
fn newest_proof(app: &App, index: Index) -> Result<String, Problem> {
    let head = app.reads().head()?.ok_or_else(crate::auth::not_found)?;
    let path = prover::inclusion(app.reads(), index, head.size).map_err(Problem::internal)?;
    Ok(TlogProof { extra: None, index, path, checkpoint: head.checkpoint }.write())
}

/// A file exactly as it came, never shown in place, whole or one range of it (RFC 9110 §14.2).
pub(crate) async fn file(
    State(app): State<App>,
    caller: Authenticated,
    parameters: Parameters,
    Place((id, number)): Place<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    parameters.only(&["tenant"])?;
    let (tenant, index) = caller.find(&app, &id, &parameters, Scope::Read)?;
    let number = number.parse().map(FileNumber).map_err(|_| crate::auth::not_found())?;
    let (record, mut reader) = blocking(move || open(&app, index, number)).await??;
    let size = reader.len();
    let asked = headers.get(RANGE).and_then(|value| range(value.to_str().ok()?, size));
    let (status, first, length) = match asked {
        None => (StatusCode::OK, 0, size),
        Some(Err(())) => {
            let problem = Problem::from(&codes::RANGE_NOT_SATISFIABLE).at("Range");
            return Err(problem.detail(format!("Le fichier a {size} octets."), format!("The file has {size} bytes.")));
        }
        Some(Ok((first, last))) => (StatusCode::PARTIAL_CONTENT, first, last - first + 1),
    };
    reader.seek(SeekFrom::Start(first)).map_err(Problem::internal)?;
    tracing::info!(%tenant, index = index.0, file = number.0, length, "file served");
    let mut response = (status, stream(reader, length)).into_response();
    let out = response.headers_mut();
    let text = |value: String| HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"));
    let media_type = HeaderValue::from_str(&record.media_type);
    out.insert(CONTENT_TYPE, media_type.unwrap_or(HeaderValue::from_static("application/octet-stream")));
    out.insert(CONTENT_LENGTH, HeaderValue::from(length));
    out.insert(CONTENT_DISPOSITION, text(attachment(&record.name)));
    out.insert(ETAG, text(format!("\"{}\"", record.sha256)));
    out.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    out.insert("content-security-policy", HeaderValue::from_static("sandbox; default-src 'none'"));
    if status == StatusCode::PARTIAL_CONTENT {
        out.insert(CONTENT_RANGE, text(format!("bytes {first}-{}/{size}", first + length - 1)));
    }
    Ok(response)
}

fn open(app: &App, index: Index, number: FileNumber) -> Result<(FileRecord, FileReader), Problem> {
    let count = app.reads().file_count(index)?.unwrap_or(0);
    if number.0 == 0 || number.0 > count {
        return Err(crate::auth::not_found());
    }
    let gone = || Problem::from(&codes::CONTENT_GONE);
    if taken_by(app, index)?.is_some() {
        return Err(gone());
    }
    let record = app.reads().read_file_record(index, number)?.ok_or_else(gone)?;
    let record = FileRecord::parse(&record).map_err(Problem::internal)?;
    Ok((record, app.reads().open_file(index, number)?.ok_or_else(gone)?))
}

/// First and last byte of a single range; `Err` when it lies outside; `None` for what is no single range, then the
/// whole is given.
fn range(header: &str, size: u64) -> Option<Result<(u64, u64), ()>> {
    let spec = header.trim().strip_prefix("bytes=")?;
    let (first, last) = spec.split_once('-')?;
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
    let range = match (first.trim(), last.trim()) {
        ("", last) => {
            let count = number(last)?.min(size);
            (size - count, size.checked_sub(1))
        }
        (first, "") => (number(first)?, size.checked_sub(1)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            (first, size.checked_sub(1).map(|end| last.min(end)))
        }
    };
    Some(match range {
        (first, Some(last)) if first <= last => Ok((first, last)),
        _ => Err(()),
    })
}

/// So many bytes of the reader, a few chunks ahead of the client.
pub(crate) fn stream(reader: impl Read + Send + 'static, length: u64) -> Body {
    let (send, receive) = mpsc::channel::<std::io::Result<Bytes>>(CHUNKS_AHEAD);
    tokio::spawn(async move {
        let mut state = (reader, length);
        while state.1 > 0 {
            let Ok((back, chunk)) = tokio::task::spawn_blocking(move || {
                let chunk = next_chunk(&mut state.0, state.1);
                (state, chunk)
            })
            .await
            else {
                return;
            };
            state = back;
            let failed = chunk.is_err();
            state.1 -= chunk.as_ref().map_or(0, |bytes| bytes.len() as u64).min(state.1);
            if let Err(error) = &chunk {
                tracing::error!(%error, "a stored file cannot be read");
            }
            // A client that waits holds no thread: only this task waits.
            if send.send(chunk).await.is_err() || failed {
                return;
            }
        }
    });
    streamed(receive)
}

fn next_chunk(reader: &mut impl Read, left: u64) -> std::io::Result<Bytes> {
    let size = usize::try_from(left).unwrap_or(usize::MAX).min(limits::FILE_CHUNK_BYTES);
    let mut chunk = vec![0; size];
    reader.read_exact(&mut chunk)?;
    Ok(chunk.into())
}

/// What was found in a refused deposit, while it is kept.
pub(crate) async fn refusal(
    State(app): State<App>,
    caller: Authenticated,
    parameters: Parameters,
    Place(id): Place<String>,
) -> Result<Response, Problem> {
    let bytes = refused(app, caller, parameters, id, 0).await?;
    Ok(([(CONTENT_TYPE, "application/json")], bytes).into_response())
}

/// A file of a refused deposit, while it is kept.
pub(crate) async fn refused_file(
    State(app): State<App>,
    caller: Authenticated,
    parameters: Parameters,
    Place((id, number)): Place<(String, String)>,
) -> Result<Response, Problem> {
    let number = number.parse().ok().filter(|n| *n > 0).ok_or_else(crate::auth::not_found)?;
    let bytes = refused(app, caller, parameters, id, number).await?;
    let headers = [(CONTENT_TYPE, "application/octet-stream"), (CONTENT_DISPOSITION, "attachment")];
    Ok((headers, bytes).into_response())
}

async fn refused(
    app: App,
    caller: Authenticated,
    parameters: Parameters,
    id: String,
    number: usize,
) -> Result<Vec<u8>, Problem> {
    parameters.only(&["tenant"])?;
    let tenant = caller.tenant(&app, &parameters, Scope::Deposit)?;
    let id = EntryId::parse(&id).ok_or_else(crate::auth::not_found)?;
    let found = blocking(move || read_refused(&app, tenant, id, number)).await?;
    found.ok_or_else(crate::auth::not_found)
}

/// A JSON answer.
pub(crate) fn json_response(body: &Value) -> Response {
    ([(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn single_ranges_are_read_and_others_give_the_whole() {
        assert_eq!(range("bytes=0-0", 10), Some(Ok((0, 0))));
        assert_eq!(range("bytes=2-", 10), Some(Ok((2, 9))));
        assert_eq!(range("bytes=-3", 10), Some(Ok((7, 9))));
        assert_eq!(range("bytes=-30", 10), Some(Ok((0, 9))));
        assert_eq!(range("bytes=5-99", 10), Some(Ok((5, 9))));
        for outside in ["bytes=10-", "bytes=10-12", "bytes=-0"] {
            assert_eq!(range(outside, 10), Some(Err(())), "{outside}");
        }
        assert_eq!(range("bytes=0-", 0), Some(Err(())));
        for other in ["", "bytes=", "bytes=a-b", "bytes=3-1", "lines=1-2", "bytes=0-1,3-4", "bytes=+1-2", "bytes=-"] {
            assert!(!matches!(range(other, 10), Some(Ok(_))), "{other}");
        }
    }
}
