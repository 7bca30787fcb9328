//! Aggregated needs, the members behind a figure, every member's answer, and the history.
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use chrono_tz::Tz;
use domain::{
    french,
    identity::{ItemId, RoundId},
    money::Cents,
    purchasing::{aggregate::Line, declaration::DeclarationState},
    quantity::Quantity,
};

use super::{Head, forms::label, overview::whole, parse, refill, shell};
use crate::{
    actions::{
        App, Error,
        purchasing::{
            lots::FullLot,
            overviews::{self, Answer as Answered, Behind, Sums},
        },
    },
    exchange,
    web::{
        components::{Choice, Typed},
        form::Fields,
        format::{self, UNKNOWN, filters},
        layout::Shell,
        page::{Answer, page, page_with},
        session::Person,
    },
    wording,
};

/// What members ask for, ready to print.
pub(super) struct SumsTable {
    pub lots: Vec<LotSums>,
    pub compared: bool,
    /// How many columns the table has.
    pub span: usize,
    pub members: usize,
    pub total: String,
    pub caption: String,
}

pub(super) struct LotSums {
    pub title: String,
    pub short: String,
    pub lines: Vec<LineSums>,
    pub amount: String,
}

pub(super) struct LineSums {
    pub reference: String,
    pub title: String,
    pub href: String,
    pub label: String,
    pub members: usize,
    pub quantity: String,
    pub before: String,
    pub gap: String,
    pub price: String,
    pub amount: String,
}

impl SumsTable {
    pub(super) fn new(sums: &Sums) -> Self {
        let compared = sums.previous.is_some();
        let lots = sums.lots.iter().filter(|lot| !lot.items.is_empty());
        let mut caption = format::count(whole(sums.answered), "réponse", "");
        if sums.shows_members {
            caption.push_str(". Ouvrez un nombre de membres pour voir qui se trouve derrière.");
        }
        Self {
            lots: lots.map(|lot| LotSums::new(sums, lot)).collect(),
            compared,
            span: if compared { 7 } else { 5 },
            members: sums.aggregate.members,
            total: french::euros(sums.aggregate.total),
            caption,
        }
    }
}

impl LotSums {
    fn new(sums: &Sums, lot: &FullLot) -> Self {
        let mine = sums.aggregate.lines.iter().filter(|l| l.lot == lot.lot.id);
        let amount = Cents::checked_sum(mine.clone().map(|line| line.amount));
        Self {
            title: format!("Lot {} · {}", lot.lot.number, lot.lot.title),
            short: format!("lot {}", lot.lot.number),
            lines: mine.map(|line| LineSums::new(sums, lot, line)).collect(),
            amount: amount.map_or_else(|_| UNKNOWN.to_owned(), french::euros),
        }
    }
}

impl LineSums {
    fn new(sums: &Sums, lot: &FullLot, line: &Line) -> Self {
        let item = lot.items.iter().find(|item| item.id == line.item);
        let title = item.map_or_else(String::new, |item| item.title.clone());
        let price = item.and_then(|item| item.unit_price);
        let members = format::count(whole(line.members), "membre", "");
        Self {
            reference: item
                .map_or_else(String::new, |i| format!("{}.{}", lot.lot.number, i.number)),
            href: if sums.shows_members && line.members > 0 {
                format!("/campagnes/{}/articles/{}", sums.round.id, line.item)
            } else {
                String::new()
            },
            label: format!("{members} pour {title}"),
            title,
            members: line.members,
            quantity: french::quantity(line.quantity),
            before: line
                .before
                .map_or_else(|| UNKNOWN.to_owned(), french::quantity),
            gap: line
                .before
                .and_then(|before| gap(line.quantity, before))
                .unwrap_or_else(|| UNKNOWN.to_owned()),
            price: price.map_or_else(
                || UNKNOWN.to_owned(),
                |price| format!("{}\u{202f}€", french::unit_price(price)),
            ),
            amount: french::euros(line.amount),
        }
    }
}

/// « −0,4 % », to one decimal; nothing to compare with nothing.
fn gap(now: Quantity, before: Quantity) -> Option<String> {
    if before.is_zero() {
        return None;
    }
    let change = i128::from(now.0) - i128::from(before.0);
    let thousandths = change
        .checked_mul(1_000)?
        .checked_div(i128::from(before.0))?;
    let thousandths = i64::try_from(thousandths).ok()?;
    let sign = match thousandths {
        ..0 => "\u{2212}",
        0 => "",
        1.. => "+",
    };
    let size = thousandths.unsigned_abs();
    Some(format!("{sign}{},{}\u{202f}%", size / 10, size % 10))
}

#[derive(Template)]
#[template(path = "rounds/sums.html")]
struct SumsPage {
    shell: Shell,
    head: Head,
    refusal: String,
    sums: SumsTable,
}

