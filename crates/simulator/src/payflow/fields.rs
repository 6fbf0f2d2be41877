//! The parameters that are known, and what each may hold. Where guides name two lengths, the smaller one counts; lengths
//! that no guide names are generous.

use super::nvp::Fields;
use super::results::Refusal;
use super::state::Money;

#[derive(Clone, Copy)]
enum Kind {
    /// Up to this many characters.
    Text(usize),
    Digits(usize),
    Alnum(usize),
    OneOf(&'static [&'static str]),
    /// A part of the payment: as AMT, with two decimals or none.
    Amount,
    /// Checked where it is used, which has a code of its own for it.
    Elsewhere,
}

use Kind::{Alnum, Amount, Digits, Elsewhere, OneOf, Text};

const YES_NO: Kind = OneOf(&["Y", "N"]);

const KNOWN: &[(&str, Kind)] = &[
    // Every request.
    ("PARTNER", Elsewhere),
    ("VENDOR", Elsewhere),
    ("USER", Elsewhere),
    ("PWD", Elsewhere),
    ("TRXTYPE", Elsewhere),
    ("TENDER", Elsewhere),
    ("VERBOSITY", OneOf(&["LOW", "MEDIUM", "HIGH"])),
    // The payment.
    ("ACCT", Elsewhere),
    ("EXPDATE", Elsewhere),
    ("CVV2", Digits(4)),
    ("AMT", Elsewhere),
    ("CURRENCY", Elsewhere),
    ("COMMENT1", Text(128)),
    ("COMMENT2", Text(128)),
    ("CUSTREF", Alnum(12)),
    ("ORIGID", Alnum(12)),
    ("INVNUM", Text(127)),
    ("PONUM", Text(25)),
    ("ORDERID", Text(127)),
    ("ORDERDESC", Text(127)),
    ("DESC", Text(80)),
    ("MERCHDESCR", Text(25)),
    ("MERCHSVC", Text(13)),
    ("CUSTCODE", Text(17)),
    ("CUSTIP", Text(45)),
    ("CUSTVATREGNUM", Text(20)),
    ("FREIGHTAMT", Amount),
    ("HANDLINGAMT", Amount),
    ("DUTYAMT", Amount),
    ("TAXAMT", Amount),
    ("DISCOUNT", Amount),
    ("TAXEXEMPT", YES_NO),
    ("SHIPFROMZIP", Alnum(9)),
    ("ORDERDATE", Digits(8)),
    ("RECURRING", YES_NO),
    ("BUTTONSOURCE", Text(32)),
    ("AUTHCODE", Alnum(6)),
    ("CAPTURECOMPLETE", YES_NO),
    ("UPDATEACTION", Elsewhere),
    // Stored credentials and 3-D Secure.
    ("CARDONFILE", OneOf(&["CITI", "CITR", "CITU", "MITR", "MITU"])),
    ("TXID", Text(32)),
    ("AUTHENTICATION_ID", Text(20)),
    ("AUTHENTICATION_STATUS", OneOf(&["Y", "A", "N", "U", "F", "E", "X"])),
    ("CAVV", Text(64)),
    ("XID", Text(64)),
    ("ECI", Digits(2)),
    ("DSTRANSACTIONID", Text(64)),
    ("THREEDSVERSION", Text(16)),
    // Persons and places.
    ("BILLTOFIRSTNAME", Text(30)),
    ("BILLTOMIDDLENAME", Text(30)),
    ("BILLTOLASTNAME", Text(30)),
    ("BILLTOSTREET", Text(30)),
    ("BILLTOSTREET2", Text(30)),
    ("BILLTOCITY", Text(45)),
    ("BILLTOSTATE", Text(40)),
    ("BILLTOZIP", Alnum(9)),
    ("BILLTOCOUNTRY", Alnum(3)),
    ("BILLTOPHONENUM", Text(20)),
    ("BILLTOPHONE2", Text(20)),
    ("BILLTOFAX", Text(20)),
    ("BILLTOEMAIL", Text(120)),
    ("HOMEPHONE", Text(20)),
    ("COMPANYNAME", Text(64)),
    ("SHIPTOFIRSTNAME", Text(30)),
    ("SHIPTOMIDDLENAME", Text(30)),
    ("SHIPTOLASTNAME", Text(30)),
    ("SHIPTOSTREET", Text(30)),
    ("SHIPTOSTREET2", Text(30)),
    ("SHIPTOCITY", Text(45)),
    ("SHIPTOSTATE", Text(40)),
    ("SHIPTOZIP", Alnum(9)),
    ("SHIPTOCOUNTRY", Alnum(3)),
    ("SHIPTOPHONENUM", Text(20)),
    ("SHIPTOEMAIL", Text(120)),
    // Bank accounts.
    ("ABA", Elsewhere),
    ("ACCTTYPE", OneOf(&["C", "S"])),
    ("AUTHTYPE", OneOf(&["ARC", "CCD", "POP", "PPD", "RCK", "TEL", "WEB"])),
    ("CHKNUM", Digits(7)),
    ("CHKTYPE", OneOf(&["P", "C"])),
    ("PRENOTE", YES_NO),
    ("TERMCITY", Text(4)),
    ("TERMSTATE", Text(2)),
    // Inquiries.
    ("STARTTIME", Digits(14)),
    ("ENDTIME", Digits(14)),
    ("SECURETOKEN", Alnum(32)),
    // Recurring billing.
    ("ACTION", Elsewhere),
    ("PROFILENAME", Text(128)),
    ("ORIGPROFILEID", Elsewhere),
    ("START", Elsewhere),
    ("TERM", Digits(5)),
    ("PAYPERIOD", Elsewhere),
    ("MAXFAILPAYMENTS", Digits(3)),
    ("RETRYNUMDAYS", OneOf(&["0", "1", "2", "3", "4"])),
    ("OPTIONALTRX", OneOf(&["A", "S"])),
    ("OPTIONALTRXAMT", Elsewhere),
    ("PAYMENTHISTORY", OneOf(&["N", "Y", "O"])),
    ("PAYMENTNUM", Digits(5)),
];

