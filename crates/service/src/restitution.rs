//! Restitution over HTTP: what was handed over to whom, and on whose decision, becomes an entry of the tenant's chain. Nothing is removed.

use crate::app::{App, blocking};
use crate::auth::Authenticated;
use crate::deposit::small_json_up_to;
use crate::elimination::{by_standing, file};
use crate::entry;
use crate::limits;
use crate::parameters::Parameters;
use crate::problem::{Problem, codes};
use crate::random;
use crate::read::json_response;
use archive::{RestitutionRefused, Scope, read_handover, restituted};
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::prelude::{BASE64_STANDARD, Engine};
use ledger::Receipt;
use ledger::storage::{Reader, RequestKey};
use proof::TenantId;
use proof::record::Kind;
use serde_json::{Map, Value, json};

/// What the entry's fact `administration` says.
pub(crate) const RESTITUTION: &str = "restitution";

/// `{entries, to, handed, decision, document}`. 201 with the receipt of the entry.
pub(crate) async fn restitute(
    State(app): State<App>,
    caller: Authenticated,
    parameters: Parameters,
    body: Body,
) -> Result<Response, Problem> {
    parameters.only(&["tenant"])?;
    let tenant = caller.tenant(&app, &parameters, Scope::Restitute)?;
    let asked = small_json_up_to(body, limits::RESTITUTION_BYTES).await?;
    let (logged, count) = blocking(move || log(&app, tenant, &asked)).await??;
    tracing::info!(%tenant, id = %logged.id, index = logged.index.0, entries = count, "restitution logged");
    let body = json!({
        "id": logged.id.to_string(),
        "tenant": tenant.to_string(),
        "index": logged.index.0,
        "sequence": logged.sequence.0,
        "receipt": logged.text,
        "entries": count,
    });
    Ok((StatusCode::CREATED, json_response(&body)).into_response())
}

/// The entry is logged, durable and receipted. Sent again, it is the same one.
fn log(app: &App, tenant: TenantId, asked: &Value) -> Result<(Receipt, usize), Problem> {
    let handover = read_handover(asked, &random::latest_day()).map_err(refused)?;
    let document = document(asked)?;
    let mut decision = handover.decision;
    if let Some(document) = &document {
        decision["sha256"] = json!(proof::sha256(document).to_string());
    }
    let mut said = Map::new();
    said.insert("to".into(), json!(handover.to));
    said.insert("handed".into(), json!(handover.handed));
    said.insert("decision".into(), decision);
    let mut named = handover.entries.clone();
    named.sort_unstable();
    let whole = json!({"said": said, "entries": named});
    let whole = ledger::json::to_canonical(&whole, proof::limits::RECORD_BYTES);
    let whole = whole.map_err(|why| Problem::from(&codes::FACTS_NOT_RECORDABLE).because(why))?;
    let lookup = |bytes: &[u8]| app.vault().lookup(tenant, RESTITUTION, bytes);
    let request = RequestKey { key: lookup(whole.text().as_bytes()), digest: lookup(b"") };
    let count = handover.entries.len();
    if let Some((_, index)) = app.reads().request(tenant, &request.key)? {
        return Ok((ledger::prover::receipt_for(app.reads(), index).map_err(Problem::internal)?, count));
    }
    let mut facts = Map::new();
    facts.insert("administration".into(), json!(RESTITUTION));
    facts.extend(said);
    // Each as the log names it, once none of them may not be handed over.
    let entries = by_standing(app, tenant, |look| restituted(&handover.entries, look).map_err(refused))?;
    facts.insert("entries".into(), entries.into());
    let document =
        document.map(|bytes| file(app, "decision", "application/octet-stream", "decision", &bytes)).transpose()?;
    let built = entry::build(app.vault(), Kind::Administration, facts, Vec::new(), document.into_iter().collect())?;
    let mut submission = built.submission(tenant, Kind::Administration)?.submission;
    submission.request = Some(request);
    let receipt = app.office.submit(submission).map(|answer| answer.receipt().clone())?;
    Ok((receipt, count))
}

/// The signed decision, where one is sent.
fn document(asked: &Value) -> Result<Option<Vec<u8>>, Problem> {
    let wrong = || Problem::from(&codes::RESTITUTION_UNREADABLE).at("document");
    match &asked["document"] {
        Value::Null => Ok(None),
        Value::String(text) => {
            let bytes = BASE64_STANDARD.decode(text).ok().filter(|bytes| !bytes.is_empty());
            bytes.map(Some).ok_or_else(wrong)
        }
        _ => Err(wrong()),
    }
}

fn refused(why: RestitutionRefused) -> Problem {
    use RestitutionRefused as R;
    let of =
        |id: &str, french: &str, english: &str| (format!("L'entrée {id} {french}."), format!("Entry {id} {english}."));
    let (code, place, (french, english)) = match why {
        R::Count(count) => {
            let told = (
                format!("{count} entrées : il en faut de 1 à 2000."),
                format!("{count} entries: from 1 to 2000 are needed."),
            );
            (&codes::RESTITUTION_UNREADABLE, "entries".to_owned(), told)
        }
        R::Form(place) => {
            let told = (
                format!("« {place} » manque, ne convient pas ou n'est pas connu."),
                format!("“{place}” is missing, does not do or is not known."),
            );
            (&codes::RESTITUTION_UNREADABLE, place, told)
        }
        R::ToCome(place) => {
            let told = (format!("« {place} » est un jour à venir."), format!("“{place}” is a day to come."));
            (&codes::RESTITUTION_UNREADABLE, place, told)
        }
        R::Twice(id) => (&codes::RESTITUTION_UNREADABLE, id.clone(), of(&id, "est nommée deux fois", "is named twice")),
        R::Eliminated(id) => (&codes::ALREADY_ELIMINATED, id.clone(), of(&id, "est éliminée", "is eliminated")),
        R::Held(id) => (&codes::RESTITUTION_NOT_ALLOWED, id.clone(), of(&id, "est gelée", "is under a hold")),
        R::Kept(id) => {
            (&codes::RESTITUTION_NOT_ALLOWED, id.clone(), of(&id, "n'est pas un versement", "is not a deposit"))
        }
        R::Unknown(id) => (&codes::NOT_FOUND, id.clone(), of(&id, "est introuvable", "is not found")),
        _ => return Problem::internal("a restitution was refused for another reason"),
    };
    Problem::from(code).at(place).detail(french, english)
}
