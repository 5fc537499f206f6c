//! The manifest of a backup: everything that a restore needs, by digest. See docs/formats/backup.md.
//!
//! Written in canonical JSON, and signed: a note names its SHA-256 under the log's own key. Whoever can write to the place of backups
//! cannot make another history of it.

use super::shelf::Shelf;
use crate::custody;
use crate::limits;
use crate::trouble::Trouble;
use ledger::{KnownKeys, LogKeys};
use proof::hash::decode_hex;
use proof::time::{format_rfc3339, parse_rfc3339};
use proof::{Checkpoint, Hash, SignedNote, UnixMillis};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Component, Path};

const VERSION: u64 = 1;
/// First line of the note: no log is called so, for it holds spaces.
const NOTE: &str = "tabellion backup 1";
/// Code of a manifest that is not sound.
pub(crate) const UNSOUND: &str = "manifest-unsound";
const FOLDER: &str = "manifests";

/// An object of the backup. Members stand in the order of canonical JSON, here and below.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ahead {
    pub(crate) bytes: u64,
    /// Hexadecimal name of the file ahead.
    pub(crate) name: String,
    pub(crate) sha256: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kept {
    pub(crate) bytes: u64,
    /// Relative to the data directory.
    pub(crate) path: String,
    pub(crate) sha256: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Segment {
    pub(crate) ahead: Vec<Ahead>,
    pub(crate) bytes: u64,
    /// Hexadecimal id of the key that its header names.
    pub(crate) key: String,
    pub(crate) number: u64,
    pub(crate) sha256: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// The signed checkpoint of the commit.
    pub(crate) checkpoint: String,
    pub(crate) commit: u64,
    /// Segment keys that the log says are destroyed.
    pub(crate) destroyed: Vec<String>,
    pub(crate) files: Vec<Kept>,
    /// When the backup was made.
    pub(crate) made: String,
    pub(crate) origin: String,
    /// SHA-256 of the manifest before this one.
    pub(crate) previous: Option<String>,
    pub(crate) segments: Vec<Segment>,
    /// Hexadecimal id of the store.
    pub(crate) store: String,
    pub(crate) version: u64,
}

/// A manifest as it stands in a backup.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) name: String,
    pub(crate) sha256: String,
    pub(crate) manifest: Manifest,
    /// What its checkpoint states.
    pub(crate) head: Checkpoint,
}

/// Where the object of this digest stands.
pub(crate) fn object(sha256: &str) -> String {
    format!("objects/{}/{sha256}", sha256.get(..2).unwrap_or_default())
}

/// The identifier that this hexadecimal text is.
pub(crate) fn id(text: &str) -> Option<[u8; 16]> {
    decode_hex(text)?.try_into().ok()
}

/// The name of a manifest made at this time.
pub(crate) fn name_of(made: UnixMillis) -> String {
    format_rfc3339(made).replace(['-', ':'], "")
}

/// Names of the manifests of a backup, the oldest first. One without its note was never finished.
pub(crate) fn names(shelf: &dyn Shelf) -> Result<Vec<String>, Trouble> {
    let listed = shelf.list(FOLDER).map_err(|error| Trouble::shelf(FOLDER, &error))?;
    let name = |path: &String| Some(path.strip_prefix(FOLDER)?.strip_prefix('/')?.strip_suffix(".note")?.to_owned());
    Ok(listed.iter().filter_map(name).collect())
}

/// The two objects of a manifest, its note first.
pub(crate) fn parts(name: &str) -> [String; 2] {
    [format!("{FOLDER}/{name}.note"), format!("{FOLDER}/{name}.json")]
}

