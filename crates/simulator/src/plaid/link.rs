//! Link tokens, and the sessions that persons have with them.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Map, Value, json};

use super::World;
use super::dates::{self, DAY};
use super::error::{ApiError, Outcome};
use super::fields::{COUNTRIES, Field, Kind, PRODUCTS, may, must, nullable};
use super::items::{self, NewItem};
use super::login::{self, LinkLogin};
use super::router::{Call, HOSTED_HOST, Route, check_token};
use crate::provider::Incoming;

const LANGUAGES: &[&str] = &[
    "da", "nl", "en", "et", "fi", "fr", "de", "hi", "it", "lv", "lt", "no", "pl", "pt", "ro", "es", "sv",
    "vi",
];

const USER: &[Field] = &[
    must("client_user_id", Kind::Text),
    may("legal_name", Kind::Short(500)),
    may("name", Kind::Open),
    may("phone_number", Kind::Short(50)),
    nullable("phone_number_verified_time", Kind::Instant),
    may("email_address", Kind::Short(500)),
    nullable("email_address_verified_time", Kind::Instant),
    may("ssn", Kind::Short(20)),
    nullable("date_of_birth", Kind::Date),
    nullable("address", Kind::Open),
    nullable("id_number", Kind::Open),
];
const SUBTYPES: &[Field] = &[must("account_subtypes", Kind::Texts)];
const ACCOUNT_FILTERS: &[Field] = &[
    may("depository", Kind::Hash(SUBTYPES)),
    may("credit", Kind::Hash(SUBTYPES)),
    may("loan", Kind::Hash(SUBTYPES)),
    may("investment", Kind::Hash(SUBTYPES)),
    may("other", Kind::Hash(SUBTYPES)),
];
const AUTH: &[Field] = &[
    may("auth_type_select_enabled", Kind::Boolean),
    may("automated_microdeposits_enabled", Kind::Boolean),
    may("instant_match_enabled", Kind::Boolean),
    may("same_day_microdeposits_enabled", Kind::Boolean),
    may("instant_microdeposits_enabled", Kind::Boolean),
    may("reroute_to_credentials", Kind::Word(&["OFF", "OPTIONAL", "FORCED"])),
    may("database_match_enabled", Kind::Boolean),
    may("database_insights_enabled", Kind::Boolean),
    may("flow_type", Kind::Word(&["FLEXIBLE_AUTH"])),
    may("sms_microdeposits_verification_enabled", Kind::Boolean),
];
const UPDATE: &[Field] = &[
    may("account_selection_enabled", Kind::Boolean),
    may("reauthorization_enabled", Kind::Boolean),
    may("user", Kind::Boolean),
    nullable("item_ids", Kind::Texts),
];
const INVESTMENTS: &[Field] =
    &[may("allow_unverified_crypto_wallets", Kind::Boolean), may("allow_manual_entry", Kind::Boolean)];
const HOSTED: &[Field] = &[
    may("delivery_method", Kind::Word(&["sms", "email"])),
    may("completion_redirect_uri", Kind::Text),
    may("url_lifetime_seconds", Kind::Integer(1, 21 * 86_400)),
    may("is_mobile_app", Kind::Boolean),
];
const TRANSACTIONS: &[Field] = &[may("days_requested", Kind::Integer(1, 730))];
const CREATE: &[Field] = &[
    must("client_name", Kind::Text),
    must("language", Kind::Word(LANGUAGES)),
    must("country_codes", Kind::Words(COUNTRIES, 1)),
    may("user", Kind::Hash(USER)),
    may("user_id", Kind::Text),
    nullable("products", Kind::Words(PRODUCTS, 0)),
    nullable("required_if_supported_products", Kind::Words(PRODUCTS, 0)),
    nullable("optional_products", Kind::Words(PRODUCTS, 0)),
    nullable("additional_consented_products", Kind::Words(PRODUCTS, 0)),
    may("webhook", Kind::Url),
    nullable("access_token", Kind::Text),
    may("access_tokens", Kind::Texts),
    may("link_customization_name", Kind::Text),
    nullable("appearance_mode", Kind::Word(&["LIGHT", "DARK", "SYSTEM"])),
    may("redirect_uri", Kind::Text),
    may("android_package_name", Kind::Text),
    may("institution_data", Kind::Open),
    may("account_filters", Kind::Hash(ACCOUNT_FILTERS)),
    may("institution_id", Kind::Text),
    may("auth", Kind::Hash(AUTH)),
    may("update", Kind::Hash(UPDATE)),
    may("investments", Kind::Hash(INVESTMENTS)),
    may("hosted_link", Kind::Hash(HOSTED)),
    may("transactions", Kind::Hash(TRANSACTIONS)),
    may("enable_multi_item_link", Kind::Boolean),
    may("financekit_supported", Kind::Boolean),
    may("user_token", Kind::Text),
    may("third_party_user_token", Kind::Text),
    // Other products' objects, which this simulator takes and does not look into.
    may("base_report", Kind::Open),
    may("card_switch", Kind::Open),
    may("cashflow_report", Kind::Open),
    may("consumer_report_permissible_purpose", Kind::Text),
    may("cra_enabled", Kind::Boolean),
    may("cra_options", Kind::Open),
    may("credit_partner_insights", Kind::Open),
    may("employment", Kind::Open),
    may("eu_config", Kind::Open),
    may("identity", Kind::Open),
    may("identity_verification", Kind::Open),
    may("income_verification", Kind::Open),
    may("investments_auth", Kind::Open),
    may("payment_configuration", Kind::Open),
    may("payment_initiation", Kind::Open),
    may("statements", Kind::Open),
    may("transfer", Kind::Open),
];
const GET: &[Field] = &[must("link_token", Kind::Text)];

