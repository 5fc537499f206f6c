//! Tar headers: ustar, GNU long names, pax. Numbers in octal, or in base 256 for sizes beyond eight gigabytes.

use super::BLOCK;
use crate::container::Damage;

/// What a header announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Directory,
    LongName,
    LongLink,
    Pax,
    PaxGlobal,
    /// Links, devices, fifos, sparse files, anything else.
    Other,
}

impl Kind {
    pub(super) fn is_extension(self) -> bool {
        matches!(self, Kind::LongName | Kind::LongLink | Kind::Pax | Kind::PaxGlobal)
    }
}

pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) flag: u8,
    pub(super) size: u64,
    pub(super) name: Vec<u8>,
}

impl Header {
    /// The header of a block whose checksum agrees.
    ///
    /// # Errors
    /// What is wrong.
    pub(super) fn parse(block: &[u8; BLOCK]) -> Result<Header, Damage> {
        if !checksum_agrees(block) {
            return Err(Damage::Header);
        }
        let flag = block[156];
        let kind = match flag {
            b'0' | 0 | b'7' => Kind::File,
            b'5' => Kind::Directory,
            b'L' => Kind::LongName,
            b'K' => Kind::LongLink,
            b'x' => Kind::Pax,
            b'g' => Kind::PaxGlobal,
            _ => Kind::Other,
        };
        let mut name = until_nul(&block[..100]).to_vec();
        let prefix = until_nul(&block[345..500]);
        // POSIX ustar only: old GNU headers keep times there.
        if &block[257..263] == b"ustar\0" && !prefix.is_empty() {
            name = [prefix, b"/", &name].concat();
        }
        Ok(Header { kind, flag, size: number(&block[124..136]).ok_or(Damage::HeaderSize)?, name })
    }
}

/// True when the block is a tar header with the right checksum.
pub(crate) fn looks_like_tar(head: &[u8]) -> bool {
    head.first_chunk::<BLOCK>().is_some_and(|block| block.iter().any(|b| *b != 0) && checksum_agrees(block))
}

fn checksum_agrees(block: &[u8; BLOCK]) -> bool {
    let sum: u64 =
        block.iter().enumerate().map(|(i, b)| u64::from(if (148..156).contains(&i) { b' ' } else { *b })).sum();
    number(&block[148..156]) == Some(sum)
}

fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|b| *b == 0).next().unwrap_or(field)
}

/// Octal, padded with spaces or NUL; or base 256 when the first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    let (&first, rest) = field.split_first()?;
    if first & 0x80 != 0 {
        // Negative numbers (0xFF…) overflow here, as they should.
        return rest.iter().try_fold(u64::from(first & 0x7F), |n, b| n.checked_mul(256)?.checked_add(u64::from(*b)));
    }
    let text = std::str::from_utf8(until_nul(field)).ok()?.trim_matches(' ');
    if text.is_empty() {
        return Some(0);
    }
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    u64::from_str_radix(text, 8).ok()
}

/// What extension headers said about the next member.
#[derive(Default)]
pub(super) struct Extension {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    pending: bool,
}

impl Extension {
    pub(super) fn is_pending(&self) -> bool {
        self.pending
    }

    /// Takes in one extension header.
    ///
    /// # Errors
    /// What it says that no member may say: a global name or size, a sparse map, two names.
    pub(super) fn absorb(&mut self, kind: Kind, body: &[u8]) -> Result<(), String> {
        self.pending |= kind != Kind::PaxGlobal;
        match kind {
            Kind::LongName if self.name.is_none() => self.name = Some(until_nul(body).to_vec()),
            Kind::LongName => return Err("path ×2".to_owned()),
            Kind::Pax | Kind::PaxGlobal => {
                for (key, value) in pax_records(body)? {
                    self.pax(kind == Kind::PaxGlobal, key, value)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn pax(&mut self, global: bool, key: &[u8], value: &[u8]) -> Result<(), String> {
        let refused = || Err(String::from_utf8_lossy(key).into_owned());
        match key {
            b"path" if !global && self.name.is_none() => self.name = Some(value.to_vec()),
            b"size" if !global && self.size.is_none() => {
                let size = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok());
                self.size = Some(size.ok_or("size")?);
            }
            b"path" | b"size" => return refused(),
            _ if key.starts_with(b"GNU.sparse") => return refused(),
            _ => {}
        }
        Ok(())
    }

    /// The name and size of the member that follows.
    pub(super) fn applied(&self, header: &Header) -> (Vec<u8>, u64) {
        (self.name.clone().unwrap_or_else(|| header.name.clone()), self.size.unwrap_or(header.size))
    }
}

/// Key and value.
type Record<'b> = (&'b [u8], &'b [u8]);

/// Records `<length> <key>=<value>\n`, length in decimal, counting itself.
fn pax_records(mut body: &[u8]) -> Result<Vec<Record<'_>>, String> {
    let mut records = Vec::new();
    while !body.is_empty() && body[0] != 0 {
        let space = body.iter().position(|b| *b == b' ').ok_or("pax")?;
        let length = std::str::from_utf8(&body[..space]).ok().and_then(|n| n.parse::<usize>().ok()).ok_or("pax")?;
        let record = body.get(space + 1..length).and_then(|r| r.strip_suffix(b"\n")).ok_or("pax")?;
        let equals = record.iter().position(|b| *b == b'=').ok_or("pax")?;
        records.push((&record[..equals], &record[equals + 1..]));
        body = &body[length..];
    }
    Ok(records)
}
