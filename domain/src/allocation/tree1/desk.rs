//! Where a rule is applied: one line, its takers, and what they have in each key.

use std::collections::BTreeSet;

use crate::allocation::{AllocationError, Member, RuleError, Weight, pointer_part};

/// A line and those who take part in it, for its rule to read.
#[derive(Clone, Copy)]
pub(in crate::allocation) struct Desk<'a> {
    pub line: &'a str,
    /// All members of the case, by id.
    pub members: &'a [&'a Member],
    /// Indices of those who take part, ascending.
    pub takers: &'a [usize],
}

impl<'a> Desk<'a> {
    pub fn takers(self) -> impl Iterator<Item = &'a Member> {
        let members = self.members;
        let found = self.takers.iter().filter_map(|index| members.get(*index));
        found.copied()
    }

    pub fn member(self, position: usize) -> Option<&'a Member> {
        self.members.get(*self.takers.get(position)?).copied()
    }

    /// What the taker at a position has in a key.
    pub fn figure(self, key: &str, position: usize) -> Result<Weight, AllocationError> {
        let member = self.member(position);
        let figure = member.and_then(|member| member.keys.get(key)).copied();
        figure.ok_or_else(|| AllocationError::MissingKey {
            line: self.line.to_owned(),
            member: member.map_or_else(String::new, |member| member.id.clone()),
            key: key.to_owned(),
        })
    }

    /// A refusal of the rule; `at` is where in the rule, as a JSON pointer.
    pub fn refuse(self, at: &str, error: RuleError) -> AllocationError {
        AllocationError::Rule {
            line: self.line.to_owned(),
            at: at.to_owned(),
            error,
        }
    }

    /// What each taker has in a key.
    pub fn figures(self, key: &str) -> Result<Vec<Weight>, AllocationError> {
        let figure = |member: &Member| {
            member
                .keys
                .get(key)
                .copied()
                .ok_or_else(|| AllocationError::MissingKey {
                    line: self.line.to_owned(),
                    member: member.id.clone(),
                    key: key.to_owned(),
                })
        };
        self.takers().map(figure).collect()
    }

    /// What each taker has in a key that weighs; none may be negative.
    pub fn weights(self, key: &str) -> Result<Vec<Weight>, AllocationError> {
        let weights = self.figures(key)?;
        let negative = self
            .takers()
            .zip(&weights)
            .find(|(_, weight)| weight.is_negative());
        match negative {
            None => Ok(weights),
            Some((member, weight)) => Err(AllocationError::NegativeWeight {
                line: self.line.to_owned(),
                member: member.id.clone(),
                weight: *weight,
            }),
        }
    }

    /// Refuses the id of nobody.
    pub fn check_known<'b>(
        self,
        at: &str,
        ids: impl Iterator<Item = &'b String>,
    ) -> Result<(), AllocationError> {
        for id in ids {
            if self
                .members
                .binary_search_by(|member| member.id.cmp(id))
                .is_err()
            {
                let member = id.clone();
                let at = format!("{at}/{}", pointer_part(id));
                return Err(self.refuse(&at, RuleError::NoSuchMember { member }));
            }
        }
        Ok(())
    }

    /// Refuses the id of nobody, and of who takes no part: its amount would be dropped.
    pub fn check_taking<'b>(
        self,
        at: &str,
        ids: impl Iterator<Item = &'b String> + Clone,
    ) -> Result<(), AllocationError> {
        self.check_known(at, ids.clone())?;
        let taking: BTreeSet<&str> = self.takers().map(|member| member.id.as_str()).collect();
        let mut ids = ids;
        let Some(id) = ids.find(|id| !taking.contains(id.as_str())) else {
            return Ok(());
        };
        let member = id.clone();
        let at = format!("{at}/{}", pointer_part(id));
        Err(self.refuse(&at, RuleError::Stranger { member }))
    }
}
