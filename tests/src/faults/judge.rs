//! What counts as broken. Nothing here asks anyone anything: it remembers what was promised and compares.

use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// A rule that nothing may break.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Rule {
    /// The server starts again on what the fault left.
    Opens,
    /// Every acknowledged deposit is there again, receipt and document byte for byte.
    Kept,
    /// Every receipt ever returned verifies, and speaks of that deposit.
    Verifies,
    /// The tree never shrinks.
    NeverShrinks,
    /// No two roots for one size.
    OneRoot,
    /// One entry per index, per place in a chain, per idempotency key.
    OneEntry,
    /// What was synced before the crash is there before anyone asks again; what was not is not.
    Replayed,
    /// A well-formed request is not refused for what it asks.
    Taken,
    /// A fault is said in words: no panic, no end by a signal, no silence.
    Speaks,
    /// What is altered on disk is found and placed, or loses nothing.
    Placed,
    /// One process at a time on a store.
    Alone,
    /// No entry bears a time that was not.
    Timed,
    /// Memory stays within its bound.
    Bounded,
    /// Honest clients are served meanwhile.
    GoesOn,
    /// Who is too slow, too long or lies is cut, in time.
    Cut,
    /// What is refused has its code.
    Coded,
    /// The run did what it says: enough faults, enough receipts, a request in flight at each.
    Exercised,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Rule::Opens => "the server starts again",
            Rule::Kept => "what was acknowledged is there, byte for byte",
            Rule::Verifies => "every receipt verifies",
            Rule::NeverShrinks => "the tree never shrinks",
            Rule::OneRoot => "no two roots for one size",
            Rule::OneEntry => "one entry per index and per key",
            Rule::Replayed => "synced before the crash means logged after it",
            Rule::Taken => "a well-formed request is not refused",
            Rule::Speaks => "a fault is said in words, without panic or silence",
            Rule::Placed => "what is altered is found and placed, or loses nothing",
            Rule::Alone => "one process at a time on a store",
            Rule::Timed => "no entry bears a time that was not",
            Rule::Bounded => "memory stays within its bound",
            Rule::GoesOn => "honest clients are served meanwhile",
            Rule::Cut => "who is too slow or endless is cut in time",
            Rule::Coded => "what is refused has its code",
            Rule::Exercised => "the run did what it says",
        })
    }
}

/// A rule seen broken, and where.
#[derive(Clone, Debug)]
pub struct Breach {
    /// The rule.
    pub rule: Rule,
    /// What was seen.
    pub detail: String,
}

impl Breach {
    /// This rule is broken, as this sentence says.
    pub fn new(rule: Rule, detail: impl Into<String>) -> Self {
        Breach { rule, detail: detail.into() }
    }
}

/// Size and root of a head.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// Leaves.
    pub size: u64,
    /// Root, as written.
    pub root: String,
}

impl Head {
    /// The head a checkpoint states (origin, size, root); `None` when it is not a checkpoint.
    pub fn parse(checkpoint: &str) -> Option<Head> {
        let mut lines = checkpoint.lines().skip(1);
        let size = lines.next()?.parse().ok()?;
        let root = lines.next().filter(|root| root.len() == 44)?.to_owned();
        Some(Head { size, root })
    }
}

/// An acknowledged deposit: what the server can be held to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Promise {
    /// Our number of the request: names its body, key and tenant.
    pub number: u64,
    /// The entry's name.
    pub id: String,
    /// Its place in the log.
    pub index: u64,
    /// Its place in the tenant's chain.
    pub sequence: u64,
    /// The tenant.
    pub tenant: String,
    /// Base64 of `R`.
    pub record: String,
    /// The receipt, byte for byte.
    pub receipt: String,
}

