//! Trusted lists given to the command, and the anchors by which they are believed, and those that a pack brings along with them: the anchors
//! come from outside, never from what is judged.

use std::path::PathBuf;

use proof::UnixMillis;
use seal::{AnyVerifier, TrustedLists};
use verifier::Policy;

use crate::arguments::Judging;
use crate::inputs::{self, Trouble};

/// [`given`] or [`given_alone`].
type Asked = fn(&Judging, UnixMillis) -> Result<TrustedLists, Trouble>;

/// The lists given, as far as they are believed at this moment; without any, none. Lists without an anchor say nothing, and are refused.
pub fn given(common: &Judging, at: UnixMillis) -> Result<TrustedLists, Trouble> {
    if common.lotl_anchor.is_empty() && !common.trusted_list.is_empty() {
        return Err(inputs::argument("--trusted-list", "se donne avec --lotl-anchor", "goes with --lotl-anchor"));
    }
    let mut anchors = Vec::new();
    for path in &common.lotl_anchor {
        anchors.extend(inputs::roots(path)?);
    }
    let read = |path: &PathBuf| Ok((path.display().to_string(), inputs::small(path)?));
    let lists = common.trusted_list.iter().map(read).collect::<Result<Vec<_>, Trouble>>()?;
    let at = seal::UnixMillis(i64::try_from(at.0).unwrap_or(i64::MAX));
    Ok(TrustedLists::believe(&lists, &anchors, at, &AnyVerifier))
}

/// The same, for what brings no lists along: an anchor alone has nothing to judge.
pub fn given_alone(common: &Judging, at: UnixMillis) -> Result<TrustedLists, Trouble> {
    if common.trusted_list.is_empty() && !common.lotl_anchor.is_empty() {
        return Err(inputs::argument(
            "--lotl-anchor",
            "se donne ici avec --trusted-list",
            "goes with --trusted-list here",
        ));
    }
    given(common, at)
}

/// The policy, with the lists given beside it in this way, and the moment of judgement.
pub fn with_policy(common: &Judging, given: Asked) -> Result<(Option<Policy>, UnixMillis), Trouble> {
    let (mut policy, at) = (inputs::policy(common)?, inputs::moment(common)?);
    let lists = given(common, at)?;
    match &mut policy {
        Some(policy) => policy.lists = lists,
        None if asked(common) => {
            return Err(inputs::argument("--trusted-list", "se donne avec --policy", "goes with --policy"));
        }
        None => {}
    }
    Ok((policy, at))
}

fn asked(common: &Judging) -> bool {
    !common.trusted_list.is_empty() || !common.lotl_anchor.is_empty()
}

/// Nothing is said of qualification beside this: whoever asks for it learns so.
pub fn refused(common: &Judging, beside: &str) -> Result<(), Trouble> {
    let (fr, en) = (format!("ne va pas avec {beside}"), format!("does not go with {beside}"));
    if asked(common) { Err(inputs::argument("--trusted-list", fr, en)) } else { Ok(()) }
}
