//! Organisations created: communes and EPCI from the reference, other bodies by hand.
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use domain::{
    identity::{Email, InseeCode, OrganisationId, Phone, Siren},
    organisation::{Organisation, OrganisationError, OrganisationKind, Population},
    permission::{Right, Role},
};

use crate::{
    actions::{Actor, App, Error},
    reference::{Commune, Epci, Reference, SOURCE},
    store::{Begun, Line, Scope, StoreError, Tx, organisations as rows, users},
};

/// The zone of metropolitan France, and of any body that says nothing else.
const PARIS: &str = "Europe/Paris";

/// What to create from the reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// An EPCI with all its communes.
    Epci(Siren),
    /// One commune.
    Commune(InseeCode),
}

/// What a creation from the reference left behind.
#[derive(Clone, Debug)]
pub struct Created {
    /// The EPCI or the commune that was asked for.
    pub main: Organisation,
    /// The communes of the EPCI, by name; empty for one commune.
    pub members: Vec<Organisation>,
    /// How many organisations were not there before.
    pub added: usize,
    /// The year of the reference.
    pub vintage: i32,
}

/// A body that the reference does not know (« syndicat, CCAS, SDIS, école… »).
#[derive(Clone, Debug)]
pub struct NewOrganisation {
    pub kind: OrganisationKind,
    pub name: String,
    pub siren: Option<Siren>,
    pub department: Option<String>,
    pub email: Option<Email>,
    pub phone: Option<Phone>,
    pub address: Option<String>,
}

/// The communes and EPCI of France: those of the folder in the settings, else the embedded ones.
///
/// # Errors
/// A folder that does not hold such a list.
pub async fn reference(app: &App) -> Result<Arc<Reference>, Error> {
    static READ: Mutex<BTreeMap<PathBuf, Arc<Reference>>> = Mutex::new(BTreeMap::new());
    let folder = app.settings.reference.directory.clone();
    let known = {
        let read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        read.get(&folder).cloned()
    };
    if let Some(reference) = known {
        return Ok(reference);
    }
    let reading = tokio::task::spawn_blocking(move || {
        let read = if folder.as_os_str().is_empty() {
            Reference::embedded()
        } else {
            Reference::from_path(&folder).map(Arc::new)
        };
        read.map(|reference| (folder, reference))
    });
    let read = reading.await.map_err(|e| Error::Internal(e.into()))?;
    let (folder, reference) = read.map_err(|e| Error::Internal(e.into()))?;
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    read.insert(folder, Arc::clone(&reference));
    Ok(reference)
}

/// Creates an EPCI with all its communes, or one commune, with their populations.
///
/// What is there already is left as it is, so that a second run adds only what is missing: a new
/// commune, the populations of a new year.
///
/// # Errors
/// [`OrganisationError::Unknown`], as a refusal, for a number that the reference has not;
/// [`Error::Forbidden`] to those who neither run the installation nor coordinate anything.
pub async fn create_from_reference(
    app: &App,
    actor: &Actor,
    wanted: &Wanted,
) -> Result<Created, Error> {
    require_creator(actor)?;
    let reference = reference(app).await?;
    let (epci, communes) = find_wanted(&reference, wanted)?;
    let begun = app.begin(actor, "organisation.create").await?;
    let Begun::Fresh(tx) = begun else {
        return known(app, &reference, epci, &communes).await;
    };
    let source = told_source(&reference);
    let bodies = bodies(app, tx.now(), epci, &communes);
    let known_before = find_known(&tx, epci, &communes).await?;
    let missing: Vec<Organisation> = bodies
        .iter()
        .filter(|(body, _)| find_same(&known_before, body).is_none())
        .map(|(body, _)| body.clone())
        .collect();
    rows::insert(&tx, &missing).await?;
    let figures = figures(&bodies, &known_before, reference.vintage, &source);
    let new_figures = missing_figures(&tx, figures).await?;
    let nothing_to_do = missing.is_empty() && new_figures.is_empty();
    let figures = new_figures.into_iter().map(|p| (app.clock.new_id(), p));
    rows::insert_populations(&tx, figures).await?;
    let after = find_known(&tx, epci, &communes).await?;
    let created = sort_out(after, &reference, epci, missing.len())?;
    if nothing_to_do {
        return Ok(created); // dropped: a journal line would say that something happened
    }
    let line = Line::about(Scope::Instance, "organisation", created.main.id.0)
        .saying(serde_json::json!({ "added": created.added, "vintage": created.vintage }));
    tx.commit(line).await?;
    tracing::info!(added = created.added, "Created organisations");
    Ok(created)
}

