//! SCDL « délibérations », 2.1.5: a line for each act that anyone may see, in the order in which they were deposited.

use super::{Days, Pieces};
use crate::administration;
use crate::app::App;
use crate::limits;
use crate::problem::Problem;
use crate::publication::{self, Act, Look};
use ledger::storage::Reader;
use proof::record::LogRecord;
use proof::{Index, Sequence, TenantId};
use std::borrow::Cow;

/// The columns of the table schema, in its order.
const COLUMNS: [&str; 17] = [
    "COLL_NOM",
    "COLL_SIRET",
    "DELIB_ID",
    "DELIB_DATE",
    "DELIB_MATIERE_CODE",
    "DELIB_MATIERE_NOM",
    "DELIB_OBJET",
    "BUDGET_ANNEE",
    "BUDGET_NOM",
    "PREF_ID",
    "PREF_DATE",
    "VOTE_EFFECTIF",
    "VOTE_REEL",
    "VOTE_POUR",
    "VOTE_CONTRE",
    "VOTE_ABSTENTION",
    "DELIB_URL",
];
/// Those of what is not published.
const WITHHELD: [&str; 5] = ["depot", "id_acte", "date", "code", "pourquoi"];

/// Which acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Public,
    Withheld,
}

/// A tenant's acts, page after page of its chain.
pub(super) struct Acts {
    app: App,
    tenant: TenantId,
    days: Days,
    shown: Shown,
    /// Where the next page begins; `None` before the first, which is the line of columns.
    next: Option<Sequence>,
}

impl Acts {
    pub(super) fn new(app: App, tenant: TenantId, days: Days, shown: Shown) -> Self {
        Self { app, tenant, days, shown, next: None }
    }

    /// The line of this entry, if it has one.
    fn line(&self, index: Index, name: &str) -> Result<Option<String>, Problem> {
        let publisher = publication::publisher(&self.app, self.tenant)?;
        let look = publication::look(&self.app, (self.tenant, index), publisher)?;
        let id = || {
            let row = self.app.reads().entry(index)?.ok_or_else(|| Problem::internal("an entry is missing"))?;
            Ok::<_, Problem>(LogRecord::parse(&row.leaf.record).map_err(Problem::internal)?.id)
        };
        Ok(match (look, self.shown) {
            (Look::Public(act), Shown::Public) if self.days.hold(&act.date) => {
                let address = publication::address(&self.app, id()?);
                Some(line(&deliberation(&act, (name, publisher.siret.as_str()), &address)))
            }
            // What has no day is shown whatever the days asked for: somebody should look.
            (Look::Withheld(why, act, day), Shown::Withheld) if day.is_empty() || self.days.hold(&day) => {
                let (code, sentence) = why.told();
                Some(line(&[&id()?.to_string(), &act, &day, code, sentence]))
            }
            _ => None,
        })
    }
}

impl Pieces for Acts {
    fn next(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        let Some(from) = self.next else {
            self.next = Some(Sequence(1));
            let columns = if self.shown == Shown::Public { line(&COLUMNS) } else { line(&WITHHELD) };
            return Ok(Some(columns.into_bytes()));
        };
        let rows = self.app.reads().by_sequence(self.tenant, from, limits::PAGE)?;
        let Some((last, _)) = rows.last() else { return Ok(None) };
        self.next = Some(Sequence(last.0 + 1));
        let row = administration::tenant_row(self.app.reads(), self.tenant).map_err(Problem::internal)?;
        let name = row.as_ref().and_then(|row| row.current()).map(|now| now.name.clone()).unwrap_or_default();
        let mut lines = String::new();
        for (_, index) in rows {
            lines.extend(self.line(index, &name)?);
        }
        Ok(Some(lines.into_bytes()))
    }
}

