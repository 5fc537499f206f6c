//! RSA signatures where ring does not verify them (RFC 8017 §8): the public operation by a big-integer library, the encodings ours.
//!
//! Verification handles public values only, so nothing here need take the same time. Encodings are made again and compared
//! (§8.2.2), never parsed: there is no DigestInfo to be lenient about.

use crypto_bigint::BoxedUint;
use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};

use crate::digest::DigestAlgorithm;
use crate::limits;
use crate::signature::algorithm::Pss;
use crate::strict;
use crate::tlv::{self, Tlv};
use crate::write;

/// Bits of the modulus of an RSAPublicKey (RFC 8017 §A.1.1) in DER.
pub(crate) fn modulus_bits(public_key: &[u8]) -> Option<usize> {
    let mut fields = Tlv::sole(public_key, tlv::SEQUENCE, "RSAPublicKey").ok()?.children();
    let modulus = fields.expect(tlv::INTEGER, "RSAPublicKey").ok()?.content;
    Some(bits(positive(modulus)?))
}

/// RSASSA-PKCS1-v1_5 (§8.2.2): `None` when the signature is not one.
pub(crate) fn verify_pkcs1(key: &[u8], digest: DigestAlgorithm, message: &[u8], signature: &[u8]) -> Option<()> {
    let (found, _) = recovered(key, signature)?;
    let null = write::element(tlv::NULL, &[]);
    let algorithm = write::sequence(&[&write::oid(digest.oid()), &null]);
    let info = write::sequence(&[&algorithm, &write::octets(&digest.digest(message))]);
    // §9.2: at least eight octets of padding.
    let padding = found.len().checked_sub(info.len() + 3).filter(|length| *length >= 8)?;
    let expected = [&[0, 1][..], &vec![0xff; padding], &[0], &info].concat();
    (expected == found).then_some(())
}

/// RSASSA-PSS (§8.1.2, §9.1.2), the salt exactly as long as the parameters say: `None` when the signature is not one.
pub(crate) fn verify_pss(key: &[u8], pss: Pss, message: &[u8], signature: &[u8]) -> Option<()> {
    let (found, modulus_bits) = recovered(key, signature)?;
    let em_bits = modulus_bits.checked_sub(1)?;
    let em_length = em_bits.div_ceil(8);
    // Where the encoded message is an octet shorter than the modulus, that octet is zero.
    let (beyond, em) = found.split_at_checked(found.len().checked_sub(em_length)?)?;
    let size = pss.digest.size();
    let masked_length = em_length.checked_sub(size + 1)?;
    let padding = masked_length.checked_sub(pss.salt)?.checked_sub(1)?;
    let (masked, rest) = em.split_at_checked(masked_length)?;
    let (hash, trailer) = rest.split_at_checked(size)?;
    let top = 0xff_u8.checked_shr(u32::try_from(8 * em_length - em_bits).ok()?)?;
    let within = masked.first()? & !top == 0;
    if !beyond.iter().all(|octet| *octet == 0) || trailer != [0xbc] || !within {
        return None;
    }
    let mask = mgf1(pss.mask, hash, masked_length);
    let mut block: Vec<u8> = masked.iter().zip(mask).map(|(a, b)| a ^ b).collect();
    *block.first_mut()? &= top;
    let (zeros, salt) = block.split_at_checked(padding + 1)?;
    let (one, zeros) = zeros.split_last()?;
    let block = [&[0; 8][..], &pss.digest.digest(message), salt].concat();
    let holds = *one == 1 && zeros.iter().all(|octet| *octet == 0) && pss.digest.digest(&block) == hash;
    holds.then_some(())
}

/// MGF1 (§B.2.1).
fn mgf1(digest: DigestAlgorithm, seed: &[u8], length: usize) -> Vec<u8> {
    let block = |counter: u32| digest.digest(&[seed, &counter.to_be_bytes()].concat());
    let mut mask: Vec<u8> = (0u32..).take(length.div_ceil(digest.size())).flat_map(block).collect();
    mask.truncate(length);
    mask
}

/// The message representative (§5.2.2) as octets of the modulus' length, and the modulus' bits.
fn recovered(key: &[u8], signature: &[u8]) -> Option<(Vec<u8>, usize)> {
    const WHAT: &str = "RSAPublicKey";
    strict::check(key).ok()?;
    let mut fields = Tlv::sole(key, tlv::SEQUENCE, WHAT).ok()?.children();
    let modulus = positive(fields.expect(tlv::INTEGER, WHAT).ok()?.content)?;
    let exponent = positive(fields.expect(tlv::INTEGER, WHAT).ok()?.content)?;
    fields.end(WHAT).ok()?;
    let sizes = limits::RSA_OLD_BITS..=limits::RSA_BITS;
    let sound = exponent.len() <= limits::RSA_EXPONENT_BYTES && exponent.last()? & 1 == 1 && exponent != [1];
    if !sizes.contains(&bits(modulus)) || !sound || signature.len() != modulus.len() {
        return None;
    }
    let precision = u32::try_from(8 * modulus.len()).ok()?;
    let number = |bytes: &[u8]| BoxedUint::from_be_slice(bytes, precision).ok();
    let (n, s) = (number(modulus)?, number(signature)?);
    if s >= n {
        return None;
    }
    let params = BoxedMontyParams::new_vartime(Option::from(n.to_odd())?);
    let exponent_bits = u32::try_from(bits(exponent)).ok()?;
    let power = BoxedMontyForm::new(s, &params).pow_bounded_exp(&number(exponent)?, exponent_bits).retrieve();
    let octets = power.to_be_bytes();
    // The library's numbers are whole words.
    let octets = octets.get(octets.len().checked_sub(modulus.len())?..)?;
    Some((octets.to_vec(), bits(modulus)))
}

/// The magnitude of a positive INTEGER's content.
fn positive(content: &[u8]) -> Option<&[u8]> {
    match content {
        [0, rest @ ..] if rest.first().is_some_and(|first| first & 0x80 != 0) => Some(rest),
        [first, ..] if (1..0x80).contains(first) => Some(content),
        _ => None,
    }
}

/// Bits of a magnitude without leading zero octets.
fn bits(magnitude: &[u8]) -> usize {
    magnitude.first().map_or(0, |first| 8 * magnitude.len() - first.leading_zeros() as usize)
}
