//! Cards and bank accounts.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::{check_id, get, post};
use crate::object::null_default;
use crate::{
    BillingDetails, CallOptions, CardChecks, Customer, Expandable, ListRequest, Object, PaymentMethodData,
    Stripe,
};

/// Gives a payment method to a customer.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct AttachPaymentMethod {
    /// The customer.
    pub customer: String,
}

impl AttachPaymentMethod {
    /// The required fields; nothing else is sent.
    pub fn new(customer: impl Into<String>) -> Self {
        Self { customer: customer.into() }
    }
}

/// Which of a customer's payment methods to list.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListPaymentMethods {
    /// Of this kind, for example `card`.
    #[serde(rename = "type")]
    pub method_type: Option<String>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListPaymentMethods {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`method_type`](Self::method_type).
    pub fn with_method_type(mut self, method_type: impl Into<String>) -> Self {
        self.method_type = Some(method_type.into());
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

/// A card, a bank account, or another way to pay.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct PaymentMethod {
    /// Id, `pm_...`.
    pub id: String,
    /// Who pays.
    pub billing_details: Option<BillingDetails>,
    /// The card, when it is one.
    pub card: Option<Card>,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// The customer that it belongs to.
    pub customer: Option<Expandable<Customer>>,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// The host's own entries.
    #[serde(default, deserialize_with = "null_default")]
    pub metadata: BTreeMap<String, String>,
    /// The kind, for example `card` or `us_bank_account`.
    #[serde(rename = "type", default, deserialize_with = "null_default")]
    pub method_type: String,
    /// The bank account, when it is one.
    pub us_bank_account: Option<UsBankAccount>,
}

impl fmt::Debug for PaymentMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaymentMethod")
            .field("id", &self.id)
            .field("card", &self.card)
            .field("created", &self.created)
            .field("customer", &self.customer)
            .field("livemode", &self.livemode)
            .field("method_type", &self.method_type)
            .field("us_bank_account", &self.us_bank_account)
            .finish_non_exhaustive()
    }
}

impl Object for PaymentMethod {
    fn id(&self) -> &str {
        &self.id
    }
}

/// A card, as far as Stripe tells.
#[derive(Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct Card {
    /// Brand, for example `visa`.
    pub brand: Option<String>,
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
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Card")
            .field("brand", &self.brand)
            .field("checks", &self.checks)
            .field("country", &self.country)
            .field("exp_month", &self.exp_month)
            .field("exp_year", &self.exp_year)
            .field("funding", &self.funding)
            .field("last4", &self.last4)
            .finish_non_exhaustive()
    }
}

/// A bank account in the United States.
#[derive(Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct UsBankAccount {
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
    /// Routing number.
    pub routing_number: Option<String>,
}

impl fmt::Debug for UsBankAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UsBankAccount")
            .field("account_holder_type", &self.account_holder_type)
            .field("account_type", &self.account_type)
            .field("bank_name", &self.bank_name)
            .field("last4", &self.last4)
            .field("routing_number", &self.routing_number)
            .finish_non_exhaustive()
    }
}

const CREATE: Operation = post("payment_methods.create");
const ATTACH: Operation = post("payment_methods.attach");
const DETACH: Operation = post("payment_methods.detach");
const RETRIEVE: Operation = get("payment_methods.retrieve");
static LIST: Operation = get("payment_methods.list");

/// Calls for payment methods: [`Stripe::payment_methods`].
#[derive(Debug, Clone, Copy)]
pub struct PaymentMethods<'a> {
    stripe: &'a Stripe,
}

impl<'a> PaymentMethods<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Makes a payment method that belongs to nobody yet: `POST /v1/payment_methods`.
    pub async fn create(self, params: &PaymentMethodData, options: &CallOptions) -> Result<PaymentMethod> {
        self.stripe.post(&CREATE, "/v1/payment_methods", params, options).await
    }

    /// One payment method: `GET /v1/payment_methods/{id}`.
    pub async fn retrieve(self, id: &str, options: &CallOptions) -> Result<PaymentMethod> {
        let path = format!("/v1/payment_methods/{}", check_id(id)?);
        self.stripe.get(&RETRIEVE, &path, &(), options).await
    }

    /// Gives a payment method to a customer: `POST /v1/payment_methods/{id}/attach`.
    pub async fn attach(
        self,
        id: &str,
        params: &AttachPaymentMethod,
        options: &CallOptions,
    ) -> Result<PaymentMethod> {
        let path = format!("/v1/payment_methods/{}/attach", check_id(id)?);
        self.stripe.post(&ATTACH, &path, params, options).await
    }

    /// Takes a payment method away from its customer, for good: `POST /v1/payment_methods/{id}/detach`.
    pub async fn detach(self, id: &str, options: &CallOptions) -> Result<PaymentMethod> {
        let path = format!("/v1/payment_methods/{}/detach", check_id(id)?);
        self.stripe.post(&DETACH, &path, &(), options).await
    }

    /// A customer's payment methods: `GET /v1/customers/{customer}/payment_methods`.
    pub fn list(self, customer: &str, params: &ListPaymentMethods) -> ListRequest<PaymentMethod> {
        let path = check_id(customer).map(|customer| format!("/v1/customers/{customer}/payment_methods"));
        ListRequest::list_below(self.stripe, &LIST, path, params)
    }
}
