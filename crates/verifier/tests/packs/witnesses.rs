//! Cosignatures of witnesses: counted over the very head that counts, by the policy's keys alone, and never blurred.

use proof::{SignedNote, TlogProof};
use serde_json::json;
use verifier::{Lang, Overall, Policy, ReceiptInput, Status, Verdict, verify_pack, verify_receipt};
use watch::{CosigningKey, UnixSeconds};

use crate::forged::untold;
use crate::world::*;

const MEMBER: &str = "META-INF/tabellion/cosignatures";
const NAMES: [&str; 3] = ["commune-a", "commune-b", "commune-c"];

fn witness(number: usize) -> CosigningKey {
    CosigningKey::from_seed(&format!("{}.example/temoin", NAMES[number]), &[40 + number as u8; 32]).unwrap()
}

/// Two of three must have cosigned.
fn text() -> String {
    let line = |n: usize| format!("witness {} {}\n", NAMES[n], witness(n).cosigner_key());
    format!("{}{}{}group g 2 {}\nquorum g\n", line(0), line(1), line(2), NAMES.join(" "))
}

fn asking(world: &World, text: &str) -> Policy {
    let mut json = world.policy_json();
    json["witnesses"] = json!(text);
    policy(&json)
}

fn cosigned(head: &str, by: &[usize]) -> String {
    let text = SignedNote::parse(head).unwrap().text;
    by.iter().map(|n| witness(*n).cosign(&text, UnixSeconds(1_795_435_300)).unwrap().write()).collect()
}

fn pack(world: &World, lines: &str) -> Vec<u8> {
    let mut input = world.input(SHOWN, Some(world.pack_seal(SHOWN, &world.batch)));
    input.cosignatures = lines.to_owned();
    world.write(input)
}

fn said(verdict: &Verdict, code: &str) -> String {
    let line = verdict.findings.iter().find(|line| line.code == code);
    let line = line.unwrap_or_else(|| panic!("{code} is not among {:#?}", verdict.findings));
    assert_eq!(line.name, "witnesses");
    line.message(Lang::English)
}

#[test]
fn a_quorum_of_witnesses_passes_and_the_others_are_named() {
    let world = world();
    let policy = asking(&world, &text());
    let judge =
        |by: &[usize]| verify_pack(&pack(&world, &cosigned(&world.batch.checkpoint, by)), Some(&policy), JUDGED);
    let all = judge(&[0, 1, 2]);
    assert_eq!((all.verdict, all.strict_exit_code()), (Overall::PassedTimestamped, 0), "{:#?}", all.findings);
    assert!(said(&all, "witnessed").ends_with("commune-a, commune-b, commune-c."));
    assert!(!all.findings.iter().any(|line| line.code == "witness-missing"));
    let two = judge(&[2, 0]);
    assert_eq!((two.verdict, two.strict_exit_code()), (Overall::PassedTimestamped, 0));
    assert!(said(&two, "witness-missing").ends_with(": commune-b."));
    let one = judge(&[1]);
    untold(&one, "witness-quorum-not-met");
    assert!(said(&one, "witness-quorum-not-met").ends_with("missing: commune-a, commune-c."));
    untold(&judge(&[]), "witness-quorum-not-met");
    untold(&verify_pack(&world.pack(SHOWN), Some(&policy), JUDGED), "witness-quorum-not-met");
}

#[test]
fn who_asks_for_no_witness_is_told_so() {
    let world = world();
    let lines = cosigned(&world.batch.checkpoint, &[0, 1]);
    for (lines, text) in [(&lines, ""), (&lines, "quorum none\n"), (&"garbage".to_owned(), "")] {
        let verdict = verify_pack(&pack(&world, lines), Some(&asking(&world, text)), JUDGED);
        assert_eq!((verdict.verdict, verdict.strict_exit_code()), (Overall::PassedTimestamped, 0));
        said(&verdict, "no-witness-asked");
    }
}

#[test]
fn only_cosignatures_over_the_sealed_head_count() {
    let world = world();
    let policy = asking(&world, &text());
    let sealed = &world.batch.checkpoint;
    let judge = |lines: &str| verify_pack(&pack(&world, lines), Some(&policy), JUDGED);
    // Over the receipt's head; over the sealed head of the same size by another key; as lines under the receipt.
    let older = judge(&cosigned(&world.checkpoint(SHOWN as u64 + 1), &[0, 1, 2]));
    untold(&older, "witness-quorum-not-met");
    assert!(said(&older, "cosignature-false").ends_with("commune-a, commune-b, commune-c."));
    let honest = pack(&world, "");
    let beside = with(&honest, "META-INF/tabellion/receipt.tlog-proof", |bytes| {
        bytes.extend(cosigned(&world.checkpoint(SHOWN as u64 + 1), &[0, 1, 2]).into_bytes());
    });
    untold(&verify_pack(&beside, Some(&policy), JUDGED), "witness-quorum-not-met");
    // A text smuggled behind a blank line moves nothing.
    let moved = format!("\n{}", cosigned(sealed, &[0, 1]));
    untold(&judge(&moved), "cosignatures-malformed");
}

