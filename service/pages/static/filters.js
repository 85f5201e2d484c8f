// The filters, kept in the address so that a view can be shared, reloaded and bookmarked.

import { el } from "./dom.js";

const DEFAULT_STATUS = "unreviewed";

export class Filters {
  constructor(form, onChange) {
    Object.assign(this, { form, onChange });
    this.read(new URLSearchParams(location.search));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", () => onChange());
  }

  read(address) {
    const { kind, status, place, insufficient } = this.form.elements;
    kind.value = address.get("kind") ?? "";
    status.value = address.get("status") ?? DEFAULT_STATUS;
    insufficient.checked = address.has("insufficient");
    this.wantedId = address.get("id");
    const wantedPlace = address.get("place");
    if (wantedPlace) place.append(el("option", { value: wantedPlace, selected: true }, wantedPlace));
  }

  values() {
    const { kind, status, place, insufficient } = this.form.elements;
    return { kind: kind.value, status: status.value, place: place.value, insufficient: insufficient.checked };
  }

  get isOnlyStatus() {
    return !this.values().kind && !this.values().place && this.values().status === DEFAULT_STATUS;
  }

  remember(id) {
    const { kind, status, place, insufficient } = this.values();
    const address = new URLSearchParams();
    if (kind) address.set("kind", kind);
    if (status !== DEFAULT_STATUS) address.set("status", status);
    if (place) address.set("place", place);
    if (insufficient) address.set("insufficient", "");
    if (id) address.set("id", id);
    history.replaceState(null, "", `${location.pathname}${address.size ? `?${address}` : ""}`);
  }

  offerPlaces(places) {
    const select = this.form.elements.place;
    const chosen = select.value;
    select.replaceChildren(select.options[0], ...places.map(({ id, name }) => el("option", { value: id }, name ?? id)));
    if (chosen && !places.some(({ id }) => id === chosen)) select.append(el("option", { value: chosen }, chosen));
    select.value = chosen;
  }

  pickPlace({ id, name }) {
    const select = this.form.elements.place;
    if (![...select.options].some(({ value }) => value === id)) select.append(el("option", { value: id }, name));
    select.value = id;
    this.onChange();
  }

  clear() {
    this.form.reset();
    this.form.elements.status.value = DEFAULT_STATUS;
    this.onChange();
  }
}
