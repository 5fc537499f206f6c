//! Signed notes (C2SP signed-note) with Ed25519 keys.

use crate::hash::{Hash, encode_hex, sha256};
use crate::limits::{KEY_NAME_BYTES, NOTE_BYTES, NOTE_SIGNATURES};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use core::fmt;
use ed25519_dalek::Signer;

/// C2SP signed-note: the type byte of Ed25519 keys.
const ED25519: u8 = 0x01;

/// A text and the signatures under it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedNote {
    /// What is signed, its final newline included.
    pub text: String,
    /// Signature lines in the order they stand.
    pub signatures: Vec<NoteSignature>,
}

/// One signature line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoteSignature {
    /// Name of the key.
    pub name: String,
    /// First four bytes of SHA-256(name ‖ newline ‖ type ‖ key).
    pub key_hash: [u8; 4],
    /// The signature itself, of whatever algorithm the key has.
    pub signature: Vec<u8>,
}

/// Why a note or a key is not one, or a signature does not count.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum NoteError {
    /// More bytes, or more signature lines, than the limit.
    TooLarge {
        /// Given.
        given: usize,
        /// Allowed.
        limit: usize,
    },
    /// Not a signed note: what is missing or out of place.
    Malformed(&'static str),
    /// The key is not written as `name+hash+base64`, or its hash is another's.
    Key(&'static str),
    /// The key's type byte is another than the one expected.
    KeyAlgorithm(u8),
    /// No line bears this key's name and hash.
    NotSigned {
        /// The key looked for.
        name: String,
    },
    /// A line bears the key's name and hash, and its signature is false.
    BadSignature {
        /// The key.
        name: String,
    },
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { given, limit } => write!(f, "{given} bytes or lines, the limit is {limit}"),
            Self::Malformed(what) => write!(f, "not a signed note: {what}"),
            Self::Key(what) => write!(f, "not a key: {what}"),
            Self::KeyAlgorithm(kind) => write!(f, "key type 0x{kind:02x} is not the one expected"),
            Self::NotSigned { name } => write!(f, "no signature by {name}"),
            Self::BadSignature { name } => write!(f, "the signature by {name} is false"),
        }
    }
}
impl core::error::Error for NoteError {}

impl SignedNote {
    /// The note these bytes hold; no signature is checked yet.
    ///
    /// # Errors
    /// [`NoteError::TooLarge`], [`NoteError::Malformed`].
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        if note.len() > NOTE_BYTES {
            return Err(NoteError::TooLarge { given: note.len(), limit: NOTE_BYTES });
        }
        if note.chars().any(|c| c < ' ' && c != '\n') {
            return Err(NoteError::Malformed("control character"));
        }
        // The last blank line: a text may itself hold blank lines.
        let (head, lines) = note.rsplit_once("\n\n").ok_or(NoteError::Malformed("no blank line"))?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Malformed("no newline at the end"))?;
        let signatures: Vec<_> = lines.split('\n').map(NoteSignature::parse).collect::<Result<_, _>>()?;
        if signatures.len() > NOTE_SIGNATURES {
            return Err(NoteError::TooLarge { given: signatures.len(), limit: NOTE_SIGNATURES });
        }
        Ok(Self { text: format!("{head}\n"), signatures })
    }

    /// The note as it is published.
    pub fn write(&self) -> String {
        let lines: String = self.signatures.iter().map(NoteSignature::write).collect();
        format!("{}\n{lines}", self.text)
    }
}

impl NoteSignature {
    /// The signature this line holds, its newline left out; nothing is checked yet.
    ///
    /// # Errors
    /// [`NoteError::Malformed`].
    pub fn parse(line: &str) -> Result<Self, NoteError> {
        let rest = line.strip_prefix("\u{2014} ").ok_or(NoteError::Malformed("signature line without its dash"))?;
        let (name, encoded) = rest.split_once(' ').ok_or(NoteError::Malformed("signature line without a name"))?;
        check_name(name).map_err(NoteError::Malformed)?;
        let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| NoteError::Malformed("signature is not base64"))?;
        match bytes.split_first_chunk::<4>() {
            Some((key_hash, signature)) if !signature.is_empty() => {
                Ok(Self { name: name.to_string(), key_hash: *key_hash, signature: signature.to_vec() })
            }
            _ => Err(NoteError::Malformed("signature too short")),
        }
    }

    /// The line, its newline included.
    pub fn write(&self) -> String {
        let bytes = [&self.key_hash[..], &self.signature].concat();
        format!("\u{2014} {} {}\n", self.name, BASE64_STANDARD.encode(bytes))
    }
}

/// An Ed25519 key that can check signatures under notes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifierKey {
    name: String,
    key_hash: [u8; 4],
    key: ed25519_dalek::VerifyingKey,
}

impl VerifierKey {
    /// The key written as `name+hash+base64(type ‖ key)` (C2SP vkey).
    ///
    /// # Errors
    /// [`NoteError::Key`], [`NoteError::KeyAlgorithm`].
    pub fn parse(vkey: &str) -> Result<Self, NoteError> {
        let (name, key) = parse_vkey(vkey, ED25519)?;
        Self::from_public(name, &key)
    }

