//! A payment that is asked for, read from `transactionRequest`: what is charged, and where it comes from.

use super::answer::Answer;
use super::cards::{self, Means};
use super::dates::{Day, ZONE};
use super::error::Refusal;
use super::json::Json;
use super::money::hundredths;
use super::opaque;
use super::state::Gateway;

/// Names that `transactionSettings` may hold.
const SETTINGS: &[&str] = &[
    "allowPartialAuth",
    "duplicateWindow",
    "emailCustomer",
    "footerEmailReceipt",
    "headerEmailReceipt",
    "merchantEmail",
    "recurringBilling",
    "testRequest",
];

/// The longest window, eight hours.
const LONGEST_WINDOW: i64 = 28_800;

/// Fields that the schema leaves without a limit and the gateway does not.
const LENGTHS: &[(&str, usize)] =
    &[("poNumber", 25), ("authCode", 6), ("customerIP", 45), ("billTo.email", 255), ("employeeId", 4)];

/// Why nothing is charged: the whole request is wrong, or the transaction is.
pub(super) enum Stop {
    Refused(Refusal),
    Answered(Box<Answer>),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Box<Answer>> for Stop {
    fn from(answer: Box<Answer>) -> Self {
        Self::Answered(answer)
    }
}

impl From<Answer> for Stop {
    fn from(answer: Answer) -> Self {
        Self::Answered(Box::new(answer))
    }
}

/// What pays.
pub(super) struct Source {
    pub(super) means: Means,
    pub(super) code: Option<String>,
    pub(super) bill_to: Option<Json>,
    pub(super) ship_to: Option<Json>,
    pub(super) profile: Option<(String, String)>,
}

pub(super) fn setting(request: &Json, name: &str) -> Option<String> {
    let settings = request.items_at("transactionSettings.setting");
    let own = settings.into_iter().find(|one| one.text_at("settingName").as_deref() == Some(name))?;
    own.text_at("settingValue")
}

/// What the schema does not check.
pub(super) fn check(request: &Json) -> Result<(), Refusal> {
    for one in request.items_at("transactionSettings.setting") {
        let name = one.text_at("settingName").unwrap_or_default();
        if !SETTINGS.contains(&name.as_str()) {
            return Err(Refusal::invalid("Setting name"));
        }
    }
    if let Some(window) = setting(request, "duplicateWindow")
        && window.trim().parse::<i64>().map_or(true, |seconds| seconds > LONGEST_WINDOW)
    {
        return Err(Refusal::invalid("duplicateWindow"));
    }
    for (path, most) in LENGTHS {
        if request.text_at(path).is_some_and(|text| text.chars().count() > *most) {
            return Err(Refusal::new("E00015"));
        }
    }
    if request.items_at("lineItems.lineItem").len() > 30 {
        return Err(Refusal::saying(
            "E00052",
            "The maximum number of elements for an array lineItems is 30.",
        ));
    }
    Ok(())
}

/// The amount in hundredths: given, and not negative.
pub(super) fn amount(request: &Json) -> Result<i64, Stop> {
    let given = request.text_at("amount").and_then(|text| hundredths(&text));
    given.filter(|amount| *amount >= 0).ok_or_else(|| Answer::new(5).into())
}

pub(super) fn currency(gateway: &Gateway, request: &Json) -> Result<String, Stop> {
    let own = gateway.settings.currency.clone();
    match request.text_at("currencyCode") {
        Some(asked) if asked != own => Err(Answer::new(39).into()),
        _ => Ok(own),
    }
}

/// Who pays with what: a card, a bank account, an Accept.js token or a stored profile.
pub(super) fn source(gateway: &mut Gateway, request: &Json) -> Result<Source, Stop> {
    let payment = request.get("payment");
    let stored = request.get("profile");
    let bill_to = request.get("billTo").cloned();
    if request.flag_at("profile.createProfile") == Some(true) {
        if stored.is_some_and(|profile| {
            profile.get("customerProfileId").is_some() || profile.get("paymentProfile").is_some()
        }) {
            return Err(Refusal::new("E00088").into());
        }
        if payment.is_none() {
            return Err(Refusal::new("E00089").into());
        }
    } else if let Some(stored) = stored {
        return from_profile(gateway, request, stored);
    }
    let Some(payment) = payment else { return Err(Answer::blank("Credit card number").into()) };
    let ship_to = request.get("shipTo").cloned();
    let (means, code, zip) = means(gateway, payment)?;
    let bill_to = bill_to.or_else(|| zip.map(|zip| Json::object([("zip", zip.into())])));
    Ok(Source { means, code, bill_to, ship_to, profile: None })
}

fn from_profile(gateway: &Gateway, request: &Json, stored: &Json) -> Result<Source, Stop> {
    if request.get("payment").is_some() && stored.get("paymentProfile").is_some() {
        return Err(Refusal::new("E00090").into());
    }
    if request.get("billTo").is_some() && stored.get("paymentProfile").is_some() {
        return Err(Refusal::new("E00093").into());
    }
    let shipping = stored.text_at("shippingProfileId");
    if shipping.is_some() && request.get("shipTo").is_some() {
        return Err(Refusal::new("E00092").into());
    }
    let missing = || Stop::from(Refusal::new("E00040"));
    let customer = stored.text_at("customerProfileId").ok_or_else(missing)?;
    let profile = gateway.profiles.iter().find(|profile| profile.id == customer).ok_or_else(missing)?;
    let payment = match stored.text_at("paymentProfile.paymentProfileId") {
        Some(id) => profile.payments.iter().find(|payment| payment.id == id).ok_or_else(missing)?,
        None => profile
            .payments
            .iter()
            .find(|payment| payment.default)
            .ok_or_else(|| Stop::from(Refusal::new("E00121")))?,
    };
    let ship_to = match shipping {
        None => request.get("shipTo").cloned(),
        Some(id) => {
            let address = profile.addresses.iter().find(|address| address.id == id);
            Some(address.ok_or_else(|| Stop::from(Refusal::new("E00098")))?.place.clone())
        }
    };
    valid(gateway, &payment.means)?;
    Ok(Source {
        means: payment.means.clone(),
        code: stored.text_at("paymentProfile.cardCode"),
        bill_to: payment.bill_to.clone(),
        ship_to,
        profile: Some((customer, payment.id.clone())),
    })
}

/// Reads `payment`: the means, the card code, and the postal code that came with a token.
fn means(gateway: &mut Gateway, payment: &Json) -> Result<(Means, Option<String>, Option<String>), Stop> {
    if let Some(token) = payment.get("opaqueData") {
        let used = opaque::redeem(gateway, token)?;
        valid(gateway, &used.means)?;
        return Ok((used.means, used.code, used.zip));
    }
    let (means, code) = written(payment)?;
    valid(gateway, &means)?;
    Ok((means, code, None))
}

/// A card or a bank account as it is written out.
pub(super) fn written(payment: &Json) -> Result<(Means, Option<String>), Stop> {
    if let Some(card) = payment.get("creditCard") {
        let number = card.text_at("cardNumber").unwrap_or_default().replace([' ', '-'], "");
        let expiry = card.text_at("expirationDate").unwrap_or_default();
        let Some(expires) = cards::expiry(&expiry) else {
            let reason = if cards::luhn(&number) { 7 } else { 6 };
            let mut answer = Answer::new(reason);
            answer.account.0 = cards::mask(&number);
            return Err(answer.into());
        };
        return Ok((Means::Card { number, expires }, card.text_at("cardCode")));
    }
    if let Some(account) = payment.get("bankAccount") {
        let text = |name: &str| account.text_at(name).unwrap_or_default();
        let or = |text: String, default: &str| if text.is_empty() { default.to_owned() } else { text };
        let means = Means::Bank {
            routing: text("routingNumber"),
            account: text("accountNumber"),
            name: text("nameOnAccount"),
            kind: or(text("accountType"), "checking"),
            echeck: or(text("echeckType"), "WEB"),
        };
        return Ok((means, None));
    }
    Err(Refusal::saying("E00001", "The simulator takes cards, bank accounts and Accept.js tokens.").into())
}

/// Whether the means could be charged at all.
pub(super) fn valid(gateway: &Gateway, means: &Means) -> Result<(), Box<Answer>> {
    let today = Day::of(gateway.now, ZONE);
    let refused = |reason| Err(Box::new(Answer::new(reason).of(means)));
    match means {
        Means::Card { number, .. } if !cards::luhn(number) => refused(6),
        Means::Card { number, .. } if cards::brand(number).is_none() => refused(17),
        Means::Card { expires, .. } if cards::expired(*expires, today) => refused(8),
        Means::Bank { .. } if !gateway.settings.echeck => refused(18),
        Means::Bank { routing, .. } if !cards::routing(routing) => refused(9),
        Means::Bank { account, .. }
            if !account.bytes().all(|byte| byte.is_ascii_digit()) || account.len() < 4 =>
        {
            refused(10)
        }
        _ => Ok(()),
    }
}
