// What the program says, and whether it can still be believed. A reading is
// current only while it is young by this page's own clock and the program is
// heard. All states come by the one stream, in their order.

import { setZone } from "./format.js";

const silence = 20_000; // ms without a byte after which the program counts as gone
const pause = 2_000; // ms between attempts to reach it again
const grace = 3_000; // ms to reach it in after the computer slept

export class Live extends EventTarget {
  state = null;
  gone = false; // the program is not heard any more
  ended = ""; // why it is not heard: "bye", "session", "crowded" or ""
  #heard = { wall: Date.now(), steady: performance.now() };
  #woke = 0; // when the end of a sleep was noticed
  #stream = null;
  #received = { wall: 0, steady: 0 };

  start() {
    this.#follow();
    setInterval(() => this.#tick(), 1_000);
    for (const event of ["visibilitychange", "pageshow", "focus", "online"]) addEventListener(event, () => this.#tick(), true);
  }

  // now is the program's time. The page's own clock counts, and so does the
  // time since the last news where it is ahead of it: a clock that was set
  // back must not make an old reading young.
  now() {
    const s = this.state;
    if (!s) return Date.now();
    const carried = Date.parse(s.now) + this.#since(this.#received) * (s.speed || 1);
    return s.demo ? carried : Math.max(Date.now(), carried);
  }

  // stale tells that the reading must not be taken for the present.
  get stale() {
    const r = this.state?.reading;
    if (!r) return false;
    return r.stale || this.gone || (this.state.stale_at != null && this.now() >= Date.parse(this.state.stale_at));
  }

  // quiet tells that nothing was heard for too long, also in the moment after a
  // sleep in which the program may still be found.
  get quiet() {
    return this.#since(this.#heard) > silence;
  }

  get ageSeconds() {
    const r = this.state?.reading;
    return r ? Math.max(0, (this.now() - Date.parse(r.t)) / 1000) : 0;
  }

  #since(mark) {
    return Math.max(Date.now() - mark.wall, performance.now() - mark.steady);
  }

  #mark() {
    return { wall: Date.now(), steady: performance.now() };
  }

  #take(state) {
    this.state = state;
    this.#received = this.#mark();
    setZone(state.tz);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }

  #tick() {
    if (!this.gone && this.#since(this.#heard) > silence) {
      // A computer that wakes from sleep finds the stream broken: it has a
      // moment to find the program again. What is old is told in any case.
      const slept = performance.now() - this.#heard.steady < silence;
      if (this.#woke === 0) {
        this.#woke = performance.now();
        this.#stream?.abort(); // so that a new one is tried at once
      }
      this.gone = !slept || performance.now() - this.#woke > grace;
    }
    this.dispatchEvent(new Event("tick"));
  }

  // follow reads the stream of events with fetch: an EventSource hides the
  // comments that show that the program still lives.
  async #follow() {
    for (;;) {
      const stop = (this.#stream = new AbortController());
      try {
        const response = await fetch("./api/events", { signal: stop.signal, credentials: "same-origin", redirect: "error" });
        if (response.status === 401) {
          this.#end("session");
          return;
        }
        if (response.status === 503) this.#end("crowded");
        if (response.ok) await this.#read(response.body.getReader());
      } catch {
        // Lost, refused or silent: all the same, it is tried again.
      }
      await new Promise((done) => setTimeout(done, this.gone || !stop.signal.aborted ? pause : 100));
      stop.abort();
    }
  }

  async #read(reader) {
    const decoder = new TextDecoder();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#heard = this.#mark();
      this.#woke = 0;
      rest += decoder.decode(value, { stream: true }).replaceAll("\r", "");
      const blocks = rest.split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) this.#event(block);
    }
  }

  #event(block) {
    let name = "message";
    const data = [];
    for (const line of block.split("\n")) {
      if (line.startsWith("event:")) name = line.slice(6).trim();
      else if (line.startsWith("data:")) data.push(line.slice(5));
    }
    if (name === "bye") this.#end("bye");
    else if (name === "state" && data.length) {
      this.ended = "";
      this.gone = false;
      this.#take(JSON.parse(data.join("\n")));
    }
  }

  #end(why) {
    this.ended = why;
    this.gone = true;
    this.#changed();
  }
}
