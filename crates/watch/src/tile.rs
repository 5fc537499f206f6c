//! Tiles (C2SP tlog-tiles): where they and their entry bundles are published, `tile/<L>/<N>[.p/<W>]` and
//! `tile/entries/<N>[.p/<W>]`, how wide each is in a tree of a size, and the bytes of their hashes.

use crate::limits::{HASH_BYTES, PATH_BYTES, TILE_LEVEL, TILE_WIDTH};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use proof::checkpoint::parse_decimal;
use proof::{Hash, TreeSize};

/// What a tile holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TileKind {
    /// Hashes of this level: 0 for leaves, 1 for the roots of whole tiles of level 0, and so on.
    Hashes(u8),
    /// The leaf data of a tile of level 0.
    Entries,
}

/// Where a tile is published.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TilePath {
    /// What it holds.
    pub kind: TileKind,
    /// Position within its level.
    pub index: u64,
    /// Hashes or entries it holds, 1 to 256; less than 256 is a partial tile.
    pub width: u16,
}

/// This path names no tile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TilePathError;

impl fmt::Display for TilePathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the path of a tile: tile/<L>/<N>[.p/<W>] or tile/entries/<N>[.p/<W>]")
    }
}
impl core::error::Error for TilePathError {}

impl TilePath {
    /// The tile this path names, without a leading slash; each tile has one path only.
    ///
    /// # Errors
    /// [`TilePathError`] for every other text.
    pub fn parse(path: &str) -> Result<Self, TilePathError> {
        let tile = read(path).ok_or(TilePathError)?;
        // Written again and compared: refuses `x000/` in front and an `x` in the wrong place.
        if tile.to_string() == path { Ok(tile) } else { Err(TilePathError) }
    }

    /// The whole tile at the same place.
    pub fn whole(&self) -> Self {
        Self { width: TILE_WIDTH, ..*self }
    }

    /// The tile at this place of a tree of this size, as wide as that tree makes it; `None` where it has none yet.
    pub fn of(kind: TileKind, index: u64, size: TreeSize) -> Option<Self> {
        let width = width_at(kind, index, size);
        (width > 0).then_some(Self { kind, index, width })
    }

    /// Every hash, or entry, of this tile stands in a tree of this size: what is wider is not to be served under that head.
    pub fn is_within(&self, size: TreeSize) -> bool {
        self.width <= width_at(self.kind, self.index, size)
    }
}

/// Hashes, or entries, that stand at this place of a tree of this size: 0 to 256 ("Partial Tiles": `floor(s / 256**l) mod 256`
/// in the last place of the level).
fn width_at(kind: TileKind, index: u64, size: TreeSize) -> u16 {
    let level = match kind {
        TileKind::Hashes(level) => level,
        TileKind::Entries => 0,
    };
    // A shift past 64 bits: no tree of ours reaches that level.
    let count = size.0.checked_shr(u32::from(level).saturating_mul(8)).unwrap_or(0);
    let before = index.saturating_mul(TILE_WIDTH.into());
    let here = count.saturating_sub(before).min(TILE_WIDTH.into());
    u16::try_from(here).unwrap_or(TILE_WIDTH)
}

/// The hashes of a tile of 1 to 256, or `None` when these bytes are no tile.
pub fn parse_hashes(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<HASH_BYTES>();
    let fits = rest.is_empty() && (1..=usize::from(TILE_WIDTH)).contains(&hashes.len());
    fits.then(|| hashes.iter().map(|hash| Hash(*hash)).collect())
}

/// The bytes that [`parse_hashes`] reads back as these hashes.
pub fn write_hashes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

fn read(path: &str) -> Option<TilePath> {
    if path.len() > PATH_BYTES {
        return None;
    }
    let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
    let kind = match level {
        "entries" => TileKind::Entries,
        _ => TileKind::Hashes(u8::try_from(parse_decimal(level)?).ok().filter(|level| *level <= TILE_LEVEL)?),
    };
    let (number, width) = match rest.split_once(".p/") {
        Some((number, width)) => (number, partial(parse_decimal(width)?)?),
        None => (rest, TILE_WIDTH),
    };
    let mut index = 0u64;
    for element in number.split('/') {
        let digits = element.strip_prefix('x').unwrap_or(element);
        let plain = digits.len() == 3 && digits.bytes().all(|digit| digit.is_ascii_digit());
        let value: u64 = plain.then(|| digits.parse().ok())??;
        index = index.checked_mul(1000)?.checked_add(value)?;
    }
    Some(TilePath { kind, index, width })
}

/// The width of a partial tile: 1 to 255.
fn partial(width: u64) -> Option<u16> {
    u16::try_from(width).ok().filter(|width| (1..TILE_WIDTH).contains(width))
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.kind {
            TileKind::Entries => "entries".to_string(),
            TileKind::Hashes(level) => level.to_string(),
        };
        write!(f, "tile/{level}/{}", number(self.index))?;
        if self.width == TILE_WIDTH { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

/// The index in elements of three digits, all but the last after an `x`.
fn number(index: u64) -> String {
    let mut text = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1000);
        rest /= 1000;
    }
    text
}
