//! The register: every entry of a tenant up to a seal, and receipts held against it. What holds together is told by `watch`; put
//! together here from the verifier's parts: whose head it is and what its token is worth is said there. Reads nothing, knows no clock.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    clippy::unreachable
)]

use proof::hash::TreeAlgorithm;
use proof::leaf::entry_leaf;
use proof::{Hash, Sha256Tree, UnixMillis};
use verifier::{Case, Head, Policy, ReceiptInput, Status, Verdict, verify_receipt};
use watch::register::{Checked, Checker, Fault, Listed, SealProof};

const LOGGED: &str = "format inclusion log-signature register algorithms";
const STAMPED: &str = "binding timestamp time-order";

/// A receipt to be looked for in a register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedReceipt {
    /// What to call it.
    pub name: String,
    /// The tlog-proof text.
    pub receipt: String,
    /// `R`.
    pub record: Vec<u8>,
}

/// A register being judged: its lines are given in order, as they are read.
pub struct RegisterCase<'p> {
    case: Case<'p>,
    policy: Option<&'p Policy>,
    at: UnixMillis,
    /// `None` once a line has said why not.
    checker: Option<Checker>,
    wanted: Vec<Wanted>,
    /// When the last entry that the seal counts says it was received.
    received: UnixMillis,
}

/// A receipt, judged by itself, and the leaf that the register has in its place.
struct Wanted {
    name: String,
    verdict: Verdict,
    leaf: Hash,
    found: Option<Hash>,
}

impl<'p> RegisterCase<'p> {
    /// A judgement by this policy at this moment, of a register in which these receipts are looked for.
    pub fn new(policy: Option<&'p Policy>, at: UnixMillis, receipts: &[NamedReceipt]) -> Self {
        let wanted = receipts.iter().map(|given| {
            let (receipt, record) = (given.receipt.as_str(), given.record.as_slice());
            let input = ReceiptInput { receipt, record, entry: None, file_records: &[], data: &[] };
            let leaf = Sha256Tree::leaf(&entry_leaf(record));
            Wanted { name: given.name.clone(), verdict: verify_receipt(&input, policy, at), leaf, found: None }
        });
        let (case, checker) = (Case::new(policy, at), Some(Checker::default()));
        Self { wanted: wanted.collect(), case, policy, at, checker, received: UnixMillis(0) }
    }

    /// The next line, its newline left out. False when nothing more need be given: a line of the verdict says why.
    pub fn line(&mut self, line: &[u8]) -> bool {
        match self.checker.as_mut().map(|checker| checker.line(line)) {
            Some(Ok(Some(listed))) => self.seen(&listed),
            Some(Err(fault)) => self.refused(&fault),
            _ => {}
        }
        self.checker.is_some()
    }

    /// The verdict, every line having been given.
    pub fn finish(mut self) -> Verdict {
        let checked = self.checker.take().map(Checker::finish);
        match &checked {
            Some(Ok(checked)) => self.judge(checked),
            Some(Err(fault)) => self.refused(fault),
            None => {}
        }
        // Nobody is accused by a register that anyone may have written.
        let signed = self.case.verdict.findings.iter().any(|line| line.code == "log-signed");
        let told = checked.and_then(Result::ok).filter(|_| signed);
        for wanted in &self.wanted {
            let code = told.as_ref().map_or("receipt-not-compared", |checked| wanted.standing(checked));
            let sequence = wanted.verdict.record.as_ref().map_or(0, |record| record.sequence.0);
            self.case.say(code, &wanted.name, sequence);
        }
        self.case.verdict.conclude(LOGGED, STAMPED)
    }

    fn seen(&mut self, listed: &Listed) {
        let sequence = |wanted: &Wanted| wanted.verdict.record.as_ref().map(|record| record.sequence);
        for wanted in self.wanted.iter_mut().filter(|wanted| sequence(wanted) == Some(listed.sequence)) {
            wanted.found = Some(listed.leaf);
        }
        if listed.sealed {
            self.received = self.received.max(listed.received_at);
        }
    }

