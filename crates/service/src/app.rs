//! What every request shares.

use crate::administration::Office;
use crate::algorithms::Calendar;
use crate::antivirus::Antivirus;
use crate::auth::Known;
use crate::clock::HouseClock;
use crate::config::Config;
use crate::cosigning::Board;
use crate::custody::cachet::Cachet;
use crate::evidence::Trees;
use crate::head::Head;
use crate::home::Home;
use crate::journal::Journal;
use crate::lists::mirror::LastLook;
use crate::page::Page;
use crate::problem::{Problem, codes};
use crate::profiles::Profiles;
use crate::rates::Rates;
use crate::renewal::Renewals;
use crate::scrub::Door;
use crate::sealing::Asks;
use crate::signatures::SignaturesNow;
use crate::space::Space;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{StoreReads, Vault};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// The service, shared.
pub(crate) type App = Arc<Shared>;

pub(crate) struct Shared {
    pub(crate) home: Home,
    pub(crate) config: Config,
    pub(crate) office: Office,
    /// One addition of a tenant at a time.
    pub(crate) adding: tokio::sync::Mutex<()>,
    /// Deposits read and encrypted at once.
    pub(crate) readers: Semaphore,
    /// Packs made at once.
    pub(crate) packs: Semaphore,
    /// Registers streamed at once.
    pub(crate) registers: Arc<Semaphore>,
    /// Exports of open data streamed at once.
    pub(crate) exports: Arc<Semaphore>,
    pub(crate) memory: Memory,
    /// Room on the store's volume.
    pub(crate) space: Arc<Space>,
    /// Tokens and tenants as read last.
    pub(crate) known: Known,
    /// What each token has used.
    pub(crate) rates: Rates,
    pub(crate) clock: HouseClock,
    pub(crate) head: Head,
    pub(crate) cosigning: Board,
    pub(crate) seals: Asks,
    /// Events that the next seal archives.
    pub(crate) journal: Journal,
    /// Upper nodes of the batches that packs were last asked of.
    pub(crate) trees: Trees,
    /// Trees of the renewals.
    pub(crate) renewals: Renewals,
    pub(crate) scrub: Door,
    /// Under which heads are signed, and were.
    pub(crate) log_keys: ledger::KnownKeys,
    /// Exact bytes of the policy now in force, and the same read, but that packs are held to no quorum and to no date of an algorithm
    /// here: those whose witnesses are away, or that need a newer token, leave too, and whoever judges them is told.
    pub(crate) policy: Vec<u8>,
    /// SHA-512 of the policy that the first batch binds.
    pub(crate) first_policy_sha512: proof::Hash512,
    pub(crate) trust: verifier::Policy,
    /// Until when algorithms are accepted.
    pub(crate) calendar: Calendar,
    /// What came of the mirror of trusted lists.
    pub(crate) lists: LastLook,
    /// `/verifier`, when its module was found at start.
    pub(crate) page: Option<Page>,
    pub(crate) authority: Option<seal::TestAuthority>,
    /// Judges signatures of documents.
    pub(crate) signatures: SignaturesNow,
    /// Files of profiles that transfers of SEDA are held against.
    pub(crate) profiles: Profiles,
    /// Looks at deposits before they are read, if one is configured.
    pub(crate) antivirus: Option<Antivirus>,
    /// What seals attestations, if anything does.
    pub(crate) cachet: Option<Cachet>,
    /// Serial number of the built-in authority's next token.
    pub(crate) serial: AtomicU64,
    /// Why the sequencer stopped, once it has.
    pub(crate) stopped: watch::Receiver<Option<String>>,
    /// Bytes refused and kept now, about.
    pub(crate) refused_bytes: AtomicU64,
}

impl Shared {
    pub(crate) fn reads(&self) -> &StoreReads {
        &self.office.reads
    }
    pub(crate) fn vault(&self) -> &Vault {
        &self.office.vault
    }
}

/// Does this work where blocking is allowed, and waits for it.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(format!("a task ended: {error}")))
}

/// What this holds, even where a thread died that held it.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The bytes of deposits that may stand in memory, all requests together, in KiB.
pub(crate) struct Memory(Arc<Semaphore>);

/// What one request holds of it; given back when dropped.
pub(crate) struct Share {
    memory: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
    bytes: u64,
}

impl Memory {
    pub(crate) fn of(bytes: u64) -> Self {
        Self(Arc::new(Semaphore::new(usize::try_from(bytes / 1024).unwrap_or(0).min(Semaphore::MAX_PERMITS))))
    }
    pub(crate) fn share(&self) -> Share {
        Share { memory: self.0.clone(), held: None, bytes: 0 }
    }
}

impl Share {
    /// So many bytes more are held.
    ///
    /// Never waits: two requests, each holding what the other needs, would wait for ever.
    pub(crate) fn take(&mut self, bytes: u64) -> Result<(), Problem> {
        // Of the sum: a body that comes byte by byte would else hold a thousand times its size.
        let bytes = self.bytes.saturating_add(bytes);
        let kib = bytes.div_ceil(1024).saturating_sub(self.bytes.div_ceil(1024));
        if kib == 0 {
            self.bytes = bytes;
            return Ok(());
        }
        let kib = u32::try_from(kib).unwrap_or(u32::MAX);
        let taken = self.memory.clone().try_acquire_many_owned(kib);
        let taken = taken.map_err(|_| {
            Problem::from(&codes::BUSY).retry_after(2).because("no memory left for deposits (limits.memory_bytes)")
        })?;
        match &mut self.held {
            Some(held) => held.merge(taken),
            None => self.held = Some(taken),
        }
        self.bytes = bytes;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_refused_past_its_bound_and_given_back() {
        let memory = Memory::of(8 * 1024);
        let mut one = memory.share();
        one.take(7 * 1024).unwrap();
        one.take(1024).unwrap();
        assert_eq!(memory.share().take(1).unwrap_err().code(), "busy");
        drop(one);
        memory.share().take(8 * 1024).unwrap();
    }

    #[test]
    fn a_body_that_comes_byte_by_byte_holds_no_more_than_its_size() {
        let memory = Memory::of(8 * 1024);
        let mut share = memory.share();
        (0..8 * 1024).for_each(|_| share.take(1).unwrap());
        assert_eq!(share.take(1).unwrap_err().code(), "busy");
        drop(share);
        memory.share().take(8 * 1024).unwrap();
    }
}
