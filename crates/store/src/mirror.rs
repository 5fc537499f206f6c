//! The mirror: a small file on another volume that holds the last head, so that a store put back from an older copy is known for what
//! it is. See docs/formats/mirror.md.
//!
//! Two slots, written in turn: a write that a power cut tears leaves the other slot, which holds the head before.

use crate::codec::{Parsed, Parser, Writer};
use crate::disk;
use crate::error::OpenError;
use ledger::failpoint::{self, Passage};
use proof::{Hash, TreeSize, UnixMillis};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

const MAGIC: &[u8; 4] = b"TBMR";
const VERSION: u16 = 1;
/// Distance between the two slots: a disk writes no larger block at once, so a torn write reaches one slot alone.
const SLOT: usize = 4096;
/// Bytes of a slot that say something, checksum included.
const HELD: usize = 4 + 2 + 16 + 8 + 8 + 32 + 8 + 4;
/// Bytes of the file.
pub const FILE_BYTES: usize = 2 * SLOT;

/// A head as the mirror holds it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MirrorHead {
    /// Id of the store.
    pub store: [u8; 16],
    /// Number of the commit.
    pub number: u64,
    /// Size of the log after it.
    pub size: TreeSize,
    /// Its root.
    pub root: Hash,
    /// Time of the commit.
    pub at: UnixMillis,
}

impl MirrorHead {
    fn write(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.raw(MAGIC).u16(VERSION).raw(&self.store).u64(self.number).u64(self.size.0);
        out.raw(&self.root.0).u64(self.at.0);
        let crc = crc32c::crc32c(&out.0);
        out.u32(crc);
        out.0.resize(SLOT, 0);
        out.0
    }

    /// The head of this slot; `None` when none was ever written, or a write was torn.
    fn parse(slot: &[u8]) -> Option<Self> {
        let held = slot.get(..HELD)?;
        let said = held.last_chunk::<4>().copied().map(u32::from_be_bytes)?;
        let covered = held.get(..HELD - 4)?;
        if crc32c::crc32c(covered) != said || slot.iter().skip(HELD).any(|byte| *byte != 0) {
            return None;
        }
        let read = |parser: &mut Parser<'_>| -> Parsed<Self> {
            parser.magic(MAGIC, VERSION)?;
            Ok(Self {
                store: parser.array("store")?,
                number: parser.u64("commit")?,
                size: TreeSize(parser.u64("size")?),
                root: Hash(parser.array("root")?),
                at: UnixMillis(parser.u64("time")?),
            })
        };
        read(&mut Parser::new(covered)).ok()
    }
}

/// An open mirror.
#[derive(Debug)]
pub struct Mirror {
    file: File,
    path: PathBuf,
}

impl Mirror {
    /// The mirror in this file, made empty and durable if there is none; the heads it holds, the newest first.
    ///
    /// # Errors
    /// `Io`; `Mirror` when the file is no mirror, or holds no head that can be read.
    pub fn open(path: &Path) -> Result<(Self, Vec<MirrorHead>), OpenError> {
        let failed = || OpenError::io("open the mirror", path);
        if !path.exists() {
            let directory = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let file = disk::new_file(path).map_err(failed())?;
            file.write_all_at(&[0; FILE_BYTES], 0).and_then(|()| file.sync_all()).map_err(failed())?;
            disk::sync_directory(directory).map_err(failed())?;
            // A crash before this leaves no file, or an empty one that holds no head: neither has ever been compared with anything.
            return Ok((Self { file, path: path.to_owned() }, Vec::new()));
        }
        let file = OpenOptions::new().read(true).write(true).open(path).map_err(failed())?;
        let heads = read(&file, path)?;
        Ok((Self { file, path: path.to_owned() }, heads))
    }

    /// A mirror over any file.
    #[cfg(test)]
    pub(crate) fn over(file: File, path: &Path) -> Self {
        Self { file, path: path.to_owned() }
    }

    /// Where it stands.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// It is on the volume of this directory, and goes back with it.
    ///
    /// # Errors
    /// `Io`.
    pub fn is_beside(&self, data: &Path) -> Result<bool, OpenError> {
        let of = |path: &Path| fs::metadata(path).map(|found| found.dev()).map_err(OpenError::io("look at", path));
        Ok(of(&self.path)? == of(data)?)
    }

    /// The head is on disk in its slot; the other slot is as it was.
    ///
    /// # Errors
    /// What the operating system said: what is on disk is not known.
    pub fn keep(&self, head: &MirrorHead) -> io::Result<()> {
        self.put(head.number % 2, head)
    }

    /// No slot holds a later head than this one: what a crash left of a commit that was never acknowledged is gone, or what an
    /// accepted rollback gave up.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn settle(&self, head: &MirrorHead) -> io::Result<()> {
        self.put(head.number % 2, head)?;
        // A crash here leaves a later head in the other slot: the next start finds the same, and settles it.
        self.put((head.number + 1) % 2, head)
    }

    fn put(&self, slot: u64, head: &MirrorHead) -> io::Result<()> {
        if failpoint::pass("mirror.sync") == Passage::Error {
            return Err(io::Error::other("failpoint mirror.sync"));
        }
        self.file.write_all_at(&head.write(), slot * SLOT as u64)?;
        // A crash here leaves this slot torn, or of before; the other one is whole.
        self.file.sync_data()
    }
}