/// The manifest stands in the backup, whole and signed: the note, written last, is what makes it one.
pub(crate) fn write(shelf: &dyn Shelf, manifest: &Manifest, keys: &LogKeys) -> Result<String, Trouble> {
    let name = parse_rfc3339(&manifest.made).map(name_of).unwrap_or_default();
    let bytes = manifest.to_bytes().map_err(|why| unsound(&name, &why))?;
    let [note, json] = parts(&name);
    let signed = keys.sign(&note_text(&manifest.origin, &proof::sha256(&bytes).to_string()));
    let signed = signed.map_err(|why| custody::unsigned(&why))?;
    for (name, bytes) in [(json, bytes.as_slice()), (note, signed.as_bytes())] {
        shelf.create(&name, bytes).map_err(|error| Trouble::shelf(&name, &error))?;
        let read = read_whole(shelf, &name)?;
        if read != bytes {
            return Err(super::read_back(&name));
        }
        // A crash between the two leaves a manifest without note: nobody takes it for one.
    }
    Ok(name)
}

fn note_text(origin: &str, sha256: &str) -> String {
    format!("{NOTE}\n{origin}\n{sha256}\n")
}

/// The manifest of this name, signed by a key of the log and sound in itself.
pub(crate) fn read(shelf: &dyn Shelf, name: &str, keys: &KnownKeys) -> Result<Found, Trouble> {
    let [note_name, json_name] = parts(name);
    let text = String::from_utf8(read_whole(shelf, &note_name)?).map_err(|_| unsound(&note_name, "not text"))?;
    let note = SignedNote::parse(&text).map_err(|why| unsound(&note_name, &why.to_string()))?;
    keys.verify(&note).map_err(|why| unsound(&note_name, &format!("it is not signed by this log's key: {why}")))?;
    let bytes = read_whole(shelf, &json_name)?;
    let sha256 = proof::sha256(&bytes).to_string();
    if note.text != note_text(keys.name(), &sha256) {
        return Err(unsound(&json_name, "its note is signed over another manifest"));
    }
    let manifest = Manifest::parse(&bytes).map_err(|why| unsound(&json_name, &why))?;
    let head = manifest.head(keys).map_err(|why| unsound(&json_name, &why))?;
    if parse_rfc3339(&manifest.made).map(name_of).as_deref() != Some(name) {
        return Err(unsound(&json_name, "it was made at another time than its name says"));
    }
    Ok(Found { name: name.to_owned(), sha256, manifest, head })
}

/// The log that this manifest says it is of: not yet believed.
pub(crate) fn origin(shelf: &dyn Shelf, name: &str) -> Result<String, Trouble> {
    let [note, _] = parts(name);
    let text = String::from_utf8_lossy(&read_whole(shelf, &note)?).into_owned();
    let origin = text.strip_prefix(NOTE).and_then(|rest| rest.strip_prefix('\n')).and_then(|rest| rest.lines().next());
    origin.map(str::to_owned).ok_or_else(|| unsound(&note, "it names no log"))
}

/// The newest manifest that is sound, and the names of newer ones that are not. Where there are manifests and none is sound, the place is
/// another store's, or lost: nothing more is put there.
pub(crate) fn newest(shelf: &dyn Shelf, keys: &KnownKeys) -> Result<(Option<Found>, Vec<String>), Trouble> {
    let (mut unsound, mut first) = (Vec::new(), None);
    for name in names(shelf)?.into_iter().rev() {
        match read(shelf, &name, keys) {
            Ok(found) => return Ok((Some(found), unsound)),
            Err(trouble) if trouble.code == UNSOUND => {
                unsound.push(name);
                first.get_or_insert(trouble);
            }
            Err(trouble) => return Err(trouble),
        }
    }
    first.map_or(Ok((None, unsound)), Err)
}

fn read_whole(shelf: &dyn Shelf, name: &str) -> Result<Vec<u8>, Trouble> {
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => unsound(name, "it is missing"),
        _ => Trouble::shelf(name, &error),
    };
    let mut bytes = Vec::new();
    let opened = shelf.open(name).map_err(failed)?;
    opened.take(limits::MANIFEST_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limits::MANIFEST_BYTES {
        return Err(unsound(name, "it is larger than any manifest"));
    }
    Ok(bytes)
}

