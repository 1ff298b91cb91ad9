//! Tables that fit a terminal: texts to the left, which are cut where there is no room, and numbers to the right.

use crate::columns::{cut_middle, pad_end, pad_start, width};
use crate::terminal::{Color, escaped, paint};

/// Between two columns.
const BETWEEN: &str = "  ";
/// Columns of texts are cut to this at most.
const NARROWEST: usize = 12;

/// A column: its name, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Column {
    /// Texts.
    Text(String),
    /// Numbers.
    Number(String),
}

/// A text, and its colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell(pub(crate) String, pub(crate) Option<Color>);

/// A table.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub(crate) fn new(columns: Vec<Column>) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row, which has a cell for each column.
    pub(crate) fn push(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    /// Lines of at most `most` columns of a terminal, as far as its texts can be cut; of any length if that is `None`.
    pub(crate) fn lines(&self, most: Option<usize>, is_colored: bool) -> String {
        let rows: Vec<Vec<Cell>> = self
            .rows
            .iter()
            .map(|row| row.iter().map(|Cell(text, color)| Cell(escaped(text), *color)).collect())
            .collect();
        let widths = self.widths(&rows, most);
        let heading =
            self.columns.iter().map(|column| Cell(column.name().to_owned(), Some(Color::Dim))).collect();
        let lines = std::iter::once(&heading).chain(&rows);
        lines.map(|row| self.line(row, &widths, is_colored)).collect()
    }

    fn line(&self, row: &[Cell], widths: &[usize], is_colored: bool) -> String {
        let last = row.len().saturating_sub(1);
        let cells = row.iter().zip(&self.columns).zip(widths).enumerate();
        let cells = cells.map(|(at, ((Cell(text, color), column), width))| {
            let text = match column {
                Column::Text(_) if at == last => cut_middle(text, *width),
                Column::Text(_) => pad_end(&cut_middle(text, *width), *width),
                Column::Number(_) => pad_start(text, *width),
            };
            color.map_or_else(|| text.clone(), |color| paint(&text, color, is_colored))
        });
        cells.collect::<Vec<_>>().join(BETWEEN) + "\n"
    }

    fn widths(&self, rows: &[Vec<Cell>], most: Option<usize>) -> Vec<usize> {
        let widest = |(at, column): (usize, &Column)| {
            rows.iter().map(|row| width(&row[at].0)).chain([width(column.name())]).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = self.columns.iter().enumerate().map(widest).collect();
        let between = BETWEEN.len() * widths.len().saturating_sub(1);
        while most.is_some_and(|most| widths.iter().sum::<usize>() + between > most) {
            let texts =
                self.columns.iter().enumerate().filter(|(_, column)| matches!(column, Column::Text(_)));
            let wide =
                texts.map(|(at, _)| at).filter(|at| widths[*at] > NARROWEST).max_by_key(|at| widths[*at]);
            let Some(wide) = wide else { break };
            widths[wide] -= 1;
        }
        widths
    }
}

impl Column {
    fn name(&self) -> &str {
        match self {
            Self::Text(name) | Self::Number(name) => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(vec![Column::Text("HOST".into()), Column::Number("COUNT".into())]);
        for (host, count) in [("a-very-long-name.of.a-host.example.com", "1,204"), ("b\u{1b}[2J", "7")] {
            table.push(vec![Cell(host.into(), None), Cell(count.into(), Some(Color::Red))]);
        }
        table
    }

    #[test]
    fn numbers_stand_to_the_right_and_lines_fit() {
        let lines = table().lines(None, false);
        let lines: Vec<_> = lines.lines().collect();
        assert_eq!(lines[1], "a-very-long-name.of.a-host.example.com  1,204");
        assert!(lines[2].starts_with("b\\u{1b}[2J ") && lines[2].ends_with("      7"), "{lines:?}");
        assert!(lines.iter().all(|line| line.len() == lines[1].len()), "{lines:?}");
        let narrow = table().lines(Some(30), false);
        assert!(narrow.lines().all(|line| width(line) == 30), "{narrow}");
        assert!(narrow.contains('\u{2026}') && narrow.contains("1,204"), "{narrow}");
        assert!(table().lines(Some(3), false).lines().all(|line| width(line) == NARROWEST + 7));
    }
}
