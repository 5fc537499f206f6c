//! Faults made on purpose: the server killed, stopped between two steps of a commit, its disk's power cut; and the judgement of
//! what it had promised before. docs/RELIABILITY.md says what each family shows and what it cannot show.

pub mod chance;
pub mod deposits;
pub mod disk;
pub mod judge;
pub mod kills;
pub mod nbd;
pub mod power;
pub mod recheck;
pub mod replay;
pub mod report;
pub mod server;
pub mod volatile;
