//! One backup: what is not there yet is copied and read back, then the manifest that names everything is written.
//!
//! A crash anywhere before the manifest's note leaves objects that nothing names, and every older backup as it was.

use super::cut::{Cut, CutSegment};
use super::manifest::{self, Ahead, Found, Kept, Manifest, Segment};
use super::shelf::Shelf;
use super::{Place, keep, no_bucket, read_back, writing};
use crate::config::Config;
use crate::custody::logkey;
use crate::error::ServiceError;
use crate::home::Home;
use crate::trouble::Trouble;
use crate::{limits, random, rollback};
use ledger::KnownKeys;
use proof::time::{format_rfc3339, parse_rfc3339};
use proof::{Checkpoint, SignedNote, UnixMillis};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::SegmentCopy;

/// What to back up, and where.
#[derive(Clone, Debug)]
pub struct BackupOptions {
    /// The data directory.
    pub data: PathBuf,
    /// The place of backups.
    pub to: Place,
    /// Backups older than this are removed, but the newest; `None` keeps all.
    pub keep: Option<Duration>,
    /// A copy of the key store goes there too, and copies older than this are destroyed.
    pub keys: Option<(PathBuf, Duration)>,
}

/// What a backup did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Taken {
    /// Name of its manifest.
    pub name: String,
    /// Commit that it ends with, and size of the log.
    pub commit: u64,
    /// See [`Taken::commit`].
    pub size: u64,
    /// Objects that it names, and their bytes.
    pub objects: u64,
    /// See [`Taken::objects`].
    pub bytes: u64,
    /// Of these, what was not there yet.
    pub sent: u64,
    /// See [`Taken::sent`].
    pub sent_bytes: u64,
    /// Older backups removed, and objects that no backup names any more.
    pub removed: u64,
    /// See [`Taken::removed`].
    pub removed_objects: u64,
    /// Where the copy of the key store stands.
    pub keys: Option<PathBuf>,
    /// Manifests newer than any sound one of before that are not sound: look at the medium.
    pub unsound: Vec<String>,
}

/// Asks how far the store goes; `None` while an elimination replaces files.
type Ask<'a> = &'a mut dyn FnMut() -> Result<Option<Cut>, ServiceError>;

/// A backup stands in its place, every object of it read back, the manifest written last.
///
/// # Errors
/// [`ServiceError`]: nothing older was changed, and what was written is named by nothing.
pub fn backup(options: &BackupOptions, ask: Ask<'_>) -> Result<Taken, ServiceError> {
    let config = Config::load(&options.data)?;
    let home = Home::at(&options.data);
    let keys = logkey::keys(&home, &config)?;
    options.keys.iter().try_for_each(|(to, _)| no_bucket(to))?;
    let shelf = writing(&options.to, &options.data)?;
    let (previous, unsound) = manifest::newest(shelf.as_ref(), keys.known())?;
    let mut taking = Taking {
        shelf: shelf.as_ref(),
        store: options.data.join("store"),
        known: HashMap::new(),
        done: Taken::default(),
    };
    taking.remember(previous.as_ref());
    let (cut, segments) = taking.consistent(options, ask, previous.as_ref(), keys.known())?;
    let files = taking.files(&home, &config)?;
    let (made, before) = (made(previous.as_ref()), previous.as_ref().map(|previous| previous.name.clone()));
    let head = head_of(&cut, keys.known())?;
    let manifest = Manifest {
        checkpoint: cut.checkpoint,
        commit: cut.commit,
        destroyed: cut.destroyed,
        files,
        made: format_rfc3339(made),
        origin: config.origin.clone(),
        previous: previous.map(|previous| previous.sha256),
        segments,
        store: cut.store,
        version: 1,
    };
    let name = manifest::write(shelf.as_ref(), &manifest, &keys)?;
    let mut done = Taken { name, commit: manifest.commit, size: head.size.0, ..taking.done };
    done.unsound = unsound;
    // What an unsound manifest names is not known: nothing is removed beside it.
    if let Some(keep) = options.keep.filter(|_| done.unsound.is_empty()) {
        let kept = u64::try_from(keep.as_millis()).unwrap_or(u64::MAX);
        let oldest = UnixMillis(made.0.saturating_sub(kept));
        let seen: Vec<&str> = before.iter().chain([&done.name]).map(String::as_str).collect();
        (done.removed, done.removed_objects) = keep::prune(shelf.as_ref(), keys.known(), oldest, &seen)?;
    }
    Ok(done)
}

