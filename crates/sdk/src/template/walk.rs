//! Walks through a template before it is ever used: every name in it has to be known.

use minijinja::machinery::Span;
use minijinja::machinery::ast::{CallArg, Expr, Stmt};

use super::datetime;
use super::names::{Checked, FILTERS, TESTS, check_attribute, one_of, unknown_variable};
use super::variables::{MESSAGE, OTHERS, TIME_METHODS, Variable};

/// Operations and filters in one expression, one behind the other.
const MAX_DEPTH: usize = 100;

/// A variable, and what is taken of it; nothing where it is taken as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) variable: String,
    pub(super) attribute: String,
}

/// What a template uses; `Err` says which name in it is not known.
pub(super) fn uses(
    tree: &Stmt<'_>,
    source: &str,
    own: &'static [Variable],
    has_message: bool,
) -> Result<Vec<Use>, String> {
    let mut known: Vec<_> = own.iter().chain(&OTHERS).copied().collect();
    known.extend(has_message.then_some(MESSAGE));
    known.sort_by_key(|variable| variable.name);
    let mut walk = Walk { source, known, locals: Vec::new(), uses: Vec::new(), depth: 0 };
    walk.statement(tree)?;
    Ok(walk.uses)
}

struct Walk<'t> {
    source: &'t str,
    known: Vec<Variable>,
    /// What the template itself names.
    locals: Vec<String>,
    uses: Vec<Use>,
    /// Of expressions in expressions.
    depth: usize,
}

impl<'t> Walk<'t> {
    fn statement(&mut self, statement: &Stmt<'_>) -> Checked {
        match statement {
            Stmt::Template(template) => self.statements(&template.children),
            Stmt::EmitExpr(emit) => self.expression(&emit.expr),
            Stmt::EmitRaw(_) => Ok(()),
            Stmt::IfCond(condition) => {
                self.expression(&condition.expr)?;
                self.statements(&condition.true_body)?;
                self.statements(&condition.false_body)
            }
            Stmt::ForLoop(of) => {
                self.expression(&of.iter)?;
                self.statements(&of.else_body)?;
                let outer = self.locals.len();
                self.locals.push("loop".to_owned());
                self.assign(&of.target);
                self.optional(of.filter_expr.as_ref())?;
                self.statements(&of.body)?;
                self.locals.truncate(outer);
                Ok(())
            }
            Stmt::WithBlock(with) => {
                let outer = self.locals.len();
                for (target, value) in &with.assignments {
                    self.expression(value)?;
                    self.assign(target);
                }
                self.statements(&with.body)?;
                self.locals.truncate(outer);
                Ok(())
            }
            Stmt::Set(set) => {
                self.expression(&set.expr)?;
                self.assign(&set.target);
                Ok(())
            }
            Stmt::SetBlock(set) => {
                self.optional(set.filter.as_ref())?;
                self.statements(&set.body)?;
                self.assign(&set.target);
                Ok(())
            }
            Stmt::FilterBlock(block) => {
                self.expression(&block.filter)?;
                self.statements(&block.body)
            }
            Stmt::AutoEscape(block) => Err(wrong(
                block.span(),
                "autoescape",
                "WeChat shows no HTML, so nothing is escaped",
            )),
            Stmt::Do(call) => Err(wrong(call.span(), "do", "there is nothing to be done")),
        }
    }

