//! Single faults of a register (docs/formats/register.md), each with the code and the place by which it must be found.
//! Not here: any check. Lines are cut, exchanged and re-encoded, nothing is computed.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// Lines before the first entry of a sealed register: fifteen of the header, one blank.
const BEFORE: usize = 16;

/// What faults are made from.
#[derive(Clone, Debug)]
pub struct Good {
    /// A good register, with two `later` entries at least and ten counted.
    pub register: String,
    /// Another tenant's, of the same seal and head.
    pub other: String,
    /// The same tenant's, of an older seal and head.
    pub older: String,
}

/// A register with one thing wrong.
#[derive(Clone, Debug)]
pub struct RegisterFault {
    /// What was done.
    pub name: &'static str,
    /// The text.
    pub text: String,
    /// The code that must be said, and be the verdict's reason.
    pub code: &'static str,
    /// Where.
    pub place: String,
}

/// Every fault of the catalogue, each of another name.
pub fn faults(good: &Good) -> Vec<RegisterFault> {
    let mut made = Faults { good: Lines::of(&good.register), made: Vec::new() };
    let (other, older) = (Lines::of(&good.other), Lines::of(&good.older));
    let middle = made.good.counted / 2;
    made.of_entries(middle, &other);
    made.of_records(middle);
    made.of_places(middle);
    made.of_the_row(&other, &older);
    made.of_the_seal(&older);
    made.of_the_head();
    made.of_the_file(middle);
    made.made
}

/// A register line by line.
#[derive(Clone)]
struct Lines {
    lines: Vec<String>,
    /// Entries that the seal counts.
    counted: usize,
}

impl Lines {
    fn of(text: &str) -> Self {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let counted = lines.iter().filter(|line| line.starts_with("entry ")).count();
        Self { lines, counted }
    }

    fn text(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }

    /// The place in `lines` of the header's line of this name.
    fn header(&self, name: &str) -> usize {
        self.lines.iter().position(|line| line.split(' ').next() == Some(name)).unwrap_or_else(|| panic!("{name}"))
    }

    fn value(&self, name: &str) -> String {
        self.lines[self.header(name)].split_once(' ').map_or(String::new(), |(_, value)| value.to_owned())
    }

    fn set(&mut self, name: &str, value: &str) {
        let place = self.header(name);
        self.lines[place] = format!("{name} {value}");
    }

    /// The place in `lines` of the entry of this sequence.
    fn entry(&self, sequence: usize) -> usize {
        BEFORE + sequence - 1
    }

    fn word(&mut self, line: usize, word: usize, change: impl FnOnce(&str) -> String) {
        let mut words: Vec<String> = self.lines[line].split(' ').map(str::to_owned).collect();
        words[word] = change(&words[word]);
        self.lines[line] = words.join(" ");
    }

    /// Changes the text of `R`.
    fn record(&mut self, sequence: usize, change: impl FnOnce(String) -> String) {
        let line = self.entry(sequence);
        self.word(line, 4, |word| encode(change(decoded_text(word)).as_bytes()));
    }
}

