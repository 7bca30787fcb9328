//! Sharing rules over JSON: drafted, tried, adopted, amended, chosen.
use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use chrono::NaiveDate;
use domain::{
    allocation::{AllocationRule, Json as AnyJson, TaxPolicy},
    field::Gathering,
    identity::{AgreementId, GroupingId, RuleId},
    money::Cents,
    purchasing::rule::{
        ARTICLE_CHARS_MAX, DELIBERATIONS_CHARS_MAX, NAME_CHARS_MAX, RuleChoice, RuleSubject,
        RuleTerms, SharingRule,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    actions::{
        App, Error,
        purchasing::rules::{self, Trial},
    },
    api::{
        extract::{Bearer, Id, Nothing, Query, Tagged, Write},
        field,
        paging::{Page, Paging},
        problem::{Problem, ReadProblems, WriteProblems},
    },
    store::Start,
};

mod life;

/// The operations on sharing rules.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, replace, discard))
        .routes(routes!(try_out))
        .routes(routes!(choices, choose))
        .merge(life::routes())
}

/// One version of a sharing rule.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RuleView {
    pub id: Uuid,
    pub grouping: Uuid,
    /// The first version: it names the rule, whatever its version.
    pub series: Uuid,
    pub number: i32,
    /// `draft`, `adopted` or `withdrawn`.
    pub state: String,
    pub terms: RuleBody,
    pub version: i32,
}

/// What a council votes.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleBody {
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// The first day of the invoices that it may split.
    pub applies_from: NaiveDate,
    /// The version of the agreement where it is written.
    pub agreement: Option<Uuid>,
    #[schema(max_length = 100)]
    pub article: Option<String>,
    /// The deliberations that voted it, one a line.
    #[schema(max_length = 2000)]
    pub deliberations: Option<String>,
    /// `exact` or `printed`.
    pub vat_policy: String,
    /// Whether who joined or left during the period of an invoice bears its days alone.
    #[serde(default)]
    pub prorata: bool,
    #[schema(value_type = Formula)]
    pub formula: AnyJson,
}

/// A rule of the case format.
///
/// Its keys are `delivered`, `population:SERIES:YEAR`, `population:SERIES:latest` or
/// `key:UUID`; its members are identifiers of organisations.
#[derive(Clone, Debug, ToSchema)]
#[schema(example = json!({"kind": "mix", "parts": [
    {"percent": "30", "rule": {"kind": "equal"}},
    {"percent": "70", "rule": {"kind": "proportional", "key": "population:municipale:latest"}}
]}))]
#[expect(dead_code, reason = "it only describes a JSON that the domain reads")]
pub struct Formula {
    /// `equal`, `proportional`, `product`, `percent`, `bands`, `coefficient`, `mix`, `first`,
    /// `clamp` or `direct`.
    kind: String,
    #[serde(flatten)]
    fields: BTreeMap<String, serde_json::Value>,
}

/// A formula and the amount to try it on.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TrialInput {
    #[schema(value_type = Formula)]
    formula: AnyJson,
    #[schema(example = "10000.00")]
    amount: String,
}

/// What a rule would ask of each member.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct TrialView {
    amount: String,
    shares: Vec<TrialShareView>,
}

/// One member of a trial.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct TrialShareView {
    organisation: Uuid,
    name: String,
    share: String,
    /// The latest `municipale` population that is known.
    inhabitants: Option<i64>,
}

/// Which rule splits what, when a line of an invoice says nothing.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RuleChoices {
    /// The series of a rule by `grouping`, `lot:UUID` or `item:UUID`; the more precise wins.
    choices: BTreeMap<String, Uuid>,
}

