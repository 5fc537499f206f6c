//! The legal verification command.

fn main() {}
