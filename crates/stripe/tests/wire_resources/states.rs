//! States that matter, read from the samples: money that went back, money that is missing, and who has to act.

use turnbuckle_stripe::*;

use crate::wire_support::{Wire, keyed};
use crate::{at, page_of};

const CUSTOMER: &str = "cus_TbBoardPayer17";
const CHARGE: &str = "ch_3TbOrder6735BoardsChg001";
const PAYMENT: &str = "pi_3TbOrder6735BoardsPay001";
const SUBSCRIPTION: &str = "sub_1TbPayer17BoardCare00001";

#[tokio::test]
async fn a_charge_of_which_one_part_went_back_and_the_rest_is_disputed() {
    let charge = Wire::answering("charge").stripe().charges().retrieve(CHARGE, &keyed()).await.unwrap();
    let refund = Wire::answering("refund").stripe().refunds().retrieve("re_1", &keyed()).await.unwrap();
    let dispute = Wire::answering("dispute").stripe().disputes().retrieve("dp_1", &keyed()).await.unwrap();

    assert!(charge.captured && charge.paid && charge.disputed);
    assert!(!charge.refunded, "a part is not the whole");
    assert_eq!(charge.customer.unwrap().id(), CUSTOMER);
    assert_eq!(charge.payment_intent.unwrap().id(), PAYMENT);
    assert_eq!(charge.amount_refunded, refund.amount);
    assert_eq!(charge.amount_captured - charge.amount_refunded, dispute.amount);
    let outcome = charge.outcome.unwrap();
    assert_eq!((outcome.outcome_type.as_deref(), outcome.risk_score), (Some("authorized"), Some(67)));

    assert_eq!(refund.charge.unwrap().id(), CHARGE);
    assert_eq!((refund.status, refund.failure_reason), (RefundStatus::Succeeded, None));
    assert!(refund.created > charge.created);

    assert_eq!(dispute.charge.unwrap().id(), CHARGE);
    assert_eq!(
        (dispute.status.as_str(), dispute.reason.as_str()),
        ("needs_response", "product_not_received")
    );
    let evidence = dispute.evidence_details.unwrap();
    assert_eq!((evidence.has_evidence, evidence.submission_count), (true, 0));
    assert_eq!(evidence.due_by, Some(at(1_785_887_999)));
    assert!(!evidence.past_due && !dispute.is_charge_refundable);
    let card = dispute.payment_method_details.unwrap().card.unwrap();
    assert_eq!(card.case_type.as_deref(), Some("chargeback"));
}

#[tokio::test]
async fn a_payment_that_waits_for_another_method_says_why() {
    let wire = Wire::answering("payment_intent_failed");
    let payment = wire.stripe().payment_intents().retrieve("pi_1", &keyed()).await.unwrap();
    assert_eq!(payment.status, PaymentIntentStatus::RequiresPaymentMethod);
    assert_eq!((payment.amount, payment.amount_received), (4800, 0));
    assert_eq!(payment.capture_method, CaptureMethod::Manual);
    assert!(payment.payment_method.is_none());
    let refusal = payment.last_payment_error.unwrap();
    assert!(refusal.is_decline());
    assert_eq!(refusal.decline_code.as_deref(), Some("insufficient_funds"));
    assert_eq!(refusal.advice_code.as_deref(), Some("try_again_later"));
    assert_eq!(refusal.network_decline_code.as_deref(), Some("51"));
    assert_eq!(refusal.charge.as_deref(), Some(payment.latest_charge.unwrap().id()));
    assert_eq!(refusal.payment_method.unwrap().customer.unwrap().id(), CUSTOMER);
}

