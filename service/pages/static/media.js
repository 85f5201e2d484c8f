// What there is to see of an incident, in the order it happened: pictures (marked and clean), then the clip.

import { el } from "./dom.js";
import { wordFor } from "./words.js";
import { clockOf, signedSeconds } from "./time.js";

const PICTURE_ROLES = ["before", "at", "after", "lamp"];

const isClean = (item) => item.annotated === false;

// [{ role, pts, marked, clean }] for pictures: both are addresses, one may be null.
export function picturesOf(incident) {
  const moments = new Map();
  for (const item of incident.evidence ?? []) {
    if (!PICTURE_ROLES.includes(item.role)) continue;
    const key = `${item.role} ${item.pts}`;
    const moment = moments.get(key) ?? { role: item.role, pts: item.pts, marked: null, clean: null };
    moment[isClean(item) ? "clean" : "marked"] = item.href;
    moments.set(key, moment);
  }
  const order = (moment) => PICTURE_ROLES.indexOf(moment.role) * 1e9 + (moment.pts ?? 0);
  return [...moments.values()].sort((a, b) => order(a) - order(b));
}

export const clipOf = (incident) => (incident.evidence ?? []).find((item) => item.role === "clip")?.href ?? null;
export const manifestOf = (incident) => (incident.evidence ?? []).find((item) => item.role === "manifest")?.href ?? null;

export const addressOf = (picture, wantsBoxes) =>
  wantsBoxes ? picture.marked ?? picture.clean : picture.clean ?? picture.marked;

// The picture for the queue: the moment itself.
export function thumbnailOf(incident) {
  const pictures = picturesOf(incident);
  const picture = pictures.find(({ role }) => role === "at") ?? pictures[0];
  return picture ? addressOf(picture, true) : null;
}

const SAME_FILE_S = 60; // pictures of one incident farther apart lie in two files, whose times cannot be compared

// "Before −2.1 s": pictures are timed from the moment itself, which shows its time in the file.
export function captionOf(picture, pictures) {
  const at = pictures.find(({ role }) => role === "at") ?? picture;
  if (picture.pts === null || picture.pts === undefined) return [wordFor("roles", picture.role), ""];
  const since = picture.pts - at.pts;
  const isComparable = picture !== at && Math.abs(since) < SAME_FILE_S;
  return [wordFor("roles", picture.role), isComparable ? signedSeconds(since) : clockOf(picture.pts)];
}

// A small picture, or an empty field of the same size where there is none or it does not load.
export function thumbnail(href, properties = {}) {
  const blank = () => el("span", { class: "blank", "aria-hidden": "true" });
  if (!href) return blank();
  return el("img", { src: href, alt: "", onerror: (event) => event.target.replaceWith(blank()), ...properties });
}

// Loads the pictures of an incident that is looked at next, so that J feels instant.
export function prefetch(incident, wantsBoxes) {
  for (const picture of picturesOf(incident)) new Image().src = addressOf(picture, wantsBoxes);
}
