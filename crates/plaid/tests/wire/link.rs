//! Link tokens.

use secrecy::ExposeSecret;
use turnbuckle_core::{Environment, ErrorKind};
use turnbuckle_plaid::*;

use crate::wire_support::{Answer, Wire, access_token, link_token};

fn minimal() -> CreateLinkToken {
    CreateLinkToken::new("Stand & Board", "en", ["US"], LinkUser::new("user-7"))
}

#[tokio::test]
async fn create() {
    let wire = Wire::answering("link_token_create");
    let user = LinkUser::new("user-7")
        .with_legal_name("Robin Stand")
        .with_phone_number("+15550100")
        .with_email_address("robin@shop.example");
    let filters = AccountFilters::new()
        .with_depository(SubtypeFilter::new(["checking", "savings"]))
        .with_credit(SubtypeFilter::new(["credit card"]))
        .with_loan(SubtypeFilter::new(["student"]))
        .with_investment(SubtypeFilter::new(["all"]));
    let hosted = HostedLink::new()
        .with_delivery_method("email")
        .with_completion_redirect_uri("https://shop.example/done")
        .with_url_lifetime_seconds(900)
        .with_is_mobile_app(false);
    let params = CreateLinkToken::new("Stand & Board", "en", ["US", "CA"], user)
        .with_products([Product::Transactions])
        .with_required_if_supported_products([Product::Auth])
        .with_optional_products([Product::Identity])
        .with_additional_consented_products([Product::Liabilities])
        .with_webhook("https://shop.example/plaid")
        .with_link_customization_name("boards")
        .with_redirect_uri("https://shop.example/back")
        .with_android_package_name("example.shop")
        .with_account_filters(filters)
        .with_institution_id("ins_109508")
        .with_transactions(LinkTransactions::new(730))
        .with_hosted_link(hosted);
    let token = wire.plaid().link().create(&params).await.unwrap();
    wire.assert_sent("link_token_create");
    assert_eq!(token.link_token.expose_secret(), link_token().expose_secret());
    assert_eq!(token.expiration.to_rfc3339(), "2026-07-14T13:30:00+00:00");
    assert!(token.hosted_link_url.is_some());

    let token = wire.plaid().link().create(&params).await.unwrap();
    assert_eq!((token.hosted_link_url, token.user_id), (None, None));
}

#[tokio::test]
async fn create_minimal() {
    let wire = Wire::answering("link_token_create");
    let params = minimal().with_hosted_link(HostedLink::new());
    wire.plaid().link().create(&params).await.unwrap();
    wire.assert_sent("link_token_create_minimal");
}

#[tokio::test]
async fn create_update() {
    let wire = Wire::answering("link_token_create");
    let params = minimal().with_update(LinkUpdate::new().with_account_selection_enabled(true));
    wire.plaid().link().create_update(&access_token(), &params).await.unwrap();
    wire.assert_sent("link_token_create_update");

    let with_products = minimal().with_products([Product::Auth]);
    let error = wire.plaid().link().create_update(&access_token(), &with_products).await.unwrap_err();
    assert_eq!((error.kind(), error.fields()[0].field.as_ref()), (ErrorKind::InvalidRequest, "products"));
    assert_eq!(wire.attempts(), 1);
}

#[tokio::test]
async fn get() {
    let wire = Wire::answering("link_token_get");
    let info = wire.plaid().link().get(&link_token()).await.unwrap();
    wire.assert_sent("link_token_get");
    let adds: Vec<_> = info.item_adds().collect();
    assert_eq!(adds.len(), 1);
    assert_eq!(adds[0].public_token.expose_secret(), "public-sandbox-3f0c5d1e-8b7a-4c21-9d42-6a1f00b0a7d1");
    assert_eq!(adds[0].institution.as_ref().unwrap().institution_id.as_deref(), Some("ins_109508"));
    assert_eq!(adds[0].accounts[0].mask.as_deref(), Some("4417"));
    let session = &info.link_sessions[0];
    let exit = session.exit.as_ref().unwrap().error.as_ref().unwrap();
    assert_eq!(exit.class(), ErrorClass::UpdateMode);
    assert_eq!(session.events[0].event_name, "HANDOFF");
    assert_eq!(info.metadata.initial_products, [Product::Transactions]);

    let info = wire.plaid().link().get(&link_token()).await.unwrap();
    assert_eq!((info.expiration, info.item_adds().count()), (None, 0));
}

#[tokio::test]
async fn refuses_what_plaid_would_refuse_or_replace() {
    let wire = Wire::new([]);
    let plaid = wire.plaid();
    let bad =
        CreateLinkToken::new("A name of more than thirty signs", "", Vec::<String>::new(), LinkUser::new(""))
            .with_optional_products([Product::Balance])
            .with_redirect_uri("https://shop.example/back?user=7")
            .with_transactions(LinkTransactions::new(731))
            .with_hosted_link(HostedLink::new().with_url_lifetime_seconds(21 * 24 * 3600 + 1));
    let error = plaid.link().create(&bad).await.unwrap_err();
    let fields: Vec<_> = error.fields().iter().map(|field| field.field.as_ref()).collect();
    assert_eq!(
        fields,
        [
            "client_name",
            "language",
            "country_codes",
            "user.client_user_id",
            "products",
            "redirect_uri",
            "transactions.days_requested",
            "hosted_link.url_lifetime_seconds",
        ]
    );
    assert_eq!(wire.attempts(), 0);
}

#[tokio::test]
async fn plain_http_comes_back_to_sandbox_alone() {
    let params = minimal().with_redirect_uri("http://localhost:3000/back");
    let wire = Wire::answering("link_token_create");
    wire.plaid().link().create(&params).await.unwrap();

    let live = Plaid::new(&wire.config(Environment::Production)).unwrap();
    let error = live.link().create(&params).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "redirect_uri");
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again() {
    let wire = Wire::new([Answer::Lost, Answer::fixture(200, "link_token_create")]);
    wire.plaid().link().create(&minimal()).await.unwrap();
    assert_eq!(wire.attempts(), 2);
}
