//! Automated Recurring Billing: payments that the vendor repeats in a daily batch.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::account::Nothing;
use crate::client::{AuthorizeNet, Call};
use crate::reports::{OrderDetails, Page};
use crate::wire::{Decimal, decimal, list, text, time};
use crate::{Address, CustomerData, Order, PaymentData};

/// Subscriptions: see [`AuthorizeNet::recurring`].
///
/// <https://developer.authorize.net/api/reference/index.html#recurring-billing>
#[derive(Debug, Clone, Copy)]
pub struct Recurring<'a>(&'a AuthorizeNet);

impl AuthorizeNet {
    /// Subscriptions.
    pub fn recurring(&self) -> Recurring<'_> {
        Recurring(self)
    }
}

impl Recurring<'_> {
    /// Starts a subscription, once; returns its id.
    ///
    /// # Errors
    /// [`DuplicateBlocked`](turnbuckle_core::ErrorKind::DuplicateBlocked) when the same one was just started,
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) with a time to wait for a stored method that was just made.
    pub async fn create(&self, subscription: &RecurringRequest) -> Result<Option<String>> {
        const OPERATION: Operation = Operation::once("recurring.create");
        let call = CreateSubscription { subscription };
        Ok(self.0.call(&OPERATION, &call).await?.subscription_id)
    }

    /// Changes what is set and leaves the rest, once.
    ///
    /// # Errors
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) for an unknown one.
    pub async fn update(&self, id: &str, changes: &RecurringRequest) -> Result<()> {
        const OPERATION: Operation = Operation::once("recurring.update");
        let call = UpdateSubscription { subscription_id: id, subscription: changes };
        self.0.call(&OPERATION, &call).await.map(drop)
    }

    /// Ends a subscription. Again is a success, so it is sent again when its answer is lost.
    ///
    /// # Errors
    /// When it cannot be ended.
    pub async fn cancel(&self, id: &str) -> Result<()> {
        const OPERATION: Operation = Operation::idempotent("recurring.cancel");
        self.0.call(&OPERATION, &CancelSubscription { subscription_id: id }).await.map(drop)
    }

    /// Its state: `active`, `expired`, `suspended`, `canceled` or `terminated`.
    ///
    /// # Errors
    /// As every read.
    pub async fn status(&self, id: &str) -> Result<Option<String>> {
        const OPERATION: Operation = Operation::read("recurring.status");
        let answer = self.0.call(&OPERATION, &GetSubscriptionStatus { subscription_id: id }).await?;
        Ok(answer.status.or(answer.obsolete))
    }

    /// One subscription, with its payments where those are asked for.
    ///
    /// # Errors
    /// As every read.
    pub async fn get(&self, id: &str, include_transactions: bool) -> Result<RecurringDetails> {
        const OPERATION: Operation = Operation::read("recurring.get");
        let call = GetSubscription { subscription_id: id, include_transactions };
        Ok(self.0.call(&OPERATION, &call).await?.subscription)
    }

    /// A page of subscriptions, newest first.
    ///
    /// # Errors
    /// As every read.
    pub async fn list(&self, search: RecurringSearch, page: Page) -> Result<Vec<RecurringSummary>> {
        const OPERATION: Operation = Operation::read("recurring.list");
        let call = GetSubscriptionList { search_type: search, sorting: Sorting::NEWEST_FIRST, paging: page };
        Ok(self.0.call(&OPERATION, &call).await?.subscription_details)
    }
}

#[derive(Serialize)]
struct CreateSubscription<'a> {
    subscription: &'a RecurringRequest,
}

impl Call for CreateSubscription<'_> {
    const NAME: &'static str = "ARBCreateSubscriptionRequest";
    type Answer = Created;
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    #[serde(default, deserialize_with = "text")]
    subscription_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UpdateSubscription<'a> {
    subscription_id: &'a str,
    subscription: &'a RecurringRequest,
}

impl Call for UpdateSubscription<'_> {
    const NAME: &'static str = "ARBUpdateSubscriptionRequest";
    type Answer = Nothing;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CancelSubscription<'a> {
    subscription_id: &'a str,
}

impl Call for CancelSubscription<'_> {
    const NAME: &'static str = "ARBCancelSubscriptionRequest";
    type Answer = Nothing;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GetSubscriptionStatus<'a> {
    subscription_id: &'a str,
}

impl Call for GetSubscriptionStatus<'_> {
    const NAME: &'static str = "ARBGetSubscriptionStatusRequest";
    type Answer = Status;
}

#[derive(Deserialize)]
struct Status {
    #[serde(default, deserialize_with = "text")]
    status: Option<String>,
    // Published samples have one of the two, or both in one answer.
    #[serde(rename = "Status", default, deserialize_with = "text")]
    obsolete: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GetSubscription<'a> {
    subscription_id: &'a str,
    include_transactions: bool,
}

impl Call for GetSubscription<'_> {
    const NAME: &'static str = "ARBGetSubscriptionRequest";
    type Answer = Got;
}

