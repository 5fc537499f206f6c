//! Trusted lists that the operator keeps in a directory: archived when they change, each once, and in the packs asked for with them.

use crate::house::{Client, House};
use crate::trusted::{ISSUED, Lists, NEXT, Signer, Told, central, national, signed};
use seal::{AnyVerifier, TrustedLists};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use verifier::{Overall, Verdict};

struct Kept {
    house: House,
    client: Client,
    directory: PathBuf,
}

impl Kept {
    fn new() -> Self {
        let mut house = House::with("[tsa]\ntrusted_lists = \"lists\"", Duration::from_secs(3600));
        house.stop();
        let directory = house.data().join("lists");
        std::fs::create_dir(&directory).unwrap();
        house.start();
        let (_, client) = house.tenant(0);
        Self { house, client, directory }
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.directory.join(name), bytes).unwrap();
    }

    /// The address of the evidence of something deposited and sealed now.
    fn sealed(&self, name: &str) -> String {
        let body = self.client.deposit(name, name.as_bytes(), &[]).expect(201).json();
        self.client.post("/v1/seals", "").expect(200);
        body["links"]["evidence"].as_str().unwrap().to_owned()
    }

    /// Administration entries that archived lists, the first ones first.
    fn archived(&self, expected: usize) -> Vec<Value> {
        let mut found = self.house.archived("trusted-lists", expected);
        found.sort_by_key(|entry| entry["facts"]["lists"]["number"].as_u64());
        found
    }

    fn pack(&self, path: &str) -> Vec<u8> {
        self.client.get(&format!("{path}?lists=all")).expect(200).bytes
    }

    /// What a stranger says who has this anchor and no list.
    fn judged(&self, pack: &[u8], anchors: &[Vec<u8>]) -> Verdict {
        let at = crate::house::now();
        let mut policy = self.house.policy();
        let moment = seal::UnixMillis(i64::try_from(at.0).unwrap());
        policy.lists = TrustedLists::believe(&[], anchors, moment, &AnyVerifier);
        verifier::verify_pack(pack, Some(&policy), at)
    }
}

/// The list of the lists and that of a member state with these services, good for as long as their signers are.
fn made(lists: &Lists, services: &[Told]) -> [Vec<u8>; 2] {
    let open = |body: String| body.replace(NEXT, "2039-12-31T00:00:00Z");
    let central = signed(&open(central(&[("FR", &[&lists.signer.der])])), &lists.anchor);
    [central, signed(&open(national("FR", services)), &lists.signer)]
}

fn lists_of(pack: &[u8]) -> Vec<String> {
    let container = seal::Container::parse(pack).unwrap();
    let place = "META-INF/tabellion/validation/lists/";
    container.names().filter_map(|name| Some(name.strip_prefix(place)?.to_owned())).collect()
}

/// The certificate that signed the token of a pack.
fn signer(house: &House) -> Vec<u8> {
    let pem = std::fs::read_to_string(house.data().join("tsa/tsa.pem")).unwrap();
    seal::pem_to_der(&pem).unwrap().remove(0)
}

#[test]
fn a_pack_with_lists_is_qualified_under_an_anchor_from_outside_and_under_no_other() {
    let (kept, lists) = (Kept::new(), Lists::new());
    let told = made(&lists, &[Told::granted(&signer(&kept.house))]);
    kept.put("lotl.xml", &told[0]);
    kept.put("fr.xml", &told[1]);
    kept.put(".half.xml", b"half of one that is being fetched");
    let path = kept.sealed("a.txt");
    assert_eq!(kept.archived(1).len(), 1);
    let pack = kept.pack(&path);
    assert_eq!(lists_of(&pack), ["001-fr.xml", "002-lotl.xml"]);
    let verdict = kept.judged(&pack, &lists.anchors());
    // 4: they are of before the token, and it is the house that chose them.
    assert_eq!((verdict.verdict, verdict.strict_exit_code()), (Overall::PassedQualified, 4), "{:?}", verdict.findings);
    // Nobody else's word makes it so, and the house's least of all.
    for anchors in [Vec::new(), Lists::new().anchors()] {
        assert_eq!(kept.judged(&pack, &anchors).verdict, Overall::PassedTimestamped);
    }
    // Only for who asks: a pack is not made megabytes larger for the others.
    for query in ["", "?lists=none"] {
        let plain = kept.client.get(&format!("{path}{query}")).expect(200).bytes;
        assert_eq!(lists_of(&plain), Vec::<String>::new());
    }
    assert_eq!(kept.client.get(&format!("{path}?lists=some")).expect(400).code(), "parameter-unreadable");
    assert_eq!(kept.pack(&path), pack, "the same bytes each time");
    let unsealed = kept.client.deposit("b.txt", b"b", &[]).expect(201).json();
    assert_eq!(lists_of(&kept.pack(unsealed["links"]["evidence"].as_str().unwrap())), Vec::<String>::new());
}

