//! Bytes of a published log (C2SP tlog-tiles): from a Tabellion, or from any web server that holds an export.

use std::io::Read;
use std::thread;
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use ureq::Agent;
use watch::TilePath;
use watch::limits::{BUNDLE_BYTES, HASH_BYTES, TILE_BYTES};
use watch::{TileKind, bundle};

use crate::exit;
use crate::failure::Failure;
use crate::lang::Lang;

const CONNECT: Duration = Duration::from_secs(5);
/// A whole answer, however slowly it comes: the largest is a bundle.
const ANSWER: Duration = Duration::from_secs(30);
/// Before the one retry of a request that found nobody, or a server in trouble.
const PAUSE: Duration = Duration::from_secs(2);
/// Bytes by which gzip may enlarge what cannot be made smaller.
const PACKING: u64 = 1 << 14;
/// Where a Tabellion keeps its log, below its own address.
const BELOW: &str = "/log";

/// Where a log is published.
pub struct Site {
    agent: Agent,
    prefix: String,
    lang: Lang,
}

impl Site {
    /// The log below this address; nothing is asked yet.
    ///
    /// # Errors
    /// Usage: the address is not `http://`.
    pub fn at(lang: Lang, url: &str) -> Result<Self, Failure> {
        if !url.starts_with("http://") {
            let said = lang.fill("fail.url", &[("url", url)]);
            return Err(Failure::new(exit::USAGE, "url-not-http", said).with_remedy(lang.text("fail.url.remedy")));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(ANSWER));
        Ok(Self { agent: config.build().new_agent(), prefix: url.trim_end_matches('/').to_owned(), lang })
    }

    /// The signed head as published. What was given is the log's own address, or that of the Tabellion that holds it: the
    /// log is then found below it, and asked there from now on.
    ///
    /// # Errors
    /// Nobody answers, or nothing there is a text.
    pub fn checkpoint(&mut self) -> Result<String, Failure> {
        let limit = proof::limits::NOTE_BYTES;
        let mut found = self.fetch("checkpoint", limit)?;
        if found.is_none() {
            let below = Self { agent: self.agent.clone(), prefix: format!("{}{BELOW}", self.prefix), lang: self.lang };
            found = below.fetch("checkpoint", limit)?;
            self.prefix = below.prefix;
        }
        let bytes = found.ok_or_else(|| Failure::answer(self.lang, "checkpoint"))?;
        String::from_utf8(bytes).map_err(|_| Failure::answer(self.lang, "checkpoint"))
    }

    /// The bytes of this tile or bundle, of exactly its width: a log may keep, of a partial one, the whole alone.
    ///
    /// # Errors
    /// Nobody answers; the tile is not there, or is none.
    pub fn tile(&self, path: &TilePath) -> Result<Vec<u8>, Failure> {
        let limit = if path.kind == TileKind::Entries { BUNDLE_BYTES } else { TILE_BYTES };
        let mut found = self.fetch(&path.to_string(), limit)?;
        if found.is_none() && path.whole() != *path {
            found = self.fetch(&path.whole().to_string(), limit)?.and_then(|whole| narrowed(path, whole));
        }
        found.ok_or_else(|| self.missing(path))
    }

