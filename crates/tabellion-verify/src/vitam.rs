//! What left another house: a securing archive of Vitam, version V1 (docs/formats/vitam.md). The lines are hashed again, the tree is
//! built again, and the token must be over the root found here; what the archive says of itself must agree, and counts for
//! nothing by itself. Nothing is asked of Vitam, no clock is known.
//!
//! Deliberately not here: archives before V1 and after it, what the lines mean, and any trust of its own.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    clippy::unreachable
)]

mod information;
mod journal;
mod tree;
mod tree_json;
mod zip;

use std::io::{self, Cursor, ErrorKind, Read, Seek};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use proof::UnixMillis;
use seal::{DigestAlgorithm, ExpectedToken, Token, parse_response};
use verifier::{Case, Overall, Status, Verdict};

use information::{Additional, Computing, Refusal, SLOTS, VERSION};
use tree::{Tree, sha512};
use zip::{Archive, Fault};

const NEEDED: &str = "format files binding timestamp";

const DATA: &str = "data.txt";
const TREE: &str = "merkleTree.json";
const TOKEN: &str = "token.tsp";
const COMPUTING: &str = "computing_information.txt";
const ADDITIONAL: &str = "additional_information.txt";
const MEMBERS: [&str; 5] = [DATA, TREE, TOKEN, COMPUTING, ADDITIONAL];
/// What archives before V1 have instead of `data.txt`.
const BEFORE_V1: [&str; 2] = ["operations.json", "global_lifecycles.txt"];
/// Bytes of a member that is neither journal nor tree: three tokens at most, each twice in base64.
const SMALL_BYTES: u64 = 1 << 23;

/// The time of a token, itself good, that covers the one with this answer and text.
type Covering<'a> = &'a dyn Fn(&[u8], &[u8]) -> Option<seal::UnixMillis>;

/// What an archive holds that another may be tied to.
struct Facts {
    token: Token,
    /// The answer of the authority, of which the token is part; and `token.tsp` as it stands, which is its base64.
    answer: Vec<u8>,
    text: Vec<u8>,
    stated: [Option<Vec<u8>>; 3],
}

/// The verdict on an archive by these roots, and on earlier ones whose tokens it covers: each by this one's token, or by the token of
/// one that stands before it.
pub fn verify_archive<R: Read + Seek>(
    archive: R,
    earlier: Vec<(String, R)>,
    roots: &[Vec<u8>],
    at: UnixMillis,
) -> Verdict {
    let mut case = Case::new(None, at);
    let facts = judge(&mut case, archive, roots, &|_, _| None);
    if let Some(facts) = facts {
        let proved = tie(&mut case, &facts, earlier, roots, at);
        say_stated(&mut case, &facts, &proved);
    }
    case.verdict.conclude(NEEDED, NEEDED)
}

/// What this archive shows of itself, unjudged; `None` where it is none.
pub fn shown(bytes: &[u8]) -> Option<String> {
    let mut archive = Archive::read(Cursor::new(bytes)).ok()?;
    if !archive.names().any(|name| name == DATA) || !archive.names().any(|name| name == TOKEN) {
        return None;
    }
    let mut out = String::from("Vitam\n");
    for name in archive.names() {
        out.push_str(&format!("  {name}\n"));
    }
    for name in [ADDITIONAL, COMPUTING] {
        let text = small(&mut archive, name).unwrap_or_default();
        out.push_str(&format!("\n{name}\n"));
        for line in String::from_utf8_lossy(&text).lines().take(8) {
            out.push_str(&format!("  {}\n", line.chars().take(130).collect::<String>()));
        }
    }
    let text = small(&mut archive, TOKEN).unwrap_or_default();
    let token = BASE64_STANDARD.decode(&text).ok().and_then(|answer| parse_response(&answer).ok());
    out.push_str(&format!("\n{TOKEN}\n{}", token.map(|token| crate::inspect::token(&token)).unwrap_or_default()));
    Some(out)
}

