//! One membership: its decision, its signature, its attachments, its end.
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use chrono::NaiveDate;
use domain::{
    attachment::{Subject, SubjectKind},
    field::FieldProblem,
    french,
    identity::{GroupingId, MembershipId},
    organisation::Organisation,
    permission::Right,
    purchasing::membership::{Decision, DecisionKind, Membership, NUMBER_CHARS_MAX},
};
use tower_sessions::Session;

use super::{Head, entry_lots::Lots, members::badge, parse, refill, shell, version};
use crate::{
    actions::{
        Actor, App, Error,
        purchasing::{
            groupings::{self, Overview},
            memberships::{self, Entry},
        },
    },
    exchange,
    web::{
        attachments::Panel,
        components::{Choice, Typed},
        form::Fields,
        layout::{FlashKind, Shell},
        page::{Answer, page, page_with},
        session::{self, Person},
    },
    wording,
};

#[derive(Template)]
#[template(path = "groupings/entry.html")]
struct EntryPage {
    shell: Shell,
    head: Head,
    refusal: String,
    member: String,
    href: String,
    stay_href: String,
    ask_href: String,
    end_href: String,
    version: i32,
    tone: &'static str,
    state: &'static str,
    /// « 3 mars 2026 »; empty when it is not so.
    joined_on: String,
    left_on: String,
    leave_asked_on: String,
    kinds: Vec<Choice>,
    typed: Typed,
    may_decide: bool,
    /// The viewer answers for the member itself.
    own: bool,
    present: bool,
    lots: Lots,
    lots_href: String,
    pieces: Panel,
}

/// The membership and its organisation, inside the grouping of the address.
fn pick(seen: &Overview, id: MembershipId) -> Result<(Membership, Organisation), Error> {
    let found = seen.members.iter().find(|(m, _)| m.id == id);
    found.cloned().ok_or(Error::NotFound)
}

pub(super) async fn show(
    State(app): State<App>,
    person: Person,
    Path((grouping, id)): Path<(String, String)>,
) -> Answer {
    let seen = groupings::overview(&app, &person.actor, parse(&grouping)?).await?;
    let (membership, _) = pick(&seen, parse(&id)?)?;
    let typed = stored(&membership);
    page(&entry_page(&app, &person, &seen, membership.id, typed, String::new()).await?)
}

async fn entry_page(
    app: &App,
    person: &Person,
    seen: &Overview,
    id: MembershipId,
    typed: Typed,
    refusal: String,
) -> Result<EntryPage, Error> {
    let (membership, organisation) = pick(seen, id)?;
    let href = format!("/groupements/{}/adhesions/{id}", seen.grouping.id);
    let (tone, state) = badge(&membership, app.today_of(&organisation));
    let day = |day: Option<NaiveDate>| day.map_or_else(String::new, french::long_date_year);
    let own = person.actor.may(Right::DecideMembership, membership.member);
    let subject = Subject {
        kind: SubjectKind::Membership,
        id: id.0,
    };
    let mut head = Head::new(app, seen, "members");
    head.title.clone_from(&organisation.name);
    Ok(EntryPage {
        shell: shell(person, seen, &organisation.name),
        head,
        refusal,
        member: organisation.name,
        version: membership.version,
        tone,
        state,
        joined_on: day(membership.joined_on),
        left_on: day(membership.left_on),
        leave_asked_on: day(membership.leave_asked_on),
        kinds: super::choices(
            DecisionKind::ALL,
            DecisionKind::code,
            wording::grouping::decision_kind,
        ),
        typed,
        may_decide: own || seen.may_run,
        own,
        present: membership.takes_part(),
        lots: Lots::of(app, person, &membership).await?,
        lots_href: format!("{href}/lots"),
        pieces: Panel::of(app, person, subject, href.clone()).await?,
        stay_href: format!("{href}/maintien"),
        ask_href: format!("{href}/demande-de-depart"),
        end_href: format!("{href}/depart"),
        href,
    })
}

pub(super) async fn decide(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path((grouping, id)): Path<(String, String)>,
    mut fields: Fields,
) -> Answer {
    let (grouping, id): (GroupingId, MembershipId) = (parse(&grouping)?, parse(&id)?);
    let seen = groupings::overview(&app, &person.actor, grouping).await?;
    let member = pick(&seen, id)?.0.member;
    if !seen.may_run && !person.actor.may(Right::DecideMembership, member) {
        return Err(Error::Forbidden.into());
    }
    let actor = person.actor.clone().with_operation(fields.operation());
    let done = match entry(&mut fields) {
        Some(entry) => memberships::decide(&app, &actor, id, version(&fields), entry).await,
        None => Err(fields.invalid()),
    };
    match done {
        Ok(_) => {
            let said = "La décision d’adhésion est enregistrée.";
            session::tell(&session, FlashKind::Done, said).await?;
            let next = format!("/groupements/{grouping}/adhesions/{id}");
            Ok(Redirect::to(&next).into_response())
        }
        Err(error) => again(&app, &person, grouping, id, &fields, error).await,
    }
}

