//! Until when each algorithm is accepted: dates with their sources (`config/algorithms.json`), which enter the policy; and which of those
//! that this house rests on end soon, told months ahead by the event log and by `/readyz`.
//!
//! Nothing is refused here: a seal under an algorithm about to end is better than none, and a pack leaves whatever its algorithms. Who judges it
//! by the policy is told.

use crate::app::{App, blocking, locked};
use crate::certificates::{self, Certificates};
use crate::config::Config;
use crate::error::ServiceError;
use crate::home::Home;
use crate::{files, limits, random};
use ledger::sealing;
use proof::UnixMillis;
use proof::time::{format_rfc3339, parse_rfc3339};
use seal::{Remembering, Token};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Mutex;
use store::StoreReads;
use tokio::sync::watch;
use verifier::Policy;

/// The dates that come with the program.
const BUILT_IN: &str = include_str!("../../../config/algorithms.json");
/// What every proof of this house rests on, whoever seals it.
const OWN: [&str; 3] = ["ed25519", "sha256", "sha512"];

/// `[algorithms]` of the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AlgorithmLines {
    /// A file of dates, relative to the data directory; empty for those of the program.
    pub(crate) file: PathBuf,
    /// Months before an end from which the operator is told.
    pub(crate) months: u64,
}

impl Default for AlgorithmLines {
    fn default() -> Self {
        Self { file: PathBuf::new(), months: limits::ALGORITHM_MONTHS }
    }
}

impl AlgorithmLines {
    pub(crate) fn check(&self) -> Result<(), String> {
        if (1..=limits::ALGORITHM_MONTHS_MAX).contains(&self.months) {
            return Ok(());
        }
        Err(format!("algorithms.months is 1 to {}", limits::ALGORITHM_MONTHS_MAX))
    }
}

/// Dates, with the text each comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dates {
    version: u64,
    /// The day on which the sources were last read.
    dated: String,
    sources: BTreeMap<String, String>,
    algorithms: BTreeMap<String, Dated>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Dated {
    until: Option<String>,
    /// One of the sources.
    source: String,
    /// What it says, and where.
    says: String,
}

impl Dates {
    /// Those of the configured file, else of the program.
    pub(crate) fn of(home: &Home, config: &Config) -> Result<Self, ServiceError> {
        let file = &config.algorithms.file;
        if file.as_os_str().is_empty() {
            let built_in = |why| ServiceError::Configuration { path: "config/algorithms.json".into(), why };
            return Self::parse(BUILT_IN).map_err(built_in);
        }
        let path = home.path().join(file);
        let text = files::read_text(&path, limits::CONFIGURATION_BYTES)?;
        Self::parse(&text).map_err(|why| ServiceError::Configuration { path, why })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let dates: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if dates.version != 1 {
            return Err(format!("version {}, not 1, the only one known", dates.version));
        }
        for (name, Dated { until, source, .. }) in &dates.algorithms {
            if !dates.sources.contains_key(source) {
                return Err(format!("{name}: {source:?} is none of the sources"));
            }
            // The two forms that a policy's reader takes.
            let whole = |until: &str| format!("{}.000Z", until.strip_suffix('Z').unwrap_or_default());
            let read = |until: &str| parse_rfc3339(until).or_else(|| parse_rfc3339(&whole(until)));
            if until.as_ref().is_some_and(|until| read(until).is_none()) {
                return Err(format!("{name}: {until:?} is no RFC 3339 date in UTC"));
            }
        }
        Ok(dates)
    }

    /// Name to end, as a policy has it.
    pub(crate) fn for_policy(&self) -> Value {
        let one = |(name, dated): (&String, &Dated)| (name.clone(), dated.until.clone().into());
        Value::Object(self.algorithms.iter().map(one).collect::<Map<_, _>>())
    }

    /// Where the dates come from, in one line.
    pub(crate) fn origin(&self) -> String {
        let sources: Vec<&str> = self.sources.values().map(String::as_str).collect();
        format!("{}; {}", sources.join("; "), self.dated)
    }

    /// The text that says this of an algorithm.
    fn source(&self, name: &str) -> Option<String> {
        let dated = self.algorithms.get(name)?;
        Some(format!("{}: {}", self.sources.get(&dated.source)?, dated.says))
    }
}

/// The dates in force, and what the newest token was found to rest on.
pub(crate) struct Calendar {
    dates: Dates,
    policy: Policy,
    notice_ms: u64,
    newest: Mutex<Option<(u64, BTreeSet<String>)>>,
    /// Until when the tokens can be judged.
    pub(crate) certificates: Certificates,
}