#[test]
fn each_list_is_archived_once_and_packs_bring_the_last_ones() {
    let (mut kept, lists) = (Kept::new(), Lists::new());
    let told = made(&lists, &[]);
    kept.put("lotl.xml", &told[0]);
    kept.put("fr.xml", &told[1]);
    let first = kept.sealed("a.txt");
    let all = kept.archived(1);
    assert_eq!((all.len(), all[0]["files"].as_array().unwrap().len()), (1, 2), "{all:?}");
    kept.sealed("b.txt");
    assert_eq!(kept.archived(1).len(), 1, "nothing changed");
    // One changes: it alone is archived again, and a pack of before brings it too. A list tells the past.
    let newer = made(&lists, &[Told::granted(&signer(&kept.house))]);
    kept.put("fr.xml", &newer[1]);
    kept.sealed("c.txt");
    let all = kept.archived(2);
    assert_eq!((all.len(), all[1]["files"].as_array().unwrap().len()), (2, 1), "{all:?}");
    assert_eq!(all[1]["facts"]["lists"]["lists"].as_array().unwrap().len(), 2);
    assert_eq!(kept.judged(&kept.pack(&first), &lists.anchors()).verdict, Overall::PassedQualified);
    // A name changes, and a file goes: told, and nothing is archived twice.
    std::fs::rename(kept.directory.join("fr.xml"), kept.directory.join("tl-fr.xml")).unwrap();
    kept.sealed("d.txt");
    let all = kept.archived(3);
    assert_eq!((all.len(), all[2]["files"].as_array().unwrap().len()), (3, 0), "{all:?}");
    assert_eq!(lists_of(&kept.pack(&first)), ["001-lotl.xml", "002-tl-fr.xml"]);
    // The next start finds them in the log, the directory being gone.
    kept.house.stop();
    std::fs::remove_dir_all(&kept.directory).unwrap();
    kept.house.start();
    kept.client = kept.house.client(kept.client.token());
    let verdict = kept.judged(&kept.pack(&first), &lists.anchors());
    assert_eq!(verdict.verdict, Overall::PassedQualified, "{:?}", verdict.findings);
}

#[test]
fn what_is_no_whole_list_is_not_kept_and_the_former_ones_stay() {
    let (kept, lists) = (Kept::new(), Lists::new());
    let told = made(&lists, &[Told::granted(&signer(&kept.house))]);
    kept.put("lotl.xml", &told[0]);
    kept.put("fr.xml", &told[1]);
    let path = kept.sealed("a.txt");
    kept.archived(1);
    let before = kept.pack(&path);
    let mut altered = told[1].clone();
    let place = altered.windows(9).position(|bytes| bytes == b">Provider").unwrap() + 1;
    altered[place] ^= 0x20;
    let half = &told[1][..told[1].len() / 2];
    for (at, wrong) in [half, altered.as_slice(), &b"<html>404</html>"[..], &[]].into_iter().enumerate() {
        kept.put("fr.xml", wrong);
        kept.sealed(&format!("{at}.txt"));
        // It is looked at after the seal: the next seal comes after that.
        kept.sealed(&format!("{at}-after.txt"));
        assert_eq!(kept.archived(1).len(), 1, "{at}");
        assert_eq!(lists_of(&kept.pack(&path)), lists_of(&before));
    }
    assert_eq!(kept.pack(&path), before);
}

/// What a mirror gives, by path.
type Served = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// A mirror of lists on loopback: names, and what is answered to who asks for them.
fn mirror() -> (String, Served) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/listes/", listener.local_addr().unwrap());
    let shelf = Arc::new(Mutex::new(BTreeMap::<String, Vec<u8>>::new()));
    let kept = shelf.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut line = String::new();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            reader.read_line(&mut line).unwrap();
            let mut header = String::new();
            while reader.read_line(&mut header).is_ok_and(|read| read > 2) {
                header.clear();
            }
            let name = line.split(' ').nth(1).and_then(|path| path.strip_prefix("/listes/")).unwrap_or_default();
            let body = kept.lock().unwrap().get(name).cloned();
            let (status, body) = body.map_or(("404 Not Found", Vec::new()), |body| ("200 OK", body));
            let length = body.len();
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
    });
    (url, shelf)
}

/// The list of France with the house's own authority, of this number and day, signed by this one.
fn by(signer_of_it: &Signer, number: u32, issued: &str, house: &House) -> Vec<u8> {
    let open = national("FR", &[Told::granted(&signer(house))]).replace(NEXT, "2039-12-31T00:00:00Z");
    let open = open.replace(ISSUED, issued).replace("Number>7<", &format!("Number>{number}<"));
    signed(&open, signer_of_it)
}

