//! The signers of the list of the lists change: who named the next ones is followed from the reader's own anchors, and nobody else is. And
//! lists that came from elsewhere are judged with those given.

use rcgen::KeyPair;
use seal::{AnyVerifier, ListOutline, QualifiedSaid, TrustedLists, UnixMillis, limits};

use crate::lists::{ISSUED, Lists, Signer, Told, WITHDRAWN, certificate, closed, handing_over, national, signed};

/// 2026-11-24T12:00:00Z, when lists are judged, and the day before, when a token was made.
const JUDGED: UnixMillis = UnixMillis(1_795_521_600_000);
const STAMPED: UnixMillis = UnixMillis(1_795_435_260_000);

type Named = (String, Vec<u8>);

fn sha256(der: &[u8]) -> Option<[u8; 32]> {
    seal::DigestAlgorithm::Sha256.digest(der).try_into().ok()
}

/// Three signers of the list of the lists, one after the other, that of a member state, and a token's way.
struct Scene {
    signers: [Signer; 3],
    state: Signer,
    way: Vec<Vec<u8>>,
}

impl Scene {
    fn new() -> Self {
        let way = vec![certificate("Unite d'horodatage", &KeyPair::generate().unwrap(), 2020, 2040)];
        Self { signers: ["un", "deux", "trois"].map(Signer::new), state: Signer::new("Signataire FR"), way }
    }

    /// A list of lists of this number, signed by one of them, which names these as those who may sign from then on.
    fn lotl(&self, number: u32, by: usize, names: &[usize]) -> Named {
        let successors: Vec<&[u8]> = names.iter().map(|at| &self.signers[*at].der[..]).collect();
        let body = handing_over(number, &[("FR", &[&self.state.der])], &successors);
        (format!("lotl-{number}.xml"), signed(&body, &self.signers[by]))
    }

    fn national(&self) -> Named {
        ("fr.xml".to_owned(), signed(&national("FR", &[Told::granted(&self.way[0])]), &self.state))
    }

    /// What is said under the anchors of these, whatever the order in which the lists are given.
    fn said(&self, anchors: &[usize], lists: &[Named]) -> QualifiedSaid {
        let anchors: Vec<Vec<u8>> = anchors.iter().map(|at| self.signers[*at].der.clone()).collect();
        let all = [lists, &[self.national()]].concat();
        let said = |given: &[Named]| {
            let mut said = TrustedLists::believe(given, &anchors, JUDGED, &AnyVerifier).say(&self.way, STAMPED);
            said.lines.sort();
            said
        };
        let (there, back) = (said(&all), said(&all.iter().rev().cloned().collect::<Vec<_>>()));
        assert_eq!(there, back, "the order counts");
        there
    }
}

/// The codes said of a place.
fn of<'s>(said: &'s QualifiedSaid, place: &str) -> Vec<&'s str> {
    said.lines.iter().filter(|(_, at, _)| at == place).map(|(code, ..)| *code).collect()
}

#[test]
fn signers_are_followed_from_the_anchor_of_the_first_to_the_list_of_today() {
    let scene = Scene::new();
    let chain = [scene.lotl(7, 0, &[1]), scene.lotl(8, 1, &[2, 1]), scene.lotl(9, 2, &[2, 1])];
    let said = scene.said(&[0], &chain);
    assert!(said.qualified, "{said:?}");
    assert_eq!(of(&said, "lotl-7.xml"), ["list-pivot"]);
    assert_eq!(of(&said, "lotl-8.xml"), ["list-pivot"]);
    assert_eq!(of(&said, "lotl-9.xml"), ["list-believed"]);
    // The anchor told is the reader's own, not the last signer.
    assert_eq!(said.anchor, sha256(&scene.signers[0].der));
    // Without one step, what comes after it is nobody's; and the anchor of the last signer needs no step at all.
    let cut = scene.said(&[0], &[chain[0].clone(), chain[2].clone()]);
    // The newest that is believed counts, and the one after it is told.
    assert_eq!((of(&cut, "lotl-7.xml"), of(&cut, "lotl-9.xml")), (vec!["list-believed"], vec!["list-signer-unknown"]));
    let said = scene.said(&[2], &chain[2..]);
    assert_eq!((said.qualified, said.anchor), (true, sha256(&scene.signers[2].der)));
    // With all of them, those of before are simply of before.
    let said = scene.said(&[2], &chain);
    assert_eq!((said.qualified, of(&said, "lotl-7.xml")), (true, vec!["list-superseded"]));
    assert_eq!(of(&said, "lotl-8.xml"), ["list-superseded"]);
}

