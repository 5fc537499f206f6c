//! Three witnesses, quorum two: what packs say, and what dead witnesses cost.

use crate::programs::{Log, Witness, agent, message, until};
use std::net::TcpListener;
use std::time::{Duration, Instant};
use verifier::Overall;

const TWO: &str = "group communes 2 a b c\nquorum communes\n";

fn three(log: &Log) -> [Witness; 3] {
    ["a", "b", "c"].map(|name| {
        let mut witness = Witness::new(log.place.path(), name);
        witness.start(&log.vkey);
        witness
    })
}

#[test]
fn two_of_three_are_enough_and_one_is_not() {
    let mut log = Log::new();
    let mut witnesses = three(&log);
    let [a, b, c] = &witnesses;
    log.start(&[a, b, c], TWO);

    let first = log.deposit("tous vivants");
    log.seal();
    let all = until("all three", || {
        let verdict = log.judge(&first);
        verdict.findings.iter().all(|line| !line.code.starts_with("witness-")).then_some(verdict)
    });
    assert_eq!((all.verdict, all.strict_exit_code()), (Overall::PassedTimestamped, 0), "{:#?}", all.findings);
    assert!(message(&all, "witnessed").ends_with("a, b, c."));
    // The published head bears the log's own line first, then theirs; a receipt bears the log's alone.
    let head = until("three lines", || Some(log.checkpoint()).filter(|head| head.signatures.len() == 4));
    assert_eq!(head.signatures[0].name, crate::programs::ORIGIN);
    assert_eq!(log.witnesses()["quorum"], "met");
    // A register stands under the head that was shown, and has the quorum with it.
    until("a register under a cosigned head", || {
        let said = log.register_judged();
        said.findings.iter().any(|line| line.code == "witnessed").then_some(())
    });

    witnesses[1].kill();
    let second = log.deposit("un mort");
    log.seal();
    let one_dead = until("two of three", || Some(log.judge(&second)).filter(|verdict| verdict.reason.is_none()));
    assert_eq!((one_dead.verdict, one_dead.exit_code()), (Overall::PassedTimestamped, 0));
    assert!(message(&one_dead, "witness-missing").ends_with(": b."));
    until("b is known to be away", || (log.standing("b") == "unreachable").then_some(()));

    witnesses[2].kill();
    let third = log.deposit("deux morts");
    log.seal();
    until("a alone", || {
        message(&log.judge(&third), "witness-quorum-not-met").ends_with("missing: b, c.").then_some(())
    });
    let two_dead = log.judge(&third);
    assert_eq!((two_dead.verdict, two_dead.reason), (Overall::Indeterminate, Some("witness-quorum-not-met")));
    assert_eq!(two_dead.exit_code(), 3);
    // What was sealed before keeps its quorum, and the tale is told once a change, not once a second.
    assert_eq!(log.judge(&first).verdict, Overall::PassedTimestamped);
    let told = std::fs::read_to_string(log.said()).unwrap();
    assert_eq!(told.matches("\"witness\":\"b\"").count(), 2, "{told}");

    // Back again: the sealed heads it missed are shown to it, and the pack becomes whole.
    witnesses[1].start(&log.vkey);
    let back = until("b is back", || Some(log.judge(&third)).filter(|verdict| verdict.reason.is_none()));
    assert_eq!(back.verdict, Overall::PassedTimestamped);
}

#[test]
fn cosignatures_outlive_a_restart_of_the_log_and_its_witnesses() {
    let mut log = Log::new();
    let mut witnesses = three(&log);
    let [a, b, c] = &witnesses;
    log.start(&[a, b, c], TWO);
    let sealed = log.deposit("avant l'arr\u{ea}t");
    log.seal();
    let unsealed = log.deposit("pas encore scell\u{e9}");
    until("all lines of the last head", || {
        let size = log.checkpoint().text.lines().nth(1).unwrap().to_owned();
        (log.checkpoint().signatures.len() == 4 && log.judge(&unsealed).reason.is_none()).then_some(size)
    });
    until("the sealed head too", || log.judge(&sealed).reason.is_none().then_some(()));
    log.running.take().unwrap().stop();
    witnesses.iter_mut().for_each(Witness::kill);
    let [a, b, c] = &witnesses;
    log.start(&[a, b, c], TWO);
    assert_eq!(log.judge(&sealed).verdict, Overall::PassedTimestamped);
    let kept = log.judge(&unsealed);
    assert_eq!(kept.verdict, Overall::PassedLogOnly, "{:#?}", kept.findings);
    until("the head shown bears its lines again", || (log.checkpoint().signatures.len() == 4).then_some(()));
}

#[test]
fn a_log_killed_learns_from_the_witness_how_far_it_went() {
    let mut log = Log::new();
    let mut witness = Witness::new(log.place.path(), "a");
    witness.start(&log.vkey);
    log.start(&[&witness], "quorum a\n");
    log.deposit("un");
    until("cosigned", || (log.checkpoint().signatures.len() == 2).then_some(()));
    // Killed, it has not written what the witness cosigned last: it asks from nothing, and is told (409).
    log.running.take().unwrap().kill();
    log.start(&[&witness], "quorum a\n");
    let id = log.deposit("deux");
    log.seal();
    let verdict = until("cosigned again", || Some(log.judge(&id)).filter(|verdict| verdict.reason.is_none()));
    assert_eq!(verdict.verdict, Overall::PassedTimestamped);
}

/// Stops the depositor however the test ends.
struct Stops<'a>(&'a std::sync::atomic::AtomicBool);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        self.0.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}

