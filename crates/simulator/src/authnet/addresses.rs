//! Shipping addresses of customer profiles.

use super::answer::{Outcome, Reply};
use super::error::Refusal;
use super::json::Json;
use super::profiles::{Address, enabled, find, find_mut};
use super::state::Gateway;

/// Shipping addresses of one customer.
const MOST: usize = 100;

/// `createCustomerShippingAddressRequest`
pub(super) fn create(gateway: &mut Gateway, body: &Json) -> Outcome {
    enabled(gateway)?;
    let owner = find(gateway, body)?;
    let id = owner.id.clone();
    if owner.addresses.len() >= MOST {
        return Err(Refusal::saying(
            "E00043",
            format!("You cannot add more than {MOST} shipping addresses."),
        ));
    }
    let Some(place) = body.get("address").cloned() else { return Err(Refusal::new("E00014")) };
    if let Some(twin) = owner.addresses.iter().find(|one| one.place == place) {
        return Err(Refusal::saying("E00039", "A duplicate customer shipping address already exists.")
            .with("customerProfileId", id)
            .with("customerAddressId", twin.id.as_str()));
    }
    let default = body.flag_at("defaultShippingAddress").unwrap_or(owner.addresses.is_empty());
    let own = gateway.serial();
    let owner = find_mut(gateway, &id)?;
    if default {
        owner.addresses.iter_mut().for_each(|other| other.default = false);
    }
    owner.addresses.push(Address { id: own.clone(), place, default });
    Ok(Reply::ok().with("customerProfileId", id).with("customerAddressId", own))
}

/// `getCustomerShippingAddressRequest`: the default one, unless an id is named.
pub(super) fn get(gateway: &mut Gateway, body: &Json) -> Outcome {
    enabled(gateway)?;
    let owner = find(gateway, body)?;
    let wanted = body.text_at("customerAddressId");
    let found = owner.addresses.iter().find(|one| wanted.as_ref().map_or(one.default, |id| one.id == *id));
    let found = found.ok_or_else(|| Refusal::new("E00040"))?;
    Ok(Reply::ok().with("defaultShippingAddress", found.default).with("address", found.shown()))
}

/// `updateCustomerShippingAddressRequest`
pub(super) fn update(gateway: &mut Gateway, body: &Json) -> Outcome {
    enabled(gateway)?;
    let id = find(gateway, body)?.id.clone();
    let wanted = body.text_at("address.customerAddressId").unwrap_or_default();
    let default = body.flag_at("defaultShippingAddress");
    let Some(address) = body.get("address") else { return Err(Refusal::new("E00014")) };
    let owner = find_mut(gateway, &id)?;
    if !owner.addresses.iter().any(|one| one.id == wanted) {
        return Err(Refusal::new("E00040"));
    }
    for one in &mut owner.addresses {
        if one.id == wanted {
            one.place = address.without(&["customerAddressId"]);
            one.default = default.unwrap_or(one.default);
        } else if default == Some(true) {
            one.default = false;
        }
    }
    Ok(Reply::ok())
}

/// `deleteCustomerShippingAddressRequest`
pub(super) fn delete(gateway: &mut Gateway, body: &Json) -> Outcome {
    enabled(gateway)?;
    let id = find(gateway, body)?.id.clone();
    let wanted = body.text_at("customerAddressId").unwrap_or_default();
    if !gateway.running(|one| one.address.as_deref() == Some(&wanted)).is_empty() {
        return Err(Refusal::new("E00107"));
    }
    let owner = find_mut(gateway, &id)?;
    let before = owner.addresses.len();
    owner.addresses.retain(|one| one.id != wanted);
    if owner.addresses.len() == before {
        return Err(Refusal::new("E00040"));
    }
    Ok(Reply::ok())
}
