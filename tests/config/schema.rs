//! The JSON Schema of the configuration document agrees with its parser.

use super::json_schema::{Validator, objects};
use super::*;

fn schema() -> Value {
    exchequer::config::schema()
}

#[test]
fn the_schema_accepts_every_case_that_is_accepted() {
    let schema = schema();
    let schema = Validator::new(&schema);
    for (path, case) in cases() {
        if case.run().is_ok() {
            let text = case.text();
            let document = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
            assert_eq!(schema.check(&document), Ok(()), "{}", path.display());
        }
    }
}

#[test]
fn the_schema_refuses_what_the_parser_refuses_for_its_shape() {
    let schema = schema();
    let schema = Validator::new(&schema);
    for (path, case) in cases() {
        let text = case.text();
        let Ok(document) = serde_json::from_str::<Value>(&text) else { continue };
        if Config::parse(&document.to_string()).is_err() {
            assert!(schema.check(&document).is_err(), "{}", path.display());
        }
    }
}

#[test]
fn parser_and_schema_agree_about_a_value_of_any_type_in_any_place() {
    let (case, schema) = (everything(), schema());
    let schema = Validator::new(&schema);
    let (mut accepted, mut refused) = (0, 0);
    for (change, mutant) in mutants(case.document.as_ref().unwrap()) {
        let text = mutant.to_string();
        match (schema.check(&mutant), read(&text, case.env.as_ref(), None)) {
            (Ok(()), Ok(_)) => accepted += 1,
            (Err(_), Err(_)) => refused += 1,
            // The schema knows shapes only: the rest is for the checks.
            (Ok(()), Err(problems)) => {
                assert!(
                    Config::parse(&text).is_ok(),
                    "{change}: only the parser refuses: {problems}"
                );
            }
            (Err(why), Ok(_)) => panic!("{change}: only the schema refuses: {why}"),
        }
    }
    assert!(accepted > 50 && refused > 500, "{accepted} accepted, {refused} refused");
}

/// A field that only one of the two knows would be refused by the other: the document
/// with every field has to have every field of the schema. `keyRotation` is for a
/// document without `keys`, and stands in another one.
#[test]
fn the_document_with_every_field_has_every_field_of_the_schema() {
    let schema = schema();
    let case = everything();
    let mut used = Validator::new(&schema).used(case.document.as_ref().unwrap());
    let (_, rotation) =
        cases().into_iter().find(|(path, _)| path.ends_with("key-rotation.json")).unwrap();
    used.extend(Validator::new(&schema).used(rotation.document.as_ref().unwrap()));
    let mut fields = 0;
    for (object, names) in objects(&schema) {
        for name in names {
            let field = format!("{object}.{name}");
            assert!(used.contains(&field), "`{field}` is in the schema and not in everything.json");
            fields += 1;
        }
    }
    assert!(fields > 50, "{fields} fields");
}

#[test]
fn every_field_is_described() {
    fn look(schema: &Value, at: &str) {
        match schema {
            Value::Object(members) => {
                if let Some(Value::Object(properties)) = members.get("properties")
                    && members.get("additionalProperties") == Some(&Value::Bool(false))
                {
                    for (name, property) in properties {
                        let described = property.get("description").is_some();
                        let reference = at.contains("Secret") || at.contains("PrivateKey");
                        assert!(described || reference, "{at}.{name}");
                    }
                }
                members.iter().for_each(|(name, member)| look(member, &format!("{at}/{name}")));
            }
            Value::Array(items) => items.iter().for_each(|item| look(item, at)),
            _ => {}
        }
    }
    look(&schema(), "");
}
