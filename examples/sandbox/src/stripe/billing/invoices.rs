//! Invoices and what they charge.

use turnbuckle_core::Result;
use turnbuckle_stripe::{
    CreateInvoice, CreateInvoiceItem, CreateSubscription, Created, FinalizeInvoice, Invoice,
    InvoiceCustomField, InvoiceItemPricing, ListInvoiceItems, ListInvoiceLines, ListInvoices, PayInvoice,
    Period, PreviewInvoice, PreviewInvoiceItem, PreviewSubscription, SubscriptionItemData, TransferData,
    UpdateInvoiceItem, When,
};

use super::super::{Calls, Setting, USD, id};
use super::{Wares, discount, issuer, no_tax, once_data};

/// A draft that charges its customer by itself.
async fn draft(at: &Setting<'_>, wares: &Wares<'_>) -> Result<Invoice> {
    let params = CreateInvoice::new(wares.customer)
        .with_auto_advance(false)
        .with_pending_invoice_items_behavior("exclude")
        .with_default_payment_method(&wares.method);
    let invoice = at.stripe.invoices().create(&params, at.none).await?;
    let line = CreateInvoiceItem::new(wares.customer)
        .with_invoice(&invoice.id)
        .with_pricing(InvoiceItemPricing::new(&wares.once));
    at.stripe.invoice_items().create(&line, at.none).await?;
    Ok(invoice)
}

/// A draft that is final.
async fn open(at: &Setting<'_>, wares: &Wares<'_>) -> Result<Invoice> {
    let draft = draft(at, wares).await?;
    let params = FinalizeInvoice::new().with_auto_advance(false);
    at.stripe.invoices().finalize(&draft.id, &params, at.none).await
}

/// An open invoice that is sent to its customer, and the subscription that it is of.
async fn send(at: &Setting<'_>, wares: &Wares<'_>) -> Result<(String, String)> {
    let params = CreateSubscription::new(wares.customer)
        .with_item(SubscriptionItemData::new().with_price(&wares.monthly))
        .with_collection_method("send_invoice")
        .with_days_until_due(30);
    let subscription = at.stripe.subscriptions().create(&params, at.none).await?;
    let invoice = subscription.latest_invoice.as_ref();
    let invoice = invoice.map_or("in_placeholder", |invoice| invoice.id()).to_owned();
    at.stripe.invoices().finalize(&invoice, &FinalizeInvoice::new(), at.none).await?;
    Ok((invoice, subscription.id))
}

/// Answers with an item that waits for an invoice.
pub(super) async fn invoice_items(calls: &mut Calls, at: &Setting<'_>, wares: &Wares<'_>) -> String {
    let items = at.stripe.invoice_items();
    let draft = calls.before("invoice_items.create", draft(at, wares)).await;
    let invoice = id(draft.as_ref(), "in_placeholder");
    // One of `amount`, `pricing`, `price_data` and `unit_amount_decimal`; an amount excludes `quantity`, `pricing` a
    // description of tax. The invoice is none of a subscription.
    let params = CreateInvoiceItem::new(wares.customer)
        .with_currency(USD)
        .with_description("Sandbox run")
        .with_discountable(true)
        .with_discount(discount(wares))
        .with_invoice(&invoice)
        .with_period(Period::new(at.days(-30), at.now))
        .with_quantity(2)
        .with_tax_behavior("exclusive")
        .with_tax_code("txcd_99999999")
        .with_tax_rates([&at.outside.tax_rate])
        .with_unit_amount_decimal("1000")
        .with_metadata("run", &at.word);
    let made = calls.object("invoice_items.create", items.create(&params, at.none)).await;
    let plain = CreateInvoiceItem::new(wares.customer).with_pricing(InvoiceItemPricing::new(&wares.once));
    let pending = calls.before("invoice_items.retrieve", items.create(&plain, at.none)).await;
    let pending = id(pending.as_ref(), "ii_placeholder");
    let item = made.map_or_else(|| pending.clone(), |made| made.id);
    calls.object("invoice_items.retrieve", items.retrieve(&item, at.none)).await;
    let params = UpdateInvoiceItem::new()
        .with_description("Sandbox run, changed")
        .with_discountable(true)
        .with_discounts(vec![discount(wares)])
        .with_period(Period::new(at.days(-20), at.now))
        .with_quantity(3)
        .with_tax_behavior("exclusive")
        .with_tax_code("txcd_99999999")
        .with_tax_rates(vec![at.outside.tax_rate.clone()])
        .with_unit_amount_decimal("1000")
        .with_metadata("run", &at.word);
    calls.object("invoice_items.update", items.update(&item, &params, at.none)).await;
    let params = ListInvoiceItems::new()
        .with_customer(wares.customer)
        .with_invoice(&invoice)
        .with_pending(false)
        .with_created(at.lately())
        .with_limit(3)
        .with_starting_after(&item);
    calls.page("invoice_items.list", items.list(&params)).await;
    let spare = calls.before("invoice_items.delete", items.create(&plain, at.none)).await;
    let spare = id(spare.as_ref(), "ii_placeholder");
    calls.object("invoice_items.delete", items.delete(&spare, at.none)).await;
    pending
}

