//! Any bytes as a list of edits to an honest pack: what comes out is a container again, with its checksums right, so that the
//! search spends its time on what stands inside.

/// Members by name, in order.
pub type Members = Vec<(String, Vec<u8>)>;

/// Edits of one program: what more would do, fewer do.
const MOST: usize = 12;

/// A program being read; past its end every number is zero.
pub struct Program<'a>(pub &'a [u8]);

impl<'a> Program<'a> {
    pub fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().map_or((0, &[][..]), |(first, rest)| (*first, rest));
        self.0 = rest;
        first
    }

    /// A number below `end`, or 0.
    pub fn below(&mut self, end: usize) -> usize {
        let number = usize::from(self.byte()) | (usize::from(self.byte()) << 8);
        number.checked_rem(end).unwrap_or(0)
    }

    /// As many bytes as the next one says.
    fn slice(&mut self) -> &'a [u8] {
        let length = usize::from(self.byte()).min(self.0.len());
        let (head, rest) = self.0.split_at(length);
        self.0 = rest;
        head
    }
}

/// Applies the program to the members; `others` are packs to take from.
pub fn edit(program: &mut Program<'_>, members: &mut Members, others: &[Members]) {
    for _ in 0..MOST {
        if program.0.is_empty() || members.is_empty() {
            return;
        }
        one(program, members, others);
    }
}

fn one(program: &mut Program<'_>, members: &mut Members, others: &[Members]) {
    let edit = program.byte() % 11;
    let at = usize::from(program.byte()) % members.len();
    match edit {
        0..=4 => within(edit, program, &mut members[at].1),
        5 => drop(members.remove(at)),
        6 => {
            let other = usize::from(program.byte()) % members.len();
            let bytes = members[other].1.clone();
            members[other].1 = std::mem::replace(&mut members[at].1, bytes);
        }
        7 => {
            // The member of that name, or of that place, of another pack.
            let Some(from) = others.get(program.below(others.len())) else { return };
            let same = from.iter().find(|(name, _)| *name == members[at].0);
            let place = usize::from(program.byte());
            let taken = same.filter(|_| place % 2 == 0).or(from.get(place % from.len().max(1)));
            if let Some((_, bytes)) = taken {
                members[at].1.clone_from(bytes);
            }
        }
        8 => members[at].0 = String::from_utf8_lossy(program.slice()).into_owned(),
        9 => {
            let name = String::from_utf8_lossy(program.slice()).into_owned();
            members.insert(at, (name, program.slice().to_vec()));
        }
        _ => {
            let moved = members.remove(at);
            members.push(moved);
        }
    }
}

/// An edit of the bytes of one member.
fn within(edit: u8, program: &mut Program<'_>, bytes: &mut Vec<u8>) {
    let place = program.below(bytes.len());
    match edit {
        0 if !bytes.is_empty() => bytes[place] ^= program.byte(),
        1 => {
            let slice = program.slice();
            let end = bytes.len().min(place + slice.len());
            bytes.splice(place..end, slice.iter().copied());
        }
        2 => bytes.truncate(place),
        3 => drop(bytes.splice(place..place, program.slice().iter().copied())),
        _ => {
            let end = bytes.len().min(place + usize::from(program.byte()));
            bytes.drain(place..end);
        }
    }
}
