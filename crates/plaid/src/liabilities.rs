//! Loans and cards: terms and what is due.

use std::fmt;

use chrono::NaiveDate;
use secrecy::SecretString;
use serde::Deserialize;
use turnbuckle_core::Result;
use turnbuckle_core::bank_data::Decimal;
use turnbuckle_core::http::Operation;

use crate::words::{null_default, secret_option};
use crate::{Account, AccountFilter, Item, Plaid, PostalAddress, number};

const GET: Operation = Operation::read("liabilities.get");

/// Loans and cards (<https://plaid.com/docs/api/products/liabilities/>).
#[derive(Debug, Clone, Copy)]
pub struct Liabilities<'a>(&'a Plaid);

impl Plaid {
    /// Loans and cards.
    pub fn liabilities(&self) -> Liabilities<'_> {
        Liabilities(self)
    }
}

impl Liabilities<'_> {
    /// Loans and cards of an item: `POST /liabilities/get`.
    ///
    /// # Errors
    /// As every call.
    pub async fn get(&self, access_token: &SecretString, filter: &AccountFilter) -> Result<LiabilityList> {
        self.0.call_item(&GET, "/liabilities/get", access_token, &filter.options()).await
    }
}

/// Accounts and what is owed on them.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct LiabilityList {
    /// The accounts.
    pub accounts: Vec<Account>,
    /// The liabilities, by kind.
    pub liabilities: LiabilityKinds,
    /// The item.
    pub item: Option<Item>,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

/// Liabilities by kind. A kind that the item does not have is empty.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct LiabilityKinds {
    /// Cards.
    #[serde(deserialize_with = "null_default")]
    pub credit: Vec<CreditCard>,
    /// Mortgages.
    #[serde(deserialize_with = "null_default")]
    pub mortgage: Vec<Mortgage>,
    /// Student loans.
    #[serde(deserialize_with = "null_default")]
    pub student: Vec<StudentLoan>,
}

/// A card. Amounts are in the currency of the account.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct CreditCard {
    /// The account.
    pub account_id: Option<String>,
    /// The rates.
    #[serde(default, deserialize_with = "null_default")]
    pub aprs: Vec<Apr>,
    /// Whether a payment is overdue.
    pub is_overdue: Option<bool>,
    /// The last payment.
    #[serde(default, deserialize_with = "number::read_option")]
    pub last_payment_amount: Option<Decimal>,
    /// When it was made.
    pub last_payment_date: Option<NaiveDate>,
    /// When the last statement was issued.
    pub last_statement_issue_date: Option<NaiveDate>,
    /// What it said was owed.
    #[serde(default, deserialize_with = "number::read_option")]
    pub last_statement_balance: Option<Decimal>,
    /// The least to pay.
    #[serde(default, deserialize_with = "number::read_option")]
    pub minimum_payment_amount: Option<Decimal>,
    /// When it is due.
    pub next_payment_due_date: Option<NaiveDate>,
}

impl fmt::Debug for CreditCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreditCard").field("account_id", &self.account_id).finish_non_exhaustive()
    }
}

/// A rate of a card.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Apr {
    /// The rate in percent a year.
    #[serde(deserialize_with = "number::read")]
    pub apr_percentage: Decimal,
    /// `purchase_apr`, `cash_apr`, `balance_transfer_apr`, `special`.
    #[serde(default, deserialize_with = "null_default")]
    pub apr_type: String,
    /// What it is charged on.
    #[serde(default, deserialize_with = "number::read_option")]
    pub balance_subject_to_apr: Option<Decimal>,
    /// What it came to on the last statement.
    #[serde(default, deserialize_with = "number::read_option")]
    pub interest_charge_amount: Option<Decimal>,
}

impl fmt::Debug for Apr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Apr").field("apr_type", &self.apr_type).finish_non_exhaustive()
    }
}

/// A mortgage.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Mortgage {
    /// The account.
    pub account_id: String,
    /// The number of the loan.
    #[serde(default, deserialize_with = "secret_option")]
    pub account_number: Option<SecretString>,
    /// The fee for paying late.
    #[serde(default, deserialize_with = "number::read_option")]
    pub current_late_fee: Option<Decimal>,
    /// What is held for taxes and insurance.
    #[serde(default, deserialize_with = "number::read_option")]
    pub escrow_balance: Option<Decimal>,
    /// Whether there is mortgage insurance.
    pub has_pmi: Option<bool>,
    /// Whether paying early costs.
    pub has_prepayment_penalty: Option<bool>,
    /// The rate.
    pub interest_rate: Option<MortgageRate>,
    /// The last payment.
    #[serde(default, deserialize_with = "number::read_option")]
    pub last_payment_amount: Option<Decimal>,
    /// When it was made.
    pub last_payment_date: Option<NaiveDate>,
    /// The kind of loan.
    pub loan_type_description: Option<String>,
    /// How long it runs, in words.
    pub loan_term: Option<String>,
    /// When it ends.
    pub maturity_date: Option<NaiveDate>,
    /// The next payment.
    #[serde(default, deserialize_with = "number::read_option")]
    pub next_monthly_payment: Option<Decimal>,
    /// When it is due.
    pub next_payment_due_date: Option<NaiveDate>,
    /// When it began.
    pub origination_date: Option<NaiveDate>,
    /// What was lent.
    #[serde(default, deserialize_with = "number::read_option")]
    pub origination_principal_amount: Option<Decimal>,
    /// What is overdue.
    #[serde(default, deserialize_with = "number::read_option")]
    pub past_due_amount: Option<Decimal>,
    /// What it is on.
    pub property_address: Option<PostalAddress>,
    /// Interest paid this year.
    #[serde(default, deserialize_with = "number::read_option")]
    pub ytd_interest_paid: Option<Decimal>,
    /// Principal paid this year.
    #[serde(default, deserialize_with = "number::read_option")]
    pub ytd_principal_paid: Option<Decimal>,
}

