//! Whether a sender may send: it is the account's, it can, and the carriers know it.

use turnbuckle_core::provider::{Finding, Severity};
use turnbuckle_core::{Error, ErrorKind, Result};

use crate::{IncomingPhoneNumber, ListIncomingPhoneNumbers, TollfreeStatus, Twilio};

/// What was noticed.
#[derive(Default)]
pub(crate) struct Found(pub(crate) Vec<Finding>);

impl Found {
    fn add(&mut self, severity: Severity, code: &'static str, message: &'static str, action: &'static str) {
        self.0.push(Finding::new(severity, code, message).with_action(action));
    }

    /// A question that the credentials may not ask is left open, and said so.
    fn unless_forbidden<T>(
        &mut self,
        answer: Result<T>,
        code: &'static str,
        what: &'static str,
    ) -> Result<Option<T>> {
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if is_refused(&error) => {
                self.add(Severity::Info, code, what, "Give the API key the permission to read it.");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

fn is_refused(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Forbidden | ErrorKind::Unauthorized)
}

/// A messaging service: it exists, has senders, and its campaign is registered.
pub(crate) async fn of_service(client: &Twilio, sid: &str, found: &mut Found) -> Result<()> {
    let services = client.messaging_services();
    let service = match services.fetch(sid).await {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            found.add(
                Severity::Blocking,
                "messaging_service_unknown",
                "The account has no such messaging service.",
                "Copy the SID (MG...) from Messaging, Services in the Twilio console.",
            );
            return Ok(());
        }
        answer => {
            let what = "The messaging service could not be read.";
            let Some(service) = found.unless_forbidden(answer, "messaging_service_not_checked", what)? else {
                return Ok(());
            };
            service
        }
    };
    let numbers = services.phone_numbers(sid).page().await;
    let what = "The senders of the messaging service could not be read.";
    let Some(numbers) = found.unless_forbidden(numbers, "senders_not_checked", what)? else { return Ok(()) };
    let others = if numbers.items.is_empty() { senders_beside_numbers(client, sid).await } else { Ok(true) };
    if found.unless_forbidden(others, "senders_not_checked", what)? == Some(false) {
        found.add(
            Severity::Blocking,
            "messaging_service_without_senders",
            "The messaging service has no number, name or short code to send from.",
            "Add a sender to its pool in the Twilio console.",
        );
    }
    let american =
        numbers.items.iter().any(|number| number.country_code == "US" && !is_toll_free(&number.phone_number));
    if american && service.us_app_to_person_registered != Some(true) {
        campaign(client, sid, found).await?;
    }
    if service.inbound_request_url.is_none() && !service.use_inbound_webhook_on_number {
        found.add(
            Severity::Info,
            "inbound_webhook_missing",
            "The messaging service tells nobody about incoming messages, so who answers STOP is learned too late.",
            "Set the service's incoming message webhook to the public address of the webhook.",
        );
    }
    Ok(())
}

/// Whether a service has names or short codes to send from.
async fn senders_beside_numbers(client: &Twilio, sid: &str) -> Result<bool> {
    let services = client.messaging_services();
    Ok(!services.alpha_senders(sid).page().await?.items.is_empty()
        || !services.short_codes(sid).page().await?.items.is_empty())
}

/// Numbers of the United States need a campaign: carriers block what is not registered (30034).
async fn campaign(client: &Twilio, sid: &str, found: &mut Found) -> Result<()> {
    let campaigns = client.compliance().campaigns(sid).page().await;
    let what = "The registration for messages to the United States could not be read.";
    let Some(campaigns) = found.unless_forbidden(campaigns, "campaign_not_checked", what)? else {
        return Ok(());
    };
    if campaigns.items.is_empty() {
        found.add(
            Severity::Blocking,
            "campaign_missing",
            "The service's numbers of the United States are not registered (A2P 10DLC), and carriers block what they \
             send.",
            "Register a brand and a campaign in the Twilio console.",
        );
    } else if campaigns.items.iter().all(|campaign| campaign.campaign_status != "VERIFIED") {
        found.add(
            Severity::Blocking,
            "campaign_not_verified",
            "The campaign of the messaging service is not verified yet, and carriers block what is sent before.",
            "Wait for the registration, or look at what it lacks in the Twilio console.",
        );
    }
    Ok(())
}

/// A number that messages are sent from: it is the account's, has text messages, and is registered where that is needed.
pub(crate) async fn of_number(
    client: &Twilio,
    number: &str,
    in_service: bool,
    found: &mut Found,
) -> Result<()> {
    let params = ListIncomingPhoneNumbers::new().with_phone_number(number);
    let numbers = client.incoming_phone_numbers().list(&params).page().await;
    let what = "The sender's number could not be read.";
    let Some(numbers) = found.unless_forbidden(numbers, "sender_not_checked", what)? else { return Ok(()) };
    let Some(own) = numbers.items.iter().find(|own| own.phone_number == number) else {
        found.add(
            Severity::Blocking,
            "sender_not_owned",
            "The sender is not a number of this account.",
            "Choose one of the account's numbers, or get this one.",
        );
        return Ok(());
    };
    if !own.capabilities.sms {
        found.add(
            Severity::Blocking,
            "sender_without_sms",
            "The sender's number cannot send text messages.",
            "Choose a number that can.",
        );
    }
    if own.sms_url.as_ref().is_none_or(String::is_empty) && own.sms_application_sid.is_none() && !in_service {
        found.add(
            Severity::Info,
            "inbound_webhook_missing",
            "Nobody is told about messages to the sender's number, so who answers STOP is learned too late.",
            "Set the number's incoming message webhook to the public address of the webhook.",
        );
    }
    if is_toll_free(number) {
        return toll_free(client, own, found).await;
    }
    if number.starts_with("+1") && !in_service {
        found.add(
            Severity::Warning,
            "registration_not_checked",
            "Whether the number is registered for messages to the United States (A2P 10DLC) can be seen on a messaging \
             service only.",
            "Put the number into a messaging service with a campaign, and enter the service's SID.",
        );
    }
    Ok(())
}

async fn toll_free(client: &Twilio, number: &IncomingPhoneNumber, found: &mut Found) -> Result<()> {
    let answer = client.compliance().tollfree_verifications(&number.sid).page().await;
    let what = "The verification of the toll-free number could not be read.";
    let Some(page) = found.unless_forbidden(answer, "tollfree_not_checked", what)? else { return Ok(()) };
    if !page.items.iter().any(|item| item.status == TollfreeStatus::Approved) {
        found.add(
            Severity::Blocking,
            "tollfree_not_verified",
            "The toll-free number is not verified, and carriers block what it sends.",
            "Ask for its verification in the Twilio console.",
        );
    }
    Ok(())
}

/// Toll-free numbers of North America.
fn is_toll_free(number: &str) -> bool {
    ["800", "833", "844", "855", "866", "877", "888"]
        .iter()
        .any(|code| number.strip_prefix("+1").is_some_and(|rest| rest.starts_with(code)))
}
