//! « À faire »: what waits for a person, whichever of their organisations it is for.
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    identity::{InvoiceId, OrganisationId, ProcedureId, RoundId},
    money::Cents,
    organisation::Organisation,
    permission::Right,
    purchasing::{
        declaration::{Declaration, DeclarationState},
        invoice::InvoiceState,
        procedure::ProcedureState,
        round::RoundState,
    },
};

use super::{
    Actor, App, Error, organisations,
    purchasing::{
        invoices, procedures,
        rounds::{self, Start},
    },
};
use crate::store::purchasing::{declarations, rounds as rows};

/// One thing that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// A member has not answered an open round, or must confirm its answer.
    Declare {
        round: RoundId,
        title: String,
        member: OrganisationId,
        member_name: String,
        until: DateTime<Utc>,
        step: Answering,
    },
    /// Members have not answered the coordinator's open round.
    Follow {
        round: RoundId,
        title: String,
        until: DateTime<Utc>,
        missing: usize,
        members: usize,
    },
    /// Lots of a launched procedure have no outcome yet.
    Decide {
        procedure: ProcedureId,
        title: String,
        offers_due_at: Option<DateTime<Utc>>,
    },
    /// An invoice was received and is not split yet.
    Split(Bill),
    /// An invoice must be paid before a day.
    Pay(Bill),
}

/// What a member has left to do for a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answering {
    /// Nothing is typed.
    Declare,
    /// Something is typed, and not transmitted.
    Transmit,
    /// The conditions changed since the answer.
    Confirm,
    /// The round was opened again for this member alone.
    Correct,
}

/// What a task says of an invoice (« facture à payer »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    pub invoice: InvoiceId,
    pub number: String,
    pub supplier: String,
    pub gross: Cents,
    pub due_on: NaiveDate,
}

/// What waits for a person, and what they follow (« À faire »).
#[derive(Clone, Debug)]
pub struct Desk {
    /// The nearest deadline first.
    pub tasks: Vec<Task>,
    /// The open rounds that the person runs, the nearest deadline first.
    pub rounds: Vec<rounds::Listed>,
}

/// Everything that waits for the actor.
///
/// # Errors
/// Whatever the database says.
pub async fn desk(app: &App, actor: &Actor) -> Result<Desk, Error> {
    let own = organisations::of_actor(app, actor).await?;
    let mut tasks = Vec::new();
    let mut followed: Vec<rounds::Listed> = Vec::new();
    for organisation in &own {
        let rounds = open_rounds(app, actor, organisation.id).await?;
        for listed in rounds {
            tasks.extend(declare(actor, organisation, &listed));
            if listed.coordinates && actor.may(Right::RunRounds, listed.round.owner) {
                tasks.extend(follow(&listed));
                if !followed.iter().any(|l| l.round.id == listed.round.id) {
                    followed.push(listed);
                }
            }
        }
    }
    tasks.extend(to_correct(app, actor, &own).await?);
    tasks.extend(to_decide(app, actor).await?);
    tasks.extend(to_pay(app, actor).await?);
    tasks.sort_by_key(Task::due);
    tasks.dedup();
    followed.sort_by_key(|listed| listed.round.deadline);
    Ok(Desk {
        tasks,
        rounds: followed,
    })
}

impl Task {
    /// When it must be done; what has no date comes last.
    #[must_use]
    pub fn due(&self) -> DateTime<Utc> {
        match self {
            Self::Declare { until, .. } | Self::Follow { until, .. } => *until,
            Self::Decide { offers_due_at, .. } => offers_due_at.unwrap_or(DateTime::<Utc>::MAX_UTC),
            Self::Split(bill) | Self::Pay(bill) => {
                bill.due_on.and_time(chrono::NaiveTime::MIN).and_utc()
            }
        }
    }
}

async fn open_rounds(
    app: &App,
    actor: &Actor,
    organisation: OrganisationId,
) -> Result<Vec<rounds::Listed>, Error> {
    let listing = rounds::Listing {
        organisation: Some(organisation),
        state: Some(RoundState::Open),
        ..rounds::Listing::default()
    };
    let limit = app.settings.limits.page_rows_max;
    Ok(rounds::list(app, actor, &listing, Start::Offset(0), limit)
        .await?
        .0)
}

