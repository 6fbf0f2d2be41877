//! Parameters of checkout sessions.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    AllowedCountries, AutomaticTax, ConsentCollection, Created, Discount, PageLineItem, PagePaymentData,
    PageSetupData, PageSubscriptionData, Switch,
};

/// A new payment page.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct CreateCheckoutSession {
    /// `payment`, `subscription` or `setup`.
    pub mode: Option<String>,
    /// What is bought; required but for `setup`.
    pub line_items: Vec<PageLineItem>,
    /// Where the payer goes afterwards; `{CHECKOUT_SESSION_ID}` in it becomes the session's id.
    pub success_url: Option<String>,
    /// Where the payer goes who turns back.
    pub cancel_url: Option<String>,
    /// With an embedded page: where the payer comes back to.
    pub return_url: Option<String>,
    /// `hosted_page` (Stripe's default), `embedded_page`, `elements` or `form`.
    pub ui_mode: Option<String>,
    /// Lets the payer type a promotion code.
    pub allow_promotion_codes: Option<bool>,
    /// Lets Stripe work out taxes.
    pub automatic_tax: Option<AutomaticTax>,
    /// `auto` (Stripe's default) or `required`.
    pub billing_address_collection: Option<String>,
    /// The host's own reference, up to 200 characters.
    pub client_reference_id: Option<String>,
    /// What the payer agrees to.
    pub consent_collection: Option<ConsentCollection>,
    /// ISO 4217 code in lower case, where a price has several; required for `setup` with dynamic payment methods.
    pub currency: Option<String>,
    /// The customer.
    pub customer: Option<String>,
    /// `always` or `if_required` (Stripe's default).
    pub customer_creation: Option<String>,
    /// Email address to begin with.
    pub customer_email: Option<String>,
    /// What the page may change about the customer.
    pub customer_update: Option<CheckoutCustomerUpdate>,
    /// A coupon or promotion code; at most one.
    pub discounts: Vec<Discount>,
    /// When it ends: 30 minutes to 24 hours from now.
    #[serde(serialize_with = "chrono::serde::ts_seconds_option::serialize")]
    pub expires_at: Option<DateTime<Utc>>,
    /// With `payment`: makes an invoice afterwards.
    pub invoice_creation: Option<Switch>,
    /// The page's language, for example `de`, or `auto`.
    pub locale: Option<String>,
    /// With `payment`: what the payment carries.
    pub payment_intent_data: Option<PagePaymentData>,
    /// With `subscription`: `always` (Stripe's default) or `if_required`.
    pub payment_method_collection: Option<String>,
    /// Kinds that may be used.
    pub payment_method_types: Vec<String>,
    /// Asks for a telephone number.
    pub phone_number_collection: Option<Switch>,
    /// With an embedded page: `always` (Stripe's default), `if_required` or `never`.
    pub redirect_on_completion: Option<String>,
    /// With `setup`: what the setup carries.
    pub setup_intent_data: Option<PageSetupData>,
    /// Asks where the goods go.
    pub shipping_address_collection: Option<AllowedCountries>,
    /// What the button says: `auto`, `book`, `donate`, `pay` or `subscribe`.
    pub submit_type: Option<String>,
    /// With `subscription`: what the subscription carries.
    pub subscription_data: Option<PageSubscriptionData>,
    /// Asks for a tax id.
    pub tax_id_collection: Option<Switch>,
    /// Up to 50 entries of the host's own.
    pub metadata: BTreeMap<String, String>,
}

