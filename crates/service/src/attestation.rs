//! Attestations: sheets in French for people, which say what the evidence shows and are not evidence themselves
//! (docs/formats/attestation.md).

mod cachet;
mod elimination;
mod restitution;
mod sheet;
mod words;

use crate::app::{App, blocking};
use crate::auth::Authenticated;
use crate::deposit::Records;
use crate::disposition::attachment;
use crate::evidence;
use crate::limits;
use crate::parameters::{Parameters, Place};
use crate::problem::{Problem, codes};
use crate::random;
use crate::sealing;
use archive::Scope;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use cachet::{STAMP_BYTES, Unsigned};
use ledger::storage::Reader;
use proof::record::{EntryRecord, FileRecord, LogRecord};
use proof::time::parse_rfc3339;
use proof::{Index, TenantId, UnixMillis};
use sheet::{Attached, Block, Sheet};
use std::collections::BTreeSet;
use verifier::{FindingLine, Lang, Status, Verdict};
use words::{Finding, Told};

pub(crate) use elimination::elimination;
pub(crate) use restitution::restitution;

/// What is attested of a deposit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Deposit,
    Integrity,
}

/// The attestation of a deposit, or that it is whole at this moment, its evidence pack attached.
pub(crate) async fn attestation(
    State(app): State<App>,
    caller: Authenticated,
    parameters: Parameters,
    Place(id): Place<String>,
) -> Result<Response, Problem> {
    let (tenant, index) = caller.find(&app, &id, &parameters, Scope::Read)?;
    parameters.only(&["of", "tenant"])?;
    let of = match parameters.text("of") {
        None | Some("depot") => Of::Deposit,
        Some("integrite") => Of::Integrity,
        Some(_) => return Err(parameters.unreadable("of")),
    };
    let name = if of == Of::Deposit { "attestation-depot" } else { "attestation-integrite" };
    let name = format!("{name}-{id}.pdf");
    with_pack(app, (tenant, index), &name, move |app| deposit_sheet(app, index, of, &id)).await
}

/// The answer with a sheet that a pack is built for: one turn of those of packs, and not while the sheet is sealed.
async fn with_pack(
    app: App,
    (tenant, index): (TenantId, Index),
    name: &str,
    sheet: impl FnOnce(&App) -> Result<Vec<u8>, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    let turn = app.packs.acquire().await.map_err(Problem::internal)?;
    let pdf = blocking({
        let app = app.clone();
        move || sheet(&app)
    })
    .await??;
    drop(turn);
    let pdf = blocking({
        let app = app.clone();
        move || sealed(&app, pdf)
    })
    .await??;
    tracing::info!(%tenant, index = index.0, bytes = pdf.len(), "attestation served");
    Ok(answer(name, pdf))
}

fn answer(name: &str, pdf: Vec<u8>) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/pdf".to_owned()),
        (CONTENT_DISPOSITION, attachment(name)),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, pdf).into_response()
}

/// The sheet with the house's seal under it, where it has one: without it, none is given. Blocks.
fn sealed(app: &App, pdf: Vec<u8>) -> Result<Vec<u8>, Problem> {
    let Some(cachet) = &app.cachet else { return Ok(pdf) };
    let refused = |why: String| Problem::from(&codes::ATTESTATION_NOT_SEALED).retry_after(60).because(why);
    let room = cachet.size() + if cachet.stamped { STAMP_BYTES } else { 0 };
    let unsigned = Unsigned::of(pdf, random::now(), room).map_err(Problem::internal)?;
    let signature = cachet.seal(&unsigned.sha256(), |digest| sealing::stamp(app, digest)).map_err(refused)?;
    unsigned.signed(&signature).map_err(refused)
}

/// Whose seal a sheet will bear, if any.
fn sealer(app: &App) -> Option<String> {
    app.cachet.as_ref().map(|cachet| cachet.name().to_owned())
}

/// The sheet that stands in a pack: without attachment, since the pack is the proof, and without seal, so that the same pack has the same sheet.
pub(crate) fn of_pack(app: &App, index: Index, given: Given<'_>) -> Result<Vec<u8>, Problem> {
    let told = told(app, index, given, None)?;
    let at = told.sealed.as_ref().map_or(told.record.received_at, |(at, _)| *at);
    let blocks = words::deposit(&told, "celui où se trouve cette attestation");
    write(&told, "Attestation de dépôt", at, blocks, Vec::new())
}

/// What a pack is made of, as far as a sheet tells it.
pub(crate) struct Given<'a> {
    pub(crate) record: &'a [u8],
    pub(crate) entry: &'a [u8],
    pub(crate) files: Vec<&'a [u8]>,
    /// Numbers of those that the pack does not show.
    pub(crate) withheld: BTreeSet<u64>,
    /// Time of the seal, and who made it.
    pub(crate) sealed: Option<(UnixMillis, String)>,
    /// Trusted lists say that who made it was qualified.
    pub(crate) qualified: bool,
}

