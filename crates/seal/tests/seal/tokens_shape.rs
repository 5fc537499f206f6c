//! The shape of tokens: what is too large, too many, out of order or not DER.

use seal::{SealError, Token, limits};

use crate::forge::*;
use crate::tokens::broken;

#[test]
fn certificates_as_many_as_the_limit_and_no_more() {
    let authority = Authority::default();
    let mut forge = Forge::new(&authority);
    forge.certificates = vec![authority.tsa_der.clone(); limits::CERTIFICATES];
    assert!(forge.report().passed());
    forge.certificates.push(authority.tsa_der.clone());
    assert!(matches!(Token::parse(&forge.der()), Err(SealError::TooLarge { .. })));
}

#[test]
fn signed_attributes_as_many_as_the_limit_and_no_more() {
    let authority = Authority::default();
    for (count, names) in
        [(limits::ATTRIBUTES, &[][..]), (limits::ATTRIBUTES + 1, &["signed-attributes", "ess-cert-id"])]
    {
        let mut forge = Forge::new(&authority);
        forge.attributes = Box::new(move |a, c| {
            let mut all = good_attributes(a, c);
            all.resize(count, attribute(SIGNING_TIME, &tlv(5, &[])));
            all
        });
        assert_eq!(broken(&forge.report()), names);
    }
}

#[test]
fn none_or_several_signers_are_refused() {
    let authority = Authority::default();
    for signers in [0, 2] {
        let mut forge = Forge::new(&authority);
        forge.signers = signers;
        assert!(matches!(Token::parse(&forge.der()), Err(SealError::Malformed { .. })), "{signers}");
    }
}

#[test]
fn critical_extension_of_the_statement_is_refused() {
    let authority = Authority::default();
    let mut forge = Forge::new(&authority);
    let extension = |critical: &[u8]| tlv(0xa1, &seq(&[&tlv(6, POLICY), critical, &tlv(4, &[])]));
    forge.extensions = extension(&[]);
    assert!(forge.report().passed());
    forge.extensions = extension(&tlv(1, &[0xff]));
    assert!(matches!(Token::parse(&forge.der()), Err(SealError::Unsupported { .. })));
}

#[test]
fn bytes_after_the_token_are_refused() {
    let mut der = Forge::new(&Authority::default()).der();
    der.push(0);
    assert!(matches!(Token::parse(&der), Err(SealError::Malformed { .. })));
}

#[test]
fn token_as_large_as_the_limit_is_read_and_no_larger() {
    let authority = Authority::default();
    let mut forge = Forge::new(&authority);
    for (size, read) in [(limits::MESSAGE_BYTES, true), (limits::MESSAGE_BYTES + 1, false)] {
        let mut filler = size - 1000;
        let der = loop {
            forge.certificates = vec![authority.tsa_der.clone(), tlv_long(filler)];
            let der = forge.der();
            if der.len() == size {
                break der;
            }
            filler = filler + size - der.len();
        };
        assert_eq!(Token::parse(&der).is_ok(), read);
        assert_eq!(matches!(Token::parse(&der), Err(SealError::TooLarge { .. })), !read);
    }
}

/// The same token with its outer framing as BER writers make it: indefinite lengths, the content in segments.
fn ber(der: &[u8]) -> Vec<u8> {
    let body = |bytes: &[u8]| {
        let header = if bytes[1] < 0x80 { 2 } else { 2 + usize::from(bytes[1] & 0x7f) };
        bytes[header..tlv_length(bytes)].to_vec()
    };
    let info = body(der);
    let (kind, explicit) = info.split_at(11);
    let data = body(&body(explicit));
    let at = data.windows(13).position(|w| w == tlv(6, TST_INFO)).unwrap();
    let start = at - if data[at - 2] == 0x81 { 3 } else { 2 };
    let (head, rest) = data.split_at(start);
    let inner = body(rest);
    let content_length = tlv_length(rest);
    let octets = body(&body(&inner[13..]));
    let (first, second) = octets.split_at(20);
    let segments = [&[0x24, 0x80][..], &tlv(4, first), &tlv(4, second), &[0, 0]].concat();
    let encapsulated = [&[0x30, 0x80][..], &tlv(6, TST_INFO), &[0xa0, 0x80], &segments, &[0; 4]].concat();
    let signed = [&[0x30, 0x80][..], head, &encapsulated, &rest[content_length..], &[0, 0]].concat();
    [&[0x30, 0x80][..], kind, &[0xa0, 0x80], &signed, &[0; 4]].concat()
}

fn tlv_length(bytes: &[u8]) -> usize {
    match bytes[1] {
        0x81 => 3 + usize::from(bytes[2]),
        0x82 => 4 + usize::from(bytes[2]) * 256 + usize::from(bytes[3]),
        n => 2 + usize::from(n),
    }
}

#[test]
fn ber_framing_is_judged_the_same_and_is_not_strict() {
    let authority = Authority::default();
    let der = Forge::new(&authority).der();
    let token = Token::parse(&ber(&der)).unwrap();
    assert!(judge(&token, std::slice::from_ref(&authority.ca_der), &[]).passed());
    assert_eq!(token.strict().unwrap_err().code(), "not-der");
    assert_eq!(token.as_der(), ber(&der), "the bytes received are kept");
    assert_eq!(Token::parse(&der).unwrap().strict(), Ok(()));
}

#[test]
fn signed_attributes_out_of_order_are_not_strict() {
    let authority = Authority::default();
    let mut forge = Forge::new(&authority);
    forge.after = |signed| {
        let first = 2 + usize::from(signed.attributes[1]);
        signed.attributes.rotate_left(first);
    };
    assert_eq!(forge.token().strict().unwrap_err().code(), "not-der");
}

/// A plain element of exactly `total` bytes, longer than 64 KiB.
fn tlv_long(total: usize) -> Vec<u8> {
    let length = total - 5;
    let mut out = vec![0xa1, 0x83, (length >> 16) as u8, (length >> 8) as u8, length as u8];
    out.resize(total, 0);
    out
}
