//! The evidence pack: whatever was done to one, it passes only where every piece of evidence in it is an honest pack's.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use proof::{SignedNote, TlogProof};
use seal::{Container, ContainerWriter};
use verifier::{Lang, Overall, Policy, Verdict, verify_pack};

use super::Target;
use super::edits::{Members, Program, edit};
use crate::bugs::planted;
use crate::roles;
use crate::world::{JUDGED, SEALED, World};

pub const PACK: Target = Target {
    name: "pack",
    max_len: 1 << 16,
    check: pack,
    seeds,
    words: &[
        "PK\x01\x02",
        "PK\x03\x04",
        "PK\x05\x06",
        "META-INF/tabellion/",
        "unit/F/001.json",
        "files/001-",
        "mimetype",
    ],
};

/// What the seeds were made of.
struct Archive {
    packs: Vec<Members>,
    ours: Policy,
    /// The same log, another time-stamping authority.
    other_authority: Policy,
}

static ARCHIVE: LazyLock<Archive> = LazyLock::new(|| {
    let folder = Path::new(&roles::place()).join("archive");
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".asice"))
        .collect();
    names.sort();
    let [ours, other_authority] =
        ["policy.json", "other-authority.json"].map(|name| Policy::parse(&read(name)).unwrap());
    Archive { packs: names.iter().map(|name| members(&read(name)).unwrap()).collect(), ours, other_authority }
});

fn members(pack: &[u8]) -> Option<Members> {
    let container = Container::parse(pack).ok()?;
    container.names().map(|name| Some((name.to_owned(), container.read(name).ok()?))).collect()
}

/// An even first byte: the rest is a container. An odd one: a pack's number, then edits to it, then what is done to the
/// container. The bits above choose the policy.
fn pack(data: &[u8]) {
    let archive = &*ARCHIVE;
    let mut program = Program(data);
    let first = program.byte();
    let policy = match (first >> 1) % 4 {
        0 | 1 => Some(&archive.ours),
        2 => None,
        _ => Some(&archive.other_authority),
    };
    let bytes = if first % 2 == 0 { Some(program.0.to_vec()) } else { written(&mut program, archive) };
    let Some(bytes) = bytes else { return };
    let verdict = verify_pack(&bytes, policy, JUDGED);
    let _ = [Lang::French, Lang::English].map(|lang| verdict.sentences(lang));
    let passed = matches!(verdict.verdict, Overall::PassedTimestamped | Overall::PassedLogOnly);
    assert_eq!(passed, matches!(verdict.exit_code(), 0 | 4));
    if passed {
        assert!(policy.is_some(), "nothing passes without a trust anchor");
        assert_honest(archive, &bytes, &verdict);
        let foreign = policy.is_some_and(|policy| std::ptr::eq(policy, &archive.other_authority));
        assert!(!(foreign && verdict.verdict == Overall::PassedTimestamped), "an authority nobody trusts");
    } else {
        assert!(verdict.reason.is_some() && verdict.time.is_none() && verdict.anchors.is_empty());
    }
    let said = |code| verdict.findings.iter().any(|line| line.code == code);
    planted(|| said("log-rewritten") && said("file-withheld"));
}

fn written(program: &mut Program<'_>, archive: &Archive) -> Option<Vec<u8>> {
    let number = usize::from(program.byte()) % archive.packs.len();
    let mut members = archive.packs[number].clone();
    let flips = usize::from(program.byte()) % 8;
    let flips: Vec<(usize, u8)> = (0..flips / 4).map(|_| (program.below(1 << 16), program.byte())).collect();
    edit(program, &mut members, &archive.packs);
    let mut writer = ContainerWriter::new(Vec::new()).ok()?;
    for (name, bytes) in members.iter().filter(|(name, _)| name != "mimetype") {
        writer.add(name, bytes).ok()?;
    }
    let mut bytes = writer.finish().ok()?;
    for (place, flip) in flips {
        let place = place % bytes.len();
        bytes[place] ^= flip;
    }
    Some(bytes)
}

const RECEIPT: &str = "META-INF/tabellion/receipt.tlog-proof";
const BINDING: &str = "META-INF/tabellion/checkpoint.ers";
const MEMBERS_OF_SEAL: [&str; 4] = ["checkpoint", "checkpoint.ers", "token.tst", "consistency"];
/// What docs/formats/pack.md says is no evidence; a name of no later than this version says nothing either.
const SAYS_NOTHING: &str = "META-INF/tabellion/";

