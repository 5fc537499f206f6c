//! ECDSA where ring does not verify it: other curves, other digests (FIPS 186-5 §6.4.2, RFC 5639).

use ecdsa::elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use ecdsa::elliptic_curve::{CurveArithmetic, FieldBytes, FieldBytesSize};
use ecdsa::hazmat::verify_prehashed;
use ecdsa::{EcdsaCurve, Signature, VerifyingKey};

use crate::signature::algorithm::KeyKind;
use crate::signature::brainpool512::BrainpoolP512r1;
use crate::tlv::{self, Tlv};

/// Verifies a DER signature (RFC 3279 §2.2.3) over a digest by a key (SEC 1 point): `None` when it is not one of this key.
pub(crate) type Method = fn(&[u8], &[u8], &[u8]) -> Option<()>;

/// Who verifies on the curve of this key.
pub(crate) fn method(kind: KeyKind) -> Option<Method> {
    Some(match kind {
        KeyKind::P256 => verify::<p256::NistP256>,
        KeyKind::P384 => verify::<p384::NistP384>,
        KeyKind::P521 => verify::<p521::NistP521>,
        KeyKind::BrainpoolP256 => verify::<bp256::BrainpoolP256r1>,
        KeyKind::BrainpoolP384 => verify::<bp384::BrainpoolP384r1>,
        KeyKind::BrainpoolP512 => verify::<BrainpoolP512r1>,
        KeyKind::Rsa | KeyKind::RsaPss(_) | KeyKind::Ed25519 => return None,
    })
}

fn verify<C>(point: &[u8], digest: &[u8], signature: &[u8]) -> Option<()>
where
    C: EcdsaCurve + CurveArithmetic,
    C::AffinePoint: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let (r, s) = (FieldBytes::<C>::default(), FieldBytes::<C>::default());
    let (r, s) = parts(signature, r, s)?;
    let signature = Signature::<C>::from_scalars(r, s).ok()?;
    let key = VerifyingKey::<C>::from_sec1_bytes(point).ok()?;
    verify_prehashed::<C>(&(*key.as_affine()).into(), digest, &signature).ok()
}

/// `r` and `s`, each right-aligned in the bytes given: DER and nothing else.
fn parts<B: AsMut<[u8]>>(signature: &[u8], mut r: B, mut s: B) -> Option<(B, B)> {
    const WHAT: &str = "ECDSA signature";
    crate::strict::check(signature).ok()?;
    let mut fields = Tlv::sole(signature, tlv::SEQUENCE, WHAT).ok()?.children();
    for out in [r.as_mut(), s.as_mut()] {
        let number = fields.expect(tlv::INTEGER, WHAT).ok()?.unsigned(WHAT).ok()?;
        let start = out.len().checked_sub(number.len())?;
        out.get_mut(start..)?.copy_from_slice(number);
    }
    fields.end(WHAT).ok()?;
    Some((r, s))
}
