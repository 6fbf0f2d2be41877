//! Charges: the attempts to move a payment's money.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, get};
use crate::object::{null_default, string_enum};
use crate::{
    BalanceTransaction, BillingDetails, CallOptions, CardChecks, Created, Customer, Expandable, List,
    ListRequest, Object, PaymentIntent, Refund, Stripe,
};

string_enum! {
    /// How a charge ended.
    ChargeStatus {
        /// The bank agreed. See [`Charge::captured`] for whether the money is taken.
        Succeeded = "succeeded",
        /// Under way.
        Pending = "pending",
        /// Refused.
        Failed = "failed",
    }
}

/// Which charges to list, newest first.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListCharges {
    /// Of this payment.
    pub payment_intent: Option<String>,
    /// Of this customer.
    pub customer: Option<String>,
    /// Created in this time.
    pub created: Option<Created>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListCharges {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`payment_intent`](Self::payment_intent).
    pub fn with_payment_intent(mut self, payment_intent: impl Into<String>) -> Self {
        self.payment_intent = Some(payment_intent.into());
        self
    }

    /// Sets [`customer`](Self::customer).
    pub fn with_customer(mut self, customer: impl Into<String>) -> Self {
        self.customer = Some(customer.into());
        self
    }

    /// Sets [`created`](Self::created).
    pub fn with_created(mut self, created: Created) -> Self {
        self.created = Some(created);
        self
    }

    /// Sets [`limit`](Self::limit).
    pub fn with_limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Sets [`starting_after`](Self::starting_after).
    pub fn with_starting_after(mut self, starting_after: impl Into<String>) -> Self {
        self.starting_after = Some(starting_after.into());
        self
    }
}

/// One attempt to move a payment's money.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "the shape of Stripe's object")]
pub struct Charge {
    /// Id, `ch_...` or `py_...`.
    pub id: String,
    /// Amount in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount: i64,
    /// What was taken, in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount_captured: i64,
    /// What was given back, in minor units.
    #[serde(default, deserialize_with = "null_default")]
    pub amount_refunded: i64,
    /// Its entry in the ledger.
    pub balance_transaction: Option<Expandable<BalanceTransaction>>,
    /// Who pays.
    pub billing_details: Option<BillingDetails>,
    /// Text on the statement.
    pub calculated_statement_descriptor: Option<String>,
    /// Whether the money is taken.
    #[serde(default, deserialize_with = "null_default")]
    pub captured: bool,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// ISO 4217 code in lower case.
    #[serde(default, deserialize_with = "null_default")]
    pub currency: String,
    /// The customer.
    pub customer: Option<Expandable<Customer>>,
    /// Free text.
    pub description: Option<String>,
    /// Whether the payer disputes it.
    #[serde(default, deserialize_with = "null_default")]
    pub disputed: bool,
    /// Why it failed.
    pub failure_code: Option<String>,
    /// The same in Stripe's words.
    pub failure_message: Option<String>,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// What networks and risk rules said.
    pub outcome: Option<ChargeOutcome>,
    /// Whether it succeeded, or was authorized.
    #[serde(default, deserialize_with = "null_default")]
    pub paid: bool,
    /// The payment.
    pub payment_intent: Option<Expandable<PaymentIntent>>,
    /// The payment method.
    pub payment_method: Option<String>,
    /// How it was paid.
    pub payment_method_details: Option<ChargeMethodDetails>,
    /// Whether all of it was given back.
    #[serde(default, deserialize_with = "null_default")]
    pub refunded: bool,
    /// Its refunds, where the request expanded them.
    pub refunds: Option<List<Refund>>,
    /// The review that it waits for.
    pub review: Option<String>,
    /// How it ended.
    #[serde(default, deserialize_with = "null_default")]
    pub status: ChargeStatus,
    /// Groups transfers.
    pub transfer_group: Option<String>,
}

impl fmt::Debug for Charge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Charge")
            .field("id", &self.id)
            .field("amount", &self.amount)
            .field("amount_captured", &self.amount_captured)
            .field("amount_refunded", &self.amount_refunded)
            .field("balance_transaction", &self.balance_transaction)
            .field("captured", &self.captured)
            .field("created", &self.created)
            .field("currency", &self.currency)
            .field("customer", &self.customer)
            .field("disputed", &self.disputed)
            .field("failure_code", &self.failure_code)
            .field("livemode", &self.livemode)
            .field("outcome", &self.outcome)
            .field("paid", &self.paid)
            .field("payment_intent", &self.payment_intent)
            .field("payment_method", &self.payment_method)
            .field("payment_method_details", &self.payment_method_details)
            .field("refunded", &self.refunded)
            .field("refunds", &self.refunds)
            .field("review", &self.review)
            .field("status", &self.status)
            .field("transfer_group", &self.transfer_group)
            .finish_non_exhaustive()
    }
}

impl Object for Charge {
    fn id(&self) -> &str {
        &self.id
    }
}

