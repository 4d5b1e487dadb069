//! A child process and what the kernel says of it.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The process. It ends with this value, however that comes.
pub struct Process(Child);

/// Resident memory in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    pub now: u64,
    /// The most it ever had.
    pub peak: u64,
}

impl Process {
    /// Start it, with everything it says appended to `log`.
    pub fn start(command: &mut Command, log: &Path) -> Result<Process> {
        let out = File::options().create(true).append(true).open(log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            .spawn()
            .with_context(|| format!("starting {command:?}"))?;
        Ok(Process(child))
    }

    /// CPU time of all its threads since it began, those that have ended included. It is the counter behind `utime + stime` of
    /// `/proc/PID/stat`, in nanoseconds in place of hundredths of a second.
    pub fn cpu(&self) -> Result<Duration> {
        cpu_of(self.0.id())
    }

    pub fn memory(&self) -> Result<Memory> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
            kilobytes.map(|kilobytes| kilobytes * 1024).with_context(|| format!("{name} in /proc"))
        };
        Ok(Memory { now: field("VmRSS")?, peak: field("VmHWM")? })
    }

    /// Forget the peak so far.
    pub fn forget_peak(&self) -> Result<()> {
        Ok(fs::write(format!("/proc/{}/clear_refs", self.0.id()), "5")?)
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.0.try_wait()?)
    }

    /// Ask it to stop and wait until it has.
    pub fn stop(&mut self, within: Duration) -> Result<()> {
        let began = Instant::now();
        self.signal(libc::SIGTERM)?;
        while self.ended()?.is_none() {
            if began.elapsed() > within {
                bail!("it did not stop within {within:?}");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// kill -9
    pub fn kill(&mut self) -> Result<()> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }

    fn signal(&self, signal: i32) -> Result<()> {
        // SAFETY: plain numbers; the process was not waited for yet, so the id is still its own.
        match unsafe { libc::kill(self.0.id() as i32, signal) } {
            0 => Ok(()),
            _ => Err(std::io::Error::last_os_error()).context("sending a signal"),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// The CPU time of this process, which shares the machine with those it measures.
pub fn own_cpu() -> Result<Duration> {
    cpu_of(std::process::id())
}

fn cpu_of(process: u32) -> Result<Duration> {
    let mut clock = 0;
    // SAFETY: `clock` is a place for the answer.
    let error = unsafe { libc::clock_getcpuclockid(process as i32, &mut clock) };
    if error != 0 {
        return Err(std::io::Error::from_raw_os_error(error)).context("finding a process's clock");
    }
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a place for the answer.
    if unsafe { libc::clock_gettime(clock, &mut time) } != 0 {
        return Err(std::io::Error::last_os_error()).context("reading a process's clock");
    }
    Ok(Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `utime + stime`, the 14th and 15th field, in hundredths of a second.
    fn cpu_in_proc() -> Duration {
        let stat = fs::read_to_string("/proc/self/stat").expect("a stat");
        let after_name = stat.rsplit_once(") ").expect("a name in brackets").1;
        let fields: Vec<u64> = after_name.split(' ').map(|field| field.parse().unwrap_or(0)).collect();
        Duration::from_millis(10 * (fields[11] + fields[12]))
    }

    #[test]
    fn the_clock_agrees_with_proc() {
        let began = own_cpu().expect("our own clock");
        let mut sum = 0u64;
        while own_cpu().expect("our own clock") < began + Duration::from_millis(200) {
            sum = std::hint::black_box(sum + 1);
        }
        let (clock, proc) = (own_cpu().expect("our own clock"), cpu_in_proc());
        assert!(clock.abs_diff(proc) < Duration::from_millis(40), "{clock:?} and {proc:?}");
    }
}
