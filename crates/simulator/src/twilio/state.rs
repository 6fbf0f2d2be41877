//! What an account holds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use super::calls::Call;
use super::error::ApiError;
use super::verify::Verification;
use super::{numbers, services, stamp};
use crate::ids::Ids;

/// Prices are in hundred-thousandths of a dollar.
pub(super) const SMS_PRICE: i64 = 790;
pub(super) const MMS_PRICE: i64 = 2_000;
pub(super) const CALL_PRICE: i64 = 1_400;

pub(super) struct Media {
    pub(super) sid: String,
    pub(super) kind: &'static str,
    pub(super) at: i64,
}

#[expect(clippy::struct_excessive_bools, reason = "each stands for a parameter of its own")]
pub(super) struct Message {
    pub(super) sid: String,
    pub(super) service: Option<String>,
    pub(super) from: Option<String>,
    pub(super) to: String,
    pub(super) body: String,
    /// What is counted, after smart encoding.
    pub(super) counted: usize,
    pub(super) media: Vec<Media>,
    pub(super) direction: &'static str,
    pub(super) status: &'static str,
    pub(super) error: Option<u32>,
    pub(super) segments: usize,
    pub(super) price: Option<i64>,
    pub(super) created: i64,
    pub(super) sent: Option<i64>,
    pub(super) updated: i64,
    pub(super) callback: Option<String>,
    pub(super) send_at: Option<i64>,
    /// Seconds that it may wait in the queue.
    pub(super) validity: i64,
    pub(super) from_template: bool,
    pub(super) forget_body: bool,
    pub(super) forget_address: bool,
    pub(super) deleted: bool,
}

impl Message {
    pub(super) fn is_final(&self) -> bool {
        matches!(self.status, "delivered" | "undelivered" | "failed" | "canceled" | "received" | "read")
    }
}

/// A messaging service and its pool.
pub(super) struct Service {
    pub(super) sid: String,
    pub(super) fields: Map<String, Value>,
    /// `PN…`, with the time at which each came.
    pub(super) numbers: Vec<(String, i64)>,
    pub(super) names: Vec<Value>,
    pub(super) short_codes: Vec<Value>,
    pub(super) campaigns: Vec<Value>,
}

impl Service {
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.fields.get(name).and_then(Value::as_bool).unwrap_or_default()
    }
}

/// Something that Twilio tells the host, not signed yet.
pub(super) struct Push {
    pub(super) url: String,
    pub(super) params: Vec<(String, String)>,
    pub(super) token: String,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    Message(usize),
    Call(usize),
}

#[derive(Default)]
pub(super) struct Settings {
    pub(super) trial: bool,
    pub(super) carriers_down: bool,
    pub(super) advanced_opt_out: bool,
    /// Calling codes with their plus sign that messages may not go to.
    pub(super) no_permission: BTreeSet<String>,
}

pub(super) struct Keys {
    pub(super) token: String,
    pub(super) api_key: (String, String),
    pub(super) restricted: (String, String),
    pub(super) test: (String, String),
}

pub(super) struct Account {
    pub(super) ids: Ids,
    pub(super) sid: String,
    pub(super) owner: String,
    pub(super) keys: Keys,
    pub(super) name: String,
    pub(super) status: &'static str,
    pub(super) created: i64,
    /// In hundred-thousandths of a dollar.
    pub(super) balance: i64,
    pub(super) settings: Settings,
    pub(super) messages: Vec<Message>,
    pub(super) by_sid: HashMap<String, usize>,
    pub(super) due: BTreeSet<(i64, Due)>,
    pub(super) numbers: Vec<Map<String, Value>>,
    pub(super) services: Vec<Service>,
    pub(super) contents: Vec<Value>,
    pub(super) calls: Vec<Call>,
    pub(super) verify_services: Vec<Value>,
    pub(super) verifications: Vec<Verification>,
    pub(super) toll_free: Vec<Value>,
    /// The sender or messaging service, and who said STOP to it.
    pub(super) opted_out: BTreeSet<(String, String)>,
    pub(super) verified: BTreeSet<String>,
    /// Refused at once, by the number of either side.
    pub(super) refusals: BTreeMap<String, u32>,
    /// Accepted and then not delivered, by the recipient.
    pub(super) failures: BTreeMap<String, u32>,
    /// How calls to a number end.
    pub(super) call_ends: BTreeMap<String, &'static str>,
    pub(super) looked_up: BTreeMap<String, Value>,
    pub(super) lookups: i64,
    pub(super) pushes: Vec<Push>,
}

/// An id or a token: 32 hexadecimal digits behind a prefix.
pub(super) fn sid(ids: &mut Ids, prefix: &str) -> String {
    let hex: String =
        ids.letters(32).bytes().filter_map(|byte| char::from_digit(u32::from(byte) % 16, 16)).collect();
    format!("{prefix}{hex}")
}

