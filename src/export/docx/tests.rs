use std::io::Read;

use bytes::Bytes;
use zip::ZipArchive;

use super::*;
use crate::ids::DocId;

/// What is in a file, part by part.
struct Opened(ZipArchive<std::io::Cursor<Vec<u8>>>);

impl Opened {
    fn part(&mut self, name: &str) -> String {
        let mut text = String::new();
        self.0.by_name(name).expect(name).read_to_string(&mut text).expect("UTF-8");
        text
    }
}

fn source(kind: Kind, title: &str) -> Source {
    let id = DocId::parse("notes-1").expect("an id");
    Source {
        id,
        kind,
        title: title.to_owned(),
        created_ms: 0,
        updated_ms: 1_777_896_000_120,
        state: Bytes::new(),
    }
}

fn open(source: &Source, text: &str, pictures: Pictures<'_>) -> Opened {
    let bytes = file(source, text, pictures).expect("a file");
    Opened(ZipArchive::new(std::io::Cursor::new(bytes)).expect("a container"))
}

fn markdown(text: &str) -> Opened {
    open(&source(Kind::Markdown, ""), text, &|_| None)
}

/// What stands between the margins.
fn body(text: &str) -> String {
    between(&markdown(text).part("word/document.xml"), "<w:body>", "<w:sectPr>")
}

fn notes(text: &str) -> String {
    between(&markdown(text).part("word/footnotes.xml"), SEPARATORS, "</w:footnotes>")
}

fn between(xml: &str, start: &str, end: &str) -> String {
    let (_, rest) = xml.split_once(start).expect(start);
    rest.split_once(end).expect(end).0.to_owned()
}

/// The words of a part, paragraph by paragraph.
fn paragraphs(xml: &str) -> Vec<String> {
    let words = |paragraph: &str| {
        let mut words = String::new();
        for piece in paragraph.split('<').skip(1) {
            match piece.split_once('>').expect("a tag") {
                ("w:tab/", _) => words.push('\t'),
                ("w:br/", _) => words.push('\n'),
                (tag, text) if tag.starts_with("w:t ") || tag == "w:t" => words.push_str(text),
                _ => {}
            }
        }
        words
    };
    xml.split("<w:p>").skip(1).map(words).collect()
}

/// Every tag that is opened is closed where it belongs, and nothing in between is malformed.
fn assert_well_formed(xml: &str, why: &str) {
    let mut open = Vec::new();
    for piece in xml.split('<').skip(1) {
        let (tag, text) =
            piece.split_once('>').unwrap_or_else(|| panic!("{why}: a tag has no end in {piece:?}"));
        assert!(!text.contains('&') || text.split('&').skip(1).all(is_entity), "{why}: {text:?}");
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        match tag {
            tag if tag.starts_with('?') || tag.ends_with('/') => {}
            tag if tag.starts_with('/') => assert_eq!(open.pop(), tag.strip_prefix('/'), "{why}: in {xml}"),
            _ => open.push(name),
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{why}: {tag}");
    }
    assert!(open.is_empty(), "{why}: {open:?} stay open");
    let forbidden = |c: char| (c < ' ' && !matches!(c, '\t' | '\n')) || matches!(c, '\u{fffe}' | '\u{ffff}');
    assert!(!xml.contains(forbidden), "{why}");
}

fn is_entity(rest: &str) -> bool {
    ["amp;", "lt;", "gt;", "quot;"].iter().any(|entity| rest.starts_with(entity))
}

#[test]
fn a_file_has_the_parts_that_word_asks_for() {
    let mut file = open(&source(Kind::Markdown, "A & B"), "Text", &|_| None);
    let names: Vec<String> = file.0.file_names().map(str::to_owned).collect();
    assert_eq!(names[0], "[Content_Types].xml");
    let types = file.part("[Content_Types].xml");
    for name in &names {
        let xml = file.part(name);
        assert_well_formed(&xml, name);
        assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\""), "{name}");
        let has_type = name.ends_with(".rels") || types.contains(&format!("PartName=\"/{name}\""));
        assert!(has_type || name == "[Content_Types].xml", "{name}");
    }
    let properties = file.part("docProps/core.xml");
    assert!(properties.contains("<dc:title>A &amp; B</dc:title>"), "{properties}");
    assert!(properties.contains(">2026-05-04T12:00:00Z</dcterms:modified>"), "{properties}");
    let relations = file.part("word/_rels/document.xml.rels");
    for part in ["styles", "numbering", "settings", "fontTable", "footnotes"] {
        assert!(relations.contains(&format!("Target=\"{part}.xml\"")), "{relations}");
    }
}

