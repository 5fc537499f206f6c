//! Contracts that are archived and not given out, and why: a line for each telling of one, so that nothing is left out in silence.

use super::{Page, Place, day, each, page};
use crate::app::App;
use crate::config::Publisher;
use crate::exports::scdl::line;
use crate::exports::{Days, Pieces};
use crate::problem::Problem;
use crate::publication::publisher;
use flow::day::is_day;
use flow::{EssentialContract, Extent};
use ledger::storage::Reader;
use proof::record::LogRecord;
use proof::{Index, Sequence, TenantId};

const COLUMNS: [&str; 5] = ["depot", "contrat", "date", "code", "pourquoi"];

/// Why a contract is not given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    NoKey,
    Named,
    OtherBuyer,
    Rules,
    NotRead,
    Unreadable,
}

impl Why {
    /// Its stable code, and what it means, in French: the answer is a file for whoever publishes.
    fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Named => ("withheld", "La configuration retient ce contrat."),
            Self::OtherBuyer => ("other-buyer", "L'acheteur n'est pas de ceux dont ce service publie les contrats."),
            Self::NoKey => ("no-key", "Le contrat ne dit pas le SIRET de son acheteur, ou n'a pas d'identifiant."),
            Self::Rules => ("rules", "Le contrat ne suit pas toutes les règles de l'édition 2.0 dans ce dépôt."),
            Self::NotRead => ("not-read", "Le fichier décrit plus de contrats qu'il n'en est lu : la suite manque."),
            Self::Unreadable => {
                ("unreadable", "Un dépôt, qui contient peut-être des contrats, ne se lit plus : voir tabellion scrub.")
            }
        }
    }

    #[cfg(test)]
    const ALL: [Self; 6] = [Self::NoKey, Self::Named, Self::OtherBuyer, Self::Rules, Self::NotRead, Self::Unreadable];
}

/// The first reason for which this contract, as it is told here, is not given out.
pub(super) fn why(publisher: &Publisher, contract: &EssentialContract) -> Option<Why> {
    let buyer = contract.key.split('/').next().unwrap_or_default();
    if contract.key.is_empty() {
        Some(Why::NoKey)
    } else if publisher.withheld_contracts.name(&contract.key) {
        Some(Why::Named)
    } else if !publisher.is_buyer(buyer) {
        Some(Why::OtherBuyer)
    } else {
        (!contract.sound).then_some(Why::Rules)
    }
}

/// A tenant's contracts that are not given out, page after page of its chain.
pub(in crate::exports) struct LeftOut {
    app: App,
    tenant: TenantId,
    days: Days,
    /// Where the next page begins; `None` before the first, which is the line of columns, and after the last.
    next: Option<Sequence>,
    begun: bool,
}

impl LeftOut {
    pub(in crate::exports) fn new(app: App, tenant: TenantId, days: Days) -> Self {
        Self { app, tenant, days, next: Some(Sequence(1)), begun: false }
    }

    /// The id of the deposit at this place.
    fn id(&self, index: Index) -> Result<String, Problem> {
        let row = self.app.reads().entry(index)?.ok_or_else(|| Problem::internal("an entry is missing"))?;
        Ok(LogRecord::parse(&row.leaf.record).map_err(Problem::internal)?.id.to_string())
    }

    fn lines(&self, place: Place, lines: &mut String) -> Result<(), Problem> {
        let publisher = publisher(&self.app, self.tenant)?;
        let id = self.id(place.0)?;
        let extent = each(&self.app, place, |_, contract| {
            let day = day(&contract);
            // What has no day is shown whatever the days asked for: somebody should look.
            if let Some(why) = why(publisher, &contract).filter(|_| !is_day(day) || self.days.hold(day)) {
                let (code, sentence) = why.told();
                lines.push_str(&line(&[&id, &contract.key, day, code, sentence]));
            }
        })?;
        if extent == Extent::Cut {
            lines.push_str(&whole(&id, Why::NotRead));
        }
        Ok(())
    }
}

/// What is said of a deposit, no contract of it being known.
fn whole(id: &str, why: Why) -> String {
    let (code, sentence) = why.told();
    line(&[id, "", "", code, sentence])
}

impl Pieces for LeftOut {
    fn next(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        if !self.begun {
            self.begun = true;
            return Ok(Some(line(&COLUMNS).into_bytes()));
        }
        let Some(from) = self.next else { return Ok(None) };
        let Page { found, next } = page(&self.app, self.tenant, from)?;
        self.next = next;
        let mut lines = String::new();
        for place in found {
            match place {
                Ok(place) => self.lines(place, &mut lines)?,
                Err(index) => lines.push_str(&whole(&self.id(index)?, Why::Unreadable)),
            }
        }
        Ok(Some(lines.into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Map;

    #[test]
    fn each_reason_leaves_a_contract_out_alone() {
        let tenant = TenantId([1; 16]);
        let publisher = |more: &str| -> Publisher {
            toml::from_str(&format!("tenant = \"{tenant}\"\nsiret = \"21349902300017\"\n{more}")).unwrap()
        };
        let of = |more: &str, key: &str, sound: bool| {
            why(&publisher(more), &EssentialContract { key: key.into(), concession: false, body: Map::new(), sound })
        };
        let own = "21349902300017/M1";
        assert_eq!(of("", own, true), None);
        assert_eq!(of("", own, false), Some(Why::Rules));
        assert_eq!(of(&format!("withheld_contracts = [\"{own}\"]"), own, true), Some(Why::Named));
        assert_eq!(of(&format!("withheld_contracts = [\"{own}\"]"), "21349902300017/M10", true), None);
        assert_eq!(of("withheld_contracts = [\" 21349902300017/m1 \"]", own, true), Some(Why::Named));
        assert_eq!(of("", "", false), Some(Why::NoKey));
        // Another establishment of the same legal person; another person; one of whom it is written.
        assert_eq!(of("", "21349902300025/M1", true), None);
        assert_eq!(of("", "24340001700014/M1", true), Some(Why::OtherBuyer));
        assert_eq!(of("buyers = [\"24340001700014\"]", "24340001700014/M1", true), None);
        assert_eq!(of("buyers = [\"24340001700014\"]", "24340001700022/M1", true), Some(Why::OtherBuyer));
    }

    #[test]
    fn every_reason_is_told_in_the_page_of_open_data() {
        let page = include_str!("../../../../../docs/formats/open-data.md");
        for why in Why::ALL {
            let (code, sentence) = why.told();
            assert!(page.contains(&format!("| `{code}` | the ")), "docs/formats/open-data.md lacks {code}");
            assert!(sentence.ends_with('.'));
        }
    }
}
