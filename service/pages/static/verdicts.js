// Verdicts are saved one by one, at once. Nothing moves on before the service has said that it kept the verdict.

import * as api from "./api.js";
import { placeName, rejectReason, rejectReasons, ui, wordFor } from "./words.js";
import { clockOf, secondTime } from "./time.js";

export class Verdicts {
  constructor({ queue, choices, reviewer, say, onSaved }) {
    Object.assign(this, { queue, choices, reviewer, say, onSaved });
    this.given = []; // ids of this sitting, the latest last, for undo
    this.isSaving = false;
  }

  // What a verdict would go to. Keys pressed while one is being saved are dropped, not kept: they would judge an
  // incident that was not on screen yet.
  get subject() {
    return this.isSaving ? null : this.queue.current;
  }

  confirm() {
    return this.save({ verdict: "confirmed" });
  }

  // Rejecting always takes a reason: it is what the rules learn from.
  reject() {
    const incident = this.subject;
    if (!incident) return;
    const { first, rest } = rejectReasons(incident.kind);
    const option = (reason) => ({ label: rejectReason(reason), choose: () => this.save({ verdict: "rejected", reason }) });
    const back = { label: ui("fewer_reasons"), choose: () => this.reject() };
    const more = { label: ui("more_reasons"), choose: () => this.choices.open(ui("why_reject"), rest.map(option), back) };
    this.choices.open(ui("why_reject"), first.map(option), rest.length ? more : null);
  }

  async duplicate() {
    const incident = this.subject;
    if (!incident) return;
    const others = await this.attempt(() => api.likelyOriginals(incident));
    if (!others || this.queue.current !== incident) return;
    const options = others.map((other) => ({
      label: other.start ? secondTime(other.start, other.zone) : clockOf(other.pts_start),
      detail: [placeName(other.place), other.camera, wordFor("statuses", other.status)].join(" · "),
      choose: () => this.save({ verdict: "duplicate", duplicateOf: other.id }),
    }));
    const unlisted = { label: ui("duplicate_none"), choose: () => this.save({ verdict: "duplicate" }) };
    this.choices.open(others.length ? ui("duplicate_of") : ui("duplicate_empty"), options, unlisted);
  }

  // The verdict on screen, else the last one given in this sitting.
  async undo() {
    if (this.isSaving) return;
    const current = this.queue.current;
    const id = isReviewed(current) ? current.id : this.given.at(-1);
    if (!id) {
      this.say(ui("nothing_to_undo"));
      return;
    }
    this.given = this.given.filter((other) => other !== id);
    const restored = await this.send(id, { verdict: "undo" });
    if (!restored) {
      this.given.push(id);
      return;
    }
    if (!this.queue.has(id)) this.queue.insert(restored); // other filters since
    this.queue.select(id);
    this.say(ui("undone"), "saved");
  }

  async save(verdict) {
    const incident = this.subject;
    if (!incident) return;
    const saved = await this.send(incident.id, verdict);
    if (!saved) return;
    this.given.push(saved.id);
    await this.queue.moveToNextOpen();
    this.say(ui("saved", { verdict: wordFor("statuses", saved.status) }), "saved");
  }

  // The incident as the service now has it, or null when it could not be saved.
  async send(id, verdict) {
    this.isSaving = true;
    this.say(ui("saving"), "saving");
    const updated = await this.attempt(() => api.review(id, { ...verdict, by: this.reviewer() }));
    this.isSaving = false;
    if (!updated) return null;
    this.queue.replace(updated);
    this.onSaved();
    return updated;
  }

  async attempt(work) {
    try {
      return await work();
    } catch (error) {
      this.say(ui("save_failed", { why: error.message }), "failed");
      return null;
    }
  }
}

const isReviewed = (incident) => incident !== null && ["confirmed", "rejected", "duplicate"].includes(incident.status);
