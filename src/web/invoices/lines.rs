//! The lines and taxes of the form, typed row by row without any script.
use domain::{
    allocation::{TaxGroup, TaxTotal},
    field::FieldProblem,
    french,
    identity::{ItemId, KeyId, RuleId},
    money::{Cents, TaxCategory, TaxRate},
    purchasing::invoice::{Invoice, LineRule},
};

use super::super::{
    components::{Choice, Typed},
    form::Fields,
};
use crate::{
    actions::purchasing::{invoice_choices::Choices, invoices::NewLine},
    wording,
};

/// The longest label of a line.
const LABEL_CHARS_MAX: usize = 200;
/// Rows of an empty form, and rows that a press on « Ajouter des lignes » adds.
pub(super) const ROWS: usize = 4;
/// As many lines as one page can hold; longer invoices come by the API.
pub(super) const ROWS_MAX: usize = 100;
/// Rows of printed taxes.
pub(super) const TAX_ROWS: usize = 3;
/// The choice of a line that takes the rule of its article, its lot or its grouping.
const AGREED: &str = "agreed";
/// The usual rates, in hundredths of a percent.
const RATES: [(TaxCategory, i32); 14] = [
    (TaxCategory::Vat, 2_000),
    (TaxCategory::Vat, 1_000),
    (TaxCategory::Vat, 550),
    (TaxCategory::Vat, 210),
    (TaxCategory::Vat, 0),
    (TaxCategory::InsuranceTax, 900),
    (TaxCategory::InsuranceTax, 700),
    (TaxCategory::InsuranceTax, 1_340),
    (TaxCategory::InsuranceTax, 1_800),
    (TaxCategory::InsuranceTax, 1_900),
    (TaxCategory::InsuranceTax, 2_000),
    (TaxCategory::InsuranceTax, 3_000),
    (TaxCategory::InsuranceTax, 3_250),
    (TaxCategory::Exempt, 0),
];

/// The taxes to choose from.
pub(super) fn tax_choices() -> Vec<Choice> {
    let groups = RATES.iter().filter_map(|(category, rate)| {
        let rate = TaxRate::from_basis_points(*rate).ok()?;
        Some(TaxGroup::new(*category, rate))
    });
    groups
        .map(|group| Choice::new(tax_code(group), wording::allocation::tax(group)))
        .collect()
}

/// The rules to choose from.
pub(super) fn rule_choices(choices: &Choices) -> Vec<Choice> {
    let mut rules = Vec::new();
    if choices.agreed {
        rules.push(Choice::new(AGREED, "Règle convenue"));
    }
    for rule in &choices.rules {
        let line_rule = LineRule::Rule(rule.id);
        let label = wording::invoice::line_rule(&line_rule, Some(&rule.terms.name));
        let label = match rule.number {
            1 => label,
            number => format!("{label}, version {number}"),
        };
        rules.push(Choice::new(format!("rule:{}", rule.id), label));
    }
    rules.extend([
        Choice::new("equal", wording::invoice::line_rule(&LineRule::Equal, None)),
        Choice::new(
            "delivered",
            wording::invoice::line_rule(&LineRule::Delivered, None),
        ),
    ]);
    for (series, year) in &choices.populations {
        let rule = LineRule::Population {
            series: series.clone(),
            year: *year,
        };
        rules.push(Choice::new(
            rule.code(),
            wording::invoice::line_rule(&rule, None),
        ));
    }
    for key in &choices.keys {
        let rule = LineRule::Key(key.id);
        rules.push(Choice::new(
            format!("key:{}", key.id),
            wording::invoice::line_rule(&rule, Some(&key.name)),
        ));
    }
    rules
}

fn tax_code(group: TaxGroup) -> String {
    format!("{}:{}", group.category, group.rate)
}

fn parse_tax(code: &str) -> Option<TaxGroup> {
    let (category, rate) = code.split_once(':')?;
    let rate = TaxRate::parse(rate).ok()?;
    Some(TaxGroup::new(category.parse().ok()?, rate))
}

/// What was chosen for a line; nothing when it is what was agreed.
fn parse_rule(code: &str) -> Option<Option<LineRule>> {
    if code == AGREED {
        return Some(None);
    }
    if let Some(id) = code.strip_prefix("key:") {
        return id.parse().ok().map(|id| Some(LineRule::Key(KeyId(id))));
    }
    if let Some(id) = code.strip_prefix("rule:") {
        return id.parse().ok().map(|id| Some(LineRule::Rule(RuleId(id))));
    }
    LineRule::from_code(code, None, None).map(Some)
}

/// How many rows the form shows.
pub(super) fn rows_of(fields: &Fields) -> usize {
    let asked = fields.typed("lignes").parse().unwrap_or(ROWS);
    asked.clamp(1, ROWS_MAX)
}

