//! A bordereau and the file of its profile (RELAX NG, XML Schema): here the bordereau is found for whoever can hold it against that file, and
//! what was said of it joins the flow. Not here: the judge, which is a program of its own.

use std::io::{self, Read};

use serde_json::Value;

use crate::codes::{self, Fault, Faults};
use crate::finding::Finding;
use crate::limits::Limits;
use crate::model::{Flow, FlowKind, Incoming};
use crate::names::reading;
use crate::seda::passes;

/// What came of holding a bordereau against the file of its profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileSaid {
    /// It is as the profile asks.
    Conforms,
    /// Where it is not, as far as that was told; at least one.
    Differs(Vec<Difference>),
    /// It was not held against it, and why.
    NotApplied(Unapplied),
}

/// Why a bordereau was not held against the file of its profile: its place among [`WORDS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unapplied {
    /// It could not be read again.
    Unread,
    /// It is longer than what a profile is applied to.
    TooLong,
    /// The program that does it is not there, or does not start.
    NoProgram,
    /// The program took more time than it has.
    TooSlow,
    /// The file of the profile is none that the program reads.
    NoProfile,
    /// The program failed.
    Failed,
}

/// The reasons, French and English, in the order of [`Unapplied`].
pub(crate) static WORDS: [(&str, &str); 6] = [
    ("le bordereau ne se relit pas", "the bordereau cannot be read again"),
    ("il est plus long que ce à quoi un profil est appliqué", "it is longer than what a profile is applied to"),
    ("le programme qui l'applique (xmllint) est absent", "the program that applies it (xmllint) is absent"),
    ("le temps accordé n'a pas suffi", "the time allowed was not enough"),
    ("le fichier du profil ne se lit pas", "the file of the profile cannot be read"),
    ("le programme qui l'applique a échoué", "the program that applies it failed"),
];

/// One place where a bordereau is not as its profile asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The line of the bordereau, the first being 1, where it was told.
    pub line: Option<u64>,
    /// What the judge says of it, in its words.
    pub detail: String,
}

/// Hands the bytes of the one bordereau among these files to `visit`.
///
/// # Errors
/// Why there is none, or that it could not be read to where `visit` wanted.
pub fn bordereau(
    files: &mut [Incoming<'_>],
    limits: &Limits,
    visit: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>,
) -> Result<(), Box<Finding>> {
    let names: Vec<String> = files.iter().map(|file| reading(file.name)).collect();
    let handed = passes::bordereau(files, &names, &limits.of_transfers(), visit);
    handed.map_err(|fault| Box::new(Finding::from(fault)))
}

impl Flow {
    /// The profile that a transfer says it follows.
    pub fn profile(&self) -> Option<&str> {
        let said = self.facts.get("profil").and_then(Value::as_str);
        said.filter(|_| self.kind == FlowKind::Seda)
    }

    /// What was said of the bordereau and of the file of its profile: what differs refuses the transfer.
    pub fn profiled(&mut self, said: &ProfileSaid) {
        let id = self.profile().unwrap_or_default().to_owned();
        let mut faults = Faults::default();
        let fact = match said {
            ProfileSaid::Conforms => "conforme",
            ProfileSaid::Differs(differences) => {
                faults.extend(differences.iter().map(|difference| {
                    let line = difference.line.map_or_else(|| "–".to_owned(), |line| line.to_string());
                    let fault = Fault::new(&codes::SEDA_PROFILE_DIFFERS, "ArchiveTransfer");
                    fault.with(&id).with(line).with(&difference.detail)
                }));
                "non conforme"
            }
            ProfileSaid::NotApplied(why) => {
                let fault = Fault::new(&codes::SEDA_PROFILE_NOT_APPLIED, "ArchivalProfile");
                let (fr, en) = WORDS.get(*why as usize).copied().unwrap_or(("?", "?"));
                faults.push(fault.with(&id).with_words([fr.to_owned(), en.to_owned()]));
                "non appliqué"
            }
        };
        self.facts.insert("profil_controle".to_owned(), Value::from(fact));
        self.findings.extend(faults.into_findings());
    }
}
