//! Every parser of the crate: what is written reads back, no text makes one panic, and no value has two texts, which is seen by
//! writing again whatever was read of a mutated text.
#![allow(missing_docs, clippy::unwrap_used)]

use proof::hash::{decode_hex, encode_hex};
use proof::json::Canonical;
use proof::leaf::{Leaf, SealLeaf, entry_leaf};
use proof::record::{EntryRecord, FileRecord, Kind, LogRecord};
use proof::time::{format_rfc3339, parse_rfc3339};
use proof::tlog_proof::{parse_hashes, write_hashes};
use proof::*;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

/// The text of what these bytes are read as, `None` when they are refused.
type Rewritten = fn(&[u8]) -> Option<Vec<u8>>;

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// Name, what is read and written again, an example.
fn parsers() -> Vec<(&'static str, Rewritten, Vec<u8>)> {
    let key = SigningKey::from_seed("example.org/log", &[5; 32]).unwrap();
    let checkpoint = Checkpoint {
        origin: "example.org/log".into(),
        size: TreeSize(1234),
        root: sha256(b"root"),
        extensions: vec!["one".into(), "two".into()],
    };
    let note = key.sign(&checkpoint.to_text());
    let path = vec![sha256(b"1"), sha256(b"2")];
    let proof =
        TlogProof { extra: Some(vec![1, 2, 3]), index: Index(77), path: path.clone(), checkpoint: note.clone() };
    let bare = TlogProof { extra: None, path: Vec::new(), ..proof.clone() };
    let line = note.lines().last().unwrap().to_owned();
    let seal = SealLeaf {
        batch: 1,
        first: Index(2),
        end: TreeSize(3),
        ers_root: sha256(b"a"),
        register_root: sha256(b"b"),
        token_sha256: sha256(b"c"),
        token_sha512: sha512(b"c"),
    };
    vec![
        ("note", |b| Some(SignedNote::parse(text(b)?).ok()?.write().into()), note.clone().into()),
        ("line", |b| Some(note::NoteSignature::parse(text(b)?).ok()?.write().trim_end().into()), line.into()),
        (
            "vkey",
            |b| Some(VerifierKey::parse(text(b)?).ok()?.to_string().into()),
            key.verifier_key().to_string().into(),
        ),
        ("checkpoint", |b| Some(Checkpoint::parse(text(b)?).ok()?.to_text().into()), checkpoint.to_text().into()),
        ("proof", |b| Some(TlogProof::parse(text(b)?).ok()?.write().into()), proof.write().into()),
        ("bare proof", |b| Some(TlogProof::parse(text(b)?).ok()?.write().into()), bare.write().into()),
        ("path", |b| Some(write_hashes(&parse_hashes(text(b)?)?).into()), write_hashes(&path).into()),
        ("leaf", |b| rewritten_leaf(b, entry_leaf(b"R")), entry_leaf(b"R")),
        ("seal", |b| rewritten_leaf(b, entry_leaf(b"R")), seal.to_bytes()),
        ("E", |b| EntryRecord::parse(b).ok()?.to_bytes().ok(), entry_record().to_bytes().unwrap()),
        ("F", |b| FileRecord::parse(b).ok()?.to_bytes().ok(), file_record(Some("/w==".into())).to_bytes().unwrap()),
        ("plain F", |b| FileRecord::parse(b).ok()?.to_bytes().ok(), file_record(None).to_bytes().unwrap()),
        ("R", |b| LogRecord::parse(b).ok()?.to_bytes().ok(), log_record().to_bytes().unwrap()),
        ("JSON", |b| Some(Canonical::parse(b, 1 << 20).ok()?.text().into()), b"{\"a\":[1,-2,\"\\n\\u0001\"]}".to_vec()),
        ("time", |b| Some(format_rfc3339(parse_rfc3339(text(b)?)?).into()), b"2026-11-23T21:10:27.123Z".to_vec()),
        ("id", |b| Some(EntryId::parse(text(b)?)?.to_string().into()), EntryId([0x5a; 16]).to_string().into()),
        ("tenant", |b| Some(TenantId::parse(text(b)?)?.to_string().into()), TenantId([0xc3; 16]).to_string().into()),
        ("sha256", |b| Some(Hash::from_hex(text(b)?)?.to_string().into()), sha256(b"x").to_string().into()),
        ("sha512", |b| Some(Hash512::from_hex(text(b)?)?.to_string().into()), sha512(b"x").to_string().into()),
        ("hex", |b| Some(encode_hex(&decode_hex(text(b)?)?).into()), b"00ff12".to_vec()),
        ("decimal", |b| Some(checkpoint::parse_decimal(text(b)?)?.to_string().into()), b"1234".to_vec()),
        ("kind", |b| Some(Kind::parse(text(b)?)?.as_str().into()), b"deposit".to_vec()),
    ]
}

