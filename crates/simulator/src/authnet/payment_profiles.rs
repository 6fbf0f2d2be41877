//! Payment profiles and their validation.

use super::answer::{Outcome, Reply};
use super::ask::{self, Stop};
use super::cards::{self, Means};
use super::charge::{self, Draft};
use super::dates::{Day, ZONE};
use super::error::Refusal;
use super::json::Json;
use super::opaque;
use super::profiles::{PaymentProfile, Profile, enabled, find, find_mut};
use super::reporting::cut;
use super::state::Gateway;
use super::transaction::Kind;

/// Payment profiles of one customer.
pub(super) const MOST: usize = 10;

pub(super) fn too_many() -> Refusal {
    Refusal::saying("E00042", format!("You cannot add more than {MOST} payment profiles."))
}

/// The payment profile of a customer that is the same: the means and the billing name and address.
pub(super) fn twin(profile: &Profile, fresh: &PaymentProfile) -> Option<String> {
    let billing = |one: &PaymentProfile| -> Vec<Option<String>> {
        let names = ["firstName", "lastName", "address", "city", "state", "zip", "country", "phoneNumber"];
        names.iter().map(|name| one.bill_to.as_ref().and_then(|to| to.text_at(name))).collect()
    };
    let same = |one: &&PaymentProfile| {
        one.means.fingerprint() == fresh.means.fingerprint() && billing(one) == billing(fresh)
    };
    profile.payments.iter().filter(|one| one.id != fresh.id).find(same).map(|one| one.id.clone())
}

/// E00039 with the ids of what is there already.
pub(super) fn duplicate(profile: &str, payment: &str) -> Refusal {
    Refusal::saying("E00039", "A duplicate customer payment profile already exists.")
        .with("customerProfileId", profile)
        .with("customerPaymentProfileId", payment)
}

/// Why a profile cannot be charged, as E00027 or E00013 say it.
fn unpayable(stop: Stop) -> Refusal {
    match stop {
        Stop::Refused(refusal) => refusal,
        Stop::Answered(answer) if matches!(answer.reason, 6 | 37) => Refusal::invalid("Credit Card Number"),
        Stop::Answered(answer) if matches!(answer.reason, 7 | 8) => Refusal::invalid("Expiration Date"),
        Stop::Answered(answer) => Refusal::saying("E00027", answer.text),
    }
}

fn means_of(gateway: &mut Gateway, payment: &Json) -> Result<(Means, Option<String>), Refusal> {
    if let Some(token) = payment.get("opaqueData") {
        let used = opaque::redeem(gateway, token).map_err(unpayable)?;
        return Ok((used.means, used.code));
    }
    ask::written(payment).map_err(unpayable)
}

fn storable(gateway: &Gateway, means: &Means) -> Result<(), Refusal> {
    match means {
        Means::Card { number, .. } if !cards::luhn(number) => Err(Refusal::invalid("Credit Card Number")),
        Means::Card { expires, .. } if cards::expired(*expires, Day::of(gateway.now, ZONE)) => {
            Err(Refusal::invalid("Expiration Date"))
        }
        Means::Bank { routing, .. } if !cards::routing(routing) => {
            Err(Refusal::invalid("Bank Routing Number"))
        }
        _ => Ok(()),
    }
}

/// Reads a payment profile, and validates it as `validationMode` asks: the profile and the validation's answer.
pub(super) fn read(
    gateway: &mut Gateway,
    owner: &Profile,
    given: &Json,
    mode: Option<&str>,
) -> Result<(PaymentProfile, Option<String>), Refusal> {
    let Some(payment) = given.get("payment") else { return Err(Refusal::new("E00029")) };
    let (means, code) = means_of(gateway, payment)?;
    storable(gateway, &means)?;
    let profile = PaymentProfile {
        id: gateway.serial(),
        means,
        bill_to: given.get("billTo").cloned(),
        customer_type: given.text_at("customerType"),
        default: given.flag_at("defaultPaymentProfile").unwrap_or(owner.payments.is_empty()),
        made: gateway.now,
    };
    let direct =
        validate(gateway, owner.merchant_id.as_deref(), owner.email.as_deref(), &profile, code, mode)?;
    Ok((profile, direct))
}

