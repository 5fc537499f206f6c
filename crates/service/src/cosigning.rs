//! The log asks its witnesses: each published head is shown to all of them at once, one task a witness, so that one that is dead,
//! slow or false delays nobody: no acknowledgement, no seal, no other witness.

mod ask;
mod attend;
mod kept;

use crate::app::{App, blocking};
use crate::config::Config;
use crate::error::ServiceError;
use crate::head::Published;
use crate::home::Home;
use crate::problem::Problem;
use crate::{files, limits, random};
use ::watch::TlogPolicy;
use ::watch::policy::WitnessLine;
use kept::Keep;
use ledger::storage::Reader;
use proof::{SignedNote, TreeSize, UnixMillis};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use store::StoreReads;
use tokio::sync::{mpsc, watch};

/// The text of the witnesses' policy and what it states, if one is configured.
pub(crate) fn policy_of(home: &Home, config: &Config) -> Result<Option<(String, TlogPolicy)>, ServiceError> {
    if config.witnesses.policy.as_os_str().is_empty() {
        return Ok(None);
    }
    let path = home.path().join(&config.witnesses.policy);
    let wrong = |why: String| ServiceError::Configuration { path: path.clone(), why };
    let text = files::read_text(&path, limits::CONFIGURATION_BYTES)?;
    let policy = TlogPolicy::parse(&text).map_err(|why| wrong(why.to_string()))?;
    if !policy.logs.is_empty() && policy.logs.iter().all(|log| log.key.name() != config.origin) {
        return Err(wrong(format!("its log lines do not name this log, {}", config.origin)));
    }
    let odd = |line: &&WitnessLine| line.url.as_ref().is_some_and(|url| !url.starts_with("http://"));
    if let Some(line) = policy.witnesses.iter().find(odd) {
        let why =
            format!("the address of {} must begin with http:// (cosignatures are signed: they need no TLS)", line.name);
        return Err(wrong(why));
    }
    Ok(Some((text, policy)))
}

/// What is known of cosignatures, shared.
#[derive(Default)]
pub(crate) struct Board {
    policy: Option<TlogPolicy>,
    /// By size: the head's text and each witness's line. Only of late.
    heads: Mutex<BTreeMap<TreeSize, Lines>>,
    last: Mutex<Last>,
    standings: Mutex<Vec<Standing>>,
    keep: Mutex<Option<mpsc::UnboundedSender<Keep>>>,
}

/// A head to be given out.
pub(crate) struct Given {
    pub(crate) size: TreeSize,
    /// The signed note: the log's own line, then the cosignatures.
    pub(crate) text: String,
    /// A quorum is asked for, and this head meets it.
    pub(crate) met: bool,
}

/// What was given out so far.
#[derive(Default)]
struct Last {
    /// Size of the largest head given out.
    least: TreeSize,
    /// Size of the newest that met the quorum, and when it was last the newest of all, or was reached.
    met: Option<(TreeSize, Instant)>,
}

#[derive(Default)]
struct Lines {
    text: String,
    /// By position in the policy.
    by: BTreeMap<usize, String>,
    /// They meet the quorum.
    met: bool,
}

impl Lines {
    fn text(&self) -> String {
        self.by.values().map(String::as_str).collect()
    }
}

/// How it stands with a witness.
#[derive(Clone, Debug)]
struct Standing {
    code: &'static str,
    size: Option<TreeSize>,
    since: UnixMillis,
}

impl Board {
    pub(crate) fn of(policy: Option<TlogPolicy>) -> Self {
        let count = policy.as_ref().map_or(0, |policy| policy.witnesses.len());
        let standing = Standing { code: "not-asked", size: None, since: random::now() };
        Self { policy, standings: Mutex::new(vec![standing; count]), ..Self::default() }
    }

    fn witnesses(&self) -> &[WitnessLine] {
        self.policy.as_ref().map_or(&[], |policy| &policy.witnesses)
    }

    fn heads(&self) -> MutexGuard<'_, BTreeMap<TreeSize, Lines>> {
        self.heads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The signature lines gathered for this very head, in the order of the policy.
    fn lines(&self, head: &Published) -> String {
        let Ok(note) = SignedNote::parse(&head.note) else { return String::new() };
        let heads = self.heads();
        let lines = heads.get(&head.size).filter(|lines| lines.text == note.text);
        lines.map_or_else(String::new, Lines::text)
    }

    /// The head to give out: the newest that meets the quorum, while newer ones are on their round of the witnesses; the newest
    /// shown where no quorum is asked for, or none was met for too long. Never a smaller one than before.
    fn given(&self, reads: &StoreReads, shown: &Published) -> Given {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let found = self.cosigned(reads, last.least, shown.size);
        let size = found.as_ref().map_or(TreeSize(0), |given| given.size);
        let (_, since) = match last.met.filter(|(met, _)| size <= *met && size != shown.size) {
            Some(before) => before,
            None => *last.met.insert((size, Instant::now())),
        };
        let waits = since.elapsed() <= Duration::from_secs(limits::COSIGNED_SECONDS);
        let given = found.filter(|_| waits).unwrap_or_else(|| {
            let text = format!("{}{}", shown.note, self.lines(shown));
            Given { size: shown.size, text, met: false }
        });
        last.least = given.size.max(last.least);
        given
    }

    /// The newest head of these sizes that meets the quorum.
    fn cosigned(&self, reads: &StoreReads, least: TreeSize, most: TreeSize) -> Option<Given> {
        let heads = self.heads();
        let (size, lines) = heads.range(least..=most.max(least)).rev().find(|(_, lines)| lines.met)?;
        let note = reads.checkpoint(*size).ok().flatten()?;
        let same = SignedNote::parse(&note).is_ok_and(|note| note.text == lines.text);
        same.then(|| Given { size: *size, text: note + &lines.text(), met: true })
    }

