//! What is kept of cosignatures, in space 6 of the small state (docs/formats/witness.md): written together, since a change of state
//! costs a sync; bounded, since only sealed heads and each witness's last keep theirs.

use crate::app::App;
use crate::limits;
use ledger::spaces::COSIGNATURES;
use ledger::storage::{Put, Reader, StorageError};
use ledger::{Refusal, sealing};
use proof::{SignedNote, TreeSize};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use store::StoreReads;
use tokio::sync::{mpsc, oneshot, watch};

/// Rows of heads that a seal binds, and of what each witness cosigned last.
const BOUND: u8 = 1;
const LATEST: u8 = 2;

/// What to keep, or to let go.
#[derive(Debug)]
pub(crate) enum Keep {
    /// The line of a witness under a head that a seal binds.
    Bound { size: TreeSize, witness: [u8; 32], line: String },
    /// The note a witness cosigned last, its line below.
    Latest { witness: [u8; 32], note: String },
    /// A head of this size was planned for a seal, and another is now: if no seal binds it its lines are let go.
    Dropped(TreeSize),
}

/// What a witness is known by in keys.
pub(super) fn id(vkey: &str) -> [u8; 32] {
    proof::sha256(vkey.as_bytes()).0
}

fn bound_key(size: TreeSize, witness: &[u8]) -> Vec<u8> {
    [&[BOUND], &size.0.to_be_bytes()[..], witness].concat()
}

fn latest_key(witness: &[u8]) -> Vec<u8> {
    [&[LATEST], witness].concat()
}

fn text(value: Vec<u8>) -> String {
    String::from_utf8(value).unwrap_or_default()
}

/// Lines kept for the head of this size and text, by witness.
pub(super) fn lines(
    reads: &StoreReads,
    size: TreeSize,
    head: &str,
) -> Result<BTreeMap<[u8; 32], String>, StorageError> {
    let mut lines = BTreeMap::new();
    for (key, note) in reads.values(COSIGNATURES, &[LATEST])? {
        let note = SignedNote::parse(&text(note)).ok().filter(|note| note.text == head);
        if let (Some(id), Some(note)) = (key.last_chunk(), note) {
            lines.extend(note.signatures.last().map(|line| (*id, line.write())));
        }
    }
    for (key, line) in reads.values(COSIGNATURES, &bound_key(size, &[]))? {
        lines.extend(key.last_chunk().map(|id| (*id, text(line))));
    }
    Ok(lines)
}

/// Whether a line of this witness is kept for the head of this size, which a seal binds.
pub(super) fn has(reads: &StoreReads, size: TreeSize, witness: &[u8; 32]) -> bool {
    reads.value(COSIGNATURES, &bound_key(size, witness)).is_ok_and(|row| row.is_some())
}

/// The note this witness cosigned last.
pub(super) fn latest(reads: &StoreReads, witness: &[u8; 32]) -> Option<SignedNote> {
    let note = reads.value(COSIGNATURES, &latest_key(witness)).ok()??;
    SignedNote::parse(&text(note)).ok()
}

/// Writes what comes until told to stop, then the rest.
pub(super) async fn run(app: App, mut hear: mpsc::UnboundedReceiver<Keep>, mut stop: watch::Receiver<bool>) {
    let (mut now, mut later) = (Rows::new(), Rows::new());
    let mut written = Instant::now();
    loop {
        let heard = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => None,
            heard = hear.recv() => heard,
        };
        let stopped = heard.is_none();
        if let Some(heard) = heard {
            sort(&app, heard, &mut now, &mut later);
            // Whatever else comes in this moment is written with it.
            tokio::time::sleep(Duration::from_millis(limits::COSIGNATURES_GATHER_MILLIS)).await;
        }
        while let Ok(heard) = hear.try_recv() {
            sort(&app, heard, &mut now, &mut later);
        }
        if stopped || written.elapsed() >= Duration::from_secs(limits::COSIGNATURES_LATEST_SECONDS) {
            now.append(&mut later);
            written = Instant::now();
        }
        // A crash before this is durable: the heads are asked for again.
        if !now.is_empty() && write(&app, &now).await {
            now.clear();
        }
        if stopped {
            return;
        }
    }
}

type Rows = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

fn sort(app: &App, heard: Keep, now: &mut Rows, later: &mut Rows) {
    match heard {
        Keep::Bound { size, witness, line } => {
            now.insert(bound_key(size, &witness), Some(line.into_bytes()));
        }
        Keep::Latest { witness, note } => {
            later.insert(latest_key(&witness), Some(note.into_bytes()));
        }
        Keep::Dropped(size) if is_bound(app.reads(), size) => {}
        Keep::Dropped(size) => {
            let prefix = bound_key(size, &[]);
            now.retain(|key, _| !key.starts_with(&prefix));
            let kept = app.reads().values(COSIGNATURES, &prefix).unwrap_or_default();
            now.extend(kept.into_iter().map(|(key, _)| (key, None)));
        }
    }
}

/// Seals that may be logged while cosignatures gather and are written: at the shortest interval, with room to spare.
const LATEST_SEALS: u64 = 64;

/// One of the last seals binds the head of this size, or is about to; in doubt one does.
fn is_bound(reads: &StoreReads, size: TreeSize) -> bool {
    let Ok(last) = sealing::last_logged(reads) else { return true };
    // The batch whose token is durable and whose leaf is not counts too.
    let next = last.map_or(0, |last| last + 1);
    (next.saturating_sub(LATEST_SEALS)..=next).any(|batch| match sealing::batch_head(reads, batch) {
        Ok(head) => head.is_some_and(|head| head.end == size),
        Err(_) => true,
    })
}

async fn write(app: &App, rows: &Rows) -> bool {
    let puts: Vec<Put> =
        rows.iter().map(|(key, value)| Put { space: COSIGNATURES, key: key.clone(), value: value.clone() }).collect();
    for puts in puts.chunks(ledger::limits::REQUEST_PUTS) {
        let (tell, hear) = oneshot::channel();
        let reply = Box::new(move |done: Result<(), Refusal>| {
            let _ = tell.send(done);
        });
        app.office.sequencer.state(puts.to_vec(), reply);
        match hear.await {
            Ok(Ok(())) => {}
            Ok(Err(why)) => {
                tracing::warn!(cause = %why, "cosignatures not written, to be tried again");
                return false;
            }
            Err(_) => return false,
        }
    }
    true
}
