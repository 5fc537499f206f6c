//! A service of a trusted list (ETSI TS 119 612 clauses 5.5 and 5.6): whose key it is, and what it was at a moment.
//!
//! Deliberately not here: names and texts about a service, its supply points, and the extensions that speak of certificates for
//! signatures: they say nothing of a time-stamp, nor of whether an authority was granted.

use crate::path::signed::{Outline, Signed};
use crate::time::UnixMillis;
use crate::trusted_list::fault::ListFault;

/// A time-stamping service whose time-stamps are qualified (clause 5.5.1.1).
const QTST: &str = "http://uri.etsi.org/TrstSvc/Svctype/TSA/QTST";
/// An authority that issues qualified certificates (the same).
const QC: &str = "http://uri.etsi.org/TrstSvc/Svctype/CA/QC";
/// The status that makes it so (clause 5.5.4).
const GRANTED: &str = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted";

/// A service and its past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Service {
    /// Provider and service, for people.
    pub name: String,
    /// Certificates of its one key, DER.
    pub certificates: Vec<Vec<u8>>,
    /// What it is now, then what it was, latest first.
    pub periods: Vec<Period>,
}

/// What a service was from a moment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    pub kind: String,
    pub status: String,
    pub since: UnixMillis,
    /// A critical extension that is not known here.
    pub condition: Option<String>,
}

/// How a service is tied to a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tie {
    /// It has its name and its key.
    Key,
    /// It has its name, and another key.
    NameAlone,
}

impl Service {
    /// How it is tied to one of these certificates, if it is.
    pub fn tie(&self, certificates: &[Vec<u8>]) -> Option<Tie> {
        let mut tie = None;
        for der in &self.certificates {
            let Some(own) = signed(der) else { continue };
            let Ok(own) = Outline::parse(&own) else { continue };
            for other in certificates {
                let Some(other) = signed(other) else { continue };
                let Ok(other) = Outline::parse(&other) else { continue };
                if own.subject == other.subject {
                    let same = if own.spki == other.spki { Tie::Key } else { Tie::NameAlone };
                    tie = if tie == Some(Tie::Key) { tie } else { Some(same) };
                }
            }
        }
        tie
    }

    /// Whether it is, or once was, a service of qualified time-stamps.
    pub fn stamps(&self) -> bool {
        self.was(QTST)
    }

    /// Whether it is, or once was, an authority that issues qualified certificates.
    pub fn issued_once(&self) -> bool {
        self.was(QC)
    }

    /// It was granted as one at this moment.
    pub fn issues_at(&self, moment: UnixMillis) -> bool {
        self.granted_at(QC, moment).is_ok()
    }

    /// One of its certificates has the name and the key of this one.
    pub fn has_key_of(&self, certificate: &[u8]) -> bool {
        self.tie(&[certificate.to_vec()]) == Some(Tie::Key)
    }

    /// It was granted as a service of qualified time-stamps at this moment.
    pub fn qualified_at(&self, moment: UnixMillis) -> Result<(), ListFault> {
        self.granted_at(QTST, moment)
    }

    fn was(&self, kind: &str) -> bool {
        self.periods.iter().any(|period| period.kind == kind)
    }

    fn granted_at(&self, kind: &str, moment: UnixMillis) -> Result<(), ListFault> {
        let service = self.name.clone();
        if !self.was(kind) {
            let found = self.periods.first().map(|period| shown(&period.kind)).unwrap_or_default();
            return Err(ListFault::OtherType { service, found });
        }
        // Of two periods in disorder, nobody can say which one a moment lies in.
        if self.periods.iter().zip(self.periods.iter().skip(1)).any(|(later, earlier)| later.since <= earlier.since) {
            return Err(ListFault::HistoryOrder { service });
        }
        let Some(period) = self.periods.iter().find(|period| period.since <= moment) else {
            let since = self.periods.last().map_or(moment, |first| first.since);
            return Err(ListFault::NotYet { service, since });
        };
        if period.kind != kind {
            return Err(ListFault::OtherType { service, found: shown(&period.kind) });
        }
        if period.status != GRANTED {
            let (status, since) = (shown(&period.status), period.since);
            return Err(ListFault::NotGranted { service, status, since });
        }
        match &period.condition {
            Some(extension) => Err(ListFault::Condition { service, extension: extension.clone() }),
            None => Ok(()),
        }
    }
}

fn signed(der: &[u8]) -> Option<Signed<'_>> {
    Signed::parse(der, "certificate").ok()
}

/// What follows the last stroke of an identifier says it all.
fn shown(uri: &str) -> String {
    uri.rsplit('/').next().unwrap_or_default().chars().take(80).collect()
}
