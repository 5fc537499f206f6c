//! Notes and checkpoints beside the crates `signed_note` and `tlog_tiles`: each house reads and verifies what the other writes, the
//! bytes are the same, and what one refuses the other refuses, but for limits that are said.
#![allow(missing_docs, clippy::unwrap_used)]

use base64::prelude::{BASE64_STANDARD, Engine};
use proof::limits::{CHECKPOINT_EXTENSIONS, KEY_NAME_BYTES};
use proof::{Checkpoint, Hash, SignedNote, SigningKey, TreeSize, VerifierKey};
use proptest::prelude::*;
use signed_note::{Note, Signer, StandardSigner, StandardVerifier, Verifier, VerifierList};

/// The same key in the other house, which writes secret keys as text.
fn their_signer(key: &SigningKey, seed: &[u8; 32]) -> StandardSigner {
    let public = key.verifier_key();
    let hash = proof::hash::encode_hex(&public.key_hash());
    let secret = BASE64_STANDARD.encode([&[1], &seed[..]].concat());
    StandardSigner::new(&format!("PRIVATE+KEY+{}+{hash}+{secret}", public.name())).unwrap()
}

fn names() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z0-9.]{1,12}/[a-z]{1,5}", "[!-*,-~é\u{2014}\u{1f600}]{1,20}"]
}

/// Text of a note: any lines, blank ones too.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~é\n]{0,60}\n", "(log\n[0-9]{1,3}\n[A-Za-z0-9+/=]{0,44}\n){1,2}"]
}

/// What can be done to a text at a place.
fn mutated(text: &str, place: usize, what: u8, put: char) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let at = place % (characters.len() + 1);
    match what % 3 {
        0 => characters.insert(at, put),
        1 if at < characters.len() => characters[at] = put,
        _ if at < characters.len() => drop(characters.remove(at)),
        _ => characters.push(put),
    }
    characters.into_iter().collect()
}

fn any_put() -> impl Strategy<Value = char> {
    prop_oneof![4 => proptest::sample::select("\n\n -+=/\u{2014}0129azAZ\t\r\0\u{7f}".chars().collect::<Vec<_>>()), 1 => any::<char>()]
}

/// Our own further limits on a note that the other house takes.
fn beyond_our_limits(note: &Note) -> bool {
    note.to_bytes().len() > proof::limits::NOTE_BYTES
        || note_names(note).iter().any(|name| name.len() > KEY_NAME_BYTES || name.chars().any(char::is_control))
}

fn note_names(note: &Note) -> Vec<String> {
    let text = String::from_utf8(note.to_bytes()).unwrap();
    let lines = text.rsplit_once("\n\n").unwrap().1.lines();
    lines.map(|line| line.split(' ').nth(1).unwrap().to_owned()).collect()
}

/// Both houses say the same of these bytes as a note.
fn same_note(text: &str) {
    match (SignedNote::parse(text), Note::from_bytes(text.as_bytes())) {
        (Ok(ours), Ok(theirs)) => {
            assert_eq!(ours.text.as_bytes(), theirs.text());
            assert_eq!(ours.write().into_bytes(), theirs.to_bytes());
        }
        (Err(_), Ok(theirs)) => assert!(beyond_our_limits(&theirs), "{text:?}"),
        (ours, theirs) => assert!(ours.is_err() && theirs.is_err(), "{text:?}: {ours:?} {theirs:?}"),
    }
}

