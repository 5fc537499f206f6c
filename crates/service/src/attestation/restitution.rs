//! The attestation of a restitution: to whom, on whose decision, which deposits and which files; with the evidence pack of its own entry.
//!
//! The files are read from the deposits themselves: the entry names deposits alone, so that what an elimination takes later is gone
//! from here too, and the sheet says so.

use super::sheet::{Attached, Block, Sheet};
use super::words::{counted, date, dated, day, nature, one_file};
use super::{depositor, sealer, with_pack};
use crate::app::App;
use crate::auth::{Authenticated, not_found};
use crate::deposit::{Records, facts_json};
use crate::elimination::taken_by;
use crate::evidence;
use crate::parameters::{Parameters, Place};
use crate::problem::Problem;
use crate::restitution::RESTITUTION;
use archive::Scope;
use axum::extract::State;
use axum::response::Response;
use ledger::storage::Reader;
use proof::Index;
use proof::record::{FileRecord, LogRecord};
use serde_json::Value;

/// Files described one by one; beyond, those of the deposits that are left are counted.
const FILES_DESCRIBED: u64 = 2000;

/// The attestation of a restitution.
pub(crate) async fn restitution(
    State(app): State<App>,
    caller: Authenticated,
    parameters: Parameters,
    Place(id): Place<String>,
) -> Result<Response, Problem> {
    parameters.only(&["tenant"])?;
    let (tenant, index) = caller.find(&app, &id, &parameters, Scope::Read)?;
    let name = format!("attestation-restitution-{id}.pdf");
    with_pack(app, (tenant, index), &name, move |app| sheet(app, index, &id)).await
}

fn sheet(app: &App, index: Index, id: &str) -> Result<Vec<u8>, Problem> {
    let records = Records::read(app, index)?;
    let facts = facts_json(&records.entry()?)?;
    if facts["administration"] != RESTITUTION {
        return Err(not_found());
    }
    let row = app.reads().entry(index)?.ok_or_else(|| Problem::internal("the entry is missing"))?;
    let record = LogRecord::parse(&row.leaf.record).map_err(Problem::internal)?;
    let (pack, verdict) = evidence::build(app, index, evidence::Asked::alone())?;
    evidence::attestable(&verdict)?;
    let name = format!("{id}.asice");
    let entries = facts["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut blocks = head(app, &record, &facts)?;
    let time = verdict.time.as_ref();
    let dated = dated(
        time.map(|time| (time.not_after, time.authority.clone())).as_ref(),
        evidence::by_test_authority(app, index)?,
        time.is_some_and(|time| time.qualified),
    );
    blocks.extend([Block::Heading("La date".into()), dated]);
    blocks.push(Block::Heading(counted("[Le dépôt restitué/Les dépôts restitués ({})]", entries.len())));
    let mut room = FILES_DESCRIBED;
    for entry in entries {
        blocks.extend(deposit(app, entry, &mut room)?);
    }
    blocks.extend(how_to_check(&name));
    blocks.push(nature("restitution", sealer(app).as_deref()));
    let attached = Attached {
        name,
        media_type: "application/vnd.etsi.asic-e+zip",
        description: "Dossier de preuve de la restitution : à vérifier avec tabellion-verify".into(),
        bytes: pack.held().map_err(|_| Problem::internal("the pack of a restitution is too large to be attached"))?,
    };
    let origin = app.config.origin.clone();
    let sheet = Sheet {
        title: format!("Attestation de restitution {id}"),
        foot: format!("{origin} · restitution {id}"),
        author: origin,
        at: time.map_or(record.received_at, |time| time.not_after),
        blocks,
        attached: vec![attached],
    };
    sheet.to_pdf().map_err(|why| Problem::internal(format!("attestation: {why}")))
}

/// What the entry says of the restitution itself.
fn head(app: &App, record: &LogRecord, facts: &Value) -> Result<Vec<Block>, Problem> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (to, decision) = (text(&facts["to"]), &facts["decision"]);
    let count = facts["entries"].as_array().map_or(0, Vec::len);
    let mut blocks = vec![
        Block::Title("Attestation de restitution".into()),
        Block::Text(format!(
            "Le service d'archivage électronique « {} » a inscrit à son journal que {} à « {to} ». \
             Une restitution ne retire rien : {}. Que la remise a eu lieu, à qui \
             et quel jour, c'est la parole de qui l'a déclarée ; la preuve est que cette parole a été inscrite, et pour {}.",
            app.config.origin,
            counted("[le dépôt nommé ci-dessous a été remis/les dépôts nommés ci-dessous ont été remis]", count),
            counted(
                "[il reste conservé tant qu'une élimination ne l'a pas pris/ils restent conservés tant qu'une élimination ne les a pas pris]",
                count
            ),
            counted("[quel dépôt/quels dépôts]", count)
        )),
        Block::Heading("La restitution".into()),
        Block::Row("Service versant".into(), depositor(app, record.tenant, record.received_at)?),
        Block::Row("Identifiant".into(), record.id.to_string()),
        Block::Row("Inscrite le".into(), format!("{}, à l'horloge du service", date(record.received_at))),
        Block::Row("Remise à".into(), to),
        Block::Row("Remise le".into(), day(&text(&facts["handed"]))),
        Block::Heading("La décision".into()),
        Block::Row("Qualité".into(), text(&decision["role"])),
        Block::Row("Date".into(), day(&text(&decision["date"]))),
        Block::Row("Référence".into(), text(&decision["reference"])),
    ];
    if let Some(sha256) = decision["sha256"].as_str() {
        blocks.push(Block::Digits("Document, SHA-256".into(), sha256.to_owned()));
    }
    Ok(blocks)
}

