//! Checking a method without moving money.

use turnbuckle_core::money::Currency;
use turnbuckle_core::payment::{OnAction, Outcome, PaymentOperation, PaymentRef, VerifyRequest};
use turnbuckle_core::{Effect, Error, ErrorKind, Result};

use super::{StripeGateway, answer, call, detail, marks, request};
use crate::{CancelSetupIntent, CreateSetupIntent, SetupIntent, SetupIntentStatus};

impl StripeGateway {
    pub(super) async fn verify_method(&self, request: &VerifyRequest) -> Result<Outcome> {
        let scope = request.options.sub_account.as_deref();
        let key = self.wire_key(PaymentOperation::Verify, &request.key);
        let instrument = request::instrument(&request.method, None, request.billing.as_ref())?;
        let mut params = CreateSetupIntent::new();
        params.confirm = Some(true);
        (params.payment_method_types, params.automatic_payment_methods) =
            instrument.kinds(&request.on_action);
        params.customer = instrument.customer;
        params.payment_method = instrument.method;
        params.payment_method_data = instrument.data;
        params.confirmation_token = instrument.confirmation_token;
        params.mandate_data = instrument.mandate;
        // Checked now and not kept: asking for later use would make more issuers ask the payer.
        params.usage = Some("on_session".to_owned());
        if let OnAction::Allow { return_url } = &request.on_action {
            params.return_url = Some(return_url.to_string());
        }
        let marks = marks::metadata(
            &request.options.metadata,
            PaymentOperation::Verify,
            &key,
            Some(&request.reference),
        );
        params.metadata = marks?;
        let options = call(scope).with_idempotency_key(key.as_str()).with_expand("payment_method");
        let setup = match self.client.setup_intents().create(&params, &options).await {
            Ok(setup) => setup,
            Err(error) => return answer::declined(error, scope),
        };
        if setup.status == SetupIntentStatus::RequiresAction && request.on_action == OnAction::Refuse {
            let step = self.step_key("verify/withdraw", &request.key);
            let options = call(scope).with_idempotency_key(step.as_str());
            let reference = answer::verification(&setup, request.currency, scope).reference;
            self.client.setup_intents().cancel(&setup.id, &CancelSetupIntent::new(), &options).await.map_err(
                |error| {
                    Error::new(
                        ErrorKind::ActionRequired,
                        "the verification waits for the payer, who cannot be asked, and could not be canceled",
                    )
                    .with_effect(Effect::Unknown)
                    .with_payment(reference.clone())
                    .with_source(error)
                },
            )?;
            return Ok(Outcome::Declined(answer::needs_payer(reference)));
        }
        setup_outcome(&setup, request.currency, scope)
    }

    pub(super) async fn resume_setup(&self, payment: &PaymentRef, scope: Option<&str>) -> Result<Outcome> {
        let options = call(scope).with_expand("payment_method");
        let setup = self.client.setup_intents().retrieve(payment.id(), &options).await?;
        setup_outcome(&setup, currency_of(payment), scope)
    }
}

/// The currency that a verification was asked for in. Stripe keeps none; the handle does.
pub(super) fn currency_of(payment: &PaymentRef) -> Currency {
    payment.detail(detail::CURRENCY).and_then(|code| Currency::new(code).ok()).unwrap_or(Currency::USD)
}

fn setup_outcome(setup: &SetupIntent, currency: Currency, scope: Option<&str>) -> Result<Outcome> {
    let payment = answer::verification(setup, currency, scope);
    Ok(match &setup.status {
        SetupIntentStatus::Succeeded => Outcome::Approved(payment),
        SetupIntentStatus::Processing => Outcome::Processing(payment),
        SetupIntentStatus::RequiresAction => {
            let action = answer::next_action(setup.next_action.as_ref(), setup.client_secret.as_ref())
                .map_err(|error| {
                    error.with_effect(Effect::Happened).with_payment(payment.reference.clone())
                })?;
            Outcome::RequiresAction(payment, action)
        }
        SetupIntentStatus::RequiresPaymentMethod if setup.last_setup_error.is_some() => {
            let error = setup.last_setup_error.as_deref().cloned().unwrap_or_default();
            Outcome::Declined(answer::decline(&error, Some(payment.reference), None))
        }
        SetupIntentStatus::Canceled | SetupIntentStatus::RequiresPaymentMethod => {
            Outcome::Declined(answer::needs_payer(payment.reference))
        }
        _ => {
            return Err(Error::new(
                ErrorKind::InvalidResponse,
                "the verification is in a state that was not asked for",
            )
            .with_effect(Effect::Happened)
            .with_payment(payment.reference));
        }
    })
}
