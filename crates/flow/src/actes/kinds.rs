//! The messages of ACTES and the natures of acts.

/// One kind of message: its code, its root element, who sends it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MessageKind {
    pub(crate) code: &'static str,
    pub(crate) root: &'static str,
    /// French name, for the facts.
    pub(crate) label: &'static str,
    pub(crate) from_prefecture: bool,
}

impl MessageKind {
    /// True for 7-1 to 7-3, which are about no act.
    pub(crate) fn is_classification(&self) -> bool {
        self.code.starts_with('7')
    }

    /// True for the letters (2-x, 3-x, 4-x).
    pub(crate) fn is_letter(&self) -> bool {
        self.code.starts_with(['2', '3', '4'])
    }
}

const fn kind(code: &'static str, root: &'static str, from_prefecture: bool, label: &'static str) -> MessageKind {
    MessageKind { code, root, label, from_prefecture }
}

static KINDS: [MessageKind; 21] = [
    kind("1-1", "Acte", false, "transmission d'un acte"),
    kind("1-2", "ARActe", true, "accusé de réception d'un acte"),
    kind("1-3", "AnomalieActe", true, "anomalie dans la transmission d'un acte"),
    kind("2-1", "CourrierSimple", true, "courrier simple"),
    kind("2-2", "ReponseCourrierSimple", false, "réponse à un courrier simple"),
    kind("3-1", "DemandePieceComplementaire", true, "demande de pièces complémentaires"),
    kind("3-2", "ARDemandePieceComplementaire", false, "accusé de réception d'une demande de pièces complémentaires"),
    kind("3-3", "RefusPieceComplementaire", false, "refus d'envoi de pièces complémentaires"),
    kind("3-4", "PieceComplementaire", false, "envoi de pièces complémentaires"),
    kind("3-5", "ARPieceComplementaire", true, "accusé de réception de pièces complémentaires"),
    kind("4-1", "LettreObservations", true, "lettre d'observations"),
    kind("4-2", "ARLettreObservations", false, "accusé de réception d'une lettre d'observations"),
    kind("4-3", "RejetLettreObservations", false, "refus de répondre à une lettre d'observations"),
    kind("4-4", "ReponseLettreObservations", false, "réponse à une lettre d'observations"),
    kind(
        "4-5",
        "ARReponseRejetLettreObservations",
        true,
        "accusé de réception d'une réponse à une lettre d'observations",
    ),
    kind("5-1", "DefereTA", true, "déféré au tribunal administratif"),
    kind("6-1", "Annulation", false, "annulation de la transmission d'un acte"),
    kind("6-2", "ARAnnulation", true, "accusé de réception d'une annulation"),
    kind("7-1", "DemandeClassification", false, "demande de classification"),
    kind("7-2", "RetourClassification", true, "classification en matières"),
    kind("7-3", "ReponseClassificationSansChangement", true, "classification à jour"),
];

/// The kind with that root element.
pub(crate) fn by_root(root: &str) -> Option<&'static MessageKind> {
    KINDS.iter().find(|k| k.root == root)
}

/// The kind with that code, `1-1`.
pub(crate) fn by_code(code: &str) -> Option<&'static MessageKind> {
    KINDS.iter().find(|k| k.code == code)
}

/// The French name of the message with that code.
pub(crate) fn label(code: &str) -> Option<&'static str> {
    by_code(code).map(|kind| kind.label)
}

/// CodeNatureActe 1 to 6.
const NATURES: [&str; 6] = ["DE", "AR", "AI", "CC", "BF", "AU"];

/// The nature with that CodeNatureActe, `DE` for `1`.
pub fn nature(code: &str) -> Option<&'static str> {
    let index = code.trim().parse::<usize>().ok()?.checked_sub(1)?;
    NATURES.get(index).copied()
}

/// The six natures.
pub(crate) fn natures() -> impl Iterator<Item = &'static str> {
    NATURES.into_iter()
}

/// True for the six natures.
pub(crate) fn is_nature(word: &str) -> bool {
    NATURES.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_twenty_one_messages_have_distinct_codes_and_roots() {
        let codes: std::collections::BTreeSet<_> = KINDS.iter().map(|k| k.code).collect();
        let roots: std::collections::BTreeSet<_> = KINDS.iter().map(|k| k.root).collect();
        assert_eq!((codes.len(), roots.len()), (21, 21));
        assert_eq!(by_root("ARActe").unwrap().code, "1-2");
        assert_eq!(by_code("7-3").unwrap().root, "ReponseClassificationSansChangement");
        assert!(by_code("1-4").is_none());
    }

    #[test]
    fn natures_are_one_to_six() {
        assert_eq!((nature("1"), nature("4"), nature("6")), (Some("DE"), Some("CC"), Some("AU")));
        assert_eq!((nature("0"), nature("7"), nature("x")), (None, None, None));
    }
}
