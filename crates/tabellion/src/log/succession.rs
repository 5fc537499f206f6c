//! Whether a head continues the one seen before. The last word is that of `proof`.

use std::cmp::Ordering;

use proof::merkle::verify_consistency;
use proof::{Checkpoint, Hash, Sha256Tree};

use crate::exit;
use crate::failure::Failure;
use crate::lang::Lang;
use crate::log::tree::{Fetch, Tree};

/// What became of the log since.
#[derive(Debug, PartialEq, Eq)]
pub enum Succession {
    /// The same head.
    Unchanged,
    /// A larger one, proved to begin with every leaf of the older.
    Grown,
    /// A smaller one.
    Rollback,
    /// The same size or larger, and proved *not* to continue the older: this path leads to the newer root, and at the older
    /// size to another root than the one signed then. Empty when the sizes are the same.
    Fork(Vec<Hash>),
}

/// What became of the log between these two heads, both signed. The tiles prove themselves; who serves them is not believed.
///
/// # Errors
/// A tile is missing, or does not lead to the newer root: nothing can be told.
pub fn compare(lang: Lang, old: &Checkpoint, new: &Checkpoint, fetch: &Fetch) -> Result<Succession, Failure> {
    match old.size.cmp(&new.size) {
        Ordering::Equal if old.root == new.root => return Ok(Succession::Unchanged),
        Ordering::Equal => return Ok(Succession::Fork(Vec::new())),
        Ordering::Greater => return Ok(Succession::Rollback),
        Ordering::Less => {}
    }
    let mut tree = Tree::open(lang, new, fetch)?;
    let path = tree.path_from(old.size)?;
    if verify_consistency::<Sha256Tree>(old.size, new.size, &old.root, &new.root, &path).is_ok() {
        return Ok(Succession::Grown);
    }
    // Every hash of the path led to the newer root, so the older one must be what differs; this is looked at, not assumed.
    if tree.root_at(old.size)? == old.root {
        return Err(Failure::new(exit::INTERNAL, "succession-untold", lang.text("fail.untold")));
    }
    Ok(Succession::Fork(path))
}