fn deposit_sheet(app: &App, index: Index, of: Of, id: &str) -> Result<Vec<u8>, Problem> {
    let (pack, verdict) = evidence::build(app, index, evidence::Asked::alone())?;
    evidence::attestable(&verdict)?;
    // The report of integrity says what anyone would find who holds the policy of today, at the moment it tells.
    let now = random::now();
    let verdict = if of == Of::Integrity { evidence::as_published(app, &pack, now) } else { verdict };
    evidence::attestable(&verdict)?;
    let records = Records::read(app, index)?;
    let row = app.reads().entry(index)?.ok_or_else(|| Problem::internal("the entry is missing"))?;
    let given = Given {
        record: &row.leaf.record,
        entry: &records.e,
        files: records.fs.iter().map(Vec::as_slice).collect(),
        withheld: BTreeSet::new(),
        sealed: verdict.time.as_ref().map(|time| (time.not_after, time.authority.clone())),
        qualified: verdict.time.as_ref().is_some_and(|time| time.qualified),
    };
    let told = told(app, index, given, sealer(app))?;
    let name = format!("{id}.asice");
    // What is no larger than this is wholly in memory.
    let pack = Some(pack).filter(|pack| pack.bytes() <= limits::ATTACHED_BYTES).and_then(|pack| pack.held().ok());
    let fits = pack.is_some();
    let pack_is = if fits {
        format!("« {name} », joint à ce PDF")
    } else {
        format!("« {name} », que le service remet à part")
    };
    let attached = pack.map(|bytes| Attached {
        name,
        media_type: "application/vnd.etsi.asic-e+zip",
        description: "Dossier de preuve : à vérifier avec tabellion-verify".into(),
        bytes,
    });
    let (title, at, blocks) = match of {
        Of::Deposit => {
            let at = told.sealed.as_ref().map_or(told.record.received_at, |(at, _)| *at);
            ("Attestation de dépôt", at, words::deposit(&told, &pack_is))
        }
        Of::Integrity => {
            let (passed, findings) = found(&verdict);
            ("Attestation d'intégrité", now, words::integrity(&told, now, &passed, findings, &pack_is))
        }
    };
    write(&told, title, at, blocks, attached.into_iter().collect())
}

/// The verdict's first sentence, and its lines.
fn found(verdict: &Verdict) -> (String, Vec<Finding>) {
    let [same, _, _] = verdict.sentences(Lang::French);
    // Of what is only repeated, this alone was read when the deposit came; all else is told for information.
    let at_deposit = |line: &FindingLine| matches!(line.code, "identifiers-recorded" | "signatures-recorded");
    let word = |line: &FindingLine| match line.status {
        Status::Passed => "vérifié",
        Status::Failed => "faux",
        Status::Indeterminate => "non établi",
        Status::Absent => "absent",
        Status::Recorded if at_deposit(line) => "relevé au dépôt",
        Status::Recorded => "pour information",
    };
    let mut lines: Vec<Finding> = Vec::new();
    for line in &verdict.findings {
        let (holds, sentence) = (word(line), line.message(Lang::French));
        match lines.last_mut() {
            // The same of every file, said once.
            Some(last) if (last.name, last.holds, &*last.sentence) == (line.name, holds, sentence.as_str()) => {
                last.times += 1
            }
            _ => lines.push(Finding { name: line.name, holds, sentence, times: 1 }),
        }
    }
    (same, lines)
}

fn told(app: &App, index: Index, given: Given<'_>, cachet: Option<String>) -> Result<Told, Problem> {
    let record = LogRecord::parse(given.record).map_err(Problem::internal)?;
    let entry = EntryRecord::parse(given.entry).map_err(Problem::internal)?;
    let files = given.files.into_iter().map(FileRecord::parse).collect::<Result<_, _>>().map_err(Problem::internal)?;
    Ok(Told {
        origin: app.config.origin.clone(),
        depositor: depositor(app, record.tenant, record.received_at)?,
        index: index.0,
        sealed: given.sealed,
        test_authority: evidence::by_test_authority(app, index)?,
        withheld: given.withheld,
        qualified: given.qualified,
        cachet,
        record,
        entry,
        files,
    })
}

/// Name and number of a tenant as they were at this moment.
fn depositor(app: &App, tenant: TenantId, at: UnixMillis) -> Result<String, Problem> {
    let row = app.office.tenant(tenant).map_err(Problem::internal)?;
    let row = row.ok_or_else(|| Problem::internal("an entry's tenant is not known"))?;
    let begun = |from: &str| parse_rfc3339(from).is_some_and(|from| from <= at);
    let then = row.attributes.iter().rev().find(|now| begun(&now.from)).or(row.attributes.first());
    let number = then.and_then(|then| then.number.as_ref());
    let number = number.map(|number| {
        let kind = if number.as_str().len() == 14 { "SIRET" } else { "SIREN" };
        format!(", {kind} {}", number.as_str())
    });
    Ok(format!("{}{}", then.map_or("", |then| &then.name), number.unwrap_or_default()))
}

fn write(
    told: &Told,
    title: &str,
    at: UnixMillis,
    blocks: Vec<Block>,
    attached: Vec<Attached>,
) -> Result<Vec<u8>, Problem> {
    let sheet = Sheet {
        title: format!("{title} {}", told.record.id),
        author: told.origin.clone(),
        foot: format!("{} · dépôt {}", told.origin, told.record.id),
        at,
        blocks,
        attached,
    };
    sheet.to_pdf().map_err(|why| Problem::internal(format!("attestation: {why}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_read_at_deposit_is_said_to_have_been() {
        let mut case = verifier::Case::new(None, UnixMillis(0));
        case.say("not-evidence", "META-INF/tabellion/policy.json", "");
        case.say("no-algorithm-dates", "", "sha256");
        case.say("identifiers-recorded", "unit/E.json", "id_acte=\"1\"");
        case.say("signatures-recorded", "unit/E.json", "[]");
        let (_, lines) = found(&case.verdict);
        let holds: Vec<&str> = lines.iter().map(|line| line.holds).collect();
        assert_eq!(holds, ["pour information", "pour information", "relevé au dépôt", "relevé au dépôt"]);
    }
}