/// The cells of an act; what its flow does not say stays empty.
fn deliberation<'a>(act: &'a Act, (name, siret): (&'a str, &'a str), address: &'a str) -> [&'a str; COLUMNS.len()] {
    let (code, matter) = (&act.matter.0, &act.matter.1);
    let mut cells = [""; COLUMNS.len()];
    cells[..7].copy_from_slice(&[name, siret, &act.number, &act.date, code, matter, &act.objet]);
    cells[10] = &act.received;
    cells[16] = address;
    cells
}

/// A line as RFC 4180 writes it, in which no cell begins a formula.
pub(super) fn line(cells: &[&str]) -> String {
    let quoted = |cell: &&str| match plain(cell) {
        cell if cell.contains([',', '"', '\r', '\n']) => format!("\"{}\"", cell.replace('"', "\"\"")),
        cell => cell.into_owned(),
    };
    format!("{}\r\n", cells.iter().map(quoted).collect::<Vec<_>>().join(","))
}

/// What a spreadsheet takes for the beginning of a formula, in either width.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// The words of an act with an apostrophe before what would begin a formula: at the start of the cell, and after what some spreadsheets
/// take for the end of one, quotes between or not.
fn plain(cell: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let (mut begins, mut done) = (true, 0);
    for (at, c) in cell.char_indices() {
        if begins && FORMULA.contains(&c) {
            out.push_str(&cell[done..at]);
            out.push('\'');
            done = at;
        }
        begins = matches!(c, ';' | '\t' | '\r' | '\n') || (begins && c == '"');
    }
    if out.is_empty() {
        return Cow::Borrowed(cell);
    }
    out.push_str(&cell[done..]);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cell_stands_under_its_column() {
        let act = Act {
            number: "12".into(),
            date: "2026-01-10".into(),
            nature: "DE".into(),
            matter: ("8.4".into(), "thèmes/aménagement".into()),
            objet: "Parc, dit \"le grand\"".into(),
            received: "2026-01-12".into(),
        };
        let cells = deliberation(&act, ("Ville", "21349902300017"), "https://a.example/public/acts/x");
        let told: Vec<(&str, &str)> = COLUMNS.into_iter().zip(cells).filter(|(_, cell)| !cell.is_empty()).collect();
        let expected = [
            ("COLL_NOM", "Ville"),
            ("COLL_SIRET", "21349902300017"),
            ("DELIB_ID", "12"),
            ("DELIB_DATE", "2026-01-10"),
            ("DELIB_MATIERE_CODE", "8.4"),
            ("DELIB_MATIERE_NOM", "thèmes/aménagement"),
            ("DELIB_OBJET", "Parc, dit \"le grand\""),
            ("PREF_DATE", "2026-01-12"),
            ("DELIB_URL", "https://a.example/public/acts/x"),
        ];
        assert_eq!(told, expected);
        assert_eq!(line(&["a", "b,c", "d\"e", "f\ng", ""]), "a,\"b,c\",\"d\"\"e\",\"f\ng\",\r\n");
    }

    #[test]
    fn no_cell_begins_a_formula_and_every_other_goes_out_as_it_is() {
        for (cell, given) in [
            ("=HYPERLINK(\"http://a\")", "'=HYPERLINK(\"http://a\")"),
            ("+1", "'+1"),
            ("- Parc", "'- Parc"),
            ("@SUM(1)", "'@SUM(1)"),
            ("\tx", "'\tx"),
            ("\r=1", "'\r'=1"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            // Split at semicolons, as spreadsheets do where the comma is that of decimals.
            ("Parc;=1", "Parc;'=1"),
            ("Parc;\"\"=1;-2", "Parc;\"\"'=1;'-2"),
            ("Parc = 1 - 2; @ 3", "Parc = 1 - 2; @ 3"),
            ("2026-01-10", "2026-01-10"),
            ("", ""),
        ] {
            assert_eq!(plain(cell), given);
        }
        assert_eq!(line(&["=1,2", "-"]), "\"'=1,2\",'-\r\n");
    }
}
