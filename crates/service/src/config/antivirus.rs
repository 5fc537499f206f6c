//! `[antivirus]`: where `clamd` is, and what becomes of deposits that it knows something in, or does not look at.

use crate::limits;
use serde::Deserialize;
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Antivirus {
    /// `unix:/run/clamav/clamd.ctl` or `tcp:127.0.0.1:3310`; empty for no antivirus.
    pub(crate) address: String,
    /// Seconds that one file may take.
    pub(crate) seconds: u64,
    /// Bytes of a file that clamd takes: its `StreamMaxLength`.
    pub(crate) stream_bytes: u64,
    /// When it does not answer.
    pub(crate) unavailable: Unseen,
    /// When it knows something in a file.
    pub(crate) infected: Infected,
    /// Of a file longer than that.
    pub(crate) too_large: Unseen,
}

/// What becomes of what was not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Unseen {
    Refuse,
    /// It goes on, with a finding.
    Accept,
}

/// What becomes of what it knows something in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Infected {
    Refuse,
    /// It goes on, with a finding.
    Record,
}

/// Where clamd listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    Unix(PathBuf),
    Tcp(String),
}

impl Default for Antivirus {
    fn default() -> Self {
        Self {
            address: String::new(),
            seconds: limits::ANTIVIRUS_SECONDS,
            stream_bytes: limits::ANTIVIRUS_STREAM_BYTES,
            unavailable: Unseen::Refuse,
            infected: Infected::Refuse,
            too_large: Unseen::Accept,
        }
    }
}

impl Antivirus {
    pub(super) fn check(&self) -> Result<(), String> {
        if !(1..=limits::ANTIVIRUS_SECONDS_MAX).contains(&self.seconds) {
            return Err(format!("antivirus.seconds is 1 to {}", limits::ANTIVIRUS_SECONDS_MAX));
        }
        if self.stream_bytes == 0 {
            return Err("antivirus.stream_bytes of 0 would look at nothing".into());
        }
        self.where_is().map(|_| ())
    }

    /// Where it listens, if one is configured.
    pub(crate) fn where_is(&self) -> Result<Option<Address>, String> {
        if self.address.is_empty() {
            return Ok(None);
        }
        let wrong = || format!("antivirus.address {:?} is neither unix:/PATH nor tcp:HOST:PORT", self.address);
        if let Some(path) = self.address.strip_prefix("unix:") {
            let path = Path::new(path);
            return if path.is_absolute() { Ok(Some(Address::Unix(path.to_owned()))) } else { Err(wrong()) };
        }
        let place = self.address.strip_prefix("tcp:").ok_or_else(wrong)?;
        let (host, port) = place.rsplit_once(':').ok_or_else(wrong)?;
        let port: u16 = port.parse().map_err(|_| wrong())?;
        if host.is_empty() || port == 0 { Err(wrong()) } else { Ok(Some(Address::Tcp(place.to_owned()))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &str) -> Result<Antivirus, String> {
        let read: Antivirus = toml::from_str(lines).map_err(|error| error.to_string())?;
        read.check().map(|()| read)
    }

    #[test]
    fn an_address_has_a_scheme_and_lines_make_sense() {
        assert_eq!(read("").unwrap().where_is(), Ok(None));
        let at = |address: &str| read(&format!("address = \"{address}\"")).map(|read| read.where_is().unwrap());
        assert_eq!(at("unix:/run/clamav/clamd.ctl"), Ok(Some(Address::Unix("/run/clamav/clamd.ctl".into()))));
        assert_eq!(at("tcp:[::1]:3310"), Ok(Some(Address::Tcp("[::1]:3310".into()))));
        for wrong in ["/run/clamd", "unix:clamd", "tcp:localhost", "tcp::3310", "tcp:a:0", "tcp:a:70000", "http://a:1"]
        {
            assert!(at(wrong).is_err(), "{wrong}");
        }
        for wrong in [
            "seconds = 0",
            "seconds = 601",
            "stream_bytes = 0",
            "infected = \"accept\"",
            "unavailable = \"record\"",
            "on = 1",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(read("infected = \"record\"\nunavailable = \"accept\"").unwrap().infected, Infected::Record);
    }
}