impl From<SharingRule> for RuleView {
    fn from(rule: SharingRule) -> Self {
        let terms = rule.terms;
        Self {
            id: rule.id.0,
            grouping: rule.grouping.0,
            series: rule.series.0,
            number: rule.number,
            state: rule.state.code().to_owned(),
            terms: RuleBody {
                name: terms.name,
                applies_from: terms.applies_from,
                agreement: terms.agreement.map(|id| id.0),
                article: terms.article,
                deliberations: terms.deliberations,
                vat_policy: terms.tax_policy.word().to_owned(),
                prorata: terms.prorata,
                formula: terms.formula.into(),
            },
            version: rule.version,
        }
    }
}

/// Reads a formula; a refusal names the place inside it.
fn formula(gathering: &mut Gathering, json: AnyJson) -> Option<AllocationRule> {
    match AllocationRule::try_from(json) {
        Ok(rule) => Some(rule),
        Err(error) => {
            let name = format!("formula{}", error.pointer.replace('/', "."));
            gathering.read(&name, "", Err(error.problem))
        }
    }
}

impl RuleBody {
    fn parse(self) -> Result<RuleTerms, Error> {
        let mut all = Gathering::default();
        let name = field::line(&mut all, "name", &self.name, NAME_CHARS_MAX);
        let mut words = |name: &str, typed: Option<&str>, max| {
            field::lines_optional(&mut all, name, typed, max)
        };
        let article = words("article", self.article.as_deref(), ARTICLE_CHARS_MAX);
        let voted = self.deliberations.as_deref();
        let deliberations = words("deliberations", voted, DELIBERATIONS_CHARS_MAX);
        let policy = field::choice(
            &mut all,
            "vat_policy",
            &self.vat_policy,
            TaxPolicy::from_word,
        );
        let formula = formula(&mut all, self.formula);
        match (name, article, deliberations, policy, formula) {
            (Some(name), Some(article), Some(deliberations), Some(tax_policy), Some(formula)) => {
                Ok(RuleTerms {
                    name,
                    applies_from: self.applies_from,
                    agreement: self.agreement.map(AgreementId),
                    article,
                    deliberations,
                    tax_policy,
                    prorata: self.prorata,
                    formula,
                })
            }
            (_, _, _, _, _) => Err(Error::Invalid(all.problems)),
        }
    }
}

impl From<Trial> for TrialView {
    fn from(trial: Trial) -> Self {
        let shares = trial.shares.into_iter().map(|one| TrialShareView {
            organisation: one.organisation.id.0,
            name: one.organisation.name,
            share: one.share.to_string(),
            inhabitants: one.inhabitants,
        });
        Self {
            amount: trial.amount.to_string(),
            shares: shares.collect(),
        }
    }
}

impl From<Vec<RuleChoice>> for RuleChoices {
    fn from(choices: Vec<RuleChoice>) -> Self {
        let choices = choices.into_iter();
        Self {
            choices: choices
                .map(|c| (c.subject.to_string(), c.series.0))
                .collect(),
        }
    }
}

fn tagged(rule: SharingRule) -> Tagged<RuleView> {
    Tagged {
        version: rule.version,
        body: rule.into(),
    }
}

/// The versions of the rules of a grouping, by name.
#[utoipa::path(
    get,
    path = "/groupings/{id}/rules",
    operation_id = "list_rules",
    tag = "rules",
    params(("id" = Uuid, Path), Paging),
    responses((status = 200, body = Page<RuleView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<RuleView>>, Problem> {
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let start = Start::After(paging.after()?);
    let found = rules::page(&app, &actor, GroupingId(id), start, limit + 1).await?;
    let key = |rule: &SharingRule| (rule.terms.name.clone(), rule.id.0);
    Ok(Json(Page::of(found, limit, key, Into::into)))
}

/// Drafts a rule.
#[utoipa::path(
    post,
    path = "/groupings/{id}/rules",
    operation_id = "create_rule",
    tag = "rules",
    params(("id" = Uuid, Path)),
    request_body = RuleBody,
    responses((status = 201, body = RuleView), WriteProblems)
)]
async fn create(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<RuleBody>,
) -> Result<(StatusCode, Tagged<RuleView>), Problem> {
    let terms = write.body.parse()?;
    let rule = rules::create(&app, &write.actor, GroupingId(id), terms).await?;
    Ok((StatusCode::CREATED, tagged(rule)))
}

