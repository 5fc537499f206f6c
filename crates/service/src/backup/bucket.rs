//! A bucket of an S3-compatible server as a place of backups.
//!
//! Only what every such server has is asked of it: put, put in parts, get, list, delete. Puts that must replace nothing are conditional,
//! and looked at beforehand too, for some servers do not honour the condition. What the library does asynchronously is waited for here, and
//! goes no further.

mod answers;
mod settings;
#[cfg(test)]
mod tests;

use super::shelf::Shelf;
use crate::error::ServiceError;
use crate::limits;
use answers::Seen;
use bytes::Bytes;
use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use object_store::aws::AmazonS3;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutPayload};
use settings::Settings;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// Where the objects of backups stand; their lengths are asked for at each backup, all of them.
const OBJECTS: &str = "objects";

/// A bucket, and what the names in it begin with.
pub(super) struct Bucket {
    server: Arc<Server>,
    /// Lengths of the objects that are there: listed once, a thousand at an asking, and not asked for one by one.
    lengths: RefCell<Option<BTreeMap<String, u64>>>,
    /// Held for its drop: one backup at a time of this data directory goes to a bucket.
    _lock: Option<File>,
}

/// What is shared with the readers of objects.
struct Server {
    runtime: Runtime,
    store: AmazonS3,
    seen: Arc<Seen>,
    place: String,
    prefix: String,
}

impl Bucket {
    /// The bucket as this environment reaches it, for reading; nothing is asked yet.
    pub(super) fn reading(bucket: &str, prefix: &str, place: String) -> Result<Self, ServiceError> {
        let settings = Settings::of(&|name| std::env::var(name).ok()).map_err(|trouble| trouble.at(&place))?;
        Self::of(settings, bucket, prefix, place)
    }

    /// The same, for the one backup of this data directory that may write there; `None` while another does. A bucket has no lock that
    /// every server would honour: the directory that is backed up holds it.
    pub(super) fn writing(
        bucket: &str,
        prefix: &str,
        place: String,
        data: &Path,
    ) -> Result<Option<Self>, ServiceError> {
        let lock = File::open(data).map_err(ServiceError::io("open", data))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self { _lock: Some(lock), ..Self::reading(bucket, prefix, place)? })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(ServiceError::io("lock", data)(error)),
        }
    }

    fn of(settings: Settings, bucket: &str, prefix: &str, place: String) -> Result<Self, ServiceError> {
        // Connections are kept alive beside the thread that waits for answers.
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(ServiceError::io("start the client of", Path::new(&place)))?;
        let seen = Arc::new(Seen::default());
        let store = settings.client(bucket, &seen).map_err(|trouble| trouble.at(&place))?;
        let server = Arc::new(Server { runtime, store, seen, place, prefix: prefix.to_owned() });
        Ok(Self { server, lengths: RefCell::new(None), _lock: None })
    }

    /// Lengths of the objects below this folder. A listing that was cut is gone on with after its last name, until nothing new comes:
    /// what is not listed would be taken for not being there.
    fn listed(&self, folder: &str) -> io::Result<BTreeMap<String, u64>> {
        let (server, within) = (&self.server, self.server.key(folder));
        let mut found = BTreeMap::new();
        loop {
            let last = found.last_key_value().map(|(name, _): (&String, &u64)| server.key(name));
            let mut page = match &last {
                None => server.store.list(Some(&within)),
                Some(last) => server.store.list_with_offset(Some(&within), last),
            };
            let before = found.len();
            while let Some(object) =
                server.wait(page.try_next()).map_err(|error| missing_bucket(error, &server.place))?
            {
                let name = object.location.as_ref();
                let name = name.strip_prefix(&server.prefix).unwrap_or(name).trim_start_matches('/');
                found.insert(name.to_owned(), object.size);
            }
            if found.len() == before {
                return Ok(found);
            }
        }
    }

    /// An object of more than one part, sent part by part: no more than one of them is held.
    fn put_parts(&self, key: &Key, first: Vec<u8>, bytes: &mut dyn Read) -> io::Result<u64> {
        let server = &self.server;
        let mut upload = server.wait(server.store.put_multipart(key))?;
        let send = || -> io::Result<u64> {
            let (mut part, mut sent) = (first, 0_u64);
            while !part.is_empty() {
                sent = sent.saturating_add(part.len() as u64);
                server.wait(upload.put_part(PutPayload::from(part)))?;
                part = next_part(bytes)?;
            }
            Ok(sent)
        };
        // A crash here leaves parts that no listing shows: the bucket's own rule for unfinished uploads removes them.
        let sent = send().and_then(|sent| server.wait(upload.complete()).map(|_| sent));
        if sent.is_err() {
            let _ = server.wait(upload.abort());
        }
        sent
    }
}

