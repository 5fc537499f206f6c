//! Named places where a test build can be made to die, fail, wait, or leave a step out.
//!
//! Without the feature `failpoints` every call here is an empty inline function. With it the environment variable
//! `TABELLION_FAILPOINTS` holds `name=action[@n]` separated by `;`, where action is `crash` (the process aborts),
//! `error`, `skip` or `sleep:MILLISECONDS`, and `@n` means the n-th passage alone, counted from 1.
//! A name is passed once per step: give each place its own name, or the counts mean nothing.

/// What a passage asks of the code around it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Passage {
    /// Go on.
    Free,
    /// Behave as if this step had failed.
    Error,
    /// Leave this step out.
    Skip,
}

/// What this name asks for at this passage. `crash` does not return, `sleep` has slept on return.
#[cfg(not(feature = "failpoints"))]
#[inline(always)]
pub fn pass(_name: &str) -> Passage {
    Passage::Free
}

/// True when the step of this name is to be left out.
#[inline(always)]
pub fn skip(name: &str) -> bool {
    pass(name) == Passage::Skip
}

/// True when the step of this name is to fail.
#[inline(always)]
pub fn error(name: &str) -> bool {
    pass(name) == Passage::Error
}

/// A place where a test build can die or wait; with a second argument, `error` returns `Err` of it from the function.
#[macro_export]
macro_rules! failpoint {
    ($name:expr) => {{
        let _ = $crate::failpoint::pass($name);
    }};
    ($name:expr, $error:expr) => {{
        if $crate::failpoint::error($name) {
            return Err($error);
        }
    }};
}

#[cfg(feature = "failpoints")]
pub use armed::{arm, pass};

#[cfg(feature = "failpoints")]
mod armed {
    use super::Passage;
    use std::sync::{LazyLock, Mutex, PoisonError};
    use std::time::Duration;

    /// The environment variable read at the first passage.
    const VARIABLE: &str = "TABELLION_FAILPOINTS";

    static POINTS: LazyLock<Mutex<Vec<Point>>> = LazyLock::new(|| {
        let text = std::env::var(VARIABLE).unwrap_or_default();
        // A misspelt failpoint would make a fault test pass for nothing: it must not start at all.
        let points = parse(&text).unwrap_or_else(|why| {
            eprintln!("{VARIABLE}: {why}");
            std::process::exit(2)
        });
        Mutex::new(points)
    });

    #[derive(Clone, PartialEq, Eq, Debug)]
    pub(super) struct Point {
        pub(super) name: String,
        pub(super) action: Action,
        /// The passage at which it acts; `None` for all.
        pub(super) only: Option<u64>,
        pub(super) passed: u64,
    }

    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub(super) enum Action {
        Crash,
        Error,
        Skip,
        Sleep(u64),
    }

    /// Replaces what the environment asked for; counts start again from nothing.
    ///
    /// # Errors
    /// A sentence naming the part that could not be read; nothing is replaced.
    pub fn arm(text: &str) -> Result<(), String> {
        let points = parse(text)?;
        *POINTS.lock().unwrap_or_else(PoisonError::into_inner) = points;
        Ok(())
    }

    /// What this name asks for at this passage. `crash` does not return, `sleep` has slept on return.
    pub fn pass(name: &str) -> Passage {
        let acting = {
            let mut points = POINTS.lock().unwrap_or_else(PoisonError::into_inner);
            points.iter_mut().filter(|point| point.name == name).find_map(|point| {
                point.passed += 1;
                (point.only.is_none() || point.only == Some(point.passed)).then_some(point.action)
            })
        };
        match acting {
            None => Passage::Free,
            Some(Action::Crash) => {
                eprintln!("failpoint {name}: crash");
                std::process::abort()
            }
            Some(Action::Sleep(millis)) => {
                std::thread::sleep(Duration::from_millis(millis));
                Passage::Free
            }
            Some(Action::Error) => Passage::Error,
            Some(Action::Skip) => Passage::Skip,
        }
    }

    pub(super) fn parse(text: &str) -> Result<Vec<Point>, String> {
        let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| parse_point(part).ok_or_else(|| format!("cannot read `{part}`"))).collect()
    }

    fn parse_point(part: &str) -> Option<Point> {
        let (name, rest) = part.split_once('=')?;
        let (action, only) = match rest.split_once('@') {
            Some((action, n)) => (action, Some(n.parse().ok().filter(|n| *n > 0)?)),
            None => (rest, None),
        };
        let action = match action {
            "crash" => Action::Crash,
            "error" => Action::Error,
            "skip" => Action::Skip,
            other => Action::Sleep(other.strip_prefix("sleep:")?.parse().ok()?),
        };
        (!name.is_empty()).then(|| Point { name: name.to_owned(), action, only, passed: 0 })
    }
}

#[cfg(all(test, feature = "failpoints"))]
mod tests {
    use super::armed::{Action, parse};

    #[test]
    fn what_the_variable_says_is_read_or_refused() {
        let points = parse("a.b=crash@3; c=sleep:20;d=skip").unwrap();
        let seen: Vec<_> = points.iter().map(|p| (p.name.as_str(), p.action, p.only)).collect();
        assert_eq!(seen, [("a.b", Action::Crash, Some(3)), ("c", Action::Sleep(20), None), ("d", Action::Skip, None)]);
        for wrong in ["a", "a=b", "=skip", "a=skip@0", "a=sleep:x", "a=skip@"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}

#[cfg(all(test, not(feature = "failpoints")))]
mod tests {
    #[test]
    fn without_the_feature_nothing_is_ever_skipped() {
        assert!(!super::skip("answer.before-append") && !super::error("segment.sync"));
    }
}
