//! Start-up: lock, keys, segments, index; what was torn is cut, the last record is made durable again.

use crate::ahead;
use crate::cipher::{Secret, random};
use crate::disk;
use crate::error::OpenError;
use crate::history::{History, compare, read_history};
use crate::index::{Index, Unopened};
use crate::keys::{KeyStore, STORE_FILE};
use crate::lock::Lock;
use crate::options::StoreOptions;
use crate::places::Places;
use crate::record::{Place, Record};
use crate::sector::{self, SectorType, SectorWriter, offset_of};
use crate::segment::{self, SegmentFiles, SegmentHeader, SegmentWriter};
use crate::shared::Shared;
use crate::store::Store;
use crate::vault::Vault;
use ledger::storage::StorageError;
use proof::Hash;
use ring::rand::SystemRandom;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub(crate) fn create(options: &StoreOptions) -> Result<(), OpenError> {
    let places = Places::of(&options.data);
    disk::make_directory(&places.data)?;
    let _lock = Lock::take(&places.data)?;
    if places.keys.join(STORE_FILE).exists() {
        return Err(OpenError::AlreadyThere(places.data));
    }
    let rng = SystemRandom::new();
    options.master.create_if_absent(&rng)?;
    let master = options.master.load()?;
    for directory in [&places.segments, &places.ahead, &places.keys, &places.aside] {
        disk::make_directory(directory)?;
    }
    disk::sync_directory(&places.data).map_err(OpenError::io("sync", &places.data))?;
    // A crash before the next step leaves no store: `create` may run again.
    let id = random(&rng).ok_or_else(|| OpenError::Index("no randomness".into()))?;
    KeyStore::new(places.keys, master).create_store_secret(id)
}

/// A store that is there, held by this process, and what opens its keys.
pub(crate) struct Taken {
    pub(crate) places: Places,
    pub(crate) lock: Arc<Lock>,
    pub(crate) keys: KeyStore,
    pub(crate) id: [u8; 16],
    pub(crate) secret: Secret,
}

pub(crate) fn take(options: &StoreOptions) -> Result<Taken, OpenError> {
    let places = Places::of(&options.data);
    if !places.keys.join(STORE_FILE).exists() {
        return Err(OpenError::Absent(places.data));
    }
    let lock = Arc::new(Lock::take(&places.data)?);
    let keys = KeyStore::new(places.keys.clone(), options.master.load()?);
    let (id, secret) = keys.store_secret()?;
    Ok(Taken { places, lock, keys, id, secret })
}

pub(crate) fn open(options: &StoreOptions) -> Result<Store, OpenError> {
    let Taken { places, lock, keys, id, secret } = take(options)?;
    disk::make_directory(&places.aside)?;
    crate::reindex::set_aside(&places)?;
    let (index, moved) = open_index(&places, &id)?;
    let position = index.position().map_err(of_index)?;
    let mut history = read_history(&places, &id, position)?;
    history.without_eliminated(&index)?;
    compare(&history, position)?;
    keep_aside(&places, &history)?;
    remove_unfinished(&places, &keys)?;
    let vault = Vault::new(&secret, places.ahead.clone(), Arc::clone(&lock));
    let head = index.head().map_err(of_index)?;
    let shared = Shared::of(index, keys, &places, lock);
    shared.changed.store(position.is_none(), Ordering::Release);
    crate::erase::agree(&shared).map_err(of_index)?;
    let named = |id: &[u8; 16]| {
        let found = shared.index.find(crate::index::Family::Ahead, id);
        found.map(|found| found.is_some()).map_err(of_index)
    };
    ahead::remove_unnamed(&places.ahead, named, &history.ahead)?;
    let mut store = Store::after(&mut history, Arc::new(shared), vault, id, options.segment_bytes);
    (store.head, store.moved) = (head, moved);
    if let Some(last) = history.last {
        copy_last(&mut store, last, history.last_previous, history.last_len)?;
    }
    Ok(store)
}

pub(crate) fn of_index(error: StorageError) -> OpenError {
    match error {
        StorageError::Retry(text) | StorageError::Fatal(text) => OpenError::Index(text),
        other => OpenError::Index(format!("{other:?}")),
    }
}

/// The index; one whose files are damaged, or that an older program made, is moved aside and begun again, empty; where it
/// was moved to.
fn open_index(places: &Places, store: &[u8; 16]) -> Result<(Index, Option<PathBuf>), OpenError> {
    let stem = match Index::open(&places.index, store) {
        Ok(index) => return Ok((index, None)),
        Err(Unopened::Refused(error)) => return Err(error),
        Err(Unopened::Damaged(_)) => "index",
        Err(Unopened::Older(position)) => {
            // How far it went would be forgotten: what refuses to open beside it refuses before it is moved.
            compare(&read_history(places, store, position)?, position)?;
            "index-older"
        }
    };
    let aside = free_name(&places.aside, stem);
    fs::rename(&places.index, &aside).map_err(OpenError::io("move aside", &places.index))?;
    // A crash from here on finds no index, or one that is behind: the next start goes on from there.
    Ok((Index::open(&places.index, store)?, Some(aside)))
}

