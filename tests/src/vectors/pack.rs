//! Whole evidence packs, written by the service's own builder, each negative with one thing undone.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use proof::{SigningKey, TlogProof};
use serde_json::{Value, json};

use super::{Files, vector};
use crate::world::{self, Batch, ORIGIN, SEALED, World};

pub const SPECIFICATIONS: [&str; 5] = [
    "docs/formats/pack.md",
    "docs/formats/policy.md",
    "docs/formats/verdict.md",
    "ETSI EN 319 162-1 (ASiC-E)",
    "RFC 4998 (evidence records), RFC 3161 (tokens)",
];

/// 2026-11-24T12:00:00Z
const JUDGED: &str = "2026-11-24T12:00:00.000Z";
/// The entry shown: one file.
const SHOWN: usize = 1;
const CA: &str = "pack/authority.pem";
const TOKENS: [&str; 2] = ["pack/token.tst", "pack/token-of-another-batch.tst"];
const INSIDE: &str = "META-INF/tabellion";

/// An authority made anew, and the two tokens the vectors need: nobody can make these bytes twice, so they are kept.
pub fn new_tokens() -> Files {
    let archive = world::world();
    let tokens = [archive.batch.token.clone(), archive.seal(5, SEALED).token];
    let mut files: Files = TOKENS.map(str::to_owned).into_iter().zip(tokens).collect();
    files.insert(CA.to_owned(), archive.authority.ca_pem().into_bytes());
    files
}

/// The archive of the verifier's own tests, sealed by the kept authority.
struct Kept {
    archive: World,
    other_token: Vec<u8>,
    policy: Value,
}

fn kept(folder: &Path) -> Result<Kept> {
    let read = |name: &str| std::fs::read(folder.join(name)).with_context(|| format!("{name}: `vectors --new-tokens`"));
    let mut archive = world::world();
    archive.batch.token = read(TOKENS[0])?;
    let token = seal::Token::parse(&archive.batch.token)?;
    let root = seal::batch_root(&archive.batch.groups).context("an empty batch")?;
    ensure!(
        token.imprint().digest == root,
        "the token is over another batch: records have changed, `vectors --new-tokens`"
    );
    let mut policy = archive.policy_json();
    policy["tsa_roots"] = json!([String::from_utf8(read(CA)?)?]);
    Ok(Kept { archive, other_token: read(TOKENS[1])?, policy })
}

/// Names every pack with what must be said of it; the packs and the policy go into `files`.
///
/// # Errors
/// Tokens missing, or over another batch.
pub fn vectors(folder: &Path, files: &mut Files) -> Result<Vec<Value>> {
    let kept = kept(folder)?;
    let mut policy = serde_json::to_vec_pretty(&kept.policy)?;
    policy.push(b'\n');
    files.insert("pack/policy.json".to_owned(), policy);
    let mut all = Vec::new();
    for made in [honest(&kept), ties(&kept), receipts(&kept), seals(&kept), containers(&kept)].concat() {
        let path = format!("pack/{}.asice", made.name);
        let [verdict, code, overall, exit] = made.says;
        let code = Some(code).filter(|code| !code.is_empty());
        let expected = json!({"verdict": verdict, "code": code, "overall": overall, "exit_code": exit.parse::<u8>()?});
        let policy = (!made.alone).then_some("pack/policy.json");
        let parts = json!({"pack": path, "policy": policy, "at": JUDGED});
        all.push(vector(made.name, code.map(|_| made.name), expected, parts));
        files.insert(path, made.bytes);
    }
    Ok(all)
}

