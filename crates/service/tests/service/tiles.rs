//! `/log/tile/…`: what is published is served for ever, and not a hash beyond it.

use crate::house::{Answer, Client, House};
use proof::merkle;
use proof::{Checkpoint, Hash, Sha256Tree, SignedNote, TreeAlgorithm, TreeSize};
use std::time::{Duration, Instant};
use watch::tile::parse_hashes;
use watch::{TileKind, TilePath, bundle};

fn head(house: &House) -> Checkpoint {
    let note = house.client("").get("/log/checkpoint").expect(200);
    Checkpoint::parse(&SignedNote::parse(std::str::from_utf8(&note.bytes).unwrap()).unwrap().text).unwrap()
}

/// The published head, once it covers so many leaves.
fn head_of(house: &House, size: u64) -> Checkpoint {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let head = head(house);
        if head.size.0 >= size {
            return head;
        }
        assert!(Instant::now() < until, "the head stays at {}", head.size.0);
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn fetch(house: &House, path: &str) -> Answer {
    house.client("").get(&format!("/log/{path}"))
}

fn tile(house: &House, kind: TileKind, index: u64, size: TreeSize) -> Vec<u8> {
    fetch(house, &TilePath::of(kind, index, size).unwrap().to_string()).expect(200).bytes
}

fn deposit_until(house: &House, client: &Client, size: u64) -> Checkpoint {
    let from = head(house).size.0;
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let client = client.clone();
            let numbers = (from..size).filter(move |number| number % 4 == worker);
            scope.spawn(move || {
                for number in numbers {
                    client.deposit("n.txt", number.to_string().as_bytes(), &[]).expect(201);
                }
            });
        }
    });
    let head = head_of(house, size);
    assert_eq!(head.size.0, size);
    head
}

#[test]
fn tiles_and_bundles_lead_to_the_published_root() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    client.deposit("a.txt", b"a", &[]).expect(201);
    let leaf = client.post("/v1/seals", "").expect(200).json()["leaf"].as_u64().unwrap();
    // The sealed head is shown first, for a second: what is counted from is the one that holds the seal.
    head_of(&house, leaf + 1);
    for size in [255, 256, 257] {
        let head = deposit_until(&house, &client, size);
        let leaves: Vec<Hash> = (0..size.div_ceil(256))
            .flat_map(|index| parse_hashes(&tile(&house, TileKind::Hashes(0), index, head.size)).unwrap())
            .collect();
        assert_eq!(leaves.len() as u64, size);
        assert_eq!(merkle::root::<Sha256Tree>(&leaves), head.root);
        let bundles: Vec<Vec<u8>> =
            (0..size.div_ceil(256)).map(|index| tile(&house, TileKind::Entries, index, head.size)).collect();
        let entries: Vec<&[u8]> = bundles.iter().flat_map(|bytes| bundle::parse(bytes).unwrap()).collect();
        assert!(entries.iter().map(|entry| Sha256Tree::leaf(entry)).eq(leaves.iter().copied()));
        // Leaf data alone: 98 bytes for an entry, 186 for the one seal.
        let seals: Vec<_> = entries.iter().filter(|entry| entry.starts_with(&[1, 2])).collect();
        assert!(seals.len() == 1 && seals[0].len() == 186);
        assert_eq!(
            entries.iter().filter(|entry| entry.starts_with(&[1, 1]) && entry.len() == 98).count(),
            entries.len() - 1
        );
        if size >= 256 {
            let above = parse_hashes(&fetch(&house, "tile/1/000.p/1").expect(200).bytes).unwrap();
            assert_eq!(above, [merkle::root::<Sha256Tree>(&leaves[..256])]);
        } else {
            assert_eq!(fetch(&house, "tile/1/000.p/1").expect(404).code(), "tile-not-published");
        }
    }
    // A partial tile that has become whole is still there, any width, and is the beginning of the whole one.
    let whole = fetch(&house, "tile/0/000").expect(200).bytes;
    for width in [1, 17, 255] {
        assert_eq!(fetch(&house, &format!("tile/0/000.p/{width}")).expect(200).bytes, whole[..width * 32]);
    }
    let whole = fetch(&house, "tile/entries/000").expect(200).bytes;
    let part = fetch(&house, "tile/entries/000.p/3").expect(200).bytes;
    assert_eq!(part, whole[..part.len()]);
    assert_eq!(bundle::parse(&part).unwrap().len(), 3);
    for beyond in ["tile/0/001", "tile/0/001.p/2", "tile/0/002.p/1", "tile/1/000.p/2", "tile/2/000.p/1", "tile/63/000"]
    {
        assert_eq!(fetch(&house, beyond).expect(404).code(), "tile-not-published", "{beyond}");
    }
    assert_eq!(fetch(&house, "tile/entries/001.p/2").expect(404).code(), "tile-not-published");
}