/// Both houses say the same of these bytes as a checkpoint.
fn same_checkpoint(text: &str) {
    match (Checkpoint::parse(text), tlog_tiles::Checkpoint::from_bytes(text.as_bytes())) {
        (Ok(ours), Ok(theirs)) => {
            assert_eq!(
                (ours.origin.as_str(), ours.size.0, ours.root.0),
                (theirs.origin(), theirs.size(), theirs.hash().0)
            );
            assert_eq!(ours.to_text().into_bytes(), theirs.to_bytes());
        }
        (Err(_), Ok(theirs)) => assert!(theirs.extension().lines().count() > CHECKPOINT_EXTENSIONS, "{text:?}"),
        (ours, theirs) => assert!(ours.is_err() && theirs.is_err(), "{text:?}: {ours:?} {theirs:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_note_of_one_house_is_read_and_verified_in_the_other(name in names(), text in texts(), seed: [u8; 32]) {
        let key = SigningKey::from_seed(&name, &seed).unwrap();
        let signer = their_signer(&key, &seed);
        let vkey = key.verifier_key().to_string();
        let verifier = StandardVerifier::new(&vkey).unwrap();
        prop_assert_eq!((verifier.name(), verifier.key_id().to_be_bytes()), (name.as_str(), key.verifier_key().key_hash()));
        prop_assert_eq!(signer.sign(text.as_bytes()).unwrap(), key.sign_bytes(text.as_bytes()));
        let ours = key.sign(&text);
        let mut theirs = Note::new(text.as_bytes(), &[]).unwrap();
        theirs.add_sigs(&[&signer]).unwrap();
        prop_assert_eq!(ours.as_bytes(), &theirs.to_bytes()[..]);
        let read = Note::from_bytes(ours.as_bytes()).unwrap();
        read.verify(&VerifierList::new(vec![Box::new(verifier)])).unwrap();
        let read = SignedNote::parse(&String::from_utf8(theirs.to_bytes()).unwrap()).unwrap();
        prop_assert_eq!(VerifierKey::parse(&vkey).unwrap().verify(&read), Ok(()));
    }

    #[test]
    fn both_houses_say_the_same_of_a_mutated_note(
        name in names(),
        text in texts(),
        lines in 1_usize..4,
        steps in proptest::collection::vec((any::<usize>(), any::<u8>(), any_put()), 1..4),
    ) {
        let key = SigningKey::from_seed(&name, &[7; 32]).unwrap();
        let signed = key.sign(&text);
        let line = signed.rsplit_once("\n\n").unwrap().1;
        let mut note = format!("{signed}{}", line.repeat(lines - 1));
        same_note(&note);
        let verifier = || VerifierList::new(vec![Box::new(StandardVerifier::new(&key.verifier_key().to_string()).unwrap())]);
        for (place, what, put) in steps {
            note = mutated(&note, place, what, put);
            same_note(&note);
            // Stricter than the other house, never laxer: we want every line of a key true, it wants the first.
            if let Ok(read) = SignedNote::parse(&note) && key.verifier_key().verify(&read).is_ok() {
                prop_assert!(Note::from_bytes(note.as_bytes()).unwrap().verify(&verifier()).is_ok(), "{:?}", note);
            }
        }
    }

    #[test]
    fn both_houses_say_the_same_of_a_mutated_key(
        name in names(),
        seed: [u8; 32],
        place: usize,
        what: u8,
        put in any_put(),
    ) {
        let vkey = SigningKey::from_seed(&name, &seed).unwrap().verifier_key().to_string();
        let altered = mutated(&vkey, place, what, put);
        match (VerifierKey::parse(&altered), StandardVerifier::new(&altered)) {
            (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours.key_hash(), theirs.key_id().to_be_bytes()),
            // One key has one text here: its hash is written in lower case only.
            (Err(_), Ok(_)) => prop_assert_eq!(altered.to_lowercase(), vkey.to_lowercase()),
            (ours, theirs) => prop_assert!(ours.is_err() && theirs.is_err(), "{}", altered),
        }
    }

    #[test]
    fn a_checkpoint_of_one_house_is_read_in_the_other(
        origin in names(),
        size: u64,
        root: [u8; 32],
        extensions in proptest::collection::vec("[!-~é][ -~é]{0,10}", 0..CHECKPOINT_EXTENSIONS + 1),
        steps in proptest::collection::vec((any::<usize>(), any::<u8>(), any_put()), 0..4),
    ) {
        let lines: String = extensions.iter().map(|line| format!("{line}\n")).collect();
        let theirs = tlog_tiles::Checkpoint::new(&origin, size, tlog_tiles::tlog::Hash(root), &lines).unwrap();
        let ours = Checkpoint { origin, size: TreeSize(size), root: Hash(root), extensions };
        let mut text = ours.to_text();
        prop_assert_eq!(text.as_bytes(), &theirs.to_bytes()[..]);
        prop_assert_eq!(Checkpoint::parse(&text), Ok(ours));
        same_checkpoint(&text);
        for (place, what, put) in steps {
            text = mutated(&text, place, what, put);
            same_checkpoint(&text);
        }
    }
}

#[test]
fn a_second_false_line_of_one_key_is_refused_here_and_overlooked_there() {
    let key = SigningKey::from_seed("log", &[5; 32]).unwrap();
    let mut note = SignedNote::parse(&key.sign("text\n")).unwrap();
    let mut false_line = note.signatures[0].clone();
    false_line.signature[10] ^= 1;
    note.signatures.push(false_line);
    assert!(key.verifier_key().verify(&note).is_err());
    let verifier = StandardVerifier::new(&key.verifier_key().to_string()).unwrap();
    let read = Note::from_bytes(note.write().as_bytes()).unwrap();
    assert!(read.verify(&VerifierList::new(vec![Box::new(verifier)])).is_ok());
}
