//! The call that sends mail.

use std::time::Duration;

use http::StatusCode;
use turnbuckle_core::http::Operation;
use turnbuckle_core::{Effect, Error, ErrorKind, Result};

use super::MailSend;
use crate::SendGrid;
use crate::client::{PROVIDER, once};

/// Thirty megabytes take their time.
const SEND: Operation = once("mail_send").with_deadline(Duration::from_secs(90));

/// Mail. See <https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send>.
#[derive(Debug, Clone, Copy)]
pub struct Mail<'a> {
    client: &'a SendGrid,
}

/// SendGrid took a mail, or checked it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MailReceipt {
    /// `X-Message-Id`: the part before the first dot of `sg_message_id` in events. `None` where SendGrid sent none, as it
    /// may for a mail that was only checked.
    pub message_id: Option<String>,
    /// Whether it will be sent. `false` is a mail in sandbox mode, which was only checked.
    pub accepted: bool,
}

impl<'a> Mail<'a> {
    pub(crate) fn new(client: &'a SendGrid) -> Self {
        Self { client }
    }

    /// Sends a mail, or schedules it. SendGrid takes it as a whole or not at all; that it was taken does not say that
    /// anybody gets it.
    ///
    /// It is sent once: SendGrid would not recognize it. Put an id of your own into
    /// [`custom_args`](super::Personalization::custom_args), which comes back in events.
    ///
    /// # Errors
    /// - [`InvalidRequest`](ErrorKind::InvalidRequest), as [`MailSend::check`], or for 30 MB and more: nothing was sent.
    /// - [`ActionRequired`](ErrorKind::ActionRequired): the sender is not verified, or the credits are used up.
    /// - [`InvalidResponse`](ErrorKind::InvalidResponse): SendGrid answered with another success than the one that was
    ///   asked for, so that a mail may have been sent that should only have been checked, or the other way round.
    pub async fn send(&self, mail: &MailSend) -> Result<MailReceipt> {
        let body = mail.write(self.client.now()).map_err(|error| error.or_context(&PROVIDER, SEND.name))?;
        let reply = self.client.post_json(&SEND, "/v3/mail/send", body).await?;
        let status = reply.response.status();
        let accepted = status == StatusCode::ACCEPTED;
        if accepted == mail.is_sandboxed() || !(accepted || status == StatusCode::OK) {
            return Err(Error::new(
                ErrorKind::InvalidResponse,
                "the answer does not fit the request: 202 is a mail that was taken, 200 one that was checked",
            )
            .with_effect(if accepted { Effect::Happened } else { Effect::Unknown })
            .with_http_status(status.as_u16())
            .or_context(&PROVIDER, SEND.name));
        }
        let id = reply.response.headers().get("x-message-id").and_then(|id| id.to_str().ok());
        Ok(MailReceipt { message_id: id.filter(|id| is_message_id(id)).map(str::to_owned), accepted })
    }
}

/// Letters, digits, `-` and `_`, as base64url has them; a dot would end it.
pub(crate) fn is_message_id(id: &str) -> bool {
    super::check::is_token(id, 100)
}
