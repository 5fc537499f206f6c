use std::time::Duration;

use super::*;

#[test]
fn durations_have_a_unit_and_are_never_zero() {
    assert_eq!(duration("5s"), Ok(Duration::from_secs(5)));
    assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
    assert_eq!(duration("1h"), Ok(Duration::from_secs(3600)));
    for refused in ["", "5", "s", "0s", "-1s", "1.5h", "5 s", "99999999999999999999h", "18446744073709551615h"] {
        assert!(duration(refused).is_err(), "{refused}");
    }
}

#[test]
fn the_commands_are_well_formed_in_both_languages() {
    program(Lang::Fr).debug_assert();
    program(Lang::En).debug_assert();
}

#[test]
fn what_is_not_there_yet_is_not_in_the_help_but_is_understood() {
    for lang in [Lang::Fr, Lang::En] {
        let help = program(lang).render_long_help().to_string();
        for name in NOT_YET {
            assert!(!help.lines().any(|line| line.trim_start().starts_with(name)), "{name} in:\n{help}");
            let asked = program(lang).try_get_matches_from(["tabellion", name, "serve", "--any", "x"]);
            assert_eq!(asked.expect("understood").subcommand_name(), Some(name));
        }
        assert!(help.contains("deposit") && help.contains("policy"));
    }
}

#[test]
fn every_option_and_command_has_a_sentence() {
    fn walk(command: &Command) {
        for arg in command.get_arguments() {
            let said = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let shown = !command.is_hide_set();
            assert!(!shown || (!said.is_empty() && !said.starts_with("help.")), "{} {said}", arg.get_id());
        }
        for inner in command.get_subcommands() {
            let said = inner.get_about().map(ToString::to_string).unwrap_or_default();
            assert!(inner.is_hide_set() || !said.is_empty(), "{}", inner.get_name());
            walk(inner);
        }
    }
    walk(&program(Lang::Fr));
    walk(&program(Lang::En));
}
