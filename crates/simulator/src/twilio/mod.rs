//! Twilio: an account that sends, receives and verifies, and a look behind it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, Response};
use serde_json::{Value, json};

use crate::clock::SimClock;
use crate::provider::{Bend, Incoming, Provider};
use crate::webhook::SignedWebhook;

mod address;
mod admin;
mod callbacks;
mod calls;
mod contents;
mod error;
mod form;
mod inbound;
mod inspect;
mod lookups;
mod messages;
mod numbers;
mod page;
mod progress;
mod router;
mod segments;
mod send;
mod services;
mod stamp;
mod state;
mod testing;
mod usage;
mod verify;

pub use callbacks::{sign, sign_json};

use error::ApiError;
use state::Account;

/// The provider's id, which is also its path prefix.
const ID: &str = "twilio";

/// One request as it came, and the status it got.
#[derive(Clone)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// `GET`, `POST` or `DELETE`.
    pub method: Method,
    /// The host that was asked for, without its port.
    pub host: String,
    /// The path, `/2010-04-01/Accounts/AC…/Messages.json`; below a base URL of one's own with the product's name first.
    pub path: String,
    /// The raw query string, without the question mark.
    pub query: String,
    /// All headers, the credentials among them.
    pub headers: HeaderMap,
    /// The raw body.
    pub body: Bytes,
    /// The status of the answer; 0 when none was sent.
    pub status: u16,
}

