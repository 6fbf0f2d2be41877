//! Plans and subscriptions.

use std::fmt;

use chrono::NaiveDate;
use turnbuckle_core::http::Operation;
use turnbuckle_core::money::{Currency, Money};
use turnbuckle_core::{Error, Result};

use crate::client::{Nmi, check_id, once};
use crate::contact::Contact;
use crate::form::Form;
use crate::reply::Reply;
use crate::source::Source;
use crate::transactions::defined_fields;

const ADD_PLAN: Operation = once("add_plan");
const EDIT_PLAN: Operation = once("edit_plan");
const ADD_SUBSCRIPTION: Operation = once("add_subscription");
const UPDATE_SUBSCRIPTION: Operation = once("update_subscription");
const DELETE_SUBSCRIPTION: Operation = once("delete_subscription");

impl Nmi {
    /// Plans and subscriptions.
    pub fn recurring(&self) -> Recurring<'_> {
        Recurring { client: self }
    }
}

/// Calls about plans and subscriptions. See <https://docs.nmi.com/reference/recurring>.
#[derive(Debug, Clone, Copy)]
pub struct Recurring<'a> {
    client: &'a Nmi,
}

impl Recurring<'_> {
    /// Adds a plan under an id of our choice.
    ///
    /// # Errors
    /// As [`Transactions::create`](crate::Transactions::create).
    pub async fn add_plan(&self, plan_id: &str, name: &str, terms: &PlanTerms) -> Result<Reply> {
        let mut form = Form::new();
        form.set("recurring", "add_plan")
            .set("plan_id", check_id("plan_id", plan_id)?)
            .set("plan_name", name);
        terms.write(&mut form)?;
        self.client.transact(&ADD_PLAN, form).await
    }

    /// Changes a plan, for its subscriptions too.
    ///
    /// # Errors
    /// As [`Transactions::create`](crate::Transactions::create).
    pub async fn edit_plan(&self, plan_id: &str, name: &str, terms: &PlanTerms) -> Result<Reply> {
        let mut form = Form::new();
        form.set("recurring", "edit_plan").set("current_plan_id", check_id("plan_id", plan_id)?);
        form.set("plan_name", name);
        terms.write(&mut form)?;
        self.client.transact(&EDIT_PLAN, form).await
    }

    /// Starts a subscription. Its id is [`Reply::subscription_id`].
    ///
    /// # Errors
    /// As [`Transactions::create`](crate::Transactions::create).
    pub async fn add_subscription(&self, new: &NewSubscription) -> Result<Reply> {
        let mut form = Form::new();
        form.set("recurring", "add_subscription");
        match &new.plan {
            SubscriptionPlan::Existing(id) => {
                form.set("plan_id", check_id("plan_id", id)?);
            }
            SubscriptionPlan::Own(terms) => terms.write(&mut form)?,
        }
        form.maybe("start_date", new.start_date.map(date));
        form.set("currency", new.currency.code());
        new.source.write(&mut form)?;
        if let Some(id) = &new.order_id {
            form.set("orderid", check_id("order_id", id)?);
        }
        form.maybe("orderdescription", new.order_description.as_ref());
        form.maybe("processor_id", new.processor_id.as_ref());
        new.billing.write_billing(&mut form);
        defined_fields(&mut form, &new.defined_fields);
        self.client.transact(&ADD_SUBSCRIPTION, form).await
    }

    /// Changes a subscription.
    ///
    /// # Errors
    /// As [`Transactions::create`](crate::Transactions::create).
    pub async fn update_subscription(
        &self,
        subscription_id: &str,
        change: &SubscriptionChange,
    ) -> Result<Reply> {
        let mut form = Form::new();
        form.set("recurring", "update_subscription");
        form.set("subscription_id", check_id("subscription_id", subscription_id)?);
        if let Some(terms) = &change.terms {
            terms.write(&mut form)?;
        }
        form.maybe("start_date", change.start_date.map(date));
        if let Some(source) = &change.source {
            source.write(&mut form)?;
        }
        form.maybe("orderdescription", change.order_description.as_ref());
        self.client.transact(&UPDATE_SUBSCRIPTION, form).await
    }

    /// Ends a subscription. NMI forgets it.
    ///
    /// # Errors
    /// [`NotFound`](turnbuckle_core::ErrorKind::NotFound) when there is no such subscription (any more).
    pub async fn delete_subscription(&self, subscription_id: &str) -> Result<Reply> {
        let mut form = Form::new();
        form.set("recurring", "delete_subscription");
        form.set("subscription_id", check_id("subscription_id", subscription_id)?);
        self.client.transact(&DELETE_SUBSCRIPTION, form).await
    }
}

