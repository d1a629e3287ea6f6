//! What a run tells a lineage service, by the variables that OpenLineage's clients share.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

use serde_json::{Value, json};

use super::{Answer, Folder, PIPELINE, RUN};

/// A service that takes one request after the other; each request's head, and the event in it.
struct Sink {
    url: String,
    taken: JoinHandle<Vec<(String, Value)>>,
}

impl Sink {
    fn of(events: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let taken = std::thread::spawn(move || {
            listener.incoming().take(events).map(|stream| taken(stream.expect("a connection"))).collect()
        });
        Sink { url, taken }
    }

    fn events(self) -> Vec<(String, Value)> {
        self.taken.join().expect("requests")
    }
}

fn taken(mut stream: TcpStream) -> (String, Value) {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).expect("a request");
        bytes.extend(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
        if body.len() == length.parse::<usize>().expect("a number") {
            stream
                .write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                .expect("an answer");
            return (head.to_owned(), serde_json::from_str(body).expect("JSON"));
        }
    }
}

fn dataset<'a>(datasets: &'a Value, name: &str) -> &'a Value {
    let all = datasets.as_array().expect("datasets");
    all.iter().find(|dataset| dataset["name"].as_str().is_some_and(|found| found.ends_with(name))).expect(name)
}

fn events_of(file: &std::path::Path) -> Vec<Value> {
    let text = fs::read_to_string(file).expect("events");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn a_run_tells_a_service_that_it_starts_and_what_it_has_read_and_published() {
    let folder = Folder::new(PIPELINE);
    let sink = Sink::of(2);
    let variables = [
        ("OPENLINEAGE_URL", sink.url.as_str()),
        ("OPENLINEAGE_API_KEY", "a-key"),
        ("OPENLINEAGE_NAMESPACE", "clinics-prod"),
        ("OPENLINEAGE_PARENT_ID", "airflow/night.publish/01a1ff5f-5440-7000-8000-000000000000"),
    ];
    Answer::of(folder.rfmart(RUN).envs(variables)).stdout();
    let events = sink.events();
    let [(head, start), (_, complete)] = events.as_slice() else { panic!("{events:?}") };
    assert!(
        head.starts_with("POST /api/v1/lineage HTTP/1.1\r\n") && head.contains("authorization: Bearer a-key"),
        "{head}"
    );
    assert_eq!((&start["eventType"], &complete["eventType"]), (&json!("START"), &json!("COMPLETE")));
    assert_eq!(start["run"]["runId"], complete["run"]["runId"]);
    assert_eq!((&start["job"]["namespace"], &start["job"]["name"]), (&json!("clinics-prod"), &json!("clinics")));
    assert_eq!(start["run"]["facets"]["parent"]["job"]["name"], "night.publish");
    let orders = dataset(&complete["inputs"], "/orders.csv");
    assert_eq!(orders["namespace"], "file");
    let amount = json!({"name": "amount", "type": "DECIMAL(18,2)", "description": "amount of orders"});
    assert!(orders["facets"]["schema"]["fields"].as_array().expect("fields").contains(&amount), "{orders}");
    let rfm = dataset(&complete["outputs"], "/warehouse/fct_customer_rfm");
    let fields = rfm["facets"]["schema"]["fields"].as_array().expect("fields");
    assert!(fields.iter().any(|field| field["name"] == "monetary" && field["type"] == "DECIMAL(18,2)"), "{rfm}");
    assert!(rfm["outputFacets"]["outputStatistics"]["rowCount"].as_u64().is_some_and(|rows| rows > 0), "{rfm}");
    assert!(dataset(&start["outputs"], "/fct_customer_rfm").get("outputFacets").is_none());
}

#[test]
fn a_run_that_fails_tells_why() {
    let folder = Folder::new(PIPELINE);
    fs::remove_file(folder.path("orders.csv")).expect("a file");
    let log = folder.path("events.jsonl");
    let variables = [
        ("OPENLINEAGE__TRANSPORT__TYPE", "file"),
        ("OPENLINEAGE__TRANSPORT__LOG_FILE_PATH", log.to_str().expect("UTF-8")),
    ];
    let answer = Answer::of(folder.rfmart(RUN).envs(variables));
    let events = events_of(&log);
    assert_eq!(
        events.iter().map(|event| event["eventType"].as_str().expect("a type")).collect::<Vec<_>>(),
        ["START", "FAIL"]
    );
    let message = events[1]["run"]["facets"]["errorMessage"]["message"].as_str().expect("a message");
    assert!(
        answer.code != 0 && answer.stderr.starts_with(&format!("error: {message}")),
        "{message}\n{}",
        answer.stderr
    );
}

#[test]
fn a_service_that_is_away_keeps_no_night_from_being_published() {
    let folder = Folder::new(PIPELINE);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://user:a-secret@{}", listener.local_addr().expect("an address"));
    drop(listener);
    let answer = Answer::of(folder.rfmart(RUN).env("OPENLINEAGE_URL", url));
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(answer.stdout.contains("\nPublished "), "{}", answer.stdout);
    for event in ["START", "COMPLETE"] {
        assert!(
            answer.stderr.contains(&format!("the lineage event {event} isn't sent: 127.0.0.1 ")),
            "{}",
            answer.stderr
        );
    }
    assert!(!answer.stderr.contains("a-secret"), "{}", answer.stderr);
}
