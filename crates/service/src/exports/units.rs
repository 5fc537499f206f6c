//! The whole tree of an archived transfer, a line of JSON for each unit, read again from the bordereau that was kept.

use super::{Pieces, give, turn};
use crate::app::{App, blocking};
use crate::auth::Authenticated;
use crate::deposit::Records;
use crate::elimination::taken_by;
use crate::parameters::{Parameters, Place};
use crate::problem::{Problem, codes};
use archive::Scope;
use axum::extract::State;
use axum::response::Response;
use flow::seda::{Referential, Units};
use proof::Index;
use proof::json::Canonical;
use proof::record::FileRecord;
use store::FileReader;

/// The role of the file that tells the tree.
const ROLE: &str = "bordereau";
/// Units in one piece.
const AT_ONCE: usize = 500;

/// The units of a SEDA transfer; an entry of another kind has none.
pub(crate) async fn units(
    State(app): State<App>,
    caller: Authenticated,
    parameters: Parameters,
    Place(id): Place<String>,
) -> Result<Response, Problem> {
    parameters.only(&["tenant"])?;
    let (tenant, index) = caller.find(&app, &id, &parameters, Scope::Read)?;
    let turn = turn(&app)?;
    let by = app.config.seda.of(tenant);
    let reader = blocking(move || bordereau(&app, index)).await??;
    tracing::info!(%tenant, index = index.0, "tree served");
    give(Tree::Closed(Some(Box::new((reader, by)))), ("application/x-ndjson", "unites.jsonl"), turn).await
}

/// The bordereau of this entry.
fn bordereau(app: &App, index: Index) -> Result<FileReader, Problem> {
    let gone = || Problem::from(&codes::CONTENT_GONE);
    if taken_by(app, index)?.is_some() {
        return Err(gone());
    }
    for f in Records::read(app, index)?.fs {
        let file = FileRecord::parse(&f).map_err(Problem::internal)?;
        if file.rest.get("role").and_then(Canonical::to_string_value).as_deref() == Some(ROLE) {
            return app.reads().open_file(index, file.number)?.ok_or_else(gone);
        }
    }
    let none = "Cette entrée n'est pas un transfert SEDA : elle n'a pas d'unités.";
    Err(crate::auth::not_found().detail(none, "This entry is no SEDA transfer: it has no units."))
}

/// The tree on its way out.
enum Tree {
    Closed(Option<Box<(FileReader, Referential)>>),
    Open(Box<Units>),
}

impl Pieces for Tree {
    fn next(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        let units = match self {
            Tree::Open(units) => units,
            Tree::Closed(reader) => {
                let Some(opened) = reader.take() else { return Ok(None) };
                let (mut reader, by) = *opened;
                let read = Units::of_bordereau(ROLE, &mut reader, &flow::Limits::default());
                // It was read when it came.
                let units = read.map_err(|finding| Problem::internal(finding.code))?;
                *self = Tree::Open(Box::new(units.with(by)));
                return Ok(Some(Vec::new()));
            }
        };
        let mut lines = Vec::new();
        for unit in units.take(AT_ONCE) {
            serde_json::to_writer(&mut lines, &unit).map_err(Problem::internal)?;
            lines.push(b'\n');
        }
        Ok((!lines.is_empty()).then_some(lines))
    }
}