/// An entry's leaf holds the two digests of `R` and nothing else.
fn rewritten_leaf(bytes: &[u8], head: Vec<u8>) -> Option<Vec<u8>> {
    Some(match Leaf::parse(bytes).ok()? {
        Leaf::Entry { record_sha256, record_sha512 } => {
            [&head[..2], record_sha256.as_ref(), record_sha512.as_ref()].concat()
        }
        Leaf::Seal(seal) => seal.to_bytes(),
        _ => unreachable!("a leaf of a family this test does not know"),
    })
}

fn canonical(value: Value) -> Canonical {
    Canonical::parse(value.to_string().as_bytes(), 1 << 20).unwrap()
}

fn entry_record() -> EntryRecord {
    EntryRecord {
        kind: Kind::Deposit,
        facts: [("objet".to_owned(), Canonical::string("tri \"sélectif\"\n"))].into(),
        findings: vec![canonical(serde_json::json!({"code": "x", "at": [1, 2]}))],
        file_count: 2,
        files_sha256: sha256(b"root"),
        files_sha512: sha512(b"root"),
        salt: [2; 32],
        rest: [("later".to_owned(), canonical(serde_json::json!({"a": null})))].into(),
    }
}

fn file_record(name_base64: Option<String>) -> FileRecord {
    FileRecord {
        number: FileNumber(2),
        parent: name_base64.is_some().then_some(FileNumber(1)),
        name: "délibération.pdf".into(),
        name_base64,
        size: 5,
        sha256: sha256(b"hello"),
        sha512: sha512(b"hello"),
        media_type: "application/pdf".into(),
        salt: [1; 32],
        rest: json::Members::new(),
    }
}

fn log_record() -> LogRecord {
    LogRecord {
        id: EntryId([7; 16]),
        tenant: TenantId([9; 16]),
        sequence: Sequence(2),
        previous: Some(sha256(b"previous")),
        received_at: UnixMillis(1_795_468_227_123),
        kind: Kind::Administration,
        entry_sha256: sha256(b"E"),
        entry_sha512: sha512(b"E"),
        salt: [3; 32],
        rest: json::Members::new(),
    }
}

/// At a place: a byte changed, put in, taken out; a stretch said twice, moved to the end, cut off.
fn mutated(bytes: &[u8], place: usize, what: u8, byte: u8) -> Vec<u8> {
    let (head, tail) = bytes.split_at(place % (bytes.len() + 1));
    let few = usize::from(byte % 40).min(tail.len());
    match what % 6 {
        0 => [head, &[byte], tail.get(1..).unwrap_or_default()].concat(),
        1 => [head, &[byte], tail].concat(),
        2 => [head, tail.get(1..).unwrap_or_default()].concat(),
        3 => [head, &tail[..few], tail].concat(),
        4 => [tail, head].concat(),
        _ => head.to_vec(),
    }
}

