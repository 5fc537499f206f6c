//! The body of a deposit (RFC 7578), streamed from the files: nothing large is held in memory.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// How much of a file is read at once.
const CHUNK: usize = 64 << 10;

/// One file of a deposit, measured once; it must not change until it is sent.
#[derive(Clone, Debug)]
pub struct Part {
    /// Where it is read.
    pub path: PathBuf,
    /// Its own name, without folders, as bytes.
    pub name: Vec<u8>,
    /// In bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

impl Part {
    /// The file is read once and its size and digest are known.
    ///
    /// # Errors
    /// Those of the file system; a folder is none of our files.
    pub fn measure(path: &Path) -> io::Result<Part> {
        let mut file = File::open(path)?;
        let mut digest = Sha256::new();
        let mut size = 0u64;
        let mut chunk = vec![0u8; CHUNK];
        loop {
            let read = file.read(&mut chunk)?;
            if read == 0 {
                break;
            }
            digest.update(&chunk[..read]);
            size += read as u64;
        }
        let name = path.file_name().map(|name| name.as_encoded_bytes().to_vec()).unwrap_or_default();
        Ok(Part { path: path.to_path_buf(), name, size, sha256: digest.finalize().into() })
    }
}

/// A key that is the same for the same deposit and no other: a request sent again after a cut gets its first answer.
pub fn idempotency_key(parts: &[Part], kind: &str, description: Option<&[u8]>, nonce: &[u8]) -> String {
    let mut digest = Sha256::new();
    let mut field = |bytes: &[u8]| {
        // Each field behind its length, so that no two deposits read alike.
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    };
    field(b"tabellion deposit 1");
    field(kind.as_bytes());
    field(nonce);
    field(&[u8::from(description.is_some())]);
    field(description.unwrap_or_default());
    for part in parts {
        field(&part.name);
        field(&part.sha256);
    }
    format!("sha256-{}", hex(&digest.finalize()))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A body, its length and its media type.
pub struct Form {
    /// Of the whole body, exactly.
    pub length: u64,
    /// With the boundary.
    pub content_type: String,
    pieces: Vec<Piece>,
    open: Option<Box<dyn Read>>,
}

enum Piece {
    Text(Vec<u8>),
    File(PathBuf, u64),
}

impl Form {
    /// A form with these files in this order, then the description. `key` makes the boundary: a digest of the content cannot
    /// stand inside the content.
    pub fn new(parts: &[Part], description: Option<&[u8]>, key: &str) -> Form {
        let boundary = format!("tabellion-{key}");
        let mut pieces = Vec::new();
        for part in parts {
            let mut head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; ").into_bytes();
            head.extend(file_name(&part.name));
            head.extend(b"\r\nContent-Type: application/octet-stream\r\n\r\n");
            pieces.push(Piece::Text(head));
            pieces.push(Piece::File(part.path.clone(), part.size));
            pieces.push(Piece::Text(b"\r\n".to_vec()));
        }
        if let Some(description) = description {
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"description\"\r\nContent-Type: application/json\r\n\r\n"
            );
            pieces.push(Piece::Text([head.as_bytes(), description, b"\r\n"].concat()));
        }
        pieces.push(Piece::Text(format!("--{boundary}--\r\n").into_bytes()));
        let length = pieces.iter().map(Piece::len).sum();
        pieces.reverse();
        let content_type = format!("multipart/form-data; boundary={boundary}");
        Form { length, content_type, pieces, open: None }
    }
}

impl Piece {
    fn len(&self) -> u64 {
        match self {
            Piece::Text(bytes) => bytes.len() as u64,
            Piece::File(_, size) => *size,
        }
    }
}

impl Read for Form {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(open) = &mut self.open {
                let read = open.read(buffer)?;
                if read > 0 || buffer.is_empty() {
                    return Ok(read);
                }
            }
            self.open = match self.pieces.pop() {
                None => return Ok(0),
                Some(Piece::Text(bytes)) => Some(Box::new(Cursor::new(bytes))),
                Some(Piece::File(path, size)) => Some(Box::new(exactly(File::open(path)?, size)?)),
            };
        }
    }
}

