//! One fault each: refused, and the member named.

use crate::desk::Desk;
use crate::house::{
    DAY, House, Members, T0, answer_of, b64, changed, get, imprint, lines, node, put, root, sha256, sha512, tree,
    unstamped, zip,
};

struct Scene {
    house: House,
    desk: Desk,
    honest: Members,
}

fn scene() -> Scene {
    let house = House::new(T0);
    let desk = Desk::new(&[&house]);
    let first = house.archive(&lines(2), [None, None, None], T0 + DAY);
    let honest = house.archive(&lines(5), [Some(answer_of(&first)), None, None], T0 + 2 * DAY);
    assert_eq!(desk.judge(&zip(&honest), &[]).code, 0);
    Scene { house, desk, honest }
}

impl Scene {
    fn refused(&self, members: &Members, code: i32, expected: &[&str]) {
        let said = self.desk.judge(&zip(members), &[]);
        assert_eq!(said.code, code, "{expected:?}: {}{}", said.out, said.err);
        for line in expected {
            assert!(said.against.iter().any(|known| known == line), "{line}: {:?}", said.against);
        }
        assert!(!said.out.contains("C'est bien"), "{}", said.out);
    }
}

type Change = fn(&mut Vec<String>);

fn with_lines(members: &Members, change: impl Fn(&mut Vec<String>)) -> Members {
    let mut all = lines(5);
    change(&mut all);
    let mut members = members.clone();
    put(&mut members, "data.txt", all.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes());
    members
}

#[test]
fn a_line_touched_is_refused() {
    let scene = scene();
    let changes: [(&str, Change); 7] = [
        ("changed", |all| all[2] = all[2].replace("Succès", "Échec")),
        ("removed", |all| drop(all.remove(1))),
        ("the last removed", |all| drop(all.pop())),
        ("inserted", |all| all.insert(2, "{}".to_owned())),
        ("appended", |all| all.push("{}".to_owned())),
        ("two exchanged", |all| all.swap(0, 1)),
        ("repeated", |all| all.push(all[4].clone())),
    ];
    for (what, change) in changes {
        println!("{what}");
        let members = with_lines(&scene.honest, change);
        let expected = ["vitam-lines-altered@data.txt", "vitam-tree-differs@merkleTree.json"];
        scene.refused(&members, 1, &expected);
    }
}

#[test]
fn a_whole_archive_made_anew_around_the_token_is_refused() {
    let scene = scene();
    let mut lies = lines(5);
    lies[3] = lies[3].replace("Succès", "Échec");
    let earlier = [Some(scene.house.answer(&[7; 64], T0)), None, None];
    let mut members = unstamped(&lies, &earlier);
    put(&mut members, "token.tsp", get(&scene.honest, "token.tsp").to_vec());
    scene.refused(&members, 1, &["vitam-imprint-differs@token.tsp", "token-false@token.tsp"]);
    // Another's token, over an honest archive of its own.
    let other = scene.house.archive(&lines(6), [None, None, None], T0 + DAY);
    let mut members = scene.honest.clone();
    put(&mut members, "token.tsp", get(&other, "token.tsp").to_vec());
    scene.refused(&members, 1, &["vitam-imprint-differs@token.tsp"]);
}

#[test]
fn what_the_archive_says_of_itself_must_agree() {
    let scene = scene();
    let (root, other) = (b64(&root(&lines(5))), b64(&sha512(b"other")));
    let tree_differs = "vitam-tree-differs@merkleTree.json";
    scene.refused(&changed(&scene.honest, "merkleTree.json", &root, &other), 1, &[tree_differs]);
    let mut members = scene.honest.clone();
    put(&mut members, "merkleTree.json", tree(&lines(6)).into_bytes());
    scene.refused(&members, 1, &[tree_differs]);
    let root_differs = "vitam-root-differs@computing_information.txt";
    scene.refused(&changed(&scene.honest, "computing_information.txt", &root, &other), 1, &[root_differs]);
    let count = changed(&scene.honest, "additional_information.txt", "=5", "=4");
    scene.refused(&count, 1, &["vitam-count-differs@additional_information.txt"]);
    for (name, from, to) in [
        ("computing_information.txt", "currentHash=", "currentHash=\\\n"),
        ("computing_information.txt", "currentHash", "currentHash=AA==\ncurrentHash"),
        ("additional_information.txt", "numberOfElements=5", "numberOfElements=+5"),
    ] {
        let expected = format!("vitam-information-malformed@{name}");
        scene.refused(&changed(&scene.honest, name, from, to), 1, &[&expected]);
    }
}