#[tokio::test]
async fn a_subscription_is_past_due_while_its_invoice_is_open() {
    let wire = Wire::answering("subscription");
    let subscription = wire.stripe().subscriptions().retrieve(SUBSCRIPTION, &keyed()).await.unwrap();
    let invoice = Wire::answering("invoice").stripe().invoices().retrieve("in_1", &keyed()).await.unwrap();

    assert_eq!(subscription.status, SubscriptionStatus::PastDue);
    assert!(!subscription.cancel_at_period_end && subscription.canceled_at.is_none());
    assert_eq!(subscription.customer.unwrap().id(), CUSTOMER);
    assert_eq!(subscription.latest_invoice.unwrap().id(), invoice.id);
    let item = &subscription.items.as_ref().unwrap().data[0];
    assert_eq!((item.quantity, item.subscription.as_deref()), (Some(2), Some(SUBSCRIPTION)));

    assert_eq!(invoice.status, InvoiceStatus::Open);
    assert_eq!((invoice.attempted, invoice.attempt_count), (true, 1));
    assert_eq!(invoice.next_payment_attempt, Some(at(1_786_186_830)));
    let transitions = invoice.status_transitions.unwrap();
    assert!(transitions.finalized_at.is_some() && transitions.paid_at.is_none());
    let parent = invoice.parent.unwrap().subscription_details.unwrap();
    assert_eq!(parent.subscription.unwrap().id(), SUBSCRIPTION);
    assert_eq!(parent.metadata, subscription.metadata);

    let lines = invoice.lines.unwrap().data;
    assert_eq!(lines.len(), 2);
    assert_eq!(lines.iter().map(|line| line.amount).sum::<i64>(), invoice.subtotal);
    assert_eq!(invoice.subtotal - invoice.total, 500, "the discount");
    assert_eq!(invoice.total - invoice.amount_due, 250, "the credit that the customer had");
    assert_eq!(invoice.amount_due - invoice.amount_paid, invoice.amount_remaining);
    let of_item = lines[0].parent.as_ref().unwrap().subscription_item_details.as_ref().unwrap();
    assert_eq!(of_item.subscription_item.as_deref(), Some(item.id.as_str()));
    assert_eq!(lines[0].period.as_ref().unwrap().end, item.current_period_end);
    let price = item.price.as_ref().unwrap();
    assert_eq!(price.unit_amount.unwrap() * 2, lines[0].amount);
    let pricing = lines[0].pricing.as_ref().unwrap().price_details.as_ref().unwrap();
    assert_eq!(pricing.price.as_ref().unwrap().id(), price.id);
}

#[tokio::test]
async fn an_invoice_item_becomes_a_line() {
    let item =
        Wire::answering("invoiceitem").stripe().invoice_items().retrieve("ii_1", &keyed()).await.unwrap();
    let wire = page_of("line_item");
    let page = wire.stripe().invoices().lines("in_1", &ListInvoiceLines::new()).page().await.unwrap();
    let line = &page.data[0];
    let parent = line.parent.as_ref().unwrap();
    assert_eq!(parent.parent_type, "invoice_item_details");
    assert!(parent.subscription_item_details.is_none());
    let parent = parent.invoice_item_details.as_ref().unwrap();
    assert_eq!(parent.invoice_item.as_deref(), Some(item.id.as_str()));
    assert_eq!((line.amount, line.quantity), (item.amount, Some(item.quantity)));
    assert_eq!(line.invoice.as_deref(), Some(item.invoice.unwrap().id()));
    assert!(item.discountable && !item.proration);
}

#[tokio::test]
async fn a_discount_by_coupon_and_code() {
    let coupon = Wire::answering("coupon").stripe().coupons().retrieve("CARE125", &keyed()).await.unwrap();
    assert_eq!(coupon.percent_off.unwrap().to_string(), "12.5");
    assert_eq!((coupon.amount_off, coupon.currency), (None, None));
    assert_eq!((coupon.duration.as_str(), coupon.duration_in_months), ("repeating", Some(6)));
    assert_eq!((coupon.valid, coupon.times_redeemed, coupon.max_redemptions), (true, 2, Some(40)));

    let wire = Wire::answering("promotion_code");
    let code = wire.stripe().promotion_codes().retrieve("promo_1", &keyed()).await.unwrap();
    assert_eq!((code.code.as_str(), code.active), ("BOARDCARE", true));
    assert_eq!(code.promotion.coupon.as_deref(), Some(coupon.id.as_str()));
    assert_eq!(code.customer.unwrap().id(), CUSTOMER);
    assert_eq!(code.expires_at, coupon.redeem_by);
}

#[tokio::test]
async fn a_session_that_was_paid() {
    let wire = Wire::answering("checkout_session");
    let session = wire.stripe().checkout_sessions().retrieve("cs_1", &keyed()).await.unwrap();
    assert_eq!((session.status.as_deref(), session.payment_status.as_str()), (Some("complete"), "paid"));
    assert_eq!(session.payment_intent.unwrap().id(), PAYMENT);
    assert!(session.url.is_none(), "a page that is done with has no address");
    let wire = page_of("item");
    let lines = wire.stripe().checkout_sessions().line_items("cs_1", &ListLineItems::new()).page().await;
    let line = lines.unwrap().data.remove(0);
    assert_eq!(Some(line.amount_total), session.amount_subtotal);
    assert_eq!((line.amount_subtotal, line.amount_discount, line.amount_tax), (8400, 0, 0));
    let price = line.price.unwrap();
    assert_eq!((price.price_type.as_str(), price.unit_amount), ("one_time", Some(4200)));
    assert!(price.recurring.is_none());

    let product = Wire::answering("product").stripe().products().retrieve("prod_1", &keyed()).await.unwrap();
    assert_eq!(price.product.unwrap().id(), product.id);
    assert_eq!(product.default_price.unwrap().id(), price.id);
    assert_eq!((product.marketing_features.len(), product.images.len()), (2, 2));

    let link =
        Wire::answering("payment_link").stripe().payment_links().retrieve("plink_1", &keyed()).await.unwrap();
    assert!(!link.active);
    assert_eq!(link.payment_method_types, session.payment_method_types);
}

