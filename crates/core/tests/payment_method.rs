//! Payment methods: what they refuse, and what they never show.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod payment_support;

use payment_support::{CVV, PAN, handle, key, order, purchase};
use proptest::prelude::*;
use secrecy::ExposeSecret;
use turnbuckle_core::payment::*;
use turnbuckle_core::{Error, ErrorKind};

fn shown(error: &Error) -> String {
    format!("{error} {error:?} {:?} {:?}", error.fields(), error.vendor_message())
}

fn fields(error: &Error) -> Vec<&str> {
    error.fields().iter().map(|field| &*field.field).collect()
}

#[test]
fn published_test_numbers_pass_and_their_neighbours_do_not() {
    for number in [
        "4242424242424242",
        "4000056655665556",
        "5555555555554444",
        "378282246310005",
        "6011111111111117",
        "30569309025904",
        "3566002020360505",
        "6200000000000005",
        "4222222222222",
        "4000 0000 0000 0002",
        "4000-0000-0000-0002",
    ] {
        let card = Card::new(number, 1, 2030).unwrap();
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        assert_eq!(card.number().expose_secret(), digits);
        assert_eq!(card.last4(), digits[digits.len() - 4..]);
        assert_eq!(card.bin().as_deref(), (digits.len() >= 14).then_some(&digits[..6]));
        // Every single wrong digit is caught.
        for index in 0..digits.len() {
            let mut other = digits.clone().into_bytes();
            other[index] = b'0' + (other[index] - b'0' + 1) % 10;
            assert!(Card::new(std::str::from_utf8(&other).unwrap(), 1, 2030).is_err());
        }
    }
    for wrong in [
        "",
        "0",
        "42424242424",
        "42424242424242424242",
        "4242424242424241",
        "4242 4242 4242 424x",
        "４２４２４２４２４２４２４２４２",
        "4242\n424242424242",
        "4242\t424242424242",
        "-",
    ] {
        assert_eq!(fields(&Card::new(wrong, 1, 2030).unwrap_err()), ["card.number"], "{wrong}");
    }
}

#[test]
fn every_bad_field_is_named_and_no_value_is_echoed() {
    let error = Card::new("4242424242424241", 13, 1999).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(fields(&error), ["card.number", "card.exp_month", "card.exp_year"]);
    for value in ["4242", "13,", "1999"] {
        assert!(!shown(&error).contains(value), "{value}");
    }
    for (month, year) in [(0, 2030), (13, 2030), (1, 30), (1, 1999), (1, 2100)] {
        assert!(Card::new(PAN, month, year).is_err());
    }
    let card = Card::new(PAN, 12, 2099).unwrap();
    for wrong in ["", "12", "12345", "98x", "９８７", "98 ", "-98"] {
        let error = card.clone().with_cvv(wrong).unwrap_err();
        assert_eq!(fields(&error), ["card.cvv"]);
        assert!(wrong.trim().len() < 3 || !shown(&error).contains(wrong));
    }
    let error = BankAccount::new("021000022", "12345678901234567 8", "N").unwrap_err();
    assert_eq!(fields(&error), ["bank_account.routing_number", "bank_account.account_number"]);
    assert!(!shown(&error).contains("0210") && !shown(&error).contains("1234"));
    for wrong in ["", "02100002", "0210000210", "02100002x", "０21000021"] {
        assert!(BankAccount::new(wrong, "1", "N").is_err());
    }
}

#[test]
fn debug_output_shows_no_secret() {
    let card = Card::new(PAN, 12, 2030).unwrap().with_cvv(CVV).unwrap().with_holder("Sentinel Holder");
    let account = BankAccount::new("021000021", "918273645546372", "Sentinel Owner").unwrap();
    let secure = ThreeDSecure::new("2.2.0", "05", "sentinel-cavv", "ds-1");
    let mut customer = Customer::default();
    customer.name = Some("Sentinel Name".into());
    customer.email = Some("sentinel@example.com".into());
    customer.phone = Some("+15005550006".into());
    let mut address = Address::default();
    address.line1 = Some("Sentinel Street 1".into());
    address.last_name = Some("Sentinel Family".into());
    address.postal_code = Some("90210".into());
    let method = PaymentMethod::Card(card.clone());
    let request = PaymentRequest::new(payment_support::usd(1), method.clone(), key("k"), order("o"))
        .with_three_d_secure(secure)
        .with_customer(customer.clone())
        .with_billing(address.clone())
        .with_shipping(address.clone());
    let store =
        StoreRequest::new(method.clone(), key("k"), order("o")).with_customer(customer).with_billing(address);
    let url = url::Url::parse("https://pay.example/?code=sentinel-code&state=sentinel-state").unwrap();
    let returned = ReturnParams::from_url(&url);
    let token = VendorToken::new("nonce", "sentinel-token");
    let mut decline = Decline::new(DeclineReason::Other, DeclineAdvice::AskBank);
    decline.text = Some("Sentinel text".into());
    let actions = [
        NextAction::Redirect { url: url.clone() },
        NextAction::ClientConfirm { client_secret: "sentinel-client".to_owned().into() },
        NextAction::Microdeposits { url: Some(url), arrives_at: None },
    ];
    let all = format!(
        "{card:?} {account:?} {method:?} {:?} {request:?} {request:#?} {store:?} {returned:?} {token:?} {decline:?} \
         {actions:?} {:?}",
        PaymentMethod::BankAccount(account.clone()),
        PaymentMethod::Token(token.clone()),
    );
    for secret in [PAN, "91827364", CVV, "entinel", "15005550006", "90210", "42424242424"] {
        assert!(!all.contains(secret), "{secret} is shown in {all}");
    }
    assert!(all.contains("424242") && all.contains("pay.example") && all.contains("nonce"));
}

#[test]
fn a_method_says_what_it_is() {
    assert_eq!(payment_support::card().kind(), "card");
    assert_eq!(payment_support::token().kind(), "token");
    assert_eq!(PaymentMethod::Stored(handle("m")).kind(), "stored");
    assert_eq!(payment_support::bank().kind(), "bank_account");
    assert_eq!(purchase("k", 5).method.kind(), "token");
}

proptest! {
    #[test]
    fn luhn_is_the_published_sum(digits in "[0-9]{12,19}") {
        // Counted from the right, every second digit doubled and its digits added.
        let sum: u32 = digits.chars().rev().enumerate().map(|(index, c)| {
            let digit = c.to_digit(10).unwrap();
            if index % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { digit }
        }).sum();
        prop_assert_eq!(Card::new(&digits, 1, 2030).is_ok(), sum.is_multiple_of(10));
    }

    #[test]
    fn whatever_is_typed_is_not_echoed(typed in "[0-9A-Za-z]{8,24}") {
        if let Err(error) = Card::new(&typed, 1, 2030) {
            prop_assert!(!shown(&error).contains(&typed));
        }
        if let Err(error) = BankAccount::new(&typed, &typed, "N") {
            prop_assert!(!shown(&error).contains(&typed));
        }
        let error = Card::new(PAN, 1, 2030).unwrap().with_cvv(&typed).unwrap_err();
        prop_assert!(!shown(&error).contains(&typed));
    }
}
