// The camera in place of the sheet, until a photo is taken or the reader thinks better of it.
import { shrink } from "./photo.js";
import { Refusal } from "../api.js";

const WANTED = { video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } } };
const WHY = {
  NotAllowedError: "The browser does not let this page use the camera. Allow it in the address bar, or open a photo.",
  NotFoundError: "There is no camera here. Open a photo instead.",
};
const OTHERWISE = "The camera does not start. Perhaps another program uses it.";

export class Camera {
  #stream = null;
  #wanted = null; // the start that the reader waits for: the browser may answer one that was left as late as it likes

  // at: name → element; look: called with the promise of a photo, see photo.js; refuse: with a sentence
  constructor({ at, look, refuse, signal }) {
    Object.assign(this, { at, refuse });
    const on = (name, act) => at(name).addEventListener("click", act, { signal });
    // Phones have a better camera program than any page: a file input with `capture` opens it.
    const byInput = matchMedia("(pointer: coarse)").matches;
    at("camera").hidden = !byInput && !navigator.mediaDevices?.getUserMedia;
    on("camera", () => (byInput ? at("shot").click() : this.#start()));
    on("take", () => look(this.#photo()));
    on("leave", () => this.stop());
    at("finder").addEventListener("keydown", ({ key }) => key === "Escape" && this.stop(), { signal });
  }

  stop() {
    if (!this.#wanted) return;
    const focused = this.at("finder").contains(document.activeElement);
    this.#wanted = null;
    if (this.#stream) halt(this.#stream);
    this.#stream = this.at("video").srcObject = null;
    this.#show();
    if (focused) this.at("camera").focus({ preventScroll: true });
  }

  async #start() {
    const start = (this.#wanted = {});
    const left = () => this.#wanted !== start;
    this.#show();
    this.at("leave").focus({ preventScroll: true });
    try {
      const stream = await navigator.mediaDevices.getUserMedia(WANTED);
      if (left()) return halt(stream);
      this.#stream = this.at("video").srcObject = stream; // from here on stop() halts it
      await this.at("video").play();
      if (left()) return;
      this.at("take").disabled = false;
      this.at("take").focus({ preventScroll: true });
    } catch (error) {
      if (left()) return;
      this.stop();
      this.refuse(WHY[error.name] ?? OTHERWISE);
    }
  }

  #show() {
    this.at("finder").hidden = this.#wanted === null;
    this.at("tools").hidden = this.#wanted !== null;
    this.at("take").disabled = true;
  }

  async #photo() {
    const { videoWidth: width, videoHeight: height } = this.at("video");
    if (!width) throw new Refusal(OTHERWISE);
    return shrink(this.at("video"), { width, height }, "photo");
  }
}

const halt = (stream) => stream.getTracks().forEach((track) => track.stop());