pub(super) async fn show_sums(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Answer {
    let sums = overviews::aggregate(&app, &person.actor, parse(&id)?).await?;
    let mut head = Head::new(&app, &person, &sums.round, "sums");
    head.members = Some(sums.members);
    page(&SumsPage {
        shell: shell(&person, &sums.round, "Besoins agrégés"),
        head,
        refusal: String::new(),
        sums: SumsTable::new(&sums),
    })
}

#[derive(Template)]
#[template(path = "rounds/behind.html")]
struct BehindPage {
    shell: Shell,
    head: Head,
    refusal: String,
    title: String,
    unit: String,
    rows: Vec<Behind>,
    quantity: Quantity,
    amount: Cents,
}

pub(super) async fn show_behind(
    State(app): State<App>,
    person: Person,
    Path((id, item)): Path<(String, String)>,
) -> Answer {
    let (id, item): (RoundId, ItemId) = (parse(&id)?, parse(&item)?);
    let (round, _, item, rows) = overviews::behind(&app, &person.actor, item).await?;
    if round.id != id {
        return Err(Error::NotFound.into());
    }
    let shell = shell(&person, &round, &item.title);
    page(&BehindPage {
        shell: shell.crumb("Besoins agrégés", format!("/campagnes/{id}/agrege")),
        head: Head::new(&app, &person, &round, "sums"),
        refusal: String::new(),
        quantity: Quantity::checked_sum(rows.iter().map(|row| row.quantity))?,
        amount: Cents::checked_sum(rows.iter().map(|row| row.amount))?,
        title: item.title,
        unit: item.unit,
        rows,
    })
}

#[derive(Template)]
#[template(path = "rounds/members.html")]
struct MembersPage {
    shell: Shell,
    head: Head,
    refusal: String,
    rows: Vec<MemberRow>,
    choices: Vec<Choice>,
    typed: Typed,
    compared: bool,
}

struct MemberRow {
    name: String,
    href: String,
    tone: &'static str,
    state: &'static str,
    answered: String,
    inhabitants: Option<i64>,
    value: Cents,
    before: Option<Cents>,
    remark: String,
}

pub(super) async fn show_members(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Answer {
    members_page(&app, &person, parse(&id)?, None).await
}

/// Every member with its answer, and the form to let one in again.
pub(super) async fn members_page(
    app: &App,
    person: &Person,
    id: RoundId,
    refused: Option<(&Fields, &Error)>,
) -> Answer {
    let overview = overviews::overview(app, &person.actor, id).await?;
    let round = &overview.sums.round;
    let (typed, refusal) = match refused {
        Some((fields, error)) => refill(fields, error, label),
        None => (Typed::default().with("heure", "17:00"), String::new()),
    };
    let mut head = Head::new(app, person, round, "members");
    head.members = Some(overview.counts.members());
    let status = refused.map_or(StatusCode::OK, |(_, error)| exchange::status(error));
    let answers = &overview.answers;
    let page = MembersPage {
        shell: shell(person, round, "Communes"),
        rows: answers
            .iter()
            .map(|answer| member_row(id, answer, person.zone()))
            .collect(),
        choices: answers
            .iter()
            .map(|a| Choice::new(a.member.id.to_string(), a.member.name.clone()))
            .collect(),
        compared: overview.sums.previous.is_some(),
        head,
        refusal,
        typed,
    };
    page_with(status, &page)
}

fn member_row(id: RoundId, answer: &Answered, zone: Tz) -> MemberRow {
    let (tone, state) = match answer.state {
        DeclarationState::Submitted if answer.to_reconfirm => ("warn", "À confirmer"),
        DeclarationState::Nothing if answer.to_reconfirm => ("warn", "À confirmer"),
        DeclarationState::Submitted => ("ok", "Transmis"),
        DeclarationState::Nothing => ("ok", "Rien à déclarer"),
        DeclarationState::Started => ("warn", "Commencé"),
        DeclarationState::NotStarted => ("", "Pas ouvert"),
    };
    let mut remarks = Vec::new();
    if answer.entered_for {
        remarks.push("saisi par le coordonnateur".to_owned());
    }
    if let Some(until) = answer.open_until {
        remarks.push(format!(
            "rouvert jusqu’au {}",
            format::day_time(until, zone)
        ));
    }
    MemberRow {
        name: answer.member.name.clone(),
        href: format!("/campagnes/{id}/besoins?membre={}", answer.member.id),
        tone,
        state,
        answered: answer
            .answered_at
            .map_or_else(|| UNKNOWN.to_owned(), |at| format::day_time(at, zone)),
        inhabitants: answer.inhabitants,
        value: answer.value,
        before: answer.before,
        remark: remarks.join(", "),
    }
}

#[derive(Template)]
#[template(path = "rounds/history.html")]
struct HistoryPage {
    shell: Shell,
    head: Head,
    refusal: String,
    rows: Vec<Told>,
}

struct Told {
    at: String,
    who: String,
    what: String,
}

pub(super) async fn show_history(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Answer {
    let (round, lines) = overviews::history(&app, &person.actor, parse(&id)?).await?;
    let rows = lines.into_iter().map(|(line, name)| Told {
        at: format::day_time_year(line.at, person.zone()),
        who: if name.is_empty() {
            wording::round::actor(&line.actor_kind).to_owned()
        } else {
            name
        },
        what: wording::round::event(&line.action, &line.detail),
    });
    page(&HistoryPage {
        shell: shell(&person, &round, "Historique"),
        head: Head::new(&app, &person, &round, "history"),
        refusal: String::new(),
        rows: rows.collect(),
    })
}
