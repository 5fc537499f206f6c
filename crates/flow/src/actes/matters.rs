//! The two levels of the classification of acts that are the same everywhere, as open data name them: lower case, neither comma nor
//! parenthesis. Deeper levels are each préfecture's own, and are not told here.

/// A first level, and its second ones in order.
static MATTERS: [(&str, &[&str]); 9] = [
    (
        "commande publique",
        &[
            "marchés publics",
            "délégation de service public",
            "conventions de mandat",
            "autres types de contrats",
            "transactions protocole d'accord transactionnel",
            "actes relatifs à la maîtrise d'oeuvre",
            "actes spéciaux et divers",
        ],
    ),
    (
        "urbanisme",
        &[
            "documents d'urbanisme",
            "actes relatifs au droit d'occupation ou d'utilisation des sols",
            "droit de préemption urbain",
        ],
    ),
    (
        "domaine et patrimoine",
        &[
            "acquisitions",
            "aliénations",
            "locations",
            "limites territoriales",
            "autres actes de gestion du domaine public",
            "autres actes de gestion du domaine privé",
        ],
    ),
    (
        "fonction publique",
        &[
            "personnels titulaires et stagiaires de la f.p.t.",
            "personnels contractuels",
            "fonction publique hospitalière",
            "autres catégories de personnels",
            "régime indemnitaire",
        ],
    ),
    (
        "institutions et vie politique",
        &[
            "élection exécutif",
            "fonctionnement des assemblées",
            "désignation de représentants",
            "délégation de fonctions",
            "délégation de signature",
            "exercice des mandats locaux",
            "intercommunalité",
            "décision d'ester en justice",
        ],
    ),
    (
        "libertés publiques et pouvoirs de police",
        &[
            "police municipale",
            "pouvoirs du président du conseil général",
            "pouvoirs du président du conseil régional",
            "autres actes réglementaires",
            "actes pris au nom de l'état et soumis au contrôle hiérarchique",
        ],
    ),
    (
        "finances locales",
        &[
            "décisions budgétaires",
            "fiscalité",
            "emprunts",
            "interventions économiques",
            "subventions",
            "contributions budgétaires",
            "avances",
            "fonds de concours",
            "prise de participation",
            "divers",
        ],
    ),
    (
        "domaines de compétences par thèmes",
        &[
            "enseignement",
            "aide sociale",
            "voirie",
            "aménagement du territoire",
            "politique de la ville habitat logement",
            "emploi formation professionnelle",
            "transports",
            "environnement",
            "culture",
        ],
    ),
    (
        "autres domaines de compétences",
        &[
            "autres domaines de compétences des communes",
            "autres domaines de compétences des départements",
            "autres domaines de compétences des régions",
            "voeux et motions",
        ],
    ),
];

/// The name of a matter of the second level, `8.4`: that of the first level, a slash, its own.
pub fn matter_name(code: &str) -> Option<String> {
    let (first, second) = code.split_once('.')?;
    let place = |digits: &str| {
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
        digits.parse::<usize>().ok().filter(|_| plain)?.checked_sub(1)
    };
    let (name, inner) = MATTERS.get(place(first)?)?;
    Some(format!("{name}/{}", inner.get(place(second)?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_matter_of_the_published_ranges_has_a_name_and_no_other_has() {
        for (first, most) in [7, 3, 6, 5, 8, 5, 10, 9, 4].into_iter().enumerate() {
            let name = |second: usize| matter_name(&format!("{}.{second}", first + 1));
            for second in 1..=most {
                let name = name(second).unwrap();
                assert_eq!((name.matches('/').count(), name.to_lowercase()), (1, name.clone()));
                assert!(!name.contains([',', '(', ')']), "{name}");
            }
            assert_eq!((name(0), name(most + 1)), (None, None));
        }
        assert_eq!(matter_name("8.4").unwrap(), "domaines de compétences par thèmes/aménagement du territoire");
        for other in ["", "8", "8.", ".4", "8.4.1", "10.1", "08.4", "8.04", "+8.4", "é.1"] {
            assert_eq!(matter_name(other), None, "{other}");
        }
    }
}
