//! Messages and who sends them.

use std::time::Duration;

use chrono::TimeDelta;
use turnbuckle_core::Result;
use turnbuckle_twilio::{
    AddressRetention, ContentRetention, CreateContent, CreateMessage, CreateMessagingService,
    ListIncomingPhoneNumbers, ListMessages, Message, MessageStatus, NumberKind, RiskCheck,
    SearchPhoneNumbers, UpdateIncomingPhoneNumber,
};

use super::{Calls, Setting, TO, nobody, url};

pub(super) async fn every_operation(calls: &mut Calls, at: &Setting<'_>) -> Result<()> {
    services(calls, at).await?;
    numbers(calls, at).await?;
    messages(calls, at).await
}

fn id(message: Option<&Message>) -> String {
    message.map_or_else(|| nobody("SM"), |message| message.sid.clone())
}

async fn messages(calls: &mut Calls, at: &Setting<'_>) -> Result<()> {
    let messages = at.twilio.messages();
    let template = CreateContent::text("en", "Order {{1}} is ready.")
        .with_friendly_name(format!("sandbox_{}", at.word))
        .with_variable("1", "6735");
    let contents = at.twilio.contents();
    let made = calls.one("content.create", contents.create(&template), |content| &content.sid).await;
    let content = made.map_or_else(|| nobody("HX"), |content| content.sid);

    // A template stands in the place of a text, and a time in that of a sender outside of a service.
    let params = CreateMessage::new(TO)
        .with_from(&at.from)
        .with_body("Order 6735 is ready \u{1f44b}")
        .with_media_url(url("board.png")?)
        .with_status_callback(url("twilio/status")?)
        .with_application_sid(nobody("AP"))
        .with_provide_feedback(true)
        .with_attempt(1)
        .with_validity_period(3_600)
        .with_content_retention(ContentRetention::Retain)
        .with_address_retention(AddressRetention::Retain)
        .with_smart_encoded(true)
        .with_persistent_action("geo:47.37,8.54|Shop")
        .with_shorten_urls(false)
        .with_send_as_mms(false)
        .with_risk_check(RiskCheck::Disable)
        .with_fallback_from(&at.from);
    let sent = calls.one("messages.create", messages.create(&params), |message| &message.sid).await;
    let sent = id(sent.as_ref());
    let params = CreateMessage::new(TO)
        .with_messaging_service_sid(&at.service)
        .with_content_sid(&content)
        .with_content_variables(r#"{"1":"6735"}"#)
        .with_send_at(at.now + TimeDelta::hours(1));
    let call = messages.create(&params);
    let planned = calls.one("messages.create (planned)", call, |message| &message.sid).await;
    calls
        .one("messages.cancel", messages.cancel(&id(planned.as_ref())), |message| message.status.as_str())
        .await;
    calls.one("content.fetch", contents.fetch(&content), |content| &content.sid).await;
    calls.list("content.list", contents.list()).await;
    calls.gone("content.delete", contents.delete(&content)).await;

    let today = at.now.date_naive();
    let params = ListMessages::new()
        .with_to(TO)
        .with_from(&at.from)
        .with_sent_on(today)
        .with_sent_before(today)
        .with_sent_after(today)
        .with_page_size(5);
    calls.list("messages.list", messages.list(&params)).await;
    arrived(calls, at, &sent).await;
    calls.one("messages.fetch", messages.fetch(&sent), |message| message.status.as_str()).await;

    let media = at.twilio.media(&sent);
    let held = calls.list("media.list", media.list()).await;
    let medium = held.first().map_or_else(|| nobody("ME"), |medium| medium.sid.clone());
    calls.one("media.fetch", media.fetch(&medium), |medium| &medium.sid).await;
    calls.one("media.content", media.content(&medium), |_| "found").await;
    calls.gone("media.delete", media.delete(&medium)).await;
    calls.one("messages.redact", messages.redact(&sent), |message| &message.sid).await;
    calls.gone("messages.delete", messages.delete(&sent)).await;
    Ok(())
}

/// Waits some seconds for a message to come to its end: only then it can be redacted and deleted.
async fn arrived(calls: &mut Calls, at: &Setting<'_>, sid: &str) {
    for _ in 0..8 {
        let message = calls.runner.prepare("messages.redact", at.twilio.messages().fetch(sid)).await;
        let Some(message) = message else { return };
        if matches!(
            message.status,
            MessageStatus::Delivered | MessageStatus::Undelivered | MessageStatus::Failed
        ) {
            return;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn services(calls: &mut Calls, at: &Setting<'_>) -> Result<()> {
    let services = at.twilio.messaging_services();
    let params = CreateMessagingService::new(format!("sandbox {}", at.word))
        .with_inbound_request_url(url("twilio/inbound")?)
        .with_inbound_method("POST")
        .with_fallback_url(url("twilio/fallback")?)
        .with_fallback_method("POST")
        .with_status_callback(url("twilio/status")?)
        .with_use_inbound_webhook_on_number(false)
        .with_sticky_sender(true)
        .with_smart_encoding(true)
        .with_mms_converter(true)
        .with_area_code_geomatch(true)
        .with_validity_period(14_400)
        .with_usecase("notifications");
    let call = services.create(&params);
    let made = calls.one("messaging_services.create", call, |service| &service.sid).await;
    let own = made.map_or_else(|| nobody("MG"), |service| service.sid);
    let call = services.update(&own, &params);
    calls.one("messaging_services.update", call, |service| &service.sid).await;
    calls.one("messaging_services.fetch", services.fetch(&at.service), |service| &service.sid).await;
    calls.list("messaging_services.list", services.list()).await;
    calls.list("messaging_services.phone_numbers", services.phone_numbers(&at.service)).await;
    calls.list("messaging_services.alpha_senders", services.alpha_senders(&at.service)).await;
    calls.list("messaging_services.short_codes", services.short_codes(&at.service)).await;
    calls.list("compliance.campaigns", at.twilio.compliance().campaigns(&at.service)).await;
    Ok(())
}

async fn numbers(calls: &mut Calls, at: &Setting<'_>) -> Result<()> {
    let search = SearchPhoneNumbers::new()
        .with_area_code(415)
        .with_contains("4155550***")
        .with_sms_enabled(true)
        .with_mms_enabled(true)
        .with_voice_enabled(true)
        .with_exclude_all_address_required(true)
        .with_beta(false)
        .with_near_number("+14155550100")
        .with_distance(25)
        .with_in_postal_code("94103")
        .with_in_region("CA")
        .with_in_locality("San Francisco")
        .with_page_size(3);
    let found = at.twilio.available_phone_numbers().search("US", NumberKind::Local, &search);
    calls.list("available_phone_numbers.list", found).await;

    let numbers = at.twilio.incoming_phone_numbers();
    let params = ListIncomingPhoneNumbers::new().with_phone_number(&at.from).with_page_size(5);
    // The number that is worked on, found without the filters that the operation is shown with.
    let own = calls.runner.prepare("phone_numbers.fetch", numbers.list(&params).page()).await;
    let own = own.and_then(|page| page.items.into_iter().next());
    let params = params
        .with_friendly_name(own.as_ref().map_or("sandbox", |own| own.friendly_name.as_str()))
        .with_beta(false)
        .with_origin("twilio");
    calls.list("phone_numbers.list", numbers.list(&params)).await;
    let own = own.map_or_else(|| nobody("PN"), |own| own.sid);
    calls.one("phone_numbers.fetch", numbers.fetch(&own), |number| &number.sid).await;
    let update = UpdateIncomingPhoneNumber::new()
        .with_friendly_name("sandbox")
        .with_sms_url(url("twilio/inbound")?)
        .with_sms_method("POST")
        .with_sms_fallback_url(url("twilio/fallback")?)
        .with_sms_fallback_method("POST")
        .with_sms_application_sid(nobody("AP"))
        .with_voice_url(url("twilio/voice")?)
        .with_voice_method("POST")
        .with_voice_fallback_url(url("twilio/fallback")?)
        .with_voice_fallback_method("POST")
        .with_voice_application_sid(nobody("AP"))
        .with_status_callback(url("twilio/calls")?)
        .with_status_callback_method("POST");
    calls.one("phone_numbers.update", numbers.update(&own, &update), |number| &number.sid).await;
    calls
        .list("compliance.tollfree_verifications", at.twilio.compliance().tollfree_verifications(&own))
        .await;
    Ok(())
}
