//! What an antivirus said, as findings. Who asks it is elsewhere; its sentences stand here, with all the others.

use crate::codes::{self, Fault};
use crate::finding::Finding;

/// Something to tell of a file that was given to an antivirus, or could not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AntivirusSaid<'a> {
    /// It knows something in it.
    Found {
        /// What it calls that.
        signature: &'a str,
        /// Which engine said so, with its base.
        engine: &'a str,
        /// The operator chose to keep such files.
        kept: bool,
    },
    /// It did not answer, and the deposit goes on.
    Away {
        /// In words.
        why: &'a str,
    },
    /// The file is longer than what it looks at.
    TooLarge {
        /// Bytes of the file.
        size: u64,
        /// Bytes that it looks at, where it is known here; else it said so itself.
        most: Option<u64>,
        /// The operator chose to keep such files.
        kept: bool,
    },
}

impl AntivirusSaid<'_> {
    /// The same, of the file of that name.
    pub fn finding(&self, file: &str) -> Finding {
        let fault = match self {
            Self::Found { signature, engine, kept } => {
                let code = if *kept { &codes::INFECTED_KEPT } else { &codes::INFECTED };
                Fault::new(code, file).with(signature).with(engine)
            }
            Self::Away { why } => Fault::new(&codes::ANTIVIRUS_UNAVAILABLE, file).with(why),
            Self::TooLarge { size, most, kept } => {
                let code = if *kept { &codes::ANTIVIRUS_NOT_SCANNED } else { &codes::ANTIVIRUS_TOO_LARGE };
                let most = most.map_or_else(|| "StreamMaxLength".to_owned(), |most| most.to_string());
                Fault::new(code, file).with(size).with(most)
            }
        };
        fault.into()
    }
}
