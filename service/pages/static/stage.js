// The large picture or clip, and the strip below it that chooses.

import { el } from "./dom.js";
import { ui, wordFor } from "./words.js";
import { addressOf, captionOf, clipOf, picturesOf, thumbnail } from "./media.js";
import { Player } from "./player.js";

export class Stage {
  // wantsBoxes is the page's, not the incident's: who works with clean pictures keeps them.
  constructor(incident, wantsBoxes) {
    this.pictures = picturesOf(incident);
    this.clip = clipOf(incident);
    this.wantsBoxes = wantsBoxes;
    this.player = null;
    this.frame = el("div", { class: "stage" });
    this.strip = el("ul", { class: "strip", "aria-label": ui("strip") });
    this.slots = [...this.pictures, ...(this.clip ? ["clip"] : [])];
    this.showMoment();
  }

  get isClip() {
    return this.slots[this.index] === "clip";
  }

  // The picture of the moment itself, else the first thing there is.
  showMoment() {
    this.index = Math.max(0, this.pictures.findIndex(({ role }) => role === "at"));
    this.render();
  }

  show(index) {
    if (index < 0 || index >= this.slots.length) return;
    this.index = index;
    this.render();
  }

  toggleBoxes() {
    this.wantsBoxes = !this.wantsBoxes;
    this.render();
    return this.wantsBoxes;
  }

  // In the clip one frame, in the pictures the one before or after.
  go(direction) {
    if (this.isClip) return this.player.go(direction);
    return this.show(this.index + direction);
  }

  playOrPause() {
    if (!this.clip) return;
    if (!this.isClip) this.show(this.slots.length - 1);
    this.player.toggle();
  }

  render() {
    if (this.slots.length === 0) {
      this.frame.replaceChildren(notice(ui("no_media"), ui("no_media_hint")));
      return;
    }
    if (this.isClip) this.renderClip();
    else this.renderPicture(this.slots[this.index]);
    this.strip.replaceChildren(...this.slots.map((slot, index) => this.tile(slot, index)));
  }

  renderClip() {
    const source = new URL(this.clip, location.href).href;
    if (this.frame.querySelector("video")?.src === source) return;
    const video = el("video", { src: this.clip, controls: true, muted: true, loop: true, playsinline: true,
      preload: "auto", "aria-label": wordFor("roles", "clip"), onerror: () => this.lost() });
    video.muted = true;
    this.player = new Player(video);
    this.frame.replaceChildren(video, el("div", { class: "tools" }, frameButton("back", "◂", ui("frame_back")), frameButton("on", "▸", ui("frame_on"))));
  }

  renderPicture(picture) {
    const href = addressOf(picture, this.wantsBoxes);
    const [role, when] = captionOf(picture, this.pictures);
    const image = el("img", { src: href, alt: `${role} ${when}`, title: ui("zoom_hint"), onerror: () => this.lost() });
    zoomOnClick(image);
    this.frame.replaceChildren(image, this.tools(picture, href));
    this.player = null;
  }

  tools(picture, href) {
    const hasBoth = picture.marked !== null && picture.clean !== null;
    return el("div", { class: "tools" },
      el("button", { type: "button", "data-action": "boxes", title: ui("boxes_hint"), disabled: !hasBoth,
        "aria-pressed": String(this.wantsBoxes && picture.marked !== null) }, el("kbd", {}, "C"), ` ${ui("boxes")}`),
      el("a", { href, target: "_blank", rel: "noopener" }, ui("open_full")));
  }

  tile(slot, index) {
    const isClip = slot === "clip";
    const [role, when] = isClip ? [wordFor("roles", "clip"), ""] : captionOf(slot, this.pictures);
    const inside = isClip
      ? el("span", { class: "play", "aria-hidden": "true" }, "▶")
      : thumbnail(addressOf(slot, this.wantsBoxes));
    return el("li", {}, el("button", { type: "button", "aria-current": index === this.index ? "true" : null,
      onclick: () => this.show(index) }, inside, el("span", {}, `${role} `, el("small", {}, when))));
  }

  lost() {
    this.frame.replaceChildren(notice(ui("media_gone"), ui("media_gone_hint")));
  }
}

const frameButton = (action, sign, label) =>
  el("button", { type: "button", "data-action": action, "aria-label": label, title: label }, sign);

const notice = (title, text) =>
  el("div", { class: "notice", role: "note" }, el("strong", {}, title), el("p", {}, text));

// Click: three times as large at the pointer, which then moves what is seen; click again: whole.
function zoomOnClick(image) {
  const aim = ({ clientX, clientY }) => {
    if (!image.classList.contains("close")) return;
    const frame = image.parentElement.getBoundingClientRect();
    image.style.transformOrigin =
      `${((clientX - frame.left) / frame.width) * 100}% ${((clientY - frame.top) / frame.height) * 100}%`;
  };
  image.addEventListener("click", (event) => { image.classList.toggle("close"); aim(event); });
  image.addEventListener("pointermove", aim);
}
