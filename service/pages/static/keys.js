// Which key does what. Keys keep their browser meaning inside fields, and with Ctrl, Alt or Meta.

const ACTIONS = {
  a: "confirm", x: "reject", d: "duplicate", u: "undo", j: "next", k: "previous",
  c: "boxes", "?": "help", " ": "play", ArrowLeft: "back", ArrowRight: "on", Escape: "escape",
};

const TYPES_TEXT = "input:not([type=checkbox]), select, textarea";
const USES_SPACE = "button, a, input, select, textarea, summary";

// onAction(name), onDigit(0-9): the latter returns false where no digit is wanted now.
export function listenToKeys(onAction, onDigit) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
    if (event.target.matches(TYPES_TEXT)) return;
    if (event.key === " " && event.target.matches(USES_SPACE)) return;
    if (/^[0-9]$/.test(event.key)) return onDigit(Number(event.key));
    const action = ACTIONS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || event.repeat && !["next", "previous", "back", "on"].includes(action)) return;
    event.preventDefault();
    onAction(action);
  });
}
