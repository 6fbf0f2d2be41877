//! Invoices and invoice items: every request byte for byte.

use turnbuckle_stripe::*;

use crate::wire_support::{Wire, keyed};
use crate::{at, page_of};

#[tokio::test]
async fn invoices_create() {
    let wire = Wire::answering("invoice");
    let params = CreateInvoice::new("cus_123")
        .with_account_tax_ids(["txi_123"])
        .with_application_fee_amount(123)
        .with_auto_advance(true)
        .with_automatic_tax(AutomaticTax::new(true))
        .with_automatically_finalizes_at(at(1_731_536_000))
        .with_collection_method("charge_automatically")
        .with_currency("usd")
        .with_custom_field(InvoiceCustomField::new("Stand & Board", "7"))
        .with_days_until_due(30)
        .with_default_payment_method("pm_123")
        .with_default_tax_rates(["txr_1"])
        .with_description("Two boards, 1 m")
        .with_discount(Discount::new().with_coupon("25OFF"))
        .with_due_date(at(1_731_536_000))
        .with_effective_at(at(1_731_536_000))
        .with_footer("Thank you")
        .with_issuer(AccountChoice::new("account"))
        .with_number("INV-7")
        .with_on_behalf_of("acct_123")
        .with_pending_invoice_items_behavior("include")
        .with_statement_descriptor("SHOP 7")
        .with_subscription("sub_123")
        .with_transfer_data(TransferData::new("acct_123"))
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().invoices().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("invoices_create");
    assert_eq!(answer.id, "in_1TbPayer17CareRenewal002");
}

#[tokio::test]
async fn invoices_create_preview() {
    let wire = Wire::answering("invoice");
    let params = PreviewInvoice::new()
        .with_automatic_tax(AutomaticTax::new(true))
        .with_currency("usd")
        .with_customer("cus_123")
        .with_discount(Discount::new().with_coupon("25OFF"))
        .with_invoice_item(
            PreviewInvoiceItem::new()
                .with_amount(1099)
                .with_currency("usd")
                .with_description("Two boards, 1 m")
                .with_discountable(true)
                .with_invoiceitem("ii_123")
                .with_price("price_123")
                .with_price_data(PriceData::new("usd").with_product("prod_123").with_unit_amount(2000))
                .with_quantity(2)
                .with_tax_rates(["txr_1", "txr_2"]),
        )
        .with_issuer(AccountChoice::new("account"))
        .with_on_behalf_of("acct_123")
        .with_preview_mode("next")
        .with_schedule("sub_sched_123")
        .with_subscription("sub_123")
        .with_subscription_details(
            PreviewSubscription::new()
                .with_billing_cycle_anchor(When::At(at(1_731_536_000)))
                .with_cancel_at(When::At(at(1_731_536_000)))
                .with_cancel_at_period_end(false)
                .with_cancel_now(true)
                .with_default_tax_rates(["txr_1"])
                .with_item(SubscriptionItemData::new().with_price("price_123").with_quantity(2))
                .with_proration_behavior("always_invoice")
                .with_proration_date(at(1_731_536_000))
                .with_start_date(at(1_731_536_000))
                .with_trial_end(When::now()),
        );
    let answer = wire.stripe().invoices().create_preview(&params, &keyed()).await.unwrap();
    wire.assert_sent("invoices_create_preview");
    assert_eq!(answer.id, "in_1TbPayer17CareRenewal002");
}

#[tokio::test]
async fn invoices_retrieve() {
    let wire = Wire::answering("invoice");
    let answer = wire.stripe().invoices().retrieve("in_123", &keyed()).await.unwrap();
    wire.assert_sent("invoices_retrieve");
    assert_eq!(answer.id, "in_1TbPayer17CareRenewal002");
}

#[tokio::test]
async fn invoices_lines() {
    let wire = page_of("line_item");
    let params = ListInvoiceLines::new().with_limit(3).with_starting_after("last_123");
    let page = wire.stripe().invoices().lines("in_123", &params).page().await.unwrap();
    wire.assert_sent("invoices_lines");
    assert_eq!(page.data[0].id, "il_1TbCareRenewalLine000002");
}

#[tokio::test]
async fn invoices_finalize() {
    let wire = Wire::answering("invoice");
    let params = FinalizeInvoice::new().with_auto_advance(true);
    let answer = wire.stripe().invoices().finalize("in_123", &params, &keyed()).await.unwrap();
    wire.assert_sent("invoices_finalize");
    assert_eq!(answer.id, "in_1TbPayer17CareRenewal002");
}

#[tokio::test]
async fn invoices_pay() {
    let wire = Wire::answering("invoice");
    let params = PayInvoice::new()
        .with_forgive(true)
        .with_mandate("mandate_123")
        .with_off_session(true)
        .with_paid_out_of_band(true)
        .with_payment_method("pm_123");
    let answer = wire.stripe().invoices().pay("in_123", &params, &keyed()).await.unwrap();
    wire.assert_sent("invoices_pay");
    assert_eq!(answer.id, "in_1TbPayer17CareRenewal002");
}

