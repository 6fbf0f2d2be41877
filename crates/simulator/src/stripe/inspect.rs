//! What an account holds, and what people and banks outside would do next.

use serde_json::{Map, Value};

use super::object::Object;
use super::state::{Account, AfterRetries};
use super::{
    StripeSimulator, accounts, checkout_completion, confirm, disputes, files, invoice_payments, payouts,
    refunds, schedule, setup_intents, test_clocks,
};

/// Collections: the name in [`StripeSimulator::state`] and the kind of object.
const COLLECTIONS: &[(&str, &str)] = &[
    ("payment_intents", "payment_intent"),
    ("setup_intents", "setup_intent"),
    ("charges", "charge"),
    ("refunds", "refund"),
    ("customers", "customer"),
    ("payment_methods", "payment_method"),
    ("balance_transactions", "balance_transaction"),
    ("products", "product"),
    ("prices", "price"),
    ("coupons", "coupon"),
    ("promotion_codes", "promotion_code"),
    ("discounts", "discount"),
    ("subscriptions", "subscription"),
    ("invoices", "invoice"),
    ("invoice_items", "invoiceitem"),
    ("invoice_payments", "invoice_payment"),
    ("checkout_sessions", "checkout.session"),
    ("payment_links", "payment_link"),
    ("portal_configurations", "billing_portal.configuration"),
    ("disputes", "dispute"),
    ("reviews", "review"),
    ("files", "file"),
    ("payouts", "payout"),
    ("transfers", "transfer"),
    ("transfer_reversals", "transfer_reversal"),
    ("connected_accounts", "account"),
    ("webhook_endpoints", "webhook_endpoint"),
    ("test_clocks", "test_helpers.test_clock"),
    ("events", "event"),
];

impl StripeSimulator {
    /// All payment intents, newest first.
    pub fn payment_intents(&self) -> Vec<Value> {
        self.newest_first("payment_intent")
    }

    /// All setup intents, newest first.
    pub fn setup_intents(&self) -> Vec<Value> {
        self.newest_first("setup_intent")
    }

    /// All charges, newest first; declined attempts are charges too.
    pub fn charges(&self) -> Vec<Value> {
        self.newest_first("charge")
    }

    /// All refunds, newest first.
    pub fn refunds(&self) -> Vec<Value> {
        self.newest_first("refund")
    }

    /// All customers, newest first; deleted ones stay as stubs.
    pub fn customers(&self) -> Vec<Value> {
        self.newest_first("customer")
    }

    /// All payment methods, newest first.
    pub fn payment_methods(&self) -> Vec<Value> {
        self.newest_first("payment_method")
    }

    /// All balance transactions, newest first.
    pub fn balance_transactions(&self) -> Vec<Value> {
        self.newest_first("balance_transaction")
    }

    /// All products, newest first.
    pub fn products(&self) -> Vec<Value> {
        self.newest_first("product")
    }

    /// All prices, newest first.
    pub fn prices(&self) -> Vec<Value> {
        self.newest_first("price")
    }

    /// All coupons, newest first.
    pub fn coupons(&self) -> Vec<Value> {
        self.newest_first("coupon")
    }

    /// All promotion codes, newest first.
    pub fn promotion_codes(&self) -> Vec<Value> {
        self.newest_first("promotion_code")
    }

    /// All discounts, newest first.
    pub fn discounts(&self) -> Vec<Value> {
        self.newest_first("discount")
    }

    /// All subscriptions with their items, newest first.
    pub fn subscriptions(&self) -> Vec<Value> {
        self.newest_first("subscription")
    }

    /// All invoices with their lines, newest first.
    pub fn invoices(&self) -> Vec<Value> {
        self.newest_first("invoice")
    }

    /// All invoice items, newest first.
    pub fn invoice_items(&self) -> Vec<Value> {
        self.newest_first("invoiceitem")
    }

    /// All invoice payments, newest first.
    pub fn invoice_payments(&self) -> Vec<Value> {
        self.newest_first("invoice_payment")
    }

    /// All checkout sessions, newest first.
    pub fn checkout_sessions(&self) -> Vec<Value> {
        self.newest_first("checkout.session")
    }

    /// All payment links, newest first.
    pub fn payment_links(&self) -> Vec<Value> {
        self.newest_first("payment_link")
    }

    /// All billing portal configurations, newest first.
    pub fn portal_configurations(&self) -> Vec<Value> {
        self.newest_first("billing_portal.configuration")
    }

    /// All disputes, newest first.
    pub fn disputes(&self) -> Vec<Value> {
        self.newest_first("dispute")
    }

    /// All reviews, newest first.
    pub fn reviews(&self) -> Vec<Value> {
        self.newest_first("review")
    }

    /// All files, newest first.
    pub fn files(&self) -> Vec<Value> {
        self.newest_first("file")
    }

    /// All payouts, newest first.
    pub fn payouts(&self) -> Vec<Value> {
        self.newest_first("payout")
    }

    /// All transfers, newest first.
    pub fn transfers(&self) -> Vec<Value> {
        self.newest_first("transfer")
    }

    /// All reversals of transfers, newest first.
    pub fn transfer_reversals(&self) -> Vec<Value> {
        self.newest_first("transfer_reversal")
    }

