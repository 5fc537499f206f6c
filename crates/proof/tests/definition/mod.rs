//! Trees and paths by the RFC's own recursive definitions: the second opinion of every test.
#![allow(dead_code)]

use proof::TreeAlgorithm;
use std::collections::HashMap;

/// RFC 9162 §2.1.1, §2.1.3.1 and §2.1.4.1 word for word, each subtree hashed once.
pub struct Definition<A: TreeAlgorithm> {
    pub leaves: Vec<A::Digest>,
    roots: HashMap<(usize, usize), A::Digest>,
}

impl<A: TreeAlgorithm> Definition<A> {
    pub fn new(leaves: Vec<A::Digest>) -> Self {
        Self { leaves, roots: HashMap::new() }
    }

    /// So many leaves, all different.
    pub fn of(count: usize) -> Self {
        Self::new((0..count).map(|n| A::leaf(&n.to_be_bytes())).collect())
    }

    /// MTH(D[start:end])
    pub fn mth(&mut self, start: usize, end: usize) -> A::Digest {
        match end - start {
            0 => A::digest(&[]),
            1 => self.leaves[start],
            n => {
                if let Some(known) = self.roots.get(&(start, end)) {
                    return *known;
                }
                let k = start + n.next_power_of_two() / 2;
                let hash = A::node(&self.mth(start, k), &self.mth(k, end));
                self.roots.insert((start, end), hash);
                hash
            }
        }
    }

    /// PATH(m, D[start:end])
    pub fn path(&mut self, m: usize, start: usize, end: usize) -> Vec<A::Digest> {
        let n = end - start;
        if n == 1 {
            return Vec::new();
        }
        let k = n.next_power_of_two() / 2;
        let (mut path, sibling) = if m < k {
            (self.path(m, start, start + k), self.mth(start + k, end))
        } else {
            (self.path(m - k, start + k, end), self.mth(start, start + k))
        };
        path.push(sibling);
        path
    }

    /// SUBPROOF(m, D[start:end], b)
    fn subproof(&mut self, m: usize, start: usize, end: usize, b: bool) -> Vec<A::Digest> {
        let n = end - start;
        if m == n {
            return if b { Vec::new() } else { vec![self.mth(start, end)] };
        }
        let k = n.next_power_of_two() / 2;
        let (mut path, sibling) = if m <= k {
            (self.subproof(m, start, start + k, b), self.mth(start + k, end))
        } else {
            (self.subproof(m - k, start + k, end, false), self.mth(start, start + k))
        };
        path.push(sibling);
        path
    }

    /// PROOF(m, D[n]); no proof is needed from an empty tree.
    pub fn proof(&mut self, m: usize, n: usize) -> Vec<A::Digest> {
        if m == 0 { Vec::new() } else { self.subproof(m, 0, n, true) }
    }
}
