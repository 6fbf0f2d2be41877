//! Stripe's usual flow in its test mode, or against a stand-in: `STRIPE_SECRET_KEY` holds a test key. With `--all`, every
//! operation of the typed client; with `--list`, their names.

use std::process::ExitCode;

use turnbuckle_core::provider::IntegrationProvider;
use turnbuckle_core::{Error, ErrorKind, Result};
use turnbuckle_sandbox::stripe::{Outside, every_operation, unconnected};
use turnbuckle_sandbox::{Args, Ready, Runner, Sandbox, Task, complain, fresh_word};
use turnbuckle_stripe::{
    AttachPaymentMethod, AutomaticPaymentMethods, CallOptions, CancelPaymentIntent, CaptureMethod,
    CapturePaymentIntent, CreateCustomer, CreatePaymentIntent, CreateRefund, CreateSetupIntent, Expandable,
    ListPaymentIntents, PaymentIntent, Stripe, StripeError, StripeProvider,
};

const SANDBOX: Sandbox = Sandbox {
    name: "stripe",
    flow: "charge, authorize and capture, refund, store a card, see a decline, list",
    prefix: "STRIPE",
    keys: "https://dashboard.stripe.com/test/apikeys (test mode, Developers, API keys)",
};

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Args::read(&SANDBOX).task() {
        Task::List => match unconnected() {
            Ok(stripe) => all(Runner::listing(), &stripe, Outside::from_env()).await,
            Err(problem) => return complain(problem),
        },
        task => {
            let provider = StripeProvider::new();
            let ready = match SANDBOX.ready(&provider) {
                Ok(ready) => ready,
                Err(problem) => return complain(problem.message()),
            };
            // Connecting sends nothing, and refuses a live key.
            let stripe = match provider.connect(ready.config.clone()) {
                Ok(connection) => connection.client::<Stripe>(),
                Err(problem) => return complain(problem),
            };
            let Some(stripe) = stripe else { return complain("the connection has no typed client") };
            println!("Stripe at {}\n", ready.place);
            match task {
                Task::All => {
                    let outside = Outside::from_env().complete(&ready.config).await;
                    all(Runner::new(ready.wire), &stripe, outside).await
                }
                _ => Box::pin(flow(&stripe, ready)).await,
            }
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => complain(problem),
    }
}

async fn all(runner: Runner, stripe: &Stripe, outside: Outside) -> Result<bool> {
    let runner = Box::pin(every_operation(runner, stripe, &outside)).await?;
    Ok(runner.finish())
}

fn card(amount: i64) -> Result<CreatePaymentIntent> {
    Ok(CreatePaymentIntent::new(amount, "usd")
        .with_automatic_payment_methods(AutomaticPaymentMethods::new(true).with_allow_redirects("never"))
        .with_confirm(true)
        .with_metadata("run", fresh_word()?))
}

fn show(intent: &PaymentIntent) -> String {
    format!("{} {} of {} {}", intent.status.as_str(), intent.amount_received, intent.amount, intent.currency)
}

