//! Accounts, balances, numbers, owners.

use chrono::DateTime;
use secrecy::ExposeSecret;
use turnbuckle_plaid::*;

use crate::decimal;
use crate::wire_support::{ACCOUNT, Answer, ITEM, Wire, access_token};

fn filter() -> AccountFilter {
    AccountFilter::of([ACCOUNT])
}

#[tokio::test]
async fn accounts_get() {
    let wire = Wire::answering("accounts_get");
    let list = wire.plaid().accounts().get(&access_token(), &AccountFilter::all()).await.unwrap();
    wire.assert_sent("accounts_get");
    let account = &list.accounts[0];
    assert_eq!((account.account_id.as_str(), account.name.as_str()), (ACCOUNT, "Everyday"));
    assert_eq!(
        (&account.account_type, account.subtype.as_deref()),
        (&AccountType::Depository, Some("checking"))
    );
    assert_eq!(account.persistent_account_id.as_deref(), Some("persistent-stand-board-everyday-0001"));
    assert_eq!(account.balances.available, Some(decimal("1203.42")));
    assert_eq!(account.balances.current, Some(decimal("1289.5")));
    assert_eq!(account.balances.limit, Some(decimal("500")));
    assert_eq!(account.balances.iso_currency_code.as_deref(), Some("USD"));
    assert_eq!(list.item.unwrap().item_id, ITEM);

    let list = wire.plaid().accounts().get(&access_token(), &AccountFilter::all()).await.unwrap();
    let account = &list.accounts[0];
    assert_eq!((account.balances.available, account.mask.as_deref()), (None, None));
}

#[tokio::test]
async fn accounts_get_some() {
    let wire = Wire::answering("accounts_get");
    wire.plaid().accounts().get(&access_token(), &filter()).await.unwrap();
    wire.assert_sent("accounts_get_some");
}

#[tokio::test]
async fn balance_get() {
    let wire = Wire::answering("accounts_balance_get");
    let params = GetBalance::new()
        .with_account_ids([ACCOUNT])
        .with_min_last_updated_datetime(DateTime::from_timestamp(1_784_016_000, 0).unwrap());
    let list = wire.plaid().accounts().balance(&access_token(), &params).await.unwrap();
    wire.assert_sent("accounts_balance_get");
    assert!(list.accounts[0].balances.last_updated_datetime.is_some());
    let list = wire.plaid().accounts().balance(&access_token(), &GetBalance::new()).await.unwrap();
    assert!(list.accounts[0].balances.current.is_none());
    let (_, body) = wire.bodies().swap_remove(1);
    assert_eq!(body.as_object().unwrap().len(), 1, "the token alone");
}

#[tokio::test]
async fn auth_get() {
    let wire = Wire::answering("auth_get");
    let answer = wire.plaid().auth().get(&access_token(), &filter()).await.unwrap();
    wire.assert_sent("auth_get");
    let numbers = &answer.numbers;
    assert_eq!(numbers.ach[0].account.expose_secret(), "000123456789");
    assert_eq!(numbers.ach[0].routing, "110000000");
    assert_eq!(numbers.ach[0].wire_routing.as_deref(), Some("110000001"));
    assert!(numbers.ach[0].is_tokenized_account_number);
    assert_eq!((numbers.eft[0].institution.as_str(), numbers.eft[0].branch.as_str()), ("021", "01140"));
    assert_eq!(numbers.international[0].iban.expose_secret(), "GB29NWBK60161331926819");
    assert_eq!(numbers.bacs[0].sort_code, "601613");
    let answer = wire.plaid().auth().get(&access_token(), &filter()).await.unwrap();
    assert!(!answer.numbers.ach[0].is_tokenized_account_number);
}

#[tokio::test]
async fn identity_get() {
    let wire = Wire::answering("identity_get");
    let list = wire.plaid().identity().get(&access_token(), &filter()).await.unwrap();
    wire.assert_sent("identity_get");
    let owner = &list.accounts[0].owners[0];
    assert_eq!(owner.names, ["Robin Stand"]);
    assert_eq!((owner.emails[0].data.as_str(), owner.emails[0].primary), ("robin@shop.example", true));
    assert_eq!(owner.phone_numbers[0].data, "+15550100");
    assert_eq!(owner.addresses[0].data.city.as_deref(), Some("Buffalo"));
    let list = wire.plaid().identity().get(&access_token(), &filter()).await.unwrap();
    assert_eq!(list.accounts[0].owners[0].addresses[0].data.city, None);
}

#[tokio::test]
async fn identity_match() {
    let wire = Wire::answering("identity_match");
    let address = IdentityAddress::new()
        .with_street("1 Board Walk")
        .with_city("Buffalo")
        .with_region("NY")
        .with_postal_code("14201")
        .with_country("US");
    let user = IdentityUser::new()
        .with_legal_name("Robin Stand")
        .with_phone_number("+15550100")
        .with_email_address("robin@shop.example")
        .with_address(address);
    let answer = wire.plaid().identity().match_user(&access_token(), &user, &filter()).await.unwrap();
    wire.assert_sent("identity_match");
    let matched = &answer.accounts[0];
    assert_eq!(matched.account_id, ACCOUNT);
    assert_eq!(matched.legal_name.as_ref().unwrap().score, Some(90));
    assert_eq!(matched.phone_number.as_ref().unwrap().score, Some(100));
    assert_eq!(matched.address.as_ref().unwrap().is_postal_code_match, Some(true));
    let answer = wire.plaid().identity().match_user(&access_token(), &user, &filter()).await.unwrap();
    assert!(answer.accounts[0].legal_name.is_none());
}

#[tokio::test]
async fn amounts_that_no_float_holds_come_through() {
    let mut body: serde_json::Value =
        serde_json::from_str(&crate::wire_support::fixture("responses/accounts_get.json")).unwrap();
    body["accounts"][0]["balances"]["current"] = serde_json::json!("PLACE");
    let body = body.to_string().replace("\"PLACE\"", "12345678901234567.891");
    let wire = Wire::new([Answer::new(200, body)]);
    let list = wire.plaid().accounts().get(&access_token(), &AccountFilter::all()).await.unwrap();
    assert_eq!(list.accounts[0].balances.current, Some(decimal("12345678901234567.891")));
}
