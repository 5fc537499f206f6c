//! The language a person is spoken to in: French or English.

use crate::messages::rows;

/// A language of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Français.
    Fr,
    /// English.
    En,
}

impl Lang {
    /// The language asked for by `--lang`, else by the locale: French for a French one, English otherwise.
    pub fn choose(arguments: &[String], variable: &dyn Fn(&str) -> Option<String>) -> Lang {
        if let Some(word) = asked(arguments) {
            return Lang::of_locale(word);
        }
        // POSIX order: the first of these that is set and not empty decides.
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
        locale.map_or(Lang::En, |locale| Lang::of_locale(&locale))
    }

    fn of_locale(locale: &str) -> Lang {
        if locale.to_ascii_lowercase().starts_with("fr") { Lang::Fr } else { Lang::En }
    }

    /// `fr` or `en`, as in `--lang` and `Accept-Language`.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::Fr => "fr",
            Lang::En => "en",
        }
    }

    /// One of two sentences, the one in this language.
    pub fn pick<T>(self, fr: T, en: T) -> T {
        match self {
            Lang::Fr => fr,
            Lang::En => en,
        }
    }

    /// The sentence of that key. A key the table does not know is shown as it is; a test finds those.
    pub fn text(self, key: &'static str) -> &'static str {
        rows().find(|row| row.0 == key).map_or(key, |row| self.pick(row.1, row.2))
    }

    /// The sentence of that key with its `{places}` filled.
    pub fn fill(self, key: &'static str, values: &[(&str, &str)]) -> String {
        let mut out = String::new();
        let mut rest = self.text(key);
        // One pass: a value that holds braces is shown, never filled again.
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((name, tail)) = after.split_once('}') else {
                out.push('{');
                rest = after;
                continue;
            };
            out.push_str(values.iter().find(|value| value.0 == name).map_or(name, |value| value.1));
            rest = tail;
        }
        out.push_str(rest);
        out
    }
}

/// The word given to `--lang`, wherever it stands before a bare `--`.
fn asked(arguments: &[String]) -> Option<&str> {
    let mut words = arguments.iter().take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        if let Some(value) = word.strip_prefix("--lang=") {
            return Some(value);
        }
        if word == "--lang" {
            return words.next().map(String::as_str);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(arguments: &[&str], variables: &[(&str, &str)]) -> Lang {
        let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        Lang::choose(&arguments, &|name| variables.iter().find(|pair| pair.0 == name).map(|pair| pair.1.to_owned()))
    }

    #[test]
    fn the_locale_decides_in_posix_order() {
        assert_eq!(choose(&[], &[("LANG", "fr_FR.UTF-8")]), Lang::Fr);
        assert_eq!(choose(&[], &[("LANG", "fr_FR.UTF-8"), ("LC_ALL", "C")]), Lang::En);
        assert_eq!(choose(&[], &[("LANG", "C"), ("LC_MESSAGES", "fr_CA")]), Lang::Fr);
        assert_eq!(choose(&[], &[("LC_ALL", ""), ("LANG", "fr_FR")]), Lang::Fr);
        assert_eq!(choose(&[], &[]), Lang::En);
    }

    #[test]
    fn the_option_wins_over_the_locale() {
        let french = [("LANG", "fr_FR.UTF-8")];
        assert_eq!(choose(&["list", "--lang", "en"], &french), Lang::En);
        assert_eq!(choose(&["--lang=fr", "list"], &[]), Lang::Fr);
        assert_eq!(choose(&["check", "--", "--lang=en"], &french), Lang::Fr, "a file may be called that");
    }

    #[test]
    fn values_are_never_filled_again() {
        assert_eq!(Lang::En.fill("unknown {a} and {b}", &[("a", "{b}"), ("b", "2")]), "unknown {b} and 2");
        assert_eq!(Lang::En.fill("left {open", &[]), "left {open");
    }
}
