//! Every limit of the ledger, in one place.

/// Submissions waiting while a commit runs; one more is refused as busy.
pub const QUEUE_SUBMISSIONS: usize = 4096;

/// Weight (see `Submission::weight`) waiting while a commit runs; what goes past it is refused as busy.
pub const QUEUE_BYTES: u64 = 256 << 20;

/// Submissions taken into one commit.
pub const BATCH_SUBMISSIONS: usize = 1024;

/// Weight after which a commit takes nothing more.
pub const BATCH_BYTES: u64 = 64 << 20;

/// A step of the clock back by up to this is absorbed; by more, deposits are refused until it is back.
pub const CLOCK_BACK_MILLIS: u64 = 5_000;

/// Times a publication is tried before the sequencer stops and leaves it to start-up.
pub const PUBLISH_ATTEMPTS: u32 = 3;

/// Files of one entry: their groups travel in one record header.
pub const ENTRY_FILES: usize = 65_536;

/// Digests under which one entry can be found again.
pub const ENTRY_LOOKUPS: usize = 4096;

/// Changes of state that one request may bring.
pub const REQUEST_PUTS: usize = 2048;

/// Bytes of the key of a change of state.
pub const PUT_KEY_BYTES: usize = 1024;

/// Bytes of the value of a change of state.
pub const PUT_VALUE_BYTES: usize = 1 << 20;

/// Bytes of one token of a time-stamping authority.
pub const TOKEN_BYTES: usize = 1 << 20;

/// Bytes of the head of a batch, read back from storage.
pub const BATCH_HEAD_BYTES: usize = 64 << 10;

/// Bytes of a tenant's row that are looked at for its slot.
pub const TENANT_ROW_BYTES: usize = 1 << 20;

/// Renewals of time-stamps of one chain: each first list repeats the digests of all before, and a record must stay readable.
pub const CHAIN_RENEWALS: usize = 32;

/// Bytes of all tokens of renewals together: a record bears its batch's token and these, and has a mebibyte.
pub const RENEWAL_TOKENS_BYTES: usize = 448 << 10;