/// `liveMode` authorizes nothing and voids it; `testMode` looks at the number only.
fn validate(
    gateway: &mut Gateway,
    merchant_id: Option<&str>,
    email: Option<&str>,
    profile: &PaymentProfile,
    code: Option<String>,
    mode: Option<&str>,
) -> Result<Option<String>, Refusal> {
    let live = match mode {
        None | Some("none") => return Ok(None),
        Some("testMode") => false,
        Some(_) => true,
    };
    let (id, auth, avs) = if live && !profile.means.is_bank() {
        let source = ask::Source {
            means: profile.means.clone(),
            code,
            bill_to: profile.bill_to.clone(),
            ship_to: None,
            profile: None,
        };
        let draft = Draft {
            kind: Kind::AuthOnly,
            amount: 0,
            currency: gateway.settings.currency.clone(),
            source,
            key: String::new(),
            request: Json::object([("transactionType", "authOnlyTransaction".into())]),
            ref_id: None,
            client_id: None,
            subscription: None,
        };
        let answer = charge::run(gateway, draft);
        if let Some(one) = gateway.transaction_mut(&answer.trans_id)
            && one.status == "authorizedPendingCapture"
        {
            one.status = "voided";
        }
        if answer.response_code != 1 {
            let direct =
                direct_response(profile, &answer.trans_id, "", answer.avs, merchant_id, email, &answer.text);
            let direct =
                direct.replacen("1,1,1,", &format!("{},1,{},", answer.response_code, answer.reason), 1);
            return Err(Refusal::saying("E00027", answer.text).with("validationDirectResponse", direct));
        }
        (answer.trans_id, answer.auth_code, answer.avs)
    } else {
        ("0".to_owned(), "000000".to_owned(), "P")
    };
    let text = "This transaction has been approved.";
    Ok(Some(direct_response(profile, &id, &auth, avs, merchant_id, email, text)))
}

/// The older form of an answer: one line with commas between 68 values.
fn direct_response(
    profile: &PaymentProfile,
    id: &str,
    auth: &str,
    avs: &str,
    merchant_id: Option<&str>,
    email: Option<&str>,
    text: &str,
) -> String {
    let billing = |name: &str| profile.bill_to.as_ref().and_then(|to| to.text_at(name)).unwrap_or_default();
    let method = if profile.means.is_bank() { "ECHECK" } else { "CC" };
    let mut values: Vec<String> = ["1", "1", "1", text, auth, avs, id, "none"].map(str::to_owned).to_vec();
    values.push("Test transaction for ValidateCustomerPaymentProfile.".to_owned());
    values.extend(["0.00", method, "auth_only", merchant_id.unwrap_or_default()].map(str::to_owned));
    let names = ["firstName", "lastName", "company", "address", "city", "state", "zip", "country"];
    values.extend(names.iter().map(|name| billing(name)));
    values.extend([billing("phoneNumber"), billing("faxNumber")]);
    values.push(email.unwrap_or_default().to_owned());
    values.extend(std::iter::repeat_n(String::new(), 8));
    values.extend(["0.00", "0.00", "0.00", "FALSE", "none", "", "P", "2"].map(str::to_owned));
    values.extend(std::iter::repeat_n(String::new(), 10));
    values.extend([profile.means.masked(), profile.means.kind().to_owned()]);
    values.extend(std::iter::repeat_n(String::new(), 16));
    values.join(",")
}

fn told(gateway: &mut Gateway, event: &str, owner: &str, id: &str, kind: Option<String>) {
    let mut payload = Json::object([("customerProfileId", Json::from(owner))]);
    payload.push("entityName", "customerPaymentProfile");
    payload.push("id", id);
    payload.push_some("customerType", kind);
    gateway.tell(event, payload);
}

