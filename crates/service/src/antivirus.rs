//! The antivirus, where one is configured: every file of a deposit goes to `clamd` between its reception and its reading. What is found, and that
//! nothing could be, becomes a finding or a refusal by the operator's choice; never silence. Not here: members of archives, which clamd opens
//! itself, and documents inside XML, which it does not.

mod clamd;

use crate::app::locked;
use crate::config::{self, Infected, Unseen};
use crate::deposit::SpooledFile;
use crate::limits::{ANTIVIRUS_LOOK_SECONDS, ANTIVIRUS_RETRY_SECONDS, ANTIVIRUS_VERSION_SECONDS};
use crate::problem::{Problem, codes};
use clamd::{Clamd, Said, Trouble};
use flow::{AntivirusAway, AntivirusSaid, Finding, Severity};
use serde_json::{Map, Value, json};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

/// The antivirus of this house.
pub(crate) struct Antivirus {
    clamd: Clamd,
    lines: config::Antivirus,
    /// When it was asked last which engine it is, and what it answered.
    seen: Mutex<Option<(Instant, Result<String, AntivirusAway>)>>,
}

/// What was said of a deposit.
pub(crate) struct Judged {
    pub(crate) findings: Vec<Finding>,
    /// For `E`: which engine, and what came of it.
    pub(crate) fact: Value,
}

impl Judged {
    /// The deposit is refused for it.
    pub(crate) fn refuses(&self) -> bool {
        refuses(&self.findings)
    }
}

fn refuses(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Refusal)
}

impl Antivirus {
    /// The one that is configured, if one is.
    pub(crate) fn configured(lines: &config::Antivirus) -> Result<Option<Self>, String> {
        let address = lines.where_is()?;
        Ok(address.map(|address| Self { clamd: Clamd { address }, lines: lines.clone(), seen: Mutex::new(None) }))
    }

    /// What it says of each of these files. Blocks; no more are asked at once than deposits are read.
    ///
    /// # Errors
    /// `antivirus-unavailable`, where the operator accepts nothing that was not looked at; `not-written`, when what was spooled cannot be read.
    pub(crate) fn judge(&self, files: &[SpooledFile]) -> Result<Judged, Problem> {
        let mut judged = Judgement { files: files.len(), ..Judgement::default() };
        match self.ask() {
            Ok(engine) => judged.engine = engine,
            Err(why) => {
                self.away(&why, "", &mut judged)?;
                return Ok(judged.end());
            }
        }
        for file in files {
            let name = String::from_utf8_lossy(&file.name);
            match self.one(file) {
                Ok(Said::Nothing) => judged.looked += 1,
                Ok(Said::Found(signature)) => {
                    let kept = self.lines.infected == Infected::Record;
                    let said = AntivirusSaid::Found { signature: &signature, engine: &judged.engine, kept };
                    let finding = said.finding(&name);
                    judged.push(finding);
                    judged.looked += 1;
                }
                Ok(Said::TooLarge) => {
                    let kept = self.lines.too_large == Unseen::Accept;
                    let size = file.spooled.size;
                    let most = Some(self.lines.stream_bytes).filter(|most| size > *most);
                    judged.push(AntivirusSaid::TooLarge { size, most, kept }.finding(&name));
                }
                Err(Trouble::Source(source)) => {
                    return Err(store::VaultError::Io { action: "read what was spooled", source }.into());
                }
                // What is refused already stays so.
                Err(Trouble::Clamd(_)) if refuses(&judged.findings) => break,
                Err(Trouble::Clamd(why)) => {
                    self.note(Err(why.clone()));
                    self.away(&why, &name, &mut judged)?;
                    break;
                }
            }
        }
        Ok(judged.end())
    }

    fn one(&self, file: &SpooledFile) -> Result<Said, Trouble> {
        if file.spooled.size > self.lines.stream_bytes {
            return Ok(Said::TooLarge);
        }
        let mut source = file.spooled.open().map_err(|error| Trouble::Source(std::io::Error::other(error)))?;
        Handle::current().block_on(self.clamd.scan(&mut source, Duration::from_secs(self.lines.seconds)))
    }

