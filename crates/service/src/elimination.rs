//! Elimination over HTTP: a bordereau is proposed; with the visa that names it an entry is logged; then what it lists is destroyed.

mod carry;

pub(crate) use carry::{carry_out, resume};

use crate::app::{App, blocking};
use crate::auth::Authenticated;
use crate::deposit::small_json_up_to;
use crate::entry::{self, NewFile};
use crate::limits;
use crate::parameters::{Parameters, Place};
use crate::problem::{Problem, codes};
use crate::random;
use crate::read::json_response;
use archive::{EliminationRefused, Scope, Standing, check_visa, propose, read_asked};
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::prelude::{BASE64_STANDARD, Engine};
use ledger::storage::{Put, Reader, RequestKey};
use ledger::{Receipt, Submission, spaces};
use proof::record::{Kind, LogRecord};
use proof::time::format_rfc3339;
use proof::{EntryId, Index, Sha256Tree, TenantId, TreeAlgorithm};
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::io::Write;
use store::SealedParts;

/// The bordereau of these entries and its digest. Nothing is changed.
pub(crate) async fn proposal(
    State(app): State<App>,
    caller: Authenticated,
    parameters: Parameters,
    body: Body,
) -> Result<Response, Problem> {
    parameters.only(&["tenant"])?;
    let tenant = caller.tenant(&app, &parameters, Scope::Eliminate)?;
    let asked = small_json_up_to(body, limits::ELIMINATION_BYTES).await?;
    blocking(move || {
        let (value, bytes) = bordereau(&app, tenant, &asked["entries"])?;
        let digest = proof::sha256(&bytes).to_string();
        Ok(json_response(&json!({"proposal": value, "proposal_sha256": digest})))
    })
    .await?
}

/// Carries a bordereau out: `{proposal, visa, document}`. 202 with the receipt of the elimination entry; the destruction
/// follows.
pub(crate) async fn eliminate(
    State(app): State<App>,
    caller: Authenticated,
    parameters: Parameters,
    body: Body,
) -> Result<Response, Problem> {
    parameters.only(&["tenant"])?;
    let tenant = caller.tenant(&app, &parameters, Scope::Eliminate)?;
    let asked = small_json_up_to(body, limits::ELIMINATION_BYTES).await?;
    // Two bordereaux must not take the same entry.
    let one_at_a_time = app.adding.lock().await;
    let logged = blocking({
        let app = app.clone();
        move || log(&app, tenant, &asked)
    })
    .await??;
    drop(one_at_a_time);
    tracing::info!(%tenant, id = %logged.id, index = logged.index.0, "elimination logged");
    let office = app.office.clone();
    tokio::task::spawn_blocking(move || carry_out(&office));
    let body = json!({
        "id": logged.id.to_string(),
        "tenant": tenant.to_string(),
        "index": logged.index.0,
        "sequence": logged.sequence.0,
        "receipt": logged.text,
        "state": "ordered",
    });
    Ok((StatusCode::ACCEPTED, json_response(&body)).into_response())
}

/// How far an elimination is.
pub(crate) async fn status(
    State(app): State<App>,
    caller: Authenticated,
    parameters: Parameters,
    Place(id): Place<String>,
) -> Result<Response, Problem> {
    parameters.only(&["tenant"])?;
    let (_, index) = caller.find(&app, &id, &parameters, Scope::Eliminate)?;
    let id = EntryId::parse(&id).ok_or_else(crate::auth::not_found)?;
    let row = app.reads().value(spaces::ELIMINATIONS, &spaces::elimination(id))?.ok_or_else(crate::auth::not_found)?;
    let mut row: Value = serde_json::from_slice(&row).map_err(Problem::internal)?;
    row["id"] = json!(id.to_string());
    row["index"] = json!(index.0);
    Ok(json_response(&row))
}

/// The elimination that took this entry, if one did.
pub(crate) fn taken_by(app: &App, index: Index) -> Result<Option<EntryId>, Problem> {
    let found = app.reads().value(spaces::ELIMINATIONS, &spaces::eliminated(index))?;
    let id = |bytes: Vec<u8>| bytes.try_into().map(EntryId).map_err(|_| Problem::internal("a mark is not 16 bytes"));
    found.map(id).transpose()
}

