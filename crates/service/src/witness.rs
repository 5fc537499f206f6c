//! A witness (C2SP tlog-witness): a small service of its own, with its own key and its own file of what it cosigned last. It opens
//! no store and trusts no log: anyone can run it, on anything.
//!
//! The directory holds `witness.key` (name and secret, its owner's alone), `state` (the heads cosigned last, replaced whole),
//! `evidence.jsonl` (heads that a log signed and that do not continue what it signed before) and `lock`.

mod desk;
mod evidence;
mod routes;
mod state;

use crate::config::Limits;
use crate::error::ServiceError;
use crate::serve::{listen, own_url, signals, tell_events, until_stopped};
use crate::{files, http, limits, random};
use ::watch::{CosigningKey, TlogPolicy};
use desk::Desk;
use proof::VerifierKey;
use proof::hash::{decode_hex, encode_hex};
use state::State;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

use crate::shutdown::Shutdown;

const KEY: &str = "witness.key";
const LOCK: &str = "lock";

/// How a witness is served.
#[derive(Clone, Debug)]
pub struct WitnessOptions {
    /// Its directory, made by [`init`].
    pub dir: PathBuf,
    /// Address and port; port 0 takes a free one.
    pub listen: String,
    /// Keys of the logs it knows, C2SP vkeys, each named by its log's origin.
    pub logs: Vec<String>,
    /// A C2SP tlog-policy file whose `log` lines are known too.
    pub policy: Option<PathBuf>,
    /// Connections at once from one address; more behind a front, which has the same for everyone.
    pub each: Option<usize>,
}

/// The directory holds a new key and an empty state; the answer is the vkey that others pin.
///
/// # Errors
/// [`ServiceError`]: the directory is not empty, the name is none, a file cannot be written.
pub fn init(dir: &Path, name: &str) -> Result<String, ServiceError> {
    let seed = random::bytes()?;
    let key = CosigningKey::from_seed(name, &seed).map_err(|why| ServiceError::WitnessName(why.to_string()))?;
    files::make_private_directory(dir)?;
    let mut there = std::fs::read_dir(dir).map_err(ServiceError::io("read", dir))?;
    if there.next().is_some() {
        return Err(ServiceError::NotEmpty(dir.to_owned()));
    }
    State::default().write(dir)?;
    // The key last: a crash before leaves a directory that nobody can serve and that holds nothing of worth.
    files::write_private(&dir.join(KEY), format!("{name}\n{}\n", encode_hex(&seed)).as_bytes())?;
    Ok(key.cosigner_key().to_string())
}

/// Served until told to stop. Prints `listening http://…` once it can cosign. Blocks; makes its own runtime.
///
/// # Errors
/// [`ServiceError`]: it could not start (the key is readable by others, the state is damaged, no log is known, another witness
/// serves the directory), or its state could no longer be made durable (the program must exit non-zero).
pub fn serve(options: &WitnessOptions, shutdown: Shutdown) -> Result<(), ServiceError> {
    tell_events("info");
    let key = read_key(&options.dir)?;
    let logs = known_logs(options)?;
    let _lock = lock(&options.dir)?;
    let (tell, stopped) = watch::channel(None);
    let desk = Arc::new(Desk::open(&options.dir, key, logs, tell)?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(ServiceError::io("start a runtime for", &options.dir))?;
    let served = runtime.block_on(run(options, desk, shutdown, stopped));
    runtime.shutdown_timeout(Duration::from_secs(limits::DRAIN_SECONDS));
    served.map_err(|error| match error {
        ServiceError::Stopped(why) => ServiceError::WitnessStopped(why),
        other => other,
    })
}

async fn run(
    options: &WitnessOptions,
    desk: Arc<Desk>,
    shutdown: Shutdown,
    stopped: watch::Receiver<Option<String>>,
) -> Result<(), ServiceError> {
    let listener = listen(&options.listen).await?;
    let address = listener.local_addr().map_err(ServiceError::io("ask the address of", &options.dir))?;
    let (tell, stop) = watch::channel(false);
    let limits = Limits {
        connections: limits::WITNESS_CONNECTIONS,
        header_seconds: limits::WITNESS_HEADER_SECONDS,
        body_seconds: limits::WITNESS_BODY_SECONDS,
        ..Limits::default()
    };
    // A log asks at most once a second: it needs no connection between two heads.
    let guests = http::Guests { each: Some(options.each.unwrap_or(limits::WITNESS_CONNECTIONS_EACH)), once: true };
    let router = routes::router(desk.clone());
    let drain = Duration::from_secs(crate::limits::DRAIN_SECONDS);
    let accepting = tokio::spawn(async move { http::accept(listener, router, &limits, guests, stop, drain).await });
    let signals = signals(shutdown.signals).map_err(ServiceError::io("catch signals for", &options.dir))?;
    let url = own_url(address);
    println!("listening {url}");
    tracing::info!(%url, witness = desk.name(), "listening");
    let ended = until_stopped(signals, shutdown.hand.clone(), stopped).await;
    let _ = tell.send(true);
    let _ = accepting.await;
    ended
}

/// Name and secret, in a file that its owner alone may read.
fn read_key(dir: &Path) -> Result<CosigningKey, ServiceError> {
    let path = dir.join(KEY);
    if !path.exists() {
        return Err(ServiceError::NoWitness(dir.to_owned()));
    }
    let wrong = |why: &str| ServiceError::Key { path: path.clone(), why: why.to_owned() };
    let bytes = files::read_private(&path)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| wrong("not a name and 64 hexadecimal digits"))?;
    let (name, seed) = text.trim_end().split_once('\n').ok_or_else(|| wrong("not a name and 64 hexadecimal digits"))?;
    let seed = decode_hex(seed).and_then(|seed| <[u8; 32]>::try_from(seed).ok());
    let seed = seed.ok_or_else(|| wrong("not a name and 64 hexadecimal digits"))?;
    CosigningKey::from_seed(name, &seed).map_err(|error| wrong(&error.to_string()))
}

/// The keys of the command line and of the policy, each once.
fn known_logs(options: &WitnessOptions) -> Result<Vec<VerifierKey>, ServiceError> {
    let given = PathBuf::from("--log");
    let wrong = |path: &Path, why: String| ServiceError::Configuration { path: path.to_owned(), why };
    let mut logs: Vec<VerifierKey> = Vec::new();
    for vkey in &options.logs {
        logs.push(VerifierKey::parse(vkey).map_err(|why| wrong(&given, format!("{vkey}: {why}")))?);
    }
    if let Some(path) = &options.policy {
        let text = files::read_text(path, limits::CONFIGURATION_BYTES)?;
        let policy = TlogPolicy::parse(&text).map_err(|why| wrong(path, why.to_string()))?;
        logs.extend(policy.logs.into_iter().map(|line| line.key));
    }
    logs.sort_by_key(ToString::to_string);
    logs.dedup();
    match logs.len() {
        0 => Err(wrong(&given, "a witness knows at least one log: --log VKEY, or a policy with log lines".into())),
        many if many > limits::WITNESS_LOGS => {
            Err(wrong(&given, format!("{many} logs, the limit is {}", limits::WITNESS_LOGS)))
        }
        _ => Ok(logs),
    }
}

/// The directory is ours until the file is closed, by whatever end of the process.
fn lock(dir: &Path) -> Result<File, ServiceError> {
    let path = dir.join(LOCK);
    let file = File::create(&path).map_err(ServiceError::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ServiceError::WitnessServed(dir.to_owned())),
        Err(TryLockError::Error(source)) => Err(ServiceError::io("lock", &path)(source)),
    }
}
