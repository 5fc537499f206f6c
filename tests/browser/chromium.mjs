// Chromium, driven over its debugging pipe (Chrome DevTools Protocol, one JSON message between two NULs): no port, no guest.
import { spawn } from "node:child_process";

// What keeps the browser from speaking to anyone of its own accord.
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-extensions", "--remote-debugging-pipe",
];

export class Chromium {
  #waiting = new Map();
  #listeners = [];
  #last = 0;
  #rest = Buffer.alloc(0);

  constructor(program, profile) {
    this.process = spawn(program, [...FLAGS, `--user-data-dir=${profile}`, "about:blank"], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    });
    this.process.stdio[4].on("data", (bytes) => this.#read(bytes));
    this.process.on("exit", () => this.#waiting.forEach(({ reject }) => reject(new Error("Chromium ended"))));
    this.process.on("error", (why) => this.#waiting.forEach(({ reject }) => reject(why)));
  }

  #read(bytes) {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (let end = this.#rest.indexOf(0); end >= 0; end = this.#rest.indexOf(0)) {
      const message = JSON.parse(this.#rest.subarray(0, end).toString());
      this.#rest = this.#rest.subarray(end + 1);
      const asked = this.#waiting.get(message.id);
      if (!asked) {
        for (const listener of this.#listeners) listener(message);
        continue;
      }
      this.#waiting.delete(message.id);
      if (message.error) asked.reject(new Error(`${asked.method}: ${message.error.message}`));
      else asked.resolve(message.result);
    }
  }

  send(method, params = {}, sessionId = undefined) {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, method });
      this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  // A new page, with everything it asks of the network and everything that goes wrong in it written down.
  async page() {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, sessionId);
    this.#listeners.push((message) => message.sessionId === sessionId && page.told(message));
    for (const domain of ["Page", "Network", "Runtime", "Log", "DOM"]) await page.send(`${domain}.enable`);
    await page.send("Emulation.setDeviceMetricsOverride", { width: 1000, height: 1200, deviceScaleFactor: 1, mobile: false });
    return page;
  }

  async close() {
    const ended = new Promise((resolve) => this.process.on("exit", resolve));
    await this.send("Browser.close").catch(() => {});
    await ended;
  }
}

class Page {
  requests = [];
  responses = [];
  faults = [];
  #loaded = () => {};

  constructor(browser, sessionId) {
    this.browser = browser;
    this.sessionId = sessionId;
  }

  send(method, params) {
    return this.browser.send(method, params, this.sessionId);
  }

  told({ method, params }) {
    if (method === "Network.requestWillBeSent") this.requests.push(params.request.url);
    if (method === "Network.webSocketCreated") this.requests.push(params.url);
    if (method === "Network.responseReceived") this.responses.push(params.response);
    if (method === "Runtime.exceptionThrown") this.faults.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    if (method === "Log.entryAdded" && ["error", "warning"].includes(params.entry.level)) this.faults.push(params.entry.text);
    if (method === "Page.loadEventFired") this.#loaded();
  }

  async open(url, language) {
    await this.send("Network.setExtraHTTPHeaders", { headers: { "Accept-Language": language } });
    const loaded = new Promise((resolve) => (this.#loaded = resolve));
    const { errorText } = await this.send("Page.navigate", { url });
    if (errorText) throw new Error(`${url}: ${errorText}`);
    await loaded;
  }

  async run(expression) {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async give(selector, file) {
    const { root } = await this.send("DOM.getDocument");
    const { nodeId } = await this.send("DOM.querySelector", { nodeId: root.nodeId, selector });
    await this.send("DOM.setFileInputFiles", { nodeId, files: [file] });
  }

  async until(expression, what) {
    for (let tries = 0; tries < 600; tries += 1) {
      if (await this.run(expression)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`waited in vain: ${what}`);
  }

  async picture() {
    const { data } = await this.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: true });
    return Buffer.from(data, "base64");
  }

  async print() {
    const { data } = await this.send("Page.printToPDF", { printBackground: false, preferCSSPageSize: true });
    return Buffer.from(data, "base64");
  }
}
