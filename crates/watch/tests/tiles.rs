//! Paths of tiles, their widths, and what tiles and bundles hold: identity, limits and one past them, each refusal.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use proof::{Hash, TreeSize};
use proptest::prelude::*;
use watch::bundle::{self, BundleError};
use watch::limits::{PATH_BYTES, TILE_LEVEL, TILE_WIDTH};
use watch::tile::{parse_hashes, write_hashes};
use watch::{TileKind, TilePath};

fn read(path: &str) -> Option<TilePath> {
    TilePath::parse(path).ok()
}

fn hashes(level: u8, index: u64, width: u16) -> TilePath {
    TilePath { kind: TileKind::Hashes(level), index, width }
}

#[test]
fn paths_are_read_and_written_as_the_specification_shows_them() {
    for (path, tile) in [
        ("tile/0/000", hashes(0, 0, 256)),
        ("tile/0/x001/x234/067", hashes(0, 1_234_067, 256)),
        ("tile/1/999", hashes(1, 999, 256)),
        ("tile/1/x001/000.p/1", hashes(1, 1000, 1)),
        ("tile/63/000.p/255", hashes(63, 0, 255)),
        ("tile/entries/x123/456.p/17", TilePath { kind: TileKind::Entries, index: 123_456, width: 17 }),
        ("tile/0/x018/x446/x744/x073/x709/x551/615.p/255", hashes(0, u64::MAX, 255)),
    ] {
        assert_eq!(read(path), Some(tile), "{path}");
        assert_eq!(tile.to_string(), path);
        assert!(path.len() <= PATH_BYTES);
    }
    assert_eq!(hashes(3, 7, 12).whole(), hashes(3, 7, 256));
}

#[test]
fn levels_end_at_63_and_have_one_writing() {
    assert!(read("tile/63/000").is_some());
    assert_eq!(TILE_LEVEL, 63);
    for path in ["tile/64/000", "tile/256/000", "tile/00/000", "tile/01/000", "tile/-1/000", "tile/+1/000", "tile//000"]
    {
        assert_eq!(read(path), None, "{path}");
    }
    for path in ["tile/entry/000", "tile/Entries/000", "tile/data/000", "tile/0x1/000", "tile/ 0/000"] {
        assert_eq!(read(path), None, "{path}");
    }
}

#[test]
fn indexes_have_one_writing_and_fit_64_bits() {
    for path in [
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/000",
        "tile/0/x000/001",
        "tile/0/001/000",
        "tile/0/x001/x000",
        "tile/0/xx01/000",
        "tile/0/x001/xx00",
        "tile/0/X001/000",
        "tile/0/x001//000",
        "tile/0/x001/000/",
        "tile/0/00a",
        "tile/0/+01",
        "tile/0/\u{661}\u{661}\u{661}",
        "tile/0/",
        "tile/0",
        "tile/0/x001",
        // 2^64, and far past it.
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/x001/x000/x000/x000/x000/x000/x000/000",
    ] {
        assert_eq!(read(path), None, "{path}");
    }
}

#[test]
fn widths_of_partial_tiles_are_1_to_255_and_have_one_writing() {
    assert_eq!(read("tile/0/000.p/1"), Some(hashes(0, 0, 1)));
    assert_eq!(read("tile/0/000.p/255"), Some(hashes(0, 0, 255)));
    for width in ["0", "256", "01", "65536", "", "-1", "1/", "1.p/1", "a", " 1"] {
        assert_eq!(read(&format!("tile/0/000.p/{width}")), None, "{width}");
    }
    for path in ["tile/0/000.p", "tile/0/000p/1", "tile/0/x000.p/1", "tile/0/x001.p/000", "tile/0.p/1/000"] {
        assert_eq!(read(path), None, "{path}");
    }
}

