//! What people read in French is French: each cause that the sources name has its French words, and no verdict on a damaged pack shows an
//! English one, but as a technical detail that is called so.

use std::path::{Path, PathBuf};

use seal::Container;
use verifier::{Lang, Verdict, numbered, verify_pack};

use crate::world::{self, JUDGED, SHOWN};

/// Words of English that no French sentence has.
const ENGLISH: &str = "the is are was were not no of with by has have its it that which than and or cannot expected found missing \
    malformed nothing does supported after before twice beyond between false given";

/// The first English word of a French text, what is called a technical detail left out.
pub fn english_in(text: &str) -> Option<&str> {
    let mut rest = text;
    let mut words = Vec::new();
    while let Some((before, after)) = rest.split_once("(détail technique : ") {
        words.extend(before.split_whitespace());
        rest = after.split_once(')').map_or("", |(_, after)| after);
    }
    words.extend(rest.split_whitespace());
    let plain = words.into_iter().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    plain.into_iter().find(|word| ENGLISH.split_whitespace().any(|english| english == *word))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
    found
}

/// Files whose phrases no verdict repeats: what watchers and witnesses answer, what the test authority refuses, what is written, and
/// what the command says in both languages by itself.
const APART: [&str; 13] = [
    "watch/src/bundle.rs",
    "watch/src/request.rs",
    "watch/src/tile.rs",
    "watch/src/witness.rs",
    "seal/src/authority.rs",
    "seal/src/authority/issue.rs",
    "seal/src/manifest.rs",
    "seal/src/signature/brainpool512.rs",
    "tabellion-verify/src/inputs.rs",
    "tabellion-verify/src/inspect.rs",
    "tabellion-verify/src/lists.rs",
    "tabellion-verify/src/arguments.rs",
    "seal/src/words.rs",
];

/// The phrases of a line of code: two words of small letters, one after the other, with `7` in each place of a format.
fn phrases(line: &str) -> Vec<String> {
    let line = line.replace("'\"'", "' '").replace("\\\"", "'");
    let literals = line.split('"').skip(1).step_by(2);
    let small = |word: &str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let filled = literals.map(|literal| {
        let mut pieces = literal.split('{');
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(first, |text, piece| text + "7" + piece.split_once('}').map_or("", |(_, rest)| rest))
    });
    let speaks = |text: &String| {
        let words: Vec<&str> = text.split(' ').collect();
        let said = |word: &str| small(word.trim_end_matches(','));
        words.windows(2).any(|two| said(two[1]) && (said(two[0]) || (two[0] == "7" && two[1] != "ms")))
    };
    filled.filter(speaks).collect()
}

#[test]
fn every_cause_that_the_sources_name_has_its_french_words() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
    // Names of findings and of members are no sentences.
    let names = |text: &str| {
        let all = format!("{} policy.json recipe.sh attestation.pdf validation related \\", verifier::NAMES);
        text.split_whitespace().all(|word| all.split_whitespace().any(|name| name == word))
    };
    let (mut seen, mut wrong) = (0, Vec::new());
    for room in ["proof", "watch", "seal", "verifier", "tabellion-verify"] {
        for path in sources(&crates.join(room).join("src")) {
            let shown = path.strip_prefix(&crates).unwrap().display().to_string();
            if APART.contains(&shown.as_str()) {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            let lines = code.lines().map(str::trim);
            let lines =
                lines.filter(|line| !line.starts_with("//") && !line.starts_with("#[") && !line.contains("reason = "));
            for phrase in lines.flat_map(phrases).filter(|phrase| !names(phrase)) {
                seen += 1;
                let french = Lang::French.cause(&phrase);
                if french.starts_with("(détail technique") || english_in(&french).is_some() || french == phrase {
                    wrong.push(format!("{shown}: {phrase} -> {french}"));
                }
            }
        }
    }
    assert!(seen > 200, "only {seen} phrases found");
    assert!(wrong.is_empty(), "causes without French words (crates/seal/src/words.txt):\n{}", wrong.join("\n"));
}

