//! What the gateway holds, the merchant's settings, and what people and banks outside would do next.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use super::cards::{self, Means};
use super::events::{Endpoint, NOBODY, sign};
use super::json::Json;
use super::profiles::Profile;
use super::state::{Gateway, Scripted};
use super::subscriptions::Subscription;
use super::{AuthnetSimulator, LoggedRequest, dates, opaque};
use crate::webhook::SignedWebhook;

impl AuthnetSimulator {
    /// The API Login ID.
    pub fn api_login_id(&self) -> String {
        self.raw().keys.login.clone()
    }

    /// The Transaction Key.
    pub fn transaction_key(&self) -> String {
        self.raw().keys.transaction.clone()
    }

    /// The Signature Key: 128 hexadecimal characters. Webhooks are signed with its text.
    pub fn signature_key(&self) -> String {
        self.raw().keys.signature.clone()
    }

    /// The public client key, which Accept.js sends from the browser.
    pub fn public_client_key(&self) -> String {
        self.raw().keys.client.clone()
    }

    /// Replaces the Transaction Key; the old one is refused at once. Gives the new one.
    pub fn roll_transaction_key(&self) -> String {
        let mut gateway = self.raw();
        gateway.keys.transaction = gateway.ids.letters(16);
        gateway.keys.transaction.clone()
    }

    /// All transactions, oldest first: type, status, codes, and `requested`, `authorized`, `captured` and `refunded` in
    /// hundredths. Declined ones are among them; what was refused as an error is not kept.
    pub fn transactions(&self) -> Vec<Value> {
        let gateway = self.gateway();
        gateway.transactions.iter().map(|one| one.inside(&gateway).to_value()).collect()
    }

    /// All customer profiles with their payment profiles and addresses, masked, oldest first.
    pub fn customer_profiles(&self) -> Vec<Value> {
        let gateway = self.gateway();
        gateway.profiles.iter().map(|one| one.inside(&gateway).to_value()).collect()
    }

    /// All subscriptions, oldest first; amounts in hundredths.
    pub fn subscriptions(&self) -> Vec<Value> {
        self.gateway().subscriptions.iter().map(|one| Subscription::inside(one).to_value()).collect()
    }

    /// All settled batches with their statistics, oldest first.
    pub fn batches(&self) -> Vec<Value> {
        let gateway = self.gateway();
        gateway.batches.iter().map(|one| one.shown(&gateway, true).to_value()).collect()
    }

    /// All registered webhooks, oldest first.
    pub fn webhooks(&self) -> Vec<Value> {
        self.gateway().endpoints.iter().map(|one| Endpoint::shown(one).to_value()).collect()
    }

    /// All events so far, oldest first, as a webhook gets them.
    pub fn events(&self) -> Vec<Value> {
        self.gateway().events.iter().map(|event| event.body(NOBODY).to_value()).collect()
    }

    /// Every request that reached this gateway, in order.
    pub fn request_log(&self) -> Vec<LoggedRequest> {
        self.raw().log.clone()
    }

    /// The events that were not delivered yet, signed. Each goes to whoever asked for all, and to every active webhook
    /// that wants it.
    pub fn take_webhooks(&self) -> Vec<SignedWebhook> {
        self.gateway().deliveries()
    }

    /// Signs any body with the present Signature Key.
    pub fn signed_webhook(&self, body: impl Into<Bytes>) -> SignedWebhook {
        sign(body.into(), &self.signature_key())
    }

    /// The daily settlement, now: whatever is captured, and refunds. Gives the ids of the batches, cards before bank
    /// accounts; none when nothing was waiting.
    pub fn settle(&self) -> Vec<String> {
        self.gateway().settle()
    }

    /// The bank sends a settled eCheck back: `returnedItem`. `None` when there was none of this id.
    pub fn return_echeck(&self, trans_id: &str) -> Option<Value> {
        let mut gateway = self.gateway();
        let (id, now) = (gateway.serial(), gateway.now);
        let one = gateway.transaction_mut(trans_id)?;
        if !one.means.is_bank() || one.status != "settledSuccessfully" {
            return None;
        }
        one.status = "returnedItem";
        one.returned = Some(Json::object([
            ("id", id.into()),
            ("dateUTC", dates::utc(now).into()),
            ("dateLocal", dates::local(now).into()),
            ("code", "R01".into()),
            ("description", "Insufficient funds".into()),
        ]));
        let one = one.clone();
        Some(one.inside(&gateway).to_value())
    }

    /// What Accept.js gives the browser for a card: the `dataValue` of `COMMON.ACCEPT.INAPP.PAYMENT`. It works once,
    /// for fifteen minutes. `None` for an expiry that is none.
    pub fn accept_js(&self, card_number: &str, expiry: &str, card_code: Option<&str>) -> Option<String> {
        let means = Means::Card { number: card_number.to_owned(), expires: cards::expiry(expiry)? };
        Some(opaque::mint(&mut self.gateway(), means, card_code.map(str::to_owned), None))
    }

    /// A filter holds the next payment: authorized, then held for review (reason 253).
    pub fn hold_next(&self) {
        self.raw().hold_next = true;
    }

