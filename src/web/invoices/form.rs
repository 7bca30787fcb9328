//! An invoice copied from the paper: one form, checked by the server.
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use chrono::NaiveDate;
use domain::{
    field::FieldProblem,
    french::NBSP,
    identity::{ContractId, GroupingId, InvoiceId, SupplierId},
    permission::Right,
    purchasing::invoice::{Invoice, InvoiceKind, PrintedTotals, ServicePeriod},
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    super::{
        components::{Choice, Typed},
        form::Fields,
        format,
        layout::{FlashKind, Shell},
        page::{Answer, page, page_with},
        session::{self, Person},
    },
    labels::label,
    lines, operation, parse,
};
use crate::{
    actions::{
        App, Error,
        purchasing::{
            invoice_choices::{self, Choices},
            invoices::{self, NewInvoice},
        },
    },
    exchange, wording,
};

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    groupement: Option<String>,
    /// The invoice that a credit note takes back.
    avoir: Option<String>,
}

#[derive(Template)]
#[template(path = "invoices/choose.html")]
struct Choose {
    shell: Shell,
    groupings: Vec<Choice>,
    typed: Typed,
}

#[derive(Template)]
#[template(path = "invoices/form.html")]
struct Form {
    shell: Shell,
    action: String,
    typed: Typed,
    refusal: String,
    operation: String,
    version: String,
    grouping: String,
    kinds: Vec<Choice>,
    contracts: Vec<Choice>,
    items: Vec<Choice>,
    taxes: Vec<Choice>,
    rules: Vec<Choice>,
    rows: Vec<usize>,
    tax_rows: Vec<usize>,
    more: usize,
}

pub(super) async fn show_new(
    State(app): State<App>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Answer {
    if let Some(id) = asked.avoir {
        let invoice = invoices::find(&app, &person.actor, parse(&id)?).await?;
        let choices = invoice_choices::of_grouping(&app, &person.actor, invoice.grouping).await?;
        let typed = credit_note(person.today(&app), &invoice)?;
        let shell = person.shell("Enregistrer un avoir");
        return page(&form(&app, shell, &choices, typed, "/factures"));
    }
    let Some(id) = asked.groupement.filter(|id| !id.is_empty()) else {
        if person
            .actor
            .organisations_with(Right::RunAllocations)
            .next()
            .is_none()
        {
            return Err(Error::Forbidden.into());
        }
        let groupings = invoice_choices::groupings_of(&app, &person.actor).await?;
        return page(&Choose {
            shell: crumbed(person.shell("Enregistrer une facture")),
            groupings: groupings
                .into_iter()
                .map(|g| Choice::new(g.id.to_string(), g.title))
                .collect(),
            typed: Typed::default(),
        });
    };
    let id: GroupingId = id.parse().ok().ok_or(Error::NotFound)?;
    let choices = invoice_choices::of_grouping(&app, &person.actor, id).await?;
    let typed = Typed::default().with("nature", "invoice");
    let shell = person.shell("Enregistrer une facture");
    page(&form(&app, shell, &choices, typed, "/factures"))
}

pub(super) async fn create(
    State(app): State<App>,
    person: Person,
    session: Session,
    fields: Fields,
) -> Answer {
    let id = fields.typed("groupement").parse().ok();
    let id: GroupingId = id.ok_or(Error::NotFound)?;
    let title = "Enregistrer une facture";
    save(&app, person, session, fields, id, title, None).await
}

pub(super) async fn show_edit(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Answer {
    let invoice = invoices::find(&app, &person.actor, parse(&id)?).await?;
    let choices = invoice_choices::of_grouping(&app, &person.actor, invoice.grouping).await?;
    let typed = lines::typed(&invoice);
    let shell = person.shell(format!("Modifier {}", invoice.number));
    let action = format!("/factures/{}/modifier", invoice.id);
    let mut form = form(&app, shell, &choices, typed, &action);
    form.version = invoice.version.to_string();
    page(&form)
}

pub(super) async fn edit(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let invoice = invoices::find(&app, &person.actor, parse(&id)?).await?;
    let title = format!("Modifier {}", invoice.number);
    let grouping = invoice.grouping;
    save(
        &app,
        person,
        session,
        fields,
        grouping,
        &title,
        Some(invoice.id),
    )
    .await
}

async fn save(
    app: &App,
    person: Person,
    session: Session,
    mut fields: Fields,
    grouping: GroupingId,
    title: &str,
    edited: Option<InvoiceId>,
) -> Answer {
    let choices = invoice_choices::of_grouping(app, &person.actor, grouping).await?;
    let more = fields.ticked("ajouter");
    let done = if more {
        Err(Error::Invalid(Vec::new()))
    } else {
        match read(&mut fields, &choices) {
            Ok(new) => {
                let actor = person.actor.clone().with_operation(fields.operation());
                match edited {
                    None => invoices::record(app, &actor, new).await,
                    Some(id) => {
                        let version = fields.typed("version").parse().ok();
                        invoices::edit(app, &actor, id, version, new).await
                    }
                }
            }
            Err(error) => Err(error),
        }
    };
    match done {
        Ok(invoice) => {
            let text = format!("Facture {} enregistrée.", invoice.number);
            session::tell(&session, FlashKind::Done, text).await?;
            Ok(Redirect::to(&format!("/factures/{}", invoice.id)).into_response())
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_) | Error::Stale)) => {
            let action = edited.map_or_else(
                || "/factures".to_owned(),
                |id| format!("/factures/{id}/modifier"),
            );
            let (typed, refusal) = refill(&fields, &error);
            let mut form = form(app, person.shell(title), &choices, typed, &action);
            form.refusal = refusal;
            form.version = fields.typed("version").to_owned();
            let added = if more { lines::ROWS } else { 0 };
            let rows = (lines::rows_of(&fields) + added).min(lines::ROWS_MAX);
            form.rows = (1..=rows).collect();
            form.more = rows;
            let status = if more {
                StatusCode::OK
            } else {
                exchange::status(&error)
            };
            page_with(status, &form)
        }
        Err(other) => Err(other.into()),
    }
}

