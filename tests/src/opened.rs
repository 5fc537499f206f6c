//! Everything that any key left can decrypt, found without the store's own code: key files, segments and files ahead are looked for by what
//! they hold, wherever they stand (a data directory, a backup, a copy), as docs/formats/segment.md and key-store.md write them.

use aes_gcm_siv::aead::{Aead, Payload};
use aes_gcm_siv::{Aes256GcmSiv, KeyInit, Nonce};
use anyhow::{Context, Result};
use ring::aead;
use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const SECTOR: usize = 512;
const PAYLOAD: usize = 507;
const CHUNK: usize = 64 * 1024;
const KEY_FILE: usize = 103;
/// Bytes of a key file before its nonce: what the wrapping is bound to.
const KEY_CONTEXT: usize = 39;

type Key = [u8; 32];
type Id = [u8; 16];

/// Looks at folders in which something else removes files meanwhile.
const LOOKS: usize = 20;

/// Every file below these folders, whole. A server may be at work there, whose index removes its files as it goes: where one is gone
/// before it was read, all is listed and read again.
///
/// # Errors
/// A file cannot be read, or one was gone at each look.
pub fn files(folders: &[&Path]) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    for _ in 1..LOOKS {
        match look(folders) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            read => return Ok(read?),
        }
    }
    Ok(look(folders)?)
}

fn look(folders: &[&Path]) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
    let (mut found, mut left) = (Vec::new(), folders.iter().map(|folder| folder.to_path_buf()).collect::<Vec<_>>());
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                left.push(entry.path())
            } else {
                found.push((entry.path(), fs::read(entry.path())?))
            }
        }
    }
    Ok(found)
}

/// How many of these texts stand somewhere below these folders, as they are or in what a key there opens.
///
/// # Errors
/// A file cannot be read, or a segment is not in the form its page tells.
pub fn found(folders: &[&Path], master: &Path, planted: &[&[u8]]) -> Result<usize> {
    let files = files(folders)?;
    let plain = decrypted(&files, &master_key(master)?)?;
    let raw = files.iter().map(|(_, bytes)| bytes.as_slice());
    let texts: Vec<&[u8]> = raw.chain(plain.iter().map(Vec::as_slice)).collect();
    let holds = |text: &&[u8], wanted: &[u8]| text.windows(wanted.len()).any(|window| window == wanted);
    Ok(planted.iter().filter(|wanted| texts.iter().any(|text| holds(text, wanted))).count())
}

fn master_key(path: &Path) -> Result<Key> {
    let bytes = proof::hash::decode_hex(fs::read_to_string(path)?.trim_end()).context("not hexadecimal")?;
    bytes.try_into().ok().context("not 32 bytes")
}

fn decrypted(files: &[(PathBuf, Vec<u8>)], master: &Key) -> Result<Vec<Vec<u8>>> {
    let keys: HashMap<Id, Key> = files.iter().filter_map(|(_, bytes)| segment_key(bytes, master)).collect();
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let by_name: HashMap<String, &[u8]> = files.iter().map(|(path, bytes)| (name(path), bytes.as_slice())).collect();
    let mut plain = Vec::new();
    for (path, bytes) in files.iter().filter(|(_, bytes)| bytes.get(..5) == Some(b"\x03TBSG")) {
        for record in records(bytes) {
            let opened = open(&record, &keys, &by_name).with_context(|| format!("a record of {}", path.display()))?;
            plain.extend(opened);
        }
    }
    Ok(plain)
}

/// The segment key of this file, if it is one that this master key wrapped.
fn segment_key(bytes: &[u8], master: &Key) -> Option<(Id, Key)> {
    let held =
        bytes.get(..KEY_FILE).filter(|_| bytes.len() == KEY_FILE && bytes.starts_with(b"TBKY") && bytes[6] == 1)?;
    let (context, rest) = held.split_at(KEY_CONTEXT);
    let id = context[7..23].try_into().ok()?;
    unwrap(master, rest[..12].try_into().ok()?, context, &rest[12..60]).map(|key| (id, key))
}

fn unwrap(key: &Key, nonce: [u8; 12], context: &[u8], wrapped: &[u8]) -> Option<Key> {
    let payload = Payload { msg: wrapped, aad: context };
    Aes256GcmSiv::new(&(*key).into()).decrypt(&Nonce::from(nonce), payload).ok()?.try_into().ok()
}

/// The bytes of each record of a segment.
fn records(segment: &[u8]) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = Vec::new();
    for sector in segment.chunks_exact(SECTOR).skip(1) {
        let payload = &sector[1..=PAYLOAD];
        match (sector[0], found.last_mut()) {
            (1, _) => found.push(payload.to_vec()),
            (2, Some(record)) => record.extend_from_slice(payload),
            _ => break,
        }
    }
    found
}

/// Big-endian fields, one after the other.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).context("it ends too soon")?;
        self.0 = rest;
        Ok(taken)
    }
    fn number(&mut self, bytes: usize) -> Result<usize> {
        Ok(self.take(bytes)?.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }
    fn varint(&mut self) -> Result<usize> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.number(1)?;
            number |= (byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return Ok(number);
            }
        }
    }
    fn text(&mut self) -> Result<&'a [u8]> {
        let count = self.number(4)?;
        self.take(count)
    }
}