/// An algorithm in use that ends, has ended, or that no date speaks of.
struct Ending<'a> {
    name: &'a str,
    state: &'static str,
    until: Option<UnixMillis>,
}

impl Calendar {
    /// Of the policy as it is published.
    pub(crate) fn of(dates: Dates, policy: Policy, months: u64) -> Self {
        let notice_ms = months.saturating_mul(limits::MONTH_SECONDS).saturating_mul(1000);
        let certificates = Certificates::of(policy.clone(), notice_ms);
        Self { dates, policy, notice_ms, newest: Mutex::new(None), certificates }
    }

    /// The policy as it is published, but that nobody is held to a quorum of witnesses by the house itself: what a sheet tells a stranger.
    pub(crate) fn published(&self) -> Policy {
        Policy { witnesses: None, ..self.policy.clone() }
    }

    /// What is in use now: the house's own, and those of the newest token and its certificates.
    fn used(&self, reads: &StoreReads) -> BTreeSet<String> {
        let own = OWN.iter().map(|name| (*name).to_owned());
        let Ok(Some(batch)) = sealing::last_logged(reads) else { return own.collect() };
        let mut newest = locked(&self.newest);
        if newest.as_ref().is_none_or(|(known, _)| *known != batch) {
            let token = sealing::token(reads, batch).ok().flatten().and_then(|der| Token::parse(&der).ok());
            *newest = token.map(|token| (batch, names(&token, &self.policy)));
        }
        own.chain(newest.iter().flat_map(|(_, names)| names.iter().cloned())).collect()
    }

    /// Those of them to be told at this moment.
    fn ending<'a>(&self, used: &'a BTreeSet<String>, now: UnixMillis) -> Vec<Ending<'a>> {
        let soon = UnixMillis(now.0.saturating_add(self.notice_ms));
        let one = |name: &'a String| {
            let until = self.policy.algorithm(name);
            let state = match until {
                None if name == seal::SHORT_RSA => return None,
                None => "not-listed",
                Some(Some(until)) if until <= now => "ended",
                Some(Some(until)) if until <= soon => "ending",
                Some(_) => return None,
            };
            Some(Ending { name, state, until: until.flatten() })
        };
        used.iter().filter_map(one).collect()
    }

    /// For `/readyz`.
    fn shown(&self, used: &BTreeSet<String>, now: UnixMillis) -> Value {
        let one = |ending: Ending<'_>| {
            json!({"name": ending.name, "state": ending.state, "until": ending.until.map(format_rfc3339),
                "source": self.dates.source(ending.name)})
        };
        let ending: Vec<Value> = self.ending(used, now).into_iter().map(one).collect();
        json!({"dated": self.dates.dated, "used": used, "ending": ending})
    }
}

/// The algorithms by which a token and its way to a root were verified.
fn names(token: &Token, policy: &Policy) -> BTreeSet<String> {
    let door = Remembering::default();
    // Only the door's memory counts here.
    let _ = certificates::again(token, policy, &door);
    door.into_names()
}

/// For `/readyz`.
pub(crate) fn shown(app: &App) -> Value {
    app.calendar.shown(&app.calendar.used(app.reads()), random::now())
}

/// The same of certificates.
pub(crate) fn certificates(app: &App) -> Value {
    app.calendar.certificates.shown(app.reads(), random::now())
}

/// The same of the certificate that seals attestations; null where none does.
pub(crate) fn cachet(app: &App) -> Value {
    json!(app.cachet.as_ref().map(|cachet| cachet.shown(random::now(), app.calendar.notice_ms)))
}

/// Tells the event log, at the start and once a day, what ends.
pub(crate) async fn run(app: App, mut stop: watch::Receiver<bool>) {
    loop {
        let now = random::now();
        tell(&app.calendar, &app.calendar.used(app.reads()), now);
        app.cachet.iter().for_each(|cachet| cachet.tell(now, app.calendar.notice_ms));
        let shared = app.clone();
        match blocking(move || shared.calendar.certificates.look(shared.reads())).await {
            Ok(Ok(())) => app.calendar.certificates.tell(now),
            Ok(Err(error)) => tracing::error!(%error, "the tokens cannot be read: until when they hold is not known"),
            Err(problem) => tracing::error!(code = problem.code(), "until when the tokens hold is not known"),
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(limits::ALGORITHM_LOOK) => {}
        }
    }
}

