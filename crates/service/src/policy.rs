//! The policy that others pin: origin, verifier keys with their dates, roots of the time-stamping authority, dates of algorithms
//! (docs/formats/policy.md).

use crate::algorithms::Dates;
use crate::config::Config;
use crate::custody::logkey;
use crate::error::ServiceError;
use crate::home::Home;
use serde_json::json;

/// Exact bytes of the policy of this directory.
pub(crate) fn of(home: &Home, config: &Config) -> Result<Vec<u8>, ServiceError> {
    let keys = logkey::terms(home, config)?;
    let roots = home.roots(config)?;
    let witnesses = crate::cosigning::policy_of(home, config)?.map_or_else(String::new, |(text, _)| text);
    let dates = Dates::of(home, config)?;
    let policy = json!({
        "version": 1,
        "log": {
            "origin": config.origin,
            "keys": keys,
        },
        "witnesses": witnesses,
        "tsa_roots": roots,
        "algorithms": dates.for_policy(),
        "algorithms_source": dates.origin(),
    });
    let policy = ledger::json::to_canonical(&policy, verifier::limits::POLICY_BYTES);
    Ok(policy.map_err(|error| ServiceError::Entry(error.to_string()))?.text().as_bytes().to_vec())
}
