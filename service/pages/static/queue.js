// The queue: what is loaded, what is selected, and its list on the left.

import { el } from "./dom.js";
import { placeName, wordFor } from "./words.js";
import { clockOf, shortTime } from "./time.js";
import { thumbnail, thumbnailOf } from "./media.js";
import * as api from "./api.js";

const NEAR_THE_END = 8; // rows left when the next page is fetched

export class Queue {
  // onSelect is called with the selected incident, or null when there is none; onFresh when new incidents join the list.
  constructor({ list, total, moreButton, newButton }, { onSelect, onFresh }) {
    Object.assign(this, { list, total, moreButton, newButton, onSelect, onFresh });
    this.items = [];
    this.fresh = [];
    this.next = null;
    this.selected = null;
    this.filters = {};
    moreButton.addEventListener("click", () => this.more());
    newButton.addEventListener("click", () => this.takeFresh());
    new IntersectionObserver((seen) => seen.some((entry) => entry.isIntersecting) && this.more()).observe(moreButton);
  }

  // Loads the first page; selects the wanted incident where it is there, else the first.
  async load(filters, wantedId = null) {
    this.filters = filters;
    const { items, next } = await api.incidentPage(filters);
    if (filters !== this.filters) return; // a newer choice of filters has overtaken this answer
    Object.assign(this, { items, next, fresh: [] });
    this.list.replaceChildren(...items.map((item) => this.row(item)));
    this.select((items.find(({ id }) => id === wantedId) ?? items[0])?.id ?? null);
  }

  async more() {
    if (this.next === null || this.loading) return;
    this.loading = true;
    const filters = this.filters;
    try {
      const page = await api.incidentPage(filters, this.next);
      if (filters === this.filters) this.append(page);
    } catch (error) {
      this.total.textContent = error.message;
    } finally {
      this.loading = false;
    }
  }

  append({ items, next }) {
    const unknown = items.filter(({ id }) => !this.has(id));
    this.items.push(...unknown);
    this.next = next;
    this.list.append(...unknown.map((item) => this.row(item)));
    this.describe();
  }

  // Puts an incident that is in none of the loaded pages (opened by its address) in front.
  insert(incident) {
    this.items.unshift(incident);
    this.list.prepend(this.row(incident));
  }

  // Looks for incidents that came in since; says so instead of moving the list under the reviewer's hands.
  async lookForNew() {
    const filters = this.filters;
    const { items } = await api.incidentPage(filters);
    if (filters !== this.filters) return;
    this.fresh = items.filter(({ id }) => !this.has(id));
    if (this.items.length === 0 && this.fresh.length) this.takeFresh();
    this.describe();
  }

  takeFresh() {
    const wasEmpty = this.items.length === 0;
    this.items.unshift(...this.fresh);
    this.list.prepend(...this.fresh.map((item) => this.row(item)));
    this.fresh = [];
    this.list.scrollIntoView({ block: "start" });
    this.describe();
    if (wasEmpty) this.select(this.items[0].id);
    this.onFresh();
  }

  has(id) {
    return this.items.some((item) => item.id === id);
  }

  get index() {
    return this.items.findIndex(({ id }) => id === this.selected);
  }

  get current() {
    return this.items[this.index] ?? null;
  }

  get upcoming() {
    return this.items.slice(this.index + 1).find(isOpen) ?? null;
  }

  select(id) {
    mark(this.list.querySelector("li:has(> [aria-current])"), false);
    this.selected = id;
    mark(this.list.children[this.index], true);
    if (this.items.length - this.index < NEAR_THE_END) this.more();
    this.describe();
    this.onSelect(this.current);
  }

  move(direction) {
    const target = this.items[this.index + direction];
    if (target) this.select(target.id);
  }

  // After a verdict: the next one that has none, below first, then from the top. Null ends the work.
  async moveToNextOpen() {
    if (!this.upcoming) await this.more();
    this.select((this.upcoming ?? this.items.find(isOpen))?.id ?? null);
  }

  // Takes the service's new state of an incident; the row stays, so that one can go back to it.
  replace(incident) {
    const index = this.items.findIndex(({ id }) => id === incident.id);
    if (index < 0) return;
    this.items[index] = incident;
    const row = this.row(incident);
    this.list.children[index].replaceWith(row);
    mark(row, incident.id === this.selected);
  }

  describe() {
    const total = this.items.length;
    this.total.textContent = total === 0 ? "" : `${this.index >= 0 ? `${this.index + 1} / ` : ""}${total}${this.next ? "+" : ""}`;
    this.moreButton.hidden = this.next === null;
    this.newButton.hidden = this.fresh.length === 0;
  }

  row(incident) {
    const when = incident.start ? shortTime(incident.start, incident.zone) : clockOf(incident.pts_start);
    return el("li", { "data-id": incident.id, class: `status-${incident.status}` },
      el("button", { type: "button", onclick: () => this.select(incident.id) },
        thumbnail(thumbnailOf(incident), { loading: "lazy", decoding: "async" }),
        el("span", { class: "what" }, wordFor("kinds", incident.kind)),
        el("span", { class: "where" }, placeName(incident.place)),
        el("span", { class: "when" }, when, isOpen(incident) ? "" : ` · ${wordFor("statuses", incident.status)}`)));
  }
}

const isOpen = ({ status }) => status === "unreviewed";

// On a phone the queue lies below the incident, and the page itself would be moved away from what was asked for.
const hasItsOwnScrollbar = ({ scrollHeight, clientHeight }) => scrollHeight > clientHeight;

function mark(row, isSelected) {
  const button = row?.firstElementChild;
  if (!button) return;
  if (isSelected) button.setAttribute("aria-current", "true");
  else button.removeAttribute("aria-current");
  if (isSelected && hasItsOwnScrollbar(row.closest(".queue"))) row.scrollIntoView({ block: "nearest" });
}
