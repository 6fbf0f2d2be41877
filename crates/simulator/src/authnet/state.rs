//! What the gateway holds.

use std::collections::VecDeque;

use super::LoggedRequest;
use super::cards::Means;
use super::events::{Endpoint, Event};
use super::opaque::Token;
use super::profiles::Profile;
use super::settlement::Batch;
use super::subscriptions::Subscription;
use super::transaction::Transaction;
use crate::clock::SimClock;
use crate::ids::Ids;

/// What a merchant, or support, has switched on or off.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in the merchant's settings")]
pub(super) struct Settings {
    pub(super) test_mode: bool,
    /// Expanded Credit Capability: refunds without an original.
    pub(super) unlinked_credit: bool,
    pub(super) echeck: bool,
    pub(super) transaction_details: bool,
    pub(super) customer_profiles: bool,
    pub(super) recurring: bool,
    pub(super) zero_dollar: bool,
    pub(super) active: bool,
    /// Seconds that a duplicate is looked for when the request names no window.
    pub(super) duplicate_window: u64,
    /// Seconds until a subscription finds a new profile.
    pub(super) profile_delay: u64,
    /// Results of the address check that decline a payment.
    pub(super) rejected_avs: String,
    /// Results of the card code check that decline a payment.
    pub(super) rejected_cvv: String,
    pub(super) currency: String,
}

/// An answer that a test has ordered.
pub(super) struct Scripted {
    pub(super) reason: u16,
    /// The payment is carried out first, and then this is said.
    pub(super) after_effect: bool,
}

pub(super) struct Keys {
    pub(super) login: String,
    pub(super) transaction: String,
    pub(super) signature: String,
    pub(super) client: String,
}

pub(super) struct Gateway {
    pub(super) clock: SimClock,
    pub(super) now: u64,
    pub(super) ids: Ids,
    pub(super) keys: Keys,
    pub(super) settings: Settings,
    pub(super) transactions: Vec<Transaction>,
    pub(super) profiles: Vec<Profile>,
    pub(super) subscriptions: Vec<Subscription>,
    pub(super) batches: Vec<Batch>,
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) events: Vec<Event>,
    /// How many of the events were taken already.
    pub(super) taken: usize,
    pub(super) tokens: Vec<Token>,
    pub(super) script: VecDeque<Scripted>,
    pub(super) hold_next: bool,
    pub(super) log: Vec<LoggedRequest>,
    first_transaction: u64,
    serial: u64,
}

/// As many upper-case hexadecimal characters as there are letters.
fn hexadecimal(letters: &str) -> String {
    let digit = |byte: u8| char::from_digit(u32::from(byte) % 16, 16).unwrap_or('0').to_ascii_uppercase();
    letters.bytes().map(digit).collect()
}

impl Gateway {
    pub(super) fn new(clock: SimClock, seed: u64) -> Self {
        let mut ids = Ids::new(seed.wrapping_add(0x616e_6574));
        let keys = Keys {
            login: ids.letters(10),
            transaction: ids.letters(16),
            signature: hexadecimal(&ids.letters(128)),
            client: ids.letters(64),
        };
        let first_transaction = 60_000_000_000 + ids.digits(9).parse().unwrap_or(0);
        let serial = 900_000_000 + ids.digits(7).parse().unwrap_or(0);
        let now = clock.unix();
        Self {
            clock,
            now,
            ids,
            keys,
            settings: Settings {
                test_mode: false,
                unlinked_credit: false,
                echeck: true,
                transaction_details: true,
                customer_profiles: true,
                recurring: true,
                zero_dollar: true,
                active: true,
                duplicate_window: 120,
                profile_delay: 15,
                rejected_avs: String::new(),
                rejected_cvv: String::new(),
                currency: "USD".to_owned(),
            },
            transactions: Vec::new(),
            profiles: Vec::new(),
            subscriptions: Vec::new(),
            batches: Vec::new(),
            endpoints: Vec::new(),
            events: Vec::new(),
            taken: 0,
            tokens: Vec::new(),
            script: VecDeque::new(),
            hold_next: false,
            log: Vec::new(),
            first_transaction,
            serial,
        }
    }

    pub(super) fn transaction_id(&mut self) -> String {
        self.first_transaction += 1;
        self.first_transaction.to_string()
    }

    /// The id of anything else.
    pub(super) fn serial(&mut self) -> String {
        self.serial += 1;
        self.serial.to_string()
    }

    pub(super) fn auth_code(&mut self) -> String {
        self.ids.letters(6).to_ascii_uppercase()
    }

    pub(super) fn uuid(&mut self) -> String {
        let ids = &mut self.ids;
        let (first, second, third) = (ids.digits(8), ids.digits(4), ids.digits(3));
        format!("{first}-{second}-4{third}-8{}-{}", ids.digits(3), ids.digits(12))
    }

    pub(super) fn transaction(&self, id: &str) -> Option<&Transaction> {
        self.transactions.iter().find(|one| one.id == id)
    }

    pub(super) fn transaction_mut(&mut self, id: &str) -> Option<&mut Transaction> {
        self.transactions.iter_mut().find(|one| one.id == id)
    }

    /// What refunds that were not voided took of a payment, and what still will.
    pub(super) fn refunded(&self, id: &str) -> i64 {
        let own = self.transactions.iter().filter(|one| one.is_refund() && one.parent.as_deref() == Some(id));
        own.filter(|one| one.response_code == 1 && one.status != "voided").map(|one| one.settle).sum()
    }

    /// The network's id of a card payment.
    pub(super) fn network_id(&mut self, means: &Means) -> Option<String> {
        (!means.is_bank()).then(|| self.ids.letters(23).to_ascii_uppercase())
    }
}
