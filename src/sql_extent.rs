//! How long, deep and wide a SQL text is, told from its tokens, before anything else looks at it.
//!
//! Parser, planner, and even the release of what they made, go as deep as the text does: `1 + 1 + …` is a tree that leans
//! to the left, one level per sign. A thread's stack ends long before a file does, and the process with it. So what is
//! too deep is refused here, in a loop.

use std::fmt;

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

/// Bytes of a text; the longest model that ships has a fifteenth of it.
const MAX_BYTES: usize = 96 << 10;

/// Levels of an expression: operators behind each other, and what stands in brackets.
const MAX_LEVELS: usize = 200;

/// Brackets within each other, `case` left out; the models that ship have six. Where the parser meets a mistake it tries
/// each of them in several ways, so that the time doubles with each: `cast(cast(…` takes a fifth of a second at 16.
const MAX_BRACKETS: usize = 16;

/// Selects and joins of a text: each is a step of the plan, and may read the one before.
const MAX_STEPS: usize = 200;

/// What a text has too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Excess {
    /// Bytes.
    Bytes,
    /// Levels of an expression; where it goes too far: line and column in characters, from 1.
    Levels(u64, u64),
    /// Brackets within each other; where the first too many stands.
    Brackets(u64, u64),
    /// Selects and joins; where the first too many stands.
    Steps(u64, u64),
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Excess::Bytes => write!(f, "it is longer than {MAX_BYTES} bytes; write a shorter one, or several"),
            Excess::Levels(..) => write!(
                f,
                "it goes more than {MAX_LEVELS} operators and brackets deep; write it flatter: `in (…)`, a seed or \
                 several columns"
            ),
            Excess::Brackets(..) => {
                write!(f, "it has more than {MAX_BRACKETS} brackets within each other; write it flatter")
            }
            Excess::Steps(..) => {
                write!(f, "it has more than {MAX_STEPS} selects and joins; make several models of it")
            }
        }
    }
}

/// Checks a text that parser and planner may look at then.
///
/// # Errors
/// The first thing that it has too much of.
pub(crate) fn check(sql: &str) -> Result<(), Excess> {
    if sql.len() > MAX_BYTES {
        return Err(Excess::Bytes);
    }
    // What is no SQL is for the parser to tell.
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize_with_location().unwrap_or_default();
    let mut extent = Extent::default();
    tokens.iter().try_for_each(|token| extent.add(token))
}

/// What stands between brackets, or between `case` and `end`.
#[derive(Default)]
struct Bracket {
    /// Operators since the last comma or clause.
    operators: usize,
    /// The deepest bracket since then.
    within: usize,
    /// The deepest expression before.
    before: usize,
    is_from: bool,
}

impl Bracket {
    fn levels(&self) -> usize {
        self.before.max(self.operators + self.within)
    }

    fn end_expression(&mut self) {
        *self = Bracket { before: self.levels(), is_from: self.is_from, ..Bracket::default() };
    }
}

#[derive(Default)]
struct Extent {
    /// The brackets around the innermost, outermost first.
    around: Vec<Bracket>,
    innermost: Bracket,
    /// Of these, those that are no `case`.
    brackets: usize,
    steps: usize,
    /// `is distinct from` begins no clause.
    is_after_distinct: bool,
}

impl Extent {
    fn add(&mut self, token: &TokenWithSpan) -> Result<(), Excess> {
        let place = token.span.start;
        match &token.token {
            Token::Word(word) => {
                self.word(word.keyword);
                self.is_after_distinct = word.keyword == Keyword::DISTINCT;
            }
            Token::LParen | Token::LBrace => {
                self.brackets += 1;
                self.open();
            }
            // Each subscript is taken of what those before it give.
            Token::LBracket => {
                self.innermost.operators += 1;
                self.brackets += 1;
                self.open();
            }
            Token::RParen | Token::RBrace | Token::RBracket => {
                self.brackets = self.brackets.saturating_sub(1);
                self.close();
            }
            Token::Comma if self.innermost.is_from => self.step(),
            Token::Comma | Token::SemiColon => self.innermost.end_expression(),
            token if is_operator(token) => self.innermost.operators += 1,
            _ => {}
        }
        if self.brackets > MAX_BRACKETS {
            return Err(Excess::Brackets(place.line, place.column));
        }
        if self.around.len() + self.innermost.levels() > MAX_LEVELS {
            return Err(Excess::Levels(place.line, place.column));
        }
        match self.steps > MAX_STEPS {
            true => Err(Excess::Steps(place.line, place.column)),
            false => Ok(()),
        }
    }

