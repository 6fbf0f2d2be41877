//! Every operation of the typed client for Stripe, once.
//!
//! An operation is called with every parameter that goes with the others; where parameters exclude each other, a comment
//! says which were left out. What an operation needs is made first, with as few parameters as possible, so that a refusal
//! of one operation does not spoil the next. The calls stand in the order in which they make what the later ones need.

mod billing;
mod connect;
mod ledger;
mod outside;
mod payments;
mod platform;
mod stored;

use chrono::{DateTime, Duration, Utc};
use turnbuckle_core::credential::Credentials;
use turnbuckle_core::provider::{ConnectionConfig, IntegrationProvider};
use turnbuckle_core::{Clock, Environment, Result, SystemClock};
use turnbuckle_stripe::{
    Address, BillingDetails, CallOptions, CardOptions, Created, CustomerAcceptance, List, ListRequest,
    MandateData, Object, OnlineAcceptance, PaymentMethodOptions, Shipping, Stripe, StripeProvider,
    UsBankAccountOptions,
};

use crate::{Runner, fresh_word};

pub use outside::Outside;

const PAGE: &str = "https://example.com/sandbox";
const EMAIL: &str = "payer@example.com";
const CARD: &str = "pm_card_visa";
/// The currency of everything.
const USD: &str = "usd";

/// A client that never sends anything, to list operations with.
///
/// # Errors
/// As [`Stripe::new`].
pub fn unconnected() -> Result<Stripe> {
    let lookup = |name: &str| (name == "STRIPE_SECRET_KEY").then(|| "sk_test_unconnected".to_owned());
    let schema = StripeProvider::new().definition().credential_schema;
    let credentials = Credentials::from_env(schema, &lookup)?;
    Stripe::new(&ConnectionConfig::new("listing", Environment::Sandbox, credentials))
}

/// Calls every operation once, or names it when the runner lists.
///
/// # Errors
/// When the system's random generator fails.
pub async fn every_operation(runner: Runner, stripe: &Stripe, outside: &Outside) -> Result<Runner> {
    let mut calls = Calls { runner };
    let none = CallOptions::new();
    let at = Setting::new(stripe, &none, outside)?;
    let customer = stored::customers(&mut calls, &at).await;
    stored::payment_methods(&mut calls, &at, &customer).await;
    stored::setup_intents(&mut calls, &at, &customer).await;
    Box::pin(payments::payment_intents(&mut calls, &at, &customer)).await;
    payments::charges_and_refunds(&mut calls, &at, &customer).await;
    let file = platform::files(&mut calls, &at).await;
    payments::disputes(&mut calls, &at, &file).await;
    payments::reviews(&mut calls, &at).await;
    ledger::balance(&mut calls, &at).await;
    ledger::payouts(&mut calls, &at).await;
    Box::pin(billing::every_operation(&mut calls, &at, &customer)).await;
    Box::pin(connect::every_operation(&mut calls, &at)).await;
    platform::events(&mut calls, &at).await;
    platform::webhook_endpoints(&mut calls, &at).await;
    let removed = stripe.customers().delete(&customer, at.none);
    calls.object("customers.delete", removed).await;
    Ok(calls.runner)
}

/// What every call may need.
struct Setting<'a> {
    stripe: &'a Stripe,
    /// No options.
    none: &'a CallOptions,
    now: DateTime<Utc>,
    /// Tells this run's names from those of other runs.
    word: String,
    /// A connected account.
    account: String,
    outside: &'a Outside,
}

impl<'a> Setting<'a> {
    fn new(stripe: &'a Stripe, none: &'a CallOptions, outside: &'a Outside) -> Result<Self> {
        Ok(Self {
            stripe,
            none,
            now: SystemClock::new().now(),
            word: fresh_word()?,
            account: outside.connected_account.clone().unwrap_or_else(|| "acct_placeholder".to_owned()),
            outside,
        })
    }

    /// In so many days.
    fn days(&self, days: i64) -> DateTime<Utc> {
        self.now + Duration::days(days)
    }

    /// In ten minutes: within the period of a subscription that began during the run.
    fn soon(&self) -> DateTime<Utc> {
        self.now + Duration::minutes(10)
    }

    /// The last month.
    fn lately(&self) -> Created {
        Created::since(self.days(-30)).until(self.days(1))
    }
}

/// The runner, with what Stripe's answers have in common.
struct Calls {
    runner: Runner,
}

impl Calls {
    /// An operation that answers with an object: shows its id.
    async fn object<T: Object>(
        &mut self,
        operation: &str,
        call: impl Future<Output = Result<T>>,
    ) -> Option<T> {
        self.runner.run(operation, call, |object| format!("ok {}", object.id())).await
    }

    /// An operation that answers with a page: shows how many are on it.
    async fn page<T: serde::de::DeserializeOwned>(&mut self, operation: &str, request: ListRequest<T>) {
        let show = |page: &List<T>| format!("ok {} on the page, more: {}", page.data.len(), page.has_more);
        self.runner.run(operation, request.page(), show).await;
    }

    /// What an operation needs.
    async fn before<T>(&mut self, operation: &str, call: impl Future<Output = Result<T>>) -> Option<T> {
        self.runner.prepare(operation, call).await
    }

    /// What the operation made; where it was refused, something plainer, for the operations that follow.
    async fn or_plain<T>(
        &mut self,
        made: Option<T>,
        operation: &str,
        plain: impl Future<Output = Result<T>>,
    ) -> Option<T> {
        match made {
            Some(made) => Some(made),
            None => self.before(operation, plain).await,
        }
    }
}

fn id<T: Object>(object: Option<&T>, placeholder: &str) -> String {
    object.map_or(placeholder, Object::id).to_owned()
}

fn address() -> Address {
    Address::new()
        .with_line1("510 Townsend Street")
        .with_line2("Floor 2")
        .with_city("San Francisco")
        .with_state("CA")
        .with_postal_code("94103")
        .with_country("US")
}

fn billing_details() -> BillingDetails {
    BillingDetails::new()
        .with_address(address())
        .with_email(EMAIL)
        .with_name("Test Payer")
        .with_phone("+15555550100")
}

fn shipping() -> Shipping {
    Shipping::new()
        .with_address(address())
        .with_name("Test Payer")
        .with_phone("+15555550100")
        .with_carrier("usps")
        .with_tracking_number("9400100000000000000000")
}

/// `moto`, `mit_exemption` and `three_d_secure` exclude `request_three_d_secure`, and Stripe lets only some accounts use
/// them.
fn card_options() -> CardOptions {
    CardOptions::new()
        .with_capture_method("manual")
        .with_network("visa")
        .with_request_extended_authorization("if_available")
        .with_request_incremental_authorization("if_available")
        .with_request_multicapture("if_available")
        .with_request_overcapture("if_available")
        .with_request_three_d_secure("automatic")
}

/// With what keeps the method for later.
fn method_options() -> PaymentMethodOptions {
    PaymentMethodOptions::new()
        .with_card(card_options().with_setup_future_usage("off_session"))
        .with_us_bank_account(
            UsBankAccountOptions::new()
                .with_verification_method("automatic")
                .with_setup_future_usage("off_session"),
        )
}

fn mandate(at: &Setting<'_>) -> MandateData {
    let online = OnlineAcceptance::new("203.0.113.7", "Mozilla/5.0");
    MandateData::new(
        CustomerAcceptance::new("online").with_accepted_at(at.now.timestamp()).with_online(online),
    )
}
