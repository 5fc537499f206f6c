//! Files of profiles (RELAX NG, XML Schema) that the operator names for a tenant: a bordereau is held against that of its profile by `xmllint`
//! (libxml2), in a process of its own, without network, with bounds on its memory and time. No library in Rust reads RELAX NG, and one in C
//! would read strangers' bytes inside the house. What cannot be judged is said, and never taken for conformity.

use crate::config::SedaProfile;
use crate::error::ServiceError;
use crate::limits::{PROFILE_LINES, PROFILED_BYTES};
use flow::seda::{Difference, Known, ProfileSaid, Unapplied, bordereau};
use flow::{Flow, Incoming};
use proof::TenantId;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// What each of them runs under: a gibibyte of memory, a minute of processor, two of the clock.
const BOUNDED: &str = "ulimit -v 1048576 && ulimit -t 60 && exec timeout 120 \"$@\"";
/// Bytes of what it says that are kept.
const SAID_BYTES: u64 = 256 << 10;
/// One at a time, whoever asks: each may take that memory.
static ONE: Mutex<()> = Mutex::new(());

/// The files of profiles, by tenant and identifier.
#[derive(Clone, Debug)]
pub struct Profiles {
    program: PathBuf,
    all: Vec<Profile>,
}

#[derive(Clone, Debug)]
struct Profile {
    tenant: TenantId,
    known: Known,
    file: PathBuf,
}

impl Profiles {
    /// Those of a configuration, whose files are named from this directory.
    ///
    /// # Errors
    /// A file is not there, or is neither `.rng` nor `.xsd`: nobody is to believe that a profile is applied which is not.
    pub(crate) fn configured(base: &Path, program: &Path, lines: Vec<SedaProfile>) -> Result<Self, ServiceError> {
        let mut all = Vec::with_capacity(lines.len());
        for SedaProfile { tenant, known, file } in lines {
            let path = base.join(file);
            let wrong = |why: &str| ServiceError::Configuration { path: path.clone(), why: why.to_owned() };
            if option(&path).is_none() {
                return Err(wrong("a profile's file ends by .rng (RELAX NG) or .xsd (XML Schema)"));
            }
            std::fs::File::open(&path).map_err(|error| wrong(&error.to_string()))?;
            let file = std::path::absolute(&path).map_err(|error| wrong(&error.to_string()))?;
            all.push(Profile { tenant, known, file });
        }
        Ok(Self { program: program.to_owned(), all })
    }

    /// The same; that the program which applies them does not start stands in the log of events.
    pub(crate) fn told(self) -> Self {
        if !self.can_be_applied() {
            tracing::warn!("xmllint does not start: files of SEDA profiles are not applied, and each transfer says so");
        }
        self
    }

    /// Whether the program that applies them answers; true where there is none to apply.
    fn can_be_applied(&self) -> bool {
        let asked =
            || Command::new(&self.program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        self.all.is_empty() || asked().is_ok_and(|status| status.success())
    }

    /// What the file of the profile that this transfer names says of its bordereau; nothing where it names none that has a file on that day.
    pub fn judge(&self, tenant: TenantId, flow: &Flow, day: &str, files: &mut [Incoming<'_>]) -> Option<ProfileSaid> {
        let id = flow.profile()?;
        let named = |one: &&Profile| one.tenant == tenant && one.known.holds(id, day);
        let profile = self.all.iter().find(named)?;
        let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        Some(self.held(profile, files))
    }

    fn held(&self, profile: &Profile, files: &mut [Incoming<'_>]) -> ProfileSaid {
        let mut said = ProfileSaid::NotApplied(Unapplied::Unread);
        let read = bordereau(files, &flow::Limits::default(), &mut |reader| {
            said = self.asked(&profile.file, reader)?;
            Ok(())
        });
        // What was said of a part of it is not said of it.
        if read.is_ok() { said } else { ProfileSaid::NotApplied(Unapplied::Unread) }
    }

    /// The program is asked. The error is of the bordereau.
    fn asked(&self, file: &Path, bordereau: &mut dyn Read) -> io::Result<ProfileSaid> {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", BOUNDED, "sh"]).arg(&self.program).args([
            "--noout",
            "--nonet",
            option(file).unwrap_or("--relaxng"),
        ]);
        command.arg(file).arg("-").env_clear().env("LC_ALL", "C.UTF-8").current_dir("/");
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let Ok(mut child) = command.spawn() else { return Ok(ProfileSaid::NotApplied(Unapplied::NoProgram)) };
        let (words, whole) = fed(&mut child, bordereau)?;
        let why = match (child.wait()?.code(), whole) {
            (_, Fed::TooLong) => Unapplied::TooLong,
            (Some(0), Fed::Whole) => return Ok(ProfileSaid::Conforms),
            // Not as the schema asks.
            (Some(3 | 4), _) => return Ok(ProfileSaid::Differs(differences(&words))),
            (Some(5), _) => Unapplied::NoProfile,
            (Some(126 | 127), _) => Unapplied::NoProgram,
            // By `timeout`, or by the limit of processor time.
            (Some(124 | 137 | 152) | None, _) => Unapplied::TooSlow,
            (Some(_), _) => Unapplied::Failed,
        };
        Ok(ProfileSaid::NotApplied(why))
    }
}

/// Whether all of the bordereau went in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fed {
    Whole,
    /// The program stopped reading before.
    Part,
    TooLong,
}

