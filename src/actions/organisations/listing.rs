//! Organisations listed: those of the installation, and those that could be added to it.
use std::collections::BTreeSet;

use domain::{
    identity::{InseeCode, OrganisationId, Siren},
    organisation::Organisation,
    permission::Right,
    text,
};

use crate::{
    actions::{Actor, App, Error},
    reference::Hit,
    store::{
        ActorRef, View,
        organisations::{self as rows, Reach},
    },
};

/// A commune or an EPCI of the reference that is not in the installation yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What tells it from its homonyms.
    pub label: String,
    pub siren: Option<Siren>,
    pub insee: Option<InseeCode>,
    pub department: Option<String>,
}

/// How many candidates a search offers.
const CANDIDATES_MAX: usize = 20;

/// The organisations around the actor that answer the words, after a sort key.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    app: &App,
    actor: &Actor,
    words: &str,
    after: Option<(String, OrganisationId)>,
    limit: u64,
) -> Result<Vec<Organisation>, Error> {
    let view = app.store.view().await?;
    let reach = reach(&view, actor).await?;
    let words = text::search_text(words);
    Ok(rows::search(&view, &reach, &words, after, limit).await?)
}

/// A numbered page of the same, and how many answer.
///
/// # Errors
/// Whatever the database says.
pub async fn list_numbered(
    app: &App,
    actor: &Actor,
    words: &str,
    offset: u64,
    limit: u64,
) -> Result<(Vec<Organisation>, u64), Error> {
    let view = app.store.view().await?;
    let reach = reach(&view, actor).await?;
    let words = text::search_text(words);
    Ok(rows::search_numbered(&view, &reach, &words, offset, limit).await?)
}

/// The organisations whose users the actor manages: their own, then the communes they look after;
/// all of them at the server's command line.
///
/// # Errors
/// Whatever the database says.
pub async fn managed(app: &App, actor: &Actor) -> Result<Vec<Organisation>, Error> {
    let view = app.store.view().await?;
    if actor.who == ActorRef::Operator {
        let max = u64::try_from(app.settings.limits.import_rows_max).unwrap_or(u64::MAX);
        return Ok(rows::search(&view, &Reach::Everything, "", None, max).await?);
    }
    let own = actor.organisations_with(Right::ManageUsers);
    let mut list = rows::find_all(&view, own).await?;
    let sirens: Vec<Siren> = list.iter().filter_map(|o| o.siren.clone()).collect();
    let known: BTreeSet<OrganisationId> = list.iter().map(|o| o.id).collect();
    let mut communes = Vec::new();
    for siren in sirens {
        communes.extend(rows::of_epci(&view, &siren).await?);
    }
    let ids: Vec<OrganisationId> = communes.iter().map(|c| c.id).collect();
    let alone = super::administered(&view, ids).await?;
    list.extend(
        communes
            .into_iter()
            .filter(|c| !known.contains(&c.id) && !alone.contains(&c.id)),
    );
    Ok(list)
}

/// What the reference offers for the words and the installation has not.
///
/// # Errors
/// Whatever the reference or the database says.
pub async fn candidates(app: &App, actor: &Actor, words: &str) -> Result<Vec<Candidate>, Error> {
    if words.trim().chars().count() < 2 || !super::may_create(actor) {
        return Ok(Vec::new());
    }
    let reference = super::reference(app).await?;
    let hits = reference.search_epci(words, CANDIDATES_MAX / 2);
    let hits = hits
        .into_iter()
        .chain(reference.search(words, CANDIDATES_MAX));
    let found: Vec<Candidate> = hits.map(candidate).collect();
    let view = app.store.view().await?;
    let known = rows::find_by_numbers(
        &view,
        found.iter().filter_map(|c| c.siren.clone()),
        found.iter().filter_map(|c| c.insee.clone()),
    )
    .await?;
    let is_known = |c: &Candidate| {
        known.iter().any(|k| {
            (k.siren.is_some() && k.siren == c.siren) || (k.insee.is_some() && k.insee == c.insee)
        })
    };
    Ok(found
        .into_iter()
        .filter(|c| !is_known(c))
        .take(CANDIDATES_MAX)
        .collect())
}

fn candidate(hit: Hit<'_>) -> Candidate {
    let label = hit.label();
    match hit {
        Hit::Commune { commune, .. } => Candidate {
            label,
            siren: commune.siren.clone(),
            insee: Some(commune.insee.clone()),
            department: Some(commune.department().to_owned()),
        },
        Hit::Epci { epci } => Candidate {
            label,
            siren: Some(epci.siren.clone()),
            insee: None,
            department: None,
        },
    }
}

async fn reach(view: &View, actor: &Actor) -> Result<Reach, Error> {
    if actor.operator {
        return Ok(Reach::Everything);
    }
    let own: Vec<OrganisationId> = actor.organisations_with(Right::See).collect();
    let organisations = rows::find_all(view, own.iter().copied()).await?;
    let epcis = organisations.iter().filter_map(|o| o.siren.clone());
    Ok(Reach::Around {
        epcis: epcis.collect(),
        own,
    })
}