#[test]
fn not_a_hash_leaves_before_its_head_is_published() {
    let house = House::new();
    let (_, client) = house.tenant(0);
    // A head is shown for a second; a machine too slow to ask within it is asked again.
    let told = (0..20).any(|round: u8| {
        std::thread::sleep(Duration::from_millis(1100));
        let began = Instant::now();
        let before = head(&house);
        let answer = client.deposit("a.txt", &[round], &[]).expect(201).json();
        assert_eq!(answer["index"], before.size.0, "acknowledged, so in the tree");
        let next = before.size.0 + 1;
        let paths = [format!("tile/0/000.p/{next}"), format!("tile/entries/000.p/{next}")];
        let early: Vec<Answer> = paths.iter().map(|path| fetch(&house, path)).collect();
        if began.elapsed() >= Duration::from_secs(1) {
            return false;
        }
        for answer in early {
            let answer = answer.expect(404);
            assert_eq!((answer.code().as_str(), answer.header("cache-control")), ("tile-not-published", "no-store"));
        }
        head_of(&house, next);
        paths.iter().for_each(|path| drop(fetch(&house, path).expect(200)));
        true
    });
    assert!(told, "never asked within a second");
}

#[test]
fn tiles_may_be_kept_for_ever_and_the_checkpoint_may_not() {
    let house = House::new();
    let public = house.client("");
    let head = head(&house);
    for kind in [TileKind::Hashes(0), TileKind::Entries] {
        let path = format!("/log/{}", TilePath::of(kind, 0, head.size).unwrap());
        let answer = public.get(&path).expect(200);
        assert_eq!(answer.header("content-type"), "application/octet-stream");
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
        let asked = public.send("HEAD", &path, &[], b"").expect(200);
        assert_eq!(asked.header("content-length"), answer.bytes.len().to_string());
        assert_eq!((asked.bytes.len(), asked.header("cache-control")), (0, answer.header("cache-control")));
        assert_eq!(public.post(&path, "").expect(405).code(), "method-not-allowed");
    }
    let checkpoint = public.get("/log/checkpoint").expect(200);
    assert_eq!(checkpoint.header("cache-control"), "no-cache");
    assert_eq!(checkpoint.header("content-type"), "text/plain; charset=utf-8");
    public.send("HEAD", "/log/checkpoint", &[], b"").expect(200);
}

#[test]
fn each_tile_has_one_address() {
    let house = House::new();
    let size = head(&house).size.0;
    fetch(&house, &format!("tile/0/000.p/{size}")).expect(200);
    for path in [
        "tile/".to_owned(),
        "tile/0".to_owned(),
        format!("tile/00/000.p/{size}"),
        format!("tile/0/x000/000.p/{size}"),
        format!("tile/0/000.p/0{size}"),
        format!("tile/0/000%2ep/{size}"),
        format!("tile/%30/000.p/{size}"),
        format!("tile//0/000.p/{size}"),
        format!("tile/0/000.p/{size}/"),
        format!("Tile/0/000.p/{size}"),
        "tile/0/000.p/0".to_owned(),
        "tile/0/000.p/256".to_owned(),
        "tile/64/000".to_owned(),
    ] {
        let answer = fetch(&house, &path).expect(404);
        assert_eq!((answer.code().as_str(), answer.header("cache-control")), ("not-found", "no-store"), "{path}");
    }
}
