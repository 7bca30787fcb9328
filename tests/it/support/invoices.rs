//! Invoices of the trio: joined members, a supplier, amounts to split.
use chrono::NaiveDate;
use domain::{
    allocation::{TaxGroup, TaxTotal},
    identity::{OrganisationId, Siren, SupplierId},
    money::{Cents, TaxCategory, TaxRate},
    organisation::Population,
    purchasing::{
        invoice::{Invoice, InvoiceKind, LineRule, PrintedTotals},
        membership::MembershipState,
        supplier::Supplier,
    },
};
use encommun::{
    actions::{
        Actor,
        purchasing::invoices::{self, NewInvoice, NewLine},
    },
    store::{
        Begun, Line, Scope, Tx, organisations,
        purchasing::{memberships, suppliers},
    },
};

use super::{TestApp, rounds::Trio};

/// 20 % of VAT.
pub fn vat() -> TaxGroup {
    TaxGroup::new(TaxCategory::Vat, TaxRate::from_basis_points(2_000).unwrap())
}

/// A line at 20 %.
pub fn line(label: &str, net: i64, rule: LineRule) -> NewLine {
    NewLine {
        lot: None,
        item: None,
        label: label.to_owned(),
        quantity: None,
        unit_price: None,
        net: Cents(net),
        tax: vat(),
        rule: Some(rule),
    }
}

impl TestApp {
    /// Lets both communes of the trio join, with populations, and knows a supplier.
    pub async fn supplied(&self, trio: &Trio) -> SupplierId {
        let tx = self.fresh("test.supply").await;
        for membership in memberships::list(&tx, trio.grouping).await.unwrap() {
            let joined = domain::purchasing::membership::Membership {
                state: MembershipState::Joined,
                ..membership
            };
            memberships::save(&tx, &joined, || self.app.clock.new_id())
                .await
                .unwrap();
        }
        let population = |organisation: OrganisationId, inhabitants| Population {
            organisation,
            series: "municipale".to_owned(),
            year: 2026,
            inhabitants,
            source: "INSEE".to_owned(),
        };
        let known = [
            population(trio.anstaing, 1_643),
            population(trio.madeleine, 21_790),
        ];
        let known = known.map(|p| (self.app.clock.new_id(), p));
        organisations::insert_populations(&tx, known).await.unwrap();
        let id = SupplierId(self.app.clock.new_id());
        let supplier = Supplier {
            id,
            owner: trio.epci,
            siren: Siren::parse("732829320").unwrap(),
            siret: None,
            name: "Prestataire Exemple SAS".to_owned(),
            email: None,
            phone: None,
            version: 0,
        };
        suppliers::insert(&tx, &supplier).await.unwrap();
        let line = Line::about(Scope::Organisation(trio.epci), "supplier", id.0);
        tx.commit(line).await.unwrap();
        id
    }

    async fn fresh(&self, action: &'static str) -> Tx {
        match self.app.begin(&Actor::operator(), action).await.unwrap() {
            Begun::Fresh(tx) => tx,
            Begun::Again(_) => panic!("no operation key was given"),
        }
    }

    /// An invoice whose totals agree, received on 1 September 2026.
    pub fn invoice(
        &self,
        trio: &Trio,
        supplier: SupplierId,
        number: &str,
        lines: Vec<NewLine>,
    ) -> NewInvoice {
        let day = NaiveDate::from_ymd_opt(2026, 9, 1).unwrap();
        let net: i64 = lines.iter().map(|line| line.net.0).sum();
        let tax = vat().rate.tax_on(Cents(net)).unwrap();
        NewInvoice {
            grouping: trio.grouping,
            contract: None,
            supplier,
            kind: if net < 0 {
                InvoiceKind::CreditNote
            } else {
                InvoiceKind::Invoice
            },
            credited: None,
            number: number.to_owned(),
            title: "Plateforme des marchés".to_owned(),
            issued_on: day,
            received_on: day,
            service: None,
            printed: PrintedTotals {
                net: Cents(net),
                tax,
                gross: Cents(net + tax.0),
            },
            lines,
            taxes: vec![TaxTotal {
                group: vat(),
                amount: tax,
            }],
            duplicate_motive: None,
        }
    }

    /// The same, recorded and checked.
    pub async fn checked(&self, trio: &Trio, new: NewInvoice) -> Invoice {
        let invoice = invoices::record(&self.app, &trio.officer, new)
            .await
            .unwrap();
        invoices::check(&self.app, &trio.officer, invoice.id)
            .await
            .unwrap()
    }
}
