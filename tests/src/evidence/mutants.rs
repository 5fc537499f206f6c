//! Records with one fault each. All are put together by hand: the product's writers refuse to write any of them.

use anyhow::{Context, Result, anyhow};
use seal::DigestAlgorithm::{self, Sha256, Sha384, Sha512};
use seal::{AuthorityFiles, TestAuthority, der_to_pem};

use super::Sample;
use super::draft::{
    Ats, Desk, FIRST, REHASHED, REHASHED_AGAIN, RENEWED, RENEWED_AGAIN, World, YEAR, chains_der, declaring, record,
    renewed, seq, tlv,
};

const DOCUMENT: &[u8] = b"le document";
const OTHER: &[u8] = b"son voisin de groupe";

/// All of them.
pub fn records(world: &World) -> Result<Vec<Sample>> {
    let desk = Bench { world };
    let mut all = desk.trees()?;
    all.extend(desk.framings()?);
    all.extend(desk.tokens()?);
    all.extend(desk.renewals()?);
    all.extend(desk.rehashes()?);
    Ok(all)
}

struct Bench<'w> {
    world: &'w World,
}

fn digest(bytes: &[u8]) -> Vec<u8> {
    Sha256.digest(bytes)
}

/// A sample over the one document.
fn sample(name: &str, fault: &'static str, newest: Desk, record: Vec<u8>) -> Sample {
    let documents = vec![DOCUMENT.to_vec()];
    Sample { name: name.to_owned(), record, documents, fault: Some(fault), at: newest.later() }
}

fn flipped(bytes: &mut [u8], at: usize) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1;
    }
}

