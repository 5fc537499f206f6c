//! The log as static files that any web server can serve (C2SP tlog-tiles), checked before each is written.
//!
//! A document's way here: the head is fetched and its signature checked; it must continue the head exported last; then from
//! the top of the tree down, each tile is led to the signed root and each entry to its leaf hash before it goes to disk. What
//! an earlier run left there is used when it passes the same check, and only the rest is fetched.

mod shelf;

use std::path::PathBuf;

use clap::ArgMatches;
use proof::{Checkpoint, Hash, Sha256Tree, SignedNote, TreeAlgorithm, TreeSize};
use serde_json::json;
use shelf::Shelf;
use watch::limits::TILE_WIDTH;
use watch::tile::{parse_hashes, write_hashes};
use watch::{TileKind, TilePath, bundle};

use super::{print, print_json, wants_json};
use crate::client;
use crate::exit;
use crate::failure::{Failure, Outcome};
use crate::lang::Lang;
use crate::log::evidence::{self, Kept, Pair};
use crate::log::site::Site;
use crate::log::tree::{Tree, tile_false};
use crate::log::trust::{self, Head, Trust};

/// Bytes of a policy asked of the server.
const POLICY_BYTES: usize = 1 << 20;

/// The directory holds the log up to the published head, which is its last file written.
pub fn run(lang: Lang, matches: &ArgMatches) -> Outcome {
    let place = matches.get_one::<PathBuf>("directory").cloned().unwrap_or_default();
    let url = client::address(lang, matches)?;
    let mut site = Site::at(lang, &url)?;
    let trust = match Trust::of(lang, matches)? {
        Some(trust) => trust,
        None => unpinned(lang, &url)?,
    };
    let note = site.checkpoint()?;
    let head = trust.head(lang, note, trust::now())?;
    let mut shelf = Shelf::open(lang, &place)?;
    let before = exported(lang, &shelf)?;
    if let Some(before) = &before {
        continues(lang, &shelf, &trust, before, &head, &site)?;
    }
    let all = matches.get_flag("all");
    let known = before.filter(|_| !all).map_or(TreeSize(0), |(_, before)| before.size);
    let mut export = Export { lang, site: &site, shelf: &mut shelf, known, kept: 0 };
    export.tree(&head.checkpoint)?;
    let kept = export.kept;
    shelf.finish(&head.note)?;
    told(lang, matches, &head, &shelf, kept)
}

/// Without a pin, the key that the server itself publishes: a slip is found, a liar is not, and that is said.
fn unpinned(lang: Lang, url: &str) -> Result<Trust, Failure> {
    let needed = || {
        let failure = Failure::new(exit::USAGE, "pin-not-given", lang.text("fail.pin.needed"));
        failure.with_remedy(lang.text("fail.pin.remedy"))
    };
    let policy = Site::at(lang, url)?.other("v1/policy", POLICY_BYTES)?.ok_or_else(needed)?;
    let trust = Trust::parse(&policy).map_err(|_| needed())?;
    eprintln!("{}", lang.text("said.export.unpinned"));
    Ok(trust)
}

/// The head that the last export wrote.
fn exported(lang: Lang, shelf: &Shelf) -> Result<Option<(String, Checkpoint)>, Failure> {
    let Some(note) = shelf.checkpoint()? else { return Ok(None) };
    let text = SignedNote::parse(&note).ok().map(|note| note.text);
    let head = text.and_then(|text| Checkpoint::parse(&text).ok());
    let unreadable = || {
        let failure = Failure::new(exit::UNREADABLE, "export-unreadable", lang.text("fail.export.unreadable"));
        failure.with_remedy(lang.text("fail.export.remedy"))
    };
    head.map(|head| Some((note, head))).ok_or_else(unreadable)
}

/// The head continues the one exported before; or nothing of the log is written, and both heads are kept.
fn continues(
    lang: Lang,
    shelf: &Shelf,
    trust: &Trust,
    (note, before): &(String, Checkpoint),
    head: &Head,
    site: &Site,
) -> Result<(), Failure> {
    let now = &head.checkpoint;
    if before.origin != now.origin {
        let said = lang.fill("fail.head.other", &[("found", &now.origin), ("pinned", &before.origin)]);
        let failure = Failure::new(exit::OTHER_LOG, "other-log", said);
        return Err(failure.with_remedy(lang.text("fail.export.remedy")));
    }
    let (pair, mut kept) = (Pair { note, before, head }, Kept::default());
    let found = evidence::continues(lang, trust, &pair, site, &shelf.beside(), &mut kept);
    found.map(drop).map_err(|failure| match failure.exit {
        exit::FORK | exit::ROLLBACK if kept.files.is_empty() => failure.with_remedy(lang.text("fail.export.stopped")),
        _ => failure,
    })
}