/// While deposits go on, the newest head is always on its round of the witnesses: what is given out has been round.
#[test]
fn heads_given_out_under_load_have_their_quorum_and_never_shrink() {
    let mut log = Log::new();
    let witnesses = three(&log);
    let [a, b, c] = &witnesses;
    log.start(&[a, b, c], TWO);
    let early = log.deposit("avant");
    until("a quorum", || (log.checkpoint().signatures.len() >= 3).then_some(()));
    let (log, stop) = (&log, std::sync::atomic::AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let numbers = (0..).take_while(|_| !stop.load(std::sync::atomic::Ordering::Relaxed));
            numbers.for_each(|number| drop(log.deposit(&format!("pendant {number}"))));
        });
        let _stopped = Stops(&stop);
        let (mut last, mut sizes) = (0, std::collections::BTreeSet::new());
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(5) {
            let head = log.checkpoint();
            let size = proof::Checkpoint::parse(&head.text).unwrap().size.0;
            assert!(size >= last && head.signatures.len() >= 3, "{size} after {last}, {:?}", head.signatures);
            last = size;
            sizes.insert(size);
            let said = log.register_judged();
            assert!(said.findings.iter().any(|line| line.code == "witnessed"), "{:#?}", said.findings);
            assert_eq!(log.witnesses()["quorum"], "met");
        }
        assert!(sizes.len() > 2, "heads go on: {sizes:?}");
    });
    // A receipt bears the log's line alone; the same entry is proved under a cosigned head for whoever asks.
    let codes = |cosigned| -> Vec<&'static str> {
        log.receipt_judged(&early, cosigned).unwrap().findings.iter().map(|line| line.code).collect()
    };
    assert!(codes(false).contains(&"witness-quorum-not-met"));
    assert!(
        codes(true).contains(&"witnessed") && !codes(true).contains(&"witness-quorum-not-met"),
        "{:?}",
        codes(true)
    );
}

#[test]
fn dead_witnesses_hold_no_head_back_for_long() {
    let mut log = Log::new();
    let mut witnesses = three(&log);
    let [a, b, c] = &witnesses;
    log.start(&[a, b, c], TWO);
    let early = log.deposit("un");
    // The head above this very entry: a smaller one would leave its round to be ended by those about to die.
    until("a quorum", || log.receipt_judged(&early, true).ok());
    witnesses.iter_mut().skip(1).for_each(Witness::kill);
    let late = log.deposit("deux");
    let asked = log.receipt_judged(&late, true).map(|said| said.verdict);
    assert_eq!(asked, Err(409), "no quorum stands above this entry");
    let before = proof::Checkpoint::parse(&log.checkpoint().text).unwrap().size;
    // Within ten seconds or so the log goes on without its quorum.
    until("a larger head", || (proof::Checkpoint::parse(&log.checkpoint().text).unwrap().size > before).then_some(()));
    assert_eq!(log.witnesses()["quorum"], "not-met");
}

#[test]
fn who_asks_for_no_quorum_still_has_cosignatures() {
    let mut log = Log::new();
    let mut witness = Witness::new(log.place.path(), "a");
    witness.start(&log.vkey);
    log.start(&[&witness], "quorum none\n");
    let id = log.deposit("un");
    log.seal();
    let verdict = log.judge(&id);
    assert_eq!(verdict.verdict, Overall::PassedTimestamped);
    message(&verdict, "no-witness-asked");
    until("cosigned", || (log.checkpoint().signatures.len() == 2).then_some(()));
    assert_eq!(log.witnesses()["quorum"], "none");
}

/// Deposits of a log without witnesses, and of one of whose three witnesses one refuses connections and one never answers; in turn.
#[test]
fn dead_witnesses_cost_a_deposit_nothing() {
    let mut plain = Log::new();
    plain.start_with("");
    let mut log = Log::new();
    let mut witnesses = three(&log);
    witnesses[1].kill();
    witnesses[2].kill();
    let hung = TcpListener::bind(&witnesses[2].listen).unwrap();
    let [a, b, c] = &witnesses;
    log.start(&[a, b, c], TWO);
    let mut times = [Vec::new(), Vec::new()];
    let began = Instant::now();
    let mut number = 0;
    while began.elapsed() < Duration::from_secs(6) || number < 100 {
        for (log, times) in [&plain, &log].into_iter().zip(&mut times) {
            let at = Instant::now();
            log.deposit(&format!("lettre {number}"));
            times.push(at.elapsed().as_secs_f64() * 1000.0);
        }
        number += 1;
    }
    let at = |times: &mut Vec<f64>, part: f64| {
        times.sort_by(f64::total_cmp);
        times[((times.len() - 1) as f64 * part) as usize]
    };
    let [mut without, mut with] = times;
    for (name, part) in [("p50", 0.5), ("p99", 0.99)] {
        let (without, with) = (at(&mut without, part), at(&mut with, part));
        println!(
            "deposit {name}: {without:.2} ms without witnesses, {with:.2} ms with two of three dead: ratio {:.2}",
            with / without
        );
    }
    // Far from any timeout: a deposit that waited for the hung witness would take five seconds.
    assert!(at(&mut with, 0.5) < 3.0 * at(&mut without, 0.5) + 20.0);
    assert!(at(&mut with, 1.0) < 4000.0);
    let states = ["b", "c"].map(|name| until("told", || Some(log.standing(name)).filter(|state| state != "not-asked")));
    assert_eq!(states, ["unreachable", "unreachable"]);
    let answer = agent().get(&format!("{}/livez", a.url())).call().unwrap();
    assert_eq!(answer.status(), 200);
    drop(hung);
}