/// `stem`, `stem-1`, `stem-2`... : the first that is not taken.
pub(crate) fn free_name(directory: &Path, stem: &str) -> PathBuf {
    let plain = directory.join(stem);
    let numbered = (1_u64..).map(|number| directory.join(format!("{stem}-{number}")));
    first_free(std::iter::once(plain).chain(numbered)).unwrap_or_else(|| directory.join(stem))
}

/// The first of these that is not taken.
pub(crate) fn first_free(mut paths: impl Iterator<Item = PathBuf>) -> Option<PathBuf> {
    paths.find(|path| !path.exists())
}

/// The last segment ends with its last whole record; what stood after it is in `aside/`.
fn keep_aside(places: &Places, history: &History) -> Result<(), OpenError> {
    let Some((number, tail)) = history.last_segment else {
        return Ok(());
    };
    let path = segment::path_of(&places.segments, number);
    let failed = || OpenError::io("cut the torn end of", &path);
    let file = OpenOptions::new().read(true).write(true).open(&path).map_err(failed())?;
    let end = offset_of(tail.end);
    if file.metadata().map_err(failed())?.len() <= end {
        return Ok(());
    }
    let kept = free_name(&places.aside, &format!("{number:020}-{end}.torn"));
    if copy_from(&file, end, &kept).map_err(OpenError::io("keep aside", &kept))? {
        disk::sync_directory(&places.aside).map_err(OpenError::io("sync", &places.aside))?;
        // A crash here finds the same torn end again, and keeps it twice.
    }
    file.set_len(end).and_then(|()| file.sync_all()).map_err(failed())
}

/// The bytes of a file from an offset, without the blank blocks at the end, durably; false when all are blank.
fn copy_from(mut from: &File, offset: u64, to: &Path) -> io::Result<bool> {
    from.seek(SeekFrom::Start(offset))?;
    let mut copy = None;
    let mut at = 0_u64;
    let mut block = vec![0; 64 * 1024];
    loop {
        let count = from.read(&mut block)?;
        let Some(held) = block.get(..count).filter(|held| !held.is_empty()) else {
            break;
        };
        if held.iter().any(|b| *b != 0) {
            if copy.is_none() {
                copy = Some(disk::new_file(to)?);
            }
            copy.as_ref().map(|copy| copy.write_all_at(held, at)).transpose()?;
        }
        at += count as u64;
    }
    copy.as_ref().map(File::sync_all).transpose().map(|synced| synced.is_some())
}

/// Nothing half-made is left in `segments/` and `keys/`.
fn remove_unfinished(places: &Places, keys: &KeyStore) -> Result<(), OpenError> {
    let unfinished = disk::list(&places.segments, |name| name.ends_with(".new").then(|| name.to_owned()))?;
    for name in unfinished {
        let path = places.segments.join(name);
        disk::remove_if_there(&path).map_err(OpenError::io("remove", &path))?;
    }
    keys.remove_unfinished()
}

/// The last record stands in a new segment, synced with its directory: what a kill left in the page cache alone, and
/// a failed sync may have marked as clean, is durable before it is published.
fn copy_last(store: &mut Store, mut last: Record, previous: Hash, length: u64) -> Result<(), OpenError> {
    let directory = store.shared.segments.directory().to_owned();
    let old = segment::path_of(&directory, last.place.segment);
    let (key_id, key) = store.shared.keys.create_segment_key(last.at)?;
    let header = SegmentHeader {
        number: store.next_segment,
        store: store.store_id,
        key: key_id,
        created: last.at,
        first_record: last.number,
        previous,
    };
    let sectors = copied(&store.shared.segments, last.place, length, header.number)
        .map_err(OpenError::io("copy the last record of", &old))?;
    let bytes = store.segment_bytes;
    let writer = SegmentWriter::create(&directory, &header, key, bytes, &sectors)?;
    // A crash here leaves the record twice; the next start takes the newer one, and copies it again.
    last.place = Place { segment: header.number, sector: 1 };
    store.next_segment += 1;
    store.shared.active.store(writer.number, Ordering::Release);
    store.writer = Some(writer);
    match store.backlog.back_mut() {
        Some(unread) => unread.place = last.place,
        None => store.shared.index.place_again(&last).map_err(of_index)?,
    }
    Ok(())
}

fn copied(segments: &SegmentFiles, place: Place, length: u64, segment: u64) -> io::Result<Vec<u8>> {
    let file = segments.file(place.segment)?;
    let mut sectors = SectorWriter::new(segment, 1, SectorType::Start, length);
    let mut at = 0;
    let mut block = vec![0; 1024 * 1024];
    while at < length {
        let len = usize::try_from((length - at).min(block.len() as u64)).unwrap_or(block.len());
        let held = &mut block[..len];
        sector::read_stream(&file, place.segment, place.sector, at, held)?;
        sectors.push(held);
        at += len as u64;
    }
    Ok(sectors.finish())
}
