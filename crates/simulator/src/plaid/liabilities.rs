//! What is owed: cards, mortgages, student loans.

use serde_json::{Value, json};

use super::accounts::{self, Account};
use super::amount::Amount;
use super::dates;
use super::error::{ApiError, Outcome};
use super::router::{BY_ACCOUNTS, Call, Limit, Route};

pub(super) const ROUTES: &[Route] =
    &[Route::new("/liabilities/get", BY_ACCOUNTS, get).limited(Limit::both("LIABILITIES_LIMIT", 15, 1000))];

fn get(call: &mut Call<'_>) -> Outcome {
    let ids = call.option("account_ids").cloned();
    let today = dates::day_of(call.now);
    let item = call.item_with("liabilities")?;
    let owed: Vec<_> = accounts::chosen(item, ids.as_ref())?
        .into_iter()
        .filter(|account| matches!(account.subtype.as_str(), "credit card" | "student" | "mortgage"))
        .collect();
    if owed.is_empty() {
        return Err(ApiError::of("NO_LIABILITY_ACCOUNTS"));
    }
    let of = |subtype: &str, shape: fn(&Account, i64) -> Value| -> Value {
        let all: Vec<_> = owed
            .iter()
            .filter(|account| account.subtype == subtype)
            .map(|account| shape(account, today))
            .collect();
        if all.is_empty() { Value::Null } else { all.into() }
    };
    let liabilities = json!({
        "credit": of("credit card", credit),
        "mortgage": of("mortgage", mortgage),
        "student": of("student", student),
    });
    let all: Vec<_> = item.accounts.iter().collect();
    Ok(accounts::answer(item, &all, None, json!({ "liabilities": liabilities })))
}

fn money(cents: i64) -> Value {
    Amount::cents(cents).value()
}

fn credit(account: &Account, today: i64) -> Value {
    let apr = |kind: &str, percentage: i64, subject: i64, charge: i64| {
        json!({
            "apr_type": kind,
            "apr_percentage": money(percentage),
            "balance_subject_to_apr": money(subject),
            "interest_charge_amount": money(charge),
        })
    };
    json!({
        "account_id": account.id,
        "aprs": [
            apr("balance_transfer_apr", 1524, 156_232, 13_022),
            apr("cash_apr", 2795, 5622, 1481),
            apr("purchase_apr", 1250, 15_623, 1622),
        ],
        "is_overdue": false,
        "last_payment_amount": money(16_825),
        "last_payment_date": dates::shown(today - 20),
        "last_statement_issue_date": dates::shown(today - 12),
        "last_statement_balance": money(170_877),
        "minimum_payment_amount": money(2000),
        "next_payment_due_date": dates::shown(today + 15),
    })
}

fn mortgage(account: &Account, today: i64) -> Value {
    json!({
        "account_id": account.id,
        "account_number": "3120194154",
        "current_late_fee": money(2500),
        "escrow_balance": money(314_189),
        "has_pmi": true,
        "has_prepayment_penalty": true,
        "interest_rate": { "percentage": Amount::scaled(39_900, 4).value(), "type": "fixed" },
        "last_payment_amount": money(314_187),
        "last_payment_date": dates::shown(today - 25),
        "loan_type_description": "conventional",
        "loan_term": "30 year",
        "maturity_date": dates::shown(today + 20 * 365),
        "next_monthly_payment": money(314_187),
        "next_payment_due_date": dates::shown(today + 6),
        "origination_date": dates::shown(today - 10 * 365),
        "origination_principal_amount": money(42_500_000),
        "past_due_amount": money(0),
        "property_address": {
            "city": "Malakoff", "country": "US", "postal_code": "14236", "region": "NY", "street": "2992 Cameron Road",
        },
        "ytd_interest_paid": money(1_230_054),
        "ytd_principal_paid": money(1_234_565),
    })
}

fn student(account: &Account, today: i64) -> Value {
    json!({
        "account_id": account.id,
        "account_number": "4277075694",
        "disbursement_dates": [dates::shown(today - 6 * 365)],
        "expected_payoff_date": dates::shown(today + 12 * 365),
        "guarantor": "DEPT OF ED",
        "interest_rate_percentage": Amount::scaled(52_500, 4).value(),
        "is_overdue": false,
        "last_payment_amount": money(13_805),
        "last_payment_date": dates::shown(today - 18),
        "last_statement_balance": money(13_805),
        "last_statement_issue_date": dates::shown(today - 16),
        "loan_name": "Consolidation",
        "loan_status": { "end_date": dates::shown(today + 12 * 365), "type": "repayment" },
        "minimum_payment_amount": money(2500),
        "next_payment_due_date": dates::shown(today + 12),
        "origination_date": dates::shown(today - 6 * 365),
        "origination_principal_amount": money(2_500_000),
        "outstanding_interest_amount": money(622_736),
        "payment_reference_number": "4277075694",
        "pslf_status": {
            "estimated_eligibility_date": dates::shown(today + 3 * 365), "payments_made": 200, "payments_remaining": 160,
        },
        "repayment_plan": { "description": "Standard Repayment", "type": "standard" },
        "sequence_number": "1",
        "servicer_address": {
            "city": "San Matias", "country": "US", "postal_code": "99415", "region": "CA", "street": "123 Relaxation Road",
        },
        "ytd_interest_paid": money(28_055),
        "ytd_principal_paid": money(27_165),
    })
}