    /// It does not answer: refused, or told.
    fn away(&self, why: &AntivirusAway, place: &str, judged: &mut Judgement) -> Result<(), Problem> {
        judged.away = true;
        match self.lines.unavailable {
            Unseen::Refuse => Err(Problem::from(&codes::ANTIVIRUS_UNAVAILABLE)
                .retry_after(ANTIVIRUS_RETRY_SECONDS)
                .because(english(why))),
            Unseen::Accept => {
                judged.push(AntivirusSaid::Away { why }.finding(place));
                Ok(())
            }
        }
    }

    /// Which engine it is now, asked anew. Blocks.
    fn ask(&self) -> Result<String, AntivirusAway> {
        let within = Duration::from_secs(ANTIVIRUS_VERSION_SECONDS.min(self.lines.seconds));
        let said = Handle::current().block_on(self.clamd.version(within));
        self.note(said.clone());
        said
    }

    /// Remembered for `/readyz`; the log of events has a line when it goes away or comes back.
    fn note(&self, said: Result<String, AntivirusAway>) {
        let mut seen = locked(&self.seen);
        let before = seen.as_ref().map(|(_, said)| said.is_ok());
        match &said {
            Ok(engine) if before != Some(true) => tracing::info!(engine, "antivirus answers"),
            Err(why) if before != Some(false) => tracing::warn!(why = english(why), "antivirus away"),
            _ => {}
        }
        *seen = Some((Instant::now(), said));
    }

    /// For `/readyz`: what it answered some seconds ago at most. Blocks.
    pub(crate) fn shown(&self) -> Value {
        let known = locked(&self.seen).clone();
        let recent = known.filter(|(at, _)| at.elapsed() < Duration::from_secs(ANTIVIRUS_LOOK_SECONDS));
        let said = recent.map_or_else(|| self.ask(), |(_, said)| said);
        let refuses = self.lines.unavailable == Unseen::Refuse;
        match said {
            Ok(engine) => {
                let mut shown = json!({"state": "answers"});
                named(&engine).into_iter().for_each(|(key, value)| shown[key] = value);
                shown
            }
            Err(why) => {
                json!({"state": "away", "why": english(&why), "deposits": if refuses { "refused" } else { "accepted" }})
            }
        }
    }
}

/// Why it is away, for the operator.
fn english(why: &AntivirusAway) -> String {
    let [_, english] = why.words();
    english
}

/// What is being found out of a deposit.
#[derive(Default)]
struct Judgement {
    files: usize,
    findings: Vec<Finding>,
    engine: String,
    /// Files that were looked at.
    looked: u64,
    away: bool,
}

impl Judgement {
    /// One more finding; of one code so many at most are listed, and the fact counts the files.
    fn push(&mut self, finding: Finding) {
        let listed = self.findings.iter().filter(|known| known.code == finding.code).count();
        if listed < flow::limits::MAX_LISTED {
            self.findings.push(finding);
        }
    }

    fn end(self) -> Judged {
        let result = match (self.away, self.findings.is_empty()) {
            (true, _) => "indisponible",
            (false, true) => "rien_trouve",
            (false, false) if self.findings.iter().any(|finding| finding.code.starts_with("infected")) => "trouve",
            (false, false) => "incomplet",
        };
        let (mut fact, named) = (Map::new(), named(&self.engine));
        for (key, french) in [("engine", "moteur"), ("database", "base"), ("database_date", "date_base")] {
            fact.extend(named.get(key).filter(|value| **value != "").map(|value| (french.to_owned(), value.clone())));
        }
        fact.insert("resultat".to_owned(), json!(result));
        fact.insert("fichiers".to_owned(), json!(self.files));
        fact.insert("fichiers_examines".to_owned(), json!(self.looked));
        Judged { findings: self.findings, fact: Value::Object(fact) }
    }
}

/// The engine, its base and the date of that, of `ClamAV 1.4.3/27345/Mon Nov 30 09:00:00 2026`; the last two where it says them.
fn named(engine: &str) -> Map<String, Value> {
    let parts = engine.splitn(3, '/').map(str::trim);
    let keys = ["engine", "database", "database_date"];
    keys.into_iter().zip(parts).map(|(key, part)| (key.to_owned(), json!(part))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_says_its_base_where_it_has_one() {
        let whole = named("ClamAV 1.4.3/27345/Mon Nov 30 09:00:00 2026");
        assert_eq!((&whole["engine"], &whole["database"]), (&json!("ClamAV 1.4.3"), &json!("27345")));
        assert_eq!(whole["database_date"], "Mon Nov 30 09:00:00 2026");
        assert_eq!(named("ClamAV 1.4.3").len(), 1);
    }
}