fn declare(actor: &Actor, member: &Organisation, listed: &rounds::Listed) -> Option<Task> {
    if !listed.is_member || !actor.may(Right::DeclareNeeds, member.id) {
        return None;
    }
    let state = listed
        .own
        .as_ref()
        .map_or(DeclarationState::NotStarted, |own| own.state);
    let reconfirm = listed.own.as_ref().is_some_and(|own| own.to_reconfirm);
    let answered = matches!(
        state,
        DeclarationState::Submitted | DeclarationState::Nothing
    );
    if answered && !reconfirm {
        return None;
    }
    Some(Task::Declare {
        round: listed.round.id,
        title: listed.round.title.clone(),
        member: member.id,
        member_name: member.name.clone(),
        until: listed.round.deadline,
        step: match (reconfirm, state) {
            (true, _) => Answering::Confirm,
            (false, DeclarationState::Started) => Answering::Transmit,
            (false, _) => Answering::Declare,
        },
    })
}

/// Closed rounds that were opened again for one of the actor's members, until they close for it.
async fn to_correct(app: &App, actor: &Actor, own: &[Organisation]) -> Result<Vec<Task>, Error> {
    let view = app.store.view().await?;
    let now = app.clock.now();
    let declares = |o: &&Organisation| actor.may(Right::DeclareNeeds, o.id);
    let members = own.iter().filter(declares).map(|o| o.id);
    let reopened = declarations::open_beyond(&view, members, now).await?;
    let rounds = rows::find_all(&view, reopened.iter().map(|d| d.round)).await?;
    let task = |declaration: Declaration| {
        let round = rounds.get(&declaration.round)?;
        let member = own.iter().find(|o| o.id == declaration.member)?;
        (round.state == RoundState::Closed).then(|| Task::Declare {
            round: round.id,
            title: round.title.clone(),
            member: member.id,
            member_name: member.name.clone(),
            until: declaration.open_until.unwrap_or(now),
            step: Answering::Correct,
        })
    };
    Ok(reopened.into_iter().filter_map(task).collect())
}

fn follow(listed: &rounds::Listed) -> Option<Task> {
    let missing = listed.members.saturating_sub(listed.answered);
    (missing > 0).then(|| Task::Follow {
        round: listed.round.id,
        title: listed.round.title.clone(),
        until: listed.round.deadline,
        missing,
        members: listed.members,
    })
}

async fn to_decide(app: &App, actor: &Actor) -> Result<Vec<Task>, Error> {
    let listing = procedures::Listing {
        state: Some(ProcedureState::Published),
        ..procedures::Listing::default()
    };
    let limit = app.settings.limits.page_rows_max;
    let found = procedures::list(app, actor, &listing, None, limit).await?;
    let run = found
        .into_iter()
        .filter(|p| actor.may(Right::RunProcedures, p.owner));
    Ok(run
        .map(|p| Task::Decide {
            procedure: p.id,
            title: p.plan.title,
            offers_due_at: p.plan.offers_due_at,
        })
        .collect())
}

/// Invoices to split, and those to pay until they are marked paid, however late.
async fn to_pay(app: &App, actor: &Actor) -> Result<Vec<Task>, Error> {
    let limit = app.settings.limits.page_rows_max;
    let (found, _) = invoices::to_pay(app, actor, limit).await?;
    Ok(found
        .into_iter()
        .map(|listed| {
            let invoice = listed.invoice;
            let bill = Bill {
                invoice: invoice.id,
                number: invoice.number,
                supplier: listed.supplier,
                gross: invoice.printed.gross,
                due_on: invoice.due_on,
            };
            match invoice.state {
                InvoiceState::Received | InvoiceState::Checked => Task::Split(bill),
                InvoiceState::Allocated => Task::Pay(bill),
            }
        })
        .collect())
}
