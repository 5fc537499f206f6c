//! The file `state`: for each origin the head cosigned last. Replaced whole, and refused when it is not what we wrote
//! (docs/formats/witness.md).

use crate::error::ServiceError;
use crate::{files, limits};
use ::watch::witness::Known;
use proof::json::{Canonical, Members};
use proof::{Checkpoint, SignedNote, sha256};
use std::collections::BTreeMap;
use std::path::Path;

const FILE: &str = "state";
const MAGIC: &str = "tabellion witness state v1 ";

/// The heads cosigned last, by origin: the notes as shown, with the log's own lines.
#[derive(Clone, Default, PartialEq, Debug)]
pub(super) struct State(BTreeMap<String, SignedNote>);

impl State {
    /// The state on disk.
    pub(super) fn read(dir: &Path) -> Result<Self, ServiceError> {
        let path = dir.join(FILE);
        let damaged = |why: String| ServiceError::WitnessState { path: path.clone(), why };
        if !path.exists() {
            return Err(damaged("the file is missing".into()));
        }
        let bytes = files::read_bounded(&path, limits::WITNESS_STATE_BYTES)?;
        Self::parse(&bytes).map_err(damaged)
    }

    /// Durable as the state, whole, before this returns.
    ///
    /// The new file is written beside the old and synced, then takes its name, then the directory is synced. A crash before the
    /// second step leaves the old state: the head was cosigned for nobody. After it, old or new: either way nobody was answered,
    /// and the log asks again.
    pub(super) fn write(&self, dir: &Path) -> Result<(), ServiceError> {
        let bytes = self.to_bytes().map_err(|why| ServiceError::WitnessState { path: dir.join(FILE), why })?;
        files::replace(&dir.join(FILE), &bytes)
    }

    fn to_bytes(&self) -> Result<Vec<u8>, String> {
        let head = |(origin, note): (&String, &SignedNote)| (key(origin), Canonical::string(&note.write()));
        let heads: Members = self.0.iter().map(head).collect();
        let body = Canonical::object(&heads, limit()).map_err(|why| why.to_string())?;
        Ok(format!("{MAGIC}{}\n{body}\n", sha256(body.text().as_bytes())).into_bytes())
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let rest = bytes.strip_prefix(MAGIC.as_bytes()).ok_or("the first line is not that of a state")?;
        let (digest, rest) = rest.split_at_checked(64).ok_or("the file is cut short")?;
        let body = rest.strip_prefix(b"\n").and_then(|rest| rest.strip_suffix(b"\n")).ok_or("the file is cut short")?;
        if sha256(body).to_string().as_bytes() != digest {
            return Err("it does not match its digest".into());
        }
        let heads = Canonical::parse(body, limit()).map_err(|why| why.to_string())?;
        let mut state = Self::default();
        for (named, note) in heads.to_members().ok_or("no object")? {
            let note = SignedNote::parse(&note.to_string_value().ok_or("no text")?).map_err(|why| why.to_string())?;
            let checkpoint = Checkpoint::parse(&note.text).map_err(|why| why.to_string())?;
            if key(&checkpoint.origin) != named {
                return Err(format!("the head of {named} is another log's"));
            }
            state.0.insert(checkpoint.origin, note);
        }
        Ok(state)
    }

    /// The head cosigned last for this origin.
    pub(super) fn note(&self, origin: &str) -> Option<&SignedNote> {
        self.0.get(origin)
    }

    /// What a decision needs of it.
    pub(super) fn known(&self, origin: &str) -> Known {
        let head = self.note(origin).and_then(|note| Checkpoint::parse(&note.text).ok());
        head.map_or_else(Known::nothing, |head| Known { size: head.size, root: head.root })
    }

    /// The same with this head as the origin's last.
    pub(super) fn with(&self, origin: &str, note: SignedNote) -> Self {
        let mut next = self.clone();
        next.0.insert(origin.to_owned(), note);
        next
    }
}

/// What an origin is known by in the file: its SHA-256, as in the address where its head is shown.
fn key(origin: &str) -> String {
    sha256(origin.as_bytes()).to_string()
}

fn limit() -> usize {
    usize::try_from(limits::WITNESS_STATE_BYTES).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proof::{Hash, SigningKey, TreeSize};

    fn note(origin: &str, size: u64) -> SignedNote {
        let key = SigningKey::from_seed(origin, &[1; 32]).unwrap();
        let head =
            Checkpoint { origin: origin.into(), size: TreeSize(size), root: Hash([3; 32]), extensions: Vec::new() };
        SignedNote::parse(&key.sign(&head.to_text())).unwrap()
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else_is() {
        let state =
            State::default().with("a.example/log", note("a.example/log", 7)).with("b.example", note("b.example", 9));
        let bytes = state.to_bytes().unwrap();
        assert_eq!(State::parse(&bytes).unwrap(), state);
        assert_eq!(state.known("a.example/log").size, TreeSize(7));
        assert_eq!(state.known("nobody"), Known::nothing());
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            assert!(State::parse(&altered).is_err(), "byte {at}");
            assert!(State::parse(&bytes[..at]).is_err(), "cut at {at}");
        }
        let longer = [&bytes[..], b"\n"].concat();
        assert!(State::parse(&longer).is_err());
    }

    #[test]
    fn a_damaged_or_missing_state_is_refused_with_a_remedy() {
        let dir = tempfile::TempDir::new().unwrap();
        let remedy = |state: Result<State, ServiceError>| state.unwrap_err().to_string().contains("new key");
        assert!(remedy(State::read(dir.path())));
        State::default().write(dir.path()).unwrap();
        assert_eq!(State::read(dir.path()).unwrap(), State::default());
        std::fs::write(dir.path().join(FILE), b"").unwrap();
        assert!(remedy(State::read(dir.path())));
    }

    #[test]
    fn a_head_under_another_origin_is_refused() {
        let heads: Members = [(key("b.example"), Canonical::string(&note("a.example", 1).write()))].into();
        let body = Canonical::object(&heads, limit()).unwrap();
        let bytes = format!("{MAGIC}{}\n{body}\n", sha256(body.text().as_bytes())).into_bytes();
        assert!(State::parse(&bytes).unwrap_err().contains("another log's"));
    }
}
