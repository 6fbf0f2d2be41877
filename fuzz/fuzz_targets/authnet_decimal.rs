//! Any text goes into Authorize.Net's decimals: none panics, and what is money comes back as the same money.
#![no_main]

use libfuzzer_sys::fuzz_target;
use turnbuckle_authnet::wire::Decimal;
use turnbuckle_core::money::Currency;

fuzz_target!(|text: &str| {
    if let Some(decimal) = Decimal::parse(text)
        && let Ok(money) = decimal.money(Currency::USD)
    {
        assert_eq!(Decimal::from(money).money(Currency::USD).unwrap(), money);
    }
});
