//! The register: whatever was done to an honest one, it passes only as a register that lists the same entries up to the same seal.

use std::path::Path;
use std::sync::LazyLock;

use proof::{Hash, Index, TenantId};
use verifier::{Overall, Policy};
use watch::register::{Checked, Checker};

use super::edits::Program;
use super::{Target, text};
use crate::bugs::planted;
use crate::register_case::RegisterCase;
use crate::register_log::{Log, tenant};
use crate::roles;
use crate::world::{JUDGED, World};

pub const REGISTER: Target = Target {
    name: "register",
    max_len: 1 << 15,
    check: register,
    seeds,
    words: &[
        "tabellion-register@v1\n",
        "origin ",
        "tenant ",
        "head ",
        "seal ",
        "seal-index ",
        "seal-path ",
        "row ",
        "slot ",
        "slots ",
        "row-path ",
        "checkpoint ",
        "consistency ",
        "binding ",
        "token ",
        "\n\n",
        "entry ",
        "later ",
        "end ",
        " - ",
    ],
};

/// Files of the honest registers, below the archive.
const HONEST: [&str; 3] = ["good.register", "other.register", "older.register"];

struct Archive {
    policy: Policy,
    texts: Vec<String>,
    told: Vec<Told>,
}

static ARCHIVE: LazyLock<Archive> = LazyLock::new(|| {
    let read = |name: &str| std::fs::read_to_string(Path::new(&roles::place()).join("archive").join(name)).unwrap();
    let texts: Vec<String> = HONEST.iter().map(|name| read(name)).collect();
    let policy = Policy::parse(read("register-policy.json").as_bytes()).unwrap();
    let told = texts.iter().map(|text| told(text.as_bytes()).expect("an honest register")).collect();
    Archive { policy, texts, told }
});

/// Writes the honest registers and the policy that believes them.
pub fn write_archive(folder: &Path) {
    let mut log = Log::new();
    log.deposit(2);
    log.seal();
    let older = log.register(tenant(1));
    log.deposit(2);
    log.seal();
    log.deposit(1);
    let texts = [log.register(tenant(1)), log.register(tenant(2)), older];
    for (name, text) in HONEST.iter().zip(texts) {
        std::fs::write(folder.join(name), text).unwrap();
    }
    std::fs::write(folder.join("register-policy.json"), log.policy().to_string()).unwrap();
}

/// What a register that passes has told: whose it is, under which head, up to which seal, and every entry.
#[derive(Clone, PartialEq, Debug)]
struct Told {
    origin: String,
    tenant: TenantId,
    head: String,
    seal: Option<(u64, u64, u64, Hash)>,
    entries: Vec<(u64, Index, Hash, bool)>,
}

impl Told {
    /// The same up to the seal: what is listed after it is not proved complete, and its end may be cut off.
    fn is_of(&self, honest: &Self) -> bool {
        let whole = Self { entries: honest.entries.clone(), ..self.clone() };
        let sealed = |told: &Self| told.entries.iter().filter(|(.., sealed)| *sealed).count();
        whole == *honest && honest.entries.starts_with(&self.entries) && sealed(self) == sealed(honest)
    }
}

fn lines(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    data.strip_suffix(b"\n").unwrap_or(data).split(|byte| *byte == b'\n')
}

/// By the check alone, without a policy.
fn told(data: &[u8]) -> Option<Told> {
    let (mut checker, mut entries) = (Checker::default(), Vec::new());
    for line in lines(data) {
        let listed = checker.line(line).ok()?;
        entries.extend(listed.map(|entry| (entry.sequence.0, entry.index, entry.leaf, entry.sealed)));
    }
    let Checked { register, head, listed, .. } = checker.finish().ok()?;
    assert_eq!(listed, entries.len() as u64);
    assert!(data.starts_with(register.write().as_bytes()), "the head of a register written again");
    let seal = register.seal.map(|seal| (seal.leaf.batch, seal.leaf.end.0, seal.row.count, seal.row.last));
    Some(Told { origin: register.origin, tenant: register.tenant, head: head.text, seal, entries })
}

/// An even first byte: the rest is a register. An odd one: an honest register's number, then edits to its lines.
fn register(data: &[u8]) {
    let archive = &*ARCHIVE;
    let mut program = Program(data);
    let odd = program.byte() % 2 == 1;
    let written = if odd { edited(&mut program, &archive.texts) } else { program.0.to_vec() };
    if text(&written).is_none() && odd {
        return;
    }
    let mut case = RegisterCase::new(Some(&archive.policy), JUDGED, &[]);
    let _ = lines(&written).map(|line| case.line(line)).take_while(|goes_on| *goes_on).count();
    let verdict = case.finish();
    if matches!(verdict.verdict, Overall::PassedTimestamped | Overall::PassedLogOnly) {
        let told = told(&written).expect("what passes holds together");
        assert!(archive.told.iter().any(|honest| told.is_of(honest)), "a register of nobody's: {told:#?}");
        assert_eq!(verdict.verdict == Overall::PassedTimestamped, told.seal.is_some());
    }
    planted(|| verdict.reason == Some("last-entry-differs") || verdict.reason == Some("entry-on-the-wrong-side"));
}

/// At most eight lines removed, repeated, exchanged, taken from another register, or changed in one byte.
fn edited(program: &mut Program<'_>, texts: &[String]) -> Vec<u8> {
    let number = usize::from(program.byte()) % texts.len();
    let mut lines: Vec<Vec<u8>> = texts[number].lines().map(|line| line.as_bytes().to_vec()).collect();
    for _ in 0..8 {
        if program.0.is_empty() || lines.is_empty() {
            break;
        }
        let (edit, at) = (program.byte() % 6, usize::from(program.byte()) % lines.len());
        let other = usize::from(program.byte());
        match edit {
            0 => drop(lines.remove(at)),
            1 => lines.insert(other % lines.len(), lines[at].clone()),
            2 => {
                let with = other % lines.len();
                lines.swap(at, with);
            }
            3 => {
                let from = texts[other % texts.len()].lines().nth(at);
                lines[at] = from.unwrap_or_default().as_bytes().to_vec();
            }
            4 => lines.truncate(at),
            _ => {
                let place = program.below(lines[at].len());
                if let Some(byte) = lines[at].get_mut(place) {
                    *byte = other as u8;
                }
            }
        }
    }
    lines.iter_mut().for_each(|line| line.push(b'\n'));
    lines.concat()
}

fn seeds(_: &World) -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = ARCHIVE.texts.iter().map(|text| [&[0], text.as_bytes()].concat()).collect();
    for number in 0..3 {
        seeds.push(vec![1, number]);
        seeds.extend((0..6).flat_map(|edit| [5, 8, 17, 20].map(|at| vec![1, number, edit, at, 1, 9, 0])));
    }
    seeds
}
