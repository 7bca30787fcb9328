//! Invoices of the story: recorded, checked, split, and proved.
use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::{
    allocation::{TaxGroup, TaxTotal, Totals, Weight},
    identity::{ContractId, GroupingId, ItemId, KeyId, OrganisationId},
    money::{Cents, UnitPrice},
    purchasing::{
        invoice::{InvoiceKind, LineRule, PrintedTotals},
        payment::Payment,
    },
    quantity::Quantity,
};

use super::{proof::Proof, steps};
use crate::actions::{
    Actor, App, Error,
    purchasing::{
        allocations,
        invoices::{self, NewInvoice, NewLine},
        keys, payments,
        suppliers::{self, NamedSupplier, SupplierInput},
    },
};

/// An invoice as its supplier sent it.
pub(super) struct Bill {
    pub grouping: GroupingId,
    pub contract: Option<ContractId>,
    pub supplier: NamedSupplier,
    pub number: String,
    pub title: String,
    pub issued_on: NaiveDate,
    pub received_on: NaiveDate,
    pub lines: Vec<BillLine>,
    /// The tax as printed.
    pub taxes: Vec<(TaxGroup, Cents)>,
}

/// One of its lines.
pub(super) struct BillLine {
    pub label: String,
    pub item: Option<ItemId>,
    pub quantity: Option<Quantity>,
    pub unit_price: Option<UnitPrice>,
    pub net: Cents,
    pub tax: TaxGroup,
    pub rule: LineRule,
}

/// Makes a key of whole figures.
pub(super) async fn key(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
    (name, unit, source): (&str, &str, &str),
    values: BTreeMap<OrganisationId, i64>,
) -> Result<KeyId, Error> {
    let weigh = |value: i64| {
        Weight::parse(&value.to_string()).map_err(|e| Error::Internal(anyhow::Error::new(e)))
    };
    let values = values
        .into_iter()
        .map(|(member, value)| Ok((member, weigh(value)?)))
        .collect::<Result<_, Error>>()?;
    let input = keys::KeyInput {
        name: name.to_owned(),
        unit: unit.to_owned(),
        source: source.to_owned(),
        dated_on: steps::today(app),
        values,
    };
    Ok(keys::create(app, actor, grouping, input).await?.id)
}

/// Records an invoice, checks it against itself and splits it.
pub(super) async fn split(
    app: &App,
    actor: &Actor,
    owner: OrganisationId,
    bill: Bill,
) -> Result<Proof, Error> {
    let title = bill.title.clone();
    let net = Cents::checked_sum(bill.lines.iter().map(|line| line.net))?;
    let tax = Cents::checked_sum(bill.taxes.iter().map(|(_, amount)| *amount))?;
    let gross = net.checked_add(tax)?;
    let supplier = known(app, actor, owner, &bill.supplier).await?;
    let new = NewInvoice {
        grouping: bill.grouping,
        contract: bill.contract,
        supplier,
        kind: InvoiceKind::Invoice,
        credited: None,
        number: bill.number,
        title: bill.title,
        issued_on: bill.issued_on,
        received_on: bill.received_on,
        service: None,
        printed: PrintedTotals { net, tax, gross },
        lines: bill.lines.into_iter().map(line).collect(),
        taxes: bill
            .taxes
            .into_iter()
            .map(|(group, amount)| TaxTotal { group, amount })
            .collect(),
        duplicate_motive: None,
    };
    let invoice = invoices::record(app, actor, new).await?;
    invoices::check(app, actor, invoice.id).await?;
    allocations::allocate(app, actor, invoice.id, None).await?;
    let split = allocations::latest(app, actor, invoice.id).await?;
    let paying = split.debtors.into_iter().filter(|d| d.statement.is_some());
    let mut shares: Vec<_> = paying.map(|d| (d.case_id, d.total)).collect();
    shares.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(Proof {
        title,
        detail: String::new(),
        invoice: Totals { net, tax, gross },
        shares,
    })
}

/// Tells the payment of the invoices whose last day passed while the story went on.
pub(super) async fn pay_late(app: &App, actor: &Actor) -> Result<(), Error> {
    let wanted = invoices::Wanted {
        payment: Some(Payment::Late),
        ..invoices::Wanted::default()
    };
    let limit = app.settings.limits.page_rows_max;
    for listed in invoices::list(app, actor, &wanted, None, limit).await? {
        let invoice = listed.invoice;
        payments::pay(app, actor, invoice.id, None, invoice.due_on).await?;
    }
    Ok(())
}

fn line(line: BillLine) -> NewLine {
    NewLine {
        lot: None,
        item: line.item,
        label: line.label,
        quantity: line.quantity,
        unit_price: line.unit_price,
        net: line.net,
        tax: line.tax,
        rule: Some(line.rule),
    }
}

async fn known(
    app: &App,
    actor: &Actor,
    owner: OrganisationId,
    named: &NamedSupplier,
) -> Result<domain::identity::SupplierId, Error> {
    let listed = suppliers::list(app, actor, named.siren.as_str(), None, 1).await?;
    if let Some(supplier) = listed.first() {
        return Ok(supplier.id);
    }
    let input = SupplierInput {
        siren: named.siren.clone(),
        siret: named.siret.clone(),
        name: named.name.clone(),
        email: None,
        phone: None,
    };
    Ok(suppliers::create(app, actor, owner, input).await?.id)
}
