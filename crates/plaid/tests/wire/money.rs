//! Liabilities and investments.

use secrecy::ExposeSecret;
use turnbuckle_plaid::*;

use crate::wire_support::{ACCOUNT, Wire, access_token};
use crate::{day, decimal};

#[tokio::test]
async fn liabilities() {
    let wire = Wire::answering("liabilities_get");
    let list = wire.plaid().liabilities().get(&access_token(), &AccountFilter::of([ACCOUNT])).await.unwrap();
    wire.assert_sent("liabilities_get");
    let card = &list.liabilities.credit[0];
    assert_eq!(card.aprs[0].apr_percentage, decimal("21.49"));
    assert_eq!(card.last_statement_balance, Some(decimal("1630.2")));
    let mortgage = &list.liabilities.mortgage[0];
    assert_eq!(mortgage.account_number.as_ref().unwrap().expose_secret(), "7004417001");
    assert_eq!(mortgage.interest_rate.as_ref().unwrap().percentage, Some(decimal("3.99")));
    let loan = &list.liabilities.student[0];
    assert_eq!(loan.interest_rate_percentage, Some(decimal("5.25")));
    assert_eq!(loan.disbursement_dates, [day("2022-08-28")]);
    assert_eq!(loan.loan_status.as_ref().unwrap().status.as_deref(), Some("repayment"));
    let list = wire.plaid().liabilities().get(&access_token(), &AccountFilter::of([ACCOUNT])).await.unwrap();
    assert!(list.liabilities.credit.is_empty() && list.liabilities.student.is_empty());
}

#[tokio::test]
async fn holdings() {
    let wire = Wire::answering("investments_holdings_get");
    let filter = AccountFilter::of([ACCOUNT]);
    let list = wire.plaid().investments().holdings(&access_token(), &filter).await.unwrap();
    wire.assert_sent("investments_holdings_get");
    let holding = &list.holdings[0];
    assert_eq!(
        (holding.quantity, holding.institution_price),
        (decimal("10000.123456789"), decimal("0.0013"))
    );
    assert_eq!(holding.cost_basis, Some(decimal("10.005")));
    assert_eq!(holding.tax_lots[0].position_type.as_deref(), Some("LONG"));
    let security = &list.securities[0];
    assert_eq!(security.close_price, Some(decimal("0.0012")));
    assert_eq!(security.option_contract.as_ref().unwrap().strike_price, decimal("42.5"));
    let bond = security.fixed_income.as_ref().unwrap();
    assert_eq!(bond.yield_rate.as_ref().unwrap().percentage, decimal("4.125"));
    assert_eq!(list.accounts[0].balances.margin_loan_amount, Some(decimal("250.125")));
    let list = wire.plaid().investments().holdings(&access_token(), &filter).await.unwrap();
    assert!(list.securities[0].close_price.is_none() && list.holdings[0].tax_lots.is_empty());
}

#[tokio::test]
async fn investment_transactions() {
    let wire = Wire::answering("investments_transactions_get");
    let options = InvestmentOptions::new()
        .with_account_ids([ACCOUNT])
        .with_count(100)
        .with_offset(100)
        .with_async_update(true);
    let params = GetInvestmentTransactions::new(day("2026-06-01"), day("2026-07-01")).with_options(options);
    let list = wire.plaid().investments().transactions(&access_token(), &params).await.unwrap();
    wire.assert_sent("investments_transactions_get");
    let trade = &list.investment_transactions[0];
    assert_eq!(
        (trade.amount, trade.price, trade.fees),
        (decimal("-13.5"), decimal("10.2345"), Some(decimal("0.95")))
    );
    assert_eq!((trade.kind.as_str(), trade.subtype.as_str()), ("sell", "sell"));
    assert_eq!(list.total_investment_transactions, 1);
    let list = wire.plaid().investments().transactions(&access_token(), &params).await.unwrap();
    assert!(list.investment_transactions[0].fees.is_none());
    let many = InvestmentOptions::new().with_count(501);
    let params = GetInvestmentTransactions::new(day("2026-06-01"), day("2026-07-01")).with_options(many);
    let error = wire.plaid().investments().transactions(&access_token(), &params).await.unwrap_err();
    assert_eq!((error.fields()[0].field.as_ref(), wire.attempts()), ("count", 2));
}
