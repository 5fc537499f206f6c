//! Axum, auth, jobs, configuration: a document arrives here over HTTP, and its proofs leave here.
//!
//! [`init`] makes a data directory, [`serve`] answers on a socket until it is told to stop, [`offline`] does small
//! administration while nothing is served, [`policy_json`] gives what others pin.
//!
//! Deliberately not here: TLS (a front does it), pages for people but `/verifier` and `/public`, metrics, tile routes (later steps); trees, signatures and
//! order (`ledger`), bytes on disk (`store`), the reading of flows (`flow`), verdicts (`verifier`), who may do what
//! (`archive`).

mod admin;
mod administration;
mod algorithms;
mod antivirus;
mod app;
mod attestation;
mod auth;
pub mod backup;
mod certificates;
mod clock;
mod config;
mod cosigning;
pub mod custody;
mod deposit;
mod disposition;
mod elimination;
mod entry;
mod error;
mod evidence;
mod executory;
mod exports;
mod files;
mod head;
mod home;
mod http;
mod init;
mod journal;
mod language;
pub mod layout;
pub mod limits;
mod lists;
pub mod offline;
mod open;
pub mod pack;
mod page;
mod parameters;
mod policy;
mod problem;
mod profiles;
mod public;
mod publication;
mod random;
mod rates;
mod read;
mod recipe;
mod register;
pub mod reindex;
mod related;
mod renewal;
mod restitution;
mod rollback;
mod routes;
pub mod scrub;
mod sealing;
mod selection;
mod serve;
mod shutdown;
mod signatures;
mod space;
mod tiles;
mod trouble;
mod tsa;
mod validation;
pub mod witness;

pub use config::SedaLists;
pub use error::ServiceError;
pub use profiles::Profiles;
pub use shutdown::{Shutdown, Stop};
pub use signatures::SignaturesNow;
pub use trouble::Trouble;

use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a new data directory is made of.
#[derive(Clone, Debug)]
pub struct InitOptions {
    /// The directory: absent or empty.
    pub data: PathBuf,
    /// Unique name of the log, as in `archives.exemple.fr/log`: no space, no `+`, for ever.
    pub origin: String,
}

/// How to serve a data directory; what is `None` is as the configuration file says.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// The directory.
    pub data: PathBuf,
    /// Address and port; port 0 takes a free one.
    pub listen: Option<String>,
    /// Time between two seals.
    pub seal_every: Option<Duration>,
    /// A C2SP tlog-policy file that names the witnesses to ask.
    pub witnesses: Option<PathBuf>,
}

/// The directory holds a store, its keys, a test authority, a configuration, `admin.token` and the published policy.
///
/// # Errors
/// [`ServiceError`]: the directory is not empty, the origin is no origin, a file cannot be written.
pub fn init(options: &InitOptions) -> Result<(), ServiceError> {
    init::init(&options.data, &options.origin)
}

/// Served until told to stop, and stopped cleanly: requests under way answered, everything acknowledged durable.
/// Prints `listening http://…` on stdout once it can acknowledge, and writes the same URL to `run/url` in the directory.
/// Blocks; makes its own runtime.
///
/// # Errors
/// [`ServiceError`]: it could not start, or the sequencer stopped for good (the program must exit non-zero).
pub fn serve(options: ServeOptions, shutdown: Shutdown) -> Result<(), ServiceError> {
    serve::serve(options, shutdown)
}

/// A copy of the directory's key store stands under `to`, in a directory of its own; copies older than `keep` are gone. Works while
/// the directory is served. Gives where it stands, its number of keys, the number of copies removed.
///
/// # Errors
/// [`ServiceError`]: a file cannot be read or written.
pub fn backup_keys(data: &Path, to: &Path, keep: Duration) -> Result<(PathBuf, u64, u64), ServiceError> {
    backup::no_bucket(to)?;
    let at = random::now();
    let kept = u64::try_from(keep.as_millis()).unwrap_or(u64::MAX);
    let oldest = proof::UnixMillis(at.0.saturating_sub(kept));
    let done = store::backup_keys(&data.join("store"), to, at, oldest)?;
    Ok((done.place, done.keys, done.removed))
}

/// A process holds the directory's store. The lock is the kernel's: it is gone with the process, however that ended.
pub fn is_served(data: &Path) -> bool {
    store::is_held(&data.join("store"))
}

/// Exact bytes of the policy to pin: origin, verifier key, roots of the time-stamping authority. Works while the directory is
/// served.
///
/// # Errors
/// [`ServiceError`]: no such directory, a file that cannot be read.
pub fn policy_json(data: &Path) -> Result<Vec<u8>, ServiceError> {
    policy::of(&home::Home::at(data), &config::Config::load(data)?)
}