/// Now; after the manifest before, whatever the clock says.
fn made(previous: Option<&Found>) -> UnixMillis {
    let before = previous.and_then(|previous| parse_rfc3339(&previous.manifest.made)).map_or(0, |made| made.0);
    UnixMillis(random::now().0.max(before.saturating_add(1)))
}

fn head_of(cut: &Cut, known: &KnownKeys) -> Result<Checkpoint, ServiceError> {
    let wrong = |why: String| ServiceError::Read(format!("the head of the store: {why}"));
    let note = SignedNote::parse(&cut.checkpoint).map_err(|why| wrong(why.to_string()))?;
    known.verify(&note).map_err(|why| wrong(why.to_string()))?;
    Checkpoint::parse(&note.text).map_err(|why| wrong(why.to_string()))
}

/// A backup under way.
struct Taking<'a> {
    shelf: &'a dyn Shelf,
    store: PathBuf,
    /// What segments of this number, key and length hold, as known from the manifest before or from this backup.
    known: HashMap<(u64, String, u64), Segment>,
    done: Taken,
}

impl Taking<'_> {
    fn remember(&mut self, previous: Option<&Found>) {
        for segment in previous.into_iter().flat_map(|found| &found.manifest.segments) {
            self.known.insert((segment.number, segment.key.clone(), segment.bytes), segment.clone());
        }
    }

    /// Segments and files ahead of one cut, none of which an elimination replaced or removed meanwhile.
    fn consistent(
        &mut self,
        options: &BackupOptions,
        ask: Ask<'_>,
        previous: Option<&Found>,
        known: &KnownKeys,
    ) -> Result<(Cut, Vec<Segment>), ServiceError> {
        for _ in 0..limits::BACKUP_ATTEMPTS {
            let cut = settled(ask)?;
            follows(&cut, previous, known)?;
            let Some(segments) = self.everything(&cut)? else { continue };
            // After the last segment, before the last look: what they need is in the copy.
            let keys =
                options.keys.as_ref().map(|(to, keep)| crate::backup_keys(&options.data, to, *keep)).transpose()?;
            self.done.keys = keys.map(|(place, ..)| place);
            // Keys that an elimination has destroyed since would leave what survives unreadable in what was copied before it.
            let now = settled(ask)?;
            let same = |segment: &CutSegment| {
                now.segments.iter().any(|found| (found.number, &found.key) == (segment.number, &segment.key))
            };
            if cut.segments.iter().all(same) {
                return Ok((cut, segments));
            }
            (self.done.objects, self.done.bytes) = (0, 0);
        }
        let remedy = [
            "attendre la fin des éliminations en cours, puis recommencer",
            "wait for eliminations to end, then do it again",
        ];
        let (french, english) = (
            "des éliminations remplacent les segments plus vite qu'ils ne se copient",
            "eliminations replace segments faster than they are copied",
        );
        Err(Trouble::new("backup-disturbed", french, english, remedy).into())
    }

    /// Every segment of the cut with its files ahead; `None` when one is not what the cut says any more.
    fn everything(&mut self, cut: &Cut) -> Result<Option<Vec<Segment>>, ServiceError> {
        (self.done.objects, self.done.bytes) = (0, 0);
        let mut segments = Vec::with_capacity(cut.segments.len());
        for asked in &cut.segments {
            let known = self.known.get(&(asked.number, asked.key.clone(), asked.bytes)).cloned();
            let Some(segment) = self.segment(cut, asked, known)? else { return Ok(None) };
            self.known.insert((asked.number, asked.key.clone(), asked.bytes), segment.clone());
            segments.push(segment);
        }
        Ok(Some(segments))
    }

    fn segment(
        &mut self,
        cut: &Cut,
        asked: &CutSegment,
        known: Option<Segment>,
    ) -> Result<Option<Segment>, ServiceError> {
        if let Some(known) = known
            && self.holds(&known.sha256, known.bytes)?
        {
            self.count(known.bytes);
            return Ok(self.all_ahead(&known.ahead)?.then_some(known));
        }
        let wrong = || ServiceError::Read("the server named a segment in a form that is not understood".into());
        let id = |text: &str| manifest::id(text).ok_or_else(wrong);
        let (store, key) = (id(&cut.store)?, id(&asked.key)?);
        let place = store::CutSegment { number: asked.number, key, bytes: asked.bytes };
        let opened = SegmentCopy::open(&self.store, &store, &place).map_err(|error| damaged(&error))?;
        let Some(mut copy) = opened else { return Ok(None) };
        let path = store::segment_path(&self.store, asked.number);
        let (sha256, length) = manifest::digest(&mut copy).map_err(ServiceError::io("read", &path))?;
        if length != asked.bytes {
            return Ok(None);
        }
        let ahead: Vec<Ahead> = copy
            .ahead
            .iter()
            .map(|file| Ahead {
                bytes: file.bytes,
                name: proof::hash::encode_hex(&file.name),
                sha256: file.sha256.to_string(),
            })
            .collect();
        copy.rewind().map_err(ServiceError::io("read", &path))?;
        self.put(&sha256, length, &mut copy)?;
        if !self.all_ahead(&ahead)? {
            return Ok(None);
        }
        let (key, number) = (asked.key.clone(), asked.number);
        Ok(Some(Segment { ahead, bytes: length, key, number, sha256 }))
    }

    /// These files ahead stand in the backup; false when one is gone here.
    fn all_ahead(&mut self, files: &[Ahead]) -> Result<bool, ServiceError> {
        for file in files {
            if !self.ahead(file)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A file ahead stands in the backup; false when it is gone here.
    fn ahead(&mut self, file: &Ahead) -> Result<bool, ServiceError> {
        if self.holds(&file.sha256, file.bytes)? {
            self.count(file.bytes);
            return Ok(true);
        }
        let name = manifest::id(&file.name).unwrap_or_default();
        let path = store::ahead_path(&self.store, &name);
        let mut source = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            other => other.map_err(ServiceError::io("open", &path))?,
        };
        let (sha256, length) = manifest::digest(&mut source).map_err(ServiceError::io("read", &path))?;
        if (sha256.as_str(), length) != (file.sha256.as_str(), file.bytes) {
            return Err(not_as_recorded(&path, &format!("{length} bytes, sha256 {sha256}")).into());
        }
        let mut source = File::open(&path).map_err(ServiceError::io("open", &path))?;
        self.put(&file.sha256, file.bytes, &mut source)?;
        Ok(true)
    }

    /// What a restore needs of the data directory beside the store; no secret.
    fn files(&mut self, home: &Home, config: &Config) -> Result<Vec<Kept>, ServiceError> {
        let mut kept = Vec::new();
        for path in home.public_files(config) {
            let place = home.path().join(&path);
            if !manifest::is_plain(&path) || !place.is_file() {
                continue;
            }
            let bytes = crate::files::read_bounded(&place, limits::BACKUP_FILE_BYTES)?;
            let (sha256, length) = (proof::sha256(&bytes).to_string(), bytes.len() as u64);
            self.put(&sha256, length, &mut bytes.as_slice())?;
            kept.push(Kept { bytes: length, path, sha256 });
        }
        Ok(kept)
    }

    fn count(&mut self, bytes: u64) {
        self.done.objects = self.done.objects.saturating_add(1);
        self.done.bytes = self.done.bytes.saturating_add(bytes);
    }

    /// The object is there, whole: it was put so, and read back, before any manifest named it.
    fn holds(&self, sha256: &str, bytes: u64) -> Result<bool, Trouble> {
        let name = manifest::object(sha256);
        let found = self.shelf.length(&name).map_err(|error| Trouble::shelf(&name, &error))?;
        Ok(found == Some(bytes))
    }

    /// The object is there, and reads back as its name says.
    fn put(&mut self, sha256: &str, bytes: u64, source: &mut dyn Read) -> Result<(), Trouble> {
        let name = manifest::object(sha256);
        let failed = |error| Trouble::shelf(&name, &error);
        if !self.holds(sha256, bytes)? {
            self.shelf.put(&name, source).map_err(failed)?;
            let mut back = self.shelf.open(&name).map_err(failed)?;
            let (found, length) = manifest::digest(back.as_mut()).map_err(failed)?;
            if (found.as_str(), length) != (sha256, bytes) {
                // It names nothing, and must not be taken for whole by the next backup.
                self.shelf.remove(&name).map_err(failed)?;
                return Err(read_back(&name));
            }
            self.done.sent = self.done.sent.saturating_add(1);
            self.done.sent_bytes = self.done.sent_bytes.saturating_add(bytes);
        }
        self.count(bytes);
        Ok(())
    }
}

