//! What hosts ask for, in Plaid's words.

use turnbuckle_core::bank_data::{BankProduct, LinkRequest, RepairRequest};
use turnbuckle_core::{Error, ErrorKind, FieldError, Result};
use url::Url;

use super::BankDataOptions;
use crate::{CreateLinkToken, LinkTransactions, LinkUpdate, LinkUser, Product};

pub(super) fn link(request: &LinkRequest, options: &BankDataOptions) -> Result<CreateLinkToken> {
    if request.products.is_empty() {
        return Err(Error::invalid_field("products", "is empty"));
    }
    let mut params = session(&request.user_id, &request.language, &request.countries, options)?;
    params.products = products(&request.products)?;
    params.optional_products = products(&request.optional_products)?;
    params.webhook = url(request.webhook.as_ref()).or_else(|| options.webhook.clone());
    params.redirect_uri = url(request.redirect_uri.as_ref()).or_else(|| options.redirect_uri.clone());
    if let Some(days) = request.days_requested {
        let wanted = |list: &[Product]| list.contains(&Product::Transactions);
        if !wanted(&params.products) && !wanted(&params.optional_products) {
            return Err(Error::invalid_field("days_requested", "needs transactions among the products"));
        }
        params.transactions = Some(LinkTransactions::new(days));
    }
    Ok(params)
}

/// Update mode names no products, and leaves the address of pushes as it is.
pub(super) fn repair(request: &RepairRequest, options: &BankDataOptions) -> Result<CreateLinkToken> {
    let mut params = session(&request.user_id, &request.language, &request.countries, options)?;
    params.redirect_uri = url(request.redirect_uri.as_ref()).or_else(|| options.redirect_uri.clone());
    if request.choose_accounts {
        params.update = Some(LinkUpdate::new().with_account_selection_enabled(true));
    }
    Ok(params)
}

fn session(
    user_id: &str,
    language: &str,
    countries: &[String],
    options: &BankDataOptions,
) -> Result<CreateLinkToken> {
    let Some(name) = &options.client_name else {
        return Err(Error::new(
            ErrorKind::InvalidConfig,
            "a link session needs the name that the person sees",
        )
        .with_fields(vec![FieldError::new("clientName", "is not among the settings")]));
    };
    let user = LinkUser::new(user_id);
    let mut params = CreateLinkToken::new(name.clone(), language, countries.iter().cloned(), user);
    params.link_customization_name.clone_from(&options.link_customization_name);
    Ok(params)
}

fn url(url: Option<&Url>) -> Option<String> {
    url.map(|url| url.as_str().to_owned())
}

fn products(wanted: &[BankProduct]) -> Result<Vec<Product>> {
    let product = |product: &BankProduct| match product {
        BankProduct::Transactions => Ok(Product::Transactions),
        BankProduct::Numbers => Ok(Product::Auth),
        BankProduct::Identity => Ok(Product::Identity),
        BankProduct::Liabilities => Ok(Product::Liabilities),
        BankProduct::Investments => Ok(Product::Investments),
        _ => Err(Error::unsupported("Plaid's adapter does not know this product")),
    };
    wanted.iter().map(product).collect()
}
