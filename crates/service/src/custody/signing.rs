//! The key of the log in a token: it signs there (`CKM_EDDSA`, Ed25519), and never leaves it.
//!
//! Several may stand under the configured label, each with its own `CKA_ID`: the one in charge is known by its public half.

use super::pin::Asked;
use super::session::{Opened, Wanted};
use super::{logtrouble, trouble};
use crate::config::Config;
use crate::error::ServiceError;
use crate::home::Home;
use crate::random;
use cryptoki::error::Error;
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use ledger::Signer;
use proof::{SigningKey, VerifierKey};
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

/// `CKA_EC_PARAMS` of Ed25519, as tokens write it: the OID of RFC 8410, or the name of the curve in PKCS#11 3.0.
const CURVES: [&[u8]; 2] = [&[0x06, 0x03, 0x2b, 0x65, 0x70], b"\x13\x0cedwards25519"];
/// Bytes of a fresh `CKA_ID`.
const ID_BYTES: usize = 16;
/// What a key is tried on: no checkpoint, and no other note of ours.
const TRIED: &[u8] = b"tabellion: a key is tried\n";

/// The token with the log's keys under the configured label.
pub(super) struct Keyring {
    opened: Opened,
    origin: String,
}

/// A key of the log, private half in the token.
pub(super) struct Held {
    key: ObjectHandle,
    pub(super) public: VerifierKey,
}

/// Signs with a key in a token, whose session lasts.
pub(super) struct TokenSigner {
    opened: Mutex<Opened>,
    key: ObjectHandle,
    public: VerifierKey,
}

impl Keyring {
    /// The configured token, logged in; the PIN is tried once.
    pub(super) fn open(home: &Home, config: &Config, asked: Asked, writes: bool) -> Result<Self, ServiceError> {
        let named = config.keys.log.pkcs11.as_ref().ok_or_else(|| logtrouble::not_configured(&home.config()))?;
        let wanted = Wanted { named, credentials: config.keys.log_credentials(), asked, writes };
        Ok(Self { opened: Opened::open(home, &wanted)?, origin: config.origin.clone() })
    }

    /// Every key under the label, with its public half.
    pub(super) fn held(&self) -> Result<Vec<Held>, ServiceError> {
        let mut held = Vec::new();
        for key in self.opened.find(&[Attribute::Class(ObjectClass::PRIVATE_KEY), self.label()])? {
            let id = self.opened.said(key, &[AttributeType::Id])?.into_iter().find_map(|said| match said {
                Attribute::Id(id) => Some(id),
                _ => None,
            });
            held.push(Held { key, public: self.public(&id.unwrap_or_default())? });
        }
        Ok(held)
    }

    /// The key of this public half; the only one where none is said.
    pub(super) fn one(&self, wanted: Option<&VerifierKey>) -> Result<Held, ServiceError> {
        let named = &self.opened.named;
        let mut held = self.held()?;
        let there: Vec<String> = held.iter().map(|held| held.public.to_string()).collect();
        held.retain(|held| wanted.is_none_or(|wanted| *wanted == held.public));
        match (held.pop(), held.len()) {
            (Some(found), 0) => Ok(found),
            (Some(_), others) => Err(trouble::not_unique(&named.key, others + 1).into()),
            (None, _) => match wanted {
                Some(wanted) if !there.is_empty() => Err(logtrouble::not_in_token(&named.key, wanted, &there).into()),
                _ => Err(logtrouble::key_missing(&named.token, &named.key).into()),
            },
        }
    }

    /// This key signs from now on, having been tried.
    pub(super) fn signer(self, held: Held) -> Result<TokenSigner, ServiceError> {
        let wanted = [
            (Attribute::KeyType(KeyType::EC_EDWARDS), "CKK_EC_EDWARDS"),
            (Attribute::Sensitive(true), "CKA_SENSITIVE"),
            (Attribute::Extractable(false), "not CKA_EXTRACTABLE"),
            (Attribute::Sign(true), "CKA_SIGN"),
        ];
        let remedy = [
            "créer une clé Ed25519, sensible, non extractible, pour signer : tabellion keys generate --pkcs11",
            "make an Ed25519 key, sensitive, not extractable, to sign: tabellion keys generate --pkcs11",
        ];
        self.opened.strong(held.key, &wanted, remedy)?;
        let token = self.opened.named.token.clone();
        let signer = TokenSigner { opened: Mutex::new(self.opened), key: held.key, public: held.public };
        let signed = signer.sign_bytes(TRIED).map_err(|why| trouble::failed(&token, &why))?;
        match signer.public.verify_bytes(TRIED, &signed) {
            true => Ok(signer),
            false => Err(trouble::failed(&token, "what it signs is no signature of the public key beside it").into()),
        }
    }

