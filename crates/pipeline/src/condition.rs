//! Users' JMESPath conditions on finished documents: EXCLUDE and COUNT.

use jmespath::{Expression, Variable};
use yagura_model::{Buffer, Hints, Object, push_document};

use crate::pipeline::TEXT_LIMIT;
use crate::text_order;

/// A condition as it is stored: `<log type>/<name>` and a JSON text with action and expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionParameter {
    /// Name behind `/siem/exclude-logs/`.
    pub name: String,
    /// JSON text with `action` and `expression`.
    pub value: String,
}

/// What a condition does with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Counts it.
    Count,
    /// Excludes it.
    Exclude,
}

/// One condition.
#[derive(Clone)]
pub struct Condition {
    /// Log type it holds for.
    pub log_type: String,
    /// Its whole name.
    pub name: String,
    /// What it does.
    pub action: Action,
    expression: Expression<'static>,
}

/// Why a condition is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    /// The name has no log type in front of a `/`.
    #[error("the name must be `<log type>/<condition name>`")]
    Name,
    /// The value is not a JSON object with `action` and `expression`.
    #[error("the value must be a JSON object with texts `action` and `expression`")]
    Value,
    /// The action is none of the three.
    #[error("the action must be EXCLUDE, COUNT or DISABLE")]
    Action,
    /// The expression is not JMESPath.
    #[error("the expression is not JMESPath: {0}")]
    Expression(String),
}

const PREFIX: &str = "/siem/exclude-logs/";

impl Condition {
    /// Reads a condition; `None` when it is disabled.
    pub fn new(parameter: &ConditionParameter) -> Result<Option<Condition>, ConditionError> {
        let name = parameter
            .name
            .strip_prefix(PREFIX)
            .unwrap_or(&parameter.name);
        let (log_type, _) = name.split_once('/').ok_or(ConditionError::Name)?;
        let value: serde_json::Value =
            serde_json::from_str(&parameter.value).map_err(|_| ConditionError::Value)?;
        let member = |key: &str| value.get(key).and_then(|value| value.as_str());
        let action = member("action").ok_or(ConditionError::Value)?;
        let expression = member("expression").ok_or(ConditionError::Value)?;
        if action.eq_ignore_ascii_case("disable") {
            return Ok(None);
        }
        let expression = text_order::compile(expression)
            .map_err(|error| ConditionError::Expression(error.to_string()))?;
        let action = match action.to_ascii_lowercase().as_str() {
            "exclude" => Action::Exclude,
            "count" => Action::Count,
            _ => return Err(ConditionError::Action),
        };
        Ok(Some(Condition {
            log_type: log_type.to_owned(),
            name: name.to_owned(),
            action,
            expression,
        }))
    }

    /// Whether the document meets the condition; an expression that fails on it is not met.
    fn is_met(&self, document: &Variable) -> bool {
        match self.expression.search(document) {
            Ok(found) => is_truthy(&found),
            Err(_) => false,
        }
    }
}

/// What the conditions say about a document: the name of the one that excludes it, and whether
/// one counts it.
pub(crate) struct Verdict<'c> {
    pub(crate) excluded_by: Option<&'c Condition>,
    pub(crate) counted_by: Option<&'c Condition>,
}

/// Tries the conditions in order until one excludes the document.
pub(crate) fn judge<'c>(conditions: &'c [Condition], fields: &Object<'_>) -> Verdict<'c> {
    let mut verdict = Verdict {
        excluded_by: None,
        counted_by: None,
    };
    let Some(document) = as_variable(fields) else {
        return verdict;
    };
    for condition in conditions {
        if !condition.is_met(&document) {
            continue;
        }
        match condition.action {
            Action::Count => verdict.counted_by = verdict.counted_by.or(Some(condition)),
            Action::Exclude => {
                verdict.excluded_by = Some(condition);
                break;
            }
        }
    }
    verdict
}

fn as_variable(fields: &Object<'_>) -> Option<Variable> {
    let mut json = Buffer::default();
    push_document(fields, &TEXT_LIMIT, Hints::default(), &mut json);
    Variable::from_json(std::str::from_utf8(json.as_bytes()).ok()?).ok()
}

/// Python's truth: zero and everything empty is false.
fn is_truthy(value: &Variable) -> bool {
    match value {
        Variable::Null => false,
        Variable::Bool(value) => *value,
        Variable::Number(number) => number.as_f64() != Some(0.0),
        Variable::String(text) => !text.is_empty(),
        Variable::Array(list) => !list.is_empty(),
        Variable::Object(object) => !object.is_empty(),
        Variable::Expref(_) => true,
    }
}
