//! Trusted lists: whatever was done to one, it is believed only where it says what its signer signed, and makes nobody qualified who was not.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use rcgen::KeyPair;
use seal::{AnyVerifier, ListOutline, QualifiedSaid, TrustedLists, UnixMillis};

use super::Target;
use crate::bugs::planted;
use crate::lists::{GRANTED, Lists, QTST, Signer, Told, WITHDRAWN, certificate, handing_over, national, signed};
use crate::roles;
use crate::world::{JUDGED, SEALED, World};

pub const TRUSTED_LIST: Target = Target {
    name: "trusted-list",
    max_len: 1 << 14,
    check,
    seeds,
    words: &[
        "<TSLType>http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUgeneric</TSLType>",
        "EUlistofthelists",
        "<OtherTSLPointer>",
        "</OtherTSLPointer>",
        "<SchemeTerritory>FR</SchemeTerritory>",
        "<TSPService>",
        "</TSPService>",
        "<ServiceHistoryInstance>",
        "<StatusStartingTime>2020-01-01T00:00:00Z</StatusStartingTime>",
        "Svcstatus/granted",
        "Svcstatus/withdrawn",
        " Id=\"TL\"",
        "URI=\"#TL\"",
        "URI=\"\"",
        "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
        "http://www.w3.org/2001/10/xml-exc-c14n#",
        "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\">",
        "</Signature>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "&#x41;",
        "xmlns:a=\"b\"",
    ],
};

/// Files of the honest lists, below the archive, in the order of their numbers.
const HONEST: [&str; 5] = ["lotl.xml", "fr.xml", "fr-withdrawn.xml", "pivot.xml", "after.xml"];

/// What the seeds were made of.
struct Scene {
    anchor: Vec<u8>,
    honest: Vec<Vec<u8>>,
    /// The way of a token whose service is granted, and of one that no list names.
    way: Vec<Vec<u8>>,
    other: Vec<Vec<u8>>,
    /// All that is ever said of lists that are believed, and of services that are granted.
    told: BTreeSet<(&'static str, String)>,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let folder = Path::new(&roles::place()).join("archive").join("lists");
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let mut scene = Scene {
        anchor: read("anchor.der"),
        honest: HONEST.map(read).to_vec(),
        way: vec![read("way.der")],
        other: vec![read("other.der")],
        told: BTreeSet::new(),
    };
    // Each of them alone with what it needs, and the whole chain.
    for together in [&[0, 1][..], &[0, 2], &[3, 1], &[3, 4, 1]] {
        let lists: Vec<&[u8]> = together.iter().map(|at| &scene.honest[*at][..]).collect();
        let said = scene.judged(&lists).say(&scene.way, stamped());
        let kept = said.lines.into_iter().filter(|(code, ..)| COUNTS.contains(code));
        let kept: Vec<_> = kept.map(|(code, _, detail)| (code, detail)).collect();
        scene.told.extend(kept);
    }
    assert!(scene.told.len() > 5);
    scene
});

/// Lines by which a list or a service counts.
const COUNTS: [&str; 3] = ["list-believed", "list-pivot", "tsa-qualified"];

fn stamped() -> UnixMillis {
    UnixMillis(SEALED.0 as i64)
}

impl Scene {
    fn judged(&self, lists: &[&[u8]]) -> TrustedLists {
        let named = |(at, bytes): (usize, &&[u8])| (at.to_string(), bytes.to_vec());
        let given: Vec<_> = lists.iter().enumerate().map(named).collect();
        TrustedLists::believe(&given, std::slice::from_ref(&self.anchor), UnixMillis(JUDGED.0 as i64), &AnyVerifier)
    }
}

/// The first byte says what stands around the list, which is the rest.
fn check(data: &[u8]) {
    let scene = &*SCENE;
    let Some((first, list)) = data.split_first() else { return };
    let [lotl, fr, _, pivot, _] = &scene.honest[..] else { unreachable!() };
    let lists: Vec<&[u8]> = match first % 3 {
        0 => vec![list, &lotl[..]],
        1 => vec![list, &fr[..]],
        _ => vec![list, &lotl[..], &fr[..], &pivot[..]],
    };
    let judged = scene.judged(&lists);
    let said = judged.say(&scene.way, stamped());
    assert_eq!(said, scene.judged(&lists).say(&scene.way, stamped()), "read twice, read alike");
    assert!(!judged.say(&scene.other, stamped()).qualified, "a service that no list names");
    let ours: Vec<_> = said.lines.iter().filter(|(_, place, _)| place == "0").collect();
    for (code, _, detail) in &ours {
        let honest = !COUNTS.contains(code) || scene.told.contains(&(*code, detail.clone()));
        assert!(honest, "{code} says what nobody signed: {detail}");
    }
    let believed = ours.iter().any(|(code, ..)| COUNTS.contains(code));
    assert!(!believed || ListOutline::read(list).is_ok(), "believed, and no whole list");
    assert_anchored(scene, &said);
    planted(|| first % 3 == 2 && ours.iter().any(|(code, ..)| *code == "list-version"));
}

/// Nobody is qualified but by the anchor that was given.
fn assert_anchored(scene: &Scene, said: &QualifiedSaid) {
    let anchor = seal::DigestAlgorithm::Sha256.digest(&scene.anchor);
    assert_eq!(said.anchor.map(|sha256| sha256.to_vec()), said.qualified.then_some(anchor));
}

/// Writes what was honestly made.
pub fn write_archive(folder: &Path) {
    let folder = folder.join("lists");
    std::fs::create_dir_all(&folder).unwrap();
    let (lists, next) = (Lists::new(), Signer::new("Signataire suivant"));
    let [way, other] =
        ["Unite", "Autre"].map(|name| certificate(name, &KeyPair::generate().unwrap(), 2020, 2040));
    let granted = Told::granted(&way);
    let periods = vec![(QTST, WITHDRAWN, "2026-11-01T00:00:00Z"), (QTST, GRANTED, "2020-01-01T00:00:00Z")];
    let withdrawn = national("FR", &[Told { periods, ..granted.clone() }]).replace("Number>7<", "Number>8<");
    let pointed: [(&str, &[&[u8]]); 1] = [("FR", &[&lists.signer.der])];
    let pivot = handing_over(8, &pointed, &[&next.der]);
    let [(_, lotl), (_, fr)] = <[_; 2]>::try_from(lists.of(&[granted])).unwrap();
    let after = signed(&handing_over(9, &pointed, &[&next.der]), &next);
    let all = [lotl, fr, signed(&withdrawn, &lists.signer), signed(&pivot, &lists.anchor), after];
    for (name, bytes) in HONEST.into_iter().zip(all) {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    for (name, der) in [("anchor.der", &lists.anchor.der), ("way.der", &way), ("other.der", &other)] {
        std::fs::write(folder.join(name), der).unwrap();
    }
}

fn seeds(_: &World) -> Vec<Vec<u8>> {
    (0..3u8).flat_map(|first| SCENE.honest.iter().map(move |list| [&[first], &list[..]].concat())).collect()
}
