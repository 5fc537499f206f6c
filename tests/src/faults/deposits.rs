//! Depositors in parallel, and what each saw: promises, refusals, and requests that were in flight when the server went.

use super::chance::Chance;
use super::judge::Promise;
use super::server::Tenant;
use crate::wire::{Connection, Request};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Depositors at work at the same time.
pub const DEPOSITORS: usize = 8;
/// How long an answer may take before it counts as none.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
/// A request of this many is too large for a batch and takes the way of documents written ahead.
const LARGE_EVERY: u64 = 47;
const LARGE_BYTES: usize = 300_000;

/// The requests of a run: from its number alone each is made again, byte for byte.
#[derive(Clone, Debug)]
pub struct Script {
    /// Seed of the bodies.
    pub seed: u64,
    /// Who deposits, in turn.
    pub tenants: Vec<Tenant>,
}

impl Script {
    /// The document of request `number`.
    pub fn body(&self, number: u64) -> Vec<u8> {
        let mut chance = Chance::new(self.seed).fork(number);
        let size = if number % LARGE_EVERY == LARGE_EVERY - 1 { LARGE_BYTES } else { chance.between(1, 9000) as usize };
        chance.bytes(size)
    }

    /// The idempotency key of request `number`.
    pub fn key(&self, number: u64) -> String {
        format!("faults-{:x}-{number}", self.seed)
    }

    /// Who sends request `number`.
    pub fn tenant(&self, number: u64) -> &Tenant {
        &self.tenants[number as usize % self.tenants.len()]
    }

    /// Sends request `number`; on return it is in flight.
    ///
    /// # Errors
    /// The connection broke.
    pub fn send(&self, connection: &mut Connection, number: u64) -> std::io::Result<()> {
        let (path, key) = (format!("/v1/deposits?kind=file&name=essai-{number}.bin"), self.key(number));
        let (body, token) = (self.body(number), Some(self.tenant(number).token.as_str()));
        connection.send(&Request { method: "POST", path: &path, token, key: Some(&key), body: &body })
    }
}

/// What the depositors of one wave saw.
#[derive(Debug, Default)]
pub struct Seen {
    /// Acknowledged.
    pub promises: Vec<Promise>,
    /// Sent or half sent, never answered: to be asked again.
    pub unanswered: Vec<u64>,
    /// Of these, those that had left whole before the fault: in flight at the fault.
    pub in_flight_at_fault: u64,
    /// Sent before the fault, and answered with a problem after it.
    pub refused_over_fault: u64,
    /// Sent for the first time after the fault, and acknowledged all the same.
    pub acknowledged_after_fault: Vec<u64>,
    /// Answered with a problem: number, status, body.
    pub refused: Vec<(u64, u16, String)>,
    /// Answered 200 or 201 with something that promises nothing.
    pub unreadable: Vec<u64>,
}

#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    fault: AtomicBool,
    acknowledged: AtomicU64,
    in_flight: AtomicU64,
    again: Mutex<VecDeque<u64>>,
    seen: Mutex<Seen>,
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Depositors at work.
#[derive(Debug)]
pub struct Wave {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Wave {
    /// Depositors work from now on: first through the requests to be asked again, then through new ones, numbered by `next`.
    pub fn start(address: SocketAddr, script: &Script, again: Vec<u64>, next: &Arc<AtomicU64>) -> Wave {
        let shared = Arc::new(Shared { again: Mutex::new(again.into()), ..Shared::default() });
        let work = || {
            let (script, shared, next) = (script.clone(), shared.clone(), next.clone());
            std::thread::spawn(move || deposit_until_told(address, &script, &shared, &next))
        };
        let threads = (0..DEPOSITORS).map(|_| work()).collect();
        Wave { shared, threads }
    }

