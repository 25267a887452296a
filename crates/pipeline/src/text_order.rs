//! JMESPath expressions in which texts can be ordered.
//!
//! The specification orders numbers only; Python's implementation, for which users wrote their
//! conditions, orders texts as well (`"@timestamp" > '2024-06-01'`). So `<`, `<=`, `>` and `>=`
//! become calls of functions that order both.

use std::cmp::Ordering;
use std::sync::LazyLock;

use jmespath::ast::{Ast, Comparator};
use jmespath::functions::Function;
use jmespath::{Context, Expression, JmespathError, Rcvar, Runtime, Variable};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut runtime = Runtime::new();
    runtime.register_builtin_functions();
    let mut register = |name: &str, holds: fn(Ordering) -> bool| {
        runtime.register_function(name, ordering_function(holds));
    };
    register(LESS, Ordering::is_lt);
    register(LESS_OR_EQUAL, Ordering::is_le);
    register(GREATER, Ordering::is_gt);
    register(GREATER_OR_EQUAL, Ordering::is_ge);
    runtime
});

// A blank cannot stand in a function's name, so users cannot call these by accident.
const LESS: &str = "text <";
const LESS_OR_EQUAL: &str = "text <=";
const GREATER: &str = "text >";
const GREATER_OR_EQUAL: &str = "text >=";

/// Compiles an expression.
pub(crate) fn compile(text: &str) -> Result<Expression<'static>, JmespathError> {
    let ast = order_texts(jmespath::parse(text)?);
    Ok(Expression::new(text, ast, &RUNTIME))
}

fn ordering_function(holds: fn(Ordering) -> bool) -> Box<dyn Function> {
    Box::new(move |values: &[Rcvar], _: &mut Context<'_>| {
        let ordering = match values {
            [left, right] => match (&**left, &**right) {
                (Variable::Number(left), Variable::Number(right)) => {
                    left.as_f64().partial_cmp(&right.as_f64())
                }
                (Variable::String(left), Variable::String(right)) => Some(left.cmp(right)),
                _ => None,
            },
            _ => None,
        };
        let outcome = ordering.map_or(Variable::Null, |found| Variable::Bool(holds(found)));
        Ok(Rcvar::new(outcome))
    })
}

/// Replaces every ordering comparison in the tree.
fn order_texts(ast: Ast) -> Ast {
    let inside = |ast: Box<Ast>| Box::new(order_texts(*ast));
    match ast {
        Ast::Comparison {
            offset,
            comparator,
            lhs,
            rhs,
        } => {
            let name = match &comparator {
                Comparator::Equal | Comparator::NotEqual => None,
                Comparator::LessThan => Some(LESS),
                Comparator::LessThanEqual => Some(LESS_OR_EQUAL),
                Comparator::GreaterThan => Some(GREATER),
                Comparator::GreaterThanEqual => Some(GREATER_OR_EQUAL),
            };
            let (lhs, rhs) = (inside(lhs), inside(rhs));
            match name {
                Some(name) => Ast::Function {
                    offset,
                    name: name.to_owned(),
                    args: vec![*lhs, *rhs],
                },
                None => Ast::Comparison {
                    offset,
                    comparator,
                    lhs,
                    rhs,
                },
            }
        }
        Ast::Condition {
            offset,
            predicate,
            then,
        } => Ast::Condition {
            offset,
            predicate: inside(predicate),
            then: inside(then),
        },
        Ast::Expref { offset, ast } => Ast::Expref {
            offset,
            ast: inside(ast),
        },
        Ast::Flatten { offset, node } => Ast::Flatten {
            offset,
            node: inside(node),
        },
        Ast::Function { offset, name, args } => Ast::Function {
            offset,
            name,
            args: args.into_iter().map(order_texts).collect(),
        },
        Ast::MultiList { offset, elements } => Ast::MultiList {
            offset,
            elements: elements.into_iter().map(order_texts).collect(),
        },
        Ast::MultiHash {
            offset,
            mut elements,
        } => {
            for pair in &mut elements {
                let value = std::mem::replace(&mut pair.value, Ast::Identity { offset });
                pair.value = order_texts(value);
            }
            Ast::MultiHash { offset, elements }
        }
        Ast::Not { offset, node } => Ast::Not {
            offset,
            node: inside(node),
        },
        Ast::Projection { offset, lhs, rhs } => Ast::Projection {
            offset,
            lhs: inside(lhs),
            rhs: inside(rhs),
        },
        Ast::ObjectValues { offset, node } => Ast::ObjectValues {
            offset,
            node: inside(node),
        },
        Ast::And { offset, lhs, rhs } => Ast::And {
            offset,
            lhs: inside(lhs),
            rhs: inside(rhs),
        },
        Ast::Or { offset, lhs, rhs } => Ast::Or {
            offset,
            lhs: inside(lhs),
            rhs: inside(rhs),
        },
        Ast::Subexpr { offset, lhs, rhs } => Ast::Subexpr {
            offset,
            lhs: inside(lhs),
            rhs: inside(rhs),
        },
        leaf @ (Ast::Identity { .. }
        | Ast::Field { .. }
        | Ast::Index { .. }
        | Ast::Literal { .. }
        | Ast::Slice { .. }) => leaf,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_numbers_are_ordered() {
        let json = r#"{"t":"2024-06-02","n":3,"l":[{"v":"a"},{"v":"b"}]}"#;
        let document = Variable::from_json(json).unwrap();
        for (text, expected) in [
            ("t > '2024-06-01'", "true"),
            ("t <= '2024-06-01'", "false"),
            ("n >= `3`", "true"),
            ("n < t", "null"),
            ("l[?v > 'a'].v", r#"["b"]"#),
            ("{x: n < `4` && t > '1'}", r#"{"x":true}"#),
            ("length(l) == `2`", "true"),
        ] {
            let found = compile(text).unwrap().search(&document).unwrap();
            assert_eq!(found.to_string(), expected, "{text}");
        }
    }
}
