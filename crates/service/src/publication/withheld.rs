//! Why an act is not published: a stable code and a sentence, for those who may read it.

/// The reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    Named,
    Several,
    Nature,
    Matter,
    Siren,
    TestPlatform,
    Incomplete,
    Cancelled,
    Anomaly,
    NotAcknowledged,
    Unsure,
    OtherText,
    Days,
    TooMuch,
    Unreadable,
}

impl Why {
    /// Its stable code, and what it means, in French: the answer is a file for whoever publishes.
    pub(crate) fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Named => ("withheld", "La configuration retient cet acte."),
            Self::Several => (
                "several",
                "Son dépôt, ou un plus récent, parle d'autre chose que de cet acte et de son accusé de réception.",
            ),
            Self::Nature => (
                "nature",
                "La configuration ne publie pas cette nature, ou le nom et le message n'en disent pas une seule.",
            ),
            Self::Matter => ("matter", "La configuration retient cette matière."),
            Self::Siren => ("other-siren", "L'acte est d'un autre SIREN que celui sous lequel il serait publié."),
            Self::TestPlatform => {
                ("test-platform", "L'acte a été transmis à la plateforme de test, ou accusé par elle seule.")
            }
            Self::Incomplete => (
                "incomplete",
                "Le numéro, la date, la matière (deux niveaux de la nomenclature) ou l'objet manque ou ne se lit pas.",
            ),
            Self::Cancelled => (
                "cancelled",
                "Une annulation a été demandée ou enregistrée, ou une annulation est peut-être la sienne.",
            ),
            Self::Anomaly => ("anomaly", "Une anomalie a été retournée, et l'acte n'a pas été redéposé depuis."),
            Self::NotAcknowledged => ("not-acknowledged", "Aucun accusé de réception de la préfecture n'est archivé."),
            Self::Unsure => (
                "acknowledgement-unsure",
                "Un accusé de réception est archivé, et ne compte pas : il n'est pas sûrement celui de cet acte, ou son jour ne se lit pas.",
            ),
            Self::OtherText => (
                "other-text",
                "L'accusé de réception n'est pas sûrement celui de ce texte : il répète autre chose, ou un autre texte a été déposé sous cet identifiant.",
            ),
            Self::Days => (
                "days",
                "La préfecture aurait reçu l'acte avant le jour qu'il dit être le sien, ou un jour qui n'est pas encore venu.",
            ),
            Self::TooMuch => ("too-much", "Trop de dépôts portent cet identifiant, ce numéro ou cette enveloppe."),
            Self::Unreadable => ("unreadable", "Un dépôt qui parle de cet acte ne se lit plus : voir tabellion scrub."),
        }
    }

    #[cfg(test)]
    pub(crate) const ALL: [Self; 15] = [
        Self::Named,
        Self::Several,
        Self::Nature,
        Self::Matter,
        Self::Siren,
        Self::TestPlatform,
        Self::Incomplete,
        Self::Cancelled,
        Self::Anomaly,
        Self::NotAcknowledged,
        Self::Unsure,
        Self::OtherText,
        Self::Days,
        Self::TooMuch,
        Self::Unreadable,
    ];
}

#[cfg(test)]
mod tests {
    use super::Why;

    #[test]
    fn every_reason_is_told_in_the_page_of_open_data() {
        let page = include_str!("../../../../docs/formats/open-data.md");
        for why in Why::ALL {
            let (code, sentence) = why.told();
            assert!(page.contains(&format!("| `{code}` |")), "docs/formats/open-data.md lacks {code}");
            assert!(sentence.ends_with('.'));
        }
    }
}
