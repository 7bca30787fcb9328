//! One procedure: its life, its gate, its lots.
use askama::Template;
use chrono::NaiveDate;
use chrono_tz::Tz;
use domain::{
    attachment::{Subject, SubjectKind},
    french,
    identity::ProcedureId,
    money::UnitPrice,
    purchasing::{
        award::{Award, LotOutcome, Saving},
        contract::Contract,
        procedure::{Plan, Procedure, ProcedureState},
        round::RoundState,
        thresholds::Duty,
    },
    quantity::Quantity,
};
use uuid::Uuid;

use super::list::tone;
use crate::{
    actions::{
        App,
        purchasing::procedures::{self, ItemOverview, Limit, LotOverview, Overview, Wanting},
    },
    web::{
        attachments::{Panel, add_href},
        components::{Gauge, Step, Threshold, Typed},
        format::{self, filters},
        layout::Shell,
        page::{Answer, page_with},
        refused::Refused,
        session::Person,
    },
    wording,
};

#[derive(Template)]
#[template(path = "procedures/view.html")]
struct View {
    shell: Shell,
    zone: Tz,
    refused: Refused,
    o: Overview,
    state: &'static str,
    tone: &'static str,
    form: &'static str,
    nature: &'static str,
    steps: Vec<Step>,
    gauge: Gauge,
    /// How many members the launch waits for.
    waiting: i64,
    drift: Option<Drift>,
    /// A key for each form of the page: each acts once.
    operations: [Uuid; 3],
    preparing: bool,
    pieces: Panel,
}

/// Quantities declared since the launch, and whether the procedure may still take them.
struct Drift {
    lines: Vec<DriftLine>,
    /// Why it may not; empty when it may.
    refusal: &'static str,
}

struct DriftLine {
    title: String,
    unit: String,
    launched: Quantity,
    now: Quantity,
}

/// Renders the page, with a refusal where there was one.
pub(super) async fn answer(
    app: &App,
    person: &Person,
    id: ProcedureId,
    mut refused: Refused,
) -> Answer {
    let o = procedures::overview(app, &person.actor, id).await?;
    if refused.typed.value("lancee_le").is_empty() {
        let typed = std::mem::take(&mut refused.typed);
        refused.typed = typed.with("lancee_le", french::date(o.limits_on));
    }
    let lacking = o.wanting.iter().filter(|w| waits(w)).count();
    let status = refused.status;
    let subject = Subject {
        kind: SubjectKind::Procedure,
        id: id.0,
    };
    let pieces = Panel::of(app, person, subject, format!("/consultations/{id}")).await?;
    let awards = o.lots.iter().filter_map(|lot| {
        let name = format!("lot {}", lot.lot.number);
        Some((award_subject(lot.award.as_ref()?), name))
    });
    let awards: Vec<_> = awards.collect();
    let pieces = pieces.with(app, person, &awards).await?;
    let plan = &o.procedure.plan;
    let template = View {
        shell: person
            .shell(plan.title.clone())
            .crumb("Marchés", "/marches")
            .crumb("Consultations", "/consultations"),
        refused,
        state: wording::procedure::state(o.procedure.state),
        tone: tone(o.procedure.state),
        form: wording::procedure::form(plan.form),
        nature: wording::procedure::nature(plan.nature),
        steps: steps(&o, person.zone()),
        zone: person.zone(),
        gauge: gauge(&o),
        waiting: i64::try_from(lacking).unwrap_or(i64::MAX),
        drift: drift(&o),
        operations: [app.clock.new_id(), app.clock.new_id(), app.clock.new_id()],
        preparing: o.procedure.state == ProcedureState::Preparing,
        pieces,
        o,
    };
    page_with(status, &template)
}

impl View {
    fn typed(&self) -> &Typed {
        &self.refused.typed
    }

    fn plan(&self) -> &Plan {
        &self.o.procedure.plan
    }

    fn procedure(&self) -> &Procedure {
        &self.o.procedure
    }

    /// A page or a form of this procedure.
    fn path(&self, rest: &str) -> String {
        format!("/consultations/{}{rest}", self.o.procedure.id)
    }

    /// Where a piece of the outcome of a lot is added.
    fn piece_path(&self, award: &Award) -> String {
        add_href(award_subject(award), &self.path(""))
    }

    fn lot_path(&self, lot: &LotOverview) -> String {
        self.path(&format!("/lots/{}", lot.lot.id))
    }

    /// Why the launch waits.
    fn waiting_reason(&self) -> String {
        let members = format::count(self.waiting, "membre", "");
        format!("{members} à attendre ou à mettre de côté")
    }

    /// The highest threshold that the estimate reaches.
    fn highest(&self) -> Option<&Limit> {
        self.o.limits.iter().rfind(|limit| limit.reached)
    }

