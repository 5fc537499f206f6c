//! A protection that is killed anywhere leaves a directory that opens, and that the next run protects.

use crate::softhsm::housed;
use crate::{World, run_at};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tests::published::{copy, program};

/// It opens: a reading of its whole head succeeds, which needs the master key.
#[track_caller]
fn opens(world: &World, data: &Path, what: &str) {
    let said = run_at(data, &world.environment, &["scrub", "--head", "--format", "json"]);
    assert_eq!(said.exit, 0, "{what}: {} {}", said.json, said.error);
}

#[track_caller]
fn ends(world: &World, data: &Path, what: &str) {
    let said = run_at(data, &world.environment, &["keys", "protect", "--pkcs11", "--format", "json"]);
    assert_eq!(said.exit, 0, "{what}: {} {}", said.json, said.error);
    assert!(!data.join("master.key").exists() && data.join("master.p11").exists(), "{what}");
    opens(world, data, what);
}

#[test]
fn each_state_that_a_kill_can_leave_opens_and_is_ended_by_the_next_run() {
    let Some((world, _token)) = housed() else { return };
    let clear = fs::read(world.data().join("master.key")).unwrap();
    let done = world.place("done");
    copy(&world.data(), &done).unwrap();
    ends(&world, &done, "whole");
    let wrapped = fs::read(done.join("master.p11")).unwrap();
    let key = |data: &Path, bytes: &[u8]| crate::private(&data.join("master.key"), std::str::from_utf8(bytes).unwrap());
    type State<'a> = (&'a str, Box<dyn Fn(&Path) + 'a>);
    let states: [State<'_>; 5] = [
        ("nothing written", Box::new(|_: &Path| {})),
        ("half of it beside", Box::new(|data: &Path| fs::write(data.join("master.p11.new"), &wrapped[..50]).unwrap())),
        ("both", Box::new(|data: &Path| fs::write(data.join("master.p11"), &wrapped).unwrap())),
        (
            "overwritten, not removed",
            Box::new(|data: &Path| {
                fs::write(data.join("master.p11"), &wrapped).unwrap();
                key(data, &vec![0; clear.len()]);
            }),
        ),
        (
            "removed",
            Box::new(|data: &Path| {
                fs::write(data.join("master.p11"), &wrapped).unwrap();
                fs::remove_file(data.join("master.key")).unwrap();
            }),
        ),
    ];
    for (name, make) in states {
        let data = world.place(name);
        copy(&world.data(), &data).unwrap();
        make(&data);
        opens(&world, &data, name);
        ends(&world, &data, name);
    }
}

#[test]
fn a_real_kill_at_any_moment_leaves_a_directory_that_opens() {
    let Some((world, token)) = housed() else { return };
    // SoftHSM2 keeps a token in files that it writes at each login, not atomically: a kill may cut them, which no box would suffer.
    // Nothing of ours is in them, so each step begins with the token as it was.
    let whole_token = world.place("token-kept");
    copy(&token.tokens(), &whole_token).unwrap();
    let trial = world.place("timed");
    copy(&world.data(), &trial).unwrap();
    let began = Instant::now();
    ends(&world, &trial, "timed");
    // Two runs of the program were timed; the last steps of the first are where it matters.
    let whole = began.elapsed() / 2;
    let mut left = [0; 2];
    for step in 0..12_u32 {
        let data = world.place(&format!("killed-{step}"));
        copy(&world.data(), &data).unwrap();
        let mut command = Command::new(program("tabellion").unwrap());
        command.arg("--data").arg(&data).args(["keys", "protect", "--pkcs11"]).env_clear();
        command.envs(world.environment.iter().map(|(name, value)| (name, value)));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep((whole * step / 10).max(Duration::from_millis(1)));
        child.kill().unwrap();
        child.wait().unwrap();
        fs::remove_dir_all(token.tokens()).unwrap();
        copy(&whole_token, &token.tokens()).unwrap();
        left[usize::from(data.join("master.p11").exists())] += 1;
        opens(&world, &data, &format!("step {step}"));
        ends(&world, &data, &format!("step {step}"));
        fs::remove_dir_all(&data).unwrap();
    }
    println!("killed before master.p11 stood {} times, after {} times", left[0], left[1]);
}
