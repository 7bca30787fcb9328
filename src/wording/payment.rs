//! Payments of invoices: where they stand, and what is refused.
use domain::{
    french,
    purchasing::payment::{Payment, PaymentError},
};

pub(super) fn payment_refused(error: &PaymentError) -> String {
    match error {
        PaymentError::CreditNote => {
            "Un avoir ne se paie pas\u{a0}: il vient en déduction de ce que vous devez au \
             fournisseur."
                .to_owned()
        }
        PaymentError::NotSplit { state } => format!(
            "Cette facture est {}. Répartissez-la avant d’enregistrer son paiement.",
            super::invoice::invoice_state(*state)
        ),
        PaymentError::InFuture { paid_on, today } => format!(
            "La date de paiement, le {}, est après aujourd’hui, le {}. Relisez l’année.",
            french::date(*paid_on),
            french::date(*today)
        ),
        PaymentError::BeforeReceived {
            paid_on,
            received_on,
        } => format!(
            "La date de paiement, le {}, est avant la réception de la facture, le {}.",
            french::date(*paid_on),
            french::date(*received_on)
        ),
    }
}

/// « à payer », « en retard », « payée ».
#[must_use]
pub fn payment(payment: Payment) -> &'static str {
    match payment {
        Payment::ToPay => "à payer",
        Payment::Late => "en retard",
        Payment::Paid => "payée",
    }
}
