//! Populations of organisations as rows, page by page.
use domain::{identity::OrganisationId, organisation::Population};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{StoreError, View, rows::population as row};

/// A page of an organisation's populations, newest year first, after a year and a series.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    view: &View,
    id: OrganisationId,
    after: Option<(i32, String)>,
    limit: u64,
) -> Result<Vec<Population>, StoreError> {
    let mut query = row::Entity::find().filter(row::Column::OrganisationId.eq(id.0));
    if let Some((year, series)) = after {
        let same_year = row::Column::Year
            .eq(year)
            .and(row::Column::Series.gt(series));
        query = query.filter(row::Column::Year.lt(year).or(same_year));
    }
    let rows = query
        .order_by_desc(row::Column::Year)
        .order_by_asc(row::Column::Series)
        .limit(limit)
        .all(&view.0)
        .await?;
    Ok(rows.into_iter().map(from_row).collect())
}

pub(super) fn from_row(row: row::Model) -> Population {
    Population {
        organisation: OrganisationId(row.organisation_id),
        series: row.series,
        year: row.year,
        inhabitants: row.inhabitants,
        source: row.source,
    }
}
