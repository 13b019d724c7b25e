//! Prints the JSON Schema of the configuration document, or with the argument
//! `results` that of what the engine answers.

fn main() -> Result<(), serde_json::Error> {
    let schema = match std::env::args().nth(1).as_deref() {
        Some("results") => exchequer::schema::results(),
        _ => exchequer::config::schema(),
    };
    println!("{}", serde_json::to_string_pretty(&schema)?);
    Ok(())
}
