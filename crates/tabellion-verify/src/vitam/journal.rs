//! `data.txt`: one JSON object a line, each line ended by a newline that is not hashed.

use std::io::{BufRead, BufReader, Error, Read};

use serde::de::IgnoredAny;

use super::tree::Tree;

/// Bytes of a line: a document of Vitam's database has 16 MiB at most, and each byte may be written as six.
const LINE_BYTES: u64 = 1 << 27;

/// Why a journal is not read.
#[derive(Debug)]
pub enum Refusal {
    /// A line is not what it should be.
    Line(String),
    /// What the source says.
    Source(Error),
}

/// The tree of all lines, each of them a JSON object: what could be a hash, and stand for a part of another tree, is none.
///
/// # Errors
/// `Line`, `Source`.
pub fn hashed(source: impl Read) -> Result<Tree, Refusal> {
    let mut source = BufReader::with_capacity(1 << 16, source);
    let (mut tree, mut line) = (Tree::default(), Vec::new());
    loop {
        line.clear();
        let mut bounded = (&mut source).take(LINE_BYTES);
        if bounded.read_until(b'\n', &mut line).map_err(Refusal::Source)? == 0 {
            return Ok(tree);
        }
        let refused = |why: &str| Refusal::Line(format!("{} ({why})", tree.lines().saturating_add(1)));
        if line.pop_if(|last| *last == b'\n').is_none() {
            return Err(refused("not ended, or too long"));
        }
        object(&line).map_err(|why| refused(&why))?;
        tree.push(&line);
    }
}

/// The line is one JSON object from its first byte to its last.
fn object(line: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(line).map_err(|why| why.to_string())?;
    if !text.starts_with('{') || !text.ends_with('}') {
        return Err("no JSON object".to_owned());
    }
    serde_json::from_str::<IgnoredAny>(text).map(drop).map_err(|why| why.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::tree::sha512;
    use super::*;

    fn refused(journal: &[u8]) -> bool {
        matches!(hashed(journal), Err(Refusal::Line(_)))
    }

    #[test]
    fn the_newline_is_not_hashed() {
        let tree = hashed(&b"{\"a\":1}\n"[..]).unwrap();
        assert_eq!((tree.lines(), tree.root()), (1, Some(sha512(&[b"{\"a\":1}"]))));
        assert_eq!(hashed(&b""[..]).unwrap().lines(), 0);
    }

    #[test]
    fn a_line_that_is_no_object_is_refused() {
        for bad in ["{}", "{}\n\n", "\n", "[]\n", "{}\r\n", " {}\n", "{} {}\n", "{\n", "{\"a\"}\n", "{}\n{}"] {
            assert!(refused(bad.as_bytes()), "{bad:?}");
        }
        assert!(refused(b"{\"a\":\"\xff\"}\n"));
        // Two hashes one after the other would be a node of another tree.
        let pair = [sha512(&[b"{}"]), sha512(&[b"{}"])].concat();
        assert!(refused(&[&pair[..], b"\n"].concat()));
    }
}
