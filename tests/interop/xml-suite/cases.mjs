// The cases of the W3C XML suite, one a line: verdict of the suite, what it goes by, whether there is a DOCTYPE, and the file.
// node cases.mjs FOLDER
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const suite = process.argv[2];
const catalogue = readFileSync(join(suite, "cleaned/xmlconf-flattened.xml"), "utf8").replace(/<!--[\s\S]*?-->/g, "");
const value = (tag, name) => tag.match(new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`))?.slice(1).find((v) => v !== undefined);
const bases = [];
for (const [tag, name] of catalogue.matchAll(/<(\/?TESTCASES|TEST)\b[^>]*>/g)) {
  if (name === "TESTCASES") bases.push(value(tag, "xml:base") ?? "");
  else if (name === "/TESTCASES") bases.pop();
  else {
    const file = join(suite, "xmlconf", ...bases, value(tag, "URI"));
    if (!existsSync(file)) throw new Error(`${file} is not there`);
    // Rules of editions before the fifth, and of version 1.1, are not those of XML 1.0 as it stands.
    const edition = value(tag, "EDITION");
    // A name with colons anywhere is well formed to who knows no namespaces: we do.
    const bare = value(tag, "NAMESPACE") === "no" && value(tag, "TYPE") !== "not-wf";
    const other = bare || (edition && !edition.split(" ").includes("5")) || /1\.1$/.test(value(tag, "RECOMMENDATION") ?? "");
    // Not in a comment, an instruction or a section of characters.
    const markup = readFileSync(file, "latin1").replace(/<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[[\s\S]*?\]\]>/g, "");
    const doctype = markup.includes("<!DOCTYPE") ? "doctype" : "none";
    console.log([value(tag, "TYPE"), other ? "other" : "1.0", doctype, file].join("\t"));
  }
}