/// The bordereau goes in while what is said of it comes out: neither waits for the other.
fn fed(child: &mut Child, bordereau: &mut dyn Read) -> io::Result<(String, Fed)> {
    let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
    std::thread::scope(|scope| {
        let listening = scope.spawn(move || {
            let mut words = Vec::new();
            let mut stderr = stderr?;
            let _ = (&mut stderr).take(SAID_BYTES).read_to_end(&mut words);
            let _ = io::copy(&mut stderr, &mut io::sink());
            Some(String::from_utf8_lossy(&words).into_owned())
        });
        let given = stdin.map_or(Ok(Fed::Part), |mut stdin| pour(bordereau, &mut stdin));
        if !matches!(given, Ok(Fed::Whole | Fed::Part)) {
            let _ = child.kill();
        }
        let words = listening.join().ok().flatten().unwrap_or_default();
        if given.is_err() {
            let _ = child.wait();
        }
        Ok((words, given?))
    })
}

/// As much as is taken. The error is of the bordereau, not of the program.
fn pour(from: &mut dyn Read, into: &mut impl Write) -> io::Result<Fed> {
    let mut left = PROFILED_BYTES;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let n = match from.read(&mut buffer) {
            Ok(0) => return Ok(Fed::Whole),
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let Some(rest) = left.checked_sub(n as u64) else { return Ok(Fed::TooLong) };
        left = rest;
        if into.write_all(&buffer[..n]).is_err() {
            return Ok(Fed::Part);
        }
    }
}

/// `-:12: element Title: Relax-NG validity error : Did not expect element Title there`: the line, the element, what is said.
fn differences(words: &str) -> Vec<Difference> {
    let told = |line: &str| {
        let (number, rest) = line.strip_prefix("-:")?.split_once(": ")?;
        let (before, what) = rest.split_once(" validity error : ")?;
        let element = before.split(':').next().unwrap_or_default().strip_prefix("element ").unwrap_or_default();
        Some(Difference { line: number.parse().ok(), detail: format!("{element}: {what}") })
    };
    let mut all: Vec<Difference> = words.lines().filter_map(told).take(PROFILE_LINES).collect();
    if all.is_empty() {
        all.push(Difference { line: None, detail: words.lines().next().unwrap_or("–").to_owned() });
    }
    all
}

/// What the program is asked for a file of this name.
fn option(file: &Path) -> Option<&'static str> {
    match file.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "rng" => Some("--relaxng"),
        "xsd" => Some("--schema"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// What is said where the program is this script.
    fn said(script: &str, bordereau: &mut dyn Read) -> ProfileSaid {
        let place = tempfile::tempdir().unwrap();
        let program = place.path().join("judge");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        Profiles { program, all: Vec::new() }.asked(Path::new("/p.rng"), bordereau).unwrap()
    }

    #[test]
    fn only_a_program_that_read_all_and_ended_well_says_that_it_conforms() {
        let whole = "cat >/dev/null";
        assert_eq!(said(whole, &mut &b"<a/>"[..]), ProfileSaid::Conforms);
        let long = || io::repeat(b'a').take(4 << 20);
        let why = |script: &str, bordereau: &mut dyn Read| match said(script, bordereau) {
            ProfileSaid::NotApplied(why) => why,
            other => panic!("{script}: {other:?}"),
        };
        assert_eq!(why("exit 0", &mut long()), Unapplied::Failed);
        for (end, reason) in [
            ("exit 1", Unapplied::Failed),
            ("exit 5", Unapplied::NoProfile),
            ("exit 9", Unapplied::Failed),
            ("exit 124", Unapplied::TooSlow),
            ("exit 127", Unapplied::NoProgram),
            ("kill -XCPU $$", Unapplied::TooSlow),
        ] {
            assert_eq!(why(&format!("{whole}\n{end}"), &mut &b"<a/>"[..]), reason, "{end}");
        }
        assert_eq!(why(whole, &mut io::repeat(b'a').take(PROFILED_BYTES + 1)), Unapplied::TooLong);
        assert_eq!(said(whole, &mut io::repeat(b'a').take(PROFILED_BYTES)), ProfileSaid::Conforms);
        // It takes no more memory and processor than it is allowed.
        assert_eq!(
            why("[ \"$(ulimit -v)\" = 1048576 ] && [ \"$(ulimit -t)\" = 60 ] && exit 5", &mut &b"<a/>"[..]),
            Unapplied::NoProfile
        );
    }

    #[test]
    fn what_differs_is_told_with_its_line_and_a_flood_of_words_stops_nothing() {
        let script = "cat >/dev/null\necho '-:12: element Title: Relax-NG validity error : Did not expect Title there' >&2\n\
echo '- fails to validate' >&2\nexit 3";
        let one = Difference { line: Some(12), detail: "Title: Did not expect Title there".to_owned() };
        assert_eq!(said(script, &mut &b"<a/>"[..]), ProfileSaid::Differs(vec![one]));
        let flood = "head -c 5000000 /dev/zero | tr '\\0' 'x' >&2\ncat >/dev/null\nexit 3";
        let ProfileSaid::Differs(all) = said(flood, &mut &b"<a/>"[..]) else { panic!() };
        assert_eq!((all.len(), all[0].line), (1, None));
    }
}
