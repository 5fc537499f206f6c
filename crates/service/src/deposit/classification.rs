//! The matter of an act, by the classification of its préfecture (message 7-2) that was in force at its date, where the tenant deposited it.
//! What is deposited later changes nothing of an act that was: its entry says which one it was held against.

use super::answer::json_of;
use super::story::classification_of;
use crate::app::App;
use crate::elimination::taken_by;
use crate::limits;
use crate::problem::Problem;
use flow::{Classification, Flow, Limits};
use ledger::storage::Reader;
use proof::record::{EntryRecord, FileRecord};
use proof::{FileNumber, Index, TenantId};
use std::io::Read;

/// The matter of the act this flow describes is held against the classification in force, if one is known. Blocks.
pub(super) fn classify(app: &App, tenant: TenantId, flow: &mut Flow) -> Result<(), Problem> {
    let Some((department, date)) = flow.to_classify() else { return Ok(()) };
    let digest = app.vault().lookup(tenant, "actes-classification", department.as_bytes());
    let mut in_force: Option<(String, Index)> = None;
    for index in app.reads().lookup(tenant, &digest, limits::STORY)? {
        if taken_by(app, index)?.is_some() {
            continue;
        }
        let e = app.reads().read_entry_record(index)?.and_then(|e| EntryRecord::parse(&e).ok());
        let Some(since) = e.as_ref().and_then(classification_of).filter(|since| since.as_str() <= date) else {
            continue;
        };
        if in_force.as_ref().is_none_or(|(known, _)| since > *known) {
            in_force = Some((since, index));
        }
    }
    let Some((since, index)) = in_force else { return Ok(()) };
    let Some(row) = app.reads().entry(index)? else { return Ok(()) };
    if let Some(classification) = read(app, index, &since)? {
        flow.classify(&classification, &row.leaf.id.to_string(), &Limits::default());
    }
    Ok(())
}

/// The classification of that date in the files of this entry. Nothing when they are gone.
fn read(app: &App, index: Index, since: &str) -> Result<Option<Classification>, Problem> {
    let limits = Limits::default();
    for number in (1..=app.reads().file_count(index)?.unwrap_or(0)).map(FileNumber) {
        let Some(record) = app.reads().read_file_record(index, number)? else { continue };
        let record = FileRecord::parse(&record).map_err(Problem::internal)?;
        let role = record.rest.get("role").map(json_of).transpose()?;
        if role.is_none_or(|role| role != "message") || record.size > limits.xml_bytes {
            continue;
        }
        let Some(file) = app.reads().open_file(index, number)? else { continue };
        let mut bytes = Vec::new();
        file.take(limits.xml_bytes).read_to_end(&mut bytes).map_err(Problem::internal)?;
        let found = Classification::read(&record.name, &bytes, &limits);
        if let Some(classification) = found.filter(|one| one.date() == since) {
            return Ok(Some(classification));
        }
    }
    Ok(None)
}
