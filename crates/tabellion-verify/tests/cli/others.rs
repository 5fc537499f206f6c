//! Containers of others as programs of the field make them: each is read, told for what it is, and refused where one byte of what it
//! proves is another; and those that could be read in two ways never pass.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::{AT, Desk, foreign_members};

/// The members of a directory as one container, in a shape: `python3 -c SCRIPT SHAPE DIRECTORY FILE`.
const SCRIPT: &str = r#"
import os, struct, sys, zipfile, zlib
shape, folder, out = sys.argv[1:]
E = b"application/vnd.etsi.asic-e+zip"
names = sorted(os.path.relpath(os.path.join(d, f), folder) for d, _, fs in os.walk(folder) for f in fs)
names.remove("mimetype")

class Stream:
    def __init__(self, file): self.file = file
    def write(self, data): return self.file.write(data)
    def flush(self): self.file.flush()

def unicode_path(name, said):
    body = b"\1" + struct.pack("<L", zlib.crc32(name.encode())) + said.encode()
    return struct.pack("<HH", 0x7075, len(body)) + body

def info(name, kind):
    i = zipfile.ZipInfo(name)
    i.compress_type = zipfile.ZIP_STORED if name == "mimetype" and shape != "mimetype-deflated" else kind
    if shape == "ntfs":
        i.extra = struct.pack("<HHLHH", 10, 32, 0, 1, 24) + bytes(24)
    if shape == "alignment":
        i.extra = struct.pack("<HHH", 0xd935, 2, 4) + bytes(3)
    if shape == "same-path":
        i.extra = unicode_path(name, name)
    if shape == "other-path" and name == "acte.pdf":
        i.extra = unicode_path(name, "autre.pdf")
    if shape == "symbolic" and name == "acte.pdf":
        i.external_attr = 0o120777 << 16
    return i

plain = open(out, "wb")
sink = Stream(plain) if shape in ("streamed", "lying-descriptor") else plain
with zipfile.ZipFile(sink, "w") as z:
    def put(name, data, kind=zipfile.ZIP_DEFLATED):
        with z.open(info(name, kind), "w", force_zip64=shape == "zip64-local") as f: f.write(data)
    def all_of_it():
        for name in names: put(name, open(os.path.join(folder, name), "rb").read())
    if shape == "directory-with-bytes": z.writestr("vide/", b"cache")
    if shape == "file-and-directory": z.writestr("acte.pdf/", b"")
    said = {"no-mimetype": None, "comment-type": None, "mimetype-other": b"application/epub+zip", "line-end": E + b"\n"}.get(shape, E)
    if said is not None and shape != "mimetype-last": put("mimetype", said)
    if shape == "directories":
        for name in ("META-INF/", "vide/"): z.writestr(name, b"")
    all_of_it()
    if shape == "mimetype-last": put("mimetype", said)
    if shape == "twice": z.writestr("acte.pdf", b"autre")
    if shape == "comment": z.comment = b"fait a la main"
    if shape == "comment-type": z.comment = b"mimetype=" + E
    if shape == "comment-other-type": z.comment = b"mimetype=" + E.replace(b"asic-e", b"asic-s")
    if shape == "comment-end": z.comment = b"PK\5\6" + bytes(18)
plain.close()

data = bytearray(open(out, "rb").read())
def moved(data, at, more):
    # Bytes put in at this place: what stands behind is found further on.
    end = data.rindex(b"PK\5\6")
    place = start = struct.unpack_from("<L", data, end + 16)[0]
    while data[place:place + 4] == b"PK\1\2":
        n, e, c = struct.unpack_from("<3H", data, place + 28)
        offset = struct.unpack_from("<L", data, place + 42)[0]
        if offset >= at: struct.pack_into("<L", data, place + 42, offset + len(more))
        place += 46 + n + e + c
    struct.pack_into("<L", data, end + 16, start + len(more))
    data[at:at] = more