    /// The next payment, capture, void or refund gets this reason. Nothing happens then, except that a decline is kept
    /// as one, and 252 and 253 hold.
    pub fn next_reason(&self, reason: u16) {
        self.raw().script.push_back(Scripted { reason, after_effect: false });
    }

    /// The next payment, capture, void or refund is carried out, and the answer is this reason all the same, without an
    /// id: 19 to 23, 25, 26, 57 to 63 and 120 to 122 leave open what happened.
    pub fn next_reason_after_effect(&self, reason: u16) {
        self.raw().script.push_back(Scripted { reason, after_effect: true });
    }

    /// Test Mode: transactions are approved with the id 0 and not kept.
    pub fn set_test_mode(&self, on: bool) {
        self.raw().settings.test_mode = on;
    }

    /// Whether the account is active (E00008 otherwise).
    pub fn set_active(&self, active: bool) {
        self.raw().settings.active = active;
    }

    /// Expanded Credit Capability: refunds without an original. Off by default (reason 54).
    pub fn allow_unlinked_credit(&self, allowed: bool) {
        self.raw().settings.unlinked_credit = allowed;
    }

    /// Whether bank accounts are accepted. On by default (reason 18 otherwise).
    pub fn accept_echeck(&self, accepted: bool) {
        self.raw().settings.echeck = accepted;
    }

    /// The Transaction Details API. On by default (E00011 otherwise).
    pub fn enable_transaction_details(&self, enabled: bool) {
        self.raw().settings.transaction_details = enabled;
    }

    /// Customer profiles (CIM). On by default (E00044 otherwise).
    pub fn enable_customer_profiles(&self, enabled: bool) {
        self.raw().settings.customer_profiles = enabled;
    }

    /// Subscriptions (ARB). On by default (E00025 otherwise).
    pub fn enable_recurring(&self, enabled: bool) {
        self.raw().settings.recurring = enabled;
    }

    /// Whether the processor takes authorizations of nothing. It does by default (reason 289 otherwise).
    pub fn accept_zero_dollar(&self, accepted: bool) {
        self.raw().settings.zero_dollar = accepted;
    }

    /// How long a duplicate is looked for when a request names no `duplicateWindow`. 120 seconds by default.
    pub fn set_duplicate_window(&self, window: Duration) {
        self.raw().settings.duplicate_window = window.as_secs();
    }

    /// How long subscriptions do not find a new payment profile (E00040). 15 seconds by default.
    pub fn set_profile_delay(&self, delay: Duration) {
        self.raw().settings.profile_delay = delay.as_secs();
    }

    /// Results of the address check (`N`, `A`, …) that decline a payment: reason 27. None by default.
    pub fn reject_avs(&self, letters: &str) {
        letters.clone_into(&mut self.raw().settings.rejected_avs);
    }

    /// Results of the card code check (`N`, …) that decline a payment: reason 65. None by default.
    pub fn reject_cvv(&self, letters: &str) {
        letters.clone_into(&mut self.raw().settings.rejected_cvv);
    }

    /// The one currency of the account, `USD` by default.
    pub fn set_currency(&self, code: &str) {
        code.clone_into(&mut self.raw().settings.currency);
    }
}

#[cfg(feature = "server")]
impl AuthnetSimulator {
    /// The same from another language: one action, with what it needs in a JSON object.
    pub(crate) fn administer(&self, action: &str, input: &Value) -> Result<Value, String> {
        let text = |name: &str| input.get(name).and_then(Value::as_str);
        let on = || input.get("on").and_then(Value::as_bool).ok_or("on must be true or false");
        match action {
            "settle" => return Ok(serde_json::json!({ "batches": self.settle() })),
            "return_echeck" => return Ok(self.return_echeck(text("id").unwrap_or_default()).into()),
            "accept_js" => {
                let (number, expiry) = (text("cardNumber").unwrap_or_default(), text("expirationDate"));
                let value = self.accept_js(number, expiry.unwrap_or_default(), text("cardCode"));
                return Ok(serde_json::json!({ "dataDescriptor": opaque::DESCRIPTOR, "dataValue": value }));
            }
            "hold_next" => self.hold_next(),
            "next_reason" => {
                let reason =
                    input.get("reason").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
                let reason = reason.ok_or("reason must be a number")?;
                match input.get("after_effect").and_then(Value::as_bool) {
                    Some(true) => self.next_reason_after_effect(reason),
                    _ => self.next_reason(reason),
                }
            }
            "test_mode" => self.set_test_mode(on()?),
            "unlinked_credit" => self.allow_unlinked_credit(on()?),
            "transaction_details" => self.enable_transaction_details(on()?),
            _ => return Err(format!("no action is called {action:?}")),
        }
        Ok(serde_json::json!({ "done": action }))
    }
}

impl Profile {
    fn inside(&self, gateway: &Gateway) -> Json {
        let mut all = self.brief();
        let payments = self.payments.iter().map(|one| one.shown(self, gateway, true));
        all.push("paymentProfiles", payments.collect::<Vec<_>>());
        all.push(
            "shipToList",
            self.addresses.iter().map(super::profiles::Address::shown).collect::<Vec<_>>(),
        );
        all
    }
}
