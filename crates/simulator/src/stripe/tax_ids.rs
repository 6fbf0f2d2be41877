//! Tax ids: of customers, and of the account itself. Nobody verifies them here: they stay `pending`.

use serde_json::{Value, json};

use super::customers::find_customer;
use super::error::ApiError;
use super::object::Object;
use super::page::{self, PAGE};
use super::params::{EXPAND, Field, Kind, may, need};
use super::router::{Call, Outcome, Route};
use super::state::Account;

const KIND: &str = "tax_id";

const TYPES: Kind = Kind::OneOf(&[
    "ad_nrt",
    "ae_trn",
    "al_tin",
    "am_tin",
    "ao_tin",
    "ar_cuit",
    "au_abn",
    "au_arn",
    "aw_tin",
    "az_tin",
    "ba_tin",
    "bb_tin",
    "bd_bin",
    "bf_ifu",
    "bg_uic",
    "bh_vat",
    "bj_ifu",
    "bo_tin",
    "br_cnpj",
    "br_cpf",
    "bs_tin",
    "by_tin",
    "ca_bn",
    "ca_gst_hst",
    "ca_pst_bc",
    "ca_pst_mb",
    "ca_pst_sk",
    "ca_qst",
    "cd_nif",
    "ch_uid",
    "ch_vat",
    "cl_tin",
    "cm_niu",
    "cn_tin",
    "co_nit",
    "cr_tin",
    "cv_nif",
    "de_stn",
    "do_rcn",
    "ec_ruc",
    "eg_tin",
    "es_cif",
    "et_tin",
    "eu_oss_vat",
    "eu_vat",
    "gb_vat",
    "ge_vat",
    "gn_nif",
    "hk_br",
    "hr_oib",
    "hu_tin",
    "id_npwp",
    "il_vat",
    "in_gst",
    "is_vat",
    "jp_cn",
    "jp_rn",
    "jp_trn",
    "ke_pin",
    "kg_tin",
    "kh_tin",
    "kr_brn",
    "kz_bin",
    "la_tin",
    "li_uid",
    "li_vat",
    "ma_vat",
    "md_vat",
    "me_pib",
    "mk_vat",
    "mr_nif",
    "mx_rfc",
    "my_frp",
    "my_itn",
    "my_sst",
    "ng_tin",
    "no_vat",
    "no_voec",
    "np_pan",
    "nz_gst",
    "om_vat",
    "pe_ruc",
    "ph_tin",
    "ro_tin",
    "rs_pib",
    "ru_inn",
    "ru_kpp",
    "sa_vat",
    "sg_gst",
    "sg_uen",
    "si_tin",
    "sn_ninea",
    "sr_fin",
    "sv_nit",
    "th_vat",
    "tj_tin",
    "tr_tin",
    "tw_vat",
    "tz_vat",
    "ua_vat",
    "ug_tin",
    "us_ein",
    "uy_ruc",
    "uz_tin",
    "uz_vat",
    "ve_rif",
    "vn_tin",
    "za_vat",
    "zm_tin",
    "zw_tin",
]);

/// `type` and `value`, here and as `tax_id_data` of a new customer.
pub(super) const ONE: &[Field] = &[need("type", TYPES), need("value", Kind::Text)];

const OWNER: &[Field] = &[may(
    "owner",
    Kind::Hash(&[
        may("account", Kind::Text),
        may("customer", Kind::Text),
        may("customer_account", Kind::Text),
        need("type", Kind::OneOf(&["account", "application", "customer", "self"])),
    ]),
)];

pub(super) const ROUTES: &[Route] = &[
    Route::post("customers/*/tax_ids", &[ONE, &[EXPAND]], "customer_write", create_of_customer),
    Route::get("customers/*/tax_ids", &[PAGE], "customer_read", list_of_customer),
    Route::get("customers/*/tax_ids/*", &[&[EXPAND]], "customer_read", retrieve),
    Route::delete("customers/*/tax_ids/*", &[], "customer_write", delete),
    Route::post("tax_ids", &[ONE, OWNER, &[EXPAND]], "tax_id_write", create),
    Route::get("tax_ids", &[PAGE, OWNER], "tax_id_read", list),
    Route::get("tax_ids/*", &[&[EXPAND]], "tax_id_read", retrieve),
    Route::delete("tax_ids/*", &[], "tax_id_write", delete),
];

fn find(account: &Account, id: &str, param: &str) -> Outcome {
    account.get(KIND, id).ok_or_else(|| ApiError::missing("tax_id", id, param))
}

