//! The log's part: the record stands in the tree, the head is the pinned log's and signed by a key of the policy.

use proof::hash::TreeAlgorithm;
use proof::leaf::entry_leaf;
use proof::merkle::verify_inclusion;
use proof::note::NoteError;
use proof::time::format_rfc3339;
use proof::{Checkpoint, Sha256Tree, SignedNote, TlogProof, UnixMillis, sha256};

use crate::case::Case;
use crate::limits::CLOCK_SKEW_MS;
use crate::policy::LogKey;
use crate::verdict::Anchor;

/// A signed head of a log, as text and read; whose signature it is, is not said.
pub struct Head {
    /// The note, its signatures not yet checked.
    pub note: SignedNote,
    /// What its text states.
    pub checkpoint: Checkpoint,
}

impl Head {
    pub(crate) fn parse(note: &str) -> Result<Self, String> {
        let note = SignedNote::parse(note).map_err(|why| why.to_string())?;
        let checkpoint = Checkpoint::parse(&note.text).map_err(|why| why.to_string())?;
        Ok(Self { note, checkpoint })
    }
}

impl<'p> Case<'p> {
    /// The receipt proves the record logged: returns the head in which it does, whoever signed it.
    pub(crate) fn inclusion(&mut self, receipt: &[u8], record: &[u8], place: &str) -> Option<Head> {
        let read = TlogProof::parse(&String::from_utf8_lossy(receipt)).map_err(|why| why.to_string());
        let (head, proof) = match read.and_then(|proof| Ok((Head::parse(&proof.checkpoint)?, proof))) {
            Ok((_, proof)) if proof.extra.is_some() => return self.stop("receipt-malformed", place, "extra"),
            Ok(both) => both,
            Err(why) => return self.stop("receipt-malformed", place, why),
        };
        let leaf = Sha256Tree::leaf(&entry_leaf(record));
        self.verdict.index = Some(proof.index);
        let (size, root) = (head.checkpoint.size, &head.checkpoint.root);
        match verify_inclusion::<Sha256Tree>(proof.index, size, &leaf, &proof.path, root) {
            Ok(()) => self.say("in-the-log", place, format_args!("n° {} / {}", proof.index.0, size.0)),
            Err(why) => self.say("not-in-the-log", place, why),
        }
        Some(head)
    }

    /// The key of the policy that signed this head, or a line that says why none counts.
    pub fn signer(&mut self, head: &Head, place: &str) -> Option<&'p LogKey> {
        let Some(policy) = self.policy.filter(|policy| !policy.keys.is_empty()) else {
            return self.stop("no-trust-anchor", place, "");
        };
        if head.checkpoint.origin != policy.origin {
            return self.stop("other-log", place, &head.checkpoint.origin);
        }
        let mut signer = None;
        for known in &policy.keys {
            match known.key.verify(&head.note) {
                Ok(()) => signer = signer.or(Some(known)),
                Err(NoteError::NotSigned { .. }) => {}
                Err(why) => return self.stop("signature-false", place, why),
            }
        }
        signer.or_else(|| self.stop("key-not-in-policy", place, ""))
    }

    /// The key's signature counts, the head being proved to exist at `proved`: in use then, not yet retired, not compromised.
    /// Where no token proves the time, whoever stole the key may have signed whenever he says: one ever compromised never counts.
    pub fn key_counts(&mut self, known: &LogKey, proved: UnixMillis, place: &str) {
        let after = |end: Option<UnixMillis>| end.is_some_and(|end| proved >= end);
        let early = |from: UnixMillis| proved.0.saturating_add(CLOCK_SKEW_MS) < from.0;
        let code = match known {
            LogKey { compromised: Some(end), .. } if self.verdict.time.is_none() || proved >= *end => {
                "log-key-compromised"
            }
            LogKey { until, .. } if after(*until) => "log-key-ended",
            LogKey { from, .. } if from.is_some_and(early) => "log-key-not-yet",
            _ => "log-signed",
        };
        let sha256 = sha256(known.key.to_string().as_bytes());
        self.verdict.anchors.push(Anchor { kind: "log-key", sha256 });
        self.say(code, place, format_rfc3339(proved));
    }

    /// The head bears the cosignatures the policy asks for, among its own lines or those brought beside it. Fewer are no proof that
    /// anything is false: it cannot be told.
    pub fn witnesses(&mut self, head: Option<&Head>, beside: &[u8], place: &str) {
        let Some(asked) = self.policy.and_then(|policy| policy.witnesses.as_ref()) else {
            return self.say("no-witness-asked", "", "");
        };
        // Where there is no head, a line has said so, and this finding stays open.
        let Some(head) = head else { return };
        let said = match asked.witnessed(&head.note, &String::from_utf8_lossy(beside)) {
            Ok(said) => said,
            Err(why) => return self.say("cosignatures-malformed", place, why),
        };
        let [cosigned, missing, false_, unknown] = said.names();
        let (code, names) = match (said.met, said.could_be_met) {
            (true, _) => ("witnessed", &cosigned),
            (_, true) => ("witness-unsupported", &unknown),
            _ => ("witness-quorum-not-met", &missing),
        };
        self.say(code, place, names);
        let more = [("witness-missing", &missing, said.met), ("cosignature-false", &false_, true)];
        for (code, names, _) in more.into_iter().filter(|(_, names, wanted)| *wanted && !names.is_empty()) {
            self.say(code, place, names);
        }
    }

    /// Nothing of a seal is there.
    pub(crate) fn unsealed(&mut self) {
        ["no-evidence-record", "no-binding", "not-sealed"].iter().for_each(|code| self.say(code, "", ""));
    }
}
