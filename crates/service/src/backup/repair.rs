//! A repair: files in which a scrub finds something lost are put back from the newest backup, as its signed manifest says them; then
//! everything is read again. The store is served by nobody meanwhile.
//!
//! What was written after the backup stays: of a segment, the backup gives the bytes that it has, the store the rest. Nothing is thrown
//! away but damaged keys: the file that gave its place is in `store/aside`.

use super::manifest::{self, Found, Segment};
use super::restore::{Copy, newest};
use super::shelf::Shelf;
use super::{Place, no_bucket, reading};
use crate::config::Config;
use crate::custody::logkey;
use crate::error::ServiceError;
use crate::files;
use crate::home::Home;
use crate::scrub::{self, Pace, Reach, Report};
use crate::trouble::Trouble;
use ledger::KnownKeys;
use proof::hash::encode_hex;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use store::{Role, Scrubber};

/// What is repaired, and from where.
#[derive(Clone, Debug)]
pub struct RepairOptions {
    /// The data directory, served by nobody.
    pub data: PathBuf,
    /// The place of its backups.
    pub from: Place,
    /// Copies of its key store, or one of them.
    pub keys: Option<PathBuf>,
}

/// What a repair did.
#[derive(Clone, Debug, Default)]
pub struct Repaired {
    /// Name of the backup; empty when nothing was to be repaired.
    pub name: String,
    /// Files that were put back, and where the damaged ones are.
    pub files: Vec<(PathBuf, Option<PathBuf>)>,
    /// Files that could not be, and why.
    pub left: Vec<(PathBuf, Left)>,
    /// What the reading before found.
    pub before: Report,
    /// What the reading after found; the same as before when nothing was put back.
    pub after: Report,
}

/// Why a file was left as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Left {
    /// The backup was made before it, or without it.
    NotInBackup,
    /// An elimination rewrote the segment since: the backup's is of before, under a key that is destroyed.
    OfBefore,
    /// No copy of the key store was given.
    NoKeys,
    /// The backup has the same bytes: what is wrong is elsewhere, or was wrong already.
    Same,
    /// It is made again from the segments.
    Derived,
    /// The backup or the disk failed.
    Failed(String),
}

impl Left {
    /// Said in French and in English.
    pub fn words(&self) -> [String; 2] {
        let fixed = |french: &str, english: &str| [french.to_owned(), english.to_owned()];
        match self {
            Self::NotInBackup => fixed(
                "la sauvegarde ne l'a pas : elle est d'avant ; en essayer une autre copie",
                "the backup has it not: it is older; try another copy",
            ),
            Self::OfBefore => fixed(
                "une élimination l'a réécrit depuis : la sauvegarde n'en a que l'état d'avant, dont la clé est détruite ; en refaire une tant \
                 que le reste se lit",
                "an elimination rewrote it since: the backup has only what stood before, whose key is destroyed; take a new one while the rest \
                 can be read",
            ),
            Self::NoKeys => fixed(
                "c'est une clé : donner avec --keys le dossier des copies du magasin de clés",
                "it is a key: give the directory of copies of the key store with --keys",
            ),
            Self::Same => fixed(
                "la sauvegarde en a les mêmes octets : le défaut est ailleurs, ou plus ancien ; en essayer une autre",
                "the backup has the same bytes: the fault is elsewhere, or older; try another one",
            ),
            Self::Derived => fixed(
                "l'index se refait des segments : tabellion reindex",
                "the index is made again from the segments: tabellion reindex",
            ),
            Self::Failed(why) => [format!("rien n'a été changé : {why}"), format!("nothing was changed: {why}")],
        }
    }
}

impl Repaired {
    /// As `--format json` writes it.
    pub fn to_json(&self, french: bool) -> Value {
        let shown = |path: &Path| path.display().to_string();
        let files =
            self.files.iter().map(|(path, aside)| json!({"path": shown(path), "aside": aside.as_deref().map(shown)}));
        let left = self.left.iter().map(|(path, why)| {
            let [fr, en] = why.words();
            json!({"path": shown(path), "message": if french { fr } else { en }})
        });
        json!({
            "backup": self.name, "repaired": files.collect::<Vec<_>>(), "left": left.collect::<Vec<_>>(),
            "before": self.before.to_json(french), "after": self.after.to_json(french),
        })
    }
}