/// The bordereau of these entries as it stands now, and its exact bytes.
fn bordereau(app: &App, tenant: TenantId, entries: &Value) -> Result<(Value, Vec<u8>), Problem> {
    let asked = read_asked(entries).map_err(refused)?;
    let value = by_standing(app, tenant, |look| propose(&tenant.to_string(), &asked, look).map_err(refused))?;
    let canonical = ledger::json::to_canonical(&value, proof::limits::RECORD_BYTES);
    let bytes = canonical.map_err(|why| Problem::from(&codes::FACTS_NOT_RECORDABLE).because(why))?;
    Ok((value, bytes.text().as_bytes().to_vec()))
}

/// What these rules say of entries, by where each stands; that one could not be looked up comes before any refusal. A restitution asks the
/// same.
pub(crate) fn by_standing<T>(
    app: &App,
    tenant: TenantId,
    rules: impl FnOnce(&dyn Fn(&str) -> Standing) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let failed = RefCell::new(None);
    let look = |id: &str| {
        standing(app, tenant, id).unwrap_or_else(|problem| {
            failed.borrow_mut().get_or_insert(problem);
            Standing::Unknown
        })
    };
    let said = rules(&look);
    failed.into_inner().map_or(said, Err)
}

/// Where an entry stands; another tenant's is unknown.
fn standing(app: &App, tenant: TenantId, id: &str) -> Result<Standing, Problem> {
    let Some(id) = EntryId::parse(id) else { return Ok(Standing::Unknown) };
    let Some(index) = app.reads().by_id(tenant, id)? else { return Ok(Standing::Unknown) };
    if taken_by(app, index)?.is_some() {
        return Ok(Standing::Eliminated);
    }
    let row = app.reads().entry(index)?.ok_or_else(|| Problem::internal("an entry of a chain is missing"))?;
    let record = LogRecord::parse(&row.leaf.record).map_err(Problem::internal)?;
    if tenant == TenantId::PLATFORM || !matches!(record.kind, Kind::Deposit | Kind::Conversion) {
        return Ok(Standing::Kept);
    }
    Ok(Standing::Logged { index: index.0, leaf_hash: Sha256Tree::leaf(&row.leaf.leaf_data).to_string() })
}

/// The elimination entry is logged, durable and receipted; what it lists is marked.
fn log(app: &App, tenant: TenantId, asked: &Value) -> Result<Receipt, Problem> {
    let (visa, document) = (&asked["visa"], document(asked)?);
    let canonical = ledger::json::to_canonical(&asked["proposal"], proof::limits::RECORD_BYTES);
    let given = canonical.map_err(|why| Problem::from(&codes::ELIMINATION_UNREADABLE).at("proposal").because(why))?;
    let given = given.text().as_bytes().to_vec();
    let digest = proof::sha256(&given);
    let visa = check_visa(visa, &digest.to_string(), &random::latest_day()).map_err(refused)?;
    let lookup = |bytes: &[u8]| app.vault().lookup(tenant, "elimination", bytes);
    let request = RequestKey { key: lookup(&digest.0), digest: lookup(&proof::sha256(&document).0) };
    if let Some((_, index)) = app.reads().request(tenant, &request.key)? {
        // Sent again: the same receipt.
        return ledger::prover::receipt_for(app.reads(), index).map_err(Problem::internal);
    }
    let (value, bytes) = bordereau(app, tenant, &asked["proposal"]["entries"])?;
    if bytes != given {
        return Err(Problem::from(&codes::ELIMINATION_UNREADABLE).at("proposal"));
    }
    let submission = submission(app, tenant, &value, bytes, visa, document, request)?;
    app.office.submit(submission).map(|answer| answer.receipt().clone()).map_err(Problem::from)
}

fn document(asked: &Value) -> Result<Vec<u8>, Problem> {
    let missing = || Problem::from(&codes::VISA_REQUIRED).at("document");
    let text = asked["document"].as_str().ok_or_else(missing)?;
    BASE64_STANDARD.decode(text).ok().filter(|bytes| !bytes.is_empty()).ok_or_else(missing)
}