/// The file's first `size` bytes; a file that has another size by now is refused before anything of it is sent.
fn exactly(file: File, size: u64) -> io::Result<io::Take<File>> {
    let now = file.metadata()?.len();
    if now != size {
        return Err(io::Error::other(format!("the file had {size} bytes and has {now} now")));
    }
    Ok(file.take(size))
}

/// The parameter that carries this name, its exact bytes: plain where nothing in it could be read two ways, else
/// percent-encoded (RFC 8187), so that no quote, line end or backslash is lost or made up on the way.
fn file_name(name: &[u8]) -> Vec<u8> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b" ._-+,()".contains(byte);
    if name.iter().all(plain) {
        return [b"filename=\"", name, b"\""].concat();
    }
    let mut out = b"filename*=UTF-8''".to_vec();
    for byte in name {
        match byte {
            b'.' | b'_' | b'-' => out.push(*byte),
            letter if letter.is_ascii_alphanumeric() => out.push(*letter),
            other => out.extend(format!("%{other:02X}").bytes()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(dir: &Path, name: &str, bytes: &[u8]) -> Part {
        let path = dir.join(name);
        std::fs::write(&path, bytes).expect("written");
        Part::measure(&path).expect("measured")
    }

    #[test]
    fn the_length_announced_is_the_length_sent() {
        let dir = tempfile::tempdir().expect("directory");
        let parts =
            [part(dir.path(), "a.pdf", b"%PDF"), part(dir.path(), "b.xml", &[7; 200_000]), part(dir.path(), "c", b"")];
        let mut form = Form::new(&parts, Some(b"{}"), "k");
        let announced = form.length;
        let mut sent = Vec::new();
        form.read_to_end(&mut sent).expect("read");
        assert_eq!(sent.len() as u64, announced);
        assert!(sent.ends_with(b"--tabellion-k--\r\n"));
        let text = String::from_utf8_lossy(&sent);
        let places = ["filename=\"a.pdf\"", "filename=\"b.xml\"", "filename=\"c\"", "name=\"description\""];
        let found: Vec<_> = places.iter().map(|place| text.find(place).expect("present")).collect();
        assert!(found.is_sorted(), "order kept");
    }

    #[test]
    fn a_name_cannot_end_its_own_quotes_or_line() {
        assert_eq!(file_name(b"a b.pdf"), b"filename=\"a b.pdf\"");
        assert_eq!(file_name(b"a\"; x=\"\r\nb"), b"filename*=UTF-8''a%22%3B%20x%3D%22%0D%0Ab");
        assert_eq!(file_name(b"%0a"), b"filename*=UTF-8''%250a", "apart from an encoded line end");
        assert_eq!(file_name(b"d\xe9\\\\\x1b"), b"filename*=UTF-8''d%E9%5C%5C%1B");
    }

    #[test]
    fn a_file_that_changed_is_not_sent() {
        let dir = tempfile::tempdir().expect("directory");
        let parts = [part(dir.path(), "a", b"four")];
        std::fs::write(dir.path().join("a"), b"seven by now").expect("written");
        let mut form = Form::new(&parts, None, "k");
        assert!(form.read_to_end(&mut Vec::new()).is_err());
    }

    #[test]
    fn the_key_changes_with_everything_that_makes_the_deposit() {
        let dir = tempfile::tempdir().expect("directory");
        let (a, b) = (part(dir.path(), "a", b"one"), part(dir.path(), "b", b"one"));
        let (pair, swapped) = ([a.clone(), b.clone()], [b, a.clone()]);
        let one = [a];
        let keys = [
            idempotency_key(&pair, "auto", None, b""),
            idempotency_key(&swapped, "auto", None, b""),
            idempotency_key(&one, "auto", None, b""),
            idempotency_key(&one, "file", None, b""),
            idempotency_key(&one, "auto", Some(b""), b""),
            idempotency_key(&one, "auto", Some(b"{}"), b""),
            idempotency_key(&one, "auto", None, b"again"),
        ];
        for (at, key) in keys.iter().enumerate() {
            assert_eq!(keys.iter().filter(|other| *other == key).count(), 1, "key {at}");
        }
        assert_eq!(keys[0], idempotency_key(&pair, "auto", None, b""));
    }
}
