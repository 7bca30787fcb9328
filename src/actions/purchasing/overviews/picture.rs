//! What is read of a round, in one picture.
use std::collections::{BTreeMap, BTreeSet};

use domain::{
    identity::{OrganisationId, RoundId},
    organisation::Organisation,
    purchasing::{
        aggregate::{Aggregate, Asked, Before, aggregate as add_up},
        declaration::{Declaration, DeclarationState},
        lot::Item,
        round::Round,
    },
};

use super::{Answer, Sums};
use crate::{
    actions::{
        Actor, Error,
        purchasing::{
            lots::{self, FullLot},
            rounds::{self, Concern},
        },
    },
    store::{
        View, organisations,
        purchasing::{answers, declarations, items, rounds as rows},
    },
};

/// A round as it was read, before anything is counted.
pub(super) struct Picture {
    pub(super) round: Round,
    pub(super) concern: Concern,
    pub(super) lots: Vec<FullLot>,
    pub(super) members: Vec<OrganisationId>,
    pub(super) declarations: BTreeMap<OrganisationId, Declaration>,
    pub(super) asked: Vec<Asked>,
    pub(super) previous: Option<Round>,
    pub(super) before: Before,
}

impl Picture {
    pub(super) async fn read(view: &View, actor: &Actor, id: RoundId) -> Result<Self, Error> {
        let (round, concern) = rounds::concerned(view, actor, id).await?;
        let lots = lots::full(view, id).await?;
        let (mut previous, mut before) = (None, Before::default());
        if let Some(earlier) = round.previous {
            let now: Vec<Item> = lots.iter().flat_map(|lot| lot.items.clone()).collect();
            let then = items::list_of_round(view, earlier).await?;
            let asked = answers::asked(view, earlier).await?;
            before = Before::of(&now, &then, &asked);
            previous = Some(rows::find(view, earlier).await?);
        }
        let declarations = declarations::of_round(view, id).await?;
        Ok(Self {
            members: answers::members(view, round.grouping).await?,
            declarations: declarations.into_iter().map(|d| (d.member, d)).collect(),
            asked: answers::asked(view, id).await?,
            round,
            concern,
            lots,
            previous,
            before,
        })
    }

    pub(super) fn state_of(&self, member: OrganisationId) -> DeclarationState {
        let declaration = self.declarations.get(&member);
        declaration.map_or(DeclarationState::NotStarted, |d| d.state)
    }

    pub(super) fn sums(&self) -> Result<Sums, Error> {
        let answered: BTreeSet<OrganisationId> = self
            .members
            .iter()
            .copied()
            .filter(|member| self.state_of(*member).is_answered())
            .collect();
        let items: Vec<Item> = self.lots.iter().flat_map(|lot| lot.items.clone()).collect();
        Ok(Sums {
            aggregate: add_up(&items, &self.asked, &self.before, &answered)?,
            round: self.round.clone(),
            concern: self.concern,
            lots: self.lots.clone(),
            previous: self.previous.clone(),
            members: self.members.len(),
            answered: answered.len(),
            shows_members: self.concern == Concern::Coordinator || self.round.shows_others,
        })
    }

    pub(super) async fn answers(
        &self,
        view: &View,
        sums: &Aggregate,
    ) -> Result<Vec<Answer>, Error> {
        let items: Vec<Item> = self.lots.iter().flat_map(|lot| lot.items.clone()).collect();
        let earlier = self.before.asked_by(|_| true);
        let earlier = add_up(&items, &earlier, &Before::default(), &BTreeSet::new())?;
        let inhabitants = latest_populations(view, &self.members).await?;
        let phones = answers::phones(view, &self.members).await?;
        let members = organisations::find_all(view, self.members.iter().copied()).await?;
        let answer = |member: Organisation| {
            let declaration = self.declarations.get(&member.id);
            let before = earlier.by_member.get(&member.id).copied();
            Answer {
                state: self.state_of(member.id),
                to_reconfirm: declaration.is_some_and(|d| d.to_reconfirm),
                answered_at: declaration.and_then(|d| d.submitted_at),
                entered_for: declaration.is_some_and(|d| d.entered_for),
                open_until: declaration.and_then(|d| d.open_until),
                inhabitants: inhabitants.get(&member.id).copied(),
                phone: member
                    .phone
                    .clone()
                    .or_else(|| phones.get(&member.id).cloned()),
                value: sums.by_member.get(&member.id).copied().unwrap_or_default(),
                before: self.previous.is_some().then(|| before.unwrap_or_default()),
                member,
            }
        };
        Ok(members.into_iter().map(answer).collect())
    }
}

/// The newest municipal population of each, the series that people know.
async fn latest_populations(
    view: &View,
    members: &[OrganisationId],
) -> Result<BTreeMap<OrganisationId, i64>, Error> {
    let mut latest = BTreeMap::new();
    for population in organisations::populations(view, members.iter().copied()).await? {
        if population.series == "municipale" {
            latest
                .entry(population.organisation)
                .or_insert(population.inhabitants);
        }
    }
    Ok(latest)
}