    /// Waits for that many acknowledgements, then `jitter`, then for a request in flight; false when it took too long.
    pub fn ripe(&self, acknowledged: u64, jitter: Duration, limit: Duration) -> bool {
        let start = Instant::now();
        let enough = || self.shared.acknowledged.load(Ordering::SeqCst) >= acknowledged;
        while !enough() {
            if start.elapsed() > limit || self.threads.iter().all(JoinHandle::is_finished) {
                return false;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(jitter);
        while self.shared.in_flight.load(Ordering::SeqCst) == 0 {
            if start.elapsed() > limit {
                return false;
            }
            std::hint::spin_loop();
        }
        true
    }

    /// Waits for that many acknowledgements, or until every depositor has stopped, at most so long; how many there were.
    pub fn until(&self, acknowledged: u64, limit: Duration) -> u64 {
        let start = Instant::now();
        loop {
            let seen = self.shared.acknowledged.load(Ordering::SeqCst);
            if seen >= acknowledged || self.over() || start.elapsed() > limit {
                return seen;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// The fault comes now: a request sent later is not counted as in flight at it.
    pub fn fault(&self) {
        self.shared.fault.store(true, Ordering::SeqCst);
    }

    /// True when every depositor has stopped, its connection broken.
    pub fn over(&self) -> bool {
        self.threads.iter().all(JoinHandle::is_finished)
    }

    /// What was seen, once every depositor has stopped.
    pub fn end(self) -> Seen {
        self.shared.stop.store(true, Ordering::SeqCst);
        for thread in self.threads {
            // A depositor that panicked has seen less than it should: the count of receipts tells.
            thread.join().ok();
        }
        let mut seen = std::mem::take(&mut *self.shared.seen());
        let left = self.shared.again.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect::<Vec<_>>();
        seen.unanswered.extend(left);
        seen
    }
}

fn deposit_until_told(address: SocketAddr, script: &Script, shared: &Shared, next: &AtomicU64) {
    let Ok(mut connection) = Connection::open(address, ANSWER_LIMIT) else {
        return;
    };
    while !shared.stop.load(Ordering::SeqCst) {
        let again = shared.again.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let number = again.unwrap_or_else(|| next.fetch_add(1, Ordering::SeqCst));
        let late = again.is_none() && shared.fault.load(Ordering::SeqCst);
        if script.send(&mut connection, number).is_err() {
            shared.seen().unanswered.push(number);
            return;
        }
        let before_fault = !shared.fault.load(Ordering::SeqCst);
        shared.in_flight.fetch_add(1, Ordering::SeqCst);
        let answer = connection.receive();
        shared.in_flight.fetch_sub(1, Ordering::SeqCst);
        let Ok(answer) = answer else {
            let mut seen = shared.seen();
            seen.unanswered.push(number);
            seen.in_flight_at_fault += u64::from(before_fault);
            return;
        };
        if late && matches!(answer.status, 200 | 201) {
            shared.seen().acknowledged_after_fault.push(number);
        }
        if before_fault && answer.status >= 500 && shared.fault.load(Ordering::SeqCst) {
            shared.seen().refused_over_fault += 1;
        }
        file(shared, number, answer.status, &answer.body);
        if answer.last {
            match Connection::open(address, ANSWER_LIMIT) {
                Ok(fresh) => connection = fresh,
                Err(_) => return,
            }
        }
    }
}

/// Puts an answer where it belongs.
fn file(shared: &Shared, number: u64, status: u16, body: &[u8]) {
    let mut seen = shared.seen();
    match (status, Promise::parse(number, body)) {
        (200 | 201, Some(promise)) => {
            seen.promises.push(promise);
            shared.acknowledged.fetch_add(1, Ordering::SeqCst);
        }
        (200 | 201, None) => seen.unreadable.push(number),
        _ => {
            let words = String::from_utf8_lossy(body).chars().take(300).collect();
            seen.refused.push((number, status, words));
            seen.unanswered.push(number);
            drop(seen);
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LARGE_BYTES, LARGE_EVERY, Script, Wave};
    use crate::faults::server::Tenant;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::sync::atomic::AtomicU64;
    use std::time::Duration;

    fn script() -> Script {
        Script { seed: 5, tenants: vec![Tenant { id: "t".to_owned(), token: "secret".to_owned() }] }
    }

    #[test]
    fn a_request_is_made_again_byte_for_byte_and_none_is_like_another() {
        assert_eq!(script().body(3), script().body(3));
        assert_ne!(script().body(3), script().body(4));
        assert_ne!(script().key(3), script().key(4));
        assert_eq!(script().body(LARGE_EVERY - 1).len(), LARGE_BYTES);
    }

    /// A server that takes requests and never answers: each depositor has one in flight when it goes.
    #[test]
    fn requests_in_flight_are_those_sent_before_the_fault_and_never_answered() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (go, gone) = std::sync::mpsc::channel::<()>();
        let server = std::thread::spawn(move || {
            let mut held: Vec<_> = (0..super::DEPOSITORS).map(|_| listener.accept().unwrap().0).collect();
            gone.recv().unwrap();
            for stream in &mut held {
                let _ = stream.read(&mut [0; 65536]);
            }
        });
        let wave = Wave::start(address, &script(), vec![900], &Arc::new(AtomicU64::new(1)));
        assert!(wave.ripe(0, Duration::from_millis(300), Duration::from_secs(10)));
        wave.fault();
        go.send(()).unwrap();
        server.join().unwrap();
        let seen = wave.end();
        assert_eq!(seen.in_flight_at_fault as usize, super::DEPOSITORS);
        assert!(seen.unanswered.contains(&900) && seen.promises.is_empty());
    }

    #[test]
    fn a_wave_without_acknowledgements_never_ripens() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut stream = stream;
                let _ = stream.read(&mut [0; 65536]);
                let _ = stream.write_all(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            }
        });
        let wave = Wave::start(address, &script(), Vec::new(), &Arc::new(AtomicU64::new(1)));
        assert!(!wave.ripe(1, Duration::ZERO, Duration::from_millis(300)));
        let seen = wave.end();
        assert!(!seen.refused.is_empty() && seen.promises.is_empty());
    }
}