/// Creates a body that the reference does not know; its creator becomes its first administrator.
///
/// # Errors
/// [`OrganisationError::SirenTaken`], as a refusal; [`Error::Forbidden`] as above.
pub async fn create(app: &App, actor: &Actor, new: NewOrganisation) -> Result<Organisation, Error> {
    require_creator(actor)?;
    let tx = match app.begin(actor, "organisation.create").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => {
            let id = OrganisationId(done.subject_id.unwrap_or_default());
            return super::find(app, actor, id).await;
        }
    };
    let siren = new.siren.clone();
    let organisation = Organisation {
        id: OrganisationId(app.clock.new_id()),
        kind: new.kind,
        name: new.name,
        siren: new.siren,
        insee: None,
        time_zone: time_zone(new.department.as_deref().unwrap_or("")).to_owned(),
        department: new.department,
        epci_siren: None,
        email: new.email,
        phone: new.phone,
        address: new.address,
        good_friday: false,
        local_law: false,
        active: true,
        created_at: tx.now(),
        version: 0,
    };
    match (
        rows::insert(&tx, std::slice::from_ref(&organisation)).await,
        siren,
    ) {
        (Err(StoreError::Taken(_)), Some(siren)) => {
            let siren = siren.to_string();
            return Err(OrganisationError::SirenTaken { siren }.into());
        }
        (other, _) => other?,
    }
    if let Some(user) = actor.user() {
        let (id, role) = (app.clock.new_id(), Role::Administrator);
        users::grant(&tx, id, user, organisation.id, role).await?;
    }
    let scope = Scope::Organisation(organisation.id);
    let kind = organisation.kind.code();
    let line = Line::about(scope, "organisation", organisation.id.0)
        .saying(serde_json::json!({ "kind": kind }));
    tx.commit(line).await?;
    Ok(organisation)
}

/// Whether the actor may add organisations: who runs the installation, or runs groupings.
#[must_use]
pub fn may_create(actor: &Actor) -> bool {
    actor.operator
        || actor
            .organisations_with(Right::RunGroupings)
            .next()
            .is_some()
}

fn require_creator(actor: &Actor) -> Result<(), Error> {
    if may_create(actor) {
        Ok(())
    } else {
        Err(Error::Forbidden)
    }
}

/// The source as people read it beside each figure; a replaced list speaks for itself.
fn told_source(reference: &Reference) -> String {
    let said = if reference.source == SOURCE {
        "INSEE et DGCL, diffusés par Etalab (decoupage-administratif\u{a0}6.0.0)"
    } else {
        &reference.source
    };
    format!("{said}, {}", reference.vintage)
}

type Found<'r> = (Option<&'r Epci>, Vec<&'r Commune>);

fn find_wanted<'r>(reference: &'r Reference, wanted: &Wanted) -> Result<Found<'r>, Error> {
    let unknown = |number: String| Error::from(OrganisationError::Unknown { number });
    match wanted {
        Wanted::Epci(siren) => {
            let epci = reference
                .epci(siren)
                .ok_or_else(|| unknown(siren.to_string()))?;
            Ok((Some(epci), reference.members_of(siren)))
        }
        Wanted::Commune(insee) => {
            let commune = reference
                .commune(insee)
                .ok_or_else(|| unknown(insee.to_string()))?;
            Ok((None, vec![commune]))
        }
    }
}

/// The organisations as they would be created, each with its populations.
fn bodies(
    app: &App,
    now: DateTime<Utc>,
    epci: Option<&Epci>,
    communes: &[&Commune],
) -> Vec<(Organisation, [Option<u32>; 2])> {
    let epci_body = epci.map(|epci| {
        let body = body(app, now, OrganisationKind::Epci, &epci.name);
        let body = Organisation {
            siren: Some(epci.siren.clone()),
            // That of its first commune: an EPCI over two departments sits in one of them.
            department: communes.first().map(|c| c.department().to_owned()),
            time_zone: time_zone(communes.first().map_or("", |c| c.department())).to_owned(),
            ..body
        };
        let figures = [epci.population_municipale, epci.population_totale];
        (body, figures.map(Some))
    });
    let commune_bodies = communes.iter().map(|commune| {
        let body = body(app, now, OrganisationKind::Commune, &commune.name);
        let department = commune.department();
        let body = Organisation {
            siren: commune.siren.clone(),
            insee: Some(commune.insee.clone()),
            department: Some(department.to_owned()),
            epci_siren: commune.epci_siren.clone(),
            time_zone: time_zone(department).to_owned(),
            local_law: matches!(department, "57" | "67" | "68"),
            ..body
        };
        let figures = [commune.population_municipale, commune.population_totale];
        (body, figures)
    });
    epci_body.into_iter().chain(commune_bodies).collect()
}