/// Judges one archive: every rule has its line. `None` where what was read cannot be tied to anything.
fn judge<R: Read + Seek>(case: &mut Case<'_>, source: R, roots: &[Vec<u8>], covering: Covering<'_>) -> Option<Facts> {
    let mut archive = opened(case, source)?;
    let additional = read_as(case, &mut archive, ADDITIONAL, Additional::read)?;
    let computing = read_as(case, &mut archive, COMPUTING, Computing::read)?;
    case.say("vitam-archive-read", "", VERSION);
    case.say("vitam-period-stated", ADDITIONAL, &additional.period);
    let journal = hashed(case, &mut archive)?;
    let Some(root) = journal.root() else {
        case.say("vitam-no-line", DATA, "");
        return None;
    };
    let agrees = root == computing.root;
    case.say(if agrees { "vitam-root-agrees" } else { "vitam-root-differs" }, COMPUTING, "");
    match (additional.elements, journal.lines()) {
        (stated, found) if stated == found => case.say("vitam-count-agrees", ADDITIONAL, found),
        (stated, found) => case.say("vitam-count-differs", ADDITIONAL, format_args!("{stated} / {found}")),
    }
    compare_tree(case, &mut archive, &journal, &root);
    let (token, answer, text) = token(case, &mut archive)?;
    judge_imprint(case, &token, &root, &journal, &computing);
    judge_token(case, &token, &root, &computing, roots, covering(&answer, &text));
    Some(Facts { token, answer, text, stated: computing.tokens })
}

/// The archive, every member known and none missing.
fn opened<R: Read + Seek>(case: &mut Case<'_>, source: R) -> Option<Archive<R>> {
    let archive = match Archive::read(source) {
        Ok(archive) => archive,
        Err(Fault::Unreadable(why)) => return stop(case, "unreadable", "", &why),
        Err(Fault::Ambiguous(why)) => return stop(case, "ambiguous-container", "", &why),
    };
    if let Some(older) = archive.names().find(|name| BEFORE_V1.contains(name)) {
        return stop(case, "vitam-version", "", older);
    }
    let more: Vec<String> = archive.names().filter(|name| !MEMBERS.contains(name)).map(str::to_owned).collect();
    for name in &more {
        case.say("uncovered-member", name, "");
    }
    let missing: Vec<&str> = MEMBERS.into_iter().filter(|name| !archive.names().any(|known| known == *name)).collect();
    for name in &missing {
        case.say("member-missing", name, "");
    }
    (more.is_empty() && missing.is_empty()).then_some(archive)
}

/// A small member and what it says, or the line that says why not.
fn read_as<R: Read + Seek, T>(
    case: &mut Case<'_>,
    archive: &mut Archive<R>,
    name: &str,
    read: fn(&[u8]) -> Result<T, Refusal>,
) -> Option<T> {
    let bytes = small(archive, name).map_err(|why| unread(case, name, &why)).ok()?;
    match read(&bytes) {
        Ok(said) => Some(said),
        Err(Refusal::Version(found)) => stop(case, "vitam-version", name, &found),
        Err(Refusal::Malformed(why)) => stop(case, "vitam-information-malformed", name, &why),
    }
}

/// The tree of the journal's lines.
fn hashed<R: Read + Seek>(case: &mut Case<'_>, archive: &mut Archive<R>) -> Option<Tree> {
    let content = archive.open(DATA).map_err(|why| unread(case, DATA, &why)).ok()?;
    match journal::hashed(content) {
        Ok(tree) => Some(tree),
        Err(journal::Refusal::Line(why)) => stop(case, "vitam-lines-malformed", DATA, &why),
        Err(journal::Refusal::Source(why)) => {
            unread(case, DATA, &why);
            None
        }
    }
}

/// The tree in JSON is that of the lines: the same root, over as many leaves, empty ones counted. By the root these are then the same.
fn compare_tree<R: Read + Seek>(case: &mut Case<'_>, archive: &mut Archive<R>, journal: &Tree, root: &[u8]) {
    let written = match archive.open(TREE) {
        Ok(content) => tree_json::read(content),
        Err(why) => return unread(case, TREE, &why),
    };
    let fault = match written {
        Err(why) => why,
        Ok(written) if written.root != root => "root".to_owned(),
        Ok(written) if Some(written.width()) != journal.lines().checked_next_power_of_two() => "width".to_owned(),
        Ok(_) => return case.say("vitam-tree-agrees", TREE, ""),
    };
    case.say("vitam-tree-differs", TREE, fault);
}

