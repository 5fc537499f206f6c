//! Serving a data directory: start, wait, stop.

use crate::algorithms::{self, Calendar, Dates};
use crate::antivirus::Antivirus;
use crate::app::{App, Memory, Shared};
use crate::auth::Known;
use crate::clock::HouseClock;
use crate::config::Config;
use crate::cosigning::{self, Board};
use crate::custody::{cachet::Cachet, logkey};
use crate::error::ServiceError;
use crate::evidence::Trees;
use crate::head::Head;
use crate::home::Home;
use crate::journal::Journal;
use crate::open::{self, Open};
use crate::page::Page;
use crate::rates::Rates;
use crate::scrub::{self, Door};
use crate::sealing::{self, Asks, Job, Queue};
use crate::shutdown::Shutdown;
use crate::signatures::SignaturesNow;
use crate::space::Space;
use crate::{ServeOptions, files, http, limits, lists, policy, random, rollback, routes, validation};
use ledger::storage::Reader;
use proof::{FileNumber, Index};
use std::collections::BTreeMap;
use std::io::Read;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Mutex, Semaphore, watch};

/// Bits of a token's serial number below the time of the start.
const SERIAL_BITS: u32 = 20;

/// Serves until told to stop. Blocks.
pub(crate) fn serve(options: ServeOptions, shutdown: Shutdown) -> Result<(), ServiceError> {
    let mut config = Config::load(&options.data)?;
    if let Some(policy) = &options.witnesses {
        config.witnesses.policy = std::path::absolute(policy).map_err(ServiceError::io("find", policy))?;
    }
    tell_events(&config.events);
    let home = Home::at(&options.data);
    let every = config.seal_every(options.seal_every);
    let every = every.map_err(|why| ServiceError::Configuration { path: home.config(), why })?;
    let known = rollback::ask_witnesses(&home, &config, &logkey::known(&home, &config)?)?;
    if config.mirror.path.as_os_str().is_empty() && config.witnesses.policy.as_os_str().is_empty() {
        tracing::warn!(
            "neither mirror nor witness is configured: the rollback of the whole store could not be detected"
        );
    }
    validation::look(&home, &config);
    let Open { office, stopped, clock, thread } = open::open_knowing(&home, &config, known)?;
    let sequencer = office.sequencer.clone();
    if let Err(error) = crate::elimination::resume(&office) {
        let closed = open::close(&sequencer, thread);
        return Err(closed.err().unwrap_or(error));
    }
    // Each thread keeps memory of its own: hundreds of them, one for each request under way, would hold a gigabyte.
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.enable_all().max_blocking_threads(limits::BLOCKING_THREADS).build();
    let runtime = runtime.map_err(ServiceError::io("start a runtime for", &options.data))?;
    let served = runtime.block_on(async {
        let listener = listen(options.listen.as_deref().unwrap_or(&config.listen)).await?;
        let address = listener.local_addr().map_err(ServiceError::io("ask the address of", home.path()))?;
        let (app, queue, job) = share(home.clone(), config, (office, clock), stopped.clone(), every, address)?;
        run(app, queue, job, listener, address, shutdown, stopped).await
    });
    // Requests are over: what is queued is committed, then the store is let go.
    runtime.shutdown_timeout(Duration::from_secs(limits::DRAIN_SECONDS));
    let _ = std::fs::remove_file(home.url());
    let closed = open::close(&sequencer, thread);
    served.and(closed)
}

pub(crate) async fn listen(address: &str) -> Result<TcpListener, ServiceError> {
    let failed = |source| ServiceError::Listen { address: address.to_owned(), source };
    let mut last = std::io::Error::new(std::io::ErrorKind::AddrNotAvailable, "no such address");
    for found in tokio::net::lookup_host(address).await.map_err(failed)? {
        match listen_on(found) {
            Ok(listener) => return Ok(listener),
            Err(why) => last = why,
        }
    }
    Err(failed(last))
}