#[tokio::test]
async fn invoices_void() {
    let wire = Wire::answering("invoice");
    let answer = wire.stripe().invoices().void("in_123", &keyed()).await.unwrap();
    wire.assert_sent("invoices_void");
    assert_eq!(answer.id, "in_1TbPayer17CareRenewal002");
}

#[tokio::test]
async fn invoices_delete() {
    let wire = Wire::answering("deleted_invoice");
    let answer = wire.stripe().invoices().delete("in_123", &keyed()).await.unwrap();
    wire.assert_sent("invoices_delete");
    assert_eq!((answer.id.as_str(), answer.deleted), ("in_1TbPayer17CareDraft00003", true));
}

#[tokio::test]
async fn invoices_list() {
    let wire = page_of("invoice");
    let params = ListInvoices::new()
        .with_collection_method("charge_automatically")
        .with_customer("cus_123")
        .with_due_date(Created::since(at(1_700_000_000)).until(at(1_702_592_000)))
        .with_status("open")
        .with_subscription("sub_123")
        .with_created(Created::since(at(1_700_000_000)).until(at(1_702_592_000)))
        .with_limit(3)
        .with_starting_after("last_123");
    let page = wire.stripe().invoices().list(&params).page().await.unwrap();
    wire.assert_sent("invoices_list");
    assert_eq!(page.data[0].id, "in_1TbPayer17CareRenewal002");
}

#[tokio::test]
async fn invoice_items_create() {
    let wire = Wire::answering("invoiceitem");
    let params = CreateInvoiceItem::new("cus_123")
        .with_amount(1099)
        .with_currency("usd")
        .with_description("Two boards, 1 m")
        .with_discountable(true)
        .with_discount(Discount::new().with_coupon("25OFF"))
        .with_invoice("in_123")
        .with_period(Period::new(at(1_700_000_000), at(1_702_592_000)))
        .with_price_data(PriceData::new("usd").with_product("prod_123").with_unit_amount(2000))
        .with_pricing(InvoiceItemPricing::new("price_123"))
        .with_quantity(2)
        .with_subscription("sub_123")
        .with_tax_behavior("exclusive")
        .with_tax_code("txcd_10000000")
        .with_tax_rates(["txr_1", "txr_2"])
        .with_unit_amount_decimal("0.05")
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().invoice_items().create(&params, &keyed()).await.unwrap();
    wire.assert_sent("invoice_items_create");
    assert_eq!(answer.id, "ii_1TbGripSpareItem00000001");
}

#[tokio::test]
async fn invoice_items_retrieve() {
    let wire = Wire::answering("invoiceitem");
    let answer = wire.stripe().invoice_items().retrieve("ii_123", &keyed()).await.unwrap();
    wire.assert_sent("invoice_items_retrieve");
    assert_eq!(answer.id, "ii_1TbGripSpareItem00000001");
}

#[tokio::test]
async fn invoice_items_update() {
    let wire = Wire::answering("invoiceitem");
    let params = UpdateInvoiceItem::new()
        .with_amount(1099)
        .with_description("Two boards, 1 m")
        .with_discountable(true)
        .with_discounts(vec![Discount::new().with_coupon("25OFF")])
        .with_period(Period::new(at(1_700_000_000), at(1_702_592_000)))
        .with_price_data(PriceData::new("usd").with_product("prod_123").with_unit_amount(2000))
        .with_pricing(InvoiceItemPricing::new("price_123"))
        .with_quantity(2)
        .with_tax_behavior("exclusive")
        .with_tax_code("txcd_10000000")
        .with_tax_rates(vec!["txr_1".to_owned(), "txr_2".to_owned()])
        .with_unit_amount_decimal("0.05")
        .with_metadata("order", "7 + 8");
    let answer = wire.stripe().invoice_items().update("ii_123", &params, &keyed()).await.unwrap();
    wire.assert_sent("invoice_items_update");
    assert_eq!(answer.id, "ii_1TbGripSpareItem00000001");
}

#[tokio::test]
async fn invoice_items_delete() {
    let wire = Wire::answering("deleted_invoiceitem");
    let answer = wire.stripe().invoice_items().delete("ii_123", &keyed()).await.unwrap();
    wire.assert_sent("invoice_items_delete");
    assert_eq!((answer.id.as_str(), answer.deleted), ("ii_1TbGripSpareItem00000001", true));
}

#[tokio::test]
async fn invoice_items_list() {
    let wire = page_of("invoiceitem");
    let params = ListInvoiceItems::new()
        .with_customer("cus_123")
        .with_invoice("in_123")
        .with_pending(true)
        .with_created(Created::since(at(1_700_000_000)).until(at(1_702_592_000)))
        .with_limit(3)
        .with_starting_after("last_123");
    let page = wire.stripe().invoice_items().list(&params).page().await.unwrap();
    wire.assert_sent("invoice_items_list");
    assert_eq!(page.data[0].id, "ii_1TbGripSpareItem00000001");
}
