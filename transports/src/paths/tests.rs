//! Paths and places: what leads out is refused, and what is opened lies inside.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

use super::location::{Open, open_beneath, open_plain};
use super::*;

#[test]
fn paths_do_not_lead_upwards_in_any_encoding() {
    let check = |text: &[u8]| check(Path::new(OsStr::from_bytes(text)));
    for good in ["/etc/portcullis.yaml", "a/b..c/..d", "100%", "a%2", "%zz/x", "...", ""] {
        assert_eq!(check(good.as_bytes()), Ok(()), "{good}");
    }
    for bad in [
        "..",
        "../x",
        "a/../b",
        "/..",
        "..%2F..%2Fetc",
        "%2e%2e/x",
        "%2E./x",
        "%252e%252e%252fx",
        r"a\..\b",
        "a/%25252e%25252e",
    ] {
        assert_eq!(check(bad.as_bytes()), Err(PathFault::Traversal), "{bad}");
    }
    for bad in [&b"a\0b"[..], b"config.yaml%00", b"x%2500"] {
        assert_eq!(check(bad), Err(PathFault::Nul));
    }
}

/// The way of Linux, which follows links that stay inside, and the way of every other system.
const WAYS: [(&str, Open); 2] = [("beneath", open_beneath), ("plain", open_plain)];

/// `base` with `inside/`, beside it `outside/`.
struct World(tempfile::TempDir);

impl World {
    fn new() -> Self {
        let world = World(tempfile::tempdir().unwrap());
        fs::create_dir_all(world.base().join("inside")).unwrap();
        fs::create_dir(world.outside()).unwrap();
        world
    }

    fn base(&self) -> PathBuf {
        self.0.path().join("base")
    }

    fn outside(&self) -> PathBuf {
        self.0.path().join("outside")
    }

    fn location(&self, rest: &str) -> Location {
        Location::new(&self.base(), Path::new(rest), "audit.file").unwrap()
    }

    fn is_clean(&self) -> bool {
        fs::read_dir(self.outside()).unwrap().next().is_none()
    }
}

/// Makes a file as the audit log is made.
fn make(directory: &OwnedFd, name: &OsStr) -> rustix::io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(directory, name, flags, Mode::RUSR | Mode::WUSR).map(drop)
}

fn identity(directory: OwnedFd) -> (u64, u64) {
    let metadata = File::from(directory).metadata().unwrap();
    (metadata.dev(), metadata.ino())
}

#[test]
fn a_place_is_a_path_of_plain_names() {
    let check = |rest: &[u8]| {
        let location = Location::new(Path::new("/b"), Path::new(OsStr::from_bytes(rest)), "key");
        location.map(|location| location.path())
    };
    for (rest, want) in [("a", "/b/a"), ("./a/./b", "/b/a/b"), ("a//b", "/b/a/b")] {
        assert_eq!(check(rest.as_bytes()), Ok(PathBuf::from(want)), "{rest}");
    }
    for rest in ["", ".", "./", "a/", "/"] {
        assert!(check(rest.as_bytes()).is_err(), "{rest}");
    }
    for rest in ["../a", "a/../../b", "..%2Fa", "%2e%2e/a", "%252e%252e%252fa", "a/%25252e."] {
        assert_eq!(check(rest.as_bytes()), Err(PathFault::Traversal), "{rest}");
    }
    for rest in [&b"a\0b"[..], b"a%00", b"a%2500b"] {
        assert_eq!(check(rest), Err(PathFault::Nul));
    }
    assert_eq!(check(b"/etc/passwd"), Err(PathFault::outside(Path::new("/b"))));
}

#[test]
fn missing_directories_are_made_for_their_owner_alone_and_only_when_asked() {
    for (way, open) in WAYS {
        let world = World::new();
        let location = world.location("inside/a/b/file");
        let missing = world.base().join("inside/a").display().to_string();
        assert_eq!(location.descend(false, open).unwrap_err(), PathFault::Missing(missing));
        assert!(!world.base().join("inside/a").exists(), "{way}");
        let (directory, name) = location.descend(true, open).unwrap();
        make(&directory, &name).unwrap();
        for made in ["inside/a", "inside/a/b"] {
            let mode = fs::metadata(world.base().join(made)).unwrap().mode();
            assert_eq!(mode & 0o777, 0o700, "{way} {made}");
        }
        assert!(location.path().is_file());
        location.descend(true, open).expect("what is there is taken as it is");
    }
    let world = World::new();
    fs::remove_dir_all(world.base()).unwrap();
    let fault = world.location("file").open_parent(true).unwrap_err();
    assert!(fault.to_string().contains("mkdir -p -m 700"), "the base is the user's own: {fault}");
}

#[test]
fn links_out_of_the_base_are_refused() {
    for (way, open) in WAYS {
        for target in ["../outside", "/proc/self/cwd", "inside/../../outside"] {
            let world = World::new();
            symlink(target, world.base().join("link")).unwrap();
            symlink(world.outside(), world.base().join("absolute")).unwrap();
            for rest in ["link/file", "link/new/file", "absolute/file"] {
                let fault = world.location(rest).descend(true, open).unwrap_err();
                let words = fault.to_string();
                assert!(
                    matches!(fault, PathFault::Outside(_) | PathFault::Link(_)),
                    "{way} {words}"
                );
                assert!(words.contains("; "), "a remedy: {words}");
                assert!(world.is_clean(), "{way} {target} {rest}");
            }
        }
    }
}

