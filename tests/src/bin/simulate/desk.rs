//! The counter between clients and sequencer: what waits, in the order in which it will be taken, and what was answered.

use crate::disk::{Disk, Trouble};
use crate::reference::Job;
use ledger::{Answer, Refusal, Reply, Sealed, Sequencer};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// Bounds of the queue and of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub queue_submissions: usize,
    pub queue_bytes: u64,
    pub batch_submissions: usize,
    pub batch_bytes: u64,
}

/// What somebody was answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Said {
    Entry(Result<Answer, Refusal>),
    State(Result<(), Refusal>),
    Seal(Result<Sealed, Refusal>),
}

/// An answer, with what was durable and what was published at that moment, in leaves.
#[derive(Clone, Debug)]
pub struct Told {
    pub said: Said,
    pub durable: u64,
    pub published: u64,
}

impl Said {
    /// The refusal, when it is one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Said::Entry(Err(refusal)) | Said::State(Err(refusal)) | Said::Seal(Err(refusal)) => Some(refusal),
            _ => None,
        }
    }
}

/// One job that waits.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub number: u64,
    pub job: Job,
    /// The plan of a seal is one that was given for this log.
    pub honest: bool,
}

type Inbox = Arc<Mutex<BTreeMap<u64, Told>>>;

/// What the sequencer will find queued, kept beside it by the same rules: bounded by count and weight, a seal taken alone.
pub struct Desk {
    bounds: Bounds,
    held: Option<Waiting>,
    channel: VecDeque<Waiting>,
    weight: u64,
    numbers: u64,
    inbox: Inbox,
}

impl Desk {
    /// Nothing waits.
    pub fn new(bounds: Bounds) -> Self {
        let inbox = Inbox::default();
        Self { bounds, held: None, channel: VecDeque::new(), weight: 0, numbers: 0, inbox }
    }

    /// Whether one more can be queued at all.
    pub fn has_room(&self) -> bool {
        self.channel.len() < self.bounds.queue_submissions
    }

    /// Hands a job over; gives its number, and whether it must have been refused as busy.
    pub fn send(&mut self, handle: &Sequencer<Vec<u8>>, disk: &Disk, job: Job, honest: bool) -> (u64, bool) {
        self.numbers += 1;
        let number = self.numbers;
        let weight = job.weight();
        let is_busy = self.weight + weight > self.bounds.queue_bytes || !self.has_room();
        match &job {
            Job::Entry(asked) => handle.submit(asked.submission(), self.reply(disk, number, Said::Entry)),
            Job::State(puts) => handle.state(puts.clone(), self.reply(disk, number, Said::State)),
            Job::Seal(plan, token) => {
                handle.seal((**plan).clone(), token.clone(), self.reply(disk, number, Said::Seal));
            }
            Job::Close => handle.close(),
        }
        if !is_busy {
            self.weight += weight;
            self.channel.push_back(Waiting { number, job, honest });
        }
        (number, is_busy)
    }

    fn reply<T: 'static>(&self, disk: &Disk, number: u64, said: fn(Result<T, Refusal>) -> Said) -> Reply<T> {
        let (disk, inbox) = (disk.clone(), Arc::clone(&self.inbox));
        Box::new(move |result| {
            let mut medium = disk.medium();
            if let Some(left) = &mut medium.trouble.dies_answering
                && Trouble::strikes(left)
            {
                medium.dead = true;
            }
            if medium.dead {
                // Nobody hears a machine that died.
                return;
            }
            let synced = medium.records.iter().rev().find(|record| record.synced);
            let durable = synced.map_or(0, |record| record.replay.size.0);
            let published = medium.published.rows.len() as u64;
            let told = Told { said: said(result), durable, published };
            inbox.lock().unwrap_or_else(PoisonError::into_inner).insert(number, told);
        })
    }

    /// What was answered to this job since it was last asked for.
    pub fn told(&self, number: u64) -> Option<Told> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner).remove(&number)
    }

    /// What the next turn will take.
    pub fn next(&mut self) -> Vec<Waiting> {
        let Some(first) = self.held.take().or_else(|| self.channel.pop_front()) else {
            return Vec::new();
        };
        let mut weight = first.job.weight();
        self.weight -= weight;
        let alone = matches!(first.job, Job::Seal(..) | Job::Close);
        let mut batch = vec![first];
        while !alone && batch.len() < self.bounds.batch_submissions && weight < self.bounds.batch_bytes {
            match self.channel.pop_front() {
                Some(waiting) if matches!(waiting.job, Job::Seal(..) | Job::Close) => {
                    self.held = Some(waiting);
                    break;
                }
                Some(waiting) => {
                    weight += waiting.job.weight();
                    self.weight -= waiting.job.weight();
                    batch.push(waiting);
                }
                None => break,
            }
        }
        batch
    }

    /// Whoever still waits, the process being gone.
    pub fn abandon(&mut self) -> Vec<Waiting> {
        self.weight = 0;
        self.held.take().into_iter().chain(std::mem::take(&mut self.channel)).collect()
    }

    /// Answers nobody asked for.
    pub fn unasked(&self) -> usize {
        let mut inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner);
        let count = inbox.len();
        inbox.clear();
        count
    }
}
