// The tallies beside the queue: distinct incidents by place and kind, as the API counts them.

import { el } from "./dom.js";
import { placeName, ui, wordFor } from "./words.js";
import { shortTime } from "./time.js";
import * as api from "./api.js";

export class Counts {
  // onPlaces: told the places that have counts, [{ id, name }]; onPick: a place was chosen.
  constructor(panel, { onPlaces, onPick }) {
    Object.assign(this, { panel, onPlaces, onPick });
  }

  async refresh() {
    try {
      const tally = await api.counts();
      const places = byPlace(tally.rows);
      this.panel.replaceChildren(...this.render(places, tally.as_of));
      this.onPlaces(places.map(({ place }) => ({ id: place?.id ?? api.UNPLACED, name: placeName(place) })));
    } catch (error) {
      this.panel.replaceChildren(el("p", { class: "error", role: "alert" }, ui("counts_failed", { why: error.message })));
    }
  }

  render(places, asOf) {
    const note = el("p", { class: "quiet" }, ui("counts_as_of", { at: shortTime(asOf, undefined) }));
    if (places.length === 0) return [el("p", { class: "quiet" }, ui("counts_empty"))];
    const head = el("tr", {}, el("th", { scope: "col" }, ui("counts_place")), el("th", { scope: "col" }, ui("counts_count")),
      el("th", { scope: "col", title: ui("counts_open_hint") }, ui("counts_open")));
    return [el("table", {}, el("thead", {}, head), ...places.map((entry) => this.group(entry))), note];
  }

  group({ place, rows }) {
    const name = placeName(place);
    const pick = () => this.onPick({ id: place?.id ?? api.UNPLACED, name });
    const label = el("button", { type: "button", title: ui("counts_show", { place: name }), onclick: pick }, name);
    return el("tbody", {},
      el("tr", { class: "place" }, el("th", { scope: "rowgroup" }, label), number(sum(rows, "count")), number(sum(rows, "unreviewed"))),
      ...rows.map((row) => el("tr", {}, el("th", { scope: "row" }, wordFor("kinds", row.kind)), number(row.count), number(row.unreviewed))));
  }
}

// [{ place, rows }], the place with the most first.
function byPlace(rows) {
  const places = new Map();
  for (const row of rows) {
    const id = row.place?.id ?? "";
    if (!places.has(id)) places.set(id, { place: row.place, rows: [] });
    places.get(id).rows.push(row);
  }
  return [...places.values()].sort((a, b) => sum(b.rows, "count") - sum(a.rows, "count"));
}

// null where nothing drove there: not seen is never zero.
const sum = (rows, field) =>
  rows.every((row) => row[field] === null) ? null : rows.reduce((total, row) => total + (row[field] ?? 0), 0);

const number = (value) =>
  value === null || value === undefined ? el("td", { class: "quiet" }, ui("counts_unseen")) : el("td", {}, String(value));