#[test]
fn a_false_line_counts_for_nothing_and_is_said() {
    let world = world();
    let policy = asking(&world, &text());
    let sealed = &world.batch.checkpoint;
    let other = cosigned(&world.checkpoint(2), &[2]);
    let passed = verify_pack(&pack(&world, &(cosigned(sealed, &[0, 1]) + &other)), Some(&policy), JUDGED);
    assert_eq!((passed.verdict, passed.exit_code(), passed.strict_exit_code()), (Overall::PassedTimestamped, 0, 4));
    assert!(said(&passed, "cosignature-false").contains("commune-c"));
    // One true and one false line of the same witness: false.
    let both = cosigned(sealed, &[0, 2]) + &other;
    let untrue = verify_pack(&pack(&world, &both), Some(&policy), JUDGED);
    untold(&untrue, "witness-quorum-not-met");
    assert!(said(&untrue, "witness-quorum-not-met").ends_with("missing: commune-b, commune-c."));
    // Lines of strangers are passed over.
    let stranger = CosigningKey::from_seed("elsewhere.example", &[9; 32]).unwrap();
    let line = stranger.cosign(&SignedNote::parse(sealed).unwrap().text, UnixSeconds(1)).unwrap().write();
    let verdict = verify_pack(&pack(&world, &(line + &cosigned(sealed, &[0, 1]))), Some(&policy), JUDGED);
    assert_eq!(verdict.strict_exit_code(), 0);
}

#[test]
fn a_quorum_that_rests_on_a_key_we_cannot_check_cannot_be_told() {
    let world = world();
    let bytes = [&[6u8][..], &[7; watch::limits::ML_DSA_44_BYTES]].concat();
    let hash = proof::sha256(&[b"pq.example", &b"\n"[..], &bytes].concat()).to_string()[..8].to_owned();
    let vkey = format!("pq.example+{hash}+{}", base64::Engine::encode(&base64::prelude::BASE64_STANDARD, &bytes));
    let asked = |least: usize| {
        let first = format!("witness a {}\nwitness pq {vkey}\n", witness(0).cosigner_key());
        asking(&world, &format!("{first}group g {least} a pq\nquorum g\n"))
    };
    let pack = pack(&world, &cosigned(&world.batch.checkpoint, &[0]));
    assert_eq!(verify_pack(&pack, Some(&asked(1)), JUDGED).exit_code(), 0);
    let two = verify_pack(&pack, Some(&asked(2)), JUDGED);
    untold(&two, "witness-unsupported");
    assert!(said(&two, "witness-unsupported").ends_with(": pq."));
}

#[test]
fn an_unsealed_pack_and_a_receipt_are_judged_by_the_receipts_head() {
    let world = world();
    let policy = asking(&world, &text());
    let head = world.checkpoint(SHOWN as u64 + 1);
    let unsealed = |by: &[usize]| {
        let mut input = world.input(SHOWN, None);
        input.cosignatures = cosigned(&head, by);
        verify_pack(&world.write(input), Some(&policy), JUDGED)
    };
    assert_eq!(unsealed(&[0, 1]).verdict, Overall::PassedLogOnly);
    untold(&unsealed(&[0]), "witness-quorum-not-met");
    let receipt = |by: &[usize]| {
        // As others write C2SP tlog-proofs: cosignatures under the head they bring.
        let proof = TlogProof::parse(&world.receipt(SHOWN)).unwrap();
        let receipt = TlogProof { checkpoint: proof.checkpoint.clone() + &cosigned(&head, by), ..proof }.write();
        let record = &world.entries[SHOWN].record;
        let input = ReceiptInput { receipt: &receipt, record, entry: None, file_records: &[], data: &[] };
        verify_receipt(&input, Some(&policy), JUDGED)
    };
    let passed = receipt(&[1, 2]);
    assert_eq!(passed.verdict, Overall::PassedLogOnly, "{:#?}", passed.findings);
    assert!(passed.findings.iter().any(|line| line.code == "witnessed" && line.status == Status::Passed));
    untold(&receipt(&[2]), "witness-quorum-not-met");
    untold(&receipt(&[]), "witness-quorum-not-met");
}

#[test]
fn an_altered_member_is_altered_whoever_asks() {
    let world = world();
    let bytes = pack(&world, &cosigned(&world.batch.checkpoint, &[0, 1]));
    let at = bytes.windows(8).position(|window| window == b"commune-").unwrap();
    let mut altered = bytes.clone();
    altered[at] ^= 1;
    for text in ["", &text()] {
        let verdict = verify_pack(&altered, Some(&asking(&world, text)), JUDGED);
        assert!(verdict.findings.iter().any(|line| line.code == "member-altered" && line.where_ == MEMBER));
        assert_eq!(verdict.verdict, Overall::Failed);
    }
}
