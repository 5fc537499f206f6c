//! What is kept of a log that shows what it must not: both signed heads, beside the file of whoever watches it.

use std::fs;
use std::path::{Path, PathBuf};

use proof::tlog_proof::write_hashes;
use proof::{Checkpoint, Hash, sha256};

use crate::exit;
use crate::failure::Failure;
use crate::lang::Lang;
use crate::log::site::Site;
use crate::log::succession::{Succession, compare};
use crate::log::trust::{Head, Trust};
use crate::whole::{folder, named, write_durably};

/// Sets of one kind kept in one place. Each kind has its own room: old heads that anyone can show again, or heads without their
/// tiles, never take that of a fork.
pub const SETS: usize = 16;

/// What became of the evidence of one run.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The files, now or before.
    pub files: Vec<PathBuf>,
    /// Nothing was kept: there is no room left.
    pub full: bool,
}

/// Two heads as they came: the last good one, and the one shown now.
pub struct Pair<'a> {
    /// The note of the last good head.
    pub note: &'a str,
    /// What it states.
    pub before: &'a Checkpoint,
    /// The head shown now.
    pub head: &'a Head,
}

/// The head shown continues the last good one; or both are kept beside `place`, and it is said.
///
/// # Errors
/// A fork, a rollback; a head that nothing ties to the last one, since its tiles are missing or false.
pub fn continues(
    lang: Lang,
    trust: &Trust,
    pair: &Pair,
    site: &Site,
    place: &Path,
    kept: &mut Kept,
) -> Result<Succession, Failure> {
    let (before, now) = (pair.before, &pair.head.checkpoint);
    let (what, failure, path) = match compare(lang, before, now, &|path| site.tile(path)) {
        Ok(Succession::Rollback) => {
            ("rollback", said(lang, exit::ROLLBACK, "rollback", "fail.rollback", pair), Vec::new())
        }
        Ok(Succession::Fork(path)) => ("fork", said(lang, exit::FORK, "fork", "fail.fork", pair), path),
        // A log that parted from itself may hide the tiles that show it: its signed head is kept at least.
        Err(failure) if failure.exit == exit::TILES => ("unproved", failure, Vec::new()),
        found => return found,
    };
    // A full disk must not turn a fork into a full disk.
    match keep(lang, place, what, &trust.own_lines(pair.note), &trust.own_lines(&pair.head.note), &path) {
        Ok(now) => *kept = now,
        Err(why) => eprint!("{}", why.lines(lang)),
    }
    Err(placed(lang, failure, kept))
}

fn said(lang: Lang, exit: u8, code: &str, sentence: &'static str, pair: &Pair) -> Failure {
    let (origin, old) = (pair.head.checkpoint.origin.as_str(), pair.before.size.0.to_string());
    let new = pair.head.checkpoint.size.0.to_string();
    Failure::new(exit, code, lang.fill(sentence, &[("origin", origin), ("old", &old), ("new", &new)]))
}

/// The failure with where its evidence is, and what to do with it; or that there is none.
fn placed(lang: Lang, mut failure: Failure, kept: &Kept) -> Failure {
    if kept.full {
        let full = lang.fill("fail.evidence.full", &[("sets", &SETS.to_string())]);
        eprintln!("{full}");
        return failure;
    }
    if kept.files.is_empty() {
        return failure;
    }
    let shown: Vec<String> = kept.files.iter().map(|file| file.display().to_string()).collect();
    failure.place = Some(shown.join(", "));
    let unproved = failure.exit == exit::TILES;
    failure.with_remedy(lang.text(if unproved { "fail.evidence.unproved" } else { "fail.evidence.remedy" }))
}

/// Both notes stand beside `place`, and the path that shows they disagree; the same ones are kept once, and of what is not proved
/// each new head once. The notes come without lines that anyone may have added.
///
/// # Errors
/// The file system refused.
fn keep(lang: Lang, place: &Path, what: &str, old: &str, new: &str, path: &[Hash]) -> Result<Kept, Failure> {
    let same = if what == "unproved" { new.to_owned() } else { format!("{old}{new}") };
    let digest = sha256(same.as_bytes()).to_string();
    let mark = format!(".{what}-{}", digest.get(..12).unwrap_or_default());
    if sets(place, what, &mark) >= SETS {
        return Ok(Kept { files: Vec::new(), full: true });
    }
    let mut files = vec![(".old", old.to_owned()), (".new", new.to_owned())];
    if !path.is_empty() {
        files.push((".path", write_hashes(path)));
    }
    let mut kept = Kept::default();
    for (end, text) in files {
        let file = named(place, &format!("{mark}{end}"));
        write_durably(lang, &file, text.as_bytes())?;
        kept.files.push(file);
    }
    Ok(kept)
}

/// Sets of this kind other than this one.
fn sets(place: &Path, what: &str, mark: &str) -> usize {
    let name = |place: &Path| place.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (kind, this) = (name(&named(place, &format!(".{what}-"))), name(&named(place, mark)));
    let entries = fs::read_dir(folder(place)).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let evidence = |found: &String| found.starts_with(&kind) && found.ends_with(".old");
    names.filter(evidence).filter(|found| !found.starts_with(&this)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_kept_once_each_and_no_kind_takes_the_room_of_another() {
        let dir = tempfile::tempdir().expect("directory");
        let place = dir.path().join("state");
        let keep =
            |what, old: &str, new: &str, path: &[Hash]| keep(Lang::Fr, &place, what, old, new, path).expect("kept");
        let first = keep("fork", "a", "b", &[Hash([7; 32])]).files;
        assert_eq!(first.len(), 3);
        assert_eq!(fs::read(&first[0]).expect("old"), b"a");
        assert_eq!(fs::read(&first[1]).expect("new"), b"b");
        assert_eq!(fs::read_to_string(&first[2]).expect("path"), write_hashes(&[Hash([7; 32])]));
        let full = Kept { files: Vec::new(), full: true };
        for what in ["rollback", "unproved"] {
            for number in 0..SETS {
                assert_eq!(keep(what, "a", &number.to_string(), &[]).files.len(), 2);
            }
            assert_eq!(keep(what, "a", "z", &[]), full, "no room, and that is told");
            assert_eq!(keep(what, "a", "3", &[]).files.len(), 2, "the same again has its place");
        }
        assert_eq!(keep("unproved", "other", "3", &[]).files.len(), 2, "one head, whatever it was compared with");
        for number in 1..SETS {
            assert_eq!(keep("fork", "a", &number.to_string(), &[]).files.len(), 2);
        }
        assert_eq!(keep("fork", "a", "z", &[]), full);
        assert_eq!(keep("fork", "a", "b", &[]).files.len(), 2);
    }
}
