//! What Payflow answers about one transaction.

use std::fmt;

use crate::nvp::Fields;

/// Payflow's answer about one transaction. What is not read into a field of its own stands in [`fields`](Self::fields).
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Transaction {
    /// `RESULT`. Zero is the one success; see [`codes`](crate::codes).
    pub result: i32,
    /// `PNREF`: Payflow's id of the transaction, 12 characters, case-sensitive. Errors of authentication have none.
    pub pnref: Option<String>,
    /// `RESPMSG`: for the merchant's eyes.
    pub message: Option<String>,
    /// `AUTHCODE`: the issuer's authorization code.
    pub auth_code: Option<String>,
    /// `AVSADDR`: whether the street matches.
    pub street_match: Option<Check>,
    /// `AVSZIP`: whether the postal code matches.
    pub postal_match: Option<Check>,
    /// `IAVS`: whether the address check was a foreign bank's.
    pub foreign_avs: Option<Check>,
    /// `CVV2MATCH`: whether the security code matches.
    pub cvv_match: Option<Check>,
    /// `HOSTCODE`: the processor's own code.
    pub host_code: Option<String>,
    /// `RESPTEXT`: the processor's own words.
    pub host_text: Option<String>,
    /// `ASSOCIATIONRESPCODE`: the card network's own code.
    pub network_code: Option<String>,
    /// `TXID`: the card network's id of the transaction.
    pub network_id: Option<String>,
    /// `AMT` as it came: a decimal without a currency.
    pub amount: Option<String>,
    /// The last four characters of `ACCT`.
    pub last4: Option<String>,
    /// `EXPDATE`, `MMYY`.
    pub expiry: Option<String>,
    /// `CARDTYPE` as a brand in lower case.
    pub brand: Option<&'static str>,
    /// `TRANSTIME`, in a time zone that Payflow does not name.
    pub time: Option<String>,
    /// `PREFPSMSG` or `POSTFPSMSG`: what the fraud filters say.
    pub filter_message: Option<String>,
    /// Whether this is the stored answer to an earlier request with the same id (`DUPLICATE=1`).
    ///
    /// What this request held was ignored then. When it was meant to be a first request, its id was used before, and the
    /// answer is about something else.
    pub duplicate: bool,
    /// Every field of the answer.
    pub fields: Fields,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Check {
    /// `Y`.
    Yes,
    /// `N`.
    No,
    /// `X`, or anything else: not supported or not done.
    NotDone,
}

impl Check {
    pub(crate) fn read(fields: &Fields, name: &str) -> Option<Self> {
        Some(match fields.filled(name)? {
            "Y" => Self::Yes,
            "N" => Self::No,
            _ => Self::NotDone,
        })
    }
}

impl Transaction {
    /// Reads an answer. `None` without a `RESULT` that is a number.
    ///
    /// `DUPLICATE` counts whatever its value is but empty, 0 and N: which other values Payflow uses is not proven, and each
    /// of them says that this is not a plain first answer.
    pub fn read(fields: Fields) -> Option<Self> {
        let result = fields.filled("RESULT")?.parse().ok()?;
        let text = |name: &str| fields.filled(name).map(str::to_owned);
        let duplicate = fields.filled("DUPLICATE").is_some_and(|value| !matches!(value, "0" | "N"));
        Some(Self {
            result,
            pnref: text("PNREF").filter(|pnref| is_id(pnref)),
            message: text("RESPMSG"),
            auth_code: text("AUTHCODE"),
            street_match: Check::read(&fields, "AVSADDR"),
            postal_match: Check::read(&fields, "AVSZIP"),
            foreign_avs: Check::read(&fields, "IAVS"),
            cvv_match: Check::read(&fields, "CVV2MATCH"),
            host_code: text("HOSTCODE"),
            host_text: text("RESPTEXT"),
            network_code: text("ASSOCIATIONRESPCODE"),
            network_id: text("TXID"),
            amount: text("AMT"),
            last4: last4(&fields),
            expiry: text("EXPDATE"),
            brand: brand(&fields),
            time: text("TRANSTIME"),
            filter_message: text("POSTFPSMSG").or_else(|| text("PREFPSMSG")),
            duplicate,
            fields,
        })
    }
}

/// Ids, results and checks only: everything else may be personal data.
impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("result", &self.result)
            .field("pnref", &self.pnref)
            .field("street_match", &self.street_match)
            .field("postal_match", &self.postal_match)
            .field("cvv_match", &self.cvv_match)
            .field("last4", &self.last4)
            .field("brand", &self.brand)
            .field("duplicate", &self.duplicate)
            .finish_non_exhaustive()
    }
}

/// Letters and digits, as ids of Payflow's are: what may stand in a log line.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

pub(crate) fn last4(fields: &Fields) -> Option<String> {
    let account = fields.filled("ACCT")?;
    let last4 = account.get(account.len().checked_sub(4)?..)?;
    last4.bytes().all(|byte| byte.is_ascii_digit()).then(|| last4.to_owned())
}

pub(crate) fn brand(fields: &Fields) -> Option<&'static str> {
    Some(match fields.filled("CARDTYPE")? {
        "0" => "visa",
        "1" => "mastercard",
        "2" => "discover",
        "3" => "amex",
        "4" => "diners",
        "5" => "jcb",
        _ => return None,
    })
}
