//! Text limits: preflight, the refusal and the reported change agree with each other.

use turnbuckle_core::payment::{
    Address, Card, Charset, Customer, Feature, Level2, MerchantReference, PaymentMethod, PaymentRequest,
    TextPolicy, TextRule,
};
use turnbuckle_core::{Effect, ErrorKind};

use super::super::report::ensure;
use super::super::{Case, Failed, Report};
use super::{Done, Stage, Suite, approved};

pub(super) async fn run(suite: &Suite<'_>, report: &mut Report) {
    let rules = match suite.stage() {
        Ok(stage) => stage.gateway.features().text,
        Err(why) => return report.check("texts: connect", Err(why)),
    };
    for rule in rules {
        let field = rule.field;
        report.run(format!("texts: {field} at its limit"), at_limit(suite, rule)).await;
        report.run(format!("texts: {field} over its limit is refused"), over_limit(suite, rule)).await;
        report.run(format!("texts: {field} over its limit is fitted"), fitted(suite, rule)).await;
        if let Some(character) = rule.forbidden.chars().next() {
            report.run(format!("texts: {field} with {character:?}"), forbidden(suite, rule, character)).await;
        }
    }
}

/// The ordinary request with this text in this field; `None` where no request of this gateway has the field.
fn with_text(
    suite: &Suite<'_>,
    stage: &Stage,
    rule: &TextRule,
    text: &str,
    policy: TextPolicy,
) -> Result<Option<PaymentRequest>, Failed> {
    let cases = suite.cases;
    let card: Option<&Case> = cases.raw_card.as_ref();
    let case = match (rule.field, card) {
        ("method.holder", Some(card)) => card,
        ("method.holder", None) => return Ok(None),
        _ => &cases.approved,
    };
    let mut request = stage.request(case, "1")?;
    request.options.text = policy;
    let text = text.to_owned();
    if let Some((owner, part)) = rule.field.split_once('.') {
        match owner {
            "billing" | "shipping" => {
                let Some(address) = address(part, text) else { return Ok(None) };
                return Ok(Some(match owner {
                    "billing" => request.with_billing(address),
                    _ => request.with_shipping(address),
                }));
            }
            "customer" => {
                let mut customer = Customer::default();
                match part {
                    "id" => customer.id = Some(text),
                    "name" => customer.name = Some(text),
                    "email" => customer.email = Some(text),
                    "phone" => customer.phone = Some(text),
                    _ => return Ok(None),
                }
                return Ok(Some(request.with_customer(customer)));
            }
            "level2" if part == "purchase_order" && suite.has(Feature::Level2) => {
                let mut level2 = Level2::default();
                level2.purchase_order = Some(text);
                request.options.level2 = Some(level2);
                return Ok(Some(request));
            }
            "method" if part == "holder" => {
                let PaymentMethod::Card(card) = &request.method else { return Ok(None) };
                let card: Card = card.clone().with_holder(text);
                request.method = PaymentMethod::Card(card);
                return Ok(Some(request));
            }
            _ => return Ok(None),
        }
    }
    match rule.field {
        "reference" => match MerchantReference::new(text) {
            Ok(reference) => request.reference = reference,
            // Core's own limit is lower.
            Err(_) => return Ok(None),
        },
        "description" => request.description = Some(text),
        "statement_descriptor" if suite.has(Feature::StatementDescriptor) => {
            request.options.statement_descriptor = Some(text);
        }
        _ => return Ok(None),
    }
    Ok(Some(request))
}

fn address(part: &str, text: String) -> Option<Address> {
    let mut address = Address::default();
    let field = match part {
        "first_name" => &mut address.first_name,
        "last_name" => &mut address.last_name,
        "company" => &mut address.company,
        "line1" => &mut address.line1,
        "line2" => &mut address.line2,
        "city" => &mut address.city,
        "region" => &mut address.region,
        "postal_code" => &mut address.postal_code,
        "country" => &mut address.country,
        "phone" => &mut address.phone,
        _ => return None,
    };
    *field = Some(text);
    Some(address)
}

/// A text of so many characters that any vendor takes in this field.
fn sample(rule: &TextRule, length: usize) -> String {
    const TAIL: &str = "@shop.test";
    match rule.field {
        "customer.email" if length > TAIL.len() => "a".repeat(length - TAIL.len()) + TAIL,
        field if field.ends_with("phone") || field.ends_with("postal_code") => "5".repeat(length),
        field if field.ends_with("country") => "US".chars().cycle().take(length).collect(),
        _ if rule.charset == Charset::Unicode => "a".repeat(length),
        _ => "A".repeat(length),
    }
}

async fn at_limit(suite: &Suite<'_>, rule: &TextRule) -> Done {
    let stage = suite.stage()?;
    let text = sample(rule, rule.max_chars);
    let Some(request) = with_text(suite, &stage, rule, &text, TextPolicy::Refuse)? else { return Ok(()) };
    let preflight = stage.gateway.preflight(&request);
    ensure(preflight.passes(), format!("preflight refuses {:?}", preflight.refusals))?;
    let payment = approved(stage.charge(&request).await?)?;
    ensure(payment.text_changes.is_empty(), "the text fits, and a change was reported")
}

async fn refuses(suite: &Suite<'_>, rule: &TextRule, text: &str) -> Done {
    let stage = suite.stage()?;
    let Some(request) = with_text(suite, &stage, rule, text, TextPolicy::Refuse)? else { return Ok(()) };
    let preflight = stage.gateway.preflight(&request);
    let named = preflight.refusals.iter().any(|refusal| refusal.field == rule.field);
    ensure(named, "preflight does not name the field")?;
    match stage.charge(&request).await {
        Ok(outcome) => return Err(Failed::new(format!("came out as {}", outcome.as_str()))),
        Err(error) => {
            ensure(error.kind() == ErrorKind::InvalidRequest, format!("not `invalid_request`: {error}"))?;
            ensure(error.effect() == Effect::None, "the error does not say that nothing happened")?;
            let named = error.fields().iter().any(|field| field.field == rule.field);
            ensure(named, "the error does not name the field")?;
        }
    }
    ensure(stage.totals().entries == 0, "refused, and charged all the same")
}

async fn over_limit(suite: &Suite<'_>, rule: &TextRule) -> Done {
    refuses(suite, rule, &sample(rule, rule.max_chars + 1)).await
}

async fn forbidden(suite: &Suite<'_>, rule: &TextRule, character: char) -> Done {
    let length = rule.max_chars.min(rule.min_chars.max(6));
    let mut text = sample(rule, length.saturating_sub(1));
    text.push(character);
    refuses(suite, rule, &text).await
}

async fn fitted(suite: &Suite<'_>, rule: &TextRule) -> Done {
    let stage = suite.stage()?;
    let text = sample(rule, rule.max_chars + 1);
    let Some(request) = with_text(suite, &stage, rule, &text, TextPolicy::Fit)? else { return Ok(()) };
    let preflight = stage.gateway.preflight(&request);
    ensure(preflight.passes(), "preflight refuses what is to be fitted")?;
    let told = preflight.changes.iter().any(|change| change.field == rule.field && change.cut == 1);
    ensure(told, "preflight does not tell the change")?;
    let payment = approved(stage.charge(&request).await?)?;
    let told = payment.text_changes.iter().any(|change| change.field == rule.field && change.cut == 1);
    ensure(told, "the text was changed, and the payment does not tell")?;
    ensure(!stage.faults().saw(&text), "the whole text was sent")
}
