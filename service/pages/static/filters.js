// The filters, kept in the address so that a view can be shared, reloaded and bookmarked.

import { el } from "./dom.js";
import { placeName } from "./words.js";
import { UNPLACED } from "./api.js";

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
    const wantedPlace = address.get("place");
    if (wantedPlace) place.append(option({ id: wantedPlace, name: wantedPlace }));
    choose(kind, address.get("kind"), "");
    choose(status, address.get("status"), DEFAULT_STATUS);
    choose(place, wantedPlace, "");
    insufficient.checked = address.has("insufficient");
    this.wantedId = address.get("id");
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

  // places: as the API has them, null for the lack of one. What is chosen stays chosen.
  offerPlaces(places) {
    const select = this.form.elements.place;
    const chosen = select.value;
    const offered = places.map((place) => ({ id: place?.id ?? UNPLACED, name: placeName(place) }));
    offered.sort((a, b) => a.name.localeCompare(b.name));
    select.replaceChildren(select.options[0], ...offered.map(option));
    if (!has(select, chosen)) select.append(option({ id: chosen, name: chosen }));
    select.value = chosen;
  }

  pickPlace(place) {
    const select = this.form.elements.place;
    if (!has(select, place.id)) select.append(option(place));
    select.value = place.id;
    this.onChange();
  }

  clear() {
    this.form.reset();
    this.form.elements.status.value = DEFAULT_STATUS;
    this.onChange();
  }
}

const option = ({ id, name }) => el("option", { value: id }, name);

const has = (select, value) => [...select.options].some((offered) => offered.value === value);

// An address may be misspelt, or of another version; a select shows nothing at all for what it does not offer.
function choose(select, wanted, otherwise) {
  select.value = has(select, wanted) ? wanted : otherwise;
}