pub(super) const ROUTES: &[Route] =
    &[Route::new("/link/token/create", CREATE, create), Route::new("/link/token/get", GET, get)];

/// How long a session's results can be read.
const RESULTS_LAST: u64 = 6 * 3600;

pub(super) struct LinkToken {
    pub(super) token: String,
    created: u64,
    expires: u64,
    /// The item that is mended, in update mode.
    update: Option<usize>,
    params: Map<String, Value>,
    pub(super) hosted_url: Option<String>,
    sessions: Vec<(u64, Value)>,
    used: bool,
}

impl LinkToken {
    #[cfg(feature = "server")]
    pub(super) fn has_webhook(&self) -> bool {
        self.params.contains_key("webhook")
    }

    fn products(&self) -> Vec<String> {
        let list = |name: &str| self.params.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        let all = list("products").into_iter().chain(list("required_if_supported_products"));
        all.chain(list("optional_products")).filter_map(|one| one.as_str().map(str::to_owned)).collect()
    }

    pub(super) fn shown(&self, now: u64) -> Value {
        let of = |name: &str| self.params.get(name).cloned().unwrap_or_default();
        let sessions = self.sessions.iter().filter(|(finished, _)| now < finished + RESULTS_LAST);
        json!({
            "link_token": self.token,
            "created_at": dates::instant(self.created),
            "expiration": dates::instant(self.expires),
            "link_sessions": sessions.map(|(_, session)| session).collect::<Vec<_>>(),
            "metadata": {
                "initial_products": self.params.get("products").cloned().unwrap_or_else(|| json!([])),
                "webhook": of("webhook"),
                "country_codes": of("country_codes"),
                "language": of("language"),
                "account_filters": self.params.get("account_filters").cloned().unwrap_or_else(|| json!({})),
                "redirect_uri": of("redirect_uri"),
                "client_name": of("client_name"),
            },
        })
    }
}

