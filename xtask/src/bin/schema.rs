//! Prints the JSON Schema of the configuration document.

fn main() -> Result<(), serde_json::Error> {
    println!("{}", serde_json::to_string_pretty(&exchequer::config::schema())?);
    Ok(())
}
