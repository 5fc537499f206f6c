//! Faults of disk and clock put between the real program and its C library (tests/faults/inject.c): what is to fail, and what did.
//!
//! The program is the product as it ships; it is only started with a library before its own. What it asks of the kernel without
//! its C library (the preallocation of segments) is not seen by it: the family on a full volume covers that.

use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const SOURCE: &str = include_str!("../../faults/inject.c");
/// Bytes shared with the program, and where in them each thing stands.
const STATE: usize = 1024;
const COUNTED: u64 = 0;
const FAILED: u64 = 8;
const CLOCK: u64 = 16;
const SECONDS: u64 = 24;
const FIRST: u64 = 64;
/// Linux's numbers.
pub const EIO: i32 = 5;
/// No space left on the device.
pub const ENOSPC: i32 = 28;

/// What is to fail.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Kinds of calls: see the table in inject.c.
    pub kinds: &'static str,
    /// The call that fails, counted from 1; 0 for none: they are counted.
    pub at: u64,
    /// With what.
    pub errno: i32,
    /// Once or for ever, and what became of the bytes.
    pub how: &'static str,
    /// Where a torn write is torn.
    pub tear: u64,
}

/// What the clock of the day says to the program.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The machine's.
    Right,
    /// So many seconds beside it.
    Moved(i64),
    /// Nothing but this moment, in seconds of Unix time.
    Frozen(i64),
}

/// The library, built.
#[derive(Debug)]
pub struct Injector(PathBuf);

impl Injector {
    /// Built in this directory.
    ///
    /// # Errors
    /// There is no C compiler, or it refuses.
    pub fn build(dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir)?;
        let (source, library) = (dir.join("inject.c"), dir.join("inject.so"));
        fs::write(&source, SOURCE)?;
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-O2", "-o"]).arg(&library).arg(&source).stdin(Stdio::null());
        let built = cc.output().context("running cc (Debian: build-essential)")?;
        if !built.status.success() {
            bail!("cc: {}", String::from_utf8_lossy(&built.stderr));
        }
        Ok(Injector(library))
    }

    /// What a program must be started with so that this fails under `data`; `dir` keeps what is counted.
    ///
    /// # Errors
    /// A file could not be written.
    pub fn arm(&self, dir: &Path, data: &Path, fault: Option<&Fault>) -> Result<Injection> {
        let path = dir.join("injected");
        fs::write(&path, [0; STATE])?;
        let state = OpenOptions::new().read(true).write(true).open(&path)?;
        let mut environment: Vec<(&'static str, OsString)> = vec![
            ("LD_PRELOAD", self.0.clone().into()),
            ("TABELLION_INJECT_STATE", path.into()),
            ("TABELLION_INJECT_DIR", data.into()),
        ];
        if let Some(fault) = fault {
            environment.push(("TABELLION_INJECT_KINDS", fault.kinds.into()));
            environment.push(("TABELLION_INJECT_AT", fault.at.to_string().into()));
            environment.push(("TABELLION_INJECT_ERRNO", fault.errno.to_string().into()));
            environment.push(("TABELLION_INJECT_HOW", fault.how.into()));
            environment.push(("TABELLION_INJECT_TEAR", fault.tear.to_string().into()));
        }
        Ok(Injection { state, environment })
    }
}

/// Faults armed for one program.
#[derive(Debug)]
pub struct Injection {
    state: File,
    /// Variables to start it with.
    pub environment: Vec<(&'static str, OsString)>,
}

impl Injection {
    fn number(&self, at: u64) -> u64 {
        let mut bytes = [0; 8];
        self.state.read_exact_at(&mut bytes, at).map_or(0, |()| u64::from_le_bytes(bytes))
    }

    /// Calls of the kinds asked for.
    pub fn counted(&self) -> u64 {
        self.number(COUNTED)
    }

    /// Calls that failed.
    pub fn failed(&self) -> u64 {
        self.number(FAILED)
    }

    /// The first of them, and on which file; empty for none.
    pub fn first(&self) -> String {
        let mut bytes = [0; 256];
        let read = self.state.read_exact_at(&mut bytes, FIRST);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        read.map_or(String::new(), |()| text.split('\0').next().unwrap_or_default().to_owned())
    }

    /// From now on the program's clock says this.
    ///
    /// # Errors
    /// The file could not be written.
    pub fn set_clock(&self, clock: Clock) -> Result<()> {
        let (mode, seconds) = match clock {
            Clock::Right => (0_u64, 0),
            Clock::Moved(seconds) => (1, seconds),
            Clock::Frozen(seconds) => (2, seconds),
        };
        // The seconds first: under the old mode they say nothing, or move an old fault.
        self.state.write_all_at(&seconds.to_le_bytes(), SECONDS)?;
        self.state.write_all_at(&mode.to_le_bytes(), CLOCK)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, EIO, ENOSPC, Fault, Injector};
    use std::path::Path;
    use std::process::{Command, Output};

    fn shell(words: &str, dir: &Path, fault: Option<&Fault>, clock: Clock) -> (Output, u64, String) {
        let injector = Injector::build(dir).unwrap();
        let data = dir.join("data");
        std::fs::create_dir_all(&data).unwrap();
        let injection = injector.arm(dir, &data, fault).unwrap();
        injection.set_clock(clock).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", words]).current_dir(&data).env("LC_ALL", "C").envs(injection.environment.clone());
        (command.output().unwrap(), injection.failed(), injection.first())
    }

    #[test]
    fn the_call_named_fails_and_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let fault = |at, how| Fault { kinds: "w", at, errno: ENOSPC, how, tear: 0 };
        let words = format!(
            "for n in 1 2 3; do echo $n | dd of={0}/a oflag=append conv=notrunc status=none; done; cat {0}/a; echo x > /dev/null",
            dir.path().join("data").display()
        );
        let (output, failed, first) = shell(&words, dir.path(), Some(&fault(2, "once-none")), Clock::Right);
        assert_eq!((String::from_utf8_lossy(&output.stdout).as_ref(), failed), ("1\n3\n", 1), "{output:?}");
        assert!(first.contains("write") && first.ends_with("/a"), "{first}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("No space left"), "{output:?}");
        let (output, failed, _) = shell(&words, dir.path(), Some(&fault(2, "sticky-none")), Clock::Right);
        assert_eq!((String::from_utf8_lossy(&output.stdout).as_ref(), failed), ("1\n3\n1\n", 2), "{output:?}");
        let (output, failed, _) = shell(&words, dir.path(), None, Clock::Right);
        assert_eq!((output.stdout.len(), failed), (12, 0), "{output:?}");
        let reads = Fault { kinds: "r", at: 1, errno: EIO, how: "once-none", tear: 0 };
        let (output, failed, _) =
            shell(&format!("cat {}/data/a", dir.path().display()), dir.path(), Some(&reads), Clock::Right);
        assert!(!output.status.success() && failed == 1, "{output:?}");
    }

    #[test]
    fn the_clock_of_the_day_is_the_one_given() {
        let dir = tempfile::tempdir().unwrap();
        let says = |clock| {
            let (output, ..) = shell("date +%s", dir.path(), None, clock);
            String::from_utf8_lossy(&output.stdout).trim().parse::<i64>().unwrap()
        };
        let right = says(Clock::Right);
        assert!((says(Clock::Moved(-86_400)) - right + 86_400).abs() < 5);
        assert_eq!(says(Clock::Frozen(1_000_000_000)), 1_000_000_000);
    }
}
