//! What each exit code means; the table of docs/formats/interfaces.md.

/// Done.
pub const DONE: u8 = 0;
/// The server, or the flow's rules, refused: nothing was deposited.
pub const REFUSED: u8 = 1;
/// The command was not understood, or is not there yet.
pub const USAGE: u8 = 2;
/// Not yet: what was waited for had not come when the time was up.
pub const PENDING: u8 = 3;
/// Done, with something to look at: the cosignatures of witnesses that the policy asks for are not all there, or packs of a selection are
/// missing.
pub const WARNED: u8 = 4;
/// A file could not be read or written.
pub const UNREADABLE: u8 = 5;
/// The log is another than the pinned one.
pub const OTHER_LOG: u8 = 6;
/// The log shows two histories: a signed head that does not continue the one seen before.
pub const FORK: u8 = 10;
/// The log shows a signed head smaller than the one seen before.
pub const ROLLBACK: u8 = 11;
/// No pinned key in force signed the head, or a signature is false.
pub const SIGNATURE: u8 = 12;
/// Tiles or entries are missing, or do not lead to the signed root.
pub const TILES: u8 = 13;
/// The server does not answer.
pub const UNREACHABLE: u8 = 69;
/// A defect of ours: the answer makes no sense, or the house does not start.
pub const INTERNAL: u8 = 70;