#[test]
fn every_style_that_is_used_is_there() {
    let text = "# a\n\n## b\n\n### c\n\n#### d\n\n##### e\n\n###### f\n\n> q\n\n- l `c` [x](https://example.org)\n\n```\nx\n```\n\n---\n\n| a |\n|-|\n| b |\n\nn[^1]\n\n[^1]: note\n";
    let mut file = open(&source(Kind::Markdown, "Title"), text, &|_| None);
    let mut used = file.part("word/document.xml") + &file.part("word/footnotes.xml");
    for kind in [Kind::Text, Kind::Code] {
        used += &open(&source(kind, ""), "x", &|_| None).part("word/document.xml");
    }
    let styles = file.part("word/styles.xml");
    let mut count = 0;
    for tag in ["pStyle", "rStyle", "tblStyle"] {
        for style in
            used.split(&format!("<w:{tag} w:val=\"")).skip(1).filter_map(|rest| rest.split('"').next())
        {
            assert!(styles.contains(&format!("w:styleId=\"{style}\"")), "{style}");
            count += 1;
        }
    }
    assert!(count > 15, "{count} styles are used");
}

#[test]
fn the_title_is_said_once() {
    let title = |title: &str, text: &str| {
        let xml = open(&source(Kind::Markdown, title), text, &|_| None).part("word/document.xml");
        paragraphs(&xml)
    };
    assert_eq!(title("Plan", "Text"), ["Plan", "Text"]);
    assert_eq!(title("Plan", "# Plan\n\nText"), ["Plan", "Text"]);
    assert_eq!(title("Plan", "# Other"), ["Plan", "Other"]);
    assert_eq!(title(" ", "Text"), ["Text"]);
}

#[test]
fn headings_are_words_own_and_links_lead_to_them() {
    let xml =
        body("[down](#a-plan) [that](#%E4%B8%AD) [gone](#gone)\n\n# A *plan*\n\n## A plan\n\n###### 中\n");
    assert!(xml.contains("<w:pStyle w:val=\"Heading1\"/>") && xml.contains("<w:pStyle w:val=\"Heading6\"/>"));
    assert!(xml.contains("<w:hyperlink w:anchor=\"_heading0\""), "{xml}");
    assert!(xml.contains("<w:hyperlink w:anchor=\"_heading2\""), "{xml}");
    assert_eq!(xml.matches("<w:hyperlink").count(), 2, "what leads nowhere is no link: {xml}");
    for name in ["_heading0", "_heading1", "_heading2"] {
        assert_eq!(xml.matches(&format!("w:name=\"{name}\"")).count(), 1, "{xml}");
    }
    assert_eq!(paragraphs(&xml), ["down that gone", "A plan", "A plan", "中"]);
}

