//! Refusals about contracts, and the words of their states.
use domain::{
    french,
    purchasing::contract::{ContractError, ContractEvent, ContractState},
};

/// The word of a state.
#[must_use]
pub fn state(state: ContractState) -> &'static str {
    match state {
        ContractState::Notified => "Notifié",
        ContractState::Running => "En cours",
        ContractState::Ended => "Terminé",
    }
}

pub(super) fn contract(error: &ContractError) -> String {
    match error {
        ContractError::NotAllowed { from, event } => not_allowed(*from, *event),
        ContractError::NumberTaken { number } => format!(
            "Un marché porte déjà le numéro «\u{a0}{number}\u{a0}». Saisissez un autre numéro."
        ),
        ContractError::AlreadySigned { number } => {
            format!("Cette attribution a déjà donné le marché {number}.")
        }
        ContractError::NotAwarded => {
            "Ce lot n’est pas attribué\u{a0}: il ne peut pas donner de marché.".to_owned()
        }
        ContractError::MaximumBelowMinimum { minimum, maximum } => format!(
            "Le maximum, {}, est inférieur au minimum, {}.",
            french::euros(*maximum),
            french::euros(*minimum)
        ),
        ContractError::StartsBeforeNotification {
            notified_on,
            starts_on,
        } => format!(
            "Le marché commence le {}, avant sa notification le {}.",
            french::date(*starts_on),
            french::date(*notified_on)
        ),
        ContractError::EndsBeforeStart { starts_on, ends_on } => format!(
            "Le marché finit le {}, avant de commencer le {}.",
            french::date(*ends_on),
            french::date(*starts_on)
        ),
    }
}

fn not_allowed(from: ContractState, event: ContractEvent) -> String {
    let is = match from {
        ContractState::Notified => "est notifié",
        ContractState::Running => "est en cours",
        ContractState::Ended => "est terminé",
    };
    let cannot = match event {
        ContractEvent::Start => "son exécution ne peut pas commencer",
        ContractEvent::End => "il ne peut pas être clos",
    };
    format!("Ce marché {is}\u{a0}: {cannot}.")
}