#[test]
fn a_cause_is_said_in_french_with_what_it_tells_of_and_one_unknown_is_called_technical() {
    let french = |cause: &str| Lang::French.cause(cause);
    let path = "path: no path to any of 1 given roots: UnknownIssuer";
    assert_eq!(
        french(path),
        "chemin : aucun chemin ne mène à l'une des racines données (nombre : 1) : émetteur inconnu ici"
    );
    assert_eq!(Lang::English.cause(path), path);
    assert_eq!(
        french("policy: expected value at line 1 column 2"),
        "politique : JSON illisible (détail technique : expected value), ligne 1, colonne 2"
    );
    assert_eq!(french("something else broke"), "(détail technique : something else broke)");
    assert_eq!(french("12 > 10"), "12 > 10");
    let unknown = "no path to any of 2 given roots: SomethingNew { why: 3 }";
    assert!(french(unknown).ends_with(" : (détail technique : SomethingNew { why: 3 })"), "{}", french(unknown));
    // Names stay as they are, whatever words they are made of.
    assert_eq!(french("the signature by root is false"), "la signature de root est fausse");
    assert_eq!(seal::limits::CAUSE_CHARS, verifier::limits::DETAIL_CHARS);
    // One that was cut says what is left of it in French.
    let cut = format!("the evidence record covers [{}", "a".repeat(300));
    assert!(french(&cut).starts_with("l'enregistrement de preuve couvre [aaa"), "{}", french(&cut));
    let named = format!("ess-cert-id: the signer named issuer and serial {}", "a".repeat(240));
    assert!(
        french(&named).starts_with("certificat désigné : le signataire a désigné l'émetteur"),
        "{}",
        french(&named)
    );
    // Many parts are no more work than their number.
    let many = "a: b, ".repeat(50);
    assert_eq!(french(&many), format!("(détail technique : {many})"));
    assert_eq!(english_in("ceci n'est pas lisible : the end (détail technique : x)"), Some("the"));
    assert_eq!(english_in("illisible (détail technique : the end) à la ligne 3"), None);
}

#[test]
fn one_is_one_and_many_are_many() {
    let said = |lang, number: &str| numbered(lang, "{} fichier[/s], [celui-ci/ceux-ci]", number);
    assert_eq!(said(Lang::French, "0"), "{} fichier, celui-ci");
    assert_eq!(said(Lang::French, "1"), "{} fichier, celui-ci");
    assert_eq!(said(Lang::French, "2"), "{} fichiers, ceux-ci");
    assert_eq!(said(Lang::English, "0"), "{} fichiers, ceux-ci");
    assert_eq!(said(Lang::English, "1"), "{} fichier, celui-ci");
}

/// What a verdict says in French.
fn in_french(verdict: &Verdict) -> Vec<String> {
    let lines = verdict.findings.iter().map(|line| line.message(Lang::French));
    lines.chain(verdict.sentences(Lang::French)).collect()
}

#[test]
fn no_verdict_on_a_damaged_pack_shows_an_english_cause_to_who_reads_french() {
    let world = world::world();
    let policy = world.policy();
    let pack = world.pack(SHOWN);
    let container = Container::parse(&pack).unwrap();
    let members: Vec<(String, Vec<u8>)> = container
        .names()
        .filter(|name| *name != "mimetype")
        .map(|name| (name.to_owned(), container.read(name).unwrap()))
        .collect();
    let mut judged = vec![verify_pack(&pack, Some(&policy), JUDGED), verify_pack(&pack, None, JUDGED)];
    for at in 0..members.len() {
        let bytes = &members[at].1;
        let mut damaged =
            vec![Vec::new(), b"{\"a\":1}".to_vec(), b"\xff\xfe".to_vec(), bytes[..bytes.len() / 2].to_vec()];
        for place in (0..bytes.len()).step_by(bytes.len() / 24 + 1) {
            let mut one = bytes.clone();
            one[place] ^= 0x15;
            damaged.push(one);
        }
        for other in damaged {
            let mut all = members.clone();
            all[at].1 = other;
            judged.push(verify_pack(&world::zip(&all), Some(&policy), JUDGED));
        }
        let mut fewer = members.clone();
        fewer.remove(at);
        judged.push(verify_pack(&world::zip(&fewer), Some(&policy), JUDGED));
    }
    for cut in (0..pack.len()).step_by(pack.len() / 40) {
        judged.push(verify_pack(&pack[..cut], Some(&policy), JUDGED));
    }
    let mut wrong: Vec<String> = judged.iter().flat_map(in_french).filter(|line| english_in(line).is_some()).collect();
    wrong.sort();
    wrong.dedup();
    assert!(judged.len() > 300, "{}", judged.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