#[test]
fn who_was_not_named_takes_over_nothing() {
    let scene = Scene::new();
    let unknown = |lists: &[Named], place: &str| {
        let said = scene.said(&[0], lists);
        assert!(!said.qualified, "{said:?}");
        assert_eq!(of(&said, place), ["list-signer-unknown"], "{said:?}");
    };
    // Names itself; is named by a list that its own signer made; signs before it was named.
    unknown(&[scene.lotl(7, 1, &[1])], "lotl-7.xml");
    unknown(&[scene.lotl(7, 1, &[1]), scene.lotl(8, 1, &[1])], "lotl-8.xml");
    unknown(&[scene.lotl(7, 1, &[1, 0]), scene.lotl(6, 1, &[1])], "lotl-7.xml");
    // One that was named, and altered since.
    let mut altered = scene.lotl(7, 0, &[1]);
    let place = altered.1.windows(9).position(|bytes| bytes == b">Operator").unwrap() + 1;
    altered.1[place] ^= 0x20;
    unknown(&[altered, scene.lotl(8, 1, &[1])], "lotl-8.xml");
    // The list of a member state names nobody for the list of the lists, nor does a pointer for another territory.
    let of_state = handing_over(7, &[], &[&scene.signers[1].der]).replacen("EUlistofthelists", "EUgeneric", 1);
    let of_state = ("state.xml".to_owned(), signed(&of_state.replace(">EU<", ">FR<"), &scene.state));
    unknown(&[of_state, scene.lotl(8, 1, &[1])], "lotl-8.xml");
    let elsewhere = handing_over(7, &[("FR", &[&scene.state.der])], &[&scene.signers[1].der]);
    let elsewhere =
        elsewhere.replacen("<OtherInformation><SchemeTerritory>EU", "<OtherInformation><SchemeTerritory>UK", 1);
    let elsewhere = ("lotl-7.xml".to_owned(), signed(&elsewhere, &scene.signers[0]));
    let said = scene.said(&[0], &[elsewhere, scene.lotl(8, 1, &[1])]);
    assert_eq!(
        (of(&said, "lotl-7.xml"), of(&said, "lotl-8.xml")),
        (vec!["list-believed"], vec!["list-signer-unknown"])
    );
}

#[test]
fn who_was_replaced_signs_no_more() {
    let scene = Scene::new();
    let said = scene.said(&[0], &[scene.lotl(7, 0, &[1]), scene.lotl(8, 0, &[0])]);
    // The newest believed is the one that handed over: the one after it is of a signer it took away.
    assert_eq!(
        (of(&said, "lotl-7.xml"), of(&said, "lotl-8.xml")),
        (vec!["list-believed"], vec!["list-signer-unknown"])
    );
    // Whoever keeps the old one among the names goes on with both, and one that names nobody changes nothing.
    for names in [&[1, 0][..], &[]] {
        let said = scene.said(&[0], &[scene.lotl(7, 0, names), scene.lotl(8, 0, &[0])]);
        assert_eq!((said.qualified, of(&said, "lotl-8.xml")), (true, vec!["list-believed"]), "{names:?}");
    }
    // A pivot whose signer does not hold any more counts no more than another list of his.
    let ended = Signer::of_years("un", 2020, 2026);
    let scene = Scene { signers: [ended, Signer::new("deux"), Signer::new("trois")], ..Scene::new() };
    let said = scene.said(&[0], &[scene.lotl(7, 0, &[1]), scene.lotl(8, 1, &[1])]);
    assert_eq!((said.qualified, of(&said, "lotl-7.xml")), (false, vec!["list-signer-outside-validity"]));
}

