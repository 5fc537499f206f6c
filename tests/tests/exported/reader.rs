//! A reader of published logs built on the crates `tlog_tiles` and `signed_note` alone.

use signed_note::{Note, StandardVerifier, VerifierList};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use tlog_tiles::{
    Checkpoint, HashReader, Tile, TileHashReader, TileReader, check_record, check_tree, prove_record, prove_tree,
    record_hash, tree_hash,
};

/// Bytes by path, from a directory or a web server.
type Get<'a> = Box<dyn Fn(&str) -> Option<Vec<u8>> + 'a>;

/// A log as others read it.
pub struct Reader<'a> {
    get: Get<'a>,
    kept: RefCell<HashMap<String, Vec<u8>>>,
}

/// What held.
#[derive(Debug, PartialEq, Eq)]
pub struct Read {
    pub size: u64,
    pub inclusions: u64,
    pub pairs: usize,
}

impl<'a> Reader<'a> {
    pub fn of(get: impl Fn(&str) -> Option<Vec<u8>> + 'a) -> Self {
        Self { get: Box::new(get), kept: RefCell::default() }
    }

    pub fn in_directory(place: &'a Path) -> Self {
        Self::of(|path| std::fs::read(place.join(path)).ok())
    }

    pub fn at(url: &'a str) -> Self {
        Self::of(move |path| ureq::get(format!("{url}/{path}")).call().ok()?.into_body().read_to_vec().ok())
    }

    fn bytes(&self, path: String) -> Result<Vec<u8>, String> {
        if let Some(bytes) = self.kept.borrow().get(&path) {
            return Ok(bytes.clone());
        }
        let bytes = (self.get)(&path).ok_or_else(|| format!("{path} is missing"))?;
        self.kept.borrow_mut().insert(path, bytes.clone());
        Ok(bytes)
    }

    fn head(&self, vkey: &str) -> Result<Checkpoint, String> {
        head_of(&self.bytes("checkpoint".to_owned())?, vkey)
    }

    fn entries(&self, size: u64) -> Result<Vec<Vec<u8>>, String> {
        let mut entries = Vec::new();
        for index in 0..size.div_ceil(256) {
            let width = u32::try_from((size - index * 256).min(256)).unwrap();
            let mut bytes = self.bytes(path(&Tile::new(8, 0, index, width, true)))?.into_iter();
            let mut next = || bytes.next().map(usize::from);
            for _ in 0..width {
                let length = next().zip(next()).ok_or("a bundle is cut")?;
                let entry: Option<Vec<u8>> =
                    (0..length.0 * 256 + length.1).map(|_| next().and_then(|byte| u8::try_from(byte).ok())).collect();
                entries.push(entry.ok_or("an entry is cut")?);
            }
            if next().is_some() {
                return Err("a bundle goes on".to_owned());
            }
        }
        Ok(entries)
    }

    /// Signature, root, every inclusion, and a consistency proof from each of these signed heads to the next and the last one.
    pub fn read(&self, vkey: &str, earlier: &[String]) -> Result<Read, String> {
        let said = |error: tlog_tiles::Error| format!("{error:?}");
        let head = self.head(vkey)?;
        let (size, root) = (head.size(), *head.hash());
        let hashes = TileHashReader::new(size, root, self);
        if tree_hash(size, &hashes).map_err(said)?.0 != root.0 {
            return Err("the tiles have another root".to_owned());
        }
        for (entry, number) in self.entries(size)?.iter().zip(0..) {
            let proof = prove_record(size, number, &hashes).map_err(said)?;
            check_record(&proof, size, root, number, record_hash(entry))
                .map_err(|why| format!("entry {number}: {why:?}"))?;
        }
        let mut heads: Vec<Checkpoint> =
            earlier.iter().map(|note| head_of(note.as_bytes(), vkey)).collect::<Result<_, _>>()?;
        heads.push(head);
        for pair in heads.windows(2) {
            follows(&pair[0], &pair[1], &hashes)?;
        }
        Ok(Read { size, inclusions: size, pairs: heads.len() - 1 })
    }
}

/// The older head is the beginning of the newer, both being in this tree.
fn follows(old: &Checkpoint, new: &Checkpoint, hashes: &impl HashReader) -> Result<(), String> {
    let place = format!("{} to {}", old.size(), new.size());
    for head in [old, new] {
        let root = tree_hash(head.size(), hashes).map_err(|why| format!("{place}: {why:?}"))?;
        if root.0 != head.hash().0 {
            return Err(format!("{place}: the tiles have another root at {}", head.size()));
        }
    }
    let proof = prove_tree(new.size(), old.size(), hashes).map_err(|why| format!("{place}: {why:?}"))?;
    let checked = check_tree(&proof, new.size(), *new.hash(), old.size(), *old.hash());
    checked.map_err(|why| format!("{place}: {why:?}"))
}

fn head_of(note: &[u8], vkey: &str) -> Result<Checkpoint, String> {
    let note = Note::from_bytes(note).map_err(|why| format!("{why:?}"))?;
    let key = StandardVerifier::new(vkey).map_err(|why| format!("{why:?}"))?;
    note.verify(&VerifierList::new(vec![Box::new(key)])).map_err(|why| format!("{why:?}"))?;
    Checkpoint::from_bytes(note.text()).map_err(|why| format!("{why:?}"))
}

/// The crate writes paths of the Go checksum database, which name the height too; C2SP leaves it out and says `entries`.
pub fn path(tile: &Tile) -> String {
    let path = tile.path();
    let rest = path.strip_prefix("tile/8/").unwrap();
    format!("tile/{}", rest.strip_prefix("data/").map_or(rest.to_owned(), |number| format!("entries/{number}")))
}

impl TileReader for Reader<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let bytes = |tile: &Tile| self.bytes(path(tile)).map_err(|_| tlog_tiles::Error::InvalidTile);
        tiles.iter().map(bytes).collect()
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}
