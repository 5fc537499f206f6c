//! The index of a directory that nobody serves, made again from its segments.

use crate::config::Config;
use crate::custody::logkey;
use crate::error::ServiceError;
use crate::home::Home;
use serde_json::{Value, json};
use std::path::Path;
use store::{Differences, Rebuild};

/// The index is new, proved equal to what the segments give: every record computed again, every head signed again. What differs from
/// the old one, which is in `aside/`.
///
/// # Errors
/// [`ServiceError`]: the directory is being served, a segment is damaged, or the old index knows more than the segments hold. The old
/// index then stands where it stood.
pub fn reindex(data: &Path) -> Result<Differences, ServiceError> {
    made_again(&Home::at(data), &Config::load(data)?)
}

/// The same, of a directory that is not complete yet.
pub(crate) fn made_again(home: &Home, config: &Config) -> Result<Differences, ServiceError> {
    let keys = logkey::keys(home, config)?;
    let rebuild = Rebuild::begin(&home.store(config)?)?;
    let rebuild = ledger::publish_again(rebuild, keys, &config.origin)?;
    Ok(rebuild.finish()?)
}

/// What `--format json` writes.
pub fn to_json(found: &Differences) -> Value {
    let told = found.told.iter().map(|(family, key, what)| json!({"family": family, "key": key, "what": what}));
    json!({
        "equal": found.is_none(), "rows": found.rows, "unopened": found.unopened,
        "missing": found.missing, "extra": found.extra, "changed": found.changed,
        "differences": told.collect::<Vec<_>>(),
    })
}
