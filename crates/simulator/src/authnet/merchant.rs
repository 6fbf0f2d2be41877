//! Calls about the account itself, and those whose effect is outside of it.

use super::answer::{Outcome, Reply};
use super::dates::{Day, ZONE};
use super::error::Refusal;
use super::json::Json;
use super::state::Gateway;

/// `authenticateTestRequest`, `isAliveRequest` and `logoutRequest`: whoever gets here is known.
#[expect(clippy::unnecessary_wraps, reason = "every call has this signature")]
pub(super) fn nothing(_: &mut Gateway, _: &Json) -> Outcome {
    Ok(Reply::ok())
}

/// `getMerchantDetailsRequest`
#[expect(clippy::unnecessary_wraps, reason = "every call has this signature")]
pub(super) fn details(gateway: &mut Gateway, _: &Json) -> Outcome {
    let texts = |values: &[&str]| Json::texts(values.iter().map(|value| (*value).to_owned()));
    let mut methods = vec!["AmericanExpress", "DinersClub", "Discover", "JCB", "MasterCard", "Visa"];
    if gateway.settings.echeck {
        methods.push("Echeck");
    }
    let processor = Json::object([("name", "First Data Nashville".into())]);
    Ok(Reply::ok()
        .with("isTestMode", gateway.settings.test_mode)
        .with("processors", Json::List(vec![processor]))
        .with("merchantName", "Simulated Merchant")
        .with("gatewayId", "565697")
        .with("marketTypes", texts(&["eCommerce"]))
        .with("productCodes", texts(&["CNP"]))
        .with("paymentMethods", texts(&methods))
        .with("currencies", texts(&[&gateway.settings.currency]))
        .with("publicClientKey", gateway.keys.client.as_str())
        .with("merchantTimeZone", "Etc/GMT+8"))
}

/// `updateMerchantDetailsRequest`
#[expect(clippy::unnecessary_wraps, reason = "every call has this signature")]
pub(super) fn update(gateway: &mut Gateway, body: &Json) -> Outcome {
    gateway.settings.test_mode = body.flag_at("isTestMode").unwrap_or_default();
    Ok(Reply::ok())
}

/// `sendCustomerTransactionReceiptRequest`: nobody gets a letter.
pub(super) fn receipt(gateway: &mut Gateway, body: &Json) -> Outcome {
    let id = body.text_at("transId").unwrap_or_default();
    gateway.transaction(&id).map(|_| Reply::ok()).ok_or_else(|| Refusal::new("E00040"))
}

/// `updateSplitTenderGroupRequest`: a group here holds one payment, so there is nothing to complete.
pub(super) fn split_tender(_: &mut Gateway, _: &Json) -> Outcome {
    Err(Refusal::saying("E00001", "The simulator does not carry out groups of split tenders."))
}

/// `getAUJobSummaryRequest` and `getAUJobDetailsRequest`: the account updater has changed no card.
pub(super) fn updater(gateway: &mut Gateway, body: &Json) -> Outcome {
    let month = body.text_at("month").unwrap_or_default();
    let (year, number) = month
        .split_once('-')
        .and_then(|(year, number)| Some((year.parse::<i64>().ok()?, number.parse::<i64>().ok()?)))
        .ok_or_else(|| Refusal::invalid("Month"))?;
    if (year, number) > Day::of(gateway.now, ZONE).month() {
        return Err(Refusal::new("E00112"));
    }
    Ok(Reply::nothing_found())
}

/// The tokens of hosted pages; nobody visits those.
pub(super) fn payment_page(gateway: &mut Gateway, body: &Json) -> Outcome {
    if body.at("transactionRequest.payment").is_some() {
        return Err(Refusal::saying(
            "E00119",
            "Payment information should not be sent to Hosted Payment Page request.",
        ));
    }
    Ok(Reply::ok().with("token", gateway.ids.letters(400)))
}

pub(super) fn profile_page(gateway: &mut Gateway, body: &Json) -> Outcome {
    let id = body.text_at("customerProfileId").unwrap_or_default();
    if !gateway.profiles.iter().any(|profile| profile.id == id) {
        return Err(Refusal::new("E00040"));
    }
    Ok(Reply::ok().with("token", gateway.ids.letters(400)))
}