    /// What stands at another address of the same server, or `None`.
    ///
    /// # Errors
    /// Nobody answers.
    pub fn other(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, Failure> {
        self.fetch(path, limit)
    }

    /// The body of a successful answer; `None` when there is nothing at that address. One retry.
    fn fetch(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, Failure> {
        let first = self.once(path, limit);
        if !matches!(&first, Err(failure) if failure.exit == exit::UNREACHABLE) {
            return first;
        }
        thread::sleep(PAUSE);
        self.once(path, limit)
    }

    fn once(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, Failure> {
        let url = format!("{}/{path}", self.prefix);
        let request = self.agent.get(&url).header("accept-encoding", "gzip, identity");
        let answer = request.call().map_err(|error| self.unreachable(&url, &error.to_string()))?;
        match answer.status().as_u16() {
            200 => {}
            404 | 410 => return Ok(None),
            status => return Err(self.unreachable(&url, &format!("HTTP {status}"))),
        }
        let coding = answer.headers().get("content-encoding").map(|coding| coding.as_bytes().to_ascii_lowercase());
        let packed = match coding.as_deref() {
            None | Some(b"identity" | b"") => false,
            Some(b"gzip" | b"x-gzip") => true,
            Some(other) => {
                let coding = String::from_utf8_lossy(other);
                return Err(Failure::answer(self.lang, &format!("{path} (Content-Encoding: {coding})")));
            }
        };
        // What is packed is at most a little larger than what it holds.
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(if packed { PACKING } else { 0 });
        let bytes = match answer.into_body().with_config().limit(most).read_to_vec() {
            Ok(bytes) => bytes,
            Err(ureq::Error::BodyExceedsLimit(_)) => return Err(Failure::answer(self.lang, path)),
            Err(error) => return Err(self.unreachable(&url, &error.to_string())),
        };
        let bytes = if packed { unpacked(&bytes, limit) } else { Some(bytes) };
        bytes.map(Some).ok_or_else(|| Failure::answer(self.lang, &format!("{path} (gzip)")))
    }

    fn unreachable(&self, url: &str, cause: &str) -> Failure {
        let said = self.lang.fill("fail.unreachable", &[("url", url), ("cause", cause)]);
        let remedy = self.lang.text("fail.site.remedy");
        Failure::new(exit::UNREACHABLE, "server-unreachable", said).with_remedy(remedy)
    }

    fn missing(&self, path: &TilePath) -> Failure {
        let said = self.lang.fill("fail.tile.missing", &[("tile", &path.to_string())]);
        let remedy = self.lang.text("fail.tile.missing.remedy");
        let mut failure = Failure::new(exit::TILES, "tile-missing", said).with_remedy(remedy);
        failure.place = Some(format!("{}/{path}", self.prefix));
        failure
    }
}

/// What this gzip holds (RFC 1952), of at most so many bytes; `None` when it is cut, false or holds more.
fn unpacked(packed: &[u8], limit: usize) -> Option<Vec<u8>> {
    let most = u64::try_from(limit).ok()?.saturating_add(1);
    let mut bytes = Vec::new();
    MultiGzDecoder::new(packed).take(most).read_to_end(&mut bytes).ok()?;
    (bytes.len() <= limit).then_some(bytes)
}

/// The beginning of a whole tile or bundle, as wide as the path says; `None` when it is not even that wide.
fn narrowed(path: &TilePath, mut whole: Vec<u8>) -> Option<Vec<u8>> {
    let width = usize::from(path.width);
    let length = match path.kind {
        TileKind::Hashes(_) => width * HASH_BYTES,
        TileKind::Entries => {
            let entries = bundle::parse(&whole).ok()?;
            entries.get(..width)?.iter().map(|entry| 2 + entry.len()).sum()
        }
    };
    if whole.len() < length {
        return None;
    }
    whole.truncate(length);
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_tile_or_bundle_gives_its_beginning() {
        let hashes = TilePath { kind: TileKind::Hashes(0), index: 0, width: 2 };
        assert_eq!(narrowed(&hashes, vec![1; 96]), Some(vec![1; 64]));
        assert_eq!(narrowed(&hashes, vec![1; 63]), None);
        let entries = TilePath { kind: TileKind::Entries, ..hashes };
        assert_eq!(narrowed(&entries, vec![0, 1, 7, 0, 0, 0, 1, 8]), Some(vec![0, 1, 7, 0, 0]));
        assert_eq!(narrowed(&entries, vec![0, 1, 7]), None);
        assert_eq!(narrowed(&entries, vec![0, 9, 7]), None);
    }

    #[test]
    fn what_is_packed_is_bounded_by_what_it_holds() {
        use std::io::Write;
        let packed = |bytes: &[u8]| {
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            packer.write_all(bytes).expect("packed");
            packer.finish().expect("packed")
        };
        let whole = packed(&[7; 1000]);
        assert_eq!(unpacked(&whole, 1000), Some(vec![7; 1000]));
        assert_eq!(unpacked(&whole, 999), None);
        assert_eq!(unpacked(&packed(&vec![0; 64 << 20]), 1 << 20), None, "a bomb");
        assert_eq!(unpacked(&whole[..whole.len() - 1], 1000), None);
        assert_eq!(unpacked(b"not packed", 1000), None);
    }

    #[test]
    fn an_address_that_is_not_http_is_refused() {
        let refused = Site::at(Lang::Fr, "https://archives.exemple.fr").map(|_| ()).expect_err("no TLS");
        assert_eq!((refused.exit, refused.code.as_str()), (exit::USAGE, "url-not-http"));
    }
}