fn tell(calendar: &Calendar, used: &BTreeSet<String>, now: UnixMillis) {
    for Ending { name, state, until } in calendar.ending(used, now) {
        let (until, source) = (until.map(format_rfc3339), calendar.dates.source(name));
        if state == "ending" {
            tracing::warn!(
                algorithm = name,
                until,
                source,
                "an algorithm that seals rest on ends: have an authority ready that uses another"
            );
        } else {
            tracing::error!(
                algorithm = name,
                state,
                until,
                source,
                "the policy does not accept an algorithm that seals rest on"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_796_000_000_000);

    fn calendar(text: &str) -> Calendar {
        let dates = Dates::parse(text).unwrap();
        let policy = json!({"version": 1, "log": {"origin": "a", "keys": []}, "tsa_roots": [], "algorithms": dates.for_policy()});
        Calendar::of(dates, Policy::parse(policy.to_string().as_bytes()).unwrap(), 12)
    }

    fn said(calendar: &Calendar, used: &[&str], now: UnixMillis) -> Vec<(String, &'static str)> {
        let used = used.iter().map(|name| (*name).to_owned()).collect();
        calendar.ending(&used, now).into_iter().map(|ending| (ending.name.to_owned(), ending.state)).collect()
    }

    #[test]
    fn the_dates_of_the_program_are_read_and_each_names_its_source() {
        let calendar = calendar(BUILT_IN);
        for (name, dated) in &calendar.dates.algorithms {
            // The one of the log's own signatures, which that text does not list.
            let source = if name == "ed25519" { "this project" } else { "119 312" };
            assert!(calendar.dates.source(name).is_some_and(|said| said.contains(source)), "{name}");
            assert!(dated.says.len() > 10, "{name}");
        }
        // What is weak here is left without a date: it is told as such wherever it is met.
        for absent in ["sha1", "sha224", "rsapkcs1sha1"] {
            assert_eq!(calendar.policy.algorithm(absent), None, "{absent}");
        }
        let own: Vec<&str> = OWN.into_iter().chain(["ecdsa-sha256", "rsa-pss-sha512"]).collect();
        assert_eq!(said(&calendar, &own, NOW), [], "what the house makes has no end today");
    }

    #[test]
    fn what_ends_is_told_months_ahead_and_not_before() {
        let calendar = calendar(BUILT_IN);
        let day = 86_400_000;
        let end = calendar.policy.algorithm("rsa-pkcs1-sha256").unwrap().unwrap();
        let of = |now: u64, state: &'static str| {
            assert_eq!(
                said(&calendar, &["rsa-pkcs1-sha256"], UnixMillis(now)),
                [("rsa-pkcs1-sha256".to_owned(), state)]
            );
        };
        of(end.0 - 360 * day, "ending");
        of(end.0, "ended");
        assert_eq!(said(&calendar, &["rsa-pkcs1-sha256"], UnixMillis(end.0 - 370 * day)), []);
        assert_eq!(said(&calendar, &["rsa-pkcs1-sha1"], NOW), [("rsa-pkcs1-sha1".to_owned(), "not-listed")]);
        let shown = calendar.shown(&BTreeSet::from(["rsa-under-3000".to_owned()]), UnixMillis(1_850_000_000_000));
        assert_eq!(shown["ending"][0]["until"], "2029-01-01T00:00:00.000Z");
        assert!(shown["ending"][0]["source"].as_str().unwrap().contains("1900 to 2999"), "{shown}");
    }

    #[test]
    fn dates_that_cannot_be_read_are_refused() {
        let one = |until: &str, source: &str, version: u64| {
            format!(
                r#"{{"version":{version},"dated":"2026-11-30","sources":{{"s":"S"}},"algorithms":{{"sha256":{{"until":{until},"source":"{source}","says":"x"}}}}}}"#
            )
        };
        assert!(Dates::parse(&one("null", "s", 1)).is_ok());
        assert!(Dates::parse(&one("\"2030-01-01T00:00:00Z\"", "s", 1)).is_ok());
        for wrong in [
            one("null", "t", 1),
            one("null", "s", 2),
            one("\"2030\"", "s", 1),
            one("\"2030-01-01T00:00Z\"", "s", 1),
            one("\"2030-01-01T00:00:00+01:00\"", "s", 1),
            one("1", "s", 1),
            "{}".to_owned(),
        ] {
            assert!(Dates::parse(&wrong).is_err(), "{wrong}");
        }
    }
}
