//! Where the figures of a split come from, kept with it: a key may change afterwards.
use super::{
    invoice::Invoice,
    run::{RunData, population_name, versioned_name},
};
use crate::allocation::{Case, KeySource, Sources};

/// The source of each key that the rules of a case read.
#[must_use]
pub fn sources_of(case: &Case, invoice: &Invoice, data: &RunData) -> Sources {
    let read = case.keys().map(str::to_owned);
    read.filter_map(|key| Some((key.clone(), source_of(&key, invoice, data)?)))
        .collect()
}

fn source_of(name: &str, invoice: &Invoice, data: &RunData) -> Option<KeySource> {
    if let Some(id) = name.strip_prefix("delivered ") {
        let line = invoice.lines.iter().find(|line| line.case_id() == id)?;
        return Some(KeySource {
            label: line.label.clone(),
            unit: None,
            source: None,
            date: None,
        });
    }
    let mut keys = data.keys.values();
    if let Some(key) = keys.find(|key| versioned_name(key) == name) {
        return Some(KeySource {
            label: key.name.clone(),
            unit: Some(key.unit.clone()),
            source: Some(key.source.clone()),
            date: Some(key.dated_on),
        });
    }
    let mut populations = data.populations.iter();
    let found = populations.find(|one| population_name(&one.series, one.year) == name)?;
    Some(KeySource {
        label: name.to_owned(),
        unit: None,
        source: Some(found.source.clone()),
        date: None,
    })
}
