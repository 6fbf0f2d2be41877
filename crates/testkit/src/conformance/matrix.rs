//! Which gateway can do what, as a table.

use std::fmt;

use turnbuckle_core::payment::{Feature, GatewayFeatures, Idempotency};

/// Features by gateway, printed as a Markdown table.
///
/// ```
/// use std::time::Duration;
/// use turnbuckle_core::payment::{Feature, GatewayFeatures, Idempotency};
/// use turnbuckle_testkit::conformance::FeatureMatrix;
///
/// let features = GatewayFeatures::new(&[Feature::Purchase], Idempotency::LookupOnly);
/// let table = FeatureMatrix::new().with_gateway("Acme", &features).to_string();
/// assert!(table.contains("| purchase | yes |"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct FeatureMatrix {
    gateways: Vec<(String, GatewayFeatures)>,
}

impl FeatureMatrix {
    /// A table without columns.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a column.
    pub fn with_gateway(mut self, name: impl Into<String>, features: &GatewayFeatures) -> Self {
        self.gateways.push((name.into(), features.clone()));
        self
    }
}

impl fmt::Display for FeatureMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| |")?;
        for (name, _) in &self.gateways {
            write!(f, " {name} |")?;
        }
        write!(f, "\n|---|{}", "---|".repeat(self.gateways.len()))?;
        for feature in Feature::ALL {
            write!(f, "\n| {} |", feature.as_str())?;
            for (_, features) in &self.gateways {
                write!(f, " {} |", if features.has(*feature) { "yes" } else { "no" })?;
            }
        }
        write!(f, "\n| keys kept by the vendor |")?;
        for (_, features) in &self.gateways {
            match features.idempotency {
                Idempotency::Keys { retention } => write!(f, " {} h |", retention.as_secs() / 3600)?,
                _ => write!(f, " no |")?,
            }
        }
        writeln!(f)
    }
}
