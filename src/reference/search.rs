//! Finds communes and EPCI by what people type: a name, a beginning, a code, a postcode.
use std::cmp::Reverse;

use domain::identity::Siren;
use domain::text::search_text;

use super::Reference;
use super::list::{Commune, Epci};

/// No list of choices is longer.
const HITS_MAX: usize = 100;

/// A commune or an EPCI that answers a search (« résultat de recherche »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit<'r> {
    /// A commune, and whether another one bears its name.
    Commune {
        /// The commune.
        commune: &'r Commune,
        /// If so its department and code must be shown beside its name.
        homonym: bool,
    },
    /// An EPCI; no two have the same name and department.
    Epci {
        /// The EPCI.
        epci: &'r Epci,
    },
}

impl Hit<'_> {
    /// What tells it from all others: `Lille`, but `Saint-Denis (93, 93066)`.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Commune {
                commune,
                homonym: true,
            } => {
                format!(
                    "{} ({}, {})",
                    commune.name,
                    commune.department(),
                    commune.insee
                )
            }
            Self::Commune {
                commune,
                homonym: false,
            } => commune.name.to_string(),
            Self::Epci { epci } => format!("{} ({})", epci.name, epci.siren),
        }
    }
}

/// What makes searching fast: folded names, and orders other than by code.
#[derive(Debug)]
pub(super) struct Indexes {
    /// The folded name of each commune, in their order.
    commune_keys: Vec<Box<str>>,
    /// The folded name of each EPCI, in their order.
    epci_keys: Vec<Box<str>>,
    /// The places of the communes, by folded name then code.
    by_key: Vec<u32>,
    /// The places of the communes that have a SIREN, by SIREN.
    by_siren: Vec<u32>,
}

/// How well a name answers, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// It is the name, or the code.
    Whole,
    /// The name begins so.
    Beginning,
    /// A word of the name begins so.
    Word,
    /// Every word typed begins some word of the name.
    Scattered,
}

impl Indexes {
    pub(super) fn of(communes: &[Commune], epcis: &[Epci]) -> Self {
        let commune_keys: Vec<Box<str>> = communes
            .iter()
            .map(|commune| search_text(&commune.name).into())
            .collect();
        let places = (0..).zip(communes);
        let with_siren = places
            .clone()
            .filter(|(_, commune)| commune.siren.is_some());
        let mut by_siren: Vec<u32> = with_siren.map(|(place, _)| place).collect();
        by_siren.sort_by_key(|place| siren_at(communes, *place));
        let mut by_key: Vec<u32> = places.map(|(place, _)| place).collect();
        by_key.sort_by_key(|place| key_at(&commune_keys, *place));
        let epci_keys = epcis
            .iter()
            .map(|epci| search_text(&epci.name).into())
            .collect();
        Self {
            commune_keys,
            epci_keys,
            by_key,
            by_siren,
        }
    }

    pub(super) fn commune_by_siren<'c>(
        &self,
        siren: &Siren,
        communes: &'c [Commune],
    ) -> Option<&'c Commune> {
        let by = |place: &u32| siren_at(communes, *place).cmp(&Some(siren));
        let found = self.by_siren.binary_search_by(by).ok()?;
        self.by_siren
            .get(found)
            .and_then(|place| at(communes, *place))
    }

    pub(super) fn communes_named(&self, name: &str) -> impl Iterator<Item = usize> + use<'_> {
        let key = search_text(name);
        let first = self
            .by_key
            .partition_point(|place| key_at(&self.commune_keys, *place) < &*key);
        self.by_key
            .iter()
            .skip(first)
            .take_while(move |place| {
                !key.is_empty() && key_at(&self.commune_keys, **place) == &*key
            })
            .filter_map(|place| usize::try_from(*place).ok())
    }
}

