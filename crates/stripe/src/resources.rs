//! The client's resources, one accessor each.

use crate::{
    AccountLinks, Accounts, BalanceTransactions, Balances, Charges, CheckoutSessions, Coupons, Customers,
    Disputes, Events, Files, InvoiceItems, Invoices, PaymentIntents, PaymentLinks, PaymentMethods, Payouts,
    PortalSessions, Prices, Products, PromotionCodes, Refunds, Reviews, SetupIntents, Stripe,
    SubscriptionItems, Subscriptions, TestClocks, Transfers, WebhookEndpoints,
};

impl Stripe {
    /// Payments.
    pub fn payment_intents(&self) -> PaymentIntents<'_> {
        PaymentIntents::new(self)
    }

    /// Payment methods being verified and set up for later.
    pub fn setup_intents(&self) -> SetupIntents<'_> {
        SetupIntents::new(self)
    }

    /// Customers.
    pub fn customers(&self) -> Customers<'_> {
        Customers::new(self)
    }

    /// Cards and bank accounts.
    pub fn payment_methods(&self) -> PaymentMethods<'_> {
        PaymentMethods::new(self)
    }

    /// Refunds.
    pub fn refunds(&self) -> Refunds<'_> {
        Refunds::new(self)
    }

    /// Attempts to move a payment's money.
    pub fn charges(&self) -> Charges<'_> {
        Charges::new(self)
    }

    /// The account's balance.
    pub fn balance(&self) -> Balances<'_> {
        Balances::new(self)
    }

    /// The ledger of the balance.
    pub fn balance_transactions(&self) -> BalanceTransactions<'_> {
        BalanceTransactions::new(self)
    }

    /// What is sold.
    pub fn products(&self) -> Products<'_> {
        Products::new(self)
    }

    /// How much of a product, how often.
    pub fn prices(&self) -> Prices<'_> {
        Prices::new(self)
    }

    /// What discounts take off.
    pub fn coupons(&self) -> Coupons<'_> {
        Coupons::new(self)
    }

    /// What payers type to get a coupon.
    pub fn promotion_codes(&self) -> PromotionCodes<'_> {
        PromotionCodes::new(self)
    }

    /// Payments that Stripe repeats.
    pub fn subscriptions(&self) -> Subscriptions<'_> {
        Subscriptions::new(self)
    }

    /// Items of subscriptions.
    pub fn subscription_items(&self) -> SubscriptionItems<'_> {
        SubscriptionItems::new(self)
    }

    /// Invoices.
    pub fn invoices(&self) -> Invoices<'_> {
        Invoices::new(self)
    }

    /// What the next invoice will charge.
    pub fn invoice_items(&self) -> InvoiceItems<'_> {
        InvoiceItems::new(self)
    }

    /// Payment pages for one payer.
    pub fn checkout_sessions(&self) -> CheckoutSessions<'_> {
        CheckoutSessions::new(self)
    }

    /// Ways into the page where customers look after themselves.
    pub fn portal_sessions(&self) -> PortalSessions<'_> {
        PortalSessions::new(self)
    }

    /// Payment pages that many payers use.
    pub fn payment_links(&self) -> PaymentLinks<'_> {
        PaymentLinks::new(self)
    }

    /// Time that a sandbox moves forward.
    pub fn test_clocks(&self) -> TestClocks<'_> {
        TestClocks::new(self)
    }

    /// Connected accounts.
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts::new(self)
    }

    /// Pages where the owners of connected accounts answer questions.
    pub fn account_links(&self) -> AccountLinks<'_> {
        AccountLinks::new(self)
    }

    /// Money that moves to connected accounts.
    pub fn transfers(&self) -> Transfers<'_> {
        Transfers::new(self)
    }

    /// Money that goes to the merchant's bank.
    pub fn payouts(&self) -> Payouts<'_> {
        Payouts::new(self)
    }

    /// Disputes, and the evidence that answers them.
    pub fn disputes(&self) -> Disputes<'_> {
        Disputes::new(self)
    }

    /// Events of the last 30 days.
    pub fn events(&self) -> Events<'_> {
        Events::new(self)
    }

    /// Payments that a person should look at.
    pub fn reviews(&self) -> Reviews<'_> {
        Reviews::new(self)
    }

    /// Where Stripe sends events.
    pub fn webhook_endpoints(&self) -> WebhookEndpoints<'_> {
        WebhookEndpoints::new(self)
    }

    /// Documents.
    pub fn files(&self) -> Files<'_> {
        Files::new(self)
    }
}