fn unsound(name: &str, why: &str) -> Trouble {
    let remedy = [
        "ne pas s'en servir : restaurer une autre sauvegarde (--at), ou sauvegarder ailleurs, et chercher ce qui l'a abîmé",
        "do not use it: restore another backup (--at), or back up elsewhere, and find out what damaged it",
    ];
    let french = format!("ce manifeste de sauvegarde n'est pas bon : {why}");
    Trouble::new(UNSOUND, french, format!("this manifest of a backup is not sound: {why}"), remedy).at(name)
}

impl Manifest {
    fn to_bytes(&self) -> Result<Vec<u8>, String> {
        let bytes = serde_json::to_vec(self).map_err(|why| why.to_string())?;
        match Self::parse(&bytes) {
            Ok(read) if read == *self => Ok(bytes),
            Ok(_) => Err("it reads back otherwise".into()),
            Err(why) => Err(why),
        }
    }

    /// The manifest of these bytes, if they are its one canonical form and it says nothing impossible.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let found: Self = serde_json::from_slice(bytes).map_err(|why| why.to_string())?;
        if found.version != VERSION {
            return Err(format!("version {}, this program reads {VERSION}", found.version));
        }
        if serde_json::to_vec(&found).map_err(|why| why.to_string())? != bytes {
            return Err("not in canonical form".into());
        }
        found.check()?;
        Ok(found)
    }

    fn check(&self) -> Result<(), String> {
        let hex = |text: &str, bytes: usize| {
            text.len() == 2 * bytes && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        };
        let digests = self.segments.iter().map(|segment| &segment.sha256);
        let ahead = || self.segments.iter().flat_map(|segment| &segment.ahead);
        let mut digests = digests.chain(ahead().map(|file| &file.sha256)).chain(self.files.iter().map(|f| &f.sha256));
        if !digests.all(|digest| hex(digest, 32)) || self.previous.as_ref().is_some_and(|previous| !hex(previous, 32)) {
            return Err("a digest that is none".into());
        }
        let names = self.segments.iter().map(|segment| &segment.key).chain(ahead().map(|file| &file.name));
        if !names.chain(&self.destroyed).chain([&self.store]).all(|name| hex(name, 16)) {
            return Err("an identifier that is none".into());
        }
        if self.segments.is_empty() || !self.segments.iter().zip(1..).all(|(segment, number)| segment.number == number)
        {
            return Err("segments that are not numbered from 1 without gap".into());
        }
        let unsafe_path = |kept: &&Kept| !is_plain(&kept.path);
        if let Some(kept) = self.files.iter().find(unsafe_path) {
            return Err(format!("a file that has no place in a data directory: {:?}", kept.path));
        }
        let paths: BTreeSet<&str> = self.files.iter().map(|kept| kept.path.as_str()).collect();
        if paths.len() != self.files.len() {
            return Err("a file named twice".into());
        }
        parse_rfc3339(&self.made).map(drop).ok_or_else(|| "a time that is none".to_owned())
    }

    fn head(&self, keys: &KnownKeys) -> Result<Checkpoint, String> {
        let note = SignedNote::parse(&self.checkpoint).map_err(|why| format!("its checkpoint: {why}"))?;
        keys.verify(&note).map_err(|why| format!("its checkpoint is not signed by this log's key: {why}"))?;
        let head = Checkpoint::parse(&note.text).map_err(|why| format!("its checkpoint: {why}"))?;
        if self.origin != keys.name() || head.origin != self.origin {
            return Err(format!("it is of log {}", self.origin));
        }
        Ok(head)
    }

    /// Digests of every object that it names.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &str> {
        let segments = self.segments.iter().map(|segment| segment.sha256.as_str());
        let ahead = self.segments.iter().flat_map(|segment| &segment.ahead).map(|file| file.sha256.as_str());
        segments.chain(ahead).chain(self.files.iter().map(|kept| kept.sha256.as_str()))
    }
}

