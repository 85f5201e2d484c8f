// A short list one answers with a digit or a click: reject reasons, the original of a duplicate.

import { el } from "./dom.js";
import { ui } from "./words.js";

export class Choices {
  constructor(panel) {
    this.panel = panel;
    this.options = [];
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  // options: [{ label, detail?, choose }]; zero: what the digit 0 does, in the same form, or null.
  open(title, options, zero = null) {
    this.options = options.slice(0, 9);
    this.zero = zero;
    const shown = this.options.map((option, index) => button(String(index + 1), option, () => this.pick(option)));
    if (zero) shown.push(button("0", zero, () => this.pick(zero)));
    this.panel.replaceChildren(
      el("p", { id: "choices-title" }, el("strong", {}, title), " ", el("span", { class: "quiet" }, ui("why_hint"))),
      el("div", { class: "options", role: "group", "aria-labelledby": "choices-title" }, shown));
    this.panel.hidden = false;
    this.panel.querySelector("button")?.focus();
  }

  digit(number) {
    const option = number === 0 ? this.zero : this.options[number - 1];
    if (option) this.pick(option);
  }

  pick(option) {
    this.close();
    option.choose();
  }

  close() {
    this.panel.hidden = true;
    this.panel.replaceChildren();
  }
}

const button = (key, { label, detail }, onclick) =>
  el("button", { type: "button", onclick }, el("kbd", {}, key), ` ${label}`, detail ? el("small", {}, ` ${detail}`) : null);
