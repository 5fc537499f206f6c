// Facts about the page /verifier, seen in Chromium: node drive.mjs CASES.json AXE.js (see run).
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Chromium } from "./chromium.mjs";

const asked = JSON.parse(readFileSync(process.argv[2], "utf8"));
const axe = readFileSync(process.argv[3], "utf8");
let passed = 0;
let failed = 0;

async function fact(name, check) {
  try {
    await check();
    passed += 1;
    console.log(`ok: ${name}`);
  } catch (why) {
    failed += 1;
    console.log(`FAILED: ${name}\n${why.stack ?? why}`);
  }
}

const browser = new Chromium(asked.chromium, join(asked.work, "profile"));
const outside = (urls) => urls.filter((url) => !url.startsWith("data:") && !url.startsWith("blob:"));
const speak = (page, lang) => page.run(`document.querySelector('button[data-lang="${lang}"]').click()`);
const visible = (page, selector) => page.run(`document.querySelector(${JSON.stringify(selector)}).innerText.trim()`);

// A pack is given; what the page then says, once it has.
async function judge(page, pack) {
  await page.run(`document.getElementById("told").replaceChildren(), document.getElementById("result").hidden = true`);
  await page.give("#pack-file", pack);
  await page.until(`!document.getElementById("result").hidden || /interrompue|refusée|ne peut être lu/.test(document.getElementById("told").textContent)`, pack);
  assert.equal(await page.run(`document.getElementById("result").hidden`), false, await visible(page, "#told"));
}

async function violations(page) {
  await page.run(`${axe}; undefined`);
  const found = await page.run(`axe.run(document, {resultTypes: ["violations"]}).then((said) => ({
    checked: said.passes.length,
    found: said.violations.map((rule) => rule.id + ": " + rule.nodes.map((node) => node.target.join(" ")).join(", ")),
  }))`);
  assert(found.checked > 10, `axe looked at ${found.checked} rules only`);
  return found.found;
}

// The page says of this pack what the command said, in both languages, word for word.
async function same(page, one) {
  for (const lang of ["fr", "en"]) {
    await speak(page, lang);
    const command = JSON.parse(readFileSync(one.said[lang], "utf8"));
    const shown = JSON.parse(await page.run(`document.querySelector('#json [lang="${lang}"]').textContent`));
    assert.deepEqual(shown, command);
    assert.equal(command.exit_code, one.code);
    const words = command.reason ? `${command.verdict} (${command.reason})` : command.verdict;
    assert((await visible(page, "#code")).startsWith(`${words} · `), await visible(page, "#code"));
    const sentences = await page.run(`[...document.querySelectorAll("#sentences li")].map((line) => line.innerText.trim())`);
    assert.deepEqual(sentences, command.sentences);
    const rows = await page.run(`[...document.querySelectorAll("#findings tr")].map((row) => [row.cells[0].innerText.trim(), row.dataset.status, row.cells[2].innerText])`);
    assert.equal(rows.length, command.findings.length);
    command.findings.forEach((line, at) => {
      assert.deepEqual(rows[at].slice(0, 2), [line.name, line.status]);
      assert(rows[at][2].includes(line.message) && rows[at][2].includes(line.where), `${rows[at][2]} / ${line.message}`);
    });
  }
  assert.equal(await page.run(`document.activeElement.id`), "result");
  await speak(page, "fr");
}

