//! What the program does: search, name its targets, or write seeds.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use crate::targets::{self, Target};
use crate::world::{World, world};

/// The check under search.
static CHOSEN: OnceLock<fn(&[u8])> = OnceLock::new();

/// Reads the role from the environment: a search goes on from here, the others end the program.
pub fn begin() {
    match std::env::var("FUZZ_ROLE").unwrap_or_default().as_str() {
        "list" => targets::ALL.iter().for_each(|target| println!("{} {}", target.name, target.max_len)),
        "seeds" => write_seeds(Path::new(&place())),
        _ => {
            let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
            let chosen = targets::ALL.iter().find(|target| target.name == name);
            let chosen = chosen.unwrap_or_else(|| panic!("FUZZ_TARGET names no target: {name:?}"));
            let _ = CHOSEN.set(chosen.check);
            return;
        }
    }
    std::process::exit(0);
}

/// The check under search.
pub fn target() -> fn(&[u8]) {
    *CHOSEN.get().unwrap()
}

/// Where seeds are, and what the pack target must know of them.
pub fn place() -> String {
    std::env::var("FUZZ_PLACE").unwrap()
}

/// One folder a target with its seeds, one dictionary a target with the words of its format.
fn write_seeds(place: &Path) {
    let archive = world();
    write_archive(place, &archive);
    for Target { name, seeds, words, .. } in targets::ALL {
        let folder = place.join("seeds").join(name);
        fs::create_dir_all(&folder).unwrap();
        for (seed, number) in seeds(&archive).iter().zip(1..) {
            fs::write(folder.join(format!("seed-{number:03}")), seed).unwrap();
        }
        let escaped = |word: &&str| {
            let bytes = word.bytes().map(|b| format!("\\x{b:02x}")).collect::<String>();
            format!("\"{bytes}\"\n")
        };
        // The comment: an empty dictionary is no dictionary, and ends the search.
        let dictionary = format!("# {name}\n{}", words.iter().map(escaped).collect::<String>());
        fs::write(place.join("seeds").join(format!("{name}.dict")), dictionary).unwrap();
    }
}

/// What was honestly made: the policies that believe it, and its packs.
fn write_archive(place: &Path, archive: &World) {
    let folder = place.join("archive");
    fs::create_dir_all(&folder).unwrap();
    targets::register::write_archive(&folder);
    targets::trusted_list::write_archive(&folder);
    targets::documents::write_archive(&folder);
    targets::watching::write_heads(&folder, archive);
    fs::write(folder.join("policy.json"), archive.policy_json().to_string()).unwrap();
    // Another authority's certificate and the same log: nothing sealed by the first may pass under it.
    let stranger = world().policy_json()["tsa_roots"].clone();
    let mut other = archive.policy_json();
    other["tsa_roots"] = stranger;
    fs::write(folder.join("other-authority.json"), other.to_string()).unwrap();
    for index in 0..archive.entries.len() {
        fs::write(folder.join(format!("{index}-sealed.asice")), archive.pack(index)).unwrap();
        fs::write(folder.join(format!("{index}-unsealed.asice")), archive.unsealed(index)).unwrap();
        fs::write(folder.join(format!("{index}-renewed.asice")), targets::pack::renewed(archive, index)).unwrap();
    }
}
