//! The file in which communes fill their needs, and the way back.
//!
//! One row per commune and item, each with the item's id in a column that XLSX hides: names and
//! numbers may change, rows may be sorted or deleted, the file still reads back.
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::field::FieldProblem;
use domain::french::parse_quantity;
use domain::identity::{ItemId, Siren, SiteId};
use domain::quantity::Quantity;
use domain::text::{clean_lines, search_text};

use super::address::Address;
use super::cell_problem::{CellProblem, RowReader, SheetProblem};
use super::reading::{Cell, Columns, ColumnsError, Heading, Row, Sheet};
use super::writing::{Column, Kind, Table, Value};

/// A comment is a few lines.
const COMMENT_CHARS_MAX: usize = 1_000;

/// The needs file of a round (« fichier des besoins »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedsSheet {
    /// The round, as its title says.
    pub title: String,
    /// When it was made.
    pub written_at: DateTime<Utc>,
    /// The columns that the officer has switched on.
    pub options: NeedsSheetOptions,
    /// Its rows, in the order they are written.
    pub lines: Vec<NeedsSheetLine>,
}

/// What may be asked besides a quantity (« colonnes facultatives »).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NeedsSheetOptions {
    /// « Site », one row for each.
    pub site: bool,
    /// « Possible jusqu’à ».
    pub most: bool,
    /// « Engagement ».
    pub commitment: bool,
    /// « Budget », for members that have several.
    pub budget: bool,
    /// « Commentaire ».
    pub comment: bool,
}

/// One member and one item (« ligne de besoin »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedsSheetLine {
    /// Whose need it is.
    pub member_siren: Siren,
    /// Its name, for people; not read back.
    pub member_name: String,
    /// Of what.
    pub item_id: ItemId,
    /// The lot's number, for people; not read back.
    pub lot_number: String,
    /// The item's number, for people; not read back.
    pub item_number: String,
    /// The item's title, for people; not read back.
    pub title: String,
    /// The item's unit, for people; not read back.
    pub unit: String,
    /// For which site, when the file carries its reference.
    pub site_id: Option<SiteId>,
    /// Its name or number; it tells the site where the reference is blank.
    pub site: String,
    /// How many; a blank cell is no answer, zero is one.
    pub quantity: Option<Quantity>,
    /// How many at most, if that helps.
    pub most: Option<Quantity>,
    /// How binding it is.
    pub commitment: Option<SheetCommitment>,
    /// The name or SIRET of the budget that will pay; blank for the main one.
    pub budget: Option<String>,
    /// A word to the officer.
    pub comment: Option<String>,
}

/// How binding a need is, as a cell says it (« engagement »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SheetCommitment {
    /// « ferme ».
    Firm,
    /// « possible », up to the quantity of its own column.
    UpTo,
    /// « intention ».
    Intention,
}

/// What was read of a needs file (« lecture du fichier »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedNeeds {
    /// The rows without fault, each with the address of its quantity.
    pub good: Vec<(NeedsSheetLine, Address)>,
    /// The cells at fault; their rows are not among the good ones.
    pub bad: Vec<CellProblem>,
    /// Which column is which, for problems found later.
    pub columns: Columns,
}

const HEADINGS: &[Heading] = &[
    heading("ref", &["Réf.", "référence"], true),
    heading("siren", &["SIREN", "n° SIREN"], true),
    heading("member", &["Commune", "collectivité", "membre"], false),
    heading("lot", &["Lot", "n° de lot"], false),
    heading("number", &["N°", "numéro", "n° d’article"], false),
    heading("title", &["Article", "désignation", "libellé"], false),
    heading("unit", &["Unité"], false),
    heading("site_ref", &["Réf. site", "référence du site"], false),
    heading("site", &["Site", "point de livraison", "bâtiment"], false),
    heading("quantity", &["Quantité", "qté", "besoin"], true),
    heading(
        "most",
        &["Possible jusqu’à", "maximum", "quantité maximale"],
        false,
    ),
    heading("commitment", &["Engagement"], false),
    heading("budget", &["Budget", "budget payeur"], false),
    heading(
        "comment",
        &["Commentaire", "commentaires", "observations"],
        false,
    ),
];

const fn heading(key: &'static str, names: &'static [&'static str], required: bool) -> Heading {
    Heading {
        key,
        names,
        required,
    }
}

impl SheetCommitment {
    const ALL: [(Self, &str); 3] = [
        (Self::Firm, "ferme"),
        (Self::UpTo, "possible"),
        (Self::Intention, "intention"),
    ];

    /// The word of the cell.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Firm => "ferme",
            Self::UpTo => "possible",
            Self::Intention => "intention",
        }
    }

    fn parse(typed: &str) -> Result<Self, FieldProblem> {
        let key = search_text(typed);
        let found = Self::ALL.into_iter().find(|(_, word)| key == *word);
        let loose = || key.contains("jusqu a").then_some(Self::UpTo);
        let found = found.map(|(commitment, _)| commitment).or_else(loose);
        found.ok_or_else(|| FieldProblem::not_one_of(typed))
    }
}

impl NeedsSheet {
    /// The table to write as CSV or XLSX.
    #[must_use]
    pub fn to_table(&self) -> Table {
        let rows = self
            .lines
            .iter()
            .map(|line| line.row(self.options))
            .collect();
        Table {
            title: self.title.clone(),
            written_at: self.written_at,
            columns: columns(self.options),
            rows,
            totals: None,
            proof: Vec::new(),
        }
    }

