//! One invoice: its figures, their check with exact gaps, and what to do next.
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use domain::{
    allocation::TaxGroup,
    attachment::{Subject, SubjectKind},
    french,
    identity::{KeyId, RuleId},
    permission::Right,
    purchasing::invoice::{InvoiceState, LineRule},
};
use tower_sessions::Session;

use super::{
    super::{
        attachments::Panel,
        components::Typed,
        form::Fields,
        format::filters,
        layout::{FlashKind, Shell},
        page::{Answer, page, page_with},
        refused::Refused,
        session::{self, Person},
    },
    badge, named, operation, parse,
};
use crate::{
    actions::{
        App, Error,
        purchasing::{
            invoices::{self, Overview},
            keys, rules,
        },
    },
    wording,
};

#[derive(Template)]
#[template(path = "invoices/show.html")]
pub(super) struct Show {
    shell: Shell,
    href: String,
    tone: &'static str,
    state: &'static str,
    is_received: bool,
    is_checked: bool,
    is_allocated: bool,
    is_invoice: bool,
    runs_allocations: bool,
    refusal: String,
    typed: Typed,
    may_pay: bool,
    may_unpay: bool,
    gaps: Vec<String>,
    warnings: Vec<String>,
    by_delivery: bool,
    lines: Vec<LineRow>,
    groups: Vec<GroupRow>,
    relative: String,
    members: usize,
    delivered: usize,
    o: Overview,
    operation: String,
    pieces: Panel,
}

struct LineRow {
    position: i32,
    label: String,
    detail: String,
    tax: String,
    rule: String,
    net: domain::money::Cents,
}

struct GroupRow {
    tax: String,
    net: domain::money::Cents,
    printed: Option<domain::money::Cents>,
    on_total: domain::money::Cents,
    per_line: domain::money::Cents,
}

pub(super) async fn show(State(app): State<App>, person: Person, Path(id): Path<String>) -> Answer {
    let overview = invoices::overview(&app, &person.actor, parse(&id)?).await?;
    let today = french::date(person.today(&app));
    let fresh = Refused::fresh(Typed::default().with("payee_le", today));
    page(&complete(&app, &person, overview, fresh).await?)
}

pub(super) async fn check(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let id = parse(&id)?;
    let actor = person.actor.clone().with_operation(fields.operation());
    match invoices::check(&app, &actor, id).await {
        Ok(_) => {
            let text = "Facture contrôlée\u{a0}: elle tombe juste au centime.";
            session::tell(&session, FlashKind::Done, text).await?;
            Ok(Redirect::to(&format!("/factures/{id}")).into_response())
        }
        Err(error @ Error::Refused(_)) => {
            let overview = invoices::overview(&app, &person.actor, id).await?;
            let refused = Refused::of(&fields, error)?;
            let status = refused.status;
            page_with(status, &complete(&app, &person, overview, refused).await?)
        }
        Err(other) => Err(other.into()),
    }
}

pub(super) async fn complete(
    app: &App,
    person: &Person,
    o: Overview,
    refused: Refused,
) -> Result<Show, Error> {
    let today = person.today(app);
    let (tone, state) = badge(&o.invoice, today);
    let splits = person.actor.may(Right::RunAllocations, o.invoice.owner);
    let known = keys::list(app, &person.actor, o.invoice.grouping).await?;
    let key_name = |id: KeyId| {
        let found = known.iter().find(|key| key.id == id);
        found.map(|key| key.name.clone())
    };
    let voted = rules::list(app, &person.actor, o.invoice.grouping).await?;
    let rule_name = |id: RuleId| {
        let found = voted.iter().find(|rule| rule.id == id);
        found.map(|rule| rule.terms.name.clone())
    };
    let lines = o.invoice.lines.iter().map(|line| LineRow {
        position: line.position,
        label: line.label.clone(),
        detail: match (line.quantity, line.unit_price) {
            (Some(quantity), Some(price)) => format!(
                "{} × {}\u{202f}€",
                domain::french::quantity(quantity),
                domain::french::unit_price(price)
            ),
            (Some(quantity), None) => domain::french::quantity(quantity),
            (None, _) => String::new(),
        },
        tax: wording::allocation::tax(line.tax),
        rule: match &line.rule {
            LineRule::Key(id) => wording::invoice::line_rule(&line.rule, key_name(*id).as_deref()),
            LineRule::Rule(id) => {
                wording::invoice::line_rule(&line.rule, rule_name(*id).as_deref())
            }
            LineRule::Equal | LineRule::Delivered | LineRule::Population { .. } => {
                wording::invoice::line_rule(&line.rule, None)
            }
        },
        net: line.net,
    });
    let tax = |group: TaxGroup| wording::allocation::tax(group);
    let groups = o.check.groups.iter().map(|group| GroupRow {
        tax: tax(group.group),
        net: group.net,
        printed: group.printed,
        on_total: group.on_total,
        per_line: group.per_line,
    });
    let title = named(o.invoice.kind, &o.invoice.number);
    let subject = Subject {
        kind: SubjectKind::Invoice,
        id: o.invoice.id.0,
    };
    let href = format!("/factures/{}", o.invoice.id);
    Ok(Show {
        shell: person
            .shell(title)
            .crumb("Factures et répartitions", "/factures"),
        pieces: Panel::of(app, person, subject, href.clone()).await?,
        href,
        tone,
        state,
        is_received: o.invoice.state == InvoiceState::Received,
        is_checked: o.invoice.state == InvoiceState::Checked,
        is_allocated: o.invoice.state == InvoiceState::Allocated,
        is_invoice: !o.invoice.printed.gross.is_negative(),
        runs_allocations: splits,
        may_pay: splits && o.invoice.is_payable() && o.invoice.paid_on.is_none(),
        may_unpay: splits && o.invoice.paid_on.is_some(),
        gaps: wording::invoice::gaps(&o.check),
        warnings: wording::invoice::warnings(&o.check),
        by_delivery: o
            .invoice
            .lines
            .iter()
            .any(|line| line.rule == LineRule::Delivered),
        lines: lines.collect(),
        groups: groups.collect(),
        relative: domain::french::relative_days(today, o.invoice.due_on),
        members: o
            .participants
            .iter()
            .filter(|p| p.left_on.is_none())
            .count(),
        delivered: o.delivered.len(),
        operation: operation(app),
        refusal: refused.sentence,
        typed: refused.typed,
        o,
    })
}
