//! The lines of a grid: one for each item or, if the round asks so, for each item and site.
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{
    identity::{ItemId, OrganisationId, SiteId},
    purchasing::{
        lot::{Item, Lot},
        need::{Draft, Measure, Need, Typed},
        round::Round,
    },
    quantity::Quantity,
    site::Site,
    text,
};

use super::{Grid, Line, LotLines};
use crate::{
    actions::Error,
    store::{
        View, organisations,
        purchasing::{declarations, drafts, items, lots, needs},
        sites,
    },
};

/// The sites of one member at most: the largest city of France has fewer meters.
const SITES_MAX: u64 = 20_000;

/// What a member has to answer with, before it is laid out in lots.
struct Own {
    drafts: BTreeMap<(ItemId, String), Draft>,
    needs: BTreeMap<(ItemId, String), Need>,
    /// Those in use first; none when the round does not ask for sites.
    sites: Vec<Site>,
}

impl Own {
    /// The lines of an item: its key and its site.
    ///
    /// | the round asks for sites | sites in use | lines                                 |
    /// |--------------------------|-------------:|---------------------------------------|
    /// | no                       |              | the item                              |
    /// | yes                      |            3 | one for each                          |
    /// | yes                      |         none | the item: no commune is kept silent   |
    ///
    /// A line that was answered stays, whatever became of its site.
    fn places(&self, by_site: bool, item: ItemId) -> Vec<(String, Option<&Site>)> {
        if !by_site {
            return vec![(String::new(), None)];
        }
        let mut places: Vec<(String, Option<&Site>)> = self
            .sites
            .iter()
            .map(|site| (site.id.to_string(), Some(site)))
            .filter(|(key, site)| {
                site.is_some_and(|site| site.active) || self.is_answered(item, key)
            })
            .collect();
        let no_site = !self.sites.iter().any(|site| site.active);
        if no_site || self.is_answered(item, "") {
            places.push((String::new(), None));
        }
        places
    }

    fn is_answered(&self, item: ItemId, key: &str) -> bool {
        let place = (item, key.to_owned());
        let typed = self.drafts.get(&place);
        typed.is_some_and(Draft::is_answer) || self.needs.contains_key(&place)
    }
}

/// What is laid out for a member.
pub(super) struct Laid {
    pub lots: Vec<LotLines>,
    /// When a cell was last saved.
    pub saved_at: Option<DateTime<Utc>>,
    /// How many times a line was saved: drafts are never taken away, so that it only grows.
    pub changes: i32,
}

/// The lots that the member joined, each line with what is typed or was transmitted.
pub(super) async fn lots_of(
    view: &View,
    round: &Round,
    member: OrganisationId,
    now: DateTime<Utc>,
) -> Result<Laid, Error> {
    let joined = declarations::participations(view, round.grouping, Some(member)).await?;
    let typed = drafts::of_member(view, round.id, member).await?;
    let saved_at = typed.iter().map(|draft| draft.saved_at).max();
    let versions = typed.iter().map(|draft| draft.version);
    let changes = versions.fold(0, i32::saturating_add);
    let own = needs::of_member(view, round.id, member).await?;
    let own = Own {
        drafts: typed
            .into_iter()
            .map(|draft| ((draft.item, draft.line.clone()), draft))
            .collect(),
        needs: own
            .into_iter()
            .map(|need| ((need.item, need.line.clone()), need))
            .collect(),
        sites: if round.columns.site {
            sites::list(view, member, SITES_MAX).await?
        } else {
            Vec::new()
        },
    };
    let all = items::list_of_round(view, round.id).await?;
    let mut found = Vec::new();
    for lot in lots::list_of_round(view, round.id).await? {
        let takes_part = joined.iter().any(|member| member.includes(lot.id));
        let of_lot = all
            .iter()
            .filter(|item| item.lot == lot.id && !item.removed);
        let mut lines = Vec::new();
        for item in of_lot {
            for (key, site) in own.places(round.columns.site, item.id) {
                let place = (item.id, key);
                if !takes_part && !own.needs.contains_key(&place) {
                    continue;
                }
                let draft = draft_of(&own, place, site, now);
                lines.push(line(&lot, item, site, draft));
            }
        }
        if !lines.is_empty() {
            found.push(LotLines { lot, lines });
        }
    }
    Ok(Laid {
        lots: found,
        saved_at,
        changes,
    })
}

