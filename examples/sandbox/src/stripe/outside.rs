//! What the typed client cannot make, and its operations name all the same.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use secrecy::ExposeSecret;
use serde_json::Value;
use turnbuckle_core::credential::process_env;
use turnbuckle_core::http::{BaseUrl, Limits};
use turnbuckle_core::provider::ConnectionConfig;
use turnbuckle_core::{Error, ErrorKind, Result};

/// Ids of objects that this client cannot make. Placeholders, which Stripe refuses, stand for those that nobody named.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Outside {
    /// A connected account that may receive transfers: `STRIPE_CONNECTED_ACCOUNT`. Without one, transfers go to the account
    /// that the run makes.
    pub connected_account: Option<String>,
    /// A tax rate that is not included in prices: `STRIPE_TAX_RATE`.
    pub tax_rate: String,
    /// A tax id of the account itself: `STRIPE_TAX_ID`.
    pub tax_id: String,
    /// A mandate of the card that pays: `STRIPE_MANDATE`.
    pub mandate: String,
    /// A bank account that payouts may go to: `STRIPE_BANK_ACCOUNT`.
    pub bank_account: String,
    /// A configuration of the customer portal that allows cancellations: `STRIPE_PORTAL_CONFIGURATION`.
    pub portal_configuration: String,
}

const TAX_RATE: &str = "txr_placeholder";
const TAX_ID: &str = "txi_placeholder";
const PORTAL: &str = "bpc_placeholder";

impl Outside {
    /// As the variables of this process name them.
    pub fn from_env() -> Self {
        Self::read(&process_env)
    }

    /// As these variables name them.
    pub fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Self {
        let given = |variable: &str| lookup(variable).filter(|id| !id.is_empty());
        let named =
            |variable: &str, placeholder: &str| given(variable).unwrap_or_else(|| placeholder.to_owned());
        Self {
            connected_account: given("STRIPE_CONNECTED_ACCOUNT"),
            tax_rate: named("STRIPE_TAX_RATE", TAX_RATE),
            tax_id: named("STRIPE_TAX_ID", TAX_ID),
            mandate: named("STRIPE_MANDATE", "mandate_placeholder"),
            bank_account: named("STRIPE_BANK_ACCOUNT", "ba_placeholder"),
            portal_configuration: named("STRIPE_PORTAL_CONFIGURATION", PORTAL),
        }
    }

    /// Puts objects of the account in the place of placeholders, where Stripe makes them without a person: the first that
    /// fits, so that runs do not pile them up, or else a new one. What is refused stays a placeholder, and is shown on the
    /// error output.
    pub async fn complete(mut self, config: &ConnectionConfig) -> Self {
        let any: Fits = |_| true;
        let cancels: Fits = |found| {
            let wish = found.pointer("/features/subscription_cancel/enabled");
            wish.is_some_and(|wish| wish == true || wish == "true")
        };
        let wanted = [
            (
                &mut self.tax_rate,
                TAX_RATE,
                "/v1/tax_rates",
                "active=true&inclusive=false&limit=100",
                any,
                "display_name=Sandbox&inclusive=false&percentage=8.875",
            ),
            (&mut self.tax_id, TAX_ID, "/v1/tax_ids", "limit=100", any, "type=eu_vat&value=DE123456789"),
            (
                &mut self.portal_configuration,
                PORTAL,
                "/v1/billing_portal/configurations",
                "active=true&limit=100",
                cancels,
                "features[subscription_cancel][enabled]=true",
            ),
        ];
        for (id, placeholder, path, query, fits, form) in wanted {
            if id.as_str() != placeholder {
                continue;
            }
            match first(config, path, query, fits, form).await {
                Ok(found) => *id = found,
                Err(problem) => eprintln!("before the first operation: {path}: {problem}"),
            }
        }
        self
    }
}

type Fits = fn(&Value) -> bool;

/// The first object of a list that fits, or a new one.
async fn first(
    config: &ConnectionConfig,
    path: &str,
    query: &str,
    fits: Fits,
    form: &'static str,
) -> Result<String> {
    let listed = send(config, Method::GET, &format!("{path}?{query}"), "").await?;
    let found = listed.get("data").and_then(Value::as_array).into_iter().flatten().find(|found| fits(found));
    let made = match found {
        Some(found) => found.clone(),
        None => send(config, Method::POST, path, form).await?,
    };
    let id = made.get("id").and_then(Value::as_str);
    id.map(str::to_owned).ok_or_else(|| Error::new(ErrorKind::InvalidResponse, "an object has no id"))
}

/// One request beside the typed client.
async fn send(config: &ConnectionConfig, method: Method, path: &str, form: &'static str) -> Result<Value> {
    let base = match config.base_url() {
        Some(base) => base.clone(),
        None => BaseUrl::parse("https://api.stripe.com")?,
    };
    let key = config.credentials().require("secretKey")?.expose_secret();
    let request = Request::builder()
        .method(method)
        .uri(format!("{}{path}", base.as_str()))
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from_static(form.as_bytes()))
        .map_err(|_| Error::new(ErrorKind::Internal, "a request cannot be made"))?;
    let limits = Limits::new(Duration::from_secs(30), 1 << 20);
    let answer =
        config.transport()?.send(request, limits).await.map_err(|error| {
            Error::new(ErrorKind::Network, format!("no answer: {}", error.kind().as_str()))
        })?;
    if !answer.status().is_success() {
        let problem = format!("refused with status {}", answer.status().as_u16());
        return Err(Error::new(ErrorKind::InvalidRequest, problem));
    }
    serde_json::from_slice(answer.body())
        .map_err(|_| Error::new(ErrorKind::InvalidResponse, "an answer is no JSON"))
}