#[derive(Clone)]
struct Made {
    name: &'static str,
    /// Verdict, code, overall, exit code.
    says: [&'static str; 4],
    /// Judged without a policy.
    alone: bool,
    bytes: Vec<u8>,
}

const PASSED: [&str; 4] = ["valid", "", "PASSED-TIMESTAMPED", "0"];

fn refused(name: &'static str, code: &'static str, bytes: Vec<u8>) -> Made {
    Made { name, says: ["invalid", code, "FAILED", "1"], alone: false, bytes }
}

fn untold(name: &'static str, code: &'static str, bytes: Vec<u8>) -> Made {
    Made { name, says: ["cannot-tell", code, "INDETERMINATE", "3"], alone: false, bytes }
}

fn honest(kept: &Kept) -> Vec<Made> {
    let (archive, alone) = (&kept.archive, false);
    let logged = ["valid", "", "PASSED-LOG-ONLY", "4"];
    let one = archive.pack(SHOWN);
    let two = archive.pack(world::SHOWN);
    let withheld = world::without(&world::without(&two, "files/002"), "003");
    vec![
        Made { name: "sealed", says: PASSED, alone, bytes: one.clone() },
        Made { name: "sealed-without-a-file", says: PASSED, alone, bytes: archive.pack(4) },
        Made { name: "sealed-one-file-of-two-withheld", says: PASSED, alone, bytes: withheld },
        Made { name: "sealed-one-file-of-two-kept-out", says: PASSED, alone, bytes: world::kept_out(&two, 2) },
        Made { name: "not-sealed", says: logged, alone, bytes: archive.unsealed(SHOWN) },
        Made { alone: true, ..untold("no-policy", "no-trust-anchor", one) },
    ]
}

/// File, `F`, `E`, `R`.
fn ties(kept: &Kept) -> Vec<Made> {
    let pack = kept.archive.pack(SHOWN);
    let flipped = |name: &str| world::with(&pack, name, |bytes| *bytes.last_mut().unwrap_or(&mut 0) ^= 1);
    let salted = |name: &str, from: &str, to: &str| {
        let (from, to) = (format!("\"salt\":\"{from}"), format!("\"salt\":\"{to}"));
        world::with(&pack, name, |bytes| *bytes = String::from_utf8_lossy(bytes).replace(&from, &to).into_bytes())
    };
    vec![
        refused("file-byte-changed", "file-altered", flipped("files/001-lettre.pdf")),
        refused("f-salt-changed", "file-records-altered", salted("unit/F/001.json", "01", "11")),
        refused("e-salt-changed", "entry-altered", salted("unit/E.json", "07", "17")),
        refused("r-salt-changed", "not-in-the-log", salted("unit/R.json", "09", "19")),
        refused("leaf-of-a-file-kept-out-changed", "file-records-altered", {
            let out = world::kept_out(&kept.archive.pack(world::SHOWN), 2);
            world::with(&out, "unit/F/002.leaf", |bytes| *bytes.last_mut().unwrap_or(&mut 0) ^= 1)
        }),
        refused("record-of-a-file-kept-out-left", "uncovered-member", {
            let whole = kept.archive.pack(world::SHOWN);
            let name = "META-INF/evidencerecord003.ers";
            world::plus(&world::kept_out(&whole, 2), name, &world::member(&whole, name))
        }),
        untold("e-missing", "member-missing", world::without(&pack, "unit/E.json")),
        refused("f-missing", "uncovered-member", world::without(&pack, "unit/F/001.json")),
        untold("file-withheld-the-only-one", "no-file-shown", {
            world::without(&world::without(&pack, "files/001"), "002")
        }),
        refused("file-added", "uncovered-member", world::plus(&pack, "files/002-autre.pdf", b"another")),
        refused("file-under-another-name", "uncovered-member", {
            world::renamed(&pack, "files/001-lettre.pdf", "files/001-autre.pdf")
        }),
    ]
}

fn receipts(kept: &Kept) -> Vec<Made> {
    let archive = &kept.archive;
    let unsealed = archive.unsealed(SHOWN);
    let receipt = |change: &dyn Fn(&mut TlogProof)| {
        world::with(&unsealed, &format!("{INSIDE}/receipt.tlog-proof"), |bytes| {
            let read = TlogProof::parse(&String::from_utf8_lossy(bytes));
            *bytes = read
                .map(|mut proof| {
                    change(&mut proof);
                    proof.write().into_bytes()
                })
                .unwrap_or_default();
        })
    };
    let size = SHOWN as u64 + 1;
    let by = |name: &str, seed: u8, origin: &str| {
        let key = SigningKey::from_seed(name, &[seed; 32]).unwrap_or_else(|why| panic!("{why}"));
        archive.checkpoint_by(&key, origin, size)
    };
    let elsewhere = by(ORIGIN, 3, "autre.exemple.fr/log");
    let mut other = refused("receipt-of-another-log", "other-log", receipt(&|p| p.checkpoint.clone_from(&elsewhere)));
    other.says[3] = "6";
    let (stranger, forged) = (by(ORIGIN, 8, ORIGIN), archive.checkpoint(size + 1));
    // The text of the larger head over the line signed for the smaller.
    let smaller = archive.checkpoint(size);
    let line = smaller.split("\n\n").nth(1).unwrap_or_default();
    let forged = format!("{}\n\n{line}", forged.split("\n\n").next().unwrap_or_default());
    let in_larger = archive.receipt_in(SHOWN, size + 1, forged);
    vec![
        refused("receipt-index-changed", "not-in-the-log", receipt(&|p| p.index.0 = 0)),
        refused("receipt-with-an-extra-line", "receipt-malformed", receipt(&|p| p.extra = Some(vec![1]))),
        refused("receipt-head-signed-for-another-size", "signature-false", {
            world::with(&unsealed, &format!("{INSIDE}/receipt.tlog-proof"), |bytes| *bytes = in_larger.into_bytes())
        }),
        untold("receipt-by-an-unknown-key", "key-not-in-policy", receipt(&|p| p.checkpoint.clone_from(&stranger))),
        other,
    ]
}

/// Token, evidence records, bound head.
fn seals(kept: &Kept) -> Vec<Made> {
    let archive = &kept.archive;
    let pack = archive.pack(SHOWN);
    let inside = |name: &str| format!("{INSIDE}/{name}");
    let mut longer = archive.pack_seal(SHOWN, &archive.batch);
    longer.paths[0][0].0[0] ^= 1;
    let mut rewritten = archive.pack_seal(SHOWN, &archive.batch);
    rewritten.consistency[0].0[0] ^= 1;
    let written = |seal| archive.write(archive.input(SHOWN, Some(seal)));
    let elsewhere = Batch {
        size: archive.batch.size,
        checkpoint: archive.batch.checkpoint.clone(),
        binding_second: archive.batch.binding_second,
        groups: archive.batch.groups.clone(),
        token: kept.other_token.clone(),
    };
    let unsigned = |bytes: &mut Vec<u8>| *bytes.last_mut().unwrap_or(&mut 0) ^= 1;
    vec![
        refused("token-of-another-batch", "group-not-covered", written(archive.pack_seal(SHOWN, &elsewhere))),
        refused(
            "token-differs-from-the-records",
            "other-token",
            world::with(&pack, &inside("token.tst"), |bytes| {
                bytes.clone_from(&kept.other_token);
            }),
        ),
        refused("token-signature-changed", "token-false", {
            let mut token = archive.batch.token.clone();
            unsigned(&mut token);
            written(archive.pack_seal(SHOWN, &Batch { token, ..elsewhere }))
        }),
        refused("group-path-changed", "group-not-covered", written(longer)),
        refused("consistency-changed", "log-rewritten", written(rewritten)),
        refused("manifest-changed", "manifest-differs", {
            world::with(&pack, "META-INF/ASiCEvidenceRecordManifest001.xml", |bytes| bytes.push(b'\n'))
        }),
        refused(
            "bound-head-changed",
            "checkpoint-not-covered",
            world::with(&pack, &inside("checkpoint"), |bytes| {
                *bytes = archive.checkpoint(5).into_bytes();
            }),
        ),
        untold("consistency-missing", "seal-incomplete", world::without(&pack, &inside("consistency"))),
        untold("manifest-missing", "member-missing", world::without(&pack, "ASiCEvidenceRecordManifest001.xml")),
    ]
}

fn containers(kept: &Kept) -> Vec<Made> {
    let pack = kept.archive.unsealed(SHOWN);
    let unreadable =
        |name, bytes| Made { says: ["cannot-tell", "unreadable", "INDETERMINATE", "5"], ..untold(name, "", bytes) };
    let mut twice = world::plus(&pack, "unit/X.json", b"{}");
    for at in 0..twice.len() - 6 {
        if &twice[at..at + 6] == b"unit/X" {
            twice[at + 5] = b'R';
        }
    }
    let mut crc = pack.clone();
    let at = crc.windows(6).position(|bytes| bytes == b"lettre").unwrap_or_default() + b"lettre.pdf".len();
    crc[at] ^= 1;
    vec![
        refused("name-twice", "ambiguous-container", twice),
        refused("content-against-its-checksum", "member-altered", crc),
        unreadable("bytes-after-the-end", [&pack[..], b"\0"].concat()),
        unreadable("cut-in-the-middle", pack[..pack.len() / 2].to_vec()),
    ]
}
