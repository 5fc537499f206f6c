//! Records, notes, proofs, times, identifiers: round trips, limits at and one past, no panic.
#![allow(missing_docs, clippy::unwrap_used)]

use proof::checkpoint::CheckpointError;
use proof::hash::encode_hex;
use proof::json::{Canonical, Members};
use proof::leaf::{Leaf, SealLeaf, entry_leaf};
use proof::limits;
use proof::note::NoteError;
use proof::record::{EntryRecord, FileRecord, Kind, LogRecord, RecordError};
use proof::time::{format_rfc3339, parse_rfc3339};
use proof::tlog_proof::{ProofError, parse_hashes, write_hashes};
use proof::*;
use proptest::prelude::*;
use serde_json::{Value, json};

/// `serde_json` sorts its maps and writes no white space: of integers, ASCII keys and text it writes the canonical form.
fn canonical(value: &Value) -> Canonical {
    Canonical::parse(value.to_string().as_bytes(), 1 << 20).unwrap()
}

fn bytes_of(value: &Value) -> Vec<u8> {
    canonical(value).text().as_bytes().to_vec()
}

fn log_record() -> LogRecord {
    LogRecord {
        id: EntryId([7; 16]),
        tenant: TenantId([9; 16]),
        sequence: Sequence(2),
        previous: Some(sha256(b"previous")),
        received_at: UnixMillis(1_795_468_227_123),
        kind: Kind::Deposit,
        entry_sha256: sha256(b"E"),
        entry_sha512: sha512(b"E"),
        salt: [3; 32],
        rest: Members::new(),
    }
}

fn file_record() -> FileRecord {
    FileRecord {
        number: FileNumber(2),
        parent: Some(FileNumber(1)),
        name: "délibération.pdf".into(),
        name_base64: None,
        size: 5,
        sha256: sha256(b"hello"),
        sha512: sha512(b"hello"),
        media_type: "application/pdf".into(),
        salt: [1; 32],
        rest: Members::new(),
    }
}

fn entry_record() -> EntryRecord {
    EntryRecord {
        kind: Kind::Deposit,
        facts: canonical(&json!({"id_acte": "034-243400017-20190523-86351-CC"})).to_members().unwrap(),
        findings: vec![canonical(&json!({"code": "x"}))],
        file_count: 2,
        files_sha256: sha256(b"root"),
        files_sha512: sha512(b"root"),
        salt: [2; 32],
        rest: Members::new(),
    }
}

#[test]
fn records_read_back_as_written() {
    assert_eq!(LogRecord::parse(&log_record().to_bytes().unwrap()), Ok(log_record()));
    assert_eq!(FileRecord::parse(&file_record().to_bytes().unwrap()), Ok(file_record()));
    assert_eq!(EntryRecord::parse(&entry_record().to_bytes().unwrap()), Ok(entry_record()));
    let first = LogRecord { previous: None, sequence: Sequence(1), ..log_record() };
    assert_eq!(LogRecord::parse(&first.to_bytes().unwrap()), Ok(first));
    let odd = FileRecord { parent: None, name_base64: Some("/w==".into()), ..file_record() };
    assert_eq!(FileRecord::parse(&odd.to_bytes().unwrap()), Ok(odd));
}

#[test]
fn the_bytes_of_a_record_are_frozen() {
    let bytes = log_record().to_bytes().unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.starts_with("{\"entry_sha256\":\"a9f51566bd6705f7ea6ad54bb9deb449f795582d6529a0e22207b8981233ec58\""));
    assert!(text.contains("\"received_at\":\"2026-11-23T21:10:27.123Z\""), "{text}");
    assert!(bytes.len() < 900, "a few hundred bytes: {}", bytes.len());
    assert_eq!(sha256(&bytes).to_string(), include_str!("frozen-log-record.sha256").trim());
}

#[test]
fn unknown_fields_are_kept_and_an_unknown_version_is_told_apart() {
    let mut value: Value = serde_json::from_slice(&log_record().to_bytes().unwrap()).unwrap();
    value["later"] = json!([1, "deux"]);
    let bytes = bytes_of(&value);
    let read = LogRecord::parse(&bytes).unwrap();
    assert_eq!(read.rest["later"], canonical(&json!([1, "deux"])));
    assert_eq!(read.to_bytes().unwrap(), bytes);
    value["version"] = json!(2);
    assert_eq!(LogRecord::parse(&bytes_of(&value)), Err(RecordError::UnknownVersion(canonical(&json!(2)))));
}

