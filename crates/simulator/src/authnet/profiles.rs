//! Customer profiles.

use super::answer::{Outcome, Reply};
use super::cards::Means;
use super::error::Refusal;
use super::json::Json;
use super::payment_profiles;
use super::state::Gateway;
use super::transaction::Transaction;

pub(super) struct Profile {
    pub(super) id: String,
    pub(super) merchant_id: Option<String>,
    pub(super) description: Option<String>,
    pub(super) email: Option<String>,
    pub(super) guest: bool,
    pub(super) payments: Vec<PaymentProfile>,
    pub(super) addresses: Vec<Address>,
}

pub(super) struct PaymentProfile {
    pub(super) id: String,
    pub(super) means: Means,
    pub(super) bill_to: Option<Json>,
    pub(super) customer_type: Option<String>,
    pub(super) default: bool,
    pub(super) made: u64,
}

pub(super) struct Address {
    pub(super) id: String,
    pub(super) place: Json,
    pub(super) default: bool,
}

impl Profile {
    /// The fields of the profile itself.
    pub(super) fn brief(&self) -> Json {
        let mut all = Json::object([]);
        all.push_some("merchantCustomerId", self.merchant_id.clone());
        all.push_some("description", self.description.clone());
        all.push_some("email", self.email.clone());
        all.push("customerProfileId", self.id.as_str());
        all
    }

    fn shown(&self, gateway: &Gateway, with_expiry: bool) -> Json {
        let payments = self.payments.iter().map(|one| one.shown(self, gateway, with_expiry));
        let mut all = Json::object([("paymentProfiles", Json::List(payments.collect()))]);
        if !self.addresses.is_empty() {
            all.push("shipToList", Json::List(self.addresses.iter().map(Address::shown).collect()));
        }
        all.push("profileType", if self.guest { "guest" } else { "regular" });
        if let Json::Object(fields) = &mut all {
            fields.extend(self.brief().fields().iter().cloned());
        }
        all
    }
}

impl PaymentProfile {
    pub(super) fn shown(&self, owner: &Profile, gateway: &Gateway, with_expiry: bool) -> Json {
        let mut all = Json::object([
            ("customerProfileId", owner.id.as_str().into()),
            ("customerPaymentProfileId", self.id.as_str().into()),
        ]);
        if self.default {
            all.push("defaultPaymentProfile", true);
        }
        all.push("payment", self.means.shown(with_expiry, true));
        let using = gateway.subscriptions_of(|one| one.payment_profile == self.id);
        if !using.is_empty() {
            all.push("subscriptionIds", Json::texts(using));
        }
        all.push_some("customerType", self.customer_type.clone());
        all.push_some("billTo", self.bill_to.clone());
        all
    }
}

impl Address {
    pub(super) fn shown(&self) -> Json {
        let mut all = Json::object([("customerAddressId", self.id.as_str().into())]);
        if let Json::Object(fields) = &mut all {
            fields.extend(self.place.without(&["customerAddressId"]).fields().iter().cloned());
        }
        all
    }
}

pub(super) fn enabled(gateway: &Gateway) -> Result<(), Refusal> {
    if gateway.settings.customer_profiles { Ok(()) } else { Err(Refusal::new("E00044")) }
}

pub(super) fn find<'a>(gateway: &'a Gateway, body: &Json) -> Result<&'a Profile, Refusal> {
    let id = body.text_at("customerProfileId").unwrap_or_default();
    gateway.profiles.iter().find(|profile| profile.id == id).ok_or_else(|| Refusal::new("E00040"))
}

pub(super) fn find_mut<'a>(gateway: &'a mut Gateway, id: &str) -> Result<&'a mut Profile, Refusal> {
    gateway.profiles.iter_mut().find(|profile| profile.id == id).ok_or_else(|| Refusal::new("E00040"))
}

