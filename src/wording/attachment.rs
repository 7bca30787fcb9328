//! Words and refusals about attachments.
use domain::{
    attachment::{AttachmentError, AttachmentKind, SubjectKind},
    french,
};

pub(super) fn attachment(error: &AttachmentError) -> String {
    match error {
        AttachmentError::Empty => {
            "Le fichier est vide, ou aucun fichier n’a été choisi. Choisissez-le de nouveau."
                .to_owned()
        }
        AttachmentError::TooLarge {
            size_bytes,
            size_bytes_max,
        } => too_large(*size_bytes, *size_bytes_max),
        AttachmentError::UnknownFormat { name } => format!(
            "«\u{a0}{name}\u{a0}» n’est pas d’un type accepté. Envoyez un PDF, une image, un \
             document bureautique, un texte ou une archive ZIP."
        ),
        AttachmentError::AlreadyRemoved => "Cette pièce est déjà retirée.".to_owned(),
        AttachmentError::NotRemoved => "Cette pièce n’est pas retirée.".to_owned(),
    }
}

/// The file passes the limit, with both figures.
#[must_use]
pub fn too_large(size_bytes: usize, size_bytes_max: usize) -> String {
    format!(
        "Le fichier pèse {}, la limite est de {}. Réduisez-le ou partagez-le en plusieurs.",
        size(size_bytes),
        size(size_bytes_max)
    )
}

/// A size as people say it: « 312 ko », « 1,5 Mo ».
#[must_use]
pub fn size(bytes: usize) -> String {
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    match bytes {
        ..1_000 => format!("{bytes}\u{a0}octets"),
        1_000..1_000_000 => format!("{}\u{a0}ko", french::integer(bytes / 1_000)),
        1_000_000.. => {
            let tenths = bytes / 100_000;
            let whole = french::integer(tenths / 10);
            match tenths % 10 {
                0 => format!("{whole}\u{a0}Mo"),
                tenth => format!("{whole},{tenth}\u{a0}Mo"),
            }
        }
    }
}

/// What a document is.
#[must_use]
pub fn kind(kind: AttachmentKind) -> &'static str {
    match kind {
        AttachmentKind::Deliberation => "Délibération ou décision",
        AttachmentKind::SignedAgreement => "Convention signée",
        AttachmentKind::Invoice => "Facture",
        AttachmentKind::Annex => "Annexe",
        AttachmentKind::Statement => "État liquidatif",
        AttachmentKind::Mail => "Courriel",
        AttachmentKind::Other => "Autre pièce",
    }
}

/// What it is attached to.
#[must_use]
pub fn subject(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Grouping => "Groupement",
        SubjectKind::Agreement => "Convention",
        SubjectKind::Membership => "Adhésion",
        SubjectKind::Round => "Campagne",
        SubjectKind::Declaration => "Besoins",
        SubjectKind::Procedure => "Consultation",
        SubjectKind::Award => "Attribution",
        SubjectKind::Contract => "Marché",
        SubjectKind::Supplier => "Fournisseur",
        SubjectKind::Invoice => "Facture",
        SubjectKind::Allocation => "Répartition",
        SubjectKind::Statement => "Décompte",
        SubjectKind::RecoveryOrder => "Demande de titre",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_in_french() {
        assert_eq!(size(512), "512\u{a0}octets");
        assert_eq!(size(312_400), "312\u{a0}ko");
        assert_eq!(size(20_971_520), "20,9\u{a0}Mo");
        assert_eq!(size(2_000_000), "2\u{a0}Mo");
    }
}