/// Every file in which something is lost was put back if the backup has it, and everything was read before and after.
///
/// # Errors
/// [`ServiceError`]: nothing was changed, or what was changed is whole; the directory is served, the backup is of another store.
pub fn repair(options: &RepairOptions) -> Result<Repaired, ServiceError> {
    options.keys.iter().try_for_each(|keys| no_bucket(keys))?;
    let config = Config::load(&options.data)?;
    let home = Home::at(&options.data);
    let keys = logkey::known(&home, &config)?;
    let scrubber = Scrubber::open(&home.store(&config)?)?.with(scrub::every());
    let read = || -> Result<_, ServiceError> {
        let mut pace = Pace::new(home.path(), 0, &|| false);
        scrub::pass(&scrubber, &keys, &config.origin, Reach::All, &mut pace)?;
        Ok((pace.report, pace.damaged))
    };
    let (before, mut damaged) = read()?;
    let mut done = Repaired { after: before.clone(), before, ..Repaired::default() };
    if done.before.damage == 0 {
        return Ok(done);
    }
    let shelf = reading(&options.from)?;
    let found = newest_of(shelf.as_ref(), &keys, &scrubber, options)?;
    let bench = scrubber.bench()?;
    let named = found.manifest.destroyed.iter().cloned();
    let destroyed = named.chain(scrubber.destroyed().iter().map(|key| encode_hex(key))).collect();
    let mut mending =
        Mending { shelf: shelf.as_ref(), home: &home, found: &found, scrubber: &scrubber, bench, destroyed, options };
    done.name.clone_from(&found.name);
    // Damage hides what stands behind it: a segment that cannot be read does not say which files it names.
    while done.after.damage > 0 {
        let before = done.files.len();
        done.left.clear();
        let new = |path: &PathBuf| !done.files.iter().any(|(known, _)| known == path);
        for path in damaged.iter().filter(|path| new(path)).cloned().collect::<Vec<_>>() {
            match mending.file(&path) {
                Ok(Ok(aside)) => done.files.push((path, aside)),
                Ok(Err(why)) => done.left.push((path, why)),
                Err(error) => done.left.push((path, Left::Failed(error.to_string()))),
            }
        }
        if done.files.len() == before {
            break;
        }
        (done.after, damaged) = read()?;
    }
    if done.after.damage == 0 {
        // What seemed damaged was only near it.
        done.left.clear();
    }
    Ok(done)
}

/// The newest sound backup of this store.
fn newest_of(
    shelf: &dyn Shelf,
    keys: &KnownKeys,
    scrubber: &Scrubber,
    options: &RepairOptions,
) -> Result<Found, ServiceError> {
    let names = manifest::names(shelf)?;
    let found = names.iter().rev().find_map(|name| manifest::read(shelf, name, keys).ok());
    let found = found.filter(|found| found.manifest.store == encode_hex(&scrubber.id()));
    let remedy = [
        "donner avec --from le lieu des sauvegardes de ce magasin",
        "give the place of this store's backups with --from",
    ];
    let (french, english) =
        ("aucune sauvegarde saine de ce magasin à cet endroit", "no sound backup of this store at that place");
    let absent = || Trouble::new("backup-not-found", french, english, remedy).at(&options.from);
    Ok(found.ok_or_else(absent)?)
}

struct Mending<'a> {
    shelf: &'a dyn Shelf,
    home: &'a Home,
    found: &'a Found,
    scrubber: &'a Scrubber,
    bench: PathBuf,
    /// Segment keys that the backup or the log says are destroyed.
    destroyed: HashSet<String>,
    options: &'a RepairOptions,
}

