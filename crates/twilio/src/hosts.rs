//! Where requests go: a host a product, regions and edges, or one address of the host's own.

use turnbuckle_core::http::BaseUrl;
use turnbuckle_core::{Error, ErrorKind, FieldError, Result};

use crate::client::PROVIDER;

/// A product of Twilio's. Each has a host name of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Product {
    /// Messages, calls, numbers, accounts: the API of 2010.
    Api,
    Messaging,
    Lookups,
    Verify,
    Content,
}

impl Product {
    const ALL: [Self; 5] = [Self::Api, Self::Messaging, Self::Lookups, Self::Verify, Self::Content];

    /// The first label of its host name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Messaging => "messaging",
            Self::Lookups => "lookups",
            Self::Verify => "verify",
            Self::Content => "content",
        }
    }
}

/// The addresses of all products.
#[derive(Debug, Clone)]
pub(crate) struct Hosts {
    bases: Vec<(Product, BaseUrl)>,
    /// Regions share nothing, so pages never lead from one host to another.
    own: bool,
}

impl Hosts {
    /// One address for everything: the API of 2010 stays at its root, each other product goes under its name.
    pub(crate) fn below(base: &BaseUrl) -> Result<Self> {
        let address = |product: Product| match product {
            Product::Api => Ok((product, base.clone())),
            _ => BaseUrl::parse(&format!("{base}/{}", product.name())).map(|base| (product, base)),
        };
        Ok(Self { bases: Product::ALL.into_iter().map(address).collect::<Result<_>>()?, own: true })
    }

    /// Twilio's own hosts.
    ///
    /// An edge without a region means `us1`, as in Twilio's libraries. A region other than `us1` needs an edge: the host
    /// names without one always led to the United States, and Twilio announced their end for April 2026.
    /// See <https://www.twilio.com/docs/global-infrastructure/using-the-twilio-rest-api-in-a-non-us-region>.
    pub(crate) fn of_twilio(region: Option<&str>, edge: Option<&str>) -> Result<Self> {
        check("region", region)?;
        check("edge", edge)?;
        let place = match (edge, region) {
            (None, None) => String::new(),
            (None, Some("us1")) => ".us1".to_owned(),
            (None, Some(_)) => return Err(bad("edge", "is required with a region other than us1")),
            (Some(edge), region) => format!(".{edge}.{}", region.unwrap_or("us1")),
        };
        let address = |product: Product| {
            BaseUrl::parse(&format!("https://{}{place}.twilio.com", product.name()))
                .map(|base| (product, base))
        };
        Ok(Self { bases: Product::ALL.into_iter().map(address).collect::<Result<_>>()?, own: false })
    }

    pub(crate) fn base(&self, product: Product) -> Result<&BaseUrl> {
        let found = self.bases.iter().find(|(known, _)| *known == product);
        found.map(|(_, base)| base).ok_or_else(|| Error::new(ErrorKind::Internal, "a product has no address"))
    }

    /// Whether a page that names this host is one of ours. A stand-in may name the vendor's host or its own.
    pub(crate) fn is_at_home(&self, product: Product, url: &url::Url) -> bool {
        let same = |base: &str| url::Url::parse(base).is_ok_and(|base| base.origin() == url.origin());
        self.base(product).is_ok_and(|base| same(base.as_str()))
            || (self.own && same(&format!("https://{}.twilio.com", product.name())))
    }
}

fn check(field: &'static str, label: Option<&str>) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    match label {
        Some(label) if !(1..=32).contains(&label.len()) || !label.bytes().all(plain) => {
            Err(bad(field, "is not a name like ie1 or dublin"))
        }
        _ => Ok(()),
    }
}

fn bad(field: &'static str, problem: &'static str) -> Error {
    Error::new(ErrorKind::InvalidConfig, "the settings name no host of Twilio's")
        .with_fields(vec![FieldError::new(field, problem)])
        .with_provider(PROVIDER)
}

#[cfg(test)]
mod tests {
    use super::{Hosts, Product};

    fn host(region: Option<&str>, edge: Option<&str>) -> Result<String, String> {
        Hosts::of_twilio(region, edge)
            .map(|hosts| hosts.base(Product::Verify).unwrap().to_string())
            .map_err(|error| error.fields()[0].field.to_string())
    }

    #[test]
    fn regions_and_edges() {
        assert_eq!(host(None, None).unwrap(), "https://verify.twilio.com");
        assert_eq!(host(Some("us1"), None).unwrap(), "https://verify.us1.twilio.com");
        assert_eq!(host(None, Some("dublin")).unwrap(), "https://verify.dublin.us1.twilio.com");
        assert_eq!(host(Some("ie1"), Some("dublin")).unwrap(), "https://verify.dublin.ie1.twilio.com");
        assert_eq!(host(Some("ie1"), None).unwrap_err(), "edge");
        assert_eq!(host(Some("ie1"), Some("x.evil.example/")).unwrap_err(), "edge");
        assert_eq!(host(Some("IE1"), Some("dublin")).unwrap_err(), "region");
    }

    #[test]
    fn one_address_for_all() {
        let hosts = Hosts::below(&"http://127.0.0.1:4010/tw/".parse().unwrap()).unwrap();
        assert_eq!(hosts.base(Product::Api).unwrap().as_str(), "http://127.0.0.1:4010/tw");
        assert_eq!(hosts.base(Product::Content).unwrap().as_str(), "http://127.0.0.1:4010/tw/content");
        let at_home = |url: &str| hosts.is_at_home(Product::Verify, &url.parse().unwrap());
        assert!(at_home("http://127.0.0.1:4010/verify/v2/Services"));
        assert!(at_home("https://verify.twilio.com/v2/Services"));
        assert!(!at_home("https://verify.twilio.com.evil.example/v2/Services"));
        assert!(!at_home("http://127.0.0.1:4011/verify/v2/Services"));
    }
}
