//! Files, events, webhook endpoints.

use turnbuckle_stripe::{
    CreateWebhookEndpoint, ListEvents, ListFiles, ListWebhookEndpoints, Object, Stripe,
    UpdateWebhookEndpoint, UploadFile, WebhookEndpoint,
};

use super::{Calls, PAGE, Setting, id};

/// The smallest file that is a PDF to Stripe.
const DOCUMENT: &str = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>\
endobj 3 0 obj<</Type/Page/MediaBox[0 0 3 3]/Parent 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

pub(super) async fn files(calls: &mut Calls, at: &Setting<'_>) -> String {
    let files = at.stripe.files();
    let document = UploadFile::new("dispute_evidence", "sandbox.pdf", "application/pdf", DOCUMENT);
    let made = calls.object("files.create", files.create(&document, at.none)).await;
    let file = id(made.as_ref(), "file_placeholder");
    calls.object("files.retrieve", files.retrieve(&file, at.none)).await;
    let params = ListFiles::new()
        .with_purpose("dispute_evidence")
        .with_created(at.lately())
        .with_limit(3)
        .with_starting_after(&file);
    calls.page("files.list", files.list(&params)).await;
    file
}

pub(super) async fn events(calls: &mut Calls, at: &Setting<'_>) {
    let events = at.stripe.events();
    let found = events.list(&ListEvents::new().with_event_type("charge.succeeded").with_limit(1)).page();
    let found = calls.before("events.retrieve", found).await;
    let event = id(found.as_ref().and_then(|page| page.data.first()), "evt_placeholder");
    calls.object("events.retrieve", events.retrieve(&event, at.none)).await;
    // `types` excludes `type`.
    let params = ListEvents::new()
        .with_delivery_success(true)
        .with_types(["charge.succeeded", "charge.refunded"])
        .with_created(at.lately())
        .with_limit(3)
        .with_starting_after(&event);
    calls.page("events.list", events.list(&params)).await;
}

pub(super) async fn webhook_endpoints(calls: &mut Calls, at: &Setting<'_>) {
    let endpoints = at.stripe.webhook_endpoints();
    let params = CreateWebhookEndpoint::new(PAGE)
        .with_enabled_events(["charge.failed", "charge.succeeded"])
        .with_api_version(Stripe::API_VERSION)
        .with_connect(false)
        .with_description("Sandbox run")
        .with_metadata("run", &at.word);
    let made = endpoints.create(&params, at.none);
    // The answer holds the signing secret.
    let show = |made: &WebhookEndpoint| format!("ok {}, its secret not shown", made.id());
    let made = calls.runner.run("webhook_endpoints.create", made, show).await;
    let endpoint = id(made.as_ref(), "we_placeholder");
    calls.object("webhook_endpoints.retrieve", endpoints.retrieve(&endpoint, at.none)).await;
    let params = UpdateWebhookEndpoint::new()
        .with_description("Sandbox run, changed")
        .with_disabled(true)
        .with_enabled_events(["charge.succeeded"])
        .with_url(PAGE)
        .with_metadata("run", &at.word);
    calls.object("webhook_endpoints.update", endpoints.update(&endpoint, &params, at.none)).await;
    let params = ListWebhookEndpoints::new().with_limit(3).with_starting_after(&endpoint);
    calls.page("webhook_endpoints.list", endpoints.list(&params)).await;
    // An endpoint that is left behind would be called for weeks.
    calls.object("webhook_endpoints.delete", endpoints.delete(&endpoint, at.none)).await;
}