impl Reference {
    /// The communes that answer what was typed, the best and then the most populated first.
    ///
    /// A name (accents, case, hyphens and « St » do not matter), a SIREN, an INSEE code, a
    /// postcode, or the beginning of one of them.
    ///
    /// | typed     | first hits                                             |
    /// |-----------|--------------------------------------------------------|
    /// | `st denis`| Saint-Denis (93, 93066), Saint-Denis (974, 97411) …     |
    /// | `madel`   | La Madeleine …                                         |
    /// | `59368`   | La Madeleine                                           |
    /// | `59110`   | La Madeleine                                           |
    #[must_use]
    pub fn search(&self, query: &str, limit: usize) -> Vec<Hit<'_>> {
        let typed = Typed::of(query);
        let ranked = self
            .communes
            .iter()
            .zip(&self.indexes.commune_keys)
            .filter_map(|(commune, key)| {
                let by_code = || typed.rank_of_code(commune);
                let rank = typed.rank_of_name(key).or_else(by_code)?;
                Some((rank, Reverse(commune.population_municipale), key, commune))
            });
        best(ranked, limit, |commune| &commune.insee)
            .map(|commune| Hit::Commune {
                commune,
                homonym: self.indexes.communes_named(&commune.name).nth(1).is_some(),
            })
            .collect()
    }

    /// The EPCI that answer what was typed, the best and then the most populated first.
    #[must_use]
    pub fn search_epci(&self, query: &str, limit: usize) -> Vec<Hit<'_>> {
        let typed = Typed::of(query);
        let ranked = self
            .epcis
            .iter()
            .zip(&self.indexes.epci_keys)
            .filter_map(|(epci, key)| {
                let by_code = || typed.rank_among([epci.siren.as_str()]);
                let rank = typed.rank_of_name(key).or_else(by_code)?;
                Some((rank, Reverse(epci.population_municipale), key, epci))
            });
        best(ranked, limit, |epci| &epci.siren)
            .map(|epci| Hit::Epci { epci })
            .collect()
    }
}

/// The first of them, in an order that depends on nothing but the list.
fn best<'r, T: 'r, P: Ord, C: Ord + 'r>(
    ranked: impl Iterator<Item = (Rank, P, &'r Box<str>, &'r T)>,
    limit: usize,
    code: impl Fn(&'r T) -> &'r C,
) -> impl Iterator<Item = &'r T> {
    let mut ranked: Vec<_> = ranked.collect();
    ranked.sort_by(|left, right| {
        (left.0, &left.1, left.2, code(left.3)).cmp(&(right.0, &right.1, right.2, code(right.3)))
    });
    ranked
        .into_iter()
        .take(limit.min(HITS_MAX))
        .map(|(_, _, _, found)| found)
}

/// What was typed, folded as the names are.
struct Typed {
    name: String,
    words: Vec<String>,
    code: String,
}

impl Typed {
    fn of(query: &str) -> Self {
        let folded = search_text(query);
        let words: Vec<String> = folded
            .split(' ')
            .map(|word| unabridged(word).to_owned())
            .collect();
        let code = folded.replace(' ', "").to_ascii_uppercase();
        let is_code = code.bytes().any(|byte| byte.is_ascii_digit());
        Self {
            name: words.join(" "),
            words,
            code: if is_code { code } else { String::new() },
        }
    }

    fn rank_of_name(&self, key: &str) -> Option<Rank> {
        if self.name.is_empty() {
            return None;
        }
        if key == self.name {
            return Some(Rank::Whole);
        }
        if key.starts_with(&self.name) {
            return Some(Rank::Beginning);
        }
        let at_a_word = |(place, _): (usize, &str)| {
            key.get(..place).is_some_and(|before| before.ends_with(' '))
        };
        if key.match_indices(&self.name).any(at_a_word) {
            return Some(Rank::Word);
        }
        let begins_a_word = |typed: &String| key.split(' ').any(|word| word.starts_with(typed));
        self.words
            .iter()
            .all(begins_a_word)
            .then_some(Rank::Scattered)
    }

    fn rank_of_code(&self, commune: &Commune) -> Option<Rank> {
        let siren = commune.siren.as_ref().map(Siren::as_str);
        let codes = [commune.insee.as_str()].into_iter().chain(siren);
        self.rank_among(codes.chain(commune.postcodes()))
    }

    fn rank_among<'c>(&self, codes: impl IntoIterator<Item = &'c str>) -> Option<Rank> {
        if self.code.is_empty() {
            return None;
        }
        let rank = |code: &str| match code.strip_prefix(&self.code) {
            Some("") => Some(Rank::Whole),
            Some(_) => Some(Rank::Beginning),
            None => None,
        };
        codes.into_iter().filter_map(rank).min()
    }
}

/// People write « St » and « Ste »; the list never does.
fn unabridged(word: &str) -> &str {
    match word {
        "st" => "saint",
        "ste" => "sainte",
        other => other,
    }
}

fn at<T>(list: &[T], place: u32) -> Option<&T> {
    usize::try_from(place)
        .ok()
        .and_then(|place| list.get(place))
}

fn key_at(keys: &[Box<str>], place: u32) -> &str {
    at(keys, place).map_or("", |key| key)
}

fn siren_at(communes: &[Commune], place: u32) -> Option<&Siren> {
    at(communes, place).and_then(|commune| commune.siren.as_ref())
}
