//! Backup and restore: what is needed to serve again, apart from keys and secrets, whole and proved. See docs/formats/backup.md.
//!
//! The command copies; a server that runs is only asked how far its store goes ([`Cut`]), so that it never writes where it is told to by
//! the network, and needs no right over the place of backups.

mod cut;
mod keep;
mod manifest;
mod restore;
mod shelf;
mod source;
mod take;

pub(crate) use cut::answer;
pub use cut::{Cut, CutSegment};
pub(crate) use manifest::is_plain;
pub(crate) use restore::newest as newest_keys;
pub use restore::{RestoreOptions, Restored, restore};
pub use source::offline;
pub use take::{BackupOptions, Taken, backup};

use crate::trouble::Trouble;
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
fn reading(place: &Path) -> Result<Box<dyn Shelf>, Trouble> {
    let found = Directory::reading(place).map_err(|error| Trouble::shelf(&place.display().to_string(), &error))?;
    Ok(Box::new(found))
}

/// The place of backups, for this backup alone.
fn writing(place: &Path) -> Result<Box<dyn Shelf>, Trouble> {
    let shown = place.display().to_string();
    match Directory::writing(place).map_err(|error| Trouble::shelf(&shown, &error))? {
        Some(found) => Ok(Box::new(found)),
        None => {
            let remedy = ["attendre qu'elle finisse", "wait for it to end"];
            let (french, english) = ("une autre sauvegarde écrit là", "another backup is writing there");
            Err(Trouble::new("backup-under-way", french, english, remedy).at(shown))
        }
    }
}