fn read(fields: &mut Fields, choices: &Choices) -> Result<NewInvoice, Error> {
    let kind = fields.choice("nature", InvoiceKind::from_code);
    let number = fields.text("numero", 60);
    let title = fields.text("objet", 200);
    let issued_on = fields.date("emise_le");
    let received_on = fields.date("recue_le");
    let service = period(fields);
    let chosen = fields.choice("marche", |typed| chosen(typed, choices));
    let lines = lines::read_lines(fields, choices);
    let taxes = lines::read_taxes(fields);
    let net = fields.amount("total_ht");
    let tax = fields.amount("total_taxe");
    let gross = fields.amount("total_ttc");
    let motive = fields.text_optional("motif_doublon", 500);
    let credited = fields.typed("facture_rendue").parse().ok();
    let refused = matches!(fields.invalid(), Error::Invalid(all) if !all.is_empty());
    if let (Some(kind), Some(number), Some(title)) = (kind, number, title)
        && let (Some(issued_on), Some(received_on), Some(service)) =
            (issued_on, received_on, service)
        && let (Some((contract, supplier)), Some(motive)) = (chosen, motive)
        && let (Some(net), Some(tax), Some(gross)) = (net, tax, gross)
        && !refused
    {
        return Ok(NewInvoice {
            grouping: choices.grouping.id,
            contract,
            supplier,
            kind,
            credited,
            number,
            title,
            issued_on,
            received_on,
            service,
            printed: PrintedTotals { net, tax, gross },
            lines,
            taxes,
            duplicate_motive: motive,
        });
    }
    Err(fields.invalid())
}

/// Both days of the billed period, or none.
#[expect(clippy::option_option, reason = "refused, absent or there")]
fn period(fields: &mut Fields) -> Option<Option<ServicePeriod>> {
    let from = fields.date_optional("periode_debut")?;
    let to = fields.date_optional("periode_fin")?;
    match (from, to) {
        (Some(from), Some(to)) => Some(Some(ServicePeriod { from, to })),
        (None, None) => Some(None),
        (Some(_), None) => {
            fields.refuse("periode_fin", FieldProblem::Missing);
            None
        }
        (None, Some(_)) => {
            fields.refuse("periode_debut", FieldProblem::Missing);
            None
        }
    }
}

