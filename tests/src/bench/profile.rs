//! Where the server's time goes while it is under load: processor time by thread always, by function when `perf` works here.

use super::summary::Profile;
use anyhow::{Context, Result, ensure};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Ticks of `/proc/…/stat` in a second: fixed in the kernel's interface.
const TICKS: f64 = 100.0;
const FUNCTIONS_SHOWN: usize = 25;

/// Processor seconds of each group of threads of one name.
pub type Times = BTreeMap<String, f64>;

/// Processor seconds so far, by name of thread.
///
/// # Errors
/// The process is gone.
pub fn times(pid: u32) -> Result<Times> {
    let mut times = Times::new();
    for task in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end between the list and the look.
        let Ok(stat) = std::fs::read_to_string(task?.path().join("stat")) else {
            continue;
        };
        if let Some((name, seconds)) = parse_stat(&stat) {
            *times.entry(name).or_default() += seconds;
        }
    }
    Ok(times)
}

/// Processor seconds of the whole process so far, threads that ended included.
///
/// # Errors
/// The process is gone.
pub fn processor(pid: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    Ok(parse_stat(&stat).context("a stat of another form")?.1)
}

/// What the work gave, and where the server's time went meanwhile, once it was warm.
///
/// # Errors
/// Those of the work; the process is gone.
pub fn during<T: Send>(
    (pid, file): (u32, &Path),
    (warm_up, length): (Duration, Duration),
    work: impl FnOnce() -> Result<T> + Send,
) -> Result<(T, Profile)> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(work);
        std::thread::sleep(warm_up);
        let (start, before) = (Instant::now(), times(pid)?);
        let sampling = sample(pid, file, length);
        std::thread::sleep(length);
        let (seconds, after) = (start.elapsed().as_secs_f64(), times(pid)?);
        let functions = sampling.and_then(|sampling| functions(sampling, file));
        let done = thread.join().ok().context("the load's thread died")??;
        let (functions, without) = match functions {
            Ok(functions) => (functions, None),
            Err(why) => (Vec::new(), Some(format!("{why:#}"))),
        };
        Ok((done, Profile { seconds, threads: spent(&before, &after), functions, without }))
    })
}

/// Name, and processor seconds, of one thread.
fn parse_stat(stat: &str) -> Option<(String, f64)> {
    let (head, rest) = stat.rsplit_once(')')?;
    let name = head.split_once('(')?.1;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let ticks = |field: usize| fields.get(field)?.parse::<f64>().ok();
    let kind = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-' || c == ':');
    Some((kind.to_owned(), (ticks(11)? + ticks(12)?) / TICKS))
}

/// Seconds spent between the two looks, the most first.
pub fn spent(before: &Times, after: &Times) -> Vec<(String, f64)> {
    let mut spent: Vec<_> =
        after.iter().map(|(name, end)| (name.clone(), end - before.get(name).unwrap_or(&0.0))).collect();
    spent.sort_by(|one, other| other.1.total_cmp(&one.1));
    spent
}

/// `perf`, sampling one process.
#[derive(Debug)]
pub struct Sampling {
    child: Child,
}

/// Sampling has begun, for that long.
///
/// # Errors
/// There is no `perf` here, or it cannot sample.
pub fn sample(pid: u32, file: &Path, length: Duration) -> Result<Sampling> {
    let mut command = Command::new("perf");
    command.args(["record", "-q", "-F", "499", "-g", "-p", &pid.to_string(), "-o"]).arg(file);
    command.args(["--", "sleep", &length.as_secs().to_string()]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Ok(Sampling { child: command.spawn().context("perf is not installed (Debian package linux-perf)")? })
}

/// The functions that took most of the processor time: percent and name.
///
/// # Errors
/// It could not sample, or what it wrote cannot be read.
pub fn functions(mut sampling: Sampling, file: &Path) -> Result<Vec<(f64, String)>> {
    let status = sampling.child.wait()?;
    ensure!(status.success(), "perf record ended with {status}");
    let mut command = Command::new("perf");
    command.args(["report", "--stdio", "--no-children", "-g", "none", "--no-inline", "--sort", "symbol", "-i"]);
    let output = command.arg(file).stdin(Stdio::null()).stderr(Stdio::null()).output()?;
    ensure!(output.status.success(), "perf report ended with {}", output.status);
    let found = parse_report(&String::from_utf8_lossy(&output.stdout));
    ensure!(!found.is_empty(), "perf saw nothing");
    Ok(found)
}

fn parse_report(text: &str) -> Vec<(f64, String)> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let found = lines.filter_map(|line| {
        let (percent, name) = line.trim().split_once('%')?;
        // Further columns, empty here, come after a stretch of spaces.
        let name = name.trim().split("  ").next()?;
        Some((percent.parse().ok()?, name.to_owned()))
    });
    found.take(FUNCTIONS_SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::{parse_report, parse_stat, spent};

    #[test]
    fn threads_are_added_up_by_name() {
        let stat = "71 (tokio-rt (w)-12) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0";
        assert_eq!(parse_stat(stat), Some(("tokio-rt (w)".to_owned(), 2.0)));
        assert_eq!(parse_stat("71 (x"), None);
        let before = [("a".to_owned(), 1.0)].into();
        let after = [("a".to_owned(), 2.0), ("b".to_owned(), 3.0)].into();
        assert_eq!(spent(&before, &after), [("b".to_owned(), 3.0), ("a".to_owned(), 1.0)]);
    }

    #[test]
    fn a_report_is_read_line_by_line() {
        let text = "# Overhead  Symbol\n#\n    16.67%  [k] fsync       -      -\n     3.10%  [.] sha2::compress\n\n";
        assert_eq!(parse_report(text), [(16.67, "[k] fsync".to_owned()), (3.1, "[.] sha2::compress".to_owned())]);
    }
}
