// The only module that knows the addresses and the wire names of the API.

import { codesOf, ui } from "./words.js";

const PATIENCE_MS = 15_000;

export class ApiError extends Error {}

async function call(path, options = {}) {
  let reply;
  try {
    reply = await fetch(path, { ...options, signal: AbortSignal.timeout(PATIENCE_MS), credentials: "same-origin" });
  } catch {
    throw new ApiError(ui("offline"));
  }
  if (reply.status === 401) location.assign("/sign-in");
  const body = await reply.json().catch(() => ({}));
  if (!reply.ok) throw new ApiError(problemText(body, reply)); // RFC 9457: title, detail; advice is ours
  return body;
}

function problemText(problem, reply) {
  const said = problem.detail ?? problem.title ?? `${reply.status} ${reply.statusText}`;
  return `${problem.advice ? `${said} (${problem.advice})` : said}.`;
}

export const UNPLACED = "unplaced"; // what the API calls the lack of a place

// Statuses and grades are always named: a list that names none has them all, a tally that names none leaves some out.
function query({ kind, status, place, insufficient }, extra = {}) {
  const terms = new URLSearchParams();
  if (kind) terms.set("kind", kind);
  if (place) terms.set("place", place);
  (status === "any" ? codesOf("statuses") : [status]).forEach((code) => terms.append("status", code));
  codesOf("grades").filter((grade) => insufficient || grade !== "insufficient").forEach((grade) => terms.append("grade", grade));
  for (const [name, value] of Object.entries(extra)) if (value !== null) terms.set(name, value);
  return terms;
}

// One page of the queue, newest first: { items, next } with next null at the end.
export async function incidentPage(filters, cursor = null, limit = 50) {
  const page = await call(`/v1/incidents?${query(filters, { limit, cursor })}`);
  return { items: page.items, next: page.next ?? null };
}

export const incident = (id) => call(`/v1/incidents/${encodeURIComponent(id)}`);

export function review(id, { verdict, reason = null, duplicateOf = null, by }) {
  return call(`/v1/incidents/${encodeURIComponent(id)}/review`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ verdict, reason, duplicate_of: duplicateOf, by }),
  });
}

const EVERYTHING = { status: "any", insufficient: true };

// How many incidents the list with these filters has, by place and kind: { as_of, rows }.
export const countsOfList = (filters) => call(`/v1/counts?${query(filters, { by: "place,kind" })}`);

// How many of this kind and place count, whatever list is shown: what counts is for the service to say.
export function counts({ kind, place }) {
  const terms = new URLSearchParams({ by: "place,kind" });
  if (kind) terms.set("kind", kind);
  if (place) terms.set("place", place);
  return call(`/v1/counts?${terms}`);
}

// Imported places, and wherever else anything was found; null for the lack of a place.
export async function places() {
  const { rows } = await call(`/v1/counts?${query(EVERYTHING, { by: "place" })}`);
  return rows.map(({ place }) => place);
}

// Whether there is any incident at all, of any status and grade.
export async function hasIncidents() {
  const { items } = await incidentPage(EVERYTHING, null, 1);
  return items.length > 0;
}

// What this incident may be a duplicate of: others of its kind at its place, the newest first.
export async function likelyOriginals({ id, kind, place, grade }) {
  const { items } = await incidentPage({ ...EVERYTHING, kind, place: place?.id ?? UNPLACED }, null, 20);
  const counts = (other) => ["unreviewed", "confirmed"].includes(other.status) && (other.grade !== "insufficient" || grade === "insufficient");
  return items.filter((other) => other.id !== id && counts(other)).slice(0, 9);
}