/// Who arrives in a crowd waits to be let in: with a short queue the system would reset some of them.
fn listen_on(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(limits::WAITING_CONNECTIONS)
}

/// What requests and the seal job share.
fn share(
    home: Home,
    config: Config,
    (office, clock): (crate::administration::Office, HouseClock),
    stopped: watch::Receiver<Option<String>>,
    every: Duration,
    address: SocketAddr,
) -> Result<(App, Queue, Job), ServiceError> {
    let policy = policy::of(&home, &config)?;
    let wrong = |why: String| ServiceError::Configuration { path: home.config(), why };
    let mut trust = verifier::Policy::parse(&policy).map_err(|error| wrong(error.to_string()))?;
    let calendar = Calendar::of(Dates::of(&home, &config)?, trust.clone(), config.algorithms.months);
    (trust.witnesses, trust.algorithms) = (None, BTreeMap::new());
    let cosigning = Board::of(cosigning::policy_of(&home, &config)?.map(|(_, policy)| policy));
    let page = Page::load(&home, &config, &policy)?;
    if page.is_none() {
        tracing::warn!("no verifier.wasm beside the program: /verifier is not offered until deploy/wasm has made it");
    }
    let authority = if config.tsa.url.is_empty() { Some(home.read_authority()?) } else { None };
    let cachet = Cachet::configured(&home, &config)?;
    let signatures = SignaturesNow::configured(&home, &config)?;
    let profiles = config.seda.profiles(home.path())?.told();
    let antivirus = Antivirus::configured(&config.antivirus).map_err(wrong)?;
    let authorities = sealing::authorities(&home, &config, &own_url(address))?;
    // A log that cannot tell seals at once.
    let began = sealing::interval_began(&office.reads).ok().flatten();
    let first_policy = first_policy(&office.reads)?;
    let first_policy_sha512 = proof::sha512(&first_policy);
    let job = Job { first_policy, every, began };
    let log_keys = logkey::known(&home, &config)?;
    let (seals, queue) = Asks::of(authorities);
    let app = Shared {
        adding: Mutex::new(()),
        readers: Semaphore::new(config.limits.readers),
        packs: Semaphore::new(limits::PACKS_AT_ONCE),
        registers: Arc::new(Semaphore::new(limits::REGISTERS_AT_ONCE)),
        exports: Arc::new(Semaphore::new(limits::EXPORTS_AT_ONCE)),
        memory: Memory::of(config.limits.memory_bytes),
        space: Arc::new(Space::of(home.path().join("store"), config.limits.free_bytes)),
        rates: Rates::of(config.limits.token_deposits_per_second, config.limits.token_deposits_burst),
        clock,
        head: Head::default(),
        cosigning,
        journal: Journal::of(&home),
        serial: AtomicU64::new(random::now().0 << SERIAL_BITS),
        refused_bytes: AtomicU64::new(0),
        seals,
        renewals: Default::default(),
        known: Known::default(),
        trees: Trees::default(),
        scrub: Door::default(),
        log_keys,
        policy,
        first_policy_sha512,
        trust,
        calendar,
        lists: Default::default(),
        page,
        authority,
        signatures,
        profiles,
        antivirus,
        cachet,
        stopped,
        home,
        config,
        office,
    };
    Ok((Arc::new(app), queue, job))
}

/// The policy as the log's first entry holds it.
pub(crate) fn first_policy(reads: &store::StoreReads) -> Result<Vec<u8>, ServiceError> {
    let read = |error: ledger::storage::StorageError| ServiceError::Read(format!("{error:?}"));
    let missing = || ServiceError::Read("the log's first entry holds no policy".into());
    reads.entry(Index(0)).map_err(read)?.ok_or_else(missing)?;
    let mut file = reads.open_file(Index(0), FileNumber(1)).map_err(read)?.ok_or_else(missing)?;
    let mut policy = Vec::new();
    file.read_to_end(&mut policy).map_err(|error| ServiceError::Read(error.to_string()))?;
    Ok(policy)
}