    fn word(&mut self, keyword: Keyword) {
        match keyword {
            Keyword::CASE => self.open(),
            Keyword::END => self.close(),
            Keyword::SELECT | Keyword::JOIN | Keyword::VALUES => {
                self.step();
                self.innermost.is_from = keyword == Keyword::JOIN;
            }
            Keyword::FROM if !self.is_after_distinct => {
                self.innermost.end_expression();
                self.innermost.is_from = true;
            }
            Keyword::WHERE
            | Keyword::GROUP
            | Keyword::HAVING
            | Keyword::QUALIFY
            | Keyword::ORDER
            | Keyword::LIMIT
            | Keyword::UNION
            | Keyword::EXCEPT
            | Keyword::INTERSECT => {
                self.innermost.end_expression();
                self.innermost.is_from = false;
            }
            Keyword::WHEN | Keyword::THEN | Keyword::ELSE | Keyword::ON => self.innermost.end_expression(),
            Keyword::AND
            | Keyword::OR
            | Keyword::XOR
            | Keyword::NOT
            | Keyword::IS
            | Keyword::NOTNULL
            | Keyword::IN
            | Keyword::BETWEEN
            | Keyword::LIKE
            | Keyword::ILIKE
            | Keyword::SIMILAR
            | Keyword::RLIKE
            | Keyword::REGEXP
            | Keyword::MATCH
            | Keyword::MEMBER
            | Keyword::DIV
            | Keyword::OVERLAPS
            | Keyword::OPERATOR
            | Keyword::COLLATE
            | Keyword::AT => self.innermost.operators += 1,
            _ => {}
        }
    }

    fn step(&mut self) {
        self.innermost.end_expression();
        self.steps += 1;
    }

    fn open(&mut self) {
        let outer = std::mem::take(&mut self.innermost);
        self.around.push(outer);
    }

    fn close(&mut self) {
        // One too many is for the parser to tell.
        if let Some(outer) = self.around.pop() {
            let inner = std::mem::replace(&mut self.innermost, outer);
            self.innermost.within = self.innermost.within.max(inner.levels() + 1);
        }
    }
}

fn is_operator(token: &Token) -> bool {
    !matches!(
        token,
        Token::EOF
            | Token::Whitespace(_)
            | Token::Word(_)
            | Token::Number(..)
            | Token::Char(_)
            | Token::SingleQuotedString(_)
            | Token::DoubleQuotedString(_)
            | Token::Placeholder(_)
            | Token::Period
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeated(before: &str, link: &str, times: usize, after: &str) -> String {
        format!("{before}{}{after}", link.repeat(times))
    }

    #[test]
    fn whatever_makes_an_expression_deeper_counts_as_a_level() {
        let deeper = [
            ("select 1", " + 1", " as a"),
            ("select a from b where a", " or a", ""),
            ("select a", " is null", " from b"),
            ("select a", "::int", " from b"),
            ("select a", "[1]", " from b"),
            ("select a", " -- a comment\n || a", " from b"),
            ("select a", " collate c", " from b"),
            ("select ", "not ", "a from b"),
            ("select ", "- ", "a from b"),
            ("select ", "case when ", "a"),
            ("select ", "case a + a when 1 then ", "a"),
        ];
        for (before, link, after) in deeper {
            assert_eq!(check(&repeated(before, link, 90, after)), Ok(()), "{link}");
            let excess = check(&repeated(before, link, MAX_LEVELS + 2, after));
            assert!(matches!(excess, Err(Excess::Levels(..))), "{link}: {excess:?}");
        }
    }

    #[test]
    fn brackets_within_each_other_are_few() {
        for link in ["(", "f(", "cast(", "a[", "case (", "{a: "] {
            assert_eq!(check(&repeated("select ", link, MAX_BRACKETS, "a")), Ok(()), "{link}");
            let excess = check(&repeated("select ", link, MAX_BRACKETS + 1, "a"));
            assert!(matches!(excess, Err(Excess::Brackets(..))), "{link}: {excess:?}");
        }
    }

    #[test]
    fn levels_of_what_stands_in_brackets_are_added_up() {
        let nested = |times: usize| {
            (0..times).fold("a".to_owned(), |inner, _| format!("case when true then {inner} end + 1 + 1 + 1"))
        };
        assert_eq!(check(&format!("select {}", nested(20))), Ok(()));
        assert!(matches!(check(&format!("select {}", nested(60))), Err(Excess::Levels(..))));
    }

    #[test]
    fn what_stands_side_by_side_makes_nothing_deeper() {
        let wide = [
            ("select 1", ", 1 + 1", ""),
            ("select a from b where a in (1", ", 1 + 1", ")"),
            ("select case a", " when a = 1 then a + 1", " end"),
            ("select coalesce(a", ", f(a + 1)", ")"),
            ("select a is distinct from b", ", a", " from c"),
            ("select a", ".b", ""),
        ];
        for (before, link, after) in wide {
            assert_eq!(check(&repeated(before, link, 2_000, after)), Ok(()), "{link}");
        }
    }

    #[test]
    fn each_select_and_join_is_a_step() {
        let steps = [
            ("select 1", " union all select 1"),
            ("select 1 from a", " inner join a on b = c"),
            ("select 1 from a", ", a"),
            ("with a as (select 1)", ", a as (select 1)"),
        ];
        for (before, link) in steps {
            assert_eq!(check(&repeated(before, link, 100, "")), Ok(()), "{link}");
            let excess = check(&repeated(before, link, MAX_STEPS + 1, ""));
            assert!(matches!(excess, Err(Excess::Steps(..))), "{link}: {excess:?}");
        }
    }

    #[test]
    fn the_place_is_where_it_goes_too_far() {
        let deep = repeated("select\n    a", " + a", MAX_LEVELS + 10, "");
        assert_eq!(check(&deep), Err(Excess::Levels(2, 5 + 4 * 200 + 2)));
        assert_eq!(check(&" ".repeat(MAX_BYTES + 1)), Err(Excess::Bytes));
    }
}
