//! Batch, order, grow, sign, prove, seal a batch.

pub mod storage;