#[test]
fn each_field_missing_or_of_another_shape_is_named() {
    let value: Value = serde_json::from_slice(&log_record().to_bytes().unwrap()).unwrap();
    for name in value.as_object().unwrap().keys() {
        let mut without = value.clone();
        without.as_object_mut().unwrap().remove(name);
        assert!(LogRecord::parse(&bytes_of(&without)).is_err(), "{name}");
        let mut odd = value.clone();
        odd[name] = json!({});
        assert!(LogRecord::parse(&bytes_of(&odd)).is_err(), "{name}");
    }
}

#[test]
fn leaves_read_back_and_everything_else_is_unknown() {
    let bytes = entry_leaf(b"R");
    assert_eq!(bytes.len(), 98);
    let Leaf::Entry { record_sha256, record_sha512 } = Leaf::parse(&bytes).unwrap() else { panic!() };
    assert_eq!((record_sha256, record_sha512), (sha256(b"R"), sha512(b"R")));
    let seal = SealLeaf {
        batch: 1,
        first: Index(2),
        end: TreeSize(3),
        ers_root: sha256(b"a"),
        register_root: sha256(b"b"),
        token_sha256: sha256(b"c"),
        token_sha512: sha512(b"c"),
    };
    assert_eq!(seal.to_bytes().len(), 186);
    assert_eq!(Leaf::parse(&seal.to_bytes()), Ok(Leaf::Seal(seal)));
    assert_eq!(encode_hex(&seal.to_bytes()[..26]), "0102000000000000000100000000000000020000000000000003");
    for wrong in [&bytes[..97], &[&bytes[..], &[0]].concat(), &seal.to_bytes()[..98], &[2; 98], b""] {
        assert!(Leaf::parse(wrong).is_err());
    }
}

#[test]
fn notes_limits_hold_at_the_limit_and_one_past() {
    let key = SigningKey::from_seed("tabellion.example/log", &[5; 32]).unwrap();
    let signed = |length: usize| key.sign(&format!("{}\n", "x".repeat(length)));
    let overhead = signed(0).len();
    assert!(SignedNote::parse(&signed(limits::NOTE_BYTES - overhead)).is_ok());
    assert!(matches!(SignedNote::parse(&signed(limits::NOTE_BYTES - overhead + 1)), Err(NoteError::TooLarge { .. })));
    assert!(SigningKey::from_seed(&"n".repeat(limits::KEY_NAME_BYTES), &[5; 32]).is_ok());
    assert!(SigningKey::from_seed(&"n".repeat(limits::KEY_NAME_BYTES + 1), &[5; 32]).is_err());
    for name in ["", "a b", "a+b", "a\nb", "a\u{2003}b"] {
        assert!(SigningKey::from_seed(name, &[5; 32]).is_err(), "{name:?}");
    }
}

#[test]
fn a_false_second_signature_of_the_same_key_is_not_an_ornament() {
    let key = SigningKey::from_seed("log", &[5; 32]).unwrap();
    let mut note = SignedNote::parse(&key.sign("text\n")).unwrap();
    key.verifier_key().verify(&note).unwrap();
    let mut other = note.signatures[0].clone();
    other.signature[10] ^= 1;
    note.signatures.push(other);
    assert_eq!(key.verifier_key().verify(&note), Err(NoteError::BadSignature { name: "log".into() }));
}

#[test]
fn checkpoints_refuse_what_is_not_one() {
    let good = "log\n12\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    assert_eq!(Checkpoint::parse(good).unwrap().to_text(), good);
    let extended = |lines: usize| format!("{good}{}", "x\n".repeat(lines));
    assert!(Checkpoint::parse(&extended(limits::CHECKPOINT_EXTENSIONS)).is_ok());
    assert_eq!(Checkpoint::parse(&extended(limits::CHECKPOINT_EXTENSIONS + 1)), Err(CheckpointError::Extension));
    for (bad, error) in [
        (good.replace("log", ""), CheckpointError::Origin),
        (good.replace("12", "012"), CheckpointError::Size),
        (good.replace("12", "+12"), CheckpointError::Size),
        (good.replace("12", "18446744073709551616"), CheckpointError::Size),
        (good.replace("AAAA=", "AAA="), CheckpointError::Root),
        (good.trim_end().to_string(), CheckpointError::Extension),
        (format!("{good}\n"), CheckpointError::Extension),
    ] {
        assert_eq!(Checkpoint::parse(&bad), Err(error), "{bad}");
    }
}