async function served() {
  const page = await browser.page();
  await page.open(asked.url, "fr");
  await fact("the page is French for who reads French, and its load is seen", async () => {
    assert.equal(await page.run("document.documentElement.lang"), "fr");
    assert.deepEqual(outside(page.requests), [asked.url]);
  });
  await fact("its policy stands in the header and in the head, and lets it speak to nobody", async () => {
    const header = page.responses[0].headers["content-security-policy"];
    const head = await page.run(`document.querySelector("meta[http-equiv]").content`);
    for (const rules of [header, head]) {
      for (const rule of ["default-src 'none'", "connect-src 'none'", "form-action 'none'"]) assert(rules.includes(rule), rules);
      assert(!rules.includes("unsafe-inline") && !rules.includes("'unsafe-eval'"), rules);
    }
  });
  await fact("the module imports nothing", async () => {
    const imports = await page.run(`WebAssembly.compile(Uint8Array.from(atob(document.getElementById("module").textContent), (c) => c.charCodeAt(0))).then((made) => WebAssembly.Module.imports(made))`);
    assert.deepEqual(imports, []);
  });
  const loaded = page.requests.length;
  await fact("axe finds nothing before a file is given, in both languages", async () => {
    for (const lang of ["fr", "en"]) {
      await speak(page, lang);
      assert.deepEqual(await violations(page), []);
    }
    await speak(page, "fr");
  });
  writeFileSync(join(asked.pictures, "empty.png"), await page.picture());
  for (const one of asked.cases) {
    await fact(`${one.name}: the command's verdict, code ${one.code}`, async () => {
      await judge(page, one.pack);
      await same(page, one);
      writeFileSync(join(asked.pictures, `${one.name}.png`), await page.picture());
    });
    await fact(`${one.name}: axe finds nothing in either language`, async () => {
      for (const lang of ["en", "fr"]) {
        await speak(page, lang);
        assert.deepEqual(await violations(page), []);
      }
    });
  }
  await fact("the English page is English all through", async () => {
    await speak(page, "en");
    assert.equal(await page.run("document.documentElement.lang"), "en");
    assert.equal(await page.run(`[...document.querySelectorAll('body [lang="fr"]')].filter((part) => !part.matches("button") && part.offsetParent).length`), 0);
    writeFileSync(join(asked.pictures, "english.png"), await page.picture());
    await speak(page, "fr");
  });
  await fact("another policy makes another verdict, and is named", async () => {
    await page.run(`document.getElementById("policy-own").click()`);
    assert.match(await visible(page, "#told"), /Choisissez le fichier de politique/);
    assert.equal(await page.run(`document.getElementById("result").hidden`), true);
    await page.give("#policy-file", asked.own.policy);
    await page.until(`!document.getElementById("result").hidden`, "a verdict under one's own policy");
    await judge(page, asked.own.pack);
    await same(page, asked.own);
    assert.match(await visible(page, "#facts"), /fichier other-policy\.json/);
  });
  await fact("a policy that is none is refused, and no verdict shown", async () => {
    await page.give("#policy-file", asked.broken);
    await page.until(`/est refusée/.test(document.getElementById("told").textContent)`, "the refusal");
    assert.equal(await page.run(`document.getElementById("result").hidden`), true);
    await page.run(`document.getElementById("policy-server").click()`);
    await page.until(`!document.getElementById("result").hidden`, "the server's own policy again");
  });
  await fact("it prints", async () => {
    const pdf = await page.print();
    assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
    writeFileSync(join(asked.pictures, "printed.pdf"), pdf);
  });
  await fact("no request left after the page was loaded, and nothing went wrong in it", async () => {
    assert.deepEqual(outside(page.requests.slice(loaded)), []);
    assert.deepEqual(page.faults, []);
  });
  await fact("it could not have: each way out is shut", async () => {
    const away = JSON.stringify(new URL("/livez", asked.url).href);
    const tried = await page.run(`(async () => {
      const shut = [];
      document.addEventListener("securitypolicyviolation", (event) => shut.push(event.effectiveDirective));
      await fetch(${away}).catch(() => shut.push("fetch refused"));
      const image = new Image();
      image.src = ${away};
      document.body.append(image);
      navigator.sendBeacon(${away}, "x");
      try { new WebSocket(${away}.replace("http", "ws")); } catch {}
      const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: ${away} });
      document.head.append(style);
      await new Promise((resolve) => setTimeout(resolve, 500));
      return shut;
    })()`);
    assert(tried.includes("fetch refused") && tried.filter((rule) => rule === "connect-src").length >= 2 && tried.includes("img-src"), JSON.stringify(tried));
    const received = page.responses.filter((response) => response.url.endsWith("/livez"));
    assert.deepEqual(received, []);
  });
}

async function inEnglish() {
  const page = await browser.page();
  await page.open(asked.url, "en-GB,en;q=0.9");
  await fact("the page is English for who reads English", async () => {
    assert.equal(await page.run("document.documentElement.lang"), "en");
    assert.equal(await page.run("document.title"), "Verify an evidence pack · Tabellion");
  });
}

async function saved() {
  const page = await browser.page();
  await page.open(pathToFileURL(asked.saved).href, "fr");
  for (const one of asked.cases) {
    await fact(`saved copy, ${one.name}: the same verdict from file://`, async () => {
      await judge(page, one.pack);
      await same(page, one);
    });
  }
  await fact("the saved copy asks nobody", async () => {
    assert.deepEqual(outside(page.requests).filter((url) => !url.startsWith("file:")), []);
    assert.equal(page.requests.length, 1, page.requests.join(" "));
    assert.deepEqual(page.faults, []);
  });
}

try {
  await served();
  await inEnglish();
  await saved();
} catch (why) {
  failed += 1;
  console.log(`FAILED: the drive itself\n${why.stack ?? why}`);
}
await browser.close();
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exit(failed === 0 ? 0 : 1);