impl LoggedRequest {
    fn of(request: &Incoming, status: u16) -> Self {
        Self {
            method: request.method.clone(),
            host: request.host.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
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
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

struct World {
    clock: SimClock,
    seed: u64,
    /// The main account first, its subaccounts behind it.
    accounts: Vec<Account>,
    log: Vec<LoggedRequest>,
    limited: u32,
}

impl World {
    fn now(&self) -> i64 {
        i64::try_from(self.clock.unix()).unwrap_or(i64::MAX)
    }

    fn account(&mut self, index: usize) -> Result<&mut Account, ApiError> {
        self.accounts.get_mut(index).ok_or_else(ApiError::authenticate)
    }
}

/// The simulated Twilio, with one account of the region us1 and its subaccounts. Clones share all state.
///
/// The account has the number +14155550100, in a messaging service with a verified campaign, and a Verify service.
#[derive(Clone)]
pub struct TwilioSimulator {
    world: Arc<Mutex<World>>,
}

impl fmt::Debug for TwilioSimulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioSimulator").finish_non_exhaustive()
    }
}

impl TwilioSimulator {
    pub(crate) fn new(clock: SimClock, seed: u64) -> Self {
        let now = i64::try_from(clock.unix()).unwrap_or(i64::MAX);
        let main = Account::new(seed, "Example Shop", None, now);
        let world = World { clock, seed, accounts: vec![main], log: Vec::new(), limited: 0 };
        Self { world: Arc::new(Mutex::new(world)) }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The main account at the present: what has fallen due has happened.
    fn with<T>(&self, act: impl FnOnce(&mut Account, i64) -> T) -> T {
        let mut world = self.world();
        let now = world.now();
        let Some(account) = world.accounts.first_mut() else { unreachable!("there is always an account") };
        progress::advance(account, now);
        act(account, now)
    }

    /// The account's SID.
    pub fn account_sid(&self) -> String {
        self.with(|account, _| account.sid.clone())
    }

    /// The auth token: signs in, and signs webhooks.
    pub fn auth_token(&self) -> String {
        self.with(|account, _| account.keys.token.clone())
    }

    /// Replaces the auth token, at once: what is signed from now on is signed with the new one. Gives it.
    pub fn rotate_auth_token(&self) -> String {
        self.with(|account, _| {
            account.keys.token = account.sid("");
            account.keys.token.clone()
        })
    }

    /// A standard API key: its SID and its secret.
    pub fn api_key(&self) -> (String, String) {
        self.with(|account, _| account.keys.api_key.clone())
    }

    /// A restricted API key, which may use messages and nothing else (403, 70051).
    pub fn restricted_api_key(&self) -> (String, String) {
        self.with(|account, _| account.keys.restricted.clone())
    }

    /// The test credentials: an account SID and auth token of their own.
    pub fn test_credentials(&self) -> (String, String) {
        self.with(|account, _| account.keys.test.clone())
    }

    /// Opens a subaccount, furnished as the account is: its SID and auth token. The account's credentials work below its
    /// paths of the API of 2010 too.
    pub fn open_subaccount(&self, name: &str) -> (String, String) {
        let mut world = self.world();
        let now = world.now();
        let seed = world.seed ^ 0x5EED_0000 ^ u64::try_from(world.accounts.len()).unwrap_or_default();
        let owner = world.accounts.first().map(|account| account.sid.clone());
        let account = Account::new(seed, name, owner.as_deref(), now);
        let credentials = (account.sid.clone(), account.keys.token.clone());
        world.accounts.push(account);
        credentials
    }

    /// The number that the account had from the start.
    pub fn number(&self) -> String {
        "+14155550100".to_owned()
    }

    /// The messaging service that the account had from the start.
    pub fn messaging_service_sid(&self) -> String {
        self.with(|account, _| {
            account.services.first().map(|service| service.sid.clone()).unwrap_or_default()
        })
    }

    /// The Verify service that the account had from the start.
    pub fn verify_service_sid(&self) -> String {
        self.with(|account, _| {
            let sid = account.verify_services.first().and_then(|row| row.get("sid")).and_then(Value::as_str);
            sid.unwrap_or_default().to_owned()
        })
    }

    /// Gives the account a number, registered with nobody; its SID. Without `texts` it can only be called.
    pub fn add_number(&self, number: &str, texts: bool) -> String {
        self.with(|account, now| numbers::add(account, number, texts, now))
    }

    /// Puts a number of the account, by its SID, into the pool of a messaging service. Whether both exist.
    pub fn add_to_service(&self, service_sid: &str, number_sid: &str) -> bool {
        self.with(|account, now| services::put_number(account, service_sid, number_sid, now))
    }

    /// Puts a short code into the pool of a messaging service; its SID.
    pub fn add_short_code(&self, service_sid: &str, code: &str) -> Option<String> {
        self.with(|account, now| services::add_short_code(account, service_sid, code, now))
    }

    /// Puts a name into the pool of a messaging service. Whether the service exists.
    pub fn add_alpha_sender(&self, service_sid: &str, name: &str) -> bool {
        self.with(|account, now| services::add_name(account, service_sid, name, now).is_some())
    }

    /// Makes a new messaging service without senders or campaign; its SID.
    pub fn add_service(&self, name: &str) -> String {
        self.with(|account, now| services::add(account, name, now))
    }

    /// Replaces the campaigns of a messaging service by one in this state, `VERIFIED` or `IN_PROGRESS`; its SID.
    pub fn campaign(&self, service_sid: &str, status: &str) -> Option<String> {
        self.with(|account, now| {
            if let Some(service) = account.services.iter_mut().find(|service| service.sid == service_sid) {
                service.campaigns.clear();
            }
            services::add_campaign(account, service_sid, status, now)
        })
    }

    /// The verification of a toll-free number comes into this state, `TWILIO_APPROVED` or `TWILIO_REJECTED`; its SID.
    pub fn toll_free_verification(&self, number: &str, status: &str) -> Option<String> {
        self.with(|account, now| services::add_toll_free(account, number, status, now))
    }

    /// A message comes in at a number of the account: its SID, or `None` where the account has no such number. STOP,
    /// START and HELP do what they do.
    pub fn receive(&self, from: &str, to: &str, body: &str) -> Option<String> {
        self.receive_media(from, to, body, &[])
    }

    /// The same with media, one for each URL; the host is told URLs of Twilio's.
    pub fn receive_media(&self, from: &str, to: &str, body: &str, media: &[String]) -> Option<String> {
        self.with(|account, now| inbound::receive(account, (from, to), body, media, now))
    }

    /// What a TwiML `<Message>` in the answer to an incoming message does: an answer to its sender. Its SID.
    pub fn reply(&self, inbound_sid: &str, body: &str) -> Option<String> {
        self.with(|account, now| {
            let asked = account.message(inbound_sid).filter(|message| message.direction == "inbound")?;
            let (from, to) = (asked.to.clone(), asked.from.clone().unwrap_or_default());
            Some(inbound::reply(account, (&from, &to), body, now))
        })
    }

    /// The recipient reads a delivered message, as WhatsApp tells. Whether it was one.
    pub fn read(&self, sid: &str) -> bool {
        self.with(|account, now| inbound::read(account, sid, now))
    }

    /// From now on what is asked of or from this number is refused at once with this code: 21610, 21611, 21614, ...
    pub fn refuse(&self, number: &str, code: u32) {
        self.with(|account, _| account.refusals.insert(number.to_owned(), code));
    }

    /// From now on messages to this number are taken and not delivered, for this reason: 30003, 30005, ...
    pub fn fail(&self, number: &str, code: u32) {
        self.with(|account, _| account.failures.insert(number.to_owned(), code));
    }

    /// Takes back what [`refuse`](Self::refuse) and [`fail`](Self::fail) arranged.
    pub fn accept(&self, number: &str) {
        self.with(|account, _| {
            account.refusals.remove(number);
            account.failures.remove(number);
        });
    }

    /// The recipient said STOP to this sender, a number or a messaging service, without a message that shows it.
    pub fn opt_out(&self, from: &str, to: &str) {
        self.with(|account, _| {
            let scope = account.scope(from);
            account.opted_out.insert((scope, to.to_owned()));
        });
    }

    /// Whether webhooks of incoming messages tell `OptOutType`; not at first.
    pub fn advanced_opt_out(&self, on: bool) {
        self.with(|account, _| account.settings.advanced_opt_out = on);
    }

    /// Whether this is a trial account, which reaches verified numbers only (21608).
    pub fn trial(&self, on: bool) {
        self.with(|account, _| account.settings.trial = on);
    }

    /// Verifies a number for a trial account, and as a caller id.
    pub fn verify_recipient(&self, number: &str) {
        self.with(|account, _| account.verified.insert(number.to_owned()));
    }

    /// Whether the account may write to numbers with this calling code, `+44` (21408); it may at first.
    pub fn geo_permission(&self, calling_code: &str, allowed: bool) {
        self.with(|account, _| {
            if allowed {
                account.settings.no_permission.remove(calling_code);
            } else {
                account.settings.no_permission.insert(calling_code.to_owned());
            }
        });
    }

    /// While the carriers are down messages wait in the queue, and fail with 30001 when their validity ends.
    pub fn carriers_down(&self, down: bool) {
        self.with(|account, now| {
            account.settings.carriers_down = down;
            if !down {
                progress::resume(account, now);
            }
        });
    }

    /// Suspends the account or activates it again.
    pub fn suspend(&self, suspended: bool) {
        self.with(|account, _| account.status = if suspended { "suspended" } else { "active" });
    }

    /// The next requests with good credentials get 429, code 20429.
    pub fn limit_next(&self, requests: u32) {
        self.world().limited = requests;
    }

    /// How calls to a number end: `completed` (what all do at first), `busy`, `no-answer`, `failed`. Whether that is
    /// one of them.
    pub fn call_end(&self, number: &str, status: &str) -> bool {
        let known = ["completed", "busy", "no-answer", "failed"].into_iter().find(|known| *known == status);
        let Some(status) = known else { return false };
        self.with(|account, _| account.call_ends.insert(number.to_owned(), status));
        true
    }

    /// The code that was sent to a number or address last and is still good.
    pub fn verification_code(&self, to: &str) -> Option<String> {
        self.with(|account, now| {
            let open = account.verifications.iter().rev().find(|known| known.to == to && known.is_open(now));
            open.map(|known| known.code.clone())
        })
    }

    /// What Lookup says about a number, by package: `{"line_type_intelligence": {…}}`.
    pub fn lookup_says(&self, number: &str, packages: Value) {
        self.with(|account, _| account.looked_up.insert(number.to_owned(), packages));
    }

    /// The text that a content template gives with these variables (JSON).
    ///
    /// # Errors
    /// What Twilio would answer: an unknown template, variables that are no JSON object or lack one that is needed.
    pub fn preview(&self, content_sid: &str, variables: Option<&str>) -> Result<String, String> {
        self.with(|account, _| {
            contents::render(account, content_sid, variables).map_err(|error| error.message)
        })
    }

    /// All messages that were not deleted, both ways, newest first. `price_e5` is in hundred-thousandths of a dollar.
    pub fn messages(&self) -> Vec<Value> {
        self.with(|account, _| inspect::messages(account))
    }

    /// One message, as in [`messages`](Self::messages).
    pub fn message(&self, sid: &str) -> Option<Value> {
        self.with(|account, _| account.message(sid).map(|known| inspect::message(account, known)))
    }

    /// All calls, newest first.
    pub fn calls(&self) -> Vec<Value> {
        self.with(|account, _| inspect::calls(account))
    }

    /// The account's numbers.
    pub fn numbers(&self) -> Vec<Value> {
        self.with(|account, _| inspect::numbers(account))
    }

    /// Who said STOP, to which number or messaging service.
    pub fn opted_out(&self) -> Vec<Value> {
        self.with(|account, _| inspect::opted_out(account))
    }

    /// Every request that came, in order.
    pub fn request_log(&self) -> Vec<LoggedRequest> {
        self.world().log.clone()
    }

    /// What a status callback of a message says at present, for `url`, signed now.
    pub fn signed_status(&self, sid: &str, url: &str) -> Option<SignedWebhook> {
        self.with(|account, now| {
            let params = callbacks::status_params(account, account.message(sid)?, now);
            let token = account.sid("");
            Some(sign(url, &params, &account.keys.token, &token))
        })
    }

    /// The callbacks and incoming messages that were not delivered yet, in order, each with its URL.
    pub fn take_webhooks(&self) -> Vec<SignedWebhook> {
        let mut world = self.world();
        let now = world.now();
        let mut taken = Vec::new();
        for account in &mut world.accounts {
            progress::advance(account, now);
            let pushes = std::mem::take(&mut account.pushes);
            taken.extend(pushes.iter().map(|push| callbacks::signed(push, &account.keys.token)));
        }
        taken
    }
}

impl Provider for TwilioSimulator {
    fn id(&self) -> &'static str {
        ID
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[
            "api.twilio.com",
            "messaging.twilio.com",
            "lookups.twilio.com",
            "verify.twilio.com",
            "content.twilio.com",
            "api.us1.twilio.com",
            "messaging.us1.twilio.com",
            "lookups.us1.twilio.com",
            "verify.us1.twilio.com",
            "content.us1.twilio.com",
            "api.ashburn.us1.twilio.com",
            "messaging.ashburn.us1.twilio.com",
            "lookups.ashburn.us1.twilio.com",
            "verify.ashburn.us1.twilio.com",
            "content.ashburn.us1.twilio.com",
            "api.dublin.us1.twilio.com",
            "messaging.dublin.us1.twilio.com",
            "lookups.dublin.us1.twilio.com",
            "verify.dublin.us1.twilio.com",
            "content.dublin.us1.twilio.com",
            "api.dublin.ie1.twilio.com",
            "messaging.dublin.ie1.twilio.com",
            "lookups.dublin.ie1.twilio.com",
            "verify.dublin.ie1.twilio.com",
            "content.dublin.ie1.twilio.com",
            "api.sydney.au1.twilio.com",
            "messaging.sydney.au1.twilio.com",
            "lookups.sydney.au1.twilio.com",
            "verify.sydney.au1.twilio.com",
            "content.sydney.au1.twilio.com",
        ]
    }

