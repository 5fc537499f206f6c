//! Why a signature is not established, and what of it is weak: the words of the judge, said in two languages.

/// What a judge says, French and English: a word, which is stable, then the sentence.
const REASONS: [(&str, [&str; 2]); 23] = [
    ("altered", ["ce qui est signé a changé", "what is signed has changed"]),
    (
        "signature-false",
        ["aucun certificat joint n'a fait cette signature", "no certificate carried made this signature"],
    ),
    (
        "identifier-twice",
        ["deux éléments portent l'identifiant signé", "two elements bear the identifier that is signed"],
    ),
    ("reference-not-there", ["ce qui est signé n'est pas dans le document", "what is signed is not in the document"]),
    ("nothing-signed", ["elle ne porte sur rien", "it is over nothing"]),
    (
        "properties-not-signed",
        ["ses propriétés ne sont pas parmi ce qu'elle signe", "its properties are not among what it signs"],
    ),
    (
        "other-certificate",
        [
            "elle nomme un autre certificat que celui qui a signé",
            "it names another certificate than the one that signed",
        ],
    ),
    (
        "malformed",
        ["une partie manque ou n'est pas ce qu'elle doit être", "a part is missing or is not what it should be"],
    ),
    ("no-certificate", ["le certificat du signataire n'est pas joint", "the signer's certificate is not carried"]),
    (
        "unsupported",
        ["une forme ou un algorithme qui n'est pas lu ici", "a form or an algorithm that is not read here"],
    ),
    ("too-much", ["plus que ce qui est regardé", "more than is looked at"]),
    (
        "document-beside",
        [
            "ce qui est signé est un autre document, qui n'a pas été lu",
            "what is signed is another document, which was not read",
        ],
    ),
    (
        "document-not-beside",
        [
            "ce qui est signé n'est pas parmi les fichiers du dépôt",
            "what is signed is not among the files of the deposit",
        ],
    ),
    (
        "document-inside",
        [
            "elle est celle d'un autre document, rangé dans celui-ci, et ne couvre pas celui-ci",
            "it is that of another document, which stands inside this one, and does not cover this one",
        ],
    ),
    ("document-unnamed", ["rien ne dit quel document est signé", "nothing says which document is signed"]),
    (
        "certificates-several",
        [
            "plusieurs certificats joints sont de la clé qui a signé, et rien de signé ne dit lequel",
            "several certificates carried are of the key that signed, and nothing that is signed says which",
        ],
    ),
    ("too-long", ["c'est plus long que ce qui est regardé", "it is longer than what is looked at"]),
    ("encoding", ["son codage n'est pas lu ici", "its encoding is not read here"]),
    (
        "search-ended",
        [
            "la limite de ce qui est relu pour un dépôt est atteinte",
            "the limit of what is read again for one deposit is reached",
        ],
    ),
    ("document-unreadable", ["le document ne peut pas être relu", "the document cannot be read again"]),
    (
        "covers-nothing",
        [
            "elle ne couvre que ce qui est en elle, rien du document où elle se trouve",
            "it covers only what stands in it, nothing of the document that bears it",
        ],
    ),
    ("sealed", ["le document est un pli, qui reste fermé", "the document is a bid, which stays closed"]),
    ("no-judge", ["personne pour en juger", "nobody to judge them"]),
];

/// The beginnings of what is said by words of this file, French and English.
pub(crate) static WORDS: [(&str, &str); REASONS.len() + 1] = {
    let mut words = [("empreinte ", "digest "); REASONS.len() + 1];
    let mut at = 0;
    while at < REASONS.len() {
        words[at] = (REASONS[at].1[0], REASONS[at].1[1]);
        at += 1;
    }
    words
};

/// The sentences for this word, with what it is about where that is said; for an unknown word, the word.
pub(crate) fn reason(word: &str, about: &str) -> [String; 2] {
    let known = REASONS.iter().find(|(known, _)| *known == word).map_or([word; 2], |(_, sentences)| *sentences);
    known.map(|sentence| if about.is_empty() { sentence.to_owned() } else { format!("{sentence} : {about}") })
}

/// Whether there is a sentence for this word of a judge.
pub fn has_reason(word: &str) -> bool {
    REASONS.iter().any(|(known, _)| *known == word)
}

/// What is too weak, in both languages; a judge says `digest` before the name of one.
pub(crate) fn weak(all: &[String]) -> [String; 2] {
    let english = all.join(", ");
    let french =
        all.iter().map(|one| one.strip_prefix("digest ").map_or(one.clone(), |name| format!("empreinte {name}")));
    [french.collect::<Vec<_>>().join(", "), english]
}