#[tokio::test]
async fn a_price_by_the_month() {
    let price = Wire::answering("price").stripe().prices().retrieve("price_1", &keyed()).await.unwrap();
    assert_eq!((price.price_type.as_str(), price.active), ("recurring", true));
    assert_eq!((price.unit_amount, price.unit_amount_decimal.as_deref()), (Some(1200), Some("1200")));
    let terms = price.recurring.unwrap();
    assert_eq!((terms.interval.as_str(), terms.interval_count), ("month", 1));
    assert_eq!((terms.trial_period_days, terms.usage_type.as_deref()), (Some(14), Some("licensed")));
}

#[tokio::test]
async fn a_payout_that_came_back() {
    let payout = Wire::answering("payout").stripe().payouts().retrieve("po_1", &keyed()).await.unwrap();
    assert_eq!(
        (payout.status, payout.failure_code.as_deref()),
        (PayoutStatus::Failed, Some("account_closed"))
    );
    assert!(payout.failure_message.is_some() && payout.automatic);
    let left = payout.balance_transaction.unwrap();
    let returned = payout.failure_balance_transaction.unwrap();
    assert_ne!(left.id(), returned.id());
    assert!(payout.arrival_date > payout.created);
}

#[tokio::test]
async fn a_transfer_of_which_half_was_taken_back() {
    let transfer = Wire::answering("transfer").stripe().transfers().retrieve("tr_1", &keyed()).await.unwrap();
    assert_eq!((transfer.amount, transfer.amount_reversed, transfer.reversed), (5600, 2800, false));
    assert_eq!(transfer.source_transaction.unwrap().id(), CHARGE);
    let wire = Wire::answering("transfer_reversal");
    let reversal =
        wire.stripe().transfers().reverse("tr_1", &ReverseTransfer::new(), &keyed()).await.unwrap();
    assert_eq!(reversal.amount, transfer.amount_reversed);
    assert_eq!(reversal.transfer.unwrap().id(), transfer.id);
    assert!(reversal.destination_payment_refund.is_some() && reversal.source_refund.is_none());
}

#[tokio::test]
async fn an_account_that_cannot_be_paid_out_says_what_is_missing() {
    let account = Wire::answering("account").stripe().accounts().retrieve("acct_1", &keyed()).await.unwrap();
    assert!(account.details_submitted && !account.charges_enabled && !account.payouts_enabled);
    assert_eq!(account.capabilities["card_payments"], "inactive");
    assert_eq!(account.capabilities["transfers"], "active");
    let requirements = account.requirements.unwrap();
    assert_eq!(requirements.past_due, ["external_account"]);
    assert_eq!(requirements.disabled_reason.as_deref(), Some("requirements.past_due"));
    assert_eq!(requirements.pending_verification, ["company.address.line1"]);
    let later = account.future_requirements.unwrap();
    assert!(later.current_deadline > requirements.current_deadline);

    let link = Wire::answering("account_link");
    let params = CreateAccountLink::new("acct_1", "account_onboarding");
    let link = link.stripe().account_links().create(&params, &keyed()).await.unwrap();
    assert_eq!((link.expires_at.unwrap() - link.created.unwrap()).num_minutes(), 5);
}

#[tokio::test]
async fn what_waits_for_somebody() {
    let review = Wire::answering("review").stripe().reviews().retrieve("prv_1", &keyed()).await.unwrap();
    assert!(review.open && review.closed_reason.is_none());
    assert_eq!((review.opened_reason.as_deref(), review.reason.as_deref()), (Some("manual"), Some("manual")));
    assert_eq!(review.payment_intent.unwrap().id(), "pi_3TbOrder6741BoardsPay001");

    let wire = Wire::answering("test_helpers_test_clock");
    let clock = wire.stripe().test_clocks().retrieve("clock_1", &keyed()).await.unwrap();
    assert_eq!((clock.status.as_str(), clock.frozen_time), ("advancing", Some(at(1_783_245_600))));

    let wire = Wire::answering("webhook_endpoint");
    let endpoint = wire.stripe().webhook_endpoints().retrieve("we_1", &keyed()).await.unwrap();
    assert_eq!((endpoint.status.as_str(), endpoint.enabled_events.len()), ("disabled", 4));
    assert!(endpoint.secret.is_none(), "only the answer of creating has it");
}

#[tokio::test]
async fn a_visit_to_the_portal_belongs_to_one_customer() {
    let wire = Wire::answering("billing_portal_session");
    let params = CreatePortalSession::new(CUSTOMER);
    let session = wire.stripe().portal_sessions().create(&params, &keyed()).await.unwrap();
    assert_eq!((session.customer.as_str(), session.livemode), (CUSTOMER, false));
    assert_eq!(session.return_url.as_deref(), Some("https://shop.example/boards"));
    assert!(session.url.is_some());
}
