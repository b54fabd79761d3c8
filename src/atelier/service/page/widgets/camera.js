// The camera, shown in place of the photo until the user takes a photo or cancels.
import { ApiError } from "../api.js";
import { scaleDown } from "./photo.js";

const CONSTRAINTS = { video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } } };
const MESSAGES = {
  NotAllowedError: "The browser does not let this page use the camera. Allow it in the address bar, or open a photo.",
  NotFoundError: "There is no camera here. Open a photo instead.",
};
const OTHER_ERROR = "The camera does not start. Perhaps another program uses it.";

// What the camera sees, for the sheet of a view.
export const VIEWFINDER = `
  <div class="viewfinder" id="viewfinder" hidden>
    <video id="video" muted playsinline aria-label="What the camera sees"></video>
    <p><button type="button" id="take" disabled>Take the photo</button><button type="button" id="cancel">Cancel</button></p>
  </div>`;

export class Camera {
  #stream = null;
  #current = null; // the start that the user is waiting for. The browser may answer an earlier one that was cancelled

  // byId: name → element; onPhoto: called with the promise of a photo, see photo.js; onError: called with a message
  constructor({ byId, onPhoto, onError, signal }) {
    Object.assign(this, { byId, onError });
    const on = (name, listener) => byId(name).addEventListener("click", listener, { signal });
    // On phones a file input with `capture` opens the camera app, which is better than this.
    const useApp = matchMedia("(pointer: coarse)").matches;
    byId("camera").hidden = !useApp && !navigator.mediaDevices?.getUserMedia;
    on("camera", () => (useApp ? byId("camera-file").click() : this.#start()));
    on("take", () => onPhoto(this.#takePhoto()));
    on("cancel", () => this.stop());
    byId("viewfinder").addEventListener("keydown", ({ key }) => key === "Escape" && this.stop(), { signal });
  }

  stop() {
    if (!this.#current) return;
    const focused = this.byId("viewfinder").contains(document.activeElement);
    this.#current = null;
    if (this.#stream) stopTracks(this.#stream);
    this.#stream = this.byId("video").srcObject = null;
    this.#show();
    if (focused) this.byId("camera").focus({ preventScroll: true });
  }

  async #start() {
    const start = (this.#current = {});
    const cancelled = () => this.#current !== start;
    this.#show();
    this.byId("cancel").focus({ preventScroll: true });
    try {
      const stream = await navigator.mediaDevices.getUserMedia(CONSTRAINTS);
      if (cancelled()) return stopTracks(stream);
      this.#stream = this.byId("video").srcObject = stream; // from now on stop() stops it
      await this.byId("video").play();
      if (cancelled()) return;
      this.byId("take").disabled = false;
      this.byId("take").focus({ preventScroll: true });
    } catch (error) {
      if (cancelled()) return;
      this.stop();
      this.onError(MESSAGES[error.name] ?? OTHER_ERROR);
    }
  }

  #show() {
    this.byId("viewfinder").hidden = this.#current === null;
    this.byId("tools").hidden = this.#current !== null;
    this.byId("take").disabled = true;
  }

  async #takePhoto() {
    const { videoWidth: width, videoHeight: height } = this.byId("video");
    if (!width) throw new ApiError(OTHER_ERROR);
    return scaleDown(this.byId("video"), { width, height }, "photo.jpg");
  }
}

const stopTracks = (stream) => stream.getTracks().forEach((track) => track.stop());
