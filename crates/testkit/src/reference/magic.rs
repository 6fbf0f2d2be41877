//! What each magic input does.

use secrecy::ExposeSecret;
use turnbuckle_core::payment::{BankAccount, Card, MethodSummary, VendorToken};
use turnbuckle_core::{Error, ErrorKind, Result};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Magic {
    Approve,
    Decline,
    Partial,
    Action,
    Held,
    LoseAnswer,
    OpenHold,
    /// A bank debit: settles later.
    Debit,
    /// A bank debit that comes back after it settled.
    Bounce,
}

/// A payment method as the vendor sees it.
#[derive(Debug, Clone)]
pub(super) struct Instrument {
    pub(super) magic: Magic,
    pub(super) summary: MethodSummary,
}

impl Instrument {
    pub(super) fn of_token(token: &VendorToken) -> Result<Self> {
        let magic = match token.value().expose_secret() {
            "tok_approve" => Magic::Approve,
            "tok_decline" => Magic::Decline,
            "tok_partial" => Magic::Partial,
            "tok_action" => Magic::Action,
            "tok_held" => Magic::Held,
            "tok_lose_answer" => Magic::LoseAnswer,
            "tok_open_hold" => Magic::OpenHold,
            _ => {
                return Err(Error::new(ErrorKind::InvalidRequest, "no such token").with_code("no_such_token"));
            }
        };
        let mut summary = MethodSummary::default();
        "card".clone_into(&mut summary.kind);
        summary.last4 = Some("4242".to_owned());
        Ok(Self { magic, summary })
    }

    pub(super) fn of_card(card: &Card) -> Self {
        let magic = match card.number().expose_secret() {
            "4000000000000002" => Magic::Decline,
            "4000000000009995" => Magic::Partial,
            "4000002500003155" => Magic::Action,
            "4000000000009235" => Magic::Held,
            "4000000000000119" => Magic::LoseAnswer,
            "4000000000000259" => Magic::OpenHold,
            _ => Magic::Approve,
        };
        let mut summary = MethodSummary::default();
        "card".clone_into(&mut summary.kind);
        summary.bin = card.bin();
        summary.last4 = Some(card.last4());
        summary.exp_month = Some(card.exp_month());
        summary.exp_year = Some(card.exp_year());
        Self { magic, summary }
    }

    pub(super) fn of_account(account: &BankAccount) -> Self {
        let magic = match account.account_number.expose_secret() {
            "000111111113" => Magic::Bounce,
            "000111111116" => Magic::Decline,
            _ => Magic::Debit,
        };
        let mut summary = MethodSummary::default();
        "us_bank_account".clone_into(&mut summary.kind);
        summary.last4 = Some(account.last4());
        Self { magic, summary }
    }
}
