// The HTML of paint.js. before_after.js fills the figure, style_picker.js the fieldset.
export const HTML = `
  <section class="view paint" aria-labelledby="view-title">
    <div class="workspace">
      <div class="heading">
        <h1 id="view-title">Paint a photo.</h1>
        <p class="open-hint">Open it, drop it here or paste it.</p>
      </div>
      <div class="sheet" id="sheet">
        <p class="hint" aria-hidden="true">a photo goes here</p>
        <figure class="before-after" id="before-after" hidden></figure>
        <div class="viewfinder" id="viewfinder" hidden>
          <video id="video" muted playsinline aria-label="What the camera sees"></video>
          <p><button type="button" id="take" disabled>Take the photo</button><button type="button" id="cancel">Cancel</button></p>
        </div>
        <p class="drop-hint" aria-hidden="true">drop the photo here</p>
        <p class="progress" id="progress" role="progressbar" aria-label="Painting" hidden></p>
      </div>
      <div class="tools" id="tools" role="group" aria-label="Photo tools">
        <button type="button" id="open" disabled>Open a photo</button>
        <button type="button" id="camera" disabled>Camera</button>
        <button type="button" id="save" disabled>Save</button>
        <input type="file" id="file" accept="image/*" hidden aria-label="A photo">
        <input type="file" id="camera-file" accept="image/*" capture="environment" hidden aria-label="A photo from the camera">
      </div>
    </div>
    <div class="result" aria-labelledby="result-title" role="group">
      <p class="above" id="above"></p>
      <h2 id="result-title"></h2>
      <p class="below" id="below"></p>
      <fieldset class="styles" id="styles">
        <legend class="visually-hidden">Style</legend>
        <button type="button" class="tile" id="own" disabled title="Or drop it here, or paste it while this has the focus"><span
          aria-hidden="true">+</span>Your own style</button>
      </fieldset>
      <input type="file" id="style-file" accept="image/*" hidden aria-label="A style image">
      <p class="missing muted" id="missing"></p>
      <p class="strength"><label for="strength">Strength</label> <span id="percent" aria-hidden="true">100 %</span>
        <input type="range" id="strength" min="0" max="100" value="100" disabled></p>
      <p class="colours"><label><input type="checkbox" id="colours" disabled> Keep the photo’s colours</label></p>
      <p class="notice" id="notice" role="status" hidden></p>
      <details class="lineage" id="lineage" hidden>
        <summary></summary>
        <dl></dl>
      </details>
    </div>
  </section>`;
