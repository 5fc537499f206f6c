//! Randomness and the clock: the one place where the service takes them from the machine.

use crate::error::ServiceError;
use proof::UnixMillis;
use proof::time::format_rfc3339;
use std::time::{SystemTime, UNIX_EPOCH};

/// So many random bytes.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], ServiceError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| ServiceError::Randomness)?;
    Ok(bytes)
}

/// Now, in UTC.
pub(crate) fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// The day of that moment in UTC, `YYYY-MM-DD`.
pub(crate) fn day_of(at: UnixMillis) -> String {
    format_rfc3339(at).chars().take(10).collect()
}

/// Today, likewise.
pub(crate) fn today() -> String {
    day_of(now())
}

/// The last day that has begun anywhere, `YYYY-MM-DD`: Kiribati is fourteen hours ahead of UTC.
pub(crate) fn latest_day() -> String {
    day_of(UnixMillis(now().0.saturating_add(14 * 3600 * 1000)))
}

/// Now, as `seal` counts it.
pub(crate) fn seal_now() -> seal::UnixMillis {
    seal::UnixMillis(i64::try_from(now().0).unwrap_or(i64::MAX))
}
