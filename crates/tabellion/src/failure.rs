//! A refusal is a sentence with a remedy, a code and an exit code.

use std::io;
use std::path::Path;

use crate::exit;
use crate::lang::Lang;

/// What an error of the system means, for a person.
fn cause(lang: Lang, error: &io::Error) -> String {
    let [fr, en] = flow::system_cause(error);
    lang.pick(fr, en)
}

/// Why a command stopped.
#[derive(Debug)]
pub struct Failure {
    /// The exit code of the program.
    pub exit: u8,
    /// Stable, kebab-case.
    pub code: String,
    /// What happened.
    pub sentence: String,
    /// Where, when it can be told.
    pub place: Option<String>,
    /// What to do about it.
    pub remedy: Option<String>,
}

/// What a command gives back: the exit code, or why it stopped.
pub type Outcome = Result<u8, Failure>;

impl Failure {
    /// A failure with its sentence, and no more.
    pub fn new(exit: u8, code: &str, sentence: impl Into<String>) -> Failure {
        Failure { exit, code: code.to_owned(), sentence: sentence.into(), place: None, remedy: None }
    }

    /// The same, with what to do.
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Failure {
        self.remedy = Some(remedy.into());
        self
    }

    /// A file that could not be read.
    pub fn reading(lang: Lang, path: &Path, error: &io::Error) -> Failure {
        let place = path.display().to_string();
        let said = lang.fill("fail.read", &[("file", &place), ("cause", &cause(lang, error))]);
        Failure::new(exit::UNREADABLE, "file-unreadable", said).with_remedy(lang.text("fail.read.remedy"))
    }

    /// A file that could not be written.
    pub fn writing(lang: Lang, path: &Path, error: &io::Error) -> Failure {
        let place = path.display().to_string();
        let said = lang.fill("fail.write", &[("file", &place), ("cause", &cause(lang, error))]);
        Failure::new(exit::UNREADABLE, "file-not-written", said).with_remedy(lang.text("fail.write.remedy"))
    }

    /// An answer that ended before its end: what was written of it is gone.
    pub fn cut(lang: Lang, path: &Path, error: &io::Error) -> Failure {
        let place = path.display().to_string();
        let said = lang.fill("fail.cut", &[("file", &place), ("cause", &cause(lang, error))]);
        Failure::new(exit::UNREACHABLE, "answer-cut", said).with_remedy(lang.text("fail.cut.remedy"))
    }

    /// An answer of the server that lacks what it promises.
    pub fn answer(lang: Lang, missing: &str) -> Failure {
        let said = lang.fill("fail.answer", &[("field", missing)]);
        Failure::new(exit::INTERNAL, "answer-not-understood", said).with_remedy(lang.text("fail.answer.remedy"))
    }

    /// The lines a person reads, ending with a newline.
    pub fn lines(&self, lang: Lang) -> String {
        let mut out = format!("tabellion{} {}\n", lang.pick(" :", ":"), self.sentence);
        let mut row = |key: &'static str, value: &str| out.push_str(&lang.fill(key, &[("value", value)]));
        if let Some(place) = &self.place {
            row("fail.line.where", place);
        }
        if let Some(remedy) = &self.remedy {
            row("fail.line.remedy", remedy);
        }
        row("fail.line.code", &self.code);
        out
    }
}
