"""Files of formats that PRONOM names, written by Python's own library or byte by byte: samples.py DIRECTORY"""
import gzip
import bz2
import io
import os
import sqlite3
import struct
import sys
import tarfile
import zipfile
import zlib

XMP = "<rdf:Description xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\">{}</rdf:Description>"


def pdf(version, inside=b""):
    return b"%PDF-" + version.encode() + b"\n1 0 obj\n<<>>\nendobj\n" + inside + b"\ntrailer\n%%EOF\n"


def pdf_a(version, part, level):
    claim = f"<pdfaid:part>{part}</pdfaid:part><pdfaid:conformance>{level}</pdfaid:conformance>"
    return pdf(version, b" " * 70_000 + XMP.format(claim).encode())


def png(*chunks):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunk(*one) for one in chunks) + pixels + chunk(b"IEND", b"")


def packed(*members, stored=("mimetype",)):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members:
            archive.writestr(name, text, zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED)
    return held.getvalue()


def office(main, first=True):
    types = ("[Content_Types].xml", f'<?xml version="1.0"?><Types><Override PartName="/a" ContentType="{main}"/></Types>')
    others = [("_rels/.rels", "<a/>"), ("word/document.xml", "<b/>")]
    return packed(*([types] + others if first else others + [types]))


def open_document(kind, version):
    media = f"application/vnd.oasis.opendocument.{kind}"
    content = f'<?xml version="1.0"?><office:document-content office:version="{version}"></office:document-content>'
    manifest = f'<?xml version="1.0"?><m manifest:media-type="{media}"/>'
    # Stored: fido tells versions by PRONOM's signature over the bytes of the zip.
    members = ("mimetype", media), ("content.xml", content), ("META-INF/manifest.xml", manifest)
    return packed(*members, stored=("mimetype", "content.xml"))


def tarred():
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        member = tarfile.TarInfo("a.txt")
        member.size = 1
        archive.addfile(member, io.BytesIO(b"a"))
    return held.getvalue()


def database(directory):
    place = os.path.join(directory, "base.sqlite")
    connection = sqlite3.connect(place)
    connection.execute("create table a (b)")
    connection.commit()
    connection.close()


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
FILES = {f"{v}.pdf": pdf(v) for v in ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "2.0"]}
FILES |= {f"a-{part}{level}.pdf": pdf_a("1.7" if part > 1 else "1.4", part, level)
          for part, levels in [(1, "AB"), (2, "ABU"), (3, "ABU")] for level in levels}
FILES |= {
    "10.png": png(),
    "11.png": png((b"sRGB", b"\0")),
    "12.png": png((b"sRGB", b"\0"), (b"iTXt", b"a\0\0\0\0\0b")),
    "100.jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\0\0\0\x01\0\x01\0\0\xff\xd9",
    "101.jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xd9",
    "102.jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x02\0\0\x01\0\x01\0\0\xff\xd9",
    "exif22.jpg": b"\xff\xd8\xff\xe1\0\x40Exif\0\0II*\0" + bytes(20) + b"\0\x90\x07\0\x04\0\0\x000220" + bytes(20) + b"\xff\xd9",
    "nu.jpg": b"\xff\xd8\xff\xdb\0\x43" + bytes(67) + b"\xff\xd9",
    "87.gif": b"GIF87a" + bytes(20) + b";",
    "89.gif": b"GIF89a" + bytes(20) + b";",
    "ii.tif": b"II*\0\x08\0\0\0" + bytes(20),
    "mm.tif": b"MM\0*\0\0\0\x08" + bytes(20),
    "3.bmp": b"BM" + struct.pack("<IIIIiiHHIIiiII", 58, 0, 54, 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0) + bytes(4),
    "perte.webp": b"RIFF\x20\0\0\0WEBPVP8 " + bytes(20),
    "image.jp2": b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 " + bytes(20),
    "acte.xml": b'<?xml version="1.0" encoding="ISO-8859-1"?><a:Acte xmlns:a="x"><a:b/></a:Acte>',
    "plan.svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" version="1.1"></svg>',
    "page.html": b"<!DOCTYPE html>\n<html><body></body></html>",
    "lot.zip": packed(("a.txt", "a"), ("b.txt", "b")),
    "lot.tar": tarred(),
    "lot.gz": gzip.compress(b"a"),
    "lot.bz2": bz2.compress(b"a"),
    "lot.7z": b"7z\xbc\xaf\x27\x1c" + bytes(30),
    "lot.rar": b"Rar!\x1a\x07\x01\0" + bytes(30),
    "note.docx": office(WORD),
    "derniere.docx": office(WORD, first=False),
    "macros.docm": office("application/vnd.ms-word.document.macroEnabled.main+xml"),
    "comptes.xlsx": office(SHEET),
    "seance.pptx": office(SLIDES),
    "livre.epub": packed(("mimetype", "application/epub+zip"), ("META-INF/container.xml", "<a/>")),
    "signature.p7s": b"\x30\x82\x01\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" + bytes(30),
}
FILES |= {f"{version}.{end}": open_document(kind, version)
          for kind, end in [("text", "odt"), ("spreadsheet", "ods"), ("presentation", "odp")] for version in ["1.0", "1.2"]}

if __name__ == "__main__":
    directory = sys.argv[1]
    os.makedirs(directory, exist_ok=True)
    for name, content in FILES.items():
        with open(os.path.join(directory, name), "wb") as file:
            file.write(content)
    database(directory)
