//! One file under one key: chunks of 1 MiB, each AES-256-GCM with its number as nonce, the last one marked.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const CHUNK: usize = 1 << 20;
const TAG: usize = 16;

/// Writes a new file. The key must never encrypt another.
pub(super) fn write(path: &Path, key: &[u8; 32], bytes: &mut dyn Read) -> io::Result<()> {
    let key = sealing_key(key)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let mut chunk = next(bytes)?;
    for number in 0.. {
        let after = next(bytes)?;
        let last = after.is_empty();
        key.seal_in_place_append_tag(nonce(number, last), Aad::empty(), &mut chunk)
            .map_err(|_| io::Error::other("encryption failed"))?;
        file.write_all(&chunk)?;
        if last {
            break;
        }
        chunk = after;
    }
    file.sync_all()
}

/// The plaintext of such a file, whole: cut, reordered or altered chunks do not decrypt.
pub(super) fn read(path: &Path, key: &[u8; 32]) -> io::Result<Vec<u8>> {
    let key = sealing_key(key)?;
    let mut encrypted = Vec::new();
    File::open(path)?.read_to_end(&mut encrypted)?;
    let mut plain = Vec::with_capacity(encrypted.len());
    let count = encrypted.len().div_ceil(CHUNK + TAG);
    for (number, chunk) in encrypted.chunks_mut(CHUNK + TAG).enumerate() {
        let nonce = nonce(number as u64, number + 1 == count);
        let opened = key.open_in_place(nonce, Aad::empty(), chunk);
        plain.extend_from_slice(opened.map_err(|_| io::Error::other("does not decrypt"))?);
    }
    if count == 0 { Err(io::Error::other("cut")) } else { Ok(plain) }
}

fn sealing_key(key: &[u8; 32]) -> io::Result<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(|_| io::Error::other("no key"))
}

fn nonce(number: u64, last: bool) -> Nonce {
    let mut bytes = [0; 12];
    bytes[0] = u8::from(last);
    bytes[4..].copy_from_slice(&number.to_be_bytes());
    Nonce::assume_unique_for_key(bytes)
}

fn next(bytes: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut chunk = Vec::new();
    bytes.take(CHUNK as u64).read_to_end(&mut chunk)?;
    Ok(chunk)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_reads_back_and_nothing_else_does() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("1");
        for size in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 5] {
            let plain: Vec<u8> = (0..size).map(|i| i as u8).collect();
            let _ = std::fs::remove_file(&path);
            write(&path, &[7; 32], &mut &plain[..]).unwrap();
            assert_eq!(read(&path, &[7; 32]).unwrap(), plain, "{size}");
            assert!(read(&path, &[8; 32]).is_err());
            let kept = std::fs::read(&path).unwrap();
            std::fs::write(&path, &kept[..kept.len() - 1]).unwrap();
            assert!(read(&path, &[7; 32]).is_err(), "cut by one");
            if size > CHUNK {
                std::fs::write(&path, &kept[..CHUNK + TAG]).unwrap();
                assert!(read(&path, &[7; 32]).is_err(), "cut by a chunk");
            }
        }
    }
}