impl Bench<'_> {
    fn first(&self) -> Result<Ats> {
        self.world.stamp(FIRST, Sha256, &[digest(DOCUMENT), digest(OTHER)])
    }

    /// A first time-stamp whose lists are changed after the token was made.
    fn first_changed(&self, change: impl FnOnce(&mut Vec<Vec<Vec<u8>>>)) -> Result<Vec<u8>> {
        let mut ats = self.first()?;
        change(&mut ats.lists);
        Ok(record(&[vec![ats]]))
    }

    /// A first time-stamp of these lists, its token over this root.
    fn over(&self, lists: Vec<Vec<Vec<u8>>>, root: &[u8]) -> Result<Vec<u8>> {
        let token = self.world.token(FIRST, Sha256, root)?;
        Ok(record(&[vec![Ats { algorithm: Sha256, lists, token }]]))
    }

    fn trees(&self) -> Result<Vec<Sample>> {
        let (mine, next, third) = (digest(DOCUMENT), digest(OTHER), digest(b"un autre"));
        let sorted = |a: &[u8], b: &[u8]| digest(&[a.min(b), a.max(b)].concat());
        let hidden_root = sorted(&sorted(&next, &third), &mine);
        let wrong_order = digest(&[mine.as_slice().max(&next), mine.as_slice().min(&next)].concat());
        let prefixed = |a: &[u8], b: &[u8]| digest(&[&[1], a.min(b), a.max(b)].concat());
        let leaf = digest(&[&[0], DOCUMENT].concat());
        let short = mine.get(..31).context("length")?.to_vec();
        let long = Sha512.digest(DOCUMENT);
        let both = vec![vec![mine.clone(), next.clone()]];
        let make = |name, fault, record| sample(name, fault, FIRST, record);
        let mut other = make("another-document", "data-not-covered", self.first_changed(|_| ())?);
        other.documents = vec![b"un document que rien ne couvre".to_vec()];
        let mut one_of_two = make("one-document-of-two-not-covered", "data-not-covered", self.first_changed(|_| ())?);
        one_of_two.documents.push(b"ajout".to_vec());
        Ok(vec![
            make(
                "leaf-hidden-in-the-second-list",
                "data-not-covered",
                self.over(vec![vec![next.clone(), third.clone()], vec![mine.clone()]], &hidden_root)?,
            ),
            other,
            one_of_two,
            make(
                "leaf-changed",
                "data-not-covered",
                self.first_changed(|l| l[0].iter_mut().for_each(|h| flipped(h, 3)))?,
            ),
            make("neighbour-changed", "tree-leads-elsewhere", {
                let next = next.clone();
                self.first_changed(move |l| l[0].iter_mut().filter(|h| **h == next).for_each(|h| flipped(h, 31)))?
            }),
            make("sibling-changed", "tree-leads-elsewhere", self.first_changed(|l| flipped(&mut l[1][0], 0))?),
            make("lists-exchanged", "tree-leads-elsewhere", self.first_changed(|l| l.swap(1, 2))?),
            make("list-dropped", "tree-leads-elsewhere", self.first_changed(|l| drop(l.pop()))?),
            make("list-added", "tree-leads-elsewhere", self.first_changed(|l| l.push(vec![digest(b"x")]))?),
            make("sibling-added", "tree-leads-elsewhere", self.first_changed(|l| l[1].push(digest(b"x")))?),
            make("leaf-doubled", "tree-leads-elsewhere", self.first_changed(|l| l[0].push(digest(DOCUMENT)))?),
            make("node-not-sorted", "tree-leads-elsewhere", self.over(both.clone(), &wrong_order)?),
            make(
                "prefix-of-rfc-6962-in-nodes",
                "tree-leads-elsewhere",
                self.over(both.clone(), &prefixed(&mine, &next))?,
            ),
            make(
                "prefix-of-rfc-6962-in-leaves",
                "data-not-covered",
                self.over(vec![vec![leaf.clone(), next.clone()]], &sorted(&leaf, &next))?,
            ),
            make("node-hashed-twice", "tree-leads-elsewhere", self.over(both.clone(), &digest(&sorted(&mine, &next)))?),
            make("hash-too-short", "hash-length", {
                let root = sorted(&sorted(&mine, &next), &short);
                self.over(vec![both[0].clone(), vec![short]], &root)?
            }),
            make("hash-too-long", "hash-length", {
                let root = sorted(&sorted(&mine, &next), &long);
                self.over(vec![both[0].clone(), vec![long]], &root)?
            }),
            make("token-over-another-root", "tree-leads-elsewhere", self.over(both.clone(), &third)?),
            make("token-over-another-digest", "imprint-algorithm", {
                let token = self.world.token(FIRST, Sha512, &Sha512.digest(b"racine"))?;
                record(&[vec![Ats { algorithm: Sha256, lists: both, token }]])
            }),
            make("no-tree-another-document", "data-not-covered", self.over(Vec::new(), &next)?),
        ])
    }

    fn framings(&self) -> Result<Vec<Sample>> {
        let make = |name, fault, record| sample(name, fault, FIRST, record);
        let first = self.first()?;
        let whole = record(&[vec![first.clone()]]);
        let algorithms = seq(&[&seq(&[&tlv(6, super::draft::oid(Sha256))])]);
        let chains = seq(&[&chains_der(&[vec![first.clone()]])]);
        let with = |version: u8, sequence: &[u8]| seq(&[&tlv(2, &[version]), &algorithms, sequence]);
        let unknown = first.der();
        // 1.3.36.3.2.1, RIPEMD-160, in place of SHA-256.
        let unknown = [
            &tlv(0xa0, &tlv(6, &[0x2b, 0x24, 3, 2, 1])),
            unknown.get(4 + tlv(0xa0, &tlv(6, super::draft::oid(Sha256))).len()..).context("time-stamp")?,
        ]
        .concat();
        Ok(vec![
            make("another-version", "unsupported", with(2, &chains)),
            make("bytes-after-the-end", "malformed", [&whole[..], &[0]].concat()),
            make("cut-short", "malformed", whole.get(..whole.len() - 1).context("length")?.to_vec()),
            make("no-chain", "malformed", with(1, &seq(&[]))),
            make("chain-without-time-stamp", "malformed", with(1, &seq(&[&seq(&[])]))),
            make("empty-list", "malformed", self.first_changed(|lists| lists.insert(1, Vec::new()))?),
            make("digest-unknown", "algorithm-unknown", with(1, &seq(&[&seq(&[&seq(&[&unknown])])]))),
            make("digest-not-declared", "algorithm-undeclared", declaring(&[Sha512], &[vec![first.clone()]])),
            make("no-digest-declared", "algorithm-undeclared", declaring(&[], &[vec![first]])),
        ])
    }

    fn tokens(&self) -> Result<Vec<Sample>> {
        let make = |name, fault, record| sample(name, fault, FIRST, record);
        let first = self.first()?;
        let changed = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut ats = first.clone();
            change(&mut ats.token);
            record(&[vec![ats]])
        };
        let stranger = self.world.stamp(Desk { authority: 3, ..FIRST }, Sha256, &[digest(DOCUMENT), digest(OTHER)])?;
        let mut early = make("token-later-than-the-judgement", "token-ahead", record(&[vec![first.clone()]]));
        early.at = seal::UnixMillis(FIRST.at - YEAR / 2);
        let mut expired = make("never-renewed-in-time", "no-proof-of-existence", record(&[vec![first.clone()]]));
        expired.at = seal::UnixMillis(FIRST.at + 11 * YEAR);
        let none = changed(&|token| *token = seq(&[&tlv(6, &[0x2a, 3]), &tlv(0xa0, &seq(&[]))]));
        Ok(vec![
            make(
                "signature-changed",
                "token-false",
                changed(&|token| {
                    let last = token.len() - 1;
                    flipped(token, last);
                }),
            ),
            make("no-token", "token-malformed", none),
            make("authority-not-trusted", "token-not-trusted", record(&[vec![stranger]])),
            make("certificate-not-the-one-named", "token-false", self.other_certificate()?),
            early,
            expired,
        ])
    }

    /// The token names a certificate by its digest (ESSCertIDv2) and carries another, of the same key, issuer and serial number.
    fn other_certificate(&self) -> Result<Vec<u8>> {
        let authority = self.world.authority(FIRST.authority);
        let mut namesake = authority.tsa_der().to_vec();
        let last = namesake.len() - 1;
        flipped(&mut namesake, last);
        let files = AuthorityFiles { tsa_certificate_pem: der_to_pem(&namesake), ..authority.to_files() };
        let other = TestAuthority::from_files(&files).map_err(|why| anyhow!("{why}"))?;
        let root = digest(DOCUMENT);
        let token = self.world.token_of(&other, FIRST.at, Sha256, &root)?;
        let at = token.windows(namesake.len()).position(|window| window == namesake).context("its certificate")?;
        let token = [&token[..at], authority.tsa_der(), &token[at + namesake.len()..]].concat();
        Ok(record(&[vec![Ats { algorithm: Sha256, lists: Vec::new(), token }]]))
    }

    /// A second time-stamp in the chain, over this hash.
    fn renewed_over(&self, first: &Ats, desk: Desk, hash: Vec<u8>) -> Result<Vec<u8>> {
        let second = self.world.stamp(desk, Sha256, &[hash])?;
        Ok(record(&[vec![first.clone(), second]]))
    }

    fn renewals(&self) -> Result<Vec<Sample>> {
        let make = |name, fault, record| sample(name, fault, RENEWED, record);
        let first = self.first()?;
        let token = digest(&first.token);
        let second = self.world.stamp(RENEWED, Sha256, std::slice::from_ref(&token))?;
        let third = self.world.stamp(RENEWED_AGAIN, Sha256, std::slice::from_ref(&token))?;
        let other_digest = self.world.stamp(RENEWED, Sha512, &[Sha512.digest(&first.token)])?;
        let before = Desk { at: FIRST.at - 1000, ..FIRST };
        let inner = |token: &[u8]| token.get(4..).unwrap_or_default().to_vec();
        let hidden = {
            let mut ats = second.clone();
            ats.lists.swap(0, 1);
            let token = self.world.token(RENEWED, Sha256, &root_of(&ats.lists))?;
            Ats { token, ..ats }
        };
        let replaced = {
            let again =
                self.world.stamp(Desk { at: FIRST.at + 1000, ..FIRST }, Sha256, &[digest(DOCUMENT), digest(OTHER)])?;
            record(&[vec![again, second.clone()]])
        };
        let mut three = make("renewal-of-the-first-token-again", "previous-token-not-covered", {
            record(&[vec![first.clone(), second.clone(), third]])
        });
        three.at = RENEWED_AGAIN.later();
        Ok(vec![
            make(
                "renewal-of-the-time-stamp",
                "previous-token-not-covered",
                self.renewed_over(&first, RENEWED, digest(&first.der()))?,
            ),
            make(
                "renewal-of-the-token-inside-its-sequence",
                "previous-token-not-covered",
                self.renewed_over(&first, RENEWED, digest(&inner(&first.token)))?,
            ),
            make(
                "renewal-of-the-document",
                "previous-token-not-covered",
                self.renewed_over(&first, RENEWED, digest(DOCUMENT))?,
            ),
            make(
                "renewal-hidden-in-the-second-list",
                "previous-token-not-covered",
                record(&[vec![first.clone(), hidden]]),
            ),
            make("renewal-under-another-digest", "algorithm-changed", record(&[vec![first.clone(), other_digest]])),
            make("renewal-older-than-the-first", "stamp-older", self.renewed_over(&first, before, token.clone())?),
            make("renewal-is-the-first-token-again", "token-repeated", record(&[vec![first.clone(), first.clone()]])),
            make("time-stamps-exchanged", "stamp-older", record(&[vec![second.clone(), first.clone()]])),
            make("renewed-token-replaced", "previous-token-not-covered", replaced),
            make("renewal-too-late", "no-proof-of-existence", {
                let late = Desk { authority: 1, at: FIRST.at + 11 * YEAR };
                self.renewed_over(&first, late, token)?
            })
            .at(FIRST.at + 12 * YEAR),
            three,
        ])
    }

    /// A second chain over these hashes.
    fn rehashed_over(&self, chain: &[Ats], hashes: &[Vec<u8>]) -> Result<Vec<u8>> {
        let second = self.world.stamp(REHASHED, Sha512, hashes)?;
        Ok(record(&[chain.to_vec(), vec![second]]))
    }

    fn rehashes(&self) -> Result<Vec<Sample>> {
        const NOT_COVERED: &str = "previous-chains-not-covered";
        let make = |name, fault, record| sample(name, fault, REHASHED, record);
        let chain = vec![self.first()?, {
            let first = self.first()?;
            self.world.stamp(RENEWED, Sha256, &[digest(&first.token)])?
        }];
        // Both from one token: the chain holds.
        let chain = {
            let first = chain.into_iter().next().context("first")?;
            let renewal = self.world.stamp(RENEWED, Sha256, &[digest(&first.token)])?;
            vec![first, renewal]
        };
        let h = |bytes: &[u8]| Sha512.digest(bytes);
        let join = |a: &[u8], b: &[u8]| Sha512.digest(&[a, b].concat());
        let (document, chains) = (h(DOCUMENT), seq(&[&chains_der(std::slice::from_ref(&chain))]));
        let before = h(&chains);
        let right = join(&document, &before);
        let sorted_wrong = self.unlike_sorted(&chain)?;
        let last = chain.last().context("renewal")?;
        let over = |hash: Vec<u8>| self.rehashed_over(&chain, &[hash]);
        let mut missing = make("rehash-of-one-document-of-two", NOT_COVERED, over(right.clone())?);
        missing.documents.push(OTHER.to_vec());
        let hidden = {
            let mut ats = self.world.stamp(REHASHED, Sha512, std::slice::from_ref(&right))?;
            ats.lists.swap(0, 1);
            let token = self.world.token(REHASHED, Sha512, &root_under(Sha512, &ats.lists))?;
            record(&[chain.clone(), vec![Ats { token, ..ats }]])
        };
        Ok(vec![
            make("rehash-chains-first", "renewal-order", over(join(&before, &document))?),
            sorted_wrong,
            make(
                "rehash-of-a-chain-not-the-sequence",
                NOT_COVERED,
                over(join(&document, &h(&chains_der(std::slice::from_ref(&chain)))))?,
            ),
            make("rehash-of-the-newest-time-stamp", NOT_COVERED, over(join(&document, &h(&last.der())))?),
            make("rehash-of-the-newest-token", NOT_COVERED, over(join(&document, &h(&last.token)))?),
            make("rehash-of-the-old-document-hash", NOT_COVERED, over(join(&digest(DOCUMENT), &before))?),
            make("rehash-of-the-hash-of-the-old-hash", NOT_COVERED, over(join(&h(&digest(DOCUMENT)), &before))?),
            make("rehash-of-the-document-alone", NOT_COVERED, over(document.clone())?),
            make("rehash-of-the-chains-alone", NOT_COVERED, over(before.clone())?),
            make(
                "rehash-beside-each-other-as-in-xml",
                NOT_COVERED,
                self.rehashed_over(&chain, &[document.clone(), before.clone()])?,
            ),
            make("rehash-chains-not-hashed", NOT_COVERED, over(join(&document, &chains))?),
            make("rehash-document-not-hashed", NOT_COVERED, over(join(DOCUMENT, &before))?),
            make("rehash-chains-under-the-old-digest", NOT_COVERED, over(join(&document, &digest(&chains)))?),
            make("rehash-hidden-in-the-second-list", NOT_COVERED, hidden),
            make("rehash-is-the-newest-token-again", "token-repeated", record(&[chain.clone(), vec![last.clone()]])),
            missing,
            make("rehash-older-than-the-renewal", "stamp-older", {
                let early = Desk { at: RENEWED.at - 1000, ..RENEWED };
                record(&[chain.clone(), vec![self.world.stamp(early, Sha512, std::slice::from_ref(&right))?]])
            }),
            make("rehash-digest-not-declared", "algorithm-undeclared", {
                let second = self.world.stamp(REHASHED, Sha512, std::slice::from_ref(&right))?;
                declaring(&[Sha256], &[chain.clone(), vec![second]])
            }),
            self.third_chain(&chain, &right)?,
            self.changed_after(&chain, right)?,
        ])
    }

    /// Joined in sorted order, of a document for which that is another order than the standard's.
    fn unlike_sorted(&self, chain: &[Ats]) -> Result<Sample> {
        let mut chain = chain.to_vec();
        for serial in 0..64 {
            let before = Sha512.digest(&seq(&[&chains_der(std::slice::from_ref(&chain))]));
            let document = Sha512.digest(DOCUMENT);
            if before < document {
                let hash = Sha512.digest(&[before, document].concat());
                let record = self.rehashed_over(&chain, &[hash])?;
                return Ok(sample("rehash-sorted", "renewal-order", REHASHED, record));
            }
            // Another token gives the chains another digest.
            let first = chain.first().context("first")?.clone();
            let at = Desk { at: RENEWED.at + serial * 1000, ..RENEWED };
            let renewal = self.world.stamp(at, Sha256, &[digest(&first.token)])?;
            chain = vec![first, renewal];
        }
        Err(anyhow!("no chain whose digest is less than the document's"))
    }

    /// The third chain covers the second alone, not both.
    fn third_chain(&self, chain: &[Ats], right: &[u8]) -> Result<Sample> {
        let second = vec![self.world.stamp(REHASHED, Sha384, &[renewed(Sha384, DOCUMENT, &[chain.to_vec()])])?];
        let newest = seq(&[&chains_der(std::slice::from_ref(&second))]);
        let hash = Sha512.digest(&[Sha512.digest(DOCUMENT), Sha512.digest(&newest)].concat());
        if hash == right {
            return Err(anyhow!("two renewals of one hash"));
        }
        let third = vec![self.world.stamp(REHASHED_AGAIN, Sha512, &[hash])?];
        let record = record(&[chain.to_vec(), second, third]);
        Ok(sample("third-chain-over-the-second-alone", "previous-chains-not-covered", REHASHED_AGAIN, record))
    }

    /// A time-stamp was added to the first chain after the second was made.
    fn changed_after(&self, chain: &[Ats], right: Vec<u8>) -> Result<Sample> {
        let second = vec![self.world.stamp(REHASHED, Sha512, &[right])?];
        let newest = chain.last().context("renewal")?;
        let mut longer = chain.to_vec();
        longer.push(self.world.stamp(RENEWED_AGAIN, Sha256, &[digest(&newest.token)])?);
        Ok(sample("first-chain-longer-since", "previous-chains-not-covered", REHASHED, record(&[longer, second])))
    }
}

impl Sample {
    fn at(mut self, at: i64) -> Self {
        self.at = seal::UnixMillis(at);
        self
    }
}

fn root_of(lists: &[Vec<Vec<u8>>]) -> Vec<u8> {
    root_under(Sha256, lists)
}

fn root_under(algorithm: DigestAlgorithm, lists: &[Vec<Vec<u8>>]) -> Vec<u8> {
    lists.iter().fold(Vec::new(), |node, list| {
        let mut all = list.clone();
        all.extend(Some(node).filter(|node| !node.is_empty()));
        seal::archive_node(algorithm, &all)
    })
}
