//! Forgeries of the unit: files, records, receipts, the container itself. None passes, and the refusal says why.

use proof::record::{EntryRecord, FileRecord, LogRecord};
use proof::{Index, SigningKey, TlogProof, sha256};
use serde_json::json;
use verifier::{Overall, Verdict, verify_pack};

use crate::world::*;

const ACT: &str = "files/001-délibération_n__1.pdf";
const RECEIPT: &str = "META-INF/tabellion/receipt.tlog-proof";

pub fn judged(world: &World, pack: &[u8]) -> Verdict {
    verify_pack(pack, Some(&world.policy()), JUDGED)
}

#[track_caller]
pub fn refused(verdict: &Verdict, code: &str) {
    assert!(verdict.findings.iter().any(|l| l.code == code), "{code} is not among {:#?}", verdict.findings);
    assert_eq!(verdict.verdict, Overall::Failed, "{:#?}", verdict.findings);
    assert_eq!(verdict.exit_code(), 1);
}

#[track_caller]
pub fn untold(verdict: &Verdict, reason: &str) {
    let told = (verdict.verdict, verdict.reason);
    assert_eq!(told, (Overall::Indeterminate, Some(reason)), "{:#?}", verdict.findings);
    assert_eq!(verdict.exit_code(), 3);
}

fn at(verdict: &Verdict, code: &str) -> String {
    verdict.findings.iter().find(|l| l.code == code).unwrap().where_.clone()
}

#[test]
fn a_byte_flipped_in_a_file_names_the_file() {
    let world = world();
    for pack in [world.pack(SHOWN), world.unsealed(SHOWN)] {
        let rezipped = judged(&world, &with(&pack, ACT, |bytes| bytes[3] ^= 1));
        refused(&rezipped, "file-altered");
        assert_eq!(at(&rezipped, "file-altered"), ACT);
        assert_eq!(rezipped.reason, Some("file-altered"));
        let mut raw = pack;
        let place = raw.windows(4).position(|w| w == b"%PDF").unwrap();
        raw[place] ^= 1;
        let in_place = judged(&world, &raw);
        refused(&in_place, "member-altered");
        assert_eq!(at(&in_place, "member-altered"), ACT);
        assert!(in_place.sentences(verifier::Lang::French)[0].contains(ACT));
    }
}

#[test]
fn two_files_swapped_are_refused() {
    let world = world();
    let pack = world.pack(SHOWN);
    let other = member(&pack, "files/002-annexe.pdf");
    let act = member(&pack, ACT);
    let swapped = with(&with(&pack, ACT, |b| *b = other), "files/002-annexe.pdf", |b| *b = act);
    refused(&judged(&world, &swapped), "file-altered");
}

#[test]
fn a_file_record_rewritten_for_another_file_is_refused() {
    let world = world();
    for pack in [world.pack(SHOWN), world.unsealed(SHOWN)] {
        let mut f = FileRecord::parse(&member(&pack, "unit/F/001.json")).unwrap();
        (f.sha256, f.sha512, f.size) = (sha256(b"forged"), proof::sha512(b"forged"), 6);
        let forged = with(&pack, "unit/F/001.json", |b| *b = f.to_bytes().unwrap());
        refused(&judged(&world, &with(&forged, ACT, |b| *b = b"forged".to_vec())), "file-records-altered");
    }
}

#[test]
fn file_records_swapped_or_added_are_refused() {
    let world = world();
    let pack = world.unsealed(SHOWN);
    let (one, two) = (member(&pack, "unit/F/001.json"), member(&pack, "unit/F/002.json"));
    let swapped = with(&with(&pack, "unit/F/001.json", |b| *b = two), "unit/F/002.json", |b| *b = one.clone());
    refused(&judged(&world, &swapped), "file-records-altered");
    refused(&judged(&world, &plus(&pack, "unit/F/003.json", &one)), "uncovered-member");
}

