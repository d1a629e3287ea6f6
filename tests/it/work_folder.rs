//! Work folders: who may read them, and that none is left behind for long, however a run ends.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

const ORDERS: &str = "order_id,customer_id,branch_id,paid_at,amount\nA1,c1,B1,2024-11-05,100\n";

/// Only to end a test that would wait for ever.
const PATIENCE: Duration = Duration::from_secs(300);

/// A folder with orders, and pipelines that work in its folder `work`.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Folder(tempfile::tempdir().expect("a folder"));
        fs::create_dir(folder.path("work")).expect("a folder");
        folder.write("orders.csv", ORDERS);
        folder.pipeline("quick", "orders.csv");
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// A pipeline file `<name>.yaml` with a warehouse of its own.
    fn pipeline(&self, name: &str, orders: &str) {
        let yaml = format!(
            "name: {name}\ntimezone: Asia/Taipei\ncurrency: TWD\nstorage: {{http: {{allow_http: 'true'}}}}\n\
             sources: {{orders: {{location: '{orders}', format: csv}}}}\npublish: {{location: {name}/}}\n\
             limits: {{work_dir: work, memory: 1GiB, target_partitions: 2}}\n"
        );
        self.write(&format!("{name}.yaml"), &yaml);
    }

    fn rfmart(&self, pipeline: &str, as_of: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rfmart"));
        command.current_dir(self.0.path()).env_clear().args(["run", pipeline, "--as-of", as_of]);
        command
    }

    /// A run to its end.
    fn run(&self, as_of: &str) -> Output {
        self.rfmart("quick.yaml", as_of).output().expect("the program starts")
    }

    #[track_caller]
    fn publish(&self, as_of: &str) {
        let output = self.run(as_of);
        assert!(output.status.success(), "{}", text(&output.stderr));
    }

    /// What is in the work folders' folder.
    fn work(&self) -> BTreeSet<PathBuf> {
        fs::read_dir(self.path("work")).expect("a folder").map(|entry| entry.expect("an entry").path()).collect()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn mode(path: &Path) -> u32 {
    path.metadata().expect("a folder").permissions().mode() & 0o777
}

/// Ends its process, whatever becomes of the test.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Self {
        let streams = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        Running(streams.spawn().expect("the program starts"))
    }

    /// What it tells, line by line.
    fn lines(&mut self) -> impl Iterator<Item = String> + use<> {
        BufReader::new(self.0.stderr.take().expect("a stream")).lines().map_while(Result::ok)
    }

    fn signal(&self, name: &str) {
        let signal = format!("kill -{name} {}", self.0.id());
        assert!(Command::new("sh").args(["-c", &signal]).status().expect("a shell").success());
    }

    fn is_running(&mut self) -> bool {
        self.0.try_wait().expect("a state").is_none()
    }

    fn exit_code(&mut self) -> Option<i32> {
        self.0.wait().expect("an end").code()
    }

    fn kill(mut self) {
        self.0.kill().expect("a process");
        self.0.wait().expect("an end");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A web server that tells an object's size, and never gives its bytes: who reads it stays in the middle of a run.
struct SlowServer {
    address: String,
    readers: Receiver<TcpStream>,
}

impl SlowServer {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}/orders.csv", listener.local_addr().expect("an address"));
        let (reader, readers) = channel();
        thread::spawn(move || listener.incoming().flatten().for_each(|stream| answer(stream, &reader)));
        SlowServer { address, readers }
    }

    /// Waits until somebody reads; the connection, which is to be kept.
    fn reader(&self) -> TcpStream {
        self.readers.recv_timeout(PATIENCE).expect("the run reads its orders")
    }
}

/// Answers requests of one connection until one wants the object itself.
fn answer(mut stream: TcpStream, reader: &Sender<TcpStream>) {
    let mut lines = BufReader::new(stream.try_clone().expect("a stream")).lines();
    while let Some(Ok(request)) = lines.next() {
        while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
        if request.starts_with("GET ") {
            // The test has ended if nobody wants it.
            let _ = reader.send(stream);
            return;
        }
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nLast-Modified: Fri, 01 Nov 2024 00:00:00 GMT\r\n\r\n";
        if stream.write_all(head.as_bytes()).is_err() {
            return;
        }
    }
}

