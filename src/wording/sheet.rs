//! What is wrong with a file that someone brings in, down to the cell.
use domain::french::integer;

use super::field;
use crate::documents::{
    cell_problem::{CellProblem, SheetProblem},
    reading::{ColumnsError, Format, Found, ReadingError},
    writing::WritingError,
};

/// The sentence about a file that was not read.
#[must_use]
pub fn reading(error: &ReadingError) -> String {
    match error {
        ReadingError::Empty => "Le fichier est vide.".to_owned(),
        ReadingError::NotASpreadsheet { found } => not_a_spreadsheet(*found).to_owned(),
        ReadingError::Locked => {
            "Le fichier est protégé par un mot de passe. Retirez-le, puis recommencez.".to_owned()
        }
        ReadingError::TooManyBytes { found, max } => format!(
            "Le fichier pèse {}. La limite est de {}.",
            weight(*found),
            weight(*max)
        ),
        ReadingError::TooManyUnpackedBytes { max } => format!(
            "Une fois décompressé, le fichier dépasse {}. Supprimez les feuilles et les images \
             inutiles.",
            weight(*max)
        ),
        ReadingError::Swells { .. } => {
            "Le fichier se décompresse anormalement. Enregistrez-le à nouveau depuis votre \
             tableur, puis recommencez."
                .to_owned()
        }
        ReadingError::TooManyParts { found, max } => format!(
            "Le fichier contient {} éléments. La limite est de {}.",
            count(*found),
            count(*max)
        ),
        ReadingError::TooManyRows { max } => {
            format!(
                "La feuille dépasse {} lignes remplies. Coupez-la en plusieurs fichiers.",
                count(*max)
            )
        }
        ReadingError::TooManyColumns { address, max } => {
            format!(
                "{address}\u{a0}: la feuille dépasse {} colonnes.",
                count(*max)
            )
        }
        ReadingError::TooManyCells { max } => {
            format!(
                "La feuille dépasse {} cellules remplies. Coupez-la en plusieurs fichiers.",
                count(*max)
            )
        }
        ReadingError::CellTooLong {
            address,
            found,
            max,
        } => format!(
            "{address}\u{a0}: ce texte a {} caractères. La limite est de {}.",
            count(*found),
            count(*max)
        ),
        ReadingError::TooMuchText { max } => {
            format!(
                "Les textes du fichier dépassent {}. Coupez-le en plusieurs fichiers.",
                weight(*max)
            )
        }
        ReadingError::OpenQuote { address } => {
            format!("{address}\u{a0}: un guillemet droit ouvre cette cellule et ne se referme pas.")
        }
        ReadingError::Damaged { format, .. } => format!(
            "Ce fichier {} est abîmé ou incomplet. Enregistrez-le à nouveau depuis votre tableur, \
             puis recommencez.",
            format_name(*format)
        ),
    }
}

/// The sentence about columns that were not recognised.
#[must_use]
pub fn columns(error: &ColumnsError) -> String {
    match error {
        ColumnsError::Missing { row, missing } => {
            let names: Vec<String> = missing
                .iter()
                .map(|name| format!("«\u{a0}{name}\u{a0}»"))
                .collect();
            let what = if let [one] = names.as_slice() {
                format!("La colonne {one} manque")
            } else {
                format!("Les colonnes {} manquent", names.join(", "))
            };
            match row {
                Some(row) => format!("{what} à la ligne de titres ({row})."),
                None => format!("{what}\u{a0}: aucune ligne de titres n’a été reconnue."),
            }
        }
        ColumnsError::Twice {
            name,
            first,
            second,
        } => {
            format!("Les colonnes {first} et {second} sont toutes deux «\u{a0}{name}\u{a0}».")
        }
    }
}

/// The sentence about a cell, with its address: `C14 : « 1.234,5 » se lit de deux façons…`.
#[must_use]
pub fn cell(problem: &CellProblem) -> String {
    let sentence = cell_problem(&problem.problem);
    let address = problem.address;
    // Most sentences about a figure quote it already.
    if problem.typed.is_empty() || sentence.starts_with('«') {
        return format!("{address}\u{a0}: {sentence}");
    }
    format!(
        "{address}\u{a0}: «\u{a0}{}\u{a0}». {sentence}",
        problem.typed
    )
}