    fn highest_duty(&self) -> &'static str {
        let duty = self.highest().map(|limit| limit.threshold.duty);
        duty.map_or("", wording::procedure::duty)
    }

    /// What a member lacks, in words.
    fn lacks(&self, wanting: &Wanting) -> String {
        let lacks = wanting.candidate.lacks.iter();
        let words: Vec<&str> = lacks.map(|lack| wording::procedure::lack(*lack)).collect();
        words.join(", ")
    }

    /// « Lot », after the title of its round when there are several.
    fn heading(&self, lot: &LotOverview) -> String {
        let round = self.o.rounds.iter().find(|r| r.id == lot.lot.round);
        match round {
            Some(round) if self.o.rounds.len() > 1 => format!("{}, lot", round.title),
            Some(_) | None => "Lot".to_owned(),
        }
    }

    /// The outcome of a lot: the tone of its badge and its word.
    fn outcome(&self, lot: &LotOverview) -> (&'static str, &'static str) {
        let Some(award) = &lot.award else {
            return ("warn", "À décider");
        };
        let outcome = award.decision.outcome();
        let tone = match outcome {
            LotOutcome::Awarded => "ok",
            LotOutcome::NoTender | LotOutcome::Dropped => "no",
        };
        (tone, wording::procedure::outcome(outcome))
    }

    /// Whether a contract can be made of the lot.
    fn awaits_contract(&self, lot: &LotOverview) -> bool {
        let awarded = |a: &Award| a.decision.outcome() == LotOutcome::Awarded;
        lot.contract.is_none() && lot.award.as_ref().is_some_and(awarded)
    }

    fn contract_label(&self, contract: &Contract) -> String {
        format!("Marché {}", contract.terms.number)
    }
}

fn award_subject(award: &Award) -> Subject {
    Subject {
        kind: SubjectKind::Award,
        id: award.id.0,
    }
}

fn waits(wanting: &Wanting) -> bool {
    wanting.aside.is_none() && !wanting.candidate.lacks.is_empty()
}

/// « 1 234,00 €, soit 12,5 % », or nothing without a reference price.
pub(super) fn saved(saving: &Saving) -> String {
    let (Ok(saved), Some(part)) = (saving.saved(), saving.hundredths()) else {
        return String::new();
    };
    format!("{}, soit {}", french::euros(saved), french::percent(part))
}

fn steps(o: &Overview, zone: Tz) -> Vec<Step> {
    let procedure = &o.procedure;
    let day = |day: Option<NaiveDate>| day.map(format::day_year).unwrap_or_default();
    let due = procedure.plan.offers_due_at;
    let due = due.map(|at| format::day_time(at, zone));
    let due = due.unwrap_or_default();
    let prepared = format::day_year(format::local(procedure.created_at, zone).date());
    let decided = o.lots.iter().filter(|lot| lot.award.is_some()).count();
    let lots = format!("{decided} sur {}", o.lots.len());
    match procedure.state {
        ProcedureState::Preparing => vec![
            Step::current("En préparation", format!("depuis le {prepared}")),
            Step::ahead("Lancée", ""),
            Step::ahead("Offres remises", due),
            Step::ahead("Lots décidés", lots),
        ],
        ProcedureState::Published => vec![
            Step::done("Préparée", prepared),
            Step::current("Lancée", day(procedure.launched_on)),
            Step::ahead("Offres remises", due),
            Step::ahead("Lots décidés", lots),
        ],
        ProcedureState::Done => vec![
            Step::done("Préparée", prepared),
            Step::done("Lancée", day(procedure.launched_on)),
            Step::done("Offres remises", due),
            Step::current("Lots décidés", lots),
        ],
    }
}

fn gauge(o: &Overview) -> Gauge {
    let limits: Vec<Threshold> = o
        .limits
        .iter()
        .map(|limit| Threshold {
            cents: limit.threshold.amount.0,
            text: limit_text(limit),
            limit: limit.threshold.duty == Duty::Formal,
        })
        .collect();
    let reached = o.limits.iter().filter(|limit| limit.reached);
    let reached: Vec<String> = reached.map(limit_text).collect();
    let against = if reached.is_empty() {
        "sous tous les seuils".to_owned()
    } else {
        format!("seuils atteints\u{a0}: {}", reached.join(", "))
    };
    let sentence = format!("{} HT estimés, {against}.", french::euros(o.estimate));
    Gauge::new(o.estimate.0, o.estimate.0, &limits, sentence)
}

fn limit_text(limit: &Limit) -> String {
    let euros = french::euros(limit.threshold.amount);
    let short = euros.replace(",00", "");
    format!("{short} {}", wording::procedure::duty(limit.threshold.duty))
}

fn drift(o: &Overview) -> Option<Drift> {
    if o.moved.is_empty() {
        return None;
    }
    let items = o.lots.iter().flat_map(|lot| &lot.items);
    let lines = items.filter_map(|line| {
        let moved = o.moved.iter().find(|moved| moved.item == line.item.id)?;
        Some(DriftLine {
            title: line.item.title.clone(),
            unit: line.item.unit.clone(),
            launched: moved.launched.quantity,
            now: moved.now.quantity,
        })
    });
    let refusal = if o.lots.iter().any(|lot| lot.award.is_some()) {
        "un lot est décidé"
    } else if o.rounds.iter().any(|r| r.state == RoundState::Open) {
        "une campagne est encore ouverte"
    } else {
        ""
    };
    Some(Drift {
        lines: lines.collect(),
        refusal,
    })
}

/// The awarded price of an item, if its lot was awarded.
fn price_of(lot: &LotOverview, line: &ItemOverview) -> Option<UnitPrice> {
    let award = lot.award.as_ref()?;
    let mut prices = award.decision.prices().iter();
    let price = prices.find(|price| price.item == line.item.id)?;
    Some(price.unit_price)
}

fn lot_verb(lot: &LotOverview) -> &'static str {
    if lot.award.is_some() {
        "Corriger l’issue du lot"
    } else {
        "Saisir l’issue du lot"
    }
}
