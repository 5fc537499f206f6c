//! What an antivirus said, as findings. Who asks it is elsewhere; its sentences stand here, with all the others.

use std::io;

use crate::codes::{self, Fault, system_cause};
use crate::finding::Finding;

/// Why an antivirus is no help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AntivirusAway {
    /// No answer within that many seconds.
    Late(u64),
    /// An answer that says nothing.
    Empty,
    /// It said that nothing was found, and did not take everything.
    Early,
    /// An answer that is none of those known.
    Odd(String),
    /// The system, in French and in English.
    System([String; 2]),
}

/// The beginnings of what is said of it, French and English.
pub(crate) static WORDS: [(&str, &str); 4] = [
    ("aucune réponse en ", "no answer within "),
    ("sa réponse ne dit rien", "its answer says nothing"),
    ("il a répondu avant d'avoir tout reçu", "it answered before it had received everything"),
    ("sa réponse n'est pas connue : ", "its answer is not known: "),
];

impl AntivirusAway {
    /// The same, of what the system says.
    pub fn of(error: &io::Error) -> Self {
        Self::System(system_cause(error))
    }

    /// In French and in English.
    pub fn words(&self) -> [String; 2] {
        let [late, empty, early, odd] = WORDS;
        let with = |words: (&str, &str), more: &str| [format!("{}{more}", words.0), format!("{}{more}", words.1)];
        match self {
            Self::Late(seconds) => with(late, &format!("{seconds} s")),
            Self::Empty => with(empty, ""),
            Self::Early => with(early, ""),
            Self::Odd(answer) => with(odd, answer),
            Self::System(words) => words.clone(),
        }
    }
}

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
        /// Why.
        why: &'a AntivirusAway,
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
            Self::Away { why } => Fault::new(&codes::ANTIVIRUS_UNAVAILABLE, file).with_words(why.words()),
            Self::TooLarge { size, most, kept } => {
                let code = if *kept { &codes::ANTIVIRUS_NOT_SCANNED } else { &codes::ANTIVIRUS_TOO_LARGE };
                let most = most.map_or_else(|| "StreamMaxLength".to_owned(), |most| most.to_string());
                Fault::new(code, file).with(size).with(most)
            }
        };
        fault.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::in_english;

    #[test]
    fn why_it_is_no_help_is_said_in_both_languages_and_found_again_in_english() {
        let reset = AntivirusAway::of(&io::Error::from(io::ErrorKind::ConnectionReset));
        for why in [
            AntivirusAway::Late(5),
            AntivirusAway::Empty,
            AntivirusAway::Early,
            AntivirusAway::Odd("\"x, y\"".to_owned()),
            reset,
        ] {
            let finding = AntivirusSaid::Away { why: &why }.finding("a.pdf");
            assert!(!finding.message_fr.contains("answer") && !finding.message_en.contains("réponse"), "{finding:?}");
            assert_eq!(in_english(finding.code, &finding.message_fr), Some(finding.message_en));
        }
        let late = AntivirusSaid::Away { why: &AntivirusAway::Late(5) }.finding("");
        assert!(late.message_fr.starts_with("L'antivirus n'a pas répondu (aucune réponse en 5 s)"), "{late:?}");
    }
}