#[test]
fn a_killed_runs_folder_goes_with_the_next_run_and_a_living_ones_stays() {
    let (folder, server) = (Folder::new(), SlowServer::start());
    folder.pipeline("slow", &server.address);
    let running = Running::start(&mut folder.rfmart("slow.yaml", "2024-11-21"));
    let _connection = server.reader();
    let its = folder.work();
    assert_eq!(its.len(), 1, "{its:?}");
    assert!(its.iter().all(|path| mode(path) == 0o700), "others may look into it");
    folder.publish("2024-11-21");
    assert_eq!(folder.work(), its, "a living run's folder is its own, and its neighbour's is gone");
    running.kill();
    assert_eq!(folder.work(), its, "a killed run can't clean up");
    folder.publish("2024-11-22");
    assert!(folder.work().is_empty(), "{:?}", folder.work());
}

#[test]
fn a_run_that_has_nothing_to_do_clears_up_as_well() {
    let folder = Folder::new();
    folder.publish("2024-11-21");
    folder.write("work/rfmart-work-AAAAAAAAAAAAAAAA/src_orders/1.parquet", "rows");
    folder.publish("2024-11-21");
    assert!(folder.work().is_empty(), "{:?}", folder.work());
}

#[test]
fn only_this_users_work_folders_are_cleared() {
    let folder = Folder::new();
    folder.write("elsewhere/kept", "");
    folder.write("work/rfmart-work-AAAAAAAAAAAAAAAA/src_orders/1.parquet", "rows");
    folder.write("work/rfmart-demo/pipeline.yaml", "");
    folder.write("work/rfmart-work-notes/kept", "");
    folder.write("work/rfmart-work-BBBBBBBBBBBBBBBB", "a file");
    symlink(folder.path("elsewhere"), folder.path("work/rfmart-work-CCCCCCCCCCCCCCCC")).expect("a link");
    folder.write("work/rfmart-work-DDDDDDDDDDDDDDDD/kept", "");
    let foreign = folder.path("work/rfmart-work-DDDDDDDDDDDDDDDD");
    // Only root can give something away; for others there is nothing to show here.
    let is_foreign = chown(&foreign, Some(foreign.metadata().expect("a folder").uid() + 12345), None).is_ok();
    folder.publish("2024-11-21");
    let mut left = vec!["rfmart-demo", "rfmart-work-BBBBBBBBBBBBBBBB", "rfmart-work-CCCCCCCCCCCCCCCC"];
    left.extend(is_foreign.then_some("rfmart-work-DDDDDDDDDDDDDDDD"));
    left.push("rfmart-work-notes");
    let left: Vec<PathBuf> = left.into_iter().map(|name| folder.path("work").join(name)).collect();
    assert_eq!(folder.work().into_iter().collect::<Vec<_>>(), left);
    assert!(folder.path("elsewhere/kept").exists(), "what a link points to is not the run's");
}

#[test]
fn rejected_rows_of_a_failed_run_are_kept_for_days_and_for_this_user() {
    let folder = Folder::new();
    folder.write("orders.csv", "order_id,customer_id,branch_id,paid_at,amount\nA1,c1,B1,someday,100\n");
    let output = folder.run("2024-11-21");
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(65), "{told}");
    assert!(told.contains("\n  they are kept for 7 days, readable to this user only\n"), "{told}");
    let pattern = told.lines().find_map(|line| line.strip_prefix("  each row with its cause: ")).expect("a place");
    let rejected = Path::new(pattern).parent().expect("a folder").to_owned();
    let work = rejected.parent().expect("a folder").to_owned();
    assert_eq!(mode(&work), 0o700);
    folder.write("orders.csv", ORDERS);
    folder.publish("2024-11-21");
    assert_eq!(fs::read_dir(&rejected).expect("the folder").count(), 1, "the next run leaves them alone");
    let note = File::options().write(true).open(work.join("KEPT.txt")).expect("a note");
    note.set_modified(SystemTime::now() - Duration::from_secs(8 * 24 * 60 * 60)).expect("a time");
    folder.publish("2024-11-22");
    assert!(folder.work().is_empty(), "{:?}", folder.work());
}

#[test]
fn rejected_rows_that_no_error_names_are_not_kept() {
    let folder = Folder::new();
    folder.write("orders/1.csv", &ORDERS.replace("2024-11-05", "someday"));
    folder.write("orders/2.csv", "order_id,customer_id,branch_id,amount\nA1,c1,B1,100\n");
    folder.pipeline("quick", "orders/");
    let output = folder.run("2024-11-21");
    assert_eq!(output.status.code(), Some(65));
    assert!(text(&output.stderr).contains("/orders/2.csv: no column 'paid_at'"), "{}", text(&output.stderr));
    assert!(folder.work().is_empty(), "{:?}", folder.work());
}