/// The lines that are filled in; an empty row is no line.
pub(super) fn read_lines(fields: &mut Fields, choices: &Choices) -> Vec<NewLine> {
    let mut lines = Vec::new();
    for row in 1..=rows_of(fields) {
        let name = |field: &str| format!("{field}_{row}");
        let filled = ["libelle", "ht"]
            .iter()
            .any(|field| !fields.typed(&name(field)).trim().is_empty());
        if !filled {
            continue;
        }
        let label = fields.text(&name("libelle"), LABEL_CHARS_MAX);
        let quantity = fields.read_optional(&name("quantite"), french::parse_quantity);
        let unit_price = fields.read_optional(&name("prix"), french::parse_unit_price);
        let net = fields.amount(&name("ht"));
        let tax = fields.choice(&name("taxe"), parse_tax);
        let rule = fields.choice(&name("regle"), parse_rule);
        let item = fields.read_optional(&name("article"), |typed| {
            let id: Result<ItemId, _> = typed.parse();
            id.or(Err(FieldProblem::not_one_of(typed)))
        });
        if let (Some(label), Some(quantity), Some(unit_price), Some(net)) =
            (label, quantity, unit_price, net)
            && let (Some(tax), Some(rule), Some(item)) = (tax, rule, item)
        {
            let lot = choices.items.iter().find(|i| Some(i.id) == item);
            lines.push(NewLine {
                lot: lot.map(|i| i.lot),
                item,
                label,
                quantity,
                unit_price,
                net,
                tax,
                rule,
            });
        }
    }
    lines
}

/// The printed taxes that are filled in.
pub(super) fn read_taxes(fields: &mut Fields) -> Vec<TaxTotal> {
    let mut taxes: Vec<TaxTotal> = Vec::new();
    for row in 1..=TAX_ROWS {
        let (code, amount) = (format!("imprimee_{row}"), format!("montant_{row}"));
        if fields.typed(&amount).trim().is_empty() {
            continue;
        }
        let group = fields.choice(&code, parse_tax);
        let amount: Option<Cents> = fields.amount(&amount);
        if let (Some(group), Some(amount)) = (group, amount) {
            match taxes.iter_mut().find(|tax| tax.group == group) {
                Some(tax) => tax.amount = Cents(tax.amount.0.saturating_add(amount.0)),
                None => taxes.push(TaxTotal { group, amount }),
            }
        }
    }
    taxes
}

/// The form of a stored invoice.
pub(super) fn typed(invoice: &Invoice) -> Typed {
    let mut typed = Typed::default()
        .with("nature", invoice.kind.code())
        .with("numero", &invoice.number)
        .with("objet", &invoice.title)
        .with("emise_le", french::date(invoice.issued_on))
        .with("recue_le", french::date(invoice.received_on))
        .with("total_ht", french::amount(invoice.printed.net))
        .with("total_taxe", french::amount(invoice.printed.tax))
        .with("total_ttc", french::amount(invoice.printed.gross))
        .with(
            "motif_doublon",
            invoice.duplicate_motive.clone().unwrap_or_default(),
        )
        .with("lignes", invoice.lines.len().max(1).to_string());
    if let Some(period) = invoice.service {
        typed = typed
            .with("periode_debut", french::date(period.from))
            .with("periode_fin", french::date(period.to));
    }
    typed = match invoice.contract {
        Some(id) => typed.with("marche", format!("m:{id}")),
        None => typed.with("marche", format!("f:{}", invoice.supplier)),
    };
    if let Some(id) = invoice.credited {
        typed = typed.with("facture_rendue", id.to_string());
    }
    for (row, line) in (1..).zip(&invoice.lines) {
        let name = |field: &str| format!("{field}_{row}");
        let quantity = line.quantity.map(french::quantity).unwrap_or_default();
        let price = line.unit_price.map(french::unit_price).unwrap_or_default();
        let rule = match &line.rule {
            LineRule::Key(id) => format!("key:{id}"),
            LineRule::Rule(id) => format!("rule:{id}"),
            rule @ (LineRule::Equal | LineRule::Delivered | LineRule::Population { .. }) => {
                rule.code()
            }
        };
        typed = typed
            .with(&name("libelle"), &line.label)
            .with(&name("quantite"), quantity)
            .with(&name("prix"), price)
            .with(&name("ht"), french::amount(line.net))
            .with(&name("taxe"), tax_code(line.tax))
            .with(&name("regle"), rule)
            .with(
                &name("article"),
                line.item.map(|id| id.to_string()).unwrap_or_default(),
            );
    }
    for (row, tax) in (1..).zip(&invoice.taxes) {
        typed = typed
            .with(&format!("imprimee_{row}"), tax_code(tax.group))
            .with(&format!("montant_{row}"), french::amount(tax.amount));
    }
    typed
}