/// Charge, authorize and capture, refund, store, see a decline, list.
async fn flow(stripe: &Stripe, ready: Ready) -> Result<bool> {
    let mut run = Runner::new(ready.wire);
    let options = CallOptions::new();

    let balance = stripe.balance().retrieve(&options);
    run.run("balance.retrieve", balance, |balance| format!("livemode {}", balance.livemode)).await;

    let create = card(2000)?.with_payment_method("pm_card_visa");
    let key = options.clone().with_idempotency_key(format!("sandbox-{}", fresh_word()?));
    let paid = run.run("payment_intents.create", stripe.payment_intents().create(&create, &key), show).await;
    let again = async {
        let again = stripe.payment_intents().create(&create, &key).await?;
        if paid.as_ref().is_some_and(|paid| paid.id == again.id) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidResponse, format!("ANOTHER PAYMENT was made: {}", again.id)))
    };
    run.run("payment_intents.create (same key)", again, |()| "the same payment".to_owned()).await;
    if let Some(paid) = &paid {
        let part = CreateRefund::new().with_payment_intent(paid.id.clone()).with_amount(500);
        let refund = stripe.refunds().create(&part, &options);
        run.run("refunds.create", refund, |refund| format!("{} {}", refund.status.as_str(), refund.amount))
            .await;
        let expanded = options.clone().with_expand("latest_charge");
        let retrieved = stripe.payment_intents().retrieve(&paid.id, &expanded);
        run.run("payment_intents.retrieve", retrieved, |intent| match &intent.latest_charge {
            Some(Expandable::Object(charge)) => {
                format!("{}, {} refunded", show(intent), charge.amount_refunded)
            }
            _ => show(intent),
        })
        .await;
    }

    let reserve = card(5000)?.with_payment_method("pm_card_visa").with_capture_method(CaptureMethod::Manual);
    let reserved = stripe.payment_intents().create(&reserve, &options);
    if let Some(reserved) = run.run("payment_intents.create (manual)", reserved, show).await {
        let part = CapturePaymentIntent::new().with_amount_to_capture(3000);
        let captured = stripe.payment_intents().capture(&reserved.id, &part, &options);
        run.run("payment_intents.capture", captured, show).await;
    }
    let reserved = stripe.payment_intents().create(&reserve, &options);
    if let Some(reserved) = run.run("payment_intents.create (manual)", reserved, show).await {
        let params = CancelPaymentIntent::new();
        let canceled = stripe.payment_intents().cancel(&reserved.id, &params, &options);
        run.run("payment_intents.cancel", canceled, show).await;
    }

    let declined = card(2500)?.with_payment_method("pm_card_visa_chargeDeclinedInsufficientFunds");
    let declined = async {
        match stripe.payment_intents().create(&declined, &options).await {
            Ok(intent) => Err(Error::new(ErrorKind::InvalidResponse, "the card was not declined")
                .with_request_id(intent.id)),
            Err(error) => match StripeError::of(&error).and_then(|stripe| stripe.decline_code.clone()) {
                Some(code) => Ok(code),
                None => Err(error),
            },
        }
    };
    run.run("payment_intents.create (declined)", declined, |code| format!("declined as it should: {code}"))
        .await;

    let params = CreateCustomer::new().with_metadata("run", fresh_word()?);
    let customer = stripe.customers().create(&params, &options);
    if let Some(customer) = run.run("customers.create", customer, |customer| customer.id.clone()).await {
        let attach = AttachPaymentMethod::new(customer.id.clone());
        let attached = stripe.payment_methods().attach("pm_card_mastercard", &attach, &options);
        if let Some(method) = run.run("payment_methods.attach", attached, |method| method.id.clone()).await {
            let again = card(1500)?
                .with_customer(customer.id.clone())
                .with_payment_method(method.id.clone())
                .with_off_session(true);
            let charged = stripe.payment_intents().create(&again, &options);
            run.run("payment_intents.create (stored)", charged, show).await;
            let detached = stripe.payment_methods().detach(&method.id, &options);
            run.run("payment_methods.detach", detached, |method| method.id.clone()).await;
        }
        let removed = stripe.customers().delete(&customer.id, &options);
        run.run("customers.delete", removed, |customer| customer.id.clone()).await;
    }

    let verify = CreateSetupIntent::new()
        .with_automatic_payment_methods(AutomaticPaymentMethods::new(true).with_allow_redirects("never"))
        .with_payment_method("pm_card_visa")
        .with_confirm(true);
    let verified = stripe.setup_intents().create(&verify, &options);
    run.run("setup_intents.create", verified, |intent| intent.status.as_str().to_owned()).await;

    let page = stripe.payment_intents().list(&ListPaymentIntents::new().with_limit(5)).page();
    run.run("payment_intents.list", page, |page| {
        format!("{} on the page, more: {}", page.data.len(), page.has_more)
    })
    .await;
    Ok(run.finish())
}
