//! What a form shows again: the typed text, kept as typed, and what is wrong with it.
use std::collections::BTreeMap;

/// The content of a form, as typed or as stored, with a sentence for each refused field.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    values: BTreeMap<String, Vec<String>>,
    errors: BTreeMap<String, String>,
    order: Vec<String>,
}

impl Typed {
    /// What came in a posted form, field by field; a name may come several times.
    pub fn of<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut typed = Self::default();
        for (name, value) in pairs {
            typed
                .values
                .entry(name.into())
                .or_default()
                .push(value.into());
        }
        typed
    }

    /// Fills one field, for a form opened on something that exists.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values
            .entry(name.to_owned())
            .or_default()
            .push(value.into());
        self
    }

    /// Refuses one field; the sentence says where, what and how to correct, on its own.
    ///
    /// The first refusal of a field is the one that stays.
    pub fn refuse(&mut self, name: &str, sentence: impl Into<String>) {
        if !self.errors.contains_key(name) {
            self.errors.insert(name.to_owned(), sentence.into());
            self.order.push(name.to_owned());
        }
    }

    /// Whether nothing was refused.
    pub fn is_accepted(&self) -> bool {
        self.errors.is_empty()
    }

    /// The typed text of a field, empty when it did not come.
    pub fn value(&self, name: &str) -> &str {
        self.values
            .get(name)
            .and_then(|values| values.first())
            .map_or("", String::as_str)
    }

    /// Whether a choice of a field is taken.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.values
            .get(name)
            .is_some_and(|values| values.iter().any(|taken| taken == value))
    }

    /// The sentence of a refused field, empty when it is accepted.
    pub fn error(&self, name: &str) -> &str {
        self.errors.get(name).map_or("", String::as_str)
    }

    /// Refused fields and their sentences, in the order they were refused.
    pub fn errors(&self) -> Vec<(&str, &str)> {
        self.order
            .iter()
            .map(|name| (name.as_str(), self.error(name)))
            .collect()
    }

    /// The `aria-describedby` of a control: its hint, then its error, when they exist.
    pub fn described_by(&self, name: &str, hint: &str) -> String {
        let mut ids = Vec::new();
        if !hint.is_empty() {
            ids.push(format!("{name}-aide"));
        }
        if !self.error(name).is_empty() {
            ids.push(format!("{name}-erreur"));
        }
        ids.join(" ")
    }
}

/// One line of a list to choose from.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// A word of help under the label, or nothing.
    pub hint: String,
}

impl Choice {
    /// A choice that its label explains.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
            hint: String::new(),
        }
    }

    /// Whether it is the one taken.
    pub fn is(&self, value: &str) -> bool {
        self.value == value
    }

    /// Adds a word of help.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_keeps_what_was_typed_and_says_what_is_wrong_in_order() {
        let mut form = Typed::of([("date", "18/05/2026"), ("lot", "1"), ("lot", "2")]);
        form.refuse(
            "siret",
            "SIRET\u{a0}: le dernier chiffre ne correspond pas.",
        );
        form.refuse("date", "La date est passée.");
        form.refuse("date", "La date est un dimanche.");
        assert_eq!(form.value("date"), "18/05/2026");
        assert!(form.has("lot", "2") && !form.has("lot", "3"));
        assert_eq!(
            form.errors().iter().map(|e| e.0).collect::<Vec<_>>(),
            ["siret", "date"]
        );
        assert_eq!(form.error("date"), "La date est passée.");
        assert_eq!(form.described_by("date", "Jour"), "date-aide date-erreur");
    }
}
