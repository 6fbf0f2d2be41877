//! Customers, payment methods, setups.

use turnbuckle_stripe::{
    AttachPaymentMethod, AutomaticPaymentMethods, CancelSetupIntent, CardOptions, ConfirmSetupIntent,
    CreateCustomer, CreateSetupIntent, CreateTestClock, ListCustomers, ListPaymentMethods, ListSetupIntents,
    PaymentMethodData, PaymentMethodOptions, UpdateCustomer, UsBankAccountOptions,
};

use super::{CARD, Calls, EMAIL, PAGE, Setting, address, billing_details, id, mandate, shipping};

/// All but `customers.delete`, which is the last operation of the run: the others need the customer.
pub(super) async fn customers(calls: &mut Calls, at: &Setting<'_>) -> String {
    let customers = at.stripe.customers();
    // Everything about this customer waits for its clock: the run goes on with another one.
    let clocks = at.stripe.test_clocks();
    let params = CreateTestClock::new(at.now);
    let clock = calls.before("customers.create", clocks.create(&params, at.none)).await;
    let clock = id(clock.as_ref(), "clock_placeholder");
    let params = CreateCustomer::new()
        .with_address(address())
        .with_description("Sandbox run")
        .with_email(EMAIL)
        .with_name("Test Payer")
        .with_payment_method(CARD)
        .with_phone("+15555550100")
        .with_shipping(shipping())
        .with_test_clock(&clock)
        .with_metadata("run", &at.word);
    calls.object("customers.create", customers.create(&params, at.none)).await;
    // With a clock go its customers.
    calls.before("customers.create", clocks.delete(&clock, at.none)).await;
    let plain = CreateCustomer::new().with_address(address()).with_email(EMAIL);
    let made = calls.before("customers.retrieve", customers.create(&plain, at.none)).await;
    let customer = id(made.as_ref(), "cus_placeholder");
    calls.object("customers.retrieve", customers.retrieve(&customer, at.none)).await;
    let params = UpdateCustomer::new()
        .with_address(address())
        .with_description("Sandbox run, changed")
        .with_email(EMAIL)
        .with_name("Test Payer")
        .with_phone("+15555550100")
        .with_shipping(shipping())
        .with_metadata("run", &at.word);
    calls.object("customers.update", customers.update(&customer, &params, at.none)).await;
    let params = ListCustomers::new()
        .with_email(EMAIL)
        .with_created(at.lately())
        .with_limit(3)
        .with_starting_after(&customer);
    calls.page("customers.list", customers.list(&params)).await;
    customer
}

pub(super) async fn payment_methods(calls: &mut Calls, at: &Setting<'_>, customer: &str) {
    let methods = at.stripe.payment_methods();
    // One kind of method at a time. Stripe takes card numbers only from accounts that asked for it: a token.
    let params = PaymentMethodData::of_card_token("tok_visa")
        .with_billing_details(billing_details())
        .with_allow_redisplay("always")
        .with_metadata("run", &at.word);
    let made = calls.object("payment_methods.create", methods.create(&params, at.none)).await;
    let method = made.map_or_else(|| "pm_card_mastercard".to_owned(), |method| method.id);
    calls.object("payment_methods.retrieve", methods.retrieve(&method, at.none)).await;
    let attach = AttachPaymentMethod::new(customer);
    let attached = calls.object("payment_methods.attach", methods.attach(&method, &attach, at.none)).await;
    let method = attached.map_or(method, |attached| attached.id);
    let params =
        ListPaymentMethods::new().with_method_type("card").with_limit(3).with_starting_after(&method);
    calls.page("payment_methods.list", methods.list(customer, &params)).await;
    calls.object("payment_methods.detach", methods.detach(&method, at.none)).await;
}

pub(super) async fn setup_intents(calls: &mut Calls, at: &Setting<'_>, customer: &str) {
    let setups = at.stripe.setup_intents();
    // What a setup takes of a card's options.
    let options = PaymentMethodOptions::new()
        .with_card(CardOptions::new().with_network("visa").with_request_three_d_secure("automatic"))
        .with_us_bank_account(UsBankAccountOptions::new().with_verification_method("automatic"));
    // `payment_method` excludes `payment_method_data` and `confirmation_token`; automatic methods exclude
    // `payment_method_types`.
    let params = CreateSetupIntent::new()
        .with_confirm(true)
        .with_customer(customer)
        .with_description("Sandbox run")
        .with_payment_method(CARD)
        .with_automatic_payment_methods(AutomaticPaymentMethods::new(true).with_allow_redirects("always"))
        .with_payment_method_options(options.clone())
        .with_mandate_data(mandate(at))
        .with_on_behalf_of(&at.account)
        .with_return_url(PAGE)
        .with_usage("off_session")
        .with_metadata("run", &at.word);
    let made = calls.object("setup_intents.create", setups.create(&params, at.none)).await;
    let plain = CreateSetupIntent::new().with_payment_method_types(["card"]);
    let open = calls.before("setup_intents.confirm", setups.create(&plain, at.none)).await;
    let params = ConfirmSetupIntent::new()
        .with_payment_method(CARD)
        .with_payment_method_options(options)
        .with_mandate_data(mandate(at))
        .with_return_url(PAGE);
    let target = id(open.as_ref(), "seti_placeholder");
    calls.object("setup_intents.confirm", setups.confirm(&target, &params, at.none)).await;
    let open = calls.before("setup_intents.cancel", setups.create(&plain, at.none)).await;
    let params = CancelSetupIntent::new().with_cancellation_reason("abandoned");
    let canceled = id(open.as_ref(), "seti_placeholder");
    calls.object("setup_intents.cancel", setups.cancel(&canceled, &params, at.none)).await;
    let method = made.as_ref().and_then(|made| made.payment_method.as_ref());
    let method = method.map_or(CARD, |method| method.id()).to_owned();
    let setup = made.map_or(target, |made| made.id);
    calls.object("setup_intents.retrieve", setups.retrieve(&setup, at.none)).await;
    let params = ListSetupIntents::new()
        .with_customer(customer)
        .with_payment_method(method)
        .with_created(at.lately())
        .with_limit(3)
        .with_starting_after(&setup);
    calls.page("setup_intents.list", setups.list(&params)).await;
}