#[test]
fn letters_look_as_they_are_meant_to() {
    let xml = body("a **b** *c* ~~d~~ `e` ***f***\\\ng\nh");
    for part in [
        "<w:r><w:t xml:space=\"preserve\">a </w:t></w:r>",
        "<w:r><w:rPr><w:b/><w:bCs/></w:rPr><w:t xml:space=\"preserve\">b</w:t></w:r>",
        "<w:r><w:rPr><w:i/><w:iCs/></w:rPr><w:t xml:space=\"preserve\">c</w:t></w:r>",
        "<w:r><w:rPr><w:strike/></w:rPr><w:t xml:space=\"preserve\">d</w:t></w:r>",
        "<w:r><w:rPr><w:rStyle w:val=\"InlineCode\"/></w:rPr><w:t xml:space=\"preserve\">e</w:t></w:r>",
        "<w:r><w:rPr><w:b/><w:bCs/><w:i/><w:iCs/></w:rPr><w:t xml:space=\"preserve\">f</w:t></w:r>",
    ] {
        assert!(xml.contains(part), "{part} in {xml}");
    }
    assert_eq!(paragraphs(&xml), ["a b c d e f\ng h"]);
    assert_eq!(
        paragraphs(&body("<b>x</b> &amp; <!-- y -->")),
        ["&lt;b&gt;x&lt;/b&gt; &amp; &lt;!-- y --&gt;"]
    );
}

#[test]
fn links_lead_out_and_nowhere_dangerous() {
    let mut file = markdown(
        "[a](https://example.org/x?y=1&z=2) <https://example.org/x?y=1&z=2> www.example.org [c](file:///etc/passwd) \
         [d](javascript:alert(1)) [e](//evil.example/a) <me@example.org>",
    );
    let relations = file.part("word/_rels/document.xml.rels");
    let targets: Vec<&str> = relations
        .split("<Relationship ")
        .filter(|relation| relation.contains("TargetMode=\"External\""))
        .filter_map(|relation| relation.split("Target=\"").nth(1)?.split('"').next())
        .collect();
    assert_eq!(
        targets,
        ["https://example.org/x?y=1&amp;z=2", "http://www.example.org", "mailto:me@example.org"]
    );
    let xml = file.part("word/document.xml");
    assert_eq!(xml.matches("<w:hyperlink r:id=").count(), 4, "{xml}");
    assert!(paragraphs(&xml)[0].contains("c d e me@example.org"), "{xml}");
}

#[test]
fn lists_count_by_themselves() {
    let text = "- a\n  - b\n    - c\n\n1. d\n2. e\n\ntext\n\n7) f\n   1. g\n";
    let mut file = markdown(text);
    let xml = file.part("word/document.xml");
    let marks: Vec<_> = xml
        .split("<w:numPr><w:ilvl w:val=\"")
        .skip(1)
        .map(|rest| {
            let (level, rest) = rest.split_once("\"/><w:numId w:val=\"").expect("a numbering");
            (level.to_owned(), rest.split('"').next().expect("an id").to_owned())
        })
        .collect();
    let mark = |level: &str, id: &str| (level.to_owned(), id.to_owned());
    let expected = [
        mark("0", "1"),
        mark("1", "1"),
        mark("2", "1"),
        mark("0", "2"),
        mark("0", "2"),
        mark("0", "3"),
        mark("1", "4"),
    ];
    assert_eq!(marks, expected);
    let numbering = file.part("word/numbering.xml");
    let numberings = |id: &str| between(&numbering, &format!("<w:num w:numId=\"{id}\">"), "</w:num>");
    assert!(
        numberings("2").contains("w:val=\"1\"/><w:lvlOverride w:ilvl=\"0\"><w:startOverride w:val=\"1\"/>")
    );
    assert!(
        numberings("3").contains("w:val=\"2\"/><w:lvlOverride w:ilvl=\"0\"><w:startOverride w:val=\"7\"/>")
    );
    assert!(numberings("4").contains("<w:lvlOverride w:ilvl=\"1\"><w:startOverride w:val=\"1\"/>"));
    assert!(numbering.find("<w:num ") > numbering.rfind("<w:abstractNum "), "the schema's order");
}