fn body(app: &App, now: DateTime<Utc>, kind: OrganisationKind, name: &str) -> Organisation {
    Organisation {
        id: OrganisationId(app.clock.new_id()),
        kind,
        name: name.to_owned(),
        siren: None,
        insee: None,
        department: None,
        epci_siren: None,
        time_zone: PARIS.to_owned(),
        email: None,
        phone: None,
        address: None,
        good_friday: false,
        local_law: false,
        active: true,
        created_at: now,
        version: 0,
    }
}

/// The time zone of a department: deadlines are told in local time.
fn time_zone(department: &str) -> &'static str {
    match department {
        "971" => "America/Guadeloupe",
        "972" => "America/Martinique",
        "973" => "America/Cayenne",
        "974" => "Indian/Reunion",
        "975" => "America/Miquelon",
        "976" => "Indian/Mayotte",
        "977" => "America/St_Barthelemy",
        "978" => "America/Marigot",
        "986" => "Pacific/Wallis",
        "987" => "Pacific/Tahiti",
        "988" => "Pacific/Noumea",
        _ => PARIS,
    }
}

async fn find_known(
    view: &crate::store::View,
    epci: Option<&Epci>,
    communes: &[&Commune],
) -> Result<Vec<Organisation>, Error> {
    let sirens = communes.iter().filter_map(|c| c.siren.clone());
    let sirens = sirens.chain(epci.map(|e| e.siren.clone()));
    let insees = communes.iter().map(|c| c.insee.clone());
    Ok(rows::find_by_numbers(view, sirens, insees).await?)
}

fn find_same<'o>(known: &'o [Organisation], body: &Organisation) -> Option<&'o Organisation> {
    known.iter().find(|k| {
        (k.siren.is_some() && k.siren == body.siren) || (k.insee.is_some() && k.insee == body.insee)
    })
}

/// The populations of the reference, under the identifiers that the database has.
fn figures(
    bodies: &[(Organisation, [Option<u32>; 2])],
    known: &[Organisation],
    year: i32,
    source: &str,
) -> Vec<Population> {
    let mut figures = Vec::with_capacity(bodies.len() * 2);
    for (body, [municipale, totale]) in bodies {
        let organisation = find_same(known, body).map_or(body.id, |k| k.id);
        for (series, inhabitants) in [("municipale", municipale), ("totale", totale)] {
            figures.extend(inhabitants.map(|inhabitants| Population {
                organisation,
                series: series.to_owned(),
                year,
                inhabitants: i64::from(inhabitants),
                source: source.to_owned(),
            }));
        }
    }
    figures
}

/// A figure typed by hand for the same year stays: the reference never overwrites.
async fn missing_figures(tx: &Tx, figures: Vec<Population>) -> Result<Vec<Population>, Error> {
    let ids: BTreeSet<OrganisationId> = figures.iter().map(|p| p.organisation).collect();
    let known = rows::populations(tx, ids).await?;
    let known: BTreeSet<(OrganisationId, &str, i32)> = known
        .iter()
        .map(|p| (p.organisation, p.series.as_str(), p.year))
        .collect();
    let is_new = |p: &Population| !known.contains(&(p.organisation, p.series.as_str(), p.year));
    Ok(figures.into_iter().filter(is_new).collect())
}

async fn known(
    app: &App,
    reference: &Reference,
    epci: Option<&Epci>,
    communes: &[&Commune],
) -> Result<Created, Error> {
    let view = app.store.view().await?;
    let found = find_known(&view, epci, communes).await?;
    sort_out(found, reference, epci, 0)
}

fn sort_out(
    mut found: Vec<Organisation>,
    reference: &Reference,
    epci: Option<&Epci>,
    added: usize,
) -> Result<Created, Error> {
    found.sort_by_cached_key(|o| (o.sort_key(), o.id));
    let is_main = |o: &Organisation| match epci {
        Some(epci) => o.siren.as_ref() == Some(&epci.siren),
        None => true,
    };
    let place = found.iter().position(is_main).ok_or(Error::NotFound)?;
    let main = found.remove(place);
    Ok(Created {
        main,
        members: if epci.is_some() { found } else { Vec::new() },
        added,
        vintage: reference.vintage,
    })
}