/// A record whose SHA-256 alone is right does not exist; that SHA-512 is compared is seen by lying about it alone.
#[test]
fn both_digests_of_every_tie_are_compared() {
    let mut entries = entries();
    let mut f = file_record(1, "a", b"a");
    f.sha512 = proof::sha512(b"b");
    let f = f.to_bytes().unwrap();
    let e = entry_record(std::slice::from_ref(&f)).to_bytes().unwrap();
    let r = log_record(0, tenant(1), &e).to_bytes().unwrap();
    entries[0] = Entry { record: r, entry: e, files: vec![("a".into(), b"a".to_vec(), f)] };
    let f = file_record(1, "a", b"a").to_bytes().unwrap();
    let mut e = entry_record(std::slice::from_ref(&f));
    e.files_sha512 = proof::sha512(b"b");
    let e = e.to_bytes().unwrap();
    let r = log_record(1, tenant(1), &e).to_bytes().unwrap();
    entries[1] = Entry { record: r, entry: e, files: vec![("a".into(), b"a".to_vec(), f)] };
    let e = entry_record(&[]).to_bytes().unwrap();
    let mut r = log_record(3, tenant(1), &e);
    r.entry_sha512 = proof::sha512(b"b");
    entries[3] = Entry { record: r.to_bytes().unwrap(), entry: e, files: vec![] };
    let world = World::of(entries, SEALED);
    refused(&judged(&world, &world.pack(0)), "file-altered");
    refused(&judged(&world, &world.pack(1)), "file-records-altered");
    refused(&judged(&world, &world.pack(3)), "entry-altered");
}

#[test]
fn an_entry_of_another_kind_than_its_record_is_refused() {
    let mut entries = entries();
    let mut r = LogRecord::parse(&entries[0].record).unwrap();
    r.kind = proof::record::Kind::Journal;
    entries[0].record = r.to_bytes().unwrap();
    let world = World::of(entries, SEALED);
    refused(&judged(&world, &world.pack(0)), "kind-differs");
}

#[test]
fn files_added_or_renamed_are_refused_wherever_they_stand() {
    let world = world();
    for pack in [world.pack(SHOWN), world.unsealed(SHOWN)] {
        for name in [
            "files/003-avis.pdf",
            "files/avis.pdf",
            "LISEZMOI.pdf",
            "unit/S.json",
            "META-INF/signatures.xml",
            "META-INF/evidencerecord9.er",
            "META-INF/evidencerecord009.xml",
        ] {
            let verdict = judged(&world, &plus(&pack, name, b"added"));
            refused(&verdict, "uncovered-member");
            assert_eq!(at(&verdict, "uncovered-member"), name);
        }
        refused(&judged(&world, &renamed(&pack, ACT, "files/001-autre.pdf")), "uncovered-member");
        refused(&judged(&world, &renamed(&pack, ACT, "files/003-annexe.pdf")), "uncovered-member");
    }
}

#[test]
fn what_is_no_evidence_adds_nothing_and_is_named_so() {
    let world = world();
    let pack = plus(&world.pack(SHOWN), "META-INF/tabellion/related/index.json", b"x");
    let verdict = judged(&world, &plus(&pack, "META-INF/tabellion/nouveau", b"x"));
    assert_eq!((verdict.exit_code(), verdict.strict_exit_code()), (0, 4));
    let codes: Vec<_> = verdict.findings.iter().map(|l| (l.code, l.where_.as_str())).collect();
    assert!(codes.contains(&("not-evidence", "META-INF/tabellion/related/index.json")));
    assert!(codes.contains(&("unknown-member", "META-INF/tabellion/nouveau")));
}

#[test]
fn a_policy_inside_the_pack_is_never_read() {
    let (world, mut forger) = (world(), world());
    forger.key = SigningKey::from_seed(ORIGIN, &[66; 32]).unwrap();
    let forged = World::of(entries(), SEALED);
    let forged = World { key: forger.key, ..forged };
    let pack = forged.unsealed(SHOWN);
    let own = forged.policy_json().to_string().into_bytes();
    let pack = with(&pack, "META-INF/tabellion/policy.json", |b| *b = own);
    assert_eq!(judged(&forged, &pack).exit_code(), 4, "by its own policy the forged log is a log");
    untold(&judged(&world, &pack), "key-not-in-policy");
    untold(&verify_pack(&pack, None, JUDGED), "no-trust-anchor");
}

#[test]
fn one_of_two_files_withheld_is_said_and_all_withheld_cannot_be_told() {
    let world = world();
    let one = judged(&world, &without(&world.pack(SHOWN), "002-annexe"));
    assert_eq!((one.exit_code(), one.strict_exit_code()), (0, 4), "{:#?}", one.findings);
    assert!(one.sentences(verifier::Lang::English)[0].contains("other files of the deposit are not shown"));
    untold(&judged(&world, &without(&world.pack(SHOWN), "files/")), "no-file-shown");
}