    fn line(&self, size: TreeSize, text: &str, at: usize) -> Option<String> {
        self.heads().get(&size).filter(|lines| lines.text == text)?.by.get(&at).cloned()
    }

    fn add(&self, size: TreeSize, text: &str, at: usize, line: String) {
        let mut heads = self.heads();
        let lines = heads.entry(size).or_default();
        if lines.text != text {
            *lines = Lines { text: text.to_owned(), ..Lines::default() };
        }
        lines.by.insert(at, line);
        let note = SignedNote { text: text.to_owned(), signatures: Vec::new() };
        let said = self.policy.as_ref().and_then(|policy| policy.witnessed(&note, &lines.text()).ok());
        lines.met = said.is_some_and(|said| said.asked && said.met);
        while heads.len() > limits::COSIGNATURES_HEADS {
            heads.pop_first();
        }
    }

    /// The head that the next seal will bind is shown to witnesses before any larger one.
    pub(crate) fn bind(&self, app: &App, head: Published) {
        let newest = crate::head::newest(app.reads()).ok().flatten();
        let before = app.head.bind(head.clone(), newest);
        if let Some(before) = before.filter(|before| before.size < head.size) {
            self.keep(Keep::Dropped(before.size));
        }
    }

    fn keep(&self, what: Keep) {
        if let Some(keep) = self.keep.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            let _ = keep.send(what);
        }
    }

    /// Takes note of how it stands with a witness; told once a change.
    fn stands(&self, at: usize, code: &'static str, size: Option<TreeSize>, cause: &str) {
        let mut standings = self.standings.lock().unwrap_or_else(PoisonError::into_inner);
        let (Some(standing), Some(line)) = (standings.get_mut(at), self.witnesses().get(at)) else { return };
        let changed = standing.code != code;
        standing.size = size.or(standing.size);
        if !changed {
            return;
        }
        (standing.code, standing.since) = (code, random::now());
        let (witness, size) = (line.name.as_str(), standing.size.map(|size| size.0));
        match code {
            "cosigns" => tracing::info!(witness, size, "the witness cosigns"),
            "two-histories" => tracing::error!(
                witness,
                size,
                code,
                cause,
                "the witness holds another history of this log: find the other copy, serve neither until it is known which is right"
            ),
            "ahead" => tracing::error!(
                witness,
                size,
                code,
                cause,
                "the witness has cosigned a larger head than ours: this store is an older copy, or another copy is served"
            ),
            _ => tracing::warn!(witness, size, code, cause, "the witness does not cosign; deposits and seals go on"),
        }
    }

    /// For whoever watches the service.
    pub(crate) fn shown(&self, reads: &StoreReads, head: Option<Published>) -> Value {
        let Some(policy) = &self.policy else { return Value::Null };
        let given = head.map(|head| self.given(reads, &head));
        let quorum = match &given {
            _ if !policy.asks() => "none",
            Some(given) if given.met => "met",
            _ => "not-met",
        };
        let standings = self.standings.lock().unwrap_or_else(PoisonError::into_inner);
        let each: Vec<Value> = policy.witnesses.iter().zip(standings.iter()).map(|(line, standing)| {
            let since = proof::time::format_rfc3339(standing.since);
            json!({"name": line.name, "state": standing.code, "size": standing.size.map(|size| size.0), "since": since})
        }).collect();
        json!({"quorum": quorum, "size": given.map(|given| given.size.0), "each": each})
    }
}

/// The head to give out now, if there is one.
pub(crate) fn given(app: &App) -> Result<Option<Given>, Problem> {
    Ok(app.head.show(app.reads())?.map(|shown| app.cosigning.given(app.reads(), &shown)))
}

/// The signature lines for the head of this size and text: gathered of late, or kept.
pub(crate) fn cosignatures_of(app: &App, size: TreeSize, note: &str) -> Result<String, ledger::storage::StorageError> {
    let Ok(read) = SignedNote::parse(note) else { return Ok(String::new()) };
    let mut lines = kept::lines(app.reads(), size, &read.text)?;
    for (at, witness) in app.cosigning.witnesses().iter().enumerate() {
        if let Some(line) = app.cosigning.line(size, &read.text, at) {
            lines.insert(kept::id(&witness.vkey), line);
        }
    }
    Ok(lines.into_values().take(proof::limits::NOTE_SIGNATURES - read.signatures.len()).collect())
}

/// Shows each published head to the witnesses until told to stop; then what they said is on disk.
pub(crate) async fn run(app: App, mut stop: watch::Receiver<bool>) {
    if app.cosigning.witnesses().iter().all(|line| line.url.is_none()) {
        return;
    }
    let (keep, kept) = mpsc::unbounded_channel();
    *app.cosigning.keep.lock().unwrap_or_else(PoisonError::into_inner) = Some(keep);
    let keeping = tokio::spawn(kept::run(app.clone(), kept, stop.clone()));
    let asked = (0..app.cosigning.witnesses().len()).filter(|at| app.cosigning.witnesses()[*at].url.is_some());
    for at in asked {
        tokio::spawn(attend::run(app.clone(), at, stop.clone()));
    }
    let mut tick = tokio::time::interval(Duration::from_millis(limits::HEAD_MILLIS));
    loop {
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => break,
            _ = tick.tick() => {}
        }
        let app = app.clone();
        // Looked at each second, so that it is known since when there is no quorum.
        let _ = blocking(move || given(&app).map(drop)).await;
    }
    let _ = keeping.await;
}
