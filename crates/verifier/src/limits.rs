//! Every limit of the crate, in one place. Each is tested at the limit and one past it.

/// Bytes of one evidence pack that is given in memory.
pub const PACK_BYTES: u64 = 1 << 30;
/// Bytes of a pack's members held for one verdict, one after the other: records, proofs, validation material. Documents are not.
pub const HELD_BYTES: u64 = 1 << 28;
/// Bytes of a policy.
pub const POLICY_BYTES: usize = 1 << 20;
/// Log keys, and time-stamping roots, of one policy.
pub const POLICY_ANCHORS: usize = 64;
/// How far two honest clocks may disagree (the archive's and an authority's).
pub const CLOCK_SKEW_MS: u64 = 300_000;
/// A reception stated this much after the seal that covers it is false, not merely inexact.
pub const FALSE_TIME_MS: u64 = 86_400_000;
/// How long before its end an algorithm is warned of, when the newest proof rests on it: a year.
pub const ALGORITHM_NOTICE_MS: u64 = 365 * 86_400_000;
/// Characters of foreign text that a sentence repeats.
pub const DETAIL_CHARS: usize = 300;
/// Files of one entry that can be judged.
pub const FILES: u64 = 9_000;