#[derive(Deserialize)]
struct Got {
    #[serde(default)]
    subscription: RecurringDetails,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GetSubscriptionList {
    search_type: RecurringSearch,
    sorting: Sorting,
    paging: Page,
}

impl Call for GetSubscriptionList {
    const NAME: &'static str = "ARBGetSubscriptionListRequest";
    type Answer = Listed;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sorting {
    order_by: &'static str,
    order_descending: bool,
}

impl Sorting {
    const NEWEST_FIRST: Self = Self { order_by: "createTimeStampUTC", order_descending: true };
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    #[serde(default, deserialize_with = "list")]
    subscription_details: Vec<RecurringSummary>,
}

/// Which subscriptions a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum RecurringSearch {
    /// Paid by a card that expires this month.
    CardExpiringThisMonth,
    /// Running.
    SubscriptionActive,
    /// Not running.
    SubscriptionInactive,
    /// Ending this month.
    SubscriptionExpiringThisMonth,
}

/// A subscription to start, or what is to change about one: what is `None` stays as it is.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RecurringRequest {
    /// At most 50 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When it is paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_schedule: Option<Schedule>,
    /// Each payment, in the account's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
    /// What pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentData>,
    /// Invoice number and description of every payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// The merchant's customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerData>,
    /// The billing address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bill_to: Option<Address>,
    /// A stored method that pays instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfileIds>,
}

/// When a subscription is paid.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Schedule {
    /// The time between two payments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<RecurringInterval>,
    /// The day of the first payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<NaiveDate>,
    /// How many payments; [`ENDLESS`](Self::ENDLESS) goes on until cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_occurrences: Option<u16>,
}

impl Schedule {
    /// As many payments as go on until cancelled. That this number means "without end" is not proven by the authors of
    /// this crate.
    pub const ENDLESS: u16 = 9999;

    /// A schedule.
    pub fn new(interval: RecurringInterval, start_date: NaiveDate, total_occurrences: u16) -> Self {
        Self {
            interval: Some(interval),
            start_date: Some(start_date),
            total_occurrences: Some(total_occurrences),
        }
    }
}

/// The time between two payments: 7 to 365 days, or 1 to 12 months.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecurringInterval {
    /// How many.
    pub length: u16,
    /// `days` or `months`.
    pub unit: String,
}

impl RecurringInterval {
    /// So many `days` or `months`.
    pub fn new(length: u16, unit: impl Into<String>) -> Self {
        Self { length, unit: unit.into() }
    }
}

/// A stored method by its ids.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProfileIds {
    /// The customer.
    pub customer_profile_id: String,
    /// The method.
    pub customer_payment_profile_id: String,
}

impl ProfileIds {
    /// A customer's stored method.
    pub fn new(customer: impl Into<String>, method: impl Into<String>) -> Self {
        Self { customer_profile_id: customer.into(), customer_payment_profile_id: method.into() }
    }
}

/// A subscription as the vendor has it. `Debug` leaves its texts out.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RecurringDetails {
    /// Its name.
    #[serde(default, deserialize_with = "text")]
    pub name: Option<String>,
    /// When it is paid.
    #[serde(default)]
    pub payment_schedule: ScheduleDetails,
    /// Each payment.
    #[serde(default, deserialize_with = "decimal")]
    pub amount: Option<Decimal>,
    /// Its state.
    #[serde(default, deserialize_with = "text")]
    pub status: Option<String>,
    /// Invoice number and description.
    #[serde(default)]
    pub order: OrderDetails,
    /// Its payments, where those were asked for.
    #[serde(default, deserialize_with = "list")]
    pub arb_transactions: Vec<RecurringPayment>,
}

impl fmt::Debug for RecurringDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecurringDetails")
            .field("payment_schedule", &self.payment_schedule)
            .field("amount", &self.amount)
            .field("status", &self.status)
            .field("order", &self.order)
            .field("arb_transactions", &self.arb_transactions)
            .finish_non_exhaustive()
    }
}

/// When a subscription is paid, as the vendor has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ScheduleDetails {
    /// The time between two payments.
    #[serde(default)]
    pub interval: IntervalDetails,
    /// The day of the first payment, `YYYY-MM-DD`.
    #[serde(default, deserialize_with = "text")]
    pub start_date: Option<String>,
    /// How many payments.
    #[serde(default, deserialize_with = "text")]
    pub total_occurrences: Option<String>,
}

/// The time between two payments, as the vendor has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct IntervalDetails {
    /// How many.
    #[serde(default, deserialize_with = "text")]
    pub length: Option<String>,
    /// `days` or `months`.
    #[serde(default, deserialize_with = "text")]
    pub unit: Option<String>,
}

/// A payment of a subscription.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RecurringPayment {
    /// The transaction.
    #[serde(default, deserialize_with = "text")]
    pub trans_id: Option<String>,
    /// When it was made.
    #[serde(rename = "submitTimeUTC", default, deserialize_with = "time")]
    pub submit_time: Option<DateTime<Utc>>,
    /// Which one it is, from 1 on.
    #[serde(default, deserialize_with = "text")]
    pub pay_num: Option<String>,
}

/// A subscription as lists show it. `Debug` leaves its texts out.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RecurringSummary {
    /// Its id.
    #[serde(default, deserialize_with = "text")]
    pub id: Option<String>,
    /// Its state.
    #[serde(default, deserialize_with = "text")]
    pub status: Option<String>,
    /// When it was made.
    #[serde(rename = "createTimeStampUTC", default, deserialize_with = "time")]
    pub created: Option<DateTime<Utc>>,
    /// The invoice number.
    #[serde(default, deserialize_with = "text")]
    pub invoice: Option<String>,
    /// Each payment.
    #[serde(default, deserialize_with = "decimal")]
    pub amount: Option<Decimal>,
    /// The currency.
    #[serde(default, deserialize_with = "text")]
    pub currency_code: Option<String>,
}

impl fmt::Debug for RecurringSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecurringSummary")
            .field("id", &self.id)
            .field("status", &self.status)
            .field("created", &self.created)
            .field("invoice", &self.invoice)
            .field("amount", &self.amount)
            .finish_non_exhaustive()
    }
}
