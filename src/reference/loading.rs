//! Reads the two tables, refusing rather than guessing: a wrong population is money.
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use domain::identity::{InseeCode, Siren};
use flate2::read::GzDecoder;
use thiserror::Error;

use super::Reference;
use super::list::{Commune, Epci, EpciKind};
use super::search::Indexes;

/// The list of a year unpacks to 2 MB; ten times that is another file.
const UNPACKED_BYTES_MAX: u64 = 20 << 20;

const COMMUNE_HEADS: &str = "insee\tsiren\tname\tdepartment\tpostcodes\tpopulation_municipale\tpopulation_totale\tepci_siren";
const EPCI_HEADS: &str = "siren\tname\tkind\tmembers\tpopulation_municipale\tpopulation_totale";

/// Why the list cannot be used (« référentiel refusé »).
#[derive(Debug, Error)]
pub enum ReferenceError {
    /// The file is absent, or is not what its name says.
    #[error("cannot read {file}")]
    Unreadable {
        /// Its name.
        file: String,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The file is not a list of communes.
    #[error("{file} is larger than any list of communes")]
    TooLarge {
        /// Its name.
        file: String,
    },
    /// A line `#vintage` or `#source` is missing, or the two files differ.
    #[error("{file} does not say its {what}, or not as the other file does")]
    Unsigned {
        /// Its name.
        file: String,
        /// What is missing.
        what: &'static str,
    },
    /// The columns are others.
    #[error("{file} has not the columns expected")]
    Heads {
        /// Its name.
        file: String,
    },
    /// A line that means nothing.
    #[error("{file}, line {line}: {problem}")]
    Line {
        /// Its name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        problem: LineProblem,
    },
    /// An EPCI whose members are not all there.
    #[error("the EPCI {siren} announces {announced} members and has {found}")]
    Members {
        /// The EPCI.
        siren: Siren,
        /// As its line says.
        announced: u32,
        /// As the communes say.
        found: u32,
    },
}

/// What is wrong with a line of the list.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LineProblem {
    /// Too many cells, or too few.
    #[error("it has {0} cells")]
    Cells(usize),
    /// Lines are sorted by code, so that no code is there twice.
    #[error("it is not after the line above")]
    Order,
    /// A cell that cannot be what its column says.
    #[error("`{typed}` is not a {column}")]
    Cell {
        /// The column.
        column: &'static str,
        /// What stands there.
        typed: String,
    },
    /// A commune of an EPCI that is not listed.
    #[error("the EPCI {0} is not in the list")]
    UnknownEpci(Siren),
}

/// Reads the two compressed tables of the binary.
pub(super) fn read_packed(communes: &[u8], epcis: &[u8]) -> Result<Reference, ReferenceError> {
    let communes = unpack("communes.tsv.gz", communes)?;
    let epcis = unpack("epci.tsv.gz", epcis)?;
    assemble(&communes, &epcis)
}

/// Reads the two tables of a folder.
pub(super) fn read_folder(folder: &Path) -> Result<Reference, ReferenceError> {
    let communes = read_file(folder, "communes.tsv")?;
    let epcis = read_file(folder, "epci.tsv")?;
    assemble(&communes, &epcis)
}

fn read_file(folder: &Path, name: &str) -> Result<String, ReferenceError> {
    let packed = folder.join(format!("{name}.gz"));
    let path = if packed.exists() {
        packed
    } else {
        folder.join(name)
    };
    let file = path.display().to_string();
    let bytes = std::fs::read(&path).map_err(|source| ReferenceError::Unreadable {
        file: file.clone(),
        source,
    })?;
    unpack(&file, &bytes)
}

fn unpack(file: &str, bytes: &[u8]) -> Result<String, ReferenceError> {
    let mut text = String::new();
    let read = if bytes.starts_with(b"\x1F\x8B") {
        GzDecoder::new(bytes)
            .take(UNPACKED_BYTES_MAX)
            .read_to_string(&mut text)
    } else {
        bytes.take(UNPACKED_BYTES_MAX).read_to_string(&mut text)
    };
    match read {
        Ok(size) if u64::try_from(size).is_ok_and(|size| size < UNPACKED_BYTES_MAX) => Ok(text),
        Ok(_) => Err(ReferenceError::TooLarge {
            file: file.to_owned(),
        }),
        Err(source) => Err(ReferenceError::Unreadable {
            file: file.to_owned(),
            source,
        }),
    }
}

fn assemble(communes: &str, epcis: &str) -> Result<Reference, ReferenceError> {
    let communes = Table::open("communes.tsv", communes, COMMUNE_HEADS)?;
    let epcis = Table::open("epci.tsv", epcis, EPCI_HEADS)?;
    if communes.vintage != epcis.vintage {
        return Err(epcis.unsigned("vintage"));
    }
    let epci_list = epcis.read(6, Epci::read, |left, right| left.siren < right.siren)?;
    let mut members: BTreeMap<&Siren, u32> =
        epci_list.iter().map(|epci| (&epci.siren, 0)).collect();
    let commune_list = communes.read(
        8,
        |cells| Commune::read(cells, &mut members),
        |left, right| left.insee < right.insee,
    )?;
    for epci in &epci_list {
        let found = members.get(&epci.siren).copied().unwrap_or(0);
        if found != epci.members {
            let siren = epci.siren.clone();
            return Err(ReferenceError::Members {
                siren,
                announced: epci.members,
                found,
            });
        }
    }
    Ok(Reference {
        vintage: communes.vintage,
        source: communes.source.to_owned(),
        licence: communes.licence.to_owned(),
        indexes: Indexes::of(&commune_list, &epci_list),
        communes: commune_list,
        epcis: epci_list,
    })
}

