//! Organisations and their populations as rows.
use std::collections::BTreeMap;

use domain::{
    identity::{Email, InseeCode, OrganisationId, Phone, Siren},
    organisation::{Organisation, OrganisationKind, Population},
    text,
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};
use uuid::Uuid;

use super::{
    StoreError, Tx, View, populations,
    rows::{membership, organisation as row, population as population_row},
};

/// Finds one organisation.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn find(view: &View, id: OrganisationId) -> Result<Organisation, StoreError> {
    let found = row::Entity::find_by_id(id.0).one(&view.0).await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// Finds by SIREN, if there is one.
///
/// # Errors
/// Whatever the database says.
pub async fn find_by_siren(view: &View, siren: &Siren) -> Result<Option<Organisation>, StoreError> {
    let found = row::Entity::find()
        .filter(row::Column::Siren.eq(siren.as_str()))
        .one(&view.0)
        .await?;
    found.map(from_row).transpose()
}

/// Those that bear one of these numbers: SIREN of any body, INSEE code of a commune.
///
/// # Errors
/// Whatever the database says.
pub async fn find_by_numbers(
    view: &View,
    sirens: impl IntoIterator<Item = Siren>,
    insees: impl IntoIterator<Item = InseeCode>,
) -> Result<Vec<Organisation>, StoreError> {
    let sirens: Vec<String> = sirens.into_iter().map(|s| s.as_str().to_owned()).collect();
    let insees: Vec<String> = insees.into_iter().map(|i| i.as_str().to_owned()).collect();
    let mut found: BTreeMap<Uuid, Organisation> = BTreeMap::new();
    let by_siren = sirens
        .chunks(500)
        .map(|some| row::Column::Siren.is_in(some.to_vec()));
    let by_insee = insees
        .chunks(500)
        .map(|some| row::Column::Insee.is_in(some.to_vec()));
    for filter in by_siren.chain(by_insee) {
        for row in row::Entity::find().filter(filter).all(&view.0).await? {
            found.insert(row.id, from_row(row)?);
        }
    }
    Ok(found.into_values().collect())
}

/// The first that was created: the one for which the installation was made.
///
/// # Errors
/// Whatever the database says.
pub async fn first(view: &View) -> Result<Option<Organisation>, StoreError> {
    let rows = row::Entity::find().order_by_asc(row::Column::Id);
    rows.one(&view.0).await?.map(from_row).transpose()
}

/// The communes that belong to an EPCI, by name.
///
/// # Errors
/// Whatever the database says.
pub async fn of_epci(view: &View, epci: &Siren) -> Result<Vec<Organisation>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::EpciSiren.eq(epci.as_str()))
        .order_by_asc(row::Column::SortKey)
        .order_by_asc(row::Column::Id)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// Reads an organisation and keeps others from changing it until the transaction ends.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn lock(tx: &Tx, id: OrganisationId) -> Result<Organisation, StoreError> {
    let found = row::Entity::find_by_id(id.0)
        .lock_exclusive()
        .one(&tx.view.0)
        .await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// Whether an organisation is a member of a grouping that one of the others owns.
///
/// # Errors
/// Whatever the database says.
pub async fn is_member_under(
    view: &View,
    member: OrganisationId,
    owners: impl IntoIterator<Item = OrganisationId>,
) -> Result<bool, StoreError> {
    let owners: Vec<Uuid> = owners.into_iter().map(|id| id.0).collect();
    let count = membership::Entity::find()
        .filter(membership::Column::MemberId.eq(member.0))
        .filter(membership::Column::OwnerId.is_in(owners))
        .count(&view.0)
        .await?;
    Ok(count > 0)
}

