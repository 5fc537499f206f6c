//! What the witnesses of a policy have said of a head, and whether that is enough.

use crate::cosignature::{UnixSeconds, parse_lines};
use crate::policy::TlogPolicy;
use alloc::string::String;
use alloc::vec::Vec;
use proof::SignedNote;
use proof::note::NoteError;

/// What one witness has said of a head.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cosigned {
    /// A true cosignature, made at this moment by the witness's own clock.
    At(UnixSeconds),
    /// No line names its key.
    Missing,
    /// A line names its key and is false.
    False,
    /// Its key is of a type we cannot check.
    Unknown,
}

/// What the policy finds under a head.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Witnessed {
    /// The policy asks for cosignatures at all.
    pub asked: bool,
    /// The quorum is met (always so for `quorum none`).
    pub met: bool,
    /// The quorum would be met if the witnesses whose keys we cannot check had all cosigned.
    pub could_be_met: bool,
    /// Each witness of the policy, by its name there, and what it has said.
    pub witnesses: Vec<(String, Cosigned)>,
}

impl TlogPolicy {
    /// What the witnesses of the policy have said of this head: under its own lines, or in those brought beside it, each with its
    /// newline. All of them are over the head's text; the log's own line is the caller's affair.
    ///
    /// # Errors
    /// [`NoteError`]: what was brought beside are no signature lines.
    pub fn witnessed(&self, head: &SignedNote, beside: &str) -> Result<Witnessed, NoteError> {
        let signatures = [head.signatures.as_slice(), &parse_lines(beside)?].concat();
        let head = SignedNote { text: head.text.clone(), signatures };
        let said = |key| match key {
            None => Cosigned::Unknown,
            Some(key) => match crate::CosignerKey::verify(key, &head) {
                Ok(at) => Cosigned::At(at),
                Err(NoteError::NotSigned { .. }) => Cosigned::Missing,
                Err(_) => Cosigned::False,
            },
        };
        let outcomes: Vec<Cosigned> = self.witnesses.iter().map(|line| said(line.key.as_ref())).collect();
        let counts = |at: usize| matches!(outcomes.get(at), Some(Cosigned::At(_)));
        let could = |at: usize| counts(at) || matches!(outcomes.get(at), Some(Cosigned::Unknown));
        Ok(Witnessed {
            asked: self.asks(),
            met: self.holds(&counts),
            could_be_met: self.holds(&could),
            witnesses: self.witnesses.iter().map(|line| line.name.clone()).zip(outcomes).collect(),
        })
    }
}

impl Witnessed {
    /// Names, a comma between, of those who have cosigned; have not, or falsely; have falsely; cannot be checked. In this order.
    pub fn names(&self) -> [String; 4] {
        let cosigned = |said: Cosigned| matches!(said, Cosigned::At(_));
        let not = |said: Cosigned| matches!(said, Cosigned::Missing | Cosigned::False);
        [cosigned, not, |said| said == Cosigned::False, |said| said == Cosigned::Unknown].map(|of| {
            let those = self.witnesses.iter().filter(|(_, said)| of(*said));
            those.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
        })
    }
}
