//! Why the service did not start, or stopped.

use std::fmt;
use std::path::PathBuf;

/// Why the service did not start, did not do what was asked of its directory, or stopped.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServiceError {
    /// The operating system refused.
    Io {
        /// What was attempted.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// Its answer.
        source: std::io::Error,
    },
    /// The directory already holds something.
    NotEmpty(PathBuf),
    /// The directory was not made by `init`.
    NotInitialised(PathBuf),
    /// Not the name of a log, in words.
    Origin(String),
    /// The configuration cannot be read or makes no sense, in words.
    Configuration {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A key or certificate file is not what it should be, in words.
    Key {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The store does not open, or could not be made.
    Store(store::OpenError),
    /// The sequencer does not start.
    Start(ledger::StartError),
    /// The store could not be read, in words.
    Read(String),
    /// The sequencer refused.
    Refused(ledger::Refusal),
    /// The administration entry could not be made, in words.
    Entry(String),
    /// The address cannot be listened on.
    Listen {
        /// The address.
        address: String,
        /// Why.
        source: std::io::Error,
    },
    /// A name that no tenant may bear.
    Name,
    /// Neither or both of SIREN and SIRET.
    OneNumber,
    /// A number that is no SIREN or SIRET.
    Number(archive::NumberError),
    /// A word that is no scope.
    Scope(archive::UnknownScope),
    /// A tenant that has this number already.
    TenantExists(proof::TenantId),
    /// No such tenant.
    UnknownTenant(String),
    /// Not the name of a witness, in words.
    WitnessName(String),
    /// The directory holds no witness.
    NoWitness(PathBuf),
    /// Another process serves the witness of this directory.
    WitnessServed(PathBuf),
    /// The state of a witness can no longer be made durable, in words: exit, and let start-up decide.
    WitnessStopped(String),
    /// The state of a witness is missing or damaged, in words.
    WitnessState {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// An elimination could not be carried out, in words; what it had done stays done, the next start goes on.
    Elimination(String),
    /// A backup, a restore or a start refused, in both languages.
    Trouble(Box<crate::trouble::Trouble>),
    /// The operating system gives no randomness.
    Randomness,
    /// The sequencer stopped for good, in words: exit, and let start-up decide.
    Stopped(String),
}

impl ServiceError {
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { action, path, source } => write!(f, "cannot {action} {}: {source}", path.display()),
            Self::NotEmpty(path) => write!(f, "{} is not empty; name a new directory", path.display()),
            Self::NotInitialised(path) => {
                write!(f, "{} holds no archive; make one with `tabellion init`", path.display())
            }
            Self::Origin(why) => write!(f, "this cannot name a log: {why}"),
            Self::WitnessName(why) => write!(f, "this cannot name a witness: {why}"),
            Self::NoWitness(path) => {
                write!(f, "{} holds no witness; make one with `tabellion witness init`", path.display())
            }
            Self::WitnessServed(path) => write!(f, "another process serves the witness of {}", path.display()),
            Self::WitnessStopped(why) => write!(f, "the witness can no longer keep its state: {why}"),
            Self::WitnessState { path, why } => write!(
                f,
                "{}: {why}; a witness that forgets could cosign two histories: put no older copy back, make a new witness with a \
                 new key and have it pinned",
                path.display()
            ),
            Self::Configuration { path, why } | Self::Key { path, why } => {
                write!(f, "{}: {why}", path.display())
            }
            Self::Store(why) => why.fmt(f),
            Self::Start(why) => why.fmt(f),
            Self::Read(why) => write!(f, "the store cannot be read: {why}"),
            Self::Refused(why) => why.fmt(f),
            Self::Entry(why) => write!(f, "the entry cannot be made: {why}"),
            Self::Listen { address, source } => write!(f, "cannot listen on {address}: {source}"),
            Self::Name => f.write_str("a tenant's name is one line of 1 to 256 bytes"),
            Self::OneNumber => f.write_str("give exactly one of SIREN and SIRET"),
            Self::Number(why) => write!(f, "wrong SIREN or SIRET: {why}"),
            Self::Scope(why) => why.fmt(f),
            Self::TenantExists(id) => write!(f, "tenant {id} has this number already"),
            Self::UnknownTenant(given) => write!(f, "there is no tenant {given}"),
            Self::Elimination(why) => write!(f, "an elimination is not carried out: {why}"),
            Self::Trouble(trouble) => trouble.fmt(f),
            Self::Randomness => f.write_str("the operating system gives no randomness"),
            Self::Stopped(why) => write!(f, "the log stopped: {why}"),
        }
    }
}

impl std::error::Error for ServiceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } | Self::Listen { source, .. } => Some(source),
            Self::Store(why) => Some(why),
            Self::Start(why) => Some(why),
            _ => None,
        }
    }
}

impl From<store::OpenError> for ServiceError {
    fn from(error: store::OpenError) -> Self {
        Self::Store(error)
    }
}

impl From<ledger::StartError> for ServiceError {
    fn from(error: ledger::StartError) -> Self {
        Self::Start(error)
    }
}