#[test]
fn an_item_holds_what_is_in_it() {
    let xml = body("- a\n\n  b\n\n  ```\n  c\n  ```\n-\n- > d\n- - e\n");
    assert_eq!(paragraphs(&xml), ["a", "b", "c", "", "", "d", "", "e"]);
    assert_eq!(xml.matches("<w:numPr>").count(), 5, "one for each item: {xml}");
    assert!(xml.contains("<w:contextualSpacing w:val=\"0\"/>"), "its items stand apart: {xml}");
    assert!(!body("- a\n- b\n").contains("<w:contextualSpacing"));
}

#[test]
fn tasks_have_boxes_that_can_be_ticked() {
    let xml = body("- [ ] open\n- [x] done\n- plain\n\n1. [X] first\n");
    assert_eq!(paragraphs(&xml), ["☐\topen", "☑\tdone", "plain", "☑ first"]);
    assert_eq!(xml.matches("<w14:checked w14:val=\"1\"/>").count(), 2);
    assert_eq!(
        xml.matches("<w:numPr>").count(),
        2,
        "a box stands in the place of a bullet, and behind a number"
    );
}

#[test]
fn tables_have_a_header_and_aligned_columns() {
    let xml = body("| a | b | c |\n|:--|:-:|--:|\n| 1 | **2** | 3 |\n| 4 |\n\n| x |\n|---|\n");
    assert_eq!(xml.matches("<w:tbl>").count(), 2);
    assert_eq!(xml.matches("<w:tblHeader/>").count(), 2);
    assert_eq!(xml.matches("<w:tc>").count(), 10, "rows are filled up: {xml}");
    assert_eq!(xml.matches("<w:jc w:val=\"center\"/>").count(), 3);
    assert_eq!(xml.matches("<w:jc w:val=\"right\"/>").count(), 3);
    assert!(
        xml.contains("</w:tbl><w:p><w:pPr><w:pStyle w:val=\"AfterTable\"/></w:pPr></w:p><w:tbl>"),
        "{xml}"
    );
    let sum: u32 = between(&xml, "<w:tblGrid>", "</w:tblGrid>")
        .split("w:w=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().expect("a width").parse::<u32>().expect("a number"))
        .sum();
    assert!((9_000..=9_026).contains(&sum), "{sum}");
}

#[test]
fn a_table_too_wide_for_word_is_lines() {
    let row = |cell: &str| format!("|{}\n", format!("{cell}|").repeat(64));
    let xml = body(&(row("a") + &row("-") + &row("b")));
    assert!(!xml.contains("<w:tbl>"));
    assert_eq!(paragraphs(&xml), [vec!["a"; 64].join("\t"), vec!["b"; 64].join("\t")]);
}

#[test]
fn code_keeps_its_lines_and_long_code_is_cut() {
    let xml = body("```rust\nfn main() {\n\tlet a = 1 < 2;\n\n}\n```\n\n    indented\n");
    assert_eq!(paragraphs(&xml), ["fn main() {\n\tlet a = 1 &lt; 2;\n\n}", "indented"]);
    assert_eq!(xml.matches("<w:pStyle w:val=\"Code\"/><w:keepLines/>").count(), 2);
    let xml = body(&format!("```\n{}```\n", "line\n".repeat(100)));
    let lines: Vec<usize> = paragraphs(&xml).iter().map(|text| text.lines().count()).collect();
    assert_eq!(lines, [40, 40, 20]);
    assert!(!xml.contains("<w:keepLines/>"));
    assert_eq!(paragraphs(&body("```\n```\n")), [""]);
}

#[test]
fn quotes_and_rules() {
    let xml = body("> a\n>\n> - b\n>\n> > c\n\n---\n");
    assert_eq!(paragraphs(&xml), ["a", "b", "c", ""]);
    assert!(xml.contains("<w:pStyle w:val=\"Quote\"/><w:ind w:left=\"420\"/>"), "{xml}");
    assert!(xml.contains("<w:pStyle w:val=\"Quote\"/><w:ind w:left=\"840\"/>"), "{xml}");
    assert!(xml.contains("<w:pStyle w:val=\"Rule\"/>"), "{xml}");
}

#[test]
fn notes_are_real_ones() {
    let text = "One[^b] two[^a] one again[^b].\n\n[^a]: Second.\n[^b]: First, see[^a] and[^c].\n\n    More.\n[^c]: Of a note.\n[^d]: Of nobody.\n";
    let xml = body(text);
    let references: Vec<&str> =
        xml.split("<w:footnoteReference w:id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(references, ["1", "2"]);
    assert!(
        xml.contains("w:name=\"_note1\"") && xml.contains("w:instr=\" NOTEREF _note1 \\f \\h \""),
        "{xml}"
    );
    assert_eq!(
        paragraphs(&xml),
        ["One two one again1.", "", "3 Of a note."],
        "a note of a note stands at the end"
    );
    let xml = notes(text);
    assert_eq!(paragraphs(&xml), [" First, see2 and3.", "More.", " Second."]);
    assert_eq!(xml.matches("<w:footnoteRef/>").count(), 2);
    let ends: Vec<&str> =
        xml.split("<w:footnote w:id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(ends, ["1", "2"]);
    let xml = notes("a[^1]\n\n[^1]:\n    ```\n    code\n    ```\n");
    assert_eq!(
        paragraphs(&xml),
        [" ", "code"],
        "a note that begins with something else has its number before it"
    );
}

#[test]
fn pictures_come_along_and_none_is_fetched() {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend([0, 0, 0, 100, 0, 0, 0, 50, 8, 2, 0, 0, 0, 0, 0, 0, 0]);
    let png = Bytes::from(png);
    let pictures = |address: &str| (address == "images/a.png").then(|| ("image/png", png.clone()));
    let text = "![A \"map\"](images/a.png) ![](images/a.png) ![Far](https://example.org/b.png) ![Gone](images/c.png)\n\n\
                [![In](images/a.png)](https://example.org) n[^1]\n\n[^1]: ![In a note](images/a.png)\n";
    let mut file = open(&source(Kind::Markdown, ""), text, &pictures);
    let xml = file.part("word/document.xml");
    assert_eq!(xml.matches("<a:blip r:embed=").count(), 3, "{xml}");
    assert!(
        xml.contains("descr=\"A &quot;map&quot;\"")
            && xml.contains("<wp:extent cx=\"952500\" cy=\"476250\"/>")
    );
    assert_eq!(paragraphs(&xml)[0], "  Far Gone");
    let mut stored = Vec::new();
    file.0
        .by_name("word/media/picture1.png")
        .expect("a picture")
        .read_to_end(&mut stored)
        .expect("its bytes");
    assert_eq!(stored, png);
    assert_eq!(file.0.file_names().filter(|name| name.contains("media/")).count(), 1);
    for part in ["word/_rels/document.xml.rels", "word/_rels/footnotes.xml.rels"] {
        let relations = file.part(part);
        assert_eq!(relations.matches("Target=\"media/picture1.png\"/>").count(), 1, "{relations}");
        for relation in relations.split("<Relationship ").filter(|relation| relation.contains("External")) {
            assert!(relation.contains("/hyperlink\""), "only links lead out: {relation}");
        }
    }
}

#[test]
fn chinese_is_set_in_a_chinese_font_and_without_blanks() {
    let xml = body("“中文”\n下一行\nand words\n한국어\n");
    assert_eq!(
        paragraphs(&xml),
        ["“中文”下一行 and words 한국어"],
        "a quotation mark is no reason for a blank"
    );
    assert!(
        xml.contains("<w:rFonts w:hint=\"eastAsia\"/></w:rPr><w:t xml:space=\"preserve\">“中文”"),
        "{xml}"
    );
    assert!(xml.contains("<w:r><w:t xml:space=\"preserve\">and words"), "{xml}");
    let styles = markdown("").part("word/styles.xml");
    assert!(styles.contains("w:eastAsia=\"Microsoft YaHei\""));
}

#[test]
fn other_kinds_keep_their_lines() {
    let lines = |kind, text: &str| open(&source(kind, "T"), text, &|_| None).part("word/document.xml");
    let xml = lines(Kind::Code, "fn a() {\n\t*b*\n\n}\n");
    assert_eq!(paragraphs(&xml), ["fn a() {", "\t*b*", "", "}"]);
    assert_eq!(xml.matches("<w:pStyle w:val=\"SourceCode\"/>").count(), 4);
    let xml = lines(Kind::Text, "# no heading\n\n中文");
    assert_eq!(paragraphs(&xml), ["# no heading", "", "中文"]);
    assert_eq!(xml.matches("<w:pStyle w:val=\"PlainText\"/>").count(), 3);
    assert_eq!(paragraphs(&lines(Kind::Text, "")), [""]);
}

#[test]
fn whatever_is_written_comes_out_well_formed() {
    let hostile = [
        "\0\u{1}\u{8}\u{b}\u{c}\u{1f}\u{7f}\u{fffe}\u{ffff} [\u{1}](https://a.example/\u{2}) `\u{3}`",
        "</w:t></w:r></w:p><w:p/> ]]> <![CDATA[ &#0; &#xFFFE; &quot;",
        "[a](https://example.org/\"><w:x/>) ![\"><x/>](images/\"><x/>.png)",
        "# <x>\n\n[y](#x)",
        "[^\"><x>]\n\n[^\"><x>]: <x>",
        "| < | & |\n|-|-|\n| \" | > |",
        "```<x>\n<x>&\n```",
        "[^1]: [^1]\n\n[^a]\n\n[^a]: [^b]\n[^b]: [^a]",
        "![[^1]](a)\n\n[^1]: x",
        "[![[^1]](a)[^1]](https://example.org)[^1]\n\n[^1]: - a\n      1. | a |\n         |-|",
        "- [ ]\n- [x] \n1. [ ] a\n   - # b\n     > ---\n",
        "999999999. a\n0. b\n",
        "\u{feff}\u{2028}\u{2029}\u{202e}",
    ];
    for text in hostile.iter().map(|text| (*text).to_owned()).chain(nested()) {
        for kind in [Kind::Markdown, Kind::Text, Kind::Code] {
            let mut file = open(&source(kind, &text.chars().take(100).collect::<String>()), &text, &|_| None);
            let names: Vec<String> = file.0.file_names().map(str::to_owned).collect();
            for name in names {
                assert_well_formed(&file.part(&name), &format!("{name} of {:.60?}", text));
            }
        }
    }
}

/// What nests, within reason and beyond.
fn nested() -> impl Iterator<Item = String> {
    let pieces = [">", "> ", "- ", "1. ", "*a ", "[", "![", "~~a ", "**a ", "- > "];
    pieces.into_iter().flat_map(|piece| [20, 95, 5_000].map(|times| piece.repeat(times) + "x"))
}

#[test]
fn what_nests_deep_stays_on_the_page() {
    let xml = body(&("- ".repeat(40) + "x"));
    assert!(xml.contains("<w:ilvl w:val=\"8\"/>") && !xml.contains("<w:ilvl w:val=\"9\"/>"));
    let indents =
        xml.split("w:left=\"").skip(1).map(|rest| rest.split('"').next().expect("one").parse::<u32>());
    assert_eq!(indents.map(|indent| indent.expect("a number")).max(), Some(5_040));
}

#[test]
fn a_document_too_large_for_word_is_refused() {
    let text = "\n".repeat(6 * 1024 * 1024);
    assert_eq!(file(&source(Kind::Text, ""), &text, &|_| None), Err(ExportError::TooLarge));
}

#[test]
fn the_same_document_is_the_same_file() {
    let make =
        || file(&source(Kind::Markdown, "T"), "# a\n\n- b[^1]\n\n[^1]: [c](https://example.org)", &|_| None);
    assert_eq!(make(), make());
}
