//! `recipe.sh`: the digests of a pack computed again by sha256sum, its token checked by openssl, without a line of ours.
//!
//! Not evidence, and it says so: whoever altered a pack could alter its recipe. The log's signature and its tree are not in it.

use std::fmt::Write;

use crate::pack::Group;

const HEAD: &str = include_str!("recipe.sh");

/// The script for these groups and the binding group: each is led up to the token's imprint.
/// The entry's own group comes first; `described` are the records of all its files, shown or not.
pub(crate) fn write_recipe(
    groups: &[Group],
    described: &[&str],
    bound: [[u8; 32]; 2],
    bound_path: &[[u8; 32]],
) -> String {
    let mut script = HEAD.to_owned();
    for group in groups {
        let [(first, _, _), (second, _, _)] = &group.objects;
        push(&mut script, &format!("groupe '{first}' '{second}'{}", words(&group.path)));
    }
    let [_, second] = bound;
    push(&mut script, &format!("lie META-INF/tabellion/checkpoint {}{}", hex(&second), words(bound_path)));
    push(&mut script, "designe unit/E.json unit/R.json entry_sha256");
    for record in described {
        let shown = groups.iter().skip(1).map(|group| &group.objects).find(|[_, (name, _, _)]| name == record);
        if let Some([(file, _, _), _]) = shown {
            push(&mut script, &format!("designe '{file}' '{record}' sha256"));
        }
        push(&mut script, &format!("feuille '{record}'"));
    }
    push(&mut script, "racine_des_fichiers");
    push(&mut script, "conclure");
    script
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
