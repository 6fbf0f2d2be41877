//! Which gateway can do what, as tables.

use std::fmt;

use turnbuckle_core::payment::{
    Feature, GatewayFeatures, Idempotency, SubscriptionFeature, SubscriptionFeatures,
};

/// Features by gateway, printed as Markdown: a table of payments and, where one has subscriptions, one of those.
///
/// It is made of the declarations that core enforces, so it cannot say anything else than what a connection does.
///
/// ```
/// use std::time::Duration;
/// use turnbuckle_core::payment::{Feature, GatewayFeatures, Idempotency};
/// use turnbuckle_testkit::conformance::FeatureMatrix;
///
/// let features = GatewayFeatures::new(&[Feature::Purchase], Idempotency::LookupOnly);
/// let table = FeatureMatrix::new().with_gateway("Acme", &features, None).to_string();
/// assert!(table.contains("| purchase | yes |"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct FeatureMatrix {
    gateways: Vec<Column>,
}

#[derive(Debug, Clone)]
struct Column {
    name: String,
    payments: GatewayFeatures,
    subscriptions: Option<SubscriptionFeatures>,
}

impl FeatureMatrix {
    /// Tables without columns.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a column to each table.
    pub fn with_gateway(
        mut self,
        name: impl Into<String>,
        payments: &GatewayFeatures,
        subscriptions: Option<&SubscriptionFeatures>,
    ) -> Self {
        self.gateways.push(Column {
            name: name.into(),
            payments: payments.clone(),
            subscriptions: subscriptions.cloned(),
        });
        self
    }

    fn head(&self, f: &mut fmt::Formatter<'_>, what: &str) -> fmt::Result {
        write!(f, "| {what} |")?;
        for column in &self.gateways {
            write!(f, " {} |", column.name)?;
        }
        writeln!(f, "\n|---|{}", "---|".repeat(self.gateways.len()))
    }

    fn row(&self, f: &mut fmt::Formatter<'_>, name: &str, has: impl Fn(&Column) -> bool) -> fmt::Result {
        write!(f, "| {name} |")?;
        for column in &self.gateways {
            write!(f, " {} |", if has(column) { "yes" } else { "–" })?;
        }
        writeln!(f)
    }
}

impl fmt::Display for FeatureMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.head(f, "Payments")?;
        for feature in Feature::ALL {
            self.row(f, feature.as_str(), |column| column.payments.has(*feature))?;
        }
        write!(f, "| repetition of the same key |")?;
        for column in &self.gateways {
            match column.payments.idempotency {
                Idempotency::Keys { retention } => {
                    write!(f, " first answer again, for {} h |", retention.as_secs() / 3600)?;
                }
                _ => write!(f, " looked up, never resent |")?,
            }
        }
        writeln!(f)?;
        if self.gateways.iter().all(|column| column.subscriptions.is_none()) {
            return Ok(());
        }
        writeln!(f)?;
        self.head(f, "Subscriptions")?;
        for feature in SubscriptionFeature::ALL {
            self.row(f, feature.as_str(), |column| {
                column.subscriptions.as_ref().is_some_and(|declared| declared.has(*feature))
            })?;
        }
        Ok(())
    }
}
