//! The numbers as shown and as JSON.

use super::bare::Floor;
use super::load::Measured;
use serde_json::{Value, json};
use std::time::Duration;

/// One round: the load, then the floor at its batch size.
#[derive(Clone, Debug)]
pub struct Round {
    /// Over HTTP.
    pub load: Measured,
    /// Bare.
    pub floor: Floor,
}

impl Round {
    /// Acknowledged deposits for each document the bare append syncs.
    pub fn ratio(&self) -> f64 {
        self.load.rate() / self.floor.rate()
    }
}

/// Where the time went in a round that is not counted.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// Seconds looked at.
    pub seconds: f64,
    /// Processor seconds by name of thread.
    pub threads: Vec<(String, f64)>,
    /// Percent of the processor time by function.
    pub functions: Vec<(f64, String)>,
    /// Why there are no functions.
    pub without: Option<String>,
}

fn millis(wait: Duration) -> f64 {
    (wait.as_secs_f64() * 1e5).round() / 100.0
}

/// The table of rounds. The round of middle ratio speaks for all.
pub fn table(rounds: &[Round]) -> String {
    let head = ["round", "HTTP ack/s", "p50 ms", "p99 ms", "commits", "batch", "bare/s", "bare sync ms", "ratio"];
    let mut text = head.map(|word| format!("{word:>13}")).join("");
    for (number, round) in rounds.iter().enumerate() {
        let Round { load, floor } = round;
        let cells = [
            format!("{}", number + 1),
            format!("{:.0}", load.rate()),
            format!("{:.2}", millis(load.wait(500))),
            format!("{:.2}", millis(load.wait(990))),
            format!("{}", load.commits),
            format!("{:.1}", load.batch()),
            format!("{:.0}", floor.rate()),
            format!("{:.2}", floor.seconds * 1000.0 / floor.syncs.max(1) as f64),
            format!("{:.3}", round.ratio()),
        ];
        text += "\n";
        text += &cells.map(|cell| format!("{cell:>13}")).join("");
    }
    text
}

/// The round of middle ratio.
pub fn middle(rounds: &[Round]) -> Option<&Round> {
    let mut order: Vec<&Round> = rounds.iter().collect();
    order.sort_by(|one, other| one.ratio().total_cmp(&other.ratio()));
    order.get(order.len().saturating_sub(1) / 2).copied()
}

/// What the middle round says, in words.
pub fn words(round: &Round) -> String {
    let Round { load, floor } = round;
    format!(
        "{:.0} acknowledged deposits/s beside {:.0}/s of the bare synced append: ratio {:.3}\n\
         a commit of {:.1} deposits every {:.2} ms, where the bare append and sync of the same bytes takes {:.2} ms",
        load.rate(),
        floor.rate(),
        round.ratio(),
        load.batch(),
        load.seconds * 1000.0 / load.commits.max(1) as f64,
        floor.seconds * 1000.0 / floor.syncs.max(1) as f64,
    )
}

/// The profile as shown.
pub fn profile(profile: &Profile) -> String {
    let mut text = format!("Processor seconds by thread, of {:.0} s under load:\n", profile.seconds);
    for (name, seconds) in profile.threads.iter().filter(|(_, seconds)| *seconds > 0.0) {
        text += &format!("{seconds:>9.2}  {name}\n");
    }
    match &profile.without {
        Some(why) => text += &format!("No profile by function: {why}\n"),
        None => text += "Percent of the server's processor time by function:\n",
    }
    for (percent, name) in &profile.functions {
        text += &format!("{percent:>8.2}%  {name}\n");
    }
    text
}

/// Everything, for another program.
pub fn json(rounds: &[Round], shown: &Profile, connections: usize, bytes: usize) -> Value {
    let round = |round: &Round| {
        let Round { load, floor } = round;
        json!({
            "acknowledged": load.acknowledged, "seconds": load.seconds, "acknowledged_per_second": load.rate(),
            "p50_ms": millis(load.wait(500)), "p99_ms": millis(load.wait(990)), "max_ms": millis(load.wait(1000)),
            "commits": load.commits, "deposits_per_commit": load.batch(),
            "bare_per_second": floor.rate(), "bare_syncs": floor.syncs, "bare_seconds": floor.seconds,
            "ratio": round.ratio(),
        })
    };
    json!({
        "version": 1, "connections": connections, "document_bytes": bytes,
        "processors": std::thread::available_parallelism().map_or(0, usize::from),
        "middle": middle(rounds).map(round), "rounds": rounds.iter().map(round).collect::<Vec<_>>(),
        "profile": profile_json(shown),
    })
}

/// A profile, for another program.
pub fn profile_json(shown: &Profile) -> Value {
    let functions = shown.functions.iter().map(|(percent, name)| json!({ "percent": percent, "function": name }));
    let threads = shown.threads.iter().map(|(name, seconds)| json!({ "thread": name, "cpu_seconds": seconds }));
    json!({
        "seconds": shown.seconds, "threads": threads.collect::<Vec<_>>(),
        "functions": functions.collect::<Vec<_>>(), "without": shown.without,
    })
}

#[cfg(test)]
mod tests {
    use super::{Profile, Round, json, middle, profile, table, words};
    use crate::bench::{bare::Floor, load::Measured};

    fn round(acknowledged: u64) -> Round {
        let load = Measured { acknowledged, seconds: 1.0, commits: 2, ..Measured::default() };
        Round { load, floor: Floor { documents: 100, syncs: 4, seconds: 1.0 } }
    }

    #[test]
    fn the_middle_round_speaks_for_all() {
        let rounds = [round(30), round(10), round(20)];
        assert_eq!(middle(&rounds).map(|round| round.load.acknowledged), Some(20));
        assert!(middle(&[]).is_none());
        assert_eq!(json(&rounds, &Profile::default(), 64, 20480)["middle"]["ratio"], 0.2);
        assert_eq!(table(&rounds).lines().count(), 4);
        assert!(words(&rounds[2]).contains("ratio 0.200") && words(&rounds[2]).contains("every 500.00 ms"));
    }

    #[test]
    fn a_missing_profile_says_why() {
        let without = Some("no perf here".to_owned());
        assert!(profile(&Profile { without, ..Profile::default() }).contains("no perf here"));
    }
}
