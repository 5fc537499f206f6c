//! `tabellion.toml`: what an operator may change. docs/operations/configuration.md tells each line.

mod antivirus;
mod page;
mod publication;
mod seda;
mod signatures;
mod tsa;

use crate::algorithms::AlgorithmLines;
use crate::custody::Keys;
use crate::error::ServiceError;
use crate::limits;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) use antivirus::{Address, Antivirus, Infected, Unseen};
use page::PageModule;
pub(crate) use publication::{Publication, Publisher};
pub use seda::SedaLists;
pub(crate) use seda::{Seda, SedaProfile};
pub(crate) use signatures::Signatures;
pub(crate) use tsa::Tsa;

/// Name of the file in the data directory.
pub(crate) const FILE: &str = "tabellion.toml";
/// Shortest time between two seals: below it the job would do nothing else.
const SEAL_MIN: Duration = Duration::from_millis(100);

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Unique name of the log.
    pub(crate) origin: String,
    #[serde(default = "default_listen")]
    pub(crate) listen: String,
    /// Filter of the log of events, as in `info` or `service=debug`.
    #[serde(default = "default_events")]
    pub(crate) events: String,
    #[serde(default)]
    pub(crate) seal: Seal,
    #[serde(default)]
    pub(crate) tsa: Tsa,
    #[serde(default)]
    pub(crate) witnesses: Witnesses,
    #[serde(default)]
    pub(crate) limits: Limits,
    #[serde(default)]
    pub(crate) refused: Refused,
    #[serde(default)]
    pub(crate) store: Store,
    #[serde(default)]
    pub(crate) scrub: Scrub,
    #[serde(default)]
    pub(crate) page: PageModule,
    #[serde(default)]
    pub(crate) mirror: Mirror,
    #[serde(default)]
    pub(crate) keys: Keys,
    #[serde(default)]
    pub(crate) algorithms: AlgorithmLines,
    #[serde(default)]
    pub(crate) signatures: Signatures,
    #[serde(default)]
    pub(crate) publication: Publication,
    #[serde(default)]
    pub(crate) antivirus: Antivirus,
    #[serde(default)]
    pub(crate) seda: Seda,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Mirror {
    /// A file on another volume that holds the last head, relative to the data directory; empty for none.
    pub(crate) path: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Seal {
    /// As in `1h`, `90s`.
    pub(crate) every: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Witnesses {
    /// A C2SP tlog-policy file, relative to the data directory; empty for no witness.
    pub(crate) policy: PathBuf,
    /// Seconds each may take.
    pub(crate) seconds: Option<u64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    pub(crate) connections: usize,
    pub(crate) header_seconds: u64,
    pub(crate) idle_seconds: u64,
    pub(crate) body_seconds: u64,
    pub(crate) body_bytes: u64,
    pub(crate) files: usize,
    pub(crate) name_bytes: usize,
    pub(crate) description_bytes: usize,
    pub(crate) memory_bytes: u64,
    pub(crate) pack_bytes: u64,
    pub(crate) readers: usize,
    /// Free bytes below which deposits are refused: 0 for no floor, none for the default.
    pub(crate) free_bytes: Option<u64>,
    pub(crate) token_deposits_per_second: u64,
    pub(crate) token_deposits_burst: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Refused {
    /// Days that refused bytes are kept; 0 keeps none.
    pub(crate) days: u64,
    /// Bytes kept at once.
    pub(crate) bytes: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Store {
    pub(crate) segment_bytes: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Scrub {
    /// Bytes a second that the background scrub reads; 0 for no background scrub.
    pub(crate) bytes_per_second: u64,
    /// Hours between two readings of the head.
    pub(crate) head_hours: u64,
    /// Days from one beginning of a whole reading to the next.
    pub(crate) whole_days: u64,
    /// Seconds after a start before it reads anything.
    pub(crate) first_seconds: u64,
}

impl Default for Scrub {
    fn default() -> Self {
        Self {
            bytes_per_second: limits::SCRUB_BYTES_PER_SECOND,
            head_hours: limits::SCRUB_HEAD_HOURS,
            whole_days: limits::SCRUB_WHOLE_DAYS,
            first_seconds: limits::SCRUB_FIRST_SECONDS,
        }
    }
}

impl Default for Seal {
    fn default() -> Self {
        Self { every: format!("{}s", limits::SEAL_SECONDS) }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: limits::CONNECTIONS,
            header_seconds: limits::HEADER_SECONDS,
            idle_seconds: limits::IDLE_SECONDS,
            body_seconds: limits::BODY_SECONDS,
            body_bytes: limits::BODY_BYTES,
            files: limits::FILES,
            name_bytes: limits::NAME_BYTES,
            description_bytes: limits::DESCRIPTION_BYTES,
            memory_bytes: limits::MEMORY_BYTES,
            pack_bytes: limits::PACK_BYTES,
            readers: limits::READERS,
            free_bytes: None,
            token_deposits_per_second: limits::TOKEN_DEPOSITS_PER_SECOND,
            token_deposits_burst: limits::TOKEN_DEPOSITS_BURST,
        }
    }
}

impl Default for Refused {
    fn default() -> Self {
        Self { days: limits::REFUSED_DAYS, bytes: limits::REFUSED_BYTES }
    }
}

impl Default for Store {
    fn default() -> Self {
        Self { segment_bytes: store::limits::SEGMENT_BYTES }
    }
}

fn default_listen() -> String {
    "127.0.0.1:8780".into()
}

fn default_events() -> String {
    "info".into()
}

impl Config {
    /// The configuration of this data directory, checked.
    pub(crate) fn load(data: &Path) -> Result<Self, ServiceError> {
        if !crate::home::Home::at(data).is_complete() {
            return Err(ServiceError::NotInitialised(data.to_owned()));
        }
        Self::read(data)
    }

    /// The same, of a directory that may still be in the making.
    pub(crate) fn read(data: &Path) -> Result<Self, ServiceError> {
        Self::of_file(&data.join(FILE))
    }

    fn of_file(path: &Path) -> Result<Self, ServiceError> {
        let text = crate::files::read_text(path, limits::CONFIGURATION_BYTES)?;
        let wrong = |why: String| ServiceError::Configuration { path: path.to_owned(), why };
        let config: Self = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        config.check().map_err(wrong).map(|()| config)
    }

    fn check(&self) -> Result<(), String> {
        check_origin(&self.origin)?;
        self.seal_every(None)?;
        self.tsa.check()?;
        self.signatures.check()?;
        if self.witnesses.seconds.is_some_and(|seconds| !(1..=limits::WITNESS_SECONDS_MAX).contains(&seconds)) {
            return Err(format!("witnesses.seconds is 1 to {}", limits::WITNESS_SECONDS_MAX));
        }
        if self.scrub.head_hours == 0 || self.scrub.whole_days == 0 {
            return Err("scrub.head_hours and scrub.whole_days are at least 1".into());
        }
        self.keys.check()?;
        self.algorithms.check()?;
        self.publication.check()?;
        self.seda.check()?;
        self.antivirus.check()?;
        let limits = &self.limits;
        let sizes = [limits.connections, limits.files, limits.name_bytes, limits.readers];
        let times = [limits.header_seconds, limits.idle_seconds, limits.body_seconds, limits.body_bytes];
        if sizes.contains(&0) || times.contains(&0) || limits.memory_bytes < 1 << 20 {
            return Err("a limit of 0, or less than 1 MiB of memory, would refuse everything".into());
        }
        if limits.token_deposits_per_second.max(limits.token_deposits_burst) > limits::TOKEN_DEPOSITS_MAX {
            return Err(format!("limits.token_deposits_… are at most {}", limits::TOKEN_DEPOSITS_MAX));
        }
        if limits.files > flow::limits::MAX_FILES || limits.files > ledger::limits::ENTRY_FILES {
            return Err(format!("limits.files is at most {}", flow::limits::MAX_FILES));
        }
        Ok(())
    }

    /// Time between two seals: the one given at start, else the file's; both are held to the same bounds.
    pub(crate) fn seal_every(&self, given: Option<Duration>) -> Result<Duration, String> {
        let every = match given {
            Some(given) => given,
            None => parse_duration(&self.seal.every)
                .ok_or_else(|| format!("seal.every {:?} is no time; write 90s, 5m or 1h", self.seal.every))?,
        };
        if every < SEAL_MIN || every > Duration::from_secs(limits::SEAL_MAX_SECONDS) {
            return Err(format!("seal.every (or --seal-every) is {every:?}; it is at least 100ms and at most 24h"));
        }
        Ok(every)
    }
}

/// Checks that this can name a log for ever (C2SP signed-note key names: no space, no plus).
pub(crate) fn check_origin(origin: &str) -> Result<(), String> {
    let odd = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    if origin.is_empty() || origin.len() > proof::limits::KEY_NAME_BYTES || origin.contains(odd) {
        return Err(format!("origin {origin:?} must be 1 to 255 bytes without space or +"));
    }
    Ok(())
}

/// The duration written as `250ms`, `5s`, `10m`, `1h`, or `None`.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit_at);
    let number: u64 = number.parse().ok()?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    number.checked_mul(millis).map(Duration::from_millis)
}

/// The file `init` writes.
pub(crate) fn first_file(origin: &str) -> String {
    format!(
        "# Tabellion. Every line that may stand here is told in docs/operations/configuration.md.\n\
         # Name of the log: part of every proof, never to be changed.\n\
         origin = {}\n\
         listen = \"{}\"\n\n\
         [seal]\nevery = \"1h\"\n\n\
         [tsa]\n\
         # Empty: the built-in TEST authority, which proves nothing to anyone else.\n\
         # An RFC 3161 authority: its address here, the PEM files of its roots below.\n\
         url = \"\"\nroots = []\n",
        toml::Value::from(origin),
        default_listen()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, String> {
        let config: Config = toml::from_str(text).map_err(|e| e.to_string())?;
        config.check().map(|()| config)
    }

    #[test]
    fn the_first_file_and_the_sample_are_read() {
        let config = read(&first_file("archives.exemple.fr/log")).unwrap();
        assert_eq!(config.seal_every(None).unwrap(), Duration::from_secs(3600));
        read(include_str!("../../../config/tabellion.toml")).unwrap();
    }

    #[test]
    fn an_unknown_or_senseless_line_is_refused() {
        let refused = [
            "",
            "origin = \"a b\"",
            "origin = \"a+b\"",
            "origin = \"a\"\ncolour = 1",
            "origin = \"a\"\n[limits]\nbody = 1",
            "origin = \"a\"\n[limits]\nfiles = 0",
            "origin = \"a\"\n[limits]\nfree_bytes = -1",
            "origin = \"a\"\n[limits]\ntoken_deposits_per_second = 1000001",
            "origin = \"a\"\n[limits]\nfiles = 1001",
            "origin = \"a\"\n[seal]\nevery = \"25h\"",
            "origin = \"a\"\n[seal]\nevery = \"0s\"",
            "origin = \"a\"\n[seal]\nevery = \"99ms\"",
            "origin = \"a\"\n[seal]\nevery = \"soon\"",
            "origin = \"a\"\n[witnesses]\nseconds = 0",
            "origin = \"a\"\n[witnesses]\nseconds = 61",
            "origin = \"a\"\n[witnesses]\nquorum = 2",
            "origin = \"a\"\n[scrub]\nwhole_days = 0",
            "origin = \"a\"\n[keys.master.pkcs11]\nmodule = \"m.so\"\ntoken = \"t\"\nkey = \"k\"",
            "origin = \"a\"\n[keys.master.pkcs11]\nmodule = \"/m.so\"\ntoken = \"\"\nkey = \"k\"",
            "origin = \"a\"\n[keys.master.pkcs11]\nmodule = \"/m.so\"\ntoken = \"t\"\nkey = \"k\"\nuser_pin = \"1\"",
            "origin = \"a\"\n[keys.log.pkcs11]\nmodule = \"m.so\"\ntoken = \"t\"\nkey = \"k\"",
            "origin = \"a\"\n[keys.log]\nfile = \"k\"",
            "origin = \"a\"\n[keys.attestation]\nkey = \"k.key\"",
            "origin = \"a\"\n[keys.attestation]\ntimestamp = true",
            "origin = \"a\"\n[keys.attestation]\ncertificate = \"c.pem\"\nkey = \"k.key\"\npkcs11 = { module = \"/m.so\", token = \"t\", key = \"k\" }",
            "origin = \"a\"\n[keys.attestation]\ncertificate = \"c.pem\"\npkcs11 = { module = \"m.so\", token = \"t\", key = \"k\" }",
            "origin = \"a\"\n[scrub]\nevery = 1",
            "origin = \"a\"\n[algorithms]\nmonths = 0",
            "origin = \"a\"\n[algorithms]\nmonths = 121",
            "origin = \"a\"\n[tsa.lists_mirror]\nurl = \"http://a.example/\"\nfiles = [\"a.xml\"]",
            "origin = \"a\"\n[tsa]\ntrusted_lists = \"l\"\n[tsa.lists_mirror]\nurl = \"https://a.example/\"\nfiles = [\"a.xml\"]",
            "origin = \"a\"\n[tsa]\ntrusted_lists = \"l\"\n[tsa.lists_mirror]\nurl = \"http://a.example\"\nfiles = [\"a.xml\"]",
            "origin = \"a\"\n[tsa]\ntrusted_lists = \"l\"\n[tsa.lists_mirror]\nurl = \"http://a.example/\"\nfiles = [\"../a.xml\"]",
            "origin = \"a\"\n[tsa]\ntrusted_lists = \"l\"\n[tsa.lists_mirror]\nurl = \"http://a.example/\"\nfiles = []",
            "origin = \"a\"\n[tsa]\ntrusted_lists = \"l\"\n[tsa.lists_mirror]\nurl = \"http://a.example/\"\nfiles = [\"a.xml\"]\nhours = 0",
            "origin = \"a\"\n[signatures]\ntrusted_lists = \"l\"",
            "origin = \"a\"\n[signatures]\nlotl_anchors = \"l\"",
            "origin = \"a\"\n[tsa]\nurl = \"https://tsa.example\"\nroots = [\"r.pem\"]",
            "origin = \"a\"\n[tsa]\nurl = \"http://tsa.example\"",
            "origin = \"a\"\n[[tsa.fallback]]\nurl = \"http://b.example\"\nroots = [\"b.pem\"]",
            "origin = \"a\"\n[tsa]\nurl = \"http://a.example\"\nroots = [\"a.pem\"]\n[[tsa.fallback]]\nurl = \"http://b.example\"\nroots = []",
            "origin = \"a\"\n[tsa]\nurl = \"http://a.example\"\nroots = [\"a.pem\"]\n[[tsa.fallback]]\nurl = \"ftp://b.example\"\nroots = [\"b.pem\"]",
            "origin = \"a\"\n[tsa]\nurl = \"http://a.example\"\nroots = [\"a.pem\"]\n[[tsa.fallback]]\nurl = \"http://b.example\"",
        ];
        for text in refused {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read("origin = \"a\"\n[seal]\nevery = \"24h\"").is_ok());
        assert!(read("origin = \"a\"\n[seal]\nevery = \"100ms\"").is_ok());
        assert!(read("origin = \"a\"\n[limits]\nfiles = 1000").is_ok());
        let mirror = "[tsa.lists_mirror]\nurl = \"http://a.example/\"\nfiles = [\"a.xml\"]";
        assert!(read(&format!("origin = \"a\"\n[tsa]\ntrusted_lists = \"l\"\n{mirror}")).is_ok());
        assert!(
            read("origin = \"a\"\n[keys.master]\npkcs11 = { module = \"/m.so\", token = \"t\", key = \"k\" }").is_ok()
        );
        assert!(read("origin = \"a\"\n[witnesses]\npolicy = \"w.policy\"\nseconds = 60").is_ok());
        assert!(
            read("origin = \"a\"\n[keys.attestation]\ncertificate = \"c.pem\"\nkey = \"k.key\"\ntimestamp = true")
                .is_ok()
        );
    }

    #[test]
    fn durations_have_a_number_and_a_unit() {
        assert_eq!(parse_duration("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(parse_duration("5m"), Some(Duration::from_secs(300)));
        for wrong in ["", "5", "s", "5d", "-1s", "1.5h", "99999999999999999999s"] {
            assert_eq!(parse_duration(wrong), None, "{wrong}");
        }
    }
}