/// The pack of this entry, its token renewed an hour later.
pub fn renewed(archive: &World, index: usize) -> Vec<u8> {
    let mut seal = archive.pack_seal(index, &archive.batch);
    let at = proof::UnixMillis(SEALED.0 + 3_600_000);
    seal.renewals.push(crate::renewals::renewal(&archive.authority, &[&archive.batch.token], at));
    archive.write(archive.input(index, Some(seal)))
}

/// Every piece of evidence is that of one honest pack, and none of those that a verdict stands on is missing.
fn assert_honest(archive: &Archive, bytes: &[u8], verdict: &Verdict) {
    let shown: BTreeMap<String, Vec<u8>> = members(bytes).expect("what passes can be read").into_iter().collect();
    let honest = archive.packs.iter().map(|pack| pack.iter().cloned().collect::<BTreeMap<_, _>>());
    // Of one entry, the pack with its seal is the richer; with a renewal, its records are others.
    let same_record = |pack: &BTreeMap<String, Vec<u8>>| {
        let bound = shown.get(BINDING).is_none_or(|record| pack.get(BINDING) == Some(record));
        pack.get("unit/R.json") == shown.get("unit/R.json") && bound
    };
    let honest = honest.filter(same_record).max_by_key(BTreeMap::len).expect("a record nobody logged");
    let sealed_name = |name: &str| {
        let inside = name.strip_prefix(SAYS_NOTHING).is_some_and(|rest| MEMBERS_OF_SEAL.contains(&rest));
        inside || name.starts_with("META-INF/evidencerecord") || name.starts_with("META-INF/ASiCEvidenceRecord")
    };
    for (name, bytes) in &shown {
        match name.as_str() {
            RECEIPT => assert_same_receipt(bytes, &honest[RECEIPT]),
            other if other.starts_with(SAYS_NOTHING) && !sealed_name(other) => {}
            _ => assert_eq!(Some(bytes), honest.get(name), "{name} is nobody's: {:#?}", verdict.findings),
        }
    }
    for name in honest.keys().filter(|name| name.starts_with("unit/") || *name == RECEIPT) {
        assert!(shown.contains_key(name), "{name} is missing");
    }
    let whole = MEMBERS_OF_SEAL.iter().all(|name| shown.contains_key(&format!("{SAYS_NOTHING}{name}")));
    let some = shown.keys().any(|name| sealed_name(name));
    let timestamped = verdict.verdict == Overall::PassedTimestamped;
    assert_eq!((timestamped, timestamped), (whole, some), "a time on part of a seal: {:#?}", verdict.findings);
}

/// The same place, path and head, signed by the log: further signature lines may stand under it.
fn assert_same_receipt(shown: &[u8], honest: &[u8]) {
    let [shown, honest] = [shown, honest].map(|bytes| {
        let proof = TlogProof::parse(std::str::from_utf8(bytes).expect("a receipt is text")).unwrap();
        let note = SignedNote::parse(&proof.checkpoint).unwrap();
        (proof.index, proof.path, proof.extra, note)
    });
    assert_eq!((shown.0, &shown.1, &shown.2, &shown.3.text), (honest.0, &honest.1, &honest.2, &honest.3.text));
    assert!(honest.3.signatures.iter().all(|line| shown.3.signatures.contains(line)), "the log's line is missing");
}

fn seeds(archive: &World) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for index in [2, 4, 5] {
        // The token of a renewal is another each time: it is the one that was kept.
        let renewed = Path::new(&roles::place()).join("archive").join(format!("{index}-renewed.asice"));
        for pack in [archive.pack(index), archive.unsealed(index), std::fs::read(renewed).unwrap()] {
            seeds.push([&[0], &pack[..]].concat());
        }
    }
    // Each pack untouched under each policy, then one edit of each sort to the first.
    let count = 3 * archive.entries.len() as u8;
    seeds.extend((0..count).flat_map(|pack| [1, 5, 7].map(|first| vec![first, pack, 0])));
    for edit in 0..11u8 {
        for member in [0u8, 2, 4, 8, 11] {
            // The third entry, renewed and as it was sealed.
            seeds.extend([6, 7].map(|pack| vec![1, pack, 0, edit, member, 9, 0, 3, 1, 2, 3, 0, 0]));
        }
    }
    seeds
}
