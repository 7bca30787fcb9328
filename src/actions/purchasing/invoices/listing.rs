//! Lists of invoices: by words, state, payment.
use domain::{
    identity::{ContractId, GroupingId, InvoiceId},
    permission::Right,
    purchasing::{
        invoice::{Invoice, InvoiceState},
        payment::Payment,
    },
    text,
};

use crate::{
    actions::{Actor, App, Error},
    store::{
        View, organisations,
        purchasing::{invoices as rows, suppliers},
    },
};

/// One invoice of a list.
#[derive(Clone, Debug)]
pub struct Listed {
    pub invoice: Invoice,
    pub supplier: String,
}

/// What a list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub words: String,
    pub state: Option<InvoiceState>,
    /// To pay, late ones included; late; or paid.
    pub payment: Option<Payment>,
    pub grouping: Option<GroupingId>,
    pub contract: Option<ContractId>,
}

/// A numbered page of the invoices the actor may see, and how many there are.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    app: &App,
    actor: &Actor,
    wanted: &Wanted,
    skip: u64,
    limit: u64,
) -> Result<(Vec<Listed>, u64), Error> {
    let view = app.store.view().await?;
    let filter = filter(app, &view, actor, wanted).await?;
    let found = rows::page(&view, &filter, skip, limit).await?;
    Ok((
        named(&view, found).await?,
        rows::count(&view, &filter).await?,
    ))
}

/// The invoices the actor may see, newest first, after the last one seen.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    app: &App,
    actor: &Actor,
    wanted: &Wanted,
    after: Option<InvoiceId>,
    limit: u64,
) -> Result<Vec<Listed>, Error> {
    let view = app.store.view().await?;
    let filter = filter(app, &view, actor, wanted).await?;
    let found = rows::list(&view, &filter, after, limit).await?;
    named(&view, found).await
}

async fn filter(
    app: &App,
    view: &View,
    actor: &Actor,
    wanted: &Wanted,
) -> Result<rows::Filter, Error> {
    let owners: Vec<_> = actor.organisations_with(Right::See).collect();
    let payment = match wanted.payment {
        Some(Payment::ToPay) => Some(rows::Paying::ToPay),
        Some(Payment::Paid) => Some(rows::Paying::Paid),
        Some(Payment::Late) => {
            let reader = actor.acting_for.or(owners.first().copied());
            let today = match reader {
                Some(id) => app.today_of(&organisations::find(view, id).await?),
                None => app.clock.now().date_naive(),
            };
            Some(rows::Paying::Late { today })
        }
        None => None,
    };
    Ok(rows::Filter {
        owners,
        grouping: wanted.grouping,
        contract: wanted.contract,
        words: text::search_text(&wanted.words),
        state: wanted.state,
        payment,
    })
}

async fn named(view: &View, invoices: Vec<Invoice>) -> Result<Vec<Listed>, Error> {
    let names = suppliers::find_all(view, invoices.iter().map(|i| i.supplier)).await?;
    let listed = invoices.into_iter().map(|invoice| Listed {
        supplier: names
            .get(&invoice.supplier)
            .map_or_else(String::new, |supplier| supplier.name.clone()),
        invoice,
    });
    Ok(listed.collect())
}