#[test]
fn a_tree_filled_otherwise_is_refused() {
    let scene = scene();
    let leaf = |hash: Vec<u8>| (hash.clone(), format!("{{\"Root\":\"{}\"}}", b64(&hash)));
    let of = |text: &str| leaf(sha512(text.as_bytes()));
    let all = lines(3);
    let left = node(&of(&all[0]), &of(&all[1]));
    for filling in [of(&all[2]), leaf(sha512(b""))] {
        let filled = node(&left, &node(&of(&all[2]), &filling));
        // The archive is true to that other tree, token included: still not the one the lines give.
        let mut members = unstamped(&all, &[None, None, None]);
        let honest_root = b64(&root(&all));
        members = changed(&members, "computing_information.txt", &honest_root, &b64(&filled.0));
        put(&mut members, "merkleTree.json", filled.1.into_bytes());
        let stamped = scene.house.answer(&imprint(&filled.0, &[None, None, None]), T0 + DAY);
        put(&mut members, "token.tsp", b64(&stamped).into_bytes());
        scene.refused(
            &members,
            1,
            &["vitam-tree-differs@merkleTree.json", "vitam-root-differs@computing_information.txt"],
        );
    }
    // One line of 64 bytes is also what a node over half a pair would be: the tree written so is not the lines'.
    let line = format!("{{\"a\":\"{}\"}}", "x".repeat(56));
    assert_eq!(line.len(), 64);
    let mut members = scene.house.archive(std::slice::from_ref(&line), [None, None, None], T0 + DAY);
    let taller = node(&leaf(line.into_bytes()), &leaf(Vec::new()));
    put(&mut members, "merkleTree.json", taller.1.into_bytes());
    scene.refused(&members, 1, &["vitam-tree-differs@merkleTree.json"]);
}

#[test]
fn lines_that_are_nodes_of_another_tree_are_refused() {
    let scene = scene();
    // Eight lines; their four pairs, of 128 bytes each, hash to the same root. No pair may hold a newline.
    let plain = |pair: &Vec<u8>| !pair.contains(&b'\n');
    let some = (0..)
        .map(|seed| (0..8).map(|n| format!("{{\"n\":{n},\"seed\":{seed}}}")).collect::<Vec<_>>())
        .find(|all| all.chunks(2).all(|two| plain(&two.iter().flat_map(|l| sha512(l.as_bytes())).collect())));
    let all = some.unwrap();
    let mut members = scene.house.archive(&all, [None, None, None], T0 + DAY);
    assert_eq!(scene.desk.judge(&zip(&members), &[]).code, 0);
    let pairs: Vec<Vec<u8>> =
        all.chunks(2).map(|two| two.iter().flat_map(|l| sha512(l.as_bytes())).collect()).collect();
    let data: Vec<u8> = pairs.iter().flat_map(|pair| [&pair[..], b"\n"].concat()).collect();
    put(&mut members, "data.txt", data);
    let leaf = |pair: &Vec<u8>| (sha512(pair), format!("{{\"Root\":\"{}\"}}", b64(&sha512(pair))));
    let top = node(&node(&leaf(&pairs[0]), &leaf(&pairs[1])), &node(&leaf(&pairs[2]), &leaf(&pairs[3])));
    assert_eq!(top.0, root(&all), "the same root over half as many lines");
    put(&mut members, "merkleTree.json", top.1.into_bytes());
    let members = changed(&members, "additional_information.txt", "=8", "=4");
    scene.refused(&members, 1, &["vitam-lines-malformed@data.txt"]);
}

