// What is known about an incident, in words. What is not known is said to be not known.

import { el } from "./dom.js";
import { gradeText, localKind, placeName, rejectReason, ui, wordFor } from "./words.js";
import { clockOf, localTime, shortTime, spanText, utcTime } from "./time.js";
import { manifestOf } from "./media.js";

export function headline(incident) {
  const subtype = incident.subtype ? ` · ${wordFor("subtypes", incident.subtype)}` : "";
  return el("header", { class: "headline" },
    el("h2", {}, wordFor("kinds", incident.kind) + subtype, " ", el("span", { lang: "zh", class: "quiet" }, localKind(incident.kind))),
    el("span", { class: `badge grade-${incident.grade}` }, wordFor("grades", incident.grade)),
    el("span", { class: `badge status-${incident.status}` }, wordFor("statuses", incident.status)));
}

export function reasonList({ reasons }) {
  const items = reasons?.length ? reasons.map((reason) => el("li", {}, reason)) : [el("li", { class: "quiet" }, ui("no_reasons"))];
  return el("section", { class: "reasons", "aria-labelledby": "reasons-title" },
    el("h3", { id: "reasons-title" }, ui("reasons")), el("ul", {}, items));
}

export function factList(incident) {
  const rows = [
    ["fact_time", timeFact(incident)],
    ["fact_place", placeFact(incident)],
    ["fact_grade", gradeFact(incident)],
    ["fact_confidence", `${Math.round(incident.confidence * 100)} %`],
    ["fact_subject", subjectFact(incident.subject)],
    ["fact_camera", incident.camera],
    ["fact_file", fileFact(incident)],
    ["fact_rule", incident.rule],
    ["fact_model", breakable(incident.model)],
    ["fact_review", reviewFact(incident)],
  ];
  const known = rows.filter(([, value]) => value !== null && value !== undefined);
  return el("dl", {}, known.flatMap(([key, value]) => [el("dt", {}, ui(key)), el("dd", {}, value)]));
}

// A model's stamp or a file's name is one long word; it may be broken after what joins its parts.
const breakable = (word) => word?.split(/(?<=[@+/_])/).flatMap((part) => [part, el("wbr")]);

const lines = (...parts) => parts.filter(Boolean).map((part, index) => el("div", { class: index ? "quiet" : null }, part));

function timeFact({ start, zone, time_uncertainty_s: uncertainty, pts_start: pts }) {
  if (!start) return lines(ui("clock_unknown"), ui("clock_unknown_hint", { at: clockOf(pts) }));
  const spread = uncertainty === null ? ui("uncertainty_unknown") : ui("uncertainty", { span: spanText(uncertainty) });
  return lines(`${localTime(start, zone)} ${spread}`, zone ?? ui("zone_unknown"), utcTime(start));
}

function placeFact({ place, location }) {
  const name = placeName(place);
  if (!location) return lines(name, ui("no_location"));
  const { lon, lat, accuracy_m: accuracy } = location;
  const point = `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
  const link = el("a", { href: `geo:${Number(lat.toFixed(6))},${Number(lon.toFixed(6))}${accuracy === null ? "" : `;u=${accuracy}`}`, title: ui("open_in_map") }, point);
  const spread = accuracy === null ? "" : ` ${ui("accuracy", { metres: Math.round(accuracy) })}`;
  return [el("div", {}, name), el("div", { class: "quiet" }, link, spread)];
}

function gradeFact({ grade, missing }) {
  const items = (missing ?? []).map((item) => wordFor("missing", item)).join(", ");
  return [
    el("div", {}, `${wordFor("grades", grade)}: ${gradeText(grade)}`),
    items ? el("div", { class: "missing" }, ui("missing", { items })) : null,
  ];
}

const subjectFact = (subject) =>
  subject ? ui("track", { subject: wordFor("subjects", subject.class), track: subject.track }) : null;

function fileFact(incident) {
  const { file, pts_start: from, pts_end: to } = incident;
  const manifest = manifestOf(incident);
  return [
    el("div", {}, breakable(file?.name)),
    el("div", { class: "quiet" }, ui("pts", { from: clockOf(from), to: clockOf(to) })),
    manifest ? el("div", {}, el("a", { href: manifest, target: "_blank", rel: "noopener" }, ui("manifest"))) : null,
  ];
}

function reviewFact({ review, status, zone }) {
  if (!review || status === "unreviewed") return null;
  const why = review.reason ? `: ${rejectReason(review.reason)}` : "";
  const who = ui("by_at", { by: review.by ?? ui("somebody"), at: shortTime(review.at, zone) });
  return lines(wordFor("statuses", review.verdict) + why, who);
}
