//! Real processes of `encommun`: served on a free port, killed without warning, asked to audit.
use std::{
    net::TcpListener,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

/// Longer than any start on a busy machine.
const START_MAX: Duration = Duration::from_secs(60);
/// A free port may be taken before it is used; not five times in a row.
const PORTS_TRIED: usize = 5;

/// A server that dies with its test.
pub struct Process {
    child: Child,
    /// `http://127.0.0.1:PORT`
    pub base: String,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Process {
    /// Serves a database until killed; the worker looks at deadlines every second.
    pub async fn serve(url: &str) -> Self {
        for _ in 0..PORTS_TRIED {
            let mut process = Self::start(url);
            if process.becomes_ready().await {
                return process;
            }
        }
        panic!("the server does not start");
    }

    fn start(url: &str) -> Self {
        let port = free_port();
        let base = format!("http://127.0.0.1:{port}");
        let child = encommun(url)
            .arg("serve")
            .env("ENCOMMUN__HTTP__LISTEN", format!("127.0.0.1:{port}"))
            .env("ENCOMMUN__HTTP__PUBLIC_URL", &base)
            .env("ENCOMMUN__WORKER__POLL_S", "1")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, base }
    }

    /// Whether it answers; it ends at once when another test took its port meanwhile.
    async fn becomes_ready(&mut self) -> bool {
        let ready = format!("{}/ready", self.base);
        let since = Instant::now();
        while reqwest::get(&ready).await.is_err() {
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            assert!(since.elapsed() < START_MAX, "the server does not answer");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // Ours, and not a neighbour on the same port.
        self.child.try_wait().unwrap().is_none()
    }

    /// SIGKILL: nothing is flushed, closed or said.
    pub fn kill(&mut self) {
        let _dead_already = self.child.kill();
        self.child.wait().unwrap();
    }
}

/// The program on a database, silent but for errors.
fn encommun(url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_encommun"));
    command
        .stdin(Stdio::null())
        .env("ENCOMMUN__DATABASE__URL", url)
        .env("ENCOMMUN__DATABASE__CONNECTIONS_MAX", "4")
        .env("ENCOMMUN__LOG__FILTER", "error");
    command
}

/// What `encommun audit` says of a database, in a process of its own.
pub async fn audit(url: &str) -> Output {
    run(url, &["audit"]).await
}

/// What a command answers about a database, in a process of its own.
pub async fn run(url: &str, arguments: &[&str]) -> Output {
    let mut command = encommun(url);
    command.args(arguments);
    let run = tokio::task::spawn_blocking(move || command.output());
    run.await.unwrap().unwrap()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
