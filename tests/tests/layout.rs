//! The house as docs/ARCHITECTURE.md draws it: doors that open one way, rooms of a size one can read, words we do not use.
//! Each check is shown to fail on a bad sample beside it.

#[path = "layout/arrows.rs"]
mod arrows;
#[path = "layout/fuzzed.rs"]
mod fuzzed;
#[path = "layout/links.rs"]
mod links;
#[path = "layout/rust.rs"]
mod rust;
#[path = "layout/sizes.rs"]
mod sizes;
#[path = "layout/tree.rs"]
mod tree;
#[path = "layout/words.rs"]
mod words;