/// A contract brings its supplier; a common cost names one.
fn chosen(typed: &str, choices: &Choices) -> Option<(Option<ContractId>, SupplierId)> {
    let (kind, id) = typed.split_once(':')?;
    if kind == "m" {
        let id: ContractId = id.parse().ok()?;
        let contract = choices.contracts.iter().find(|c| c.id == id)?;
        return Some((Some(id), contract.supplier));
    }
    let id: SupplierId = id.parse().ok()?;
    let supplier = choices.suppliers.iter().find(|s| s.id == id)?;
    Some((None, supplier.id))
}

/// The form of a credit note that takes the whole of an invoice back.
fn credit_note(today: NaiveDate, invoice: &Invoice) -> Result<Typed, Error> {
    let mut back = invoice.clone();
    back.kind = InvoiceKind::CreditNote;
    back.credited = Some(invoice.id);
    back.number = String::new();
    back.duplicate_motive = None;
    back.title = format!("Avoir sur {}", invoice.number);
    back.issued_on = today;
    back.received_on = today;
    for line in &mut back.lines {
        // A quantity is never negative: the amounts alone are given back.
        line.quantity = None;
        line.net = line.net.checked_neg()?;
    }
    for tax in &mut back.taxes {
        tax.amount = tax.amount.checked_neg()?;
    }
    back.printed = PrintedTotals {
        net: back.printed.net.checked_neg()?,
        tax: back.printed.tax.checked_neg()?,
        gross: back.printed.gross.checked_neg()?,
    };
    Ok(lines::typed(&back))
}

fn form(app: &App, shell: Shell, choices: &Choices, typed: Typed, action: &str) -> Form {
    let rows = typed.value("lignes").parse().unwrap_or(lines::ROWS);
    let supplier = |id: SupplierId| {
        let found = choices.suppliers.iter().find(|s| s.id == id);
        found.map_or_else(String::new, |s| s.name.clone())
    };
    let contracts = choices.contracts.iter().map(|c| {
        let label = format!("Marché {}, {}", c.terms.number, supplier(c.supplier));
        Choice::new(format!("m:{}", c.id), label)
    });
    let outside = choices.suppliers.iter().map(|s| {
        let label = format!("Frais communs hors marché, {}", s.name);
        Choice::new(format!("f:{}", s.id), label)
    });
    Form {
        shell: crumbed(shell),
        action: action.to_owned(),
        refusal: String::new(),
        operation: operation(app),
        version: String::new(),
        grouping: choices.grouping.id.to_string(),
        kinds: InvoiceKind::ALL
            .into_iter()
            .map(|kind| {
                let label = format::capital(wording::invoice::invoice_kind(kind));
                let hint = match kind {
                    InvoiceKind::Invoice => "Le fournisseur demande une somme",
                    InvoiceKind::CreditNote => {
                        "Il en rend une\u{a0}: saisissez des montants négatifs"
                    }
                };
                Choice::new(kind.code(), label).hint(hint)
            })
            .collect(),
        contracts: contracts.chain(outside).collect(),
        items: choices
            .items
            .iter()
            .map(|item| {
                let label = format!("{} ({})", item.title, item.unit);
                Choice::new(item.id.to_string(), label)
            })
            .collect(),
        taxes: lines::tax_choices(),
        rules: lines::rule_choices(choices),
        rows: (1..=rows).collect(),
        tax_rows: (1..=lines::TAX_ROWS).collect(),
        more: rows,
        typed,
    }
}

fn crumbed(shell: Shell) -> Shell {
    shell.crumb("Factures et répartitions", "/factures")
}

fn refill(fields: &Fields, error: &Error) -> (Typed, String) {
    let mut typed = Typed::of(fields.iter());
    let Error::Invalid(problems) = error else {
        return (typed, wording::error(error).1);
    };
    for field in problems {
        let problem = wording::field::problem(&field.problem);
        typed.refuse(
            &field.name,
            format!("{}{NBSP}: {problem}", label(&field.name)),
        );
    }
    (typed, String::new())
}
