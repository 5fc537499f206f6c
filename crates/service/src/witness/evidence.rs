//! `evidence.jsonl`: what a log signed and cannot explain. Bounded; the first proofs are the ones kept.

use crate::limits::EVIDENCE_BYTES;
use proof::time::format_rfc3339;
use proof::{Hash, UnixMillis, sha256};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The file, and what stands in it already.
pub(super) struct Evidence {
    path: PathBuf,
    seen: BTreeSet<Hash>,
    bytes: u64,
    /// The last line was cut by a crash.
    cut: bool,
}

/// What was shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum What {
    /// Another root of the size cosigned last.
    TwoRoots,
    /// A head that its path does not tie to the one cosigned last.
    NotAContinuation,
}

/// What became of a piece.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kept {
    Now,
    Before,
    /// The file is full: take it away and keep it, a new one is begun.
    Full,
}

impl Evidence {
    /// A line that a crash cut says nothing and is passed over.
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        let path = dir.join("evidence.jsonl");
        let mut text = Vec::new();
        match std::fs::File::open(&path) {
            Ok(file) => file.take(EVIDENCE_BYTES * 2).read_to_end(&mut text).map(drop)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let lines = text.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok());
        let text_of = |line: &Value, name: &str| line.get(name).and_then(Value::as_str).map(str::to_owned);
        let mark = |line: Value| {
            Some(mark(&text_of(&line, "code")?, text_of(&line, "held").as_deref(), &text_of(&line, "shown")?))
        };
        let seen = lines.filter_map(mark).collect();
        let cut = text.last().is_some_and(|byte| *byte != b'\n');
        Ok(Self { path, seen, bytes: text.len() as u64, cut })
    }

    /// Keeps what was shown beside what was held, once for what it is, the root held and the head shown: a head that was shown with
    /// a wrong path before is kept again when it turns out to be a second root. What proves nothing by itself (anyone can show a
    /// head with a path that is wrong) takes at most half of the file: room is left for what does.
    pub(super) fn keep(&mut self, at: UnixMillis, what: What, held: Option<&str>, shown: &str) -> io::Result<Kept> {
        let (code, limit) = match what {
            What::TwoRoots => ("two-roots-of-one-size", EVIDENCE_BYTES),
            What::NotAContinuation => ("not-a-continuation", EVIDENCE_BYTES / 2),
        };
        let digest = mark(code, held, shown);
        if self.seen.contains(&digest) {
            return Ok(Kept::Before);
        }
        let before = if self.cut { "\n" } else { "" };
        let line =
            format!("{before}{}\n", json!({"at": format_rfc3339(at), "code": code, "held": held, "shown": shown}));
        if !self.path.exists() {
            // Taken away to be kept elsewhere: a new one is begun.
            (self.bytes, self.cut) = (0, false);
        }
        if self.bytes + line.len() as u64 > limit {
            return Ok(Kept::Full);
        }
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        file.write_all(line.as_bytes()).and_then(|()| file.sync_all())?;
        self.bytes += line.len() as u64;
        self.seen.insert(digest);
        self.cut = false;
        Ok(Kept::Now)
    }
}

/// What makes a piece one of its own: its code, the root held, the text of the head shown. The same with another path is nothing new.
fn mark(code: &str, held: Option<&str>, shown: &str) -> Hash {
    let root = held.and_then(|held| held.split('\n').nth(2)).unwrap_or_default();
    let text = shown.split("\n\n").nth(1).unwrap_or(shown);
    sha256(format!("{code}\n{root}\n{text}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::What::{NotAContinuation, TwoRoots};
    use super::*;

    #[test]
    fn each_piece_is_kept_once_and_the_file_is_bounded() {
        let dir = tempfile::TempDir::new().unwrap();
        let mut evidence = Evidence::open(dir.path()).unwrap();
        let held = Some("log\n1\nroot\n");
        assert_eq!(evidence.keep(UnixMillis(1), NotAContinuation, held, "old 1\n\none\n\nx").unwrap(), Kept::Now);
        assert_eq!(evidence.keep(UnixMillis(2), NotAContinuation, held, "old 2\nx\n\none\n\ny").unwrap(), Kept::Before);
        // What convicts is kept although the same head was shown with a wrong path before; so is another root held.
        assert_eq!(evidence.keep(UnixMillis(2), TwoRoots, held, "old 2\n\none\n\ny").unwrap(), Kept::Now);
        assert_eq!(evidence.keep(UnixMillis(2), TwoRoots, None, "old 2\n\none\n\ny").unwrap(), Kept::Now);
        let path = dir.path().join("evidence.jsonl");
        // A line cut by a crash, then a start.
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"shown\":\"tw").unwrap();
        let mut evidence = Evidence::open(dir.path()).unwrap();
        assert_eq!(evidence.keep(UnixMillis(2), TwoRoots, held, "old 2\nx\n\none\n\ny").unwrap(), Kept::Before);
        let large = "x".repeat(60_000);
        let mut fill = |what, name: &str| {
            let mut kept = 0;
            while evidence.keep(UnixMillis(3), what, None, &format!("{name}{kept}{large}")).unwrap() == Kept::Now {
                kept += 1;
            }
            kept
        };
        assert_eq!(fill(NotAContinuation, "a"), 8, "half of the file");
        assert_eq!(fill(TwoRoots, "b"), 9, "the other half");
        assert_eq!(Evidence::open(dir.path()).unwrap().seen.len(), 20, "none but the cut line is lost");
        assert!(std::fs::metadata(&path).unwrap().len() <= EVIDENCE_BYTES);
        std::fs::rename(&path, dir.path().join("kept")).unwrap();
        assert_eq!(
            evidence.keep(UnixMillis(4), TwoRoots, None, "new").unwrap(),
            Kept::Now,
            "taken away, it begins anew"
        );
    }
}
