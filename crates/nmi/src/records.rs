//! What queries find: transactions with their actions, customers, subscriptions, plans.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::{Error, ErrorKind, Result};

use crate::xml::Element;

/// A transaction and everything that was done to it. Fields that NMI leaves empty are `None`. Names and addresses are left
/// out: ask the vault.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transaction {
    /// The id.
    pub transaction_id: String,
    /// `cc` for cards, `ck` for bank debits, `cs` for cash.
    pub transaction_type: Option<String>,
    /// `pending` (authorized), `pendingsettlement`, `complete`, `canceled`, `failed`, `in_progress`, `abandoned`, `unknown`.
    pub condition: Option<String>,
    /// The order id.
    pub order_id: Option<String>,
    /// Of a refund: the transaction that it belongs to.
    pub original_transaction_id: Option<String>,
    /// The issuer's authorization code.
    pub authorization_code: Option<String>,
    /// The customer of the vault. Old answers call it `customerid`.
    pub customer_vault_id: Option<String>,
    /// The card with most digits left out.
    pub card_number: Option<String>,
    /// The first six digits.
    pub card_bin: Option<String>,
    /// The expiry, `MMYY`.
    pub card_expiry: Option<String>,
    /// The brand.
    pub card_type: Option<String>,
    /// The bank account with most digits left out.
    pub check_account: Option<String>,
    /// The letter of the address check.
    pub avs_response: Option<String>,
    /// The letter of the security code check.
    pub csc_response: Option<String>,
    /// The processor.
    pub processor_id: Option<String>,
    /// The currency's code.
    pub currency: Option<String>,
    /// Merchant-defined fields by number.
    pub defined_fields: BTreeMap<u8, String>,
    /// What was done, oldest first.
    pub actions: Vec<Action>,
}

impl Transaction {
    pub(crate) fn read(element: &Element) -> Result<Self> {
        let text = |name| element.get(name).map(str::to_owned);
        let transaction_id = text("transaction_id")
            .ok_or_else(|| Error::new(ErrorKind::InvalidResponse, "a transaction in the answer has no id"))?;
        let fields = element.all("merchant_defined_field");
        let fields =
            fields.filter_map(|field| Some((field.id.as_ref()?.parse().ok()?, field.text().to_owned())));
        Ok(Self {
            transaction_id,
            transaction_type: text("transaction_type"),
            condition: text("condition"),
            order_id: text("order_id"),
            original_transaction_id: text("original_transaction_id"),
            authorization_code: text("authorization_code"),
            customer_vault_id: text("customer_vault_id").or_else(|| text("customerid")),
            card_number: text("cc_number"),
            card_bin: text("cc_bin"),
            card_expiry: text("cc_exp"),
            card_type: text("cc_type"),
            check_account: text("check_account"),
            avs_response: text("avs_response"),
            csc_response: text("csc_response"),
            processor_id: text("processor_id"),
            currency: text("currency"),
            defined_fields: fields.filter(|(_, value): &(u8, String)| !value.is_empty()).collect(),
            actions: element.all("action").map(Action::read).collect(),
        })
    }

    /// The currency that its amounts are in.
    ///
    /// # Errors
    /// [`InvalidResponse`](ErrorKind::InvalidResponse) when NMI names none that is known.
    pub fn currency(&self) -> Result<Currency> {
        let code = self.currency.as_deref().unwrap_or_default();
        Currency::new(code).map_err(|_| {
            Error::new(ErrorKind::InvalidResponse, "a transaction in the answer has no known currency")
        })
    }

    /// The last four digits of what paid.
    pub fn last4(&self) -> Option<&str> {
        let masked = self.card_number.as_deref().or(self.check_account.as_deref())?;
        let last4 = masked.get(masked.len().checked_sub(4)?..)?;
        last4.bytes().all(|byte| byte.is_ascii_digit()).then_some(last4)
    }
}

