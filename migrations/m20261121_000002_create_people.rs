//! Organisations, their budgets, sites and contacts; users, roles, sessions and tokens.

use sea_orm_migration::prelude::*;

use crate::tables::{Column as C, TableOf};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true) // SQLite would otherwise keep half a migration after a failure.
    }

    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            table.create(schema).await?;
        }
        Ok(())
    }
}

fn tables() -> Vec<TableOf> {
    vec![
        organisation(),
        population(),
        budget(),
        site(),
        contact(),
        user_account(),
        user_secret(),
        user_role(),
        login_link(),
        login_attempt(),
        session(),
        api_token(),
        api_token_use(),
    ]
}

fn organisation() -> TableOf {
    TableOf::named("organisation")
        .id()
        .col(C::text("kind"))
        .col(C::text("name"))
        .col(C::text("siren").optional())
        .col(C::text("insee").optional())
        .col(C::text("department").optional())
        .col(C::text("epci_siren").optional())
        .col(C::text("time_zone"))
        .col(C::text("email").optional())
        .col(C::text("phone").optional())
        .col(C::text("address").optional())
        .col(C::boolean("good_friday"))
        .col(C::boolean("local_law"))
        .col(C::text("sort_key"))
        .col(C::text("search_text"))
        .col(C::boolean("active"))
        .col(C::instant("created_at"))
        .col(C::integer("version"))
        .unique(&["siren"])
        .unique(&["insee"])
        .index(&["sort_key"])
        .index(&["epci_siren"])
}

fn population() -> TableOf {
    TableOf::named("population")
        .id()
        .col(C::uuid("organisation_id"))
        .col(C::text("series"))
        .col(C::integer("year"))
        .col(C::big("inhabitants"))
        .col(C::text("source"))
        .unique(&["organisation_id", "series", "year"])
        .refers(&["organisation_id"], "organisation", &["id"])
        .check("inhabitants >= 0")
        .check("year BETWEEN 1790 AND 2200")
}

fn budget() -> TableOf {
    TableOf::named("budget")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::text("kind"))
        .col(C::text("name"))
        .col(C::text("siret").optional())
        .col(C::boolean("vat_liable"))
        .col(C::text("chorus_service").optional())
        .col(C::text("chorus_engagement").optional())
        .col(C::boolean("active"))
        .col(C::integer("version"))
        .unique(&["owner_id", "name"])
        .unique(&["owner_id", "id"])
        .refers(&["owner_id"], "organisation", &["id"])
}

fn site() -> TableOf {
    TableOf::named("site")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::text("kind"))
        .col(C::text("name"))
        .col(C::text("reference").optional())
        .col(C::text("address").optional())
        .col(C::big("area_milli").optional())
        .col(C::text("category").optional())
        .col(C::uuid("budget_id").optional())
        .col(C::text("sort_key"))
        .col(C::text("search_text"))
        .col(C::boolean("active"))
        .col(C::integer("version"))
        .unique(&["owner_id", "kind", "reference"])
        .unique(&["owner_id", "id"])
        .refers(&["owner_id"], "organisation", &["id"])
        .check("area_milli IS NULL OR area_milli >= 0")
}

fn contact() -> TableOf {
    TableOf::named("contact")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::text("name"))
        .col(C::text("role"))
        .col(C::text("email").optional())
        .col(C::text("phone").optional())
        .col(C::text("sort_key"))
        .col(C::boolean("active"))
        .col(C::integer("version"))
        .refers(&["owner_id"], "organisation", &["id"])
        .index(&["owner_id", "sort_key"])
}

fn user_account() -> TableOf {
    TableOf::named("user_account")
        .id()
        .col(C::text("email"))
        .col(C::text("name"))
        .col(C::text("phone").optional())
        .col(C::text("state"))
        .col(C::boolean("operator"))
        .col(C::text("sort_key"))
        .col(C::text("search_text"))
        .col(C::instant("created_at"))
        .col(C::integer("version"))
        .unique(&["email"])
        .index(&["sort_key"])
}

fn user_secret() -> TableOf {
    TableOf::named("user_secret")
        .col(C::uuid("user_id"))
        .col(C::text("password_hash"))
        .col(C::instant("changed_at"))
        .key(&["user_id"])
        .refers(&["user_id"], "user_account", &["id"])
}

fn user_role() -> TableOf {
    TableOf::named("user_role")
        .id()
        .col(C::uuid("user_id"))
        .col(C::uuid("organisation_id"))
        .col(C::text("role"))
        .col(C::instant("granted_at"))
        .unique(&["user_id", "organisation_id", "role"])
        .refers(&["user_id"], "user_account", &["id"])
        .refers(&["organisation_id"], "organisation", &["id"])
        .index(&["organisation_id"])
}

fn login_link() -> TableOf {
    TableOf::named("login_link")
        .id()
        .col(C::uuid("user_id"))
        .col(C::text("kind"))
        .col(C::text("secret_hash"))
        .col(C::instant("expires_at"))
        .col(C::instant("used_at").optional())
        .col(C::instant("created_at"))
        .unique(&["secret_hash"])
        .refers(&["user_id"], "user_account", &["id"])
}

fn login_attempt() -> TableOf {
    TableOf::named("login_attempt")
        .col(C::text("key"))
        .col(C::integer("failures"))
        .col(C::instant("first_at"))
        .col(C::instant("blocked_until").optional())
        .key(&["key"])
        .check("failures >= 0")
}

fn session() -> TableOf {
    TableOf::named("session")
        .col(C::text("id"))
        .col(C::uuid("user_id").optional())
        .col(C::text("data"))
        .col(C::instant("created_at"))
        .col(C::instant("last_seen_at"))
        .col(C::instant("expires_at"))
        .key(&["id"])
        .index(&["user_id"])
        .index(&["expires_at"])
}

fn api_token() -> TableOf {
    TableOf::named("api_token")
        .id()
        .col(C::uuid("user_id"))
        .col(C::text("name"))
        .col(C::text("secret_hash"))
        .col(C::text("scopes"))
        .col(C::instant("created_at"))
        .col(C::instant("expires_at").optional())
        .col(C::instant("revoked_at").optional())
        .col(C::integer("version"))
        .unique(&["secret_hash"])
        .refers(&["user_id"], "user_account", &["id"])
        .index(&["user_id"])
}

fn api_token_use() -> TableOf {
    TableOf::named("api_token_use")
        .col(C::uuid("token_id"))
        .col(C::date("used_on"))
        .key(&["token_id"])
        .refers(&["token_id"], "api_token", &["id"])
}