/// A deposit handed over, and its files as long as there is room for them.
fn deposit(app: &App, entry: &Value, room: &mut u64) -> Result<Vec<Block>, Problem> {
    let index = Index(entry["index"].as_u64().ok_or_else(|| Problem::internal("a restitution names no index"))?);
    let id = entry["id"].as_str().unwrap_or_default();
    let row = app.reads().entry(index)?.ok_or_else(|| Problem::internal("the entry is missing"))?;
    let record = LogRecord::parse(&row.leaf.record).map_err(Problem::internal)?;
    let received = format!("{id}, rang {} du journal, reçu le {}", index.0, date(record.received_at));
    let mut blocks = vec![Block::Row("Dépôt".into(), received)];
    if taken_by(app, index)?.is_some() {
        blocks.push(Block::Row("Depuis".into(), "éliminé : ses fichiers ne se décrivent plus".into()));
        return Ok(blocks);
    }
    let count = app.reads().file_count(index)?.unwrap_or(0);
    if count > *room {
        let told = counted("{}, que le dossier de preuve de ce dépôt nomme [aussi/tous]", count);
        blocks.push(Block::Row("Fichiers".into(), told));
        return Ok(blocks);
    }
    *room -= count;
    let records = Records::read(app, index)?;
    let objet = records.entry()?.facts.get("objet").and_then(proof::json::Canonical::to_string_value);
    blocks.extend(objet.map(|objet| Block::Row("Objet".into(), objet)));
    for f in &records.fs {
        blocks.extend(one_file(&FileRecord::parse(f).map_err(Problem::internal)?));
    }
    Ok(blocks)
}

fn how_to_check(name: &str) -> [Block; 2] {
    [
        Block::Heading("Vérifier".into()),
        Block::Text(format!(
            "« {name} », joint à ce PDF, est le dossier de preuve de cette restitution : n'importe qui le vérifie sans réseau et sans faire confiance au \
             service, avec la commande « tabellion-verify » et la politique du journal obtenue par ailleurs. Il nomme chaque dépôt et l'empreinte \
             de son inscription au journal. Les fichiers se prouvent avec le dossier de preuve de chaque dépôt, remis avec eux ; leurs empreintes, \
             ci-dessus, se comparent à celles des fichiers en main."
        )),
    ]
}