    /// Reads a file back, row by row: a bad row does not stop the good ones.
    ///
    /// # Errors
    /// A column without which no row means anything is missing.
    pub fn parse(sheet: &Sheet) -> Result<ParsedNeeds, ColumnsError> {
        let columns = Columns::find(sheet, HEADINGS)?;
        let mut seen: BTreeMap<(Siren, ItemId, String), Address> = BTreeMap::new();
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for row in columns.data(sheet) {
            if is_blank(row, &columns) {
                continue;
            }
            let address = columns.address(row, "quantity");
            match NeedsSheetLine::read(row, &columns) {
                Err(problems) => bad.extend(problems),
                Ok(line) => {
                    let key = (line.member_siren.clone(), line.item_id, line.place());
                    if let Some(first) = seen.get(&key) {
                        let cell = columns.cell(row, "quantity");
                        let problem = SheetProblem::Twice { first: *first };
                        bad.push(CellProblem::new(address, cell, problem));
                    } else {
                        seen.insert(key, address);
                        good.push((line, address));
                    }
                }
            }
        }
        Ok(ParsedNeeds { good, bad, columns })
    }
}

/// A row of totals or a note under the table: it names no item and asks for nothing.
fn is_blank(row: &Row, columns: &Columns) -> bool {
    ["ref", "siren"]
        .iter()
        .all(|key| columns.cell(row, key).is_none())
        && (columns.cell(row, "quantity").is_none() || columns.cell(row, "title").is_none())
}

fn columns(options: NeedsSheetOptions) -> Vec<Column> {
    let mut columns = vec![
        Column::new("Réf.", Kind::Text).to_carry(),
        Column::new("SIREN", Kind::Text),
        Column::new("Commune", Kind::Text),
        Column::new("Lot", Kind::Text),
        Column::new("N°", Kind::Text),
        Column::new("Article", Kind::Text),
        Column::new("Unité", Kind::Text),
    ];
    if options.site {
        columns.push(Column::new("Réf. site", Kind::Text).to_carry());
        columns.push(Column::new("Site", Kind::Text));
    }
    columns.push(Column::new("Quantité", Kind::Quantity).to_fill());
    if options.most {
        columns.push(Column::new("Possible jusqu’à", Kind::Quantity).to_fill());
    }
    if options.commitment {
        let words = SheetCommitment::ALL.map(|(_, word)| word);
        columns.push(
            Column::new("Engagement", Kind::Text)
                .to_fill()
                .among(&words),
        );
    }
    if options.budget {
        columns.push(Column::new("Budget", Kind::Text).to_fill());
    }
    if options.comment {
        columns.push(Column::new("Commentaire", Kind::Text).to_fill());
    }
    columns
}

impl NeedsSheetLine {
    fn row(&self, options: NeedsSheetOptions) -> Vec<Value> {
        let quantity = |quantity: Option<Quantity>| quantity.map_or(Value::Empty, Value::Quantity);
        let text = |text: &str| Value::Text(text.to_owned());
        let mut row = vec![
            text(&self.item_id.to_string()),
            text(self.member_siren.as_str()),
            text(&self.member_name),
            text(&self.lot_number),
            text(&self.item_number),
            text(&self.title),
            text(&self.unit),
        ];
        if options.site {
            row.push(Value::text(
                self.site_id.map(|id| id.to_string()).as_deref(),
            ));
            row.push(text(&self.site));
        }
        row.push(quantity(self.quantity));
        if options.most {
            row.push(quantity(self.most));
        }
        if options.commitment {
            row.push(Value::text(self.commitment.map(SheetCommitment::word)));
        }
        if options.budget {
            row.push(Value::text(self.budget.as_deref()));
        }
        if options.comment {
            row.push(Value::text(self.comment.as_deref()));
        }
        row
    }

    /// What tells apart the rows of one member and item.
    fn place(&self) -> String {
        match self.site_id {
            Some(id) => id.to_string(),
            None => search_text(&self.site),
        }
    }

    /// Reads a row, gathering every cell at fault.
    fn read(row: &Row, columns: &Columns) -> Result<Self, Vec<CellProblem>> {
        let mut cells = RowReader::new(row, columns);
        let item_id = cells.required("ref", |cell| {
            cell.text
                .trim()
                .parse::<ItemId>()
                .or(Err(SheetProblem::Reference))
        });
        let member_siren = cells.required("siren", |cell| {
            Siren::parse(&cell.text).map_err(|error| FieldProblem::from(error).into())
        });
        let site_id = cells.optional("site_ref", |cell| {
            let id = cell.text.trim().parse::<SiteId>();
            id.or(Err(SheetProblem::Reference))
        });
        let quantity = cells.optional("quantity", read_quantity);
        let most = cells.optional("most", read_quantity);
        let commitment = cells.optional("commitment", |cell| {
            SheetCommitment::parse(&cell.text).map_err(SheetProblem::from)
        });
        let comment = cells.optional("comment", |cell| {
            clean_lines(&cell.text, COMMENT_CHARS_MAX)
                .map_err(|error| FieldProblem::from(error).into())
        });
        let text = |key| {
            columns
                .cell(row, key)
                .map(|cell| cell.text.clone())
                .unwrap_or_default()
        };
        match (item_id, member_siren) {
            (Some(item_id), Some(member_siren)) if cells.bad.is_empty() => Ok(Self {
                member_siren,
                member_name: text("member"),
                item_id,
                lot_number: text("lot"),
                item_number: text("number"),
                title: text("title"),
                unit: text("unit"),
                site_id,
                site: text("site"),
                quantity,
                most,
                commitment,
                budget: columns
                    .cell(row, "budget")
                    .map(|cell| cell.text.trim().to_owned()),
                comment,
            }),
            (_, _) => Err(cells.bad),
        }
    }
}

fn read_quantity(cell: &Cell) -> Result<Quantity, SheetProblem> {
    Ok(parse_quantity(&cell.figure()).map_err(FieldProblem::from)?)
}

#[cfg(test)]
mod tests;
