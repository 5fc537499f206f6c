//! The receipt: what a depositor holds at once, with the records that travel beside it and files to compare.

use proof::record::FileRecord;
use proof::{Hash, Hash512, UnixMillis};

use crate::case::Case;
use crate::policy::Policy;
use crate::unit::{E, R, Told};
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

/// The verdict on a receipt: `PASSED-LOG-ONLY` at best, the time being the operator's word.
pub fn verify_receipt(input: &ReceiptInput<'_>, policy: Option<&Policy>, at: UnixMillis) -> Verdict {
    let mut case = Case::new(policy, at);
    judge(&mut case, input);
    case.verdict.conclude("format inclusion log-signature witnesses algorithms", "")
}

/// `None` only says that judging stopped early, a line having said why.
fn judge(case: &mut Case<'_>, input: &ReceiptInput<'_>) -> Option<()> {
    const RECEIPT: &str = "receipt";
    case.unsealed();
    let head = case.inclusion(input.receipt.as_bytes(), input.record, RECEIPT);
    case.witnesses(head.as_ref(), b"", RECEIPT);
    if let Some(head) = head {
        case.say("receipt-read", RECEIPT, "");
        if let Some(key) = case.signer(&head, RECEIPT) {
            case.key_counts(key, case.at, RECEIPT);
        }
    }
    case.algorithms(&["sha256", "sha512", "ed25519"].map(|name| (name.to_owned(), case.at)).to_vec());
    let record = case.record(input.record)?;
    case.times(record.received_at, R);
    let entry = input.entry.and_then(|bytes| case.entry(bytes, &record));
    let described = numbered(input.file_records);
    let files = match &entry {
        Some(entry) if !(input.file_records.is_empty() && input.data.is_empty()) => {
            case.file_records(&described, entry)
        }
        _ => Vec::new(),
    };
    match (input.entry, &entry) {
        (None, _) => case.say("entry-not-given", E, ""),
        (_, Some(_)) if input.file_records.is_empty() => case.say("entry-alone", E, ""),
        _ => {}
    }
    if input.data.is_empty() {
        case.say("no-file-given", "", "");
    }
    // Where some `F` is not at hand, a file may be the one it describes.
    let all = entry.is_some_and(|entry| u64::try_from(files.len()) == Ok(entry.file_count));
    for given in input.data {
        let same = |f: &FileRecord| (f.size, f.sha256, f.sha512) == (given.size, given.sha256, given.sha512);
        let code = match files.iter().any(|file| same(&file.record)) {
            true => "same-bytes",
            false if all => "file-not-in-entry",
            false => "file-records-missing",
        };
        case.say(code, &given.name, "");
    }
    Some(())
}

/// Each record under its place in the order of the numbers they state: from 1, without gap, as those of a deposit are.
fn numbered(records: &[Vec<u8>]) -> Vec<Told> {
    let mut sorted = records.to_vec();
    sorted.sort_by_cached_key(|bytes| FileRecord::parse(bytes).map_or(u64::MAX, |file| file.number.0));
    (1..).zip(sorted).map(|(number, bytes)| (number, false, bytes)).collect()
}
