//! A JSON body before it takes the shape of its operation: its numbers and its dates.
use domain::field::{Field, FieldProblem};
use serde_json::Value;

const FIRST_YEAR: &str = "1900";
const LAST_YEAR: &str = "2999";

/// Makes 7.0 the whole number that JSON Schema says it is; serde would refuse it.
pub(super) fn make_whole(body: &mut Value) {
    match body {
        Value::Number(number) => {
            let text = number.to_string();
            let (digits, fraction) = text.split_once('.').unwrap_or((&text, "1"));
            if fraction.bytes().all(|digit| digit == b'0')
                && let Ok(whole) = digits.parse::<i64>()
            {
                *body = whole.into();
            }
        }
        Value::Array(values) => values.iter_mut().for_each(make_whole),
        Value::Object(values) => values.values_mut().for_each(make_whole),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// The dates that lie outside the years 1900 to 2999, each under its path.
///
/// Engines disagree on years of more or less than four digits, a payment limit is added to a
/// date, and a leap second reads back as another instant than the one that was hashed. So every
/// `…_on`, `…_at` and `deadline` is looked at here, in whatever body it comes.
pub(super) fn out_of_range(body: &Value) -> Vec<Field> {
    let mut fields = Vec::new();
    look("", "", body, &mut fields);
    fields
}

/// `serde_json` has refused what is too deep before this looks at it.
fn look(path: &str, name: &str, value: &Value, fields: &mut Vec<Field>) {
    let under = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    match value {
        Value::String(typed) if is_date(name) && !is_near(typed) => {
            let problem = FieldProblem::OutOfRange {
                min: format!("{FIRST_YEAR}-01-01"),
                max: format!("{LAST_YEAR}-12-31"),
            };
            fields.push(Field::new(path, typed, problem));
        }
        Value::Array(values) => {
            for (place, value) in values.iter().enumerate() {
                look(&under(&place.to_string()), name, value, fields);
            }
        }
        Value::Object(values) => {
            for (name, value) in values {
                look(&under(name), name, value, fields);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_date(name: &str) -> bool {
    name.ends_with("_on") || name.ends_with("_at") || name == "deadline"
}

/// A text that is not a date at all is for its own parser to refuse.
fn is_near(typed: &str) -> bool {
    let mut parts = typed.trim().splitn(2, ['-', 'T', 't', ' ']);
    let year = parts.next().unwrap_or("");
    if year.is_empty() || !year.bytes().all(|byte| byte.is_ascii_digit()) {
        // A sign stands before a year of more than four digits, or before Christ.
        return !typed.trim().starts_with(['+', '-']);
    }
    let near = year.len() == 4 && (FIRST_YEAR..=LAST_YEAR).contains(&year);
    near && !typed.contains(":60")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        let mut body = serde_json::json!({"a": [7.0, -3.0, 2.5, 8, 1e300], "b": "7.0"});
        make_whole(&mut body);
        let whole = serde_json::json!({"a": [7, -3, 2.5, 8, 1e300], "b": "7.0"});
        assert_eq!(body, whole);
    }

    #[test]
    fn dates_of_another_age_are_named_wherever_they_stand() {
        let body = serde_json::json!({
            "received_on": "0001-01-01",
            "issued_on": "2026-09-01",
            "deadline": "+12026-09-01T10:00:00Z",
            "number": "0001-02-03",
            "decisions": [{"decided_on": "3000-01-01"}, {"decided_on": "n’importe quoi"}],
            "signed_at": "2016-12-31T23:59:60Z",
            "opened_at": "2999-12-31T23:59:59Z",
            "ended_on": null,
        });
        let mut names: Vec<_> = out_of_range(&body).into_iter().map(|f| f.name).collect();
        names.sort();
        let far = [
            "deadline",
            "decisions.0.decided_on",
            "received_on",
            "signed_at",
        ];
        assert_eq!(names, far);
    }
}
