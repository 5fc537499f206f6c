//! The receipt: what a depositor holds at once, with the records that travel beside it and files to compare.

use proof::record::FileRecord;
use proof::{Hash, Hash512, UnixMillis};

use crate::log;
use crate::policy::Policy;
use crate::sealed;
use crate::unit::{self, Measure};
use crate::verdict::Verdict;

/// A file at hand, as its caller measured it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedDigest {
    /// What to call it.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the file.
    pub sha256: Hash,
    /// SHA-512 of the file.
    pub sha512: Hash512,
}

/// A receipt and what stands beside it.
#[derive(Clone, Copy, Debug)]
pub struct ReceiptInput<'a> {
    /// The tlog-proof text.
    pub receipt: &'a str,
    /// `R`.
    pub record: &'a [u8],
    /// `E`, when at hand.
    pub entry: Option<&'a [u8]>,
    /// The `F`s at hand: all of the entry's, or none.
    pub file_records: &'a [Vec<u8>],
    /// Files to compare.
    pub data: &'a [NamedDigest],
}

const LOGGED: [&str; 4] = ["format", "inclusion", "log-signature", "algorithms"];

/// The verdict on a receipt: `PASSED-LOG-ONLY` at best, the time being the operator's word.
pub fn verify_receipt(input: &ReceiptInput<'_>, policy: Option<&Policy>, at: UnixMillis) -> Verdict {
    let mut verdict = Verdict::new(policy);
    judge(&mut verdict, input, policy, at);
    verdict.conclude(&LOGGED, &[])
}

fn judge(verdict: &mut Verdict, input: &ReceiptInput<'_>, policy: Option<&Policy>, at: UnixMillis) {
    const RECEIPT: &str = "receipt";
    log::check_witnesses(verdict, policy);
    log::say_unsealed(verdict);
    if let Some(head) = log::check_inclusion(verdict, input.receipt, input.record, RECEIPT) {
        verdict.say("receipt-read", RECEIPT, "");
        if let Some(key) = head.signer(verdict, policy, RECEIPT) {
            log::check_key(verdict, key, at, RECEIPT);
        }
    }
    let used = ["sha256", "sha512", "ed25519"].map(|name| (name.to_owned(), at));
    sealed::check_algorithms(verdict, policy, &used);
    let Some(record) = unit::read_record(verdict, input.record, policy) else {
        return;
    };
    sealed::check_times(verdict, record.received_at, at);
    let entry = match input.entry {
        None => {
            verdict.say("entry-not-given", "unit/E.json", "");
            None
        }
        Some(bytes) => unit::read_entry(verdict, bytes, &record),
    };
    let files = match &entry {
        Some(_) if input.file_records.is_empty() && input.data.is_empty() => {
            verdict.say("entry-alone", "unit/E.json", "");
            Vec::new()
        }
        Some(entry) => unit::read_files(verdict, numbered(input.file_records), entry),
        None => Vec::new(),
    };
    check_data(verdict, input.data, &files);
}

/// Each record under the number it states, in that order.
fn numbered(records: &[Vec<u8>]) -> Vec<(u64, Vec<u8>)> {
    let number = |bytes: &Vec<u8>| FileRecord::parse(bytes).map_or(u64::MAX, |file| file.number.0);
    let mut numbered: Vec<_> = records.iter().map(|bytes| (number(bytes), bytes.clone())).collect();
    numbered.sort();
    numbered
}

/// Each file given is one of the entry's.
fn check_data(verdict: &mut Verdict, data: &[NamedDigest], files: &[unit::File]) {
    if data.is_empty() {
        verdict.say("no-file-given", "", "");
    }
    for given in data {
        let measure = Measure { size: given.size, sha256: given.sha256, sha512: given.sha512 };
        let code = match files {
            [] => "file-records-missing",
            _ if files.iter().any(|file| measure.is(&file.record)) => "same-bytes",
            _ => "file-not-in-entry",
        };
        verdict.say(code, &given.name, "");
    }
}
