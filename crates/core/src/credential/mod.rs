//! Credentials: what a provider asks for, checked, masked, and read from JSON or the environment.
//!
//! A provider declares its [`CredentialSchema`] once, as data. The form a tenant fills in, the check of what was typed,
//! the masks shown later and the environment variables all come from that one declaration.
//!
//! ```
//! use turnbuckle_core::credential::{CredentialField, CredentialSchema, Credentials, Pattern};
//!
//! const SCHEMA: CredentialSchema = CredentialSchema::new(&[
//!     CredentialField::secret("secretKey", "Secret Key")
//!         .required()
//!         .with_pattern(Pattern::prefix(&["sk", "rk"], "_"))
//!         .with_env(&["STRIPE_SECRET_KEY", "STRIPE_SECRET"]),
//!     CredentialField::text("publishableKey", "Publishable Key").with_pattern(Pattern::prefix(&["pk"], "_")),
//! ]);
//!
//! let form = SCHEMA.json_schema().to_string();
//! assert!(form.contains(r#""format":"password","pattern":"^(sk|rk)_""#));
//!
//! let credentials = Credentials::from_json(SCHEMA, r#"{"secretKey":"sk_test_1234"}"#)?;
//! assert_eq!(credentials.masks().get("secretKey"), Some("••••••••"));
//!
//! let refused = Credentials::from_json(SCHEMA, r#"{"secretKey":"hunter2","publishableKey":"hunter3"}"#).unwrap_err();
//! assert_eq!(refused.fields().len(), 2);
//! assert!(!refused.to_string().contains("hunter"));
//! # Ok::<(), turnbuckle_core::Error>(())
//! ```
//!
//! # Replacing credentials
//!
//! A set of credentials is replaced as a whole or left alone. There is no way to merge a few new fields into a stored
//! set: an update either carries every field that should exist from now on, or carries no credentials. A form that was
//! filled with masks therefore cannot be sent back, and a secret that equals its mask is refused.

mod env;
mod json_schema;
mod mask;
mod schema;
mod set;
mod settings;
mod validate;

pub use env::{environment_from_env, process_env};
pub use json_schema::JsonSchema;
pub use mask::{Masks, SECRET_MASK};
pub use schema::{CredentialField, CredentialSchema, Pattern};
pub use set::Credentials;
pub use settings::{SettingField, SettingKind, Settings, SettingsSchema};
