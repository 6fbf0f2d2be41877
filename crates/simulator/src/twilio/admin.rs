//! What people, carriers and Twilio's staff do, asked for from outside.

use serde_json::{Value, json};

use super::TwilioSimulator;

impl TwilioSimulator {
    /// One action below `/_simulator/twilio/`.
    #[cfg_attr(not(feature = "server"), allow(dead_code, reason = "the server asks"))]
    pub(crate) fn administer(&self, action: &str, input: &Value) -> Result<Value, String> {
        let text = |name: &str| {
            input.get(name).and_then(Value::as_str).ok_or_else(|| format!("{name} must be a text"))
        };
        let on =
            || input.get("on").and_then(Value::as_bool).ok_or_else(|| "on must be true or false".to_owned());
        let code = || {
            let code = input.get("code").and_then(Value::as_u64).and_then(|code| u32::try_from(code).ok());
            code.ok_or_else(|| "code must be a number".to_owned())
        };
        match action {
            "receive" => {
                let media: Vec<String> = input
                    .get("media")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .filter_map(|url| url.as_str().map(str::to_owned))
                    .collect();
                let sid = self.receive_media(text("from")?, text("to")?, text("body")?, &media);
                sid.map(|sid| json!({ "sid": sid }))
                    .ok_or_else(|| "to is no number of the account".to_owned())
            }
            "reply" => {
                let sid = self.reply(text("to_message")?, text("body")?);
                sid.map(|sid| json!({ "sid": sid }))
                    .ok_or_else(|| "to_message is no incoming message".to_owned())
            }
            "read" => Ok(json!({ "read": self.read(text("sid")?) })),
            "refuse" => {
                self.refuse(text("number")?, code()?);
                Ok(json!({ "refused": text("number")? }))
            }
            "fail" => {
                self.fail(text("number")?, code()?);
                Ok(json!({ "fails": text("number")? }))
            }
            "accept" => {
                self.accept(text("number")?);
                Ok(json!({ "accepted": text("number")? }))
            }
            "opt_out" => {
                self.opt_out(text("from")?, text("to")?);
                Ok(json!({ "opted_out": self.opted_out() }))
            }
            "trial" => {
                self.trial(on()?);
                Ok(json!({ "trial": on()? }))
            }
            "verify_recipient" => {
                self.verify_recipient(text("number")?);
                Ok(json!({ "verified": text("number")? }))
            }
            "carriers_down" => {
                self.carriers_down(on()?);
                Ok(json!({ "carriers_down": on()? }))
            }
            "advanced_opt_out" => {
                self.advanced_opt_out(on()?);
                Ok(json!({ "advanced_opt_out": on()? }))
            }
            "limit_next" => {
                let requests = input.get("requests").and_then(Value::as_u64).unwrap_or(1);
                self.limit_next(u32::try_from(requests).unwrap_or(u32::MAX));
                Ok(json!({ "limited": requests }))
            }
            "call_end" => {
                let known = self.call_end(text("number")?, text("status")?);
                known
                    .then(|| json!({ "ends": input.get("status") }))
                    .ok_or_else(|| "status must be completed, busy, no-answer or failed".to_owned())
            }
            "verification_code" => Ok(json!({ "code": self.verification_code(text("to")?) })),
            "add_number" => {
                let texts = input.get("sms").and_then(Value::as_bool).unwrap_or(true);
                Ok(json!({ "sid": self.add_number(text("number")?, texts) }))
            }
            "campaign" => Ok(json!({ "sid": self.campaign(text("service")?, text("status")?) })),
            "toll_free" => {
                Ok(json!({ "sid": self.toll_free_verification(text("number")?, text("status")?) }))
            }
            "suspend" => {
                self.suspend(on()?);
                Ok(json!({ "suspended": on()? }))
            }
            "preview" => {
                let variables = input.get("variables").map(Value::to_string);
                self.preview(text("content_sid")?, variables.as_deref()).map(|body| json!({ "body": body }))
            }
            _ => Err("no such action".to_owned()),
        }
    }
}