/// Ids and states.
impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("transaction_id", &self.transaction_id)
            .field("transaction_type", &self.transaction_type)
            .field("condition", &self.condition)
            .field("order_id", &self.order_id)
            .field("original_transaction_id", &self.original_transaction_id)
            .field("currency", &self.currency)
            .field("actions", &self.actions)
            .finish_non_exhaustive()
    }
}

/// Something that was done to a transaction.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Action {
    /// `sale`, `auth`, `capture`, `void`, `refund`, `credit`, `validate`, `settle`, `return`, ...
    pub action_type: String,
    /// The amount as NMI writes it; that of a refund may be negative.
    pub amount: Option<String>,
    /// When.
    pub date: Option<DateTime<Utc>>,
    /// Whether it worked.
    pub success: bool,
    /// The settlement batch; `0` means none.
    pub batch_id: Option<String>,
    /// The processor's number of the batch.
    pub processor_batch_id: Option<String>,
    /// The response code, in newer answers.
    pub response_code: Option<String>,
    /// The response text. It may be personal.
    pub response_text: Option<String>,
    /// Who did it: `api`, `recurring`, `virtual_terminal`, `internal`, ...
    pub source: Option<String>,
}

impl Action {
    fn read(element: &Element) -> Self {
        let text = |name| element.get(name).map(str::to_owned);
        Self {
            action_type: text("action_type").unwrap_or_default(),
            amount: text("amount"),
            date: element.get("date").and_then(time),
            success: element.get("success") == Some("1"),
            batch_id: text("batch_id").filter(|id| id != "0"),
            processor_batch_id: text("processor_batch_id").filter(|id| id != "0"),
            response_code: text("response_code"),
            response_text: text("response_text"),
            source: text("source"),
        }
    }

    /// The amount without its sign.
    ///
    /// # Errors
    /// [`InvalidResponse`](ErrorKind::InvalidResponse) when it is no amount of this currency.
    pub fn money(&self, currency: Currency) -> Result<Money> {
        let text = self.amount.as_deref().unwrap_or_default();
        let amount = Money::parse(text.strip_prefix('-').unwrap_or(text), currency).ok();
        // Two signs are no amount.
        amount.filter(|amount| amount.minor() >= 0).ok_or_else(|| {
            Error::new(ErrorKind::InvalidResponse, "an action in the answer has no amount that can be read")
        })
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Action")
            .field("action_type", &self.action_type)
            .field("amount", &self.amount)
            .field("date", &self.date)
            .field("success", &self.success)
            .field("batch_id", &self.batch_id)
            .field("response_code", &self.response_code)
            .finish_non_exhaustive()
    }
}

/// `YYYYMMDDhhmmss`, in UTC.
fn time(text: &str) -> Option<DateTime<Utc>> {
    if text.len() != 14 {
        return None;
    }
    NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M%S").ok().map(|time| time.and_utc())
}

/// A customer of the vault. Names and addresses are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct VaultCustomer {
    /// The customer's id.
    pub customer_vault_id: String,
    /// The first method, where the answer has it outside of a list.
    pub card_number: Option<String>,
    /// Its expiry, `MMYY`.
    pub card_expiry: Option<String>,
    /// Its first six digits.
    pub card_bin: Option<String>,
    /// Its brand.
    pub card_type: Option<String>,
    /// The bank account with most digits left out.
    pub check_account: Option<String>,
    /// Several methods, where there are several.
    pub billings: Vec<VaultBilling>,
}

/// One of several methods of a customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct VaultBilling {
    /// The method's id.
    pub billing_id: String,
    /// The card with most digits left out.
    pub card_number: Option<String>,
    /// The expiry, `MMYY`.
    pub card_expiry: Option<String>,
    /// The first six digits.
    pub card_bin: Option<String>,
    /// The brand.
    pub card_type: Option<String>,
    /// The bank account with most digits left out.
    pub check_account: Option<String>,
}

impl VaultCustomer {
    fn read_id(element: &Element) -> String {
        let id = element.get("customer_vault_id").or(element.id.as_deref());
        id.unwrap_or_default().to_owned()
    }

