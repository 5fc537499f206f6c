//! What belongs to the story of a pack's act: its other messages, each with a pack of its own, judged for itself.
//!
//! Acknowledgement, anomaly and cancellation come by default, and the act itself with one of its messages; letters only when asked for.
//! That these are all there are is what the archive says at that head: only the register proves it.

use crate::app::App;
use crate::deposit::{Story, Told, story};
use crate::evidence::{self, Asked};
use crate::layout::Layout;
use crate::limits;
use crate::problem::Problem;
use ledger::storage::Reader;
use proof::Index;
use proof::record::EntryRecord;
use serde_json::json;

/// Act, acknowledgement, anomaly, cancellation and its acknowledgement, proof of its publication; an accounting flow and what was acknowledged of it.
const BY_DEFAULT: [&str; 9] =
    ["1-1", "1-2", "1-3", "6-1", "6-2", "publication", "notification", "PES_Aller", "PES_ACQUIT"];

/// How much of the story comes along.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Related {
    None,
    Default,
    All,
}

/// Names under `META-INF/tabellion/related/`, and bytes: a pack each, and an index; nothing where there is no story. Blocks.
pub(crate) fn of(app: &App, index: Index, e: &[u8], asked: Related) -> Result<Vec<(String, Layout)>, Problem> {
    if asked == Related::None {
        return Ok(Vec::new());
    }
    let entry = EntryRecord::parse(e).map_err(Problem::internal)?;
    let row = app.reads().entry(index)?.ok_or_else(|| Problem::internal("the entry is missing"))?;
    let Some(Story { field, name: story_name, told, .. }) = story(app, row.leaf.tenant, &entry)? else {
        return Ok(Vec::new());
    };
    let by_default = |message: &str| BY_DEFAULT.contains(&message);
    // Of several messages one that comes is enough: they are in one pack.
    let wanted = |one: &Told| {
        let several = one.tied.as_ref().is_some_and(|tied| tied.iter().any(|tied| by_default(&tied.message)));
        asked == Related::All || several || one.message.as_str().is_some_and(by_default)
    };
    let (mut files, mut listed, mut bytes) = (Vec::new(), Vec::new(), 0);
    let most = app.config.limits.pack_bytes.min(limits::RELATED_BYTES);
    for one in told.iter().filter(|one| one.index != index) {
        let (id, message) = (one.id.to_string(), &one.message);
        let mut line = json!({"id": id, "index": one.index.0, "message": message, "by": one.by, "pack": null});
        if wanted(one) && files.len() < limits::RELATED {
            match evidence::build(app, one.index, Asked::alone()) {
                Ok((pack, _)) if bytes + pack.bytes() <= most => {
                    bytes += pack.bytes();
                    let name = format!("{}.asice", one.id);
                    line["pack"] = json!(name);
                    files.push((name, pack));
                }
                Ok(_) => line["code"] = json!("pack-too-large"),
                Err(problem) => line["code"] = json!(problem.code()),
            }
        }
        listed.push(line);
    }
    if listed.is_empty() {
        return Ok(files);
    }
    let head = app.reads().head()?.map_or(0, |head| head.size.0);
    let index = json!({
        "version": 1, field: story_name, "head": head, "entries": listed,
        "note_fr": "Ce que l'archive connaît de cette histoire à cette tête du journal ; seul le registre prouve qu'il n'y a rien d'autre.",
        "note_en": "What the archive knows of this story at this head of the log; only the register proves that there is nothing else.",
    });
    files.push(("index.json".to_owned(), format!("{index:#}\n").into_bytes().into()));
    Ok(files)
}
