//! The judgement of an evidence record (RFC 4998 §5.3, RFC 6283 §4.2), rule by rule: data, groups, trees, renewals, tokens, times,
//! digests. Every rule is looked at and reported; a record passes when something was given, it is covered, and nothing is false
//! or open.
//!
//! Deliberately not here: reading (`evidence_record/read.rs`, `evidence_record/xml.rs`), and the dates at which a policy says that a digest
//! ends: the digests used and the moments until which they had to hold are reported for whoever has such dates.

use std::collections::BTreeSet;

use crate::check::{CheckName, ExpectedToken, TokenPolicy, check_token};
use crate::digest::DigestAlgorithm;
use crate::error::SealError;
use crate::evidence_record::data::DataObject;
use crate::evidence_record::fault::{RecordFact, RecordFault};
use crate::evidence_record::parts::{ArchiveChain, ArchiveRecord, ArchiveStamp, RecordForm};
use crate::evidence_record::read::declared_name;
use crate::limits;
use crate::signature::SignatureVerifier;
use crate::time::UnixMillis;
use crate::token::Token;

/// By which trust, and at what moment, a record is judged.
#[derive(Clone, Copy)]
pub struct RecordTrust<'a> {
    /// Trusted certificates, DER, given from outside.
    pub roots: &'a [Vec<u8>],
    /// Certificates that may help to find the way; they add no trust.
    pub extra_certificates: &'a [Vec<u8>],
    /// The moment of judgement.
    pub at: UnixMillis,
    /// Whether digests of below 128 bits against collisions count where nothing stronger covers them: they do not, unless asked.
    pub accept_weak: bool,
    /// The door for every signature.
    pub verifier: &'a dyn SignatureVerifier,
}

/// Which part of a record a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RecordRule {
    /// The data objects are those covered.
    Data,
    /// The first list is the whole group, or more.
    Group,
    /// A tree leads to its token's imprint.
    Tree,
    /// What came before is covered.
    Renewal,
    /// A token holds when it must.
    Token,
    /// Time-stamps follow each other in time.
    Order,
    /// The digests, declared, one a chain, and strong enough.
    Algorithms,
}

/// One rule at one place, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordFinding {
    /// The rule.
    pub rule: RecordRule,
    /// Chain and time-stamp, both from 1; zeros for the whole record.
    pub place: (usize, usize),
    /// The data object, where it is about one.
    pub data: Option<String>,
    /// What holds, or why not.
    pub outcome: Result<RecordFact, RecordFault>,
}

/// What came of every rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordReport {
    /// Every finding, in the order of chains and time-stamps.
    pub findings: Vec<RecordFinding>,
    /// The first time-stamp's time and its accuracy: when the data existed at the latest, if the record passes.
    pub proved: Option<UnixMillis>,
    /// Who signed the first time-stamp, as its certificate says.
    pub authority: Option<String>,
    /// SHA-256 of the roots that the tokens lead to.
    pub roots_sha256: BTreeSet<[u8; 32]>,
    /// The digests of trees, and the moments until which they had to hold.
    pub used: Vec<(&'static str, UnixMillis)>,
}

impl RecordReport {
    /// Data was given and is covered, every token leads to a root given, and nothing is false or open.
    pub fn passed(&self) -> bool {
        let holds = |rule| self.findings.iter().any(|f| f.rule == rule && f.outcome.is_ok());
        self.first_false().is_none()
            && self.first_untold().is_none()
            && [RecordRule::Data, RecordRule::Tree, RecordRule::Token].into_iter().all(holds)
            && !self.roots_sha256.is_empty()
    }

    /// The first part that is false.
    pub fn first_false(&self) -> Option<&RecordFault> {
        self.faults().find(|fault| !fault.is_untold())
    }

    /// The first part of which it cannot be told.
    pub fn first_untold(&self) -> Option<&RecordFault> {
        self.faults().find(|fault| fault.is_untold())
    }

    /// All that does not hold.
    pub fn faults(&self) -> impl Iterator<Item = &RecordFault> {
        self.findings.iter().filter_map(|finding| finding.outcome.as_ref().err())
    }

    fn add(&mut self, rule: RecordRule, place: (usize, usize), outcome: Result<RecordFact, RecordFault>) {
        self.findings.push(RecordFinding { rule, place, data: None, outcome });
    }
}