/// Where the damaged file is now, or why it was left.
type Mended = Result<Option<PathBuf>, Left>;

impl Mending<'_> {
    fn file(&mut self, path: &Path) -> Result<Mended, ServiceError> {
        let new = self.bench.join(path.file_name().unwrap_or_default());
        let manifest = &self.found.manifest;
        match self.scrubber.role_of(path) {
            Role::Derived => return Ok(Err(Left::Derived)),
            Role::Key(name) => match self.key(&name, &new)? {
                None => {}
                Some(why) => return Ok(Err(why)),
            },
            Role::Ahead(id) => {
                let name = encode_hex(&id);
                let Some(kept) = manifest.segments.iter().flat_map(|s| &s.ahead).find(|kept| kept.name == name) else {
                    return Ok(Err(Left::NotInBackup));
                };
                self.object(&kept.sha256, kept.bytes, &new, &format!("file ahead {name}"))?;
            }
            Role::Segment(number) => {
                let Some(kept) = manifest.segments.iter().find(|kept| kept.number == number) else {
                    return Ok(Err(Left::NotInBackup));
                };
                if self.is_of_before(kept) {
                    return Ok(Err(Left::OfBefore));
                }
                self.object(&kept.sha256, kept.bytes, &new, &format!("segment {number}"))?;
                append_rest(path, kept.bytes, &new)?;
            }
        }
        if same(path, &new).map_err(ServiceError::io("read", path))? {
            files::remove(&new)?;
            return Ok(Err(Left::Same));
        }
        Ok(Ok(self.scrubber.replace(path, &new)?))
    }

    fn object(&self, sha256: &str, bytes: u64, new: &Path, what: &str) -> Result<(), ServiceError> {
        Copy { shelf: self.shelf, home: self.home, objects: 0, bytes: 0 }.object(sha256, bytes, new, what)
    }

    /// The segment was rewritten after the backup, or its key is gone: what the backup has is not what stands there.
    fn is_of_before(&self, kept: &Segment) -> bool {
        self.destroyed.contains(&kept.key)
            || self.scrubber.key_of(kept.number).is_some_and(|key| encode_hex(&key) != kept.key)
    }

    /// The key of this name from the newest copy of the key store; why not, otherwise.
    fn key(&self, name: &str, new: &Path) -> Result<Option<Left>, ServiceError> {
        let Some(given) = &self.options.keys else { return Ok(Some(Left::NoKeys)) };
        let stem = name.strip_suffix(".key").unwrap_or(name);
        let kept = newest(given)?.join(name);
        if self.destroyed.contains(stem) || !kept.exists() {
            return Ok(Some(Left::NotInBackup));
        }
        files::write_private(new, &files::read_bounded(&kept, 4096)?)?;
        Ok(None)
    }
}

/// Both files hold the same bytes; one that is not there or cannot be read to its end is another.
fn same(path: &Path, new: &Path) -> io::Result<bool> {
    let (Ok(one), other) = (File::open(path), File::open(new)?) else { return Ok(false) };
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut one, mut other) = (BufReader::new(one), BufReader::new(other));
    loop {
        let (Ok(left), right) = (one.fill_buf(), other.fill_buf()?) else { return Ok(false) };
        let count = left.len().min(right.len());
        if left.get(..count) != right.get(..count) {
            return Ok(false);
        }
        if count == 0 {
            return Ok(true);
        }
        one.consume(count);
        other.consume(count);
    }
}

/// What the store's own file holds after these bytes follows them in the new one, durably.
fn append_rest(path: &Path, bytes: u64, new: &Path) -> Result<(), ServiceError> {
    let failed = || ServiceError::io("copy the rest of", path);
    let mut from = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(failed())?,
    };
    from.seek(SeekFrom::Start(bytes)).map_err(failed())?;
    let mut to = OpenOptions::new().append(true).open(new).map_err(failed())?;
    io::copy(&mut from, &mut to).map_err(failed())?;
    to.sync_all().map_err(failed())
}
