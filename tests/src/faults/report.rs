//! The table at the end, and the exit code that goes with it.

use super::judge::{Breach, Rule};

/// How a family of runs ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Every rule held.
    Held,
    /// A rule was broken: the product is at fault.
    Broken(Rule),
    /// A control broke the rule it was made to break.
    ControlBroke(Rule),
    /// A control broke none of the rules it was made to break: the harness is at fault.
    ControlPassed,
    /// It could not be run here, for this reason. Not a pass.
    NotRun(String),
    /// It could not be brought to its end, for this reason.
    Failed(String),
}

impl Outcome {
    /// The product or the harness is at fault, or nobody can tell which.
    fn failed(&self) -> bool {
        matches!(self, Outcome::Broken(_) | Outcome::ControlPassed | Outcome::Failed(_))
    }
}

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Line {
    /// Family of runs.
    pub family: String,
    /// What was run, counted.
    pub runs: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The first breach in words, when there is one.
    pub detail: String,
    /// Seconds it took.
    pub seconds: u64,
}

impl Line {
    /// A family that held, or a control that broke its rule.
    pub fn is_fine(&self) -> bool {
        matches!(self.outcome, Outcome::Held | Outcome::ControlBroke(_))
    }
}

/// The line of a family that must break nothing.
pub fn product(family: &str, runs: String, breaches: &[Breach]) -> Line {
    let outcome = breaches.first().map_or(Outcome::Held, |breach| Outcome::Broken(breach.rule));
    Line { family: family.to_owned(), runs, outcome, detail: words(breaches.first(), breaches.len()), seconds: 0 }
}

/// The line of a negative control: it must break one of `due`, the first of which that it broke is told. Nothing else counts.
pub fn control(family: &str, runs: String, due: &[Rule], breaches: &[Breach]) -> Line {
    let broke = due.iter().find_map(|rule| breaches.iter().find(|breach| breach.rule == *rule));
    let outcome = broke.map_or(Outcome::ControlPassed, |breach| Outcome::ControlBroke(breach.rule));
    let detail = words(broke.or(breaches.first()), breaches.len());
    Line { family: family.to_owned(), runs, outcome, detail, seconds: 0 }
}

fn words(breach: Option<&Breach>, count: usize) -> String {
    match breach {
        Some(breach) if count > 1 => format!("{} (and {} more)", breach.detail, count - 1),
        Some(breach) => breach.detail.clone(),
        None => String::new(),
    }
}

/// The table as shown.
pub fn table(lines: &[Line]) -> String {
    let heads = ["family", "runs", "s", "result", "rule"];
    let mut rows = vec![heads.map(str::to_owned)];
    for line in lines {
        let (result, rule) = match &line.outcome {
            Outcome::Held => ("held", "all".to_owned()),
            Outcome::Broken(rule) => ("BROKEN", rule.to_string()),
            Outcome::ControlBroke(rule) => ("broke, as it must", rule.to_string()),
            Outcome::ControlPassed => ("CONTROL PASSED", "none broken: this harness proves nothing".to_owned()),
            Outcome::NotRun(why) => ("NOT RUN", why.clone()),
            Outcome::Failed(why) => ("FAILED", why.clone()),
        };
        rows.push([line.family.clone(), line.runs.clone(), line.seconds.to_string(), result.to_owned(), rule]);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2), width(3)];
    let shown = rows.iter().map(|row| {
        format!(
            "{:<a$}  {:<b$}  {:>c$}  {:<d$}  {}\n",
            row[0],
            row[1],
            row[2],
            row[3],
            row[4],
            a = widths[0],
            b = widths[1],
            c = widths[2],
            d = widths[3]
        )
    });
    shown.collect()
}

/// One line of counts, as scripts read them.
pub fn counts(lines: &[Line]) -> String {
    let failed = lines.iter().filter(|line| line.outcome.failed()).count();
    let skipped = lines.iter().filter(|line| matches!(line.outcome, Outcome::NotRun(_))).count();
    format!("{} passed, {failed} failed, {skipped} skipped", lines.len() - failed - skipped)
}

/// 0 all held and every control broke its rule; 1 something is broken; 3 nothing is broken but something could not be run.
pub fn exit_code(lines: &[Line]) -> u8 {
    if lines.is_empty() || lines.iter().any(|line| line.outcome.failed()) {
        1
    } else if lines.iter().any(|line| matches!(line.outcome, Outcome::NotRun(_))) {
        3
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Outcome, control, counts, exit_code, product, table};
    use crate::faults::judge::{Breach, Rule};

    fn line(outcome: Outcome) -> Line {
        Line { family: "kill".to_owned(), runs: "1".to_owned(), outcome, detail: String::new(), seconds: 0 }
    }

    #[test]
    fn a_control_that_breaks_nothing_or_something_else_is_a_failure() {
        let lost = Breach::new(Rule::Kept, "gone");
        let other = Breach::new(Rule::Exercised, "too few");
        assert_eq!(control("c", String::new(), &[Rule::Kept], &[]).outcome, Outcome::ControlPassed);
        assert_eq!(
            control("c", String::new(), &[Rule::Kept], std::slice::from_ref(&other)).outcome,
            Outcome::ControlPassed
        );
        let broke = control("c", String::new(), &[Rule::Kept], &[other, lost.clone()]);
        assert_eq!((broke.outcome, broke.detail.as_str()), (Outcome::ControlBroke(Rule::Kept), "gone (and 1 more)"));
        assert_eq!(product("p", String::new(), &[lost]).outcome, Outcome::Broken(Rule::Kept));
        assert_eq!(product("p", String::new(), &[]).outcome, Outcome::Held);
    }

    #[test]
    fn nothing_run_and_something_not_run_are_no_success() {
        let not_run = || line(Outcome::NotRun("no loop device".to_owned()));
        assert_eq!(exit_code(&[]), 1);
        assert_eq!(exit_code(&[line(Outcome::Held), line(Outcome::ControlBroke(Rule::Kept))]), 0);
        assert_eq!(exit_code(&[line(Outcome::Held), not_run()]), 3);
        for bad in [Outcome::Broken(Rule::Kept), Outcome::ControlPassed, Outcome::Failed(String::new())] {
            assert_eq!(exit_code(&[line(Outcome::Held), not_run(), line(bad)]), 1);
        }
        assert!(table(&[not_run()]).contains("NOT RUN"));
        let three = [line(Outcome::Held), not_run(), line(Outcome::ControlPassed)];
        assert_eq!(counts(&three), "1 passed, 1 failed, 1 skipped");
    }
}