/// How far the store goes, once no elimination replaces files.
fn settled(ask: Ask<'_>) -> Result<Cut, ServiceError> {
    for _ in 0..limits::CUT_ATTEMPTS {
        if let Some(cut) = ask()? {
            return Ok(cut);
        }
        std::thread::sleep(Duration::from_secs(limits::CUT_RETRY_SECONDS));
    }
    let remedy = ["recommencer quand elle sera finie", "do it again once it has ended"];
    let (french, english) =
        ("une élimination dure depuis trop longtemps", "an elimination has been going on for too long");
    Err(Trouble::new("elimination-under-way", french, english, remedy).into())
}

/// The place of backups is this store's, and holds nothing newer than the store: that would be a head of ours that it does not know.
fn follows(cut: &Cut, previous: Option<&Found>, known: &KnownKeys) -> Result<(), ServiceError> {
    let Some(previous) = previous else { return Ok(()) };
    if previous.manifest.store != cut.store {
        let remedy = [
            "nommer un autre dossier : un dossier de sauvegarde par magasin",
            "name another directory: one place of backups a store",
        ];
        let (french, english) = ("ces sauvegardes sont d'un autre magasin", "these backups are of another store");
        return Err(Trouble::new("backup-of-another-store", french, english, remedy).at(&previous.name).into());
    }
    let head = head_of(cut, known)?;
    let from = format!("{}, {}", rollback::BACKUP, previous.name);
    if head.size == previous.head.size && head.root != previous.head.root {
        return Err(rollback::another(&from, head.size).into());
    }
    if cut.commit < previous.manifest.commit || head.size < previous.head.size {
        return Err(rollback::older(&from, previous.head.size, head.size).into());
    }
    Ok(())
}

fn damaged(error: &store::OpenError) -> ServiceError {
    source_damaged(format!("la source est abîmée : {error}"), format!("the source is damaged: {error}")).into()
}

fn not_as_recorded(path: &Path, found: &str) -> Trouble {
    let french = format!("un fichier à part n'est pas tel que son enregistrement le dit : {found}");
    source_damaged(french, format!("a file ahead is not as its record says: {found}")).at(path.display())
}

fn source_damaged(french: String, english: String) -> Trouble {
    let remedy = [
        "rien n'a été sauvegardé de ce qui est abîmé : tabellion scrub dit quoi, et une sauvegarde plus ancienne l'a peut-être encore",
        "nothing damaged was backed up: tabellion scrub says what it is, and an older backup may still have it",
    ];
    Trouble::new("source-damaged", french, english, remedy)
}