    fn refused(&mut self, fault: &Fault) {
        self.case.say(fault.code, &fault.place(), &fault.why);
        self.checker = None;
    }

    /// What holds together is held against the policy: whose head it is, whose token.
    fn judge(&mut self, checked: &Checked) {
        let (register, size) = (&checked.register, checked.checkpoint.size.0);
        let (policy, at, case) = (self.policy, self.at, &mut self.case);
        case.say("register-read", "", register.tenant);
        if policy.and_then(|policy| policy.tenant).is_some_and(|pinned| pinned != register.tenant) {
            case.say("other-tenant", "tenant", register.tenant);
        }
        case.say("all-in-the-head", "", format_args!("{} / {size}", checked.listed));
        // No token is over this head: its key is judged as where none proves the time.
        let head = Head { note: checked.head.clone(), checkpoint: checked.checkpoint.clone() };
        case.witnesses(Some(&head), b"", "head");
        if let Some(key) = case.signer(&head, "head") {
            case.key_counts(key, at, "head");
        }
        let mut used = ["sha256", "sha512", "ed25519"].map(|name| (name.to_owned(), at)).to_vec();
        match &register.seal {
            Some(seal) => {
                used.extend(sealed(case, seal, policy));
                let (batch, end, count) = (seal.leaf.batch, seal.leaf.end.0, seal.row.count);
                case.say("register-complete", "", count);
                case.say("register-as-of", "seal", format_args!("{batch} / {end} / {size} / {}", seal.slot.0));
                case.times(self.received, "entry");
            }
            None => case.say("register-not-sealed", "seal", size),
        }
        case.say("entries-chained", "", checked.listed);
        match checked.listed.saturating_sub(checked.sealed()) {
            0 => {}
            later => case.say("entries-later", "later", later),
        }
        case.algorithms(&used);
    }
}

/// The token is over the root that the seal's leaf names, and over the sealed head, which is the log's. Returns the algorithms used.
fn sealed(case: &mut Case<'_>, seal: &SealProof, policy: Option<&Policy>) -> Vec<(String, UnixMillis)> {
    case.say("head-continues", "consistency", seal.leaf.end.0);
    let roots = policy.map_or(&[][..], |policy| &policy.tsa_roots);
    // The record says what renews the token: the token is judged with it, each at the time of the next.
    let members = [seal.checkpoint.as_bytes(), &seal.binding, &seal.token, &[]];
    let head = case.binding(members, ["checkpoint", "binding", "token", "consistency"], None);
    let used = case.timestamp(&seal.token, Some(seal.leaf.ers_root), roots, "token");
    let signer = head.and_then(|head| case.signer(&head, "checkpoint"));
    if let (Some(key), Some(time)) = (signer, case.verdict.time.as_ref().map(|time| time.not_after)) {
        case.key_counts(key, time, "checkpoint");
    }
    used
}

impl Wanted {
    /// What this receipt and a register under a head of the same log, both signed, say together. Another `R` in its place, or none
    /// although it lies below the seal's end: both cannot be of one history.
    fn standing(&self, checked: &Checked) -> &'static str {
        let lines = &self.verdict.findings;
        let says = |code: &str| lines.iter().any(|line| line.code == code);
        let false_ = lines.iter().any(|line| line.status == Status::Failed);
        let (Some(record), Some(index), true) =
            (&self.verdict.record, self.verdict.index, says("in-the-log") && says("log-signed") && !false_)
        else {
            return "receipt-not-verified";
        };
        let end = checked.register.seal.as_ref().map_or(0, |seal| seal.leaf.end.0);
        match self.found {
            _ if record.tenant != checked.register.tenant => "receipt-of-another-tenant",
            Some(leaf) if leaf == self.leaf => "receipt-in-register",
            None if index.0 >= end => "receipt-newer",
            _ => "receipt-absent",
        }
    }
}
