//! Retention: manifests past their time are removed, then the objects that none of those left names.

use super::manifest;
use super::shelf::Shelf;
use crate::trouble::Trouble;
use ledger::KnownKeys;
use proof::UnixMillis;
use std::collections::HashSet;

/// Manifests made before `oldest` are gone, but the newest, and so are objects that nothing names; how many of each. Nothing is removed
/// when a manifest that is kept cannot be read, or when those that this backup has seen are not all listed: what they name is not known.
pub(super) fn prune(
    shelf: &dyn Shelf,
    keys: &KnownKeys,
    oldest: UnixMillis,
    seen: &[&str],
) -> Result<(u64, u64), Trouble> {
    let names = manifest::names(shelf)?;
    if let Some(name) = seen.iter().find(|seen| !names.iter().any(|name| name == *seen)) {
        return Err(unlisted(name));
    }
    let newest = names.last().cloned();
    let oldest = manifest::name_of(oldest);
    // Names are times, in order.
    let (gone, kept): (Vec<_>, Vec<_>) =
        names.into_iter().partition(|name| *name < oldest && Some(name) != newest.as_ref());
    let mut named = HashSet::new();
    for name in kept {
        named.extend(manifest::read(shelf, &name, keys)?.manifest.objects().map(manifest::object));
    }
    let remove = |name: &str| shelf.remove(name).map_err(|error| Trouble::shelf(name, &error));
    for name in &gone {
        // The note first: a manifest without it is none.
        manifest::parts(name).iter().try_for_each(|part| remove(part))?;
    }
    let listed = shelf.list("objects").map_err(|error| Trouble::shelf("objects", &error))?;
    let unnamed: Vec<&String> = listed.iter().filter(|object| !named.contains(*object)).collect();
    unnamed.iter().try_for_each(|object| remove(object))?;
    Ok((gone.len() as u64, unnamed.len() as u64))
}

fn unlisted(name: &str) -> Trouble {
    let remedy = [
        "rien n'a été supprimé et la sauvegarde est faite ; vérifier le support ou le serveur : ce qu'il liste n'est pas tout ce qu'il garde",
        "nothing was removed, and the backup stands; check the medium or the server: what it lists is not all that it keeps",
    ];
    let (french, english) =
        ("une sauvegarde qui est là n'est pas dans la liste", "a backup that stands there is not in the list");
    Trouble::new("place-listing", french, english, remedy).at(name)
}