    /// The one key under the label that is none of these, if there is one.
    pub(super) fn fresh(&self, used: &dyn Fn(&VerifierKey) -> bool) -> Result<Option<VerifierKey>, ServiceError> {
        let mut fresh: Vec<VerifierKey> = self.held()?.into_iter().map(|held| held.public).collect();
        fresh.retain(|key| !used(key));
        match (fresh.pop(), fresh.len()) {
            (found, 0) => Ok(found),
            (_, others) => Err(trouble::not_unique(&self.opened.named.key, others + 1).into()),
        }
    }

    /// A fresh key, made in the token.
    pub(super) fn generate(&self) -> Result<VerifierKey, ServiceError> {
        let id = random::bytes::<ID_BYTES>()?.to_vec();
        let mut last = None;
        for curve in CURVES {
            let private = [&self.private_half(&id)[..], &[Attribute::Private(true)]].concat();
            let public = self.public_half(&id, curve);
            match self.opened.session.generate_key_pair(&Mechanism::EccEdwardsKeyPairGen, &public, &private) {
                Ok(_) => return self.public(&id),
                Err(error) => last = Some(error),
            }
        }
        Err(self.refused("C_GenerateKeyPair", last))
    }

    /// The token holds this key too, whose secret stands elsewhere until then.
    pub(super) fn import(&self, key: &SigningKey, seed: &Zeroizing<[u8; 32]>) -> Result<(), ServiceError> {
        let id = random::bytes::<ID_BYTES>()?.to_vec();
        let mut last = None;
        for curve in CURVES {
            let kind = [Attribute::KeyType(KeyType::EC_EDWARDS), Attribute::EcParams(curve.to_vec())];
            let own = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Private(true)];
            let secret = [Attribute::Value(seed.to_vec())];
            let private = [&own[..], &kind, &self.private_half(&id), &secret].concat();
            let point = [&[0x04, 0x20], &key.verifier_key().public()[..]].concat();
            let beside = [Attribute::Class(ObjectClass::PUBLIC_KEY), kind[0].clone(), Attribute::EcPoint(point)];
            let public = [&beside[..], &self.public_half(&id, curve)].concat();
            let session = &self.opened.session;
            match session.create_object(&private).map(|made| (made, session.create_object(&public))) {
                Ok((_, Ok(_))) => return Ok(()),
                Ok((made, Err(error))) => {
                    // Half a key is none.
                    let _ = session.destroy_object(made);
                    last = Some(error);
                }
                Err(error) => last = Some(error),
            }
        }
        Err(self.refused("C_CreateObject", last))
    }

    fn refused(&self, call: &str, error: Option<Error>) -> ServiceError {
        let why = error.map_or_else(String::new, |error| error.to_string());
        logtrouble::not_made(&self.opened.named.token, &format!("{call}: {why}")).into()
    }

    fn label(&self) -> Attribute {
        Attribute::Label(self.opened.named.key.clone().into_bytes())
    }

    fn private_half(&self, id: &[u8]) -> Vec<Attribute> {
        let says =
            [Attribute::Token(true), Attribute::Sensitive(true), Attribute::Extractable(false), Attribute::Sign(true)];
        [&says[..], &[self.label(), Attribute::Id(id.to_vec())]].concat()
    }

    fn public_half(&self, id: &[u8], curve: &[u8]) -> Vec<Attribute> {
        let says = [Attribute::Token(true), Attribute::Verify(true), Attribute::EcParams(curve.to_vec())];
        [&says[..], &[self.label(), Attribute::Id(id.to_vec())]].concat()
    }

    /// The public key beside the private one of this id.
    fn public(&self, id: &[u8]) -> Result<VerifierKey, ServiceError> {
        let wanted = [Attribute::Class(ObjectClass::PUBLIC_KEY), self.label(), Attribute::Id(id.to_vec())];
        let named = &self.opened.named;
        let missing = || logtrouble::no_public_half(&named.token, &named.key);
        let found = self.opened.find(&wanted)?;
        let said = self.opened.said(*found.first().ok_or_else(missing)?, &[AttributeType::EcPoint])?;
        let point = said.into_iter().find_map(|said| match said {
            Attribute::EcPoint(point) => Some(point),
            _ => None,
        });
        let point = point.unwrap_or_default();
        // An OCTET STRING in PKCS#11 2.40, the bytes alone in 3.0.
        let bytes = point.strip_prefix(&[0x04, 0x20]).filter(|rest| rest.len() == 32).unwrap_or(&point);
        let bytes = <&[u8; 32]>::try_from(bytes).map_err(|_| missing())?;
        VerifierKey::from_public(&self.origin, bytes).map_err(|_| missing().into())
    }
}

impl Signer for TokenSigner {
    fn verifier_key(&self) -> &VerifierKey {
        &self.public
    }

    fn sign_bytes(&self, message: &[u8]) -> Result<[u8; 64], String> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let mechanism = Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519));
        let signed = opened.session.sign(&mechanism, self.key, message);
        let signed = signed.map_err(|error| opened.failed("C_Sign", &error).to_string())?;
        let length = signed.len();
        signed.try_into().map_err(|_| format!("C_Sign: {length} bytes"))
    }
}
