//! Accept.js: the browser sends the card with the public client key, and the server gets a token that works once.

use super::answer::{Outcome, Reply};
use super::ask::{self, Stop};
use super::cards::Means;
use super::error::Refusal;
use super::json::Json;
use super::state::Gateway;

pub(super) const DESCRIPTOR: &str = "COMMON.ACCEPT.INAPP.PAYMENT";
/// A token is good for fifteen minutes.
const LIFETIME: u64 = 15 * 60;

#[derive(Clone)]
pub(super) struct Token {
    value: String,
    made: u64,
    pub(super) means: Means,
    pub(super) code: Option<String>,
    pub(super) zip: Option<String>,
}

/// Keeps what is behind a token, and gives the token.
pub(super) fn mint(gateway: &mut Gateway, means: Means, code: Option<String>, zip: Option<String>) -> String {
    let value = format!("eyJ{}", gateway.ids.letters(173));
    gateway.tokens.push(Token { value: value.clone(), made: gateway.now, means, code, zip });
    value
}

/// `securePaymentContainerRequest`, which Accept.js sends.
pub(super) fn contain(gateway: &mut Gateway, body: &Json) -> Outcome {
    let payment = match (body.at("data.token"), body.at("data.bankToken")) {
        (Some(card), None) => Json::object([("creditCard", card.clone())]),
        (None, Some(account)) => Json::object([("bankAccount", account.clone())]),
        _ => return Err(Refusal::new("E00013")),
    };
    let zip = body.text_at("data.token.zip");
    let Ok((means, code)) = ask::written(&payment) else { return Err(Refusal::invalid("Expiration date")) };
    let value = mint(gateway, means, code, zip);
    let data = Json::object([("dataDescriptor", DESCRIPTOR.into()), ("dataValue", value.into())]);
    Ok(Reply::ok().with("opaqueData", data))
}

/// Takes a token: it is gone afterwards, whatever becomes of the payment.
pub(super) fn redeem(gateway: &mut Gateway, given: &Json) -> Result<Token, Stop> {
    if given.text_at("dataDescriptor").as_deref() != Some(DESCRIPTOR) {
        return Err(Refusal::saying("E00113", "Invalid OTS Token Data.").into());
    }
    let value = given.text_at("dataValue").unwrap_or_default();
    let at = gateway.tokens.iter().position(|token| token.value == value);
    let token = at.map(|at| gateway.tokens.remove(at)).ok_or_else(|| Refusal::new("E00114"))?;
    if gateway.now.saturating_sub(token.made) > LIFETIME {
        return Err(Refusal::new("E00115").into());
    }
    Ok(token)
}