fn date(day: NaiveDate) -> String {
    day.format("%Y%m%d").to_string()
}

/// How much, how often, how many times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlanTerms {
    /// Each payment.
    pub amount: Money,
    /// How many payments; 0 goes on until cancelled.
    pub payments: u32,
    /// How often.
    pub every: Frequency,
}

impl PlanTerms {
    /// Goes on until cancelled.
    pub fn new(amount: Money, every: Frequency) -> Self {
        Self { amount, payments: 0, every }
    }

    /// Ends after so many payments.
    pub fn with_payments(mut self, payments: u32) -> Self {
        self.payments = payments;
        self
    }

    fn write(&self, form: &mut Form) -> Result<()> {
        form.set("plan_payments", self.payments.to_string()).amount("plan_amount", self.amount);
        match self.every {
            Frequency::Days(days) if days > 0 => {
                form.set("day_frequency", days.to_string());
            }
            Frequency::Months { months, day } if (1..=24).contains(&months) && (1..=31).contains(&day) => {
                form.set("month_frequency", months.to_string()).set("day_of_month", day.to_string());
            }
            _ => {
                return Err(Error::invalid_field(
                    "plan.every",
                    "must be days, or 1 to 24 months on a day from 1 to 31",
                ));
            }
        }
        Ok(())
    }
}

/// The time between two payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Frequency {
    /// Every so many days.
    Days(u32),
    /// Every so many months.
    Months {
        /// 1 to 24.
        months: u32,
        /// The day of the month, 1 to 31; a shorter month takes its last.
        day: u32,
    },
}

/// The plan of a new subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubscriptionPlan {
    /// One that exists at NMI.
    Existing(String),
    /// Terms of its own.
    Own(PlanTerms),
}

/// A new subscription.
#[derive(Clone)]
#[non_exhaustive]
pub struct NewSubscription {
    /// The plan.
    pub plan: SubscriptionPlan,
    /// What pays.
    pub source: Source,
    /// The currency.
    pub currency: Currency,
    /// The day of the first payment; `None` is today.
    pub start_date: Option<NaiveDate>,
    /// The order id, which NMI keeps with the subscription.
    pub order_id: Option<String>,
    /// What is bought, in words.
    pub order_description: Option<String>,
    /// Which processor of a multi-MID account.
    pub processor_id: Option<String>,
    /// Who pays.
    pub billing: Contact,
    /// Merchant-defined fields, 1 to 20.
    pub defined_fields: std::collections::BTreeMap<u8, String>,
}

impl NewSubscription {
    /// A subscription that starts today.
    pub fn new(plan: SubscriptionPlan, source: Source, currency: Currency) -> Self {
        Self {
            plan,
            source,
            currency,
            start_date: None,
            order_id: None,
            order_description: None,
            processor_id: None,
            billing: Contact::default(),
            defined_fields: std::collections::BTreeMap::new(),
        }
    }

    /// Sets the order id.
    pub fn with_order_id(mut self, id: impl Into<String>) -> Self {
        self.order_id = Some(id.into());
        self
    }

    /// Sets the day of the first payment.
    pub fn with_start_date(mut self, day: NaiveDate) -> Self {
        self.start_date = Some(day);
        self
    }
}

impl fmt::Debug for NewSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSubscription")
            .field("plan", &self.plan)
            .field("source", &self.source)
            .field("order_id", &self.order_id)
            .finish_non_exhaustive()
    }
}

/// A change to a subscription. What is `None` stays as it is.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct SubscriptionChange {
    /// Other terms.
    pub terms: Option<PlanTerms>,
    /// Another day for the next payment.
    pub start_date: Option<NaiveDate>,
    /// Pay with this from now on.
    pub source: Option<Source>,
    /// Another description.
    pub order_description: Option<String>,
}

impl SubscriptionChange {
    /// Changes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets other terms.
    pub fn with_terms(mut self, terms: PlanTerms) -> Self {
        self.terms = Some(terms);
        self
    }

    /// Pays with this from now on.
    pub fn with_source(mut self, source: Source) -> Self {
        self.source = Some(source);
        self
    }
}

impl fmt::Debug for SubscriptionChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriptionChange")
            .field("terms", &self.terms)
            .field("start_date", &self.start_date)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}
