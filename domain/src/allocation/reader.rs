//! Reads a file strictly: every refusal points at its culprit, and nothing is dropped.

use super::Json;
use crate::number::NumberError;

/// What a file refuses, and where (« fichier refusé »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}, at `{pointer}`")]
pub struct CaseFileError {
    /// A JSON pointer (RFC 6901) to the culprit.
    pub pointer: String,
    pub problem: FileProblem,
}

impl CaseFileError {
    /// The same refusal in a file that holds this one at `pointer`.
    pub(super) fn below(mut self, pointer: &str) -> Self {
        self.pointer.insert_str(0, pointer);
        self
    }
}

/// Why a well-formed JSON is not the file that was asked for (« défaut du fichier »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    #[error("missing field `{field}`")]
    Missing { field: &'static str },
    #[error("unknown field `{field}`")]
    Unknown { field: String },
    #[error("`{key}` is there twice")]
    Twice { key: String },
    #[error("an object was expected")]
    NotAnObject,
    #[error("a list was expected")]
    NotAList,
    #[error("a text was expected")]
    NotAText,
    #[error("true or false was expected")]
    NotAFlag,
    #[error("a whole number was expected")]
    NotANumber,
    #[error("a number was found, and a decimal string was expected")]
    NumberNotText,
    #[error("unknown word `{typed}`, expected one of {expected}")]
    UnknownWord {
        typed: String,
        expected: &'static str,
    },
    #[error("`{one}` and `{other}` exclude one another")]
    Both {
        one: &'static str,
        other: &'static str,
    },
    #[error("the line has no rule, and the case has no default rule")]
    NoRule,
    #[error(transparent)]
    Number(#[from] NumberError),
}

/// One value and where it is.
#[derive(Clone)]
pub(super) struct Reader<'a> {
    json: &'a Json,
    pointer: String,
}

/// The fields of an object whose names have been checked.
pub(super) struct Fields<'a> {
    entries: &'a [(String, Json)],
    pointer: String,
}

impl<'a> Reader<'a> {
    pub fn root(json: &'a Json) -> Self {
        Self {
            json,
            pointer: String::new(),
        }
    }

    pub fn json(&self) -> &'a Json {
        self.json
    }

    pub fn refuse(&self, problem: FileProblem) -> CaseFileError {
        CaseFileError {
            pointer: self.pointer.clone(),
            problem,
        }
    }

    /// An object that has only known fields, each once.
    pub fn object(&self, known: &[&str]) -> Result<Fields<'a>, CaseFileError> {
        let fields = self.fields()?;
        for (key, _) in fields.entries {
            if !known.contains(&key.as_str()) {
                let field = key.clone();
                return Err(fields
                    .below(key, self.json)
                    .refuse(FileProblem::Unknown { field }));
            }
        }
        Ok(fields)
    }

    /// An object with any keys, each once.
    pub fn entries(&self) -> Result<Vec<(&'a str, Self)>, CaseFileError> {
        let fields = self.fields()?;
        let entries = fields.entries.iter();
        Ok(entries
            .map(|(key, value)| (key.as_str(), fields.below(key, value)))
            .collect())
    }

    fn fields(&self) -> Result<Fields<'a>, CaseFileError> {
        let Json::Object(entries) = self.json else {
            return Err(self.refuse(FileProblem::NotAnObject));
        };
        let fields = Fields {
            entries,
            pointer: self.pointer.clone(),
        };
        let mut keys = std::collections::BTreeSet::new();
        for (key, value) in entries {
            if !keys.insert(key) {
                let twice = FileProblem::Twice { key: key.clone() };
                return Err(fields.below(key, value).refuse(twice));
            }
        }
        Ok(fields)
    }

    pub fn list(&self) -> Result<Vec<Self>, CaseFileError> {
        let Json::List(items) = self.json else {
            return Err(self.refuse(FileProblem::NotAList));
        };
        let items = items.iter().enumerate();
        Ok(items
            .map(|(index, json)| Self {
                json,
                pointer: format!("{}/{index}", self.pointer),
            })
            .collect())
    }

    pub fn text(&self) -> Result<&'a str, CaseFileError> {
        match self.json {
            Json::Text(text) => Ok(text),
            Json::Number(_) => Err(self.refuse(FileProblem::NumberNotText)),
            Json::Null | Json::Flag(_) | Json::List(_) | Json::Object(_) => {
                Err(self.refuse(FileProblem::NotAText))
            }
        }
    }

    pub fn flag(&self) -> Result<bool, CaseFileError> {
        match self.json {
            Json::Flag(flag) => Ok(*flag),
            Json::Null | Json::Number(_) | Json::Text(_) | Json::List(_) | Json::Object(_) => {
                Err(self.refuse(FileProblem::NotAFlag))
            }
        }
    }

    pub fn count(&self) -> Result<u64, CaseFileError> {
        match self.json {
            Json::Number(Some(count)) => Ok(*count),
            Json::Null
            | Json::Flag(_)
            | Json::Number(None)
            | Json::Text(_)
            | Json::List(_)
            | Json::Object(_) => Err(self.refuse(FileProblem::NotANumber)),
        }
    }

    pub fn number<T>(
        &self,
        parse: impl FnOnce(&str) -> Result<T, NumberError>,
    ) -> Result<T, CaseFileError> {
        parse(self.text()?).map_err(|error| self.refuse(error.into()))
    }

    /// One of the words of a closed list.
    pub fn word<T>(
        &self,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, CaseFileError> {
        let typed = self.text()?;
        parse(typed).ok_or_else(|| {
            let typed = typed.to_owned();
            self.refuse(FileProblem::UnknownWord { typed, expected })
        })
    }
}

impl<'a> Fields<'a> {
    /// The field, unless it is absent or null.
    pub fn find(&self, name: &str) -> Option<Reader<'a>> {
        let found = self.entries.iter().find(|(key, _)| key == name);
        let present = found.filter(|(_, value)| *value != Json::Null);
        present.map(|(key, value)| self.below(key, value))
    }

    pub fn need(&self, field: &'static str) -> Result<Reader<'a>, CaseFileError> {
        self.find(field).ok_or_else(|| CaseFileError {
            pointer: self.pointer.clone(),
            problem: FileProblem::Missing { field },
        })
    }

    /// Refuses two fields that exclude one another, and neither of them.
    pub fn either(
        &self,
        one: &'static str,
        other: &'static str,
    ) -> Result<(Option<Reader<'a>>, Option<Reader<'a>>), CaseFileError> {
        match (self.find(one), self.find(other)) {
            (Some(_), Some(second)) => Err(second.refuse(FileProblem::Both { one, other })),
            (None, None) => Err(CaseFileError {
                pointer: self.pointer.clone(),
                problem: FileProblem::Missing { field: one },
            }),
            found => Ok(found),
        }
    }

    pub fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce(&Reader<'a>) -> Result<T, CaseFileError>,
    ) -> Result<Option<T>, CaseFileError> {
        self.find(name).as_ref().map(read).transpose()
    }

    fn below(&self, key: &str, json: &'a Json) -> Reader<'a> {
        Reader {
            json,
            pointer: format!("{}/{}", self.pointer, pointer_part(key)),
        }
    }
}

/// A key as a part of a JSON pointer: `~` and `/` are escaped.
pub fn pointer_part(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
