//! Whose signature stands under the log's heads: one key in charge, wherever it is kept, and those that signed before it.

use proof::note::{NoteError, NoteSignature};
use proof::{SignedNote, SigningKey, VerifierKey};
use std::fmt;
use std::sync::Arc;

/// Signs notes with the key of a log. The secret may be elsewhere: in a token that is asked at each commit.
pub trait Signer: Send + Sync {
    /// The public half.
    fn verifier_key(&self) -> &VerifierKey;

    /// The Ed25519 signature of these bytes (RFC 8032 §5.1.6), deterministic.
    ///
    /// # Errors
    /// In words, why nothing was signed.
    fn sign_bytes(&self, message: &[u8]) -> Result<[u8; 64], String>;
}

impl Signer for SigningKey {
    fn verifier_key(&self) -> &VerifierKey {
        Self::verifier_key(self)
    }
    fn sign_bytes(&self, message: &[u8]) -> Result<[u8; 64], String> {
        Ok(Self::sign_bytes(self, message))
    }
}

/// Every key that ever signed heads of this log: the one in charge, and those before it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownKeys {
    current: VerifierKey,
    earlier: Vec<VerifierKey>,
}

impl From<VerifierKey> for KnownKeys {
    fn from(current: VerifierKey) -> Self {
        Self { current, earlier: Vec::new() }
    }
}

impl KnownKeys {
    /// This key in charge after those.
    pub fn new(current: VerifierKey, earlier: Vec<VerifierKey>) -> Self {
        Self { current, earlier }
    }

    /// The key in charge.
    pub fn current(&self) -> &VerifierKey {
        &self.current
    }

    /// Name of the log's keys: its origin.
    pub fn name(&self) -> &str {
        self.current.name()
    }

    /// No other key was in charge before.
    pub fn is_first(&self) -> bool {
        self.earlier.is_empty()
    }

    /// The note bears a true signature of a key that is in charge no more.
    pub fn is_of_before(&self, note: &SignedNote) -> bool {
        self.earlier.iter().any(|key| key.verify(note).is_ok())
    }

    /// The note bears a true signature of one of these keys, and a false one of none.
    ///
    /// # Errors
    /// [`NoteError::NotSigned`] when no line names any of them; [`NoteError::BadSignature`] when one does and is false.
    pub fn verify(&self, note: &SignedNote) -> Result<(), NoteError> {
        let mut signed = Err(NoteError::NotSigned { name: self.current.name().to_owned() });
        for key in [&self.current].into_iter().chain(&self.earlier) {
            match key.verify(note) {
                Ok(()) => signed = Ok(()),
                Err(NoteError::NotSigned { .. }) => {}
                Err(why) => return Err(why),
            }
        }
        signed
    }
}

/// The keys of a log, of which one signs.
#[derive(Clone)]
pub struct LogKeys {
    signer: Arc<dyn Signer>,
    known: KnownKeys,
}

impl fmt::Debug for LogKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogKeys").field("known", &self.known).finish_non_exhaustive()
    }
}

impl From<SigningKey> for LogKeys {
    fn from(key: SigningKey) -> Self {
        Self::new(Arc::new(key), Vec::new())
    }
}

impl LogKeys {
    /// This key signs; those signed before it.
    pub fn new(signer: Arc<dyn Signer>, earlier: Vec<VerifierKey>) -> Self {
        let known = KnownKeys::new(signer.verifier_key().clone(), earlier);
        Self { signer, known }
    }

    /// The public halves.
    pub fn known(&self) -> &KnownKeys {
        &self.known
    }

    /// The complete signed note over this text, verified under the public half of the key in charge.
    ///
    /// # Errors
    /// In words: nothing was signed, or what was is no signature of that key.
    pub fn sign(&self, text: &str) -> Result<String, String> {
        let key = self.signer.verifier_key();
        let signature = self.signer.sign_bytes(text.as_bytes())?.to_vec();
        let line = NoteSignature { name: key.name().to_owned(), key_hash: key.key_hash(), signature };
        let note = SignedNote { text: text.to_owned(), signatures: [line].into() };
        // What a token, or memory that turned a bit over, gives back is looked at before it is believed.
        key.verify(&note).map_err(|why| format!("our own signature does not verify: {why}"))?;
        Ok(note.write())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed("a", &[seed; 32]).unwrap()
    }

    /// Signs with another key than it says.
    struct Liar(SigningKey, VerifierKey);

    impl Signer for Liar {
        fn verifier_key(&self) -> &VerifierKey {
            &self.1
        }
        fn sign_bytes(&self, message: &[u8]) -> Result<[u8; 64], String> {
            Ok(SigningKey::sign_bytes(&self.0, message))
        }
    }

    #[test]
    fn a_signature_is_the_one_of_a_key_at_hand_and_a_false_one_is_not_given_out() {
        let keys = LogKeys::from(key(1));
        assert_eq!(keys.sign("a\n1\n").unwrap(), key(1).sign("a\n1\n"));
        let liar = LogKeys::new(Arc::new(Liar(key(2), key(1).verifier_key().clone())), Vec::new());
        assert!(liar.sign("a\n1\n").unwrap_err().contains("does not verify"));
    }

    #[test]
    fn older_keys_are_known_and_a_false_line_of_any_is_refused() {
        let public = |seed| key(seed).verifier_key().clone();
        let known = KnownKeys::new(public(2), vec![public(1)]);
        let note = |seed: u8| SignedNote::parse(&key(seed).sign("a\n1\n")).unwrap();
        assert_eq!([1, 2].map(|seed| known.verify(&note(seed))), [Ok(()), Ok(())]);
        assert!(matches!(known.verify(&note(3)), Err(NoteError::NotSigned { .. })));
        let mut both = note(2);
        let mut other = note(1).signatures.remove(0);
        other.signature[5] ^= 1;
        both.signatures.push(other);
        assert!(matches!(known.verify(&both), Err(NoteError::BadSignature { .. })));
    }
}
