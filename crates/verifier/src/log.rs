//! The log's part: the record stands in the tree, the head is the pinned log's and signed by a key of the policy.

use proof::hash::TreeAlgorithm;
use proof::leaf::entry_leaf;
use proof::merkle::verify_inclusion;
use proof::note::NoteError;
use proof::time::format_rfc3339;
use proof::{Checkpoint, Sha256Tree, SignedNote, TlogProof, UnixMillis, sha256};

use crate::limits::CLOCK_SKEW_MS;
use crate::policy::{LogKey, Policy};
use crate::verdict::{Anchor, Verdict};

/// The receipt proves the record logged: returns the head in which it does, whoever signed it.
pub(crate) fn check_inclusion(
    verdict: &mut Verdict,
    receipt: &str,
    record: &[u8],
    place: &str,
) -> Option<Head> {
    let malformed = |verdict: &mut Verdict, why: &str| verdict.say("receipt-malformed", place, why);
    let read = TlogProof::parse(receipt).map_err(|why| why.to_string());
    let read = read.and_then(|proof| Ok((Head::parse(&proof.checkpoint)?, proof)));
    let (head, proof) = read.map_err(|why| malformed(verdict, &why)).ok()?;
    if proof.extra.is_some() {
        malformed(verdict, "extra");
    }
    let leaf = Sha256Tree::leaf(&entry_leaf(record));
    verdict.index = Some(proof.index);
    let (size, root) = (head.checkpoint.size, &head.checkpoint.root);
    match verify_inclusion::<Sha256Tree>(proof.index, size, &leaf, &proof.path, root) {
        Ok(()) => verdict.say("in-the-log", place, format_args!("n° {} / {}", proof.index.0, size.0)),
        Err(why) => verdict.say("not-in-the-log", place, why),
    }
    Some(head)
}

/// A signed head of a log, as text and read.
pub(crate) struct Head {
    note: SignedNote,
    pub checkpoint: Checkpoint,
}

impl Head {
    pub fn parse(note: &str) -> Result<Self, String> {
        let note = SignedNote::parse(note).map_err(|why| why.to_string())?;
        let checkpoint = Checkpoint::parse(&note.text).map_err(|why| why.to_string())?;
        Ok(Self { note, checkpoint })
    }

    /// The key of the policy that signed this head, or a line that says why none counts.
    pub fn signer<'p>(
        &self,
        verdict: &mut Verdict,
        policy: Option<&'p Policy>,
        place: &str,
    ) -> Option<&'p LogKey> {
        let Some(policy) = policy.filter(|policy| !policy.keys.is_empty()) else {
            verdict.say("no-trust-anchor", place, "");
            return None;
        };
        if self.checkpoint.origin != policy.origin {
            verdict.say("other-log", place, &self.checkpoint.origin);
            return None;
        }
        let mut signer = None;
        for known in &policy.keys {
            match known.key.verify(&self.note) {
                Ok(()) => signer = signer.or(Some(known)),
                Err(NoteError::NotSigned { .. }) => {}
                Err(why) => {
                    verdict.say("signature-false", place, why);
                    return None;
                }
            }
        }
        if signer.is_none() {
            verdict.say("key-not-in-policy", place, "");
        }
        signer
    }
}

/// The key's signature counts, the head being proved to exist at `proved`: in use then, not yet retired, not yet compromised.
pub(crate) fn check_key(verdict: &mut Verdict, known: &LogKey, proved: UnixMillis, place: &str) {
    let date = format_rfc3339(proved);
    let after = |end: Option<UnixMillis>| end.is_some_and(|end| proved >= end);
    let early = |from: UnixMillis| proved.0.saturating_add(CLOCK_SKEW_MS) < from.0;
    let ended = if after(known.compromised) {
        "log-key-compromised"
    } else if after(known.until) {
        "log-key-ended"
    } else if known.from.is_some_and(early) {
        "log-key-not-yet"
    } else {
        let anchor = Anchor { kind: "log-key", sha256: sha256(known.vkey.as_bytes()) };
        if !verdict.anchors.contains(&anchor) {
            verdict.anchors.push(anchor);
        }
        verdict.say("log-signed", place, "");
        return;
    };
    verdict.say(ended, place, date);
}

/// Cosignatures cannot be checked yet: absent where the policy asks for none, "cannot tell" where it does.
pub(crate) fn check_witnesses(verdict: &mut Verdict, policy: Option<&Policy>) {
    let asked = policy.is_some_and(|policy| policy.witnesses_required);
    verdict.say(if asked { "witnesses-not-checked" } else { "no-witness-asked" }, "", "");
}

/// Nothing of a seal is there.
pub(crate) fn say_unsealed(verdict: &mut Verdict) {
    ["no-evidence-record", "no-binding", "not-sealed"].iter().for_each(|code| verdict.say(code, "", ""));
}
