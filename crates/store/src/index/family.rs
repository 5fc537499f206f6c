//! The families of the index, and how RocksDB keeps them.

use rocksdb::{BlockBasedOptions, Cache, ColumnFamilyDescriptor, DBCompressionType, Options};

const CACHE_BYTES: usize = 64 * 1024 * 1024;
/// Write-ahead log that a start after `kill -9` reads again at most, before it answers: half a second of it.
const LOG_BYTES: u64 = 32 * 1024 * 1024;
/// Tables as written from memory, of each family, that are merged at once: small ones, since the log is short.
const TABLES_MERGED: i32 = 8;

/// The column families. What belongs to a tenant has a key that begins with the tenant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Family {
    /// space ‖ key → value.
    State,
    /// index → row (where its record stands, and where in it everything of the leaf does).
    Entries,
    /// level ‖ index → bytes of the tile.
    Tiles,
    /// size → signed checkpoint.
    Heads,
    /// tenant ‖ id → index.
    Ids,
    /// tenant ‖ sequence → index.
    Sequences,
    /// tenant → sequence ‖ index ‖ leaf hash of its last entry.
    Chains,
    /// tenant ‖ half of the request key → index. The rest is in the segment, and compared there.
    Requests,
    /// tenant ‖ half of the look-up digest ‖ index → nothing.
    Lookups,
    /// file ahead → index.
    Ahead,
    /// format, store, head, position.
    Meta,
}

impl Family {
    pub(crate) const ALL: [(Self, &str); 11] = [
        (Self::State, "state"),
        (Self::Entries, "entries"),
        (Self::Tiles, "tiles"),
        (Self::Heads, "heads"),
        (Self::Ids, "ids"),
        (Self::Sequences, "sequences"),
        (Self::Chains, "chains"),
        (Self::Requests, "requests"),
        (Self::Lookups, "lookups"),
        (Self::Ahead, "ahead"),
        (Self::Meta, "meta"),
    ];
    pub(super) fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
    /// Whether it is asked, in no order, for what it may not have.
    fn is_missed(self) -> bool {
        matches!(self, Self::Ids | Self::Requests | Self::Lookups | Self::Ahead)
    }
}

pub(super) fn options() -> Options {
    let mut options = Options::default();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    options.set_compression_type(DBCompressionType::Lz4);
    options.set_max_open_files(512);
    options.set_max_total_wal_size(LOG_BYTES);
    options.set_keep_log_file_num(4);
    options.set_max_background_jobs(2);
    options
}

fn family_options(family: Family, cache: &Cache) -> Options {
    let mut table = BlockBasedOptions::default();
    // What is asked for elsewhere is there, or stands in order: a filter would be asked in vain.
    if family.is_missed() {
        table.set_bloom_filter(10.0, false);
    }
    table.set_block_cache(cache);
    let mut options = options();
    options.set_block_based_table_factory(&table);
    options.set_write_buffer_size(16 * 1024 * 1024);
    options.set_level_zero_file_num_compaction_trigger(TABLES_MERGED);
    // Nearly every key that a deposit asks for is not there: said without a search of what is still in memory.
    options.set_memtable_whole_key_filtering(true);
    options.set_memtable_prefix_bloom_ratio(0.05);
    options
}

/// Every family, over one cache.
pub(super) fn descriptors() -> [ColumnFamilyDescriptor; 11] {
    let cache = Cache::new_lru_cache(CACHE_BYTES);
    Family::ALL.map(|(family, name)| ColumnFamilyDescriptor::new(name, family_options(family, &cache)))
}