/// One version of a rule.
#[utoipa::path(
    get,
    path = "/rules/{id}",
    operation_id = "show_rule",
    tag = "rules",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = RuleView), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Tagged<RuleView>, Problem> {
    Ok(tagged(rules::find(&app, &actor, RuleId(id)).await?))
}

/// Writes a draft again.
#[utoipa::path(
    put,
    path = "/rules/{id}",
    operation_id = "replace_rule",
    tag = "rules",
    params(("id" = Uuid, Path), ("If-Match" = String, Header)),
    request_body = RuleBody,
    responses((status = 200, body = RuleView), WriteProblems)
)]
async fn replace(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<RuleBody>,
) -> Result<Tagged<RuleView>, Problem> {
    let version = write.if_match.require()?;
    let terms = write.body.parse()?;
    let rule = rules::edit(&app, &write.actor, RuleId(id), version, terms).await?;
    Ok(tagged(rule))
}

/// Throws a draft away.
#[utoipa::path(
    delete,
    path = "/rules/{id}",
    operation_id = "discard_rule",
    tag = "rules",
    params(("id" = Uuid, Path)),
    responses((status = 204), WriteProblems)
)]
async fn discard(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<StatusCode, Problem> {
    rules::discard(&app, &write.actor, RuleId(id), None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a formula would ask of each member, with the figures of today; nothing is kept.
#[utoipa::path(
    post,
    path = "/groupings/{id}/rules/try",
    operation_id = "try_rule",
    tag = "rules",
    params(("id" = Uuid, Path)),
    request_body = TrialInput,
    responses((status = 200, body = TrialView), WriteProblems)
)]
async fn try_out(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<TrialInput>,
) -> Result<Json<TrialView>, Problem> {
    let mut all = Gathering::default();
    let typed = write.body;
    let amount = all.read("amount", &typed.amount, Cents::parse(&typed.amount));
    let formula = formula(&mut all, typed.formula);
    let (Some(amount), Some(formula)) = (amount, formula) else {
        return Err(Error::Invalid(all.problems).into());
    };
    let id = GroupingId(id);
    let trial = rules::try_out(&app, &write.actor, id, &formula, amount).await?;
    Ok(Json(trial.into()))
}

/// Which rule each lot and article takes, and the grouping when nothing else is said.
#[utoipa::path(
    get,
    path = "/groupings/{id}/rule-choices",
    operation_id = "show_rule_choices",
    tag = "rules",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = RuleChoices), ReadProblems)
)]
async fn choices(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Json<RuleChoices>, Problem> {
    Ok(Json(
        rules::choices(&app, &actor, GroupingId(id)).await?.into(),
    ))
}

/// Says which rule each lot and article takes, over what was said before.
#[utoipa::path(
    put,
    path = "/groupings/{id}/rule-choices",
    operation_id = "choose_rules",
    tag = "rules",
    params(("id" = Uuid, Path)),
    request_body = RuleChoices,
    responses((status = 200, body = RuleChoices), WriteProblems)
)]
async fn choose(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<RuleChoices>,
) -> Result<Json<RuleChoices>, Problem> {
    let mut all = Gathering::default();
    let mut chosen = Vec::new();
    for (subject, series) in &write.body.choices {
        let name = format!("choices.{subject}");
        let read = field::choice(&mut all, &name, subject, RuleSubject::parse);
        chosen.extend(read.map(|subject| RuleChoice {
            subject,
            series: RuleId(*series),
        }));
    }
    if !all.problems.is_empty() {
        return Err(Error::Invalid(all.problems).into());
    }
    let chosen = rules::choose(&app, &write.actor, GroupingId(id), chosen).await?;
    Ok(Json(chosen.into()))
}