/// A command that another one starts: these tests may themselves have been started with `nohup`, or without.
fn under(starter: &str, command: &Command) -> Command {
    let mut words = starter.split(' ');
    let mut started = Command::new(words.next().expect("a command"));
    let folder = command.get_current_dir().expect("a folder");
    started.args(words).arg(command.get_program()).args(command.get_args()).current_dir(folder).env_clear();
    started
}

#[test]
fn a_run_that_is_stopped_while_it_reads_leaves_nothing_behind() {
    for signal in ["TERM", "INT", "HUP"] {
        let (folder, server) = (Folder::new(), SlowServer::start());
        folder.pipeline("slow", &server.address);
        let run = folder.rfmart("slow.yaml", "2024-11-21");
        let mut running = Running::start(&mut under("env --default-signal=HUP", &run));
        let _connection = server.reader();
        running.signal(signal);
        let told: Vec<String> = running.lines().collect();
        assert_eq!(running.exit_code(), Some(75), "{signal}: {told:?}");
        assert_eq!(told[0], "error: stopped by a signal", "{signal}: {told:?}");
        assert!(folder.work().is_empty(), "{signal}: {:?}", folder.work());
    }
}

#[test]
fn a_run_ends_with_its_deadline() {
    let (folder, server) = (Folder::new(), SlowServer::start());
    folder.pipeline("slow", &server.address);
    let yaml = fs::read_to_string(folder.path("slow.yaml")).expect("a pipeline");
    folder.write("slow.yaml", &yaml.replace("limits: {", "limits: {deadline: 1s, "));
    let mut running = Running::start(&mut folder.rfmart("slow.yaml", "2024-11-21"));
    let _connection = server.reader();
    let told: Vec<String> = running.lines().collect();
    assert_eq!(running.exit_code(), Some(75), "{told:?}");
    assert_eq!(told[0], "error: not done within limits.deadline, 1 s", "{told:?}");
    assert!(folder.work().is_empty(), "{:?}", folder.work());
}

#[test]
fn a_run_under_nohup_outlives_its_terminal() {
    let (folder, server) = (Folder::new(), SlowServer::start());
    folder.pipeline("slow", &server.address);
    let mut running = Running::start(&mut under("nohup", &folder.rfmart("slow.yaml", "2024-11-21")));
    let _connection = server.reader();
    running.signal("HUP");
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(running.is_running());
    running.signal("TERM");
    assert_eq!(running.exit_code(), Some(75));
}

/// Numbers that, joined with themselves a few times, take for ever.
fn numbers() -> String {
    let numbers: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
    format!("number\n{}\n", numbers.join("\n"))
}

const ENDLESS: &str = "\
-- A table that takes for ever.
-- Grain: as_of.
select
    $as_of as as_of,
    sum(length(one.number) * length(two.number) * length(three.number) * length(four.number)) as total
from seed_number as one
cross join seed_number as two
cross join seed_number as three
cross join seed_number as four
cross join fct_customer_rfm
order by as_of
";

const ENDLESS_COLUMNS: &str = "\
description: A table that takes for ever.
grain: [as_of]
columns:
    - {name: as_of, type: date, description: Day.}
    - {name: total, type: bigint, nullable: true, description: A number.}
";

#[test]
fn a_run_that_is_stopped_while_it_computes_leaves_nothing_behind() {
    let folder = Folder::new();
    folder.write("sql/seeds/seed_number.csv", &numbers());
    folder.write("sql/marts/fct_endless.sql", ENDLESS);
    folder.write("sql/marts/fct_endless.yaml", ENDLESS_COLUMNS);
    let mut running = Running::start(folder.rfmart("quick.yaml", "2024-11-21").env("RUST_LOG", "rfmart=info"));
    let mut lines = running.lines();
    assert!(lines.any(|line| line.contains("model=fct_customer_rfm")), "it ended too soon");
    assert_eq!(folder.work().len(), 1);
    running.signal("TERM");
    let told: Vec<String> = lines.collect();
    assert_eq!(running.exit_code(), Some(75), "{told:?}");
    assert!(folder.work().is_empty(), "{:?}", folder.work());
}

#[test]
fn a_run_writes_nothing_but_into_its_work_folder_and_the_warehouse() {
    let folder = Folder::new();
    let mut command = folder.rfmart("quick.yaml", "2024-11-21");
    let output = command.env("TMPDIR", folder.path("no-such-folder")).output().expect("the program starts");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let left: BTreeSet<String> = fs::read_dir(folder.0.path())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(left.into_iter().collect::<Vec<_>>(), ["orders.csv", "quick", "quick.yaml", "work"]);
    assert!(folder.work().is_empty());
}