/// The address under which this machine reaches its own listener.
pub(crate) fn own_url(address: SocketAddr) -> String {
    match (address.ip().is_unspecified(), address) {
        (false, address) => format!("http://{address}"),
        (true, SocketAddr::V4(_)) => format!("http://127.0.0.1:{}", address.port()),
        (true, SocketAddr::V6(_)) => format!("http://[::1]:{}", address.port()),
    }
}

async fn run(
    app: App,
    queue: Queue,
    job: Job,
    listener: TcpListener,
    address: SocketAddr,
    shutdown: Shutdown,
    stopped: watch::Receiver<Option<String>>,
) -> Result<(), ServiceError> {
    let url = own_url(address);
    files::make_private_directory(&app.home.path().join("run"))?;
    files::replace(&app.home.url(), format!("{url}\n").as_bytes())?;
    let (tell, stop) = watch::channel(false);
    let sealing = tokio::spawn(sealing::run(app.clone(), job, queue, stop.clone()));
    let cosigning = tokio::spawn(cosigning::run(app.clone(), stop.clone()));
    let scrubbing = tokio::spawn(scrub::run(app.clone(), stop.clone()));
    let warning = tokio::spawn(algorithms::run(app.clone(), stop.clone()));
    let fetching = tokio::spawn(lists::mirror::run(app.clone(), stop.clone()));
    let drain = Duration::from_secs(limits::DRAIN_SECONDS);
    let router = routes::router(app.clone());
    let limits = app.config.limits.clone();
    let accepting =
        tokio::spawn(
            async move { http::accept(listener, router, &limits, http::Guests::default(), stop, drain).await },
        );
    let signals = signals(shutdown.signals).map_err(ServiceError::io("catch signals for", app.home.path()))?;
    println!("listening {url}");
    tracing::info!(%url, "listening");
    let ended = until_stopped(signals, shutdown.hand.clone(), stopped).await;
    let _ = tell.send(true);
    match ended {
        Ok(()) => {
            tracing::info!("stopping");
            let _ = accepting.await;
            let _ = sealing.await;
            let _ = cosigning.await;
            let _ = scrubbing.await;
            let _ = warning.await;
            let _ = fetching.await;
        }
        // Those who wait are told to ask again; nobody else is let in.
        Err(_) => {
            let told = Duration::from_secs(crate::limits::STOPPED_SECONDS);
            let _ = tokio::time::timeout(told, accepting).await;
        }
    }
    ended
}

/// Resolves at SIGTERM or SIGINT. They are caught from the moment this is called, not first polled.
pub(crate) fn signals(wanted: bool) -> Result<impl Future<Output = ()>, std::io::Error> {
    let caught = match wanted {
        true => Some((signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?)),
        false => None,
    };
    Ok(async move {
        let Some((mut terminate, mut interrupt)) = caught else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Waits for a signal, for the hand, or for the sequencer's end, which is an error: nothing more can be acknowledged.
pub(crate) async fn until_stopped(
    signals: impl Future<Output = ()>,
    mut hand: watch::Receiver<bool>,
    mut stopped: watch::Receiver<Option<String>>,
) -> Result<(), ServiceError> {
    tokio::select! {
        () = signals => Ok(()),
        _ = hand.wait_for(|stop| *stop) => Ok(()),
        why = stopped.wait_for(Option::is_some) => {
            let why = why.ok().and_then(|why| why.clone());
            Err(ServiceError::Stopped(why.unwrap_or_else(|| "the sequencer ended".into())))
        }
    }
}

/// Events as JSON lines on stderr: ids only, never names, titles or content.
pub(crate) fn tell_events(filter: &str) {
    let filter = tracing_subscriber::EnvFilter::try_new(filter).unwrap_or_else(|_| "info".into());
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}
