//! `recipe.sh`: the digests of a pack computed again by sha256sum, its token checked by openssl, without a line of ours.
//!
//! Not evidence, and it says so: whoever altered a pack could alter its recipe. The log's signature and its tree are not in it.

use std::fmt::Write;

use crate::pack::{Group, PackRenewal, PackSeal};

const HEAD: &str = include_str!("recipe.sh");
/// What a renewed pack's recipe does besides.
const RENEWED: &str = include_str!("recipe-renewals.sh");

/// What a pack says of a file's record: itself; or, of a file withheld, its leaf in the entry's tree.
pub(crate) struct Described {
    /// What the member is called.
    pub name: String,
    /// Of the member.
    pub bytes: Vec<u8>,
    /// It is of a file withheld.
    pub kept_out: bool,
}

/// A record of a renewed pack, as its recipe looks into it.
pub(crate) struct Borne {
    /// Its name in the pack.
    pub name: String,
    /// Its place among the records of the pack: the entry's is 0, the binding group's the last.
    pub place: u64,
    /// Names of both members; the second one's SHA-512 after `=` where it is not shown.
    pub objects: [String; 2],
    /// Exact bytes.
    pub record: Vec<u8>,
    /// Its chains before each renewal of hashes, DER.
    pub before: Vec<Vec<u8>>,
}

/// The script for these groups and the binding group: each is led up to the token's imprint, and where the pack was renewed to that of each
/// token since. The entry's own group comes first; `described` are the records of all its files, shown or not; `borne` the records of a
/// renewed pack. `None` when these are no records that bear the tokens of the seal.
pub(crate) fn write_recipe(
    groups: &[Group],
    described: &[Described],
    (bound, bound_path): ([[u8; 32]; 2], &[[u8; 32]]),
    seal: &PackSeal,
    borne: &[Borne],
) -> Option<String> {
    let mut script = HEAD.to_owned();
    if !seal.renewals.is_empty() {
        script.push_str(RENEWED);
    }
    for group in groups {
        let [(first, _, _), (second, _, _)] = &group.objects;
        push(&mut script, &format!("groupe '{first}' '{second}'{}", words(&group.path)));
    }
    let [_, second] = bound;
    push(&mut script, &format!("lie META-INF/tabellion/checkpoint {}{}", hex(&second), words(bound_path)));
    push(&mut script, "designe unit/E.json unit/R.json entry_sha256");
    for Described { name: record, kept_out, .. } in described {
        if *kept_out {
            push(&mut script, &format!("feuille_seule '{record}'"));
            continue;
        }
        let shown = groups.iter().skip(1).map(|group| &group.objects).find(|[_, (name, _, _)]| name == record);
        if let Some([(file, _, _), _]) = shown {
            push(&mut script, &format!("designe '{file}' '{record}' sha256"));
        }
        push(&mut script, &format!("feuille '{record}'"));
    }
    push(&mut script, "racine_des_fichiers");
    if seal.renewals.is_empty() {
        push(&mut script, "conclure");
    } else {
        renewed(&mut script, seal, borne)?;
        push(&mut script, "conclure_renouvele");
    }
    Some(script)
}

/// Each renewal, then the tokens of each record; the tokens themselves are taken from the record of the binding group, the last one.
fn renewed(script: &mut String, seal: &PackSeal, borne: &[Borne]) -> Option<()> {
    let tokens = || seal.renewals.iter().map(PackRenewal::token);
    let places = places(&borne.last()?.record, tokens())?;
    let mut hashed = 0;
    for (renewal, (offset, length)) in seal.renewals.iter().zip(places) {
        match renewal {
            PackRenewal::Stamp { digest, lists, .. } => {
                let path: String = lists.iter().skip(1).flatten().map(|hash| format!(" {}", hex(hash))).collect();
                push(script, &format!("horodate {} {offset} {length}{path}", digest.name()));
            }
            PackRenewal::Hashes { digest, siblings, .. } => {
                push(script, &format!("rehache {} {offset} {length}", digest.name()));
                for Borne { name, place, objects: [first, second], record, before } in borne {
                    let (header, size) = frame(before.get(hashed)?)?;
                    // What was borne then begins what is borne now.
                    let (now, _) = frame(chains(record)?)?;
                    let begins = record.len().checked_sub(chains(record)?.len())?.checked_add(now.len())?;
                    let path = siblings.get(usize::try_from(*place).ok()?)?;
                    let path: String = path.iter().flatten().map(|hash| format!(" {}", hex(hash))).collect();
                    let line = format!("regroupe '{first}' '{second}' {name} {} {begins} {size}{path}", hex(header));
                    push(script, &line);
                }
                hashed += 1;
            }
        }
    }
    for Borne { name, record, .. } in borne {
        let all = std::iter::once(seal.token.as_slice()).chain(tokens());
        let words = self::places(record, all)?.into_iter().map(|(offset, length)| format!(" {offset} {length}"));
        push(script, &format!("porte {name}{}", words.collect::<String>()));
    }
    Some(())
}

/// Where these tokens stand in a record, in their order: offset and length.
fn places<'a>(record: &[u8], tokens: impl Iterator<Item = &'a [u8]>) -> Option<Vec<(usize, usize)>> {
    let mut from = 0;
    let mut all = Vec::new();
    for token in tokens {
        let rest = record.get(from..)?;
        let at = rest.windows(token.len().max(1)).position(|window| window == token)?;
        all.push((from + at, token.len()));
        from += at + token.len();
    }
    Some(all)
}

/// The chains of an evidence record in DER: its last field.
pub(crate) fn chains(record: &[u8]) -> Option<&[u8]> {
    let (header, _) = frame(record)?;
    let mut rest = record.get(header.len()..)?;
    loop {
        let (header, size) = frame(rest)?;
        match header.len().checked_add(size)? {
            end if end == rest.len() => return Some(rest),
            end => rest = rest.get(end..)?,
        }
    }
}

/// Tag and length of the DER element that begins here, and the bytes of its content.
fn frame(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let first = usize::from(*bytes.get(1)?);
    // A length above 127 takes so many bytes more (X.690 §8.1.3.5).
    let more = first.saturating_sub(0x80);
    let long = bytes.get(2..2 + more)?;
    let size = if more == 0 { first } else { long.iter().fold(0, |size, byte| (size << 8) | usize::from(*byte)) };
    Some((bytes.get(..2 + more)?, size))
}

fn push(script: &mut String, line: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(script, "{line}");
}

fn words(path: &[[u8; 32]]) -> String {
    path.iter().map(|sibling| format!(" {}", hex(sibling))).collect()
}

fn hex(bytes: &[u8]) -> String {
    proof::hash::encode_hex(bytes)
}
