//! One witness, attended to: sealed heads it has not cosigned first, oldest first, then the newest published head.

use super::ask::{Door, Said};
use super::kept::{self, Keep};
use crate::app::{App, blocking};
use crate::head::Published;
use crate::limits;
use ::watch::cosignature::parse_lines;
use ::watch::{AddCheckpoint, CosignerKey};
use ledger::storage::Reader;
use ledger::{prover, sealing};
use proof::{Checkpoint, SignedNote, TreeSize};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::watch;

/// What is remembered of a witness between two heads.
struct Attendant {
    app: App,
    at: usize,
    id: [u8; 32],
    key: CosignerKey,
    door: Door,
    /// Size of the head it cosigned last, as far as we know; it says so when it is another.
    last: TreeSize,
    /// Heads that seals bind, to be shown in this order.
    todo: VecDeque<Published>,
    /// Batches below this one have been looked at.
    batches: Option<u64>,
    bound: Option<Published>,
}

/// What became of one head.
enum Outcome {
    Cosigned,
    /// The witness has gone further: it will never cosign this one.
    Passed,
    Failed,
}

/// Attends until told to stop.
pub(super) async fn run(app: App, at: usize, mut stop: watch::Receiver<bool>) {
    let mut heads = app.head.follow();
    let Some(mut attendant) = Attendant::new(app, at) else { return };
    loop {
        heads.borrow_and_update();
        let well = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            well = attendant.round() => well,
        };
        // A witness that answers is shown each new head; one that fails is also asked again without one.
        let pause = Duration::from_secs(limits::WITNESS_RETRY_SECONDS);
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            changed = heads.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(pause), if !well => {}
        }
    }
}

impl Attendant {
    fn new(app: App, at: usize) -> Option<Self> {
        let line = app.cosigning.witnesses().get(at)?.clone();
        let (Some(key), Some(url)) = (line.key, line.url) else {
            app.cosigning.stands(at, "key-unsupported", None, "its key is of a type that is not checked here");
            return None;
        };
        let time = Duration::from_secs(app.config.witnesses.seconds.unwrap_or(limits::WITNESS_SECONDS));
        let id = kept::id(&line.vkey);
        let mut last = TreeSize(0);
        // What it said before the restart; a note that does not verify any more is as good as none.
        let note = kept::latest(app.reads(), &id).filter(|note| key.verify(note).is_ok());
        let head = note.as_ref().and_then(|note| Checkpoint::parse(&note.text).ok().zip(note.signatures.last()));
        if let (Some(note), Some((head, line))) = (&note, head) {
            last = head.size;
            app.cosigning.add(head.size, &note.text, at, line.write());
        }
        let door = Door::new(&url, time);
        Some(Self { app, at, id, key, door, last, todo: VecDeque::new(), batches: None, bound: None })
    }

    /// Shows what there is to show; false when the witness failed.
    async fn round(&mut self) -> bool {
        let most = limits::WITNESS_CATCH_UP + 2;
        for _ in 0..most {
            self.look();
            let (head, bound) = match self.todo.front() {
                Some(head) => (head.clone(), true),
                None => match self.app.head.follow().borrow().clone() {
                    Some(head) => (head, false),
                    None => return true,
                },
            };
            let Ok(note) = SignedNote::parse(&head.note) else { return true };
            let known = self.app.cosigning.line(head.size, &note.text, self.at);
            if let Some(line) = &known {
                self.keep(&head, bound, line);
            }
            if known.is_some() || head.size < self.last || (bound && kept::has(self.app.reads(), head.size, &self.id)) {
                if !bound {
                    return true;
                }
                self.todo.pop_front();
                continue;
            }
            match self.show(&head, &note, bound).await {
                // Done with it, or too late for it.
                Outcome::Cosigned | Outcome::Passed if bound => drop(self.todo.pop_front()),
                Outcome::Cosigned | Outcome::Passed => {}
                Outcome::Failed => return false,
            }
        }
        true
    }

    /// Takes in what seals have bound since the last look.
    fn look(&mut self) {
        let reads = self.app.reads();
        let bound = self.app.head.bound();
        let next = sealing::last_logged(reads).ok().flatten().map_or(0, |last| last + 1);
        let from = self.batches.unwrap_or(next.saturating_sub(limits::WITNESS_CATCH_UP));
        for batch in from..next {
            if let Ok(Some(head)) = sealing::batch_head(reads, batch) {
                self.todo.push_back(Published { size: head.end, note: head.checkpoint.into() });
            }
        }
        self.batches = Some(next);
        if bound.is_some() && bound != self.bound {
            self.todo.extend(bound.clone());
            self.bound = bound;
        }
    }

