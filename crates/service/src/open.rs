//! Opening a data directory: store, key, sequencer; and closing it again.

use crate::administration::Office;
use crate::config::Config;
use crate::error::ServiceError;
use crate::home::Home;
use crate::random;
use ledger::{Event, Sequencer, SequencerOptions};
use std::thread::JoinHandle;
use store::{SealedParts, Store};
use tokio::sync::watch;

/// An open directory. While it lives nobody else opens it.
pub(crate) struct Open {
    pub(crate) office: Office,
    /// Says why, once the sequencer has stopped for good.
    pub(crate) stopped: watch::Receiver<Option<String>>,
    pub(crate) thread: JoinHandle<Result<(), String>>,
}

/// The store is open, what a crash left is replayed, the sequencer waits for entries.
pub(crate) fn open(home: &Home, config: &Config) -> Result<Open, ServiceError> {
    let key = home.read_log_key(&config.origin)?;
    let store = Store::open(&home.store(config.store.segment_bytes))?;
    // Ours alone from here on: an address left by a server that was killed is nobody's, or somebody else's.
    let _ = std::fs::remove_file(home.url());
    let (vault, reads) = (store.vault(), ledger::storage::Storage::reads(&store));
    let (tell, stopped) = watch::channel(None);
    let observer = Box::new(move |event| observe(event, &tell));
    let options = SequencerOptions { observer, ..SequencerOptions::default() };
    let (sequencer, thread) = Sequencer::start(store, key, &config.origin, Box::new(random::now), options)?;
    Ok(Open { office: Office { reads, vault, sequencer }, stopped, thread })
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
        Event::Retried(why) => tracing::warn!(why, "commit not taken, nothing lost"),
        Event::Stopped(why) => {
            tracing::error!(why, "sequencer stopped");
            let _ = tell.send(Some(why));
        }
        _ => {}
    }
}