#[test]
fn lists_from_elsewhere_are_judged_with_those_given() {
    let (lists, way) = (Lists::new(), Scene::new().way);
    let given = lists.of(&[Told::granted(&way[0])]);
    let at = |from: &str, (name, bytes): &Named| (format!("{from}/{name}"), bytes.clone());
    let of_pack: Vec<Named> = given.iter().map(|one| at("pack", one)).collect();
    let none = TrustedLists::believe(&[], &lists.anchors(), JUDGED, &AnyVerifier);
    assert!(none.is_empty() && none.is_anchored());
    let said = none.with(&of_pack, &AnyVerifier).say(&way, STAMPED);
    assert_eq!((said.qualified, said.anchor), (true, sha256(&lists.anchor.der)));
    // One of before the token, which its reader did not choose, is told as such; given by himself, or issued since, it is not.
    assert_eq!(of(&said, "pack/fr.xml"), ["list-believed", "list-before-token", "tsa-qualified"]);
    let issued = |time: &str| {
        let later = national("FR", &[Told::granted(&way[0])]).replace(ISSUED, time);
        vec![("pack/fr.xml".to_owned(), signed(&later, &lists.signer)), of_pack[0].clone()]
    };
    for (time, told) in [("2026-11-23T12:01:00Z", 0), ("2026-11-23T12:00:59Z", 1)] {
        let said = none.with(&issued(time), &AnyVerifier).say(&way, STAMPED);
        assert!(said.qualified);
        assert_eq!(
            of(&said, "pack/fr.xml").iter().filter(|code| **code == "list-before-token").count(),
            told,
            "{time}"
        );
    }
    // Half of them from each side; and without an anchor nothing.
    let half = TrustedLists::believe(&given[1..], &lists.anchors(), JUDGED, &AnyVerifier);
    assert!(!half.say(&way, STAMPED).qualified);
    assert!(half.with(&of_pack[..1], &AnyVerifier).say(&way, STAMPED).qualified);
    assert!(!TrustedLists::default().with(&of_pack, &AnyVerifier).say(&way, STAMPED).qualified);
    assert!(!TrustedLists::default().is_anchored());
    // The same bytes are one list, and it lies where it was given first.
    let both = TrustedLists::believe(&given, &lists.anchors(), JUDGED, &AnyVerifier);
    assert_eq!(both.with(&of_pack, &AnyVerifier).say(&way, STAMPED), both.say(&way, STAMPED));
    // A newer one that takes back what the older granted is heard, from whichever side it comes.
    let withdrawn =
        Told { periods: vec![(crate::lists::QTST, WITHDRAWN, "2026-11-01T00:00:00Z")], ..Told::granted(&way[0]) };
    let newer = national("FR", &[withdrawn]).replace("Number>7<", "Number>8<");
    let newer = vec![("newer.xml".to_owned(), signed(&newer, &lists.signer))];
    let code = |lists: &TrustedLists| lists.say(&way, STAMPED).lines.last().unwrap().0;
    assert_eq!(code(&both.with(&newer, &AnyVerifier)), "tsa-not-granted");
    let first = TrustedLists::believe(&newer, &lists.anchors(), JUDGED, &AnyVerifier);
    assert_eq!(code(&first.with(&of_pack, &AnyVerifier)), "tsa-not-granted");
    // One whose signer the newest list of the lists no longer names, of before: it was replaced, and that is all.
    let stranger = Signer::new("Ancien signataire FR");
    let before = national("FR", &[]).replace("Number>7<", "Number>3<");
    let before = vec![("before.xml".to_owned(), signed(&before, &stranger))];
    assert_eq!(of(&both.with(&before, &AnyVerifier).say(&way, STAMPED), "before.xml"), ["list-superseded"]);
}

#[test]
fn only_so_many_lists_are_judged_together() {
    let (lists, way) = (Lists::new(), Scene::new().way);
    let filler = |count: usize| (0..count).map(|n| (format!("{n}"), n.to_string().into_bytes())).collect::<Vec<_>>();
    let said = |count: usize| {
        let given = [lists.of(&[Told::granted(&way[0])]), filler(count)].concat();
        let said = TrustedLists::believe(&given, &lists.anchors(), JUDGED, &AnyVerifier).say(&way, STAMPED);
        let beyond = said.lines.iter().filter(|(_, _, detail)| detail.contains("limit")).count();
        (said.lines.iter().filter(|(code, ..)| *code == "list-unreadable").count(), beyond)
    };
    assert_eq!(said(limits::LISTS - 2), (limits::LISTS - 2, 0));
    assert_eq!(said(limits::LISTS - 1), (limits::LISTS - 1, 1));
    assert_eq!(said(limits::LISTS + 9), (limits::LISTS - 1, 1), "what is beyond is told once");
}

#[test]
fn an_outline_is_of_a_whole_list_whoever_signed_it() {
    let lists = Lists::new();
    let honest = signed(&national("FR", &[]), &lists.signer);
    let outline = ListOutline::read(&honest).unwrap();
    assert_eq!((outline.of_lists, outline.territory.as_str(), outline.sequence), (false, "FR", 7));
    assert!(ListOutline::read(&lists.with(b"")[0].1).unwrap().of_lists);
    let text = String::from_utf8(honest).unwrap();
    let refused = |list: &str| ListOutline::read(list.as_bytes()).unwrap_err().code();
    assert_eq!(refused(&text.replace("Operator of", "operator of")), "list-altered");
    assert_eq!(refused(&String::from_utf8(closed(&national("FR", &[]), "")).unwrap()), "list-not-signed");
    assert_eq!(refused(&text[..text.len() - 1]), "list-unreadable");
}
