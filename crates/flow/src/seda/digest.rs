//! Digests that a transfer announces, and those of what came.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::Digest;

/// An algorithm that transfers use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    /// The algorithm called that: by its name, or by the last part of the address that names it.
    pub(crate) fn by_name(name: &str) -> Option<Algorithm> {
        let last = name.trim().rsplit(['#', '/']).next().unwrap_or(name);
        let plain: String = last.chars().filter(char::is_ascii_alphanumeric).collect();
        match plain.to_ascii_lowercase().as_str() {
            "md5" => Some(Algorithm::Md5),
            "sha1" | "sha" => Some(Algorithm::Sha1),
            "sha256" => Some(Algorithm::Sha256),
            "sha384" => Some(Algorithm::Sha384),
            "sha512" => Some(Algorithm::Sha512),
            _ => None,
        }
    }

    /// Collisions are made at will.
    pub(crate) fn is_weak(self) -> bool {
        matches!(self, Algorithm::Md5 | Algorithm::Sha1)
    }

    fn bytes(self) -> usize {
        match self {
            Algorithm::Md5 => 16,
            Algorithm::Sha1 => 20,
            Algorithm::Sha256 => 32,
            Algorithm::Sha384 => 48,
            Algorithm::Sha512 => 64,
        }
    }
}

/// A digest as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Announced<'t> {
    pub(crate) algorithm: &'t str,
    pub(crate) value: &'t str,
}

impl Announced<'_> {
    /// The bytes, from hexadecimal or base64, when they are as many as the algorithm gives.
    pub(crate) fn bytes(&self) -> Option<(Algorithm, Vec<u8>)> {
        let algorithm = Algorithm::by_name(self.algorithm)?;
        let text: String = self.value.chars().filter(|c| !c.is_whitespace()).collect();
        let bytes = hexadecimal(&text).filter(|bytes| bytes.len() == algorithm.bytes());
        let bytes = bytes.or_else(|| STANDARD.decode(&text).ok().filter(|bytes| bytes.len() == algorithm.bytes()));
        bytes.map(|bytes| (algorithm, bytes))
    }
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

/// A digest under way.
pub(crate) enum Running {
    Md5(md5::Md5),
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
    Sha384(sha2::Sha384),
    Sha512(sha2::Sha512),
}

impl Running {
    pub(crate) fn new(algorithm: Algorithm) -> Running {
        match algorithm {
            Algorithm::Md5 => Running::Md5(md5::Md5::new()),
            Algorithm::Sha1 => Running::Sha1(sha1::Sha1::new()),
            Algorithm::Sha256 => Running::Sha256(sha2::Sha256::new()),
            Algorithm::Sha384 => Running::Sha384(sha2::Sha384::new()),
            Algorithm::Sha512 => Running::Sha512(sha2::Sha512::new()),
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Running::Md5(one) => one.update(bytes),
            Running::Sha1(one) => one.update(bytes),
            Running::Sha256(one) => one.update(bytes),
            Running::Sha384(one) => one.update(bytes),
            Running::Sha512(one) => one.update(bytes),
        }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        match self {
            Running::Md5(one) => one.finalize().to_vec(),
            Running::Sha1(one) => one.finalize().to_vec(),
            Running::Sha256(one) => one.finalize().to_vec(),
            Running::Sha384(one) => one.finalize().to_vec(),
            Running::Sha512(one) => one.finalize().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announced(algorithm: &str, value: &str) -> Option<(Algorithm, usize)> {
        let announced = Announced { algorithm, value };
        announced.bytes().map(|(algorithm, bytes)| (algorithm, bytes.len()))
    }

    #[test]
    fn algorithms_are_named_in_many_ways_and_values_written_in_two() {
        for name in ["SHA-256", "sha256", "http://www.w3.org/2001/04/xmlenc#sha256"] {
            assert_eq!(announced(name, &"aB".repeat(32)), Some((Algorithm::Sha256, 32)), "{name}");
            assert_eq!(announced(name, &STANDARD.encode([7; 32])), Some((Algorithm::Sha256, 32)), "{name}");
            assert_eq!(announced(name, &"ab".repeat(31)), None);
            assert_eq!(announced(name, ""), None);
        }
        assert_eq!(announced("CRC-32", "00000000"), None);
    }

    #[test]
    fn each_digest_is_that_of_its_algorithm() {
        let of = |algorithm| {
            let mut running = Running::new(algorithm);
            running.update(b"a");
            running.update(b"bc");
            (running.finish().len(), Algorithm::is_weak(algorithm))
        };
        assert_eq!(of(Algorithm::Md5), (16, true));
        assert_eq!(of(Algorithm::Sha1), (20, true));
        assert_eq!(of(Algorithm::Sha256), (32, false));
        assert_eq!(of(Algorithm::Sha384), (48, false));
        assert_eq!(of(Algorithm::Sha512), (64, false));
        let mut running = Running::new(Algorithm::Sha256);
        running.update(b"abc");
        // FIPS 180-4, first example of SHA-256.
        let expected = hexadecimal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(Some(running.finish()), expected);
    }
}
