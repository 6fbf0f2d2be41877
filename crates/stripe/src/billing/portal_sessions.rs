//! Billing portal sessions: Stripe's page where a customer looks after subscriptions and cards.

use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use turnbuckle_core::Result;
use turnbuckle_core::http::Operation;

use crate::client::post;
use crate::object::{null_default, secret_option};
use crate::{CallOptions, Discount, Object, Stripe};

/// A new session for one customer.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CreatePortalSession {
    /// The customer.
    pub customer: String,
    /// What the page offers; the account's default otherwise.
    pub configuration: Option<String>,
    /// Opens one task instead of the whole page.
    pub flow_data: Option<PortalFlow>,
    /// The page's language, for example `de`, or `auto`.
    pub locale: Option<String>,
    /// The account whose branding it shows.
    pub on_behalf_of: Option<String>,
    /// Where the customer comes back to.
    pub return_url: Option<String>,
}

impl CreatePortalSession {
    /// The required fields; nothing else is sent.
    pub fn new(customer: impl Into<String>) -> Self {
        Self {
            customer: customer.into(),
            configuration: None,
            flow_data: None,
            locale: None,
            on_behalf_of: None,
            return_url: None,
        }
    }

    /// Sets [`configuration`](Self::configuration).
    pub fn with_configuration(mut self, configuration: impl Into<String>) -> Self {
        self.configuration = Some(configuration.into());
        self
    }

    /// Sets [`flow_data`](Self::flow_data).
    pub fn with_flow_data(mut self, flow_data: PortalFlow) -> Self {
        self.flow_data = Some(flow_data);
        self
    }

    /// Sets [`locale`](Self::locale).
    pub fn with_locale(mut self, locale: impl Into<String>) -> Self {
        self.locale = Some(locale.into());
        self
    }

    /// Sets [`on_behalf_of`](Self::on_behalf_of).
    pub fn with_on_behalf_of(mut self, on_behalf_of: impl Into<String>) -> Self {
        self.on_behalf_of = Some(on_behalf_of.into());
        self
    }

    /// Sets [`return_url`](Self::return_url).
    pub fn with_return_url(mut self, return_url: impl Into<String>) -> Self {
        self.return_url = Some(return_url.into());
        self
    }
}

impl fmt::Debug for CreatePortalSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatePortalSession")
            .field("customer", &self.customer)
            .field("configuration", &self.configuration)
            .field("locale", &self.locale)
            .field("on_behalf_of", &self.on_behalf_of)
            .finish_non_exhaustive()
    }
}

/// One task of the portal.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct PortalFlow {
    /// `payment_method_update`, `subscription_cancel`, `subscription_update` or `subscription_update_confirm`.
    #[serde(rename = "type")]
    pub flow: String,
    /// What comes when it is done.
    pub after_completion: Option<PortalAfterCompletion>,
    /// With `subscription_cancel`: which one.
    pub subscription_cancel: Option<PortalSubscription>,
    /// With `subscription_update`: which one.
    pub subscription_update: Option<PortalSubscription>,
    /// With `subscription_update_confirm`: what changes.
    pub subscription_update_confirm: Option<PortalUpdateConfirm>,
}

impl PortalFlow {
    /// The required fields; nothing else is sent.
    pub fn new(flow: impl Into<String>) -> Self {
        Self {
            flow: flow.into(),
            after_completion: None,
            subscription_cancel: None,
            subscription_update: None,
            subscription_update_confirm: None,
        }
    }

    /// Sets [`after_completion`](Self::after_completion).
    pub fn with_after_completion(mut self, after_completion: PortalAfterCompletion) -> Self {
        self.after_completion = Some(after_completion);
        self
    }

    /// Sets [`subscription_cancel`](Self::subscription_cancel).
    pub fn with_subscription_cancel(mut self, subscription_cancel: PortalSubscription) -> Self {
        self.subscription_cancel = Some(subscription_cancel);
        self
    }

    /// Sets [`subscription_update`](Self::subscription_update).
    pub fn with_subscription_update(mut self, subscription_update: PortalSubscription) -> Self {
        self.subscription_update = Some(subscription_update);
        self
    }

    /// Sets [`subscription_update_confirm`](Self::subscription_update_confirm).
    pub fn with_subscription_update_confirm(
        mut self,
        subscription_update_confirm: PortalUpdateConfirm,
    ) -> Self {
        self.subscription_update_confirm = Some(subscription_update_confirm);
        self
    }
}

impl fmt::Debug for PortalFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortalFlow")
            .field("flow", &self.flow)
            .field("subscription_cancel", &self.subscription_cancel)
            .field("subscription_update", &self.subscription_update)
            .field("subscription_update_confirm", &self.subscription_update_confirm)
            .finish_non_exhaustive()
    }
}

/// Which subscription a task is about.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PortalSubscription {
    /// The subscription.
    pub subscription: String,
}

impl PortalSubscription {
    /// The required fields; nothing else is sent.
    pub fn new(subscription: impl Into<String>) -> Self {
        Self { subscription: subscription.into() }
    }
}

/// A change that the customer confirms.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PortalUpdateConfirm {
    /// The subscription.
    pub subscription: String,
    /// The changed item; exactly one so far.
    pub items: Vec<PortalUpdateItem>,
    /// A coupon or promotion code.
    pub discounts: Vec<Discount>,
}