if shape == "before": moved(data, 0, b"MZ" + bytes(62))
if shape == "hidden":
    hidden = b"cache"
    header = b"PK\3\4" + struct.pack("<5HLLLHH", 20, 0, 0, 0, 33, zlib.crc32(hidden), 5, 5, 9, 0) + b"cache.pdf"
    end = data.rindex(b"PK\5\6")
    moved(data, struct.unpack_from("<L", data, end + 16)[0], header + hidden)
if shape == "local-name":
    at = data.index(b"acte.pdf"); data[at:at + 8] = b"ante.pdf"
if shape == "local-size":
    at = data.index(b"acte.pdf") - 30; data[at + 22] ^= 1
if shape == "overlapping":
    # The second file of the directory lies where the first does.
    end = data.rindex(b"PK\5\6"); place = struct.unpack_from("<L", data, end + 16)[0]; seen = []
    while data[place:place + 4] == b"PK\1\2":
        seen.append(place); place += 46 + sum(struct.unpack_from("<3H", data, place + 28))
    data[seen[2] + 42:seen[2] + 46] = data[seen[1] + 42:seen[1] + 46]
if shape == "lying-descriptor": data[data.index(b"PK\7\x08") + 4] ^= 1
if shape == "trailing": data += b"\0"
open(out, "wb").write(data)
"#;

/// Shapes that readers of the field open, and what is said of them.
const READ: [(&str, &str); 13] = [
    ("plain", ""),
    ("directories", "container-directories"),
    ("comment", "container-comment"),
    ("comment-type", ""),
    ("ntfs", "mimetype-misplaced"),
    ("alignment", "mimetype-misplaced"),
    ("same-path", "mimetype-misplaced"),
    ("streamed", "mimetype-misplaced"),
    ("no-mimetype", "mimetype-absent"),
    ("mimetype-deflated", "mimetype-misplaced"),
    ("mimetype-last", "mimetype-misplaced"),
    ("line-end", "mimetype-misplaced"),
    ("zip64-local", "mimetype-misplaced"),
];

/// Shapes of which nothing can be told, exit code and reason.
const UNTOLD: [(&str, i32, &str); 15] = [
    ("mimetype-other", 3, "container-not-asic"),
    ("comment-other-type", 3, "container-not-asic"),
    ("other-path", 3, "container-unsupported"),
    ("symbolic", 3, "container-unsupported"),
    ("directory-with-bytes", 3, "container-unsupported"),
    ("twice", 3, "container-two-readings"),
    ("file-and-directory", 3, "container-two-readings"),
    ("comment-end", 5, "unreadable"),
    ("before", 5, "unreadable"),
    ("hidden", 5, "unreadable"),
    ("local-name", 5, "unreadable"),
    ("local-size", 5, "unreadable"),
    ("overlapping", 5, "unreadable"),
    ("lying-descriptor", 5, "unreadable"),
    ("trailing", 5, "unreadable"),
];

fn lacks(program: &str) -> bool {
    let lacks = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err();
    if lacks {
        println!("SKIPPED: {program} is not installed");
    }
    lacks
}

