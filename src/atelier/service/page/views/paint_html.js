// The HTML of paint.js. before_after.js fills the figure, style_picker.js the fieldset.
import { VIEWFINDER } from "../widgets/camera.js";
import { layout } from "./view.js";

export const HTML = layout({
  kind: "paint",
  heading: "Paint a photo.",
  lead: '<p class="open-hint">Open it, drop it here or paste it.</p>',
  sheet: `
    <div class="sheet" id="sheet">
      <p class="hint" aria-hidden="true">a photo goes here, or one of these</p>
      <div class="examples" id="examples" role="group" aria-label="Example photos"></div>
      <figure class="before-after" id="before-after" hidden></figure>
      <div class="comparison" id="comparison" role="group" aria-label="The photo by each painter" hidden></div>
      ${VIEWFINDER}
      <p class="drop-hint" aria-hidden="true">drop the photo here</p>
      <p class="progress" id="progress" role="progressbar" aria-label="Painting" hidden></p>
    </div>`,
  tools: `
    <div class="tools" id="tools" role="group" aria-label="Photo tools">
      <button type="button" id="open" disabled>Open a photo</button>
      <button type="button" id="camera" disabled>Camera</button>
      <button type="button" id="compare" aria-pressed="false" disabled>Compare</button>
      <button type="button" id="save" disabled>Save</button>
      <input type="file" id="file" accept="image/*" hidden aria-label="A photo">
      <input type="file" id="camera-file" accept="image/*" capture="environment" hidden aria-label="A photo from the camera">
    </div>`,
  result: `
    <fieldset class="styles" id="styles">
      <legend class="visually-hidden">Style</legend>
      <button type="button" class="tile" id="own" disabled title="Or drop it here, or paste it while this has the focus"><span
        aria-hidden="true">+</span>Your own style</button>
    </fieldset>
    <input type="file" id="style-file" accept="image/*" hidden aria-label="A style image">
    <p class="missing muted" id="missing"></p>
    <p class="check"><label><input type="checkbox" id="blend" disabled> Blend several styles</label></p>
    <div class="weights" id="weights" role="group" aria-label="Weights of the styles" hidden></div>
    <p class="strength"><label for="strength">Strength</label> <span id="percent" aria-hidden="true">100 %</span>
      <input type="range" id="strength" min="0" max="100" value="100" disabled></p>
    <p class="check"><label><input type="checkbox" id="colours" disabled> Keep the photo’s colours</label></p>`,
});
