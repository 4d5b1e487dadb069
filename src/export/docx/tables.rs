//! Tables, with the columns as wide as what is in them asks for.

use comrak::Node;
use comrak::nodes::{NodeValue, TableAlignment};

use super::flow::{Flow, Format, Look, Spot};
use super::scripts::width;

/// Columns that Word has in a table. It calls a file with more of them damaged.
const COLUMNS: usize = 63;

/// A column's share is that of its longest cell, within these bounds: a word is not to be cut, and a paragraph takes several lines.
const NARROWEST: usize = 6;
const WIDEST: usize = 40;

impl<'a> Flow<'_, 'a, '_> {
    pub fn table(&mut self, table: Node<'a>, alignments: &[TableAlignment], spot: Spot) {
        if alignments.len() > COLUMNS {
            return self.rows_as_lines(table, spot);
        }
        let room = spot.room();
        let columns = columns(table, alignments.len(), room);
        self.put(&format!(
            "<w:tbl><w:tblPr><w:tblStyle w:val=\"TableGrid\"/><w:tblW w:w=\"{room}\" w:type=\"dxa\"/><w:tblInd w:w=\"{}\" w:type=\"dxa\"/>\
             <w:tblLook w:val=\"0420\" w:firstRow=\"1\" w:lastRow=\"0\" w:firstColumn=\"0\" w:lastColumn=\"0\" w:noHBand=\"0\" \
             w:noVBand=\"1\"/></w:tblPr><w:tblGrid>",
            spot.indent
        ));
        for column in &columns {
            self.put(&format!("<w:gridCol w:w=\"{column}\"/>"));
        }
        self.put("</w:tblGrid>");
        for row in table.children() {
            if self.is_full() {
                break;
            }
            let is_header = matches!(row.data().value, NodeValue::TableRow(true));
            // A row is not cut at the end of a page, and the header is there again on the next.
            let repeated = if is_header { "<w:tblHeader/>" } else { "" };
            self.put(&format!("<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>"));
            let cells = columns.iter().zip(alignments).zip(row.children());
            for ((&column, &alignment), cell) in cells {
                self.cell(cell, column, alignment, is_header);
            }
            self.put("</w:tr>");
        }
        self.put("</w:tbl>");
        // Without something between them two tables become one, and a note or a page must not end in a table.
        self.begin(Format::style("AfterTable"), spot);
        self.end();
    }

    fn cell(&mut self, cell: Node<'a>, column: u32, alignment: TableAlignment, is_header: bool) {
        let shade =
            if is_header { "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"F4F5F7\"/>" } else { "" };
        self.put(&format!("<w:tc><w:tcPr><w:tcW w:w=\"{column}\" w:type=\"dxa\"/>{shade}</w:tcPr>"));
        let align = match alignment {
            TableAlignment::Center => "center",
            TableAlignment::Right => "right",
            TableAlignment::Left | TableAlignment::None => "",
        };
        self.begin(Format { align, ..Format::style("TableText") }, Spot::default());
        self.inlines(cell, Look { bold: is_header, ..Look::default() }, column.saturating_sub(MARGINS));
        self.end();
        self.put("</w:tc>");
    }

    /// A table that is too wide for Word, with tabs between its cells.
    fn rows_as_lines(&mut self, table: Node<'a>, spot: Spot) {
        for row in table.children() {
            if self.is_full() {
                return;
            }
            self.begin(Format::style("TableText"), spot);
            for (n, cell) in row.children().enumerate() {
                self.put(if n > 0 { "<w:r><w:tab/></w:r>" } else { "" });
                self.inlines(cell, Look::default(), spot.room());
            }
            self.end();
        }
    }
}

/// What a cell keeps free to the left and the right.
const MARGINS: u32 = 216;

/// The columns' widths, which make up the whole.
fn columns(table: Node<'_>, count: usize, whole: u32) -> Vec<u32> {
    let mut shares = vec![NARROWEST; count];
    for row in table.children() {
        for (share, cell) in shares.iter_mut().zip(row.children()) {
            let longest: usize = cell.collect_text().chars().take(WIDEST).map(width).sum();
            *share = longest.clamp(*share, WIDEST);
        }
    }
    let sum: usize = shares.iter().sum();
    shares.iter().map(|&share| (u64::from(whole) * share as u64 / sum.max(1) as u64) as u32).collect()
}
