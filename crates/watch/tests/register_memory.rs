//! A register of 200,000 entries is written and judged line by line in memory that does not grow with them. Alone in its binary: what
//! is held by others would be counted.
#![allow(missing_docs, clippy::unwrap_used)]

#[allow(dead_code)]
#[path = "register/chain.rs"]
mod chain;

use chain::chain;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use watch::register::{Checker, Listing};

/// Counts what is held, and the most that was since it was last asked.
struct Counting;
static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

#[allow(unsafe_code)]
// SAFETY: the system's allocator does the work; only numbers are added up beside it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(held, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn memory_does_not_grow_with_the_entries() {
    let most = |count: u64| {
        let (register, tree, entries) = chain(count, 4);
        let mut listing = Listing::after(&register);
        let mut checker = Checker::default();
        let mut bytes = 0;
        register.write().lines().for_each(|line| assert!(checker.line(line.as_bytes()).is_ok()));
        let before = HELD.load(Ordering::Relaxed);
        MOST.store(before, Ordering::Relaxed);
        for (index, record) in &entries {
            let line = listing.entry(*index, tree.path(index.0 as usize), record);
            bytes += line.len();
            checker.line(line.trim_end().as_bytes()).unwrap();
        }
        checker.line(listing.end().trim_end().as_bytes()).unwrap();
        assert_eq!(checker.finish().unwrap().listed, count);
        (bytes, MOST.load(Ordering::Relaxed) - before)
    };
    let ((_, few), (bytes, many)) = (most(1_000), most(200_000));
    println!(
        "200,000 entries: {bytes} bytes of register, {many} bytes held at most (1,000 entries: {few}), {} to 1",
        bytes / many
    );
    assert!(many < 64 << 10 && many < 2 * few + 4096, "{few} {many}");
}
