//! So many deposits a second for each token, and a burst: who goes faster is told when to come back, and takes nothing from others.
//!
//! One number a token: the moment at which all it was granted is used up at the even rate (the virtual scheduling of a leaky bucket).

use crate::limits::RATED_TOKENS;
use crate::problem::{Problem, codes};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Digest of a token's secret: its name here.
pub(crate) type TokenName = [u8; 32];

/// What each token has used.
pub(crate) struct Rates {
    /// Time that one deposit takes at the even rate; zero for no limit.
    each: Duration,
    /// How far ahead of the even rate a token may be.
    ahead: Duration,
    began: Instant,
    used: Mutex<HashMap<TokenName, Duration>>,
}

impl Rates {
    /// So many a second, so many at once; a rate of 0 limits nothing, a burst of 0 is that of two seconds.
    pub(crate) fn of(rate: u64, burst: u64) -> Self {
        let each = Duration::from_nanos(1_000_000_000_u64.checked_div(rate).unwrap_or(0));
        let burst = if burst == 0 { rate.saturating_mul(2) } else { burst };
        let ahead = each.saturating_mul(u32::try_from(burst.saturating_sub(1)).unwrap_or(u32::MAX));
        Self { each, ahead, began: Instant::now(), used: Mutex::default() }
    }

    /// One deposit more of this token is within its rate, and counted.
    pub(crate) fn admit(&self, token: &TokenName) -> Result<(), Problem> {
        if self.each.is_zero() {
            return Ok(());
        }
        self.admit_at(token, self.began.elapsed()).map_err(|wait| {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            Problem::from(&codes::RATE_LIMITED).retry_after(seconds.max(1))
        })
    }

    /// The same at this time after the beginning; else how long to wait.
    fn admit_at(&self, token: &TokenName, now: Duration) -> Result<(), Duration> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let until = used.get(token).copied().unwrap_or_default().max(now);
        if let Some(wait) = until.checked_sub(now + self.ahead).filter(|wait| !wait.is_zero()) {
            return Err(wait);
        }
        if used.len() >= RATED_TOKENS && !used.contains_key(token) {
            forget(&mut used, now);
        }
        used.insert(*token, until + self.each);
        Ok(())
    }
}

/// Room for one more: those that have used up nothing any more say nothing; failing that, the one that has used least.
fn forget(used: &mut HashMap<TokenName, Duration>, now: Duration) {
    used.retain(|_, until| *until > now);
    if used.len() >= RATED_TOKENS
        && let Some(least) = used.iter().min_by_key(|(_, until)| **until).map(|(token, _)| *token)
    {
        used.remove(&least);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLIS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn a_burst_then_the_even_rate_and_others_go_on() {
        let rates = Rates::of(10, 3);
        let (one, other) = ([1; 32], [2; 32]);
        for _ in 0..3 {
            rates.admit_at(&one, MILLIS(1000)).unwrap();
        }
        assert_eq!(rates.admit_at(&one, MILLIS(1000)), Err(MILLIS(100)));
        rates.admit_at(&other, MILLIS(1000)).unwrap();
        assert_eq!(rates.admit_at(&one, MILLIS(1099)), Err(MILLIS(1)));
        rates.admit_at(&one, MILLIS(1100)).unwrap();
        assert_eq!(rates.admit_at(&one, MILLIS(1100)), Err(MILLIS(100)), "refusals cost nothing, and give nothing");
        // After a rest the burst is whole again, and no more than that.
        let later = MILLIS(60_000);
        assert_eq!((0..5).filter(|_| rates.admit_at(&one, later).is_ok()).count(), 3);
    }

    #[test]
    fn without_a_rate_nothing_is_counted_and_two_seconds_are_the_burst() {
        let none = Rates::of(0, 5);
        assert!((0..1000).all(|_| none.admit(&[1; 32]).is_ok()));
        assert!(none.used.lock().unwrap().is_empty());
        let rates = Rates::of(5, 0);
        assert_eq!((0..100).filter(|_| rates.admit_at(&[1; 32], MILLIS(0)).is_ok()).count(), 10);
        let problem = (0..100).find_map(|_| rates.admit(&[2; 32]).err()).unwrap();
        assert_eq!(problem.code(), "rate-limited");
    }

    #[test]
    fn the_table_is_bounded() {
        let rates = Rates::of(1, 1);
        let name = |number: u32| {
            let mut name = [0; 32];
            name[..4].copy_from_slice(&number.to_be_bytes());
            name
        };
        for number in 0..u32::try_from(RATED_TOKENS).unwrap() + 50 {
            rates.admit_at(&name(number), MILLIS(u64::from(number) / 100)).unwrap();
        }
        assert!(rates.used.lock().unwrap().len() <= RATED_TOKENS);
        // Those that asked last are still held to their rate.
        assert!(rates.admit_at(&name(u32::try_from(RATED_TOKENS).unwrap() + 49), MILLIS(1)).is_err());
    }
}
