//! Essential data of procurement, out of every deposit that holds some: each contract once, as it was deposited last, with the modifications of
//! all deposits merged by number. The deposits are gone through three times: for where each contract stands last, for its modifications, and to
//! write it; what is kept between is its place, and its modifications.

mod left_out;
mod merged;

use super::{Days, Pieces};
use crate::app::App;
use crate::deposit::Records;
use crate::elimination::taken_by;
use crate::limits;
use crate::problem::{Problem, codes};
use crate::publication::publisher;
use flow::day::is_day;
use flow::{EssentialContract, Extent};
use ledger::storage::Reader;
pub(super) use left_out::LeftOut;
use left_out::why;
use merged::{Merged, Place};
use proof::json::Canonical;
use proof::record::{EntryRecord, FileRecord};
use proof::{FileNumber, Index, Sequence, TenantId};
use serde_json::Value;
use std::io::Read;

/// The role of files that hold essential data.
const ROLE: &str = "donnees-essentielles";

/// `AAAA-MM-JJ`.
const DAY_BYTES: usize = 10;

/// A page of a tenant's chain.
struct Page {
    /// The files of essential data, and the entries that cannot be read any more, which may hold some.
    found: Vec<Result<Place, Index>>,
    /// Where the next page begins.
    next: Option<Sequence>,
}

/// Where the export stands.
enum Step {
    Gather,
    /// The files left, last first; of contracts, then of concessions. Whether one was written in this list.
    Write {
        concessions: bool,
        left: Vec<Place>,
        written: bool,
    },
    Done,
}

/// A tenant's contracts.
pub(super) struct Contracts {
    app: App,
    tenant: TenantId,
    days: Days,
    merged: Merged,
    step: Step,
}

impl Contracts {
    pub(super) fn new(app: App, tenant: TenantId, days: Days) -> Self {
        Self { app, tenant, days, merged: Merged::default(), step: Step::Gather }
    }

    /// First and second reading: where each contract stands last, and what modified those of the days asked for.
    fn gather(&mut self) -> Result<(), Problem> {
        let (app, days, merged) = (&self.app, &self.days, &mut self.merged);
        through(app, self.tenant, |place, rank, contract| {
            merged.stands(place, rank, &contract, days.hold(day(&contract)));
            within(merged)
        })?;
        merged.settle();
        through(app, self.tenant, |_, _, contract| {
            merged.modified(&contract);
            within(merged)
        })
    }

    /// Third reading of one file: its contracts that stand here last.
    fn written(&self, place: Place, concessions: bool, mut any: bool) -> Result<(String, bool), Problem> {
        let mut text = String::new();
        let mut failed = None;
        let publisher = publisher(&self.app, self.tenant)?;
        each(&self.app, place, |rank, contract| {
            if contract.concession != concessions || why(publisher, &contract).is_some() {
                return;
            }
            match self.merged.whole(place, rank, contract) {
                Some(Ok(whole)) => {
                    text.push_str(if any { ",\n" } else { "\n" });
                    text.push_str(&whole.to_string());
                    any = true;
                }
                Some(Err(why)) => failed = Some(Problem::from(why)),
                None => {}
            }
        })?;
        failed.map_or(Ok((text, any)), Err)
    }
}

impl Pieces for Contracts {
    fn next(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        let step = std::mem::replace(&mut self.step, Step::Done);
        let (text, step) = match step {
            Step::Gather => {
                self.gather()?;
                let left = self.merged.files(false);
                ("{\"marches\":{\"marche\":[".to_owned(), Step::Write { concessions: false, left, written: false })
            }
            Step::Write { concessions, mut left, written } => match left.pop() {
                Some(place) => {
                    let (text, written) = self.written(place, concessions, written)?;
                    (text, Step::Write { concessions, left, written })
                }
                None if concessions => ("]}}\n".to_owned(), Step::Done),
                None => {
                    let left = self.merged.files(true);
                    ("],\n\"contrat-concession\":[".to_owned(), Step::Write { concessions: true, left, written: false })
                }
            },
            Step::Done => return Ok(None),
        };
        self.step = step;
        Ok(Some(text.into_bytes()))
    }
}

