//! Batch, order, grow, sign, prove, seal a batch.

pub mod failpoint;
pub mod storage;
