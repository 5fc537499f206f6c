//! A renewal between two seals, or beside them: its token asked for, and who waits for it answered.

use super::ask::Imprint;
use super::{Failure, Outcome, authorities};
use crate::app::App;
use crate::problem::{Problem, codes};
use crate::renewal::{self, Renewed};
use ledger::sealing::{RenewalPlan, RenewalToken};
use proof::UnixMillis;
use tokio::sync::watch;

/// The time-stamps renewed, now that this came of sealing.
pub(super) async fn renewed(
    app: &App,
    sealed: &Outcome,
    stop: &mut watch::Receiver<bool>,
) -> Result<Vec<Renewed>, Problem> {
    match sealed {
        Outcome::Pending { code, .. } => Err(not_stamped(code)),
        _ => renewal::timestamps(app, stop).await,
    }
}

/// A token over the root of this plan.
pub(crate) async fn stamped(
    app: &App,
    plan: &RenewalPlan,
    stop: &mut watch::Receiver<bool>,
) -> Result<RenewalToken, Problem> {
    let imprint = Imprint { algorithm: plan.digest, root: plan.root.clone() };
    let asked = authorities::ask(app, &imprint, ("renewal", plan.number), stop).await;
    let token = asked.map_err(|failure| match failure {
        Failure::Stopped => Problem::from(&codes::STOPPED).retry_after(10),
        failure => not_stamped(&failure.to_string()),
    })?;
    let gen_time = UnixMillis(u64::try_from(token.gen_time().0).unwrap_or(0));
    // The token's own imprint, so that the ledger compares it with the plan once more.
    let imprint = token.imprint().digest.to_vec();
    Ok(RenewalToken { der: token.as_der().to_vec(), imprint, gen_time })
}

fn not_stamped(why: &str) -> Problem {
    Problem::from(&codes::RENEWAL_NOT_STAMPED).because(why).retry_after(60)
}