#[test]
fn what_surrounds_a_path_is_refused_and_so_is_one_that_is_too_long() {
    for path in
        ["", "/tile/0/000", "tile/0/000 ", "tile/0/000\n", "tile/0/000?x", "./tile/0/000", "log/tile/0/000", "tile"]
    {
        assert_eq!(read(path), None, "{path:?}");
    }
    let long = format!("tile/0/{}001", "x000/".repeat(11));
    assert_eq!(long.len(), PATH_BYTES + 1);
    assert_eq!(read(&long), None);
}

/// The definition, literally.
fn defined(level: u32, index: u64, size: u64) -> u64 {
    let count = u128::from(size) / 256u128.pow(level);
    let here = count.saturating_sub(u128::from(index) * 256).min(256);
    u64::try_from(here).unwrap()
}

fn width(tile: Option<TilePath>) -> u64 {
    tile.map_or(0, |tile| tile.width.into())
}

#[test]
fn a_tree_of_70_000_has_the_tiles_the_specification_says() {
    let size = TreeSize(70_000);
    let at = |kind, index| width(TilePath::of(kind, index, size));
    assert_eq!(
        (at(TileKind::Hashes(0), 272), at(TileKind::Hashes(0), 273), at(TileKind::Hashes(0), 274)),
        (256, 112, 0)
    );
    assert_eq!((at(TileKind::Hashes(1), 0), at(TileKind::Hashes(1), 1), at(TileKind::Hashes(1), 2)), (256, 17, 0));
    assert_eq!((at(TileKind::Hashes(2), 0), at(TileKind::Hashes(2), 1), at(TileKind::Hashes(3), 0)), (1, 0, 0));
    assert_eq!((at(TileKind::Entries, 272), at(TileKind::Entries, 273), at(TileKind::Entries, 274)), (256, 112, 0));
    let of_256 = |level| width(TilePath::of(TileKind::Hashes(level), 0, TreeSize(256)));
    assert_eq!((of_256(0), of_256(1), of_256(2)), (256, 1, 0));
}

#[test]
fn a_tile_is_within_a_tree_up_to_its_last_hash_and_no_further() {
    for (size, width) in [(255u64, 255u16), (256, 256), (1, 1), (65_535, 255)] {
        let index = (size - 1) / 256;
        assert!(hashes(0, index, width).is_within(TreeSize(size)), "{size}");
        assert!(!hashes(0, index, width).is_within(TreeSize(size - 1)), "{size}");
    }
    // Level 1 knows a hash only once the tile below is whole.
    assert!(!hashes(1, 0, 1).is_within(TreeSize(255)));
    assert!(hashes(1, 0, 1).is_within(TreeSize(256)));
    assert!(!hashes(2, 0, 1).is_within(TreeSize(65_535)));
    assert!(hashes(2, 0, 1).is_within(TreeSize(65_536)));
    // A partial tile stays within once it has become whole, and nothing is within nothing.
    assert!(hashes(0, 0, 17).is_within(TreeSize(1000)));
    assert!(!hashes(0, 0, 1).is_within(TreeSize(0)));
    assert!(!hashes(8, 0, 1).is_within(TreeSize(u64::MAX)));
    assert!(!hashes(63, u64::MAX, 1).is_within(TreeSize(u64::MAX)));
    assert!(hashes(7, 0, 255).is_within(TreeSize(u64::MAX)));
}

#[test]
fn bytes_of_tiles_hold_1_to_256_hashes() {
    assert_eq!(parse_hashes(&[]), None);
    assert_eq!(parse_hashes(&[0; 31]), None);
    assert_eq!(parse_hashes(&[0; 33]), None);
    assert_eq!(parse_hashes(&[7; 32]), Some(vec![Hash([7; 32])]));
    assert_eq!(parse_hashes(&[0; 32 * 256]).map(|hashes| hashes.len()), Some(256));
    assert_eq!(parse_hashes(&[0; 32 * 257]), None);
}

