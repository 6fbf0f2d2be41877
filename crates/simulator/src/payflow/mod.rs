//! PayPal Payflow Pro: merchant accounts that behave, and a look behind them.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, Response};
use serde_json::{Value, json};

use crate::clock::SimClock;
use crate::ids::Ids;
use crate::provider::{Bend, Incoming, Provider};
use crate::webhook::SignedWebhook;

mod ach;
mod billing;
mod changes;
mod dates;
mod fields;
mod inquiry;
mod inspect;
mod nvp;
mod payments;
mod processor;
mod recurring;
mod results;
mod router;
mod settlement;
mod state;

use state::Merchant;

/// What an account is allowed to do, and where Payflow's answer depends on settings that PayPal keeps.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Settings {
    /// Whether ORIGID may start a new sale or authorization; off, RESULT 117. On by default, other than at PayPal.
    pub reference_transactions: bool,
    /// Whether a credit may go to a card that nothing was taken from; off, RESULT 117. Off by default.
    pub unreferenced_credit: bool,
    /// Whether an authorization of 0.00 verifies a card; off, RESULT 4.
    pub verification: bool,
    /// Whether TENDER=A is enabled; off, RESULT 2.
    pub bank_accounts: bool,
    /// Whether TRXTYPE=R is enabled; off, RESULT 1 with the service's name.
    pub recurring_billing: bool,
    /// Whether fraud filters hold every payment by card that would be approved: RESULT 126. Off by default.
    pub hold_for_review: bool,
    /// Whether PayPal is the processor. Only then does CAPTURECOMPLETE=N keep what is left of an authorization; with
    /// others it is ignored.
    pub paypal_processor: bool,
    /// Whether a capture may take more than was authorized, as the guides say; off, RESULT 111.
    pub over_capture: bool,
    /// Whether any plausible card number is taken, instead of the documented test cards only. Off by default.
    pub any_card: bool,
    /// Whether a request id that comes again with other data gets RESULT 133, instead of the first answer. Off by
    /// default: new data is ignored.
    pub refuse_changed_retries: bool,
    /// Whether a repeated addition of a profile gets RESULT 19 with DUPLICATE=1, as the SDK's sample warns, instead of
    /// the first answer. Off by default.
    pub profile_replays_answer_19: bool,
    /// Whether a profile is added or changed even if its optional transaction fails: RESULT 0 and another TRXRESULT.
    /// Off by default: RESULT 36, and no profile. PayPal's documents support both.
    pub profile_survives_failed_transaction: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            reference_transactions: true,
            unreferenced_credit: false,
            verification: true,
            bank_accounts: true,
            recurring_billing: true,
            hold_for_review: false,
            paypal_processor: true,
            over_capture: true,
            any_card: false,
            refuse_changed_retries: false,
            profile_replays_answer_19: false,
            profile_survives_failed_transaction: false,
        }
    }
}

/// One request as it came, and the status it got.
#[derive(Clone)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// `POST`, unless it was refused.
    pub method: Method,
    /// The path as Payflow sees it, `/`.
    pub path: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The raw body, with the password and the card number in it.
    pub body: Bytes,
    /// The status of the answer; 0 when none was sent.
    pub status: u16,
}

impl LoggedRequest {
    fn of(request: &Incoming, status: u16) -> Self {
        Self {
            method: request.method.clone(),
            path: request.path.clone(),
            headers: request.headers.clone(),
            body: request.body.clone(),
            status,
        }
    }
}

impl fmt::Debug for LoggedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoggedRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// The four parts of a login.
#[derive(Clone)]
#[non_exhaustive]
pub struct Login {
    /// PARTNER.
    pub partner: String,
    /// VENDOR: the merchant.
    pub vendor: String,
    /// USER: the same as the vendor, unless there are more users.
    pub user: String,
    /// PWD.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("partner", &self.partner)
            .field("vendor", &self.vendor)
            .finish_non_exhaustive()
    }
}

struct World {
    clock: SimClock,
    ids: Ids,
    seed: u64,
    merchants: Vec<Merchant>,
}

impl World {
    fn position(&self, vendor: &str) -> Option<usize> {
        self.merchants.iter().position(|merchant| merchant.vendor == vendor)
    }

    fn open(&mut self) -> String {
        let vendor = format!("TestShop{}", self.ids.digits(6));
        let password = self.ids.letters(20);
        let seed = self.seed.wrapping_add(1 + self.merchants.len() as u64);
        self.merchants.push(Merchant::new(vendor.clone(), password, seed));
        vendor
    }

    /// Moves every account to the present.
    fn advance(&mut self) {
        let now = self.clock.unix();
        for merchant in &mut self.merchants {
            billing::advance(merchant, now);
            settlement::banks_answer(merchant, now, false);
        }
    }
}

/// The simulated Payflow. Clones share all state.
#[derive(Clone)]
pub struct PayflowSimulator {
    world: Arc<Mutex<World>>,
    /// The merchant that inspections look at; the first one when absent.
    vendor: Option<String>,
}