impl CreateCheckoutSession {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`mode`](Self::mode).
    pub fn with_mode(mut self, mode: impl Into<String>) -> Self {
        self.mode = Some(mode.into());
        self
    }

    /// Adds one to [`line_items`](Self::line_items).
    pub fn with_line_item(mut self, line_item: PageLineItem) -> Self {
        self.line_items.push(line_item);
        self
    }

    /// Sets [`success_url`](Self::success_url).
    pub fn with_success_url(mut self, success_url: impl Into<String>) -> Self {
        self.success_url = Some(success_url.into());
        self
    }

    /// Sets [`cancel_url`](Self::cancel_url).
    pub fn with_cancel_url(mut self, cancel_url: impl Into<String>) -> Self {
        self.cancel_url = Some(cancel_url.into());
        self
    }

    /// Sets [`return_url`](Self::return_url).
    pub fn with_return_url(mut self, return_url: impl Into<String>) -> Self {
        self.return_url = Some(return_url.into());
        self
    }

    /// Sets [`ui_mode`](Self::ui_mode).
    pub fn with_ui_mode(mut self, ui_mode: impl Into<String>) -> Self {
        self.ui_mode = Some(ui_mode.into());
        self
    }

    /// Sets [`allow_promotion_codes`](Self::allow_promotion_codes).
    pub fn with_allow_promotion_codes(mut self, allow_promotion_codes: bool) -> Self {
        self.allow_promotion_codes = Some(allow_promotion_codes);
        self
    }

    /// Sets [`automatic_tax`](Self::automatic_tax).
    pub fn with_automatic_tax(mut self, automatic_tax: AutomaticTax) -> Self {
        self.automatic_tax = Some(automatic_tax);
        self
    }

    /// Sets [`billing_address_collection`](Self::billing_address_collection).
    pub fn with_billing_address_collection(mut self, billing_address_collection: impl Into<String>) -> Self {
        self.billing_address_collection = Some(billing_address_collection.into());
        self
    }

    /// Sets [`client_reference_id`](Self::client_reference_id).
    pub fn with_client_reference_id(mut self, client_reference_id: impl Into<String>) -> Self {
        self.client_reference_id = Some(client_reference_id.into());
        self
    }

    /// Sets [`consent_collection`](Self::consent_collection).
    pub fn with_consent_collection(mut self, consent_collection: ConsentCollection) -> Self {
        self.consent_collection = Some(consent_collection);
        self
    }

    /// Sets [`currency`](Self::currency).
    pub fn with_currency(mut self, currency: impl Into<String>) -> Self {
        self.currency = Some(currency.into());
        self
    }

    /// Sets [`customer`](Self::customer).
    pub fn with_customer(mut self, customer: impl Into<String>) -> Self {
        self.customer = Some(customer.into());
        self
    }

    /// Sets [`customer_creation`](Self::customer_creation).
    pub fn with_customer_creation(mut self, customer_creation: impl Into<String>) -> Self {
        self.customer_creation = Some(customer_creation.into());
        self
    }

    /// Sets [`customer_email`](Self::customer_email).
    pub fn with_customer_email(mut self, customer_email: impl Into<String>) -> Self {
        self.customer_email = Some(customer_email.into());
        self
    }

    /// Sets [`customer_update`](Self::customer_update).
    pub fn with_customer_update(mut self, customer_update: CheckoutCustomerUpdate) -> Self {
        self.customer_update = Some(customer_update);
        self
    }

    /// Adds one to [`discounts`](Self::discounts).
    pub fn with_discount(mut self, discount: Discount) -> Self {
        self.discounts.push(discount);
        self
    }

    /// Sets [`expires_at`](Self::expires_at).
    pub fn with_expires_at(mut self, expires_at: DateTime<Utc>) -> Self {
        self.expires_at = Some(expires_at);
        self
    }

    /// Sets [`invoice_creation`](Self::invoice_creation).
    pub fn with_invoice_creation(mut self, invoice_creation: Switch) -> Self {
        self.invoice_creation = Some(invoice_creation);
        self
    }

    /// Sets [`locale`](Self::locale).
    pub fn with_locale(mut self, locale: impl Into<String>) -> Self {
        self.locale = Some(locale.into());
        self
    }

    /// Sets [`payment_intent_data`](Self::payment_intent_data).
    pub fn with_payment_intent_data(mut self, payment_intent_data: PagePaymentData) -> Self {
        self.payment_intent_data = Some(payment_intent_data);
        self
    }

    /// Sets [`payment_method_collection`](Self::payment_method_collection).
    pub fn with_payment_method_collection(mut self, payment_method_collection: impl Into<String>) -> Self {
        self.payment_method_collection = Some(payment_method_collection.into());
        self
    }

    /// Sets [`payment_method_types`](Self::payment_method_types).
    pub fn with_payment_method_types<T: Into<String>>(
        mut self,
        payment_method_types: impl IntoIterator<Item = T>,
    ) -> Self {
        self.payment_method_types = payment_method_types.into_iter().map(Into::into).collect();
        self
    }

    /// Sets [`phone_number_collection`](Self::phone_number_collection).
    pub fn with_phone_number_collection(mut self, phone_number_collection: Switch) -> Self {
        self.phone_number_collection = Some(phone_number_collection);
        self
    }

    /// Sets [`redirect_on_completion`](Self::redirect_on_completion).
    pub fn with_redirect_on_completion(mut self, redirect_on_completion: impl Into<String>) -> Self {
        self.redirect_on_completion = Some(redirect_on_completion.into());
        self
    }

    /// Sets [`setup_intent_data`](Self::setup_intent_data).
    pub fn with_setup_intent_data(mut self, setup_intent_data: PageSetupData) -> Self {
        self.setup_intent_data = Some(setup_intent_data);
        self
    }

    /// Sets [`shipping_address_collection`](Self::shipping_address_collection).
    pub fn with_shipping_address_collection(mut self, shipping_address_collection: AllowedCountries) -> Self {
        self.shipping_address_collection = Some(shipping_address_collection);
        self
    }

    /// Sets [`submit_type`](Self::submit_type).
    pub fn with_submit_type(mut self, submit_type: impl Into<String>) -> Self {
        self.submit_type = Some(submit_type.into());
        self
    }

    /// Sets [`subscription_data`](Self::subscription_data).
    pub fn with_subscription_data(mut self, subscription_data: PageSubscriptionData) -> Self {
        self.subscription_data = Some(subscription_data);
        self
    }

    /// Sets [`tax_id_collection`](Self::tax_id_collection).
    pub fn with_tax_id_collection(mut self, tax_id_collection: Switch) -> Self {
        self.tax_id_collection = Some(tax_id_collection);
        self
    }

    /// Adds one entry to [`metadata`](Self::metadata).
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }
}