/// The token, the authority's answer it stands in, and the text of that.
fn token<R: Read + Seek>(case: &mut Case<'_>, archive: &mut Archive<R>) -> Option<(Token, Vec<u8>, Vec<u8>)> {
    let text = small(archive, TOKEN).map_err(|why| unread(case, TOKEN, &why)).ok()?;
    let answer = match BASE64_STANDARD.decode(&text) {
        Ok(answer) => answer,
        Err(why) => return stop(case, "token-malformed", TOKEN, &why.to_string()),
    };
    match parse_response(&answer) {
        Ok(token) => Some((token, answer, text)),
        Err(why @ seal::SealError::Unsupported { .. }) => stop(case, "token-unsupported", TOKEN, &why.to_string()),
        Err(why) => stop(case, "token-malformed", TOKEN, &why.to_string()),
    }
}

/// What a token over this root and the earlier tokens must cover.
fn imprint(root: &[u8], computing: &Computing) -> Vec<u8> {
    let earlier = computing.tokens.iter().flatten().map(Vec::as_slice);
    sha512(&[root].into_iter().chain(earlier).collect::<Vec<_>>())
}

/// The token covers the root found here. Of one over another digest than SHA-512, its own line says that it is not supported.
fn judge_imprint(case: &mut Case<'_>, token: &Token, root: &[u8], journal: &Tree, computing: &Computing) {
    let stated = token.imprint();
    if stated.algorithm != DigestAlgorithm::Sha512.name() {
        return;
    }
    if stated.digest == imprint(root, computing) {
        case.say("vitam-lines-covered", DATA, journal.lines());
        return case.say("vitam-imprint-covered", TOKEN, computing.tokens.iter().flatten().count());
    }
    // The token stands for what the archive says, and the lines do not: it is they that were touched.
    if stated.digest == imprint(&computing.root, computing) {
        case.say("vitam-lines-altered", DATA, "");
    }
    let found = format!("{} {}", stated.algorithm, proof::hash::encode_hex(stated.digest));
    case.say("vitam-imprint-differs", TOKEN, found);
}

/// The token is good by these roots, over the root found here, and no older than what it covers.
fn judge_token(
    case: &mut Case<'_>,
    token: &Token,
    root: &[u8],
    computing: &Computing,
    roots: &[Vec<u8>],
    covered_at: Option<seal::UnixMillis>,
) {
    let imprint = imprint(root, computing);
    let expected = ExpectedToken::new(DigestAlgorithm::Sha512, &imprint);
    case.token(token, &expected, [roots, roots], covered_at, TOKEN);
    // There is no log here, whose line bears that code elsewhere.
    for line in case.verdict.findings.iter_mut().filter(|line| line.code == "no-tsa-root") {
        line.code = "no-trust-anchor";
    }
    for (slot, earlier) in SLOTS.iter().zip(&computing.tokens) {
        let Some(earlier) = earlier.as_deref() else { continue };
        match earlier_token(earlier) {
            Some(earlier) if earlier.gen_time() > token.gen_time() => {
                case.say("stamp-older", TOKEN, format_args!("{slot}: {}", earlier.gen_time()));
            }
            Some(_) => {}
            None => case.say("vitam-previous-no-token", COMPUTING, slot),
        }
    }
}

/// The token of an earlier archive, as it is stated: the answer, or (in archives over storage journals) its base64.
fn earlier_token(stated: &[u8]) -> Option<Token> {
    let answer = BASE64_STANDARD.decode(stated).unwrap_or_else(|_| stated.to_vec());
    parse_response(&answer).ok()
}

