//! Conditions in SQL, and the two bounds of a condition that SQL can't decide.

/// A value that is bound.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Integer(i64),
    Text(String),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// A condition that is never NULL.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Bound {
    /// Every row meets it.
    All,
    /// No row does.
    Nothing,
    /// Those do that the SQL lets through.
    Sql(String, Vec<Value>),
}

impl Bound {
    /// A condition with a `?` for each of `values`.
    pub(super) fn sql<V: Into<Value>>(sql: impl Into<String>, values: impl IntoIterator<Item = V>) -> Self {
        Self::Sql(sql.into(), values.into_iter().map(Into::into).collect())
    }

    /// A condition without values.
    pub(super) fn plain(sql: impl Into<String>) -> Self {
        Self::Sql(sql.into(), Vec::new())
    }

    pub(super) fn and(bounds: Vec<Self>) -> Self {
        joined(bounds, " AND ", &Self::All, &Self::Nothing)
    }

    pub(super) fn or(bounds: Vec<Self>) -> Self {
        joined(bounds, " OR ", &Self::Nothing, &Self::All)
    }

    fn not(self) -> Self {
        match self {
            Self::All => Self::Nothing,
            Self::Nothing => Self::All,
            Self::Sql(sql, values) => Self::Sql(format!("NOT ({sql})"), values),
        }
    }

    pub(super) fn into_sql(self) -> (String, Vec<Value>) {
        match self {
            Self::All => ("1".to_owned(), Vec::new()),
            Self::Nothing => ("0".to_owned(), Vec::new()),
            Self::Sql(sql, values) => (sql, values),
        }
    }
}

/// `bounds` joined: without `neutral`, and `decisive` if that is among them.
fn joined(bounds: Vec<Bound>, operator: &str, neutral: &Bound, decisive: &Bound) -> Bound {
    let (mut parts, mut all) = (Vec::new(), Vec::new());
    for bound in bounds {
        match bound {
            bound if bound == *decisive => return bound,
            Bound::Sql(sql, values) => {
                parts.push(format!("({sql})"));
                all.extend(values);
            }
            _ => {}
        }
    }
    if parts.is_empty() { neutral.clone() } else { Bound::Sql(parts.join(operator), all) }
}

/// The bounds of a condition: rows that surely meet it, and rows that may.
#[derive(Debug, Clone)]
pub(super) struct Bounds {
    lower: Bound,
    /// `None` if it is the lower one.
    upper: Option<Bound>,
}

impl Bounds {
    /// A condition that SQL decides.
    pub(super) fn exact(bound: Bound) -> Self {
        Self { lower: bound, upper: None }
    }

    /// A condition that only rows of `upper` can meet.
    pub(super) fn at_most(upper: Bound) -> Self {
        match upper {
            Bound::Nothing => Self::exact(Bound::Nothing),
            upper => Self { lower: Bound::Nothing, upper: Some(upper) },
        }
    }

    /// A condition of which SQL knows nothing.
    pub(super) fn unknown() -> Self {
        Self::at_most(Bound::All)
    }

    pub(super) fn is_exact(&self) -> bool {
        self.upper.is_none()
    }

    pub(super) fn upper(self) -> Bound {
        self.upper.unwrap_or(self.lower)
    }

    pub(super) fn and(all: Vec<Self>) -> Self {
        Self::joined(all, Bound::and)
    }

    pub(super) fn or(all: Vec<Self>) -> Self {
        Self::joined(all, Bound::or)
    }

    pub(super) fn not(self) -> Self {
        match self.upper {
            None => Self::exact(self.lower.not()),
            Some(upper) => Self { lower: upper.not(), upper: Some(self.lower.not()) },
        }
    }

    fn joined(all: Vec<Self>, join: fn(Vec<Bound>) -> Bound) -> Self {
        let is_exact = all.iter().all(Self::is_exact);
        let lower = join(all.iter().map(|bounds| bounds.lower.clone()).collect());
        if is_exact {
            return Self::exact(lower);
        }
        let upper = join(all.into_iter().map(Self::upper).collect());
        if upper == lower { Self::exact(lower) } else { Self { lower, upper: Some(upper) } }
    }
}
