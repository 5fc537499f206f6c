//! The bytes of a data directory that nobody serves, once its index is compacted: what an entry takes beside its document and its
//! records.

use anyhow::{Context, Result};
use rocksdb::{BlockBasedOptions, ColumnFamilyDescriptor, DB, DBCompressionType, Options};
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Where the bytes are.
#[derive(Clone, Debug, Default)]
pub struct Room {
    /// Entries deposited.
    pub entries: u64,
    /// Bytes of documents.
    pub documents: u64,
    /// Bytes of their `R`, `E` and `F`s.
    pub records: u64,
    /// Bytes of segments, what is made ready and not yet written left out.
    pub segments: u64,
    /// Bytes of the compacted index: rows, tiles, heads.
    pub index: u64,
    /// Bytes of the tables of each family, the largest first.
    pub families: Vec<(String, u64)>,
    /// Bytes of the index before.
    pub index_before: u64,
    /// All else: keys, files ahead, configuration.
    pub others: u64,
}

impl Room {
    /// Bytes of an entry beside its document and its records.
    pub fn each(&self) -> f64 {
        let all = self.segments + self.index + self.others;
        (all as f64 - self.documents as f64 - self.records as f64) / self.entries.max(1) as f64
    }
}

/// The room taken by so many entries, documents and records of so many bytes.
pub(super) fn measure(data: &Path, entries: u64, documents: u64, records: u64) -> Result<Room> {
    let (store, index_dir) = (data.join("store"), data.join("store/index"));
    let index_before = bytes_of(&index_dir)?;
    let families = compact(&index_dir)?;
    let (segments, index) = (written(&store.join("segments"))?, bytes_of(&index_dir)?);
    let others = bytes_of(data)? - bytes_of(&store.join("segments"))? - index;
    Ok(Room { entries, documents, records, segments, index, families, index_before, others })
}

/// Free bytes of the volume on which this stands.
pub(super) fn free(path: &Path) -> Result<u64> {
    let said = rustix::fs::statvfs(path).with_context(|| format!("asking the volume of {}", path.display()))?;
    Ok(said.f_bavail * said.f_frsize)
}

/// As the store sets its families up (crates/store/src/index/family.rs): else what is written anew would be of another size.
fn options(family: &str) -> Options {
    let mut table = BlockBasedOptions::default();
    if ["ids", "requests", "lookups", "ahead"].contains(&family) {
        table.set_bloom_filter(10.0, false);
    }
    let mut options = Options::default();
    options.set_compression_type(DBCompressionType::Lz4);
    options.set_max_open_files(512);
    options.set_block_based_table_factory(&table);
    options
}

/// Every family is one sorted run; bytes of the tables of each.
fn compact(index: &Path) -> Result<Vec<(String, u64)>> {
    let names = DB::list_cf(&Options::default(), index)?;
    let families = names.iter().map(|name| ColumnFamilyDescriptor::new(name, options(name)));
    let db = DB::open_cf_descriptors(&options("default"), index, families)?;
    for name in &names {
        let family = db.cf_handle(name).with_context(|| format!("no family {name}"))?;
        db.flush_cf(family)?;
        db.compact_range_cf(family, None::<&[u8]>, None::<&[u8]>);
    }
    let size = |name: &String| {
        let family = db.cf_handle(name)?;
        Some((name.clone(), db.property_int_value_cf(family, "rocksdb.live-sst-files-size").ok()??))
    };
    let mut sizes: Vec<_> = names.iter().filter_map(size).collect();
    sizes.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    db.cancel_all_background_work(true);
    Ok(sizes)
}

/// Bytes of every file below.
fn bytes_of(path: &Path) -> Result<u64> {
    let about = fs::symlink_metadata(path).with_context(|| format!("looking at {}", path.display()))?;
    if !about.is_dir() {
        return Ok(about.len());
    }
    fs::read_dir(path)?.map(|entry| bytes_of(&entry?.path())).sum()
}

/// Bytes of the files of a folder up to the last that is not zero.
fn written(folder: &Path) -> Result<u64> {
    fs::read_dir(folder)?.map(|entry| without_blank_end(&entry?.path())).sum()
}

fn without_blank_end(path: &Path) -> Result<u64> {
    let file = File::open(path)?;
    let (mut end, mut block) = (file.metadata()?.len(), vec![0; 1 << 20]);
    while end > 0 {
        let start = end.saturating_sub(block.len() as u64);
        let held = &mut block[..usize::try_from(end - start)?];
        file.read_exact_at(held, start)?;
        if let Some(last) = held.iter().rposition(|byte| *byte != 0) {
            return Ok(start + last as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::{Room, bytes_of, compact, free, options, written};
    use rocksdb::DB;

    #[test]
    fn a_blank_end_is_not_counted() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), [&[1; 10][..], &[0; 3 << 20]].concat()).unwrap();
        std::fs::write(folder.path().join("b"), [0; 5]).unwrap();
        assert_eq!(written(folder.path()).unwrap(), 10);
        assert_eq!(bytes_of(folder.path()).unwrap(), 10 + (3 << 20) + 5);
        assert!(free(folder.path()).unwrap() > 0);
    }

    #[test]
    fn what_is_compacted_keeps_its_rows_and_loses_what_was_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = options("default");
        first.create_if_missing(true);
        // Else it might be compacted before it is looked at.
        first.set_disable_auto_compactions(true);
        let db = DB::open(&first, folder.path()).unwrap();
        for round in 0..20_u32 {
            (0..2000_u32).for_each(|row| db.put(row.to_be_bytes(), proof_like(row, round)).unwrap());
            db.flush().unwrap();
        }
        drop(db);
        let before = bytes_of(folder.path()).unwrap();
        let families = compact(folder.path()).unwrap();
        assert!(families[0].0 == "default" && families[0].1 > 2000 * 32, "{families:?}");
        assert!(bytes_of(folder.path()).unwrap() < before / 2);
        let db = DB::open_for_read_only(&options("default"), folder.path(), false).unwrap();
        assert_eq!(db.get(7_u32.to_be_bytes()).unwrap().unwrap(), proof_like(7, 19));
    }

    fn proof_like(row: u32, round: u32) -> Vec<u8> {
        proof::sha256(&[row.to_be_bytes(), round.to_be_bytes()].concat()).0.to_vec()
    }

    #[test]
    fn what_an_entry_takes_is_what_is_left() {
        let room =
            Room { entries: 10, documents: 100, records: 50, segments: 170, index: 20, others: 10, ..Room::default() };
        assert!((room.each() - 5.0).abs() < 1e-9);
    }
}
