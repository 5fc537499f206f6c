//! C2SP tlog-cosignature.

use proof::limits::NOTE_SIGNATURES;
use proof::note::NoteError;
use proof::{SignedNote, SigningKey};
use watch::cosignature::parse_lines;
use watch::limits::{COSIGNATURES_BYTES, LAST_SECOND};
use watch::{CosignerKey, CosigningKey, UnixSeconds};

const TEXT: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

fn key(number: u8) -> CosigningKey {
    CosigningKey::from_seed("witness.example.com/w1", &[number; 32]).unwrap()
}

fn note(lines: &str) -> SignedNote {
    let log = SigningKey::from_seed("example.com/behind-the-sofa", &[1; 32]).unwrap();
    SignedNote::parse(&(log.sign(TEXT) + lines)).unwrap()
}

fn line(number: u8, text: &str, at: u64) -> String {
    key(number).cosign(text, UnixSeconds(at)).unwrap().write()
}

#[test]
fn a_cosignature_states_its_moment_and_its_head() {
    let (key, at) = (key(7), UnixSeconds(1_679_315_147));
    let cosignature = key.cosign(TEXT, at).unwrap();
    assert_eq!(cosignature.signature.len(), 72);
    assert_eq!(cosignature.signature[..8], 1_679_315_147u64.to_be_bytes());
    let public = key.cosigner_key();
    assert_eq!(public.verify(&note(&cosignature.write())), Ok(at));
    // The message of the specification, byte for byte, and nothing of the note's signature lines.
    let message = format!("cosignature/v1\ntime 1679315147\n{TEXT}");
    let plain = SigningKey::from_seed("any", &[7; 32]).unwrap();
    assert_eq!(cosignature.signature[8..], plain.sign_bytes(message.as_bytes()));
    // SHA-256(name || "\n" || 0x04 || key)[:4]
    let named = [public.name().as_bytes(), b"\n\x04", public.public()].concat();
    assert_eq!(cosignature.key_hash, proof::sha256(&named).0[..4]);
}

#[test]
fn a_vkey_of_type_4_is_read_as_it_is_written_and_no_other_is() {
    let public = key(7).cosigner_key().clone();
    assert_eq!(CosignerKey::parse(&public.to_string()), Ok(public));
    let log = SigningKey::from_seed("example.com/log", &[1; 32]).unwrap().verifier_key().to_string();
    assert_eq!(CosignerKey::parse(&log), Err(NoteError::KeyAlgorithm(1)));
    assert!(matches!(CosignerKey::parse("x"), Err(NoteError::Key(_))));
    assert!(CosigningKey::from_seed("a b", &[1; 32]).is_err() && CosigningKey::from_seed("a+b", &[1; 32]).is_err());
}

#[test]
fn another_text_moment_or_key_is_false_and_a_stranger_is_nobody() {
    let public = key(7).cosigner_key().clone();
    let false_ = Err(NoteError::BadSignature { name: public.name().to_owned() });
    let nobody = Err(NoteError::NotSigned { name: public.name().to_owned() });
    assert_eq!(public.verify(&note(&line(7, &TEXT.replace('3', "4"), 9))), false_);
    let mut moved = key(7).cosign(TEXT, UnixSeconds(9)).unwrap();
    moved.signature[7] = 10;
    assert_eq!(public.verify(&note(&moved.write())), false_);
    let mut short = key(7).cosign(TEXT, UnixSeconds(9)).unwrap();
    short.signature.pop();
    assert_eq!(public.verify(&note(&short.write())), false_);
    short.signature.truncate(3);
    assert_eq!(public.verify(&note(&short.write())), false_);
    // Same name, other key: another hash, so nobody of ours.
    assert_eq!(public.verify(&note(&line(8, TEXT, 9))), nobody);
    assert_eq!(public.verify(&note("")), nobody);
    // A plain note signature by the same 32 bytes is no cosignature.
    let plain = SigningKey::from_seed("witness.example.com/w1", &[7; 32]).unwrap().sign(TEXT);
    assert_eq!(public.verify(&SignedNote::parse(&plain).unwrap()), nobody);
    let mut worn = SignedNote::parse(&plain).unwrap();
    worn.signatures[0].key_hash = key(7).cosign(TEXT, UnixSeconds(9)).unwrap().key_hash;
    assert_eq!(public.verify(&worn), false_);
}

#[test]
fn of_several_lines_all_must_be_true_and_the_earliest_counts() {
    let public = key(7).cosigner_key().clone();
    assert_eq!(public.verify(&note(&(line(7, TEXT, 30) + &line(7, TEXT, 20)))), Ok(UnixSeconds(20)));
    assert!(public.verify(&note(&(line(7, TEXT, 30) + &line(7, "other\n1\nx\n", 20)))).is_err());
}

#[test]
fn moments_are_held_to_what_the_format_can_say() {
    for (at, made) in [(0, true), (1, true), (LAST_SECOND, true), (LAST_SECOND + 1, false)] {
        assert_eq!(key(7).cosign(TEXT, UnixSeconds(at)).is_some(), made, "{at}");
    }
    // One past the last, truly signed: still false.
    let at = LAST_SECOND + 1;
    let message = format!("cosignature/v1\ntime {at}\n{TEXT}");
    let mut beyond = key(7).cosign(TEXT, UnixSeconds(1)).unwrap();
    let plain = SigningKey::from_seed("any", &[7; 32]).unwrap();
    beyond.signature = [&at.to_be_bytes()[..], &plain.sign_bytes(message.as_bytes())].concat();
    assert!(key(7).cosigner_key().verify(&note(&beyond.write())).is_err());
}

#[test]
fn lines_travel_alone_within_their_limits() {
    assert_eq!(parse_lines(""), Ok(Vec::new()));
    let one = line(7, TEXT, 9);
    assert_eq!(parse_lines(&one).unwrap()[0].write(), one);
    assert_eq!(parse_lines(&one.repeat(NOTE_SIGNATURES)).unwrap().len(), NOTE_SIGNATURES);
    assert!(matches!(
        parse_lines(&one.repeat(NOTE_SIGNATURES + 1)),
        Err(NoteError::TooLarge { given: 101, limit: 100 })
    ));
    for broken in ["\n", "x\n", &format!("\n{one}"), &format!("{one}\n"), &format!("{one}\n{one}"), one.trim_end()] {
        assert!(matches!(parse_lines(broken), Err(NoteError::Malformed(_))), "{broken:?}");
    }
    let long = |bytes: usize| format!("\u{2014} {} AAAAAAAA\n", "n".repeat(bytes - 14));
    assert!(!matches!(parse_lines(&long(COSIGNATURES_BYTES)), Err(NoteError::TooLarge { .. })));
    assert!(matches!(parse_lines(&long(COSIGNATURES_BYTES + 1)), Err(NoteError::TooLarge { .. })));
}
