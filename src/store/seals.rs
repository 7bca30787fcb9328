//! Daily seals: one chain over the heads of all the others.
//!
//! A seal copies the heads of the chains that moved since the seal before, so that replacing a
//! whole chain, hashes included, is still found.
use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::text::hex;
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, TryInsertResult,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    StoreError, SystemTx, View, Writes,
    rows::{journal_head, journal_seal as row, journal_seal_head as head_row},
};

/// Seals a day once: a second process, or a second call, finds it done.
///
/// # Errors
/// Whatever the database says.
pub async fn seal(tx: &SystemTx, day: NaiveDate) -> Result<bool, StoreError> {
    if row::Entity::find_by_id(day)
        .one(&tx.view.0)
        .await?
        .is_some()
    {
        return Ok(false);
    }
    let moved = moved_heads(tx).await?;
    if moved.is_empty() {
        return Ok(false);
    }
    let last = row::Entity::find()
        .order_by_desc(row::Column::Seq)
        .one(&tx.view.0)
        .await?;
    let (seq, prev_hash) = last.map_or((0, String::new()), |seal| (seal.seq, seal.hash));
    let heads_hash = heads_hash(&moved);
    let seq = seq + 1;
    let seal = row::Model {
        day,
        seq,
        hash: seal_hash(day, seq, &heads_hash, &prev_hash),
        heads_hash,
        prev_hash,
        sealed_at: tx.now(),
    };
    let inserted = row::Entity::insert(seal.into_active_model())
        .on_conflict_do_nothing()
        .exec(&tx.view.0)
        .await?;
    if !matches!(inserted, TryInsertResult::Inserted(_)) {
        return Ok(false);
    }
    for (scope_id, (seq, hash)) in moved {
        let head = head_row::Model {
            day,
            scope_id,
            seq,
            hash,
        };
        head_row::Entity::insert(head.into_active_model())
            .exec_without_returning(&tx.view.0)
            .await?;
    }
    Ok(true)
}

async fn moved_heads(view: &View) -> Result<BTreeMap<Uuid, (i64, String)>, StoreError> {
    let mut heads: BTreeMap<Uuid, (i64, String)> = BTreeMap::new();
    for head in journal_head::Entity::find().all(&view.0).await? {
        heads.insert(head.scope_id, (head.seq, head.hash));
    }
    for sealed in head_row::Entity::find().all(&view.0).await? {
        if heads
            .get(&sealed.scope_id)
            .is_some_and(|(seq, _)| *seq == sealed.seq)
        {
            heads.remove(&sealed.scope_id);
        }
    }
    Ok(heads)
}

/// Every seal with what is wrong with it: its own hash, its place, the heads it covers.
///
/// # Errors
/// Whatever the database says.
pub(super) async fn faults(view: &View) -> Result<(usize, Vec<String>), StoreError> {
    let seals = row::Entity::find()
        .order_by_asc(row::Column::Seq)
        .all(&view.0)
        .await?;
    let (mut faults, mut previous) = (Vec::new(), (0_i64, String::new()));
    for seal in &seals {
        let covered = head_row::Entity::find()
            .filter(head_row::Column::Day.eq(seal.day))
            .all(&view.0)
            .await?;
        let heads: BTreeMap<Uuid, (i64, String)> = covered
            .into_iter()
            .map(|h| (h.scope_id, (h.seq, h.hash)))
            .collect();
        let place = format!("journal_seal {}", seal.day);
        if seal.seq != previous.0 + 1 || seal.prev_hash != previous.1 {
            faults.push(format!("{place}: not linked to the seal before"));
        }
        if seal.hash != seal_hash(seal.day, seal.seq, &seal.heads_hash, &seal.prev_hash)
            || seal.heads_hash != heads_hash(&heads)
        {
            faults.push(format!("{place}: its hash does not match"));
        }
        for (scope, (seq, hash)) in &heads {
            if super::journal::hash_of(view, *scope, *seq).await?.as_ref() != Some(hash) {
                faults.push(format!(
                    "{place}: line {scope}/{seq} is not the one that was sealed"
                ));
            }
        }
        previous = (seal.seq, seal.hash.clone());
    }
    Ok((seals.len(), faults))
}

fn heads_hash(heads: &BTreeMap<Uuid, (i64, String)>) -> String {
    let mut digest = Sha256::new();
    for (scope, (seq, hash)) in heads {
        digest.update(format!("{scope}:{seq}:{hash}\n"));
    }
    hex(digest.finalize())
}

fn seal_hash(day: NaiveDate, seq: i64, heads_hash: &str, prev_hash: &str) -> String {
    hex(Sha256::digest(format!(
        "{day}\n{seq}\n{heads_hash}\n{prev_hash}"
    )))
}
