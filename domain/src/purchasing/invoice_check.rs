//! An invoice compared with itself (« contrôle de la facture »): the exact gaps.
use std::collections::BTreeMap;

use super::invoice::Invoice;
use crate::{
    allocation::{AllocationError, TaxGroup},
    identity::InvoiceLineId,
    money::{self, Cents},
};

/// What the printed figures say of each other (« contrôle »).
///
/// A gap is what is printed less what the parts make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The sum of the lines.
    pub lines: Cents,
    pub net_gap: Cents,
    /// The sum of the printed taxes.
    pub taxes: Cents,
    pub tax_gap: Cents,
    /// Printed net and tax together.
    pub sum: Cents,
    pub gross_gap: Cents,
    pub groups: Vec<GroupCheck>,
    /// Lines whose amount is not quantity × unit price; a warning, the printed line wins.
    pub products: Vec<ProductGap>,
}

/// One group of tax, printed beside computed (« taxe contrôlée »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupCheck {
    pub group: TaxGroup,
    /// The sum of the lines under this tax.
    pub net: Cents,
    /// None when lines bear a tax that is not printed.
    pub printed: Option<Cents>,
    /// The rate on the sum of the lines.
    pub on_total: Cents,
    /// The sum of the rate on each line.
    pub per_line: Cents,
    /// Whether a line bears this tax.
    pub borne: bool,
}

/// A line whose amount is not what its quantity and price make (« écart de ligne »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProductGap {
    pub line: InvoiceLineId,
    pub position: i32,
    pub printed: Cents,
    pub computed: Cents,
}

impl GroupCheck {
    /// Whether the tax can be shared: printed, and borne by lines.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        match self.printed {
            Some(printed) => self.borne || printed.is_zero(),
            None => self.group.rate.is_zero() || self.on_total.is_zero(),
        }
    }

    /// Whether the printed tax is one of the two that suppliers compute.
    ///
    /// | lines at 5.5 % | per line | on the total |
    /// |----------------|---------:|-------------:|
    /// | 1 051.05 twice |   115.62 |       115.62 |
    /// | 10.30 thrice   |     1.71 |         1.70 |
    #[must_use]
    pub fn is_usual(&self) -> bool {
        self.printed
            .is_none_or(|printed| printed == self.on_total || printed == self.per_line)
    }
}

impl Check {
    /// Computes every gap; only a sum beyond 64 bits is refused.
    pub fn of(invoice: &Invoice) -> Result<Self, AllocationError> {
        let printed = invoice.printed;
        let lines = Cents::checked_sum(invoice.lines.iter().map(|line| line.net))?;
        let taxes = Cents::checked_sum(invoice.taxes.iter().map(|tax| tax.amount))?;
        let sum = printed.net.checked_add(printed.tax)?;
        Ok(Self {
            lines,
            net_gap: printed.net.checked_sub(lines)?,
            taxes,
            tax_gap: printed.tax.checked_sub(taxes)?,
            sum,
            gross_gap: printed.gross.checked_sub(sum)?,
            groups: groups(invoice)?,
            products: products(invoice)?,
        })
    }

    /// Whether the invoice agrees with itself to the cent and can be split.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        let gaps = [self.net_gap, self.tax_gap, self.gross_gap];
        gaps.iter().all(|gap| gap.is_zero()) && self.groups.iter().all(GroupCheck::is_complete)
    }
}

fn groups(invoice: &Invoice) -> Result<Vec<GroupCheck>, AllocationError> {
    let mut groups: BTreeMap<TaxGroup, GroupCheck> = BTreeMap::new();
    let empty = |group| GroupCheck {
        group,
        net: Cents::ZERO,
        printed: None,
        on_total: Cents::ZERO,
        per_line: Cents::ZERO,
        borne: false,
    };
    for line in &invoice.lines {
        let group = groups.entry(line.tax).or_insert_with(|| empty(line.tax));
        group.borne = true;
        group.net = group.net.checked_add(line.net)?;
        let tax = line.tax.rate.tax_on(line.net)?;
        group.per_line = group.per_line.checked_add(tax)?;
    }
    for tax in &invoice.taxes {
        let group = groups.entry(tax.group).or_insert_with(|| empty(tax.group));
        let before = group.printed.unwrap_or_default();
        group.printed = Some(before.checked_add(tax.amount)?);
    }
    for group in groups.values_mut() {
        group.on_total = group.group.rate.tax_on(group.net)?;
    }
    Ok(groups.into_values().collect())
}