#[test]
fn what_a_file_is_called_stays_out_with_it_and_the_entry_is_proved_all_the_same() {
    let world = world();
    for (pack, exit) in [(world.pack(SHOWN), 0), (world.unsealed(SHOWN), 4)] {
        for number in [1, 2] {
            let out = kept_out(&pack, number);
            let verdict = judged(&world, &out);
            assert_eq!((verdict.exit_code(), verdict.strict_exit_code()), (exit, 4), "{:#?}", verdict.findings);
            let line = verdict.findings.iter().find(|line| line.name == "entry").unwrap();
            assert_eq!((line.code, line.detail.as_str(), line.warning), ("entry-partly-shown", "1", true));
            assert!(verdict.sentences(verifier::Lang::English)[0].contains("other files of the deposit are not shown"));
            // Each hash of the leaf counts, and nothing but the two.
            let leaf = format!("unit/F/{number:03}.leaf");
            let honest = member(&out, &leaf);
            let flipped =
                |place: usize| honest.iter().enumerate().map(|(at, byte)| byte ^ u8::from(at == place)).collect();
            let changed: [Vec<u8>; 4] = [flipped(0), flipped(95), [&honest[..], &[0]].concat(), honest[..40].to_vec()];
            for changed in changed {
                refused(&judged(&world, &with(&out, &leaf, |b| *b = changed)), "file-records-altered");
            }
            // What a record is of that is not shown nobody can hold against it.
            for left in [format!("files/{number:03}"), format!("META-INF/evidencerecord{:03}", number + 1)] {
                for (name, bytes) in members(&pack).into_iter().filter(|(name, _)| name.starts_with(&left)) {
                    refused(&judged(&world, &plus(&out, &name, &bytes)), "uncovered-member");
                }
            }
            let f = member(&pack, &leaf.replace("leaf", "json"));
            let both = judged(&world, &plus(&out, &leaf.replace("leaf", "json"), &f));
            assert!(!matches!(both.exit_code(), 0 | 4), "{:#?}", both.findings);
        }
        let none = kept_out(&kept_out(&pack, 1), 2);
        untold(&judged(&world, &none), "no-file-shown");
        // The node above two leaves in the place of one, and in that of the other what is no leaf at all.
        let leaves = ["unit/F/001.leaf", "unit/F/002.leaf"].map(|name| member(&none, name));
        let long = [&[1], &leaves[0][32..], &leaves[1][32..]].concat();
        let short = [&[1], &leaves[0][..32], &leaves[1][..32]].concat();
        let above = [&sha256(&short).as_bytes()[..], proof::sha512(&long).as_bytes()].concat();
        for nothing in [&b""[..], b"anything", &[0; 95], &[0; 97]] {
            let forged = with(&none, "unit/F/001.leaf", |b| *b = above.clone());
            let forged = with(&forged, "unit/F/002.leaf", |b| *b = nothing.to_vec());
            refused(&judged(&world, &forged), "file-records-altered");
        }
        refused(&judged(&world, &plus(&pack, "unit/F/003.leaf", &[0; 96])), "uncovered-member");
        let swapped = [kept_out(&pack, 1), kept_out(&pack, 2)].map(|out| members(&out));
        let leaf = |of: &[(String, Vec<u8>)]| of.iter().find(|(name, _)| name.ends_with(".leaf")).unwrap().1.clone();
        let other = with(&kept_out(&pack, 1), "unit/F/001.leaf", |b| *b = leaf(&swapped[1]));
        refused(&judged(&world, &other), "file-records-altered");
    }
}

#[test]
fn necessary_members_removed_cannot_be_told() {
    let world = world();
    for pack in [world.pack(SHOWN), world.unsealed(SHOWN)] {
        for name in ["unit/R.json", "unit/E.json", RECEIPT] {
            let verdict = judged(&world, &without(&pack, name));
            assert!(!matches!(verdict.exit_code(), 0 | 4), "{name}: {:#?}", verdict.findings);
            assert!(verdict.findings.iter().any(|l| l.code == "member-missing" && l.where_ == name));
        }
    }
    let bare = without(&world.unsealed(SHOWN), "unit/F/002");
    refused(&judged(&world, &bare), "uncovered-member");
    untold(&judged(&world, &without(&bare, "files/002")), "file-records-missing");
}

#[test]
fn records_of_another_entry_are_refused() {
    let world = world();
    for (pack, other) in [(world.pack(SHOWN), world.pack(3)), (world.unsealed(SHOWN), world.unsealed(3))] {
        let (r, e) = (member(&other, "unit/R.json"), member(&other, "unit/E.json"));
        refused(&judged(&world, &with(&pack, "unit/R.json", |b| *b = r.clone())), "not-in-the-log");
        refused(&judged(&world, &with(&pack, "unit/E.json", |b| *b = e)), "entry-altered");
        let receipt = member(&other, RECEIPT);
        let swapped = with(&with(&pack, "unit/R.json", |b| *b = r), RECEIPT, |b| *b = receipt);
        refused(&judged(&world, &swapped), "entry-altered");
    }
}