fn create(call: &mut Call<'_>) -> Outcome {
    let list = |name: &str| call.params.get(name).and_then(Value::as_array).map(Vec::len).unwrap_or_default();
    if !call.params.contains_key("user") && !call.params.contains_key("user_id") {
        return Err(ApiError::missing(&["user".to_owned()]));
    }
    let redirect = call.text("redirect_uri");
    if redirect.contains('?') || (!redirect.is_empty() && !redirect.contains("://")) {
        return Err(ApiError::field("redirect_uri must be a URI without a query string"));
    }
    let named = |name: &str, product: &str| {
        call.params
            .get(name)
            .and_then(Value::as_array)
            .is_some_and(|all| all.iter().any(|one| one == product))
    };
    if named("products", "balance") {
        return Err(ApiError::field("balance is not allowed in products: it comes with every other product"));
    }
    let off = call.world.settings.products_off.iter().find(|product| named("products", product));
    if let Some(product) = off {
        let message = format!("client is not authorized to access the following products: [\"{product}\"]");
        return Err(ApiError::of("INVALID_PRODUCT").saying(message));
    }
    let repairs = call.params.contains_key("access_token");
    if repairs && list("products") > 0 {
        return Err(ApiError::field("products must be omitted when access_token is given"));
    }
    if !repairs && list("products") == 0 {
        return Err(ApiError::missing(&["products".to_owned()]));
    }
    if let Some(method) = call.params.get("hosted_link").and_then(|hosted| hosted.get("delivery_method")) {
        let needed = if method == "sms" { "phone_number" } else { "email_address" };
        if call.params.get("user").and_then(|user| user.get(needed)).is_none() {
            return Err(ApiError::missing(&[format!("user.{needed}")]));
        }
    }
    let update = if repairs {
        let id = call.item()?.id.clone();
        call.world.items.iter().position(|item| item.id == id)
    } else {
        None
    };
    let hosted = call.params.get("hosted_link");
    let lasts = hosted.and_then(|hosted| hosted.get("url_lifetime_seconds")).and_then(Value::as_u64);
    let lasts = lasts.unwrap_or(if repairs { 30 * 60 } else { 4 * 3600 });
    let token = format!("link-sandbox-{}", call.world.ids.uuid());
    let hosted_url = call.params.contains_key("hosted_link").then(|| {
        let origin = call.origin.clone().unwrap_or_else(|| format!("https://{HOSTED_HOST}"));
        format!("{origin}/hl/{}", call.world.ids.letters(24).to_lowercase())
    });
    let expires = call.now + lasts;
    let mut answer = json!({ "link_token": token, "expiration": dates::instant(expires) });
    if let (Some(url), Some(fields)) = (&hosted_url, answer.as_object_mut()) {
        fields.insert("hosted_link_url".to_owned(), url.clone().into());
    }
    call.world.links.push(LinkToken {
        token,
        created: call.now,
        expires,
        update,
        params: std::mem::take(&mut call.params),
        hosted_url,
        sessions: Vec::new(),
        used: false,
    });
    Ok(answer)
}

fn get(call: &mut Call<'_>) -> Outcome {
    let token = call.text("link_token");
    check_token("link", "INVALID_LINK_TOKEN", token)?;
    let link = call.world.links.iter().find(|link| link.token == token);
    let link = link.ok_or_else(|| ApiError::of("INVALID_LINK_TOKEN"))?;
    Ok(link.shown(call.now))
}

/// What a person's session ends with: a public token and what the browser code tells, or nothing new after a repair.
pub(super) fn complete(world: &mut World, token: &str, login: &LinkLogin) -> Outcome {
    let now = world.clock.unix();
    let at = world.links.iter().position(|link| link.token == token);
    let link = at.and_then(|at| world.links.get_mut(at)).ok_or_else(|| ApiError::of("INVALID_LINK_TOKEN"))?;
    if link.expires <= now {
        return Err(ApiError::of("INVALID_LINK_TOKEN").saying("the link_token has expired"));
    }
    if link.used {
        return Err(ApiError::of("INVALID_LINK_TOKEN").saying("the link_token was used already"));
    }
    let (update, products, params) = (link.update, link.products(), link.params.clone());
    let done = match update {
        Some(item) => repair(world, item, login),
        None => add(world, products, &params, login),
    };
    let session_id = world.ids.uuid();
    let session = session(&session_id, now, &done);
    let Some(link) = at.and_then(|at| world.links.get_mut(at)) else { return done };
    link.used = done.is_ok();
    link.sessions.push((now, session));
    if let (true, Some(url)) = (link.hosted_url.is_some(), params.get("webhook").and_then(Value::as_str)) {
        let public =
            done.as_ref().ok().and_then(|done| done.get("public_token")).filter(|token| token.is_string());
        let body = json!({
            "webhook_type": "LINK",
            "webhook_code": "SESSION_FINISHED",
            "status": if done.is_ok() { "SUCCESS" } else { "EXITED" },
            "link_session_id": session_id,
            "link_token": token,
            "public_tokens": public.into_iter().collect::<Vec<_>>(),
            "environment": "sandbox",
        });
        world.outbox.push((body, url.to_owned()));
    }
    done
}

fn repair(world: &mut World, at: usize, login: &LinkLogin) -> Outcome {
    let bank = world.items.get(at).map(|item| item.bank.id).unwrap_or_default();
    let login = LinkLogin { institution_id: bank.to_owned(), ..login.clone() };
    login::check(world, &login)?;
    let now = world.clock.unix();
    let item = world.items.get_mut(at).filter(|item| !item.removed);
    let item = item.ok_or_else(|| ApiError::of("ITEM_NOT_FOUND"))?;
    item.mend(now);
    item.consent_ends = item.consent_ends.map(|_| now + 90 * DAY);
    Ok(json!({ "public_token": null, "item_id": item.id }))
}

