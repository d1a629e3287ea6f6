//! `rfmart init`: what it makes of exports, and that a run then works.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch};
use parquet::arrow::ArrowWriter;
use tempfile::TempDir;

/// A folder of exports.
struct Folder(TempDir);

impl Folder {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let folder = Folder(tempfile::tempdir().expect("a folder"));
        for (name, bytes) in files {
            let path = folder.path(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, bytes).expect("a file");
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn call(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rfmart"));
        command.current_dir(self.0.path()).env_clear().args(arguments).output().expect("the program starts")
    }

    /// What a call that must succeed prints.
    #[track_caller]
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.call(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// `init` of `sources`; what it prints and the file that it writes, which is valid.
    #[track_caller]
    fn init(&self, sources: &[&str]) -> (String, String) {
        let told = self.done(&[&["init"], sources].concat());
        self.done(&["validate", "pipeline.yaml"]);
        (told, fs::read_to_string(self.path("pipeline.yaml")).expect("a pipeline file"))
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// Whether some line of `yaml` holds all `parts`.
#[track_caller]
fn assert_line(yaml: &str, parts: &[&str]) {
    let has = |line: &str| parts.iter().all(|part| line.contains(part));
    assert!(yaml.lines().any(has), "{parts:?} in\n{yaml}");
}

const CDNOW: &str = "customer_id,date,number_of_cds,dollar_value\r\n00001,19970101,1,11.77\r\n\
                     00002,19970112,1,12.00\r\n00002,19970112,5,77.00\r\n00003,19980630,2,20.76\r\n";

#[test]
fn customer_date_quantity_and_price_run_without_an_edit() {
    let folder = Folder::new(&[("cdnow.csv", CDNOW.as_bytes())]);
    let (told, yaml) = folder.init(&["cdnow.csv", "--timezone", "America/New_York", "--currency", "USD"]);
    assert_line(&yaml, &["name: cdnow"]);
    assert_line(&yaml, &["timezone: America/New_York"]);
    assert_line(&yaml, &["customer_id: customer_id", "# guessed from the header 'customer_id'"]);
    assert_line(&yaml, &["paid_at: date", "# guessed from the header 'date'"]);
    assert_line(&yaml, &["formats: {paid_at: \"%Y%m%d\"}"]);
    assert_line(&yaml, &["quantity: number_of_cds", "CHECK: guessed from a part of the header 'number_of_cds'"]);
    assert_line(&yaml, &["amount: dollar_value"]);
    assert_line(&yaml, &["constants: {branch_id: MAIN}", "CHECK: no column names the branch"]);
    assert_line(&yaml, &["# No column looks like an order's number"]);
    assert!(told.contains("cdnow.csv  orders           4 of 4\n"), "{told}");
    assert!(told.contains("1997-01-01 to 1998-06-30"), "{told}");
    assert!(told.contains("rfmart run pipeline.yaml --as-of 1998-06-30\n"), "{told}");
    let published = folder.done(&["run", "pipeline.yaml", "--as-of", "1998-06-30"]);
    assert!(published.contains("Commit 1, ") && published.contains("no order_id: "), "{published}");
}

#[test]
fn a_till_of_a_chinese_clinic_is_read_by_its_headers_and_words() {
    let rows = "訂單編號;項次;會員編號;門市;付款時間;數量;單價;狀態;類型;姓名;電話\n\
                A1;1;M1;台北;2024/11/20 10:00;2;1,500;已付款;單次;王小明;0912345678\n\
                A1;2;M1;台北;2024/11/20 10:00;1;9,999;已退款;療程包;王小明;0912345678\n\
                A2;1;M2;高雄;2024/11/21 9:05;1;20;已取消;升單;陳美麗;0987654321\n\
                A3;1;M2;高雄;2024/11/21 9:05;1;20;掛帳;升單;陳美麗;0987654321\n";
    let (bytes, _, _) = encoding_rs::BIG5.encode(rows);
    let folder = Folder::new(&[("銷售.csv", &bytes)]);
    let (told, yaml) = folder.init(&["銷售.csv"]);
    assert_line(&yaml, &["csv: {delimiter: \";\", encoding: big5}"]);
    for (column, header) in [
        ("order_id", "訂單編號"),
        ("line_no", "項次"),
        ("customer_id", "會員編號"),
        ("branch_id", "門市"),
        ("paid_at", "付款時間"),
    ] {
        assert_line(&yaml, &[&format!("{column}: {header}"), &format!("# guessed from the header '{header}'")]);
    }
    assert_line(&yaml, &["amount: {sql: \"數量 * 單價\"}"]);
    assert_line(&yaml, &["status: {已付款: paid, 已取消: cancelled, 已退款: refunded}"]);
    assert_line(&yaml, &["kind: {升單: top_up, 單次: single, 療程包: package}"]);
    assert_line(&yaml, &["status: 狀態", "CHECK", "掛帳"]);
    assert_line(&yaml, &["timezone: Asia/Taipei", "# CHECK"]);
    assert_line(&yaml, &["# Not mapped: 姓名, 電話"]);
    // What is in the rows of people stays there.
    for personal in ["王小明", "陳美麗", "0912", "0987", "M1", "M2", "9,999"] {
        assert!(!yaml.contains(personal) && !told.contains(personal), "{personal} in\n{yaml}\n{told}");
    }
    assert!(told.contains("Look at the 3 lines that say CHECK"), "{told}");
}

#[test]
fn a_web_shops_export_is_read_by_content_where_headers_are_not_enough() {
    let rows = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n\
                536365,85123A,HANGER,6,12/1/2010 8:26,2.555,17850,UK\n536365,71053,LANTERN,6,12/1/2010 8:26,3.39,17850,UK\n\
                536366,71053,LANTERN,-1,12/11/2010 8:28,3.39,17850,UK\n";
    let folder = Folder::new(&[("shop.csv", rows.as_bytes())]);
    let (told, yaml) = folder.init(&["shop.csv", "--out", "pipeline.yaml"]);
    assert_line(&yaml, &["order_id: InvoiceNo"]);
    assert_line(&yaml, &["line_no: StockCode", "each of its items once"]);
    assert_line(&yaml, &["amount: {sql: \"round(Quantity * UnitPrice, 2)\"}"]);
    assert_line(&yaml, &["paid_at: InvoiceDate", "CHECK: ", "the dates seen could be "]);
    assert!(told.contains(" 0\n"), "{told}");
    folder.done(&["run", "pipeline.yaml", "--as-of", "2011-12-31"]);
}

#[test]
fn entities_are_told_apart_and_formats_and_compressions_found() {
    let json = "{\"member_id\":\"M1\",\"created_at\":\"2024-11-01\",\"channel\":\"web\",\"tags\":[1]}\n";
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(json.as_bytes()).expect("bytes");
    let visits = "visit_id|customer_id|branch_id|visited_at|status\nV1|M1|TPE01|2024-11-02|attended\n";
    let branches = "branch_id,name,region\nTPE01,Taipei,north\n";
    let folder = Folder::new(&[
        ("in/leads.ndjson.gz", &packed.finish().expect("bytes")),
        ("in/visits.txt", visits.as_bytes()),
        ("in/branches.csv", branches.as_bytes()),
    ]);
    let batch = RecordBatch::try_from_iter([
        ("household_id", Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef),
        ("store_id", Arc::new(arrow::array::StringArray::from(vec!["TPE01", "TPE01"])) as ArrayRef),
        ("transaction_date", Arc::new(Date32Array::from(vec![20_000, 20_001])) as ArrayRef),
        ("sales_value", Arc::new(Float64Array::from(vec![1.5, 2.25])) as ArrayRef),
    ]);
    let batch = batch.expect("rows");
    let file = fs::File::create(folder.path("in/sales.parquet")).expect("a file");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("rows");
    writer.close().expect("a footer");
    let (told, yaml) = folder.init(&["in/leads.*", "in/visits.txt", "in/branches.csv", "in/sales.parquet"]);
    let places: Vec<usize> =
        ["  orders:\n    location: in/sales.parquet", "  branches:\n    location: in/branches.csv"]
            .iter()
            .chain(&[
                "  leads:\n    location: \"in/leads.*\"",
                "  visits:\n    location: in/visits.txt\n    format: csv",
            ])
            .map(|part| yaml.find(part).unwrap_or_else(|| panic!("{part} in\n{yaml}")))
            .collect();
    assert!(places.is_sorted(), "{yaml}");
    assert_line(&yaml, &["format: ndjson"]);
    assert_line(&yaml, &["csv: {delimiter: \"|\"}"]);
    assert_line(&yaml, &["customer_id: household_id"]);
    assert!(!yaml.contains("formats:"), "{yaml}");
    assert!(told.contains("--as-of 2024-11-02"), "{told}");
    folder.done(&["run", "pipeline.yaml", "--as-of", "2024-11-02"]);
}

#[test]
fn the_generated_chains_own_systems_are_recognised() {
    let folder = Folder::new(&[]);
    folder.done(&["generate", "chain", "--customers", "600", "--months", "3", "--until", "2024-10-31"]);
    let all = ["orders", "visits", "exports/txg01/orders", "exports/txg01/visits", "exports/tnn01/orders"];
    let sources = all.map(|name| format!("chain/{name}/"));
    let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
    let (told, yaml) = folder.init(&sources);
    // A few rows of the generated exports are bad on purpose.
    assert_line(&yaml, &["amount: amount"]);
    assert_line(&yaml, &["amount: 實收"]);
    assert_line(&yaml, &["visited_at: 到院時間"]);
    assert_line(&yaml, &["appointment_at: 預約時間"]);
    assert!(!yaml.contains("Not mapped") && !yaml.contains("must be there"), "{yaml}");
    assert!(told.contains("2024-08-01 to 2024-10-31") && told.contains("--as-of 2024-10-31"), "{told}");
    folder.done(&["run", "pipeline.yaml", "--as-of", "2024-10-31"]);
}

#[test]
fn a_file_without_header_is_mapped_by_numbers() {
    let folder = Folder::new(&[("plain.csv", b"C1,2024-11-20,1,10.50\nC2,2024-11-21,2,20.25\n")]);
    let (_, yaml) = folder.init(&["orders=plain.csv"]);
    assert_line(&yaml, &["csv: {header: false}"]);
    assert_line(&yaml, &["paid_at: \"2\"", "its values are dates"]);
    assert_line(&yaml, &["amount: \"4\"", "CHECK: its values have two decimals"]);
    assert_line(&yaml, &["customer_id: \"1\"", "CHECK: "]);
    folder.done(&["run", "pipeline.yaml", "--as-of", "2024-11-21"]);
}

#[test]
fn a_file_that_is_there_is_replaced_only_if_told() {
    let folder = Folder::new(&[("cdnow.csv", CDNOW.as_bytes()), ("pipeline.yaml", b"mine")]);
    let refused = folder.call(&["init", "cdnow.csv"]);
    assert_eq!(refused.status.code(), Some(64));
    assert!(text(&refused.stderr).contains("pipeline.yaml is there already\nhint: "), "{}", text(&refused.stderr));
    assert_eq!(fs::read(folder.path("pipeline.yaml")).expect("a file"), b"mine");
    folder.done(&["init", "cdnow.csv", "--force"]);
    folder.done(&["validate", "pipeline.yaml"]);
}

#[test]
fn a_file_in_another_folder_names_the_exports_from_there() {
    let folder = Folder::new(&[("in/cdnow.csv", CDNOW.as_bytes()), ("etc/x", b"")]);
    folder.done(&["init", "in/cdnow.csv", "--out", "etc/shop.yaml"]);
    let validated = folder.done(&["run", "etc/shop.yaml", "--as-of", "1998-06-30"]);
    assert!(validated.starts_with("shop: as of 1998-06-30"), "{validated}");
}

#[test]
fn without_orders_or_without_what_they_need_the_answer_says_what_to_do() {
    let folder = Folder::new(&[
        ("stores.csv", b"branch_id,name\nB1,North\n"),
        ("sales.csv", b"when,amount\n2024-11-20,5\n"),
        ("empty.csv", b""),
    ]);
    let refused = folder.call(&["init", "stores.csv"]);
    assert_eq!(refused.status.code(), Some(65));
    let told = text(&refused.stderr);
    assert!(told.contains("stores.csv looks like branches") && told.contains("orders=<its path>"), "{told}");
    assert!(!folder.path("pipeline.yaml").exists());
    let (told, yaml) = folder.init(&["sales.csv"]);
    assert_line(&yaml, &["# CHECK: no column looks like customer_id, which must be there"]);
    assert!(told.contains("It isn't ready to run:") && told.contains("no column 'customer_id'"), "{told}");
    for missing in ["nowhere.csv", "empty.csv"] {
        let refused = folder.call(&["init", missing, "--force"]);
        assert_eq!(refused.status.code(), Some(65), "{}", text(&refused.stderr));
        assert!(text(&refused.stderr).contains(missing));
    }
    assert_eq!(folder.call(&["init"]).status.code(), Some(64));
    assert_eq!(folder.call(&["init", "sales.csv", "--currency", "usd"]).status.code(), Some(64));
    assert_eq!(folder.call(&["init", "sales.csv", "--timezone", "Mars"]).status.code(), Some(64));
}