/// Names from before 2012, which still work.
const OLD_NAMES: &[(&str, &str)] = &[
    ("FIRSTNAME", "BILLTOFIRSTNAME"),
    ("MIDDLENAME", "BILLTOMIDDLENAME"),
    ("LASTNAME", "BILLTOLASTNAME"),
    ("NAME", "BILLTOFIRSTNAME"),
    ("STREET", "BILLTOSTREET"),
    ("CITY", "BILLTOCITY"),
    ("STATE", "BILLTOSTATE"),
    ("ZIP", "BILLTOZIP"),
    ("COUNTRY", "BILLTOCOUNTRY"),
    ("COUNTRYCODE", "SHIPTOCOUNTRY"),
    ("EMAIL", "BILLTOEMAIL"),
    ("PHONENUM", "BILLTOPHONENUM"),
];

/// Line items: a name of these with the item's number behind it.
const LINE_ITEMS: &[&str] = &[
    "L_AMT",
    "L_COMMCODE",
    "L_COST",
    "L_DESC",
    "L_NAME",
    "L_QTY",
    "L_SKU",
    "L_TAXAMT",
    "L_TYPE",
    "L_UOM",
    "L_UPC",
];

/// Puts today's names in the place of old ones.
pub(super) fn modernize(mut fields: Fields) -> Fields {
    for (old, new) in OLD_NAMES {
        if let Some(value) = fields.remove(*old) {
            fields.entry((*new).to_owned()).or_insert(value);
        }
    }
    fields
}

/// Refuses what is unknown or does not fit. An empty value is no value.
pub(super) fn check(fields: &Fields) -> Result<(), Refusal> {
    for (name, value) in fields {
        let kind = kind_of(name)
            .ok_or_else(|| Refusal::saying(7, format!("Field format error: unknown parameter {name}")))?;
        if !value.is_empty() && !fits(kind, value) {
            return Err(Refusal::field(name));
        }
    }
    Ok(())
}

fn kind_of(name: &str) -> Option<Kind> {
    if let Some((_, kind)) = KNOWN.iter().find(|(known, _)| *known == name) {
        return Some(*kind);
    }
    let bare = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let numbered = bare.len() < name.len();
    let user =
        bare == "USER" && matches!(name.get(4..).and_then(|digits| digits.parse::<u8>().ok()), Some(1..=10));
    if user {
        return Some(Text(128));
    }
    (numbered && LINE_ITEMS.contains(&bare)).then_some(Text(127))
}

fn fits(kind: Kind, value: &str) -> bool {
    match kind {
        Text(most) => value.len() <= most,
        Digits(most) => value.len() <= most && value.bytes().all(|byte| byte.is_ascii_digit()),
        Alnum(most) => value.len() <= most && value.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        OneOf(words) => words.contains(&value),
        Amount => Money::parse(value, "USD").is_ok(),
        Elsewhere => true,
    }
}

/// What is never kept.
const SECRET: &[&str] = &["PWD", "CVV2", "ACCT", "ABA", "CAVV"];

/// The parameters that a later transaction takes over, and that reports show.
pub(super) fn kept(fields: &Fields) -> Fields {
    let told = fields.iter().filter(|(name, value)| !SECRET.contains(&name.as_str()) && !value.is_empty());
    told.map(|(name, value)| (name.clone(), value.clone())).collect()
}