impl fmt::Debug for CreateCheckoutSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateCheckoutSession")
            .field("mode", &self.mode)
            .field("ui_mode", &self.ui_mode)
            .field("allow_promotion_codes", &self.allow_promotion_codes)
            .field("automatic_tax", &self.automatic_tax)
            .field("billing_address_collection", &self.billing_address_collection)
            .field("consent_collection", &self.consent_collection)
            .field("currency", &self.currency)
            .field("customer", &self.customer)
            .field("customer_creation", &self.customer_creation)
            .field("customer_update", &self.customer_update)
            .field("discounts", &self.discounts)
            .field("expires_at", &self.expires_at)
            .field("invoice_creation", &self.invoice_creation)
            .field("locale", &self.locale)
            .field("payment_method_collection", &self.payment_method_collection)
            .field("payment_method_types", &self.payment_method_types)
            .field("phone_number_collection", &self.phone_number_collection)
            .field("redirect_on_completion", &self.redirect_on_completion)
            .field("shipping_address_collection", &self.shipping_address_collection)
            .field("submit_type", &self.submit_type)
            .field("tax_id_collection", &self.tax_id_collection)
            .finish_non_exhaustive()
    }
}

/// What a page may change about its customer: `auto` or `never` (Stripe's default).
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct CheckoutCustomerUpdate {
    /// Address.
    pub address: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Where goods go.
    pub shipping: Option<String>,
}

impl CheckoutCustomerUpdate {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`address`](Self::address).
    pub fn with_address(mut self, address: impl Into<String>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// Sets [`name`](Self::name).
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets [`shipping`](Self::shipping).
    pub fn with_shipping(mut self, shipping: impl Into<String>) -> Self {
        self.shipping = Some(shipping.into());
        self
    }
}

/// Which sessions to list, newest first.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct ListCheckoutSessions {
    /// Of this customer.
    pub customer: Option<String>,
    /// Of a customer with this email address.
    pub customer_details: Option<CheckoutCustomerFilter>,
    /// With this payment.
    pub payment_intent: Option<String>,
    /// Of this payment link.
    pub payment_link: Option<String>,
    /// `open`, `complete` or `expired`.
    pub status: Option<String>,
    /// With this subscription.
    pub subscription: Option<String>,
    /// Created in this time.
    pub created: Option<Created>,
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListCheckoutSessions {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`customer`](Self::customer).
    pub fn with_customer(mut self, customer: impl Into<String>) -> Self {
        self.customer = Some(customer.into());
        self
    }

    /// Sets [`customer_details`](Self::customer_details).
    pub fn with_customer_details(mut self, customer_details: CheckoutCustomerFilter) -> Self {
        self.customer_details = Some(customer_details);
        self
    }

    /// Sets [`payment_intent`](Self::payment_intent).
    pub fn with_payment_intent(mut self, payment_intent: impl Into<String>) -> Self {
        self.payment_intent = Some(payment_intent.into());
        self
    }

    /// Sets [`payment_link`](Self::payment_link).
    pub fn with_payment_link(mut self, payment_link: impl Into<String>) -> Self {
        self.payment_link = Some(payment_link.into());
        self
    }

    /// Sets [`status`](Self::status).
    pub fn with_status(mut self, status: impl Into<String>) -> Self {
        self.status = Some(status.into());
        self
    }

    /// Sets [`subscription`](Self::subscription).
    pub fn with_subscription(mut self, subscription: impl Into<String>) -> Self {
        self.subscription = Some(subscription.into());
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

impl fmt::Debug for ListCheckoutSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListCheckoutSessions")
            .field("customer", &self.customer)
            .field("payment_intent", &self.payment_intent)
            .field("payment_link", &self.payment_link)
            .field("status", &self.status)
            .field("subscription", &self.subscription)
            .field("created", &self.created)
            .field("limit", &self.limit)
            .field("starting_after", &self.starting_after)
            .finish_non_exhaustive()
    }
}

/// A customer by email address.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct CheckoutCustomerFilter {
    /// Email address.
    pub email: String,
}

impl CheckoutCustomerFilter {
    /// The required fields; nothing else is sent.
    pub fn new(email: impl Into<String>) -> Self {
        Self { email: email.into() }
    }
}

impl fmt::Debug for CheckoutCustomerFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckoutCustomerFilter").finish_non_exhaustive()
    }
}

/// Which things to list.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ListLineItems {
    /// Objects a page, 1 to 100; Stripe's default is 10.
    pub limit: Option<u32>,
    /// After this id.
    pub starting_after: Option<String>,
}

impl ListLineItems {
    /// Sends nothing yet.
    pub fn new() -> Self {
        Self::default()
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
