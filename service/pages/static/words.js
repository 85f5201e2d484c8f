// Everything the page says comes from the catalogue the server put into it (service/pages/words).

const words = JSON.parse(document.getElementById("words").textContent);

export function ui(key, values = {}) {
  return words.ui[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

const plain = (id) => id.replaceAll("_", " ");

// A code the catalogue does not know (a newer service) is shown as itself, readable.
export function wordFor(group, id) {
  const entry = words[group]?.[id];
  return entry === undefined ? plain(id) : entry.name ?? entry;
}

// All codes of a group, in the order of the catalogue.
export const codesOf = (group) => Object.keys(words[group]);

// null: nobody knows where. A grid cell has no name of its own.
export function placeName(place) {
  if (!place) return ui("unplaced");
  return place.level === "h3" ? ui("cell", { id: place.name }) : place.name;
}

export const localKind = (kind) => words.kinds[kind]?.local ?? "";
export const gradeText = (grade) => words.grades[grade]?.text ?? "";

// The reasons for a kind, the likely ones first; the rest follow in the order of the catalogue.
export function rejectReasons(kind) {
  const first = words.reject_order[kind] ?? words.reject_order.default;
  const rest = Object.keys(words.reject_reasons).filter((reason) => !first.includes(reason));
  return { first, rest };
}

export const rejectReason = (id) => words.reject_reasons[id] ?? plain(id);