/// The sentence about what is wrong in a cell, without its address.
#[must_use]
pub fn cell_problem(problem: &SheetProblem) -> String {
    match problem {
        SheetProblem::Field(problem) => field::problem(problem),
        SheetProblem::Fault => "Le tableur affiche une erreur dans cette cellule.".to_owned(),
        SheetProblem::Reference => "Cette référence technique a été modifiée. Repartez du fichier \
                                    exporté, sans toucher à la première colonne."
            .to_owned(),
        SheetProblem::Twice { first } => {
            format!("La ligne répète celle de {first}. Gardez une seule des deux.")
        }
        SheetProblem::UnknownOrganisation => {
            "Aucun organisme connu n’a ce code ou ce nom.".to_owned()
        }
        SheetProblem::UnknownBudget => {
            "Aucun budget de cet organisme n’a ce nom ou ce SIRET. Laissez vide pour ne rien \
             changer."
                .to_owned()
        }
        SheetProblem::Homonyms { choices } => format!(
            "Plusieurs organismes portent ce nom\u{a0}: {}. Ajoutez le code INSEE ou le SIREN.",
            choices.join(", ")
        ),
        SheetProblem::OtherName { owner } => {
            format!("Le code de la ligne est celui de {owner}. Corrigez le code ou le nom.")
        }
    }
}

/// The sentence about a table that could not be exported.
#[must_use]
pub fn writing(error: &WritingError) -> String {
    match error {
        WritingError::TextTooLong { address } => {
            format!("{address}\u{a0}: ce texte est trop long pour un tableur. Exportez en CSV.")
        }
        WritingError::Date { address } => {
            format!("{address}\u{a0}: un tableur ne connaît pas cette date. Exportez en CSV.")
        }
        WritingError::Width { .. } | WritingError::Kind { .. } | WritingError::Engine(_) => {
            "Le tableau n’a pas pu être écrit. L’exploitant du service en trouvera la trace dans \
             les journaux techniques."
                .to_owned()
        }
    }
}

fn not_a_spreadsheet(found: Found) -> &'static str {
    match found {
        Found::Pdf => {
            "Ce fichier est un PDF. Joignez le tableau d’origine\u{a0}: CSV, XLSX ou ODS."
        }
        Found::Picture => "Ce fichier est une image. Joignez un tableau\u{a0}: CSV, XLSX ou ODS.",
        Found::Markup => {
            "Ce fichier est une page web. Ouvrez-le dans votre tableur et enregistrez-le au format \
             XLSX ou ODS."
        }
        Found::BinaryWorkbook => {
            "Ce classeur est au format XLSB. Enregistrez-le au format XLSX ou ODS."
        }
        Found::OldOrLocked => {
            "Ce classeur est à l’ancien format XLS, ou protégé par un mot de passe. Enregistrez-le \
             au format XLSX ou ODS, sans mot de passe."
        }
        Found::Archive | Found::Unknown => {
            "Ce fichier n’est pas un tableau. Joignez un fichier CSV, XLSX ou ODS."
        }
    }
}

const fn format_name(format: Format) -> &'static str {
    match format {
        Format::Csv => "CSV",
        Format::Xlsx => "XLSX",
        Format::Ods => "ODS",
    }
}

fn count(value: u64) -> String {
    integer(i64::try_from(value).unwrap_or(i64::MAX))
}

/// A size as people know it, the same as for any other file.
fn weight(bytes: u64) -> String {
    super::attachment::size(usize::try_from(bytes).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use domain::{field::FieldProblem, number::NumberError};

    use super::*;
    use crate::documents::address::Address;

    #[test]
    fn a_bad_cell_is_told_by_its_address_and_quoted_once() {
        let typed = "1.234,5".to_owned();
        let problem = |problem: SheetProblem| {
            let address = Address::new(14, 2);
            cell(&CellProblem {
                address,
                typed: typed.clone(),
                problem,
            })
        };
        let number = FieldProblem::Number(NumberError::BadGrouping {
            typed: typed.clone(),
        });
        let sentence = problem(number.into());
        assert!(
            sentence.starts_with("C14\u{a0}: «\u{a0}1.234,5\u{a0}» se lit"),
            "{sentence}"
        );
        assert_eq!(
            problem(SheetProblem::UnknownOrganisation),
            "C14\u{a0}: «\u{a0}1.234,5\u{a0}». Aucun organisme connu n’a ce code ou ce nom."
        );
    }

    #[test]
    fn sizes_are_told_in_the_units_of_people() {
        let error = ReadingError::TooManyBytes {
            found: 50 << 20,
            max: 20 << 20,
        };
        assert_eq!(
            reading(&error),
            "Le fichier pèse 52,4\u{a0}Mo. La limite est de 20,9\u{a0}Mo."
        );
    }

    #[test]
    fn missing_columns_are_named() {
        let error = ColumnsError::Missing {
            row: None,
            missing: vec!["SIREN", "Quantité"],
        };
        assert_eq!(
            columns(&error),
            "Les colonnes «\u{a0}SIREN\u{a0}», «\u{a0}Quantité\u{a0}» manquent\u{a0}: aucune ligne \
             de titres n’a été reconnue."
        );
    }
}
