//! Texts without their secrets: copies below a directory, or in the place of the files themselves.
//!
//! Nothing is overwritten that was not named for it: a copy is made only where there is nothing,
//! and a file is replaced at once and whole, or not at all.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};

use portcullis_engine::Rules;

use super::file::{Bounds, Search};
use super::walk::Target;
use super::window::Step;

/// Where texts without their secrets go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Into this directory, at the same places; every text that was searched.
    Directory(PathBuf),
    /// In the place of the files in which something was found.
    InPlace,
}

impl Destination {
    /// Makes the copy of a file, empty.
    pub(super) fn begin(&self, target: &Target) -> io::Result<Option<Copy>> {
        let Destination::Directory(directory) = self else { return Ok(None) };
        let parts = target.below.components().filter(|part| matches!(part, Component::Normal(_)));
        let path = directory.join(parts.collect::<PathBuf>());
        std::fs::create_dir_all(path.parent().unwrap_or(directory))?;
        let mode = target.path.metadata()?.mode() & 0o777;
        let file = create(&path, mode).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => io::Error::new(
                error.kind(),
                format!(
                    "there is something at {} already; choose an empty directory",
                    path.display()
                ),
            ),
            _ => error,
        })?;
        Ok(Some(Copy { writer: Writer::new(BufWriter::new(file)) }))
    }

    /// Puts a text without its secrets in the place of a file in which there are some.
    pub(super) fn rewrite(
        &self,
        target: &Target,
        rules: &Rules,
        search: &mut Search<'_>,
    ) -> io::Result<()> {
        if *self != Destination::InPlace {
            return Ok(());
        }
        let data = target.path.symlink_metadata()?;
        let refused = |what: &str| Err(io::Error::other(format!("not rewritten: {what}")));
        if !data.is_file() {
            return refused("it is no regular file; name the file itself");
        }
        if data.nlink() > 1 {
            return refused("it has other names (hard links), which would keep the secret");
        }
        let beside = Beside::new(&target.path, data.mode() & 0o7777)?;
        let owner = beside.file.metadata()?;
        if (owner.uid(), owner.gid()) != (data.uid(), data.gid()) {
            let (user, group) = (Some(data.uid()), Some(data.gid()));
            std::os::unix::fs::fchown(&beside.file, user, group)?;
            // Changing the owner may take bits of the mode away.
            beside.file.set_permissions(Permissions::from_mode(data.mode() & 0o7777))?;
        }
        let bounds = Bounds { binary: true, bytes_max: u64::MAX };
        let Ok(stream) = search.begin(File::open(&target.path)?, bounds)? else { return Ok(()) };
        let mut writer = Writer::new(BufWriter::new(&beside.file));
        search.run(stream, |step, _| writer.write(rules, step).map(|()| true))?;
        writer.finish()?;
        beside.file.sync_data()?;
        beside.replace(&target.path)
    }
}

/// A copy being written.
pub(super) struct Copy {
    writer: Writer<BufWriter<File>>,
}

impl Copy {
    pub(super) fn write(&mut self, rules: &Rules, step: &Step<'_>) -> io::Result<()> {
        self.writer.write(rules, step)
    }

    pub(super) fn finish(self) -> io::Result<()> {
        self.writer.finish()
    }
}

/// Writes what steps judged, with what stands for each secret.
pub(super) struct Writer<W> {
    out: W,
    replacement: Vec<u8>,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(out: W) -> Writer<W> {
        Writer { out, replacement: Vec::new() }
    }

    pub(super) fn write(&mut self, rules: &Rules, step: &Step<'_>) -> io::Result<()> {
        let mut from = step.from;
        for found in step.matches {
            let start = found.start.max(step.from);
            self.out.write_all(&step.text[from..start])?;
            self.replacement.clear();
            let spelled = &step.text[start..found.end];
            let plain = rules.replacement(found.rule).as_bytes();
            found.writing.write(spelled, plain, &mut self.replacement);
            self.out.write_all(&self.replacement)?;
            from = found.end;
        }
        self.out.write_all(&step.text[from..step.to])
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A new file beside another, which takes its place or goes away.
struct Beside {
    file: File,
    path: PathBuf,
}

impl Beside {
    fn new(other: &Path, mode: u32) -> io::Result<Beside> {
        let mut name = std::ffi::OsString::from(".");
        name.push(other.file_name().unwrap_or_default());
        name.push(format!(".portcullis-{}", std::process::id()));
        let path = other.with_file_name(name);
        // Nobody else reads it before it has the mode of the other.
        let file = create(&path, 0o600)?;
        let beside = Beside { file, path };
        beside.file.set_permissions(Permissions::from_mode(mode))?;
        Ok(beside)
    }

    fn replace(self, other: &Path) -> io::Result<()> {
        std::fs::rename(&self.path, other)
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // Where it has taken the place of the other there is nothing left to remove.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Makes a file where there is none.
fn create(path: &Path, mode: u32) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}
