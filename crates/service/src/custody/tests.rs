//! The two formats of custody: read as written, never a panic, nothing altered passes for what it was.

use super::share::{Fault, Of, Share};
use super::wrapped::{BYTES, Wrapped};
use proptest::prelude::*;
use zeroize::Zeroizing;

fn wrapped() -> impl Strategy<Value = Wrapped> {
    (any::<[u8; 16]>(), any::<[u8; 8]>(), any::<[u8; 12]>(), any::<[u8; 24]>(), any::<[u8; 24]>()).prop_map(
        |(store, master, nonce, head, tail)| {
            let mut ciphertext = [0; 48];
            ciphertext[..24].copy_from_slice(&head);
            ciphertext[24..].copy_from_slice(&tail);
            Wrapped { store, master, nonce, ciphertext }
        },
    )
}

fn share() -> impl Strategy<Value = Share> {
    let ids = (any::<[u8; 16]>(), any::<[u8; 8]>(), any::<[u8; 8]>());
    let numbers = (2..=255_u8).prop_flat_map(|shares| (Just(shares), 2..=shares, 1..=shares));
    (ids, numbers, any::<[u8; 32]>()).prop_map(|((store, master, escrow), (shares, threshold, number), value)| Share {
        of: Of { store, master, escrow, made: "2026-11-29".into(), shares, threshold },
        number,
        value: Zeroizing::new(value),
    })
}

proptest! {
    #[test]
    fn a_wrapped_key_is_read_as_it_was_written(wrapped in wrapped()) {
        prop_assert_eq!(Wrapped::parse(&wrapped.write()), Ok(wrapped));
    }

    #[test]
    fn a_wrapped_key_with_any_bit_turned_over_is_none(wrapped in wrapped(), at in 0..BYTES, bit in 0..8_u32) {
        let mut bytes = wrapped.write();
        bytes[at] ^= 1 << bit;
        prop_assert!(Wrapped::parse(&bytes).is_err());
    }

    #[test]
    fn any_bytes_are_a_wrapped_key_or_a_reason(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(read) = Wrapped::parse(&bytes) {
            prop_assert_eq!(read.write(), bytes);
        }
    }

    #[test]
    fn a_share_is_read_as_it_was_printed_and_as_it_is_typed_in(share in share(), spaces in 1..4_usize) {
        let printed = share.write();
        prop_assert!(Share::parse(&printed) == Ok(share.clone()));
        // Capitals, other spaces, blank lines, words before and after.
        let (before, block) = printed.split_at(printed.find("-----BEGIN").unwrap());
        let typed = block.replace(": ", &format!(" :{}", " ".repeat(spaces))).replace('\n', "\r\n\r\n");
        let typed = typed.lines().map(|line| if line.starts_with("-----") { line.to_owned() } else { line.to_uppercase() });
        let typed = format!("{before}{}\nvu", typed.collect::<Vec<_>>().join("\n"));
        prop_assert!(Share::parse(&typed) == Ok(share));
    }

    #[test]
    fn a_share_with_any_sign_changed_is_none_or_the_same(share in share(), at in any::<prop::sample::Index>(), sign in "[0-9a-f:g\n]") {
        let printed = share.write();
        let start = printed.find("-----BEGIN").unwrap();
        let at = start + at.index(printed.len() - start);
        let mut changed = printed.as_bytes().to_vec();
        changed[at] = sign.as_bytes()[0];
        let changed = String::from_utf8(changed).unwrap();
        if let Ok(read) = Share::parse(&changed) {
            prop_assert!(read == share, "{changed}");
        }
    }

    #[test]
    fn any_text_is_a_share_or_a_reason(text in "(-----BEGIN TABELLION SHARE-----)?[ -~\n]{0,300}(-----END TABELLION SHARE-----)?") {
        let _ = Share::parse(&text);
    }
}

fn one() -> Share {
    let of = Of { store: [1; 16], master: [2; 8], escrow: [3; 8], made: "2026-11-29".into(), shares: 5, threshold: 3 };
    Share { of, number: 2, value: Zeroizing::new([0xab; 32]) }
}

#[test]
fn what_is_wrong_with_a_share_is_said_line_by_line() {
    let printed = one().write();
    let fault = |from: &str, to: &str| {
        assert!(printed.contains(from), "{from} in {}", *printed);
        Share::parse(&printed.replace(from, to)).err()
    };
    assert_eq!(fault("\n2: abab", "\n2: abac"), Some(Fault::Row(2)));
    assert_eq!(fault("\n4: abab", "\n4: abab abab"), Some(Fault::Row(4)));
    assert_eq!(fault("\nmade: 2026", "\nmade: 2027"), Some(Fault::Checksum));
    assert_eq!(fault("\nmade: 2026-11-29", "\nmade: hier"), Some(Fault::Line("made")));
    assert_eq!(fault("\nshare: 2", "\nshare: 0"), Some(Fault::Line("share")));
    assert_eq!(fault("\nshare: 2", "\nshare: 3"), Some(Fault::Checksum));
    assert_eq!(fault("\nescrow: 03", "\nescrow: 04"), Some(Fault::Checksum));
    assert_eq!(fault("\nescrow: 03", "\nescrow: 04\nescrow: 03"), Some(Fault::Line("escrow")));
    assert_eq!(fault("version: 1", "version: 2"), Some(Fault::Version));
    assert_eq!(fault("-----END", "-----FIN"), Some(Fault::None));
    assert_eq!(Share::parse(&format!("{}{}", *printed, *printed)).err(), Some(Fault::None));
    assert_eq!(Share::parse("").err(), Some(Fault::None));
}

#[test]
fn a_share_is_printed_as_it_always_was() {
    // Frozen: sheets that people keep are read for ever.
    let kept = "-----BEGIN TABELLION SHARE-----\nversion: 1\nstore: 01010101010101010101010101010101\nmaster-key: 0202020202020202\n\
        escrow: 0303030303030303\nmade: 2026-11-29\nshare: 2\nshares: 5\nthreshold: 3\n";
    let printed = one().write();
    assert!(printed.contains(kept), "{}", *printed);
    assert!(printed.lines().all(|line| line.chars().count() <= 130), "it fits a sheet");
}

#[test]
fn shares_that_read_well_and_give_another_secret_are_refused() {
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("store.key"), "").unwrap();
    // Each bears its own checks, and the key that they name is not the one they give.
    let files: Vec<_> = (1..=3_u8)
        .map(|number| {
            let path = place.path().join(number.to_string());
            std::fs::write(&path, Share { number, ..one() }.write().as_bytes()).unwrap();
            path
        })
        .collect();
    match super::drill(place.path(), &files) {
        Err(crate::ServiceError::Trouble(trouble)) => assert_eq!(trouble.code, "shares-not-this-key"),
        other => panic!("{other:?}"),
    }
}
