//! The program: serve, init, deposit, pack, check, policy.

fn main() {}