/// What networks and risk rules said about a charge.
#[derive(Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct ChargeOutcome {
    /// `try_again_later`, `do_not_try_again` or `confirm_card_data`.
    pub advice_code: Option<String>,
    /// The network's own advice.
    pub network_advice_code: Option<String>,
    /// The network's own code.
    pub network_decline_code: Option<String>,
    /// `approved_by_network`, `declined_by_network`, `not_sent_to_network` or `reversed_after_approval`.
    pub network_status: Option<String>,
    /// `authorized`, `manual_review`, `issuer_declined`, `blocked` or `invalid`.
    #[serde(rename = "type")]
    pub outcome_type: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// `normal`, `elevated`, `highest`, `not_assessed` or `unknown`.
    pub risk_level: Option<String>,
    /// 0 to 100, where the account has it.
    pub risk_score: Option<i64>,
    /// The same in Stripe's words.
    pub seller_message: Option<String>,
}

impl fmt::Debug for ChargeOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChargeOutcome")
            .field("advice_code", &self.advice_code)
            .field("network_advice_code", &self.network_advice_code)
            .field("network_decline_code", &self.network_decline_code)
            .field("network_status", &self.network_status)
            .field("outcome_type", &self.outcome_type)
            .field("reason", &self.reason)
            .field("risk_level", &self.risk_level)
            .field("risk_score", &self.risk_score)
            .finish_non_exhaustive()
    }
}

/// How a charge was paid.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct ChargeMethodDetails {
    /// The kind, for example `card`.
    #[serde(rename = "type", default, deserialize_with = "null_default")]
    pub method_type: String,
    /// The card, when it was one.
    pub card: Option<ChargeCard>,
    /// The bank account, when it was one.
    pub us_bank_account: Option<ChargeUsBankAccount>,
}

/// The card that was charged.
#[derive(Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct ChargeCard {
    /// What was authorized, in minor units.
    pub amount_authorized: Option<i64>,
    /// The issuer's code.
    pub authorization_code: Option<String>,
    /// Brand, for example `visa`.
    pub brand: Option<String>,
    /// The authorization ends then.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub capture_before: Option<DateTime<Utc>>,
    /// What the issuer said about address and card code.
    pub checks: Option<CardChecks>,
    /// Country of the issuer.
    pub country: Option<String>,
    /// Month of expiry.
    pub exp_month: Option<u8>,
    /// Year of expiry, four digits.
    pub exp_year: Option<u16>,
    /// The same for the same card number.
    pub fingerprint: Option<String>,
    /// `credit`, `debit`, `prepaid` or `unknown`.
    pub funding: Option<String>,
    /// Last four digits.
    pub last4: Option<String>,
    /// Network.
    pub network: Option<String>,
    /// The network's id, for later charges elsewhere.
    pub network_transaction_id: Option<String>,
}

impl fmt::Debug for ChargeCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChargeCard")
            .field("amount_authorized", &self.amount_authorized)
            .field("authorization_code", &self.authorization_code)
            .field("brand", &self.brand)
            .field("capture_before", &self.capture_before)
            .field("checks", &self.checks)
            .field("country", &self.country)
            .field("exp_month", &self.exp_month)
            .field("exp_year", &self.exp_year)
            .field("funding", &self.funding)
            .field("last4", &self.last4)
            .field("network", &self.network)
            .field("network_transaction_id", &self.network_transaction_id)
            .finish_non_exhaustive()
    }
}

/// The bank account that was debited.
#[derive(Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct ChargeUsBankAccount {
    /// `individual` or `company`.
    pub account_holder_type: Option<String>,
    /// `checking` or `savings`.
    pub account_type: Option<String>,
    /// The bank.
    pub bank_name: Option<String>,
    /// The same for the same account.
    pub fingerprint: Option<String>,
    /// Last four digits.
    pub last4: Option<String>,
    /// The mandate.
    pub mandate: Option<String>,
    /// Routing number.
    pub routing_number: Option<String>,
}

impl fmt::Debug for ChargeUsBankAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChargeUsBankAccount")
            .field("account_holder_type", &self.account_holder_type)
            .field("account_type", &self.account_type)
            .field("bank_name", &self.bank_name)
            .field("last4", &self.last4)
            .field("mandate", &self.mandate)
            .field("routing_number", &self.routing_number)
            .finish_non_exhaustive()
    }
}

const RETRIEVE: Operation = get("charges.retrieve");
static LIST: Operation = get("charges.list");

/// Calls for charges: [`Stripe::charges`].
#[derive(Debug, Clone, Copy)]
pub struct Charges<'a> {
    stripe: &'a Stripe,
}

impl<'a> Charges<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// One charge: `GET /v1/charges/{id}`.
    pub async fn retrieve(&self, id: &str, options: &CallOptions) -> Result<Charge> {
        let path = format!("/v1/charges/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Charges, newest first: `GET /v1/charges`.
    pub fn list(&self, params: &ListCharges) -> ListRequest<Charge> {
        ListRequest::list(self.stripe, &LIST, "/v1/charges", params)
    }
}
