//! Cosignatures (C2SP tlog-cosignature) with Ed25519 keys: "as of this second, this is the largest consistent head of that log
//! that I have seen".

use crate::limits::{COSIGNATURES_BYTES, LAST_SECOND};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use proof::limits::NOTE_SIGNATURES;
use proof::note::{NoteError, NoteSignature, key_hash, parse_vkey, write_vkey};
use proof::{SignedNote, SigningKey, VerifierKey};

/// C2SP signed-note: the type byte of timestamped Ed25519 cosignatures.
pub const COSIGNATURE: u8 = 0x04;

/// A POSIX timestamp: seconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct UnixSeconds(pub u64);

/// The key of a witness, as those know it who check its cosignatures.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CosignerKey {
    /// The same 32 bytes under the same name, by which bytes are checked.
    key: VerifierKey,
    key_hash: [u8; 4],
}

impl CosignerKey {
    /// The key written as a C2SP vkey of type 0x04.
    ///
    /// # Errors
    /// [`NoteError::Key`]; [`NoteError::KeyAlgorithm`] for any other type.
    pub fn parse(vkey: &str) -> Result<Self, NoteError> {
        let (name, key) = parse_vkey(vkey, COSIGNATURE)?;
        Self::from_public(name, &key)
    }

    /// The key of this name and these 32 bytes.
    ///
    /// # Errors
    /// [`NoteError::Key`]: a name with a space or plus sign, bytes that are no point of the curve.
    pub fn from_public(name: &str, key: &[u8; 32]) -> Result<Self, NoteError> {
        let verifier = VerifierKey::from_public(name, key)?;
        Ok(Self { key_hash: key_hash(name, COSIGNATURE, key), key: verifier })
    }

    /// Name of the witness.
    pub fn name(&self) -> &str {
        self.key.name()
    }

    /// The 32 bytes of the key.
    pub fn public(&self) -> &[u8; 32] {
        self.key.public()
    }

    /// Whether a signature line names this key, by name and hash both.
    pub fn names(&self, line: &NoteSignature) -> bool {
        line.name == self.key.name() && line.key_hash == self.key_hash
    }

    /// The note bears true cosignatures by this key over its text: the earliest moment they state.
    ///
    /// # Errors
    /// [`NoteError::NotSigned`] when no line names the key; [`NoteError::BadSignature`] when one does and is false, whatever
    /// the others are.
    pub fn verify(&self, note: &SignedNote) -> Result<UnixSeconds, NoteError> {
        let mut earliest = None;
        for line in note.signatures.iter().filter(|line| self.names(line)) {
            let name = || self.name().to_string();
            let at = self.moment(&note.text, line).ok_or_else(|| NoteError::BadSignature { name: name() })?;
            earliest = Some(earliest.map_or(at, |before: UnixSeconds| before.min(at)));
        }
        earliest.ok_or_else(|| NoteError::NotSigned { name: self.name().to_string() })
    }

    /// The moment a line states, when it is a true cosignature of this text by this key.
    fn moment(&self, text: &str, line: &NoteSignature) -> Option<UnixSeconds> {
        let (at, signature) = line.signature.split_first_chunk::<8>()?;
        let at = UnixSeconds(u64::from_be_bytes(*at));
        let true_ = at.0 <= LAST_SECOND && self.key.verify_bytes(message(text, at).as_bytes(), signature);
        true_.then_some(at)
    }
}

impl fmt::Display for CosignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&write_vkey(self.name(), COSIGNATURE, self.public()))
    }
}

/// The key with which a witness cosigns. Its bytes are wiped when it is dropped, and never printed.
pub struct CosigningKey {
    key: SigningKey,
    public: CosignerKey,
}

impl CosigningKey {
    /// The key of this name grown from 32 secret random bytes (RFC 8032 §5.1.5). One key serves one witness: the signed message
    /// does not hold the name.
    ///
    /// # Errors
    /// [`NoteError::Key`]: a name with a space or plus sign.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let key = SigningKey::from_seed(name, seed)?;
        let public = CosignerKey::from_public(name, key.verifier_key().public())?;
        Ok(Self { key, public })
    }

    /// The public half.
    pub fn cosigner_key(&self) -> &CosignerKey {
        &self.public
    }

    /// The cosignature of this checkpoint text at this moment, or `None` past the last second the format can hold. A witness says
    /// its own moment, never 0 (C2SP tlog-witness, "add-checkpoint").
    pub fn cosign(&self, text: &str, at: UnixSeconds) -> Option<NoteSignature> {
        if at.0 > LAST_SECOND {
            return None;
        }
        let signature = self.key.sign_bytes(message(text, at).as_bytes());
        Some(NoteSignature {
            name: self.public.name().to_string(),
            key_hash: self.public.key_hash,
            signature: [&at.0.to_be_bytes()[..], &signature].concat(),
        })
    }
}

/// Signature lines as they travel without their note, each with its newline: the answer of a witness, the cosignatures of a
/// pack. None at all is no error; nothing is checked yet.
///
/// # Errors
/// [`NoteError::TooLarge`], [`NoteError::Malformed`].
pub fn parse_lines(text: &str) -> Result<Vec<NoteSignature>, NoteError> {
    if text.len() > COSIGNATURES_BYTES {
        return Err(NoteError::TooLarge { given: text.len(), limit: COSIGNATURES_BYTES });
    }
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let lines = text.strip_suffix('\n').ok_or(NoteError::Malformed("no newline at the end"))?;
    let lines: Vec<NoteSignature> = lines.split('\n').map(NoteSignature::parse).collect::<Result<_, _>>()?;
    if lines.len() > NOTE_SIGNATURES {
        return Err(NoteError::TooLarge { given: lines.len(), limit: NOTE_SIGNATURES });
    }
    Ok(lines)
}

/// What is signed (C2SP tlog-cosignature, "Ed25519 signed message"): a header, the moment, the whole text of the checkpoint.
fn message(text: &str, at: UnixSeconds) -> String {
    format!("cosignature/v1\ntime {}\n{text}", at.0)
}
