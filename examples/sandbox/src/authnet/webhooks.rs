//! Where Authorize.Net pushes to.

use turnbuckle_authnet::{EventType, NewWebhook, Webhook};

use super::{Calls, Setting};

const URL: &str = "https://example.com/sandbox/authorize-net";

fn shown(webhook: &Webhook) -> String {
    let status = webhook.status.as_deref().unwrap_or("without a status");
    format!("ok {status}, {} events", webhook.event_types.len())
}

pub(super) async fn every_operation(calls: &mut Calls, at: &Setting<'_>) {
    let webhooks = at.client.webhooks();
    let mut fresh = NewWebhook::new(URL, EventType::ALL);
    fresh.name = Some(format!("sandbox_{}", at.word));
    // Nothing listens there, so it stays switched off.
    "inactive".clone_into(&mut fresh.status);
    let made = calls.runner.run("webhooks.create", webhooks.create(&fresh), shown).await;
    let id = made.and_then(|made| made.webhook_id).unwrap_or_else(|| "placeholder".to_owned());
    calls.runner.run("webhooks.list", webhooks.list(), |all| format!("ok {}", all.len())).await;
    calls.runner.run("webhooks.get", webhooks.get(&id), shown).await;
    fresh.event_types = vec![EventType::AuthCaptureCreated, EventType::SubscriptionFailed];
    calls.runner.run("webhooks.update", webhooks.update(&id, &fresh), shown).await;
    calls.runner.run("webhooks.delete", webhooks.delete(&id), |()| "ok".to_owned()).await;
}
