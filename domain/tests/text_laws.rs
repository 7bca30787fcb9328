//! What is printed can be read back, in the strict form and in French.

use chrono::{Days, NaiveDate};
use domain::french;
use domain::identity::{Email, InseeCode, Phone, Siret};
use domain::money::{Cents, TaxRate, UnitPrice};
use domain::quantity::Quantity;
use proptest::prelude::*;

/// Amounts below 10¹⁶ €, the most that a face accepts.
const CENTS_MAX: i64 = 999_999_999_999_999_999;

proptest! {
    #[test]
    fn amounts_read_back_as_printed(cents in -CENTS_MAX..=CENTS_MAX) {
        let amount = Cents(cents);
        prop_assert_eq!(Cents::parse(&amount.to_string()), Ok(amount));
        prop_assert_eq!(french::parse_amount(&french::euros(amount)), Ok(amount));
        prop_assert_eq!(french::parse_amount(&french::amount(amount)), Ok(amount));
    }

    #[test]
    fn unit_prices_read_back_as_printed(micro: i64) {
        let price = UnitPrice(micro);
        if micro != i64::MIN {
            prop_assert_eq!(UnitPrice::parse(&price.to_string()), Ok(price));
            prop_assert_eq!(french::parse_unit_price(&french::unit_price(price)), Ok(price));
        }
    }

    #[test]
    fn quantities_read_back_as_printed(milli in 0..=i64::MAX) {
        let quantity = Quantity(milli);
        prop_assert_eq!(Quantity::parse(&quantity.to_string()), Ok(quantity));
        prop_assert_eq!(french::parse_quantity(&french::quantity(quantity)), Ok(quantity));
    }

    #[test]
    fn rates_read_back_as_printed(basis_points in 0..=10_000) {
        let rate = TaxRate::from_basis_points(basis_points).unwrap();
        prop_assert_eq!(TaxRate::parse(&rate.to_string()), Ok(rate));
        prop_assert_eq!(french::parse_rate(&french::rate(rate)), Ok(rate));
    }

    #[test]
    fn whole_numbers_read_back_as_printed(value in -9_999_999_999_999_999..=9_999_999_999_999_999_i64) {
        prop_assert_eq!(french::parse_decimal(&french::integer(value), 0), Ok(value));
    }

    #[test]
    fn dates_read_back_as_printed(days in 0_u64..3_000_000) {
        let date = NaiveDate::from_ymd_opt(1, 1, 1).unwrap() + Days::new(days);
        prop_assert_eq!(french::parse_date(&french::date(date)), Ok(date));
        prop_assert_eq!(french::parse_date(&date.to_string()), Ok(date));
    }

    #[test]
    fn no_text_breaks_a_reader_and_what_is_accepted_reads_back(text in typed()) {
        reads_back(&text, Siret::parse);
        reads_back(&text, InseeCode::parse);
        reads_back(&text, Email::parse);
        reads_back(&text, Phone::parse);
        let folded = domain::text::sort_key(&text);
        prop_assert_eq!(domain::text::sort_key(&folded), folded);
    }

    #[test]
    fn a_figure_read_twice_is_the_same_figure(text in "[-−]?[0-9 \u{202f},.]{1,12}( ?€)?") {
        if let Ok(amount) = french::parse_amount(&text) {
            prop_assert_eq!(french::parse_amount(&french::euros(amount)), Ok(amount));
        }
    }
}

/// Anything, and what looks like a number, an address or a telephone.
fn typed() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,40}",
        "[0-9 ]{9,16}",
        "[0-9]{5}|2[aAbB][0-9]{3}",
        "[a-zA-Z.+-]{1,9}@[a-zA-Z0-9.-]{1,12}\\.[a-zA-Z]{2,4}",
        "(\\+33|0|00|\\+)[0-9. -]{6,14}",
    ]
}

fn reads_back<T, E>(text: &str, parse: impl Fn(&str) -> Result<T, E>)
where
    T: std::fmt::Display + PartialEq + std::fmt::Debug,
    E: PartialEq + std::fmt::Debug,
{
    if let Ok(value) = parse(text) {
        assert_eq!(parse(&value.to_string()), Ok(value));
    }
}