    pub(crate) fn read(element: &Element) -> Self {
        let text = |name| element.get(name).map(str::to_owned);
        Self {
            customer_vault_id: Self::read_id(element),
            card_number: text("cc_number"),
            card_expiry: text("cc_exp"),
            card_bin: text("cc_bin"),
            card_type: text("cc_type"),
            check_account: text("check_account"),
            billings: element.all("billing").map(VaultBilling::read).collect(),
        }
    }
}

impl VaultBilling {
    fn read(element: &Element) -> Self {
        let text = |name| element.get(name).map(str::to_owned);
        let id = element.get("billing_id").or(element.id.as_deref());
        Self {
            billing_id: id.unwrap_or_default().to_owned(),
            card_number: text("cc_number"),
            card_expiry: text("cc_exp"),
            card_bin: text("cc_bin"),
            card_type: text("cc_type"),
            check_account: text("check_account"),
        }
    }
}

/// A plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// The id; empty for terms of a subscription's own.
    pub plan_id: String,
    /// The name.
    pub name: Option<String>,
    /// Each payment, as NMI writes it.
    pub amount: Option<String>,
    /// How many payments: a number, or `until_canceled`.
    pub payments: Option<String>,
    /// Every so many days.
    pub day_frequency: Option<u32>,
    /// Every so many months.
    pub month_frequency: Option<u32>,
    /// On this day of the month.
    pub day_of_month: Option<u32>,
}

impl Plan {
    pub(crate) fn read(element: &Element) -> Self {
        let text = |name| element.get(name).map(str::to_owned);
        let number = |name| element.get(name).and_then(|text| text.parse().ok()).filter(|number| *number > 0);
        Self {
            plan_id: text("plan_id").or_else(|| element.id.clone()).unwrap_or_default(),
            name: text("plan_name"),
            amount: text("plan_amount"),
            payments: text("plan_payments"),
            day_frequency: number("day_frequency"),
            month_frequency: number("month_frequency"),
            day_of_month: number("day_of_month"),
        }
    }
}

/// A subscription.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SubscriptionRecord {
    /// The id.
    pub subscription_id: String,
    /// The order id that it was made with.
    pub order_id: Option<String>,
    /// Its terms.
    pub plan: Plan,
    /// The day of the next payment.
    pub next_charge_date: Option<NaiveDate>,
    /// Payments that were tried.
    pub attempted_payments: Option<u32>,
    /// Payments that worked.
    pub completed_payments: Option<u32>,
    /// Payments to come: a number, or `until_canceled`.
    pub remaining_payments: Option<String>,
    /// The currency's code, where NMI tells it.
    pub currency: Option<String>,
}

impl SubscriptionRecord {
    pub(crate) fn read(element: &Element) -> Self {
        let text = |name| element.get(name).map(str::to_owned);
        let number = |name| element.get(name).and_then(|text| text.parse().ok());
        // Some answers put the terms beside the rest instead of under `plan`.
        let plan = element.all("plan").next().map_or_else(|| Plan::read(element), Plan::read);
        Self {
            subscription_id: text("subscription_id").or_else(|| element.id.clone()).unwrap_or_default(),
            order_id: text("orderid").or_else(|| text("order_id")),
            plan,
            next_charge_date: element.get("next_charge_date").and_then(day),
            attempted_payments: number("attempted_payments"),
            completed_payments: number("completed_payments"),
            remaining_payments: text("remaining_payments"),
            currency: text("currency"),
        }
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").or_else(|_| NaiveDate::parse_from_str(text, "%Y%m%d")).ok()
}

/// What the profile says of the merchant, as far as this crate looks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Profile {
    /// The merchant's id at the gateway.
    pub merchant_id: Option<String>,
    /// The merchant's company.
    pub company: Option<String>,
}

impl Profile {
    pub(crate) fn read(root: &Element) -> Self {
        let first = |names: &[&str]| names.iter().find_map(|name| root.anywhere(name)).map(str::to_owned);
        Self {
            merchant_id: first(&["merchant_id", "gateway_id", "merchantid"]),
            company: first(&["company", "merchant_name"]),
        }
    }
}