/// An export under way.
struct Export<'a> {
    lang: Lang,
    site: &'a Site,
    shelf: &'a mut Shelf,
    /// Whole tiles of the tree of this size were exported before.
    known: TreeSize,
    /// Files found on the shelf and found true.
    kept: u64,
}

impl Export<'_> {
    /// Every tile and bundle of this tree stands on the shelf.
    fn tree(&mut self, head: &Checkpoint) -> Result<(), Failure> {
        let site = self.site;
        let fetch = |path: &TilePath| site.tile(path);
        let tree = Tree::open(self.lang, head, &fetch)?;
        for level in (0..=7).rev() {
            let Some((path, hashes)) = tree.partial(level) else { continue };
            self.place(&path, &write_hashes(hashes))?;
            self.below(&tree, &path, hashes)?;
        }
        Ok(())
    }

    /// What these hashes stand for: entries below level 0, whole tiles below every other.
    fn below(&mut self, tree: &Tree, path: &TilePath, hashes: &[Hash]) -> Result<(), Failure> {
        let TileKind::Hashes(level) = path.kind else { return Ok(()) };
        let Some(under) = level.checked_sub(1) else { return self.entries(path, hashes) };
        let first = path.index * u64::from(TILE_WIDTH);
        for (index, hash) in (first..).zip(hashes) {
            let child = TilePath { kind: TileKind::Hashes(under), index, width: TILE_WIDTH };
            if child.is_within(self.known) {
                continue;
            }
            let hashes = self.whole(tree, &child, *hash)?;
            self.below(tree, &child, &hashes)?;
        }
        Ok(())
    }

    /// This whole tile, whose root is known, from the shelf if it is true there.
    fn whole(&mut self, tree: &Tree, path: &TilePath, root: Hash) -> Result<Vec<Hash>, Failure> {
        let here = self.shelf.read(path).and_then(|bytes| parse_hashes(&bytes));
        let here = here.filter(|hashes| proof::merkle::root::<Sha256Tree>(hashes) == root);
        if let Some(hashes) = here.filter(|hashes| hashes.len() == usize::from(TILE_WIDTH)) {
            self.kept += 1;
            return Ok(hashes);
        }
        let hashes = tree.whole_tile(path, root)?;
        self.shelf.put(path, &write_hashes(&hashes))?;
        Ok(hashes)
    }

    /// The bundle of these leaves, each entry of which hashes to its leaf.
    fn entries(&mut self, tile: &TilePath, leaves: &[Hash]) -> Result<(), Failure> {
        let path = TilePath { kind: TileKind::Entries, ..*tile };
        if self.shelf.read(&path).is_some_and(|bytes| hash_to(&bytes, leaves)) {
            self.kept += 1;
            return Ok(());
        }
        let bytes = self.site.tile(&path)?;
        if !hash_to(&bytes, leaves) {
            return Err(tile_false(self.lang, &path));
        }
        self.shelf.put(&path, &bytes)
    }

    /// These true bytes stand on the shelf.
    fn place(&mut self, path: &TilePath, bytes: &[u8]) -> Result<(), Failure> {
        if self.shelf.read(path).is_some_and(|here| here == bytes) {
            self.kept += 1;
            return Ok(());
        }
        self.shelf.put(path, bytes)
    }
}

/// The entries of this bundle are exactly those of these leaf hashes.
fn hash_to(bytes: &[u8], leaves: &[Hash]) -> bool {
    let entries = bundle::parse(bytes).unwrap_or_default();
    entries.iter().map(|entry| Sha256Tree::leaf(entry)).eq(leaves.iter().copied())
}

fn told(lang: Lang, matches: &ArgMatches, head: &Head, shelf: &Shelf, kept: u64) -> Outcome {
    let (now, written) = (&head.checkpoint, shelf.written);
    let (size, root) = (now.size.0, now.root.to_string());
    if wants_json(matches) {
        let files = json!({"written": written, "found": kept});
        let witnesses = head.witnesses_json();
        let said = json!({"origin": now.origin, "size": size, "root": root, "files": files, "witnesses": witnesses});
        return print_json(&said).map(|_| head.exit());
    }
    if matches.get_flag("quiet") && head.exit() == exit::DONE {
        return Ok(exit::DONE);
    }
    let (size, written, kept) = (size.to_string(), written.to_string(), kept.to_string());
    let values =
        [("origin", now.origin.as_str()), ("size", &size), ("root", &root), ("written", &written), ("kept", &kept)];
    let lines = [Some(lang.fill("said.export", &values)), head.witnesses_told(lang)];
    print(&lines.into_iter().flatten().collect::<Vec<_>>().join("\n")).map(|_| head.exit())
}
