//! Plots as SVG, one below the other: lines over labelled axes, each with its name beside it.

use super::waits::Waits;
use std::fmt::Write;

const WIDTH: f64 = 1120.0;
const HEIGHT: f64 = 470.0;
/// Left, right (where the names stand), above, below.
const MARGINS: (f64, f64, f64, f64) = (90.0, 400.0, 50.0, 65.0);
/// Told apart by people who see colours otherwise, too.
const COLOURS: [&str; 8] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f3c8d", "#666666"];
/// Characters of a name in the room beside a plot.
const NAME_CHARACTERS: usize = 54;

/// An axis and the places that are marked on it; the first and the last are its ends.
#[derive(Clone, Debug)]
pub struct Axis {
    /// What it measures, with its unit.
    pub label: String,
    /// Places, and what is written there.
    pub ticks: Vec<(f64, String)>,
}

/// One line.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it shows.
    pub name: String,
    /// Places on both axes.
    pub points: Vec<(f64, f64)>,
    /// A line to compare with, not one that was measured.
    pub dashed: bool,
}

/// One plot.
#[derive(Clone, Debug)]
pub struct Plot {
    /// Above it.
    pub title: String,
    /// From left to right.
    pub x: Axis,
    /// From below to above.
    pub y: Axis,
    /// Lines.
    pub lines: Vec<Line>,
}

/// Marks at powers of ten, between these logarithms.
pub fn powers(low: f64, high: f64) -> Vec<(f64, String)> {
    let (first, last) = (low.floor() as i32, high.ceil() as i32);
    let written = |power: i32| match power {
        -3..=3 => format!("{}", 10_f64.powi(power)),
        _ => format!("10{}", superscript(power)),
    };
    (first..=last.max(first + 1)).map(|power| (f64::from(power), written(power))).collect()
}

fn superscript(number: i32) -> String {
    let digit = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        _ => char::from_u32(0x2070 + c.to_digit(10).unwrap_or(0)).unwrap_or(c),
    };
    number.to_string().chars().map(digit).collect()
}

/// Marks from nothing to at least this, at round numbers.
pub fn linear(most: f64) -> Vec<(f64, String)> {
    let rough = most.max(f64::MIN_POSITIVE) / 5.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step =
        [1.0, 2.0, 5.0, 10.0].map(|times| times * power).into_iter().find(|step| *step >= rough).unwrap_or(rough);
    let count = (most / step).ceil().max(1.0) as u32;
    (0..=count).map(|place| f64::from(place) * step).map(|at| (at, format!("{}", (at * 1e6).round() / 1e6))).collect()
}

/// How long clients waited, at each share of them.
pub fn of_waits(waits: &[Waits]) -> Option<Plot> {
    // A share stands where its number of nines is: 90% at 1, 99% at 2.
    let place = |share: usize| match share {
        1000 => 4.0,
        share => -(1.0 - share as f64 / 1000.0).log10(),
    };
    let line = |waits: &Waits| {
        let points = waits.at.iter().map(|(share, millis)| (place(*share), millis.max(0.01).log10())).collect();
        Line { name: waits.name.clone(), points, dashed: false }
    };
    let lines: Vec<Line> = waits.iter().filter(|waits| !waits.at.is_empty()).map(line).collect();
    let heights = || lines.iter().flat_map(|line| &line.points).map(|point| point.1);
    let (low, high) = (heights().reduce(f64::min)?, heights().reduce(f64::max)?);
    let shares = [(500, "50%"), (900, "90%"), (990, "99%"), (999, "99.9%"), (1000, "longest")];
    Some(Plot {
        title: "How long clients waited".to_owned(),
        x: Axis {
            label: "share of the answers that came within".to_owned(),
            ticks: shares.map(|(share, word)| (place(share), word.to_owned())).to_vec(),
        },
        y: Axis { label: "milliseconds (logarithmic)".to_owned(), ticks: powers(low, high) },
        lines,
    })
}

/// The plots, one below the other.
pub fn svg(plots: &[Plot]) -> String {
    let height = HEIGHT * plots.len().max(1) as f64;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"DejaVu Sans, Helvetica, Arial, sans-serif\" font-size=\"14\" fill=\"#222222\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
    );
    for (number, plot) in plots.iter().enumerate() {
        let _ = write!(text, "<g transform=\"translate(0 {})\">\n{}</g>\n", HEIGHT * number as f64, plot.body());
    }
    text + "</svg>\n"
}