fn done(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Exit code, reason, codes of the findings.
type Said = (i32, String, Vec<String>);

struct Shop {
    desk: Desk,
}

impl Shop {
    /// The members of an honest container in `good/`, and with one fault each in `file/` and `record/`.
    fn new() -> Self {
        let desk = Desk::new();
        desk.put("ca.pem", desk.world.authority.ca_pem().as_bytes());
        let members = foreign_members(&desk);
        for (folder, name, other) in [
            ("good", "", Vec::new()),
            ("file", "acte.pdf", b"Acte".to_vec()),
            // A record that holds, of other documents.
            ("record", "META-INF/evidencerecord-x.ers", another_record(&desk)),
        ] {
            desk.put(&format!("{folder}/mimetype"), seal::MEDIA_TYPE.as_bytes());
            for (member, bytes) in &members {
                desk.put(&format!("{folder}/{member}"), if member == name { &other } else { bytes });
            }
        }
        Self { desk }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.desk.dir.path().join(name)
    }

    /// Exit code, reason and codes of what this container comes to.
    fn said(&self) -> Said {
        let said = self.desk.run(&["x.asice", "--trust", "ca.pem", "--at", AT, "--format", "json"]);
        let json: serde_json::Value =
            serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}{}", said.out, said.err));
        let lines = json["findings"].as_array().unwrap();
        let codes = lines.iter().map(|line| line["code"].as_str().unwrap().to_owned()).collect();
        (said.code, json["reason"].as_str().unwrap_or_default().to_owned(), codes)
    }

    fn shaped(&self, shape: &str, folder: &str) -> Said {
        let script = ["-c", SCRIPT, shape];
        done(Command::new("python3").args(script).args([self.path(folder), self.path("x.asice")]));
        self.said()
    }

    /// The honest one passes, and each fault is found.
    fn holds(&self, what: &str, make: &dyn Fn(&str) -> Said) -> Vec<String> {
        let (code, reason, codes) = make("good");
        assert_eq!((code, reason.as_str()), (0, ""), "{what}: {codes:?}");
        let (code, reason, _) = make("file");
        assert_eq!((code, reason.as_str()), (1, "manifest-digest-differs"), "{what}");
        let (code, reason, _) = make("record");
        assert_eq!((code, reason.as_str()), (1, "data-not-covered"), "{what}");
        codes
    }
}

fn another_record(desk: &Desk) -> Vec<u8> {
    let hashes = [b"un", b"de"].map(|bytes| proof::sha256(bytes).0);
    let root = seal::group_hash(&hashes[0], &hashes[1]);
    seal::write_evidence_record(hashes, &[], &desk.world.token(root, crate::world::SEALED))
}

#[test]
fn containers_as_python_writes_them_are_read_and_their_faults_found() {
    if lacks("python3") {
        return;
    }
    let shop = Shop::new();
    for (shape, says) in READ {
        let codes = shop.holds(shape, &|folder| shop.shaped(shape, folder));
        let unusual = ["container-directories", "container-comment", "mimetype-misplaced", "mimetype-absent"];
        let found: Vec<&str> = unusual.into_iter().filter(|code| codes.iter().any(|said| said == code)).collect();
        assert_eq!(found, Some(says).filter(|says| !says.is_empty()).into_iter().collect::<Vec<_>>(), "{shape}");
    }
}

#[test]
fn a_container_of_two_readings_never_passes_and_is_not_called_false() {
    if lacks("python3") {
        return;
    }
    let shop = Shop::new();
    for (shape, code, reason) in UNTOLD {
        let (found, said, codes) = shop.shaped(shape, "good");
        assert_eq!((found, said.as_str()), (code, reason), "{shape}: {codes:?}");
    }
}

#[test]
fn containers_as_zip_and_jar_write_them_are_read_and_their_faults_found() {
    let shop = Shop::new();
    let fresh = || drop(std::fs::remove_file(shop.path("x.asice")));
    let zipped = |arguments: &str, folder: &str| {
        fresh();
        let script = format!("zip -q {arguments}");
        done(Command::new("sh").args(["-c", &script]).current_dir(shop.path(folder)));
        shop.said()
    };
    if !lacks("zip") {
        for arguments in [
            "-r ../x.asice .",
            "-X -r ../x.asice mimetype META-INF acte.pdf 'annexe 1.txt'",
            "-0 -D -r ../x.asice .",
            "-r - . | cat > ../x.asice",
            "-0 -r - . | cat > ../x.asice",
            "-fd -r ../x.asice .",
        ] {
            shop.holds(arguments, &|folder| zipped(arguments, folder));
        }
    }
    if !lacks("jar") {
        for (options, named) in [("cMf", false), ("cf", true)] {
            let jarred = |folder: &str| {
                fresh();
                let at = shop.path(folder);
                done(Command::new("jar").arg(options).arg(shop.path("x.asice")).arg("-C").arg(at).arg("."));
                shop.said()
            };
            let codes = shop.holds(options, &jarred);
            assert_eq!(codes.iter().any(|code| code == "not-evidence"), named, "the manifest of jar is named");
        }
    }
}

