//! Link tokens: sessions in which a person links a bank, or mends a link.

use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Error, Result};

use crate::client::{TokenKind, refused};
use crate::words::{null_default, secret};
use crate::{CreateLinkToken, LinkTokenInfo, Plaid};

/// A second token is harmless and a lost one ends unused, so it is as safe to repeat as a read.
const CREATE: Operation = Operation::read("link.create");
const GET: Operation = Operation::read("link.get");

/// Link tokens (<https://plaid.com/docs/api/link/>).
#[derive(Debug, Clone, Copy)]
pub struct LinkTokens<'a>(&'a Plaid);

impl Plaid {
    /// Sessions in which a person links a bank, or mends a link.
    pub fn link(&self) -> LinkTokens<'_> {
        LinkTokens(self)
    }
}

impl LinkTokens<'_> {
    /// Makes a session for a new item: `POST /link/token/create`. May be repeated: a further token does no harm.
    ///
    /// # Errors
    /// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) naming each field that Plaid would refuse or
    /// silently replace, with nothing sent; else as every call.
    pub async fn create(&self, params: &CreateLinkToken) -> Result<LinkToken> {
        params.check(self.0.environment()).map_err(refused(&CREATE))?;
        self.0.call(&CREATE, "/link/token/create", params).await
    }

    /// Makes a session in update mode, in which the person mends the item of an access token. The token stays the same
    /// afterwards, and nothing is exchanged (<https://plaid.com/docs/link/update-mode/>).
    ///
    /// # Errors
    /// As [`create`](Self::create); also for `products`, which update mode must leave out.
    pub async fn create_update(
        &self,
        access_token: &SecretString,
        params: &CreateLinkToken,
    ) -> Result<LinkToken> {
        params.check(self.0.environment()).map_err(refused(&CREATE))?;
        if !params.products.is_empty() {
            let error = Error::invalid_field("products", "must be left out in update mode");
            return Err(refused(&CREATE)(error));
        }
        self.0.call_item(&CREATE, "/link/token/create", access_token, params).await
    }

    /// What became of a session: `POST /link/token/get`. The public tokens of hosted sessions stand there for six hours
    /// after the session.
    ///
    /// # Errors
    /// As every call.
    pub async fn get(&self, link_token: &SecretString) -> Result<LinkTokenInfo> {
        #[derive(Serialize)]
        struct Body<'a> {
            link_token: &'a str,
        }

        self.0.check_token(&GET, TokenKind::Link, link_token)?;
        self.0.call(&GET, "/link/token/get", &Body { link_token: link_token.expose_secret() }).await
    }
}

/// A session for the person's browser.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct LinkToken {
    /// What Plaid's browser code takes. It belongs to this person alone.
    #[serde(deserialize_with = "secret")]
    pub link_token: SecretString,
    /// When it ends. Plaid's sessions do not all live equally long: keep this, never assume it.
    pub expiration: DateTime<Utc>,
    /// Plaid's own page for the session. Whoever has it has the session.
    pub hosted_link_url: Option<String>,
    /// Plaid's id of the person.
    pub user_id: Option<String>,
    /// Plaid's id of the request.
    #[serde(default, deserialize_with = "null_default")]
    pub request_id: String,
}

impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkToken")
            .field("expiration", &self.expiration)
            .field("user_id", &self.user_id)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}
