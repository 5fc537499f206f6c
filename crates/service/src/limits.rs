//! Bounds that are not configured, in one place. Those an operator may change have their defaults here too.

/// Connections at once.
pub const CONNECTIONS: usize = 1024;
/// Connections that may wait in the system's queue; the system has a bound of its own (`net.core.somaxconn`).
pub const WAITING_CONNECTIONS: u32 = 4096;
/// Bytes of the request line and headers.
pub const HEADER_BYTES: usize = 64 << 10;
/// Header lines of a request.
pub const HEADERS: usize = 64;
/// Seconds for a request's headers to arrive, counted from the opening or the previous answer.
pub const HEADER_SECONDS: u64 = 15;
/// Seconds without a byte of a body, or without a byte of an answer being taken.
pub const IDLE_SECONDS: u64 = 30;
/// Seconds during which a closed connection's last bytes are thrown away, so that a refusal is not lost.
pub const LINGER_SECONDS: u64 = 2;
/// Bytes thrown away so.
pub const LINGER_BYTES: usize = 64 << 20;
/// Seconds for a whole body.
pub const BODY_SECONDS: u64 = 3600;
/// Bytes of a deposit's body.
pub const BODY_BYTES: u64 = 2 << 30;
/// Most bytes of a plain file that is hashed and encrypted without a thread of its own.
pub const LIGHT_BYTES: u64 = 64 << 10;
/// Files of a deposit.
pub const FILES: usize = 500;
/// Bytes of a file's name.
pub const NAME_BYTES: usize = 1024;
/// Bytes of a description.
pub const DESCRIPTION_BYTES: usize = 64 << 10;
/// Bytes of small bodies (JSON of administration, requests of time-stamps).
pub const SMALL_BODY_BYTES: usize = 64 << 10;
/// Bytes of an idempotency key.
pub const IDEMPOTENCY_KEY_BYTES: usize = 255;
/// Bytes of deposits held in memory, all requests together.
pub const MEMORY_BYTES: u64 = 256 << 20;
/// Free bytes of the store's volume below which deposits are refused, where that is less than the part below.
pub const FREE_BYTES: u64 = 1 << 30;
/// The floor of a small volume: one part in so many.
pub const FREE_PART: u64 = 20;
/// Milliseconds between two looks at the free space.
pub const FREE_LOOK_MILLIS: u64 = 100;
/// Bytes of one body between two looks.
pub const FREE_LOOK_BYTES: u64 = 4 << 20;
/// Seconds after which a deposit refused for want of space may come again.
pub const FREE_RETRY_SECONDS: u64 = 60;
/// Deposits a second for each token; 0 limits nothing.
pub const TOKEN_DEPOSITS_PER_SECOND: u64 = 0;
/// Deposits at once for each token; 0 for those of two seconds.
pub const TOKEN_DEPOSITS_BURST: u64 = 0;
/// Most that may be configured of either.
pub const TOKEN_DEPOSITS_MAX: u64 = 1_000_000;
/// Tokens whose rate is remembered.
pub const RATED_TOKENS: usize = 16_384;
/// Seconds by which the clock may leap forward while the house runs.
pub const CLOCK_LEAP_SECONDS: u64 = 24 * 3600;
/// Seconds by which the clock may be past the last commit at a start: a sealed house commits once a day, and may have rested a day.
pub const CLOCK_REST_SECONDS: u64 = 48 * 3600;
/// Bytes of a pack's documents: a container of this form ends below 4 GiB, with the act's story and the proofs.
pub const PACK_BYTES: u64 = 3 << 30;
/// Bytes of a pack's documents that are held in memory while it is checked and given; those beyond are read twice from the store.
pub const PACK_HELD_BYTES: u64 = 16 << 20;
/// Bytes of a pack that an attestation carries; a larger one is given apart.
pub const ATTACHED_BYTES: u64 = 16 << 20;
/// Trees of batches kept for the packs to come: at most 4 MiB each.
pub const TREES_KEPT: usize = 8;
/// Packs made at once.
pub const PACKS_AT_ONCE: usize = 2;
/// Packs of an act's story that come along in a pack.
pub const RELATED: usize = 16;
/// Bytes of them together.
pub const RELATED_BYTES: u64 = 512 << 20;
/// Files of validation material, and their bytes together.
pub const VALIDATION_FILES: usize = 64;
/// See [`VALIDATION_FILES`].
pub const VALIDATION_BYTES: usize = 8 << 20;
/// Blocks of PEM, and files that are none, of validation material: fewer than a verifier looks at.
pub const VALIDATION_PIECES: usize = 256;
/// What is this much younger than a seal was made after it.
pub const VALIDATION_AFTER_MILLIS: u64 = 86_400_000;
/// Trusted lists kept, and their bytes together: fewer than a verifier reads.
pub const TRUSTED_LISTS: usize = 32;
/// See [`TRUSTED_LISTS`].
pub const TRUSTED_LISTS_BYTES: u64 = 32 << 20;
/// After which the lists by which authorities of signers are known are read again.
pub const LISTS_READ_AGAIN: std::time::Duration = std::time::Duration::from_secs(3600);
/// Hours between two looks at a mirror of trusted lists, and the most that may be configured.
pub const LISTS_HOURS: u64 = 24;
/// See [`LISTS_HOURS`].
pub const LISTS_HOURS_MAX: u64 = 30 * 24;
/// Seconds that one list may take.
pub const LISTS_SECONDS: u64 = 300;
/// Entries of a selection whose packs are asked for at once.
pub const SELECTION_IDS: usize = 1000;
/// Registers streamed at once: each holds about two mebibytes, and a thread only while it reads.
pub const REGISTERS_AT_ONCE: usize = 16;
/// Entries of a register read at once.
pub const REGISTER_ENTRIES: usize = 128;
/// Exports of open data streamed at once: each holds a page of entries, or a file of essential data and what is kept of contracts.
pub const EXPORTS_AT_ONCE: usize = 2;
/// Contracts of one export.
pub const EXPORT_CONTRACTS: usize = 200_000;
/// Bytes of the modifications that an export keeps until they are written.
pub const EXPORT_MODIFICATIONS_BYTES: usize = 64 << 20;
/// Threads for work that waits for the disk; more work waits for a thread.
pub const BLOCKING_THREADS: usize = 64;
/// Deposits read and encrypted at once.
pub const READERS: usize = 4;
/// Bytes gathered before they go to the spool of a large file.
pub const SPOOL_CHUNK_BYTES: usize = 256 << 10;
/// Bytes read at once from a stored file.
pub const FILE_CHUNK_BYTES: usize = 256 << 10;
/// Entries of one page.
pub const PAGE: usize = 200;
/// Entries of a page when the caller says nothing.
pub const PAGE_DEFAULT: usize = 50;
/// Entries named of an act's story.
pub const STORY: usize = 100;
/// Ways in which one act was deposited, each with identifiers of its own, that its story follows.
pub const WAYS: usize = 20;
/// Entries looked at under one name of an act before it is published: its number comes again each year.
pub const HEARD: usize = 1000;
/// Tenants searched for an identifier when the caller names none.
pub const TENANTS: usize = 1024;
/// Bytes of an authority's answer.
pub const TSA_ANSWER_BYTES: u64 = 128 << 10;
/// Seconds for an authority to answer.
pub const TSA_SECONDS: u64 = 20;
/// Roots by which the authorities of signers are known.
pub const ANCHORS: usize = 256;
/// Bytes of one file of them.
pub const ANCHORS_BYTES: u64 = 1 << 20;
/// Seconds for an antivirus to look at one file, and the most that may be configured.
pub const ANTIVIRUS_SECONDS: u64 = 60;
/// See [`ANTIVIRUS_SECONDS`].
pub const ANTIVIRUS_SECONDS_MAX: u64 = 600;
/// Bytes of a file that Debian's clamd takes, unless it is told otherwise.
pub const ANTIVIRUS_STREAM_BYTES: u64 = 25 << 20;
/// Seconds for an antivirus to say which one it is.
pub const ANTIVIRUS_VERSION_SECONDS: u64 = 5;
/// Seconds for which `/readyz` repeats what it answered last.
pub const ANTIVIRUS_LOOK_SECONDS: u64 = 5;
/// Seconds after which a deposit refused for want of an antivirus may come again.
pub const ANTIVIRUS_RETRY_SECONDS: u64 = 30;
/// Seconds by which an authority's clock may be ahead of ours.
pub const CLOCK_AHEAD_SECONDS: u64 = 60;
/// Seconds by which an authority's clock may be behind ours: an older token is a lie, or of a clock that nobody looks after.
pub const TSA_BEHIND_SECONDS: u64 = 300;
/// Authorities that may be configured.
pub const AUTHORITIES: usize = 8;
/// Bytes of events that one stretch of a tenant's journal holds: beyond, they are counted and no more.
pub const JOURNAL_BYTES: u64 = 16 << 20;
/// Characters of an error that an event of the journal repeats.
pub const JOURNAL_WHY_CHARS: usize = 500;
/// Leaves looked at for the oldest entry that waits for a seal.
pub const PENDING_LOOK: u64 = 64;
/// Seconds between two seals.
pub const SEAL_SECONDS: u64 = 3600;
/// Longest time between two seals that may be configured, and after which one is made without need.
pub const SEAL_MAX_SECONDS: u64 = 24 * 3600;
/// Seconds before a failed seal is tried again, at first; doubled each time.
pub const SEAL_RETRY_SECONDS: u64 = 30;
/// Seconds an answer to "seal now" waits for the authority.
pub const SEAL_WAIT_SECONDS: u64 = 60;
/// Milliseconds between two published heads.
pub const HEAD_MILLIS: u64 = 1000;
/// Connections at once to a witness: one for each log it may know, and as many for others.
pub const WITNESS_CONNECTIONS: usize = 2 * WITNESS_LOGS;
/// Connections at once to a witness from one address, unless it is told otherwise.
pub const WITNESS_CONNECTIONS_EACH: usize = 8;
/// Seconds for the headers of a request to a witness.
pub const WITNESS_HEADER_SECONDS: u64 = 5;
/// Seconds for the whole body of a request to a witness.
pub const WITNESS_BODY_SECONDS: u64 = 20;
/// Keys of logs that a witness may know.
pub const WITNESS_LOGS: usize = 256;
/// Bytes of a witness's state: a note for each log, written as JSON.
pub const WITNESS_STATE_BYTES: u64 = 64 << 20;
/// Bytes of evidence that a witness keeps.
pub const EVIDENCE_BYTES: u64 = 1 << 20;
/// Seconds for a witness to answer.
pub const WITNESS_SECONDS: u64 = 5;
/// Most seconds that may be configured for it.
pub const WITNESS_SECONDS_MAX: u64 = 60;
/// Seconds before a witness that failed is asked again without a new head.
pub const WITNESS_RETRY_SECONDS: u64 = 10;
/// Sealed heads, counted back from the last, for which a witness that was away is still asked.
pub const WITNESS_CATCH_UP: u64 = 512;
/// Milliseconds during which cosignatures gather before they are written together.
pub const COSIGNATURES_GATHER_MILLIS: u64 = 200;
/// Seconds between two writings of the cosignatures of heads that no seal binds: they are only there to be found after a restart.
pub const COSIGNATURES_LATEST_SECONDS: u64 = 60;
/// Seconds for which a head that met its quorum is given out while newer ones have not met it yet.
pub const COSIGNED_SECONDS: u64 = 10;
/// Heads whose cosignatures are held in memory.
pub const COSIGNATURES_HEADS: usize = 16;
/// Days that refused bytes are kept.
pub const REFUSED_DAYS: u64 = 30;
/// Bytes of refused deposits kept at once; beyond, only what was found is kept.
pub const REFUSED_BYTES: u64 = 1 << 30;
/// Bytes a second that the background scrub reads: 20 TB in thirty days.
pub const SCRUB_BYTES_PER_SECOND: u64 = 8 << 20;
/// Hours between two scrubs of the head.
pub const SCRUB_HEAD_HOURS: u64 = 24;
/// Days from one beginning of a whole scrub to the next.
pub const SCRUB_WHOLE_DAYS: u64 = 30;
/// Seconds after a start before the background scrub reads anything.
pub const SCRUB_FIRST_SECONDS: u64 = 60;
/// Seconds between two looks at whether a scrub is due.
pub const SCRUB_LOOK_SECONDS: u64 = 60;
/// Seconds before a scrub that could not be done is tried again.
pub const SCRUB_RETRY_SECONDS: u64 = 3600;
/// Scrubs asked for that may wait.
pub const SCRUBS_WAITING: usize = 4;
/// Seconds given to requests under way when stopping.
pub const DRAIN_SECONDS: u64 = 20;
/// Seconds given to them when the log itself has stopped.
pub const STOPPED_SECONDS: u64 = 1;
/// Bytes of the module of the page `/verifier`.
pub const MODULE_BYTES: u64 = 16 << 20;
/// Bytes of the configuration file.
pub const CONFIGURATION_BYTES: u64 = 1 << 20;
/// Months before the end of an algorithm from which the operator is told, and the most that may be configured.
pub const ALGORITHM_MONTHS: u64 = 12;
/// Most months that may be configured.
pub const ALGORITHM_MONTHS_MAX: u64 = 120;
/// Seconds of a month, near enough.
pub const MONTH_SECONDS: u64 = 30 * 24 * 3600 + 12 * 3600;
/// Tokens read for one `/readyz`.
pub const CERTIFICATES_AT_ONCE: u64 = 16;
/// Authorities that `/readyz` shows.
pub const CERTIFICATES_SHOWN: usize = 20;
/// Time between two words to the event log about algorithms and certificates that end.
pub const ALGORITHM_LOOK: std::time::Duration = std::time::Duration::from_secs(24 * 3600);
/// Bytes of a request of elimination: bordereau, visa and signed document.
pub const ELIMINATION_BYTES: u64 = 16 << 20;
/// Bytes of a request of restitution: entries and signed decision.
pub const RESTITUTION_BYTES: u64 = 16 << 20;
/// Bytes of the manifest of a backup: held whole in memory, about 150 for each large file and 300 for each segment.
pub const MANIFEST_BYTES: u64 = 1 << 30;
/// Bytes of a file that a backup takes beside the store.
pub const BACKUP_FILE_BYTES: u64 = 16 << 20;
/// Bytes of an object that go to a bucket at once, and of each part of a larger one: as much is held in memory.
pub const BUCKET_PART_BYTES: u64 = 8 << 20;
/// Seconds to connect to a bucket's server.
pub const BUCKET_CONNECT_SECONDS: u64 = 10;
/// Seconds without a sign of life of a bucket's server; a part must have been sent in as many.
pub const BUCKET_ANSWER_SECONDS: u64 = 120;
/// Times that a bucket's server is asked again, within so many seconds.
pub const BUCKET_RETRIES: usize = 6;
/// See [`BUCKET_RETRIES`].
pub const BUCKET_RETRY_SECONDS: u64 = 180;
/// Times a backup begins again because an elimination replaced what it was copying.
pub const BACKUP_ATTEMPTS: usize = 8;
/// Seconds between two asks how far the store goes, while an elimination replaces files; and how often it is asked.
pub const CUT_RETRY_SECONDS: u64 = 1;
/// See [`CUT_RETRY_SECONDS`].
pub const CUT_ATTEMPTS: usize = 1800;
/// Bytes of a bordereau that is held against the file of its profile: its tree, some twelve times that, fits in what the program may take.
pub const PROFILED_BYTES: u64 = 32 << 20;
/// Differences of a bordereau from its profile that are read.
pub const PROFILE_LINES: usize = 200;
