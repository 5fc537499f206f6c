//! `vectors [--new-tokens]`: writes the conformance vectors of tests/vectors anew. Without the option the bytes are those that
//! stand there, unless a format has changed.

use anyhow::{Result, bail};

fn main() -> Result<()> {
    let new_tokens = match std::env::args().nth(1).as_deref() {
        None => false,
        Some("--new-tokens") => true,
        Some(word) => bail!("unexpected {word:?}; usage: vectors [--new-tokens]"),
    };
    let folder = tests::vectors::folder();
    println!("{} files in {}", tests::vectors::write(&folder, new_tokens)?, folder.display());
    Ok(())
}
