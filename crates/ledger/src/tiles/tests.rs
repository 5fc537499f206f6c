//! Growth at the right edge against trees computed whole.

use super::*;
use crate::model::Disk;
use crate::paths;
use crate::storage::Storage;
use proof::Index;

fn leaves(count: usize) -> Vec<Hash> {
    (0..count as u64).map(|n| proof::sha256(&n.to_be_bytes())).collect()
}

#[test]
fn an_edge_grown_in_any_steps_has_the_root_of_the_whole_tree() {
    let all = leaves(70_000);
    for steps in [vec![1; 600], vec![255, 1, 1, 255, 256, 257], vec![65_535, 1, 1, 300], vec![70_000]] {
        let (mut edge, mut tiles) = (Edge::default(), BTreeMap::new());
        let mut size = 0;
        for step in steps {
            let (grown, changed) = edge.grow(&all[size..size + step]);
            assert!(changed.is_sorted_by(|a, b| a.0 < b.0));
            (edge, size) = (grown, size + step);
            tiles.extend(changed);
            if step > 1 || size % 97 == 0 || size == 512 {
                assert_eq!(edge.root(), merkle::root::<Sha256Tree>(&all[..size]), "size {size}");
            }
        }
        // The tiles left behind give the same root, and any path.
        let reader = Disk::new().open().reads();
        let written: Vec<_> = tiles.into_iter().collect();
        let mut nodes = Tiles::beside(&reader, &written);
        let size = TreeSize(size as u64);
        let root = paths::root_of::<Sha256Tree, _>(size, &mut |node| nodes.node(node)).unwrap();
        assert_eq!(root, edge.root());
        for index in [0, size.0 / 2, size.0 - 1].map(Index) {
            let path = paths::prove_inclusion::<Sha256Tree, _>(index, size, &mut |node| nodes.node(node)).unwrap();
            let leaf = &all[index.0 as usize];
            merkle::verify_inclusion::<Sha256Tree>(index, size, leaf, &path, &root).unwrap();
        }
    }
}

/// Each hash of each tile against C2SP tlog-tiles, "Merkle Tree": `MTH(D[(n * 256 + i) * 256**l : (n * 256 + i + 1) * 256**l])`,
/// `floor(s / 256**l)` of them at level `l`, and not one more.
#[test]
fn tiles_at_every_level_are_those_of_the_specification() {
    let all = leaves(65_793);
    let (mut edge, mut tiles) = (Edge::default(), BTreeMap::new());
    for size in [1, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_791, 65_792, 65_793] {
        let from = usize::try_from(edge.size().0).unwrap();
        let (grown, changed) = edge.grow(&all[from..size]);
        edge = grown;
        tiles.extend(changed);
        let (mut level, mut span, mut expected) = (0u8, 1, 0);
        while size / span > 0 {
            let count = size / span;
            for index in 0..count.div_ceil(256) {
                let tile: &Vec<u8> = tiles.get(&TileId { level, index: index as u64 }).expect("a tile");
                let here = (count - index * 256).min(256);
                assert_eq!(tile.len(), here * 32, "level {level}, tile {index}, size {size}");
                let place = index * 256 + here - 1;
                let subtree = merkle::root::<Sha256Tree>(&all[place * span..(place + 1) * span]);
                assert_eq!(tile[tile.len() - 32..], subtree.0, "level {level}, tile {index}, size {size}");
                expected += 1;
            }
            (level, span) = (level + 1, span * 256);
        }
        assert_eq!(tiles.len(), expected, "no tile beyond those of size {size}");
    }
}

#[test]
fn bytes_that_are_no_tile_hold_no_hash() {
    assert!(hashes_of(&[]).is_none());
    assert!(hashes_of(&[0; 31]).is_none());
    assert_eq!(hashes_of(&[0; 32 * 256]).map(|hashes| hashes.len()), Some(256));
    assert!(hashes_of(&[0; 32 * 257]).is_none());
}

#[test]
fn a_node_whose_tile_is_short_names_the_first_hash_that_is_missing() {
    let all = leaves(300);
    let (_, tiles) = Edge::default().grow(&all);
    let reader = Disk::new().open().reads();
    let mut nodes = Tiles::beside(&reader, &tiles);
    let whole = nodes.node(Node { level: 5, index: 8 }).unwrap();
    assert_eq!(whole, merkle::root::<Sha256Tree>(&all[256..288]));
    for (level, index, missing) in [(5, 9, 300), (0, 300, 300), (2, 75, 300), (4, 20, 320), (0, 600, 600)] {
        match nodes.node(Node { level, index }) {
            Err(NodeError::Missing(node)) => assert_eq!((node.level, node.index), (0, missing), "{level} {index}"),
            other => panic!("{level} {index}: {other:?}"),
        }
    }
}
