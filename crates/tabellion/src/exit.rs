//! What each exit code means; the table of docs/formats/interfaces.md.

/// Done.
pub const DONE: u8 = 0;
/// The server, or the flow's rules, refused: nothing was deposited.
pub const REFUSED: u8 = 1;
/// The command was not understood, or is not there yet.
pub const USAGE: u8 = 2;
/// Not yet: what was waited for had not come when the time was up.
pub const PENDING: u8 = 3;
/// A file could not be read or written.
pub const UNREADABLE: u8 = 5;
/// The server does not answer.
pub const UNREACHABLE: u8 = 69;
/// A defect of ours: the answer makes no sense, or the house does not start.
pub const INTERNAL: u8 = 70;
