//! A renewal of hashes: everything sealed, every document read and found whole, the new tree planned; then the seal job has it stamped and
//! logged.

use super::{Renewed, log, too_late, unplanned};
use crate::app::{App, blocking};
use crate::deposit::Records;
use crate::entry::NewFile;
use crate::problem::{Problem, codes};
use crate::random;
use crate::scrub;
use crate::sealing::{self as seals, Outcome, Work};
use crate::serve::first_policy;
use ledger::sealing::{self, HashInputs, HashPlan, Objects, SealingError};
use proof::record::FileRecord;
use proof::{EntryId, Index};
use std::io::Write;
use store::Spooled;
use tokio::sync::watch;

/// A renewal planned, and the leaves of its tree.
pub(crate) struct Hashed {
    plan: HashPlan,
    leaves: Spooled,
}

/// Begun, unless one is under way.
pub(super) fn begin(app: &App) -> Result<(), Problem> {
    app.renewals.begin()?;
    let app = app.clone();
    tokio::spawn(async move {
        let outcome = renew(&app).await;
        if let Err(problem) = &outcome {
            tracing::error!(code = problem.code(), "hashes not renewed");
        }
        let told = match outcome {
            Ok(renewed) => Ok((renewed.iter().map(Renewed::to_json).collect(), too_late(&app, &renewed).await)),
            Err(problem) => Err(problem),
        };
        app.renewals.end(told);
    });
    Ok(())
}

async fn renew(app: &App) -> Result<Vec<Renewed>, Problem> {
    app.renewals.step("sealing");
    if let Outcome::Pending { code, .. } = app.seals.now().await? {
        return Err(Problem::from(&codes::RENEWAL_NOT_STAMPED).because(code));
    }
    app.renewals.step("fixity");
    let shared = app.clone();
    let (report, whole) = blocking(move || scrub::documents(&shared)).await??;
    if !whole {
        return Err((&codes::STOPPED).into());
    }
    if report.damage > 0 {
        let damage = report.damage;
        return Err(Problem::from(&codes::FIXITY_FAILED).detail(
            format!("{damage} défauts dans ce qui est conservé : rien n'est renouvelé avant réparation"),
            format!("{damage} faults in what is kept: nothing is renewed before it is repaired"),
        ));
    }
    app.renewals.step("planning");
    let shared = app.clone();
    let hashed = blocking(move || plan(&shared)).await??;
    app.renewals.step("stamping");
    app.seals.renew(Work::Hashes(Box::new(hashed))).await
}

/// The tree over everything. Blocks.
fn plan(app: &App) -> Result<Hashed, Problem> {
    let policy = first_policy(app.reads())?;
    let mut leaves = app.vault().spool().map_err(Problem::internal)?;
    let stored = |why: String| SealingError::Stored(why);
    let inputs = HashInputs {
        policy: &policy,
        files: &mut |index| files(app, index),
        leaf: &mut |leaf| leaves.write_all(leaf).map_err(|why| stored(format!("leaves of a renewal: {why}"))),
    };
    let plan = sealing::plan_hashes(app.reads(), inputs).map_err(unplanned)?;
    // The entry of the renewal before was sealed just now: there is always something.
    let plan = plan.ok_or_else(|| Problem::internal("nothing was sealed since the last renewal"))?;
    Ok(Hashed { plan, leaves: leaves.finish().map_err(Problem::internal)? })
}

/// The groups of this entry's files: what their `F`s say of them, and the `F`s; `None` once eliminated.
fn files(app: &App, index: Index) -> Result<Option<Vec<Objects>>, SealingError> {
    let records = match Records::read(app, index) {
        Ok(records) => records,
        Err(problem) if problem.code() == codes::CONTENT_GONE.name => return Ok(None),
        Err(_) => return Err(SealingError::Entry(index)),
    };
    let objects = |f: &Vec<u8>| {
        let record = FileRecord::parse(f).map_err(|_| SealingError::Entry(index))?;
        let (sha256, sha512) = ([record.sha256, proof::sha256(f)], [record.sha512, proof::sha512(f)]);
        Ok(Objects { sha256, sha512 })
    };
    records.fs.iter().map(objects).collect::<Result<_, _>>().map(Some)
}

/// Stamped and logged.
pub(crate) async fn stamp(
    app: &App,
    hashed: Hashed,
    stop: &mut watch::Receiver<bool>,
) -> Result<Vec<Renewed>, Problem> {
    let Hashed { plan, leaves } = hashed;
    // Another renewal came between: what was hashed is not what the records bear now.
    let shared = app.clone();
    let known = blocking(move || sealing::renewals(shared.reads())).await?.map_err(Problem::internal)?;
    if known.len() as u64 != plan.plan.number {
        return Err(Problem::from(&codes::BUSY).because("another renewal was logged meanwhile"));
    }
    let token = seals::stamped(app, &plan.plan, stop).await?;
    let shared = app.clone();
    blocking(move || {
        let id = EntryId(random::bytes().map_err(Problem::internal)?);
        let (renewal, puts) = plan.stamped(&token, id).map_err(Problem::internal)?;
        let leaves = NewFile {
            parent: None,
            name: b"leaves.bin".to_vec(),
            media_type: "application/octet-stream".into(),
            role: "fichier",
            spooled: leaves,
        };
        Ok(vec![log(&shared, renewal, &token, Some(leaves), puts)?])
    })
    .await?
}
