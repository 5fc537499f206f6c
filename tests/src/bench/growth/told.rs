//! What was seen as the log grew: rows of the table, words, JSON, lines of the plot.

use super::fit::Fit;
use super::{Decade, Growth};
use crate::bench::plot::{Axis, Line, Plot, linear, powers};
use crate::bench::row::{Aim, Row, number};
use serde_json::{Value, json};

/// A cost that is followed: what it is called, and where it stands.
type Cost = (&'static str, fn(&Decade) -> f64);

const COSTS: [Cost; 5] = [
    ("append: processor time of the server", |decade| decade.append),
    ("receipt with its inclusion proof: p50", |decade| decade.receipt),
    ("page of a list at a cursor: p50", |decade| decade.page),
    ("content that is there already: p50", |decade| decade.duplicate),
    ("request that came before: p50", |decade| decade.repeated),
];
/// Entries, and seconds within which a house with so many is to be ready.
const STARTS: [(u64, f64); 2] = [(1_000_000, 1.0), (10_000_000, 2.0)];
const MEMORY_MIB: f64 = 512.0;
const EACH_ENTRY: f64 = 400.0;

/// One decade in a line.
pub(super) fn line(decade: &Decade) -> String {
    format!(
        "{:>9} entries at {:.0}/s; append {:.0} µs of processor, receipt {:.0} µs, page {:.0} µs, content {:.0} µs, request {:.0} µs; \
         start {:.2} s, after a kill {:.2} s, {:.0} MiB read; memory {:.0} MiB, at most {:.0}",
        decade.entries,
        decade.filled,
        decade.append,
        decade.receipt,
        decade.page,
        decade.duplicate,
        decade.repeated,
        decade.start,
        decade.start_after_kill,
        decade.start_read,
        decade.memory.0,
        decade.memory.1,
    )
}

impl Growth {
    fn fit(&self, (_, cost): &Cost) -> Option<Fit> {
        let points: Vec<(u64, f64)> = self.decades.iter().map(|decade| (decade.entries, cost(decade))).collect();
        Fit::of(&points)
    }

    fn at(&self, entries: u64) -> Result<&Decade, String> {
        let not_asked = || format!("this run goes to {} entries", self.asked);
        let found = self.decades.iter().find(|decade| decade.entries == entries);
        found.ok_or_else(|| self.stopped.clone().unwrap_or_else(not_asked))
    }

    /// Rows of the table.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (entries, seconds) in STARTS {
            rows.extend(self.starts(entries, seconds));
        }
        let most = STARTS.map(|(entries, _)| entries)[1];
        let (name, aim) = (format!("memory at most with {most} entries, under load"), Aim::Most(MEMORY_MIB));
        rows.push(match self.at(most) {
            Ok(decade) => Row::new(name, "MiB", decade.memory.1, aim),
            Err(why) => Row::not_run(name, "MiB", aim, why),
        });
        let name = format!("bytes of an entry beside document, F, E and R, of {}", self.room.entries);
        rows.push(match self.room.entries {
            0 => Row::not_run(name, "bytes", Aim::Most(EACH_ENTRY), self.stopped.clone().unwrap_or_default()),
            _ => Row::new(name, "bytes", self.room.each(), Aim::Most(EACH_ENTRY)),
        });
        rows.extend(COSTS.iter().map(|cost| self.cost(cost)));
        rows
    }

    fn starts(&self, entries: u64, seconds: f64) -> Vec<Row> {
        let row = |how: &str, of: fn(&Decade) -> f64| {
            let (name, aim) = (format!("start to ready with {entries} entries, after {how}"), Aim::Most(seconds));
            match self.at(entries) {
                Ok(decade) => Row::new(name, "s", of(decade), aim).beside("the start of an empty house", self.empty),
                Err(why) => Row::not_run(name, "s", aim, why),
            }
        };
        vec![row("SIGTERM", |decade| decade.start), row("kill -9", |decade| decade.start_after_kill)]
    }

    /// How a cost grew, beside how the logarithm of the size did.
    fn cost(&self, cost: &Cost) -> Row {
        let aim = Aim::RatioMost(1.0);
        let Some(fit) = self.fit(cost) else {
            let why = self.stopped.clone().unwrap_or_else(|| "one size alone says nothing of growth".to_owned());
            return Row::not_run(cost.0, "times", aim, why);
        };
        let name = format!("{}, {} to {} µs", cost.0, number(fit.costs.0), number(fit.costs.1));
        let sizes = format!("the logarithm, {} to {} entries", fit.sizes.0, fit.sizes.1);
        Row::new(name, "times", fit.growth(), aim).beside(sizes, fit.logarithm())
    }

    /// How costs grew and where the bytes are, in words; the decades were told as they were reached.
    pub fn words(&self) -> String {
        let mut text = String::new();
        for cost in &COSTS {
            let Some(fit) = self.fit(cost) else { continue };
            text += &format!(
                "{}: {:.1} µs + {:.2} µs a doubling explains {:.0}% of it\n",
                cost.0,
                fit.at_one,
                fit.each_doubling,
                fit.explained * 100.0
            );
        }
        let room = &self.room;
        text += &format!(
            "room for {} entries: documents {}, records {}, segments {}, index {} (before it was compacted {}), all else {} bytes: \
             {:.0} bytes an entry beside document and records\n",
            room.entries,
            room.documents,
            room.records,
            room.segments,
            room.index,
            room.index_before,
            room.others,
            room.each()
        );
        let each =
            |(family, bytes): &(String, u64)| format!("{family} {:.1}", *bytes as f64 / room.entries.max(1) as f64);
        text += &format!(
            "tables of the index, bytes an entry: {}\n",
            room.families.iter().map(each).collect::<Vec<_>>().join(", ")
        );
        text + &self.stopped.as_ref().map_or_else(String::new, |why| format!("not reached: {why}\n"))
    }

    /// The same, for another program.
    pub fn json(&self) -> Value {
        let decade = |decade: &Decade| {
            json!({
                "entries": decade.entries, "filled_per_second": decade.filled, "append_cpu_us": decade.append,
                "receipt_p50_us": decade.receipt, "page_p50_us": decade.page, "content_p50_us": decade.duplicate,
                "request_p50_us": decade.repeated, "start_s": decade.start, "start_after_kill_s": decade.start_after_kill,
                "start_read_mib": decade.start_read, "memory_mib": decade.memory.0, "memory_most_mib": decade.memory.1,
            })
        };
        let fit = |cost: &Cost| {
            let fit = self.fit(cost)?;
            Some(json!({
                "cost": cost.0, "growth": fit.growth(), "logarithm": fit.logarithm(), "us_each_doubling": fit.each_doubling,
                "us_at_one": fit.at_one, "explained": fit.explained,
            }))
        };
        let room = &self.room;
        json!({
            "asked": self.asked, "stopped": self.stopped, "empty_start_s": self.empty,
            "decades": self.decades.iter().map(decade).collect::<Vec<_>>(), "fits": COSTS.iter().filter_map(fit).collect::<Vec<_>>(),
            "room": {
                "entries": room.entries, "documents": room.documents, "records": room.records, "segments": room.segments, "index": room.index,
                "index_before": room.index_before, "others": room.others, "families": room.families, "bytes_each": room.each(),
            },
        })
    }

    /// How each cost grew, in times of the first, beside the logarithm; `None` where there is nothing to draw.
    pub fn plot(&self) -> Option<Plot> {
        let first = self.decades.first().filter(|_| self.decades.len() > 1)?;
        let x = |entries: u64| (entries as f64).log10();
        let relative = |(name, cost): &Cost| {
            let points = self.decades.iter().map(|decade| (x(decade.entries), cost(decade) / cost(first))).collect();
            Line { name: format!("{name}, 1 = {} µs", number(cost(first))), points, dashed: false }
        };
        let mut lines: Vec<Line> = COSTS.iter().map(relative).collect();
        let logarithm = |entries: u64| x(entries) / x(first.entries);
        let points = self.decades.iter().map(|decade| (x(decade.entries), logarithm(decade.entries))).collect();
        lines.push(Line { name: "in proportion to the logarithm".to_owned(), points, dashed: true });
        let last = self.decades.last().map_or(first.entries, |decade| decade.entries);
        let most = lines.iter().flat_map(|line| &line.points).map(|point| point.1).fold(1.0, f64::max);
        Some(Plot {
            title: "Cost as the log grows".to_owned(),
            x: Axis { label: "entries in the log".to_owned(), ticks: powers(x(first.entries), x(last)) },
            y: Axis { label: format!("cost, in times of that with {} entries", first.entries), ticks: linear(most) },
            lines,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::room::Room;
    use super::{Decade, Growth};

    fn growth(sizes: &[u64], stopped: Option<&str>) -> Growth {
        let decade = |entries: &u64| {
            let cost = (*entries as f64).log2();
            let costs = Decade { append: cost, receipt: cost, page: cost, duplicate: cost, ..Decade::default() };
            Decade { entries: *entries, repeated: *entries as f64, start: 0.5, start_after_kill: 3.0, ..costs }
        };
        let room = Room { entries: 10, segments: 5000, ..Room::default() };
        let decades = sizes.iter().map(decade).collect();
        Growth { decades, asked: 10_000_000, stopped: stopped.map(str::to_owned), empty: 0.1, room }
    }

    #[test]
    fn every_decade_has_its_rows_and_what_is_not_reached_says_why() {
        let grown = growth(&[10_000, 1_000_000], Some("60 minutes were spent"));
        let rows = grown.rows();
        let verdicts: Vec<_> = rows.iter().map(super::Row::verdict).collect();
        let of_costs = ["met", "met", "met", "met", "missed"];
        assert_eq!(verdicts[..6], ["met", "missed", "not run", "not run", "not run", "missed"]);
        assert_eq!(verdicts[6..], of_costs);
        assert_eq!(rows[2].value, Err("60 minutes were spent".to_owned()));
        assert!(grown.words().contains("not reached: 60 minutes"));
        assert_eq!(grown.json()["decades"][1]["entries"], 1_000_000);
        assert_eq!(grown.plot().unwrap().lines.len(), 6);
    }

    #[test]
    fn one_size_says_nothing_of_growth() {
        let grown = growth(&[10_000], None);
        assert!(grown.plot().is_none());
        assert!(grown.rows().iter().rev().take(5).all(|row| row.verdict() == "not run"));
    }
}
