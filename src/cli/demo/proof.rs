//! The proof: the invoice, the sum of the shares, and their gap.
use domain::{
    allocation::Totals,
    french,
    money::{Cents, MoneyError},
};
use serde_json::json;

use super::{Played, say};

/// One invoice and its shares, by SIREN.
pub(super) struct Proof {
    pub title: String,
    /// What the invoice runs over, in a few words; nothing for most.
    pub detail: String,
    pub invoice: Totals,
    pub shares: Vec<(String, Totals)>,
}

impl Proof {
    fn sum(&self) -> Result<Totals, MoneyError> {
        let shares = || self.shares.iter().map(|(_, share)| share);
        Ok(Totals {
            net: Cents::checked_sum(shares().map(|s| s.net))?,
            tax: Cents::checked_sum(shares().map(|s| s.tax))?,
            gross: Cents::checked_sum(shares().map(|s| s.gross))?,
        })
    }

    fn lines(&self) -> [String; 4] {
        let sum = self.sum().unwrap_or_default();
        let verdict = if sum == self.invoice {
            "exact"
        } else {
            "ÉCART"
        };
        let gap = Cents(self.invoice.gross.0 - sum.gross.0);
        [
            match self.detail.as_str() {
                "" => format!("{}, {} quotes-parts", self.title, self.shares.len()),
                detail => {
                    let count = self.shares.len();
                    format!("{}, {count} quotes-parts ({detail})", self.title)
                }
            },
            format!("  Facture  {}", amounts(self.invoice)),
            format!("  Somme    {}", amounts(sum)),
            format!("  Écart    {}  {verdict}", french::euros(gap)),
        ]
    }
}

fn amounts(totals: Totals) -> String {
    let (net, tax, gross) = (totals.net, totals.tax, totals.gross);
    format!(
        "{:>14} HT + {:>13} de taxe = {:>14} TTC",
        french::euros(net),
        french::euros(tax),
        french::euros(gross)
    )
}

/// Prints the proof on standard output, for people or for a program.
pub(super) fn print(played: &Played, as_json: bool) {
    if as_json {
        say(&document(played).to_string());
        return;
    }
    say(&format!(
        "{}, {} communes. Membres et populations réels, montants et fournisseurs fictifs.",
        played.epci, played.members
    ));
    for proof in &played.proofs {
        say("");
        for line in proof.lines() {
            say(&line);
        }
    }
    say("");
}

fn document(played: &Played) -> serde_json::Value {
    let rounds: Vec<_> = played
        .proofs
        .iter()
        .map(|proof| {
            let shares: Vec<_> = proof
                .shares
                .iter()
                .map(|(siren, share)| {
                    json!({
                        "siren": siren, "net": share.net, "vat": share.tax, "gross": share.gross
                    })
                })
                .collect();
            let invoice = json!({
                "net": proof.invoice.net, "vat": proof.invoice.tax, "gross": proof.invoice.gross
            });
            json!({ "title": proof.title, "invoice": invoice, "shares": shares })
        })
        .collect();
    json!({ "epci": played.epci_siren, "members": played.members, "rounds": rounds })
}