/// Refuses ids that are not the account's own.
pub(super) fn check_own(account: &Account, given: Option<&Value>, param: &str) -> Result<(), ApiError> {
    for (at, id) in given.and_then(Value::as_array).into_iter().flatten().enumerate() {
        let id = id.as_str().unwrap_or_default();
        let param = format!("{param}[{at}]");
        let found = find(account, id, &param).map_err(|error| error.status(400))?;
        if !found.at(&["customer"]).is_null() {
            let message = format!("The tax id {id} belongs to a customer, not to the account.");
            return Err(ApiError::invalid(message).param(&param));
        }
    }
    Ok(())
}

/// A customer's tax ids as its invoices show them, oldest first.
pub(super) fn on_invoices(account: &Account, customer: &str) -> Vec<Value> {
    let mut found = account.those(KIND, |row| row.text("customer") == customer);
    found.reverse();
    let shown = |row: &Value| json!({ "type": row.text("type"), "value": row.text("value") });
    found.iter().map(shown).collect()
}

/// Makes one of a customer, or (with an empty id) of the account.
pub(super) fn make(account: &mut Account, kind: &str, value: &str, customer: &str) -> Value {
    let customer = (!customer.is_empty()).then_some(customer);
    // The first two letters are the country, except for those that several countries share.
    let country = if kind.starts_with("eu_") { value } else { kind };
    let country: String = country.chars().take(2).collect::<String>().to_uppercase();
    let made = json!({
        "id": format!("txi_1{}", account.ids.letters(23)),
        "object": KIND,
        "country": (kind != "eu_oss_vat").then_some(country),
        "created": account.now,
        "customer": customer,
        "customer_account": null,
        "livemode": false,
        "owner": {
            "account": null, "application": null, "customer": customer, "customer_account": null,
            "type": if customer.is_some() { "customer" } else { "self" },
        },
        "type": kind,
        "value": value,
        "verification": customer.map(|_| json!({
            "status": "pending", "verified_address": null, "verified_name": null,
        })),
    });
    if customer.is_some() {
        account.save(&made, "customer.tax_id.created");
    } else {
        account.put(&made);
    }
    made
}

/// The customer that `owner` names; empty for the account itself.
fn owner(call: &Call<'_>) -> Result<String, ApiError> {
    let owner = call.params.get("owner").cloned().unwrap_or_default();
    match owner.text("type") {
        "" | "self" => Ok(String::new()),
        "customer" => {
            let id = owner.text("customer");
            if id.is_empty() {
                return Err(ApiError::missing_param("owner[customer]"));
            }
            find_customer(call.account, id, "owner[customer]").map_err(|error| error.status(400))?;
            Ok(id.to_owned())
        }
        _ => Err(ApiError::not_simulated("owner[type]")),
    }
}

fn make_for(call: &mut Call<'_>, customer: &str) -> Value {
    let (kind, value) = (call.text("type"), call.text("value"));
    let (kind, value) = (kind.unwrap_or_default().to_owned(), value.unwrap_or_default().to_owned());
    make(call.account, &kind, &value, customer)
}

fn create(call: &mut Call<'_>) -> Outcome {
    let customer = owner(call)?;
    Ok(make_for(call, &customer))
}

fn create_of_customer(call: &mut Call<'_>) -> Outcome {
    find_customer(call.account, &call.id, "customer")?;
    let customer = call.id.clone();
    Ok(make_for(call, &customer))
}

fn retrieve(call: &mut Call<'_>) -> Outcome {
    find(call.account, &call.id, "id")
}

fn delete(call: &mut Call<'_>) -> Outcome {
    let gone = find(call.account, &call.id, "id")?;
    call.account.remove(KIND, &call.id);
    if !gone.at(&["customer"]).is_null() {
        call.account.emit("customer.tax_id.deleted", &gone, None);
    }
    Ok(json!({ "id": call.id, "object": KIND, "deleted": true }))
}

fn list_for(call: &Call<'_>, customer: &str, url: &str) -> Outcome {
    let rows = call.account.newest_first(KIND).into_iter().filter(|row| row.text("customer") == customer);
    page::list(&call.params, rows.collect(), "tax id", url)
}

fn list(call: &mut Call<'_>) -> Outcome {
    let customer = owner(call)?;
    list_for(call, &customer, "/v1/tax_ids")
}

fn list_of_customer(call: &mut Call<'_>) -> Outcome {
    find_customer(call.account, &call.id, "customer")?;
    list_for(call, &call.id, &format!("/v1/customers/{}/tax_ids", call.id))
}
