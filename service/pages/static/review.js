// The review page, wired together. Each part knows nothing of the others.

import { byId } from "./dom.js";
import * as api from "./api.js";
import { Choices } from "./choices.js";
import { Counts } from "./counts.js";
import { Filters } from "./filters.js";
import { emptyNotice, failureNotice } from "./notices.js";
import { factList, headline, reasonList } from "./facts.js";
import { listenToKeys } from "./keys.js";
import { prefetch } from "./media.js";
import { Queue } from "./queue.js";
import { Stage } from "./stage.js";
import { Verdicts } from "./verdicts.js";

const LOOK_FOR_NEW_MS = 30_000;
const REVIEWER = "patrol.reviewer";

const desk = byId("incident");
let stage = null;
let wantsBoxes = true;

const choices = new Choices(byId("choices"));
const filters = new Filters(byId("filters"), () => open(null));
const queue = new Queue(
  { list: byId("queue-list"), total: byId("queue-total"), moreButton: byId("queue-more"), newButton: byId("queue-new") },
  { onSelect: show, onFresh: () => { count(); offerPlaces(); } });
const counts = new Counts(byId("counts"), (place) => filters.pickPlace(place));
const verdicts = new Verdicts({
  queue, choices, say, onSaved: count, reviewer: () => byId("reviewer").value.trim() || null,
});

function say(text, tone = "") {
  byId("state").textContent = text;
  byId("state").dataset.tone = tone;
}

function count() {
  counts.refresh(filters.values());
}

async function offerPlaces() {
  const places = await api.places().catch(() => null); // the queue and the counts say that the service does not answer
  if (places) filters.offerPlaces(places);
}

// Shows what the filters let through.
async function open(wantedId) {
  count();
  try {
    await queue.load(filters.values(), wantedId);
    if (wantedId && !queue.has(wantedId)) await openById(wantedId);
  } catch (error) {
    byId("verdict").hidden = true;
    desk.replaceChildren(failureNotice(error, () => open(wantedId)));
  }
  focusDesk();
}

async function openById(id) {
  queue.insert(await api.incident(id));
  queue.select(id);
}

function show(incident) {
  choices.close();
  say("");
  filters.remember(incident?.id ?? null);
  byId("verdict").hidden = incident === null && queue.items.length === 0;
  byId("facts").replaceChildren(...(incident ? [factList(incident)] : []));
  if (incident === null) return showEmpty();
  stage = new Stage(incident, wantsBoxes);
  desk.replaceChildren(headline(incident), stage.frame, stage.strip, reasonList(incident));
  desk.scrollTop = 0;
  window.scrollTo(0, 0); // on a phone, from the queue below back to the incident
  if (queue.upcoming) prefetch(queue.upcoming, wantsBoxes);
}

async function showEmpty() {
  stage = null;
  desk.replaceChildren();
  desk.append(await emptyNotice(filters, queue));
}

function focusDesk() {
  desk.focus({ preventScroll: true });
}

const ACTIONS = {
  confirm: () => verdicts.confirm(),
  reject: () => verdicts.reject(),
  duplicate: () => verdicts.duplicate(),
  undo: () => verdicts.undo(),
  next: () => queue.move(1),
  previous: () => queue.move(-1),
  boxes: () => { if (stage) wantsBoxes = stage.toggleBoxes(); },
  play: () => stage?.playOrPause(),
  back: () => stage?.go(-1),
  on: () => stage?.go(1),
  help: () => byId("help").showModal(),
  escape: () => { stage?.showMoment(); focusDesk(); },
};

const LEAVES_CHOICES_OPEN = ["play", "back", "on", "boxes", "help"];
let opener = null; // the action whose choices are open, if any are

// Esc closes the choices, and so does what opened them: a phone has no Esc.
function act(name) {
  if (LEAVES_CHOICES_OPEN.includes(name)) return ACTIONS[name]();
  const takesBack = choices.isOpen && ["escape", opener].includes(name);
  choices.close();
  opener = name;
  if (takesBack) focusDesk();
  else ACTIONS[name]();
}

listenToKeys(act, (digit) => choices.isOpen && choices.digit(digit));

document.addEventListener("click", (event) => {
  const action = event.target.closest("[data-action]")?.dataset.action;
  if (action) act(action);
  // After a click with the mouse the keys belong to the incident again; after Enter or Space the focus stays.
  if (event.detail > 0 && event.target.closest("button") && !choices.isOpen) focusDesk();
});

byId("reviewer").value = localStorage.getItem(REVIEWER) ?? "";
byId("reviewer").addEventListener("change", (event) => localStorage.setItem(REVIEWER, event.target.value.trim()));

setInterval(() => { if (!document.hidden) queue.lookForNew().catch(() => {}); }, LOOK_FOR_NEW_MS); // next round tries again

offerPlaces();
open(filters.wantedId);
