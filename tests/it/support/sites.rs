//! Sites and budgets of members, and rounds that are answered site by site.
use domain::{
    budget::{Budget, BudgetKind},
    identity::{OrganisationId, Siret},
    purchasing::round::Columns,
    site::{Site, SiteKind},
};
use encommun::{
    actions::{Actor, budgets, sites},
    store::{Line, Scope, purchasing::rounds},
};

use super::{TestApp, needs::Collection};

impl TestApp {
    /// A building of a member, or a meter when it has a number.
    pub async fn site(&self, owner: OrganisationId, name: &str, number: Option<&str>) -> Site {
        let kind = match number {
            Some(_) => SiteKind::ElectricityMeter,
            None => SiteKind::Building,
        };
        let details = sites::Details {
            kind,
            name: name.to_owned(),
            reference: number.map(str::to_owned),
            address: None,
            area: None,
            category: None,
            budget: None,
        };
        sites::create(&self.app, &Actor::operator(), owner, details)
            .await
            .unwrap()
    }

    /// A budget of a member beside its main one.
    pub async fn annexe(&self, owner: OrganisationId, name: &str, siret: Option<&str>) -> Budget {
        let details = budgets::Details {
            kind: BudgetKind::Annexe,
            name: name.to_owned(),
            siret: siret.map(|siret| Siret::parse(siret).unwrap()),
            vat_liable: false,
            chorus_service: None,
            chorus_engagement: None,
        };
        budgets::create(&self.app, &Actor::operator(), owner, details)
            .await
            .unwrap()
    }

    /// The same collection, its round answered site by site.
    pub async fn by_site(&self, mut all: Collection) -> Collection {
        let tx = self.operator_tx("round.edit").await;
        let mut round = rounds::lock(&tx, all.round.id).await.unwrap();
        round.columns = Columns {
            site: true,
            ..round.columns
        };
        rounds::save(&tx, &round).await.unwrap();
        let line = Line::about(Scope::Grouping(round.grouping), "round", round.id.0);
        tx.commit(line).await.unwrap();
        round.version += 1;
        all.round = round;
        all
    }
}
