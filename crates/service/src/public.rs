//! `/public/acts/…`: what anyone may see of a published act, and the proof of it. Without documents that the configuration shows, that is the
//! record and the receipt: neither says anything of people. What is not published answers as if it were not there.

mod sheet;

use crate::administration;
use crate::app::{App, blocking};
use crate::auth::not_found;
use crate::config::Publisher;
use crate::deposit::{Records, executory_of, story};
use crate::disposition::attachment;
use crate::evidence::{self, Asked};
use crate::language::Language;
use crate::parameters::Place;
use crate::problem::{Problem, codes};
use crate::publication::{Act, Look, look};
use crate::read::stream;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    LOCATION, REFERRER_POLICY, VARY,
};
use axum::response::{IntoResponse, Response};
use ledger::storage::Reader;
use ledger::{prover, sealing};
use proof::json::Canonical;
use proof::record::{FileRecord, LogRecord};
use proof::{EntryId, Index};
use sheet::Told;
use std::collections::BTreeSet;

/// A published act, found.
struct Found<'a> {
    publisher: &'a Publisher,
    index: Index,
    act: Box<Act>,
}

/// The page about an act, in the reader's language; one that was deposited again is told of there.
pub(crate) async fn page(
    State(app): State<App>,
    language: Language,
    Place(id): Place<String>,
) -> Result<Response, Problem> {
    blocking(move || match find(&app, &id)? {
        Err(newer) => {
            let address = format!("/public/acts/{newer}");
            Ok((StatusCode::TEMPORARY_REDIRECT, [(LOCATION, address)]).into_response())
        }
        Ok(found) => {
            let page = sheet::page(language, &told(&app, &found, language)?);
            let headers = [
                (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
                (CONTENT_SECURITY_POLICY, sheet::held_to()),
                (CONTENT_LANGUAGE, language.tag().to_owned()),
                (VARY, "Accept-Language".to_owned()),
                // It may be taken back at any moment.
                (CACHE_CONTROL, "no-cache".to_owned()),
                (REFERRER_POLICY, "no-referrer".to_owned()),
            ];
            Ok((headers, page).into_response())
        }
    })
    .await?
}

/// Exact bytes of `R`.
pub(crate) async fn record(State(app): State<App>, Place(id): Place<String>) -> Result<Response, Problem> {
    proved(app, id, |receipt| ("application/json", "R.json", receipt.record)).await
}

/// The receipt's text.
pub(crate) async fn receipt(State(app): State<App>, Place(id): Place<String>) -> Result<Response, Problem> {
    proved(app, id, |receipt| ("text/plain; charset=utf-8", "receipt.tlog-proof", receipt.text.into_bytes())).await
}

async fn proved(
    app: App,
    id: String,
    part: impl FnOnce(ledger::Receipt) -> (&'static str, &'static str, Vec<u8>) + Send + 'static,
) -> Result<Response, Problem> {
    blocking(move || {
        let found = find(&app, &id)?.map_err(|_| not_found())?;
        let receipt = prover::receipt_for(app.reads(), found.index).map_err(Problem::internal)?;
        let (media_type, name, bytes) = part(receipt);
        let headers = [
            (CONTENT_TYPE, media_type.to_owned()),
            (CONTENT_DISPOSITION, attachment(name)),
            (CACHE_CONTROL, "no-cache".to_owned()),
        ];
        Ok((headers, bytes).into_response())
    })
    .await?
}

/// The evidence pack, where documents are shown: those alone, every other file withheld.
pub(crate) async fn evidence(State(app): State<App>, Place(id): Place<String>) -> Result<Response, Problem> {
    // Strangers do not make those wait who have a token.
    let turn = app.packs.try_acquire().map_err(|_| Problem::from(&codes::BUSY).retry_after(5))?;
    let (pack, _) = blocking({
        let (app, id) = (app.clone(), id.clone());
        move || {
            let found = find(&app, &id)?.map_err(|_| not_found())?;
            let files = shown(&app, &found)?;
            if files.is_empty() {
                return Err(not_found());
            }
            evidence::build(&app, found.index, Asked { files: Some(files), ..Asked::alone() })
        }
    })
    .await??;
    drop(turn);
    let bytes = pack.bytes();
    let headers = [
        (CONTENT_TYPE, "application/vnd.etsi.asic-e+zip".to_owned()),
        (CONTENT_DISPOSITION, attachment(&format!("{id}.asice"))),
        (CONTENT_LENGTH, bytes.to_string()),
        (CACHE_CONTROL, "no-cache".to_owned()),
    ];
    Ok(match pack.held() {
        Ok(bytes) => (headers, bytes).into_response(),
        Err(pack) => (headers, stream(pack.reader(), bytes)).into_response(),
    })
}

/// The published act of this name, or the name under which it was deposited again. Blocks.
fn find<'a>(app: &'a App, id: &str) -> Result<Result<Found<'a>, EntryId>, Problem> {
    let id = EntryId::parse(id).ok_or_else(not_found)?;
    for publisher in &app.config.publication.tenants {
        let of = |id: EntryId| match app.reads().by_id(publisher.tenant, id)? {
            Some(index) => Ok::<_, Problem>(Some((index, look(app, (publisher.tenant, index), publisher)?))),
            None => Ok(None),
        };
        match of(id)? {
            Some((index, Look::Public(act))) => return Ok(Ok(Found { publisher, index, act })),
            // Of an act that is not published, not even that there is one.
            Some((_, Look::Again(newer))) if matches!(of(newer)?, Some((_, Look::Public(_)))) => return Ok(Err(newer)),
            _ => {}
        }
    }
    Err(not_found())
}

/// Numbers of the files that the configuration shows.
fn shown(app: &App, found: &Found<'_>) -> Result<BTreeSet<u64>, Problem> {
    if found.publisher.documents.is_empty() {
        return Ok(BTreeSet::new());
    }
    let mut numbers = BTreeSet::new();
    for f in Records::read(app, found.index)?.fs {
        let file = FileRecord::parse(&f).map_err(Problem::internal)?;
        let role = file.rest.get("role").and_then(Canonical::to_string_value).unwrap_or_default();
        if found.publisher.documents.contains(&role) {
            numbers.insert(file.number.0);
        }
    }
    Ok(numbers)
}

/// What the page says.
fn told<'a>(app: &'a App, found: &'a Found<'_>, language: Language) -> Result<Told<'a>, Problem> {
    let row = app.reads().entry(found.index)?.ok_or_else(|| Problem::internal("the entry is missing"))?;
    let record = LogRecord::parse(&row.leaf.record).map_err(Problem::internal)?;
    let tenant = administration::tenant_row(app.reads(), found.publisher.tenant).map_err(Problem::internal)?;
    let batch = sealing::batch_of(app.reads(), found.index).map_err(Problem::internal)?;
    let test_authority = batch.is_some() && evidence::by_test_authority(app, found.index)?;
    let entry = Records::read(app, found.index)?.entry()?;
    let story = story(app, found.publisher.tenant, &entry)?;
    let executory = story.map(|story| executory_of(&story).sentence(language)).unwrap_or_default();
    Ok(Told {
        id: record.id,
        executory,
        authority: tenant.as_ref().and_then(|row| row.current()).map(|now| now.name.clone()).unwrap_or_default(),
        siret: found.publisher.siret.as_str(),
        act: &found.act,
        origin: &app.config.origin,
        index: found.index,
        deposited: record.received_at,
        sealed: batch.map(|batch| batch.gen_time),
        test_authority,
        documents: !shown(app, found)?.is_empty(),
    })
}
