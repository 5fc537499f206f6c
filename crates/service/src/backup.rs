//! Backup and restore: what is needed to serve again, apart from keys and secrets, whole and proved. See docs/formats/backup.md.
//!
//! The command copies; a server that runs is only asked how far its store goes ([`Cut`]), so that it never writes where it is told to by
//! the network, and needs no right over the place of backups.

mod bucket;
mod cut;
mod keep;
mod manifest;
mod place;
mod repair;
mod restore;
mod shelf;
mod source;
mod take;

pub(crate) use cut::answer;
pub use cut::{Cut, CutSegment};
pub(crate) use manifest::is_plain;
pub use place::Place;
pub(crate) use place::no_bucket;
pub use repair::{Left, RepairOptions, Repaired, repair};
pub(crate) use restore::newest as newest_keys;
pub use restore::{RestoreOptions, Restored, restore};
pub use source::offline;
pub use take::{BackupOptions, Taken, backup};

use crate::error::ServiceError;
use crate::trouble::Trouble;
use bucket::Bucket;
use shelf::{Directory, Shelf};
use std::path::Path;

/// What was written reads back otherwise.
fn read_back(name: &str) -> Trouble {
    let remedy = [
        "ne pas compter sur ce support : le vérifier ou en changer, puis recommencer",
        "do not rely on this medium: check or change it, then do it again",
    ];
    let (french, english) =
        ("ce qui vient d'être écrit se relit autrement", "what was just written reads back otherwise");
    Trouble::new("backup-read-back", french, english, remedy).at(name)
}

/// The place of backups, for reading.
fn reading(place: &Place) -> Result<Box<dyn Shelf>, ServiceError> {
    match place {
        Place::Directory(path) => {
            Ok(Box::new(Directory::reading(path).map_err(|error| Trouble::shelf(&place.to_string(), &error))?))
        }
        Place::Bucket { bucket, prefix } => Ok(Box::new(Bucket::reading(bucket, prefix, place.to_string())?)),
    }
}

/// The place of backups, for this backup of this data directory alone.
fn writing(place: &Place, data: &Path) -> Result<Box<dyn Shelf>, ServiceError> {
    let shown = place.to_string();
    let found: Option<Box<dyn Shelf>> = match place {
        Place::Directory(path) => {
            let found = Directory::writing(path).map_err(|error| Trouble::shelf(&shown, &error))?;
            found.map(|found| Box::new(found) as Box<dyn Shelf>)
        }
        Place::Bucket { bucket, prefix } => {
            let found = Bucket::writing(bucket, prefix, shown.clone(), data)?;
            found.map(|found| Box::new(found) as Box<dyn Shelf>)
        }
    };
    let remedy = ["attendre qu'elle finisse", "wait for it to end"];
    let (french, english) = ("une autre sauvegarde écrit là", "another backup is writing there");
    found.ok_or_else(|| Trouble::new("backup-under-way", french, english, remedy).at(shown).into())
}
