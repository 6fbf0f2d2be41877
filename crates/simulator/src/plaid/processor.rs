//! Tokens for companies that work with Plaid.

use serde_json::json;

use super::error::{ApiError, Outcome};
use super::fields::{self, Field, Kind, must};
use super::router::{Call, Limit, Route};

const CREATE: &[Field] = &[fields::TOKEN, must("account_id", Kind::Text), must("processor", Kind::Text)];
const STRIPE: &[Field] = &[fields::TOKEN, must("account_id", Kind::Text)];

pub(super) const ROUTES: &[Route] = &[
    Route::new("/processor/token/create", CREATE, create).limited(Limit::client("PROCESSOR_LIMIT", 500)),
    Route::new("/processor/stripe/bank_account_token/create", STRIPE, create_stripe),
];

fn check_account(call: &mut Call<'_>) -> Result<(), ApiError> {
    let id = call.text("account_id").to_owned();
    let item = call.item_with("auth")?;
    let account = item.account(&id).ok_or_else(|| ApiError::of("INVALID_ACCOUNT_ID"))?;
    if account.is_debit() { Ok(()) } else { Err(ApiError::of("NO_AUTH_ACCOUNTS")) }
}

fn create(call: &mut Call<'_>) -> Outcome {
    // The list of companies grows; only the form is checked.
    let name = call.text("processor");
    if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
        return Err(ApiError::field("processor is not one that Plaid works with"));
    }
    check_account(call)?;
    Ok(json!({ "processor_token": format!("processor-sandbox-{}", call.world.ids.uuid()) }))
}

fn create_stripe(call: &mut Call<'_>) -> Outcome {
    check_account(call)?;
    Ok(json!({ "stripe_bank_account_token": format!("btok_{}", call.world.ids.letters(24)) }))
}
