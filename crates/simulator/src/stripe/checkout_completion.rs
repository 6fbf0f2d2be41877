//! What a customer does on the page of a checkout session.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::checkout_sessions::{find_session, is_recurring};
use super::error::ApiError;
use super::object::Object;
use super::router::{Call, Outcome};
use super::state::Account;
use super::{customers, payment_intents, payment_methods, setup_intents, subscriptions};

/// The customer pays (or saves) with a payment method, a test one like `pm_card_visa` as a rule. The error is what
/// the page would show; the session is still open then.
pub(super) fn complete(account: &mut Account, id: &str, method: &str) -> Outcome {
    let session = find_session(account, id)?;
    if session.text("status") != "open" {
        return Err(ApiError::invalid(format!("This Checkout Session is {}.", session.text("status"))));
    }
    let method = payment_methods::resolve(account, method, "payment_method")?;
    let given = account.noted(id, "params").clone();
    let lines = account.noted(id, "line_items").as_array().cloned().unwrap_or_default();
    let version = super::DEFAULT_VERSION.to_owned();
    let mode = session.text("mode").to_owned();
    let mut session = session;
    let email = match session.text("customer_email") {
        "" => "customer@example.com".to_owned(),
        own => own.to_owned(),
    };
    let wants = mode == "subscription" || session.text("customer_creation") == "always";
    if session.at(&["customer"]).is_null() && wants {
        let mut params = Map::new();
        params.insert("email".to_owned(), json!(email));
        let mut call = Call { account, params, id: String::new(), version: version.clone() };
        let customer = customers::create(&mut call)?;
        session.set("customer", customer.text("id"));
        account.put(&session);
    }
    let customer = session.text("customer").to_owned();
    if mode == "subscription" && method.at(&["customer"]).is_null() {
        payment_methods::tie(account, &method, &customer);
    }
    let mut params = Map::new();
    if !customer.is_empty() {
        params.insert("customer".to_owned(), json!(customer));
    }
    let data = given
        .at(&[&format!("{}_data", if mode == "subscription" { "subscription" } else { "payment_intent" })]);
    let data = if mode == "setup" { given.at(&["setup_intent_data"]) } else { data };
    for (name, value) in data.as_object().into_iter().flatten() {
        params.insert(name.clone(), value.clone());
    }
    let due = session.int("amount_total") > 0;
    match mode.as_str() {
        "payment" if due => {
            params.insert("amount".to_owned(), session.at(&["amount_total"]).clone());
            params.insert("currency".to_owned(), session.at(&["currency"]).clone());
            params.insert("payment_method_types".to_owned(), json!([method.text("type")]));
            params.insert("payment_method".to_owned(), json!(method.text("id")));
            params.insert("confirm".to_owned(), json!(true));
            params.insert("mandate_data".to_owned(), json!({}));
            let mut call = Call { account, params, id: String::new(), version };
            let intent = payment_intents::create(&mut call)?;
            session.set("payment_intent", intent.text("id"));
            let paid = matches!(intent.text("status"), "succeeded" | "requires_capture");
            session.set("payment_status", if paid { "paid" } else { "unpaid" });
            if intent.text("status") == "requires_action" {
                return Err(ApiError::card(
                    "authentication_required",
                    "The customer has to authenticate first.",
                )
                .with("payment_intent", intent));
            }
        }
        "subscription" => {
            subscribe(account, &mut session, params, &lines, method.text("id"), version)?;
        }
        "setup" => {
            params.insert("payment_method".to_owned(), json!(method.text("id")));
            params.insert("payment_method_types".to_owned(), json!([method.text("type")]));
            params.insert("confirm".to_owned(), json!(true));
            let mut call = Call { account, params, id: String::new(), version };
            let setup = setup_intents::create(&mut call)?;
            session.set("setup_intent", setup.text("id"));
        }
        _ => {}
    }
    session.set("status", "complete");
    session.set("url", Value::Null);
    session.set(
        "customer_details",
        json!({
            "address": method.at(&["billing_details", "address"]), "business_name": null, "email": email,
            "individual_name": null, "name": method.at(&["billing_details", "name"]), "phone": null,
            "tax_exempt": "none", "tax_ids": [],
        }),
    );
    account.save(&session, "checkout.session.completed");
    Ok(session)
}

fn subscribe(
    account: &mut Account,
    session: &mut Value,
    mut params: Map<String, Value>,
    lines: &[Value],
    method: &str,
    version: String,
) -> Result<(), ApiError> {
    let rates: HashMap<String, Value> = lines
        .iter()
        .map(|line| {
            let rates = account.noted(line.text("id"), "tax_rates").as_array().into_iter().flatten();
            (line.text("id").to_owned(), rates.map(|rate| rate.at(&["id"]).clone()).collect())
        })
        .collect();
    let entry = |line: &&Value| {
        json!({
            "price": line.at(&["price"]).text("id"), "quantity": line.int("quantity"),
            "tax_rates": rates.get(line.text("id")),
        })
    };
    let (items, extras): (Vec<&Value>, Vec<&Value>) = lines.iter().partition(|line| is_recurring(line));
    // Prices made for this session alone are not for sale elsewhere: they count as active while it completes.
    let inline: Vec<Value> =
        lines.iter().map(|line| line.at(&["price"]).clone()).filter(|p| !p.flag("active")).collect();
    for price in &inline {
        let mut open = price.clone();
        open.set("active", true);
        account.put(&open);
    }
    params.insert("items".to_owned(), items.iter().map(entry).collect());
    params.insert("add_invoice_items".to_owned(), extras.iter().map(entry).collect());
    params.insert("default_payment_method".to_owned(), json!(method));
    params.insert("payment_behavior".to_owned(), json!("error_if_incomplete"));
    params.insert(
        "discounts".to_owned(),
        session.at(&["discounts"]).as_array().map_or(Value::Null, |chosen| {
            let one = |entry: &Value| match entry.text("promotion_code") {
                "" => json!({ "coupon": entry.text("coupon") }),
                code => json!({ "promotion_code": code }),
            };
            chosen.iter().map(one).collect()
        }),
    );
    let mut call = Call { account, params, id: String::new(), version };
    let made = subscriptions::create(&mut call);
    for price in &inline {
        account.put(price);
    }
    let made = made?;
    session.set("subscription", made.text("id"));
    session.set("invoice", made.at(&["latest_invoice"]).clone());
    let trialing = made.text("status") == "trialing";
    session.set("payment_status", if trialing { "no_payment_required" } else { "paid" });
    Ok(())
}