/// `createCustomerProfileRequest`
pub(super) fn create(gateway: &mut Gateway, body: &Json) -> Outcome {
    enabled(gateway)?;
    let Some(given) = body.get("profile") else { return Err(Refusal::new("E00014")) };
    let profile = blank(gateway, given)?;
    let payments = given.items_at("paymentProfiles");
    if payments.len() > payment_profiles::MOST {
        return Err(payment_profiles::too_many());
    }
    let mode = body.text_at("validationMode");
    let mut made = Made { profile, direct: Vec::new() };
    for one in payments {
        let (payment, direct) = payment_profiles::read(gateway, &made.profile, one, mode.as_deref())?;
        made.direct.extend(direct);
        if payment_profiles::twin(&made.profile, &payment).is_some() {
            return Err(Refusal::saying("E00039", "A duplicate customer payment profile already exists."));
        }
        if payment.default {
            made.profile.payments.iter_mut().for_each(|other| other.default = false);
        }
        made.profile.payments.push(payment);
    }
    for one in given.items_at("shipToList") {
        let id = gateway.serial();
        made.profile.addresses.push(Address { id, place: one.clone(), default: false });
    }
    Ok(made.keep(gateway))
}

struct Made {
    profile: Profile,
    direct: Vec<String>,
}

impl Made {
    fn keep(self, gateway: &mut Gateway) -> Reply {
        let Self { profile, direct } = self;
        let reply = Reply::ok()
            .with("customerProfileId", profile.id.as_str())
            .with(
                "customerPaymentProfileIdList",
                Json::texts(profile.payments.iter().map(|one| one.id.clone())),
            )
            .with(
                "customerShippingAddressIdList",
                Json::texts(profile.addresses.iter().map(|one| one.id.clone())),
            )
            .with("validationDirectResponseList", Json::texts(direct));
        let payments = profile.payments.iter().map(|one| {
            let mut row = Json::object([("id", Json::from(one.id.as_str()))]);
            row.push_some("customerType", one.customer_type.clone());
            row
        });
        let mut payload = Json::object([("paymentProfiles", Json::List(payments.collect()))]);
        payload.push_some("merchantCustomerId", profile.merchant_id.clone());
        payload.push_some("description", profile.description.clone());
        payload.push("entityName", "customerProfile");
        payload.push("id", profile.id.as_str());
        gateway.profiles.push(profile);
        gateway.tell("customer.created", payload);
        reply
    }
}

/// A new profile without anything in it. The three fields together must differ from every other's.
fn blank(gateway: &mut Gateway, given: &Json) -> Result<Profile, Refusal> {
    let (merchant_id, description, email) =
        (given.text_at("merchantCustomerId"), given.text_at("description"), given.text_at("email"));
    if merchant_id.is_none() && description.is_none() && email.is_none() {
        return Err(Refusal::new("E00041"));
    }
    let same = |one: &&Profile| {
        (&one.merchant_id, &one.description, &one.email) == (&merchant_id, &description, &email)
    };
    if let Some(twin) = gateway.profiles.iter().find(same) {
        return Err(Refusal::saying(
            "E00039",
            format!("A duplicate record with ID {} already exists.", twin.id),
        )
        .with("customerPaymentProfileIdList", Json::List(Vec::new()))
        .with("customerShippingAddressIdList", Json::List(Vec::new()))
        .with("validationDirectResponseList", Json::List(Vec::new())));
    }
    Ok(Profile {
        id: gateway.serial(),
        merchant_id,
        description,
        email,
        guest: given.text_at("profileType").as_deref() == Some("guest"),
        payments: Vec::new(),
        addresses: Vec::new(),
    })
}

/// A profile out of a payment that went through: into an existing one, or a new one.
pub(super) fn from_transaction(
    gateway: &mut Gateway,
    paid: &Transaction,
    into: Option<&str>,
    customer: &Json,
) -> Outcome {
    let payment = PaymentProfile {
        id: gateway.serial(),
        means: paid.means.clone(),
        bill_to: paid.bill_to.clone(),
        customer_type: customer.text_at("type"),
        default: false,
        made: gateway.now,
    };
    let place = paid.ship_to.clone();
    let address = place.map(|place| Address { id: gateway.serial(), place, default: false });
    if let Some(id) = into {
        let profile = find_mut(gateway, id)?;
        if let Some(twin) = payment_profiles::twin(profile, &payment) {
            return Err(payment_profiles::duplicate(id, &twin));
        }
        let reply = Reply::ok()
            .with("customerProfileId", id)
            .with("customerPaymentProfileIdList", Json::texts([payment.id.clone()]))
            .with("customerShippingAddressIdList", Json::texts(address.iter().map(|one| one.id.clone())))
            .with("validationDirectResponseList", Json::List(Vec::new()));
        profile.payments.push(payment);
        profile.addresses.extend(address);
        return Ok(reply);
    }
    let merchant_id = customer.text_at("merchantCustomerId").or_else(|| customer.text_at("id"));
    let mut given = Json::object([]);
    given.push_some("merchantCustomerId", merchant_id);
    given.push_some("description", customer.text_at("description"));
    given.push_some("email", customer.text_at("email"));
    let mut profile = match blank(gateway, &given) {
        Err(refusal) if refusal.code == "E00041" => return Err(Refusal::new("E00102")),
        made => made?,
    };
    profile.payments.push(payment);
    profile.addresses.extend(address);
    Ok(Made { profile, direct: Vec::new() }.keep(gateway))
}

