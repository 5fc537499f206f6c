//! The status of an act in words.

use super::{Anomaly, Status};
use crate::language::Language;
use flow::Acknowledged;
use flow::day::in_french;

/// A day as people of that language write it.
fn said(day: &str, language: Language) -> String {
    language.pick(in_french(day), day.to_owned())
}

impl Status<'_> {
    /// The same in words.
    pub(crate) fn sentence(&self, language: Language) -> String {
        let or_unknown = |day: Option<&String>| day.map_or_else(|| "?".to_owned(), |day| said(day, language));
        let (received, published) = (or_unknown(self.received.as_ref()), or_unknown(self.published.as_ref()));
        let mut text = match self.state {
            "annule" => language
                .pick(
                    "Annulé : la préfecture a accusé réception de l'annulation.",
                    "Cancelled: the préfecture acknowledged the cancellation.",
                )
                .to_owned(),
            "annulation-possible" if self.perhaps_cancelled.iter().all(|one| one.is_unseen) => language
                .pick(
                    "État à vérifier : une annulation est déposée, et l'acte qu'elle vise n'est pas dans l'archive, ou n'y est pas reconnu avec certitude.",
                    "State to be looked at: a cancellation was deposited, and the act it is of is not in the archive, or cannot be told there for certain.",
                )
                .to_owned(),
            "annulation-possible" => language
                .pick(
                    "État à vérifier : une annulation déposée est peut-être celle de cet acte, sans que ce soit certain.",
                    "State to be looked at: a cancellation that was deposited may be of this act, without being certain.",
                )
                .to_owned(),
            "texte-incertain" if self.texts == Acknowledged::Untold => language.pick(
                format!("État à vérifier : ce qui a été déposé sous cet identifiant, et ce que l'accusé de réception du {received} répète de l'acte, ne sont pas un seul et même texte."),
                format!("State to be looked at: what was deposited under this identifier, and what the acknowledgement of {received} repeats of the act, are not one and the same text."),
            ),
            "texte-incertain" => language.pick(
                format!("État à vérifier : ce texte n'est pas celui dont la préfecture a accusé réception le {received} ; un autre a été déposé sous le même identifiant."),
                format!("State to be looked at: this text is not the one that the préfecture acknowledged on {received}; another was deposited under the same identifier."),
            ),
            "executoire" => {
                let since = or_unknown(self.since());
                language.pick(
                    format!("Exécutoire depuis le {since} : reçu le {received}, publié ou notifié le {published}, selon les pièces déposées, rattachées par le seul identifiant de l'acte."),
                    format!("Executory since {since}: received on {received}, published or notified on {published}, by what was deposited, tied by the identifier of the act alone."),
                )
            }
            "recu-publication-inconnue" => language.pick(
                format!("Reçu par la préfecture le {received}, selon un accusé de réception rattaché par le seul identifiant de l'acte ; publication inconnue."),
                format!("Received by the préfecture on {received}, by an acknowledgement tied by the identifier of the act alone; publication unknown."),
            ),
            "publie-reception-inconnue" => language.pick(
                format!("Publié ou notifié le {published}, réception par la préfecture inconnue."),
                format!("Published or notified on {published}, whether the préfecture received it is unknown."),
            ),
            _ if self.cut => language
                .pick(
                    "État inconnu : trop de dépôts parlent de cet acte, ou portent son numéro, pour être tous lus.",
                    "State unknown: too many deposits tell of this act, or bear its number, to be read all.",
                )
                .to_owned(),
            _ => language
                .pick("Réception et publication inconnues.", "Neither its reception nor its publication is known.")
                .to_owned(),
        };
        text.push_str(&self.beside(language));
        text.extend(self.anomaly.map(|anomaly| self.of_anomaly(anomaly, language)));
        text
    }

    /// What does not count, and why.
    fn beside(&self, language: Language) -> String {
        let mut text = String::new();
        for (_, lacks) in self.set_aside.iter().filter(|_| self.published.is_none()) {
            text.push_str(
                language.pick(
                    " Une publication déposée ne compte pas :",
                    " A publication that was deposited does not count:",
                ),
            );
            for one in lacks {
                text.push(' ');
                text.push_str(language.pick(&one.message_fr, &one.message_en));
            }
        }
        if self.state != "texte-incertain" && self.texts != Acknowledged::One {
            text.push_str(language.pick(
                " Un autre texte a été déposé sous cet identifiant : à vérifier.",
                " Another text was deposited under this identifier: to be looked at.",
            ));
        }
        if self.receptions.len() > 1 {
            let days: Vec<String> = self.receptions.iter().map(|day| said(day, language)).collect();
            text.push_str(&language.pick(
                format!(
                    " Des accusés de réception disent des jours différents ({}) : le premier est retenu.",
                    days.join(", ")
                ),
                format!(" Acknowledgements say different days ({}): the first is taken.", days.join(", ")),
            ));
        }
        if self.undated {
            text.push_str(language.pick(
                " Un accusé de réception ne compte pas : il ne dit aucun jour qui se lise.",
                " An acknowledgement does not count: it says no day that can be read.",
            ));
        }
        for day in self.impossible.iter().map(|day| said(day, language)) {
            text.push_str(&language.pick(
                format!(" Un accusé de réception daté du {day} ne compte pas : ce jour n'est pas possible."),
                format!(" An acknowledgement dated {day} does not count: that day is not possible."),
            ));
        }
        for day in self.on_trial.iter().map(|day| said(day, language)) {
            text.push_str(&language.pick(
                format!(" Un accusé de réception du {day} vient de la plateforme de test (TACT), ou ne dit pas qu'il n'en vient pas : il n'engage rien, et ne compte pas."),
                format!(" An acknowledgement of {day} comes from the test platform (TACT), or does not say that it does not: it binds nobody, and does not count."),
            ));
        }
        for day in self.unsure.iter().map(|day| said(day, language)) {
            text.push_str(&language.pick(
                format!(" Un accusé de réception du {day} ne compte pas : il n'est pas sûrement celui de cet acte."),
                format!(" An acknowledgement of {day} does not count: it is not surely that of this act."),
            ));
        }
        if self.asked_back && self.state != "annule" {
            text.push_str(language.pick(
                " Son annulation a été demandée ; aucun accusé de réception de l'annulation n'est certain.",
                " Its cancellation was asked for; no acknowledgement of that is certain.",
            ));
        }
        text
    }

    fn of_anomaly(&self, anomaly: &Anomaly, language: Language) -> String {
        let day = anomaly.day.as_ref().map(|day| said(day, language));
        let (fr, en) = (
            day.as_ref().map_or(String::new(), |day| format!(" le {day}")),
            day.as_ref().map_or(String::new(), |day| format!(" on {day}")),
        );
        let on_fr = if anomaly.on_envelope { "l'enveloppe" } else { "l'acte" };
        let on_en = if anomaly.on_envelope { "the envelope" } else { "the act" };
        match self.received {
            Some(_) => language.pick(
                format!(" Une anomalie sur {on_fr} a été retournée{fr} ; l'accusé de réception reste, et l'état avec lui : à vérifier avec la préfecture."),
                format!(" An anomaly on {on_en} was returned{en}; the acknowledgement stays, and the state with it: to be looked at with the préfecture."),
            ),
            None => language.pick(
                format!(" Une anomalie sur {on_fr} a été retournée{fr} : rien ne dit que la préfecture l'a reçu."),
                format!(" An anomaly on {on_en} was returned{en}: nothing says that the préfecture received it."),
            ),
        }
    }
}
