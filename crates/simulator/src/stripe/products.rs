//! Products.

use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::object::{Object, overlay};
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, clear, may, need};
use super::prices;
use super::router::{Call, Outcome, Route};
use super::state::Account;

const CREATE: &[Field] = &[
    may("active", Kind::Boolean),
    may(
        "default_price_data",
        Kind::Hash(&[
            need("currency", Kind::Text),
            may("currency_options", Kind::Opaque),
            may("custom_unit_amount", Kind::Opaque),
            may("metadata", Kind::Metadata),
            may(
                "recurring",
                Kind::Hash(&[
                    need("interval", Kind::OneOf(&["day", "month", "week", "year"])),
                    may("interval_count", Kind::Integer),
                ]),
            ),
            may("tax_behavior", Kind::OneOf(&["exclusive", "inclusive", "unspecified"])),
            may("unit_amount", Kind::Integer),
            may("unit_amount_decimal", Kind::Decimal),
        ]),
    ),
    may("description", Kind::Text),
    may("id", Kind::Text),
    may("images", Kind::List(&Kind::Text)),
    may("marketing_features", Kind::List(&Kind::Hash(&[need("name", Kind::Text)]))),
    may("metadata", Kind::Metadata),
    need("name", Kind::Text),
    may("package_dimensions", Kind::Opaque),
    may("shippable", Kind::Boolean),
    may("statement_descriptor", Kind::Text),
    may("tax_code", Kind::Text),
    may("type", Kind::OneOf(&["good", "service"])),
    may("unit_label", Kind::Text),
    may("url", Kind::Text),
];

const UPDATE: &[Field] = &[
    may("active", Kind::Boolean),
    may("default_price", Kind::Text),
    clear("description", Kind::Text),
    clear("images", Kind::List(&Kind::Text)),
    clear("marketing_features", Kind::List(&Kind::Hash(&[need("name", Kind::Text)]))),
    clear("metadata", Kind::Metadata),
    may("name", Kind::Text),
    clear("package_dimensions", Kind::Opaque),
    may("shippable", Kind::Boolean),
    may("statement_descriptor", Kind::Text),
    clear("tax_code", Kind::Text),
    clear("unit_label", Kind::Text),
    clear("url", Kind::Text),
];

const LIST: &[Field] = &[
    may("active", Kind::Boolean),
    may("created", Kind::Range),
    may("ids", Kind::List(&Kind::Text)),
    may("shippable", Kind::Boolean),
    may("type", Kind::OneOf(&["good", "service"])),
    may("url", Kind::Text),
];

pub(super) const ROUTES: &[Route] = &[
    Route::post("products", &[CREATE, &[EXPAND]], "product_write", create),
    Route::get("products", &[PAGE, LIST], "product_read", list),
    Route::get("products/*", &[&[EXPAND]], "product_read", retrieve),
    Route::post("products/*", &[UPDATE, &[EXPAND]], "product_write", update),
    Route::delete("products/*", &[], "product_write", delete),
];

pub(super) fn find_product(account: &Account, id: &str, param: &str) -> Outcome {
    account
        .get("product", id)
        .filter(|product| !product.flag("deleted"))
        .ok_or_else(|| ApiError::missing("product", id, param))
}

/// Makes and stores a product; the caller has checked that its id is free.
pub(super) fn make(account: &mut Account, given: &Map<String, Value>) -> Value {
    let id = match given.get("id").and_then(Value::as_str) {
        Some(id) => id.to_owned(),
        None => format!("prod_{}", account.ids.letters(14)),
    };
    let mut product = json!({
        "id": id,
        "object": "product",
        "active": true,
        "created": account.now,
        "default_price": null,
        "description": null,
        "images": [],
        "livemode": false,
        "marketing_features": [],
        "metadata": {},
        "name": "",
        "package_dimensions": null,
        "shippable": null,
        "statement_descriptor": null,
        "tax_code": null,
        "type": "service",
        "unit_label": null,
        "updated": account.now,
        "url": null,
    });
    overlay(&mut product, given, &["id", "default_price_data"]);
    account.save(&product, "product.created");
    product
}

/// Refuses an id that another product has.
pub(super) fn check_id(account: &Account, id: Option<&str>, param: &str) -> Result<(), ApiError> {
    match id {
        Some(id) if account.get("product", id).is_some_and(|product| !product.flag("deleted")) => {
            Err(ApiError::invalid("Product already exists.").code("resource_already_exists").param(param))
        }
        _ => Ok(()),
    }
}

fn create(call: &mut Call<'_>) -> Outcome {
    check_id(call.account, call.text("id"), "id")?;
    let price = match call.params.get("default_price_data") {
        Some(data) => Some(prices::read(data, "default_price_data")?),
        None => None,
    };
    let given = call.params.clone();
    let mut product = make(call.account, &given);
    if let Some(price) = price {
        let price = prices::make(call.account, price, product.text("id"), "price.created");
        product.set("default_price", price.text("id"));
        call.account.put(&product);
    }
    Ok(product)
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    find_product(call.account, &call.id, "id")
}

fn update(call: &mut Call<'_>) -> Outcome {
    let before = find_product(call.account, &call.id, "id")?;
    if let Some(id) = call.text("default_price") {
        let price = prices::find_price(call.account, id, "default_price")?;
        if price.text("product") != call.id {
            let message = format!("The price {id} does not belong to the product {}.", call.id);
            return Err(ApiError::invalid(message).param("default_price"));
        }
    }
    let mut product = before.clone();
    overlay(&mut product, &call.params, &[]);
    product.set("updated", call.account.now);
    call.account.save_changed(&before, &product, "product.updated");
    Ok(product)
}

fn delete(call: &mut Call<'_>) -> Outcome {
    let product = find_product(call.account, &call.id, "id")?;
    if call.account.newest_first("price").iter().any(|price| price.text("product") == call.id) {
        return Err(ApiError::invalid(
            "This product cannot be deleted because it has one or more user-created prices.",
        )
        .while_working());
    }
    let gone = json!({ "id": call.id, "object": "product", "deleted": true });
    call.account.put(&gone);
    call.account.emit("product.deleted", &product, None);
    Ok(gone)
}

fn list(call: &mut Call<'_>) -> Outcome {
    let ids = call.params.get("ids").and_then(Value::as_array).cloned();
    let fits = |row: &Value| {
        !row.flag("deleted")
            && ids.as_ref().is_none_or(|ids| ids.contains(row.at(&["id"])))
            && ["active", "shippable", "url", "type"]
                .iter()
                .all(|name| call.params.get(*name).is_none_or(|wanted| row.at(&[name]) == wanted))
            && page::created_within(&call.params, row)
    };
    let rows = call.account.newest_first("product").into_iter().filter(fits).collect();
    page::list(&call.params, rows, "product", "/v1/products")
}
