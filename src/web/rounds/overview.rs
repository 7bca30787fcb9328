//! The coordinator's view of a round: answers, estimate against thresholds, who is late, sums.
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use chrono_tz::Tz;
use domain::{
    french::{self, NBSP},
    identity::{Phone, RoundId},
    money::Cents,
    permission::Right,
    purchasing::{
        declaration::DeclarationState,
        round::{Round, RoundState},
        thresholds::Duty,
    },
};

use super::{Head, Next, answers::SumsTable, parse, shell};
use crate::{
    actions::{
        App, Error,
        purchasing::{
            overviews::{self, Answer as Answered, Counts, Overview},
            procedures,
            rounds::{self, Concern},
        },
    },
    exchange,
    web::{
        components::{ColumnChart, Gauge, Step, Threshold, Track, Twin},
        format,
        format::filters,
        layout::Shell,
        page::{Answer, page_with},
        session::Person,
    },
    wording,
};

/// Above this many rows, a table scrolls in a frame of its own.
const ROWS_SHOWN: usize = 25;

#[derive(Template)]
#[template(path = "rounds/overview.html")]
struct Page {
    shell: Shell,
    head: Head,
    refusal: String,
    note: Option<String>,
    steps: Vec<Step>,
    counts: Counts,
    track: Track,
    days: Option<ColumnChart>,
    gauge: Gauge,
    declared: String,
    /// What the late members would add: a tone, a strong part and the rest.
    warning: Option<(&'static str, String, String)>,
    late_key: String,
    limits_on: String,
    sources: Vec<String>,
    late: Vec<Late>,
    /// More rows than a page shows without a frame of their own.
    late_is_long: bool,
    late_weight: String,
    compared: bool,
    sums: SumsTable,
    to_reconfirm: String,
}

/// A member that has not answered.
struct Late {
    name: String,
    href: String,
    tone: &'static str,
    state: &'static str,
    inhabitants: Option<i64>,
    before: Option<Cents>,
    phone: String,
    phone_link: String,
}

pub(super) async fn show(State(app): State<App>, person: Person, Path(id): Path<String>) -> Answer {
    let id: RoundId = parse(&id)?;
    let (round, concern) = rounds::find(&app, &person.actor, id).await?;
    if concern == Concern::Member {
        return Ok(Redirect::to(&format!("/campagnes/{}/besoins", round.id)).into_response());
    }
    draw(&app, &person, id, StatusCode::OK, String::new()).await
}

/// The same page with the reason why a gesture was refused.
pub(super) async fn refused(app: &App, person: &Person, id: RoundId, error: &Error) -> Answer {
    let (_, sentence) = wording::error(error);
    draw(app, person, id, exchange::status(error), sentence).await
}

async fn draw(
    app: &App,
    person: &Person,
    id: RoundId,
    status: StatusCode,
    refusal: String,
) -> Answer {
    let overview = overviews::overview(app, &person.actor, id).await?;
    let round = &overview.sums.round;
    let mut head = Head::new(app, person, round, "overview");
    head.meta = format!(
        "Régime{NBSP}: {}",
        wording::grouping::regime(overview.grouping.regime)
    );
    head.members = Some(overview.counts.members());
    head.next = next(app, person, round).await?;
    let counts = overview.counts;
    let late: Vec<Late> = overview
        .answers
        .iter()
        .filter(|answer| answer.is_late())
        .map(|answer| late(round, answer))
        .collect();
    let page = Page {
        shell: shell(person, round, ""),
        note: round.note.clone(),
        steps: steps(round, person.zone()),
        track: Track::of(
            &[
                whole(counts.submitted),
                whole(counts.nothing),
                whole(counts.started),
            ],
            whole(counts.members()),
        ),
        days: days(&overview),
        gauge: gauge(&overview),
        declared: french::amount(overview.sums.aggregate.total),
        warning: warning(&overview),
        late_key: late_key(&overview),
        limits_on: format::day_year(overview.limits_on),
        sources: overview.limits.iter().map(|l| l.source.clone()).collect(),
        late_is_long: late.len() > ROWS_SHOWN,
        late_weight: late_weight(&overview),
        compared: overview.sums.previous.is_some(),
        sums: SumsTable::new(&overview.sums),
        to_reconfirm: match counts.to_reconfirm {
            0 => String::new(),
            n => format::count(whole(n), "réponse", ""),
        },
        head,
        refusal,
        counts,
        late,
    };
    page_with(status, &page)
}

/// A closed round leads to its procedure, or to the form that prepares one.
async fn next(app: &App, person: &Person, round: &Round) -> Result<Option<Next>, Error> {
    if round.state != RoundState::Closed {
        return Ok(None);
    }
    let following = procedures::following(app, &person.actor, round.id).await?;
    if let Some(procedure) = following {
        return Ok(Some(Next {
            href: format!("/consultations/{procedure}"),
            label: "Voir la consultation",
            kind: "",
        }));
    }
    let prepares = person.actor.may(Right::RunProcedures, round.owner);
    Ok(prepares.then(|| Next {
        href: format!("/consultations/nouvelle?campagne={}", round.id),
        label: "Préparer la consultation",
        kind: "primary",
    }))
}

fn late(round: &Round, answer: &Answered) -> Late {
    let started = answer.state == DeclarationState::Started;
    let phone = answer.phone.as_ref();
    Late {
        name: answer.member.name.clone(),
        href: format!(
            "/campagnes/{}/besoins?membre={}",
            round.id, answer.member.id
        ),
        tone: if started { "warn" } else { "" },
        state: if started { "Commencé" } else { "Pas ouvert" },
        inhabitants: answer.inhabitants,
        before: answer.before,
        phone: phone.map_or_else(String::new, Phone::grouped),
        phone_link: phone.map_or_else(String::new, |phone| phone.as_str().to_owned()),
    }
}

fn steps(round: &Round, zone: Tz) -> Vec<Step> {
    let day = |at| french::day_month(format::local(at, zone).date());
    let prepared = day(round.created_at);
    let opened = round.opened_at.map(day).unwrap_or_default();
    let due = format::day_time(round.deadline, zone);
    let launch = match round.launch_planned_on {
        Some(on) => format!("lancement prévu le {}", french::day_month(on)),
        None => "ensuite".to_owned(),
    };
    let mut steps = match (round.state, &round.closed) {
        (RoundState::Draft, _) => vec![
            Step::current("En préparation", format!("depuis le {prepared}")),
            Step::ahead("Ouverte", "à votre signal"),
            Step::ahead("Close", due),
        ],
        (RoundState::Open, _) => vec![
            Step::done("Préparée", prepared),
            Step::current("Ouverte", format!("depuis le {opened}")),
            Step::ahead("Close", due),
        ],
        (RoundState::Closed, Some(closing)) => vec![
            Step::done("Préparée", prepared),
            Step::done("Ouverte", opened),
            Step::current("Close", format::day_time(closing.at, zone)),
        ],
        (RoundState::Closed, None) => vec![
            Step::done("Préparée", prepared),
            Step::done("Ouverte", opened),
            Step::current("Close", due),
        ],
        (RoundState::Cancelled, _) => vec![
            Step::done("Préparée", prepared),
            Step::current("Annulée", opened),
        ],
    };
    if round.state != RoundState::Cancelled {
        steps.push(Step::ahead("Consultation", launch));
        steps.push(Step::ahead("Attribution", "à venir"));
        steps.push(Step::ahead("Marché notifié", "à venir"));
    }
    steps
}

fn days(overview: &Overview) -> Option<ColumnChart> {
    if overview.days.is_empty() {
        return None;
    }
    use chrono::Datelike;
    let columns: Vec<(String, i64)> = overview
        .days
        .iter()
        .map(|(day, count)| (day.day().to_string(), whole(*count)))
        .collect();
    let rows = overview.days.iter();
    let twin = Twin {
        heads: vec!["Jour".to_owned(), "Réponses".to_owned()],
        rows: rows
            .map(|(day, count)| vec![french::day_month(*day), count.to_string()])
            .collect(),
    };
    let chart = ColumnChart::new("reponses", "Réponses reçues par jour ouvré", &columns, twin);
    let best = overview.days.iter().max_by_key(|(_, count)| *count);
    Some(match best {
        Some((day, count)) if *count > 0 => chart.described(format!(
            "{}, la plus forte journée est le {} avec {}.",
            format::count(whole(overview.counts.answered()), "réponse", ""),
            french::day_month(*day),
            format::count(whole(*count), "réponse", "")
        )),
        _ => chart.described("Aucune réponse pour l’instant."),
    })
}

fn gauge(overview: &Overview) -> Gauge {
    let declared = overview.sums.aggregate.total;
    let expected = overview.expected.unwrap_or(declared);
    let limits: Vec<Threshold> = overview
        .limits
        .iter()
        .map(|limit| Threshold {
            cents: limit.amount.0,
            text: match limit.duty {
                Duty::Adapted => short(limit.amount),
                Duty::Publicity => format!("{} publicité", short(limit.amount)),
                Duty::Formal => format!("{} formalisée", short(limit.amount)),
            },
            limit: limit.duty == Duty::Formal,
        })
        .collect();
    let formal = overview.limits.iter().find(|l| l.duty == Duty::Formal);
    let mut sentence = format!("{} HT déclarés", french::euros(declared));
    if expected > declared {
        sentence.push_str(&format!(
            ", {} HT en projection avec les membres en retard",
            french::euros(expected)
        ));
    }
    if let Some(limit) = formal {
        sentence.push_str(&format!(", pour un seuil de {} HT", short(limit.amount)));
    }
    Gauge::new(declared.0, expected.0, &limits, sentence)
}

/// « 216 000 € »: limits are whole euros.
fn short(amount: Cents) -> String {
    french::euros(amount).replace(",00", "")
}

/// Never a block: what the estimate calls for, and what late members would change.
fn warning(overview: &Overview) -> Option<(&'static str, String, String)> {
    let formal = overview.limits.iter().find(|l| l.duty == Duty::Formal)?;
    let declared = overview.sums.aggregate.total;
    if declared >= formal.amount {
        let excess = Cents(declared.0.saturating_sub(formal.amount.0));
        let strong = format!("Seuil dépassé de {}.", french::euros(excess));
        let rest = "Prévoyez une procédure formalisée\u{202f}; rien n’est bloqué.".to_owned();
        return Some(("warn", strong, rest));
    }
    let expected = overview.expected.filter(|expected| *expected > declared)?;
    let who = match overview.counts.late() {
        1 => "le membre manquant".to_owned(),
        late => format!("les {late} membres manquants"),
    };
    let strong = format!(
        "Projection avec {who}{NBSP}: {} HT.",
        french::euros(expected)
    );
    if expected >= formal.amount {
        let excess = Cents(expected.0.saturating_sub(formal.amount.0));
        let rest = format!(
            "Le seuil serait dépassé de {}. Prévoyez une procédure formalisée\u{202f}; rien n’est \
             bloqué.",
            french::euros(excess)
        );
        return Some(("warn", strong, rest));
    }
    let rest = "Le seuil de procédure formalisée ne serait pas atteint.".to_owned();
    Some(("", strong, rest))
}

fn late_key(overview: &Overview) -> String {
    match &overview.sums.previous {
        Some(previous) if overview.counts.late() > 0 => format!(
            "Projection{NBSP}: {} en retard, quantités de «{NBSP}{}{NBSP}»",
            format::count(whole(overview.counts.late()), "membre", ""),
            previous.title
        ),
        _ => String::new(),
    }
}

fn late_weight(overview: &Overview) -> String {
    match (overview.late_before, &overview.sums.previous) {
        (Some(cents), Some(previous)) if !cents.is_zero() => format!(
            "{} HT avec les quantités de «{NBSP}{}{NBSP}»",
            french::euros(cents),
            previous.title
        ),
        _ => String::new(),
    }
}

pub(super) fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