#[test]
fn a_record_of_another_tenant_than_the_pinned_one_exits_six() {
    let world = world();
    let mut json = world.policy_json();
    json["tenant"] = json!(tenant(1).to_string());
    assert_eq!(verify_pack(&world.pack(SHOWN), Some(&policy(&json)), JUDGED).exit_code(), 0);
    json["tenant"] = json!(tenant(2).to_string());
    let verdict = verify_pack(&world.pack(SHOWN), Some(&policy(&json)), JUDGED);
    assert_eq!((verdict.verdict, verdict.reason, verdict.exit_code()), (Overall::Failed, Some("other-tenant"), 6));
    let altered = with(&world.pack(SHOWN), ACT, |b| b.push(0));
    assert_eq!(verify_pack(&altered, Some(&policy(&json)), JUDGED).exit_code(), 1, "altered comes before other");
}

#[test]
fn unknown_versions_cannot_be_told() {
    let base = entries();
    let newer = |bytes: &[u8]| {
        String::from_utf8(bytes.to_vec()).unwrap().replace("\"version\":1", "\"version\":2").into_bytes()
    };
    let mut entries = entries();
    entries[0].record = newer(&base[0].record);
    let e = newer(&base[1].entry);
    entries[1].record = log_record(1, tenant(1), &e).to_bytes().unwrap();
    entries[1].entry = e;
    entries[3].files[0].2 = newer(&base[3].files[0].2);
    let e = entry_record(std::slice::from_ref(&entries[3].files[0].2)).to_bytes().unwrap();
    entries[3].record = log_record(3, tenant(1), &e).to_bytes().unwrap();
    entries[3].entry = e;
    let world = World::of(entries, SEALED);
    for index in [0, 1] {
        untold(&judged(&world, &world.pack(index)), "unknown-version");
        untold(&judged(&world, &world.unsealed(index)), "unknown-version");
    }
    untold(&judged(&world, &bare(&world, 3)), "unknown-version");
}

/// The unsealed pack of an entry no builder would write.
fn bare(world: &World, index: usize) -> Vec<u8> {
    let of = &world.entries[index];
    let mut all = vec![
        ("unit/R.json".to_owned(), of.record.clone()),
        ("unit/E.json".to_owned(), of.entry.clone()),
        (RECEIPT.to_owned(), world.receipt(index).into_bytes()),
    ];
    for ((name, bytes, record), n) in of.files.iter().zip(1..) {
        all.push((format!("files/{n:03}-{name}"), bytes.clone()));
        all.push((format!("unit/F/{n:03}.json"), record.clone()));
    }
    zip(&all)
}

/// The same lies as no digest but one would betray; the lie is in what was truly logged.
#[test]
fn each_tie_is_held_by_itself() {
    let lie =
        |change_f: &dyn Fn(&mut FileRecord), change_e: &dyn Fn(&mut EntryRecord), change_r: &dyn Fn(&mut LogRecord)| {
            let mut f = file_record(1, "a", b"a");
            change_f(&mut f);
            let f = f.to_bytes().unwrap();
            let mut e = entry_record(std::slice::from_ref(&f));
            change_e(&mut e);
            let e = e.to_bytes().unwrap();
            let mut r = log_record(0, tenant(1), &e);
            change_r(&mut r);
            let mut entries = entries();
            let files = vec![("a".to_owned(), b"a".to_vec(), f)];
            entries[0] = Entry { record: r.to_bytes().unwrap(), entry: e, files };
            let world = World::of(entries, SEALED);
            judged(&world, &bare(&world, 0))
        };
    assert_eq!(lie(&|_| {}, &|_| {}, &|_| {}).exit_code(), 4);
    refused(&lie(&|_| {}, &|_| {}, &|r| r.entry_sha256 = sha256(b"b")), "entry-altered");
    refused(&lie(&|_| {}, &|_| {}, &|r| r.entry_sha512 = proof::sha512(b"b")), "entry-altered");
    refused(&lie(&|_| {}, &|e| e.files_sha256 = sha256(b"b"), &|_| {}), "file-records-altered");
    refused(&lie(&|_| {}, &|e| e.files_sha512 = proof::sha512(b"b"), &|_| {}), "file-records-altered");
    untold(&lie(&|_| {}, &|e| e.file_count = 2, &|_| {}), "file-records-missing");
    refused(&lie(&|f| f.number.0 = 2, &|_| {}, &|_| {}), "file-records-altered");
    refused(&lie(&|f| f.sha256 = sha256(b"b"), &|_| {}, &|_| {}), "file-altered");
    refused(&lie(&|f| f.sha512 = proof::sha512(b"b"), &|_| {}, &|_| {}), "file-altered");
    refused(&lie(&|f| f.size = 2, &|_| {}, &|_| {}), "file-altered");
}

