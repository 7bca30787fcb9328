//! One contract: its terms, its prices, where it comes from.
use askama::Template;
use domain::{
    attachment::{Subject, SubjectKind},
    identity::ContractId,
    purchasing::{
        award::AwardPrice,
        contract::{ContractState, Terms},
        lot::Item,
    },
};
use uuid::Uuid;

use super::list::tone;
use crate::{
    actions::{
        App,
        purchasing::contracts::{self, Overview},
    },
    web::{
        attachments::Panel,
        components::Step,
        format::{self, filters},
        layout::Shell,
        page::{Answer, page_with},
        refused::Refused,
        session::Person,
    },
    wording,
};

#[derive(Template)]
#[template(path = "contracts/view.html")]
struct View {
    shell: Shell,
    sentence: String,
    o: Overview,
    state: &'static str,
    tone: &'static str,
    steps: Vec<Step>,
    operation: Uuid,
    pieces: Panel,
}

/// Renders the page, with a refusal where there was one.
pub(super) async fn answer(app: &App, person: &Person, id: ContractId, refused: Refused) -> Answer {
    let o = contracts::overview(app, &person.actor, id).await?;
    let subject = Subject {
        kind: SubjectKind::Contract,
        id: id.0,
    };
    let template = View {
        pieces: Panel::of(app, person, subject, format!("/marches/{id}")).await?,
        shell: person
            .shell(format!("Marché {}", o.contract.terms.number))
            .crumb("Marchés", "/marches"),
        sentence: refused.sentence,
        state: wording::contract::state(o.contract.state),
        tone: tone(o.contract.state),
        steps: steps(&o),
        operation: app.clock.new_id(),
        o,
    };
    page_with(refused.status, &template)
}

impl View {
    fn terms(&self) -> &Terms {
        &self.o.contract.terms
    }

    /// A page or a form of this contract.
    fn path(&self, rest: &str) -> String {
        format!("/marches/{}{rest}", self.o.contract.id)
    }

    fn starts(&self) -> bool {
        self.o.runs && self.o.contract.state == ContractState::Notified
    }

    fn ends(&self) -> bool {
        self.o.runs && self.o.contract.state == ContractState::Running
    }

    fn prices(&self) -> &[AwardPrice] {
        let award = self.o.award.as_ref();
        award.map_or(&[], |award| award.decision.prices())
    }

    fn item(&self, price: &AwardPrice) -> Option<&Item> {
        self.o.items.iter().find(|item| item.id == price.item)
    }

    /// « 12 mois, 3 reconductions ».
    fn duration(&self) -> String {
        let terms = self.terms();
        let months = terms.duration_months.map(i64::from);
        let months = months.map_or_else(
            || format::UNKNOWN.to_owned(),
            |months| format::count(months, "mois", "mois"),
        );
        match terms.renewals {
            0 => format!("{months}, sans reconduction"),
            renewals => {
                let renewals = format::count(i64::from(renewals), "reconduction", "");
                format!("{months}, {renewals}")
            }
        }
    }
}

fn steps(o: &Overview) -> Vec<Step> {
    let terms = &o.contract.terms;
    let notified = format::day_year(terms.notified_on);
    let starts = terms.starts_on.map(format::day_year).unwrap_or_default();
    let ends = terms.ends_on.map(format::day_year).unwrap_or_default();
    match o.contract.state {
        ContractState::Notified => vec![
            Step::current("Notifié", notified),
            Step::ahead("En cours", starts),
            Step::ahead("Terminé", ends),
        ],
        ContractState::Running => vec![
            Step::done("Notifié", notified),
            Step::current("En cours", starts),
            Step::ahead("Terminé", ends),
        ],
        ContractState::Ended => vec![
            Step::done("Notifié", notified),
            Step::done("En cours", starts),
            Step::current("Terminé", ends),
        ],
    }
}
