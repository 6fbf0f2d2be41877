//! Items, and processor tokens made from them.

use secrecy::ExposeSecret;
use turnbuckle_core::{Advice, Effect, ErrorKind};
use turnbuckle_plaid::*;

use crate::wire_support::{ACCOUNT, Answer, ITEM, Wire, access_token, public_token};

#[tokio::test]
async fn exchange() {
    let wire = Wire::answering("item_public_token_exchange");
    let exchanged = wire.plaid().items().exchange(&public_token()).await.unwrap();
    wire.assert_sent("item_public_token_exchange");
    assert_eq!(exchanged.item_id, ITEM);
    assert_eq!(exchanged.access_token.expose_secret(), access_token().expose_secret());
}

#[tokio::test]
async fn get() {
    let wire = Wire::answering("item_get");
    let info = wire.plaid().items().get(&access_token()).await.unwrap();
    wire.assert_sent("item_get");
    assert_eq!((info.item.item_id.as_str(), info.item.institution_id.as_deref()), (ITEM, Some("ins_109508")));
    assert_eq!(info.item.billed_products, [Product::Auth, Product::Transactions]);
    assert_eq!(info.item.error.unwrap().class(), ErrorClass::UpdateMode);
    assert!(info.item.consent_expiration_time.is_some());
    let status = info.status.unwrap();
    assert_eq!(status.last_webhook.unwrap().code_sent.as_deref(), Some("DEFAULT_UPDATE"));
    assert!(status.transactions.unwrap().last_successful_update.is_some());

    let info = wire.plaid().items().get(&access_token()).await.unwrap();
    assert!(info.item.error.is_none() && info.status.is_none() && info.item.products.is_empty());
}

#[tokio::test]
async fn remove() {
    let wire = Wire::answering("item_remove");
    wire.plaid().items().remove(&access_token(), &RemoveItem::new()).await.unwrap();
    wire.assert_sent("item_remove");
}

#[tokio::test]
async fn remove_with_a_reason() {
    let wire = Wire::answering("item_remove");
    let params = RemoveItem::new()
        .with_reason_code(RemoveReason::NonFunctional)
        .with_reason_note("moved to another bank");
    wire.plaid().items().remove(&access_token(), &params).await.unwrap();
    wire.assert_sent("item_remove_reason");
    let long = RemoveItem::new().with_reason_note("x".repeat(513));
    let error = wire.plaid().items().remove(&access_token(), &long).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "reason_note");
}

#[tokio::test]
async fn a_removal_that_finds_nothing_after_a_lost_answer_is_done() {
    for gone in ["error_item_not_found", "error_invalid_access_token"] {
        let wire = Wire::new([Answer::Lost, Answer::fixture(400, gone)]);
        wire.plaid().items().remove(&access_token(), &RemoveItem::new()).await.unwrap();
        assert_eq!(wire.attempts(), 2);
        // Nobody was there before the first request: that is for the caller to know.
        let wire = Wire::new([Answer::fixture(400, gone)]);
        let error = wire.plaid().items().remove(&access_token(), &RemoveItem::new()).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::NotFound, Effect::None));
    }
    // Another refusal after a lost answer says nothing about the first attempt.
    let wire = Wire::new([Answer::Lost, Answer::fixture(400, "error_institution_down")]);
    let error = wire.plaid().items().remove(&access_token(), &RemoveItem::new()).await.unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown);
}

#[tokio::test]
async fn invalidate_access_token() {
    let wire = Wire::answering("item_access_token_invalidate");
    let new = wire.plaid().items().invalidate_access_token(&access_token()).await.unwrap();
    wire.assert_sent("item_access_token_invalidate");
    assert_ne!(new.new_access_token.expose_secret(), access_token().expose_secret());
    assert!(new.new_access_token.expose_secret().starts_with("access-sandbox-"));
}

/// A lost answer leaves open which token lives, and nothing is sent a second time.
#[tokio::test]
async fn what_can_be_done_once_is_sent_once() {
    let lost = || Wire::new([Answer::Lost]);
    let failed = || Wire::new([Answer::fixture(500, "error_internal_server_error")]);
    let unread = || Wire::new([Answer::new(200, "{\"request_id\":")]);
    for wire in [lost(), failed(), unread()] {
        let plaid = wire.plaid();
        let error = plaid.items().invalidate_access_token(&access_token()).await.unwrap_err();
        assert_eq!((error.effect(), error.advice()), (Effect::Unknown, Advice::ResolveFirst));
        assert_eq!(wire.attempts(), 1);
    }
    for wire in [lost(), failed(), unread()] {
        let plaid = wire.plaid();
        let error = plaid.items().exchange(&public_token()).await.unwrap_err();
        assert_eq!((error.effect(), wire.attempts()), (Effect::Unknown, 1));
    }
    for wire in [lost(), failed()] {
        let error = wire.plaid().transactions().refresh(&access_token()).await.unwrap_err();
        assert_eq!((error.effect(), wire.attempts()), (Effect::Unknown, 1));
    }
}

#[tokio::test]
async fn update_webhook() {
    let wire = Wire::answering("item_webhook_update");
    let address = Some("https://shop.example/plaid2");
    let info = wire.plaid().items().update_webhook(&access_token(), address).await.unwrap();
    wire.assert_sent("item_webhook_update");
    assert_eq!(info.item.webhook.as_deref(), Some("https://shop.example/plaid"));
}

#[tokio::test]
async fn clear_webhook() {
    let wire = Wire::new([Answer::Lost, Answer::fixture(200, "item_webhook_update_sparse")]);
    let info = wire.plaid().items().update_webhook(&access_token(), None).await.unwrap();
    wire.assert_sent("item_webhook_update_clear");
    assert_eq!((info.item.webhook, wire.attempts()), (None, 2));
}

#[tokio::test]
async fn processor_token() {
    let wire = Wire::answering("processor_token_create");
    let params = CreateProcessorToken::new(ACCOUNT, "dwolla");
    let token = wire.plaid().processor().create_token(&access_token(), &params).await.unwrap();
    wire.assert_sent("processor_token_create");
    assert_eq!(token.processor_token.expose_secret(), "processor-sandbox-stand-board");
}

#[tokio::test]
async fn stripe_token() {
    let wire = Wire::answering("processor_stripe_bank_account_token_create");
    let token = wire.plaid().processor().create_stripe_token(&access_token(), ACCOUNT).await.unwrap();
    wire.assert_sent("processor_stripe_bank_account_token_create");
    assert_eq!(token.stripe_bank_account_token.expose_secret(), "btok_StandBoard0001");
}

#[tokio::test]
async fn a_token_of_another_world_or_kind_never_leaves() {
    let wire = Wire::new([]);
    let plaid = wire.plaid();
    for token in ["access-production-1", "access-development-1", "public-sandbox-1", ""] {
        let error = plaid.items().get(&token.into()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.fields()[0].field.as_ref()),
            (ErrorKind::InvalidRequest, "access_token")
        );
    }
    let error = plaid.items().exchange(&"public-production-1".into()).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "public_token");
    let error = plaid.link().get(&"access-sandbox-1".into()).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "link_token");
    assert_eq!(wire.attempts(), 0);
}
