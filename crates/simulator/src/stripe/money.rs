//! Amounts and currencies as Stripe checks them.

use super::error::ApiError;

/// Currencies that Stripe charges in, as far as the simulator lists them.
const CURRENCIES: &[&str] = &[
    "usd", "aed", "afn", "all", "amd", "ang", "aoa", "ars", "aud", "awg", "azn", "bam", "bbd", "bdt", "bgn",
    "bhd", "bif", "bmd", "bnd", "bob", "brl", "bsd", "bwp", "byn", "bzd", "cad", "cdf", "chf", "clp", "cny",
    "cop", "crc", "cve", "czk", "djf", "dkk", "dop", "dzd", "egp", "etb", "eur", "fjd", "fkp", "gbp", "gel",
    "gip", "gmd", "gnf", "gtq", "gyd", "hkd", "hnl", "htg", "huf", "idr", "ils", "inr", "isk", "jmd", "jod",
    "jpy", "kes", "kgs", "khr", "kmf", "krw", "kwd", "kyd", "kzt", "lak", "lbp", "lkr", "lrd", "lsl", "mad",
    "mdl", "mga", "mkd", "mmk", "mnt", "mop", "mur", "mvr", "mwk", "mxn", "myr", "mzn", "nad", "ngn", "nio",
    "nok", "npr", "nzd", "omr", "pab", "pen", "pgk", "php", "pkr", "pln", "pyg", "qar", "ron", "rsd", "rub",
    "rwf", "sar", "sbd", "scr", "sek", "sgd", "shp", "sos", "srd", "std", "szl", "thb", "tjs", "tnd", "top",
    "try", "ttd", "twd", "tzs", "uah", "ugx", "uyu", "uzs", "vnd", "vuv", "wst", "xaf", "xcd", "xof", "xpf",
    "yer", "zar", "zmw",
];

const ZERO_DECIMAL: &[&str] = &[
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf",
];

const THREE_DECIMAL: &[&str] = &["bhd", "jod", "kwd", "omr", "tnd"];

/// Stricter than Stripe in one point: upper case is refused, because the documentation asks for lower case.
pub(super) fn currency(code: &str) -> Result<String, ApiError> {
    if CURRENCIES.contains(&code) {
        return Ok(code.to_owned());
    }
    let listed = CURRENCIES.join(", ");
    Err(ApiError::invalid(format!(
        "Invalid currency: {code}. Stripe currently supports these currencies: {listed}"
    ))
    .param("currency"))
}

/// The least that can be charged: about half a US dollar. Exact where Stripe lists a figure.
pub(super) fn least(currency: &str) -> i64 {
    match currency {
        "aed" | "myr" | "pln" => 200,
        "bgn" => 100,
        "czk" => 1_500,
        "dkk" => 250,
        "gbp" => 30,
        "hkd" => 400,
        "huf" => 17_500,
        "jpy" => 50,
        "mxn" | "thb" => 1_000,
        "nok" | "sek" => 300,
        other if ZERO_DECIMAL.contains(&other) => 50,
        other if THREE_DECIMAL.contains(&other) => 500,
        _ => 50,
    }
}

pub(super) fn amount(amount: i64, currency: &str) -> Result<i64, ApiError> {
    if amount < 1 {
        return Err(ApiError::too_low("amount", 1));
    }
    if amount > 99_999_999 {
        let message = format!("Amount must be no more than {}", shown(99_999_999, currency));
        return Err(ApiError::invalid(message).code("amount_too_large").param("amount"));
    }
    if THREE_DECIMAL.contains(&currency) && amount % 10 != 0 {
        let message = format!("Invalid amount: in {currency} the last digit must be 0.");
        return Err(ApiError::invalid(message).code("invalid_amount").param("amount"));
    }
    let least = least(currency);
    if amount < least {
        let message = format!("Amount must be at least {}", shown(least, currency));
        return Err(ApiError::invalid(message).code("amount_too_small").param("amount"));
    }
    Ok(amount)
}

/// An amount as Stripe's messages show it: `$0.50 usd`.
pub(super) fn shown(amount: i64, currency: &str) -> String {
    let sign = match currency {
        "usd" | "cad" | "aud" | "nzd" | "sgd" | "hkd" | "mxn" => "$",
        "eur" => "€",
        "gbp" => "£",
        "jpy" => "¥",
        _ => "",
    };
    if ZERO_DECIMAL.contains(&currency) {
        return format!("{sign}{amount} {currency}");
    }
    let (unit, width) = if THREE_DECIMAL.contains(&currency) { (1_000, 3) } else { (100, 2) };
    format!("{sign}{}.{:0width$} {currency}", amount / unit, amount % unit)
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn amounts_are_shown_with_the_currency_s_own_digits() {
        assert_eq!(shown(50, "usd"), "$0.50 usd");
        assert_eq!(shown(50, "jpy"), "¥50 jpy");
        assert_eq!(shown(1_230, "kwd"), "1.230 kwd");
    }
}