/// One of the two files: what it says of itself, then its lines.
struct Table<'t> {
    file: &'static str,
    vintage: i32,
    source: &'t str,
    licence: &'t str,
    first_line: usize,
    lines: std::str::Lines<'t>,
}

impl<'t> Table<'t> {
    fn open(file: &'static str, text: &'t str, heads: &str) -> Result<Self, ReferenceError> {
        let mut table = Self {
            file,
            vintage: 0,
            source: "",
            licence: "",
            first_line: 1,
            lines: text.lines(),
        };
        loop {
            let line = table.lines.next().unwrap_or_default();
            table.first_line += 1;
            match line.split_once('\t') {
                Some(("#vintage", year)) => table.vintage = year.parse().unwrap_or(0),
                Some(("#source", source)) => table.source = source,
                Some(("#licence", licence)) => table.licence = licence,
                _ if line == heads => break,
                _ => {
                    return Err(ReferenceError::Heads {
                        file: file.to_owned(),
                    });
                }
            }
        }
        if !(2000..2200).contains(&table.vintage) {
            return Err(table.unsigned("vintage"));
        }
        if table.source.is_empty() {
            return Err(table.unsigned("source"));
        }
        Ok(table)
    }

    fn unsigned(&self, what: &'static str) -> ReferenceError {
        ReferenceError::Unsigned {
            file: self.file.to_owned(),
            what,
        }
    }

    fn read<T>(
        &self,
        width: usize,
        mut read: impl FnMut(&[&str]) -> Result<T, LineProblem>,
        in_order: impl Fn(&T, &T) -> bool,
    ) -> Result<Vec<T>, ReferenceError> {
        let mut list: Vec<T> = Vec::new();
        for (index, line) in self.lines.clone().enumerate() {
            let at_fault = |problem| {
                let file = self.file.to_owned();
                ReferenceError::Line {
                    file,
                    line: self.first_line + index,
                    problem,
                }
            };
            let cells: Vec<&str> = line.split('\t').collect();
            if cells.len() != width {
                return Err(at_fault(LineProblem::Cells(cells.len())));
            }
            let value = read(&cells).map_err(at_fault)?;
            if list.last().is_some_and(|last| !in_order(last, &value)) {
                return Err(at_fault(LineProblem::Order));
            }
            list.push(value);
        }
        list.shrink_to_fit();
        Ok(list)
    }
}

impl Commune {
    fn read(cells: &[&str], members: &mut BTreeMap<&Siren, u32>) -> Result<Self, LineProblem> {
        let &[
            insee,
            siren,
            name,
            department,
            postcodes,
            municipale,
            totale,
            epci,
        ] = cells
        else {
            return Err(LineProblem::Cells(cells.len()));
        };
        let insee = InseeCode::parse(insee).or(Err(wrong("insee", insee)))?;
        // The department is in the code; another one means that columns were shifted.
        if insee.department() != department {
            return Err(wrong("department", department));
        }
        let epci_siren = optional("epci_siren", epci, Siren::parse)?;
        if let Some(siren) = &epci_siren {
            let Some(count) = members.get_mut(siren) else {
                return Err(LineProblem::UnknownEpci(siren.clone()));
            };
            *count += 1;
        }
        Ok(Self {
            insee,
            siren: optional("siren", siren, Siren::parse)?,
            name: filled("name", name)?,
            postcodes: postcodes.into(),
            population_municipale: optional("population_municipale", municipale, str::parse)?,
            population_totale: optional("population_totale", totale, str::parse)?,
            epci_siren,
        })
    }
}

impl Epci {
    fn read(cells: &[&str]) -> Result<Self, LineProblem> {
        let &[siren, name, kind, members, municipale, totale] = cells else {
            return Err(LineProblem::Cells(cells.len()));
        };
        let persons = |column, typed: &str| typed.parse().or(Err(wrong(column, typed)));
        Ok(Self {
            siren: Siren::parse(siren).or(Err(wrong("siren", siren)))?,
            name: filled("name", name)?,
            kind: EpciKind::parse(kind).ok_or_else(|| wrong("kind", kind))?,
            members: persons("members", members)?,
            population_municipale: persons("population_municipale", municipale)?,
            population_totale: persons("population_totale", totale)?,
        })
    }
}

fn filled(column: &'static str, typed: &str) -> Result<Box<str>, LineProblem> {
    if typed.trim().is_empty() {
        Err(wrong(column, typed))
    } else {
        Ok(typed.into())
    }
}

fn optional<T, E>(
    column: &'static str,
    typed: &str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<T>, LineProblem> {
    if typed.is_empty() {
        return Ok(None);
    }
    parse(typed).map(Some).or(Err(wrong(column, typed)))
}

fn wrong(column: &'static str, typed: &str) -> LineProblem {
    LineProblem::Cell {
        column,
        typed: typed.to_owned(),
    }
}
