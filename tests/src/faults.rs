//! Faults made on purpose: the server killed, stopped between two steps of a commit, its disk's power cut, its calls failing, its clock
//! moved, its memory and its files spoiled, its clients too many or liars; and the judgement of what it had promised before. docs/RELIABILITY.md says what each family shows and what it cannot show.

pub mod chance;
pub mod clients;
pub mod clocks;
pub mod damage;
pub mod deposits;
pub mod disk;
pub mod errors;
pub mod families;
pub mod inject;
pub mod judge;
pub mod kills;
pub mod liars;
pub mod memory;
pub mod nbd;
pub mod power;
pub mod recheck;
pub mod replay;
pub mod report;
pub mod server;
pub mod volatile;
pub mod volume;
