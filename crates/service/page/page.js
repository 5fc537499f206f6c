"use strict";
// The page: hands a pack and a policy to the verifier in it, and shows what it says. It writes text, never markup, and has no
// means of sending anything (the policy at its head gives it none).
(() => {
  const byId = (id) => document.getElementById(id);
  const titles = { fr: "Vérifier un dossier de preuve · Tabellion", en: "Verify an evidence pack · Tabellion" };
  // What a verdict amounts to, by the exit code of the command.
  const wholes = {
    0: ["good", "✓", "Conforme et horodaté", "Genuine and time-stamped"],
    4: ["reserved", "✓", "Conforme, sans date indépendante", "Genuine, without an independent time"],
    1: ["bad", "✗", "Refusé : altéré ou faux", "Refused: altered or false"],
    6: ["bad", "✗", "Refusé : d’un autre journal ou service que celui attendu", "Refused: another log or tenant than the one expected"],
    3: ["open", "?", "Impossible de conclure", "Cannot tell"],
    5: ["open", "?", "Illisible", "Unreadable"],
  };
  const passing = { 0: "PASSED-TIMESTAMPED", 4: "PASSED-LOG-ONLY" };
  const POLICY_BYTES = 2 ** 20;

  const element = (name, className, ...children) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  };
  // The same in both languages; the style sheet shows one.
  const both = (fr, en) => {
    const fragment = document.createDocumentFragment();
    for (const [lang, text] of [["fr", fr], ["en", en]]) {
      const span = element("span", "", text);
      span.lang = lang;
      fragment.append(span);
    }
    return fragment;
  };
  const carried = (id) => Uint8Array.from(atob(byId(id).textContent.trim()), (c) => c.charCodeAt(0));

  const speak = (lang) => {
    document.documentElement.lang = lang;
    document.title = titles[lang];
    for (const button of document.querySelectorAll("button[data-lang]")) {
      button.setAttribute("aria-pressed", String(button.dataset.lang === lang));
    }
  };
  // What is told aloud; what the eye reads elsewhere is only heard.
  const tell = (fr, en, heard = false) => {
    byId("told").classList.toggle("heard", heard);
    byId("told").replaceChildren(both(fr, en));
  };

  const compiled = WebAssembly.compile(carried("module"));

  // Writes the file where the verifier has made room for it, piece by piece: it is never held twice.
  const pour = async (file, memory, start) => {
    const reader = file.stream().getReader();
    let at = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (at + value.length > file.size) break;
      new Uint8Array(memory.buffer, start + at, value.length).set(value);
      at += value.length;
    }
    if (at !== file.size) throw new DOMException("the file changed", "NotReadableError");
  };

  // What the verifier says, in an instance of its own that is given nothing.
  const judged = async (pack, policyFile, at) => {
    const policy = policyFile ? new Uint8Array(await policyFile.slice(0, POLICY_BYTES + 1).arrayBuffer()) : carried("policy");
    const { exports: door } = await WebAssembly.instantiate(await compiled, {});
    let length = door.refuse(BigInt(pack.size), BigInt(at)) >>> 0;
    if (length === 0) {
      const start = door.room(pack.size, policy.length) >>> 0;
      await pour(pack, door.memory, start);
      new Uint8Array(door.memory.buffer, start + pack.size, policy.length).set(policy);
      length = door.judge(BigInt(at), 1) >>> 0;
    }
    return JSON.parse(new TextDecoder().decode(new Uint8Array(door.memory.buffer, door.answer() >>> 0, length)));
  };

  const fact = (fr, en, ...said) => [element("dt", "", both(fr, en)), element("dd", "", ...said)];
  const name = (text) => element("bdi", "name", text);

  const finding = (fr, en, words) => {
    const row = document.createElement("tr");
    row.dataset.status = fr.status;
    const header = element("th", "name", fr.name);
    header.scope = "row";
    const message = element("td", "", both(fr.message, en.message));
    if (fr.warning) message.append(element("span", "warning", " ", both("(à savoir)", "(to be known)")));
    if (fr.where) message.append(element("span", "place", name(fr.where)));
    const status = element("td", "status", both(words.fr[fr.status], words.en[en.status]));
    row.append(header, status, message);
    return row;
  };

  const show = (said, pack, policyFile, at) => {
    const { fr, en, words } = said;
    const whole = wholes[fr.exit_code];
    // Nothing is shown as passed unless word and code agree that it is.
    const agreed = (fr.exit_code in passing) === fr.verdict.startsWith("PASSED") && (passing[fr.exit_code] ?? fr.verdict) === fr.verdict;
    if (!whole || !agreed) throw new Error("a verdict this page does not know");
    const result = byId("result");
    result.dataset.is = whole[0];
    const sign = element("span", "sign", whole[1]);
    sign.setAttribute("aria-hidden", "true");
    byId("verdict").replaceChildren(sign, both(whole[2], whole[3]));
    const verdict = element("code", "", fr.reason ? `${fr.verdict} (${fr.reason})` : fr.verdict);
    byId("code").replaceChildren(verdict, both(` · code de sortie ${fr.exit_code}`, ` · exit code ${fr.exit_code}`));
    byId("sentences").replaceChildren(...fr.sentences.map((sentence, i) => element("li", "", both(sentence, en.sentences[i]))));
    const moment = (lang) => new Date(at).toLocaleString(lang, { dateStyle: "long", timeStyle: "long" });
    const size = (lang) => pack.size.toLocaleString(lang);
    const facts = [
      ...fact("Dossier", "Pack", name(pack.name), both(`, ${size("fr")} octets`, `, ${size("en")} bytes`)),
      ...fact("Politique", "Policy", ...(policyFile
        ? [both("fichier ", "file "), name(policyFile.name)]
        : [both("celle du serveur qui a remis cette page, journal ", "the one of the server that gave this page, log "), name(origin())])),
      ...fact("Jugé le", "Judged on", both(`${moment("fr")}, horloge de cet ordinateur`, `${moment("en")}, this computer’s clock`)),
    ];
    if (fr.subject.id) {
      facts.push(...fact("Dépôt", "Deposit", name(fr.subject.id)));
      facts.push(...fact("Service versant", "Tenant", name(fr.subject.tenant), both(`, rang ${fr.subject.sequence}`, `, sequence ${fr.subject.sequence}`)));
    }
    if (fr.subject.index !== null) facts.push(...fact("Place au journal", "Index in the log", String(fr.subject.index)));
    for (const anchor of fr.anchors) facts.push(...fact("Garant", "Anchor", both(`${anchor.kind}, SHA-256 `, `${anchor.kind}, SHA-256 `), name(anchor.sha256)));
    byId("facts").replaceChildren(...facts);
    byId("findings").replaceChildren(...fr.findings.map((line, i) => finding(line, en.findings[i], words)));
    byId("json").replaceChildren(both(JSON.stringify(fr, null, 2), JSON.stringify(en, null, 2)));
    tell(`Verdict : ${whole[2]}.`, `Verdict: ${whole[3]}.`, true);
    result.hidden = false;
    result.focus();
  };

  const origin = () => JSON.parse(new TextDecoder().decode(carried("policy"))).log.origin;

  let latest = 0;
  const judge = async () => {
    const turn = ++latest;
    byId("result").hidden = true;
    tell("", "");
    const pack = byId("pack-file").files[0];
    const own = byId("policy-own").checked;
    const policyFile = own ? byId("policy-file").files[0] : null;
    if (!pack) return;
    if (own && !policyFile) {
      tell("Choisissez le fichier de politique, ou celle de ce serveur.", "Choose the policy file, or this server’s own.");
      return;
    }
    tell("Vérification en cours…", "Verifying…");
    // The line above is painted first.
    await new Promise((resolve) => setTimeout(resolve, 50));
    try {
      const at = Date.now();
      const said = await judged(pack, policyFile, at);
      if (turn !== latest) return;
      if (said.refused) tell(said.refused.fr, said.refused.en);
      else show(said, pack, policyFile, at);
    } catch (why) {
      if (turn !== latest) return;
      byId("result").hidden = true;
      if (why instanceof DOMException) tell("Le fichier ne peut être lu : rien n’est jugé.", "The file cannot be read: nothing is judged.");
      else tell("La vérification s’est interrompue : aucun verdict. Essayez « tabellion-verify ».", "The verification broke off: no verdict. Try “tabellion-verify”.");
    }
  };

  const dropped = (event) => {
    event.preventDefault();
    document.body.classList.remove("over");
    const files = event.dataTransfer.files;
    if (files.length === 0) return;
    if (files.length > 1) {
      ++latest;
      byId("result").hidden = true;
      tell("Un seul fichier à la fois.", "One file at a time.");
      return;
    }
    const toPolicy = byId("policy-choice").contains(event.target);
    byId(toPolicy ? "policy-file" : "pack-file").files = files;
    if (toPolicy) byId("policy-own").checked = true;
    judge();
  };

  byId("form").reset();
  byId("result").hidden = true;
  byId("told").replaceChildren();
  for (const place of document.querySelectorAll(".origin")) place.textContent = origin();
  for (const button of document.querySelectorAll("button[data-lang]")) button.addEventListener("click", () => speak(button.dataset.lang));
  byId("form").addEventListener("submit", (event) => event.preventDefault());
  byId("policy-file").addEventListener("change", () => { byId("policy-own").checked = true; judge(); });
  for (const id of ["pack-file", "policy-server", "policy-own"]) byId(id).addEventListener("change", judge);
  document.addEventListener("dragover", (event) => { event.preventDefault(); document.body.classList.add("over"); });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("over"); });
  document.addEventListener("drop", dropped);
  speak(document.documentElement.lang === "en" ? "en" : "fr");
})();
