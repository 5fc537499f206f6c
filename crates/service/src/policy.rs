//! The policy that others pin: origin, verifier key, roots of the time-stamping authority (docs/formats/policy.md).

use crate::config::Config;
use crate::error::ServiceError;
use crate::home::Home;
use serde_json::json;

/// Exact bytes of the policy of this directory.
pub(crate) fn of(home: &Home, config: &Config) -> Result<Vec<u8>, ServiceError> {
    let key = home.read_log_key(&config.origin)?;
    let roots = home.roots(config)?;
    let witnesses = crate::cosigning::policy_of(home, config)?.map_or_else(String::new, |(text, _)| text);
    let policy = json!({
        "version": 1,
        "log": {
            "origin": config.origin,
            "keys": [{"vkey": key.verifier_key().to_string(), "from": null, "until": null, "compromised": null}],
        },
        "witnesses": witnesses,
        "tsa_roots": roots,
        "algorithms": {},
    });
    let policy = ledger::json::to_canonical(&policy, verifier::limits::POLICY_BYTES);
    Ok(policy.map_err(|error| ServiceError::Entry(error.to_string()))?.text().as_bytes().to_vec())
}