impl Promise {
    /// What the answer to request `number` promises; `None` when it promises nothing we could hold it to.
    pub fn parse(number: u64, body: &[u8]) -> Option<Promise> {
        let answer: Value = serde_json::from_slice(body).ok()?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Some(Promise {
            number,
            id: text(&answer["id"])?,
            index: answer["index"].as_u64()?,
            sequence: answer["sequence"].as_u64()?,
            tenant: text(&answer["tenant"])?,
            record: text(&answer["records"]["R"])?,
            receipt: text(&answer["receipt"])?,
        })
    }

    /// The head its receipt rests on; `None` when the receipt carries no checkpoint.
    pub fn head(&self) -> Option<Head> {
        Head::parse(self.receipt.split_once("\n\n")?.1)
    }
}

/// Everything promised so far, and every breach seen.
#[derive(Debug, Default)]
pub struct Memory {
    promises: BTreeMap<u64, Promise>,
    roots: HashMap<u64, String>,
    places: HashMap<u64, String>,
    chains: HashMap<(String, u64), String>,
    largest: u64,
    breaches: Vec<Breach>,
}

impl Memory {
    /// Promises by number of request.
    pub fn promises(&self) -> &BTreeMap<u64, Promise> {
        &self.promises
    }

    /// Breaches in the order seen.
    pub fn breaches(&self) -> &[Breach] {
        &self.breaches
    }

    /// The largest tree size ever stated to us.
    pub fn largest(&self) -> u64 {
        self.largest
    }

    /// Distinct sizes of which a root is known.
    pub fn heads(&self) -> usize {
        self.roots.len()
    }

    /// This rule is broken.
    pub fn breach(&mut self, rule: Rule, detail: impl Into<String>) {
        self.breaches.push(Breach::new(rule, detail));
    }

    /// A promise was received: new, or the answer to a request asked again.
    pub fn promised(&mut self, promise: Promise) {
        match promise.head() {
            Some(head) if head.size > promise.index => self.rooted(&head, "a receipt"),
            _ => self
                .breach(Rule::Verifies, format!("request {}: a receipt without a head that covers it", promise.number)),
        }
        if let Some(first) = self.promises.get(&promise.number) {
            if *first != promise {
                let detail = format!(
                    "request {} was answered twice, differently: index {} and {}",
                    promise.number, first.index, promise.index
                );
                self.breach(Rule::OneEntry, detail);
            }
            return;
        }
        if let Some(other) = self.places.insert(promise.index, promise.id.clone()) {
            self.breach(Rule::OneEntry, format!("index {} was given to {other} and to {}", promise.index, promise.id));
        }
        let place = (promise.tenant.clone(), promise.sequence);
        if let Some(other) = self.chains.insert(place, promise.id.clone()) {
            let detail =
                format!("sequence {} of a tenant was given to {other} and to {}", promise.sequence, promise.id);
            self.breach(Rule::OneEntry, detail);
        }
        self.promises.insert(promise.number, promise);
    }

    /// A request was answered with a problem. What the server cannot do just now (5xx, 429) breaks no rule.
    pub fn refused(&mut self, number: u64, status: u16, words: &str) {
        if (400..500).contains(&status) && status != 429 {
            self.breach(Rule::Taken, format!("request {number} was refused: status {status} {words}"));
        }
    }

    /// The log was asked for its head.
    pub fn stated(&mut self, head: Option<Head>, when: &str) {
        let Some(head) = head else {
            if self.largest > 0 {
                self.breach(Rule::NeverShrinks, format!("{when}: no head after size {}", self.largest));
            }
            return;
        };
        if head.size < self.largest {
            self.breach(Rule::NeverShrinks, format!("{when}: size {} after size {}", head.size, self.largest));
        }
        self.rooted(&head, when);
    }

    fn rooted(&mut self, head: &Head, when: &str) {
        self.largest = self.largest.max(head.size);
        let first = self.roots.entry(head.size).or_insert_with(|| head.root.clone());
        if *first != head.root {
            let detail = format!("{when}: size {} has roots {first} and {}", head.size, head.root);
            self.breaches.push(Breach::new(Rule::OneRoot, detail));
        }
    }