/// `createCustomerPaymentProfileRequest`
pub(super) fn create(gateway: &mut Gateway, body: &Json) -> Outcome {
    enabled(gateway)?;
    let owner = find(gateway, body)?;
    let id = owner.id.clone();
    if owner.payments.len() >= MOST {
        return Err(too_many());
    }
    let Some(given) = body.get("paymentProfile") else { return Err(Refusal::new("E00014")) };
    // The owner is only looked at; `read` needs the gateway for its numbers.
    let brief = Profile {
        id: id.clone(),
        merchant_id: owner.merchant_id.clone(),
        description: None,
        email: owner.email.clone(),
        guest: owner.guest,
        payments: Vec::new(),
        addresses: Vec::new(),
    };
    let first = owner.payments.is_empty();
    let Some(payment) = given.get("payment") else { return Err(Refusal::new("E00029")) };
    if payment.get("opaqueData").is_none() {
        let (means, _) = ask::written(payment).map_err(unpayable)?;
        let bill_to = given.get("billTo").cloned();
        let fresh = PaymentProfile {
            id: String::new(),
            means,
            bill_to,
            customer_type: None,
            default: false,
            made: 0,
        };
        if let Some(twin) = twin(owner, &fresh) {
            return Err(duplicate(&id, &twin));
        }
    }
    let (mut fresh, direct) = read(gateway, &brief, given, body.text_at("validationMode").as_deref())?;
    fresh.default = given.flag_at("defaultPaymentProfile").unwrap_or(first);
    let owner = find_mut(gateway, &id)?;
    if let Some(twin) = twin(owner, &fresh) {
        return Err(duplicate(&id, &twin));
    }
    if fresh.default {
        owner.payments.iter_mut().for_each(|other| other.default = false);
    }
    let (own, kind) = (fresh.id.clone(), fresh.customer_type.clone());
    owner.payments.push(fresh);
    told(gateway, "customer.paymentProfile.created", &id, &own, kind);
    let reply = Reply::ok().with("customerProfileId", id).with("customerPaymentProfileId", own);
    Ok(match direct {
        Some(direct) => reply.with("validationDirectResponse", direct),
        None => reply,
    })
}

fn one<'a>(owner: &'a Profile, id: Option<&str>) -> Result<&'a PaymentProfile, Refusal> {
    let found = match id {
        Some(id) => owner.payments.iter().find(|one| one.id == id),
        None => owner.payments.iter().find(|one| one.default),
    };
    found.ok_or_else(|| Refusal::new("E00040"))
}

/// `getCustomerPaymentProfileRequest`
pub(super) fn get(gateway: &mut Gateway, body: &Json) -> Outcome {
    enabled(gateway)?;
    let owner = find(gateway, body)?;
    let found = one(owner, body.text_at("customerPaymentProfileId").as_deref())?;
    let with_expiry = body.flag_at("unmaskExpirationDate").unwrap_or_default();
    Ok(Reply::ok().with("paymentProfile", found.shown(owner, gateway, with_expiry)))
}

/// `getCustomerPaymentProfileListRequest`
pub(super) fn list(gateway: &mut Gateway, body: &Json) -> Outcome {
    enabled(gateway)?;
    let month = body.text_at("month").unwrap_or_default();
    let wanted = cards::expiry(&month).ok_or_else(|| Refusal::invalid("Month"))?;
    let mut found = Vec::new();
    for owner in &gateway.profiles {
        for one in &owner.payments {
            if matches!(&one.means, Means::Card { expires, .. } if *expires == wanted) {
                found.push((owner, one));
            }
        }
    }
    if body.flag_at("sorting.orderDescending") == Some(true) {
        found.reverse();
    }
    let total = found.len();
    let numbers = |text: &str| Json::Number(text.to_owned());
    let rows = cut(body, found).into_iter().map(|(owner, one)| {
        let mut row = Json::object([
            ("customerPaymentProfileId", numbers(&one.id)),
            ("customerProfileId", numbers(&owner.id)),
        ]);
        row.push("billTo", one.bill_to.clone().unwrap_or_else(|| Json::object([])));
        row.push("payment", one.means.shown(false, false));
        row
    });
    let rows: Vec<Json> = rows.collect();
    if rows.is_empty() {
        return Ok(Reply::nothing_found());
    }
    Ok(Reply::ok().with("totalNumInResultSet", total).with("paymentProfiles", rows))
}

