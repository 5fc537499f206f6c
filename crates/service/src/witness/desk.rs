//! Where heads are shown: check, make durable, cosign; one at a time.

use super::evidence::{Evidence, Kept, What};
use super::state::State;
use crate::error::ServiceError;
use crate::random;
use ::watch::request::RequestError;
use ::watch::witness::{Refused, judge, lines_of};
use ::watch::{AddCheckpoint, CosigningKey, UnixSeconds};
use proof::{SignedNote, TreeSize, VerifierKey};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// A witness at work.
pub(super) struct Desk {
    dir: PathBuf,
    key: CosigningKey,
    logs: Vec<VerifierKey>,
    held: Mutex<Held>,
    /// Says why, once the state can no longer be made durable.
    tell: watch::Sender<Option<String>>,
}

struct Held {
    state: State,
    evidence: Evidence,
    /// Cosignatures given since the start, by origin.
    given: BTreeMap<String, String>,
    /// What is on disk is no longer known.
    broken: bool,
}

/// Why there is no cosignature.
#[derive(Debug)]
pub(super) enum Denied {
    Request(RequestError),
    Refused(Refused),
    /// The state could not be made durable, now or before.
    Broken,
}

/// A log as others may know that it is watched.
pub(super) struct Watched {
    pub(super) origin: String,
    pub(super) size: TreeSize,
}

impl Desk {
    pub(super) fn open(
        dir: &Path,
        key: CosigningKey,
        logs: Vec<VerifierKey>,
        tell: watch::Sender<Option<String>>,
    ) -> Result<Self, ServiceError> {
        let (state, given) = (State::read(dir)?, BTreeMap::new());
        let evidence = Evidence::open(dir).map_err(ServiceError::io("read the evidence in", dir))?;
        let held = Mutex::new(Held { state, evidence, given, broken: false });
        Ok(Self { dir: dir.to_owned(), key, logs, held, tell })
    }

    pub(super) fn name(&self) -> &str {
        self.key.cosigner_key().name()
    }

    pub(super) fn vkey(&self) -> String {
        self.key.cosigner_key().to_string()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // A panic between check and persist leaves the last durable state in memory: nothing is half done.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The cosignature of the head shown: the whole is one step, so that no head is checked against a state that another has
    /// replaced. Blocks.
    pub(super) fn add(&self, body: &str) -> Result<String, Denied> {
        let request = AddCheckpoint::parse(body).map_err(Denied::Request)?;
        let mut held = self.held();
        if held.broken {
            return Err(Denied::Broken);
        }
        let state = &held.state;
        let told = match judge(&request, &self.logs, &|origin| state.known(origin)) {
            Ok(told) => told,
            Err(why) => {
                if why.is_evidence() {
                    keep(&mut held, &self.logs, request, &why);
                }
                return Err(Denied::Refused(why));
            }
        };
        let origin = &told.checkpoint.origin;
        if held.state.note(origin).is_none_or(|note| note.text != told.note.text) {
            let next = held.state.with(origin, told.note.clone());
            // A crash here, or at any step of the writing: state.rs says what it leaves. No cosignature exists yet.
            ledger::failpoint!("witness.before-state");
            if let Err(error) = next.write(&self.dir) {
                held.broken = true;
                tracing::error!(%error, "the state cannot be made durable");
                let _ = self.tell.send(Some(error.to_string()));
                return Err(Denied::Broken);
            }
            held.state = next;
            // A crash here: the head is durable as the last and was cosigned for nobody. The log asks again, is told the size
            // (409), and has it cosigned.
            ledger::failpoint!("witness.after-state");
        }
        let line = self.cosign(&told.note.text).ok_or(Denied::Broken)?;
        held.given.insert(origin.clone(), line.clone());
        tracing::info!(origin, size = told.checkpoint.size.0, "cosigned");
        Ok(line)
    }

    /// Our line under this text, now; none while the machine's clock says nothing.
    fn cosign(&self, text: &str) -> Option<String> {
        let now = UnixSeconds(random::now().0 / 1000);
        (now.0 > 0).then(|| self.key.cosign(text, now))?.map(|line| line.write())
    }

    /// The head cosigned last for an origin, with the log's lines and ours; the origin is named by its SHA-256 in hexadecimal.
    pub(super) fn latest(&self, hash: &str) -> Option<String> {
        let held = self.held();
        let named = |key: &&VerifierKey| proof::sha256(key.name().as_bytes()).to_string() == hash;
        let origin = self.logs.iter().find(named)?.name();
        let note = held.state.note(origin)?;
        let line = match held.given.get(origin) {
            Some(line) => line.clone(),
            None => self.cosign(&note.text)?,
        };
        Some(note.write() + &line)
    }

    /// Every log known here.
    pub(super) fn watched(&self) -> Vec<Watched> {
        let held = self.held();
        let mut watched: Vec<Watched> = Vec::new();
        for key in &self.logs {
            let (origin, size) = (key.name().to_owned(), held.state.known(key.name()).size);
            if watched.iter().all(|log| log.origin != origin) {
                watched.push(Watched { origin, size });
            }
        }
        watched
    }

    pub(super) fn is_broken(&self) -> bool {
        self.held().broken
    }
}

/// Keeps what was shown, and says so: two roots of one size convict the log, a path that does not lead there may be anyone's.
fn keep(held: &mut Held, logs: &[VerifierKey], mut request: AddCheckpoint, why: &Refused) {
    let Ok(note) = SignedNote::parse(&request.checkpoint) else { return };
    let origin = note.text.split('\n').next().unwrap_or_default().to_owned();
    let keys: Vec<&VerifierKey> = logs.iter().filter(|key| key.name() == origin).collect();
    // Lines of nobody we know are whoever's: they would fill the file.
    request.checkpoint = lines_of(note, &keys).write();
    let last = held.state.note(&origin).map(SignedNote::write);
    let what = if matches!(why, Refused::OtherRoot { .. }) { What::TwoRoots } else { What::NotAContinuation };
    match held.evidence.keep(random::now(), what, last.as_deref(), &request.write()) {
        Ok(Kept::Now) if what == What::TwoRoots => {
            tracing::error!(origin, cause = %why, "a log has signed two histories: evidence kept");
        }
        Ok(Kept::Now) => {
            tracing::warn!(origin, cause = %why, "a head that its path does not tie to the last one: kept")
        }
        Ok(Kept::Before) => tracing::info!(origin, "the same head again"),
        Ok(Kept::Full) => {
            tracing::error!(origin, cause = %why, "evidence.jsonl is full: move it away, no more is kept")
        }
        Err(error) => tracing::error!(origin, %error, "evidence could not be kept"),
    }
}