#[test]
fn links_that_lead_nowhere_make_nothing() {
    for (way, open) in WAYS {
        let world = World::new();
        symlink("../outside/new", world.base().join("out")).unwrap();
        symlink("inside/new", world.base().join("in")).unwrap();
        symlink("loop", world.base().join("loop")).unwrap();
        for rest in ["out/file", "in/file", "loop/file"] {
            let fault = world.location(rest).descend(true, open).unwrap_err();
            assert!(matches!(fault, PathFault::Outside(_) | PathFault::Link(_)), "{way} {fault}");
        }
        assert!(world.is_clean(), "{way}");
        assert!(fs::read_dir(world.base().join("inside")).unwrap().next().is_none(), "{way}");
    }
}

#[test]
fn links_that_stay_inside_are_followed_where_the_system_can_tell() {
    let world = World::new();
    symlink("inside", world.base().join("link")).unwrap();
    symlink("../inside", world.base().join("inside/up")).unwrap();
    for rest in ["link/file", "inside/up/file", "link/new/file"] {
        let location = world.location(rest);
        assert!(matches!(location.descend(false, open_plain), Err(PathFault::Link(_))), "{rest}");
        // A system without the call has only the other way.
        if cfg!(target_os = "linux") {
            let (directory, name) = location.descend(true, open_beneath).unwrap();
            make(&directory, &name).unwrap();
            assert!(location.path().is_file(), "{rest}");
        }
    }
}

#[test]
fn what_is_no_directory_is_said_to_be_none() {
    for (way, open) in WAYS {
        let world = World::new();
        File::create(world.base().join("plain")).unwrap();
        let fault = world.location("plain/file").descend(true, open).unwrap_err();
        assert!(matches!(fault, PathFault::NoDirectory(_)), "{way} {fault}");
    }
}

#[test]
fn directories_that_others_can_write_are_refused_unless_sticky() {
    for (way, open) in WAYS {
        let world = World::new();
        let inside = world.base().join("inside");
        let check = |mode, good| {
            fs::set_permissions(&inside, PermissionsExt::from_mode(mode)).unwrap();
            let result = world.location("inside/file").descend(true, open);
            assert_eq!(result.is_ok(), good, "{way} {mode:o}");
            if let Err(fault) = result {
                let want = format!("chmod go-w {}", inside.display());
                assert!(fault.to_string().ends_with(&want), "{fault}");
            }
        };
        for (mode, good) in [
            (0o700, true),
            (0o755, true),
            (0o720, false),
            (0o702, false),
            (0o777, false),
            (0o1777, true),
        ] {
            check(mode, good);
        }
        // The base itself is no better.
        check(0o700, true);
        fs::set_permissions(world.base(), PermissionsExt::from_mode(0o770)).unwrap();
        let fault = world.location("inside/file").descend(true, open).unwrap_err();
        assert!(matches!(fault, PathFault::DirectoryWritable(_)), "{fault}");
    }
}

#[test]
fn directories_of_somebody_else_are_refused() {
    let world = World::new();
    let inside = world.base().join("inside");
    // Only root may give something away; without that right there is nothing to be refused.
    let given = std::os::unix::fs::chown(&inside, Some(54_321), None).is_ok();
    let result = world.location("inside/file").open_parent(true);
    assert_eq!(result.is_err(), given);
    if let Err(fault) = result {
        assert!(fault.to_string().contains("sudo chown"), "{fault}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_place_where_nothing_can_be_made_is_told() {
    // Nobody makes directories in /sys, not even root.
    let location = Location::new(Path::new("/sys"), Path::new("portcullis/file"), "key").unwrap();
    let fault = location.open_parent(true).unwrap_err();
    assert!(matches!(fault, PathFault::Make(..)), "{fault}");
    assert!(fault.to_string().starts_with("the directory /sys/portcullis cannot be made ("));
}

#[test]
fn a_link_swapped_in_behind_an_open_directory_changes_nothing() {
    for (way, open) in WAYS {
        let world = World::new();
        let (directory, name) = world.location("inside/file").descend(true, open).unwrap();
        fs::rename(world.base().join("inside"), world.base().join("moved")).unwrap();
        symlink(world.outside(), world.base().join("inside")).unwrap();
        make(&directory, &name).unwrap();
        assert!(world.base().join("moved/file").is_file(), "{way}");
        assert!(world.is_clean(), "{way}");
    }
}

/// One thread swaps a directory for a link that leads out, and back, again and again, while another
/// one opens a place behind it. Both count turns, not time.
#[cfg(target_os = "linux")]
#[test]
fn a_link_swapped_in_while_we_look_is_never_followed_out() {
    use std::sync::atomic::{AtomicBool, Ordering};

    use rustix::fs::{CWD, RenameFlags, renameat_with};

    const TURNS: usize = 20_000;
    for (way, open) in WAYS {
        let world = World::new();
        let inside = world.base().join("inside");
        let link = world.base().join("link");
        symlink("../outside", &link).unwrap();
        let swap = || renameat_with(CWD, &inside, CWD, &link, RenameFlags::EXCHANGE).unwrap();
        let own = identity(File::open(&inside).unwrap().into());
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                (0..TURNS).for_each(|_| swap());
                done.store(true, Ordering::Release);
            });
            while !done.load(Ordering::Acquire) {
                match world.location("inside/file").descend(true, open) {
                    Ok((directory, name)) => {
                        make(&directory, &name).unwrap();
                        assert_eq!(identity(directory), own, "{way}");
                    }
                    Err(PathFault::Outside(_) | PathFault::Link(_) | PathFault::Open(..)) => {}
                    // What stood there was a link when it was opened and a directory when it was
                    // looked at.
                    Err(PathFault::NoDirectory(_)) => {}
                    Err(fault) => panic!("{way}: {fault}"),
                }
            }
        });
        assert!(world.is_clean(), "{way}: something was made outside");
        // After an even number of turns everything stands where it stood.
        world.location("inside/file").descend(true, open).expect("nobody swaps any more");
    }
}