#[test]
fn proofs_read_back_and_refuse_what_is_not_one() {
    let full = |hashes: usize| TlogProof {
        extra: Some(b"extra".to_vec()),
        index: Index(3),
        path: vec![sha256(b"x"); hashes],
        checkpoint: "log\n4\nroot\n\n\u{2014} log x\n".into(),
    };
    for proof in [full(0), full(2), TlogProof { extra: None, ..full(1) }] {
        assert_eq!(TlogProof::parse(&proof.write()), Ok(proof));
    }
    assert!(TlogProof::parse(&full(limits::PATH_HASHES).write()).is_ok());
    assert!(matches!(TlogProof::parse(&full(limits::PATH_HASHES + 1).write()), Err(ProofError::TooLarge { .. })));
    let text = full(1).write();
    for (bad, error) in [
        (text.replace("@v1", "@v2"), ProofError::Magic),
        (text.replace("extra ", "extra !"), ProofError::Extra),
        (text.replace("index 3", "index 03"), ProofError::Index),
        (text.replace("index 3\n", ""), ProofError::Index),
        (text.replace("index 3\n", "index 3\nx\n"), ProofError::Hash { line: 4 }),
        (text.split("\n\n").next().unwrap().to_string(), ProofError::Checkpoint),
    ] {
        assert_eq!(TlogProof::parse(&bad), Err(error), "{bad}");
    }
    let hashes = vec![sha256(b"1"), sha256(b"2")];
    assert_eq!(parse_hashes(&write_hashes(&hashes)), Some(hashes));
    assert_eq!(parse_hashes(""), Some(vec![]));
    assert_eq!(parse_hashes("x\n"), None);
}

#[test]
fn times_are_written_one_way_only() {
    for (millis, text) in [
        (0, "1970-01-01T00:00:00.000Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_795_468_227_123, "2026-11-23T21:10:27.123Z"),
        (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ] {
        assert_eq!(format_rfc3339(UnixMillis(millis)), text);
        assert_eq!(parse_rfc3339(text), Some(UnixMillis(millis)));
    }
    for bad in [
        "2026-02-30T00:00:00.000Z",
        "2026-13-01T00:00:00.000Z",
        "2026-00-01T00:00:00.000Z",
        "2026-01-01T24:00:00.000Z",
        "2026-01-01T00:00:00Z",
        "2026-01-01 00:00:00.000Z",
        "2026-01-01T00:00:00.000+",
        "1969-12-31T23:59:59.999Z",
        "",
        "2100-02-29T00:00:00.000Z",
        "+026-01-01T00:00:00.000Z",
    ] {
        assert_eq!(parse_rfc3339(bad), None, "{bad}");
    }
}

#[test]
fn identifiers_have_one_text_each() {
    let id = EntryId([0xff; 16]);
    assert_eq!(id.to_string(), "7777777777777777777777777".to_string() + "4");
    assert_eq!(TenantId::PLATFORM.to_string(), "a".repeat(26));
    assert_eq!(EntryId::parse(&"7".repeat(26)), None, "spare bits must be zero");
    assert_eq!(EntryId::parse(&"a".repeat(25)), None);
    assert_eq!(EntryId::parse(&"A".repeat(26)), None);
    assert_eq!(EntryId::parse(""), None);
}

proptest! {
    #[test]
    fn identifiers_round_trip(bytes: [u8; 16]) {
        prop_assert_eq!(EntryId::parse(&EntryId(bytes).to_string()), Some(EntryId(bytes)));
    }

    #[test]
    fn times_round_trip(millis in 0u64..253_402_300_800_000) {
        prop_assert_eq!(parse_rfc3339(&format_rfc3339(UnixMillis(millis))), Some(UnixMillis(millis)));
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in ".{0,300}", bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = (SignedNote::parse(&text), VerifierKey::parse(&text), Checkpoint::parse(&text), TlogProof::parse(&text));
        let _ = (EntryId::parse(&text), parse_rfc3339(&text), parse_hashes(&text), Leaf::parse(&bytes));
        let _ = (LogRecord::parse(&bytes), FileRecord::parse(&bytes), EntryRecord::parse(&bytes));
    }

    #[test]
    fn one_changed_byte_never_leaves_a_record_the_same(position in 0usize..700, bit in 0u8..8) {
        let bytes = log_record().to_bytes().unwrap();
        let mut altered = bytes.clone();
        let place = position % bytes.len();
        altered[place] ^= 1 << bit;
        prop_assert_ne!(LogRecord::parse(&altered), Ok(log_record()));
    }
}
