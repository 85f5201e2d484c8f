// The tallies beside the queue, by place and kind: how many incidents the list has, and how many of them count.

import { el } from "./dom.js";
import { codesOf, placeName, ui, wordFor } from "./words.js";
import { viewerTime } from "./time.js";
import * as api from "./api.js";

export class Counts {
  // onPick: told the place to show only, { id, name }; its id is "" for all of them.
  constructor(panel, onPick) {
    Object.assign(this, { panel, onPick });
    this.turn = 0;
  }

  // filters: those of the list beside it.
  async refresh(filters) {
    const turn = ++this.turn;
    const shown = await this.load(filters).catch((error) => [failure(error)]);
    if (turn === this.turn) this.panel.replaceChildren(...shown); // else a newer question has overtaken this answer
  }

  async load(filters) {
    const [list, all] = await Promise.all([api.countsOfList(filters), api.counts(filters)]);
    return this.render(byPlace(merge(list.rows, all.rows)), filters, list.as_of);
  }

  render(places, filters, asOf) {
    const everywhere = { id: "", name: ui("any_place") };
    const back = filters.place ? [el("button", { type: "button", class: "wide", onclick: () => this.onPick(everywhere) }, ui("counts_show_all"))] : [];
    if (places.length === 0) return [el("p", { class: "quiet" }, ui("counts_empty")), ...back];
    const caption = filters.kind ? [el("caption", {}, wordFor("kinds", filters.kind))] : [];
    const total = places.length > 1 ? [el("tbody", {}, line("total", everywhere.name, totals(places)))] : [];
    const groups = places.map((place) => this.group(place, filters.kind === ""));
    return [el("table", {}, caption, head(filters), total, groups), ...back, note(asOf)];
  }

  group({ place, rows, ...numbers }, showsKinds) {
    const target = { id: place?.id ?? api.UNPLACED, name: placeName(place) };
    const title = ui("counts_show", { place: target.name });
    const button = el("button", { type: "button", title, onclick: () => this.onPick(target) }, target.name);
    const kinds = showsKinds && numbers.counted !== null ? rows : [];
    return el("tbody", {}, line("place", button, numbers), kinds.map((row) => line("kind", wordFor("kinds", row.kind), row)));
  }
}

function head({ status }) {
  const listed = status === "any" ? ui("any_status") : wordFor("statuses", status);
  return el("thead", {}, el("tr", {}, [ui("counts_place"), listed, ui("counts_count")].map((word) => el("th", { scope: "col" }, word))));
}

const line = (name, label, { listed, counted }) =>
  el("tr", { class: name }, el("th", { scope: name === "kind" ? "row" : "rowgroup" }, label),
    // null where nothing drove there: not seen is never zero
    counted === null ? el("td", { class: "quiet", colspan: 2 }, ui("counts_unseen")) : [listed, counted].map((number) => el("td", {}, String(number))));

const note = (asOf) => el("p", { class: "quiet note" }, ui("counts_note", { at: viewerTime(asOf) }));

const failure = (error) => el("p", { class: "error", role: "alert" }, ui("counts_failed", { why: error.message }));

// [{ place, kind, listed, counted }]. Both tallies have the same zeros and nulls, which are told of imported places; a
// row that only one of them has is about something found elsewhere, so it is 0 in the other.
function merge(list, all) {
  const rows = new Map();
  const add = (field) => ({ place, kind, count }) => {
    const key = JSON.stringify([place?.id ?? null, kind]);
    rows.set(key, { place, kind, listed: 0, counted: 0, ...rows.get(key), [field]: count });
  };
  list.forEach(add("listed"));
  all.forEach(add("counted"));
  return [...rows.values()];
}

// [{ place, rows, listed, counted }], the place with the most first and those not seen last.
function byPlace(rows) {
  const places = new Map();
  for (const row of rows) {
    const id = row.place?.id ?? "";
    if (!places.has(id)) places.set(id, []);
    places.get(id).push(row);
  }
  const order = codesOf("kinds");
  return [...places.values()]
    .map((rows) => ({ place: rows[0].place, rows: rows.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind)), ...totals(rows) }))
    .sort((a, b) => rank(b.listed) - rank(a.listed) || rank(b.counted) - rank(a.counted) || placeName(a.place).localeCompare(placeName(b.place)));
}

const rank = (number) => number ?? -1;

const totals = (rows) => ({ listed: sum(rows, "listed"), counted: sum(rows, "counted") });

const sum = (rows, field) =>
  rows.every((row) => row[field] === null) ? null : rows.reduce((total, row) => total + (row[field] ?? 0), 0);