impl Server {
    fn key(&self, name: &str) -> Key {
        Key::from(format!("{}/{name}", self.prefix))
    }

    /// The answer, once it is there.
    fn wait<T>(&self, answer: impl Future<Output = object_store::Result<T>>) -> io::Result<T> {
        self.runtime.block_on(answer).map_err(|error| self.seen.failed(&self.place, &error))
    }

    /// Length of an object, as the server tells it now.
    fn length(&self, name: &str) -> io::Result<Option<u64>> {
        match self.wait(self.store.head(&self.key(name))) {
            Ok(object) => Ok(Some(object.size)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// At most a part of what is read.
fn next_part(bytes: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut part = Vec::new();
    bytes.take(limits::BUCKET_PART_BYTES).read_to_end(&mut part)?;
    Ok(part)
}

/// A folder that is listed is never missing: the bucket is.
fn missing_bucket(error: io::Error, place: &str) -> io::Error {
    if error.kind() == io::ErrorKind::NotFound { io::Error::other(answers::no_bucket().at(place)) } else { error }
}

impl Shelf for Bucket {
    fn length(&self, name: &str) -> io::Result<Option<u64>> {
        if !name.starts_with(OBJECTS) {
            return self.server.length(name);
        }
        let mut lengths = self.lengths.borrow_mut();
        let known = match lengths.take() {
            Some(known) => known,
            None => self.listed(OBJECTS)?,
        };
        Ok(lengths.insert(known).get(name).copied())
    }

    fn put(&self, name: &str, bytes: &mut dyn Read) -> io::Result<()> {
        let key = self.server.key(name);
        let first = next_part(bytes)?;
        let length = if (first.len() as u64) < limits::BUCKET_PART_BYTES {
            let length = first.len() as u64;
            self.server.wait(self.server.store.put(&key, PutPayload::from(first)))?;
            length
        } else {
            self.put_parts(&key, first, bytes)?
        };
        if let Some(known) = self.lengths.borrow_mut().as_mut() {
            known.insert(name.to_owned(), length);
        }
        Ok(())
    }

    fn create(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let server = &self.server;
        if server.length(name)?.is_none() {
            let payload = PutPayload::from(bytes.to_vec());
            let key = server.key(name);
            match server.runtime.block_on(server.store.put_opts(&key, payload, PutMode::Create.into())) {
                Err(object_store::Error::AlreadyExists { .. }) => {}
                done => return done.map(drop).map_err(|error| server.seen.failed(&server.place, &error)),
            }
        }
        // Ours, where the answer to an earlier asking was lost.
        let mut there = Vec::new();
        self.open(name)?.take((bytes.len() as u64).saturating_add(1)).read_to_end(&mut there)?;
        if there == bytes {
            return Ok(());
        }
        Err(io::Error::new(io::ErrorKind::AlreadyExists, answers::taken().at(&server.place)))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn Read>> {
        let server = self.server.clone();
        let got = server.wait(server.store.get(&server.key(name)))?;
        Ok(Box::new(Reading { server, stream: got.into_stream(), held: Bytes::new() }))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        Ok(self.listed(folder)?.into_keys().collect())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        match self.server.wait(self.server.store.delete(&self.server.key(name))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        if let Some(known) = self.lengths.borrow_mut().as_mut() {
            known.remove(name);
        }
        Ok(())
    }
}

/// An object on its way here.
struct Reading {
    server: Arc<Server>,
    stream: BoxStream<'static, object_store::Result<Bytes>>,
    held: Bytes,
}

impl Read for Reading {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.held.is_empty() {
            match self.server.wait(self.stream.try_next())? {
                Some(more) => self.held = more,
                None => return Ok(0),
            }
        }
        let count = self.held.len().min(into.len());
        let now = self.held.split_to(count);
        into.iter_mut().zip(&now).for_each(|(to, from)| *to = *from);
        Ok(count)
    }
}
