//! What an invoice comes to: lines, discounts, taxes, the customer's balance.

use serde_json::{Value, json};

use super::customers::find_customer;
use super::object::Object;
use super::state::Account;
use super::{discounts, invoice_lines, money, taxes};

/// What becomes of a total and of the customer's balance (negative: the customer has credit): what is due, and
/// the balance afterwards. A sum too small to charge is put on the balance instead.
fn settle(total: i64, balance: i64, currency: &str) -> (i64, i64) {
    let due = total + balance;
    if due < money::least(currency) {
        return (0, due);
    }
    (due, 0)
}

/// The discounts of an invoice at work: each with what it takes, and what is left of each line.
struct Reduced {
    taken: Vec<(String, i64)>,
    left: Vec<i64>,
}

/// Discounts of single lines come first, those of the whole invoice after them.
fn reduce(account: &Account, invoice: &Value, lines: &mut [Value]) -> Reduced {
    let currency = invoice.text("currency").to_owned();
    let mut left: Vec<i64> = lines.iter().map(|line| line.int("amount")).collect();
    let mut shares: Vec<Vec<Value>> = vec![Vec::new(); lines.len()];
    let mut taken: Vec<(String, i64)> = Vec::new();
    let of_lines: Vec<(Option<usize>, Value)> = lines
        .iter()
        .enumerate()
        .flat_map(|(at, line)| ids(line).into_iter().map(move |id| (Some(at), id)))
        .collect();
    let of_all = ids(invoice).into_iter().map(|id| (None, id));
    for (only, id) in of_lines.into_iter().chain(of_all) {
        let id = id.as_str().unwrap_or_default();
        let coupon = account.noted(id, "coupon");
        let covers = |(at, line): (usize, &Value)| {
            let product = line.at(&["pricing", "price_details", "product"]);
            only.is_none_or(|only| only == at)
                && line.flag("discountable")
                && discounts::covers(coupon, product)
        };
        let covered: Vec<bool> = lines.iter().enumerate().map(covers).collect();
        let parts = discounts::take(coupon, &covered, &mut left, &currency);
        for (share, part) in shares.iter_mut().zip(&parts).filter(|(_, part)| **part != 0) {
            share.push(json!({ "amount": part, "discount": id }));
        }
        let sum: i64 = parts.iter().sum();
        match taken.iter_mut().find(|(other, _)| other == id) {
            Some((_, all)) => *all += sum,
            None => taken.push((id.to_owned(), sum)),
        }
    }
    for (line, share) in lines.iter_mut().zip(shares) {
        line.set("discount_amounts", share);
    }
    Reduced { taken, left }
}

fn ids(of: &Value) -> Vec<Value> {
    of.at(&["discounts"]).as_array().cloned().unwrap_or_default()
}

/// Sums an invoice up again.
pub(super) fn total(account: &Account, invoice: &mut Value) {
    let mut lines = invoice_lines::of(invoice);
    let subtotal: i64 = lines.iter().map(|line| line.int("amount")).sum();
    let Reduced { taken, left } = reduce(account, invoice, &mut lines);
    let discounted = subtotal - taken.iter().map(|(_, amount)| amount).sum::<i64>();
    let taxed = taxes::applies(account, invoice.text("customer"));
    let (mut on_top, mut inside, mut inside_before) = (0, 0, 0);
    let mut all = Vec::new();
    for (line, left) in lines.iter_mut().zip(&left) {
        let own = account.noted(line.text("id"), "tax_rates");
        let none = own.as_array().is_none_or(Vec::is_empty);
        let rates = if none { invoice.at(&["default_tax_rates"]) } else { own };
        if !taxed {
            continue;
        }
        let of_line = taxes::of(*left, rates);
        inside_before += taxes::of(line.int("amount"), rates).inside;
        on_top += of_line.on_top;
        inside += of_line.inside;
        taxes::add(&mut all, &of_line.shown);
        line.set("taxes", of_line.shown);
    }
    let total = discounted + on_top;
    let currency = invoice.text("currency").to_owned();
    let customer = find_customer(account, invoice.text("customer"), "customer").unwrap_or_default();
    let starting = customer.int("balance");
    let (due, ending) = settle(total, starting, &currency);
    for (name, amount) in [
        ("subtotal", subtotal),
        ("subtotal_excluding_tax", subtotal - inside_before),
        ("total", total),
        ("total_excluding_tax", discounted - inside),
        ("amount_due", due),
        ("amount_remaining", due),
        ("starting_balance", starting),
    ] {
        invoice.set(name, amount);
    }
    let shown = |(id, amount): &(String, i64)| json!({ "amount": amount, "discount": id });
    invoice.set("total_discount_amounts", taken.iter().map(shown).collect::<Vec<_>>());
    let credit = |(id, amount): &(String, i64)| json!({ "amount": amount, "credit_balance_transaction": null, "discount": id, "type": "discount" });
    invoice.set("total_pretax_credit_amounts", taken.iter().map(credit).collect::<Vec<_>>());
    invoice.set("total_taxes", all);
    // Before an invoice is finalized this is only a forecast, which Stripe does not show.
    invoice.set("ending_balance", (invoice.text("status") != "draft").then_some(ending));
    invoice_lines::put(invoice, lines);
}

#[cfg(test)]
mod tests {
    use super::settle;

    #[test]
    fn balances_are_used_up_before_cards() {
        assert_eq!(settle(1_000, 0, "usd"), (1_000, 0));
        assert_eq!(settle(1_000, -400, "usd"), (600, 0));
        assert_eq!(settle(1_000, -1_400, "usd"), (0, -400));
        assert_eq!(settle(-300, 0, "usd"), (0, -300));
        assert_eq!(settle(1_000, 250, "usd"), (1_250, 0));
        assert_eq!(settle(49, 0, "usd"), (0, 49));
    }
}