/// A relative path of plain names that holds no secret and is not of the store.
pub(crate) fn is_plain(path: &str) -> bool {
    let parts: Vec<_> = Path::new(path).components().collect();
    let plain = !parts.is_empty() && parts.iter().all(|part| matches!(part, Component::Normal(_)));
    let secret = ["log.key", "log.key.next", "master.key", "admin.token", "tsa/tsa.key"].contains(&path);
    let own =
        parts.first().is_some_and(|first| ["store", "run", "refused"].iter().any(|own| first.as_os_str() == *own));
    plain && !secret && !own && path.len() <= 1024 && !path.contains('\0')
}

/// The digest and the length of what is read.
pub(crate) fn digest(bytes: &mut dyn Read) -> std::io::Result<(String, u64)> {
    use sha2::{Digest, Sha256};
    let (mut hash, mut length, mut block) = (Sha256::new(), 0_u64, vec![0; 256 << 10]);
    loop {
        let count = bytes.read(&mut block)?;
        if count == 0 {
            return Ok((Hash(hash.finalize().into()).to_string(), length));
        }
        hash.update(block.get(..count).unwrap_or_default());
        length = length.saturating_add(count as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Manifest {
        let digest = "ab".repeat(32);
        let id = "cd".repeat(16);
        let ahead = vec![Ahead { bytes: 9, name: id.clone(), sha256: digest.clone() }];
        let segments = vec![Segment { ahead, bytes: 512, key: id.clone(), number: 1, sha256: digest.clone() }];
        let files = vec![Kept { bytes: 3, path: "tsa/ca.pem".into(), sha256: digest.clone() }];
        Manifest {
            checkpoint: "a\n\u{1f}\"é".into(),
            commit: 7,
            destroyed: vec![id.clone()],
            files,
            made: "2026-11-26T16:15:23.123Z".into(),
            origin: "a".into(),
            previous: Some(digest),
            segments,
            store: id,
            version: 1,
        }
    }

    #[test]
    fn a_manifest_is_canonical_json() {
        let bytes = sample().to_bytes().unwrap();
        assert_eq!(Manifest::parse(&bytes).unwrap(), sample());
        assert!(proof::json::Canonical::parse(&bytes, 1 << 20).is_ok());
        assert_eq!(name_of(UnixMillis(1_795_709_723_123)), "20261126T161523.123Z");
    }

    #[test]
    fn another_form_or_an_impossible_saying_is_refused() {
        let text = String::from_utf8(sample().to_bytes().unwrap()).unwrap();
        assert!(Manifest::parse(text.replace(",\"commit\"", ", \"commit\"").as_bytes()).is_err());
        assert!(Manifest::parse(text.replace("\"version\":1", "\"version\":1,\"zeal\":1").as_bytes()).is_err());
        type Lie = fn(&mut Manifest);
        let lies: [Lie; 9] = [
            |m| m.version = 2,
            |m| m.segments.clear(),
            |m| m.segments[0].number = 2,
            |m| m.segments[0].sha256.make_ascii_uppercase(),
            |m| m.segments[0].ahead[0].name = "../../x".into(),
            |m| m.store.clear(),
            |m| m.files[0].path = "store/keys/store.key".into(),
            |m| m.files.push(m.files[0].clone()),
            |m| m.made = "yesterday".into(),
        ];
        for lie in lies {
            let mut manifest = sample();
            lie(&mut manifest);
            assert!(Manifest::parse(&serde_json::to_vec(&manifest).unwrap()).is_err(), "{manifest:?}");
        }
        for path in [
            "",
            "/etc/x",
            "../x",
            "a/../b",
            "./a",
            "log.key",
            "log.key.next",
            "master.key",
            "tsa/tsa.key",
            "run/url",
            "store",
        ] {
            assert!(!is_plain(path), "{path}");
        }
        assert!(is_plain("tsa/ca.pem") && is_plain("w.policy"));
    }
}