    /// All connected accounts that the platform knows, newest first.
    pub fn connected_accounts(&self) -> Vec<Value> {
        self.newest_first("account")
    }

    /// All webhook endpoints, newest first.
    pub fn webhook_endpoints(&self) -> Vec<Value> {
        self.newest_first("webhook_endpoint")
    }

    /// All test clocks, newest first.
    pub fn test_clocks(&self) -> Vec<Value> {
        self.newest_first("test_helpers.test_clock")
    }

    /// All events, newest first.
    pub fn events(&self) -> Vec<Value> {
        self.newest_first("event")
    }

    /// Everything, by collection.
    pub(super) fn everything(&self) -> Value {
        let all = |account: &mut Account| -> Map<String, Value> {
            let rows = COLLECTIONS
                .iter()
                .map(|(name, kind)| ((*name).to_owned(), account.newest_first(kind).into()));
            rows.collect()
        };
        Value::Object(self.with_account(all).unwrap_or_default())
    }

    /// Acts at the time of the test clock that an object is on, where it is on one.
    fn at_its_time<T>(&self, id: &str, act: impl FnOnce(&mut Account) -> T) -> Option<T> {
        self.with_account(|account| {
            let real = account.now;
            test_clocks::enter(account, id, &Map::new());
            let done = act(account);
            account.now = real;
            account.clock = None;
            done
        })
    }

    /// The card holder passes or fails the authentication that an intent (`pi_…` or `seti_…`) waits for.
    /// Gives the intent after it, or `None` when it was not waiting.
    pub fn complete_authentication(&self, intent_id: &str, passed: bool) -> Option<Value> {
        self.at_its_time(intent_id, |account| {
            let intent = confirm::authenticate(account, intent_id, passed)
                .or_else(|| setup_intents::authenticate(account, intent_id, passed));
            invoice_payments::follow(account, intent_id);
            intent
        })
        .flatten()
    }

    /// The bank answers a debit that is `processing`, as its test account number says. Gives the intent after
    /// it, or `None` when it was not processing.
    pub fn settle(&self, payment_intent_id: &str) -> Option<Value> {
        self.at_its_time(payment_intent_id, |account| {
            let intent = confirm::settle(account, payment_intent_id);
            invoice_payments::follow(account, payment_intent_id);
            intent
        })
        .flatten()
    }

    /// Ends a refund at once: pending ones succeed or fail, succeeded ones can still fail. Gives the refund
    /// after it, or `None` when nothing changed.
    pub fn complete_refund(&self, refund_id: &str, succeeded: bool) -> Option<Value> {
        self.with_account(|account| refunds::complete(account, refund_id, succeeded)).flatten()
    }

    /// The customer finishes a checkout session with a payment method (`pm_card_visa`, or one of the shop's).
    /// Gives the session, or Stripe's error body when the card is refused; the session stays open then.
    pub fn complete_checkout(&self, session_id: &str, payment_method: &str) -> Result<Value, Value> {
        self.at_its_time(session_id, |account| {
            checkout_completion::complete(account, session_id, payment_method)
        })
        .unwrap_or(Ok(Value::Null))
        .map_err(|error| error.body())
    }

    /// The automatic payouts of today: one a currency, bundling every balance transaction that is available and
    /// not paid out yet. Gives them; they arrive two days later.
    pub fn pay_out(&self) -> Vec<Value> {
        self.with_account(payouts::settle).unwrap_or_default()
    }

    /// The bank refuses a payout, which may have looked paid. `None` when there was nothing to refuse.
    pub fn fail_payout(&self, payout_id: &str) -> Option<Value> {
        self.with_account(|account| payouts::fail(account, payout_id)).flatten()
    }

    /// The card holder disputes a captured charge, whatever the card. Gives the dispute.
    pub fn open_dispute(&self, charge_id: &str) -> Option<Value> {
        self.at_its_time(charge_id, |account| {
            disputes::open(account, charge_id);
            account.newest_first("dispute").into_iter().find(|dispute| dispute.text("charge") == charge_id)
        })
        .flatten()
    }

    /// The bank decides a dispute. Gives it, or `None` when it was decided before.
    pub fn settle_dispute(&self, dispute_id: &str, won: bool) -> Option<Value> {
        self.at_its_time(dispute_id, |account| disputes::settle(account, dispute_id, won)).flatten()
    }

    /// The bytes of an uploaded file.
    pub fn file_contents(&self, file_id: &str) -> Option<Vec<u8>> {
        self.with_account(|account| files::contents(account, file_id)).flatten()
    }

    /// The owner of a connected account answers every question: charges and payouts are enabled. Gives the
    /// account, or `None` when the platform does not know it.
    pub fn complete_onboarding(&self, account_id: &str) -> Option<Value> {
        let mut world = self.world();
        let (now, platform) = (world.clock.unix(), world.platform.clone());
        schedule::advance(world.accounts.get_mut(&platform)?, now);
        accounts::onboard(&mut world, account_id)
    }

    /// What becomes of subscriptions from now on when the last retry of a renewal's payment failed.
    pub fn after_retries(&self, choice: AfterRetries) {
        self.with_account(|account| account.after_retries = choice);
    }
}