impl Account {
    pub(super) fn new(seed: u64, name: &str, owner: Option<&str>, now: i64) -> Self {
        let mut ids = Ids::new(seed);
        let own = sid(&mut ids, "AC");
        let keys = Keys {
            token: sid(&mut ids, ""),
            api_key: (sid(&mut ids, "SK"), ids.letters(32)),
            restricted: (sid(&mut ids, "SK"), ids.letters(32)),
            test: (sid(&mut ids, "AC"), sid(&mut ids, "")),
        };
        let mut account = Self {
            owner: owner.unwrap_or(&own).to_owned(),
            sid: own,
            ids,
            keys,
            name: name.to_owned(),
            status: "active",
            created: now,
            balance: 10_000_000,
            settings: Settings::default(),
            messages: Vec::new(),
            by_sid: HashMap::new(),
            due: BTreeSet::new(),
            numbers: Vec::new(),
            services: Vec::new(),
            contents: Vec::new(),
            calls: Vec::new(),
            verify_services: Vec::new(),
            verifications: Vec::new(),
            toll_free: Vec::new(),
            opted_out: BTreeSet::new(),
            verified: BTreeSet::new(),
            refusals: BTreeMap::new(),
            failures: BTreeMap::new(),
            call_ends: BTreeMap::new(),
            looked_up: BTreeMap::new(),
            lookups: 0,
            pushes: Vec::new(),
        };
        account.furnish(now);
        account
    }

    /// What an account needs before it can send: a registered number in a messaging service, and a Verify service.
    fn furnish(&mut self, now: i64) {
        let number = numbers::add(self, "+14155550100", true, now);
        let service = services::add(self, "Default", now);
        services::put_number(self, &service, &number, now);
        services::add_campaign(self, &service, "VERIFIED", now);
        let verify = super::verify::new_service(self, "Default", now);
        self.verify_services.push(verify);
    }

    pub(super) fn sid(&mut self, prefix: &str) -> String {
        sid(&mut self.ids, prefix)
    }

    pub(super) fn message(&self, sid: &str) -> Option<&Message> {
        self.messages.get(*self.by_sid.get(sid)?).filter(|message| !message.deleted)
    }

    pub(super) fn number(&self, phone: &str) -> Option<&Map<String, Value>> {
        self.numbers.iter().find(|number| text(number, "phone_number") == phone)
    }

    pub(super) fn service(&self, sid: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.sid == sid)
    }

    /// The messaging service whose pool has this number.
    pub(super) fn service_of(&self, phone: &str) -> Option<&Service> {
        let sid = text(self.number(phone)?, "sid");
        self.services.iter().find(|service| service.numbers.iter().any(|(own, _)| own == sid))
    }

    /// What a STOP covers: the messaging service of the sender, else the sender.
    pub(super) fn scope(&self, from: &str) -> String {
        let number = from.rsplit_once(':').map_or(from, |(_, number)| number);
        self.service_of(number).map_or_else(|| from.to_owned(), |service| service.sid.clone())
    }

    pub(super) fn has_opted_out(&self, scope: &str, to: &str) -> bool {
        self.opted_out.contains(&(scope.to_owned(), to.to_owned()))
    }

    pub(super) fn refusal(&self, number: &str) -> Result<(), ApiError> {
        self.refusals.get(number).map_or(Ok(()), |code| Err(ApiError::of(*code)))
    }

    pub(super) fn push(&mut self, url: &str, params: Vec<(String, String)>) {
        // What stands behind # steers the connection and is neither sent nor signed.
        let url = url.split('#').next().unwrap_or_default().to_owned();
        let token = self.sid("");
        self.pushes.push(Push { url, params, token });
    }

    pub(super) fn fetch_account(&self) -> Value {
        let uri = format!("/2010-04-01/Accounts/{}", self.sid);
        let below: Map<String, Value> = [
            ("balance", "Balance"),
            ("available_phone_numbers", "AvailablePhoneNumbers"),
            ("calls", "Calls"),
            ("incoming_phone_numbers", "IncomingPhoneNumbers"),
            ("messages", "Messages"),
            ("usage", "Usage"),
        ]
        .into_iter()
        .map(|(name, path)| (name.to_owned(), format!("{uri}/{path}.json").into()))
        .collect();
        json!({
            "auth_token": self.keys.token, "date_created": stamp::rfc2822(self.created),
            "date_updated": stamp::rfc2822(self.created), "friendly_name": self.name, "owner_account_sid": self.owner,
            "sid": self.sid, "status": self.status, "subresource_uris": below,
            "type": if self.settings.trial { "Trial" } else { "Full" }, "uri": format!("{uri}.json"),
        })
    }
}

pub(super) fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A price as Twilio writes it, `-0.00790`; charges are negative.
pub(super) fn money(hundred_thousandths: i64) -> String {
    let sign = if hundred_thousandths < 0 { "-" } else { "" };
    let amount = hundred_thousandths.unsigned_abs();
    format!("{sign}{}.{:05}", amount / 100_000, amount % 100_000)
}