impl Plot {
    fn body(&self) -> String {
        let (left, right, above, below) = MARGINS;
        let (bottom, end) = (HEIGHT - below, WIDTH - right);
        let across = scale(&self.x, left, end);
        let up = scale(&self.y, bottom, above);
        let mut text = String::new();
        let _ = writeln!(
            text,
            "<text x=\"{left}\" y=\"28\" font-size=\"18\" font-weight=\"bold\">{}</text>",
            safe(&self.title)
        );
        for (at, word) in &self.x.ticks {
            let x = across(*at);
            let _ = write!(
                text,
                "<line x1=\"{x:.1}\" y1=\"{above}\" x2=\"{x:.1}\" y2=\"{bottom}\" stroke=\"#dddddd\"/>\n\
                 <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n",
                bottom + 20.0,
                safe(word)
            );
        }
        for (at, word) in &self.y.ticks {
            let y = up(*at);
            let _ = write!(
                text,
                "<line x1=\"{left}\" y1=\"{y:.1}\" x2=\"{end}\" y2=\"{y:.1}\" stroke=\"#dddddd\"/>\n\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\n",
                left - 8.0,
                y + 5.0,
                safe(word)
            );
        }
        let (middle, half) = (f64::midpoint(left, end), f64::midpoint(above, bottom));
        let _ = write!(
            text,
            "<path d=\"M{left} {above} V{bottom} H{end}\" fill=\"none\" stroke=\"#222222\"/>\n\
             <text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n\
             <text x=\"24\" y=\"{half:.1}\" text-anchor=\"middle\" transform=\"rotate(-90 24 {half:.1})\">{}</text>\n",
            bottom + 46.0,
            safe(&self.x.label),
            safe(&self.y.label)
        );
        for (number, line) in self.lines.iter().enumerate() {
            text += &drawn(line, number, &across, &up);
        }
        text
    }
}

/// A line, its points, and its name in the room beside the plot.
fn drawn(line: &Line, number: usize, across: &dyn Fn(f64) -> f64, up: &dyn Fn(f64) -> f64) -> String {
    let colour = COLOURS[number % COLOURS.len()];
    let dashes = if line.dashed { " stroke-dasharray=\"7 5\"" } else { "" };
    let places: Vec<(f64, f64)> = line.points.iter().map(|(x, y)| (across(*x), up(*y))).collect();
    let path: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let mut text = format!(
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"{dashes}/>\n",
        path.join(" ")
    );
    if !line.dashed {
        for (x, y) in &places {
            let _ = writeln!(text, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{colour}\"/>");
        }
    }
    let (x, y) = (WIDTH - MARGINS.1 + 16.0, MARGINS.2 + 12.0 + 26.0 * number as f64);
    let name: String = line.name.chars().take(NAME_CHARACTERS).collect();
    let _ = write!(
        text,
        "<line x1=\"{x:.1}\" y1=\"{y:.1}\" x2=\"{:.1}\" y2=\"{y:.1}\" stroke=\"{colour}\" stroke-width=\"3\"{dashes}/>\n\
         <text x=\"{:.1}\" y=\"{:.1}\" font-size=\"12.5\">{}</text>\n",
        x + 26.0,
        x + 34.0,
        y + 4.5,
        safe(&name)
    );
    text
}

/// From a place on an axis to one on the sheet.
fn scale(axis: &Axis, from: f64, to: f64) -> impl Fn(f64) -> f64 {
    let ends = axis.ticks.first().zip(axis.ticks.last());
    let (low, high) = ends.map_or((0.0, 1.0), |(first, last)| (first.0, last.0));
    move |place| from + (place - low) / (high - low) * (to - from)
}

fn safe(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{Axis, Line, Plot, linear, of_waits, powers, svg};
    use crate::bench::waits::Waits;
    use std::time::Duration;

    fn words(ticks: &[(f64, String)]) -> Vec<&str> {
        ticks.iter().map(|(_, word)| word.as_str()).collect()
    }

    #[test]
    fn marks_are_round_and_reach_past_both_ends() {
        assert_eq!(words(&powers(3.0, 7.0)), ["1000", "10⁴", "10⁵", "10⁶", "10⁷"]);
        assert_eq!(words(&powers(-0.4, 1.2)), ["0.1", "1", "10", "100"]);
        assert_eq!(words(&linear(1.9)), ["0", "0.5", "1", "1.5", "2"]);
        assert_eq!(linear(43.0).last().unwrap().0, 50.0);
    }

    #[test]
    fn a_plot_has_its_words_and_stays_within_its_axes() {
        let axis = |label: &str| Axis { label: label.to_owned(), ticks: vec![(0.0, "0".into()), (1.0, "1".into())] };
        let line = Line { name: "a & b".to_owned(), points: vec![(0.0, 0.0), (1.0, 1.0)], dashed: false };
        let plot = Plot { title: "T".to_owned(), x: axis("entries"), y: axis("µs"), lines: vec![line] };
        let text = svg(&[plot.clone(), plot]);
        assert!(text.contains("points=\"90.0,405.0 720.0,50.0\"") && text.contains("a &amp; b"), "{text}");
        assert_eq!((text.matches(">entries</text>").count(), text.matches("<polyline").count()), (2, 2));
    }

    #[test]
    fn waits_are_drawn_by_their_shares() {
        let sorted: Vec<_> = (1..=1000).map(Duration::from_millis).collect();
        let plot = of_waits(&[Waits::of("x", &sorted), Waits::of("none", &[])]).unwrap();
        assert_eq!((plot.lines.len(), plot.lines[0].points.len()), (1, 6));
        assert_eq!(words(&plot.y.ticks), ["100", "1000"]);
        assert!(of_waits(&[]).is_none());
    }
}
