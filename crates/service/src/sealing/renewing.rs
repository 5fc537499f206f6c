//! A renewal between two seals, or beside them: its token asked for, and who waits for it answered.

use super::ask::Imprint;
use super::{Failure, Outcome, authorities};
use crate::app::App;
use crate::problem::{Problem, codes};
use crate::renewal::{self, Renewed};
use ledger::sealing::RenewalToken;
use proof::UnixMillis;
use seal::DigestAlgorithm;
use tokio::sync::watch;

/// The time-stamps renewed, now that this came of sealing; `None` when the service stops meanwhile.
pub(super) async fn renewed(
    app: &App,
    sealed: &Outcome,
    stop: &mut watch::Receiver<bool>,
) -> Option<Result<Vec<Renewed>, Problem>> {
    if let Outcome::Pending { code, .. } = sealed {
        return Some(Err(not_stamped(code)));
    }
    renewal::timestamps(app, stop).await
}

/// A token over this root of the renewal of this number; `None` when the service stops meanwhile.
pub(crate) async fn stamped(
    app: &App,
    number: u64,
    (algorithm, root): (DigestAlgorithm, &[u8]),
    stop: &mut watch::Receiver<bool>,
) -> Option<Result<RenewalToken, Problem>> {
    let imprint = Imprint { algorithm, root: root.to_vec() };
    match authorities::ask(app, &imprint, ("renewal", number), stop).await {
        Ok(token) => {
            let gen_time = UnixMillis(u64::try_from(token.gen_time().0).unwrap_or(0));
            // The token's own imprint, so that the ledger compares it with the plan once more.
            let imprint = token.imprint().digest.to_vec();
            Some(Ok(RenewalToken { der: token.as_der().to_vec(), imprint, gen_time }))
        }
        Err(Failure::Stopped) => None,
        Err(failure) => Some(Err(not_stamped(&failure.to_string()))),
    }
}

fn not_stamped(why: &str) -> Problem {
    Problem::from(&codes::RENEWAL_NOT_STAMPED).because(why).retry_after(60)
}