/// `createCustomerProfileFromTransactionRequest`
pub(super) fn create_from_transaction(gateway: &mut Gateway, body: &Json) -> Outcome {
    enabled(gateway)?;
    let id = body.text_at("transId").unwrap_or_default();
    let Some(paid) = gateway.transaction(&id).cloned() else { return Err(Refusal::new("E00099")) };
    if paid.is_refund() || paid.response_code != 1 {
        return Err(Refusal::new("E00100"));
    }
    let into = body.text_at("customerProfileId");
    if into.is_some() && body.get("customer").is_some() {
        return Err(Refusal::new("E00108"));
    }
    let own = paid.request.get("customer").cloned().unwrap_or(Json::Null);
    let customer = body.get("customer").cloned().unwrap_or(own);
    from_transaction(gateway, &paid, into.as_deref(), &customer)
}

/// `getCustomerProfileRequest`
pub(super) fn get(gateway: &mut Gateway, body: &Json) -> Outcome {
    enabled(gateway)?;
    let wanted = |profile: &&Profile| {
        if let Some(id) = body.text_at("customerProfileId") {
            return profile.id == id;
        }
        if let Some(id) = body.text_at("merchantCustomerId") {
            return profile.merchant_id.as_deref() == Some(&id);
        }
        body.text_at("email").is_some_and(|email| profile.email.as_deref() == Some(&email))
    };
    let profile = gateway.profiles.iter().find(wanted).ok_or_else(|| Refusal::new("E00040"))?;
    let with_expiry = body.flag_at("unmaskExpirationDate").unwrap_or_default();
    let reply = Reply::ok().with("profile", profile.shown(gateway, with_expiry));
    let subscriptions = gateway.subscriptions_of(|one| one.customer_profile == profile.id);
    if subscriptions.is_empty() {
        return Ok(reply);
    }
    Ok(reply.with("subscriptionIds", Json::texts(subscriptions)))
}

/// `getCustomerProfileIdsRequest`
pub(super) fn ids(gateway: &mut Gateway, _: &Json) -> Outcome {
    enabled(gateway)?;
    let ids: Vec<String> =
        gateway.profiles.iter().filter(|one| !one.guest).map(|one| one.id.clone()).collect();
    if ids.is_empty() {
        return Ok(Reply::nothing_found());
    }
    Ok(Reply::ok().with("ids", Json::texts(ids)))
}

/// `updateCustomerProfileRequest`
pub(super) fn update(gateway: &mut Gateway, body: &Json) -> Outcome {
    enabled(gateway)?;
    let Some(given) = body.get("profile") else { return Err(Refusal::new("E00014")) };
    let id = find(gateway, given)?.id.clone();
    let profile = find_mut(gateway, &id)?;
    profile.merchant_id = given.text_at("merchantCustomerId");
    profile.description = given.text_at("description");
    profile.email = given.text_at("email");
    let mut payload = Json::object([]);
    payload.push_some("merchantCustomerId", profile.merchant_id.clone());
    payload.push_some("description", profile.description.clone());
    payload.push("entityName", "customerProfile");
    payload.push("id", id);
    gateway.tell("customer.updated", payload);
    Ok(Reply::ok())
}

/// `deleteCustomerProfileRequest`
pub(super) fn delete(gateway: &mut Gateway, body: &Json) -> Outcome {
    enabled(gateway)?;
    let id = find(gateway, body)?.id.clone();
    if !gateway.running(|one| one.customer_profile == id).is_empty() {
        return Err(Refusal::new("E00106"));
    }
    gateway.profiles.retain(|profile| profile.id != id);
    gateway.tell(
        "customer.deleted",
        Json::object([("entityName", "customerProfile".into()), ("id", id.into())]),
    );
    Ok(Reply::ok())
}
