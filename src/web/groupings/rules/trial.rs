//! « Essai »: what a rule would ask of each, before anything is kept.
use askama::Template;
use axum::extract::{Path, State};
use domain::{allocation::AllocationRule, french, identity::GroupingId, money::Cents};

use super::{super::parse, Named, typed};
use crate::{
    actions::{
        App, Error,
        purchasing::{groupings, keys, rules},
    },
    web::{
        components::Percent,
        form::Fields,
        format::filters,
        page::{Answer, page},
        session::Person,
    },
    wording,
};

/// The amount of a first look: 10 000,00 €.
pub(super) const SAMPLE: Cents = Cents(1_000_000);

/// A trial as its page shows it.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    /// What the rule says, when it could be read.
    pub sentence: String,
    pub amount: Cents,
    pub rows: Vec<Row>,
    /// Why there is none.
    pub refusal: String,
}

/// One member of a trial.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub member: String,
    pub share: Cents,
    /// « 12,34 % »
    pub part: String,
    /// « 1,23 », or a dash where nobody lives.
    pub each: String,
    /// Of the largest share.
    pub bar: Percent,
}

#[derive(Template)]
#[template(path = "groupings/rule_trial.html")]
struct Fragment {
    trial: Shown,
}

/// The trial of a form being typed, as a fragment of its page.
pub(in super::super) async fn try_out(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    mut fields: Fields,
) -> Answer {
    let id: GroupingId = parse(&id)?;
    let trial = of_form(&app, &person, id, &mut fields).await?;
    page(&Fragment { trial })
}

/// The trial of what is typed; a field that cannot be read says so under itself.
pub(super) async fn of_form(
    app: &App,
    person: &Person,
    id: GroupingId,
    fields: &mut Fields,
) -> Result<Shown, Error> {
    let members = keys::weighable(app, &person.actor, id).await?;
    let amount = fields.read_optional("montant", french::parse_amount);
    let formula = typed::read(fields, &members);
    let (Some(amount), Some(formula)) = (amount, formula) else {
        return Ok(Shown {
            refusal: "Complétez la règle pour voir les parts.".to_owned(),
            ..Shown::default()
        });
    };
    shown(app, person, id, Some(formula), amount.unwrap_or(SAMPLE)).await
}

/// The trial of a formula on an amount.
pub(super) async fn shown(
    app: &App,
    person: &Person,
    id: GroupingId,
    formula: Option<AllocationRule>,
    amount: Cents,
) -> Result<Shown, Error> {
    let Some(formula) = formula else {
        return Ok(Shown::default());
    };
    let seen = groupings::overview(app, &person.actor, id).await?;
    let sentence = Named::of(app, &person.actor, &seen)
        .await?
        .sentence(&formula);
    let trial = match rules::try_out(app, &person.actor, id, &formula, amount).await {
        Ok(trial) => trial,
        Err(error @ Error::Refused(_)) => {
            return Ok(Shown {
                sentence,
                refusal: wording::error(&error).1,
                ..Shown::default()
            });
        }
        Err(error) => return Err(error),
    };
    let most = trial.shares.iter().map(|one| one.share.0.abs()).max();
    let most = most.unwrap_or(0).max(1);
    let rows = trial.shares.into_iter().map(|one| Row {
        part: percent(one.share, amount),
        each: one
            .inhabitants
            .map_or_else(|| "–".to_owned(), |n| per_inhabitant(one.share, n)),
        bar: Percent::of(one.share.0.abs(), most),
        share: one.share,
        member: one.organisation.name,
    });
    Ok(Shown {
        sentence,
        amount,
        rows: rows.collect(),
        refusal: String::new(),
    })
}

/// A part of an amount, to the hundredth of a percent, half away from zero.
fn percent(share: Cents, of: Cents) -> String {
    let hundredths = half_away(i128::from(share.0) * 10_000, i128::from(of.0));
    french::decimal(&fixed(hundredths))
}

/// Euros per inhabitant, to the cent; a dash where nobody lives.
fn per_inhabitant(share: Cents, inhabitants: i64) -> String {
    if inhabitants <= 0 {
        return "–".to_owned();
    }
    french::decimal(&fixed(half_away(
        i128::from(share.0),
        i128::from(inhabitants),
    )))
}

fn half_away(top: i128, bottom: i128) -> i128 {
    if bottom == 0 {
        return 0;
    }
    let (top, bottom) = if bottom < 0 {
        (-top, -bottom)
    } else {
        (top, bottom)
    };
    let half = bottom / 2;
    let away = if top < 0 { top - half } else { top + half };
    away / bottom
}

/// Hundredths as a decimal text.
fn fixed(hundredths: i128) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let digits = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", digits / 100, digits % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_rounded_half_away_from_zero() {
        assert_eq!(percent(Cents(333_333), Cents(1_000_000)), "33,33");
        assert_eq!(percent(Cents(-5), Cents(100_000)), "−0,01");
        assert_eq!(per_inhabitant(Cents(1_005), 10), "1,01");
        assert_eq!(per_inhabitant(Cents(1_000), 0), "–");
    }
}