    /// The receipt of request `number` was asked for again: status and body of the answer, or none.
    pub fn receipt_again(&mut self, number: u64, answer: Option<(u16, &[u8])>) {
        let Some(promise) = self.promises.get(&number) else {
            return;
        };
        let (id, index) = (&promise.id, promise.index);
        let detail = match answer {
            Some((200, bytes)) if bytes == promise.receipt.as_bytes() => return,
            Some((200, _)) => format!("the receipt of {id} (index {index}) is served with other bytes"),
            Some((status, _)) => {
                format!("acknowledged {id} (index {index}) cannot be found again: status {status}")
            }
            None => format!("no answer when asked for {id} (index {index})"),
        };
        self.breach(Rule::Kept, detail);
    }

    /// The document of request `number` was asked for again.
    pub fn document_again(&mut self, number: u64, sent: &[u8], answer: Option<(u16, &[u8])>) {
        let id = self.promises.get(&number).map(|promise| promise.id.clone()).unwrap_or_default();
        match answer {
            Some((200, bytes)) if bytes == sent => {}
            Some((200, _)) => self.breach(Rule::Kept, format!("the document of {id} is served with other bytes")),
            Some((status, _)) => self.breach(Rule::Kept, format!("the document of {id} is gone: status {status}")),
            None => self.breach(Rule::Kept, format!("no answer when asked for the document of {id}")),
        }
    }

    /// The verification command judged the receipt of request `number`: exit code and its JSON.
    pub fn verified(&mut self, number: u64, exit: Option<i32>, verdict: &[u8]) {
        let Some(promise) = self.promises.get(&number) else {
            return;
        };
        if let Some(detail) = unverified(promise, exit, verdict) {
            self.breach(Rule::Verifies, detail);
        }
    }
}

/// What is wrong with this verdict on this promise; `None` when it is a pass, and of this very entry.
fn unverified(promise: &Promise, exit: Option<i32>, verdict: &[u8]) -> Option<String> {
    let verdict: Value = serde_json::from_slice(verdict).unwrap_or_default();
    let said = verdict["verdict"].as_str().unwrap_or("nothing");
    let place = format!("the receipt of {} (index {})", promise.id, promise.index);
    if !matches!(exit, Some(0 | 4)) || !said.starts_with("PASSED-") {
        let reason = verdict["reason"].as_str().unwrap_or("no reason");
        let exit = exit.map_or("none".to_owned(), |code| code.to_string());
        return Some(format!("{place}: tabellion-verify says {said} ({reason}), exit {exit}"));
    }
    let subject = &verdict["subject"];
    let same = subject["id"].as_str() == Some(promise.id.as_str()) && subject["index"].as_u64() == Some(promise.index);
    (!same).then(|| format!("{place}: the verdict speaks of another entry: {subject}"))
}

/// What a replay test saw around one crash.
#[derive(Clone, Debug)]
pub struct Crash {
    /// Whether the step that crashed comes after the segment's sync.
    pub synced: bool,
    /// Size of the log before the request, and after the restart.
    pub sizes: (u64, u64),
    /// Entries of the tenant before the request, and after the restart.
    pub listed: (u64, u64),
    /// Index given to the request when asked again.
    pub retried_index: u64,
}

/// The breach this crash shows; `None` when all is as the commit protocol says.
pub fn judge_crash(name: &str, crash: &Crash) -> Option<Breach> {
    let grown = u64::from(crash.synced);
    let expected = (crash.sizes.0 + grown, crash.listed.0 + grown);
    if (crash.sizes.1, crash.listed.1) != expected {
        let detail = format!(
            "{name}: size {} and {} entries after the restart, where {} and {} were due",
            crash.sizes.1, crash.listed.1, expected.0, expected.1
        );
        return Some(Breach::new(Rule::Replayed, detail));
    }
    (crash.retried_index != crash.sizes.0).then(|| {
        let detail = format!("{name}: asked again it got index {}, not {}", crash.retried_index, crash.sizes.0);
        Breach::new(Rule::OneEntry, detail)
    })
}

#[cfg(test)]
mod tests;