#[test]
fn what_is_no_pack_of_ours_is_said_to_be_none_and_how_to_judge_it() {
    let shop = Shop::new();
    let desk = &shop.desk;
    desk.put("x.asice", &crate::world::zip(&foreign_members(desk)));
    let said = desk.run(&["x.asice", "--policy", "policy.json", "--at", AT]);
    assert!(said.code == 3 && said.out.starts_with("INDETERMINATE (not-a-pack)"), "{}{}", said.out, said.err);
    assert!(said.out.contains("--trust au lieu de --policy"), "{}", said.out);
    // One that brings no record at all is told so, with roots or without.
    desk.put("x.asice", &crate::world::zip(&[("a.txt".to_owned(), b"a".to_vec())]));
    for more in [&["--trust", "ca.pem"][..], &[]] {
        let said = desk.run(&[&["x.asice", "--at", AT][..], more].concat());
        assert!(said.code == 3 && said.out.contains("n'apporte aucun enregistrement de preuve"), "{}", said.out);
    }
    // Our own pack stays strictly read, by whatever it is judged.
    let pack = std::fs::read(Path::new(&shop.path("pack.asice"))).unwrap();
    let commented = [&pack[..pack.len() - 2], b"\x02\0ha"].concat();
    desk.put("x.asice", &commented);
    let said = desk.run(&["x.asice", "--policy", "policy.json", "--at", AT]);
    assert!(said.code == 5 && said.out.starts_with("INDETERMINATE (unreadable)"), "{}", said.out);
    let said = desk.run(&["x.asice", "--at", AT]);
    assert!(said.code == 5 && said.out.starts_with("INDETERMINATE (unreadable)"), "{}", said.out);
}

#[test]
fn troubles_are_told_in_the_reader_s_language() {
    let shop = Shop::new();
    let desk = &shop.desk;
    desk.put("broken.json", b"{\"version\": }");
    desk.put("broken.pem", b"-----BEGIN CERTIFICATE-----\n???\n-----END CERTIFICATE-----\n");
    desk.put("x.asice", b"PK");
    for (arguments, code, french, english) in [
        (&["pack.asice", "--at", "demain"][..], 2, "« demain » n'est pas un moment", "\"demain\" is no moment"),
        (&["pack.asice", "--at", "1960-01-01T00:00:00Z"], 2, "depuis 1970", "since 1970"),
        (&["absent.asice"], 5, "il n'y a pas de fichier de ce nom", "No such file"),
        (
            &["pack.asice", "--policy", "broken.json"],
            2,
            "JSON illisible (détail technique : expected value), ligne 1, colonne 13",
            "expected value at line 1",
        ),
        (&["pack.asice", "--policy", "absent.json"], 2, "ne peut être lu", "cannot be read"),
        (&["x.asice", "--trust", "broken.pem"], 5, "aucun texte PEM de cette sorte", "no PEM text holding"),
        (&["x.asice", "--trust", "ca.pem"], 5, "mal formé : fin du zip", "zip end record is malformed"),
        (&["pack.asice", "--trusted-list", "x.xml"], 2, "se donne avec --lotl-anchor", "goes with --lotl-anchor"),
        (&["evidence-record", "x.asice", "--digest", "md5:00"], 2, "n'est pas une empreinte", "is no digest"),
        (&["receipt", "ca.pem"], 2, "il manque R.json", "R.json is missing"),
    ] {
        for (lang, words) in [("fr", french), ("en", english)] {
            let said = desk.run(&[arguments, &["--lang", lang]].concat());
            let told = format!("{}{}", said.out, said.err);
            assert!(said.code == code && told.contains(words), "{arguments:?}: {} {told}", said.code);
        }
    }
}