fn any_byte() -> impl Strategy<Value = u8> {
    prop_oneof![4 => proptest::sample::select(b"\n\n \"\\{}[]:,+-=/0129abfzAZ\xe2\x80\x94".to_vec()), 1 => any::<u8>()]
}

#[test]
fn every_example_reads_back_as_written() {
    for (name, rewritten, example) in parsers() {
        assert_eq!(rewritten(&example).as_ref(), Some(&example), "{name}");
        for end in 0..example.len() {
            let cut = &example[..end];
            assert!(rewritten(cut).is_none_or(|again| again == cut), "{name} cut to {end}");
        }
    }
}

#[test]
fn every_single_changed_bit_is_refused_or_another_value() {
    for (name, rewritten, example) in parsers() {
        for place in 0..example.len() {
            for bit in 0..8 {
                let mut altered = example.clone();
                altered[place] ^= 1 << bit;
                assert!(rewritten(&altered).is_none_or(|again| again == altered), "{name} {place} {bit}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn no_mutated_text_is_a_second_text_of_a_value(
        steps in vec((any::<usize>(), any::<u8>(), any_byte()), 1..5),
    ) {
        for (name, rewritten, example) in parsers() {
            let mut altered = example;
            for (place, what, byte) in &steps {
                altered = mutated(&altered, *place, *what, *byte);
                let again = rewritten(&altered);
                prop_assert!(again.is_none_or(|again| again == altered), "{}: {}", name, String::from_utf8_lossy(&altered));
            }
        }
    }

    #[test]
    fn no_bytes_make_a_parser_panic(bytes in vec(any_byte(), 0..300)) {
        for (name, rewritten, _) in parsers() {
            prop_assert!(rewritten(&bytes).is_none_or(|again| again == bytes), "{}", name);
        }
    }

    #[test]
    fn any_record_reads_back(
        texts: [String; 3],
        numbers in [0_u64..1 << 53, 0..1 << 53, 0..1 << 53],
        bytes: [u8; 32],
        millis in 0_u64..253_402_300_800_000,
        which: [bool; 3],
    ) {
        let [name, other, fact] = texts;
        let file = FileRecord {
            number: FileNumber(numbers[0]),
            parent: which[0].then_some(FileNumber(numbers[1])),
            name,
            name_base64: which[1].then_some(other),
            size: numbers[2],
            sha256: Hash(bytes),
            ..file_record(None)
        };
        prop_assert_eq!(FileRecord::parse(&file.to_bytes().unwrap()), Ok(file));
        let entry = EntryRecord { facts: [("a".to_owned(), Canonical::string(&fact))].into(), salt: bytes, ..entry_record() };
        prop_assert_eq!(EntryRecord::parse(&entry.to_bytes().unwrap()), Ok(entry));
        let log = LogRecord {
            sequence: Sequence(numbers[0]),
            previous: which[2].then_some(Hash(bytes)),
            received_at: UnixMillis(millis),
            ..log_record()
        };
        prop_assert_eq!(LogRecord::parse(&log.to_bytes().unwrap()), Ok(log));
    }

    #[test]
    fn any_proof_and_note_read_back(
        extra in proptest::option::of(vec(any::<u8>(), 0..40)),
        index: u64,
        path in vec(any::<[u8; 32]>(), 0..65),
        lines in vec("[ -~é]{0,30}", 1..5),
        seed: [u8; 32],
    ) {
        let key = SigningKey::from_seed("example.org/log", &seed).unwrap();
        let checkpoint = key.sign(&lines.iter().map(|line| format!("{line}\n")).collect::<String>());
        let note = SignedNote::parse(&checkpoint).unwrap();
        prop_assert_eq!(key.verifier_key().verify(&note), Ok(()));
        prop_assert_eq!(note.write(), checkpoint.clone());
        let proof = TlogProof { extra, index: Index(index), path: path.into_iter().map(Hash).collect(), checkpoint };
        prop_assert_eq!(TlogProof::parse(&proof.write()), Ok(proof));
    }
}
