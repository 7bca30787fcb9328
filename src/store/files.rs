//! Files: their identity, and their bytes in chunks, behind this one door.
use domain::{
    attachment::{MediaType, StoredFile},
    identity::{FileId, OrganisationId, UserId},
    text::hex,
};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use sha2::{Digest, Sha256};

use super::{
    StoreError, Tx, View,
    organisations::read as read_text,
    rows::{file as row, file_chunk as chunk_row},
};

/// Bytes of a chunk: small enough that no read or write of one is ever long.
const CHUNK_BYTES: usize = 256 * 1024;

/// The hash under which bytes are known.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(Sha256::digest(bytes))
}

/// Keeps a file and its bytes.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(tx: &Tx, file: &StoredFile, bytes: &[u8]) -> Result<(), StoreError> {
    tx.insert(to_row(file)).await?;
    for (position, chunk) in (0_i32..).zip(bytes.chunks(CHUNK_BYTES)) {
        let chunk = chunk_row::Model {
            file_id: file.id.0,
            position,
            bytes: chunk.to_vec(),
        };
        chunk_row::Entity::insert(chunk.into_active_model())
            .exec_without_returning(&tx.view.0)
            .await?;
    }
    Ok(())
}

/// Finds a file.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn find(view: &View, id: FileId) -> Result<StoredFile, StoreError> {
    let found = row::Entity::find_by_id(id.0).one(&view.0).await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// Finds several files, in no particular order.
///
/// # Errors
/// Whatever the database says.
pub async fn find_all(
    view: &View,
    ids: impl IntoIterator<Item = FileId>,
) -> Result<Vec<StoredFile>, StoreError> {
    let ids: Vec<uuid::Uuid> = ids.into_iter().map(|id| id.0).collect();
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(500) {
        let rows = row::Entity::find().filter(row::Column::Id.is_in(some.iter().copied()));
        for row in rows.all(&view.0).await? {
            found.push(from_row(row)?);
        }
    }
    Ok(found)
}

/// The bytes of a file, proved to be those that were kept.
///
/// # Errors
/// [`StoreError::Corrupt`] when a byte changed since.
pub async fn bytes(view: &View, file: &StoredFile) -> Result<Vec<u8>, StoreError> {
    let chunks = chunk_row::Entity::find()
        .filter(chunk_row::Column::FileId.eq(file.id.0))
        .order_by_asc(chunk_row::Column::Position)
        .all(&view.0)
        .await?;
    let bytes: Vec<u8> = chunks.into_iter().flat_map(|chunk| chunk.bytes).collect();
    if sha256(&bytes) == file.sha256 {
        Ok(bytes)
    } else {
        Err(StoreError::Corrupt {
            column: "file_chunk.bytes",
            value: file.id.to_string(),
        })
    }
}

fn to_row(file: &StoredFile) -> row::Model {
    row::Model {
        id: file.id.0,
        owner_id: file.owner.0,
        sha256: file.sha256.clone(),
        media_type: file.media_type.code().to_owned(),
        size_bytes: file.size_bytes,
        name: file.name.clone(),
        created_at: file.created_at,
        created_by: file.created_by.map(|id| id.0),
    }
}

fn from_row(row: row::Model) -> Result<StoredFile, StoreError> {
    Ok(StoredFile {
        id: FileId(row.id),
        owner: OrganisationId(row.owner_id),
        sha256: row.sha256,
        media_type: read_text("file.media_type", &row.media_type, MediaType::from_code)?,
        size_bytes: row.size_bytes,
        name: row.name,
        created_at: row.created_at,
        created_by: row.created_by.map(UserId),
    })
}