fn encode(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

fn decoded(word: &str) -> Vec<u8> {
    BASE64_STANDARD.decode(word).unwrap_or_else(|why| panic!("{word}: {why}"))
}

fn decoded_text(word: &str) -> String {
    String::from_utf8(decoded(word)).unwrap_or_else(|why| panic!("{why}"))
}

/// The base64 of the same bytes, one of them changed.
fn flipped(word: &str, at: usize) -> String {
    let mut bytes = decoded(word);
    bytes[at] ^= 1;
    encode(&bytes)
}

/// The value of a member of canonical JSON, and the text with another in its place.
fn with_member(text: &str, name: &str, change: impl FnOnce(&str) -> String) -> String {
    let start = text.find(&format!("\"{name}\":")).unwrap_or_else(|| panic!("{name}")) + name.len() + 3;
    let length = text[start..].find([',', '}']).unwrap_or_else(|| panic!("{name}"));
    format!("{}{}{}", &text[..start], change(&text[start..start + length]), &text[start + length..])
}

/// The same hexadecimal text with its last digit changed, quotes kept.
fn other_digit(value: &str) -> String {
    let (head, digit) = value.trim_end_matches('"').split_at(value.len() - 2);
    format!("{head}{}\"", if digit == "0" { "1" } else { "0" })
}

/// The number as written, one more or less.
fn number(word: &str, by: i64) -> String {
    (word.parse::<i64>().unwrap_or_else(|_| panic!("{word}")) + by).to_string()
}

struct Faults {
    good: Lines,
    made: Vec<RegisterFault>,
}

fn line(number: usize) -> String {
    format!("line {number}")
}

fn at(sequence: usize) -> String {
    format!("line {}, sequence {sequence}", BEFORE + sequence)
}

impl Faults {
    fn add(&mut self, name: &'static str, code: &'static str, place: String, change: impl FnOnce(&mut Lines)) {
        let mut lines = self.good.clone();
        change(&mut lines);
        self.push(name, code, place, lines.text());
    }

    fn push(&mut self, name: &'static str, code: &'static str, place: String, text: String) {
        assert_ne!(text, self.good.text(), "{name} changes nothing");
        assert!(self.made.iter().all(|fault| fault.name != name), "{name} twice");
        self.made.push(RegisterFault { name, text, code, place });
    }

    fn of_entries(&mut self, middle: usize, other: &Lines) {
        let counted = self.good.counted;
        let (end, first) = (self.good.lines.len(), BEFORE);
        let broken = "sequence-broken";
        self.add("first entry dropped", broken, at(1), |l| drop(l.lines.remove(first)));
        self.add("middle entry dropped", broken, at(middle), |l| drop(l.lines.remove(first + middle - 1)));
        self.add("last counted entry dropped", broken, at(counted), |l| drop(l.lines.remove(first + counted - 1)));
        self.add("last entry dropped", "end-count-differs", line(end - 1), |l| drop(l.lines.remove(end - 2)));
        self.add("two entries exchanged", broken, at(middle), |l| l.lines.swap(first + middle - 1, first + middle));
        self.add("first and last exchanged", broken, at(1), |l| l.lines.swap(first, first + counted - 1));
        self.add("an entry repeated", broken, at(middle + 1), |l| {
            let again = l.lines[first + middle - 1].clone();
            l.lines.insert(first + middle, again);
        });
        self.add("another tenant's entry inserted", "entry-of-another-tenant", at(middle), |l| {
            l.lines.insert(first + middle - 1, other.lines[BEFORE].clone());
        });
        self.add("another tenant's entry in place of one", "entry-of-another-tenant", at(middle), |l| {
            l.lines[first + middle - 1] = other.lines[BEFORE + middle - 1].clone();
        });
        self.add("a forged entry inserted", "entry-not-in-the-head", at(middle), |l| {
            let copy = l.lines[first + middle - 1].clone();
            l.lines.insert(first + middle - 1, copy);
            l.record(middle, |text| with_member(&text, "id", |_| format!("\"{}\"", "a".repeat(26))));
        });
        self.add("entries dropped from one on, the end adjusted", "entries-missing", line(BEFORE + middle + 1), |l| {
            l.lines.truncate(BEFORE + middle);
            l.lines.push(format!("end {middle}"));
        });
    }

    fn of_records(&mut self, middle: usize) {
        self.add("a digit of a salt", "entry-not-in-the-head", at(middle), |l| {
            l.record(middle, |text| with_member(&text, "salt", other_digit));
        });
        self.add("a space in a record", "record-malformed", at(middle), |l| l.record(middle, |text| text + " "));
        self.add("a record's kind is none", "record-malformed", at(middle), |l| {
            l.record(middle, |text| with_member(&text, "kind", |_| "\"none\"".to_owned()));
        });
        self.add("the time of reception", "entry-not-in-the-head", at(middle), |l| {
            l.record(middle, |text| text.replacen("\"received_at\":\"20", "\"received_at\":\"21", 1));
        });
        self.add("the previous link", "chain-broken", at(middle), |l| {
            l.record(middle, |text| with_member(&text, "previous", other_digit));
        });
        self.add("no previous link", "chain-broken", at(middle), |l| {
            l.record(middle, |text| with_member(&text, "previous", |_| "null".to_owned()));
        });
        self.add("a sequence one more", "sequence-broken", at(middle), |l| {
            l.record(middle, |text| with_member(&text, "sequence", |word| number(word, 1)));
        });
        self.add("a sequence one less", "sequence-broken", at(middle), |l| {
            l.record(middle, |text| with_member(&text, "sequence", |word| number(word, -1)));
        });
        self.add("the record's tenant", "entry-of-another-tenant", at(middle), |l| {
            l.record(middle, |text| with_member(&text, "tenant", |_| format!("\"{}\"", "b".repeat(25) + "a")));
        });
    }

    fn of_places(&mut self, middle: usize) {
        let (entry, counted) = (self.good.entry(middle), self.good.counted);
        let absent = "entry-not-in-the-head";
        let before: String = self.good.lines[entry - 1].split(' ').nth(1).unwrap_or_default().to_owned();
        self.add("an index one more", absent, at(middle), |l| l.word(entry, 1, |word| number(word, 1)));
        self.add("the index of the one before", "order-broken", at(middle), |l| l.word(entry, 1, |_| before));
        self.add("one hash more taken from the path before", absent, at(middle), |l| {
            l.word(entry, 2, |word| number(word, 1));
        });
        self.add("a byte of the first path", absent, at(1), |l| l.word(BEFORE, 3, |word| flipped(word, 5)));
        self.add("a byte of a later path", absent, at(middle), |l| l.word(entry, 3, |word| flipped(word, 5)));
        self.add("a hash of a path left out", absent, at(1), |l| {
            l.word(BEFORE, 3, |word| encode(&decoded(word)[32..]));
        });
        self.add("half a hash of a path", "register-malformed", at(1), |l| {
            l.word(BEFORE, 3, |word| encode(&decoded(word)[16..]));
        });
        let side = "entry-on-the-wrong-side";
        self.add("a counted entry called later", side, at(counted), |l| {
            l.word(BEFORE + counted - 1, 0, |_| "later".to_owned());
        });
        self.add("a later entry called counted", side, at(counted + 1), |l| {
            l.word(BEFORE + counted, 0, |_| "entry".to_owned());
        });
    }

    fn of_the_row(&mut self, other: &Lines, older: &Lines) {
        let differs = "row-not-in-the-seal";
        let row = ["row", "slot", "slots", "row-path"];
        // Tenant 16, salt 32, count 8, last 32.
        let bytes = [("the row's salt", 16), ("the row's count", 55), ("the row's last leaf", 87)];
        for (name, place) in bytes {
            self.add(name, differs, line(8), |l| l.set("row", &flipped(&l.value("row"), place)));
        }
        self.add("the row's tenant", "row-of-another-tenant", line(8), |l| {
            l.set("row", &flipped(&l.value("row"), 3));
        });
        self.add("the slot", differs, line(8), |l| l.set("slot", &number(&l.value("slot"), 1)));
        self.add("the number of slots", differs, line(8), |l| l.set("slots", &number(&l.value("slots"), 1)));
        self.add("a byte of the row's path", differs, line(8), |l| {
            l.set("row-path", &flipped(&l.value("row-path"), 9))
        });
        self.add("another tenant's row", "row-of-another-tenant", line(8), |l| {
            row.iter().for_each(|name| l.set(name, &other.value(name)));
        });
        self.add("an older row, what came since dropped", differs, line(8), |l| {
            row.iter().for_each(|name| l.set(name, &older.value(name)));
            l.lines.truncate(BEFORE + older.counted);
            l.lines.push(format!("end {}", older.counted));
        });
        let tenant = other.value("tenant");
        self.add("the tenant named", "row-of-another-tenant", line(8), |l| l.set("tenant", &tenant));
    }

    fn of_the_seal(&mut self, older: &Lines) {
        let absent = "seal-not-in-the-head";
        // Family and type 2, batch 8, first 8, end 8, four digests.
        let leaf = [
            ("the seal's batch", 9),
            ("the seal's first", 17),
            ("the seal's end", 25),
            ("the seal's root", 26),
            ("the seal's register root", 58),
            ("the seal's token, SHA-256", 90),
            ("the seal's token, SHA-512", 122),
        ];
        for (name, place) in leaf {
            self.add(name, absent, line(5), |l| l.set("seal", &flipped(&l.value("seal"), place)));
        }
        self.add("an entry's leaf for the seal's", "register-malformed", line(5), |l| {
            l.set("seal", &flipped(&l.value("seal"), 1));
        });
        self.add("the seal's index", absent, line(5), |l| l.set("seal-index", &number(&l.value("seal-index"), -1)));
        self.add("a byte of the seal's path", absent, line(5), |l| {
            l.set("seal-path", &flipped(&l.value("seal-path"), 40));
        });
        let pieces = [
            ("another seal's token", "token", "token-not-of-the-seal", line(15)),
            ("another seal's head", "checkpoint", "sealed-head-differs", line(12)),
            ("another seal's record", "binding", "checkpoint-not-covered", "binding".to_owned()),
        ];
        for (name, piece, code, place) in pieces {
            self.add(name, code, place, |l| l.set(piece, &older.value(piece)));
        }
        self.add("the sealed head's signature", "signature-false", "checkpoint".to_owned(), |l| {
            let text = decoded_text(&l.value("checkpoint"));
            l.set("checkpoint", &encode(other_signature(&text).as_bytes()));
        });
        self.add("a byte of the consistency path", "sealed-head-not-continued", line(13), |l| {
            l.set("consistency", &flipped(&l.value("consistency"), 0));
        });
    }

    fn of_the_head(&mut self) {
        let head = decoded_text(&self.good.value("head"));
        let fields: Vec<&str> = head.split('\n').collect();
        let with = |place: usize, value: &str| {
            let mut lines = fields.clone();
            lines[place] = value;
            encode(lines.join("\n").as_bytes())
        };
        let (origin, root) = (with(0, "autre.exemple/log"), with(2, &flipped(fields[2], 0)));
        let size = with(1, &(fields[1].parse::<u64>().unwrap_or(0) * 4).to_string());
        self.add("the head's origin", "head-of-another-origin", line(2), |l| l.set("head", &origin));
        self.add("the head's size", "seal-not-in-the-head", line(5), |l| l.set("head", &size));
        self.add("the head's root", "seal-not-in-the-head", line(5), |l| l.set("head", &root));
        self.add("the origin named", "head-of-another-origin", line(2), |l| l.set("origin", "autre.exemple/log"));
        self.add("the head's signature", "signature-false", "head".to_owned(), |l| {
            l.set("head", &encode(other_signature(&head).as_bytes()));
        });
        self.add("no signature under the head", "head-malformed", line(4), |l| {
            l.set("head", &encode(fields[..3].join("\n").as_bytes()));
        });
    }

    fn of_the_file(&mut self, middle: usize) {
        let (end, entry) = (self.good.lines.len(), self.good.entry(middle));
        let (malformed, cut) = ("register-malformed", "register-cut-short");
        self.add("cut in the header", cut, line(11), |l| l.lines.truncate(10));
        self.add("cut before the first entry", cut, line(BEFORE + 1), |l| l.lines.truncate(BEFORE));
        self.add("cut between two entries", cut, line(BEFORE + middle + 1), |l| l.lines.truncate(BEFORE + middle));
        self.add("no last line", cut, line(end), |l| l.lines.truncate(end - 1));
        let text = self.good.text();
        self.push("cut before the last newline", malformed, line(end), text[..text.len() - 1].to_owned());
        let inside = self.good.lines[..entry].iter().map(|line| line.len() + 1).sum::<usize>() + 8;
        self.push("cut within an entry", malformed, line(entry + 1), text[..inside].to_owned());
        self.add("a line after the last", "register-goes-on", line(end + 1), |l| l.lines.push("end 0".to_owned()));
        self.add("the count of the last line", "end-count-differs", line(end), |l| {
            l.word(end - 1, 1, |word| number(word, 1));
        });
        self.add("a blank line among entries", malformed, line(entry + 1), |l| l.lines.insert(entry, String::new()));
        self.add("a word more in an entry", malformed, line(entry + 1), |l| l.lines[entry].push_str(" x"));
        self.add("a header line left out", malformed, line(10), |l| drop(l.lines.remove(9)));
        self.add("a header line twice", malformed, line(BEFORE), |l| l.lines.insert(9, l.lines[8].clone()));
        self.add("a leading zero in an index", malformed, at(middle), |l| l.word(entry, 1, |word| format!("0{word}")));
    }
}

/// The note with a byte of its last signature changed, key name and hash kept.
fn other_signature(note: &str) -> String {
    let (head, last) = note.trim_end().rsplit_once(' ').unwrap_or_else(|| panic!("{note}"));
    format!("{head} {}\n", flipped(last, 30))
}
