//! Runs the commands of cases, one process each, and says what each took and said; no network call may be among what they do.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tests::published::program;

use super::cases::Case;

/// Memory beyond that of an empty file.
pub const MOST_KIB: u64 = 64 << 10;
/// Processor time of one case.
pub const MOST_SECONDS: f64 = 2.0;

/// What one run took and said.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Exit code; negative, the signal that ended it.
    pub code: i64,
    /// Most memory it held.
    pub kib: u64,
    /// Processor time.
    pub seconds: f64,
    /// Its output, errors too.
    pub said: String,
}

/// What all took.
pub struct Ran {
    /// An empty file, checked.
    pub baseline: Taken,
    pub taken: Vec<Taken>,
}

/// Every run of every case, in order; nothing where there is no Python. Fails on a network call.
pub fn all(cases: &[Case]) -> Option<Ran> {
    let (ran, sockets) = run(cases)?;
    assert!(sockets.is_empty(), "network calls: {sockets:#?}");
    Some(ran)
}

/// What these cases take, and their network calls where they can be seen.
pub fn with_calls(cases: &[Case]) -> Option<(Ran, Option<Vec<String>>)> {
    let (ran, sockets) = run(cases)?;
    Some((ran, can_trace().then_some(sockets)))
}

fn can_trace() -> bool {
    let traced = Command::new("strace").args(["-f", "-e", "trace=%network", "-o", "/dev/null", "true"]).output();
    traced.is_ok_and(|output| output.status.success())
}

/// The interpreter itself: `python3` may be a script that looks for it, with calls of its own.
fn python() -> Option<String> {
    let named = Command::new("python3").args(["-I", "-S", "-c", "import sys; print(sys.executable)"]).output().ok()?;
    named.status.success().then(|| String::from_utf8_lossy(&named.stdout).trim().to_owned())
}

fn run(cases: &[Case]) -> Option<(Ran, Vec<String>)> {
    let Some(python) = python() else {
        println!("skipped: python3 is not installed: nothing is measured");
        return None;
    };
    let place = tempfile::tempdir().unwrap();
    let (list, trace, empty) = (place.path().join("list"), place.path().join("trace"), place.path().join("empty.txt"));
    fs::write(&empty, b"").unwrap();
    let baseline = check(&["--kind", "file"], &empty);
    let mut lines = fs::File::create(&list).unwrap();
    for words in [&baseline].into_iter().chain(cases.iter().flat_map(|case| &case.runs)) {
        writeln!(lines, "{}", serde_json::to_string(words).unwrap()).unwrap();
    }
    drop(lines);
    let measure = Path::new(env!("CARGO_MANIFEST_DIR")).join("hostile/measure.py");
    let mut command = match can_trace() {
        true => {
            let mut command = Command::new("strace");
            command.args(["-f", "--seccomp-bpf", "-e", "trace=%network", "-o"]).arg(&trace).arg(python);
            command
        }
        false => {
            println!("skipped: strace cannot trace here: whether a socket is opened is not seen");
            Command::new(python)
        }
    };
    // What starts the cases asks nobody who it is: that would be a call to a socket, which is none of the program's.
    let output = command.args(["-I", "-S"]).arg(measure).arg(&list).env_remove("HOME").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let taken: Vec<Taken> =
        output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(taken).collect();
    assert_eq!(taken.len(), 1 + cases.iter().map(|case| case.runs.len()).sum::<usize>());
    // What is no call is the end of a process, or a signal.
    let called = |line: &&str| !line.contains("+++ ") && !line.contains("--- SIG");
    let sockets = fs::read_to_string(&trace).unwrap_or_default().lines().filter(called).map(str::to_owned).collect();
    let (baseline, taken) = taken.split_first().unwrap();
    Some((Ran { baseline: baseline.clone(), taken: taken.to_vec() }, sockets))
}

fn taken(line: &[u8]) -> Taken {
    let told: Value = serde_json::from_slice(line).unwrap();
    Taken {
        code: told["code"].as_i64().unwrap(),
        kib: told["kib"].as_u64().unwrap(),
        seconds: told["seconds"].as_f64().unwrap(),
        said: told["said"].as_str().unwrap().to_owned(),
    }
}

/// The command that checks this file as the program would read it at deposit.
pub fn check(options: &[&str], file: &Path) -> Vec<String> {
    let program = program("tabellion").unwrap().display().to_string();
    let mut words = vec![program, "check".to_owned(), "--format".to_owned(), "json".to_owned()];
    words.extend(options.iter().map(|word| (*word).to_owned()));
    words.push(file.to_str().unwrap().to_owned());
    words
}