impl PortalUpdateConfirm {
    /// The required fields; nothing else is sent.
    pub fn new(subscription: impl Into<String>) -> Self {
        Self { subscription: subscription.into(), items: Vec::new(), discounts: Vec::new() }
    }

    /// Adds one to [`items`](Self::items).
    pub fn with_item(mut self, item: PortalUpdateItem) -> Self {
        self.items.push(item);
        self
    }

    /// Adds one to [`discounts`](Self::discounts).
    pub fn with_discount(mut self, discount: Discount) -> Self {
        self.discounts.push(discount);
        self
    }
}

/// A changed item.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PortalUpdateItem {
    /// The item.
    pub id: String,
    /// Its new price.
    pub price: Option<String>,
    /// How many.
    pub quantity: Option<u64>,
}

impl PortalUpdateItem {
    /// The required fields; nothing else is sent.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), price: None, quantity: None }
    }

    /// Sets [`price`](Self::price).
    pub fn with_price(mut self, price: impl Into<String>) -> Self {
        self.price = Some(price.into());
        self
    }

    /// Sets [`quantity`](Self::quantity).
    pub fn with_quantity(mut self, quantity: u64) -> Self {
        self.quantity = Some(quantity);
        self
    }
}

/// What comes when a task is done.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct PortalAfterCompletion {
    /// `hosted_confirmation`, `portal_homepage` or `redirect`.
    #[serde(rename = "type")]
    pub action: String,
    /// With `hosted_confirmation`: what it says.
    pub hosted_confirmation: Option<PortalConfirmation>,
    /// With `redirect`: where to.
    pub redirect: Option<PortalRedirect>,
}

impl PortalAfterCompletion {
    /// The required fields; nothing else is sent.
    pub fn new(action: impl Into<String>) -> Self {
        Self { action: action.into(), hosted_confirmation: None, redirect: None }
    }

    /// Sets [`hosted_confirmation`](Self::hosted_confirmation).
    pub fn with_hosted_confirmation(mut self, hosted_confirmation: PortalConfirmation) -> Self {
        self.hosted_confirmation = Some(hosted_confirmation);
        self
    }

    /// Sets [`redirect`](Self::redirect).
    pub fn with_redirect(mut self, redirect: PortalRedirect) -> Self {
        self.redirect = Some(redirect);
        self
    }
}

impl fmt::Debug for PortalAfterCompletion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortalAfterCompletion").field("action", &self.action).finish_non_exhaustive()
    }
}

/// What a confirmation says.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct PortalConfirmation {
    /// Text of the host's own.
    pub custom_message: Option<String>,
}

impl PortalConfirmation {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`custom_message`](Self::custom_message).
    pub fn with_custom_message(mut self, custom_message: impl Into<String>) -> Self {
        self.custom_message = Some(custom_message.into());
        self
    }
}

impl fmt::Debug for PortalConfirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortalConfirmation").finish_non_exhaustive()
    }
}

/// Where a customer goes.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct PortalRedirect {
    /// Address.
    pub return_url: String,
}

impl PortalRedirect {
    /// The required fields; nothing else is sent.
    pub fn new(return_url: impl Into<String>) -> Self {
        Self { return_url: return_url.into() }
    }
}

impl fmt::Debug for PortalRedirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortalRedirect").finish_non_exhaustive()
    }
}

/// A customer's way into the portal. Whoever has its address is that customer: it is in no `Debug` output.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct PortalSession {
    /// Id, `bps_...`.
    pub id: String,
    /// What the page offers.
    pub configuration: Option<String>,
    /// When it was made.
    #[serde(default, deserialize_with = "chrono::serde::ts_seconds_option::deserialize")]
    pub created: Option<DateTime<Utc>>,
    /// The customer.
    #[serde(default, deserialize_with = "null_default")]
    pub customer: String,
    /// Whether it is real.
    #[serde(default, deserialize_with = "null_default")]
    pub livemode: bool,
    /// The page's language.
    pub locale: Option<String>,
    /// The account whose branding it shows.
    pub on_behalf_of: Option<String>,
    /// Where the customer comes back to.
    pub return_url: Option<String>,
    /// The page; it ends within minutes unless it is opened.
    #[serde(default, deserialize_with = "secret_option")]
    pub url: Option<SecretString>,
}

impl fmt::Debug for PortalSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortalSession")
            .field("id", &self.id)
            .field("configuration", &self.configuration)
            .field("created", &self.created)
            .field("customer", &self.customer)
            .field("livemode", &self.livemode)
            .field("locale", &self.locale)
            .field("on_behalf_of", &self.on_behalf_of)
            .finish_non_exhaustive()
    }
}

impl Object for PortalSession {
    fn id(&self) -> &str {
        &self.id
    }
}

const CREATE: Operation = post("portal_sessions.create");

/// Calls for billing portal sessions: [`Stripe::portal_sessions`].
#[derive(Debug, Clone, Copy)]
pub struct PortalSessions<'a> {
    stripe: &'a Stripe,
}

impl<'a> PortalSessions<'a> {
    pub(crate) fn new(stripe: &'a Stripe) -> Self {
        Self { stripe }
    }

    /// Opens the portal for a customer: `POST /v1/billing_portal/sessions`.
    pub async fn create(self, params: &CreatePortalSession, options: &CallOptions) -> Result<PortalSession> {
        self.stripe.post(&CREATE, "/v1/billing_portal/sessions", params, options).await
    }
}