/// The means of an update: a masked number keeps the card, and `XXXX` its expiry.
fn updated_means(
    gateway: &mut Gateway,
    old: &Means,
    payment: &Json,
) -> Result<(Means, Option<String>), Refusal> {
    if let (Means::Card { number, expires }, Some(card)) = (old, payment.get("creditCard")) {
        let given = card.text_at("cardNumber").unwrap_or_default();
        let expiry = card.text_at("expirationDate").unwrap_or_default();
        if given == old.masked() {
            let expires = match expiry.as_str() {
                "XXXX" => *expires,
                text => cards::expiry(text).ok_or_else(|| Refusal::invalid("Expiration Date"))?,
            };
            return Ok((Means::Card { number: number.clone(), expires }, card.text_at("cardCode")));
        }
    }
    if let (Means::Bank { .. }, Some(account)) = (old, payment.get("bankAccount"))
        && account.text_at("accountNumber").as_deref() == Some(&old.masked())
    {
        return Ok((old.clone(), None));
    }
    means_of(gateway, payment)
}

/// `updateCustomerPaymentProfileRequest`: what is not sent is gone afterwards.
pub(super) fn update(gateway: &mut Gateway, body: &Json) -> Outcome {
    enabled(gateway)?;
    let Some(given) = body.get("paymentProfile") else { return Err(Refusal::new("E00014")) };
    let owner = find(gateway, body)?;
    let (id, merchant_id, email) = (owner.id.clone(), owner.merchant_id.clone(), owner.email.clone());
    let old = one(owner, given.text_at("customerPaymentProfileId").as_deref())?;
    let (own, before, was_default, made) = (old.id.clone(), old.means.clone(), old.default, old.made);
    let Some(payment) = given.get("payment") else { return Err(Refusal::new("E00029")) };
    let (means, code) = updated_means(gateway, &before, payment)?;
    storable(gateway, &means)?;
    let fresh = PaymentProfile {
        id: own.clone(),
        means,
        bill_to: given.get("billTo").cloned(),
        customer_type: given.text_at("customerType"),
        default: given.flag_at("defaultPaymentProfile").unwrap_or(was_default),
        made,
    };
    let mode = body.text_at("validationMode");
    let direct = validate(gateway, merchant_id.as_deref(), email.as_deref(), &fresh, code, mode.as_deref())?;
    let owner = find_mut(gateway, &id)?;
    if let Some(twin) = twin(owner, &fresh) {
        return Err(duplicate(&id, &twin));
    }
    if fresh.default {
        owner.payments.iter_mut().for_each(|other| other.default = false);
    }
    let kind = fresh.customer_type.clone();
    if let Some(place) = owner.payments.iter_mut().find(|one| one.id == own) {
        *place = fresh;
    }
    gateway.revive(|one| one.payment_profile == own);
    told(gateway, "customer.paymentProfile.updated", &id, &own, kind);
    Ok(match direct {
        Some(direct) => Reply::ok().with("validationDirectResponse", direct),
        None => Reply::ok(),
    })
}

/// `deleteCustomerPaymentProfileRequest`
pub(super) fn delete(gateway: &mut Gateway, body: &Json) -> Outcome {
    enabled(gateway)?;
    let owner = find(gateway, body)?;
    let own = one(owner, Some(&body.text_at("customerPaymentProfileId").unwrap_or_default()))?.id.clone();
    let id = owner.id.clone();
    if !gateway.running(|one| one.payment_profile == own).is_empty() {
        return Err(Refusal::new("E00105"));
    }
    find_mut(gateway, &id)?.payments.retain(|one| one.id != own);
    told(gateway, "customer.paymentProfile.deleted", &id, &own, None);
    Ok(Reply::ok())
}

/// `validateCustomerPaymentProfileRequest`
pub(super) fn check(gateway: &mut Gateway, body: &Json) -> Outcome {
    enabled(gateway)?;
    let owner = find(gateway, body)?;
    let found = one(owner, Some(&body.text_at("customerPaymentProfileId").unwrap_or_default()))?;
    let copy = PaymentProfile {
        id: found.id.clone(),
        means: found.means.clone(),
        bill_to: found.bill_to.clone(),
        customer_type: None,
        default: false,
        made: found.made,
    };
    let (merchant_id, email) = (owner.merchant_id.clone(), owner.email.clone());
    storable(gateway, &copy.means)?;
    let mode = body.text_at("validationMode");
    let code = body.text_at("cardCode");
    let direct = validate(gateway, merchant_id.as_deref(), email.as_deref(), &copy, code, mode.as_deref())?;
    Ok(Reply::ok().with("directResponse", direct.unwrap_or_default()))
}