/// The day on which a contract was notified, or a concession signed. An offset may stand behind it.
fn day(contract: &EssentialContract) -> &str {
    let name = if contract.concession { "dateSignature" } else { "dateNotification" };
    let text = contract.body.get(name).and_then(Value::as_str).unwrap_or_default();
    text.get(..DAY_BYTES).filter(|day| is_day(day)).unwrap_or(text)
}

/// Numbers of the files of this entry in which essential data were read; empty for one that is gone or is no such deposit, none for one that cannot
/// be read any more.
fn essential(app: &App, index: Index) -> Result<Option<Vec<FileNumber>>, Problem> {
    let nothing = Ok(Some(Vec::new()));
    if taken_by(app, index)?.is_some() {
        return nothing;
    }
    let entry = match app.reads().read_entry_record(index) {
        Ok(Some(entry)) => entry,
        Ok(None) => return nothing,
        // One entry that cannot be read does not hide the others.
        Err(error) => {
            tracing::error!(index = index.0, ?error, "an entry cannot be read: nothing of it is exported");
            return Ok(None);
        }
    };
    let entry = EntryRecord::parse(&entry).map_err(Problem::internal)?;
    if !entry.facts.contains_key("nombre_contrats") {
        return nothing;
    }
    let mut numbers = Vec::new();
    for f in Records::read(app, index)?.fs {
        let file = FileRecord::parse(&f).map_err(Problem::internal)?;
        if file.rest.get("role").and_then(Canonical::to_string_value).as_deref() == Some(ROLE) {
            numbers.push(file.number);
        }
    }
    Ok(Some(numbers))
}

/// Hands over each contract of the tenant that may be given out, with the file it stands in and its rank there, in the order of the deposits.
fn through(
    app: &App,
    tenant: TenantId,
    mut with: impl FnMut(Place, usize, EssentialContract) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let publisher = publisher(app, tenant)?;
    let mut from = Sequence(1);
    loop {
        let Page { found, next } = page(app, tenant, from)?;
        for place in found.into_iter().flatten() {
            let mut told = Ok(());
            each(app, place, |rank, contract| {
                if told.is_ok() && why(publisher, &contract).is_none() {
                    told = with(place, rank, contract);
                }
            })?;
            told?;
        }
        match next {
            Some(next) => from = next,
            None => return Ok(()),
        }
    }
}

/// The page that begins here.
fn page(app: &App, tenant: TenantId, from: Sequence) -> Result<Page, Problem> {
    let rows = app.reads().by_sequence(tenant, from, limits::PAGE)?;
    let next = rows.last().map(|(last, _)| Sequence(last.0 + 1));
    let mut found = Vec::new();
    for (_, index) in rows {
        match essential(app, index)? {
            Some(numbers) => found.extend(numbers.into_iter().map(|number| Ok((index, number)))),
            None => found.push(Err(index)),
        }
    }
    Ok(Page { found, next })
}

/// What is kept has room.
fn within(merged: &Merged) -> Result<(), Problem> {
    match merged.is_within(limits::EXPORT_CONTRACTS, limits::EXPORT_MODIFICATIONS_BYTES) {
        true => Ok(()),
        false => Err((&codes::EXPORT_TOO_LARGE).into()),
    }
}

/// Hands over each contract of this file, with its rank among all of them; whether that was all of it. One that has been eliminated since holds none.
fn each(app: &App, (index, number): Place, mut with: impl FnMut(usize, EssentialContract)) -> Result<Extent, Problem> {
    if taken_by(app, index)?.is_some() {
        return Ok(Extent::Whole);
    }
    let Some(file) = app.reads().open_file(index, number)? else { return Ok(Extent::Whole) };
    let bounds = flow::Limits::default();
    let mut bytes = Vec::new();
    file.take(bounds.decp_bytes.max(bounds.xml_bytes)).read_to_end(&mut bytes).map_err(Problem::internal)?;
    let mut rank = 0;
    let mut each = |contract: EssentialContract| {
        rank += 1;
        with(rank, contract);
    };
    Ok(flow::essential_contracts("decp", &bytes, &bounds, &mut each).unwrap_or_else(|finding| {
        // It was read when it came, under other limits.
        tracing::warn!(index = index.0, file = number.0, code = finding.code, "essential data are not read");
        Extent::Cut
    }))
}
