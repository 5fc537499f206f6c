//! Opening a data directory: store, key, sequencer; and closing it again.

use crate::administration::Office;
use crate::clock::HouseClock;
use crate::config::Config;
use crate::custody::logkey;
use crate::error::ServiceError;
use crate::home::Home;
use crate::random;
use crate::rollback::{self, Accepted, Known};
use ledger::{Event, LogKeys, Sequencer, SequencerOptions};
use proof::time::format_rfc3339;
use std::thread::JoinHandle;
use store::mirror::MirrorHead;
use store::{Mirrored, SealedParts, Store};
use tokio::sync::watch;

/// An open directory. While it lives nobody else opens it.
pub(crate) struct Open {
    pub(crate) office: Office,
    /// Says why, once the sequencer has stopped for good.
    pub(crate) stopped: watch::Receiver<Option<String>>,
    /// The clock that the log is written by.
    pub(crate) clock: HouseClock,
    pub(crate) thread: JoinHandle<Result<(), String>>,
}

/// The store is open, what a crash left is replayed, the sequencer waits for entries.
pub(crate) fn open(home: &Home, config: &Config) -> Result<Open, ServiceError> {
    open_knowing(home, config, Vec::new())
}

/// The same, if neither the mirror nor these heads say that the store is behind or another.
pub(crate) fn open_knowing(home: &Home, config: &Config, heads: Vec<Known>) -> Result<Open, ServiceError> {
    let keys = logkey::keys(home, config)?;
    let store = Store::open(&home.store(config)?)?;
    // Ours alone from here on: what a rotation left to do once its key was in charge is done.
    logkey::settle(home, config)?;
    if let Some(aside) = store.moved_index() {
        tracing::warn!(aside = %aside.display(), "the index was damaged or made by an older program: another is made from the segments");
    }
    // An address left by a server that was killed is nobody's, or somebody else's.
    let _ = std::fs::remove_file(home.url());
    let accepted = Accepted::load(home)?;
    let store = compared(home, config, &keys, heads, &accepted, store)?;
    let (vault, reads) = (store.vault(), ledger::storage::Storage::reads(&store));
    let (tell, stopped) = watch::channel(None);
    let observer = Box::new(move |event| observe(event, &tell));
    let options = SequencerOptions { observer, ..SequencerOptions::default() };
    let clock = HouseClock::default();
    let (sequencer, thread) = Sequencer::start(store, keys, &config.origin, Box::new(clock.clone()), options)?;
    let open = Open { office: Office { reads, vault, sequencer }, stopped, clock, thread };
    if let Err(error) = accepted.log(home, &open.office) {
        let closed = close(&open.office.sequencer, open.thread);
        return Err(closed.err().unwrap_or(error));
    }
    Ok(open)
}

/// The store with its mirror, once nothing that is known elsewhere speaks against it. Nothing is signed before that which was not
/// signed or about to be.
fn compared(
    home: &Home,
    config: &Config,
    keys: &LogKeys,
    mut known: Vec<Known>,
    accepted: &Accepted,
    mut store: Store,
) -> Result<Mirrored, ServiceError> {
    let mirror = rollback::open_mirror(home, config)?;
    if let Some((mirror, heads)) = &mirror {
        known.extend(rollback::of_heads(&mirror.path().display().to_string(), heads, &store.id())?);
    }
    let (known, standing) = (accepted.but(known), store.standing());
    rollback::check(&known, &standing)?;
    if !known.is_empty() {
        // What is durable is published, so that older heads can be asked of the tree; nothing is appended.
        store = ledger::publish_again(store, keys.clone(), &config.origin)?;
        rollback::check_roots(&known, standing.number, &ledger::storage::Storage::reads(&store))?;
    }
    if let Some((mirror, _)) = &mirror {
        let (size, root) = rollback::stated(&standing);
        let head = MirrorHead { store: store.id(), number: standing.number, size, root, at: random::now() };
        mirror.settle(&head).map_err(ServiceError::io("write the mirror", mirror.path()))?;
    }
    Ok(Mirrored::new(store, mirror.map(|(mirror, _)| mirror))?)
}

/// What is queued is committed, and the store let go.
pub(crate) fn close(
    sequencer: &Sequencer<SealedParts>,
    thread: JoinHandle<Result<(), String>>,
) -> Result<(), ServiceError> {
    sequencer.close();
    match thread.join() {
        Ok(ended) => ended.map_err(ServiceError::Stopped),
        Err(_) => Err(ServiceError::Stopped("the sequencer's thread panicked".into())),
    }
}

fn observe(event: Event, tell: &watch::Sender<Option<String>>) {
    match event {
        Event::Committed { number, leaves, size } => {
            tracing::debug!(number, leaves, size = size.0, "committed");
        }
        Event::ClockAbsorbed { millis } => tracing::warn!(millis, "clock stepped back"),
        Event::ClockAhead { last, now } => {
            let (last, now) = (format_rfc3339(last), format_rfc3339(now));
            tracing::error!(
                last,
                now,
                "the clock leapt forward: time stands still in the log until an operator accepts it"
            );
        }
        Event::Retried(why) => tracing::warn!(why, "commit not taken, nothing lost"),
        Event::Stopped(why) => {
            tracing::error!(why, "sequencer stopped");
            let _ = tell.send(Some(why));
        }
        _ => {}
    }
}
