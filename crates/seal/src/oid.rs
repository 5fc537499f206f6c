//! Object identifiers, as the content octets of their DER.

use crate::limits;

/// What a signature over bytes that stand elsewhere says they are.
#[cfg(feature = "authority")]
pub(crate) const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
pub(crate) const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
pub(crate) const TST_INFO: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 1, 4];
pub(crate) const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 3];
pub(crate) const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 4];
pub(crate) const SIGNING_TIME: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 5];
pub(crate) const SIGNING_CERTIFICATE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 12];
pub(crate) const SIGNING_CERTIFICATE_V2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 47];
/// RFC 3161 §A: a token over a signature, beside it.
#[cfg(feature = "authority")]
pub(crate) const SIGNATURE_TIME_STAMP: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 14];
pub(crate) const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
pub(crate) const SHA384: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2];
pub(crate) const SHA512: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3];
pub(crate) const SHA224: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 4];
pub(crate) const SHA3_256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 8];
pub(crate) const SHA3_384: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 9];
pub(crate) const SHA3_512: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 10];
pub(crate) const SHA1: &[u8] = &[0x2b, 14, 3, 2, 26];
pub(crate) const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
pub(crate) const MGF1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];
pub(crate) const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
pub(crate) const RSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
pub(crate) const RSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12];
pub(crate) const RSA_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13];
pub(crate) const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
pub(crate) const ECDSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3];
pub(crate) const ECDSA_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4];
pub(crate) const RSA_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5];
pub(crate) const RSA_SHA224: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 14];
pub(crate) const RSA_SHA3_256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 14];
pub(crate) const RSA_SHA3_384: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 15];
pub(crate) const RSA_SHA3_512: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 16];
pub(crate) const ECDSA_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1];
pub(crate) const ECDSA_SHA224: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1];
pub(crate) const ECDSA_SHA3_256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 10];
pub(crate) const ECDSA_SHA3_384: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 11];
pub(crate) const ECDSA_SHA3_512: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 12];
pub(crate) const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
pub(crate) const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
pub(crate) const P384: &[u8] = &[0x2b, 0x81, 4, 0, 0x22];
pub(crate) const P521: &[u8] = &[0x2b, 0x81, 4, 0, 0x23];
pub(crate) const BP256: &[u8] = &[0x2b, 0x24, 3, 3, 2, 8, 1, 1, 7];
pub(crate) const BP384: &[u8] = &[0x2b, 0x24, 3, 3, 2, 8, 1, 1, 11];
pub(crate) const BP512: &[u8] = &[0x2b, 0x24, 3, 3, 2, 8, 1, 1, 13];
pub(crate) const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
pub(crate) const TIME_STAMPING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 8];

pub(crate) const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
pub(crate) const CODE_SIGNING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 3];
pub(crate) const EMAIL_PROTECTION: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 4];
/// RFC 9336, and those that PDF readers took before it.
pub(crate) const DOCUMENT_SIGNING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 36];
pub(crate) const DOCUMENT_SIGNING_ADOBE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x2f, 1, 1, 5];
pub(crate) const DOCUMENT_SIGNING_MICROSOFT: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 10, 3, 12];
pub(crate) const ANY_PURPOSE: &[u8] = &[0x55, 0x1d, 0x25, 0];
pub(crate) const OCSP_SIGNING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 9];
pub(crate) const OCSP_BASIC: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 48, 1, 1];
pub(crate) const OCSP_NOCHECK: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 48, 1, 5];
/// OtherRevocationInfoFormat of RFC 5940: an OCSP response among the lists of a SignedData.
pub(crate) const RI_OCSP_RESPONSE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 16, 2];
pub(crate) const KEY_USAGE: &[u8] = &[0x55, 0x1d, 15];
pub(crate) const REASON_CODE: &[u8] = &[0x55, 0x1d, 21];
pub(crate) const INVALIDITY_DATE: &[u8] = &[0x55, 0x1d, 24];
pub(crate) const DELTA_CRL: &[u8] = &[0x55, 0x1d, 27];
pub(crate) const ISSUING_DISTRIBUTION_POINT: &[u8] = &[0x55, 0x1d, 28];
/// id-aa-ets-certValues and id-aa-ets-revocationValues (RFC 5126 §6.3.3, §6.3.4).
pub(crate) const CERT_VALUES: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 23];
pub(crate) const REVOCATION_VALUES: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 24];

