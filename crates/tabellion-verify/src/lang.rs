//! Which language to speak: asked for, else the locale's; French where that says nothing else than French or English.

use verifier::Lang;

/// `--lang`, else the first of LC_ALL, LC_MESSAGES, LANG that is set and not empty.
pub fn choose(asked: Option<&str>) -> Lang {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = || ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
    let spoken = asked.map(str::to_owned).or_else(locale).unwrap_or_default();
    if spoken.starts_with("en") { Lang::English } else { Lang::French }
}