fn add(world: &mut World, products: Vec<String>, params: &Map<String, Value>, login: &LinkLogin) -> Outcome {
    let bank = login::check(world, login)?;
    let countries = params.get("country_codes").and_then(Value::as_array);
    if !countries.is_some_and(|all| all.iter().any(|one| one == bank.country)) {
        return Err(ApiError::of("INVALID_INSTITUTION"));
    }
    let wanted = params.get("products").and_then(Value::as_array).into_iter().flatten();
    if wanted.filter_map(Value::as_str).any(|product| !bank.products.contains(&product)) {
        return Err(ApiError::of("PRODUCTS_NOT_SUPPORTED"));
    }
    let days = params.get("transactions").and_then(|options| options.get("days_requested"));
    let mut products: Vec<_> =
        products.into_iter().filter(|product| bank.products.contains(&product.as_str())).collect();
    products.sort();
    products.dedup();
    let new = NewItem {
        bank,
        username: login.username.clone(),
        products,
        webhook: params.get("webhook").and_then(Value::as_str).map(str::to_owned),
        days_requested: days.and_then(Value::as_i64).unwrap_or(90),
        microdeposits: login.password == "microdeposits_good",
    };
    let public = items::create(world, new);
    let accounts = world.items.last().map(|item| {
        let shown = |account: &super::accounts::Account| {
            json!({
                "id": account.id, "name": account.name, "mask": account.mask, "type": account.kind,
                "subtype": account.subtype, "verification_status": account.verification,
            })
        };
        item.accounts.iter().map(shown).collect::<Vec<_>>()
    });
    Ok(json!({
        "public_token": public,
        "institution": { "institution_id": bank.id, "name": bank.name },
        "accounts": accounts,
    }))
}

/// The results of a session; those of other products are empty.
fn results(added: &[&Value]) -> Value {
    json!({
        "item_add_results": added,
        "cra_item_add_results": [],
        "cra_update_results": [],
        "bank_income_results": [],
        "payroll_income_results": [],
        "document_income_results": {
            "num_paystubs_uploaded": 0, "num_w2s_uploaded": 0, "num_bank_statements_uploaded": 0,
            "num_1099s_uploaded": 0, "num_i20s_uploaded": 0,
        },
    })
}

fn session(id: &str, now: u64, done: &Outcome) -> Value {
    let at = dates::instant(now);
    let mut session = json!({
        "link_session_id": id, "started_at": at, "finished_at": at, "on_success": null, "on_exit": null,
        "exit": null, "events": [], "results": results(&[]),
    });
    let set = |session: &mut Value, name: &str, value: Value| {
        if let Some(fields) = session.as_object_mut() {
            fields.insert(name.to_owned(), value);
        }
    };
    match done {
        Ok(done) if done.get("public_token").is_some_and(Value::is_string) => {
            set(&mut session, "results", results(&[done]));
            let metadata = json!({
                "accounts": done.get("accounts"), "institution": done.get("institution"), "link_session_id": id,
                "transfer_status": null,
            });
            set(
                &mut session,
                "on_success",
                json!({ "public_token": done.get("public_token"), "metadata": metadata }),
            );
        }
        Ok(_) => {}
        Err(error) => {
            let metadata =
                json!({ "link_session_id": id, "request_id": "", "status": "requires_credentials" });
            let exit = json!({ "error": error.told(), "metadata": metadata });
            set(&mut session, "on_exit", exit.clone());
            set(&mut session, "exit", exit);
        }
    }
    session
}

/// Opening a hosted session's page, which logs the first test user in.
pub(super) fn visit(world: &mut World, request: &Incoming) -> Option<Response<Bytes>> {
    let id = request.path.strip_prefix("/hl/")?;
    let end = format!("/hl/{id}");
    let link =
        world.links.iter().find(|link| link.hosted_url.as_deref().is_some_and(|url| url.ends_with(&end)));
    let token = link?.token.clone();
    let bank = link?.params.get("institution_id").and_then(Value::as_str).unwrap_or("ins_109508").to_owned();
    let done = complete(world, &token, &LinkLogin::new(bank));
    let (status, text) = match done {
        Ok(_) => (StatusCode::OK, "Your account is linked. You may close this page.".to_owned()),
        Err(error) => (StatusCode::BAD_REQUEST, format!("This did not work: {}", error.code)),
    };
    let mut response = Response::new(Bytes::from(format!("<html><body><p>{text}</p></body></html>")));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(http::header::CONTENT_TYPE, kind);
    Some(response)
}
