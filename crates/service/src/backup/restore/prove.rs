//! The proof of a restored store: its index made again from its segments, its head the one that the backup states, every byte read.

use super::chosen::Chosen;
use crate::config::Config;
use crate::error::ServiceError;
use crate::home::Home;
use crate::scrub::{self, Pace, Reach, Report};
use crate::trouble::Trouble;
use ledger::storage::Reader;
use store::{Finding, Scrubber, StoreReads};

/// What the proof said.
pub(super) struct Proved {
    pub(super) report: Report,
    /// Keys missing because they were destroyed after the backup.
    pub(super) destroyed: u64,
}

/// Every record computed and signed again, tree and heads compared, every byte read and judged; `ask` has the reads of the whole.
pub(super) fn prove(
    home: &Home,
    config: &Config,
    chosen: &Chosen,
    ask: &mut dyn FnMut(&StoreReads),
) -> Result<Proved, ServiceError> {
    crate::reindex::made_again(home, config)?;
    let scrubber = Scrubber::open(&home.store(config)?)?.with(scrub::every());
    let reads = scrubber.reads().ok_or_else(|| ServiceError::Read("the index made again does not open".into()))?;
    head(&reads, chosen)?;
    ask(&reads);
    let pardon = |finding: &Finding| {
        let stem = finding.path.as_deref().and_then(|path| path.file_stem()).and_then(|stem| stem.to_str());
        finding.what == "key-missing" && stem.is_some_and(|stem| chosen.destroyed.contains(stem))
    };
    let mut pace = Pace::new(home.path(), 0, &|| false);
    pace.pardon = &pardon;
    scrub::pass(&scrubber, &chosen.keys, &config.origin, Reach::All, &mut pace)?;
    Ok(Proved { destroyed: pace.pardoned, report: pace.report })
}

/// The store ends where the backup says.
fn head(reads: &StoreReads, chosen: &Chosen) -> Result<(), ServiceError> {
    let failed = |error| ServiceError::Read(format!("{error:?}"));
    let found = reads.head().map_err(failed)?;
    let found = found.map(|head| (head.number, head.size, head.root)).ok_or_else(|| failed_head("no commit"))?;
    let (number, size, root) = found;
    let said = &chosen.found;
    if (number, size, root) == (said.manifest.commit, said.head.size, said.head.root) {
        return Ok(());
    }
    let why = format!(
        "commit {number}, size {}, root {root} where the manifest says commit {}, size {}, root {}",
        size.0, said.manifest.commit, said.head.size.0, said.head.root
    );
    Err(failed_head(&why))
}

fn failed_head(why: &str) -> ServiceError {
    let remedy = [
        "ne pas s'en servir ; restaurer une autre sauvegarde avec --at",
        "do not use it; restore another backup with --at",
    ];
    let french = format!("les segments restaurés ne donnent pas la tête du manifeste : {why}");
    Trouble::new(
        "restore-other-head",
        french,
        format!("the segments restored do not give the manifest's head: {why}"),
        remedy,
    )
    .into()
}