#[test]
fn lists_of_a_mirror_are_kept_when_they_are_whole_and_no_older() {
    let (url, shelf) = mirror();
    let lists = Lists::new();
    let lines = format!(
        "[tsa]\ntrusted_lists = \"lists\"\n[tsa.lists_mirror]\nurl = \"{url}\"\nfiles = [\"fr.xml\", \"lotl.xml\", \"absent.xml\"]"
    );
    let mut house = House::with(&lines, Duration::from_secs(3600));
    let there = |house: &House, name: &str| std::fs::read(house.data().join("lists").join(name)).ok();
    let awaited = |house: &House, name: &str, expected: &[u8]| {
        let until = Instant::now() + Duration::from_secs(10);
        while there(house, name).as_deref() != Some(expected) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    // What is asked for at a start is there, or is not, a moment later.
    let restarted = |house: &mut House, fr: &[u8], expected: &[u8]| {
        house.stop();
        shelf.lock().unwrap().insert("fr.xml".to_owned(), fr.to_vec());
        house.start();
        awaited(house, "fr.xml", expected);
        if fr != expected {
            std::thread::sleep(Duration::from_millis(500));
        }
        assert_eq!(there(house, "fr.xml").as_deref(), Some(expected));
    };
    let issued = |house: &House, number: u32, issued: &str| by(&lists.signer, number, issued, house);
    let told = |house: &House, number: u32| issued(house, number, ISSUED);
    let [lotl, _] = made(&lists, &[]);
    shelf.lock().unwrap().insert("lotl.xml".to_owned(), lotl.clone());
    let (seven, eight) = (told(&house, 7), told(&house, 8));
    restarted(&mut house, &seven, &seven);
    awaited(&house, "lotl.xml", &lotl);
    assert!(there(&house, "lotl.xml").as_ref() == Some(&lotl));
    assert_eq!(there(&house, "absent.xml"), None);
    restarted(&mut house, &eight, &eight);
    // Of before, of another, cut, altered: none of them takes the place of what is there.
    let belgian = signed(&national("BE", &[]).replace("Number>7<", "Number>9<"), &lists.signer);
    let mut altered = told(&house, 9);
    let place = altered.windows(9).position(|bytes| bytes == b">Provider").unwrap() + 1;
    altered[place] ^= 0x20;
    let to_come = issued(&house, 9, "2038-01-01T00:00:00Z");
    // Whole, later, and signed by somebody whom nothing that is there names.
    let forged = by(&Lists::new().signer, 9, "2026-11-25T00:00:00Z", &house);
    for wrong in [&seven[..], &belgian[..], &eight[..100], &altered[..], &to_come[..], &forged[..], &b""[..]] {
        restarted(&mut house, wrong, &eight);
    }
    let shown = house.client("").get("/readyz").expect(200).json()["lists"].clone();
    assert_eq!(shown["not_taken"], serde_json::json!(["fr.xml", "absent.xml"]), "{shown}");
    // A number too high, true or not, keeps no later list out.
    let (huge, later) = (told(&house, u32::MAX), issued(&house, 9, "2026-11-25T00:00:00Z"));
    restarted(&mut house, &huge, &huge);
    restarted(&mut house, &later, &later);
    // Another may sign it from the day on which the list of the lists, of the same hand, names him; whichever of both is asked for first.
    let heir = Lists::new().signer;
    let next = by(&heir, 10, "2026-11-26T00:00:00Z", &house);
    restarted(&mut house, &next, &later);
    let open = central(&[("FR", &[&lists.signer.der, &heir.der])]).replace(NEXT, "2039-12-31T00:00:00Z");
    let named = |by| signed(&open.replace(ISSUED, "2026-11-26T00:00:00Z").replace("Number>7<", "Number>8<"), by);
    shelf.lock().unwrap().insert("lotl.xml".to_owned(), named(&heir));
    restarted(&mut house, &next, &later);
    shelf.lock().unwrap().insert("lotl.xml".to_owned(), named(&lists.anchor));
    restarted(&mut house, &next, &next);
    // A former one beside it names the former signer, who may not any more; and one that nobody there names makes itself no list of the lists.
    std::fs::write(house.data().join("lists/pivot.xml"), &lotl).unwrap();
    let only =
        central(&[("FR", &[&heir.der])]).replace(NEXT, "2039-12-31T00:00:00Z").replace(ISSUED, "2026-11-27T00:00:00Z");
    let only = signed(&only.replace("Number>7<", "Number>9<"), &lists.anchor);
    shelf.lock().unwrap().insert("lotl.xml".to_owned(), only.clone());
    let stranger = Lists::new();
    let own = central(&[("FR", &[&stranger.signer.der])]).replace(NEXT, "2039-12-31T00:00:00Z");
    let own = signed(&own.replace(ISSUED, "2026-11-28T00:00:00Z"), &stranger.anchor);
    shelf.lock().unwrap().insert("absent.xml".to_owned(), own);
    let after = by(&heir, 11, "2026-11-27T00:00:00Z", &house);
    restarted(&mut house, &after, &after);
    for signer in [&lists.signer, &stranger.signer] {
        let theirs = by(signer, 12, "2026-11-28T00:00:00Z", &house);
        restarted(&mut house, &theirs, &after);
    }
    assert_eq!((there(&house, "absent.xml"), there(&house, "lotl.xml")), (None, Some(only)));
    // They are in the packs from the next seal on.
    let (_, client) = house.tenant(0);
    let kept = Kept { directory: house.data().join("lists"), house, client };
    let path = kept.sealed("a.txt");
    kept.archived(1);
    let verdict = kept.judged(&kept.pack(&path), &lists.anchors());
    assert_eq!(verdict.verdict, Overall::PassedQualified, "{:?}", verdict.findings);
}
