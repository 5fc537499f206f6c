//! A line of the table of aims: what was measured, in which unit, beside what, what is asked for, and whether it is met.
//! A line whose aim is missed fails nothing: it is said.

use serde_json::{Value, json};

/// One measure.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was measured.
    pub name: String,
    /// Unit of the number.
    pub unit: &'static str,
    /// The number; where there is none, why.
    pub value: Result<f64, String>,
    /// What it stands beside: a limit or a peer, measured in the same run and the same unit.
    pub beside: Option<(String, f64)>,
    /// What is asked for.
    pub aim: Aim,
}

/// What is asked of a number, or of its ratio to what stands beside it.
#[derive(Clone, Copy, Debug)]
pub enum Aim {
    /// The number is no more than this.
    Most(f64),
    /// The number is no less than this.
    Least(f64),
    /// The ratio is no more than this.
    RatioMost(f64),
    /// The ratio is no less than this.
    RatioLeast(f64),
}

impl Row {
    /// A number with its aim.
    pub fn new(name: impl Into<String>, unit: &'static str, value: f64, aim: Aim) -> Self {
        Self { name: name.into(), unit, value: Ok(value), beside: None, aim }
    }

    /// A measure that was not made, and why.
    pub fn not_run(name: impl Into<String>, unit: &'static str, aim: Aim, why: impl Into<String>) -> Self {
        Self { name: name.into(), unit, value: Err(why.into()), beside: None, aim }
    }

    /// The same beside this limit or peer.
    #[must_use]
    pub fn beside(mut self, what: impl Into<String>, value: f64) -> Self {
        self.beside = Some((what.into(), value));
        self
    }

    /// The number in times of what stands beside it.
    pub fn ratio(&self) -> Option<f64> {
        let (_, beside) = self.beside.as_ref()?;
        Some(self.value.as_ref().ok()? / beside)
    }

    /// `met`, `missed` or `not run`.
    pub fn verdict(&self) -> &'static str {
        let judged = match self.aim {
            Aim::Most(_) | Aim::Least(_) => self.value.as_ref().ok().copied(),
            Aim::RatioMost(_) | Aim::RatioLeast(_) => self.ratio(),
        };
        match (judged, self.aim) {
            (None, _) => "not run",
            (Some(judged), Aim::Most(most) | Aim::RatioMost(most)) if judged <= most => "met",
            (Some(judged), Aim::Least(least) | Aim::RatioLeast(least)) if judged >= least => "met",
            _ => "missed",
        }
    }

    fn lines(&self) -> String {
        let aim = format!("{} {}", self.aim.words(), number(self.aim.number()));
        let value = self.value.as_ref().map_or_else(|_| "-".to_owned(), |value| number(*value));
        let mut text = format!("{:<8}{:<68}{value:>10} {:<6} {aim}\n", self.verdict(), self.name, self.unit);
        if let Some(((what, beside), ratio)) = self.beside.as_ref().zip(self.ratio()) {
            text += &format!("{:<8}  beside {what}, {}: ratio {ratio:.3}\n", "", number(*beside));
        }
        if let Err(why) = &self.value {
            text += &format!("{:<8}  {why}\n", "");
        }
        text
    }
}

impl Aim {
    fn words(self) -> &'static str {
        match self {
            Self::Most(_) => "at most",
            Self::Least(_) => "at least",
            Self::RatioMost(_) => "ratio at most",
            Self::RatioLeast(_) => "ratio at least",
        }
    }

    fn number(self) -> f64 {
        match self {
            Self::Most(number) | Self::Least(number) | Self::RatioMost(number) | Self::RatioLeast(number) => number,
        }
    }
}

/// A number with as many digits as are worth reading.
pub fn number(value: f64) -> String {
    match value.abs() {
        large if large >= 1000.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}

/// The rows as shown.
pub fn table(rows: &[Row]) -> String {
    rows.iter().map(Row::lines).collect()
}

/// The rows for another program.
pub fn json(rows: &[Row]) -> Value {
    let one = |row: &Row| {
        json!({
            "name": row.name, "unit": row.unit, "measured": row.value.as_ref().ok(), "why": row.value.as_ref().err(),
            "beside": row.beside.as_ref().map(|(what, _)| what), "limit": row.beside.as_ref().map(|(_, value)| value),
            "ratio": row.ratio(), "aim": row.aim.number(), "aim_is": row.aim.words(), "verdict": row.verdict(),
        })
    };
    rows.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::{Aim, Row, json, table};

    #[test]
    fn a_row_says_whether_its_aim_is_met() {
        let rows = [
            Row::new("a", "s", 1.0, Aim::Most(1.0)),
            Row::new("b", "s", 1.1, Aim::Most(1.0)),
            Row::new("c", "/s", 0.9, Aim::Least(1.0)),
            Row::not_run("d", "/s", Aim::Least(1.0), "no disk"),
            Row::new("e", "/s", 7.0, Aim::RatioLeast(0.7)).beside("a limit", 10.0),
            Row::new("f", "/s", 7.1, Aim::RatioMost(0.7)).beside("a limit", 10.0),
            Row::new("g", "/s", 7.1, Aim::RatioMost(0.7)),
        ];
        let verdicts: Vec<_> = rows.iter().map(Row::verdict).collect();
        assert_eq!(verdicts, ["met", "missed", "missed", "not run", "met", "missed", "not run"]);
        let (shown, told) = (table(&rows), json(&rows));
        assert!(shown.contains("no disk") && shown.contains("beside a limit, 10.0: ratio 0.700"), "{shown}");
        assert_eq!((&told[3]["why"], &told[3]["verdict"]), (&"no disk".into(), &"not run".into()));
        assert_eq!((&told[4]["limit"], &told[4]["ratio"]), (&10.0.into(), &0.7.into()));
        assert_eq!(told[4]["aim_is"], "ratio at least");
    }
}