#[test]
fn bundles_are_read_to_their_last_byte() {
    assert_eq!(bundle::parse(&[]), Err(BundleError::Empty));
    assert_eq!(bundle::parse(&[0]), Err(BundleError::CutShort { entry: 0 }));
    assert_eq!(bundle::parse(&[0, 2, 9]), Err(BundleError::CutShort { entry: 0 }));
    assert_eq!(bundle::parse(&[0, 1, 9, 0]), Err(BundleError::CutShort { entry: 1 }));
    assert_eq!(bundle::parse(&[0, 1, 9, 0, 0, 1, 0, 8]), Err(BundleError::CutShort { entry: 2 }));
    assert_eq!(bundle::parse(&[0, 1, 9, 0, 0]), Ok(vec![&[9u8][..], &[]]));
    assert_eq!(bundle::parse(&[0; 2 * 256]).unwrap().len(), 256);
    assert_eq!(bundle::parse(&[0; 2 * 257]), Err(BundleError::TooMany));
}

#[test]
fn bundles_are_written_up_to_their_limits() {
    let none: [&[u8]; 0] = [];
    assert_eq!(bundle::write(&none), Err(BundleError::Empty));
    assert_eq!(bundle::write(&[[1u8].as_slice(), &[]]).unwrap(), [0, 1, 1, 0, 0]);
    let longest = vec![0u8; 65_535];
    assert_eq!(bundle::write(&[&longest]).unwrap().len(), 65_537);
    assert_eq!(bundle::write(&[vec![], vec![0u8; 65_536]]), Err(BundleError::TooLong { entry: 1 }));
    assert!(bundle::write(&vec![[1u8]; 256]).is_ok());
    assert_eq!(bundle::write(&vec![[1u8]; 257]), Err(BundleError::TooMany));
}

fn any_tile() -> impl Strategy<Value = TilePath> {
    let kind = prop_oneof![(0..=TILE_LEVEL).prop_map(TileKind::Hashes), Just(TileKind::Entries)];
    let index = prop_oneof![0..2000u64, any::<u64>(), (0..20u32).prop_map(|power| 10u64.pow(power)), Just(u64::MAX)];
    (kind, index, 1..=TILE_WIDTH).prop_map(|(kind, index, width)| TilePath { kind, index, width })
}

proptest! {
    #[test]
    fn every_tile_has_the_path_that_names_it(tile in any_tile()) {
        prop_assert_eq!(TilePath::parse(&tile.to_string()), Ok(tile));
    }

    #[test]
    fn what_is_read_is_written_the_same(path in "(tile/)?(entries|[0-9]{1,3})/(x?[0-9]{3}/){0,3}x?[0-9]{1,4}(\\.p/[0-9]{1,3})?/?") {
        if let Ok(tile) = TilePath::parse(&path) {
            prop_assert_eq!(tile.to_string(), path);
        }
    }

    #[test]
    fn widths_are_as_defined(level in 0..9u8, index in prop_oneof![0..4u64, 0..70_000u64, any::<u64>()],
            size in prop_oneof![0..1000u64, 65_000..70_000u64, any::<u64>()]) {
        let tile = TilePath::of(TileKind::Hashes(level), index, TreeSize(size));
        prop_assert_eq!(width(tile), defined(level.into(), index, size));
        prop_assert!(tile.is_none_or(|tile| tile.is_within(TreeSize(size))));
    }

    #[test]
    fn hashes_and_bundles_come_back(hashes in prop::collection::vec(any::<[u8; 32]>(), 1..=256),
            entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..20)) {
        let hashes: Vec<Hash> = hashes.into_iter().map(Hash).collect();
        prop_assert_eq!(parse_hashes(&write_hashes(&hashes)), Some(hashes));
        let bytes = bundle::write(&entries).unwrap();
        let back: Vec<Vec<u8>> = bundle::parse(&bytes).unwrap().into_iter().map(<[u8]>::to_vec).collect();
        prop_assert_eq!(&back, &entries);
        prop_assert!(bundle::parse(&bytes[..bytes.len() - 1]).ok().map(|cut| cut.len()) != Some(entries.len()));
    }

    #[test]
    fn any_bytes_are_a_bundle_or_not_and_never_more(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        if let Ok(entries) = bundle::parse(&bytes) {
            prop_assert_eq!(bundle::write(&entries).unwrap(), bytes);
        }
    }
}
