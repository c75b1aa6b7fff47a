//! placeholder until the language lands.

/// A validated trace expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {}