fn submission(
    app: &App,
    tenant: TenantId,
    value: &Value,
    bytes: Vec<u8>,
    mut visa: Value,
    document: Vec<u8>,
    request: RequestKey,
) -> Result<Submission<SealedParts>, Problem> {
    visa["sha256"] = json!(proof::sha256(&document).to_string());
    let mut facts = Map::new();
    facts.insert("elimination".into(), json!("ordered"));
    facts.insert("proposal_sha256".into(), json!(proof::sha256(&bytes).to_string()));
    facts.insert("visa".into(), visa);
    facts.insert("entries".into(), value["entries"].clone());
    let files = vec![
        file(app, "bordereau.json", "application/json", "bordereau", &bytes)?,
        file(app, "visa", "application/octet-stream", "visa", &document)?,
    ];
    let built = entry::build(app.vault(), Kind::Elimination, facts, Vec::new(), files)?;
    let mut submission = built.submission(tenant, Kind::Elimination)?.submission;
    submission.request = Some(request);
    let indexes: Vec<u64> =
        value["entries"].as_array().into_iter().flatten().filter_map(|e| e["index"].as_u64()).collect();
    let put = |key, value| Put { space: spaces::ELIMINATIONS, key, value: Some(value) };
    let row = json!({
        "version": 1, "state": "ordered", "tenant": tenant.to_string(), "entries": indexes.len(),
        "at": format_rfc3339(random::now()),
    });
    let id = submission.id;
    submission.puts = indexes.iter().map(|index| put(spaces::eliminated(Index(*index)), id.0.to_vec())).collect();
    submission.puts.push(put(spaces::elimination(id), row.to_string().into_bytes()));
    Ok(submission)
}

pub(crate) fn file(
    app: &App,
    name: &str,
    media_type: &str,
    role: &'static str,
    bytes: &[u8],
) -> Result<NewFile, Problem> {
    let mut writer = app.vault().spool()?;
    writer.write_all(bytes).map_err(|error| Problem::from(&codes::NOT_WRITTEN).retry_after(5).because(error))?;
    let spooled = writer.finish()?;
    Ok(NewFile { parent: None, name: name.as_bytes().to_vec(), media_type: media_type.into(), role, spooled })
}

fn refused(why: EliminationRefused) -> Problem {
    use EliminationRefused as R;
    let of =
        |id: &str, french: &str, english: &str| (format!("L'entrée {id} {french}."), format!("Entry {id} {english}."));
    let (code, place, (french, english)) = match why {
        R::Count(count) => (
            &codes::ELIMINATION_UNREADABLE,
            "entries".to_owned(),
            (
                format!("{count} entrées : il en faut de 1 à 2000."),
                format!("{count} entries: from 1 to 2000 are needed."),
            ),
        ),
        R::Form(place) => {
            let told =
                (format!("« {place} » manque ou ne convient pas."), format!("“{place}” is missing or does not do."));
            (&codes::ELIMINATION_UNREADABLE, place, told)
        }
        R::Twice(id) => (&codes::ELIMINATION_UNREADABLE, id.clone(), of(&id, "est nommée deux fois", "is named twice")),
        R::Unknown(id) => (&codes::NOT_FOUND, id.clone(), of(&id, "est introuvable", "is not found")),
        R::Eliminated(id) => {
            (&codes::ALREADY_ELIMINATED, id.clone(), of(&id, "est déjà éliminée", "is eliminated already"))
        }
        R::Held(id) => (&codes::ELIMINATION_NOT_ALLOWED, id.clone(), of(&id, "est gelée", "is under a hold")),
        R::Kept(id) => {
            (&codes::ELIMINATION_NOT_ALLOWED, id.clone(), of(&id, "n'est pas un versement", "is not a deposit"))
        }
        R::Visa(word) => {
            let told = (
                format!("« {word} » manque, ne convient pas ou est à venir."),
                format!("“{word}” is missing, does not do or is to come."),
            );
            (&codes::VISA_REQUIRED, format!("visa.{word}"), told)
        }
        _ => {
            let told = ("Le visa nomme un autre bordereau.".to_owned(), "The visa names another bordereau.".to_owned());
            (&codes::VISA_OF_ANOTHER, "visa.proposal_sha256".to_owned(), told)
        }
    };
    Problem::from(code).at(place).detail(french, english)
}