fn products(invoice: &Invoice) -> Result<Vec<ProductGap>, AllocationError> {
    let mut gaps = Vec::new();
    for line in &invoice.lines {
        let (Some(quantity), Some(price)) = (line.quantity, line.unit_price) else {
            continue;
        };
        let computed = money::amount(quantity, price)?;
        if computed != line.net {
            gaps.push(ProductGap {
                line: line.id,
                position: line.position,
                printed: line.net,
                computed,
            });
        }
    }
    Ok(gaps)
}

#[cfg(test)]
mod tests {
    use super::super::invoice::tests::{invoice, line, vat};
    use super::*;
    use crate::{money::UnitPrice, quantity::Quantity};

    #[test]
    fn an_invoice_that_agrees_has_no_gap() {
        let lines = vec![
            line(1, 3_648_000, vat(2_000)),
            line(2, 1_215_000, vat(2_000)),
        ];
        let check = invoice(lines, &[(vat(2_000), 972_600)], 5_835_600)
            .check()
            .unwrap();
        assert!(check.is_exact() && check.products.is_empty());
        assert!(check.groups.iter().all(GroupCheck::is_usual));
    }

    #[test]
    fn each_gap_is_given_to_the_cent() {
        let mut wrong = invoice(
            vec![line(1, 10_000, vat(2_000))],
            &[(vat(2_000), 2_000)],
            12_003,
        );
        wrong.printed.net = Cents(9_999);
        wrong.printed.tax = Cents(2_001);
        let check = wrong.check().unwrap();
        assert_eq!(
            (check.net_gap, check.tax_gap, check.gross_gap),
            (Cents(-1), Cents(1), Cents(3))
        );
        assert!(!check.is_exact());
    }

    #[test]
    fn tax_per_line_and_on_the_total_are_both_accepted() {
        // Three lines of 10.30 at 5.5 %: 0.5665 each, 1.6995 together.
        let lines = || {
            (1..=3)
                .map(|n| line(n, 1_030, vat(550)))
                .collect::<Vec<_>>()
        };
        for (printed, usual) in [(170, true), (171, true), (172, false), (169, false)] {
            let invoice = invoice(lines(), &[(vat(550), printed)], 3_090 + printed);
            let check = invoice.check().unwrap();
            assert_eq!(check.groups[0].is_usual(), usual, "{printed}");
            // The printed invoice is the authority: an unusual tax is only a warning.
            assert!(check.is_exact(), "{printed}");
        }
    }

    #[test]
    fn a_tax_without_lines_or_lines_without_tax_cannot_be_split() {
        let lines = vec![line(1, 10_000, vat(2_000))];
        let missing = invoice(lines.clone(), &[], 10_000).check().unwrap();
        assert!(!missing.is_exact());
        let both = [(vat(2_000), 2_000), (vat(550), 55)];
        let orphan = invoice(lines, &both, 12_055).check().unwrap();
        assert!(!orphan.is_exact());
    }

    #[test]
    fn a_line_that_is_not_quantity_times_price_is_pointed_at() {
        let mut odd = line(1, 3_751, vat(0));
        odd.quantity = Some(Quantity(3_000));
        odd.unit_price = Some(UnitPrice(12_500_000));
        let check = invoice(vec![odd], &[], 3_751).check().unwrap();
        assert_eq!(check.products[0].computed, Cents(3_750));
        assert!(check.is_exact());
    }
}