    fn statements(&mut self, statements: &[Stmt<'_>]) -> Checked {
        statements.iter().try_for_each(|statement| self.statement(statement))
    }

    fn assign(&mut self, target: &Expr<'_>) {
        match target {
            Expr::Var(variable) => self.locals.push(variable.id.to_owned()),
            Expr::List(list) => list.items.iter().for_each(|item| self.assign(item)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.assign(item)),
            _ => {}
        }
    }

    fn optional(&mut self, expression: Option<&Expr<'_>>) -> Checked {
        expression.map_or(Ok(()), |expression| self.expression(expression))
    }

    fn expressions(&mut self, expressions: &[Expr<'_>]) -> Checked {
        expressions.iter().try_for_each(|expression| self.expression(expression))
    }

    /// The compiler goes through an expression as this does, on the stack.
    fn expression(&mut self, expression: &Expr<'_>) -> Checked {
        if self.depth == MAX_DEPTH {
            let line = expression.span().start_line;
            return Err(format!("an expression in line {line} of the template is too long"));
        }
        self.depth += 1;
        let checked = self.parts(expression);
        self.depth -= 1;
        checked
    }

    fn parts(&mut self, expression: &Expr<'_>) -> Checked {
        match expression {
            Expr::Const(_) => Ok(()),
            Expr::Var(variable) => self.variable(variable.id, "", variable.span()),
            Expr::GetAttr(attribute) => match &attribute.expr {
                Expr::Var(variable) => self.variable(variable.id, attribute.name, attribute.span()),
                other => self.expression(other),
            },
            Expr::GetItem(item) => match (&item.expr, &item.subscript_expr) {
                (Expr::Var(variable), Expr::Const(key)) => {
                    self.variable(variable.id, &key.value.to_string(), item.span())
                }
                (of, key) => {
                    self.expression(of)?;
                    self.expression(key)
                }
            },
            Expr::Slice(slice) => {
                self.expression(&slice.expr)?;
                let ends = [&slice.start, &slice.stop, &slice.step];
                ends.into_iter().try_for_each(|end| self.optional(end.as_ref()))
            }
            Expr::UnaryOp(operation) => self.expression(&operation.expr),
            Expr::BinOp(operation) => {
                self.expression(&operation.left)?;
                self.expression(&operation.right)
            }
            Expr::Compare(comparison) => {
                self.expression(&comparison.expr)?;
                comparison.ops.iter().try_for_each(|other| self.expression(&other.expr))
            }
            Expr::IfExpr(condition) => {
                self.expression(&condition.test_expr)?;
                self.expression(&condition.true_expr)?;
                self.optional(condition.false_expr.as_ref())
            }
            Expr::Filter(filter) => {
                self.optional(filter.expr.as_ref())?;
                one_of(FILTERS, "filter", filter.name, self.written(filter.span()))?;
                if filter.name == "date" {
                    check_pattern(&filter.args)?;
                }
                self.arguments(&filter.args)
            }
            Expr::Test(test) => {
                self.expression(&test.expr)?;
                one_of(TESTS, "test", test.name, self.written(test.span()))?;
                self.arguments(&test.args)
            }
            Expr::Call(call) => {
                self.callee(&call.expr, &call.args)?;
                self.arguments(&call.args)
            }
            Expr::List(list) => self.expressions(&list.items),
            Expr::Tuple(tuple) => self.expressions(&tuple.items),
            Expr::Map(map) => {
                self.expressions(&map.keys)?;
                self.expressions(&map.values)
            }
        }
    }

    fn arguments(&mut self, arguments: &[CallArg<'_>]) -> Checked {
        arguments.iter().try_for_each(|argument| match argument {
            CallArg::Pos(value)
            | CallArg::Kwarg(_, value)
            | CallArg::PosSplat(value)
            | CallArg::KwargSplat(value) => self.expression(value),
        })
    }

    /// `range(3)`, and `time.format("%H:%M")`, perhaps of another zone.
    fn callee(&mut self, callee: &Expr<'_>, arguments: &[CallArg<'_>]) -> Checked {
        let written = self.written(callee.span());
        match callee {
            local if self.is_local(local) => Ok(()),
            Expr::Var(function) => one_of(&["range"], "function", function.id, written),
            Expr::GetAttr(method) => {
                self.expression(&method.expr)?;
                if self.is_local(&method.expr) {
                    return Ok(());
                }
                one_of(&TIME_METHODS, "method", method.name, written)?;
                if method.name == "format" {
                    check_pattern(arguments)?;
                }
                Ok(())
            }
            other => self.expression(other),
        }
    }

    fn is_local(&self, expression: &Expr<'_>) -> bool {
        matches!(expression, Expr::Var(variable) if self.locals.iter().any(|one| one == variable.id))
    }

    fn variable(&mut self, name: &str, attribute: &str, span: Span) -> Checked {
        if self.locals.iter().any(|local| local == name) {
            return Ok(());
        }
        let written = self.written(span);
        let Some(variable) = self.known.iter().find(|variable| variable.name == name) else {
            return Err(unknown_variable(&self.known, (name, attribute), written));
        };
        check_attribute(variable, attribute, written)?;
        self.uses.push(Use { variable: name.to_owned(), attribute: attribute.to_owned() });
        Ok(())
    }

    /// An expression as it stands in the template.
    fn written(&self, span: Span) -> &'t str {
        let bytes = span.start_offset as usize..span.end_offset as usize;
        self.source.get(bytes).unwrap_or_default()
    }
}

fn check_pattern(arguments: &[CallArg<'_>]) -> Checked {
    let Some(CallArg::Pos(Expr::Const(pattern))) = arguments.first() else { return Ok(()) };
    match pattern.value.as_str().map(datetime::check) {
        Some(Err(problem)) => Err(problem),
        _ => Ok(()),
    }
}

fn wrong(span: Span, tag: &str, why: &str) -> String {
    format!("{{% {tag} %}} in line {} of the template: {why}", span.start_line)
}
