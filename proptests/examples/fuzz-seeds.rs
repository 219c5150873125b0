//! Writes the seeds of both fuzz targets into `fuzz/corpus/`: the inputs of the engine's cases,
//! and frames from the generators of the properties.

use std::path::Path;
use std::{fs, io};

use portcullis_proptests::script;
use portcullis_proptests::streams::{Frame, Kind, Plant, Quirk, Token};

fn main() -> io::Result<()> {
    let proptests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = proptests.join("fuzz/corpus");
    let mut sessions: Vec<Vec<u8>> = Vec::new();
    for entry in fs::read_dir(proptests.join("../engine/tests/cases"))? {
        sessions.extend(script::seeds(&fs::read_to_string(entry?.path())?));
    }
    let frames: Vec<Vec<u8>> = frames().iter().map(Frame::render).collect();
    for frame in &frames {
        sessions.push([b"\0\0\0\0c", &frame[..], b"\ns", frame, b"\n"].concat());
    }
    let lines = sessions.iter().flat_map(|session| session[4..].split(|&byte| byte == b'\n'));
    let lines = lines.filter(|line| line.len() > 1).map(|line| [b"\0", &line[1..]].concat());
    write(&corpus.join("scanner"), lines.collect())?;
    write(&corpus.join("engine"), sessions)
}

fn write(folder: &Path, mut seeds: Vec<Vec<u8>>) -> io::Result<()> {
    seeds.sort();
    seeds.dedup();
    fs::create_dir_all(folder)?;
    for (number, seed) in seeds.iter().enumerate() {
        fs::write(folder.join(format!("seed-{number:04}")), seed)?;
    }
    println!("{}: {} seeds", folder.display(), seeds.len());
    Ok(())
}

/// One frame of each kind, and one for each thing that may be odd about it.
fn frames() -> Vec<Frame> {
    let kinds =
        [Kind::Request, Kind::Notification, Kind::Cancel, Kind::Result, Kind::Tools, Kind::Error];
    let quirks =
        [Quirk::Spaces, Quirk::EscapedNames, Quirk::Crlf, Quirk::LoneInKey, Quirk::Deep(28)];
    let plants = [Plant::Value, Plant::Key, Plant::Id, Plant::Cursor];
    let mut frames: Vec<Frame> =
        kinds.into_iter().map(|kind| Frame { kind, ..Frame::PLAIN }).collect();
    frames.extend(quirks.into_iter().map(|quirk| Frame { quirk, method: 0, ..Frame::PLAIN }));
    frames.extend(plants.into_iter().map(|plant| Frame { plant, ..Frame::PLAIN }));
    frames.push(Frame { token: Token::Good, ..Frame::PLAIN });
    frames.push(Frame { revision: Some(0), value: 4, ..Frame::PLAIN });
    frames
}