/// The same page with what was typed and why it was refused.
async fn again(
    app: &App,
    person: &Person,
    grouping: GroupingId,
    id: MembershipId,
    fields: &Fields,
    error: Error,
) -> Answer {
    if !matches!(error, Error::Invalid(_) | Error::Refused(_) | Error::Stale) {
        return Err(error.into());
    }
    let seen = groupings::overview(app, &person.actor, grouping).await?;
    let (typed, refusal) = refill(fields, &error, label);
    let form = entry_page(app, person, &seen, id, typed, refusal).await?;
    page_with(exchange::status(&error), &form)
}

fn entry(fields: &mut Fields) -> Option<Entry> {
    let names = ["nature_decision", "numero", "prise_le", "transmise_le"];
    let any = names
        .iter()
        .skip(1)
        .any(|name| !fields.typed(name).trim().is_empty());
    let signed_on = fields.date_optional("signee_le");
    let decision = if any {
        let kind = fields.choice("nature_decision", DecisionKind::from_code);
        let number = fields.text("numero", NUMBER_CHARS_MAX);
        let decided_on = fields.date("prise_le");
        let transmitted_on = fields.date_optional("transmise_le");
        Some(Decision {
            kind: kind?,
            number: number?,
            decided_on: decided_on?,
            transmitted_on: transmitted_on?,
        })
    } else {
        None
    };
    let signed_on = signed_on?;
    if decision.is_none() && signed_on.is_none() {
        fields.refuse("numero", FieldProblem::Missing);
        return None;
    }
    Some(Entry {
        decision,
        signed_on,
    })
}

fn stored(membership: &Membership) -> Typed {
    let date = |day: Option<NaiveDate>| day.map_or_else(String::new, french::date);
    let decision = membership.decision.as_ref();
    let kind = decision.map_or(DecisionKind::Deliberation, |d| d.kind);
    Typed::default()
        .with("nature_decision", kind.code())
        .with("numero", decision.map_or("", |d| d.number.as_str()))
        .with("prise_le", date(decision.map(|d| d.decided_on)))
        .with(
            "transmise_le",
            date(decision.and_then(|d| d.transmitted_on)),
        )
        .with("signee_le", date(membership.signed_on))
}

pub(super) async fn ask_to_leave(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(path): Path<(String, String)>,
    fields: Fields,
) -> Answer {
    let actor = person.actor.clone().with_operation(fields.operation());
    let (grouping, id) = places(&path)?;
    let done = memberships::ask_to_leave(&app, &actor, id, version(&fields)).await;
    let said = "Votre demande est enregistrée. Le coordonnateur y répondra.";
    after(&app, &person, &session, (grouping, id), done.map(|_| said)).await
}

pub(super) async fn stay(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(path): Path<(String, String)>,
    fields: Fields,
) -> Answer {
    let actor: Actor = person.actor.clone().with_operation(fields.operation());
    let (grouping, id) = places(&path)?;
    let done = memberships::stay(&app, &actor, id, version(&fields)).await;
    let said = "La demande de départ est levée.";
    after(&app, &person, &session, (grouping, id), done.map(|_| said)).await
}

pub(super) async fn end(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(path): Path<(String, String)>,
    fields: Fields,
) -> Answer {
    let actor = person.actor.clone().with_operation(fields.operation());
    let (grouping, id) = places(&path)?;
    let done = memberships::end(&app, &actor, id, version(&fields)).await;
    let said = "L’adhésion a pris fin. Ce qui a été déclaré et décidé reste consultable.";
    after(&app, &person, &session, (grouping, id), done.map(|_| said)).await
}

fn places(path: &(String, String)) -> Result<(GroupingId, MembershipId), Error> {
    Ok((parse(&path.0)?, parse(&path.1)?))
}

pub(super) async fn after(
    app: &App,
    person: &Person,
    session: &Session,
    (grouping, id): (GroupingId, MembershipId),
    done: Result<&'static str, Error>,
) -> Answer {
    match done {
        Ok(said) => {
            session::tell(session, FlashKind::Done, said).await?;
            let next = format!("/groupements/{grouping}/adhesions/{id}");
            Ok(Redirect::to(&next).into_response())
        }
        Err(error @ (Error::Refused(_) | Error::Stale)) => {
            let seen = groupings::overview(app, &person.actor, grouping).await?;
            let typed = stored(&pick(&seen, id)?.0);
            let refusal = wording::error(&error).1;
            let form = entry_page(app, person, &seen, id, typed, refusal).await?;
            page_with(exchange::status(&error), &form)
        }
        Err(error) => Err(error.into()),
    }
}

fn label(name: &str) -> &'static str {
    match name {
        "nature_decision" => "Nature de la décision",
        "numero" => "Numéro de la décision",
        "prise_le" => "Décision du",
        "transmise_le" => "Transmise à la préfecture le",
        "signee_le" => "Convention signée le",
        _ => "Champ",
    }
}
