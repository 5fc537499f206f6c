//! A small reader of Rust: enough to count lines of functions and of code, no more. It blanks comments and literals, so that
//! what is left can be counted by braces.

/// Where a function stands and how many lines it takes, from `fn` to its last brace.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    pub line: usize,
    pub lines: usize,
}

/// The source with comments and the inside of literals replaced by spaces; newlines stay where they are.
pub fn blanked(source: &str) -> String {
    let text: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    while at < text.len() {
        let end = literal_end(&text, at);
        if end == at {
            out.push(text[at]);
            at += 1;
            continue;
        }
        // A literal keeps its place as code: one quote, so that a line holding only a string counts.
        let is_comment = text[at] == '/';
        for (offset, character) in text[at..end].iter().enumerate() {
            let kept = *character == '\n' || (offset == 0 && !is_comment);
            out.push(match (kept, character) {
                (true, '\n') => '\n',
                (true, _) => '"',
                (false, _) => ' ',
            });
        }
        at = end;
    }
    out
}

/// Where the comment or literal that begins here ends; `at` when none begins here.
fn literal_end(text: &[char], at: usize) -> usize {
    let next = |offset: usize| text.get(at + offset).copied().unwrap_or(' ');
    let inside_word = at > 0 && (text[at - 1].is_alphanumeric() || text[at - 1] == '_');
    match text[at] {
        '/' if next(1) == '/' => position(text, at, |rest| rest.starts_with(&['\n'])),
        '/' if next(1) == '*' => block_end(text, at),
        '"' => quoted_end(text, at + 1),
        'r' | 'b' | 'c' if !inside_word => prefixed_end(text, at),
        '\'' => character_end(text, at),
        _ => at,
    }
}

fn position(text: &[char], from: usize, found: impl Fn(&[char]) -> bool) -> usize {
    (from..text.len()).find(|at| found(&text[*at..])).unwrap_or(text.len())
}

/// Block comments nest.
fn block_end(text: &[char], from: usize) -> usize {
    let (mut depth, mut at) = (0usize, from);
    while at < text.len() {
        if text[at..].starts_with(&['/', '*']) {
            (depth, at) = (depth + 1, at + 2);
        } else if text[at..].starts_with(&['*', '/']) {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

fn quoted_end(text: &[char], from: usize) -> usize {
    let mut at = from;
    while at < text.len() {
        match text[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// `r"…"`, `r#"…"#`, `b"…"`, `br#"…"#`, `b'…'`, `c"…"`; not a raw name such as `r#type`.
fn prefixed_end(text: &[char], at: usize) -> usize {
    let letters = text[at..].iter().take(2).take_while(|c| "rbc".contains(**c)).count();
    let raw = text[at..at + letters].contains(&'r');
    let after = at + letters;
    let hashes = text[after..].iter().take_while(|c| **c == '#').count();
    match text.get(after + hashes) {
        Some('"') if raw => {
            let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
            (position(text, after + hashes + 1, |rest| rest.starts_with(&close)) + close.len()).min(text.len())
        }
        Some('"') if hashes == 0 => quoted_end(text, after + 1),
        Some('\'') if hashes == 0 && letters == 1 && text[at] == 'b' => character_end(text, after),
        _ => at,
    }
}

/// `'x'` and `'\n'` end; `'a` in `<'a>` is a lifetime and no literal.
fn character_end(text: &[char], at: usize) -> usize {
    match text.get(at + 1) {
        Some('\\') => (position(text, at + 3, |rest| rest[0] == '\'') + 1).min(text.len()),
        Some(_) if text.get(at + 2) == Some(&'\'') => at + 3,
        _ => at,
    }
}

/// Every function that has a body, in order. Takes blanked source.
pub fn functions(blanked: &str) -> Vec<Function> {
    let mut found = Vec::new();
    for (at, _) in blanked.match_indices("fn ") {
        let before = blanked[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let name: String = blanked[at + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        // `fn(` types have no name; a trait's method without body ends with `;`.
        if name.is_empty() {
            continue;
        }
        if let Some(end) = item_end(&blanked[at..]).filter(|end| blanked[at..at + end].ends_with('}')) {
            let line = blanked[..at].matches('\n').count() + 1;
            found.push(Function { name, line, lines: blanked[at..at + end].matches('\n').count() + 1 });
        }
    }
    found
}

/// Where the item that begins here ends: after its first block, or at a `;` outside brackets.
fn item_end(text: &str) -> Option<usize> {
    let (mut braces, mut brackets) = (0usize, 0usize);
    for (at, character) in text.char_indices() {
        match character {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets = brackets.saturating_sub(1),
            '{' => braces += 1,
            '}' => {
                braces = braces.saturating_sub(1);
                if braces == 0 {
                    return Some(at + 1);
                }
            }
            ';' if braces == 0 && brackets == 0 => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Lines that hold code: blank lines, comments and `#[cfg(test)]` items are not counted. Takes blanked source.
pub fn code_lines(blanked: &str) -> usize {
    const TEST: &str = "#[cfg(test)]";
    let mut left = String::new();
    let mut rest = blanked;
    while let Some(at) = rest.find(TEST) {
        left.push_str(&rest[..at]);
        let item = &rest[at + TEST.len()..];
        rest = item_end(item).map_or("", |end| &item[end..]);
    }
    left.push_str(rest);
    left.lines().filter(|line| !line.trim().is_empty()).count()
}

#[test]
fn comments_and_literals_are_blank() {
    let source =
        "let a = \"{ // \\\" }\"; // {\nlet b = '{'; /* { /* } */ { */ let c = r#\"}\"}\"#; f::<'a>(b'}', b\"}\");";
    let blank = blanked(source);
    assert_eq!(blank.matches(['{', '}']).count(), 0, "{blank}");
    assert_eq!(blank.matches('\n').count(), 1);
    assert!(blank.contains("<'a>") && blank.contains("let c ="), "{blank}");
    assert!(blanked("let r#type = bar\"x\";").contains("r#type"));
}

#[test]
fn functions_are_measured_from_name_to_last_brace() {
    let source = "trait T { fn none(&self) -> [u8; 4]; }\nfn one() {}\nimpl X {\n    fn three(\n        &self,\n    ) { if a { b } }\n}\nlet f: fn(u8);\n";
    let found: Vec<_> = functions(&blanked(source)).into_iter().map(|f| (f.name, f.line, f.lines)).collect();
    assert_eq!(found, [("one".to_owned(), 2, 1), ("three".to_owned(), 4, 3)]);
}

#[test]
fn code_lines_leave_out_comments_blanks_and_tests() {
    let source = "//! doc\n\nuse a;\n/* x\n y */\nconst S: &str =\n    \"//\";\n#[cfg(test)]\nmod tests {\n    fn f() { {} }\n}\nfn g() {}\n";
    assert_eq!(code_lines(&blanked(source)), 4);
    assert_eq!(code_lines(&blanked("#[cfg(test)]\nmod tests;\nfn g() {}\n")), 1);
}
