//! `merkleTree.json`: the whole tree, nested. Read as it comes and never held: each node must be what its children give, so that
//! the root alone, once it is the one the lines give, says that every leaf is theirs.

use std::fmt;
use std::io::{self, BufReader, Error, ErrorKind, Read};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};

use super::tree::{HASH_BYTES, LEVELS, sha512};

/// Bytes between two marks of JSON; a hash in base64 has 88.
const RUN_BYTES: u32 = 256;

/// A tree that is whole and agrees with itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its root.
    pub root: Vec<u8>,
    /// Leaves that are no filling.
    leaves: u64,
    /// Leaves that are: empty ones, after all others.
    filled: u64,
    height: usize,
}

/// The tree that these bytes describe; they are read to their end.
///
/// # Errors
/// Why they describe none, in a few words.
pub fn read(source: impl Read) -> Result<Written, String> {
    let bounded = Bounded { source, run: 0 };
    let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(1 << 16, bounded));
    let written = Node { levels: LEVELS }.deserialize(&mut json).map_err(|why| why.to_string())?;
    let written = written.ok_or_else(|| "null".to_owned())?;
    json.end().map_err(|why| why.to_string())?;
    Ok(written)
}

/// A text without end would be held whole by the reader of JSON: it is cut.
struct Bounded<S> {
    source: S,
    run: u32,
}

impl<S: Read> Read for Bounded<S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(into)?;
        for byte in into.get(..read).unwrap_or_default() {
            self.run = if matches!(byte, b'"' | b'{' | b'}' | b':' | b',') { 0 } else { self.run.saturating_add(1) };
            if self.run > RUN_BYTES {
                return Err(Error::new(ErrorKind::InvalidData, "a text that is no hash"));
            }
        }
        Ok(read)
    }
}

/// A node, or null.
#[derive(Clone, Copy)]
struct Node {
    levels: usize,
}

impl<'de> DeserializeSeed<'de> for Node {
    type Value = Option<Written>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node {
    type Value = Option<Written>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a node of the tree")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Some(levels) = self.levels.checked_sub(1) else { return Err(A::Error::custom("too deep")) };
        let (mut root, mut left, mut right) = (None, None, None);
        while let Some(name) = map.next_key::<String>()? {
            let again = match name.as_str() {
                "Root" => root.replace(map.next_value::<String>()?).is_some(),
                "l" => left.replace(map.next_value_seed(Node { levels })?).is_some(),
                "r" => right.replace(map.next_value_seed(Node { levels })?).is_some(),
                _ => return Err(A::Error::custom("a name that no node has")),
            };
            if again {
                return Err(A::Error::custom("a name twice in one node"));
            }
        }
        let root = root.and_then(|text| BASE64_STANDARD.decode(text).ok());
        let root = root.ok_or_else(|| A::Error::custom("a node without a hash"))?;
        Written::join(root, left.flatten(), right.flatten()).map(Some).map_err(A::Error::custom)
    }
}

impl Written {
    /// Leaves, empty ones counted.
    pub fn width(&self) -> u64 {
        self.leaves.saturating_add(self.filled)
    }

    /// The node of this hash over these children.
    fn join(root: Vec<u8>, left: Option<Self>, right: Option<Self>) -> Result<Self, &'static str> {
        match (left, right) {
            (None, None) if root.is_empty() => Ok(Self { root, leaves: 0, filled: 1, height: 0 }),
            (None, None) if root.len() == HASH_BYTES => Ok(Self { root, leaves: 1, filled: 0, height: 0 }),
            (None, None) => Err("a leaf that is no hash"),
            (Some(left), Some(right)) => {
                if left.height != right.height {
                    return Err("branches of two lengths");
                }
                if left.filled > 0 && right.leaves > 0 {
                    return Err("a leaf after the filling");
                }
                if sha512(&[&left.root, &right.root]) != root {
                    return Err("a node that its children do not give");
                }
                let leaves = left.leaves.saturating_add(right.leaves);
                let filled = left.filled.saturating_add(right.filled);
                Ok(Self { root, leaves, filled, height: left.height.saturating_add(1) })
            }
            _ => Err("a node with one child"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::Tree;
    use super::*;

    fn b64(bytes: &[u8]) -> String {
        BASE64_STANDARD.encode(bytes)
    }

    fn leaf(text: &str) -> (Vec<u8>, String) {
        let hash = if text.is_empty() { Vec::new() } else { sha512(&[text.as_bytes()]) };
        let json = format!("{{\"Root\":\"{}\"}}", b64(&hash));
        (hash, json)
    }

    fn node(left: &(Vec<u8>, String), right: &(Vec<u8>, String)) -> (Vec<u8>, String) {
        let hash = sha512(&[&left.0, &right.0]);
        let json = format!("{{\"Root\":\"{}\",\"l\":{},\"r\":{}}}", b64(&hash), left.1, right.1);
        (hash, json)
    }

    #[test]
    fn a_tree_that_agrees_with_itself_is_read() {
        let tree = node(&node(&leaf("a"), &leaf("b")), &node(&leaf("c"), &leaf("")));
        let written = read(tree.1.as_bytes()).unwrap();
        let mut grown = Tree::default();
        ["a", "b", "c"].iter().for_each(|line| grown.push(line.as_bytes()));
        assert_eq!((written.leaves, written.width()), (3, 4));
        assert_eq!(Some(written.root), grown.root());
        let older = leaf("a").1.replace('}', ",\"l\":null,\"r\":null}");
        assert_eq!(read(older.as_bytes()).unwrap().leaves, 1);
    }

    #[test]
    fn each_fault_is_named() {
        let pair = node(&leaf("a"), &leaf("b"));
        let lopsided = node(&pair, &leaf("c"));
        let interleaved = node(&node(&leaf("a"), &leaf("")), &node(&leaf("b"), &leaf("")));
        let twice = pair.1.replacen('{', &format!("{{\"Root\":\"{}\",", b64(&pair.0)), 1);
        let single = format!("{{\"Root\":\"{}\",\"l\":{}}}", b64(&pair.0), leaf("a").1);
        let mut deep = leaf("a");
        for _ in 0..=LEVELS {
            deep = (Vec::new(), format!("{{\"Root\":\"\",\"l\":{},\"r\":{{\"Root\":\"\"}}}}", deep.1));
        }
        for (json, fault) in [
            (lopsided.1, "branches of two lengths"),
            (interleaved.1, "a leaf after the filling"),
            (pair.1.replacen(&b64(&pair.0), &b64(&leaf("x").0), 1), "a node that its children do not give"),
            (twice, "a name twice in one node"),
            (single, "a node with one child"),
            (pair.1.replacen("\"Root\"", "\"root\"", 1), "a name that no node has"),
            (format!("{{\"Root\":\"{}\"}}", "A".repeat(300)), "a text that is no hash"),
            ("{\"Root\":\"?\"}".to_owned(), "a node without a hash"),
            ("{\"Root\":\"AAAA\"}".to_owned(), "a leaf that is no hash"),
            ("{}".to_owned(), "a node without a hash"),
            ("null".to_owned(), "null"),
            ("[]".to_owned(), "a node of the tree"),
            (format!("{} x", pair.1), "trailing characters"),
            (deep.1, "too deep"),
        ] {
            let why = read(json.as_bytes()).unwrap_err();
            assert!(why.contains(fault), "{why} / {fault}");
        }
    }
}