/// An archive whose token others may lie under: what it states of earlier ones, and its time where its token holds.
struct Link {
    stated: [Option<Vec<u8>>; 3],
    time: Option<seal::UnixMillis>,
}

impl Link {
    /// The time of a token that does not hold says nothing of what it covers.
    fn new(verdict: &Verdict, facts: &Facts) -> Self {
        let time = verdict.time.as_ref().map(|_| facts.token.gen_time());
        Self { stated: facts.stated.clone(), time }
    }

    /// Under which names it states this token.
    fn slots(&self, answer: &[u8], text: &[u8]) -> Vec<&'static str> {
        let same = |stated: &Option<Vec<u8>>| stated.as_deref().is_some_and(|known| known == answer || known == text);
        SLOTS.into_iter().zip(&self.stated).filter(|(_, stated)| same(stated)).map(|(slot, _)| slot).collect()
    }
}

/// Each earlier archive is judged, and its token must be one that this archive, or one before it in the list, covers. Returns the
/// names of this archive's own that were proved.
fn tie<R: Read + Seek>(
    case: &mut Case<'_>,
    facts: &Facts,
    earlier: Vec<(String, R)>,
    roots: &[Vec<u8>],
    at: UnixMillis,
) -> Vec<&'static str> {
    let (mut links, mut proved) = (vec![Link::new(&case.verdict, facts)], Vec::new());
    for (name, source) in earlier {
        let mut own = Case::new(None, at);
        let covering = |answer: &[u8], text: &[u8]| {
            links.iter().find(|link| !link.slots(answer, text).is_empty()).and_then(|link| link.time)
        };
        let found = judge(&mut own, source, roots, &covering);
        let verdict = own.verdict.conclude(NEEDED, NEEDED);
        let slots = found.as_ref().map(|found| links.iter().map(|link| link.slots(&found.answer, &found.text)));
        let slots: Vec<Vec<&str>> = slots.into_iter().flatten().collect();
        let names: Vec<&str> = slots.iter().flatten().copied().collect();
        match verdict.verdict {
            _ if found.is_some() && names.is_empty() => case.say("vitam-previous-other", &name, ""),
            Overall::PassedTimestamped => {
                case.say("vitam-previous-proved", &name, names.join(", "));
                proved.extend(slots.first().into_iter().flatten());
            }
            _ => {}
        }
        links.extend(found.map(|found| Link::new(&verdict, &found)));
        // Only what speaks against it: nothing of this archive may pass by what was found of another.
        let against = |status| matches!(status, Status::Failed | Status::Indeterminate);
        for mut line in verdict.findings.into_iter().filter(|line| against(line.status)) {
            line.where_ = [name.as_str(), line.where_.as_str()].join(", ").trim_end_matches(", ").to_owned();
            case.verdict.findings.push(line);
        }
    }
    proved
}

/// What this archive states of earlier ones, and nothing proved.
fn say_stated(case: &mut Case<'_>, facts: &Facts, proved: &[&str]) {
    if facts.stated.iter().all(Option::is_none) {
        case.say("vitam-no-previous", COMPUTING, "");
    }
    for (slot, stated) in SLOTS.iter().zip(&facts.stated) {
        if stated.as_deref().and_then(earlier_token).is_some() && !proved.contains(slot) {
            case.say("vitam-previous-stated", COMPUTING, slot);
        }
    }
}

fn small<R: Read + Seek>(archive: &mut Archive<R>, name: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut content = archive.open(name)?.take(SMALL_BYTES);
    content.read_to_end(&mut bytes)?;
    // At the limit the end was not seen, nor the checksum.
    if content.limit() == 0 { Err(ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

/// A member that is not read: what it says of itself is false, or the source fails.
fn unread(case: &mut Case<'_>, name: &str, why: &io::Error) {
    let code = if why.kind() == ErrorKind::InvalidData { "member-altered" } else { "unreadable" };
    case.say(code, name, why);
}

/// The line, for the caller that ends there.
fn stop<T>(case: &mut Case<'_>, code: &'static str, place: &str, detail: &str) -> Option<T> {
    case.say(code, place, detail);
    None
}
