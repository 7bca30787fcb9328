//! A member with two budgets, what each asks for, and members who leave.
use chrono::{Days, NaiveDate};
use domain::{
    budget::Budget,
    identity::{ItemId, OrganisationId, RoundId, SupplierId},
    purchasing::{
        invoice::{Invoice, LineRule},
        membership::MembershipState,
        need::NeedColumn,
    },
};
use encommun::{
    actions::purchasing::{
        declarations,
        drafts::{self, Basis, Edit},
        invoices::NewLine,
        rounds,
    },
    store::{Line, Scope, purchasing::memberships},
};

use super::{TestApp, invoices::line, rounds::Trio};

/// A line of an item of a round, split by what each received.
pub fn goods(item: ItemId, net: i64) -> NewLine {
    NewLine {
        item: Some(item),
        ..line("Fournitures", net, LineRule::Delivered)
    }
}

/// A member leaves the grouping on a day.
pub async fn leave(test: &TestApp, trio: &Trio, member: OrganisationId, on: NaiveDate) {
    let tx = test.operator_tx("membership.leave").await;
    for mut one in memberships::list(&tx, trio.grouping).await.unwrap() {
        if one.member == member {
            one.joined_on = Some(on - Days::new(300));
            one.left_on = Some(on);
            one.state = MembershipState::Left;
            memberships::save(&tx, &one, || test.app.clock.new_id())
                .await
                .unwrap();
        }
    }
    let line = Line::about(Scope::Grouping(trio.grouping), "membership", member.0);
    tx.commit(line).await.unwrap();
}

/// A round in which Anstaing asks for its main budget and its water, and La Madeleine for itself.
pub async fn two_budgets(test: &TestApp, trio: &Trio) -> (Budget, Vec<ItemId>) {
    let water = test
        .annexe(trio.anstaing, "Eau", Some("21590013500108"))
        .await;
    let (round, items) = test.open_round(trio).await;
    let id = water.id.to_string();
    let cells = [
        (items[0].id, NeedColumn::Quantity, "3"),
        (items[1].id, NeedColumn::Quantity, "1"),
        (items[1].id, NeedColumn::Budget, id.as_str()),
    ];
    type_and_submit(test, trio, round.id, &cells).await;
    test.answered(
        &round,
        trio.madeleine,
        &[(items[0].id, 6), (items[1].id, 2)],
    )
    .await;
    rounds::close(&test.app, &trio.officer, round.id, None)
        .await
        .unwrap();
    (water, items.iter().map(|item| item.id).collect())
}

async fn type_and_submit(
    test: &TestApp,
    trio: &Trio,
    round: RoundId,
    cells: &[(ItemId, NeedColumn, &str)],
) {
    let edits = cells.iter().map(|(item, column, typed)| Edit {
        item: *item,
        line: String::new(),
        column: *column,
        typed: (*typed).to_owned(),
        basis: Basis::Any,
    });
    drafts::save(
        &test.app,
        &trio.clerk,
        round,
        trio.anstaing,
        edits.collect(),
    )
    .await
    .unwrap();
    declarations::submit(&test.app, &trio.clerk, round, trio.anstaing, None)
        .await
        .unwrap();
}

/// The only invoice of a test, recorded and checked.
pub async fn recorded(
    test: &TestApp,
    trio: &Trio,
    supplier: SupplierId,
    lines: Vec<NewLine>,
) -> Invoice {
    let new = test.invoice(trio, supplier, "F-1", lines);
    test.checked(trio, new).await
}
