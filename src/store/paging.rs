//! Where a page of a list begins: after the last row seen, or so many rows further on.
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

/// Where a page of a list begins.
#[derive(Clone, Debug)]
pub enum Start<K> {
    /// After the row of this key; at the first without one.
    After(Option<K>),
    /// So many rows further on: what a page with numbers shows.
    Skip(u64),
}

/// The key of a row in a list where what is put aside comes last: in use, sort key, id.
pub type InUseFirst = (bool, String, Uuid);

/// One page of a query by the three columns of such a key.
pub(super) fn in_use_first<E: EntityTrait>(
    query: Select<E>,
    (active, name, id): (E::Column, E::Column, E::Column),
    start: Start<InUseFirst>,
    limit: u64,
) -> Select<E> {
    let query = match start {
        Start::After(Some((used, key, seen))) => {
            let further = name.gt(key.clone()).or(name.eq(key).and(id.gt(seen)));
            let past = Condition::any()
                .add(active.lt(used))
                .add(active.eq(used).and(further));
            query.filter(past)
        }
        Start::After(None) => query,
        Start::Skip(rows) => query.offset(rows),
    };
    query
        .order_by_desc(active)
        .order_by_asc(name)
        .order_by_asc(id)
        .limit(limit)
}

/// One page of a query by a text and an id.
pub(super) fn by_name<E: EntityTrait>(
    query: Select<E>,
    (name, id): (E::Column, E::Column),
    start: Start<(String, Uuid)>,
    limit: u64,
) -> Select<E> {
    let query = match start {
        Start::After(Some((key, seen))) => {
            query.filter(name.gt(key.clone()).or(name.eq(key).and(id.gt(seen))))
        }
        Start::After(None) => query,
        Start::Skip(rows) => query.offset(rows),
    };
    query.order_by_asc(name).order_by_asc(id).limit(limit)
}
