//! The description of the API as a page that runs nothing: what there is, what it takes and what it answers.

use std::fmt::Write;

use serde_json::{Map, Value};

use crate::export::escaped;
use crate::http::base::Base;

/// The page. `description` is the OpenAPI document.
pub fn render(description: &Value, base: &Base) -> String {
    let info = &description["info"];
    let title = escaped(text(&info["title"]));
    let mut page = String::new();
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} API</title>\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <link rel=\"stylesheet\" href=\"{style}\"></head><body>\n<header><h1>{title} API</h1><p>{about}</p>\
         <p><a href=\"{json}\">As OpenAPI 3.1</a></p></header>\n<main>",
        about = escaped(text(&info["description"])),
        style = base.address("/api/v1/openapi.css"),
        json = base.address("/api/v1/openapi.json"),
    );
    let operations = operations(description);
    let mut tags: Vec<&str> = operations.iter().map(|(_, _, operation)| tag(operation)).collect();
    tags.dedup();
    tags.sort_unstable();
    tags.dedup();
    for name in tags {
        let _ = write!(page, "<section><h2>{}</h2>", escaped(name));
        for (method, path, operation) in operations.iter().filter(|(_, _, operation)| tag(operation) == name)
        {
            put_operation(&mut page, method, path, operation);
        }
        page.push_str("</section>\n");
    }
    page.push_str("<section><h2>Types</h2>");
    for (name, schema) in object(&description["components"]["schemas"]) {
        put_schema(&mut page, name, schema);
    }
    page.push_str("</section></main></body></html>\n");
    page
}

/// Method, path and operation, by path.
fn operations(description: &Value) -> Vec<(String, &str, &Value)> {
    object(&description["paths"])
        .flat_map(|(path, item)| {
            object(item).map(move |(method, operation)| (method.to_uppercase(), path.as_str(), operation))
        })
        .collect()
}

fn put_operation(page: &mut String, method: &str, path: &str, operation: &Value) {
    let _ = write!(
        page,
        "<article><h3><b class=\"{}\">{method}</b> <code>{}</code></h3><p>{}</p>",
        method.to_lowercase(),
        escaped(path),
        escaped(text(&operation["summary"])),
    );
    if let Some(more) = operation["description"].as_str() {
        let _ = write!(page, "<p>{}</p>", escaped(more));
    }
    let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    if !parameters.is_empty() {
        page.push_str("<table><caption>Parameters</caption>");
        for parameter in parameters {
            let _ = write!(
                page,
                "<tr><th><code>{}</code></th><td>{}</td><td>{}</td><td>{}</td></tr>",
                escaped(text(&parameter["name"])),
                escaped(text(&parameter["in"])),
                kind(&parameter["schema"]),
                escaped(text(&parameter["description"])),
            );
        }
        page.push_str("</table>");
    }
    for (content_type, body) in object(&operation["requestBody"]["content"]) {
        let _ = write!(page, "<p>Takes {} ({}).</p>", kind(&body["schema"]), escaped(content_type));
    }
    page.push_str("<table><caption>Answers</caption>");
    for (status, response) in object(&operation["responses"]) {
        let kinds = object(&response["content"]).map(|(_, body)| kind(&body["schema"]));
        let _ = write!(
            page,
            "<tr><th>{}</th><td>{}</td><td>{}</td></tr>",
            escaped(status),
            kinds.collect::<Vec<_>>().join(", "),
            escaped(text(&response["description"])),
        );
    }
    page.push_str("</table></article>");
}

fn put_schema(page: &mut String, name: &str, schema: &Value) {
    let _ = write!(
        page,
        "<article id=\"type-{0}\"><h3><code>{0}</code></h3><p>{1}</p>",
        escaped(name),
        escaped(text(&schema["description"])),
    );
    if let Some(values) = schema["enum"].as_array() {
        let values = values.iter().map(|value| format!("<code>{}</code>", escaped(text(value))));
        let _ = write!(page, "<p>One of {}.</p>", values.collect::<Vec<_>>().join(", "));
    }
    put_properties(page, schema);
    for part in ["oneOf", "allOf"].iter().flat_map(|parts| schema[*parts].as_array().into_iter().flatten()) {
        match part["$ref"].as_str() {
            Some(_) => {
                let _ = write!(page, "<p>With all of {}.</p>", kind(part));
            }
            None => put_properties(page, part),
        }
    }
    page.push_str("</article>");
}

fn put_properties(page: &mut String, schema: &Value) {
    if schema["properties"].as_object().is_none_or(Map::is_empty) {
        return;
    }
    let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
    page.push_str("<table>");
    for (name, property) in object(&schema["properties"]) {
        let must = if required.iter().any(|known| known == name) { "" } else { "may be left out" };
        let _ = write!(
            page,
            "<tr><th><code>{}</code></th><td>{}</td><td>{must}</td><td>{}</td></tr>",
            escaped(name),
            kind(property),
            escaped(text(&property["description"])),
        );
    }
    page.push_str("</table>");
}

/// What a schema is, in a word or two.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|pointer| pointer.rsplit('/').next()) {
        return format!("<a href=\"#type-{0}\">{0}</a>", escaped(name));
    }
    if let Some(parts) = schema["oneOf"].as_array() {
        return parts.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    match &schema["type"] {
        Value::String(name) if name == "array" => format!("list of {}", kind(&schema["items"])),
        Value::Array(names) => names.iter().map(|name| escaped(text(name))).collect::<Vec<_>>().join(" or "),
        Value::String(name) => escaped(name),
        _ => "anything".to_owned(),
    }
}

fn tag(operation: &Value) -> &str {
    operation["tags"][0].as_str().unwrap_or("more")
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}