/// Finds several at once, sorted by name.
///
/// # Errors
/// Whatever the database says.
pub async fn find_all(
    view: &View,
    ids: impl IntoIterator<Item = OrganisationId>,
) -> Result<Vec<Organisation>, StoreError> {
    let ids: Vec<Uuid> = ids.into_iter().map(|id| id.0).collect();
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(500) {
        let rows = row::Entity::find().filter(row::Column::Id.is_in(some.iter().copied()));
        for row in rows.all(&view.0).await? {
            found.push(from_row(row)?);
        }
    }
    found.sort_by_cached_key(|o| (o.sort_key(), o.id));
    Ok(found)
}

/// Whose organisations a list shows.
#[derive(Clone, Debug)]
pub enum Reach {
    /// Every organisation of the installation.
    Everything,
    /// These, the communes of these EPCI, and those met in their groupings.
    Around {
        own: Vec<OrganisationId>,
        epcis: Vec<Siren>,
    },
}

/// Those within reach whose search text contains every word of a folded text.
fn found(reach: &Reach, words: &str) -> Select<row::Entity> {
    let mut query = row::Entity::find();
    for word in text::search_words(words) {
        query = query.filter(row::Column::SearchText.contains(word));
    }
    let Reach::Around { own, epcis } = reach else {
        return query;
    };
    let own: Vec<Uuid> = own.iter().map(|id| id.0).collect();
    let epcis = epcis.iter().map(|siren| siren.as_str().to_owned());
    // The groupings they run or joined, then everybody in those, and who runs them.
    let groupings = membership::Entity::find()
        .select_only()
        .column(membership::Column::GroupingId)
        .filter(membership::Column::MemberId.is_in(own.clone()))
        .into_query();
    let met = |column: membership::Column| {
        membership::Entity::find()
            .select_only()
            .column(column)
            .filter(
                membership::Column::OwnerId
                    .is_in(own.clone())
                    .or(membership::Column::GroupingId.in_subquery(groupings.clone())),
            )
            .into_query()
    };
    query.filter(
        row::Column::Id
            .is_in(own.clone())
            .or(row::Column::EpciSiren.is_in(epcis))
            .or(row::Column::Id.in_subquery(met(membership::Column::MemberId)))
            .or(row::Column::Id.in_subquery(met(membership::Column::OwnerId))),
    )
}

/// A numbered page of the organisations within reach that answer, and how many answer.
///
/// # Errors
/// Whatever the database says.
pub async fn search_numbered(
    view: &View,
    reach: &Reach,
    words: &str,
    offset: u64,
    limit: u64,
) -> Result<(Vec<Organisation>, u64), StoreError> {
    let query = found(reach, words);
    let total = query.clone().count(&view.0).await?;
    let rows = query
        .order_by_asc(row::Column::SortKey)
        .order_by_asc(row::Column::Id)
        .offset(offset)
        .limit(limit)
        .all(&view.0)
        .await?;
    let page: Result<Vec<Organisation>, _> = rows.into_iter().map(from_row).collect();
    Ok((page?, total))
}

/// A page of the organisations within reach that answer, after a sort key.
///
/// # Errors
/// Whatever the database says.
pub async fn search(
    view: &View,
    reach: &Reach,
    words: &str,
    after: Option<(String, OrganisationId)>,
    limit: u64,
) -> Result<Vec<Organisation>, StoreError> {
    let mut query = found(reach, words);
    if let Some((key, id)) = after {
        query = query.filter(
            row::Column::SortKey
                .gt(key.clone())
                .or(row::Column::SortKey.eq(key).and(row::Column::Id.gt(id.0))),
        );
    }
    let rows = query
        .order_by_asc(row::Column::SortKey)
        .order_by_asc(row::Column::Id)
        .limit(limit)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// Adds organisations.
///
/// # Errors
/// [`StoreError::Taken`] when a SIREN or INSEE code is there already.
pub async fn insert(tx: &Tx, organisations: &[Organisation]) -> Result<(), StoreError> {
    tx.insert_all(organisations.iter().map(to_row).collect())
        .await
}

/// Writes changes over the version that was read.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(tx: &Tx, organisation: &Organisation) -> Result<(), StoreError> {
    let mut row = to_row(organisation);
    row.version += 1;
    tx.update(row).await
}

