//! Segment files and RocksDB: one durable commit, reads of what was published, replay at start-up.
//!
//! Segments and the key store hold the truth; the index (RocksDB) holds nothing that they cannot rebuild.
//! The one public way in for bytes is [`Vault`] (encryption, outside the sequencer), the one way to make them durable is
//! [`Store`] (the ledger's `Storage`), the one way to read them back is [`StoreReads`].
//!
//! Deliberately not here: trees, signatures and receipts (`ledger`), any reading of documents (`flow`), a clock (times come
//! with the commit), who decides what is eliminated and why (`archive`): the store obeys what the log says.

mod ahead;
mod append;
mod chunks;
mod cipher;
mod codec;
mod cut;
mod digest;
mod disk;
mod erase;
mod error;
mod history;
mod index;
mod key_backup;
mod key_proof;
mod keys;
mod leaves;
pub mod limits;
mod lock;
mod master;
pub mod mirror;
mod mirrored;
mod open;
mod options;
mod parts;
mod places;
mod reads;
mod record;
mod reindex;
mod rows;
mod scan;
mod scrub;
mod sector;
mod segment;
mod shared;
mod spool;
mod store;
#[cfg(test)]
mod tests;
mod vault;

pub use ahead::AheadFile;
pub use cut::{AheadCopy, Cut, CutSegment, SegmentCopy, ahead_path, segment_path};
pub use disk::destroy;
pub use erase::{EraseError, Erased, Eraser, Orders};
pub use error::{OpenError, VaultError};
pub use key_backup::{KeysCopied, backup_keys};
pub use key_proof::{Held, KeysProved, hold, prove_keys, wrapped_by};
pub use lock::is_held;
pub use master::{Master, MasterSecret};
pub use mirrored::Mirrored;
pub use options::StoreOptions;
pub use parts::FileReader;
pub use reads::StoreReads;
pub use reindex::{Differences, Rebuild};
pub use scrub::{Depth, Effort, Finding, Progress, Role, Scrubber, Step, Stopped, Watch};
pub use spool::{Body, SpoolWriter, Spooled, SpooledReader};
pub use store::{Standing, Store};
pub use vault::{FilePart, SealedParts, Vault};
