//! Where the bordereaux of a flow stand, by which is told what a signature covers: by place in the document, never by an identifier.

use std::collections::{BTreeSet, HashSet};

use super::Place;
use crate::limits::MAX_SIGNED_PARTS;

/// The places of all bordereaux, block by block, and the names of the first.
#[derive(Debug, Default)]
pub(crate) struct Stands {
    blocks: Vec<Block>,
    called: Vec<String>,
    /// The names under which several are called.
    shared: HashSet<String>,
    names: HashSet<String>,
}

/// A block that holds bordereaux, those from `first` to before `end` among all.
#[derive(Debug)]
struct Block {
    place: Place,
    first: usize,
    end: usize,
}

impl Stands {
    /// The next bordereau, under what people call it.
    pub(super) fn bordereau(&mut self, number: Option<&str>, year: Option<&str>, domain: &str) {
        if self.called.len() < MAX_SIGNED_PARTS {
            let (number, year) = (number.unwrap_or("?"), year.unwrap_or("?"));
            let name = format!("bordereau {number} ({domain} {year})");
            if !self.names.insert(name.clone()) {
                self.shared.insert(name.clone());
            }
            self.called.push(name);
        }
    }

    /// Those from `first` to before `end` stand in this block.
    pub(super) fn block(&mut self, place: Place, first: usize, end: usize) {
        if first < end {
            self.blocks.push(Block { place, first, end });
        }
    }

    /// The bordereau at this path, by its rank among all.
    pub(crate) fn at(&self, path: &str) -> Option<usize> {
        let (above, last) = path.rsplit_once('/')?;
        let block = self.blocks.iter().find(|block| block.place.is(above))?;
        let several = block.end - block.first > 1;
        let rank = match last.strip_prefix("Bordereau")? {
            "" if !several => 1,
            ranked if several => ranked.strip_prefix('[')?.strip_suffix(']')?.parse().ok()?,
            _ => return None,
        };
        let found = block.first.checked_add(usize::checked_sub(rank, 1)?)?;
        // One way of writing a number: the path is that of no other element.
        let plain = !several || last == format!("Bordereau[{rank}]");
        (found < block.end && plain).then_some(found)
    }

    /// The bordereau in which what stands at this path is.
    pub(crate) fn around(&self, path: &str) -> Option<usize> {
        let mut above = path;
        while let Some((next, _)) = above.rsplit_once('/') {
            if let Some(rank) = self.at(next) {
                return Some(rank);
            }
            above = next;
        }
        None
    }

    /// What people call the bordereau of this rank, which stands at this path: with the path where others are called that too. Nothing beyond
    /// [`MAX_SIGNED_PARTS`].
    pub(crate) fn called(&self, rank: usize, path: &str) -> Option<String> {
        let name = self.called.get(rank)?;
        Some(if self.shared.contains(name) { format!("{name}, {path}") } else { name.clone() })
    }
}

/// Bordereaux covered by signatures that hold.
#[derive(Debug, Default)]
pub(crate) struct Covered {
    whole: bool,
    each: BTreeSet<usize>,
}

impl Covered {
    /// All of the file.
    pub(crate) fn whole(&mut self) {
        self.whole = true;
    }

    /// The one of this rank.
    pub(crate) fn one(&mut self, rank: usize) {
        self.each.insert(rank);
    }

    /// How many of so many.
    pub(crate) fn of(&self, all: usize) -> usize {
        if self.whole { all } else { self.each.len() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Stands};

    #[test]
    fn a_bordereau_is_known_by_the_one_path_of_its_element() {
        let mut stands = Stands::default();
        stands.block(Place::new("/PES_Aller", "PES_DepenseAller", Some(1)), 0, 3);
        stands.block(Place::new("/PES_Aller", "PES_DepenseAller", Some(2)), 3, 4);
        let of = |rest: &str| stands.at(&format!("/PES_Aller/PES_DepenseAller{rest}"));
        assert_eq!([of("[1]/Bordereau[1]"), of("[1]/Bordereau[3]"), of("[2]/Bordereau")], [Some(0), Some(2), Some(3)]);
        let others =
            ["[1]/Bordereau", "[1]/Bordereau[0]", "[1]/Bordereau[4]", "[1]/Bordereau[01]", "[1]/Bordereau[+1]"];
        for other in others.into_iter().chain(["[2]/Bordereau[1]", "/Bordereau[1]", "[3]/Bordereau", "[1]/Bordereaux"])
        {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