/// Facts of a part: plaintext length, stored length, digest of what is stored.
struct Facts<'a>(usize, usize, &'a [u8]);

fn facts<'a>(fields: &mut Fields<'a>) -> Result<Facts<'a>> {
    Ok(Facts(fields.number(8)?, fields.number(8)?, fields.take(32)?))
}

/// Beside a leaf in brief: the stored length is the plaintext's and a tag a chunk.
fn short_facts<'a>(fields: &mut Fields<'a>) -> Result<Facts<'a>> {
    let plain = fields.number(6)?;
    Ok(Facts(plain, plain + 16 * plain.div_ceil(CHUNK).max(1), fields.take(32)?))
}

/// Index and part facts of a leaf: `E`, then `F` and file in turn.
fn leaf<'a>(header: &mut Fields<'a>) -> Result<(usize, Vec<Facts<'a>>)> {
    if header.number(1)? == 3 {
        return brief(header);
    }
    let index = header.number(8)?;
    header.take(16 + 8 + 16 + 8)?;
    if header.number(1)? == 1 {
        header.take(64)?;
    }
    header.text()?;
    let groups = header.number(4)?;
    header.take(32 * groups)?;
    header.text()?;
    if header.number(1)? == 0 {
        return Ok((index, Vec::new()));
    }
    let count = 1 + 2 * header.number(4)?;
    Ok((index, (0..count).map(|_| facts(header)).collect::<Result<_>>()?))
}

/// The same of a leaf in brief.
fn brief<'a>(header: &mut Fields<'a>) -> Result<(usize, Vec<Facts<'a>>)> {
    let index = header.varint()?;
    header.varint()?;
    header.take(1)?;
    if header.number(1)? == 1 {
        header.take(32)?;
    }
    header.take(32 + 64 + 32 + 16 + 16)?;
    header.varint()?;
    header.varint()?;
    if header.number(1)? == 1 {
        header.take(64)?;
    }
    let groups = header.varint()?;
    header.take(32 * groups)?;
    let count = (2 * header.varint()?).saturating_sub(1);
    Ok((index, (0..count).map(|_| short_facts(header)).collect::<Result<_>>()?))
}

fn open(record: &[u8], keys: &HashMap<Id, Key>, files: &HashMap<String, &[u8]>) -> Result<Vec<Vec<u8>>> {
    let mut prefix = Fields(record);
    prefix.take(6)?;
    let number = prefix.number(8)?;
    prefix.take(32)?;
    let (header, table, body) = (prefix.number(4)?, prefix.number(4)?, prefix.number(8)?);
    prefix.take(64)?;
    let mut header = Fields(prefix.take(header)?);
    let mut table = Fields(prefix.take(table)?);
    let body = prefix.take(body)?;
    header.take(16)?;
    header.text()?;
    let mut plain = Vec::new();
    for _ in 0..header.number(4)? {
        let (index, parts) = leaf(&mut header)?;
        let lookups = table.number(4)?;
        table.take(32 * lookups)?;
        let mut parts = parts.iter();
        let mut unit = 0;
        while parts.len() > 0 {
            let key = table.take(77)?;
            let context = [&b"tabellion wrap 1"[..], &key[1..17], &be(number), &be(index), &be(unit)].concat();
            let by = keys.get(&key[1..17]).filter(|_| key[0] == 1);
            let secret = by.and_then(|by| unwrap(by, key[17..29].try_into().ok()?, &context, &key[29..]));
            // `E` alone, or `F` and its file.
            for domain in if unit == 0 { &[1_u8][..] } else { &[2, 3] } {
                let (place, facts) = (table.take(17)?, parts.next().context("a part without facts")?);
                let stored = stored(place, facts, body, files);
                plain.extend(
                    secret.zip(stored).and_then(|(secret, stored)| decipher(&secret, *domain, facts.0, stored)),
                );
            }
            unit += 1;
        }
    }
    Ok(plain)
}

fn be(number: usize) -> [u8; 8] {
    (number as u64).to_be_bytes()
}

fn stored<'a>(place: &[u8], facts: &Facts<'_>, body: &'a [u8], files: &HashMap<String, &'a [u8]>) -> Option<&'a [u8]> {
    let hex = proof::hash::encode_hex;
    match place[0] {
        1 => body.get(Fields(&place[1..9]).number(8).ok()?..)?.get(..facts.1),
        // By its own name in a store, by its digest in a backup.
        2 => files.get(&hex(&place[1..])).or_else(|| files.get(&hex(facts.2))).copied(),
        _ => None,
    }
}

fn decipher(secret: &Key, domain: u8, length: usize, stored: &[u8]) -> Option<Vec<u8>> {
    let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_256_GCM, secret).ok()?);
    let (mut plain, last) = (Vec::new(), length.div_ceil(CHUNK).max(1) - 1);
    for (at, chunk) in stored.chunks(CHUNK + 16).enumerate() {
        let mut nonce = [0; 12];
        nonce[0] = domain;
        nonce[7..11].copy_from_slice(&u32::try_from(at).ok()?.to_be_bytes());
        nonce[11] = u8::from(at == last);
        let mut held = chunk.to_vec();
        let opened =
            key.open_in_place(aead::Nonce::assume_unique_for_key(nonce), aead::Aad::empty(), &mut held).ok()?;
        plain.extend_from_slice(opened);
    }
    Some(plain)
}
