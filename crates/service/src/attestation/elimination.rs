//! The attestation of an elimination: the order, its visa, and each entry it took; with the entry's own record and receipt.

use super::sheet::{Attached, Block, Sheet};
use super::words::{counted, date, day, nature};
use super::{answer, depositor, sealed, sealer};
use crate::app::{App, blocking};
use crate::auth::Authenticated;
use crate::deposit::Records;
use crate::parameters::{Parameters, Place};
use crate::problem::Problem;
use archive::Scope;
use axum::extract::State;
use axum::response::Response;
use ledger::spaces;
use ledger::storage::Reader;
use proof::record::LogRecord;
use proof::{EntryId, Index, TenantId, UnixMillis};
use serde_json::Value;

/// The attestation of an elimination.
pub(crate) async fn elimination(
    State(app): State<App>,
    caller: Authenticated,
    parameters: Parameters,
    Place(id): Place<String>,
) -> Result<Response, Problem> {
    parameters.only(&["tenant"])?;
    let (tenant, index) = caller.find(&app, &id, &parameters, Scope::Eliminate)?;
    let pdf = blocking({
        let (app, id) = (app.clone(), id.clone());
        move || sealed(&app, elimination_sheet(&app, tenant, index, &id)?)
    })
    .await??;
    Ok(answer(&format!("attestation-elimination-{id}.pdf"), pdf))
}

/// What is left to say of an elimination.
struct Eliminated {
    origin: String,
    depositor: String,
    id: String,
    at: UnixMillis,
    finished: bool,
    /// Office, day, reference, and digest of the signed document.
    visa: [String; 4],
    proposal_sha256: String,
    entries: Vec<(String, u64)>,
}

fn elimination_sheet(app: &App, tenant: TenantId, index: Index, id: &str) -> Result<Vec<u8>, Problem> {
    let entry_id = EntryId::parse(id).ok_or_else(crate::auth::not_found)?;
    let row = app.reads().value(spaces::ELIMINATIONS, &spaces::elimination(entry_id))?;
    let row: Value = serde_json::from_slice(&row.ok_or_else(crate::auth::not_found)?).map_err(Problem::internal)?;
    let leaf = app.reads().entry(index)?.ok_or_else(|| Problem::internal("the entry is missing"))?.leaf;
    let record = LogRecord::parse(&leaf.record).map_err(Problem::internal)?;
    let entry = Records::read(app, index)?.entry()?;
    let facts = crate::deposit::facts_json(&entry)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let entries = facts["entries"].as_array().into_iter().flatten();
    let told = Eliminated {
        origin: app.config.origin.clone(),
        depositor: depositor(app, tenant, record.received_at)?,
        id: id.to_owned(),
        at: record.received_at,
        finished: row["state"] == "done",
        visa: ["role", "date", "reference", "sha256"].map(|name| text(&facts["visa"][name])),
        proposal_sha256: text(&facts["proposal_sha256"]),
        entries: entries.map(|entry| (text(&entry["id"]), entry["index"].as_u64().unwrap_or(0))).collect(),
    };
    let receipt = ledger::prover::receipt_for(app.reads(), index).map_err(Problem::internal)?;
    let attached = [
        ("R.json", "application/json", "Enregistrement de l'élimination", receipt.record),
        ("reçu.tlog-proof", "text/plain", "Reçu : preuve d'inscription au journal", receipt.text.into_bytes()),
    ];
    let attached = attached.map(|(name, media_type, description, bytes)| Attached {
        name: name.into(),
        media_type,
        description: description.into(),
        bytes,
    });
    let sheet = Sheet {
        title: "Attestation d'élimination".into(),
        author: told.origin.clone(),
        foot: format!("{} · élimination {id}", told.origin),
        at: told.at,
        blocks: words(&told, sealer(app).as_deref()),
        attached: attached.into(),
    };
    sheet.to_pdf().map_err(|why| Problem::internal(format!("attestation: {why}")))
}

fn words(told: &Eliminated, cachet: Option<&str>) -> Vec<Block> {
    let (state, read) = if told.finished {
        (
            "les contenus sont détruits, leurs clés d'abord",
            "Les contenus ne peuvent plus être lus ici, ni dans les sauvegardes une fois passée la durée de garde des copies de clés",
        )
    } else {
        (
            "ordonnée ; la destruction est en cours",
            "Les contenus ne sont plus remis à personne, et leur destruction est en cours",
        )
    };
    let mut blocks = vec![
        Block::Title("Attestation d'élimination".into()),
        Block::Text(format!(
            "Le service d'archivage électronique « {} » a inscrit à son journal l'élimination {} ci-dessous, \
             ordonnée par un bordereau visé. {read} ; les reçus, le registre et la preuve que rien d'autre n'a disparu restent vérifiables.",
            told.origin,
            counted("[du dépôt nommé/des dépôts nommés]", told.entries.len())
        )),
        Block::Heading("L'élimination".into()),
        Block::Row("Service versant".into(), told.depositor.clone()),
        Block::Row("Identifiant".into(), told.id.clone()),
        Block::Row("Inscrite le".into(), date(told.at)),
        Block::Row("État".into(), state.into()),
        Block::Digits("Bordereau, SHA-256".into(), told.proposal_sha256.clone()),
        Block::Heading("Le visa".into()),
    ];
    let [role, date_of, reference, sha256] = &told.visa;
    blocks.extend([
        Block::Row("Qualité".into(), role.clone()),
        Block::Row("Date".into(), day(date_of)),
        Block::Row("Référence".into(), reference.clone()),
        Block::Digits("Document, SHA-256".into(), sha256.clone()),
    ]);
    let heading = "[Le dépôt éliminé/Les dépôts éliminés ({})]";
    blocks.push(Block::Heading(counted(heading, told.entries.len())));
    blocks.extend(told.entries.iter().map(|(id, index)| Block::Row(id.clone(), format!("au rang {index} du journal"))));
    blocks.push(nature("élimination", cachet));
    blocks
}
