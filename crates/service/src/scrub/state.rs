//! Where the background scrub stands, kept so that a restart goes on (`scrub.json` in the data directory).

use crate::error::ServiceError;
use crate::files;
use crate::home::Home;
use proof::UnixMillis;
use serde_json::{Value, json};

const VERSION: u64 = 1;
/// Bytes of the file.
const FILE_BYTES: u64 = 4096;

/// Moments and the next segment. Job state: lost, it only makes the scrub begin again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct State {
    /// When the whole pass under way, or the last one, began.
    pub(crate) began: Option<UnixMillis>,
    /// The segment that the pass reads next; 0 when none is under way.
    pub(crate) next: u64,
    /// When the last whole pass ended.
    pub(crate) ended: Option<UnixMillis>,
    /// When the head was last read.
    pub(crate) head: Option<UnixMillis>,
    /// Damage found by the last whole pass, or so far by the one under way.
    pub(crate) damage: u64,
}

impl State {
    /// As kept; from the beginning when there is none that can be read.
    pub(crate) fn load(home: &Home) -> Self {
        let text = files::read_text(&home.scrub(), FILE_BYTES).unwrap_or_default();
        let value: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        if value["version"] != json!(VERSION) {
            return Self::default();
        }
        let moment = |name: &str| value[name].as_u64().map(UnixMillis);
        let number = |name: &str| value[name].as_u64().unwrap_or(0);
        Self {
            began: moment("began"),
            next: number("next"),
            ended: moment("ended"),
            head: moment("head"),
            damage: number("damage"),
        }
    }

    pub(crate) fn keep(&self, home: &Home) -> Result<(), ServiceError> {
        let moment = |at: Option<UnixMillis>| at.map(|at| at.0);
        let value = json!({
            "version": VERSION, "began": moment(self.began), "next": self.next, "ended": moment(self.ended),
            "head": moment(self.head), "damage": self.damage,
        });
        files::replace(&home.scrub(), format!("{value}\n").as_bytes())
    }
}
