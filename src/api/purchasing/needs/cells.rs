//! Cells of needs as programs type them.
use domain::{
    field::{FieldProblem, Gathering},
    french,
    identity::ItemId,
    purchasing::need::{COMMENT_CHARS_MAX, CommitmentKind, NeedColumn},
    quantity::Quantity,
    text,
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actions::{
    Error,
    purchasing::drafts::{Basis, Edit},
};

/// Lines to type; what is absent is left as it stands.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cells {
    #[schema(max_items = 1000)]
    pub lines: Vec<CellsOfLine>,
}

/// The cells of one line.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CellsOfLine {
    pub item_id: Uuid,
    /// For which site, when the round asks site by site.
    pub site_id: Option<Uuid>,
    /// A decimal string; empty to clear the cell.
    pub quantity: Option<String>,
    /// A decimal string; empty to clear the cell.
    pub most: Option<String>,
    /// `firm`, `up_to` or `intention`.
    pub commitment: Option<String>,
    /// The budget that will pay; empty for the member's main one.
    pub budget_id: Option<String>,
    /// Empty to clear the cell.
    pub comment: Option<String>,
    /// The version of the line that was read; without it, what stands there is replaced.
    #[schema(minimum = 0, maximum = 2147483647)]
    pub version: Option<i32>,
}

/// The cells given, or every field that cannot be read.
pub(super) fn edits(cells: &Cells) -> Result<Vec<Edit>, Error> {
    let mut gathering = Gathering::default();
    let mut edits = Vec::new();
    for (place, line) in cells.lines.iter().enumerate() {
        let name = |column: NeedColumn| format!("lines.{place}.{}", column.code());
        let mut add = |column, typed: Option<String>| {
            edits.extend(typed.map(|typed| {
                Edit {
                    item: ItemId(line.item_id),
                    line: line
                        .site_id
                        .map(|site| site.to_string())
                        .unwrap_or_default(),
                    column,
                    typed,
                    basis: line.version.map_or(Basis::Any, Basis::Version),
                }
            }));
        };
        for (column, typed) in [
            (NeedColumn::Quantity, &line.quantity),
            (NeedColumn::Most, &line.most),
        ] {
            let Some(typed) = typed else { continue };
            let read = gathering.read_optional(&name(column), typed, Quantity::parse);
            let text = |quantity: Option<Quantity>| quantity.map(french::quantity);
            add(
                column,
                read.map(|quantity| text(quantity).unwrap_or_default()),
            );
        }
        if let Some(typed) = &line.commitment {
            let kind =
                CommitmentKind::from_code(typed).ok_or_else(|| FieldProblem::not_one_of(typed));
            let read = gathering.read(&name(NeedColumn::Commitment), typed, kind);
            add(
                NeedColumn::Commitment,
                read.map(|kind| kind.code().to_owned()),
            );
        }
        if let Some(typed) = &line.budget_id {
            let name = format!("lines.{place}.budget_id");
            let id = Uuid::try_parse(typed).or(Err(FieldProblem::not_one_of(typed)));
            let id = if typed.is_empty() {
                Some(None)
            } else {
                gathering.read(&name, typed, id).map(Some)
            };
            add(
                NeedColumn::Budget,
                id.map(|id| id.map(|id| id.to_string()).unwrap_or_default()),
            );
        }
        if let Some(typed) = &line.comment {
            let clean = |typed: &str| text::clean_lines(typed, COMMENT_CHARS_MAX);
            let read = gathering.read_optional(&name(NeedColumn::Comment), typed, clean);
            add(NeedColumn::Comment, read.map(Option::unwrap_or_default));
        }
    }
    if gathering.problems.is_empty() {
        Ok(edits)
    } else {
        Err(Error::Invalid(gathering.problems))
    }
}