    /// Shows one head, once more when the witness knows another size than we believe.
    async fn show(&mut self, head: &Published, note: &SignedNote, bound: bool) -> Outcome {
        for _ in 0..2 {
            let (app, old, new) = (self.app.clone(), self.last, head.size);
            let path = blocking(move || prover::consistency(app.reads(), old, new)).await;
            let Ok(Ok(path)) = path else { return self.failed("no-proof", "the consistency path could not be made") };
            let body = AddCheckpoint { old, path, checkpoint: head.note.to_string() }.write();
            match self.door.ask(body).await {
                Said::Lines(lines) => return self.cosigned(head, note, bound, &lines),
                Said::Size(size) if size == old => {
                    return self.failed("answer-refused", "it answers our own size as another");
                }
                Said::Size(size) => {
                    if let Some(outcome) = self.moved(size, head) {
                        return outcome;
                    }
                }
                Said::Other(status) => return self.other(status).await,
                Said::Status(status) => return self.failed("answer-refused", &format!("status {status}")),
                Said::Nothing(why) => return self.failed("unreachable", &why),
            }
        }
        self.failed("answer-refused", "it answers another size each time")
    }

    /// Refused without a size, by the witness or by whatever stands before it: two histories only if the head that it cosigned last
    /// bears our own signature and is not of our log.
    async fn other(&self, status: u16) -> Outcome {
        let latest = self.door.latest(&self.app.config.origin).await;
        let app = self.app.clone();
        let against = blocking(move || latest.and_then(|note| contradicts(&app, &note))).await;
        match against.ok().flatten() {
            Some(cause) => self.failed("two-histories", &format!("status {status}: {cause}")),
            None => self.failed("answer-refused", &format!("status {status}")),
        }
    }

    /// The witness says which size it cosigned last: believed for the next path, never more. Larger than our own log it is an alarm.
    fn moved(&mut self, size: TreeSize, head: &Published) -> Option<Outcome> {
        let ours = self.app.reads().head().ok().flatten().map_or(TreeSize(0), |head| head.size);
        if size > ours {
            self.app.cosigning.stands(self.at, "ahead", Some(size), &format!("it says {}, ours is {}", size.0, ours.0));
            return Some(Outcome::Failed);
        }
        self.last = size;
        (size > head.size).then_some(Outcome::Passed)
    }

    fn cosigned(&mut self, head: &Published, note: &SignedNote, bound: bool, lines: &str) -> Outcome {
        let ours =
            |lines: Vec<proof::note::NoteSignature>| lines.into_iter().filter(|line| self.key.names(line)).collect();
        let Ok(signatures) = parse_lines(lines).map(ours) else {
            return self.failed("answer-refused", "its answer is no signature lines");
        };
        let cosigned = SignedNote { text: note.text.clone(), signatures };
        match self.key.verify(&cosigned) {
            Ok(at) if at.0 > 0 => {}
            Ok(_) => return self.failed("cosignature-false", "it states no moment"),
            Err(why) => return self.failed("cosignature-false", &why.to_string()),
        }
        let Some(line) = cosigned.signatures.first().map(proof::note::NoteSignature::write) else {
            return self.failed("cosignature-false", "no line");
        };
        self.last = head.size;
        self.app.cosigning.add(head.size, &note.text, self.at, line.clone());
        self.app.cosigning.stands(self.at, "cosigns", Some(head.size), "");
        self.keep(head, bound, &line);
        self.app.cosigning.keep(Keep::Latest { witness: self.id, note: format!("{}\n{line}", note.text) });
        Outcome::Cosigned
    }

    /// A line under a head that a seal binds is kept for its packs.
    fn keep(&self, head: &Published, bound: bool, line: &str) {
        if bound && !kept::has(self.app.reads(), head.size, &self.id) {
            self.app.cosigning.keep(Keep::Bound { size: head.size, witness: self.id, line: line.to_owned() });
        }
    }

    fn failed(&self, code: &'static str, cause: &str) -> Outcome {
        self.app.cosigning.stands(self.at, code, None, cause);
        Outcome::Failed
    }
}

/// How this head, signed by the key of our log, contradicts our log; `None` when it does not, or is nobody's.
fn contradicts(app: &App, note: &SignedNote) -> Option<String> {
    let theirs = Checkpoint::parse(&note.text).ok().filter(|head| head.origin == app.config.origin)?;
    app.trust.keys.iter().find(|ours| ours.key.verify(note).is_ok())?;
    let ours = app.reads().head().ok()??.size;
    if theirs.size > ours {
        return Some(format!("it holds a head of ours of size {}, we are at {}", theirs.size.0, ours.0));
    }
    let root = prover::root_at(app.reads(), theirs.size).ok()?;
    (root != theirs.root).then(|| format!("it holds another head of ours of size {}", theirs.size.0))
}