/// Judges `record` over these data objects.
pub fn judge_record(record: &ArchiveRecord, data: &[DataObject<'_>], trust: &RecordTrust<'_>) -> RecordReport {
    let mut judge = Judge { record, data, trust, report: RecordReport::empty() };
    match data.len() {
        0 => judge.report.add(RecordRule::Data, (0, 0), Err(RecordFault::NoData)),
        n if n > limits::DATA_OBJECTS => {
            judge.report.add(RecordRule::Data, (0, 0), Err(RecordFault::TooManyData { found: n }));
            return judge.report;
        }
        _ => {}
    }
    for (chain, number) in record.chains.iter().zip(1..) {
        judge.chain(chain, number);
    }
    judge.times();
    judge.report
}

impl RecordReport {
    fn empty() -> Self {
        Self { findings: Vec::new(), proved: None, authority: None, roots_sha256: BTreeSet::new(), used: Vec::new() }
    }
}

struct Judge<'r> {
    record: &'r ArchiveRecord,
    data: &'r [DataObject<'r>],
    trust: &'r RecordTrust<'r>,
    report: RecordReport,
}

impl Judge<'_> {
    fn chain(&mut self, chain: &ArchiveChain, number: usize) {
        self.algorithm(chain, number);
        let mut previous: Option<&ArchiveStamp> = None;
        for (stamp, n) in chain.stamps.iter().zip(1..) {
            let place = (number, n);
            self.declared(chain, stamp, place);
            // What came before is hashed by this chain's digest; a stamp of another one has been told above.
            if let Some(algorithm) = stamp.algorithm {
                match previous {
                    Some(before) => self.token_renewed(before, stamp, algorithm, place),
                    None => self.first_of_chain(chain, stamp, algorithm, place),
                }
            }
            let root = self.tree(stamp, place);
            self.token(stamp, root, place);
            previous = Some(stamp);
        }
    }

    /// The chain's digest is known, and held until the next chain began, or holds now.
    fn algorithm(&mut self, chain: &ArchiveChain, number: usize) {
        let next = self.record.chains.get(number).and_then(|next| next.stamps.first()).and_then(ArchiveStamp::gen_time);
        let until = next.unwrap_or(self.trust.at);
        let outcome = match chain.algorithm {
            None => Err(RecordFault::AlgorithmUnknown { name: chain.algorithm_name.clone() }),
            Some(weak) if weak.is_weak() && !self.trust.accept_weak && !held(weak, next) => {
                Err(RecordFault::AlgorithmWeak { name: weak.name(), until })
            }
            Some(algorithm) => {
                self.report.used.push((algorithm.name(), until));
                Ok(RecordFact::AlgorithmUsed { algorithm: algorithm.name(), until })
            }
        };
        self.report.add(RecordRule::Algorithms, (number, 0), outcome);
    }

    /// The time-stamp's digest is its chain's, and stands in `digestAlgorithms`.
    fn declared(&mut self, chain: &ArchiveChain, stamp: &ArchiveStamp, place: (usize, usize)) {
        let name = stamp.algorithm_name.clone();
        if name != chain.algorithm_name {
            let fault = RecordFault::AlgorithmChanged { chain: chain.algorithm_name.clone(), found: name.clone() };
            self.report.add(RecordRule::Algorithms, place, Err(fault));
        }
        let known = stamp.algorithm.map(declared_name).unwrap_or(name);
        if self.record.declared.as_ref().is_some_and(|all| !all.contains(&known)) {
            self.report.add(RecordRule::Algorithms, place, Err(RecordFault::AlgorithmUndeclared { name: known }));
        }
    }

    /// Each data object is covered by the first time-stamp of a chain, alone or with all earlier chains.
    fn first_of_chain(
        &mut self,
        chain: &ArchiveChain,
        stamp: &ArchiveStamp,
        algorithm: DigestAlgorithm,
        place: (usize, usize),
    ) {
        let list = stamp.first_list();
        let renewed = place.0 > 1;
        let preceding = chain.preceding.as_deref().filter(|_| renewed);
        if self.record.form == RecordForm::Xml
            && let Some(digest) = preceding
        {
            // In XML the digest of all earlier chains stands beside those of the data.
            let outcome = match list.contains(&digest) {
                true => Ok(RecordFact::PreviousChainsCovered { algorithm: algorithm.name() }),
                false => Err(RecordFault::PreviousChainsNotCovered { digest: digest.to_vec() }),
            };
            self.report.add(RecordRule::Renewal, place, outcome);
        }
        let joined = preceding.filter(|_| self.record.form == RecordForm::Asn1);
        let mut found = BTreeSet::new();
        for object in self.data {
            let outcome = object.covered(&list, algorithm, chain.canonical, joined);
            let outcome = outcome.map(|(fact, digest)| {
                found.insert(digest);
                fact
            });
            let rule = if renewed { RecordRule::Renewal } else { RecordRule::Data };
            let data = Some(object.name.to_owned());
            self.report.findings.push(RecordFinding { rule, place, data, outcome });
        }
        if !renewed && !found.is_empty() {
            let given = list.iter().filter(|hash| found.contains(**hash)).count();
            let of = list.len();
            let fact = if given == of { RecordFact::GroupWhole { of } } else { RecordFact::GroupPart { given, of } };
            self.report.add(RecordRule::Group, place, Ok(fact));
        }
    }

    /// A later time-stamp of a chain covers the token before it, as received.
    fn token_renewed(
        &mut self,
        before: &ArchiveStamp,
        stamp: &ArchiveStamp,
        algorithm: DigestAlgorithm,
        place: (usize, usize),
    ) {
        let digest = algorithm.digest(before.octets());
        let outcome = match stamp.first_list().contains(&digest.as_slice()) {
            true => Ok(RecordFact::PreviousTokenCovered),
            false => Err(RecordFault::PreviousTokenNotCovered { digest }),
        };
        self.report.add(RecordRule::Renewal, place, outcome);
    }

    /// The tree leads to the token's imprint, made with the tree's digest; returns that value.
    fn tree(&mut self, stamp: &ArchiveStamp, place: (usize, usize)) -> Option<(DigestAlgorithm, Vec<u8>)> {
        let (Ok(token), Some(algorithm)) = (&stamp.token, stamp.algorithm) else { return None };
        let outcome = leads(stamp, algorithm, token);
        let root = outcome.as_ref().ok().map(|root| (algorithm, root.clone()));
        self.report.add(RecordRule::Tree, place, outcome.map(|_| RecordFact::TreeLeads));
        root
    }

    /// The token holds, by a root given, at its own time, and its certificates still did when the next one was made.
    fn token(&mut self, stamp: &ArchiveStamp, root: Option<(DigestAlgorithm, Vec<u8>)>, place: (usize, usize)) {
        let token = match &stamp.token {
            Ok(token) => token,
            Err(why) => {
                return self.report.add(RecordRule::Token, place, Err(RecordFault::TokenUnreadable(why.clone())));
            }
        };
        let imprint = token.imprint();
        let own = DigestAlgorithm::from_name(imprint.algorithm).map(|known| (known, imprint.digest.to_vec()));
        // Where the tree failed, a finding has said so, and the token is judged over what it says of itself.
        let Some((algorithm, imprint)) = root.or(own) else {
            let why = SealError::Unsupported { what: "digest of the imprint", found: imprint.algorithm.to_owned() };
            return self.report.add(RecordRule::Token, place, Err(RecordFault::TokenUnreadable(why)));
        };
        let needed = self.next_time(place).unwrap_or(self.trust.at);
        let policy = TokenPolicy {
            extra_certificates: self.trust.extra_certificates,
            ..TokenPolicy::new(self.trust.roots, needed, self.trust.verifier)
        };
        let checked = check_token(token, &ExpectedToken::new(algorithm, &imprint), &policy);
        let mut holds = true;
        for check in &checked.checks {
            let Err(why) = &check.outcome else { continue };
            let sound = self.trust.accept_weak || sound_when_covered(&checked.weak, self.next_time(place));
            if check.name == CheckName::Algorithms && sound {
                continue;
            }
            holds = false;
            // A time beyond the next token's is a matter of order, and told there.
            if check.name == CheckName::GenTime && needed != self.trust.at {
                continue;
            }
            let fault = match check.name {
                CheckName::Path if self.trust.roots.is_empty() => RecordFault::NoTrustAnchor,
                CheckName::Path => RecordFault::NotTrusted(why.clone()),
                name => RecordFault::Token(name, why.clone()),
            };
            self.report.add(RecordRule::Token, place, Err(fault));
        }
        let Some((root, ended)) = checked.root_sha256.zip(checked.valid_until).filter(|_| holds) else { return };
        if ended < needed {
            let fault = RecordFault::NoProofOfExistence { ended, needed };
            return self.report.add(RecordRule::Token, place, Err(fault));
        }
        let authority = checked.signer.map(|signer| signer.subject).unwrap_or_default();
        if place == (1, 1) {
            let accuracy = i64::try_from(token.accuracy_ms().unwrap_or(0)).unwrap_or(i64::MAX);
            self.report.proved = Some(UnixMillis(token.gen_time().0.saturating_add(accuracy)));
            self.report.authority = Some(authority.clone());
        }
        self.report.roots_sha256.insert(root);
        let gen_time = token.gen_time();
        self.report.add(RecordRule::Token, place, Ok(RecordFact::TokenHolds { authority, gen_time }));
    }

    /// The time of the time-stamp that covers this one.
    fn next_time(&self, (chain, stamp): (usize, usize)) -> Option<UnixMillis> {
        let same = self.record.chains.get(chain.wrapping_sub(1)).and_then(|chain| chain.stamps.get(stamp));
        let next = self.record.chains.get(chain).and_then(|chain| chain.stamps.first());
        same.or(next).and_then(ArchiveStamp::gen_time)
    }

    /// No time-stamp is older than the one it covers, and no token stands twice. Two of the same moment are in order: each covers
    /// the one before, and authorities state whole seconds.
    fn times(&mut self) {
        let mut previous: Option<UnixMillis> = None;
        let mut seen = BTreeSet::new();
        let mut ordered = true;
        for (chain, number) in self.record.chains.iter().zip(1..) {
            for (stamp, n) in chain.stamps.iter().zip(1..) {
                if !stamp.token_der.is_empty() && !seen.insert(&stamp.token_der) {
                    ordered = false;
                    self.report.add(RecordRule::Order, (number, n), Err(RecordFault::TokenRepeated));
                }
                let Some(found) = stamp.gen_time() else { continue };
                if let Some(previous) = previous.filter(|previous| found < *previous) {
                    ordered = false;
                    let fault = RecordFault::TimeOrder { previous, found };
                    self.report.add(RecordRule::Order, (number, n), Err(fault));
                }
                previous = Some(found);
            }
        }
        if ordered {
            self.report.add(RecordRule::Order, (0, 0), Ok(RecordFact::TimesInOrder));
        }
    }
}

