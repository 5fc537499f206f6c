//! Bugs sown to be found: what a search that finds none of them would be worth nothing.

/// What the driver looks for: a crash that says so is the seeded bug, any other is a real one.
const MARK: &str = "seeded bug reached";

/// Ends the program when the bug's condition holds, in the build that has bugs; does nothing in the other.
pub fn planted(condition: impl FnOnce() -> bool) {
    if cfg!(feature = "seeded-bugs") && condition() {
        panic!("{MARK}");
    }
}
