//! Items: exchange, look, removal, rotation of the token, the address for webhooks.

use serde_json::{Value, json};

use super::World;
use super::accounts;
use super::dates;
use super::error::{ApiError, Outcome};
use super::fields::{self, Field, Kind, must, nullable};
use super::institutions::Institution;
use super::item::Item;
use super::router::{BY_TOKEN, Call, Limit, Route, check_token};

const EXCHANGE: &[Field] = &[must("public_token", Kind::Text)];
const REASONS: &[&str] = &[
    "FRAUD_FIRST_PARTY",
    "FRAUD_FALSE_IDENTITY",
    "FRAUD_ABUSE",
    "FRAUD_OTHER",
    "CONNECTION_IS_NON_FUNCTIONAL",
    "OTHER",
];
const REMOVE: &[Field] =
    &[fields::TOKEN, nullable("reason_code", Kind::Word(REASONS)), nullable("reason_note", Kind::Short(512))];
const WEBHOOK: &[Field] = &[fields::TOKEN, nullable("webhook", Kind::Url)];

pub(super) const ROUTES: &[Route] = &[
    Route::new("/item/public_token/exchange", EXCHANGE, exchange),
    Route::new("/item/get", BY_TOKEN, get).limited(Limit::both("ITEM_GET_LIMIT", 40, 5000)),
    Route::new("/item/remove", REMOVE, remove).limited(Limit::both("ITEM_REMOVE_LIMIT", 30, 2000)),
    Route::new("/item/access_token/invalidate", BY_TOKEN, invalidate),
    Route::new("/item/webhook/update", WEBHOOK, update_webhook),
];

/// What a new item is made of.
pub(super) struct NewItem {
    pub(super) bank: &'static Institution,
    pub(super) username: String,
    pub(super) products: Vec<String>,
    pub(super) webhook: Option<String>,
    pub(super) days_requested: i64,
    pub(super) microdeposits: bool,
}

/// Seconds in which a public token can be exchanged.
const PUBLIC_TOKEN_LASTS: u64 = 30 * 60;

/// A new item and its public token.
pub(super) fn create(world: &mut World, new: NewItem) -> String {
    let now = world.clock.unix();
    let number = world.items.len() as u64;
    let mut item = Item {
        id: world.ids.letters(37),
        bank: new.bank,
        accounts: accounts::open(new.bank, &new.username, new.microdeposits, &mut world.ids),
        username: new.username,
        webhook: new.webhook,
        products: new.products,
        created: now,
        ledger: None,
        error: None,
        removed: false,
        login_at: now,
        days_requested: new.days_requested,
        last_webhook: None,
        // Banks in the United Kingdom ask for consent again after 90 days.
        consent_ends: (new.bank.country == "GB").then(|| now + 90 * dates::DAY),
        seed: world.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(number),
    };
    if item.products.iter().any(|product| product == "transactions") {
        item.begin_ledger(now, None);
    }
    world.items.push(item);
    let token = format!("public-sandbox-{}", world.ids.uuid());
    let at = world.items.len() - 1;
    let public = super::PublicToken { item: at, expires: now + PUBLIC_TOKEN_LASTS, exchanged: false };
    world.public.insert(token.clone(), public);
    token
}

fn exchange(call: &mut Call<'_>) -> Outcome {
    let token = call.text("public_token").to_owned();
    check_token("public", "INVALID_PUBLIC_TOKEN", &token)?;
    let (now, repeats) = (call.now, call.world.settings.exchange_repeats);
    let public = call.world.public.get_mut(&token).ok_or_else(|| ApiError::of("INVALID_PUBLIC_TOKEN"))?;
    if public.expires <= now {
        return Err(ApiError::of("INVALID_PUBLIC_TOKEN").saying(
            "provided public token is expired. Public tokens expire 30 minutes after creation at which point they can no longer be exchanged",
        ));
    }
    let at = public.item;
    if std::mem::replace(&mut public.exchanged, true) {
        let known = call.world.access.iter().find(|(_, (item, alive))| *item == at && *alive);
        let known = known.filter(|_| repeats).map(|(access, _)| access.clone());
        let access = known.ok_or_else(|| ApiError::of("INVALID_PUBLIC_TOKEN"))?;
        return Ok(granted(call.world, at, &access));
    }
    let access = format!("access-sandbox-{}", call.world.ids.uuid());
    call.world.access.insert(access.clone(), (at, true));
    Ok(granted(call.world, at, &access))
}

fn granted(world: &World, at: usize, access: &str) -> Value {
    json!({ "access_token": access, "item_id": world.items.get(at).map(|item| &item.id) })
}

fn get(call: &mut Call<'_>) -> Outcome {
    let item = call.item()?;
    let updated = item.ledger.as_ref().map(|ledger| dates::instant(ledger.updated));
    let transactions = updated.map(|at| json!({ "last_successful_update": at, "last_failed_update": null }));
    let webhook = item.last_webhook.as_ref();
    let webhook = webhook.map(|(at, code)| json!({ "sent_at": dates::instant(*at), "code_sent": code }));
    let status = json!({ "transactions": transactions, "investments": null, "last_webhook": webhook });
    Ok(json!({ "item": item.shown(), "status": status }))
}

fn remove(call: &mut Call<'_>) -> Outcome {
    call.item()?.removed = true;
    Ok(json!({}))
}

fn invalidate(call: &mut Call<'_>) -> Outcome {
    call.item()?;
    let old = call.text("access_token").to_owned();
    let fresh = format!("access-sandbox-{}", call.world.ids.uuid());
    if let Some(entry) = call.world.access.get_mut(&old) {
        let at = entry.0;
        entry.1 = false;
        call.world.access.insert(fresh.clone(), (at, true));
    }
    Ok(json!({ "new_access_token": fresh }))
}

fn update_webhook(call: &mut Call<'_>) -> Outcome {
    let url = call.params.get("webhook").and_then(Value::as_str).map(str::to_owned);
    let now = call.now;
    let id = {
        let item = call.item()?;
        item.webhook.clone_from(&url);
        item.id.clone()
    };
    let world = &mut *call.world;
    let item =
        world.items.iter_mut().find(|item| item.id == id).ok_or_else(|| ApiError::of("ITEM_NOT_FOUND"))?;
    let more = json!({ "new_webhook_url": url, "error": null });
    item.notify(&mut world.outbox, now, "ITEM", "WEBHOOK_UPDATE_ACKNOWLEDGED", more);
    Ok(json!({ "item": item.shown() }))
}
