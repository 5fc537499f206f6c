//! The table at the end.

/// One line of it.
#[derive(Clone, Debug)]
pub struct Line {
    pub name: String,
    pub stories: u64,
    pub result: &'static str,
    /// The rule broken, or all that held.
    pub rule: String,
    pub held: bool,
}

/// The lines under each other.
pub fn table(lines: &[Line]) -> String {
    let head = format!("{:<38} {:>8}  {:<18} {}\n", "world", "stories", "result", "rule");
    let rows =
        lines.iter().map(|line| format!("{:<38} {:>8}  {:<18} {}\n", line.name, line.stories, line.result, line.rule));
    std::iter::once(head).chain(rows).collect()
}

/// One line of counts, as scripts read them.
pub fn counts(lines: &[Line]) -> String {
    let failed = lines.iter().filter(|line| !line.held).count();
    format!("{} passed, {failed} failed, 0 skipped", lines.len() - failed)
}