/// Adds populations under fresh identifiers.
///
/// # Errors
/// [`StoreError::Taken`] when the series has that year already.
pub async fn insert_populations(
    tx: &Tx,
    populations: impl IntoIterator<Item = (Uuid, Population)>,
) -> Result<(), StoreError> {
    let rows = populations
        .into_iter()
        .map(|(id, p)| population_row::Model {
            id,
            organisation_id: p.organisation.0,
            series: p.series,
            year: p.year,
            inhabitants: p.inhabitants,
            source: p.source,
        });
    tx.insert_all(rows.collect()).await
}

/// All populations of some organisations, newest year first.
///
/// # Errors
/// Whatever the database says.
pub async fn populations(
    view: &View,
    ids: impl IntoIterator<Item = OrganisationId>,
) -> Result<Vec<Population>, StoreError> {
    let ids: Vec<Uuid> = ids.into_iter().map(|id| id.0).collect();
    let mut found = Vec::new();
    for some in ids.chunks(500) {
        let rows = population_row::Entity::find()
            .filter(population_row::Column::OrganisationId.is_in(some.iter().copied()))
            .order_by_desc(population_row::Column::Year)
            .all(&view.0)
            .await?;
        found.extend(rows.into_iter().map(populations::from_row));
    }
    Ok(found)
}

fn to_row(o: &Organisation) -> row::Model {
    row::Model {
        id: o.id.0,
        kind: o.kind.code().to_owned(),
        name: o.name.clone(),
        siren: o.siren.as_ref().map(|s| s.as_str().to_owned()),
        insee: o.insee.as_ref().map(|i| i.as_str().to_owned()),
        department: o.department.clone(),
        epci_siren: o.epci_siren.as_ref().map(|s| s.as_str().to_owned()),
        time_zone: o.time_zone.clone(),
        email: o.email.as_ref().map(|e| e.as_str().to_owned()),
        phone: o.phone.as_ref().map(|p| p.as_str().to_owned()),
        address: o.address.clone(),
        good_friday: o.good_friday,
        local_law: o.local_law,
        sort_key: o.sort_key(),
        search_text: o.search_text(),
        active: o.active,
        created_at: o.created_at,
        version: o.version,
    }
}

fn from_row(row: row::Model) -> Result<Organisation, StoreError> {
    Ok(Organisation {
        id: OrganisationId(row.id),
        kind: read("organisation.kind", &row.kind, OrganisationKind::from_code)?,
        name: row.name,
        siren: read_optional("organisation.siren", row.siren, |t| Siren::parse(t).ok())?,
        insee: read_optional("organisation.insee", row.insee, |t| {
            InseeCode::parse(t).ok()
        })?,
        department: row.department,
        epci_siren: read_optional("organisation.epci_siren", row.epci_siren, |t| {
            Siren::parse(t).ok()
        })?,
        time_zone: row.time_zone,
        email: read_optional("organisation.email", row.email, |t| Email::parse(t).ok())?,
        phone: read_optional("organisation.phone", row.phone, |t| Phone::parse(t).ok())?,
        address: row.address,
        good_friday: row.good_friday,
        local_law: row.local_law,
        active: row.active,
        created_at: row.created_at,
        version: row.version,
    })
}

/// Reads a text column that the domain wrote; anything else is corruption.
pub(super) fn read<T>(
    column: &'static str,
    text: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, StoreError> {
    parse(text).ok_or_else(|| StoreError::Corrupt {
        column,
        value: text.to_owned(),
    })
}

/// The same for a column that may be empty.
pub(super) fn read_optional<T>(
    column: &'static str,
    text: Option<String>,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, StoreError> {
    text.map(|text| read(column, &text, parse)).transpose()
}
