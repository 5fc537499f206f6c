//! How often a process syncs, counted by the kernel.

use anyhow::Result;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Calls counted: whoever syncs, by whichever of the two.
const CALLS: &str = "syscalls:sys_enter_fdatasync,syscalls:sys_enter_fsync";

/// What the work gave, and the calls that the process made meanwhile; `None` where `perf` cannot count them.
///
/// # Errors
/// Those of the work.
pub fn syncs<T>(pid: u32, work: impl FnOnce() -> Result<T>) -> Result<(T, Option<u64>)> {
    let mut command = Command::new("perf");
    command.args(["stat", "-x", ",", "-e", CALLS, "-p", &pid.to_string()]);
    let counting = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    std::thread::sleep(Duration::from_millis(300));
    let done = work()?;
    let Ok(counting) = counting else { return Ok((done, None)) };
    // The shell's own: a small Debian has no program of that name.
    Command::new("sh").args(["-c", &format!("kill -INT {}", counting.id())]).status()?;
    let said = counting.wait_with_output()?;
    Ok((done, sum(&String::from_utf8_lossy(&said.stderr))))
}

/// The sum of the counts, one a line before the first comma; `None` when one could not be counted.
fn sum(said: &str) -> Option<u64> {
    let lines: Vec<&str> = said.lines().filter(|line| line.contains("sys_enter_")).collect();
    let counts = lines.iter().map(|line| line.split(',').next()?.parse::<u64>().ok());
    let counts: Vec<u64> = counts.collect::<Option<_>>()?;
    (!counts.is_empty()).then(|| counts.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::sum;

    #[test]
    fn counts_are_added_up_or_not_told() {
        let said = "731,,syscalls:sys_enter_fdatasync,1,100.00,,\n2,,syscalls:sys_enter_fsync,1,100.00,,\n";
        assert_eq!(sum(said), Some(733));
        assert_eq!(sum("<not counted>,,syscalls:sys_enter_fsync,0,0.00,,\n"), None);
        assert_eq!(sum("perf: permission denied"), None);
    }
}
