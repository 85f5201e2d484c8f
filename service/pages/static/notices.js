// What stands in the middle when there is no incident to show: why, and what to do next.

import { el } from "./dom.js";
import { ui } from "./words.js";
import * as api from "./api.js";

export function failureNotice(error, retry) {
  return el("div", { class: "notice", role: "alert" },
    el("strong", {}, ui("load_failed", { why: error.message })),
    el("p", {}, el("button", { type: "button", class: "primary", onclick: retry }, ui("retry"))));
}

export async function emptyNotice(filters, queue) {
  if (queue.items.length > 0) return done();
  const hasAny = await api.hasIncidents().catch(() => true); // then only the narrower thing is said
  if (!hasAny) return firstSteps();
  return filters.isOnlyStatus ? done() : noMatch(filters);
}

const done = () => notice(ui("done_title"), el("p", {}, ui("done_text")));

const firstSteps = () => notice(ui("empty_title"),
  el("p", {}, ui("empty_text")), el("pre", {}, ui("empty_command")),
  el("p", {}, ui("empty_demo_text")), el("pre", {}, ui("empty_demo")));

const noMatch = (filters) => notice(ui("no_match_title"), el("p", {}, ui("no_match_text")),
  el("p", {}, el("button", { type: "button", class: "primary", onclick: () => filters.clear() }, ui("clear_filters"))));

const notice = (title, ...body) => el("div", { class: "notice", role: "status" }, el("strong", {}, title), body);