    /// The key of this name and these 32 bytes.
    ///
    /// # Errors
    /// [`NoteError::Key`]: a name with a space or plus sign, bytes that are no point of the curve.
    pub fn from_public(name: &str, key: &[u8; 32]) -> Result<Self, NoteError> {
        check_name(name).map_err(NoteError::Key)?;
        let parsed = ed25519_dalek::VerifyingKey::from_bytes(key).map_err(|_| NoteError::Key("not an Ed25519 key"))?;
        Ok(Self { name: name.to_string(), key_hash: key_hash(name, ED25519, key), key: parsed })
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// First four bytes of SHA-256(name ‖ newline ‖ type ‖ key).
    pub fn key_hash(&self) -> [u8; 4] {
        self.key_hash
    }

    /// The 32 bytes of the key (RFC 8032 §5.1.5).
    pub fn public(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// The note bears a true signature by this key over its text (RFC 8032, strict: no small order, canonical s).
    ///
    /// # Errors
    /// [`NoteError::NotSigned`] when no line names the key; [`NoteError::BadSignature`] when one does and is false.
    pub fn verify(&self, note: &SignedNote) -> Result<(), NoteError> {
        let mut ours = note.signatures.iter().filter(|s| s.name == self.name && s.key_hash == self.key_hash).peekable();
        if ours.peek().is_none() {
            return Err(NoteError::NotSigned { name: self.name.clone() });
        }
        // Every line that bears the key's name must be true: a second, false one is no ornament.
        if ours.all(|line| self.verify_bytes(note.text.as_bytes(), &line.signature)) {
            Ok(())
        } else {
            Err(NoteError::BadSignature { name: self.name.clone() })
        }
    }

    /// Whether these 64 bytes are this key's signature of the message, by the strict rules.
    pub fn verify_bytes(&self, message: &[u8], signature: &[u8]) -> bool {
        ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&write_vkey(&self.name, ED25519, self.public()))
    }
}

/// An Ed25519 key that can sign notes. Its bytes are wiped when it is dropped, and never printed.
pub struct SigningKey {
    verifier: VerifierKey,
    key: ed25519_dalek::SigningKey,
}

impl SigningKey {
    /// The key of this name grown from 32 secret random bytes (RFC 8032 §5.1.5).
    ///
    /// # Errors
    /// [`NoteError::Key`]: a name with a space or plus sign.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        Ok(Self { verifier: VerifierKey::from_public(name, key.verifying_key().as_bytes())?, key })
    }

    /// The public half.
    pub fn verifier_key(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The complete signed note over this text (which ends with a newline). Deterministic: same text, same bytes.
    pub fn sign(&self, text: &str) -> String {
        let signature = NoteSignature {
            name: self.verifier.name.clone(),
            key_hash: self.verifier.key_hash,
            signature: self.sign_bytes(text.as_bytes()).to_vec(),
        };
        SignedNote { text: text.to_string(), signatures: [signature].into() }.write()
    }

    /// The signature of these very bytes (RFC 8032 §5.1.6). Deterministic.
    pub fn sign_bytes(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

/// First four bytes of SHA-256(name ‖ newline ‖ type ‖ key): how a signature line names its key.
pub fn key_hash(name: &str, kind: u8, key: &[u8; 32]) -> [u8; 4] {
    let Hash([a, b, c, d, ..]) = sha256(&[name.as_bytes(), &[b'\n', kind], key].concat());
    [a, b, c, d]
}

/// Name and 32 bytes of the key written as `name+hash+base64(type ‖ key)` (C2SP vkey), the type being this one and the hash its own.
///
/// # Errors
/// [`NoteError::Key`], [`NoteError::KeyAlgorithm`].
pub fn parse_vkey(vkey: &str, kind: u8) -> Result<(&str, [u8; 32]), NoteError> {
    let mut fields = vkey.splitn(3, '+');
    let (Some(name), Some(hash), Some(encoded)) = (fields.next(), fields.next(), fields.next()) else {
        return Err(NoteError::Key("three fields are needed"));
    };
    check_name(name).map_err(NoteError::Key)?;
    let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| NoteError::Key("not base64"))?;
    let (given, key) = bytes.split_first().ok_or(NoteError::Key("empty"))?;
    if *given != kind {
        return Err(NoteError::KeyAlgorithm(*given));
    }
    let key: [u8; 32] = key.try_into().map_err(|_| NoteError::Key("not 32 bytes"))?;
    if encode_hex(&key_hash(name, kind, &key)) == hash {
        Ok((name, key))
    } else {
        Err(NoteError::Key("its hash is another's"))
    }
}

/// The key as `name+hash+base64(type ‖ key)` (C2SP vkey).
pub fn write_vkey(name: &str, kind: u8, key: &[u8; 32]) -> String {
    let hash = encode_hex(&key_hash(name, kind, key));
    let bytes = [&[kind], &key[..]].concat();
    format!("{name}+{hash}+{}", BASE64_STANDARD.encode(bytes))
}

/// A name that can stand in a signature line and in a key: not empty, no space, no plus sign.
fn check_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() || name.len() > KEY_NAME_BYTES {
        return Err("the name is empty or too long");
    }
    if name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+') {
        return Err("the name holds a space, a control character or a plus sign");
    }
    Ok(())
}
