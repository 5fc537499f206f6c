//! What must hold, whatever happens, and how often each was looked at.

use std::cell::Cell;
use std::fmt;

/// A rule of the ledger.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Rule {
    /// Acknowledged entries stay.
    Kept,
    /// The tree only grows.
    NeverShrinks,
    /// One root for one size, for ever.
    OneRoot,
    /// The root is that of the leaves.
    Root,
    /// Synced before signed.
    DurableFirst,
    /// Synced and published before answered.
    Acknowledged,
    /// Answers are those of the reference.
    Answers,
    /// Sequences and previous hashes.
    Chains,
    /// One entry for one request.
    OneEntry,
    /// What is refused leaves nothing.
    NoTrace,
    /// A commit holds what it should.
    Commits,
    /// What readers see.
    Published,
    /// Batches, registers, tokens.
    Seals,
    /// Time.
    Time,
    /// After an unknown outcome.
    Stops,
    /// Start-up.
    Starts,
}

/// Rules there are.
pub const RULES: usize = 16;

impl Rule {
    /// All of them, in the order of the table.
    pub const ALL: [Rule; RULES] = [
        Rule::Kept,
        Rule::NeverShrinks,
        Rule::OneRoot,
        Rule::Root,
        Rule::DurableFirst,
        Rule::Acknowledged,
        Rule::Answers,
        Rule::Chains,
        Rule::OneEntry,
        Rule::NoTrace,
        Rule::Commits,
        Rule::Published,
        Rule::Seals,
        Rule::Time,
        Rule::Stops,
        Rule::Starts,
    ];
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Rule::Kept => "what was acknowledged is there, at its index, same receipt",
            Rule::NeverShrinks => "the tree never shrinks",
            Rule::OneRoot => "no two roots of one size are ever signed",
            Rule::Root => "a head is the root of its leaves, and nothing else is signed",
            Rule::DurableFirst => "nothing is signed before it is durable",
            Rule::Acknowledged => "an acknowledgement comes after sync and publication",
            Rule::Answers => "every answer is the one due",
            Rule::Chains => "sequences have no gap, each entry names the one before",
            Rule::OneEntry => "one request makes one entry",
            Rule::NoTrace => "what was refused leaves nothing",
            Rule::Commits => "a commit holds what was taken, byte for byte",
            Rule::Published => "readers see what is durable, byte for byte",
            Rule::Seals => "seals follow without gap, under the right roots",
            Rule::Time => "the time of commits never goes back",
            Rule::Stops => "after an outcome nobody knows nothing more is done",
            Rule::Starts => "start-up publishes what is durable, or says why not",
        })
    }
}

/// A rule that did not hold, and what was seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Breach {
    /// The rule.
    pub rule: Rule,
    /// What was seen, in words.
    pub detail: String,
}

/// Looks at rules and counts.
#[derive(Clone, Default, Debug)]
pub struct Rules([Cell<u64>; RULES]);

impl Rules {
    /// The rule holds where this is true.
    pub fn hold(&self, rule: Rule, held: bool, detail: impl FnOnce() -> String) -> Result<(), Breach> {
        let place = &self.0[rule as usize];
        place.set(place.get() + 1);
        if held { Ok(()) } else { Err(Breach { rule, detail: detail() }) }
    }

    /// The rule holds where these two are the same.
    pub fn same<T: PartialEq + fmt::Debug>(&self, rule: Rule, what: &str, seen: &T, due: &T) -> Result<(), Breach> {
        self.hold(rule, seen == due, || format!("{what}:\n  seen {}\n  due  {}", brief(seen), brief(due)))
    }

    /// How often each was looked at, in the order of [`Rule::ALL`].
    pub fn counts(&self) -> [u64; RULES] {
        self.0.each_ref().map(Cell::get)
    }
}

/// A value in words, without bytes by the thousand.
fn brief(value: &impl fmt::Debug) -> String {
    let text = format!("{value:?}");
    match text.char_indices().nth(600) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