#[test]
fn unknown_fields_are_kept_and_ignored() {
    let mut entries = entries();
    let mut e = EntryRecord::parse(&entries[SHOWN].entry).unwrap();
    e.rest.insert("later".into(), canonical(&json!([1, "x"])));
    let e = e.to_bytes().unwrap();
    entries[SHOWN].record = log_record(2, tenant(1), &e).to_bytes().unwrap();
    entries[SHOWN].entry = e;
    let world = World::of(entries, SEALED);
    assert_eq!(judged(&world, &world.pack(SHOWN)).exit_code(), 0);
}

#[test]
fn a_receipt_that_lies_about_the_place_is_refused() {
    let world = world();
    for pack in [world.pack(SHOWN), world.unsealed(SHOWN)] {
        let text = String::from_utf8(member(&pack, RECEIPT)).unwrap();
        let honest = TlogProof::parse(&text).unwrap();
        let change = |f: &dyn Fn(&mut TlogProof)| {
            let mut proof = honest.clone();
            f(&mut proof);
            judged(&world, &with(&pack, RECEIPT, |b| *b = proof.write().into_bytes()))
        };
        refused(&change(&|p| p.index = Index(3)), "not-in-the-log");
        refused(&change(&|p| p.index = Index(u64::MAX)), "not-in-the-log");
        refused(&change(&|p| p.index = Index(1)), "not-in-the-log");
        refused(&change(&|p| p.path[0].0[0] ^= 1), "not-in-the-log");
        refused(&change(&|p| p.path.clear()), "not-in-the-log");
        refused(&change(&|p| p.extra = Some(b"x".to_vec())), "receipt-malformed");
        refused(&change(&|p| p.checkpoint = "nothing".into()), "receipt-malformed");
        refused(&judged(&world, &with(&pack, RECEIPT, Vec::clear)), "receipt-malformed");
        refused(&judged(&world, &with(&pack, RECEIPT, |b| b.push(0xff))), "receipt-malformed");
    }
}

#[test]
fn a_head_of_another_log_exits_six_and_a_false_signature_one() {
    let world = world();
    let size = SHOWN as u64 + 1;
    let other = SigningKey::from_seed("autre.exemple.fr", &[4; 32]).unwrap();
    let pack = |checkpoint| {
        let receipt = world.receipt_in(SHOWN, size, checkpoint);
        with(&world.unsealed(SHOWN), RECEIPT, |b| *b = receipt.into_bytes())
    };
    let verdict = judged(&world, &pack(world.checkpoint_by(&other, "autre.exemple.fr", size)));
    assert_eq!((verdict.reason, verdict.exit_code()), (Some("other-log"), 6));
    let stolen = judged(&world, &pack(world.checkpoint_by(&world.key, "autre.exemple.fr", size)));
    assert_eq!(stolen.exit_code(), 6, "our key under another origin is not our log");
    untold(&judged(&world, &pack(world.checkpoint_by(&other, ORIGIN, size))), "key-not-in-policy");
    let signed = world.checkpoint(size);
    let (text, _) = signed.split_once("\n\n").unwrap();
    let lines = world.checkpoint(size - 1);
    let forged = format!("{text}\n\n{}", lines.split_once("\n\n").unwrap().1);
    refused(&judged(&world, &pack(forged)), "signature-false");
}

#[test]
fn a_name_twice_in_the_container_is_refused() {
    let world = world();
    let pack = world.pack(SHOWN);
    let mut twice = plus(&pack, "unit/X.json", &member(&world.pack(3), "unit/R.json"));
    let places: Vec<usize> =
        twice.windows(11).enumerate().filter(|(_, w)| *w == b"unit/X.json").map(|(at, _)| at).collect();
    assert_eq!(places.len(), 2);
    for place in places {
        twice[place + 5] = b'R';
    }
    refused(&judged(&world, &twice), "ambiguous-container");
}

#[test]
fn what_is_no_container_is_unreadable() {
    let world = world();
    let pack = world.pack(SHOWN);
    for bytes in [&b""[..], b"PK", &pack[1..], &pack[..pack.len() - 1]] {
        let verdict = judged(&world, bytes);
        assert_eq!((verdict.verdict, verdict.exit_code()), (Overall::Indeterminate, 5));
    }
}