impl fmt::Debug for Mortgage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mortgage").field("account_id", &self.account_id).finish_non_exhaustive()
    }
}

/// The rate of a mortgage.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct MortgageRate {
    /// In percent a year.
    #[serde(default, deserialize_with = "number::read_option")]
    pub percentage: Option<Decimal>,
    /// `fixed` or `variable`.
    #[serde(rename = "type")]
    pub rate_type: Option<String>,
}

impl fmt::Debug for MortgageRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MortgageRate").field("rate_type", &self.rate_type).finish_non_exhaustive()
    }
}

/// A student loan.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct StudentLoan {
    /// The account.
    pub account_id: Option<String>,
    /// The number of the loan.
    #[serde(default, deserialize_with = "secret_option")]
    pub account_number: Option<SecretString>,
    /// When it was or will be paid out.
    #[serde(default, deserialize_with = "null_default")]
    pub disbursement_dates: Vec<NaiveDate>,
    /// When it will be paid back.
    pub expected_payoff_date: Option<NaiveDate>,
    /// Who guarantees it.
    pub guarantor: Option<String>,
    /// The rate in percent a year.
    #[serde(default, deserialize_with = "number::read_option")]
    pub interest_rate_percentage: Option<Decimal>,
    /// Whether a payment is overdue.
    pub is_overdue: Option<bool>,
    /// The last payment.
    #[serde(default, deserialize_with = "number::read_option")]
    pub last_payment_amount: Option<Decimal>,
    /// When it was made.
    pub last_payment_date: Option<NaiveDate>,
    /// What the last statement said was owed.
    #[serde(default, deserialize_with = "number::read_option")]
    pub last_statement_balance: Option<Decimal>,
    /// When it was issued.
    pub last_statement_issue_date: Option<NaiveDate>,
    /// Its name.
    pub loan_name: Option<String>,
    /// How it stands.
    pub loan_status: Option<StudentLoanStatus>,
    /// The least to pay.
    #[serde(default, deserialize_with = "number::read_option")]
    pub minimum_payment_amount: Option<Decimal>,
    /// When it is due.
    pub next_payment_due_date: Option<NaiveDate>,
    /// When it began.
    pub origination_date: Option<NaiveDate>,
    /// What was lent.
    #[serde(default, deserialize_with = "number::read_option")]
    pub origination_principal_amount: Option<Decimal>,
    /// The interest owed.
    #[serde(default, deserialize_with = "number::read_option")]
    pub outstanding_interest_amount: Option<Decimal>,
    /// The number that payments carry.
    #[serde(default, deserialize_with = "secret_option")]
    pub payment_reference_number: Option<SecretString>,
    /// How it is paid back.
    pub repayment_plan: Option<RepaymentPlan>,
    /// Which of several loans of the account.
    pub sequence_number: Option<String>,
    /// Where the servicer is.
    pub servicer_address: Option<PostalAddress>,
    /// Interest paid this year.
    #[serde(default, deserialize_with = "number::read_option")]
    pub ytd_interest_paid: Option<Decimal>,
    /// Principal paid this year.
    #[serde(default, deserialize_with = "number::read_option")]
    pub ytd_principal_paid: Option<Decimal>,
}

impl fmt::Debug for StudentLoan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StudentLoan").field("account_id", &self.account_id).finish_non_exhaustive()
    }
}

/// How a student loan stands.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct StudentLoanStatus {
    /// Until when.
    pub end_date: Option<NaiveDate>,
    /// `repayment`, `in school`, `deferment`, ...
    #[serde(rename = "type")]
    pub status: Option<String>,
}

/// How a student loan is paid back.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct RepaymentPlan {
    /// In words.
    pub description: Option<String>,
    /// `standard`, `graduated`, `income-based repayment`, ...
    #[serde(rename = "type")]
    pub plan: Option<String>,
}
