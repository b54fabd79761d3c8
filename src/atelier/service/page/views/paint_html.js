// What the view of paint.js is made of; compare.js fills the figure, styles.js the fieldset.
export const HTML = `
  <section class="studio painter" aria-labelledby="paint-title">
    <div class="easel">
      <div class="brief">
        <h1 id="paint-title">Paint a photo.</h1>
        <p class="ways">Open it, drop it here or paste it.</p>
      </div>
      <div class="sheet" id="sheet">
        <p class="invitation" aria-hidden="true">a photo goes here</p>
        <figure class="compare" id="compare" hidden></figure>
        <div class="finder" id="finder" hidden>
          <video id="video" muted playsinline aria-label="What the camera sees"></video>
          <p><button type="button" id="take" disabled>Take the photo</button><button type="button" id="leave">Not now</button></p>
        </div>
        <p class="drop" aria-hidden="true">let go to paint it</p>
        <p class="progress" id="progress" role="progressbar" aria-label="Painting" hidden></p>
      </div>
      <div class="tools" id="tools" role="group" aria-label="Photo tools">
        <button type="button" id="open" disabled>Open a photo</button>
        <button type="button" id="camera" disabled>Camera</button>
        <button type="button" id="save" disabled>Save</button>
        <input type="file" id="file" accept="image/*" hidden aria-label="A photo">
        <input type="file" id="shot" accept="image/*" capture="environment" hidden aria-label="A photo from the camera">
      </div>
    </div>
    <div class="label" aria-labelledby="label-title" role="group">
      <p class="sure" id="sure"></p>
      <h2 id="label-title"></h2>
      <p class="medium" id="medium"></p>
      <fieldset class="styles" id="styles">
        <legend class="unseen">Style</legend>
        <button type="button" class="tile" id="own" disabled title="Or drop it here, or paste it while this has the focus"><span
          aria-hidden="true">+</span>Your own style</button>
      </fieldset>
      <input type="file" id="painting" accept="image/*" hidden aria-label="A style image">
      <p class="missing quiet" id="missing"></p>
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