#[test]
fn a_journal_without_lines_or_not_ended_is_refused() {
    let scene = scene();
    let mut members = scene.honest.clone();
    put(&mut members, "data.txt", Vec::new());
    scene.refused(&members, 1, &["vitam-no-line@data.txt"]);
    let mut data = get(&scene.honest, "data.txt").to_vec();
    data.pop();
    put(&mut members, "data.txt", data);
    scene.refused(&members, 1, &["vitam-lines-malformed@data.txt"]);
}

#[test]
fn an_earlier_token_touched_is_refused() {
    let scene = scene();
    let text = String::from_utf8(get(&scene.honest, "computing_information.txt").to_vec()).unwrap();
    let stated = text.lines().nth(1).unwrap().split_once('=').unwrap().1;
    let other = b64(&scene.house.answer(&[9; 64], T0));
    for to in ["null", &other] {
        let members = changed(&scene.honest, "computing_information.txt", stated, to);
        scene.refused(&members, 1, &["vitam-imprint-differs@token.tsp"]);
    }
    // Of a time after the token that covers it.
    let later = Some(scene.house.answer(&[9; 64], T0 + 3 * DAY));
    let members = scene.house.archive(&lines(3), [later, None, None], T0 + 2 * DAY);
    scene.refused(&members, 1, &["stamp-older@token.tsp"]);
    // No token at all: nothing is drawn from it, and it is said.
    let members = scene.house.archive(&lines(3), [Some(b"mangled".to_vec()), None, None], T0 + 2 * DAY);
    let said = scene.desk.judge(&zip(&members), &["--strict"]);
    assert_eq!(said.code, 4, "{}", said.out);
    assert!(said.passed.contains(&"vitam-previous-no-token@computing_information.txt".to_owned()), "{:?}", said.passed);
}

#[test]
fn a_token_that_is_none_or_not_yet_is_refused() {
    let scene = scene();
    let with = |bytes: Vec<u8>| {
        let mut members = scene.honest.clone();
        put(&mut members, "token.tsp", bytes);
        members
    };
    let answer = answer_of(&scene.honest);
    let mut cut = answer.clone();
    cut.pop();
    let long = [&answer[..], &[0]].concat();
    let refusal =
        scene.house.authority.answer(b"no request", seal::UnixMillis(T0), 1, &ring::rand::SystemRandom::new());
    let mut flipped = answer.clone();
    *flipped.last_mut().unwrap() ^= 1;
    for bytes in [cut, long, refusal] {
        scene.refused(&with(b64(&bytes).into_bytes()), 1, &["token-malformed@token.tsp"]);
    }
    scene.refused(&with(answer), 1, &["token-malformed@token.tsp"]);
    scene.refused(&with(b64(&flipped).into_bytes()), 1, &["token-false@token.tsp"]);
    // SHA-256 over the same: not what V1 writes.
    let short = scene.house.answer(&sha256(&root(&lines(5))), T0 + DAY);
    scene.refused(&with(b64(&short).into_bytes()), 3, &["token-unsupported@token.tsp"]);
    let tomorrow = scene.house.archive(&lines(3), [None, None, None], T0 + 30 * DAY);
    scene.refused(&tomorrow, 3, &["token-ahead@token.tsp"]);
}

#[test]
fn another_version_is_said_to_be_one() {
    let scene = scene();
    let later = changed(&scene.honest, "additional_information.txt", "=V1", "=V2");
    scene.refused(&later, 3, &["vitam-version@additional_information.txt"]);
    let older = changed(&scene.honest, "additional_information.txt", "securisationVersion=V1\n", "");
    scene.refused(&older, 3, &["vitam-version@additional_information.txt"]);
    for name in ["operations.json", "global_lifecycles.txt"] {
        let mut older = scene.honest.clone();
        older[0].0 = name.to_owned();
        scene.refused(&older, 3, &["vitam-version@"]);
    }
}