fn line(lot: &Lot, item: &Item, site: Option<&Site>, draft: Draft) -> Line {
    let reference = format!("{}.{}", lot.number, item.number);
    Line {
        measure: Measure {
            reference: match site {
                Some(site) => format!("{reference}, {}", site.name),
                None => reference.clone(),
            },
            unit: item.unit.clone(),
            step: item.step,
        },
        reference,
        site: site.cloned(),
        draft,
        previous: None,
        total: needs::Total::default(),
        others: Vec::new(),
        item: item.clone(),
    }
}

/// What is typed, else what was transmitted, else nothing yet.
fn draft_of(own: &Own, place: (ItemId, String), site: Option<&Site>, now: DateTime<Utc>) -> Draft {
    if let Some(draft) = own.drafts.get(&place) {
        return draft.clone();
    }
    let empty = Draft::empty(place.0, place.1.clone(), now);
    match own.needs.get(&place) {
        Some(need) => Draft {
            quantity: Typed::Read(need.quantity),
            most: need.commitment.most().map_or(Typed::Empty, Typed::Read),
            commitment: need.commitment.kind(),
            budget: need.budget,
            comment: need.comment.clone(),
            ..empty
        },
        None => Draft {
            budget: site.and_then(|site| site.budget),
            ..empty
        },
    }
}

/// Items are new rows in each round: the same title and unit tell what is the same thing.
type Sameness = (String, String);

fn sameness(item: &Item) -> Sameness {
    (text::search_text(&item.title), item.unit.clone())
}

/// What the member asked for in the round before, for the same item and the same site.
///
/// A line without site takes the sum over sites, if the round before asked for them.
pub(super) async fn add_previous(view: &View, grid: &mut Grid) -> Result<(), Error> {
    let Some(previous) = &grid.previous else {
        return Ok(());
    };
    let names: BTreeMap<ItemId, Sameness> = items::list_of_round(view, previous.id)
        .await?
        .iter()
        .map(|item| (item.id, sameness(item)))
        .collect();
    let mut asked: BTreeMap<(&Sameness, Option<SiteId>), Quantity> = BTreeMap::new();
    let mut whole: BTreeMap<&Sameness, Quantity> = BTreeMap::new();
    let before = needs::of_member(view, previous.id, grid.member.id).await?;
    for need in &before {
        if let Some(name) = names.get(&need.item) {
            let sums = [
                asked.entry((name, need.site)).or_default(),
                whole.entry(name).or_default(),
            ];
            for sum in sums {
                *sum = sum.checked_add(need.quantity)?;
            }
        }
    }
    let by_site = grid.round.columns.site;
    for line in grid.lots.iter_mut().flat_map(|lot| &mut lot.lines) {
        let name = sameness(&line.item);
        let site = line.site.as_ref().map(|site| site.id);
        line.previous = if by_site {
            asked.get(&(&name, site)).copied()
        } else {
            whole.get(&name).copied()
        };
    }
    Ok(())
}

/// What all members together ask of each item.
pub(super) async fn add_totals(view: &View, grid: &mut Grid) -> Result<(), Error> {
    let totals = needs::totals(view, grid.round.id).await?;
    for line in grid.lots.iter_mut().flat_map(|lot| &mut lot.lines) {
        line.total = totals.get(&line.item.id).copied().unwrap_or_default();
    }
    Ok(())
}

/// The quantities of the other members, each of them once for an item.
pub(super) async fn add_others(view: &View, grid: &mut Grid) -> Result<(), Error> {
    let own = grid.member.id;
    let mut sums: BTreeMap<ItemId, BTreeMap<OrganisationId, Quantity>> = BTreeMap::new();
    for need in needs::of_round(view, grid.round.id).await? {
        if need.member != own {
            let members = sums.entry(need.item).or_default();
            let sum = members.entry(need.member).or_default();
            *sum = sum.checked_add(need.quantity)?;
        }
    }
    let ids = sums.values().flat_map(|members| members.keys().copied());
    let found = organisations::find_all(view, ids).await?;
    grid.names = found.into_iter().map(|o| (o.id, o.name)).collect();
    for line in grid.lots.iter_mut().flat_map(|lot| &mut lot.lines) {
        let members = sums.get(&line.item.id).into_iter().flatten();
        line.others = members.map(|(id, quantity)| (*id, *quantity)).collect();
    }
    Ok(())
}
