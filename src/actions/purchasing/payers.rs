//! How payers are called in lists, and their numbers for the finance software.
use std::collections::BTreeSet;

use domain::purchasing::payer::{Payer, payer_name};

use crate::{
    actions::Error,
    store::{View, budgets, organisations},
};

/// How a payer is called, and its number for the finance software.
#[derive(Clone, Debug, Default)]
pub(super) struct Name {
    pub name: String,
    /// The SIREN; the SIRET of a budget besides the main one.
    pub siret_or_siren: Option<String>,
}

/// The names of some payers, in the order of lists.
pub(super) async fn names(
    view: &View,
    payers: impl IntoIterator<Item = Payer>,
) -> Result<Vec<(Payer, Name)>, Error> {
    let payers: BTreeSet<Payer> = payers.into_iter().collect();
    let ids: BTreeSet<_> = payers.iter().map(|payer| payer.member).collect();
    let annexes = budgets::annexes_of(view, ids.iter().copied()).await?;
    let mut named = Vec::with_capacity(payers.len());
    for member in organisations::find_all(view, ids).await? {
        for payer in payers.iter().filter(|payer| payer.member == member.id) {
            let budget = annexes.iter().find(|b| Some(b.id) == payer.budget);
            let siret = budget.and_then(|budget| budget.siret.as_ref());
            let siren = member.siren.as_ref().map(ToString::to_string);
            let name = Name {
                name: payer_name(&member, budget),
                siret_or_siren: siret.map(ToString::to_string).or(siren),
            };
            named.push((*payer, name));
        }
    }
    Ok(named)
}