pub(super) async fn invoices(
    calls: &mut Calls,
    at: &Setting<'_>,
    wares: &Wares<'_>,
    subscription: &str,
    item: &str,
) {
    let invoices = at.stripe.invoices();
    // Sending the invoice takes a due date, which excludes `days_until_due`; advancing by itself takes a time. An
    // invoice of a subscription takes no application fee of its own and no pending items of others: it is of none.
    // The fee goes with `transfer_data`.
    let params = CreateInvoice::new(wares.customer)
        .with_account_tax_ids([&at.outside.tax_id])
        .with_application_fee_amount(100)
        .with_auto_advance(true)
        .with_automatic_tax(no_tax())
        .with_automatically_finalizes_at(at.days(2))
        .with_collection_method("send_invoice")
        .with_currency(USD)
        .with_custom_field(InvoiceCustomField::new("Run", &at.word))
        .with_default_payment_method(&wares.method)
        .with_default_tax_rates([&at.outside.tax_rate])
        .with_description("Sandbox run")
        .with_discount(discount(wares))
        .with_due_date(at.days(30))
        .with_effective_at(at.now)
        .with_footer("Thank you")
        .with_issuer(issuer(at))
        .with_number(format!("RUN-{}", at.word.to_uppercase()))
        .with_on_behalf_of(&at.account)
        .with_pending_invoice_items_behavior("exclude")
        .with_statement_descriptor("SANDBOX")
        .with_transfer_data(TransferData::new(&at.account))
        .with_metadata("run", &at.word);
    let made = calls.object("invoices.create", invoices.create(&params, at.none)).await;
    let made = calls.or_plain(made, "invoices.retrieve", Box::pin(draft(at, wares))).await;
    let invoice = id(made.as_ref(), "in_placeholder");
    preview(calls, at, wares, subscription, item).await;
    calls.object("invoices.retrieve", invoices.retrieve(&invoice, at.none)).await;

    let finalizing = calls.before("invoices.finalize", draft(at, wares)).await;
    let finalizing = id(finalizing.as_ref(), "in_placeholder");
    let params = FinalizeInvoice::new().with_auto_advance(false);
    let done = calls.object("invoices.finalize", invoices.finalize(&finalizing, &params, at.none)).await;
    let lines = done.as_ref().and_then(|done| done.lines.as_ref());
    let line = id(lines.and_then(|lines| lines.data.first()), "il_placeholder");
    let params = ListInvoiceLines::new().with_limit(3).with_starting_after(line);
    calls.page("invoices.lines", invoices.lines(&finalizing, &params)).await;

    let unpaid = calls.before("invoices.pay", open(at, wares)).await;
    let unpaid = id(unpaid.as_ref(), "in_placeholder");
    // `paid_out_of_band` would exclude a method and a mandate, which also belongs to one kind of method: no mandate.
    let params = PayInvoice::new()
        .with_forgive(true)
        .with_off_session(true)
        .with_paid_out_of_band(false)
        .with_payment_method(&wares.method);
    calls.object("invoices.pay", invoices.pay(&unpaid, &params, at.none)).await;
    let unpaid = calls.before("invoices.void", open(at, wares)).await;
    let unpaid = id(unpaid.as_ref(), "in_placeholder");
    calls.object("invoices.void", invoices.void(&unpaid, at.none)).await;
    let spare = calls.before("invoices.delete", draft(at, wares)).await;
    let spare = id(spare.as_ref(), "in_placeholder");
    calls.object("invoices.delete", invoices.delete(&spare, at.none)).await;
    let sent = calls.before("invoices.list", send(at, wares)).await;
    let (sent, of) = sent.unwrap_or_else(|| ("in_placeholder".to_owned(), subscription.to_owned()));
    let params = ListInvoices::new()
        .with_collection_method("send_invoice")
        .with_customer(wares.customer)
        .with_due_date(Created::since(at.now).until(at.days(60)))
        .with_status("open")
        .with_subscription(of)
        .with_created(at.lately())
        .with_limit(3)
        .with_starting_after(sent);
    calls.page("invoices.list", invoices.list(&params)).await;
}

async fn preview(calls: &mut Calls, at: &Setting<'_>, wares: &Wares<'_>, subscription: &str, item: &str) {
    // A line that waits is changed (`invoiceitem`), with a price on the spot: `price_data` excludes `price`, `amount`
    // and, with it, `currency`. `subscription` excludes `schedule`; of its details, what is for a new one
    // (`start_date`, `billing_cycle_anchor`) and the other ways to end it are left out.
    let line = PreviewInvoiceItem::new()
        .with_description("Sandbox run")
        .with_discountable(true)
        .with_invoiceitem(item)
        .with_price_data(once_data(&wares.product))
        .with_quantity(2)
        .with_tax_rates([&at.outside.tax_rate]);
    let found = at.stripe.subscriptions().retrieve(subscription, at.none);
    let found = calls.before("invoices.create_preview", found).await;
    let entries = found.as_ref().and_then(|found| found.items.as_ref());
    let entry = SubscriptionItemData::new()
        .with_id(id(entries.and_then(|entries| entries.data.first()), "si_placeholder"))
        .with_price(&wares.monthly)
        .with_quantity(2)
        .with_discount(discount(wares))
        .with_tax_rates([&at.outside.tax_rate])
        .with_metadata("run", &at.word);
    let details = PreviewSubscription::new()
        .with_cancel_at(When::At(at.days(300)))
        .with_default_tax_rates([&at.outside.tax_rate])
        .with_item(entry)
        .with_proration_behavior("create_prorations")
        .with_proration_date(at.soon())
        .with_trial_end(When::now());
    let params = PreviewInvoice::new()
        .with_automatic_tax(no_tax())
        .with_currency(USD)
        .with_customer(wares.customer)
        .with_discount(discount(wares))
        .with_invoice_item(line)
        .with_issuer(issuer(at))
        .with_on_behalf_of(&at.account)
        .with_preview_mode("next")
        .with_subscription(subscription)
        .with_subscription_details(details);
    let preview = at.stripe.invoices().create_preview(&params, at.none);
    calls.object("invoices.create_preview", preview).await;
}