/// The heads of a mirror, the newest first; nothing is changed. None for a file that was never written to.
///
/// # Errors
/// `Io`; `Mirror` when the file is no mirror, or holds no head that can be read.
pub fn heads(path: &Path) -> Result<Vec<MirrorHead>, OpenError> {
    read(&File::open(path).map_err(OpenError::io("open the mirror", path))?, path)
}

fn read(mut file: &File, path: &Path) -> Result<Vec<MirrorHead>, OpenError> {
    let mut bytes = Vec::with_capacity(FILE_BYTES + 1);
    let taken = file.by_ref().take(FILE_BYTES as u64 + 1).read_to_end(&mut bytes);
    taken.map_err(OpenError::io("read the mirror", path))?;
    let wrong = |what: &str| OpenError::Mirror { path: path.to_owned(), what: what.to_owned() };
    // Making it is write and sync of zeros: a crash in between may leave it shorter, and holding nothing.
    if bytes.iter().all(|byte| *byte == 0) && bytes.len() <= FILE_BYTES {
        return Ok(Vec::new());
    }
    if bytes.len() != FILE_BYTES {
        return Err(wrong("is not of the length of a mirror"));
    }
    let mut found: Vec<MirrorHead> = bytes.chunks(SLOT).filter_map(MirrorHead::parse).collect();
    if found.is_empty() {
        return Err(wrong("holds no head that can be read"));
    }
    found.sort_by_key(|head| std::cmp::Reverse(head.number));
    found.dedup();
    Ok(found)
}

/// Writes heads in a thread of its own, while the segment is synced.
#[derive(Debug)]
pub(crate) struct MirrorWriter {
    ask: SyncSender<MirrorHead>,
    done: Receiver<io::Result<()>>,
}

impl MirrorWriter {
    /// The thread ends with this value.
    pub(crate) fn start(mirror: Mirror) -> io::Result<Self> {
        let (ask, asked) = sync_channel::<MirrorHead>(1);
        let (tell, done) = sync_channel(1);
        let work = move || {
            for head in asked {
                if tell.send(mirror.keep(&head)).is_err() {
                    break;
                }
            }
        };
        std::thread::Builder::new().name("mirror".into()).spawn(work)?;
        Ok(Self { ask, done })
    }

    pub(crate) fn begin(&self, head: MirrorHead) -> io::Result<()> {
        self.ask.send(head).map_err(|_| io::Error::other("the mirror's thread has ended"))
    }

    pub(crate) fn wait(&self) -> io::Result<()> {
        self.done.recv().unwrap_or_else(|_| Err(io::Error::other("the mirror's thread has ended")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(number: u64) -> MirrorHead {
        MirrorHead { store: [7; 16], number, size: TreeSize(number), root: Hash([3; 32]), at: UnixMillis(9) }
    }

    #[test]
    fn a_torn_write_never_loses_the_head_before() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mirror");
        let (mirror, held) = Mirror::open(&path).unwrap();
        assert!(held.is_empty());
        (1..=5).for_each(|number| mirror.keep(&head(number)).unwrap());
        assert_eq!(heads(&path).unwrap(), [head(5), head(4)]);
        let whole = fs::read(&path).unwrap();
        // The slot of 6 is that of 4: wherever its write is torn, 5 is there, and nothing else is believed.
        let written = head(6).write();
        for cut in 1..HELD {
            let mut torn = whole.clone();
            torn[..cut].copy_from_slice(&written[..cut]);
            fs::write(&path, &torn).unwrap();
            let found = heads(&path).unwrap();
            assert!(found.contains(&head(5)) && found.iter().all(|h| [4, 5, 6].contains(&h.number)), "{cut} {found:?}");
        }
    }

    #[test]
    fn every_flipped_bit_of_a_slot_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mirror");
        let (mirror, _) = Mirror::open(&path).unwrap();
        (1..=2).for_each(|number| mirror.keep(&head(number)).unwrap());
        let whole = fs::read(&path).unwrap();
        for at in 0..SLOT {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            fs::write(&path, &flipped).unwrap();
            assert_eq!(heads(&path).unwrap(), [head(1)], "{at}");
        }
        for wrong in [&whole[..FILE_BYTES - 1], &[1; FILE_BYTES], &[whole.clone(), vec![0]].concat()] {
            fs::write(&path, wrong).unwrap();
            assert!(matches!(heads(&path), Err(OpenError::Mirror { .. })));
        }
    }

    #[test]
    fn settled_no_slot_holds_a_later_head() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mirror");
        let (mirror, _) = Mirror::open(&path).unwrap();
        (1..=5).for_each(|number| mirror.keep(&head(number)).unwrap());
        mirror.settle(&head(4)).unwrap();
        assert_eq!(heads(&path).unwrap(), [head(4)]);
    }
}