impl ArchiveStamp {
    fn gen_time(&self) -> Option<UnixMillis> {
        self.token.as_ref().ok().map(|token| token.gen_time())
    }
}

/// 23 February 2017: the first collision of SHA-1 was published.
const FIRST_COLLISION: UnixMillis = UnixMillis(1_487_808_000_000);

/// A weak digest still held when a stronger chain took over: SHA-1 until its first collision, SHA-224 to this day.
fn held(weak: DigestAlgorithm, renewed: Option<UnixMillis>) -> bool {
    renewed.is_some_and(|at| weak != DigestAlgorithm::Sha1 || at < FIRST_COLLISION)
}

/// What is too weak in a token today was sound when a later one came to cover it: all of it until SHA-1's first collision, then
/// what is of SHA-224 alone.
fn sound_when_covered(weak: &[String], covered: Option<UnixMillis>) -> bool {
    covered.is_some_and(|at| at < FIRST_COLLISION || weak.iter().all(|what| what.ends_with("sha224")))
}

/// The value a tree leads to, which is the token's imprint; without a tree, the imprint itself.
fn leads(stamp: &ArchiveStamp, algorithm: DigestAlgorithm, token: &Token) -> Result<Vec<u8>, RecordFault> {
    let imprint = token.imprint();
    if token.info.imprint_algorithm != Some(algorithm) {
        let (tree, imprint) = (algorithm.name().to_owned(), imprint.algorithm.to_owned());
        return Err(RecordFault::ImprintAlgorithm { tree, imprint });
    }
    if stamp.lists.is_empty() {
        return Ok(imprint.digest.to_vec());
    }
    let computed = stamp.root(algorithm).ok_or(RecordFault::HashLength)?;
    match computed == imprint.digest {
        true => Ok(computed),
        false => Err(RecordFault::RootMismatch { computed, imprint: imprint.digest.to_vec() }),
    }
}