/// `1.2.840…` of these content octets; `None` when they are not the shortest form of one.
pub(crate) fn dotted(content: &[u8]) -> Option<String> {
    if content.is_empty() || content.len() > limits::OID_BYTES {
        return None;
    }
    let mut text = String::with_capacity(content.len().saturating_mul(4));
    let mut arc = 0u64;
    let mut fresh = true;
    for byte in content {
        if fresh && *byte == 0x80 {
            return None;
        }
        arc = arc.checked_mul(128)?.checked_add(u64::from(byte & 0x7f))?;
        fresh = byte & 0x80 == 0;
        if fresh {
            if text.is_empty() {
                let top = (arc / 40).min(2);
                push_decimal(&mut text, top);
                arc -= top * 40;
            }
            text.push('.');
            push_decimal(&mut text, arc);
            arc = 0;
        }
    }
    fresh.then_some(text)
}

/// Digit by digit: a judgement names a dozen identifiers, and each would be written by the machinery of formats.
fn push_decimal(text: &mut String, number: u64) {
    let mut power = 1;
    while number / power >= 10 {
        power *= 10;
    }
    while power > 0 {
        text.push(char::from(b'0' + (number / power % 10) as u8));
        power /= 10;
    }
}

/// The dotted form, or the octets where there is none: for messages only.
pub(crate) fn shown(content: &[u8]) -> String {
    dotted(content).unwrap_or_else(|| format!("oid:{}", crate::error::hex(content)))
}

/// The content octets of `1.2.840…`; `None` when the text is not an object identifier.
pub(crate) fn from_dotted(text: &str) -> Option<Vec<u8>> {
    let arcs = text.split('.').map(|a| a.parse::<u64>().ok()).collect::<Option<Vec<_>>>()?;
    let [top, second, rest @ ..] = arcs.as_slice() else {
        return None;
    };
    if *top > 2 || (*top < 2 && *second > 39) {
        return None;
    }
    let mut out = base128((top * 40).checked_add(*second)?);
    for arc in rest {
        out.extend(base128(*arc));
    }
    (out.len() <= limits::OID_BYTES && dotted(&out).as_deref() == Some(text)).then_some(out)
}

fn base128(mut number: u64) -> Vec<u8> {
    let mut out = vec![(number & 0x7f) as u8];
    while number > 0x7f {
        number >>= 7;
        out.push((number & 0x7f) as u8 | 0x80);
    }
    out.reverse();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_text_and_octets_agree() {
        for (text, content) in [
            ("1.2.840.113549.1.7.2", SIGNED_DATA),
            ("2.16.840.1.101.3.4.2.1", SHA256),
            ("1.3.6.1.5.5.7.3.8", TIME_STAMPING),
        ] {
            assert_eq!(dotted(content).as_deref(), Some(text));
            assert_eq!(from_dotted(text).as_deref(), Some(content));
        }
        assert_eq!(from_dotted("2.999.3").and_then(|c| dotted(&c)).as_deref(), Some("2.999.3"));
    }

    #[test]
    fn what_is_no_identifier_is_refused() {
        for text in ["", "1", "3.1", "1.40", "1.2.", "1.-2", "1.02.3", "1.2.18446744073709551616", "+1.2"] {
            assert_eq!(from_dotted(text), None, "{text}");
        }
        for content in [&[][..], &[0x80, 1], &[0x2a, 0x86], &[0xff; 12], &[1; limits::OID_BYTES + 1]] {
            assert_eq!(dotted(content), None, "{content:?}");
        }
        assert!(dotted(&[1; limits::OID_BYTES]).is_some());
    }
}