    fn root_prefix(&self) -> Option<&'static str> {
        Some("/2010-04-01/")
    }

    fn handle(&self, request: &Incoming, bend: Option<&Bend>) -> Response<Bytes> {
        let mut world = self.world();
        let response = router::handle(&mut world, request, bend);
        world.log.push(LoggedRequest::of(request, response.status().as_u16()));
        response
    }

    fn hold(&self, _: &Incoming) -> Option<Box<dyn Send + Sync>> {
        // There are no idempotency keys that could be in use.
        None
    }

    fn log_unanswered(&self, request: &Incoming) {
        self.world().log.push(LoggedRequest::of(request, 0));
    }

    #[cfg(feature = "server")]
    fn wants_delivery(&self) -> bool {
        // Each message names where its callbacks go. What no server may deliver to is left for whoever holds the
        // simulator in process.
        let mut world = self.world();
        let now = world.now();
        world.accounts.iter_mut().any(|account| {
            progress::advance(account, now);
            account.pushes.iter().any(|push| push.url.starts_with("http://"))
        })
    }

    fn take_webhooks(&self) -> Vec<SignedWebhook> {
        Self::take_webhooks(self)
    }

    fn credentials(&self) -> Value {
        let (key, secret) = self.api_key();
        let (test_sid, test_token) = self.test_credentials();
        json!({
            "accountSid": self.account_sid(), "authToken": self.auth_token(), "apiKeySid": key, "apiKeySecret": secret,
            "testAccountSid": test_sid, "testAuthToken": test_token, "from": self.number(),
            "messagingServiceSid": self.messaging_service_sid(), "verifyServiceSid": self.verify_service_sid(),
        })
    }

    fn webhook_keys(&self) -> Vec<String> {
        vec![self.auth_token()]
    }

    fn state(&self) -> Value {
        self.with(|account, _| inspect::everything(account))
    }
}
