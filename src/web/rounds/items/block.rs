//! A block pasted from a spreadsheet: one item a line, cells apart by tabs or semicolons.
use domain::{
    field::{FieldProblem, Gathering},
    french,
    money::{TaxCategory, TaxRate, UnitPrice},
    number::NumberError,
    quantity::Quantity,
};

use super::cell;
use crate::{
    actions::purchasing::{
        items::{ITEMS_MAX, ItemInput, LotRef, NewItem, UNIT_CHARS_MAX},
        rounds::TITLE_CHARS_MAX,
    },
    web::form::Fields,
};

/// Reads the block; every line that cannot be read is refused with its number.
///
/// | lot | désignation | unité | prix estimé | taux | pas |
/// |-----|-------------|-------|-------------|------|-----|
/// | 1 | Support mural | unité | 4,15 | 20 | 1 |
pub(super) fn read(fields: &mut Fields) -> Option<Vec<NewItem>> {
    let typed = fields.typed("bloc").to_owned();
    let lines: Vec<(usize, &str)> = (1..)
        .zip(typed.lines())
        .filter(|(_, line)| !line.trim().is_empty())
        .filter(|(_, line)| !is_heading(line))
        .collect();
    if lines.is_empty() {
        fields.refuse("bloc", FieldProblem::Missing);
        return None;
    }
    if lines.len() > ITEMS_MAX {
        let (min, max) = ("1".to_owned(), format!("{ITEMS_MAX} lignes"));
        fields.refuse("bloc", FieldProblem::OutOfRange { min, max });
        return None;
    }
    let mut new = Vec::with_capacity(lines.len());
    for (number, line) in lines {
        match item(line) {
            Ok(item) => new.push(item),
            Err(problems) => {
                // One sentence for the block: its first faulty line, so that it can be found.
                let typed = problems
                    .problems
                    .first()
                    .map_or_else(String::new, |field| field.typed.clone());
                let typed = format!("ligne {number}, {typed}");
                fields.refuse("bloc", FieldProblem::not_one_of(&typed));
                return None;
            }
        }
    }
    Some(new)
}

/// The first line of most blocks names their columns.
fn is_heading(line: &str) -> bool {
    let folded = domain::text::search_text(line);
    folded.starts_with("lot ") && folded.contains("unite") && folded.contains("designation")
}

fn item(line: &str) -> Result<NewItem, Gathering> {
    let by = if line.contains('\t') { '\t' } else { ';' };
    let cells: Vec<&str> = line.split(by).map(str::trim).collect();
    let at = |place: usize| cells.get(place).copied().unwrap_or("");
    let mut gathering = Gathering::default();
    let lot = match at(0).parse::<i32>() {
        Ok(number) if number > 0 => Some(LotRef::Number(number)),
        Ok(_) => None,
        Err(_) => {
            let title = cell(at(0), TITLE_CHARS_MAX);
            gathering.read("lot", at(0), title).map(LotRef::Title)
        }
    };
    let title = gathering.read("designation", at(1), cell(at(1), TITLE_CHARS_MAX));
    let unit = gathering.read("unite", at(2), cell(at(2), UNIT_CHARS_MAX));
    let price = gathering.read_optional("prix", at(3), price);
    let tax = gathering.read_optional("taux", at(4), tax);
    let step = gathering.read_optional("pas", at(5), step);
    match (lot, title, unit, price, tax, step) {
        (Some(lot), Some(title), Some(unit), Some(price), Some(tax), Some(step)) => {
            let (tax_category, tax_rate) = tax.unwrap_or((TaxCategory::Vat, twenty()));
            Ok(NewItem {
                lot,
                input: ItemInput {
                    title,
                    unit,
                    tax_category,
                    tax_rate,
                    unit_price: price,
                    step: step.unwrap_or(Quantity::ONE),
                },
            })
        }
        _ => Err(gathering),
    }
}

fn price(typed: &str) -> Result<UnitPrice, NumberError> {
    french::parse_unit_price(typed.trim_end_matches('€').trim())
}

/// « 20 », « 5,5 % », « TSCA 9 », « exonéré ».
fn tax(typed: &str) -> Result<(TaxCategory, TaxRate), NumberError> {
    let plain = typed.trim_end_matches('%').trim();
    if domain::text::search_text(plain).starts_with("exo") {
        return Ok((TaxCategory::Exempt, TaxRate::ZERO));
    }
    let (category, rate) = match plain.strip_prefix("TSCA") {
        Some(rate) => (TaxCategory::InsuranceTax, rate.trim()),
        None => (TaxCategory::Vat, plain.trim_start_matches("TVA").trim()),
    };
    Ok((category, french::parse_rate(rate)?))
}

/// A step is above zero.
pub(super) fn step(typed: &str) -> Result<Quantity, FieldProblem> {
    let step = french::parse_quantity(typed)?;
    if step.is_zero() {
        let (min, max) = ("0,001".to_owned(), "1\u{202f}000\u{202f}000".to_owned());
        return Err(FieldProblem::OutOfRange { min, max });
    }
    Ok(step)
}

fn twenty() -> TaxRate {
    TaxRate::from_basis_points(2_000).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_spreadsheet_is_an_item() {
        let read = item("1\tSupport mural\tunité\t4,15 €\t20 %\t1").unwrap();
        assert_eq!(read.lot, LotRef::Number(1));
        assert_eq!(read.input.unit_price, Some(UnitPrice(4_150_000)));
        assert_eq!(read.input.tax_rate.basis_points(), 2_000);
        let read = item("Assurances; Dommages aux biens; m²;; TSCA 9").unwrap();
        assert_eq!(read.lot, LotRef::Title("Assurances".into()));
        assert_eq!(read.input.unit_price, None);
        assert_eq!(read.input.tax_category, TaxCategory::InsuranceTax);
        assert_eq!(read.input.step, Quantity::ONE);
        assert!(item("1\t\tunité").is_err());
        assert!(item("1\tSupport\tunité\tdouze").is_err());
        assert!(item("1\tSupport\tunité\t12\t20\t0").is_err());
    }

    #[test]
    fn the_names_of_columns_are_not_an_item() {
        assert!(is_heading("Lot\tDésignation\tUnité\tPrix"));
        assert!(!is_heading("Lot A\tSupport\tunité\t4"));
    }
}