impl fmt::Debug for PayflowSimulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PayflowSimulator").field("vendor", &self.vendor).finish_non_exhaustive()
    }
}

impl PayflowSimulator {
    pub(crate) fn new(clock: SimClock, seed: u64) -> Self {
        let mut world = World { clock, ids: Ids::new(seed), seed, merchants: Vec::new() };
        world.open();
        Self { world: Arc::new(Mutex::new(world)), vendor: None }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The merchant, moved to the present, and the time.
    fn with_merchant<T>(&self, act: impl FnOnce(&mut Merchant, u64) -> T) -> Option<T> {
        let mut world = self.world();
        world.advance();
        let now = world.clock.unix();
        let at = match &self.vendor {
            Some(vendor) => world.position(vendor)?,
            None => 0,
        };
        world.merchants.get_mut(at).map(|merchant| act(merchant, now))
    }

    /// Opens another merchant account, with transactions and request ids of its own, and gives its VENDOR.
    pub fn open_merchant(&self) -> String {
        self.world().open()
    }

    /// The same Payflow, seen from another merchant: logins, inspections and settlements are that one's.
    pub fn for_merchant(&self, vendor: &str) -> Self {
        Self { world: Arc::clone(&self.world), vendor: Some(vendor.to_owned()) }
    }

    /// A login that works.
    pub fn login(&self) -> Login {
        self.with_merchant(|merchant, _| {
            let (user, password) = merchant.users.first().cloned().unwrap_or_default();
            Login { partner: merchant.partner.clone(), vendor: merchant.vendor.clone(), user, password }
        })
        .unwrap_or_else(|| Login {
            partner: String::new(),
            vendor: String::new(),
            user: String::new(),
            password: String::new(),
        })
    }

    /// Adds a user to the merchant. Request ids and transactions are shared with its other users.
    pub fn add_user(&self, user: &str, password: &str) {
        self.with_merchant(|merchant, _| merchant.users.push((user.to_owned(), password.to_owned())));
    }

    /// Changes the merchant's settings.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        self.with_merchant(|merchant, _| change(&mut merchant.settings));
    }

    /// Settles everything that is pending and not held, as one batch. Gives its BATCHID, or `None` when there was
    /// nothing to settle.
    pub fn settle(&self) -> Option<u64> {
        self.with_merchant(settlement::settle).flatten()
    }

    /// Banks answer every debit that was submitted: those of bad accounts come back. Gives how many did. Without this
    /// call they answer two simulated days after the settlement.
    pub fn answer_debits(&self) -> usize {
        self.with_merchant(|merchant, now| settlement::banks_answer(merchant, now, true)).unwrap_or_default()
    }

    /// Every request that reached this merchant, in order. Those that name no merchant are the first one's.
    pub fn request_log(&self) -> Vec<LoggedRequest> {
        self.with_merchant(|merchant, _| merchant.log.clone()).unwrap_or_default()
    }
}

/// A request id that counts as running while this lives.
struct IdHold {
    payflow: PayflowSimulator,
    id: String,
}

impl Drop for IdHold {
    fn drop(&mut self) {
        self.payflow.with_merchant(|merchant, _| merchant.running.remove(&self.id));
    }
}

impl Provider for PayflowSimulator {
    fn id(&self) -> &'static str {
        "paypal_payflow"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &["pilot-payflowpro.paypal.com", router::LIVE_HOST]
    }

    fn root_prefix(&self) -> Option<&'static str> {
        None
    }

    fn handle(&self, request: &Incoming, bend: Option<&Bend>) -> Response<Bytes> {
        let mut world = self.world();
        world.advance();
        router::handle(&mut world, request, bend)
    }

    fn hold(&self, request: &Incoming) -> Option<Box<dyn Send + Sync>> {
        let id = router::request_id(&request.headers)?;
        let vendor = nvp::parse(&request.body).ok()?.remove("VENDOR")?;
        let payflow = self.for_merchant(&vendor);
        payflow.with_merchant(|merchant, _| merchant.running.insert(id.clone()))?;
        Some(Box::new(IdHold { payflow, id }))
    }

    fn log_unanswered(&self, request: &Incoming) {
        router::log(&mut self.world(), request, 0);
    }

    #[cfg(feature = "server")]
    fn wants_delivery(&self) -> bool {
        false
    }

    /// Payflow has none.
    fn take_webhooks(&self) -> Vec<SignedWebhook> {
        Vec::new()
    }

    fn credentials(&self) -> Value {
        let login = self.login();
        json!({
            "partner": login.partner,
            "vendor": login.vendor,
            "user": login.user,
            "password": login.password,
        })
    }

    fn webhook_keys(&self) -> Vec<String> {
        Vec::new()
    }

    fn state(&self) -> Value {
        self.everything()
    }
}
