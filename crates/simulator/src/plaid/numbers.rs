//! The numbers by which money reaches an account.

use serde_json::{Value, json};

use super::accounts::{self, Account};
use super::error::{ApiError, Outcome};
use super::router::{BY_ACCOUNTS, Call, Limit, Route};

pub(super) const ROUTES: &[Route] =
    &[Route::new("/auth/get", BY_ACCOUNTS, get).limited(Limit::both("AUTH_LIMIT", 100, 500))];

fn get(call: &mut Call<'_>) -> Outcome {
    let ids = call.option("account_ids").cloned();
    let item = call.item_with("auth")?;
    let debit: Vec<_> =
        accounts::chosen(item, ids.as_ref())?.into_iter().filter(|account| account.is_debit()).collect();
    if debit.is_empty() {
        return Err(ApiError::of("NO_AUTH_ACCOUNTS"));
    }
    // The zeros and the mask make numbers that no bank has.
    let ach = |account: &&Account| {
        json!({
            "account_id": account.id,
            "account": format!("111122223333{}", account.mask),
            "is_tokenized_account_number": item.bank.oauth,
            "routing": "011401533",
            "wire_routing": "021000021",
        })
    };
    let eft = |account: &&Account| json!({ "account_id": account.id, "account": format!("11112222{}", account.mask), "institution": "021", "branch": "01140" });
    let bacs = |account: &&Account| json!({ "account_id": account.id, "account": format!("3192{}", account.mask), "sort_code": "601613" });
    let international = |account: &&Account| {
        json!({
            "account_id": account.id,
            "iban": format!("GB29NWBK601613{}6819", account.mask),
            "bic": "NWBKGB21",
        })
    };
    let when = |country: &str, shape: &dyn Fn(&&Account) -> Value| -> Vec<Value> {
        if item.bank.country == country { debit.iter().map(shape).collect() } else { Vec::new() }
    };
    let numbers = json!({
        "ach": when("US", &ach),
        "eft": when("CA", &eft),
        "bacs": when("GB", &bacs),
        "international": when("GB", &international),
    });
    Ok(accounts::answer(item, &debit, None, json!({ "numbers": numbers })))
}
